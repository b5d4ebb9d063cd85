//! What only some values have: a way by which they came, a tag, variables.

use super::{Combine, Data, NodeRef, Piece, Through, Value};
use crate::source::Span;
use std::ops::Range;
use std::sync::Arc;

/// What only some values have.
#[derive(Clone, Debug, Default)]
pub(in crate::compose) struct More {
    pub(in crate::compose) through: Vec<Through>,
    pub(in crate::compose) combine: Combine,
    pub(in crate::compose) pieces: Vec<Piece>,
    pub(in crate::compose) unknown: Vec<String>,
    /// Whether it is a map that Docker has as a list.
    pub(in crate::compose) listed: bool,
    /// The mappings that it was laid over, and how each came here.
    pub(in crate::compose) below: Vec<(NodeRef, Vec<Through>)>,
}

impl More {
    fn through(through: Vec<Through>) -> Self {
        Self {
            through,
            ..Self::default()
        }
    }

    /// Whether it says nothing but how a value came to where it is.
    fn is_way(&self) -> bool {
        self.combine == Combine::Merge
            && self.pieces.is_empty()
            && self.unknown.is_empty()
            && !self.listed
            && self.below.is_empty()
    }
}

impl Value {
    /// With what else there is about it.
    pub(in crate::compose) fn with(self, more: Option<Arc<More>>) -> Self {
        Self { more, ..self }
    }

    /// What else there is about it, to change it.
    pub(in crate::compose) fn more_mut(&mut self) -> &mut More {
        Arc::make_mut(self.more.get_or_insert_default())
    }

    /// The way by which it came here.
    pub(super) fn way(&self) -> Option<Arc<More>> {
        let more = self.more.as_ref()?;
        if more.is_way() {
            return Some(Arc::clone(more));
        }
        let through = more.through.clone();
        let is_direct = through.is_empty();
        (!is_direct).then(|| Arc::new(More::through(through)))
    }

    /// How it came to where it is, from the outermost to the innermost.
    pub fn through(&self) -> &[Through] {
        self.more.as_ref().map_or(&[], |more| &more.through)
    }

    /// `!reset` and `!override`.
    pub fn combine(&self) -> Combine {
        self.more
            .as_ref()
            .map_or(Combine::Merge, |more| more.combine)
    }

    /// What its text was made from, where variables had a part in it; else empty.
    pub fn pieces(&self) -> &[Piece] {
        self.more.as_ref().map_or(&[], |more| &more.pieces)
    }

    /// The pieces of a part of its text.
    pub(in crate::compose) fn pieces_in(&self, range: Range<usize>) -> Vec<Piece> {
        let mut start = 0;
        let mut found = Vec::new();
        for piece in self.pieces() {
            let end = start + piece.text.len();
            let (from, to) = (range.start.max(start), range.end.min(end));
            if from < to {
                let mut piece = piece.clone();
                piece.text.truncate(to - start);
                piece.text.drain(..from - start);
                if piece.verbatim {
                    let at = piece.span.range().start;
                    piece.span = Span::new(piece.span.file, at + from - start..at + to - start);
                }
                found.push(piece);
            }
            start = end;
        }
        found
    }

    /// Notes the pieces that its text was made from.
    pub(in crate::compose) fn set_pieces(&mut self, pieces: Vec<Piece>) {
        if !pieces.is_empty() {
            self.more_mut().pieces = pieces;
        }
    }

    /// Variables that have no value here. The text is not to be trusted then.
    pub fn unknown(&self) -> &[String] {
        self.more.as_ref().map_or(&[], |more| &more.unknown)
    }

    /// The YAML mappings that a map was merged from, in the order of the files, with how each came here.
    pub fn mappings(&self) -> Vec<(NodeRef, Vec<Through>)> {
        let below = self.more.as_ref().map(|more| more.below.clone());
        let mut written = below.unwrap_or_default();
        written.push((self.reference(), self.through().to_vec()));
        written
    }

    /// Whether it is a map that Docker has as a list.
    pub(in crate::compose) fn is_listed(&self) -> bool {
        self.more.as_ref().is_some_and(|more| more.listed)
    }

    /// Notes that Docker has this map as a list.
    pub(in crate::compose) fn listed(&mut self) {
        self.more_mut().listed = true;
    }

    /// Notes that a map was laid over another one.
    pub(in crate::compose) fn lies_over(&mut self, mut below: Vec<(NodeRef, Vec<Through>)>) {
        let more = self.more_mut();
        below.append(&mut more.below);
        more.below = below;
    }

    /// Marks every part as having come by this way.
    pub(in crate::compose) fn pass_on(&mut self, way: Through) {
        self.pass_on_by(way, &mut Vec::new());
    }

    /// `known` are ways that have been led on already, each with where it leads now: what shares one goes on doing so.
    fn pass_on_by(&mut self, way: Through, known: &mut Vec<(Option<Arc<More>>, Arc<More>)>) {
        let is_same = |old: &Option<Arc<More>>| match (old, &self.more) {
            (None, None) => true,
            (Some(old), Some(more)) => Arc::ptr_eq(old, more),
            _ => false,
        };
        let new = known.iter().find(|(old, _)| is_same(old));
        if let Some((_, new)) = new {
            self.more = Some(Arc::clone(new));
        } else {
            let old = self.more.clone();
            let more = self.more_mut();
            more.through.insert(0, way);
            for (_, through) in &mut more.below {
                through.insert(0, way);
            }
            let new = self.more.clone();
            known.extend(new.filter(|new| new.is_way()).map(|new| (old, new)));
        }
        match &mut self.data {
            Data::Mapping(mapping) => {
                for field in mapping.fields.values_mut() {
                    field.value.pass_on_by(way, known);
                }
            }
            Data::Sequence(items) => {
                for item in items {
                    item.pass_on_by(way, known);
                }
            }
            Data::Null | Data::Scalar(_) => {}
        }
    }

    /// Forgets its tag.
    pub(in crate::compose) fn combined(&mut self) {
        if self.combine() != Combine::Merge {
            self.more_mut().combine = Combine::Merge;
        }
    }
}
