//! `cmd-shell-extra-arguments`: words behind the script of `CMD-SHELL`, which the shell takes for `$0`, `$1` and so on.

use super::shared::probe::{Probe, names, probes, services, stacks};
use super::{Context, Rule, stacks_note};
use crate::finding::{Finding, Fix, Label, Safety, Severity};
use serde_json::json;

/// Its row in the table.
pub(super) const RULE: Rule = Rule {
    name: "cmd-shell-extra-arguments",
    severity: Severity::Error,
    fix: Some(Safety::Safe),
    group: "health",
    summary: "words behind the script of `CMD-SHELL`, which the script never sees",
    page: include_str!("../../rules/cmd-shell-extra-arguments.md"),
    check,
};

/// What only a shell can run.
const BUILT_IN: [&str; 9] = [
    "exit", "cd", ":", ".", "source", "command", "exec", "type", "[[",
];

pub(super) fn check(context: &Context, findings: &mut Vec<Finding>) {
    let probes = probes(context.project).into_iter();
    findings.extend(
        probes
            .filter(has_lost_words)
            .map(|probe| finding(context, &probe)),
    );
}

fn has_lost_words(probe: &Probe) -> bool {
    let [form, script, more @ ..] = probe.test else {
        return false;
    };
    form == "CMD-SHELL" && more.iter().any(|word| !word.trim().is_empty()) && !reads_words(script)
}

/// Whether a script looks at `$0`, `$1`, `$@` or the like.
fn reads_words(script: &str) -> bool {
    let mut dollars = script.split('$').skip(1);
    dollars.any(|rest| {
        let rest = rest.strip_prefix('{').unwrap_or(rest);
        rest.starts_with(|c: char| c.is_ascii_digit() || "@*#".contains(c))
    })
}

/// Whether the words would do without a shell what they say.
fn is_plain(words: &[String]) -> bool {
    let of_shells = |c: char| c.is_whitespace() || "|&;<>()$`\\\"'*?[]#~{}!".contains(c);
    words
        .iter()
        .all(|word| !word.is_empty() && !word.contains(of_shells))
        && !BUILT_IN.contains(&words[0].as_str())
        && !words[0].contains('=')
}

fn finding(context: &Context, probe: &Probe) -> Finding {
    let users = &probe.users;
    let lost = probe.test.len() - 2;
    let edit = is_plain(&probe.test[1..])
        .then(|| probe.set_form(context.project, "CMD"))
        .flatten();
    let words = if lost == 1 {
        "word behind it is".to_owned()
    } else {
        format!("{lost} words behind it are")
    };
    Finding {
        rule: RULE.name,
        severity: Severity::Error,
        message: format!(
            "the test of {} runs its first word alone: the {words} no part of the script",
            services(users)
        ),
        primary: Label {
            span: probe.place,
            text: "`CMD-SHELL` takes one word, the whole script".to_owned(),
        },
        labels: Vec::new(),
        notes: vec![
            "Docker runs `/bin/sh -c SCRIPT WORD…`: the words become $0, $1 and so on of the script, which does not read them".to_owned(),
            "write the words as `CMD`, or put all of them into one text behind `CMD-SHELL`".to_owned(),
            stacks_note(context.project, &stacks(users)),
        ],
        fix: edit.map(|edit| Fix {
            title: "write CMD".to_owned(),
            safety: Safety::Safe,
            edits: vec![edit],
        }),
        data: json!({ "services": names(users), "stacks": stacks(users), "lost_words": lost }),
    }
}
