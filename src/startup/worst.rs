//! The worst that several starts of a service come to.

use super::model::{Ready, Startup};
use crate::duration::Seconds;
use std::collections::{BTreeMap, BTreeSet};

/// What several starts come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worst {
    /// The largest lower bound, or more: each step at its worst, since the slow steps of different days can meet.
    pub least: Option<Seconds>,
    /// What no start was above, if that is known of all of them.
    pub most: Option<Seconds>,
    /// Whether all that counts is exact.
    pub exact: bool,
    /// The steps at their worst, each as the number of the start and its own there.
    pub steps: Vec<(usize, usize)>,
    /// Whether `least` is more than any one start shows.
    pub composed: bool,
    /// The slowest single start.
    pub slowest: usize,
    /// How many starts there are.
    pub count: usize,
    /// The median of what each start is known to have taken.
    pub median: Seconds,
}

impl Worst {
    /// The number that is judged.
    pub fn main(&self) -> Seconds {
        self.least.or(self.most).unwrap_or(Seconds::ZERO)
    }
}

/// More kinds of logs than that are only put together where their steps are just the same.
const MAX_KINDS: usize = 40;

/// A step's name, and which of those with this name it is.
type Name<'a> = (&'a str, usize);

/// What the starts of one service come to; `None` if there is none.
pub fn worst(starts: &[&Startup]) -> Option<Worst> {
    let least = |start: &&Startup| start.ready.least().map(|limit| limit.seconds);
    let main = |start: &Startup| start.ready.main().seconds;
    // One that proves something is before one that only bounds from above.
    let by_weight = |index: &usize| (least(&starts[*index]).is_some(), main(starts[*index]));
    // Of equal ones the first.
    let slowest = (0..starts.len()).rev().max_by_key(by_weight)?;
    let single = starts.iter().filter_map(least).max();
    let composed =
        compose(starts).filter(|(length, _)| single.is_some_and(|single| *length > single));
    let most: Option<Vec<Seconds>> = starts
        .iter()
        .map(|start| start.ready.most().map(|limit| limit.seconds))
        .collect();
    let most = most.and_then(|all| all.into_iter().max());
    let of_slowest = (0..starts[slowest].steps.len()).map(|step| (slowest, step));
    let exact =
        composed.is_none() && single == most && matches!(starts[slowest].ready, Ready::Exactly(_));
    let (least, steps, is_composed) = match composed {
        Some((length, steps)) => (Some(length), steps, true),
        None => (single, of_slowest.collect(), false),
    };
    Some(Worst {
        least,
        most: most.filter(|_| !is_composed),
        exact,
        steps,
        composed: is_composed,
        slowest,
        count: starts.len(),
        median: median(starts.iter().map(|start| main(start)).collect()),
    })
}

/// The names of a start's steps.
fn names(start: &Startup) -> Vec<Name<'_>> {
    let mut names: Vec<Name> = Vec::new();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for step in &start.steps {
        let count = counts.entry(&step.name).or_default();
        names.push((&step.name, *count));
        *count += 1;
    }
    names
}

/// Each step at its worst, and the worst of what is left besides. Scripts change, and with them the names of their steps: only starts
/// of one kind are put together, a log that is cut off being of the kind that has all of its steps.
fn compose(starts: &[&Startup]) -> Option<(Seconds, Vec<(usize, usize)>)> {
    let sum = |start: &Startup| -> Seconds { start.steps.iter().map(|step| step.seconds).sum() };
    let members: Vec<(usize, Vec<Name>, Seconds)> = starts
        .iter()
        .enumerate()
        .filter_map(|(index, start)| {
            // Steps that come to more than the whole ran side by side, or inside of each other.
            let rest = start.ready.least()?.seconds - sum(start);
            (rest >= Seconds::ZERO && !start.steps.is_empty()).then(|| (index, names(start), rest))
        })
        .collect();
    let kinds: BTreeSet<&[Name]> = members
        .iter()
        .map(|(_, names, _)| names.as_slice())
        .collect();
    let only_same = kinds.len() > MAX_KINDS;
    let of_kind = |kind: &[Name]| {
        let wanted: BTreeSet<&Name> = kind.iter().collect();
        let mut worst: BTreeMap<&Name, (Seconds, (usize, usize))> = BTreeMap::new();
        let mut rest = Seconds::ZERO;
        for (index, names, left) in &members {
            let fits = if only_same {
                names == kind
            } else {
                names.iter().all(|name| wanted.contains(name))
            };
            if !fits {
                continue;
            }
            rest = rest.max(*left);
            for (step, name) in names.iter().enumerate() {
                let seconds = starts[*index].steps[step].seconds;
                let known = worst.entry(name).or_insert((seconds, (*index, step)));
                if seconds > known.0 {
                    *known = (seconds, (*index, step));
                }
            }
        }
        let steps = kind.iter().filter_map(|name| worst.get(name));
        let length = steps.clone().map(|(seconds, _)| *seconds).sum::<Seconds>() + rest;
        (length, steps.map(|(_, place)| *place).collect::<Vec<_>>())
    };
    let found = kinds.into_iter().map(of_kind);
    found.max_by_key(|(length, _)| *length)
}

fn median(mut lengths: Vec<Seconds>) -> Seconds {
    lengths.sort_unstable();
    let middle = lengths.len() / 2;
    match lengths.as_slice() {
        [] => Seconds::ZERO,
        all if all.len() % 2 == 1 => all[middle],
        all => Seconds::from_nanos(i64::midpoint(all[middle - 1].nanos(), all[middle].nanos())),
    }
}

#[cfg(test)]
mod tests {
    use super::super::model::{Limit, Place, Step, Why};
    use super::*;

    fn limit(seconds: i64) -> Limit {
        let place = Place {
            line: 1,
            offset: 0,
            length: 1,
        };
        Limit {
            seconds: Seconds::new(seconds),
            why: Why::Total,
            place,
        }
    }

    fn start(ready: Ready, steps: &[(&str, i64)]) -> Startup {
        let steps = steps.iter().map(|(name, seconds)| Step {
            name: (*name).to_owned(),
            seconds: Seconds::new(*seconds),
            place: limit(0).place,
        });
        Startup {
            service: Some("backend".to_owned()),
            container: None,
            stack: None,
            ready,
            steps: steps.collect(),
            at: None,
        }
    }

    fn total(seconds: i64, steps: &[(&str, i64)]) -> Startup {
        start(Ready::AtLeast(limit(seconds)), steps)
    }

    #[track_caller]
    fn comes_to(starts: &[Startup]) -> Worst {
        let starts: Vec<&Startup> = starts.iter().collect();
        worst(&starts).unwrap()
    }

    #[test]
    fn slow_steps_of_different_days_meet() {
        let found = comes_to(&[
            total(60, &[("wait", 5), ("migrate", 45), ("collect", 8)]),
            total(90, &[("wait", 60), ("migrate", 20), ("collect", 9)]),
            total(40, &[("wait", 5), ("migrate", 30)]),
        ]);
        // 60 + 45 + 9, and at most 5 s (of the third) beside the steps.
        assert_eq!(found.least, Some(Seconds::new(119)));
        assert!(found.composed && found.most.is_none() && !found.exact);
        assert_eq!(found.steps, [(1, 0), (0, 1), (1, 2)]);
        assert_eq!(
            (found.slowest, found.count, found.median),
            (1, 3, Seconds::new(60))
        );
    }

    #[test]
    fn one_start_is_itself() {
        let found = comes_to(&[total(70, &[("a", 40), ("b", 20)])]);
        assert_eq!(
            (found.least, found.composed),
            (Some(Seconds::new(70)), false)
        );
        assert_eq!(found.steps, [(0, 0), (0, 1)]);
    }

    #[test]
    fn steps_that_were_renamed_are_not_added() {
        let found = comes_to(&[
            total(50, &[("migrations", 50)]),
            total(52, &[("database migrations", 52)]),
        ]);
        assert_eq!(
            (found.least, found.composed),
            (Some(Seconds::new(52)), false)
        );
    }

    #[test]
    fn steps_that_ran_side_by_side_are_not_added() {
        let found = comes_to(&[
            total(10, &[("a", 8), ("b", 9)]),
            total(11, &[("a", 5), ("b", 6)]),
        ]);
        assert_eq!(
            (found.least, found.composed),
            (Some(Seconds::new(11)), false)
        );
    }

    #[test]
    fn upper_bounds_count_if_all_have_one() {
        let up = |seconds| start(Ready::AtMost(limit(seconds)), &[]);
        let between = |a, b| start(Ready::Between(limit(a), limit(b)), &[]);
        let found = comes_to(&[up(31), between(9, 12), up(20)]);
        assert_eq!(
            (found.least, found.most),
            (Some(Seconds::new(9)), Some(Seconds::new(31)))
        );
        assert_eq!(found.slowest, 1);
        assert_eq!(comes_to(&[up(31), total(5, &[])]).most, None);
        assert_eq!(comes_to(&[up(31), up(33)]).main(), Seconds::new(33));
        assert_eq!(comes_to(&[up(31), up(33)]).median, Seconds::new(32));
        let exact = |seconds| start(Ready::Exactly(limit(seconds)), &[]);
        let found = comes_to(&[exact(7), exact(9)]);
        assert_eq!(
            (found.exact, found.least, found.most),
            (true, Some(Seconds::new(9)), Some(Seconds::new(9)))
        );
    }
}
