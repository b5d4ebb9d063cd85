//! What is read from the file.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use upbeat::clock::BudgetModel;
use upbeat::duration::Seconds;
use upbeat::finding::Severity;
use upbeat::rules::Options;
use upbeat::settings::{self, Level, OptionValue, Problem, Settings};
use upbeat::source::Store;

/// The settings in a project that has a base, an overlay and an env file.
pub fn read(text: &str) -> (Store, Result<Settings, Vec<Problem>>) {
    let files = [
        ("compose.yml", ""),
        ("compose.prod.yml", ""),
        ("deploy/prod.env", ""),
        ("deploy/b.log", ""),
        ("deploy/a.log", ""),
    ];
    let mut store = Store::memory(files);
    let file = store.add("upbeat.yml", text.to_owned());
    let settings = settings::read(&store, file);
    (store, settings)
}

/// Settings that say all that can be said.
pub const EVERY_KEY: &str = "\
engine: 20.10
budget: worst
margin: 1.25
stacks:
  production:
    files: [compose.yml, ./compose.prod.yml]
    env_files: [deploy/prod.env]
    profiles: [a, b]
  small: {files: [compose.yml]}
startup:
  backend: 3m
  db: \"90s\"
  web: {steps: {database: 60s, migrations: 1m15s}}
  worker: {logs: [deploy/*.log, compose.yml]}
rules:
  compose-error: warning
  unknown-timing: off
  slow-startup-step: {limit: 2m}
  start-period-far-above-startup: {severity: warning, times: 2.5, starts: 7}
overrides:
  - paths: [legacy/**, '*.old.yml']
    rules: {wait-below-budget: off}
  - services: [db, web]
    paths: [compose.yml]
    rules: {compose-error: info}
exclude: [legacy/, '**/test/*.yml']
";

#[test]
fn every_key_is_read_with_its_places() {
    let text = EVERY_KEY;
    let (store, settings) = read(text);
    let settings = settings.expect("settings");
    let at = |span| store.sources().text(span);
    assert_eq!(
        settings.engine.map(|engine| engine.to_string()),
        Some("20.10".to_owned())
    );
    assert_eq!(
        (settings.budget, settings.margin),
        (Some(BudgetModel::Worst), Some(1.25))
    );
    let production = &settings.stacks[0];
    assert_eq!(
        (production.name.as_str(), at(production.span)),
        ("production", "production")
    );
    assert_eq!(production.files, ["compose.yml", "compose.prod.yml"]);
    assert_eq!(production.env_files, ["deploy/prod.env"]);
    assert_eq!(production.profiles, ["a", "b"]);
    assert_eq!(settings.stacks[1].files, ["compose.yml"]);
    let startups: Vec<_> = settings
        .startup
        .iter()
        .map(|one| (at(one.key), one.ready, at(one.span)))
        .collect();
    let seconds = Seconds::new;
    assert_eq!(
        startups,
        [
            ("backend", seconds(180), "3m"),
            ("db", seconds(90), "\"90s\""),
            (
                "web",
                seconds(135),
                "{steps: {database: 60s, migrations: 1m15s}}"
            )
        ]
    );
    let steps = settings.startup[2].steps.iter();
    let steps: Vec<_> = steps
        .map(|step| (step.name.as_str(), step.seconds, step.span.map(at)))
        .collect();
    assert_eq!(
        steps,
        [
            ("database", seconds(60), Some("60s")),
            ("migrations", seconds(75), Some("1m15s"))
        ]
    );
    let rules = [
        ("compose-error", Level::As(Severity::Warning)),
        ("unknown-timing", Level::Off),
        (
            "start-period-far-above-startup",
            Level::As(Severity::Warning),
        ),
    ];
    let rules: BTreeMap<String, Level> = rules
        .into_iter()
        .map(|(rule, level)| (rule.to_owned(), level))
        .collect();
    assert_eq!(settings.rules, rules);
    let of_rule = |rule: &str, option: &str| {
        let key = (rule.to_owned(), option.to_owned());
        settings.of_rules.get(&key).copied()
    };
    let far = "start-period-far-above-startup";
    assert_eq!(
        [
            of_rule("slow-startup-step", "limit"),
            of_rule(far, "times"),
            of_rule(far, "starts")
        ],
        [
            Some(OptionValue::Length(seconds(120))),
            Some(OptionValue::Times(2.5)),
            Some(OptionValue::Count(7))
        ]
    );
    let logs: Vec<_> = settings
        .logs
        .iter()
        .map(|log| (log.service.as_str(), log.path.as_str(), at(log.span)))
        .collect();
    assert_eq!(
        logs,
        [
            ("worker", "deploy/a.log", "deploy/*.log"),
            ("worker", "deploy/b.log", "deploy/*.log"),
            ("worker", "compose.yml", "compose.yml")
        ]
    );
    let [old, named] = settings.overrides.as_slice() else {
        panic!("two overrides");
    };
    let paths = old.paths.as_ref().expect("paths");
    assert!(paths.holds("legacy/a/b.yml") && paths.holds("a/b.old.yml"));
    assert!(!paths.holds("compose.yml") && old.services.is_empty());
    assert_eq!(old.levels["wait-below-budget"], Level::Off);
    assert!(named.services.iter().eq(["db", "web"]) && named.paths.is_some());
    assert_eq!(named.levels["compose-error"], Level::As(Severity::Info));
    let named: Vec<_> = settings
        .services
        .iter()
        .map(|(name, span)| (name.as_str(), at(*span)))
        .collect();
    assert_eq!(
        named,
        [
            ("web", "web"),
            ("worker", "worker"),
            ("db", "db"),
            ("web", "web")
        ]
    );
    let globs: Vec<_> = settings
        .paths
        .iter()
        .map(|paths| (paths.glob.as_str(), at(paths.span)))
        .collect();
    assert_eq!(
        globs,
        [
            ("legacy/**", "legacy/**"),
            ("*.old.yml", "'*.old.yml'"),
            ("compose.yml", "compose.yml")
        ]
    );
    assert!(settings.exclude.holds("legacy/x.yml") && settings.exclude.holds("a/test/b.yml"));
}

#[test]
fn a_file_without_settings_changes_nothing() {
    for text in ["", "# nothing yet\n", "{}\n", "---\n"] {
        let settings = read(text).1.expect(text);
        assert!(settings.stacks.is_empty() && settings.rules.is_empty());
        let options = settings.options(Options::default());
        assert_eq!(
            (options.budget, options.margin.to_bits()),
            (BudgetModel::Planned, 1.1_f64.to_bits())
        );
    }
}

/// The page on settings, and the README's part on them.
fn sections() -> [String; 2] {
    let read = |path: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
        fs::read_to_string(path).expect("a page")
    };
    let readme = read("README.md");
    let section = readme.split("## Settings\n").nth(1);
    [
        read("docs/settings.md"),
        section.expect("the section").to_owned(),
    ]
}

/// The settings in each.
pub fn shown() -> [String; 2] {
    sections().map(|section| {
        let block = section.split("```yaml\n").nth(1).expect("a block");
        block.split("```").next().expect("its end").to_owned()
    })
}

#[test]
fn the_pages_show_settings_that_are_understood() {
    let files = [
        "compose.yml",
        "compose.production.yml",
        "deploy/production.env",
        "upbeat.baseline.jsonl",
        "logs/worker-1.log",
    ];
    let [page, _] = sections();
    for text in shown() {
        let mut store = Store::memory(files.map(|path| (path, "")));
        let file = store.add("upbeat.yml", text.clone());
        settings::read(&store, file).expect("settings");
        // Each key of it has a row.
        for line in text.lines().filter(|line| !line.starts_with(' ')) {
            let key = line.split(':').next().unwrap_or_default();
            assert!(page.contains(&format!("`{key}`")), "{key}");
        }
    }
}
