//! `healthy-without-healthcheck`: a service waits for another one to be healthy that has no healthcheck.

use super::shared::awaited::{Awaited, awaited, brings_none};
use super::{Context, Rule, stacks_note};
use crate::compose::ServiceHealth;
use crate::dockerfile::ImageHealth;
use crate::finding::{Finding, Label, Severity};
use crate::project::{ActiveService, Clock};
use serde_json::json;

/// Its row in the table.
pub(super) const RULE: Rule = Rule {
    name: "healthy-without-healthcheck",
    severity: Severity::Error,
    fix: None,
    group: "dependencies",
    summary: "a wait for a service to be healthy that has no healthcheck",
    page: include_str!("../../rules/healthy-without-healthcheck.md"),
    check,
};

pub(super) fn check(context: &Context, findings: &mut Vec<Finding>) {
    let found = awaited(context, |target| why(target).is_some());
    findings.extend(found.iter().filter_map(|awaited| finding(context, awaited)));
}

/// Why a service surely has no healthcheck; `None` where it has one, or may have one.
fn why(target: &ActiveService) -> Option<String> {
    if !matches!(target.service.health, ServiceHealth::Unset) || target.clock != Clock::Unknown {
        let entry = target.entry.as_ref();
        let health = entry.and_then(|entry| entry.health.as_ref());
        let is_none = matches!(health, Some(ImageHealth::None(_)));
        let unset = matches!(target.service.health, ServiceHealth::Unset);
        return (is_none && unset).then(|| "its Dockerfile says `HEALTHCHECK NONE`".to_owned());
    }
    if target.service.build {
        let base = target.entry.as_ref()?.base.as_ref()?;
        return brings_none(base)
            .then(|| format!("its Dockerfile has no HEALTHCHECK, and neither has `{base}`"));
    }
    let image = target.service.image.as_ref()?;
    brings_none(image).then(|| format!("its image `{image}` brings none"))
}

fn finding(context: &Context, awaited: &Awaited) -> Option<Finding> {
    let why = why(awaited.target)?;
    let (waiter, target) = (&awaited.waiter.service.name, &awaited.target.service.name);
    Some(Finding {
        rule: RULE.name,
        severity: Severity::Error,
        message: format!(
            "`{waiter}` waits for `{target}` to be healthy, and `{target}` has no healthcheck: `docker compose up` fails"
        ),
        primary: Label {
            span: awaited.dependency.span,
            text: format!("`{target}` has no health that it could get"),
        },
        labels: vec![Label {
            span: awaited.target.service.key,
            text: format!("no `healthcheck` is written, and {why}"),
        }],
        notes: vec![
            format!(
                "Compose says `container … has no healthcheck configured` and ends with 1; write a healthcheck for `{target}`, or wait with `condition: service_started`"
            ),
            stacks_note(context.project, &awaited.stacks),
        ],
        fix: None,
        data: json!({ "service": waiter, "dependency": target, "stacks": awaited.stacks }),
    })
}
