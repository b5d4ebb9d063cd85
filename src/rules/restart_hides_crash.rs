//! `restart-hides-crash`: a start that can fail is begun again without an end, while others wait for its health.

use super::{Context, Rule, stacks_note};
use crate::compose::{Condition, Restart};
use crate::duration::Seconds;
use crate::finding::{Finding, Label, Severity};
use crate::project::{ActiveService, EntryWork, Project, Stack};
use crate::source::Span;
use crate::startup::WorkKind;
use serde_json::json;
use std::collections::BTreeMap;

/// Its row in the table.
pub(super) const RULE: Rule = Rule {
    name: "restart-hides-crash",
    severity: Severity::Info,
    fix: None,
    group: "dependencies",
    summary: "a start that can fail, is begun again for ever, and is waited for",
    page: include_str!("../../rules/restart-hides-crash.md"),
    check,
};

/// A service, what its start does, and who waits for it.
struct Found<'a> {
    service: &'a ActiveService,
    restart: &'a Restart,
    work: &'a EntryWork,
    awaited: Label,
    stacks: Vec<String>,
}

pub(super) fn check(context: &Context, findings: &mut Vec<Finding>) {
    let project = context.project;
    let mut found: BTreeMap<(Span, &str), Found> = BTreeMap::new();
    for (index, stack) in project.stacks.iter().enumerate() {
        if !stack.is_whole() || counts_restarts(project, index) {
            continue;
        }
        for (at, service) in stack.services.iter().enumerate() {
            let Some((restart, work)) = crashing(project, service) else {
                continue;
            };
            let edge = edge(stack, service);
            let Some(awaited) = edge.or_else(|| wait(project, index, at)) else {
                continue;
            };
            let key = (restart.span, service.service.name.as_str());
            let new = || Found {
                service,
                restart,
                work,
                awaited,
                stacks: Vec::new(),
            };
            let stacks = &mut found.entry(key).or_insert_with(new).stacks;
            stacks.push(stack.files.name.clone());
        }
    }
    findings.extend(found.values().map(|found| finding(context, found)));
}

/// The policy and the work of a service whose start can fail and is begun again each time.
fn crashing<'a>(
    project: &Project,
    service: &'a ActiveService,
) -> Option<(&'a Restart, &'a EntryWork)> {
    service.known()?;
    let restart = service.service.restart.as_ref()?;
    let policy = restart.policy.as_str();
    // `on-failure:3` ends, and so does what `deploy` limits.
    let is_endless = matches!(policy, "always" | "unless-stopped" | "any" | "on-failure");
    let work = service.entry.as_ref()?.work.iter();
    let mut work = work.filter(|work| {
        let can_fail = matches!(work.kind, WorkKind::Migrations | WorkKind::Data);
        can_fail && !work.maybe && ends_the_start(project, work)
    });
    let work = work
        .next()
        .filter(|_| is_endless && !is_limited(project, service))?;
    Some((restart, work))
}

/// Whether the failure of a command ends the script that it stands in: by `set -e`, or by what is written behind it.
fn ends_the_start(project: &Project, work: &EntryWork) -> bool {
    let text = project.store.sources().get(work.span.file).text();
    let range = work.span.range();
    // Of a command that is one text it is not known where in it the program stands.
    let start = if range.is_empty() {
        text[..range.start].rfind('\n').map_or(0, |found| found + 1)
    } else {
        range.end
    };
    let behind = text[start..].lines().next().unwrap_or_default();
    let is_borne = behind.contains("||") && !behind.contains("exit");
    let lines = text[..range.start].lines();
    let mut lines = lines.map(str::trim_start);
    let stops = lines.any(|line| {
        let is_shebang = line.starts_with("#!") && line.ends_with(" -e");
        let words = line.strip_prefix("set ").unwrap_or_default();
        let mut flags = words.split_whitespace();
        let is_set = flags.any(|flag| {
            let letters = flag.strip_prefix('-').filter(|flag| !flag.starts_with('-'));
            flag == "errexit" || letters.is_some_and(|letters| letters.contains('e'))
        });
        is_shebang || is_set
    });
    !is_borne && (stops || behind.contains("&&") || behind.contains("exit"))
}

/// Whether `deploy.restart_policy` has a number of attempts.
fn is_limited(project: &Project, service: &ActiveService) -> bool {
    service.service.written.iter().any(|(place, _)| {
        let deploy = || {
            let tree = project.trees.get(place.file)?;
            let deploy = tree.get(tree.resolve(place.node), "deploy")?;
            let policy = tree.get(tree.resolve(deploy), "restart_policy")?;
            tree.get(tree.resolve(policy), "max_attempts")
        };
        deploy().is_some()
    })
}

/// The dependency of another service on the health of this one.
fn edge(stack: &Stack, service: &ActiveService) -> Option<Label> {
    let name = service.service.name.as_str();
    let mut waiters = stack.services.iter().filter(|waiter| waiter.waits());
    waiters.find_map(|waiter| {
        let mut edges = waiter.service.depends_on.iter();
        let edge = edges.find(|edge| {
            edge.service == name && edge.condition == Condition::Healthy && edge.required
        })?;
        Some(Label {
            span: edge.span,
            text: format!("`{}` waits until it is healthy", waiter.service.name),
        })
    })
}

/// A wait of a job that watches the service.
fn wait(project: &Project, stack: usize, service: usize) -> Option<Label> {
    let sequences = project.sequences.iter();
    let waits = sequences
        .filter(|sequence| sequence.stack == stack)
        .flat_map(|sequence| &sequence.waits);
    let mut waits =
        waits.filter(|wait| wait.services.is_empty() || wait.services.contains(&service));
    let wait = waits.find(|wait| wait.can_fail)?;
    Some(Label {
        span: wait.span,
        text: format!("waits for it, up to {}s", wait.budget),
    })
}

/// Whether a wait for the stack looks at crashes itself.
fn counts_restarts(project: &Project, stack: usize) -> bool {
    let sources = project.store.sources();
    let mut waits = project
        .waits
        .iter()
        .filter(|wait| wait.stack == Some(stack));
    waits.any(|wait| {
        let text = sources.text(wait.span).to_ascii_lowercase();
        ["restartcount", "restarting", "exited", "exitcode"]
            .iter()
            .any(|word| text.contains(word))
    })
}

fn finding(context: &Context, found: &Found) -> Finding {
    let name = &found.service.service.name;
    let policy = &found.restart.policy;
    let noun = found.work.kind.noun();
    let period = found.service.known().map(|check| check.start_period);
    let period = period.filter(|period| *period > Seconds::ZERO);
    let grace = match period {
        Some(period) => format!("each start gets a whole start_period of {period}s again, and so no probe ever makes it unhealthy if it crashes sooner"),
        None => "each start begins to count failed probes from 0 again, and so no probe ever makes it unhealthy if it crashes sooner".to_owned(),
    };
    Finding {
        rule: RULE.name,
        severity: Severity::Info,
        message: format!(
            "if the {noun} of `{name}` fail, `restart: {policy}` begins its start again and again: who waits for it sees `starting` or `unhealthy`, and not that it crashed"
        ),
        primary: Label {
            span: found.restart.span,
            text: "without an end".to_owned(),
        },
        labels: vec![
            Label {
                span: found.work.span,
                text: "ends the start if it fails".to_owned(),
            },
            found.awaited.clone(),
        ],
        notes: vec![
            grace,
            format!(
                "as a job of its own, awaited with `service_completed_successfully`, the failure is told at once: `service \"{name}-migrate\" didn't complete successfully: exit 1`"
            ),
            format!(
                "`docker inspect -f '{{{{.RestartCount}}}} {{{{.State.ExitCode}}}}'` tells a crash from a slow start"
            ),
            stacks_note(context.project, &found.stacks),
        ],
        fix: None,
        data: json!({ "service": name, "restart": policy, "stacks": found.stacks }),
    }
}
