//! The arena tree: nodes by number, each with the bytes that it stands on.

use super::Comment;
use crate::source::{FileId, Span};
use std::ops::Range;
use std::sync::Arc;

/// A node of one [`Tree`]. Numbers grow in the order of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub(super) u32);

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// `90s`
    Plain,
    /// `'90s'`
    SingleQuoted,
    /// `"90s"`
    DoubleQuoted,
    /// `|`
    Literal,
    /// `>`
    Folded,
}

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind<'a> {
    /// A scalar, an empty value included (plain, with no text and no bytes).
    Scalar {
        /// The text that YAML makes of it, unresolved: `0644` stays `0644`.
        value: &'a str,
        /// How it is written.
        style: Style,
    },
    /// A sequence.
    Sequence {
        /// Its items.
        items: &'a [NodeId],
        /// Whether it is written in brackets.
        flow: bool,
    },
    /// A mapping; keys may repeat, which is a [`Problem`].
    Mapping {
        /// Its entries, as they are written; `<<` is an entry like others.
        entries: &'a [Entry],
        /// Whether it is written in braces.
        flow: bool,
    },
    /// `*name`: the node that stands for it, complete and earlier in the text.
    Alias(NodeId),
}

/// A key and its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The key.
    pub key: NodeId,
    /// The value; an absent one is an empty plain scalar.
    pub value: NodeId,
}

/// `&name` before a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anchor {
    /// The name without `&`.
    pub name: String,
    /// The bytes, `&` included.
    pub range: Range<u32>,
}

/// `!name` before a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// As it is written: `!reset`, `!!str`.
    pub name: String,
    /// The bytes.
    pub range: Range<u32>,
}

/// A node and the bytes that it stands on.
#[derive(Clone, Debug)]
pub struct Node<'a> {
    /// What it is.
    pub kind: Kind<'a>,
    /// Quotes and brackets included; a block scalar from its `|` to its last line, without the line's end; a block
    /// collection to the end of its last descendant; an empty value has no bytes. Anchor and tag stand before it.
    pub range: Range<u32>,
    /// Its anchor.
    pub anchor: Option<&'a Anchor>,
    /// Its tag.
    pub tag: Option<&'a Tag>,
}

/// Something that Docker refuses though YAML can read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where.
    pub span: Span,
    /// What is wrong and what to do.
    pub message: String,
}

/// A node as it is kept: a large file has hundreds of thousands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot {
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) shape: Shape,
    /// What it points to: an index in `bounds`, or the target of an alias.
    pub(super) at: u32,
    pub(super) anchored: bool,
    pub(super) tagged: bool,
}

/// What a node is, without what belongs to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Its text stands in the file as it is.
    Verbatim(Style),
    /// Its text is among the decoded ones.
    Decoded(Style),
    Sequence {
        flow: bool,
    },
    Mapping {
        flow: bool,
    },
    Alias,
}

impl Shape {
    pub(super) fn is_sequence(self) -> bool {
        matches!(self, Self::Sequence { .. })
    }

    pub(super) fn is_flow(self) -> bool {
        matches!(self, Self::Sequence { flow } | Self::Mapping { flow } if flow)
    }
}

/// The documents of one file.
///
/// What most nodes have is in their slot; all that belongs to some of them stands in lists beside it.
#[derive(Debug)]
pub struct Tree {
    pub(super) file: FileId,
    pub(super) text: Arc<String>,
    pub(super) slots: Vec<Slot>,
    /// Where the text or the children of a node stand in the list of their kind.
    pub(super) bounds: Vec<Range<u32>>,
    /// The texts that had to be decoded, one behind the other.
    pub(super) decoded: Arc<String>,
    pub(super) items: Vec<NodeId>,
    pub(super) entries: Vec<Entry>,
    /// Ordered by node.
    pub(super) anchors: Vec<(NodeId, Anchor)>,
    /// Ordered by node.
    pub(super) tags: Vec<(NodeId, Tag)>,
    pub(super) documents: Vec<NodeId>,
    pub(super) comments: Vec<Comment>,
    pub(super) problems: Vec<Problem>,
}

impl Tree {
    /// The file that it was read from.
    pub fn file(&self) -> FileId {
        self.file
    }

    /// The root of each document.
    pub fn documents(&self) -> &[NodeId] {
        &self.documents
    }

    /// All comments, in the order of the text.
    pub fn comments(&self) -> &[Comment] {
        &self.comments
    }

    /// Repeated keys and the like.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// The number of nodes.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether there is no node, not even an empty document.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// All nodes, in the order of the text.
    pub fn ids(&self) -> impl Iterator<Item = NodeId> + use<> {
        (0..u32::try_from(self.slots.len()).unwrap_or(u32::MAX)).map(NodeId)
    }

    /// The node as it is written, an alias as an alias.
    pub fn node(&self, id: NodeId) -> Node<'_> {
        Node {
            kind: self.kind(id),
            range: self.range(id),
            anchor: self.anchor(id),
            tag: self.tag(id),
        }
    }

    /// What a node is, an alias an alias.
    pub fn kind(&self, id: NodeId) -> Kind<'_> {
        let slot = self.slot(id);
        match slot.shape {
            Shape::Verbatim(style) => Kind::Scalar {
                value: &self.text[verbatim(slot.start..slot.end, style)],
                style,
            },
            Shape::Decoded(style) => Kind::Scalar {
                value: &self.decoded[self.bounds(slot)],
                style,
            },
            Shape::Sequence { flow } => Kind::Sequence {
                items: &self.items[self.bounds(slot)],
                flow,
            },
            Shape::Mapping { flow } => Kind::Mapping {
                entries: &self.entries[self.bounds(slot)],
                flow,
            },
            Shape::Alias => Kind::Alias(NodeId(slot.at)),
        }
    }

    /// The bytes of a node in the file.
    pub fn range(&self, id: NodeId) -> Range<u32> {
        let slot = self.slot(id);
        slot.start..slot.end
    }

    /// The anchor of a node.
    pub fn anchor(&self, id: NodeId) -> Option<&Anchor> {
        let at = self.anchor_number(id)?;
        Some(&self.anchors[at].1)
    }

    /// The place of a node's anchor among all anchors of the file, from 0.
    pub fn anchor_number(&self, id: NodeId) -> Option<usize> {
        let find = || self.anchors.binary_search_by_key(&id, |(node, _)| *node);
        self.slot(id).anchored.then(find)?.ok()
    }

    /// The tag of a node.
    pub fn tag(&self, id: NodeId) -> Option<&Tag> {
        let find = || self.tags.binary_search_by_key(&id, |(node, _)| *node);
        let at = self.slot(id).tagged.then(find)?.ok()?;
        Some(&self.tags[at].1)
    }

    fn slot(&self, id: NodeId) -> &Slot {
        &self.slots[id.0 as usize]
    }

    fn bounds(&self, slot: &Slot) -> Range<usize> {
        let bounds = &self.bounds[slot.at as usize];
        bounds.start as usize..bounds.end as usize
    }

    /// The node, or what its alias stands for.
    pub fn resolve(&self, id: NodeId) -> NodeId {
        let mut id = id;
        while let Kind::Alias(target) = self.kind(id) {
            id = target;
        }
        id
    }

    /// The bytes of a node.
    pub fn span(&self, id: NodeId) -> Span {
        let slot = self.slot(id);
        Span {
            file: self.file,
            start: slot.start,
            end: slot.end,
        }
    }

    /// The text of a scalar, aliases followed.
    pub fn scalar(&self, id: NodeId) -> Option<&str> {
        match self.kind(self.resolve(id)) {
            Kind::Scalar { value, .. } => Some(value),
            _ => None,
        }
    }

    /// Where the text of a scalar is held, aliases followed.
    pub fn scalar_place(&self, id: NodeId) -> Option<(&Arc<String>, Range<usize>)> {
        let slot = self.slot(self.resolve(id));
        match slot.shape {
            Shape::Verbatim(style) => Some((&self.text, verbatim(slot.start..slot.end, style))),
            Shape::Decoded(_) => Some((&self.decoded, self.bounds(slot))),
            Shape::Sequence { .. } | Shape::Mapping { .. } | Shape::Alias => None,
        }
    }

    /// The items of a sequence, aliases followed; none for anything else.
    pub fn items(&self, id: NodeId) -> &[NodeId] {
        match self.kind(self.resolve(id)) {
            Kind::Sequence { items, .. } => items,
            _ => &[],
        }
    }

    /// The entries of a mapping, aliases followed; none for anything else.
    pub fn entries(&self, id: NodeId) -> &[Entry] {
        match self.kind(self.resolve(id)) {
            Kind::Mapping { entries, .. } => entries,
            _ => &[],
        }
    }

    /// The entry of a key that is written in this mapping itself.
    pub fn entry(&self, mapping: NodeId, key: &str) -> Option<Entry> {
        let entries = self.entries(mapping);
        entries
            .iter()
            .rev()
            .find(|entry| self.scalar(entry.key) == Some(key))
            .copied()
    }

    /// The value of a key, `<<` followed: what is written in the mapping itself wins.
    pub fn get(&self, mapping: NodeId, key: &str) -> Option<NodeId> {
        if let Some(entry) = self.entry(mapping, key) {
            return Some(entry.value);
        }
        let merge = self.entry(mapping, "<<")?.value;
        let sources: &[NodeId] = match self.items(merge) {
            [] => &[merge],
            items => items,
        };
        sources.iter().find_map(|source| self.get(*source, key))
    }
}

/// The bytes of a scalar whose text stands in the file as it is: all of it, or what is between its quotes.
pub(super) fn verbatim(range: Range<u32>, style: Style) -> Range<usize> {
    let quote = usize::from(matches!(style, Style::SingleQuoted | Style::DoubleQuoted));
    range.start as usize + quote..range.end as usize - quote
}

#[cfg(test)]
mod tests {
    use super::{Range, Slot};

    /// A file of 5 MB has several hundred thousand nodes.
    #[test]
    fn nodes_stay_small() {
        assert_eq!(size_of::<Slot>(), 16);
        assert_eq!(size_of::<Range<u32>>(), 8);
    }
}
