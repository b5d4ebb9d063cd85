//! Lengths of time: Compose's grammar, and printing in the user's style.

#![allow(clippy::unwrap_used)] // what is missing fails the test

use proptest::prelude::*;
use upbeat::duration::{Problem, Seconds, parse, print_like, round_up};

fn nanos(text: &str) -> i64 {
    parse(text).unwrap_or_else(|e| panic!("{e}")).nanos()
}

#[test]
fn reads_what_compose_reads() {
    for (text, seconds) in [
        ("10s", 10.0),
        ("1m30s", 90.0),
        ("1.5s", 1.5),
        (".5s", 0.5),
        ("1.s", 1.0),
        ("500ms", 0.5),
        ("100us", 0.0001),
        ("100\u{b5}s", 0.0001),
        ("100\u{3bc}s", 0.0001),
        ("7ns", 7e-9),
        ("1d", 86400.0),
        ("1w", 604_800.0),
        ("0", 0.0),
        ("-0", 0.0),
        ("0s", 0.0),
        ("-5s", -5.0),
        ("+5s", 5.0),
        ("1s1s", 2.0),
        ("0.25h", 900.0),
        ("00090s", 90.0),
    ] {
        assert_eq!(parse(text).ok(), Seconds::from_f64(seconds), "{text}");
    }
    assert_eq!(nanos("0.9999999999s"), 999_999_999, "cut off, not rounded");
    assert_eq!(nanos("9223372036854775807ns"), i64::MAX);
    assert_eq!(nanos("0.00000000000000000000000000001w"), 0);
}

#[test]
fn refuses_what_compose_refuses_and_says_what_to_write() {
    for (text, suggestion) in [
        ("", None),
        ("-", None),
        ("10", Some("10s")),
        ("90", Some("90s")),
        ("-10", Some("-10s")),
        ("1.5", Some("1.5s")),
        ("1m30", Some("1m30s")),
        ("1M", Some("1m")),
        ("10S", Some("10s")),
        ("1 m", Some("1m")),
        ("1m 30s", Some("1m30s")),
        (" 10s", Some("10s")),
        ("10s ", Some("10s")),
        ("10sec", Some("10s")),
        ("5 minutes", Some("5m")),
        ("2 Hours", Some("2h")),
        ("10,5s", Some("10.5s")),
        (".s", None),
        ("s", None),
        ("1:30", None),
        ("fast", None),
        ("1e3s", None),
        ("--1s", None),
        ("1y", None),
        ("9223372036854775808ns", None),
        ("99999999999999999999999s", None),
        ("300y", None),
        ("10000000000s", None),
        ("15250w1w", None),
    ] {
        let error = parse(text).expect_err(text);
        assert_eq!(error.suggestion().as_deref(), suggestion, "{text}: {error}");
    }
}

/// What docker compose 2.40.3 makes of an `interval` (`config --format json`; null where it refuses it), to the nanosecond.
#[test]
fn agrees_with_compose() {
    let facts = include_str!("../fixtures/facts/durations.jsonl");
    for line in facts.lines() {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        let ours = parse(row["text"].as_str().unwrap()).ok();
        // Compose prints what it has read in the same grammar.
        let composes = row["compose"].as_str().map(|text| parse(text).unwrap());
        assert_eq!(ours, composes, "{line}");
    }
    assert!(facts.lines().count() > 250);
}

#[test]
fn errors_teach() {
    for (text, message) in [
        ("90", "`90` has no unit: write `90s`"),
        ("1m30", "`1m30` has a number without a unit: write `1m30s`"),
        (
            "1M",
            "`M` in `1M` is no unit (they are w, d, h, m, s, ms, us, ns): write `1m`",
        ),
        ("1 m", "`1 m` has a space in it: write `1m`"),
        ("", "an empty text is no duration: write one like `30s`"),
        (
            "\u{1b}[31m",
            "`\\u{1b}[31m` is no duration, which is numbers with units, like `1m30s`",
        ),
    ] {
        assert_eq!(parse(text).unwrap_err().to_string(), message);
    }
    let long = "9".repeat(100_000) + "s";
    let error = parse(&long).unwrap_err();
    assert_eq!(*error.problem(), Problem::TooLong);
    assert!(error.to_string().len() < 200, "{error}");
}

#[test]
fn prints_in_the_users_style() {
    for (value, model, text) in [
        (200.0, "90s", "200s"),
        (200.0, "2m", "3m20s"),
        (200.0, "1m30s", "3m20s"),
        (200.0, "90000ms", "200000ms"),
        (200.0, "1.5m", "3m20s"),
        (200.0, "0.5h", "3m20s"),
        (200.0, "1h", "3m20s"),
        (200.0, "1d", "3m20s"),
        (180.0, "2m", "3m"),
        (7200.0, "90m", "120m"),
        (7200.0, "1h30m", "2h"),
        (90_000.0, "1d", "1d1h"),
        (700_000.0, "1w", "1w1d2h26m40s"),
        (1.5, "1s", "1.5s"),
        (0.25, "2m", "0.25s"),
        (2.5, "1s500ms", "2s500ms"),
        (0.0015, "1ms", "1.5ms"),
        (0.0015, "90\u{b5}s", "1500\u{b5}s"),
        (0.0, "2m", "0s"),
        (0.0, "5ms", "0ms"),
        (-90.0, "2m", "-1m30s"),
        (30.0, "0", "30s"),
        (30.0, "30", "30s"),
        (30.0, "nonsense", "30s"),
        (90.0, "+2m", "1m30s"),
    ] {
        let value = Seconds::from_f64(value).unwrap();
        assert_eq!(print_like(value, model), text, "in the style of {model}");
    }
}

#[test]
fn rounds_up_to_what_a_person_writes() {
    for (value, rounded) in [
        (198.0, 200),
        (489.5, 490),
        (610.5, 630),
        (77.0, 80),
        (580.0, 580),
        (600.0, 600),
        (600.001, 630),
        (59.2, 60),
        (60.1, 70),
        (0.3, 1),
        (4.2, 5),
        (3.0, 3),
        (5.1, 10),
        (0.0, 0),
        (-7.0, -7),
    ] {
        let value = Seconds::from_f64(value).unwrap();
        assert_eq!(round_up(value), Seconds::new(rounded), "{value}");
    }
}

#[test]
fn a_margin_leaves_no_dust() {
    for whole in 0..5_000 {
        assert_eq!(
            Seconds::new(whole).scaled(1.1),
            Seconds::from_millis(whole * 1_100)
        );
    }
    assert_eq!(Seconds::from_nanos(1).scaled(1.1), Seconds::from_nanos(2));
    assert_eq!(Seconds::new(180).scaled(1.0), Seconds::new(180));
    assert_eq!(Seconds::new(180).scaled(f64::NAN), Seconds::new(180));
    assert_eq!(
        Seconds::new(180).scaled(f64::INFINITY).nanos(),
        i64::MAX,
        "saturates"
    );
}

/// Durations as people and machines write them.
fn written() -> impl Strategy<Value = String> {
    let unit = prop::sample::select(vec![
        "w", "d", "h", "m", "s", "ms", "us", "\u{b5}s", "\u{3bc}s", "ns",
    ]);
    let number = prop_oneof!["[0-9]{1,4}", "[0-9]{1,3}\\.[0-9]{0,4}", "\\.[0-9]{1,4}"];
    let terms = prop::collection::vec((number, unit), 1..5);
    ("[-+]?", terms)
        .prop_map(|(sign, terms)| terms.iter().fold(sign, |text, (n, unit)| text + n + unit))
}

proptest! {
    #[test]
    fn what_is_printed_is_read_back(value in -1_000_000_000_000_i64..1_000_000_000_000, model in written()) {
        prop_assume!(parse(&model).is_ok());
        let value = Seconds::from_millis(value);
        let text = print_like(value, &model);
        prop_assert_eq!(parse(&text), Ok(value), "{} in the style of {}", text, model);
    }

    #[test]
    fn every_nanosecond_is_read_back(value in i64::MIN + 1..=i64::MAX, model in written()) {
        let value = Seconds::from_nanos(value);
        prop_assert_eq!(parse(&print_like(value, &model)), Ok(value));
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,12}|[-+0-9.,a-zµμ ]{0,40}") {
        if let Err(error) = parse(&text) {
            prop_assert!(!error.to_string().is_empty());
            if let Some(better) = error.suggestion() {
                prop_assert!(parse(&better).is_ok(), "{}", better);
            }
        }
    }

    #[test]
    fn rounding_never_takes_away(value in 1_i64..=i64::MAX / 2) {
        let value = Seconds::from_nanos(value);
        let rounded = round_up(value);
        prop_assert!(rounded >= value && round_up(rounded) == rounded);
        prop_assert!(rounded - value < Seconds::new(30));
    }
}
