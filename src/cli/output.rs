//! Where findings go, and in which form: the terminal, the log of a CI job and its summary, a file.

use super::Colour;
use super::arguments::Check;
use super::error::{Error, no_output};
use super::files::put;
use super::terminal;
use crate::report::{Format, Links, Report, Style, markdown};
use clap::ValueEnum;
use clap::builder::PossibleValue;
use std::env;
use std::fs::OpenOptions;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};

impl ValueEnum for Format {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let help = match self {
            Self::Full => "With the places in the files and the arithmetic",
            Self::Short => "A line a finding",
            Self::Json => "For programs",
            Self::Github => "For the log of GitHub Actions, which puts them beside the code",
            Self::Sarif => "SARIF 2.1.0, for code scanning and editors",
            Self::Gitlab => "For GitLab's code quality",
            Self::Junit => "As test results",
            Self::Checkstyle => "As checkstyle writes it",
            Self::Rdjson => "For reviewdog",
            Self::Markdown => "For a comment",
        };
        Some(PossibleValue::new(self.name()).help(help))
    }
}

/// What findings are printed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stream {
    /// Standard output.
    Out,
    /// Standard error, where something else is on standard output.
    Error,
}

/// What a report is written to.
#[derive(Debug)]
pub(super) struct Outlets {
    stream: Stream,
    format: Format,
    colours: bool,
    quiet: bool,
    width: Option<usize>,
    links: Option<Links>,
    /// The summary of a GitHub job.
    summary: Option<PathBuf>,
    file: Option<(PathBuf, Format)>,
}

impl Outlets {
    pub(super) fn new(check: &Check, root: &Path, stream: Stream) -> Self {
        let file = check.output.clone().zip(check.format);
        let asked = check.format.filter(|_| file.is_none());
        let format = asked.unwrap_or(if is_true("GITHUB_ACTIONS") {
            Format::Github
        } else {
            Format::Full
        });
        // GitLab shows colours in its logs, which are no terminals.
        let shows_colours = asked.is_none() && is_true("GITLAB_CI");
        let is_terminal = match stream {
            Stream::Out => io::stdout().is_terminal(),
            Stream::Error => io::stderr().is_terminal(),
        };
        let summary = env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty());
        Self {
            stream,
            format,
            colours: check.color.on(is_terminal || shows_colours),
            quiet: check.quiet,
            width: is_terminal.then(terminal::width_of_screen),
            links: terminal::links(check.color, is_terminal, root),
            summary: summary
                .filter(|_| format == Format::Github)
                .map(PathBuf::from),
            file,
        }
    }

    /// Writes the report to all of them.
    pub(super) fn print(&self, report: &Report) -> Result<(), Error> {
        let printed = match self.stream {
            Stream::Out => self.print_to(report, io::stdout()),
            Stream::Error => self.print_to(report, io::stderr()),
        };
        printed.map_err(|error| no_output(&error))?;
        if let Some(path) = &self.summary {
            append_summary(path, report);
        }
        let Some((path, format)) = &self.file else {
            return Ok(());
        };
        let style = Style {
            quiet: self.quiet,
            ..Style::default()
        };
        let mut text = Vec::new();
        report
            .render(*format, style, &mut text)
            .and_then(|()| put(path, &text))
            .map_err(|error| {
                let shown = path.display();
                Error::usage(
                    format!("{shown}: the report cannot be written: {error}"),
                    "name a file with --output in a folder that is there and may be written to",
                )
            })
    }

    fn print_to(&self, report: &Report, out: impl Write) -> io::Result<()> {
        let mut out = BufWriter::new(out);
        let style = Style {
            colours: self.colours,
            quiet: self.quiet,
            width: self.width,
            links: self.links.as_ref(),
        };
        report.render(self.format, style, &mut out)?;
        out.flush()
    }
}

/// Adds the findings to the summary of the job. Where that is not possible they stand in the log all the same: no reason to fail.
fn append_summary(path: &Path, report: &Report) {
    let mut text = Vec::new();
    let written = markdown::render(report, markdown::JOB_SUMMARY, &mut text).and_then(|()| {
        let mut file = OpenOptions::new().append(true).create(true).open(path)?;
        // Steps before may have left their last line open.
        file.write_all(b"\n")?;
        file.write_all(&text)
    });
    if let Err(error) = written {
        let shown = path.display();
        Error::usage(
            format!("{shown}: the job's summary cannot be written: {error}"),
            "unset GITHUB_STEP_SUMMARY where it does not lead to a file",
        )
        .print_with(Colour::Auto);
    }
}

/// Whether a CI server says that it is the one.
fn is_true(name: &str) -> bool {
    env::var_os(name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
}
