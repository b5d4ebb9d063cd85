//! The services of a stack and what they wait for.

use std::fmt;

use super::healthcheck::HealthCheck;
use crate::duration::Seconds;

/// When an edge is satisfied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Condition {
    /// `service_started`, and the short form.
    Started,
    /// `service_healthy`.
    Healthy,
    /// `service_completed_successfully`.
    Completed,
}

/// An entry of `depends_on`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge {
    /// The index of the service that is waited for.
    pub target: usize,
    /// What is waited for.
    pub condition: Condition,
    /// `required`. Compose waits for an optional dependency just as long, so it changes no budget.
    pub required: bool,
}

/// What is known of a service's healthcheck.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// It has one, with these numbers.
    Check(HealthCheck),
    /// It has none: disabled, or no service of this kind can have one.
    Absent,
    /// None is in sight, but its image may bring one. It counts nothing, and the budget is "at least".
    Unknown,
}

impl Health {
    /// The numbers, if they are known.
    pub fn check(&self) -> Option<&HealthCheck> {
        match self {
            Self::Check(check) => Some(check),
            Self::Absent | Self::Unknown => None,
        }
    }
}

/// A service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Its name, for messages.
    pub name: String,
    /// Its healthcheck.
    pub health: Health,
    /// From its start until its probe would succeed, measured or declared.
    pub startup: Option<Seconds>,
    /// From its start until it has completed, where it is a job.
    pub job: Option<Seconds>,
    /// Whether something of an unknown length runs before its container starts: the budget is "at least".
    pub delayed: bool,
    /// What it waits for.
    pub needs: Vec<Edge>,
}

/// A stack whose `depends_on` hold together: every target is there, and there is no cycle.
#[derive(Clone, Debug)]
pub struct Graph {
    pub(super) nodes: Vec<Node>,
    /// Every node behind all that it needs.
    pub(super) order: Vec<usize>,
    /// What others wait for of each node.
    pub(super) awaited: Vec<Awaited>,
}

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Awaited {
    pub healthy: bool,
    pub completed: bool,
}

/// Why services make no [`Graph`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GraphError {
    /// They wait for each other in a circle: their names, each waiting for the next and the last for the first.
    Cycle(Vec<String>),
    /// A service waits for an index that is not there.
    NoSuchTarget {
        /// The service's name.
        service: String,
        /// The index.
        target: usize,
    },
}

impl fmt::Display for GraphError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 12;
        match self {
            Self::Cycle(names) => {
                f.write_str("services wait for each other in a circle: ")?;
                for name in names.iter().take(SHOWN) {
                    write!(f, "{} -> ", name.escape_debug())?;
                }
                if names.len() > SHOWN {
                    write!(f, "({} more) -> ", names.len() - SHOWN)?;
                }
                let first = names.first().map_or("", String::as_str);
                write!(f, "{}", first.escape_debug())
            }
            Self::NoSuchTarget { service, target } => {
                let service = service.escape_debug();
                write!(
                    f,
                    "{service} waits for service {target}, which is not there"
                )
            }
        }
    }
}

impl std::error::Error for GraphError {}

impl Graph {
    /// Puts services together, in linear time.
    ///
    /// # Errors
    /// A cycle, or a target that is not there.
    pub fn new(nodes: Vec<Node>) -> Result<Self, GraphError> {
        Self::or_give_back(nodes).map_err(|(error, _)| error)
    }

    /// The same, but services that make no graph are given back.
    ///
    /// # Errors
    /// A cycle, or a target that is not there, with the services.
    pub fn or_give_back(nodes: Vec<Node>) -> Result<Self, (GraphError, Vec<Node>)> {
        let found = awaited(&nodes).and_then(|awaited| Ok((awaited, sorted(&nodes)?)));
        match found {
            Ok((awaited, order)) => Ok(Self {
                nodes,
                order,
                awaited,
            }),
            Err(error) => Err((error, nodes)),
        }
    }

    /// The services.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// Every index behind all that it waits for.
    pub fn order(&self) -> &[usize] {
        &self.order
    }

    /// Which services `targets` stand for with all that they wait for; without targets all of them. Indexes that are not there are passed over.
    pub fn closure(&self, targets: &[usize]) -> Vec<bool> {
        let mut inside = vec![targets.is_empty(); self.nodes.len()];
        let mut left: Vec<usize> = targets.to_vec();
        while let Some(node) = left.pop() {
            let Some(seen) = inside.get_mut(node) else {
                continue;
            };
            if !std::mem::replace(seen, true) {
                left.extend(self.nodes[node].needs.iter().map(|edge| edge.target));
            }
        }
        inside
    }
}

/// What others wait for of each service.
fn awaited(nodes: &[Node]) -> Result<Vec<Awaited>, GraphError> {
    let mut awaited = vec![Awaited::default(); nodes.len()];
    for node in nodes {
        for edge in &node.needs {
            let Some(target) = awaited.get_mut(edge.target) else {
                return Err(GraphError::NoSuchTarget {
                    service: node.name.clone(),
                    target: edge.target,
                });
            };
            target.healthy |= edge.condition == Condition::Healthy;
            target.completed |= edge.condition == Condition::Completed;
        }
    }
    Ok(awaited)
}

/// All indexes, each behind all that it needs.
fn sorted(nodes: &[Node]) -> Result<Vec<usize>, GraphError> {
    let mut dependants = vec![Vec::new(); nodes.len()];
    let mut waiting: Vec<usize> = nodes.iter().map(|node| node.needs.len()).collect();
    for (index, node) in nodes.iter().enumerate() {
        for edge in &node.needs {
            dependants[edge.target].push(index);
        }
    }
    let mut order: Vec<usize> = (0..nodes.len()).filter(|n| waiting[*n] == 0).collect();
    let mut next = 0;
    while let Some(&node) = order.get(next) {
        next += 1;
        for &dependant in &dependants[node] {
            waiting[dependant] -= 1;
            if waiting[dependant] == 0 {
                order.push(dependant);
            }
        }
    }
    match waiting.iter().position(|left| *left > 0) {
        None => Ok(order),
        Some(stuck) => Err(GraphError::Cycle(circle(nodes, &waiting, stuck))),
    }
}

/// The names of one circle: whatever still waits is in one, or waits for one.
fn circle(nodes: &[Node], waiting: &[usize], stuck: usize) -> Vec<String> {
    let mut seen_at = vec![None; nodes.len()];
    let mut walk = Vec::new();
    let mut node = stuck;
    let begin = loop {
        if let Some(begin) = seen_at[node] {
            break begin;
        }
        seen_at[node] = Some(walk.len());
        walk.push(node);
        let mut targets = nodes[node].needs.iter().map(|edge| edge.target);
        let Some(next) = targets.find(|target| waiting[*target] > 0) else {
            break 0;
        };
        node = next;
    };
    walk[begin..]
        .iter()
        .map(|node| nodes[*node].name.clone())
        .collect()
}
