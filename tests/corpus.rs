//! Whole runs over real projects: nothing panics, nothing that Docker reads is refused, fixes keep every file readable.
//!
//! Where the real files are absent this says so and passes.

mod common;
#[path = "common/leaves.rs"]
mod leaves;

use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use upbeat::Checked;
use upbeat::duration::Seconds;
use upbeat::finding::Safety;
use upbeat::project::Inputs;
use upbeat::report::{Format, Report, Style};
use upbeat::rules::Options;
use upbeat::source::{FileKind, Store};
use upbeat::yaml;

fn projects() -> Vec<PathBuf> {
    let Some(corpus) = common::corpus() else {
        return Vec::new();
    };
    common::folders(&corpus)
}

fn check(project: &Path, inputs: &Inputs) -> Checked {
    upbeat::check(Store::disk(project), inputs, &Options::default())
}

#[test]
fn every_project_is_judged_without_a_panic_and_printed_in_every_format() {
    let (mut stacks, mut waits, mut findings) = (0, 0, 0);
    for project in projects() {
        let checked = check(&project, &Inputs::default());
        stacks += checked.project.stacks.len();
        waits += checked.project.waits.len();
        findings += checked.findings.len();
        let summary = checked.summary();
        let report = Report {
            findings: &checked.findings,
            ignored: &checked.ignored,
            sources: checked.project.store.sources(),
            trees: &checked.project.trees,
            summary: &summary,
            prefix: "some/folder",
        };
        let style = Style {
            colours: true,
            ..Style::default()
        };
        let mut prints = BTreeSet::new();
        for format in Format::ALL {
            let mut out = Vec::new();
            report.render(format, style, &mut out).expect("written");
            let text = String::from_utf8(out).expect("text");
            let json = || serde_json::from_str::<Value>(&text).expect("JSON");
            let xml = |tag: &str| {
                let document = roxmltree::Document::parse(&text).expect("XML");
                let nodes = document.descendants();
                nodes.filter(|node| node.has_tag_name(tag)).count()
            };
            let told = match format {
                Format::Json => json()["findings"].as_array().map(Vec::len),
                Format::Sarif => json()["runs"][0]["results"]
                    .as_array()
                    .map(|all| all.len() - checked.ignored.len()),
                Format::Rdjson => json()["diagnostics"].as_array().map(Vec::len),
                Format::Gitlab => {
                    let issues = json();
                    let issues = issues.as_array().expect("a list");
                    prints.extend(issues.iter().map(|one| one["fingerprint"].to_string()));
                    assert_eq!(prints.len(), issues.len(), "each has its own");
                    Some(issues.len())
                }
                Format::Junit => Some(xml("testcase") - checked.ignored.len() - 1),
                Format::Checkstyle => Some(xml("error")),
                Format::Github | Format::Short => Some(text.lines().count() - 1),
                Format::Full | Format::Markdown => None,
            };
            let is_all = told.is_none_or(|told| told == checked.findings.len());
            assert!(
                is_all,
                "{}: {} has {told:?}",
                project.display(),
                format.name()
            );
        }
    }
    println!("{stacks} stacks, {waits} waits, {findings} findings");
}

#[test]
fn every_compose_file_that_is_yaml_is_read_as_one() {
    let mut unread = Vec::new();
    let mut read = 0;
    for project in projects() {
        let mut store = Store::disk(&project);
        for path in store
            .of_kind(FileKind::Compose)
            .map(str::to_owned)
            .collect::<Vec<_>>()
        {
            let Ok(file) = store.open(&path) else {
                continue;
            };
            match yaml::parse(file, store.sources().get(file).text()) {
                Ok(_) => read += 1,
                // Templates of projects that are not generated yet.
                Err(_) if path.contains("{{") => {}
                Err(problem) => unread.push(format!("{path}: {problem:?}")),
            }
        }
    }
    println!("{read} compose files");
    assert!(unread.is_empty(), "{}", unread.join("\n"));
}

/// A startup for every service that no real one has: each start period gets a finding, and most of them a fix.
#[test]
fn fixes_leave_every_file_readable_and_settle() {
    let (mut changed, mut made, mut refused) = (0, 0, Vec::new());
    for project in projects() {
        let plain = check(&project, &Inputs::default());
        let services = plain
            .project
            .stacks
            .iter()
            .flat_map(|stack| &stack.services);
        let startups = services
            .map(|service| (service.service.name.clone(), Seconds::new(777)))
            .collect();
        let inputs = Inputs {
            startups,
            ..Inputs::default()
        };
        let options = Options {
            allow_unsafe: true,
            ..Options::default()
        };
        let checked = upbeat::check(Store::disk(&project), &inputs, &options);
        let fixed = upbeat::fix(checked, &inputs, &options);
        refused.extend(
            fixed
                .refused
                .iter()
                .map(|why| format!("{}: {why}", project.display())),
        );
        changed += fixed.changes.len();
        made += fixed.made.len();
        let again = upbeat::check(fixed.project.store.with_changes([]), &inputs, &options);
        let again = upbeat::fix(again, &inputs, &options);
        assert!(
            again.changes.is_empty(),
            "{}: a second pass changes something",
            project.display()
        );
        // What could be fixed is gone.
        let left = fixed
            .findings
            .iter()
            .filter_map(|finding| finding.fix.as_ref());
        let left: Vec<_> = left
            .filter(|fix| fix.safety != Safety::Display)
            .map(|fix| &fix.title)
            .collect();
        assert!(left.is_empty(), "{}: {left:?}", project.display());
    }
    println!("{made} fixes in {changed} files");
    assert!(refused.is_empty(), "{}", refused.join("\n"));
}

/// As users have it: what is found in the files as they are.
#[test]
fn fixing_keeps_every_other_value_and_a_second_time_changes_nothing() {
    for allow_unsafe in [false, true] {
        let (mut changed, mut made) = (0, 0);
        let options = Options {
            allow_unsafe,
            ..Options::default()
        };
        let inputs = Inputs::default();
        for project in projects().iter().chain(&repaired()) {
            let checked = upbeat::check(Store::disk(project), &inputs, &options);
            let before = checked.project.store.with_changes([]);
            let fixed = upbeat::fix(checked, &inputs, &options);
            assert!(fixed.refused.is_empty(), "{:?}", fixed.refused);
            made += fixed.made.len();
            changed += fixed.changes.len();
            let changes = fixed.changes.iter();
            for (path, new) in changes.filter(|(path, _)| path.ends_with("ml")) {
                let mut store = before.with_changes([]);
                let file = store.open(path).expect("it was read");
                let old = store.sources().get(file).text();
                let lost = leaves::lost(old, new).expect("YAML before and after");
                assert!(lost.is_empty(), "{}/{path}: {lost:?}", project.display());
            }
            let again = upbeat::check(fixed.project.store.with_changes([]), &inputs, &options);
            let again = upbeat::fix(again, &inputs, &options);
            assert!(
                again.changes.is_empty(),
                "{}: {:?}",
                project.display(),
                again.made
            );
        }
        println!("{made} fixes in {changed} files (unsafe ones too: {allow_unsafe})");
    }
}

/// The real repairs, before and after.
fn repaired() -> Vec<PathBuf> {
    let cases = common::repairs()
        .into_iter()
        .flat_map(|all| common::folders(&all));
    cases.flat_map(|case| common::folders(&case)).collect()
}

#[test]
fn a_value_that_gets_other_keys_or_another_text_is_lost() {
    let old = "a:\n  b: 1\n  c: [x, y]\n";
    let lost = |new: &str| leaves::lost(old, new).unwrap().len();
    assert_eq!(
        lost("a:\n  b: 2\n  c: [x, y]\n"),
        0,
        "it was meant to change"
    );
    assert_eq!(lost("a: {}\nz:\n  b: 1\n  c: [x, y]\n"), 3);
    assert_eq!(lost("a:\n  - q\nz:\n  b: 1\n  c: [x, y]\n"), 3);
}
