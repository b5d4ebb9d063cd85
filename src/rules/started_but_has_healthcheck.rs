//! `started-but-has-healthcheck`: a service waits only for the start of a store whose health could be waited for.

use super::shared::awaited::{Awaited, awaited};
use super::shared::images::{is_looker, is_store};
use super::shared::jobs::looks_like_job;
use super::{Context, Rule, stacks_note};
use crate::compose::Condition;
use crate::finding::{Edit, Finding, Fix, Label, Safety, Severity};
use crate::project::{ActiveService, Stack};
use crate::source::Span;
use serde_json::json;
use std::collections::BTreeMap;

/// Its row in the table.
pub(super) const RULE: Rule = Rule {
    name: "started-but-has-healthcheck",
    severity: Severity::Info,
    fix: Some(Safety::Unsafe),
    group: "dependencies",
    summary: "a wait for the start alone of a database that has a healthcheck",
    page: include_str!("../../rules/started-but-has-healthcheck.md"),
    check,
};

/// More places of others are not shown.
const SHOWN: usize = 3;

pub(super) fn check(context: &Context, findings: &mut Vec<Finding>) {
    let found = awaited(context, Condition::Started, |_, target| {
        target.known().is_some() && is_of_store(target)
    });
    let mut by_target: BTreeMap<Span, Vec<Awaited>> = BTreeMap::new();
    for awaited in found {
        if needs_it_ready(context, &awaited) {
            let key = awaited.target.service.key;
            by_target.entry(key).or_default().push(awaited);
        }
    }
    for all in by_target.into_values() {
        // Whoever a comment or the settings leave out is left out alone.
        let (loud, silent): (Vec<Awaited>, Vec<Awaited>) = all.into_iter().partition(|one| {
            let (place, waiter) = (one.dependency.span, &one.waiter.service.name);
            context.reports(RULE.name, place, waiter)
        });
        findings.extend(finding(context, &loud));
        let silent = silent.chunks(1);
        findings.extend(silent.filter_map(|one| finding(context, one)));
    }
}

fn is_of_store(service: &ActiveService) -> bool {
    service.service.image.as_deref().is_some_and(is_store)
}

/// Whether a service may come to grief where what it depends on is not ready, and nothing else keeps it from that.
fn needs_it_ready(context: &Context, awaited: &Awaited) -> bool {
    let (waiter, target) = (awaited.waiter, awaited.target);
    let image = waiter.service.image.as_deref();
    // The client of a store comes in its image at times, to set it up; other stores do not need it at their start.
    let is_store = is_of_store(waiter) && !looks_like_job(context.project, waiter);
    let looks_on = image.is_some_and(is_looker) || is_store;
    let waits_itself = waiter
        .entry
        .as_ref()
        .is_some_and(|entry| entry.waits_for(&target.service.name));
    let stacks = context.project.stacks.iter();
    let mut stacks = stacks.filter(|stack| awaited.stacks.contains(&stack.files.name));
    let is_held =
        stacks.all(|stack| comes_back_unseen(stack, waiter) || is_behind(stack, waiter, target));
    !looks_on && !waits_itself && !is_held && awaited.is_written(context)
}

/// Whether a crash of a service is mended by its next start, and nobody waits for it who could see it.
fn comes_back_unseen(stack: &Stack, waiter: &ActiveService) -> bool {
    let restart = waiter.service.restart.as_ref();
    let returns = restart.is_some_and(|restart| restart.brings_back(1));
    let edges = stack.services.iter();
    let mut edges = edges.flat_map(|service| &service.service.depends_on);
    returns
        && edges
            .all(|edge| edge.service != waiter.service.name || edge.condition == Condition::Started)
}

/// Whether something else that a service waits for has waited for the health of the target: then that has been there.
fn is_behind(stack: &Stack, waiter: &ActiveService, target: &ActiveService) -> bool {
    let mut open = vec![waiter];
    let mut seen = vec![&waiter.service.name];
    while let Some(service) = open.pop() {
        for edge in &service.service.depends_on {
            let is_target = edge.service == target.service.name;
            if is_target && edge.condition == Condition::Healthy {
                return true;
            }
            let next = stack.index(&edge.service);
            if let Some(next) = next.map(|index| &stack.services[index])
                && !is_target
                && !seen.contains(&&next.service.name)
            {
                seen.push(&next.service.name);
                open.push(next);
            }
        }
    }
    false
}

fn finding(context: &Context, all: &[Awaited]) -> Option<Finding> {
    let (first, others) = all.split_first()?;
    let target = &first.target.service.name;
    let mut waiters: Vec<&str> = all.iter().map(|one| &*one.waiter.service.name).collect();
    waiters.sort_unstable();
    waiters.dedup();
    let name = &first.waiter.service.name;
    let more = match waiters.len() {
        1 => format!("`{name}` waits"),
        2 => format!("`{name}` and 1 other service wait"),
        many => format!("`{name}` and {} other services wait", many - 1),
    };
    // Several services may have one list.
    let mut places: BTreeMap<Span, Vec<&str>> = BTreeMap::new();
    for other in others {
        if other.dependency.span != first.dependency.span {
            let names = places.entry(other.dependency.span).or_default();
            names.push(&other.waiter.service.name);
        }
    }
    let mut labels: Vec<Label> = Vec::new();
    labels.extend(first.target.check().map(|check| Label {
        span: check.key,
        text: format!("tells when `{target}` is ready, and nobody asks"),
    }));
    labels.extend(places.iter().take(SHOWN).map(|(span, names)| Label {
        span: *span,
        text: format!("so does `{}`", names.join("`, `")),
    }));
    let mut stacks: Vec<String> = Vec::new();
    for stack in all.iter().flat_map(|one| &one.stacks) {
        if !stacks.contains(stack) {
            stacks.push(stack.clone());
        }
    }
    let edits = edits(context, all);
    Some(Finding {
        rule: RULE.name,
        severity: Severity::Info,
        message: format!(
            "{more} only until `{target}` has been started, and not until its healthcheck passes: `{target}` may not answer yet"
        ),
        primary: Label {
            span: first.dependency.span,
            text: "does not wait until it is healthy".to_owned(),
        },
        labels,
        notes: vec![
            "a container counts as started as soon as its process runs; one that has to make its data first answers much later".to_owned(),
            stacks_note(context.project, &stacks),
        ],
        fix: (!edits.is_empty()).then(|| Fix {
            title: format!("wait for `{target}` to be healthy: service_healthy"),
            safety: Safety::Unsafe,
            edits,
        }),
        data: json!({ "services": waiters, "dependency": target, "stacks": stacks }),
    })
}

/// The edits for those who wait, as far as they can be made.
fn edits(context: &Context, all: &[Awaited]) -> Vec<Edit> {
    let mut edits: Vec<Edit> = Vec::new();
    for edit in all.iter().filter_map(|one| one.wait_for_health(context)) {
        if !edits.contains(&edit) {
            edits.push(edit);
        }
    }
    edits
}
