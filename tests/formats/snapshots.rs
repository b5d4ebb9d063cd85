//! What each form says of the story. `UPDATE=1 cargo test --test formats` writes it anew.

use super::STORY;
use super::common::program::Project;
use serde_json::Value;
use std::fs;
use std::path::Path;
use upbeat::report::Format;

/// The report without what changes with every version: the program's number, and the pages.
fn lasting(format: Format, report: &str) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let report = report.replace(&format!("/blob/v{version}/"), "/blob/VERSION/");
    if format != Format::Sarif {
        return report;
    }
    let mut document: Value = serde_json::from_str(&report).unwrap();
    let driver = &mut document["runs"][0]["tool"]["driver"];
    assert_eq!(driver["semanticVersion"], version);
    driver["semanticVersion"] = "VERSION".into();
    for rule in driver["rules"].as_array_mut().unwrap() {
        for text in ["/fullDescription/text", "/help/text", "/help/markdown"] {
            let text = rule.pointer_mut(text).unwrap();
            assert!(text.as_str().is_some_and(|text| text.len() > 40));
            *text = "PAGE".into();
        }
    }
    serde_json::to_string_pretty(&document).unwrap() + "\n"
}

#[test]
fn the_story_in_every_format() {
    let project = Project::story("before");
    for format in Format::ALL {
        let name = format.name();
        let run = project.run(&format!(". {STORY} --format {name}"));
        assert_eq!((run.code, run.err.as_str()), (1, ""), "{name}");
        let is = lasting(format, &run.out);
        let path = format!("fixtures/formats/story.{name}");
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&path, is).unwrap();
            continue;
        }
        let should = fs::read_to_string(&path).unwrap_or_default();
        for (number, (is, should)) in is.lines().zip(should.lines()).enumerate() {
            assert_eq!(is, should, "{}:{}", path.display(), number + 1);
        }
        assert_eq!(is.len(), should.len(), "{}", path.display());
    }
}
