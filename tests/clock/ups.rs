//! `docker compose up` over whole stacks, worked out by hand.

use upbeat::clock::{
    Behaviour, Cause, Condition, Edge, Exit, Failure, Generation, Graph, Health, Node, Overheads,
    Race, RaceKind, ServiceStart, Start, Up,
};
use upbeat::duration::Seconds;

use super::check;
use Condition::{Completed, Healthy, Started};

const DETACHED: Up = Up {
    wait: false,
    wait_timeout: None,
};
const WAIT: Up = Up {
    wait: true,
    wait_timeout: None,
};

/// Compose looks twice a second; nothing else takes any time.
const LOOKS: Overheads = Overheads {
    poll: Seconds::from_millis(500),
    ..Overheads::NONE
};

fn limited(wait: bool, seconds: i64) -> Up {
    Up {
        wait,
        wait_timeout: Some(Seconds::new(seconds)),
    }
}

/// One probe a second, unhealthy after so many failures.
fn every_second(retries: u64) -> Health {
    Health::Check(check((1, 1, retries, 0), Generation::V17))
}

fn millis(n: i64) -> Seconds {
    Seconds::from_millis(n)
}

/// Ready just after a probe, so that it is healthy at this second.
fn healthy_at(second: i64) -> Behaviour {
    Behaviour::ready(millis(second * 1000 - 500))
}

/// Services with their behaviours, built one after the other.
#[derive(Default)]
struct Stack {
    nodes: Vec<Node>,
    behaviours: Vec<Behaviour>,
}

impl Stack {
    fn with(mut self, health: Health, behaviour: Behaviour, needs: &[(usize, Condition)]) -> Self {
        let edge = |&(target, condition)| Edge {
            target,
            condition,
            required: true,
        };
        self.nodes.push(Node {
            name: format!("s{}", self.nodes.len()),
            health,
            startup: None,
            job: None,
            delayed: false,
            needs: needs.iter().map(edge).collect(),
        });
        self.behaviours.push(behaviour);
        self
    }

    /// The last one can do without its targets.
    fn optional(mut self) -> Self {
        let last = self.nodes.last_mut().unwrap();
        for edge in &mut last.needs {
            edge.required = false;
        }
        self
    }

    fn up(&self, up: Up, overheads: &Overheads) -> Start {
        let graph = Graph::new(self.nodes.clone()).unwrap();
        graph.up(up, overheads, &self.behaviours)
    }
}

fn starts(start: &Start) -> Vec<Option<Seconds>> {
    start.services.iter().map(|s| s.started).collect()
}

fn at(start: &Start, index: usize) -> Seconds {
    start.services[index].started.unwrap()
}

fn message(start: &Start) -> String {
    let failure = start.failure.unwrap();
    let service = format!("s{}", failure.target);
    failure.message(&service, &format!("p-{service}-1"))
}

#[test]
fn a_chain_over_a_started_edge() {
    let stack = Stack::default()
        .with(every_second(9), healthy_at(3), &[])
        .with(every_second(9), healthy_at(4), &[(0, Healthy)])
        .with(Health::Unknown, Behaviour::default(), &[(1, Started)]);
    let start = stack.up(DETACHED, &Overheads::NONE);
    let expected = [0, 3, 3].map(|s| Some(Seconds::new(s)));
    assert_eq!(starts(&start), expected);
    assert_eq!(start.returned, Some(Seconds::new(3)));
    assert_eq!((start.exit_code(), start.is_certain), (Some(0), true));
    assert_eq!(start.services[1].healthy(), Some(Seconds::new(7)));
    let start = stack.up(WAIT, &Overheads::NONE);
    assert_eq!(start.returned, Some(Seconds::new(7)));
}

#[test]
fn typical_overheads_add_up() {
    let stack = Stack::default()
        .with(every_second(9), healthy_at(1), &[])
        .with(Health::Unknown, Behaviour::default(), &[(0, Healthy)]);
    let start = stack.up(DETACHED, &Overheads::default());
    // 0.12 to load, 2 x 0.04 to create, 0.18 to start.
    assert_eq!(at(&start, 0), millis(380));
    // Healthy 1.06 s later, seen at 1.5 s.
    assert_eq!(at(&start, 1), millis(380 + 1500 + 180));
}

/// There is no look at the moment of turning to it.
#[test]
fn what_is_healthy_already_costs_half_a_second() {
    let stack = Stack::default()
        .with(every_second(9), healthy_at(1), &[])
        .with(every_second(9), healthy_at(6), &[])
        .with(Health::Unknown, Behaviour::default(), &[(1, Healthy)])
        .with(
            Health::Unknown,
            Behaviour::default(),
            &[(0, Healthy), (2, Started)],
        );
    let start = stack.up(DETACHED, &LOOKS);
    assert_eq!((at(&start, 2), at(&start, 3)), (millis(6000), millis(6500)));
    let start = stack.up(DETACHED, &Overheads::NONE);
    assert_eq!(at(&start, 3), millis(6000));
}

/// Unhealthy at 2 s, healthy at 5 s: it matters when Compose looks.
#[test]
fn what_has_recovered_is_healthy() {
    let late = |other: i64| {
        Stack::default()
            .with(every_second(2), healthy_at(5), &[])
            .with(every_second(99), healthy_at(other), &[])
            .with(Health::Unknown, Behaviour::default(), &[(1, Healthy)])
            .with(
                Health::Unknown,
                Behaviour::default(),
                &[(0, Healthy), (2, Started)],
            )
            .up(DETACHED, &LOOKS)
    };
    let recovered = late(6);
    assert_eq!(recovered.exit_code(), Some(0));
    assert_eq!(at(&recovered, 3), millis(6500));
    let still_unhealthy = late(3);
    assert_eq!(
        message(&still_unhealthy),
        "dependency failed to start: container p-s0-1 is unhealthy"
    );
    assert_eq!(still_unhealthy.returned, Some(millis(3500)));
    // The look at 5.0 s comes at the moment of the probe.
    let at_once = late(4).races;
    assert!(at_once.is_empty(), "a look at 4.5 s finds it unhealthy");
    let looks = Overheads {
        slack: millis(600),
        ..LOOKS
    };
    let close = Stack::default()
        .with(every_second(2), healthy_at(5), &[])
        .with(every_second(99), healthy_at(4), &[])
        .with(Health::Unknown, Behaviour::default(), &[(1, Healthy)])
        .with(
            Health::Unknown,
            Behaviour::default(),
            &[(0, Healthy), (2, Started)],
        )
        .up(DETACHED, &looks);
    assert!(!close.is_certain);
    assert_eq!(
        close.races,
        [Race {
            kind: RaceKind::Look,
            waiting: Some(3),
            target: 0
        }]
    );
}

#[test]
fn a_failure_waits_for_all_that_has_begun() {
    let stack = Stack::default()
        .with(every_second(2), Behaviour::default(), &[]) // unhealthy at 2
        .with(every_second(99), healthy_at(9), &[])
        .with(Health::Unknown, Behaviour::default(), &[(0, Healthy)])
        .with(Health::Unknown, Behaviour::default(), &[(1, Healthy)])
        .with(Health::Unknown, Behaviour::default(), &[(3, Started)]);
    let start = stack.up(DETACHED, &LOOKS);
    let expected = [Some(0), Some(0), None, Some(9), None];
    assert_eq!(starts(&start), expected.map(|s| s.map(Seconds::new)));
    assert_eq!(start.services[4].begun, None, "it would come after 2 s");
    assert_eq!(start.returned, Some(Seconds::new(9)));
    let failure = Failure {
        waiting: Some(2),
        target: 0,
        seen: Seconds::new(2),
        cause: Cause::Unhealthy,
    };
    assert_eq!((start.failure, start.is_certain), (Some(failure), true));

    // The same two targets of one service: it is the service that waits for both.
    let stack = Stack::default()
        .with(every_second(2), Behaviour::default(), &[])
        .with(every_second(99), healthy_at(7), &[])
        .with(
            Health::Unknown,
            Behaviour::default(),
            &[(1, Healthy), (0, Healthy)],
        );
    let start = stack.up(WAIT, &LOOKS);
    assert_eq!(start.returned, Some(Seconds::new(7)));
    assert_eq!(start.failure.unwrap().target, 0);
}

#[test]
fn the_first_failure_is_the_one_that_is_told() {
    let two = |retries: u64| {
        Stack::default()
            .with(every_second(3), Behaviour::default(), &[])
            .with(every_second(retries), Behaviour::default(), &[])
            .with(
                Health::Unknown,
                Behaviour::default(),
                &[(0, Healthy), (1, Healthy)],
            )
            .up(DETACHED, &LOOKS)
    };
    let start = two(2);
    assert_eq!(start.failure.unwrap().target, 1);
    assert_eq!(start.returned, Some(Seconds::new(3)));
    assert!(start.races.is_empty());
    let tie = two(3);
    assert_eq!(tie.races[0].kind, RaceKind::Order);
    assert!(tie.is_certain, "it fails in any case");
}

#[test]
fn jobs_are_waited_for_until_they_end() {
    let job = |behaviour, optional| {
        let stack = Stack::default().with(Health::Unknown, behaviour, &[]).with(
            Health::Unknown,
            Behaviour::default(),
            &[(0, Completed)],
        );
        if optional { stack.optional() } else { stack }
    };
    let done = Behaviour::exits(millis(2200), 0);
    let start = job(done, false).up(DETACHED, &LOOKS);
    assert_eq!(start.returned, Some(millis(2500)));
    // The last wait of --wait wants it to be complete as well, and looks once more.
    let start = job(done, false).up(WAIT, &LOOKS);
    assert_eq!(
        (start.returned, start.exit_code()),
        (Some(millis(3000)), Some(0))
    );

    let broken = Behaviour::exits(millis(2200), 3);
    let start = job(broken, false).up(DETACHED, &LOOKS);
    assert_eq!(
        message(&start),
        "service \"s0\" didn't complete successfully: exit 3"
    );
    let start = job(broken, true).up(DETACHED, &LOOKS);
    assert_eq!((at(&start, 1), start.exit_code()), (millis(2500), Some(0)));
    // --wait asks again, and there nothing is optional.
    let start = job(broken, true).up(WAIT, &LOOKS);
    assert_eq!(
        message(&start),
        "service \"s0\" didn't complete successfully: exit 3"
    );

    let start = job(Behaviour::default(), false).up(DETACHED, &LOOKS);
    assert_eq!((start.returned, start.exit_code()), (None, None));
    assert!(start.failure.is_none() && start.is_certain);
    let start = job(Behaviour::default(), true).up(limited(false, 4), &LOOKS);
    assert_eq!(message(&start), "timeout waiting for dependencies");
}

#[test]
fn an_optional_target_may_fail() {
    let stack = Stack::default()
        .with(every_second(2), Behaviour::default(), &[])
        .with(Health::Unknown, Behaviour::default(), &[(0, Healthy)])
        .optional();
    let start = stack.up(DETACHED, &LOOKS);
    assert_eq!((at(&start, 1), start.exit_code()), (millis(2000), Some(0)));
    // One second is too short for it, and it is optional all the same.
    let start = stack.up(limited(false, 1), &LOOKS);
    assert_eq!((at(&start, 1), start.exit_code()), (millis(1000), Some(0)));
    assert!(start.is_certain);
}

#[test]
fn without_a_healthcheck_there_is_nothing_to_wait_for() {
    for health in [Health::Absent, Health::Unknown] {
        let stack = Stack::default()
            .with(health, Behaviour::default(), &[])
            .with(Health::Unknown, Behaviour::default(), &[(0, Healthy)]);
        let start = stack.up(DETACHED, &LOOKS);
        assert_eq!(
            message(&start),
            "dependency failed to start: container p-s0-1 has no healthcheck configured"
        );
        assert_eq!(start.returned, Some(millis(500)));
    }
    let alone = |health| Stack::default().with(health, Behaviour::default(), &[]);
    let disabled = alone(Health::Absent).up(WAIT, &LOOKS);
    assert_eq!(
        message(&disabled),
        "container p-s0-1 has no healthcheck configured"
    );
    let running = alone(Health::Unknown).up(WAIT, &LOOKS);
    assert_eq!(
        (running.returned, running.exit_code()),
        (Some(millis(500)), Some(0))
    );
    let gone = Stack::default()
        .with(every_second(9), Behaviour::exits(millis(1200), 7), &[])
        .with(Health::Unknown, Behaviour::default(), &[(0, Healthy)])
        .up(DETACHED, &LOOKS);
    assert_eq!(
        message(&gone),
        "dependency failed to start: container p-s0-1 exited (7)"
    );
    assert_eq!(gone.returned, Some(millis(1500)));
}

/// `--wait` and a job that nobody wants to complete: what the first look finds.
#[test]
fn a_job_under_wait() {
    let job = |after| {
        let behaviour = Behaviour::exits(millis(after), 0);
        Stack::default()
            .with(Health::Unknown, behaviour, &[])
            .up(WAIT, &LOOKS)
    };
    let running = job(2000);
    assert_eq!((running.exit_code(), running.is_certain), (Some(0), true));
    let gone = job(300);
    assert_eq!(message(&gone), "container p-s0-1 exited (0)");
    assert!(gone.is_certain);
    for exactly in [499, 500, 501] {
        let is_certain = exactly != 500;
        assert_eq!(job(exactly).is_certain, is_certain, "{exactly}");
    }
}

#[test]
fn the_limit_counts_for_each_level() {
    let slow = |seconds| {
        Stack::default()
            .with(every_second(99), healthy_at(seconds), &[])
            .with(every_second(99), healthy_at(seconds), &[(0, Healthy)])
            .with(every_second(99), healthy_at(seconds), &[(1, Healthy)])
    };
    let start = slow(4).up(limited(true, 5), &LOOKS);
    assert_eq!(
        (start.returned, start.exit_code()),
        (Some(Seconds::new(12)), Some(0))
    );
    assert!(start.is_certain);

    let start = slow(6).up(limited(false, 5), &LOOKS);
    assert_eq!(message(&start), "timeout waiting for dependencies");
    assert_eq!(
        (start.returned, start.is_certain),
        (Some(Seconds::new(5)), false)
    );
    // The look at which it is healthy, and the end of the limit, are the same moment.
    let start = slow(5).up(limited(false, 5), &LOOKS);
    assert_eq!(start.races[0].kind, RaceKind::Deadline);

    let last = Stack::default().with(every_second(999), healthy_at(100), &[]);
    let start = last.up(limited(true, 90), &LOOKS);
    assert_eq!(message(&start), "application not healthy after 1m30s");
    assert_eq!(start.exit_code(), Some(1));
    let start = last.up(limited(true, 0), &LOOKS);
    assert_eq!(
        (start.returned, start.exit_code()),
        (Some(Seconds::new(100)), Some(0))
    );
}

/// An unhealthy service is told of, unless the limit ends the waits for the others.
#[test]
fn what_the_last_wait_says() {
    let two = |other: i64| {
        Stack::default()
            .with(every_second(2), Behaviour::default(), &[])
            .with(every_second(999), healthy_at(other), &[])
            .up(limited(true, 10), &LOOKS)
    };
    let start = two(5);
    assert_eq!(message(&start), "container p-s0-1 is unhealthy");
    assert_eq!(start.returned, Some(Seconds::new(5)));
    assert!(start.is_certain);
    let start = two(50);
    assert_eq!(message(&start), "application not healthy after 10s");
    assert_eq!(start.returned, Some(Seconds::new(10)));
    assert!(start.is_certain, "one of them fails in any case");
}

#[test]
fn replicas_are_started_one_after_the_other() {
    let overheads = Overheads {
        start: millis(200),
        create: millis(10),
        ..LOOKS
    };
    let three = |behaviour: Behaviour| {
        let behaviour = Behaviour {
            replicas: 3,
            ..behaviour
        };
        Stack::default()
            .with(every_second(2), behaviour, &[])
            .with(Health::Unknown, Behaviour::default(), &[(0, Healthy)])
            .up(DETACHED, &overheads)
    };
    let start = three(healthy_at(1));
    // Four containers are made; the third is started at 0.64 and healthy at 1.64 s.
    let first = ServiceStart {
        begun: Some(millis(40)),
        started: Some(millis(240)),
        done: Some(millis(640)),
        life: start.services[0].life,
    };
    assert_eq!(start.services[0], first);
    assert_eq!(at(&start, 1), millis(640 + 1000 + 200));
    // The first is unhealthy at 2.24 s, seen at 640 + 2000.
    let start = three(Behaviour::default());
    assert_eq!(start.returned, Some(millis(2640)));

    let none = Behaviour {
        replicas: 0,
        ..Behaviour::default()
    };
    let start = Stack::default()
        .with(every_second(2), none, &[])
        .with(Health::Unknown, Behaviour::default(), &[(0, Healthy)])
        .up(WAIT, &LOOKS);
    assert_eq!(start.services[0].started, None);
    assert_eq!((at(&start, 1), start.exit_code()), (Seconds::ZERO, Some(0)));
}

#[test]
fn long_chains_and_wide_fans() {
    let count = 10_000;
    let mut chain = Stack::default();
    for index in 0..count {
        let needs: &[_] = if index == 0 {
            &[]
        } else {
            &[(index - 1, Healthy)]
        };
        chain = chain.with(every_second(9), healthy_at(2), needs);
    }
    let start = chain.up(WAIT, &LOOKS);
    assert_eq!(start.returned, Some(Seconds::new(2).times(count as u64)));

    let blades: Vec<_> = (0..count).map(|index| (index, Healthy)).collect();
    let mut fan = Stack::default();
    for _ in 0..count {
        fan = fan.with(every_second(9), healthy_at(2), &[]);
    }
    fan = fan.with(every_second(9), healthy_at(2), &blades);
    for _ in 0..count {
        fan = fan.with(every_second(9), healthy_at(2), &[(count, Healthy)]);
    }
    let start = fan.up(WAIT, &LOOKS);
    assert_eq!(start.returned, Some(Seconds::new(6)));
    // All fail at once: still one pass.
    fan.behaviours.fill(Behaviour::default());
    let start = fan.up(WAIT, &LOOKS);
    assert_eq!(
        (start.exit_code(), start.returned),
        (Some(1), Some(Seconds::new(9)))
    );
    assert_eq!(start.services[count].started, None);
    assert!(Stack::default().up(WAIT, &LOOKS).failure.is_none());
}

#[test]
fn hostile_numbers_come_to_an_end() {
    let endless = Behaviour {
        ready: Some(Seconds::from_nanos(i64::MAX)),
        failing: Seconds::from_nanos(i64::MAX),
        succeeding: Seconds::from_nanos(i64::MIN),
        exit: Some(Exit {
            at: Seconds::from_nanos(i64::MAX),
            code: i32::MIN,
        }),
        replicas: u64::MAX,
    };
    let longest = Overheads {
        load: Seconds::from_nanos(i64::MAX),
        create: Seconds::from_nanos(i64::MAX),
        start: Seconds::from_nanos(i64::MAX),
        probe: Seconds::from_nanos(i64::MAX),
        poll: Seconds::from_nanos(1),
        slack: Seconds::from_nanos(i64::MAX),
    };
    for health in [every_second(u64::MAX), Health::Absent, Health::Unknown] {
        let stack = Stack::default()
            .with(health, endless, &[])
            .with(health, endless, &[(0, Healthy)])
            .with(health, endless, &[(0, Completed), (1, Started)]);
        for overheads in [Overheads::NONE, longest] {
            for up in [DETACHED, WAIT, limited(true, i64::MAX), limited(true, 1)] {
                stack.up(up, &overheads);
            }
        }
    }
}
