//! Nodes as the tree keeps them.

use super::{Builder, Frame, Properties, offset, offset_range};
use crate::yaml::gap::Piece;
use crate::yaml::tree::{Anchor, NodeId, Shape, Slot, Style, Tag, verbatim};
use std::ops::Range;
use std::sync::Arc;

impl Builder<'_> {
    /// Adds a scalar; its text is kept only where the file does not have it.
    pub(super) fn add_scalar(
        &mut self,
        value: &str,
        style: Style,
        range: Range<usize>,
        properties: Properties,
    ) -> NodeId {
        let in_quotes = matches!(style, Style::SingleQuoted | Style::DoubleQuoted);
        let is_block = matches!(style, Style::Literal | Style::Folded);
        let written = || {
            self.source
                .get(verbatim(offset_range(range.clone()), style))
        };
        if !is_block && (!in_quotes || range.len() > 1) && written() == Some(value) {
            return self.add(Shape::Verbatim(style), 0, range, properties);
        }
        let decoded = Arc::make_mut(&mut self.tree.decoded);
        let bounds = decoded.len()..decoded.len() + value.len();
        decoded.push_str(value);
        let at = self.add_bounds(bounds);
        self.add(Shape::Decoded(style), at, range, properties)
    }

    pub(super) fn add_bounds(&mut self, bounds: Range<usize>) -> u32 {
        let at = offset(self.tree.bounds.len());
        self.tree.bounds.push(offset_range(bounds));
        at
    }

    /// Moves the children of a collection to where all of them stand together.
    pub(super) fn settle_children(&mut self, frame: &Frame) -> Range<u32> {
        let tree = &mut self.tree;
        if frame.shape.is_sequence() {
            let start = tree.items.len();
            tree.items.extend(self.open_items.drain(frame.first..));
            offset_range(start..tree.items.len())
        } else {
            let start = tree.entries.len();
            tree.entries.extend(self.open_entries.drain(frame.first..));
            offset_range(start..tree.entries.len())
        }
    }

    pub(super) fn add(
        &mut self,
        shape: Shape,
        at: u32,
        range: Range<usize>,
        (anchor, tag): Properties,
    ) -> NodeId {
        let id = NodeId(offset(self.tree.slots.len()));
        let mut slot = Slot {
            start: offset(range.start),
            end: offset(range.end),
            shape,
            at,
            anchored: false,
            tagged: false,
        };
        for wanted in [anchor > 0, tag] {
            if !wanted {
                continue;
            }
            match self.pending.pop_front() {
                Some(Piece::Anchor(range)) => {
                    let name = self.source[range.start + 1..range.end].to_owned();
                    let range = offset_range(range);
                    slot.anchored = true;
                    self.tree.anchors.push((id, Anchor { name, range }));
                }
                Some(Piece::Tag(range)) => {
                    let name = self.source[range.clone()].to_owned();
                    let range = offset_range(range);
                    slot.tagged = true;
                    self.tree.tags.push((id, Tag { name, range }));
                }
                _ => {}
            }
        }
        self.tree.slots.push(slot);
        id
    }
}
