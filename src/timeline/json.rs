//! The numbers of the picture for programs: `--format json` of `upbeat timeline`, version 1.
//!
//! Durations are numbers of seconds. Those of a service count from its own start, those of a limit from the start of the stack. What is not known is null.

use super::outer::OriginKind;
use super::row::Row;
use super::scene::{Entry, Scene};
use crate::clock::{BudgetModel, Condition, Hit, LimitKind, Outcome};
use crate::duration::Seconds;
use crate::escape;
use crate::startup::Bound;
use serde_json::{Value as Json, json};

/// The version of the shape; fields may be added within it.
const VERSION: u32 = 1;

/// One JSON document, with a line feed at its end.
pub fn render(scenes: &[Scene]) -> String {
    let stacks: Vec<Json> = scenes.iter().map(stack).collect();
    let document = json!({ "version": VERSION, "stacks": stacks });
    let document = serde_json::to_string_pretty(&document).unwrap_or_default();
    format!("{}\n", escape::json(&document))
}

fn stack(scene: &Scene) -> Json {
    let services = scene.row_of.iter().map(|row| service(&scene.rows[*row]));
    let total = |model| scene.budget(model).total.as_f64();
    let path = |model| scene.path(scene.budget(model));
    json!({
        "name": scene.name,
        "engine": scene.engine,
        "services": services.collect::<Vec<Json>>(),
        "budgets": {
            "worst_s": total(BudgetModel::Worst),
            "planned_s": total(BudgetModel::Planned),
            "after_up_s": total(BudgetModel::AfterUp),
            "at_least": scene.budget(BudgetModel::Planned).at_least,
        },
        "critical_path": {
            "worst": path(BudgetModel::Worst),
            "planned": path(BudgetModel::Planned),
            "after_up": path(BudgetModel::AfterUp),
        },
        "files": scene.files,
        "schedule": scene.model.name(),
        "limits": scene.limits.iter().map(|entry| limit(scene, entry)).collect::<Vec<Json>>(),
        "first_limit": scene.first_limit().map(|entry| limit(scene, entry)),
        "healthy_by_s": scene.healthy_by.as_f64(),
        "sentence": scene.sentence.join(" "),
        "notes": scene.notes,
    })
}

fn service(row: &Row) -> Json {
    let check = row.health.check();
    let seconds = |length: Seconds| length.as_f64();
    let startup = row.startup.as_ref();
    let waits_for = row.waits_for.iter().map(|(service, condition)| {
        json!({ "service": service, "condition": condition_name(*condition) })
    });
    let steps = startup.into_iter().flat_map(|startup| &startup.steps);
    let steps = steps.map(|step| json!({ "name": step.name, "seconds": seconds(step.seconds) }));
    let ready = startup.map(|startup| startup.ready);
    json!({
        "name": row.name,
        "waits_for": waits_for.collect::<Vec<Json>>(),
        "healthcheck": check.map(|check| json!({
            "interval_s": seconds(check.interval),
            "timeout_s": seconds(check.timeout),
            "retries": check.retries,
            "start_period_s": seconds(check.start_period),
            "start_interval_s": check.start_interval.map(seconds),
        })),
        "first_probe_s": check.map(|check| seconds(check.first_probe())),
        "allowance_s": check.map(|check| seconds(check.allowance())),
        "unhealthy_s": check.map(|check| {
            [check.earliest_unhealthy(), check.latest_unhealthy()].map(seconds)
        }),
        "seed_formula_s": check.map(|check| seconds(check.seed_formula())),
        "planned_s": check.map(|check| seconds(crate::clock::planned(check, ready))),
        "startup_s": ready.map(seconds),
        "outcome": row.outcome.as_ref().map(outcome),
        "starts_s": seconds(row.start),
        "never_starts_because_of": row.stopped_by,
        "startup_bound": startup.and_then(|startup| startup.bound).map(Bound::name),
        "steps": steps.collect::<Vec<Json>>(),
        "burned_retries": row.outcome.map(|outcome| outcome.burned),
    })
}

fn outcome(outcome: &Outcome) -> Json {
    json!({
        "state": outcome.state().name(),
        "at_s": [outcome.earliest().as_f64(), outcome.latest().as_f64()],
    })
}

fn condition_name(condition: Condition) -> &'static str {
    match condition {
        Condition::Started => "service_started",
        Condition::Healthy => "service_healthy",
        Condition::Completed => "service_completed_successfully",
    }
}

fn limit(scene: &Scene, entry: &Entry) -> Json {
    let limit = &entry.limit;
    let origin = entry.origin.as_ref();
    let kind = match (limit.kind, origin) {
        (LimitKind::Grace(_), _) => "start-period",
        (LimitKind::Verdict(_), _) => "unhealthy",
        (_, origin) => origin.map_or("", |origin| OriginKind::name(origin.kind)),
    };
    let missed = scene.missed(entry);
    let place = entry.place.as_ref();
    json!({
        "kind": kind,
        "service": entry.row.map(|row| scene.rows[row].name.as_str()),
        "label": origin.map(|origin| origin.label.as_str()),
        "job": origin.and_then(|origin| origin.job.as_deref()),
        "step": origin.and_then(|origin| origin.step.as_deref()),
        "file": place.map(|(file, _)| file.as_str()),
        "line": place.map(|(_, at)| at.line),
        "column": place.map(|(_, at)| at.column),
        "begins_s": limit.begins.as_f64(),
        "at_s": limit.at.as_f64(),
        "until_s": limit.until.as_f64(),
        "hit": limit.hit.map(Hit::name),
        "ends_the_start": entry.ends_the_start(),
        "misses": missed.map(|(missed, row)| json!({
            "service": row.map(|row| row.name.as_str()),
            "needs": if missed.unstarted { "started" } else { "healthy" },
            "at_s": missed.needed.as_f64(),
            "falls_s": missed.falls.as_f64(),
        })),
        "words": entry.words,
    })
}
