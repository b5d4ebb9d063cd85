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

/// What is reported of a file that is given by `-f`: each code once, or `ok`.
#[allow(dead_code)]
pub fn codes(text: &str) -> String {
    let store = Store::memory([("compose.yml", text)]);
    let inputs = Inputs {
        files: vec!["compose.yml".to_owned()],
        ..Inputs::default()
    };
    let checked = upbeat::check(store, &inputs, &upbeat::rules::Options::default());
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
