//! Compose files of test containers: what their commands and probes do stands in the commands themselves.

use serde_json::Value;
use std::collections::BTreeMap;
use upbeat::clock::{Behaviour, Engine, Graph};
use upbeat::duration::Seconds;
use upbeat::project::{Inputs, Project};
use upbeat::source::Store;

/// A stack, read as upbeat reads it, with what its services do.
pub fn read(yaml: &str, engine: &Engine) -> (Graph, Vec<Behaviour>) {
    let inputs = Inputs {
        engine: engine.clone(),
        ..Inputs::default()
    };
    let project = Project::read(Store::memory([("compose.yml", yaml)]), &inputs);
    assert!(project.obstacles.is_empty(), "{:?}", project.obstacles);
    let [stack] = project.stacks.as_slice() else {
        panic!("{} stacks", project.stacks.len());
    };
    let texts = texts(yaml);
    let behaviours = stack.graph.nodes().iter().map(|node| {
        let text = &texts[&node.name];
        let hangs = text.test.contains("exec sleep");
        let check = node.health.check().filter(|_| hangs);
        Behaviour {
            failing: check.map_or(Seconds::ZERO, |check| check.timeout),
            ..behaviour(&text.command)
        }
    });
    (stack.graph.clone(), behaviours.collect())
}

/// The texts of a service.
#[derive(Default)]
struct Texts {
    command: String,
    test: String,
}

/// The last word of each service's `command` and `test`, which stand in flow style.
fn texts(yaml: &str) -> BTreeMap<String, Texts> {
    let mut services: BTreeMap<String, Texts> = BTreeMap::new();
    let mut name = String::new();
    let last = |list: &str| -> String {
        let words: Vec<Value> = serde_json::from_str(list).expect("a list in flow style");
        let last = words.last().and_then(Value::as_str);
        last.expect("a text").to_owned()
    };
    for line in yaml.lines() {
        let indent = line.len() - line.trim_start().len();
        let Some((key, value)) = line.trim().split_once(':') else {
            continue;
        };
        match (indent, key) {
            (2, _) => key.clone_into(&mut name),
            (4, "command") => services.entry(name.clone()).or_default().command = last(value),
            (6, "test") => services.entry(name.clone()).or_default().test = last(value),
            _ => {}
        }
    }
    services
}

/// `sleep 2.5; touch /ready; exec sleep 1000`, `sleep 2; exit 3` or `exec sleep 1000`.
pub fn behaviour(command: &str) -> Behaviour {
    let slept = |text: &str| {
        let length = text.strip_prefix("sleep ").and_then(|n| n.parse().ok());
        length.and_then(Seconds::from_f64).expect("a length")
    };
    match command.split("; ").collect::<Vec<_>>()[..] {
        ["exec sleep 1000"] => Behaviour::default(),
        [sleep, "touch /ready", "exec sleep 1000"] => Behaviour::ready(slept(sleep)),
        [sleep] => Behaviour::exits(slept(sleep), 0),
        [sleep, exit] => {
            let code = exit.strip_prefix("exit ").and_then(|n| n.parse().ok());
            Behaviour::exits(slept(sleep), code.expect("an exit code"))
        }
        _ => panic!("{command}"),
    }
}
