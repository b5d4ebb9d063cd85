//! The arena tree: nodes by number, each with the bytes that it stands on.

use super::Comment;
use crate::source::{FileId, Span};
use std::ops::Range;

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
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// A scalar, an empty value included (plain, with no text and no bytes).
    Scalar {
        /// The text that YAML makes of it, unresolved: `0644` stays `0644`.
        value: Box<str>,
        /// How it is written.
        style: Style,
    },
    /// A sequence.
    Sequence {
        /// Its items.
        items: Vec<NodeId>,
        /// Whether it is written in brackets.
        flow: bool,
    },
    /// A mapping; keys may repeat, which is a [`Problem`].
    Mapping {
        /// Its entries, as they are written; `<<` is an entry like others.
        entries: Vec<Entry>,
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
pub struct Node {
    /// What it is.
    pub kind: Kind,
    /// Quotes and brackets included; a block scalar from its `|` to its last line, without the line's end; a block
    /// collection to the end of its last descendant; an empty value has no bytes. Anchor and tag stand before it.
    pub range: Range<u32>,
    /// Its anchor.
    pub anchor: Option<Anchor>,
    /// Its tag.
    pub tag: Option<Tag>,
}

/// Something that Docker refuses though YAML can read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where.
    pub span: Span,
    /// What is wrong and what to do.
    pub message: String,
}

/// The documents of one file.
#[derive(Debug)]
pub struct Tree {
    pub(super) file: FileId,
    pub(super) nodes: Vec<Node>,
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
        self.nodes.len()
    }

    /// Whether there is no node, not even an empty document.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// All nodes, in the order of the text.
    pub fn ids(&self) -> impl Iterator<Item = NodeId> + use<> {
        (0..u32::try_from(self.nodes.len()).unwrap_or(u32::MAX)).map(NodeId)
    }

    /// The node as it is written, an alias as an alias.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    /// The node, or what its alias stands for.
    pub fn resolve(&self, id: NodeId) -> NodeId {
        let mut id = id;
        while let Kind::Alias(target) = self.node(id).kind {
            id = target;
        }
        id
    }

    /// The bytes of a node.
    pub fn span(&self, id: NodeId) -> Span {
        let range = &self.node(id).range;
        Span {
            file: self.file,
            start: range.start,
            end: range.end,
        }
    }

    /// The text of a scalar, aliases followed.
    pub fn scalar(&self, id: NodeId) -> Option<&str> {
        match &self.node(self.resolve(id)).kind {
            Kind::Scalar { value, .. } => Some(value),
            _ => None,
        }
    }

    /// The items of a sequence, aliases followed; none for anything else.
    pub fn items(&self, id: NodeId) -> &[NodeId] {
        match &self.node(self.resolve(id)).kind {
            Kind::Sequence { items, .. } => items,
            _ => &[],
        }
    }

    /// The entries of a mapping, aliases followed; none for anything else.
    pub fn entries(&self, id: NodeId) -> &[Entry] {
        match &self.node(self.resolve(id)).kind {
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
