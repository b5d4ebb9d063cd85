//! Expansions: `$X`, `${X:-…}`, `$(…)`, `$((…))`.

use super::ast::{Operation, Piece, Variable, Word};
use super::lexer::{DEPTH, Reader, Until, is_name, is_name_start};
use std::ops::Range;

impl Reader<'_> {
    /// One expansion that starts here, as arithmetic holds them.
    pub fn expansion(&mut self, pieces: &mut Vec<Piece>) {
        match self.peek() {
            Some(b'`') => self.backticks(true, pieces),
            _ => self.dollar(true, Until::Quote, pieces),
        }
    }

    pub fn dollar(&mut self, quoted: bool, until: Until, pieces: &mut Vec<Piece>) {
        let start = self.at;
        let deep = self.depth >= DEPTH;
        match self.byte(1) {
            Some(b'(') if !deep => {
                if self.byte(2) == Some(b'(')
                    && let Some(inner) = self.arithmetic_ahead(3)
                {
                    let value = self.arithmetic(inner.clone());
                    self.at = inner.end + 2;
                    pieces.push(Piece::Arith(value));
                } else {
                    let piece = self.substitution(quoted);
                    pieces.push(piece);
                }
            }
            Some(b'{') if !deep => {
                self.depth += 1;
                let variable = self.parameter(quoted);
                self.depth -= 1;
                pieces.push(Piece::Variable(variable));
            }
            Some(b'\'') if !quoted && until != Until::End => {
                self.at += 1;
                self.ansi_quotes(pieces);
            }
            Some(b'"') if !quoted && until != Until::End => {
                self.at += 1;
                self.double_quotes(pieces);
            }
            Some(byte) if is_name_start(byte) || is_special_parameter(byte) => {
                self.at += 1;
                let name = self.parameter_name();
                pieces.push(Piece::Variable(Variable {
                    operation: all_arguments(&name),
                    name,
                    quoted,
                }));
            }
            _ => {
                self.at += 1;
                self.push(start..self.at, quoted, pieces);
            }
        }
    }

    /// `$'…'`, whose escapes are kept as they stand: nothing that times a start is written with them.
    fn ansi_quotes(&mut self, pieces: &mut Vec<Piece>) {
        let bytes = self.text.as_bytes();
        let start = self.at + 1;
        let mut close = start;
        while close < self.end && bytes[close] != b'\'' {
            close += if bytes[close] == b'\\' { 2 } else { 1 };
        }
        let mut close = close.min(self.end);
        while !self.text.is_char_boundary(close) {
            close += 1;
        }
        self.push(start..close, true, pieces);
        self.at = (close + 1).min(self.end);
    }

    fn parameter_name(&mut self) -> String {
        let start = self.at;
        if self.peek().is_some_and(is_name_start) {
            while self.peek().is_some_and(is_name) {
                self.at += 1;
            }
        } else {
            self.at += 1;
        }
        self.text[start..self.at].to_owned()
    }

    /// `${…}`.
    fn parameter(&mut self, quoted: bool) -> Variable {
        self.at += 2;
        let (name, mut operation) = match self.peek() {
            Some(byte) if is_name_start(byte) => (self.parameter_name(), Operation::None),
            Some(byte) if byte.is_ascii_digit() => {
                let from = self.at;
                while self.peek().is_some_and(|b| b.is_ascii_digit()) {
                    self.at += 1;
                }
                (self.text[from..self.at].to_owned(), Operation::None)
            }
            Some(byte @ (b'@' | b'*')) => {
                self.at += 1;
                ((byte as char).to_string(), Operation::All)
            }
            _ => (String::new(), Operation::Other),
        };
        if self.starts_with("[@]") || self.starts_with("[*]") {
            self.at += 3;
            operation = Operation::All;
        } else if self.starts_with("[0]") {
            // The first of a list is what its bare name stands for.
            self.at += 3;
        }
        if self.starts_with("%/*}") && matches!(operation, Operation::None) {
            self.at += 3;
            operation = Operation::Parent;
        }
        if self.peek() != Some(b'}') {
            operation = self.operation(quoted, &operation);
        }
        if self.peek() == Some(b'}') {
            self.at += 1;
        }
        Variable {
            name,
            quoted,
            operation,
        }
    }

    /// What stands between the name and the closing brace.
    fn operation(&mut self, quoted: bool, before: &Operation) -> Operation {
        let colon = usize::from(self.peek() == Some(b':'));
        let sign = self.byte(colon);
        let known =
            matches!(before, Operation::None) && matches!(sign, Some(b'-' | b'=' | b'?' | b'+'));
        if known {
            self.at += colon + 1;
        }
        let start = self.at;
        let pieces = self.pieces(Until::Brace, quoted);
        let word = Word {
            pieces,
            at: start..self.at,
        };
        match sign {
            _ if !known => Operation::Other,
            Some(b'-') => Operation::Default(word),
            Some(b'=') => Operation::Assign(word),
            Some(b'?') => Operation::Required,
            _ => Operation::Alternative(word),
        }
    }

    /// The inside of the arithmetic that starts `ahead` bytes from here and is closed by `))`, if it is one.
    pub fn arithmetic_ahead(&mut self, ahead: usize) -> Option<Range<usize>> {
        let bytes = self.text.as_bytes();
        let start = self.at + ahead;
        let mut open = 0usize;
        let mut at = start;
        while at < self.end && self.looks > 0 {
            self.looks -= 1;
            match bytes[at] {
                b'(' => open += 1,
                b')' if open > 0 => open -= 1,
                b')' if at + 1 < self.end && bytes[at + 1] == b')' => return Some(start..at),
                b')' => return None,
                _ => {}
            }
            at += 1;
        }
        None
    }
}

fn all_arguments(name: &str) -> Operation {
    match name {
        "@" | "*" => Operation::All,
        _ => Operation::None,
    }
}

fn is_special_parameter(byte: u8) -> bool {
    byte.is_ascii_digit() || matches!(byte, b'@' | b'*' | b'#' | b'?' | b'!' | b'$' | b'-')
}
