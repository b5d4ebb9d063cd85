//! `attempts-named-as-seconds`: a number of attempts in a variable whose name says time.

use super::{Context, Rule};
use crate::duration::Seconds;
use crate::finding::{Finding, Label, Severity};
use crate::project::Listed;
use crate::shell::{Form, Knob, KnobUnit};
use serde_json::json;
use std::collections::BTreeSet;

/// Its row in the table.
pub(super) const RULE: Rule = Rule {
    name: "attempts-named-as-seconds",
    severity: Severity::Info,
    fix: None,
    group: "waits",
    summary: "a number of attempts in a variable whose name says time",
    page: include_str!("../../rules/attempts-named-as-seconds.md"),
    check,
};

/// What time is called.
const TIME: [&str; 9] = [
    "wait", "timeout", "seconds", "secs", "sec", "time", "duration", "deadline", "waited",
];

/// What counts.
const COUNT: [&str; 22] = [
    "attempt",
    "attempts",
    "try",
    "tries",
    "retry",
    "retries",
    "count",
    "counts",
    "counter",
    "loops",
    "loop",
    "iterations",
    "iteration",
    "rounds",
    "checks",
    "polls",
    "cycles",
    "times",
    "steps",
    "num",
    "number",
    "n",
];

pub(super) fn check(context: &Context, findings: &mut Vec<Finding>) {
    let mut seen = BTreeSet::new();
    for wait in &context.project.waits {
        if let Some((knob, each, budget)) = misnamed(wait)
            && let Some(name) = knob.variable()
            && seen.insert(knob.literal.span)
        {
            findings.push(finding(wait, knob, name, each, budget));
        }
    }
}

/// The literal that counts turns under a name of time, how long a turn takes, and how long the loop lasts.
pub(super) fn misnamed(wait: &Listed) -> Option<(&Knob, Seconds, Seconds)> {
    let knob = wait.knob.as_ref()?;
    let KnobUnit::Attempts { each, step, .. } = knob.unit else {
        return None;
    };
    let is_loop = matches!(
        wait.form,
        Form::CounterLoop | Form::ForLoop | Form::OpenLoop
    );
    // One that grows by what it sleeps is a time after all.
    if !is_loop || each == Seconds::new(step) || !says_time(knob.variable()?) {
        return None;
    }
    let turns: i64 = knob.literal.text.parse().ok()?;
    let budget = wait.own?;
    (turns > 0 && budget != Seconds::new(turns)).then_some((knob, each, budget))
}

fn says_time(name: &str) -> bool {
    let words: Vec<String> = words(name);
    let is = |known: &[&str]| words.iter().any(|word| known.contains(&word.as_str()));
    is(&TIME) && !is(&COUNT)
}

/// `MAX_WAIT`, `maxWait` and `max-wait` are `max` and `wait`.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_lower = false;
    for c in name.chars() {
        let parts = !c.is_alphanumeric() || c.is_uppercase() && was_lower;
        if parts {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| c.is_alphanumeric()) {
            word.extend(c.to_lowercase());
        }
        was_lower = c.is_lowercase();
    }
    words
}

fn finding(wait: &Listed, knob: &Knob, name: &str, each: Seconds, budget: Seconds) -> Finding {
    let number = &knob.literal.text;
    let mut labels = vec![Label {
        span: wait.span,
        text: format!("up to {each}s a turn"),
    }];
    let others = wait
        .from
        .iter()
        .filter(|literal| literal.span != knob.literal.span);
    labels.extend(others.map(|literal| Label {
        span: literal.span,
        text: "a turn rests on this".to_owned(),
    }));
    let mut notes = vec![
        "whoever raises it as a number of seconds grants another time than is meant".to_owned(),
    ];
    let turns: u64 = number.parse().unwrap_or_default();
    if each.times(turns) > budget {
        notes.insert(0, "the last turn gives up before its pause".to_owned());
    }
    Finding {
        rule: RULE.name,
        severity: Severity::Info,
        message: format!(
            "`{name}` says time and counts turns: {number} turns of up to {each}s are {budget}s"
        ),
        primary: Label {
            span: knob.literal.span,
            text: format!("{number} turns, {budget}s"),
        },
        labels,
        notes,
        fix: None,
        data: json!({
            "variable": name,
            "turns": number.parse::<i64>().ok(),
            "turn_s": each.as_f64(),
            "budget_s": budget.as_f64(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_time_or_count() {
        for name in [
            "MAX_WAIT",
            "timeout",
            "WAIT_SECONDS",
            "maxWaitTime",
            "HEALTH_TIMEOUT",
        ] {
            assert!(says_time(name), "{name}");
        }
        for name in [
            "MAX_RETRIES",
            "WAIT_ATTEMPTS",
            "maxWaitCount",
            "AWAITED",
            "i",
            "WAIT_RETRY",
        ] {
            assert!(!says_time(name), "{name}");
        }
    }
}
