//! `probe-without-limit`: a probe's own time limit lies above the `timeout` of the healthcheck, so that it never counts.

use super::shared::probe::{
    CURL_VALUES, Command, Probe, User, long_option, names, probes, seconds, services,
    short_options, stacks,
};
use super::{Context, Rule, stacks_note};
use crate::clock::{HealthCheck, Quantity};
use crate::duration::Seconds;
use crate::finding::{Finding, Label, Severity};
use crate::project::part_place;
use serde_json::json;

/// Its row in the table.
pub(super) const RULE: Rule = Rule {
    name: "probe-without-limit",
    severity: Severity::Info,
    fix: None,
    group: "health",
    summary: "a probe whose own time limit lies above the healthcheck's timeout",
    page: include_str!("../../rules/probe-without-limit.md"),
    check,
};

pub(super) fn check(context: &Context, findings: &mut Vec<Finding>) {
    for probe in probes(context.project) {
        let commands = probe.commands();
        let limits = commands.iter().filter_map(|command| {
            let limit = own_limit(command)?;
            Some((limit, command))
        });
        let Some((limit, command)) = limits.max_by_key(|(limit, _)| *limit) else {
            continue;
        };
        let is_late = |user: &User| {
            let check = user.service.known();
            check.is_some_and(|check| check.timeout < limit)
        };
        let users: Vec<User> = probe.users.iter().copied().filter(is_late).collect();
        let timeouts = users.iter().filter_map(|user| user.service.known());
        if let Some(timeout) = timeouts.map(|check| check.timeout).min() {
            findings.push(finding(context, &probe, &users, command, limit, timeout));
        }
    }
}

/// The limit that a command sets itself.
pub(super) fn own_limit(command: &Command) -> Option<Seconds> {
    let arguments = &command.arguments;
    let short = |letters: &str, letter: char| {
        let options = short_options(arguments, letters);
        let found = options.iter().find(|(own, _)| *own == letter);
        found.and_then(|(_, value)| *value)
    };
    let long = |name: &str| long_option(arguments, name);
    let own = match command.program.as_str() {
        "curl" => long("--max-time").or_else(|| short(CURL_VALUES, 'm')),
        "wget" => long("--timeout").or_else(|| short("aADeiIoOPQRStTUwXY", 'T')),
        "pg_isready" => long("--timeout").or_else(|| short("dhptU", 't')),
        _ => None,
    };
    let own = own.and_then(seconds);
    match (own, command.limit) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

fn finding(
    context: &Context,
    probe: &Probe,
    users: &[User],
    command: &Command,
    limit: Seconds,
    timeout: Seconds,
) -> Finding {
    let place = users
        .iter()
        .find_map(|user| part_place(user.service, Quantity::Timeout));
    let is_default = place.is_none() && timeout == HealthCheck::DEFAULT_TIMEOUT;
    let timeout_words = if is_default {
        format!("{timeout}s, Docker's default")
    } else {
        format!("{timeout}s")
    };
    let label = place.map(|span| Label {
        span,
        text: format!("Docker kills it after {timeout}s"),
    });
    Finding {
        rule: RULE.name,
        severity: Severity::Info,
        message: format!(
            "the probe of {} gives itself {limit}s, and the healthcheck's timeout is {timeout_words}: its own limit never counts",
            services(users)
        ),
        primary: Label {
            span: probe.place,
            text: format!("`{}` would give up after {limit}s", command.program),
        },
        labels: label.into_iter().collect(),
        notes: vec![
            format!(
                "a probe that Docker kills leaves no word of its own in the health log; a limit below {timeout}s lets it say what went wrong"
            ),
            stacks_note(context.project, &stacks(users)),
        ],
        fix: None,
        data: json!({
            "services": names(users),
            "stacks": stacks(users),
            "limit_s": limit.as_f64(),
            "timeout_s": timeout.as_f64(),
        }),
    }
}
