//! `wait-timeout-races`: a `--wait-timeout` that may pass at the moment of a verdict.

use super::shared::wait_timeout::{Command, Level, commands, too_early};
use super::shared::wait_timeout_below::is_certain;
use super::{Context, Rule, stacks_note};
use crate::finding::{Finding, Label, Severity};
use serde_json::json;
use std::collections::BTreeSet;

/// Its row in the table.
pub(super) const RULE: Rule = Rule {
    name: "wait-timeout-races",
    severity: Severity::Warning,
    fix: None,
    group: "waits",
    summary: "a `--wait-timeout` that may pass at the moment of a verdict",
    page: include_str!("../../rules/wait-timeout-races.md"),
    check,
};

pub(super) fn check(context: &Context, findings: &mut Vec<Finding>) {
    let commands = commands(context);
    // The stronger rule speaks of these, in whichever job.
    let judged = |command: &&Command| is_certain(command) && !too_early(command).is_empty();
    let judged: BTreeSet<_> = commands.iter().filter(judged).map(Command::place).collect();
    let mut seen = BTreeSet::new();
    for command in &commands {
        let place = command.place();
        if judged.contains(&place) || !command.start.can_fail {
            continue;
        }
        let reached = command
            .levels
            .iter()
            .filter(|level| level.left >= command.limit);
        if let Some(level) = reached.max_by_key(|level| level.left)
            && seen.insert(place)
        {
            findings.push(finding(context, command, level));
        }
    }
}

fn finding(context: &Context, command: &Command, level: &Level) -> Finding {
    let (limit, left) = (command.limit, level.left);
    let name = command.name(level.service);
    let how = if left == limit { "just when" } else { "before" };
    let stack = std::slice::from_ref(&command.stack.files.name);
    let mut notes = vec![
        "Compose looks twice a second, and the limit is a whole number of seconds: at that moment it may take the wait for satisfied and exit with 0".to_owned(),
        "a limit above the latest verdict never comes into play; or ask `docker inspect` for the health behind the command".to_owned(),
    ];
    notes.extend(super::assumed_note(
        [&command.stack.services[level.service]],
    ));
    notes.push(stacks_note(context.project, stack));
    notes.extend(super::start_period_below_startup::incomplete_note(
        &command.stack.missing,
    ));
    Finding {
        rule: RULE.name,
        severity: Severity::Warning,
        message: format!(
            "--wait-timeout {limit} ends {} {how} the latest verdict on `{name}` falls ({left}s): the exit code is not to be trusted",
            command.level_words(level)
        ),
        primary: Label {
            span: command.place(),
            text: format!("passes after {limit}s"),
        },
        labels: command.labels(level),
        notes,
        fix: None,
        data: json!({
            "wait_s": limit.as_f64(),
            "verdict_s": left.as_f64(),
            "service": name,
            "stack": command.stack.files.name,
            "stacks": stack,
        }),
    }
}
