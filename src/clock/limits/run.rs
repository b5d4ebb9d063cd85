//! A start on its schedule, and how much sooner or later its services can start.

use super::service::{Service, Share};
use super::{Hit, Limit, LimitKind, Missed, Moment};
use crate::clock::budget::BudgetModel;
use crate::clock::graph::{Condition, Graph, Node};
use crate::duration::Seconds;

/// A start of a graph.
pub(super) struct Run<'a> {
    graph: &'a Graph,
    pub(super) services: Vec<Service>,
    /// The schedule.
    pub(super) planned: Vec<Seconds>,
    /// Where all startups are known: the latest that each service can start, or its place on the schedule where that is later. Else the schedule.
    pub(super) late: Vec<Seconds>,
    /// The earliest that each service can start.
    quick: Vec<Seconds>,
    /// The latest, where all may take as long as their healthchecks let them.
    slow: Vec<Seconds>,
    pub(super) stopped_by: Vec<Option<usize>>,
}

impl<'a> Run<'a> {
    pub(super) fn new(graph: &'a Graph, model: BudgetModel, at_most: &[bool]) -> Self {
        let model = match model {
            BudgetModel::AfterUp => BudgetModel::Planned,
            model => model,
        };
        let service = |(index, node): (usize, &Node)| {
            let at_most = at_most.get(index).is_some_and(|at_most| *at_most);
            Service::new(node.health.check(), node.startup, at_most)
        };
        let none = || vec![Seconds::ZERO; graph.nodes.len()];
        let mut run = Self {
            graph,
            services: graph.nodes.iter().enumerate().map(service).collect(),
            planned: graph.starts(model),
            late: none(),
            quick: none(),
            slow: none(),
            stopped_by: vec![None; graph.nodes.len()],
        };
        let mut planned = vec![None; graph.nodes.len()];
        let all_known = run.services.iter().all(Service::is_known);
        for &node in &graph.order {
            for edge in &graph.nodes[node].needs {
                let target = &run.services[edge.target];
                let job = graph.nodes[edge.target].job.unwrap_or_default();
                let [late, quick, slow] = match edge.condition {
                    Condition::Started => [Seconds::ZERO; 3],
                    Condition::Completed => [job; 3],
                    Condition::Healthy => {
                        // The one that is worth keeping: a fan asks for it again and again.
                        let planned = *planned[edge.target].get_or_insert_with(|| {
                            graph.cost(model, edge.target, edge.condition).total()
                        });
                        let late = if all_known {
                            target.late
                        } else {
                            Seconds::ZERO
                        };
                        [planned.max(late), target.early, target.late]
                    }
                };
                run.late[node] = run.late[node].max(run.late[edge.target] + late);
                run.quick[node] = run.quick[node].max(run.quick[edge.target] + quick);
                run.slow[node] = run.slow[node].max(run.slow[edge.target] + slow);
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
    pub(super) fn when(
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
    pub(super) fn settled(&self, moment: &Moment) -> Vec<bool> {
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

    pub(super) fn once(
        &self,
        outer: usize,
        begins: &Moment,
        length: Seconds,
        needs: &[Moment],
    ) -> Limit {
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
    /// One that begins with the start cuts off surely what even the quickest start has not done by then, and maybe what a late one has not. One that begins
    /// when `up` returns falls the earlier the quicker the start is: it is compared on the schedule, and besides that on the quickest start with one service
    /// that takes as long as it may.
    fn missed(
        &self,
        begins: &Moment,
        at: Seconds,
        length: Seconds,
        needs: &[Moment],
    ) -> Option<(Hit, Missed)> {
        let (earliest, latest) = match begins {
            Moment::Start => (&self.quick, &self.late),
            _ => (&self.planned, &self.planned),
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
        if let Some(need) = last(latest, Share::Late).filter(|need| at < need.0) {
            return Some((Hit::Possibly, missed(need, at)));
        }
        let Moment::Returned(_) = begins else {
            return None;
        };
        let none = self.settled(&Moment::Start);
        let (returns, _) = self.when(begins, &self.quick, Share::Early, &none);
        let left = needs
            .iter()
            .filter_map(|need| self.left_over(need, &settled, returns));
        let need = left.max_by_key(|need| need.0);
        let need = need.filter(|need| returns + length < need.0)?;
        Some((Hit::Possibly, missed(need, returns + length)))
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

    /// The last of the services that are not `settled`, if `up` returns as early as it can, the service has started just before, as far as it may, and then
    /// takes as long as it may.
    fn left_over(
        &self,
        need: &Moment,
        settled: &[bool],
        returns: Seconds,
    ) -> Option<(Seconds, Option<usize>, bool)> {
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
            let start = returns.max(self.quick[node]).min(self.slow[node]);
            last = last.max(Some((start + own, Some(node), false)));
        }
        last
    }

    /// The first of the waits for dependencies that is cut off.
    pub(super) fn level(&self, outer: usize, services: &[usize], length: Seconds) -> Option<Limit> {
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
