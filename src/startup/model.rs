//! What is proved about a start.

use crate::duration::Seconds;
use crate::source::{FileId, Span};

/// How a measured length relates to the true one, from the container's start until its probe would succeed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Bound {
    /// The length from the container's start to the ready server.
    Exact,
    /// The true length is at least this: more happens before or behind what was measured.
    Lower,
    /// The true length is at most this.
    Upper,
}

impl Bound {
    /// The word of machine output.
    pub fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Lower => "lower",
            Self::Upper => "upper",
        }
    }
}

/// Why a length is a bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Why {
    /// A process that began with the container tells its own age.
    Process,
    /// The total that a script prints.
    Total,
    /// The sum of a script's steps.
    Steps,
    /// A framework's own watch, or that of a process behind a script.
    Framework,
    /// The time between two lines, by Docker's timestamps.
    Lines,
    /// The time between two lines, by the program's own timestamps.
    OwnLines,
    /// The time between two lines, by the timestamps of a CI runner.
    RunnerLines,
    /// The last probe that failed before the first that succeeded.
    FailingProbe,
    /// The last probe, while none has succeeded.
    NeverReady,
    /// The first probe that succeeded.
    Success,
    /// The first of all probes succeeded.
    FirstProbe,
    /// Docker's event.
    HealthyEvent,
    /// `docker compose ps` saw it healthy.
    Listed,
}

impl Why {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::Process,
        Self::Total,
        Self::Steps,
        Self::Framework,
        Self::Lines,
        Self::OwnLines,
        Self::RunnerLines,
        Self::FailingProbe,
        Self::NeverReady,
        Self::Success,
        Self::FirstProbe,
        Self::HealthyEvent,
        Self::Listed,
    ];

    /// The word of machine output.
    pub fn name(self) -> &'static str {
        match self {
            Self::Process => "process",
            Self::Total => "total",
            Self::Steps => "steps",
            Self::Framework => "framework",
            Self::Lines => "lines",
            Self::OwnLines => "own-lines",
            Self::RunnerLines => "runner-lines",
            Self::FailingProbe => "failing-probe",
            Self::NeverReady => "never-ready",
            Self::Success => "success",
            Self::FirstProbe => "first-probe",
            Self::HealthyEvent => "healthy-event",
            Self::Listed => "listed",
        }
    }

    /// The reason of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|why| why.name() == name)
    }

    /// For people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Process => "the process tells its own age, and it began with the container",
            Self::Total => "its script's total ends before the server itself answers",
            Self::Steps => {
                "the sum of its steps: no total is in the log, and the server itself answers later"
            }
            Self::Framework => "the framework starts its watch after the container",
            Self::Lines => {
                "from the first line that begins it to the ready line, by Docker's timestamps"
            }
            Self::OwnLines => {
                "from the first line that begins it to the ready line, by its own timestamps"
            }
            Self::RunnerLines => {
                "from the first line that begins it to the ready line, by the runner's timestamps"
            }
            Self::FailingProbe => "the last failing probe before the first success began then",
            Self::NeverReady => "no probe has succeeded; the last failing one began then",
            Self::Success => "the first successful probe ended then",
            Self::FirstProbe => "its first probe of all succeeded, and ended then",
            Self::HealthyEvent => {
                "the healthy event comes up to one interval late; half a second is added, since the start event is late as well"
            }
            Self::Listed => "it was healthy when `docker compose ps` looked, rounded up",
        }
    }
}

/// A place in what was read: of a line, counted from 1, the bytes from `offset` of the whole input on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The line, from 1.
    pub line: u64,
    /// The offset of the first byte.
    pub offset: u64,
    /// The number of bytes.
    pub length: u32,
}

impl Place {
    /// The same in the file that was read, if it has these bytes.
    pub fn span(self, file: FileId, text: &str) -> Option<Span> {
        let start = usize::try_from(self.offset).ok()?;
        let end = start.checked_add(usize::try_from(self.length).ok()?)?;
        text.get(start..end)?;
        Some(Span::new(file, start..end))
    }
}

/// One bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// The length.
    pub seconds: Seconds,
    /// Why it is a bound.
    pub why: Why,
    /// The number in the text, with its unit where one is written, or the moment that it was computed from. Where it is a sum of
    /// steps, the last step's number.
    pub place: Place,
}

/// What is known of a length: at least one of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ready {
    /// It is this.
    Exactly(Limit),
    /// It is at least this.
    AtLeast(Limit),
    /// It is at most this.
    AtMost(Limit),
    /// It lies between the two.
    Between(Limit, Limit),
}

impl Ready {
    /// From the bounds that are known; nothing where none is, or where they contradict each other.
    pub fn of(least: Option<Limit>, most: Option<Limit>) -> Option<Self> {
        match (least, most) {
            (Some(least), Some(most)) => {
                (least.seconds <= most.seconds).then_some(Self::Between(least, most))
            }
            (Some(least), None) => Some(Self::AtLeast(least)),
            (None, Some(most)) => Some(Self::AtMost(most)),
            (None, None) => None,
        }
    }

    /// The lower bound.
    pub fn least(&self) -> Option<&Limit> {
        match self {
            Self::Exactly(limit) | Self::AtLeast(limit) | Self::Between(limit, _) => Some(limit),
            Self::AtMost(_) => None,
        }
    }

    /// The upper bound.
    pub fn most(&self) -> Option<&Limit> {
        match self {
            Self::Exactly(limit) | Self::AtMost(limit) | Self::Between(_, limit) => Some(limit),
            Self::AtLeast(_) => None,
        }
    }

    /// The number that is judged: what is proved, or else what it cannot be above.
    pub fn main(&self) -> &Limit {
        match self {
            Self::Exactly(limit)
            | Self::AtLeast(limit)
            | Self::AtMost(limit)
            | Self::Between(limit, _) => limit,
        }
    }

    /// What [`Self::main`] is.
    pub fn bound(&self) -> Bound {
        match self {
            Self::Exactly(_) => Bound::Exact,
            Self::AtLeast(_) | Self::Between(..) => Bound::Lower,
            Self::AtMost(_) => Bound::Upper,
        }
    }

    /// `12.9s`, `at least 70s`, `at most 12s`, `9s to 12s`.
    pub fn words(&self) -> String {
        match self {
            Self::Exactly(limit) => format!("{}s", limit.seconds),
            Self::AtLeast(limit) => format!("at least {}s", limit.seconds),
            Self::AtMost(limit) => format!("at most {}s", limit.seconds),
            Self::Between(least, most) => format!("{}s to {}s", least.seconds, most.seconds),
        }
    }
}

/// One step of a start: `✅ Database migrations completed in 45s`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The name as the log has it: `Database migrations`.
    pub name: String,
    /// How long it took.
    pub seconds: Seconds,
    /// The number with its unit: `45s`.
    pub place: Place,
}

/// One start of one container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Startup {
    /// The service: from a label, or read off the line prefix without the replica's number; `None` where nothing tells.
    pub service: Option<String>,
    /// The container's name as it stands (`backend-1`, or a `container_name`): a `container_name` that ends in a number is
    /// told from a replica only with the compose file at hand.
    pub container: Option<String>,
    /// The stack that it belongs to, where somebody said so.
    pub stack: Option<String>,
    /// The length of the start.
    pub ready: Ready,
    /// The steps, in the order of the log.
    pub steps: Vec<Step>,
    /// When the start began, as RFC 3339 text. A timestamp without a zone is taken as UTC, the zone of containers. A CI runner's
    /// timestamp tells when the line was printed and not when it happened, and is not used here.
    pub at: Option<String>,
}

/// A tool that a container's probe calls and that its image does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingTool {
    /// The service, as for [`Startup`].
    pub service: Option<String>,
    /// The container's name.
    pub container: Option<String>,
    /// The tool.
    pub tool: String,
    /// The message that says so.
    pub place: Place,
}

/// What kind of text was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// What containers printed.
    Log,
    /// `docker inspect`.
    Inspect,
    /// `docker events`.
    Events,
    /// `docker compose ps --format json`.
    Ps,
    /// upbeat's own record.
    Record,
}

/// All that a text tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// What it is.
    pub kind: Kind,
    /// The starts, in the order in which they were measured.
    pub startups: Vec<Startup>,
    /// The tools that images lack.
    pub missing: Vec<MissingTool>,
    /// What was read and proves nothing, with the reason: a sentence each.
    pub silent: Vec<String>,
}
