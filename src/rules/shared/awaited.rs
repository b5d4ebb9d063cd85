//! Who waits for whom, and how a wait is written.

use crate::compose::{Condition, Dependency};
use crate::finding::Edit;
use crate::project::{ActiveService, Project, Stack};
use crate::rules::Context;
use crate::source::Span;
use crate::yaml::{self, NodeId, Tree};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A dependency, in all stacks that have it.
pub(in crate::rules) struct Awaited<'a> {
    /// Who waits.
    pub(in crate::rules) waiter: &'a ActiveService,
    /// Where that is written.
    pub(in crate::rules) dependency: &'a Dependency,
    /// What is waited for.
    pub(in crate::rules) target: &'a ActiveService,
    /// The stacks.
    pub(in crate::rules) stacks: Vec<String>,
}

impl Awaited<'_> {
    /// The mapping or the list that the dependency is written in; `None` where it is not written under `depends_on`, as with `links`.
    fn written_in(&self, project: &Project) -> Option<(Arc<Tree>, NodeId)> {
        let written = self.waiter.service.written.iter().rev();
        written.into_iter().find_map(|(place, _)| {
            let tree = project.trees.get(place.file)?;
            let list = tree.resolve(tree.get(tree.resolve(place.node), "depends_on")?);
            let is_here = |node: NodeId| tree.span(node) == self.dependency.span;
            let name = self.dependency.service.as_str();
            let is_item = tree.items(list).iter().any(|item| is_here(*item));
            let entry = tree.get(list, name);
            let condition = entry.and_then(|entry| tree.get(entry, "condition"));
            let is_in = is_item || condition.is_some_and(|node| is_here(tree.resolve(node)));
            is_in.then(|| (Arc::clone(tree), list))
        })
    }

    /// Whether it is written under `depends_on`.
    pub(in crate::rules) fn is_written(&self, context: &Context) -> bool {
        self.written_in(context.project).is_some()
    }

    /// The edit that makes a dependency in a list wait for something else, and all others of the list for what they waited for.
    fn wait_in_list(&self, project: &Project, condition: Condition) -> Option<Edit> {
        let (tree, list) = self.written_in(project)?;
        let items = tree.items(list);
        let own = items
            .iter()
            .find(|item| tree.span(**item) == self.dependency.span)?;
        let is_own = tree.scalar(*own) == Some(&*self.dependency.service);
        // Compose fills in variables in values, and in keys it does not.
        let names = items.iter().map(|item| tree.scalar(*item));
        if names
            .into_iter()
            .any(|name| name.is_none_or(|name| name.contains('$')))
        {
            return None;
        }
        let file = project.store.sources().get(tree.file());
        let waits = |name: &str| {
            let own = name == self.dependency.service;
            let condition = if own { condition } else { Condition::Started };
            condition.name().to_owned()
        };
        let edit = yaml::list_to_mapping(&tree, file, list, "condition", waits).ok();
        edit.filter(|_| is_own)
    }

    /// The edit that makes the dependency wait for something else, which has to suit its target in every stack that reads it. `None` where it
    /// does not, or where the condition stands nowhere as it is or stands for other services as well.
    pub(in crate::rules) fn wait_for(
        &self,
        context: &Context,
        condition: Condition,
        suits: impl Fn(&Stack, &ActiveService) -> bool,
    ) -> Option<Edit> {
        let project = context.project;
        let span = self.dependency.span;
        for stack in &project.stacks {
            let edges = stack.services.iter();
            let edges = edges.flat_map(|service| &service.service.depends_on);
            for edge in edges.filter(|edge| edge.span == span) {
                let target = stack.index(&edge.service);
                let target = target.map(|index| &stack.services[index]);
                let suits = target.is_none_or(|target| suits(stack, target));
                if edge.service != self.dependency.service || !suits {
                    return None;
                }
            }
        }
        let text = project.store.sources().text(span);
        let name = self.dependency.condition.name();
        if text.trim_matches(['"', '\'']) != name {
            return self.wait_in_list(project, condition);
        }
        Some(Edit {
            span,
            text: text.replace(name, condition.name()),
            amount: None,
        })
    }

    /// The edit that makes the dependency wait for the health of its target. The healthcheck has to be there wherever the dependency is: an
    /// overlay may be left out.
    pub(in crate::rules) fn wait_for_health(&self, context: &Context) -> Option<Edit> {
        let sources = context.project.store.sources();
        let order = |stack: &Stack, span: Span| {
            let path = sources.get(span.file).path();
            let mut files = stack.files.files.iter();
            files.position(|file| file == path)
        };
        let place = self.dependency.span;
        self.wait_for(context, Condition::Healthy, |stack, target| {
            let check = target.check();
            let is_above = check.is_some_and(|check| order(stack, check.key) > order(stack, place));
            target.known().is_some() && !is_above
        })
    }
}

/// Every dependency with a condition that fits, by its place. Of a stack with a missing file nothing is certain.
pub(in crate::rules) fn awaited<'a>(
    context: &Context<'a>,
    condition: Condition,
    fits: impl Fn(&'a Stack, &'a ActiveService) -> bool,
) -> Vec<Awaited<'a>> {
    let mut found: BTreeMap<(Span, &str), Awaited> = BTreeMap::new();
    let project = context.project;
    for stack in project.stacks.iter().filter(|stack| stack.is_whole()) {
        for waiter in &stack.services {
            for dependency in &waiter.service.depends_on {
                let target = stack.index(&dependency.service);
                let Some(target) = target.map(|index| &stack.services[index]) else {
                    continue;
                };
                // Compose waits for nothing that gets no containers.
                let is_waited_for = waiter.waits() && target.has_containers();
                let fits_wait = dependency.condition == condition && is_fatal(dependency);
                let waits = is_waited_for && fits_wait;
                if !waits || !fits(stack, target) {
                    continue;
                }
                let key = (dependency.span, waiter.service.name.as_str());
                let new = || Awaited {
                    waiter,
                    dependency,
                    target,
                    stacks: Vec::new(),
                };
                let stacks = &mut found.entry(key).or_insert_with(new).stacks;
                stacks.push(stack.files.name.clone());
            }
        }
    }
    found.into_values().collect()
}

/// Whether what is waited for in vain stops the start. Compose goes on when what is not required has failed; for its end it waits just as long.
fn is_fatal(dependency: &Dependency) -> bool {
    dependency.required || dependency.condition != Condition::Healthy
}
