//! What ends a loop, and when: of all the tests in a turn, and of the range that it goes over, the limit that comes first.

use super::flow::{Left, Time};
use super::limits::{Known, Limit, Turn};
use super::range::Range;
use super::value::{Linear, Literal, Symbol, add_literals};
use super::waits::{Form, Knob, KnobUnit};
use super::walk::Gate;
use crate::duration::Seconds;

/// What kind of loop it is.
pub(super) enum Shape {
    /// `while`, `until`; whether it goes through lines.
    While(bool),
    /// `for ((…))`.
    Counting,
    For(Range),
}

/// What ends a loop.
pub(super) struct Ends {
    pub form: Form,
    pub known: Option<Known>,
    /// Something that is not understood may end it earlier.
    pub unknown: bool,
    pub left: Left,
    /// A counter's way out that fails comes after another one.
    pub unreached: bool,
}

impl Ends {
    /// The limit that comes first counts.
    fn add(&mut self, known: Known, left: Left) {
        if known.is_deadline && self.form == Form::OpenLoop {
            self.form = Form::DeadlineLoop;
        }
        let sooner = match &self.known {
            None => true,
            Some(old) => match (known.budget, old.budget) {
                (Some(new), Some(old)) => new < old,
                _ => known.turns < old.turns,
            },
        };
        // A way out in the last turn says how the loop ends, and leaves its length.
        let same = self
            .known
            .as_ref()
            .is_some_and(|old| old.budget == known.budget);
        self.unreached |= if sooner {
            self.left.badly
        } else {
            !same && left.badly
        };
        if sooner {
            self.known = Some(known);
        }
        if sooner || same {
            self.left = left;
        }
    }
}

pub(super) fn breaks() -> Left {
    Left {
        breaks: true,
        ..Left::default()
    }
}

/// Whether a loop with such a turn waits.
pub(super) fn is_wait(time: &Time, shape: &Shape, jumps: bool) -> bool {
    match shape {
        Shape::While(reads_lines) => !reads_lines && (time.sleeps || time.probes),
        Shape::Counting => time.sleeps || jumps && time.tries > Seconds::ZERO,
        Shape::For(range) => {
            let counts = range.counted.is_some() && !range.is_list;
            let tries = time.tries > Seconds::ZERO && counts;
            time.sleeps || jumps && tries
        }
    }
}

/// The limit that a range of turns is.
fn counted(turn: &Turn<'_>, range: &Range, count: i64) -> Known {
    let each = turn.each();
    let mut from: Vec<Literal> = range.from.clone();
    let budget = each.and_then(|each| Some(each.times(u64::try_from(count).ok()?)));
    if budget.is_some() {
        add_literals(&mut from, &turn.time.from);
    }
    let knob = range.last.clone().zip(each).zip(range.counted);
    let knob = knob.map(|((literal, each), (first, step))| Knob {
        literal,
        unit: KnobUnit::Attempts {
            each,
            base: first - step,
            step,
            extra: 0,
            rest: Seconds::ZERO,
        },
    });
    Known {
        budget,
        turns: count,
        from,
        knob: knob.filter(|k| matches!(k.unit, KnobUnit::Attempts { step, .. } if step > 0)),
        is_deadline: false,
    }
}

/// What ends the loop when nothing that it looks for happens.
pub(super) fn ends_of(turn: &Turn<'_>, gates: &[Gate], shape: &Shape) -> Ends {
    let mut ends = Ends {
        form: match shape {
            Shape::While(_) => Form::OpenLoop,
            Shape::Counting | Shape::For(_) => Form::ForLoop,
        },
        known: None,
        unknown: false,
        left: breaks(),
        unreached: false,
    };
    if let Shape::For(range) = shape {
        ends.unknown = range.count.is_none();
        ends.known = range.count.map(|count| counted(turn, range, count));
    }
    for gate in gates {
        let counts = |number: &Linear| {
            let mut terms = number.terms.iter();
            terms.any(|(s, _)| matches!(s, Symbol::Turn(level, _) if *level == turn.level))
        };
        let is_counter = counts(&gate.test.left) || counts(&gate.test.right);
        if is_counter && ends.form == Form::OpenLoop {
            ends.form = Form::CounterLoop;
        }
        match turn.limit(&gate.test, gate.heads, &gate.at) {
            Limit::Poll => {}
            Limit::Unknown => ends.unknown = true,
            Limit::Known(known) => ends.add(known, gate.left),
        }
    }
    ends
}
