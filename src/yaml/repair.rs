//! A bracket at its key's own column is fine with Docker's parser and an error to this one. On one line it is none: so the line
//! breaks of such a collection are blanked, and the file is parsed again. So it is with tabs between a key's colon and its value.

use super::text;
use std::ops::Range;

/// From the bracket at `start` to behind the one that closes it.
pub(super) fn flow_range(source: &str, start: usize) -> Option<Range<usize>> {
    let bytes = source.as_bytes();
    let mut depth = 0_usize;
    let mut at = start;
    while at < bytes.len() {
        let before = bytes[at.saturating_sub(1)];
        let opens_token =
            before.is_ascii_whitespace() || matches!(before, b'[' | b'{' | b',' | b':');
        match bytes[at] {
            b'[' | b'{' => depth += 1,
            b']' | b'}' => {
                depth -= 1;
                if depth == 0 {
                    return Some(start..at + 1);
                }
            }
            quote @ (b'"' | b'\'') if opens_token => {
                at = text::quoted_end(source, at, quote)?;
                continue;
            }
            b'#' if before.is_ascii_whitespace() => {
                at += bytes[at..].iter().position(|b| *b == b'\n')?;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    None
}

/// The text with line breaks, tabs and comments of `range` as blanks, character for character.
pub(super) fn blank_lines(text: &str, range: Range<usize>) -> String {
    let mut out = String::with_capacity(text.len());
    out.push_str(&text[..range.start]);
    let mut quote = None;
    let mut comment = false;
    let mut before = ' ';
    for c in text[range.clone()].chars() {
        match c {
            '\n' | '\r' => comment = false,
            '#' if quote.is_none() && before.is_ascii_whitespace() => comment = true,
            '"' | '\'' if !comment => match quote {
                None if before.is_ascii_whitespace() || "[{,:".contains(before) => quote = Some(c),
                Some(open) if open == c && !(c == '"' && before == '\\') => quote = None,
                _ => {}
            },
            _ => {}
        }
        let blank = comment || matches!(c, '\n' | '\r' | '\t');
        out.push(if blank { ' ' } else { c });
        before = c;
    }
    out.push_str(&text[range.end..]);
    out
}

/// The blanks before `at`, where an error is told, if they stand right behind a colon and tabs are among them.
pub(super) fn tabs_behind_colon(text: &str, at: usize) -> Option<Range<usize>> {
    let before = text.get(..at)?.trim_end_matches([' ', '\t']);
    let blanks = before.len()..at;
    (before.ends_with(':') && text[blanks.clone()].contains('\t')).then_some(blanks)
}
