//! Engines, and the numbers of a healthcheck that they really use.

use std::fmt;
use std::str::FromStr;

use crate::duration::Seconds;

/// Engines whose health clock is the same, each named by its first version.
///
/// Read in Docker's `daemon/health.go` from 17.05 to 29.7.2, and measured on 20.10.24, 26.1.5 and 28.5.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Generation {
    /// 17.05 to 20.10: `start_period` exists, `start_interval` does not. A hung probe is judged at its timeout at once.
    V17,
    /// 22.06, 23.0 and 24.0: a hung probe is judged when its kill has been waited for; the timeout counts from the start of the exec.
    V23,
    /// 25.0 and 26: `start_interval`; where it is not written it is the `interval` (v26.1.5 daemon/health.go:254).
    V25,
    /// 27.0 and later: `start_interval`; where it is not written it is 5 s (v28.5.2 daemon/health.go:37,255).
    V27,
}

impl Generation {
    /// Whether the engine knows `start_interval`.
    pub fn has_start_interval(self) -> bool {
        self >= Self::V25
    }
}

/// The Docker engine that the numbers are meant for, as the user named it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Engine {
    text: String,
    generation: Generation,
    /// Whether nobody named it.
    assumed: bool,
}

impl Engine {
    /// The versions that are understood, for messages.
    pub const KNOWN: &str = "17.05 to 20.10, 22.06, and 23 to 29";

    /// The generation whose clock it has.
    pub fn generation(&self) -> Generation {
        self.generation
    }

    /// Whether nobody named it, so that another may be in use.
    pub fn is_assumed(&self) -> bool {
        self.assumed
    }

    /// The user's own text, without a leading `v`: `28` or `28.5.2`.
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// The newest one.
impl Default for Engine {
    fn default() -> Self {
        Self {
            text: "29".to_owned(),
            generation: Generation::V27,
            assumed: true,
        }
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Reads `28`, `28.5.2`, `20.10`, `v27.0.1` or `20.10.24+dfsg1`.
impl FromStr for Engine {
    type Err = UnknownEngine;

    fn from_str(text: &str) -> Result<Self, UnknownEngine> {
        let unknown = || UnknownEngine(text.chars().take(40).collect());
        let version = text.trim().trim_start_matches(['v', 'V']);
        let in_a_version = |c: char| c.is_ascii_alphanumeric() || ".+~-".contains(c);
        if !version.chars().all(in_a_version) {
            return Err(unknown());
        }
        let mut numbers = version.split(['.', '-', '+', '~']);
        let mut number = || numbers.next().map(str::parse::<u32>);
        let major = number().and_then(Result::ok).ok_or_else(unknown)?;
        let minor = match number() {
            None => None,
            Some(minor) => Some(minor.map_err(|_| unknown())?),
        };
        let generation = match (major, minor) {
            (17, Some(..5)) | (22, Some(..6)) => return Err(unknown()),
            (17..=20, _) => Generation::V17,
            (22..=24, _) => Generation::V23,
            (25 | 26, _) => Generation::V25,
            (27..=29, _) => Generation::V27,
            _ => return Err(unknown()),
        };
        Ok(Self {
            text: version.to_owned(),
            generation,
            assumed: false,
        })
    }
}

/// A text that names no engine whose clock is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownEngine(String);

impl fmt::Display for UnknownEngine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` is no Docker engine whose health clock is known; known are {}",
            self.0.escape_debug(),
            Engine::KNOWN
        )
    }
}

impl std::error::Error for UnknownEngine {}

/// The numbers of a healthcheck as they are written; none where a key is absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// `interval`.
    pub interval: Option<Seconds>,
    /// `timeout`.
    pub timeout: Option<Seconds>,
    /// `retries`.
    pub retries: Option<u64>,
    /// `start_period`.
    pub start_period: Option<Seconds>,
    /// `start_interval`.
    pub start_interval: Option<Seconds>,
}

impl Written {
    /// What is written over the healthcheck of an image: the engine fills each field that is not set from the image, one by one, before it takes its defaults
    /// (v28.5.2 daemon/commit.go, `merge`). A zero sets nothing, so it does not reset the image's number either.
    #[must_use]
    pub fn over(&self, image: &Self) -> Self {
        let length = |own: Option<Seconds>, image| own.filter(|own| *own > Seconds::ZERO).or(image);
        Self {
            interval: length(self.interval, image.interval),
            timeout: length(self.timeout, image.timeout),
            retries: self.retries.filter(|own| *own > 0).or(image.retries),
            start_period: length(self.start_period, image.start_period),
            start_interval: length(self.start_interval, image.start_interval),
        }
    }

    /// The numbers that an engine of this generation uses. Zero means "not written", as it does for the engine
    /// (`timeoutWithDefault`, v28.5.2 daemon/health.go:436); so does a negative duration, which the engine refuses.
    pub fn on(&self, generation: Generation) -> HealthCheck {
        let or = |written: Option<Seconds>, default: Seconds| {
            written.filter(|w| *w > Seconds::ZERO).unwrap_or(default)
        };
        let interval = or(self.interval, HealthCheck::DEFAULT_INTERVAL);
        let start_interval = match generation {
            Generation::V17 | Generation::V23 => None,
            Generation::V25 => Some(or(self.start_interval, interval)),
            Generation::V27 => {
                let default = HealthCheck::DEFAULT_START_INTERVAL;
                Some(or(self.start_interval, default))
            }
        };
        HealthCheck {
            generation,
            interval,
            timeout: or(self.timeout, HealthCheck::DEFAULT_TIMEOUT),
            retries: match self.retries {
                None | Some(0) => HealthCheck::DEFAULT_RETRIES,
                Some(retries) => retries,
            },
            start_period: or(self.start_period, Seconds::ZERO),
            start_interval,
        }
    }
}

/// The numbers that an engine uses, made by [`Written::on`]. Every duration but `start_period` is greater than zero, and so is `retries`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct HealthCheck {
    /// The engine's clock.
    pub generation: Generation,
    /// From the end of a probe to the start of the next.
    pub interval: Seconds,
    /// The longest that a probe may take.
    pub timeout: Seconds,
    /// As many counted failures in a row make it unhealthy.
    pub retries: u64,
    /// Probes that start before this and fail are not counted. Zero: none.
    pub start_period: Seconds,
    /// Stands in for the interval while the start period lasts. None on engines that do not know it.
    pub start_interval: Option<Seconds>,
}

/// The defaults: v28.5.2 daemon/health.go:23-41.
impl HealthCheck {
    /// `interval` where none is written.
    pub const DEFAULT_INTERVAL: Seconds = Seconds::new(30);
    /// `timeout` where none is written.
    pub const DEFAULT_TIMEOUT: Seconds = Seconds::new(30);
    /// `retries` where none are written.
    pub const DEFAULT_RETRIES: u64 = 3;
    /// `start_interval` where none is written, on engines 27 and later.
    pub const DEFAULT_START_INTERVAL: Seconds = Seconds::new(5);

    /// The start interval where it has an effect: without a start period no engine looks at it (v28.5.2 daemon/health.go, `monitor`).
    pub fn starting_interval(&self) -> Option<Seconds> {
        self.start_interval
            .filter(|_| self.start_period > Seconds::ZERO)
    }

    /// From the end of a probe within the start period to the start of the next one.
    pub(super) fn starting_step(&self) -> Seconds {
        self.starting_interval().unwrap_or(self.interval)
    }
}
