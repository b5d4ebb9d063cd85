//! Scripts in scripts: `bash -c '…'`, `ssh host << EOF`, substitutions, and the script files that are called.

use super::ast::{Block, Heredoc, Piece, Word};
use super::commands::{CWD, Input};
use super::expand::Field;
use super::flow::{Flow, Time};
use super::value::{Content, Value};
use super::variables::{Dialect, Environment, Given};
use super::waits::Chance;
use super::walk::Walker;
use super::{Event, ScriptCall, script};
use crate::source::{Mapped, MappedBuilder};
use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

/// Scripts in scripts in scripts.
const NESTING: usize = 8;

/// The options of `ssh` that take a value.
const SSH_VALUES: &str = "BbcDEeFIiJLlmOopQRSWw";

/// What the name of a value begins with that is held like an expression: nothing that stands between braces does.
const HELD: char = '\u{2}';

/// How a script in a script is run.
struct Child {
    remote: bool,
    dialect: Dialect,
    arguments: Option<Vec<Value>>,
    stops_on_errors: bool,
}

impl Walker {
    /// Runs what hands a script to a shell; nothing where `name` does not.
    pub fn shell(
        &mut self,
        name: &str,
        args: &[Field],
        input: Input<'_>,
        now: &Time,
    ) -> Option<Flow> {
        if let Some(dialect) = Dialect::of(name) {
            return Some(self.interpreter(dialect, args, input, now));
        }
        let path = args[0].text().unwrap_or_default();
        match name {
            "ssh" => Some(self.ssh(args, input, now)),
            "eval" => Some(self.eval(args, now)),
            "source" | "." => {
                self.reads_others = true;
                self.script_call(args, 1, false);
                Some(Flow::any(now.clone()))
            }
            "make" | "just" => {
                self.script_call(args, 0, false);
                Some(Flow::any(now.clone()))
            }
            "npm" | "yarn" | "pnpm" | "bun" if runs_a_script(args) => {
                self.script_call(args, 0, false);
                Some(Flow::any(now.clone()))
            }
            _ if is_script(&path) => {
                if super::tools::is_tool(name) {
                    return None;
                }
                self.script_call(args, 0, true);
                Some(Flow::any(now.clone()))
            }
            _ => None,
        }
    }

    /// `bash -c '…'`, `bash << EOF`, `bash script.sh`.
    fn interpreter(
        &mut self,
        dialect: Dialect,
        args: &[Field],
        input: Input<'_>,
        now: &Time,
    ) -> Flow {
        let mut child = Child {
            remote: false,
            dialect,
            arguments: None,
            stops_on_errors: false,
        };
        let mut at = 1;
        let mut is_text = false;
        while let Some(shown) = args.get(at).map(|f| f.value.shown()) {
            let Some(flags) = shown.strip_prefix('-').filter(|f| !f.is_empty()) else {
                break;
            };
            at += 1;
            if flags.starts_with('-') {
                continue;
            }
            child.stops_on_errors |= flags.contains('e');
            is_text |= flags.contains('c');
            at += usize::from(flags.ends_with('o') || flags.ends_with('O'));
            if flags.contains('s') {
                child.arguments = Some(values(args, at));
                at = args.len();
            }
        }
        if is_text {
            let Some(field) = args.get(at) else {
                return Flow::any(now.clone());
            };
            child.arguments = Some(values(args, at + 2));
            let text = self.derived(std::slice::from_ref(field));
            return self.child(text, child, now);
        }
        if at < args.len() {
            self.script_call(args, at, true);
            return Flow::any(now.clone());
        }
        self.child_from(input, child, now)
    }

    /// `ssh host "…"` and `ssh host << EOF`.
    fn ssh(&mut self, args: &[Field], input: Input<'_>, now: &Time) -> Flow {
        let mut at = 1;
        while let Some(shown) = args.get(at).map(|f| f.value.shown()) {
            if !shown.starts_with('-') {
                break;
            }
            let takes = shown.len() == 2 && SSH_VALUES.contains(&shown[1..]);
            at += 1 + usize::from(takes);
        }
        let command = args.get(at + 1..).unwrap_or_default();
        let child = Child {
            remote: true,
            dialect: Dialect::Bash,
            arguments: None,
            stops_on_errors: false,
        };
        let shown: Vec<_> = command.iter().map(|f| f.value.shown()).collect();
        let words: Vec<_> = shown
            .iter()
            .flat_map(|text| text.split_whitespace())
            .collect();
        let has_input = !matches!(input, Input::None);
        if words.is_empty() || has_input && reads_a_script(words[0]) {
            let stops = words.iter().any(|word| {
                let flags = word.strip_prefix('-').unwrap_or_default();
                !flags.starts_with('-') && flags.contains('e')
            });
            let child = Child {
                stops_on_errors: stops,
                ..child
            };
            return self.child_from(input, child, now);
        }
        if let Input::Heredoc(Heredoc::Expanded(word)) | Input::String(word) = input {
            self.value(word);
        }
        let text = self.derived(command);
        self.child(text, child, now)
    }

    fn eval(&mut self, args: &[Field], now: &Time) -> Flow {
        let text = self.derived(&args[1..]);
        self.charge(text.text().len() / 4);
        if self.depth > NESTING * 4 {
            return Flow::any(now.clone());
        }
        let block = script::parse(text.text());
        let outer = std::mem::replace(&mut self.script, Rc::new(text));
        self.depth += 4;
        let flow = self.block(&block, now.clone());
        self.depth -= 4;
        self.script = outer;
        flow
    }

    fn child_from(&mut self, input: Input<'_>, child: Child, now: &Time) -> Flow {
        let text = match input {
            Input::None => return Flow::any(now.clone()),
            Input::Heredoc(Heredoc::Raw(range)) => self.script.slice(range.clone()),
            Input::Heredoc(Heredoc::Expanded(word)) | Input::String(word) => {
                let value = self.value(word);
                let field = Field {
                    value,
                    at: word.at.clone(),
                };
                self.derived(&[field])
            }
        };
        self.child(text, child, now)
    }

    /// The script that `fields` make, joined by blanks.
    fn derived(&mut self, fields: &[Field]) -> Mapped {
        let script = Rc::clone(&self.script);
        let file = script.file();
        let mut builder = MappedBuilder::new(file);
        let index = script.index();
        for (n, field) in fields.iter().enumerate() {
            let place = script.span(field.at.clone()).range();
            let mut free = place.clone();
            if n > 0 {
                builder.push_made(" ", place.start..place.start);
            }
            for segment in &field.value.segments {
                let Content::Text(text) = &segment.content else {
                    // Masked once more; what is no masked expression stands where none starts.
                    let masked = segment.from.first().map(|l| l.span.range());
                    builder.push_made(super::UNKNOWN, masked.unwrap_or(place.end..place.end));
                    continue;
                };
                match segment.from.as_slice() {
                    // A number from a variable leads back to its literal; other values to the place that names them.
                    [literal]
                        if literal.span.file == file
                            && *literal.text == **text
                            && (literal.variable.is_none() || is_number(text)) =>
                    {
                        // What stands in this script may go over many lines, each with its own place in the file.
                        if let Some(range) = index.find(literal.span, text) {
                            builder.push_mapped(&script, range);
                        } else if literal.verbatim {
                            builder.push_verbatim(text, literal.span.range().start);
                        } else {
                            builder.push_made(text, literal.span.range());
                        }
                    }
                    [literal]
                        if literal.span.file != file
                            && literal.verbatim
                            && *literal.text == **text
                            && is_number(text) =>
                    {
                        let value = Value {
                            segments: vec![segment.clone()],
                        };
                        match self.masked_value(&mut free, value) {
                            Some(at) => builder.push_made(super::UNKNOWN, at..place.end),
                            None => builder.push_made(text, place.clone()),
                        }
                    }
                    _ => builder.push_made(text, place.clone()),
                }
            }
        }
        builder.finish()
    }

    /// Holds a value of another file, whose place no text made of this one can have, as that of a masked expression; where in
    /// `free` that stands.
    fn masked_value(&mut self, free: &mut Range<usize>, value: Value) -> Option<usize> {
        let is_free = |at: &usize| {
            let key = u32::try_from(*at).ok();
            let name = key.and_then(|key| self.masks.get(&key));
            name.is_none_or(|name| name.starts_with(HELD))
        };
        let at = free.find(is_free)?;
        let name = format!("{HELD}{at}");
        self.expressions.insert(name.clone(), value);
        Rc::make_mut(&mut self.masks).insert(u32::try_from(at).ok()?, name);
        Some(at)
    }

    /// Runs a script in a shell of its own.
    fn child(&mut self, text: Mapped, child: Child, now: &Time) -> Flow {
        self.charge(text.text().len() / 4);
        if self.nesting_of_scripts >= NESTING {
            return Flow::any(now.clone());
        }
        self.nesting_of_scripts += 1;
        let block = script::parse(text.text());
        let outer_script = std::mem::replace(&mut self.script, Rc::new(text));
        let outer_functions = std::mem::take(&mut self.functions);
        let outer_dialect = std::mem::replace(&mut self.dialect, child.dialect);
        let outer_context = self.context.clone();
        self.context.fails_behind = false;
        self.context.is_last = true;
        self.context.setting.in_condition = false;
        let outer_shell = child.remote.then(|| {
            self.context.setting.remote = true;
            let expressions = self.expressions.clone();
            let kept = expressions
                .into_iter()
                .filter(|(name, _)| !name.starts_with('$'));
            let fresh: HashMap<_, _> = kept.collect();
            let expressions = std::mem::replace(&mut self.expressions, fresh);
            (self.variables.replace(), expressions)
        });
        let flow = self.isolated(now.clone(), |walker, now| {
            walker.stops_on_errors = child.stops_on_errors;
            if child.remote {
                walker.variables.forget(CWD);
            }
            for name in ["0", "BASH_SOURCE"] {
                walker.variables.forget(name);
            }
            if let Some(arguments) = child.arguments {
                walker.set_arguments(arguments);
            }
            let flow = walker.block(&block, now);
            walker.uncalled();
            flow
        });
        if let Some((variables, expressions)) = outer_shell {
            self.variables.resume(variables);
            self.expressions = expressions;
        }
        self.context = outer_context;
        self.dialect = outer_dialect;
        self.functions = outer_functions;
        self.script = outer_script;
        self.nesting_of_scripts -= 1;
        flow
    }

    /// Walks through the functions that nobody has called: another script may.
    pub fn uncalled(&mut self) {
        let mut names: Vec<_> = self.functions.iter().filter(|(_, f)| !f.called).collect();
        names.sort_by_key(|(_, f)| f.body.at.start);
        let names: Vec<_> = names.into_iter().map(|(name, _)| name.clone()).collect();
        let outer = self.context.clone();
        self.context.quiet_behind = false;
        for name in names {
            // One may have called another in the meantime.
            if let Some(function) = self.functions.get(&name).filter(|f| !f.called).cloned() {
                self.perhaps(Chance::Never, |walker| {
                    walker.isolated(Time::default(), |walker, now| {
                        walker.call(&name, &function, Vec::new(), now)
                    })
                });
            }
        }
        self.context = outer;
    }

    /// The value of `$(…)`, which runs.
    pub fn substitute(&mut self, block: &Block) -> Value {
        let known = self.computed(block);
        if let Some(value) = known.or_else(|| self.printed_path(block)) {
            return value;
        }
        let first_seen = self.seen.len();
        let outer = self.context.clone();
        self.context.fails_behind = false;
        self.context.quiet_behind = false;
        let taken = std::mem::take(&mut self.substituted);
        let flow = self.isolated(Time::default(), |walker, now| walker.block(block, now));
        self.context = outer;
        let time = flow.end().unwrap_or_default();
        self.substituted = taken.then(&time);
        let value = self.variables.unknown();
        if let [segment] = value.segments.as_slice()
            && let Content::Unknown(id) = segment.content
            && self.seen.len() > first_seen
        {
            let watches = self.watches(first_seen);
            self.outputs.insert(id, watches);
        }
        value
    }

    /// What `$(date +%s)`, `$(expr $i + 1)` and `$(echo …)` print.
    fn computed(&mut self, block: &Block) -> Option<Value> {
        let [item] = block.items.as_slice() else {
            return None;
        };
        let [command] = item.first.commands.as_slice() else {
            return None;
        };
        let super::ast::Kind::Simple(simple) = &command.kind else {
            return None;
        };
        if !item.rest.is_empty() || !simple.assignments.is_empty() || !command.redirects.is_empty()
        {
            return None;
        }
        match (simple.words.first()?.bare()?, simple.words.as_slice()) {
            ("date", [_, format]) if format.plain()? == "+%s" => Some(self.time_of_day()),
            ("expr", [_, left, sign, right]) => {
                let sign = sign.plain()?;
                let left = self.value(left).number()?;
                let right = self.value(right).number()?;
                let value = match sign.as_str() {
                    "+" => left.plus(&right, 1),
                    "-" => left.plus(&right, -1),
                    "*" => left.times(&right),
                    _ => None,
                };
                Some(Value::linear(value?))
            }
            ("echo", [_, word]) if plain_expansion(word) => Some(self.value(word)),
            _ => None,
        }
    }

    /// Remembers that a script file, or a target of `make`, is called.
    fn script_call(&mut self, args: &[Field], path: usize, is_process: bool) {
        let Some(file) = args.get(path) else {
            return;
        };
        let known = |field: &Field| {
            let from = field.value.literals();
            field.text().map(|text| Given { text, from })
        };
        let mut environment = Environment::new();
        let exported = self.exported.clone();
        for name in exported.iter().take(64) {
            match self
                .variables
                .value(name)
                .map(|v| (v.known(), v.literals()))
            {
                Some((Some(text), from)) => {
                    environment
                        .variables
                        .insert(name.clone(), Some(Given { text, from }));
                }
                Some((None, _)) => environment.set_unknown(name.clone()),
                None => {}
            }
        }
        let arguments: Vec<_> = args[path + 1..].iter().map(known).collect();
        environment.set_arguments(arguments);
        environment.stop_on_errors(!is_process && self.stops_on_errors);
        environment.tells_programs = self.environment.tells_programs;
        let program = args[0].text().unwrap_or_default();
        let name = program.rsplit('/').next().unwrap_or_default().to_owned();
        self.events.push(Some(Event::Call(ScriptCall {
            span: self.script.span(Self::place(args)),
            program: name,
            path: self.argument(file),
            environment,
            cwd: self.cwd(),
            setting: self.context.setting.clone(),
            can_fail: self.failure_counts(),
            quiet_behind: self.context.quiet_behind,
        })));
    }
}

/// Whether a program that gets an input on the far side runs it.
fn reads_a_script(name: &str) -> bool {
    Dialect::of(name).is_some() || matches!(name, "sudo" | "env")
}

/// `npm run x`, `yarn run x`; `npm test` and `npm start` are scripts as well.
fn runs_a_script(args: &[Field]) -> bool {
    let words = args.iter().skip(1).map(|field| field.value.shown());
    let mut words = words.filter(|word| !word.starts_with('-'));
    let name = words.next().unwrap_or_default();
    matches!(name.as_str(), "run" | "run-script" | "test" | "start")
}

fn is_script(path: &str) -> bool {
    path.contains('/') && !path.starts_with("/usr/") && !path.starts_with("/bin/")
        || matches!(path.rsplit_once('.'), Some((_, "sh" | "bash")))
}

fn is_number(text: &str) -> bool {
    let digits = text.trim_end_matches(['s', 'm', 'h']);
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
}

fn values(args: &[Field], from: usize) -> Vec<Value> {
    let rest = args.get(from..).unwrap_or_default();
    rest.iter().map(|f| f.value.clone()).collect()
}

/// Whether a word is made of text, variables and arithmetic alone.
fn plain_expansion(word: &Word) -> bool {
    let commands = word
        .pieces
        .iter()
        .filter(|p| matches!(p, Piece::Command { .. }));
    commands.count() == 0 && !word.plain().is_some_and(|text| text.starts_with('-'))
}
