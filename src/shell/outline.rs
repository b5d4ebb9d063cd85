//! A short script from the outside: which commands stand in it, and whether it can fail at all. For the test of a
//! healthcheck, which is a few commands and no program.

use super::UNKNOWN;
use super::ast::{Assigned, Block, Command, Kind, Piece, Pipeline, Redirect, Simple, Word};
use super::script;
use outcome::Ways;
use std::ops::Range;

mod outcome;

/// What a script comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outline {
    /// Its simple commands, in the order of writing; those of functions are left out.
    pub commands: Vec<Outlined>,
    /// Whether it may end with a code other than 0. One that hangs ends with none.
    pub can_fail: bool,
}

/// A simple command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outlined {
    /// The program and its arguments.
    pub words: Vec<OutlinedWord>,
    /// Whether what it prints is read: by the next command of a pipeline, in a substitution, or out of a file.
    pub is_read: bool,
    /// Whether nothing stands behind it, so that a shell may become it instead of starting it.
    pub is_last: bool,
}

/// A word of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutlinedWord {
    /// The text, without quotes; [`UNKNOWN`] stands for what the shell puts in.
    pub text: String,
    /// Its bytes in the script.
    pub at: Range<usize>,
}

/// Reads a script.
pub fn outline(text: &str) -> Outline {
    let block = script::parse(text);
    let mut reader = Reader::default();
    reader.block(&block, false, true);
    let ends = Ways::default().of_block(&block);
    Outline {
        can_fail: reader.is_opaque || ends.can_fail(),
        commands: reader.commands,
    }
}

/// Whether a script may end with 0 where programs are missing, so that every call of them fails.
pub fn succeeds_without(text: &str, programs: &[&str]) -> bool {
    let block = script::parse(text);
    Ways::without(programs).of_block(&block).can_succeed()
}

/// Whether something stands in it behind which nothing is as it looks.
fn is_opaque(block: &Block) -> bool {
    let mut reader = Reader::default();
    reader.block(block, false, true);
    reader.is_opaque
}

#[derive(Default)]
struct Reader {
    commands: Vec<Outlined>,
    /// Something stands there behind which nothing is as it looks.
    is_opaque: bool,
}

impl Reader {
    fn block(&mut self, block: &Block, is_read: bool, is_last: bool) {
        for (at, item) in block.items.iter().enumerate() {
            let ends = is_last && at + 1 == block.items.len() && !item.background;
            let rest = item.rest.iter().map(|(_, pipeline)| pipeline);
            for (at, pipeline) in std::iter::once(&item.first).chain(rest).enumerate() {
                let ends = ends && at == item.rest.len();
                self.pipeline(pipeline, is_read, ends);
            }
        }
    }

    fn pipeline(&mut self, pipeline: &Pipeline, is_read: bool, is_last: bool) {
        let count = pipeline.commands.len();
        for (at, command) in pipeline.commands.iter().enumerate() {
            let is_piped = at + 1 < count;
            let ends = is_last && count == 1 && !pipeline.negated;
            self.command(command, is_read || is_piped, ends);
        }
    }

    fn command(&mut self, command: &Command, is_read: bool, is_last: bool) {
        let into_file = command.redirects.iter().any(|to| !is_harmless(to));
        let is_read = is_read || into_file;
        for redirect in &command.redirects {
            if let Redirect::Other(Some(word)) | Redirect::HereString(word) = redirect {
                self.substitutions(word);
            }
        }
        match &command.kind {
            Kind::Simple(simple) => self.simple(simple, is_read, is_last),
            Kind::If { arms, otherwise } => {
                for (condition, body) in arms {
                    self.block(condition, is_read, false);
                    self.block(body, is_read, false);
                }
                if let Some(body) = otherwise {
                    self.block(body, is_read, false);
                }
            }
            Kind::Loop {
                condition, body, ..
            } => {
                self.block(condition, is_read, false);
                self.block(body, is_read, false);
            }
            Kind::For { words, body, .. } => {
                for word in words.iter().flatten() {
                    self.substitutions(word);
                }
                self.block(body, is_read, false);
            }
            Kind::Case { word, arms } => {
                if let Some(word) = word {
                    self.substitutions(word);
                }
                for (_, body) in arms {
                    self.block(body, is_read, false);
                }
            }
            Kind::CountingFor { body, .. } | Kind::Group(body) | Kind::Subshell(body) => {
                self.block(body, is_read, false);
            }
            Kind::Test(words) => {
                for word in words {
                    self.substitutions(word);
                }
            }
            Kind::Arith(_) => {}
            Kind::Function { .. } => self.is_opaque = true,
        }
    }

    fn simple(&mut self, simple: &Simple, is_read: bool, is_last: bool) {
        for assignment in &simple.assignments {
            match &assignment.value {
                Assigned::Word(word) => self.substitutions(word),
                Assigned::Array(words) => {
                    for word in words {
                        self.substitutions(word);
                    }
                }
                Assigned::Other => {}
            }
        }
        for word in &simple.words {
            self.substitutions(word);
        }
        let name = simple.words.first().and_then(Word::plain);
        let turns = ["set", "trap", "eval", ".", "source", "shopt", "alias"];
        self.is_opaque |= name.is_some_and(|name| turns.contains(&name.as_str()));
        if !simple.words.is_empty() {
            self.commands.push(Outlined {
                words: simple.words.iter().map(outlined).collect(),
                is_read,
                is_last,
            });
        }
    }

    fn substitutions(&mut self, word: &Word) {
        for piece in &word.pieces {
            if let Piece::Command { body, .. } = piece {
                self.block(body, true, false);
            }
        }
    }
}

fn outlined(word: &Word) -> OutlinedWord {
    let pieces = word.pieces.iter().map(|piece| match piece {
        Piece::Text { text, .. } => text.as_str(),
        _ => UNKNOWN,
    });
    OutlinedWord {
        text: pieces.collect(),
        at: word.at.clone(),
    }
}

/// Whether a redirection always works, and nobody reads what it leaves.
pub(super) fn is_harmless(redirect: &Redirect) -> bool {
    match redirect {
        Redirect::Heredoc(_) | Redirect::HereString(_) => true,
        Redirect::Other(None) => false,
        Redirect::Other(Some(word)) => word.plain().is_some_and(|to| {
            let to = to.strip_prefix('&').unwrap_or(&to);
            let is_number = !to.is_empty() && to.bytes().all(|b| b.is_ascii_digit());
            is_number || ["-", "/dev/null", "/dev/stdout", "/dev/stderr"].contains(&to)
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_program_is_no_matter_where_another_way_leads_to_success() {
        for passes in [
            "curl -f x || wget -q x",
            "wget -q x || curl -f x",
            "curl -f x || true",
            "! curl -f x",
            "if curl -f x; then exit 0; fi; nc -z x 1",
            "command -v curl || exit 0; curl -f x",
            "curl x; pg_isready",
            "[ \"$(curl x)\" != 500 ]",
        ] {
            assert!(succeeds_without(passes, &["curl"]), "{passes}");
        }
        for fails in [
            "curl -f x",
            "/usr/bin/curl -f x || exit 1",
            "curl -f x && wget x",
            "curl -f x || false",
            "wget x && curl -f x || exit 1",
            "curl -f x || curl -f y",
            "timeout 5 curl -f x",
            "curl x | grep ok",
            "[ \"$(curl x)\" = 200 ]",
            "sh -c 'curl x || exit 1'",
            "if curl -f x; then exit 0; else exit 1; fi",
        ] {
            assert!(!succeeds_without(fails, &["curl"]), "{fails}");
        }
    }

    #[test]
    fn whether_a_script_can_fail_is_read_off_its_last_way() {
        for never in [
            "true",
            "curl -f http://x || true",
            "curl -f http://x || exit 0",
            "curl -f http://x; exit 0",
            "curl -f http://x || :",
            "echo ok",
            "curl -f http://x || echo down >&2",
            "a && b || echo no",
            "(a; b) || true",
            "if a; then exit 0; else echo no; fi",
            "a &",
            "echo $(curl http://x)",
            "! false",
            "a | true",
            "sh -c 'x || true'",
            "/bin/sh -c \"x; exit 0\"",
        ] {
            assert!(!outline(never).can_fail, "{never}");
        }
        for may in [
            "curl -f http://x",
            "curl -f http://x || exit 1",
            "true && curl x",
            "a || true; b",
            "a || exit 1; true",
            "echo > /dev/tcp/localhost/80",
            "echo stats | nc x 1",
            "if a; then exit 0; fi; exit 1",
            "a || true && b",
            "while ! nc -z x 1; do sleep 1; done; echo done",
            "set -e; a; true",
            "f() { exit 1; }; f || true",
            "exit $?",
            "a || exit",
            "(exit 1)",
            "! true",
            ": ${PIDFILE:?not set}",
            "echo ${PIDFILE?}",
            "sh -c 'x || exit 1'",
            "sh -c 'set -e; x; true'",
            "timeout 5 sh -c 'x || true'",
        ] {
            assert!(outline(may).can_fail, "{may}");
        }
    }

    fn commands(text: &str) -> Vec<(String, bool, bool)> {
        let commands = outline(text).commands.into_iter();
        let name = |command: &Outlined| command.words[0].text.clone();
        commands
            .map(|command| (name(&command), command.is_read, command.is_last))
            .collect()
    }

    #[test]
    fn commands_tell_who_reads_them_and_what_stands_behind() {
        let all = |commands: &[(&str, bool, bool)]| {
            let owned = commands.iter();
            owned
                .map(|(name, read, last)| ((*name).to_owned(), *read, *last))
                .collect::<Vec<_>>()
        };
        assert_eq!(commands("curl x"), all(&[("curl", false, true)]));
        assert_eq!(
            commands("curl x || exit 1"),
            all(&[("curl", false, false), ("exit", false, true)])
        );
        assert_eq!(
            commands("curl x 2>&1 | grep y"),
            all(&[("curl", true, false), ("grep", false, false)])
        );
        assert_eq!(
            commands("test \"$(curl x)\" = 200"),
            all(&[("curl", true, false), ("test", false, true)])
        );
        assert_eq!(
            commands("curl x > /tmp/a && grep b /tmp/a"),
            all(&[("curl", true, false), ("grep", false, true)])
        );
        assert_eq!(
            commands("curl x >/dev/null 2>&1"),
            all(&[("curl", false, true)])
        );
    }

    #[test]
    fn words_know_their_places() {
        let text = "curl 'http://x/'\"$P\"";
        let outline = outline(text);
        let words = &outline.commands[0].words;
        assert_eq!(words[1].text, format!("http://x/{UNKNOWN}"));
        assert_eq!(&text[words[0].at.clone()], "curl");
    }
}
