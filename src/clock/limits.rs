//! Which limit of a start comes first: the end of a start period, a verdict, or a limit from outside such as a wait of CI.
//!
//! All of it lies on one axis that begins when the first containers start, on the schedule of a budget: each service starts when that says. A service whose
//! startup is known comes to what [`outcome`] says of it. Of one whose startup is not known the question is what may legally happen: it is healthy
//! between its first probe and its latest verdict, and no limit of its own cuts it off.

use super::budget::BudgetModel;
use super::graph::{Condition, Graph};
use super::healthcheck::HealthCheck;
use super::outcome::{Outcome, OutcomeState, outcome};
use crate::duration::Seconds;

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
    /// When everything is healthy at the latest, if no limit is hit; services without a healthcheck count from their start.
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
    let (healthy_by, _) = run.when(&healthy, &run.planned, Share::Late, &settled);
    Limits {
        first: sorted.iter().position(Limit::is_hit),
        sorted,
        healthy_by,
        starts: run.planned,
        outcomes: run.services.iter().map(|service| service.outcome).collect(),
        stopped_by: run.stopped_by,
    }
}

/// What is asked of a service: the earliest it may come to, or the latest.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Share {
    Early,
    Late,
}

/// What is known of one service, from its start.
struct Service {
    check: Option<HealthCheck>,
    startup: Option<Seconds>,
    at_most: bool,
    outcome: Option<Outcome>,
    /// When it is seen healthy, or called unhealthy where it can be nothing else.
    early: Seconds,
    late: Seconds,
    /// Whether it is called unhealthy, whatever the probes do.
    fatal: bool,
}

impl Service {
    fn new(check: Option<&HealthCheck>, startup: Option<Seconds>, at_most: bool) -> Self {
        let outcome = check.and_then(|check| Some(outcome(check, Some(startup?))));
        let window = outcome.and_then(|outcome| outcome.healthy.or(outcome.unhealthy));
        let first_probe = check.map_or(Seconds::ZERO, HealthCheck::first_probe);
        let worst = check.map_or(Seconds::ZERO, HealthCheck::latest_unhealthy);
        Self {
            check: check.copied(),
            startup,
            at_most,
            early: window
                .filter(|_| !at_most)
                .map_or(first_probe, |window| window.earliest),
            late: window.map_or(worst, |window| window.latest),
            fatal: !at_most && outcome.is_some_and(|o| o.state() == OutcomeState::Unhealthy),
            outcome,
        }
    }

    fn share(&self, share: Share) -> Seconds {
        match share {
            Share::Early => self.early,
            Share::Late => self.late,
        }
    }

    /// When it answers by itself.
    fn answers(&self, share: Share) -> Seconds {
        match (share, self.startup) {
            (Share::Early, Some(startup)) if !self.at_most => startup,
            (Share::Early, _) => Seconds::ZERO,
            (Share::Late, startup) => startup.unwrap_or(self.late),
        }
    }

    /// A hit on what is known of the startup.
    fn hit(&self, surely: bool, possibly: bool) -> Option<Hit> {
        self.startup?;
        Some(match (surely, possibly) {
            (true, _) if !self.at_most => Hit::Surely,
            (false, false) => Hit::No,
            _ => Hit::Possibly,
        })
    }

    /// Its own limits.
    fn limits(&self, node: usize, run: &Run) -> Vec<Limit> {
        let Some(check) = &self.check else {
            return Vec::new();
        };
        let start = run.planned[node];
        let reached = run.stopped_by[node].is_none();
        let limit = |kind, at: Seconds, until: Seconds, hit: Option<Hit>| Limit {
            kind,
            begins: start,
            at: start + at,
            until: start + until,
            hit: if reached { hit } else { Some(Hit::No) },
            missed: None,
            reached,
        };
        let mut limits = Vec::new();
        // Without a start period there is a limit only for a start that is known to outlast the first probe.
        if check.start_period > Seconds::ZERO || self.startup.is_some() {
            let grace = check.grace();
            let burns = self.startup.is_some_and(|startup| startup > grace);
            let hit = self.hit(burns, burns);
            limits.push(limit(LimitKind::Grace(node), grace, grace, hit));
        }
        let state = self.outcome.map(|outcome| outcome.state());
        let hit = self.hit(
            state == Some(OutcomeState::Unhealthy),
            state == Some(OutcomeState::Either),
        );
        let window = self.outcome.and_then(|outcome| outcome.unhealthy);
        let (earliest, latest) = match window {
            Some(window) => (window.earliest, window.latest),
            None => (check.earliest_unhealthy(), check.latest_unhealthy()),
        };
        limits.push(limit(LimitKind::Verdict(node), earliest, latest, hit));
        limits
    }
}

struct Run<'a> {
    graph: &'a Graph,
    services: Vec<Service>,
    /// The schedule.
    planned: Vec<Seconds>,
    /// The earliest that each service can start.
    quick: Vec<Seconds>,
    stopped_by: Vec<Option<usize>>,
}

impl<'a> Run<'a> {
    fn new(graph: &'a Graph, model: BudgetModel, at_most: &[bool]) -> Self {
        let model = match model {
            BudgetModel::AfterUp => BudgetModel::Planned,
            model => model,
        };
        let service = |(index, node): (usize, &super::graph::Node)| {
            let at_most = at_most.get(index).is_some_and(|at_most| *at_most);
            Service::new(node.health.check(), node.startup, at_most)
        };
        let mut run = Self {
            graph,
            services: graph.nodes.iter().enumerate().map(service).collect(),
            planned: graph.starts(model),
            quick: vec![Seconds::ZERO; graph.nodes.len()],
            stopped_by: vec![None; graph.nodes.len()],
        };
        for &node in &graph.order {
            for edge in &graph.nodes[node].needs {
                let target = &run.services[edge.target];
                let cost = match edge.condition {
                    Condition::Started => Seconds::ZERO,
                    Condition::Healthy => target.early,
                    Condition::Completed => graph.nodes[edge.target].job.unwrap_or_default(),
                };
                run.quick[node] = run.quick[node].max(run.quick[edge.target] + cost);
                let stops = edge.condition == Condition::Healthy && target.fatal;
                let stopper = run.stopped_by[edge.target].or(stops.then_some(edge.target));
                if edge.required && run.stopped_by[node].is_none() {
                    run.stopped_by[node] = stopper;
                }
            }
        }
        run
    }

    /// When a moment comes on a schedule, and which service makes it so late; `settled` are not asked any more. A service that is never started counts until
    /// the verdict that keeps it from that: there `up` fails, and with it the start is over.
    fn when(
        &self,
        moment: &Moment,
        schedule: &[Seconds],
        share: Share,
        settled: &[bool],
    ) -> (Seconds, Option<usize>) {
        let own = |node: usize| {
            let service = &self.services[node];
            match moment {
                Moment::Start | Moment::Returned(_) => Seconds::ZERO,
                Moment::Healthy(_) => service.share(share),
                Moment::Answering(_) => service.answers(share),
            }
        };
        let counted = match moment {
            Moment::Start => return (Seconds::ZERO, None),
            Moment::Returned(services) => self.graph.closure(services),
            Moment::Healthy(services) | Moment::Answering(services) => self.named(services),
        };
        let mut last = (Seconds::ZERO, None);
        for node in (0..counted.len()).filter(|node| counted[*node] && !settled[*node]) {
            let (node, own) = match self.stopped_by[node] {
                None => (node, own(node)),
                Some(stopper) => (stopper, self.services[stopper].share(share)),
            };
            let at = schedule[node] + own;
            if last.1.is_none() || at > last.0 {
                last = (at, Some(node));
            }
        }
        last
    }

    /// The services that are healthy, or done, when a moment has come: those that `up` has waited for, or all that are meant.
    fn settled(&self, moment: &Moment) -> Vec<bool> {
        let mut settled = vec![false; self.services.len()];
        match moment {
            Moment::Start | Moment::Answering(_) => {}
            Moment::Healthy(services) => settled = self.named(services),
            Moment::Returned(services) => {
                let inside = self.graph.closure(services);
                let nodes = self.graph.nodes.iter().zip(inside);
                let edges = nodes.filter(|(_, inside)| *inside);
                for edge in edges.flat_map(|(node, _)| &node.needs) {
                    settled[edge.target] |= edge.condition != Condition::Started;
                }
            }
        }
        settled
    }

    /// The services themselves, without what they wait for.
    fn named(&self, services: &[usize]) -> Vec<bool> {
        let mut named = vec![services.is_empty(); self.services.len()];
        for service in services {
            if let Some(named) = named.get_mut(*service) {
                *named = true;
            }
        }
        named
    }

    /// Whether the start ends before a moment comes.
    fn fails_before(&self, moment: &Moment) -> bool {
        let services = match moment {
            Moment::Start => return false,
            Moment::Returned(services)
            | Moment::Healthy(services)
            | Moment::Answering(services) => services,
        };
        let inside = self.graph.closure(services);
        let mut stopped = self.stopped_by.iter().zip(inside);
        stopped.any(|(stopped, inside)| inside && stopped.is_some())
    }

    fn once(&self, outer: usize, begins: &Moment, length: Seconds, needs: &[Moment]) -> Limit {
        let settled = self.settled(&Moment::Start);
        let (start, _) = self.when(begins, &self.planned, Share::Late, &settled);
        let reached = !self.fails_before(begins);
        let at = start + length;
        let missed = reached
            .then(|| self.missed(begins, at, length, needs))
            .flatten();
        Limit {
            kind: LimitKind::Outer(outer),
            begins: start,
            at,
            until: at,
            hit: Some(missed.map_or(Hit::No, |(hit, _)| hit)),
            missed: missed.map(|(_, missed)| missed),
            reached,
        }
    }

    /// What a limit that falls at `at` cuts off.
    ///
    /// One that begins with the start cuts off surely what even the quickest start has not done by then. One that begins when `up` returns falls the earlier
    /// the quicker the start is: it is compared on the schedule, and besides that on the quickest start with one service that takes as long as it may.
    fn missed(
        &self,
        begins: &Moment,
        at: Seconds,
        length: Seconds,
        needs: &[Moment],
    ) -> Option<(Hit, Missed)> {
        let earliest = match begins {
            Moment::Start => &self.quick,
            _ => &self.planned,
        };
        let settled = self.settled(begins);
        let last = |schedule: &[Seconds], share| {
            let all = needs.iter().map(|need| {
                let (needed, node) = self.when(need, schedule, share, &settled);
                let unstarted = matches!(need, Moment::Returned(_));
                (needed, node, unstarted)
            });
            all.max_by_key(|(needed, _, unstarted)| (*needed, !unstarted))
        };
        let missed = |(needed, node, unstarted), falls| Missed {
            node,
            unstarted,
            needed,
            falls,
        };
        let certain = last(earliest, Share::Early).filter(|need| at < need.0);
        if let Some(need) = certain.filter(|_| self.fails_from(earliest).is_none_or(|end| at < end))
        {
            return Some((Hit::Surely, missed(need, at)));
        }
        if let Some(need) = last(&self.planned, Share::Late).filter(|need| at < need.0) {
            return Some((Hit::Possibly, missed(need, at)));
        }
        let Moment::Returned(_) = begins else {
            return None;
        };
        let none = self.settled(&Moment::Start);
        let falls = self.when(begins, &self.quick, Share::Early, &none).0 + length;
        let need = needs
            .iter()
            .filter_map(|need| self.left_over(need, &settled));
        let need = need.max_by_key(|need| need.0);
        let need = need.filter(|need| falls < need.0)?;
        Some((Hit::Possibly, missed(need, falls)))
    }

    /// The earliest verdict that can end the start: what falls behind it is not surely hit.
    fn fails_from(&self, schedule: &[Seconds]) -> Option<Seconds> {
        let services = self.services.iter().zip(schedule).zip(&self.stopped_by);
        let ends = services
            .filter(|(_, stopped_by)| stopped_by.is_none())
            .filter_map(|((service, start), _)| {
                Some(*start + service.outcome?.unhealthy?.earliest)
            });
        ends.min()
    }

    /// The last of the services that are not `settled`, if all start as early as they can and it then takes as long as it may.
    fn left_over(&self, need: &Moment, settled: &[bool]) -> Option<(Seconds, Option<usize>, bool)> {
        let (services, answers) = match need {
            Moment::Healthy(services) => (services, false),
            Moment::Answering(services) => (services, true),
            Moment::Start | Moment::Returned(_) => return None,
        };
        let named = self.named(services);
        let mut last = None;
        for (node, service) in self.services.iter().enumerate() {
            if !named[node] || settled[node] {
                continue;
            }
            let own = if answers {
                service.answers(Share::Late)
            } else {
                service.late
            };
            last = last.max(Some((self.quick[node] + own, Some(node), false)));
        }
        last
    }

    /// The first of the waits for dependencies that is cut off.
    fn level(&self, outer: usize, services: &[usize], length: Seconds) -> Option<Limit> {
        let inside = self.graph.closure(services);
        let started = |node: &&usize| inside[**node] && self.stopped_by[**node].is_none();
        let cut = self.graph.order.iter().filter(started).filter_map(|&node| {
            let needs = &self.graph.nodes[node].needs;
            let begins = needs.iter().map(|edge| self.planned[edge.target]).max()?;
            let at = begins + length;
            let last = |share| {
                let costs = needs.iter().filter_map(|edge| {
                    let own = match edge.condition {
                        Condition::Started => return None,
                        Condition::Healthy => self.services[edge.target].share(share),
                        Condition::Completed => self.graph.nodes[edge.target].job?,
                    };
                    Some((self.planned[edge.target] + own, edge.target))
                });
                costs.max()
            };
            let over = |share| last(share).filter(|(needed, _)| at < *needed);
            let (hit, (needed, target)) = match (over(Share::Early), over(Share::Late)) {
                (Some(need), _) => (Hit::Surely, need),
                (None, Some(need)) => (Hit::Possibly, need),
                (None, None) => return None,
            };
            Some(Limit {
                kind: LimitKind::Level { outer, node },
                begins,
                at,
                until: at,
                hit: Some(hit),
                missed: Some(Missed {
                    node: Some(target),
                    unstarted: false,
                    needed,
                    falls: at,
                }),
                reached: true,
            })
        });
        cut.min_by_key(|limit| limit.at)
    }
}
