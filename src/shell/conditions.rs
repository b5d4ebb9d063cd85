//! `[ … ]`, `test …` and `[[ … ]]`: which numbers they compare.

use super::ast::Word;
use super::expand::Field;
use super::flow::{Relation, Test, Tests};
use super::value::{Content, Linear, Value};
use super::walk::Walker;

/// Longer conditions are not followed.
const LENGTH: usize = 60;

/// One word of a condition.
struct Token {
    /// The text of an operator.
    operator: Option<String>,
    value: Value,
}

/// Reads the words of a condition from left to right.
struct Condition<'a> {
    tokens: &'a [Token],
    at: usize,
    /// In double brackets names are numbers, and `<` compares texts.
    double: bool,
    walker: &'a mut Walker,
}

impl Walker {
    /// What `[[ … ]]` compares.
    pub fn test(&mut self, words: &[Word], double: bool) -> Tests {
        if words.len() > LENGTH {
            return Tests::default();
        }
        let tokens: Vec<_> = words
            .iter()
            .map(|word| Token {
                operator: word.bare().map(str::to_owned),
                value: self.value(word),
            })
            .collect();
        self.read_test(&tokens, double)
    }

    /// What `[ … ]` compares.
    pub fn test_fields(&mut self, fields: &[Field]) -> Tests {
        if fields.len() > LENGTH {
            return Tests::default();
        }
        let tokens: Vec<_> = fields
            .iter()
            .map(|field| Token {
                operator: field.text(),
                value: field.value.clone(),
            })
            .collect();
        self.read_test(&tokens, false)
    }

    fn read_test(&mut self, tokens: &[Token], double: bool) -> Tests {
        let mut condition = Condition {
            tokens,
            at: 0,
            double,
            walker: self,
        };
        let tests = condition.any();
        if condition.at == tokens.len() {
            tests
        } else {
            Tests::default()
        }
    }
}

impl Condition<'_> {
    fn operator(&self, ahead: usize) -> Option<&str> {
        self.tokens.get(self.at + ahead)?.operator.as_deref()
    }

    fn any(&mut self) -> Tests {
        let mut tests = self.all();
        while matches!(self.operator(0), Some("||" | "-o")) {
            self.at += 1;
            tests = tests.one(self.all());
        }
        tests
    }

    fn all(&mut self) -> Tests {
        let mut tests = self.one();
        while matches!(self.operator(0), Some("&&" | "-a")) {
            self.at += 1;
            tests = tests.both(self.one());
        }
        tests
    }

    fn one(&mut self) -> Tests {
        if let Some(relation) = self.operator(1).and_then(|o| relation(o, self.double)) {
            let (left, right) = (self.number(0), self.number(2));
            let is_same = self.sameness();
            self.match_texts();
            self.at += 3;
            return match (left, right) {
                (Some(left), Some(right)) => Tests::of(Test {
                    left,
                    relation,
                    right,
                }),
                _ => Tests {
                    constant: is_same.map(|is_same| is_same == (relation == Relation::Equal)),
                    ..Tests::default()
                },
            };
        }
        match self.operator(0) {
            Some("!") if self.at + 1 < self.tokens.len() => {
                self.at += 1;
                self.one().negated()
            }
            Some("(") => {
                self.at += 1;
                let tests = self.any();
                self.at += usize::from(self.operator(0) == Some(")"));
                tests
            }
            Some("-z") => self.emptiness(true),
            Some("-n") => self.emptiness(false),
            Some(o) if o.len() == 2 && o.starts_with('-') => {
                self.at += 2;
                Tests::default()
            }
            _ => {
                let compares = matches!(
                    self.operator(1),
                    Some("=" | "==" | "!=" | "=~" | "<" | ">" | "-nt" | "-ot" | "-ef")
                );
                self.match_texts();
                self.at += if compares { 3 } else { 1 };
                Tests::default()
            }
        }
    }

    /// Whether two texts are one, where both are known. Of a container the variables are, and of a machine they may be set by anybody.
    fn sameness(&self) -> Option<bool> {
        let is_of_texts = matches!(self.operator(1), Some("=" | "==" | "!="));
        if !is_of_texts || !self.walker.environment.tells_programs {
            return None;
        }
        let known = |ahead: usize| self.tokens.get(self.at + ahead)?.value.known();
        let (left, right) = (known(0)?, known(2)?);
        let is_pattern = self.double && right.contains(['*', '?', '[']);
        (!is_pattern).then_some(left == right)
    }

    /// A text that is matched with a pattern, in double brackets.
    fn match_texts(&mut self) {
        let Some(operator) = self.operator(1).filter(|_| self.double).map(str::to_owned) else {
            return;
        };
        if let [value, _, pattern] = &self.tokens[self.at..self.tokens.len().min(self.at + 3)] {
            self.walker.matched(&value.value, &operator, &pattern.value);
        }
    }

    /// `-z` and `-n` of a text that is known, and of a variable that nothing sets: there `${X:-120}` is 120 as well.
    fn emptiness(&mut self, empty: bool) -> Tests {
        let value = self.tokens.get(self.at + 1).map(|t| &t.value);
        let is_missing = value.is_some_and(|value| match value.segments.as_slice() {
            [segment] => {
                matches!(segment.content, Content::Unknown(id) if self.walker.missing.contains(&id))
            }
            _ => false,
        });
        let known = value.and_then(Value::known).map(|text| text.is_empty());
        let is_empty = if is_missing { Some(true) } else { known };
        self.at += 2;
        Tests {
            constant: is_empty.map(|is_empty| is_empty == empty),
            ..Tests::default()
        }
    }

    fn number(&mut self, ahead: usize) -> Option<Linear> {
        let token = self.tokens.get(self.at + ahead)?;
        if let Some(number) = token.value.number() {
            return Some(number);
        }
        let name = token.operator.as_deref().filter(|_| self.double)?;
        let is_name = name.bytes().all(super::lexer::is_name)
            && name.bytes().next().is_some_and(super::lexer::is_name_start);
        if !is_name {
            return None;
        }
        self.walker.named(name)?.number()
    }
}

fn relation(operator: &str, double: bool) -> Option<Relation> {
    Some(match operator {
        "-lt" => Relation::Less,
        "-le" => Relation::LessEqual,
        "-gt" => Relation::Greater,
        "-ge" => Relation::GreaterEqual,
        // A counter is compared as a text just as often; what holds for other texts is no test of numbers.
        "-eq" | "==" => Relation::Equal,
        "=" if !double => Relation::Equal,
        "-ne" | "!=" => Relation::NotEqual,
        _ => return None,
    })
}
