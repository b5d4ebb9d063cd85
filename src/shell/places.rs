//! Where a script stands in the project, and the paths that it makes of that: `$(dirname "$0")`, `$(cd .. && pwd)`.

use super::ast::{Block, Kind, Link, Simple};
use super::builtins::join;
use super::commands::CWD;
use super::expand::Field;
use super::value::Value;
use super::walk::Walker;

/// The project's root as scripts see it: a folder that no machine has.
pub const PROJECT: &str = "/\u{e000}";

/// The programs that print paths, and `cd`, which stands before them.
const PROGRAMS: [&str; 6] = ["cd", "pwd", "dirname", "realpath", "readlink", "git"];

/// The path from the project's root, empty for the root itself; `None` where `path` does not begin there.
pub fn in_project(path: &str) -> Option<&str> {
    let rest = path.strip_prefix(PROJECT)?;
    match rest.strip_prefix('/') {
        Some(inside) => Some(inside),
        None => rest.is_empty().then_some(""),
    }
}

/// A path of the project as its scripts see it.
pub fn of_project(path: &str) -> String {
    join(PROJECT, path)
}

impl Walker {
    /// What a substitution prints that makes one path of another.
    pub fn printed_path(&mut self, block: &Block) -> Option<Value> {
        let commands = commands(block)?;
        let (events, seen) = (self.events.len(), self.seen.len());
        let mut folder = self.folder();
        let mut printed = None;
        for simple in commands {
            let words = simple.words.iter();
            let fields: Vec<Field> = words.flat_map(|word| self.fields(word)).collect();
            let texts: Option<Vec<String>> = fields.iter().map(Field::text).collect();
            let arguments = texts.unwrap_or_default();
            printed = match arguments.first().map(String::as_str) {
                Some("cd") => {
                    folder = operand(&arguments, &[]).and_then(|to| full(folder.as_deref(), to));
                    continue;
                }
                Some("pwd") => folder.clone(),
                Some("dirname") => operand(&arguments, &[]).map(|path| parent(path).to_owned()),
                Some("realpath") => {
                    operand(&arguments, &[]).and_then(|path| full(folder.as_deref(), path))
                }
                Some("readlink") => operand(&arguments, &["-f", "-e", "-m"])
                    .and_then(|path| full(folder.as_deref(), path)),
                Some("git") if arguments[1..] == ["rev-parse", "--show-toplevel"] => {
                    self.environment.top.as_deref().map(of_project)
                }
                _ => None,
            };
            if printed.is_none() {
                break;
            }
        }
        // What it does besides is found when it is run after all.
        self.events.truncate(events);
        self.seen.truncate(seen);
        printed.map(|path| Value::text(&path, Vec::new()))
    }

    /// The current folder, where it is known as an absolute one.
    pub fn folder(&self) -> Option<String> {
        let folder = self.variables.value(CWD)?.known()?;
        folder.starts_with('/').then_some(folder)
    }
}

/// The commands of a substitution, if each is one of [`PROGRAMS`] and the last of them prints.
fn commands(block: &Block) -> Option<Vec<&Simple>> {
    let mut commands = Vec::new();
    for item in &block.items {
        if item.background || item.rest.iter().any(|(link, _)| *link == Link::Or) {
            return None;
        }
        let rest = item.rest.iter().map(|(_, pipeline)| pipeline);
        for pipeline in std::iter::once(&item.first).chain(rest) {
            let [command] = pipeline.commands.as_slice() else {
                return None;
            };
            let Kind::Simple(simple) = &command.kind else {
                return None;
            };
            let is_known = PROGRAMS.contains(&simple.words.first()?.bare()?);
            // `CDPATH= cd …`
            let is_bare = simple.assignments.iter().all(|set| set.name == "CDPATH");
            if pipeline.negated || !is_known || !is_bare {
                return None;
            }
            commands.push(simple);
        }
    }
    let last = commands.last()?.words.first()?.bare()?;
    (last != "cd").then_some(commands)
}

/// The one operand behind options; `None` where there are more, or where none of the options that have to be there is.
fn operand<'a>(arguments: &'a [String], needed: &[&str]) -> Option<&'a str> {
    let is_option = |word: &&String| word.starts_with('-') && word.len() > 1;
    let (options, operands): (Vec<_>, Vec<_>) = arguments.iter().skip(1).partition(is_option);
    let has_needed = needed.is_empty() || options.iter().any(|o| needed.contains(&o.as_str()));
    match operands.as_slice() {
        [operand] if has_needed => Some(operand),
        _ => None,
    }
}

/// The absolute path of `path`, seen from a folder.
fn full(folder: Option<&str>, path: &str) -> Option<String> {
    match path {
        _ if path.starts_with('/') => Some(join("/", path)),
        _ if path.is_empty() || path.starts_with('~') => None,
        _ => folder.map(|folder| join(folder, path)),
    }
}

/// As `dirname` prints it.
pub(super) fn parent(path: &str) -> &str {
    let path = path.trim_end_matches('/');
    match path.rsplit_once('/') {
        Some(("", _)) => "/",
        Some((folder, _)) => folder.trim_end_matches('/'),
        None => ".",
    }
}
