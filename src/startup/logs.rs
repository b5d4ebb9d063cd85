//! The lines of a log, freed from what Compose, Docker, CI runners and terminals put around them.

use super::model::Place;
use super::moment::{self, Moment};
use std::borrow::Cow;
use std::ops::Range;

/// One line: the text without terminal sequences, and its parts.
pub(super) struct Line<'a> {
    text: Cow<'a, str>,
    /// What was left out: where, and how much up to there.
    cuts: Vec<(usize, usize)>,
    number: u64,
    start: u64,
    container: Range<usize>,
    stamp: Option<(Range<usize>, Moment)>,
    runner: Option<Moment>,
    body: Range<usize>,
}

impl<'a> Line<'a> {
    /// Reads the line `raw`, which is the `number`th and stands at byte `start` of the input.
    pub(super) fn new(raw: &'a str, number: u64, start: u64) -> Self {
        let (text, cuts) = strip(raw.trim_end_matches('\r'));
        let head = Head::of(&text);
        Self {
            body: head.body..text.len(),
            container: head.container,
            stamp: head.stamp,
            runner: head.runner,
            number,
            start,
            text,
            cuts,
        }
    }

    /// The whole line. [`Self::pieces`] are ranges of it.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Where a part of the text stands in the input.
    pub(super) fn place(&self, range: Range<usize>) -> Place {
        // What is left out at the edges is no part of it.
        let before = |at: usize, is_end: bool| {
            let cuts = self.cuts.iter().rev();
            let mut cuts = cuts.skip_while(|(cut, _)| *cut > at || (is_end && *cut == at));
            cuts.next().map_or(0, |(_, length)| *length)
        };
        let start = range.start + before(range.start, false);
        let end = (range.end + before(range.end, true)).max(start);
        Place {
            line: self.number,
            offset: self.start + start as u64,
            length: u32::try_from(end - start).unwrap_or(u32::MAX),
        }
    }

    /// The container's name in the prefix; empty in a line without one.
    pub(super) fn container(&self) -> &str {
        &self.text[self.container.clone()]
    }

    /// Docker's timestamp, as it stands.
    pub(super) fn stamp(&self) -> Option<&str> {
        let (range, _) = self.stamp.as_ref()?;
        Some(&self.text[range.clone()])
    }

    /// When this was, by each clock that the line tells.
    pub(super) fn times(&self) -> Times {
        Times {
            docker: self.stamp.as_ref().map(|(_, moment)| *moment),
            own: moment::find(self.beginning()),
            runner: self.runner,
        }
    }

    /// Where a program prints its own timestamp: what stands further behind may be any moment.
    fn beginning(&self) -> &str {
        const MOST: usize = 64;
        let body = &self.text[self.body.clone()];
        let mut end = body.len().min(MOST);
        while !body.is_char_boundary(end) {
            end -= 1;
        }
        &body[..end]
    }

    /// What the program itself printed: one piece, or several where it returned the carriage to overwrite a line, as
    /// progress bars do. Blanks and frames around a piece are left out, and so are empty pieces.
    pub(super) fn pieces(&self) -> impl Iterator<Item = Range<usize>> {
        let mut start = self.body.start;
        self.text[self.body.clone()]
            .split('\r')
            .filter_map(move |piece| {
                let from = start;
                start += piece.len() + 1;
                let inner = piece.trim_start_matches(is_frame);
                let from = from + piece.len() - inner.len();
                let inner = inner.trim_end_matches(is_frame);
                (!inner.is_empty()).then_some(from..from + inner.len())
            })
    }
}

/// A moment by up to three clocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Times {
    /// Docker's timestamp.
    pub docker: Option<Moment>,
    /// What the program prints.
    pub own: Option<Moment>,
    /// A CI runner's timestamp.
    pub runner: Option<Moment>,
}

/// Blanks, and what boxes are drawn with.
fn is_frame(c: char) -> bool {
    c.is_whitespace() || matches!(c, '|' | '\u{2500}'..='\u{259f}')
}

/// The name of the service that a container name stands for: `backend-1` and `backend_1` are replicas of `backend`.
pub(super) fn service(container: &str) -> &str {
    let base = container.trim_end_matches(|c: char| c.is_ascii_digit());
    match base.strip_suffix(['-', '_']) {
        Some(service) if base.len() < container.len() && !service.is_empty() => service,
        _ => container,
    }
}

// ---- terminal sequences

/// The text without terminal sequences, and what was left out.
fn strip(raw: &str) -> (Cow<'_, str>, Vec<(usize, usize)>) {
    // Most lines are plain, and bytes are compared faster than characters.
    if raw.bytes().all(|b| matches!(b, b' '..=b'~' | b'\t')) || !raw.contains(is_noise) {
        return (Cow::Borrowed(raw), Vec::new());
    }
    let (mut text, mut cuts) = (String::with_capacity(raw.len()), Vec::new());
    let mut rest = 0;
    while let Some(at) = raw[rest..].find(is_noise).map(|n| rest + n) {
        text.push_str(&raw[rest..at]);
        rest = at + noise_length(&raw[at..]);
        cuts.push((text.len(), rest - text.len()));
    }
    text.push_str(&raw[rest..]);
    (Cow::Owned(text), cuts)
}

/// Control characters, and the byte order mark that runners put at the start of each step. The carriage return stays:
/// it splits the line into pieces.
fn is_noise(c: char) -> bool {
    (c.is_control() && !matches!(c, '\t' | '\r')) || c == '\u{feff}'
}

/// The length of the control character or of the whole escape sequence at the start of `text`. A sequence that is cut
/// off ends with the line.
fn noise_length(text: &str) -> usize {
    let mut chars = text.char_indices();
    let kind = match chars.next() {
        Some((_, '\u{1b}')) => chars.next().map(|(_, c)| c),
        Some((_, '\u{9b}')) => Some('['),
        Some((_, '\u{9d}')) => Some(']'),
        Some((_, c)) => return c.len_utf8(),
        None => return 0,
    };
    let is_end: fn(char) -> bool = match kind {
        // A control sequence: parameters, then one final character.
        Some('[') => |c| !matches!(c, '\u{20}'..='\u{3f}'),
        // A string (a window title, a link): up to the bell or the string terminator.
        Some(']' | 'P' | 'X' | '^' | '_') => |c| matches!(c, '\u{7}' | '\u{9c}' | '\\'),
        // A character set: intermediate characters, then a final one.
        Some('\u{20}'..='\u{2f}') => |c| !matches!(c, '\u{20}'..='\u{2f}'),
        _ => return chars.offset(),
    };
    chars
        .find(|(_, c)| is_end(*c))
        .map_or(text.len(), |(at, c)| {
            // A control character inside a sequence aborts it and is judged on its own.
            let aborts = c.is_control() && !matches!(c, '\u{7}' | '\u{9c}');
            if aborts { at } else { at + c.len_utf8() }
        })
}

// ---- prefixes

/// What stands before a program's own text, in this order: the columns and the timestamp of a CI runner, Compose's
/// name of the container, Docker's timestamp.
struct Head {
    container: Range<usize>,
    stamp: Option<(Range<usize>, Moment)>,
    runner: Option<Moment>,
    body: usize,
}

impl Head {
    fn of(text: &str) -> Self {
        let mut head = Self {
            container: 0..0,
            stamp: None,
            runner: None,
            body: runner_columns(text),
        };
        let outer = head.take_stamp(text);
        let is_runner = |range: &Range<usize>| is_runner_stamp(&text[range.clone()]);
        if let Some((length, end)) = container(&text[head.body..]) {
            head.container = head.body..head.body + length;
            head.body += end;
            head.stamp = head.take_stamp(text);
            head.runner = outer.map(|(_, moment)| moment);
        } else {
            let inner = head.take_stamp(text);
            match (outer, inner) {
                (outer, Some(inner)) => {
                    head.stamp = Some(inner);
                    head.runner = outer.map(|(_, moment)| moment);
                }
                (Some((range, moment)), None) if is_runner(&range) => head.runner = Some(moment),
                (outer, None) => head.stamp = outer,
            }
        }
        head
    }

    fn take_stamp(&mut self, text: &str) -> Option<(Range<usize>, Moment)> {
        let start = self.body;
        let (moment, length) = stamp(&text[start..])?;
        let end = start + length;
        self.body = end + usize::from(text[end..].starts_with(' '));
        Some((start..end, moment))
    }
}

/// The length of the job and step columns that a downloaded GitHub log has before the timestamp, tabs included.
fn runner_columns(text: &str) -> usize {
    let mut tabs = text.match_indices('\t').map(|(at, _)| at + 1);
    match tabs.nth(1) {
        Some(end) if stamp(&text[end..]).is_some() => end,
        _ => 0,
    }
}

/// GitHub prints seven digits of a second, Docker nine.
fn is_runner_stamp(stamp: &str) -> bool {
    stamp.len() == "2025-11-01T10:30:00.1234567Z".len() && stamp.ends_with('Z')
}

/// The RFC 3339 timestamp at the start of a text and its length, if a blank or nothing follows.
fn stamp(text: &str) -> Option<(Moment, usize)> {
    let (moment, end) = moment::at_start(text)?;
    let found = &text[..end];
    let is_strict = found.as_bytes()[10] == b'T' && !found.contains(' ') && !found.contains(',');
    let is_zoned = found.ends_with('Z') || found.as_bytes()[end.saturating_sub(3)] == b':';
    let ends = matches!(text.as_bytes().get(end), None | Some(b' '));
    (is_strict && is_zoned && ends).then_some((moment, end))
}

/// The lengths of the container name at the start of `text` and of the whole prefix, blank behind the bar included.
fn container(text: &str) -> Option<(usize, usize)> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    let name = text.find(|c| !is_name(c))?;
    let begins = text.starts_with(|c: char| c.is_ascii_alphanumeric());
    if !begins || LEVELS.contains(&&text[..name]) {
        return None;
    }
    let blanks = text[name..].len() - text[name..].trim_start_matches(' ').len();
    let bar = name + blanks;
    let rest = text[bar..].strip_prefix('|')?;
    let ends = rest.is_empty() || rest.starts_with([' ', '\r']);
    (blanks > 0 && ends).then(|| (name, bar + 1 + usize::from(rest.starts_with(' '))))
}

/// What programs print before a bar that is none of Compose's: `INFO | Started …`.
const LEVELS: [&str; 8] = [
    "TRACE", "DEBUG", "INFO", "WARN", "WARNING", "ERROR", "CRITICAL", "FATAL",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn read(text: &str) -> (String, Option<String>, Vec<String>) {
        let line = Line::new(text, 1, 0);
        let pieces = line.pieces().map(|piece| line.text()[piece].to_owned());
        (
            line.container().to_owned(),
            line.stamp().map(str::to_owned),
            pieces.collect(),
        )
    }

    #[track_caller]
    fn is(text: &str, container: &str, stamp: Option<&str>, body: &str) {
        let expected = (
            container.into(),
            stamp.map(str::to_owned),
            vec![body.to_owned()],
        );
        assert_eq!(read(text), expected, "{text:?}");
    }

    #[test]
    fn prefixes() {
        let docker = "2025-01-13T01:39:17.612192620Z";
        is("hello", "", None, "hello");
        is("backend-1  | hello", "backend-1", None, "hello");
        is("backend_1  |   a | b\r", "backend_1", None, "a | b");
        is("mydb    | hello", "mydb", None, "hello");
        is(
            &format!("backend-1  | {docker} hello"),
            "backend-1",
            Some(docker),
            "hello",
        );
        is(&format!("{docker} hello"), "", Some(docker), "hello");
        is("2025-11-01T10:30:00.1234567Z hello", "", None, "hello");
        is(
            "2025-11-01T10:30:00.1234567Z web-1  | hello",
            "web-1",
            None,
            "hello",
        );
        is(
            &format!("2025-11-01T10:30:00.1234567Z web-1  | {docker} hello"),
            "web-1",
            Some(docker),
            "hello",
        );
        is(
            "deploy\tDeploy to staging\t\u{feff}2025-11-01T10:30:00.1234567Z web-1  | hello",
            "web-1",
            None,
            "hello",
        );
        is(
            "2026-08-12T19:36:45.984212851+07:00 hi",
            "",
            Some("2026-08-12T19:36:45.984212851+07:00"),
            "hi",
        );
    }

    #[test]
    fn what_is_no_prefix() {
        is("INFO | hello", "", None, "INFO | hello");
        is("two words | hello", "", None, "two words | hello");
        is("a|b", "", None, "a|b");
        is("a |b", "", None, "a |b");
        is("| hello |", "", None, "hello");
        is("2025-11-01T10:30 hello", "", None, "2025-11-01T10:30 hello");
        assert!(read("backend-1  |").2.is_empty());
        assert!(read("").2.is_empty());
    }

    #[test]
    fn terminal_sequences_and_frames() {
        is(
            "\u{1b}[36mbackend-1  | \u{1b}[0m\u{1b}[1;32mok\u{1b}[m",
            "backend-1",
            None,
            "ok",
        );
        is("║  \u{1b}]0;title\u{7}2\u{1b}(Bs  ║", "", None, "2s");
        is("\u{1b}]8;;http://x\u{1b}\\link", "", None, "link");
        is("a\u{0}b\u{7f}\u{9b}31mc", "", None, "abc");
        is("a\u{1b}[3", "", None, "a");
        is("a\u{1b}", "", None, "a");
        assert_eq!(read("10%\r20%\rdone\r").2, ["10%", "20%", "done"]);
        assert!(read("━━━━━━╔═╗").2.is_empty());
    }

    #[test]
    fn the_way_back() {
        let text = "\u{1b}[36mweb-1  | \u{1b}[0m║ 4\u{1b}[1m5s\u{1b}[0m ║\r";
        let line = Line::new(text, 7, 100);
        let piece = line.pieces().next().unwrap();
        let place = line.place(piece);
        let start = usize::try_from(place.offset).unwrap() - 100;
        let found = &text[start..start + place.length as usize];
        assert_eq!((place.line, found), (7, "4\u{1b}[1m5s"));
    }

    #[test]
    fn replicas() {
        for (container, expected) in [
            ("backend-1", "backend"),
            ("backend_12", "backend"),
            ("mydb", "mydb"),
            ("db2", "db2"),
            ("a-b-2", "a-b"),
            ("-1", "-1"),
            ("12", "12"),
            ("", ""),
        ] {
            assert_eq!(service(container), expected);
        }
    }
}
