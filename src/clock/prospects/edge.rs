//! One wait for one service: when it can end well, and when in a failure.

use super::{Between, Fate};
use crate::clock::graph::{Condition, Health, Node};
use crate::duration::Seconds;

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Goal {
    Healthy,
    Completed,
    RunningOrHealthy,
}

impl Goal {
    /// What an edge waits for; nothing if it only asks for the start.
    pub(super) fn of(condition: Condition) -> Option<Self> {
        match condition {
            Condition::Started => None,
            Condition::Healthy => Some(Self::Healthy),
            Condition::Completed => Some(Self::Completed),
        }
    }
}

/// By how much the waiting begins after the target was started.
#[derive(Clone, Copy, Debug)]
pub(super) struct Offset(Between);

impl Offset {
    /// For each target of one wait, which begins when the last of them has been started.
    pub(super) fn of_all(starts: &[Between]) -> Vec<Self> {
        let never = Seconds::from_nanos(i64::MAX);
        let earliest = Top::of(starts.iter().map(|start| start.earliest));
        let latest = Top::of(starts.iter().map(|start| start.latest.unwrap_or(never)));
        let offset = |(index, start): (usize, &Between)| {
            let later = |other: Seconds, own| (other - own).max(Seconds::ZERO);
            // What the others make it wait for at the least and at the most.
            let least = earliest.without(index).zip(start.latest);
            let most = match latest.without(index) {
                None => Some(Seconds::ZERO),
                Some(other) => (other < never).then(|| later(other, start.earliest)),
            };
            Self(Between {
                earliest: least.map_or(Seconds::ZERO, |(other, own)| later(other, own)),
                latest: most,
            })
        };
        starts.iter().enumerate().map(offset).collect()
    }
}

/// The latest of some moments and the second of them.
#[derive(Default)]
struct Top {
    first: Option<(usize, Seconds)>,
    second: Option<Seconds>,
}

impl Top {
    fn of(moments: impl Iterator<Item = Seconds>) -> Self {
        let mut top = Self::default();
        for (index, moment) in moments.enumerate() {
            match top.first {
                Some((_, first)) if moment <= first => {
                    top.second = top.second.max(Some(moment));
                }
                first => {
                    top.second = first.map(|(_, moment)| moment);
                    top.first = Some((index, moment));
                }
            }
        }
        top
    }

    /// The latest of all but one.
    fn without(&self, index: usize) -> Option<Seconds> {
        match self.first {
            Some((first, moment)) if first != index => Some(moment),
            _ => self.second,
        }
    }
}

/// One way for a wait to end.
#[derive(Clone, Copy, Debug)]
pub(super) struct End {
    /// When.
    pub(super) at: Between,
    /// How long it has lasted.
    length: Between,
}

impl End {
    fn either(self, other: Self) -> Self {
        Self {
            at: self.at.either(other.at),
            length: self.length.either(other.length),
        }
    }
}

/// One or the other of two that may not be there.
fn either(one: Option<End>, other: Option<End>) -> Option<End> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.either(other)),
        (one, other) => one.or(other),
    }
}

/// How a wait can end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ends {
    pub(super) good: Option<End>,
    pub(super) bad: Option<End>,
}

impl Ends {
    fn good(end: End) -> Self {
        Self {
            good: Some(end),
            bad: None,
        }
    }

    fn bad(end: End) -> Self {
        Self {
            good: None,
            bad: Some(end),
        }
    }

    fn any(end: End) -> Self {
        Self {
            good: Some(end),
            bad: Some(end),
        }
    }
}

/// A wait for a service.
pub(super) struct Wait<'a> {
    pub(super) node: &'a Node,
    pub(super) fate: &'a Fate,
    /// When the service was started.
    pub(super) started: Between,
    /// When the waiting begins, and how much later that is.
    pub(super) begun: Between,
    pub(super) offset: Offset,
    pub(super) poll: Seconds,
}

impl Wait<'_> {
    /// How it can end, with `--wait-timeout`. Whether the limit fails it is a race, and where the target is optional nothing does.
    pub(super) fn ends(&self, goal: Goal, limit: Option<Seconds>, required: bool) -> Ends {
        let mut ends = match limit {
            Some(limit) => self.within(self.unlimited(goal), limit),
            None => self.unlimited(goal),
        };
        // The time that is up fails the wait for a job all the same.
        if !required && (limit.is_none() || goal != Goal::Completed) {
            ends = Ends {
                good: either(ends.good, ends.bad),
                bad: None,
            };
        }
        ends
    }

    fn unlimited(&self, goal: Goal) -> Ends {
        let some_time = self.after(Between::since(self.poll));
        match (goal, self.node.health) {
            (Goal::Completed, _) => match self.node.job {
                Some(job) => Ends::good(self.seen(Between::at(job))),
                None => Ends::any(some_time),
            },
            (_, Health::Check(check)) => self.verdict(check.interval),
            (_, Health::Absent) => Ends::bad(self.after(Between::at(self.poll))),
            (_, Health::Unknown) => Ends::any(some_time),
        }
    }

    fn verdict(&self, interval: Seconds) -> Ends {
        let fate = self.fate;
        let look = Between::at(self.poll);
        let first_look = self.offset.0.plus(look);
        let mut good = fate.healthy.map(|own| self.seen(own));
        if let Some(recovered) = fate.recovered {
            // It begins so late that the first look finds it healthy again.
            if first_look.latest.is_none_or(|at| at >= recovered.earliest) {
                good = either(good, Some(self.after(look)));
            }
            // It is unhealthy between two looks.
            if interval < self.poll {
                good = either(good, Some(self.seen(recovered)));
            }
        }
        let surely_recovered = fate.recovered.is_some_and(|recovered| {
            let latest = recovered.latest;
            latest.is_some_and(|latest| latest <= first_look.earliest)
        });
        let bad = fate.unhealthy.filter(|_| !surely_recovered);
        Ends {
            good,
            bad: bad.map(|own| self.seen(own)),
        }
    }

    fn within(&self, ends: Ends, limit: Seconds) -> Ends {
        let late = self.after(Between::at(limit));
        let all = either(ends.good, ends.bad);
        let may_be_late = all.is_none_or(|all| all.length.latest.is_none_or(|l| l >= limit));
        let in_time = |end: Option<End>| {
            let mut end = end.filter(|end| end.length.earliest < limit)?;
            let latest = [end.at.latest, late.at.latest].into_iter().flatten().min();
            end.at.latest = latest;
            Some(end)
        };
        let late = Some(late).filter(|_| may_be_late);
        Ends {
            good: either(in_time(ends.good), late),
            bad: either(in_time(ends.bad), late),
        }
    }

    /// After a time of waiting.
    fn after(&self, length: Between) -> End {
        End {
            at: self.begun.plus(length),
            length,
        }
    }

    /// When Compose sees what happens to a container at `own` after its start: the first look from there on.
    fn seen(&self, own: Between) -> End {
        let (look, offset) = (Between::at(self.poll), self.offset.0);
        let happens = self.started.plus(own);
        let first_look = self.begun.plus(look);
        let latest = |own: Option<Seconds>, first: Option<Seconds>| {
            own.zip(first)
                .map(|(own, first)| first.max(own + self.poll))
        };
        let left = Between {
            earliest: own.earliest - offset.latest.unwrap_or(own.earliest),
            latest: own.latest.map(|own| own - offset.earliest),
        };
        End {
            at: Between {
                earliest: happens.earliest.max(first_look.earliest),
                latest: latest(happens.latest, first_look.latest),
            },
            length: Between {
                earliest: left.earliest.max(self.poll),
                latest: latest(left.latest, look.latest),
            },
        }
    }
}
