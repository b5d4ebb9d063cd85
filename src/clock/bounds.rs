//! How early or late a verdict can fall, in closed form. Sound for every set of numbers; attained only where the grid of probes can reach the end
//! of the start period. What a *given* startup can come to is in [`outcome`](fn@super::outcome).
//!
//! Derived from the loop in v28.5.2 daemon/health.go (`monitor`, `handleProbeResult`) and its older versions, and checked against the simulation.

use super::healthcheck::HealthCheck;
use super::probes::EqualProbes;
use super::sum::{Quantity, Sum};
use crate::duration::Seconds;

impl HealthCheck {
    /// When the first probe starts: after the start interval where that has an effect, else after the interval. Never after the start period for its own sake.
    pub fn first_probe(&self) -> Seconds {
        self.starting_step()
    }

    /// Up to here no failure can count: the start period or the first probe, whichever is later.
    pub fn grace(&self) -> Seconds {
        self.start_period.max(self.first_probe())
    }

    /// A startup that is sure to end healthy, whatever the probes do: `grace + (retries - 1) x interval`.
    pub fn allowance(&self) -> Seconds {
        self.grace() + self.interval.times(self.retries.saturating_sub(1))
    }

    /// How the allowance comes about: `start_period 90s + (retries 3 - 1) x interval 45s = 180s`.
    pub fn allowance_sum(&self) -> String {
        let grace = if self.start_period >= self.first_probe() {
            format!("start_period {}s", self.start_period)
        } else {
            format!("first probe {}s", self.first_probe())
        };
        format!(
            "{grace} + (retries {} - 1) x interval {}s = {}s",
            self.retries,
            self.interval,
            self.allowance()
        )
    }

    /// The earliest moment at which a container that never gets ready is called unhealthy. The same number as the [`allowance`](Self::allowance).
    pub fn earliest_unhealthy(&self) -> Seconds {
        self.allowance()
    }

    /// The latest moment at which a container that never gets ready is called unhealthy: the worst case of the service.
    pub fn latest_unhealthy(&self) -> Seconds {
        self.worst_sum().total()
    }

    /// [`latest_unhealthy`](Self::latest_unhealthy) with its parts: the latest first probe that counts,
    /// and from there a cycle of timeout and interval for each retry, without the last interval.
    pub fn worst_sum(&self) -> Sum {
        let step = self.starting_step();
        let step_name = match self.starting_interval() {
            Some(_) => Quantity::StartInterval,
            None => Quantity::Interval,
        };
        let first_counted = if self.start_period <= step {
            Sum::of(step_name, step)
        } else {
            let until = Sum::of(Quantity::StartPeriod, self.start_period);
            if step > self.timeout + self.interval {
                // A probe ends just before the start period does, and the long start interval is set once more.
                until.plus(step_name, 1, step)
            } else {
                // A probe hangs across the end of the start period.
                until.plus(Quantity::Timeout, 1, self.timeout).plus(
                    Quantity::Interval,
                    1,
                    self.interval,
                )
            }
        };
        first_counted
            .plus(Quantity::Timeout, self.retries, self.timeout)
            .plus(
                Quantity::Interval,
                self.retries.saturating_sub(1),
                self.interval,
            )
    }

    /// When the first probe that counts starts, if every failing probe takes `failing` (at most the timeout).
    pub fn first_counted(&self, failing: Seconds) -> Seconds {
        let failing = failing.clamp(Seconds::ZERO, self.timeout);
        let probes = EqualProbes::new(self, Seconds::ZERO, failing);
        probes.start(probes.first_from(self.start_period))
    }

    /// The largest startup that still ends healthy, if every failing probe takes `failing`: the start of the probe whose failure would be the last.
    pub fn allowance_with(&self, failing: Seconds) -> Seconds {
        let failing = failing.clamp(Seconds::ZERO, self.timeout);
        self.first_counted(failing)
            + (self.interval + failing).times(self.retries.saturating_sub(1))
    }

    /// When a container that never gets ready is called unhealthy, if every probe takes `failing`.
    pub fn unhealthy_with(&self, failing: Seconds) -> Seconds {
        self.allowance_with(failing) + failing.clamp(Seconds::ZERO, self.timeout)
    }

    /// The start period from which on a startup of `required` is within the [`allowance`](Self::allowance), all else unchanged;
    /// zero where that holds without one. It does not build on a start interval longer than the start period.
    pub fn start_period_for(&self, required: Seconds) -> Seconds {
        let left = required - self.interval.times(self.retries.saturating_sub(1));
        if left <= self.interval {
            Seconds::ZERO
        } else {
            left
        }
    }

    /// The same healthcheck with another start period.
    #[must_use]
    pub fn with_start_period(mut self, start_period: Seconds) -> Self {
        self.start_period = start_period.max(Seconds::ZERO);
        self
    }

    /// What people take for the allowance and for the worst case, shown beside them: `start_period + retries x interval`. It is neither.
    pub fn seed_formula(&self) -> Seconds {
        self.start_period + self.interval.times(self.retries)
    }

    /// The longest from being ready to being seen healthy, if the probes that see it take no longer than the timeout: a probe begun just before hangs,
    /// the wait, and the probe that succeeds.
    pub fn seen_healthy_within(&self) -> Seconds {
        self.timeout + self.interval.max(self.starting_step()) + self.timeout
    }
}

/// The moment by which a service is planned to be seen healthy. See [`planned_sum`].
pub fn planned(check: &HealthCheck, startup: Option<Seconds>) -> Seconds {
    planned_sum(check, startup).total()
}

/// The moment by which a service is planned to be seen healthy, with its parts. With `r`, the larger of the start period and the startup:
/// the first probe where `r` is not beyond it; else `r` and the longer of `timeout + interval` (a probe begun just before `r` hangs, the next one sees it)
/// and the start interval. Without a start period and a startup nobody has planned anything: the worst case.
pub fn planned_sum(check: &HealthCheck, startup: Option<Seconds>) -> Sum {
    if check.start_period == Seconds::ZERO && startup.is_none() {
        return check.worst_sum();
    }
    let startup = startup.unwrap_or(Seconds::ZERO);
    let (by, ready) = if startup > check.start_period {
        (Quantity::Startup, startup)
    } else {
        (Quantity::StartPeriod, check.start_period)
    };
    let starting = check.starting_interval();
    if ready <= check.first_probe() {
        return match starting {
            Some(step) => Sum::of(Quantity::StartInterval, step),
            None => Sum::of(Quantity::Interval, check.interval),
        };
    }
    let sum = Sum::of(by, ready);
    match starting {
        Some(step) if step > check.timeout + check.interval => {
            sum.plus(Quantity::StartInterval, 1, step)
        }
        _ => sum.plus(Quantity::Timeout, 1, check.timeout).plus(
            Quantity::Interval,
            1,
            check.interval,
        ),
    }
}
