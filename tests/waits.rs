//! The waits of real projects against a list that was read by hand (`fixtures/facts/corpus-waits.jsonl`).
//!
//! Without the files this says so and passes. What differs stands in `fixtures/facts/corpus-waits.known.txt`; `UPDATE=1`
//! writes it, so that each change shows in review.

mod common;

use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use upbeat::duration::Seconds;
use upbeat::project::{Inputs, Project};
use upbeat::source::Store;

const KNOWN: &str = "fixtures/facts/corpus-waits.known.txt";

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
    let facts = common::facts("corpus-waits.jsonl");
    let (mut same, mut all) = (0, 0);
    let mut differences = String::new();
    for root in common::folders(&corpus) {
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
    let facts: Vec<Value> = common::facts("corpus-waits.jsonl")
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
