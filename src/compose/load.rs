//! One document to a [`Value`]: aliases and merge keys followed, variables filled in.

use super::interpolate::{Environment, Interpolation, Uses};
use super::value::{Combine, Data, Field, Mapping, NodeRef, Scalar, Through, Value};
use crate::source::SourceFile;
use crate::yaml::{Kind, NodeId, Problem, Style, Tree, mapped};
use indexmap::IndexMap;

/// Reads the documents of one file.
pub(super) struct Document<'a> {
    pub(super) tree: &'a Tree,
    pub(super) file: &'a SourceFile,
    pub(super) environment: &'a Environment,
    pub(super) uses: &'a mut Uses,
    pub(super) problems: &'a mut Vec<Problem>,
}

impl Document<'_> {
    /// The value of a node. The tree's limits on depth and on what aliases expand to hold here too.
    pub(super) fn value(&mut self, id: NodeId, through: &[Through]) -> Value {
        let node = self.tree.node(id);
        if let Kind::Alias(target) = node.kind {
            let through = [through, &[Through::Alias(self.reference(id))]].concat();
            return self.value(target, &through);
        }
        let combine = match node.tag.as_ref().map(|tag| tag.name.as_str()) {
            Some("!reset") => Combine::Reset,
            Some("!override") => Combine::Override,
            _ => Combine::Merge,
        };
        let data = match &node.kind {
            Kind::Scalar { .. } => self.scalar(id),
            Kind::Sequence { items, .. } => Data::Sequence(
                items
                    .iter()
                    .map(|item| self.value(*item, through))
                    .collect(),
            ),
            Kind::Mapping { .. } => Data::Mapping(self.mapping(id, through)),
            Kind::Alias(_) => Data::Null,
        };
        Value {
            data,
            node: self.reference(id),
            span: self.tree.span(id),
            through: through.to_vec(),
            combine,
        }
    }

    fn reference(&self, node: NodeId) -> NodeRef {
        NodeRef {
            file: self.tree.file(),
            node,
        }
    }

    fn mapping(&mut self, id: NodeId, through: &[Through]) -> Mapping {
        let mut fields = IndexMap::new();
        let mut merges = Vec::new();
        for entry in self.tree.entries(id) {
            let Some(key) = self.tree.scalar(entry.key) else {
                continue;
            };
            if key == "<<" && self.is_plain(entry.key) {
                merges.push(entry.value);
                continue;
            }
            let field = Field {
                key: self.tree.span(entry.key),
                value: self.value(entry.value, through),
            };
            // What an alias leads to is without what is reset there.
            if field.value.combine == Combine::Reset && !through.is_empty() {
                continue;
            }
            fields.insert(key.to_owned(), field);
        }
        let inherited = [through, &[Through::MergeKey(self.reference(id))]].concat();
        for merge in merges {
            let sources = match self.tree.items(merge) {
                [] => vec![merge],
                items => items.to_vec(),
            };
            for source in sources {
                let source = self.mapping(self.tree.resolve(source), &inherited);
                for (key, field) in source.fields {
                    fields.entry(key).or_insert(field);
                }
            }
        }
        Mapping {
            fields,
            written: vec![(self.reference(id), through.to_vec())],
        }
    }

    fn is_plain(&self, id: NodeId) -> bool {
        let kind = &self.tree.node(self.tree.resolve(id)).kind;
        matches!(kind, Kind::Scalar { style, .. } if *style == Style::Plain)
    }

    /// The line end that a block scalar has here and not in Go: it ends with the file, which has none.
    fn cut(&self, id: NodeId, style: Style) -> usize {
        let is_block = matches!(style, Style::Literal | Style::Folded);
        let text = self.file.text();
        let at_end = self.tree.span(id).end as usize == text.len() && !text.ends_with('\n');
        let value = self.tree.scalar(id).unwrap_or_default();
        usize::from(is_block && at_end && value.ends_with('\n'))
    }

    fn scalar(&mut self, id: NodeId) -> Data {
        let Kind::Scalar { value, style } = &self.tree.node(id).kind else {
            return Data::Null;
        };
        // Go takes what has a tag of its own, or `!!str`, for a text.
        let tag = self.tree.node(id).tag.as_ref();
        let is_text = tag.is_some_and(|tag| tag.name == "!!str" || !tag.name.starts_with("!!"));
        let is_null = matches!(&**value, "" | "null" | "~" | "Null" | "NULL");
        if is_null && *style == Style::Plain && !is_text {
            return Data::Null;
        }
        let cut = self.cut(id, *style);
        let plain = Scalar {
            text: value[..value.len() - cut].to_owned(),
            style: *style,
            pieces: Vec::new(),
            interpolated: is_text,
            unknown: Vec::new(),
        };
        if !value.contains('$') {
            return Data::Scalar(plain);
        }
        let Some(text) = mapped(self.tree, self.file, id) else {
            return Data::Scalar(plain);
        };
        match Interpolation::run(&text, *style, self.environment, self.uses) {
            Ok(mut scalar) => {
                let length = scalar.text.len() - cut.min(scalar.text.len());
                scalar.text.truncate(length);
                Data::Scalar(scalar)
            }
            Err(bad) => {
                self.problems.push(Problem {
                    span: bad.span,
                    message: bad.message,
                });
                Data::Scalar(plain)
            }
        }
    }
}
