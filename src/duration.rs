//! Lengths of time: Compose's grammar, printed back in the user's style.

use std::fmt;
use std::ops::{Add, Sub};

mod parse;
mod print;

pub use parse::{ParseError, Problem, parse, pattern};
pub use print::print_like;

/// A length of time, exact to the nanosecond. Arithmetic saturates at 292 years.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seconds(i64);

impl Seconds {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// Whole seconds.
    pub const fn new(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1_000_000_000))
    }

    /// Nanoseconds.
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// Milliseconds.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis.saturating_mul(1_000_000))
    }

    /// Nanoseconds.
    pub const fn nanos(self) -> i64 {
        self.0
    }

    /// A float of seconds, for JSON.
    #[allow(clippy::cast_precision_loss)]
    pub fn as_f64(self) -> f64 {
        self.0 as f64 / 1e9
    }

    /// The nearest whole nanosecond to a float of seconds; none for what is no number. Saturates like everything else here.
    #[allow(clippy::cast_possible_truncation)]
    pub fn from_f64(seconds: f64) -> Option<Self> {
        (!seconds.is_nan()).then(|| Self((seconds * 1e9).round() as i64))
    }

    /// This length times a margin such as 1.1, exactly: the margin counts in whole thousandths, so 180 s x 1.1 are 198 s and not a hair more.
    /// What is left below a nanosecond is rounded up. A margin that is no number changes nothing.
    #[must_use]
    #[allow(clippy::cast_possible_truncation)]
    pub fn scaled(self, margin: f64) -> Self {
        if margin.is_nan() {
            return self;
        }
        let thousandths = (margin * 1000.0).round() as i64;
        let product = i128::from(self.0) * i128::from(thousandths);
        let up = i128::from(product.rem_euclid(1000) > 0);
        Self::saturated(product.div_euclid(1000) + up)
    }

    /// Nanoseconds that may not fit.
    pub(crate) fn saturated(nanos: i128) -> Self {
        Self(i64::try_from(nanos).unwrap_or(if nanos < 0 { i64::MIN } else { i64::MAX }))
    }

    /// `count` times this length.
    #[must_use]
    pub fn times(self, count: u64) -> Self {
        Self(
            self.0
                .saturating_mul(i64::try_from(count).unwrap_or(i64::MAX)),
        )
    }
}

impl Add for Seconds {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for Seconds {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl std::iter::Sum for Seconds {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::ZERO, Add::add)
    }
}

/// The number of seconds without a unit and without trailing zeros: `445`, `1.5`.
impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, nanos) = (if self.0 < 0 { "-" } else { "" }, self.0.unsigned_abs());
        let (whole, rest) = (nanos / 1_000_000_000, nanos % 1_000_000_000);
        if rest == 0 {
            return write!(f, "{sign}{whole}");
        }
        let rest = format!("{rest:09}");
        write!(f, "{sign}{whole}.{}", rest.trim_end_matches('0'))
    }
}

/// The next length that a person would write: a whole second up to five, a multiple of 5 s under a minute, of 10 s under ten minutes, of 30 s above.
/// A length that is one already stays, as do zero and what is negative.
pub fn round_up(length: Seconds) -> Seconds {
    let step = match length {
        l if l <= Seconds::ZERO => return l,
        l if l <= Seconds::new(5) => 1,
        l if l <= Seconds::new(60) => 5,
        l if l <= Seconds::new(600) => 10,
        _ => 30,
    };
    let step = i128::from(Seconds::new(step).nanos());
    let steps = (i128::from(length.nanos()) + step - 1).div_euclid(step);
    Seconds::saturated(steps * step)
}
