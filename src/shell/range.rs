//! What a `for` goes over: `{1..30}`, `$(seq 30)`, a list.

use super::ast::{Kind, Piece, Simple, Word};
use super::expand::Field;
use super::value::{Content, Linear, Literal};
use super::variables::Dialect;
use super::walk::Walker;

/// The turns of a `for` loop.
#[derive(Clone, Debug, Default)]
pub(super) struct Range {
    /// How many there are.
    pub count: Option<i64>,
    /// The first number and the step, where it counts.
    pub counted: Option<(i64, i64)>,
    /// The literal of the last number, where changing it changes just the count.
    pub last: Option<Literal>,
    pub from: Vec<Literal>,
    /// Its numbers are written one by one.
    pub is_list: bool,
}

/// More turns than this are no count.
const TURNS: i64 = 1_000_000_000;

pub(super) fn read(walker: &mut Walker, words: &[Word]) -> Range {
    if let [word] = words {
        if let Some(simple) = substituted(word) {
            let fields: Vec<Field> = simple.words.iter().flat_map(|w| walker.fields(w)).collect();
            match fields.first().and_then(Field::text).as_deref() {
                Some("seq") => return sequence(&fields[1..]),
                Some("eval") if fields.len() == 3 => {
                    // `eval echo {1..$N}`.
                    return braces(&fields[2]).unwrap_or_default();
                }
                _ => return Range::default(),
            }
        }
        if let Some(text) = word.bare()
            && let Some(inner) = text.strip_prefix('{').and_then(|t| t.strip_suffix('}'))
            && inner.contains("..")
        {
            if walker.dialect == Dialect::Sh {
                return Range::default();
            }
            let fields = walker.fields(word);
            return fields.first().and_then(braces).unwrap_or_default();
        }
    }
    let mut range = Range {
        count: Some(0),
        is_list: true,
        ..Range::default()
    };
    let mut numbers = Vec::new();
    for word in words {
        for field in walker.fields(word) {
            let number = field.value.number();
            numbers.push(number.and_then(|number| number.known()));
            let unquoted = |s: &super::value::Segment| match &s.content {
                Content::Text(text) => !s.quoted && text.contains(['*', '?', '[', '{']),
                Content::Number(_) => false,
                Content::Unknown(_) => !s.quoted,
            };
            if field.value.segments.iter().any(unquoted) {
                return Range::default();
            }
            range.count = range.count.map(|n| n + 1);
        }
    }
    // `1 2 3 4 5` counts; other numbers may be anything, ports for example.
    let first = numbers.first().copied().flatten();
    let first = first.filter(|first| matches!(first, 0 | 1) && numbers.len() > 2);
    let is_next = |pair: &[Option<i64>]| pair[0].map(|number| number + 1) == pair[1];
    range.counted = first
        .filter(|_| numbers.windows(2).all(is_next))
        .map(|first| (first, 1));
    range
}

/// The one command of a word that is `$(…)`.
fn substituted(word: &Word) -> Option<&Simple> {
    let [Piece::Command { body, .. }] = word.pieces.as_slice() else {
        return None;
    };
    let [item] = body.items.as_slice() else {
        return None;
    };
    let ([command], []) = (item.first.commands.as_slice(), item.rest.as_slice()) else {
        return None;
    };
    match &command.kind {
        Kind::Simple(simple) => {
            let name = simple.words.first()?.bare()?;
            (name == "seq" || name == "eval").then_some(simple)
        }
        _ => None,
    }
}

/// `seq N`, `seq A N`, `seq A STEP N`.
fn sequence(args: &[Field]) -> Range {
    let mut numbers = Vec::new();
    for field in args {
        let shown = field.value.shown();
        if shown == "-w" || shown == "--equal-width" {
            continue;
        }
        match field.value.number() {
            Some(number) => numbers.push(number),
            None => return Range::default(),
        }
    }
    let one = Linear::number(1, Vec::new());
    let (first, step, last) = match numbers.as_slice() {
        [last] => (&one, &one, last),
        [first, last] => (first, &one, last),
        [first, step, last] => (first, step, last),
        _ => return Range::default(),
    };
    range(first, step, last).unwrap_or_default()
}

/// `{1..30}` and `{0..60..5}`, whose text is one field.
fn braces(field: &Field) -> Option<Range> {
    let text = field.text()?;
    let inner = text.strip_prefix('{')?.strip_suffix('}')?;
    let mut at = 1;
    let mut numbers = Vec::new();
    for part in inner.split("..") {
        let number: i64 = part.parse().ok()?;
        let literal = literal_at(field, at, at + part.len());
        numbers.push(Linear::number(number, literal.into_iter().collect()));
        at += part.len() + 2;
    }
    let one = Linear::number(1, Vec::new());
    match numbers.as_slice() {
        [first, last] if first.constant <= last.constant => range(first, &one, last),
        [first, last] => range(first, &Linear::number(-1, Vec::new()), last),
        [first, last, step] => {
            let signed = step.constant.checked_abs()?
                * if first.constant <= last.constant {
                    1
                } else {
                    -1
                };
            range(first, &Linear::number(signed, step.from.clone()), last)
        }
        _ => None,
    }
}

/// The literal of the bytes from `start` to `end` of a field's text.
fn literal_at(field: &Field, start: usize, end: usize) -> Option<Literal> {
    let mut at = 0;
    for segment in &field.value.segments {
        let Content::Text(text) = &segment.content else {
            return None;
        };
        if start >= at && end <= at + text.len() {
            return segment.part(start - at, end - at).from.into_iter().next();
        }
        at += text.len();
    }
    None
}

fn range(first: &Linear, step: &Linear, last: &Linear) -> Option<Range> {
    let (a, s, b) = (first.known()?, step.known()?, last.known()?);
    if s == 0 {
        return None;
    }
    let count = b.checked_sub(a)?.checked_div(s)?.checked_add(1)?.max(0);
    if count > TURNS {
        return None;
    }
    let mut from = last.from.clone();
    if !matches!(a, 0 | 1) {
        super::value::add_literals(&mut from, &first.from);
    }
    if s != 1 {
        super::value::add_literals(&mut from, &step.from);
    }
    let single = match last.from.as_slice() {
        [literal] if literal.verbatim && literal.text.parse() == Ok(b) => Some(literal.clone()),
        _ => None,
    };
    Some(Range {
        count: Some(count),
        counted: Some((a, s)),
        last: single,
        from,
        is_list: false,
    })
}
