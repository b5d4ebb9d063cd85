//! How a command ends, and what time has passed by then.

use super::value::{Linear, Literal, add_literals};
use crate::duration::Seconds;

/// The time since a turn of the innermost loop began, as long as the loop goes on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Time {
    /// Sleeps.
    pub sleep: Seconds,
    /// The explicit limits of tries: `curl --max-time 5`.
    pub tries: Seconds,
    /// Sleeps of an unknown length, each with its count.
    pub opaque: Vec<(u32, u32)>,
    /// Whether the numbers mean nothing, since the paths differ.
    pub unclear: bool,
    /// Whether anything sleeps at all.
    pub sleeps: bool,
    /// Whether something else polls or may hang: a probe, a try with a limit.
    pub probes: bool,
    pub from: Vec<Literal>,
}

impl Time {
    /// Both, one after the other.
    #[must_use]
    pub fn then(mut self, next: &Self) -> Self {
        self.sleep = self.sleep + next.sleep;
        self.tries = self.tries + next.tries;
        for (id, count) in &next.opaque {
            let known = self.opaque.iter().position(|(known, _)| known == id);
            match known {
                Some(n) => self.opaque[n].1 = self.opaque[n].1.saturating_add(*count),
                None if self.opaque.len() < 8 => self.opaque.push((*id, *count)),
                None => self.unclear = true,
            }
        }
        self.unclear |= next.unclear;
        self.sleeps |= next.sleeps;
        self.probes |= next.probes;
        add_literals(&mut self.from, &next.from);
        self
    }

    /// Either of two paths. Where they sleep differently the time is not known, unless a counter decides which is taken:
    /// a pause that the last turn skips still counts for each.
    #[must_use]
    pub fn or(self, other: Self, by_counter: bool) -> Self {
        let same = self.sleep == other.sleep && self.opaque == other.opaque;
        let (mut longer, shorter) = if self.sleep >= other.sleep && self.opaque >= other.opaque {
            (self, other)
        } else {
            (other, self)
        };
        longer.unclear |= shorter.unclear || !(same || by_counter);
        longer.sleeps |= shorter.sleeps;
        longer.probes |= shorter.probes;
        longer.tries = longer.tries.max(shorter.tries);
        add_literals(&mut longer.from, &shorter.from);
        longer
    }
}

/// Either of two ends, where there are two.
pub(super) fn either(a: Option<Time>, b: Option<Time>, by_counter: bool) -> Option<Time> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.or(b, by_counter)),
        (a, b) => a.or(b),
    }
}

/// How a command can end.
#[derive(Clone, Debug, Default)]
pub(super) struct Flow {
    /// It ends well, at this time.
    pub ok: Option<Time>,
    /// It fails.
    pub fail: Option<Time>,
    /// It jumps.
    pub left: Left,
    /// What is known about when it ends well.
    pub tests: Tests,
}

impl Flow {
    pub fn ok(at: Time) -> Self {
        Self {
            ok: Some(at),
            ..Self::default()
        }
    }

    pub fn fail(at: Time) -> Self {
        Self {
            fail: Some(at),
            ..Self::default()
        }
    }

    /// It can end well and badly.
    pub fn any(at: Time) -> Self {
        Self {
            ok: Some(at.clone()),
            fail: Some(at),
            ..Self::default()
        }
    }

    /// Whether the commands behind it ever run.
    pub fn goes_on(&self) -> bool {
        self.ok.is_some() || self.fail.is_some()
    }

    /// The time at which what stands behind it runs.
    pub fn end(&self) -> Option<Time> {
        either(self.ok.clone(), self.fail.clone(), self.tests.counter)
    }

    #[must_use]
    pub fn negated(mut self) -> Self {
        std::mem::swap(&mut self.ok, &mut self.fail);
        std::mem::swap(&mut self.tests.ok, &mut self.tests.fail);
        self.tests.constant = self.tests.constant.map(|c| !c);
        self
    }
}

/// The jumps that a piece of script may make.
#[derive(Clone, Copy, Debug, Default)]
#[allow(clippy::struct_excessive_bools)] // Several ways out may be taken.
pub(super) struct Left {
    pub exits: bool,
    pub returns: bool,
    pub breaks: bool,
    /// `continue`: the loop goes on.
    pub continues: bool,
    /// Some way out ends well: `exit 0`.
    pub well: bool,
    /// Some way out fails: `exit 1`.
    pub badly: bool,
}

impl Left {
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            exits: self.exits || other.exits,
            returns: self.returns || other.returns,
            breaks: self.breaks || other.breaks,
            continues: self.continues || other.continues,
            well: self.well || other.well,
            badly: self.badly || other.badly,
        }
    }
}

/// Comparisons that decide how a command ends.
#[derive(Clone, Debug, Default)]
pub(super) struct Tests {
    /// It ends well whenever one of these holds.
    pub ok: Vec<Test>,
    /// It fails whenever one of these holds.
    pub fail: Vec<Test>,
    /// It is decided by a number that the loop counts.
    pub counter: bool,
    /// It always ends so.
    pub constant: Option<bool>,
}

impl Tests {
    /// What a single comparison says.
    pub fn of(test: Test) -> Self {
        Self {
            counter: test.left.terms.len() + test.right.terms.len() > 0 && !test.is_opaque(),
            fail: vec![test.negated()],
            ok: vec![test],
            constant: None,
        }
    }

    /// Both have to end well.
    #[must_use]
    pub fn both(mut self, other: Self) -> Self {
        self.ok.clear();
        self.fail.extend(other.fail);
        self.fail.truncate(8);
        self.counter &= other.counter;
        self.constant = None;
        self
    }

    /// One has to end well.
    #[must_use]
    pub fn one(mut self, other: Self) -> Self {
        self.fail.clear();
        self.ok.extend(other.ok);
        self.ok.truncate(8);
        self.counter &= other.counter;
        self.constant = None;
        self
    }

    #[must_use]
    pub fn negated(mut self) -> Self {
        std::mem::swap(&mut self.ok, &mut self.fail);
        self.constant = self.constant.map(|c| !c);
        self
    }
}

/// A comparison of two whole numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Test {
    pub left: Linear,
    pub relation: Relation,
    pub right: Linear,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Relation {
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Equal,
    NotEqual,
}

impl Test {
    pub fn negated(&self) -> Self {
        let relation = match self.relation {
            Relation::Less => Relation::GreaterEqual,
            Relation::LessEqual => Relation::Greater,
            Relation::Greater => Relation::LessEqual,
            Relation::GreaterEqual => Relation::Less,
            Relation::Equal => Relation::NotEqual,
            Relation::NotEqual => Relation::Equal,
        };
        Self {
            relation,
            ..self.clone()
        }
    }

    /// Whether it compares nothing that a loop counts.
    fn is_opaque(&self) -> bool {
        use super::value::Symbol;
        let terms = self.left.terms.iter().chain(&self.right.terms);
        !terms
            .into_iter()
            .any(|(s, _)| matches!(s, Symbol::Clock(_) | Symbol::Turn(..)))
    }
}
