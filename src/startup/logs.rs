//! The lines of a log, freed from what Compose, Docker, CI runners and terminals put around them.

use crate::source::{FileId, Mapped, MappedBuilder};
use std::ops::Range;

/// One line: the text without terminal sequences, and its parts.
pub(super) struct Line {
    text: Mapped,
    container: Range<usize>,
    stamp: Range<usize>,
    body: Range<usize>,
}

impl Line {
    /// Reads the line `raw`, which stands at byte `start` of the file.
    fn new(file: FileId, raw: &str, start: usize) -> Self {
        let text = strip(file, raw.trim_end_matches('\r'), start);
        let head = Head::of(text.text());
        Self {
            body: head.body..text.text().len(),
            container: head.container,
            stamp: head.stamp,
            text,
        }
    }

    /// The text and its way back to the file. [`Self::pieces`] are ranges of it.
    pub(super) fn mapped(&self) -> &Mapped {
        &self.text
    }

    /// The container's name in the prefix; empty in a line without one.
    pub(super) fn container(&self) -> &str {
        &self.text.text()[self.container.clone()]
    }

    /// Docker's timestamp, as it stands.
    pub(super) fn stamp(&self) -> Option<&str> {
        (!self.stamp.is_empty()).then(|| &self.text.text()[self.stamp.clone()])
    }

    /// What the program itself printed: one piece, or several where it returned the carriage to overwrite a line, as
    /// progress bars do. Blanks and frames around a piece are left out, and so are empty pieces.
    pub(super) fn pieces(&self) -> impl Iterator<Item = Range<usize>> {
        let text = self.text.text();
        let mut start = self.body.start;
        text[self.body.clone()]
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

/// The lines of a text.
pub(super) fn lines(file: FileId, text: &str) -> impl Iterator<Item = Line> {
    let mut start = 0;
    text.split('\n').map(move |raw| {
        let line = Line::new(file, raw, start);
        start += raw.len() + 1;
        line
    })
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

fn strip(file: FileId, raw: &str, start: usize) -> Mapped {
    // Most lines are plain, and bytes are compared faster than characters.
    if raw.bytes().all(|b| matches!(b, b' '..=b'~' | b'\t')) {
        return Mapped::verbatim(file, raw, start);
    }
    let mut rest = 0;
    let mut builder = MappedBuilder::new(file);
    while let Some(at) = raw[rest..].find(is_noise).map(|n| rest + n) {
        builder.push_verbatim(&raw[rest..at], start + rest);
        rest = at + noise_length(&raw[at..]);
    }
    builder.push_verbatim(&raw[rest..], start + rest);
    builder.finish()
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
    stamp: Range<usize>,
    body: usize,
}

impl Head {
    fn of(text: &str) -> Self {
        let mut head = Self {
            container: 0..0,
            stamp: 0..0,
            body: runner_columns(text),
        };
        let outer = head.take_stamp(text);
        if let Some((length, end)) = container(&text[head.body..]) {
            head.container = head.body..head.body + length;
            head.body += end;
            head.stamp = head.take_stamp(text);
        } else {
            let inner = head.take_stamp(text);
            head.stamp = match (inner.is_empty(), is_runner_stamp(&text[outer.clone()])) {
                (false, _) => inner,
                (true, true) => 0..0,
                (true, false) => outer,
            };
        }
        head
    }

    fn take_stamp(&mut self, text: &str) -> Range<usize> {
        let start = self.body;
        let Some(length) = stamp(&text[start..]) else {
            return start..start;
        };
        let end = start + length;
        self.body = end + usize::from(text[end..].starts_with(' '));
        start..end
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

/// The length of the RFC 3339 timestamp at the start of a text, if a blank or nothing follows.
fn stamp(text: &str) -> Option<usize> {
    if date_time(text)? != b'T' {
        return None;
    }
    let bytes = text.as_bytes();
    let mut end = DATE_TIME.len();
    if bytes.get(end) == Some(&b'.') {
        end += 1 + bytes[end + 1..]
            .iter()
            .take_while(|b| b.is_ascii_digit())
            .count();
    }
    end += zone(&bytes[end..])?;
    matches!(bytes.get(end), None | Some(b' ')).then_some(end)
}

const DATE_TIME: &[u8] = b"0000-00-00T00:00:00";

/// The separator of date and time, if a text begins with `2025-11-01T10:30:00` or the like.
fn date_time(text: &str) -> Option<u8> {
    let bytes = text.as_bytes().get(..DATE_TIME.len())?;
    let fits = bytes
        .iter()
        .zip(DATE_TIME)
        .all(|(byte, model)| match model {
            b'0' => byte.is_ascii_digit(),
            b'T' => matches!(byte, b'T' | b' '),
            _ => byte == model,
        });
    fits.then_some(bytes[10])
}

fn zone(bytes: &[u8]) -> Option<usize> {
    match bytes {
        [b'Z', ..] => Some(1),
        [b'+' | b'-', h1, h2, b':', m1, m2, ..]
            if [h1, h2, m1, m2].iter().all(|b| b.is_ascii_digit()) =>
        {
            Some(6)
        }
        _ => None,
    }
}

/// The first date with a time in a text, as RFC 3339; without a zone it is UTC.
pub(super) fn own_stamp(text: &str) -> Option<String> {
    let digit = |&(_, c): &(usize, char)| c.is_ascii_digit();
    let at = text.char_indices().filter(digit).map(|(at, _)| at);
    let at = at
        .into_iter()
        .find(|&at| date_time(&text[at..]).is_some())?;
    let (stamp, rest) = text[at..].split_at(DATE_TIME.len());
    let fraction = rest.strip_prefix(['.', ',']).map_or(rest, |rest| {
        rest.trim_start_matches(|c: char| c.is_ascii_digit())
    });
    let zone = zone(fraction.as_bytes()).map_or("Z", |length| &fraction[..length]);
    Some(stamp.replacen(' ', "T", 1) + zone)
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
    use crate::source::Sources;

    #[track_caller]
    fn read(text: &str) -> (String, Option<String>, Vec<String>) {
        let file = Sources::default().add("a.log", "");
        let line = Line::new(file, text, 0);
        let pieces = line
            .pieces()
            .map(|piece| line.mapped().text()[piece].to_owned());
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
        let text = "first\n\u{1b}[36mweb-1  | \u{1b}[0m║ 45s ║\r\nlast";
        let mut sources = Sources::default();
        let file = sources.add("a.log", text);
        let line = lines(file, text).nth(1).unwrap();
        let piece = line.pieces().next().unwrap();
        assert_eq!(sources.text(line.mapped().span(piece)), "45s");
        assert_eq!(lines(file, text).count(), 3);
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

    #[test]
    fn stamps_of_the_program() {
        let utc = Some("2025-11-01T10:30:00Z".to_owned());
        assert_eq!(own_stamp("[2025-11-01 10:30:00] "), utc);
        assert_eq!(own_stamp("12025-11-01 10:30:00,123 INFO "), utc);
        assert_eq!(
            own_stamp("2025-11-01T10:30:00.5+02:00 "),
            Some("2025-11-01T10:30:00+02:00".to_owned())
        );
        assert_eq!(own_stamp("[10:30:00] é"), None);
    }
}
