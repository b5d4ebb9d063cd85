//! The shape of the source: who may import whom, and where each outside crate lives.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// From the ground up; modules of one floor do not import each other.
const FLOORS: [&[&str]; 11] = [
    &["source", "duration", "escape", "spelling"],
    &["finding"],
    &["yaml"],
    &["shell"],
    &["compose", "dockerfile", "ci", "tasks", "startup", "clock"],
    &["project", "ignores", "baseline", "scope"],
    &["rules"],
    &["fix", "report", "settings", "explain", "timeline", "watch"],
    &["lib"],
    &["cli"],
    &["main"],
];

/// Where each outside crate lives: a file, or a folder with `/`.
const CRATES: [(&str, &[&str]); 14] = [
    ("saphyr_parser", &["yaml/parse.rs"]),
    ("saphyr", &["yaml/emit.rs"]),
    ("codespan_reporting", &["report/full.rs"]),
    ("similar", &["fix/diff.rs"]),
    ("walkdir", &["source/walk.rs"]),
    ("ignore", &["source/walk.rs", "source/exclude.rs"]),
    ("clap", &["cli/"]),
    ("clap_complete", &["cli/"]),
    ("clap_mangen", &["cli/"]),
    ("miette", &["cli/"]),
    ("notify", &["watch/folders.rs"]),
    ("parse_dockerfile", &["dockerfile/read.rs"]),
    ("terminal_size", &["cli/"]),
    ("unicode_width", &["timeline/"]),
];

fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let entries = walkdir::WalkDir::new(&root).sort_by_file_name().into_iter();
    let files = entries
        .filter_map(Result::ok)
        .filter(|entry| entry.path().extension().is_some_and(|e| e == "rs"));
    files
        .map(|entry| {
            let path = entry.path().strip_prefix(&root).expect("below src");
            let text = fs::read_to_string(entry.path()).expect("a source file");
            (path.to_string_lossy().replace('\\', "/"), text)
        })
        .collect()
}

/// The top module that a file belongs to.
fn module(path: &str) -> &str {
    let top = path.split('/').next().unwrap_or(path);
    top.strip_suffix(".rs").unwrap_or(top)
}

fn floor(module: &str) -> usize {
    let found = FLOORS.iter().position(|floor| floor.contains(&module));
    found.unwrap_or_else(|| panic!("`{module}` stands on no floor: add it to FLOORS"))
}

/// The code without its comments and without what only tests use.
fn code(text: &str) -> String {
    let before_tests = text
        .split("\n#[cfg(test)]\nmod tests {")
        .next()
        .unwrap_or(text);
    let lines = before_tests
        .lines()
        .map(|line| line.split("//").next().unwrap_or(line));
    lines.collect::<Vec<_>>().join("\n")
}

/// The names that follow `prefix` in the code.
fn names_behind<'a>(code: &'a str, prefix: &str) -> BTreeSet<&'a str> {
    let parts = code
        .match_indices(prefix)
        .map(|(at, _)| &code[at + prefix.len()..]);
    let name = |rest: &'a str| {
        let end = rest
            .find(|c: char| !c.is_alphanumeric() && c != '_')
            .unwrap_or(rest.len());
        &rest[..end]
    };
    parts.map(name).collect()
}

#[test]
fn each_module_imports_only_from_the_floors_below_it() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let own = module(&path).to_owned();
        let code = code(&text);
        let grouped = code.match_indices("crate::{").flat_map(|(at, _)| {
            let group = &code[at + "crate::{".len()..];
            let group = &group[..group.find("};").unwrap_or(group.len())];
            group
                .split(',')
                .map(|item| item.trim().split("::").next().unwrap_or_default())
        });
        let mut used = names_behind(&code, "crate::");
        used.extend(grouped);
        for other in used {
            let is_module = FLOORS.iter().any(|floor| floor.contains(&other));
            if is_module && other != own && floor(other) >= floor(&own) {
                wrong.push(format!("{path} imports `{other}`"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_outside_crate_lives_in_one_place() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let code = code(&text);
        for (name, places) in CRATES {
            let uses = [
                format!("use {name}::"),
                format!(" {name}::"),
                format!("({name}::"),
                format!("[{name}::"),
            ];
            let allowed = places
                .iter()
                .any(|place| path == *place || (place.ends_with('/') && path.starts_with(place)));
            if !allowed && uses.iter().any(|word| code.contains(word.as_str())) {
                wrong.push(format!(
                    "{path} uses {name}, which lives in {}",
                    places.join(", ")
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_file_stands_on_a_floor_and_every_floor_has_files() {
    let modules: BTreeSet<String> = sources()
        .iter()
        .map(|(path, _)| module(path).to_owned())
        .collect();
    for name in &modules {
        floor(name);
    }
    for name in FLOORS.iter().copied().flatten() {
        assert!(modules.contains(*name), "`{name}` has no files");
    }
}
