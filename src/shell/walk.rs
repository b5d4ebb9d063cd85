//! Walks through a script as a shell would run it, with whatever is known.
//!
//! Both sides of what only the run decides are walked, one after the other, and what they disagree on is unknown behind
//! them. A loop's body is walked once, with what it changes held as symbols: so a turn's time and its counting are read off.

use super::ast::{Block, Command, Heredoc, Item, Kind, Link, Pipeline, Redirect};
use super::flow::{Flow, Left, Test, Time, either};
use super::mask::Masks;
use super::value::Value;
use super::variables::{Dialect, Environment, Held, Variables};
use super::waits::{Chance, Setting, Watches};
use super::{Event, endings};
use crate::source::Mapped;
use std::cell::OnceCell;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::rc::Rc;

/// How deep functions, substitutions and scripts in scripts are followed.
pub(super) const DEPTH: usize = 100;

/// A shell on its way through a script.
pub(super) struct Walker {
    pub script: Rc<Mapped>,
    pub masks: Rc<Masks>,
    pub environment: Rc<Environment>,
    pub dialect: Dialect,
    pub variables: Variables,
    /// The values of masked expressions and of variables that nothing sets.
    pub expressions: HashMap<String, Value>,
    pub functions: HashMap<String, Function>,
    pub events: Vec<Option<Event>>,
    pub loops: Vec<Frame>,
    pub nesting_of_loops: usize,
    pub calls: Vec<Call>,
    pub context: Context,
    pub stops_on_errors: bool,
    /// The time that the substitutions of the current command take.
    pub substituted: Time,
    /// What was looked at, in order.
    pub seen: Vec<Seen>,
    /// Where in it the current pipeline begins.
    pub pipeline_seen: usize,
    /// What the output of `$(docker compose ps -q db)` stands for, by the unknown value that it made.
    pub outputs: HashMap<u32, Watches>,
    pub depth: usize,
    pub nesting_of_scripts: usize,
    /// Something ran that only ends when something happens: `docker compose logs -f`.
    pub hangs: bool,
    /// The heredoc that a `cat` hands to the next command of its pipeline.
    pub piped: Option<Rc<OnceCell<Heredoc>>>,
    /// The unknown values of variables that nothing in sight sets: empty, as far as one can see.
    pub missing: HashSet<u32>,
    /// Whether another script has been read in, whose variables are not known.
    pub reads_others: bool,
    /// The variables that other programs see.
    pub exported: BTreeSet<String>,
    exits: Exits,
    pub steps: usize,
}

/// A function, with the script that it stands in.
#[derive(Clone)]
pub(super) struct Function {
    pub script: Rc<Mapped>,
    pub body: Rc<Command>,
    pub called: bool,
}

/// What surrounds the current command.
#[allow(clippy::struct_excessive_bools)] // They are independent of each other.
#[derive(Clone, Default)]
pub(super) struct Context {
    pub setting: Setting,
    /// Its failure fails the script, whatever `set -e` says.
    pub fatal: bool,
    /// It is a condition behind which only the ways count that take all of these links.
    pub through: Option<Link>,
    /// It is a loop behind which the script fails.
    pub fails_behind: bool,
    /// What stands behind it up to the end of the script only prints.
    pub quiet_behind: bool,
    /// Nothing stands behind it in its function or process: its status is theirs.
    pub is_last: bool,
}

/// Something that a command looks at.
#[derive(Clone)]
pub(super) enum Seen {
    Compose(Box<super::ComposeCommand>),
    Container(super::Watched),
    Endpoint(super::Endpoint),
    Filter(super::Filter),
}

/// A loop that is being walked.
pub(super) struct Frame {
    /// The tests that end it in each turn that comes to them.
    pub gates: Vec<Gate>,
    /// The variables that it counts with, as they stand at each `continue`.
    pub continues: Vec<Vec<Option<Value>>>,
    pub again: Option<Time>,
    /// The functions that were running when it began.
    pub calls: usize,
    pub names: Vec<Rc<str>>,
}

/// A test that ends a loop.
pub(super) struct Gate {
    pub test: Test,
    pub left: Left,
    /// It is the loop's own condition.
    pub heads: bool,
    /// When it is come to, since the turn began.
    pub at: Time,
}

/// A function that is running.
#[derive(Default)]
pub(super) struct Call {
    pub ok: Option<Time>,
    pub fail: Option<Time>,
    /// The variables to restore.
    pub locals: Vec<(String, Option<Held>)>,
    /// What was changed on the way to a `return`.
    pub changed: Vec<Rc<str>>,
}

/// The ends of the current process.
#[derive(Default)]
pub(super) struct Exits {
    pub ok: Option<Time>,
    pub fail: Option<Time>,
}

impl Walker {
    pub fn new(
        script: Rc<Mapped>,
        masks: Masks,
        environment: &Environment,
        dialect: Dialect,
    ) -> Self {
        let steps = 50_000 + 4 * script.text().len();
        let quiet_behind = super::quiet::tells_nobody(script.text());
        let mut walker = Self {
            script,
            masks: Rc::new(masks),
            environment: Rc::new(environment.clone()),
            dialect,
            variables: Variables::default(),
            expressions: HashMap::new(),
            functions: HashMap::new(),
            events: Vec::new(),
            loops: Vec::new(),
            nesting_of_loops: 0,
            calls: Vec::new(),
            context: Context {
                quiet_behind,
                is_last: true,
                ..Context::default()
            },
            stops_on_errors: environment.stops_on_errors,
            substituted: Time::default(),
            seen: Vec::new(),
            pipeline_seen: 0,
            outputs: HashMap::new(),
            depth: 0,
            nesting_of_scripts: 0,
            hangs: false,
            piped: None,
            missing: HashSet::new(),
            reads_others: false,
            exported: BTreeSet::new(),
            exits: Exits::default(),
            steps,
        };
        walker.start(environment);
        walker
    }

    fn start(&mut self, environment: &Environment) {
        for (name, given) in &environment.variables {
            match given {
                Some(given) => self.variables.set(name, given.value()),
                None => self.variables.forget(name),
            }
        }
        if let Some(arguments) = &environment.arguments {
            let values = arguments.iter().map(|given| match given {
                Some(given) => given.value(),
                None => self.variables.unknown(),
            });
            let values: Vec<_> = values.collect();
            self.set_arguments(values);
        }
    }

    /// Counts work; what a hostile script would repeat for ever ends here.
    pub fn charge(&mut self, work: usize) {
        self.steps = self.steps.saturating_sub(work);
    }

    pub fn block(&mut self, block: &Block, now: Time) -> Flow {
        let mut flow = Flow::ok(now);
        let mut left = Left::default();
        let (quiet_behind, is_last) = (self.context.quiet_behind, self.context.is_last);
        for (n, item) in block.items.iter().enumerate() {
            if self.steps == 0 {
                break;
            }
            let Some(start) = flow.end() else {
                self.dead(item);
                continue;
            };
            // Nobody asks for the time outside of loops.
            let start = if self.context.setting.in_loop {
                start
            } else {
                Time::default()
            };
            self.context.fails_behind =
                endings::ends_in_a_loop(item) && endings::fails_behind(&block.items[n + 1..]);
            let behind = &block.items[n + 1..];
            self.context.is_last = is_last && behind.is_empty();
            self.context.quiet_behind = quiet_behind && self.is_quiet_behind(item, behind);
            flow = self.item(item, start);
            left = left.and(flow.left);
        }
        (self.context.quiet_behind, self.context.is_last) = (quiet_behind, is_last);
        flow.left = left;
        flow
    }

    /// Walks through what is never reached, for its events alone.
    fn dead(&mut self, item: &Item) {
        let mark = self.variables.mark();
        let gates = self.gates();
        self.perhaps(Chance::Never, |walker| walker.item(item, Time::default()));
        self.variables.take_back(mark);
        self.drop_gates(gates);
    }

    /// Walks what is come to with this chance only.
    pub fn perhaps<T>(&mut self, chance: Chance, walk: impl FnOnce(&mut Self) -> T) -> T {
        let outer = self.context.setting.chance;
        self.context.setting.chance = outer.max(chance);
        let walked = walk(self);
        self.context.setting.chance = outer;
        walked
    }

    fn item(&mut self, item: &Item, now: Time) -> Flow {
        if !item.background {
            return self.chain(item, now);
        }
        let outer = self.context.clone();
        self.context.setting.background = true;
        self.isolated(now.clone(), |walker, now| walker.chain(item, now));
        self.context = outer;
        Flow::ok(now)
    }

    pub fn pipeline(&mut self, pipeline: &Pipeline, now: Time) -> Flow {
        let outer = self.context.clone();
        let outer_seen = std::mem::replace(&mut self.pipeline_seen, self.seen.len());
        let flow = if let [command] = pipeline.commands.as_slice() {
            self.command(command, now)
        } else {
            let mut flow = Flow::ok(now);
            for command in &pipeline.commands {
                let start = flow.end().unwrap_or_default();
                let piped = handed_on(command);
                flow = self.isolated(start, |walker, now| walker.command(command, now));
                flow.tests = super::flow::Tests::default();
                self.piped = piped;
            }
            flow
        };
        self.piped = None;
        self.context = outer;
        self.pipeline_seen = outer_seen;
        if pipeline.negated {
            flow.negated()
        } else {
            flow
        }
    }

    /// Walks what runs in a process of its own: what it sets is gone behind it, and its `exit` ends only itself.
    pub fn isolated(&mut self, now: Time, walk: impl FnOnce(&mut Self, Time) -> Flow) -> Flow {
        let mark = self.variables.mark();
        let loops = std::mem::take(&mut self.loops);
        let calls = std::mem::take(&mut self.calls);
        let exits = std::mem::take(&mut self.exits);
        let stops = self.stops_on_errors;
        let mut flow = walk(self, now);
        self.stops_on_errors = stops;
        let exits = std::mem::replace(&mut self.exits, exits);
        self.calls = calls;
        self.loops = loops;
        self.variables.take_back(mark);
        flow.left = Left::default();
        flow.ok = either(flow.ok, exits.ok, false);
        flow.fail = either(flow.fail, exits.fail, false);
        flow
    }

    pub fn command(&mut self, command: &Command, now: Time) -> Flow {
        self.charge(1);
        if self.depth >= DEPTH || self.steps == 0 {
            return Flow::any(now);
        }
        self.depth += 1;
        let flow = self.kind(command, now);
        self.depth -= 1;
        flow
    }

    fn kind(&mut self, command: &Command, now: Time) -> Flow {
        if !matches!(command.kind, Kind::Simple(_)) {
            self.redirects(&command.redirects);
        }
        match &command.kind {
            Kind::Simple(simple) => self.simple(simple, command, now),
            Kind::If { arms, otherwise } => self.arms(arms, otherwise.as_ref(), now, 0),
            Kind::Case { word, arms } => {
                if let Some(word) = word {
                    self.value(word);
                }
                self.case(arms, &now)
            }
            Kind::Group(body) => self.block(body, now),
            Kind::Subshell(body) => {
                let is_last = std::mem::replace(&mut self.context.is_last, true);
                let flow = self.isolated(now, |walker, now| walker.block(body, now));
                self.context.is_last = is_last;
                flow
            }
            Kind::Arith(arith) => {
                let tests = self.arith_tests(arith);
                Flow {
                    tests,
                    ..Flow::any(now)
                }
            }
            Kind::Test(words) => {
                let tests = self.test(words, true);
                Flow {
                    tests,
                    ..Flow::any(now)
                }
            }
            Kind::Function { name, body } => {
                let function = Function {
                    script: Rc::clone(&self.script),
                    body: Rc::clone(body),
                    called: false,
                };
                self.functions.insert(name.clone(), function);
                Flow::ok(now)
            }
            Kind::Loop { .. } | Kind::For { .. } | Kind::CountingFor { .. } => {
                self.repetition(command, now)
            }
        }
    }

    /// Expands what commands are redirected to, for what the expansions do.
    fn redirects(&mut self, redirects: &[Redirect]) {
        for redirect in redirects {
            if let Redirect::Other(Some(word)) | Redirect::HereString(word) = redirect {
                self.value(word);
            }
        }
    }

    /// Ends the process.
    pub fn exit(&mut self, now: Time, status: Option<bool>) -> Flow {
        match status {
            Some(true) => self.exits.ok = either(self.exits.ok.take(), Some(now), false),
            Some(false) => self.exits.fail = either(self.exits.fail.take(), Some(now), false),
            None => {
                self.exits.ok = either(self.exits.ok.take(), Some(now.clone()), false);
                self.exits.fail = either(self.exits.fail.take(), Some(now), false);
            }
        }
        Flow {
            left: Left {
                exits: true,
                well: status == Some(true),
                badly: status == Some(false),
                ..Left::default()
            },
            ..Flow::default()
        }
    }
}

/// The heredoc of a bare `cat << EOF`.
fn handed_on(command: &Command) -> Option<Rc<OnceCell<Heredoc>>> {
    let Kind::Simple(simple) = &command.kind else {
        return None;
    };
    match (simple.words.as_slice(), command.redirects.as_slice()) {
        ([word], [Redirect::Heredoc(body)]) if word.bare() == Some("cat") => Some(Rc::clone(body)),
        _ => None,
    }
}
