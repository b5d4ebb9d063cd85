//! The whole effective model against the real `docker-compose config --format json`, over every compose file of real projects
//! and every base with its overlay.
//!
//! `tests/oracle/fetch.sh` brings the program; without it, and without the files, this says so and passes.
//! `UPDATE=1` writes the summary, `VERBOSE=1` prints what both refuse, `ONLY=name` compares one project. The program's answers are kept
//! in `target/oracle/answers`.

mod common;

use common::oracle::{Verdict, compare, program};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use upbeat::source::{FileKind, Store, overlay_name, paths};

/// The `-f` lists of a project: each file alone, and each overlay over the base beside it.
fn lists(root: &Path) -> Vec<Vec<String>> {
    let store = Store::disk(root);
    let files: Vec<&str> = store.of_kind(FileKind::Compose).collect();
    let mut lists: Vec<Vec<String>> = files.iter().map(|file| vec![(*file).to_owned()]).collect();
    for file in &files {
        let is_overlay = matches!(overlay_name(file), Some(Some(_)));
        let beside = |base: &&&str| {
            paths::parent(base) == paths::parent(file) && matches!(overlay_name(base), Some(None))
        };
        for base in files.iter().filter(|_| is_overlay).filter(beside) {
            lists.push(vec![(*base).to_owned(), (*file).to_owned()]);
        }
    }
    lists
}

fn projects() -> Option<Vec<PathBuf>> {
    let corpus = common::corpus()?;
    let fixes = corpus.with_file_name("fix-commits");
    let folders = |path: &Path| -> Vec<PathBuf> {
        let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
        entries
            .map(|entry| entry.path())
            .filter(|path| path.is_dir())
            .collect()
    };
    let mut found = folders(&corpus);
    found.extend(folders(&fixes));
    found.sort();
    Some(found)
}

#[test]
fn real_projects_come_out_as_docker_prints_them() {
    let (Some(program), Some(projects)) = (program(), projects()) else {
        return;
    };
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut known: Vec<String> = Vec::new();
    let wanted = std::env::var("ONLY").unwrap_or_default();
    for project in projects {
        let name = project
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        if !name.contains(&wanted) {
            continue;
        }
        let copy = common::oracle::copy(&project);
        for files in lists(copy.path()) {
            for profiles in [&["*"][..], &[]] {
                let verdict = compare(&program, &copy, &files, profiles);
                *counts.entry(verdict.word()).or_default() += 1;
                let shown = format!(
                    "{name}: {}{}",
                    files.join(" + "),
                    if profiles.is_empty() {
                        ""
                    } else {
                        " (all profiles)"
                    }
                );
                if !matches!(verdict, Verdict::Agree | Verdict::BothRefuse(..)) {
                    known.push(format!("{shown}: {verdict}"));
                }
                if let Verdict::BothRefuse(ours, theirs) = &verdict
                    && std::env::var_os("VERBOSE").is_some()
                {
                    println!("{shown}: both refuse\n  ours: {ours}\n  docker: {theirs}");
                }
            }
        }
    }
    let mut summary = String::new();
    for (word, count) in &counts {
        let _ = writeln!(summary, "{count:5} {word}");
    }
    for line in &known {
        let _ = writeln!(summary, "{line}");
    }
    println!("{summary}");
    if !wanted.is_empty() {
        return;
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle/summary.txt");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &summary).expect("written");
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    for (is, should) in summary.lines().zip(expected.lines()) {
        assert_eq!(is, should, "UPDATE=1 writes the summary anew");
    }
    assert_eq!(summary.lines().count(), expected.lines().count());
}
