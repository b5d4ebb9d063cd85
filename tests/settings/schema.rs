//! The JSON Schema of the file says the same as the reader.

use super::keys::{EVERY_KEY, read};
use super::wrong::WRONG;
use jsonschema::Validator;
use saphyr::{LoadableYamlNode, Scalar, Yaml};
use serde_json::{Value as Json, json};
use std::fs;
use std::path::Path;
use upbeat::rules::RULES;
use upbeat::settings::{SCHEMA_NAME, schema};

fn kept() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(SCHEMA_NAME)
}

#[test]
fn the_kept_schema_is_the_one_that_is_made() {
    let (path, made) = (kept(), schema());
    if std::env::var_os("UPDATE").is_some() {
        fs::write(path, made).expect("written");
        return;
    }
    let kept = fs::read_to_string(path).expect("the schema");
    for (number, (is, should)) in kept.lines().zip(made.lines()).enumerate() {
        let help = "UPDATE=1 cargo test --test settings writes it anew";
        assert_eq!(is, should, "{SCHEMA_NAME}:{}: {help}", number + 1);
    }
    assert_eq!(kept.len(), made.len());
}

fn validator() -> Validator {
    let schema: Json = serde_json::from_str(&schema()).expect("JSON");
    jsonschema::meta::validate(&schema).expect("a schema");
    jsonschema::draft7::new(&schema).expect("a schema")
}

/// The text as editors see it, by YAML's core schema; `None` where it is no YAML, or not one document.
fn document(text: &str) -> Option<Json> {
    let documents = Yaml::load_from_str(text).ok()?;
    match documents.as_slice() {
        [] => Some(Json::Null),
        [one] => json(one),
        _ => None,
    }
}

fn json(yaml: &Yaml) -> Option<Json> {
    Some(match yaml {
        Yaml::Value(Scalar::Null) => Json::Null,
        Yaml::Value(Scalar::Boolean(value)) => json!(value),
        Yaml::Value(Scalar::Integer(value)) => json!(value),
        Yaml::Value(Scalar::FloatingPoint(value)) => json!(value.into_inner()),
        Yaml::Value(Scalar::String(value)) => json!(value),
        Yaml::Sequence(items) => Json::Array(items.iter().map(json).collect::<Option<_>>()?),
        Yaml::Mapping(entries) => {
            let entry = |(key, value)| {
                let key = match json(key)? {
                    Json::String(key) => key,
                    Json::Array(_) | Json::Object(_) => return None,
                    other => other.to_string(),
                };
                Some((key, json(value)?))
            };
            Json::Object(entries.iter().map(entry).collect::<Option<_>>()?)
        }
        _ => return None,
    })
}

/// What no schema can know: which files there are, and what a glob is.
fn is_beyond(message: &str) -> bool {
    [
        "there is no file",
        "lies outside the project",
        "is no glob",
        "a second time",
        "no YAML",
        "several documents",
        "a key is a single word",
    ]
    .iter()
    .any(|known| message.contains(known))
}

#[test]
fn what_the_reader_refuses_for_its_shape_is_refused() {
    let validator = validator();
    let (mut refused, mut beyond) = (0, 0);
    for (text, _, _, message, _) in WRONG {
        let Some(document) = document(text) else {
            assert!(is_beyond(message), "{text}");
            continue;
        };
        let is_valid = validator.is_valid(&document);
        assert_eq!(is_valid, is_beyond(message), "{text}\n{message}");
        refused += usize::from(!is_valid);
        beyond += usize::from(is_valid);
    }
    assert!(refused > 35 && beyond > 5, "{refused} {beyond}");
}

#[test]
fn what_the_reader_takes_passes() {
    let validator = validator();
    let mut texts = vec![
        EVERY_KEY.to_owned(),
        String::new(),
        "# nothing yet\n".to_owned(),
        "{}\n".to_owned(),
        "engine: v28.1\nmargin: \"1.5\"\nbudget: after-up\n".to_owned(),
        "startup: {a: 0, b: 1.5h, c: .5m, d: 1h30m, e: +5s, f: 1w2d}\n".to_owned(),
        "stacks: {1: {files: [compose.yml], profiles: [1, true, a]}}\n".to_owned(),
    ];
    texts.extend(super::keys::shown());
    for level in ["off", "info", "warning", "error"] {
        for rule in RULES {
            texts.push(format!(
                "rules: {{{0}: {level}}}\noverrides: [{{services: [a], rules: {{{0}: {level}}}}}]\n",
                rule.name
            ));
        }
    }
    for text in texts {
        let (_, settings) = read(&text);
        // The files that the pages show are not all here.
        let is_wrong = settings.is_err_and(|problems| {
            let messages = problems.into_iter().map(|problem| problem.message);
            messages.into_iter().any(|message| !is_beyond(&message))
        });
        assert!(!is_wrong, "{text}");
        let document = document(&text).expect(&text);
        let errors: Vec<String> = validator
            .iter_errors(&document)
            .map(|error| error.to_string())
            .collect();
        assert!(errors.is_empty(), "{text}\n{errors:?}");
    }
}

#[test]
fn the_settings_of_other_tests_pass_as_well() {
    let validator = validator();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/settings");
    let mut count = 0;
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        // Settings that are wrong stand in a file of their own.
        if ["wrong.rs", "schema.rs"]
            .iter()
            .any(|name| entry.path().ends_with(name))
        {
            continue;
        }
        let source = fs::read_to_string(entry.path()).expect("a source");
        for literal in source.split('"').skip(1) {
            let text = literal
                .replace("\\n", "\n")
                .replace("{{", "{")
                .replace("}}", "}");
            let keys = ["startup:", "rules:", "overrides:", "stacks:", "exclude:"];
            if text.contains('\\') || !keys.iter().any(|key| text.starts_with(key)) {
                continue;
            }
            let (_, read) = read(&text);
            let Some(document) = read.is_ok().then(|| document(&text)).flatten() else {
                continue;
            };
            count += 1;
            assert!(validator.is_valid(&document), "{text}");
        }
    }
    assert!(count > 12, "{count}");
}

#[test]
fn editors_have_a_word_for_every_key() {
    fn visit(schema: &Json, path: &str, count: &mut usize) {
        if let Some(properties) = schema["properties"].as_object() {
            for (key, value) in properties {
                let about = value["description"].as_str().unwrap_or_default();
                assert!(!about.is_empty(), "{path}/{key}");
                *count += 1;
            }
        }
        match schema {
            Json::Object(fields) => fields
                .iter()
                .for_each(|(key, value)| visit(value, &format!("{path}/{key}"), count)),
            Json::Array(items) => items.iter().for_each(|item| visit(item, path, count)),
            _ => {}
        }
    }
    let schema: Json = serde_json::from_str(&schema()).expect("JSON");
    let mut count = 0;
    visit(&schema, "", &mut count);
    assert!(count > 2 * RULES.len() + 15, "{count}");
}
