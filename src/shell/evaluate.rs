//! The values of arithmetic, and what it assigns.

use super::ast::{Arith, Operator};
use super::flow::{Relation, Test, Tests};
use super::value::{Linear, Literal, Value, add_literals};
use super::walk::Walker;

impl Walker {
    /// The value of an arithmetic expression, with its effects.
    pub fn arith(&mut self, arith: &Arith) -> Option<Linear> {
        match arith {
            Arith::Number(number, at) => {
                let literal = Literal {
                    span: self.script.span(at.clone()),
                    text: number.to_string(),
                    verbatim: self.script.is_verbatim(at.clone()),
                    variable: None,
                };
                Some(Linear::number(*number, vec![literal]))
            }
            Arith::Name(name) => self.number_of(name),
            Arith::Piece(piece) => self.piece_value(piece).number(),
            Arith::Negate(inner) => {
                let inner = self.arith(inner)?;
                Linear::default().plus(&inner, -1)
            }
            Arith::Binary(operator, left, right) => {
                let (left, right) = (self.arith(left), self.arith(right));
                binary(*operator, &left?, &right?)
            }
            Arith::Assign(name, operator, value) => {
                let mut value = self.arith(value);
                if let Some(operator) = operator {
                    let old = self.number_of(name);
                    value = old.zip(value).and_then(|(o, v)| binary(*operator, &o, &v));
                }
                self.assign_number(name, value.clone());
                value
            }
            Arith::Step { name, by, before } => self.step(name, *by, *before),
            Arith::List(values) => {
                let mut last = None;
                for value in values {
                    last = self.arith(value);
                }
                last
            }
            Arith::Not(inner) => {
                self.arith(inner);
                None
            }
            Arith::Unknown => None,
        }
    }

    fn step(&mut self, name: &str, by: i64, before: bool) -> Option<Linear> {
        let old = self.number_of(name);
        let one = Linear::number(by, Vec::new());
        let new = old.as_ref().and_then(|old| old.plus(&one, 1));
        self.assign_number(name, new.clone());
        if before { new } else { old }
    }

    fn number_of(&mut self, name: &str) -> Option<Linear> {
        match self.named(name) {
            Some(value) => value.number(),
            None => self.missing(name).number(),
        }
    }

    fn assign_number(&mut self, name: &str, number: Option<Linear>) {
        match number {
            Some(number) => self.assign(name, Value::linear(number)),
            None => self.variables.forget(name),
        }
    }

    /// Sets a variable, as an assignment does.
    pub fn assign(&mut self, name: &str, value: Value) {
        if name != "SECONDS" {
            self.variables.set(name, value);
            return;
        }
        let clock = self.clock();
        match value.number().and_then(|n| n.plus(&clock, -1)) {
            Some(base) => self.variables.set(name, Value::linear(base)),
            None => self.variables.forget(name),
        }
    }

    /// What `(( … ))` says: it ends well where the value is not zero.
    pub fn arith_tests(&mut self, arith: &Arith) -> Tests {
        match arith {
            Arith::Not(inner) => self.arith_tests(inner).negated(),
            Arith::Binary(Operator::And, left, right) => {
                let left = self.arith_tests(left);
                left.both(self.arith_tests(right))
            }
            Arith::Binary(Operator::Or, left, right) => {
                let left = self.arith_tests(left);
                left.one(self.arith_tests(right))
            }
            Arith::Binary(operator, left, right) if relation(*operator).is_some() => {
                let (left, right) = (self.arith(left), self.arith(right));
                match (left, relation(*operator), right) {
                    (Some(left), Some(relation), Some(right)) => Tests::of(Test {
                        left,
                        relation,
                        right,
                    }),
                    _ => Tests::default(),
                }
            }
            Arith::Assign(..) | Arith::List(_) | Arith::Unknown => {
                self.arith(arith);
                Tests::default()
            }
            _ => match self.arith(arith) {
                Some(left) => Tests::of(Test {
                    left,
                    relation: Relation::NotEqual,
                    right: Linear::default(),
                }),
                None => Tests::default(),
            },
        }
    }
}

fn relation(operator: Operator) -> Option<Relation> {
    Some(match operator {
        Operator::Less => Relation::Less,
        Operator::LessEqual => Relation::LessEqual,
        Operator::Greater => Relation::Greater,
        Operator::GreaterEqual => Relation::GreaterEqual,
        Operator::Equal => Relation::Equal,
        Operator::NotEqual => Relation::NotEqual,
        _ => return None,
    })
}

fn binary(operator: Operator, left: &Linear, right: &Linear) -> Option<Linear> {
    match operator {
        Operator::Add => left.plus(right, 1),
        Operator::Subtract => left.plus(right, -1),
        Operator::Multiply => left.times(right),
        Operator::Divide | Operator::Remainder => {
            let (a, b) = (left.known()?, right.known()?);
            let value = match operator {
                Operator::Divide => a.checked_div(b)?,
                _ => a.checked_rem(b)?,
            };
            let mut from = left.from.clone();
            add_literals(&mut from, &right.from);
            Some(Linear::number(value, from))
        }
        _ => None,
    }
}
