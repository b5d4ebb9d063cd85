//! What can be typed.

use super::Colour;
use crate::clock::{BudgetModel, Engine};
use crate::duration::{self, Seconds};
use crate::finding::Severity;
use crate::report::Format;
use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Lints and fixes the startup timing of Docker Compose projects and of the CI workflows that deploy them.
#[derive(Debug, Parser)]
#[command(
    name = "upbeat",
    version,
    about,
    args_conflicts_with_subcommands = true,
    max_term_width = 100
)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Option<Command>,
    #[command(flatten)]
    pub(super) check: Check,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Checks projects; this is what `upbeat` alone does.
    Check(Check),
    /// Prints the effective model, as `docker compose config` does.
    Config(Config),
    /// Tells which files make which stack, and why.
    Stacks(Stacks),
    /// Tells every wait that was understood, when it gives up and why.
    Waits(Waits),
    /// Tells what an error of Docker or Compose means for a project, or shows a rule's page.
    Explain(Explain),
    /// Lists the rules.
    Rules(Rules),
    /// Draws the start of a stack: who waits for whom, and which limit comes first.
    Timeline(Timeline),
    /// Measures starts, from logs, docker inspect or docker events.
    Measure(Measure),
    /// Writes a first upbeat.yml: what was found, as comments.
    Init(Init),
    /// Prints the completions of a shell.
    Completions(Completions),
    /// Prints the manual's page.
    Man(Man),
}

/// The arguments of `init`.
#[derive(Debug, Args)]
pub(super) struct Init {
    /// The project's folder [default: the top of the Git repository]
    #[arg(value_name = "PATH")]
    pub(super) path: Option<PathBuf>,
    /// Print it, and write nothing
    #[arg(long)]
    pub(super) stdout: bool,
    /// Print the JSON Schema of upbeat.yml instead
    #[arg(long, conflicts_with_all = ["path", "stdout"])]
    pub(super) schema: bool,
}

/// The arguments of `completions`.
#[derive(Debug, Args)]
pub(super) struct Completions {
    /// The shell
    #[arg(value_enum)]
    pub(super) shell: clap_complete::Shell,
}

/// The arguments of `man`.
#[derive(Debug, Args)]
pub(super) struct Man {
    /// Write a page for each subcommand into this folder
    #[arg(long, value_name = "FOLDER")]
    pub(super) dir: Option<PathBuf>,
}

/// The arguments of `measure`.
#[derive(Debug, Args)]
pub(super) struct Measure {
    /// What containers printed, or what docker inspect, docker events or docker compose ps --format json print; - reads standard
    /// input
    #[arg(value_name = "FILE | -")]
    pub(super) files: Vec<String>,
    /// The service that it is of, where it does not say so; starts of others are left out
    #[arg(long, value_name = "NAME")]
    pub(super) service: Option<String>,
    /// The stack that it is of
    #[arg(long, value_name = "NAME")]
    pub(super) stack: Option<String>,
    /// Append the starts to the project's record, upbeat.startups.jsonl, which check reads
    #[arg(long)]
    pub(super) record: bool,
    /// How they are printed
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    pub(super) format: MeasureFormat,
}

/// `measure --format`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum MeasureFormat {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
}

/// The arguments of `config`.
#[derive(Debug, Args)]
pub(super) struct Config {
    /// Compose file; several are laid over each other [default: as docker compose finds them]
    #[arg(short, long = "file", value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,
    /// Env file to read instead of .env
    #[arg(long = "env-file", value_name = "FILE")]
    pub(super) env_files: Vec<PathBuf>,
    /// Profile to turn on; * turns on all
    #[arg(long = "profile", value_name = "NAME")]
    pub(super) profiles: Vec<String>,
    /// The project's name
    #[arg(short = 'p', long = "project-name", value_name = "NAME")]
    pub(super) name: Option<String>,
    /// How it is printed
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    pub(super) format: ConfigFormat,
}

/// `config --format`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum ConfigFormat {
    /// As compose files are written.
    #[default]
    Yaml,
    /// For programs.
    Json,
}

/// Which project is meant, and what is known of it: shared by the subcommands that look at whole projects.
#[derive(Debug, Args)]
pub(super) struct ProjectArgs {
    #[command(flatten)]
    pub(super) sources: SourceArgs,
    /// Log of a real start; - reads standard input
    #[arg(long = "log", value_name = "[SERVICE=]FILE")]
    pub(super) logs: Vec<Log>,
    /// How long a service takes to start, instead of what logs and settings say
    #[arg(long = "startup", value_name = "SERVICE=DURATION", value_parser = startup)]
    pub(super) startups: Vec<(String, Seconds)>,
    /// Docker Engine whose health clock counts, such as 20.10, 26 or 28 [default: the newest]
    #[arg(long, value_name = "VERSION")]
    pub(super) engine: Option<Engine>,
}

/// Which files are meant.
#[derive(Debug, Default, Args)]
pub(super) struct SourceArgs {
    /// The project's folder, or files of it to report on [default: the top of the Git repository]
    #[arg(value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,
    /// Compose file; several make one stack, as with docker compose [default: found]
    #[arg(short, long = "file", value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,
    /// Env file to read instead of .env
    #[arg(long = "env-file", value_name = "FILE")]
    pub(super) env_files: Vec<PathBuf>,
    /// Profile to turn on; * turns on all
    #[arg(long = "profile", value_name = "NAME")]
    pub(super) profiles: Vec<String>,
    /// Settings to read [default: upbeat.yml of the project]
    #[arg(long, value_name = "FILE", conflicts_with = "no_config")]
    pub(super) config: Option<PathBuf>,
    /// Read no settings
    #[arg(long)]
    pub(super) no_config: bool,
    /// Also read files outside of the project that its files name
    #[arg(long)]
    pub(super) allow_outside: bool,
}

/// The arguments of `stacks`.
#[derive(Debug, Args)]
pub(super) struct Stacks {
    #[command(flatten)]
    pub(super) sources: SourceArgs,
    /// How they are printed
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    pub(super) format: StacksFormat,
}

/// `stacks --format`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum StacksFormat {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
}

/// The arguments of `waits`.
#[derive(Debug, Args)]
pub(super) struct Waits {
    #[command(flatten)]
    pub(super) sources: SourceArgs,
    /// How they are printed
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    pub(super) format: WaitsFormat,
}

/// `waits --format`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum WaitsFormat {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
}

/// The arguments of `explain`.
#[derive(Debug, Args)]
pub(super) struct Explain {
    /// A rule's name, or what Docker, Compose or a CI runner said; - reads standard input
    #[arg(value_name = "RULE | TEXT")]
    pub(super) text: String,
    #[command(flatten)]
    pub(super) project: ProjectArgs,
    /// How it is printed
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    pub(super) format: ExplainFormat,
    /// When to use colours
    #[arg(long, value_enum, value_name = "WHEN", default_value_t)]
    pub(super) color: Colour,
}

/// `explain --format`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum ExplainFormat {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
}

/// The arguments of `rules`.
#[derive(Debug, Args)]
pub(super) struct Rules {
    /// How they are printed
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    pub(super) format: RulesFormat,
}

/// `rules --format`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum RulesFormat {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
    /// A table, as in the README.
    Markdown,
}

/// The arguments of `check`.
#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools)] // each is a flag of its own
pub(super) struct Check {
    #[command(flatten)]
    pub(super) project: ProjectArgs,
    /// What waits are measured against: planned, worst or after-up [default: planned]
    #[arg(long, value_name = "MODEL")]
    pub(super) budget: Option<BudgetModel>,
    /// Apply the safe fixes
    #[arg(long, conflicts_with = "diff")]
    pub(super) fix: bool,
    /// Show what --fix would change, and write nothing
    #[arg(long)]
    pub(super) diff: bool,
    /// With --fix or --diff: the unsafe fixes as well
    #[arg(long)]
    pub(super) unsafe_fixes: bool,
    /// How findings are printed [default: full; github under GitHub Actions]
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub(super) format: Option<Format>,
    /// Write them to this file in that format; standard output gets the default one
    #[arg(
        short,
        long,
        value_name = "FILE",
        requires = "format",
        conflicts_with = "write_baseline"
    )]
    pub(super) output: Option<PathBuf>,
    /// The severity from which on the exit code is 1
    #[arg(long, value_enum, value_name = "SEVERITY", default_value_t)]
    pub(super) fail_on: FailOn,
    /// Run only these rules
    #[arg(long, value_name = "RULE", value_delimiter = ',', value_parser = rules(), hide_possible_values = true)]
    pub(super) select: Vec<String>,
    /// Do not run these rules
    #[arg(long, value_name = "RULE", value_delimiter = ',', value_parser = rules(), hide_possible_values = true)]
    pub(super) ignore: Vec<String>,
    /// Report only findings that this file does not know [default: baseline of the settings]
    #[arg(long, value_name = "FILE", conflicts_with = "write_baseline")]
    pub(super) baseline: Option<PathBuf>,
    /// Report only findings that touch a line which this output of git diff changes; - reads standard input
    #[arg(long, value_name = "FILE | -", conflicts_with_all = ["fix", "diff", "write_baseline"])]
    pub(super) changed_lines: Option<PathBuf>,
    /// Pass over named files that the settings exclude, or that are no part of any stack or workflow, as a hook needs it
    #[arg(long)]
    pub(super) force_exclude: bool,
    /// Record the findings in this file, for --baseline
    #[arg(long, value_name = "FILE", conflicts_with_all = ["fix", "diff"])]
    pub(super) write_baseline: Option<PathBuf>,
    /// Check again whenever a file is saved, until Ctrl-C ends it (exit code 130)
    #[arg(long, conflicts_with_all = ["fix", "diff", "output", "write_baseline"])]
    pub(super) watch: bool,
    /// When to use colours
    #[arg(long, value_enum, value_name = "WHEN", default_value_t)]
    pub(super) color: Colour,
    /// Leave out the closing line
    #[arg(short, long, conflicts_with = "verbose")]
    pub(super) quiet: bool,
    /// Also tell which stacks and waits were judged
    #[arg(short, long)]
    pub(super) verbose: bool,
}

/// The arguments of `timeline`.
#[derive(Debug, Args)]
pub(super) struct Timeline {
    #[command(flatten)]
    pub(super) project: ProjectArgs,
    /// What waits are measured against: planned, worst or after-up [default: planned]
    #[arg(long, value_name = "MODEL")]
    pub(super) budget: Option<BudgetModel>,
    /// The stack to draw [default: all]
    #[arg(long, value_name = "NAME")]
    pub(super) stack: Option<String>,
    /// How it is drawn
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    pub(super) format: TimelineFormat,
    /// Where it is written to [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    /// Draw with ASCII alone
    #[arg(long)]
    pub(super) ascii: bool,
    /// When to use colours
    #[arg(long, value_enum, value_name = "WHEN", default_value_t)]
    pub(super) color: Colour,
}

/// `timeline --format`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum TimelineFormat {
    /// For a terminal, as wide as that is.
    #[default]
    Text,
    /// A picture of one stack.
    Svg,
    /// A page with the pictures and the numbers of all stacks.
    Html,
    /// For programs.
    Json,
}

/// `--log`.
#[derive(Clone, Debug)]
pub(super) struct Log {
    pub(super) service: Option<String>,
    pub(super) file: PathBuf,
}

impl std::str::FromStr for Log {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (service, file) = match text.split_once('=') {
            // A path may hold a `=` too: a service's name has no slash.
            Some((service, file)) if !service.contains(['/', '\\']) => (Some(service), file),
            _ => (None, text),
        };
        if file.is_empty() || service == Some("") {
            return Err("write SERVICE=FILE or FILE".to_owned());
        }
        Ok(Self {
            service: service.map(str::to_owned),
            file: file.into(),
        })
    }
}

/// `--fail-on`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum FailOn {
    /// Any finding.
    Info,
    /// Warnings and errors.
    #[default]
    Warning,
    /// Errors only.
    Error,
    /// Nothing.
    Never,
}

impl FailOn {
    /// Whether a finding makes the exit code 1.
    pub(super) fn counts(self, severity: Severity) -> bool {
        match self {
            Self::Info => true,
            Self::Warning => severity >= Severity::Warning,
            Self::Error => severity >= Severity::Error,
            Self::Never => false,
        }
    }
}

fn startup(text: &str) -> Result<(String, Seconds), String> {
    let (service, length) = text
        .split_once('=')
        .ok_or("write SERVICE=DURATION, such as backend=180s")?;
    let length = duration::parse(length).map_err(|error| error.to_string())?;
    if service.is_empty() || length < Seconds::ZERO {
        return Err("write SERVICE=DURATION, such as backend=180s".to_owned());
    }
    Ok((service.to_owned(), length))
}

/// The rules' names, which shells then complete.
fn rules() -> PossibleValuesParser {
    let rules = crate::rules::RULES.iter();
    PossibleValuesParser::new(rules.map(|rule| PossibleValue::new(rule.name).help(rule.summary)))
}
