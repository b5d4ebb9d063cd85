//! Which wait watches which stack, and what `docker compose up` before it has already waited for.

use super::Stack;
use super::commands::files_of;
use super::course::{Course, CourseUp, Part, Pause, Work};
use super::jobs::{Job, JobStep};
use super::listed::{Listed, listed, service_containers};
use super::surroundings::around;
use super::tried::tried;
use super::watched::{Watched, named, watched};
use crate::ci::Limit;
use crate::clock::{Budget, BudgetModel, Graph};
use crate::duration::Seconds;
use crate::shell::{ComposeCommand, Event, Form, Knob, Literal, Wait};
use crate::source::{Sources, Span, Store};

/// `docker compose up` as far as a wait behind it cares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Up {
    /// The command.
    pub span: Span,
    /// Whether it returns only when every `service_healthy` edge has been waited for, and its failure ends the job.
    pub blocks: bool,
    /// `-d`: it returns before all is healthy, if it does not wait.
    pub detaches: bool,
    /// `--wait`: it has waited for the last services too.
    pub waits: bool,
    /// The services that it names; empty for all.
    pub services: Vec<usize>,
}

/// A step of a job, with the limits around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its number among the steps of the job that run, from 0.
    pub step: usize,
    /// Its name.
    pub name: Option<String>,
    /// Its own `timeout-minutes`.
    pub step_limit: Option<Limit>,
    /// That of the job.
    pub job_limit: Option<Limit>,
}

impl Place {
    fn new(step: usize, read: &JobStep) -> Self {
        Self {
            step,
            name: read.name.clone(),
            step_limit: read.limit.clone(),
            job_limit: read.job_limit.clone(),
        }
    }
}

/// A `docker compose up` of a stack in a job, waited for or not.
#[derive(Clone, Debug)]
pub struct Start {
    /// The stack, by its index.
    pub stack: usize,
    /// The command.
    pub up: Up,
    /// `--wait-timeout`, with the literal that sets it.
    pub wait_timeout: Option<(Seconds, Option<Literal>)>,
    /// The job's key; `None` in a script that no job calls.
    pub job: Option<String>,
    /// The step.
    pub place: Place,
}

/// A wait with the limit that really ends it.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The loop or the command.
    pub span: Span,
    /// What it looks like.
    pub form: Form,
    /// When it gives up.
    pub budget: Seconds,
    /// Every literal that the budget rests on.
    pub from: Vec<Literal>,
    /// The one literal that changes it.
    pub knob: Option<Knob>,
    /// Whether giving up fails the job.
    pub can_fail: bool,
    /// The services that are watched; empty for the whole stack.
    pub services: Vec<usize>,
    /// Whether only URLs and ports are polled: a service may answer before Docker calls it healthy.
    pub polls: bool,
    /// The name of its step.
    pub step: Option<String>,
    /// The limit of that step, or of the job.
    pub limit: Option<Seconds>,
    /// The step itself.
    pub place: Place,
    /// Behind a bare sleep: the one try that decides.
    pub probe: Option<Span>,
}

impl Judged {
    /// `MAX_WAIT=120`, where a variable is set to the literal that changes the wait, and just so.
    pub fn setting(&self, sources: &Sources) -> Option<String> {
        let knob = self.knob.as_ref()?;
        let variable = knob.variable()?;
        // Only as it stands there: in `END=$((SECONDS + 100))` the 100 is no value of END.
        let source = sources.get(knob.literal.span.file);
        let before = &source.text()[..knob.literal.span.start as usize];
        let before = before.trim_end_matches(['"', '\'']);
        let is_set = before.ends_with(&format!("{variable}="));
        is_set.then(|| format!("{variable}={}", knob.literal.text))
    }
}

/// Waits for one stack that follow each other. A wait has the time of all before it besides its own.
#[derive(Clone, Debug)]
pub struct Sequence {
    /// The stack, by its index.
    pub stack: usize,
    /// In their order.
    pub waits: Vec<Judged>,
    /// The `up` before them, in the same job.
    pub up: Option<Up>,
    /// The job's key; `None` in a script that no job calls.
    pub job: Option<String>,
}

impl Sequence {
    /// The waits at which the job can end, by their index: those that can fail, and the last one.
    pub fn ends(&self) -> impl Iterator<Item = usize> {
        let last = self.waits.len().saturating_sub(1);
        (0..self.waits.len()).filter(move |index| *index == last || self.waits[*index].can_fail)
    }

    /// The sum of the budgets up to and with a wait.
    pub fn total(&self, end: usize) -> Seconds {
        self.waits[..=end].iter().map(|wait| wait.budget).sum()
    }

    /// What the wait `end` is measured against, on a graph of its stack.
    pub fn budget(&self, end: usize, graph: &Graph, model: BudgetModel) -> Budget {
        if model == BudgetModel::AfterUp && self.up.as_ref().is_some_and(|up| up.waits) {
            return Budget::nothing_left();
        }
        let mut targets = self.waits[end].services.clone();
        if targets.is_empty()
            && let Some(up) = &self.up
        {
            targets.clone_from(&up.services);
        }
        graph.budget(model, &targets)
    }
}

/// What the jobs do with the stacks.
#[derive(Debug, Default)]
pub(super) struct Links {
    pub(super) sequences: Vec<Sequence>,
    pub(super) starts: Vec<Start>,
    /// All waits, tied to a stack or not, by file and place.
    pub(super) waits: Vec<Listed>,
    /// What takes time in each job.
    pub(super) courses: Vec<Course>,
}

/// Ties the starts and the waits of all jobs to stacks.
pub(super) fn link<'a>(
    jobs: impl Iterator<Item = &'a Job>,
    stacks: &[Stack],
    store: &Store,
) -> Links {
    let mut links = Links::default();
    for (group, job) in jobs.filter(|job| job.stands_alone).enumerate() {
        let mut linker = Linker {
            job,
            stacks,
            store,
            ups: Vec::new(),
            starts: Vec::new(),
            open: Vec::new(),
            unknown_start: false,
            settled: Vec::new(),
            used: Vec::new(),
            listed: Vec::new(),
            course: Course::of(job),
        };
        linker.listed.extend(service_containers(job));
        for (index, step) in job.steps.iter().enumerate() {
            for event in &step.events {
                match event {
                    Event::Wait(wait) if !step.runs => linker.list(index, wait, None),
                    _ if !step.runs => {}
                    Event::Compose(command) => linker.command(index, command),
                    Event::Wait(wait) => linker.wait(index, wait),
                    Event::Call(_) | Event::Program(_) => {}
                }
            }
        }
        for wait in &mut linker.listed {
            wait.group = group;
        }
        links.courses.extend(linker.course.take());
        links.waits.append(&mut linker.listed);
        links.starts.append(&mut linker.starts);
        links.sequences.extend(linker.finish());
    }
    // One that several jobs call is told once for each way in which it ends.
    let waits = &mut links.waits;
    waits.sort_by_key(|wait| (wait.span.file, wait.span.start));
    waits.dedup_by(|one, other| {
        (one.span, one.form, one.budget, one.stack, &one.job)
            == (
                other.span,
                other.form,
                other.budget,
                other.stack,
                &other.job,
            )
    });
    links
}

struct Linker<'a> {
    job: &'a Job,
    stacks: &'a [Stack],
    store: &'a Store,
    /// The last `up` of each stack.
    ups: Vec<(usize, Up)>,
    /// Every `up`.
    starts: Vec<Start>,
    /// The sequences of the stacks, finished ones as well.
    open: Vec<Sequence>,
    /// Whether something was started that is not known.
    unknown_start: bool,
    /// Starts that are over: waits behind them are for something else.
    settled: Vec<(usize, Option<Up>)>,
    /// The stacks that something has been done with since they were started.
    used: Vec<usize>,
    /// All waits of the job.
    listed: Vec<Listed>,
    /// What of it takes time.
    course: Course,
}

impl Linker<'_> {
    fn stack_of(&self, step: usize, command: &ComposeCommand) -> Option<usize> {
        // What it leaves of a stack is none that the files have.
        if command.scales_to_zero {
            return None;
        }
        self.stack_of_files(step, command)
    }

    fn stack_of_files(&self, step: usize, command: &ComposeCommand) -> Option<usize> {
        let files = files_of(self.store, self.job, step, command)?.files;
        let around = around(self.store, self.job, step, command, &files);
        let same = |stack: &&Stack| stack.files.files == files;
        let exact = |stack: &Stack| same(&stack) && stack.files.around == around;
        let index = self.stacks.iter().position(exact);
        index.or_else(|| self.stacks.iter().position(|stack| same(&stack)))
    }

    fn command(&mut self, step: usize, command: &ComposeCommand) {
        let stack = self.stack_of(step, command);
        self.course_of(step, command, stack);
        let Some(stack) = stack else {
            // From here on it cannot be told which start a wait that names none is for.
            self.unknown_start |= command.subcommand == "up";
            if let Some(left) = self.stack_of_files(step, command) {
                self.ups.retain(|(other, _)| *other != left);
                self.settled.push((left, None));
            }
            return;
        };
        match command.subcommand.as_str() {
            "up" if !command.no_start => self.start(stack, step, command),
            // What waits behind these waits for something else.
            "down" | "stop" | "kill" | "rm" | "pause" => {
                self.ups.retain(|(other, _)| *other != stack);
                self.settled.push((stack, None));
            }
            "ps" | "logs" | "config" | "ls" | "images" | "top" | "port" => {}
            _ => self.used.push(stack),
        }
    }

    /// Notes what takes time, or takes it back.
    fn course_of(&mut self, step: usize, command: &ComposeCommand, stack: Option<usize>) {
        let work = match (command.subcommand.as_str(), stack) {
            ("up", _) if !command.no_start => {
                let stacks = self.stacks;
                let up = CourseUp::of(command, stack.map(|stack| (stack, &stacks[stack])));
                Work::Up(Box::new(up))
            }
            ("down" | "stop" | "kill" | "rm", Some(stack)) => Work::Stop(stack),
            _ => return,
        };
        let part = Part::new(&self.job.steps[step], command.span, work);
        self.course.parts.push(part);
    }

    fn start(&mut self, stack: usize, step: usize, command: &ComposeCommand) {
        let setting = &command.setting;
        let caught =
            setting.background || setting.tolerated || setting.timeout.is_some() || setting.in_loop;
        let index = |name: Option<&str>| self.stacks[stack].index(name?);
        let named = command.services.iter();
        let services: Option<Vec<usize>> = named
            .map(|service| index(service.text.as_deref()))
            .collect();
        let is_clear = services.is_some() && !command.unclear;
        let up = Up {
            span: command.span,
            blocks: (command.detach || command.wait) && !command.no_deps && !caught && is_clear,
            detaches: command.detach,
            waits: command.wait && !caught,
            services: services.unwrap_or_default(),
        };
        let timeout = command.wait_timeout.as_ref();
        self.starts.push(Start {
            stack,
            up: up.clone(),
            wait_timeout: timeout.and_then(|timeout| {
                let knob = timeout.knob.as_ref().map(|knob| knob.literal.clone());
                // Compose takes zero for none.
                let limit = timeout.limit.filter(|limit| *limit > Seconds::ZERO)?;
                Some((limit, knob))
            }),
            job: self.job.id.clone(),
            place: Place::new(step, &self.job.steps[step]),
        });
        self.ups.retain(|(other, _)| *other != stack);
        self.ups.push((stack, up));
        self.used.retain(|other| *other != stack);
    }

    fn wait(&mut self, step: usize, wait: &Wait) {
        let watched = self.watched(step, wait);
        let stack = watched.as_ref().map(|watched| watched.stack);
        let up = stack.and_then(|stack| self.up(stack));
        self.list(step, wait, watched.as_ref());
        let is_up = wait.watches.compose.iter().any(|command| command.wait);
        let pause = Pause::of(wait, watched.as_ref());
        self.course.wait(&self.job.steps[step], wait, pause);
        if is_up || wait.setting.background {
            return;
        }
        let Some(watched) = watched else {
            return;
        };
        if self.settled.contains(&(watched.stack, up.clone())) {
            return;
        }
        let stack = watched.stack;
        let place = &self.job.steps[step];
        let judged = judged(wait, step, place, watched)
            .map(|judged| self.probed(stack, place.tolerated, judged));
        let Some(judged) = judged else {
            // Nothing of its own ends it: once it is over, nothing is left to wait for.
            self.settled.push((stack, up));
            return;
        };
        let mut open = self.open.iter_mut();
        match open.find(|sequence| sequence.stack == stack && sequence.up == up) {
            Some(sequence) => sequence.waits.push(judged),
            None => self.open.push(Sequence {
                stack,
                waits: vec![judged],
                up,
                job: self.job.id.clone(),
            }),
        }
    }

    /// A bare sleep with the one try behind it, if that decides.
    fn probed(&self, stack: usize, tolerated: bool, mut judged: Judged) -> Judged {
        // Only of a step it is known that a failing command ends it.
        if judged.form == Form::Sleep
            && self.job.id.is_some()
            && !tolerated
            && let Some((span, service)) = tried(self.store, &self.stacks[stack], judged.span)
        {
            (judged.probe, judged.services) = (Some(span), vec![service]);
        }
        judged
    }

    fn list(&mut self, step: usize, wait: &Wait, watched: Option<&Watched>) {
        let stack = watched.map(|watched| watched.stack);
        let up = stack.and_then(|stack| self.up(stack));
        let mut listed = listed(wait, self.job, step, watched, up);
        listed.is_used = stack.is_some_and(|stack| self.used.contains(&stack));
        self.listed.push(listed);
    }

    fn up(&self, stack: usize) -> Option<Up> {
        self.ups
            .iter()
            .find(|(other, _)| *other == stack)
            .map(|(_, up)| up.clone())
    }

    fn watched(&self, step: usize, wait: &Wait) -> Option<Watched> {
        if let (Form::ComposeWait | Form::Action, [command]) =
            (wait.form, wait.watches.compose.as_slice())
            && command.wait
        {
            let stack = self.stack_of(step, command)?;
            return Some(Watched {
                stack,
                services: named(&self.stacks[stack], &[command]),
                polls: false,
            });
        }
        let started = self.ups.iter().map(|(stack, _)| *stack);
        let started: Vec<usize> = started.filter(|_| !self.unknown_start).collect();
        watched(
            self.stacks,
            |command| self.stack_of(step, command),
            &started,
            wait,
        )
    }

    fn finish(self) -> Vec<Sequence> {
        let mut finished = self.open;
        for sequence in &mut finished {
            // A sleep behind the last loop gives nobody more time, unless something is tried behind it.
            while sequence
                .waits
                .last()
                .is_some_and(|wait| wait.form == Form::Sleep && wait.probe.is_none())
            {
                sequence.waits.pop();
            }
        }
        finished.retain(|sequence| !sequence.waits.is_empty());
        finished
    }
}

/// A wait with the limit that ends it first, its own or that of a `timeout` around it; `None` if there is none.
fn judged(wait: &Wait, index: usize, step: &JobStep, watched: Watched) -> Option<Judged> {
    // How often it is repeated is not known.
    if wait.setting.in_loop {
        return None;
    }
    let around = wait
        .setting
        .timeout
        .as_ref()
        .and_then(|timeout| Some((timeout.limit?, timeout)));
    let (budget, from, knob) = match (wait.budget, around) {
        (Some(own), Some((limit, timeout))) if limit < own => (limit, &timeout.from, &timeout.knob),
        (Some(own), _) => (own, &wait.from, &wait.knob),
        (None, Some((limit, timeout))) => (limit, &timeout.from, &timeout.knob),
        (None, None) => return None,
    };
    Some(Judged {
        span: wait.span,
        form: wait.form,
        budget,
        from: from.clone(),
        knob: knob.clone(),
        can_fail: wait.can_fail && !wait.setting.tolerated && !step.tolerated,
        services: watched.services,
        polls: watched.polls,
        step: step.name.clone(),
        limit: step
            .limit
            .as_ref()
            .or(step.job_limit.as_ref())
            .map(|limit| limit.time),
        place: Place::new(index, step),
        probe: None,
    })
}
