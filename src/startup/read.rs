//! What a text is, and what it tells.

use super::document;
use super::events::Events;
use super::logs::Line;
use super::model::{Kind, Reading, Startup};
use super::record;
use super::starts::{Container, Event};
use super::stream::{Raw, telling_lines};
use std::collections::HashMap;
use std::fmt;
use std::io::{self, BufRead, BufReader, Read};

/// More starts than that are refused, and more containers: nobody's day has so many.
const MAX_STARTS: usize = 100_000;

/// Larger JSON documents are refused; logs and events may have any size.
const MAX_DOCUMENT: usize = 64 * 1024 * 1024;

/// What decides is in the first bytes.
const HEAD: usize = 64 * 1024;

/// Why a text cannot be used.
#[derive(Debug)]
pub enum ReadError {
    /// It could not be read.
    Io(io::Error),
    /// It is cut off, malformed or of a kind that is not understood: a sentence.
    Unusable(String),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => write!(f, "it cannot be read: {error}"),
            Self::Unusable(sentence) => f.write_str(sentence),
        }
    }
}

impl std::error::Error for ReadError {}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl ReadError {
    pub(super) fn unusable(sentence: impl Into<String>) -> Self {
        Self::Unusable(sentence.into())
    }
}

/// Takes a line that tells something, with its number.
type Keep<'a> = &'a mut dyn FnMut(&[u8], u64);

/// What an input tells: a log, of any size and with any number of services; or the output of `docker inspect`, `docker events` or
/// `docker compose ps --format json`.
///
/// # Errors
/// If it cannot be read, or is cut off or malformed so that it would be misunderstood. A log is never refused for what it holds: what
/// is not understood is passed over, and nothing may be left.
pub fn read(input: &mut dyn Read) -> Result<Reading, ReadError> {
    read_keeping(input, &mut |_, _| {})
}

/// The lines of a log or of events that tell something, with their numbers: they tell what the whole tells. Of an input of another
/// kind nothing.
///
/// # Errors
/// As [`read`].
pub fn excerpt(input: &mut dyn Read) -> Result<(String, Vec<usize>), ReadError> {
    let (mut text, mut numbers) = (String::new(), Vec::new());
    read_keeping(input, &mut |line, number| {
        if text.len() + line.len() < MAX_DOCUMENT {
            text.push_str(&String::from_utf8_lossy(line));
            text.push('\n');
            numbers.push(usize::try_from(number).unwrap_or(usize::MAX));
        }
    })?;
    Ok((text, numbers))
}

fn read_keeping(input: &mut dyn Read, keep: Keep) -> Result<Reading, ReadError> {
    let mut head = Vec::new();
    input.take(HEAD as u64).read_to_end(&mut head)?;
    let is_whole = head.len() < HEAD;
    refuse(&head)?;
    let first = first_line(&head);
    match document::kind(&first, is_whole) {
        Some(document::Form::Events) => {
            let input = head.chain(input);
            return events(&mut BufReader::new(input), keep);
        }
        Some(document::Form::Record) => {
            let text = whole(head, input)?;
            return record::reading(&String::from_utf8_lossy(&text));
        }
        Some(document::Form::Documents) => {
            let text = whole(head, input)?;
            let text = String::from_utf8_lossy(&text);
            return match document::read(&text) {
                // A log may begin with a brace as well.
                Err(error) => match log(&mut text.as_bytes(), keep)? {
                    found if found.startups.is_empty() => Err(error),
                    found => Ok(found),
                },
                found => found,
            };
        }
        None => {}
    }
    log(&mut head.chain(input), keep)
}

/// Refuses what is no text.
fn refuse(head: &[u8]) -> Result<(), ReadError> {
    let sentence = match head {
        [] => "it is empty",
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => "it is UTF-16 text: save it as UTF-8",
        [0x1f, 0x8b, ..] | [0x28, 0xb5, 0x2f, 0xfd, ..] | [b'B', b'Z', b'h', ..] => {
            "it is compressed: unpack it first"
        }
        _ if head.iter().all(u8::is_ascii_whitespace) && head.len() < HEAD => "it is empty",
        _ => return Ok(()),
    };
    Err(ReadError::unusable(sentence))
}

/// The first line that is not empty, as far as it is there.
fn first_line(head: &[u8]) -> String {
    let head = head.strip_prefix("\u{feff}".as_bytes()).unwrap_or(head);
    let mut lines = head.split(|byte| *byte == b'\n');
    let line = lines.find(|line| !line.trim_ascii().is_empty());
    String::from_utf8_lossy(line.unwrap_or_default())
        .trim()
        .to_owned()
}

fn whole(mut text: Vec<u8>, input: &mut dyn Read) -> Result<Vec<u8>, ReadError> {
    let room = (MAX_DOCUMENT + 1).saturating_sub(text.len());
    input.take(room as u64).read_to_end(&mut text)?;
    if text.len() > MAX_DOCUMENT {
        let most = MAX_DOCUMENT / 1024 / 1024;
        return Err(ReadError::unusable(format!(
            "it is a JSON document of more than {most} MiB"
        )));
    }
    Ok(text)
}

fn log(input: &mut dyn Read, keep: Keep) -> Result<Reading, ReadError> {
    let mut containers: HashMap<String, Container> = HashMap::new();
    let mut count = 0;
    telling_lines(input, |raw: Raw| {
        let text = String::from_utf8_lossy(raw.bytes);
        let line = Line::new(&text, raw.number, raw.start);
        let mut tells = false;
        for piece in line.pieces() {
            let said = &line.text()[piece.clone()];
            if let Some(container) = exited(said).and_then(|name| containers.get_mut(name)) {
                container.renew();
                tells = true;
                continue;
            }
            let Some(event) = Event::read(said) else {
                continue;
            };
            tells = true;
            let name = line.container();
            // Not `entry`: it would own the name for every event.
            if !containers.contains_key(name) {
                containers.insert(name.to_owned(), Container::new(name));
            }
            if let Some(container) = containers.get_mut(name) {
                let before = container.count();
                container.observe(event, &line, &piece);
                count += container.count() - before;
            }
        }
        if tells {
            keep(raw.bytes, raw.number);
        }
        if count.max(containers.len()) > MAX_STARTS {
            let sentence = format!("it tells of more than {MAX_STARTS} starts: cut it into parts");
            return Err(ReadError::Unusable(sentence));
        }
        Ok(())
    })?;
    let startups = containers.into_values().flat_map(Container::finish);
    let mut startups: Vec<Startup> = startups.collect();
    startups.sort_by_key(|startup| startup.ready.main().place);
    Ok(Reading {
        kind: Kind::Log,
        startups,
        missing: Vec::new(),
        silent: Vec::new(),
    })
}

/// The container of which Compose says that it has ended: `backend-1 exited with code 1`.
fn exited(text: &str) -> Option<&str> {
    let (name, code) = text.split_once(" exited with code ")?;
    let is_code = !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_digit());
    (is_code && !name.contains(' ')).then_some(name)
}

fn events(input: &mut dyn BufRead, keep: Keep) -> Result<Reading, ReadError> {
    /// Nothing that Docker tells in a line is that long.
    const MAX_LINE: u64 = 1024 * 1024;
    let mut events = Events::default();
    let (mut number, mut start) = (1, 0);
    let mut bytes = Vec::new();
    loop {
        bytes.clear();
        let length = input.take(MAX_LINE).read_until(b'\n', &mut bytes)?;
        if length == 0 {
            break;
        }
        if length as u64 == MAX_LINE {
            return Err(ReadError::unusable(format!(
                "its line {number} is no event: it is longer than a megabyte"
            )));
        }
        let text = String::from_utf8_lossy(&bytes);
        let is_last = !text.ends_with('\n');
        if events.observe(text.trim_end(), number, start, is_last)? {
            keep(text.trim_end().as_bytes(), number);
        }
        if events.count() > MAX_STARTS {
            return Err(ReadError::unusable(format!(
                "it tells of more than {MAX_STARTS} starts: cut it into parts"
            )));
        }
        number += 1;
        start += length as u64;
    }
    Ok(events.finish())
}
