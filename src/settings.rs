//! `upbeat.yml`: what a project says about how it is checked.
//!
//! Flags win over it, and it wins over the defaults. Every value has its place; what is wrong is told all at once.

mod reader;

pub use reader::read;

use crate::clock::{BudgetModel, Engine};
use crate::duration::Seconds;
use crate::finding::Severity;
use crate::project::{Declared, Inputs, NamedStack};
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
    /// How long a step of a start may take before it is told as slow, whatever it does.
    pub slow_step: Option<Seconds>,
    /// What becomes of a rule's findings.
    pub rules: BTreeMap<String, Level>,
    /// The file of the findings that are known, from the project's root.
    pub baseline: Option<String>,
    /// Paths that are neither searched nor reported.
    pub exclude: Exclude,
}

/// What becomes of a rule's findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// The rule does not run.
    Off,
    /// They are reported with this severity.
    As(Severity),
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
    /// Puts in what it says of the project's files and services.
    pub fn apply(&self, store: &mut Store, inputs: &mut Inputs) {
        store.exclude(self.exclude.clone());
        inputs.stacks.clone_from(&self.stacks);
        inputs.declared.clone_from(&self.startup);
        if let Some(engine) = &self.engine {
            inputs.engine = engine.clone();
        }
    }

    /// The options of the rules, with the rules that were chosen by hand in `flags`.
    pub fn options(&self, flags: rules::Options) -> rules::Options {
        let mut options = flags;
        options.budget = self.budget.unwrap_or(options.budget);
        options.margin = self.margin.unwrap_or(options.margin);
        options.slow_step = self.slow_step.or(options.slow_step);
        for (rule, level) in &self.rules {
            let is_selected = options
                .select
                .as_ref()
                .is_some_and(|named| named.contains(rule));
            match level {
                // Whoever selects a rule wants it.
                Level::Off if is_selected => {}
                Level::Off => options.ignore.push(rule.clone()),
                Level::As(severity) => {
                    options.severities.insert(rule.clone(), *severity);
                }
            }
        }
        options
    }
}
