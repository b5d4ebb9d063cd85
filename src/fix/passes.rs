//! Fixing until nothing changes: each pass reads the project anew, with the texts that the passes before have made.

use super::plan::{self, Outcome, plan};
use super::verify::verify;
use crate::baseline::Taken;
use crate::finding::{Finding, Safety};
use crate::project::{Inputs, Project};
use crate::rules::{self, Ignored, Judged};
use crate::source::Store;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Fixes that call each other back would go on for ever.
const MOST_PASSES: usize = 10;

/// A project with all fixes made, in memory.
#[derive(Debug)]
pub struct Fixed {
    /// The project as it would be.
    pub project: Project,
    /// What is left in it.
    pub findings: Vec<Finding>,
    /// What comments silence in it; that is not fixed.
    pub ignored: Vec<Ignored>,
    /// What the baseline of the options did to the findings.
    pub taken: Taken,
    /// The files that change, with their new texts.
    pub changes: BTreeMap<String, String>,
    /// The fixes that were made, in their order.
    pub made: Vec<Made>,
    /// Fixes that would have done harm, and why; they were not made.
    pub refused: Vec<String>,
}

/// A fix that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// What was done.
    pub title: String,
    /// Whether it was safe.
    pub safety: Safety,
    /// The file in which it begins.
    pub path: String,
    /// The line there.
    pub line: usize,
    /// All files that it changes.
    pub files: BTreeSet<String>,
}

/// `compose.yml:7: raise start_period of `app` to 200s`.
impl fmt::Display for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.title)
    }
}

/// Makes all fixes that `options` allow.
pub fn run(project: Project, judged: Judged, inputs: &Inputs, options: &rules::Options) -> Fixed {
    let mut fixed = Fixed {
        project,
        findings: judged.findings,
        ignored: judged.ignored,
        taken: judged.taken,
        changes: BTreeMap::new(),
        made: Vec::new(),
        refused: Vec::new(),
    };
    for _ in 0..MOST_PASSES {
        let changes = fixed.pass(options);
        if changes.is_empty() {
            break;
        }
        fixed.changes.extend(changes);
        let store: Store = fixed.project.store.with_changes(fixed.changes.clone());
        fixed.project = Project::read(store, inputs);
        let judged = rules::judge(&fixed.project, options);
        fixed.findings = judged.findings;
        fixed.ignored = judged.ignored;
        fixed.taken = judged.taken;
    }
    fixed
}

impl Fixed {
    /// One pass: the texts that change.
    fn pass(&mut self, options: &rules::Options) -> BTreeMap<String, String> {
        let sources = self.project.store.sources();
        let mut wanted = plan::Options {
            allow_unsafe: options.allow_unsafe,
            without: self.outside(),
        };
        loop {
            let plan = plan(&self.findings, sources, &wanted);
            let mut harmful = BTreeSet::new();
            for change in &plan.changes {
                let file = sources.get(change.file);
                if let Err(mismatch) = verify(file, change.file, &change.text, &change.edits) {
                    let touching = |finding: &Finding| {
                        let edits = finding.fix.iter().flat_map(|fix| &fix.edits);
                        edits.into_iter().any(|edit| edit.span.file == change.file)
                    };
                    let indices = plan
                        .applied()
                        .filter(|index| touching(&self.findings[*index]));
                    for index in indices {
                        harmful.insert(index);
                        let title = self.findings[index]
                            .fix
                            .as_ref()
                            .map_or("", |fix| fix.title.as_str());
                        self.refused
                            .push(format!("{}: not done ({title}): {mismatch}", file.path()));
                    }
                }
            }
            if harmful.is_empty() {
                let made: Vec<Made> = plan
                    .applied()
                    .filter_map(|index| self.record(index))
                    .collect();
                self.made.extend(made);
                let changes = plan.changes.into_iter();
                return changes
                    .map(|change| (sources.get(change.file).path().to_owned(), change.text))
                    .collect();
            }
            wanted.without.extend(harmful);
        }
    }

    fn record(&self, index: usize) -> Option<Made> {
        let fix = self.findings[index].fix.as_ref()?;
        let place = fix.edits.first()?.span;
        let sources = self.project.store.sources();
        let path = |file| sources.get(file).path().to_owned();
        Some(Made {
            title: fix.title.clone(),
            safety: fix.safety,
            path: path(place.file),
            line: sources.start(place).line,
            files: fix.edits.iter().map(|edit| path(edit.span.file)).collect(),
        })
    }

    /// Findings whose fixes would change files that are not the project's.
    fn outside(&self) -> BTreeSet<usize> {
        let indices = self
            .findings
            .iter()
            .enumerate()
            .filter(|(_, finding)| self.is_outside(finding));
        indices.map(|(index, _)| index).collect()
    }

    /// Whether the fix of a finding would change a file that is not the project's.
    pub fn is_outside(&self, finding: &Finding) -> bool {
        let store = &self.project.store;
        let mut edits = finding.fix.iter().flat_map(|fix| &fix.edits);
        edits.any(|edit| store.is_foreign(edit.span.file))
    }

    /// Whether a fix waits for another pass; never so when fixing is over.
    pub fn is_settled(&self, options: &rules::Options) -> bool {
        let wanted = plan::Options {
            allow_unsafe: options.allow_unsafe,
            without: self.outside(),
        };
        let plan = plan(&self.findings, self.project.store.sources(), &wanted);
        !plan
            .outcomes
            .iter()
            .any(|outcome| matches!(outcome, Outcome::Applied | Outcome::Conflict(_)))
    }
}
