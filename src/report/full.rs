//! The findings for people: each with the lines it speaks of, from all files that have a part in it.

#[cfg(test)]
mod tests;

use super::excerpt::Excerpt;
use super::links::{mark_place, mark_rule, resolve};
use super::{Style, Summary, wrap};
use crate::escape;
use crate::finding::{Finding, Fix, Label, Safety, Severity};
use crate::source::{FileId, Sources};
use codespan_reporting::diagnostic::{
    Diagnostic, Label as Mark, LabelStyle, Severity as MarkSeverity,
};
use codespan_reporting::files::{Error, Files, Location};
use codespan_reporting::term::{self, Config, WriteStyle};
use std::io;
use std::ops::Range;

/// Writes the findings, and a line that counts them, with terminal colours and links if asked to.
pub fn render(
    findings: &[Finding],
    sources: &Sources,
    summary: Option<&Summary>,
    style: Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let config = Config::default();
    // A finding is written in hundreds of pieces, which standard output would pass on line by line.
    let mut buffer = Vec::new();
    for finding in findings {
        let excerpts = Excerpts::new(finding, sources, style);
        let diagnostic = diagnostic(finding, &excerpts, sources, style);
        let mut painter = Painter::new(&mut buffer, style.colours);
        term::emit_to_write_style(&mut painter, &config, &excerpts, &diagnostic)
            .map_err(into_io)?;
        match style.links {
            None => write_trimmed(&buffer, out)?,
            Some(links) => {
                let path = |place: usize| excerpts.0.get(place).map(|named| named.path(sources));
                let text = String::from_utf8_lossy(&buffer);
                write_trimmed(resolve(&text, links, path).as_bytes(), out)?;
            }
        }
        buffer.clear();
    }
    summary.map_or(Ok(()), |summary| writeln!(out, "{summary}"))
}

/// Without the blanks that the renderer leaves at the ends of lines: outputs are kept in pages, whose editors trim them.
fn write_trimmed(text: &[u8], out: &mut dyn io::Write) -> io::Result<()> {
    let mut trimmed = Vec::with_capacity(text.len());
    for line in text.split_inclusive(|&byte| byte == b'\n') {
        trimmed.extend_from_slice(line.trim_ascii_end());
        trimmed.push(b'\n');
    }
    out.write_all(&trimmed)
}

fn into_io(error: Error) -> io::Error {
    match error {
        Error::Io(error) => error,
        error => io::Error::other(error),
    }
}

fn diagnostic(
    finding: &Finding,
    excerpts: &Excerpts,
    sources: &Sources,
    style: Style,
) -> Diagnostic<usize> {
    let severity = match finding.severity {
        Severity::Error => MarkSeverity::Error,
        Severity::Warning => MarkSeverity::Warning,
        Severity::Info => MarkSeverity::Note,
    };
    let mark = |style, label: &Label| {
        let (file, place) = excerpts.place(label, sources);
        Mark::new(style, file, place).with_message(escape::line(&label.text))
    };
    let primary = mark(LabelStyle::Primary, &finding.primary);
    let labels = finding.labels.iter();
    let secondary = labels.map(|label| mark(LabelStyle::Secondary, label));
    let notes = finding.notes.iter();
    let notes = notes.map(|note| escape::line(note).into_owned());
    let notes = notes.chain(finding.fix.as_ref().map(fix_note));
    let room = style.width.map(|width| excerpts.room_of_notes(width));
    let code = match style.links {
        Some(_) => mark_rule(finding.rule),
        None => finding.rule.to_owned(),
    };
    Diagnostic::new(severity)
        .with_code(code)
        .with_message(message(finding, style.width))
        .with_labels_iter(std::iter::once(primary).chain(secondary))
        .with_notes_iter(notes.map(|note| match room {
            Some(room) => wrap(&note, room, "").join("\n"),
            None => note,
        }))
}

/// The message, in lines that fit behind and below the header.
fn message(finding: &Finding, width: Option<usize>) -> String {
    let message = escape::line(&finding.message);
    let Some(width) = width else {
        return message.into_owned();
    };
    let header = format!("{}[{}]:", finding.severity.name(), finding.rule);
    let lines = wrap(&format!("{header} {message}"), width - INDENT.len(), "");
    let text = lines.join(&format!("\n{INDENT}"));
    let text = text.strip_prefix(&header).unwrap_or(&text);
    text.trim_start_matches(' ').to_owned()
}

/// Before the lines of a message that did not fit into its first.
const INDENT: &str = "  ";

/// What would mend it, and what to type for it.
fn fix_note(fix: &Fix) -> String {
    let title = escape::line(&fix.title);
    match fix.safety {
        Safety::Safe => format!("fix (safe): {title} — apply with `upbeat --fix`"),
        Safety::Unsafe => {
            format!("fix (unsafe): {title} — apply with `upbeat --fix --unsafe-fixes`")
        }
        Safety::Display => format!("fix (by hand): {title}"),
    }
}

/// The excerpts of all files that one finding speaks of.
struct Excerpts(Vec<NamedExcerpt>);

struct NamedExcerpt {
    file: FileId,
    /// As it is shown.
    name: String,
    excerpt: Excerpt,
}

impl NamedExcerpt {
    fn path<'a>(&self, sources: &'a Sources) -> &'a str {
        sources.get(self.file).path()
    }
}

impl Excerpts {
    fn new(finding: &Finding, sources: &Sources, style: Style) -> Self {
        let mut places: Vec<(FileId, Vec<Range<usize>>)> = Vec::new();
        for label in std::iter::once(&finding.primary).chain(&finding.labels) {
            let place = label.span.range();
            match places.iter_mut().find(|(file, _)| *file == label.span.file) {
                Some((_, places)) => places.push(place),
                None => places.push((label.span.file, vec![place])),
            }
        }
        let excerpts = places
            .into_iter()
            .enumerate()
            .map(|(index, (file, places))| {
                let source = sources.get(file);
                let name = escape::line(source.path());
                NamedExcerpt {
                    file,
                    name: match style.links {
                        Some(_) => mark_place(index, &name),
                        None => name.into_owned(),
                    },
                    excerpt: Excerpt::new(source, &places),
                }
            });
        Self(excerpts.collect())
    }

    /// How many characters of a note fit into a line: beside it stand the numbers of lines, a sign and blanks.
    fn room_of_notes(&self, width: usize) -> usize {
        let last = self.0.iter().map(|named| named.excerpt.last_number()).max();
        let digits = last.unwrap_or_default().to_string().len();
        width.saturating_sub(digits + " = ".len()).max(1)
    }

    fn place(&self, label: &Label, sources: &Sources) -> (usize, Range<usize>) {
        let span = label.span;
        let found = self.0.iter().position(|named| named.file == span.file);
        let index = found.expect("there is an excerpt for the file of every label");
        let excerpt = &self.0[index].excerpt;
        (index, excerpt.place(sources.get(span.file), &span.range()))
    }

    fn named(&self, id: usize) -> Result<&NamedExcerpt, Error> {
        self.0.get(id).ok_or(Error::FileMissing)
    }
}

impl<'a> Files<'a> for Excerpts {
    type FileId = usize;
    type Name = &'a str;
    type Source = &'a str;

    fn name(&'a self, id: usize) -> Result<&'a str, Error> {
        Ok(&self.named(id)?.name)
    }

    fn source(&'a self, id: usize) -> Result<&'a str, Error> {
        Ok(self.named(id)?.excerpt.text())
    }

    fn line_index(&'a self, id: usize, at: usize) -> Result<usize, Error> {
        let excerpt = &self.named(id)?.excerpt;
        excerpt.line_index(at).ok_or(Error::IndexTooLarge {
            given: at,
            max: excerpt.text().len(),
        })
    }

    fn line_number(&'a self, id: usize, line: usize) -> Result<usize, Error> {
        let number = self.named(id)?.excerpt.line_number(line);
        number.ok_or(Error::LineTooLarge {
            given: line,
            max: line,
        })
    }

    fn line_range(&'a self, id: usize, line: usize) -> Result<Range<usize>, Error> {
        let range = self.named(id)?.excerpt.line_range(line);
        range.ok_or(Error::LineTooLarge {
            given: line,
            max: line,
        })
    }

    fn location(&'a self, id: usize, at: usize) -> Result<Location, Error> {
        let position = self.named(id)?.excerpt.position(at);
        let position = position.ok_or(Error::IndexTooLarge { given: at, max: at })?;
        Ok(Location {
            line_number: position.line,
            column_number: position.column,
        })
    }
}

/// Passes text on, in colours where they are wanted, and says `info` where the renderer only knows the word `note`.
struct Painter<'a> {
    out: &'a mut dyn io::Write,
    colours: bool,
    names_info: bool,
}

impl<'a> Painter<'a> {
    fn new(out: &'a mut dyn io::Write, colours: bool) -> Self {
        Self {
            out,
            colours,
            names_info: false,
        }
    }

    fn paint(&mut self, codes: &str) -> io::Result<()> {
        if self.colours {
            write!(self.out, "\x1b[{codes}m")?;
        }
        Ok(())
    }
}

fn colour(severity: MarkSeverity) -> &'static str {
    match severity {
        MarkSeverity::Bug | MarkSeverity::Error => "31",
        MarkSeverity::Warning => "33",
        MarkSeverity::Note | MarkSeverity::Help => "36",
    }
}

/// Of what stands beside the source.
const FRAME: &str = "34";

impl io::Write for Painter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if std::mem::take(&mut self.names_info) && bytes == b"note" {
            self.out.write_all(Severity::Info.name().as_bytes())?;
            return Ok(bytes.len());
        }
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl WriteStyle for Painter<'_> {
    fn set_header(&mut self, severity: MarkSeverity) -> io::Result<()> {
        self.names_info = severity == MarkSeverity::Note;
        self.paint(&format!("1;{}", colour(severity)))
    }

    fn set_header_message(&mut self) -> io::Result<()> {
        self.paint("0;1")
    }

    fn set_line_number(&mut self) -> io::Result<()> {
        self.paint(FRAME)
    }

    fn set_note_bullet(&mut self) -> io::Result<()> {
        self.paint(FRAME)
    }

    fn set_source_border(&mut self) -> io::Result<()> {
        self.paint(FRAME)
    }

    fn set_label(&mut self, severity: MarkSeverity, style: LabelStyle) -> io::Result<()> {
        match style {
            LabelStyle::Primary => self.paint(colour(severity)),
            LabelStyle::Secondary => self.paint(FRAME),
        }
    }

    fn reset(&mut self) -> io::Result<()> {
        self.paint("0")
    }
}
