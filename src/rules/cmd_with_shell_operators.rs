//! `cmd-with-shell-operators`: `||`, `|`, `>` and their like in a `CMD` list, which no shell reads.

use super::shared::probe::{Probe, names, probes, services, stacks};
use super::{Context, Rule, stacks_note};
use crate::finding::{Finding, Fix, Label, Safety, Severity};
use serde_json::json;

/// Its row in the table.
pub(super) const RULE: Rule = Rule {
    name: "cmd-with-shell-operators",
    severity: Severity::Error,
    fix: Some(Safety::Unsafe),
    group: "health",
    summary: "a shell's operators in a `CMD` list, which no shell reads",
    page: include_str!("../../rules/cmd-with-shell-operators.md"),
    check,
};

/// Nothing but a shell makes sense of these.
const SURE: [&str; 8] = [
    "||",
    "&&",
    "2>&1",
    ">/dev/null",
    "2>/dev/null",
    "1>/dev/null",
    "&>/dev/null",
    ">&2",
];

/// These may be an argument: a separator, an operator of a comparison.
const LIKELY: [&str; 7] = ["|", ";", ">", ">>", "<", "&", "2>"];

/// Programs that take operators for arguments.
const COMPARING: [&str; 9] = [
    "[[", "expr", "find", "awk", "gawk", "jq", "bc", "su", "runuser",
];

/// Programs that compare by options: no `&&` is one of them.
const TESTS: [&str; 2] = ["test", "["];

pub(super) fn check(context: &Context, findings: &mut Vec<Finding>) {
    for probe in probes(context.project) {
        if let Some(operator) = operator(&probe) {
            findings.push(finding(context, &probe, operator));
        }
    }
}

/// The first word that a shell was meant to read.
fn operator<'a>(probe: &Probe<'a>) -> Option<&'a str> {
    if probe.test[0] != "CMD" || probe.script().is_some() {
        return None;
    }
    let command = probe.commands().into_iter().next()?;
    if COMPARING.contains(&command.program.as_str()) {
        return None;
    }
    if let [script] = &probe.test[1..] {
        return in_one_word(script);
    }
    let is_test = TESTS.contains(&command.program.as_str());
    let words: &'a [String] = &probe.test[1..];
    let mut pairs = words.windows(2);
    let found = pairs.find(|pair| {
        let word = pair[1].as_str();
        if is_test {
            return matches!(word, "&&" | "||");
        }
        // Behind `-d` or `-F` a sign is what the option takes.
        SURE.contains(&word) || (LIKELY.contains(&word) && !pair[0].starts_with('-'))
    })?;
    Some(&found[1])
}

/// An operator inside a list of one word: no program has such a name.
fn in_one_word(script: &str) -> Option<&str> {
    let mut words = script.split_whitespace().skip(1);
    words.find(|word| matches!(*word, "||" | "&&" | "|" | ";" | "2>&1"))
}

/// The list as a script, where it can mean but one thing.
fn script(probe: &Probe) -> Option<String> {
    let is_operator = |word: &str| SURE.contains(&word) || LIKELY.contains(&word);
    let mut before = "";
    let words = probe.test[1..].iter().map(|word| {
        let begins = matches!(
            std::mem::replace(&mut before, word),
            "&&" | "||" | "|" | ";"
        );
        // What is left to run in the background cannot fail.
        if word == "&" {
            return None;
        }
        if is_operator(word) {
            return Some(word.clone());
        }
        let is_simple = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@%+".contains(c);
        // A command in one word is one all the same: `exit 1`.
        if !word.is_empty() && word.chars().all(|c| is_simple(c) || begins && c == ' ') {
            return Some(word.clone());
        }
        // What the shell would put in is what nobody can know to be meant.
        let is_literal = !word.contains(['$', '`', '\\', '\'', '"', '\n', '|', ';', '>', '<']);
        is_literal.then(|| format!("'{word}'"))
    });
    let words: Option<Vec<String>> = words.collect();
    words.map(|words| words.join(" "))
}

fn finding(context: &Context, probe: &Probe, operator: &str) -> Finding {
    let users = &probe.users;
    let is_one_word = probe.test.len() == 2;
    let edit = if is_one_word {
        probe.set_form(context.project, "CMD-SHELL")
    } else {
        script(probe).and_then(|script| probe.set_list(context.project, &["CMD-SHELL", &script]))
    };
    let (message, label) = if is_one_word {
        (
            format!(
                "the test of {} is one word with `{operator}` in it: Docker looks for a program of that name",
                services(users)
            ),
            "no shell reads this, and nothing splits it".to_owned(),
        )
    } else {
        (
            format!(
                "the test of {} hands `{operator}` to its program: no shell reads a `CMD` list",
                services(users)
            ),
            format!("`{operator}` and the words behind it are arguments here"),
        )
    };
    Finding {
        rule: RULE.name,
        severity: Severity::Error,
        message,
        primary: Label {
            span: probe.place,
            text: label,
        },
        labels: Vec::new(),
        notes: vec![
            "Docker starts the program of a `CMD` list itself; only `CMD-SHELL`, or a plain text, goes through /bin/sh".to_owned(),
            "write it as one text behind `CMD-SHELL`, or leave out what needs a shell: any code but 0 is a failure, so `|| exit 1` adds nothing".to_owned(),
            stacks_note(context.project, &stacks(users)),
        ],
        fix: edit.map(|edit| Fix {
            title: "write it as CMD-SHELL".to_owned(),
            safety: Safety::Unsafe,
            edits: vec![edit],
        }),
        data: json!({ "services": names(users), "stacks": stacks(users), "operator": operator }),
    }
}
