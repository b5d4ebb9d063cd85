//! Simple commands: what each does to the shell, to the time, and to the list of events.

use super::ast::{Assigned, Assignment, Command, Heredoc, Redirect, Simple, Word};
use super::expand::Field;
use super::flow::{Flow, Left, Time, either};
use super::value::Value;
use super::variables::Held;
use super::walk::{Call, DEPTH, Function, Walker};
use std::ops::Range;
use std::rc::Rc;

/// The variable that holds the current folder.
pub(super) const CWD: &str = "/cwd";

/// Functions calling functions.
const CALLS: usize = 12;

/// What a command reads from its standard input, where the script says.
#[derive(Clone, Copy)]
pub(super) enum Input<'a> {
    None,
    Heredoc(&'a Heredoc),
    String(&'a Word),
}

impl Walker {
    pub fn simple(&mut self, simple: &Simple, command: &Command, now: Time) -> Flow {
        let outer = std::mem::take(&mut self.substituted);
        let flow = self.simple_inner(simple, command, now);
        self.substituted = outer;
        flow
    }

    fn simple_inner(&mut self, simple: &Simple, command: &Command, now: Time) -> Flow {
        let args: Vec<Field> = simple.words.iter().flat_map(|w| self.fields(w)).collect();
        let piped = self.piped.take();
        let input = match self.input(&command.redirects) {
            Input::None => piped
                .as_ref()
                .and_then(|body| body.get())
                .map_or(Input::None, Input::Heredoc),
            input => input,
        };
        let Some(name) = args.first() else {
            for assignment in &simple.assignments {
                self.assignment(assignment);
            }
            let now = now.then(&std::mem::take(&mut self.substituted));
            let from_command = simple.assignments.last().is_some_and(ends_in_a_command);
            return if from_command || simple.assignments.is_empty() {
                Flow::any(now)
            } else {
                Flow::ok(now)
            };
        };
        let name = name.text().unwrap_or_default();
        if is_declaring(&name) {
            if name == "local" || name == "declare" || name == "typeset" {
                self.localize(simple);
            }
            for assignment in &simple.assignments {
                self.assignment(assignment);
            }
            if name == "export" {
                let names = simple.words[1..].iter().filter_map(Word::plain);
                self.exported.extend(names);
                let names = simple.assignments.iter().map(|a| a.name.clone());
                self.exported.extend(names);
            }
            let now = now.then(&std::mem::take(&mut self.substituted));
            return Flow::ok(now);
        }
        let saved: Vec<_> = simple
            .assignments
            .iter()
            .map(|a| (a.name.clone(), self.variables.get(&a.name).cloned()))
            .collect();
        for assignment in &simple.assignments {
            self.assignment(assignment);
        }
        let now = now.then(&std::mem::take(&mut self.substituted));
        let names = saved.iter().map(|(name, _)| name.clone());
        let lent: Vec<String> = names
            .filter(|name| self.exported.insert(name.clone()))
            .collect();
        let flow = self.execute(&args, input, now);
        for name in &lent {
            self.exported.remove(name);
        }
        self.restore(saved);
        flow
    }

    /// What is redirected into a command; everything else is expanded for its effects.
    fn input<'a>(&mut self, redirects: &'a [Redirect]) -> Input<'a> {
        let mut input = Input::None;
        for redirect in redirects {
            match redirect {
                Redirect::Heredoc(cell) => {
                    if let Some(body) = cell.get() {
                        input = Input::Heredoc(body);
                    }
                }
                Redirect::HereString(word) => input = Input::String(word),
                Redirect::Other(Some(word)) => {
                    self.value(word);
                }
                Redirect::Other(None) => {}
            }
        }
        input
    }

    fn assignment(&mut self, assignment: &Assignment) {
        let name = &assignment.name;
        match &assignment.value {
            Assigned::Word(word) => {
                let mut value = self.value(word);
                if assignment.append {
                    let mut old = match self.variables.get(name) {
                        Some(Held::Value(old)) => old.clone(),
                        Some(Held::List(_)) => return self.variables.forget(name),
                        None => Value::default(),
                    };
                    old.segments.append(&mut value.segments);
                    value = old;
                }
                self.assign(name, value);
            }
            Assigned::Array(words) => {
                let mut list: Vec<Value> = match self.variables.get(name) {
                    Some(Held::List(old)) if assignment.append => old.to_vec(),
                    _ => Vec::new(),
                };
                for word in words {
                    list.extend(self.fields(word).into_iter().map(|f| f.value));
                }
                self.variables.set_list(name, list);
            }
            Assigned::Other => self.variables.forget(name),
        }
    }

    /// Remembers what `local` variables hold outside of the function.
    fn localize(&mut self, simple: &Simple) {
        let plain = simple.words.iter().skip(1).filter_map(Word::plain);
        let names = simple.assignments.iter().map(|a| a.name.clone());
        for name in names.chain(plain).collect::<Vec<_>>() {
            let held = self.variables.get(&name).cloned();
            if let Some(call) = self.calls.last_mut() {
                call.locals.push((name, held));
            }
        }
    }

    pub fn restore(&mut self, saved: Vec<(String, Option<Held>)>) {
        for (name, held) in saved.into_iter().rev() {
            self.variables.put(&name, held);
        }
    }

    /// Runs a command that has been expanded.
    pub fn execute(&mut self, args: &[Field], input: Input<'_>, now: Time) -> Flow {
        let Some(first) = args.first() else {
            return Flow::any(now);
        };
        let Some(path) = first.text().filter(|_| self.depth < DEPTH) else {
            self.unknown_input(input);
            return Flow::any(now);
        };
        self.depth += 1;
        let flow = self.dispatch(&path, args, input, now);
        self.depth -= 1;
        flow
    }

    fn dispatch(&mut self, path: &str, args: &[Field], input: Input<'_>, now: Time) -> Flow {
        if let Some(function) = self.functions.get(path).cloned() {
            let values = args[1..].iter().map(|f| f.value.clone()).collect();
            return self.call(path, &function, values, now);
        }
        let name = path.rsplit('/').next().unwrap_or_default();
        if let Some(flow) = self.builtin(name, args, &now) {
            return flow;
        }
        if let Some(flow) = self.wrapper(name, args, input, &now) {
            return flow;
        }
        if let Some(flow) = self.shell(name, args, input, &now) {
            return flow;
        }
        self.unknown_input(input);
        self.probe(name, args, now)
    }

    /// Expands an input that no shell reads, for its effects.
    fn unknown_input(&mut self, input: Input<'_>) {
        if let Input::Heredoc(Heredoc::Expanded(word)) | Input::String(word) = input {
            let value = self.value(word);
            self.printed(&value);
        }
    }

    /// Sets `$1` and on.
    pub fn set_arguments(&mut self, values: Vec<Value>) {
        for n in 1..=9 {
            let held = values.get(n - 1).cloned().map(Held::Value);
            self.variables.put(&n.to_string(), held);
        }
        let count = Value::text(&values.len().to_string(), Vec::new());
        self.variables.put("#", Some(Held::Value(count)));
        self.variables.set_list("@", values.clone());
        self.variables.set_list("*", values);
    }

    /// Calls a function.
    pub fn call(&mut self, name: &str, function: &Function, args: Vec<Value>, now: Time) -> Flow {
        if self.calls.len() >= CALLS {
            return Flow::any(now);
        }
        if let Some(function) = self.functions.get_mut(name) {
            function.called = true;
        }
        let names = (1..=9).map(|n: u8| n.to_string());
        let names = names.chain(["#", "@", "*"].map(str::to_owned));
        let saved = names
            .map(|n| (n.clone(), self.variables.get(&n).cloned()))
            .collect();
        self.calls.push(Call {
            locals: saved,
            ..Call::default()
        });
        self.set_arguments(args);
        let script = std::mem::replace(&mut self.script, Rc::clone(&function.script));
        let is_last = std::mem::replace(&mut self.context.is_last, true);
        let mut flow = self.command(&function.body, now);
        self.context.is_last = is_last;
        self.script = script;
        let call = self.calls.pop().unwrap_or_default();
        for name in &call.changed {
            self.variables.forget(name);
        }
        self.restore(call.locals);
        if flow.left.returns {
            flow.tests = super::flow::Tests::default();
            flow.left = Left {
                returns: false,
                well: false,
                badly: false,
                ..flow.left
            };
        }
        flow.ok = either(flow.ok, call.ok, false);
        flow.fail = either(flow.fail, call.fail, false);
        flow
    }

    /// The place of a command from its first to its last argument.
    pub fn place(args: &[Field]) -> Range<usize> {
        let start = args.first().map_or(0, |f| f.at.start);
        let end = args.iter().map(|f| f.at.end).max().unwrap_or(start);
        start..end.max(start)
    }
}

fn is_declaring(name: &str) -> bool {
    matches!(
        name,
        "export" | "local" | "readonly" | "declare" | "typeset"
    )
}

fn ends_in_a_command(assignment: &Assignment) -> bool {
    let Assigned::Word(word) = &assignment.value else {
        return false;
    };
    word.pieces
        .iter()
        .any(|piece| matches!(piece, super::ast::Piece::Command { .. }))
}
