//! Which variables a piece of script may set, its functions included.

use super::ast::{Arith, Block, Command, Kind, Piece, Pipeline, Simple, Word};
use super::lexer::is_name;
use super::walk::Function;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// Collects names.
pub(super) struct Assigned<'a> {
    functions: &'a HashMap<String, Function>,
    followed: HashSet<String>,
    seen: HashSet<String>,
    /// The names in the order in which they were found.
    pub names: Vec<Rc<str>>,
    /// The commands that were looked at.
    pub work: usize,
}

impl<'a> Assigned<'a> {
    pub fn new(functions: &'a HashMap<String, Function>) -> Self {
        Self {
            functions,
            followed: HashSet::new(),
            seen: HashSet::new(),
            names: Vec::new(),
            work: 0,
        }
    }

    fn add(&mut self, name: &str) {
        if self.seen.insert(name.to_owned()) {
            self.names.push(name.into());
        }
    }

    pub fn block(&mut self, block: &Block) {
        for item in &block.items {
            self.pipeline(&item.first);
            for (_, pipeline) in &item.rest {
                self.pipeline(pipeline);
            }
        }
    }

    fn pipeline(&mut self, pipeline: &Pipeline) {
        for command in &pipeline.commands {
            self.command(command);
        }
    }

    fn command(&mut self, command: &Command) {
        self.work += 1;
        match &command.kind {
            Kind::Simple(simple) => self.simple(simple),
            Kind::If { arms, otherwise } => {
                for (condition, body) in arms {
                    self.block(condition);
                    self.block(body);
                }
                if let Some(body) = otherwise {
                    self.block(body);
                }
            }
            Kind::For { name, body, .. } => {
                self.add(name);
                self.block(body);
            }
            Kind::CountingFor {
                init,
                test,
                step,
                body,
            } => {
                for arith in [init, test, step] {
                    self.arith(arith);
                }
                self.block(body);
            }
            Kind::Loop {
                condition, body, ..
            } => {
                self.block(condition);
                self.block(body);
            }
            Kind::Case { arms, .. } => arms.iter().for_each(|(_, body)| self.block(body)),
            Kind::Group(body) => self.block(body),
            Kind::Arith(arith) => self.arith(arith),
            Kind::Test(words) => words.iter().for_each(|w| self.word(w)),
            // What a process of its own sets, nobody else sees.
            Kind::Subshell(_) | Kind::Function { .. } => {}
        }
    }

    fn simple(&mut self, simple: &Simple) {
        for assignment in &simple.assignments {
            self.add(&assignment.name);
            if let super::ast::Assigned::Word(word) = &assignment.value {
                self.word(word);
            }
        }
        simple.words.iter().for_each(|w| self.word(w));
        let Some(name) = simple.words.first().and_then(Word::plain) else {
            return;
        };
        match name.as_str() {
            "let" | "read" | "local" | "declare" | "unset" => {
                for text in simple.words[1..].iter().filter_map(Word::plain) {
                    let text = text.trim_start_matches(['+', '-']);
                    let end = text.bytes().take_while(|b| is_name(*b)).count();
                    if end > 0 {
                        self.add(&text[..end]);
                    }
                }
            }
            _ => {
                if self.followed.len() < 50
                    && let Some(function) = self.functions.get(&name)
                    && self.followed.insert(name)
                {
                    let body = Rc::clone(&function.body);
                    self.command(&body);
                }
            }
        }
    }

    fn word(&mut self, word: &Word) {
        for piece in &word.pieces {
            self.piece(piece);
        }
    }

    fn piece(&mut self, piece: &Piece) {
        if let Piece::Arith(value) = piece {
            self.arith(value);
        }
    }

    pub fn arith(&mut self, arith: &Arith) {
        match arith {
            Arith::Assign(name, _, value) => {
                self.add(name);
                self.arith(value);
            }
            Arith::Step { name, .. } => self.add(name),
            Arith::Negate(inner) | Arith::Not(inner) => self.arith(inner),
            Arith::Binary(_, left, right) => {
                self.arith(left);
                self.arith(right);
            }
            Arith::List(values) => values.iter().for_each(|v| self.arith(v)),
            Arith::Piece(piece) => self.piece(piece),
            Arith::Number(..) | Arith::Name(_) | Arith::Unknown => {}
        }
    }
}
