//! Rules over measured startups.

use super::case::*;
use upbeat::duration::Seconds;
use upbeat::finding::{Finding, Safety};
use upbeat::rules::OptionValue;

const SLOW: &str = "slow-startup-step";
const FAR: &str = "start-period-far-above-startup";
const RECORD: &str = "upbeat.startups.jsonl";

const COMPOSE: &str = "\
services:
  backend:
    image: app
    container_name: app-backend
    healthcheck:
      test: [CMD-SHELL, 'curl -f http://localhost/ || exit 1']
      interval: 20s
      timeout: 5s
      retries: 3
      start_period: 100s
";

/// Recorded starts, by their seconds, as lower or upper bounds.
fn recorded(key: &str, seconds: &[f64]) -> Case {
    let lines = seconds.iter().enumerate().map(|(day, seconds)| {
        format!(
            "{{\"service\":\"backend\",\"at\":\"2025-11-0{}T10:00:00Z\",\"{key}_s\":{seconds},\"{key}_why\":\"{}\"}}\n",
            day + 1,
            if key == "at_most" { "healthy-event" } else { "total" }
        )
    });
    let record: String = lines.collect();
    Case::of([("compose.yml", COMPOSE), (RECORD, record.as_str())])
}

fn of_rule(case: &Case, rule: &str) -> Vec<Finding> {
    let findings = case.check().findings.into_iter();
    findings.filter(|finding| finding.rule == rule).collect()
}

#[test]
fn a_grace_far_above_at_least_five_starts() {
    // 30 s and a tenth: 35 s; three times that is 105 s.
    let case =
        recorded("at_most", &[20.0, 30.0, 25.0, 21.0, 22.0]).replace("compose.yml", "100s", "106s");
    let found = of_rule(&case, FAR);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].data["needed_start_period_s"], 35.0);
    assert_eq!(
        found[0].fix.as_ref().map(|fix| fix.safety),
        Some(Safety::Unsafe)
    );
    assert_eq!(found[0].labels.len(), 1, "{:?}", found[0].labels);
    let tie = case.clone().replace("compose.yml", "106s", "105s");
    assert!(
        of_rule(&tie, FAR).is_empty(),
        "three times is not far above"
    );
    let four =
        recorded("at_most", &[20.0, 30.0, 25.0, 21.0]).replace("compose.yml", "100s", "900s");
    assert!(of_rule(&four, FAR).is_empty(), "four starts say nothing");
    // Three times, but little.
    let short = recorded("at_most", &[1.0; 5]).replace("compose.yml", "100s", "50s");
    assert!(of_rule(&short, FAR).is_empty());
    assert!(
        of_rule(&recorded("at_least", &[1.0; 5]), FAR)[0]
            .notes
            .iter()
            .any(|note| note.contains("ends before the server"))
    );
}

#[test]
fn a_recorded_lower_bound_is_a_finding_and_an_upper_one_clears() {
    assert_eq!(
        of_rule(&recorded("at_least", &[20.0, 101.0, 30.0]), STARTUP).len(),
        1
    );
    assert!(of_rule(&recorded("at_least", &[20.0, 100.0, 30.0]), STARTUP).is_empty());
    assert!(of_rule(&recorded("at_most", &[20.0, 101.0, 30.0]), STARTUP).is_empty());
    assert!(of_rule(&recorded("at_most", &[20.0, 99.0, 30.0]), STARTUP).is_empty());
}

#[test]
fn an_upper_bound_beyond_the_grace_changes_no_budget() {
    let wait = "docker compose up -d web\nELAPSED=0\nwhile [ $ELAPSED -lt 200 ]; do\n  docker compose ps | grep -q healthy && break\n  sleep 5\n  ELAPSED=$((ELAPSED + 5))\ndone\n";
    let plain = Case::of([("compose.yml", COMPOSE), ("wait.sh", wait)]);
    let budget = |case: &Case| {
        let checked = case.check();
        let graph = &checked.project.stacks[0].graph;
        graph.budget(upbeat::clock::BudgetModel::Planned, &[]).total
    };
    let slow = recorded("at_most", &[5000.0]).with("wait.sh", wait);
    assert_eq!(budget(&slow), budget(&plain));
}

#[test]
fn the_settings_may_say_from_when_on_a_step_is_slow() {
    let with = |limit: Option<i64>| {
        let mut case = Case::of([("compose.yml", COMPOSE)]);
        case.log = Some((
            "backend",
            "✅ Database migrations completed in 75s\n".to_owned(),
        ));
        let key = (SLOW.to_owned(), "limit".to_owned());
        let said = limit.map(|limit| (key, OptionValue::Length(Seconds::new(limit))));
        case.options.of_rules.extend(said);
        of_rule(&case, SLOW).len()
    };
    assert_eq!((with(None), with(Some(75)), with(Some(74))), (1, 0, 1));
}

#[test]
fn steps_are_slow_by_what_they_do() {
    let log = |name: &str, seconds: u32| {
        let mut case = Case::of([("compose.yml", COMPOSE)]);
        let text = format!("✅ {name} completed in {seconds}s\n");
        case.log = Some(("backend", text));
        of_rule(&case, SLOW)
    };
    for (name, limit) in [
        ("Database migrations", 60),
        ("Static file collection", 30),
        ("Database connectivity", 30),
        ("Cache", 60),
    ] {
        assert!(log(name, limit).is_empty(), "{name}: a tie passes");
        let found = log(name, limit + 1);
        assert_eq!(found.len(), 1, "{name}");
        assert!(
            found[0]
                .message
                .contains(&format!("`{name}` takes {}s", limit + 1)),
            "{}",
            found[0].message
        );
        assert_eq!(found[0].labels.len(), 1);
    }
    assert!(log("Database migrations", 61)[0].notes[0].contains("service_completed_successfully"));
    assert!(log("Static file collection", 31)[0].notes[0].contains("image is built"));
}

#[test]
fn a_tool_that_is_missing_is_a_finding_where_the_test_calls_it() {
    let inspect = r#"[{"Id":"11aa","Name":"/app-backend","State":{"StartedAt":"2025-11-01T10:30:00Z","Status":"running","Health":{"Status":"starting","Log":[
{"Start":"2025-11-01T10:30:05Z","End":"2025-11-01T10:30:05.1Z","ExitCode":1,"Output":"/bin/sh: curl: not found\n"}]}}}]"#;
    let mut case = Case::of([("compose.yml", COMPOSE)]);
    case.log = Some(("backend", inspect.to_owned()));
    let found = of_rule(&case, "probe-tool-missing");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].data["tool"], "curl");
    for other in ["wget -q http://localhost/", "./curly"] {
        let changed = case
            .clone()
            .replace("compose.yml", "curl -f http://localhost/", other);
        assert!(
            of_rule(&changed, "probe-tool-missing").is_empty(),
            "{other}"
        );
    }
    // What stands behind `||` may find what it asks for.
    for (test, count) in [
        ("curl -f x || wget -q x", 0),
        ("[CMD, sh, -c, \"curl -f x || wget -q x\"]", 0),
        ("curl -f x || exit 1", 1),
        ("[CMD, sh, -c, \"curl -f x && wget -q x\"]", 1),
        ("[CMD, curl, -f, x]", 1),
    ] {
        let changed = case.clone().map(|_, text| {
            let is_test = |line: &str| line.trim_start().starts_with("test:");
            let lines = text.lines().map(|line| match line.split_once("test:") {
                Some((indent, _)) if is_test(line) => format!("{indent}test: {test}\n"),
                _ => format!("{line}\n"),
            });
            lines.collect()
        });
        assert_eq!(
            of_rule(&changed, "probe-tool-missing").len(),
            count,
            "{test}"
        );
    }
    // Both are missing.
    let mut neither = case.replace(
        "compose.yml",
        "curl -f http://localhost/",
        "curl -f http://localhost/ || wget -q http://localhost/",
    );
    let output = "curl: not found\\n/bin/sh: wget: not found";
    neither.log = Some(("backend", inspect.replace("curl: not found", output)));
    assert_eq!(of_rule(&neither, "probe-tool-missing").len(), 1);
}
