//! What becomes of one container whose behaviour is known: when it is called healthy or unhealthy, and when it is gone.

use super::healthcheck::{Generation, HealthCheck};
use super::probes::EqualProbes;
use crate::duration::Seconds;

/// The end of a container that ends by itself, and is not started again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exit {
    /// When, from its start.
    pub at: Seconds,
    /// With which exit code.
    pub code: i32,
}

/// What the containers of a service do. By default they run for ever, are never ready, and their probes fail at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Behaviour {
    /// From the start of the container until its probe would succeed, and then always does; none: never.
    pub ready: Option<Seconds>,
    /// How long a probe takes that comes before.
    pub failing: Seconds,
    /// How long a probe takes that finds it ready. One that does not take less than the timeout fails.
    pub succeeding: Seconds,
    /// Its end; none: it runs on.
    pub exit: Option<Exit>,
    /// How many containers of it there are. They are started one after the other and all behave alike.
    pub replicas: u64,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            ready: None,
            failing: Seconds::ZERO,
            succeeding: Seconds::ZERO,
            exit: None,
            replicas: 1,
        }
    }
}

impl Behaviour {
    /// Ready after a time.
    pub fn ready(after: Seconds) -> Self {
        Self {
            ready: Some(after),
            ..Self::default()
        }
    }

    /// Ends after a time.
    pub fn exits(at: Seconds, code: i32) -> Self {
        Self {
            exit: Some(Exit { at, code }),
            ..Self::default()
        }
    }
}

/// The turns in the life of a container, from its start. Those that do not happen are none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Life {
    /// When it is called unhealthy. Always before it is called healthy, if both happen: the engine goes on probing.
    pub unhealthy: Option<Seconds>,
    /// When it is called healthy.
    pub healthy: Option<Seconds>,
    /// When it ends. Nothing is said of its health from there on.
    pub exit: Option<Exit>,
}

impl Life {
    /// The life of a container with a healthcheck, or without one. `overhead` is what the engine itself needs for each probe.
    /// The same as [`monitor`](super::monitor) finds probe by probe, in a few divisions.
    pub fn of(check: Option<&HealthCheck>, behaviour: &Behaviour, overhead: Seconds) -> Self {
        let mut life = check.map_or_else(Self::default, |check| {
            Self::probed(check, behaviour, overhead)
        });
        life.exit = behaviour.exit;
        if let Some(exit) = life.exit {
            life.unhealthy = life.unhealthy.filter(|at| *at < exit.at);
            life.healthy = life.healthy.filter(|at| *at < exit.at);
        }
        life
    }

    fn probed(check: &HealthCheck, behaviour: &Behaviour, overhead: Seconds) -> Self {
        let failing = behaviour.failing.clamp(Seconds::ZERO, check.timeout);
        let probes = EqualProbes::new(check, Seconds::ZERO, failing + overhead);
        let retries = i128::from(check.retries.max(1));
        let counted = probes.first_from(check.start_period);
        let last = counted + retries - 1;
        let finds_it_ready = behaviour
            .ready
            .map(|ready| probes.first_from(ready.max(Seconds::ZERO)));

        let mut life = Self::default();
        if finds_it_ready.is_none_or(|number| number > last) {
            life.unhealthy = Some(failed(check, probes.start(last), failing, overhead));
        }
        let Some(number) = finds_it_ready else {
            return life;
        };
        let succeeding = behaviour.succeeding.max(Seconds::ZERO);
        if succeeding < check.timeout {
            life.healthy = Some(probes.start(number) + succeeding + overhead);
        } else if life.unhealthy.is_none() {
            // From here on all probes hang, and that is a failure too.
            let before = match number {
                1 => Seconds::ZERO,
                _ => probes.start(number - 1) + failing + overhead,
            };
            let hanging = EqualProbes::new(check, before, check.timeout + overhead);
            let burned = (number - counted).max(0);
            let last = hanging.first_from(check.start_period) + retries - burned - 1;
            life.unhealthy = Some(failed(check, hanging.start(last), check.timeout, overhead));
        }
        life
    }
}

/// When a failed probe is judged. The first generation judges a hung one at its timeout, before the process is gone.
fn failed(check: &HealthCheck, start: Seconds, duration: Seconds, overhead: Seconds) -> Seconds {
    if duration >= check.timeout && check.generation == Generation::V17 {
        start + check.timeout
    } else {
        start + duration + overhead
    }
}
