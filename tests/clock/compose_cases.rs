//! What `docker compose up` really did.

use std::collections::BTreeMap;

use serde_json::Value;
use upbeat::clock::{Behaviour, Failure, Graph, Overheads, RaceKind, Start, Up};
use upbeat::duration::Seconds;

use super::behaviours;

const MEASURED: &str = include_str!("../../fixtures/facts/compose-cases.jsonl");

/// How far a computed moment may lie from the real one: a look more or less, and what the machine was busy with.
const TOLERANCE: Seconds = Seconds::from_millis(700);

/// A row, read.
struct Case {
    row: Value,
    graph: Graph,
    behaviours: Vec<Behaviour>,
}

impl Case {
    fn read(row: Value) -> Self {
        let engine = row["engine"].as_str().unwrap().parse().unwrap();
        let yaml = row["compose_yaml"].as_str().unwrap();
        let (graph, behaviours) = behaviours::read(yaml, &engine);
        Self {
            row,
            graph,
            behaviours,
        }
    }

    fn start(&self) -> Start {
        let command = self.row["command"].as_str().unwrap();
        let words: Vec<&str> = command.split(' ').collect();
        let limit = words.iter().position(|word| *word == "--wait-timeout");
        let limit = limit.map(|at| Seconds::new(words[at + 1].parse().unwrap()));
        let up = Up {
            wait: words.contains(&"--wait"),
            wait_timeout: limit,
        };
        self.graph.up(up, &Overheads::default(), &self.behaviours)
    }

    /// Why it is not what the clock computes.
    fn left_out(&self) -> Option<&'static str> {
        let yaml = self.row["compose_yaml"].as_str().unwrap();
        if !self.row["before"].is_null() {
            Some("the containers are there already")
        } else if yaml.contains("restart: always") {
            Some("a container ends and is started again")
        } else if yaml.contains("start_interval") && !yaml.contains("start_period") {
            Some("refused before anything is started")
        } else {
            None
        }
    }
}

fn seconds(value: &Value) -> Option<Seconds> {
    value.as_f64().and_then(Seconds::from_f64)
}

fn apart(one: Seconds, other: Seconds) -> Seconds {
    (one - other).max(other - one)
}

#[test]
fn every_measured_up_ends_as_computed() {
    let mut left_out: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let (mut held, mut raced, mut worst) = (0, 0, Seconds::ZERO);
    for line in MEASURED.lines() {
        let case = Case::read(serde_json::from_str(line).unwrap());
        let name = case.row["case"].as_str().unwrap();
        if let Some(reason) = case.left_out() {
            assert!(case.row["model"].is_null(), "{name} has a model");
            let cases = left_out.entry(reason).or_default();
            cases.push(format!("{name} {}", case.row["engine"].as_str().unwrap()));
            continue;
        }
        let start = case.start();
        ends_alike(&case, &start);
        if case.row["timing_race"] == true {
            raced += 1;
            continue;
        }
        assert!(start.is_certain, "{name}: {:?}", start.races);
        let off = apart(
            start.returned.unwrap(),
            seconds(&case.row["seconds"]).unwrap(),
        );
        assert!(
            off <= TOLERANCE,
            "{name}: {:?} {}",
            start.returned,
            case.row
        );
        worst = worst.max(off);
        held += 1;
    }
    println!(
        "{held} ends hold in code and time, the worst {worst} s off; {raced} more in their code, their time hangs on a race"
    );
    for (reason, cases) in &left_out {
        println!("left out, {reason}: {}", cases.join(", "));
    }
    let left_out: Vec<usize> = left_out.values().map(Vec::len).collect();
    assert_eq!((held, raced, left_out), (40, 6, vec![2, 2, 2]));
}

/// The exit code, the message, and of each service its start and its health.
fn ends_alike(case: &Case, start: &Start) {
    let row = &case.row;
    let name = row["case"].as_str().unwrap();
    let code = start.exit_code().map(i64::from);
    assert_eq!(code, row["exit_code"].as_i64(), "{name}: {start:?}");
    let nodes = case.graph.nodes();
    let message = start.failure.map(|failure: Failure| {
        let service = &nodes[failure.target].name;
        let project = format!("cc{}", name.replace('_', ""));
        failure.message(service, &format!("{project}-{service}-1"))
    });
    assert_eq!(message.unwrap_or_default(), row["message"], "{name}");
    for (node, service) in nodes.iter().zip(&start.services) {
        let real = &row["services"][&node.name];
        let started = seconds(&real["started_at_s"]);
        assert_eq!(
            service.started.is_some(),
            started.is_some(),
            "{name}: {}",
            node.name
        );
        let (Some(computed), Some(started)) = (service.started, started) else {
            continue;
        };
        let off = apart(computed, started);
        assert!(
            off <= TOLERANCE,
            "{name}: {} started at {started}, computed {computed}",
            node.name
        );
        let returned = start.returned.unwrap();
        let turn = service.healthy().or(service.unhealthy());
        let turn = turn.filter(|turn| apart(*turn, returned) > TOLERANCE);
        let Some(turn) = turn.filter(|_| node.health.check().is_some()) else {
            continue;
        };
        let state = match (turn < returned, service.healthy().is_some()) {
            (false, _) => "starting",
            (true, true) => "healthy",
            (true, false) => "unhealthy",
        };
        assert_eq!(real["health"], state, "{name}: {}", node.name);
    }
}

#[test]
fn races_are_said_to_be_races() {
    let mut found = 0;
    for line in MEASURED.lines() {
        let case = Case::read(serde_json::from_str(line).unwrap());
        if case.left_out().is_some() {
            continue;
        }
        let start = case.start();
        let kinds: Vec<RaceKind> = start.races.iter().map(|race| race.kind).collect();
        let timed_out = case.row["model"]["reason"] == "TIMEOUT";
        assert_eq!(kinds.contains(&RaceKind::Deadline), timed_out);
        assert_eq!(start.is_certain, !timed_out, "{}", case.row["case"]);
        found += usize::from(timed_out);
    }
    assert_eq!(found, 4);
}
