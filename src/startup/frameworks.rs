//! What servers and frameworks print when they start: a table, one row a framework, with the lines that it was made from.
//!
//! Some tell a length of their own; of others only the moment is known at which they are ready, and needs timestamps.

mod table;

use super::amount;
use super::model::Bound;
use crate::duration;
use Part::{Clock, Duration, Millis, Number, Seconds, Text, UpTo, Word};
use std::ops::Range;
use table::FRAMEWORKS;

/// What one server prints.
struct Framework {
    #[cfg(test)]
    name: &'static str,
    /// Texts with which a container begins, whatever runs in it later.
    first: &'static [&'static str],
    /// Texts with which a process of it begins.
    process: &'static [&'static str],
    /// Lines with a length.
    rows: &'static [Row],
    /// Texts that say that it is ready, without a length.
    ready: &'static [&'static str],
    /// Texts that say that a server which was ready is not the one that counts: all parts stand in the line, in this order.
    temporary: &'static [&'static [&'static str]],
    /// Texts that say that another process of the same start follows.
    again: &'static [&'static str],
    #[cfg(test)]
    samples: &'static [(&'static str, tests::Sample)],
}

/// A line that says how long something took.
struct Row {
    parts: &'static [Part],
    says: Says,
}

/// What a row's length is.
#[derive(Clone, Copy)]
enum Says {
    /// That of the start.
    Ready(Bound),
    /// That of a step, by this name.
    Step(&'static str),
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
    /// Minutes and seconds: `01:05.250s`.
    Clock,
}

const NONE: Framework = Framework {
    #[cfg(test)]
    name: "",
    first: &[],
    process: &[],
    rows: &[],
    ready: &[],
    temporary: &[],
    again: &[],
    #[cfg(test)]
    samples: &[],
};

/// Texts that say that a process which is ready loads its code again: what follows is no start of a container.
const RELOADS: [&str; 2] = [" changed, reloading", "Reloading..."];

/// How often a row's first text may stand in a line: each place may cost a look at the whole line, and lines may be
/// megabytes long.
const MAX_PLACES: usize = 8;

/// What a line with a length says.
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

/// What a framework's line says.
pub(super) enum Line {
    /// It is ready, after so long.
    Ready(Ready),
    /// A step took so long, and where its number stands.
    Step(&'static str, duration::Seconds, Range<usize>),
    /// A milestone of the framework with this number.
    Mark(Mark, usize),
}

/// A milestone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// The container begins.
    First,
    /// A process begins.
    Process,
    /// The server is ready.
    Ready,
    /// The server that was ready does not count.
    Temporary,
    /// Another process of the same start follows.
    Again,
    /// A process that is ready loads its code again.
    Reload,
}

/// What a text says.
pub(super) fn read(text: &str) -> Option<Line> {
    if text.contains(" in ") || text.contains(" time ") {
        let rows = FRAMEWORKS.iter().flat_map(|framework| framework.rows);
        if let Some(line) = rows.into_iter().find_map(|row| row.read(text)) {
            return Some(line);
        }
    }
    if RELOADS.iter().any(|phrase| text.contains(phrase)) {
        return Some(Line::Mark(Mark::Reload, 0));
    }
    let frameworks = FRAMEWORKS.iter().enumerate();
    let mut frameworks = frameworks;
    frameworks.find_map(|(number, framework)| Some(Line::Mark(framework.mark(text)?, number)))
}

/// Texts of which at least one stands in every line that is understood here.
pub(super) fn phrases() -> impl Iterator<Item = &'static str> {
    let of_framework = |framework: &'static Framework| {
        let temporary = framework.temporary.iter().filter_map(|parts| parts.last());
        let marks = [
            framework.first,
            framework.process,
            framework.ready,
            framework.again,
        ];
        let rows = framework.rows.iter().filter_map(Row::phrase);
        marks
            .into_iter()
            .flatten()
            .chain(temporary)
            .copied()
            .chain(rows)
    };
    FRAMEWORKS.iter().flat_map(of_framework).chain(RELOADS)
}

impl Framework {
    fn mark(&self, text: &str) -> Option<Mark> {
        let any = |phrases: &[&str]| phrases.iter().any(|phrase| text.contains(phrase));
        let in_order = |parts: &[&str]| {
            let mut rest = Some(text);
            for part in parts {
                rest = rest
                    .and_then(|rest| rest.split_once(part))
                    .map(|(_, rest)| rest);
            }
            rest.is_some()
        };
        match self {
            _ if self.temporary.iter().any(|parts| in_order(parts)) => Some(Mark::Temporary),
            _ if any(self.again) => Some(Mark::Again),
            _ if any(self.first) => Some(Mark::First),
            _ if any(self.process) => Some(Mark::Process),
            _ if any(self.ready) => Some(Mark::Ready),
            _ => None,
        }
    }
}

impl Row {
    fn read(&self, text: &str) -> Option<Line> {
        let [Text(first), rest @ ..] = self.parts else {
            return None;
        };
        let mut places = text.match_indices(first).take(MAX_PLACES);
        let found = places.find_map(|(at, _)| fits(text, at + first.len(), rest))?;
        Some(match self.says {
            Says::Ready(bound) => Line::Ready(Ready { bound, ..found }),
            Says::Step(name) => Line::Step(name, found.length, found.number),
        })
    }

    /// The longest text of the row: the rarest, most likely. The blanks around it may be more.
    fn phrase(&self) -> Option<&'static str> {
        let texts = self.parts.iter().filter_map(|part| match part {
            Text(text) => Some(text.trim_start_matches(' ')),
            UpTo(text) => Some(*text),
            _ => None,
        });
        texts.max_by_key(|text| text.len())
    }
}

/// The line whose parts begin at byte `at`, as a lower bound; `None` if the text does not fit.
fn fits(text: &str, mut at: usize, parts: &[Part]) -> Option<Ready> {
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
            Clock => amount::clock(text, at)?,
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
        bound: Bound::Lower,
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

#[cfg(test)]
mod tests {
    use super::*;

    /// What a line says.
    #[derive(Debug, PartialEq)]
    pub(super) enum Sample {
        /// Ready after so many seconds, the number's text, and what it proves.
        Ready(&'static str, &'static str, Bound),
        /// A step's name, its seconds, and the number's text.
        Step(&'static str, &'static str, &'static str),
        First,
        Process,
        Milestone,
        Temporary,
        Again,
        Nothing,
    }

    #[test]
    fn every_sample_says_what_stands_beside_it() {
        for (number, framework) in FRAMEWORKS.iter().enumerate() {
            assert!(!framework.samples.is_empty(), "{}", framework.name);
            for (text, sample) in framework.samples {
                let mark = |found, expected| {
                    assert_eq!(found, expected, "{text}");
                };
                match (read(text), sample) {
                    (Some(Line::Ready(ready)), Sample::Ready(length, place, bound)) => {
                        let found = (ready.length.to_string(), &text[ready.number], ready.bound);
                        assert_eq!(found, ((*length).to_owned(), *place, *bound), "{text}");
                    }
                    (
                        Some(Line::Step(name, length, at)),
                        Sample::Step(expected, seconds, place),
                    ) => {
                        let found = (name, length.to_string(), &text[at]);
                        assert_eq!(found, (*expected, (*seconds).to_owned(), *place), "{text}");
                    }
                    (Some(Line::Mark(found, of)), Sample::First) => {
                        mark((found, of), (Mark::First, number));
                    }
                    (Some(Line::Mark(found, of)), Sample::Process) => {
                        mark((found, of), (Mark::Process, number));
                    }
                    (Some(Line::Mark(found, of)), Sample::Milestone) => {
                        mark((found, of), (Mark::Ready, number));
                    }
                    (Some(Line::Mark(found, of)), Sample::Temporary) => {
                        mark((found, of), (Mark::Temporary, number));
                    }
                    (Some(Line::Mark(found, of)), Sample::Again) => {
                        mark((found, of), (Mark::Again, number));
                    }
                    (None, Sample::Nothing) => {}
                    _ => panic!("{}: {text} is not {sample:?}", framework.name),
                }
            }
        }
    }

    #[test]
    fn every_sample_is_let_through() {
        for framework in FRAMEWORKS {
            for (text, sample) in framework.samples {
                let passes = phrases().any(|phrase| text.contains(phrase));
                assert!(passes || *sample == Sample::Nothing, "{text}");
            }
        }
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
            "Successfully validated 8 migrations (execution time unknown)",
        ] {
            assert!(read(text).is_none(), "{text}");
        }
    }

    #[test]
    fn every_row_begins_with_a_text_and_has_one_number() {
        for row in FRAMEWORKS.iter().flat_map(|framework| framework.rows) {
            assert!(matches!(row.parts.first(), Some(Text(_))));
            let counts = |part: &&Part| matches!(part, Seconds | Millis | Duration | Clock);
            assert_eq!(row.parts.iter().filter(counts).count(), 1);
        }
    }
}
