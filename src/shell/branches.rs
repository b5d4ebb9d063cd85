//! Branches: both sides are walked, and what they disagree on is unknown behind them.

use super::ast::{Block, Item, Link, Pipeline};
use super::endings;
use super::flow::{Flow, Left, Test, Tests, Time, either};
use super::variables::Changes;
use super::waits::Chance;
use super::walk::{Context, DEPTH, Gate, Walker};

/// The arms of `elif` chains that are compared with each other; the rest is only looked through.
const ARMS: usize = 40;

/// The chance of a branch, by what is known of its condition.
fn chance(constant: Option<bool>, wanted: bool) -> Chance {
    match constant {
        Some(known) if known == wanted => Chance::Sure,
        Some(_) => Chance::Never,
        None => Chance::Maybe,
    }
}

impl Walker {
    pub fn chain(&mut self, item: &Item, now: Time) -> Flow {
        let through = self.context.through.take();
        let outer = self.context.clone();
        self.context = self.in_chain(&outer, item, 0);
        let mut flow = self.pipeline(&item.first, now);
        let tests_first = endings::decides(&item.first);
        for (n, (link, pipeline)) in item.rest.iter().enumerate() {
            if self.steps == 0 {
                break;
            }
            self.context = self.in_chain(&outer, item, n + 1);
            let joins = through != Some(*link);
            flow = self.link(flow, (*link, pipeline), tests_first, joins);
        }
        self.context = outer;
        flow
    }

    /// The context of the pipeline at `index` in a chain.
    fn in_chain(&self, outer: &Context, item: &Item, index: usize) -> Context {
        let mut context = outer.clone();
        let mut behind = item.rest.iter().skip(index).take(ARMS);
        if let Some((_, next)) = behind.find(|(link, _)| *link == Link::Or) {
            let fails = endings::pipeline_fails(next);
            // `|| (exit 1)` fails, and only `set -e` makes that count.
            let ends = fails && (self.stops_on_errors || !endings::is_subshell(next));
            context.fatal = ends;
            context.fails_behind |= ends;
            context.setting.tolerated |= !fails;
        }
        context
    }

    /// Walks what `link` joins to what came before.
    fn link(
        &mut self,
        before: Flow,
        (link, pipeline): (Link, &Pipeline),
        decides: bool,
        joins: bool,
    ) -> Flow {
        let mut before = match link {
            Link::And => before,
            Link::Or => before.negated(),
        };
        if before.tests.constant == Some(false) && before.fail.is_some() {
            before.ok = None;
        }
        // From here on it reads as `&&`: the right side runs where the left one is `ok`.
        let Some(now) = before.ok.clone() else {
            let item_start = self.variables.mark();
            let gates = self.gates();
            self.perhaps(Chance::Never, |walker| {
                walker.pipeline(pipeline, Time::default())
            });
            self.variables.take_back(item_start);
            self.drop_gates(gates);
            return match link {
                Link::And => before,
                Link::Or => before.negated(),
            };
        };
        let at = now.clone();
        let mark = self.variables.mark();
        let gates = self.gates();
        let is_sure = before.tests.constant == Some(true) || before.fail.is_none();
        let chance = match link {
            _ if is_sure => Chance::Sure,
            // What stands before `&&` has to end well for the script to go on as it is meant to.
            Link::And if !decides => Chance::Sure,
            Link::And | Link::Or => Chance::Maybe,
        };
        let right = self.perhaps(chance, |walker| walker.pipeline(pipeline, now));
        let stays = right.goes_on() || right.left.continues;
        if before.tests.constant == Some(true) && stays {
            // (A script that stops since a variable is unset goes on all the same: it is set where it really runs.)
            before.fail = None;
        }
        let sure = before.fail.is_none();
        if !sure {
            self.drop_gates(gates);
        }
        if !stays {
            self.gate(&before.tests.ok, right.left, &at);
        }
        if !sure && joins {
            self.join_chain(mark, stays, link == Link::Or || decides, right.left.returns);
        }
        let right = match link {
            Link::And => right,
            Link::Or => right.negated(),
        };
        let counter = before.tests.counter;
        let skipped = before.fail;
        let left = before.left.and(right.left);
        let by_counter = counter && (right.fail.is_none() || right.tests.counter);
        let mut tests = if sure {
            right.tests
        } else {
            before.tests.both(right.tests)
        };
        tests.counter |= by_counter;
        let flow = Flow {
            ok: right.ok,
            fail: either(skipped, right.fail, counter),
            left,
            tests,
        };
        match link {
            Link::And => flow,
            Link::Or => flow.negated(),
        }
    }

    /// Joins the variables of a right side that may not have run with those before it.
    fn join_chain(&mut self, mark: usize, stays: bool, decides: bool, returns: bool) {
        let in_loop = !self.loops.is_empty();
        if !stays {
            let changes = self.variables.take_back(mark);
            self.left_behind(&changes, returns);
        } else if decides || in_loop {
            // Where only a failure skips it, as behind `cd app &&`, nobody cares how the script goes on without it.
            let changes = self.variables.take_back(mark);
            let names: Vec<_> = changes.keys().cloned().collect();
            for name in names {
                self.variables.forget(&name);
            }
        }
    }

    /// Remembers what a path changed before it returned from its function.
    fn left_behind(&mut self, changes: &Changes, returns: bool) {
        if returns && let Some(call) = self.calls.last_mut() {
            call.changed.extend(changes.keys().cloned());
        }
    }

    pub fn arms(
        &mut self,
        arms: &[(Block, Block)],
        otherwise: Option<&Block>,
        now: Time,
        n: usize,
    ) -> Flow {
        let Some(((condition, body), rest)) = arms.split_first() else {
            return match otherwise {
                Some(body) => self.block(body, now),
                None => Flow::ok(now),
            };
        };
        let test = self.condition(condition, body, otherwise.filter(|_| rest.is_empty()), now);
        let constant = test.tests.constant;
        let gates = self.gates();
        let mark = self.variables.mark();
        let dead = Time::default;
        let start = test.ok.clone().unwrap_or_else(dead);
        let taken = start.clone();
        let then = self.perhaps(chance(constant, true), |walker| walker.block(body, start));
        let then_gates = self.split_gates(gates);
        let changes = self.variables.take_back(mark);
        let start = test.fail.clone().unwrap_or_else(dead);
        let skipped = start.clone();
        self.depth += 1;
        let is_shallow = n < ARMS && self.depth < DEPTH;
        let other = self.perhaps(chance(constant, false), |walker| {
            if is_shallow {
                walker.arms(rest, otherwise, start, n + 1)
            } else {
                walker.crowd(rest, otherwise, start)
            }
        });
        self.depth -= 1;
        let other_gates = self.split_gates(gates);
        let stays = |flow: &Flow| flow.goes_on() || flow.left.continues;
        match (stays(&then), stays(&other)) {
            (true, false) => {
                self.add_gates(then_gates);
                self.gate(&test.tests.fail, other.left, &skipped);
            }
            (false, true) => {
                self.add_gates(other_gates);
                self.gate(&test.tests.ok, then.left, &taken);
            }
            _ => {}
        }
        self.join(changes, &then, &other, mark, constant);
        let counter = test.tests.counter;
        Flow {
            left: test.left.and(then.left).and(other.left),
            ok: either(then.ok, other.ok, counter),
            fail: either(then.fail, other.fail, counter),
            tests: Tests::default(),
        }
    }

    /// The condition of an `if`, with what happens where it fails.
    fn condition(
        &mut self,
        condition: &Block,
        body: &Block,
        otherwise: Option<&Block>,
        now: Time,
    ) -> Flow {
        let outer = self.context.clone();
        let negated = condition
            .items
            .last()
            .is_some_and(|item| item.first.negated);
        let failing = if negated { Some(body) } else { otherwise };
        self.context.setting.in_condition = true;
        self.context.quiet_behind = false;
        self.context.fatal = failing.is_some_and(endings::block_fails);
        let flow = self.block(condition, now);
        self.context = outer;
        flow
    }

    /// More arms than anybody writes: their events, and nothing that they say.
    fn crowd(&mut self, arms: &[(Block, Block)], otherwise: Option<&Block>, now: Time) -> Flow {
        let blocks = arms.iter().flat_map(|(condition, body)| [condition, body]);
        for block in blocks.chain(otherwise) {
            self.isolated(now.clone(), |walker, now| walker.block(block, now));
        }
        let mut flow = Flow::any(now);
        if let Some(end) = &mut flow.ok {
            end.unclear = true;
        }
        flow
    }

    /// Joins what two branches did to the variables; the changes of the first have been taken back.
    fn join(
        &mut self,
        changes: Changes,
        first: &Flow,
        second: &Flow,
        mark: usize,
        constant: Option<bool>,
    ) {
        let takes_first = match constant {
            Some(true) if first.goes_on() => true,
            Some(false) if second.goes_on() => false,
            _ if first.goes_on() && second.goes_on() => {
                self.variables.merge(&changes, mark);
                return;
            }
            _ => first.goes_on(),
        };
        if takes_first {
            let dropped = self.variables.take_back(mark);
            self.left_behind(&dropped, second.left.returns);
            self.variables.apply(changes);
        } else {
            self.left_behind(&changes, first.left.returns);
        }
    }

    pub fn case(&mut self, arms: &[(bool, Block)], now: &Time) -> Flow {
        let exhaustive = arms.iter().any(|(all, _)| *all);
        let mut result = if exhaustive {
            Flow::default()
        } else {
            Flow::ok(now.clone())
        };
        let gates = self.gates();
        let mut touched = Vec::new();
        for (_, body) in arms {
            let mark = self.variables.mark();
            let flow = self.perhaps(Chance::Maybe, |walker| walker.block(body, now.clone()));
            let changes = self.variables.take_back(mark);
            if flow.goes_on() {
                touched.extend(changes.into_keys());
            } else {
                self.left_behind(&changes, flow.left.returns);
            }
            result.left = result.left.and(flow.left);
            result.ok = either(result.ok, flow.ok, false);
            result.fail = either(result.fail, flow.fail, false);
        }
        self.drop_gates(gates);
        for name in touched {
            self.variables.forget(&name);
        }
        result
    }

    /// The number of gates of the innermost loop so far.
    pub fn gates(&self) -> usize {
        self.loops.last().map_or(0, |frame| frame.gates.len())
    }

    fn split_gates(&mut self, from: usize) -> Vec<Gate> {
        let frame = self.loops.last_mut();
        frame.map_or_else(Vec::new, |frame| {
            frame.gates.split_off(from.min(frame.gates.len()))
        })
    }

    pub fn drop_gates(&mut self, from: usize) {
        self.split_gates(from);
    }

    fn add_gates(&mut self, gates: Vec<Gate>) {
        if let Some(frame) = self.loops.last_mut() {
            frame.gates.extend(gates);
        }
    }

    /// Remembers that the innermost loop ends whenever one of `tests` holds.
    pub fn gate(&mut self, tests: &[Test], left: Left, at: &Time) {
        let calls = self.calls.len();
        let Some(frame) = self.loops.last_mut() else {
            return;
        };
        let leaves = !left.continues && (!left.returns || calls == frame.calls);
        // Behind a `continue` it is not reached in every turn.
        if leaves && frame.again.is_none() && frame.gates.len() < 32 {
            frame.gates.extend(tests.iter().map(|test| Gate {
                test: test.clone(),
                left,
                heads: false,
                at: at.clone(),
            }));
        }
    }
}
