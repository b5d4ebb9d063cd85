//! `probe-localhost-ipv6`: busybox takes `localhost` for `::1`, where the server listens on IPv4 alone.

use super::shared::probe::{Command, Probe, User, names, probes, services, stacks};
use super::{Context, Rule, stacks_note};
use crate::finding::{Finding, Label, Severity};
use crate::project::Ipv4;
use serde_json::json;

/// Its row in the table.
pub(super) const RULE: Rule = Rule {
    name: "probe-localhost-ipv6",
    severity: Severity::Info,
    fix: None,
    group: "health",
    summary: "a probe of `localhost` that asks ::1, where the server listens on IPv4 alone",
    page: include_str!("../../rules/probe-localhost-ipv6.md"),
    check,
};

pub(super) fn check(context: &Context, findings: &mut Vec<Finding>) {
    for probe in probes(context.project) {
        let commands = probe.commands();
        let Some((command, asked)) = commands
            .iter()
            .find_map(|command| Some((command, asks_localhost(command)?)))
        else {
            continue;
        };
        let listens = |user: &User| server(context, user, asked.port).is_some();
        let users: Vec<User> = probe.users.iter().copied().filter(listens).collect();
        let Some(server) = users
            .first()
            .and_then(|user| server(context, user, asked.port))
        else {
            continue;
        };
        findings.push(finding(context, &probe, &users, command, server));
    }
}

/// A server on `localhost`.
#[derive(Clone, Copy)]
struct Asked {
    /// Its port, where that is known.
    port: Option<u16>,
}

/// The server on `localhost` that busybox's wget is to ask; `None` where it asks something else.
fn asks_localhost(command: &Command) -> Option<Asked> {
    if command.program != "wget" {
        return None;
    }
    let mut urls = command.arguments.iter().filter_map(|argument| {
        let host = argument.strip_prefix("http://").unwrap_or(argument);
        let host = host.split(['/', '?']).next()?;
        let port = match host.strip_prefix("localhost")? {
            "" => Some(80),
            port => port.strip_prefix(':')?.parse().ok(),
        };
        Some(Asked { port })
    });
    urls.next()
}

/// What tells the server of a service to listen on IPv4 alone, where its wget is known to be busybox's.
fn server<'a>(context: &Context, user: &User<'a>, port: Option<u16>) -> Option<&'a Ipv4> {
    let entry = user.service.entry.as_ref()?;
    let image = entry
        .base
        .as_ref()
        .or(user.service.service.image.as_ref())?;
    if !image.contains("alpine") && !image.contains("busybox") {
        return None;
    }
    let installs = entry.check().map(|check| check.span.file);
    let sources = context.project.store.sources();
    let has_own_wget = installs.is_some_and(|file| {
        let lines = sources.get(file).text().lines();
        let mut lines = lines.filter(|line| !line.contains("--spider") && !line.contains("http"));
        lines.any(|line| line.split_whitespace().any(|word| word == "wget"))
    });
    let told = entry.ipv4.as_ref()?;
    let is_it = told.port.is_none() || port.is_none() || told.port == port;
    (is_it && !has_own_wget).then_some(told)
}

fn finding(
    context: &Context,
    probe: &Probe,
    users: &[User],
    command: &Command,
    server: &Ipv4,
) -> Finding {
    let label = server.place.map(|span| Label {
        span,
        text: "listens on IPv4 alone".to_owned(),
    });
    Finding {
        rule: RULE.name,
        severity: Severity::Info,
        message: format!(
            "the probe of {} asks `localhost`, which busybox takes for ::1, and the server listens on 0.0.0.0",
            services(users)
        ),
        primary: Label {
            span: probe.place,
            text: format!(
                "`{}` of Alpine tries the first address of the name, and no other",
                command.program
            ),
        },
        labels: label.into_iter().collect(),
        notes: vec![
            "where /etc/hosts gives `localhost` both addresses, ::1 comes first, and nobody listens there: connection refused".to_owned(),
            "write 127.0.0.1".to_owned(),
            stacks_note(context.project, &stacks(users)),
        ],
        fix: None,
        data: json!({ "services": names(users), "stacks": stacks(users) }),
    }
}
