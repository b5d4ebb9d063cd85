//! `readiness-as-health`: others wait for a service to be healthy, and its probe asks for life alone.

use super::shared::probe::{Probe, User, names, probes, services, stacks};
use super::{Context, Rule, stacks_note};
use crate::finding::{Finding, Label, Severity};
use serde_json::json;

/// Its row in the table.
pub(super) const RULE: Rule = Rule {
    name: "readiness-as-health",
    severity: Severity::Info,
    fix: None,
    group: "health",
    summary: "others wait for a service to be healthy whose probe asks for life alone",
    page: include_str!("../../rules/readiness-as-health.md"),
    check,
};

/// What paths are called that answer as soon as the process is there.
const LIFE: [&str; 5] = ["live", "livez", "liveness", "alive", "livecheck"];

pub(super) fn check(context: &Context, findings: &mut Vec<Finding>) {
    for probe in probes(context.project) {
        let Some(path) = probe.test.iter().find_map(|word| path_of_life(word)) else {
            continue;
        };
        let awaited = |user: &User| user.awaited().is_some();
        let users: Vec<User> = probe.users.iter().copied().filter(awaited).collect();
        if !users.is_empty() {
            findings.push(finding(context, &probe, &users, path));
        }
    }
}

/// The last part of an address in a word, where it asks for life.
fn path_of_life(word: &str) -> Option<&'static str> {
    let mut addresses = word.match_indices("://").map(|(at, sign)| {
        let rest = &word[at + sign.len()..];
        let ends = |c: char| c.is_whitespace() || "'\"?#;|&)>,`".contains(c);
        &rest[..rest.find(ends).unwrap_or(rest.len())]
    });
    addresses.find_map(|address| {
        let (_, path) = address.split_once('/')?;
        let last = path.trim_end_matches('/').rsplit('/').next()?;
        LIFE.into_iter().find(|life| *life == last)
    })
}

fn finding(context: &Context, probe: &Probe, users: &[User], path: &str) -> Finding {
    let awaited = users.iter().find_map(User::awaited);
    let label = awaited.map(|span| Label {
        span,
        text: "goes on as soon as the process lives".to_owned(),
    });
    Finding {
        rule: RULE.name,
        severity: Severity::Info,
        message: format!(
            "others wait for {} to be healthy, and its probe asks `/{path}`: whether it lives, not whether it is ready",
            services(users)
        ),
        primary: Label {
            span: probe.place,
            text: "may succeed before what the service needs is there".to_owned(),
        },
        labels: label.into_iter().collect(),
        notes: vec![
            "Docker has one probe for both questions, and `service_healthy` goes by it: let it ask for readiness".to_owned(),
            "outside Swarm Docker neither restarts an unhealthy container nor keeps requests from it, so a probe of readiness does no harm".to_owned(),
            stacks_note(context.project, &stacks(users)),
        ],
        fix: None,
        data: json!({ "services": names(users), "stacks": stacks(users), "path": path }),
    }
}
