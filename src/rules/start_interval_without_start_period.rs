//! `start-interval-without-start-period`: a `start_interval` that Compose refuses, since nothing says when the start is over.

use super::{Context, Rule, stacks_note};
use crate::compose::{HealthField, Value};
use crate::finding::{Finding, Label, Severity};
use crate::project::ActiveService;
use crate::source::Span;
use serde_json::json;
use std::collections::BTreeMap;

/// Its row in the table.
pub(super) const RULE: Rule = Rule {
    name: "start-interval-without-start-period",
    severity: Severity::Error,
    fix: None,
    group: "timing",
    summary: "a start_interval without the start_period that it needs",
    page: include_str!("../../rules/start-interval-without-start-period.md"),
    check,
};

pub(super) fn check(context: &Context, findings: &mut Vec<Finding>) {
    let mut found: BTreeMap<Span, (&ActiveService, &Value, Vec<String>)> = BTreeMap::new();
    let stacks = context.project.stacks.iter();
    for stack in stacks.filter(|stack| stack.missing.is_empty()) {
        for service in &stack.services {
            // Compose looks at what is written alone, whatever the image says (v2.40.3, pkg/compose/convert.go).
            let Some(check) = service.check() else {
                continue;
            };
            if let (HealthField::Known(_, value), HealthField::Absent) =
                (&check.start_interval, &check.start_period)
            {
                let entry = found.entry(value.place());
                let (told, _, stacks) = entry.or_insert((service, value, Vec::new()));
                // Several services may share the place: one of those that are not off is named.
                if context.is_off(RULE.name, value.place(), &told.service.name) {
                    *told = service;
                }
                stacks.push(stack.files.name.clone());
            }
        }
    }
    for (place, (service, value, stacks)) in found {
        let name = &service.service.name;
        findings.push(Finding {
            rule: RULE.name,
            severity: Severity::Error,
            message: format!(
                "`{name}` has a start_interval and no start_period: `docker compose up` refuses it"
            ),
            primary: Label {
                span: place,
                text: format!("a probe every {} while it starts, and nothing says how long that is", value.written()),
            },
            labels: Vec::new(),
            notes: vec![
                "Compose says `healthcheck.start_interval requires healthcheck.start_period to be set`; write a start_period that is longer than the slowest start, or leave start_interval out".to_owned(),
                stacks_note(context.project, &stacks),
            ],
            fix: None,
            data: json!({ "service": name, "stacks": stacks }),
        });
    }
}
