//! Every finding in real projects has been read, beside the files that it is about.

use crate::{Said, common, name, said};
use serde_json::Value;
use std::path::{Path, PathBuf};

const RECORD: &str = "corpus-verdicts.jsonl";

fn text<'a>(fact: &'a Value, key: &str) -> &'a str {
    fact[key]
        .as_str()
        .unwrap_or_else(|| panic!("{key}: {fact}"))
}

#[test]
fn no_error_is_false_and_fewer_than_one_warning_in_twenty() {
    let (mut all, mut warnings, mut wrong) = (0, 0, 0);
    for fact in common::facts(RECORD).values().flatten() {
        let verdict = text(fact, "verdict");
        assert!(["true", "false", "doubtful"].contains(&verdict), "{fact}");
        assert!(!text(fact, "reason").is_empty(), "{fact}");
        all += 1;
        match text(fact, "severity") {
            "error" => assert_eq!(verdict, "true", "{fact}"),
            "warning" => {
                warnings += 1;
                wrong += usize::from(verdict != "true");
            }
            _ => {}
        }
    }
    println!("{all} findings were read; {wrong} of {warnings} warnings are false or doubtful");
    assert!(all >= 150, "{all}");
    assert!(wrong * 20 < warnings, "{wrong} of {warnings}");
}

/// The projects as they are, and before and after repairs.
fn roots() -> Vec<(String, PathBuf)> {
    let Some(corpus) = common::corpus() else {
        return Vec::new();
    };
    let own = common::folders(&corpus).into_iter();
    let mut roots: Vec<(String, PathBuf)> = own.map(|root| (name(&root), root)).collect();
    for case in common::repairs()
        .iter()
        .flat_map(|all| common::folders(all))
    {
        for state in ["before", "after"] {
            let repo = format!("{}/{state}", name(&case));
            roots.push((repo, case.join(state)));
        }
    }
    roots
}

/// What is found, as `severity[rule] path:line`.
fn lines(root: &Path) -> Vec<String> {
    said(root).iter().map(Said::line).collect()
}

#[test]
fn every_finding_has_a_verdict() {
    let verdicts = common::facts(RECORD);
    let mut wrong = Vec::new();
    for (repo, root) in roots() {
        let read = verdicts.get(&repo).into_iter().flatten().map(|fact| {
            let (severity, rule) = (text(fact, "severity"), text(fact, "rule"));
            format!("{severity}[{rule}] {}:{}", text(fact, "path"), fact["line"])
        });
        let mut read: Vec<String> = read.collect();
        for line in lines(&root) {
            match read.iter().position(|known| *known == line) {
                Some(known) => drop(read.swap_remove(known)),
                None => wrong.push(format!("{repo}: new, with no verdict: {line}")),
            }
        }
        wrong.extend(read.iter().map(|line| format!("{repo}: gone: {line}")));
    }
    assert!(
        wrong.is_empty(),
        "{}\nfixtures/facts/{RECORD} wants a line for each that is new, written by a reader of the files, and none for those that are gone",
        wrong.join("\n")
    );
}
