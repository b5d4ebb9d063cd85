//! Values that are unknown, wrong, or only the image knows.

use super::case::*;
use upbeat::finding::{Safety, Severity};

#[test]
fn an_unset_variable_stops_nothing_and_is_told_once() {
    let text = APP.replace(
        "start_period: 20s",
        "start_period: ${PERIOD}\n      timeout: ${PERIOD:?set it}",
    );
    let case = Case::of([
        ("compose.yml", &text),
        (
            "compose.prod.yml",
            "services:\n  app:\n    environment: {A: b}\n",
        ),
    ]);
    let found = case.found();
    let facts: Vec<_> = found.iter().map(|f| (f.0, f.1, f.3)).collect();
    assert_eq!(
        facts,
        [
            ("unknown-timing", Severity::Info, 7),
            ("unknown-timing", Severity::Info, 8)
        ]
    );
    assert!(case.check().project.obstacles.is_empty());
}

#[test]
fn a_bad_value_is_an_error_with_its_place_and_a_suggestion() {
    for (field, rule) in [
        ("start_period: 90", "health-field-invalid"),
        ("start_period: '90'", "health-field-invalid"),
        ("retries: 3s", "health-field-invalid"),
        ("start_period: -5s", "health-field-invalid"),
        ("interval2: 1", "compose-error"),
    ] {
        let text = APP.replace("start_period: 20s", field);
        let found = Case::of([("compose.yml", &text)]).found();
        let lines: Vec<_> = found.iter().map(|f| (f.0, f.1, f.3)).collect();
        assert_eq!(lines, [(rule, Severity::Error, 7)], "{field}");
    }
    let mut case = Case::of([("compose.yml", &APP.replace("20s", "90"))]);
    case.options.allow_unsafe = true;
    assert_eq!(case.fixed().text("compose.yml"), APP.replace("20s", "90s"));
}

#[test]
fn a_written_zero_is_assumed_like_what_is_not_written() {
    let assumed = |fields: &str| {
        let text = format!("services:\n  app:\n    image: app\n    healthcheck: {{{fields}}}\n");
        let checked = Case::of([("compose.yml", &text)]).check();
        checked.project.stacks[0].services[0].assumed()
    };
    assert_eq!(
        assumed("test: [CMD, ready], interval: 0s, timeout: 5s"),
        ["interval 30s (0 means not set)", "retries 3"]
    );
    assert_eq!(
        assumed("test: [CMD, ready], interval: 9s, timeout: 5s, retries: 0"),
        ["retries 3 (0 means not set)"]
    );
    // Only the image knows.
    assert!(assumed("interval: 0s").is_empty());
}

#[test]
fn a_healthcheck_of_the_image_leaves_numbers_unknown() {
    let text = "services:\n  app:\n    image: app\n    healthcheck: {start_period: 20s}\n";
    let checked = Case::of([("compose.yml", text)]).startup("app", 30).check();
    assert_eq!(checked.findings[0].severity, Severity::Warning);
    assert_eq!(
        checked.findings[0].fix.as_ref().map(|fix| fix.safety),
        Some(Safety::Display)
    );
    let silent = Case::of([(
        "compose.yml",
        &text.replace("start_period: 20s", "interval: 5s"),
    )])
    .startup("app", 300);
    assert_eq!(silent.found(), []);
}

#[test]
fn an_empty_or_impossible_value_gets_no_invented_fix() {
    for (field, words) in [
        ("start_period: ${X:-}", "the text is empty"),
        ("retries: ${X:-}", "no whole number"),
        ("start_period: true", "no duration"),
        ("interval: 500us", "shorter than 1ms"),
        ("retries: -1", "negative"),
    ] {
        let text = APP
            .replace("start_period: 20s", field)
            .replace("      interval: 10s\n", "");
        let checked = Case::of([("compose.yml", &text)]).check();
        assert_eq!(checked.findings.len(), 1, "{field}");
        assert!(
            checked.findings[0].message.contains(words),
            "{}",
            checked.findings[0].message
        );
        assert_eq!(checked.findings[0].fix, None, "{field}");
    }
}

#[test]
fn what_a_script_exports_reaches_the_compose_file() {
    let compose = PAIR.replace("start_period: 60s", "start_period: \"${PERIOD:-60s}\"");
    let waits = "for i in $(seq 60); do docker compose ps | grep -q starting || exit 0; sleep 5; done; exit 1";
    let found = |before: &str| {
        let mut case = pair_with(&format!("{before}\n{waits}"));
        case.files[0].1.clone_from(&compose);
        case.check()
            .findings
            .iter()
            .filter(|f| f.rule == WAIT)
            .map(|f| f.data["budget_s"].as_f64().unwrap_or_default())
            .collect::<Vec<f64>>()
    };
    assert_eq!(
        found("docker compose up -d"),
        [0.0; 0],
        "300 s are enough for 185"
    );
    assert_eq!(found("export PERIOD=200s\ndocker compose up -d"), [325.0]);
    assert_eq!(found("PERIOD=200s docker compose up -d"), [325.0]);
    assert_eq!(
        found("export PERIOD=$(cat period)\ndocker compose up -d"),
        [0.0; 0],
        "unknown is not the default"
    );
}

#[test]
fn a_value_that_an_overlay_resets_is_not_written_twice() {
    let case = Case::of([
        ("compose.yml", APP),
        ("compose.override.yml", "services:\n  app:\n    healthcheck:\n      start_period: !reset null\n      retries: 3\n"),
    ])
    .startup("app", 200);
    assert!(case.fix().changes.is_empty());
    let checked = case.check();
    assert!(
        checked.findings[0]
            .notes
            .iter()
            .any(|note| note.contains("`!reset`")),
        "{:?}",
        checked.findings[0].notes
    );
}
