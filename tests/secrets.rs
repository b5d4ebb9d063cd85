//! The values of env files are not told by messages about something else.

use std::fs;
use std::process::{Command, Stdio};
use upbeat::project::Inputs;
use upbeat::report::{Format, Report, Style};
use upbeat::rules::Options;
use upbeat::source::Store;

const ENV: &str = "SECRET=hunter2\nPAIR=hunter2:hunter2\nNUMBER=13371337\nTOKEN=hunter2\n";

/// What is refused somewhere in a value that a variable gave, or had a part in.
const REFUSED: [&str; 24] = [
    "ports: [\"${SECRET}\"]",
    "ports: [\"80:${SECRET}\"]",
    "ports: [\"80/${SECRET}\"]",
    "ports: [\"${SECRET}:80:80\"]",
    "ports: [\"${NUMBER}\"]",
    "volumes: [\"aa:bb:cc:${PAIR}\"]",
    "volumes: [\"${SECRET}:/data\"]",
    "cgroup: \"${SECRET}\"",
    "pull_policy: \"x-${SECRET}\"",
    "mem_limit: \"${SECRET}\"",
    "stop_grace_period: \"1${SECRET}\"",
    "network_mode: \"${SECRET}\"\n    networks: [default]",
    "network_mode: \"service:${SECRET}\"",
    "networks: [\"${SECRET}\"]",
    "secrets: [\"${SECRET}\"]",
    "configs: [{source: \"${SECRET}\"}]",
    "depends_on: [\"${SECRET}\"]",
    "links: [\"${SECRET}:db\"]",
    "extends: {service: \"${SECRET}\"}",
    "extends: {file: \"${SECRET}.yml\", service: x}",
    "container_name: \"${SECRET}\"\n    scale: 2",
    "platform: \"${SECRET}\"\n    build: {platforms: [\"x/${SECRET}\"]}",
    "privileged: \"${SECRET}\"",
    "extra_hosts: [\"${SECRET}\"]",
];

/// What is said of a project, in every format without excerpts.
fn told(files: &[(&str, &str)]) -> String {
    let checked = upbeat::check(
        Store::memory(files.iter().copied()),
        &Inputs::default(),
        &Options::default(),
    );
    let report = Report {
        findings: &checked.findings,
        ignored: &checked.ignored,
        sources: checked.project.store.sources(),
        trees: &checked.project.trees,
        summary: &checked.summary(),
        prefix: "",
    };
    let mut out = Vec::new();
    // In full the line is shown that it is about: the tests below are about that.
    for format in Format::ALL.into_iter().filter(|one| *one != Format::Full) {
        report
            .render(format, Style::default(), &mut out)
            .expect("written");
    }
    for obstacle in &checked.project.obstacles {
        out.extend(format!("{} {}\n", obstacle.message, obstacle.help).into_bytes());
    }
    String::from_utf8(out).expect("text")
}

#[test]
fn messages_show_the_variable_and_not_its_value() {
    let mut leaks = Vec::new();
    for refused in REFUSED {
        let compose = format!("services:\n  app:\n    image: a\n    {refused}\n");
        let out = told(&[("compose.yml", &compose), (".env", ENV)]);
        let shows = ["${SECRET}", "${NUMBER}", "${PAIR}"];
        let is_right = out.contains("error[compose-error]")
            && !["hunter2", "13371337"]
                .iter()
                .any(|value| out.contains(value))
            && shows.iter().any(|shown| out.contains(shown));
        if !is_right {
            leaks.push(format!(
                "{refused}: {}",
                out.lines().next().unwrap_or_default()
            ));
        }
    }
    assert!(leaks.is_empty(), "{}", leaks.join("\n"));
}

#[test]
fn includes_and_bad_variables_tell_no_values_either() {
    for compose in [
        "include: [\"${SECRET}/inc.yml\"]\nservices: {app: {image: a}}\n",
        "include: [\"../${SECRET}/inc.yml\"]\nservices: {app: {image: a}}\n",
        "include: [\"https://${SECRET}@example.com/x.git\"]\nservices: {app: {image: a}}\n",
        "services: {app: {image: \"${SECRET}${!}\"}}\n",
        "services: {app: {image: \"${NONE:?${SECRET}}\"}}\n",
        "services: {app: {image: a, command: \"${SECRET:}\"}}\n",
        "services: {app: {image: a, environment: [\"${SECRET}=${SECRET}\", \"${SECRET}=${SECRET}\"]}}\n",
    ] {
        let out = told(&[("compose.yml", compose), (".env", ENV)]);
        assert!(!out.contains("hunter2"), "{compose}: {out}");
    }
    // What stands in the file itself may be shown, and so may a default.
    let compose = "services: {app: {image: a, privileged: \"${R:-perhaps}\"}}\n";
    let out = told(&[("compose.yml", compose)]);
    assert!(out.contains("not `perhaps`"), "{out}");
}

#[test]
fn a_service_that_is_named_twice_by_variables_stays_hidden() {
    let compose = "services:\n  a: {image: a, container_name: \"${SECRET}\"}\n  b: {image: b, container_name: \"${TOKEN}\"}\n";
    let out = told(&[("compose.yml", compose), (".env", ENV)]);
    assert!(out.contains("is named `${TOKEN}` as well"), "{out}");
    assert!(!out.contains("hunter2"), "{out}");
}

fn run(files: &[(&str, &str)], arguments: &[&str]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    for (path, text) in files {
        fs::write(folder.path().join(path), text).expect("a file");
    }
    let output = Command::new(env!("CARGO_BIN_EXE_upbeat"))
        .env_remove("GITHUB_ACTIONS")
        .env_remove("GITLAB_CI")
        .current_dir(folder.path())
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .expect("it runs");
    let both = [output.stdout, output.stderr].concat();
    String::from_utf8(both).expect("text")
}

#[test]
fn excerpts_of_env_files_show_only_the_line_that_is_spoken_of() {
    let compose = "services:\n  app:\n    image: a\n    healthcheck: {test: x, start_period: \"${GRACE}\", interval: \"${EACH}\"}\n";
    let env = "GRACE=90\nPASSWORD=hunter2\nEACH=10\nMORE=hunter2\n";
    let out = run(&[("compose.yml", compose), (".env", env)], &["."]);
    assert!(
        out.contains("GRACE=90") && out.contains("EACH=10"),
        "the finding is about these: {out}"
    );
    assert!(!out.contains("hunter2"), "{out}");
    // A startup beyond both: one finding with labels on either side of the secret.
    let env = env.replace("90", "20s").replace("10", "5s");
    let out = run(
        &[("compose.yml", compose), (".env", &env)],
        &[".", "--startup", "app=300s"],
    );
    assert!(
        out.contains("GRACE=20s") && out.contains("EACH=5s"),
        "{out}"
    );
    assert!(!out.contains("hunter2"), "{out}");
}

#[test]
fn a_line_that_sets_nothing_is_not_shown() {
    let compose = "services:\n  app: {image: a}\n";
    let env = "KEY=-----BEGIN\nhunter2 hunter2\nA=1\n";
    for arguments in [
        &["."][..],
        &["config"],
        &[".", "--format", "json"],
        &[".", "--env-file", "other"],
    ] {
        let out = run(
            &[("compose.yml", compose), (".env", env), ("other", env)],
            arguments,
        );
        assert!(
            out.contains("this line sets no variable"),
            "{arguments:?}: {out}"
        );
        assert!(
            !out.contains("hunter2") && !out.contains("A=1"),
            "{arguments:?}: {out}"
        );
    }
    let include = "include: [{path: inc.yml, env_file: inc.env}]\nservices: {a: {image: a}}\n";
    let files = [
        ("compose.yml", include),
        ("inc.yml", compose),
        ("inc.env", env),
    ];
    let out = run(&files, &["."]);
    assert!(
        out.contains("this line sets no variable") && !out.contains("hunter2"),
        "{out}"
    );
}
