//! Lengths of time as programs print them: `2s`, `1m 5s`, `1234 ms`, `1.5s`, `2 seconds`.
//!
//! That is not Compose's grammar: blanks, words and thousands separators are allowed, a bare number is not.

use crate::duration::Seconds;

const SECOND: i64 = 1_000_000_000;

/// Nanoseconds of one unit, and the ways to write it.
const UNITS: [(i64, &[&str]); 7] = [
    (1, &["ns"]),
    (1_000, &["us", "µs", "μs"]),
    (
        1_000_000,
        &[
            "ms",
            "msec",
            "msecs",
            "millis",
            "millisecond",
            "milliseconds",
        ],
    ),
    (SECOND, &["s", "sec", "secs", "second", "seconds"]),
    (60 * SECOND, &["m", "min", "mins", "minute", "minutes"]),
    (3_600 * SECOND, &["h", "hr", "hrs", "hour", "hours"]),
    (86_400 * SECOND, &["d", "day", "days"]),
];

/// A length found in a text, and the offset behind it.
pub(super) type Amount = (Seconds, usize);

/// The length that begins at byte `at`, with units: `1m 5s`.
pub(super) fn duration(text: &str, at: usize) -> Option<Amount> {
    let (mut total, mut end, mut unit) = component(text, at)?;
    // `1m 5s` and `1 minute, 5 seconds`, but not `45s 12 applied`: what follows is a number with a smaller unit.
    while let Some((more, more_end, more_unit)) = component(text, skip_separator(text, end)) {
        if more_unit >= unit {
            break;
        }
        (total, end, unit) = (total + more, more_end, more_unit);
    }
    let glued = text[end..].starts_with(|c: char| c.is_alphanumeric() || c == '_');
    (!glued).then_some((total, end))
}

/// The number without a unit that begins at byte `at`, in units of `unit` nanoseconds.
pub(super) fn bare(text: &str, at: usize, unit: i64) -> Option<Amount> {
    let (number, end) = number(text, at)?;
    Some((number.of(unit), end))
}

/// Minutes and seconds, with hours or without: `01:05.250s`.
pub(super) fn clock(text: &str, at: usize) -> Option<Amount> {
    let mut end = at;
    let mut whole = Seconds::ZERO;
    for _ in 0..2 {
        let (part, behind) = number(text, end)?;
        let Some(rest) = text[behind..]
            .strip_prefix(':')
            .filter(|_| part.fraction == 0)
        else {
            break;
        };
        whole = (whole + part.of(SECOND)).times(60);
        end = text.len() - rest.len();
    }
    if end == at {
        return None;
    }
    let (seconds, end) = number(text, end)?;
    let end = end + usize::from(text[end..].starts_with('s'));
    let glued = text[end..].starts_with(char::is_alphanumeric);
    (!glued).then_some((whole + seconds.of(SECOND), end))
}

/// A decimal number.
struct Number {
    whole: i64,
    /// Billionths.
    fraction: i64,
}

impl Number {
    fn of(&self, unit: i64) -> Seconds {
        let whole = i128::from(self.whole) * i128::from(unit);
        let fraction = i128::from(self.fraction) * i128::from(unit) / i128::from(SECOND);
        Seconds::from_nanos(i64::try_from(whole + fraction).unwrap_or(i64::MAX))
    }
}

fn component(text: &str, at: usize) -> Option<(Seconds, usize, i64)> {
    let (number, mut end) = number(text, at)?;
    end += blanks(&text[end..]);
    let word = text[end..]
        .find(|c: char| !c.is_alphabetic())
        .map_or(&text[end..], |n| &text[end..end + n]);
    let is_unit = |names: &[&str]| names.iter().any(|name| name.eq_ignore_ascii_case(word));
    let (unit, _) = UNITS.iter().find(|(_, names)| is_unit(names))?;
    Some((number.of(*unit), end + word.len(), *unit))
}

/// `45`, `1.5`, `19,127`.
fn number(text: &str, at: usize) -> Option<(Number, usize)> {
    let bytes = text.as_bytes();
    let mut end = at;
    let mut whole = 0_i64;
    let digits = |from: usize| {
        let rest = bytes.get(from..).unwrap_or_default();
        rest.iter().take_while(|b| b.is_ascii_digit()).count()
    };
    let mut push = |digit: u8| {
        whole = whole
            .saturating_mul(10)
            .saturating_add(i64::from(digit - b'0'));
    };
    let first = digits(at);
    if first == 0 {
        return None;
    }
    bytes[at..at + first].iter().copied().for_each(&mut push);
    end += first;
    if first <= 3 {
        while bytes.get(end) == Some(&b',') && digits(end + 1) == 3 {
            bytes[end + 1..end + 4].iter().copied().for_each(&mut push);
            end += 4;
        }
    }
    let mut fraction = 0_i64;
    let decimals = digits(end + 1);
    if bytes.get(end) == Some(&b'.') && decimals > 0 {
        for place in 0..9 {
            let digit = if place < decimals {
                bytes[end + 1 + place] - b'0'
            } else {
                0
            };
            fraction = fraction * 10 + i64::from(digit);
        }
        end += 1 + decimals;
    }
    Some((Number { whole, fraction }, end))
}

fn blanks(text: &str) -> usize {
    text.len() - text.trim_start_matches([' ', '\u{a0}']).len()
}

fn skip_separator(text: &str, mut at: usize) -> usize {
    at += usize::from(text[at..].starts_with(','));
    at += blanks(&text[at..]);
    if text[at..].starts_with("and ") {
        at += 4;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn reads(text: &str, millis: i64, rest: &str) {
        let (seconds, end) = duration(text, 0).unwrap();
        assert_eq!(seconds, Seconds::from_millis(millis), "{text}");
        assert_eq!(&text[end..], rest);
    }

    #[test]
    fn what_programs_print() {
        reads("2s", 2_000, "");
        reads("45s ║", 45_000, " ║");
        reads("1m 5s", 65_000, "");
        reads("1m5s)", 65_000, ")");
        reads("1 minute, 5 seconds.", 65_000, ".");
        reads("1 hour and 2 min", 3_720_000, "");
        reads("1234 ms", 1_234, "");
        reads("1.5s", 1_500, "");
        reads("2 seconds", 2_000, "");
        reads("1,234,567 ms", 1_234_567, "");
        reads("250000µs", 250, "");
        reads("5000000 ns", 5, "");
    }

    #[test]
    fn it_ends_where_the_length_ends() {
        reads("45s 12 applied", 45_000, " 12 applied");
        reads("45s 2m", 45_000, " 2m");
        reads("45s, 2 warnings", 45_000, ", 2 warnings");
    }

    #[test]
    fn clocks() {
        let reads = |text: &str| clock(text, 0).map(|(seconds, end)| (seconds.to_string(), end));
        assert_eq!(reads("00:00.052s)"), Some(("0.052".to_owned(), 10)));
        assert_eq!(reads("01:05.250s"), Some(("65.25".to_owned(), 10)));
        assert_eq!(reads("01:00:05s"), Some(("3605".to_owned(), 9)));
        for text in ["", "05s", "01:", "01:05x", "1.5:05s"] {
            assert_eq!(reads(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_no_length() {
        for text in [
            "", "70", "s", "2x", "2sx", "2s3", "2s_", "-2s", "1,23s", ".5s", "2. s",
        ] {
            assert_eq!(duration(text, 0), None, "{text}");
        }
    }

    #[test]
    fn giants_saturate() {
        let (seconds, _) = duration("99999999999999999999999h 9999999999999999999m", 0).unwrap();
        assert_eq!(seconds, Seconds::from_nanos(i64::MAX));
    }
}
