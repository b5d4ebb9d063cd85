//! `docker compose up` over random stacks, against a clock that ticks.

use proptest::prelude::*;
use upbeat::clock::{
    Answer, Behaviour, Cause, Condition, Edge, Exit, Graph, Health, HealthCheck, Monitor, Node,
    Overheads, State, Up, Written,
};
use upbeat::duration::Seconds;

use super::many;

fn millis(length: Seconds) -> i64 {
    length.nanos() / 1_000_000
}

/// The changes of a container's state, from its start, as the engine makes them.
fn changes(check: HealthCheck, behaviour: &Behaviour, overhead: Seconds) -> Vec<(i64, State)> {
    let answer = |_, start| {
        let ok = behaviour.ready.is_some_and(|ready| start >= ready);
        Answer {
            ok,
            duration: if ok {
                behaviour.succeeding
            } else {
                behaviour.failing
            },
        }
    };
    let monitor = Monitor::new(check, answer).overhead(overhead);
    let verdicts = monitor.take(400).filter_map(|probe| probe.verdict);
    verdicts
        .map(|verdict| (millis(verdict.at), verdict.state))
        .collect()
}

#[derive(Clone, Copy, PartialEq)]
enum Found {
    Nothing,
    Good,
    Bad(Cause),
}

/// A stack that is started, tick by tick.
struct Ticking<'a> {
    nodes: &'a [Node],
    behaviours: &'a [Behaviour],
    overheads: &'a Overheads,
    changes: Vec<Vec<(i64, State)>>,
    begun: Vec<Option<i64>>,
    /// The targets that are still waited for.
    pending: Vec<Vec<Edge>>,
    started: Vec<Option<i64>>,
    done: Vec<Option<i64>>,
    failed: Vec<Option<Cause>>,
    /// When the first service gave up.
    stopped: Option<i64>,
}

impl Ticking<'_> {
    fn containers(&self, index: usize) -> impl Iterator<Item = i64> {
        let gap = millis(self.overheads.start);
        let first = self.started[index].unwrap();
        let count = i64::try_from(self.behaviours[index].replicas).unwrap();
        (0..count).map(move |number| first + number * gap)
    }

    /// What a look at all containers of a service finds, as Compose goes through them.
    fn look(&self, index: usize, condition: Option<Condition>, now: i64) -> Found {
        let exit = self.behaviours[index].exit;
        for start in self.containers(index) {
            let gone = exit.filter(|exit| now >= start + millis(exit.at));
            if condition == Some(Condition::Completed) {
                match gone {
                    Some(exit) if exit.code == 0 => return Found::Good,
                    Some(exit) => return Found::Bad(Cause::Incomplete(exit.code)),
                    None => continue,
                }
            }
            if let Some(exit) = gone {
                return Found::Bad(Cause::Exited(exit.code));
            }
            match self.nodes[index].health {
                Health::Unknown if condition.is_none() => return Found::Good,
                Health::Unknown | Health::Absent => return Found::Bad(Cause::NoHealthcheck),
                Health::Check(_) => {}
            }
            let changes = self.changes[index].iter().rev();
            let mut state = changes.filter(|(at, _)| start + at <= now);
            match state.next().map_or(State::Starting, |(_, state)| *state) {
                State::Starting => return Found::Nothing,
                State::Unhealthy => return Found::Bad(Cause::Unhealthy),
                State::Healthy => {}
            }
        }
        if condition == Some(Condition::Completed) {
            Found::Nothing
        } else {
            Found::Good
        }
    }

    fn is_look(&self, begun: i64, now: i64) -> bool {
        let poll = millis(self.overheads.poll);
        now > begun && (now - begun) % poll == 0
    }

    fn tick(&mut self, now: i64, created: i64) {
        loop {
            let mut changed = false;
            for index in 0..self.nodes.len() {
                let needs = &self.nodes[index].needs;
                let ready = needs
                    .iter()
                    .all(|edge| self.done[edge.target].is_some_and(|at| at <= now));
                if self.begun[index].is_none()
                    && ready
                    && now >= created
                    && self.stopped.is_none_or(|at| now <= at)
                {
                    self.begun[index] = Some(now);
                    let waits = |edge: &&Edge| {
                        edge.condition != Condition::Started
                            && self.behaviours[edge.target].replicas > 0
                            && self.behaviours[index].replicas > 0
                    };
                    self.pending[index] = needs.iter().filter(waits).copied().collect();
                    changed = true;
                }
                let Some(begun) = self.begun[index] else {
                    continue;
                };
                if self.done[index].is_some() || self.is_settled(index) {
                    continue;
                }
                if self.is_look(begun, now) {
                    for edge in std::mem::take(&mut self.pending[index]) {
                        match self.look(edge.target, Some(edge.condition), now) {
                            Found::Nothing => self.pending[index].push(edge),
                            Found::Bad(cause) if edge.required => {
                                self.failed[index].get_or_insert(cause);
                            }
                            Found::Bad(_) | Found::Good => {}
                        }
                    }
                }
                if self.pending[index].is_empty() {
                    changed = true;
                    if self.failed[index].is_some() {
                        self.stopped.get_or_insert(now);
                    } else {
                        let each = millis(self.overheads.start);
                        let count = i64::try_from(self.behaviours[index].replicas).unwrap();
                        self.started[index] = Some(now + each).filter(|_| count > 0);
                        self.done[index] = Some(now + each * count);
                    }
                }
            }
            if !changed {
                return;
            }
        }
    }

    /// Whether its waits have ended in a failure.
    fn is_settled(&self, index: usize) -> bool {
        self.failed[index].is_some() && self.pending[index].is_empty()
    }

    /// When the command returns, and with which failure.
    fn run(&mut self, wait: bool) -> (Option<i64>, Option<Cause>) {
        const END: i64 = 3_000;
        let overheads = self.overheads;
        let containers: u64 = self.behaviours.iter().map(|b| b.replicas).sum();
        let created = millis(overheads.load + overheads.create.times(containers));
        let mut reported = None;
        for now in 0..END {
            let before = self.stopped;
            self.tick(now, created);
            if before.is_none() && self.stopped.is_some() {
                reported = (0..self.nodes.len()).find(|index| self.is_settled(*index));
            }
            let open = |index: usize| match self.begun[index] {
                None => self.stopped.is_none(),
                Some(_) => !self.is_settled(index) && self.done[index].is_none_or(|at| at > now),
            };
            if (0..self.nodes.len()).any(open) {
                continue;
            }
            if let Some(index) = reported {
                return (Some(now), self.failed[index]);
            }
            return if wait {
                self.last(now)
            } else {
                (Some(now), None)
            };
        }
        (None, None)
    }

    fn last(&self, begun: i64) -> (Option<i64>, Option<Cause>) {
        const END: i64 = 3_000;
        let is_job = |index| {
            let mut edges = self.nodes.iter().flat_map(|node| &node.needs);
            edges.any(|edge| edge.target == index && edge.condition == Condition::Completed)
        };
        let mut failed = None;
        let started = |index: &usize| self.started[*index].is_some();
        let mut open: Vec<usize> = (0..self.nodes.len()).filter(started).collect();
        for now in begun..begun + END {
            if self.is_look(begun, now) {
                open.retain(|&index| {
                    let goal = is_job(index).then_some(Condition::Completed);
                    match self.look(index, goal, now) {
                        Found::Nothing => true,
                        Found::Good => false,
                        Found::Bad(cause) => {
                            failed.get_or_insert(cause);
                            false
                        }
                    }
                });
            }
            if open.is_empty() {
                return (Some(now), failed);
            }
        }
        (None, None)
    }
}

fn small_health() -> impl Strategy<Value = Health> {
    let generation = prop::sample::select(&super::GENERATIONS[..]);
    let numbers = (1_i64..25, 1_i64..12, 1_u64..4, 0_i64..60, 1_i64..25);
    let check = (numbers, generation).prop_map(|(numbers, generation)| {
        let (interval, timeout, retries, start_period, start_interval) = numbers;
        let millis = |n| Some(Seconds::from_millis(n));
        Health::Check(
            Written {
                interval: millis(interval),
                timeout: millis(timeout),
                retries: Some(retries),
                start_period: millis(start_period),
                start_interval: millis(start_interval),
            }
            .on(generation),
        )
    });
    prop_oneof![8 => check, 1 => Just(Health::Absent), 1 => Just(Health::Unknown)]
}

fn small_behaviour() -> impl Strategy<Value = Behaviour> {
    let length = |n| Seconds::from_millis(n);
    let exit = (1_i64..150, prop_oneof![3 => Just(0), 1 => 1..4]);
    (
        prop::option::weighted(0.9, (0_i64..120).prop_map(length)),
        (0_i64..14).prop_map(length),
        (0_i64..6).prop_map(length),
        prop::option::weighted(0.25, exit),
        prop_oneof![6 => Just(1_u64), 1 => 0_u64..4],
    )
        .prop_map(|(ready, failing, succeeding, exit, replicas)| Behaviour {
            ready,
            failing,
            succeeding,
            exit: exit.map(|(at, code)| Exit {
                at: Seconds::from_millis(at),
                code,
            }),
            replicas,
        })
}

/// For each service: its health, what it does, and what it needs of those before it.
fn small_stack() -> impl Strategy<Value = (Vec<Node>, Vec<Behaviour>)> {
    let condition = prop::sample::select(vec![
        Condition::Started,
        Condition::Healthy,
        Condition::Healthy,
        Condition::Completed,
    ]);
    let edge = (any::<prop::sample::Index>(), condition, 0..4);
    let needs = prop::collection::vec(edge, 0..3);
    let service = (small_health(), small_behaviour(), needs);
    prop::collection::vec(service, 1..6).prop_map(|services| {
        let node = |(index, (health, _, needs)): (usize, &(Health, Behaviour, Vec<_>))| {
            let mut edges: Vec<Edge> = Vec::new();
            for (target, condition, optional) in needs.iter().filter(|_| index > 0) {
                let target = prop::sample::Index::index(target, index);
                if edges.iter().all(|edge| edge.target != target) {
                    edges.push(Edge {
                        target,
                        condition: *condition,
                        required: *optional > 0,
                    });
                }
            }
            Node {
                name: format!("s{index}"),
                health: *health,
                startup: None,
                job: None,
                delayed: false,
                needs: edges,
            }
        };
        let nodes = services.iter().enumerate().map(node).collect();
        let behaviours = services.iter().map(|(_, behaviour, _)| *behaviour);
        (nodes, behaviours.collect())
    })
}

proptest! {
    #![proptest_config(many(4_000))]

    #[test]
    fn a_start_is_what_a_ticking_clock_makes_of_it(
        (nodes, behaviours) in small_stack(),
        overheads in (0_i64..5, 0_i64..3, 0_i64..4, 0_i64..3, 1_i64..12),
        wait in any::<bool>(),
    ) {
        let (load, create, start, probe, poll) = overheads;
        let length = Seconds::from_millis;
        let overheads = Overheads {
            load: length(load),
            create: length(create),
            start: length(start),
            probe: length(probe),
            poll: length(poll),
            slack: Seconds::ZERO,
        };
        let graph = Graph::new(nodes.clone()).unwrap();
        let up = Up { wait, wait_timeout: None };
        let start = graph.up(up, &overheads, &behaviours);
        // Within the first millisecond of a race the ticks go in some order.
        if !start.races.is_empty() {
            return Ok(());
        }
        let changes = |(node, behaviour): (&Node, &Behaviour)| {
            let check = node.health.check();
            check.map_or_else(Vec::new, |check| changes(*check, behaviour, overheads.probe))
        };
        let mut ticking = Ticking {
            nodes: &nodes,
            behaviours: &behaviours,
            overheads: &overheads,
            changes: nodes.iter().zip(&behaviours).map(changes).collect(),
            begun: vec![None; nodes.len()],
            pending: vec![Vec::new(); nodes.len()],
            started: vec![None; nodes.len()],
            done: vec![None; nodes.len()],
            failed: vec![None; nodes.len()],
            stopped: None,
        };
        let (returned, cause) = ticking.run(wait);
        prop_assert_eq!(start.returned.map(millis), returned);
        if returned.is_some() {
            prop_assert_eq!(start.failure.map(|failure| failure.cause), cause);
        }
        for (index, service) in start.services.iter().enumerate() {
            prop_assert_eq!(service.begun.map(millis), ticking.begun[index], "begun {}", index);
            prop_assert_eq!(service.started.map(millis), ticking.started[index], "started {}", index);
        }
    }
}
