//! The pages on disk, and what upbeat does with their examples.

use super::page::{Files, Page, Run, transcript};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use tempfile::TempDir;
use upbeat::fix::diff::{self, FileDiff, Style};

/// All pages by name. With `UPDATE` set they are written anew first.
pub fn pages() -> &'static [Page] {
    static PAGES: LazyLock<Vec<Page>> = LazyLock::new(|| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
        let mut paths: Vec<PathBuf> = fs::read_dir(&folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        paths.sort();
        paths.iter().map(|path| read(path)).collect()
    });
    &PAGES
}

/// Whether the pages are to be written anew.
pub fn is_updating() -> bool {
    std::env::var_os("UPDATE").is_some_and(|value| value == "1")
}

fn read(path: &Path) -> Page {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap();
    let name = name
        .strip_suffix(".md")
        .unwrap_or_else(|| panic!("{name} is no page"));
    let page = Page::new(name, &fs::read_to_string(path).unwrap());
    if !is_updating() {
        return page;
    }
    let text = updated(&page);
    if text != page.text {
        fs::write(path, &text).unwrap();
    }
    Page::new(name, &text)
}

/// The page with what upbeat prints and fixes today.
fn updated(page: &Page) -> String {
    let mut blocks: BTreeMap<usize, (usize, String)> = BTreeMap::new();
    for console in &page.consoles {
        let ran: Vec<String> = console
            .runs
            .iter()
            .map(|run| Ran::new(run).told())
            .collect();
        blocks.insert(
            console.lines.start,
            (console.lines.end, ran.join("\n\n") + "\n"),
        );
        for run in console.runs.iter().filter(|run| !run.fixed.is_empty()) {
            let files = Ran::fixing(run).files();
            for fixed in &run.fixed {
                let text = files[&fixed.path].clone();
                blocks.insert(fixed.lines.start, (fixed.lines.end, text));
            }
        }
    }
    let lines: Vec<&str> = page.text.lines().collect();
    let mut text = String::new();
    let mut at = 0;
    while at < lines.len() {
        if let Some((end, block)) = blocks.remove(&at) {
            text.push_str(&block);
            at = end;
        }
        text.push_str(lines[at]);
        text.push('\n');
        at += 1;
    }
    text
}

/// Compares what a page shows with what upbeat makes of it, and tells the lines that differ.
#[track_caller]
pub fn assert_same(what: &str, shown: &str, made: &str) {
    if shown == made {
        return;
    }
    let mut difference = Vec::new();
    let file = FileDiff {
        path: "page",
        old: shown,
        new: made,
    };
    diff::render(&[file], Style::Exact, &mut difference).unwrap();
    let difference = String::from_utf8_lossy(&difference);
    panic!("{what}: the page (-) is not what upbeat makes (+); UPDATE=1 rewrites it\n{difference}");
}

/// What upbeat did with an example.
pub struct Ran<'a> {
    /// What was to be run.
    pub run: &'a Run,
    /// What it printed to standard output.
    pub out: String,
    exit: i32,
    folder: TempDir,
}

/// A finding, as `--format json` tells it.
#[derive(Debug, PartialEq, Eq)]
pub struct Found {
    /// The rule.
    pub rule: String,
    /// The safety of its fix.
    pub fix: Option<String>,
}

impl<'a> Ran<'a> {
    /// Runs it as the page has it, in a folder of its own.
    pub fn new(run: &'a Run) -> Self {
        Self::in_folder(run, project(&run.files), &run.args)
    }

    /// Runs it with `--fix`.
    pub fn fixing(run: &'a Run) -> Self {
        Self::in_folder(run, project(&run.files), &with_fix(&run.args))
    }

    /// Runs it once more on what it has left, with or without `--fix`.
    pub fn again(self, fix: bool) -> Self {
        let args = if fix {
            with_fix(&self.run.args)
        } else {
            without_fix(&self.run.args)
        };
        Self::in_folder(self.run, self.folder, &args)
    }

    fn in_folder(run: &'a Run, folder: TempDir, args: &[String]) -> Self {
        let output = upbeat(&folder, args);
        Self {
            run,
            out: String::from_utf8(output.stdout).unwrap(),
            exit: output.status.code().expect("upbeat ends by itself"),
            folder,
        }
    }

    /// What the page has to show of it.
    pub fn printed(&self) -> String {
        transcript(&self.out, self.exit)
    }

    /// The command and what it prints.
    fn told(&self) -> String {
        format!("$ {}\n{}", self.run.command(), self.printed())
    }

    /// Where it ran.
    pub fn folder(&self) -> String {
        self.folder.path().to_string_lossy().into_owned()
    }

    /// The project as it is now.
    pub fn files(&self) -> Files {
        let root = self.folder.path();
        let files = walkdir::WalkDir::new(root).into_iter().map(Result::unwrap);
        let files = files.filter(|entry| entry.file_type().is_file());
        let text = |path: &Path| {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap();
            (name.replace('\\', "/"), fs::read_to_string(path).unwrap())
        };
        files.map(|entry| text(entry.path())).collect()
    }

    /// What is found in the project as it is now.
    pub fn findings(&self) -> Vec<Found> {
        let mut args = without_fix(&self.run.args);
        if let Some(at) = args.iter().position(|arg| arg == "--format") {
            args.drain(at..at + 2);
        }
        args.extend(["--format".to_owned(), "json".to_owned()]);
        let output = upbeat(&self.folder, &args);
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
        let findings = report["findings"].as_array().unwrap().iter();
        let found = findings.map(|finding| Found {
            rule: text(&finding["rule"]).unwrap(),
            fix: text(&finding["fix"]["safety"]),
        });
        found.collect()
    }
}

fn upbeat(folder: &TempDir, args: &[String]) -> std::process::Output {
    Command::new(env!("CARGO_BIN_EXE_upbeat"))
        .env_remove("GITHUB_ACTIONS")
        .env_remove("GITLAB_CI")
        .args(args)
        .current_dir(folder.path())
        .output()
        .unwrap()
}

fn without_fix(args: &[String]) -> Vec<String> {
    let shows = |arg: &&String| !matches!(arg.as_str(), "--fix" | "--diff");
    args.iter().filter(shows).cloned().collect()
}

fn with_fix(args: &[String]) -> Vec<String> {
    let mut args = without_fix(args);
    args.push("--fix".to_owned());
    args
}

/// The files in a folder of their own, which `.git` makes the root of a project.
fn project(files: &Files) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join(".git")).unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}
