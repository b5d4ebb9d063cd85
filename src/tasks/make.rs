//! Makefiles: variables, conditions, rules and recipes, as GNU make reads them without arguments and with an empty
//! environment.

mod conditions;
mod expand;
mod functions;
mod lines;
mod recipes;

use super::Task;
use super::text::{UNKNOWN, unknown};
use crate::source::{FileId, Mapped, SourceFile, Span};
use conditions::Conditions;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// What other files are read with: their path from the project's root.
type Open<'a> = &'a mut dyn FnMut(&str) -> Option<(FileId, Arc<SourceFile>)>;

/// A Makefile, with those that it includes.
#[derive(Clone, Debug, Default)]
pub struct Makefile {
    /// The targets that have a recipe.
    pub tasks: Vec<Task>,
    /// The files that it includes, by their paths.
    pub included: Vec<String>,
}

/// Reads a Makefile. `folder` is the one that make runs in, `None` where another Makefile decides, which may set variables
/// as well; `top` is the one that its repository begins in; `open` gives the files that it includes.
pub fn read(
    file: FileId,
    source: &SourceFile,
    folder: Option<&str>,
    top: &str,
    open: Open<'_>,
) -> Makefile {
    let mut reader = Reader {
        path: source.path(),
        folder,
        top,
        variables: Variables::default(),
        rules: Vec::new(),
        specific: Vec::new(),
        exported: BTreeSet::new(),
        exports_all: false,
        one_shell: false,
        lacks_files: folder.is_none(),
        conditions: Conditions::default(),
        included: Vec::new(),
        open,
        work: 100_000 + 8 * source.text().len(),
    };
    reader.file(file, source.text(), 0);
    Makefile {
        tasks: reader.tasks(),
        included: reader.included,
    }
}

/// Reads it line by line; recipes are expanded at the end, as make does.
struct Reader<'a> {
    path: &'a str,
    folder: Option<&'a str>,
    top: &'a str,
    variables: Variables,
    rules: Vec<Rule>,
    /// `target: NAME = value`
    specific: Vec<(String, Assignment)>,
    exported: BTreeSet<String>,
    /// `export` alone.
    exports_all: bool,
    /// `.ONESHELL`
    one_shell: bool,
    /// Something was included that is not here: what nothing sets may be set there.
    lacks_files: bool,
    conditions: Conditions,
    included: Vec<String>,
    open: Open<'a>,
    /// What a hostile file would repeat for ever ends here.
    work: usize,
}

/// Targets with a recipe.
#[derive(Clone, Debug)]
struct Rule {
    targets: Vec<String>,
    needs: Vec<String>,
    /// Its lines, not expanded.
    recipe: Vec<Mapped>,
}

/// How a value meets the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    /// `=`
    Later,
    /// `:=`
    Now,
    /// `?=`
    Missing,
    /// `+=`
    Append,
    /// `!=`
    Shell,
}

/// `NAME := value`
#[derive(Clone, Debug)]
struct Assignment {
    name: String,
    operator: Operator,
    value: String,
    span: Span,
    exported: bool,
}

/// A variable's text: with its references where they are followed only when it is used.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Variable {
    text: String,
    simple: bool,
    span: Option<Span>,
    /// Whether the text is just what stands there.
    verbatim: bool,
}

#[derive(Clone, Debug, Default)]
struct Variables(HashMap<String, Variable>);

impl Variables {
    fn get(&self, name: &str) -> Option<&Variable> {
        self.0.get(name)
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    fn put(&mut self, name: &str, variable: Option<Variable>) {
        match variable {
            Some(variable) => self.0.insert(name.to_owned(), variable),
            None => self.0.remove(name),
        };
    }

    fn set_simple(&mut self, name: &str, text: &str) {
        let variable = Variable {
            text: text.to_owned(),
            simple: true,
            span: None,
            verbatim: false,
        };
        self.put(name, Some(variable));
    }
}

impl Reader<'_> {
    /// Makes an assignment; under a condition that is not known its outcome is not either.
    fn assign(&mut self, assignment: &Assignment) {
        let Assignment {
            operator, value, ..
        } = assignment;
        let name = self.expand(&assignment.name, 0);
        if name.contains(UNKNOWN) || name.is_empty() {
            return;
        }
        let before = self.variables.get(&name).cloned();
        let is_simple = before.as_ref().is_some_and(|before| before.simple);
        let (text, simple) = match (operator, &before) {
            (Operator::Missing, Some(_)) => return,
            (Operator::Later | Operator::Missing, _) | (Operator::Append, None) => {
                (value.clone(), false)
            }
            (Operator::Now, _) => (self.expand(value, 0), true),
            (Operator::Shell, _) => (unknown(), true),
            (Operator::Append, Some(before)) => {
                let more = if is_simple {
                    self.expand(value, 0)
                } else {
                    value.clone()
                };
                (format!("{} {more}", before.text), is_simple)
            }
        };
        let mut variable = Variable {
            verbatim: text == *value,
            text,
            simple,
            span: Some(assignment.span),
        };
        let differs = before.is_none_or(|before| before.text != variable.text);
        if self.conditions.maybe() && differs {
            variable.text = unknown();
            variable.simple = true;
        }
        self.variables.put(&name, Some(variable));
        if assignment.exported {
            self.exported.insert(name);
        }
    }
}

#[cfg(test)]
mod tests;
