//! `healthcheck-disabled-but-awaited`: a service waits for another one to be healthy whose healthcheck is switched off.

use super::shared::awaited::{Awaited, awaited};
use super::{Context, Rule, stacks_note};
use crate::compose::{Condition, ServiceHealth};
use crate::finding::{Finding, Label, Severity};
use serde_json::json;

/// Its row in the table.
pub(super) const RULE: Rule = Rule {
    name: "healthcheck-disabled-but-awaited",
    severity: Severity::Error,
    fix: None,
    group: "dependencies",
    summary: "a wait for a service to be healthy whose healthcheck is switched off",
    page: include_str!("../../rules/healthcheck-disabled-but-awaited.md"),
    check,
};

pub(super) fn check(context: &Context, findings: &mut Vec<Finding>) {
    let found = awaited(context, Condition::Healthy, |_, target| {
        matches!(target.service.health, ServiceHealth::Disabled(_))
    });
    findings.extend(found.iter().filter_map(|awaited| finding(context, awaited)));
}

fn finding(context: &Context, awaited: &Awaited) -> Option<Finding> {
    let ServiceHealth::Disabled(off) = awaited.target.service.health else {
        return None;
    };
    let (waiter, target) = (&awaited.waiter.service.name, &awaited.target.service.name);
    Some(Finding {
        rule: RULE.name,
        severity: Severity::Error,
        message: format!(
            "`{waiter}` waits for `{target}` to be healthy, and the healthcheck of `{target}` is switched off: `docker compose up` fails"
        ),
        primary: Label {
            span: awaited.dependency.span,
            text: format!("`{target}` has no health that it could get"),
        },
        labels: vec![Label {
            span: off,
            text: format!("`{target}`: switched off here"),
        }],
        notes: vec![
            format!(
                "Compose says `container … has no healthcheck configured` and ends with 1; switch the healthcheck of `{target}` on, or wait with `condition: service_started`"
            ),
            stacks_note(context.project, &awaited.stacks),
        ],
        fix: None,
        data: json!({ "service": waiter, "dependency": target, "stacks": awaited.stacks }),
    })
}
