//! Recipes, expanded when all of a Makefile is known.

use super::super::text::known;
use super::super::{Exported, Script, Task};
use super::{Reader, Rule};
use crate::shell::Dialect;
use crate::source::{Mapped, MappedBuilder};
use std::collections::BTreeSet;

/// The most targets of one rule that are gone through, and the most targets that one with variables of its own leads to.
const TARGETS: usize = 32;

impl Reader<'_> {
    /// All targets with what they run.
    pub(super) fn tasks(&mut self) -> Vec<Task> {
        let rules = std::mem::take(&mut self.rules);
        let mut tasks = Vec::new();
        for rule in rules.iter().filter(|rule| !rule.recipe.is_empty()) {
            let uses_name = rule
                .recipe
                .iter()
                .any(|line| line.text().contains("$@") || line.text().contains("$(@"));
            let differs = |target: &String| self.specific.iter().any(|(other, _)| other == target);
            let each = uses_name || rule.targets.iter().any(differs);
            let count = if each { TARGETS } else { 1 };
            for target in rule.targets.iter().take(count) {
                tasks.push(self.task(target, target, rule));
            }
        }
        // What a target sets holds for all that it needs as well.
        let own: BTreeSet<String> = self
            .specific
            .iter()
            .map(|(target, _)| target.clone())
            .collect();
        for target in own {
            for (needed, rule) in needed(&target, &rules) {
                tasks.push(self.task(&target, &needed, rule));
            }
        }
        tasks
    }

    /// The recipe of one target, run for the sake of `goal`.
    fn task(&mut self, goal: &str, target: &str, rule: &Rule) -> Task {
        let outer = (self.variables.clone(), self.exported.clone());
        if !target.contains('%') {
            self.variables.set_simple("@", target);
        }
        let specific = self.specific.iter().filter(|(other, _)| other == goal);
        let specific: Vec<_> = specific.map(|(_, assignment)| assignment.clone()).collect();
        for assignment in &specific {
            self.assign(assignment);
        }
        let lines: Vec<Mapped> = rule
            .recipe
            .iter()
            .map(|line| self.expand_line(line))
            .collect();
        let dialect = self.dialect();
        let one = self.one_shell.then(|| joined(&lines)).flatten();
        let lines = one.map_or(lines, |one| vec![one]);
        let scripts = lines.iter().map(|line| script(line, dialect)).collect();
        let exported = self.exported_variables();
        let task = Task {
            name: goal.to_owned(),
            exported,
            scripts,
            folder: self.folder.map(str::to_owned),
        };
        (self.variables, self.exported) = outer;
        task
    }

    /// What `export` passes on to the recipes.
    fn exported_variables(&mut self) -> Vec<Exported> {
        let is_name = |name: &str| name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        let all = self
            .variables
            .names()
            .filter(|name| self.exports_all && is_name(name));
        let names: BTreeSet<String> = all.map(str::to_owned).collect();
        let names = names.union(&self.exported).cloned().collect::<Vec<_>>();
        let mut exported = Vec::new();
        for name in names {
            let Some(span) = self.variables.get(&name).and_then(|variable| variable.span) else {
                continue;
            };
            let value = known(self.value(&name, 0));
            exported.push(Exported { name, value, span });
        }
        exported
    }

    fn dialect(&self) -> Dialect {
        let shell = self.variables.get("SHELL").map(|shell| shell.text.clone());
        let is_bash = shell.is_some_and(|shell| shell.contains("bash") || shell.contains("zsh"));
        if is_bash { Dialect::Bash } else { Dialect::Sh }
    }
}

/// One script of several lines, which stand in one file.
fn joined(lines: &[Mapped]) -> Option<Mapped> {
    let mut builder = MappedBuilder::new(lines.first()?.file());
    for line in lines {
        let end = line.span(0..line.text().len()).range().end;
        builder.push_mapped(line, 0..line.text().len());
        builder.push_made("\n", end..end);
    }
    Some(builder.finish())
}

/// A line without the marks before it: `@` says nothing, `-` goes on when it fails, `+` runs always.
fn script(line: &Mapped, dialect: Dialect) -> Script {
    let text = line.text();
    let rest = text.trim_start_matches(['@', '-', '+', ' ', '\t']);
    let marks = text.len() - rest.len();
    Script {
        text: line.slice(marks..text.len()),
        dialect,
        tolerated: text[..marks].contains('-'),
    }
}

/// The rules that a target leads to, with the targets that they are for.
fn needed<'r>(target: &str, rules: &'r [Rule]) -> Vec<(String, &'r Rule)> {
    let mut found = Vec::new();
    let mut seen = BTreeSet::from([target.to_owned()]);
    let mut open = vec![target.to_owned()];
    while let Some(next) = open.pop() {
        for rule in rules.iter().filter(|rule| rule.targets.contains(&next)) {
            if next != target && !rule.recipe.is_empty() {
                found.push((next.clone(), rule));
            }
            for need in &rule.needs {
                if seen.len() < TARGETS && seen.insert(need.clone()) {
                    open.push(need.clone());
                }
            }
        }
    }
    found
}
