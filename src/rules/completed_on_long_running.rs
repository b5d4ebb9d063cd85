//! `completed-on-long-running`: a service waits for the end of one that goes on until it is stopped.

use super::shared::awaited::{Awaited, awaited};
use super::shared::jobs::{GoesOn, goes_on};
use super::{Context, Rule, stacks_note};
use crate::compose::Condition;
use crate::finding::{Finding, Fix, Label, Safety, Severity};
use serde_json::json;

/// Its row in the table.
pub(super) const RULE: Rule = Rule {
    name: "completed-on-long-running",
    severity: Severity::Warning,
    fix: Some(Safety::Unsafe),
    group: "dependencies",
    summary: "a wait for the end of a service that goes on",
    page: include_str!("../../rules/completed-on-long-running.md"),
    check,
};

pub(super) fn check(context: &Context, findings: &mut Vec<Finding>) {
    let found = awaited(context, Condition::Completed, |_, target| {
        goes_on(target).is_some()
    });
    findings.extend(found.iter().filter_map(|awaited| finding(context, awaited)));
}

fn finding(context: &Context, awaited: &Awaited) -> Option<Finding> {
    let (waiter, target) = (&awaited.waiter.service.name, &awaited.target.service.name);
    let goes_on = goes_on(awaited.target)?;
    let is_server = !matches!(goes_on, GoesOn::Restarted(_));
    let (why, label, advice) = match goes_on {
        GoesOn::Restarted(restart) => (
            format!("is started again however it ends (`{}`)", restart.policy),
            Label {
                span: restart.span,
                text: format!("starts `{target}` again whenever it ends"),
            },
            "a job has no `restart`, or `on-failure`; what is meant to go on is waited for with `service_healthy` or `service_started`".to_owned(),
        ),
        GoesOn::Server(image) => (
            format!("runs the server of `{image}`"),
            Label {
                span: awaited.target.service.key,
                text: "no command is written that would end".to_owned(),
            },
            "what goes on is waited for with `service_healthy` or `service_started`".to_owned(),
        ),
        GoesOn::Idle(span) => (
            "has a command that never ends".to_owned(),
            Label {
                span,
                text: "goes on until it is stopped".to_owned(),
            },
            "what goes on is waited for with `service_healthy` or `service_started`".to_owned(),
        ),
    };
    let edit = awaited.wait_for_health(context).filter(|_| is_server);
    Some(Finding {
        rule: RULE.name,
        severity: Severity::Warning,
        message: format!(
            "`{waiter}` waits for `{target}` to complete, and `{target}` {why}: `docker compose up` waits for ever"
        ),
        primary: Label {
            span: awaited.dependency.span,
            text: "no limit ends this wait".to_owned(),
        },
        labels: vec![label],
        notes: vec![advice, stacks_note(context.project, &awaited.stacks)],
        fix: edit.map(|edit| Fix {
            title: format!("wait for `{target}` to be healthy: service_healthy"),
            safety: Safety::Unsafe,
            edits: vec![edit],
        }),
        data: json!({ "service": waiter, "dependency": target, "stacks": awaited.stacks }),
    })
}
