//! Where rules count for more or for less.

use super::runs::Folder;
use serde_json::Value;

const APP: &str = "services:\n  app:\n    image: a\n    healthcheck: {test: x, interval: 10s, retries: 3, start_period: 20s}\n  db:\n    image: d\n    healthcheck: {test: x, interval: 10s, retries: 3, start_period: 20s}\n";
const SLOW: &str = "--startup app=100s --startup db=100s";

/// Rule, severity, file and service of each finding.
fn found(folder: &Folder, flags: &str) -> Vec<[String; 4]> {
    let (_, out, err) = folder.run(&format!(". --format json {flags}"));
    assert_eq!(err, "");
    let json: Value = serde_json::from_str(&out).expect("JSON");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let findings = json["findings"].as_array().expect("findings").iter();
    findings
        .map(|finding| {
            [
                text(&finding["rule"]),
                text(&finding["severity"]),
                text(&finding["file"]),
                text(&finding["data"]["service"]),
            ]
        })
        .collect()
}

/// Severity, file and service of the start periods that are too short.
fn short(folder: &Folder, settings: &str, flags: &str) -> Vec<String> {
    folder.write("upbeat.yml", settings);
    let rule = "start-period-below-startup";
    let found = found(folder, &format!("{SLOW} {flags}"));
    let own = found.into_iter().filter(|[name, ..]| name == rule);
    own.map(|[_, severity, file, service]| format!("{severity} {file} {service}"))
        .collect()
}

fn two() -> Folder {
    Folder::new(&[("compose.yml", APP), ("legacy/compose.yml", APP)])
}

#[test]
fn a_severity_may_hang_on_the_path() {
    let folder = two();
    let all = "error compose.yml app, error compose.yml db, error legacy/compose.yml app, error legacy/compose.yml db";
    assert_eq!(short(&folder, "", "").join(", "), all);
    for glob in ["legacy/**", "legacy/", "/legacy/compose.yml"] {
        let text = format!(
            "overrides:\n- paths: [{glob}]\n  rules: {{start-period-below-startup: info}}\n"
        );
        assert_eq!(
            short(&folder, &text, ""),
            [
                "error compose.yml app",
                "error compose.yml db",
                "info legacy/compose.yml app",
                "info legacy/compose.yml db"
            ],
            "{glob}"
        );
    }
    let off = "overrides: [{paths: [legacy/], rules: {start-period-below-startup: off}}]\n";
    assert_eq!(
        short(&folder, off, ""),
        ["error compose.yml app", "error compose.yml db"]
    );
}

#[test]
fn a_severity_may_hang_on_the_service_and_the_later_wins() {
    let folder = two();
    let text = "rules: {start-period-below-startup: warning}\noverrides:\n- services: [db]\n  rules: {start-period-below-startup: info}\n- services: [db]\n  paths: [legacy/]\n  rules: {start-period-below-startup: off}\n- services: [db]\n  rules: {compose-error: off}\n";
    let expected = [
        "warning compose.yml app",
        "info compose.yml db",
        "warning legacy/compose.yml app",
    ];
    assert_eq!(short(&folder, text, ""), expected);
    // The other way round the general one wins.
    let (head, rest) = text.split_once("- services").expect("overrides");
    let (first, rest) = rest.split_once("- services").expect("a second");
    let (second, _) = rest.split_once("- services").expect("a third");
    let turned = format!("{head}- services{second}- services{first}");
    assert_eq!(
        short(&folder, &turned, ""),
        [
            "warning compose.yml app",
            "info compose.yml db",
            "warning legacy/compose.yml app",
            "info legacy/compose.yml db"
        ]
    );
}

#[test]
fn a_rule_that_is_off_may_be_wanted_at_some_places() {
    let folder = two();
    let text = "rules: {start-period-below-startup: off}\noverrides:\n- paths: [/compose.yml]\n  services: [app]\n  rules: {start-period-below-startup: warning}\n";
    assert_eq!(short(&folder, text, ""), ["warning compose.yml app"]);
}

#[test]
fn flags_that_choose_rules_win_over_overrides() {
    let folder = two();
    let rule = "start-period-below-startup";
    let text = format!(
        "overrides:\n- {{services: [app, db], rules: {{{rule}: off, compose-error: off}}}}\n"
    );
    assert!(short(&folder, &text, "").is_empty());
    assert_eq!(short(&folder, &text, &format!("--select {rule}")).len(), 4);
    let text = text.replace("off", "error");
    assert!(short(&folder, &text, &format!("--ignore {rule}")).is_empty());
    // The exit code hangs on the severity that is left.
    let code = |flags: &str| folder.run(&format!(". {SLOW} -q {flags}")).0;
    folder.write(
        "upbeat.yml",
        &format!("overrides: [{{services: [app, db], rules: {{{rule}: info}}}}]\n"),
    );
    assert_eq!(
        (code(""), code("--fail-on info"), code("--fail-on never")),
        (0, 1, 0)
    );
}

#[test]
fn what_is_off_is_not_fixed() {
    let folder = two();
    folder.write(
        "upbeat.yml",
        "overrides:\n- {services: [db], rules: {start-period-below-startup: off}}\n- {paths: [legacy/], rules: {start-period-below-startup: off}}\n",
    );
    let (code, _, err) = folder.run(&format!(". --fix {SLOW}"));
    assert_eq!(code, 0, "{err}");
    assert_eq!(folder.read("legacy/compose.yml"), APP);
    assert_eq!(
        folder.read("compose.yml"),
        APP.replacen("start_period: 20s", "start_period: 110s", 1)
    );
}

/// The planned budget of `up -d` behind `db`: its start period, or the measured startup, counts for what waits for it.
const CHAIN: &str = "services:\n  app:\n    image: a\n    depends_on: {db: {condition: service_healthy}}\n    healthcheck: {test: x, interval: 10s, timeout: 5s, retries: 3, start_period: 20s}\n  db:\n    image: d\n    healthcheck: {test: x, interval: 10s, timeout: 5s, retries: 3, start_period: 20s}\n";
const WAIT: &str = "jobs:\n  d:\n    steps:\n      - run: |\n          docker compose up -d\n          for i in $(seq 1 10); do docker compose ps | grep -q healthy && exit 0; sleep 1; done\n          exit 1\n    timeout-minutes: 60\n";

#[test]
fn a_wait_is_not_raised_for_a_start_period_that_stays() {
    let seq = |settings: &str| {
        let folder = Folder::new(&[
            ("compose.yml", CHAIN),
            (".github/workflows/d.yml", WAIT),
            ("upbeat.yml", settings),
        ]);
        folder.run(". --fix --startup app=200s");
        let fixed = folder.read(".github/workflows/d.yml");
        let behind = fixed.split("seq 1 ").nth(1).expect("the loop");
        let number = behind.split(')').next().expect("a number");
        (
            number.parse::<u64>().expect("a number"),
            folder.read("compose.yml"),
        )
    };
    let (raised, compose) = seq("");
    assert!(compose.contains("start_period: 220s"), "{compose}");
    for off in [
        "overrides: [{services: [app], rules: {start-period-below-startup: off}}]\n",
        "overrides: [{paths: [compose.yml], rules: {start-period-below-startup: off}}]\n",
    ] {
        let (kept, compose) = seq(off);
        assert_eq!(compose, CHAIN, "{off}");
        // planned: db 20 + (5 + 10), then app at its worst, from 20 s and not from 220 s on.
        assert!(kept + 150 < raised, "{kept} {raised}");
    }
}

#[test]
fn a_place_that_several_services_share_counts_for_those_that_are_not_off() {
    let shared = "x-check: &check {test: x, interval: 10s, retries: 3, start_period: 20s}\nservices:\n  app: {image: a, healthcheck: *check}\n  db: {image: d, healthcheck: *check}\n";
    let folder = Folder::new(&[("compose.yml", shared)]);
    let told = |settings: &str| {
        folder.write("upbeat.yml", settings);
        let found = found(&folder, "--startup app=60s --startup db=100s");
        let own = found
            .into_iter()
            .filter(|[rule, ..]| rule == "start-period-below-startup");
        own.map(|[_, severity, _, service]| format!("{severity} {service}"))
            .collect::<Vec<_>>()
    };
    // The worst is told, unless it is off.
    assert_eq!(told(""), ["error db"]);
    let off = "overrides: [{services: [db], rules: {start-period-below-startup: off}}]\n";
    assert_eq!(told(off), ["error app"]);
    let both = "overrides: [{services: [db, app], rules: {start-period-below-startup: off}}]\n";
    assert!(told(both).is_empty());
}

#[test]
fn a_start_interval_that_services_share_is_told_of_one_that_is_not_off() {
    let shared = "x-check: &check {test: x, start_interval: 1s}\nservices:\n  app: {image: a, healthcheck: *check}\n  db: {image: d, healthcheck: *check}\n";
    let folder = Folder::new(&[("compose.yml", shared)]);
    let rule = "start-interval-without-start-period";
    let told = |off: &str| {
        let text = format!("overrides: [{{services: [{off}], rules: {{{rule}: off}}}}]\n");
        folder.write("upbeat.yml", &text);
        let found = found(&folder, "");
        let own = found.into_iter().filter(|[name, ..]| name == rule);
        own.map(|[.., service]| service).collect::<Vec<_>>()
    };
    assert_eq!(
        (told("db"), told("app")),
        (vec!["app".to_owned()], vec!["db".to_owned()])
    );
    assert!(told("app, db").is_empty());
}

#[test]
fn a_probe_of_several_services_counts_for_the_one_that_matters_most() {
    let curl = "x-check: &check {test: curl http://localhost/}\nservices:\n  app: {image: a, healthcheck: *check}\n  db: {image: d, healthcheck: *check}\n";
    let folder = Folder::new(&[("compose.yml", curl)]);
    let told = |settings: &str| {
        folder.write("upbeat.yml", settings);
        let (_, out, err) = folder.run(". --format short -q --select curl-without-fail");
        assert_eq!(err, "");
        out.split_once(' ')
            .map(|(_, rest)| rest.split('[').next().unwrap_or_default().to_owned())
    };
    assert_eq!(told("").as_deref(), Some("warning"));
    let one = "overrides: [{services: [db], rules: {curl-without-fail: info}}]\n";
    assert_eq!(told(one).as_deref(), Some("warning"));
    let more = "overrides: [{services: [db], rules: {curl-without-fail: error}}]\n";
    assert_eq!(told(more).as_deref(), Some("error"));
    let both = "overrides: [{services: [db, app], rules: {curl-without-fail: info}}]\n";
    assert_eq!(told(both).as_deref(), Some("info"));
}

#[test]
fn a_finding_is_about_the_service_in_which_it_stands() {
    // A rule that names no service: what Docker refuses stands in one all the same.
    let folder = Folder::new(&[(
        "compose.yml",
        "services:\n  a.b:\n    image: a\n    imagee: b\n  db:\n    image: d\n    restrat: no\n",
    )]);
    let off = "overrides: [{services: [a.b], rules: {compose-error: info}}]\n";
    folder.write("upbeat.yml", off);
    let (_, out, _) = folder.run(". --format short -q --select compose-error");
    assert!(
        out.contains("compose.yml:4:5: info[compose-error]"),
        "{out}"
    );
    assert!(!out.contains("compose.yml:7:5: info"), "{out}");
}

#[test]
fn what_holds_nothing_is_told_with_its_place() {
    let folder = two();
    folder.write(
        "upbeat.yml",
        "overrides:\n- paths: [legacy/, legcy/**, \"!legacy/x.yml\"]\n  rules: {compose-error: off}\n- services: [db, apb]\n  rules: {compose-error: off}\n",
    );
    let (code, out, err) = folder.run(".");
    assert_eq!(code, 2);
    assert!(
        err.contains("upbeat.yml:2:20: `legcy/**` holds no compose file, workflow or script"),
        "{err}"
    );
    assert!(
        err.contains("upbeat.yml:4:18: no stack of this project has a service `apb`"),
        "{err}"
    );
    assert_eq!(err.matches("upbeat.yml:").count(), 2 + 2, "{err}");
    assert!(out.contains("not everything"), "{out}");
}

#[test]
fn a_comment_for_what_is_off_is_of_use() {
    let ignored = APP.replacen(
        "start_period: 20s}",
        "start_period: 20s}  # upbeat: ignore[start-period-below-startup] known",
        1,
    );
    let folder = Folder::new(&[("compose.yml", &ignored)]);
    folder.write(
        "upbeat.yml",
        "overrides: [{services: [app], rules: {start-period-below-startup: off}}]\n",
    );
    let rules: Vec<String> = found(&folder, SLOW)
        .into_iter()
        .map(|[rule, _, _, service]| format!("{rule} {service}"))
        .collect();
    assert_eq!(rules, ["start-period-below-startup db"]);
    // A comment that hides nothing is a finding, which can be off as well.
    let quiet = "--startup app=1s --startup db=1s";
    assert_eq!(found(&folder, quiet)[0][0], "unused-ignore");
    folder.write(
        "upbeat.yml",
        "overrides: [{paths: [compose.yml], rules: {unused-ignore: off}}]\n",
    );
    assert!(found(&folder, quiet).is_empty());
}

#[test]
fn what_is_off_is_not_gone_from_the_baseline() {
    let folder = Folder::new(&[("compose.yml", APP)]);
    assert_eq!(
        folder.run(&format!(". {SLOW} --write-baseline b.jsonl")).0,
        0
    );
    folder.write(
        "upbeat.yml",
        "baseline: b.jsonl\noverrides: [{services: [app], rules: {start-period-below-startup: off}}]\n",
    );
    let (code, _, err) = folder.run(&format!(". {SLOW}"));
    assert_eq!((code, err.trim()), (0, "1 finding hidden by the baseline"));
}

#[test]
fn one_of_those_that_wait_is_left_out_alone() {
    let text = "services:\n  db: {image: postgres, healthcheck: {test: [CMD, x]}}\n  a: {image: a, depends_on: [db]}\n  b: {image: b, depends_on: [db]}\n";
    let folder = Folder::new(&[("compose.yml", text)]);
    let rule = "started-but-has-healthcheck";
    for (off, waiter) in [("a", "`b` waits"), ("b", "`a` waits")] {
        let settings = format!("overrides: [{{services: [{off}], rules: {{{rule}: off}}}}]\n");
        folder.write("upbeat.yml", &settings);
        let (_, out, _) = folder.run(". --format short");
        assert!(out.contains(waiter), "{off}: {out}");
        assert_eq!(out.matches(rule).count(), 1, "{out}");
    }
}
