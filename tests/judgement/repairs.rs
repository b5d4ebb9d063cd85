//! Real repairs of timing: what is said of the project before each and after it.

use crate::{Said, common, name, said, updates};
use serde_json::{Value, json};
use std::path::Path;

const RECORD: &str = "repairs.jsonl";

fn record() -> Vec<Value> {
    common::facts(RECORD).into_values().flatten().collect()
}

fn lines(fact: &Value, key: &str) -> Vec<String> {
    let lines = fact[key].as_array().into_iter().flatten();
    lines
        .map(|line| line.as_str().expect("a line").to_owned())
        .collect()
}

/// Those that begin so: `warning[wait-below-budget]`, or with the path of the file behind it.
fn of_rule<'a>(lines: &'a [String], rule: &str) -> Vec<&'a String> {
    let is_meant = |line: &&String| {
        let rest = line.strip_prefix(rule);
        rest.is_some_and(|rest| rest.starts_with([' ', ':']))
    };
    lines.iter().filter(is_meant).collect()
}

#[test]
fn what_can_be_known_without_a_log_is_found_before_the_repair_and_gone_after_it() {
    let facts = record();
    assert_eq!(facts.len(), 27);
    let mut known = 0;
    for fact in &facts {
        let (before, after) = (lines(fact, "before"), lines(fact, "after"));
        assert!(
            !fact["repaired"].as_str().unwrap_or_default().is_empty(),
            "{fact}"
        );
        if let Some(rule) = fact["found_by"].as_str() {
            known += 1;
            let (before, after) = (of_rule(&before, rule), of_rule(&after, rule));
            assert!(!before.is_empty(), "not found before: {fact}");
            // A repair of one place says nothing of others that are no better.
            assert!(after.len() < before.len(), "not gone after: {fact}");
        } else {
            let reason = fact["reason"].as_str().unwrap_or_default();
            assert!(!reason.is_empty(), "neither found nor explained: {fact}");
        }
    }
    println!(
        "{known} of {} repairs are asked for beforehand",
        facts.len()
    );
}

#[test]
fn what_is_said_before_and_after_a_repair_is_that_of_the_record() {
    let Some(repairs) = common::repairs() else {
        return;
    };
    let mut facts = record();
    for fact in &mut facts {
        let case = fact["case"].as_str().expect("a case").to_owned();
        for state in ["before", "after"] {
            let root = repairs.join(&case).join(state);
            let said: Vec<String> = said(&root).iter().map(Said::line).collect();
            fact[state] = json!(said);
        }
    }
    let text: Vec<String> = facts.iter().map(|fact| format!("{fact}\n")).collect();
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/facts")
        .join(RECORD);
    if updates() {
        std::fs::write(&path, text.concat()).expect("written");
    }
    for (now, then) in facts.iter().zip(record()) {
        assert_eq!(*now, then, "UPDATE=1 writes {RECORD}");
    }
    let mut cases: Vec<String> = facts
        .iter()
        .map(|fact| fact["case"].as_str().expect("a case").to_owned())
        .collect();
    cases.sort();
    let there: Vec<String> = common::folders(&repairs)
        .iter()
        .map(|root| name(root))
        .collect();
    assert_eq!(cases, there);
}
