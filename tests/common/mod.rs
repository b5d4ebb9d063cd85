//! What several tests share.

pub mod oracle;
#[allow(dead_code)]
pub mod program;
#[allow(dead_code)]
pub mod refused;

use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The folder of real files, if it is here: `UPBEAT_CORPUS`, or `../shared/corpus` beside the repository.
#[allow(dead_code)]
pub fn corpus() -> Option<PathBuf> {
    let folder = std::env::var_os("UPBEAT_CORPUS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus"),
        PathBuf::from,
    );
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: no corpus of real files at {}", folder.display());
    None
}

/// The folder of real repairs, each a folder `before` and one `after`, beside the real files.
#[allow(dead_code)]
pub fn repairs() -> Option<PathBuf> {
    let folder = corpus()?.join("../fix-commits");
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: no real repairs at {}", folder.display());
    None
}

/// The folders in a folder, sorted.
#[allow(dead_code)]
pub fn folders(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder").flatten();
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    folders.retain(|path| path.is_dir());
    folders.sort();
    folders
}

/// The lines of a file of facts, each a JSON object, by their `repo`.
#[allow(dead_code)]
pub fn facts(name: &str) -> BTreeMap<String, Vec<Value>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/facts");
    let text = std::fs::read_to_string(folder.join(name)).expect("the facts");
    let mut facts: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for line in text.lines() {
        let fact: Value = serde_json::from_str(line).expect("JSON");
        let repo = fact["repo"].as_str().expect("a repository").to_owned();
        facts.entry(repo).or_default().push(fact);
    }
    facts
}

/// All YAML files below a folder, sorted.
#[allow(dead_code)]
pub fn yaml_files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = walkdir::WalkDir::new(folder)
        .into_iter()
        .filter_map(Result::ok)
        .map(walkdir::DirEntry::into_path)
        .filter(|path| path.extension().is_some_and(|e| e == "yml" || e == "yaml"))
        .collect();
    files.sort();
    files
}

/// The files of a folder, by their path in it.
#[allow(dead_code)]
pub fn files_of(folder: &Path) -> Vec<(String, String)> {
    let files = walkdir::WalkDir::new(folder)
        .sort_by_file_name()
        .into_iter();
    let files = files
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file());
    files
        .map(|entry| {
            let path = entry.path().strip_prefix(folder).expect("below the folder");
            let text = std::fs::read_to_string(entry.path()).expect("a text");
            (path.to_string_lossy().replace('\\', "/"), text)
        })
        .collect()
}

/// The same, whatever they hold.
#[allow(dead_code)]
pub fn files_of_bytes(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let entries = walkdir::WalkDir::new(folder)
        .sort_by_file_name()
        .into_iter();
    let files = entries
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file());
    files
        .map(|entry| {
            let bytes = std::fs::read(entry.path()).expect("a file");
            (entry.into_path(), bytes)
        })
        .collect()
}

/// One state of the story's project: `before`, `halfway`, `after`.
#[allow(dead_code)]
pub fn story(state: &str) -> Vec<(String, String)> {
    files_of(
        &Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("fixtures/story")
            .join(state),
    )
}
