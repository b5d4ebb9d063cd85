//! `wait-cannot-fail`: a wait that runs out, and nothing fails.

use super::{Context, Rule};
use crate::finding::{Finding, Label, Severity};
use crate::project::{Listed, Lost};
use crate::shell::{Form, GoesOn};
use crate::source::Span;
use serde_json::json;
use std::collections::BTreeMap;

/// Its row in the table.
pub(super) const RULE: Rule = Rule {
    name: "wait-cannot-fail",
    severity: Severity::Warning,
    fix: None,
    group: "waits",
    summary: "a CI wait that runs out, and nothing fails",
    page: include_str!("../../rules/wait-cannot-fail.md"),
    check,
};

pub(super) fn check(context: &Context, findings: &mut Vec<Finding>) {
    let mut by_place: BTreeMap<Span, Vec<&Listed>> = BTreeMap::new();
    for wait in &context.project.waits {
        by_place.entry(wait.span).or_default().push(wait);
    }
    for waits in by_place.into_values() {
        // One that several jobs call is lost only where none of them heeds it.
        let lost = waits.iter().all(|wait| wait.lost.is_some());
        let first = waits.iter().find(|wait| is_meant(wait));
        if let (true, Some(wait)) = (lost, first) {
            findings.extend(wait.lost.map(|lost| finding(wait, lost)));
        }
    }
}

/// Whether it waits for containers, or for what they serve, by a limit of its own.
fn is_meant(wait: &Listed) -> bool {
    let is_form = !matches!(
        wait.form,
        Form::Sleep | Form::ServiceContainer | Form::Action
    );
    is_form && !wait.is_apart && (wait.looks || wait.stack.is_some())
}

fn finding(wait: &Listed, lost: Lost) -> Finding {
    let limit = wait.budget.map_or_else(
        || "when it gives up".to_owned(),
        |budget| format!("after {budget}s it gives up"),
    );
    let (message, note) = match lost {
        Lost::Script(GoesOn::RunsOut) => (
            format!("{limit}, and the script goes on as if all were well"),
            "nothing behind this loop asks how it ended; `exit 1` behind it, with `exit 0` or a flag where it succeeds, makes it count",
        ),
        Lost::Script(GoesOn::Unreached) => (
            format!("{limit}, before the test in it that would fail is ever true"),
            "the loop's own limit comes first: the failing test belongs behind the loop",
        ),
        Lost::Script(GoesOn::Caught) => (
            format!("{limit}, and its failure is caught: the script goes on as if all were well"),
            "without what stands behind its `||` the failure would count",
        ),
        Lost::Script(GoesOn::CaughtAtCall) => (
            format!(
                "{limit}, and its failure is caught where its script is called: what is behind goes on as if all were well"
            ),
            "without what stands behind the `||` of the call the failure would count",
        ),
        Lost::Script(GoesOn::Unheeded) => (
            format!("{limit}, and the script goes on: it does not stop on errors"),
            "`set -e` at its beginning, or `|| exit 1` behind the wait, makes its failure count",
        ),
        Lost::Step => (
            format!("{limit}, and the job goes on: its step has `continue-on-error`"),
            "without `continue-on-error` the failure would count",
        ),
    };
    Finding {
        rule: RULE.name,
        severity: Severity::Warning,
        message: format!("this wait cannot fail: {message}"),
        primary: Label {
            span: wait.span,
            text: "it ends well, whatever it waited for".to_owned(),
        },
        labels: Vec::new(),
        notes: vec![note.to_owned()],
        fix: None,
        data: json!({
            "reason": reason(lost),
            "budget_s": wait.budget.map(crate::duration::Seconds::as_f64),
            "job": wait.job,
            "step": wait.step,
        }),
    }
}

fn reason(lost: Lost) -> &'static str {
    match lost {
        Lost::Script(GoesOn::RunsOut) => "runs-out",
        Lost::Script(GoesOn::Unreached) => "unreached",
        Lost::Script(GoesOn::Caught | GoesOn::CaughtAtCall) => "caught",
        Lost::Script(GoesOn::Unheeded) => "unheeded",
        Lost::Step => "continue-on-error",
    }
}
