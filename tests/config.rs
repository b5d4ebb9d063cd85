//! `upbeat config` and `upbeat stacks`, as they are typed.

use serde_json::Value as Json;
use std::path::Path;
use std::process::{Command, Output};

fn upbeat(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_upbeat"))
        .current_dir(folder)
        .args(arguments)
        .env_clear()
        .envs(variables.iter().copied())
        .output()
        .expect("it runs")
}

fn project(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (path, text) in files {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(path, text).expect("written");
    }
    folder
}

fn json(output: &Output) -> Json {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{errors}");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

#[test]
fn config_reads_what_docker_reads_by_itself_and_the_environment_wins() {
    let folder = project(&[
        (
            "compose.yml",
            "services: {a: {image: \"${A}-${B}-${C}\"}}\n",
        ),
        ("compose.override.yml", "services: {a: {ports: [80]}}\n"),
        (".env", "A=dot\nB=dot\n"),
        ("other.env", "B=other\n"),
        ("below/nothing", ""),
    ]);
    let output = upbeat(
        folder.path(),
        &["config", "--format", "json"],
        &[("A", "around")],
    );
    let model = json(&output);
    assert_eq!(model["services"]["a"]["image"], "around-dot-");
    assert_eq!(model["services"]["a"]["ports"][0]["target"], 80);
    // From a folder below, and with another env file.
    let below = folder.path().join("below");
    let named = [
        "config",
        "--format",
        "json",
        "--env-file",
        "../other.env",
        "-p",
        "named",
    ];
    let model = json(&upbeat(&below, &named, &[]));
    assert_eq!(model["services"]["a"]["image"], "-other-");
    assert_eq!(model["name"], "named");
}

#[test]
fn config_takes_files_and_profiles_from_variables() {
    let folder = project(&[
        (
            "a.yml",
            "services: {a: {image: a}, p: {image: p, profiles: [x]}}\n",
        ),
        ("b.yml", "name: b\nservices: {a: {image: b}}\n"),
        (
            ".env",
            "COMPOSE_FILE=a.yml,b.yml\nCOMPOSE_PATH_SEPARATOR=,\n",
        ),
    ]);
    let model = json(&upbeat(folder.path(), &["config", "--format", "json"], &[]));
    assert_eq!(
        (
            model["name"].as_str(),
            model["services"]["a"]["image"].as_str()
        ),
        (Some("b"), Some("b"))
    );
    assert!(model["services"]["p"].is_null());
    let on = [
        ("COMPOSE_PROFILES", "y,x"),
        ("COMPOSE_PROJECT_NAME", "around"),
    ];
    let model = json(&upbeat(folder.path(), &["config", "--format", "json"], &on));
    assert_eq!(model["services"]["p"]["image"], "p");
    assert_eq!(model["name"], "around");
}

/// As docker compose v2.40.3 does: the folder's own `.env`, and below it the one beside the files that it names.
#[test]
fn config_reads_the_env_file_beside_the_files_as_well() {
    let folder = project(&[
        (
            ".env",
            "COMPOSE_FILE=sub/compose.yml\nA=here\nCOMPOSE_PROFILES=p\n",
        ),
        (
            "sub/.env",
            "A=sub\nB=sub\nCOMPOSE_PROFILES=q\nCOMPOSE_PROJECT_NAME=sub-name\n",
        ),
        (
            "sub/compose.yml",
            "services: {a: {image: \"${A}-${B}\"}, p: {image: p, profiles: [p]}, q: {image: q, profiles: [q]}}\n",
        ),
    ]);
    let config = ["config", "--format", "json"];
    let model = json(&upbeat(folder.path(), &config, &[]));
    assert_eq!(model["services"]["a"]["image"], "here-sub");
    assert_eq!(model["services"]["p"]["image"], "p");
    assert!(model["services"]["q"].is_null());
    assert_eq!(model["name"], "sub-name");
    let named = [&config[..], &["-f", "sub/compose.yml"]].concat();
    let model = json(&upbeat(folder.path(), &named, &[]));
    assert_eq!(model["services"]["a"]["image"], "sub-sub");
    assert!(model["services"]["p"].is_null());
}

#[test]
fn config_prints_yaml_and_refuses_what_docker_refuses() {
    let folder = project(&[
        (
            "compose.yml",
            "name: x\nservices: {a: {image: a, command: sleep 1, environment: {N: \"1\"}}}\n",
        ),
        (
            "bad.yml",
            "services: {a: {image: \"${NEEDED:?give it}\"}, b: {image: b, depends_on: [none]}}\n",
        ),
    ]);
    let output = upbeat(folder.path(), &["config"], &[]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let expected = "name: x\nservices:\n  a:\n    command:\n      - sleep\n      - \"1\"\n    environment:\n      \"N\": \"1\"\n    image: a\n    networks:\n      default: null\nnetworks:\n  default:\n    name: x_default\n";
    assert_eq!(text, expected);
    let output = upbeat(folder.path(), &["config", "-f", "bad.yml"], &[]);
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    assert!(
        errors.contains(
            "bad.yml:1:24: services.a.image: the variable `NEEDED` is required and not set: give it"
        ),
        "{errors}"
    );
    assert!(errors.contains("there is no service `none`"), "{errors}");
}

#[test]
fn stacks_tells_the_files_and_why() {
    let story = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/story/before");
    let output = upbeat(&story, &["stacks", ".", "--format", "json"], &[]);
    let stacks = json(&output);
    assert_eq!(stacks["version"], 1);
    let staging = &stacks["stacks"][0];
    assert_eq!(staging["name"], "staging");
    assert_eq!(staging["files"][1], "compose.staging.yml");
    assert_eq!(staging["project"], "orchard");
    let why = staging["why"].as_str().expect("a text");
    assert!(
        why.starts_with(".github/workflows/deploy.yml:24: docker compose -f"),
        "{why}"
    );
    let output = upbeat(&story, &["stacks", "."], &[]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        text.starts_with(
            "staging\n  project    orchard\n  files      docker-compose.yml + compose.staging.yml\n"
        ),
        "{text}"
    );
    let folder = project(&[
        ("compose.yml", "name: shop\nservices: {a: {image: a}}\n"),
        ("Makefile", "up:\n\tdocker compose \\\n\t  --profile x up\n"),
    ]);
    let output = upbeat(folder.path(), &["stacks", "."], &[]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let expected = "default\n  project    shop\n  files      compose.yml\n  profiles   x\n  why        Makefile:2: docker compose \\ --profile x up\n  services   a\n";
    assert_eq!(text, expected);
}
