//! The engine's probe loop, event by event: `monitor` and `handleProbeResult` in v28.5.2 daemon/health.go.

use super::healthcheck::{Generation, HealthCheck};
use crate::duration::Seconds;

/// What a container's health reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// No verdict yet.
    Starting,
    /// A probe has succeeded, and since then fewer than `retries` failed in a row.
    Healthy,
    /// `retries` counted failures in a row.
    Unhealthy,
}

/// What the probe command itself would do: exit with 0 or not, after a time. At the timeout the engine ends it, and it has failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Whether it would exit with 0.
    pub ok: bool,
    /// How long it would take; a negative length counts as none.
    pub duration: Seconds,
}

/// A change of state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What it has become.
    pub state: State,
    /// When, from the start of the container.
    pub at: Seconds,
}

/// One probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Probe {
    /// From 1.
    pub number: u64,
    /// When it started, from the start of the container.
    pub start: Seconds,
    /// When it ended; the next one waits from here.
    pub end: Seconds,
    /// Whether it succeeded.
    pub ok: bool,
    /// Whether it is a failure that counts: not one that started within the start period of a starting container.
    pub counted: bool,
    /// The state after it.
    pub state: State,
    /// The change of state that it made, if it made one.
    pub verdict: Option<Verdict>,
}

/// The loop of one container: an iterator over its probes that never ends. It goes on past the first verdict, as the engine does.
pub struct Monitor<F> {
    check: HealthCheck,
    answer: F,
    overhead: Seconds,
    now: Seconds,
    number: u64,
    streak: u64,
    state: State,
}

impl<F: FnMut(u64, Seconds) -> Answer> Monitor<F> {
    /// A container that has just started. `answer` is asked with the number (from 1) and the start of each probe.
    pub fn new(check: HealthCheck, answer: F) -> Self {
        Self {
            check,
            answer,
            overhead: Seconds::ZERO,
            now: Seconds::ZERO,
            number: 0,
            streak: 0,
            state: State::Starting,
        }
    }

    /// With what the engine itself needs for each probe: 0.05 to 0.15 s on a real one.
    #[must_use]
    pub fn overhead(mut self, each_probe: Seconds) -> Self {
        self.overhead = each_probe;
        self
    }

    fn step(&mut self) -> Probe {
        let check = self.check;
        let starting = self.state == State::Starting;
        // Chosen at the end of the former probe; a timer that is set is not shortened by the end of the start period.
        let wait = if starting && self.now < check.start_period {
            check.starting_step()
        } else {
            check.interval
        };
        let start = self.now + wait;
        self.number += 1;
        let answer = (self.answer)(self.number, start);
        let hung = answer.duration >= check.timeout;
        let ok = answer.ok && !hung;
        let duration = answer.duration.clamp(Seconds::ZERO, check.timeout);
        let end = start + duration + self.overhead;
        self.now = end;

        let forgiven = starting && start < check.start_period;
        let counted = !(ok || forgiven);
        let state = self.judge(ok, counted);
        let verdict = (state != self.state).then(|| Verdict {
            state,
            // The first generation judges a hung probe at its timeout, before the process is gone.
            at: if hung && check.generation == Generation::V17 {
                start + check.timeout
            } else {
                end
            },
        });
        self.state = state;
        Probe {
            number: self.number,
            start,
            end,
            ok,
            counted,
            state,
            verdict,
        }
    }

    /// The state after a probe. One success suffices; so do `retries` counted failures in a row.
    fn judge(&mut self, ok: bool, counted: bool) -> State {
        if ok {
            self.streak = 0;
            return State::Healthy;
        }
        self.streak += u64::from(counted);
        if self.streak >= self.check.retries {
            State::Unhealthy
        } else {
            self.state
        }
    }
}

impl<F: FnMut(u64, Seconds) -> Answer> Iterator for Monitor<F> {
    type Item = Probe;

    fn next(&mut self) -> Option<Probe> {
        Some(self.step())
    }
}

/// A start up to its first verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// None where the limit of probes came first.
    pub verdict: Option<Verdict>,
    /// All probes, in order.
    pub probes: Vec<Probe>,
}

/// The most probes of one [`run`].
pub const MOST_PROBES: usize = 100_000;

/// Simulates a container that is ready from `ready_at` on (none: never) to its first verdict, or for [`MOST_PROBES`].
///
/// A probe that starts at or after `ready_at` succeeds if it takes less than the timeout; others fail.
/// `duration` says how long a probe takes, from its number (from 1) and whether the container is ready for it.
pub fn run(
    check: HealthCheck,
    ready_at: Option<Seconds>,
    overhead: Seconds,
    mut duration: impl FnMut(u64, bool) -> Seconds,
) -> Run {
    let answer = |number, start| {
        let ok = ready_at.is_some_and(|ready| start >= ready);
        Answer {
            ok,
            duration: duration(number, ok),
        }
    };
    let mut run = Run {
        verdict: None,
        probes: Vec::new(),
    };
    let monitor = Monitor::new(check, answer).overhead(overhead);
    for probe in monitor.take(MOST_PROBES) {
        run.probes.push(probe);
        run.verdict = probe.verdict;
        if run.verdict.is_some() {
            break;
        }
    }
    run
}
