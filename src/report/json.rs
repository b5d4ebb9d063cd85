//! The findings for programs: `--format json` of `upbeat check`, version 1.
//!
//! Lines and columns are from 1, columns in characters; offsets of bytes are from 0. What is not known is null.

use super::Summary;
use crate::escape;
use crate::finding::{Edit, Finding, Fix, Label, Safety, Severity};
use crate::rules::Ignored;
use crate::source::{Sources, Span};
use serde::Serialize;
use std::io;

/// The version of the shape; fields may be added within it.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Report<'a> {
    version: u32,
    findings: Vec<FindingJson<'a>>,
    ignored: Vec<IgnoredJson<'a>>,
    summary: &'a Summary,
}

#[derive(Serialize)]
struct FindingJson<'a> {
    rule: &'a str,
    severity: Severity,
    message: &'a str,
    #[serde(flatten)]
    place: Place<'a>,
    labels: Vec<LabelJson<'a>>,
    notes: &'a [String],
    fix: Option<FixJson<'a>>,
    data: &'a serde_json::Value,
}

/// A finding that a comment silences.
#[derive(Serialize)]
struct IgnoredJson<'a> {
    #[serde(flatten)]
    finding: FindingJson<'a>,
    reason: &'a str,
    comment: Place<'a>,
}

#[derive(Serialize)]
struct Place<'a> {
    file: &'a str,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
}

#[derive(Serialize)]
struct LabelJson<'a> {
    #[serde(flatten)]
    place: Place<'a>,
    text: &'a str,
}

#[derive(Serialize)]
struct FixJson<'a> {
    title: &'a str,
    safety: Safety,
    edits: Vec<EditJson<'a>>,
}

#[derive(Serialize)]
struct EditJson<'a> {
    file: &'a str,
    start: u32,
    end: u32,
    line: usize,
    column: usize,
    text: &'a str,
}

/// Writes one JSON document.
pub fn render(
    findings: &[Finding],
    ignored: &[Ignored],
    sources: &Sources,
    summary: &Summary,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let report = Report {
        version: VERSION,
        findings: findings.iter().map(|f| finding(f, sources)).collect(),
        ignored: ignored.iter().map(|one| silenced(one, sources)).collect(),
        summary,
    };
    let document = serde_json::to_string_pretty(&report)?;
    out.write_all(escape::json(&document).as_bytes())?;
    out.write_all(b"\n")
}

fn finding<'a>(finding: &'a Finding, sources: &'a Sources) -> FindingJson<'a> {
    FindingJson {
        rule: finding.rule,
        severity: finding.severity,
        message: &finding.message,
        place: place(finding.primary.span, sources),
        labels: finding.labels.iter().map(|l| label(l, sources)).collect(),
        notes: &finding.notes,
        fix: finding.fix.as_ref().map(|f| fix(f, sources)),
        data: &finding.data,
    }
}

fn silenced<'a>(ignored: &'a Ignored, sources: &'a Sources) -> IgnoredJson<'a> {
    IgnoredJson {
        finding: finding(&ignored.finding, sources),
        reason: &ignored.reason,
        comment: place(ignored.comment, sources),
    }
}

fn place(span: Span, sources: &Sources) -> Place<'_> {
    let (start, end) = (sources.start(span), sources.end(span));
    Place {
        file: sources.get(span.file).path(),
        line: start.line,
        column: start.column,
        end_line: end.line,
        end_column: end.column,
    }
}

fn label<'a>(label: &'a Label, sources: &'a Sources) -> LabelJson<'a> {
    LabelJson {
        place: place(label.span, sources),
        text: &label.text,
    }
}

fn fix<'a>(fix: &'a Fix, sources: &'a Sources) -> FixJson<'a> {
    FixJson {
        title: &fix.title,
        safety: fix.safety,
        edits: fix.edits.iter().map(|e| edit(e, sources)).collect(),
    }
}

fn edit<'a>(edit: &'a Edit, sources: &'a Sources) -> EditJson<'a> {
    let start = sources.start(edit.span);
    EditJson {
        file: sources.get(edit.span.file).path(),
        start: edit.span.start,
        end: edit.span.end,
        line: start.line,
        column: start.column,
        text: &edit.text,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{finding, label, place, story};
    use super::*;

    fn rendered(findings: &[Finding], sources: &Sources) -> String {
        let summary = Summary::new(findings, 2, 1, 1, true);
        let mut out = Vec::new();
        render(findings, &[], sources, &summary, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_shape_is_the_documented_one() {
        let (sources, findings) = story();
        let expected = r#"{
  "version": 1,
  "findings": [
    {
      "rule": "wait-below-budget",
      "severity": "error",
      "message": "MAX_WAIT=120 gives up before the stack may be healthy (planned 140s)",
      "file": ".github/workflows/deploy.yml",
      "line": 5,
      "column": 20,
      "end_line": 5,
      "end_column": 23,
      "labels": [
        {
          "file": "compose.yml",
          "line": 6,
          "column": 21,
          "end_line": 6,
          "end_column": 24,
          "text": "backend: 90s start_period"
        },
        {
          "file": "compose.yml",
          "line": 4,
          "column": 17,
          "end_line": 4,
          "end_column": 20,
          "text": "+ 45s interval"
        }
      ],
      "notes": [
        "90 + 5 + 45 = 140s"
      ],
      "fix": {
        "title": "raise MAX_WAIT to 160",
        "safety": "safe",
        "edits": [
          {
            "file": ".github/workflows/deploy.yml",
            "start": 61,
            "end": 64,
            "line": 5,
            "column": 20,
            "text": "160"
          }
        ]
      },
      "data": {
        "budget_s": 140,
        "stack": "default"
      }
    }
  ],
  "ignored": [],
  "summary": {
    "errors": 1,
    "warnings": 0,
    "infos": 0,
    "fixable": 1,
    "files": 2,
    "stacks": 1,
    "waits": 1,
    "complete": true
  }
}
"#;
        assert_eq!(rendered(&findings, &sources), expected);
    }

    #[test]
    fn what_is_not_known_is_null_and_values_survive() {
        let mut sources = Sources::default();
        let path = "a\u{202e}\u{85}\x1b\"\\.yml";
        let file = sources.add(path, "é: 1\n");
        let at = label(place(&sources, file, "1"), "");
        let text = rendered(&[finding(Severity::Warning, at, "x\n::error::")], &sources);
        assert!(!text.contains(|c| c != '\n' && escape::is_hostile(c)));
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        let found = &value["findings"][0];
        assert_eq!(found["file"], path);
        assert_eq!(found["message"], "x\n::error::");
        assert_eq!((&found["line"], &found["column"]), (&1.into(), &4.into()));
        assert!(found.get("fix").is_some_and(serde_json::Value::is_null));
        assert!(found.get("data").is_some_and(serde_json::Value::is_null));
    }
}
