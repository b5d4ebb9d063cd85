//! Lines of an input of any size, and of them only those that may say something.

use super::{frameworks, steps};
use aho_corasick::{AhoCorasick, AhoCorasickKind};
use memchr::{memchr, memchr_iter, memrchr};
use std::io::{self, Read};
use std::sync::LazyLock;

/// What is read at once.
const BLOCK: usize = 256 * 1024;

/// Of a longer line only its beginning is looked at.
const MAX_LINE: usize = 1024 * 1024;

/// Terminal sequences, which may stand inside of what is said, and Compose's word of an end.
const OTHERS: [&str; 4] = ["\u{1b}", "\u{9b}", "\u{9d}", " exited with code "];

/// Texts of which at least one stands in every line that says something.
fn phrases() -> impl Iterator<Item = &'static str> {
    frameworks::phrases().chain(steps::PHRASES).chain(OTHERS)
}

static TELLING: LazyLock<AhoCorasick> = LazyLock::new(|| {
    AhoCorasick::builder()
        .kind(Some(AhoCorasickKind::DFA))
        .build(phrases())
        .expect("a few short texts")
});

/// One line of an input.
pub(super) struct Raw<'a> {
    /// Its bytes without the line feed.
    pub bytes: &'a [u8],
    /// Its number, from 1.
    pub number: u64,
    /// The offset of its first byte.
    pub start: u64,
}

/// Hands on the lines of an input that may say something. It is read block by block, and never held as a whole.
pub(super) fn telling_lines<E: From<io::Error>>(
    input: &mut dyn Read,
    mut take: impl FnMut(Raw) -> Result<(), E>,
) -> Result<(), E> {
    let mut buffer = vec![0; BLOCK];
    let mut filled = 0;
    // Of the buffer's first byte.
    let (mut number, mut start) = (1, 0);
    // Whether the buffer begins inside of a line whose beginning has been looked at.
    let mut inside = false;
    loop {
        let read = fill(input, &mut buffer[filled..])?;
        let is_end = read == 0;
        filled += read;
        let text = &buffer[..filled];
        let end = match memrchr(b'\n', text) {
            _ if is_end => filled,
            Some(at) => at + 1,
            None if filled < MAX_LINE => {
                if filled == buffer.len() {
                    buffer.resize(buffer.len() * 2, 0);
                }
                continue;
            }
            None => filled,
        };
        let mut at = 0;
        if inside {
            at = memchr(b'\n', &text[..end]).map_or(end, |feed| feed + 1);
        }
        let mut counted = 0;
        while let Some(found) = TELLING.find(&text[at..end]) {
            let place = at + found.start();
            let from = memrchr(b'\n', &text[at..place]).map_or(at, |feed| at + feed + 1);
            let to = memchr(b'\n', &text[place..end]).map_or(end, |feed| place + feed);
            number += memchr_iter(b'\n', &text[counted..from]).count() as u64;
            counted = from;
            take(Raw {
                bytes: &text[from..to],
                number,
                start: start + from as u64,
            })?;
            at = (to + 1).min(end);
        }
        number += memchr_iter(b'\n', &text[counted..end]).count() as u64;
        if is_end {
            return Ok(());
        }
        inside = (end > 0 && text[end - 1] != b'\n') || (inside && end == 0);
        start += end as u64;
        buffer.copy_within(end..filled, 0);
        filled -= end;
    }
}

/// Reads as much as there is room for; 0 at the end of the input.
fn fill(input: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match input.read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lines, read so many bytes at a time.
    fn lines(text: &str, step: usize) -> Vec<(String, u64, u64)> {
        struct Slow<'a>(&'a [u8], usize);
        impl Read for Slow<'_> {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                let length = self.1.min(self.0.len()).min(buffer.len());
                buffer[..length].copy_from_slice(&self.0[..length]);
                self.0 = &self.0[length..];
                Ok(length)
            }
        }
        let mut found = Vec::new();
        telling_lines::<io::Error>(&mut Slow(text.as_bytes(), step), |raw| {
            let text = String::from_utf8_lossy(raw.bytes).into_owned();
            found.push((text, raw.number, raw.start));
            Ok(())
        })
        .unwrap();
        found
    }

    #[test]
    fn the_bench_looks_for_the_same_texts() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/phrases.txt");
        let expected = phrases().collect::<Vec<_>>().join("\n") + "\n";
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(path, &expected).unwrap();
        }
        assert_eq!(std::fs::read_to_string(path).unwrap(), expected);
    }

    #[test]
    fn only_lines_that_may_say_something() {
        let text = "a\nSTEP 1/2: x\n\nb\nx done in 2s\r\nSTEP STEP ";
        for step in [1, 2, 7, 1000] {
            let expected = [
                ("STEP 1/2: x", 2, 2),
                ("x done in 2s\r", 5, 17),
                ("STEP STEP ", 6, 31),
            ];
            let expected = expected.map(|(text, number, start)| (text.to_owned(), number, start));
            assert_eq!(lines(text, step), expected, "{step}");
        }
    }

    #[test]
    fn of_a_line_that_is_too_long_the_beginning_is_looked_at() {
        let long = format!("a STEP {}STEP \nb STEP \n", "x".repeat(3 * MAX_LINE));
        for step in [10_000, 1 << 22] {
            let found = lines(&long, step);
            assert_eq!(found.len(), 2, "{step}");
            assert!(found[0].0.starts_with("a STEP x") && found[0].0.len() >= MAX_LINE);
            assert_eq!((found[1].0.as_str(), found[1].1), ("b STEP ", 2));
        }
        assert!(lines(&"x".repeat(MAX_LINE * 2), 1 << 22).is_empty());
    }
}
