//! `stale-timing-text`: a comment or a message that states another total time than the loop beside it has.

use super::{Context, Rule};
use crate::duration::Seconds;
use crate::finding::{Finding, Label, Severity};
use crate::project::{BoundedBy, Listed};
use crate::shell::{Form, KnobUnit, Literal};
use crate::source::{SourceFile, Span};
use serde_json::json;
use std::collections::BTreeSet;

/// Its row in the table.
pub(super) const RULE: Rule = Rule {
    name: "stale-timing-text",
    severity: Severity::Info,
    fix: None,
    group: "waits",
    summary: "a comment or a message that states another time than the wait beside it has",
    page: include_str!("../../rules/stale-timing-text.md"),
    check,
};

/// How many lines before and behind a loop its messages stand.
const NEAR: usize = 4;

/// A text that speaks of how long a wait lasts, and what it says.
struct Stated {
    span: Span,
    says: Seconds,
}

pub(super) fn check(context: &Context, findings: &mut Vec<Finding>) {
    let mut seen = BTreeSet::new();
    for wait in &context.project.waits {
        for stated in stale(context, wait) {
            if seen.insert(stated.span) {
                findings.extend(finding(wait, &stated));
            }
        }
    }
}

fn stale(context: &Context, wait: &Listed) -> Vec<Stated> {
    let is_loop = matches!(
        wait.form,
        Form::ForLoop
            | Form::CounterLoop
            | Form::DeadlineLoop
            | Form::OpenLoop
            | Form::TimeoutCommand
    );
    let is_itself = matches!(wait.bounded_by, BoundedBy::Itself | BoundedBy::Timeout);
    let (Some(budget), true) = (wait.own, is_loop && is_itself && !wait.is_apart) else {
        return Vec::new();
    };
    let sources = context.project.store.sources();
    let mut found = Vec::new();
    if let Some(knob) = &wait.knob {
        let file = sources.get(knob.literal.span.file);
        let line = sources.start(knob.literal.span).line;
        let lines = Lines {
            file,
            id: knob.literal.span,
        };
        if let Some((at, text)) = lines.comment_on(line).or_else(|| lines.comment_above(line)) {
            found
                .extend(stated(text, true, &knob.literal).map(|says| (lines.span(at, text), says)));
        }
    }
    let lines = Lines {
        file: sources.get(wait.span.file),
        id: wait.span,
    };
    let (first, last) = (sources.start(wait.span).line, sources.end(wait.span).line);
    let no_literal = Literal {
        span: wait.span,
        text: String::new(),
        verbatim: false,
        variable: None,
    };
    let literal = wait.knob.as_ref().map_or(&no_literal, |knob| &knob.literal);
    // What another wait says is not about this one.
    let others = context.project.waits.iter().filter(|other| {
        other.span != wait.span && other.span.file == wait.span.file && other.form != Form::Sleep
    });
    let others: Vec<(usize, usize)> = others
        .map(|other| (sources.start(other.span).line, sources.end(other.span).line))
        .collect();
    let before = others
        .iter()
        .filter(|(_, end)| *end < first)
        .map(|(_, end)| end + 1);
    let from = before.max().unwrap_or(1).max(first.saturating_sub(NEAR));
    let behind = others
        .iter()
        .filter(|(start, _)| *start > last)
        .map(|(start, _)| start - 1);
    let to = behind.min().unwrap_or(usize::MAX).min(last + NEAR);
    for line in from..=to {
        let Some((at, text)) = lines.printed(line) else {
            continue;
        };
        // Behind a loop only what says that it is over is about it.
        let is_about = line <= last || is_over(text);
        if is_about {
            found.extend(stated(text, false, literal).map(|says| (lines.span(at, text), says)));
        }
    }
    let stale = found
        .into_iter()
        .filter(|(_, says)| !fits(wait, budget, *says));
    stale.map(|(span, says)| Stated { span, says }).collect()
}

/// Whether what is said is what the loop comes to, with or without the tries' own time, or about that.
fn fits(wait: &Listed, budget: Seconds, says: Seconds) -> bool {
    let near = |real: Seconds, slack: Seconds| says <= real + slack && real <= says + slack;
    let numbers: Vec<Seconds> = wait
        .from
        .iter()
        .filter_map(|literal| {
            literal
                .text
                .trim_end_matches('s')
                .parse()
                .ok()
                .map(Seconds::new)
        })
        .collect();
    let turn = match wait.knob.as_ref().map(|knob| knob.unit) {
        Some(KnobUnit::Attempts { each, .. }) => each,
        _ => numbers
            .iter()
            .copied()
            .max()
            .filter(|n| *n < budget)
            .unwrap_or(Seconds::ZERO),
    };
    // A turn's own time, or one turn more or less.
    if says == turn || near(budget, turn) || near(budget, budget.scaled(0.1)) {
        return true;
    }
    let turns = match wait.knob.as_ref() {
        Some(knob) if matches!(knob.unit, KnobUnit::Attempts { .. }) => {
            knob.literal.text.parse().ok()
        }
        _ => None,
    };
    let others = wait.from.iter().zip(&numbers).filter(|(literal, _)| {
        wait.knob
            .as_ref()
            .is_none_or(|knob| knob.literal.span != literal.span)
    });
    // The sleeps alone, without what a try may take; or what one of them takes.
    others
        .into_iter()
        .any(|(_, each)| says == *each || turns.is_some_and(|turns| near(each.times(turns), *each)))
}

/// The lines of a file.
struct Lines<'a> {
    file: &'a SourceFile,
    /// A place in it.
    id: Span,
}

impl<'a> Lines<'a> {
    /// A line by its number, and where it begins.
    fn line(&self, number: usize) -> Option<(usize, &'a str)> {
        let starts = self.file.line_starts();
        let start = *starts.get(number.checked_sub(1)?)?;
        let end = starts
            .get(number)
            .copied()
            .unwrap_or(self.file.text().len());
        Some((start, self.file.text()[start..end].trim_end()))
    }

    fn comment_on(&self, number: usize) -> Option<(usize, &'a str)> {
        let (start, line) = self.line(number)?;
        let at = line.find(" #").or_else(|| line.find("\t#"))?;
        Some((start + at + 1, &line[at + 1..]))
    }

    fn comment_above(&self, number: usize) -> Option<(usize, &'a str)> {
        let (start, line) = self.line(number.checked_sub(1)?)?;
        let text = line.trim_start();
        text.starts_with('#')
            .then(|| (start + line.len() - text.len(), text))
    }

    /// What `echo` or `printf` prints on a line: the text up to the line's end.
    fn printed(&self, number: usize) -> Option<(usize, &'a str)> {
        let (start, line) = self.line(number)?;
        if line.trim_start().starts_with('#') {
            return None;
        }
        let found = ["echo ", "printf "].iter().find_map(|name| {
            let at = line.find(name)?;
            let before = line[..at].chars().next_back();
            let begins = before.is_none_or(|c| c.is_whitespace() || ";&|({\"'".contains(c));
            begins.then_some(at)
        })?;
        Some((start + found, &line[found..]))
    }

    fn span(&self, at: usize, text: &str) -> Span {
        Span::new(self.id.file, at..at + text.len())
    }
}

/// Whether a message says that time is up.
fn is_over(text: &str) -> bool {
    let text = text.to_lowercase();
    [
        "timed out",
        "timeout",
        "time out",
        "within",
        "did not",
        "not ready",
        "not healthy",
        "failed",
        "not become",
    ]
    .iter()
    .any(|words| text.contains(words))
}

/// The total that a text states; `None` where it states none, or more than one time.
fn stated(text: &str, beside: bool, literal: &Literal) -> Option<Seconds> {
    let text = text.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let of_a_turn = [
        "every",
        "each",
        "interval",
        "between",
        "sleep",
        "retrying",
        "per ",
        "again in",
        "apart",
        "more",
        "remaining",
        "left",
        "elapsed",
        "so far",
        "typically",
        "usually",
        "takes",
        "took",
        "start_period",
        "start period",
    ];
    let of_all = [
        "total",
        "max",
        "timeout",
        "timed out",
        "time out",
        "up to",
        "at most",
        "within",
        "give up",
        "not ready after",
        "not healthy after",
        "failed after",
        "limit",
        "wait for",
    ];
    if has(&of_a_turn) || !(beside || has(&of_all)) {
        return None;
    }
    let times = times(&text, literal);
    match times.as_slice() {
        [one] => Some(*one),
        _ => None,
    }
}

/// The times that a text names: `60s`, `2 minutes`, and `$MAX_WAIT seconds` of the loop's own variable.
fn times(text: &str, literal: &Literal) -> Vec<Seconds> {
    let mut text = text.to_owned();
    if let Some(variable) = &literal.variable
        && literal.text.bytes().all(|b| b.is_ascii_digit())
    {
        let name = variable.to_lowercase();
        text = text.replace(&format!("${{{name}}}"), &literal.text);
        for end in [" ", "s "] {
            text = text.replace(&format!("${name}{end}"), &format!("{}{end}", literal.text));
        }
    }
    let mut times = Vec::new();
    let mut rest = text.as_str();
    let mut before = ' ';
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        let before_it = rest[..at].chars().next_back().unwrap_or(before);
        let digits = &rest[at..];
        let length = digits
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(digits.len());
        let (number, behind) = digits.split_at(length);
        before = '0';
        rest = behind;
        // A part of a name, of a version, of a fraction.
        if before_it.is_alphanumeric() || "_.$:/-{".contains(before_it) {
            continue;
        }
        let unit = behind.trim_start_matches([' ', '-']);
        let end = unit
            .find(|c: char| !c.is_ascii_alphabetic())
            .unwrap_or(unit.len());
        let each = match &unit[..end] {
            "s" | "sec" | "secs" | "second" | "seconds" => 1,
            "m" | "min" | "mins" | "minute" | "minutes" => 60,
            _ => continue,
        };
        if let Ok(number) = number.parse::<u64>() {
            times.push(Seconds::new(each).times(number));
        }
    }
    times
}

fn finding(wait: &Listed, stated: &Stated) -> Option<Finding> {
    let budget = wait.own?;
    let says = stated.says;
    let mut labels = vec![Label {
        span: wait.span,
        text: format!("gives up after {budget}s"),
    }];
    labels.extend(wait.from.iter().map(|literal| Label {
        span: literal.span,
        text: "the wait rests on this".to_owned(),
    }));
    Some(Finding {
        rule: RULE.name,
        severity: Severity::Info,
        message: format!("this text says {says}s, but the wait gives up after {budget}s"),
        primary: Label {
            span: stated.span,
            text: format!("{says}s"),
        },
        labels,
        notes: Vec::new(),
        fix: None,
        data: json!({ "says_s": says.as_f64(), "budget_s": budget.as_f64() }),
    })
}
