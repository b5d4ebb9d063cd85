//! GitHub's `${{ … }}`: what it may come to, as far as the file says so.
//!
//! An expression comes to a set of values, each with the literals that it rests on, and to what else it may be. So
//! `inputs.fast && 5 || 15` is 5 or 15, and `vars.LIMIT || 10` may be anything.

mod tokens;

use crate::shell::Given;
use crate::source::Mapped;
use std::collections::BTreeMap;
use tokens::{Piece, Token, pieces, tokens};

/// More values of one expression are not told apart.
const MOST: usize = 64;

/// Deeper nesting is not followed.
const DEPTH: usize = 64;

/// What expressions can name: `inputs.wait`, `env.LIMIT`, `matrix.limit`. What is not in it is unknown.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    names: BTreeMap<String, Values>,
}

/// What an expression may come to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Values {
    /// The values that are known.
    pub known: Vec<Given>,
    /// What else it may be.
    pub other: Other,
}

/// What an expression may be beside the values that are known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Other {
    /// Nothing else.
    #[default]
    Nothing,
    /// Something that counts as false: `''`, `false`, `0`.
    Falsy,
    /// Anything.
    Anything,
}

impl Values {
    /// One value.
    pub fn one(given: Given) -> Self {
        Self {
            known: vec![given],
            other: Other::Nothing,
        }
    }

    /// Anything at all.
    pub fn unknown() -> Self {
        Self {
            known: Vec::new(),
            other: Other::Anything,
        }
    }

    fn text(text: impl Into<String>) -> Self {
        Self::one(Given::new(text, None))
    }

    /// The value, if it is just one.
    pub fn single(&self) -> Option<&Given> {
        let first = self.known.first()?;
        let same = self.known.iter().all(|given| given.text == first.text);
        (same && self.other == Other::Nothing).then_some(first)
    }

    /// The value that stands for all: the only one, or the smallest of several numbers, since some run has that one.
    pub fn least(&self) -> Option<&Given> {
        self.single().or_else(|| self.numbers()?.first().copied())
    }

    /// The only value, or the largest of several numbers: where a condition decides that is not known, no smaller one is sure.
    pub fn greatest(&self) -> Option<&Given> {
        self.single().or_else(|| self.numbers()?.last().copied())
    }

    /// The values in order, if all are numbers and nothing else is possible.
    fn numbers(&self) -> Option<Vec<&Given>> {
        let number = |given: &Given| given.text.trim().parse::<f64>().ok();
        let numbers = self.known.iter().map(|given| Some((number(given)?, given)));
        let mut numbers: Vec<(f64, &Given)> = numbers.collect::<Option<_>>()?;
        numbers.sort_by(|(a, _), (b, _)| a.total_cmp(b));
        let is_whole = self.other == Other::Nothing;
        is_whole.then(|| numbers.into_iter().map(|(_, given)| given).collect())
    }

    pub(super) fn add(&mut self, more: Self) {
        for given in more.known {
            if self.known.len() < MOST && !self.known.contains(&given) {
                self.known.push(given);
            }
        }
        self.other = self.other.max(more.other);
    }

    /// Those of its values that count as true, and those that count as false.
    fn split(self) -> (Self, Self) {
        let (falsy, truthy): (Vec<Given>, Vec<Given>) = self
            .known
            .into_iter()
            .partition(|given| is_falsy(&given.text));
        let mut yes = Self {
            known: truthy,
            other: Other::Nothing,
        };
        let mut no = Self {
            known: falsy,
            other: Other::Nothing,
        };
        match self.other {
            Other::Nothing => {}
            Other::Falsy => no.other = Other::Falsy,
            Other::Anything => {
                yes.other = Other::Anything;
                no.other = Other::Falsy;
            }
        }
        (yes, no)
    }

    fn is_empty(&self) -> bool {
        self.known.is_empty() && self.other == Other::Nothing
    }
}

fn is_falsy(text: &str) -> bool {
    matches!(text, "" | "false" | "0" | "null")
}

impl Scope {
    /// Says what a name stands for: `inputs.wait`.
    pub fn set(&mut self, name: impl Into<String>, values: Values) {
        self.names.insert(name.into().to_ascii_lowercase(), values);
    }

    /// What an expression may come to; `expression` is what stands between the braces.
    pub fn evaluate(&self, expression: &str) -> Values {
        let tokens = tokens(expression);
        let mut reader = Reader {
            scope: self,
            tokens: &tokens,
            at: 0,
            depth: 0,
        };
        let values = reader.either();
        if reader.at < tokens.len() {
            return Values::unknown();
        }
        values
    }

    /// What a text that may hold `${{ … }}` comes to. Only a text that is one expression as a whole can be several values.
    pub fn fill(&self, text: &Mapped) -> Values {
        let all = 0..text.text().len();
        let pieces = pieces(text.text());
        match pieces.as_slice() {
            [] => Values::one(Given::new("", None)),
            [Piece::Text(_)] => {
                let origin = text.is_verbatim(all.clone()).then(|| text.span(all));
                Values::one(Given::new(text.text(), origin))
            }
            [Piece::Expression(expression)] => self.evaluate(expression),
            pieces => {
                let mut filled = String::new();
                let mut from = Vec::new();
                for piece in pieces {
                    match piece {
                        Piece::Text(text) => filled.push_str(text),
                        Piece::Expression(expression) => {
                            let values = self.evaluate(expression);
                            let Some(given) = values.single() else {
                                return Values::unknown();
                            };
                            filled.push_str(&given.text);
                            from.extend(given.from.iter().cloned());
                        }
                    }
                }
                Values::one(Given { text: filled, from })
            }
        }
    }

    /// The expressions in a script that come to something known, as they are written between the braces.
    pub fn in_script(&self, script: &str) -> Vec<(String, Given)> {
        let mut found: Vec<(String, Given)> = Vec::new();
        for piece in pieces(script) {
            let Piece::Expression(expression) = piece else {
                continue;
            };
            if found.iter().all(|(name, _)| name != expression)
                && let Some(given) = self.evaluate(expression).least()
            {
                found.push((expression.to_owned(), given.clone()));
            }
        }
        found
    }
}

struct Reader<'a> {
    scope: &'a Scope,
    tokens: &'a [Token],
    at: usize,
    depth: usize,
}

impl Reader<'_> {
    fn eat(&mut self, sign: &str) -> bool {
        let is_next = matches!(self.tokens.get(self.at), Some(Token::Sign(next)) if *next == sign);
        self.at += usize::from(is_next);
        is_next
    }

    /// `a || b`: the first that counts as true, else the last.
    fn either(&mut self) -> Values {
        let mut values = self.both();
        while self.eat("||") {
            let next = self.both();
            let (mut yes, no) = values.split();
            if !no.is_empty() {
                yes.add(next);
            }
            values = yes;
        }
        values
    }

    /// `a && b`: the first that counts as false, else the last.
    fn both(&mut self) -> Values {
        let mut values = self.comparison();
        while self.eat("&&") {
            let next = self.comparison();
            let (yes, mut no) = values.split();
            if !yes.is_empty() {
                no.add(next);
            }
            values = no;
        }
        values
    }

    fn comparison(&mut self) -> Values {
        let left = self.unary();
        let signs = ["==", "!=", "<=", ">=", "<", ">"];
        let Some(sign) = signs.into_iter().find(|sign| self.eat(sign)) else {
            return left;
        };
        let right = self.unary();
        match (left.single(), right.single(), sign) {
            (Some(left), Some(right), "==" | "!=") => {
                let same = left.text.eq_ignore_ascii_case(&right.text);
                Values::text((same == (sign == "==")).to_string())
            }
            _ => either_way(),
        }
    }

    fn unary(&mut self) -> Values {
        if self.depth >= DEPTH {
            self.at = self.tokens.len();
            return Values::unknown();
        }
        self.depth += 1;
        let values = if self.eat("!") {
            let (yes, no) = self.unary().split();
            match (yes.is_empty(), no.is_empty()) {
                (true, _) => Values::text("true"),
                (_, true) => Values::text("false"),
                _ => either_way(),
            }
        } else {
            self.primary()
        };
        self.depth -= 1;
        values
    }

    fn primary(&mut self) -> Values {
        if self.eat("(") {
            let values = self.either();
            self.eat(")");
            return values;
        }
        let token = self.tokens.get(self.at).cloned();
        self.at += usize::from(token.is_some());
        match token {
            Some(Token::Text(text)) => Values::text(text),
            Some(Token::Name(name)) if self.eat("(") => self.function(&name),
            Some(Token::Name(name)) => {
                let mut known = self.scope.names.get(&name.to_ascii_lowercase()).cloned();
                // `matrix['limit']` and the like are not followed.
                while self.eat("[") {
                    self.either();
                    self.eat("]");
                    known = None;
                }
                known.unwrap_or_else(Values::unknown)
            }
            _ => Values::unknown(),
        }
    }

    fn function(&mut self, name: &str) -> Values {
        let mut arguments = Vec::new();
        while !self.eat(")") {
            if self.at >= self.tokens.len() {
                return Values::unknown();
            }
            arguments.push(self.either());
            if !self.eat(",") && !matches!(self.tokens.get(self.at), Some(Token::Sign(")"))) {
                self.at = self.tokens.len();
                return Values::unknown();
            }
        }
        match (name.to_ascii_lowercase().as_str(), arguments.as_mut_slice()) {
            // `fromJSON('10')` makes a number of a text, which is the same text here.
            ("fromjson", [value]) => std::mem::take(value),
            ("always", []) => Values::text("true"),
            _ => Values::unknown(),
        }
    }
}

/// True or false.
fn either_way() -> Values {
    Values {
        known: vec![Given::new("true", None)],
        other: Other::Falsy,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope() -> Scope {
        let mut scope = Scope::default();
        scope.set("inputs.wait", Values::text("120"));
        scope.set("env.EMPTY", Values::text(""));
        scope.set("inputs.on", Values::text("true"));
        let mut limits = Values::text("20");
        limits.add(Values::text("5"));
        scope.set("matrix.limit", limits);
        scope
    }

    fn known(expression: &str) -> Vec<String> {
        let values = scope().evaluate(expression);
        let mut known: Vec<String> = values.known.into_iter().map(|given| given.text).collect();
        if values.other == Other::Anything {
            known.push("?".to_owned());
        }
        known
    }

    #[test]
    fn names_and_literals_stand_for_themselves() {
        assert_eq!(known("inputs.wait"), ["120"]);
        assert_eq!(known("INPUTS.Wait"), ["120"]);
        assert_eq!(known("15"), ["15"]);
        assert_eq!(known("'it''s'"), ["it's"]);
        assert_eq!(known("vars.LIMIT"), ["?"]);
        assert_eq!(known("fromJSON('10')"), ["10"]);
        assert_eq!(known("fromJSON(inputs.wait)"), ["120"]);
    }

    #[test]
    fn a_default_counts_where_the_value_is_known_to_be_empty() {
        assert_eq!(known("env.EMPTY || 30"), ["30"]);
        assert_eq!(known("inputs.wait || 30"), ["120"]);
        assert_eq!(known("vars.LIMIT || 30"), ["30", "?"]);
    }

    #[test]
    fn an_unknown_condition_leaves_both_ways_open() {
        assert_eq!(known("github.ref == 'x' && 15 || 5"), ["15", "5"]);
        assert_eq!(known("github.event.pull && 15 || 5"), ["15", "5"]);
        assert_eq!(known("inputs.on && 15 || 5"), ["15"]);
        assert_eq!(known("inputs.on == 'true' && 15 || 5"), ["15"]);
        assert_eq!(known("inputs.on != true && 15 || 5"), ["5"]);
        assert_eq!(known("!inputs.on && 15 || 5"), ["5"]);
        assert_eq!(
            known("(contains(x.y, 'z') || false) && 15 || 5"),
            ["15", "5"]
        );
    }

    #[test]
    fn the_least_of_several_numbers_stands_for_all() {
        let least = |e: &str| scope().evaluate(e).least().map(|given| given.text.clone());
        assert_eq!(least("matrix.limit").as_deref(), Some("5"));
        assert_eq!(least("github.x && 15 || 5").as_deref(), Some("5"));
        assert_eq!(least("github.x && 'a' || 5"), None);
        assert_eq!(least("vars.LIMIT || 30"), None);
    }

    #[test]
    fn what_is_not_understood_is_unknown() {
        for bad in [
            "",
            "a b",
            "format('{0}', 1",
            "((((",
            "1 +",
            "matrix['x']",
            "%",
            "§ 1",
        ] {
            assert_eq!(known(bad).last().map(String::as_str), Some("?"), "{bad}");
        }
        let deep = "(".repeat(10_000);
        scope().evaluate(&deep);
        scope().evaluate(&"!".repeat(10_000));
    }
}
