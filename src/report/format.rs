//! The forms in which findings are told, and what each of them is told from.

use super::{
    Links, Summary, checkstyle, full, github, gitlab, json, junit, markdown, rdjson, sarif, short,
};
use crate::baseline::Known;
use crate::escape;
use crate::finding::{Finding, Fix, Safety};
use crate::rules::Ignored;
use crate::source::{Columns, FileId, Position, Sources, Span, paths};
use crate::yaml::Trees;
use std::collections::BTreeMap;
use std::io;

/// A form of a report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// With the places in the files and the arithmetic.
    #[default]
    Full,
    /// A line a finding.
    Short,
    /// upbeat's own, for programs.
    Json,
    /// The commands by which GitHub's runner puts findings beside the code.
    Github,
    /// The exchange format of static analysers, 2.1.0.
    Sarif,
    /// GitLab's code quality.
    Gitlab,
    /// As test results.
    Junit,
    /// As checkstyle writes it.
    Checkstyle,
    /// reviewdog's diagnostics.
    Rdjson,
    /// For a comment.
    Markdown,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Full,
        Self::Short,
        Self::Json,
        Self::Github,
        Self::Sarif,
        Self::Gitlab,
        Self::Junit,
        Self::Checkstyle,
        Self::Rdjson,
        Self::Markdown,
    ];

    /// Its name, as it is typed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Short => "short",
            Self::Json => "json",
            Self::Github => "github",
            Self::Sarif => "sarif",
            Self::Gitlab => "gitlab",
            Self::Junit => "junit",
            Self::Checkstyle => "checkstyle",
            Self::Rdjson => "rdjson",
            Self::Markdown => "markdown",
        }
    }

    /// Whether it is one whole document, behind which no other may stand.
    pub fn is_document(self) -> bool {
        match self {
            Self::Full | Self::Short | Self::Github | Self::Markdown => false,
            Self::Json
            | Self::Sarif
            | Self::Gitlab
            | Self::Junit
            | Self::Checkstyle
            | Self::Rdjson => true,
        }
    }
}

/// What is told.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// What is reported.
    pub findings: &'a [Finding],
    /// What comments silence.
    pub ignored: &'a [Ignored],
    /// The files that they speak of.
    pub sources: &'a Sources,
    /// What those say, where they are YAML.
    pub trees: &'a Trees,
    /// The numbers of the run.
    pub summary: &'a Summary,
    /// The project's folder as seen from the top of its repository, from which code hosts count paths; empty for the top itself.
    pub prefix: &'a str,
}

/// How it is told to people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style<'a> {
    /// With terminal colours, in the form that has some.
    pub colours: bool,
    /// Without the line that counts.
    pub quiet: bool,
    /// Prose in lines of so many characters, in the form that has some.
    pub width: Option<usize>,
    /// Where places and rules lead to when they are clicked on, in the same form. The short one has none: editors and terminals find its
    /// places by themselves.
    pub links: Option<&'a Links>,
}

impl Report<'_> {
    /// Writes the report.
    ///
    /// # Errors
    /// If `out` takes no more.
    pub fn render(&self, format: Format, style: Style, out: &mut dyn io::Write) -> io::Result<()> {
        let counted = (!style.quiet).then_some(self.summary);
        match format {
            Format::Full => full::render(self.findings, self.sources, counted, style, out),
            Format::Short => short::render(self.findings, self.sources, counted, out),
            Format::Json => {
                json::render(self.findings, self.ignored, self.sources, self.summary, out)
            }
            Format::Github => github::render(self, counted, out),
            Format::Sarif => sarif::render(self, out),
            Format::Gitlab => gitlab::render(self, out),
            Format::Junit => junit::render(self, out),
            Format::Checkstyle => checkstyle::render(self, out),
            Format::Rdjson => rdjson::render(self, out),
            Format::Markdown => markdown::render(self, markdown::COMMENT, out),
        }
    }

    /// A file's path from the top of the repository, as it is.
    pub(super) fn path(&self, file: FileId) -> String {
        let path = self.sources.get(file).path();
        paths::join(self.prefix, path).unwrap_or_else(|| path.to_owned())
    }

    /// The same, harmless.
    pub(super) fn shown(&self, file: FileId) -> String {
        escape::line(&self.path(file)).into_owned()
    }

    /// `compose.yml:12:5`.
    pub(super) fn place(&self, span: Span) -> String {
        let at = self.sources.start(span);
        format!("{}:{}:{}", self.shown(span.file), at.line, at.column)
    }

    /// Where a span begins and where it ends.
    pub(super) fn ends(&self, span: Span, columns: Columns) -> [Position; 2] {
        let file = self.sources.get(span.file);
        [span.start, span.end].map(|at| file.position_in(at as usize, columns))
    }

    /// What other programs know the findings by, and then those that are silenced: the same in every run in which they are
    /// found, wherever in their files they stand.
    pub(super) fn fingerprints(&self) -> (Vec<String>, Vec<String>) {
        let silenced = self.ignored.iter().map(|one| &one.finding);
        let all: Vec<&Finding> = self.findings.iter().chain(silenced).collect();
        // A finding that is silenced keeps its turn among those that are known by the same.
        let mut order: Vec<usize> = (0..all.len()).collect();
        order.sort_by_key(|index| all[*index].primary.span);
        let mut seen: BTreeMap<Known, usize> = BTreeMap::new();
        let mut prints = vec![String::new(); all.len()];
        for index in order {
            let mut known = Known::of(all[index], self.sources, self.trees);
            known.path = self.path(all[index].primary.span.file);
            let turn = seen.entry(known.clone()).or_default();
            prints[index] = known.fingerprint(*turn);
            *turn += 1;
        }
        let silenced = prints.split_off(self.findings.len());
        (prints, silenced)
    }
}

/// A fix that another program may make: one that needs nobody's own thought.
pub(super) fn offered(finding: &Finding) -> Option<&Fix> {
    let fix = finding.fix.as_ref()?;
    (fix.safety != Safety::Display && !fix.edits.is_empty()).then_some(fix)
}

/// `fix (safe): raise MAX_WAIT to 490`.
pub(super) fn fix_words(fix: &Fix) -> String {
    let safety = match fix.safety {
        Safety::Safe => "safe",
        Safety::Unsafe => "unsafe",
        Safety::Display => "by hand",
    };
    format!("fix ({safety}): {}", escape::line(&fix.title))
}

/// Where a rule's page stands, if this program knows where it comes from.
pub(super) fn page(rule: &str) -> Option<String> {
    page_of(
        env!("CARGO_PKG_REPOSITORY"),
        env!("CARGO_PKG_VERSION"),
        rule,
    )
}

pub(super) fn page_of(repository: &str, version: &str, rule: &str) -> Option<String> {
    let repository = repository.trim_end_matches('/');
    (!repository.is_empty()).then(|| format!("{repository}/blob/v{version}/rules/{rule}.md"))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{finding, label, place};
    use super::*;
    use crate::finding::Severity;
    use crate::yaml::Trees;

    #[test]
    fn every_format_is_listed_once() {
        let names: std::collections::BTreeSet<_> = Format::ALL.map(Format::name).into();
        assert_eq!(names.len(), Format::ALL.len());
    }

    #[test]
    fn pages_have_an_address_where_the_repository_has_one() {
        assert_eq!(page_of("", "1.2.3", "a-rule"), None);
        assert_eq!(
            page_of("https://example.org/x/", "1.2.3", "a-rule").as_deref(),
            Some("https://example.org/x/blob/v1.2.3/rules/a-rule.md")
        );
    }

    /// The fingerprints of two findings that say the same, in a file with `above` on top.
    fn prints(above: &str, prefix: &str, silence_first: bool) -> Vec<String> {
        let mut sources = Sources::default();
        let file = sources.add("wait.sh", format!("{above}sleep 5\nsleep 6\n"));
        let found = |text| {
            let at = label(place(&sources, file, text), "");
            finding(Severity::Warning, at, "it waits")
        };
        let all = [found("sleep 5"), found("sleep 6")];
        let ignored = Ignored {
            finding: all[0].clone(),
            reason: String::new(),
            comment: all[0].primary.span,
        };
        let first = usize::from(silence_first);
        let report = Report {
            findings: &all[first..],
            ignored: &[ignored][..first],
            sources: &sources,
            trees: &Trees::default(),
            summary: &Summary::default(),
            prefix,
        };
        let (mut found, mut silenced) = report.fingerprints();
        silenced.append(&mut found);
        silenced
    }

    #[test]
    fn fingerprints_stay_when_lines_move_and_tell_twins_apart() {
        let plain = prints("", "", false);
        assert_ne!(plain[0], plain[1]);
        assert_eq!(plain, prints("\n\n# more\n", "", false));
        assert_eq!(plain, prints("", "", true), "whether silenced or not");
        assert_ne!(plain, prints("", "deploy", false), "another project");
    }
}
