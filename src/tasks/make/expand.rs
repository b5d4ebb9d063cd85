//! References: `$(NAME)`, `${NAME}`, `$N`, `$(NAME:a=b)`, `$(function …)`.

use super::super::text::{LENGTH, UNKNOWN, is_number, push, unknown};
use super::Reader;
use super::functions::substituted;
use crate::shell::PROJECT;
use crate::source::{Mapped, MappedBuilder, Span};
use std::ops::Range;

/// References in references go no deeper.
const DEPTH: usize = 24;

/// What the environment sets for every make, so that it is not empty.
const AROUND: [&str; 10] = [
    "HOME",
    "USER",
    "LOGNAME",
    "PATH",
    "SHELL",
    "HOSTNAME",
    "TERM",
    "TMPDIR",
    "MAKEFLAGS",
    "MAKECMDGOALS",
];

/// One part of a text that is to be expanded.
enum Part {
    /// It stays as it is.
    Plain(Range<usize>),
    /// `$$`
    Dollar(Range<usize>),
    /// A reference, and what stands between its brackets.
    Reference(Range<usize>, Range<usize>),
}

impl Reader<'_> {
    /// A text with its references followed.
    pub(super) fn expand(&mut self, text: &str, depth: usize) -> String {
        let cost = 1 + text.len() / 16;
        if depth >= DEPTH || self.work < cost {
            return unknown();
        }
        self.work -= cost;
        let mut out = String::new();
        for part in parts(text) {
            match part {
                Part::Plain(range) => out.push_str(&text[range]),
                Part::Dollar(_) => out.push('$'),
                Part::Reference(_, inner) => out.push_str(&self.reference(&text[inner], depth + 1)),
            }
            if out.len() > LENGTH {
                return unknown();
            }
        }
        out
    }

    /// The same for a line of a recipe, with the way back.
    pub(super) fn expand_line(&mut self, line: &Mapped) -> Mapped {
        let mut builder = MappedBuilder::new(line.file());
        for part in parts(line.text()) {
            match part {
                Part::Plain(range) => builder.push_mapped(line, range),
                Part::Dollar(range) => builder.push_made("$", line.span(range).range()),
                Part::Reference(range, inner) => {
                    let inner = &line.text()[inner];
                    let text = self.reference(inner, 1);
                    match self.place_of_number(inner, &text) {
                        Some(span) if span.file == line.file() => {
                            builder.push_verbatim(&text, span.range().start);
                        }
                        _ => push(&mut builder, &text, &line.span(range).range()),
                    }
                }
            }
        }
        builder.finish()
    }

    /// Where a number stands that a variable was set to.
    fn place_of_number(&self, name: &str, text: &str) -> Option<Span> {
        let variable = self.variables.get(name)?;
        let is_it = variable.verbatim && variable.text == text && is_number(text);
        variable
            .span
            .filter(|span| is_it && span.len() == text.len())
    }

    fn reference(&mut self, inner: &str, depth: usize) -> String {
        if let Some(at) = inner.find([' ', '\t'])
            && inner[..at]
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b == b'-')
        {
            return self.function(&inner[..at], inner[at..].trim_start(), depth);
        }
        let inner = self.expand(inner, depth);
        if let Some((name, change)) = inner.split_once(':')
            && let Some((from, to)) = change.split_once('=')
        {
            let percent = from.contains('%');
            let (from, to) = if percent {
                (from.to_owned(), to.to_owned())
            } else {
                (format!("%{from}"), format!("%{to}"))
            };
            let value = self.value(name, depth);
            let words = value.split_whitespace();
            let words: Vec<String> = words.map(|word| substituted(word, &from, &to)).collect();
            return words.join(" ");
        }
        self.value(&inner, depth)
    }

    /// What a variable stands for; nothing where none sets it.
    pub(super) fn value(&mut self, name: &str, depth: usize) -> String {
        if name.contains(UNKNOWN) {
            return unknown();
        }
        if let Some(variable) = self.variables.get(name) {
            let (text, simple) = (variable.text.clone(), variable.simple);
            return if simple {
                text
            } else {
                self.expand(&text, depth + 1)
            };
        }
        match name {
            "CURDIR" | "PWD" => self.here(),
            "MAKE" => "make".to_owned(),
            "MAKEFILE_LIST" => format!("{PROJECT}/{}", self.path),
            _ if AROUND.contains(&name) => unknown(),
            // `$<`, `$^`, `$*`, `$(@D)`
            _ if name.starts_with(|c: char| !c.is_alphabetic() && c != '_' && c != '.') => {
                unknown()
            }
            _ if self.lacks_files => unknown(),
            _ => String::new(),
        }
    }
}

/// The parts of a text, in order.
fn parts(text: &str) -> Vec<Part> {
    let bytes = text.as_bytes();
    let mut parts = Vec::new();
    let mut at = 0;
    while let Some(dollar) = text[at..].find('$').map(|offset| at + offset) {
        if dollar > at {
            parts.push(Part::Plain(at..dollar));
        }
        at = match bytes.get(dollar + 1) {
            None => {
                parts.push(Part::Plain(dollar..dollar + 1));
                dollar + 1
            }
            Some(b'$') => {
                parts.push(Part::Dollar(dollar..dollar + 2));
                dollar + 2
            }
            Some(open @ (b'(' | b'{')) => {
                if let Some(close) = close(bytes, dollar + 1, *open) {
                    parts.push(Part::Reference(dollar..close + 1, dollar + 2..close));
                    close + 1
                } else {
                    parts.push(Part::Plain(dollar..text.len()));
                    text.len()
                }
            }
            Some(_) => {
                let length = text[dollar + 1..].chars().next().map_or(1, char::len_utf8);
                let name = dollar + 1..dollar + 1 + length;
                parts.push(Part::Reference(dollar..name.end, name.clone()));
                name.end
            }
        };
    }
    if at < text.len() {
        parts.push(Part::Plain(at..text.len()));
    }
    parts
}

/// The bracket that closes the one at `open`; those of its kind in between count.
fn close(bytes: &[u8], at: usize, open: u8) -> Option<usize> {
    let closing = if open == b'(' { b')' } else { b'}' };
    let mut depth = 0usize;
    for (offset, byte) in bytes[at..].iter().enumerate() {
        if *byte == open {
            depth += 1;
        } else if *byte == closing {
            depth -= 1;
            if depth == 0 {
                return Some(at + offset);
            }
        }
    }
    None
}
