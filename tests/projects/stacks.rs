//! Which files make a stack, and what is absent or broken.

use super::case::*;
use upbeat::finding::{Safety, Severity};

#[test]
fn what_only_the_server_has_stops_nothing() {
    let text = APP.replace(
        "    image: app\n",
        "    build: ./absent\n    env_file: absent.env\n",
    );
    let checked = Case::of([("compose.yml", &text)]).check();
    assert!(
        checked.findings.is_empty() && checked.project.obstacles.is_empty(),
        "{:?}",
        checked.project.obstacles
    );
}

#[test]
fn a_broken_overlay_leaves_the_other_stack_judged() {
    let case = Case::story("before", Some("bad")).replace(STAGING, "services:", "services: [");
    let checked = case.check();
    assert_eq!(checked.project.obstacles.len(), 1);
    let obstacle = &checked.project.obstacles[0];
    assert_eq!(obstacle.path, STAGING);
    assert!(
        obstacle.span.is_some() && obstacle.message.contains("no YAML"),
        "{obstacle:?}"
    );
    let production: Vec<_> = checked
        .findings
        .iter()
        .filter(|f| f.severity == Severity::Error)
        .map(|f| f.message.as_str())
        .collect();
    assert_eq!(production.len(), 1, "{production:?}");
    assert!(production[0].contains("`production`"));
}

#[test]
fn a_stack_with_a_missing_file_is_judged_without_errors_and_without_safe_fixes() {
    let mut case = Case::story("before", Some("bad"));
    case.files_flag = vec![
        "docker-compose.yml".into(),
        STAGING.into(),
        "absent.yml".into(),
    ];
    let checked = case.check();
    assert_eq!(checked.project.obstacles[0].path, "absent.yml");
    assert!(!checked.findings.is_empty());
    for finding in &checked.findings {
        assert!(finding.severity < Severity::Error, "{}", finding.message);
        assert!(
            finding
                .fix
                .as_ref()
                .is_none_or(|fix| fix.safety == Safety::Display)
        );
        assert!(
            finding
                .notes
                .iter()
                .any(|note| note.contains("`absent.yml` could not be read")),
            "{:?}",
            finding.notes
        );
    }
}

#[test]
fn overlays_that_stand_in_no_command_are_laid_over_their_base() {
    let case = Case::of([
        ("compose.yml", APP),
        (
            "compose.prod.yml",
            "services:\n  app:\n    healthcheck: {start_period: 5s}\n",
        ),
        ("compose.tools.yml", "services:\n  tool: {image: tool}\n"),
        ("sub/docker-compose.yml", "services:\n  other: {image: x}\n"),
    ]);
    let checked = case.check();
    let stacks: Vec<_> = checked
        .project
        .stacks
        .iter()
        .map(|s| (s.files.name.as_str(), s.files.files.join(" ")))
        .collect();
    let stacks: Vec<_> = stacks
        .iter()
        .map(|(name, files)| (*name, files.as_str()))
        .collect();
    assert_eq!(
        stacks,
        [
            ("prod", "compose.yml compose.prod.yml"),
            ("tools", "compose.tools.yml"),
            ("default", "compose.yml"),
            ("default-2", "sub/docker-compose.yml"),
        ]
    );
    let mut found = case.startup("app", 15).found();
    found.retain(|finding| finding.0 != "stacks-differ");
    assert_eq!(
        found.len(),
        1,
        "only the overlay's 5 s are too short: {found:?}"
    );
    assert_eq!(found[0].2, "compose.prod.yml");
}

#[test]
fn a_file_that_only_the_server_has_is_told_once() {
    let case = pair_with(
        "docker compose -f compose.yml -f compose.prod.yml pull\ndocker compose -f compose.yml -f compose.prod.yml up -d\ndocker compose -f compose.yml -f compose.prod.yml restart",
    );
    let checked = case.check();
    let infos: Vec<_> = checked
        .findings
        .iter()
        .filter(|f| f.severity == Severity::Info)
        .collect();
    assert_eq!(infos.len(), 1);
    assert!(
        infos[0]
            .message
            .contains("`compose.prod.yml` is not in this project"),
        "{}",
        infos[0].message
    );
    assert!(checked.project.obstacles.is_empty());
}

#[test]
fn what_an_extended_service_needs_is_told_with_who_takes_it_over() {
    let base = "services:\n  db: {image: postgres}\n  app: {image: a, depends_on: [db]}\n";
    let example = "services:\n  app:\n    extends: {file: ../compose.yml, service: app}\n";
    let case = Case::of([("compose.yml", base), ("demo/compose.yml", example)]);
    let checked = case.check();
    let [finding] = checked.findings.as_slice() else {
        panic!("{:?}", checked.findings);
    };
    assert_eq!(place(&checked, finding), ("compose.yml".to_owned(), 3));
    let label = &finding.labels[0];
    let sources = checked.project.store.sources();
    assert_eq!(sources.get(label.span.file).path(), "demo/compose.yml");
    assert_eq!(label.text, "this `app` takes it over, and not `db` itself");
}
