//! From a test and a turn to a budget: how long a loop lasts until a test ends it, and which literal to change.

use super::flow::{Relation, Test, Time};
use super::value::{Linear, Literal, Symbol, add_literals};
use super::waits::{Knob, KnobUnit};
use crate::duration::Seconds;
use std::collections::HashMap;

/// What a turn does to the variables.
pub(super) struct Turn<'a> {
    /// The nesting of the loop.
    pub level: usize,
    pub time: &'a Time,
    /// What the variables hold when the loop begins.
    pub entries: &'a HashMap<String, Linear>,
    /// What a turn adds to them, where that is the same in every turn.
    pub updates: &'a HashMap<String, Linear>,
}

/// What a test says about how long a loop lasts.
pub(super) enum Limit {
    /// Nothing: it asks whether what is waited for is there.
    Poll,
    /// It limits the loop, by something that is not understood.
    Unknown,
    Known(Known),
}

/// A limit that is understood.
pub(super) struct Known {
    pub budget: Option<Seconds>,
    pub turns: i64,
    pub from: Vec<Literal>,
    pub knob: Option<Knob>,
    /// It reads the clock.
    pub is_deadline: bool,
}

/// The two sides of a test as a distance that shrinks.
#[allow(clippy::struct_excessive_bools)] // They are independent of each other.
struct Way {
    /// How far it is when the loop begins.
    distance: i64,
    /// How much nearer a turn comes.
    step: Linear,
    /// The relation is strict: reaching the limit is not yet enough.
    beyond: bool,
    exact: bool,
    literal: Option<Literal>,
    from: Vec<Literal>,
    is_deadline: bool,
    /// The turn that reaches the limit has come a step nearer before the test: it takes a whole turn less.
    is_ahead: bool,
    /// How much of that turn has passed by the test.
    passed: Time,
}

impl Way {
    /// What the last turn adds to the whole turns that the counter tells, in turns, where it is none or all of it.
    fn last_turn(&self, is_whole: bool) -> i64 {
        i64::from(is_whole) - i64::from(self.is_ahead)
    }
}

impl Turn<'_> {
    /// How long the loop lasts until `test` holds, which each turn comes to when `passed` of it is over. What the last turn
    /// would sleep behind the test is never slept.
    pub fn limit(&self, test: &Test, heads: bool, passed: &Time) -> Limit {
        let (Some(mut left), Some(mut right)) =
            (self.settled(&test.left), self.settled(&test.right))
        else {
            return Limit::Unknown;
        };
        let mut is_ahead = false;
        if !heads {
            is_ahead |= self.as_the_turn_began(&mut left);
            is_ahead |= self.as_the_turn_began(&mut right);
        }
        let Some(difference) = left.plus(&right, -1) else {
            return Limit::Unknown;
        };
        let own = |(symbol, _): &&(Symbol, i64)| match symbol {
            Symbol::Turn(level, _) | Symbol::Clock(level) => *level == self.level,
            _ => false,
        };
        let mut counting = difference.terms.iter().filter(own);
        let (Some((symbol, count)), None) = (counting.next(), counting.next()) else {
            return Limit::Poll;
        };
        let (entry, update) = match symbol {
            Symbol::Turn(_, name) => {
                // One that is counted in some turns only limits nothing that can be told.
                let Some(update) = self.updates.get(&**name) else {
                    return Limit::Poll;
                };
                let Some(entry) = self.entries.get(&**name) else {
                    return Limit::Unknown;
                };
                (entry.clone(), update.clone())
            }
            _ => (Linear::default(), Linear::number(1, Vec::new())),
        };
        let sides = Sides {
            left: &left,
            right: &right,
            symbol,
            count: *count,
            entry: &entry,
            update: &update,
        };
        match sides.way(&difference, test.relation) {
            Some(mut way) => {
                way.is_ahead = is_ahead;
                way.passed = passed.clone();
                self.measure(way)
            }
            None => Limit::Unknown,
        }
    }

    /// A number without the symbols of variables that no turn changes.
    fn settled(&self, number: &Linear) -> Option<Linear> {
        let mut number = number.clone();
        for (name, update) in self.updates {
            let symbol = Symbol::Turn(self.level, name.as_str().into());
            if update.known() == Some(0) && number.count(&symbol) != 0 {
                number = number.replace(&symbol, self.entries.get(name)?)?;
            }
        }
        Some(number)
    }

    /// A counter without what the turn has added to it already; whether it has.
    fn as_the_turn_began(&self, number: &mut Linear) -> bool {
        let [(Symbol::Turn(level, name), count)] = number.terms.as_slice() else {
            return false;
        };
        let update = self.updates.get(&**name).and_then(Linear::known);
        let added = update.and_then(|update| update.checked_mul(*count));
        let has = *level == self.level && number.constant != 0 && added == Some(number.constant);
        if has {
            number.constant = 0;
            number.from.clear();
        }
        has
    }

    fn measure(&self, way: Way) -> Limit {
        if way.is_deadline {
            return Limit::Known(by_time(way, Seconds::new(1)));
        }
        let time = self.time;
        if let [(Symbol::Opaque(id), count)] = way.step.terms.as_slice()
            && way.step.constant == 0
        {
            // It adds what it sleeps, how much that may be.
            let same = time.sleep == Seconds::ZERO
                && !time.unclear
                && matches!(time.opaque.as_slice(), [(slept, n)] if slept == id && i64::from(*n) == *count);
            return if same && !way.exact {
                Limit::Known(by_time(way, Seconds::new(1)))
            } else {
                Limit::Unknown
            };
        }
        let Some(step) = way.step.known().filter(|n| *n > 0) else {
            return Limit::Unknown;
        };
        if way.exact && way.distance % step != 0 {
            return Limit::Unknown;
        }
        let shares = way
            .step
            .from
            .iter()
            .any(|l| time.from.iter().any(|t| t.span == l.span));
        let adds_its_sleep = Seconds::new(step) == time.sleep
            && time.opaque.is_empty()
            && !time.unclear
            // One for one it may as well be counting its turns, which is the exacter reading.
            && (step != 1 || shares);
        let turns = way.distance / step + i64::from(way.beyond || way.distance % step != 0);
        if turns < i64::from(way.is_ahead) {
            return Limit::Unknown;
        }
        if adds_its_sleep {
            return Limit::Known(by_sleeps(way, time.sleep, step, turns));
        }
        Limit::Known(self.by_turns(way, step, turns))
    }

    /// A limit in turns.
    fn by_turns(&self, way: Way, step: i64, turns: i64) -> Known {
        let each = self.each();
        let passed = way.passed.sleep + way.passed.tries;
        let is_whole = each == Some(passed);
        let extra = i64::from(way.beyond) + way.last_turn(is_whole);
        let turns = turns.saturating_add(way.last_turn(is_whole));
        let rest = if is_whole { Seconds::ZERO } else { passed };
        let budget = each.and_then(|each| Some(each.times(u64::try_from(turns).ok()?) + rest));
        let mut from = way.from;
        if step != 1 {
            add_literals(&mut from, &way.step.from);
        }
        if budget.is_some() {
            add_literals(&mut from, &self.time.from);
        }
        let knob = way.literal.zip(each).and_then(|(literal, each)| {
            let base = literal
                .text
                .parse::<i64>()
                .ok()?
                .checked_sub(way.distance)?;
            let unit = KnobUnit::Attempts {
                each,
                base,
                step,
                extra,
                rest,
            };
            Some(Knob { literal, unit })
        });
        Known {
            budget,
            turns,
            from,
            knob,
            is_deadline: false,
        }
    }

    /// How long a turn takes, where that is known and is something.
    pub fn each(&self) -> Option<Seconds> {
        let time = self.time;
        let each = time.sleep + time.tries;
        (!time.unclear && time.opaque.is_empty() && each > Seconds::ZERO).then_some(each)
    }
}

/// A test's two sides, and what changes in them.
struct Sides<'a> {
    left: &'a Linear,
    right: &'a Linear,
    symbol: &'a Symbol,
    count: i64,
    entry: &'a Linear,
    update: &'a Linear,
}

impl Sides<'_> {
    /// The way from the beginning to the limit; nothing where the loop does not go that way.
    fn way(&self, difference: &Linear, relation: Relation) -> Option<Way> {
        let start = difference.replace(self.symbol, self.entry)?.known()?;
        let step = Linear::default().plus(self.update, self.count)?;
        let rises = match step.terms.as_slice() {
            [] => step.constant > 0,
            [(_, count)] => *count > 0 && step.constant == 0,
            _ => return None,
        };
        let (beyond, exact) = match (relation, rises) {
            (Relation::GreaterEqual, true) | (Relation::LessEqual, false) => (false, false),
            (Relation::Greater, true) | (Relation::Less, false) => (true, false),
            (Relation::Equal, _) => (false, true),
            _ => return None,
        };
        let distance = if rises { start.checked_neg()? } else { start };
        if distance < 0 || distance == 0 && !beyond {
            return None;
        }
        let step = if rises {
            step
        } else {
            Linear::default().plus(&step, -1)?
        };
        let (literal, from) = self.literals();
        Some(Way {
            distance,
            step,
            beyond,
            exact,
            literal,
            from,
            is_deadline: matches!(self.symbol, Symbol::Clock(_)),
            is_ahead: false,
            passed: Time::default(),
        })
    }

    /// The literal that moves the limit, and all that the distance rests on.
    fn literals(&self) -> (Option<Literal>, Vec<Literal>) {
        let left_counts = self.left.count(self.symbol) != 0;
        let (counted, other) = if left_counts {
            (self.left, self.right)
        } else {
            (self.right, self.left)
        };
        let own = counted.count(self.symbol);
        // Which of the numbers to raise so that the way grows.
        let (main, rest) = match own {
            _ if own > 0 && self.moves_up() => (other, [self.entry, counted]),
            1 => (self.entry, [other, counted]),
            -1 => (counted, [self.entry, other]),
            _ => (other, [self.entry, counted]),
        };
        let mut from = main.from.clone();
        for number in rest {
            if number.constant != 0 {
                add_literals(&mut from, &number.from);
            }
        }
        let single = match main.from.as_slice() {
            [literal] if literal.verbatim && literal.text.parse() == Ok(main.constant) => {
                Some(literal.clone())
            }
            _ => None,
        };
        (single, from)
    }

    /// Whether each turn adds to the counter.
    fn moves_up(&self) -> bool {
        match self.update.terms.as_slice() {
            [] => self.update.constant > 0,
            [(_, count), ..] => *count > 0,
        }
    }
}

/// The limit of a loop that adds what it sleeps to its counter.
fn by_sleeps(way: Way, sleep: Seconds, step: i64, turns: i64) -> Known {
    let is_whole = way.passed.sleep == sleep;
    let rest = if is_whole {
        Seconds::ZERO
    } else {
        way.passed.sleep
    };
    let last = way.last_turn(is_whole);
    let turns = turns.saturating_add(last);
    let whole = u64::try_from(turns).ok();
    let (exact, beyond) = (way.exact, way.beyond);
    let mut known = by_time(way, Seconds::new(1));
    known.turns = turns;
    known.budget = whole.map(|turns| sleep.times(turns) + rest);
    if let Some(knob) = &mut known.knob
        && let KnobUnit::Time { base, .. } = knob.unit
    {
        knob.unit = if exact || beyond {
            KnobUnit::Attempts {
                each: sleep,
                base,
                step,
                extra: i64::from(beyond) + last,
                rest,
            }
        } else {
            // What the last turn does not sleep has to be counted on top.
            KnobUnit::Time {
                unit: Seconds::new(1),
                base: base.saturating_sub(step.saturating_mul(last)),
            }
        };
    }
    known
}

/// A limit in seconds.
fn by_time(way: Way, unit: Seconds) -> Known {
    let base = |literal: &Literal| literal.text.parse::<i64>().ok()?.checked_sub(way.distance);
    let base = way.literal.as_ref().and_then(base);
    let unit = base.map(|base| KnobUnit::Time { unit, base });
    Known {
        budget: Some(Seconds::new(way.distance)),
        turns: i64::MAX,
        knob: way
            .literal
            .zip(unit)
            .map(|(literal, unit)| Knob { literal, unit }),
        from: way.from,
        is_deadline: way.is_deadline,
    }
}
