//! The fixes that SARIF and rdjson offer are the ones that `--fix` makes: at the same places, whatever their columns count.

use super::STORY;
use super::common::program::Project;
use serde_json::Value;
use std::collections::BTreeMap;
use upbeat::report::Format;

/// The changes of each file, and what a character counts in their columns.
type Told = (BTreeMap<String, Vec<Change>>, fn(char) -> usize);

/// A replacement: two places of line and column, and the new text.
type Change = ([usize; 2], [usize; 2], String);

fn number(value: &Value) -> usize {
    usize::try_from(value.as_u64().unwrap()).unwrap()
}

fn of_sarif(report: &Value) -> BTreeMap<String, Vec<Change>> {
    let mut changes: BTreeMap<String, Vec<Change>> = BTreeMap::new();
    let results = report["runs"][0]["results"].as_array().unwrap();
    let fixes = results
        .iter()
        .filter_map(|result| result["fixes"].as_array());
    for change in fixes
        .flatten()
        .flat_map(|fix| fix["artifactChanges"].as_array().unwrap())
    {
        let path = change["artifactLocation"]["uri"].as_str().unwrap();
        for one in change["replacements"].as_array().unwrap() {
            let at = |line: &str, column: &str| {
                [line, column].map(|name| number(&one["deletedRegion"][name]))
            };
            let text = one["insertedContent"]["text"].as_str().unwrap_or_default();
            changes.entry(path.to_owned()).or_default().push((
                at("startLine", "startColumn"),
                at("endLine", "endColumn"),
                text.to_owned(),
            ));
        }
    }
    changes
}

fn of_rdjson(report: &Value) -> BTreeMap<String, Vec<Change>> {
    let mut changes: BTreeMap<String, Vec<Change>> = BTreeMap::new();
    for diagnostic in report["diagnostics"].as_array().unwrap() {
        let path = diagnostic["location"]["path"].as_str().unwrap();
        for one in diagnostic["suggestions"].as_array().into_iter().flatten() {
            let at = |end: &str| ["line", "column"].map(|name| number(&one["range"][end][name]));
            let text = one["text"].as_str().unwrap().to_owned();
            let change = (at("start"), at("end"), text);
            changes.entry(path.to_owned()).or_default().push(change);
        }
    }
    changes
}

/// The text with the changes made; `width` is what a character counts in a column.
fn changed(text: &str, mut changes: Vec<Change>, width: fn(char) -> usize) -> String {
    let offset = |[line, column]: [usize; 2]| {
        let start = text
            .split_inclusive('\n')
            .take(line - 1)
            .map(str::len)
            .sum::<usize>();
        let mut left = column - 1;
        let mut at = start;
        for c in text[start..].chars() {
            if left == 0 {
                break;
            }
            left -= width(c);
            at += c.len_utf8();
        }
        at
    };
    changes.sort();
    let mut out = text.to_owned();
    for (start, end, new) in changes.into_iter().rev() {
        out.replace_range(offset(start)..offset(end), &new);
    }
    out
}

#[test]
fn what_others_make_of_the_fixes_is_what_fix_makes() {
    // Characters of one, two, three and four bytes before the place, which differ in UTF-16 as well.
    let flow = "services:\n  db: {image: postgres, labels: {a: \"é✓🐳\"}, healthcheck: {test: x, interval: 10s, start_period: 20s}}\n";
    let cases = [
        (Project::story("before"), Project::story("before"), STORY, 3),
        (
            Project::new(&[("compose.yml", flow)]),
            Project::new(&[("compose.yml", flow)]),
            "--startup db=90s",
            1,
        ),
    ];
    for (reported, fixed, flags, files) in cases {
        let run = |format: Format| -> Value {
            let run = reported.run(&format!(". {flags} --format {}", format.name()));
            serde_json::from_str(&run.out).unwrap()
        };
        fixed.run(&format!(". {flags} --fix"));
        let told: [Told; 2] = [
            (of_sarif(&run(Format::Sarif)), char::len_utf16),
            (of_rdjson(&run(Format::Rdjson)), char::len_utf8),
        ];
        for (changes, width) in told {
            assert_eq!(changes.len(), files, "{changes:?}");
            for (path, changes) in changes {
                let text = changed(&reported.read(&path), changes, width);
                assert_ne!(text, reported.read(&path), "{path}");
                assert_eq!(text, fixed.read(&path), "{path}");
            }
        }
    }
}
