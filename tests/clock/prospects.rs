//! What is ahead of a stack, by hand and against starts that come to something.

use proptest::prelude::*;
use upbeat::clock::{
    Behaviour, Between, BudgetModel, Chance, Condition, Edge, Exit, Generation, Graph, Health,
    HealthCheck, Node, Overheads, Prospects, Up,
};
use upbeat::duration::Seconds;

use super::{any_check, check, many};
use Condition::{Completed, Healthy, Started};

const DETACHED: Up = Up {
    wait: false,
    wait_timeout: None,
};
const WAIT: Up = Up {
    wait: true,
    wait_timeout: None,
};

fn node(name: &str, health: Health, needs: &[(usize, Condition)]) -> Node {
    let edge = |&(target, condition)| Edge {
        target,
        condition,
        required: true,
    };
    Node {
        name: name.to_owned(),
        health,
        startup: None,
        job: None,
        delayed: false,
        needs: needs.iter().map(edge).collect(),
    }
}

fn numbers(numbers: (i64, i64, u64, i64)) -> Health {
    Health::Check(check(numbers, Generation::V27))
}

fn between(earliest: i64, latest: i64) -> Between {
    Between {
        earliest: Seconds::new(earliest),
        latest: Some(Seconds::new(latest)),
    }
}

/// Staging before, with startups in seconds where they are known.
fn story(startups: [Option<i64>; 5]) -> Graph {
    let mut nodes = vec![
        node("db", numbers((30, 10, 5, 30)), &[]),
        node("redis", numbers((5, 3, 5, 10)), &[]),
        node(
            "backend",
            numbers((45, 5, 3, 90)),
            &[(0, Healthy), (1, Healthy)],
        ),
        node("frontend", numbers((45, 5, 3, 60)), &[(2, Healthy)]),
        node("proxy", numbers((30, 5, 3, 15)), &[(3, Healthy)]),
    ];
    for (node, startup) in nodes.iter_mut().zip(startups) {
        node.startup = startup.map(Seconds::new);
    }
    Graph::new(nodes).unwrap()
}

fn ahead(graph: &Graph, up: Up) -> Prospects {
    graph.prospects(up, Seconds::ZERO)
}

/// Nothing is known: the latest starts are those of the worst case, the earliest those of the first probes.
#[test]
fn a_story_of_which_nothing_is_known() {
    let graph = story([None; 5]);
    let found = ahead(&graph, DETACHED);
    let starts = found.services.iter().map(|service| service.started);
    let expected = [(0, 0), (0, 0), (5, 240), (10, 485), (15, 700)];
    let expected = expected.map(|(earliest, latest)| Some(between(earliest, latest)));
    assert_eq!(starts.collect::<Vec<_>>(), expected);
    assert_eq!(found.fails, Chance::Maybe);
    // db is unhealthy at 150 s at the earliest: 30 + 4 x 30. Redis at 30 s: 10 + 4 x 5; its second probe starts at 13 s at the latest, 3 + 4 x 8 s later it is over.
    assert_eq!(found.services[1].unhealthy, Some(between(30, 48)));
    assert_eq!(found.services[0].unhealthy, Some(between(150, 240)));
    assert_eq!(found.services[2].fails, Chance::Maybe);
    assert_eq!(found.services[0].fails, Chance::Never);
    let worst = graph.starts(BudgetModel::Worst);
    let latest = found.services.iter().map(|s| s.started.unwrap().latest);
    assert_eq!(
        latest.collect::<Vec<_>>(),
        worst.iter().map(|s| Some(*s)).collect::<Vec<_>>()
    );
}

/// A bad day: 180 s of startup are within 180 s of allowance, by nothing.
#[test]
fn a_story_whose_startups_are_known() {
    let known = |backend| story([Some(10), Some(2), Some(backend), Some(20), Some(3)]);
    let found = ahead(&known(180), WAIT);
    // db: probes 5 s apart until one sees it ready, each up to 10 s long.
    assert_eq!(found.services[0].healthy, Some(between(10, 30)));
    assert_eq!(found.services[2].started, Some(between(10, 30)));
    let backend = found.services[2];
    // The third probe that counts starts before 195 s (90 + 5 + 2 x 50, each of them drawn out) and may take 5 s.
    assert_eq!(backend.healthy, Some(between(190, 230)));
    assert_eq!((backend.unhealthy, found.fails), (None, Chance::Never));
    assert_eq!(found.services[3].started, backend.healthy);

    let found = ahead(&known(181), WAIT);
    assert_eq!(found.services[2].unhealthy, Some(between(190, 216)));
    assert_eq!(found.services[3].fails, Chance::Maybe);
    let found = ahead(&known(300), WAIT);
    assert_eq!(found.services[2].healthy, None);
    assert_eq!(found.services[3].started, None);
    assert_eq!(found.services[4].started, None);
    assert_eq!(found.fails, Chance::Always);
    // 180 s after it was started at 10 s at the earliest; in the worst case 245 s after 30 s.
    assert_eq!(found.returned, between(190, 275));
}

#[test]
fn looks_come_on_top() {
    let graph = Graph::new(vec![
        node("db", numbers((10, 1, 1, 0)), &[]),
        node("web", Health::Unknown, &[(0, Healthy)]),
    ])
    .unwrap();
    let half = Seconds::from_millis(500);
    let started = graph.prospects(DETACHED, half).services[1].started;
    let expected = Between {
        earliest: Seconds::new(10),
        latest: Some(Seconds::new(11) + half),
    };
    assert_eq!(started, Some(expected));
}

#[test]
fn what_is_unknown_is_anything() {
    let graph = Graph::new(vec![
        node("image", Health::Unknown, &[]),
        node("job", Health::Unknown, &[]),
        node("off", Health::Absent, &[]),
        node("a", Health::Unknown, &[(0, Healthy)]),
        node("b", Health::Unknown, &[(1, Completed)]),
        node("c", Health::Unknown, &[(2, Healthy)]),
        node("d", Health::Unknown, &[(2, Started), (1, Started)]),
    ])
    .unwrap();
    let found = ahead(&graph, DETACHED);
    let any = Between::since(Seconds::ZERO);
    assert_eq!(found.services[0].healthy, Some(any));
    assert_eq!(found.services[0].unhealthy, Some(any));
    for index in [3, 4] {
        assert_eq!(found.services[index].started, Some(any));
        assert_eq!(found.services[index].fails, Chance::Maybe);
    }
    assert_eq!(found.services[5].started, None);
    assert_eq!(found.services[5].fails, Chance::Always);
    let at_once = Some(Between::at(Seconds::ZERO));
    assert_eq!(found.services[6].started, at_once);
    assert_eq!(found.returned, any);

    let mut nodes = graph.nodes().to_vec();
    nodes[1].job = Some(Seconds::new(42));
    let found = ahead(&Graph::new(nodes).unwrap(), DETACHED);
    let after_42 = Some(Between::at(Seconds::new(42)));
    assert_eq!(found.services[4].started, after_42);
    assert_eq!(found.services[4].fails, Chance::Never);
}

#[test]
fn a_limit_may_be_passed() {
    let graph = story([Some(10), Some(2), Some(180), Some(20), Some(3)]);
    let limited = |seconds| {
        let up = Up {
            wait: true,
            wait_timeout: Some(Seconds::new(seconds)),
        };
        ahead(&graph, up)
    };
    // The backend takes up to 200 s.
    assert_eq!(limited(201).fails, Chance::Never);
    assert_eq!(limited(200).fails, Chance::Maybe);
    let found = limited(100);
    assert_eq!(found.fails, Chance::Maybe, "the limit may count as success");
    assert_eq!(found.services[3].started, Some(between(110, 130)));
}

#[test]
fn long_chains_and_wide_fans() {
    let count = 10_000;
    let small = numbers((10, 1, 1, 0));
    let chain = (0..count).map(|index| {
        let needs: &[_] = if index == 0 {
            &[]
        } else {
            &[(index - 1, Healthy)]
        };
        node("link", small, needs)
    });
    let found = ahead(&Graph::new(chain.collect()).unwrap(), WAIT);
    let latest = found.services[count - 1].started.unwrap().latest;
    assert_eq!(latest, Some(Seconds::new(11).times(count as u64 - 1)));

    let blades: Vec<_> = (0..count).map(|index| (index, Healthy)).collect();
    let mut fan: Vec<Node> = (0..count).map(|_| node("blade", small, &[])).collect();
    fan.push(node("hub", small, &blades));
    fan.extend((0..count).map(|_| node("user", small, &[(count, Healthy)])));
    let found = ahead(&Graph::new(fan).unwrap(), WAIT);
    assert_eq!(found.services[count].started, Some(between(10, 11)));
    assert_eq!(found.services[2 * count].started, Some(between(20, 22)));
}

/// A service, what it does, and whether that is known.
type Service = (
    Health,
    Behaviour,
    bool,
    Vec<(prop::sample::Index, Condition, bool)>,
);

fn service() -> impl Strategy<Value = Service> {
    let health = prop_oneof![
        8 => any_check(400).prop_map(Health::Check),
        1 => Just(Health::Absent),
        1 => Just(Health::Unknown),
    ];
    let length = |n| Seconds::from_millis(n);
    let exit = (
        prop::option::weighted(0.3, 0_i64..2000),
        prop_oneof![3 => Just(0), 1 => Just(1)],
    );
    let behaviour = (
        prop::option::weighted(0.9, (0_i64..2500).prop_map(length)),
        0.0..=1.0,
        0.0..1.0,
        exit,
    );
    let condition = prop::sample::select(vec![Started, Healthy, Healthy, Completed]);
    let edges = prop::collection::vec(
        (any::<prop::sample::Index>(), condition, any::<bool>()),
        0..3,
    );
    (health, behaviour, any::<bool>(), edges).prop_map(|(health, behaviour, known, edges)| {
        let (ready, failing, succeeding, (exit, code)) = behaviour;
        let timeout = health.check().map_or(Seconds::ZERO, |check| check.timeout);
        let below = (timeout - Seconds::from_nanos(1)).max(Seconds::ZERO);
        let behaviour = Behaviour {
            ready,
            failing: timeout.scaled(failing),
            succeeding: timeout.scaled(succeeding).min(below),
            exit: exit.map(|at| Exit {
                at: Seconds::from_millis(at),
                code,
            }),
            replicas: 1,
        };
        (health, behaviour, known, edges)
    })
}

/// The stack as it is known, and what its services do.
fn stack(services: &[Service]) -> (Graph, Vec<Behaviour>) {
    let wanted_complete = |index: usize| {
        let later = services.iter().enumerate().skip(1);
        let mut edges = later.flat_map(|(from, service)| {
            service
                .3
                .iter()
                .map(move |(target, condition, _)| (target.index(from), *condition))
        });
        edges.any(|(target, condition)| (target, condition) == (index, Completed))
    };
    let mut nodes = Vec::new();
    let mut behaviours = Vec::new();
    for (index, (health, behaviour, known, edges)) in services.iter().enumerate() {
        let is_job = wanted_complete(index);
        let mut needs: Vec<Edge> = Vec::new();
        for (target, condition, required) in edges.iter().filter(|_| index > 0) {
            let target = target.index(index);
            if needs.iter().all(|edge| edge.target != target) {
                needs.push(Edge {
                    target,
                    condition: *condition,
                    required: *required,
                });
            }
        }
        // What ends is a job; the others run on, or what is known of them would be wrong.
        let exit = behaviour.exit.filter(|_| is_job);
        let job = exit.filter(|exit| exit.code == 0).map(|exit| exit.at);
        nodes.push(Node {
            name: format!("s{index}"),
            // Somebody who asks for the health of a job may find it gone.
            health: if is_job { Health::Unknown } else { *health },
            startup: behaviour.ready.filter(|_| *known),
            job: job.filter(|_| *known),
            delayed: false,
            needs,
        });
        behaviours.push(Behaviour { exit, ..*behaviour });
    }
    (Graph::new(nodes).unwrap(), behaviours)
}

proptest! {
    #![proptest_config(many(5_000))]

    #[test]
    fn whatever_happens_was_ahead(
        services in prop::collection::vec(service(), 1..6),
        poll in prop_oneof![Just(0_i64), 1_i64..300],
        limit in prop::option::weighted(0.3, 1_i64..2000),
        wait in any::<bool>(),
    ) {
        let (graph, behaviours) = stack(&services);
        let up = Up { wait, wait_timeout: limit.map(Seconds::from_millis) };
        let poll = Seconds::from_millis(poll);
        let start = graph.up(up, &Overheads { poll, ..Overheads::NONE }, &behaviours);
        let found = graph.prospects(up, poll);
        match start.exit_code() {
            Some(0) => prop_assert!(found.fails != Chance::Always),
            Some(_) => prop_assert!(found.fails != Chance::Never),
            None => {}
        }
        if let Some(returned) = start.returned {
            prop_assert!(found.returned.contains(returned), "{} {:?}", returned, found.returned);
        }
        for (index, (service, ahead)) in start.services.iter().zip(&found.services).enumerate() {
            let known = |ahead: Option<Between>, at| ahead.is_some_and(|ahead| ahead.contains(at));
            if let Some(at) = service.started {
                prop_assert!(known(ahead.started, at), "s{} started {} {:?}", index, at, ahead);
                prop_assert!(ahead.fails != Chance::Always || limit.is_some());
            } else if service.begun.is_some() && start.returned.is_some() {
                prop_assert!(ahead.fails != Chance::Never, "s{} failed", index);
            }
            match (service.unhealthy(), service.healthy()) {
                (Some(at), _) => prop_assert!(known(ahead.unhealthy, at), "s{} unhealthy {} {:?}", index, at, ahead),
                (None, Some(at)) => prop_assert!(known(ahead.healthy, at), "s{} healthy {} {:?}", index, at, ahead),
                (None, None) => {}
            }
        }
    }

    /// An unknown startup is any: what it can come to covers what each known one can.
    #[test]
    fn an_unknown_startup_is_any(check in any_check(20_000), startup in 0_i64..120_000) {
        let verdicts = |startup: Option<Seconds>| {
            let node = Node { startup, ..node("a", Health::Check(check), &[]) };
            let found = ahead(&Graph::new(vec![node]).unwrap(), WAIT);
            (found.services[0].healthy, found.services[0].unhealthy)
        };
        let (healthy, unhealthy) = verdicts(Some(Seconds::from_millis(startup)));
        let any = verdicts(None);
        let inside = |own: Option<Between>, any: Option<Between>| own.is_none_or(|own| {
            any.is_some_and(|any| any.contains(own.earliest) && any.contains(own.latest.unwrap()))
        });
        prop_assert!(inside(healthy, any.0), "{:?} {:?}", healthy, any.0);
        prop_assert!(inside(unhealthy, any.1), "{:?} {:?}", unhealthy, any.1);
    }
}

#[test]
fn hostile_numbers_come_to_an_end() {
    let longest = Some(Seconds::from_nanos(i64::MAX));
    let huge = HealthCheck {
        interval: Seconds::from_nanos(i64::MAX),
        timeout: Seconds::from_nanos(i64::MAX),
        retries: u64::MAX,
        start_period: Seconds::from_nanos(i64::MAX),
        ..check((1, 1, 1, 1), Generation::V27)
    };
    for startup in [None, longest, Some(Seconds::from_nanos(i64::MIN))] {
        let mut nodes = vec![
            node("a", Health::Check(huge), &[]),
            node("b", Health::Check(huge), &[(0, Healthy)]),
            node("c", Health::Check(huge), &[(0, Completed), (1, Healthy)]),
        ];
        for node in &mut nodes {
            node.startup = startup;
            node.job = startup;
        }
        let graph = Graph::new(nodes).unwrap();
        for wait_timeout in [None, longest, Some(Seconds::new(1))] {
            for poll in [Seconds::ZERO, Seconds::from_nanos(i64::MAX)] {
                let up = Up {
                    wait: true,
                    wait_timeout,
                };
                graph.prospects(up, poll);
            }
        }
    }
}
