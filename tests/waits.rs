//! The waits of real projects against a list that was read by hand (`fixtures/facts/corpus-waits.jsonl`).
//!
//! Without the files this says so and passes. What differs stands in `fixtures/facts/corpus-waits.known.txt`; `UPDATE=1`
//! writes it, so that each change shows in review.

mod common;

use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use upbeat::duration::Seconds;
use upbeat::finding::Severity;
use upbeat::project::{Inputs, Project};
use upbeat::rules::Options;
use upbeat::source::Store;

const KNOWN: &str = "fixtures/facts/corpus-waits.known.txt";

fn facts(name: &str) -> BTreeMap<String, Vec<Value>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/facts");
    let path = path.join(name);
    let text = std::fs::read_to_string(path).expect("the facts");
    let mut facts: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for line in text.lines() {
        let fact: Value = serde_json::from_str(line).expect("JSON");
        let repo = fact["repo"].as_str().expect("a repository").to_owned();
        facts.entry(repo).or_default().push(fact);
    }
    facts
}

/// Form, budget, bound and stack, as they are compared: the same files under other variables are one stack.
fn told(form: &str, budget: Option<f64>, bound: &str, stack: Option<&str>) -> String {
    let budget = budget.map_or_else(|| "-".to_owned(), |budget| budget.to_string());
    let stack = stack.map_or("-", |name| match name.rsplit_once('-') {
        Some((stem, number)) if number.parse::<u32>().is_ok() => stem,
        _ => name,
    });
    format!("{form} {budget} {bound} {stack}")
}

fn found(root: &Path) -> BTreeMap<(String, usize), Vec<String>> {
    let project = Project::read(Store::disk(root), &Inputs::default());
    let sources = project.store.sources();
    let mut found: BTreeMap<(String, usize), Vec<String>> = BTreeMap::new();
    for wait in &project.waits {
        let path = sources.get(wait.span.file).path().to_owned();
        let place = (path, sources.start(wait.span).line);
        let stack = wait
            .stack
            .map(|stack| project.stacks[stack].files.name.as_str());
        let budget = wait.budget.map(Seconds::as_f64);
        let own = told(wait.form.name(), budget, wait.bounded_by.name(), stack);
        found.entry(place).or_default().push(own);
    }
    found
}

#[test]
fn the_waits_of_real_projects_are_those_that_a_reader_finds() {
    let Some(corpus) = common::corpus() else {
        return;
    };
    let facts = facts("corpus-waits.jsonl");
    let mut projects: Vec<PathBuf> = std::fs::read_dir(corpus)
        .expect("a folder")
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .collect();
    projects.sort();
    let (mut same, mut all) = (0, 0);
    let mut differences = String::new();
    for root in projects {
        let repo = root.file_name().unwrap_or_default().to_string_lossy();
        let mut ours = found(&root);
        for fact in facts.get(&*repo).into_iter().flatten() {
            all += 1;
            let text = |key: &str| fact[key].as_str();
            let path = text("path").expect("a path").to_owned();
            let line = usize::try_from(fact["line"].as_u64().expect("a line")).expect("small");
            let form = text("form").expect("a form");
            let bound = text("bounded_by").expect("a bound");
            let expected = told(form, fact["budget_s"].as_f64(), bound, text("stack"));
            let own = ours.remove(&(path.clone(), line)).unwrap_or_default();
            if own.contains(&expected) {
                same += 1;
                continue;
            }
            let own = if own.is_empty() {
                "nothing".to_owned()
            } else {
                own.join("; ")
            };
            let note = text("note").unwrap_or_default();
            writeln!(
                differences,
                "{repo} {path}:{line}: {own}, read by hand: {expected} ({note})"
            )
            .expect("a string");
        }
        for ((path, line), own) in ours {
            writeln!(
                differences,
                "{repo} {path}:{line}: {}, read by hand: nothing",
                own.join("; ")
            )
            .expect("a string");
        }
    }
    let summary = format!("{same} of {all} as read by hand\n{differences}");
    println!("{summary}");
    let known = Path::new(env!("CARGO_MANIFEST_DIR")).join(KNOWN);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&known, &summary).expect("written");
    }
    let known = std::fs::read_to_string(&known).unwrap_or_default();
    assert_eq!(summary, known, "UPDATE=1 writes {KNOWN}");
}

#[test]
fn the_facts_are_enough_and_over_all_forms_that_occur() {
    let facts: Vec<Value> = facts("corpus-waits.jsonl")
        .into_values()
        .flatten()
        .collect();
    assert!(facts.len() >= 120, "{} facts", facts.len());
    let forms: std::collections::BTreeSet<&str> = facts
        .iter()
        .filter_map(|fact| fact["form"].as_str())
        .collect();
    let expected = [
        "action",
        "compose-wait",
        "counter-loop",
        "curl-retry",
        "deadline-loop",
        "for-loop",
        "open-loop",
        "service-container",
        "sleep",
        "timeout-command",
        "tool",
    ];
    assert_eq!(forms.into_iter().collect::<Vec<_>>(), expected);
}

/// The rules whose findings a reader has gone through.
const RULES: [&str; 11] = [
    "attempts-named-as-seconds",
    "job-timeout-below-waits",
    "one-shot-under-wait",
    "sleep-instead-of-wait",
    "stale-timing-text",
    "up-without-limit",
    "wait-below-budget",
    "wait-cannot-fail",
    "wait-counts-unhealthy",
    "wait-fills-step",
    "wait-timeout-races",
];

/// What the rules on waits say of a project at error and warning level, as `severity[rule] path:line`.
fn judged(root: &Path) -> Vec<String> {
    let options = Options::default();
    let checked = upbeat::check(Store::disk(root), &Inputs::default(), &options);
    let sources = checked.project.store.sources();
    let findings = checked.findings.iter();
    let grave = findings.filter(|f| RULES.contains(&f.rule) && f.severity != Severity::Info);
    let lines = grave.map(|finding| {
        let span = finding.primary.span;
        let path = sources.get(span.file).path();
        let line = sources.start(span).line;
        format!(
            "{}[{}] {path}:{line}",
            finding.severity.name(),
            finding.rule
        )
    });
    lines.collect()
}

#[test]
fn what_the_rules_say_of_real_projects_has_been_read() {
    let verdicts = facts("corpus-verdicts.jsonl");
    for fact in verdicts.values().flatten() {
        let verdict = fact["verdict"].as_str().expect("a verdict");
        assert!(["true", "false", "doubtful"].contains(&verdict), "{fact}");
        assert!(
            fact["reason"].as_str().is_some_and(|why| !why.is_empty()),
            "{fact}"
        );
        let is_wrong = verdict == "false" && fact["severity"] == "error";
        assert!(!is_wrong, "a false error stands: {fact}");
    }
    let Some(corpus) = common::corpus() else {
        return;
    };
    let entries = std::fs::read_dir(corpus).expect("a folder").flatten();
    let mut roots: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    roots.retain(|path| path.is_dir());
    roots.sort();
    let mut wrong = Vec::new();
    for root in roots {
        let repo = root
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let read = verdicts.get(&repo).into_iter().flatten().map(|fact| {
            let text = |key: &str| fact[key].as_str().expect("a text");
            let (severity, rule, path) = (text("severity"), text("rule"), text("path"));
            format!("{severity}[{rule}] {path}:{}", fact["line"])
        });
        let mut read: Vec<String> = read.collect();
        for line in judged(&root) {
            match read.iter().position(|known| *known == line) {
                Some(known) => drop(read.swap_remove(known)),
                None => wrong.push(format!("{repo}: new, with no verdict: {line}")),
            }
        }
        wrong.extend(read.iter().map(|line| format!("{repo}: gone: {line}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
