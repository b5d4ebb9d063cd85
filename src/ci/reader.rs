//! What all readers of pipelines need of a YAML tree.

use super::{EnvVariable, Limit, Scope};
use crate::duration::Seconds;
use crate::source::{Mapped, MappedBuilder, SourceFile, Span, paths};
use crate::yaml::{Kind, NodeId, Tree, mapped};

/// Nested lists of scripts and chains of templates go no deeper.
pub(super) const DEPTH: usize = 20;

/// A tree and the file that it was read from.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    pub tree: &'a Tree,
    pub file: &'a SourceFile,
}

impl<'a> Reader<'a> {
    pub fn get(&self, mapping: NodeId, key: &str) -> Option<NodeId> {
        self.tree.get(mapping, key)
    }

    pub fn text(&self, mapping: NodeId, key: &str) -> Option<&'a str> {
        self.tree.scalar(self.get(mapping, key)?)
    }

    pub fn mapped(&self, node: NodeId) -> Option<Mapped> {
        mapped(self.tree, self.file, node)
    }

    /// The keys and values of a mapping whose keys are texts.
    pub fn entries(&self, mapping: NodeId) -> impl Iterator<Item = (&'a str, NodeId)> {
        let tree = self.tree;
        let entries = tree.entries(mapping).iter();
        entries.filter_map(move |entry| Some((tree.scalar(entry.key)?, entry.value)))
    }

    pub fn is_mapping(&self, node: NodeId) -> bool {
        let node = self.tree.resolve(node);
        matches!(self.tree.node(node).kind, Kind::Mapping { .. })
    }

    pub fn is_sequence(&self, node: NodeId) -> bool {
        let node = self.tree.resolve(node);
        matches!(self.tree.node(node).kind, Kind::Sequence { .. })
    }

    pub fn is_true(&self, mapping: NodeId, key: &str) -> bool {
        self.text(mapping, key) == Some("true")
    }

    /// A variable; `scope` tells what expressions in its value come to.
    pub fn variable(&self, name: &str, value: NodeId, scope: &Scope) -> Option<EnvVariable> {
        let text = self.mapped(value)?;
        Some(EnvVariable {
            name: name.to_owned(),
            value: scope.fill(&text).least().cloned(),
            span: text.span(0..text.text().len()),
        })
    }

    /// A limit that is a number of `unit`, such as minutes.
    pub fn limit(&self, node: NodeId, unit: Seconds, scope: &Scope) -> Option<Limit> {
        let text = self.mapped(node)?;
        let values = scope.fill(&text);
        // Each value of a matrix is a run; which way a condition goes is not known.
        let is_conditional = text.text().contains(['&', '|']);
        let given = if is_conditional {
            values.greatest()?
        } else {
            values.least()?
        };
        let count: f64 = given.text.trim().parse().ok()?;
        let time = Seconds::from_f64(count * unit.as_f64())?;
        let literal = given.from.first().filter(|l| l.text == given.text);
        Some(Limit {
            time,
            span: literal.map_or_else(|| text.span(0..text.text().len()), |l| l.span),
            literal: literal.cloned().map(|literal| (literal, unit)),
        })
    }

    /// The lines of scripts that run in one shell, one after the other; `None` without any.
    pub fn joined(&self, scripts: &[Mapped]) -> Option<Mapped> {
        let mut builder = MappedBuilder::new(self.tree.file());
        for script in scripts {
            let all = 0..script.text().len();
            builder.push_mapped(script, all.clone());
            let end = script.span(all).end as usize;
            builder.push_made("\n", end..end);
        }
        (!scripts.is_empty()).then(|| builder.finish())
    }

    /// The bytes of a node.
    pub fn span(&self, node: NodeId) -> Span {
        self.tree.span(node)
    }
}

/// A folder as it is written, from the repository's top; `None` where an expression is in it.
pub(super) fn folder(written: Option<&str>) -> Option<String> {
    paths::join("", written.unwrap_or_default()).filter(|folder| !folder.contains("${{"))
}

/// A script with `<< parameters.x >>` or `$(x)` replaced: by `value` where that is known, else by something unknown.
/// `open` and `close` stand around a name.
pub(super) fn replaced(
    script: &Mapped,
    (open, close): (&str, &str),
    value: impl Fn(&str) -> Option<Option<crate::shell::Given>>,
) -> Mapped {
    let text = script.text();
    let mut builder = MappedBuilder::new(script.file());
    let mut done = 0;
    let mut from = 0;
    while let Some(start) = text[from..].find(open).map(|n| n + from) {
        let inside = start + open.len();
        from = inside;
        let Some(length) = text[inside..].find(close) else {
            break;
        };
        let end = inside + length + close.len();
        let Some(known) = value(text[inside..inside + length].trim()) else {
            continue;
        };
        builder.push_mapped(script, done..start);
        let place = script.span(start..end).range();
        match known {
            Some(given) => match given.from.first() {
                Some(literal)
                    if literal.verbatim
                        && literal.text == given.text
                        && literal.span.file == script.file() =>
                {
                    builder.push_verbatim(&given.text, literal.span.range().start);
                }
                _ => builder.push_made(&given.text, place),
            },
            None => builder.push_made(crate::shell::UNKNOWN, place),
        }
        done = end;
        from = end;
    }
    builder.push_mapped(script, done..text.len());
    builder.finish()
}
