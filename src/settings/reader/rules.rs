//! `rules`: what becomes of the findings of rules, and what is said to single ones.

use super::Reader;
use crate::duration::Seconds;
use crate::rules::{Level, OptionKind, OptionValue, RULES, Rule, RuleOption, rule};
use crate::settings::keys::RuleValue;
use crate::spelling::nearest;
use crate::yaml::{Kind, NodeId};
use std::collections::BTreeMap;

/// Beside the options in a rule's map.
pub(in crate::settings) const SEVERITY: &str = "severity";

const HELP: &str = "write off, error, warning or info behind the rule's name";

impl Reader<'_> {
    pub(super) fn rules(&mut self, node: NodeId) {
        self.settings.rules = self.levels(node, RuleValue::LevelOrOptions);
    }

    /// What stands behind the names of rules.
    pub(super) fn levels(&mut self, node: NodeId, wanted: RuleValue) -> BTreeMap<String, Level> {
        let mut found = BTreeMap::new();
        for (name, entry) in self.entries(node, "a map of rules", HELP) {
            let Some(rule) = rule(name) else {
                let names = RULES.iter().map(|rule| rule.name);
                let meant = nearest(name, names.clone()).map(|meant| format!("write `{meant}`"));
                let help = meant.unwrap_or_else(|| {
                    let names: Vec<&str> = names.collect();
                    format!("the rules are {}", names.join(", "))
                });
                self.problem(entry.key, format!("there is no rule `{name}`"), help);
                continue;
            };
            let value = self.tree.resolve(entry.value);
            let is_map = matches!(self.tree.node(value).kind, Kind::Mapping { .. });
            let level = match wanted {
                RuleValue::LevelOrOptions if is_map => self.options(rule, value),
                _ => self.level(entry.value),
            };
            found.extend(level.map(|level| (name.to_owned(), level)));
        }
        found
    }

    fn level(&mut self, node: NodeId) -> Option<Level> {
        let text = self.text(node, "a severity", HELP)?;
        let found = Level::ALL.into_iter().find(|level| level.name() == text);
        if found.is_none() {
            let meant = nearest(text, Level::ALL.map(Level::name));
            let help = meant.map_or(HELP.to_owned(), |meant| format!("write `{meant}`"));
            self.problem(node, format!("`{text}` is no severity"), help);
        }
        found
    }

    /// A map of what is said to a rule.
    fn options(&mut self, rule: &'static Rule, node: NodeId) -> Option<Level> {
        let mut keys = vec![SEVERITY];
        keys.extend(rule.options().iter().map(|option| option.name));
        let fields = self.known(node, &format!("the rule `{}`", rule.name), &keys);
        if self.tree.entries(node).is_empty() {
            let help = format!("the keys are {}", keys.join(", "));
            let message = format!("nothing is said to the rule `{}`", rule.name);
            self.problem(node, message, help);
        }
        let mut level = None;
        for (key, value) in fields {
            let option = rule.options().iter().find(|option| option.name == key);
            let Some(option) = option else {
                level = self.level(value);
                continue;
            };
            if let Some(said) = self.option(option, value) {
                let key = (rule.name.to_owned(), option.name.to_owned());
                self.settings.of_rules.insert(key, said);
            }
        }
        level
    }

    fn option(&mut self, option: &RuleOption, node: NodeId) -> Option<OptionValue> {
        match option.kind {
            OptionKind::Length(usual) => {
                let usual = usual.unwrap_or(Seconds::new(90));
                let help = format!("write a length of time with its unit, such as {usual}s");
                self.length(node, &help).map(OptionValue::Length)
            }
            OptionKind::Times(usual) => {
                let help = format!("write a number from 1 on, such as {usual}");
                let text = self.text(node, "a number", &help)?;
                let number: Option<f64> = text.parse().ok();
                let number = number.filter(|number| number.is_finite() && *number >= 1.0);
                if number.is_none() {
                    self.problem(node, format!("`{text}` is no number from 1 on"), help);
                }
                number.map(OptionValue::Times)
            }
            OptionKind::Count(usual) => {
                let help = format!("write a whole number from 1 on, such as {usual}");
                let text = self.text(node, "a number", &help)?;
                let number: Option<usize> = text.parse().ok().filter(|number| *number >= 1);
                if number.is_none() {
                    self.problem(node, format!("`{text}` is no whole number from 1 on"), help);
                }
                number.map(OptionValue::Count)
            }
        }
    }
}
