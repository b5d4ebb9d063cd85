//! What continuous integration runs: jobs, their steps, the scripts in them and their limits.
//!
//! One file a system; all of them make the same [`Pipeline`]. What a file calls by name (an action, a reusable workflow) is a
//! [`Call`], for the caller to follow.

mod actions;
mod azure;
mod bitbucket;
mod circleci;
mod expression;
mod github;
mod gitlab;
mod lengths;
mod reader;
mod services;

pub use actions::events_of as action_events;
pub use expression::{Other, Scope, Values};
pub use services::{HealthOption, ServiceContainer};

use crate::duration::Seconds;
use crate::shell::{Dialect, Given, Literal};
use crate::source::{FileId, Mapped, SourceFile, Span};
use crate::yaml::Tree;

/// Whose syntax a file has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum System {
    /// GitHub Actions, and Forgejo's and Gitea's, which read the same syntax: a workflow.
    Workflow,
    /// The same: an action of its own, `action.yml`.
    Action,
    /// GitLab CI.
    GitLab,
    /// `CircleCI`.
    CircleCi,
    /// Azure Pipelines.
    Azure,
    /// Bitbucket Pipelines.
    Bitbucket,
}

/// The values that a caller gives; `None` for one that only the run will tell.
pub type Inputs = Vec<(String, Option<Given>)>;

/// Reads a file. What is not understood is passed over. `given` are the inputs that a caller gives; without a caller the
/// inputs' own defaults count.
pub fn read(system: System, tree: &Tree, file: &SourceFile, given: Option<&Inputs>) -> Pipeline {
    match system {
        System::Workflow => github::workflow(tree, file, given),
        System::Action => github::action(tree, file, given),
        System::GitLab => gitlab::read(tree, file),
        System::CircleCi => circleci::read(tree, file),
        System::Azure => azure::read(tree, file),
        System::Bitbucket => bitbucket::read(tree, file),
    }
}

/// One file of a CI system.
#[derive(Clone, Debug)]
pub struct Pipeline {
    /// The file.
    pub file: FileId,
    /// Its jobs, in the order of the file; of an action one that has its steps.
    pub jobs: Vec<Job>,
}

/// A job: steps that run one after the other on one machine.
#[derive(Clone, Debug, Default)]
pub struct Job {
    /// Its key.
    pub id: String,
    /// Its limit, if one is written and can be known.
    pub limit: Option<Limit>,
    /// The limit of a job where none is written: GitHub's 360 minutes, GitLab's and Azure's 60, Bitbucket's 120.
    pub default_limit: Option<Seconds>,
    /// Whether it runs at all, as far as that is written: `if: false` does not.
    pub runs: bool,
    /// Whether the workflow goes on when it fails.
    pub tolerated: bool,
    /// `services:`, which are waited for before the first step.
    pub services: Vec<ServiceContainer>,
    /// The workflow that it calls instead of having steps.
    pub call: Option<Call>,
    /// Its steps.
    pub steps: Vec<Step>,
}

/// A step.
#[derive(Clone, Debug, Default)]
pub struct Step {
    /// Its name, if it has one.
    pub name: Option<String>,
    /// Its script, if it is one for a POSIX shell or bash.
    pub script: Option<Script>,
    /// The action that it uses.
    pub call: Option<Call>,
    /// The folder that it runs in, from the repository's top; `None` if that is not known.
    pub folder: Option<String>,
    /// The variables that are set around it, those of the workflow and the job included; later ones win.
    pub env: Vec<EnvVariable>,
    /// Its limit, if one is written and can be known.
    pub limit: Option<Limit>,
    /// Whether the job goes on when it fails.
    pub tolerated: bool,
    /// Whether it runs in the course of a job that goes well: `if: false` and `if: failure()` do not.
    pub runs: bool,
    /// Whether it hangs on something that only the run will tell.
    pub conditional: bool,
}

/// The script of a step.
#[derive(Clone, Debug)]
pub struct Script {
    /// Its text.
    pub text: Mapped,
    /// What reads it.
    pub dialect: Dialect,
    /// Whether a failing command ends it.
    pub stops_on_errors: bool,
    /// Whether it runs on another machine.
    pub remote: bool,
    /// What the expressions in it come to, as they are written between `${{` and `}}`.
    pub expressions: Vec<(String, Given)>,
}

/// An action or a reusable workflow that is used.
#[derive(Clone, Debug)]
pub struct Call {
    /// What is called: `./.github/actions/setup`, `nick-fields/retry@v3`.
    pub target: String,
    /// Where that stands.
    pub span: Span,
    /// `with:`
    pub with: Vec<Argument>,
}

impl Call {
    /// The inputs for what is called.
    pub fn inputs(&self) -> Inputs {
        let inputs = self.with.iter();
        inputs
            .map(|argument| (argument.name.clone(), argument.value.clone()))
            .collect()
    }
}

/// `name: value` under `with:`.
#[derive(Clone, Debug)]
pub struct Argument {
    /// The input's name.
    pub name: String,
    /// Its value, if it is known.
    pub value: Option<Given>,
    /// Its text as it is written.
    pub text: Mapped,
}

/// `NAME: value` under `env:`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvVariable {
    /// The name.
    pub name: String,
    /// The value; `None` where only the run will tell.
    pub value: Option<Given>,
    /// The value's bytes, quotes not included.
    pub span: Span,
}

/// `timeout-minutes` and its relatives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// The time.
    pub time: Seconds,
    /// Where it is written.
    pub span: Span,
    /// The number that makes it, and how long one of it is; `None` where it is no plain number.
    pub literal: Option<(Literal, Seconds)>,
}
