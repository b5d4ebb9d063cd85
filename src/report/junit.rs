//! Findings as test results, which most CI servers show.
//!
//! Errors and warnings are failed tests, advice is a passed one with its words, and what a comment silences is skipped. The first test says
//! whether everything could be read, so that a clean run is a passed one and not an empty one.

use super::format::{Report, fix_words};
use crate::escape::xml;
use crate::finding::{Finding, Label, Severity};
use std::io;

/// Writes one XML document.
pub fn render(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let is_failure = |finding: &&Finding| finding.severity > Severity::Info;
    let counts = format!(
        r#"tests="{}" failures="{}" errors="{}" skipped="{}""#,
        report.findings.len() + report.ignored.len() + 1,
        report.findings.iter().filter(is_failure).count(),
        usize::from(!report.summary.complete),
        report.ignored.len()
    );
    writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
    writeln!(out, r#"<testsuites name="upbeat" {counts}>"#)?;
    writeln!(out, r#"  <testsuite name="upbeat" {counts}>"#)?;
    let complete = r#"    <testcase name="everything could be read" classname="upbeat""#;
    if report.summary.complete {
        writeln!(out, "{complete}/>")?;
    } else {
        writeln!(out, "{complete}>")?;
        writeln!(
            out,
            r#"      <error type="incomplete" message="not everything could be read"/>"#
        )?;
        writeln!(out, "    </testcase>")?;
    }
    for finding in report.findings {
        open(finding, report, out)?;
        if is_failure(&finding) {
            writeln!(
                out,
                r#"      <failure type="{}" message="{}">{}</failure>"#,
                finding.severity.name(),
                xml(&finding.message),
                body(finding, report)
            )?;
        } else {
            let body = body(finding, report);
            writeln!(out, "      <system-out>{body}</system-out>")?;
        }
        writeln!(out, "    </testcase>")?;
    }
    for ignored in report.ignored {
        open(&ignored.finding, report, out)?;
        let reason = xml(&ignored.reason);
        writeln!(out, r#"      <skipped message="{reason}"/>"#)?;
        writeln!(out, "    </testcase>")?;
    }
    writeln!(out, "  </testsuite>")?;
    writeln!(out, "</testsuites>")
}

fn open(finding: &Finding, report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let span = finding.primary.span;
    let at = report.sources.start(span);
    let path = xml(&report.path(span.file));
    writeln!(
        out,
        r#"    <testcase name="{} ({path}:{}:{})" classname="upbeat.{}" file="{path}" line="{}">"#,
        finding.rule, at.line, at.column, finding.rule, at.line
    )
}

/// The message, the places and the advice, a line each. None begins with what a file says: a CI runner may take that for a command.
fn body(finding: &Finding, report: &Report) -> String {
    let place = |label: &Label| {
        let place = report.place(label.span);
        let text = if label.text.is_empty() {
            place
        } else {
            format!("{place}: {}", label.text)
        };
        format!("at {text}")
    };
    let mut lines = vec![format!("{}: {}", finding.severity.name(), finding.message)];
    lines.push(place(&finding.primary));
    lines.extend(finding.labels.iter().map(place));
    lines.extend(finding.notes.iter().map(|note| format!("= {note}")));
    lines.extend(finding.fix.as_ref().map(fix_words));
    let lines: Vec<String> = lines.iter().map(|line| xml(line)).collect();
    lines.join("\n")
}
