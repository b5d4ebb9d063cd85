//! Pasted text, freed from what terminals, logs and chats do to it.

/// The text without terminal sequences and control characters, with straight quotes. Lines stay lines.
pub(super) fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\x1b' => skip_sequence(&mut rest),
            '\u{9b}' => skip_until(&mut rest, |c| matches!(c, '@'..='~')),
            // Progress is written over and over into one line.
            '\n' | '\r' => out.push('\n'),
            '\t' | '\u{a0}' => out.push(' '),
            // As JSON writes it: `docker inspect`, logs of CI systems.
            '\\' if rest.peek() == Some(&'"') => {}
            '\u{2018}' | '\u{2019}' | '`' => out.push('\''),
            '\u{201c}' | '\u{201d}' => out.push('"'),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// What follows an escape character: `[` and parameters up to a letter, `]` and a text up to a bell or the next escape, or a few characters of punctuation and the next.
fn skip_sequence(rest: &mut std::iter::Peekable<std::str::Chars>) {
    match rest.peek() {
        Some('[') => {
            rest.next();
            skip_until(rest, |c| matches!(c, '@'..='~'));
        }
        Some(']') => {
            while let Some(c) = rest.peek() {
                match c {
                    '\x07' => {
                        rest.next();
                        return;
                    }
                    '\x1b' | '\n' => return,
                    _ => rest.next(),
                };
            }
        }
        // Such as `(B`, which chooses a set of characters.
        _ => skip_until(rest, |c| !matches!(c, ' '..='/')),
    }
}

fn skip_until(rest: &mut std::iter::Peekable<std::str::Chars>, ends: impl Fn(char) -> bool) {
    // A sequence that never ends is none: the line is kept.
    while let Some(c) = rest.next_if(|c| *c != '\n') {
        if ends(c) {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_titles_and_quotes_go() {
        for (raw, plain) in [
            ("\x1b[31mError\x1b[0m: x", "Error: x"),
            ("\x1b[1;38;5;196mdb\x1b[m is", "db is"),
            ("\u{9b}31mdb", "db"),
            ("\x1b]0;title\x07db\x1b]8;;url\x1b\\x", "dbx"),
            ("a\x1b(Bb\x00\x08c", "abc"),
            ("one\rtwo\r\nthree\tfour", "one\ntwo\n\nthree four"),
            (r#"exec: \"curl\": x"#, r#"exec: "curl": x"#),
            ("“mig” didn’t", "\"mig\" didn't"),
            ("\x1b", ""),
            ("\x1b[31", ""),
            ("\x1b[31\nnext", "\nnext"),
            ("größe ✓", "größe ✓"),
        ] {
            assert_eq!(clean(raw), plain, "{raw:?}");
        }
    }
}
