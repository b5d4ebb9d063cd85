//! The part of `wait-below-budget` that is about `--wait-timeout`.

use super::wait_timeout::{Command, Level, commands, levels, targets, too_early};
use crate::duration::{Seconds, round_up};
use crate::finding::{Edit, Finding, Fix, Label, Safety, Severity};
use crate::rules::{Context, stacks_note};
use crate::source::Span;
use serde_json::json;
use std::collections::BTreeMap;

pub(in crate::rules) fn check(context: &Context, findings: &mut Vec<Finding>) {
    let commands = commands(context);
    let mut by_place: BTreeMap<Span, Vec<&Command>> = BTreeMap::new();
    for command in commands.iter().filter(|command| is_certain(command)) {
        if !too_early(command).is_empty() {
            by_place.entry(command.place()).or_default().push(command);
        }
    }
    for commands in by_place.into_values() {
        let worst = commands.iter().max_by_key(|command| {
            let worst = too_early(command).first().map(|level| level.left);
            (command.start.can_fail, worst)
        });
        findings.extend(worst.and_then(|command| finding(context, command)));
    }
}

/// Whether all files of the stack are known. Else a number of them may stand where nobody can see it.
pub(in crate::rules) fn is_certain(command: &Command) -> bool {
    command.stack.missing.is_empty()
}

fn finding(context: &Context, command: &Command) -> Option<Finding> {
    let early = too_early(command);
    let worst = *early.first()?;
    let limit = command.limit;
    let (name, left) = (command.name(worst.service), worst.left);
    let words = command.level_words(worst);
    let message = format!(
        "--wait-timeout {limit} ends {words} after {limit}s, but the healthcheck of `{name}` allows {left}s{}",
        if worst.head > Seconds::ZERO {
            " from there"
        } else {
            ""
        }
    );
    let mut labels = command.labels(worst);
    labels.extend((command.place() != command.part.span).then(|| Label {
        span: command.part.span,
        text: "applies it to each wait for a dependency, and again at the end".to_owned(),
    }));
    let stack = std::slice::from_ref(&command.stack.files.name);
    let mut notes: Vec<String> = early.iter().map(|level| sum(command, level)).collect();
    notes.extend(crate::rules::assumed_note(
        early
            .iter()
            .map(|level| &command.stack.services[level.service]),
    ));
    notes.push(stacks_note(context.project, stack));
    let fix = fix(context, command);
    if fix.is_none() {
        notes.push("no fix is offered: no single literal sets this limit".to_owned());
    }
    Some(Finding {
        rule: "wait-below-budget",
        severity: if command.start.can_fail {
            Severity::Error
        } else {
            Severity::Warning
        },
        message,
        primary: Label {
            span: command.place(),
            text: format!("gives up after {limit}s"),
        },
        labels,
        notes,
        fix,
        data: json!({
            "wait_s": limit.as_f64(),
            "needed_s": left.as_f64(),
            "service": name,
            "waiter": worst.waiter.map(|waiter| command.name(waiter)),
            "stack": command.stack.files.name,
            "stacks": stack,
            "job": command.job,
            "step": command.part.step,
        }),
    })
}

/// `the wait of `web` for `db`: 80s = …`
fn sum(command: &Command, level: &Level) -> String {
    let name = command.name(level.service);
    let known = command.stack.services[level.service].known();
    let sum = known.map(|check| check.worst_sum().to_string());
    let passed = if level.head > Seconds::ZERO {
        format!(
            ", of which {}s at least have passed when it begins",
            level.head
        )
    } else {
        String::new()
    };
    let place = match level.waiter {
        Some(waiter) => format!("`{}` waits for `{name}`", command.name(waiter)),
        None => format!("all are started, `{name}` is waited for"),
    };
    format!(
        "{place}: its latest verdict is {}{passed}",
        sum.unwrap_or_default()
    )
}

/// The limit that every level needs, with all start periods of this run raised.
fn fix(context: &Context, command: &Command) -> Option<Fix> {
    let timeout = command.start.wait_timeout.as_ref()?;
    let knob = timeout.knob.as_ref().filter(|knob| knob.literal.verbatim)?;
    let repaired = command.stack.graph_with(&context.raised[command.index]);
    let closure = targets(command.start, &repaired);
    let needed = levels(&repaired, command.start, &closure);
    let needed = needed.iter().map(|level| level.left).max()?;
    let amount = round_up(needed.scaled(context.options.margin));
    let text = knob.set(amount)?;
    let subject = knob.variable().unwrap_or("--wait-timeout");
    (text != knob.literal.text).then(|| Fix {
        title: format!("raise {subject} to {text}"),
        safety: Safety::Safe,
        edits: vec![Edit {
            span: knob.literal.span,
            text,
            amount: Some(amount),
        }],
    })
}
