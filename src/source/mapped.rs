//! A text that was derived from a file (an unfolded YAML scalar, a heredoc without its escapes), every part of which knows
//! the bytes that it was made from.

use super::{FileId, Span};
use std::ops::Range;

/// A derived text with the way back to its file.
///
/// It is a list of runs: a *verbatim* run stands in the file byte for byte; a *made* run was produced from other bytes
/// (an escape, a folded line break) and maps to them as a whole.
#[derive(Clone, Debug)]
pub struct Mapped {
    text: String,
    file: FileId,
    runs: Vec<Run>,
}

#[derive(Clone, Copy, Debug)]
struct Run {
    /// Where the run starts in the derived text; it ends where the next one starts.
    at: u32,
    /// The bytes that it was made from.
    source: (u32, u32),
    verbatim: bool,
}

impl Run {
    /// The byte of the file that the derived text's `at` was made from.
    fn source_offset(self, at: usize, is_end: bool) -> usize {
        if self.verbatim {
            self.source.0 as usize + (at - self.at as usize)
        } else if is_end || at > self.at as usize {
            self.source.1 as usize
        } else {
            self.source.0 as usize
        }
    }

    /// Where the bytes begin of which the derived text from `at` on was made: a part of a made run comes from all of them.
    fn source_start(self, at: usize) -> usize {
        if self.verbatim {
            self.source_offset(at, false)
        } else {
            self.source.0 as usize
        }
    }
}

impl Mapped {
    /// Bytes of a file as they stand.
    pub fn verbatim(file: FileId, text: &str, start: usize) -> Self {
        let mut builder = MappedBuilder::new(file);
        builder.push_verbatim(text, start);
        builder.finish()
    }

    /// The derived text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The file that it was made from.
    pub fn file(&self) -> FileId {
        self.file
    }

    /// The smallest place in the file that holds everything `range` was made from.
    ///
    /// # Panics
    /// If the range does not lie in the text.
    pub fn span(&self, range: Range<usize>) -> Span {
        assert!(range.start <= range.end && range.end <= self.text.len());
        let Some(first) = self.run_at(range.start) else {
            return Span::new(self.file, 0..0);
        };
        if range.is_empty() {
            let start = first.source_offset(range.start, false);
            return Span::new(self.file, start..start);
        }
        let start = first.source_start(range.start);
        let last = self.run_at(range.end - 1).expect("the text has runs");
        let end = last.source_offset(range.end, true);
        Span::new(self.file, start..end.max(start))
    }

    /// Whether `range` stands in the file byte for byte, so that an edit of its span is an edit of just this text.
    ///
    /// # Panics
    /// If the range does not lie in the text.
    pub fn is_verbatim(&self, range: Range<usize>) -> bool {
        let Some(first) = self.run_at(range.start) else {
            return false;
        };
        first.verbatim
            && (range.is_empty() || {
                let last = self.run_at(range.end - 1).expect("the text has runs");
                last.at == first.at
            })
    }

    /// A part of this text, with the same way back.
    #[must_use]
    pub fn slice(&self, range: Range<usize>) -> Self {
        let mut builder = MappedBuilder::new(self.file);
        builder.push_mapped(self, range);
        builder.finish()
    }

    /// The way from the file to this text, for looking up many places.
    pub fn index(&self) -> MappedIndex<'_> {
        let runs = self.runs.iter().enumerate();
        let mut sorted: Vec<(u32, usize)> = runs
            .filter(|(_, run)| run.verbatim)
            .map(|(index, run)| (run.source.0, index))
            .collect();
        sorted.sort_unstable();
        MappedIndex {
            mapped: self,
            sorted,
        }
    }

    /// The run that holds the byte at `at`; behind the end, the last one.
    fn run_at(&self, at: usize) -> Option<Run> {
        let next = self.runs.partition_point(|run| run.at as usize <= at);
        self.runs.get(next.checked_sub(1)?).copied()
    }
}

/// Finds places of the file in a derived text.
#[derive(Debug)]
pub struct MappedIndex<'a> {
    mapped: &'a Mapped,
    /// The verbatim runs, by the byte of the file that they start at.
    sorted: Vec<(u32, usize)>,
}

impl MappedIndex<'_> {
    /// Where `text` begins in the derived text, if it was made from bytes that begin at `span`; it may go over many runs.
    pub fn find(&self, span: Span, text: &str) -> Option<Range<usize>> {
        let next = self
            .sorted
            .partition_point(|(start, _)| *start <= span.start);
        let (_, index) = *self.sorted.get(next.checked_sub(1)?)?;
        let run = self.mapped.runs[index];
        let at = run.at as usize + (span.start - run.source.0) as usize;
        let range = at..at + text.len();
        (self.mapped.text.get(range.clone()) == Some(text)).then_some(range)
    }
}

/// Builds a [`Mapped`] from left to right.
#[derive(Debug)]
pub struct MappedBuilder {
    mapped: Mapped,
}

impl MappedBuilder {
    /// An empty text made from `file`.
    pub fn new(file: FileId) -> Self {
        Self {
            mapped: Mapped {
                text: String::new(),
                file,
                runs: Vec::new(),
            },
        }
    }

    /// Appends `text`, which stands at byte `start` of the file.
    pub fn push_verbatim(&mut self, text: &str, start: usize) {
        if text.is_empty() {
            return;
        }
        let joins = self.mapped.runs.last().is_some_and(|run| {
            let length = self.mapped.text.len() - run.at as usize;
            run.verbatim && run.source.0 as usize + length == start
        });
        if !joins {
            self.push_run(start..start + text.len(), true);
        }
        self.mapped.text.push_str(text);
    }

    /// Appends `text`, which was produced from the bytes `source` of the file.
    pub fn push_made(&mut self, text: &str, source: Range<usize>) {
        if text.is_empty() {
            return;
        }
        self.push_run(source, false);
        self.mapped.text.push_str(text);
    }

    /// Appends `range` of another derived text of the same file.
    pub fn push_mapped(&mut self, other: &Mapped, range: Range<usize>) {
        debug_assert_eq!(self.mapped.file, other.file);
        let mut at = range.start;
        while at < range.end {
            let index = other.runs.partition_point(|run| run.at as usize <= at) - 1;
            let run = other.runs[index];
            let run_end = other
                .runs
                .get(index + 1)
                .map_or(other.text.len(), |next| next.at as usize);
            let end = run_end.min(range.end);
            let text = &other.text[at..end];
            if run.verbatim {
                self.push_verbatim(text, run.source.0 as usize + (at - run.at as usize));
            } else {
                self.push_made(text, run.source.0 as usize..run.source.1 as usize);
            }
            at = end;
        }
    }

    /// The text so far.
    pub fn text(&self) -> &str {
        &self.mapped.text
    }

    /// The finished text.
    pub fn finish(self) -> Mapped {
        self.mapped
    }

    fn push_run(&mut self, source: Range<usize>, verbatim: bool) {
        let offset = |n: usize| u32::try_from(n).expect("files are smaller than 4 GiB");
        self.mapped.runs.push(Run {
            at: offset(self.mapped.text.len()),
            source: (offset(source.start), offset(source.end)),
            verbatim,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::super::Sources;
    use super::*;

    #[test]
    fn spans_lead_back_through_two_layers() {
        let mut sources = Sources::default();
        let file = sources.add("a", "say \"a\\tbc\" now");
        let mut outer = MappedBuilder::new(file);
        outer.push_verbatim("a", 5);
        outer.push_made("\t", 6..8);
        outer.push_verbatim("bc", 8);
        let outer = outer.finish();
        assert_eq!(outer.text(), "a\tbc");
        assert_eq!(outer.span(2..4), Span::new(file, 8..10));
        assert_eq!(outer.span(1..3), Span::new(file, 6..9));
        assert!(outer.is_verbatim(2..4));
        assert!(!outer.is_verbatim(1..3));
        assert!(!outer.is_verbatim(0..3));
        let inner = outer.slice(1..4);
        assert_eq!(inner.text(), "\tbc");
        assert_eq!(inner.span(1..3), Span::new(file, 8..10));
        assert_eq!(inner.span(3..3), Span::new(file, 10..10));
    }

    #[test]
    fn a_part_of_what_was_made_was_made_from_all_of_it() {
        let mut sources = Sources::default();
        let file = sources.add("a", "say $NAME now");
        let mut builder = MappedBuilder::new(file);
        builder.push_verbatim("say ", 0);
        builder.push_made("good day", 4..9);
        let mapped = builder.finish();
        assert_eq!(mapped.span(9..12), Span::new(file, 4..9));
        assert_eq!(mapped.slice(9..12).span(1..2), Span::new(file, 4..9));
    }
}
