//! What the rules say of real projects: how much, whether it is true, and whether it says what was repaired in them.
//!
//! `UPDATE=1` writes what the program says into the records, so that each change of it shows in review; the verdicts are a reader's.

#[path = "../common/mod.rs"]
mod common;

mod repairs;
mod summary;
mod verdicts;

use std::path::Path;
use upbeat::finding::{Finding, Severity};
use upbeat::project::Inputs;
use upbeat::rules::Options;
use upbeat::source::{Sources, Store};

/// One finding, without its words.
struct Said {
    severity: Severity,
    rule: &'static str,
    path: String,
    line: usize,
}

impl Said {
    fn new(finding: &Finding, sources: &Sources) -> Self {
        let span = finding.primary.span;
        Self {
            severity: finding.severity,
            rule: finding.rule,
            path: sources.get(span.file).path().to_owned(),
            line: sources.start(span).line,
        }
    }

    /// `error[compose-error] compose.yml:3`.
    fn line(&self) -> String {
        let severity = self.severity.name();
        format!("{severity}[{}] {}:{}", self.rule, self.path, self.line)
    }
}

/// What is found in a folder, in the order of the report.
fn said(root: &Path) -> Vec<Said> {
    let checked = upbeat::check(Store::disk(root), &Inputs::default(), &Options::default());
    let sources = checked.project.store.sources();
    let findings = checked.findings.iter();
    findings
        .map(|finding| Said::new(finding, sources))
        .collect()
}

fn name(root: &Path) -> String {
    let name = root.file_name().expect("a folder's name");
    name.to_string_lossy().into_owned()
}

fn updates() -> bool {
    std::env::var_os("UPDATE").is_some()
}
