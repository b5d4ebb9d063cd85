//! `sleep-instead-of-wait`: a bare sleep behind `up -d`, where Docker itself could tell when the stack is healthy.

use super::{Context, OptionKind, Rule, RuleOption, list};
use crate::clock::{BudgetModel, Condition};
use crate::duration::Seconds;
use crate::finding::{Finding, Label, Severity};
use crate::project::{Clock, Listed, Stack, Up};
use crate::shell::Form;
use crate::source::Span;
use serde_json::json;
use std::collections::BTreeMap;

const NAME: &str = "sleep-instead-of-wait";

/// Its row in the table.
pub(super) const RULE: Rule = Rule {
    name: NAME,
    severity: Severity::Info,
    fix: None,
    group: "waits",
    summary: "a bare sleep where `up --wait` would know when the stack is healthy",
    page: include_str!("../../rules/sleep-instead-of-wait.md"),
    check,
};

/// What can be said to it.
pub(super) const OPTIONS: [RuleOption; 1] = [LEAST];

const LEAST: RuleOption = RuleOption {
    name: "least",
    about: "a shorter sleep is no wait for a start",
    kind: OptionKind::Length(Some(Seconds::new(5))),
};

pub(super) fn check(context: &Context, findings: &mut Vec<Finding>) {
    let waits = &context.project.waits;
    let mut by_place: BTreeMap<Span, Vec<&Listed>> = BTreeMap::new();
    for wait in waits.iter().filter(|wait| wait.form == Form::Sleep) {
        by_place.entry(wait.span).or_default().push(wait);
    }
    for sleeps in by_place.into_values() {
        let found: Option<Vec<Finding>> = sleeps
            .iter()
            .map(|sleep| judge(context, waits, sleep))
            .collect();
        findings.extend(found.into_iter().flatten().next());
    }
}

fn judge(context: &Context, waits: &[Listed], sleep: &Listed) -> Option<Finding> {
    let (length, up) = (sleep.budget?, sleep.up.as_ref()?);
    let stack = &context.project.stacks[sleep.stack?];
    let least = context.options.length(NAME, &LEAST);
    if least.is_some_and(|least| length < least)
        || sleep.is_apart
        || sleep.is_used
        || up.waits
        || !up.detaches
    {
        return None;
    }
    let others = waits.iter().filter(|other| other.group == sleep.group);
    let mut others = others.filter(|other| other.form != Form::Sleep || other.is_used);
    // Another wait for it, or for something that is not known, may be the real one.
    if others.any(|other| other.stack == sleep.stack || other.stack.is_none()) {
        return None;
    }
    // `up --wait` fails over a service that is meant to end.
    let mut edges = stack.graph.nodes().iter().flat_map(|node| &node.needs);
    if edges.any(|edge| edge.condition == Condition::Completed) {
        return None;
    }
    let started = stack.graph.closure(&up.services);
    let services = stack.services.iter().zip(started);
    let checked: Vec<String> = services
        .filter(|(service, started)| *started && matches!(service.clock, Clock::Known(_)))
        .map(|(service, _)| service.service.name.clone())
        .collect();
    (!checked.is_empty()).then(|| finding(context, sleep, up, stack, length, &checked))
}

fn finding(
    context: &Context,
    sleep: &Listed,
    up: &Up,
    stack: &Stack,
    length: Seconds,
    checked: &[String],
) -> Finding {
    let written = context.project.store.sources().text(up.span);
    let words: Vec<&str> = written
        .split_whitespace()
        .filter(|word| *word != "\\")
        .collect();
    let command = words.join(" ");
    let planned = stack.graph.budget(BudgetModel::Planned, &up.services);
    let worst = stack.graph.budget(BudgetModel::Worst, &up.services);
    let least = if planned.at_least { "at least " } else { "" };
    Finding {
        rule: NAME,
        severity: Severity::Info,
        message: format!(
            "this sleep hopes that {length}s are enough: `up --wait` returns as soon as {} healthy, and fails if that never comes",
            are(checked)
        ),
        primary: Label {
            span: sleep.span,
            text: format!("{length}s, whatever happens"),
        },
        labels: vec![Label {
            span: up.span,
            text: format!(
                "starts `{}`, and does not wait for all of it",
                stack.files.name
            ),
        }],
        notes: vec![
            format!(
                "its healthchecks allow {least}{}s (planned), {least}{}s at worst",
                planned.total, worst.total
            ),
            format!("`{command} --wait`, and no sleep"),
        ],
        fix: None,
        data: json!({
            "sleep_s": length.as_f64(),
            "planned_s": planned.total.as_f64(),
            "worst_s": worst.total.as_f64(),
            "stack": stack.files.name,
            "services": checked,
        }),
    }
}

fn are(names: &[String]) -> String {
    match names {
        [_] => format!("{} is", list(names)),
        [_, _] | [_, _, _] => format!("{} are", list(names)),
        _ => format!("all {} services with a healthcheck are", names.len()),
    }
}

/// Takes out what a stronger rule says of the same sleep: that it is too short.
pub(super) fn leave_to_stronger(findings: &mut Vec<Finding>) {
    let stronger = findings
        .iter()
        .filter(|finding| finding.rule == "wait-below-budget");
    let places: Vec<Span> = stronger.map(|finding| finding.primary.span).collect();
    findings.retain(|finding| {
        let own = finding.primary.span;
        let inside = |place: &Span| {
            place.file == own.file && place.start >= own.start && place.end <= own.end
        };
        finding.rule != NAME || !places.iter().any(inside)
    });
}
