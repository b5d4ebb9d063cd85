//! Loops: one turn is walked, and read for what it counts, how long it takes and what ends it.

use super::Event;
use super::assigned::Assigned;
use super::ast::{Arith, Block, Command, Kind, Link, Word};
use super::endings;
use super::ends::{Ends, Shape, breaks, ends_of, is_wait};
use super::flow::{Flow, Left, Test, Time, either};
use super::limits::Turn;
use super::range::{self, Range};
use super::value::{Linear, Symbol, Value};
use super::waits::{Form, GoesOn, Wait, Watches};
use super::walk::{Frame, Walker};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// A loop before its turn is walked.
struct Start {
    first_event: usize,
    first_seen: usize,
    first_touched: usize,
    fails_behind: bool,
    entries: HashMap<String, Linear>,
}

/// What one turn came to.
struct Walked {
    frame: Frame,
    /// The time until the next turn; `None` where there never is one.
    time: Option<Time>,
    left: Left,
    /// Whether the end of the body is ever come to.
    falls_through: bool,
}

impl Walker {
    pub fn repetition(&mut self, command: &Command, now: Time) -> Flow {
        match &command.kind {
            Kind::Loop {
                until,
                condition,
                body,
            } => {
                let start = self.enter(|names| {
                    names.block(condition);
                    names.block(body);
                });
                let flow = self.condition_of(condition, *until);
                let (stays, ends, asked) = if *until {
                    (flow.fail, flow.tests.ok, flow.ok)
                } else {
                    (flow.ok, flow.tests.fail, flow.fail)
                };
                self.head_gate(&ends, &asked.unwrap_or_default());
                let walked = self.turn(body, stays, None);
                let shape = Shape::While(endings::reads_lines(condition));
                self.finish(command, &start, &walked, &shape, now)
            }
            Kind::CountingFor {
                init,
                test,
                step,
                body,
            } => {
                self.arith(init);
                let start = self.enter(|names| {
                    names.arith(test);
                    names.arith(step);
                    names.block(body);
                });
                let tests = self.arith_tests(test);
                self.head_gate(&tests.fail, &Time::default());
                let walked = self.turn(body, Some(Time::default()), Some(step));
                self.finish(command, &start, &walked, &Shape::Counting, now)
            }
            Kind::For { name, words, body } => {
                self.for_loop(command, name, words.as_deref(), body, now)
            }
            _ => Flow::any(now),
        }
    }

    fn for_loop(
        &mut self,
        command: &Command,
        name: &str,
        words: Option<&[Word]>,
        body: &Block,
        now: Time,
    ) -> Flow {
        let range = match words {
            Some(words) => range::read(self, words),
            None => Range::default(),
        };
        let mut start = self.enter(|names| names.block(body));
        if let Some((first, step)) = range.counted {
            let symbol = Symbol::Turn(self.nesting_of_loops, name.into());
            let value = Value::linear(Linear::symbol(symbol));
            self.variables.set(name, value);
            start
                .entries
                .insert(name.to_owned(), Linear::number(first, Vec::new()));
            let walked = self.turn(body, Some(Time::default()), None);
            // Its own step comes on top of what the body does, which is nothing.
            let next = Linear::symbol(Symbol::Turn(self.nesting_of_loops, name.into()));
            let next = next
                .plus(&Linear::number(step, Vec::new()), 1)
                .unwrap_or_default();
            self.variables.set(name, Value::linear(next));
            return self.finish(command, &start, &walked, &Shape::For(range), now);
        }
        self.variables.forget(name);
        let walked = self.turn(body, Some(Time::default()), None);
        self.finish(command, &start, &walked, &Shape::For(range), now)
    }

    /// Enters a loop: what its turns change becomes a symbol.
    fn enter(&mut self, collect: impl FnOnce(&mut Assigned<'_>)) -> Start {
        let mut names = Assigned::new(&self.functions);
        collect(&mut names);
        let (names, work) = (names.names, names.work);
        self.charge(work / 4);
        let start_touched = self.variables.touched.len();
        self.nesting_of_loops += 1;
        let mut entries = HashMap::new();
        for name in &names {
            let Some(value) = self.named(name) else {
                // It is unset in the first turn only.
                self.variables.forget(name);
                continue;
            };
            match value.number() {
                Some(number) => {
                    entries.insert((**name).to_owned(), number);
                    let symbol = Symbol::Turn(self.nesting_of_loops, Rc::clone(name));
                    let value = Value::linear(Linear::symbol(symbol));
                    self.variables.set(name, value);
                }
                None => self.variables.forget(name),
            }
        }
        self.loops.push(Frame {
            gates: Vec::new(),
            continues: Vec::new(),
            again: None,
            calls: self.calls.len(),
            names,
        });
        let start = Start {
            first_event: self.events.len(),
            first_seen: self.seen.len(),
            first_touched: start_touched,
            fails_behind: self.context.fails_behind,
            entries,
        };
        self.events.push(None);
        start
    }

    fn condition_of(&mut self, condition: &Block, until: bool) -> Flow {
        let outer = self.context.clone();
        self.context.setting.in_loop = true;
        self.context.quiet_behind = false;
        self.context.setting.in_condition = true;
        self.context.fatal = false;
        // The loop goes on only where every part of `a && b`, or of `a || b` behind `until`, has been asked.
        let through = if until { Link::Or } else { Link::And };
        self.context.through = (condition.items.len() == 1).then_some(through);
        let flow = self.block(condition, Time::default());
        self.context = outer;
        flow
    }

    /// Remembers what the condition itself says.
    fn head_gate(&mut self, ends: &[Test], at: &Time) {
        self.gate(ends, breaks(), at);
        for gate in self.loops.last_mut().into_iter().flat_map(|f| &mut f.gates) {
            gate.heads = true;
        }
    }

    /// Walks the body once.
    fn turn(&mut self, body: &Block, start: Option<Time>, step: Option<&Arith>) -> Walked {
        let outer = self.context.clone();
        self.context.setting.in_loop = true;
        self.context.quiet_behind = false;
        self.context.fatal = false;
        let goes = start.is_some();
        let flow = self.block(body, start.unwrap_or_default());
        self.context = outer;
        let frame = self.loops.pop().unwrap_or(Frame {
            gates: Vec::new(),
            continues: Vec::new(),
            again: None,
            calls: 0,
            names: Vec::new(),
        });
        if let Some(step) = step {
            self.arith(step);
        }
        Walked {
            time: either(flow.end(), frame.again.clone(), false).filter(|_| goes),
            left: flow.left,
            falls_through: flow.end().is_some(),
            frame,
        }
    }

    /// Leaves a loop: reports what it is, and forgets what it changed.
    fn finish(
        &mut self,
        command: &Command,
        start: &Start,
        walked: &Walked,
        shape: &Shape,
        now: Time,
    ) -> Flow {
        let updates = self.updates(&start.entries, walked, matches!(shape, Shape::Counting));
        let level = self.nesting_of_loops;
        self.nesting_of_loops -= 1;
        let touched: HashSet<_> = self.variables.touched[start.first_touched..]
            .iter()
            .cloned()
            .collect();
        let mut touched: Vec<_> = touched.into_iter().collect();
        touched.sort();
        self.charge(touched.len() / 4);
        for name in touched {
            self.variables.forget(&name);
        }
        let left = Left {
            continues: false,
            breaks: false,
            ..walked.left
        };
        let mut flow = Flow {
            left,
            ..Flow::any(now.clone())
        };
        let Some(time) = &walked.time else {
            return flow;
        };
        let turn = Turn {
            level,
            time,
            entries: &start.entries,
            updates: &updates,
        };
        let ends = ends_of(&turn, &walked.frame.gates, shape);
        let jumps = walked.left.breaks || walked.left.exits || walked.left.returns;
        if !is_wait(time, shape, jumps) {
            return flow;
        }
        let wait = self.loop_wait(command, start, ends, walked.left.badly);
        let total = Time {
            tries: wait.budget.unwrap_or_default(),
            unclear: wait.budget.is_none(),
            probes: true,
            from: wait.from.clone(),
            ..Time::default()
        };
        self.drop_inner_waits(start.first_event, wait.budget.is_some());
        if !wait.setting.background || wait.watches != Watches::default() {
            self.events[start.first_event] = Some(Event::Wait(wait));
        }
        let end = now.then(&total);
        flow.ok = Some(end.clone());
        flow.fail = Some(end);
        flow
    }

    /// What a turn adds to each variable, where every way through it adds the same.
    fn updates(
        &self,
        entries: &HashMap<String, Linear>,
        walked: &Walked,
        ignores_continues: bool,
    ) -> HashMap<String, Linear> {
        let frame = &walked.frame;
        let mut updates = HashMap::new();
        for name in entries.keys() {
            let symbol = Linear::symbol(Symbol::Turn(self.nesting_of_loops, name.as_str().into()));
            let update = |value: Option<&Value>| value?.number()?.plus(&symbol, -1);
            let index = frame.names.iter().position(|n| **n == **name);
            let continued = || index.and_then(|n| frame.continues.first()?.get(n)?.as_ref());
            // Where every turn that is not the last one ends in a `continue`, that is what counts.
            let value = match continued() {
                Some(value) if !walked.falls_through && !ignores_continues => Some(value),
                _ => self.variables.value(name),
            };
            let Some(by) = update(value) else {
                continue;
            };
            let fixed = by.terms.iter().all(|(s, _)| matches!(s, Symbol::Opaque(_)));
            let same = frame.continues.iter().all(|values| {
                // Where the loop itself does the step, a `continue` does not skip it.
                let value = index.and_then(|n| values.get(n)?.as_ref());
                ignores_continues
                    || index.is_none()
                    || update(value)
                        .is_some_and(|u| u.terms == by.terms && u.constant == by.constant)
            });
            if fixed && same {
                updates.insert(name.clone(), by);
            }
        }
        updates
    }

    fn loop_wait(&self, command: &Command, start: &Start, ends: Ends, exits_badly: bool) -> Wait {
        let known = ends.known.filter(|_| !ends.unknown);
        let left = ends.left;
        let fails = match known {
            Some(_) if left.badly => !left.well && !left.breaks,
            Some(_) if left.breaks => start.fails_behind,
            _ => false,
        };
        let goes_on = known
            .as_ref()
            .and_then(|_| self.loss(command, start, left, fails, ends.unreached && exits_badly));
        let (budget, from, knob) = match known {
            Some(known) if known.budget.is_some() => (known.budget, known.from, known.knob),
            _ => (None, Vec::new(), None),
        };
        Wait {
            form: ends.form,
            span: self.script.span(command.at.clone()),
            budget,
            from,
            knob,
            can_fail: fails && !self.context.setting.tolerated,
            goes_on,
            watches: self.watches(start.first_seen),
            setting: self.context.setting.clone(),
        }
    }

    /// Why the loop's running out surely fails nothing; `left` is what it does then.
    fn loss(
        &self,
        command: &Command,
        start: &Start,
        left: Left,
        fails: bool,
        unreached: bool,
    ) -> Option<GoesOn> {
        let context = &self.context;
        let setting = &context.setting;
        if !context.quiet_behind || setting.background || setting.in_condition {
            return None;
        }
        if fails || start.fails_behind || left.badly {
            let is_caught = fails && setting.tolerated;
            return is_caught.then_some(GoesOn::Caught);
        }
        let status_is_zero = !context.is_last || super::quiet::ends_well(command);
        let goes_on = left.well && !left.breaks || left.breaks && status_is_zero;
        goes_on.then_some(if unreached {
            GoesOn::Unreached
        } else {
            GoesOn::RunsOut
        })
    }

    /// Drops the waits in a loop that are a part of it.
    fn drop_inner_waits(&mut self, first: usize, all: bool) {
        for slot in &mut self.events[first..] {
            let inner =
                matches!(slot, Some(Event::Wait(wait)) if all || matches!(wait.form, Form::Sleep));
            if inner {
                *slot = None;
            }
        }
    }
}
