//! What a check tells: findings, what was read, the exit code.

use super::arguments::Check;
use super::error::Error;
use super::output::{Outlets, Stream};
use super::roots::{self, Root};
use super::{CLEAN, FINDINGS, INCOMPLETE};
use crate::finding::Finding;
use crate::project::Project;
use crate::report::Report;
use crate::rules::Ignored;

/// Prints what is reported, and what is ignored to programs.
pub(super) fn print_findings(
    (findings, ignored): (&[Finding], &[Ignored]),
    project: &Project,
    check: &Check,
    root: &Root,
    stream: Stream,
) -> Result<(), Error> {
    let summary = crate::summary(project, findings);
    let report = Report {
        findings,
        ignored,
        sources: project.store.sources(),
        trees: &project.trees,
        summary: &summary,
        prefix: &roots::prefix(root),
    };
    Outlets::new(check, &root.folder, stream).print(&report)
}

pub(super) fn exit_code(findings: &[Finding], project: &Project, check: &Check) -> u8 {
    if !project.obstacles.is_empty() {
        INCOMPLETE
    } else if findings
        .iter()
        .any(|finding| check.fail_on.counts(finding.severity))
    {
        FINDINGS
    } else {
        CLEAN
    }
}

/// What was read, and how many findings comments silence, in lines.
pub(super) fn what_was_read(project: &Project, ignored: usize) -> String {
    let mut lines = Vec::new();
    let sources = project.store.sources();
    for stack in &project.stacks {
        let why = stack.files.reason.words(sources);
        let line = format!(
            "stack {}: {} ({why})",
            stack.files.name,
            stack.files.files.join(" + ")
        );
        lines.push(crate::escape::line(&line).into_owned());
    }
    for sequence in &project.sequences {
        let stack = &project.stacks[sequence.stack].files.name;
        for wait in &sequence.waits {
            let at = sources.start(wait.span);
            let path = sources.get(wait.span.file).path();
            let line = format!(
                "wait {path}:{}: {}s, job {}, stack {stack}",
                at.line,
                wait.budget,
                sequence.job.as_deref().unwrap_or("-")
            );
            lines.push(crate::escape::line(&line).into_owned());
        }
    }
    lines.push(format!(
        "{} of {} waits are tied to a stack",
        project
            .sequences
            .iter()
            .map(|s| s.waits.len())
            .sum::<usize>(),
        project.waits.len()
    ));
    if ignored > 0 {
        let plural = if ignored == 1 { "" } else { "s" };
        lines.push(format!("{ignored} finding{plural} ignored by comments"));
    }
    lines.push(String::new());
    lines.join("\n")
}
