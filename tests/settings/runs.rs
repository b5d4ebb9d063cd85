//! The program with settings and flags.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use tempfile::TempDir;
use upbeat::settings;

/// A folder with files, in which the program is run.
pub struct Folder(TempDir);

impl Folder {
    pub fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        for (path, text) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
            fs::write(path, text).expect("a file");
        }
        Self(folder)
    }

    /// The exit code, and what is printed to where.
    pub fn run(&self, arguments: &str) -> (i32, String, String) {
        run(self.0.path(), arguments)
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn write(&self, path: &str, text: &str) {
        fs::write(self.0.path().join(path), text).expect("a file");
    }

    /// A link at `path`.
    #[cfg(unix)]
    pub fn link(&self, to: &str, path: &str) {
        std::os::unix::fs::symlink(to, self.0.path().join(path)).expect("a link");
    }

    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.0.path().join(path)).expect("a file")
    }
}

fn run(folder: &Path, arguments: &str) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_upbeat"))
        .env_remove("GITHUB_ACTIONS")
        .env_remove("GITLAB_CI")
        .current_dir(folder)
        .args(arguments.split_whitespace())
        .stdin(Stdio::null())
        .output()
        .expect("it runs");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    (
        output.status.code().expect("a code"),
        text(output.stdout),
        text(output.stderr),
    )
}

const SLOW: &str = "services:\n  app:\n    image: a\n    healthcheck: {test: x, interval: 10s, retries: 3, start_period: 20s}\n";

#[test]
fn flags_win_over_the_file_and_the_file_over_the_defaults() {
    let folder = Folder::new(&[
        ("compose.yml", SLOW),
        (
            "upbeat.yml",
            "startup: {app: 100s}\nmargin: 2\nengine: 20.10\n",
        ),
        ("other/mine.yml", "startup: {app: 30s}\n"),
    ]);
    let (code, out, err) = folder.run(". --format json");
    assert_eq!(code, 1, "{err}");
    let json: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    let finding = &json["findings"][0];
    assert_eq!(finding["data"]["startup_s"], 100.0);
    assert_eq!(
        finding["data"]["needed_start_period_s"], 200.0,
        "twice as much"
    );
    assert_eq!(finding["labels"][0]["file"], "upbeat.yml");
    for (flags, startup) in [
        ("--startup app=70s", 70.0),
        ("--config other/mine.yml", 30.0),
    ] {
        let (_, out, err) = folder.run(&format!(". --format json {flags}"));
        let json: serde_json::Value = serde_json::from_str(&out).expect(&err);
        assert_eq!(json["findings"][0]["data"]["startup_s"], startup, "{flags}");
    }
    assert_eq!(folder.run(". --no-config").0, 0);
    // With an interval of 30 s the first probe comes at 30 s on old engines, and earlier on the newest.
    let slower = SLOW.replace("10s", "30s");
    fs::write(folder.0.path().join("compose.yml"), slower).expect("a file");
    let code = |flags: &str| folder.run(&format!(". --startup app=25s {flags}")).0;
    assert_eq!(
        (code(""), code("--engine 20.10"), code("--engine 28")),
        (0, 0, 1)
    );
    assert_eq!(code("--no-config"), 1);
}

#[test]
fn the_budget_of_the_file_is_what_waits_are_measured_against() {
    let workflow = "jobs:\n  d:\n    steps:\n      - run: |\n          docker compose up -d\n          for i in $(seq 1 45); do docker compose ps && exit 0; sleep 1; done\n          exit 1\n    timeout-minutes: 60\n";
    let chain = "services:\n  db:\n    image: d\n    healthcheck: {test: x, interval: 5s, timeout: 5s, retries: 2, start_period: 10s}\n  app:\n    image: a\n    depends_on: {db: {condition: service_healthy}}\n    healthcheck: {test: x, interval: 5s, timeout: 5s, retries: 2, start_period: 10s}\n";
    let folder = Folder::new(&[
        ("compose.yml", chain),
        (".github/workflows/d.yml", workflow),
    ]);
    let found = |text: &str, flags: &str| {
        fs::write(folder.0.path().join("upbeat.yml"), text).expect("a file");
        folder.run(&format!(". --format short -q {flags}")).1
    };
    assert!(
        found("budget: worst\n", "").contains("(worst"),
        "{}",
        found("budget: worst\n", "")
    );
    assert!(!found("budget: worst\n", "--budget after-up").contains("(worst"));
    assert_eq!(found("budget: after-up\n", ""), "");
}

#[test]
fn rules_are_switched_off_or_given_another_severity() {
    let folder = Folder::new(&[("compose.yml", &SLOW.replace("20s", "\"${GRACE}\""))]);
    let with = |text: &str, flags: &str| {
        fs::write(folder.0.path().join("upbeat.yml"), text).expect("a file");
        let (code, out, _) = folder.run(&format!(". --format short -q {flags}"));
        (code, out)
    };
    let (code, out) = with("", "");
    assert!(code == 0 && out.contains("info[unknown-timing]"), "{out}");
    let (code, out) = with("rules: {unknown-timing: error}\n", "");
    assert!(code == 1 && out.contains("error[unknown-timing]"), "{out}");
    assert_eq!(
        with("rules: {unknown-timing: off}\n", ""),
        (0, String::new())
    );
    let (_, out) = with("rules: {unknown-timing: off}\n", "--select unknown-timing");
    assert!(
        out.contains("info[unknown-timing]"),
        "whoever selects a rule wants it"
    );
    assert_eq!(
        with(
            "rules: {unknown-timing: error}\n",
            "--ignore unknown-timing"
        ),
        (0, String::new())
    );
}

#[test]
fn excluded_paths_are_neither_searched_nor_reported() {
    let bad = SLOW.replace("20s", "90");
    let overlay = "services:\n  app: {healthcheck: {start_period: 91}}\n";
    let workflow = "jobs:\n  d:\n    steps:\n      - run: docker compose -f compose.yml -f old/over.yml up -d\n";
    let folder = Folder::new(&[
        ("compose.yml", SLOW),
        ("legacy/compose.yml", &bad),
        ("old/over.yml", overlay),
        (".github/workflows/d.yml", workflow),
    ]);
    let lines = |text: &str| {
        fs::write(folder.0.path().join("upbeat.yml"), text).expect("a file");
        folder.run(". --format short -q").1.lines().count()
    };
    assert_eq!(lines(""), 2);
    assert_eq!(lines("exclude: [legacy]\n"), 1);
    // A workflow names it, so it is read; but nothing is said of it.
    assert_eq!(lines("exclude: [legacy, old/]\n"), 0);
    let (_, out, _) = folder.run("stacks .");
    assert!(
        out.contains("compose.yml + old/over.yml") && !out.contains("legacy"),
        "{out}"
    );
}

#[test]
fn wrong_settings_end_the_run_with_all_that_is_wrong() {
    let folder = Folder::new(&[
        ("compose.yml", SLOW),
        ("upbeat.yml", "budgets: worst\nstartup:\n  app: 90\n"),
    ]);
    for command in [".", "stacks ."] {
        let (code, out, err) = folder.run(command);
        assert_eq!((code, out.as_str()), (2, ""), "{command}");
        assert!(
            err.contains("upbeat.yml:1:1: `budgets` is no key of settings")
                && err.contains("write `budget`"),
            "{err}"
        );
        assert!(
            err.contains("upbeat.yml:3:8: `90` has no unit: write `90s`"),
            "{err}"
        );
        assert!(err.contains("3 │   app: 90"), "the line is shown: {err}");
    }
    assert_eq!(folder.run(". --no-config").0, 0);
    let (code, _, err) = folder.run(". --config absent.yml");
    assert!(
        code == 2 && err.contains("absent.yml: no such file"),
        "{err}"
    );
    let (code, _, err) = folder.run(". --config upbeat.yml --no-config");
    assert!(code == 2 && err.contains("cannot be used with"), "{err}");
}

#[test]
fn a_service_that_is_nowhere_is_told_where_the_settings_name_it() {
    let folder = Folder::new(&[
        ("compose.yml", SLOW),
        ("upbeat.yml", "startup:\n  apb: 10s\n"),
    ]);
    let (code, out, err) = folder.run(". --format short");
    assert_eq!(code, 2);
    assert!(
        err.contains("upbeat.yml:2:3: no stack of this project has a service `apb`"),
        "{err}"
    );
    assert!(
        err.contains("help: the services are: app") || err.contains("write `app`"),
        "{err}"
    );
    assert!(out.contains("not everything"), "{out}");
    // With -f the settings may be about more than is looked at.
    assert_eq!(folder.run("-f compose.yml .").0, 0);
    // One that no profile turns on is there all the same.
    folder.write(
        "compose.yml",
        &format!("{SLOW}  apb: {{image: b, profiles: [p]}}\n"),
    );
    let (code, _, err) = folder.run(". --startup apb=5s");
    assert_eq!((code, err.as_str()), (0, ""));
}

#[test]
fn one_file_holds_the_settings() {
    for name in settings::NAMES {
        let folder = Folder::new(&[("compose.yml", SLOW), (name, "startup: {app: 100s}\n")]);
        assert_eq!(folder.run(".").0, 1, "{name}");
    }
    let folder = Folder::new(&[
        ("compose.yml", SLOW),
        ("upbeat.yml", ""),
        (".upbeat.yml", ""),
    ]);
    let (code, _, err) = folder.run(".");
    assert!(
        code == 2 && err.contains("upbeat.yml and in .upbeat.yml"),
        "{err}"
    );
    // A folder of the project has settings of its own.
    let folder = Folder::new(&[
        ("a/compose.yml", SLOW),
        ("upbeat.yml", "startup: {app: 100s}\n"),
    ]);
    assert_eq!(folder.run("a").0, 0);
    assert_eq!(folder.run(".").0, 1);
}

#[test]
fn fixes_leave_the_settings_alone_and_settle() {
    let text = "startup: {app: 100s}  # measured once\n";
    let folder = Folder::new(&[("compose.yml", SLOW), ("upbeat.yml", text)]);
    let (code, _, err) = folder.run(". --fix");
    assert_eq!(code, 0, "{err}");
    let read = |path: &str| fs::read_to_string(folder.0.path().join(path)).expect("a file");
    assert_eq!(read("upbeat.yml"), text);
    assert!(
        read("compose.yml").contains("start_period: 110s"),
        "{}",
        read("compose.yml")
    );
    assert_eq!(folder.run(".").0, 0);
}
