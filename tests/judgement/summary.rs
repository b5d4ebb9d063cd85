//! How many findings each rule has in each repository.

use crate::{common, name, said, updates};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use upbeat::finding::Severity;
use upbeat::rules::RULES;

const RECORD: &str = "fixtures/facts/corpus-findings.txt";

/// The most infos that half of all repositories may get: more is noise.
const INFOS_AT_MEDIAN: usize = 3;

#[test]
fn the_findings_of_real_projects_are_those_of_the_record() {
    let Some(corpus) = common::corpus() else {
        return;
    };
    let mut by_rule: BTreeMap<(&str, Severity), BTreeMap<String, usize>> = BTreeMap::new();
    let mut infos = Vec::new();
    for root in common::folders(&corpus) {
        let found = said(&root);
        let advice = found.iter().filter(|said| said.severity == Severity::Info);
        infos.push(advice.count());
        for said in found {
            let repos = by_rule.entry((said.rule, said.severity)).or_default();
            *repos.entry(name(&root)).or_default() += 1;
        }
    }
    infos.sort_unstable();
    let median = infos[infos.len() / 2];
    let mut summary = String::new();
    for ((rule, severity), repos) in &by_rule {
        let all: usize = repos.values().sum();
        writeln!(summary, "{}[{rule}] {all}", severity.name()).expect("a string");
        for (repo, count) in repos {
            writeln!(summary, "  {count:>3} {repo}").expect("a string");
        }
    }
    let silent = RULES.iter().map(|rule| rule.name);
    let silent = silent.filter(|rule| !by_rule.keys().any(|(found, _)| found == rule));
    let silent: Vec<&str> = silent.collect();
    writeln!(summary, "nothing: {}", silent.join(", ")).expect("a string");
    let most = infos.last().expect("a repository");
    let repos = infos.len();
    writeln!(
        summary,
        "infos a repository: {median} at the median of {repos}, {most} at most"
    )
    .expect("a string");
    println!("{summary}");
    let record = Path::new(env!("CARGO_MANIFEST_DIR")).join(RECORD);
    if updates() {
        std::fs::write(&record, &summary).expect("written");
    }
    let known = std::fs::read_to_string(&record).unwrap_or_default();
    assert_eq!(summary, known, "UPDATE=1 writes {RECORD}");
    assert!(
        median <= INFOS_AT_MEDIAN,
        "{median} infos at the median are noise"
    );
}
