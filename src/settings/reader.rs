//! Reading the file, key by key.

mod overrides;
mod rules;
mod startup;

pub(super) use rules::SEVERITY;

use super::keys::{MARGINS, Record, SETTINGS, STACK};
use super::{Problem, Settings};
use crate::duration::{self, Seconds};
use crate::project::NamedStack;
use crate::source::{Exclude, FileId, Span, Store, paths};
use crate::spelling::nearest;
use crate::yaml::{self, Entry, Kind, NodeId, Tree};
use std::fmt::Display;
use std::str::FromStr;

/// Reads the settings from a file of the store.
///
/// # Errors
/// All that is wrong with them, by place.
pub fn read(store: &Store, file: FileId) -> Result<Settings, Vec<Problem>> {
    let text = store.sources().get(file).text();
    let told = |problem: yaml::Problem| Problem {
        span: problem.span,
        // Docker has no say here.
        message: match problem.message.split_once(": Docker refuses") {
            Some((message, _)) => message.to_owned(),
            None => problem.message,
        },
        help: "mend the file; with --no-config it is not read".to_owned(),
    };
    let tree = yaml::parse(file, text).map_err(|problem| vec![told(problem)])?;
    let mut reader = Reader {
        store,
        tree: &tree,
        settings: Settings::default(),
        problems: tree.problems().iter().cloned().map(told).collect(),
    };
    reader.document();
    if reader.problems.is_empty() {
        return Ok(reader.settings);
    }
    reader.problems.sort_by_key(|problem| problem.span.start);
    Err(reader.problems)
}

struct Reader<'a> {
    store: &'a Store,
    tree: &'a Tree,
    settings: Settings,
    problems: Vec<Problem>,
}

impl<'a> Reader<'a> {
    fn document(&mut self) {
        match self.tree.documents() {
            [] => {}
            [root] => self.root(*root),
            [_, more, ..] => {
                let help = "keep the settings in one document";
                self.problem(*more, "there are several documents in this file", help);
            }
        }
    }

    fn root(&mut self, root: NodeId) {
        // A file of comments.
        if self.tree.scalar(root) == Some("") {
            return;
        }
        for (key, value) in self.fields(root, "settings", &SETTINGS) {
            match key {
                "engine" => {
                    let help = "write a version such as 28, 26 or 20.10";
                    self.settings.engine = self.parsed(value, "an engine's version", help);
                }
                "budget" => {
                    let help = "write planned, worst or after-up";
                    self.settings.budget = self.parsed(value, "a budget", help);
                }
                "margin" => self.margin(value),
                "stacks" => self.stacks(value),
                "startup" => self.startup(value),
                "rules" => self.rules(value),
                "overrides" => self.overrides(value),
                "baseline" => {
                    let help = "write the file that --write-baseline made";
                    let path = self.text(value, "a file", help);
                    // It need not be there yet: whoever writes it names it so.
                    self.settings.baseline = path.and_then(|path| self.inside(path, value));
                }
                _ => {
                    let globs = self.globs(value);
                    let globs = globs.iter().map(|(glob, _)| *glob);
                    self.settings.exclude = Exclude::new(globs).unwrap_or_default();
                }
            }
        }
    }

    fn problem(&mut self, node: NodeId, message: impl Into<String>, help: impl Into<String>) {
        self.problem_at(self.tree.span(node), message, help);
    }

    fn problem_at(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.problems.push(Problem {
            span,
            message: message.into(),
            help: help.into(),
        });
    }

    /// What stands there instead of what is wanted.
    fn wrong_kind(&mut self, node: NodeId, wanted: &str, help: &str) {
        let found = match &self.tree.node(self.tree.resolve(node)).kind {
            Kind::Scalar { value: "", .. } => "nothing",
            Kind::Scalar { .. } => "a single value",
            Kind::Sequence { .. } => "a list",
            _ => "a map",
        };
        self.problem(node, format!("{wanted} is wanted here, not {found}"), help);
    }

    /// The entries of a map whose keys are free.
    fn entries(&mut self, node: NodeId, wanted: &str, help: &str) -> Vec<(&'a str, Entry)> {
        let tree = self.tree;
        let node = tree.resolve(node);
        if !matches!(tree.node(node).kind, Kind::Mapping { .. }) {
            self.wrong_kind(node, wanted, help);
            return Vec::new();
        }
        let mut entries = Vec::new();
        for entry in tree.entries(node) {
            match tree.scalar(entry.key) {
                Some(key) => entries.push((key, *entry)),
                None => self.problem(entry.key, "a key is a single word", help),
            }
        }
        entries
    }

    /// The entries of a map whose keys are known.
    fn fields(
        &mut self,
        node: NodeId,
        owner: &str,
        record: &'static Record,
    ) -> Vec<(&'a str, NodeId)> {
        let keys: Vec<&str> = record.keys.iter().map(|key| key.name).collect();
        self.known(node, owner, &keys)
    }

    /// The same, where the keys are no table's.
    fn known(&mut self, node: NodeId, owner: &str, keys: &[&str]) -> Vec<(&'a str, NodeId)> {
        let help = format!("the keys are {}", keys.join(", "));
        let mut fields = Vec::new();
        for (key, entry) in self.entries(node, "a map", &help) {
            if keys.contains(&key) {
                fields.push((key, entry.value));
                continue;
            }
            let meant = nearest(key, keys.iter().copied());
            let help = meant.map_or(help.clone(), |meant| format!("write `{meant}`"));
            self.problem(entry.key, format!("`{key}` is no key of {owner}"), help);
        }
        fields
    }

    /// The text of a single value.
    fn text(&mut self, node: NodeId, wanted: &str, help: &str) -> Option<&'a str> {
        let text = self.tree.scalar(node).filter(|text| !text.is_empty());
        if text.is_none() {
            self.wrong_kind(node, wanted, help);
        }
        text
    }

    /// A value that reads itself from its text, and says what is wrong.
    fn parsed<T: FromStr<Err: Display>>(
        &mut self,
        node: NodeId,
        wanted: &str,
        help: &str,
    ) -> Option<T> {
        let text = self.text(node, wanted, help)?;
        let parsed: Result<T, T::Err> = text.parse();
        match parsed {
            Ok(value) => Some(value),
            Err(error) => {
                self.problem(node, error.to_string(), help);
                None
            }
        }
    }

    fn margin(&mut self, node: NodeId) {
        let help = "write a number from 1 to 10, such as 1.1 for a tenth more";
        let Some(text) = self.text(node, "a number", help) else {
            return;
        };
        let number: Option<f64> = text.parse().ok();
        let number = number.filter(|number| MARGINS.contains(number));
        if number.is_none() {
            self.problem(node, format!("`{text}` is no margin"), help);
        }
        self.settings.margin = number;
    }

    fn stacks(&mut self, node: NodeId) {
        let help = "write the name of a stack, and its files below it";
        for (name, entry) in self.entries(node, "a map of stacks", help) {
            let mut stack = NamedStack {
                name: name.to_owned(),
                files: Vec::new(),
                env_files: Vec::new(),
                profiles: Vec::new(),
                span: self.tree.span(entry.key),
            };
            let before = self.problems.len();
            for (key, value) in self.fields(entry.value, &format!("the stack `{name}`"), &STACK) {
                match key {
                    "files" => stack.files = self.paths(value),
                    "env_files" => stack.env_files = self.paths(value),
                    _ => {
                        let names = self.list(value, "a list of profiles", "write [one, another]");
                        stack.profiles =
                            names.into_iter().map(|(name, _)| name.to_owned()).collect();
                    }
                }
            }
            if stack.files.is_empty() && self.problems.len() == before {
                let help = "write `files:` with its compose files, in the order of -f";
                self.problem(entry.key, format!("the stack `{name}` has no files"), help);
            }
            self.settings.stacks.push(stack);
        }
    }

    /// The texts of a list, each with its place.
    fn list(&mut self, node: NodeId, wanted: &str, help: &str) -> Vec<(&'a str, NodeId)> {
        let tree = self.tree;
        let node = tree.resolve(node);
        if !matches!(tree.node(node).kind, Kind::Sequence { .. }) {
            self.wrong_kind(node, wanted, help);
            return Vec::new();
        }
        let items = tree.items(node).iter();
        let texts = items.filter_map(|item| Some((self.text(*item, "a text", help)?, *item)));
        texts.collect()
    }

    /// Files that are there, by their paths from the project's root.
    fn paths(&mut self, node: NodeId) -> Vec<String> {
        let help = "write them as a list: [compose.yml, compose.prod.yml]";
        let mut found = Vec::new();
        for (text, item) in self.list(node, "a list of files", help) {
            found.extend(self.path(text, item));
        }
        found
    }

    /// A file that is there, by its path from the project's root.
    fn path(&mut self, text: &str, item: NodeId) -> Option<String> {
        let path = self.inside(text, item)?;
        if !self.store.exists(&path) {
            let help = self.similar(&path);
            self.problem(item, format!("there is no file `{text}`"), help);
            return None;
        }
        Some(path)
    }

    /// A path in the project.
    fn inside(&mut self, text: &str, item: NodeId) -> Option<String> {
        let path = self.store.locate("", text);
        if path.is_none() {
            let help = "nothing outside is read, unless --allow-outside is given";
            self.problem(item, format!("`{text}` lies outside the project"), help);
        }
        path
    }

    /// What to write instead of a path that leads nowhere.
    fn similar(&self, path: &str) -> String {
        let names = self.store.names_in(paths::parent(path));
        let meant = nearest(paths::name(path), names.iter().map(String::as_str));
        match meant {
            Some(meant) if paths::parent(path).is_empty() => format!("write `{meant}`"),
            Some(meant) => format!("write `{}/{meant}`", paths::parent(path)),
            None => "paths count from the project's root".to_owned(),
        }
    }

    /// A length of time that is not negative.
    fn length(&mut self, node: NodeId, help: &str) -> Option<Seconds> {
        let text = self.text(node, "a duration", help)?;
        match duration::parse(text) {
            Ok(length) if length >= Seconds::ZERO => return Some(length),
            Ok(_) => self.problem(node, format!("`{text}` is negative"), help),
            Err(error) => self.problem(node, error.to_string(), help),
        }
        None
    }

    /// The globs of a list, each with its place; none where one of them is wrong.
    fn globs(&mut self, node: NodeId) -> Vec<(&'a str, NodeId)> {
        let help = "write a list of globs, as in a .gitignore: [legacy/, \"**/testdata/*.yml\"]";
        let globs = self.list(node, "a list of globs", help);
        match Exclude::new(globs.iter().map(|(glob, _)| *glob)) {
            Ok(_) => globs,
            Err(wrong) => {
                for (index, message) in wrong {
                    let (glob, item) = globs[index];
                    self.problem(item, format!("`{glob}` is no glob: {message}"), help);
                }
                Vec::new()
            }
        }
    }
}
