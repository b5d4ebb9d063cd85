//! The effective model of small projects, one a feature, as the real `docker-compose config` printed it:
//! `tests/oracle/expected.sh` writes `expected.json`. And the places of its values.

mod common;

use common::oracle::{HOME, differences};
use serde_json::Value as Json;
use std::path::Path;
use upbeat::compose::{Environment, Form, Loader, Places, Variable, Wanted, read_env_file};
use upbeat::project::default_files;
use upbeat::source::{Span, Store, paths};
use upbeat::yaml::{self, Problem, Trees};

/// The files and profiles that `arguments` names, else those that Docker finds.
fn arguments(store: &Store, text: &str) -> (Vec<String>, Vec<String>) {
    let mut words = text.split_whitespace();
    let (mut files, mut profiles) = (Vec::new(), Vec::new());
    while let Some(flag) = words.next() {
        let value = words.next().expect("a value").to_owned();
        match flag {
            "-f" => files.push(value),
            "--profile" => profiles.push(value),
            _ => panic!("{flag}"),
        }
    }
    if files.is_empty() {
        files = default_files(store, "").unwrap_or_default();
    }
    (files, profiles)
}

fn read_env(store: &mut Store, folder: &str, environment: &mut Environment) {
    let path = paths::join(folder, ".env").expect("inside");
    if let Ok(env) = store.open(&path) {
        let source = store.sources().share(env);
        read_env_file(env, &source, &Environment::default(), environment);
    }
}

fn print(files: Vec<(String, String)>, form: Form) -> Result<Json, String> {
    let given = files.iter().find(|(path, _)| path == "arguments");
    let given = given.map(|(_, text)| text.clone()).unwrap_or_default();
    let mut store = Store::memory(files);
    let (mut files, mut profiles) = arguments(&store, &given);
    let mut environment = Environment::default();
    // What only the command line looks at: `tests/config.rs` goes the whole way.
    let mut folders = vec![""];
    if files.is_empty() {
        read_env(&mut store, "", &mut environment);
        let set = |name: &str| environment.get(name).map(|set| set.text.clone());
        let separator = set("COMPOSE_PATH_SEPARATOR").unwrap_or_else(|| ":".to_owned());
        let listed = set("COMPOSE_FILE").ok_or("no compose file")?;
        files = listed.split(&separator).map(str::to_owned).collect();
        profiles = vec![];
        folders.push(paths::parent(&files[0]));
    }
    let folder = paths::parent(&files[0]).to_owned();
    for folder in folders {
        let mut more = Environment::default();
        read_env(&mut store, folder, &mut more);
        environment.extend_missing(&more);
    }
    let first = store.open(&files[0]).map_err(|error| error.to_string())?;
    let span = Span::new(first, 0..0);
    let here = Variable {
        text: "/project".into(),
        span,
        verbatim: false,
    };
    environment.set("PWD", here);
    let environment = environment.complete();
    let mut trees = Trees::default();
    let mut loader = Loader::new(&mut store, &mut trees, &environment);
    loader.places = Some(Places::new("/project", HOME));
    let wanted = Wanted {
        profiles,
        form,
        ..Wanted::default()
    };
    let json = loader
        .config(&files, &folder, &wanted)
        .map_err(|(path, error)| format!("{path}: {error}"))?;
    let refused: Vec<Problem> = loader
        .refused(&files, &folder)
        .into_iter()
        .map(Problem::from)
        .collect();
    let problems = loader
        .broken
        .values()
        .chain(&loader.problems)
        .chain(&refused);
    let problems: Vec<&str> = problems.map(|problem| problem.message.as_str()).collect();
    match json {
        Some(json) if problems.is_empty() => Ok(json),
        _ => Err(problems.join("; ")),
    }
}

fn fixtures() -> Vec<(String, Vec<(String, String)>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/compose");
    let entries = std::fs::read_dir(folder).expect("a folder").flatten();
    let mut found: Vec<_> = entries
        .map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            (name, common::files_of(&entry.path()))
        })
        .collect();
    found.sort();
    found
}

#[test]
fn small_projects_come_out_as_docker_prints_them() {
    let mut wrong = Vec::new();
    let fixtures = fixtures();
    assert!(fixtures.len() > 10);
    for (name, files) in fixtures {
        if files.iter().any(|(path, _)| path == "refused") {
            let printed = print(files, Form::Json);
            wrong.extend(printed.ok().map(|_| format!("{name}: it is not refused")));
            continue;
        }
        let expected = files.iter().find(|(path, _)| path == "expected.json");
        let (_, expected) = expected.unwrap_or_else(|| panic!("{name} has no expected.json"));
        let expected: Json = serde_json::from_str(expected).expect("JSON");
        match print(files, Form::Json) {
            Err(why) => wrong.push(format!("{name}: {why}")),
            Ok(ours) => {
                let mut found = Vec::new();
                differences(&ours, &expected, "", &mut found);
                wrong.extend(found.into_iter().map(|row| format!("{name}: {row}")));
                // The order of the keys is Docker's too.
                let (ours, expected) = (ours.to_string(), expected.to_string());
                if wrong.is_empty() && ours != expected {
                    wrong.push(format!("{name}: the order differs:\n{ours}\n{expected}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_printed_as_yaml_means_the_same_when_it_is_read_again() {
    for (name, files) in fixtures() {
        if files.iter().any(|(path, _)| path == "refused") {
            continue;
        }
        let before = print(files.clone(), Form::Json).expect("it is fine");
        let yaml = yaml::document(&print(files, Form::Yaml).expect("it is fine"));
        // Docker takes the number and no text, and prints a text.
        let yaml = yaml.replace("memswap_limit: \"-1\"", "memswap_limit: -1");
        let again = vec![
            ("compose.yml".to_owned(), yaml.clone()),
            ("arguments".to_owned(), "--profile *".to_owned()),
        ];
        let after = print(again, Form::Json).unwrap_or_else(|why| panic!("{name}: {why}\n{yaml}"));
        let mut found = Vec::new();
        differences(&after, &before, "", &mut found);
        // Docker's YAML leaves these out as well.
        found.retain(|row| !row.ends_with(".volume only docker {}"));
        // A port that is written as a number is not the one that is written as a text; here all are texts.
        found.retain(|row| name != "overrides" || !row.starts_with(".services.a.ports ours"));
        assert!(found.is_empty(), "{name}:\n{}\n{yaml}", found.join("\n"));
    }
}

/// The same numbers each time.
fn next(seed: &mut u64, below: usize) -> usize {
    *seed = seed
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    usize::try_from(*seed >> 33).expect("31 bits") % below.max(1)
}

#[test]
fn damaged_projects_are_read_or_refused_but_never_end_it() {
    let scraps = [
        "[",
        "{",
        ":",
        "- ",
        "!reset ",
        "!override ",
        "~",
        "null",
        "\"",
        "${",
        "$",
        "1",
        "-1",
        "é",
        "\n",
        " ",
        "*env",
        "x-",
        "<<: ",
    ];
    let mut seed = 7;
    for (_, files) in fixtures() {
        for _ in 0..150 {
            let mut files = files.clone();
            let at = next(&mut seed, files.len());
            let text = &mut files[at].1;
            for _ in 0..=next(&mut seed, 3) {
                let mut from = next(&mut seed, text.len());
                let mut to = (from + next(&mut seed, 12)).min(text.len());
                while !text.is_char_boundary(from) {
                    from -= 1;
                }
                while !text.is_char_boundary(to) {
                    to += 1;
                }
                text.replace_range(from..to, scraps[next(&mut seed, scraps.len())]);
            }
            if files[at].0 == "arguments" {
                continue;
            }
            let form = if next(&mut seed, 2) == 0 {
                Form::Json
            } else {
                Form::Yaml
            };
            if let Ok(json) = print(files, form) {
                yaml::document(&json);
            }
        }
    }
}
