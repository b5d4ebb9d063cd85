//! Budgets over whole stacks.

use upbeat::clock::budget::Budget;
use upbeat::clock::{
    BudgetModel, Condition, Edge, Generation, Graph, GraphError, Health, HealthCheck, Node,
};
use upbeat::duration::Seconds;

use super::check;

type Numbers = (i64, i64, u64, i64);

fn node(name: &str, health: Health, needs: &[(usize, Condition)]) -> Node {
    Node {
        name: name.to_owned(),
        health,
        startup: None,
        job: None,
        delayed: false,
        needs: needs
            .iter()
            .map(|&(target, condition)| Edge {
                target,
                condition,
                required: true,
            })
            .collect(),
    }
}

fn newest(numbers: Numbers) -> Health {
    Health::Check(check(numbers, Generation::V27))
}

/// db, redis, backend, frontend and proxy.
fn story(numbers: [Numbers; 5], backend_startup: Option<i64>) -> Graph {
    use Condition::Healthy;
    let [db, redis, backend, frontend, proxy] = numbers.map(newest);
    let mut nodes = vec![
        node("db", db, &[]),
        node("redis", redis, &[]),
        node("backend", backend, &[(0, Healthy), (1, Healthy)]),
        node("frontend", frontend, &[(2, Healthy)]),
        node("proxy", proxy, &[(3, Healthy)]),
    ];
    nodes[2].startup = backend_startup.map(Seconds::new);
    Graph::new(nodes).unwrap()
}

fn staging(backend: Numbers) -> [Numbers; 5] {
    let (db, redis) = ((30, 10, 5, 30), (5, 3, 5, 10));
    [db, redis, backend, (45, 5, 3, 60), (30, 5, 3, 15)]
}

fn production(backend: Numbers) -> [Numbers; 5] {
    let (db, redis) = ((30, 10, 5, 30), (30, 5, 5, 20));
    [db, redis, backend, (60, 5, 3, 45), (30, 5, 3, 15)]
}

fn whole(graph: &Graph, model: BudgetModel) -> Budget {
    graph.budget(model, &[])
}

fn names(graph: &Graph, budget: &Budget) -> Vec<String> {
    let name = |node: usize| graph.nodes()[node].name.clone();
    budget.path.iter().map(|term| name(term.node)).collect()
}

fn terms(budget: &Budget) -> Vec<Seconds> {
    budget
        .path
        .iter()
        .map(upbeat::clock::Term::seconds)
        .collect()
}

#[test]
fn the_storys_numbers() {
    let (halfway, after) = ((30, 10, 5, 180), (20, 10, 3, 200));
    // The stack, planned without a log, planned on a bad day, and worst.
    for (numbers, planned, bad_day, worst) in [
        (staging((45, 5, 3, 90)), 445, 535, 825),
        (staging(halfway), 525, 525, 970),
        (staging(after), 535, 535, 880),
        (production((60, 5, 3, 60)), 440, 560, 870),
        (production(halfway), 535, 535, 1000),
        (production(after), 545, 545, 910),
    ] {
        for (startup, planned) in [(None, planned), (Some(180), bad_day)] {
            let graph = story(numbers, startup);
            for (model, total) in [
                (BudgetModel::Planned, planned),
                (BudgetModel::Worst, worst),
                (BudgetModel::AfterUp, 125),
            ] {
                let budget = whole(&graph, model);
                assert_eq!(
                    budget.total,
                    Seconds::new(total),
                    "{model} {numbers:?} {startup:?}"
                );
                assert!(!budget.at_least);
                assert_eq!(terms(&budget).into_iter().sum::<Seconds>(), budget.total);
            }
        }
    }
}

#[test]
fn the_path_tells_what_makes_the_number() {
    let graph = story(staging((45, 5, 3, 90)), None);
    let planned = whole(&graph, BudgetModel::Planned);
    assert_eq!(
        names(&graph, &planned),
        ["db", "backend", "frontend", "proxy"]
    );
    assert_eq!(terms(&planned), [70, 140, 110, 125].map(Seconds::new));
    let backend = &planned.path[1].sum;
    assert_eq!(
        backend.to_string(),
        "90s start_period + 5s timeout + 45s interval = 140s"
    );
    let worst = whole(&graph, BudgetModel::Worst);
    assert_eq!(terms(&worst), [240, 245, 215, 125].map(Seconds::new));

    let graph = story(production((60, 5, 3, 60)), None);
    let planned = whole(&graph, BudgetModel::Planned);
    assert_eq!(names(&graph, &planned), ["db", "backend", "frontend"]);
    assert_eq!(terms(&planned), [70, 125, 245].map(Seconds::new));
    let starts = graph.starts(BudgetModel::Planned);
    assert_eq!(starts, [0, 0, 70, 195, 305].map(Seconds::new));
}

#[test]
fn a_wait_may_name_services() {
    let graph = story(staging((45, 5, 3, 90)), None);
    let budget = |model, targets: &[usize]| graph.budget(model, targets).total;
    assert_eq!(budget(BudgetModel::Planned, &[2]), Seconds::new(70 + 245));
    assert_eq!(budget(BudgetModel::Worst, &[2]), Seconds::new(240 + 245));
    assert_eq!(
        budget(BudgetModel::AfterUp, &[2]),
        Seconds::ZERO,
        "frontend has waited for it"
    );
    assert_eq!(budget(BudgetModel::AfterUp, &[2, 4]), Seconds::new(125));
    assert_eq!(
        budget(BudgetModel::Worst, &[1]),
        Seconds::new(3 + 10 + 5 * 8)
    );
    assert_eq!(budget(BudgetModel::Worst, &[99]), Seconds::ZERO);
    assert_eq!(graph.closure(&[2]), [true, true, true, false, false]);
    assert_eq!(Budget::nothing_left().total, Seconds::ZERO);
}

const SMALL: Numbers = (10, 1, 1, 0);
/// The worst case of `SMALL`.
const ONE: i64 = 11;

#[test]
fn a_started_edge_costs_nothing_and_passes_on() {
    use Condition::{Healthy, Started};
    let graph = Graph::new(vec![
        node("db", newest(SMALL), &[]),
        node("queue", newest((100, 1, 1, 0)), &[(0, Healthy)]),
        node("web", newest(SMALL), &[(1, Started)]),
    ])
    .unwrap();
    let starts = graph.starts(BudgetModel::Worst);
    assert_eq!(starts, [0, ONE, ONE].map(Seconds::new));
    let web = graph.budget(BudgetModel::Worst, &[2]);
    assert_eq!(
        web.total,
        Seconds::new(ONE + 101),
        "queue is a part of what web stands on"
    );
    let after_up = whole(&graph, BudgetModel::AfterUp);
    assert_eq!(
        after_up.total,
        Seconds::new(101),
        "nobody waits for the health of queue"
    );
    let longer = Graph::new(vec![
        node("db", newest(SMALL), &[]),
        node("queue", Health::Absent, &[(0, Healthy)]),
        node("web", newest(SMALL), &[(1, Started)]),
    ])
    .unwrap();
    let path = whole(&longer, BudgetModel::Worst);
    assert_eq!(names(&longer, &path), ["db", "queue", "web"]);
    assert_eq!(terms(&path), [ONE, 0, ONE].map(Seconds::new));
    assert!(!path.at_least);
}

#[test]
fn branches_are_a_maximum() {
    use Condition::Healthy;
    let graph = Graph::new(vec![
        node("top", newest(SMALL), &[(1, Healthy), (2, Healthy)]),
        node("left", newest((50, 1, 1, 0)), &[(3, Healthy)]),
        node("right", newest(SMALL), &[(3, Healthy)]),
        node("base", newest(SMALL), &[]),
    ])
    .unwrap();
    let budget = whole(&graph, BudgetModel::Worst);
    assert_eq!(budget.total, Seconds::new(ONE + 51 + ONE));
    assert_eq!(names(&graph, &budget), ["base", "left", "top"]);
}

#[test]
fn jobs_cost_what_is_known_of_them() {
    use Condition::Completed;
    let build = |job: Option<i64>| {
        let mut migrate = node("migrate", Health::Unknown, &[]);
        migrate.job = job.map(Seconds::new);
        Graph::new(vec![migrate, node("web", newest(SMALL), &[(0, Completed)])]).unwrap()
    };
    for (job, total, at_least) in [(Some(42), 42 + ONE, false), (None, ONE, true)] {
        let graph = build(job);
        for model in [BudgetModel::Planned, BudgetModel::Worst] {
            let budget = whole(&graph, model);
            assert_eq!(
                (budget.total, budget.at_least),
                (Seconds::new(total), at_least)
            );
        }
        let after_up = whole(&graph, BudgetModel::AfterUp);
        assert_eq!(
            (after_up.total, after_up.at_least),
            (Seconds::new(ONE), false)
        );
    }
    let path = whole(&build(Some(42)), BudgetModel::Worst);
    assert_eq!(path.path[0].sum.to_string(), "42s job");

    let checked = Graph::new(vec![
        node("migrate", newest(SMALL), &[]),
        node("web", Health::Absent, &[(0, Completed)]),
    ]);
    let after_up = whole(&checked.unwrap(), BudgetModel::AfterUp);
    assert_eq!(
        after_up.total,
        Seconds::ZERO,
        "it has been waited for, and is gone"
    );
}

#[test]
fn what_is_unknown_makes_it_at_least() {
    use Condition::Healthy;
    let graph = Graph::new(vec![
        node("cache", Health::Unknown, &[]),
        node("web", newest(SMALL), &[(0, Healthy)]),
        node("alone", newest(SMALL), &[]),
    ])
    .unwrap();
    let at_least = |model, targets: &[usize]| graph.budget(model, targets).at_least;
    assert!(at_least(BudgetModel::Planned, &[]));
    assert!(at_least(BudgetModel::Worst, &[1]));
    assert!(
        !at_least(BudgetModel::Worst, &[2]),
        "cache is no part of it"
    );
    assert!(
        !at_least(BudgetModel::AfterUp, &[]),
        "cache has been waited for"
    );

    let nothing = Graph::new(vec![node("a", Health::Unknown, &[])]).unwrap();
    for model in BudgetModel::ALL {
        let budget = whole(&nothing, model);
        assert_eq!((budget.total, budget.at_least), (Seconds::ZERO, true));
    }
    let empty = Graph::new(Vec::new()).unwrap();
    assert_eq!(whole(&empty, BudgetModel::Worst).total, Seconds::ZERO);
}

#[test]
fn a_service_with_no_healthcheck_still_stands_on_others() {
    use Condition::Healthy;
    let graph = Graph::new(vec![
        node("db", newest((30, 10, 5, 30)), &[]),
        node("web", Health::Absent, &[(0, Healthy)]),
    ])
    .unwrap();
    let worst = whole(&graph, BudgetModel::Worst);
    assert_eq!(worst.total, Seconds::new(240));
    // db itself may take longer than web was planned to wait for it.
    let planned = whole(&graph, BudgetModel::Planned);
    assert_eq!(planned.total, Seconds::new(240));
    assert_eq!(names(&graph, &planned), ["db"]);
    assert_eq!(whole(&graph, BudgetModel::AfterUp).total, Seconds::ZERO);
}

#[test]
fn circles_are_named() {
    use Condition::{Healthy, Started};
    let error = Graph::new(vec![
        node("edge", Health::Absent, &[(1, Healthy)]),
        node("a", Health::Absent, &[(3, Started), (2, Healthy)]),
        node("b", Health::Absent, &[(1, Started)]),
        node("fine", Health::Absent, &[]),
    ])
    .unwrap_err();
    assert_eq!(
        error,
        GraphError::Cycle(vec!["a".to_owned(), "b".to_owned()])
    );
    assert_eq!(
        error.to_string(),
        "services wait for each other in a circle: a -> b -> a"
    );

    let itself = Graph::new(vec![node("me", Health::Absent, &[(0, Started)])]);
    assert_eq!(
        itself.unwrap_err(),
        GraphError::Cycle(vec!["me".to_owned()])
    );

    let ring = (0..100_000_usize).map(|i| {
        node(
            &format!("s{i}"),
            Health::Absent,
            &[((i + 1) % 100_000, Started)],
        )
    });
    let long = Graph::new(ring.collect()).unwrap_err().to_string();
    assert!(long.ends_with("-> s11 -> (99988 more) -> s0"), "{long}");

    let nowhere = Graph::new(vec![node("a", Health::Absent, &[(7, Started)])]);
    assert!(matches!(
        nowhere,
        Err(GraphError::NoSuchTarget { target: 7, .. })
    ));
}

#[test]
fn long_chains_and_wide_fans() {
    use Condition::Healthy;
    for count in [10_000_usize, 100_000] {
        let chain = (0..count).map(|i| {
            let needs: &[_] = if i == 0 { &[] } else { &[(i - 1, Healthy)] };
            node("link", newest(SMALL), needs)
        });
        let chain = Graph::new(chain.collect()).unwrap();
        let worst = whole(&chain, BudgetModel::Worst);
        assert_eq!(worst.total, Seconds::new(ONE).times(count as u64));
        assert_eq!(worst.path.len(), count);
        assert_eq!(whole(&chain, BudgetModel::Planned).total, worst.total);
        assert_eq!(whole(&chain, BudgetModel::AfterUp).total, Seconds::new(ONE));
    }
    let blades: Vec<_> = (0..10_000).map(|i| (i, Healthy)).collect();
    let mut fan: Vec<_> = blades
        .iter()
        .map(|_| node("blade", newest(SMALL), &[]))
        .collect();
    fan.push(node("hub", newest(SMALL), &blades));
    let hub = (10_000, Healthy);
    fan.extend((0..10_000).map(|_| node("user", newest(SMALL), &[hub])));
    let fan = Graph::new(fan).unwrap();
    assert_eq!(whole(&fan, BudgetModel::Worst).total, Seconds::new(3 * ONE));
}

#[test]
fn models_have_names() {
    for model in BudgetModel::ALL {
        assert_eq!(model.to_string().parse(), Ok(model));
    }
    assert!(
        "best"
            .parse::<BudgetModel>()
            .unwrap_err()
            .contains("after-up")
    );
    assert_eq!(BudgetModel::default(), BudgetModel::Planned);
    let _: fn(&HealthCheck, Option<Seconds>) -> Seconds = upbeat::clock::planned;
}

#[test]
fn what_runs_before_a_start_makes_every_budget_a_lower_bound() {
    let numbers = (30, 5, 3, 60);
    let mut nodes = vec![
        node("db", newest(numbers), &[]),
        node("web", newest(numbers), &[(0, Condition::Healthy)]),
    ];
    nodes[1].delayed = true;
    let graph = Graph::new(nodes.clone()).unwrap();
    for model in [BudgetModel::Planned, BudgetModel::Worst] {
        assert!(whole(&graph, model).at_least, "{model:?}");
    }
    nodes[1].delayed = false;
    let graph = Graph::new(nodes).unwrap();
    assert!(!whole(&graph, BudgetModel::Planned).at_least);
}
