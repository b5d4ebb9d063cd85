//! `compose-error` against the real `docker-compose config`, over the compose files of real projects.
//!
//! Where Docker takes a file nothing may be reported; where it refuses it for a reason in the files, something must be.
//! `tests/oracle/fetch.sh` brings the program; without it, and without the files, this says so and passes.

mod common;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;
use upbeat::finding::Severity;
use upbeat::project::Inputs;
use upbeat::source::{FileKind, Store, overlay_name, paths};
use upbeat::{Checked, rules};

fn program() -> Option<PathBuf> {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/oracle/docker-compose");
    if program.is_file() {
        return Some(program);
    }
    println!("skipped: no docker-compose; tests/oracle/fetch.sh brings it");
    None
}

/// The folders of whole projects: those of the corpus, and both sides of the commits beside it.
fn projects() -> Option<Vec<PathBuf>> {
    let folders = |path: &Path| -> Vec<PathBuf> {
        let entries = fs::read_dir(path).into_iter().flatten().flatten();
        entries
            .map(|entry| entry.path())
            .filter(|path| path.is_dir())
            .collect()
    };
    let corpus = common::corpus()?;
    let mut all = folders(&corpus);
    let commits = folders(&corpus.join("../fix-commits"));
    all.extend(commits.iter().flat_map(|commit| folders(commit)));
    all.sort();
    Some(all)
}

/// A copy in which files can be put beside.
fn copy(project: &Path) -> TempDir {
    let folder = TempDir::new().expect("a folder");
    for entry in walkdir::WalkDir::new(project).into_iter().flatten() {
        let inside = entry
            .path()
            .strip_prefix(project)
            .expect("below the project");
        let target = folder.path().join(inside);
        if entry.file_type().is_dir() {
            fs::create_dir_all(target).expect("a folder");
        } else if entry.file_type().is_file() {
            fs::copy(entry.path(), target).expect("a file");
        }
    }
    folder
}

/// How Docker takes files.
enum Verdict {
    Taken,
    /// It would take them, were something there that only the server has.
    Server,
    Refused(String),
}

/// Variables and their values.
type Set<'a> = [(&'a str, &'a str)];

struct Docker<'a> {
    program: &'a Path,
    root: &'a Path,
}

impl Docker<'_> {
    fn run(&self, files: &[String], profiles: &[String], set: &Set) -> Result<(), String> {
        let mut command = Command::new(self.program);
        let folder = self.root.join(paths::parent(&files[0]));
        command
            .current_dir(folder)
            .env_clear()
            .env("PATH", "/usr/bin:/bin");
        command.envs(set.iter().copied());
        for file in files {
            command.arg("-f").arg(self.root.join(file));
        }
        for profile in profiles {
            command.args(["--profile", profile]);
        }
        let output = command
            .args(["config", "-q"])
            .output()
            .expect("docker-compose runs");
        if output.status.success() {
            return Ok(());
        }
        let text = String::from_utf8_lossy(&output.stderr);
        let lines = text.lines().filter(|line| !line.contains("level=warning"));
        Err(lines.collect::<Vec<_>>().join(" | "))
    }

    /// Runs it, with empty files where only env files are missing.
    fn with_env_files(
        &self,
        files: &[String],
        profiles: &[String],
        set: &Set,
    ) -> Result<(), String> {
        for _ in 0..40 {
            let Err(message) = self.run(files, profiles, set) else {
                return Ok(());
            };
            let missing = message
                .strip_prefix("env file ")
                .and_then(|rest| rest.split_once(" not found"));
            let Some((path, _)) =
                missing.filter(|(path, _)| Path::new(path).starts_with(self.root))
            else {
                return Err(message);
            };
            let path = Path::new(path);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(path, "").expect("an env file");
        }
        Err("too many env files".to_owned())
    }

    fn verdict(
        &self,
        files: &[String],
        profiles: &[String],
        variables: &BTreeSet<String>,
    ) -> Verdict {
        let Err(message) = self.with_env_files(files, profiles, &[]) else {
            return Verdict::Taken;
        };
        let would_do = ["1", "true", "./some", "some"].iter().any(|value| {
            let set: Vec<(&str, &str)> = variables
                .iter()
                .map(|name| (name.as_str(), *value))
                .collect();
            self.with_env_files(files, profiles, &set).is_ok()
        });
        if would_do || message.starts_with("env file ") {
            return Verdict::Server;
        }
        Verdict::Refused(message)
    }
}

fn checked(root: &Path, files: &[String], profiles: &[String]) -> Checked {
    let inputs = Inputs {
        files: files.to_vec(),
        profiles: profiles.to_vec(),
        ..Inputs::default()
    };
    upbeat::check(Store::disk(root), &inputs, &rules::Options::default())
}

/// What is reported as refused, a line each.
fn errors(checked: &Checked) -> Vec<String> {
    let sources = checked.project.store.sources();
    let refused = checked.findings.iter().filter(|finding| {
        matches!(finding.rule, "compose-error" | "health-field-invalid")
            && finding.severity == Severity::Error
    });
    refused
        .map(|finding| {
            let at = sources.start(finding.primary.span);
            let path = sources.get(finding.primary.span.file).path();
            format!("{path}:{}: {}", at.line, finding.message)
        })
        .collect()
}

/// Each file, and each overlay over the base beside it.
fn runs(root: &Path) -> Vec<Vec<String>> {
    let store = Store::disk(root);
    let files: Vec<String> = store
        .of_kind(FileKind::Compose)
        .map(str::to_owned)
        .collect();
    let mut runs: Vec<Vec<String>> = files.iter().map(|file| vec![file.clone()]).collect();
    for base in files.iter().filter(|file| overlay_name(file) == Some(None)) {
        let beside = |file: &&String| {
            paths::parent(file) == paths::parent(base)
                && matches!(overlay_name(file), Some(Some(_)))
        };
        runs.extend(
            files
                .iter()
                .filter(beside)
                .map(|over| vec![base.clone(), over.clone()]),
        );
    }
    runs
}

/// Whether Docker stops at a variable that only the server has, and at which no value for all of them will do.
fn wants_a_variable(message: &str) -> bool {
    message.contains("required variable")
        || message.ends_with("invalid boolean: ")
        || message.contains(" '' does not match")
}

/// Whether the file is right for a newer Compose than the one at hand: 5.3 has `pre_start`.
fn is_newer(message: &str) -> bool {
    message.contains("additional properties 'pre_start' not allowed")
}

#[derive(Default)]
struct Tally {
    taken: usize,
    server: usize,
    newer: usize,
    refused: usize,
    unseen: usize,
    alarms: Vec<String>,
    missed: Vec<String>,
}

impl Tally {
    fn count(&mut self, docker: &Docker, shown: &str, files: &[String], profiles: &[String]) {
        let checked = checked(docker.root, files, profiles);
        let ours = errors(&checked);
        let variables: BTreeSet<String> = checked.project.uses.keys().cloned().collect();
        let shown = format!("{shown} {} {}", files.join(" + "), profiles.join(","));
        match docker.verdict(files, profiles, &variables) {
            Verdict::Taken | Verdict::Server if !ours.is_empty() => {
                self.alarms.push(format!("{shown}: {}", ours.join("; ")));
            }
            Verdict::Taken => self.taken += 1,
            Verdict::Server => self.server += 1,
            // What upbeat cannot see is exit 2, and no finding.
            Verdict::Refused(_) if ours.is_empty() && !checked.project.obstacles.is_empty() => {
                self.unseen += 1;
            }
            Verdict::Refused(message) if ours.is_empty() && wants_a_variable(&message) => {
                self.server += 1;
            }
            Verdict::Refused(message) if ours.is_empty() && is_newer(&message) => self.newer += 1,
            Verdict::Refused(message) => {
                self.refused += 1;
                if ours.is_empty() {
                    self.missed.push(format!("{shown}: {message}"));
                }
            }
        }
    }
}

#[test]
fn what_docker_refuses_is_reported_and_nothing_else() {
    let (Some(program), Some(projects)) = (program(), projects()) else {
        return;
    };
    let mut tally = Tally::default();
    for project in &projects {
        let folder = copy(project);
        let docker = Docker {
            program: &program,
            root: folder.path(),
        };
        let shown = project.iter().rev().take(2).collect::<Vec<_>>();
        let shown = format!(
            "{}/{}",
            shown[1].to_string_lossy(),
            shown[0].to_string_lossy()
        );
        for files in runs(folder.path()) {
            tally.count(&docker, &shown, &files, &["*".to_owned()]);
            let has_profiles = files.iter().any(|file| {
                fs::read_to_string(folder.path().join(file))
                    .is_ok_and(|text| text.contains("profiles:"))
            });
            if has_profiles {
                tally.count(&docker, &shown, &files, &[]);
            }
        }
    }
    report(&tally);
}

fn report(tally: &Tally) {
    println!(
        "docker takes {}, and {} with what only a server has; it refuses {}, of which {} are reported; {} cannot be seen, {} are for a newer Compose",
        tally.taken,
        tally.server,
        tally.refused,
        tally.refused - tally.missed.len(),
        tally.unseen,
        tally.newer
    );
    for line in &tally.missed {
        println!("not reported: {line}");
    }
    assert!(
        tally.alarms.is_empty(),
        "false alarms:\n{}",
        tally.alarms.join("\n")
    );
    let most = tally.refused / 50;
    assert!(
        tally.missed.len() <= most,
        "{} of {} are not reported",
        tally.missed.len(),
        tally.refused
    );
}

#[test]
fn stacks_that_are_found_are_accused_only_where_docker_refuses_them() {
    let (Some(program), Some(projects)) = (program(), projects()) else {
        return;
    };
    let (mut accused, mut alarms) = (0, Vec::new());
    for project in &projects {
        let folder = copy(project);
        let docker = Docker {
            program: &program,
            root: folder.path(),
        };
        let checked = upbeat::check(
            Store::disk(folder.path()),
            &Inputs::default(),
            &rules::Options::default(),
        );
        let variables: BTreeSet<String> = checked.project.uses.keys().cloned().collect();
        for stack in checked
            .project
            .stacks
            .iter()
            .filter(|stack| !stack.refused.is_empty())
        {
            accused += 1;
            let words: Vec<&str> = stack
                .refused
                .iter()
                .map(|one| one.message.as_str())
                .collect();
            let line = format!(
                "{} {:?} {}: {}",
                project.display(),
                stack.files.reason,
                stack.words(),
                words.join("; ")
            );
            match docker.verdict(&stack.files.files, &stack.files.profiles, &variables) {
                Verdict::Refused(_) => println!("accused: {line}"),
                Verdict::Taken | Verdict::Server => alarms.push(line),
            }
        }
    }
    println!("{accused} stacks are accused");
    assert!(alarms.is_empty(), "false alarms:\n{}", alarms.join("\n"));
}

#[test]
fn small_files_are_refused_just_where_docker_refuses_them() {
    let Some(program) = program() else {
        return;
    };
    let folder = TempDir::new().expect("a folder");
    let docker = Docker {
        program: &program,
        root: folder.path(),
    };
    let (mut refused, mut wrong) = (0, Vec::new());
    let cases = common::refused::cases();
    for case in &cases {
        fs::write(folder.path().join("compose.yml"), &case.text).expect("a file");
        let theirs = docker.run(&["compose.yml".to_owned()], &[], &[]);
        refused += usize::from(theirs.is_err());
        if theirs.is_ok() != (case.codes == "ok") {
            wrong.push(format!(
                "{}: {} for us, docker: {theirs:?}",
                case.name, case.codes
            ));
        }
    }
    println!("docker refuses {refused} of {} small files", cases.len());
    assert!(
        wrong.is_empty(),
        "{} differ:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// `UPDATE=1` writes down which of them Docker takes, for who has no program.
#[test]
fn what_another_file_replaces_is_taken_as_it_is_written_down() {
    let Some(program) = program() else {
        return;
    };
    let folder = TempDir::new().expect("a folder");
    let docker = Docker {
        program: &program,
        root: folder.path(),
    };
    let files = ["compose.yml".to_owned(), "over.yml".to_owned()];
    let mut taken = String::new();
    for case in common::refused::overlaid() {
        for (file, text) in files.iter().zip(&case.texts) {
            fs::write(folder.path().join(file), text).expect("a file");
        }
        let theirs = docker.run(&files, &[], &[]);
        let word = if theirs.is_ok() { "ok" } else { "refused" };
        let _ = writeln!(taken, "{} => {word}", case.name);
    }
    let path = common::refused::taken_path();
    if std::env::var_os("UPDATE").is_some_and(|value| value == "1") {
        fs::write(&path, &taken).expect("written");
    }
    let known = fs::read_to_string(&path).unwrap_or_default();
    for (is, should) in taken.lines().zip(known.lines()) {
        assert_eq!(is, should, "UPDATE=1 writes it anew");
    }
    assert_eq!(taken.lines().count(), known.lines().count());
}
