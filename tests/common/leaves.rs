//! The values of a YAML text as a second parser reads them.

use granit_parser::{Event, Parser};
use similar::{DiffTag, TextDiff};
use std::collections::BTreeSet;

/// A value: the keys that lead to it (`-` for an item of a list), its text, and its first and last line, from 0.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Leaf {
    pub path: String,
    pub text: String,
    pub lines: (usize, usize),
}

/// Where the parser is: in a list, or in a map before a key or behind it.
enum Level {
    List,
    Key,
    Value(String),
}

fn path(levels: &[Level]) -> String {
    let keys = levels.iter().map(|level| match level {
        Level::List => "-",
        Level::Key => "?",
        Level::Value(key) => key,
    });
    keys.collect::<Vec<_>>().join(".")
}

/// After a value a map has another key.
fn passed(levels: &mut [Level]) {
    if let Some(level @ Level::Value(_)) = levels.last_mut() {
        *level = Level::Key;
    }
}

/// All values of a text.
pub fn leaves(text: &str) -> Result<Vec<Leaf>, String> {
    let line = |at: usize| text[..at].matches('\n').count();
    let (mut levels, mut found): (Vec<Level>, Vec<Leaf>) = (Vec::new(), Vec::new());
    for next in Parser::new_from_str(text) {
        let (event, span) = next.map_err(|error| error.to_string())?;
        let range = span.byte_range().unwrap_or_default();
        let value = match event {
            Event::Scalar(value, ..) => value.to_string(),
            Event::Alias(id) => format!("*{id}"),
            Event::SequenceStart(..) => {
                levels.push(Level::List);
                continue;
            }
            Event::MappingStart(..) => {
                levels.push(Level::Key);
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                levels.pop();
                passed(&mut levels);
                continue;
            }
            _ => continue,
        };
        if let Some(level @ Level::Key) = levels.last_mut() {
            *level = Level::Value(value);
            continue;
        }
        // A block's bytes end behind its last line break.
        let end = text[..range.end].trim_end().len().max(range.start);
        found.push(Leaf {
            path: path(&levels),
            text: value,
            lines: (line(range.start), line(end)),
        });
        passed(&mut levels);
    }
    Ok(found)
}

/// The values on lines that both texts have, and that only the old one has.
pub fn lost(old: &str, new: &str) -> Result<Vec<Leaf>, String> {
    let diff = TextDiff::from_lines(old, new);
    let mut now: Vec<Option<usize>> = vec![None; old.lines().count() + 1];
    for op in diff.ops().iter().filter(|op| op.tag() == DiffTag::Equal) {
        for (from, to) in op.old_range().zip(op.new_range()) {
            now[from] = Some(to);
        }
    }
    let there: BTreeSet<Leaf> = leaves(new)?.into_iter().collect();
    let moved = leaves(old)?.into_iter().filter_map(|leaf| {
        let (first, last) = leaf.lines;
        let all_kept = now[first..=last].iter().all(Option::is_some);
        all_kept.then(|| Leaf {
            lines: (now[first].unwrap_or(0), now[last].unwrap_or(0)),
            ..leaf
        })
    });
    Ok(moved.filter(|leaf| !there.contains(leaf)).collect())
}
