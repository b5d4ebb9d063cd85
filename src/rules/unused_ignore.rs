//! `unused-ignore`: a comment that silences findings and silences none, or that says too little.

use super::{Context, Ignored, RULES, Rule};
use crate::finding::{Edit, Finding, Fix, Label, Safety, Severity};
use crate::ignores::{self, Ignore, Wrong};
use crate::project::{Reason, Stack};
use crate::source::Span;
use crate::spelling::nearest;
use serde_json::json;

/// Its row in the table.
pub(super) const RULE: Rule = Rule {
    name: NAME,
    severity: Severity::Warning,
    fix: Some(Safety::Safe),
    group: "settings",
    summary: "a comment that ignores findings and hides none, or that gives no reason",
    page: include_str!("../../rules/unused-ignore.md"),
    check,
};

const NAME: &str = "unused-ignore";

/// What is found only where a startup is known: a run without its log proves nothing of their ignores.
const OF_STARTUPS: [&str; 8] = [
    "allowance-below-dependency",
    "migrations-delay-health",
    "overlay-shrinks-allowance",
    "probe-tool-missing",
    "slow-startup-step",
    "stacks-differ",
    "start-period-below-startup",
    "start-period-far-above-startup",
];

/// What other rules found decides: see [`silence`].
fn check(_: &Context, _: &mut Vec<Finding>) {}

/// The comments of all files of the project.
pub(super) fn read(context: &Context) -> Vec<Ignore> {
    let (store, trees) = (&context.project.store, &context.project.trees);
    let files = store.sources().iter();
    let own = files
        .filter(|(file, source)| !store.is_foreign(*file) && !store.is_excluded(source.path()));
    let read = own.flat_map(|(file, source)| {
        let tree = trees.get(file).map(AsRef::as_ref);
        ignores::read(file, source.path(), source.text(), tree)
    });
    read.collect()
}

/// The comment, and the rule of it, that silences a finding.
pub(super) fn silencing(ignores: &[Ignore], rule: &str, place: Span) -> Option<(usize, usize)> {
    let mut all = ignores.iter().enumerate();
    all.find_map(|(index, ignore)| Some((index, ignore.silences(rule, place)?)))
}

/// Takes out the findings that comments silence, and puts in what is wrong with the comments. A comment is of use as well for
/// what is `off` already.
pub(super) fn silence(
    context: &Context,
    ignores: &[Ignore],
    findings: &mut Vec<Finding>,
    off: &[Finding],
) -> Vec<Ignored> {
    let mut used: Vec<Vec<bool>> = ignores
        .iter()
        .map(|ignore| vec![false; ignore.rules.len()])
        .collect();
    let mut ignored = take(ignores, findings, &mut used);
    for finding in off {
        if let Some((ignore, rule)) = silencing(ignores, finding.rule, finding.primary.span) {
            used[ignore][rule] = true;
        }
    }
    if !context.options.runs(&RULE) {
        return ignored;
    }
    let names_itself = |ignore: &Ignore| ignore.rules.iter().any(|(name, _)| name == NAME);
    let mut told = Vec::new();
    for (ignore, used) in ignores.iter().zip(&used) {
        if !names_itself(ignore) {
            told.extend(about(context, ignore, used));
        }
    }
    // What is wrong with them may be silenced too; only then it shows which of those that do so are of use.
    ignored.extend(take(ignores, &mut told, &mut used));
    for (ignore, used) in ignores.iter().zip(&used) {
        if names_itself(ignore) {
            told.extend(about(context, ignore, used));
        }
    }
    findings.extend(told);
    ignored
}

fn take(ignores: &[Ignore], findings: &mut Vec<Finding>, used: &mut [Vec<bool>]) -> Vec<Ignored> {
    let mut ignored = Vec::new();
    let mut kept = Vec::new();
    for finding in std::mem::take(findings) {
        match silencing(ignores, finding.rule, finding.primary.span) {
            Some((ignore, rule)) => {
                used[ignore][rule] = true;
                ignored.push(Ignored {
                    finding,
                    reason: ignores[ignore].reason.clone(),
                    comment: ignores[ignore].span,
                });
            }
            None => kept.push(finding),
        }
    }
    *findings = kept;
    ignored
}

/// What is wrong with one comment; `used` tells which of its rules silence something.
fn about(context: &Context, ignore: &Ignore, used: &[bool]) -> Vec<Finding> {
    let whole = ignore.span;
    let warning = |span, message: String, note: String| {
        let mut finding = finding(Severity::Warning, span, message, ignore);
        finding.notes.push(note);
        finding
    };
    if let Some(wrong) = &ignore.wrong {
        let form = "write `# upbeat: ignore[rule] reason`".to_owned();
        let (message, note) = match wrong {
            Wrong::Word(meant) => (
                "this comment is nearly one that ignores findings, and ignores none",
                format!("write `{meant}`"),
            ),
            Wrong::NoRules => ("this comment names no rules, and ignores none", form),
            Wrong::BelowTop => (
                "a comment for the whole file stands at its top; here it ignores nothing",
                "move it above all but comments, or write `ignore` for one line".to_owned(),
            ),
        };
        return vec![warning(whole, message.to_owned(), note)];
    }
    let mut found = Vec::new();
    let mut unused = Vec::new();
    for (index, (name, span)) in ignore.rules.iter().enumerate() {
        match super::rule(name) {
            None => {
                let meant = nearest(name, RULES.iter().map(|rule| rule.name));
                let note = meant.map_or("`upbeat rules` lists them".to_owned(), |meant| {
                    format!("write `{meant}`")
                });
                found.push(warning(*span, format!("there is no rule `{name}`"), note));
            }
            Some(rule) if !used[index] && can_tell(context, rule) => unused.push((index, rule)),
            Some(_) => {}
        }
    }
    if ignore.reason.is_empty() {
        let message = "a finding is ignored here, and nobody says why".to_owned();
        let note = "write the reason behind the bracket".to_owned();
        found.push(warning(whole, message, note));
    }
    let all = unused.len() == ignore.rules.len();
    for (index, rule) in unused {
        let (name, span) = &ignore.rules[index];
        let message = format!("`{name}` is ignored here, and nothing is found");
        let mut finding = finding(Severity::Info, *span, message, ignore);
        // A log, or a flag, may bring back what rests on lengths of time; another stack than the given one any finding.
        let is_given = |stack: &Stack| stack.files.reason == Reason::Given;
        let safety = match rule.group {
            "timing" | "waits" => Safety::Unsafe,
            _ if context.project.stacks.iter().any(is_given) => Safety::Unsafe,
            _ => Safety::Safe,
        };
        finding.fix = Some(Fix {
            title: if all {
                "remove the comment".to_owned()
            } else {
                format!("remove `{name}` from the comment")
            },
            safety,
            edits: vec![Edit {
                span: if all {
                    comment(context, ignore)
                } else {
                    entry(ignore, index)
                },
                text: String::new(),
                amount: None,
            }],
        });
        found.push(finding);
    }
    found
}

/// Whether a run can tell that there is nothing to ignore.
fn can_tell(context: &Context, rule: &Rule) -> bool {
    let project = context.project;
    let mut services = project.stacks.iter().flat_map(|stack| &stack.services);
    context.options.runs(rule)
        && project.obstacles.is_empty()
        && (!OF_STARTUPS.contains(&rule.name) || services.any(|one| one.startup.is_some()))
}

fn finding(severity: Severity, span: Span, message: String, ignore: &Ignore) -> Finding {
    let rules: Vec<&str> = ignore.rules.iter().map(|(name, _)| name.as_str()).collect();
    Finding {
        rule: NAME,
        severity,
        message,
        primary: Label {
            span,
            text: String::new(),
        },
        labels: Vec::new(),
        notes: Vec::new(),
        fix: None,
        data: json!({ "rules": rules, "reason": ignore.reason }),
    }
}

/// The comment with the blanks before it; with its line, where nothing else stands on that.
fn comment(context: &Context, ignore: &Ignore) -> Span {
    let text = context.project.store.sources().get(ignore.span.file).text();
    let range = ignore.span.range();
    let before = text[..range.start].trim_end_matches([' ', '\t']).len();
    let behind = text[range.end..]
        .find('\n')
        .map_or(text.len(), |end| range.end + end);
    let end = if ignore.own_line {
        (behind + 1).min(text.len())
    } else {
        range.end
    };
    Span::new(ignore.span.file, before..end)
}

/// A name with the comma that goes with it.
fn entry(ignore: &Ignore, index: usize) -> Span {
    let own = ignore.rules[index].1;
    let (start, end) = match (index.checked_sub(1), ignore.rules.get(index + 1)) {
        (_, Some((_, next))) => (own.start, next.start),
        (Some(before), None) => (ignore.rules[before].1.end, own.end),
        (None, None) => (own.start, own.end),
    };
    Span {
        file: own.file,
        start,
        end,
    }
}
