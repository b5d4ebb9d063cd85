//! `migrations-delay-health`: the schema of a database is changed inside the start of a service whose health is probed.

use super::{Context, Rule, stacks_note};
use crate::clock::Quantity;
use crate::compose::{Build, Condition};
use crate::finding::{Finding, Label, Severity};
use crate::project::{ActiveService, EntryWork, part_place};
use crate::source::Span;
use crate::startup::WorkKind;
use serde_json::json;
use std::collections::BTreeMap;

/// Its row in the table.
pub(super) const RULE: Rule = Rule {
    name: "migrations-delay-health",
    severity: Severity::Info,
    fix: None,
    group: "timing",
    summary: "migrations inside the start of a service with a healthcheck",
    page: include_str!("../../rules/migrations-delay-health.md"),
    check,
};

/// A service, what it does, and the stacks that it is in.
struct Found<'a> {
    service: &'a ActiveService,
    work: &'a EntryWork,
    stacks: Vec<String>,
}

pub(super) fn check(context: &Context, findings: &mut Vec<Finding>) {
    let mut found: BTreeMap<(Span, &str), Found> = BTreeMap::new();
    for stack in &context.project.stacks {
        for service in stack.services.iter().filter(|s| s.known().is_some()) {
            let work = service.entry.iter().flat_map(|entry| &entry.work);
            let Some(work) = work
                .into_iter()
                .find(|work| work.kind == WorkKind::Migrations)
            else {
                continue;
            };
            let key = (work.span, service.service.name.as_str());
            let new = || Found {
                service,
                work,
                stacks: Vec::new(),
            };
            let stacks = &mut found.entry(key).or_insert_with(new).stacks;
            stacks.push(stack.files.name.clone());
        }
    }
    findings.extend(found.values().map(|found| finding(context, found)));
}

fn finding(context: &Context, found: &Found) -> Finding {
    let name = &found.service.service.name;
    let period = found.service.known().map(|check| check.start_period);
    let period = period.filter(|period| *period > crate::duration::Seconds::ZERO);
    let may = if found.work.maybe {
        "may change"
    } else {
        "changes"
    };
    let grace = match period {
        Some(period) => {
            format!("its start_period of {period}s has to last for the longest migration")
        }
        None => "it has no start_period: a long migration makes it unhealthy".to_owned(),
    };
    let mut labels: Vec<Label> = Vec::new();
    labels.extend(
        part_place(found.service, Quantity::StartPeriod).map(|span| Label {
            span,
            text: format!("`{name}`: has to be longer than the longest migration"),
        }),
    );
    let waits = found
        .service
        .entry
        .iter()
        .flat_map(|entry| entry.longest(|_| true));
    labels.extend(waits.map(|wait| Label {
        span: wait.place,
        text: format!("a wait on the way, of up to {}s", wait.limit),
    }));
    let others = found.service.entry.iter().flat_map(|entry| &entry.work);
    labels.extend(
        others
            .filter(|work| work.kind == WorkKind::StaticFiles)
            .map(|work| Label {
                span: work.span,
                text: "static files can be collected when the image is built".to_owned(),
            }),
    );
    let mut notes = vec![
        "how long a migration takes changes with every release, and nobody measures it before the deployment".to_owned(),
        format!("a job of its own has no healthcheck to outlast; with the environment of `{name}`: {}", job(found)),
        format!("and in `{name}`: depends_on: {{ {name}-migrate: {{ condition: service_completed_successfully }} }}"),
    ];
    notes.push(stacks_note(context.project, &found.stacks));
    Finding {
        rule: RULE.name,
        severity: Severity::Info,
        message: format!("`{name}` {may} its database's schema before it answers: {grace}"),
        primary: Label {
            span: found.work.span,
            text: "the healthcheck fails as long as this runs".to_owned(),
        },
        labels,
        notes,
        fix: None,
        data: json!({
            "service": name,
            "stacks": found.stacks,
            "command": words(found.work).join(" "),
            "start_period_s": period.map(crate::duration::Seconds::as_f64),
        }),
    }
}

/// The service that does the migrations and nothing else.
fn job(found: &Found) -> String {
    let service = &found.service.service;
    let name = &service.name;
    let build = service
        .start
        .as_ref()
        .and_then(|start| start.build.as_ref());
    let mut parts = Vec::new();
    match (build, &service.image) {
        (_, Some(image)) => parts.push(format!("image: {}", plain(image))),
        (Some(build), None) => parts.push(format!("build: {}", shown(build))),
        (None, None) => {}
    }
    parts.push(format!("entrypoint: [{}]", words(found.work).join(", ")));
    let needs = service.depends_on.iter();
    let healthy: Vec<String> = needs
        .filter(|need| need.condition == Condition::Healthy)
        .map(|need| format!("{}: {{ condition: service_healthy }}", plain(&need.service)))
        .collect();
    if !healthy.is_empty() {
        parts.push(format!("depends_on: {{ {} }}", healthy.join(", ")));
    }
    format!("{name}-migrate: {{ {} }}", parts.join(", "))
}

fn shown(build: &Build) -> String {
    let context = build.context.as_ref().map_or("…", |context| &context.path);
    let more = [("dockerfile", &build.dockerfile), ("target", &build.target)];
    let more: Vec<String> = more
        .into_iter()
        .filter_map(|(key, value)| Some(format!("{key}: {}", plain(value.as_deref()?))))
        .collect();
    if more.is_empty() {
        return plain(context);
    }
    format!("{{ context: {}, {} }}", plain(context), more.join(", "))
}

fn words(work: &EntryWork) -> Vec<String> {
    let words = work.words.iter();
    words
        .map(|word| word.as_deref().map_or("…".to_owned(), plain))
        .collect()
}

/// A text in a flow collection of YAML, in quotes where it needs them.
fn plain(text: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_./=".contains(c);
    if text.starts_with(|c: char| c.is_ascii_alphabetic() || "./-".contains(c))
        && text.chars().all(is_plain)
    {
        text.to_owned()
    } else {
        json!(text).to_string()
    }
}
