//! One service in the picture.

use crate::clock::{Condition, HealthCheck, Outcome, OutcomeState};
use crate::duration::Seconds;
use crate::project::{Clock, Measured};

/// What is known of a service's healthcheck.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// Its numbers.
    Check(HealthCheck),
    /// It has none.
    None,
    /// None is in sight; its image may bring one.
    Unknown,
}

impl Known {
    /// The numbers.
    pub fn check(&self) -> Option<&HealthCheck> {
        match self {
            Self::Check(check) => Some(check),
            Self::None | Self::Unknown => None,
        }
    }
}

impl From<&Clock> for Known {
    fn from(clock: &Clock) -> Self {
        match clock {
            Clock::Known(check) => Self::Check(*check),
            Clock::None => Self::None,
            Clock::Unknown => Self::Unknown,
        }
    }
}

/// What a stretch of a row means. Later ones are drawn over earlier ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Zone {
    /// It waits for others.
    Waiting,
    /// Its start period, or until its first probe: no failure counts.
    Grace,
    /// Failures count, and it is sure not to be called unhealthy yet.
    Retries,
    /// Somewhere in here it is called unhealthy, if it is not ready before.
    Verdict,
    /// It starts; the step by its number, where the log tells steps.
    Startup(Option<usize>),
    /// It is still not ready, though failures count already.
    Late(Option<usize>),
    /// Somewhere in here it is seen healthy.
    Healthy,
}

/// A stretch of a row, on the common axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bar {
    /// What it means.
    pub zone: Zone,
    /// Where it begins.
    pub from: Seconds,
    /// Where it ends; not before it begins.
    pub to: Seconds,
}

/// Probes at equal distances.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProbeRun {
    /// The first, on the common axis.
    pub first: Seconds,
    /// From one to the next.
    pub every: Seconds,
    /// How many.
    pub count: u64,
    /// Whether their failure counts.
    pub counted: bool,
}

impl ProbeRun {
    /// The moments, the first `most` of them.
    pub fn moments(&self, most: u64) -> impl Iterator<Item = (u64, Seconds)> + use<> {
        let run = *self;
        (0..run.count.min(most)).map(move |n| (n, run.first + run.every.times(n)))
    }
}

/// When probes come if each of them is quick: up to the one that finds the service ready, or to the one that makes it unhealthy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Probes {
    /// Those whose failure does not count.
    pub forgiven: Option<ProbeRun>,
    /// Those whose failure counts.
    pub counted: Option<ProbeRun>,
    /// The one that succeeds.
    pub success: Option<Seconds>,
}

impl Probes {
    /// The probes of a container that starts at `start`; without a startup it never gets ready.
    pub fn new(check: &HealthCheck, start: Seconds, startup: Option<Seconds>) -> Self {
        let run = |first: Seconds, every: Seconds, count: i128, counted| {
            let count = u64::try_from(count).unwrap_or(0);
            let first = start + first;
            (count > 0).then_some(ProbeRun {
                first,
                every,
                count,
                counted,
            })
        };
        let nanos = |length: Seconds| i128::from(length.nanos());
        let ceil = |length: Seconds, step: Seconds| {
            let step = nanos(step).max(1);
            (nanos(length) + step - 1).div_euclid(step)
        };
        let (step, interval) = (check.first_probe(), check.interval);
        let forgiven = (ceil(check.start_period, step) - 1).max(0);
        let first_counted = check.first_counted(Seconds::ZERO);
        let retries = i128::from(check.retries);
        let Some(ready) = startup else {
            return Self {
                forgiven: run(step, step, forgiven, false),
                counted: run(first_counted, interval, retries, true),
                success: None,
            };
        };
        let number = ceil(ready, step).max(1);
        if number <= forgiven {
            let before = u64::try_from(number - 1).unwrap_or(0);
            return Self {
                forgiven: run(step, step, number - 1, false),
                counted: None,
                success: Some(start + step + step.times(before)),
            };
        }
        let failing = ceil(ready - first_counted, interval).max(0);
        let counted = failing.min(retries);
        let success = (failing < retries).then(|| {
            let failing = u64::try_from(failing).unwrap_or(0);
            start + first_counted + interval.times(failing)
        });
        Self {
            forgiven: run(step, step, forgiven, false),
            counted: run(first_counted, interval, counted, true),
            success,
        }
    }
}

/// One service.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its name, as the files have it.
    pub name: String,
    /// Its index in the stack.
    pub index: usize,
    /// What it waits for, with the condition.
    pub waits_for: Vec<(String, Condition)>,
    /// The row of the service that it waits for longest, on the schedule.
    pub behind: Option<usize>,
    /// When it starts, on the schedule.
    pub start: Seconds,
    /// Its healthcheck.
    pub health: Known,
    /// How long it takes, if that is known.
    pub startup: Option<Measured>,
    /// What that comes to, from its start.
    pub outcome: Option<Outcome>,
    /// When those that wait for its health are planned to start, on the common axis; none where nobody does.
    pub passes_on: Option<Seconds>,
    /// The service whose verdict keeps it from being started.
    pub stopped_by: Option<String>,
    /// The rows of those that its own verdict keeps from being started.
    pub stops: Vec<usize>,
    /// Whether it lies on the critical path of the budget that makes the schedule.
    pub critical: bool,
    /// Its stretches, in the order of drawing.
    pub bars: Vec<Bar>,
    /// Its probes, if each is quick.
    pub probes: Probes,
}

impl Row {
    /// The last moment that is drawn.
    pub fn end(&self) -> Seconds {
        let start = Some(self.start).filter(|_| self.stopped_by.is_none());
        let bars = self.bars.iter().map(|bar| bar.to);
        bars.chain(self.passes_on)
            .chain(start)
            .max()
            .unwrap_or_default()
    }

    /// A window of its outcome on the common axis.
    pub fn healthy(&self) -> Option<(Seconds, Seconds)> {
        let window = self.outcome?.healthy?;
        Some((self.start + window.earliest, self.start + window.latest))
    }

    /// When it is called unhealthy: in this start, or where the startup is not known, if it never gets ready.
    pub fn unhealthy(&self) -> Option<(Seconds, Seconds)> {
        match self.outcome {
            Some(outcome) => outcome
                .unhealthy
                .map(|window| (self.start + window.earliest, self.start + window.latest)),
            None => self.health.check().map(|check| {
                let (earliest, latest) = (check.earliest_unhealthy(), check.latest_unhealthy());
                (self.start + earliest, self.start + latest)
            }),
        }
    }

    /// What becomes of it, in a few words.
    pub fn words(&self) -> String {
        if self.stopped_by.is_some() {
            return "never starts".to_owned();
        }
        let by = |window: Option<(Seconds, Seconds)>| {
            window.map_or_else(String::new, |(_, latest)| format!(" by {}", time(latest)))
        };
        match (self.health, self.outcome.map(|outcome| outcome.state())) {
            (_, Some(OutcomeState::Healthy)) => format!("healthy{}", by(self.healthy())),
            (_, Some(OutcomeState::Unhealthy)) => format!("unhealthy{}", by(self.unhealthy())),
            (_, Some(OutcomeState::Either)) => format!("maybe unhealthy{}", by(self.unhealthy())),
            (Known::Check(_), None) => format!("verdict{}", by(self.unhealthy())),
            (Known::None, None) => "no healthcheck".to_owned(),
            (Known::Unknown, None) => "no check in sight".to_owned(),
        }
    }

    /// Fills in the bars and the probes.
    pub(super) fn draw(&mut self) {
        let start = self.start;
        let mut bars = Vec::new();
        let mut bar = |zone, from: Seconds, to: Seconds| {
            if from < to {
                bars.push(Bar { zone, from, to });
            }
        };
        bar(Zone::Waiting, Seconds::ZERO, start);
        if self.stopped_by.is_some() {
            self.bars.clear();
            return;
        }
        let mut grace = None;
        if let Known::Check(check) = &self.health {
            let (until, sure, latest) =
                (check.grace(), check.allowance(), check.latest_unhealthy());
            bar(Zone::Grace, start, start + until);
            bar(Zone::Retries, start + until, start + sure);
            bar(Zone::Verdict, start + sure, start + latest);
            grace = Some(start + until);
            let ready = self.startup.as_ref().map(|startup| startup.ready);
            self.probes = Probes::new(check, start, ready);
        }
        if let Some(startup) = &self.startup {
            for (step, from, to) in steps(startup) {
                let (from, to) = (start + from, start + to);
                let late = grace.unwrap_or(to);
                bar(Zone::Startup(step), from, to.min(late));
                bar(Zone::Late(step), from.max(late), to);
            }
        }
        if let Some((earliest, latest)) = self.healthy() {
            bar(Zone::Healthy, earliest, latest);
        }
        self.bars = bars;
    }
}

/// The steps of a startup one after the other, the rest without a number. Steps that come to more than the whole are cut off.
fn steps(startup: &Measured) -> Vec<(Option<usize>, Seconds, Seconds)> {
    let mut at = Seconds::ZERO;
    let mut steps = Vec::new();
    for (number, step) in startup.steps.iter().enumerate() {
        let to = (at + step.seconds).min(startup.ready);
        steps.push((Some(number), at, to));
        at = to;
    }
    steps.push((None, at, startup.ready));
    steps
}

/// The letter of a step: `a` to `z`, and a plus for all behind them.
pub(super) fn step_letter(number: usize) -> char {
    letter(number, b'a')
}

/// The letter at a place of the alphabet that begins with `first`; a plus where that is over.
pub(super) fn letter(number: usize, first: u8) -> char {
    let offset = u8::try_from(number).ok().filter(|offset| *offset < 26);
    offset.map_or('+', |offset| char::from(first + offset))
}

/// `235s`; to the millisecond.
pub(super) fn time(length: Seconds) -> String {
    const MILLI: i64 = 1_000_000;
    let nanos = length.nanos();
    let rounded = nanos.saturating_add(MILLI / 2).div_euclid(MILLI);
    format!("{}s", Seconds::from_nanos(rounded.saturating_mul(MILLI)))
}
