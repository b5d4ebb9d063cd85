//! upbeat: a linter and fixer for the startup timing of Docker Compose projects and of the CI workflows that deploy them.
//!
//! The way of the data: [`source`] (what is here) → [`yaml`] (trees) → [`compose`] (the effective model), [`ci`] and [`shell`]
//! (what the workflows do), [`startup`] (what logs prove), [`clock`] (Docker's arithmetic) → [`project`] (all of it joined) →
//! [`rules`] → [`finding`]s → [`report`], or → [`fix`]. [`explain`] tells what a text of Docker means for a project, and [`timeline`] draws a start.

pub mod baseline;
pub mod ci;
pub mod cli;
pub mod clock;
pub mod compose;
pub mod dockerfile;
pub mod duration;
pub mod escape;
pub mod explain;
pub mod finding;
pub mod fix;
pub mod ignores;
pub mod project;
pub mod report;
pub mod rules;
pub mod scope;
pub mod settings;
pub mod shell;
pub mod source;
pub mod spelling;
pub mod startup;
pub mod tasks;
pub mod timeline;
pub mod watch;
pub mod yaml;

use baseline::Taken;
use finding::Finding;
use fix::passes::{self, Fixed};
use project::{Inputs, Project};
use report::Summary;
use rules::{Ignored, Judged};
use source::Store;

/// A project and what is wrong with it.
#[derive(Debug)]
pub struct Checked {
    /// The project.
    pub project: Project,
    /// By path, line and rule.
    pub findings: Vec<Finding>,
    /// What comments in the files silence, in the same order.
    pub ignored: Vec<Ignored>,
    /// What the baseline of the options did.
    pub taken: Taken,
}

impl Checked {
    /// The numbers of the run.
    pub fn summary(&self) -> Summary {
        summary(&self.project, &self.findings)
    }
}

/// Reads a project, on disk or in memory, and runs the rules.
pub fn check(store: Store, inputs: &Inputs, options: &rules::Options) -> Checked {
    let project = Project::read(store, inputs);
    let Judged {
        findings,
        ignored,
        taken,
    } = rules::judge(&project, options);
    Checked {
        project,
        findings,
        ignored,
        taken,
    }
}

/// Makes the fixes of a project that was checked with the same inputs and options. Nothing is written.
pub fn fix(checked: Checked, inputs: &Inputs, options: &rules::Options) -> Fixed {
    passes::run(
        checked.project,
        Judged {
            findings: checked.findings,
            ignored: checked.ignored,
            taken: checked.taken,
        },
        inputs,
        options,
    )
}

/// The numbers of a run.
pub fn summary(project: &Project, findings: &[Finding]) -> Summary {
    let files = project.store.sources().iter().count();
    let waits = project
        .sequences
        .iter()
        .map(|sequence| sequence.waits.len())
        .sum();
    Summary::new(
        findings,
        files,
        project.stacks.len(),
        waits,
        project.obstacles.is_empty(),
    )
}
