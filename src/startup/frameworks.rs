//! Ready lines that carry their own duration. One row is one line of one framework.

use super::amount;
use super::record::Bound;
use crate::duration;
use std::ops::Range;

/// A line that says that the server is ready, and after how long.
struct Row {
    parts: &'static [Part],
    bound: Bound,
}

/// A part of a line.
enum Part {
    /// This text.
    Text(&'static str),
    /// Anything without a blank: a class name, a version.
    Word,
    /// Anything, up to and with this text.
    UpTo(&'static str),
    /// The framework's own seconds, without those of its process before it.
    Number,
    /// The number, of seconds without a unit.
    Seconds,
    /// The number, of milliseconds without a unit.
    Millis,
    /// The number with its unit.
    Duration,
}

use Part::{Duration, Millis, Number, Seconds, Text, UpTo, Word};

/// The first row that fits counts, so the fuller line of a framework stands before the shorter one.
///
/// Spring's second number runs from the start of the process, which is the container's start where no script comes
/// first: exact. All the others start their watch later than the process (class loading, the runtime's own boot), and
/// are lower bounds.
const ROWS: &[Row] = &[
    // Spring Boot: "process" since 3.0, "JVM" before.
    Row {
        parts: &[
            Text("Started "),
            Word,
            Text(" in "),
            Number,
            Text(" seconds (process running for "),
            Seconds,
            Text(")"),
        ],
        bound: Bound::Exact,
    },
    Row {
        parts: &[
            Text("Started "),
            Word,
            Text(" in "),
            Number,
            Text(" seconds (JVM running for "),
            Seconds,
            Text(")"),
        ],
        bound: Bound::Exact,
    },
    // Quarkus, and Keycloak on it.
    Row {
        parts: &[
            Text("(powered by Quarkus "),
            Word,
            Text(" started in "),
            Duration,
        ],
        bound: Bound::Lower,
    },
    // Tomcat: 9 and later, then before.
    Row {
        parts: &[Text("Server startup in ["), Millis, Text("] milliseconds")],
        bound: Bound::Lower,
    },
    Row {
        parts: &[Text("Server startup in "), Duration],
        bound: Bound::Lower,
    },
    // WildFly: 0025 is a clean start, 0026 one with errors.
    Row {
        parts: &[Text("WFLYSRV0025: "), UpTo(" started in "), Duration],
        bound: Bound::Lower,
    },
    Row {
        parts: &[Text("WFLYSRV0026: "), UpTo(" in "), Duration],
        bound: Bound::Lower,
    },
    // Next.js.
    Row {
        parts: &[Text("✓ Ready in "), Duration],
        bound: Bound::Lower,
    },
    // Vite.
    Row {
        parts: &[Text("VITE "), Word, Text(" ready in "), Duration],
        bound: Bound::Lower,
    },
];

/// Lines with which a process begins, and that come early enough to date its start.
const BEGINNINGS: [&str; 2] = [":: Spring Boot ::", " using Java "];

/// Lines that say that a server is ready, without a duration: what is logged behind them is no part of the start.
const MILESTONES: [&str; 12] = [
    "Listening at: ",
    "Listening on ",
    "listening on ",
    "Application startup complete",
    "Uvicorn running on ",
    "Starting development server at ",
    "application successfully started",
    "ready to accept connections",
    "ready for connections",
    "Ready to accept connections",
    "Server startup complete",
    "start worker processes",
];

/// How often a row's first text may stand in a line: each place may cost a look at the whole line, and lines may be
/// megabytes long.
const MAX_PLACES: usize = 8;

/// What a ready line says.
pub(super) struct Ready {
    /// The length of the start.
    pub length: duration::Seconds,
    /// Where its number stands.
    pub number: Range<usize>,
    /// What it proves.
    pub bound: Bound,
    /// How much of it the framework itself took, where the line tells that.
    pub own: Option<duration::Seconds>,
}

/// The ready line in a text.
pub(super) fn ready(text: &str) -> Option<Ready> {
    ROWS.iter().find_map(|row| {
        let [Text(first), rest @ ..] = row.parts else {
            return None;
        };
        let mut places = text.match_indices(first).take(MAX_PLACES);
        places.find_map(|(at, _)| fits(text, at + first.len(), rest, row.bound))
    })
}

/// The ready line whose parts begin at byte `at`; `None` if the text does not fit.
fn fits(text: &str, mut at: usize, parts: &[Part], bound: Bound) -> Option<Ready> {
    let mut own = None;
    let mut found = None;
    for part in parts {
        let start = at;
        let amount = match part {
            Text(expected) => {
                at = skip_text(text, at, expected)?;
                continue;
            }
            UpTo(expected) => {
                at += text[at..].find(expected)? + expected.len();
                continue;
            }
            Word => {
                at += text[at..].find(char::is_whitespace)?;
                if at == start {
                    return None;
                }
                continue;
            }
            Number | Seconds => amount::bare(text, at, SECOND)?,
            Millis => amount::bare(text, at, SECOND / 1_000)?,
            Duration => amount::duration(text, at)?,
        };
        at = amount.1;
        if matches!(part, Number) {
            own = Some(amount.0);
        } else {
            found = Some((amount.0, start..at));
        }
    }
    let (length, number) = found?;
    Some(Ready {
        length,
        number,
        bound,
        own,
    })
}

const SECOND: i64 = 1_000_000_000;

/// A blank that begins the expected text stands for any number of them: programs align their words.
fn skip_text(text: &str, at: usize, expected: &str) -> Option<usize> {
    let rest = &text[at..];
    let (rest, expected) = match expected.strip_prefix(' ') {
        Some(expected) if rest.starts_with(' ') => (rest.trim_start_matches(' '), expected),
        Some(_) => return None,
        None => (rest, expected),
    };
    let rest = rest.strip_prefix(expected)?;
    Some(text.len() - rest.len())
}

/// Whether the text is one of the first that a process prints.
pub(super) fn begins(text: &str) -> bool {
    BEGINNINGS.iter().any(|phrase| text.contains(phrase))
}

/// Whether the text says that the server is ready.
pub(super) fn is_milestone(text: &str) -> bool {
    MILESTONES.iter().any(|phrase| text.contains(phrase))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn reads(text: &str, millis: i64, number: &str, bound: Bound) {
        let found = ready(text).unwrap_or_else(|| panic!("{text}"));
        let length = duration::Seconds::from_millis(millis);
        assert_eq!((found.length, found.bound), (length, bound), "{text}");
        assert_eq!(&text[found.number], number, "{text}");
    }

    #[test]
    fn spring() {
        reads(
            "2024-05-01 10:00:00.123  INFO 1 --- [main] c.e.App : Started App in 11.2 seconds (process running for 12.9)",
            12_900,
            "12.9",
            Bound::Exact,
        );
        reads(
            "Started A in 17.2 seconds (JVM running for 17.9)",
            17_900,
            "17.9",
            Bound::Exact,
        );
    }

    #[test]
    fn others() {
        reads(
            "Keycloak 25.0.6 on JVM (powered by Quarkus 3.8.5) started in 6.850s. Listening on: http://0.0.0.0:8080",
            6_850,
            "6.850s",
            Bound::Lower,
        );
        reads(
            "Server startup in [19,127] milliseconds",
            19_127_000 / 1_000,
            "19,127",
            Bound::Lower,
        );
        reads(
            "Server startup in 4413944 ms",
            4_413_944,
            "4413944 ms",
            Bound::Lower,
        );
        reads(
            "WFLYSRV0025: WildFly Full 19.0.0.Final (WildFly Core 11.0.0.Final) started in 3332ms - Started 500 of 800 services",
            3_332,
            "3332ms",
            Bound::Lower,
        );
        reads(
            "WFLYSRV0026: WildFly Full 19.0.0.Final started (with errors) in 3332ms",
            3_332,
            "3332ms",
            Bound::Lower,
        );
        reads("✓ Ready in 6.1s", 6_100, "6.1s", Bound::Lower);
        reads("VITE v5.0.0  ready in 523 ms", 523, "523 ms", Bound::Lower);
    }

    #[test]
    fn what_is_no_ready_line() {
        for text in [
            "Started App",
            "Started the long job in 5 seconds",
            "Started App in a few seconds",
            "Started App in 5 minutes",
            "Ready in 5s",
            "Server startup in [x] milliseconds",
            "VITE ",
            "Started ",
        ] {
            assert!(ready(text).is_none(), "{text}");
        }
    }

    #[test]
    fn every_row_begins_with_a_text_and_has_one_number() {
        for row in ROWS {
            assert!(matches!(row.parts.first(), Some(Text(_))));
            let counts = |part: &&Part| matches!(part, Seconds | Millis | Duration);
            assert_eq!(row.parts.iter().filter(counts).count(), 1);
        }
    }
}
