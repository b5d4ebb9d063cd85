//! The XML of checkstyle, which many programs that collect findings read.

use super::format::Report;
use crate::escape::xml;
use std::collections::BTreeMap;
use std::io;

/// Writes one XML document: the files by name, each with its findings in their order.
pub fn render(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let mut files: BTreeMap<String, Vec<_>> = BTreeMap::new();
    for finding in report.findings {
        let path = report.path(finding.primary.span.file);
        files.entry(path).or_default().push(finding);
    }
    writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
    // The version is that of the shape.
    writeln!(out, r#"<checkstyle version="4.3">"#)?;
    for (path, findings) in files {
        writeln!(out, r#"  <file name="{}">"#, xml(&path))?;
        for finding in findings {
            let at = report.sources.start(finding.primary.span);
            writeln!(
                out,
                r#"    <error line="{}" column="{}" severity="{}" message="{}" source="upbeat.{}"/>"#,
                at.line,
                at.column,
                finding.severity.name(),
                xml(&finding.message),
                finding.rule
            )?;
        }
        writeln!(out, "  </file>")?;
    }
    writeln!(out, "</checkstyle>")
}
