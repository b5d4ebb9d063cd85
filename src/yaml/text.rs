//! The text of scalars, made from the bytes of the file with the way back to them.
//!
//! The parser gives the same texts without their places. The rules are those of YAML 1.2.2, sections 7.3 (flow scalars) and
//! 8.1 (block scalars).

use super::tree::{Kind, NodeId, Style, Tree};
use crate::source::{FileId, Mapped, MappedBuilder, SourceFile};
use std::ops::Range;

/// What YAML takes for white space: Unicode's other blanks and breaks are text.
pub(super) const WHITE: [char; 4] = [' ', '\t', '\n', '\r'];

/// The text of a scalar with the way back to its bytes; `None` for other nodes. Aliases are followed.
pub fn mapped(tree: &Tree, file: &SourceFile, id: NodeId) -> Option<Mapped> {
    let id = tree.resolve(id);
    let Kind::Scalar { value, style } = tree.kind(id) else {
        return None;
    };
    let range = tree.span(id).range();
    let decoded = decode(tree.file(), file.text(), &range, style);
    if decoded.text() == value {
        return Some(decoded);
    }
    // The value is never in doubt, only its parts' places: from where the two differ it is made from the rest of the scalar. So
    // a break that the parser adds where the file ends in blanks costs nothing else its place.
    let pairs = decoded.text().char_indices().zip(value.chars());
    let alike = pairs.take_while(|((_, ours), theirs)| ours == theirs);
    let same = alike.last().map_or(0, |((at, c), _)| at + c.len_utf8());
    let rest = decoded.span(0..same).range().end.max(range.start);
    let mut out = MappedBuilder::new(tree.file());
    out.push_mapped(&decoded, 0..same);
    out.push_made(&value[same..], rest..range.end.max(rest));
    Some(out.finish())
}

/// Behind the closing quote of the scalar that opens at `start`; `None` if it never closes.
pub(super) fn quoted_end(source: &str, start: usize, quote: u8) -> Option<usize> {
    let bytes = source.as_bytes();
    let mut at = start + 1;
    loop {
        match *bytes.get(at)? {
            b'\\' if quote == b'"' => at += 2,
            byte if byte == quote => {
                if quote == b'\'' && bytes.get(at + 1) == Some(&quote) {
                    at += 2;
                } else {
                    return Some(at + 1);
                }
            }
            _ => at += 1,
        }
    }
}

/// The text that the bytes `range` make as a scalar of this style.
pub(super) fn decode(file: FileId, source: &str, range: &Range<usize>, style: Style) -> Mapped {
    let inner = || range.start + 1..range.end.saturating_sub(1).max(range.start + 1);
    let mut flow = Flow {
        source,
        out: MappedBuilder::new(file),
    };
    match style {
        Style::Plain => flow.plain(range.clone()),
        Style::SingleQuoted => flow.single(inner()),
        Style::DoubleQuoted => flow.double(inner()),
        Style::Literal | Style::Folded => {
            let header = Block::header(source, range.start);
            let is_empty = source[header.end.min(range.end)..range.end]
                .trim_matches(WHITE)
                .is_empty();
            return Block::read(source, range.start, is_empty).decode(file, style);
        }
    }
    flow.out.finish()
}

struct Flow<'a> {
    source: &'a str,
    out: MappedBuilder,
}

impl Flow<'_> {
    fn plain(&mut self, range: Range<usize>) {
        let mut at = range.start;
        while at < range.end {
            at = self.run(at, range.end, |_| false);
        }
    }

    fn single(&mut self, range: Range<usize>) {
        let mut at = range.start;
        while at < range.end {
            at = self.run(at, range.end, |b| b == b'\'');
            if at < range.end && self.source.as_bytes()[at] == b'\'' {
                self.out.push_made("'", at..at + 2);
                at += 2;
            }
        }
    }

    fn double(&mut self, range: Range<usize>) {
        let mut at = range.start;
        while at < range.end {
            at = self.run(at, range.end, |b| b == b'\\');
            if at < range.end && self.source.as_bytes()[at] == b'\\' {
                at = self.escape(at, range.end);
            }
        }
    }

    /// Copies up to the next byte that `stops`, with line breaks folded.
    fn run(&mut self, start: usize, end: usize, stops: impl Fn(u8) -> bool) -> usize {
        let bytes = self.source.as_bytes();
        let mut from = start;
        let mut at = start;
        while at < end && !stops(bytes[at]) {
            if !matches!(bytes[at], b'\n' | b'\r') {
                at += 1;
                continue;
            }
            let text = self.source[from..at].trim_end_matches([' ', '\t']);
            self.out.push_verbatim(text, from);
            let blank = from + text.len();
            let breaks = self.white(&mut at, end);
            let folded = if breaks == 1 {
                " ".to_owned()
            } else {
                "\n".repeat(breaks - 1)
            };
            self.out.push_made(&folded, blank..at);
            from = at;
        }
        self.out.push_verbatim(&self.source[from..at], from);
        at
    }

    /// Passes over white space and counts its line breaks.
    fn white(&self, at: &mut usize, end: usize) -> usize {
        let bytes = self.source.as_bytes();
        let mut breaks = 0;
        while *at < end {
            match bytes[*at] {
                b'\n' => breaks += 1,
                b'\r' if bytes.get(*at + 1) != Some(&b'\n') => breaks += 1,
                b' ' | b'\t' | b'\r' => {}
                _ => break,
            }
            *at += 1;
        }
        breaks
    }

    fn escape(&mut self, at: usize, end: usize) -> usize {
        let rest = &self.source[at + 1..end];
        let Some(c) = rest.chars().next() else {
            return end;
        };
        let digits = match c {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            _ => 0,
        };
        if digits > 0 {
            let code = rest
                .get(1..=digits)
                .and_then(|hex| u32::from_str_radix(hex, 16).ok());
            let after = at + 2 + rest.get(1..=digits).map_or(0, str::len);
            let made = code
                .and_then(char::from_u32)
                .unwrap_or(char::REPLACEMENT_CHARACTER);
            self.out.push_made(made.encode_utf8(&mut [0; 4]), at..after);
            return after;
        }
        if matches!(c, '\n' | '\r') {
            // An escaped break joins the lines: the blanks before it stay, those after it go.
            let mut after = at + 1;
            if rest.starts_with("\r\n") {
                after += 1;
            }
            after += 1;
            let blanks = self.source[after..end].trim_start_matches([' ', '\t']);
            return end - blanks.len();
        }
        let made = match c {
            '0' => "\0",
            'a' => "\x07",
            'b' => "\x08",
            't' | '\t' => "\t",
            'n' => "\n",
            'v' => "\x0b",
            'f' => "\x0c",
            'r' => "\r",
            'e' => "\x1b",
            'N' => "\u{85}",
            '_' => "\u{a0}",
            'L' => "\u{2028}",
            'P' => "\u{2029}",
            other => &rest[..other.len_utf8()],
        };
        let after = at + 1 + c.len_utf8();
        self.out.push_made(made, at..after);
        after
    }
}

/// Where the block scalar with this header ends: behind its last line, without the line's end. With `+` its trailing empty
/// lines are its own.
pub(super) fn block_end(source: &str, header: usize, value: &str) -> usize {
    let is_empty = value.trim_matches(['\n', '\r']).is_empty();
    let block = Block::read(source, header, is_empty);
    block.lines.last().map_or(block.header_end, |line| line.end)
}

/// The column that an explicit indentation indicator counts from: that of the key, or of the last dash, question mark or colon
/// of its own, before the header.
fn parent_indent(source: &str, header: usize) -> usize {
    let line_start = source[..header].rfind('\n').map_or(0, |at| at + 1);
    let line = &source[line_start..header];
    let mut column = line.len() - line.trim_start_matches(' ').len();
    let mut parent = 0;
    let marks = ["- ", "? ", ": "];
    while let Some(rest) = marks
        .iter()
        .find_map(|mark| line[column..].strip_prefix(mark))
    {
        parent = column;
        column = line.len() - rest.trim_start_matches(' ').len();
    }
    let is_key = line[column..].contains(':');
    if is_key { column } else { parent }
}

/// The offset of the line break behind `at`, or the end. A carriage return alone is a break, too.
pub(super) fn line_end(source: &str, at: usize) -> usize {
    let length = source[at..].find(['\n', '\r']);
    length.map_or(source.len(), |n| at + n)
}

/// Behind the white space and the comments that begin at `at`.
pub(super) fn behind_white(source: &str, at: usize) -> usize {
    let mut at = at;
    loop {
        let rest = &source[at..];
        at += rest.len() - rest.trim_start_matches(WHITE).len();
        if !source[at..].starts_with('#') {
            return at;
        }
        at = line_end(source, at);
    }
}

fn next_line(source: &str, line_end: usize) -> usize {
    let rest = &source.as_bytes()[line_end..];
    line_end
        + if rest.starts_with(b"\r\n") {
            2
        } else {
            usize::from(!rest.is_empty())
        }
}

/// Whether a line ends the document: `---` or `...`, alone or before a blank.
fn is_marker(line: &str) -> bool {
    let rest = line
        .strip_prefix("---")
        .or_else(|| line.strip_prefix("..."));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t']))
}

/// The lines of a block scalar.
struct Block<'a> {
    source: &'a str,
    chomp: char,
    /// Behind the header's last character.
    header_end: usize,
    /// Trailing empty lines only with `+`.
    lines: Vec<Range<usize>>,
    indent: usize,
}

impl<'a> Block<'a> {
    /// The bytes of the header that begins at `start`: `|`, `>-`, `|2+`.
    fn header(source: &str, start: usize) -> Range<usize> {
        let rest = &source.as_bytes()[start..];
        let length = rest.iter().position(u8::is_ascii_whitespace);
        start..start + length.unwrap_or(rest.len())
    }

    fn read(source: &'a str, start: usize, is_empty: bool) -> Self {
        let header = Self::header(source, start);
        let text = &source[header.clone()];
        let chomp = text.chars().find(|c| "+-".contains(*c)).unwrap_or(' ');
        let explicit = text.chars().find_map(|c| c.to_digit(10));
        let mut indent = explicit.map(|digit| parent_indent(source, start) + digit as usize);
        let mut lines: Vec<Range<usize>> = Vec::new();
        let mut full = 0;
        let mut at = next_line(source, line_end(source, header.end));
        while at < source.len() {
            let line = at..line_end(source, at);
            let text = &source[line.clone()];
            let blanks = text.len() - text.trim_start_matches(' ').len();
            let is_blank = blanks == text.len() && indent.is_none_or(|indent| blanks <= indent);
            if !is_blank {
                let indent = *indent.get_or_insert(blanks);
                let ends = blanks < indent || (indent == 0 && is_marker(text));
                if is_empty || ends {
                    break;
                }
            }
            at = next_line(source, line.end);
            lines.push(line);
            if !is_blank {
                full = lines.len();
            }
        }
        if chomp != '+' {
            lines.truncate(full);
        }
        Self {
            source,
            chomp,
            header_end: header.end,
            lines,
            indent: indent.unwrap_or(0),
        }
    }

    /// As libyaml's scanner joins lines: a break between two lines of text is a blank, all other breaks stay.
    fn decode(&self, file: FileId, style: Style) -> Mapped {
        let mut out = MappedBuilder::new(file);
        let mut leading: Option<Range<usize>> = None;
        let mut trailing: Vec<Range<usize>> = Vec::new();
        let mut leading_blank = false;
        for line in &self.lines {
            let text = &self.source[line.clone()];
            let line_break = line.end..next_line(self.source, line.end);
            let is_empty = text.len() <= self.indent && text.trim_matches(' ').is_empty();
            if is_empty {
                trailing.push(line_break);
                continue;
            }
            let start = line.start + self.indent;
            let text = &self.source[start..line.end];
            let blank = text.starts_with([' ', '\t']);
            if let Some(gap) = leading.take() {
                if style == Style::Folded && !leading_blank && !blank {
                    if trailing.is_empty() {
                        out.push_made(" ", gap);
                    }
                } else {
                    self.push_break(&mut out, gap);
                }
            }
            for gap in trailing.drain(..) {
                self.push_break(&mut out, gap);
            }
            out.push_verbatim(text, start);
            leading_blank = blank;
            leading = Some(line_break);
        }
        if let Some(gap) = leading.filter(|_| self.chomp != '-') {
            self.push_break(&mut out, gap);
        }
        if self.chomp == '+' {
            for gap in trailing {
                self.push_break(&mut out, gap);
            }
        }
        out.finish()
    }

    fn push_break(&self, out: &mut MappedBuilder, gap: Range<usize>) {
        match &self.source[gap.clone()] {
            "\n" => out.push_verbatim("\n", gap.start),
            // At the end of a file the parser adds the break that is not there, and so does this.
            _ => out.push_made("\n", gap),
        }
    }
}
