//! What continuous integration runs: jobs, their steps, the scripts in them and their limits.

mod github;

pub use github::read as read_github;

use crate::duration::Seconds;
use crate::source::{FileId, Mapped, Span};

/// One workflow file.
#[derive(Clone, Debug)]
pub struct Workflow {
    /// The file.
    pub file: FileId,
    /// Its jobs, in the order of the file.
    pub jobs: Vec<Job>,
}

/// A job: steps that run one after the other on one machine.
#[derive(Clone, Debug)]
pub struct Job {
    /// Its key.
    pub id: String,
    /// Its limit, if it is written as a number.
    pub limit: Option<Limit>,
    /// Whether it runs at all, as far as that is written: `if: false` does not.
    pub runs: bool,
    /// Whether the workflow goes on when it fails.
    pub tolerated: bool,
    /// Its steps.
    pub steps: Vec<Step>,
}

/// A step.
#[derive(Clone, Debug)]
pub struct Step {
    /// Its name, if it has one.
    pub name: Option<String>,
    /// Its script, if it is one for a POSIX shell or bash.
    pub script: Option<Mapped>,
    /// The folder that it runs in, from the repository's top; `None` if that is not known.
    pub folder: Option<String>,
    /// The variables that are set around it, those of the workflow and the job included; later ones win.
    pub env: Vec<EnvVariable>,
    /// Its limit, if it is written as a number.
    pub limit: Option<Limit>,
    /// Whether the job goes on when it fails.
    pub tolerated: bool,
    /// Whether it runs in the course of a job that goes well: `if: false` and `if: failure()` do not.
    pub runs: bool,
}

/// `NAME: value` under `env:`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvVariable {
    /// The name.
    pub name: String,
    /// The value as it is written; it may hold `${{ … }}`.
    pub value: String,
    /// The value's bytes, quotes not included.
    pub span: Span,
    /// Whether those bytes are just the value.
    pub verbatim: bool,
}

/// `timeout-minutes`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// The time.
    pub time: Seconds,
    /// The number's bytes.
    pub span: Span,
}
