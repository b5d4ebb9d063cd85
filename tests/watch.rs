//! `--watch`: the program is started, files are saved, and what it prints then is waited for.

mod common;

use common::program::Project;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// Far more than it takes: who waits so long has waited for nothing.
const LONG: Duration = Duration::from_secs(60);

const APP: &str = "services:\n  app:\n    image: app\n    healthcheck:\n      test: curl http://localhost/\n      interval: 10s\n      timeout: 5s\n";

/// The program at work.
struct Watch {
    child: Child,
    lines: Receiver<String>,
}

impl Watch {
    fn start(folder: &Path, arguments: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_upbeat"))
            .env_remove("GITHUB_ACTIONS")
            .env_remove("GITLAB_CI")
            .current_dir(folder)
            .args(["check", "--watch"])
            .args(arguments.split_whitespace())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("it runs");
        let out = BufReader::new(child.stdout.take().expect("standard output"));
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                sender.send(line).ok();
            }
        });
        Self { child, lines }
    }

    /// The lines up to the one that ends a view.
    fn view(&self) -> Vec<String> {
        let mut lines = Vec::new();
        loop {
            let line = self.lines.recv_timeout(LONG);
            let line = line.unwrap_or_else(|_| panic!("no whole view came: {lines:#?}"));
            let is_last = line.starts_with("watching") || line.starts_with("above");
            lines.push(line);
            if is_last {
                return lines;
            }
        }
    }

    /// The first view with such a line.
    fn until(&self, wanted: impl Fn(&str) -> bool) -> Vec<String> {
        loop {
            let view = self.view();
            if view.iter().any(|line| wanted(line)) {
                return view;
            }
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn write(project: &Project, path: &str, text: &str) {
    fs::write(project.path().join(path), text).expect("a file");
}

#[test]
fn a_save_is_drawn_below_a_line() {
    let project = Project::new(&[("compose.yml", APP)]);
    let watch = Watch::start(project.path(), ". --format short");
    let first = watch.view();
    assert!(first[0].starts_with("compose.yml:5:"), "{first:#?}");
    write(&project, "compose.yml", &format!("# a line\n{APP}"));
    let second = watch.view();
    assert!(second[0].starts_with("────"), "{second:#?}");
    assert!(second[1].starts_with("compose.yml:6:"), "{second:#?}");
    // No escapes where nobody obeys them.
    assert!(!first.concat().contains('\x1b') && !second.concat().contains('\x1b'));
}

#[test]
fn the_last_good_view_stays_while_a_file_is_half_typed() {
    let project = Project::new(&[("compose.yml", APP)]);
    let watch = Watch::start(project.path(), ". --format short");
    let good = watch.view();
    write(&project, "compose.yml", &format!("{APP}  db: {{\n"));
    let torn = watch.view();
    assert_eq!(torn[1..good.len()], good[..good.len() - 1], "{torn:#?}");
    let [.., line, old] = &torn[..] else {
        panic!("{torn:#?}")
    };
    assert!(line.starts_with("compose.yml:"), "{line}");
    assert!(line.contains(" cannot be parsed: "), "{line}");
    assert_eq!(old, "above is what was found before that");
    write(&project, "compose.yml", APP);
    assert_eq!(watch.view()[1..], good);
}

#[test]
fn editors_that_rename_and_new_files_and_folders_are_seen() {
    let project = Project::new(&[("compose.yml", APP)]);
    let watch = Watch::start(project.path(), ". --format short");
    watch.view();
    write(&project, "4913", &format!("# 1\n# 2\n{APP}"));
    let at = |name: &str| project.path().join(name);
    fs::rename(at("4913"), at("compose.yml")).expect("renamed");
    watch.until(|line| line.starts_with("compose.yml:7:"));
    fs::create_dir(at("sub")).expect("a folder");
    write(&project, "sub/compose.yml", APP);
    watch.until(|line| line.starts_with("sub/compose.yml:5:"));
    // The folder itself is watched by now.
    write(&project, "sub/compose.yml", &format!("#\n{APP}"));
    watch.until(|line| line.starts_with("sub/compose.yml:6:"));
    fs::remove_dir_all(at("sub")).expect("removed");
    let view = watch.until(|line| line.contains(" in 1 file, "));
    assert!(!view.concat().contains("sub/"), "{view:#?}");
}

#[test]
fn a_log_that_git_ignores_is_watched() {
    let project = Project::story("before");
    fs::create_dir(project.path().join(".git")).expect("a folder");
    write(&project, ".gitignore", "logs/\n");
    let arguments =
        ". --format short --select start-period-below-startup --log backend=logs/now.log";
    let day = |name: &str| project.read(&format!("logs/backend-{name}-day.log"));
    write(&project, "logs/now.log", &day("good"));
    let watch = Watch::start(project.path(), arguments);
    let first = watch.view();
    assert!(first[0].contains("at least 70s to start"), "{first:#?}");
    write(&project, "logs/now.log", &day("bad"));
    watch.until(|line| line.contains("at least 180s to start"));
}

#[test]
fn settings_are_watched_and_may_be_half_typed_too() {
    let project = Project::new(&[("compose.yml", APP)]);
    let watch = Watch::start(project.path(), ". --format short");
    let good = watch.view();
    write(&project, "upbeat.yml", "rules: [");
    let torn = watch.until(|line| line.starts_with("upbeat.yml:1:"));
    assert_eq!(torn[1..good.len()], good[..good.len() - 1], "{torn:#?}");
    write(&project, "upbeat.yml", "exclude: [compose.yml]\n");
    watch.until(|line| line.contains("no compose file"));
}

#[test]
fn a_folder_that_goes_and_comes_back_is_waited_for() {
    let project = Project::new(&[("here/compose.yml", APP)]);
    let watch = Watch::start(project.path(), "here --format short");
    let good = watch.view();
    let here = project.path().join("here");
    fs::remove_dir_all(&here).expect("removed");
    let gone = watch.until(|line| line.ends_with("/here is gone"));
    assert_eq!(gone[1], good[0]);
    fs::create_dir(&here).expect("a folder");
    write(&project, "here/compose.yml", &format!("#\n{APP}"));
    watch.until(|line| line.starts_with("compose.yml:6:"));
    write(&project, "here/compose.yml", &format!("#\n#\n{APP}"));
    watch.until(|line| line.starts_with("compose.yml:7:"));
}

#[test]
#[cfg(target_os = "linux")]
fn while_nothing_happens_it_sleeps_and_its_own_output_is_nothing() {
    let project = Project::new(&[("compose.yml", APP)]);
    let watch = Watch::start(project.path(), ". --format short");
    watch.view();
    let pid = watch.child.id();
    let ticks = || {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).expect("its numbers");
        let fields: Vec<&str> = stat
            .rsplit(')')
            .next()
            .expect("fields")
            .split_whitespace()
            .collect();
        // User and system time, in hundredths of a second.
        let time = |field: usize| fields[field].parse::<u64>().expect("a number");
        time(11) + time(12)
    };
    // What has nothing to do with the project is written again and again, as a server does that is redirected into the folder.
    write(&project, "server.out", "");
    std::thread::sleep(Duration::from_millis(300));
    let before = ticks();
    for line in 0..100 {
        write(&project, "server.out", &format!("{line}\n"));
        std::thread::sleep(Duration::from_millis(10));
    }
    let taken = ticks() - before;
    assert!(taken < 20, "{taken} hundredths of a second");
    assert!(watch.lines.try_recv().is_err(), "nothing has changed");
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_it() {
    let project = Project::new(&[("compose.yml", APP)]);
    let shell = format!(
        "'{}' . --watch --format short & pid=$!; sleep 1; kill -INT $pid; wait $pid; echo code $?",
        env!("CARGO_BIN_EXE_upbeat")
    );
    // Without job control a shell lets its background ignore the signal.
    let output = Command::new("bash")
        .args(["-c", &format!("set -m; {shell}")])
        .env_remove("GITHUB_ACTIONS")
        .current_dir(project.path())
        .output()
        .expect("bash");
    let out = String::from_utf8_lossy(&output.stdout);
    assert!(out.ends_with("code 130\n"), "{out}");
}

#[test]
fn what_cannot_be_watched_is_refused() {
    let project = Project::new(&[("compose.yml", APP), ("b/compose.yml", APP)]);
    for arguments in [
        "--watch --fix",
        "--watch --diff",
        "--watch --format json --output out.json",
        "--watch --write-baseline known.json",
        "--watch --format json",
        "--watch --format github",
        "--watch --log -",
        "--watch --changed-lines -",
        "--watch b b/../../none",
    ] {
        let run = project.run(arguments);
        assert_eq!(run.code, 2, "{arguments}");
        assert_eq!(run.out, "", "{arguments}");
    }
    let several = Project::new(&[("a/compose.yml", APP), ("b/compose.yml", APP)]);
    let run = several.run("--watch a b");
    assert_eq!(run.code, 2);
    assert!(run.err.contains("for one project"), "{}", run.err);
}
