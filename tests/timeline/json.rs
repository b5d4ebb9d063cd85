//! `--format json`.

use super::case::Case;
use super::{project, scenes};
use serde_json::{Value, json};
use upbeat::timeline::json::render;

fn document(case: &Case) -> Value {
    serde_json::from_str(&render(&scenes(case))).expect("JSON")
}

fn stack(document: &Value, name: &str) -> Value {
    let mut stacks = document["stacks"].as_array().unwrap().iter();
    stacks
        .find(|stack| stack["name"] == name)
        .expect("the stack")
        .clone()
}

fn service(stack: &Value, name: &str) -> Value {
    let mut services = stack["services"].as_array().unwrap().iter();
    services
        .find(|service| service["name"] == name)
        .expect("the service")
        .clone()
}

/// That the fields of `expected` are there with these values; others may be there too.
fn holds(value: &Value, expected: &Value) {
    for (key, expected) in expected.as_object().unwrap() {
        let found = value
            .get(key)
            .unwrap_or_else(|| panic!("{key} is missing in {value:#}"));
        assert_eq!(found, expected, "{key}");
    }
}

#[test]
fn the_story_has_the_documented_fields() {
    let document = document(&Case::story("before", None).startup("backend", 100));
    assert_eq!(document["version"], 1);
    let staging = stack(&document, "staging");
    let backend = service(&staging, "backend");
    // The documentation's own example: probes every 5 s until about 90, and the next one 45 s later. With a startup of 100 s the service is
    // planned for 100 + 5 + 45.
    holds(
        &backend,
        &json!({
            "name": "backend",
            "waits_for": [
                { "service": "db", "condition": "service_healthy" },
                { "service": "redis", "condition": "service_healthy" },
            ],
            "healthcheck": { "interval_s": 45.0, "timeout_s": 5.0, "retries": 3, "start_period_s": 90.0, "start_interval_s": 5.0 },
            "first_probe_s": 5.0,
            "allowance_s": 180.0,
            "unhealthy_s": [180.0, 245.0],
            "seed_formula_s": 225.0,
            "planned_s": 150.0,
            "startup_s": 100.0,
            "outcome": { "state": "healthy", "at_s": [135.0, 150.0] },
            "starts_s": 70.0,
            "steps": [],
            "burned_retries": 1,
        }),
    );
    // 445 + 10 for the longer startup.
    holds(
        &staging,
        &json!({
            "budgets": { "worst_s": 825.0, "planned_s": 455.0, "after_up_s": 125.0, "at_least": false },
            "critical_path": {
                "worst": ["db", "backend", "frontend", "proxy"],
                "planned": ["db", "backend", "frontend", "proxy"],
                "after_up": ["proxy"],
            },
            "healthy_by_s": 455.0,
        }),
    );
    holds(
        &service(&staging, "db"),
        &json!({ "startup_s": null, "outcome": null, "startup_bound": null, "planned_s": 70.0 }),
    );
}

#[test]
fn the_limits_are_told_with_their_places() {
    let document = document(&Case::story("before", Some("bad")));
    let staging = stack(&document, "staging");
    holds(
        &staging["first_limit"],
        &json!({
            "kind": "start-period", "service": "backend", "begins_s": 70.0, "at_s": 160.0, "hit": "surely", "ends_the_start": false,
            "label": null, "job": null, "step": null, "file": null, "line": null, "column": null, "misses": null,
        }),
    );
    let limits = staging["limits"].as_array().unwrap();
    let wait = limits.iter().find(|limit| limit["kind"] == "wait").unwrap();
    holds(
        wait,
        &json!({
            "kind": "wait", "service": null, "label": "MAX_WAIT=120", "job": "staging", "step": "Deploy to staging",
            "file": ".github/workflows/deploy.yml", "line": 27, "column": 22,
            "begins_s": 410.0, "at_s": 530.0, "until_s": 530.0, "hit": "possibly", "ends_the_start": true,
            "misses": { "service": "proxy", "needs": "healthy", "at_s": 535.0, "falls_s": 530.0 },
        }),
    );
    // Five start periods, five verdicts, one wait; by when they fall.
    assert_eq!(limits.len(), 11);
    let at = |limit: &Value| limit["at_s"].as_f64().unwrap();
    assert!(limits.windows(2).all(|pair| at(&pair[0]) <= at(&pair[1])));
    let backend = service(&staging, "backend");
    holds(
        &backend,
        &json!({ "startup_s": 180.0, "startup_bound": "lower" }),
    );
    assert_eq!(
        backend["steps"][3],
        json!({ "name": "Database migrations", "seconds": 75.0 })
    );
}

#[test]
fn what_is_not_known_is_null_and_never_left_out() {
    let document = document(&project("services:\n  a: {image: x}\n", "steps: []\n"));
    let stack = stack(&document, "default");
    holds(
        &service(&stack, "a"),
        &json!({
            "name": "a", "waits_for": [], "healthcheck": null, "first_probe_s": null, "allowance_s": null, "unhealthy_s": null,
            "seed_formula_s": null, "planned_s": null, "startup_s": null, "outcome": null,
        }),
    );
    holds(
        &stack,
        &json!({ "first_limit": null, "limits": [], "engine": "29" }),
    );
}

#[test]
fn without_a_start_interval_it_is_null() {
    let mut case = Case::story("before", None);
    case.files_flag = vec!["docker-compose.yml".to_owned()];
    let (store, mut inputs) = case.inputs();
    inputs.engine = "20.10".parse().unwrap();
    let project = upbeat::project::Project::read(store, &inputs);
    let scenes = upbeat::timeline::Scene::all(&project, upbeat::clock::BudgetModel::Planned);
    let document: Value = serde_json::from_str(&render(&scenes)).unwrap();
    let stack = &document["stacks"][0];
    assert_eq!(stack["engine"], "20.10");
    let db = service(stack, "db");
    assert_eq!(db["healthcheck"]["start_interval_s"], Value::Null);
    assert_eq!(db["first_probe_s"], 30.0);
}
