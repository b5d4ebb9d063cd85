//! `upbeat rules`: what there is to find.

use super::CLEAN;
use super::arguments::{Rules, RulesFormat};
use super::terminal::{self, wrap};
use crate::finding::Safety;
use crate::rules::{OptionKind, RULES, Rule, RuleOption};
use serde_json::{Value as Json, json};
use std::fmt::Write as _;
use std::io::{IsTerminal, Write, stdout};

/// Prints them, in the order of their names.
pub(super) fn run(arguments: &Rules) -> u8 {
    let text = match arguments.format {
        RulesFormat::Text => {
            // In a pipe a rule is a line, which `grep` finds.
            let is_read = stdout().is_terminal();
            text(if is_read {
                terminal::width()
            } else {
                usize::MAX
            })
        }
        RulesFormat::Json => json(),
        RulesFormat::Markdown => markdown(),
    };
    // A closed pipe is the reader's choice.
    stdout().write_all(text.as_bytes()).ok();
    CLEAN
}

/// The word for a rule's safest fix, as its page has it.
fn fix(rule: &Rule) -> &'static str {
    match rule.fix {
        None => "",
        Some(Safety::Safe) => "safe",
        Some(Safety::Unsafe) => "unsafe",
        Some(Safety::Display) => "by hand",
    }
}

fn text(width: usize) -> String {
    let widest = |cells: fn(&Rule) -> &'static str| {
        let lengths = RULES.iter().map(|rule| cells(rule).len());
        lengths.max().unwrap_or_default()
    };
    let (name, severity) = (
        widest(|rule| rule.name),
        widest(|rule| rule.severity.name()),
    );
    let (safety, group) = (widest(fix), widest(|rule| rule.group));
    let mut out = String::new();
    for rule in RULES {
        let head = format!(
            "{:name$}  {:severity$}  {:safety$}  {:group$}  ",
            rule.name,
            rule.severity.name(),
            fix(rule),
            rule.group
        );
        // Too narrow for columns: the summary goes below.
        let lines = if head.len() + 30 > width {
            let mut lines = vec![head.trim_end().to_owned()];
            lines.extend(wrap(rule.summary, width, "    "));
            lines
        } else {
            wrap(rule.summary, width, &head)
        };
        for line in lines {
            out.push_str(&line);
            out.push('\n');
        }
    }
    out
}

fn json() -> String {
    let rule = |rule: &Rule| {
        json!({
            "name": rule.name,
            "severity": rule.severity.name(),
            "fix": rule.fix,
            "group": rule.group,
            "summary": rule.summary,
            "options": rule.options().iter().map(option).collect::<Vec<_>>(),
        })
    };
    let rules: Vec<Json> = RULES.iter().map(rule).collect();
    let document = json!({ "version": 1, "rules": rules });
    let document = serde_json::to_string_pretty(&document).unwrap_or_default();
    format!("{document}\n")
}

fn option(option: &RuleOption) -> Json {
    let (kind, default) = match option.kind {
        OptionKind::Length(usual) => ("length", json!(usual.map(|usual| format!("{usual}s")))),
        OptionKind::Times(usual) => ("times", json!(usual)),
        OptionKind::Count(usual) => ("count", json!(usual)),
    };
    json!({ "name": option.name, "kind": kind, "default": default, "about": option.about })
}

fn markdown() -> String {
    let mut out = "| rule | severity | fix | |\n|---|---|---|---|\n".to_owned();
    for rule in RULES {
        let (name, severity, summary) = (rule.name, rule.severity.name(), rule.summary);
        let fix = fix(rule);
        writeln!(
            out,
            "| [{name}](rules/{name}.md) | {severity} | {fix} | {summary} |"
        )
        .expect("writing to a string never fails");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_fits_narrow_terminals_and_wide_ones() {
        for width in [40, 60, 80, 100] {
            let text = text(width);
            let longest = text.lines().map(|line| line.chars().count()).max();
            // The name alone may be wider than the narrowest.
            assert!(
                longest.is_some_and(|longest| longest <= width.max(70)),
                "{text}"
            );
            for rule in RULES {
                assert!(text.contains(rule.name));
            }
        }
    }
}
