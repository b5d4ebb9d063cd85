//! `upbeat.yml`: what it changes, what wins over it, and what is said where it is wrong.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use tempfile::TempDir;
use upbeat::clock::BudgetModel;
use upbeat::duration::Seconds;
use upbeat::finding::Severity;
use upbeat::project::{Inputs, Project};
use upbeat::rules::Options;
use upbeat::settings::{self, Level, Problem, Settings};
use upbeat::source::Store;

/// The settings in a project that has a base, an overlay and an env file.
fn read(text: &str) -> (Store, Result<Settings, Vec<Problem>>) {
    let files = [
        ("compose.yml", ""),
        ("compose.prod.yml", ""),
        ("deploy/prod.env", ""),
    ];
    let mut store = Store::memory(files);
    let file = store.add("upbeat.yml", text.to_owned());
    let settings = settings::read(&store, file);
    (store, settings)
}

#[test]
fn every_key_is_read_with_its_places() {
    let text = "\
engine: 20.10
budget: worst
margin: 1.25
stacks:
  production:
    files: [compose.yml, ./compose.prod.yml]
    env_files: [deploy/prod.env]
    profiles: [a, b]
  small: {files: [compose.yml]}
startup:
  backend: 3m
  db: \"90s\"
rules:
  compose-error: warning
  unknown-timing: off
exclude: [legacy/, '**/test/*.yml']
";
    let (store, settings) = read(text);
    let settings = settings.expect("settings");
    let at = |span| store.sources().text(span);
    assert_eq!(
        settings.engine.map(|engine| engine.to_string()),
        Some("20.10".to_owned())
    );
    assert_eq!(
        (settings.budget, settings.margin),
        (Some(BudgetModel::Worst), Some(1.25))
    );
    let production = &settings.stacks[0];
    assert_eq!(
        (production.name.as_str(), at(production.span)),
        ("production", "production")
    );
    assert_eq!(production.files, ["compose.yml", "compose.prod.yml"]);
    assert_eq!(production.env_files, ["deploy/prod.env"]);
    assert_eq!(production.profiles, ["a", "b"]);
    assert_eq!(settings.stacks[1].files, ["compose.yml"]);
    let startups: Vec<_> = settings
        .startup
        .iter()
        .map(|one| (at(one.key), one.ready, at(one.span)))
        .collect();
    let seconds = Seconds::new;
    assert_eq!(
        startups,
        [
            ("backend", seconds(180), "3m"),
            ("db", seconds(90), "\"90s\"")
        ]
    );
    let rules = [
        ("compose-error", Level::As(Severity::Warning)),
        ("unknown-timing", Level::Off),
    ];
    let rules: BTreeMap<String, Level> = rules
        .into_iter()
        .map(|(rule, level)| (rule.to_owned(), level))
        .collect();
    assert_eq!(settings.rules, rules);
    assert!(settings.exclude.holds("legacy/x.yml") && settings.exclude.holds("a/test/b.yml"));
}

#[test]
fn a_file_without_settings_changes_nothing() {
    for text in ["", "# nothing yet\n", "{}\n", "---\n"] {
        let settings = read(text).1.expect(text);
        assert!(settings.stacks.is_empty() && settings.rules.is_empty());
        let options = settings.options(Options::default());
        assert_eq!(
            (options.budget, options.margin.to_bits()),
            (BudgetModel::Planned, 1.1_f64.to_bits())
        );
    }
}

/// Everything that is wrong: line, column, message and help.
fn wrong(text: &str) -> Vec<(usize, usize, String, String)> {
    let (store, settings) = read(text);
    let problems = settings.expect_err(text);
    let place = |problem: &Problem| store.sources().start(problem.span);
    problems
        .iter()
        .map(|p| {
            (
                place(p).line,
                place(p).column,
                p.message.clone(),
                p.help.clone(),
            )
        })
        .collect()
}

/// What is wrong in one way, where, what is said of it, and what is advised.
const WRONG: [(&str, usize, usize, &str, &str); 33] = [
    (
        "enginee: 28",
        1,
        1,
        "`enginee` is no key of settings",
        "write `engine`",
    ),
    (
        "zzz: 28",
        1,
        1,
        "`zzz` is no key",
        "the keys are engine, budget, margin, stacks, startup, rules, exclude",
    ),
    ("engine: 99", 1, 9, "99", "such as 28"),
    (
        "engine: [28]",
        1,
        9,
        "an engine's version is wanted here, not a list",
        "28",
    ),
    (
        "engine:",
        1,
        8,
        "an engine's version is wanted here, not nothing",
        "28",
    ),
    ("budget: most", 1, 9, "`most` is no budget", "planned"),
    ("margin: 0.9", 1, 9, "`0.9` is no margin", "1.1"),
    ("margin: much", 1, 9, "`much` is no margin", "1.1"),
    ("margin: nan", 1, 9, "`nan` is no margin", "1.1"),
    (
        "stacks: [a]",
        1,
        9,
        "a map of stacks is wanted here, not a list",
        "files",
    ),
    (
        "stacks:\n  a: {}",
        2,
        3,
        "the stack `a` has no files",
        "files:",
    ),
    (
        "stacks:\n  a: {files: []}",
        2,
        3,
        "the stack `a` has no files",
        "files:",
    ),
    (
        "stacks:\n  a: {files: compose.yml}",
        2,
        14,
        "a list of files is wanted here, not a single value",
        "[compose.yml",
    ),
    (
        "stacks:\n  a: {file: [compose.yml]}",
        2,
        7,
        "`file` is no key of the stack `a`",
        "write `files`",
    ),
    (
        "stacks:\n  a: {files: [compose.yml, compose.prd.yml]}",
        2,
        28,
        "there is no file `compose.prd.yml`",
        "write `compose.p",
    ),
    (
        "stacks:\n  a:\n    files: [compose.yml]\n    env_files: [deploy/prd.env]",
        4,
        17,
        "there is no file `deploy/prd.env`",
        "write `deploy/prod.env`",
    ),
    (
        "stacks:\n  a: {files: [../x.yml]}",
        2,
        15,
        "`../x.yml` lies outside the project",
        "--allow-outside",
    ),
    (
        "stacks:\n  a: {files: [/etc/passwd]}",
        2,
        15,
        "`/etc/passwd` lies outside the project",
        "--allow-outside",
    ),
    (
        "stacks:\n  a: {files: [[x]]}",
        2,
        15,
        "a text is wanted here, not a list",
        "list",
    ),
    (
        "startup:\n  a: 90",
        2,
        6,
        "`90` has no unit: write `90s`",
        "180s",
    ),
    ("startup:\n  a: -5s", 2, 6, "`-5s` is negative", "180s"),
    (
        "startup:\n  a: {logs: x}",
        2,
        6,
        "a duration is wanted here, not a map",
        "180s",
    ),
    (
        "rules:\n  compose-eror: off",
        2,
        3,
        "there is no rule `compose-eror`",
        "write `compose-error`",
    ),
    (
        "rules:\n  x: off",
        2,
        3,
        "there is no rule `x`",
        "the rules are compose-error",
    ),
    (
        "rules:\n  compose-error: warnin",
        2,
        18,
        "`warnin` is no severity",
        "write `warning`",
    ),
    (
        "rules: off",
        1,
        8,
        "a map of rules is wanted here, not a single value",
        "off",
    ),
    (
        "exclude: legacy",
        1,
        10,
        "a list of globs is wanted here, not a single value",
        ".gitignore",
    ),
    (
        "exclude: [ok, 'a{b']",
        1,
        15,
        "`a{b` is no glob",
        ".gitignore",
    ),
    (
        "- a",
        1,
        1,
        "a map is wanted here, not a list",
        "the keys are",
    ),
    (
        "engine: 28\nengine: 27",
        2,
        1,
        "stands here a second time",
        "mend",
    ),
    ("engine: [", 1, 10, "no YAML", "--no-config"),
    (
        "{}\n---\nengine: 28",
        3,
        1,
        "several documents",
        "one document",
    ),
    ("? [a]\n: b", 1, 3, "a key is a single word", "keys"),
];

#[test]
fn what_is_wrong_is_told_with_its_place_and_what_was_meant() {
    for (text, line, column, message, help) in WRONG {
        let found = wrong(text);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        let (at_line, at_column, said, advice) = &found[0];
        assert_eq!((*at_line, *at_column), (line, column), "{text}: {said}");
        assert!(
            said.contains(message) && advice.contains(help),
            "{text}: {said} / {advice}"
        );
        assert!(!said.contains("refuses"), "{said}");
    }
}

#[test]
fn all_that_is_wrong_is_told_at_once() {
    let text = "engin: 28\nbudget: x\nstacks: {a: {files: [no.yml], more: 1}}\nstartup: {a: 1, b: 2}\nrules: {y: off, compose-error: z}\n";
    let lines: Vec<usize> = wrong(text).iter().map(|problem| problem.0).collect();
    assert_eq!(lines, [1, 2, 3, 3, 4, 4, 5, 5]);
}

/// A project read with settings and logs.
fn project(files: &[(&str, &str)], text: &str, inputs: Inputs) -> Project {
    let mut store = Store::memory(files.iter().copied());
    let file = store.add("upbeat.yml", text.to_owned());
    let settings = settings::read(&store, file).expect("settings");
    let mut inputs = inputs;
    settings.apply(&mut store, &mut inputs);
    Project::read(store, &inputs)
}

const APP: &str = "services:\n  app: {image: a, healthcheck: {test: x, start_period: 20s}}\n  more: {image: m, profiles: [p]}\n";
const OVER: &str = "services:\n  app: {healthcheck: {start_period: 30s}}\n";

fn stacks(project: &Project) -> Vec<(String, String, String)> {
    let sources = project.store.sources();
    let of = |stack: &upbeat::project::Stack| {
        let files = &stack.files;
        (
            files.name.clone(),
            files.files.join(" "),
            files.reason.words(sources),
        )
    };
    project.stacks.iter().map(of).collect()
}

#[test]
fn stacks_of_the_settings_come_first_and_keep_their_names() {
    let up = "jobs:\n  d:\n    steps:\n      - run: |\n          docker compose -f compose.yml -f compose.prod.yml --profile p up -d\n          docker compose -f compose.yml -f compose.ci.yml up -d\n          for i in $(seq 1 10); do docker compose -f compose.yml -f compose.prod.yml ps && exit 0; sleep 1; done\n          exit 1\n";
    let files = [
        ("compose.yml", APP),
        ("compose.prod.yml", OVER),
        ("compose.ci.yml", OVER),
        ("compose.dev.yml", OVER),
        (
            "Makefile",
            "up:\n\tdocker compose -f compose.yml -f compose.prod.yml up\n",
        ),
        (".github/workflows/d.yml", up),
    ];
    let text = "stacks:\n  live:\n    files: [compose.yml, compose.prod.yml]\n  prod: {files: [compose.yml]}\n";
    let read = project(&files, text, Inputs::default());
    let found = stacks(&read);
    let named: Vec<(&str, &str)> = found
        .iter()
        .map(|(name, files, _)| (name.as_str(), files.as_str()))
        .collect();
    assert_eq!(
        named,
        [
            ("live", "compose.yml compose.prod.yml"),
            ("prod", "compose.yml"),
            ("ci", "compose.yml compose.ci.yml"),
            ("dev", "compose.yml compose.dev.yml"),
        ]
    );
    assert_eq!(found[0].2, "upbeat.yml:2: the settings name them");
    // The workflow's wait is tied to it, and its profile is on.
    assert_eq!(read.sequences.len(), 1);
    assert_eq!(read.sequences[0].stack, 0);
    assert_eq!(read.stacks[0].files.profiles, ["p"]);
    let profiled = text.replace("prod.yml]\n", "prod.yml]\n    profiles: [q]\n");
    let read = project(&files, &profiled, Inputs::default());
    assert_eq!(
        read.stacks[0].files.profiles,
        ["q"],
        "what the settings say stands"
    );
}

#[test]
fn the_same_files_under_other_variables_are_another_stack() {
    let compose =
        "services:\n  app: {image: a, healthcheck: {test: x, start_period: \"${GRACE}\"}}\n";
    let step = |grace: &str| {
        format!("      - run: docker compose up -d\n        env: {{GRACE: {grace}}}\n")
    };
    let workflow = format!("jobs:\n  d:\n    steps:\n{}{}", step("20s"), step("40s"));
    let files = [
        ("compose.yml", compose),
        (".github/workflows/d.yml", &workflow),
    ];
    let read = project(
        &files,
        "stacks: {app: {files: [compose.yml]}}\n",
        Inputs::default(),
    );
    let names: Vec<&str> = read
        .stacks
        .iter()
        .map(|stack| stack.files.name.as_str())
        .collect();
    assert_eq!(names, ["app", "default"]);
    let grace = |index: usize| {
        read.stacks[index].services[0]
            .known()
            .and_then(|check| check.start_period.into())
    };
    assert_eq!(
        (grace(0), grace(1)),
        (Some(Seconds::new(20)), Some(Seconds::new(40)))
    );
}

#[test]
fn files_that_are_given_take_what_the_settings_say_of_them() {
    let files = [("compose.yml", APP), ("prod.env", "GRACE=1s\n")];
    let text = "stacks:\n  live: {files: [compose.yml], env_files: [prod.env], profiles: [p]}\n";
    let given = Inputs {
        files: vec!["compose.yml".to_owned()],
        ..Inputs::default()
    };
    let stack = &project(&files, text, given).stacks[0].files;
    assert_eq!((stack.name.as_str(), stack.profiles.len()), ("live", 1));
    assert_eq!(stack.env_files, ["prod.env"]);
}

#[test]
fn a_declared_startup_counts_where_none_is_measured() {
    let files = [("compose.yml", APP)];
    let text = "startup: {app: 3m}\n";
    let startup = |inputs: Inputs| {
        let read = project(&files, text, inputs);
        assert!(read.obstacles.is_empty(), "{:?}", read.obstacles);
        let startup = read.stacks[0].services[0].startup.clone().expect("one");
        (
            startup.ready,
            startup
                .place
                .map(|place| read.store.sources().text(place).to_owned()),
        )
    };
    assert_eq!(
        startup(Inputs::default()),
        (Seconds::new(180), Some("3m".to_owned()))
    );
    let given = Inputs {
        startups: vec![("app".to_owned(), Seconds::new(5))],
        ..Inputs::default()
    };
    assert_eq!(startup(given), (Seconds::new(5), None));
    // A log is worth more than a word.
    let mut store = Store::memory(files);
    let settings = store.add("upbeat.yml", text.to_owned());
    let log = store.add("app.log", "Total startup time: 70s\n".to_owned());
    let mut inputs = Inputs {
        logs: vec![(Some("app".to_owned()), log)],
        ..Inputs::default()
    };
    settings::read(&store, settings)
        .expect("settings")
        .apply(&mut store, &mut inputs);
    let read = Project::read(store, &inputs);
    let startup = read.stacks[0].services[0].startup.clone().expect("one");
    assert_eq!(startup.ready, Seconds::new(70));
}

/// A folder with files, in which the program is run.
struct Folder(TempDir);

impl Folder {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        for (path, text) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
            fs::write(path, text).expect("a file");
        }
        Self(folder)
    }

    /// The exit code, and what is printed to where.
    fn run(&self, arguments: &str) -> (i32, String, String) {
        run(self.0.path(), arguments)
    }
}

fn run(folder: &Path, arguments: &str) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_upbeat"))
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
    let workflow = "jobs:\n  d:\n    steps:\n      - run: |\n          docker compose up -d\n          for i in $(seq 1 45); do docker compose ps && exit 0; sleep 1; done\n          exit 1\n";
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

#[test]
fn the_readme_shows_settings_that_are_understood() {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md"));
    let readme = readme.expect("the README");
    let section = readme.split("## Settings\n").nth(1).expect("the section");
    let block = section.split("```yaml\n").nth(1).expect("a block");
    let text = block.split("```").next().expect("its end");
    let files = [
        "compose.yml",
        "compose.production.yml",
        "deploy/production.env",
    ];
    let mut store = Store::memory(files.map(|path| (path, "")));
    let file = store.add("upbeat.yml", text.to_owned());
    let settings = settings::read(&store, file).expect("settings");
    assert_eq!(settings.stacks[0].profiles, ["metrics"]);
    // Each key of it has a row.
    for line in text.lines().filter(|line| !line.starts_with(' ')) {
        let key = line.split(':').next().unwrap_or_default();
        assert!(section.contains(&format!("`{key}`")), "{key}");
    }
}
