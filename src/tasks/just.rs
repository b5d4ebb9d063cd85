//! justfiles: variables, parameters and recipes, as `just` reads them without arguments.

mod expression;
mod recipes;

use super::text::{is_number, known, unknown};
use super::{Exported, Task};
use crate::shell::Dialect;
use crate::source::{FileId, SourceFile, Span, paths};
use expression::Expression;
use std::cell::Cell;
use std::collections::HashMap;
use std::ops::Range;

/// Reads a justfile.
pub fn read(file: FileId, source: &SourceFile) -> Vec<Task> {
    let mut reader = Reader {
        file,
        text: source.text(),
        folder: Some(paths::parent(source.path()).to_owned()),
        home: paths::parent(source.path()),
        variables: HashMap::new(),
        exports_all: false,
        dialect: Some(Dialect::Sh),
        recipes: Vec::new(),
        work: Cell::new(20_000),
    };
    reader.statements();
    reader.tasks()
}

/// The statements of a justfile; recipes are filled in at the end, since variables may stand below them.
struct Reader<'t> {
    file: FileId,
    text: &'t str,
    /// Where recipes run, from the project's root.
    folder: Option<String>,
    /// Where the justfile stands.
    home: &'t str,
    variables: HashMap<&'t str, Variable<'t>>,
    exports_all: bool,
    /// The shell of recipes; `None` where it is none that is read here.
    dialect: Option<Dialect>,
    recipes: Vec<Recipe<'t>>,
    /// What a hostile file would repeat for ever ends here.
    work: Cell<usize>,
}

/// `name := expression`
#[derive(Clone, Copy, Debug)]
struct Variable<'t> {
    expression: &'t str,
    exported: bool,
}

/// The parameters of a recipe, by name.
type Parameters = HashMap<String, Parameter>;

/// What a parameter stands for where a recipe is run without arguments.
#[derive(Debug)]
struct Parameter {
    value: String,
    /// Where the value stands, if it is a number that is written as it is.
    place: Option<usize>,
}

/// A recipe as it stands.
#[derive(Debug)]
struct Recipe<'t> {
    header: &'t str,
    /// The lines of its body, without their ends.
    body: Vec<Range<usize>>,
    attributes: Vec<&'t str>,
}

impl<'t> Reader<'t> {
    fn statements(&mut self) {
        let mut lines = line_ranges(self.text).into_iter().peekable();
        let mut attributes = Vec::new();
        while let Some(range) = lines.next() {
            let line = self.text[range.clone()]
                .trim_start_matches('\u{feff}')
                .trim_end();
            if line.is_empty() || line.starts_with('#') || line.starts_with([' ', '\t']) {
                continue;
            }
            if line.starts_with('[') && line.ends_with(']') {
                attributes.push(line);
                continue;
            }
            if self.statement(line, range.start) {
                attributes.clear();
                continue;
            }
            let mut body = Vec::new();
            while let Some(next) = lines.next_if(|next| {
                let text = &self.text[next.clone()];
                text.starts_with([' ', '\t']) || text.trim().is_empty()
            }) {
                body.push(next);
            }
            while body
                .last()
                .is_some_and(|last| self.text[last.clone()].trim().is_empty())
            {
                body.pop();
            }
            let attributes = std::mem::take(&mut attributes);
            self.recipes.push(Recipe {
                header: line,
                body,
                attributes,
            });
        }
    }

    /// Reads `name := value`, `set …` and their kin; `false` where a recipe begins.
    fn statement(&mut self, line: &'t str, start: usize) -> bool {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        if word == "set" && !rest.trim_start().starts_with(':') {
            self.setting(rest.trim());
            return true;
        }
        let Some((names, _)) = line.split_once(":=") else {
            return matches!(word, "import" | "mod" | "import?" | "mod?") && !rest.is_empty();
        };
        let (word, name) = names.trim().rsplit_once(' ').unwrap_or(("", names.trim()));
        if !is_name(name) || !matches!(word.trim(), "" | "export" | "alias" | "unexport") {
            // A default of a parameter may hold `:=`, a name may not.
            return false;
        }
        if word != "alias" {
            // A text may go over several lines: what is needed of it is read from here on.
            let value_at = start + line.find(":=").unwrap_or_default() + 2;
            let variable = Variable {
                expression: &self.text[value_at..],
                exported: word == "export",
            };
            self.variables.insert(name, variable);
        }
        true
    }

    fn setting(&mut self, text: &'t str) {
        let (name, value) = text.split_once(":=").unwrap_or((text, "true"));
        let value = value.trim();
        match name.trim() {
            "export" => self.exports_all = value != "false",
            "shell" => {
                let words = value.split(['"', '\'']);
                self.dialect = words.map(paths::name).find_map(Dialect::of);
            }
            "working-directory" => {
                let folder = known(self.expression(value, &HashMap::new()));
                self.folder = folder.and_then(|folder| paths::join(self.home, &folder));
            }
            _ => {}
        }
    }

    fn tasks(&self) -> Vec<Task> {
        self.recipes
            .iter()
            .filter_map(|recipe| self.task(recipe))
            .collect()
    }

    fn task(&self, recipe: &Recipe) -> Option<Task> {
        let header = recipe.header.trim_start_matches('@');
        let colon = outside_of_texts(header, ':')?;
        let mut parts = header[..colon].splitn(2, [' ', '\t']);
        let name = parts.next().filter(|name| is_name(name))?;
        let has = |word: &str| {
            recipe
                .attributes
                .iter()
                .any(|attribute| attribute.contains(word))
        };
        if has("windows") && !has("linux") && !has("unix") && !has("macos") {
            return None;
        }
        let parameters = self.parameters(parts.next().unwrap_or_default());
        let folder = if has("no-cd") {
            None
        } else if let Some(set) = recipe
            .attributes
            .iter()
            .find_map(|a| a.split_once("working-directory"))
        {
            let value = set.1.trim_start_matches([':', '(', ' ']);
            let folder = known(self.expression(value, &HashMap::new()));
            folder.and_then(|folder| paths::join(self.home, &folder))
        } else {
            self.folder.clone()
        };
        Some(Task {
            name: name.to_owned(),
            exported: self.exported(&parameters),
            scripts: self.scripts(recipe, &parameters),
            folder,
        })
    }

    /// The parameters of a recipe with their defaults; what may be left out is left out.
    fn parameters(&self, text: &str) -> Parameters {
        let mut parameters = Parameters::new();
        let mut rest = text.trim_start();
        while !rest.is_empty() {
            let is_optional = rest.starts_with('*');
            rest = rest.trim_start_matches(['*', '+', '$']);
            let length = rest.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '-');
            let (name, behind) = rest.split_at(length.unwrap_or(rest.len()));
            if name.is_empty() {
                break;
            }
            let mut value = if is_optional {
                String::new()
            } else {
                unknown()
            };
            let mut place = None;
            rest = behind.trim_start();
            if let Some(default) = rest.strip_prefix('=') {
                let mut reader = Expression::new(default, |name| self.value(name, &parameters, 0));
                value = reader.operand();
                rest = reader.rest().trim_start();
                place = self.number_at(default, &value);
            }
            parameters.insert(name.to_owned(), Parameter { value, place });
        }
        parameters
    }

    /// Where a number stands that a quoted text is.
    fn number_at(&self, written: &str, value: &str) -> Option<usize> {
        let text = written.trim_start().strip_prefix(['"', '\''])?;
        let is_it = is_number(value) && text.starts_with(value);
        is_it.then(|| text.as_ptr() as usize - self.text.as_ptr() as usize)
    }

    /// Where the number stands that a name in braces stands for.
    fn place_of_number(&self, name: &str, value: &str, parameters: &Parameters) -> Option<usize> {
        if let Some(parameter) = parameters.get(name) {
            return parameter.place;
        }
        let variable = self.variables.get(name)?;
        self.number_at(variable.expression, value)
    }

    fn expression(&self, text: &str, parameters: &Parameters) -> String {
        Expression::new(text, |name| self.value(name, parameters, 0)).value(self.home)
    }

    /// What a name stands for.
    fn value(&self, name: &str, parameters: &Parameters, depth: usize) -> String {
        if let Some(parameter) = parameters.get(name) {
            return parameter.value.clone();
        }
        let work = self.work.get();
        self.work.set(work.saturating_sub(1));
        let Some(variable) = self.variables.get(name).filter(|_| depth < 16 && work > 0) else {
            return unknown();
        };
        let inner = |name: &str| self.value(name, &HashMap::new(), depth + 1);
        Expression::new(variable.expression, inner).value(self.home)
    }

    fn exported(&self, parameters: &Parameters) -> Vec<Exported> {
        let mut exported: Vec<Exported> = self
            .variables
            .iter()
            .filter(|(_, variable)| variable.exported || self.exports_all)
            .map(|(name, variable)| {
                let text = variable.expression;
                let blank = text.len() - text.trim_start_matches([' ', '\t']).len();
                let start = text.as_ptr() as usize - self.text.as_ptr() as usize + blank;
                let line = text[blank..].lines().next().unwrap_or_default();
                Exported {
                    name: (*name).to_owned(),
                    value: known(self.value(name, parameters, 0)),
                    span: Span::new(self.file, start..start + line.trim_end().len()),
                }
            })
            .collect();
        exported.sort_by(|a, b| a.name.cmp(&b.name));
        exported
    }
}

fn line_ranges(text: &str) -> Vec<Range<usize>> {
    let mut at = 0;
    let lines = text.split_inclusive('\n').map(|line| {
        let start = at;
        at += line.len();
        start..start + line.trim_end_matches(['\n', '\r']).len()
    });
    lines.collect()
}

fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && name
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'))
}

/// Where a sign stands first outside of quotes.
fn outside_of_texts(text: &str, sign: char) -> Option<usize> {
    let mut quote = None;
    text.char_indices().find_map(|(at, c)| {
        match quote {
            Some(open) if open == c => quote = None,
            None if matches!(c, '"' | '\'' | '`') => quote = Some(c),
            None if c == sign => return Some(at),
            _ => {}
        }
        None
    })
}

#[cfg(test)]
mod tests;
