//! The small files with one thing wrong in each.

use std::path::{Path, PathBuf};
use upbeat::project::Inputs;
use upbeat::source::Store;

/// One file.
pub struct Case {
    /// What it is about.
    pub name: String,
    /// What is reported, or `ok`.
    pub codes: String,
    /// The file.
    pub text: String,
}

/// Where they stand.
pub fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/refused/cases.txt")
}

/// All of them.
pub fn cases() -> Vec<Case> {
    let text = std::fs::read_to_string(path()).expect("the cases");
    let cases = text.split("==== ").filter(|case| !case.is_empty());
    cases
        .map(|case| {
            let (head, text) = case.split_once('\n').expect("a file below the line");
            let (name, codes) = head.split_once(" => ").expect("codes behind the name");
            Case {
                name: name.to_owned(),
                codes: codes.to_owned(),
                text: text.to_owned(),
            }
        })
        .collect()
}

/// A case with a second file laid over it.
#[allow(dead_code)]
pub struct Overlaid {
    /// The case's name and the overlay.
    pub name: String,
    /// Both files.
    pub texts: [String; 2],
}

/// Where it is written which of them Docker takes.
#[allow(dead_code)]
pub fn taken_path() -> PathBuf {
    path().with_file_name("overlaid.txt")
}

/// Every case with its service `a` replaced by another file, and with the key reset that is spoken of.
#[allow(dead_code)]
pub fn overlaid() -> Vec<Overlaid> {
    let mut found = Vec::new();
    for case in cases() {
        let mut overlays = vec!["services: {a: !override {image: x}}".to_owned()];
        let checked = checked(&[&case.text]);
        let mut paths = checked.findings.iter().filter_map(|finding| {
            let path = finding.data["path"].as_str()?;
            let key = path.strip_prefix("services.a.")?;
            key.split(['.', '[']).next()
        });
        if let Some(key) = paths.next() {
            overlays.push(format!("services: {{a: {{\"{key}\": !reset null}}}}"));
        }
        found.extend(overlays.into_iter().map(|overlay| Overlaid {
            name: format!("{} + {overlay}", case.name),
            texts: [case.text.clone(), overlay + "\n"],
        }));
    }
    found
}

/// What is found in files that are given by `-f`, in this order.
#[allow(dead_code)]
pub fn checked(texts: &[&str]) -> upbeat::Checked {
    let names = ["compose.yml", "over.yml"].iter().take(texts.len());
    let names: Vec<String> = names.map(|name| (*name).to_owned()).collect();
    let files = names.iter().map(String::as_str).zip(texts.iter().copied());
    let inputs = Inputs {
        files: names.clone(),
        ..Inputs::default()
    };
    let store = Store::memory(files);
    upbeat::check(store, &inputs, &upbeat::rules::Options::default())
}

/// What is reported of files that are given by `-f`: each code once, or `ok`.
#[allow(dead_code)]
pub fn codes(texts: &[&str]) -> String {
    let checked = checked(texts);
    let mut codes: Vec<String> = Vec::new();
    for finding in &checked.findings {
        let code = match finding.data["code"].as_str() {
            Some(code) => code.to_owned(),
            None if finding.rule == "health-field-invalid" => finding.rule.to_owned(),
            None => continue,
        };
        if !codes.contains(&code) {
            codes.push(code);
        }
    }
    codes.extend(
        checked
            .project
            .obstacles
            .iter()
            .map(|_| "unseen".to_owned()),
    );
    if codes.is_empty() {
        codes.push("ok".to_owned());
    }
    codes.join(" ")
}
