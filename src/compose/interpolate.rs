//! Variables: `$NAME`, `${NAME}` and its forms with a default, an error or a replacement, and `$$`.
//!
//! The grammar is that of compose-go v2.9.1, `template/template.go`.

use super::value::{From, Piece};
use crate::source::{Mapped, Span};
use std::collections::{HashMap, HashSet};
use std::ops::Range;

/// Nested defaults go no deeper.
const MAX_DEPTH: usize = 32;

/// A variable's value and where it is set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// The value.
    pub text: String,
    /// The bytes of the value, quotes not included.
    pub span: Span,
    /// Whether those bytes are just the value.
    pub verbatim: bool,
}

/// Where a variable is used.
pub type Uses = HashMap<String, Vec<Span>>;

/// The variables that files are read with.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    variables: HashMap<String, Variable>,
    /// Set, but to what is not known here: no default stands in for them.
    unknown: HashSet<String>,
    complete: bool,
}

impl Environment {
    /// Sets a variable; one that is set already is replaced.
    pub fn set(&mut self, name: impl Into<String>, value: Variable) {
        let name = name.into();
        self.unknown.remove(&name);
        self.variables.insert(name, value);
    }

    /// Says that a variable is set to something that is not known here.
    pub fn set_unknown(&mut self, name: impl Into<String>) {
        let name = name.into();
        self.variables.remove(&name);
        self.unknown.insert(name);
    }

    /// The variable of that name.
    pub fn get(&self, name: &str) -> Option<&Variable> {
        self.variables.get(name)
    }

    /// Whether a text holds the value of a variable.
    pub(super) fn tells(&self, text: &str) -> bool {
        let mut values = self.variables.values();
        values.any(|value| !value.text.is_empty() && text.contains(&value.text))
    }

    /// The files that `COMPOSE_FILE` lists; `None` where it is not set.
    pub fn listed_files(&self) -> Option<Vec<String>> {
        let listed = self
            .get("COMPOSE_FILE")
            .filter(|list| !list.text.is_empty())?;
        let separator = self.get("COMPOSE_PATH_SEPARATOR");
        Some(split_files(
            &listed.text,
            separator.map(|set| set.text.as_str()),
        ))
    }

    /// The profiles that `COMPOSE_PROFILES` lists.
    pub fn listed_profiles(&self) -> Vec<String> {
        let set = self.get("COMPOSE_PROFILES").map(|set| set.text.as_str());
        split_profiles(set.unwrap_or_default())
    }

    /// What is not set here is set nowhere: it is empty, and Docker refuses the file where `${NAME:?}` asks for it.
    #[must_use]
    pub fn complete(mut self) -> Self {
        self.complete = true;
        self
    }

    /// Takes over the variables of `other` that are not set here.
    pub fn extend_missing(&mut self, other: &Self) {
        for (name, value) in &other.variables {
            self.variables
                .entry(name.clone())
                .or_insert_with(|| value.clone());
        }
    }

    /// Takes over all variables of `other`; they win.
    pub fn extend(&mut self, other: &Self) {
        let variables = other
            .variables
            .iter()
            .map(|(name, value)| (name.clone(), value.clone()));
        self.variables.extend(variables);
    }
}

/// The paths in the value of `COMPOSE_FILE`; `separator` is that of `COMPOSE_PATH_SEPARATOR`.
pub fn split_files(list: &str, separator: Option<&str>) -> Vec<String> {
    let separator = separator.filter(|separator| !separator.is_empty());
    let listed = list.split(separator.unwrap_or(":"));
    listed
        .filter(|path| !path.is_empty())
        .map(str::to_owned)
        .collect()
}

/// The names in the value of `COMPOSE_PROFILES`.
pub fn split_profiles(list: &str) -> Vec<String> {
    let names = list.split(',').map(str::trim);
    names
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

/// A `${` that begins nothing that Compose understands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadVariable {
    /// Its place.
    pub span: Span,
    /// What is wrong and what to do.
    pub message: String,
}

/// A text with its variables filled in.
#[derive(Clone, Debug)]
pub struct Filled {
    /// The text.
    pub text: String,
    /// What it was made from.
    pub pieces: Vec<Piece>,
    /// Variables that have no value here.
    pub unknown: Vec<String>,
}

/// Fills in the variables of one scalar.
pub struct Interpolation<'a> {
    environment: &'a Environment,
    text: &'a Mapped,
    pieces: Vec<Piece>,
    unknown: Vec<String>,
    uses: &'a mut Uses,
}

impl<'a> Interpolation<'a> {
    /// What `text` comes to.
    ///
    /// # Errors
    /// If a `${` begins no variable.
    pub fn run(
        text: &'a Mapped,
        environment: &'a Environment,
        uses: &'a mut Uses,
    ) -> Result<Filled, BadVariable> {
        let mut run = Self {
            environment,
            text,
            pieces: Vec::new(),
            unknown: Vec::new(),
            uses,
        };
        run.expand(0..text.text().len(), &From::Literal, 0)?;
        Ok(Filled {
            text: run.pieces.iter().map(|piece| piece.text.as_str()).collect(),
            pieces: run.pieces,
            unknown: run.unknown,
        })
    }

    fn expand(
        &mut self,
        range: Range<usize>,
        from: &From,
        depth: usize,
    ) -> Result<(), BadVariable> {
        let text = self.text.text();
        let mut at = range.start;
        while let Some(offset) = text[at..range.end].find('$') {
            let dollar = at + offset;
            self.push(at..dollar, from);
            let rest = &text[dollar + 1..range.end];
            if rest.starts_with('$') {
                self.push_text("$", dollar..dollar + 2, from);
                at = dollar + 2;
            } else if rest.starts_with('{') {
                let end = closing_brace(text, dollar + 2, range.end)
                    .ok_or_else(|| self.bad(dollar..range.end))?;
                self.braced(dollar..end + 1, depth)?;
                at = end + 1;
            } else {
                let length = name_length(rest);
                if length == 0 {
                    // `$(date)` and `$1` are left as they stand.
                    self.push(dollar..dollar + 1, from);
                    at = dollar + 1;
                    continue;
                }
                let name = &rest[..length];
                self.variable(name, dollar..dollar + 1 + length);
                at = dollar + 1 + length;
            }
        }
        self.push(at..range.end, from);
        Ok(())
    }

    /// `${…}`; `range` holds the dollar and both braces.
    fn braced(&mut self, range: Range<usize>, depth: usize) -> Result<(), BadVariable> {
        let text = self.text.text();
        let inner = range.start + 2..range.end - 1;
        let body = &text[inner.clone()];
        let length = name_length(body);
        if length == 0 || depth >= MAX_DEPTH {
            return Err(self.bad(range));
        }
        let name = &body[..length];
        let operator = &body[length..];
        let (operator, empty_counts) = match operator.strip_prefix(':') {
            Some(operator) => (operator, true),
            None => (operator, false),
        };
        let argument = inner.end - operator.len().saturating_sub(1)..inner.end;
        let environment = self.environment;
        if environment.unknown.contains(name) {
            self.variable(name, range);
            return Ok(());
        }
        let value = environment.get(name);
        let is_set = value.is_some_and(|value| !(empty_counts && value.text.is_empty()));
        let argument_counts = match operator.bytes().next() {
            None if empty_counts => return Err(self.bad(range)),
            // Whether the server has what `?` asks for cannot be known: unset, it is unknown like any other.
            Some(b'?') if environment.complete && !is_set => {
                return Err(self.required(name, argument, range));
            }
            None | Some(b'?') => false,
            Some(b'-') => !is_set,
            Some(b'+') => {
                if !is_set {
                    self.note_use(name, &range);
                    return Ok(());
                }
                true
            }
            Some(_) => return Err(self.bad(range)),
        };
        if argument_counts {
            self.note_use(name, &range);
            return self.expand(argument, &From::Default(name.to_owned()), depth + 1);
        }
        self.variable(name, range);
        Ok(())
    }

    fn variable(&mut self, name: &str, range: Range<usize>) {
        self.note_use(name, &range);
        let environment = self.environment;
        if let Some(value) = environment.get(name) {
            self.pieces.push(Piece {
                text: value.text.clone(),
                span: value.span,
                verbatim: value.verbatim,
                from: From::Variable(name.to_owned()),
            });
        } else if !environment.complete {
            self.unknown.push(name.to_owned());
        }
    }

    fn required(&self, name: &str, argument: Range<usize>, range: Range<usize>) -> BadVariable {
        let why = self.text.text()[argument].trim();
        let behind = if why.is_empty() { "" } else { ": " };
        BadVariable {
            span: self.text.span(range),
            message: format!("the variable `{name}` is required and not set{behind}{why}"),
        }
    }

    fn note_use(&mut self, name: &str, range: &Range<usize>) {
        let span = self.text.span(range.clone());
        self.uses.entry(name.to_owned()).or_default().push(span);
    }

    fn push(&mut self, range: Range<usize>, from: &From) {
        let text = self.text.text()[range.clone()].to_owned();
        self.push_text(&text, range, from);
    }

    fn push_text(&mut self, text: &str, range: Range<usize>, from: &From) {
        if !text.is_empty() {
            self.pieces.push(Piece {
                text: text.to_owned(),
                span: self.text.span(range.clone()),
                verbatim: self.text.is_verbatim(range.clone()) && text.len() == range.len(),
                from: from.clone(),
            });
        }
    }

    fn bad(&self, range: Range<usize>) -> BadVariable {
        let text = &self.text.text()[range.clone()];
        BadVariable {
            span: self.text.span(range),
            message: format!(
                "`{text}` is no variable that Compose understands: write `$$` for a dollar sign, or `${{NAME:-default}}`"
            ),
        }
    }
}

fn name_length(text: &str) -> usize {
    let is_name =
        |(i, b): (usize, u8)| b == b'_' || b.is_ascii_alphabetic() || (i > 0 && b.is_ascii_digit());
    text.bytes()
        .enumerate()
        .take_while(|pair| is_name(*pair))
        .count()
}

/// The brace that closes the one before `start`; nested `${` count.
fn closing_brace(text: &str, start: usize, end: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut depth = 0_usize;
    let mut at = start;
    while at < end {
        match bytes[at] {
            b'$' if bytes.get(at + 1) == Some(&b'{') => {
                depth += 1;
                at += 1;
            }
            b'}' if depth == 0 => return Some(at),
            b'}' => depth -= 1,
            _ => {}
        }
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;

    fn run(text: &str) -> Result<Filled, BadVariable> {
        let mut sources = Sources::default();
        let env = sources.add(".env", "SET=7s\nEMPTY=\n");
        let file = sources.add("compose.yml", text);
        let mut environment = Environment::default();
        for (name, range) in [("SET", 4..6), ("EMPTY", 13..13)] {
            let span = Span::new(env, range);
            let text = sources.text(span).to_owned();
            environment.set(
                name,
                Variable {
                    text,
                    span,
                    verbatim: true,
                },
            );
        }
        let mapped = Mapped::verbatim(file, text, 0);
        Interpolation::run(&mapped, &environment, &mut Uses::default())
    }

    #[test]
    fn every_form_gives_what_compose_makes_of_it() {
        for (text, expected) in [
            ("$SET", "7s"),
            ("${SET}", "7s"),
            ("a${SET}b", "a7sb"),
            ("$$SET", "$SET"),
            ("${SET:-9s}", "7s"),
            ("${EMPTY:-9s}", "9s"),
            ("${EMPTY-9s}", ""),
            ("${NONE:-9s}", "9s"),
            ("${NONE-9s}", "9s"),
            ("${NONE:-${SET}}", "7s"),
            ("${NONE:-${OTHER:-3s}}", "3s"),
            ("${SET:+x}", "x"),
            ("${EMPTY:+x}", ""),
            ("${EMPTY+x}", "x"),
            ("${NONE+x}", ""),
            ("${SET:?no}", "7s"),
            ("no variable", "no variable"),
            ("a $1 b$", "a $1 b$"),
            ("$(seq 3)", "$(seq 3)"),
            ("$-x", "$-x"),
            ("${NONE:-x}y}", "xy}"),
            ("${NONE:-{b}}", "{b}"),
            ("$$$SET", "$7s"),
        ] {
            let scalar = run(text).expect(text);
            assert_eq!(
                (scalar.text.as_str(), scalar.unknown.len()),
                (expected, 0),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_set_nowhere_is_unknown() {
        for text in [
            "$NONE",
            "${NONE}",
            "${NONE:?must}",
            "${NONE?must}",
            "${OTHER:-$NONE}",
        ] {
            assert_eq!(run(text).expect(text).unknown, ["NONE"], "{text}");
        }
    }

    #[test]
    fn a_default_and_a_variable_know_their_places() {
        let scalar = run("${NONE:-90s}").expect("fine");
        let [piece] = scalar.pieces.as_slice() else {
            panic!("{scalar:?}")
        };
        assert_eq!((piece.span.range(), piece.verbatim), (8..11, true));
        assert_eq!(piece.from, From::Default("NONE".into()));
        let scalar = run("${SET}").expect("fine");
        assert_eq!(scalar.pieces[0].span.range(), 4..6);
        assert_eq!(scalar.pieces[0].from, From::Variable("SET".into()));
    }

    #[test]
    fn braces_that_hold_no_variable_are_refused_with_their_place() {
        for (text, at) in [
            ("${}", 0),
            ("x${A", 1),
            ("${A!b}", 0),
            ("${1}", 0),
            ("${A:}", 0),
            ("${A:=b}", 0),
        ] {
            let bad = run(text).expect_err(text);
            assert_eq!(bad.span.start, at, "{text}");
        }
    }
}
