//! `start-interval-unset`: engines 25 and 26 probe a start as rarely as all the rest, where nothing says otherwise.

use super::shared::clocks::{Placed, as_one, is_awaited, placed, some};
use super::shared::probe::{User, names, stacks};
use super::{Context, Rule, stacks_note};
use crate::clock::{Generation, HealthCheck, Quantity};
use crate::duration::Seconds;
use crate::finding::{Finding, Label, Severity};
use crate::project::{ActiveService, part_place};
use serde_json::json;

/// Its row in the table.
pub(super) const RULE: Rule = Rule {
    name: NAME,
    severity: Severity::Info,
    fix: None,
    group: "timing",
    summary: "a start_period without the start_interval that engines 25 and 26 need to probe it often",
    page: include_str!("../../rules/start-interval-unset.md"),
    check,
};

const NAME: &str = "start-interval-unset";

/// From this interval on somebody who waits notices.
const LONG: Seconds = Seconds::new(15);

/// And from this one on it is worth a word though nobody says that such an engine is in use.
const VERY_LONG: Seconds = Seconds::new(90);

pub(super) fn check(context: &Context, findings: &mut Vec<Finding>) {
    let engine = &context.project.engine;
    if !engine.is_assumed() && engine.generation() != Generation::V25 {
        return;
    }
    let long = if engine.is_assumed() { VERY_LONG } else { LONG };
    let found = placed(context.project, |user, check| {
        let start_period = part_place(user.service, Quantity::StartPeriod);
        let is_meant = check.interval >= long
            && is_probed_rarely(user.service, check)
            && is_awaited(context.project, user);
        start_period.filter(|_| is_meant)
    });
    let found = as_one(context, NAME, found);
    findings.extend(found.iter().filter_map(|found| finding(context, found)));
}

fn is_probed_rarely(service: &ActiveService, check: &HealthCheck) -> bool {
    part_place(service, Quantity::StartInterval).is_none() && check.start_period > check.interval
}

/// One finding for all of them: the same line helps each.
fn finding(context: &Context, found: &Placed) -> Option<Finding> {
    let engine = &context.project.engine;
    let users: Vec<User> = found.values().flatten().copied().collect();
    let (names, stacks) = (names(&users), stacks(&users));
    let (place, here) = found.first_key_value()?;
    let first = here.first()?.service;
    let checks = users.iter().filter_map(|user| user.service.known());
    let longest = checks.map(|check| check.interval).max()?;
    let which = if engine.is_assumed() {
        "engines 25 and 26 probe".to_owned()
    } else {
        format!("engine {engine} probes")
    };
    let rarely = if names.len() == 1 {
        format!("every {longest}s")
    } else {
        format!("every {longest}s at the longest")
    };
    let mut notes = vec![
        format!(
            "whoever waits for health sees a service that is ready up to {longest}s later; with `start_interval: 5s` beside the start_period it is 5s, on engines 25 and later"
        ),
        "engines from 27 on take 5s anyway; those before 25 refuse a start_interval: `can't set healthcheck.start_interval as feature require Docker Engine v25 or later`".to_owned(),
    ];
    if engine.is_assumed() {
        notes.push(
            "no engine is set; with `engine: \"27\"` or later in upbeat.yml this is silent"
                .to_owned(),
        );
    }
    notes.extend(super::assumed_note([first]));
    notes.push(stacks_note(context.project, &stacks));
    Some(Finding {
        rule: NAME,
        severity: Severity::Info,
        message: format!(
            "without a start_interval {which} {} while starting only {rarely}",
            some(&names)
        ),
        primary: Label {
            span: *place,
            text: format!(
                "`{}`: a start_period, and no start_interval",
                first.service.name
            ),
        },
        labels: labels(found),
        notes,
        fix: None,
        data: json!({ "services": names, "stacks": stacks, "interval_s": longest.as_f64() }),
    })
}

/// The interval of each, or its start period where no interval is written.
fn labels(found: &Placed) -> Vec<Label> {
    let mut labels: Vec<Label> = Vec::new();
    for (index, (place, users)) in found.iter().enumerate() {
        let Some(service) = users.first().map(|user| user.service) else {
            continue;
        };
        let Some(check) = service.known() else {
            continue;
        };
        let interval = part_place(service, Quantity::Interval);
        let name = &service.service.name;
        // The first start period has a label of its own.
        let other = Some(*place).filter(|_| index > 0);
        if let Some(span) = interval.or(other)
            && labels.iter().all(|label| label.span != span)
        {
            labels.push(Label {
                span,
                text: format!("`{name}`: a probe every {}s", check.interval),
            });
        }
    }
    labels
}
