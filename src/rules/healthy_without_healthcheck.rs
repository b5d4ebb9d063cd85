//! `healthy-without-healthcheck`: a service waits for another one to be healthy that has no healthcheck.

use super::healthy_on_one_shot::is_job;
use super::shared::awaited::{Awaited, awaited};
use super::shared::images::{brings_none, brings_one, is_same};
use super::{Context, Rule, stacks_note};
use crate::compose::{Condition, ServiceHealth};
use crate::dockerfile::ImageHealth;
use crate::finding::{Finding, Label, Severity};
use crate::project::{ActiveService, Clock, Project, Stack};
use crate::source::Span;
use serde_json::json;
use std::collections::BTreeMap;

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
    let project = context.project;
    let found = awaited(context, Condition::Healthy, |stack, target| {
        why(stack, target).is_some()
    });
    findings.extend(found.iter().filter_map(|awaited| finding(context, awaited)));
    let unknown = awaited(context, Condition::Healthy, |stack, target| {
        doubt(project, stack, target).is_some() && !is_job(context, stack, target)
    });
    // Whatever waits for a service, its image is one question.
    let mut by_target: BTreeMap<Span, Vec<Awaited>> = BTreeMap::new();
    for awaited in unknown {
        let key = awaited.target.service.key;
        by_target.entry(key).or_default().push(awaited);
    }
    findings.extend(by_target.values().filter_map(|all| doubtful(context, all)));
}

/// Why a service surely has no healthcheck; `None` where it has one, or may have one.
pub(super) fn why(stack: &Stack, target: &ActiveService) -> Option<String> {
    // Numbers without a test leave it to the image.
    let has_own = match &target.service.health {
        ServiceHealth::Unset => false,
        ServiceHealth::Check(check) => check.has_test,
        ServiceHealth::Disabled(_) => true,
    };
    if has_own {
        return None;
    }
    let entry = target.entry.as_ref();
    match entry.and_then(|entry| entry.health.as_ref()) {
        Some(ImageHealth::None(_)) => {
            return Some("its Dockerfile says `HEALTHCHECK NONE`".to_owned());
        }
        Some(ImageHealth::Check(_)) => return None,
        None => {}
    }
    let has_none = |image: &str| brings_none(image) && !is_built(&stack.services, image);
    if target.service.build {
        let base = entry?.base.as_ref()?;
        return has_none(base)
            .then(|| format!("its Dockerfile has no HEALTHCHECK, and neither has `{base}`"));
    }
    let image = target.service.image.as_ref()?;
    has_none(image).then(|| format!("its image `{image}` brings none"))
}

/// Whether one of these services builds an image of this name, whatever the registry has under it.
fn is_built<'a>(services: impl IntoIterator<Item = &'a ActiveService>, image: &str) -> bool {
    services.into_iter().any(|other| {
        let own = other.service.image.as_deref();
        other.service.build && own.is_some_and(|own| is_same(own, image))
    })
}

/// The first stack of a dependency.
fn stack_of<'a>(context: &Context<'a>, awaited: &Awaited) -> Option<&'a Stack> {
    let mut stacks = context.project.stacks.iter();
    stacks.find(|stack| awaited.stacks.contains(&stack.files.name))
}

/// What is missing at the service itself, as its label begins.
fn missing(target: &ActiveService) -> &'static str {
    match target.check() {
        Some(_) => "its `healthcheck` has no `test`",
        None => "no `healthcheck` is written",
    }
}

/// Why it is not known whether a service has a healthcheck; `None` where that is known, or where its image is not.
fn doubt(project: &Project, stack: &Stack, target: &ActiveService) -> Option<String> {
    let is_unset = matches!(target.service.health, ServiceHealth::Unset);
    if !is_unset || target.clock != Clock::Unknown || why(stack, target).is_some() {
        return None;
    }
    let all = || project.stacks.iter().flat_map(|stack| &stack.services);
    if target.service.build {
        let build = target.service.start.as_ref()?.build.as_ref();
        let base = target.entry.as_ref().and_then(|entry| entry.base.as_ref());
        let is_known = |base: &str| brings_one(base) || is_built(all(), base);
        return match base {
            Some(base) => (!is_known(base) && !base.contains('$')).then(|| {
                format!("its Dockerfile has no HEALTHCHECK, and `{base}` is not known here")
            }),
            None if build.is_some_and(|build| !build.contexts.is_empty()) => None,
            None => Some("its Dockerfile is not in sight".to_owned()),
        };
    }
    let image = target.service.image.as_ref()?;
    let is_known = brings_one(image) || is_built(all(), image);
    (!is_known).then(|| format!("its image `{image}` is not known here"))
}

fn doubtful(context: &Context, all: &[Awaited]) -> Option<Finding> {
    let (first, others) = all.split_first()?;
    let why = doubt(context.project, stack_of(context, first)?, first.target)?;
    let (waiter, target) = (&first.waiter.service.name, &first.target.service.name);
    let mut labels = vec![Label {
        span: first.target.service.key,
        text: format!("no `healthcheck` is written, and {why}"),
    }];
    let mut stacks = first.stacks.clone();
    for other in others {
        labels.push(Label {
            span: other.dependency.span,
            text: format!("`{}` waits as well", other.waiter.service.name),
        });
        let new = other
            .stacks
            .iter()
            .filter(|name| !first.stacks.contains(name));
        stacks.extend(new.cloned());
    }
    stacks.dedup();
    Some(Finding {
        rule: RULE.name,
        severity: Severity::Info,
        message: format!(
            "`{waiter}` waits for `{target}` to be healthy, and `{target}` has a healthcheck only if its image brings one: else `docker compose up` fails"
        ),
        primary: Label {
            span: first.dependency.span,
            text: "rests on what the image brings".to_owned(),
        },
        labels,
        notes: vec![
            "`docker image inspect -f '{{.Config.Healthcheck}}' IMAGE` tells; a healthcheck in the compose file holds whatever the next image brings".to_owned(),
            stacks_note(context.project, &stacks),
        ],
        fix: None,
        data: json!({ "service": waiter, "dependency": target, "stacks": stacks }),
    })
}

fn finding(context: &Context, awaited: &Awaited) -> Option<Finding> {
    let why = why(stack_of(context, awaited)?, awaited.target)?;
    let (waiter, target) = (&awaited.waiter.service.name, &awaited.target.service.name);
    let stacks = context.project.stacks.iter();
    let mut stacks = stacks.filter(|stack| awaited.stacks.contains(&stack.files.name));
    let advice = if stacks.any(|stack| is_job(context, stack, awaited.target)) {
        "it looks like a job: `condition: service_completed_successfully` waits for its end"
            .to_owned()
    } else {
        format!("write a healthcheck for `{target}`, or wait with `condition: service_started`")
    };
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
            text: format!("{}, and {why}", missing(awaited.target)),
        }],
        notes: vec![
            format!(
                "Compose says `container … has no healthcheck configured` and ends with 1; {advice}"
            ),
            stacks_note(context.project, &awaited.stacks),
        ],
        fix: None,
        data: json!({ "service": waiter, "dependency": target, "stacks": awaited.stacks }),
    })
}
