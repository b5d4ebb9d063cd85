//! `health-field-invalid`: a value that Docker refuses, or a zero, which sets nothing.

use super::shared::probe::{User, names, services, stacks};
use super::{Context, Rule, stacks_note};
use crate::compose::{HealthField, Value};
use crate::dockerfile::Number;
use crate::duration::Seconds;
use crate::finding::{Edit, Finding, Fix, Label, Safety, Severity};
use crate::project::ActiveService;
use crate::source::Span;
use crate::yaml;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// Its row in the table.
pub(super) const RULE: Rule = Rule {
    name: "health-field-invalid",
    severity: Severity::Error,
    fix: Some(Safety::Unsafe),
    group: "health",
    summary: "a healthcheck field that Docker refuses, or a zero, which sets nothing",
    page: include_str!("../../rules/health-field-invalid.md"),
    check,
};

pub(super) fn check(context: &Context, findings: &mut Vec<Finding>) {
    zeros(context, findings);
    unknown_to_engine(context, findings);
    let mut seen = BTreeSet::new();
    for stack in &context.project.stacks {
        for service in &stack.services {
            let Some(check) = service.check() else {
                continue;
            };
            let mut invalid: Vec<(&str, &String, &Option<String>, &Value)> = Vec::new();
            for (key, field) in check.durations() {
                if let HealthField::Invalid(message, suggestion, value) = field {
                    invalid.push((key, message, suggestion, value));
                }
            }
            if let HealthField::Invalid(message, suggestion, value) = &check.retries {
                invalid.push(("retries", message, suggestion, value));
            }
            for (key, message, suggestion, value) in invalid {
                if seen.insert(value.place()) {
                    findings.push(finding(
                        context,
                        &service.service.name,
                        key,
                        message,
                        suggestion.as_deref(),
                        value,
                    ));
                }
            }
        }
    }
}

/// A `start_interval` where the engine that is named knows none (docker compose v2.40.3, pkg/compose/convert.go).
fn unknown_to_engine(context: &Context, findings: &mut Vec<Finding>) {
    let engine = &context.project.engine;
    if engine.is_assumed() || engine.generation().has_start_interval() {
        return;
    }
    let mut found: BTreeMap<Span, Vec<User>> = BTreeMap::new();
    for stack in &context.project.stacks {
        for service in &stack.services {
            let check = service.check();
            // Without a start_period Compose says that first.
            let has_period = check.is_some_and(|check| check.start_period.known().is_some());
            let value = check.and_then(|check| check.start_interval.written());
            if let Some(value) = value.filter(|_| has_period) {
                let users = found.entry(value.place()).or_default();
                users.push(User { stack, service });
            }
        }
    }
    findings.extend(found.iter().map(|(place, users)| Finding {
        rule: RULE.name,
        severity: Severity::Error,
        message: format!(
            "start_interval of {}: engine {engine} does not know it; `docker compose up` refuses it",
            services(users)
        ),
        primary: Label {
            span: *place,
            text: "known to engines from 25 on".to_owned(),
        },
        labels: Vec::new(),
        notes: vec![
            "Compose says `can't set healthcheck.start_interval as feature require Docker Engine v25 or later`".to_owned(),
            "leave it out, or name the engine that is in use: `--engine`, or `engine` in upbeat.yml".to_owned(),
            stacks_note(context.project, &stacks(users)),
        ],
        fix: None,
        data: json!({ "services": names(users), "stacks": stacks(users), "field": "start_interval" }),
    }));
}

/// A zero in a field, and what counts instead.
struct Zero<'a> {
    key: &'static str,
    value: &'a Value,
    users: Vec<User<'a>>,
    instead: String,
    /// Where what counts is written: in a Dockerfile.
    image: Option<Span>,
}

/// The zeros that somebody may have meant. A `start_period` of 0 is none, as it is where nothing is written; only an image's
/// own one counts on.
fn zeros(context: &Context, findings: &mut Vec<Finding>) {
    let mut found: BTreeMap<Span, Zero> = BTreeMap::new();
    for stack in &context.project.stacks {
        for service in &stack.services {
            let Some(check) = service.check() else {
                continue;
            };
            let is_zero = |field: &HealthField<Seconds>| {
                field.known().is_some_and(|own| own == Seconds::ZERO)
            };
            let durations = check.durations().into_iter();
            let durations = durations.filter(|(_, field)| is_zero(field));
            let durations = durations.filter_map(|(key, field)| Some((key, field.written()?)));
            let retries = check.retries.known().filter(|retries| *retries == 0);
            let retries = retries.and_then(|_| Some(("retries", check.retries.written()?)));
            for (key, value) in durations.chain(retries) {
                let Some((instead, image)) = instead(key, service) else {
                    continue;
                };
                let new = || Zero {
                    key,
                    value,
                    users: Vec::new(),
                    instead,
                    image,
                };
                let zero = found.entry(value.place()).or_insert_with(new);
                zero.users.push(User { stack, service });
            }
        }
    }
    findings.extend(found.values().map(|zero| zero_finding(context, zero)));
}

/// What the engine takes where a field is not set.
fn instead(key: &str, service: &ActiveService) -> Option<(String, Option<Span>)> {
    let image = service.entry.as_ref().and_then(|entry| entry.check());
    let length = |number: Option<Number<Seconds>>| {
        number.map(|number| (format!("{}s", number.value), number.span))
    };
    let own = image.and_then(|image| match key {
        "interval" => length(image.interval),
        "timeout" => length(image.timeout),
        "start_period" => length(image.start_period),
        "start_interval" => length(image.start_interval),
        _ => image
            .retries
            .map(|number| (number.value.to_string(), number.span)),
    });
    if let Some((value, span)) = own {
        return Some((format!("the image's {value}"), Some(span)));
    }
    let known = service.known()?;
    let default = match key {
        "interval" => format!("{}s", known.interval),
        "timeout" => format!("{}s", known.timeout),
        "start_interval" => format!("{}s", known.starting_interval()?),
        "start_period" => return None,
        _ => known.retries.to_string(),
    };
    let image = if service.entry.is_some() {
        String::new()
    } else {
        "the image's own, if it has one, else ".to_owned()
    };
    Some((format!("{image}Docker's default, {default}"), None))
}

fn zero_finding(context: &Context, zero: &Zero) -> Finding {
    let Zero { key, users, .. } = zero;
    let image = zero.image.map(|span| Label {
        span,
        text: "counts on".to_owned(),
    });
    Finding {
        rule: RULE.name,
        severity: Severity::Info,
        message: format!(
            "{key} of {}: 0 means not set; what counts is {}",
            services(users),
            zero.instead
        ),
        primary: Label {
            span: zero.value.place(),
            text: "sets nothing".to_owned(),
        },
        labels: image.into_iter().collect(),
        notes: vec![
            "write the number that is meant, or leave the key out".to_owned(),
            stacks_note(context.project, &stacks(users)),
        ],
        fix: None,
        data: json!({ "services": names(users), "stacks": stacks(users), "field": key }),
    }
}

fn finding(
    context: &Context,
    service: &str,
    key: &str,
    wrong: &str,
    suggestion: Option<&str>,
    value: &Value,
) -> Finding {
    let place = value.place();
    let wanted = if key == "retries" {
        "a whole number, such as 3"
    } else {
        "a number with its unit, such as 90s or 1m30s"
    };
    Finding {
        rule: RULE.name,
        severity: Severity::Error,
        message: format!("{key} of `{service}`: {wrong}; Docker refuses it"),
        primary: Label {
            span: place,
            text: match suggestion {
                Some(suggestion) => format!("write {suggestion}"),
                None => String::new(),
            },
        },
        labels: Vec::new(),
        notes: vec![format!("{key} wants {wanted}")],
        fix: suggestion.and_then(|text| fix(context, place, value, text)),
        data: json!({ "service": service, "field": key, "suggestion": suggestion }),
    }
}

/// What was meant is a guess, if a good one.
fn fix(context: &Context, place: Span, value: &Value, text: &str) -> Option<Fix> {
    let project = context.project;
    let edit = match value.scalar().map(|_| value.pieces())? {
        [] => {
            let tree = project.trees.get(value.span.file)?;
            yaml::replace_scalar(
                tree,
                project.store.sources().get(value.span.file),
                value.node,
                text,
            )
            .ok()?
        }
        [piece] if piece.verbatim => Edit {
            span: place,
            text: text.to_owned(),
            amount: None,
        },
        _ => return None,
    };
    Some(Fix {
        title: format!("write {text}"),
        safety: Safety::Unsafe,
        edits: vec![edit],
    })
}
