//! One document to a [`Value`]: aliases and merge keys followed, variables filled in.

use super::interpolate::{Environment, Interpolation, Uses};
use super::value::{Combine, Data, Field, Mapping, NodeRef, Scalar, Through, Value};
use crate::source::SourceFile;
use crate::yaml::{Entry, Kind, NodeId, Problem, Style, Tree, mapped};
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
        let kind = self.tree.kind(id);
        if let Kind::Alias(target) = kind {
            let through = [through, &[Through::Alias(self.reference(id))]].concat();
            return self.value(target, &through);
        }
        let combine = match self.tree.tag(id).map(|tag| tag.name.as_str()) {
            Some("!reset") => Combine::Reset,
            Some("!override") => Combine::Override,
            _ => Combine::Merge,
        };
        let data = match kind {
            Kind::Scalar { .. } => self.scalar(id),
            Kind::Sequence { items, .. } => Data::Sequence(
                items
                    .iter()
                    .map(|item| self.value(*item, through))
                    .collect(),
            ),
            Kind::Mapping { .. } => {
                let fields = self.fields(id, through, None);
                let written = self.written(id, fields, through);
                return Value { combine, ..written };
            }
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

    /// A document without one of its sections.
    pub(super) fn without(&mut self, root: NodeId, section: Entry) -> Value {
        let fields = self.fields(root, &[], Some(section));
        self.written(root, fields, &[])
    }

    /// A document with nothing but one entry of one of its sections.
    pub(super) fn only(&mut self, root: NodeId, section: Entry, entry: Entry) -> Value {
        let value = self.value(entry.value, &[]);
        let inner = self.alone(section.value, entry.key, value);
        self.alone(root, section.key, inner)
    }

    /// A mapping with a single one of its fields.
    fn alone(&self, mapping: NodeId, key: NodeId, value: Value) -> Value {
        let field = Field {
            key: self.tree.span(key),
            value,
        };
        let name = self.tree.scalar(key).unwrap_or_default().to_owned();
        let fields = IndexMap::from([(name, field)]);
        self.written(mapping, fields, &[])
    }

    /// A mapping as it is written, without its tag.
    fn written(&self, id: NodeId, fields: IndexMap<String, Field>, through: &[Through]) -> Value {
        let written = vec![(self.reference(id), through.to_vec())];
        Value {
            data: Data::Mapping(Mapping { fields, written }),
            node: self.reference(id),
            span: self.tree.span(id),
            through: through.to_vec(),
            combine: Combine::Merge,
        }
    }

    /// The fields of a mapping but for one, those of its merge keys included.
    fn fields(
        &mut self,
        id: NodeId,
        through: &[Through],
        but: Option<Entry>,
    ) -> IndexMap<String, Field> {
        let mut fields = IndexMap::new();
        let mut merges = Vec::new();
        let entries = self.tree.entries(id).iter();
        for entry in entries.filter(|entry| Some(**entry) != but) {
            let Some(key) = self.tree.scalar(entry.key) else {
                continue;
            };
            if key == "<<" {
                merges.push(entry.value);
                continue;
            }
            let field = Field {
                key: self.tree.span(entry.key),
                value: self.value(entry.value, through),
            };
            fields.insert(key.to_owned(), field);
        }
        let inherited = [through, &[Through::MergeKey(self.reference(id))]].concat();
        for merge in merges {
            let sources = match self.tree.items(merge) {
                [] => vec![merge],
                items => items.to_vec(),
            };
            for source in sources {
                let source = self.tree.resolve(source);
                for (key, field) in self.fields(source, &inherited, None) {
                    fields.entry(key).or_insert(field);
                }
            }
        }
        fields
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
        let Kind::Scalar { value, style } = self.tree.kind(id) else {
            return Data::Null;
        };
        let is_null = value.is_empty() && style == Style::Plain;
        if is_null || matches!(value, "null" | "~" | "Null" | "NULL") && style == Style::Plain {
            return Data::Null;
        }
        let cut = self.cut(id, style);
        let plain = Scalar {
            text: value[..value.len() - cut].to_owned(),
            style,
            pieces: Vec::new(),
            interpolated: false,
            unknown: Vec::new(),
        };
        if !value.contains('$') {
            return Data::Scalar(plain);
        }
        let Some(text) = mapped(self.tree, self.file, id) else {
            return Data::Scalar(plain);
        };
        match Interpolation::run(&text, style, self.environment, self.uses) {
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
