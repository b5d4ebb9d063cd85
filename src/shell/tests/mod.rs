//! Tests of the reading as a whole.

mod compose;
mod corpus;
mod hostile;
mod loops;
mod nested;
mod others;
mod patience;
mod places;
mod programs;
mod quiet;

use super::{Dialect, Environment, Event, ScriptReading, Wait, read};
use crate::duration::Seconds;
use crate::source::{Mapped, Sources};

/// A script that was read, with its file.
struct Read {
    sources: Sources,
    reading: ScriptReading,
}

fn read_with(text: &str, environment: &Environment, dialect: Dialect) -> Read {
    let mut sources = Sources::default();
    let file = sources.add("script.sh", text);
    let script = Mapped::verbatim(file, text, 0);
    let reading = read(&script, environment, dialect);
    Read { sources, reading }
}

fn bash(text: &str) -> Read {
    read_with(text, &Environment::new(), Dialect::Bash)
}

impl Read {
    /// The only wait.
    fn wait(&self) -> &Wait {
        let waits: Vec<_> = self.reading.waits().collect();
        assert_eq!(waits.len(), 1, "{:?}", self.summary());
        waits[0]
    }

    /// All waits: form, budget, the literals it rests on, the knob.
    fn summary(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for event in &self.reading.events {
            lines.push(match event {
                Event::Wait(wait) => self.line(wait),
                Event::Compose(command) => format!("compose {}", command.subcommand),
                Event::Program(program) => {
                    let words = program.words.iter();
                    let words: Vec<_> = words
                        .map(|word| word.as_ref().map_or("?", |word| word.text.as_str()))
                        .collect();
                    let chance = format!("{:?}", program.setting.chance);
                    format!("{} {}", chance.to_lowercase(), words.join(" "))
                }
                Event::Call(call) => {
                    format!(
                        "call {} {}",
                        call.program,
                        call.path.text.as_deref().unwrap_or("?")
                    )
                }
            });
        }
        lines
    }

    fn line(&self, wait: &Wait) -> String {
        for literal in wait.from.iter().filter(|l| l.verbatim) {
            assert_eq!(self.sources.text(literal.span), literal.text);
        }
        let from: Vec<_> = wait.from.iter().map(|l| l.text.as_str()).collect();
        let budget = wait.budget.map_or("none".to_owned(), |b| b.to_string());
        let knob = wait.knob.as_ref().map(|knob| {
            assert_eq!(self.sources.text(knob.literal.span), knob.literal.text);
            let doubled = wait.budget.and_then(|b| knob.set(b.times(2)));
            let name = knob.variable().map(|v| format!("{v}=")).unwrap_or_default();
            // Nothing is left to say where the budget has run into the end of time.
            let kept = wait.budget.and_then(|b| knob.set(b));
            assert!(
                kept.is_none_or(|kept| kept == knob.literal.text)
                    || knob.literal.text.contains('.'),
                "{knob:?}"
            );
            format!(
                " {name}{}->{}",
                knob.literal.text,
                doubled.unwrap_or_default()
            )
        });
        let fails = if wait.can_fail { " fails" } else { "" };
        format!(
            "{} {budget} [{}]{}{fails}",
            wait.form.name(),
            from.join(" "),
            knob.unwrap_or_default()
        )
    }
}

/// Checks the one wait of a script against a line as [`Read::line`] makes it.
#[track_caller]
fn check(script: &str, expected: &str) {
    let read = bash(script);
    assert_eq!(read.line(read.wait()), expected, "in\n{script}");
}

/// A budget of whole seconds.
#[allow(clippy::unnecessary_wraps)] // Budgets may be missing; this is what they are compared with.
fn seconds(n: i64) -> Option<Seconds> {
    Some(Seconds::new(n))
}
