//! What stands behind a wait, where it only prints: nothing there can fail because of how the wait ended.

use super::ast::{
    Assigned, Block, Command, Item, Kind, Link, Piece, Pipeline, Redirect, Simple, Word,
};
use super::walk::{Function, Walker};
use std::collections::HashMap;

/// How many commands are looked at behind a wait, those of functions as well.
const LOOK: usize = 60;

/// Whether nothing in a script tells other steps how it went: an output would.
pub(super) fn tells_nobody(script: &str) -> bool {
    let told = [
        "GITHUB_OUTPUT",
        "GITHUB_ENV",
        "set-output",
        "task.setvariable",
        "BASH_ENV",
    ];
    !told.iter().any(|name| script.contains(name))
}

impl Walker {
    /// Whether the rest of an item, and what stands behind it in its block, only prints.
    pub fn is_quiet_behind(&self, item: &Item, behind: &[Item]) -> bool {
        let mut look = Look {
            functions: &self.functions,
            returns: self.context.setting.tolerated,
            left: LOOK,
        };
        let mut rest = item.rest.iter();
        rest.all(|(_, pipeline)| look.pipeline(pipeline)) && look.items(behind)
    }
}

/// Whether a loop that runs out has the status 0, whatever the tries in it had.
pub(super) fn ends_well(command: &Command) -> bool {
    let (Kind::Loop { body, .. } | Kind::For { body, .. } | Kind::CountingFor { body, .. }) =
        &command.kind
    else {
        return false;
    };
    let functions = HashMap::new();
    let mut look = Look {
        functions: &functions,
        returns: false,
        left: LOOK,
    };
    body.items.last().is_some_and(|item| {
        let last = item.rest.last();
        let last = match last {
            // Its first part may fail, and then that is the status.
            Some((Link::And, _)) => return false,
            Some((Link::Or, last)) => last,
            None => &item.first,
        };
        match last.commands.as_slice() {
            // `((n++))` fails where it comes to 0, which is the first turn at most.
            [command] => match &command.kind {
                Kind::Arith(_) => true,
                // What leaves the loop is no end of it, and an `if` that takes no arm has the status 0.
                Kind::If { arms, otherwise } => {
                    let mut bodies = arms.iter().map(|(_, body)| body).chain(otherwise);
                    bodies.all(|body| body.items.iter().any(leaves) || look.block(body))
                }
                _ => look.command(command),
            },
            _ => false,
        }
    })
}

/// A look at commands that are not run.
struct Look<'a> {
    functions: &'a HashMap<String, Function>,
    /// Whether a function may return a failure, since its caller catches it.
    returns: bool,
    left: usize,
}

impl Look<'_> {
    fn block(&mut self, block: &Block) -> bool {
        self.items(&block.items)
    }

    fn items(&mut self, items: &[Item]) -> bool {
        for (n, item) in items.iter().enumerate() {
            if !self.item(item, n + 1 == items.len()) {
                return false;
            }
            if item.rest.is_empty() && ends(&item.first) {
                return true;
            }
        }
        true
    }

    /// Of `a && b` the first may fail without harm, as long as something stands behind that has a status of its own.
    fn item(&mut self, item: &Item, is_last: bool) -> bool {
        if item.background {
            return false;
        }
        let Some(((_, last), others)) = item.rest.split_last() else {
            return self.pipeline(&item.first);
        };
        let ands = item.rest.iter().any(|(link, _)| *link == Link::And);
        let fails_last = ands && !matches!(item.rest.last(), Some((Link::Or, _)));
        let mut asked = std::iter::once(&item.first).chain(others.iter().map(|(_, p)| p));
        !(is_last && fails_last) && asked.all(|p| self.asked(p)) && self.pipeline(last)
    }

    /// A condition: it may fail, but must not end the script.
    fn asked(&mut self, pipeline: &Pipeline) -> bool {
        pipeline.commands.iter().all(|command| {
            let Some(left) = self.left.checked_sub(1) else {
                return false;
            };
            self.left = left;
            match &command.kind {
                Kind::Test(_) | Kind::Arith(_) => true,
                Kind::Simple(simple) => {
                    let name = simple.words.first().and_then(Word::bare);
                    let name = name.unwrap_or_default();
                    let is_known = matches!(
                        name,
                        "[" | "test"
                            | "true"
                            | "false"
                            | "grep"
                            | "docker"
                            | "docker-compose"
                            | "curl"
                            | "echo"
                            | "printf"
                            | "command"
                            | "wc"
                            | "nc"
                    );
                    is_known && simple.assignments.is_empty()
                }
                _ => self.command(command),
            }
        })
    }

    fn pipeline(&mut self, pipeline: &Pipeline) -> bool {
        // What reads an output shows it; a search may fail.
        let shows = |command: &Command| match &command.kind {
            Kind::Simple(simple) => {
                let name = simple.words.first().and_then(Word::bare);
                matches!(
                    name,
                    Some("tail" | "head" | "sed" | "sort" | "cat" | "tee" | "column")
                )
            }
            _ => false,
        };
        match pipeline.commands.as_slice() {
            [] => true,
            [first, others @ ..] => {
                !pipeline.negated && self.command(first) && others.iter().all(shows)
            }
        }
    }

    fn command(&mut self, command: &Command) -> bool {
        let Some(left) = self.left.checked_sub(1) else {
            return false;
        };
        self.left = left;
        if !command.redirects.iter().all(is_shown) {
            return false;
        }
        match &command.kind {
            Kind::Simple(simple) => self.simple(simple),
            Kind::If { arms, otherwise } => {
                let mut conditions = arms.iter().flat_map(|(condition, _)| &condition.items);
                let all = conditions.all(|item| {
                    let rest = item.rest.iter().map(|(_, pipeline)| pipeline);
                    std::iter::once(&item.first)
                        .chain(rest)
                        .all(|pipeline| self.asked(pipeline))
                });
                let mut bodies = arms.iter().map(|(_, body)| body).chain(otherwise);
                all && bodies.all(|body| self.block(body))
            }
            Kind::Group(body) => self.block(body),
            Kind::Function { .. } => true,
            _ => false,
        }
    }

    fn simple(&mut self, simple: &Simple) -> bool {
        let is_text = |word: &Word| {
            !word
                .pieces
                .iter()
                .any(|p| matches!(p, Piece::Command { .. }))
        };
        let plain = simple
            .assignments
            .iter()
            .all(|assignment| match &assignment.value {
                Assigned::Word(word) => is_text(word),
                Assigned::Array(words) => words.iter().all(is_text),
                Assigned::Other => false,
            });
        let mut words = simple.words.iter();
        let Some(first) = words.next() else {
            return plain;
        };
        let Some(name) = first.bare() else {
            return false;
        };
        let second = words.next().and_then(Word::plain).unwrap_or_default();
        match name {
            "echo" | "printf" | ":" | "true" | "date" | "sleep" | "cat" => true,
            "export" | "local" => plain,
            "break" | "continue" => simple.words.len() == 1,
            "return" if self.returns => true,
            "exit" | "return" => second == "0",
            "set" => second == "+e",
            "docker" => match second.as_str() {
                "ps" | "logs" | "images" => true,
                "compose" => shows_only(&simple.words[2..]),
                _ => false,
            },
            "docker-compose" => shows_only(&simple.words[1..]),
            name => {
                let function = self.functions.get(name);
                function.is_some_and(|function| self.command(&function.body))
            }
        }
    }
}

/// Whether `docker compose` only shows something: its first word that is no option, or an option's value.
fn shows_only(words: &[Word]) -> bool {
    let mut words = words.iter().map(Word::plain);
    while let Some(word) = words.next() {
        match word.as_deref() {
            Some("-f" | "--file" | "-p" | "--project-name" | "--env-file" | "--profile") => {
                words.next();
            }
            Some(word) if word.starts_with('-') => {}
            Some(word) => return matches!(word, "ps" | "logs" | "ls" | "images" | "top"),
            None => return false,
        }
    }
    false
}

/// Whether what is printed goes to where a person sees it, or nowhere.
fn is_shown(redirect: &Redirect) -> bool {
    match redirect {
        Redirect::Heredoc(_) | Redirect::HereString(_) | Redirect::Other(None) => true,
        Redirect::Other(Some(word)) => word.plain().is_some_and(|to| {
            matches!(
                to.as_str(),
                "1" | "2" | "&1" | "&2" | "/dev/null" | "/dev/stderr" | "/dev/stdout"
            )
        }),
    }
}

/// Whether an item ends the script or the function, or the loop.
fn leaves(item: &Item) -> bool {
    let breaks = |command: &Command| match &command.kind {
        Kind::Simple(simple) => simple.words.first().and_then(Word::bare) == Some("break"),
        _ => false,
    };
    item.rest.is_empty() && (ends(&item.first) || item.first.commands.iter().all(breaks))
}

/// Whether the script or the function is over behind a pipeline.
fn ends(pipeline: &Pipeline) -> bool {
    let [command] = pipeline.commands.as_slice() else {
        return false;
    };
    match &command.kind {
        Kind::Simple(simple) => {
            let name = simple.words.first().and_then(Word::bare);
            matches!(name, Some("exit" | "return"))
        }
        _ => false,
    }
}
