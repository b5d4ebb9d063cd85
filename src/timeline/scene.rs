//! What is drawn, computed once.

use super::axis::Axis;
use super::outer::{self, Origin};
use super::row::{Known, Probes, Row};
use super::sentence;
use crate::clock::{
    Budget, BudgetModel, Condition, Graph, Limit, LimitKind, Limits, Missed, Outer, limits, planned,
};
use crate::duration::Seconds;
use crate::project::{Project, Stack};
use crate::source::Position;
use crate::startup::Bound;

/// The picture of one stack's start.
#[derive(Clone, Debug)]
pub struct Scene {
    /// The stack's name.
    pub name: String,
    /// Its files.
    pub files: Vec<String>,
    /// The engine whose clock counts.
    pub engine: String,
    /// The budget whose schedule and critical path are shown.
    pub model: BudgetModel,
    /// Its services, in the order of their starts.
    pub rows: Vec<Row>,
    /// The limits, by when they fall.
    pub limits: Vec<Entry>,
    /// The index of the first that is hit, or may be.
    pub first: Option<usize>,
    /// When everything is healthy, if no limit is hit: see [`Limits::healthy_by`].
    pub healthy_by: Seconds,
    /// Which limit comes first, in one sentence or two.
    pub sentence: Vec<String>,
    /// What else must be known to read the picture.
    pub notes: Vec<String>,
    /// The three budgets of the whole stack, as [`BudgetModel::ALL`] lists them.
    pub budgets: [Budget; 3],
    /// The limits that are drawn as vertical lines, by when they fall.
    pub lines: Vec<Line>,
    /// The axis.
    pub axis: Axis,
    /// The row of each service of the stack.
    pub row_of: Vec<usize>,
}

/// A limit with what is to be said of it.
#[derive(Clone, Debug)]
pub struct Entry {
    /// When it falls, and whether it is hit.
    pub limit: Limit,
    /// The row of the service that it belongs to.
    pub row: Option<usize>,
    /// Where it comes from, if from outside.
    pub origin: Option<Origin>,
    /// The file, the line and the column of what sets it.
    pub place: Option<(String, Position)>,
    /// What it says, as one clause.
    pub words: String,
}

impl Entry {
    /// Whether it ends the start: the end of a start period does not, and a wait whose failure is ignored neither.
    pub fn ends_the_start(&self) -> bool {
        match (&self.limit.kind, &self.origin) {
            (LimitKind::Grace(_), _) => false,
            (_, Some(origin)) => origin.fails,
            (_, None) => true,
        }
    }
}

/// A vertical line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// Where.
    pub at: Seconds,
    /// The limit, by its index.
    pub limit: usize,
    /// Whether it is the first limit that is hit.
    pub first: bool,
    /// Whether it lies on the axis.
    pub inside: bool,
}

impl Scene {
    /// The picture of a stack of a project.
    ///
    /// # Panics
    /// If the project has no stack with this index.
    pub fn new(project: &Project, stack: usize, model: BudgetModel) -> Self {
        let read = &project.stacks[stack];
        let (origins, outers): (Vec<Origin>, Vec<Outer>) =
            outer::of_stack(project, stack).into_iter().unzip();
        let at_most: Vec<bool> = read
            .services
            .iter()
            .map(|service| {
                let startup = service.startup.as_ref();
                startup.is_some_and(|startup| startup.bound == Some(Bound::Upper))
            })
            .collect();
        let found = limits(&read.graph, model, &outers, &at_most);
        let budgets = BudgetModel::ALL.map(|model| read.graph.budget(model, &[]));
        let (rows, row_of) = rows(read, &found, &budgets, model);
        let mut scene = Self {
            name: read.files.name.clone(),
            files: read.files.files.clone(),
            engine: project.engine.text().to_owned(),
            model,
            first: found.first,
            healthy_by: found.healthy_by,
            limits: entries(project, &found, &origins, &row_of),
            rows,
            sentence: Vec::new(),
            notes: Vec::new(),
            budgets,
            lines: Vec::new(),
            axis: Axis::new([]),
            row_of,
        };
        for index in 0..scene.limits.len() {
            scene.limits[index].words = sentence::clause(&scene, &scene.limits[index]);
        }
        scene.sentence = sentence::headline(&scene);
        scene.notes = sentence::notes(&scene, read, origins.is_empty());
        scene.stretch();
        scene
    }

    /// The pictures of all stacks, in their order.
    pub fn all(project: &Project, model: BudgetModel) -> Vec<Self> {
        (0..project.stacks.len())
            .map(|stack| Self::new(project, stack, model))
            .collect()
    }

    /// The budget by a model.
    pub fn budget(&self, model: BudgetModel) -> &Budget {
        let [planned, worst, after_up] = &self.budgets;
        match model {
            BudgetModel::Planned => planned,
            BudgetModel::Worst => worst,
            BudgetModel::AfterUp => after_up,
        }
    }

    /// The names on a budget's critical path.
    pub fn path(&self, budget: &Budget) -> Vec<&str> {
        let name = |node: usize| self.rows[self.row_of[node]].name.as_str();
        budget.path.iter().map(|term| name(term.node)).collect()
    }

    /// The first limit that is hit, or may be.
    pub fn first_limit(&self) -> Option<&Entry> {
        self.limits.get(self.first?)
    }

    /// Whether nothing in it has a length: no row is longer than a moment, and no line is drawn.
    pub fn is_bare(&self) -> bool {
        self.rows.iter().all(|row| row.end() == Seconds::ZERO)
            && self.lines.iter().all(|line| !line.inside)
    }

    /// What a limit cuts off.
    pub(super) fn missed(&self, entry: &Entry) -> Option<(Missed, Option<&Row>)> {
        let missed = entry.limit.missed?;
        let row = missed.node.map(|node| &self.rows[self.row_of[node]]);
        Some((missed, row))
    }

    /// Lays the axis under all that is to be seen, and the lines on it. A limit far behind the last row is told and not drawn.
    fn stretch(&mut self) {
        let ends: Vec<Seconds> = self.rows.iter().map(Row::end).collect();
        let last = ends.iter().copied().max().unwrap_or_default();
        let first = self.first;
        let drawn = |entry: &&(usize, &Entry)| {
            let limit = &entry.1.limit;
            let outside = matches!(limit.kind, LimitKind::Outer(_) | LimitKind::Level { .. });
            outside && limit.reached
        };
        let lines = self.limits.iter().enumerate();
        let lines: Vec<Line> = lines
            .filter(|entry| drawn(&entry))
            .map(|(index, entry)| Line {
                at: entry.limit.at,
                limit: index,
                first: first == Some(index),
                inside: entry.limit.is_hit() || entry.limit.at <= last.scaled(1.3),
            })
            .collect();
        let inside = lines.iter().filter(|line| line.inside);
        self.axis = Axis::new(ends.into_iter().chain(inside.map(|line| line.at)));
        self.lines = lines;
    }
}

/// The rows in the order of starting, and the row of each service.
fn rows(
    stack: &Stack,
    found: &Limits,
    budgets: &[Budget],
    model: BudgetModel,
) -> (Vec<Row>, Vec<usize>) {
    let graph = &stack.graph;
    let mut rank = vec![0; graph.nodes().len()];
    for (place, node) in graph.order().iter().enumerate() {
        rank[*node] = place;
    }
    let mut order: Vec<usize> = (0..graph.nodes().len()).collect();
    order.sort_by_key(|node| (found.starts[*node], rank[*node]));
    let mut row_of = vec![0; order.len()];
    for (row, node) in order.iter().enumerate() {
        row_of[*node] = row;
    }
    let mut critical = vec![false; order.len()];
    for term in budgets
        .iter()
        .filter(|budget| budget.model == model)
        .flat_map(|b| &b.path)
    {
        critical[term.node] = true;
    }
    let mut awaited = vec![false; order.len()];
    for edge in graph.nodes().iter().flat_map(|node| &node.needs) {
        awaited[edge.target] |= edge.condition == Condition::Healthy;
    }
    let mut stops = vec![Vec::new(); order.len()];
    for (row, node) in order.iter().enumerate() {
        if let Some(stopper) = found.stopped_by[*node] {
            stops[stopper].push(row);
        }
    }
    let rows = order.iter().map(|&node| {
        let service = &stack.services[node];
        let own = &graph.nodes()[node];
        let health = Known::from(&service.clock);
        let start = found.starts[node];
        let dead_end = found.stopped_by[node].is_some()
            || found.outcomes[node].is_some_and(|outcome| outcome.healthy.is_none());
        let passed_on = health.check().filter(|_| awaited[node] && !dead_end);
        let passes_on = passed_on.map(|check| match model {
            BudgetModel::Worst => check.latest_unhealthy(),
            _ => planned(check, own.startup),
        });
        let name = |node: usize| graph.nodes()[node].name.clone();
        let mut row = Row {
            name: own.name.clone(),
            index: node,
            waits_for: own
                .needs
                .iter()
                .map(|edge| (name(edge.target), edge.condition))
                .collect(),
            behind: behind(graph, node, found, model).map(|node| row_of[node]),
            start,
            health,
            startup: service.startup.clone(),
            outcome: found.outcomes[node],
            passes_on: passes_on.map(|passes_on| start + passes_on),
            stopped_by: found.stopped_by[node].map(name),
            stops: std::mem::take(&mut stops[node]),
            critical: critical[node],
            bars: Vec::new(),
            probes: Probes::default(),
        };
        row.draw();
        row
    });
    (rows.collect(), row_of)
}

/// The service that one waits for longest: the one whose end is its start.
fn behind(graph: &Graph, node: usize, found: &Limits, model: BudgetModel) -> Option<usize> {
    let start = found.starts[node];
    if start == Seconds::ZERO {
        return None;
    }
    let nodes = graph.nodes();
    let until = |target: usize, condition| {
        let own = match (condition, nodes[target].health.check()) {
            (Condition::Healthy, Some(check)) if model == BudgetModel::Worst => {
                check.latest_unhealthy()
            }
            (Condition::Healthy, Some(check)) => planned(check, nodes[target].startup),
            (Condition::Completed, _) => nodes[target].job.unwrap_or_default(),
            (Condition::Healthy | Condition::Started, _) => Seconds::ZERO,
        };
        found.starts[target] + own
    };
    let mut edges = nodes[node].needs.iter();
    let edge = edges.find(|edge| until(edge.target, edge.condition) == start);
    edge.map(|edge| edge.target)
}

fn entries(project: &Project, found: &Limits, origins: &[Origin], row_of: &[usize]) -> Vec<Entry> {
    let sources = project.store.sources();
    let entry = |limit: &Limit| {
        let (row, origin) = match limit.kind {
            LimitKind::Grace(node) | LimitKind::Verdict(node) => (Some(row_of[node]), None),
            LimitKind::Outer(outer) => (None, origins.get(outer)),
            LimitKind::Level { outer, node } => (Some(row_of[node]), origins.get(outer)),
        };
        let place = origin.map(|origin| {
            let file = sources.get(origin.place.file).path().to_owned();
            (file, sources.start(origin.place))
        });
        Entry {
            limit: limit.clone(),
            row,
            origin: origin.cloned(),
            place,
            words: String::new(),
        }
    };
    found.sorted.iter().map(entry).collect()
}
