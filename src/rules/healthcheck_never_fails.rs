//! `healthcheck-never-fails`: a test that ends with 0 whatever it finds.

use super::shared::probe::{Probe, User, names, probes, services, stacks};
use super::{Context, Rule, stacks_note};
use crate::finding::{Finding, Label, Severity};
use serde_json::json;

/// Its row in the table.
pub(super) const RULE: Rule = Rule {
    name: "healthcheck-never-fails",
    severity: Severity::Warning,
    fix: None,
    group: "health",
    summary: "a test that succeeds whatever it finds",
    page: include_str!("../../rules/healthcheck-never-fails.md"),
    check,
};

pub(super) fn check(context: &Context, findings: &mut Vec<Finding>) {
    let probes = probes(context.project).into_iter();
    findings.extend(
        probes
            .filter(|probe| !can_fail(probe))
            .map(|probe| finding(context, &probe)),
    );
}

fn can_fail(probe: &Probe) -> bool {
    if let Some(outline) = probe.outline() {
        return outline.can_fail || outline.commands.is_empty();
    }
    let commands = probe.commands();
    !commands
        .iter()
        .any(|command| ["true", "echo"].contains(&command.program.as_str()))
}

fn finding(context: &Context, probe: &Probe) -> Finding {
    let users = &probe.users;
    let is_awaited = users.iter().find_map(User::awaited);
    let waits = is_awaited.map(|span| Label {
        span,
        text: "waits for the first probe, and for nothing else".to_owned(),
    });
    Finding {
        rule: RULE.name,
        severity: Severity::Warning,
        message: format!(
            "the test of {} never fails: it ends with 0 whatever it finds",
            services(users)
        ),
        primary: Label {
            span: probe.place,
            text: "always healthy after the first probe, unless it hangs".to_owned(),
        },
        labels: waits.into_iter().collect(),
        notes: vec![
            "a container with it is called healthy while its server is still starting, and after it has failed".to_owned(),
            "let the probe's own code through; to have no check at all, write `disable: true`, which says so".to_owned(),
            stacks_note(context.project, &stacks(users)),
        ],
        fix: None,
        data: json!({ "services": names(users), "stacks": stacks(users) }),
    }
}
