//! The tree, made from what the parser reports: where scalars begin and what they say. All else is read from the text.

mod add;
mod keys;

use super::gap::{Gap, Piece};
use super::parse::{MAX_DEPTH, MAX_EXPANSION};
use super::tree::{Entry, NodeId, Problem, Shape, Style, Tree};
use super::{Comment, text};
use crate::source::{FileId, Span};
use std::collections::{HashMap, VecDeque};
use std::ops::Range;
use std::sync::Arc;

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
    shape: Shape,
    /// Where its children begin in the list of those that are open.
    first: usize,
    /// The key that waits for its value.
    key: Option<NodeId>,
    extent: Extent,
    /// Whether the dash of the next item was read with the sequence's start.
    dash_read: bool,
    /// Whether it ends with a bracket of its own: the pair in `[a: b]` does not.
    brackets: bool,
}

/// Builds the tree of one file, node by node.
pub(super) struct Builder<'a> {
    source: &'a str,
    repaired: &'a [Range<usize>],
    tree: Tree,
    frames: Vec<Frame>,
    /// The items and entries of the frames, those of the innermost last.
    open_items: Vec<NodeId>,
    open_entries: Vec<Entry>,
    /// Each anchored node; its size is 0 while it is open.
    anchored: HashMap<usize, (NodeId, Extent)>,
    anchor_of_frame: Vec<usize>,
    cursor: usize,
    pending: VecDeque<Piece>,
}

impl<'a> Builder<'a> {
    pub(super) fn new(file: FileId, source: &'a Arc<String>, repaired: &'a [Range<usize>]) -> Self {
        Self {
            source,
            repaired,
            tree: Tree {
                file,
                text: Arc::clone(source),
                slots: Vec::new(),
                bounds: Vec::new(),
                decoded: Arc::default(),
                items: Vec::new(),
                entries: Vec::new(),
                anchors: Vec::new(),
                tags: Vec::new(),
                documents: Vec::new(),
                comments: Vec::new(),
                problems: Vec::new(),
            },
            frames: Vec::new(),
            open_items: Vec::new(),
            open_entries: Vec::new(),
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
                Piece::Indicator(b'[' | b'{', offset) if self.begins_token(offset) => Some(offset),
                _ => None,
            })
        };
        open.map(|frame| self.tree.range(frame.node).start as usize)
            .or_else(unseen)
    }

    /// Whether a flow collection in a block may begin at `at`: within a word, as in `${X}` and `app:{x`, none does.
    fn begins_token(&self, at: usize) -> bool {
        let before = self.source[..at].chars().next_back();
        before.is_none_or(|c| text::WHITE.contains(&c))
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
        let is_block = frame.shape == Shape::Sequence { flow: false };
        if !is_block || std::mem::take(&mut frame.dash_read) {
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
                let text = &self.source[start..event.end.max(start)];
                let text = text.trim_end_matches(text::WHITE);
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
        let node = if is_repaired {
            let decoded = text::decode(self.tree.file, self.source, &range, style);
            self.add_scalar(decoded.text(), style, range, properties)
        } else {
            self.add_scalar(value, style, range, properties)
        };
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
            let length = self.source[start..].find(text::WHITE).unwrap_or(0);
            if length == 0 {
                break;
            }
            start = text::behind_white(self.source, start + length);
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
            // Behind a key that has no value at all, the next colon is that of another one.
            let between = &self.source[self.cursor..gap.position() - 1];
            if between.trim_matches(text::WHITE).is_empty() {
                self.cursor = gap.position();
            }
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
        let node = self.add(Shape::Alias, target.0, event, (0, false));
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
        let flow = brackets
            || self
                .frames
                .last()
                .is_some_and(|frame| frame.shape.is_flow());
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
        let (shape, first) = if sequence {
            (Shape::Sequence { flow }, self.open_items.len())
        } else {
            (Shape::Mapping { flow }, self.open_entries.len())
        };
        let bounds = self.add_bounds(0..0);
        let node = self.add(shape, bounds, start..start, properties);
        self.anchor(properties.0, node, Extent::OPEN);
        self.anchor_of_frame.push(properties.0);
        self.frames.push(Frame {
            node,
            shape,
            first,
            key: None,
            extent: Extent::LEAF,
            dash_read,
            brackets,
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
        let first_key = self.open_entries.get(frame.first);
        let first_key = first_key.filter(|_| !frame.shape.is_sequence() && !frame.brackets);
        let start = first_key.map(|entry| self.tree.range(entry.key).start);
        let end = offset(self.cursor);
        let slot = &mut self.tree.slots[frame.node.0 as usize];
        slot.start = start.unwrap_or(slot.start);
        slot.end = end.max(slot.start);
        let at = slot.at as usize;
        self.tree.bounds[at] = self.settle_children(&frame);
        self.anchor(anchor, frame.node, frame.extent);
        self.pending.clear();
        self.repeated_keys(frame.node);
        self.attach(frame.node, frame.extent)
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
            let range = self.tree.range(node);
            let message = if too_large {
                format!("aliases make this document larger than {MAX_EXPANSION} nodes")
            } else {
                format!("aliases nest this document more than {MAX_DEPTH} levels deep")
            };
            return Err(self.problem(range.start as usize..range.end as usize, message));
        }
        if frame.shape.is_sequence() {
            self.open_items.push(node);
        } else if let Some(key) = frame.key.take() {
            self.open_entries.push(Entry { key, value: node });
        } else {
            frame.key = Some(node);
        }
        Ok(())
    }
}

fn offset(n: usize) -> u32 {
    u32::try_from(n).expect("files are smaller than 4 GiB")
}

fn offset_range(range: Range<usize>) -> Range<u32> {
    offset(range.start)..offset(range.end)
}
