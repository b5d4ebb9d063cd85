//! What was found, in the forms in which it is told: to people, in full or a line each, and to programs. Each form is made from the
//! findings themselves, none from another.
//!
//! The order of the findings is the caller's.

mod checkstyle;
mod excerpt;
mod format;
pub mod full;
mod github;
mod gitlab;
pub mod json;
mod junit;
mod links;
pub mod markdown;
mod rdjson;
mod sarif;
pub mod short;
mod wrap;

pub use format::{Format, Report, Style};
pub use links::Links;
pub use wrap::wrap;

use crate::finding::{Finding, Safety, Severity};
use serde::Serialize;
use std::fmt;

/// How much was found, and in how much.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Findings of severity error.
    pub errors: usize,
    /// Findings of severity warning.
    pub warnings: usize,
    /// Findings of severity info.
    pub infos: usize,
    /// Findings that `--fix` would mend.
    pub fixable: usize,
    /// Findings that `--fix` would mend with `--unsafe-fixes` only.
    #[serde(skip)]
    pub fixable_unsafely: usize,
    /// Files that were read.
    pub files: usize,
    /// Stacks that were judged.
    pub stacks: usize,
    /// Waits that were judged.
    pub waits: usize,
    /// Whether everything could be read.
    pub complete: bool,
}

impl Summary {
    /// Counts the findings of a run that has read `files`, `stacks` and `waits`, all of it if `complete`.
    pub fn new(
        findings: &[Finding],
        files: usize,
        stacks: usize,
        waits: usize,
        complete: bool,
    ) -> Self {
        let severity = |wanted| findings.iter().filter(|f| f.severity == wanted).count();
        let safety = |wanted| {
            let offered = findings.iter().filter_map(|f| f.fix.as_ref());
            offered.filter(|fix| fix.safety == wanted).count()
        };
        Self {
            errors: severity(Severity::Error),
            warnings: severity(Severity::Warning),
            infos: severity(Severity::Info),
            fixable: safety(Safety::Safe),
            fixable_unsafely: safety(Safety::Unsafe),
            files,
            stacks,
            waits,
            complete,
        }
    }

    fn found(&self) -> Vec<String> {
        let counts = [
            (self.errors, "error"),
            (self.warnings, "warning"),
            (self.infos, "info"),
        ];
        let some = counts.into_iter().filter(|(count, _)| *count > 0);
        some.map(|(count, name)| counted(count, name)).collect()
    }

    fn fixes(&self) -> Option<String> {
        match (self.fixable, self.fixable_unsafely) {
            (0, 0) => None,
            (safe, 0) => Some(format!("{safe} fixable with --fix")),
            (0, other) => Some(format!("{other} fixable with --fix --unsafe-fixes")),
            (safe, other) => Some(format!(
                "{safe} fixable with --fix, {other} more with --unsafe-fixes"
            )),
        }
    }
}

/// `1 wait`, `2 waits`.
fn counted(count: usize, name: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {name}{plural}")
}

/// The line that ends a report for people.
impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let found = self.found();
        if found.is_empty() {
            write!(f, "no findings: ")?;
        } else {
            write!(f, "{}", found.join(", "))?;
            if let Some(fixes) = self.fixes() {
                write!(f, " ({fixes})")?;
            }
            write!(f, " in ")?;
        }
        write!(
            f,
            "{}, {}, {}",
            counted(self.files, "file"),
            counted(self.stacks, "stack"),
            counted(self.waits, "wait")
        )?;
        if !self.complete {
            write!(f, "; not everything could be read")?;
        }
        Ok(())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::finding::{Edit, Fix, Label};
    use crate::source::{FileId, Sources, Span};

    /// The first place of `text` in a file.
    pub fn place(sources: &Sources, file: FileId, text: &str) -> Span {
        let start = sources
            .get(file)
            .text()
            .find(text)
            .expect("it stands there");
        Span::new(file, start..start + text.len())
    }

    pub fn label(span: Span, text: &str) -> Label {
        Label {
            span,
            text: text.to_owned(),
        }
    }

    /// A finding with nothing but a place and a message.
    pub fn finding(severity: Severity, primary: Label, message: &str) -> Finding {
        Finding {
            rule: "wait-below-budget",
            severity,
            message: message.to_owned(),
            primary,
            labels: Vec::new(),
            notes: Vec::new(),
            fix: None,
            data: serde_json::Value::Null,
        }
    }

    /// A wait of 120 s for a service that takes 140 s, told over two files.
    pub fn story() -> (Sources, Vec<Finding>) {
        let mut sources = Sources::default();
        let deploy = sources.add(
            ".github/workflows/deploy.yml",
            "jobs:\n  deploy:\n    steps:\n      - run: |\n          MAX_WAIT=120\n          ./wait.sh\n",
        );
        let compose = sources.add(
            "compose.yml",
            "services:\n  backend:\n    healthcheck:\n      interval: 45s\n      timeout: 5s\n      start_period: 90s\n",
        );
        let wait = place(&sources, deploy, "120");
        let mut found = finding(
            Severity::Error,
            label(wait, "gives up after 120s"),
            "MAX_WAIT=120 gives up before the stack may be healthy (planned 140s)",
        );
        found.labels = vec![
            label(place(&sources, compose, "90s"), "backend: 90s start_period"),
            label(place(&sources, compose, "45s"), "+ 45s interval"),
        ];
        found.notes = vec!["90 + 5 + 45 = 140s".to_owned()];
        found.fix = Some(Fix {
            title: "raise MAX_WAIT to 160".to_owned(),
            safety: Safety::Safe,
            edits: vec![Edit {
                span: wait,
                text: "160".to_owned(),
                amount: None,
            }],
        });
        found.data = serde_json::json!({ "budget_s": 140, "stack": "default" });
        (sources, vec![found])
    }

    /// Hands on a report of these findings.
    pub fn report<T>(
        findings: &[Finding],
        sources: &Sources,
        summary: &Summary,
        then: impl FnOnce(&Report) -> T,
    ) -> T {
        let trees = crate::yaml::Trees::default();
        then(&Report {
            findings,
            ignored: &[],
            sources,
            trees: &trees,
            summary,
            prefix: "",
        })
    }

    /// The findings in a form.
    pub fn rendered(
        findings: &[Finding],
        sources: &Sources,
        format: Format,
        style: Style,
    ) -> String {
        let summary = Summary::new(findings, 2, 1, 1, true);
        let mut out = Vec::new();
        report(findings, sources, &summary, |report| {
            report.render(format, style, &mut out).expect("written");
        });
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn the_summary_reads_as_a_sentence() {
        let summary = Summary {
            errors: 2,
            warnings: 1,
            fixable: 2,
            files: 4,
            stacks: 1,
            waits: 0,
            complete: true,
            ..Summary::default()
        };
        let text = "2 errors, 1 warning (2 fixable with --fix) in 4 files, 1 stack, 0 waits";
        assert_eq!(summary.to_string(), text);
        let more = Summary {
            fixable_unsafely: 1,
            complete: false,
            ..summary
        };
        assert_eq!(
            more.to_string(),
            "2 errors, 1 warning (2 fixable with --fix, 1 more with --unsafe-fixes) in 4 files, 1 stack, 0 waits; not everything could be read"
        );
        let clean = Summary::new(&[], 4, 2, 2, true);
        assert_eq!(clean.to_string(), "no findings: 4 files, 2 stacks, 2 waits");
    }

    #[test]
    fn the_summary_counts() {
        let (_, mut findings) = story();
        let mut other = findings[0].clone();
        other.severity = Severity::Info;
        other.fix.as_mut().unwrap().safety = Safety::Display;
        findings.push(other);
        let summary = Summary::new(&findings, 2, 1, 1, true);
        assert_eq!((summary.errors, summary.warnings, summary.infos), (1, 0, 1));
        assert_eq!((summary.fixable, summary.fixable_unsafely), (1, 0));
    }
}
