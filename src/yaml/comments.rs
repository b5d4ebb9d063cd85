//! Comments: the parts of the gaps between nodes that begin with `#`.

use super::Tree;
use std::ops::Range;

/// A comment, from its `#` to the end of its line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// The bytes, `#` included, the line's end not.
    pub range: Range<u32>,
    /// Whether nothing but blanks stands before it on its line.
    pub own_line: bool,
}

impl Tree {
    /// The comment that follows on the same line as `offset`, if nothing else stands between.
    pub fn comment_behind(&self, offset: u32, text: &str) -> Option<&Comment> {
        let index = self
            .comments
            .partition_point(|comment| comment.range.start < offset);
        let comment = self.comments.get(index)?;
        let between = &text[offset as usize..comment.range.start as usize];
        between
            .bytes()
            .all(|b| matches!(b, b' ' | b'\t'))
            .then_some(comment)
    }
}
