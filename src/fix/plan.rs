//! Which fixes of a run go together, and the texts that they make. Nothing is written here.
//!
//! A fix is taken whole or not at all. The order of the findings decides: of two fixes that are in each other's way the
//! earlier one is taken, and the later one waits for the next pass.

use crate::finding::{Edit, Finding, Fix, Safety};
use crate::source::{FileId, Sources, Span};
use std::collections::{BTreeMap, BTreeSet};

/// What may be taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Whether unsafe fixes are taken as well as safe ones.
    pub allow_unsafe: bool,
    /// Findings, by their index, whose fixes are not taken: those that came out wrong in an earlier attempt.
    pub without: BTreeSet<usize>,
}

/// What becomes of a finding's fix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Its edits are part of the plan; or another's are that go further at the same places.
    Applied,
    /// The finding has none.
    NoFix,
    /// It is only ever shown.
    DisplayOnly,
    /// It is unsafe, and unsafe ones were not asked for.
    NeedsUnsafe,
    /// It was ruled out by [`Options::without`].
    RuledOut,
    /// It changes what the fix of this finding, by its index, changes too.
    Conflict(usize),
    /// Its edits overlap each other or lie outside of the text: an error of the rule.
    Broken,
}

/// A file that changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The file.
    pub file: FileId,
    /// What is replaced, from the start of the file to its end.
    pub edits: Vec<Edit>,
    /// The text that they make.
    pub text: String,
}

/// The fixes that go together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The files whose text changes.
    pub changes: Vec<Change>,
    /// What becomes of each finding's fix, in the order of the findings.
    pub outcomes: Vec<Outcome>,
}

impl Plan {
    /// The findings, by their index, whose fixes are part of the plan.
    pub fn applied(&self) -> impl Iterator<Item = usize> {
        let outcomes = self.outcomes.iter().enumerate();
        outcomes.filter_map(|(i, outcome)| (*outcome == Outcome::Applied).then_some(i))
    }
}

/// Chooses the fixes that go together, and makes the texts.
pub fn plan(findings: &[Finding], sources: &Sources, options: &Options) -> Plan {
    let mut accepted = Accepted::default();
    let outcomes = findings
        .iter()
        .enumerate()
        .map(|(index, finding)| match &finding.fix {
            None => Outcome::NoFix,
            Some(fix) => consider(fix, index, sources, options, &mut accepted),
        })
        .collect();
    Plan {
        changes: accepted.changes(sources),
        outcomes,
    }
}

fn consider(
    fix: &Fix,
    index: usize,
    sources: &Sources,
    options: &Options,
    accepted: &mut Accepted,
) -> Outcome {
    match fix.safety {
        Safety::Display => return Outcome::DisplayOnly,
        Safety::Unsafe if !options.allow_unsafe => return Outcome::NeedsUnsafe,
        _ if options.without.contains(&index) => return Outcome::RuledOut,
        Safety::Safe | Safety::Unsafe => {}
    }
    let Some(own) = Accepted::of(fix, index, sources) else {
        return Outcome::Broken;
    };
    for choice in own.0.values() {
        if let Relation::Conflict(other) = accepted.relation(&choice.edit) {
            return Outcome::Conflict(other);
        }
    }
    for choice in own.0.into_values() {
        accepted.take(choice);
    }
    Outcome::Applied
}

/// An edit that was chosen, and the finding that brought it.
#[derive(Debug)]
struct Choice {
    edit: Edit,
    finding: usize,
}

/// Edits that do not overlap, by their places.
#[derive(Debug, Default)]
struct Accepted(BTreeMap<Span, Choice>);

/// How an edit stands to those that were accepted.
enum Relation {
    /// None of them is near.
    Free,
    /// The same place is set already, to the same or further.
    Covered,
    /// The same place is set already, and this edit goes further.
    Further,
    /// It is in the way of an edit of this finding.
    Conflict(usize),
}

impl Accepted {
    /// The edits of one fix; none if it has none, or if they are in each other's way or outside of the text.
    fn of(fix: &Fix, finding: usize, sources: &Sources) -> Option<Self> {
        let mut own = Self::default();
        for edit in &fix.edits {
            let fits = sources.get(edit.span.file).text().get(edit.span.range());
            if fits.is_none() || matches!(own.relation(edit), Relation::Conflict(_)) {
                return None;
            }
            let edit = edit.clone();
            own.take(Choice { edit, finding });
        }
        (!own.0.is_empty()).then_some(own)
    }

    fn relation(&self, edit: &Edit) -> Relation {
        if let Some(same) = self.0.get(&edit.span) {
            return same_place(same, edit);
        }
        let Span { file, start, end } = edit.span;
        // What was accepted does not overlap, so that the walk ends at the first edit that starts before this one.
        // Edits that start where this one ends are not met: one end touching the other start is no conflict.
        let before = Span {
            file,
            start: end,
            end,
        };
        let first = Span {
            file,
            start: 0,
            end: 0,
        };
        for (span, other) in self.0.range(first..before).rev() {
            let overlaps = if span.start == start {
                !span.is_empty() && !edit.span.is_empty()
            } else {
                span.start > start || span.end > start
            };
            if overlaps {
                return Relation::Conflict(other.finding);
            }
            if span.start < start {
                break;
            }
        }
        Relation::Free
    }

    fn take(&mut self, choice: Choice) {
        match self.relation(&choice.edit) {
            Relation::Free | Relation::Further => {
                self.0.insert(choice.edit.span, choice);
            }
            Relation::Covered | Relation::Conflict(_) => {
                // The same text from elsewhere may say how far it goes.
                let same = self.0.get_mut(&choice.edit.span);
                if let Some(same) = same.filter(|same| same.edit.text == choice.edit.text) {
                    same.edit.amount = same.edit.amount.max(choice.edit.amount);
                }
            }
        }
    }

    fn changes(self, sources: &Sources) -> Vec<Change> {
        let mut by_file: BTreeMap<FileId, Vec<Edit>> = BTreeMap::new();
        for (span, choice) in self.0 {
            by_file.entry(span.file).or_default().push(choice.edit);
        }
        let changes = by_file.into_iter().map(|(file, edits)| Change {
            text: apply(sources.get(file).text(), &edits),
            file,
            edits,
        });
        changes
            .filter(|change| change.text != sources.get(change.file).text())
            .collect()
    }
}

/// How an edit stands to one of exactly the same bytes. Of two limits the larger serves both; two different texts at one
/// point may be two different keys, of which neither may be lost.
fn same_place(accepted: &Choice, edit: &Edit) -> Relation {
    if accepted.edit.text == edit.text {
        return Relation::Covered;
    }
    match (accepted.edit.amount, edit.amount) {
        _ if edit.span.is_empty() => Relation::Conflict(accepted.finding),
        (Some(old), Some(new)) if new > old => Relation::Further,
        // Of the same limit in other words the earlier finding's words stay.
        (Some(_), Some(_)) => Relation::Covered,
        _ => Relation::Conflict(accepted.finding),
    }
}

/// The text with the edits made, all of which are of this text and do not overlap. What is inserted where a replacement
/// starts comes before it.
///
/// # Panics
/// If an edit does not lie in the text, or if two overlap; [`plan`] makes none such.
pub fn apply(text: &str, edits: &[Edit]) -> String {
    let mut ordered: Vec<&Edit> = edits.iter().collect();
    ordered.sort_by_key(|edit| edit.span);
    let mut out = String::with_capacity(text.len() + edits.len() * 8);
    let mut at = 0;
    for edit in ordered {
        let range = edit.span.range();
        out.push_str(&text[at..range.start]);
        out.push_str(&edit.text);
        at = range.end;
    }
    out.push_str(&text[at..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::duration::Seconds;
    use crate::finding::{Label, Severity};
    use proptest::prelude::*;

    type Replacement<'a> = (usize, usize, &'a str, Option<i64>);

    fn edit(file: FileId, (start, end, text, amount): Replacement) -> Edit {
        Edit {
            span: Span::new(file, start..end),
            text: text.to_owned(),
            amount: amount.map(Seconds::new),
        }
    }

    fn finding(safety: Safety, edits: Vec<Edit>) -> Finding {
        Finding {
            rule: "a-rule",
            severity: Severity::Error,
            message: String::new(),
            primary: Label {
                span: edits[0].span,
                text: String::new(),
            },
            labels: Vec::new(),
            notes: Vec::new(),
            fix: Some(Fix {
                title: String::new(),
                safety,
                edits,
            }),
            data: serde_json::Value::Null,
        }
    }

    /// Plans safe fixes of `0123456789`, each a list of replacements; the new text and what became of them.
    fn planned(fixes: &[&[Replacement]]) -> (String, Vec<Outcome>) {
        let mut sources = Sources::default();
        let file = sources.add("a", "0123456789");
        let fixes = fixes.iter().map(|edits| {
            let edits = edits.iter().map(|replacement| edit(file, *replacement));
            finding(Safety::Safe, edits.collect())
        });
        let plan = plan(&fixes.collect::<Vec<_>>(), &sources, &Options::default());
        let text = plan.changes.first().map(|change| change.text.clone());
        (text.unwrap_or_default(), plan.outcomes)
    }

    const APPLIED: Outcome = Outcome::Applied;

    #[test]
    fn edits_side_by_side_go_together() {
        let (text, outcomes) = planned(&[
            &[(6, 8, "B", None)],
            &[(2, 4, "A", None), (8, 8, "+", None)],
            &[(4, 6, "", None), (2, 2, "<", None)],
        ]);
        assert_eq!(text, "01<AB+89");
        assert_eq!(outcomes, [APPLIED; 3]);
    }

    #[test]
    fn the_same_edit_twice_is_one() {
        let (text, outcomes) = planned(&[
            &[(2, 4, "A", None), (5, 5, "+", None)],
            &[(2, 4, "A", None)],
            &[(5, 5, "+", None)],
        ]);
        assert_eq!(text, "01A4+56789");
        assert_eq!(outcomes, [APPLIED; 3]);
    }

    #[test]
    fn the_largest_amount_wins_once() {
        let (text, outcomes) = planned(&[
            &[(2, 4, "490", Some(490)), (0, 0, "#", None)],
            &[(2, 4, "600", Some(600))],
            &[(2, 4, "10m", Some(600))],
            &[(2, 4, "120", Some(120))],
        ]);
        assert_eq!(text, "#01600456789");
        assert_eq!(outcomes, [APPLIED; 4]);
    }

    #[test]
    fn the_same_text_tells_how_far_it_goes() {
        let (text, outcomes) = planned(&[
            &[(2, 4, "490", None)],
            &[(2, 4, "120", Some(120)), (2, 4, "490", Some(490))],
            &[(2, 4, "600", Some(600))],
        ]);
        assert_eq!(text, "01600456789");
        assert_eq!(outcomes, [APPLIED; 3]);
    }

    #[test]
    fn a_larger_amount_does_not_outlive_its_fix() {
        let (text, outcomes) = planned(&[
            &[(2, 4, "490", Some(490))],
            &[(6, 8, "x", None)],
            &[(2, 4, "600", Some(600)), (7, 9, "y", None)],
        ]);
        assert_eq!(text, "0149045x89");
        assert_eq!(outcomes, [APPLIED, APPLIED, Outcome::Conflict(1)]);
    }

    #[test]
    fn of_overlapping_fixes_the_earlier_is_taken() {
        let overlaps: [Replacement; 8] = [
            (3, 6, "x", None),
            (2, 6, "x", None),
            (4, 5, "x", None),
            (5, 9, "x", None),
            (0, 9, "x", None),
            (3, 7, "x", None),
            (4, 4, "x", None),
            (3, 6, "x", Some(1)),
        ];
        for other in overlaps {
            let (text, outcomes) = planned(&[&[(3, 6, "A", None)], &[other]]);
            assert_eq!(text, "012A6789", "{other:?}");
            assert_eq!(outcomes, [APPLIED, Outcome::Conflict(0)], "{other:?}");
            // The other way round, behind others that do not matter.
            let (_, outcomes) = planned(&[&[(0, 0, "<", None)], &[other], &[(3, 6, "A", None)]]);
            assert_eq!(outcomes[1..], [APPLIED, Outcome::Conflict(1)], "{other:?}");
        }
    }

    #[test]
    fn two_insertions_at_one_point_are_a_conflict() {
        let (text, outcomes) = planned(&[
            &[(5, 5, "retries: 5", Some(5))],
            &[(5, 5, "timeout: 9s", Some(9))],
        ]);
        assert_eq!(text, "01234retries: 556789");
        assert_eq!(outcomes, [APPLIED, Outcome::Conflict(0)]);
    }

    #[test]
    fn a_broken_fix_changes_nothing() {
        let (text, outcomes) = planned(&[
            &[(2, 5, "a", None), (4, 6, "b", None)],
            &[(9, 12, "c", None)],
        ]);
        assert_eq!(text, "");
        assert_eq!(outcomes, [Outcome::Broken; 2]);
    }

    #[test]
    fn safety_decides_first() {
        let mut sources = Sources::default();
        let (a, b) = (sources.add("a", "1 2"), sources.add("b", "3"));
        let change = |file, start, text| edit(file, (start, start + 1, text, None));
        let mut findings = vec![
            finding(Safety::Safe, vec![change(a, 0, "x"), change(b, 0, "3")]),
            finding(Safety::Unsafe, vec![change(a, 2, "y")]),
            finding(Safety::Display, vec![change(a, 2, "z")]),
            finding(Safety::Safe, vec![change(a, 2, "y")]),
        ];
        findings[3].fix = None;
        let made = plan(&findings, &sources, &Options::default());
        assert_eq!(
            made.outcomes,
            [
                APPLIED,
                Outcome::NeedsUnsafe,
                Outcome::DisplayOnly,
                Outcome::NoFix
            ]
        );
        assert_eq!(made.changes.len(), 1, "b keeps its text");
        assert_eq!(
            (made.changes[0].file, made.changes[0].text.as_str()),
            (a, "x 2")
        );
        let options = Options {
            allow_unsafe: true,
            without: BTreeSet::from([0]),
        };
        let made = plan(&findings, &sources, &options);
        assert_eq!(made.outcomes[..2], [Outcome::RuledOut, APPLIED]);
        assert_eq!(made.changes[0].text, "1 y");
        assert_eq!(made.applied().collect::<Vec<_>>(), [1]);
    }

    proptest! {
        /// Whatever is asked for: what is taken does not overlap, each fix is taken whole or not at all, and the text is
        /// that of its edits made one by one from the end.
        #[test]
        fn plans_are_whole(
            fixes in prop::collection::vec(
                prop::collection::vec((0usize..12, 0usize..4, "[ab]{0,2}", prop::option::of(1i64..4)), 1..4),
                1..8,
            )
        ) {
            let text = "abcdefghijklmno";
            let mut sources = Sources::default();
            let file = sources.add("a", text);
            let findings: Vec<_> = fixes.iter().map(|edits| {
                let edits = edits.iter();
                let edits = edits.map(|(s, l, t, amount)| edit(file, (*s, s + l, t, *amount)));
                finding(Safety::Safe, edits.collect())
            }).collect();
            let plan = plan(&findings, &sources, &Options::default());
            let edits = plan.changes.first().map(|c| c.edits.clone()).unwrap_or_default();
            for pair in edits.windows(2) {
                prop_assert!(pair[0].span.end <= pair[1].span.start);
            }
            let mut expected = text.to_owned();
            for edit in edits.iter().rev() {
                expected.replace_range(edit.span.range(), &edit.text);
            }
            if let Some(change) = plan.changes.first() {
                prop_assert_eq!(&change.text, &expected);
                for index in plan.applied() {
                    for wanted in &findings[index].fix.as_ref().unwrap().edits {
                        let made = edits.iter().find(|e| e.span == wanted.span);
                        let made = made.expect("every edit of a fix that is applied has its place");
                        prop_assert!(made.text == wanted.text || made.amount >= wanted.amount);
                    }
                }
            }
        }
    }
}
