//! What a shell knows: variables, with a journal so that the branches of a script can be tried and compared.

use super::commands::CWD;
use super::places;
use super::value::{Literal, Value};
use crate::source::Span;
use std::collections::HashMap;
use std::rc::Rc;

/// Which shell reads the script.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dialect {
    /// bash.
    #[default]
    Bash,
    /// A shell that only promises POSIX: no `{1..9}`, no `SECONDS`.
    Sh,
}

impl Dialect {
    /// What a shell of this name reads; `None` for other programs.
    pub fn of(program: &str) -> Option<Self> {
        match program {
            "bash" | "zsh" | "ksh" => Some(Self::Bash),
            "sh" | "dash" | "ash" => Some(Self::Sh),
            _ => None,
        }
    }
}

/// What a script finds when it starts: variables, arguments, and the values of `${{ … }}` expressions.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    pub(super) variables: HashMap<String, Option<Given>>,
    pub(super) expressions: HashMap<String, Given>,
    pub(super) arguments: Option<Vec<Option<Given>>>,
    pub(super) stops_on_errors: bool,
    /// The folder of the project that `git` calls the top.
    pub(super) top: Option<String>,
}

/// A value from outside of the script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// The text.
    pub text: String,
    /// What it rests on; the first is the text itself, where it stands somewhere.
    pub from: Vec<Literal>,
}

impl Given {
    /// A text, and where just this text stands in a file.
    pub fn new(text: impl Into<String>, origin: Option<Span>) -> Self {
        let text = text.into();
        let literal = origin.map(|span| Literal {
            span,
            verbatim: span.len() == text.len(),
            text: text.clone(),
            variable: None,
        });
        Self {
            text,
            from: literal.into_iter().collect(),
        }
    }

    pub(super) fn value(&self) -> Value {
        Value::text(&self.text, self.from.clone())
    }
}

impl Environment {
    /// An environment that says nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a variable to `text`, which stands at `origin`: the place of just these bytes.
    pub fn set(&mut self, name: impl Into<String>, text: impl Into<String>, origin: Option<Span>) {
        let given = Given::new(text, origin);
        self.variables.insert(name.into(), Some(given));
    }

    /// Sets a variable to a value that knows what it rests on.
    pub fn set_given(&mut self, name: impl Into<String>, given: Given) {
        self.variables.insert(name.into(), Some(given));
    }

    /// Says that a variable is set to something unknown, so that no default of the script stands in for it.
    pub fn set_unknown(&mut self, name: impl Into<String>) {
        self.variables.insert(name.into(), None);
    }

    /// Sets what `${{ expression }}` stands for, named as it is written between the braces: `inputs.wait`.
    pub fn set_expression(&mut self, expression: impl Into<String>, given: Given) {
        self.expressions.insert(expression.into(), given);
    }

    /// Sets the script's arguments, `$1` and on; `None` where one is not known.
    pub fn set_arguments(&mut self, arguments: Vec<Option<Given>>) {
        self.arguments = Some(arguments);
    }

    /// The script's arguments.
    pub fn arguments(&self) -> &[Option<Given>] {
        self.arguments.as_deref().unwrap_or_default()
    }

    /// Says which file of the project the script is, and which of its folders is the repository's top; both from the root.
    pub fn set_script(&mut self, path: &str, top: &str) {
        for name in ["0", "BASH_SOURCE"] {
            self.set(name, places::of_project(path), None);
        }
        self.top = Some(top.to_owned());
    }

    /// Says in which folder of the project the script starts.
    pub fn set_folder(&mut self, path: &str) {
        self.set(CWD, places::of_project(path), None);
    }

    /// Says whether a failing command ends the script from the start, as in GitHub's `bash -e`.
    pub fn stop_on_errors(&mut self, stops: bool) {
        self.stops_on_errors = stops;
    }
}

/// A variable: a text or an array.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Held {
    Value(Value),
    List(Rc<[Value]>),
}

/// The variables of a running shell. `None` in the journal is an unset variable.
#[derive(Debug, Default)]
pub(super) struct Variables {
    held: HashMap<Rc<str>, Held>,
    journal: Vec<(Rc<str>, Option<Held>)>,
    /// Every name that was set, in order; never taken back.
    pub touched: Vec<Rc<str>>,
    next_unknown: u32,
}

/// The variables that a branch changed, as it left them.
pub(super) type Changes = HashMap<Rc<str>, Option<Held>>;

/// Longer values are not followed, so that doubling one again and again costs nothing.
const LENGTH: usize = 2048;

impl Variables {
    pub fn get(&self, name: &str) -> Option<&Held> {
        self.held.get(name)
    }

    pub fn value(&self, name: &str) -> Option<&Value> {
        match self.held.get(name)? {
            Held::Value(value) => Some(value),
            Held::List(list) => list.first(),
        }
    }

    /// Starts another shell, which knows nothing of this one; gives back this one.
    pub fn replace(&mut self) -> Self {
        let fresh = Self {
            next_unknown: self.next_unknown,
            ..Self::default()
        };
        std::mem::replace(self, fresh)
    }

    /// Goes back to a shell that was replaced.
    pub fn resume(&mut self, mut outer: Self) {
        outer.next_unknown = self.next_unknown;
        *self = outer;
    }

    /// A value that nothing is known about.
    pub fn unknown(&mut self) -> Value {
        self.next_unknown += 1;
        Value::unknown(self.next_unknown)
    }

    pub fn set(&mut self, name: &str, value: Value) {
        let value = match value.len() {
            0..LENGTH => value.named(name),
            _ => self.unknown(),
        };
        self.hold(name.into(), Some(Held::Value(value)));
    }

    pub fn set_list(&mut self, name: &str, list: Vec<Value>) {
        let size: usize = list.iter().map(Value::len).sum();
        match size {
            0..LENGTH => self.hold(name.into(), Some(Held::List(list.into()))),
            _ => self.forget(name),
        }
    }

    /// Sets a variable to just what it held once.
    pub fn put(&mut self, name: &str, held: Option<Held>) {
        self.hold(name.into(), held);
    }

    pub fn unset(&mut self, name: &str) {
        self.hold(name.into(), None);
    }

    /// Makes a variable unknown.
    pub fn forget(&mut self, name: &str) {
        let value = self.unknown();
        self.hold(name.into(), Some(Held::Value(value)));
    }

    fn hold(&mut self, name: Rc<str>, held: Option<Held>) {
        self.touched.push(Rc::clone(&name));
        let old = match held {
            Some(held) => self.held.insert(Rc::clone(&name), held),
            None => self.held.remove(&name),
        };
        self.journal.push((name, old));
    }

    /// A point to come back to.
    pub fn mark(&self) -> usize {
        self.journal.len()
    }

    /// Takes back everything since `mark`, and says what it was.
    pub fn take_back(&mut self, mark: usize) -> Changes {
        let mut changes = Changes::new();
        while self.journal.len() > mark {
            let Some((name, old)) = self.journal.pop() else {
                break;
            };
            let new = match old {
                Some(old) => self.held.insert(Rc::clone(&name), old),
                None => self.held.remove(&name),
            };
            changes.entry(name).or_insert(new);
        }
        changes
    }

    /// Makes changes that were taken back.
    pub fn apply(&mut self, changes: Changes) {
        for (name, held) in changes {
            self.hold(name, held);
        }
    }

    /// Makes unknown what one branch changed and the current one holds differently.
    pub fn merge(&mut self, other: &Changes, mark: usize) {
        let mine: Vec<_> = self.journal[mark..]
            .iter()
            .map(|(n, _)| n.clone())
            .collect();
        for (name, held) in other {
            if !alike(self.held.get(name), held.as_ref()) {
                self.forget(name);
            }
        }
        for name in mine {
            if !other.contains_key(&name) {
                self.forget(&name);
            }
        }
    }
}

/// Whether two variables come to the same: which of the names of Compose is there, a script often finds out.
fn alike(one: Option<&Held>, other: Option<&Held>) -> bool {
    let behind = |held: Option<&Held>| match held {
        Some(Held::Value(value)) => {
            let text = value.known()?;
            let names = ["docker compose", "docker-compose"];
            let rest = names.iter().find_map(|name| text.strip_prefix(name))?;
            (rest.is_empty() || rest.starts_with(' ')).then(|| rest.to_owned())
        }
        _ => None,
    };
    one == other || behind(one).is_some_and(|rest| behind(other) == Some(rest))
}
