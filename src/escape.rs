//! Text from files made harmless for whoever reads our output: a terminal, a CI log, a person.
//!
//! Hostile are the control characters (a terminal obeys them), the bidirectional ones (they show text in another order than
//! it has), those that are not seen at all, and the prefixes by which CI runners find commands in a log: `##[` and `##vso[` count
//! anywhere in a line. The joiners of emoji and of Persian words are left alone.

use std::borrow::Cow;
use std::fmt::Write;

/// Whether a character must not reach a terminal as it is. Tab and line feed are among them: who needs them lets them pass.
pub fn is_hostile(c: char) -> bool {
    matches!(c,
        '\0'..='\x1f' | '\x7f'..='\u{9f}'
        // Bidirectional marks, embeddings, overrides and isolates.
        | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        // Line and paragraph separators, the byte order mark.
        | '\u{2028}' | '\u{2029}' | '\u{feff}'
        // What has no width: soft hyphens, separators, joiners of words, invisible operators, anchors, tags.
        | '\u{ad}' | '\u{180e}' | '\u{200b}' | '\u{2060}'..='\u{2065}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}'
        // No characters, which XML does not even take.
        | '\u{fffe}' | '\u{ffff}')
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
                3 => char::REPLACEMENT_CHARACTER,
                _ => '🚫',
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
            // Beyond the first plane JSON escapes in pairs.
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}").expect("writing to a string never fails");
            }
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// A text for XML, in an element or in an attribute. It is one line; what is hostile is written out.
pub fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for c in line(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
    }
    out
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
            (
                "d\u{200b}b\u{2060}\u{ad}\u{e0041}\u{ffff}",
                "d\\u{200b}b\\u{2060}\\u{ad}\\u{e0041}\\u{ffff}",
            ),
            (
                "👩\u{200d}💻 می\u{200c}خواهم",
                "👩\u{200d}💻 می\u{200c}خواهم",
            ),
        ];
        for (raw, written) in cases {
            assert_eq!(line(raw), written);
        }
    }

    #[test]
    fn masking_keeps_every_offset() {
        let raw = "a\tb\r\n\x1b[0m \u{9b}\r\u{202e}é\0##[x\u{feff}\u{e0041}";
        let masked = mask(raw);
        assert_eq!(masked, "a\tb\r\n?[0m ¿?\u{fffd}é?#?[x\u{fffd}🚫");
        assert_eq!(masked.len(), raw.len());
    }

    #[test]
    fn what_is_harmless_is_not_copied() {
        assert!(matches!(line("interval: 10s"), Cow::Borrowed(_)));
        assert!(matches!(mask("interval: 10s"), Cow::Borrowed(_)));
        assert!(matches!(json("{\n}\n"), Cow::Borrowed(_)));
    }

    #[test]
    fn xml_holds_text_and_nothing_else() {
        assert_eq!(
            xml("<a b=\"c\" d='e'>&amp;]]>\n\x00</a>"),
            "&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;amp;]]&gt;\\n\\x00&lt;/a&gt;"
        );
    }

    #[test]
    fn json_keeps_its_values() {
        let value =
            serde_json::json!({ "a\u{7f}": "\u{202e}\u{9b}\x1b\u{e0041} ##[error] ##vso[x" });
        let document = serde_json::to_string_pretty(&value).unwrap();
        let written = json(&document);
        assert!(!written.contains(|c| c != '\n' && is_hostile(c)));
        assert!(
            written.contains("\\u202e\\u009b\\u001b\\udb40\\udc41 #\\u0023[error] #\\u0023vso[x")
        );
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&written).unwrap(),
            value
        );
    }
}
