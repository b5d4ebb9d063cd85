//! Texts in a given number of columns: how wide they are, and how they are made to fit.

use std::collections::BTreeSet;
use unicode_width::UnicodeWidthStr;

/// The number of columns that a terminal uses for a text.
pub(super) fn width(text: &str) -> usize {
    text.width()
}

/// Longer texts are cut off here before anything is measured.
const MOST: usize = 1_000;

/// The longest start of a text that is at most `most` columns wide.
fn start(text: &str, most: usize) -> &str {
    let ends = text.char_indices().map(|(at, c)| at + c.len_utf8());
    let fits = ends
        .take(MOST)
        .take_while(|end| width(&text[..*end]) <= most);
    &text[..fits.last().unwrap_or(0)]
}

/// The longest end of a text that is at most `most` columns wide.
fn end(text: &str, most: usize) -> &str {
    let starts = text.char_indices().rev().map(|(at, _)| at);
    let fits = starts
        .take(MOST)
        .take_while(|start| width(&text[*start..]) <= most);
    &text[fits.last().unwrap_or(text.len())..]
}

/// The text in at most `most` columns: where it is longer, its middle is left out. `tail` says how many columns its end keeps.
fn squeeze(text: &str, most: usize, tail: usize, ellipsis: &str) -> String {
    if width(text) <= most {
        return text.to_owned();
    }
    let left = most.saturating_sub(width(ellipsis));
    let tail = end(text, tail.min(left));
    let head = start(text, left - width(tail));
    let squeezed = format!("{head}{ellipsis}{tail}");
    if width(&squeezed) <= most {
        squeezed
    } else {
        // No room for the ellipsis itself, or letters that join across it.
        start(text, most).to_owned()
    }
}

/// The text in at most `most` columns: where it is longer, its end is left out.
pub(super) fn shorten(text: &str, most: usize, ellipsis: &str) -> String {
    squeeze(text, most, 0, ellipsis)
}

/// Names in at most `most` columns. The middle is left out, and more of the end is kept where names would look the same;
/// what looks the same even then is numbered.
pub(super) fn shorten_names(names: &[String], most: usize, ellipsis: &str) -> Vec<String> {
    let mut short: Vec<String> = names
        .iter()
        .map(|name| squeeze(name, most, most / 2, ellipsis))
        .collect();
    for tail in [most * 2 / 3, most, most / 4] {
        let twice = twice(&short);
        for (short, name) in short.iter_mut().zip(names) {
            if twice.contains(short) {
                *short = squeeze(name, most, tail, ellipsis);
            }
        }
    }
    let twice = twice(&short);
    let mut number = 0;
    for short in short.iter_mut().filter(|short| twice.contains(*short)) {
        number += 1;
        let sign = format!("#{number}");
        let room = most.saturating_sub(sign.len());
        *short = format!("{}{sign}", start(short, room));
    }
    short
}

/// The names that stand there more than once.
fn twice(names: &[String]) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    let again = names.iter().filter(|name| !seen.insert(name.as_str()));
    again.cloned().collect()
}

/// The text in lines of at most `most` columns, broken at blanks and, where a word is too long, inside of it.
pub(super) fn wrap(text: &str, most: usize) -> Vec<String> {
    let most = most.max(1);
    let mut lines = vec![String::new()];
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let mut word = word;
        loop {
            let line = lines.last_mut().expect("there is always a line");
            let gap = if line.is_empty() { "" } else { " " };
            let longer = format!("{line}{gap}{word}");
            if width(&longer) <= most {
                *line = longer;
                break;
            }
            if !line.is_empty() {
                lines.push(String::new());
                continue;
            }
            let mut part = start(word, most);
            if part.is_empty() {
                // Not even one letter fits: it stands alone.
                part = &word[..word.chars().next().map_or(0, char::len_utf8)];
            }
            part.clone_into(line);
            word = &word[part.len()..];
            if word.is_empty() {
                break;
            }
            lines.push(String::new());
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_keep_their_ends() {
        let names = [
            "snuba-subscription-consumer-events",
            "snuba-subscription-consumer-eap-items",
            "db",
        ]
        .map(str::to_owned);
        assert_eq!(
            shorten_names(&names, 15, "…"),
            ["snuba-s…-events", "snuba-s…p-items", "db"]
        );
        let alike = ["a-very-long-name-1-here", "a-very-long-name-2-here"].map(str::to_owned);
        assert_eq!(
            shorten_names(&alike, 9, "…"),
            ["a-…1-here", "a-…2-here"],
            "more of the end, until they differ"
        );
        let same = ["abcdefgh-1-abcdefgh", "abcdefgh-2-abcdefgh"].map(str::to_owned);
        assert_eq!(shorten_names(&same, 5, "…"), ["abc#1", "abc#2"]);
    }

    #[test]
    fn lines_break_at_blanks_and_inside_of_long_words() {
        assert_eq!(wrap("one two  three", 7), ["one two", "three"]);
        assert_eq!(wrap("a abcdefgh b", 4), ["a", "abcd", "efgh", "b"]);
        assert_eq!(wrap("", 4), [""]);
        assert_eq!(wrap("容器が遅い", 4), ["容器", "が遅", "い"]);
    }

    proptest! {
        #[test]
        fn nothing_is_wider_than_asked(text in "\\PC{0,40}", most in 2_usize..30, tail in 0_usize..30) {
            prop_assert!(width(&squeeze(&text, most, tail, "…")) <= most);
            for line in wrap(&text, most) {
                prop_assert!(width(&line) <= most, "{line:?}");
            }
            let joined: String = wrap(&text, most).concat();
            prop_assert_eq!(joined.replace(' ', ""), text.replace(' ', ""));
        }
    }
}
