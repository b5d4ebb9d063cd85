//! Which services a finding is about.

use crate::finding::Finding;
use crate::project::Project;
use crate::source::Span;
use crate::yaml::{Kind, Tree};
use serde_json::Value;

/// Those that its rule names in `service` or `services` of its data; else the one whose part of a compose file it stands in.
pub(in crate::rules) fn services(finding: &Finding, project: &Project) -> Vec<String> {
    let named = |key: &str| finding.data.get(key);
    let one = named("service").and_then(Value::as_str);
    let all = named("services").and_then(Value::as_array);
    let all = all.into_iter().flatten().filter_map(Value::as_str);
    let found: Vec<String> = one.into_iter().chain(all).map(str::to_owned).collect();
    if !found.is_empty() {
        return found;
    }
    let place = finding.primary.span;
    let tree = project.trees.get(place.file);
    tree.and_then(|tree| around(tree, place))
        .into_iter()
        .collect()
}

/// The entry of `services:` that a place lies in.
fn around(tree: &Tree, place: Span) -> Option<String> {
    let roots = tree.documents().iter();
    let mut all = roots.filter_map(|root| {
        let services = tree.resolve(tree.get(*root, "services")?);
        let Kind::Mapping { entries, .. } = tree.kind(services) else {
            return None;
        };
        let range = tree.range(services);
        if place.start < range.start || place.start > range.end {
            return None;
        }
        let before = entries.partition_point(|entry| tree.range(entry.key).start <= place.start);
        let entry = entries[before.checked_sub(1)?];
        tree.scalar(entry.key).map(str::to_owned)
    });
    all.next()
}
