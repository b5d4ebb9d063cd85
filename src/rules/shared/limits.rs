//! What the limit of a job or a step has to allow: its starts, waits and sleeps, one after the other.

use super::wait_timeout::targets;
use crate::ci::{Limit, ServiceContainer};
use crate::clock::{BudgetModel, Condition, HealthCheck};
use crate::duration::Seconds;
use crate::finding::{Edit, Fix, Safety};
use crate::project::{Course, CourseUp, Part, Project, Work, written_health};
use crate::rules::Context;
use crate::shell::Form;
use crate::source::Span;
use std::collections::{BTreeMap, BTreeSet};

/// A limit and all that is under it.
pub(in crate::rules) struct Scope<'a> {
    pub course: &'a Course,
    pub limit: &'a Limit,
    /// Whether it is that of a step.
    pub is_step: bool,
    /// The name of that step.
    pub step: Option<&'a str>,
    pub terms: Vec<Term<'a>>,
    /// Whether something under it takes a time that is not known.
    pub at_least: bool,
}

/// What one thing under a limit may take.
pub(in crate::rules) struct Term<'a> {
    pub span: Span,
    pub time: Seconds,
    /// `up`, `sleep`.
    pub name: String,
    /// The words for its place.
    pub text: String,
    /// What it is the sum of, where more than its name is known: `db 70 + backend 140`.
    pub made_of: Option<String>,
    pub part: Option<&'a Part>,
}

impl Scope<'_> {
    pub fn total(&self) -> Seconds {
        self.terms.iter().map(|term| term.time).sum()
    }

    /// What the limit is one of.
    pub fn what(&self) -> &'static str {
        if self.is_step { "step" } else { "job" }
    }

    /// The fix that raises the limit to at least `needed`; a note where none can be offered.
    pub fn raise(&self, needed: Seconds, notes: &mut Vec<String>) -> Option<Fix> {
        let raised = raised(self.limit, needed);
        if raised.is_none() {
            notes.push("no fix is offered: no single literal sets this limit".to_owned());
        }
        let ((text, amount), (literal, _)) = raised.zip(self.limit.literal.as_ref())?;
        Some(Fix {
            title: format!("raise the limit of the {} to {text}", self.what()),
            safety: Safety::Safe,
            edits: vec![Edit {
                span: literal.span,
                text,
                amount: Some(amount),
            }],
        })
    }
}

/// All limits that are written, each in the job in which it has to allow most.
pub(in crate::rules) fn scopes<'a>(context: &Context<'a>) -> Vec<Scope<'a>> {
    let mut widest: BTreeMap<Span, Scope<'a>> = BTreeMap::new();
    for course in &context.project.courses {
        for scope in of_course(context, course) {
            let known = widest.get(&scope.limit.span);
            if known.is_none_or(|known| known.total() < scope.total()) {
                widest.insert(scope.limit.span, scope);
            }
        }
    }
    widest.into_values().collect()
}

fn of_course<'a>(context: &Context<'a>, course: &'a Course) -> Vec<Scope<'a>> {
    let mut scopes = Vec::new();
    let mut seen = BTreeSet::new();
    for part in &course.parts {
        let Some(limit) = &part.step_limit else {
            continue;
        };
        if seen.insert(limit.span) {
            let is_inside = |part: &&Part| {
                let own = part.step_limit.as_ref();
                own.is_some_and(|own| own.span == limit.span)
            };
            let mut sum = Sum::new(context, false);
            course
                .parts
                .iter()
                .filter(is_inside)
                .for_each(|part| sum.add(part));
            scopes.push(Scope {
                course,
                limit,
                is_step: true,
                step: part.step.as_deref(),
                terms: sum.terms,
                at_least: sum.at_least,
            });
        }
    }
    if let Some(limit) = &course.limit {
        let mut sum = Sum::new(context, true);
        sum.services(&course.services);
        for part in &course.parts {
            // What may be left out is not counted, though it may come on top.
            if part.conditional {
                sum.at_least = true;
            } else {
                sum.add(part);
            }
        }
        scopes.push(Scope {
            course,
            limit,
            is_step: false,
            step: None,
            terms: sum.terms,
            at_least: sum.at_least,
        });
    }
    scopes
}

/// A sum in the making.
struct Sum<'c, 'a> {
    context: &'c Context<'a>,
    /// Whether it is for a job, in which a step takes no longer than its own limit.
    is_job: bool,
    terms: Vec<Term<'a>>,
    at_least: bool,
    /// What has been allowed for the start of a stack.
    started: BTreeMap<usize, Seconds>,
    /// The stacks of which nothing is left to wait for.
    healthy: BTreeSet<usize>,
    /// What the start that was looked at last is the sum of.
    made_of: Option<(Seconds, String)>,
    /// The last thing counted, and what it and its alternatives took.
    last: Option<(Span, Seconds)>,
}

impl<'c, 'a> Sum<'c, 'a> {
    fn new(context: &'c Context<'a>, is_job: bool) -> Self {
        Self {
            context,
            is_job,
            terms: Vec::new(),
            at_least: false,
            started: BTreeMap::new(),
            healthy: BTreeSet::new(),
            made_of: None,
            last: None,
        }
    }

    /// They start side by side, and the first step waits for the last of them.
    fn services(&mut self, services: &[ServiceContainer]) {
        let mut worst: Option<(Seconds, &ServiceContainer)> = None;
        for service in services {
            match verdict(self.context.project, service) {
                Some(check) => {
                    let latest = check.latest_unhealthy();
                    if worst.is_none_or(|(known, _)| known < latest) {
                        worst = Some((latest, service));
                    }
                }
                None => self.at_least |= !service.disabled,
            }
        }
        if let Some((time, service)) = worst {
            let name = format!("service `{}`", service.name);
            self.terms.push(Term {
                span: service.span,
                time,
                text: format!("{name}: {time}s until its latest verdict"),
                name,
                made_of: None,
                part: None,
            });
        }
    }

    fn add(&mut self, part: &'a Part) {
        self.made_of = None;
        let Some((mut time, name)) = self.time(part) else {
            return;
        };
        let made_of = self.made_of.take().filter(|(whole, _)| *whole == time);
        if let Some(limit) = part.step_limit.as_ref().filter(|_| self.is_job) {
            time = time.min(limit.time);
        }
        let text = match &part.work {
            Work::Up(_) => format!("may take {time}s (planned)"),
            _ => format!("{time}s"),
        };
        let last = self
            .last
            .filter(|(span, _)| is_alternative(self.context.project, *span, part.span));
        // Of two branches one is run: the longer one.
        let before = last.map_or(Seconds::ZERO, |(_, before)| before);
        self.last = Some((part.span, time.max(before)));
        if time > before {
            if last.is_some() {
                self.terms.pop();
            }
            self.terms.push(Term {
                span: part.span,
                time,
                name,
                text,
                made_of: made_of.map(|(_, sum)| sum),
                part: Some(part),
            });
        }
    }

    /// What a part takes, and its name in the sum.
    fn time(&mut self, part: &Part) -> Option<(Seconds, String)> {
        match &part.work {
            Work::Up(start) => Some((self.up(start)?, "`up`".to_owned())),
            Work::Wait(pause) => {
                let over = pause
                    .stack
                    .is_some_and(|stack| self.healthy.contains(&stack));
                let Some(budget) = pause.budget else {
                    self.at_least |= !over;
                    return None;
                };
                let is_sleep = pause.form == Form::Sleep;
                (!over || is_sleep)
                    .then(|| (budget, if is_sleep { "sleep" } else { "wait" }.to_owned()))
            }
            Work::Stop(stack) => {
                self.started.remove(stack);
                self.healthy.remove(stack);
                None
            }
        }
    }

    /// What is planned until `up` returns, beyond what an earlier one of the same stack has been allowed.
    fn up(&mut self, start: &CourseUp) -> Option<Seconds> {
        let setting = &start.setting;
        if setting.background {
            return None;
        }
        let known = start.stack.filter(|_| start.clear && !start.foreground);
        let Some(index) = known.filter(|_| !setting.in_loop) else {
            self.at_least = true;
            return None;
        };
        let stack = &self.context.project.stacks[index];
        let graph = &stack.graph;
        let budget = graph.budget(BudgetModel::Planned, &start.services);
        // Without `--wait` nobody asks for the health of those that nobody depends on.
        let at_least = if start.waits {
            budget.at_least
        } else {
            graph.waits_for_unknown(&start.services)
        };
        self.at_least |= at_least || !stack.missing.is_empty();
        let mut time = if start.no_deps {
            return None;
        } else if start.waits {
            let limit = start
                .wait_timeout
                .as_ref()
                .and_then(|timeout| timeout.limit);
            let limit = limit.filter(|limit| *limit > Seconds::ZERO);
            let terms = budget.path.iter().map(|term| {
                let own = term.seconds();
                limit.map_or(own, |limit| own.min(limit))
            });
            self.healthy.insert(index);
            let total = terms.clone().sum();
            let names = budget
                .path
                .iter()
                .map(|term| &graph.nodes()[term.node].name);
            let sum: Vec<String> = names
                .zip(terms)
                .map(|(name, time)| format!("{name} {time}"))
                .collect();
            self.made_of = Some((total, sum.join(" + ")));
            total
        } else {
            let starts = graph.starts(BudgetModel::Planned);
            let inside = targets(start, graph);
            let last = starts.iter().zip(inside).filter(|(_, inside)| *inside);
            last.map(|(start, _)| *start).max().unwrap_or_default()
        };
        if let Some(limit) = setting.timeout.as_ref().and_then(|timeout| timeout.limit) {
            time = time.min(limit);
        }
        let before = self.started.entry(index).or_default();
        let more = time - *before;
        *before = time.max(*before);
        (more > Seconds::ZERO).then_some(more)
    }
}

/// Whether both stand in branches of which only one is run.
fn is_alternative(project: &Project, first: Span, second: Span) -> bool {
    if first.file != second.file || second.start < first.end {
        return false;
    }
    let source = project.store.sources().get(first.file);
    let between = &source.text()[first.end as usize..second.start as usize];
    between.lines().any(|line| {
        let line = line.trim_start();
        let word = line.split([' ', '\t', ';']).next().unwrap_or_default();
        matches!(word, "else" | "elif") || line.starts_with(";;") || line.ends_with(";;")
    })
}

/// The health clock of a service container; `None` where only its image knows, or where a value is not known.
fn verdict(project: &Project, service: &ServiceContainer) -> Option<HealthCheck> {
    let written = written_health(service)?;
    Some(written.on(project.engine.generation()))
}

/// Whether a start waits for a healthy dependency whose healthcheck is known.
pub(in crate::rules) fn waits_for_health(project: &Project, start: &CourseUp) -> bool {
    let Some(index) = start.stack.filter(|_| start.clear && !start.no_deps) else {
        return false;
    };
    let graph = &project.stacks[index].graph;
    let inside = targets(start, graph);
    graph.nodes().iter().zip(inside).any(|(node, inside)| {
        inside
            && node.needs.iter().any(|edge| {
                edge.condition == Condition::Healthy
                    && graph.nodes()[edge.target].health.check().is_some()
            })
    })
}

/// The number of a limit that is at least this long: its text and what it then is.
fn raised(limit: &Limit, needed: Seconds) -> Option<(String, Seconds)> {
    let (literal, unit) = limit.literal.as_ref()?;
    if !literal.verbatim || unit.nanos() <= 0 {
        return None;
    }
    let whole = |time: Seconds| (time.nanos() + unit.nanos() - 1) / unit.nanos();
    let count = whole(needed).max(whole(limit.time) + 1);
    let amount = unit.times(u64::try_from(count).ok()?);
    Some((count.to_string(), amount))
}
