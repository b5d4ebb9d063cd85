//! SARIF 2.1.0, the exchange format of static analysers: what code hosts keep as alerts and editors show.

mod shape;

use super::format::{Report, fix_words, offered, page};
use crate::escape;
use crate::finding::{Edit, Finding, Fix, Label, Severity};
use crate::rules::{Ignored, Rule, rule};
use crate::source::{Columns, FileId, Span, paths};
use shape::{
    ArtifactChange, ArtifactLocation, Description, Driver, Fingerprints, Help, Invocation, Level,
    Location, Log, PhysicalLocation, Properties, Region, Replacement, ReportingDescriptor, Result,
    RootId, Run, Suppression, Text, Tool,
};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io;

/// The name of the folder that paths count from.
const ROOT: &str = "%SRCROOT%";
/// Why such a write succeeds.
const FITS: &str = "writing to a string never fails";

/// Writes one JSON document.
pub fn render(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let silenced = report.ignored.iter().map(|one| &one.finding);
    let used: BTreeSet<&str> = report
        .findings
        .iter()
        .chain(silenced)
        .map(|finding| finding.rule)
        .collect();
    let rules: Vec<&str> = used.into_iter().collect();
    let (found, hushed) = report.fingerprints();
    let findings = report.findings.iter().zip(found);
    let findings = findings.map(|(finding, print)| result(finding, None, print, &rules, report));
    let ignored = report.ignored.iter().zip(hushed);
    let ignored =
        ignored.map(|(one, print)| result(&one.finding, Some(one), print, &rules, report));
    let url = env!("CARGO_PKG_REPOSITORY");
    let log = Log {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: Tool {
                driver: Driver {
                    name: "upbeat",
                    semantic_version: env!("CARGO_PKG_VERSION"),
                    information_uri: (!url.is_empty()).then_some(url),
                    rules: rules.iter().map(|name| descriptor(name)).collect(),
                },
            },
            invocations: [Invocation {
                execution_successful: report.summary.complete,
            }],
            column_kind: "utf16CodeUnits",
            original_uri_base_ids: RootId {
                root: Description {
                    description: Text::new("the top of the repository"),
                },
            },
            results: findings.chain(ignored).collect(),
        }],
    };
    let document = serde_json::to_string_pretty(&log)?;
    out.write_all(escape::json(&document).as_bytes())?;
    out.write_all(b"\n")
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

/// A rule, as its page has it.
fn descriptor(name: &str) -> ReportingDescriptor<'_> {
    let known = rule(name);
    let summary = known.map_or(name, |rule| rule.summary);
    ReportingDescriptor {
        id: name,
        short_description: Text::new(summary),
        full_description: Text::new(known.map_or(summary.to_owned(), what_it_does)),
        help: known.map(|rule| Help {
            text: without_links(rule.page),
            markdown: without_links(rule.page),
        }),
        help_uri: page(name),
        default_configuration: known.map(|rule| Level {
            level: level(rule.severity),
        }),
        properties: known.map(|rule| Properties { tags: [rule.group] }),
    }
}

/// The first paragraph of the page's first section.
fn what_it_does(rule: &Rule) -> String {
    let section = rule.page.split("\n## ").nth(1).unwrap_or_default();
    let mut paragraphs = section.split("\n\n").skip(1);
    let paragraph = paragraphs.next().unwrap_or(rule.summary);
    without_links(paragraph.trim()).replace('\n', " ")
}

/// A page whose links to other pages are their words: where it is shown those are not beside it.
fn without_links(page: &str) -> String {
    let mut out = String::with_capacity(page.len());
    let mut rest = page;
    while let Some(middle) = rest.find("](") {
        let target = &rest[middle + 2..];
        let open = rest[..middle].rfind('[');
        let end = target.find(')');
        if let (Some(open), Some(end)) = (open, end)
            && paths::has_ending(&target[..end], "md")
        {
            out.push_str(&rest[..open]);
            out.push_str(&rest[open + 1..middle]);
            rest = &target[end + 1..];
        } else {
            out.push_str(&rest[..middle + 2]);
            rest = target;
        }
    }
    out + rest
}

fn result<'a>(
    finding: &'a Finding,
    ignored: Option<&Ignored>,
    fingerprint: String,
    rules: &[&str],
    report: &Report,
) -> Result<'a> {
    let related = finding.labels.iter().zip(1..);
    Result {
        rule_id: finding.rule,
        rule_index: rules.iter().position(|name| *name == finding.rule),
        level: level(finding.severity),
        message: Text::new(message(finding, report)),
        locations: [location(&finding.primary, None, report)],
        related_locations: related
            .map(|(label, id)| location(label, Some(id), report))
            .collect(),
        fixes: offered(finding)
            .map(|fix| changes(fix, report))
            .into_iter()
            .collect(),
        partial_fingerprints: Fingerprints { fingerprint },
        // Where the list is there, what it is empty of is known not to be suppressed.
        suppressions: ignored
            .map(|one| suppression(one, report))
            .into_iter()
            .collect(),
    }
}

/// The message as a sentence, and below it the places, which a reader may follow, the arithmetic and the fix.
fn message(finding: &Finding, report: &Report) -> String {
    let mut text = format!("{}.", prose(&finding.message));
    for (label, id) in finding.labels.iter().zip(1..) {
        let place = link_words(&report.place(label.span));
        write!(text, "\n[{place}]({id})").expect(FITS);
        if !label.text.is_empty() {
            text.push_str(": ");
            text.push_str(&prose(&label.text));
        }
    }
    let notes = finding.notes.iter().map(|note| prose(note));
    let fix = finding.fix.as_ref().map(|fix| prose(&fix_words(fix)));
    for line in notes.chain(fix) {
        text.push('\n');
        text.push_str(&line);
    }
    text
}

/// A line in which nothing is a link.
fn prose(line: &str) -> String {
    let line = escape::line(line);
    if line.contains("](") {
        link_words(&line)
    } else {
        line.into_owned()
    }
}

/// What stands between the brackets of a link.
fn link_words(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('[', "\\[")
        .replace(']', "\\]")
}

fn location(label: &Label, id: Option<usize>, report: &Report) -> Location {
    Location {
        id,
        physical_location: physical(label.span, report),
        message: (!label.text.is_empty()).then(|| Text::new(prose(&label.text))),
    }
}

fn physical(span: Span, report: &Report) -> PhysicalLocation {
    PhysicalLocation {
        artifact_location: artifact(span.file, report),
        region: region(span, report),
    }
}

fn region(span: Span, report: &Report) -> Region {
    let [start, end] = report.ends(span, Columns::Utf16);
    Region {
        start_line: start.line,
        start_column: start.column,
        end_line: end.line,
        end_column: end.column,
    }
}

fn artifact(file: FileId, report: &Report) -> ArtifactLocation {
    let path = report.path(file);
    let uri = uri(&path);
    if path.starts_with('/') {
        return ArtifactLocation {
            uri: format!("file://{uri}"),
            uri_base_id: None,
        };
    }
    ArtifactLocation {
        uri,
        uri_base_id: Some(ROOT),
    }
}

/// A path as a part of a URI.
/// A path in an address: with a percent sign and its number for each byte that means something else there, or nothing.
pub(super) fn uri(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                out.push(char::from(byte));
            }
            _ => write!(out, "%{byte:02X}").expect(FITS),
        }
    }
    out
}

fn changes(fix: &Fix, report: &Report) -> shape::Fix {
    let mut files: BTreeMap<FileId, Vec<&Edit>> = BTreeMap::new();
    for edit in &fix.edits {
        files.entry(edit.span.file).or_default().push(edit);
    }
    let replacement = |edit: &Edit| Replacement {
        deleted_region: region(edit.span, report),
        inserted_content: (!edit.text.is_empty()).then(|| Text::new(edit.text.clone())),
    };
    shape::Fix {
        description: Text::new(prose(&fix_words(fix))),
        artifact_changes: files
            .into_iter()
            .map(|(file, edits)| ArtifactChange {
                artifact_location: artifact(file, report),
                replacements: edits.into_iter().map(replacement).collect(),
            })
            .collect(),
    }
}

fn suppression(ignored: &Ignored, report: &Report) -> Suppression {
    Suppression {
        kind: "inSource",
        status: "accepted",
        justification: (!ignored.reason.is_empty())
            .then(|| escape::line(&ignored.reason).into_owned()),
        location: Location {
            id: None,
            physical_location: physical(ignored.comment, report),
            message: None,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::super::format::{Format, Style};
    use super::super::tests::{finding, label, place, rendered, story};
    use super::*;
    use crate::source::Sources;
    use serde_json::{Value, json};

    fn document(findings: &[Finding], sources: &Sources) -> Value {
        let text = rendered(findings, sources, Format::Sarif, Style::default());
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn a_result_has_its_places_its_fix_and_its_rule() {
        let (sources, findings) = story();
        let run = &document(&findings, &sources)["runs"][0];
        let result = &run["results"][0];
        assert_eq!(
            result["message"]["text"],
            "MAX_WAIT=120 gives up before the stack may be healthy (planned 140s).\n\
             [compose.yml:6:21](1): backend: 90s start_period\n\
             [compose.yml:4:17](2): + 45s interval\n\
             90 + 5 + 45 = 140s\n\
             fix (safe): raise MAX_WAIT to 160"
        );
        let region = json!({ "startLine": 5, "startColumn": 20, "endLine": 5, "endColumn": 23 });
        let file = json!({ "uri": ".github/workflows/deploy.yml", "uriBaseId": "%SRCROOT%" });
        assert_eq!(
            result["locations"][0],
            json!({
                "physicalLocation": { "artifactLocation": file, "region": region },
                "message": { "text": "gives up after 120s" },
            })
        );
        assert_eq!(result["relatedLocations"][1]["id"], 2);
        assert_eq!(
            result["fixes"][0]["artifactChanges"],
            json!([{
                "artifactLocation": file,
                "replacements": [{ "deletedRegion": region, "insertedContent": { "text": "160" } }],
            }])
        );
        let rule = &run["tool"]["driver"]["rules"][0];
        assert_eq!(
            (&result["ruleIndex"], &rule["id"]),
            (&json!(0), &json!("wait-below-budget"))
        );
        assert_eq!(rule["defaultConfiguration"]["level"], "error");
        assert!(
            rule["help"]["markdown"]
                .as_str()
                .unwrap()
                .starts_with("# wait-below-budget")
        );
    }

    #[test]
    fn columns_count_utf16_and_paths_are_uris() {
        let mut sources = Sources::default();
        let file = sources.add("ä b/100%#1.yml", "🐳é: 1\n");
        let outside = sources.add("/etc/a b.yml", "x: 2\n");
        let mut found = finding(Severity::Info, label(place(&sources, file, "1"), ""), "m");
        found.labels = vec![label(place(&sources, outside, "2"), "")];
        let result = &document(&[found], &sources)["runs"][0]["results"][0];
        let at = &result["locations"][0]["physicalLocation"];
        assert_eq!(at["artifactLocation"]["uri"], "%C3%A4%20b/100%25%231.yml");
        assert_eq!(at["region"]["startColumn"], 6);
        assert_eq!(
            result["relatedLocations"][0]["physicalLocation"]["artifactLocation"],
            json!({ "uri": "file:///etc/a%20b.yml" })
        );
    }

    #[test]
    fn texts_make_no_links() {
        assert_eq!(prose("ignore[rule] \\d"), "ignore[rule] \\d");
        assert_eq!(prose("[a](b)"), "\\[a\\](b)");
    }

    #[test]
    fn every_page_says_what_its_rule_does() {
        assert_eq!(
            without_links("a [b](c.md) `d[e](f)` [g](h)"),
            "a b `d[e](f)` [g](h)"
        );
        for rule in crate::rules::RULES {
            let text = what_it_does(rule);
            assert!(
                text.len() > 40 && !text.contains("```"),
                "{}: {text}",
                rule.name
            );
            assert!(!without_links(rule.page).contains(".md)"), "{}", rule.name);
        }
    }
}
