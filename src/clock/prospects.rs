//! The start of a stack of which not everything is known: between which moments each service starts and gets its verdict, and whether `docker compose up`
//! can fail, over all that the probes may take.
//!
//! Each probe takes anything from nothing to its timeout ([`outcome`](super::outcome())); a startup that is not known may be any, so that the service is called healthy at any
//! moment from its first probe to the latest legal one, or unhealthy. What is said holds in every case: nothing happens outside of these bounds. Both ends
//! of them can be reached along a chain; over branches that share a service they may be wider than what can happen.
//! The rules are those of [`up`](super::up); besides Compose's looks nothing takes any time of its own.

use super::graph::{Graph, Health, Node};
use super::healthcheck::HealthCheck;
use super::outcome::{Window, outcome};
use super::up::Up;
use crate::duration::Seconds;
use edge::{Goal, Offset, Wait};

mod edge;

/// Two moments that something lies between. The later one may be an open end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Between {
    /// It does not happen before.
    pub earliest: Seconds,
    /// It does not happen after. None: nothing that is known ends it.
    pub latest: Option<Seconds>,
}

impl Between {
    /// From a moment on.
    pub const fn since(earliest: Seconds) -> Self {
        let latest = None;
        Self { earliest, latest }
    }

    /// Exactly then.
    pub const fn at(moment: Seconds) -> Self {
        Self {
            earliest: moment,
            latest: Some(moment),
        }
    }

    /// Whether a moment lies there.
    pub fn contains(&self, moment: Seconds) -> bool {
        self.earliest <= moment && self.latest.is_none_or(|latest| moment <= latest)
    }

    /// When both have happened.
    fn both(self, other: Self) -> Self {
        Self {
            earliest: self.earliest.max(other.earliest),
            latest: self.latest.zip(other.latest).map(|(a, b)| a.max(b)),
        }
    }

    /// One or the other.
    fn either(self, other: Self) -> Self {
        Self {
            earliest: self.earliest.min(other.earliest),
            latest: self.latest.zip(other.latest).map(|(a, b)| a.max(b)),
        }
    }

    /// This, and as much later.
    fn plus(self, more: Self) -> Self {
        Self {
            earliest: self.earliest + more.earliest,
            latest: self.latest.zip(more.latest).map(|(a, b)| a + b),
        }
    }
}

/// One or the other of two that may not be there.
fn either(one: Option<Between>, other: Option<Between>) -> Option<Between> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.either(other)),
        (one, other) => one.or(other),
    }
}

impl From<Window> for Between {
    fn from(window: Window) -> Self {
        Self {
            earliest: window.earliest,
            latest: Some(window.latest),
        }
    }
}

/// Whether something can happen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Chance {
    /// It cannot.
    #[default]
    Never,
    /// It hangs on what is not known: the probes, or a startup.
    Maybe,
    /// It must.
    Always,
}

/// What is ahead of a service. All moments count from the moment at which Compose starts the first one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Prospect {
    /// When it is started, if it is. None: it cannot be.
    pub started: Option<Between>,
    /// When its first verdict is `healthy`, if it is. None: it cannot be.
    pub healthy: Option<Between>,
    /// When its first verdict is `unhealthy`, if it is. None: it cannot be.
    pub unhealthy: Option<Between>,
    /// Whether Compose can give up waiting for what it depends on, and so does not start it.
    pub fails: Chance,
}

/// What is ahead of a stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prospects {
    /// Its services, as in the graph.
    pub services: Vec<Prospect>,
    /// When the command returns, successful or not.
    pub returned: Between,
    /// Whether the command can fail. Where a job never ends it may not return at all.
    pub fails: Chance,
}

/// What can become of a container, from its own start.
#[derive(Clone, Copy)]
struct Fate {
    healthy: Option<Between>,
    unhealthy: Option<Between>,
    /// When it is healthy after it has been unhealthy.
    recovered: Option<Between>,
}

impl Fate {
    fn of(node: &Node) -> Self {
        match node.health {
            Health::Check(check) => Self::checked(&check, node.startup),
            Health::Absent => Self {
                healthy: None,
                unhealthy: None,
                recovered: None,
            },
            Health::Unknown => {
                let any = Some(Between::since(Seconds::ZERO));
                Self {
                    healthy: any,
                    unhealthy: any,
                    recovered: any,
                }
            }
        }
    }

    fn checked(check: &HealthCheck, startup: Option<Seconds>) -> Self {
        let found = outcome(check, startup);
        let unhealthy = found.unhealthy.map(Between::from);
        // Behind a probe that failed, the next one comes after the interval.
        let next = unhealthy.map(|window| window.earliest + check.interval);
        match startup.map(|startup| startup.max(Seconds::ZERO)) {
            Some(startup) => Self {
                healthy: found.healthy.map(Between::from),
                unhealthy,
                recovered: next.map(|next| Between {
                    earliest: next.max(startup),
                    // The last probe that comes too early may hang, and so may the one that finds it ready.
                    latest: Some(startup + check.timeout + check.interval + check.timeout),
                }),
            },
            None => Self {
                // The probe whose failure would be the last may still succeed.
                healthy: Some(Between {
                    earliest: check.first_probe(),
                    latest: unhealthy.and_then(|window| window.latest),
                }),
                unhealthy,
                recovered: next.map(Between::since),
            },
        }
    }
}

impl Graph {
    /// What is ahead of each service when the stack is started, in linear time. `poll` is the time between two looks of Compose: half a second, or zero for the nominal numbers,
    /// where everything is seen as it happens.
    pub fn prospects(&self, up: Up, poll: Seconds) -> Prospects {
        let mut ahead = Ahead {
            graph: self,
            up,
            poll: poll.max(Seconds::ZERO),
            fates: self.nodes.iter().map(Fate::of).collect(),
            services: vec![Prospect::default(); self.nodes.len()],
            success: Between::at(Seconds::ZERO),
            failure: None,
            fails: Chance::Never,
        };
        for &index in &self.order {
            ahead.turn_to(index);
        }
        if up.wait {
            ahead.last_wait();
        }
        let returned = match (ahead.fails, ahead.failure) {
            (Chance::Always, Some(failure)) => Between {
                earliest: failure.earliest,
                latest: ahead.success.either(failure).latest,
            },
            (_, Some(failure)) => ahead.success.either(failure),
            (_, None) => ahead.success,
        };
        Prospects {
            services: ahead.services,
            returned,
            fails: ahead.fails,
        }
    }
}

/// Something to wait for.
struct Target {
    node: usize,
    /// None: only its start matters.
    goal: Option<Goal>,
    required: bool,
}

/// When all waits of a service have ended: well, or in a failure of one.
#[derive(Clone, Copy)]
struct Turn {
    good: Option<Between>,
    bad: Option<Between>,
}

struct Ahead<'a> {
    graph: &'a Graph,
    up: Up,
    poll: Seconds,
    fates: Vec<Fate>,
    services: Vec<Prospect>,
    /// When all that has been looked at so far has ended well, or at the latest in a failure.
    success: Between,
    /// When a failure can be seen.
    failure: Option<Between>,
    fails: Chance,
}

impl Ahead<'_> {
    fn turn_to(&mut self, index: usize) {
        let needs = &self.graph.nodes[index].needs;
        let goals = needs.iter().map(|edge| Target {
            node: edge.target,
            goal: Goal::of(edge.condition),
            required: edge.required,
        });
        let Some((ends, fails)) = self.wait(&goals.collect::<Vec<_>>()) else {
            return;
        };
        let fate = self.fates[index];
        let later = |own: Option<Between>| Some(ends.good?.plus(own?));
        self.services[index] = Prospect {
            started: ends.good,
            healthy: later(fate.healthy),
            unhealthy: later(fate.unhealthy),
            fails,
        };
        self.take(ends, fails);
    }

    /// The last wait of `--wait`, for all services.
    fn last_wait(&mut self) {
        let awaited = self.graph.awaited.iter().enumerate();
        let goals = awaited.map(|(node, awaited)| Target {
            node,
            goal: Some(if awaited.completed {
                Goal::Completed
            } else {
                Goal::RunningOrHealthy
            }),
            required: true,
        });
        if let Some((ends, fails)) = self.wait(&goals.collect::<Vec<_>>()) {
            self.take(ends, fails);
        }
    }

    /// Waits for several services at once, which begins when all of them have been started; nothing if one cannot be.
    fn wait(&self, targets: &[Target]) -> Option<(Turn, Chance)> {
        let starts = targets.iter().map(|to| self.services[to.node].started);
        let starts = starts.collect::<Option<Vec<Between>>>()?;
        let at_once = Between::at(Seconds::ZERO);
        let begun = starts.iter().fold(at_once, |all, one| all.both(*one));
        let mut turn = Turn {
            good: Some(begun),
            bad: None,
        };
        let mut fails = Chance::Never;
        // When the last wait has ended, well or not.
        let mut all = begun;
        let offsets = Offset::of_all(&starts);
        for ((target, started), offset) in targets.iter().zip(&starts).zip(offsets) {
            let Some(goal) = target.goal else { continue };
            let wait = Wait {
                node: &self.graph.nodes[target.node],
                fate: &self.fates[target.node],
                started: *started,
                begun,
                offset,
                poll: self.poll,
            };
            let ends = wait.ends(goal, self.up.limit(), target.required);
            let (good, bad) = (ends.good.map(|end| end.at), ends.bad.map(|end| end.at));
            if let Some(any) = either(good, bad) {
                all = all.both(any);
            }
            fails = fails.max(match (good, bad) {
                (_, None) => Chance::Never,
                (Some(_), Some(_)) => Chance::Maybe,
                (None, Some(_)) => Chance::Always,
            });
            turn = Turn {
                good: turn.good.zip(good).map(|(all, own)| all.both(own)),
                bad: either(turn.bad, bad),
            };
        }
        turn.bad = turn.bad.map(|bad| bad.both(all));
        Some((turn, fails))
    }

    fn take(&mut self, ends: Turn, fails: Chance) {
        if let Some(good) = ends.good {
            self.success = self.success.both(good);
        }
        if let Some(bad) = ends.bad {
            let latest = self.success.both(bad).latest;
            self.success.latest = latest;
            self.failure = either(self.failure, Some(bad));
        }
        self.fails = self.fails.max(fails);
    }
}
