//! Where a new value lands: literals, anchors, aliases, variables, env files.

use super::case::*;
use upbeat::finding::Safety;

#[test]
fn quoted_values_keep_their_quotes() {
    let case = Case::story("before", Some("bad"))
        .replace(STAGING, "start_period: 90s ", "start_period: '90s' ")
        .replace(PRODUCTION, "start_period: 60s", "start_period: \"60s\"")
        .replace(WORKFLOW, "MAX_WAIT=120", "MAX_WAIT=\"120\"");
    let changes = changes(&case);
    assert_eq!(
        changes[STAGING][0].1,
        "start_period: '200s'  # checks, migrations and static files"
    );
    assert_eq!(changes[PRODUCTION][0].1, "start_period: \"200s\"");
    assert_eq!(changes[WORKFLOW][0].1, "MAX_WAIT=\"630\"");
    is_settled(&case);
}

/// The staging overlay with the backend's healthcheck written in another way.
fn staging(top: &str, healthcheck: &str) -> Case {
    let before = "    healthcheck:\n      interval: 45s\n      timeout: 5s\n      retries: 3\n      start_period: 90s  # checks, migrations and static files\n";
    let case = Case::story("before", Some("bad")).replace(STAGING, before, healthcheck);
    case.map(|path, text| {
        if path == STAGING {
            format!("{top}{text}")
        } else {
            text.to_owned()
        }
    })
}

#[test]
fn a_healthcheck_in_an_anchor_of_its_own_is_changed_at_the_anchor() {
    let case = staging(
        "x-slow: &slow\n  interval: 45s\n  timeout: 5s\n  retries: 3\n  start_period: 90s\n",
        "    healthcheck: *slow\n",
    );
    assert_eq!(
        changes(&case)[STAGING],
        [pair("start_period: 90s", "start_period: 200s")]
    );
    is_settled(&case);
}

#[test]
fn a_merge_key_is_overridden_in_the_service() {
    let case = staging(
        "x-slow: &slow\n  interval: 45s\n  timeout: 5s\n  retries: 3\n  start_period: 90s\n",
        "    healthcheck:\n      <<: *slow\n",
    );
    let fixed = case.fixed();
    assert!(
        fixed
            .text(STAGING)
            .contains("    healthcheck:\n      <<: *slow\n      start_period: 200s\n"),
        "{}",
        fixed.text(STAGING)
    );
    assert!(
        fixed.text(STAGING).contains("  start_period: 90s\n"),
        "the anchor stays"
    );
    is_settled(&case);
}

#[test]
fn an_anchor_that_others_use_is_changed_only_when_unsafe_fixes_are_asked_for() {
    let case = staging(
        "x-slow: &slow\n  interval: 45s\n  timeout: 5s\n  retries: 3\n  start_period: 90s\n",
        "    healthcheck: *slow\n  worker:\n    image: worker\n    healthcheck: *slow\n",
    );
    let checked = case.check();
    let finding = checked
        .findings
        .iter()
        .find(|f| place(&checked, f).0 == STAGING)
        .expect("a finding");
    let fix = finding.fix.as_ref().expect("a fix");
    assert_eq!(fix.safety, Safety::Unsafe);
    assert!(
        finding
            .notes
            .iter()
            .any(|note| note.contains("it changes for worker as well")),
        "{:?}",
        finding.notes
    );
    assert_eq!(case.fixed().text(STAGING), case.text(STAGING));
    let mut eager = case.clone();
    eager.options.allow_unsafe = true;
    assert!(eager.fixed().text(STAGING).contains("start_period: 200s"));
}

#[test]
fn an_alias_for_the_value_alone_is_replaced() {
    let case = staging(
        "x-period: &period 90s\n",
        "    healthcheck:\n      interval: 45s\n      timeout: 5s\n      retries: 3\n      start_period: *period # slow\n",
    );
    assert_eq!(
        changes(&case)[STAGING],
        [pair(
            "start_period: *period # slow",
            "start_period: 200s # slow"
        )]
    );
    is_settled(&case);
}

#[test]
fn a_variables_default_is_changed_where_it_stands() {
    let case = Case::story("before", Some("bad")).replace(
        STAGING,
        "start_period: 90s ",
        "start_period: ${BACKEND_START_PERIOD:-90s} ",
    );
    assert_eq!(
        changes(&case)[STAGING][0].1,
        "start_period: ${BACKEND_START_PERIOD:-200s}  # checks, migrations and static files"
    );
    is_settled(&case);
}

#[test]
fn a_value_from_an_env_file_is_changed_there() {
    let case = Case::story("before", Some("bad"))
        .replace(
            STAGING,
            "start_period: 90s ",
            "start_period: ${BACKEND_START_PERIOD:-1s} ",
        )
        .with(
            ".env",
            "# timing\nBACKEND_START_PERIOD=90s # slow\nOTHER=1\n",
        );
    let fixed = case.fixed();
    assert_eq!(
        fixed.text(".env"),
        "# timing\nBACKEND_START_PERIOD=200s # slow\nOTHER=1\n"
    );
    assert_eq!(fixed.text(STAGING), case.text(STAGING));
    is_settled(&case);
}

#[test]
fn a_variable_with_other_uses_is_changed_only_when_unsafe_fixes_are_asked_for() {
    let case = Case::story("before", Some("bad"))
        .replace(STAGING, "start_period: 90s ", "start_period: ${PERIOD} ")
        .replace(STAGING, "start_period: 60s ", "start_period: ${PERIOD} ")
        .with(".env", "PERIOD=90s\n");
    assert_eq!(case.fixed().text(".env"), "PERIOD=90s\n");
    let mut eager = case.clone();
    eager.options.allow_unsafe = true;
    assert_eq!(eager.fixed().text(".env"), "PERIOD=200s\n");
}

#[test]
fn a_minutes_value_stays_in_minutes_and_seconds() {
    let case = Case::story("before", Some("bad")).replace(
        STAGING,
        "start_period: 90s ",
        "start_period: 1m30s ",
    );
    assert_eq!(
        changes(&case)[STAGING][0].1,
        "start_period: 3m20s  # checks, migrations and static files"
    );
}

#[test]
fn a_missing_start_period_is_added_behind_the_last_key() {
    let case = Case::story("before", Some("bad")).replace(
        STAGING,
        "      start_period: 90s  # checks, migrations and static files\n",
        "",
    );
    let fixed = case.fixed();
    assert!(
        fixed
            .text(STAGING)
            .contains("      retries: 3\n      start_period: 200s\n\n  frontend"),
        "{}",
        fixed.text(STAGING)
    );
    is_settled(&case);
}

#[test]
fn a_start_period_that_comes_to_others_as_well_is_added_only_when_unsafe_fixes_are_asked_for() {
    let slow = "test: [CMD, ./x], retries: 1, interval: 10s, timeout: 5s";
    for (a, b) in [
        (
            format!("{{image: a, healthcheck: &h {{{slow}}}}}"),
            "{image: b, healthcheck: *h}",
        ),
        (
            format!("{{image: a, healthcheck: &h {{{slow}}}}}"),
            "{image: b, healthcheck: {<<: *h}}",
        ),
        (
            format!("&a {{image: a, healthcheck: {{{slow}}}}}"),
            "{<<: *a, command: b}",
        ),
        (
            format!("{{image: a, healthcheck: {{{slow}}}}}"),
            "{extends: a, command: b}",
        ),
    ] {
        let text = format!("services:\n  a: {a}\n  b: {b}\n");
        let mut case = Case::of([("compose.yml", &*text)]).startup("a", 70);
        let checked = case.check();
        let findings = &checked.findings;
        let finding = findings.iter().find(|f| f.rule == STARTUP);
        let finding = finding.expect("a finding");
        let fix = finding.fix.as_ref().expect("a fix");
        assert_eq!(fix.safety, Safety::Unsafe, "{text}");
        let tells = |note: &String| note.contains("it changes for b as well");
        assert!(finding.notes.iter().any(tells), "{:?}", finding.notes);
        assert_eq!(case.fixed().text("compose.yml"), text);
        case.options.allow_unsafe = true;
        let fixed = case.fixed();
        let fixed = fixed.text("compose.yml");
        assert!(fixed.contains("timeout: 5s, start_period: "), "{fixed}");
    }
    // A healthcheck that only takes in another one gets a key of its own.
    let text = format!(
        "x-h: &h {{{slow}}}\nservices:\n  a: {{image: a, healthcheck: {{<<: *h}}}}\n  b: {{image: b, healthcheck: *h}}\n"
    );
    let case = Case::of([("compose.yml", &*text)]).startup("a", 70);
    let fixed = case.fixed();
    let fixed = fixed.text("compose.yml");
    assert!(fixed.contains("{<<: *h, start_period: "), "{fixed}");
}

#[test]
fn a_healthcheck_over_the_images_comes_to_those_who_extend_the_service() {
    let dockerfile = "FROM app\nHEALTHCHECK --interval=10s --retries=1 CMD ./x\n";
    let with = |b: &str| {
        let text = format!("services:\n  a: &a\n    build: .\n  b:\n    {b}\n");
        let case = Case::of([("compose.yml", &*text), ("Dockerfile", dockerfile)]);
        let checked = case.startup("a", 70).check();
        let mut findings = checked.findings.iter();
        let finding = findings.find(|f| f.rule == STARTUP).expect("a finding");
        finding.fix.as_ref().expect("a fix").safety
    };
    assert_eq!(with("image: b"), Safety::Safe);
    assert_eq!(with("extends: a"), Safety::Unsafe);
    assert_eq!(with("<<: *a"), Safety::Unsafe);
}

#[test]
fn a_literal_that_both_stacks_read_is_changed_once_to_the_larger_value() {
    // The backend's timing stands in the base, and both overlays leave it alone.
    let timing =
        "      test: [\"CMD\", \"curl\", \"-fsS\", \"http://127.0.0.1:8000/api/v1/health/\"]\n";
    let case = Case::story("before", Some("bad")).replace(
        "docker-compose.yml",
        timing,
        &format!("{timing}      interval: 45s\n      timeout: 5s\n      retries: 3\n      start_period: 90s\n"),
    );
    let drop_backend = |text: &str| {
        let service = text.find("  backend:").expect("the backend");
        let from = service
            + text[service..]
                .find("    healthcheck:")
                .expect("its healthcheck");
        let to = from + text[from..].find("\n\n").expect("its end");
        format!("{}{}", &text[..from], &text[to + 1..])
    };
    let case = case.map(|path, text| {
        if path == STAGING || path == PRODUCTION {
            drop_backend(text)
        } else {
            text.to_owned()
        }
    });
    let checked = case.check();
    let startups: Vec<_> = checked
        .findings
        .iter()
        .filter(|f| f.rule == STARTUP)
        .collect();
    assert_eq!(startups.len(), 1, "one place, one finding");
    assert!(
        startups[0]
            .notes
            .iter()
            .any(|note| note.starts_with("stacks staging") && note.contains("production")),
        "{:?}",
        startups[0].notes
    );
    assert_eq!(
        changes(&case)["docker-compose.yml"],
        [pair("start_period: 90s", "start_period: 200s")]
    );
    is_settled(&case);
}
