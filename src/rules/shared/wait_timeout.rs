//! `docker compose up --wait-timeout N`, level by level. Compose applies N to the wait for each `service_healthy` dependency by itself, and once more
//! to the wait for all services at the end (docker compose 2.40.3, pkg/compose/start.go and convergence.go).

use crate::clock::{Condition, Graph};
use crate::duration::Seconds;
use crate::finding::Label;
use crate::project::{ActiveService, CourseUp, Part, Stack, Work, part_place};
use crate::rules::Context;
use crate::source::Span;
use std::collections::BTreeSet;

/// A command with a limit, and what it is a limit for.
pub(in crate::rules) struct Command<'a> {
    pub job: Option<&'a str>,
    pub part: &'a Part,
    pub start: &'a CourseUp,
    pub stack: &'a Stack,
    /// The stack's index.
    pub index: usize,
    pub limit: Seconds,
    pub levels: Vec<Level>,
}

/// One wait of Compose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::rules) struct Level {
    /// The service that is waited for.
    pub service: usize,
    /// The service that it is a dependency of; `None` for the wait at the end.
    pub waiter: Option<usize>,
    /// What has passed of its time when the wait begins, if everything else is as fast as can be.
    pub head: Seconds,
    /// What may then be left until its latest verdict.
    pub left: Seconds,
}

impl Command<'_> {
    /// The literal that sets the limit, else the command.
    pub fn place(&self) -> Span {
        let Some(timeout) = &self.start.wait_timeout else {
            return self.part.span;
        };
        let knob = timeout.knob.as_ref().map(|knob| knob.literal.span);
        knob.or(timeout.from.first().map(|literal| literal.span))
            .unwrap_or(self.part.span)
    }

    pub fn name(&self, service: usize) -> &str {
        &self.stack.services[service].service.name
    }

    /// `the wait for `db`, on which `web` waits,`
    pub fn level_words(&self, level: &Level) -> String {
        let service = self.name(level.service);
        match level.waiter {
            Some(waiter) => {
                let waiter = self.name(waiter);
                format!("the wait of `{waiter}` for `{service}`")
            }
            None => format!("the last wait, in which `{service}` is,"),
        }
    }

    /// Where the numbers of a level stand.
    pub fn labels(&self, level: &Level) -> Vec<Label> {
        verdict_labels(&self.stack.services[level.service])
    }
}

/// A label at each number of a service's latest verdict; the first of them tells the sum.
pub(in crate::rules) fn verdict_labels(service: &ActiveService) -> Vec<Label> {
    let Some(check) = service.known() else {
        return Vec::new();
    };
    let sum = check.worst_sum();
    let name = &service.service.name;
    let mut labels: Vec<Label> = Vec::new();
    for part in sum.parts() {
        let Some(span) = part_place(service, part.quantity) else {
            continue;
        };
        let text = if labels.is_empty() {
            format!("`{name}`: {sum}")
        } else {
            format!("`{name}`: {part}")
        };
        if labels.iter().all(|label| label.span != span) {
            labels.push(Label { span, text });
        }
    }
    labels
}

/// All commands with a limit whose services are known. Those in a loop are left out: the next turn waits for what the last one started.
pub(in crate::rules) fn commands<'a>(context: &Context<'a>) -> Vec<Command<'a>> {
    let project = context.project;
    let mut commands = Vec::new();
    for course in &project.courses {
        // What an earlier command of the job has started has some of its time behind it.
        let mut started: BTreeSet<(usize, &str)> = BTreeSet::new();
        for part in &course.parts {
            match &part.work {
                Work::Up(start) => {
                    let Some(index) = start.stack else { continue };
                    let stack = &project.stacks[index];
                    let key = first_of_same_files(&project.stacks, index);
                    let closure = targets(start, &stack.graph);
                    let is_plain =
                        !start.setting.in_loop && !start.setting.background && !start.foreground;
                    let timeout = start.wait_timeout.as_ref();
                    let limit = timeout.and_then(|timeout| timeout.limit);
                    if let Some(limit) = limit.filter(|limit| *limit > Seconds::ZERO)
                        && start.clear
                        && is_plain
                    {
                        let mut levels = levels(&stack.graph, start, &closure);
                        levels.retain(|level| {
                            let name = stack.services[level.service].service.name.as_str();
                            !started.contains(&(key, name))
                        });
                        commands.push(Command {
                            job: course.job.as_deref(),
                            part,
                            start,
                            stack,
                            index,
                            limit,
                            levels,
                        });
                    }
                    let names = stack.services.iter().zip(&closure);
                    started.extend(
                        names
                            .filter(|(_, inside)| **inside)
                            .map(|(service, _)| (key, service.service.name.as_str())),
                    );
                }
                Work::Stop(stack) => {
                    let key = first_of_same_files(&project.stacks, *stack);
                    started.retain(|(other, _)| *other != key);
                }
                Work::Wait(_) => {}
            }
        }
    }
    commands
}

/// The same files under other variables are one stack that was started again.
fn first_of_same_files(stacks: &[Stack], index: usize) -> usize {
    let files = &stacks[index].files.files;
    let same = stacks.iter().position(|stack| stack.files.files == *files);
    same.unwrap_or(index)
}

/// The services that a command starts.
pub(in crate::rules) fn targets(start: &CourseUp, graph: &Graph) -> Vec<bool> {
    if !start.no_deps || start.services.is_empty() {
        return graph.closure(&start.services);
    }
    let nodes = 0..graph.nodes().len();
    nodes.map(|node| start.services.contains(&node)).collect()
}

/// The waits for services whose latest verdict is known. How long one of them may last: its time to the verdict, less what has passed of it when
/// everything else has become healthy at its first probe.
pub(in crate::rules) fn levels(graph: &Graph, start: &CourseUp, closure: &[bool]) -> Vec<Level> {
    let starts = fastest_starts(graph, closure);
    let level = |service: usize, waiter: Option<usize>, begins: Seconds| {
        let check = graph.nodes()[service].health.check()?;
        let head = (begins - starts[service]).max(Seconds::ZERO);
        Some(Level {
            service,
            waiter,
            head,
            left: check.latest_unhealthy() - head,
        })
    };
    let mut levels = Vec::new();
    let mut awaited = vec![false; graph.nodes().len()];
    let inside = |node: &&usize| closure[**node];
    for &waiter in graph.order().iter().filter(inside) {
        let needs = &graph.nodes()[waiter].needs;
        let needs: Vec<_> = needs.iter().filter(|edge| closure[edge.target]).collect();
        let begins = needs.iter().map(|edge| starts[edge.target]).max();
        for edge in needs {
            awaited[edge.target] |= edge.condition != Condition::Started;
            if edge.condition == Condition::Healthy && edge.required {
                levels.extend(level(edge.target, Some(waiter), begins.unwrap_or_default()));
            }
        }
    }
    if start.waits {
        let all = (0..graph.nodes().len()).filter(|node| closure[*node]);
        let begins = all.clone().map(|node| starts[node]).max();
        let last = all.filter(|node| !awaited[*node]);
        levels.extend(last.filter_map(|node| level(node, None, begins.unwrap_or_default())));
    }
    levels
}

/// When each service starts, if all before it become healthy at their first probe and jobs take no time.
pub(in crate::rules) fn fastest_starts(graph: &Graph, closure: &[bool]) -> Vec<Seconds> {
    let mut starts = vec![Seconds::ZERO; graph.nodes().len()];
    for &node in graph.order() {
        for edge in &graph.nodes()[node].needs {
            let target = &graph.nodes()[edge.target];
            if !closure[edge.target] {
                continue;
            }
            let check = target.health.check();
            let probe = check
                .filter(|_| edge.condition == Condition::Healthy)
                .map_or(Seconds::ZERO, crate::clock::HealthCheck::first_probe);
            starts[node] = starts[node].max(starts[edge.target] + probe);
        }
    }
    starts
}

/// The levels at which the limit comes too early, the worst of them first.
pub(in crate::rules) fn too_early<'l>(command: &'l Command) -> Vec<&'l Level> {
    let mut levels: Vec<&Level> = command
        .levels
        .iter()
        .filter(|level| level.left > command.limit)
        .collect();
    levels.sort_by_key(|level| std::cmp::Reverse(level.left));
    levels
}
