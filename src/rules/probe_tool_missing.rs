//! `probe-tool-missing`: a probe that calls what its image does not have.

use super::shared::probe::script;
use super::{Context, Rule};
use crate::finding::{Finding, Label, Severity};
use crate::project::{ActiveService, MissingTool};
use crate::shell::succeeds_without;
use crate::source::Span;
use serde_json::json;
use std::collections::BTreeMap;

pub(super) const NAME: &str = "probe-tool-missing";

/// Its row in the table.
pub(super) const RULE: Rule = Rule {
    name: NAME,
    severity: Severity::Error,
    fix: None,
    group: "health",
    summary: "a probe that calls a tool which its image does not have",
    page: include_str!("../../rules/probe-tool-missing.md"),
    check,
};

pub(super) fn check(context: &Context, findings: &mut Vec<Finding>) {
    for missing in &context.project.missing_tools {
        // By the place of the test, the stacks that read it there.
        let mut by_place: BTreeMap<Span, (&str, Vec<String>)> = BTreeMap::new();
        for stack in &context.project.stacks {
            for service in stack
                .services
                .iter()
                .filter(|service| is_meant(service, missing))
            {
                if let Some(place) = test_with(service, missing, &context.project.missing_tools) {
                    let entry = by_place.entry(place);
                    let (_, stacks) = entry.or_insert((&service.service.name, Vec::new()));
                    stacks.push(stack.files.name.clone());
                }
            }
        }
        for (place, (service, stacks)) in by_place {
            let known = findings
                .iter()
                .any(|known| known.rule == NAME && known.primary.span == place);
            if !known {
                findings.push(finding(context, missing, place, service, &stacks));
            }
        }
    }
}

fn is_meant(service: &ActiveService, missing: &MissingTool) -> bool {
    let own = [
        Some(service.service.name.as_str()),
        service.service.container_name.as_deref(),
    ];
    missing.names.iter().any(|name| own.contains(&Some(name)))
}

/// Where the test is written, if it still calls the tool and cannot succeed without all that is missing.
fn test_with(service: &ActiveService, missing: &MissingTool, all: &[MissingTool]) -> Option<Span> {
    let check = service.check()?;
    let tool = missing.tool.as_str();
    let lost = all.iter().filter(|one| is_meant(service, one));
    let lost: Vec<&str> = lost.map(|one| one.tool.as_str()).collect();
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/');
    let calls = |text: &String| text.split(|c| !is_part(c)).any(|word| word == tool);
    let is_lost = match script(&check.test) {
        Some((_, text)) if program(&check.test) != Some(tool) => !succeeds_without(text, &lost),
        _ => true,
    };
    check
        .test_place
        .filter(|_| is_lost && check.test.iter().any(calls))
}

/// What Docker itself is to start in a `CMD` list.
fn program(test: &[String]) -> Option<&str> {
    let [form, program, ..] = test else {
        return None;
    };
    (form == "CMD").then_some(program)
}

fn finding(
    context: &Context,
    missing: &MissingTool,
    place: Span,
    service: &str,
    stacks: &[String],
) -> Finding {
    let tool = &missing.tool;
    let said = missing.place.map(|span| Label {
        span,
        text: format!("what a probe of `{service}` printed"),
    });
    Finding {
        rule: NAME,
        severity: Severity::Error,
        message: format!(
            "the probe of `{service}` calls `{tool}`, which its image does not have: no probe can succeed"
        ),
        primary: Label {
            span: place,
            text: format!("`{tool}` is looked for inside of the container"),
        },
        labels: said.into_iter().collect(),
        notes: vec![
            format!(
                "install `{tool}` in the image, or probe with what it has: a command of the server's own, `wget` of busybox, or a few lines of the image's language"
            ),
            super::stacks_note(context.project, stacks),
        ],
        fix: None,
        data: json!({ "service": service, "stacks": stacks, "tool": tool }),
    }
}
