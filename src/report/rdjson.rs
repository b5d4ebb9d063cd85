//! reviewdog's diagnostics, which it makes comments of on all code hosts. Messages are Markdown there, and columns count bytes.

use super::format::{Report, offered, page};
use super::markdown;
use crate::escape;
use crate::finding::{Finding, Label, Severity};
use crate::source::{Columns, Span};
use serde::Serialize;
use std::io;

#[derive(Serialize)]
struct Document<'a> {
    source: Source,
    diagnostics: Vec<Diagnostic<'a>>,
}

#[derive(Serialize)]
struct Source {
    name: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'static str>,
}

#[derive(Serialize)]
struct Diagnostic<'a> {
    message: String,
    location: Location,
    severity: &'static str,
    code: Code<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suggestions: Vec<Suggestion>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Related>,
}

#[derive(Serialize)]
struct Location {
    path: String,
    range: Range,
}

#[derive(Serialize)]
struct Range {
    start: Position,
    end: Position,
}

#[derive(Serialize)]
struct Position {
    line: usize,
    column: usize,
}

#[derive(Serialize)]
struct Code<'a> {
    value: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
}

#[derive(Serialize)]
struct Suggestion {
    range: Range,
    text: String,
}

#[derive(Serialize)]
struct Related {
    message: String,
    location: Location,
}

/// Writes one JSON document.
pub fn render(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let url = env!("CARGO_PKG_REPOSITORY");
    let document = Document {
        source: Source {
            name: "upbeat",
            url: (!url.is_empty()).then_some(url),
        },
        diagnostics: report
            .findings
            .iter()
            .map(|finding| diagnostic(finding, report))
            .collect(),
    };
    let document = serde_json::to_string_pretty(&document)?;
    out.write_all(escape::json(&document).as_bytes())?;
    out.write_all(b"\n")
}

fn diagnostic<'a>(finding: &'a Finding, report: &Report) -> Diagnostic<'a> {
    let related = |label: &Label| Related {
        message: markdown::text(&label.text),
        location: location(label.span, report),
    };
    Diagnostic {
        message: markdown::text(&finding.message),
        location: location(finding.primary.span, report),
        severity: match finding.severity {
            Severity::Error => "ERROR",
            Severity::Warning => "WARNING",
            Severity::Info => "INFO",
        },
        code: Code {
            value: finding.rule,
            url: page(finding.rule),
        },
        suggestions: suggestion(finding, report).into_iter().collect(),
        related_locations: finding.labels.iter().map(related).collect(),
    }
}

fn location(span: Span, report: &Report) -> Location {
    Location {
        path: report.shown(span.file),
        range: range(span, report),
    }
}

fn range(span: Span, report: &Report) -> Range {
    let [start, end] = report.ends(span, Columns::Bytes).map(|at| Position {
        line: at.line,
        column: at.column,
    });
    Range { start, end }
}

/// The fix as one replacement in the finding's own file: several suggestions would be as many choices, and a fix in several files is none
/// that can be taken as a whole.
fn suggestion(finding: &Finding, report: &Report) -> Option<Suggestion> {
    let fix = offered(finding)?;
    let file = report.sources.get(finding.primary.span.file);
    let mut edits: Vec<_> = fix.edits.iter().collect();
    edits.sort_by_key(|edit| edit.span);
    let (first, last) = (edits.first()?.span, edits.last()?.span);
    let elsewhere = edits
        .iter()
        .any(|edit| edit.span.file != finding.primary.span.file);
    // What stands between several edits of a file of secrets is not to be repeated.
    if elsewhere || (edits.len() > 1 && file.is_concealed()) {
        return None;
    }
    let mut text = String::new();
    let mut at = first.range().start;
    for edit in edits {
        text.push_str(file.text().get(at..edit.span.range().start)?);
        text.push_str(&edit.text);
        at = edit.span.range().end;
    }
    Some(Suggestion {
        range: range(first.to(last), report),
        text,
    })
}

#[cfg(test)]
mod tests {
    use super::super::format::{Format, Style};
    use super::super::tests::{place, rendered, story};
    use super::*;
    use crate::finding::Edit;
    use crate::source::Sources;
    use serde_json::Value;

    fn suggestions(findings: &[Finding], sources: &Sources) -> Value {
        let text = rendered(findings, sources, Format::Rdjson, Style::default());
        let document: Value = serde_json::from_str(&text).unwrap();
        document["diagnostics"][0]["suggestions"].clone()
    }

    #[test]
    fn several_edits_are_one_suggestion_and_columns_count_bytes() {
        let (mut sources, mut findings) = story();
        let file = sources.add("é.yml", "é: 1 # ü\nb: 2\n");
        let at = place(&sources, file, "1");
        findings[0].primary.span = at;
        let edit = |text: &str, new: &str| Edit {
            span: place(&sources, file, text),
            text: new.to_owned(),
            amount: None,
        };
        let edits = vec![edit("2", "20"), edit("1", "10")];
        findings[0].fix.as_mut().unwrap().edits = edits;
        let expected = serde_json::json!([{
            "range": { "start": { "line": 1, "column": 5 }, "end": { "line": 2, "column": 5 } },
            "text": "10 # ü\nb: 20",
        }]);
        assert_eq!(suggestions(&findings, &sources), expected);
        sources.get(file).conceal();
        assert_eq!(suggestions(&findings, &sources), Value::Null);
    }

    #[test]
    fn a_fix_of_another_file_is_no_suggestion() {
        let (sources, mut findings) = story();
        findings[0].primary = findings[0].labels[0].clone();
        assert_eq!(suggestions(&findings, &sources), Value::Null);
    }
}
