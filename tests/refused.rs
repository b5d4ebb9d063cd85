//! What is reported of many small files, one thing wrong in each: `fixtures/refused/cases.txt`.
//!
//! A case is a line `==== what it is => codes` and the file below it; `ok` where Docker takes it.
//! `UPDATE=1 cargo test --test refused` writes the codes anew; the oracle's test holds them against the program.

mod common;

use common::refused::{cases, checked, codes, overlaid, path, taken_path};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use upbeat::project::Inputs;
use upbeat::rules::Options;
use upbeat::source::Store;

#[test]
fn every_case_is_reported_as_it_says() {
    let cases = cases();
    if std::env::var_os("UPDATE").is_some_and(|value| value == "1") {
        let written = cases.iter().map(|case| {
            format!(
                "==== {} => {}\n{}",
                case.name,
                codes(&[&case.text]),
                case.text
            )
        });
        std::fs::write(path(), written.collect::<String>()).expect("written");
        return;
    }
    assert!(cases.len() > 100);
    let wrong: Vec<String> = cases
        .iter()
        .filter(|case| codes(&[&case.text]) != case.codes)
        .map(|case| {
            format!(
                "{}: {}, not {}",
                case.name,
                codes(&[&case.text]),
                case.codes
            )
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Which of them Docker takes, the oracle's test has written down.
#[test]
fn what_another_file_replaces_is_judged_as_docker_judges_it() {
    let taken = std::fs::read_to_string(taken_path()).expect("what docker takes");
    let taken: BTreeMap<&str, &str> = taken
        .lines()
        .filter_map(|l| l.rsplit_once(" => "))
        .collect();
    let overlaid = overlaid();
    assert_eq!(overlaid.len(), taken.len());
    let wrong: Vec<String> = overlaid
        .iter()
        .filter_map(|one| {
            let codes = codes(&[&one.texts[0], &one.texts[1]]);
            let theirs = taken.get(one.name.as_str()).copied().unwrap_or("unknown");
            let is_right = theirs == if codes == "ok" { "ok" } else { "refused" };
            (!is_right).then(|| format!("{}: {codes}, docker: {theirs}", one.name))
        })
        .collect();
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        overlaid.len(),
        wrong.join("\n")
    );
}

/// What stands behind the name of the only service of a case, if there is nothing else in it.
fn only_service(text: &str) -> Option<String> {
    if text.contains(['&', '*', '%']) {
        return None;
    }
    if let Some(service) = text.strip_prefix("services:\n  a:") {
        let mut rest = service.lines().skip(1);
        return rest
            .all(|line| line.starts_with("   "))
            .then(|| service.to_owned());
    }
    let service = text.strip_prefix("services: {a: {")?.strip_suffix("}}\n")?;
    let mut depth = 0;
    let is_one = service.chars().all(|c| {
        depth += i32::from(c == '{') - i32::from(c == '}');
        depth >= 0
    });
    is_one.then(|| format!(" {{{service}}}\n"))
}

#[test]
fn all_that_is_wrong_in_a_file_is_told_at_once() {
    let cases = cases();
    let alone: Vec<(String, &str, String)> = cases
        .iter()
        .filter_map(|case| Some((only_service(&case.text)?, case)))
        .enumerate()
        .map(|(i, (service, case))| (format!("s{i}"), case.codes.as_str(), service))
        // What two of them share is a mistake of its own.
        .filter(|(_, codes, service)| {
            !service.contains("container_name") && !codes.contains("cycle")
        })
        .collect();
    assert!(alone.len() > 150);
    let mut text = "services:\n".to_owned();
    let mut starts = Vec::new();
    for (name, _, service) in &alone {
        starts.push(text.len());
        let service = service.replace("service:a", "service:s");
        let _ = write!(text, "  {name}:{service}");
    }
    let checked = checked(&[&text]);
    let mut told: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for finding in &checked.findings {
        let at = finding.primary.span.range().start;
        let (name, ..) = &alone[starts.partition_point(|start| *start <= at) - 1];
        let code = finding.data["code"].as_str();
        let code = code.or((finding.rule == "health-field-invalid").then_some(finding.rule));
        told.entry(name).or_default().extend(code);
    }
    let mut hidden = Vec::new();
    for (name, codes, service) in &alone {
        let wanted: BTreeSet<&str> = codes.split(' ').filter(|code| *code != "ok").collect();
        let found = told.remove(name.as_str()).unwrap_or_default();
        if wanted != found {
            hidden.push(format!("{service}: {found:?}, not {wanted:?}"));
        }
    }
    assert!(
        hidden.is_empty(),
        "{} of {}:\n{}",
        hidden.len(),
        alone.len(),
        hidden.join("\n")
    );
}

#[test]
fn what_one_service_lacks_hides_nothing_of_the_others() {
    let text = "services:\n  a:\n    extends: {file: ../outside.yml, service: x}\n    networks: [front]\n  b:\n    extends: nobody\n  c:\n    extends: b\n  d:\n    image: x\n    depends_on: [e]\n    networks: [back]\n  f:\n    tty: true\n";
    assert_eq!(
        found(&[("compose.yml", text)]),
        [
            "compose.yml:6 extends-not-found error",
            "compose.yml:11 undefined-service error",
            "compose.yml:12 undefined-network error",
            "compose.yml:13 no-image error",
        ]
    );
}

/// `path:line code severity` of all that is reported in a project whose stacks are found.
fn found(files: &[(&str, &str)]) -> Vec<String> {
    let store = Store::memory(files.iter().copied());
    let checked = upbeat::check(store, &Inputs::default(), &Options::default());
    assert!(
        checked.project.obstacles.is_empty(),
        "{:?}",
        checked.project.obstacles
    );
    let sources = checked.project.store.sources();
    let refused = checked
        .findings
        .iter()
        .filter(|finding| finding.rule == "compose-error");
    refused
        .map(|finding| {
            let at = sources.start(finding.primary.span);
            let path = sources.get(finding.primary.span.file).path();
            let code = finding.data["code"].as_str().expect("a code");
            format!("{path}:{} {code} {}", at.line, finding.severity.name())
        })
        .collect()
}

const BASE: &str = "services:\n  web:\n    image: app\n";

#[test]
fn each_file_of_a_stack_is_told_of_and_no_error_hides_another() {
    let overlay = "services:\n  web:\n    prots: ['80']\n    networks: [front]\n  db:\n    image: 5\n    tty: maybe\n";
    assert_eq!(
        found(&[("compose.yml", BASE), ("compose.override.yml", overlay)]),
        [
            "compose.override.yml:3 unknown-key error",
            "compose.override.yml:4 undefined-network error",
            "compose.override.yml:6 wrong-type error",
            "compose.override.yml:7 wrong-type error",
        ]
    );
    let mended = "services:\n  web:\n    ports: ['80']\n    networks: [default]\n  db:\n    image: '5'\n    tty: 'no'\n";
    assert!(found(&[("compose.yml", BASE), ("compose.override.yml", mended)]).is_empty());
}

#[test]
fn an_overlay_that_only_its_name_tells_of_is_not_accused_of_what_other_files_may_say() {
    let overlay = "services:\n  web:\n    networks: [front]\n  db:\n    tty: true\n";
    assert!(found(&[("compose.yml", BASE), ("compose.prod.yml", overlay)]).is_empty());
    let alone = "services:\n  tests:\n    image: app\n    depends_on: [web]\n";
    assert!(found(&[("compose.tests.yml", alone)]).is_empty());
    let misspelt = alone.replace("depends_on", "depend_on");
    assert_eq!(
        found(&[("compose.tests.yml", &misspelt)]),
        ["compose.tests.yml:4 unknown-key error"]
    );
}

#[test]
fn a_base_that_its_overlays_complete_is_not_accused() {
    let base = "services:\n  web:\n    tty: true\n";
    assert_eq!(
        found(&[("compose.yml", base)]),
        ["compose.yml:2 no-image error"]
    );
    let overlay = "services:\n  web:\n    image: app\n  db:\n    tty: true\n";
    assert!(found(&[("compose.yml", base), ("compose.prod.yml", overlay)]).is_empty());
}

#[test]
fn a_profile_that_nobody_has_switched_on_is_a_warning_where_files_are_found() {
    let text = "services:\n  web:\n    image: app\n    depends_on: [debug]\n  debug:\n    image: app\n    profiles: [dev]\n";
    assert_eq!(
        found(&[("compose.yml", text)]),
        ["compose.yml:4 inactive-dependency warning"]
    );
    assert!(found(&[("compose.yml", text), (".env", "COMPOSE_PROFILES=dev\n")]).is_empty());
}

#[test]
fn extends_and_include_are_followed_into_other_files() {
    let base = "services:\n  base:\n    imagee: app\n    build: .\n  other:\n    foo: 1\n";
    let extending = "services:\n  web:\n    extends: {service: base, file: common/base.yml}\n";
    assert_eq!(
        found(&[("compose.yml", extending), ("common/base.yml", base)]),
        ["common/base.yml:3 unknown-key error"]
    );
    let nobody = extending.replace("service: base", "service: bass");
    assert_eq!(
        found(&[("compose.yml", &nobody), ("common/base.yml", base)]),
        ["compose.yml:3 extends-not-found error"]
    );
    let including =
        "include: [common/part.yml]\nservices:\n  web:\n    image: app\n    depends_on: [db]\n";
    let part = "services:\n  db:\n    image: postgres\n";
    assert!(found(&[("compose.yml", including), ("common/part.yml", part)]).is_empty());
    let bad = part.replace("image:", "imgae:");
    assert_eq!(
        found(&[("compose.yml", including), ("common/part.yml", &bad)]),
        [
            "common/part.yml:2 no-image error",
            "common/part.yml:3 unknown-key error"
        ]
    );
    assert_eq!(
        found(&[("compose.yml", including)]),
        ["compose.yml:1 include-not-found error"]
    );
}

#[test]
fn a_key_twice_and_a_bad_variable_have_their_key_paths() {
    let text = "services:\n  web:\n    image: app\n    image: app\n    hostname: a${B!}\n";
    let store = Store::memory([("compose.yml", text)]);
    let checked = upbeat::check(store, &Inputs::default(), &Options::default());
    let paths = checked
        .findings
        .iter()
        .map(|finding| finding.data["path"].as_str().expect("a path"));
    assert_eq!(
        paths.collect::<Vec<_>>(),
        ["services.web.image", "services.web.hostname"]
    );
}
