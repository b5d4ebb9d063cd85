//! Which limit of a start comes first: the end of a start period, a verdict, or a limit from outside such as a wait of CI.
//!
//! All of it lies on one axis that begins when the first containers start, on the schedule of a budget: each service starts when that says. A service whose
//! startup is known comes to what [`outcome`] says of it. Of one whose startup is not known the question is what may legally happen: it is healthy
//! between its first probe and its latest verdict, and no limit of its own cuts it off.

mod run;
mod service;

use super::budget::BudgetModel;
use super::graph::Graph;
use super::outcome::Outcome;
use crate::duration::Seconds;
use run::Run;
use service::Share;

/// A moment of a start. Services are indexes; none of them stands for all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Moment {
    /// The first containers start.
    Start,
    /// A `docker compose up -d` of these has started the last of them, and returns.
    Returned(Vec<usize>),
    /// These are healthy, or started where they have no healthcheck.
    Healthy(Vec<usize>),
    /// These answer by themselves, whatever Docker says.
    Answering(Vec<usize>),
}

/// A limit from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outer {
    /// One that runs out once.
    Once {
        /// When it begins.
        begins: Moment,
        /// So much after that.
        after: Seconds,
        /// How long it lasts.
        length: Seconds,
        /// What must have happened by then.
        needs: Vec<Moment>,
    },
    /// `up --wait --wait-timeout`: it begins anew for the dependencies of each service, and once more when all are started
    /// (pkg/compose/start.go and convergence.go of docker compose 2.40.3).
    EachLevel {
        /// The services that are started.
        services: Vec<usize>,
        /// How long it lasts each time.
        length: Seconds,
    },
}

/// Which limit it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LimitKind {
    /// From here on the failures of this service count: the end of its start period, or its first probe where that is later.
    Grace(usize),
    /// This service is called unhealthy.
    Verdict(usize),
    /// The limit from outside with this index.
    Outer(usize),
    /// The limit from outside with the index `outer`, as it waits for the dependencies of the service `node`.
    Level {
        /// The limit.
        outer: usize,
        /// The service that waits.
        node: usize,
    },
}

/// Whether a start runs into a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hit {
    /// It does not.
    No,
    /// It hangs on how long probes take, or on a startup that is not known.
    Possibly,
    /// It does, whatever the probes do.
    Surely,
}

impl Hit {
    /// As it stands in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::No => "no",
            Self::Possibly => "possibly",
            Self::Surely => "surely",
        }
    }
}

/// What has not happened when a limit from outside falls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Missed {
    /// The service that is last; none where nothing is left of the stack.
    pub node: Option<usize>,
    /// Whether it is only its start that is missing.
    pub unstarted: bool,
    /// When it happens: at the earliest where the limit is surely hit, at the latest where it may be.
    pub needed: Seconds,
    /// When the limit falls in the start that hits it. Earlier than on the schedule, where only a quicker start hits it:
    /// the limit begins earlier then, and another service may take as long as before.
    pub falls: Seconds,
}

/// A limit on the axis of a start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Which it is.
    pub kind: LimitKind,
    /// When it begins to run.
    pub begins: Seconds,
    /// When it falls; at the earliest for a verdict.
    pub at: Seconds,
    /// When it falls at the latest; the same but for verdicts.
    pub until: Seconds,
    /// Whether this start hits it; none for a service whose startup is not known.
    pub hit: Option<Hit>,
    /// What it cuts off, where it is from outside and hit.
    pub missed: Option<Missed>,
    /// Whether the start comes as far as to its beginning.
    pub reached: bool,
}

impl Limit {
    /// Whether the start runs into it, or may.
    pub fn is_hit(&self) -> bool {
        self.reached && self.hit.is_some_and(|hit| hit > Hit::No)
    }
}

/// The limits of a start.
#[derive(Clone, Debug)]
pub struct Limits {
    /// When each service starts, on the schedule.
    pub starts: Vec<Seconds>,
    /// The outcome of each service whose startup is known and that has a healthcheck.
    pub outcomes: Vec<Option<Outcome>>,
    /// For each service that is never started: the one whose verdict keeps it from that.
    pub stopped_by: Vec<Option<usize>>,
    /// All of them, by when they fall.
    pub sorted: Vec<Limit>,
    /// The index of the first that is hit, or may be.
    pub first: Option<usize>,
    /// When everything is healthy, if no limit is hit: at the latest where all startups are known, else as the schedule has it, the last ones at their
    /// latest verdict. Services without a healthcheck count from their start.
    pub healthy_by: Seconds,
}

/// The limits of a start of the whole graph, in time linear in the graph for each limit from outside.
///
/// `at_most` says of which services the startup is only an upper bound; what is not in it is none. [`BudgetModel::AfterUp`] has no schedule of its own:
/// it is that of [`BudgetModel::Planned`].
pub fn limits(graph: &Graph, model: BudgetModel, outers: &[Outer], at_most: &[bool]) -> Limits {
    let run = Run::new(graph, model, at_most);
    let mut sorted = Vec::new();
    for (node, service) in run.services.iter().enumerate() {
        sorted.extend(service.limits(node, &run));
    }
    for (index, outer) in outers.iter().enumerate() {
        match outer {
            Outer::Once {
                begins,
                after,
                length,
                needs,
            } => sorted.push(run.once(index, begins, *after + *length, needs)),
            Outer::EachLevel { services, length } => {
                sorted.extend(run.level(index, services, *length));
                let begins = Moment::Returned(services.clone());
                let needs = [Moment::Healthy(services.clone())];
                sorted.push(run.once(index, &begins, *length, &needs));
            }
        }
    }
    sorted.sort_by_key(|limit| (limit.at, limit.until, limit.kind));
    let healthy = Moment::Healthy(Vec::new());
    let settled = run.settled(&Moment::Start);
    let (healthy_by, _) = run.when(&healthy, &run.late, Share::Late, &settled);
    Limits {
        first: sorted.iter().position(Limit::is_hit),
        sorted,
        healthy_by,
        starts: run.planned,
        outcomes: run.services.iter().map(|service| service.outcome).collect(),
        stopped_by: run.stopped_by,
    }
}
