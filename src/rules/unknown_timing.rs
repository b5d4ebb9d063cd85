//! `unknown-timing`: what hangs on variables and files that only the server knows.

use super::{Context, list};
use crate::compose::{HealthField, Value};
use crate::finding::{Finding, Label, Severity};
use serde_json::json;
use std::collections::BTreeSet;

pub(super) fn check(context: &Context, findings: &mut Vec<Finding>) {
    absent_files(context, findings);
    let mut seen = BTreeSet::new();
    for stack in &context.project.stacks {
        for service in &stack.services {
            let Some(check) = service.check() else {
                continue;
            };
            let mut unknown: Vec<(&str, &Vec<String>, &Value)> = Vec::new();
            for (key, field) in check.durations() {
                if let HealthField::Unknown(names, value) = field {
                    unknown.push((key, names, value));
                }
            }
            if let HealthField::Unknown(names, value) = &check.retries {
                unknown.push(("retries", names, value));
            }
            for (key, names, value) in unknown {
                if seen.insert(value.span) {
                    findings.push(finding(&service.service.name, key, names, value));
                }
            }
        }
    }
}

/// A file that only the server has, once a name.
fn absent_files(context: &Context, findings: &mut Vec<Finding>) {
    let mut seen = BTreeSet::new();
    for absent in &context.project.absent {
        if !seen.insert(&absent.file) {
            continue;
        }
        findings.push(Finding {
            rule: "unknown-timing",
            severity: Severity::Info,
            message: format!(
                "`{}` is not in this project: the stack of this command is not judged",
                absent.file
            ),
            primary: Label {
                span: absent.span,
                text: String::new(),
            },
            labels: Vec::new(),
            notes: vec!["what stands in the project can be judged with -f FILE -f FILE".to_owned()],
            fix: None,
            data: json!({ "file": absent.file }),
        });
    }
}

fn finding(service: &str, key: &str, names: &[String], value: &Value) -> Finding {
    let names_words = list(names);
    let is = if names.len() == 1 { "is" } else { "are" };
    Finding {
        rule: "unknown-timing",
        severity: Severity::Info,
        message: format!(
            "{key} of `{service}` hangs on {names_words}, which {is} set nowhere here: its timing is not judged"
        ),
        primary: Label {
            span: value.span,
            text: String::new(),
        },
        labels: Vec::new(),
        notes: vec![format!(
            "set {names_words} in .env, give a default (`${{{}:-90s}}`), or name the file that sets it (--env-file)",
            names.first().map_or("NAME", String::as_str)
        )],
        fix: None,
        data: json!({ "service": service, "field": key, "variables": names }),
    }
}
