//! Whole runs over real projects: nothing panics, nothing that Docker reads is refused, fixes keep every file readable.
//!
//! Where the real files are absent this says so and passes.

mod common;

use std::path::{Path, PathBuf};
use upbeat::Checked;
use upbeat::duration::Seconds;
use upbeat::finding::Safety;
use upbeat::project::Inputs;
use upbeat::report::Summary;
use upbeat::rules::Options;
use upbeat::source::{FileKind, Store};
use upbeat::yaml;

fn projects() -> Vec<PathBuf> {
    let Some(corpus) = common::corpus() else {
        return Vec::new();
    };
    let entries = std::fs::read_dir(corpus)
        .expect("a folder")
        .flatten()
        .map(|entry| entry.path());
    let mut projects: Vec<PathBuf> = entries.filter(|path| path.is_dir()).collect();
    projects.sort();
    projects
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
        let sources = checked.project.store.sources();
        let summary: Summary = checked.summary();
        let mut out = Vec::new();
        upbeat::report::full::render(&checked.findings, sources, Some(&summary), true, &mut out)
            .expect("written");
        upbeat::report::short::render(&checked.findings, sources, Some(&summary), &mut out)
            .expect("written");
        let mut json = Vec::new();
        upbeat::report::json::render(
            &checked.findings,
            &checked.ignored,
            sources,
            &summary,
            &mut json,
        )
        .expect("written");
        serde_json::from_slice::<serde_json::Value>(&json).expect("JSON");
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
