//! From words to fields: variables, substitutions and arithmetic, each with its origin.

use super::ast::{Operation, Piece, Variable, Word};
use super::mask;
use super::places;
use super::value::{Content, Linear, Literal, Segment, Symbol, Value};
use super::variables::{Dialect, Held};
use super::walk::Walker;
use std::ops::Range;

/// A word after its expansion: what a command gets as one argument.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub value: Value,
    /// Where it stands in the script: the word that it came from.
    pub at: Range<usize>,
}

impl Field {
    /// Its text, if all of it is known.
    pub fn text(&self) -> Option<String> {
        self.value.known()
    }
}

/// Collects the fields of one word.
#[derive(Default)]
struct Fields {
    done: Vec<Value>,
    current: Option<Value>,
}

impl Fields {
    fn push(&mut self, segment: Segment) {
        let current = self.current.get_or_insert_default();
        current.segments.push(segment);
    }

    fn cut(&mut self) {
        self.done.extend(self.current.take());
    }

    /// Adds an unquoted expansion, which falls apart at its blanks.
    fn split(&mut self, segment: &Segment) {
        let Content::Text(text) = &segment.content else {
            self.push(segment.clone());
            return;
        };
        let mut start = None;
        for (at, char) in text.char_indices() {
            if !matches!(char, ' ' | '\t' | '\n') {
                start.get_or_insert(at);
            } else if let Some(from) = start.take() {
                self.push(segment.part(from, at));
                self.cut();
            } else {
                self.cut();
            }
        }
        if let Some(from) = start {
            self.push(segment.part(from, text.len()));
        }
    }
}

impl Walker {
    /// The fields that a word becomes.
    pub fn fields(&mut self, word: &Word) -> Vec<Field> {
        self.charge(word.at.len() / 32);
        let mut fields = Fields::default();
        for piece in &word.pieces {
            self.piece(piece, true, &mut fields);
        }
        fields.cut();
        let length: usize = fields.done.iter().map(Value::len).sum();
        self.charge(length / 64);
        let values = fields.done.into_iter();
        values
            .map(|value| Field {
                value,
                at: word.at.clone(),
            })
            .collect()
    }

    /// The value of a word that does not fall apart, as in an assignment.
    pub fn value(&mut self, word: &Word) -> Value {
        self.charge(word.at.len() / 32);
        let mut fields = Fields::default();
        for piece in &word.pieces {
            self.piece(piece, false, &mut fields);
        }
        let value = fields.current.unwrap_or_default();
        self.charge(value.len() / 64);
        value
    }

    /// The value of one expansion.
    pub fn piece_value(&mut self, piece: &Piece) -> Value {
        let mut fields = Fields::default();
        self.piece(piece, false, &mut fields);
        fields.current.unwrap_or_default()
    }

    fn piece(&mut self, piece: &Piece, splits: bool, fields: &mut Fields) {
        match piece {
            Piece::Text { text, at, quoted } => self.text(text, at, *quoted, fields),
            Piece::Variable(variable) => self.variable(variable, splits, fields),
            Piece::Command { body, quoted } => {
                let value = self.substitute(body);
                add(value, *quoted, splits, fields);
            }
            Piece::Arith(value) => {
                let value = match self.arith(value) {
                    Some(number) => Value::linear(number),
                    None => self.variables.unknown(),
                };
                add(value, true, splits, fields);
            }
        }
    }

    /// Literal text, with the values of the expressions masked in it.
    fn text(&mut self, text: &str, at: &Range<usize>, quoted: bool, fields: &mut Fields) {
        let masked = |byte: u8| byte == mask::FIRST || byte == mask::NEXT;
        let bytes = text.as_bytes();
        let mut start = 0;
        loop {
            let end = (start..bytes.len())
                .find(|&n| bytes[n] == mask::FIRST)
                .unwrap_or(bytes.len());
            if end > start || text.is_empty() {
                self.lines(text, start..end, at, quoted, fields);
            }
            if end == bytes.len() {
                return;
            }
            start = (end + 1..bytes.len())
                .find(|&n| !masked(bytes[n]) || bytes[n] == mask::FIRST)
                .unwrap_or(bytes.len());
            for mut segment in self.expression(at.start + end).segments {
                segment.quoted = true;
                if let Content::Unknown(_) = segment.content {
                    // So that a script in which it stands finds it again.
                    segment.from = vec![self.masked(at.start + end)];
                }
                fields.push(segment);
            }
        }
    }

    /// The place of a masked expression.
    fn masked(&self, at: usize) -> Literal {
        Literal {
            span: self.script.span(at..at + 1),
            text: String::new(),
            verbatim: false,
            variable: None,
        }
    }

    /// Adds literal text; line by line where it does not stand in the file as a whole, as in an indented block of YAML: each
    /// line may.
    fn lines(
        &self,
        text: &str,
        part: Range<usize>,
        at: &Range<usize>,
        quoted: bool,
        fields: &mut Fields,
    ) {
        if text.len() != at.len() || self.script.is_verbatim(at.clone()) {
            fields.push(self.literal(text, part, at, quoted));
            return;
        }
        let mut start = part.start;
        while start < part.end {
            let rest = &text[start..part.end];
            let length = match rest.find('\n') {
                Some(0) => 1,
                Some(length) => length,
                None => rest.len(),
            };
            fields.push(self.literal(text, start..start + length, at, quoted));
            start += length;
        }
        if part.is_empty() {
            fields.push(self.literal(text, part, at, quoted));
        }
    }

    fn literal(&self, text: &str, part: Range<usize>, at: &Range<usize>, quoted: bool) -> Segment {
        let whole = text.len() == at.len();
        let place = if whole {
            at.start + part.start..at.start + part.end
        } else {
            at.clone()
        };
        let literal = Literal {
            span: self.script.span(place.clone()),
            text: text[part.clone()].to_owned(),
            verbatim: whole && self.script.is_verbatim(place),
            variable: None,
        };
        Segment {
            content: Content::Text(text[part].into()),
            from: vec![literal],
            quoted,
        }
    }

    /// The value of the masked expression at `at`.
    fn expression(&mut self, at: usize) -> Value {
        let span = self.script.span(at..(at + 1).min(self.script.text().len()));
        let Some(expression) = self.masks.get(&span.start) else {
            return self.variables.unknown();
        };
        if let Some(given) = self.environment.expressions.get(expression) {
            return given.value();
        }
        // The same expression is the same value each time.
        if let Some(value) = self.expressions.get(expression) {
            return value.clone();
        }
        let value = self.variables.unknown();
        self.expressions.insert(expression.clone(), value.clone());
        value
    }

    fn variable(&mut self, variable: &Variable, splits: bool, fields: &mut Fields) {
        if let Operation::All = variable.operation
            && let Some(Held::List(list)) = self.variables.get(&variable.name)
        {
            for (n, value) in list.clone().iter().enumerate() {
                if n > 0 && splits {
                    fields.cut();
                }
                for segment in &value.segments {
                    fields.push(segment.clone());
                }
            }
            return;
        }
        let value = self.parameter(variable);
        add(value, variable.quoted, splits, fields);
    }

    fn parameter(&mut self, variable: &Variable) -> Value {
        let name = &variable.name;
        let held = self.named(name);
        let is_set = held.as_ref().is_some_and(|v| !v.segments.is_empty());
        match &variable.operation {
            Operation::Default(word) | Operation::Assign(word) if !is_set => {
                let mut value = self.value(word);
                if !name.starts_with(|c: char| c.is_ascii_digit()) {
                    value = value.named(name);
                }
                if matches!(variable.operation, Operation::Assign(_)) {
                    self.variables.set(name, value.clone());
                }
                value
            }
            Operation::Alternative(word) => match held {
                Some(_) if is_set => self.value(word),
                _ => self.variables.unknown(),
            },
            Operation::Parent => match held.and_then(|value| value.known()) {
                Some(path) if path.contains('/') => Value::text(places::parent(&path), Vec::new()),
                _ => self.variables.unknown(),
            },
            Operation::Other => self.variables.unknown(),
            _ => held.unwrap_or_else(|| self.missing(name)),
        }
    }

    /// A variable that nothing in sight has set: the same unknown each time.
    pub fn missing(&mut self, name: &str) -> Value {
        let key = format!("${name}");
        if let Some(value) = self.expressions.get(&key) {
            return value.clone();
        }
        let value = self.variables.unknown();
        if let Some(Content::Unknown(id)) = value.segments.first().map(|s| &s.content)
            && !name.starts_with(|c: char| !c.is_ascii_alphabetic() && c != '_')
        {
            self.missing.insert(*id);
        }
        self.expressions.insert(key, value.clone());
        value
    }

    /// The value of a variable, if anything is known about it.
    pub fn named(&mut self, name: &str) -> Option<Value> {
        if name == "SECONDS" {
            return (self.dialect == Dialect::Bash).then(|| self.seconds());
        }
        if name == "PWD"
            && let Some(folder) = self.folder()
        {
            return Some(Value::text(&folder, Vec::new()));
        }
        self.variables.value(name).cloned()
    }

    /// `$SECONDS`: what it was set to, and the time since.
    fn seconds(&mut self) -> Value {
        let base = match self.variables.value("SECONDS") {
            Some(value) => value.number(),
            None => Some(Linear::default()),
        };
        let now = base.and_then(|base| base.plus(&self.clock(), 1));
        now.map_or_else(|| self.variables.unknown(), Value::linear)
    }

    /// The seconds that the loops around here have taken so far.
    pub fn clock(&self) -> Linear {
        let mut clock = Linear::default();
        for nesting in 1..=self.nesting_of_loops.min(3) {
            let own = Linear::symbol(Symbol::Clock(nesting));
            clock = clock.plus(&own, 1).unwrap_or_default();
        }
        clock
    }

    /// `date +%s`.
    pub fn time_of_day(&self) -> Value {
        let epoch = Linear::symbol(Symbol::Epoch);
        Value::linear(epoch.plus(&self.clock(), 1).unwrap_or(epoch))
    }
}

fn add(value: Value, quoted: bool, splits: bool, fields: &mut Fields) {
    if quoted && value.segments.is_empty() {
        fields.current.get_or_insert_default();
    }
    for mut segment in value.segments {
        if quoted || !splits {
            segment.quoted = quoted;
            fields.push(segment);
        } else {
            fields.split(&segment);
        }
    }
}
