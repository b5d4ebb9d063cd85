//! `one-shot-under-wait`: `docker compose up --wait` of a stack with a job in it that nobody waits for to complete.

use super::shared::jobs::{has_command, looks_like_job};
use super::shared::wait_timeout::targets;
use super::{Context, Rule, stacks_note};
use crate::clock::Condition;
use crate::compose::ServiceHealth;
use crate::finding::{Finding, Label, Severity};
use crate::project::{ActiveService, Project, Stack, Work};
use crate::source::Span;
use serde_json::json;
use std::collections::BTreeMap;

/// Its row in the table.
pub(super) const RULE: Rule = Rule {
    name: "one-shot-under-wait",
    severity: Severity::Warning,
    fix: None,
    group: "waits",
    summary: "a job under `up --wait` that nobody waits for to complete",
    page: include_str!("../../rules/one-shot-under-wait.md"),
    check,
};

pub(super) fn check(context: &Context, findings: &mut Vec<Finding>) {
    let mut found: BTreeMap<Span, (Span, Vec<String>)> = BTreeMap::new();
    let mut names: BTreeMap<Span, (String, Option<Span>)> = BTreeMap::new();
    let project = context.project;
    let parts = project.courses.iter().flat_map(|course| &course.parts);
    for part in parts {
        let Work::Up(start) = &part.work else {
            continue;
        };
        let Some(index) = start
            .stack
            .filter(|_| start.clear && start.waits && start.can_fail)
        else {
            continue;
        };
        let stack = &project.stacks[index];
        let inside = targets(start, &stack.graph);
        let services = stack.services.iter().zip(inside).enumerate();
        for (node, (service, _)) in services.filter(|(_, (_, inside))| *inside) {
            if is_one_shot(project, stack, node, service) {
                let key = service.service.key;
                let (_, stacks) = found.entry(key).or_insert((part.span, Vec::new()));
                if !stacks.contains(&stack.files.name) {
                    stacks.push(stack.files.name.clone());
                }
                let restart = service.service.restart.as_ref().map(|restart| restart.span);
                names.insert(key, (service.service.name.clone(), restart));
            }
        }
    }
    for (key, (command, stacks)) in found {
        if let Some((name, restart)) = names.get(&key) {
            findings.push(finding(context, key, command, &stacks, name, *restart));
        }
    }
}

/// Whether a service is a job: nothing brings it back, nobody can reach it or asks for its health, and its name or its command says so.
fn is_one_shot(project: &Project, stack: &Stack, node: usize, service: &ActiveService) -> bool {
    let nodes = stack.graph.nodes();
    let edges = nodes.iter().flat_map(|node| &node.needs);
    let is_awaited = edges
        .filter(|edge| edge.target == node)
        .any(|edge| edge.condition != Condition::Started);
    let own = &service.service;
    let is_quiet = matches!(own.health, ServiceHealth::Unset) && service.has_containers();
    if is_awaited || !is_quiet || !stack.missing.is_empty() || !looks_like_job(project, service) {
        return false;
    }
    // A name alone may be that of a program which goes on.
    own.restart.is_some() || has_command(project, service)
}

fn finding(
    context: &Context,
    key: Span,
    command: Span,
    stacks: &[String],
    name: &str,
    restart: Option<Span>,
) -> Finding {
    let mut labels = vec![Label {
        span: command,
        text: "waits until all services run or are healthy".to_owned(),
    }];
    labels.extend(restart.map(|span| Label {
        span,
        text: "nothing starts it again when it has ended well".to_owned(),
    }));
    Finding {
        rule: RULE.name,
        severity: Severity::Warning,
        message: format!(
            "`{name}` runs once and ends: `up --wait` fails if it has ended at the first look, and else takes its running for done"
        ),
        primary: Label {
            span: key,
            text: "nobody waits for it to complete".to_owned(),
        },
        labels,
        notes: vec![
            format!(
                "`depends_on: {{{name}: {{condition: service_completed_successfully}}}}` in a service that needs it makes `--wait` wait for its end, and ask for exit code 0"
            ),
            stacks_note(context.project, stacks),
        ],
        fix: None,
        data: json!({ "service": name, "stacks": stacks }),
    }
}
