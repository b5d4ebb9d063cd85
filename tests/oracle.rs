//! The effective model against the real `docker-compose config`, over every compose file of real projects.
//!
//! `tests/oracle/fetch.sh` brings the program; without it, and without the files, this says so and passes.

mod common;

use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use upbeat::compose::{
    Condition, Environment, HealthField, Loader, Service, ServiceHealth, read_env_file,
};
use upbeat::duration::{self, Seconds};
use upbeat::source::{FileKind, Store};
use upbeat::yaml::Trees;

fn program() -> Option<PathBuf> {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/oracle/docker-compose");
    if program.is_file() {
        return Some(program);
    }
    println!("skipped: no docker-compose; tests/oracle/fetch.sh brings it");
    None
}

/// What Docker makes of one file; `None` where it refuses it.
fn docker(program: &Path, folder: &Path, file: &str) -> Result<Json, String> {
    let output = Command::new(program)
        .current_dir(folder)
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .args(["-f", file, "--profile", "*", "config", "--format", "json"])
        .output()
        .expect("docker-compose runs");
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    Ok(serde_json::from_slice(&output.stdout).expect("JSON"))
}

/// Whether this is the YAML parser speaking. Docker says `yaml:` of some finer errors too, such as repeated keys.
fn is_no_yaml(message: &str) -> bool {
    let parser = [
        "did not find expected",
        "could not find expected",
        "found character that cannot start",
        "mapping values are not allowed",
    ];
    parser.iter().any(|text| message.contains(text))
}

/// One service's timing, as comparable text; a field that hangs on unset variables is `?`.
fn ours(service: &Service) -> BTreeMap<String, String> {
    let mut facts = BTreeMap::new();
    match &service.health {
        ServiceHealth::Unset => {}
        ServiceHealth::Disabled(_) => {
            facts.insert("health".into(), "disabled".into());
        }
        ServiceHealth::Check(check) => {
            let seconds = |field: &HealthField<Seconds>| match field {
                HealthField::Absent => None,
                HealthField::Known(value, _) => Some(value.to_string()),
                HealthField::Unknown(..) => Some("?".into()),
                HealthField::Invalid(..) => Some("invalid".into()),
            };
            for (name, field) in [
                ("interval", &check.interval),
                ("timeout", &check.timeout),
                ("start_period", &check.start_period),
                ("start_interval", &check.start_interval),
            ] {
                facts.extend(seconds(field).map(|value| (name.to_owned(), value)));
            }
            let retries = match &check.retries {
                HealthField::Known(value, _) => Some(value.to_string()),
                HealthField::Absent => None,
                _ => Some("?".into()),
            };
            facts.extend(retries.map(|value| ("retries".to_owned(), value)));
            facts.extend(
                check
                    .has_test
                    .then(|| ("test".to_owned(), "yes".to_owned())),
            );
        }
    }
    for dependency in &service.depends_on {
        let condition = match dependency.condition {
            Condition::Started => "service_started",
            Condition::Healthy => "service_healthy",
            Condition::Completed => "service_completed_successfully",
        };
        facts.insert(
            format!("-> {}", dependency.service),
            format!("{condition} {}", dependency.required),
        );
    }
    facts
}

fn theirs(service: &Json) -> BTreeMap<String, String> {
    let mut facts = BTreeMap::new();
    let health = &service["healthcheck"];
    if health["disable"] == true || health["test"][0] == "NONE" {
        facts.insert("health".into(), "disabled".into());
    } else {
        for name in ["interval", "timeout", "start_period", "start_interval"] {
            if let Some(text) = health[name].as_str() {
                facts.insert(
                    name.into(),
                    duration::parse(text).expect("a duration").to_string(),
                );
            }
        }
        if let Some(retries) = health["retries"].as_u64() {
            facts.insert("retries".into(), retries.to_string());
        }
        if health["test"]
            .as_array()
            .is_some_and(|test| !test.is_empty())
        {
            facts.insert("test".into(), "yes".into());
        }
    }
    for (name, dependency) in service["depends_on"].as_object().into_iter().flatten() {
        let condition = dependency["condition"].as_str().unwrap_or_default();
        facts.insert(
            format!("-> {name}"),
            format!("{condition} {}", dependency["required"]),
        );
    }
    facts
}

/// Both, but for what is unknown here.
fn difference(
    ours: &BTreeMap<String, String>,
    theirs: &BTreeMap<String, String>,
) -> Option<String> {
    let keys: std::collections::BTreeSet<&String> = ours.keys().chain(theirs.keys()).collect();
    let differing = keys.into_iter().filter(|key| {
        ours.get(*key) != theirs.get(*key) && ours.get(*key).is_none_or(|v| v != "?")
    });
    let rows: Vec<String> = differing
        .map(|key| {
            format!(
                "{key}: ours {:?}, docker's {:?}",
                ours.get(key),
                theirs.get(key)
            )
        })
        .collect();
    (!rows.is_empty()).then(|| rows.join("; "))
}

#[test]
fn the_timing_of_real_files_is_what_docker_sees() {
    let (Some(program), Some(corpus)) = (program(), common::corpus()) else {
        return;
    };
    let (mut agree, mut services, mut refused, mut unread, mut wrong) = (0, 0, 0, 0, Vec::new());
    for project in std::fs::read_dir(corpus)
        .expect("a folder")
        .flatten()
        .filter(|entry| entry.path().is_dir())
    {
        let mut store = Store::disk(project.path());
        let files: Vec<String> = store
            .of_kind(FileKind::Compose)
            .map(str::to_owned)
            .collect();
        for file in files {
            let path = project.path().join(&file);
            let (folder, name) = (
                path.parent().expect("a folder"),
                path.file_name().expect("a name"),
            );
            let theirs_all = docker(&program, folder, &name.to_string_lossy());
            let folder = upbeat::source::paths::parent(&file).to_owned();
            let mut environment = Environment::default();
            let env_path = upbeat::source::paths::join(&folder, ".env").expect("inside");
            if let Ok(env) = store.open(&env_path) {
                let source = store.sources().share(env);
                read_env_file(env, &source, &Environment::default(), &mut environment);
            }
            let mut trees = Trees::default();
            let mut loader = Loader::new(&mut store, &mut trees, &environment);
            let model = loader
                .load(std::slice::from_ref(&file), &folder)
                .expect("the file is there");
            let broken = !loader.broken.is_empty();
            let shown = format!("{}/{file}", project.file_name().to_string_lossy());
            let theirs_all = match theirs_all {
                Ok(json) => json,
                Err(message) => {
                    refused += 1;
                    if broken != is_no_yaml(&message) {
                        wrong.push(format!(
                            "{shown}: broken for us {broken}, docker says {message}"
                        ));
                    }
                    continue;
                }
            };
            if broken {
                wrong.push(format!("{shown}: no YAML for us"));
                continue;
            }
            if !loader.problems.is_empty() {
                unread += 1;
            }
            for service in &model.services {
                let other = &theirs_all["services"][&service.name];
                services += 1;
                if let Some(rows) = difference(&ours(service), &theirs(other)) {
                    wrong.push(format!("{shown}: {}: {rows}", service.name));
                }
            }
            let count = theirs_all["services"]
                .as_object()
                .map_or(0, serde_json::Map::len);
            if count != model.services.len() {
                wrong.push(format!(
                    "{shown}: {} services, docker has {count}",
                    model.services.len()
                ));
            }
            agree += 1;
        }
    }
    println!(
        "{agree} files with {services} services compared, {unread} with notes; docker refuses {refused}"
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
