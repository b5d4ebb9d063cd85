//! The key path of a place: `services.web.ports[1]`.

use crate::source::Span;
use crate::yaml::{Kind, NodeId, Tree};

/// The key path of the innermost value or key of a file that holds a place; empty if there is none.
pub(super) fn key_path(tree: &Tree, span: Span) -> String {
    let mut path = String::new();
    let is_before = |id: NodeId| tree.span(id).start <= span.start;
    let within = |id: NodeId| is_before(id) && span.end <= tree.span(id).end;
    let mut at = last(tree.documents(), |root| is_before(*root)).copied();
    while let Some(node) = at {
        at = match tree.kind(node) {
            Kind::Mapping { entries, .. } => {
                let entry = last(entries, |entry| is_before(entry.key));
                let entry = entry.filter(|entry| within(entry.key) || within(entry.value));
                entry.map(|entry| {
                    path.push_str(if path.is_empty() { "" } else { "." });
                    path.push_str(tree.scalar(entry.key).unwrap_or_default());
                    entry.value
                })
            }
            Kind::Sequence { items, .. } => {
                let count = items.partition_point(|item| is_before(*item));
                let index = count.checked_sub(1).filter(|index| within(items[*index]));
                index.map(|index| {
                    path.extend(["[", &index.to_string(), "]"]);
                    items[index]
                })
            }
            Kind::Scalar { .. } | Kind::Alias(_) => None,
        };
    }
    path
}

/// The last of those that begin before a place: they stand in the order of the text.
fn last<T>(all: &[T], is_before: impl Fn(&T) -> bool) -> Option<&T> {
    all[..all.partition_point(is_before)].last()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Store;
    use crate::yaml::Trees;

    #[test]
    fn places_are_named_by_the_keys_around_them() {
        let text = "a: &x {b: [1, {c: here}]}\ns:\n  t: *x\n  t: again\n  <<: nothing\n  [k]: v\n";
        let mut store = Store::memory([("a.yml", text.to_owned())]);
        let file = store.open("a.yml").expect("it is there");
        let tree = Trees::default()
            .open(file, store.sources())
            .expect("it is YAML");
        for (word, path) in [
            ("here", "a.b[1].c"),
            ("c:", "a.b[1]"),
            ("1", "a.b[0]"),
            ("*x", "s.t"),
            ("again", "s.t"),
            ("nothing", "s.<<"),
        ] {
            let at = text.find(word).expect("a word");
            let span = Span::new(file, at..at + word.len());
            assert_eq!(key_path(&tree, span), path, "{word}");
        }
    }
}
