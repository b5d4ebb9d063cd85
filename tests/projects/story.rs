//! The story's project in its three states.

use super::case::*;
use std::collections::BTreeMap;
use upbeat::clock::BudgetModel;
use upbeat::duration::Seconds;
use upbeat::finding::Severity;

#[test]
fn the_story_before_has_two_short_waits_and_two_short_start_periods() {
    let found = Case::story("before", Some("bad")).found();
    let facts: Vec<_> = found
        .iter()
        .map(|(rule, severity, file, _)| (*rule, *severity, file.as_str()))
        .collect();
    assert_eq!(
        facts,
        [
            (WAIT, Severity::Error, WORKFLOW),
            (WAIT, Severity::Error, WORKFLOW),
            (STARTUP, Severity::Warning, PRODUCTION),
            (STARTUP, Severity::Warning, STAGING),
        ]
    );
}

#[test]
fn every_number_of_a_waits_sum_is_labelled_at_its_place_across_four_files() {
    let checked = Case::story("before", Some("bad")).check();
    let sources = checked.project.store.sources();
    let finding = &checked.findings[0];
    let labels = || {
        finding.labels.iter().map(|label| {
            (
                sources.get(label.span.file).path(),
                sources.text(label.span),
                label.text.as_str(),
            )
        })
    };
    let has = |file: &str, text: &str, words: &str| {
        assert!(
            labels().any(|(f, t, w)| f == file && t == text && w.contains(words)),
            "{file} {text} {words}: {:?}",
            labels().collect::<Vec<_>>()
        );
    };
    has(
        "docker-compose.yml",
        "30s",
        "`db`: 30s start_period + 10s timeout + 30s interval = 70s",
    );
    has("docker-compose.yml", "10s", "`db`: 10s timeout");
    has("docker-compose.yml", "30s", "`db`: 30s interval");
    has(
        "the.log",
        "180s",
        "`backend`: 180s startup + 5s timeout + 45s interval = 230s",
    );
    has(STAGING, "45s", "`backend`: 45s interval");
    has(STAGING, "5s", "`backend`: 5s timeout");
    has(
        STAGING,
        "60s",
        "`frontend`: 60s start_period + 5s timeout + 45s interval = 110s",
    );
    has(
        STAGING,
        "15s",
        "`proxy`: 15s start_period + 4 x 5s timeout + 3 x 30s interval = 125s",
    );
    has(STAGING, "3", "`proxy`: 3 retries");
    assert_eq!(sources.text(finding.primary.span), "120");
    let mut files: Vec<&str> = labels().map(|(file, ..)| file).chain([WORKFLOW]).collect();
    files.sort_unstable();
    files.dedup();
    assert_eq!(files.len(), 4, "{files:?}");
}

/// The budgets of both stacks in a state: planned, worst and after-up in seconds.
fn budgets(case: &Case) -> Vec<(String, [i64; 3])> {
    let checked = case.check();
    let seconds = |n: Seconds| n.nanos() / 1_000_000_000;
    let sequences = checked.project.sequences.iter().map(|sequence| {
        let stack = &checked.project.stacks[sequence.stack];
        let total = |model| {
            seconds(
                sequence
                    .budget(sequence.waits.len() - 1, &stack.graph, model)
                    .total,
            )
        };
        let numbers = [
            BudgetModel::Planned,
            BudgetModel::Worst,
            BudgetModel::AfterUp,
        ]
        .map(total);
        (stack.files.name.clone(), numbers)
    });
    sequences.collect()
}

#[test]
fn the_storys_budgets_are_those_of_the_design() {
    let expect = |state, day, staging: [i64; 3], production: [i64; 3]| {
        let expected = [
            ("staging".to_owned(), staging),
            ("production".to_owned(), production),
        ];
        assert_eq!(
            budgets(&Case::story(state, day)),
            expected,
            "{state} {day:?}"
        );
    };
    expect("before", None, [445, 825, 125], [440, 870, 125]);
    expect("before", Some("bad"), [535, 825, 125], [560, 870, 125]);
    expect("halfway", None, [525, 970, 125], [535, 1000, 125]);
    expect("halfway", Some("bad"), [525, 970, 125], [535, 1000, 125]);
    expect("after", None, [535, 880, 125], [545, 910, 125]);
    expect("after", Some("bad"), [535, 880, 125], [545, 910, 125]);
}

#[test]
fn a_good_day_finds_only_productions_start_period() {
    let found = Case::story("before", Some("good")).found();
    let startups: Vec<_> = found
        .iter()
        .filter(|f| f.0 == STARTUP)
        .map(|f| f.2.as_str())
        .collect();
    assert_eq!(startups, [PRODUCTION]);
}

#[test]
fn halfway_warns_of_both_waits_and_after_is_clean() {
    for day in [None, Some("good"), Some("bad")] {
        let found = Case::story("halfway", day).found();
        let facts: Vec<_> = found.iter().map(|f| (f.0, f.1)).collect();
        assert_eq!(facts, [(WAIT, Severity::Warning); 2], "{day:?}");
        assert_eq!(Case::story("after", day).found(), [], "{day:?}");
    }
}

#[test]
fn the_fixes_of_the_story_are_the_numbers_a_person_would_write() {
    let staging_period = || {
        pair(
            "start_period: 90s  # checks, migrations and static files",
            "start_period: 200s  # checks, migrations and static files",
        )
    };
    let waits = |from: &str, a: &str, b: &str| {
        vec![
            pair(&format!("MAX_WAIT={from}"), &format!("MAX_WAIT={a}")),
            pair(&format!("MAX_WAIT={from}"), &format!("MAX_WAIT={b}")),
        ]
    };
    let expect = |state, day, expected: Vec<(&str, Vec<(String, String)>)>| {
        let expected: BTreeMap<String, _> = expected
            .into_iter()
            .map(|(file, lines)| (file.to_owned(), lines))
            .collect();
        let case = Case::story(state, day);
        assert_eq!(changes(&case), expected, "{state} {day:?}");
        is_settled(&case);
    };
    expect(
        "before",
        Some("bad"),
        vec![
            (WORKFLOW, waits("120", "630", "660")),
            (
                PRODUCTION,
                vec![pair("start_period: 60s", "start_period: 200s")],
            ),
            (STAGING, vec![staging_period()]),
        ],
    );
    expect("before", None, vec![(WORKFLOW, waits("120", "490", "490"))]);
    expect(
        "before",
        Some("good"),
        vec![
            (WORKFLOW, waits("120", "490", "510")),
            (
                PRODUCTION,
                vec![pair("start_period: 60s", "start_period: 80s")],
            ),
        ],
    );
    expect(
        "halfway",
        None,
        vec![(WORKFLOW, waits("360", "580", "590"))],
    );
    expect(
        "halfway",
        Some("bad"),
        vec![(WORKFLOW, waits("360", "580", "590"))],
    );
}

#[test]
fn windows_line_ends_stay_and_change_nothing_else() {
    let case = Case::story("before", Some("bad")).map(|_, text| text.replace('\n', "\r\n"));
    assert_eq!(
        changes(&case)[WORKFLOW][0],
        pair("MAX_WAIT=120", "MAX_WAIT=630")
    );
    let fixed = case.fixed();
    for (path, text) in &fixed.files {
        assert_eq!(
            text.matches('\n').count(),
            text.matches("\r\n").count(),
            "{path}"
        );
    }
    is_settled(&case);
}

#[test]
fn the_other_budgets_ask_for_more_or_less() {
    let mut case = Case::story("halfway", None);
    case.options.budget = BudgetModel::AfterUp;
    assert_eq!(case.found(), []);
    let mut case = Case::story("after", None);
    case.options.budget = BudgetModel::Worst;
    let messages: Vec<String> = case
        .check()
        .findings
        .iter()
        .map(|f| f.message.clone())
        .collect();
    assert!(
        messages[0].contains("880s to become healthy (worst)") && messages[1].contains("910s"),
        "{messages:?}"
    );
}

#[test]
fn a_startup_beyond_what_the_retries_grant_is_an_error() {
    let case = Case::story("after", None).startup("backend", 260);
    let checked = case.check();
    let worst = checked
        .findings
        .iter()
        .find(|f| f.rule == STARTUP)
        .expect("a finding");
    assert_eq!(worst.severity, Severity::Error);
    assert!(
        worst.message.contains("sure only up to 240s"),
        "{}",
        worst.message
    );
    // A tie passes: 200 s is what start_period grants.
    assert_eq!(
        Case::story("after", None).startup("backend", 200).found(),
        []
    );
    let beyond: Vec<_> = Case::story("after", None)
        .startup("backend", 201)
        .found()
        .iter()
        .map(|f| f.1)
        .collect();
    assert!(
        beyond.iter().all(|severity| *severity == Severity::Warning),
        "{beyond:?}"
    );
}

#[test]
fn findings_are_the_same_every_time() {
    let render = || {
        let checked = Case::story("before", Some("bad")).check();
        let mut out = Vec::new();
        upbeat::report::json::render(
            &checked.findings,
            &checked.ignored,
            checked.project.store.sources(),
            &checked.summary(),
            &mut out,
        )
        .expect("written");
        String::from_utf8(out).expect("text")
    };
    let first = render();
    for _ in 0..5 {
        assert_eq!(render(), first);
    }
}
