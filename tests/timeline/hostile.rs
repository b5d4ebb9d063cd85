//! Names that would do harm come out harmless, in every format.

use super::case::Case;
use super::{scenes, xml};
use std::fmt::Write;
use upbeat::timeline::text::{self, Style};
use upbeat::timeline::{html, json, svg};

const NAMES: [&str; 12] = [
    "\u{1b}[2J\u{1b}]0;title\u{7}",
    "a\nb\r\n::error file=x::y",
    "##[error]x ##vso[task]y",
    "%0A::set-output",
    "]]>",
    "<script>alert(1)</script>",
    "\" onload=\"alert(1)",
    "' onload='alert(1)",
    "&amp;&lt;",
    "\u{202e}txt.exe\u{2066}\u{200f}",
    "`code` ```",
    "\u{ffff}\u{feff}\u{9b}31m",
];

/// One service a name, each waiting for the one before; a file and a step with such names as well.
fn case() -> Case {
    let quoted = |text: &str| serde_json::to_string(text).unwrap();
    let mut compose = "services:\n".to_owned();
    let mut log = String::new();
    let mut before = None;
    for name in NAMES {
        let check = "{test: [CMD, x], interval: 10s, timeout: 3s, retries: 3}";
        let own = quoted(name);
        writeln!(compose, "  {own}:\n    image: x\n    healthcheck: {check}").unwrap();
        if let Some(before) = before.replace(own) {
            let needs = format!("{{{before}: {{condition: service_healthy}}}}");
            writeln!(compose, "    depends_on: {needs}").unwrap();
        }
        let step = name.replace(['\n', '\r'], " ");
        writeln!(log, "✅ {step} completed in 5s").unwrap();
    }
    let step = quoted("</text>\u{1b}[31m ]]> \u{202e}");
    let job = quoted("<job>\u{7}");
    let workflow = format!(
        "on: push\njobs:\n  {job}:\n    steps:\n    - name: {step}\n      timeout-minutes: 1\n      run: docker compose -f '<b>.yml' up -d\n"
    );
    let mut case = Case::of([
        ("<b>.yml", compose.as_str()),
        (".github/workflows/<w>.yml", workflow.as_str()),
    ]);
    case.log = Some((NAMES[5], log));
    case
}

fn is_hostile(c: char) -> bool {
    c != '\n' && upbeat::escape::is_hostile(c)
}

#[test]
fn nothing_of_them_gets_through() {
    let scenes = scenes(&case());
    assert_eq!(scenes.len(), 1);
    assert_eq!(scenes[0].rows.len(), NAMES.len());
    assert!(scenes[0].lines.len() == 1, "the step's limit");
    let mut texts = Vec::new();
    for (width, ascii, colours) in [(80, false, false), (40, true, false), (200, false, true)] {
        let text = text::render(
            &scenes,
            Style {
                width,
                ascii,
                colours,
            },
        );
        // The only escapes are our own colours.
        let plain = [
            "\u{1b}[1m",
            "\u{1b}[0m",
            "\u{1b}[2m",
            "\u{1b}[31m",
            "\u{1b}[32m",
            "\u{1b}[33m",
            "\u{1b}[34m",
            "\u{1b}[35m",
            "\u{1b}[36m",
            "\u{1b}[1;31m",
        ]
        .iter()
        .fold(text.clone(), |text, code| {
            if colours {
                text.replace(code, "")
            } else {
                text
            }
        });
        texts.push(plain);
    }
    texts.extend([
        svg::render(&scenes[0]),
        html::render(&scenes),
        json::render(&scenes),
    ]);
    for text in &texts {
        assert!(!text.contains(is_hostile), "{text:?}");
        assert!(!text.contains("##[") && !text.contains("##vso["), "{text}");
        assert!(
            !text.lines().any(|line| line.trim_start().starts_with("::")),
            "{text}"
        );
    }
    let picture = svg::render(&scenes[0]);
    xml::checked(&picture);
    let page = html::render(&scenes);
    for markup in [&picture, &page] {
        for harm in [
            "<script",
            "onload=\"",
            "onload='",
            "]]>",
            "<b>.yml",
            "<job>",
            "</text>\\",
        ] {
            assert!(!markup.contains(harm), "{harm} in {markup}");
        }
        assert!(!markup.contains('\u{ffff}'), "no character of XML");
    }
    // The values survive in JSON.
    let document: serde_json::Value = serde_json::from_str(&json::render(&scenes)).unwrap();
    let services = document["stacks"][0]["services"].as_array().unwrap();
    let names: Vec<&str> = services
        .iter()
        .map(|service| service["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, NAMES);
}

#[test]
fn a_name_of_a_megabyte_is_cut_off() {
    let name = "x".repeat(1_000_000);
    let compose = format!(
        "services:\n  {name}:\n    image: x\n    healthcheck: {{test: [CMD, x], interval: 10s}}\n"
    );
    let scenes = scenes(&Case::of([("compose.yml", compose.as_str())]));
    let text = text::render(
        &scenes,
        Style {
            width: 80,
            ascii: false,
            colours: false,
        },
    );
    assert!(text.len() < 4_000, "{} bytes", text.len());
    assert!(svg::render(&scenes[0]).len() < 4_000_000);
}
