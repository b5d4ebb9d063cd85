//! The findings as Markdown, for a comment or for the summary of a job.
//!
//! What files say stands in code or is escaped: it makes no markup, no link, calls nobody and closes nothing.

use super::counted;
use super::format::{Report, fix_words};
use crate::escape;
use crate::finding::Finding;
use std::fmt::Write as _;
use std::io;

/// As many bytes as a comment may have on the code hosts, with some to spare.
pub const COMMENT: usize = 60_000;
/// As many bytes as the summary of a job's step may have on GitHub, with some to spare.
pub const JOB_SUMMARY: usize = 1_000_000;

/// Writes the findings, in no more than about `limit` bytes: those that do not fit are counted.
pub fn render(report: &Report, limit: usize, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(out, "### upbeat\n\n{}", text(&report.summary.to_string()))?;
    let mut written = 0;
    for (index, finding) in report.findings.iter().enumerate() {
        let item = item(finding, report);
        written += item.len();
        if written > limit {
            let left = counted(report.findings.len() - index, "more finding");
            return writeln!(out, "\n{left}: too many to be shown here");
        }
        out.write_all(item.as_bytes())?;
    }
    Ok(())
}

fn item(finding: &Finding, report: &Report) -> String {
    let mut item = format!(
        "\n- **{}** {}: {} ({})\n",
        finding.severity.name(),
        code(&report.place(finding.primary.span)),
        text(&finding.message),
        code(finding.rule)
    );
    let lines = details(finding, report);
    if !lines.is_empty() {
        item.push_str("\n  <details><summary>the numbers and the advice</summary>\n\n");
        for line in lines {
            writeln!(item, "  - {line}").expect("writing to a string never fails");
        }
        item.push_str("\n  </details>\n");
    }
    item
}

fn details(finding: &Finding, report: &Report) -> Vec<String> {
    let labels = std::iter::once(&finding.primary).chain(&finding.labels);
    let labels = labels.filter(|label| !label.text.is_empty());
    let labels = labels.map(|label| {
        let place = code(&report.place(label.span));
        format!("{place}: {}", text(&label.text))
    });
    let notes = finding.notes.iter().map(|note| text(note));
    let fix = finding.fix.as_ref().map(|fix| text(&fix_words(fix)));
    labels.chain(notes).chain(fix).collect()
}

/// A text as it is, in code.
fn code(text: &str) -> String {
    let text = escape::line(text);
    let longest = text.split(|c| c != '`').map(str::len).max();
    let fence = "`".repeat(longest.unwrap_or_default() + 1);
    // Without blanks at its ends a backtick would belong to the fence, and blanks at both ends are taken off.
    let pad = if text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) || text.is_empty() {
        " "
    } else {
        ""
    };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// A line of prose, in which backticks hold code.
pub(super) fn text(line: &str) -> String {
    let line = escape::line(line);
    let parts: Vec<&str> = line.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return plain(&line, true);
    }
    let parts = parts.into_iter().enumerate();
    let parts = parts.map(|(index, part)| match index % 2 {
        0 => plain(part, index == 0),
        _ if part.is_empty() => "\\`\\`".to_owned(),
        _ => code(part),
    });
    parts.collect()
}

/// Prose as it is. Words keep their underscores, which mean nothing inside of them.
fn plain(text: &str, is_first: bool) -> String {
    // Behind such a beginning a list, a heading or a quote would follow.
    let digits = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let marker = match digits.as_bytes().first() {
        Some(b'.' | b')')
            if is_first && digits.len() < text.len() && !digits[1..].starts_with(|c| c != ' ') =>
        {
            Some(text.len() - digits.len())
        }
        Some(b'-' | b'+' | b'=') if is_first && digits.len() == text.len() => Some(0),
        _ => None,
    };
    let mut out = String::with_capacity(text.len() + 16);
    for (at, c) in text.char_indices() {
        let (before, behind) = (&text[..at], &text[at + c.len_utf8()..]);
        let in_word =
            before.ends_with(char::is_alphanumeric) && behind.starts_with(char::is_alphanumeric);
        let is_mark = match c {
            '\\' | '`' | '*' | '[' | ']' | '<' | '>' | '&' | '|' | '~' | '$' => true,
            '_' => !in_word,
            '#' => before.is_empty() && is_first,
            _ => marker == Some(at),
        };
        if is_mark {
            out.push('\\');
        }
        out.push(c);
        // Names, numbers of issues and addresses are found after all else is read: a comment in between hides them.
        let is_reference = match c {
            '@' => true,
            '#' => behind.starts_with(|c: char| c.is_ascii_digit()),
            ':' => behind.starts_with("//"),
            '.' => before.to_ascii_lowercase().ends_with("www"),
            _ => false,
        };
        if is_reference {
            out.push_str("<!-- -->");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::Summary;
    use super::super::format::{Format, Style};
    use super::super::tests::{rendered, report, story};
    use super::*;

    #[test]
    fn a_list_with_the_numbers_folded() {
        let (sources, findings) = story();
        assert_eq!(
            rendered(&findings, &sources, Format::Markdown, Style::default()),
            "\
### upbeat

1 error (1 fixable with --fix) in 2 files, 1 stack, 1 wait

- **error** `.github/workflows/deploy.yml:5:20`: MAX_WAIT=120 gives up before the stack may be healthy (planned 140s) (`wait-below-budget`)

  <details><summary>the numbers and the advice</summary>

  - `.github/workflows/deploy.yml:5:20`: gives up after 120s
  - `compose.yml:6:21`: backend: 90s start_period
  - `compose.yml:4:17`: \\+ 45s interval
  - 90 + 5 + 45 = 140s
  - fix (safe): raise MAX_WAIT to 160

  </details>
"
        );
    }

    #[test]
    fn prose_makes_no_markup() {
        let cases = [
            ("a `b` c_d <e>", "a `b` c_d \\<e\\>"),
            ("an odd ` one", "an odd \\` one"),
            ("`` `x`", "\\`\\` `x`"),
            (
                "_a_ *b* [c](d) ~~e~~ |",
                "\\_a\\_ \\*b\\* \\[c\\](d) \\~\\~e\\~\\~ \\|",
            ),
            ("# a", "\\# a"),
            ("1. a", "1\\. a"),
            ("- a", "\\- a"),
            ("1.5s - 2s", "1.5s - 2s"),
            ("@me, #12", "@<!-- -->me, #<!-- -->12"),
            ("http://x www.y", "http:<!-- -->//x www.<!-- -->y"),
            ("a\n</details>", "a\\\\n\\</details\\>"),
        ];
        for (line, expected) in cases {
            assert_eq!(text(line), expected);
        }
    }

    #[test]
    fn code_is_not_left() {
        assert_eq!(code("a"), "`a`");
        assert_eq!(code("a``b"), "```a``b```");
        assert_eq!(code("`a"), "`` `a ``");
        assert_eq!(code(" "), "`   `");
    }

    #[test]
    fn what_does_not_fit_is_counted() {
        let (sources, mut findings) = story();
        findings = vec![findings.remove(0); 9];
        let summary = Summary::new(&findings, 2, 1, 1, true);
        let mut out = Vec::new();
        report(&findings, &sources, &summary, |report| {
            render(report, 1_500, &mut out).unwrap();
        });
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text.matches("- **error**").count(), 3);
        assert!(
            text.ends_with("\n6 more findings: too many to be shown here\n"),
            "{text}"
        );
    }
}
