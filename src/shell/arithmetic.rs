//! Reads arithmetic expressions: `$(( … ))`, `(( … ))`, `let`.

use super::ast::{Arith, Operator, Piece};
use super::lexer::{Reader, is_name, is_name_start};
use std::ops::Range;

/// Longer expressions are not followed: nobody writes them, and trees of them would be deep.
const LENGTH: usize = 400;

/// Open parentheses and signs in a row.
const NESTING: usize = 40;

/// The operators by how tightly they bind, the loosest first.
const LEVELS: [&[(&str, Operator)]; 10] = [
    &[("||", Operator::Or)],
    &[("&&", Operator::And)],
    &[("|", Operator::Other)],
    &[("^", Operator::Other)],
    &[("&", Operator::Other)],
    &[("==", Operator::Equal), ("!=", Operator::NotEqual)],
    &[
        ("<<", Operator::Other),
        (">>", Operator::Other),
        ("<=", Operator::LessEqual),
        (">=", Operator::GreaterEqual),
        ("<", Operator::Less),
        (">", Operator::Greater),
    ],
    &[("+", Operator::Add), ("-", Operator::Subtract)],
    &[
        ("**", Operator::Other),
        ("*", Operator::Multiply),
        ("/", Operator::Divide),
        ("%", Operator::Remainder),
    ],
    &[],
];

impl Reader<'_> {
    /// Reads the expression in `range`, wherever the reader stands, and leaves it there.
    pub fn arithmetic(&mut self, range: Range<usize>) -> Arith {
        if range.len() > LENGTH {
            return Arith::Unknown;
        }
        let resume = std::mem::replace(&mut self.at, range.start);
        let value = self.within(range.end, |reader| {
            let mut values = vec![reader.assignment(0)];
            while reader.take(",") {
                values.push(reader.assignment(0));
            }
            reader.skip_space();
            match values.pop() {
                _ if reader.peek().is_some() => Arith::Unknown,
                Some(value) if values.is_empty() => value,
                Some(value) => {
                    values.push(value);
                    Arith::List(values)
                }
                None => Arith::Unknown,
            }
        });
        self.at = resume;
        value
    }

    fn skip_space(&mut self) {
        while self
            .peek()
            .is_some_and(|b| b.is_ascii_whitespace() || matches!(b, b'"' | b'\''))
        {
            self.at += 1;
        }
    }

    fn take(&mut self, what: &str) -> bool {
        self.skip_space();
        let found = self.starts_with(what);
        if found {
            self.at += what.len();
        }
        found
    }

    fn assignment(&mut self, nesting: usize) -> Arith {
        if nesting > NESTING {
            self.at = self.end;
            return Arith::Unknown;
        }
        self.skip_space();
        let start = self.at;
        if let Some(name) = self.name() {
            self.skip_space();
            for (sign, operator) in [
                ("+=", Some(Operator::Add)),
                ("-=", Some(Operator::Subtract)),
                ("*=", Some(Operator::Multiply)),
                ("=", None),
            ] {
                if self.starts_with(sign) && !self.starts_with("==") {
                    self.at += sign.len();
                    let value = self.assignment(nesting + 1);
                    return Arith::Assign(name, operator, Box::new(value));
                }
            }
            self.at = start;
        }
        let value = self.binary(0, nesting);
        if self.take("?") {
            self.assignment(nesting + 1);
            self.take(":");
            self.assignment(nesting + 1);
            return Arith::Unknown;
        }
        value
    }

    fn name(&mut self) -> Option<String> {
        let start = self.at;
        if !self.peek().is_some_and(is_name_start) {
            return None;
        }
        while self.peek().is_some_and(is_name) {
            self.at += 1;
        }
        Some(self.text[start..self.at].to_owned())
    }

    fn binary(&mut self, level: usize, nesting: usize) -> Arith {
        let Some(operators) = LEVELS.get(level).filter(|l| !l.is_empty()) else {
            return self.unary(nesting);
        };
        let mut left = self.binary(level + 1, nesting);
        loop {
            self.skip_space();
            let Some((sign, operator)) = operators.iter().find(|(sign, _)| self.operator_is(sign))
            else {
                return left;
            };
            self.at += sign.len();
            let right = self.binary(level + 1, nesting);
            left = Arith::Binary(*operator, Box::new(left), Box::new(right));
        }
    }

    /// Whether `sign` stands here, and not a longer operator that begins like it.
    fn operator_is(&self, sign: &str) -> bool {
        let next = self.byte(sign.len());
        self.starts_with(sign)
            && match sign {
                "|" => next != Some(b'|'),
                "&" => next != Some(b'&'),
                "<" => next != Some(b'<'),
                ">" => next != Some(b'>'),
                _ => true,
            }
    }

    fn unary(&mut self, nesting: usize) -> Arith {
        self.skip_space();
        if nesting > NESTING {
            self.at = self.end;
            return Arith::Unknown;
        }
        for (sign, by) in [("++", 1), ("--", -1)] {
            if self.starts_with(sign) {
                self.at += 2;
                self.skip_space();
                return match self.name() {
                    Some(name) => Arith::Step {
                        name,
                        by,
                        before: true,
                    },
                    None => self.unary(nesting + 1),
                };
            }
        }
        match self.peek() {
            Some(b'-') => {
                self.at += 1;
                Arith::Negate(Box::new(self.unary(nesting + 1)))
            }
            Some(b'+') => {
                self.at += 1;
                self.unary(nesting + 1)
            }
            Some(b'!') => {
                self.at += 1;
                Arith::Not(Box::new(self.unary(nesting + 1)))
            }
            Some(b'(') => {
                self.at += 1;
                let value = self.assignment(nesting + 1);
                self.take(")");
                value
            }
            _ => self.primary(),
        }
    }

    fn primary(&mut self) -> Arith {
        let start = self.at;
        if let Some(name) = self.name() {
            for (sign, by) in [("++", 1), ("--", -1)] {
                if self.starts_with(sign) {
                    self.at += 2;
                    return Arith::Step {
                        name,
                        by,
                        before: false,
                    };
                }
            }
            return Arith::Name(name);
        }
        match self.peek() {
            Some(byte) if byte.is_ascii_digit() => {
                while self.peek().is_some_and(|b| is_name(b) || b == b'#') {
                    self.at += 1;
                }
                // A leading zero means octal, `x` and `#` other bases.
                let text = &self.text[start..self.at];
                match text.parse() {
                    Ok(value) if !text.starts_with('0') || text == "0" => {
                        Arith::Number(value, start..self.at)
                    }
                    _ => Arith::Unknown,
                }
            }
            Some(b'$' | b'`' | 0x02) => match self.operand() {
                Some(piece) => Arith::Piece(Box::new(piece)),
                None => Arith::Unknown,
            },
            _ => Arith::Unknown,
        }
    }

    /// One expansion, or one masked expression.
    fn operand(&mut self) -> Option<Piece> {
        if self.peek() == Some(super::mask::FIRST) {
            let start = self.at;
            self.at += 1;
            while self.peek() == Some(super::mask::NEXT) {
                self.at += 1;
            }
            return Some(Piece::Text {
                text: self.text[start..self.at].to_owned(),
                at: start..self.at,
                quoted: true,
            });
        }
        let mut pieces = Vec::new();
        self.expansion(&mut pieces);
        pieces.pop()
    }
}
