//! `overrides`: where rules count for more or for less.

use super::Reader;
use crate::project::NamedPaths;
use crate::settings::Override;
use crate::settings::keys::{OVERRIDE, RuleValue};
use crate::source::Exclude;
use crate::yaml::{Kind, NodeId};

const HELP: &str = "write a list: `- paths: [legacy/]` or `- services: [db]`, each with `rules:`";

impl Reader<'_> {
    pub(super) fn overrides(&mut self, node: NodeId) {
        let tree = self.tree;
        let node = tree.resolve(node);
        if !matches!(tree.node(node).kind, Kind::Sequence { .. }) {
            self.wrong_kind(node, "a list of overrides", HELP);
            return;
        }
        for item in tree.items(node) {
            self.one_override(*item);
        }
    }

    fn one_override(&mut self, node: NodeId) {
        let before = self.problems.len();
        let mut found = Override::default();
        for (key, value) in self.fields(node, "an override", &OVERRIDE) {
            match key {
                "paths" => found.paths = self.paths_of_override(value),
                "services" => {
                    let help = "write the names of services: [db, redis]";
                    for (service, item) in self.list(value, "a list of services", help) {
                        let named = (service.to_owned(), self.tree.span(item));
                        self.settings.services.push(named);
                        found.services.insert(service.to_owned());
                    }
                }
                _ => found.levels = self.levels(value, RuleValue::Level),
            }
        }
        if self.problems.len() > before {
            return;
        }
        if found.paths.is_none() && found.services.is_empty() {
            let help = "write `paths:` or `services:`; what is for all of the project stands in `rules` beside `overrides`";
            self.problem(node, "this override is for no paths and no services", help);
        } else if found.levels.is_empty() {
            let help = "write `rules:` with off, error, warning or info behind their names";
            self.problem(node, "this override says nothing of any rule", help);
        }
        self.settings.overrides.push(found);
    }

    /// The globs of an override; each by itself is to hold something, but for those that only take back.
    fn paths_of_override(&mut self, node: NodeId) -> Option<Exclude> {
        let globs = self.globs(node);
        for (glob, item) in globs.iter().filter(|(glob, _)| !glob.starts_with('!')) {
            self.settings.paths.push(NamedPaths {
                glob: (*glob).to_owned(),
                paths: Exclude::new([*glob]).unwrap_or_default(),
                span: self.tree.span(*item),
            });
        }
        let all = Exclude::new(globs.iter().map(|(glob, _)| *glob)).ok();
        all.filter(|_| !globs.is_empty())
    }
}
