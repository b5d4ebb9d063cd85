//! How long the start of a stack may legally take, over its `depends_on` graph.
//!
//! Compose starts a service when all that it waits for is there (pkg/compose/start.go and dependencies.go of docker compose 2.40.3). Every edge passes on
//! when its target started; on top of that a `service_healthy` edge costs until the target is healthy, a `service_completed_successfully` edge its job's duration,
//! and a `service_started` edge nothing. So it is a maximum over parallel branches, and a sum only along a chain.
//! The half second of Compose's polling and the start of the containers themselves are not counted.

use std::fmt;
use std::str::FromStr;

use super::bounds::planned_sum;
use super::graph::{Condition, Graph, Health, Node};
use super::healthcheck::HealthCheck;
use super::sum::{Quantity, Sum};
use crate::duration::Seconds;

/// Which question a budget answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum BudgetModel {
    /// What was planned for: every service that others wait for is ready within its start period (or its startup, where that is longer),
    /// and the last one may use up all its retries.
    #[default]
    Planned,
    /// What can happen at the very most: every service takes until its latest verdict.
    Worst,
    /// What is left when a blocking `docker compose up -d` has returned, which has waited on every edge: the verdicts of the services that nobody waits for.
    AfterUp,
}

impl BudgetModel {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Planned, Self::Worst, Self::AfterUp];

    /// As it stands in settings and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Worst => "worst",
            Self::AfterUp => "after-up",
        }
    }
}

impl fmt::Display for BudgetModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for BudgetModel {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|model| model.name() == text);
        found.ok_or_else(|| {
            format!(
                "`{}` is no budget: planned, worst or after-up",
                text.escape_debug()
            )
        })
    }
}

/// One service's share of a budget.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// The service's index.
    pub node: usize,
    /// What it adds, with its parts; zero where the next service only waits for its start.
    pub sum: Sum,
}

impl Term {
    /// What it adds.
    pub fn seconds(&self) -> Seconds {
        self.sum.total()
    }
}

/// A number of seconds with the path that makes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Which of the three it is.
    pub model: BudgetModel,
    /// The number: the sum of the path's terms.
    pub total: Seconds,
    /// The critical path, in the order of starting. Empty where nothing counts.
    pub path: Vec<Term>,
    /// Whether something unknown lies on what is counted, so that the number is a lower bound.
    pub at_least: bool,
}

impl Budget {
    /// Nothing left to wait for: what [`BudgetModel::AfterUp`] comes to behind `docker compose up --wait`.
    pub fn nothing_left() -> Self {
        Self {
            model: BudgetModel::AfterUp,
            total: Seconds::ZERO,
            path: Vec::new(),
            at_least: false,
        }
    }
}

/// Budgets, each in linear time.
impl Graph {
    /// When each service starts at the latest, by a model; zero for all under [`BudgetModel::AfterUp`].
    pub fn starts(&self, model: BudgetModel) -> Vec<Seconds> {
        self.schedule(model).starts
    }

    /// The budget for the services `targets` with all that they wait for; without targets for the whole stack.
    /// Under [`BudgetModel::AfterUp`] it is about the targets alone: the stack has been started as a whole, and those that anybody waits for are there.
    pub fn budget(&self, model: BudgetModel, targets: &[usize]) -> Budget {
        let schedule = self.schedule(model);
        let counted = self.counted(model, targets);
        let (mut total, mut last) = (Seconds::ZERO, None);
        for node in (0..self.nodes.len()).filter(|node| counted[*node]) {
            // A service without a healthcheck counts nothing itself, but what it waits for does.
            let check = self.nodes[node].health.check();
            let own = check.map_or(Seconds::ZERO, HealthCheck::latest_unhealthy);
            let end = schedule.starts[node] + own;
            if end > total {
                (total, last) = (end, Some(node));
            }
        }
        Budget {
            model,
            total,
            path: last.map_or_else(Vec::new, |last| self.path(model, &schedule, last)),
            at_least: self.rests_on_unknown(model, &counted),
        }
    }

    /// What starts before a service and makes it start when it does, by a model, in the order of starting; the service itself is the last.
    /// Its own term is its latest verdict.
    pub fn path_to(&self, model: BudgetModel, node: usize) -> Vec<Term> {
        self.path(model, &self.schedule(model), node)
    }

    /// The services whose verdict may be the last, by a model.
    fn counted(&self, model: BudgetModel, targets: &[usize]) -> Vec<bool> {
        if model != BudgetModel::AfterUp {
            return self.closure(targets);
        }
        let mut counted = vec![targets.is_empty(); self.nodes.len()];
        for &target in targets {
            if let Some(counted) = counted.get_mut(target) {
                *counted = true;
            }
        }
        for (counted, awaited) in counted.iter_mut().zip(&self.awaited) {
            *counted &= !awaited.healthy && !awaited.completed;
        }
        counted
    }

    /// What an edge to `node` costs. Unknown and absent healthchecks and unknown jobs cost nothing.
    pub(super) fn cost(&self, model: BudgetModel, node: usize, condition: Condition) -> Sum {
        let node = &self.nodes[node];
        match (condition, model) {
            (Condition::Started, _) | (_, BudgetModel::AfterUp) => Sum::default(),
            (Condition::Completed, _) => Sum::of(Quantity::Job, node.job.unwrap_or_default()),
            (Condition::Healthy, _) => match (node.health.check(), model) {
                (None, _) => Sum::default(),
                (Some(check), BudgetModel::Planned) => planned_sum(check, node.startup),
                (Some(check), _) => check.worst_sum(),
            },
        }
    }

    fn schedule(&self, model: BudgetModel) -> Schedule {
        let mut healthy = vec![None; self.nodes.len()];
        let mut schedule = Schedule {
            starts: vec![Seconds::ZERO; self.nodes.len()],
            waits: vec![None; self.nodes.len()],
        };
        for &node in &self.order {
            for edge in &self.nodes[node].needs {
                let cost = match edge.condition {
                    // The one that is worth keeping: a fan asks for it again and again.
                    Condition::Healthy => *healthy[edge.target].get_or_insert_with(|| {
                        self.cost(model, edge.target, edge.condition).total()
                    }),
                    condition => self.cost(model, edge.target, condition).total(),
                };
                let start = schedule.starts[edge.target] + cost;
                if start > schedule.starts[node] {
                    schedule.starts[node] = start;
                    schedule.waits[node] = Some((edge.target, edge.condition));
                }
            }
        }
        schedule
    }

    /// The path that ends with the verdict of `last`.
    fn path(&self, model: BudgetModel, schedule: &Schedule, last: usize) -> Vec<Term> {
        let check = self.nodes[last].health.check();
        let mut path = vec![Term {
            node: last,
            sum: check.map_or_else(Sum::default, HealthCheck::worst_sum),
        }];
        let mut node = last;
        while let Some((target, condition)) = schedule.waits[node] {
            path.push(Term {
                node: target,
                sum: self.cost(model, target, condition),
            });
            node = target;
        }
        path.reverse();
        path
    }

    /// Whether a healthcheck or a job's duration that is counted is not known.
    fn rests_on_unknown(&self, model: BudgetModel, counted: &[bool]) -> bool {
        let inside = |node: &usize| counted[*node];
        (0..self.nodes.len()).filter(inside).any(|index| {
            let node = &self.nodes[index];
            // A job is waited for until it is gone; nobody asks for its health.
            let its_own = node.health == Health::Unknown && !self.awaited[index].completed;
            its_own || node.delayed || model != BudgetModel::AfterUp && self.needs_unknown(node)
        })
    }

    /// Whether something of an unknown length is waited for before all of `targets`, or without targets the whole stack, have been started.
    pub fn waits_for_unknown(&self, targets: &[usize]) -> bool {
        let counted = self.closure(targets);
        let mut nodes = self.nodes.iter().zip(counted);
        nodes.any(|(node, counted)| counted && (node.delayed || self.needs_unknown(node)))
    }

    fn needs_unknown(&self, node: &Node) -> bool {
        node.needs.iter().any(|edge| {
            let target = &self.nodes[edge.target];
            match edge.condition {
                Condition::Started => false,
                Condition::Healthy => target.health == Health::Unknown,
                Condition::Completed => target.job.is_none(),
            }
        })
    }
}

struct Schedule {
    starts: Vec<Seconds>,
    /// What each service waits for longest: the target and the condition of the edge. None where it can start at once.
    waits: Vec<Option<(usize, Condition)>>,
}
