//! saphyr's events to the tree, with exact bytes.
//!
//! The parser's own spans are not enough: they count characters, run over the blanks behind quotes, leave out block headers and
//! say nothing of comments, anchors and flow style. So only the *starts* of scalars are taken from it; everything between them
//! is read by [`Gap`], and the ends are found in the text.

use super::builder::Builder;
use super::repair::{blank_lines, flow_range, tabs_behind_colon};
use super::tree::{Problem, Style, Tree};
use crate::source::{FileId, Span};
use saphyr_parser::{Event, Parser, ScalarStyle};
use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

/// Deeper nesting is refused.
pub const MAX_DEPTH: usize = 128;
/// The number of nodes that a document may come to once its aliases are written out.
pub const MAX_EXPANSION: u64 = 2_000_000;
/// How many badly indented flow collections are put right before a file is given up: each costs a parse of the whole file.
const MAX_REPAIRS: usize = 500;
/// The most bytes that are parsed over and over for that.
const MAX_REPARSED: usize = 256 * 1024 * 1024;

/// Reads all documents of a file.
///
/// # Errors
/// The first place at which the text is no YAML, or goes beyond the limits.
pub fn parse(file: FileId, source: &str) -> Result<Tree, Problem> {
    parse_shared(file, &Arc::new(source.to_owned()))
}

/// The same, of a text that the tree may share.
pub(super) fn parse_shared(file: FileId, source: &Arc<String>) -> Result<Tree, Problem> {
    if let Some(directive) = unknown_directive(source) {
        let name = &source[directive.clone()];
        return Err(Problem {
            span: Span::new(file, directive.clone()),
            message: format!("this is no YAML: there is no directive `{name}`"),
        });
    }
    let offsets = Offsets::new(source);
    let mut patched = Cow::Borrowed(source.as_str());
    let mut repaired: Vec<Range<usize>> = Vec::new();
    let mut spaced = 0;
    let most = MAX_REPAIRS.min(1 + MAX_REPARSED / source.len().max(1));
    loop {
        let failure = match read(Builder::new(file, source, &repaired), &patched, &offsets) {
            Ok(tree) => return Ok(tree),
            Err(failure) => failure,
        };
        let room = repaired.len() + spaced < most;
        if let Some(tabs) = failure.tabs.clone().filter(|_| room) {
            let blanks = " ".repeat(tabs.len());
            patched.to_mut().replace_range(tabs, &blanks);
            spaced += 1;
            continue;
        }
        let repair = failure.open_flow.filter(|_| repaired.len() < most);
        let Some(range) = repair.and_then(|start| flow_range(source, start)) else {
            return Err(failure.problem);
        };
        if repaired.contains(&range) {
            return Err(failure.problem);
        }
        patched = Cow::Owned(blank_lines(&patched, range.clone()));
        repaired.push(range);
    }
}

/// A directive other than `%YAML` and `%TAG`. Docker refuses it; the parser passes over it and loses count of the characters.
fn unknown_directive(source: &str) -> Option<Range<usize>> {
    let mut before_document = true;
    let mut start = 0;
    for line in source.split_inclusive('\n') {
        let name = line.split_whitespace().next().unwrap_or_default();
        if before_document && line.starts_with('%') && !matches!(name, "%YAML" | "%TAG") {
            return Some(start..start + name.len());
        }
        before_document = match name.as_bytes() {
            [] | [b'#' | b'%', ..] => before_document,
            _ => name == "..." && line.starts_with("..."),
        };
        start += line.len();
    }
    None
}

struct Failure {
    problem: Problem,
    /// Where the outermost flow collection that is open begins.
    open_flow: Option<usize>,
    /// Tabs behind a key's colon, which Docker takes for blanks and this parser does not.
    tabs: Option<Range<usize>>,
}

/// Feeds the parser's events to the builder.
fn read(mut builder: Builder, patched: &str, offsets: &Offsets) -> Result<Tree, Failure> {
    let mut parser = Parser::new_from_str(patched);
    while let Some(next) = parser.next_event() {
        let (event, span) = next.map_err(|error| {
            let at = offsets.byte(error.marker().index());
            Failure {
                problem: builder.problem(at..at, format!("this is no YAML: {}", error.info())),
                open_flow: builder.open_flow(at),
                tabs: tabs_behind_colon(patched, at),
            }
        })?;
        let range = offsets.byte(span.start.index())..offsets.byte(span.end.index());
        feed(&mut builder, event, range).map_err(|problem| Failure {
            problem,
            open_flow: None,
            tabs: None,
        })?;
    }
    Ok(builder.finish())
}

fn feed(builder: &mut Builder, event: Event, range: Range<usize>) -> Result<(), Problem> {
    match event {
        Event::Scalar(value, style, anchor, tag) => {
            let style = match style {
                ScalarStyle::Plain => Style::Plain,
                ScalarStyle::SingleQuoted => Style::SingleQuoted,
                ScalarStyle::DoubleQuoted => Style::DoubleQuoted,
                ScalarStyle::Literal => Style::Literal,
                ScalarStyle::Folded => Style::Folded,
            };
            builder.scalar(&value, style, (anchor, tag.is_some()), range)
        }
        Event::Alias(anchor) => builder.alias(anchor, range),
        Event::SequenceStart(anchor, tag) => builder.open(true, (anchor, tag.is_some()), range),
        Event::MappingStart(anchor, tag) => builder.open(false, (anchor, tag.is_some()), range),
        Event::SequenceEnd | Event::MappingEnd => builder.close(),
        Event::DocumentEnd => {
            builder.end_document();
            Ok(())
        }
        Event::DocumentStart(_) | Event::StreamStart | Event::StreamEnd | Event::Nothing => Ok(()),
    }
}

/// Characters to bytes, at no cost for ASCII.
struct Offsets {
    table: Option<Vec<u32>>,
    length: usize,
}

impl Offsets {
    fn new(text: &str) -> Self {
        let table = (!text.is_ascii()).then(|| {
            let starts = text.char_indices().map(|(i, _)| i);
            let starts = starts.chain([text.len()]);
            starts
                .map(|i| u32::try_from(i).unwrap_or(u32::MAX))
                .collect()
        });
        Self {
            table,
            length: text.len(),
        }
    }

    /// The byte at which the character of this number begins.
    fn byte(&self, index: usize) -> usize {
        match &self.table {
            None => index.min(self.length),
            Some(table) => table
                .get(index)
                .map_or(self.length, |offset| *offset as usize),
        }
    }
}
