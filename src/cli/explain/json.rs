//! Explanations for programs: version 1. Lines and columns are from 1; what is not known is null.

use crate::escape;
use crate::explain::{Case, Cause, Change, Explanation, Figure, Step};
use crate::source::{Sources, Span};
use serde_json::{Value as Json, json};

/// One JSON document.
pub(super) fn render(explanations: &[Explanation], sources: &Sources) -> String {
    let explanations: Vec<Json> = explanations
        .iter()
        .map(|explanation| {
            let cases: Vec<Json> = explanation.cases.iter().map(|c| case(c, sources)).collect();
            json!({
                "text": explanation.text,
                "kind": explanation.kind,
                "meaning": explanation.meaning,
                "cases": cases,
                "notes": explanation.notes,
            })
        })
        .collect();
    let document = json!({ "version": 1, "explanations": explanations });
    let document = serde_json::to_string_pretty(&document).unwrap_or_default();
    format!("{}\n", escape::json(&document))
}

fn case(case: &Case, sources: &Sources) -> Json {
    let figures: Vec<Json> = case.figures.iter().map(|f| figure(f, sources)).collect();
    let causes: Vec<Json> = case.causes.iter().map(cause).collect();
    let next: Vec<Json> = case.next.iter().map(step).collect();
    let changes: Vec<Json> = case.changes.iter().map(|c| change(c, sources)).collect();
    json!({
        "stacks": case.stacks,
        "service": case.service,
        "figures": figures,
        "causes": causes,
        "next": next,
        "changes": changes,
    })
}

fn figure(figure: &Figure, sources: &Sources) -> Json {
    json!({
        "name": figure.name.replace(' ', "_"),
        "value": figure.value,
        "text": figure.text,
        "place": place(figure.place, sources),
    })
}

fn cause(cause: &Cause) -> Json {
    json!({
        "kind": cause.kind,
        "likelihood": cause.likelihood.name(),
        "title": cause.title,
        "because": cause.because,
    })
}

fn step(step: &Step) -> Json {
    json!({ "command": step.command, "tells": step.tells })
}

fn change(change: &Change, sources: &Sources) -> Json {
    let (rule, severity) = change.rule.unzip();
    json!({
        "title": change.title,
        "rule": rule,
        "severity": severity,
        "fix": change.safety,
        "place": place(change.place, sources),
    })
}

fn place(place: Option<Span>, sources: &Sources) -> Json {
    let Some(place) = place else {
        return Json::Null;
    };
    let start = sources.start(place);
    json!({
        "file": sources.get(place.file).path(),
        "line": start.line,
        "column": start.column,
    })
}
