//! Which limit of a start comes first.

use super::{check, share_of, shares};
use proptest::prelude::*;
use upbeat::clock::monitor::run;
use upbeat::clock::{
    BudgetModel, Condition, Edge, Generation, Graph, Health, Hit, Limit, LimitKind, Limits, Moment,
    Node, OutcomeState, Outer, State, limits,
};
use upbeat::duration::Seconds;

fn secs(seconds: i64) -> Seconds {
    Seconds::new(seconds)
}

/// A service with interval, timeout, retries and start period, on an engine without a start interval.
fn node(name: &str, numbers: Option<(i64, i64, u64, i64)>, needs: &[usize]) -> Node {
    let needs = needs.iter().map(|&target| Edge {
        target,
        condition: Condition::Healthy,
        required: true,
    });
    Node {
        name: name.to_owned(),
        health: numbers.map_or(Health::Absent, |numbers| {
            Health::Check(check(numbers, Generation::V17))
        }),
        startup: None,
        job: None,
        delayed: false,
        needs: needs.collect(),
    }
}

fn starting(mut node: Node, seconds: i64) -> Node {
    node.startup = Some(secs(seconds));
    node
}

fn find(nodes: Vec<Node>, outers: &[Outer]) -> Limits {
    limits(
        &Graph::new(nodes).unwrap(),
        BudgetModel::Planned,
        outers,
        &[],
    )
}

fn wait(begins: Moment, length: i64) -> Outer {
    Outer::Once {
        begins,
        after: Seconds::ZERO,
        length: secs(length),
        needs: vec![Moment::Healthy(Vec::new())],
    }
}

fn of(found: &Limits, kind: LimitKind) -> Limit {
    let mut limits = found.sorted.iter().filter(|limit| limit.kind == kind);
    limits.next().expect("the limit").clone()
}

/// db: planned 100 + 5 + 10 = 115, worst 100 + 5 + 10 + 3 x 5 + 2 x 10 = 150. web behind it: worst 10 + 5 = 15.
fn pair() -> Vec<Node> {
    vec![
        node("db", Some((10, 5, 3, 100)), &[]),
        node("web", Some((10, 5, 1, 0)), &[0]),
    ]
}

#[test]
fn a_wait_behind_up_begins_when_that_has_returned() {
    let returned = || Moment::Returned(Vec::new());
    let short = find(pair(), &[wait(returned(), 14)]);
    let limit = of(&short, LimitKind::Outer(0));
    assert_eq!((limit.begins, limit.at), (secs(115), secs(129)));
    assert_eq!(limit.hit, Some(Hit::Possibly));
    let missed = limit.missed.expect("web is not healthy by then");
    assert_eq!(
        (missed.node, missed.needed, missed.falls),
        (Some(1), secs(130), secs(129))
    );
    assert_eq!(
        short.first,
        short
            .sorted
            .iter()
            .position(|l| l.kind == LimitKind::Outer(0))
    );
    // A tie passes. That db itself may legally take 150 s is no matter here: when `up` returns, it is healthy.
    let enough = find(pair(), &[wait(returned(), 15)]);
    assert_eq!(of(&enough, LimitKind::Outer(0)).hit, Some(Hit::No));
    assert_eq!((enough.first, enough.healthy_by), (None, secs(150)));
}

#[test]
fn a_wait_without_up_begins_at_once() {
    for (length, hit) in [(149, Hit::Possibly), (150, Hit::No)] {
        let found = find(pair(), &[wait(Moment::Start, length)]);
        let limit = of(&found, LimitKind::Outer(0));
        assert_eq!((limit.begins, limit.at), (secs(0), secs(length)));
        assert_eq!(limit.hit, Some(hit), "{length}");
    }
}

#[test]
fn known_startups_make_it_sure() {
    // Probes every 10 s: a db that is ready after 90 s is seen healthy from 90 s on, and web starts then at the earliest.
    let nodes = || {
        let [db, web] = <[Node; 2]>::try_from(pair()).unwrap();
        vec![starting(db, 90), starting(web, 1)]
    };
    for (length, hit) in [(99, Hit::Surely), (101, Hit::Possibly)] {
        let limit = of(
            &find(nodes(), &[wait(Moment::Start, length)]),
            LimitKind::Outer(0),
        );
        assert_eq!(limit.hit, Some(hit), "web is healthy from 100 s on");
        assert_eq!(limit.missed.expect("missed").node, Some(1));
    }
    // Behind `up`, web needs 10 to 15 s whatever db did before.
    for (length, hit) in [(9, Hit::Surely), (10, Hit::Possibly), (15, Hit::No)] {
        let returned = Moment::Returned(Vec::new());
        let limit = of(
            &find(nodes(), &[wait(returned, length)]),
            LimitKind::Outer(0),
        );
        assert_eq!(limit.hit, Some(hit), "{length}");
    }
}

#[test]
fn a_quick_start_can_hit_what_the_planned_one_does_not() {
    // `up` waits for db alone: planned 115. The slow one beside it may take 150.
    let mut nodes = pair();
    nodes.push(node("slow", Some((10, 5, 3, 100)), &[]));
    let found = find(nodes, &[wait(Moment::Returned(Vec::new()), 40)]);
    let limit = of(&found, LimitKind::Outer(0));
    assert_eq!(limit.at, secs(155), "on the schedule all is over by then");
    assert_eq!(limit.hit, Some(Hit::Possibly));
    let missed = limit.missed.expect("slow");
    // But db may be healthy at its first probe, after 10 s, and then the wait ends at 50.
    assert_eq!(
        (missed.node, missed.needed, missed.falls),
        (Some(2), secs(150), secs(50))
    );
}

#[test]
fn a_service_behind_a_slow_branch_may_start_last() {
    // db is ready after 100 s, and so `up` returns at 100 or later. cache is planned within 16 s, but may take 150: then api starts last, and takes its 40.
    let nodes = |cache| {
        let [db, web] = <[Node; 2]>::try_from(pair()).unwrap();
        vec![
            starting(db, 100),
            web,
            node("cache", Some(cache), &[]),
            node("api", Some((35, 5, 1, 0)), &[2]),
        ]
    };
    let returned = || Moment::Returned(Vec::new());
    let found = find(nodes((10, 5, 3, 100)), &[wait(returned(), 39)]);
    let limit = of(&found, LimitKind::Outer(0));
    assert_eq!(limit.hit, Some(Hit::Possibly));
    let found = find(nodes((10, 5, 3, 100)), &[wait(returned(), 40)]);
    assert_eq!(of(&found, LimitKind::Outer(0)).hit, Some(Hit::No));
    // A cache that is healthy or not after 5 + 1 s lets api start long before `up` returns.
    let found = find(nodes((5, 1, 1, 0)), &[wait(returned(), 15)]);
    assert_eq!(of(&found, LimitKind::Outer(0)).hit, Some(Hit::No));
}

#[test]
fn a_known_start_is_over_by_the_moment_that_is_named_whatever_its_probes_do() {
    // Ready after 25 s, with a probe every 10 to 15: the one before hangs until 30, the next comes at 40 and takes up to 5.
    let nodes = vec![
        starting(node("a", Some((10, 5, 5, 30)), &[]), 25),
        starting(node("b", Some((10, 5, 5, 30)), &[0]), 25),
    ];
    let found = find(nodes, &[]);
    assert_eq!(found.starts, [secs(0), secs(45)], "planned: 30 + 5 + 10");
    assert_eq!(
        found.outcomes[0].and_then(|o| o.healthy).map(|w| w.latest),
        Some(secs(45))
    );
    assert_eq!(found.healthy_by, secs(90));
}

#[test]
fn the_time_of_a_job_has_to_last_for_up_as_well() {
    let job = |length| Outer::Once {
        begins: Moment::Start,
        after: Seconds::ZERO,
        length: secs(length),
        needs: vec![Moment::Returned(Vec::new())],
    };
    let limit = of(&find(pair(), &[job(114)]), LimitKind::Outer(0));
    assert_eq!(limit.hit, Some(Hit::Possibly));
    assert!(
        limit
            .missed
            .is_some_and(|missed| missed.unstarted && missed.node == Some(1))
    );
    assert_eq!(
        of(&find(pair(), &[job(115)]), LimitKind::Outer(0)).hit,
        Some(Hit::No)
    );
    let [db, web] = <[Node; 2]>::try_from(pair()).unwrap();
    let known = vec![starting(db, 90), web];
    let limit = of(&find(known, &[job(89)]), LimitKind::Outer(0));
    assert_eq!(limit.hit, Some(Hit::Surely), "db is not healthy before 90");
}

#[test]
fn wait_timeout_begins_anew_at_each_level() {
    let outer = |length| Outer::EachLevel {
        services: Vec::new(),
        length: secs(length),
    };
    let found = find(pair(), &[outer(149)]);
    let level = of(&found, LimitKind::Level { outer: 0, node: 1 });
    assert_eq!(
        (level.begins, level.at, level.hit),
        (secs(0), secs(149), Some(Hit::Possibly))
    );
    assert_eq!(level.missed.map(|missed| missed.needed), Some(secs(150)));
    let found = find(pair(), &[outer(150)]);
    assert!(
        found
            .sorted
            .iter()
            .all(|limit| !matches!(limit.kind, LimitKind::Level { .. }))
    );
    let last = of(&found, LimitKind::Outer(0));
    assert_eq!(
        (last.begins, last.at, last.hit),
        (secs(115), secs(265), Some(Hit::No))
    );
}

#[test]
fn the_start_period_and_the_verdict_are_limits_of_a_known_startup() {
    let with = |startup| {
        let [db, web] = <[Node; 2]>::try_from(pair()).unwrap();
        let found = find(vec![starting(db, startup), web], &[]);
        let hits = [LimitKind::Grace(0), LimitKind::Verdict(0)].map(|kind| of(&found, kind).hit);
        (hits, found)
    };
    assert_eq!(with(100).0, [Some(Hit::No); 2], "a tie passes");
    assert_eq!(with(101).0, [Some(Hit::Surely), Some(Hit::No)]);
    // Sure up to 100 + 2 x 10; beyond that it hangs on the probes, up to 145.
    assert_eq!(with(121).0, [Some(Hit::Surely), Some(Hit::Possibly)]);
    let (hits, found) = with(400);
    assert_eq!(hits, [Some(Hit::Surely); 2]);
    let verdict = of(&found, LimitKind::Verdict(0));
    assert_eq!((verdict.at, verdict.until), (secs(120), secs(150)));
    assert_eq!(found.stopped_by, [None, Some(0)], "web is never started");
    assert!(!of(&found, LimitKind::Verdict(1)).reached);
}

#[test]
fn nothing_behind_a_start_that_fails_is_reached() {
    let [db, web] = <[Node; 2]>::try_from(pair()).unwrap();
    let nodes = vec![starting(db, 400), web];
    let outers = [
        wait(Moment::Returned(Vec::new()), 10),
        wait(Moment::Start, 119),
        wait(Moment::Start, 150),
    ];
    let found = find(nodes, &outers);
    let behind = of(&found, LimitKind::Outer(0));
    assert_eq!((behind.reached, behind.hit), (false, Some(Hit::No)));
    // One that runs from the start is over before the verdict can fall, or after it has.
    assert_eq!(of(&found, LimitKind::Outer(1)).hit, Some(Hit::Surely));
    assert_eq!(of(&found, LimitKind::Outer(2)).hit, Some(Hit::No));
}

#[test]
fn an_optional_dependency_stops_nobody() {
    let [db, mut web] = <[Node; 2]>::try_from(pair()).unwrap();
    web.needs[0].required = false;
    let found = find(vec![starting(db, 400), web], &[]);
    assert_eq!(found.stopped_by, [None, None]);
}

#[test]
fn an_upper_bound_proves_no_hit() {
    let [db, web] = <[Node; 2]>::try_from(pair()).unwrap();
    let graph = Graph::new(vec![starting(db, 400), web]).unwrap();
    let found = limits(&graph, BudgetModel::Planned, &[], &[true, false]);
    for kind in [LimitKind::Grace(0), LimitKind::Verdict(0)] {
        assert_eq!(of(&found, kind).hit, Some(Hit::Possibly));
    }
    assert_eq!(found.stopped_by, [None, None]);
}

#[test]
fn of_an_unknown_startup_nothing_is_said() {
    let found = find(pair(), &[]);
    assert_eq!(of(&found, LimitKind::Verdict(0)).hit, None);
    assert_eq!(found.first, None);
    let none = find(vec![node("a", None, &[]), node("b", None, &[0])], &[]);
    assert!(none.sorted.is_empty());
    assert_eq!(none.healthy_by, Seconds::ZERO);
}

/// Chains, fans and everything between, startups known or not.
fn any_nodes() -> impl Strategy<Value = Vec<Node>> {
    let numbers = (
        1..60_i64,
        1..20_i64,
        1..5_u64,
        prop_oneof![Just(0), 0..200_i64],
    );
    let one = (
        prop::option::weighted(0.9, numbers),
        prop::option::of(0..400_i64),
        any::<u32>(),
    );
    prop::collection::vec(one, 1..8).prop_map(|nodes| {
        let nodes = nodes
            .into_iter()
            .enumerate()
            .map(|(index, (numbers, startup, mask))| {
                let needs: Vec<usize> = (0..index).filter(|bit| mask >> bit & 1 == 1).collect();
                let mut node = node(&format!("n{index}"), numbers, &needs);
                node.startup = startup.map(secs);
                node
            });
        nodes.collect()
    })
}

/// When each service of a start gets its verdict, if it has one, probe by probe as an engine does it; services behind an unhealthy one never start.
fn simulate(graph: &Graph, shares: &[f64]) -> Vec<Option<Seconds>> {
    let mut healthy: Vec<Option<Seconds>> = vec![None; graph.nodes().len()];
    let mut verdicts = vec![None; graph.nodes().len()];
    for &node in graph.order() {
        let own = &graph.nodes()[node];
        let start = own.needs.iter().map(|edge| healthy[edge.target]).max();
        let stopped = own.needs.iter().any(|edge| healthy[edge.target].is_none());
        let start = start.flatten().unwrap_or_default();
        if stopped {
            continue;
        }
        let Some(check) = own.health.check() else {
            healthy[node] = Some(start);
            continue;
        };
        let seen = run(*check, own.startup, Seconds::ZERO, |number, ok| {
            let length = share_of(check, shares, number);
            // One that succeeds takes less than the timeout.
            if ok { length.scaled(0.9) } else { length }
        });
        let verdict = seen.verdict.expect("a verdict");
        verdicts[node] = Some(start + verdict.at);
        if verdict.state == State::Healthy {
            healthy[node] = Some(start + verdict.at);
        }
    }
    verdicts
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// What is surely hit is hit in every start, and what is not hit in none, where no verdict comes before.
    #[test]
    fn simulated_starts_agree(nodes in any_nodes(), shares in shares(), length in 0..600_i64, beside in any::<bool>()) {
        let mut nodes = nodes;
        for node in &mut nodes {
            node.startup = node.startup.or(Some(secs(30)));
            if beside {
                node.needs.clear();
            }
        }
        let graph = Graph::new(nodes).unwrap();
        let found = limits(&graph, BudgetModel::Planned, &[wait(Moment::Start, length)], &[]);
        let hit = of(&found, LimitKind::Outer(0)).hit;
        let last = simulate(&graph, &shares).into_iter().flatten().max().unwrap_or_default();
        if hit == Some(Hit::Surely) {
            prop_assert!(last > secs(length), "over at {last}");
        }
        let outcomes = found.outcomes.iter().flatten();
        let sound = outcomes.clone().all(|outcome| outcome.state() == OutcomeState::Healthy);
        if hit == Some(Hit::No) && (beside || sound) {
            prop_assert!(last <= secs(length), "over only at {last}");
        }
        if sound {
            prop_assert!(last <= found.healthy_by, "over only at {last}");
        }
        for limit in &found.sorted {
            if let (LimitKind::Verdict(node), true) = (limit.kind, beside) {
                let state = found.outcomes[node].expect("an outcome").state();
                prop_assert_eq!(limit.hit == Some(Hit::No), state == OutcomeState::Healthy);
            }
        }
    }
}

proptest! {
    /// More time never makes a hit of none, and no more than it was.
    #[test]
    fn more_time_hits_less(nodes in any_nodes(), length in 0..600_i64, more in 0..300_i64, behind in any::<bool>()) {
        let begins = || if behind { Moment::Returned(Vec::new()) } else { Moment::Start };
        let graph = Graph::new(nodes).unwrap();
        let hit = |length| {
            let found = limits(&graph, BudgetModel::Planned, &[wait(begins(), length)], &[]);
            of(&found, LimitKind::Outer(0)).hit
        };
        prop_assert!(hit(length) >= hit(length + more));
    }

    /// Sorted by when they fall; the first that is hit is told; what is missed is later than the limit.
    #[test]
    fn limits_are_in_order(nodes in any_nodes(), lengths in prop::collection::vec(0..400_i64, 0..4)) {
        let outers: Vec<Outer> = lengths
            .iter()
            .flat_map(|length| [wait(Moment::Start, *length), wait(Moment::Returned(Vec::new()), *length)])
            .collect();
        let found = find(nodes, &outers);
        prop_assert!(found.sorted.windows(2).all(|pair| pair[0].at <= pair[1].at));
        prop_assert_eq!(found.first, found.sorted.iter().position(Limit::is_hit));
        for limit in &found.sorted {
            prop_assert!(limit.begins <= limit.at && limit.at <= limit.until);
            if let Some(missed) = limit.missed {
                prop_assert!(missed.falls < missed.needed && missed.falls <= limit.at);
            }
            prop_assert!(limit.reached || limit.hit == Some(Hit::No));
        }
    }

    /// A wait that starts with everything and lasts as long as everything may take is not hit, and what it would be hit by is not later.
    #[test]
    fn all_is_over_by_the_moment_that_is_named(nodes in any_nodes()) {
        let graph = Graph::new(nodes).unwrap();
        let by = limits(&graph, BudgetModel::Planned, &[], &[]).healthy_by;
        let outer = Outer::Once { begins: Moment::Start, after: Seconds::ZERO, length: by, needs: vec![Moment::Healthy(Vec::new())] };
        let found = limits(&graph, BudgetModel::Planned, &[outer], &[]);
        prop_assert_eq!(of(&found, LimitKind::Outer(0)).hit, Some(Hit::No));
    }
}
