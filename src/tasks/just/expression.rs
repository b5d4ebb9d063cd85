//! Expressions: texts, names, `+`, `/`, `if`, and the functions that tell where the justfile stands.

use super::super::text::{LENGTH, is_known, unknown};
use crate::shell::PROJECT;

/// Brackets in brackets go no deeper.
const DEPTH: usize = 32;

/// Reads one expression from the start of a text.
pub(super) struct Expression<'t, L> {
    rest: &'t str,
    lookup: L,
    home: &'t str,
    depth: usize,
}

impl<'t, L: Fn(&str) -> String> Expression<'t, L> {
    /// An expression whose names `lookup` knows.
    pub fn new(text: &'t str, lookup: L) -> Self {
        Self {
            rest: text,
            lookup,
            home: "",
            depth: 0,
        }
    }

    /// Its value; `home` is the folder of the justfile.
    pub fn value(mut self, home: &'t str) -> String {
        self.home = home;
        self.sum()
    }

    /// What has not been read.
    pub fn rest(&self) -> &'t str {
        self.rest
    }

    fn blanks(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t']);
    }

    fn take(&mut self, sign: &str) -> bool {
        self.blanks();
        match self.rest.strip_prefix(sign) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn sum(&mut self) -> String {
        let mut value = self.operand();
        while value.len() < LENGTH {
            if self.take("+") {
                value += &self.operand();
            } else if self.take("/") {
                value = format!("{value}/{}", self.operand());
            } else {
                break;
            }
        }
        value
    }

    /// A text, a name, a call, or something in brackets.
    pub fn operand(&mut self) -> String {
        self.blanks();
        if self.depth >= DEPTH {
            return unknown();
        }
        self.depth += 1;
        let value = self.inner();
        self.depth -= 1;
        value
    }

    fn inner(&mut self) -> String {
        if self.take("(") {
            let value = self.sum();
            self.take(")");
            return value;
        }
        if let Some(text) = self.text() {
            return text;
        }
        let length = self
            .rest
            .find(|c: char| !c.is_alphanumeric() && c != '_' && c != '-');
        let (name, behind) = self.rest.split_at(length.unwrap_or(self.rest.len()));
        self.rest = behind;
        match name {
            "" => unknown(),
            "if" => self.choice(),
            _ if self.rest.starts_with('(') => self.call(name),
            _ => (self.lookup)(name),
        }
    }

    fn text(&mut self) -> Option<String> {
        let rest = self
            .rest
            .strip_prefix('x')
            .filter(|rest| rest.starts_with(['"', '\'']));
        let is_expanded = rest.is_some();
        let text = rest.unwrap_or(self.rest);
        let quote = ["\"\"\"", "'''", "```", "\"", "'", "`"]
            .into_iter()
            .find(|quote| text.starts_with(quote))?;
        let inner = &text[quote.len()..];
        let mut end = 0;
        while !inner[end..].starts_with(quote) {
            let mut chars = inner[end..].chars();
            let c = chars.next()?;
            end += c.len_utf8();
            if c == '\\' && quote.starts_with('"') {
                end += chars.next().map_or(0, char::len_utf8);
            }
        }
        self.rest = &inner[end + quote.len()..];
        let inner = &inner[..end];
        Some(match quote.as_bytes()[0] {
            // The output of a command.
            b'`' => unknown(),
            _ if is_expanded && inner.contains(['$', '~']) => unknown(),
            b'"' => unescaped(inner),
            _ => inner.to_owned(),
        })
    }

    fn call(&mut self, name: &str) -> String {
        self.take("(");
        let mut arguments = Vec::new();
        while !self.take(")") {
            arguments.push(self.sum());
            if !self.take(",") {
                self.take(")");
                break;
            }
        }
        match (name, arguments.as_slice()) {
            // Nothing is set around it.
            ("env" | "env_var_or_default", [_, default]) => default.clone(),
            ("justfile_directory" | "justfile_dir" | "source_directory" | "source_dir", []) => {
                format!("{PROJECT}/{}", self.home)
                    .trim_end_matches('/')
                    .to_owned()
            }
            ("join", parts) if !parts.is_empty() => parts.join("/"),
            ("quote", [text]) => format!("'{text}'"),
            _ => unknown(),
        }
    }

    /// `if a == b { … } else { … }`, behind its first word.
    fn choice(&mut self) -> String {
        let left = self.sum();
        let equal = if self.take("==") {
            Some(true)
        } else {
            let differs = self.take("!=");
            if !differs {
                self.take("=~");
            }
            differs.then_some(false)
        };
        let right = self.sum();
        self.take("{");
        let then = self.sum();
        self.take("}");
        self.blanks();
        let otherwise = match self.rest.strip_prefix("else") {
            Some(rest) => {
                self.rest = rest;
                if self.take("{") {
                    let value = self.sum();
                    self.take("}");
                    value
                } else {
                    self.operand()
                }
            }
            None => unknown(),
        };
        match equal {
            Some(equal) if is_known(&left) && is_known(&right) => {
                if (left == right) == equal {
                    then
                } else {
                    otherwise
                }
            }
            _ if then == otherwise => then,
            _ => unknown(),
        }
    }
}

fn unescaped(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('n') => out.push('\n'),
                Some('r') => out.push('\r'),
                Some('t') => out.push('\t'),
                // A line that goes on.
                Some('\n') | None => {}
                Some(other) => out.push(other),
            },
            c => out.push(c),
        }
    }
    out
}
