//! From characters to words: quotes, escapes, expansions.

use super::ast::{Block, Heredoc, Piece, Word};
use std::cell::OnceCell;
use std::ops::Range;
use std::rc::Rc;

/// How deep constructs are followed into each other; what is deeper is read as plain text.
pub(super) const DEPTH: usize = 100;

/// How often, on average, a byte may be looked at ahead of its turn.
const LOOKS: usize = 64;

/// Reads a script's text from left to right.
pub(super) struct Reader<'t> {
    pub text: &'t str,
    pub at: usize,
    /// Where reading ends: behind the text, or behind the backticks or the heredoc that is being read.
    pub end: usize,
    pub depth: usize,
    /// The closing words that the open constructs wait for.
    pub awaited: Vec<&'static str>,
    pub heredocs: Vec<PendingHeredoc>,
    /// What is left of the bytes that looking ahead may cost, so that reading stays linear.
    pub looks: usize,
    /// No backtick stands between here and this end.
    without_ticks: Option<usize>,
}

/// A heredoc whose body starts at the next line.
pub(super) struct PendingHeredoc {
    pub delimiter: String,
    pub quoted: bool,
    pub strips_tabs: bool,
    pub body: Rc<OnceCell<Heredoc>>,
}

/// Where a run of pieces ends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Until {
    /// At what ends a word.
    Word,
    /// At the closing quote.
    Quote,
    /// At the brace that closes `${`.
    Brace,
    /// At the end of what is read.
    End,
}

impl<'t> Reader<'t> {
    pub fn new(text: &'t str) -> Self {
        Self {
            text,
            at: 0,
            end: text.len(),
            depth: 0,
            awaited: Vec::new(),
            heredocs: Vec::new(),
            looks: text.len().saturating_mul(LOOKS),
            without_ticks: None,
        }
    }

    pub fn peek(&self) -> Option<u8> {
        self.byte(0)
    }

    /// The byte `ahead` of the current one.
    pub fn byte(&self, ahead: usize) -> Option<u8> {
        let at = self.at + ahead;
        (at < self.end).then(|| self.text.as_bytes()[at])
    }

    pub fn rest(&self) -> &'t str {
        &self.text[self.at..self.end]
    }

    pub fn starts_with(&self, what: &str) -> bool {
        self.rest().as_bytes().starts_with(what.as_bytes())
    }

    /// The number of bytes of a line break here, or 0.
    fn line_break(&self, ahead: usize) -> usize {
        match (self.byte(ahead), self.byte(ahead + 1)) {
            (Some(b'\n'), _) | (Some(b'\r'), None) => 1,
            (Some(b'\r'), Some(b'\n')) => 2,
            _ => 0,
        }
    }

    /// Skips spaces, tabs and continued lines.
    pub fn skip_blanks(&mut self) {
        loop {
            match self.peek() {
                Some(b' ' | b'\t') => self.at += 1,
                Some(b'\\') if self.line_break(1) > 0 => self.at += 1 + self.line_break(1),
                Some(b'\r') if self.line_break(0) == 1 => self.at += 1,
                _ => return,
            }
        }
    }

    /// Consumes a line break, and the heredoc bodies behind it.
    pub fn newline(&mut self) -> bool {
        let length = self.line_break(0);
        if length == 0 || self.peek() == Some(b'\r') && length == 1 {
            return false;
        }
        self.at += length;
        for pending in std::mem::take(&mut self.heredocs) {
            self.heredoc(&pending);
        }
        true
    }

    /// Skips a comment, up to its line's end.
    pub fn comment(&mut self) -> bool {
        if self.peek() != Some(b'#') {
            return false;
        }
        self.at = self.rest().find('\n').map_or(self.end, |n| self.at + n);
        true
    }

    /// A word, or nothing where none starts here.
    pub fn word(&mut self) -> Option<Word> {
        let start = self.at;
        let pieces = self.pieces(Until::Word, false);
        (self.at > start).then_some(Word {
            pieces,
            at: start..self.at,
        })
    }

    pub fn pieces(&mut self, until: Until, quoted: bool) -> Vec<Piece> {
        let mut pieces = Vec::new();
        while let Some(byte) = self.peek() {
            match byte {
                _ if self.ends(byte, until) => break,
                b'\\' => self.escape(until, quoted, &mut pieces),
                b'\'' if !quoted && until != Until::End => self.single_quotes(&mut pieces),
                b'"' if !quoted && until != Until::End => self.double_quotes(&mut pieces),
                b'`' => self.backticks(quoted, &mut pieces),
                b'$' => self.dollar(quoted, until, &mut pieces),
                _ => self.plain(until, quoted, &mut pieces),
            }
        }
        pieces
    }

    fn ends(&self, byte: u8, until: Until) -> bool {
        match until {
            Until::Word => ends_word(byte) || byte == b'\r' && self.line_break(0) > 0,
            Until::Quote => byte == b'"',
            Until::Brace => byte == b'}',
            Until::End => false,
        }
    }

    pub fn push(&self, at: Range<usize>, quoted: bool, pieces: &mut Vec<Piece>) {
        pieces.push(Piece::Text {
            text: self.text[at.clone()].to_owned(),
            at,
            quoted,
        });
    }

    fn plain(&mut self, until: Until, quoted: bool, pieces: &mut Vec<Piece>) {
        let start = self.at;
        while let Some(byte) = self.peek() {
            let special = match byte {
                b'\\' | b'`' | b'$' => true,
                b'\'' | b'"' => !quoted && until != Until::End,
                _ => false,
            };
            if self.at > start && special || self.ends(byte, until) {
                break;
            }
            self.at += 1;
        }
        self.push(start..self.at, quoted, pieces);
    }

    fn escape(&mut self, until: Until, quoted: bool, pieces: &mut Vec<Piece>) {
        let start = self.at;
        let broken = self.line_break(1);
        if broken > 0 {
            self.at += 1 + broken;
            return;
        }
        let in_quotes = quoted || until == Until::End;
        let kept = match self.byte(1) {
            None => true,
            Some(b'$' | b'`' | b'\\') => false,
            Some(b'"') => until == Until::End,
            Some(_) => in_quotes,
        };
        self.at += 1;
        if kept {
            self.push(start..self.at, quoted, pieces);
            return;
        }
        let length = self.rest().chars().next().map_or(0, char::len_utf8);
        self.at += length;
        pieces.push(Piece::Text {
            text: self.text[self.at - length..self.at].to_owned(),
            at: start..self.at,
            quoted: true,
        });
    }

    fn single_quotes(&mut self, pieces: &mut Vec<Piece>) {
        let start = self.at + 1;
        let close = self.text[start..self.end]
            .find('\'')
            .map_or(self.end, |n| start + n);
        self.push(start..close, true, pieces);
        self.at = (close + 1).min(self.end);
    }

    pub fn double_quotes(&mut self, pieces: &mut Vec<Piece>) {
        self.at += 1;
        let start = self.at;
        let inner = self.pieces(Until::Quote, true);
        if inner.is_empty() {
            self.push(start..start, true, pieces);
        }
        pieces.extend(inner);
        self.at = (self.at + 1).min(self.end);
    }

    pub fn backticks(&mut self, quoted: bool, pieces: &mut Vec<Piece>) {
        let start = self.at;
        self.at += 1;
        let Some(close) = self.closing_backtick() else {
            self.push(start..self.at, quoted, pieces);
            return;
        };
        let body = self.within(close, |reader| reader.inner_block(&[]));
        self.at = close + 1;
        pieces.push(Piece::Command { body, quoted });
    }

    fn closing_backtick(&mut self) -> Option<usize> {
        if self.depth >= DEPTH || self.without_ticks == Some(self.end) {
            return None;
        }
        let bytes = self.text.as_bytes();
        let mut at = self.at;
        while at < self.end {
            match bytes[at] {
                b'\\' => at += 2,
                b'`' => return Some(at),
                _ => at += 1,
            }
        }
        self.without_ticks = Some(self.end);
        None
    }

    /// Reads something that ends at `end` at the latest.
    pub fn within<T>(&mut self, end: usize, read: impl FnOnce(&mut Self) -> T) -> T {
        let outer = std::mem::replace(&mut self.end, end);
        let ticks = self.without_ticks.take();
        let pending = std::mem::take(&mut self.heredocs);
        let result = read(self);
        self.end = outer;
        self.without_ticks = ticks;
        self.heredocs = pending;
        result
    }

    /// The commands of a substitution, which ends at one of `closers`.
    fn inner_block(&mut self, closers: &'static [&'static str]) -> Block {
        self.depth += 1;
        let awaited = std::mem::take(&mut self.awaited);
        let block = self.block(closers);
        self.awaited = awaited;
        self.depth -= 1;
        block
    }

    /// `<(…)`, `>(…)` and `$(…)`: two characters and a block.
    pub fn substitution(&mut self, quoted: bool) -> Piece {
        self.at += 2;
        let body = self.inner_block(&[")"]);
        if self.peek() == Some(b')') {
            self.at += 1;
        }
        Piece::Command { body, quoted }
    }

    fn heredoc(&mut self, pending: &PendingHeredoc) {
        let start = self.at;
        let mut close = self.end;
        self.at = self.end;
        let mut line_start = start;
        while line_start < self.end {
            let line_end = self.text[line_start..self.end]
                .find('\n')
                .map_or(self.end, |n| line_start + n);
            let line = &self.text[line_start..line_end];
            let line = line.strip_suffix('\r').unwrap_or(line);
            let line = if pending.strips_tabs {
                line.trim_start_matches('\t')
            } else {
                line
            };
            if line == pending.delimiter {
                close = line_start;
                self.at = line_end;
                break;
            }
            line_start = line_end + 1;
        }
        let body = if pending.quoted {
            Heredoc::Raw(start..close)
        } else {
            let resume = std::mem::replace(&mut self.at, start);
            let pieces = self.within(close, |reader| reader.pieces(Until::End, false));
            self.at = resume;
            Heredoc::Expanded(Word {
                pieces,
                at: start..close,
            })
        };
        // The cell is fresh: each heredoc is read once.
        let _ = pending.body.set(body);
        if self.line_break(0) > 0 {
            self.at += self.line_break(0);
        }
    }
}

pub(super) fn ends_word(byte: u8) -> bool {
    matches!(
        byte,
        b' ' | b'\t' | b'\n' | b';' | b'&' | b'|' | b'<' | b'>' | b'(' | b')'
    )
}

pub(super) fn is_name_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_'
}

pub(super) fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}
