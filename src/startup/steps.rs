//! The step log: a script that announces its steps, times each, and prints the total.
//!
//! ```text
//! [2025-11-01 10:30:00] STEP 1/5: Validating production configuration
//! ✅ Configuration validation completed in 2s
//! ║  Total startup time: 70s   ║
//! ```

use super::amount::{self, Amount};
use std::ops::Range;

/// Texts of which at least one stands in every line that is understood here.
pub(super) const PHRASES: [&str; 9] = [
    "STEP ",
    "Step ",
    "step ",
    " completed in ",
    " finished in ",
    " done in ",
    "otal startup time",
    "otal Startup Time",
    "OTAL STARTUP TIME",
];

/// `STEP 1/5: Validating production configuration`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// The step's number, from 1.
    pub number: u32,
    /// How many steps there are.
    pub of: u32,
}

/// `✅ Configuration validation completed in 2s`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Completion {
    /// What was completed.
    pub name: Range<usize>,
    /// How long it took, and where the number ends.
    pub amount: Amount,
    /// Where the number starts.
    pub start: usize,
    /// Whether a check mark stands in the line: a server's own messages ("request completed in 12 ms") have none.
    pub marked: bool,
}

/// The header in a text. Only stamps, levels and symbols may stand before it: a sentence that mentions a step is none.
pub(super) fn header(text: &str) -> Option<Header> {
    if !text.contains('/') {
        return None;
    }
    let at = find_ignore_case(text, "step ")?;
    let before = &text[..at];
    if before.contains(|c: char| c.is_lowercase()) || before.ends_with(char::is_alphanumeric) {
        return None;
    }
    let (number, rest) = count(text[at + "step ".len()..].trim_start_matches(' '))?;
    let (of, rest) = count(rest.strip_prefix('/')?)?;
    // `Step 1/5 : FROM …` with a blank is the image builder's.
    rest.strip_prefix(':')?;
    (number > 0).then_some(Header { number, of })
}

/// The completed step in a text.
pub(super) fn completion(text: &str) -> Option<Completion> {
    const WORDS: [&str; 3] = [" completed", " finished", " done"];
    let (end, start, amount) = text.match_indices(" in ").find_map(|(at, word)| {
        let verb = WORDS.iter().find(|verb| text[..at].ends_with(**verb))?;
        let start = at + word.len();
        let amount = amount::duration(text, start)?;
        Some((at - verb.len(), start, amount))
    })?;
    let mark = check_mark(text);
    let from = match mark {
        Some(mark) if mark <= end => mark,
        _ => behind_stamps(&text[..end]),
    };
    let name =
        text[from..end].trim_matches(|c: char| !c.is_alphanumeric() && !"()'\"`".contains(c));
    let from = name.as_ptr() as usize - text.as_ptr() as usize;
    (!name.is_empty()).then(|| Completion {
        name: from..from + name.len(),
        amount,
        start,
        marked: mark.is_some(),
    })
}

/// The total in a text, and where its number starts: `Total startup time: 70s`.
pub(super) fn total(text: &str) -> Option<(Amount, usize)> {
    const PHRASE: &str = "total startup time";
    let at = find_ignore_case(text, PHRASE)?;
    // Somebody's sentence may hold the words too: before them only stamps, levels and loggers may stand.
    let is_stamp = |word: &str| {
        word.starts_with('[')
            || word.contains('.')
            || !word.contains(|c: char| c.is_ascii_lowercase())
    };
    if !text[behind_stamps(&text[..at])..at]
        .split_whitespace()
        .all(is_stamp)
    {
        return None;
    }
    let at = at + PHRASE.len();
    let start = at + text[at..].find(|c: char| !matches!(c, ' ' | ':' | '=' | '\u{a0}'))?;
    Some((amount::duration(text, start)?, start))
}

/// The offset behind the last check mark.
fn check_mark(text: &str) -> Option<usize> {
    const MARKS: [&str; 5] = ["✅", "✓", "✔", "☑", "[OK]"];
    // All but the last are of several bytes, which most lines have none of.
    if text.is_ascii() {
        return text.rfind("[OK]").map(|at| at + "[OK]".len());
    }
    let ends = MARKS
        .iter()
        .filter_map(|mark| Some(text.rfind(mark)? + mark.len()));
    ends.max()
}

/// Where a message starts, behind `[2025-11-01 10:30:02] [INFO] `.
fn behind_stamps(text: &str) -> usize {
    let mut at = 0;
    while let Some(rest) = text[at..].strip_prefix('[') {
        let Some(end) = rest.find(']') else { break };
        at += 1 + end + 1;
        at += text[at..].len() - text[at..].trim_start().len();
    }
    at
}

/// The number at the start of a text, and the rest.
fn count(text: &str) -> Option<(u32, &str)> {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    Some((text[..end].parse().ok()?, &text[end..]))
}

/// Where an ASCII phrase in lower case stands in a text, whatever its case there.
fn find_ignore_case(text: &str, phrase: &str) -> Option<usize> {
    let (text, phrase) = (text.as_bytes(), phrase.as_bytes());
    let first = phrase.first()?;
    let mut starts = (0..text.len()).filter(|&at| text[at] | 0x20 == *first);
    starts.find(|&at| {
        let end = at + phrase.len();
        text.get(at..end)
            .is_some_and(|found| found.eq_ignore_ascii_case(phrase))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::duration::Seconds;

    #[test]
    fn headers() {
        let is = |text, number, of| {
            assert_eq!(header(text), Some(Header { number, of }), "{text}");
        };
        is("[2025-11-01 10:30:00] STEP 1/5: Validating", 1, 5);
        is("Step 12/12:", 12, 12);
        is("==> [INFO] STEP 2/5: x", 2, 5);
        for text in [
            "Step 1/5 : FROM python",
            "Failed in STEP 2/5: migrations",
            "MISSTEP 1/2: x",
            "STEP 0/5: x",
            "STEP x/5: x",
            "STEP 1/: x",
            "STEP 1",
            "STEP 99999999999/5: x",
            "STEP ",
        ] {
            assert_eq!(header(text), None, "{text}");
        }
    }

    #[track_caller]
    fn completes(text: &str, name: &str, millis: i64, number: &str, marked: bool) {
        let found = completion(text).unwrap_or_else(|| panic!("{text}"));
        assert_eq!(&text[found.name], name);
        assert_eq!(found.amount.0, Seconds::from_millis(millis));
        assert_eq!(&text[found.start..found.amount.1], number);
        assert_eq!(found.marked, marked);
    }

    #[test]
    fn completions() {
        completes(
            "✅ Configuration validation completed in 2s",
            "Configuration validation",
            2_000,
            "2s",
            true,
        );
        completes(
            "✓ Migrations completed in 1234 ms",
            "Migrations",
            1_234,
            "1234 ms",
            true,
        );
        completes(
            "[OK] Migrations finished in 1m 5s.",
            "Migrations",
            65_000,
            "1m 5s",
            true,
        );
        completes(
            "[2025-11-01 10:30:02] [INFO] Static files (all) done in 1.5s (12 copied)",
            "Static files (all)",
            1_500,
            "1.5s",
            false,
        );
        completes(
            "Warm-up in 3 parts completed in 4 s ✅",
            "Warm-up in 3 parts",
            4_000,
            "4 s",
            true,
        );
        for text in [
            "✅ Configuration validation completed",
            "✅ completed in 2s",
            "✅ X completed in 2",
            "✅ X completed in record time",
            "✅ X in 2s",
            "Health checks will begin after start_period (200s)",
        ] {
            assert_eq!(completion(text), None, "{text}");
        }
    }

    #[test]
    fn totals() {
        let is = |text: &str, millis, number| {
            let ((seconds, end), start) = total(text).unwrap();
            assert_eq!(
                (seconds, &text[start..end]),
                (Seconds::from_millis(millis), number)
            );
        };
        is("Total startup time: 70s", 70_000, "70s");
        is("TOTAL STARTUP TIME = 1m 5s   ║", 65_000, "1m 5s");
        is("INFO total startup time 1234 ms", 1_234, "1234 ms");
        assert_eq!(total("Total startup time: 70"), None);
        assert_eq!(total("Total startup time:"), None);
        assert_eq!(total("user said: Total startup time: 900s"), None);
        is(
            "INFO 1 --- [main] c.e.App : Total startup time: 9s",
            9_000,
            "9s",
        );
        assert_eq!(total("Total startup timeout 70s"), None);
    }
}
