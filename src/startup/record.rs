//! What a log proves about a start.

use crate::duration::Seconds;
use crate::source::{FileId, Span};

/// How the measured length relates to the true one, from the container's start until its probe would succeed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Bound {
    /// The log tells the length from the container's start to the ready server.
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

/// One step of a start: `✅ Database migrations completed in 45s`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The name as the log has it: `Database migrations`.
    pub name: String,
    /// How long it took.
    pub seconds: Seconds,
    /// The number with its unit: `45s`.
    pub span: Span,
}

/// One start of one container, as its log tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Startup {
    /// The service, read off the line prefix without the replica's number; `None` in a log without prefixes.
    pub service: Option<String>,
    /// The container's name as the prefix has it (`backend-1`, or a `container_name`): a `container_name` that ends in
    /// a number is told from a replica only with the compose file at hand.
    pub container: Option<String>,
    /// The length of the start.
    pub ready: Seconds,
    /// How `ready` relates to the true length.
    pub bound: Bound,
    /// The log.
    pub file: FileId,
    /// The line that carries `ready`, without prefix, frame and line end. Where `ready` is a sum of steps, the line of
    /// the last one.
    pub span: Span,
    /// The number in that line, with its unit where one is written. Where `ready` is a sum, the last step's number.
    pub number: Span,
    /// The steps, in the order of the log.
    pub steps: Vec<Step>,
    /// When the start began, as RFC 3339 text: Docker's own timestamp (`logs -t`), else the one that the step log
    /// prints. A timestamp without a zone is taken as UTC, the zone of containers. A CI runner's timestamp tells when
    /// the line was printed and not when it happened, and is not used.
    pub at: Option<String>,
}
