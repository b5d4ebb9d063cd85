//! `wait-fills-step`: a limit that passes together with the wait under it, so that nothing behind the wait is run.

use super::shared::limits::{Scope, Term, scopes};
use super::{Context, Rule};
use crate::duration::{Seconds, parse};
use crate::finding::{Finding, Label, Safety, Severity};
use crate::project::{Pause, Work};
use crate::shell::Form;
use crate::source::Span;
use serde_json::json;

/// Its row in the table.
pub(super) const RULE: Rule = Rule {
    name: "wait-fills-step",
    severity: Severity::Warning,
    fix: Some(Safety::Safe),
    group: "waits",
    summary: "a limit that passes together with the wait under it",
    page: include_str!("../../rules/wait-fills-step.md"),
    check,
};

/// What a limit is raised by at least.
const MINUTE: Seconds = Seconds::new(60);

pub(super) fn check(context: &Context, findings: &mut Vec<Finding>) {
    for scope in scopes(context) {
        // Shorter than what is in it: that rule speaks.
        if scope.total() <= scope.limit.time {
            findings.extend(finding(context, &scope));
        }
    }
}

/// The wait that ends with the limit: all before it in full, and no whole turn left behind it.
fn filling<'s, 'a>(context: &Context, scope: &'s Scope<'a>) -> Option<(&'s Term<'a>, &'a Pause)> {
    let mut sum = Seconds::ZERO;
    for term in &scope.terms {
        sum = sum + term.time;
        let left = scope.limit.time - sum;
        let Some(Work::Wait(pause)) = term.part.map(|part| &part.work) else {
            continue;
        };
        let gives_up = !matches!(
            pause.form,
            Form::Sleep | Form::Action | Form::ComposeWait | Form::ServiceContainer
        );
        let turn = pause.turn.or_else(|| pace(context, term.span));
        let is_full = left == Seconds::ZERO || turn.is_some_and(|turn| left < turn);
        if gives_up && is_full && says_more(context, term.span) {
            return Some((term, pause));
        }
    }
    None
}

/// The `sleep` in a loop.
fn pace(context: &Context, span: Span) -> Option<Seconds> {
    let text = context.project.store.sources().text(span);
    let (_, behind) = text.rsplit_once("sleep ")?;
    let number: String = behind
        .chars()
        .take_while(|c| c.is_ascii_digit() || *c == '.')
        .collect();
    parse(&format!("{number}s")).ok()
}

/// Whether something stands behind a wait that is run when it has given up: on its line, or on the lines below that are no further out.
fn says_more(context: &Context, span: Span) -> bool {
    let text = context.project.store.sources().get(span.file).text();
    let (before, behind) = (&text[..span.start as usize], &text[span.end as usize..]);
    let line = before.rfind('\n').map_or(0, |at| at + 1);
    let indent = before[line..].len() - before[line..].trim_start().len();
    let mut lines = behind.lines();
    let rest = lines.next().unwrap_or_default().trim();
    let rest = rest.trim_matches(['"', '\'', ';', ')', '}']).trim();
    // What stands behind `&&` is for the day on which all goes well.
    let is_for_success =
        rest.starts_with(['#', '&', '>', '<', '2', '|']) && !rest.starts_with("||");
    if !is_for_success && is_more(rest.trim_start_matches(['|', ' ', '{', '('])) {
        return true;
    }
    // In a block of lines only; `run: …` is a line of its own.
    let is_own_line =
        !before[line..].contains("run:") && !before[line..].trim_start().starts_with("- ");
    is_own_line
        && lines
            .take_while(|line| {
                line.trim().is_empty() || line.len() - line.trim_start().len() >= indent
            })
            .any(is_more)
}

/// Whether a line does something, besides closing what is open and ending the script.
fn is_more(line: &str) -> bool {
    let word = line
        .trim_start()
        .split([' ', ';'])
        .next()
        .unwrap_or_default();
    let closes = [
        "", "fi", "done", "esac", "}", "exit", "else", "elif", "true", ":",
    ];
    // The end of a heredoc.
    let is_delimiter = word.len() > 2 && word.bytes().all(|byte| byte.is_ascii_uppercase());
    !closes.contains(&word) && !word.starts_with('#') && !is_delimiter
}

fn finding(context: &Context, scope: &Scope) -> Option<Finding> {
    let (term, pause) = filling(context, scope)?;
    let limit = scope.limit.time;
    let what = scope.what();
    let before = scope
        .terms
        .iter()
        .take_while(|other| other.span != term.span);
    let mut labels: Vec<Label> = before
        .map(|term| Label {
            span: term.span,
            text: format!("{} before it", term.text),
        })
        .collect();
    labels.push(Label {
        span: pause.from.first().map_or(term.span, |literal| literal.span),
        text: format!("gives up after {}s", term.time),
    });
    let mut notes = vec![
        "what stands behind the wait, such as the logs that would tell why, is run only if the limit leaves time for it".to_owned(),
    ];
    let fix = scope.raise(limit + MINUTE, &mut notes);
    Some(Finding {
        rule: RULE.name,
        severity: Severity::Warning,
        message: format!(
            "this {what} is ended after {limit}s, just when the wait in it gives up: the lines behind the wait are never run"
        ),
        primary: Label {
            span: scope.limit.span,
            text: format!("ends the {what} after {limit}s"),
        },
        labels,
        notes,
        fix,
        data: json!({
            "limit_s": limit.as_f64(),
            "wait_s": term.time.as_f64(),
            "job": scope.course.job,
            "step": scope.step,
        }),
    })
}
