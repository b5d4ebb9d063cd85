//! `unknown-timing`: what hangs on variables and files that only the server knows.

use super::{Context, Rule, list};
use crate::compose::{HealthField, Role, Value, Why};
use crate::finding::{Finding, Label, Severity};
use serde_json::json;
use std::collections::BTreeSet;

/// Its row in the table.
pub(super) const RULE: Rule = Rule {
    name: "unknown-timing",
    severity: Severity::Info,
    fix: None,
    group: "timing",
    summary: "timing that hangs on a variable or a file which is not here",
    page: include_str!("../../rules/unknown-timing.md"),
    check,
};

pub(super) fn check(context: &Context, findings: &mut Vec<Finding>) {
    absent_files(context, findings);
    unread_files(context, findings);
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
            rule: RULE.name,
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

/// A file that is named and that is not read, since it does not stand in the project.
fn unread_files(context: &Context, findings: &mut Vec<Finding>) {
    let mut seen = BTreeSet::new();
    let stacks = context.project.stacks.iter();
    for unread in stacks.flat_map(|stack| &stack.unread) {
        if !seen.insert((unread.span, &unread.written)) {
            continue;
        }
        let follows = match unread.role {
            Role::Include => "the services that it includes are unknown",
            Role::Extends => "what is extended is unknown",
            Role::EnvFile => "the variables that it sets are unknown",
            Role::Folder => "where the paths below it lead is unknown",
            Role::Stack => "the stack is judged without it",
        };
        let advice = match &unread.why {
            Why::Outside => {
                "to read it as well: --allow-outside, or run upbeat on the folder that holds both"
                    .to_owned()
            }
            Why::Remote => "with a copy of it in the project it would be judged".to_owned(),
            Why::Unknown(names) => format!(
                "set {} in .env, or name the file that sets it (--env-file)",
                list(names)
            ),
        };
        findings.push(Finding {
            rule: RULE.name,
            severity: Severity::Info,
            message: format!("{}: {follows}", unread.words()),
            primary: Label {
                span: unread.span,
                text: String::new(),
            },
            labels: Vec::new(),
            notes: vec![advice],
            fix: None,
            data: json!({ "file": unread.written, "remote": unread.why == Why::Remote }),
        });
    }
}

fn finding(service: &str, key: &str, names: &[String], value: &Value) -> Finding {
    let names_words = list(names);
    let is = if names.len() == 1 { "is" } else { "are" };
    let default = match key {
        "start_period" => "90s",
        "interval" => "10s",
        "retries" => "3",
        _ => "5s",
    };
    Finding {
        rule: RULE.name,
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
            "set {names_words} in .env, give a default (`${{{}:-{default}}}`), or name the file that sets it (--env-file)",
            names.first().map_or("NAME", String::as_str)
        )],
        fix: None,
        data: json!({ "service": service, "field": key, "variables": names }),
    }
}
