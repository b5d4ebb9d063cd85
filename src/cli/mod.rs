//! The command line: the only place that prints.

mod arguments;
mod baseline;
mod check;
mod config;
mod error;
mod explain;
mod files;
mod fixing;
mod init;
mod manual;
mod measure;
mod output;
mod page;
mod printed;
mod progress;
mod roots;
mod rules;
mod run;
mod scope;
mod session;
mod stacks;
mod terminal;
mod timeline;
mod told;
mod waits;
mod watch;

use arguments::{Arguments, Command};
use clap::Parser;
use std::io::{IsTerminal, stderr, stdout};

/// Nothing at or above `--fail-on`.
const CLEAN: u8 = 0;
/// Findings.
const FINDINGS: u8 = 1;
/// It could not run, or could not see everything.
const INCOMPLETE: u8 = 2;

/// Runs the command line and gives the exit code.
pub fn run() -> u8 {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // clap prints help and version to stdout, and ends well with them.
            let wrong = error.use_stderr();
            error.print().ok();
            return if wrong { INCOMPLETE } else { CLEAN };
        }
    };
    let result = match arguments.command {
        Some(Command::Check(check)) => check::run(&check),
        Some(Command::Config(config)) => config::run(&config),
        Some(Command::Stacks(stacks)) => stacks::run(&stacks),
        Some(Command::Waits(waits)) => waits::run(&waits),
        Some(Command::Explain(explain)) => explain::run(&explain),
        Some(Command::Rules(rules)) => Ok(rules::run(&rules)),
        Some(Command::Measure(measure)) => measure::run(&measure),
        Some(Command::Timeline(timeline)) => timeline::run(&timeline),
        Some(Command::Completions(shell)) => manual::completions(&shell),
        Some(Command::Man(man)) => manual::man(&man),
        Some(Command::Init(init)) => init::run(&init),
        None => check::run(&arguments.check),
    };
    result.unwrap_or_else(|error| {
        error.print();
        INCOMPLETE
    })
}

/// When colours are used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Colour {
    /// On a terminal, and with `CLICOLOR_FORCE` everywhere; nowhere with `NO_COLOR`.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Colour {
    fn on(self, is_terminal: bool) -> bool {
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Auto if set("NO_COLOR") => false,
            Self::Auto => {
                let forced = std::env::var_os("CLICOLOR_FORCE")
                    .is_some_and(|force| !force.is_empty() && force != "0");
                let is_able = std::env::var_os("TERM").is_none_or(|term| term != "dumb");
                forced || is_terminal && is_able
            }
        }
    }

    fn on_stdout(self) -> bool {
        self.on(stdout().is_terminal())
    }

    fn on_stderr(self) -> bool {
        self.on(stderr().is_terminal())
    }
}
