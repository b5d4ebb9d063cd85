//! Any stack, in any width.

use super::case::Case;
use super::{scenes, xml};
use proptest::prelude::*;
use std::fmt::Write;
use unicode_width::UnicodeWidthStr;
use upbeat::duration::Seconds;
use upbeat::timeline::text::{self, Style};
use upbeat::timeline::{html, json, svg};

/// A duration of any size.
fn any_length() -> impl Strategy<Value = String> {
    prop_oneof![
        (0..120_u32).prop_map(|n| format!("{n}s")),
        (1..5_000_u32).prop_map(|n| format!("{n}ms")),
        (1..600_u32).prop_map(|n| format!("{n}m")),
        (1..90_000_u32).prop_map(|n| format!("{n}h")),
    ]
}

fn any_name() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{1,8}",
        "[a-z]{1,4}(-[a-z]{3,9}){2,6}",
        "consumer-of-the-same-very-long-name-[a-z0-9]{1,2}",
        "[\\PC\u{202e}\u{7}]{1,40}",
    ]
}

#[derive(Clone, Debug)]
struct AnyService {
    name: String,
    check: Option<(String, String, u32, String)>,
    needs: u16,
    condition: &'static str,
    startup: Option<i64>,
}

fn any_service() -> impl Strategy<Value = AnyService> {
    let check = (any_length(), any_length(), 0..40_u32, any_length());
    let condition = prop::sample::select(vec![
        "service_started",
        "service_healthy",
        "service_completed_successfully",
    ]);
    let startup = prop::option::weighted(0.4, prop_oneof![0..300_i64, 0..1_000_000_i64]);
    let check = prop::option::weighted(0.8, check);
    (any_name(), check, any::<u16>(), condition, startup).prop_map(
        |(name, check, needs, condition, startup)| AnyService {
            name,
            check,
            needs,
            condition,
            startup,
        },
    )
}

/// A project of these services with waits and limits.
fn case(services: &[AnyService], waits: &[(u32, bool)], minutes: Option<u32>) -> Case {
    let quoted = |text: &str| serde_json::to_string(text).unwrap();
    let mut compose = "services:\n".to_owned();
    let mut names: Vec<&str> = Vec::new();
    let mut case = Case::default();
    for service in services {
        if names.contains(&service.name.as_str()) {
            continue;
        }
        writeln!(compose, "  {}:\n    image: x", quoted(&service.name)).unwrap();
        if let Some((interval, timeout, retries, period)) = &service.check {
            writeln!(
                compose,
                "    healthcheck: {{test: [CMD, x], interval: {interval}, timeout: {timeout}, retries: {retries}, start_period: {period}}}"
            )
            .unwrap();
        }
        let needs: Vec<&str> = (0..names.len().min(16))
            .filter(|bit| service.needs >> bit & 1 == 1)
            .map(|bit| names[bit])
            .collect();
        if !needs.is_empty() {
            compose.push_str("    depends_on:\n");
        }
        for need in needs {
            writeln!(
                compose,
                "      {}: {{condition: {}}}",
                quoted(need),
                service.condition
            )
            .unwrap();
        }
        if let Some(startup) = service.startup {
            case.startups
                .push((service.name.clone(), Seconds::new(startup)));
        }
        names.push(&service.name);
    }
    let mut workflow = "on: push\njobs:\n".to_owned();
    for (number, (wait, up)) in waits.iter().enumerate() {
        let up = if *up {
            "docker compose up -d\n        "
        } else {
            ""
        };
        let limit = minutes.map_or_else(String::new, |minutes| {
            format!("    timeout-minutes: {minutes}\n")
        });
        write!(
            workflow,
            "  job{number}:\n{limit}    steps:\n    - run: |\n        {up}timeout {wait} sh -c 'until docker compose ps | grep healthy; do sleep 1; done'\n"
        )
        .unwrap();
    }
    case.files = vec![
        ("compose.yml".to_owned(), compose),
        (".github/workflows/w.yml".to_owned(), workflow),
    ];
    case
}

fn any_case() -> impl Strategy<Value = Case> {
    let services = prop::collection::vec(any_service(), 1..14);
    let waits = prop::collection::vec((0..4_000_u32, any::<bool>()), 0..16);
    (services, waits, prop::option::of(1..90_u32))
        .prop_map(|(services, waits, minutes)| case(&services, &waits, minutes))
}

fn is_hostile(c: char) -> bool {
    c != '\n' && upbeat::escape::is_hostile(c)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn the_text_is_never_wider_than_the_terminal(case in any_case(), columns in 40_usize..200, ascii in any::<bool>()) {
        let scenes = scenes(&case);
        prop_assume!(!scenes.is_empty());
        let plain = text::render(&scenes, Style { width: columns, ascii, colours: false });
        for line in plain.lines() {
            prop_assert!(line.width() <= columns, "{} columns of {columns}: {line:?}", line.width());
            prop_assert!(!line.ends_with(' '));
            prop_assert!(!ascii || line.is_ascii(), "{line:?}");
        }
        prop_assert!(!plain.contains(is_hostile));
        // Colours change nothing else.
        let coloured = text::render(&scenes, Style { width: columns, ascii, colours: true });
        let mut bare = String::new();
        for (number, part) in coloured.split('\u{1b}').enumerate() {
            bare.push_str(if number == 0 { part } else { part.split_once('m').unwrap().1 });
        }
        let trimmed: Vec<&str> = bare.lines().map(str::trim_end).collect();
        prop_assert_eq!(trimmed, plain.lines().collect::<Vec<_>>());
    }

    #[test]
    fn in_the_svg_nothing_lies_on_anything_or_outside(case in any_case()) {
        for scene in &scenes(&case) {
            let picture = svg::render(scene);
            prop_assert!(!picture.contains(is_hostile));
            xml::checked(&picture);
        }
    }

    #[test]
    fn the_page_and_the_json_are_well_formed(case in any_case()) {
        let scenes = scenes(&case);
        let page = html::render(&scenes);
        prop_assert!(!page.contains(is_hostile));
        // Our HTML closes what it opens; only the elements of the head need not be.
        let body = page.split_once("<body>").unwrap().1.split_once("</body>").unwrap().0;
        let parsed = roxmltree::Document::parse(body);
        prop_assert!(parsed.is_ok(), "{:?}", parsed.err());
        let document: serde_json::Value = serde_json::from_str(&json::render(&scenes)).unwrap();
        for (stack, scene) in document["stacks"].as_array().unwrap().iter().zip(&scenes) {
            prop_assert_eq!(stack["services"].as_array().unwrap().len(), scene.rows.len());
        }
    }
}
