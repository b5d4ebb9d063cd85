//! Compound commands: `if`, loops, `case`, groups, functions.

use super::ast::{Arith, Block, Kind, Piece, Word};
use super::lexer::Reader;
use std::rc::Rc;

impl Reader<'_> {
    pub fn compound(&mut self) -> Option<Kind> {
        match self.peek()? {
            b'(' => Some(self.parentheses()),
            b'[' if self.reserved("[[") => Some(self.double_brackets()),
            b'{' if self.reserved("{") => {
                self.at += 1;
                let body = self.body(&["}"]);
                self.close("}");
                Some(Kind::Group(body))
            }
            b'i' if self.reserved("if") => Some(self.conditional()),
            b'w' if self.reserved("while") => Some(self.repetition(false)),
            b'u' if self.reserved("until") => Some(self.repetition(true)),
            b'f' if self.reserved("for") => Some(self.iteration("for")),
            b's' if self.reserved("select") => Some(self.iteration("select")),
            b'c' if self.reserved("case") => Some(self.case()),
            b'f' if self.reserved("function") => {
                self.at += "function".len();
                self.skip_blanks();
                let name = self.word()?.plain().unwrap_or_default();
                self.skip_blanks();
                if self.starts_with("()") {
                    self.at += 2;
                }
                Some(self.function(name))
            }
            _ => None,
        }
    }

    fn parentheses(&mut self) -> Kind {
        if self.byte(1) == Some(b'(')
            && let Some(inner) = self.arithmetic_ahead(2)
        {
            let value = self.arithmetic(inner.clone());
            self.at = inner.end + 2;
            return Kind::Arith(value);
        }
        self.at += 1;
        let body = self.body(&[")"]);
        self.close(")");
        Kind::Subshell(body)
    }

    fn double_brackets(&mut self) -> Kind {
        self.at += 2;
        let mut words = Vec::new();
        loop {
            self.skip_lines();
            if self.reserved("]]") {
                self.at += 2;
                break;
            }
            if let Some(word) = self.word() {
                words.push(word);
                continue;
            }
            let Some(byte) = self.peek() else { break };
            if byte == b';' {
                // The closing brackets are missing.
                break;
            }
            let double = matches!(byte, b'&' | b'|') && self.byte(1) == Some(byte);
            let start = self.at;
            self.at += 1 + usize::from(double);
            words.push(Word {
                pieces: vec![Piece::Text {
                    text: self.text[start..self.at].to_owned(),
                    at: start..self.at,
                    quoted: false,
                }],
                at: start..self.at,
            });
        }
        Kind::Test(words)
    }

    fn conditional(&mut self) -> Kind {
        self.at += "if".len();
        let mut arms = Vec::new();
        let mut otherwise = None;
        loop {
            let condition = self.body(&["then", "fi"]);
            self.close("then");
            let body = self.body(&["elif", "else", "fi"]);
            arms.push((condition, body));
            if self.close("elif") {
                continue;
            }
            if self.close("else") {
                otherwise = Some(self.body(&["fi"]));
            }
            break;
        }
        self.close("fi");
        Kind::If { arms, otherwise }
    }

    fn repetition(&mut self, until: bool) -> Kind {
        self.at += "while".len();
        let condition = self.body(&["do", "done"]);
        Kind::Loop {
            until,
            condition,
            body: self.loop_body(),
        }
    }

    fn loop_body(&mut self) -> Block {
        self.skip_separators(true);
        if self.reserved("{") {
            self.at += 1;
            let body = self.body(&["}"]);
            self.close("}");
            return body;
        }
        if !self.close("do") && self.closer() != Some("done") {
            return Block::default();
        }
        let body = self.body(&["done"]);
        self.close("done");
        body
    }

    fn iteration(&mut self, keyword: &str) -> Kind {
        self.at += keyword.len();
        self.skip_blanks();
        if self.starts_with("((")
            && let Some(inner) = self.arithmetic_ahead(2)
        {
            let parts: Vec<_> = self.text[inner.clone()].split(';').collect();
            let mut start = inner.start;
            let mut values = parts.into_iter().map(|part| {
                let range = start..start + part.len();
                start = range.end + 1;
                self.arithmetic(range)
            });
            let mut next = || values.next().unwrap_or(Arith::Unknown);
            let (init, test, step) = (next(), next(), next());
            self.at = inner.end + 2;
            return Kind::CountingFor {
                init,
                test,
                step,
                body: self.loop_body(),
            };
        }
        let name = self.word().and_then(|w| w.plain()).unwrap_or_default();
        self.skip_lines();
        let words = self.reserved("in").then(|| {
            self.at += "in".len();
            self.words()
        });
        Kind::For {
            name,
            words,
            body: self.loop_body(),
        }
    }

    /// Words up to the end of the command.
    fn words(&mut self) -> Vec<Word> {
        let mut words = Vec::new();
        loop {
            self.skip_blanks();
            match self.word() {
                Some(word) => words.push(word),
                None => return words,
            }
        }
    }

    fn case(&mut self) -> Kind {
        self.at += "case".len();
        self.skip_blanks();
        let word = self.word();
        self.skip_lines();
        if self.reserved("in") {
            self.at += "in".len();
        }
        let mut arms = Vec::new();
        loop {
            self.skip_separators(true);
            if self.peek().is_none() || self.reserved("esac") {
                break;
            }
            let all = self.patterns();
            arms.push((all, self.body(&[";;", "esac"])));
            if self.starts_with(";;") {
                self.at += 2 + usize::from(self.byte(2) == Some(b'&'));
            } else if self.closer() != Some("esac") {
                // Something around this `case` ends here.
                return Kind::Case { word, arms };
            }
        }
        self.close("esac");
        Kind::Case { word, arms }
    }

    /// The patterns of an arm, up to their parenthesis: whether one of them takes everything.
    fn patterns(&mut self) -> bool {
        let mut open = 0usize;
        let mut all = false;
        if self.peek() == Some(b'(') {
            self.at += 1;
        }
        loop {
            self.skip_blanks();
            if let Some(word) = self.word() {
                all |= word.bare() == Some("*");
                continue;
            }
            match self.peek() {
                Some(b'(') => open += 1,
                Some(b')') if open > 0 => open -= 1,
                Some(b')') => {
                    self.at += 1;
                    return all;
                }
                Some(b'|') => {}
                _ => return all,
            }
            self.at += 1;
        }
    }

    pub fn function(&mut self, name: String) -> Kind {
        self.depth += 1;
        self.skip_lines();
        let body = Rc::new(self.command());
        self.depth -= 1;
        Kind::Function { name, body }
    }
}
