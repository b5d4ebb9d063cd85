//! The few lines of a file that one finding shows, made harmless and cut to a width that can be read.
//!
//! What is built is as long as what is shown: neither the size of a file nor the length of a line counts.

use crate::escape;
use crate::source::{Position, SourceFile};
use std::collections::BTreeMap;
use std::ops::Range;

/// Lines of more bytes than this are shown in part.
const WIDTH: usize = 160;
/// What is left of the line before the first label of a line that is cut.
const LEAD: usize = 40;
/// Stands where a line was cut.
const CUT: &str = "…";

/// Lines of one file.
pub(super) struct Excerpt {
    text: String,
    lines: Vec<Line>,
}

/// A line of an excerpt.
struct Line {
    /// Its index in the file, from 0.
    index: usize,
    /// Its number in the file, from 1.
    number: usize,
    /// Where it stands in the excerpt's text, without a line end.
    shown: Range<usize>,
    /// The part of the file that it shows.
    window: Range<usize>,
    /// Bytes of the mark of a cut before the window.
    lead: usize,
    /// The column of the window's first character, from 1.
    column: usize,
}

impl Excerpt {
    /// The lines of `file` in which `places` begin; between two with a single line in between, that one too.
    pub fn new(file: &SourceFile, places: &[Range<usize>]) -> Self {
        let mut wanted: BTreeMap<usize, Option<Range<usize>>> = BTreeMap::new();
        for place in places {
            let line = line_index(file, place.start);
            let clipped = clip(place, &content(file, line));
            let reach = wanted.entry(line).or_default();
            *reach = Some(reach.take().map_or(clipped.clone(), |reach| {
                reach.start.min(clipped.start)..reach.end.max(clipped.end)
            }));
        }
        let labelled: Vec<usize> = wanted.keys().copied().collect();
        for pair in labelled.windows(2) {
            if pair[1] - pair[0] == 2 {
                wanted.insert(pair[0] + 1, None);
            }
        }
        let mut excerpt = Self {
            text: String::new(),
            lines: Vec::new(),
        };
        for (line, reach) in wanted {
            excerpt.push(file, line, reach);
        }
        excerpt
    }

    fn push(&mut self, file: &SourceFile, index: usize, reach: Option<Range<usize>>) {
        let line = content(file, index);
        let is_shown = match &reach {
            Some(reach) => file.shows(reach.start),
            None => !file.is_concealed(),
        };
        let window = if is_shown {
            window(file.text(), &line, reach)
        } else {
            line.start..line.start
        };
        let start = self.text.len();
        let lead = if window.start > line.start {
            self.text.push_str(CUT);
            CUT.len()
        } else {
            0
        };
        self.text
            .push_str(&escape::mask(&file.text()[window.clone()]));
        if window.end < line.end {
            self.text.push_str(CUT);
        }
        let position = file.position(window.start);
        self.lines.push(Line {
            index,
            number: position.line,
            shown: start..self.text.len(),
            column: position.column,
            window,
            lead,
        });
        self.text.push('\n');
    }

    /// The number of the last line that is shown.
    pub fn last_number(&self) -> usize {
        self.lines.last().map_or(0, |line| line.number)
    }

    /// The excerpt's text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where a place of the file stands in the excerpt: the part of it in its first line.
    pub fn place(&self, file: &SourceFile, place: &Range<usize>) -> Range<usize> {
        let index = line_index(file, place.start);
        let found = self.lines.binary_search_by_key(&index, |line| line.index);
        let line = &self.lines[found.expect("excerpts are made for the places that are asked for")];
        let clipped = clip(place, &line.window);
        let shift = |at: usize| line.shown.start + line.lead + (at - line.window.start);
        shift(clipped.start)..shift(clipped.end)
    }

    /// The index in the file of the line at an offset of the excerpt.
    pub fn line_index(&self, at: usize) -> Option<usize> {
        self.at(at).map(|line| line.index)
    }

    /// The number, from 1, of a line of the file.
    pub fn line_number(&self, index: usize) -> Option<usize> {
        let at = self.lines.binary_search_by_key(&index, |line| line.index);
        at.ok().map(|at| self.lines[at].number)
    }

    /// Where a line of the file stands in the excerpt.
    pub fn line_range(&self, index: usize) -> Option<Range<usize>> {
        let at = self.lines.binary_search_by_key(&index, |line| line.index);
        at.ok().map(|at| self.lines[at].shown.clone())
    }

    /// The position in the file of an offset of the excerpt.
    pub fn position(&self, at: usize) -> Option<Position> {
        let line = self.at(at)?;
        let first = line.shown.start + line.lead;
        let before = self.text.get(first..at).unwrap_or_default();
        Some(Position {
            line: line.number,
            column: line.column + before.chars().count(),
        })
    }

    fn at(&self, at: usize) -> Option<&Line> {
        let next = self.lines.partition_point(|line| line.shown.start <= at);
        self.lines.get(next.checked_sub(1)?)
    }
}

/// The index of the line that holds an offset.
fn line_index(file: &SourceFile, at: usize) -> usize {
    file.line_starts().partition_point(|&start| start <= at) - 1
}

/// A line without its end and without a byte order mark.
fn content(file: &SourceFile, line: usize) -> Range<usize> {
    let starts = file.line_starts();
    let start = starts[line];
    let end = starts.get(line + 1).copied().unwrap_or(file.text().len());
    let text = &file.text()[start..end];
    let mark = if line == 0 && text.starts_with('\u{feff}') {
        '\u{feff}'.len_utf8()
    } else {
        0
    };
    let text = text.strip_suffix('\n').unwrap_or(text);
    let text = text.strip_suffix('\r').unwrap_or(text);
    start + mark..(start + text.len()).max(start + mark)
}

fn clip(place: &Range<usize>, within: &Range<usize>) -> Range<usize> {
    let start = place.start.clamp(within.start, within.end);
    start..place.end.clamp(start, within.end)
}

/// The part of a line that is shown: all of it, or as much as can be read around what is labelled.
fn window(text: &str, line: &Range<usize>, reach: Option<Range<usize>>) -> Range<usize> {
    if line.len() <= WIDTH {
        return line.clone();
    }
    let reach = reach.unwrap_or(line.start..line.start);
    let start = if reach.end - line.start <= WIDTH {
        line.start
    } else {
        floor(text, reach.start.saturating_sub(LEAD).max(line.start))
    };
    start..floor(text, (start + WIDTH).min(line.end))
}

/// The last character boundary that is not behind `at`.
fn floor(text: &str, at: usize) -> usize {
    (0..=at)
        .rev()
        .find(|&at| text.is_char_boundary(at))
        .expect("0 is a boundary")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;

    fn excerpt(text: &str, places: &[(usize, usize)]) -> (Sources, Excerpt) {
        let mut sources = Sources::default();
        let file = sources.add("a.yml", text);
        let places: Vec<_> = places.iter().map(|&(start, end)| start..end).collect();
        let excerpt = Excerpt::new(sources.get(file), &places);
        (sources, excerpt)
    }

    #[test]
    fn only_the_lines_of_labels_and_single_gaps() {
        let text = "a: 1\r\nb: 2\r\nc: 3\r\nd: 4\r\ne: 5\r\nf: 6\r\n";
        let (_, made) = excerpt(text, &[(3, 4), (15, 16), (33, 34)]);
        assert_eq!(made.text(), "a: 1\nb: 2\nc: 3\nf: 6\n");
        assert_eq!(made.line_index(15), Some(5));
        assert_eq!(made.line_range(2), Some(10..14));
        assert_eq!(made.line_range(3), None);
    }

    #[test]
    fn of_a_file_of_secrets_only_what_is_spoken_of_is_shown() {
        let text = "GRACE=90\nPASSWORD=secret\nRETRIES=3\nnosense\n";
        let mut sources = Sources::default();
        let file = sources.add(".env", text);
        let file = sources.get(file);
        file.conceal();
        let made = Excerpt::new(file, &[6..8, 33..34, 35..42]);
        assert_eq!(made.text(), "GRACE=90\n…\nRETRIES=3\n…\n");
        assert_eq!(&made.text()[made.place(file, &(6..8))], "90");
        assert!(made.place(file, &(35..42)).is_empty());
        assert_eq!(made.line_index(9), Some(1));
    }

    #[test]
    fn a_place_over_several_lines_is_its_first_one() {
        let text = "run: |\n  for i in 1 2\n  do\n    sleep 1\n  done\n";
        let (sources, made) = excerpt(text, &[(9, 44)]);
        let (_, file) = sources.iter().next().unwrap();
        assert_eq!(made.text(), "  for i in 1 2\n");
        assert_eq!(made.place(file, &(9..44)), 2..14);
    }

    #[test]
    fn the_byte_order_mark_is_not_shown_and_not_counted() {
        let (sources, made) = excerpt("\u{feff}a: 1", &[(0, 4)]);
        let (_, file) = sources.iter().next().unwrap();
        assert_eq!(made.text(), "a: 1\n");
        assert_eq!(made.place(file, &(0..4)), 0..1);
        let position = made.position(3).unwrap();
        assert_eq!((position.line, position.column), (1, 4));
    }

    #[test]
    fn a_long_line_is_cut_around_its_label() {
        let text = format!("{}é120{}", "x".repeat(5000), "y".repeat(5000));
        let (sources, made) = excerpt(&text, &[(5002, 5005), (9000, 9001)]);
        let (_, file) = sources.iter().next().unwrap();
        assert!(made.text().starts_with("…xxx") && made.text().ends_with("y…\n"));
        assert_eq!(made.text().len(), WIDTH + 2 * CUT.len() + 1);
        assert_eq!(&made.text()[made.place(file, &(5002..5005))], "120");
        let start = made.place(file, &(5002..5005)).start;
        assert_eq!(made.position(start), Some(file.position(5002)));
        let far = made.place(file, &(9000..9001));
        assert!(far.is_empty() && made.text()[far.start..].starts_with(CUT));
    }

    #[test]
    fn places_behind_the_end_are_at_the_end() {
        let (sources, made) = excerpt("a: 1\n", &[(7, 9)]);
        let (_, file) = sources.iter().next().unwrap();
        assert_eq!(made.text(), "\n");
        assert_eq!(made.place(file, &(7..9)), 0..0);
    }
}
