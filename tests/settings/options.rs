//! What is said to single rules.

use super::runs::Folder;
use std::fmt::Write;
use upbeat::rules::RULES;

const SLEEP: &str = "jobs:\n  d:\n    steps:\n      - run: |\n          docker compose up -d\n          sleep 15\n          ./test\n";
const APP: &str = "services:\n  app:\n    image: a\n    healthcheck: {test: x, interval: 1s, timeout: 1s, retries: 1, start_period: 200s}\n";

/// The severities of a rule's findings with these settings.
fn found(folder: &Folder, rule: &str, settings: &str) -> Vec<String> {
    folder.write("upbeat.yml", settings);
    let (_, out, err) = folder.run(&format!(". --format short -q --select {rule}"));
    assert_eq!(err, "", "{settings}");
    let severity = |line: &str| Some(line.split(' ').nth(1)?.split('[').next()?.to_owned());
    out.lines().filter_map(severity).collect()
}

#[test]
fn a_sleep_is_short_where_the_settings_say_so() {
    let folder = Folder::new(&[("compose.yml", APP), (".github/workflows/d.yml", SLEEP)]);
    let rule = "sleep-instead-of-wait";
    for (settings, expected) in [
        (String::new(), &["info"][..]),
        (format!("rules: {{{rule}: {{least: 15s}}}}\n"), &["info"]),
        (format!("rules: {{{rule}: {{least: 16s}}}}\n"), &[]),
        (
            format!("rules: {{{rule}: {{severity: warning, least: 1s}}}}\n"),
            &["warning"],
        ),
    ] {
        assert_eq!(found(&folder, rule, &settings), expected, "{settings}");
    }
}

#[test]
fn a_step_is_slow_from_the_limit_on() {
    let rule = "slow-startup-step";
    let folder = Folder::new(&[("compose.yml", APP)]);
    let steps = "startup: {app: {steps: {migrations: 50s, rest: 10s}}}\n";
    let with = |rules: &str| found(&folder, rule, &format!("{steps}{rules}"));
    assert!(with("").is_empty(), "migrations are slow from 60 s on");
    assert_eq!(
        with(&format!("rules: {{{rule}: {{limit: 49s}}}}\n")),
        ["info"]
    );
    assert!(with(&format!("rules: {{{rule}: {{limit: 50s}}}}\n")).is_empty());
    assert_eq!(
        with(&format!(
            "rules: {{{rule}: {{limit: 49s, severity: error}}}}\n"
        )),
        ["error"]
    );
}

#[test]
fn a_grace_is_far_by_the_number_of_starts_and_the_factor() {
    let rule = "start-period-far-above-startup";
    // Four starts of 45 s: with a tenth 49.5 s are needed, rounded up to 50 s; 200 s are four times as much.
    let mut starts = String::new();
    for day in 1..=4 {
        writeln!(starts, "{{\"service\":\"app\",\"at\":\"2025-11-0{day}T10:00:00Z\",\"at_most_s\":45,\"at_most_why\":\"healthy-event\"}}").expect("written");
    }
    let folder = Folder::new(&[("compose.yml", APP), ("upbeat.startups.jsonl", &starts)]);
    let with = |options: &str| {
        let settings = format!("rules: {{{rule}: {{{options}}}}}\n");
        found(&folder, rule, &settings).len()
    };
    assert!(found(&folder, rule, "").is_empty());
    assert_eq!((with("starts: 5"), with("starts: 4")), (0, 1));
    assert_eq!(
        (with("starts: 4, times: 4"), with("starts: 4, times: 3.9")),
        (0, 1)
    );
}

#[test]
fn every_option_stands_on_the_page_of_its_rule() {
    let mut options = 0;
    for rule in RULES {
        for option in rule.options() {
            options += 1;
            let key = format!("{}:", option.name);
            assert!(rule.page.contains(&key), "{}: {key}", rule.name);
            assert!(!option.about.is_empty() && !option.about.ends_with('.'));
        }
    }
    assert!(options >= 4);
}

#[test]
fn programs_are_told_of_the_options() {
    let folder = Folder::new(&[]);
    let (_, out, _) = folder.run("rules --format json");
    let json: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    let rules = json["rules"].as_array().expect("rules").iter();
    let options = |name: &str| {
        let mut rules = rules.clone();
        rules.find(|rule| rule["name"] == name).expect("the rule")["options"].clone()
    };
    assert_eq!(options("compose-error"), serde_json::json!([]));
    let sleep = options("sleep-instead-of-wait");
    assert_eq!(
        (&sleep[0]["kind"], &sleep[0]["default"]),
        (&"length".into(), &"5s".into())
    );
    let slow = options("slow-startup-step");
    assert_eq!(
        (&slow[0]["name"], &slow[0]["default"]),
        (&"limit".into(), &serde_json::Value::Null)
    );
}
