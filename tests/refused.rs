//! What is reported of many small files, one thing wrong in each: `fixtures/refused/cases.txt`.
//!
//! A case is a line `==== what it is => codes` and the file below it; `ok` where Docker takes it.
//! `UPDATE=1 cargo test --test refused` writes the codes anew; the oracle's test holds them against the program.

mod common;

use common::refused::{cases, codes, path};
use upbeat::project::Inputs;
use upbeat::rules::Options;
use upbeat::source::Store;

#[test]
fn every_case_is_reported_as_it_says() {
    let cases = cases();
    if std::env::var_os("UPDATE").is_some_and(|value| value == "1") {
        let written = cases
            .iter()
            .map(|case| format!("==== {} => {}\n{}", case.name, codes(&case.text), case.text));
        std::fs::write(path(), written.collect::<String>()).expect("written");
        return;
    }
    assert!(cases.len() > 100);
    let wrong: Vec<String> = cases
        .iter()
        .filter(|case| codes(&case.text) != case.codes)
        .map(|case| format!("{}: {}, not {}", case.name, codes(&case.text), case.codes))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
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
