//! `upbeat.yml`: what a project says about how it is checked.
//!
//! Flags win over it, and it wins over the defaults. Every value has its place; what is wrong is told all at once.

mod first;
mod keys;
mod reader;
mod schema;

pub use crate::rules::{Level, OptionValue, Override};
pub use first::{first, unknown_startups};
pub use reader::read;
pub use schema::{SCHEMA_NAME, schema};

use crate::clock::{BudgetModel, Engine};
use crate::project::{Declared, Inputs, NamedPaths, NamedStack};
use crate::rules;
use crate::source::{Exclude, Span, Store};
use std::collections::BTreeMap;

/// The names of the file, at the project's root.
pub const NAMES: [&str; 3] = ["upbeat.yml", "upbeat.yaml", ".upbeat.yml"];

/// What the file sets; what it does not is left to the defaults.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The engine whose clock counts.
    pub engine: Option<Engine>,
    /// What waits are measured against.
    pub budget: Option<BudgetModel>,
    /// What fixes grant beyond the required number.
    pub margin: Option<f64>,
    /// Stacks by their names.
    pub stacks: Vec<NamedStack>,
    /// How long services take to start.
    pub startup: Vec<Declared>,
    /// Logs of real starts.
    pub logs: Vec<NamedLog>,
    /// What becomes of a rule's findings.
    pub rules: BTreeMap<String, Level>,
    /// What is said to a rule, by its name and the option's.
    pub of_rules: BTreeMap<(String, String), OptionValue>,
    /// Where that is different; the later wins.
    pub overrides: Vec<Override>,
    /// The services that are named where they need no length, with their places.
    pub services: Vec<(String, Span)>,
    /// The globs that are to hold a file of the project.
    pub paths: Vec<NamedPaths>,
    /// The file of the findings that are known, from the project's root.
    pub baseline: Option<String>,
    /// Paths that are neither searched nor reported.
    pub exclude: Exclude,
}

/// A log that the file names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedLog {
    /// The service whose starts it tells.
    pub service: String,
    /// Its path from the project's root, or an absolute one.
    pub path: String,
    /// Where it is named.
    pub span: Span,
}

/// Something in the file that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where.
    pub span: Span,
    /// What: one line, no full stop.
    pub message: String,
    /// What to do.
    pub help: String,
}

impl Settings {
    /// Puts in what it says of the project's files and services. Its logs are the caller's to read.
    pub fn apply(&self, store: &mut Store, inputs: &mut Inputs) {
        store.exclude(self.exclude.clone());
        inputs.stacks.clone_from(&self.stacks);
        inputs.declared.clone_from(&self.startup);
        inputs.named_services.clone_from(&self.services);
        inputs.named_paths.clone_from(&self.paths);
        if let Some(engine) = &self.engine {
            inputs.engine = engine.clone();
        }
    }

    /// The options of the rules, with the rules that were chosen by hand in `flags`.
    pub fn options(&self, flags: rules::Options) -> rules::Options {
        let mut options = flags;
        options.budget = self.budget.unwrap_or(options.budget);
        options.margin = self.margin.unwrap_or(options.margin);
        options.of_rules.clone_from(&self.of_rules);
        options.overrides.clone_from(&self.overrides);
        // Whoever selects a rule wants it.
        let named = options.select.clone().unwrap_or_default();
        let counts = |rule: &String, level: &Level| *level != Level::Off || !named.contains(rule);
        options.levels.clone_from(&self.rules);
        options.levels.retain(|rule, level| counts(rule, level));
        options.overrides.clone_from(&self.overrides);
        for one in &mut options.overrides {
            one.levels.retain(|rule, level| counts(rule, level));
        }
        options
    }
}
