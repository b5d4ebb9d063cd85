//! `cmd-shell-orphan`: a hung probe below a shell costs two more seconds, where that is much.

use super::probe_without_limit::own_limit;
use super::shared::probe::{Command, Probe, User, names, probes, services, stacks};
use super::{Context, Rule, stacks_note};
use crate::clock::HealthCheck;
use crate::duration::Seconds;
use crate::finding::{Finding, Label, Severity};
use serde_json::json;

/// Its row in the table.
pub(super) const RULE: Rule = Rule {
    name: "cmd-shell-orphan",
    severity: Severity::Info,
    fix: None,
    group: "health",
    summary: "a hung probe that outlives its shell, where that moves the verdict much",
    page: include_str!("../../rules/cmd-shell-orphan.md"),
    check,
};

/// How long the engine waits at most for what an orphan still prints (v28.5.2 container/stream/streams.go, `Wait`).
const ORPHAN: Seconds = Seconds::new(2);

/// Programs that wait for an answer.
const ASKING: [&str; 13] = [
    "curl",
    "wget",
    "nc",
    "http",
    "grpc_health_probe",
    "redis-cli",
    "valkey-cli",
    "mysqladmin",
    "mysql",
    "psql",
    "mongosh",
    "rabbitmq-diagnostics",
    "kafka-topics.sh",
];

pub(super) fn check(context: &Context, findings: &mut Vec<Finding>) {
    for probe in probes(context.project) {
        let commands = probe.commands();
        let is_script = probe.script().is_some();
        let forked = commands.iter().find(|command| {
            is_script && command.is_forked && ASKING.contains(&command.program.as_str())
        });
        let Some(command) = forked else {
            continue;
        };
        let matters = |user: &User| {
            let check = user.service.known();
            let check = check.filter(|_| user.awaited().is_some());
            check.is_some_and(|check| may_hang(command, check) && is_much(check))
        };
        let users: Vec<User> = probe.users.iter().copied().filter(matters).collect();
        let checks = users.iter().filter_map(|user| user.service.known());
        if let Some(check) = checks.min_by_key(|check| check.latest_unhealthy()) {
            findings.push(finding(context, &probe, &users, command, check));
        }
    }
}

fn may_hang(command: &Command, check: &HealthCheck) -> bool {
    own_limit(command).is_none_or(|limit| limit >= check.timeout)
}

/// What the orphans add to the latest verdict.
fn cost(check: &HealthCheck) -> Seconds {
    let in_grace = u64::from(check.start_period > Seconds::ZERO);
    ORPHAN.times(check.retries.saturating_add(in_grace))
}

/// More than a quarter.
fn is_much(check: &HealthCheck) -> bool {
    cost(check).times(4) > check.latest_unhealthy()
}

fn finding(
    context: &Context,
    probe: &Probe,
    users: &[User],
    command: &Command,
    check: &HealthCheck,
) -> Finding {
    let (worst, cost) = (check.latest_unhealthy(), cost(check));
    let program = &command.program;
    let awaited = users.iter().find_map(User::awaited);
    let label = awaited.map(|span| Label {
        span,
        text: "waits for the verdict".to_owned(),
    });
    Finding {
        rule: RULE.name,
        severity: Severity::Info,
        message: format!(
            "a hung probe of {} may take {ORPHAN}s longer than its timeout of {}s: `{program}` outlives its shell",
            services(users),
            check.timeout
        ),
        primary: Label {
            span: probe.place,
            text: format!("Docker kills the shell, and then waits for what `{program}` prints"),
        },
        labels: label.into_iter().collect(),
        notes: vec![
            format!(
                "where every probe hangs the latest verdict moves from {worst}s by up to {cost}s"
            ),
            format!(
                "a test of `CMD` starts `{program}` without a shell, and `|| exit 1` adds nothing: any code but 0 is a failure"
            ),
            format!(
                "or give `{program}` a limit of its own below {}s",
                check.timeout
            ),
            stacks_note(context.project, &stacks(users)),
        ],
        fix: None,
        data: json!({
            "services": names(users),
            "stacks": stacks(users),
            "worst_s": worst.as_f64(),
            "more_s": cost.as_f64(),
        }),
    }
}
