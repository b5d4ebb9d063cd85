//! Values as a script holds them: texts and numbers that know the literals that made them.

use crate::source::Span;
use std::rc::Rc;

/// The most literals that one value remembers.
const LITERALS: usize = 64;

/// A piece of a file that a value rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Literal {
    /// Where it stands.
    pub span: Span,
    /// What it says: `120`, `2m`.
    pub text: String,
    /// Whether the bytes of `span` are exactly `text`, so that it can be replaced there.
    pub verbatim: bool,
    /// The variable that it was given to first: `MAX_WAIT`.
    pub variable: Option<String>,
}

/// A quantity that is not known as a number, but is the same wherever it is named.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Symbol {
    /// The time of day when the script starts; what it does outside of loops takes no time.
    Epoch,
    /// The seconds since the loop at this nesting started.
    Clock(usize),
    /// What a variable holds when a turn of the loop at this nesting begins.
    Turn(usize, Rc<str>),
    /// Something that only the run will tell.
    Opaque(u32),
}

/// A whole number that may depend on symbols: a sum of them and a constant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Linear {
    pub terms: Vec<(Symbol, i64)>,
    pub constant: i64,
    pub from: Vec<Literal>,
}

impl Linear {
    pub fn number(constant: i64, from: Vec<Literal>) -> Self {
        Self {
            terms: Vec::new(),
            constant,
            from,
        }
    }

    pub fn symbol(symbol: Symbol) -> Self {
        Self {
            terms: vec![(symbol, 1)],
            constant: 0,
            from: Vec::new(),
        }
    }

    /// The number, if it depends on nothing.
    pub fn known(&self) -> Option<i64> {
        self.terms.is_empty().then_some(self.constant)
    }

    /// `self + factor * other`; nothing on overflow.
    pub fn plus(&self, other: &Self, factor: i64) -> Option<Self> {
        let mut sum = self.clone();
        sum.constant = other
            .constant
            .checked_mul(factor)
            .and_then(|n| sum.constant.checked_add(n))?;
        for (symbol, count) in &other.terms {
            let count = count.checked_mul(factor)?;
            match sum.terms.iter_mut().find(|(s, _)| s == symbol) {
                Some((_, n)) => *n = n.checked_add(count)?,
                None => sum.terms.push((symbol.clone(), count)),
            }
        }
        sum.terms.retain(|(_, n)| *n != 0);
        add_literals(&mut sum.from, &other.from);
        (sum.terms.len() <= 4).then_some(sum)
    }

    pub fn times(&self, factor: &Self) -> Option<Self> {
        let (scaled, by) = match (self.known(), factor.known()) {
            (_, Some(by)) => (self, by),
            (Some(by), None) => (factor, by),
            (None, None) => return None,
        };
        let mut from = self.from.clone();
        add_literals(&mut from, &factor.from);
        let zero = Self::number(0, from);
        zero.plus(scaled, by)
    }

    /// How often `symbol` counts.
    pub fn count(&self, symbol: &Symbol) -> i64 {
        let found = self.terms.iter().find(|(s, _)| s == symbol);
        found.map_or(0, |(_, n)| *n)
    }

    /// The number with `symbol` replaced.
    pub fn replace(&self, symbol: &Symbol, by: &Self) -> Option<Self> {
        let count = self.count(symbol);
        let mut rest = self.clone();
        rest.terms.retain(|(s, _)| s != symbol);
        rest.plus(by, count)
    }
}

/// Adds the literals that are not there yet.
pub(super) fn add_literals(to: &mut Vec<Literal>, more: &[Literal]) {
    for literal in more {
        if to.len() < LITERALS && !to.iter().any(|l| l.span == literal.span) {
            to.push(literal.clone());
        }
    }
}

/// A part of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Segment {
    pub content: Content,
    pub from: Vec<Literal>,
    pub quoted: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Content {
    Text(Rc<str>),
    /// A number that depends on a symbol.
    Number(Linear),
    /// Unknown; the same number is the same value.
    Unknown(u32),
}

/// The value of a variable, of an argument, of a word: its parts in a row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Value {
    pub segments: Vec<Segment>,
}

impl Value {
    pub fn of(content: Content, from: Vec<Literal>) -> Self {
        Self {
            segments: vec![Segment {
                content,
                from,
                quoted: false,
            }],
        }
    }

    pub fn text(text: &str, from: Vec<Literal>) -> Self {
        Self::of(Content::Text(text.into()), from)
    }

    pub fn unknown(id: u32) -> Self {
        Self::of(Content::Unknown(id), Vec::new())
    }

    pub fn linear(number: Linear) -> Self {
        let from = number.from.clone();
        match number.known() {
            Some(n) => Self::text(&n.to_string(), from),
            None => Self::of(Content::Number(number), from),
        }
    }

    /// The text, if all of it is known.
    pub fn known(&self) -> Option<String> {
        let mut all = String::new();
        for segment in &self.segments {
            match &segment.content {
                Content::Text(text) => all.push_str(text),
                _ => return None,
            }
        }
        Some(all)
    }

    /// The text with `\u{fffd}` for what is unknown.
    pub fn shown(&self) -> String {
        let parts = self.segments.iter().map(|s| match &s.content {
            Content::Text(text) => &**text,
            _ => "\u{fffd}",
        });
        parts.collect()
    }

    /// Every literal in it.
    pub fn literals(&self) -> Vec<Literal> {
        let mut all = Vec::new();
        for segment in &self.segments {
            add_literals(&mut all, &segment.from);
        }
        all
    }

    /// The whole number that this is.
    pub fn number(&self) -> Option<Linear> {
        if let [segment] = self.segments.as_slice() {
            match &segment.content {
                Content::Number(number) => return Some(number.clone()),
                Content::Unknown(id) => return Some(Linear::symbol(Symbol::Opaque(*id))),
                Content::Text(_) => {}
            }
        }
        let text = self.known()?;
        let text = text.trim();
        let digits = text.strip_prefix('-').unwrap_or(text);
        // A leading zero means octal in some places and nothing in others.
        if digits.len() > 1 && digits.starts_with('0')
            || !digits.bytes().all(|b| b.is_ascii_digit())
        {
            return None;
        }
        Some(Linear::number(text.parse().ok()?, self.literals()))
    }

    /// The bytes of its known text, for limits on growth.
    pub fn len(&self) -> usize {
        let lengths = self.segments.iter().map(|s| match &s.content {
            Content::Text(text) => text.len() + 8,
            _ => 32,
        });
        lengths.sum()
    }

    /// The value behind the first `count` bytes of its text, which are known.
    pub fn without_prefix(&self, mut count: usize) -> Self {
        let mut segments = Vec::new();
        for segment in &self.segments {
            match &segment.content {
                Content::Text(text) if count > 0 => {
                    let cut = count.min(text.len());
                    count -= cut;
                    if cut < text.len() {
                        segments.push(segment.part(cut, text.len()));
                    }
                }
                _ => segments.push(segment.clone()),
            }
        }
        Self { segments }
    }

    /// Names the variable that its literals were given to, where they have none yet.
    pub fn named(mut self, variable: &str) -> Self {
        for segment in &mut self.segments {
            let numbers = match &mut segment.content {
                Content::Number(number) => number.from.as_mut_slice(),
                _ => &mut [],
            };
            for literal in segment.from.iter_mut().chain(numbers) {
                if literal.variable.is_none() {
                    literal.variable = Some(variable.to_owned());
                }
            }
        }
        self
    }
}

impl Segment {
    /// The bytes from `start` to `end` of a known text.
    pub fn part(&self, start: usize, end: usize) -> Self {
        let Content::Text(text) = &self.content else {
            return self.clone();
        };
        let part = &text[start..end];
        let mut from = self.from.clone();
        if let [literal] = from.as_mut_slice()
            && literal.verbatim
            && *literal.text == **text
        {
            let at = literal.span.range().start;
            literal.span = Span::new(literal.span.file, at + start..at + end);
            part.clone_into(&mut literal.text);
        }
        Self {
            content: Content::Text(part.into()),
            from,
            quoted: self.quoted,
        }
    }
}
