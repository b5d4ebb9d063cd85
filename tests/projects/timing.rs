//! Rules on what healthchecks and entrypoints grant: engines, overlays, anchors, variables, missing files.

use super::case::{Case, STARTUP};
use upbeat::finding::{Finding, Safety, Severity};

const FIRST: &str = "first-probe-after-start-period";
const OUTLIVES: &str = "probe-outlives-interval";
const UNSET: &str = "start-interval-unset";
const OVERLAY: &str = "overlay-shrinks-allowance";
const GIVES_UP: &str = "allowance-below-dependency";
const DIFFER: &str = "stacks-differ";

/// What one rule finds, on an engine if one is named.
fn of(rule: &str, engine: Option<&str>, case: &Case) -> Vec<Finding> {
    let (store, mut inputs) = case.inputs();
    if let Some(engine) = engine {
        inputs.engine = engine.parse().expect("an engine");
    }
    let mut findings = upbeat::check(store, &inputs, &case.options).findings;
    findings.retain(|finding| finding.rule == rule);
    findings
}

fn only(rule: &str, engine: Option<&str>, case: &Case) -> Finding {
    let mut findings = of(rule, engine, case);
    assert_eq!(findings.len(), 1, "{findings:#?}");
    findings.remove(0)
}

/// What stands at the places of a finding, the primary one first.
fn marked(finding: &Finding, case: &Case) -> Vec<String> {
    let checked = case.check();
    let sources = checked.project.store.sources();
    let labels = std::iter::once(&finding.primary).chain(&finding.labels);
    let word = |label: &upbeat::finding::Label| {
        let path = sources.get(label.span.file).path();
        format!("{path} {}", sources.text(label.span))
    };
    labels.map(word).collect()
}

/// A service `app` with this healthcheck, and another that waits for it.
fn awaited(health: &str) -> Case {
    let text = format!(
        "services:\n  app:\n    image: a\n    healthcheck: {{test: ./ready, {health}}}\n  web:\n    image: w\n    depends_on: {{app: {{condition: service_healthy}}}}\n"
    );
    Case::of([("compose.yml", &text)])
}

#[test]
fn the_first_probe_comes_by_each_engines_own_clock() {
    let found = |engine: &str, health: &str| of(FIRST, Some(engine), &awaited(health)).len();
    // 30 s is the first probe on engines without a start_interval, and on 25 and 26 where none is written.
    let plain = "interval: 30s, start_period: 20s";
    assert_eq!(
        ["20.10", "24", "26", "27"].map(|engine| found(engine, plain)),
        [1, 1, 1, 0]
    );
    // A start_interval is not known before engine 25.
    let dense = "interval: 30s, start_period: 20s, start_interval: 2s";
    assert_eq!(["24", "25", "28"].map(|e| found(e, dense)), [1, 0, 0]);
    // From 27 on 5 s counts where none is written: 5 s forgive nothing, 6 s one failure.
    let short = "interval: 3s, start_period: 5s";
    assert_eq!(["24", "26", "28"].map(|e| found(e, short)), [0, 0, 1]);
    assert_eq!(found("28", "interval: 3s, start_period: 6s"), 0);
    // What is there to set none, and what is not there.
    assert_eq!(found("28", "interval: 3s, start_period: 1ms"), 0);
    assert_eq!(found("28", "interval: 3s, start_period: 0s"), 0);
    assert_eq!(found("28", "interval: 3s"), 0);
    // A start that is known to be longer is told by another rule, at the same place.
    let long = awaited(short).startup("app", 40);
    let told = [FIRST, STARTUP].map(|rule| of(rule, Some("28"), &long).len());
    assert_eq!(told, [0, 1]);
}

#[test]
fn a_short_start_period_is_told_with_what_it_takes_away() {
    let finding = only(
        FIRST,
        Some("28"),
        &awaited("interval: 10s, start_period: 5s"),
    );
    // 5 + 2 x 10 against 10 + 2 x 10.
    assert_eq!(finding.data["allowance_s"], 25.0);
    assert_eq!(finding.data["allowance_without_s"], 30.0);
    assert!(
        finding
            .notes
            .iter()
            .any(|note| note.contains("takes patience away")),
        "{finding:#?}"
    );
    assert!(
        finding.message.contains("engine 28 "),
        "{}",
        finding.message
    );
    let assumed = only(FIRST, None, &awaited("interval: 10s, start_period: 5s"));
    assert!(
        assumed.message.contains("engine 29 (assumed)"),
        "{}",
        assumed.message
    );
}

#[test]
fn advice_is_given_once_a_project_and_a_comment_takes_out_just_its_own_place() {
    let two = "services:\n  a:\n    image: a\n    healthcheck:\n      test: ./ready\n      start_period: 2s\n  b:\n    image: b\n    healthcheck:\n      test: ./ready\n      start_period: 3s\n";
    let case = Case::of([("compose.yml", two)]);
    let both = only(FIRST, None, &case);
    assert_eq!(marked(&both, &case), ["compose.yml 2s", "compose.yml 3s"]);
    assert_eq!(both.data["services"], serde_json::json!(["a", "b"]));
    let ignored = case.replace(
        "compose.yml",
        "start_period: 2s",
        &format!("start_period: 2s # upbeat: ignore[{FIRST}] it starts at once"),
    );
    let left = only(FIRST, None, &ignored);
    assert_eq!(left.data["services"], serde_json::json!(["b"]));
    assert_eq!(of("unused-ignore", None, &ignored), []);
}

#[test]
fn an_anchor_and_a_variable_are_pointed_at_where_they_stand() {
    let text = "x-health: &health\n  test: ./ready\n  interval: 10s\n  start_period: ${GRACE:-4s}\nservices:\n  a:\n    image: a\n    healthcheck: *health\n  b:\n    image: b\n    healthcheck:\n      <<: *health\n      retries: 9\n";
    let case = Case::of([("compose.yml", text)]);
    let finding = only(FIRST, None, &case);
    assert_eq!(finding.data["services"], serde_json::json!(["a", "b"]));
    assert_eq!(marked(&finding, &case), ["compose.yml 4s"]);
    let set = case.clone().with(".env", "GRACE=90s\n");
    assert_eq!(of(FIRST, None, &set), []);
    let short = case.with(".env", "GRACE=3s\n");
    assert_eq!(marked(&only(FIRST, None, &short), &short), [".env 3s"]);
}

#[test]
fn of_a_stack_with_a_missing_file_nothing_is_said() {
    let mut case = awaited("interval: 90s, timeout: 2m, retries: 5, start_period: 2m").with(
        "compose.b.yml",
        "services:\n  app:\n    healthcheck: {retries: 2}\n",
    );
    case.files_flag = vec!["compose.yml".to_owned(), "compose.b.yml".to_owned()];
    let rules = [OUTLIVES, UNSET, OVERLAY];
    assert_eq!(rules.map(|rule| of(rule, None, &case).len()), [1, 1, 1]);
    case.files_flag.push("compose.gone.yml".to_owned());
    assert_eq!(rules.map(|rule| of(rule, None, &case).len()), [0, 0, 0]);
}

#[test]
fn a_hanging_probe_matters_where_somebody_waits_and_it_can_hang() {
    let finding = only(
        OUTLIVES,
        None,
        &awaited("interval: 5s, timeout: 20s, retries: 4"),
    );
    // 4 x 5 if they fail at once, 4 x (5 + 20) if they hang.
    assert_eq!(finding.data["fast_s"], 20.0);
    assert_eq!(finding.data["worst_s"], 100.0);
    let found = |health: &str| of(OUTLIVES, None, &awaited(health)).len();
    assert_eq!(found("interval: 20s, timeout: 20s, retries: 4"), 0);
    // Docker's default of 30 s is nobody's own number.
    assert_eq!(found("interval: 5s, retries: 4"), 0);
    // 1000 + 2 x 5 s against 1000 + 3 x 6 + 3 x 5 s and one hanging across: less than a quarter more.
    assert_eq!(found("interval: 5s, timeout: 6s, start_period: 1000s"), 0);
    let own = |test: &str| {
        let case = awaited("interval: 5s, timeout: 20s").replace("compose.yml", "./ready", test);
        of(OUTLIVES, None, &case).len()
    };
    assert_eq!(own("[CMD, pg_isready]"), 0);
    assert_eq!(own("[CMD, pg_isready, -t, '9']"), 1);
    assert_eq!(own("[CMD-SHELL, 'curl -f -m 4 http://x || exit 1']"), 0);
    assert_eq!(own("[CMD-SHELL, 'curl -f http://x || exit 1']"), 1);
    let alone = awaited("interval: 5s, timeout: 20s").replace(
        "compose.yml",
        "service_healthy",
        "service_started",
    );
    assert_eq!(of(OUTLIVES, None, &alone), []);
    let wait = alone.with("up.sh", "#!/bin/sh\ndocker compose up -d --wait\n");
    assert_eq!(of(OUTLIVES, None, &wait).len(), 1);
}

#[test]
fn a_start_interval_is_missed_on_engines_25_and_26_or_where_the_interval_is_very_long() {
    let found = |engine: Option<&str>, health: &str| of(UNSET, engine, &awaited(health)).len();
    let plain = "interval: 30s, start_period: 60s";
    let engines = ["24", "25", "26", "27"];
    assert_eq!(
        engines.map(|engine| found(Some(engine), plain)),
        [0, 1, 1, 0]
    );
    assert_eq!(found(None, plain), 0);
    assert_eq!(found(None, "interval: 90s, start_period: 2m"), 1);
    assert_eq!(found(None, "interval: 80s, start_period: 2m"), 0);
    assert_eq!(found(Some("27"), "interval: 90s, start_period: 2m"), 0);
    let is_silent = [
        "interval: 30s, start_period: 60s, start_interval: 30s",
        "interval: 30s, start_period: 30s",
        "interval: 30s",
        "interval: 14s, start_period: 60s",
    ];
    assert_eq!(is_silent.map(|health| found(Some("26"), health)), [0; 4]);
    // An image may say it as well.
    let text = "services:\n  app:\n    build: .\n    healthcheck: {start_period: 60s}\n  web:\n    image: w\n    depends_on: {app: {condition: service_healthy}}\n";
    let image = |options: &str| {
        let docker = format!("FROM x\nHEALTHCHECK {options} CMD ./ready\n");
        let case = Case::of([("compose.yml", text), ("Dockerfile", &docker)]);
        of(UNSET, Some("26"), &case).len()
    };
    assert_eq!(image("--interval=30s"), 1);
    assert_eq!(image("--interval=30s --start-interval=3s"), 0);
}

/// A base and an overlay with these healthchecks of `app`.
fn overlaid(base: &str, overlay: &str) -> Case {
    let base =
        format!("services:\n  app:\n    image: a\n    healthcheck: {{test: ./ready, {base}}}\n");
    let overlay = format!("services:\n  app:\n    healthcheck: {{{overlay}}}\n");
    let mut case = Case::of([("compose.yml", &base), ("compose.prod.yml", &overlay)]);
    case.files_flag = vec!["compose.yml".to_owned(), "compose.prod.yml".to_owned()];
    case
}

#[test]
fn an_overlay_that_lowers_a_number_is_told_with_both_places() {
    let base = "interval: 10s, retries: 5, start_period: 60s";
    let case = overlaid(base, "retries: 2");
    let finding = only(OVERLAY, None, &case);
    assert_eq!(finding.severity, Severity::Info);
    // 60 + 1 x 10 with it, 60 + 4 x 10 without.
    assert_eq!(finding.data["allowance_s"], 70.0);
    assert_eq!(finding.data["base_allowance_s"], 100.0);
    assert_eq!(
        marked(&finding, &case),
        ["compose.prod.yml 2", "compose.yml 5"]
    );
    // More of the one makes up for less of the other, but for the start period itself.
    let found = |overlay: &str| of(OVERLAY, None, &overlaid(base, overlay)).len();
    assert_eq!(found("retries: 3, interval: 20s"), 0);
    assert_eq!(found("retries: 9, start_period: 50s"), 1);
    assert_eq!(found("retries: 6, interval: 8s"), 0);
    assert_eq!(found("timeout: 1s"), 0);
    // Disabled, taken away on purpose, or refused: that is another matter.
    assert_eq!(found("disable: true"), 0);
    assert_eq!(found("start_period: 1ms"), 0);
    // What nobody wrote nobody lowers, though the first probe comes sooner with a start period.
    assert_eq!(
        of(
            OVERLAY,
            None,
            &overlaid("interval: 30s", "start_period: 10s")
        ),
        []
    );
    assert_eq!(
        of(OVERLAY, None, &overlaid("retries: 3", "interval: 5s")),
        []
    );
}

#[test]
fn an_overlay_that_takes_a_start_period_away_is_told_at_its_key() {
    let case = overlaid(
        "start_period: 60s, retries: 5, interval: 10s",
        "start_period: !reset null",
    );
    let finding = only(OVERLAY, None, &case);
    assert_eq!(finding.data["start_period_s"], 0.0);
    assert_eq!(marked(&finding, &case)[1], "compose.yml 60s");
}

#[test]
fn the_last_overlay_that_writes_of_a_healthcheck_is_compared_with_all_below() {
    let mut case = overlaid("interval: 10s, retries: 2", "retries: 8")
        .with(
            "compose.c.yml",
            "services:\n  app:\n    healthcheck: {retries: 4}\n",
        )
        .with(
            "compose.d.yml",
            "services:\n  app:\n    environment: {A: b}\n",
        );
    case.files_flag
        .extend(["compose.c.yml", "compose.d.yml"].map(str::to_owned));
    let finding = only(OVERLAY, None, &case);
    assert_eq!(finding.data["overlay"], "compose.c.yml");
    assert_eq!(
        marked(&finding, &case),
        ["compose.c.yml 4", "compose.prod.yml 8"]
    );
}

#[test]
fn an_overlay_through_extends_and_env_is_followed_to_its_numbers() {
    let mut case = Case::of([
        (
            "common.yml",
            "services:\n  base:\n    healthcheck: {test: ./ready, interval: 10s, start_period: 80s}\n",
        ),
        (
            "compose.yml",
            "services:\n  app:\n    image: a\n    extends: {file: common.yml, service: base}\n",
        ),
        (
            "compose.prod.yml",
            "services:\n  app:\n    healthcheck: {start_period: \"${GRACE}\"}\n",
        ),
        (".env", "GRACE=40s\n"),
    ]);
    case.files_flag = vec!["compose.yml".to_owned(), "compose.prod.yml".to_owned()];
    let finding = only(OVERLAY, None, &case);
    assert_eq!(marked(&finding, &case), [".env 40s", "common.yml 80s"]);
    assert_eq!(finding.data["overlay"], "compose.prod.yml");
    let unset = case.replace(".env", "GRACE", "OTHER");
    assert_eq!(of(OVERLAY, None, &unset), []);
}

#[test]
fn a_known_startup_makes_an_overlay_a_warning_or_nothing() {
    let base = "interval: 10s, retries: 5, start_period: 60s";
    let retries = |seconds| overlaid(base, "retries: 2").startup("app", seconds);
    // Sure are 100 s without it and 70 s with it.
    let warning = only(OVERLAY, None, &retries(80));
    assert_eq!(warning.severity, Severity::Warning);
    assert_eq!(
        of(STARTUP, None, &retries(80)).len(),
        1,
        "that speaks at the base's start period"
    );
    assert_eq!(of(OVERLAY, None, &retries(70)), []);
    assert_eq!(of(OVERLAY, None, &retries(50)), []);
    assert_eq!(of(OVERLAY, None, &retries(101)), []);
    // At the overlay's own start period the other rule speaks.
    let period = overlaid(base, "start_period: 30s").startup("app", 50);
    assert_eq!(of(OVERLAY, None, &period), []);
    assert_eq!(of(STARTUP, None, &period).len(), 1);
    let mut alone = period;
    alone.options.ignore = vec![STARTUP.to_owned()];
    assert_eq!(only(OVERLAY, None, &alone).severity, Severity::Warning);
}

/// A database with this start period, and `api` with these lines.
fn waiting(start_period: &str, api: &str) -> Case {
    let text = format!(
        "services:\n  db:\n    image: postgres\n    healthcheck: {{test: ./ready, interval: 5s, timeout: 3s, start_period: {start_period}}}\n  api:\n    image: a\n{api}"
    );
    Case::of([("compose.yml", &text)])
}

const WAITS: &str = "    depends_on: [db]\n    entrypoint: [dockerize, -wait, tcp://db:5432, -timeout, 20s]\n    command: [serve]\n";

#[test]
fn a_container_that_gives_up_first_gets_more_patience() {
    let case = waiting("60s", WAITS);
    let finding = only(GIVES_UP, None, &case);
    assert_eq!(finding.severity, Severity::Warning);
    assert_eq!(
        marked(&finding, &case),
        ["compose.yml 20s", "compose.yml 60s", "compose.yml db"]
    );
    let fix = finding.fix.expect("a fix");
    assert_eq!(fix.safety, Safety::Safe);
    // 60 and a tenth, rounded up to ten.
    assert!(case.fixed().text("compose.yml").contains("-timeout, 70s]"));
    assert_eq!(of(GIVES_UP, None, &case.fixed()), []);
    assert_eq!(of(GIVES_UP, None, &waiting("20s", WAITS)), []);
    // A measured startup says more than what is granted.
    assert_eq!(of(GIVES_UP, None, &case.clone().startup("db", 15)), []);
    assert_eq!(
        only(GIVES_UP, None, &waiting("10s", WAITS).startup("db", 45)).data["ready_s"],
        45.0
    );
    // Its own healthcheck would call so long a wait unhealthy.
    let own = waiting(
        "60s",
        &format!("{WAITS}    healthcheck: {{test: ./up, interval: 10s, start_period: 25s}}\n"),
    );
    let fix = only(GIVES_UP, None, &own).fix.expect("a fix");
    assert_eq!(fix.safety, Safety::Unsafe);
}

#[test]
fn a_container_that_goes_on_or_comes_back_or_need_not_wait_is_left_alone() {
    let found = |api: &str| of(GIVES_UP, None, &waiting("60s", api)).len();
    assert_eq!(found(&format!("{WAITS}    restart: 'no'\n")), 1);
    assert_eq!(found(&format!("{WAITS}    restart: unless-stopped\n")), 0);
    assert_eq!(found(&format!("{WAITS}    restart: on-failure\n")), 0);
    assert_eq!(
        found(&WAITS.replace("[db]", "{db: {condition: service_healthy}}")),
        0
    );
    assert_eq!(found(&WAITS.replace("db:5432", "elsewhere:5432")), 0);
    let plain = |command: &str| found(&format!("    depends_on: [db]\n    command: {command}\n"));
    assert_eq!(
        plain("[./wait-for-it.sh, 'db:5432', -t, '20', --, serve]"),
        0
    );
    assert_eq!(
        plain("[./wait-for-it.sh, 'db:5432', -s, -t, '20', --, serve]"),
        1
    );
    let shell = |script: &str| plain(&format!("[sh, -c, '{script}']"));
    assert_eq!(shell("set -e; ./wait-for-it.sh db:5432 -t 20; serve"), 1);
    assert_eq!(shell("./wait-for-it.sh db:5432 -t 20; serve"), 0);
    assert_eq!(
        shell("set -e; ./wait-for-it.sh db:5432 -t 20 || true; serve"),
        0
    );
    // What stands before it is time that the database has as well.
    assert_eq!(
        shell("set -e; sleep 45; ./wait-for-it.sh db:5432 -t 20; serve"),
        0
    );
}

#[test]
fn what_compose_waits_for_before_counts_for_the_dependency_too() {
    // `setup` needs the database and is over before: then it is ready.
    let seen_to = format!(
        "{}  setup:\n    image: s\n    depends_on: [db]\n",
        WAITS.replace(
            "[db]",
            "{setup: {condition: service_completed_successfully}}"
        )
    );
    assert_eq!(of(GIVES_UP, None, &waiting("60s", &seen_to)), []);
    // Redis has nothing to do with it, but its first probe comes 45 s later.
    let later = |interval: &str| {
        let api = WAITS.replace(
            "[db]",
            "{db: {condition: service_started}, redis: {condition: service_healthy}}",
        );
        let redis = format!(
            "  redis:\n    image: r\n    healthcheck: {{test: ./ready, interval: {interval}}}\n"
        );
        of(GIVES_UP, None, &waiting("60s", &format!("{api}{redis}"))).len()
    };
    assert_eq!(later("45s"), 0);
    assert_eq!(later("10s"), 1);
}

#[test]
fn a_script_on_the_path_ends_the_container_only_where_nothing_comes_behind() {
    let docker = "FROM x\nCOPY wait-db serve.sh /usr/local/bin/\nENTRYPOINT [\"serve.sh\"]\n";
    let wait = "#!/bin/sh\nn=0\nuntil nc -z db 5432; do\n  n=$((n + 1))\n  [ $n -ge 20 ] && exit 1\n  sleep 1\ndone\n";
    let found = |serve: &str| {
        let case = waiting("60s", "    depends_on: [db]\n").replace(
            "compose.yml",
            "image: a\n",
            "build: .\n",
        );
        let serve = format!("#!/bin/sh\n{serve}\n");
        let case = case
            .with("Dockerfile", docker)
            .with("wait-db", wait)
            .with("serve.sh", &serve);
        of(GIVES_UP, None, &case).len()
    };
    assert_eq!(found("wait-db\nexec gunicorn app"), 0);
    assert_eq!(found(&wait.replace("#!/bin/sh\n", "")), 1);
}

#[test]
fn the_stack_that_is_right_is_named_with_its_number() {
    let base = "services:\n  app:\n    image: a\n    healthcheck: {test: ./ready, interval: 10s}\n";
    let overlay =
        |period: &str| format!("services:\n  app:\n    healthcheck: {{start_period: {period}}}\n");
    let case = |staging: &str, production: &str, seconds| {
        let case = Case::of([
            ("compose.yml", base),
            ("compose.staging.yml", &overlay(staging)),
            ("compose.production.yml", &overlay(production)),
            (
                "up.sh",
                "#!/bin/sh\ndocker compose -f compose.yml -f compose.staging.yml up -d\ndocker compose -f compose.yml -f compose.production.yml up -d\n",
            ),
        ]);
        case.startup("app", seconds)
    };
    let one = case("60s", "200s", 180);
    let finding = only(DIFFER, None, &one);
    assert_eq!(
        marked(&finding, &one),
        ["compose.staging.yml 60s", "compose.production.yml 200s"]
    );
    assert_eq!(finding.data["right_stack"], "production");
    // Both right, both wrong; and where the other rule is off nothing is wrong.
    assert_eq!(of(DIFFER, None, &case("60s", "200s", 50)), []);
    assert_eq!(of(DIFFER, None, &case("60s", "100s", 180)), []);
    let mut off = one.clone();
    off.options.ignore = vec![STARTUP.to_owned()];
    assert_eq!(of(DIFFER, None, &off), []);
    let silenced = one.replace(
        "compose.staging.yml",
        "healthcheck: {start_period: 60s}",
        &format!(
            "healthcheck:\n      start_period: 60s # upbeat: ignore[{STARTUP}] it is a slow machine"
        ),
    );
    assert_eq!(of(DIFFER, None, &silenced), []);
}
