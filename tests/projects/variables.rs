//! What `.env` says of files, profiles and names.

use super::case::*;
use upbeat::project::{Inputs, Project, Stack};
use upbeat::source::Store;

const PROFILED: &str = "services:\n  app: {image: a}\n  more: {image: m, profiles: [more]}\n";

fn read(case: &Case, inputs: &Inputs) -> Project {
    let (store, _): (Store, _) = case.inputs();
    Project::read(store, inputs)
}

fn files(project: &Project) -> Vec<String> {
    project
        .stacks
        .iter()
        .map(|stack| stack.files.files.join(" "))
        .collect()
}

fn services(stack: &Stack) -> Vec<&str> {
    stack
        .services
        .iter()
        .map(|service| service.service.name.as_str())
        .collect()
}

#[test]
fn compose_file_in_env_is_what_docker_reads_by_itself() {
    let case = Case::of([
        ("compose.yml", APP),
        ("compose.override.yml", APP),
        ("base.yml", APP),
        ("sub/over.yml", APP),
        (
            ".env",
            "# which files\nCOMPOSE_FILE=base.yml:./sub/over.yml\n",
        ),
    ]);
    let project = read(&case, &Inputs::default());
    assert_eq!(
        files(&project),
        ["base.yml sub/over.yml", "compose.yml compose.override.yml"]
    );
    let why = project.stacks[0]
        .files
        .reason
        .words(project.store.sources());
    assert_eq!(why, ".env:2: COMPOSE_FILE names them");
}

#[test]
fn a_bare_command_uses_the_files_of_compose_file() {
    let case = pair_with("docker compose up -d\nsleep 30\ndocker compose ps")
        .with("compose.ci.yml", "services:\n  web: {restart: always}\n")
        .with(
            ".env",
            "COMPOSE_FILE=compose.yml;compose.ci.yml\nCOMPOSE_PATH_SEPARATOR=;\n",
        );
    let project = read(&case, &Inputs::default());
    assert_eq!(files(&project), ["compose.yml compose.ci.yml"]);
    let why = project.stacks[0]
        .files
        .reason
        .words(project.store.sources());
    assert!(
        why.starts_with(".github/workflows/d.yml:5: docker compose up"),
        "{why}"
    );
    // What the script or the workflow sets wins.
    for script in [
        "export COMPOSE_FILE=compose.yml\ndocker compose up -d",
        "COMPOSE_FILE=compose.yml docker compose up -d",
        "docker compose -f compose.yml up -d",
    ] {
        let case = pair_with(script)
            .with(".env", "COMPOSE_FILE=compose.ci.yml\n")
            .with("compose.ci.yml", APP);
        let project = read(&case, &Inputs::default());
        assert_eq!(files(&project)[0], "compose.yml", "{script}");
    }
}

#[test]
fn a_command_may_name_another_env_file() {
    let case = pair_with("cd app\ndocker compose --env-file ../ci.env up -d")
        .with("app/a.yml", APP)
        .with("app/b.yml", APP)
        .with("app/.env", "COMPOSE_FILE=a.yml\n")
        .with("ci.env", "COMPOSE_FILE=b.yml\nCOMPOSE_PROFILES=x, y\n");
    let project = read(&case, &Inputs::default());
    let stack = &project.stacks[0];
    assert_eq!(stack.files.files, ["app/b.yml"]);
    assert_eq!(stack.files.env_files, ["ci.env"]);
    assert_eq!(stack.files.profiles, ["x", "y"]);
    // So may whoever runs upbeat.
    let case = Case::of([
        ("compose.yml", APP),
        ("b.yml", APP),
        ("other.env", "COMPOSE_FILE=b.yml\n"),
    ]);
    let inputs = Inputs {
        env_files: vec!["other.env".to_owned()],
        ..Inputs::default()
    };
    assert_eq!(files(&read(&case, &inputs)), ["b.yml", "compose.yml"]);
}

#[test]
fn compose_profiles_switches_services_on_where_no_profile_is_given() {
    let case = Case::of([
        ("compose.yml", PROFILED),
        (".env", "COMPOSE_PROFILES=none,more\n"),
    ]);
    let project = read(&case, &Inputs::default());
    assert_eq!(services(&project.stacks[0]), ["app", "more"]);
    assert_eq!(project.stacks[0].files.profiles, ["none", "more"]);
    let given = Inputs {
        profiles: vec!["other".to_owned()],
        ..Inputs::default()
    };
    assert_eq!(services(&read(&case, &given).stacks[0]), ["app"]);
    let named = Inputs {
        files: vec!["compose.yml".to_owned()],
        ..Inputs::default()
    };
    assert_eq!(services(&read(&case, &named).stacks[0]), ["app", "more"]);
    // As docker compose has it: what is given replaces the variable.
    let command =
        pair_with("docker compose --profile other up").with(".env", "COMPOSE_PROFILES=more\n");
    assert_eq!(
        read(&command, &Inputs::default()).stacks[0].files.profiles,
        ["other"]
    );
    // So does one that a script sets, to nothing as well.
    let command = pair_with("export COMPOSE_PROFILES=\ndocker compose up")
        .with(".env", "COMPOSE_PROFILES=more\n");
    assert!(
        read(&command, &Inputs::default()).stacks[0]
            .files
            .profiles
            .is_empty()
    );
}

#[test]
fn the_projects_name_is_known_where_something_says_it() {
    let compose = "services:\n  app: {image: a, container_name: \"${COMPOSE_PROJECT_NAME}_app\"}\n";
    let name = |files: &[(&str, &str)]| {
        let mut case = Case::of([]);
        for (path, text) in files {
            case = case.with(path, text);
        }
        let project = read(&case, &Inputs::default());
        let stack = &project.stacks[0];
        (
            stack.project.clone(),
            stack.services[0].service.container_name.clone(),
        )
    };
    let is = |name: &str| (Some(name.to_owned()), Some(format!("{name}_app")));
    assert_eq!(name(&[("compose.yml", compose)]), (None, None));
    assert_eq!(
        name(&[
            ("compose.yml", compose),
            (".env", "COMPOSE_PROJECT_NAME=shop\n")
        ]),
        is("shop")
    );
    let named = format!("name: My Shop\n{compose}");
    assert_eq!(name(&[("compose.yml", &named)]), is("myshop"));
    assert_eq!(
        name(&[
            ("compose.yml", &named),
            (".env", "COMPOSE_PROJECT_NAME=env\n")
        ]),
        is("env")
    );
    let up = "docker compose -p flag up";
    assert_eq!(
        name(&[
            ("compose.yml", &named),
            (".env", "COMPOSE_PROJECT_NAME=env\n"),
            ("up.sh", up)
        ]),
        is("flag")
    );
}

#[test]
fn where_compose_file_leads_elsewhere_both_env_files_count() {
    let compose = "services:\n  app: {image: \"${A}-${B}\", container_name: \"${A}-${B}\"}\n";
    let case = Case::of([
        (".env", "COMPOSE_FILE=sub/compose.yml\nA=root\n"),
        ("sub/.env", "A=sub\nB=sub\n"),
        ("sub/compose.yml", compose),
    ]);
    let container = |inputs: &Inputs| {
        let project = read(&case, inputs);
        assert_eq!(files(&project), ["sub/compose.yml"]);
        project.stacks[0].services[0].service.container_name.clone()
    };
    assert_eq!(container(&Inputs::default()).as_deref(), Some("root-sub"));
    let named = Inputs {
        files: vec!["sub/compose.yml".to_owned()],
        ..Inputs::default()
    };
    assert_eq!(container(&named).as_deref(), Some("sub-sub"));
}

#[test]
fn a_listed_file_that_is_not_here_is_told() {
    let case = Case::of([
        ("compose.yml", APP),
        (".env", "COMPOSE_FILE=compose.yml:local.yml\n"),
    ]);
    let checked = case.check();
    assert_eq!(checked.findings.len(), 1);
    assert!(
        checked.findings[0]
            .message
            .contains("`local.yml` is not in this project")
    );
    assert_eq!(
        place(&checked, &checked.findings[0]),
        (".env".to_owned(), 1)
    );
    assert_eq!(files(&checked.project), ["compose.yml"]);
}
