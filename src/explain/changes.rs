//! What the rules would change.

use super::subject::Subject;
use super::{Case, Change, Scene};
use crate::finding::Finding;
use crate::project::Stack;
use serde_json::Value as Json;

/// Whether a list of the finding's own data holds a name.
fn names(data: &Json, key: &str, name: &str) -> Option<bool> {
    match data.get(key)? {
        Json::String(text) => Some(text == name),
        Json::Array(items) => Some(items.iter().any(|item| item == name)),
        _ => None,
    }
}

/// Whether a finding is about this stack, as far as it says.
fn of_stack(finding: &Finding, stack: &Stack) -> bool {
    let name = &stack.files.name;
    names(&finding.data, "stacks", name)
        .or_else(|| names(&finding.data, "stack", name))
        .unwrap_or(true)
}

impl Subject<'_> {
    /// Whether a finding is about this service: it says so, or stands in what is written of it.
    fn is_found(&self, finding: &Finding) -> bool {
        if !of_stack(finding, self.stack) {
            return false;
        }
        let named = names(&finding.data, "service", self.name())
            .or_else(|| names(&finding.data, "services", self.name()));
        named.unwrap_or_else(|| {
            let span = finding.primary.span;
            self.service().service.written.iter().any(|(node, _)| {
                let tree = self.project.trees.get(node.file);
                let written = tree.map(|tree| tree.span(node.node));
                written.is_some_and(|written| {
                    written.file == span.file
                        && written.start <= span.start
                        && span.end <= written.end
                })
            })
        })
    }

    /// What the rules found of it.
    pub(super) fn found_changes(&self, scene: Scene) -> Vec<Change> {
        let found = scene.findings.iter();
        let mut found: Vec<_> = found.filter(|finding| self.is_found(finding)).collect();
        // What is only advice comes last.
        found.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        found.into_iter().map(change).collect()
    }
}

/// What the rules found of the waits for a stack.
pub(super) fn of_waits(scene: Scene, stack: &Stack) -> Vec<Change> {
    let found = scene.findings.iter();
    found
        .filter(|finding| finding.data.get("wait_s").is_some() && of_stack(finding, stack))
        .map(change)
        .collect()
}

/// A fix's title, or what is wrong where there is none.
fn change(finding: &Finding) -> Change {
    let fix = finding.fix.as_ref();
    Change {
        title: fix.map_or_else(|| finding.message.clone(), |fix| fix.title.clone()),
        rule: Some((finding.rule, finding.severity)),
        safety: fix.map(|fix| fix.safety),
        place: Some(finding.primary.span),
    }
}

impl Change {
    /// Something that no rule has found.
    pub(super) fn by_hand(title: impl Into<String>, place: Option<crate::source::Span>) -> Self {
        Self {
            title: title.into(),
            rule: None,
            safety: None,
            place,
        }
    }
}

impl Case {
    /// Adds something to change, once.
    pub(super) fn change(&mut self, change: Change) {
        if !self.changes.contains(&change) {
            self.changes.push(change);
        }
    }
}
