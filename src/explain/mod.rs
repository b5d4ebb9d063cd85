//! What a text of Docker, Compose or a CI runner means for a project: what can have led to it, by the numbers, and what to do.
//!
//! [`find`] finds the known texts in whatever was pasted; a file for each family of texts makes the [`Explanation`]. What Compose and
//! the engine do is said as it was read in docker compose v2.40.3 (`pkg/compose/convergence.go`) and v28.5.2 `daemon/health.go`, and measured.

mod changes;
mod clean;
mod commands;
mod ended;
mod figures;
mod limits;
mod matching;
mod probes;
mod refused;
mod runners;
mod subject;
mod texts;
mod unchecked;
mod unhealthy;

pub use matching::{MOST, find};
pub use texts::{Found, Known, UNDERSTOOD, Waiter};

use crate::finding::{Finding, Safety, Severity};
use crate::project::Project;
use crate::source::Span;
use serde_json::Value as Json;
use std::fmt;

/// How sure a cause is, by what is known of the project. The order is that of the list: the surest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Likelihood {
    /// Nothing else gives this text.
    Certain,
    /// The numbers alone lead to it.
    VeryLikely,
    /// The numbers point to it.
    Likely,
    /// Nothing speaks for it, nothing against it.
    Possible,
    /// The numbers speak against it.
    Unlikely,
    /// It would read differently.
    RuledOut,
}

impl Likelihood {
    /// The words that are printed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Certain => "certain",
            Self::VeryLikely => "very likely",
            Self::Likely => "likely",
            Self::Possible => "possible",
            Self::Unlikely => "unlikely",
            Self::RuledOut => "ruled out",
        }
    }
}

impl fmt::Display for Likelihood {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A number of a case, with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// What it is: `start_period`, `first probe`.
    pub name: &'static str,
    /// For programs: seconds, a text, or a list of these.
    pub value: Json,
    /// For people.
    pub text: String,
    /// Where it is written; none for what is derived or a default.
    pub place: Option<Span>,
}

/// Something that can have led to the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// For programs: `slow-start`.
    pub kind: &'static str,
    /// How sure it is.
    pub likelihood: Likelihood,
    /// What happened.
    pub title: String,
    /// Why that is so, by the numbers: a sentence or two each.
    pub because: Vec<String>,
}

/// Something to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// A command line for a shell.
    pub command: String,
    /// What it tells.
    pub tells: String,
}

/// Something to change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What to do.
    pub title: String,
    /// The rule that found it, with its severity; none where no rule did.
    pub rule: Option<(&'static str, Severity)>,
    /// How safe the rule's fix is, if it has one.
    pub safety: Option<Safety>,
    /// Where.
    pub place: Option<Span>,
}

/// What the text means for one service, or for the stack as a whole.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Case {
    /// The stacks that it holds for, as people read them; none if it is about no stack of the project.
    pub stacks: Vec<String>,
    /// The service.
    pub service: Option<String>,
    /// The numbers.
    pub figures: Vec<Figure>,
    /// The surest first.
    pub causes: Vec<Cause>,
    /// What to look at.
    pub next: Vec<Step>,
    /// What to change.
    pub changes: Vec<Change>,
}

/// A known text, and what it means here.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// The text, without what stood around it.
    pub text: String,
    /// For programs: `dependency-unhealthy`.
    pub kind: &'static str,
    /// What was written means: a paragraph each.
    pub meaning: Vec<String>,
    /// A case for each service and stack that is meant; one about no stack where the project has none.
    pub cases: Vec<Case>,
    /// What else there is to know.
    pub notes: Vec<String>,
}

/// What explanations are made from.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    /// The project.
    pub project: &'a Project,
    /// What the rules found in it.
    pub findings: &'a [Finding],
    /// What a startup is given beyond its length before the allowance counts as wide enough.
    pub margin: f64,
}

/// Explains every known text in what was pasted, in the order of the text; none where nothing is known.
pub fn explain(scene: Scene, pasted: &str) -> Vec<Explanation> {
    let found = find(pasted);
    let explain = |found: &Found| {
        let mut explanation = match &found.known {
            Known::Unhealthy { by, container } => unhealthy::explain(scene, by, container),
            Known::Exited {
                by,
                container,
                code,
            } => ended::exited(scene, by, container, *code),
            Known::NotCompleted {
                service,
                code,
                optional,
            } => ended::not_completed(scene, service, *code, *optional),
            Known::NoHealthcheck { by, container } => unchecked::explain(scene, by, container),
            Known::NotHealthyAfter { limit } => {
                limits::not_healthy_after(scene, *limit, &found.containers)
            }
            Known::DependenciesTimedOut => limits::dependencies(scene, &found.containers),
            Known::ProbeNotStarted { program } => probes::not_started(scene, program.as_deref()),
            Known::ContainerNotStarted { program } => probes::container(scene, program),
            Known::ProbeTimedOut { limit } => probes::timed_out(scene, *limit),
            Known::StartIntervalAlone => refused::needs_start_period(scene, &found.containers),
            Known::StartIntervalUnknown => refused::needs_engine(scene, &found.containers),
            Known::GithubContainer { image } => runners::github(scene, Some(image)),
            Known::GithubContainers => runners::github(scene, None),
            Known::GitlabService { service } => runners::gitlab(service),
        };
        explanation.text.clone_from(&found.text);
        for case in &mut explanation.cases {
            // Stable: what is equally sure stays in the order in which it was thought of.
            case.causes.sort_by_key(|cause| cause.likelihood);
        }
        if explanation.cases.len() > 2 {
            let note =
                "Only the stack that was started counts: -f, as for docker compose, names it.";
            explanation.notes.push(note.to_owned());
        }
        explanation
    };
    found.iter().map(explain).collect()
}

impl Explanation {
    fn new(kind: &'static str, meaning: impl IntoIterator<Item = String>) -> Self {
        Self {
            text: String::new(),
            kind,
            meaning: meaning.into_iter().collect(),
            cases: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Adds a case; one that says the same of another stack is told once for both.
    fn add(&mut self, case: Case) {
        let same = |known: &&mut Case| {
            known.service == case.service
                && known.figures == case.figures
                && known.causes == case.causes
                && known.changes == case.changes
        };
        match self.cases.iter_mut().find(same) {
            None => self.cases.push(case),
            Some(known) => {
                known.stacks.extend(case.stacks);
                for step in case.next {
                    if !known.next.contains(&step) {
                        known.next.push(step);
                    }
                }
            }
        }
    }
}

/// Compose looks at containers that it waits for this often, the first time so long after it began (docker compose v2.40.3,
/// pkg/compose/convergence.go, `waitDependencies`).
const LOOK: crate::duration::Seconds = crate::duration::Seconds::from_millis(500);
