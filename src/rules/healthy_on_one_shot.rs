//! `healthy-on-one-shot`: a service waits for a job to be healthy, which runs once and ends.

use super::healthy_without_healthcheck;
use super::shared::awaited::{Awaited, awaited};
use super::shared::jobs::{may_stay, works_and_ends};
use super::{Context, Rule, stacks_note};
use crate::compose::{Condition, Dependency, ServiceHealth};
use crate::finding::{Finding, Fix, Label, Safety, Severity};
use crate::project::{ActiveService, Stack};
use serde_json::json;

/// Its row in the table.
pub(super) const RULE: Rule = Rule {
    name: "healthy-on-one-shot",
    severity: Severity::Warning,
    fix: Some(Safety::Unsafe),
    group: "dependencies",
    summary: "a wait for a job to be healthy, which runs once and ends",
    page: include_str!("../../rules/healthy-on-one-shot.md"),
    check,
};

pub(super) fn check(context: &Context, findings: &mut Vec<Finding>) {
    let found = awaited(context, Condition::Healthy, |stack, target| {
        may_be_healthy(stack, target) && is_job(context, stack, target)
    });
    findings.extend(found.iter().map(|awaited| finding(context, awaited)));
}

/// Whether it has a healthcheck, or its image may bring one: what has none for sure is told by other rules.
fn may_be_healthy(stack: &Stack, target: &ActiveService) -> bool {
    !matches!(target.service.health, ServiceHealth::Disabled(_))
        && healthy_without_healthcheck::why(stack, target).is_none()
}

/// Whether a service is a job, since it looks like one or since another service waits for its end and nothing shows that it stays.
pub(super) fn is_job(context: &Context, stack: &Stack, target: &ActiveService) -> bool {
    let project = context.project;
    works_and_ends(project, target)
        || (completion(stack, target).is_some() && !may_stay(project, target))
}

/// Another service's wait for the end of a service that nothing starts again then.
fn completion<'a>(
    stack: &'a Stack,
    target: &ActiveService,
) -> Option<(&'a ActiveService, &'a Dependency)> {
    let restart = target.service.restart.as_ref();
    if restart.is_some_and(|restart| restart.brings_back(0)) {
        return None;
    }
    let pairs = stack.services.iter().flat_map(|waiter| {
        let dependencies = waiter.service.depends_on.iter();
        dependencies.map(move |dependency| (waiter, dependency))
    });
    pairs.into_iter().find(|(_, dependency)| {
        dependency.service == target.service.name && dependency.condition == Condition::Completed
    })
}

fn finding(context: &Context, awaited: &Awaited) -> Finding {
    let (waiter, target) = (&awaited.waiter.service.name, &awaited.target.service.name);
    let stacks = context.project.stacks.iter();
    let mut stacks = stacks.filter(|stack| awaited.stacks.contains(&stack.files.name));
    let completion = stacks.find_map(|stack| completion(stack, awaited.target));
    let works = works_and_ends(context.project, awaited.target);
    let label = match completion {
        Some((other, dependency)) => Label {
            span: dependency.span,
            text: format!("`{}` waits for `{target}` to end", other.service.name),
        },
        None => Label {
            span: awaited.target.service.key,
            text: format!("`{target}` does its work and ends"),
        },
    };
    // Who waits for its end may mean the end of a server, that somebody stops.
    let (severity, message) = if works {
        let why = format!("`{target}` runs once and ends");
        let fails = "`docker compose up` fails unless a probe succeeds before that";
        (
            Severity::Warning,
            format!("`{waiter}` waits for `{target}` to be healthy, and {why}: {fails}"),
        )
    } else {
        (
            Severity::Info,
            format!(
                "`{waiter}` waits for `{target}` to be healthy, and somebody else waits for its end: if it ends by itself, `docker compose up` fails unless a probe succeeds before that"
            ),
        )
    };
    let edit = awaited.wait_for(context, Condition::Completed, |_, target| {
        works_and_ends(context.project, target)
    });
    Finding {
        rule: RULE.name,
        severity,
        message,
        primary: Label {
            span: awaited.dependency.span,
            text: format!("has to be seen while `{target}` runs"),
        },
        labels: vec![label],
        notes: vec![
            "Compose looks every 0.5s; once the container has ended it says `container … exited (0)` and ends with 1, although the job went well".to_owned(),
            stacks_note(context.project, &awaited.stacks),
        ],
        fix: edit.map(|edit| Fix {
            title: format!("wait for `{target}` to complete: service_completed_successfully"),
            safety: Safety::Unsafe,
            edits: vec![edit],
        }),
        data: json!({ "service": waiter, "dependency": target, "stacks": awaited.stacks }),
    }
}
