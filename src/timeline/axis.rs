//! The axis of time that all rows share.
//!
//! It is linear. Where one thing lasts several times as long as most others, it has a knee: the first part keeps its scale, and the rest is pressed together.

use crate::duration::Seconds;

/// Where a moment lies between the left edge and the right one.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    end: Seconds,
    knee: Option<Seconds>,
}

/// A moment with a label.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    /// The moment.
    pub at: Seconds,
    /// What stands there: `100s`, `20m`.
    pub label: String,
}

/// What the part before the knee has of the whole.
const BEFORE_KNEE: f64 = 0.68;

/// How many times longer than the first part everything must be to be pressed together.
const KNEE_FROM: i64 = 4;

/// Up to here the axis counts seconds, as people do with the numbers of a healthcheck.
const IN_SECONDS: Seconds = Seconds::new(3600);

impl Axis {
    /// An axis for things that end at these moments; it ends with the last of them.
    pub fn new(ends: impl IntoIterator<Item = Seconds>) -> Self {
        let mut ends: Vec<Seconds> = ends.into_iter().filter(|e| *e > Seconds::ZERO).collect();
        ends.sort_unstable();
        let Some(&end) = ends.last() else {
            return Self {
                end: Seconds::new(1),
                knee: None,
            };
        };
        let near = ends.partition_point(|e| e.times(KNEE_FROM.unsigned_abs()) <= end);
        let most = near * 3 >= ends.len() * 2 && near > 0;
        let knee = most.then(|| nice_above(ends[near - 1]));
        Self {
            end,
            knee: knee.filter(|knee| knee.times(2) < end),
        }
    }

    /// The last moment.
    pub fn end(&self) -> Seconds {
        self.end
    }

    /// Where the scale changes, if it does.
    pub fn knee(&self) -> Option<Seconds> {
        self.knee
    }

    /// Where a moment lies, from 0 at the left edge to 1 at the right one. What is beyond an edge lies on it.
    pub fn share(&self, at: Seconds) -> f64 {
        let share = |from: Seconds, to: Seconds| {
            let length = (to - from).as_f64();
            ((at - from).as_f64() / length).clamp(0.0, 1.0)
        };
        match self.knee {
            None => share(Seconds::ZERO, self.end),
            Some(knee) if at <= knee => BEFORE_KNEE * share(Seconds::ZERO, knee),
            Some(knee) => BEFORE_KNEE + (1.0 - BEFORE_KNEE) * share(knee, self.end),
        }
    }

    /// Round moments, each at least `apart` (a share of the axis) from the next.
    pub fn ticks(&self, apart: f64) -> Vec<Tick> {
        let Some(knee) = self.knee else {
            return self.part(Seconds::ZERO, self.end, apart, Seconds::ZERO);
        };
        let mut ticks = self.part(Seconds::ZERO, knee, apart, Seconds::ZERO);
        let last = ticks.last().map_or(Seconds::ZERO, |tick| tick.at);
        ticks.extend(self.part(knee, self.end, apart, last));
        ticks
    }

    /// The ticks from `from` to `to`, without those that lie too near to the one at `last` before them.
    fn part(&self, from: Seconds, to: Seconds, apart: f64, last: Seconds) -> Vec<Tick> {
        let of_axis = self.share(to) - self.share(from);
        let least =
            Seconds::from_f64((to - from).as_f64() * apart / of_axis.max(f64::MIN_POSITIVE));
        let enough = |(step, _): &(Seconds, Unit)| least.is_none_or(|least| *step >= least);
        let Some((step, unit)) = steps(to).find(enough) else {
            return Vec::new();
        };
        let first = if from == Seconds::ZERO {
            0
        } else {
            from.nanos() / step.nanos() + 1
        };
        let moments = (first..=to.nanos() / step.nanos())
            .map(|count| Seconds::from_nanos(count.saturating_mul(step.nanos())));
        let far =
            |at: &Seconds| from == Seconds::ZERO || self.share(*at) - self.share(last) >= apart;
        moments
            .filter(far)
            .map(|at| Tick {
                at,
                label: unit.label(at),
            })
            .collect()
    }
}

/// What a label counts.
#[derive(Clone, Copy)]
struct Unit(&'static str, Seconds);

impl Unit {
    const SECOND: Self = Self("s", Seconds::new(1));
    const MINUTE: Self = Self("m", Seconds::new(60));
    const HOUR: Self = Self("h", Seconds::new(3600));
    const DAY: Self = Self("d", Seconds::new(86_400));

    fn label(self, at: Seconds) -> String {
        let Self(name, length) = self;
        if length == Self::SECOND.1 {
            format!("{at}{name}")
        } else {
            format!("{}{name}", at.nanos() / length.nanos())
        }
    }
}

/// The lengths that ticks of a part up to `end` may be apart, from short to long.
fn steps(end: Seconds) -> impl Iterator<Item = (Seconds, Unit)> {
    let in_seconds = end <= IN_SECONDS;
    let short = decimal()
        .map(|step| (Seconds::from_nanos(step), Unit::SECOND))
        .take_while(move |(step, _)| in_seconds || *step < Seconds::new(60));
    let minutes = [1, 2, 5, 10, 15, 30].map(|count| (count, Unit::MINUTE));
    let hours = [1, 2, 3, 6, 12].map(|count| (count, Unit::HOUR));
    let days = decimal().map(|count| (count, Unit::DAY));
    let long = minutes.into_iter().chain(hours).chain(days);
    let long = long.map(|(count, unit)| {
        (
            Seconds::from_nanos(unit.1.nanos().saturating_mul(count)),
            unit,
        )
    });
    short.chain(long.filter(move |_| !in_seconds))
}

/// 1, 2, 5, 10, 20 …
fn decimal() -> impl Iterator<Item = i64> {
    (0..19).flat_map(move |power| {
        [1_i64, 2, 5]
            .into_iter()
            .filter_map(move |digit| digit.checked_mul(10_i64.pow(power)))
    })
}

/// The next round number above.
fn nice_above(length: Seconds) -> Seconds {
    crate::duration::round_up(length)
}
