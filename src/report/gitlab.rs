//! GitLab's code quality report: what a merge request shows of a branch, and the diff of it.

use super::format::Report;
use crate::escape;
use crate::finding::Severity;
use serde::Serialize;
use std::io;

#[derive(Serialize)]
struct Issue<'a> {
    description: String,
    check_name: &'a str,
    /// Must be unique in a report: of two that share it one is dropped.
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: usize,
    end: usize,
}

/// Writes one JSON document.
pub fn render(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let (fingerprints, _) = report.fingerprints();
    let findings = report.findings.iter().zip(fingerprints);
    let issues = findings.map(|(finding, fingerprint)| {
        let span = finding.primary.span;
        Issue {
            description: escape::line(&finding.message).into_owned(),
            check_name: finding.rule,
            fingerprint,
            severity: match finding.severity {
                Severity::Error => "major",
                Severity::Warning => "minor",
                Severity::Info => "info",
            },
            location: Location {
                path: report.shown(span.file),
                lines: Lines {
                    begin: report.sources.start(span).line,
                    end: report.sources.end(span).line,
                },
            },
        }
    });
    let document = serde_json::to_string_pretty(&issues.collect::<Vec<_>>())?;
    out.write_all(escape::json(&document).as_bytes())?;
    out.write_all(b"\n")
}
