//! Keys that stand in a mapping twice.

use super::Builder;
use crate::yaml::tree::{NodeId, Problem};
use std::collections::HashMap;

/// Of more repeated keys in one file nobody needs to hear.
const MOST_PROBLEMS: usize = 50;
/// In a mapping with no more keys than this, each is compared with all others.
const FEW_KEYS: usize = 12;

impl Builder<'_> {
    /// Docker refuses a mapping that has a key, `<<` included, twice.
    pub(super) fn repeated_keys(&mut self, mapping: NodeId) {
        let entries = self.tree.entries(mapping);
        let keys = || {
            let keys = entries.iter().map(|entry| entry.key);
            keys.filter_map(|key| Some((self.tree.scalar(key)?, key)))
        };
        let mut repeated: Vec<(NodeId, NodeId)> = Vec::new();
        if entries.len() <= FEW_KEYS {
            for (index, (key, node)) in keys().enumerate() {
                let before = keys().take(index).filter(|(other, _)| *other == key);
                repeated.extend(before.last().map(|(_, first)| (first, node)));
            }
        } else {
            let mut seen: HashMap<&str, NodeId> = HashMap::with_capacity(entries.len());
            for (key, node) in keys() {
                repeated.extend(seen.insert(key, node).map(|first| (first, node)));
            }
        }
        let left = MOST_PROBLEMS.saturating_sub(self.tree.problems.len());
        let problems: Vec<Problem> = repeated
            .into_iter()
            .take(left)
            .map(|(first, second)| self.repeated_key(first, second))
            .collect();
        self.tree.problems.extend(problems);
    }

    fn repeated_key(&self, first: NodeId, second: NodeId) -> Problem {
        let key = self.tree.scalar(second).unwrap_or_default();
        let before = &self.source[..self.tree.range(first).start as usize];
        let line = before.matches('\n').count() + 1;
        let message = format!(
            "the key `{key}` stands here a second time, the first one is on line {line}: Docker refuses the file; keep one of them"
        );
        self.problem(self.tree.span(second).range(), message)
    }
}
