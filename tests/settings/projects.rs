//! What it makes of a project.

use upbeat::duration::Seconds;
use upbeat::project::{Inputs, Project};
use upbeat::settings;
use upbeat::source::Store;

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
