//! Whether a new text says what it was meant to say: it is parsed again and compared with the old one.

use crate::finding::Edit;
use crate::source::{FileId, FileKind, SourceFile, kind};
use crate::yaml::{Kind, NodeId, Tree, parse};
use std::fmt;

/// How a new text came out wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mismatch {
    /// It is no YAML any more.
    Broken(String),
    /// A value differs that was not to be changed; its bytes in the old text.
    Elsewhere(std::ops::Range<u32>),
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broken(why) => write!(f, "the file would be broken: {why}"),
            Self::Elsewhere(_) => f.write_str("another value would change as well"),
        }
    }
}

/// Compares the file with the text that `edits` make of it: exactly what they replace may differ, and a key that they add
/// may be new. Files that are no YAML have nothing around the edits that could change.
///
/// # Errors
/// The first difference that was not intended.
pub fn verify(file: &SourceFile, id: FileId, new: &str, edits: &[Edit]) -> Result<(), Mismatch> {
    if !matches!(
        kind(file.path()),
        Some(FileKind::Compose | FileKind::Workflow)
    ) {
        return Ok(());
    }
    let read = |text: &str| parse(id, text).map_err(|problem| Mismatch::Broken(problem.message));
    let (old_tree, new_tree) = (read(file.text())?, read(new)?);
    let comparison = Comparison {
        old: &old_tree,
        new: &new_tree,
        edits,
    };
    if new_tree.problems().len() > old_tree.problems().len() {
        return Err(Mismatch::Broken("a key would stand there twice".to_owned()));
    }
    if old_tree.documents().len() != new_tree.documents().len() {
        return Err(Mismatch::Elsewhere(0..0));
    }
    let mut pairs = old_tree.documents().iter().zip(new_tree.documents());
    pairs.try_for_each(|(old, new)| comparison.same(*old, *new))
}

struct Comparison<'a> {
    old: &'a Tree,
    new: &'a Tree,
    edits: &'a [Edit],
}

impl Comparison<'_> {
    fn same(&self, old: NodeId, new: NodeId) -> Result<(), Mismatch> {
        let (before, after) = (self.old.node(old), self.new.node(new));
        let differs = || Err(Mismatch::Elsewhere(before.range.clone()));
        if before.anchor.map(|a| &a.name) != after.anchor.map(|a| &a.name)
            || before.tag.map(|t| &t.name) != after.tag.map(|t| &t.name)
        {
            return differs();
        }
        match (before.kind, after.kind) {
            (Kind::Scalar { value: a, .. }, Kind::Scalar { value: b, .. })
                if a == b || self.is_edited(old) =>
            {
                Ok(())
            }
            (Kind::Alias(a), Kind::Alias(b))
                if self.old.anchor_number(a) == self.new.anchor_number(b) =>
            {
                Ok(())
            }
            (Kind::Alias(_), Kind::Scalar { .. }) if self.is_edited(old) => Ok(()),
            (Kind::Sequence { items: a, .. }, Kind::Sequence { items: b, .. })
                if a.len() == b.len() =>
            {
                a.iter().zip(b).try_for_each(|(a, b)| self.same(*a, *b))
            }
            // A whole list is replaced, or one item is new.
            (Kind::Sequence { .. }, Kind::Sequence { .. }) if self.is_replaced(old) => Ok(()),
            (Kind::Sequence { items: a, .. }, Kind::Sequence { items: b, .. })
                if a.len() + 1 == b.len() && self.is_extended(old) =>
            {
                let front = a
                    .iter()
                    .zip(b)
                    .take_while(|(a, b)| self.same(**a, **b).is_ok());
                let front = front.count();
                let mut behind = a[front..].iter().zip(&b[front + 1..]);
                behind.try_for_each(|(a, b)| self.same(*a, *b))
            }
            // A whole list of names becomes a mapping with these names as its keys.
            (Kind::Sequence { items, .. }, Kind::Mapping { entries, .. })
                if items.len() == entries.len() && self.is_rewritten(old) =>
            {
                let mut pairs = items.iter().zip(entries);
                pairs.try_for_each(|(item, entry)| self.same(*item, entry.key))
            }
            (Kind::Mapping { entries: a, .. }, Kind::Mapping { entries: b, .. }) => {
                let added = b.len().checked_sub(a.len());
                if added.is_none_or(|added| added > 0 && !self.is_extended(old)) {
                    return differs();
                }
                // Keys are only ever added behind the last one.
                a.iter().zip(b).try_for_each(|(a, b)| {
                    self.same(a.key, b.key)?;
                    self.same(a.value, b.value)
                })
            }
            _ => differs(),
        }
    }

    fn is_replaced(&self, node: NodeId) -> bool {
        let range = self.old.range(node);
        let mut spans = self.edits.iter().map(|edit| edit.span);
        spans.any(|span| span.start == range.start && span.end == range.end)
    }

    /// Whether one edit replaces the node, and at most the comment on its last line as well.
    fn is_rewritten(&self, node: NodeId) -> bool {
        let range = self.old.range(node);
        let last = self.old.items(node).last();
        let end = last.map_or(range.end, |last| self.old.range(*last).end);
        let mut comments = self.old.comments().iter();
        let comment = comments.find(|comment| comment.range.start >= end && !comment.own_line);
        let comment = comment.map(|comment| comment.range.end);
        let ends = [Some(range.end), Some(end), comment];
        let mut spans = self.edits.iter().map(|edit| edit.span);
        spans.any(|span| span.start == range.start && ends.contains(&Some(span.end)))
    }

    fn is_edited(&self, node: NodeId) -> bool {
        let range = self.old.range(node);
        self.edits
            .iter()
            .any(|edit| edit.span.start >= range.start && edit.span.end <= range.end)
    }

    /// Whether something is inserted in the mapping, or on the line where it ends.
    fn is_extended(&self, node: NodeId) -> bool {
        let range = self.old.range(node);
        let comment = self
            .old
            .comments()
            .iter()
            .find(|comment| comment.range.start >= range.end && !comment.own_line);
        let end = comment.map_or(range.end, |comment| comment.range.end);
        let near = |at: u32| at >= range.start && (at <= range.end || at <= end);
        self.edits
            .iter()
            .any(|edit| edit.span.is_empty() && near(edit.span.start))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::plan::apply;
    use crate::source::{Sources, Span};

    fn check(text: &str, range: std::ops::Range<usize>, new: &str) -> Result<(), Mismatch> {
        let mut sources = Sources::default();
        let id = sources.add("compose.yml", text);
        let edits = [Edit {
            span: Span::new(id, range),
            text: new.to_owned(),
            amount: None,
        }];
        verify(sources.get(id), id, &apply(text, &edits), &edits)
    }

    #[test]
    fn what_was_meant_passes() {
        assert_eq!(check("a: 90s # c\nb: 1\n", 3..6, "200s"), Ok(()));
        assert_eq!(check("a: {b: 1} # c\nd: 1\n", 8..8, ", c: 2"), Ok(()));
        assert_eq!(check("a:\n  b: 1 # c\nd: 1\n", 13..13, "\n  c: 2"), Ok(()));
        assert_eq!(check("a: &x 1\nb: *x\n", 11..13, "2"), Ok(()));
        assert_eq!(check("a: [b, c]\nd: 1\n", 5..5, ", x"), Ok(()));
        assert_eq!(check("a:\n- b # c\n- d\n", 10..10, "\n- x"), Ok(()));
        assert_eq!(check("a:\n- b\n- b # c\n", 14..14, "\n- b"), Ok(()));
        assert_eq!(check("a: [b, c]\nd: 1\n", 3..9, "[x]"), Ok(()));
    }

    #[test]
    fn a_list_may_become_a_mapping_of_its_items() {
        assert_eq!(
            check("a: [b, c] # d\n", 3..9, "{b: {x: 1}, c: {x: 1}}"),
            Ok(())
        );
        assert_eq!(
            check(
                "a:\n  - b\n  - c # d\n",
                5..18,
                "b:\n    x: 1\n  c: # d\n    x: 1"
            ),
            Ok(())
        );
        // Another name, one less, and one that is not replaced as a whole.
        assert!(check("a: [b, c]\n", 3..9, "{b: {x: 1}, d: {x: 1}}").is_err());
        assert!(check("a: [b, c]\n", 3..9, "{b: {x: 1}}").is_err());
        assert!(check("a: [b]\nd: [e]\n", 0..14, "a: {b: {}}\nd: {e: {}}").is_err());
    }

    #[test]
    fn anything_else_is_caught() {
        assert!(matches!(
            check("a: 90s\nb: 1\n", 11..11, "\na: 2"),
            Err(Mismatch::Broken(_))
        ));
        assert!(matches!(
            check("a: 90s\nb: 1\n", 3..6, "{"),
            Err(Mismatch::Broken(_))
        ));
        assert_eq!(
            check("a: 90s\nb: 1\n", 3..6, "x\nc: 1"),
            Err(Mismatch::Elsewhere(0..11))
        );
        assert_eq!(
            check("a: 90s\nb: 1\n", 10..11, "1 # x\nb2: 2"),
            Err(Mismatch::Elsewhere(0..11))
        );
        // Two items where one was meant.
        assert!(check("a: [b, c]\nd: 1\n", 5..5, ", x, y").is_err());
        assert_eq!(
            check("a: 90s\nb: 1\n", 2..6, " {x: 1}"),
            Err(Mismatch::Elsewhere(3..6))
        );
    }
}
