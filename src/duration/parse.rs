//! Reading a duration as Compose does.

use std::fmt;

use super::Seconds;

/// The units of the grammar with their length in nanoseconds, the longest first. Both spellings of the micro sign count.
pub(super) const UNITS: [(&str, i64); 10] = [
    ("w", 7 * 86_400 * 1_000_000_000),
    ("d", 86_400 * 1_000_000_000),
    ("h", 3_600 * 1_000_000_000),
    ("m", 60 * 1_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("\u{b5}s", 1_000),
    ("\u{3bc}s", 1_000),
    ("ns", 1),
];

/// Why a text is no duration. Its `Display` says what is wrong and, where it is obvious, what to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    text: String,
    problem: Problem,
    suggestion: Option<String>,
}

/// What is wrong with a text that should be a duration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// No text at all.
    Empty,
    /// A number without a unit behind it: `90`.
    MissingUnit,
    /// Letters (or anything else) behind a number that are no unit: the `M` of `1M`.
    UnknownUnit(String),
    /// Neither a digit nor a point where a number must begin.
    NotANumber,
    /// More than 292 years.
    TooLong,
}

impl ParseError {
    /// What is wrong.
    pub fn problem(&self) -> &Problem {
        &self.problem
    }

    /// The spelling that was most likely meant: one that [`parse`] takes.
    pub fn suggestion(&self) -> Option<String> {
        self.suggestion.clone()
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = Shown(&self.text);
        match &self.problem {
            Problem::Empty => write!(f, "an empty text is no duration: write one like `30s`")?,
            Problem::MissingUnit if self.text.bytes().all(|b| b.is_ascii_digit()) => {
                write!(f, "`{text}` has no unit")?;
            }
            Problem::MissingUnit => write!(f, "`{text}` has a number without a unit")?,
            Problem::UnknownUnit(unit) if unit.contains(char::is_whitespace) => {
                write!(f, "`{text}` has a space in it")?;
            }
            Problem::UnknownUnit(unit) => write!(
                f,
                "`{}` in `{text}` is no unit (they are w, d, h, m, s, ms, us, ns)",
                Shown(unit)
            )?,
            Problem::NotANumber => write!(
                f,
                "`{text}` is no duration, which is numbers with units, like `1m30s`"
            )?,
            Problem::TooLong => write!(
                f,
                "`{text}` is longer than 292 years, the most that fits into a duration"
            )?,
        }
        match &self.suggestion {
            Some(suggestion) => write!(f, ": write `{suggestion}`"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for ParseError {}

/// A text from a file, safe to print: control characters escaped, cut where it gets long.
struct Shown<'a>(&'a str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const LONGEST: usize = 40;
        for (count, c) in self.0.chars().enumerate() {
            if count == LONGEST {
                return f.write_str("…");
            }
            if c.is_control() {
                write!(f, "{}", c.escape_default())?;
            } else {
                write!(f, "{c}")?;
            }
        }
        Ok(())
    }
}

/// Reads a duration as docker compose 2.40.3 does: Go's grammar with `d` and `w`, `[-+]?([0-9]*(\.[0-9]*)?unit)+`, or `0`.
///
/// Negative durations are read (Compose lets them pass; the engine refuses them). Fractions of a nanosecond are cut off.
///
/// # Errors
/// Whatever Compose refuses, and more than 292 years. It never panics.
pub fn parse(text: &str) -> Result<Seconds, ParseError> {
    read(text).map_err(|problem| ParseError {
        suggestion: suggest(text, &problem),
        text: text.to_owned(),
        problem,
    })
}

/// A regular expression for the lengths that [`parse`] reads and that are not negative, but for those that are too long.
pub fn pattern() -> String {
    let units: Vec<&str> = UNITS.iter().map(|(unit, _)| *unit).collect();
    let units = units.join("|");
    format!(r"^(\+?(0|(([0-9]+(\.[0-9]*)?|\.[0-9]+)({units}))+)|-0)$")
}

fn read(text: &str) -> Result<Seconds, Problem> {
    let (negative, digits) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    if digits == "0" {
        return Ok(Seconds::ZERO);
    }
    if digits.is_empty() {
        return Err(if text.is_empty() {
            Problem::Empty
        } else {
            Problem::NotANumber
        });
    }
    let mut rest = digits;
    let mut total: i64 = 0;
    while !rest.is_empty() {
        let (term, behind) = take_term(rest)?;
        total = total.checked_add(term.nanos()?).ok_or(Problem::TooLong)?;
        rest = behind;
    }
    Ok(Seconds::from_nanos(if negative { -total } else { total }))
}

/// One number with its unit: the `1.5m` of `1.5m30s`.
pub(super) struct Term<'a> {
    whole: &'a str,
    fraction: &'a str,
    /// As it is spelled.
    pub unit: &'static str,
    /// The unit's length in nanoseconds.
    length: i64,
}

/// Splits the first term off, or says why there is none.
pub(super) fn take_term(text: &str) -> Result<(Term<'_>, &str), Problem> {
    let (whole, behind) = take_digits(text);
    let (fraction, behind) = match behind.strip_prefix('.') {
        Some(behind) => take_digits(behind),
        None => ("", behind),
    };
    if whole.is_empty() && fraction.is_empty() {
        return Err(Problem::NotANumber);
    }
    let end = behind
        .find(|c: char| c == '.' || c.is_ascii_digit())
        .unwrap_or(behind.len());
    let (unit, behind) = behind.split_at(end);
    if unit.is_empty() {
        return Err(Problem::MissingUnit);
    }
    let Some(&(unit, length)) = UNITS.iter().find(|(name, _)| *name == unit) else {
        return Err(Problem::UnknownUnit(unit.to_owned()));
    };
    let term = Term {
        whole,
        fraction,
        unit,
        length,
    };
    Ok((term, behind))
}

fn take_digits(text: &str) -> (&str, &str) {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    text.split_at(end)
}

impl Term<'_> {
    fn nanos(&self) -> Result<i64, Problem> {
        let whole: i64 = match self.whole {
            "" => 0,
            digits => digits.parse().map_err(|_| Problem::TooLong)?,
        };
        whole
            .checked_mul(self.length)
            .and_then(|nanos| nanos.checked_add(self.fraction_nanos()))
            .ok_or(Problem::TooLong)
    }

    /// The digits behind the point, computed in floats since Compose does: the nanosecond is the same as Docker's even where it is off by one.
    #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation)]
    fn fraction_nanos(&self) -> i64 {
        let (mut digits, mut scale) = (0_i64, 1.0_f64);
        for digit in self.fraction.bytes().map(|b| i64::from(b - b'0')) {
            let Some(more) = digits.checked_mul(10).and_then(|n| n.checked_add(digit)) else {
                break;
            };
            digits = more;
            scale *= 10.0;
        }
        (digits as f64 * (self.length as f64 / scale)) as i64
    }
}

/// A spelling that is read, made from one that is not by changes that nobody would doubt.
fn suggest(text: &str, problem: &Problem) -> Option<String> {
    // A number that does not fit will not fit in another spelling; and what is long was never meant as a duration.
    if *problem == Problem::TooLong || text.len() > 64 {
        return None;
    }
    let mut out = String::new();
    let mut letters = String::new();
    for c in text.chars().filter(|c| !c.is_whitespace()) {
        match c {
            '0'..='9' | '.' | ',' => {
                out.push_str(unit_meant(&letters)?);
                letters.clear();
                out.push(if c == ',' { '.' } else { c });
            }
            '-' | '+' if out.is_empty() && letters.is_empty() => out.push(c),
            _ => letters.extend(c.to_lowercase()),
        }
    }
    if letters.is_empty() {
        "s".clone_into(&mut letters);
    }
    out.push_str(unit_meant(&letters)?);
    read(&out).ok().map(|_| out)
}

/// The unit that a lower-case word stands for; nothing for no word.
fn unit_meant(word: &str) -> Option<&str> {
    Some(match word {
        "" => "",
        "sec" | "secs" | "second" | "seconds" => "s",
        "min" | "mins" | "minute" | "minutes" => "m",
        "hr" | "hrs" | "hour" | "hours" => "h",
        "day" | "days" => "d",
        "week" | "weeks" => "w",
        "msec" | "msecs" | "milli" | "millis" | "millisecond" | "milliseconds" => "ms",
        unit if UNITS.iter().any(|(name, _)| *name == unit) => unit,
        _ => return None,
    })
}
