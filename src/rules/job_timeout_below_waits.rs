//! `job-timeout-below-waits`: the limit of a job or a step that is shorter than what is in it.

use super::shared::limits::{Scope, Term, scopes};
use super::{Context, Rule};
use crate::finding::{Finding, Label, Safety, Severity};
use serde_json::json;

/// Its row in the table.
pub(super) const RULE: Rule = Rule {
    name: "job-timeout-below-waits",
    severity: Severity::Warning,
    fix: Some(Safety::Safe),
    group: "waits",
    summary: "a limit of a job or step that is shorter than what it has to wait for",
    page: include_str!("../../rules/job-timeout-below-waits.md"),
    check,
};

pub(super) fn check(context: &Context, findings: &mut Vec<Finding>) {
    for scope in scopes(context) {
        if scope.total() > scope.limit.time {
            findings.push(finding(context, &scope));
        }
    }
}

fn finding(context: &Context, scope: &Scope) -> Finding {
    let (total, limit) = (scope.total(), scope.limit.time);
    let what = scope.what();
    let least = if scope.at_least { "at least " } else { "" };
    let mut labels: Vec<Label> = Vec::new();
    for term in &scope.terms {
        // A function that is called several times stands at one place.
        let same = scope.terms.iter().filter(|other| other.span == term.span);
        let times: Vec<&str> = same.map(|term| term.text.as_str()).collect();
        if labels.iter().all(|label| label.span != term.span) {
            labels.push(Label {
                span: term.span,
                text: times.join(" + "),
            });
        }
    }
    let words = |term: &Term| match &term.made_of {
        Some(sum) => format!("{} {} ({sum})", term.name, term.time),
        None => format!("{} {}", term.name, term.time),
    };
    let terms: Vec<String> = scope.terms.iter().map(words).collect();
    let mut notes = vec![format!("{least}{total}s = {}", terms.join(" + "))];
    if scope.at_least {
        notes.push("something in it takes a time that is not known, and counts nothing".to_owned());
    }
    let fix = scope.raise(total.scaled(context.options.margin), &mut notes);
    Finding {
        rule: RULE.name,
        severity: Severity::Warning,
        message: format!(
            "this {what} is ended after {limit}s, but what it waits for may take {least}{total}s"
        ),
        primary: Label {
            span: scope.limit.span,
            text: format!("ends it after {limit}s"),
        },
        labels,
        notes,
        fix,
        data: json!({
            "limit_s": limit.as_f64(),
            "needed_s": total.as_f64(),
            "at_least": scope.at_least,
            "job": scope.course.job,
            "step": scope.step,
        }),
    }
}
