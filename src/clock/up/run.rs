//! One start, service by service in the order of the graph.

use super::failure::{Cause, Failure};
use super::wait::{Answers, Goal};
use super::{Overheads, Race, RaceKind, ServiceStart, Start, Up};
use crate::clock::graph::Graph;
use crate::clock::life::{Behaviour, Life};
use crate::duration::Seconds;

impl Graph {
    /// Starts the stack, in linear time. A service without a behaviour has the default one.
    ///
    /// Where no healthcheck is in sight ([`Health::Unknown`](crate::clock::Health::Unknown)) it is taken that the image brings none.
    pub fn up(&self, up: Up, overheads: &Overheads, behaviours: &[Behaviour]) -> Start {
        let behaviour = |index| behaviours.get(index).copied().unwrap_or_default();
        let mut run = Run {
            graph: self,
            limit: up.limit(),
            overheads,
            behaviours: (0..self.nodes.len()).map(behaviour).collect(),
            services: vec![ServiceStart::default(); self.nodes.len()],
            turns: vec![Turn::default(); self.nodes.len()],
            races: Vec::new(),
        };
        let created = run.created();
        for &index in &self.order {
            run.turn_to(index, created);
        }
        run.stop_at_the_first_failure();
        let mut start = run.dependencies();
        if up.wait && start.failure.is_none() && start.returned.is_some() {
            run.last_wait(&mut start, created);
        }
        start.services = run.services;
        start.races = run.races;
        start
    }
}

/// How the waits of a service ended.
#[derive(Clone, Copy, Debug, Default)]
struct Turn {
    /// When the last of them did; none: never.
    ends: Option<Seconds>,
    failure: Option<Failure>,
    /// Whether it ends like this whatever the races: satisfied, or failed.
    is_certain: bool,
}

struct Run<'a> {
    graph: &'a Graph,
    limit: Option<Seconds>,
    overheads: &'a Overheads,
    behaviours: Vec<Behaviour>,
    services: Vec<ServiceStart>,
    turns: Vec<Turn>,
    races: Vec<Race>,
}

impl Run<'_> {
    /// When all containers have been created.
    fn created(&self) -> Seconds {
        let containers = self.behaviours.iter().map(|behaviour| behaviour.replicas);
        let containers = containers.fold(0_u64, u64::saturating_add);
        self.overheads.load + self.overheads.create.times(containers)
    }

    fn turn_to(&mut self, index: usize, created: Seconds) {
        let graph = self.graph;
        let needs = &graph.nodes[index].needs;
        let mut begun = created;
        let mut is_certain = true;
        for edge in needs {
            let Some(done) = self.services[edge.target].done else {
                return;
            };
            begun = begun.max(done);
            is_certain &= self.turns[edge.target].is_certain;
        }
        let behaviour = self.behaviours[index];
        let mut turn = Turn {
            ends: Some(begun),
            failure: None,
            is_certain,
        };
        if behaviour.replicas > 0 {
            let limit = self.limit.map(|limit| (limit, Cause::DependenciesTimedOut));
            let goals = needs.iter().filter_map(|edge| {
                let goal = Goal::of(edge.condition)?;
                Some((edge.target, goal, edge.required))
            });
            turn = self.wait(Some(index), begun, goals, limit, turn);
        }
        let each = self.overheads.start;
        let starts = turn.ends.filter(|_| turn.failure.is_none());
        self.turns[index] = turn;
        self.services[index] = ServiceStart {
            begun: Some(begun),
            started: starts
                .filter(|_| behaviour.replicas > 0)
                .map(|at| at + each),
            done: starts.map(|at| at + each.times(behaviour.replicas)),
            life: Life::of(
                graph.nodes[index].health.check(),
                &behaviour,
                self.overheads.probe,
            ),
        };
    }

    /// Waits for several services at once. `turn` is what was before.
    fn wait(
        &mut self,
        waiting: Option<usize>,
        begun: Seconds,
        goals: impl Iterator<Item = (usize, Goal, bool)>,
        limit: Option<(Seconds, Cause)>,
        mut turn: Turn,
    ) -> Turn {
        let (mut raced, mut surely_failed) = (false, false);
        for (target, goal, required) in goals {
            let service = &self.services[target];
            let replicas = self.behaviours[target].replicas;
            let Some(started) = service.started else {
                // Nothing is started of it, so nothing is waited for.
                continue;
            };
            let spread = self.overheads.start.times(replicas.saturating_sub(1));
            let health = self.graph.nodes[target].health;
            let answers = Answers::of(goal, health, &service.life, started, spread);
            let mut wait = answers.wait(begun, self.overheads, limit);
            // A job that is no job yet when the time is up is a failure, optional or not: the question itself is broken off.
            let forgiven =
                !required && (goal != Goal::Completed || wait.race != Some(RaceKind::Deadline));
            if forgiven {
                wait.result = Ok(());
                wait.race = None;
            }
            if let Some(kind) = wait.race {
                raced = true;
                self.races.push(Race {
                    kind,
                    waiting,
                    target,
                });
            }
            turn.ends = turn.ends.zip(wait.ends).map(|(a, b)| a.max(b));
            let (Err(cause), Some(seen)) = (wait.result, wait.ends) else {
                continue;
            };
            surely_failed |= wait.race.is_none();
            let failure = Failure {
                waiting,
                target,
                seen,
                cause,
            };
            turn.failure = Some(match turn.failure {
                Some(first) => self.first(first, failure),
                None => failure,
            });
        }
        turn.is_certain &= surely_failed || !raced;
        turn
    }

    /// The failure that is reported: the one that was seen first.
    fn first(&mut self, one: Failure, other: Failure) -> Failure {
        let (first, second) = if other.seen < one.seen {
            (other, one)
        } else {
            (one, other)
        };
        if second.seen - first.seen <= self.overheads.slack {
            self.races.push(Race {
                kind: RaceKind::Order,
                waiting: second.waiting,
                target: second.target,
            });
        }
        first
    }

    /// Takes back the turns that come after the first failure.
    fn stop_at_the_first_failure(&mut self) {
        let failed = self.turns.iter().filter(|turn| turn.failure.is_some());
        let Some(end) = failed.filter_map(|turn| turn.ends).min() else {
            return;
        };
        for index in 0..self.services.len() {
            let Some(begun) = self.services[index].begun else {
                continue;
            };
            // What has begun at once was there before anything could fail.
            let depends = !self.graph.nodes[index].needs.is_empty();
            let failed_itself = self.turns[index].failure.is_some();
            let off = (begun - end).max(end - begun);
            if depends && !failed_itself && off <= self.overheads.slack {
                self.races.push(Race {
                    kind: RaceKind::Order,
                    waiting: None,
                    target: index,
                });
            }
            if begun > end {
                self.services[index] = ServiceStart::default();
                self.turns[index] = Turn::default();
            }
        }
        let services = &self.services;
        self.races.retain(|race| {
            race.waiting
                .is_none_or(|waiting| services[waiting].begun.is_some())
        });
    }

    /// What becomes of it up to the moment at which all have been started, or one could not be.
    fn dependencies(&mut self) -> Start {
        let mut start = Start {
            services: Vec::new(),
            returned: Some(self.overheads.load),
            failure: None,
            races: Vec::new(),
            is_certain: true,
        };
        let mut failed: Option<(Seconds, Failure)> = None;
        let mut surely_failed = false;
        for index in 0..self.services.len() {
            let (service, turn) = (self.services[index], self.turns[index]);
            if service.begun.is_none() {
                continue;
            }
            start.is_certain &= turn.is_certain;
            let end = service.done.or(turn.ends);
            start.returned = start.returned.zip(end).map(|(a, b)| a.max(b));
            let (Some(failure), Some(at)) = (turn.failure, turn.ends) else {
                continue;
            };
            surely_failed |= turn.is_certain;
            failed = Some(match failed {
                Some((other_at, other)) => {
                    if at.max(other_at) - at.min(other_at) <= self.overheads.slack {
                        self.races.push(Race {
                            kind: RaceKind::Order,
                            waiting: failure.waiting,
                            target: failure.target,
                        });
                    }
                    if at < other_at {
                        (at, failure)
                    } else {
                        (other_at, other)
                    }
                }
                None => (at, failure),
            });
        }
        start.failure = failed.map(|(_, failure)| failure);
        start.is_certain |= surely_failed && start.returned.is_some();
        start
    }

    /// `--wait`, when all have been started.
    fn last_wait(&mut self, start: &mut Start, created: Seconds) {
        let begun = start.returned.unwrap_or_default().max(created);
        let turn = Turn {
            ends: Some(begun),
            failure: None,
            is_certain: start.is_certain,
        };
        let graph = self.graph;
        let goals = graph.awaited.iter().enumerate().map(|(index, awaited)| {
            let goal = if awaited.completed {
                Goal::Completed
            } else {
                Goal::RunningOrHealthy
            };
            (index, goal, true)
        });
        let late = |limit| (limit, Cause::NotHealthyAfter(limit));
        let turn = self.wait(None, begun, goals, self.limit.map(late), turn);
        start.returned = turn.ends;
        start.is_certain = turn.is_certain;
        start.failure = turn.failure;
        // Whatever was wrong: if the time is up when the last wait ends, that is what it says.
        let up_at = self.limit.map(|limit| (begun + limit, limit));
        if let (Some(failure), Some((up_at, limit))) = (&mut start.failure, up_at)
            && turn.ends == Some(up_at)
        {
            failure.cause = Cause::NotHealthyAfter(limit);
        }
    }
}
