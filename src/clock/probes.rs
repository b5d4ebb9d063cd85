//! Where the probes start if all of them take the same time: the loop of [`monitor`](super::monitor) as arithmetic, for any numbers at once.

use super::healthcheck::HealthCheck;
use crate::duration::Seconds;

/// The probes of a container that has no verdict yet, from a moment on. All is in nanoseconds from the start of the container.
#[derive(Clone, Copy, Debug)]
pub(super) struct EqualProbes {
    /// The end of the probe before them; zero for the first.
    from: i128,
    period: i128,
    /// From the start of a probe to the start of the next while the start period lasts, and after it.
    cycle: (i128, i128),
    /// The same from the end of a probe.
    wait: (i128, i128),
}

impl EqualProbes {
    /// Behind a probe that ended at `from`; each takes `duration`, with all that the engine needs for it.
    pub(super) fn new(check: &HealthCheck, from: Seconds, duration: Seconds) -> Self {
        let nanos = |s: Seconds| i128::from(s.nanos());
        let duration = nanos(duration).max(0);
        let wait = (
            nanos(check.starting_step()).max(1),
            nanos(check.interval).max(1),
        );
        Self {
            from: nanos(from),
            period: nanos(check.start_period),
            cycle: (wait.0 + duration, wait.1 + duration),
            wait,
        }
    }

    /// How many of them follow a timer that is set within the start period.
    fn starting(&self) -> i128 {
        ceil(self.period - self.from, self.cycle.0).max(0)
    }

    /// When the n-th of them starts, from 1.
    pub(super) fn start(&self, number: i128) -> Seconds {
        let starting = self.starting();
        let start = if number <= starting {
            (number - 1).saturating_mul(self.cycle.0) + self.wait.0
        } else {
            let ended = starting * self.cycle.0;
            let more = (number - starting - 1).saturating_mul(self.cycle.1);
            ended.saturating_add(more).saturating_add(self.wait.1)
        };
        Seconds::saturated(start.saturating_add(self.from))
    }

    /// The number of the first of them that starts at a moment or later.
    pub(super) fn first_from(&self, moment: Seconds) -> i128 {
        let starting = self.starting();
        let moment = i128::from(moment.nanos()) - self.from;
        let last_start = (starting - 1) * self.cycle.0 + self.wait.0;
        if starting > 0 && last_start >= moment {
            return (ceil(moment - self.wait.0, self.cycle.0) + 1).max(1);
        }
        let left = moment - starting * self.cycle.0 - self.wait.1;
        starting + (ceil(left, self.cycle.1) + 1).max(1)
    }
}

fn ceil(a: i128, b: i128) -> i128 {
    -(-a).div_euclid(b)
}
