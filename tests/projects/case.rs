//! A project held in memory, with what is asked of it.

use super::common;
use std::collections::BTreeMap;
use upbeat::Checked;
use upbeat::duration::Seconds;
use upbeat::finding::{Finding, Severity};
use upbeat::fix::passes::Fixed;
use upbeat::project::Inputs;
use upbeat::rules::Options;
use upbeat::source::Store;

pub const WAIT: &str = "wait-below-budget";
pub const STARTUP: &str = "start-period-below-startup";
pub const ADVICE: [&str; 3] = [
    "migrations-delay-health",
    "restart-hides-crash",
    "slow-startup-step",
];
pub const STAGING: &str = "compose.staging.yml";
pub const PRODUCTION: &str = "compose.production.yml";
pub const WORKFLOW: &str = ".github/workflows/deploy.yml";

/// A project and what is asked of it.
#[derive(Clone, Debug, Default)]
pub struct Case {
    pub files: Vec<(String, String)>,
    pub log: Option<(&'static str, String)>,
    pub options: Options,
    pub files_flag: Vec<String>,
    pub startups: Vec<(String, Seconds)>,
}

impl Case {
    pub fn of<const N: usize>(files: [(&str, &str); N]) -> Self {
        let files = files
            .into_iter()
            .map(|(path, text)| (path.to_owned(), text.to_owned()));
        Self {
            files: files.collect(),
            ..Self::default()
        }
    }

    /// The story in one of its states, with the log of a `good` or a `bad` day or none.
    pub fn story(state: &str, day: Option<&'static str>) -> Self {
        let files = common::story(state);
        let log = day.map(|day| {
            let path = format!("logs/backend-{day}-day.log");
            let (_, text) = files
                .iter()
                .find(|(name, _)| *name == path)
                .expect("the log");
            ("backend", text.clone())
        });
        Self {
            files,
            log,
            options: Options {
                // Advice on the story's entrypoint, which no fix makes go away, has tests of its own.
                ignore: ADVICE.map(str::to_owned).to_vec(),
                ..Options::default()
            },
            ..Self::default()
        }
    }

    pub fn startup(mut self, service: &str, seconds: i64) -> Self {
        self.startups
            .push((service.to_owned(), Seconds::new(seconds)));
        self
    }

    /// The same project with other texts.
    pub fn map(mut self, change: impl Fn(&str, &str) -> String) -> Self {
        for (path, text) in &mut self.files {
            *text = change(path, text);
        }
        self
    }

    /// The same project with `from` replaced in one file, where it stands at least once.
    pub fn replace(self, file: &str, from: &str, to: &str) -> Self {
        let (_, text) = self
            .files
            .iter()
            .find(|(path, _)| path == file)
            .expect(file);
        assert!(text.contains(from), "{file} has no {from:?}:\n{text}");
        self.map(|path, text| {
            if path == file {
                text.replace(from, to)
            } else {
                text.to_owned()
            }
        })
    }

    pub fn with(mut self, path: &str, text: &str) -> Self {
        self.files.push((path.to_owned(), text.to_owned()));
        self
    }

    pub fn text(&self, path: &str) -> &str {
        &self
            .files
            .iter()
            .find(|(name, _)| name == path)
            .expect(path)
            .1
    }

    pub fn inputs(&self) -> (Store, Inputs) {
        let mut store = Store::memory(self.files.clone());
        let logs = self.log.iter().map(|(service, text)| {
            (
                Some((*service).to_owned()),
                store.add("the.log", text.clone()),
            )
        });
        let inputs = Inputs {
            logs: logs.collect(),
            files: self.files_flag.clone(),
            startups: self.startups.clone(),
            ..Inputs::default()
        };
        (store, inputs)
    }

    pub fn check(&self) -> Checked {
        let (store, inputs) = self.inputs();
        upbeat::check(store, &inputs, &self.options)
    }

    pub fn fix(&self) -> Fixed {
        let (store, inputs) = self.inputs();
        let checked = upbeat::check(store, &inputs, &self.options);
        upbeat::fix(checked, &inputs, &self.options)
    }

    /// The project as its fixes leave it.
    pub fn fixed(&self) -> Self {
        let fixed = self.fix();
        assert!(fixed.refused.is_empty(), "{:?}", fixed.refused);
        let mut case = self.clone();
        for (path, text) in &mut case.files {
            if let Some(new) = fixed.changes.get(path) {
                text.clone_from(new);
            }
        }
        case
    }

    /// Rule, severity, file and line of each finding. That the story's steps are slow is advice that no fix changes, and has tests
    /// of its own.
    pub fn found(&self) -> Vec<(&'static str, Severity, String, usize)> {
        let checked = self.check();
        let place = |finding: &Finding| place(&checked, finding);
        checked
            .findings
            .iter()
            .map(|f| (f.rule, f.severity, place(f).0, place(f).1))
            .collect()
    }
}

pub fn place(checked: &Checked, finding: &Finding) -> (String, usize) {
    let sources = checked.project.store.sources();
    let span = finding.primary.span;
    (
        sources.get(span.file).path().to_owned(),
        sources.start(span).line,
    )
}

/// The lines that differ between two texts of as many lines: before and after, without their indentation.
pub fn changed_lines(before: &str, after: &str) -> Vec<(String, String)> {
    assert_eq!(
        before.lines().count(),
        after.lines().count(),
        "lines were added or lost"
    );
    let pairs = before
        .split('\n')
        .zip(after.split('\n'))
        .filter(|(a, b)| a != b);
    pairs
        .map(|(a, b)| (a.trim().to_owned(), b.trim().to_owned()))
        .collect()
}

pub fn changes(case: &Case) -> BTreeMap<String, Vec<(String, String)>> {
    let fixed = case.fixed();
    let pairs = case.files.iter().zip(&fixed.files);
    let changed = pairs.filter(|(before, after)| before.1 != after.1);
    changed
        .map(|(before, after)| (before.0.clone(), changed_lines(&before.1, &after.1)))
        .collect()
}

pub fn pair(a: &str, b: &str) -> (String, String) {
    (a.to_owned(), b.to_owned())
}

/// The fixes are made, the next run is clean, and a second `--fix` changes nothing.
pub fn is_settled(case: &Case) {
    let fixed = case.fixed();
    assert_eq!(fixed.found(), [], "the fixed project is not clean");
    assert!(
        fixed.fix().changes.is_empty(),
        "a second pass changes something"
    );
}

pub const APP: &str = "services:\n  app:\n    image: app\n    healthcheck:\n      test: ./ready\n      interval: 10s\n      start_period: 20s\n";

/// db and web, which waits for it: planned 185 s, after-up 140 s.
pub const PAIR: &str = "services:\n  db:\n    image: db\n    healthcheck: {test: x, interval: 10s, timeout: 5s, retries: 3, start_period: 30s}\n  web:\n    image: web\n    depends_on: {db: {condition: service_healthy}}\n    healthcheck: {test: x, interval: 20s, timeout: 5s, retries: 3, start_period: 60s}\n";

/// A workflow with one step that runs `script`, behind `up -d` of the pair: planned 185, after-up 140.
pub fn pair_with(script: &str) -> Case {
    let script = script.replace('\n', "\n          ");
    let workflow = format!(
        "jobs:\n  d:\n    steps:\n      - run: |\n          {script}\n    timeout-minutes: 60\n"
    );
    let mut case = Case::of([
        ("compose.yml", PAIR),
        (".github/workflows/d.yml", &workflow),
    ]);
    // How a wait ends and what it is called is judged by rules that have tests of their own.
    case.options.ignore = [
        "wait-cannot-fail",
        "sleep-instead-of-wait",
        "attempts-named-as-seconds",
        "stale-timing-text",
    ]
    .map(str::to_owned)
    .to_vec();
    case
}
