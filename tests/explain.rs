//! `upbeat explain` and `upbeat rules`: what an error means for a project, by its numbers. Numbers here are worked out by hand.

mod common;

use common::program::{Project, Run};
use serde_json::{Value as Json, json};
use upbeat::escape::is_hostile;
use upbeat::rules::RULES;

/// On engines from 27 on: first probe after 5 s; sure up to 20 + 2 x 10 = 40 s; `unhealthy` by 20 + 5 + 3 x (10 + 5) = 70 s at the latest.
const SHOP: &str = r#"
name: shop
services:
  app:
    image: app
    restart: always
    healthcheck:
      test: [CMD, curl, -f, "http://localhost/it's"]
      interval: 10s
      timeout: 5s
      retries: 3
      start_period: 20s
  web:
    image: web
    depends_on:
      app: {condition: service_healthy}
"#;
const UNHEALTHY: &str = "dependency failed to start: container shop-app-1 is unhealthy";

fn shop() -> Project {
    Project::new(&[("compose.yml", SHOP)])
}

/// The explanations of a text.
fn explained(project: &Project, text: &str, flags: &[&str]) -> Vec<Json> {
    let mut arguments = vec!["explain", text, "--format", "json"];
    arguments.extend(flags);
    let run = project.run_with(&arguments, b"");
    assert_eq!((run.code, run.err.as_str()), (0, ""), "{text}");
    let document: Json = serde_json::from_str(&run.out).expect("one document");
    assert_eq!(document["version"], 1);
    let explanations = document["explanations"].as_array().expect("a list");
    explanations.clone()
}

/// The only explanation.
fn explanation(project: &Project, text: &str, flags: &[&str]) -> Json {
    let mut all = explained(project, text, flags);
    assert_eq!(all.len(), 1, "{text}");
    all.remove(0)
}

/// `kind: likelihood` of the causes of the first case, in their order.
fn causes(explanation: &Json) -> Vec<String> {
    let causes = explanation["cases"][0]["causes"]
        .as_array()
        .expect("causes");
    let text = |cause: &Json, key: &str| cause[key].as_str().expect("text").to_owned();
    causes
        .iter()
        .map(|cause| format!("{}: {}", text(cause, "kind"), text(cause, "likelihood")))
        .collect()
}

/// The reasons of a cause of the first case, in one text.
fn because(explanation: &Json, kind: &str) -> String {
    let causes = explanation["cases"][0]["causes"]
        .as_array()
        .expect("causes");
    let cause = causes
        .iter()
        .find(|cause| cause["kind"] == kind)
        .expect(kind);
    let reasons = cause["because"].as_array().expect("reasons");
    reasons
        .iter()
        .filter_map(Json::as_str)
        .collect::<Vec<_>>()
        .join(" ")
}

fn figure<'a>(case: &'a Json, name: &str) -> &'a Json {
    let figures = case["figures"].as_array().expect("figures");
    figures
        .iter()
        .find(|figure| figure["name"] == name)
        .unwrap_or_else(|| panic!("{name}: {figures:?}"))
}

fn titles(case: &Json) -> Vec<&str> {
    let changes = case["changes"].as_array().expect("changes");
    changes
        .iter()
        .filter_map(|change| change["title"].as_str())
        .collect()
}

fn commands(case: &Json) -> Vec<&str> {
    let next = case["next"].as_array().expect("steps");
    next.iter()
        .filter_map(|step| step["command"].as_str())
        .collect()
}

/// The text on one line.
fn flat(run: &Run) -> String {
    run.out.split_whitespace().collect::<Vec<_>>().join(" ")
}

const STORY: &str = "dependency failed to start: container app-backend is unhealthy";
const STAGING: [&str; 4] = ["-f", "docker-compose.yml", "-f", "compose.staging.yml"];
const BAD_DAY: [&str; 2] = ["--log", "backend=logs/backend-bad-day.log"];
const GOOD_DAY: [&str; 2] = ["--log", "backend=logs/backend-good-day.log"];

#[test]
fn the_story_on_its_bad_day() {
    let project = Project::story("before");
    let flags = [&STAGING[..], &BAD_DAY[..]].concat();
    let found = explanation(&project, STORY, &flags);
    assert_eq!(found["kind"], "dependency-unhealthy");
    let case = &found["cases"][0];
    assert_eq!(case["service"], "backend");
    assert_eq!(
        case["stacks"],
        json!(["staging (docker-compose.yml + compose.staging.yml)"])
    );
    assert_eq!(found["cases"].as_array().map(Vec::len), Some(1));
    // 45/5/3/90 behind db (30/10/5/30, planned 30 + 10 + 30 = 70; at the latest 30 + 10 + 5 x 40 = 240).
    for (name, value) in [
        ("waited_for_by", json!(["frontend"])),
        ("waits_for", json!(["db", "redis"])),
        ("starts", json!(70.0)),
        ("first_probe", json!(5.0)),
        ("start_period", json!(90.0)),
        ("allowance", json!(180.0)),
        ("verdict", json!([180.0, 245.0])),
        ("on_schedule", json!([250.0, 315.0])),
        ("known_startup", json!(180.0)),
        ("restart", json!("unless-stopped")),
    ] {
        assert_eq!(figure(case, name)["value"], value, "{name}");
    }
    let starts = figure(case, "starts")["text"].as_str().expect("text");
    assert!(
        starts.contains("(`db` 70s), 240s at the latest"),
        "{starts}"
    );
    let place = |name: &str| {
        let place = &figure(case, name)["place"];
        let file = place["file"].as_str().unwrap_or_default();
        format!("{file}:{}", place["line"])
    };
    assert_eq!(place("start_period"), "compose.staging.yml:12");
    assert_eq!(place("known_startup"), "logs/backend-bad-day.log:36");
    assert_eq!(place("restart"), "docker-compose.yml:35");
    assert_eq!(
        causes(&found),
        [
            "slow-start: likely",
            "wrong-probe: possible",
            "crash-restart: possible",
            "unhealthy-before: possible"
        ]
    );
    let slow = because(&found, "slow-start");
    assert!(
        slow.contains("at least 180s (logs/backend-bad-day.log:36), takes up all of start_period 90s + (retries 3 - 1) x interval 45s = 180s"),
        "{slow}"
    );
    let compose = "docker compose -f docker-compose.yml -f compose.staging.yml";
    assert_eq!(
        commands(case),
        [
            "docker inspect --format '{{json .State.Health}}' app-backend".to_owned(),
            "docker inspect -f '{{.RestartCount}} {{.State.ExitCode}}' app-backend".to_owned(),
            format!("{compose} logs -t backend"),
            format!("{compose} exec backend curl -fsS http://127.0.0.1:8000/api/v1/health/"),
        ]
    );
    let change = &case["changes"][0];
    assert_eq!(change["rule"], "start-period-below-startup");
    assert_eq!(
        (&change["severity"], &change["fix"]),
        (&json!("warning"), &json!("safe"))
    );
    assert_eq!(
        titles(case)[..2],
        [
            "raise start_period of `backend` to 200s",
            "`backend` changes its database's schema before it answers: its start_period of 90s has to last for the longest migration",
        ]
    );
    let notes = found["notes"].to_string();
    assert!(
        notes.contains("The files name no container `app-backend`; `backend` is"),
        "{notes}"
    );
}

#[test]
fn on_a_good_day_the_story_points_to_a_crash() {
    let project = Project::story("before");
    let flags = [&STAGING[..], &GOOD_DAY[..]].concat();
    let found = explanation(&project, STORY, &flags);
    let order = causes(&found);
    assert_eq!(order[0], "crash-restart: likely");
    assert_eq!(order[3], "slow-start: unlikely");
    let slow = because(&found, "slow-start");
    assert!(slow.contains("leaves 110s of start_period 90s"), "{slow}");
    let crash = because(&found, "crash-restart");
    assert!(
        crash.contains("sooner than 180s after its start"),
        "{crash}"
    );
    assert_eq!(
        titles(&found["cases"][0]),
        [
            "`backend` changes its database's schema before it answers: its start_period of 90s has to last for the longest migration",
            "if the database migrations of `backend` fail, `restart: unless-stopped` begins its start again and again: who waits for it sees `starting` or `unhealthy`, and not that it crashed",
        ]
    );
}

#[test]
fn without_flags_the_story_is_told_for_each_stack() {
    let found = explanation(&Project::story("before"), STORY, &BAD_DAY);
    let cases = found["cases"].as_array().expect("cases");
    let stacks: Vec<&str> = cases
        .iter()
        .filter_map(|case| case["stacks"][0].as_str())
        .collect();
    assert!(
        stacks[0].starts_with("staging") && stacks[1].starts_with("production"),
        "{stacks:?}"
    );
    // Production is 60/5/3/60: 60 + 2 x 60 = 180, and 60 + 5 + 3 x 65 = 260.
    assert_eq!(figure(&cases[1], "verdict")["value"], json!([180.0, 260.0]));
    assert_eq!(
        figure(&cases[1], "start_period")["place"]["file"],
        "compose.production.yml"
    );
}

#[test]
fn the_numbers_decide_the_order_of_causes() {
    let project = shop();
    let order = |startup: &str| {
        let flag = format!("--startup=app={startup}");
        causes(&explanation(&project, UNHEALTHY, &[&flag]))
    };
    // The last probe that can count starts by 65 s.
    assert_eq!(order("100s")[0], "slow-start: very likely");
    // Quick probes fail at 20, 30 and 40; hanging ones start at 30, 45 and 60, and the last of these succeeds.
    assert_eq!(order("60s")[0], "slow-start: likely");
    // 40 s are sure, but a tenth more is not.
    assert_eq!(
        order("40s")[..2],
        ["slow-start: likely", "wrong-probe: possible"]
    );
    assert_eq!(order("38s")[0], "slow-start: likely");
    assert_eq!(
        order("30s")[..2],
        ["crash-restart: likely", "slow-start: possible"]
    );
    let within = order("15s");
    assert_eq!(
        (within[0].as_str(), within[3].as_str()),
        ("crash-restart: likely", "slow-start: unlikely")
    );
    let unknown = causes(&explanation(&project, UNHEALTHY, &[]));
    assert_eq!(
        unknown,
        [
            "slow-start: possible",
            "wrong-probe: possible",
            "crash-restart: possible",
            "unhealthy-before: possible"
        ]
    );
}

#[test]
fn the_reasons_carry_the_numbers() {
    let project = shop();
    let reason = |startup: &str| {
        let flag = format!("--startup=app={startup}");
        because(&explanation(&project, UNHEALTHY, &[&flag]), "slow-start")
    };
    // Quick probes: the third counted failure at 40. Hanging ones: 30, 45, 60 + 5; or one begun just before 20 ends just before 25: 35, 50, 65 + 5.
    let beyond = reason("100s");
    assert!(beyond.contains("is beyond start_period 20s + (retries 3 - 1) x interval 10s = 40s. Such a start ends `unhealthy` 40s to 70s after its start."), "{beyond}");
    assert!(reason("38s").contains("leaves 2s of"));
    assert!(reason("30s").contains("burns up to 1 of 3"));
    assert!(reason("15s").contains("leaves 25s of"));
    let unknown = because(&explanation(&project, UNHEALTHY, &[]), "slow-start");
    assert!(
        unknown.contains("longer than start_period 20s + (retries 3 - 1) x interval 10s = 40s"),
        "{unknown}"
    );
}

#[test]
fn without_a_restart_policy_a_crash_is_ruled_out() {
    let variants = [
        ("    restart: always\n", ""),
        ("restart: always", "restart: \"no\""),
        (
            "restart: always",
            "restart: always\n    deploy: {restart_policy: {condition: none}}",
        ),
    ];
    for (from, to) in variants {
        let project = Project::new(&[("compose.yml", &SHOP.replace(from, to))]);
        let quick = explanation(&project, UNHEALTHY, &["--startup=app=15s"]);
        assert_eq!(
            causes(&quick),
            [
                "wrong-probe: likely",
                "unhealthy-before: possible",
                "slow-start: unlikely",
                "crash-restart: ruled out"
            ],
            "{to}"
        );
        assert!(because(&quick, "crash-restart").contains("`exited (N)`"));
    }
}

#[test]
fn the_engine_moves_the_first_probe() {
    let project = shop();
    for (engine, first) in [("28", 5.0), ("26", 10.0), ("20.10", 10.0)] {
        let found = explanation(&project, UNHEALTHY, &["--engine", engine]);
        assert_eq!(
            figure(&found["cases"][0], "first_probe")["value"],
            first,
            "{engine}"
        );
    }
}

#[test]
fn a_healthcheck_without_known_numbers_is_not_given_any() {
    let project = Project::new(&[(
        "compose.yml",
        &SHOP.replace(
            "      test: [CMD, curl, -f, \"http://localhost/it's\"]\n",
            "",
        ),
    )]);
    let found = explanation(&project, UNHEALTHY, &["--startup=app=100s"]);
    assert_eq!(causes(&found)[0], "slow-start: possible");
    assert!(because(&found, "slow-start").contains("no `test` is written (compose.yml:7)"));
    assert_eq!(
        figure(&found["cases"][0], "healthcheck")["value"],
        Json::Null
    );
}

#[test]
fn a_healthcheck_that_is_turned_off_was_not_the_one() {
    let off = SHOP.replace("      test:", "      disable: true\n      test:");
    let found = explanation(&Project::new(&[("compose.yml", &off)]), UNHEALTHY, &[]);
    assert_eq!(causes(&found), ["other-files: very likely"]);
}

#[test]
fn who_waited_is_told_apart() {
    let project = shop();
    let kind = |text: &str| explanation(&project, text, &[])["kind"].clone();
    let meaning = |text: &str| explanation(&project, text, &[])["meaning"].to_string();
    assert_eq!(kind("container shop-app-1 is unhealthy"), "wait-unhealthy");
    assert!(
        meaning("container shop-app-1 is unhealthy").contains("whatever --wait-timeout grants")
    );
    let optional = "optional dependency \"app\" failed to start: container shop-app-1 is unhealthy";
    assert_eq!(kind(optional), "optional-unhealthy");
    assert!(meaning(optional).contains("started all the same"));
}

#[test]
fn only_stacks_in_which_somebody_waits_for_it_can_have_said_so() {
    let (alone, _) = SHOP.split_once("  web:").expect("the dependant");
    let files = [("compose.yml", SHOP), ("tools/compose.yml", alone)];
    let project = Project::new(&files);
    let cases = |text: &str| {
        let found = explanation(&project, text, &[]);
        found["cases"].as_array().map(Vec::len)
    };
    assert_eq!(cases(UNHEALTHY), Some(1));
    assert_eq!(cases("container shop-app-1 is unhealthy"), Some(2));
    // Where nobody does, the text came from elsewhere, and all are as good.
    let project = Project::new(&files[1..]);
    let found = explanation(&project, UNHEALTHY, &[]);
    assert_eq!(found["cases"][0]["service"], "app");
}

#[test]
fn of_many_that_wait_the_first_are_named() {
    let many: String = (1..=9)
        .map(|n| {
            format!("  w{n}: {{image: w, depends_on: {{app: {{condition: service_healthy}}}}}}\n")
        })
        .collect::<Vec<_>>()
        .concat();
    let project = Project::new(&[("compose.yml", &format!("{SHOP}{many}"))]);
    let found = explanation(&project, UNHEALTHY, &[]);
    let waiters = figure(&found["cases"][0], "waited_for_by");
    assert_eq!(waiters["value"].as_array().map(Vec::len), Some(10));
    let text = waiters["text"].as_str().expect("text");
    assert!(
        text.starts_with("`web` (compose.yml:16), `w1`") && text.ends_with(", 6 more"),
        "{text}"
    );
}

#[test]
fn containers_are_found_by_every_name_that_they_can_have() {
    let project = Project::new(&[(
        "compose.yml",
        "services:\n  db: {image: a, container_name: store}\n  app-db: {image: b}\n  store2: {image: c}\n",
    )]);
    let service = |container: &str| {
        let text = format!("dependency failed to start: container {container} exited (1)");
        let found = explanation(&project, &text, &[]);
        let cases = found["cases"].as_array().expect("cases");
        let services = cases.iter().filter_map(|case| case["service"].as_str());
        services.collect::<Vec<_>>().join(",")
    };
    assert_eq!(service("store"), "db");
    assert_eq!(service("x-store2-1"), "store2");
    assert_eq!(service("x_store2_12"), "store2");
    assert_eq!(service("store2"), "store2");
    assert_eq!(service("app-db"), "app-db");
    // Of the project `x-app` or of the project `x`.
    assert_eq!(service("x-app-db-1"), "db,app-db");
    // The name of the project decides.
    let named = Project::new(&[(
        "compose.yml",
        "name: x\nservices:\n  db: {image: a}\n  app-db: {image: b}\n",
    )]);
    let text = "dependency failed to start: container x-app-db-1 exited (1)";
    let found = explanation(&named, text, &[]);
    assert_eq!(found["cases"].as_array().map(Vec::len), Some(1));
    assert_eq!(found["cases"][0]["service"], "app-db");
}

#[test]
fn an_exit_is_explained_by_its_code() {
    let project = shop();
    let order = |code: i64| {
        let text = format!("dependency failed to start: container shop-app-1 exited ({code})");
        causes(&explanation(&project, &text, &[]))
    };
    assert_eq!(order(1), ["failed: very likely", "crash-loop: likely"]);
    assert_eq!(order(137)[0], "killed: very likely");
    assert_eq!(order(127)[0], "not-found: very likely");
    assert_eq!(order(0), ["one-shot: certain", "crash-loop: likely"]);
    let text = "dependency failed to start: container shop-app-1 exited (0)";
    let found = explanation(&project, text, &[]);
    assert_eq!(
        titles(&found["cases"][0]),
        ["if `app` is a job: `condition: service_completed_successfully` in depends_on of `web`"]
    );
    // `on-failure` does not bring back what went well.
    let on_failure = Project::new(&[(
        "compose.yml",
        &SHOP.replace("restart: always", "restart: on-failure:3"),
    )]);
    assert_eq!(
        causes(&explanation(&on_failure, text, &[])),
        ["one-shot: certain"]
    );
}

const JOB: &str = "
services:
  job: {image: job}
  app: {image: app, depends_on: {job: {condition: service_completed_successfully}}}
";

#[test]
fn a_job_that_was_over_too_soon_for_wait() {
    let text = "container shop-job-1 exited (0)";
    let waited = explanation(&Project::new(&[("compose.yml", JOB)]), text, &[]);
    assert_eq!(waited["kind"], "wait-exited");
    assert_eq!(causes(&waited), ["other-files: very likely"]);
    let alone = JOB.replace(
        ", depends_on: {job: {condition: service_completed_successfully}}",
        "",
    );
    let alone = explanation(&Project::new(&[("compose.yml", &alone)]), text, &[]);
    assert_eq!(causes(&alone), ["one-shot: certain"]);
    assert!(because(&alone, "one-shot").contains("0.5s in"));
    assert!(titles(&alone["cases"][0])[0].contains("service_completed_successfully"));
}

#[test]
fn a_job_that_failed() {
    let project = Project::new(&[("compose.yml", JOB)]);
    let text = "service \"job\" didn't complete successfully: exit 3";
    let found = explanation(&project, text, &[]);
    assert_eq!(
        (&found["kind"], &found["text"]),
        (&json!("not-completed"), &json!(text))
    );
    assert_eq!(causes(&found), ["failed: very likely"]);
    assert_eq!(
        figure(&found["cases"][0], "completion_for")["value"],
        json!(["app"])
    );
    assert!(commands(&found["cases"][0])[0].ends_with("logs -t job"));
}

#[test]
fn no_healthcheck_is_explained_by_what_is_written() {
    let text = "dependency failed to start: container shop-app-1 has no healthcheck configured";
    let kind = |compose: &str| {
        let found = explanation(&Project::new(&[("compose.yml", compose)]), text, &[]);
        causes(&found).join("; ")
    };
    assert_eq!(kind(SHOP), "other-files: very likely");
    assert_eq!(
        kind(&SHOP.replace("      test:", "      disable: true\n      test:")),
        "disabled: certain"
    );
    assert_eq!(
        kind(&SHOP.replace("[CMD, curl, -f, \"http://localhost/it's\"]", "[NONE]")),
        "disabled: certain"
    );
    assert_eq!(
        kind(&SHOP.replace(
            "      test: [CMD, curl, -f, \"http://localhost/it's\"]\n",
            ""
        )),
        "image: certain"
    );
    let (before, _) = SHOP.split_once("    healthcheck:").expect("a healthcheck");
    let (_, after) = SHOP.split_once("start_period: 20s\n").expect("its end");
    let without = format!("{before}{after}");
    assert_eq!(kind(&without), "image: certain");
    let found = explanation(&Project::new(&[("compose.yml", &without)]), text, &[]);
    assert_eq!(
        titles(&found["cases"][0])[1],
        "or let `web` only wait for its start: `condition: service_started`"
    );
    // With --wait one that says nothing would have been enough.
    let wait = "container shop-app-1 has no healthcheck configured";
    let found = explanation(&Project::new(&[("compose.yml", &without)]), wait, &[]);
    assert_eq!(causes(&found), ["image-disabled: likely"]);
}

#[test]
fn a_wait_that_gave_up_is_measured_against_the_verdicts() {
    let chain = SHOP.replace(
        "  web:\n    image: web\n",
        "  web:\n    image: web\n    healthcheck: {test: [CMD, x], interval: 5s, timeout: 1s, retries: 2, start_period: 30s}\n",
    );
    let project = Project::new(&[("compose.yml", &chain)]);
    let order = |limit: &str| {
        let text = format!("application not healthy after {limit}");
        causes(&explanation(&project, &text, &[]))
    };
    // web: planned 30 + 1 + 5 = 36, at the latest 30 + 1 + 2 x 6 = 43. app: at the latest 70.
    assert_eq!(
        order("20s"),
        ["limit-short: very likely", "limit-short: possible"]
    );
    assert_eq!(
        order("40s"),
        ["limit-short: likely", "limit-short: possible"]
    );
    assert_eq!(order("43s"), ["limit-short: possible"]);
    assert_eq!(order("1m10s"), ["not-the-limit: possible"]);
    let found = explanation(&project, "application not healthy after 20s", &[]);
    assert!(
        because(&found, "limit-short")
            .contains("healthy by 36s after its start, and its verdict may take until 43s")
    );
    // 70 s and a tenth.
    let title = titles(&found["cases"][0])[0];
    assert!(
        title.starts_with("start it with `docker compose up --wait --wait-timeout 80`"),
        "{title}"
    );
    // What Compose showed beside it tells whom it waited for.
    let shown = " Container shop-app-1  Healthy\n Container shop-web-1  Waiting\napplication not healthy after 20s";
    assert_eq!(
        causes(&explanation(&project, shown, &[])),
        ["limit-short: very likely"]
    );
}

#[test]
fn dependencies_that_timed_out_are_listed_with_their_verdicts() {
    let found = explanation(&shop(), "timeout waiting for dependencies", &[]);
    assert_eq!(causes(&found), ["limit-short: likely"]);
    let waited = figure(&found["cases"][0], "waits_for");
    // 20 + 5 + 10: ready by its start_period, and seen by the probe after one that hung.
    assert_eq!(
        waited["value"],
        json!({ "service": "app", "planned_s": 35.0, "latest_s": 70.0 })
    );
    let jobs = explanation(
        &Project::new(&[("compose.yml", JOB)]),
        "timeout waiting for dependencies",
        &[],
    );
    assert_eq!(causes(&jobs), ["job: possible"]);
}

#[test]
fn a_probe_without_its_tool_is_found_by_it() {
    let text = "OCI runtime exec failed: exec failed: unable to start container process: exec: \"curl\": executable file not found in $PATH: unknown";
    let found = explanation(&shop(), text, &[]);
    assert_eq!(found["cases"][0]["service"], "app");
    assert_eq!(causes(&found), ["tool-missing: very likely"]);
    // Every probe fails at once: 20, 30, 40.
    assert_eq!(figure(&found["cases"][0], "verdict")["value"], 40.0);
    // What a shell would take apart is quoted for it.
    assert!(
        commands(&found["cases"][0])[1].ends_with(r"exec app curl -f 'http://localhost/it'\''s'")
    );
    let shell = SHOP.replace(
        "[CMD, curl, -f, \"http://localhost/it's\"]",
        "curl -f http://localhost || exit 1",
    );
    let shell = Project::new(&[("compose.yml", &shell)]);
    for text in [
        "/bin/sh: 1: curl: not found",
        "exec: \"/bin/sh\": stat /bin/sh: no such file or directory",
    ] {
        let found = explanation(&shell, text, &[]);
        assert_eq!(found["cases"][0]["service"], "app", "{text}");
    }
    let other = explanation(
        &shop(),
        "exec: \"wget\": executable file not found in $PATH",
        &[],
    );
    assert_eq!(other["cases"][0]["service"], Json::Null);
    assert!(
        other["notes"].to_string().contains("`app` with curl"),
        "{}",
        other["notes"]
    );
}

#[test]
fn a_probe_that_hung_is_found_by_its_timeout() {
    let found = explanation(&shop(), "Health check exceeded timeout (5s)", &[]);
    assert_eq!(found["cases"][0]["service"], "app");
    // 5 to 10, 15 to 20; then 30 to 35, 45 to 50, 60 to 65.
    assert_eq!(figure(&found["cases"][0], "verdict")["value"], 65.0);
    let cycle = figure(&found["cases"][0], "timeout")["text"].to_string();
    assert!(cycle.contains("every 15s"), "{cycle}");
    let other = explanation(&shop(), "Health check exceeded timeout (7s)", &[]);
    assert!(
        other["notes"].to_string().contains("they have `app` 5s"),
        "{}",
        other["notes"]
    );
}

#[test]
fn a_start_interval_that_compose_refuses() {
    let alone = SHOP.replace("start_period: 20s", "start_interval: 2s");
    let project = Project::new(&[("compose.yml", &alone)]);
    let text = " Container shop-app-1  healthcheck.start_interval requires healthcheck.start_period to be set";
    let found = explanation(&project, text, &[]);
    assert_eq!(found["kind"], "start-interval-alone");
    assert_eq!(
        figure(&found["cases"][0], "start_interval")["place"]["line"],
        12
    );
    let told = explanation(&project, text, &["--startup=app=50s"]);
    // 50 s and a tenth.
    assert!(
        titles(&told["cases"][0]).contains(&"set start_period of `app` to 55s"),
        "{told}"
    );
    let both = SHOP.replace(
        "start_period: 20s",
        "start_period: 20s\n      start_interval: 2s",
    );
    let project = Project::new(&[("compose.yml", &both)]);
    let text = "can't set healthcheck.start_interval as feature require Docker Engine v25 or later";
    let found = explanation(&project, text, &[]);
    assert_eq!(found["kind"], "start-interval-unknown");
    assert!(
        titles(&found["cases"][0])[1].ends_with("its first probe then comes 10s after its start")
    );
}

const WORKFLOW: &str = "
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    services:
      postgres:
        image: postgres:16
        options: >-
          --health-cmd pg_isready --health-interval 10s
          --health-timeout 5s --health-retries 5
      redis:
        image: redis:7
    steps:
      - run: echo
";

#[test]
fn services_of_a_workflow_are_found_by_their_image() {
    let project = Project::new(&[
        (".github/workflows/test.yml", WORKFLOW),
        ("compose.yml", SHOP),
    ]);
    let text = "##[error]Failed to initialize container postgres:16\n##[error]One or more containers failed to start.";
    let found = explanation(&project, text, &[]);
    let case = &found["cases"][0];
    assert_eq!(case["service"], "postgres");
    assert_eq!(figure(case, "image")["place"]["line"], 8);
    // 10, 20, 30, 40, 50; hanging ones 5 x (10 + 5).
    assert_eq!(figure(case, "verdict")["value"], json!([50.0, 75.0]));
    assert!(because(&found, "slow-start").contains("= 50s"));
    let redis = explanation(&project, "Failed to initialize container redis:7", &[]);
    assert_eq!(causes(&redis)[0], "ended: possible");
    let other = explanation(&project, "Failed to initialize container mysql:8", &[]);
    assert!(
        other["notes"]
            .to_string()
            .contains("`postgres:16`, `redis:7`"),
        "{}",
        other["notes"]
    );
    let any = explanation(&project, "One or more containers failed to start.", &[]);
    assert_eq!(any["cases"].as_array().map(Vec::len), Some(2));
}

#[test]
fn gitlabs_warning_is_explained_without_a_project() {
    let text = "\u{1b}[0;33m*** WARNING:\u{1b}[0;m Service runner-x-project-1-concurrent-0-postgres-0 probably didn't start properly.";
    let found = explanation(&Project::new(&[]), text, &[]);
    assert_eq!(found["kind"], "gitlab-service");
    assert!(found["meaning"].to_string().contains("30s, unless"));
}

#[test]
fn the_containers_own_command_is_no_probe() {
    let text = "failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: \"curl\": executable file not found in $PATH: unknown";
    assert_eq!(
        explanation(&shop(), text, &[])["kind"],
        "container-not-started"
    );
}

#[test]
fn text_comes_on_standard_input_with_all_that_surrounds_it() {
    let log = "\u{1b}[33m Container shop-app-1  Error\u{1b}[0m\r\n2025-11-01T10:30:00Z dependency failed to start: container shop-app-1 is unhealthy\r\n##[error]Process completed with exit code 1.\r\n";
    let mut bytes = vec![0xff, 0xfe, 0];
    bytes.extend(log.as_bytes());
    let run = shop().run_with(&["explain", "-"], &bytes);
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    assert!(
        run.out
            .starts_with("dependency failed to start: container shop-app-1 is unhealthy\n\n"),
        "{}",
        run.out
    );
    let run = shop().run_with(&["explain", "-", "--log", "-"], &bytes);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("cannot be both"), "{}", run.err);
}

#[test]
fn several_texts_are_explained_one_after_the_other() {
    let text = "container shop-app-1 is unhealthy\ncontainer shop-web-1 exited (1)";
    let kinds: Vec<Json> = explained(&shop(), text, &[])
        .iter()
        .map(|explanation| explanation["kind"].clone())
        .collect();
    assert_eq!(kinds, ["wait-unhealthy", "wait-exited"]);
}

#[test]
fn a_text_of_no_service_here_is_explained_in_general_and_the_services_are_named() {
    let text = "dependency failed to start: container other-1 is unhealthy";
    let found = explanation(&shop(), text, &[]);
    assert_eq!(found["cases"][0]["service"], Json::Null);
    assert_eq!(causes(&found).len(), 4);
    assert!(
        found["notes"]
            .to_string()
            .contains("the services are `app` and `web`"),
        "{}",
        found["notes"]
    );
    // Outside of any project it is the same, with a word of that.
    let nowhere = explanation(&Project::new(&[]), text, &[]);
    assert!(
        nowhere["notes"]
            .to_string()
            .contains("There is no compose file here")
    );
}

#[test]
fn a_project_that_was_named_and_is_none_is_told() {
    let project = Project::new(&[("empty/readme.md", "x")]);
    for path in ["empty", "absent"] {
        let run = project.run_with(&["explain", UNHEALTHY, path], b"");
        assert_eq!(run.code, 2, "{path}");
        assert!(!run.err.is_empty(), "{path}");
    }
    let run = project.run_with(&["explain", UNHEALTHY, "empty", "."], b"");
    assert_eq!(run.code, 2);
    assert!(run.err.contains("one project"), "{}", run.err);
}

#[test]
fn what_could_not_be_read_is_told_beside_the_explanation() {
    let project = Project::new(&[("compose.yml", SHOP), ("compose.broken.yml", "a: [")]);
    let run = project.run_with(&["explain", UNHEALTHY], b"");
    assert_eq!(run.code, 2);
    assert!(
        run.out.contains("Causes") && run.err.contains("compose.broken.yml"),
        "{}{}",
        run.out,
        run.err
    );
    let run = shop().run_with(&["explain", UNHEALTHY, "--startup", "nope=1s"], b"");
    assert_eq!(run.code, 2);
    assert!(run.err.contains("`nope`"), "{}", run.err);
}

#[test]
fn an_unknown_text_is_told_with_those_that_are_known() {
    let run = shop().run_with(&["explain", "it does not work"], b"");
    assert_eq!((run.code, run.out.as_str()), (2, ""));
    assert!(
        run.err
            .contains("nothing is known of this text: it does not work"),
        "{}",
        run.err
    );
    assert!(
        run.err.contains("timeout waiting for dependencies"),
        "{}",
        run.err
    );
    for text in ["", " \n "] {
        let run = shop().run_with(&["explain", text], b"");
        assert_eq!(run.code, 2);
        assert!(run.err.contains("there is no text"), "{}", run.err);
    }
}

#[test]
fn a_rule_shows_its_page() {
    for rule in RULES {
        let run = Project::new(&[]).run_with(&["explain", rule.name], b"");
        assert_eq!(
            (run.code, run.out.as_str()),
            (0, rule.page),
            "{}",
            rule.name
        );
    }
    let run = Project::new(&[]).run("explain wait-below-budget --color always");
    assert!(
        run.out.starts_with("\u{1b}[1mwait-below-budget\u{1b}[0m\n"),
        "{}",
        run.out
    );
    assert!(!run.out.contains("```"), "{}", run.out);
}

#[test]
fn a_misspelt_rule_is_told_with_the_one_that_was_meant() {
    let run = Project::new(&[]).run("explain wait-below-budgit");
    assert_eq!((run.code, run.out.as_str()), (2, ""));
    assert!(
        run.err.contains("did you mean `wait-below-budget`?"),
        "{}",
        run.err
    );
    let run = Project::new(&[]).run("explain health");
    assert!(
        run.err
            .contains(&format!("the rules are: {}", RULES[0].name)),
        "{}",
        run.err
    );
}

#[test]
fn the_rules_are_listed_for_people_and_programs() {
    let project = Project::new(&[]);
    let text = project.run("rules");
    assert_eq!(
        (
            text.code,
            text.out
                .lines()
                .next()
                .map(|line| line.starts_with(RULES[0].name))
        ),
        (0, Some(true))
    );
    assert_eq!(text.out.lines().count(), RULES.len(), "a line a rule");
    let run = project.run("rules --format json");
    let document: Json = serde_json::from_str(&run.out).expect("one document");
    let listed = document["rules"].as_array().expect("a list");
    assert_eq!(
        (&document["version"], listed.len()),
        (&json!(1), RULES.len())
    );
    let waits = listed
        .iter()
        .find(|rule| rule["name"] == "wait-below-budget");
    assert_eq!(
        waits,
        Some(&json!({
            "name": "wait-below-budget",
            "severity": "error",
            "fix": "safe",
            "group": "timing",
            "summary": "a CI wait that gives up before the stack may be healthy",
            "options": [],
        }))
    );
    let unknown = listed.iter().find(|rule| rule["name"] == "unknown-timing");
    assert_eq!(unknown.map(|rule| &rule["fix"]), Some(&Json::Null));
}

#[test]
fn the_text_for_people_has_it_all_and_fits() {
    let flags = [
        "explain",
        STORY,
        "-f",
        "docker-compose.yml",
        "-f",
        "compose.staging.yml",
        BAD_DAY[0],
        BAD_DAY[1],
    ];
    let run = Project::story("before").run_with(&flags, b"");
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    let text = flat(&run);
    for words in [
        "`backend`, stack staging (docker-compose.yml + compose.staging.yml)",
        "5s after its start, every 5s until 90s, from then on every 45s",
        "start_period 90s + (retries 3 - 1) x interval 45s = 180s: a start up to here is sure to end healthy",
        "`unhealthy` 180s to 245s after its start",
        "1. likely: its probes failed past the allowance: it was not ready in time",
        "$ docker inspect -f '{{.RestartCount}} {{.State.ExitCode}}' app-backend",
        "warning [start-period-below-startup]: raise start_period of `backend` to 200s (compose.staging.yml:12)",
    ] {
        assert!(text.contains(words), "{words}\n{}", run.out);
    }
    for line in run
        .out
        .lines()
        .filter(|line| !line.trim_start().starts_with('$'))
    {
        assert!(
            line.chars().count() <= 100 && !line.ends_with(' '),
            "{line}"
        );
    }
    assert!(!run.out.contains('\u{1b}'));
    let painted = Project::story("before").run_with(&["explain", STORY, "--color", "always"], b"");
    assert!(painted.out.contains("\u{1b}[1m"), "{}", painted.out);
}

#[test]
fn nothing_hostile_comes_through() {
    let hostile = SHOP
        .replace(
            "restart: always",
            "restart: \"always\\e[31m\\u202e##[error]\"",
        )
        .replace("curl, -f", "\"cu\\e[2Jrl\", -f")
        .replace("  web:", "  \"we\\e[31mb\":");
    let project = Project::new(&[("compose.yml", &hostile)]);
    let texts = [
        format!("\u{1b}]0;title\u{7}{UNHEALTHY}\u{202e}\u{9b}31m ##[error]x"),
        "Health check exceeded timeout (5s)".to_owned(),
        "timeout waiting for dependencies".to_owned(),
        "container no\u{202e}pe-1 is unhealthy\ncontainer nope is unhealthy".to_owned(),
        "exec: \"cu\u{1b}[2Jrl\": executable file not found in $PATH".to_owned(),
        "\u{1b}[2J\u{202e} nothing known".to_owned(),
    ];
    for text in &texts {
        for format in ["text", "json"] {
            let run = project.run_with(&["explain", text, "--format", format], b"");
            let hostile = |c: char| c != '\n' && is_hostile(c);
            assert!(!run.out.contains(hostile), "{text:?}: {:?}", run.out);
            assert!(!run.err.contains(hostile), "{text:?}: {:?}", run.err);
            assert!(!run.out.contains("##["), "{text:?}: {:?}", run.out);
        }
    }
}

#[test]
fn commands_to_paste_hold_nothing_that_a_shell_would_run() {
    let hostile = SHOP
        .replace("http://localhost/it's", "$(touch /tmp/x); `id` '; id'")
        .replace(
            "restart: always",
            "restart: always\n    container_name: \"a; id\"",
        );
    let project = Project::new(&[("compose.yml", &hostile)]);
    let found = explanation(
        &project,
        "dependency failed to start: container app is unhealthy",
        &[],
    );
    let case = &found["cases"][0];
    assert!(
        commands(case)[0].ends_with(" 'a; id'"),
        "{}",
        commands(case)[0]
    );
    assert!(
        commands(case)[3].ends_with(r"exec app curl -f '$(touch /tmp/x); `id` '\''; id'\'''"),
        "{}",
        commands(case)[3]
    );
}

#[test]
fn a_huge_paste_is_read_and_a_larger_one_refused() {
    let mut log = "x".repeat(99);
    log.push('\n');
    let mut log = log.repeat(20_000);
    log.push_str(UNHEALTHY);
    let run = shop().run_with(&["explain", "-"], log.as_bytes());
    assert_eq!(run.code, 0, "{}", run.err);
    let too_much = vec![b'x'; 64 * 1024 * 1024 + 1];
    let run = shop().run_with(&["explain", "-"], &too_much);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("larger than 64 MiB"), "{}", run.err);
}
