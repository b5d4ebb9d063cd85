//! On a terminal, which `script` of util-linux plays.

mod common;

use common::program::Project;
use std::process::{Command, Stdio};

const BAD_DAY: &str = "--log backend=logs/backend-bad-day.log";

/// What a terminal of 60 columns gets; `None` where there is no `script`.
fn screen(project: &Project, variables: &[(&str, &str)], arguments: &str) -> Option<String> {
    let version = Command::new("script").arg("--version").output();
    if !version.is_ok_and(|output| output.stdout.starts_with(b"script from util-linux")) {
        println!("skipped: no script of util-linux");
        return None;
    }
    let program = env!("CARGO_BIN_EXE_upbeat");
    let mut command = Command::new("script");
    for name in [
        "CI",
        "GITHUB_ACTIONS",
        "GITLAB_CI",
        "NO_COLOR",
        "TMUX",
        "STY",
    ] {
        command.env_remove(name);
    }
    let output = command
        .args([
            "-qec",
            &format!("stty rows 30 cols 60; '{program}' {arguments}"),
        ])
        .arg("/dev/null")
        .env("TERM", "xterm")
        .envs(variables.iter().copied())
        .current_dir(project.path())
        .stdin(Stdio::null())
        .output()
        .expect("it runs");
    let text = String::from_utf8(output.stdout).expect("text");
    Some(text.replace("\r\n", "\n"))
}

/// Without colours and links.
fn plain(text: &str) -> String {
    let mut out = String::new();
    let mut parts = text.split('\x1b');
    out += parts.next().expect("a first one");
    for part in parts {
        let behind = match part.chars().next() {
            Some(']') => "",
            Some('\\') => &part[1..],
            _ => part.split_once('m').map_or(part, |(_, behind)| behind),
        };
        out += behind;
    }
    out
}

#[test]
fn prose_fits_and_places_are_links() {
    let project = Project::story("before");
    let arguments = format!(". {BAD_DAY} --select start-period-below-startup");
    let Some(text) = screen(&project, &[("FORCE_HYPERLINK", "1")], &arguments) else {
        return;
    };
    let root = project.path().canonicalize().expect("a path");
    let link = format!(
        "{}/compose.staging.yml\x1b\\compose.staging.yml:12:21",
        root.display()
    );
    assert!(text.contains(&link), "{text:?}");
    let shown = plain(&text);
    let is_prose = |line: &&str| {
        let line = line.trim_start();
        !line.contains(['│', '┌']) && !line.contains(" in 7 files")
    };
    for line in shown.lines().filter(is_prose) {
        assert!(line.chars().count() <= 60, "{line}");
    }
    let piped = project.run(&arguments).out;
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(words(&shown), words(&piped), "only lines are broken");
    for variables in [&[][..], &[("FORCE_HYPERLINK", "1"), ("CI", "true")]] {
        let text = screen(&project, variables, &arguments).expect("as before");
        assert!(!text.contains("\x1b]8"), "{variables:?}");
    }
}

#[test]
fn above_each_file_of_a_diff_stands_what_changes_it() {
    let project = Project::story("before");
    let arguments = format!("-q . {BAD_DAY} --diff");
    let Some(text) = screen(&project, &[], &arguments) else {
        return;
    };
    let shown = plain(&text);
    let expected = "\ncompose.staging.yml\n  safe: raise start_period of `backend` to 200s\n--- a/compose.staging.yml\n";
    assert!(shown.contains(expected), "{shown}");
    let piped = project.run(&arguments).out;
    assert!(piped.starts_with("--- a/"), "{piped}");
    assert!(!piped.contains("safe:"), "{piped}");
}

#[test]
fn each_view_of_a_watch_takes_the_place_of_the_one_before() {
    let project = Project::new(&[("compose.yml", "services: {}\n")]);
    let arguments = ". --watch & pid=$!; sleep 2; kill $pid";
    let Some(text) = screen(&project, &[], arguments) else {
        return;
    };
    assert!(text.starts_with("\x1b[2J\x1b[H"), "{text:?}");
    assert!(plain(&text).contains("watching for changes"), "{text:?}");
}
