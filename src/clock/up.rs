//! `docker compose up -d` and `up --wait` over a stack whose containers' behaviour is known: when each service starts, when the command
//! returns and with which exit code.
//!
//! Read in docker compose 2.40.3 (pkg/compose/start.go, dependencies.go and convergence.go), and held against measurements.
//! 1. All containers are created first. Compose turns to a service when all that it depends on has been *started*.
//! 2. It waits for all its targets at once that it wants healthy or completed, and looks at each twice a second, for the first time after half a second.
//!    Then it starts the service's containers, one after the other.
//! 3. `up -d` returns when all have been started. `--wait` then waits for all services at once: until they are healthy, or running where they have
//!    no healthcheck, or completed where somebody wants them to complete.
//! 4. A failure keeps Compose from turning to any further service. It is reported when all waits that have begun have ended.
//! 5. `--wait-timeout` ends each of these waits for itself. It is a whole number of seconds, so it passes at the very moment of a look, and the wait may then
//!    count as satisfied: a race that is said to be one.
//!
//! A container that is started again after its end is not modelled: what Compose sees of it hangs on the moment at which it looks.

mod failure;
mod run;
mod wait;

pub use failure::{Cause, Failure};

use super::life::Life;
use crate::duration::Seconds;

/// A `docker compose up` that does not stay in the foreground.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Up {
    /// `--wait`.
    pub wait: bool,
    /// `--wait-timeout`, which counts without `--wait` as well. Zero: none.
    pub wait_timeout: Option<Seconds>,
}

impl Up {
    /// The limit of each wait.
    pub(super) fn limit(&self) -> Option<Seconds> {
        self.wait_timeout.filter(|limit| *limit > Seconds::ZERO)
    }
}

/// What the programs themselves need. The defaults are typical of an idle machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overheads {
    /// To read the files, before anything is created: 0.12 s.
    pub load: Seconds,
    /// To create a container: 0.04 s. All are created before the first is started.
    pub create: Seconds,
    /// To start a container: 0.18 s.
    pub start: Seconds,
    /// For a probe, besides its own duration: 0.06 s.
    pub probe: Seconds,
    /// Between two looks of Compose: 0.5 s. Zero: everything is seen as it happens.
    pub poll: Seconds,
    /// By how much a real moment may miss the computed one: 0.15 s. What would end otherwise within that is said to be a race.
    pub slack: Seconds,
}

impl Overheads {
    /// Nothing takes any time: the nominal numbers.
    pub const NONE: Self = Self {
        load: Seconds::ZERO,
        create: Seconds::ZERO,
        start: Seconds::ZERO,
        probe: Seconds::ZERO,
        poll: Seconds::ZERO,
        slack: Seconds::ZERO,
    };
}

impl Default for Overheads {
    fn default() -> Self {
        Self {
            load: Seconds::from_millis(120),
            create: Seconds::from_millis(40),
            start: Seconds::from_millis(180),
            probe: Seconds::from_millis(60),
            poll: Seconds::from_millis(500),
            slack: Seconds::from_millis(150),
        }
    }
}

/// One service of a start. All moments count from the command.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ServiceStart {
    /// When Compose turned to it, all that it depends on having been started. None: it never did.
    pub begun: Option<Seconds>,
    /// When its first container had been started. None: it was not.
    pub started: Option<Seconds>,
    /// When the last one had been, so that others may go on.
    pub done: Option<Seconds>,
    /// What becomes of a container of it, from its own start.
    pub life: Life,
}

impl ServiceStart {
    /// When its first container is called healthy.
    pub fn healthy(&self) -> Option<Seconds> {
        Some(self.started? + self.life.healthy?)
    }

    /// When its first container is called unhealthy.
    pub fn unhealthy(&self) -> Option<Seconds> {
        Some(self.started? + self.life.unhealthy?)
    }
}

/// Why a start could have gone otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RaceKind {
    /// `--wait-timeout` passed. Mostly that fails, but the wait may also count as satisfied: then what waited is started all the same.
    Deadline,
    /// What was waited for changed its state at about the moment of a look.
    Look,
    /// Two failures, or a failure and the next turn, at about the same moment: another one may be reported, and another service left out. It fails in any case.
    Order,
}

/// A race, and where it took place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Race {
    /// What hung on the moment.
    pub kind: RaceKind,
    /// The service that waited; none for the last wait of `--wait`.
    pub waiting: Option<usize>,
    /// The service that was waited for, or left out.
    pub target: usize,
}

/// What becomes of a start. Where there are races it is what mostly happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start {
    /// The services, as in the graph.
    pub services: Vec<ServiceStart>,
    /// When the command returns. None: never, since a job does not end.
    pub returned: Option<Seconds>,
    /// Why it fails, if it does. Where it never returns it is never reported either.
    pub failure: Option<Failure>,
    /// What could have gone otherwise.
    pub races: Vec<Race>,
    /// Whether it is sure that it fails, or does not, or never returns, whatever the races.
    pub is_certain: bool,
}

impl Start {
    /// 0 or 1; none where it never returns.
    pub fn exit_code(&self) -> Option<i32> {
        self.returned.map(|_| i32::from(self.failure.is_some()))
    }
}
