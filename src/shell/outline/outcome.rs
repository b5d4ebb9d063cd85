//! How a script may end: of each of its parts, with which status it goes on, and whether it ends the script.

use super::is_harmless;
use crate::shell::ast::{
    Assigned, Block, Command, Kind, Link, Operation, Piece, Pipeline, Simple, Word,
};
use crate::shell::script;

/// Scripts in scripts are followed no deeper.
const DEPTH: usize = 8;

/// Programs that run another one, which stands among their arguments.
const RUNNERS: [&str; 11] = [
    "exec", "command", "timeout", "env", "nice", "nohup", "time", "sudo", "gosu", "su-exec",
    "xargs",
];

/// Comparisons that a text does not pass which stays empty.
const EQUAL: [&str; 5] = ["=", "==", "-eq", "=~", "-n"];

/// How a part of a script may end: with which status it goes on, and with which the script is over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)] // They are independent of each other.
pub(super) struct Ends {
    ok: bool,
    fail: bool,
    exit_ok: bool,
    exit_fail: bool,
}

impl Ends {
    const OK: Self = Self {
        ok: true,
        fail: false,
        exit_ok: false,
        exit_fail: false,
    };

    const FAIL: Self = Self {
        ok: false,
        fail: true,
        exit_ok: false,
        exit_fail: false,
    };

    /// A program of which nothing is known.
    const EITHER: Self = Self {
        fail: true,
        ..Self::OK
    };

    const ANY: Self = Self {
        ok: true,
        fail: true,
        exit_ok: true,
        exit_fail: true,
    };

    /// Whether it may end with 0.
    pub fn can_succeed(self) -> bool {
        self.ok || self.exit_ok
    }

    /// Whether it may end with another code.
    pub fn can_fail(self) -> bool {
        self.fail || self.exit_fail
    }

    fn or(self, other: Self) -> Self {
        Self {
            ok: self.ok || other.ok,
            fail: self.fail || other.fail,
            ..self.exits(other)
        }
    }

    /// With the ends of the script that another part brings.
    fn exits(self, other: Self) -> Self {
        Self {
            exit_ok: self.exit_ok || other.exit_ok,
            exit_fail: self.exit_fail || other.exit_fail,
            ..self
        }
    }

    /// The end of a shell of its own.
    fn inside(self) -> Self {
        Self {
            ok: self.can_succeed(),
            fail: self.can_fail(),
            exit_ok: false,
            exit_fail: false,
        }
    }
}

/// Reads how the parts of a script may end.
#[derive(Clone, Copy, Default)]
pub(super) struct Ways<'a> {
    /// Programs that are not there, so that every call of them fails.
    missing: &'a [&'a str],
    /// How many scripts stand around this one.
    depth: usize,
}

impl<'a> Ways<'a> {
    /// Where programs are not there.
    pub fn without(programs: &'a [&'a str]) -> Self {
        Self {
            missing: programs,
            depth: 0,
        }
    }

    pub fn of_block(self, block: &Block) -> Ends {
        let mut ends = Ends::OK;
        for item in &block.items {
            if !ends.ok && !ends.fail {
                break;
            }
            let mut next = Ends::OK;
            if !item.background {
                next = self.of_pipeline(&item.first);
                for (link, pipeline) in &item.rest {
                    next = self.linked(next, *link, pipeline);
                }
            }
            ends = next.exits(ends);
        }
        ends
    }

    fn linked(self, before: Ends, link: Link, pipeline: &Pipeline) -> Ends {
        let (is_reached, past) = match link {
            Link::And => (
                before.ok,
                Ends {
                    ok: false,
                    ..before
                },
            ),
            Link::Or => (
                before.fail,
                Ends {
                    fail: false,
                    ..before
                },
            ),
        };
        if is_reached {
            past.or(self.of_pipeline(pipeline))
        } else {
            past
        }
    }

    fn of_pipeline(self, pipeline: &Pipeline) -> Ends {
        let Some((last, feeding)) = pipeline.commands.split_last() else {
            return Ends::EITHER;
        };
        let mut ends = self.of_command(last);
        if !feeding.is_empty() {
            ends = ends.inside();
            // What it was to read is not there.
            let is_starved = feeding.iter().any(|command| self.is_missing(command));
            if is_starved && ends.fail {
                ends = Ends::FAIL;
            }
        }
        if pipeline.negated {
            std::mem::swap(&mut ends.ok, &mut ends.fail);
        }
        ends
    }

    fn of_command(self, command: &Command) -> Ends {
        let ends = match &command.kind {
            Kind::Simple(simple) => self.of_simple(simple),
            Kind::If { arms, otherwise } => self.of_arms(arms, otherwise.as_ref()),
            Kind::Group(body) => self.of_block(body),
            Kind::Subshell(body) => self.of_block(body).inside(),
            Kind::Test(words) if self.compares_nothing(words) => Ends::FAIL,
            Kind::Test(_) | Kind::Arith(_) => Ends::EITHER,
            // A loop may go on until the probe is killed.
            Kind::For { .. }
            | Kind::CountingFor { .. }
            | Kind::Loop { .. }
            | Kind::Case { .. }
            | Kind::Function { .. } => Ends::ANY,
        };
        if command.redirects.iter().all(is_harmless) {
            ends
        } else {
            ends.or(Ends::FAIL)
        }
    }

    fn of_arms(self, arms: &[(Block, Block)], otherwise: Option<&Block>) -> Ends {
        let mut all = Ends::default();
        for (condition, body) in arms {
            let condition = self.of_block(condition);
            all = all.exits(condition);
            if condition.ok {
                all = all.or(self.of_block(body));
            }
            if !condition.fail {
                return all;
            }
        }
        all.or(otherwise.map_or(Ends::OK, |body| self.of_block(body)))
    }

    fn of_simple(self, simple: &Simple) -> Ends {
        let ends = self.of_words(simple);
        if simple.words.iter().any(demands) {
            // The shell ends there where the variable is not set.
            return Ends {
                exit_fail: true,
                ..ends
            };
        }
        ends
    }

    fn of_words(self, simple: &Simple) -> Ends {
        let plain = |at: usize| simple.words.get(at).map(Word::plain);
        let Some(name) = plain(0) else {
            let is_text =
                |value: &Assigned| matches!(value, Assigned::Word(word) if word.plain().is_some());
            let is_sure = simple.assignments.iter().all(|set| is_text(&set.value));
            return if is_sure { Ends::OK } else { Ends::EITHER };
        };
        if self.calls_missing(&simple.words) {
            return Ends::FAIL;
        }
        match name.as_deref() {
            Some("true" | ":" | "/bin/true" | "/usr/bin/true" | "echo") => Ends::OK,
            Some("false" | "/bin/false" | "/usr/bin/false") => Ends::FAIL,
            Some("[" | "test") if self.compares_nothing(&simple.words) => Ends::FAIL,
            Some("exit") => match plain(1) {
                Some(Some(code)) => Ends {
                    exit_ok: code == "0",
                    exit_fail: code != "0",
                    ..Ends::default()
                },
                Some(None) | None => Ends {
                    exit_ok: true,
                    exit_fail: true,
                    ..Ends::default()
                },
            },
            Some("exec" | "return" | "break" | "continue") | None => Ends::ANY,
            Some(name) => self.of_script(name, &simple.words[1..]),
        }
    }

    /// `sh -c SCRIPT`, or a program of which nothing is known.
    fn of_script(self, name: &str, arguments: &[Word]) -> Ends {
        let [option, text, ..] = arguments else {
            return Ends::EITHER;
        };
        let is_shell = ["sh", "bash", "ash", "dash"].contains(&base_name(name));
        let is_script = option.plain().is_some_and(|option| option == "-c");
        match text.plain() {
            Some(text) if is_shell && is_script && self.depth < DEPTH => {
                let inner = Self {
                    depth: self.depth + 1,
                    ..self
                };
                let block = script::parse(&text);
                if super::is_opaque(&block) {
                    return Ends::EITHER;
                }
                inner.of_block(&block).inside()
            }
            _ => Ends::EITHER,
        }
    }

    /// Whether these words call what is not there.
    fn calls_missing(self, words: &[Word]) -> bool {
        let is_it = |word: &Word| {
            let text = word.plain();
            text.is_some_and(|text| {
                let mut missing = self.missing.iter();
                missing.any(|missing| text == *missing || base_name(&text) == *missing)
            })
        };
        let mut words = words.iter();
        let Some(first) = words.next() else {
            return false;
        };
        let runs = first
            .plain()
            .is_some_and(|name| RUNNERS.contains(&base_name(&name)));
        is_it(first) || runs && words.any(is_it)
    }

    /// Whether a command only calls what is not there.
    fn is_missing(self, command: &Command) -> bool {
        matches!(&command.kind, Kind::Simple(simple) if self.calls_missing(&simple.words))
    }

    /// Whether a comparison asks for what only the missing program could have printed.
    fn compares_nothing(self, words: &[Word]) -> bool {
        let asks = |word: &Word| word.plain().is_some_and(|word| EQUAL.contains(&&*word));
        let is_plain = |word: &Word| word.plain().is_some_and(|word| word == "!");
        let pieces = words.iter().flat_map(|word| &word.pieces);
        let mut bodies = pieces.filter_map(|piece| match piece {
            Piece::Command { body, .. } => Some(body),
            _ => None,
        });
        !self.missing.is_empty()
            && words.iter().any(asks)
            && !words.iter().any(is_plain)
            && bodies.any(|body| !self.of_block(body).can_succeed())
    }
}

/// Whether a word ends the shell where a variable is not set: `${NAME:?}`.
fn demands(word: &Word) -> bool {
    word.pieces.iter().any(|piece| match piece {
        Piece::Variable(variable) => match &variable.operation {
            Operation::Required => true,
            Operation::Default(word) | Operation::Assign(word) | Operation::Alternative(word) => {
                demands(word)
            }
            _ => false,
        },
        _ => false,
    })
}

fn base_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
