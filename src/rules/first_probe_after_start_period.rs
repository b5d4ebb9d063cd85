//! `first-probe-after-start-period`: a start period that is over when the first probe begins, so that it forgives nothing.

use super::shared::clocks::{LEAST, Placed, as_one, engine_words, label, placed, some};
use super::shared::probe::{User, names, stacks};
use super::{Context, Rule, stacks_note};
use crate::clock::{HealthCheck, Quantity};
use crate::duration::Seconds;
use crate::finding::{Finding, Label, Severity};
use crate::project::part_place;
use serde_json::json;

/// Its row in the table.
pub(super) const RULE: Rule = Rule {
    name: NAME,
    severity: Severity::Info,
    fix: None,
    group: "timing",
    summary: "a start_period that is over before the first probe",
    page: include_str!("../../rules/first-probe-after-start-period.md"),
    check,
};

const NAME: &str = "first-probe-after-start-period";

pub(super) fn check(context: &Context, findings: &mut Vec<Finding>) {
    let found = placed(context.project, |user, check| {
        let start_period = part_place(user.service, Quantity::StartPeriod);
        // Of a start that is known to be longer `start-period-below-startup` says more.
        let startup = user.service.startup.as_ref();
        let is_told = startup.is_some_and(|startup| startup.ready > check.grace());
        start_period.filter(|_| is_too_short(check) && !is_told)
    });
    let found = as_one(context, NAME, found);
    findings.extend(found.iter().filter_map(|found| finding(context, found)));
}

/// Whether no probe begins within the start period. One that begins just when it ends counts already: real engines come to it a little later
/// (v28.5.2 daemon/health.go, `handleProbeResult`).
fn is_too_short(check: &HealthCheck) -> bool {
    check.start_period >= LEAST && check.first_probe() >= check.start_period
}

fn finding(context: &Context, found: &Placed) -> Option<Finding> {
    let (place, here) = found.first_key_value()?;
    let user = here.first()?;
    let check = user.service.known()?;
    let users: Vec<User> = found.values().flatten().copied().collect();
    let names = names(&users);
    let engine = &context.project.engine;
    let (start_period, first) = (check.start_period, check.first_probe());
    let mut labels: Vec<Label> = first_probe_label(user, check).into_iter().collect();
    for (place, users) in found.iter().skip(1) {
        let Some((user, check)) = users.first().and_then(|u| Some((u, u.service.known()?))) else {
            continue;
        };
        labels.push(Label {
            span: *place,
            text: format!(
                "`{}`: over after {}s, the first probe comes after {}s",
                user.service.service.name,
                check.start_period,
                check.first_probe()
            ),
        });
    }
    let subject = match names.as_slice() {
        [one] => format!("the start_period of `{one}` is {start_period}s, and"),
        several => format!(
            "the start_periods of {} are short ({start_period}s for `{}`):",
            some(several),
            user.service.service.name
        ),
    };
    let without = check.with_start_period(Seconds::ZERO);
    Some(Finding {
        rule: NAME,
        severity: Severity::Info,
        message: format!(
            "{subject} on {} the first probe comes after {first}s and counts: no failure is forgiven",
            engine_words(engine)
        ),
        primary: Label {
            span: *place,
            text: format!(
                "`{}`: over after {start_period}s",
                user.service.service.name
            ),
        },
        labels,
        notes: notes(context, user, check, &users),
        fix: None,
        data: json!({
            "services": names,
            "stacks": stacks(&users),
            "engine": engine.text(),
            "start_period_s": start_period.as_f64(),
            "first_probe_s": first.as_f64(),
            "allowance_s": check.allowance().as_f64(),
            "allowance_without_s": without.allowance().as_f64(),
        }),
    })
}

/// The number that says when the first probe comes, if it is written.
fn first_probe_label(user: &User, check: &HealthCheck) -> Option<Label> {
    let first = check.first_probe();
    let at = |quantity| {
        let text = format!("the first probe comes after {first}s");
        label(user.service, quantity, text)
    };
    let start_interval = at(Quantity::StartInterval);
    let start_interval = start_interval.filter(|_| check.generation.has_start_interval());
    start_interval.or_else(|| at(Quantity::Interval).filter(|_| first == check.interval))
}

fn notes(context: &Context, user: &User, check: &HealthCheck, users: &[User]) -> Vec<String> {
    let name = &user.service.service.name;
    let knows_start_interval = check.generation.has_start_interval();
    let first = check.first_probe();
    let mut notes = vec![
        "start_period does not put probes off: it forgives the failures of those that begin before it is over, and here none does".to_owned(),
    ];
    if knows_start_interval && part_place(user.service, Quantity::StartInterval).is_none() {
        notes.push(format!(
            "no start_interval is written: {} takes {first}s",
            engine_words(&context.project.engine)
        ));
    }
    let without = check.with_start_period(Seconds::ZERO);
    if without.allowance() > check.allowance() {
        notes.push(format!(
            "as it stands it takes patience away: without any start_period the first probe of `{name}` would come after {}s, and a start of {}s would be sure to end healthy instead of {}s",
            without.first_probe(),
            without.allowance(),
            check.allowance()
        ));
    } else if without.first_probe() < first {
        notes.push(format!(
            "without any start_period the first probe of `{name}` would come after {}s already",
            without.first_probe()
        ));
    }
    let shorter = if knows_start_interval {
        "start_interval"
    } else {
        "interval"
    };
    notes.push(format!(
        "write a start_period that is longer than the slowest start, or a shorter {shorter}; where the start is fast, leave start_period out"
    ));
    notes.push(stacks_note(context.project, &stacks(users)));
    notes
}
