//! What keeps upbeat from running, or from seeing everything, as people read it.

use super::Colour;
use crate::escape;
use crate::project::{Obstacle, Project};
use crate::source::{SourceFile, Sources, Span};
use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, SourceCode,
};
use std::borrow::Cow;
use std::{fmt, io};

/// Why upbeat did not run, or not on everything.
#[derive(Debug)]
pub(super) struct Error {
    message: String,
    help: Option<String>,
    place: Option<Box<Place>>,
    /// What is wrong besides.
    more: Vec<Error>,
}

/// The text that it is about, and what of it.
#[derive(Debug)]
struct Place {
    source: NamedSource<String>,
    label: LabeledSpan,
}

impl Error {
    /// About what was asked for.
    pub(super) fn usage(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            message: escape::line(&message.into()).into_owned(),
            help: Some(help.into()),
            place: None,
            more: Vec::new(),
        }
    }

    /// Several at once; there is at least one.
    pub(super) fn all(errors: Vec<Self>) -> Self {
        let mut errors = errors.into_iter();
        let first = errors.next();
        let mut first = first.unwrap_or_else(|| Self::usage("something is wrong", ""));
        first.more.extend(errors);
        first
    }

    /// About something that could not be read.
    pub(super) fn obstacle(obstacle: &Obstacle, sources: &Sources) -> Self {
        let path = escape::line(&obstacle.path).into_owned();
        let message = escape::line(&obstacle.message).into_owned();
        let help = escape::line(&obstacle.help).into_owned();
        let place = obstacle.span.map(|span| {
            let source = sources.get(span.file);
            let text = escape::mask(&shown(source, span)).into_owned();
            let start = (span.start as usize).min(text.len());
            let label = LabeledSpan::new(None, start, span.len().min(text.len() - start));
            (
                sources.start(span),
                Place {
                    source: NamedSource::new(&path, text),
                    label,
                },
            )
        });
        let (message, place) = match place {
            None if path.is_empty() => (message, None),
            None => (format!("{path}: {message}"), None),
            Some((at, place)) => {
                let message = format!("{path}:{}:{}: {message}", at.line, at.column);
                (message, Some(Box::new(place)))
            }
        };
        Self {
            message,
            help: Some(help).filter(|help| !help.is_empty()),
            place,
            more: Vec::new(),
        }
    }

    /// Prints it to standard error.
    pub(super) fn print(&self) {
        self.print_with(super::Colour::Auto);
    }

    /// Prints it to standard error.
    pub(super) fn print_with(&self, colour: super::Colour) {
        eprint!("{}", self.text(colour.on_stderr()));
    }

    /// It in full, in lines.
    pub(super) fn text(&self, colours: bool) -> String {
        let theme = if colours {
            GraphicalTheme::unicode()
        } else {
            GraphicalTheme::unicode_nocolor()
        };
        let mut text = String::new();
        let handler = GraphicalReportHandler::new_themed(theme)
            .with_width(100)
            .with_context_lines(1);
        let mut text = if handler.render_report(&mut text, self).is_ok() {
            text.trim_end().to_owned()
        } else {
            self.message.clone()
        };
        text.push('\n');
        for more in &self.more {
            text.push_str(&more.text(colours));
        }
        text
    }
}

/// The text of a file, blank where nothing of it may be shown.
fn shown(source: &SourceFile, span: Span) -> Cow<'_, str> {
    let text = source.text();
    if !source.is_concealed() {
        return Cow::Borrowed(text);
    }
    let start = span.start as usize;
    let mut at = 0;
    let lines = text.split_inclusive('\n').map(|line| {
        let range = at..at + line.len();
        at = range.end;
        if range.contains(&start) && source.shows(start) {
            return line.to_owned();
        }
        let blank = line
            .bytes()
            .map(|byte| if byte == b'\n' { '\n' } else { ' ' });
        blank.collect()
    });
    Cow::Owned(lines.collect())
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

impl Diagnostic for Error {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help
            .as_ref()
            .map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        let place = self.place.as_ref()?;
        Some(&place.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let place = self.place.as_ref()?;
        Some(Box::new(std::iter::once(place.label.clone())))
    }
}

/// Prints what kept upbeat from seeing everything.
pub(super) fn report_obstacles(project: &Project, colour: Colour) {
    for obstacle in &project.obstacles {
        Error::obstacle(obstacle, project.store.sources()).print_with(colour);
    }
}

/// Standard output, or a file, takes nothing.
pub(super) fn no_output(error: &io::Error) -> Error {
    Error::usage(
        format!("the output cannot be written: {error}"),
        "check where it goes",
    )
}
