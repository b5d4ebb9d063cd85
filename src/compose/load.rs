//! One document to a [`Value`]: aliases and merge keys followed, variables filled in.

use super::fields::Fields;
use super::interpolate::{Environment, Filled, Interpolation, Uses};
use super::text::Text;
use super::value::{Combine, Data, Field, More, NodeRef, Scalar, Through, Value};
use crate::source::SourceFile;
use crate::yaml::{Entry, Kind, NodeId, Problem, Style, Tree, mapped};
use std::sync::Arc;

/// Reads the documents of one file.
pub(super) struct Document<'a> {
    pub(super) tree: &'a Tree,
    pub(super) file: &'a SourceFile,
    pub(super) environment: &'a Environment,
    pub(super) uses: &'a mut Uses,
    pub(super) problems: &'a mut Vec<Problem>,
}

/// The way by which values come to where they are; all that come the same way share it.
type Way = Option<Arc<More>>;

impl Document<'_> {
    /// The value of a node. The tree's limits on depth and on what aliases expand to hold here too.
    pub(super) fn value(&mut self, id: NodeId) -> Value {
        self.value_by(id, &None)
    }

    /// A document without one of its sections.
    pub(super) fn without(&mut self, root: NodeId, section: Entry) -> Value {
        let fields = self.fields(root, &None, Some(section));
        self.written(root, Data::from(fields))
    }

    /// A document with nothing but one entry of one of its sections.
    pub(super) fn only(&mut self, root: NodeId, section: Entry, entry: Entry) -> Value {
        let value = self.value(entry.value);
        let inner = self.alone(section.value, entry.key, value);
        self.alone(root, section.key, inner)
    }

    /// A mapping with a single one of its fields.
    fn alone(&self, mapping: NodeId, key: NodeId, value: Value) -> Value {
        let mut fields = Fields::with_capacity(1);
        if let Some(name) = self.text(key) {
            let key = self.tree.span(key);
            fields.insert(name, Field { key, value });
        }
        self.written(mapping, Data::from(fields))
    }

    fn written(&self, id: NodeId, data: Data) -> Value {
        Value::new(data, self.tree.span(id), id)
    }

    /// The text of a scalar, aliases followed.
    fn text(&self, id: NodeId) -> Option<Text> {
        let (whole, range) = self.tree.scalar_place(id)?;
        Some(Text::shared(whole, range))
    }

    fn value_by(&mut self, id: NodeId, way: &Way) -> Value {
        let kind = self.tree.kind(id);
        if let Kind::Alias(target) = kind {
            let way = self.through(way, Through::Alias, id);
            return self.value_by(target, &Some(way));
        }
        let value = match kind {
            Kind::Scalar { value, style } => return self.scalar(id, value, style, way),
            Kind::Sequence { items, .. } => {
                let items = items.iter().map(|item| self.value_by(*item, way));
                let items = items.collect();
                self.written(id, items)
            }
            Kind::Mapping { .. } => {
                let fields = self.fields(id, way, None);
                self.written(id, Data::from(fields))
            }
            Kind::Alias(_) => self.written(id, Data::Null),
        };
        self.tagged(value.with(way.clone()))
    }

    fn tagged(&self, mut value: Value) -> Value {
        let tag = self.tree.tag(value.node).map(|tag| tag.name.as_str());
        match tag {
            Some("!reset") => value.more_mut().combine = Combine::Reset,
            Some("!override") => {
                // Docker looks no deeper: tags inside of this are none.
                untag(&mut value.data);
                value.more_mut().combine = Combine::Override;
            }
            _ => {}
        }
        value
    }

    /// The way that leads on through a node.
    fn through(&self, way: &Way, step: fn(NodeRef) -> Through, node: NodeId) -> Arc<More> {
        let mut more = way.as_deref().cloned().unwrap_or_default();
        more.through.push(step(NodeRef {
            file: self.tree.file(),
            node,
        }));
        Arc::new(more)
    }

    /// The fields of a mapping but for one, those of its merge keys included.
    fn fields(&mut self, id: NodeId, way: &Way, but: Option<Entry>) -> Fields {
        let entries = self.tree.entries(id);
        let mut fields = Fields::with_capacity(entries.len());
        let mut merges = Vec::new();
        for entry in entries.iter().filter(|entry| Some(**entry) != but) {
            let Some(key) = self.text(entry.key) else {
                continue;
            };
            if key == "<<" && self.is_plain(entry.key) {
                merges.push(entry.value);
                continue;
            }
            let field = Field {
                key: self.tree.span(entry.key),
                value: self.value_by(entry.value, way),
            };
            // What an alias leads to is without what is reset there.
            if field.value.combine() == Combine::Reset && way.is_some() {
                continue;
            }
            fields.insert(key, field);
        }
        if merges.is_empty() {
            return fields;
        }
        let inherited = Some(self.through(way, Through::MergeKey, id));
        for merge in merges {
            let sources = match self.tree.items(merge) {
                [] => vec![merge],
                items => items.to_vec(),
            };
            for source in sources {
                let source = self.tree.resolve(source);
                for (key, field) in self.fields(source, &inherited, None) {
                    fields.or_insert(key, field);
                }
            }
        }
        fields
    }

    fn is_plain(&self, id: NodeId) -> bool {
        let kind = self.tree.kind(self.tree.resolve(id));
        matches!(kind, Kind::Scalar { style, .. } if style == Style::Plain)
    }

    /// The line end that a block scalar has here and not in Go: it ends with the file, which has none.
    fn cut(&self, id: NodeId, value: &str, style: Style) -> usize {
        let is_block = matches!(style, Style::Literal | Style::Folded);
        let text = self.file.text();
        let at_end = self.tree.span(id).end as usize == text.len() && !text.ends_with('\n');
        usize::from(is_block && at_end && value.ends_with('\n'))
    }

    fn scalar(&mut self, id: NodeId, value: &str, style: Style, way: &Way) -> Value {
        // Go takes what has a tag of its own, or `!!str`, for a text.
        let tag = self.tree.tag(id);
        let is_text = tag.is_some_and(|tag| tag.name == "!!str" || !tag.name.starts_with("!!"));
        let is_null = !is_text
            && style == Style::Plain
            && matches!(value, "" | "null" | "~" | "Null" | "NULL");
        let Some(text) = self.text(id).filter(|_| !is_null) else {
            let null = self.written(id, Data::Null).with(way.clone());
            return self.tagged(null);
        };
        let cut = self.cut(id, value, style);
        let filled = if value.contains('$') {
            self.filled(id)
        } else {
            None
        };
        let mut scalar = Scalar {
            text: text.part(&text[..text.len() - cut]),
            style,
            interpolated: is_text || filled.is_some(),
        };
        let mut more = way.clone();
        if let Some(mut filled) = filled {
            let length = filled.text.len() - cut.min(filled.text.len());
            filled.text.truncate(length);
            scalar.text = Text::from(filled.text);
            let more = Arc::make_mut(more.get_or_insert_default());
            more.pieces = filled.pieces;
            more.unknown = filled.unknown;
        }
        self.tagged(self.written(id, Data::Scalar(scalar)).with(more))
    }

    /// The text with its variables filled in; `None` if that is impossible.
    fn filled(&mut self, id: NodeId) -> Option<Filled> {
        let text = mapped(self.tree, self.file, id)?;
        match Interpolation::run(&text, self.environment, self.uses) {
            Ok(filled) => Some(filled),
            Err(bad) => {
                self.problems.push(Problem {
                    span: bad.span,
                    message: bad.message,
                });
                None
            }
        }
    }
}

/// All below is merged as if it had no tag.
fn untag(data: &mut Data) {
    let untag_one = |value: &mut Value| {
        value.combined();
        untag(&mut value.data);
    };
    match data {
        Data::Sequence(items) => items.iter_mut().for_each(untag_one),
        Data::Mapping(mapping) => {
            let fields = mapping.fields.values_mut();
            fields.map(|field| &mut field.value).for_each(untag_one);
        }
        Data::Null | Data::Scalar(_) => {}
    }
}
