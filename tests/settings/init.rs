//! The first settings of a project.

use super::common::corpus;
use super::runs::Folder;
use std::fmt::Write;
use std::fs;
use std::path::Path;
use upbeat::project::{Inputs, Project};
use upbeat::settings::{self, Settings, first};
use upbeat::source::Store;

const CHAIN: &str = "services:\n  app:\n    image: a\n    depends_on: {db: {condition: service_healthy}, cache: {condition: service_started}}\n    healthcheck: {test: x, interval: 10s, retries: 3, start_period: 20s}\n  db:\n    image: d\n  cache:\n    image: c\n";
const UP: &str = "jobs:\n  d:\n    steps:\n      - run: |\n          docker compose -f compose.yml -f compose.live.yml up -d\n          for i in $(seq 1 45); do docker compose -f compose.yml -f compose.live.yml ps && exit 0; sleep 1; done\n          exit 1\n    timeout-minutes: 60\n";
const LIVE: &str = "services:\n  app: {healthcheck: {start_period: 30s}}\n";

fn folder() -> Folder {
    Folder::new(&[
        ("compose.yml", CHAIN),
        ("compose.live.yml", LIVE),
        ("compose.dev.yml", LIVE),
        (".github/workflows/d.yml", UP),
    ])
}

/// What can be put to use, put to use; where a length is to be filled in, it is.
fn in_use(text: &str) -> String {
    let mut used = String::new();
    let mut fills = false;
    for line in text.lines() {
        let Some(rest) = line.strip_prefix('#') else {
            continue;
        };
        if rest.starts_with(' ') && !rest.starts_with("  ") {
            continue;
        }
        if !rest.starts_with(' ') {
            fills = rest.starts_with("startup:");
        }
        match rest.split_once(": # ") {
            Some((key, why)) if fills => writeln!(used, "{key}: 90s # {why}").expect("written"),
            _ => writeln!(used, "{rest}").expect("written"),
        }
    }
    used
}

fn read(project: &Project, text: &str) -> Settings {
    // The same files, and the settings beside them.
    let mut store = project.store.with_changes([]);
    let file = store.add("upbeat.yml", text.to_owned());
    match settings::read(&store, file) {
        Ok(settings) => settings,
        Err(problems) => panic!("{problems:?}\n{text}"),
    }
}

#[test]
fn what_was_found_is_told_and_can_be_put_to_use() {
    let folder = folder();
    let (code, out, err) = folder.run("init . --stdout");
    assert_eq!((code, err.as_str()), (0, ""));
    for told in [
        "#engine: \"29\"\n",
        "#  live: # .github/workflows/d.yml:5: docker compose -f compose.yml -f compose.live.yml up -d\n#    files: [compose.yml, compose.live.yml]\n",
        "#  dev: # an overlay that no command uses, laid over the file beside it\n#    files: [compose.yml, compose.dev.yml]\n",
        "# - .github/workflows/d.yml:6 gives up after 45s, watches the stack live\n",
        // The healthcheck of `app` and the wait for `db` make them matter; nobody waits for `cache` to be healthy.
        "#startup:\n#  app: # compose.live.yml:2, start_period 30s\n#  db: # compose.yml:6, waited for by app\n\n",
    ] {
        assert!(out.contains(told), "{told}\n{out}");
    }
    assert!(
        out.lines()
            .all(|line| line.is_empty() || line.starts_with('#'))
    );
    assert!(
        !folder.path().join("upbeat.yml").exists(),
        "nothing is written"
    );
    // With the # gone from all of it.
    let project = Project::read(Store::disk(folder.path()), &Inputs::default());
    let used = in_use(&out);
    let settings = read(&project, &used);
    let files: Vec<_> = settings
        .stacks
        .iter()
        .map(|stack| (stack.name.as_str(), stack.files.join(" ")))
        .collect();
    assert_eq!(
        files,
        [
            ("live", "compose.yml compose.live.yml".to_owned()),
            ("dev", "compose.yml compose.dev.yml".to_owned())
        ]
    );
    assert_eq!(settings.startup.len(), 2);
    assert!(settings.engine.is_some() && settings.budget.is_some() && settings.margin.is_some());
    assert_eq!((settings.rules.len(), settings.overrides.len()), (1, 1));
    folder.write("upbeat.yml", &used);
    let (_, _, err) = folder.run(". --format short");
    assert_eq!(err, "");
}

#[test]
fn it_is_written_once() {
    let folder = folder();
    let findings = || {
        let (code, out, err) = folder.run(". --format json --fail-on info");
        let json: serde_json::Value = serde_json::from_str(&out).expect(&err);
        (code, json["findings"].clone(), err)
    };
    let before = findings();
    let (code, out, err) = folder.run("init .");
    assert_eq!((code, out.as_str()), (0, ""), "{err}");
    assert!(
        err.contains("upbeat.yml, all of it comments, with 2 stacks, 1 wait and 2 services"),
        "{err}"
    );
    let written = folder.read("upbeat.yml");
    assert_eq!(
        folder.run("init . --stdout").1,
        written,
        "settings change nothing of it"
    );
    assert_eq!(findings(), before);
    let (code, _, err) = folder.run("init .");
    assert!(
        code == 2 && err.contains("upbeat.yml is there already") && err.contains("--stdout"),
        "{err}"
    );
    assert_eq!(folder.read("upbeat.yml"), written);
    let left = fs::read_dir(folder.path()).expect("a folder").flatten();
    let names: Vec<_> = left.map(|entry| entry.file_name()).collect();
    assert_eq!(names.len(), 5, "{names:?}");
}

#[test]
fn settings_by_another_name_stay_alone() {
    for name in settings::NAMES {
        let folder = Folder::new(&[("compose.yml", CHAIN), (name, "margin: 2\n")]);
        let (code, _, err) = folder.run("init .");
        assert!(code == 2 && err.contains(name), "{err}");
        assert_eq!(folder.read(name), "margin: 2\n");
    }
    // A link that leads nowhere is not followed.
    #[cfg(unix)]
    {
        let folder = Folder::new(&[("project/compose.yml", CHAIN)]);
        folder.link("../elsewhere.yml", "project/upbeat.yml");
        assert_eq!(folder.run("init project").0, 2);
        assert!(!folder.path().join("elsewhere.yml").exists());
    }
}

#[test]
fn where_nothing_is_to_be_checked_nothing_is_written() {
    let folder = Folder::new(&[("readme.md", "")]);
    let (code, _, err) = folder.run("init .");
    assert!(
        code == 2 && err.contains("there is nothing to check"),
        "{err}"
    );
    assert!(!folder.path().join("upbeat.yml").exists());
    let (_, out, _) = folder.run("init . --stdout");
    assert!(out.contains("None was found"), "{out}");
}

#[test]
fn what_is_known_is_not_asked_for() {
    let folder = folder();
    folder.write(
        "upbeat.startups.jsonl",
        "{\"service\":\"app\",\"at\":\"2025-11-01T10:00:00Z\",\"at_most_s\":15,\"at_most_why\":\"healthy-event\"}\n",
    );
    let (_, out, _) = folder.run("init . --stdout");
    assert!(out.contains("#startup:\n#  db: "), "{out}");
}

/// Names that would end a comment, a string or a line, or that a terminal or a CI log would obey.
const HOSTILE: [&str; 9] = [
    "a\nrules: {compose-error: off}",
    "b\" # '",
    "c: {d: e}",
    "#f",
    "\u{1b}[2Jg",
    "h\u{2028}i\u{85}j\rk",
    "##[error]l",
    "- &m *n !o |p",
    "\\\"q\u{202e}",
];

#[test]
fn hostile_names_come_out_harmless() {
    let json = |text: &str| serde_json::Value::from(text).to_string();
    let mut compose = "services:\n".to_owned();
    for name in HOSTILE {
        // As a flow mapping JSON's escapes are YAML's.
        writeln!(
            compose,
            "  {}: {{image: a, healthcheck: {{test: x}}}}",
            json(name)
        )
        .expect("written");
    }
    let files: Vec<(String, String)> = HOSTILE
        .iter()
        .map(|name| {
            (
                format!("compose.{}.yml", name.replace('/', "")),
                LIVE.replace("app", "b"),
            )
        })
        .chain([("compose.yml".to_owned(), compose.clone())])
        .collect();
    let project = Project::read(Store::memory(files), &Inputs::default());
    assert!(project.stacks.len() > 5, "{:?}", project.obstacles);
    let text = first(&project);
    for line in text.lines() {
        assert!(line.is_empty() || line.starts_with('#'), "{line:?}");
    }
    assert!(
        !text.contains(|c| c != '\n' && upbeat::escape::is_hostile(c)),
        "{text:?}"
    );
    assert!(!text.contains("##["), "{text}");
    let settings = read(&project, &text);
    assert!(settings.stacks.is_empty() && settings.rules.is_empty());
    // And with the # gone they are the same names.
    let settings = read(&project, &in_use(&text));
    let named: Vec<(&str, &[String])> = settings
        .stacks
        .iter()
        .map(|stack| (stack.name.as_str(), stack.files.as_slice()))
        .collect();
    let found: Vec<(&str, &[String])> = project
        .stacks
        .iter()
        .map(|stack| (stack.files.name.as_str(), stack.files.files.as_slice()))
        .collect();
    assert_eq!(named, found);
    let asked: Vec<&str> = settings
        .startup
        .iter()
        .map(|one| one.service.as_str())
        .collect();
    for name in HOSTILE {
        assert!(asked.contains(&name), "{name:?} {asked:?}");
    }
}

/// How many stacks a folder has, in which the file is held to change nothing.
fn changes_nothing(folder: &Path) -> usize {
    let before = upbeat::check(
        Store::disk(folder),
        &Inputs::default(),
        &upbeat::rules::Options::default(),
    );
    let text = first(&before.project);
    let mut store = Store::disk(folder);
    let file = store.add("upbeat.yml", text.clone());
    let settings = settings::read(&store, file).expect(&text);
    let mut inputs = Inputs::default();
    settings.apply(&mut store, &mut inputs);
    let options = settings.options(upbeat::rules::Options::default());
    let after = upbeat::check(store, &inputs, &options);
    let told = |checked: &upbeat::Checked| {
        let findings = checked.findings.iter();
        findings
            .map(|finding| (finding.rule, finding.severity, finding.message.clone()))
            .collect::<Vec<_>>()
    };
    assert_eq!(told(&before), told(&after), "{}", folder.display());
    before.project.stacks.len()
}

#[test]
fn whatever_the_project_the_file_changes_nothing() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let folders = [
        "story/before",
        "story/halfway",
        "story/after",
        "compose",
        "timeline",
    ];
    let count: usize = folders
        .iter()
        .map(|folder| changes_nothing(&root.join(folder)))
        .sum();
    assert!(count > 10, "{count}");
    // Real projects, where they are at hand.
    let Some(corpus) = corpus() else {
        return;
    };
    for entry in fs::read_dir(corpus).expect("a folder").flatten() {
        if entry.path().is_dir() {
            changes_nothing(&entry.path());
        }
    }
}

#[test]
fn the_schema_is_printed() {
    let folder = Folder::new(&[]);
    let (code, out, err) = folder.run("init --schema");
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(
        out == upbeat::settings::schema(),
        "it is printed as it is made"
    );
}
