//! `probe-outlives-interval`: a timeout above the interval, so that hanging probes stretch the verdict far beyond what the interval says.

use super::probe_without_limit::own_limit;
use super::shared::clocks::{Placed, as_one, is_awaited, label, some};
use super::shared::probe::{Probe, User, names, probes, stacks};
use super::{Context, Rule, failures, stacks_note};
use crate::clock::{HealthCheck, Quantity};
use crate::duration::Seconds;
use crate::finding::{Finding, Label, Severity};
use crate::project::{part_place, retries_place};
use crate::source::Span;
use serde_json::json;

/// Its row in the table.
pub(super) const RULE: Rule = Rule {
    name: NAME,
    severity: Severity::Info,
    fix: None,
    group: "timing",
    summary: "a timeout above the interval that stretches the worst case by more than a quarter",
    page: include_str!("../../rules/probe-outlives-interval.md"),
    check,
};

const NAME: &str = "probe-outlives-interval";

/// Within how long `pg_isready` gives up where nothing says otherwise.
const PG_ISREADY: Seconds = Seconds::new(3);

pub(super) fn check(context: &Context, findings: &mut Vec<Finding>) {
    let mut found = Placed::new();
    for probe in probes(context.project) {
        let longest = longest(&probe);
        for user in &probe.users {
            let timeout = part_place(user.service, Quantity::Timeout);
            if let (Some(place), Some(check)) = (timeout, user.service.known())
                && user.stack.is_whole()
                && longest.is_none_or(|longest| longest > check.interval)
                && is_stretched(check)
                && is_awaited(context.project, user)
            {
                found.entry(place).or_default().push(*user);
            }
        }
    }
    let found = as_one(context, NAME, found);
    findings.extend(found.iter().filter_map(|found| finding(context, found)));
}

/// How long a probe may last by itself; `None` where nothing in it ends it.
fn longest(probe: &Probe) -> Option<Seconds> {
    let commands = probe.commands();
    let slow = commands
        .iter()
        .filter(|command| !is_quick(&command.program));
    let limits = slow.map(|command| {
        let default = (command.program == "pg_isready").then_some(PG_ISREADY);
        own_limit(command).or(default)
    });
    let limits: Option<Vec<Seconds>> = limits.collect();
    let limits = limits.filter(|limits| !limits.is_empty())?;
    Some(limits.into_iter().sum())
}

/// Whether a command never hangs: it works with what it has.
fn is_quick(program: &str) -> bool {
    const QUICK: [&str; 9] = [
        "exit", "echo", "printf", "true", "false", "test", "[", "grep", "cd",
    ];
    QUICK.contains(&program)
}

/// When it is unhealthy if every probe fails at once.
fn fast(check: &HealthCheck) -> Seconds {
    check.unhealthy_with(Seconds::ZERO)
}

/// How much later that is if they hang.
fn stretch(check: &HealthCheck) -> Seconds {
    check.latest_unhealthy() - fast(check)
}

/// Whether probes that hang outlast the interval, and move the verdict by more than a quarter.
fn is_stretched(check: &HealthCheck) -> bool {
    check.timeout > check.interval && stretch(check) > fast(check).scaled(0.25)
}

/// The clock of the first service of a place.
fn clock<'a>(users: &[User<'a>]) -> Option<(&'a str, &'a HealthCheck)> {
    let service = users.first()?.service;
    Some((&service.service.name, service.known()?))
}

fn finding(context: &Context, found: &Placed) -> Option<Finding> {
    let delay = |users: &[User]| clock(users).map(|(_, check)| stretch(check));
    // The first of those that are stretched most.
    let most = found.values().filter_map(|users| delay(users)).max()?;
    let (place, here) = found.iter().find(|(_, here)| delay(here) == Some(most))?;
    let (name, check) = clock(here)?;
    let users: Vec<User> = found.values().flatten().copied().collect();
    let names = names(&users);
    let HealthCheck {
        interval, timeout, ..
    } = check;
    let worst = check.latest_unhealthy();
    let hangs = match names.as_slice() {
        [_] => format!(
            "a probe of `{name}` may hang for {timeout}s, longer than its interval of {interval}s"
        ),
        several => format!(
            "probes of {} may hang longer than their interval",
            some(several)
        ),
    };
    Some(Finding {
        rule: NAME,
        severity: Severity::Info,
        message: format!(
            "{hangs}: `{name}` may be called unhealthy only after {worst}s instead of {}s",
            fast(check)
        ),
        primary: Label {
            span: *place,
            text: format!("`{name}`: a probe that hangs is killed after {timeout}s"),
        },
        labels: labels(found, *place, here),
        notes: notes(context, here, check, &users),
        fix: None,
        data: json!({
            "services": names,
            "stacks": stacks(&users),
            "interval_s": interval.as_f64(),
            "timeout_s": timeout.as_f64(),
            "fast_s": fast(check).as_f64(),
            "worst_s": worst.as_f64(),
        }),
    })
}

fn labels(found: &Placed, place: Span, here: &[User]) -> Vec<Label> {
    let mut labels = Vec::new();
    if let (Some(user), Some((_, check))) = (here.first(), clock(here)) {
        let interval = format!(
            "the next probe begins {}s after the end of the last",
            check.interval
        );
        labels.extend(label(user.service, Quantity::Interval, interval));
        let retries = retries_place(user.service);
        labels.extend(retries.map(|span| Label {
            span,
            text: failures(check.retries),
        }));
    }
    let others = found.iter().filter(|(other, _)| **other != place);
    labels.extend(others.filter_map(|(other, users)| {
        let (name, check) = clock(users)?;
        Some(Label {
            span: *other,
            text: format!(
                "`{name}`: {}s, and an interval of {}s: unhealthy after {}s instead of {}s",
                check.timeout,
                check.interval,
                check.latest_unhealthy(),
                fast(check)
            ),
        })
    }));
    labels
}

fn notes(context: &Context, here: &[User], check: &HealthCheck, users: &[User]) -> Vec<String> {
    let (interval, timeout) = (check.interval, check.timeout);
    let worst = check.worst_sum();
    let mut notes = vec![
        format!(
            "probes that fail at once are {interval}s apart, those that hang {timeout}s + {interval}s = {}s",
            interval + timeout
        ),
        format!("the latest verdict: {worst}"),
        "a shorter timeout, or a limit of its own in the probe, keeps probes as far apart as the interval says".to_owned(),
    ];
    notes.extend(super::assumed_note(
        here.iter().take(1).map(|user| user.service),
    ));
    notes.push(stacks_note(context.project, &stacks(users)));
    notes
}
