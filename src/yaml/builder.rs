//! The tree, made from what the parser reports: where scalars begin and what they say. All else is read from the text.

use super::gap::{Gap, Piece};
use super::parse::{MAX_DEPTH, MAX_EXPANSION};
use super::tree::{Anchor, Entry, Kind, Node, NodeId, Problem, Style, Tag, Tree};
use super::{Comment, text};
use crate::source::{FileId, Span};
use std::collections::{HashMap, VecDeque};
use std::ops::Range;

/// Of more repeated keys in one file nobody needs to hear.
const MOST_PROBLEMS: usize = 50;

/// The number of a node's anchor, 0 for none, and whether it has a tag.
pub(super) type Properties = (usize, bool);

/// What a node comes to once its aliases are written out.
#[derive(Clone, Copy)]
struct Extent {
    nodes: u64,
    height: usize,
}

impl Extent {
    const OPEN: Self = Self {
        nodes: 0,
        height: 0,
    };
    const LEAF: Self = Self {
        nodes: 1,
        height: 1,
    };
}

/// A collection that is being read.
struct Frame {
    node: NodeId,
    /// The key that waits for its value.
    key: Option<NodeId>,
    extent: Extent,
    /// Whether the dash of the next item was read with the sequence's start.
    dash_read: bool,
    /// Whether it ends with a bracket of its own: the pair in `[a: b]` does not.
    brackets: bool,
    flow: bool,
}

/// Builds the tree of one file, node by node.
pub(super) struct Builder<'a> {
    source: &'a str,
    repaired: &'a [Range<usize>],
    tree: Tree,
    frames: Vec<Frame>,
    /// Each anchored node; its size is 0 while it is open.
    anchored: HashMap<usize, (NodeId, Extent)>,
    anchor_of_frame: Vec<usize>,
    cursor: usize,
    pending: VecDeque<Piece>,
}

impl<'a> Builder<'a> {
    pub(super) fn new(file: FileId, source: &'a str, repaired: &'a [Range<usize>]) -> Self {
        Self {
            source,
            repaired,
            tree: Tree {
                file,
                nodes: Vec::new(),
                documents: Vec::new(),
                comments: Vec::new(),
                problems: Vec::new(),
            },
            frames: Vec::new(),
            anchored: HashMap::new(),
            anchor_of_frame: Vec::new(),
            cursor: 0,
            pending: VecDeque::new(),
        }
    }

    /// Where the outermost flow collection that is open begins: one that is read, or one before `at` whose event has not come.
    pub(super) fn open_flow(&self, at: usize) -> Option<usize> {
        let open = self.frames.iter().find(|frame| frame.brackets);
        let unseen = || {
            let mut gap = Gap::new(self.source, self.cursor..at);
            gap.find_map(|piece| match piece {
                Piece::Indicator(b'[' | b'{', offset) => Some(offset),
                _ => None,
            })
        };
        open.map(|frame| self.tree.node(frame.node).range.start as usize)
            .or_else(unseen)
    }

    /// The tree, all of the text read.
    pub(super) fn finish(mut self) -> Tree {
        self.advance(self.source.len());
        self.tree
    }

    /// The end of a document: its anchors are gone.
    pub(super) fn end_document(&mut self) {
        self.anchored.clear();
    }

    pub(super) fn problem(&self, range: Range<usize>, message: impl Into<String>) -> Problem {
        Problem {
            span: Span::new(self.tree.file, range),
            message: message.into(),
        }
    }

    /// Reads the gap up to `to`.
    fn advance(&mut self, to: usize) {
        if to <= self.cursor {
            return;
        }
        for piece in Gap::new(self.source, self.cursor..to) {
            self.keep(piece);
        }
        self.cursor = to;
    }

    /// Reads the gap up to behind the first indicator of `wanted`, and no further than `to`.
    fn advance_to(&mut self, wanted: &[u8], to: usize) -> Option<usize> {
        let mut gap = Gap::new(self.source, self.cursor..to);
        let mut found = None;
        for piece in gap.by_ref() {
            if let Piece::Indicator(byte, at) = piece
                && wanted.contains(&byte)
            {
                found = Some(at);
                break;
            }
            self.keep(piece);
        }
        self.cursor = gap.position();
        found
    }

    fn keep(&mut self, piece: Piece) {
        match piece {
            Piece::Comment(range) => {
                let line = self.source[..range.start]
                    .rfind('\n')
                    .map_or(0, |at| at + 1);
                let before = &self.source[line..range.start];
                self.tree.comments.push(Comment {
                    range: offset_range(range.clone()),
                    own_line: before.trim_start_matches('\u{feff}').trim().is_empty(),
                });
            }
            Piece::Anchor(_) | Piece::Tag(_) => self.pending.push_back(piece),
            Piece::BlockHeader(_) | Piece::Indicator(..) | Piece::Marker(_) => {}
        }
    }

    /// The dash of a block sequence's next item.
    fn item_dash(&mut self, to: usize) {
        let Some(frame) = self.frames.last_mut() else {
            return;
        };
        let Kind::Sequence { flow: false, .. } = self.tree.nodes[frame.node.0 as usize].kind else {
            return;
        };
        if std::mem::take(&mut frame.dash_read) {
            return;
        }
        self.advance_to(b"-", to);
    }

    /// A scalar whose text is `value`; `event` is where the parser saw it.
    pub(super) fn scalar(
        &mut self,
        value: &str,
        style: Style,
        properties: Properties,
        event: Range<usize>,
    ) -> Result<(), Problem> {
        let end_of_gap = self.source.len().min(event.end.max(event.start));
        self.item_dash(self.source.len());
        let range = match style {
            Style::Plain if value.is_empty() => self.empty_scalar(event.clone(), properties),
            Style::Plain => {
                let start = self.content_start(event.start);
                let text = self.source[start..event.end.max(start)].trim_end();
                start..start + text.len()
            }
            Style::SingleQuoted | Style::DoubleQuoted => {
                let quote = if style == Style::SingleQuoted {
                    b'\''
                } else {
                    b'"'
                };
                let start = self.content_start(event.start);
                let end = text::quoted_end(self.source, start, quote);
                start..end.unwrap_or(end_of_gap)
            }
            Style::Literal | Style::Folded => {
                let start = self.block_header(event.end).unwrap_or(event.start);
                start..text::block_end(self.source, start, value)
            }
        };
        self.advance(range.start);
        self.cursor = self.cursor.max(range.end);
        let is_repaired = self.repaired.iter().any(|r| r.contains(&range.start));
        let value = if is_repaired {
            text::decode(self.tree.file, self.source, &range, style)
                .text()
                .into()
        } else {
            value.into()
        };
        let node = self.add(Kind::Scalar { value, style }, range, properties);
        self.pending.clear();
        self.anchor(properties.0, node, Extent::LEAF);
        self.attach(node, Extent::LEAF)
    }

    /// Finds the `|` or `>` of a block scalar, and reads on to the end of its line.
    fn block_header(&mut self, to: usize) -> Option<usize> {
        let mut gap = Gap::new(self.source, self.cursor..to);
        for piece in gap.by_ref() {
            if let Piece::BlockHeader(range) = piece {
                self.cursor = range.end;
                self.advance(text::line_end(self.source, range.end));
                return Some(range.start);
            }
            self.keep(piece);
        }
        self.cursor = gap.position();
        None
    }

    /// Where the content begins: behind anchor and tag, should the event's span hold them.
    fn content_start(&mut self, event_start: usize) -> usize {
        let mut start = event_start.max(self.cursor);
        while matches!(self.source.as_bytes().get(start), Some(b'&' | b'!')) {
            let length = self.source[start..].find(char::is_whitespace).unwrap_or(0);
            let rest = &self.source[start + length..];
            start += length + (rest.len() - rest.trim_start().len());
            if length == 0 {
                break;
            }
        }
        self.advance(start);
        start
    }

    /// An absent value stands behind its colon, dash, anchor or tag.
    fn empty_scalar(&mut self, event: Range<usize>, (anchor, tag): Properties) -> Range<usize> {
        if anchor > 0 || tag {
            self.advance(event.end);
            let last = self.pending.back();
            let at = last.map_or(self.cursor, |piece| match piece {
                Piece::Anchor(range) | Piece::Tag(range) => range.end,
                _ => self.cursor,
            });
            return at..at;
        }
        let is_value = self.frames.last().is_some_and(|frame| frame.key.is_some());
        let mut gap = Gap::new(self.source, self.cursor..self.source.len());
        if is_value && gap.next() == Some(Piece::Indicator(b':', gap.position().saturating_sub(1)))
        {
            self.cursor = gap.position();
        }
        self.cursor..self.cursor
    }

    /// `*name`.
    pub(super) fn alias(&mut self, anchor: usize, event: Range<usize>) -> Result<(), Problem> {
        self.item_dash(event.start);
        self.advance(event.start);
        self.cursor = event.end;
        let Some(&(target, extent)) = self.anchored.get(&anchor) else {
            return Err(self.problem(event, "this alias has no anchor before it"));
        };
        if extent.nodes == 0 {
            return Err(self.problem(event, "this alias stands inside its own anchor"));
        }
        let node = self.add(Kind::Alias(target), event, (0, false));
        self.pending.clear();
        self.attach(node, extent)
    }

    /// The start of a sequence or a mapping.
    pub(super) fn open(
        &mut self,
        sequence: bool,
        properties: Properties,
        event: Range<usize>,
    ) -> Result<(), Problem> {
        if self.frames.len() >= MAX_DEPTH {
            let message = format!("this is nested more than {MAX_DEPTH} levels deep");
            return Err(self.problem(event.start..event.start, message));
        }
        self.item_dash(self.source.len());
        let bracket = if sequence { b'[' } else { b'{' };
        let brackets = Gap::new(self.source, self.cursor..event.end)
            .any(|piece| matches!(piece, Piece::Indicator(byte, _) if byte == bracket));
        let flow = brackets || self.frames.last().is_some_and(|frame| frame.flow);
        let mut dash_read = false;
        let start = if brackets {
            self.advance_to(&[bracket], event.end)
                .unwrap_or(event.start)
        } else if sequence {
            dash_read = true;
            self.advance_to(b"-", self.source.len())
                .unwrap_or(event.start)
        } else {
            // With an anchor or a tag the event begins there.
            self.advance(if properties == (0, false) {
                event.start
            } else {
                event.end
            });
            event.start.max(self.cursor)
        };
        let kind = if sequence {
            Kind::Sequence {
                items: Vec::new(),
                flow,
            }
        } else {
            Kind::Mapping {
                entries: Vec::new(),
                flow,
            }
        };
        let node = self.add(kind, start..start, properties);
        self.anchor(properties.0, node, Extent::OPEN);
        self.anchor_of_frame.push(properties.0);
        self.frames.push(Frame {
            node,
            key: None,
            extent: Extent::LEAF,
            dash_read,
            brackets,
            flow,
        });
        Ok(())
    }

    /// The end of the innermost collection.
    pub(super) fn close(&mut self) -> Result<(), Problem> {
        let (Some(frame), Some(anchor)) = (self.frames.pop(), self.anchor_of_frame.pop()) else {
            return Ok(());
        };
        if frame.brackets {
            let end = self.advance_to(b"]}", self.source.len());
            self.cursor = end.map_or(self.cursor, |at| at + 1);
        }
        let first_key = match &self.tree.node(frame.node).kind {
            Kind::Mapping { entries, .. } if !frame.brackets => {
                entries.first().map(|entry| entry.key)
            }
            _ => None,
        };
        let start = first_key.map(|key| self.tree.node(key).range.start);
        let end = offset(self.cursor);
        let node = &mut self.tree.nodes[frame.node.0 as usize];
        node.range.start = start.unwrap_or(node.range.start);
        node.range.end = end.max(node.range.start);
        self.anchor(anchor, frame.node, frame.extent);
        self.pending.clear();
        self.repeated_keys(frame.node);
        self.attach(frame.node, frame.extent)
    }

    fn add(&mut self, kind: Kind, range: Range<usize>, (anchor, tag): Properties) -> NodeId {
        let id = NodeId(offset(self.tree.nodes.len()));
        let mut node = Node {
            kind,
            range: offset_range(range),
            anchor: None,
            tag: None,
        };
        for wanted in [anchor > 0, tag] {
            if !wanted {
                continue;
            }
            match self.pending.pop_front() {
                Some(Piece::Anchor(range)) => {
                    let name = self.source[range.start + 1..range.end].to_owned();
                    let range = offset_range(range);
                    node.anchor = Some(Anchor { name, range });
                }
                Some(Piece::Tag(range)) => {
                    let name = self.source[range.clone()].to_owned();
                    let range = offset_range(range);
                    node.tag = Some(Tag { name, range });
                }
                _ => {}
            }
        }
        self.tree.nodes.push(node);
        id
    }

    fn anchor(&mut self, anchor: usize, node: NodeId, extent: Extent) {
        if anchor > 0 {
            self.anchored.insert(anchor, (node, extent));
        }
    }

    /// Hands a finished node to the collection that it stands in.
    fn attach(&mut self, node: NodeId, extent: Extent) -> Result<(), Problem> {
        let depth = self.frames.len();
        let Some(frame) = self.frames.last_mut() else {
            self.tree.documents.push(node);
            return Ok(());
        };
        frame.extent.nodes = frame.extent.nodes.saturating_add(extent.nodes);
        frame.extent.height = frame.extent.height.max(extent.height + 1);
        let too_large = frame.extent.nodes > MAX_EXPANSION;
        if too_large || depth + extent.height > MAX_DEPTH + 1 {
            let range = self.tree.node(node).range.clone();
            let message = if too_large {
                format!("aliases make this document larger than {MAX_EXPANSION} nodes")
            } else {
                format!("aliases nest this document more than {MAX_DEPTH} levels deep")
            };
            return Err(self.problem(range.start as usize..range.end as usize, message));
        }
        match &mut self.tree.nodes[frame.node.0 as usize].kind {
            Kind::Sequence { items, .. } => items.push(node),
            Kind::Mapping { entries, .. } => match frame.key.take() {
                None => frame.key = Some(node),
                Some(key) => entries.push(Entry { key, value: node }),
            },
            Kind::Scalar { .. } | Kind::Alias(_) => {}
        }
        Ok(())
    }

    /// Docker refuses a mapping that has a key, `<<` included, twice.
    fn repeated_keys(&mut self, mapping: NodeId) {
        let Kind::Mapping { entries, .. } = &self.tree.node(mapping).kind else {
            return;
        };
        let mut seen: HashMap<&str, NodeId> = HashMap::with_capacity(entries.len());
        let mut problems = Vec::new();
        for entry in entries {
            let Some(key) = self.tree.scalar(entry.key) else {
                continue;
            };
            if let Some(first) = seen.insert(key, entry.key)
                && self.tree.problems.len() + problems.len() < MOST_PROBLEMS
            {
                let line = self.source[..self.tree.node(first).range.start as usize]
                    .matches('\n')
                    .count()
                    + 1;
                let message = format!(
                    "the key `{key}` stands here a second time, the first one is on line {line}: Docker refuses the file; keep one of them"
                );
                problems.push(self.problem(self.tree.span(entry.key).range(), message));
            }
        }
        self.tree.problems.extend(problems);
    }
}

fn offset(n: usize) -> u32 {
    u32::try_from(n).expect("files are smaller than 4 GiB")
}

fn offset_range(range: Range<usize>) -> Range<u32> {
    offset(range.start)..offset(range.end)
}
