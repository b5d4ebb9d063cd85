//! `curl-without-fail`: a probe by curl that takes an answer of 500 for health.

use super::shared::probe::{
    CURL_VALUES, Command, Probe, is_open, long_option, names, probes, services, short_options,
    stacks,
};
use super::{Context, Rule, stacks_note};
use crate::finding::{Finding, Fix, Label, Safety, Severity};
use serde_json::json;

/// Its row in the table.
pub(super) const RULE: Rule = Rule {
    name: "curl-without-fail",
    severity: Severity::Warning,
    fix: Some(Safety::Unsafe),
    group: "health",
    summary: "a probe by curl that takes an answer of 500 for health",
    page: include_str!("../../rules/curl-without-fail.md"),
    check,
};

pub(super) fn check(context: &Context, findings: &mut Vec<Finding>) {
    for probe in probes(context.project) {
        if probe.outline().is_some_and(|outline| !outline.can_fail) {
            continue;
        }
        let commands = probe.commands();
        let alone = commands
            .iter()
            .all(|command| ["curl", "exit"].contains(&command.program.as_str()));
        let found = commands
            .iter()
            .find(|command| takes_every_answer(command, alone));
        if let Some(command) = found {
            findings.push(finding(context, &probe, command));
        }
    }
}

/// Whether curl succeeds here with whatever a server answers; `alone` where nothing else could look at its output.
fn takes_every_answer(command: &Command, alone: bool) -> bool {
    let arguments = &command.arguments;
    if command.program != "curl" || command.is_read || may_hold_options(arguments) {
        return false;
    }
    let short = short_options(arguments, CURL_VALUES);
    let has = |letter: char| short.iter().any(|(own, _)| *own == letter);
    let long = |name: &str| arguments.iter().any(|argument| argument.starts_with(name));
    // curl takes a long option that is cut short, too.
    if has('f') || long("--fa") || has('K') || long("--config") || has('V') || long("--version") {
        return false;
    }
    if has('w') || long("--write-out") {
        return false;
    }
    let file = short.iter().find(|(own, _)| *own == 'o');
    let file = file
        .and_then(|(_, file)| *file)
        .or_else(|| long_option(arguments, "--output"));
    let is_kept = has('O') || file.is_some_and(|file| !["/dev/null", "-"].contains(&file));
    if is_kept && !alone {
        return false;
    }
    let urls = arguments
        .iter()
        .filter(|argument| !argument.starts_with('-'));
    let mut others = urls.clone().filter(|url| is_of_another_protocol(url));
    others.next().is_none() && urls.count() > 0
}

fn is_of_another_protocol(url: &str) -> bool {
    let url = url.to_ascii_lowercase();
    match url.split_once("://") {
        Some((scheme, _)) => !["http", "https"].contains(&scheme),
        // curl goes by the name of the host then.
        None => ["ftp.", "dict.", "ldap.", "imap.", "smtp.", "pop3."]
            .iter()
            .any(|start| url.starts_with(start)),
    }
}

/// Whether a variable stands where options could come out of it.
fn may_hold_options(arguments: &[String]) -> bool {
    let mut takes_value = false;
    arguments.iter().any(|argument| {
        let is_value = takes_value;
        let last = argument.chars().last().unwrap_or(' ');
        takes_value =
            argument.starts_with("--") || (argument.starts_with('-') && CURL_VALUES.contains(last));
        !is_value && is_open(argument)
    })
}

fn finding(context: &Context, probe: &Probe, command: &Command) -> Finding {
    let users = &probe.users;
    let edit = probe.add_option(context.project, command, "-f");
    Finding {
        rule: RULE.name,
        severity: Severity::Warning,
        message: format!(
            "the test of {} takes every answer for health, a 500 too: curl has no --fail",
            services(users)
        ),
        primary: Label {
            span: probe.place,
            text: "curl ends with 0 as soon as a server answers, whatever it says".to_owned(),
        },
        labels: Vec::new(),
        notes: vec![
            "with -f (--fail) curl ends with 22 where the answer is 400 or above".to_owned(),
            stacks_note(context.project, &stacks(users)),
        ],
        fix: edit.map(|edit| Fix {
            title: "add -f to curl".to_owned(),
            safety: Safety::Unsafe,
            edits: vec![edit],
        }),
        data: json!({ "services": names(users), "stacks": stacks(users) }),
    }
}
