//! `health-field-invalid`: a value that Docker refuses.

use super::{Context, Rule};
use crate::compose::{HealthField, Value};
use crate::finding::{Edit, Finding, Fix, Label, Safety, Severity};
use crate::source::Span;
use crate::yaml;
use serde_json::json;
use std::collections::BTreeSet;

/// Its row in the table.
pub(super) const RULE: Rule = Rule {
    name: "health-field-invalid",
    severity: Severity::Error,
    fix: Some(Safety::Unsafe),
    group: "health",
    summary: "a healthcheck field that Docker refuses",
    page: include_str!("../../rules/health-field-invalid.md"),
    check,
};

pub(super) fn check(context: &Context, findings: &mut Vec<Finding>) {
    let mut seen = BTreeSet::new();
    for stack in &context.project.stacks {
        for service in &stack.services {
            let Some(check) = service.check() else {
                continue;
            };
            let mut invalid: Vec<(&str, &String, &Option<String>, &Value)> = Vec::new();
            for (key, field) in check.durations() {
                if let HealthField::Invalid(message, suggestion, value) = field {
                    invalid.push((key, message, suggestion, value));
                }
            }
            if let HealthField::Invalid(message, suggestion, value) = &check.retries {
                invalid.push(("retries", message, suggestion, value));
            }
            for (key, message, suggestion, value) in invalid {
                if seen.insert(value.place()) {
                    findings.push(finding(
                        context,
                        &service.service.name,
                        key,
                        message,
                        suggestion.as_deref(),
                        value,
                    ));
                }
            }
        }
    }
}

fn finding(
    context: &Context,
    service: &str,
    key: &str,
    wrong: &str,
    suggestion: Option<&str>,
    value: &Value,
) -> Finding {
    let place = value.place();
    let wanted = if key == "retries" {
        "a whole number, such as 3"
    } else {
        "a number with its unit, such as 90s or 1m30s"
    };
    Finding {
        rule: "health-field-invalid",
        severity: Severity::Error,
        message: format!("{key} of `{service}`: {wrong}; Docker refuses it"),
        primary: Label {
            span: place,
            text: match suggestion {
                Some(suggestion) => format!("write {suggestion}"),
                None => String::new(),
            },
        },
        labels: Vec::new(),
        notes: vec![format!("{key} wants {wanted}")],
        fix: suggestion.and_then(|text| fix(context, place, value, text)),
        data: json!({ "service": service, "field": key, "suggestion": suggestion }),
    }
}

/// What was meant is a guess, if a good one.
fn fix(context: &Context, place: Span, value: &Value, text: &str) -> Option<Fix> {
    let project = context.project;
    let edit = match value.scalar().map(|_| value.pieces())? {
        [] => {
            let tree = project.trees.get(value.span.file)?;
            yaml::replace_scalar(
                tree,
                project.store.sources().get(value.span.file),
                value.node,
                text,
            )
            .ok()?
        }
        [piece] if piece.verbatim => Edit {
            span: place,
            text: text.to_owned(),
            amount: None,
        },
        _ => return None,
    };
    Some(Fix {
        title: format!("write {text}"),
        safety: Safety::Unsafe,
        edits: vec![edit],
    })
}
