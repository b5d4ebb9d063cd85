//! What stands between the nodes: comments, anchors, tags and indicators. The parser does not report their places.

use std::ops::Range;

/// One piece of a gap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Comment(Range<usize>),
    Anchor(Range<usize>),
    Tag(Range<usize>),
    /// `|` or `>` with what belongs to it, such as `|-2`.
    BlockHeader(Range<usize>),
    /// An indicator: `-`, `:`, `?`, `,`, `[`, `]`, `{`, `}`.
    Indicator(u8, usize),
    /// `---`, `...` or a directive.
    Marker(Range<usize>),
}

/// Walks over the gap `range` of `text`. What it cannot name, it passes over.
pub(super) struct Gap<'a> {
    text: &'a [u8],
    at: usize,
    end: usize,
}

impl<'a> Gap<'a> {
    pub(super) fn new(text: &'a str, range: Range<usize>) -> Self {
        Self {
            text: text.as_bytes(),
            at: range.start,
            end: range.end.min(text.len()),
        }
    }

    /// The offset behind the last piece.
    pub(super) fn position(&self) -> usize {
        self.at
    }

    fn word_end(&self, from: usize, stops: &[u8]) -> usize {
        let rest = &self.text[from..self.end];
        let length = rest
            .iter()
            .position(|b| b.is_ascii_whitespace() || stops.contains(b));
        from + length.unwrap_or(rest.len())
    }

    fn line_end(&self, from: usize) -> usize {
        let rest = &self.text[from..self.end];
        let length = rest.iter().position(|b| matches!(b, b'\n' | b'\r'));
        from + length.unwrap_or(rest.len())
    }

    fn at_line_start(&self) -> bool {
        self.at == 0
            || matches!(self.text[self.at - 1], b'\n' | b'\r')
            || self.text[..self.at] == *b"\xef\xbb\xbf"
    }

    fn take(&mut self, end: usize) -> Range<usize> {
        let range = self.at..end;
        self.at = end;
        range
    }
}

impl Iterator for Gap<'_> {
    type Item = Piece;

    fn next(&mut self) -> Option<Piece> {
        while self.at < self.end {
            let rest = &self.text[self.at..self.end];
            if self.at_line_start() && (rest.starts_with(b"---") || rest.starts_with(b"...")) {
                return Some(Piece::Marker(self.take(self.at + 3)));
            }
            match rest[0] {
                b'#' => {
                    let end = self.line_end(self.at);
                    return Some(Piece::Comment(self.take(end)));
                }
                b'%' if self.at_line_start() => {
                    let end = self.line_end(self.at);
                    return Some(Piece::Marker(self.take(end)));
                }
                b'&' => {
                    let end = self.word_end(self.at, b",[]{}");
                    return Some(Piece::Anchor(self.take(end)));
                }
                b'!' => {
                    let verbatim = rest.starts_with(b"!<");
                    let end = self.word_end(self.at, if verbatim { b"" } else { b",[]{}" });
                    return Some(Piece::Tag(self.take(end)));
                }
                b'|' | b'>' => {
                    let end = self.word_end(self.at, b"#");
                    return Some(Piece::BlockHeader(self.take(end)));
                }
                byte @ (b'-' | b':' | b'?' | b',' | b'[' | b']' | b'{' | b'}') => {
                    let at = self.at;
                    self.at += 1;
                    return Some(Piece::Indicator(byte, at));
                }
                _ => self.at += 1,
            }
        }
        None
    }
}
