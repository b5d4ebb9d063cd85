//! What rules are run with.

use crate::baseline::Baseline;
use crate::clock::BudgetModel;
use crate::duration::Seconds;
use crate::finding::{Finding, Safety, Severity};
use crate::rules::{RULE_OPTIONS, Rule};
use crate::scope::Scope;
use crate::source::Exclude;
use std::collections::{BTreeMap, BTreeSet};

/// What becomes of a rule's findings, the weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// They are neither reported nor fixed.
    Off,
    /// They are reported with this severity.
    As(Severity),
}

impl Level {
    /// All of them, the weakest first.
    pub const ALL: [Self; 4] = [
        Self::Off,
        Self::As(Severity::Info),
        Self::As(Severity::Warning),
        Self::As(Severity::Error),
    ];

    /// As it stands in settings.
    pub fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::As(severity) => severity.name(),
        }
    }
}

/// Where rules count for more, or for less, than in the rest of the project.
#[derive(Clone, Debug, Default)]
pub struct Override {
    /// The paths at which findings stand; `None` for all.
    pub paths: Option<Exclude>,
    /// The services that they are about; empty for all.
    pub services: BTreeSet<String>,
    /// What becomes of the findings there, by their rules.
    pub levels: BTreeMap<String, Level>,
}

impl Override {
    fn level(&self, rule: &str, path: &str, service: Option<&str>) -> Option<Level> {
        let level = self.levels.get(rule)?;
        let is_there = self.paths.as_ref().is_none_or(|paths| paths.holds(path));
        let is_about = |service| self.services.contains(service);
        let is_meant = self.services.is_empty() || service.is_some_and(is_about);
        (is_there && is_meant).then_some(*level)
    }
}

/// What can be said to one rule.
#[derive(Clone, Copy, Debug)]
pub struct RuleOption {
    /// Its key.
    pub name: &'static str,
    /// What it does, in one sentence without a full stop.
    pub about: &'static str,
    /// What it can be.
    pub kind: OptionKind,
}

/// What an option can be; each with what counts without it, if that is one value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum OptionKind {
    /// A length of time that is not negative.
    Length(Option<Seconds>),
    /// How many times, from 1 on.
    Times(f64),
    /// A whole number from 1 on.
    Count(usize),
}

/// What an option was set to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum OptionValue {
    /// A length of time.
    Length(Seconds),
    /// How many times.
    Times(f64),
    /// A whole number.
    Count(usize),
}

impl Rule {
    /// What can be said to it.
    pub fn options(&self) -> &'static [RuleOption] {
        let mut all = RULE_OPTIONS.iter();
        all.find(|(rule, _)| *rule == self.name)
            .map_or(&[], |(_, options)| options)
    }
}

/// What rules are run with.
#[derive(Clone, Debug)]
pub struct Options {
    /// What waits are measured against.
    pub budget: BudgetModel,
    /// What fixes grant beyond the required number: 1.1 is a tenth more.
    pub margin: f64,
    /// Whether unsafe fixes will be applied, so that later rules count on them.
    pub allow_unsafe: bool,
    /// The rules that run, by name; `None` for all.
    pub select: Option<Vec<String>>,
    /// Rules that do not run, by name.
    pub ignore: Vec<String>,
    /// What becomes of the findings of rules whose own severities do not count, by name.
    pub levels: BTreeMap<String, Level>,
    /// Where that is different; the last that says something of a finding counts.
    pub overrides: Vec<Override>,
    /// What is said to single rules, by their name and the option's.
    pub of_rules: BTreeMap<(String, String), OptionValue>,
    /// Findings that are known, and not reported.
    pub baseline: Baseline,
    /// What findings have to touch to be reported.
    pub scope: Scope,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            budget: BudgetModel::default(),
            margin: 1.1,
            allow_unsafe: false,
            select: None,
            ignore: Vec::new(),
            levels: BTreeMap::new(),
            overrides: Vec::new(),
            of_rules: BTreeMap::new(),
            baseline: Baseline::default(),
            scope: Scope::default(),
        }
    }
}

impl Options {
    /// Whether a rule was chosen by hand.
    pub fn is_selected(&self, rule: &str) -> bool {
        let named = self.select.iter().flatten();
        named.into_iter().any(|name| name == rule)
    }

    pub(in crate::rules) fn runs(&self, rule: &Rule) -> bool {
        let selected = self.select.is_none() || self.is_selected(rule.name);
        let ignored = self.ignore.iter().any(|name| name == rule.name);
        selected && !ignored && !self.is_off_everywhere(rule.name)
    }

    fn is_off_everywhere(&self, rule: &str) -> bool {
        let says_more = |level: Option<&Level>| level.is_some_and(|level| *level > Level::Off);
        let mut elsewhere = self.overrides.iter().map(|one| one.levels.get(rule));
        self.levels.get(rule) == Some(&Level::Off) && !elsewhere.any(says_more)
    }

    /// What becomes of a finding that its rule gives this severity. One about several services counts for as much as for the
    /// one of them for which it counts most.
    pub(in crate::rules) fn level(
        &self,
        (rule, severity): (&str, Severity),
        path: &str,
        services: &[impl AsRef<str>],
    ) -> Level {
        let of_rule = self.levels.get(rule).copied();
        let level = |service: Option<&str>| {
            let overrides = self.overrides.iter().rev();
            let mut said = overrides.filter_map(|one| one.level(rule, path, service));
            let said = said.next().or(of_rule);
            said.unwrap_or(Level::As(severity))
        };
        let levels = services.iter().map(|service| level(Some(service.as_ref())));
        levels.max().unwrap_or_else(|| level(None))
    }

    /// What an option of a rule was set to.
    fn value(&self, rule: &str, option: &RuleOption) -> Option<OptionValue> {
        let key = (rule.to_owned(), option.name.to_owned());
        self.of_rules.get(&key).copied()
    }

    /// A length that was said to a rule, or else what counts without.
    pub(in crate::rules) fn length(&self, rule: &str, option: &RuleOption) -> Option<Seconds> {
        match (self.value(rule, option), option.kind) {
            (Some(OptionValue::Length(length)), _) => Some(length),
            (_, OptionKind::Length(default)) => default,
            _ => None,
        }
    }

    /// A factor that was said to a rule, or else the one that counts without.
    pub(in crate::rules) fn times(&self, rule: &str, option: &RuleOption) -> f64 {
        match (self.value(rule, option), option.kind) {
            (Some(OptionValue::Times(times)), _) | (_, OptionKind::Times(times)) => times,
            _ => 1.0,
        }
    }

    /// A number that was said to a rule, or else the one that counts without.
    pub(in crate::rules) fn count(&self, rule: &str, option: &RuleOption) -> usize {
        match (self.value(rule, option), option.kind) {
            (Some(OptionValue::Count(count)), _) | (_, OptionKind::Count(count)) => count,
            _ => 1,
        }
    }

    /// Whether a fix of this safety will be applied.
    pub(in crate::rules) fn applies(&self, safety: Safety) -> bool {
        safety == Safety::Safe || (safety == Safety::Unsafe && self.allow_unsafe)
    }

    /// Gives a finding the severity that was chosen for it; whether it is reported at all.
    pub(in crate::rules) fn settle(
        &self,
        finding: &mut Finding,
        path: &str,
        services: &[String],
    ) -> bool {
        let own = (finding.rule, finding.severity);
        match self.level(own, path, services) {
            Level::Off => false,
            Level::As(severity) => {
                finding.severity = severity;
                true
            }
        }
    }
}
