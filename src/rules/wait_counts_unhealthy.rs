//! `wait-counts-unhealthy`: a pattern that means `healthy` and matches `unhealthy` as well.

use super::{Context, Rule};
use crate::finding::{Edit, Finding, Fix, Label, Safety, Severity};
use crate::project::Listed;
use crate::shell::{Filter, Pattern};
use serde_json::json;
use std::collections::BTreeSet;

/// Its row in the table.
pub(super) const RULE: Rule = Rule {
    name: "wait-counts-unhealthy",
    severity: Severity::Error,
    fix: Some(Safety::Safe),
    group: "waits",
    summary: "a CI wait that takes `unhealthy` for `healthy`",
    page: include_str!("../../rules/wait-counts-unhealthy.md"),
    check,
};

/// How Docker says it: `docker inspect`, `docker ps`, and both as JSON. The first of each pair is what is waited for.
const SAID: [(&str, &str); 3] = [
    ("healthy", "unhealthy"),
    ("Up 2 minutes (healthy)", "Up 2 minutes (unhealthy)"),
    ("\"Health\":\"healthy\"", "\"Health\":\"unhealthy\""),
];

pub(super) fn check(context: &Context, findings: &mut Vec<Finding>) {
    let mut seen = BTreeSet::new();
    for wait in &context.project.waits {
        for filter in wait.filters.iter().filter(|filter| takes_both(filter)) {
            if !tells_them_apart(context, wait, filter) && seen.insert(filter.span) {
                findings.push(finding(context, filter));
            }
        }
    }
}

/// Whether everything that lets `healthy` pass lets `unhealthy` pass.
fn takes_both(filter: &Filter) -> bool {
    let passed = SAID.map(|(good, bad)| (filter.passes(good), filter.passes(bad)));
    let any_good = passed.iter().any(|(good, _)| *good == Some(true));
    let all_bad = passed
        .iter()
        .all(|(good, bad)| *good != Some(true) || *bad == Some(true));
    // What every state passes, such as `Up`, is not about health.
    let is_about_health = filter.passes("Up 2 minutes") == Some(false);
    any_good && all_bad && is_about_health && !filter.inverted
}

/// Whether something else in the wait looks for `unhealthy`, or lets only healthy containers through.
fn tells_them_apart(context: &Context, wait: &Listed, filter: &Filter) -> bool {
    let text = context.project.store.sources().text(wait.span);
    let others = wait.filters.iter().filter(|other| *other != filter);
    text.to_lowercase().contains("unhealthy")
        || text.contains("health=healthy")
        || others.into_iter().any(|other| {
            other.passes("unhealthy") == Some(false) && other.passes("healthy") == Some(true)
        })
}

fn finding(context: &Context, filter: &Filter) -> Finding {
    let shown = context.project.store.sources().text(filter.span);
    let shown = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    let (severity, what) = if filter.decides {
        (
            Severity::Error,
            "this wait is content with an unhealthy container",
        )
    } else {
        (
            Severity::Warning,
            "it counts unhealthy containers as healthy ones",
        )
    };
    let pattern = &filter.pattern;
    let note = match filter.kind {
        Pattern::Glob => "compare the whole text instead: `== healthy`".to_owned(),
        _ => "`grep -w` matches whole words only; `docker inspect -f '{{.State.Health.Status}}'` compared with `= healthy` needs no pattern at all".to_owned(),
    };
    Finding {
        rule: RULE.name,
        severity,
        message: format!("`{shown}` matches `unhealthy` as well as `healthy`: {what}"),
        primary: Label {
            span: filter.span,
            text: format!("`{pattern}` stands in both words"),
        },
        labels: Vec::new(),
        notes: vec![note],
        fix: filter.program.map(|span| Fix {
            title: "match whole words only (grep -w)".to_owned(),
            safety: Safety::Safe,
            edits: vec![Edit {
                span,
                text: format!("{} -w", context.project.store.sources().text(span)),
                amount: None,
            }],
        }),
        data: json!({ "pattern": pattern, "decides": filter.decides }),
    }
}
