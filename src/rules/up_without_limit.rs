//! `up-without-limit`: a `docker compose up -d` in CI that waits on healthchecks, and that nothing in sight ends.

use super::shared::limits::waits_for_health;
use super::shared::wait_timeout::targets;
use super::{Context, Rule};
use crate::clock::BudgetModel;
use crate::duration::Seconds;
use crate::finding::{Finding, Label, Severity};
use crate::project::{Course, CourseUp, Part, Work};
use serde_json::json;
use std::collections::BTreeSet;

/// Its row in the table.
pub(super) const RULE: Rule = Rule {
    name: "up-without-limit",
    severity: Severity::Info,
    fix: None,
    group: "waits",
    summary: "an `up` in CI that waits for healthchecks and that nothing ends",
    page: include_str!("../../rules/up-without-limit.md"),
    check,
};

pub(super) fn check(context: &Context, findings: &mut Vec<Finding>) {
    let mut seen = BTreeSet::new();
    let courses = context.project.courses.iter();
    for course in courses.filter(|course| course.job.is_some() && course.limit.is_none()) {
        let found = course.parts.iter().find_map(|part| match &part.work {
            Work::Up(start) if is_unbounded(context, part, start) => Some((part, start)),
            _ => None,
        });
        if let Some((part, start)) = found
            && seen.insert(part.span)
        {
            findings.extend(finding(context, course, part, start));
        }
    }
}

fn is_unbounded(context: &Context, part: &Part, start: &CourseUp) -> bool {
    !start.foreground
        && !start.setting.background
        // A limit here would end the connection, and not what runs at its other end.
        && !start.setting.remote
        && start.setting.timeout.is_none()
        && start.wait_timeout.is_none()
        && part.step_limit.is_none()
        && waits_for_health(context.project, start)
}

fn finding(context: &Context, course: &Course, part: &Part, start: &CourseUp) -> Option<Finding> {
    let stack = &context.project.stacks[start.stack?];
    let worst = if start.waits {
        let budget = stack.graph.budget(BudgetModel::Worst, &start.services);
        budget.total
    } else {
        let starts = stack.graph.starts(BudgetModel::Worst);
        let inside = targets(start, &stack.graph);
        let last = starts.iter().zip(inside).filter(|(_, inside)| *inside);
        last.map(|(start, _)| *start).max()?
    };
    let minute = Seconds::new(60);
    let minutes = |time: Seconds| (time.nanos() + minute.nanos() - 1) / minute.nanos();
    let advice = minutes(worst.scaled(context.options.margin));
    let end = match course.default_limit {
        Some(limit) => format!(
            "only the default limit of a job, {} minutes,",
            minutes(limit)
        ),
        None => "nothing that is written here".to_owned(),
    };
    let stacks = std::slice::from_ref(&stack.files.name);
    Some(Finding {
        rule: RULE.name,
        severity: Severity::Info,
        message: format!(
            "this `up` waits until healthchecks have their verdict, and {end} ends it"
        ),
        primary: Label {
            span: part.span,
            text: "waits for every `service_healthy` dependency, without a limit".to_owned(),
        },
        labels: Vec::new(),
        notes: vec![
            format!(
                "at the very most a legal start takes {worst}s here: a timeout-minutes of {advice} for its step is enough, images to pull not counted"
            ),
            super::stacks_note(context.project, stacks),
        ],
        fix: None,
        data: json!({
            "worst_s": worst.as_f64(),
            "default_s": course.default_limit.map(Seconds::as_f64),
            "stack": stack.files.name,
            "job": course.job,
            "step": part.step,
        }),
    })
}
