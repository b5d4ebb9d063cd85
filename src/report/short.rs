//! A line each: `file:line:column: severity[rule]: message`, as compilers write and editors read.

use super::Summary;
use crate::escape;
use crate::finding::Finding;
use crate::source::Sources;
use std::io;

/// Writes a line for each finding, and one that counts them.
pub fn render(
    findings: &[Finding],
    sources: &Sources,
    summary: Option<&Summary>,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    for finding in findings {
        let span = finding.primary.span;
        let path = escape::line(sources.get(span.file).path());
        // The path opens the line, where `::error` and its like are commands to GitHub's runner, also behind blanks.
        let guard = if path.trim_start().starts_with("::") {
            "./"
        } else {
            ""
        };
        let position = sources.start(span);
        writeln!(
            out,
            "{guard}{path}:{}:{}: {}[{}]: {}",
            position.line,
            position.column,
            finding.severity.name(),
            finding.rule,
            escape::line(&finding.message)
        )?;
    }
    summary.map_or(Ok(()), |summary| writeln!(out, "{summary}"))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{finding, label, place, story};
    use super::*;
    use crate::finding::Severity;

    fn rendered(findings: &[Finding], sources: &Sources) -> String {
        let summary = Summary::new(findings, 2, 1, 1, true);
        let mut out = Vec::new();
        render(findings, sources, Some(&summary), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_line_each() {
        let (sources, findings) = story();
        assert_eq!(
            rendered(&findings, &sources),
            "\
.github/workflows/deploy.yml:5:20: error[wait-below-budget]: MAX_WAIT=120 gives up before the stack may be healthy (planned 140s)
1 error (1 fixable with --fix) in 2 files, 1 stack, 1 wait
"
        );
        assert_eq!(
            rendered(&[], &sources),
            "no findings: 2 files, 1 stack, 1 wait\n"
        );
    }

    #[test]
    fn paths_and_messages_are_harmless() {
        let mut sources = Sources::default();
        let file = sources.add("::error title=x::\n\x1b]0;y\x07.yml", "a: 1\n");
        let at = label(place(&sources, file, "1"), "");
        let found = finding(Severity::Info, at, "bad\n::stop-commands::x\u{202e}");
        let text = rendered(&[found], &sources);
        let line = text.lines().next().unwrap();
        assert_eq!(
            line,
            "./::error title=x::\\n\\x1b]0;y\\x07.yml:1:4: info[wait-below-budget]: bad\\n::stop-commands::x\\u{202e}"
        );
    }
}
