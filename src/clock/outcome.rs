//! What a given startup can come to: tight over all durations of the probes.
//!
//! Each probe may take anything from nothing to the timeout, independently of the others; one that succeeds takes less than the timeout.
//! A probe that starts before the container is ready fails; one that starts at or after that succeeds.
//!
//! The n-th probe within the start period can start anywhere in one interval, `[n J, n J + (n - 1) T]`, cut off where the period ends. The first probe that
//! starts beyond the period therefore starts in one of at most three intervals (see `Grid::first_beyond`), however many probes came before it, and
//! from there each further probe comes `I` to `I + T` later. So everything is a handful of divisions, for any numbers whatever.

use std::cmp::Ordering;

use super::healthcheck::HealthCheck;
use crate::duration::Seconds;

/// The states that a startup can end in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OutcomeState {
    /// Healthy, whatever the probes do.
    Healthy,
    /// Unhealthy, whatever the probes do.
    Unhealthy,
    /// It hangs on how long the probes take.
    Either,
}

impl OutcomeState {
    /// As it stands in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Unhealthy => "unhealthy",
            Self::Either => "either",
        }
    }
}

/// Between which moments a verdict falls, from the start of the container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The earliest; it can happen.
    pub earliest: Seconds,
    /// The latest; a verdict can come as near to it as one likes.
    pub latest: Seconds,
    /// Whether a verdict can fall on `latest` itself.
    pub attained: bool,
}

/// What a startup can come to. At least one of the two windows is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// When it is seen healthy, if it can be.
    pub healthy: Option<Window>,
    /// When it is called unhealthy, if it can be.
    pub unhealthy: Option<Window>,
    /// The most counted failures before it is ready, at most `retries`: so many retries it can burn.
    pub burned: u64,
}

impl Outcome {
    /// The states that it can end in.
    pub fn state(&self) -> OutcomeState {
        match (&self.healthy, &self.unhealthy) {
            (Some(_), Some(_)) => OutcomeState::Either,
            (None, Some(_)) => OutcomeState::Unhealthy,
            (_, None) => OutcomeState::Healthy,
        }
    }

    /// The earliest verdict of either kind.
    pub fn earliest(&self) -> Seconds {
        let earliest = self.windows().map(|window| window.earliest).min();
        earliest.unwrap_or(Seconds::ZERO)
    }

    /// The latest verdict of either kind.
    pub fn latest(&self) -> Seconds {
        let latest = self.windows().map(|window| window.latest).max();
        latest.unwrap_or(Seconds::ZERO)
    }

    fn windows(&self) -> impl Iterator<Item = Window> {
        self.healthy.into_iter().chain(self.unhealthy)
    }
}

/// What a container that is ready `startup` after its start can come to; without a startup it never gets ready.
pub fn outcome(check: &HealthCheck, startup: Option<Seconds>) -> Outcome {
    let grid = Grid::of(check);
    let ready = startup.map(|s| i128::from(s.nanos()).max(0));
    let mut found = Found::default();
    for starts in grid.first_beyond(ready).into_iter().flatten() {
        grid.follow(starts, ready, &mut found);
    }
    Outcome {
        healthy: found.healthy.map(Range::window),
        unhealthy: found.unhealthy.map(Range::window),
        burned: found.burned,
    }
}

/// The upper end of a range in nanoseconds: the moment itself, or everything before it.
#[derive(Clone, Copy, PartialEq, Eq)]
struct End {
    at: i128,
    attained: bool,
}

impl End {
    const fn at(at: i128) -> Self {
        Self { at, attained: true }
    }

    const fn before(at: i128) -> Self {
        let attained = false;
        Self { at, attained }
    }

    fn plus(self, more: i128) -> Self {
        Self {
            at: self.at.saturating_add(more),
            ..self
        }
    }

    /// Whether something in the range is `moment` or later.
    fn reaches(self, moment: i128) -> bool {
        self >= Self::at(moment)
    }
}

impl Ord for End {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.at, self.attained).cmp(&(other.at, other.attained))
    }
}

impl PartialOrd for End {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Moments in nanoseconds, from `first` on.
#[derive(Clone, Copy)]
struct Range {
    first: i128,
    last: End,
}

impl Range {
    fn window(self) -> Window {
        Window {
            earliest: Seconds::saturated(self.first),
            latest: Seconds::saturated(self.last.at),
            attained: self.last.attained,
        }
    }

    /// `into`, widened by this range.
    fn widen(self, into: &mut Option<Self>) {
        *into = Some(match *into {
            None => self,
            Some(old) => Self {
                first: old.first.min(self.first),
                last: old.last.max(self.last),
            },
        });
    }
}

#[derive(Default)]
struct Found {
    healthy: Option<Range>,
    unhealthy: Option<Range>,
    burned: u64,
}

/// The numbers of a healthcheck in nanoseconds. All but the period are greater than zero.
struct Grid {
    interval: i128,
    /// The start interval, where it has an effect; else the interval.
    step: i128,
    timeout: i128,
    period: i128,
    retries: i128,
}

impl Grid {
    fn of(check: &HealthCheck) -> Self {
        let nanos = |s: Seconds| i128::from(s.nanos());
        Self {
            interval: nanos(check.interval).max(1),
            step: nanos(check.starting_step()).max(1),
            timeout: nanos(check.timeout).max(1),
            period: nanos(check.start_period).max(0),
            retries: i128::from(check.retries).max(1),
        }
    }

    /// Where the first probe can start that does not start within the start period, or that finds the container ready if that comes earlier.
    /// All probes before it fail without being counted.
    ///
    /// Call that limit `cut`, and `m` the number of the first probe that starts beyond it even if all take no time, at `m J`.
    /// 1. Of the probes before the m-th, each starts before `cut` if all are quick; the (m-1)-th can be drawn out farthest, so it alone makes
    ///    the first range, from `cut` on.
    /// 2. The m-th itself makes the second.
    /// 3. A probe that started before `cut` and ended after the period is followed after the interval, not the start interval. Whichever probe that is,
    ///    it can end with the period or later.
    fn first_beyond(&self, ready: Option<i128>) -> [Option<Range>; 3] {
        let (step, timeout, period) = (self.step, self.timeout, self.period);
        let cut = ready.map_or(period, |ready| ready.min(period));
        let number = (cut + step - 1).div_euclid(step).max(1);
        // The latest start of the n-th probe, all before it having started before `cut` and ended within the period.
        let latest_start = |n: i128| {
            let drawn_out = End::at((n * step).saturating_add((n - 1).saturating_mul(timeout)));
            if n <= 1 {
                return drawn_out;
            }
            drawn_out
                .min(End::before(cut + timeout + step))
                .min(End::before(period + step))
        };
        let second = Range {
            first: number * step,
            last: latest_start(number),
        };
        if number == 1 {
            return [None, Some(second), None];
        }
        let before = latest_start(number - 1);
        let first = before.reaches(cut).then_some(Range {
            first: cut,
            last: before,
        });
        let longest = before.min(End::before(cut)).plus(timeout);
        let across = longest.reaches(period).then_some(Range {
            first: period + self.interval,
            last: longest.plus(self.interval),
        });
        [first, Some(second), across]
    }

    /// Follows the probes from the first that counts, which starts in `starts`, until the container is seen ready or out of retries.
    fn follow(&self, starts: Range, ready: Option<i128>, found: &mut Found) {
        let cycle = self.interval + self.timeout;
        // The latest start of the k-th counted probe, all before it having started before the container was ready.
        let latest_start = |k: i128| {
            let drawn_out = starts.last.plus((k - 1).saturating_mul(cycle));
            match ready {
                Some(ready) if k > 1 => drawn_out.min(End::before(ready + cycle)),
                _ => drawn_out,
            }
        };
        let earliest_start = |k: i128| {
            let waited = (k - 1).saturating_mul(self.interval);
            starts.first.saturating_add(waited)
        };
        // How many probes can start before the container is ready: as many as there are while all are quick.
        let failing = ready.map_or(i128::MAX, |ready| {
            (ready - starts.first + self.interval - 1)
                .div_euclid(self.interval)
                .max(0)
        });
        let burned = u64::try_from(failing.min(self.retries)).unwrap_or(u64::MAX);
        found.burned = found.burned.max(burned);

        if failing >= self.retries {
            let mut last = latest_start(self.retries);
            if let Some(ready) = ready {
                last = last.min(End::before(ready));
            }
            let unhealthy = Range {
                first: earliest_start(self.retries),
                last: last.plus(self.timeout),
            };
            unhealthy.widen(&mut found.unhealthy);
        }
        let Some(ready) = ready else { return };
        let mut healthy = |first, last: End| {
            let last = End::before(last.at.saturating_add(self.timeout));
            Range { first, last }.widen(&mut found.healthy);
        };
        // A probe among those that can also come too early: it succeeds if it is drawn out to the moment of being ready.
        for k in [1, failing.min(self.retries)] {
            let last = latest_start(k);
            if k >= 1 && k <= failing && last.reaches(ready) {
                healthy(ready, last);
            }
        }
        // The first probe that finds the container ready even if all are quick.
        if failing < self.retries {
            healthy(earliest_start(failing + 1), latest_start(failing + 1));
        }
    }
}
