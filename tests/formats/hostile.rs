//! What files say does nothing in any form: it is shown, written out where it could do something.

use super::common::program::Project;
use pulldown_cmark::{Event, Options, Parser, Tag};
use serde_json::Value;
use upbeat::escape::{is_hostile, line};
use upbeat::finding::{Edit, Finding, Fix, Label, Safety, Severity};
use upbeat::report::{Format, Report, Style, Summary};
use upbeat::rules::Ignored;
use upbeat::source::{Sources, Span};
use upbeat::yaml::Trees;

/// What somebody may name a file or a service, or write in a comment.
const TEXTS: [&str; 24] = [
    "\x1b[2J\x1b]0;title\x07\u{9b}31m",
    "a\nb\r\nc\rd\te\0f\x0b",
    "\n::error file=x::y",
    "  ::stop-commands::z",
    "::add-mask::1%0A::error::2%25",
    "##[error]a ##vso[task.complete]b",
    "]]>",
    "<![CDATA[ x ]]><!-- y",
    "\"'<b onclick=\"x\">&amp;&#0;</b>",
    "</failure></testcase></testsuite>",
    "a`b``c```d",
    "`<img src=x>`",
    "` ",
    "|a|b|\n|-|-|",
    "\n\n# head\n- item\n> quote",
    "[click](https://example.org) ![x](y) [z][1] <https://a.b>",
    "https://example.org www.example.org me@example.org @team #12",
    "</details><script>alert(1)</script>",
    "*a* _b_ ~~c~~ \\ $d$ e\\",
    "1. one\n+ two\n---",
    "\u{202e}txt.exe\u{2066}\u{200f}\u{61c}",
    "a\u{200b}b\u{2060}c\u{ad}d\u{feff}e\u{e0041}",
    "\u{fffe}\u{ffff}\u{2028}\u{2029}\u{85}",
    "{0} {{1}} ${X} %s %n a,b;c",
];

/// A finding that has the text in all of its places.
struct Case {
    sources: Sources,
    finding: Finding,
    reason: String,
}

impl Case {
    fn new(text: &str) -> Self {
        let mut sources = Sources::default();
        // No path has an empty part.
        let path = text.replace("//", "/");
        let first = sources.add(path.as_str(), format!("a: 1 # {text}\nb: 2\n"));
        let second = sources.add(format!("other/{path}"), "c: 3\n");
        let label = |file, range| Label {
            span: Span::new(file, range),
            text: text.to_owned(),
        };
        let finding = Finding {
            rule: "wait-below-budget",
            severity: Severity::Error,
            message: text.to_owned(),
            primary: label(first, 3..4),
            labels: vec![label(second, 3..4)],
            notes: vec![text.to_owned()],
            fix: Some(Fix {
                title: text.to_owned(),
                safety: Safety::Safe,
                edits: vec![Edit {
                    span: Span::new(first, 3..4),
                    text: text.to_owned(),
                    amount: None,
                }],
            }),
            data: serde_json::json!({ text: text }),
        };
        Self {
            sources,
            finding,
            reason: text.to_owned(),
        }
    }

    fn path(&self) -> &str {
        let file = self.finding.primary.span.file;
        self.sources.get(file).path()
    }

    fn rendered(&self, format: Format) -> String {
        let findings = [self.finding.clone()];
        let ignored = [Ignored {
            finding: self.finding.clone(),
            reason: self.reason.clone(),
            comment: self.finding.primary.span,
        }];
        let report = Report {
            findings: &findings,
            ignored: &ignored,
            sources: &self.sources,
            trees: &Trees::default(),
            summary: &Summary::new(&findings, 2, 1, 1, true),
            prefix: "",
        };
        let mut out = Vec::new();
        report.render(format, Style::default(), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }
}

/// What a terminal obeys, and what CI runners take for commands, is in no form.
fn assert_harmless(format: Format, text: &str) {
    let name = format.name();
    let hostile = text.chars().find(|c| *c != '\n' && is_hostile(*c));
    assert_eq!(hostile, None, "{name}: {text}");
    assert!(
        !text.contains("##[") && !text.contains("##vso["),
        "{name}: {text}"
    );
    for line in text.lines() {
        let is_command = line.trim_start().starts_with("::");
        let is_ours = format == Format::Github && line.starts_with("::error file=");
        assert!(!is_command || is_ours, "{name}: {line}");
    }
}

/// The commands that GitHub's runner finds in a log, as it reads them: the properties, and the message.
fn commands(log: &str) -> Vec<(Vec<(String, String)>, String)> {
    let data = |text: &str| {
        text.replace("%0D", "\r")
            .replace("%0A", "\n")
            .replace("%25", "%")
    };
    let property = |text: &str| data(&text.replace("%3A", ":").replace("%2C", ","));
    let commands = log
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix("::"));
    commands
        .map(|command| {
            let (head, message) = command.split_once("::").unwrap();
            let (_, properties) = head.split_once(' ').unwrap();
            let properties = properties.split(',').map(|one| {
                let (name, value) = one.split_once('=').unwrap();
                (name.to_owned(), property(value))
            });
            (properties.collect(), data(message))
        })
        .collect()
}

#[test]
fn in_no_format_a_text_does_more_than_stand_there() {
    for text in TEXTS {
        let case = Case::new(text);
        for format in Format::ALL {
            let report = case.rendered(format);
            assert_harmless(format, &report);
            match format {
                Format::Full | Format::Short => people(&case, format, &report),
                Format::Github => github(&case, &report),
                Format::Json | Format::Sarif | Format::Gitlab | Format::Rdjson => {
                    json(&case, format, &report);
                }
                Format::Junit | Format::Checkstyle => xml(&case, format, &report),
                Format::Markdown => markdown(&case, &report),
            }
        }
    }
}

fn people(case: &Case, format: Format, report: &str) {
    let message = line(&case.finding.message);
    assert!(report.contains(&*message), "{report}");
    if format == Format::Short {
        assert_eq!(report.lines().count(), 2, "{report}");
        assert!(report.contains(&*line(case.path())));
    }
}

fn github(case: &Case, report: &str) {
    let commands = commands(report);
    assert_eq!(commands.len(), 1, "{report}");
    let (properties, message) = &commands[0];
    let names: Vec<&str> = properties.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        ["file", "line", "endLine", "col", "endColumn", "title"]
    );
    let path = line(case.path());
    assert_eq!(properties[0].1, path);
    let text = line(&case.finding.message);
    let lines: Vec<&str> = message.split('\n').collect();
    assert_eq!(lines[0], format!("{path}:1:4: {text}"));
    assert_eq!(lines[2], format!("other/{path}:1:4: {text}"));
    assert_eq!(lines[3..], [&text, &*format!("fix (safe): {text}")]);
}

fn json(case: &Case, format: Format, report: &str) {
    let document: Value = serde_json::from_str(report).unwrap();
    let text = line(&case.finding.message);
    let path = line(case.path());
    match format {
        // For programs, which get what there is.
        Format::Json => {
            let found = &document["findings"][0];
            assert_eq!(
                (found["message"].as_str(), found["file"].as_str()),
                (Some(&*case.finding.message), Some(case.path()))
            );
            assert_eq!(document["ignored"][0]["reason"], *case.reason);
        }
        Format::Gitlab => {
            let issue = &document[0];
            assert_eq!(issue["description"], *text);
            assert_eq!(issue["location"]["path"], *path);
        }
        Format::Rdjson => {
            let diagnostic = &document["diagnostics"][0];
            assert_eq!(
                shown(diagnostic["message"].as_str().unwrap(), &[]),
                plain(&text)
            );
            assert_eq!(diagnostic["location"]["path"], *path);
            assert_eq!(diagnostic["suggestions"][0]["text"], case.finding.message);
        }
        _ => {
            let results = document["runs"][0]["results"].as_array().unwrap();
            assert_eq!(results.len(), 2);
            assert_eq!(results[1]["suppressions"][0]["justification"], *text);
            let place = &results[0]["locations"][0]["physicalLocation"];
            let uri = place["artifactLocation"]["uri"].as_str().unwrap();
            assert!(
                uri.chars()
                    .all(|c| c.is_ascii_alphanumeric() || "-._~/%".contains(c)),
                "{uri}"
            );
            assert_eq!(unquoted(uri), case.path());
            // Links lead to the places that are listed, and nowhere else.
            let message = results[0]["message"]["text"].as_str().unwrap();
            let links = links(message);
            assert_eq!(links, ["1"], "{message}");
        }
    }
}

/// The targets of the links in a message of SARIF, whose brackets stand for themselves behind a backslash.
fn links(message: &str) -> Vec<&str> {
    let bytes = message.as_bytes();
    let mut found = Vec::new();
    let mut is_open = false;
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 1,
            b'[' => is_open = true,
            b']' if is_open && bytes.get(at + 1) == Some(&b'(') => {
                let target = &message[at + 2..];
                found.push(target.split(')').next().unwrap());
                is_open = false;
            }
            b'\n' => is_open = false,
            _ => {}
        }
        at += 1;
    }
    found
}

fn unquoted(uri: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = uri.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next().unwrap(), rest.next().unwrap()];
            let digits = std::str::from_utf8(&digits).unwrap();
            bytes.push(u8::from_str_radix(digits, 16).unwrap());
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).unwrap()
}

fn xml(case: &Case, format: Format, report: &str) {
    let document = roxmltree::Document::parse(report).unwrap();
    let all = |tag: &'static str| {
        let nodes = document.descendants();
        nodes
            .filter(move |node| node.has_tag_name(tag))
            .collect::<Vec<_>>()
    };
    let text = line(&case.finding.message);
    let path = line(case.path());
    if format == Format::Checkstyle {
        assert_eq!(
            document
                .descendants()
                .filter(roxmltree::Node::is_element)
                .count(),
            3
        );
        assert_eq!(all("file")[0].attribute("name"), Some(&*path));
        assert_eq!(all("error")[0].attribute("message"), Some(&*text));
        return;
    }
    assert_eq!(
        document
            .descendants()
            .filter(roxmltree::Node::is_element)
            .count(),
        7
    );
    assert_eq!(all("testcase")[1].attribute("file"), Some(&*path));
    assert_eq!(all("skipped")[0].attribute("message"), Some(&*text));
    let failure = all("failure")[0];
    assert_eq!(failure.attribute("message"), Some(&*text));
    let body: Vec<&str> = failure.text().unwrap().lines().collect();
    assert_eq!(body[0], format!("error: {text}"));
    assert_eq!(body[2], format!("at other/{path}:1:4: {text}"));
    assert_eq!(body.len(), 5, "{body:?}");
}

fn markdown(case: &Case, report: &str) {
    let html = ["<details><summary>", "</summary>", "</details>"];
    let text = shown(report, &html);
    let message = line(&case.finding.message);
    let path = line(case.path());
    for expected in [
        format!("error {path}:1:4: {message} (wait-below-budget)"),
        format!("other/{path}:1:4: {message}"),
        format!("fix (safe): {message}"),
    ] {
        assert!(text.contains(&plain(&expected)), "{text}\n{report}");
    }
    let items = Parser::new_ext(report, extensions());
    let items = items.filter(|event| matches!(event, Event::Start(Tag::Item)));
    // The finding, its two places, its note and its fix.
    assert_eq!(items.count(), 5, "{report}");
}

/// All that code hosts add to Markdown; quotes and dashes stay what they are.
fn extensions() -> Options {
    Options::all() - Options::ENABLE_SMART_PUNCTUATION
}

/// What a reader of Markdown sees of it, which holds no markup but lists, code and `html`. Blanks at the ends of a line are not seen.
fn shown(markdown: &str, html: &[&str]) -> String {
    let mut text = String::new();
    for event in Parser::new_ext(markdown, extensions()) {
        match event {
            Event::Text(part) | Event::Code(part) => text.push_str(&part),
            Event::InlineHtml(tag) => assert_eq!(&*tag, "<!-- -->", "{markdown}"),
            Event::Html(tag) => {
                let mut rest = tag.trim().to_owned();
                for known in html {
                    rest = rest.replace(known, "");
                }
                assert!(
                    matches!(rest.as_str(), "" | "the numbers and the advice"),
                    "{tag}"
                );
            }
            Event::Start(tag) => {
                let is_known = matches!(
                    tag,
                    Tag::Paragraph | Tag::List(None) | Tag::Item | Tag::Strong | Tag::HtmlBlock
                );
                let is_title = matches!(tag, Tag::Heading { .. }) && !html.is_empty();
                assert!(is_known || is_title, "{tag:?} in {markdown}");
            }
            Event::End(_) => text.push(' '),
            _ => panic!("{event:?} in {markdown}"),
        }
    }
    plain(&text)
}

/// A text without backticks, which make code, and with single blanks.
fn plain(text: &str) -> String {
    let words = text.replace('`', "");
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The same with real files. Docker refuses such a name of a service, and so a finding speaks of it.
#[test]
#[cfg(unix)]
fn real_files_with_such_names_are_reported_in_every_format() {
    let compose = "\
services:
  # ]]> ::error::x \u{202e} \u{200b} </details> `
  \"a\\e[2J\\n::error::b]]>\\u202e\":
    image: x
    healthcheck:
      test: x
      # upbeat: ignore[health-field-invalid] ]]></failure>\u{202e}::error::`<b>
      interval: 5
      timeout: 5
";
    for name in [
        "x\n::error file=a::b\u{1b}[2J.yml",
        "\u{202e}%0A,]]><`|\".yml",
        "##[error]a\u{200b}.yml",
    ] {
        let project = Project::new(&[(name, compose)]);
        for format in Format::ALL {
            let run = project.run_with(&["-f", name, ".", "--format", format.name()], b"");
            assert_harmless(format, &run.out);
            assert!(
                run.out.contains("timeout"),
                "{}: {}",
                format.name(),
                run.out
            );
            assert!(
                !run.err.contains(|c| c != '\n' && is_hostile(c)),
                "{}",
                run.err
            );
            match format {
                Format::Json | Format::Sarif | Format::Gitlab | Format::Rdjson => {
                    serde_json::from_str::<Value>(&run.out).unwrap();
                }
                Format::Junit | Format::Checkstyle => {
                    roxmltree::Document::parse(&run.out).unwrap();
                }
                Format::Github => assert!(!commands(&run.out).is_empty()),
                Format::Markdown => {
                    shown(
                        &run.out,
                        &["<details><summary>", "</summary>", "</details>"],
                    );
                }
                Format::Full | Format::Short => {}
            }
        }
    }
}
