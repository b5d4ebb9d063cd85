//! `compose-error`: what Docker refuses in a compose project.

use super::{Context, Rule, stacks_note};
use crate::compose::{Code, HealthField, Refused};
use crate::finding::{Edit, Finding, Fix, Label, Safety, Severity};
use crate::project::{Project, Stack};
use crate::source::Span;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// Its row in the table.
pub(super) const RULE: Rule = Rule {
    name: "compose-error",
    severity: Severity::Error,
    fix: Some(Safety::Unsafe),
    group: "compose",
    summary: "a compose file that Docker refuses",
    page: include_str!("../../rules/compose-error.md"),
    check,
};

pub(super) fn check(context: &Context, findings: &mut Vec<Finding>) {
    let project = context.project;
    let told = told_elsewhere(project);
    let mut found: BTreeMap<(Code, Span), (&Refused, Severity, Vec<String>)> = BTreeMap::new();
    for stack in &project.stacks {
        for refused in stack.refused.iter().filter(|one| !told.contains(&one.span)) {
            let severity = severity(refused, stack);
            let entry = found.entry((refused.code, refused.span));
            let (_, worst, stacks) = entry.or_insert_with(|| (refused, severity, Vec::new()));
            *worst = severity.max(*worst);
            if !stacks.contains(&stack.files.name) {
                stacks.push(stack.files.name.clone());
            }
        }
    }
    for (refused, severity, stacks) in found.into_values() {
        findings.push(finding(project, refused, severity, &stacks));
    }
}

/// Nobody has said which profiles are switched on in a stack that was only found: a desk may always switch one on.
fn severity(refused: &Refused, stack: &Stack) -> Severity {
    let is_found = stack.files.reason.is_by_hand() && stack.files.profiles.is_empty();
    if refused.code == Code::InactiveDependency && is_found {
        Severity::Warning
    } else {
        Severity::Error
    }
}

/// The values that `health-field-invalid` reports.
fn told_elsewhere(project: &Project) -> BTreeSet<Span> {
    let services = project.stacks.iter().flat_map(|stack| &stack.services);
    let mut places = BTreeSet::new();
    for check in services.filter_map(|service| service.check()) {
        for field in [
            &check.interval,
            &check.timeout,
            &check.start_period,
            &check.start_interval,
        ] {
            if let HealthField::Invalid(_, _, value) = field {
                places.insert(value.place());
            }
        }
        if let HealthField::Invalid(_, _, value) = &check.retries {
            places.insert(value.place());
        }
    }
    places
}

fn finding(project: &Project, refused: &Refused, severity: Severity, stacks: &[String]) -> Finding {
    let at = if refused.path.is_empty() {
        String::new()
    } else {
        format!("{}: ", refused.path)
    };
    let mut notes: Vec<String> = refused.allowed.iter().cloned().collect();
    if refused.code.spans_files() && project.stacks.len() > 1 {
        notes.push(stacks_note(project, stacks));
    }
    let outcome = if refused.message.contains("Docker refuses") {
        ""
    } else {
        "; Docker refuses the file"
    };
    let label = refused
        .suggestion
        .as_ref()
        .map(|meant| format!("write {meant}"));
    let labels = refused.labels.iter().map(|(span, text)| Label {
        span: *span,
        text: text.clone(),
    });
    Finding {
        rule: RULE.name,
        severity,
        message: format!("{at}{}{outcome}", refused.message),
        primary: Label {
            span: refused.span,
            text: label.unwrap_or_default(),
        },
        labels: labels.collect(),
        notes,
        fix: fix(project, refused),
        data: json!({
            "code": refused.code.name(),
            "path": refused.path,
            "allowed": refused.allowed,
            "suggestion": refused.suggestion,
            "stacks": stacks,
        }),
    }
}

/// What was meant is a guess.
fn fix(project: &Project, refused: &Refused) -> Option<Fix> {
    let meant = refused
        .suggestion
        .as_ref()
        .filter(|_| refused.replaceable)?;
    let written = project.store.sources().text(refused.span);
    // Quotes stay.
    let quote = written.chars().next().filter(|c| matches!(c, '"' | '\''));
    let text = match quote {
        Some(quote) if !meant.starts_with(quote) => format!("{quote}{meant}{quote}"),
        _ => meant.clone(),
    };
    Some(Fix {
        title: format!("write {meant}"),
        safety: Safety::Unsafe,
        edits: vec![Edit {
            span: refused.span,
            text,
            amount: None,
        }],
    })
}
