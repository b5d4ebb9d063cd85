//! The functions of make that lists of files are built with.

use super::super::text::{UNKNOWN, is_known, unknown};
use super::Reader;
use crate::shell::{PROJECT, in_project};
use crate::source::paths;

/// Lists longer than this are not gone through.
const WORDS: usize = 256;

impl Reader<'_> {
    /// What `$(name arguments)` becomes.
    pub(super) fn function(&mut self, name: &str, arguments: &str, depth: usize) -> String {
        let parts = split(arguments);
        match (name, parts.as_slice()) {
            ("foreach", [variable, list, body]) => {
                let variable = self.expand(variable.trim(), depth);
                let list = self.expand(list, depth);
                self.for_each(&variable, &list, body, depth)
            }
            ("if", [condition, rest @ ..]) => {
                let condition = self.expand(condition.trim(), depth);
                let (then, otherwise) = (rest.first(), rest.get(1));
                let taken = match condition.as_str() {
                    "" => otherwise,
                    _ if is_known(&condition) => then,
                    _ => return unknown(),
                };
                taken.map_or_else(String::new, |taken| self.expand(taken, depth))
            }
            ("or", parts) => {
                for part in parts {
                    let value = self.expand(part.trim(), depth);
                    if !value.is_empty() {
                        return value;
                    }
                }
                String::new()
            }
            ("call", parts) => {
                let parts = parts.iter().map(|part| self.expand(part, depth));
                let parts: Vec<String> = parts.collect();
                self.called(&parts, depth)
            }
            // What is printed is nothing of the recipe.
            ("info" | "warning" | "error", _) => String::new(),
            ("shell", _) => {
                let command = self.expand(arguments, depth);
                match command.trim() {
                    "pwd" => self.here(),
                    "git rev-parse --show-toplevel" => join(PROJECT, self.top),
                    _ => unknown(),
                }
            }
            _ => {
                let parts = parts.iter().map(|part| self.expand(part, depth));
                let parts: Vec<String> = parts.collect();
                self.text_function(name, &parts)
            }
        }
    }

    fn for_each(&mut self, variable: &str, list: &str, body: &str, depth: usize) -> String {
        if !is_known(list) {
            return unknown();
        }
        let before = self.variables.get(variable).cloned();
        let mut turns = Vec::new();
        for word in list.split_whitespace().take(WORDS) {
            self.variables.set_simple(variable, word);
            turns.push(self.expand(body, depth));
        }
        self.variables.put(variable, before);
        turns.join(" ")
    }

    /// `$(call name,…)`: a variable's text with the arguments as `$(1)` and on.
    fn called(&mut self, parts: &[String], depth: usize) -> String {
        let [name, arguments @ ..] = parts else {
            return unknown();
        };
        let numbers: Vec<String> = (1..=9).map(|n: u8| n.to_string()).collect();
        let outer: Vec<_> = numbers
            .iter()
            .map(|n| self.variables.get(n).cloned())
            .collect();
        for (index, number) in numbers.iter().enumerate() {
            let argument = arguments.get(index).map(|argument| argument.trim());
            self.variables
                .set_simple(number, argument.unwrap_or_default());
        }
        let result = self.value(name.trim(), depth);
        for (number, held) in numbers.iter().zip(outer) {
            self.variables.put(number, held);
        }
        result
    }

    /// The functions that look at nothing but their arguments.
    fn text_function(&self, name: &str, parts: &[String]) -> String {
        let each = |list: &str, change: &dyn Fn(&str) -> String| {
            let words = list.split_whitespace().take(WORDS).map(change);
            words.collect::<Vec<_>>().join(" ")
        };
        let first = |list: &str| list.split_whitespace().next().map(str::to_owned);
        match (name, parts) {
            ("strip", [list]) => each(list, &str::to_owned),
            ("addprefix", [prefix, list]) => each(list, &|word| format!("{prefix}{word}")),
            ("addsuffix", [suffix, list]) => each(list, &|word| format!("{word}{suffix}")),
            ("patsubst", [from, to, list]) => each(list, &|word| substituted(word, from, to)),
            ("subst", [from, to, text]) if !from.is_empty() && is_known(text) => {
                text.replace(from.as_str(), to)
            }
            ("firstword", [list]) => first(list).unwrap_or_default(),
            ("lastword", [list]) => {
                let last = list.split_whitespace().next_back();
                last.unwrap_or_default().to_owned()
            }
            ("dir", [list]) => each(list, &|word| match word.rfind('/') {
                Some(at) => word[..=at].to_owned(),
                None if word.contains(UNKNOWN) => unknown(),
                None => "./".to_owned(),
            }),
            ("notdir", [list]) => each(list, &|word| paths::name(word).to_owned()),
            ("abspath" | "realpath", [list]) => each(list, &|word| self.absolute(word)),
            _ => unknown(),
        }
    }

    /// A path of the project without `.` and `..`; where others lie is not known.
    fn absolute(&self, path: &str) -> String {
        let inside = match in_project(path) {
            Some(inside) => paths::join("", inside),
            None => self.folder.and_then(|folder| paths::join(folder, path)),
        };
        match inside {
            Some(inside) if is_known(path) => join(PROJECT, &inside),
            _ => unknown(),
        }
    }

    /// The folder that make runs in.
    pub(super) fn here(&self) -> String {
        self.folder
            .map_or_else(unknown, |folder| join(PROJECT, folder))
    }
}

/// `a` and `b` with one slash between them.
fn join(folder: &str, path: &str) -> String {
    if path.is_empty() {
        return folder.to_owned();
    }
    format!("{folder}/{path}")
}

/// A word with the part that `%` stands for put into `to`, where it fits `from`.
pub(super) fn substituted(word: &str, from: &str, to: &str) -> String {
    let (before, behind) = from.split_once('%').unwrap_or((from, ""));
    let stem = if from.contains('%') {
        word.strip_prefix(before)
            .and_then(|rest| rest.strip_suffix(behind))
    } else {
        (word == from).then_some("")
    };
    match stem {
        Some(stem) => to.replacen('%', stem, 1),
        None => word.to_owned(),
    }
}

/// The arguments of a function: between commas that stand in no brackets.
fn split(arguments: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut open) = (0, 0usize);
    for (at, byte) in arguments.bytes().enumerate() {
        match byte {
            b'(' | b'{' => open += 1,
            b')' | b'}' => open = open.saturating_sub(1),
            b',' if open == 0 => {
                parts.push(&arguments[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&arguments[start..]);
    parts
}
