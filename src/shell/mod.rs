//! A tolerant reader of sh and bash that finds what starts containers and what waits for them.
//!
//! [`read`] takes a script as it stands in a file and walks through it as a shell would, without running anything: through
//! functions at their calls, heredocs that `ssh` or `bash` get, `bash -c '…'` and substitutions. It gives the events in the
//! order in which they would happen, with the literals that their numbers rest on. It never gives up on a script: what is
//! broken is read as far as it goes. What is not known stays unknown; nothing is guessed.
//!
//! `lexer` and `script` make a tree of the text, `expand` makes words into fields, `walk` runs them; `loops`, `ends`
//! and `limits` read the loops.

mod arithmetic;
mod assigned;
mod ast;
mod branches;
mod builtins;
mod commands;
mod compose_command;
mod compound;
mod conditions;
mod endings;
mod ends;
mod evaluate;
mod expand;
mod filters;
mod flow;
mod lengths;
mod lexer;
mod limits;
mod loops;
mod mask;
mod nested;
mod outline;
mod parameters;
mod places;
mod probes;
mod quiet;
mod range;
mod script;
mod tools;
mod value;
mod variables;
mod waits;
mod walk;
mod wrappers;

pub use compose_command::{Argument, ComposeCommand, Cwd, WaitTimeout};
pub use filters::{Filter, Pattern};
pub use outline::{Outline, Outlined, OutlinedWord, outline, succeeds_without};
pub use places::{PROJECT, in_project, of_project};
pub use value::Literal;
pub use variables::{Dialect, Environment, Given};
pub use waits::{
    Chance, Endpoint, Form, GoesOn, Knob, KnobUnit, Setting, Timeout, Wait, Watched, Watches,
};

use crate::source::{Mapped, Span};
use std::rc::Rc;

/// What stands in a script for a text that is not known.
pub const UNKNOWN: &str = "\u{2}\u{1}";

/// What a script does that matters for a start, in the order in which it happens.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ScriptReading {
    /// The events. Both sides of a branch are in it, and functions where they are called; those that nobody calls come last.
    pub events: Vec<Event>,
}

/// One thing that a script does.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// `docker compose …`
    Compose(Box<ComposeCommand>),
    /// It waits.
    Wait(Wait),
    /// It calls another script, or a target of `make`.
    Call(ScriptCall),
    /// It runs a program, where [`Environment::tell_programs`] was asked for. One that waits by itself is told twice.
    Program(Program),
}

/// A program that is run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// Its name and arguments; `None` for what is not known.
    pub words: Vec<Option<Given>>,
    /// The command.
    pub span: Span,
    /// What surrounds it.
    pub setting: Setting,
}

/// A call of a script file: `./wait.sh 60`, `bash x.sh`, `. ./env.sh`, `make up`, `npm run wait`.
#[derive(Clone, Debug)]
pub struct ScriptCall {
    /// The command.
    pub span: Span,
    /// The program: `bash`, `source`, `make`; for `./wait.sh` the script's own name.
    pub program: String,
    /// The script file. For `make`, `just` and `npm run` the program itself: what it is to do stands in the arguments.
    pub path: Argument,
    /// What to read the script with: the arguments, and the variables that are exported to it.
    pub environment: Environment,
    /// Where it is called from.
    pub cwd: Cwd,
    /// What surrounds the call.
    pub setting: Setting,
    /// Whether its failure fails the script that calls.
    pub can_fail: bool,
    /// Whether what stands behind it surely only prints: nothing there asks how it ended.
    pub quiet_behind: bool,
}

impl ScriptCall {
    /// A program, as if its file were a script: `name` is its first word, `arguments` are those behind it.
    pub fn of(program: &Program, name: &Given, arguments: Vec<Option<Given>>) -> Self {
        let mut environment = Environment::new();
        environment.set_arguments(arguments);
        Self {
            span: program.span,
            program: name.text.clone(),
            path: Argument {
                text: Some(name.text.clone()),
                span: program.span,
            },
            environment,
            cwd: Cwd::Start,
            setting: program.setting.clone(),
            can_fail: true,
            quiet_behind: false,
        }
    }
}

impl Event {
    /// What surrounds it.
    pub fn setting_mut(&mut self) -> &mut Setting {
        match self {
            Self::Compose(command) => &mut command.setting,
            Self::Wait(wait) => &mut wait.setting,
            Self::Call(call) => &mut call.setting,
            Self::Program(program) => &mut program.setting,
        }
    }

    /// Puts it, and what it looks at, into the folder of whoever calls its script.
    pub fn moved(&mut self, folder: &Cwd) {
        match self {
            Self::Compose(command) => command.cwd = folder.join(&command.cwd),
            Self::Wait(wait) => {
                for command in &mut wait.watches.compose {
                    command.cwd = folder.join(&command.cwd);
                }
            }
            Self::Call(call) => call.cwd = folder.join(&call.cwd),
            Self::Program(_) => {}
        }
    }

    /// Puts it under a call of the script that it stands in.
    pub fn surround(&mut self, call: &ScriptCall) {
        self.moved(&call.cwd);
        let can_fail = call.can_fail;
        let outer = &call.setting;
        match self {
            Self::Wait(wait) => {
                if wait.can_fail && outer.tolerated {
                    wait.goes_on = Some(GoesOn::CaughtAtCall);
                }
                wait.goes_on = wait.goes_on.filter(|_| call.quiet_behind);
                wait.can_fail &= can_fail;
            }
            Self::Call(inner) => inner.can_fail &= can_fail,
            // Whether an `up` stops the script is a part of its setting.
            Self::Compose(command) => command.setting.tolerated |= !can_fail,
            Self::Program(_) => {}
        }
        self.setting_mut().surround(outer);
        if let Self::Wait(wait) = self {
            for command in &mut wait.watches.compose {
                command.setting.remote |= outer.remote;
            }
        }
    }
}

impl PartialEq for ScriptCall {
    fn eq(&self, other: &Self) -> bool {
        self.span == other.span && self.path == other.path && self.setting == other.setting
    }
}

impl ScriptReading {
    /// The waits.
    pub fn waits(&self) -> impl Iterator<Item = &Wait> {
        self.events.iter().filter_map(|event| match event {
            Event::Wait(wait) => Some(wait),
            _ => None,
        })
    }

    /// The `docker compose` commands.
    pub fn compose_commands(&self) -> impl Iterator<Item = &ComposeCommand> {
        self.events.iter().filter_map(|event| match event {
            Event::Compose(command) => Some(&**command),
            _ => None,
        })
    }

    /// The calls of other scripts.
    pub fn calls(&self) -> impl Iterator<Item = &ScriptCall> {
        self.events.iter().filter_map(|event| match event {
            Event::Call(call) => Some(call),
            _ => None,
        })
    }
}

/// Reads a script that starts with what `environment` says.
pub fn read(script: &Mapped, environment: &Environment, dialect: Dialect) -> ScriptReading {
    let (masked, masks) = mask::mask(script);
    let block = script::parse(masked.text());
    let mut walker = walk::Walker::new(Rc::new(masked), masks, environment, dialect);
    walker.block(&block, flow::Time::default());
    walker.uncalled();
    ScriptReading {
        events: walker.events.into_iter().flatten().collect(),
    }
}

#[cfg(test)]
mod tests;
