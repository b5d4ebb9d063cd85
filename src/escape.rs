//! Text from files made harmless for whoever reads our output: a terminal, a CI log, a person.
//!
//! Hostile are the control characters (a terminal obeys them), the bidirectional ones (they show text in another order than
//! it has) and the prefixes by which CI runners find commands in a log: `##[` and `##vso[` count anywhere in a line.

use std::borrow::Cow;
use std::fmt::Write;

/// Whether a character must not reach a terminal as it is. Tab and line feed are among them: who needs them lets them pass.
pub fn is_hostile(c: char) -> bool {
    matches!(c,
        '\0'..='\x1f' | '\x7f'..='\u{9f}'
        // Bidirectional marks, embeddings, overrides and isolates.
        | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        // Line and paragraph separators, the byte order mark.
        | '\u{2028}' | '\u{2029}' | '\u{feff}')
}

/// Whether the `#` before `rest` is the second one of a CI runner's command prefix.
fn ends_command_prefix(before: &str, rest: &str) -> bool {
    before.ends_with('#') && (rest.starts_with("#[") || rest.starts_with("#vso["))
}

fn needs_nothing(text: &str) -> bool {
    !text.contains(is_hostile) && !text.contains("##")
}

/// The text in one line, with everything hostile written out: `\x1b`, `\n`, `\u{202e}`.
pub fn line(text: &str) -> Cow<'_, str> {
    if needs_nothing(text) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for (at, c) in text.char_indices() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '#' if ends_command_prefix(&text[..at], &text[at..]) => out.push_str("\\x23"),
            _ if !is_hostile(c) => out.push(c),
            _ => push_code(&mut out, c),
        }
    }
    Cow::Owned(out)
}

fn push_code(out: &mut String, c: char) {
    let code = u32::from(c);
    let written = if c.is_ascii() {
        write!(out, "\\x{code:02x}")
    } else {
        write!(out, "\\u{{{code:x}}}")
    };
    written.expect("writing to a string never fails");
}

/// The text with a harmless character of the same number of bytes for each hostile one, so that offsets stay what they were.
/// Tabs, line feeds and the carriage returns before line feeds stay.
pub fn mask(text: &str) -> Cow<'_, str> {
    if needs_nothing(text) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        out.push(match c {
            '\n' | '\t' => c,
            '\r' if text[at..].starts_with("\r\n") => c,
            '#' if ends_command_prefix(&text[..at], &text[at..]) => '?',
            _ if !is_hostile(c) => c,
            _ => match c.len_utf8() {
                1 => '?',
                2 => '¿',
                _ => char::REPLACEMENT_CHARACTER,
            },
        });
    }
    debug_assert_eq!(out.len(), text.len());
    Cow::Owned(out)
}

/// A finished JSON document in which everything hostile is written as JSON's own escapes: the values stay what they are.
///
/// Outside of strings JSON holds none of these characters but line feeds, which stay; inside, serialisers have escaped the
/// line feeds already.
pub fn json(document: &str) -> Cow<'_, str> {
    if !document.contains(|c| c != '\n' && is_hostile(c)) && !document.contains("##") {
        return Cow::Borrowed(document);
    }
    let mut out = String::with_capacity(document.len() + 16);
    for (at, c) in document.char_indices() {
        let command = c == '#' && ends_command_prefix(&document[..at], &document[at..]);
        if command || (c != '\n' && is_hostile(c)) {
            write!(out, "\\u{:04x}", u32::from(c)).expect("writing to a string never fails");
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_characters_are_written_out() {
        let cases = [
            ("compose.yml", "compose.yml"),
            ("größe ✓ 🐳", "größe ✓ 🐳"),
            ("\x1b[2J\x07", "\\x1b[2J\\x07"),
            ("a\tb\r\nc", "a\\tb\\r\\nc"),
            ("\x7f \u{9b}31m", "\\x7f \\u{9b}31m"),
            (
                "\u{202e}txt\u{2066}\u{200f}\u{feff}",
                "\\u{202e}txt\\u{2066}\\u{200f}\\u{feff}",
            ),
            (
                "##[error]no ##vso[task]no ## yes",
                "#\\x23[error]no #\\x23vso[task]no ## yes",
            ),
            ("###[x", "##\\x23[x"),
        ];
        for (raw, written) in cases {
            assert_eq!(line(raw), written);
        }
    }

    #[test]
    fn masking_keeps_every_offset() {
        let raw = "a\tb\r\n\x1b[0m \u{9b}\r\u{202e}é\0##[x\u{feff}";
        let masked = mask(raw);
        assert_eq!(masked, "a\tb\r\n?[0m ¿?\u{fffd}é?#?[x\u{fffd}");
        assert_eq!(masked.len(), raw.len());
    }

    #[test]
    fn what_is_harmless_is_not_copied() {
        assert!(matches!(line("interval: 10s"), Cow::Borrowed(_)));
        assert!(matches!(mask("interval: 10s"), Cow::Borrowed(_)));
        assert!(matches!(json("{\n}\n"), Cow::Borrowed(_)));
    }

    #[test]
    fn json_keeps_its_values() {
        let value = serde_json::json!({ "a\u{7f}": "\u{202e}\u{9b}\x1b ##[error] ##vso[x" });
        let document = serde_json::to_string_pretty(&value).unwrap();
        let written = json(&document);
        assert!(!written.contains(|c| c != '\n' && is_hostile(c)));
        assert!(written.contains("\\u202e\\u009b\\u001b #\\u0023[error] #\\u0023vso[x"));
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&written).unwrap(),
            value
        );
    }
}
