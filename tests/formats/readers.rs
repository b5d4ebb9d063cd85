//! The reports are read by the programs that they are made for. `tests/formats/readers.sh` brings those; where they are not, this says
//! so and passes.

use super::STORY;
use super::common::program::Project;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::Command;
use upbeat::escape;
use upbeat::report::Format;

const IGNORED: &str = "\
services:
  größe🐳: # upbeat: ignore[health-field-invalid] nothing of it
    image: x
    healthcheck:
      test: x
      # upbeat: ignore[health-field-invalid] ]]> <b> it is meant
      interval: 5
      timeout: 5
  other:
    image: x
    healthcheck: { test: x, timeout: 5 }
";

/// Has the readers read all reports of a project, and compare them with upbeat's own JSON.
fn read(readers: &Path, project: &Project, arguments: &str) {
    let folder = tempfile::tempdir().unwrap();
    let mut report = Value::Null;
    for format in Format::ALL {
        let run = project.run(&format!("{arguments} --format {}", format.name()));
        let path = folder.path().join(format!("report.{}", format.name()));
        fs::write(path, &run.out).unwrap();
        if format == Format::Json {
            report = serde_json::from_str(&run.out).unwrap();
        }
    }
    let findings = report["findings"].as_array().unwrap();
    let sorted = |tell: &dyn Fn(&Value) -> String| {
        let mut told: Vec<String> = findings.iter().map(tell).collect();
        told.sort();
        told
    };
    let message = |finding: &Value| {
        let message = finding["message"].as_str().unwrap();
        escape::line(message).into_owned()
    };
    let place = |finding: &Value| {
        let path = finding["file"].as_str().unwrap();
        format!("{path}:{}", finding["line"])
    };
    let expected = json!({
        "errors": report["summary"]["errors"],
        "warnings": report["summary"]["warnings"],
        "infos": report["summary"]["infos"],
        "ignored": report["ignored"].as_array().unwrap().len(),
        "messages": sorted(&message),
        "places": sorted(&place),
    });
    fs::write(folder.path().join("expected.json"), expected.to_string()).unwrap();
    let output = Command::new("bash")
        .args([readers, folder.path()])
        .output()
        .unwrap();
    let both = [output.stdout, output.stderr].concat();
    let told = String::from_utf8_lossy(&both);
    assert!(output.status.success(), "{arguments}: {told}");
    println!("{arguments}\n{told}");
}

#[test]
fn those_for_whom_they_are_made_read_the_reports() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    if !root.join("target/readers/complete-1").exists() {
        println!("skipped: no readers; tests/formats/readers.sh brings them");
        return;
    }
    let readers = root.join("tests/formats/readers.sh");
    let story = "--log backend=logs/backend-bad-day.log";
    read(&readers, &Project::story("before"), &format!(". {STORY}"));
    read(&readers, &Project::story("before"), &format!(". {story}"));
    read(&readers, &Project::story("after"), &format!(". {STORY}"));
    let ignored = Project::new(&[("größe 1/compose.yml", IGNORED)]);
    read(&readers, &ignored, ".");
}
