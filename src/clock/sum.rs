//! The parts that a number is made of, for messages: `90s start_period + 5s timeout + 45s interval = 140s`.

use std::fmt;

use crate::duration::Seconds;

/// What a part of a sum is: a key of the healthcheck, or a measured or declared length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Quantity {
    /// `start_period`.
    StartPeriod,
    /// The startup of the service.
    Startup,
    /// `interval`.
    Interval,
    /// `start_interval`.
    StartInterval,
    /// `timeout`.
    Timeout,
    /// The duration of a job that must complete.
    Job,
}

impl Quantity {
    /// As it is called in Compose files and in messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::StartPeriod => "start_period",
            Self::Startup => "startup",
            Self::Interval => "interval",
            Self::StartInterval => "start_interval",
            Self::Timeout => "timeout",
            Self::Job => "job",
        }
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A summand: `count` times `each`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Part {
    /// What it is.
    pub quantity: Quantity,
    /// How often it counts; at least once.
    pub count: u64,
    /// Its length.
    pub each: Seconds,
}

impl Part {
    /// `count` times `each`.
    pub fn total(&self) -> Seconds {
        self.each.times(self.count)
    }
}

/// `5s timeout`, or `3 x 5s timeout`.
impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.count != 1 {
            write!(f, "{} x ", self.count)?;
        }
        write!(f, "{}s {}", self.each, self.quantity)
    }
}

/// A number with all its parts. Parts of no length are left out, so an empty sum is zero.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    parts: Vec<Part>,
}

impl Sum {
    /// One length.
    pub fn of(quantity: Quantity, each: Seconds) -> Self {
        Self::default().plus(quantity, 1, each)
    }

    /// With `count` times `each` more. What stands in the sum already in the same length is counted there.
    #[must_use]
    pub fn plus(mut self, quantity: Quantity, count: u64, each: Seconds) -> Self {
        if count == 0 || each == Seconds::ZERO {
            return self;
        }
        let same = |part: &&mut Part| part.quantity == quantity && part.each == each;
        match self.parts.iter_mut().find(same) {
            Some(part) => part.count = part.count.saturating_add(count),
            None => self.parts.push(Part {
                quantity,
                count,
                each,
            }),
        }
        self
    }

    /// The parts, in the order in which they pass.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// What they come to.
    pub fn total(&self) -> Seconds {
        self.parts.iter().map(Part::total).sum()
    }
}

/// `90s start_period + 5s timeout + 45s interval = 140s`; one part alone is not added up.
impl fmt::Display for Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, part) in self.parts.iter().enumerate() {
            write!(f, "{}{part}", if i == 0 { "" } else { " + " })?;
        }
        match self.parts.as_slice() {
            [] => f.write_str("0s"),
            [part] if part.count == 1 => Ok(()),
            _ => write!(f, " = {}s", self.total()),
        }
    }
}
