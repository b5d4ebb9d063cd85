//! What text for people needs: how wide it may be, colours, and lines that fit.

use std::io::{IsTerminal, stdout};

/// No line is longer, however wide the terminal: long lines are hard to read.
const WIDEST: usize = 100;
/// What a narrow terminal is taken for at least.
const NARROWEST: usize = 40;

/// How wide text on standard output may be. What is piped gets lines of the widest kind, the same everywhere.
pub(super) fn width() -> usize {
    if !stdout().is_terminal() {
        return WIDEST;
    }
    let (columns, _) = terminal_size::terminal_size().map_or((WIDEST, 0), |(width, height)| {
        (usize::from(width.0), height.0)
    });
    columns.clamp(NARROWEST, WIDEST)
}

/// Whether standard output is a screen that obeys.
pub(super) fn is_screen() -> bool {
    stdout().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// Colours, or none.
#[derive(Clone, Copy, Debug)]
pub(super) struct Paint {
    pub(super) on: bool,
}

impl Paint {
    fn with(self, codes: &str, text: &str) -> String {
        if self.on {
            format!("\x1b[{codes}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }

    pub(super) fn bold(self, text: &str) -> String {
        self.with("1", text)
    }

    /// What is typed: commands and code.
    pub(super) fn code(self, text: &str) -> String {
        self.with("36", text)
    }

    pub(super) fn red(self, text: &str) -> String {
        self.with("1;31", text)
    }

    pub(super) fn yellow(self, text: &str) -> String {
        self.with("1;33", text)
    }

    pub(super) fn dim(self, text: &str) -> String {
        self.with("2", text)
    }
}

/// A text in lines of at most `width` characters, broken at blanks; `first` stands before the first line, and blanks as wide before
/// the others. A word that is wider than a line is not broken: it may be a path or a command.
pub(super) fn wrap(text: &str, width: usize, first: &str) -> Vec<String> {
    let indent = first.chars().count();
    let mut lines = Vec::new();
    let mut line = first.to_owned();
    let mut length = indent;
    let mut is_empty = true;
    for word in text.split_whitespace() {
        let wide = word.chars().count();
        if !is_empty && length + 1 + wide > width {
            lines.push(std::mem::replace(&mut line, " ".repeat(indent)));
            (length, is_empty) = (indent, true);
        }
        if !is_empty {
            line.push(' ');
            length += 1;
        }
        line.push_str(word);
        length += wide;
        is_empty = false;
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_fit_and_words_stay_whole() {
        assert_eq!(wrap("one two three", 9, "- "), ["- one two", "  three"]);
        assert_eq!(wrap("one  two\nthree", 80, ""), ["one two three"]);
        assert_eq!(
            wrap("a incomprehensibilities b", 6, ""),
            ["a", "incomprehensibilities", "b"]
        );
        assert_eq!(wrap("", 10, "* "), ["* "]);
        assert_eq!(wrap("äöü äöü", 7, ""), ["äöü äöü"]);
    }

    #[test]
    fn paint_only_when_it_is_on() {
        assert_eq!(Paint { on: false }.bold("x"), "x");
        assert_eq!(Paint { on: true }.bold("x"), "\x1b[1mx\x1b[0m");
    }
}
