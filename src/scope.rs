//! Which findings are told: those that touch the files that were named, or the lines that a change touches. All of the project is judged all the
//! same.

mod changed;

pub use changed::{Changed, NoDiff};

use crate::finding::Finding;
use crate::source::{Sources, Span};
use std::collections::BTreeSet;

/// What a finding has to touch to be told.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scope {
    /// Files, by their paths from the project's root; empty for all.
    pub files: BTreeSet<String>,
    /// Lines; `None` for all.
    pub changed: Option<Changed>,
}

impl Scope {
    /// Whether a finding is told: its own place or that of a label is in it.
    pub fn holds(&self, finding: &Finding, sources: &Sources) -> bool {
        let labels = finding.labels.iter().map(|label| label.span);
        labels
            .chain([finding.primary.span])
            .any(|span| self.touches(span, sources))
    }

    fn touches(&self, span: Span, sources: &Sources) -> bool {
        let path = sources.get(span.file).path();
        let is_named = self.files.is_empty() || self.files.contains(path);
        is_named
            && self.changed.as_ref().is_none_or(|changed| {
                let (first, last) = (sources.start(span).line, sources.end(span).line);
                changed.touches(path, first, last)
            })
    }
}
