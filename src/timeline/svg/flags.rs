//! The labels of the vertical lines, stacked so that no label stands on another or in the way of another's line.

use std::cmp::Ordering;

/// A label above the axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Flag {
    /// Where its line is; the label begins or ends there, with a round badge on the line.
    pub(super) x: f64,
    /// How far the label reaches from its line.
    pub(super) width: f64,
    /// Whether it stands to the left of its line.
    pub(super) left: bool,
    /// How far above the axis it stands; 0 is the lowest.
    pub(super) lane: usize,
}

/// Between two labels, and between a label and a line.
const GAP: f64 = 3.0;

/// Half of a badge.
const RADIUS: f64 = 8.0;

/// Lines must be as far apart.
pub(super) const LEAST_APART: f64 = RADIUS + GAP;

impl Flag {
    fn from(&self) -> f64 {
        if self.left {
            self.x - self.width
        } else {
            self.x - RADIUS
        }
    }

    fn to(&self) -> f64 {
        if self.left {
            self.x + RADIUS
        } else {
            self.x + self.width
        }
    }

    fn covers(&self, x: f64) -> bool {
        self.from() - GAP < x && x < self.to() + GAP
    }
}

/// Places labels at lines that lie at least [`LEAST_APART`] from each other, sorted from the left; none goes beyond `edges`. One that has no room there is made narrower.
///
/// A line runs from its label down to the axis. Of labels to the right of their lines the right one therefore stands lower, and of those to the left the left one.
pub(super) fn place(lines: &[(f64, f64)], edges: (f64, f64)) -> Vec<Flag> {
    let flag = |&(x, width): &(f64, f64)| Flag {
        x,
        width,
        left: x + width > edges.1,
        lane: 0,
    };
    let mut flags: Vec<Flag> = lines.iter().map(flag).collect();
    let mut left_from = flags
        .iter()
        .position(|flag| flag.left)
        .unwrap_or(flags.len());
    // One that would reach over the line of a label to the left stands to the left as well, and all between them.
    loop {
        let (right, left) = flags.split_at(left_from);
        let reaches_over = |flag: &Flag| left.iter().any(|other| flag.covers(other.x));
        let Some(index) = right.iter().position(reaches_over) else {
            break;
        };
        left_from = index;
    }
    for flag in &mut flags[left_from..] {
        flag.left = true;
        flag.width = flag.width.min(flag.x - edges.0);
    }
    let order: Vec<usize> = (0..left_from).rev().chain(left_from..flags.len()).collect();
    for (count, &index) in order.iter().enumerate() {
        let placed = &order[..count];
        let clear = |lane: usize| {
            let own = flags[index];
            placed
                .iter()
                .map(|other| flags[*other])
                .all(|other| match other.lane.cmp(&lane) {
                    Ordering::Equal => {
                        other.to() + GAP <= own.from() || own.to() + GAP <= other.from()
                    }
                    Ordering::Greater => !own.covers(other.x),
                    Ordering::Less => !other.covers(own.x),
                })
        };
        let lane = (0..=count).find(|lane| clear(*lane)).unwrap_or(count);
        flags[index].lane = lane;
    }
    flags
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn labels_stand_beside_each_other_where_they_can_and_else_above() {
        let lanes = |lines: &[(f64, f64)]| {
            let flags = place(lines, (0.0, 200.0));
            flags
                .iter()
                .map(|flag| (flag.left, flag.lane))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            lanes(&[(0.0, 50.0), (70.0, 50.0)]),
            [(false, 0), (false, 0)]
        );
        // The second line would run through the first label, so that one stands higher.
        assert_eq!(
            lanes(&[(0.0, 50.0), (20.0, 50.0)]),
            [(false, 1), (false, 0)]
        );
        // There is no room to the right of the last two, and the first one gets out of their way.
        assert_eq!(
            lanes(&[(150.0, 40.0), (170.0, 40.0), (190.0, 40.0)]),
            [(true, 0), (true, 1), (true, 2)]
        );
    }

    proptest! {
        #[test]
        fn no_label_is_in_the_way(steps in prop::collection::vec((LEAST_APART..90.0_f64, 20.0..180.0_f64), 1..12)) {
            let mut x = 50.0;
            let lines: Vec<(f64, f64)> = steps.iter().map(|(step, width)| { x += step; (x, *width) }).collect();
            let flags = place(&lines, (0.0, x + 20.0));
            for (i, a) in flags.iter().enumerate() {
                prop_assert!(a.from() >= 0.0 && a.to() <= x + 20.0);
                for b in &flags[i + 1..] {
                    let apart = a.to() <= b.from() || b.to() <= a.from();
                    prop_assert!(a.lane != b.lane || apart, "{a:?} {b:?}");
                    let (upper, lower) = if a.lane > b.lane { (a, b) } else { (b, a) };
                    let crossed = lower.from() < upper.x && upper.x < lower.to();
                    prop_assert!(a.lane == b.lane || !crossed, "{a:?} {b:?}");
                }
            }
        }
    }
}
