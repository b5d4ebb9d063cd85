//! Workflow commands: GitHub's runner reads them in the log and puts each finding beside its line of code.

use super::Summary;
use super::format::{Report, fix_words};
use crate::escape;
use crate::finding::{Finding, Severity};
use crate::source::Columns;
use std::fmt::Write as _;
use std::io;

/// Writes a command for each finding, and a line that counts them.
pub fn render(
    report: &Report,
    summary: Option<&Summary>,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    for finding in report.findings {
        let command = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "notice",
        };
        let properties = properties(finding, report);
        let message = data(&lines(finding, report).join("\n"));
        writeln!(out, "::{command} {properties}::{message}")?;
    }
    summary.map_or(Ok(()), |summary| writeln!(out, "{summary}"))
}

fn properties(finding: &Finding, report: &Report) -> String {
    let span = finding.primary.span;
    let [start, end] = report.ends(span, Columns::Characters);
    let mut text = format!(
        "file={},line={},endLine={}",
        property(&report.shown(span.file)),
        start.line,
        end.line
    );
    // The runner takes columns only within one line.
    if start.line == end.line {
        write!(text, ",col={},endColumn={}", start.column, end.column)
            .expect("writing to a string never fails");
    }
    let title = property(&format!("upbeat ({})", finding.rule));
    text + ",title=" + &title
}

/// The message with its place, which the log does not show by itself, and all that belongs to it.
fn lines(finding: &Finding, report: &Report) -> Vec<String> {
    let place = report.place(finding.primary.span);
    let mut lines = vec![format!("{place}: {}", escape::line(&finding.message))];
    let primary = std::iter::once(&finding.primary);
    for label in primary.chain(&finding.labels) {
        if !label.text.is_empty() {
            let place = report.place(label.span);
            lines.push(format!("{place}: {}", escape::line(&label.text)));
        }
    }
    let notes = finding.notes.iter();
    lines.extend(notes.map(|note| escape::line(note).into_owned()));
    lines.extend(finding.fix.as_ref().map(fix_words));
    lines
}

/// A text as the runner reads it behind a command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\n', "%0A")
}

/// A text as the runner reads it in a command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::super::format::{Format, Style};
    use super::super::tests::{finding, label, place, rendered, story};
    use super::*;
    use crate::source::Sources;

    #[test]
    fn a_command_each() {
        let (sources, findings) = story();
        let text = rendered(&findings, &sources, Format::Github, Style::default());
        assert_eq!(
            text,
            "::error file=.github/workflows/deploy.yml,line=5,endLine=5,col=20,endColumn=23,title=upbeat (wait-below-budget)::\
             .github/workflows/deploy.yml:5:20: MAX_WAIT=120 gives up before the stack may be healthy (planned 140s)%0A\
             .github/workflows/deploy.yml:5:20: gives up after 120s%0A\
             compose.yml:6:21: backend: 90s start_period%0A\
             compose.yml:4:17: + 45s interval%0A\
             90 + 5 + 45 = 140s%0A\
             fix (safe): raise MAX_WAIT to 160\n\
             1 error (1 fixable with --fix) in 2 files, 1 stack, 1 wait\n"
        );
    }

    #[test]
    fn over_several_lines_there_are_no_columns() {
        let mut sources = Sources::default();
        let file = sources.add("a,b:c%.yml", "a: 1\nb: 2\n");
        let at = label(place(&sources, file, "1\nb"), "");
        let found = finding(Severity::Info, at, "100%0A\nof it");
        let style = Style {
            quiet: true,
            ..Style::default()
        };
        assert_eq!(
            rendered(&[found], &sources, Format::Github, style),
            "::notice file=a%2Cb%3Ac%25.yml,line=1,endLine=2,title=upbeat (wait-below-budget)::a,b:c%25.yml:1:4: 100%250A\\nof it\n"
        );
    }
}
