//! From words to commands. What is broken is read as far as it goes; reading always reaches the end.

use super::ast::{
    Assigned, Assignment, Block, Command, Item, Kind, Link, Pipeline, Redirect, Simple, Word,
};
use super::lexer::{DEPTH, PendingHeredoc, Reader, ends_word, is_name, is_name_start};
use std::cell::OnceCell;
use std::rc::Rc;

/// The words that end a block.
const CLOSERS: [&str; 8] = ["then", "do", "done", "fi", "elif", "else", "esac", "}"];

/// The commands whose operands are assignments.
const DECLARING: [&str; 5] = ["export", "local", "readonly", "declare", "typeset"];

/// Reads a whole script.
pub(super) fn parse(text: &str) -> Block {
    let mut reader = Reader::new(text);
    let block = reader.block(&[]);
    debug_assert_eq!(reader.at, text.len(), "a part of the script is not read");
    block
}

impl Reader<'_> {
    /// Commands up to one of `closers`, which is not consumed.
    pub fn block(&mut self, closers: &'static [&'static str]) -> Block {
        let outer = self.awaited.len();
        self.awaited.extend(closers);
        let mut block = Block::default();
        loop {
            self.skip_separators(!closers.contains(&";;"));
            if self.peek().is_none() {
                break;
            }
            if let Some(closer) = self.closer() {
                if self.awaited.contains(&closer) {
                    break;
                }
                self.at += closer.len();
                continue;
            }
            let before = self.at;
            let item = self.item();
            if self.at == before {
                // A stray character: nothing that a command starts with.
                self.at += self.rest().chars().next().map_or(1, char::len_utf8);
            } else {
                block.items.push(item);
            }
        }
        self.awaited.truncate(outer);
        block
    }

    /// Skips what stands between commands.
    pub fn skip_separators(&mut self, semicolons: bool) {
        loop {
            self.skip_blanks();
            match self.peek() {
                Some(b'\n' | b'\r') if self.newline() => {}
                Some(b'#') => {
                    self.comment();
                }
                Some(b';') if semicolons || self.byte(1) != Some(b';') => self.at += 1,
                _ => return,
            }
        }
    }

    /// The closing word that stands here.
    pub fn closer(&self) -> Option<&'static str> {
        match self.peek()? {
            b')' => Some(")"),
            b';' if self.byte(1) == Some(b';') => Some(";;"),
            _ => CLOSERS.into_iter().find(|word| self.reserved(word)),
        }
    }

    /// Whether `word` stands here as a word of its own.
    pub fn reserved(&self, word: &str) -> bool {
        self.starts_with(word)
            && self
                .byte(word.len())
                .is_none_or(|b| ends_word(b) || b == b'\r')
    }

    /// Consumes `closer` behind any separators.
    pub fn close(&mut self, closer: &str) -> bool {
        self.skip_separators(closer != ";;");
        let here = self.closer() == Some(closer);
        if here {
            self.at += closer.len();
        }
        here
    }

    /// A block between an opener that was consumed and `closers`, of which the last one is consumed.
    pub fn body(&mut self, closers: &'static [&'static str]) -> Block {
        self.depth += 1;
        let block = self.block(closers);
        self.depth -= 1;
        block
    }

    fn item(&mut self) -> Item {
        let mut item = Item {
            first: self.pipeline(),
            rest: Vec::new(),
            background: false,
        };
        loop {
            self.skip_blanks();
            let link = match (self.peek(), self.byte(1)) {
                (Some(b'&'), Some(b'&')) => Link::And,
                (Some(b'|'), Some(b'|')) => Link::Or,
                _ => break,
            };
            self.at += 2;
            self.skip_lines();
            item.rest.push((link, self.pipeline()));
        }
        if self.peek() == Some(b'&') {
            self.at += 1;
            item.background = true;
        }
        item
    }

    /// Skips blanks, line breaks and comments.
    pub fn skip_lines(&mut self) {
        loop {
            self.skip_blanks();
            if !(self.newline() || self.comment()) {
                return;
            }
        }
    }

    fn pipeline(&mut self) -> Pipeline {
        let mut negated = false;
        loop {
            self.skip_blanks();
            if self.reserved("!") {
                self.at += 1;
                negated = !negated;
            } else if self.reserved("time") {
                self.at += "time".len();
            } else {
                break;
            }
        }
        let mut commands = vec![self.command()];
        loop {
            self.skip_blanks();
            if self.peek() != Some(b'|') || self.byte(1) == Some(b'|') {
                break;
            }
            self.at += 1 + usize::from(self.byte(1) == Some(b'&'));
            self.skip_lines();
            commands.push(self.command());
        }
        Pipeline { negated, commands }
    }

    pub fn command(&mut self) -> Command {
        self.skip_blanks();
        let start = self.at;
        let compound = (self.depth < DEPTH).then(|| self.compound()).flatten();
        let mut redirects = Vec::new();
        let kind = if let Some(kind) = compound {
            loop {
                self.skip_blanks();
                match self.redirect() {
                    Some(redirect) => redirects.push(redirect),
                    None => break,
                }
            }
            kind
        } else {
            self.simple(&mut redirects)
        };
        let end = self.at.max(start);
        let used = self.text[start..end].trim_end().len();
        Command {
            kind,
            redirects,
            at: start..start + used,
        }
    }

    fn simple(&mut self, redirects: &mut Vec<Redirect>) -> Kind {
        let mut simple = Simple::default();
        let mut declares = false;
        loop {
            self.skip_blanks();
            if let Some(redirect) = self.redirect() {
                redirects.push(redirect);
                continue;
            }
            if self.peek() == Some(b'#') {
                break;
            }
            if (simple.words.is_empty() || declares)
                && let Some(assignment) = self.assigned()
            {
                simple.assignments.push(assignment);
                continue;
            }
            if self.substitutes_process() && self.depth < DEPTH {
                let start = self.at;
                let piece = self.substitution(true);
                simple.words.push(Word {
                    pieces: vec![piece],
                    at: start..self.at,
                });
                continue;
            }
            let Some(word) = self.word() else { break };
            if simple.words.is_empty() {
                declares = word.bare().is_some_and(|w| DECLARING.contains(&w));
            }
            simple.words.push(word);
            if self.starts_with("()") && simple.words.len() == 1 && self.depth < DEPTH {
                self.at += 2;
                return self.function(simple.words[0].plain().unwrap_or_default());
            }
            if simple.words.len() == 1 && self.depth < DEPTH {
                let resume = self.at;
                self.skip_blanks();
                if self.starts_with("()") {
                    self.at += 2;
                    return self.function(simple.words[0].plain().unwrap_or_default());
                }
                self.at = resume;
            }
        }
        Kind::Simple(simple)
    }

    fn substitutes_process(&self) -> bool {
        matches!(self.peek(), Some(b'<' | b'>')) && self.byte(1) == Some(b'(')
    }

    /// `NAME=value`, `NAME+=value`, `NAME=(…)`, `NAME[i]=value`.
    fn assigned(&mut self) -> Option<Assignment> {
        let mut length = 0;
        if !self.peek().is_some_and(is_name_start) {
            return None;
        }
        while self.byte(length).is_some_and(is_name) {
            length += 1;
        }
        let name = self.text[self.at..self.at + length].to_owned();
        let indexed = self.byte(length) == Some(b'[');
        if indexed {
            let close = self
                .rest()
                .as_bytes()
                .iter()
                .take(200)
                .position(|b| *b == b']')?;
            length = close + 1;
        }
        let append = self.byte(length) == Some(b'+');
        length += usize::from(append);
        if self.byte(length) != Some(b'=') {
            return None;
        }
        self.at += length + 1;
        let value = if self.peek() == Some(b'(') {
            self.at += 1;
            Assigned::Array(self.array())
        } else {
            let at = self.at..self.at;
            Assigned::Word(self.word().unwrap_or(Word {
                pieces: Vec::new(),
                at,
            }))
        };
        Some(Assignment {
            name,
            append,
            value: if indexed { Assigned::Other } else { value },
        })
    }

    fn array(&mut self) -> Vec<Word> {
        let mut words = Vec::new();
        loop {
            self.skip_lines();
            match self.word() {
                Some(word) => words.push(word),
                None => break,
            }
        }
        if self.peek() == Some(b')') {
            self.at += 1;
        }
        words
    }

    fn redirect(&mut self) -> Option<Redirect> {
        let mut ahead = 0;
        while self.byte(ahead).is_some_and(|b| b.is_ascii_digit()) {
            ahead += 1;
        }
        if self.byte(0) == Some(b'&') && self.byte(1) == Some(b'>') {
            ahead = 1;
        }
        let sign = self.byte(ahead).filter(|b| matches!(b, b'<' | b'>'))?;
        if ahead == 0 && self.substitutes_process() {
            return None;
        }
        self.at += ahead;
        if self.starts_with("<<<") {
            self.at += 3;
            self.skip_blanks();
            return Some(match self.word() {
                Some(word) => Redirect::HereString(word),
                None => Redirect::Other(None),
            });
        }
        if self.starts_with("<<") {
            self.at += 2;
            return Some(self.heredoc_start());
        }
        self.at += 1;
        if self.peek() == Some(sign) || matches!(self.peek(), Some(b'&' | b'|' | b'>')) {
            self.at += 1;
        }
        self.skip_blanks();
        if self.substitutes_process() && self.depth < DEPTH {
            let start = self.at;
            let piece = self.substitution(true);
            return Some(Redirect::Other(Some(Word {
                pieces: vec![piece],
                at: start..self.at,
            })));
        }
        Some(Redirect::Other(self.word()))
    }

    fn heredoc_start(&mut self) -> Redirect {
        let strips_tabs = self.peek() == Some(b'-');
        self.at += usize::from(strips_tabs);
        self.skip_blanks();
        let start = self.at;
        let word = self.word();
        let body = Rc::new(OnceCell::new());
        if let Some(word) = word {
            let raw = &self.text[start..self.at];
            self.heredocs.push(PendingHeredoc {
                quoted: raw.contains(['\'', '"', '\\']),
                delimiter: word.plain().unwrap_or_else(|| raw.to_owned()),
                strips_tabs,
                body: Rc::clone(&body),
            });
        }
        Redirect::Heredoc(body)
    }
}
