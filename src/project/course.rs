//! What takes time in a job, in order: what the limits of the job and of its steps have to allow.

use super::Stack;
use super::jobs::{Job, JobStep};
use super::watched::Watched;
use crate::ci::{Limit, ServiceContainer};
use crate::duration::Seconds;
use crate::shell::{ComposeCommand, Form, Knob, KnobUnit, Literal, Setting, Wait, WaitTimeout};
use crate::source::Span;

/// A job as it takes its course.
#[derive(Clone, Debug)]
pub struct Course {
    /// The job's key; `None` in a script that no job calls.
    pub job: Option<String>,
    /// Its limit.
    pub limit: Option<Limit>,
    /// What the system takes where none is written.
    pub default_limit: Option<Seconds>,
    /// What is waited for before the first step.
    pub services: Vec<ServiceContainer>,
    /// What its steps do, those left out that do not run in a job that goes well.
    pub parts: Vec<Part>,
}

/// One thing that takes time, or ends what is running.
#[derive(Clone, Debug)]
pub struct Part {
    /// The command or the loop.
    pub span: Span,
    /// The name of its step.
    pub step: Option<String>,
    /// The limit of its step.
    pub step_limit: Option<Limit>,
    /// Whether its step may be left out.
    pub conditional: bool,
    /// What it does.
    pub work: Work,
}

/// What a part does.
#[derive(Clone, Debug)]
pub enum Work {
    /// `docker compose up`.
    Up(Box<CourseUp>),
    /// It waits.
    Wait(Pause),
    /// It stops a stack, by its index.
    Stop(usize),
}

/// `docker compose up`, whichever way its end counts.
#[derive(Clone, Debug)]
#[allow(clippy::struct_excessive_bools)] // They are independent of each other.
pub struct CourseUp {
    /// The stack, by its index; `None` where it is not known.
    pub stack: Option<usize>,
    /// The services that it names; empty for all.
    pub services: Vec<usize>,
    /// Whether it is known which services it starts.
    pub clear: bool,
    /// Whether it stays in the foreground, until the containers end.
    pub foreground: bool,
    /// `--wait`.
    pub waits: bool,
    /// `--no-deps`.
    pub no_deps: bool,
    /// `--wait-timeout`.
    pub wait_timeout: Option<WaitTimeout>,
    /// Whether its failure fails the job.
    pub can_fail: bool,
    /// What surrounds it.
    pub setting: Setting,
}

/// A wait.
#[derive(Clone, Debug)]
pub struct Pause {
    /// What it looks like.
    pub form: Form,
    /// When it gives up by itself or by a `timeout` command; `None` where that is not known.
    pub budget: Option<Seconds>,
    /// Every literal that the budget rests on.
    pub from: Vec<Literal>,
    /// How long a turn takes, where it counts turns.
    pub turn: Option<Seconds>,
    /// The stack that it watches, by its index.
    pub stack: Option<usize>,
}

impl Course {
    pub(super) fn of(job: &Job) -> Self {
        Self {
            job: job.id.clone(),
            limit: job.limit.clone(),
            default_limit: job.default_limit,
            services: job.services.clone(),
            parts: Vec::new(),
        }
    }

    /// The course, if anything in it takes time.
    pub(super) fn take(&mut self) -> Option<Self> {
        let is_empty = self.parts.is_empty() && self.services.is_empty();
        let empty = Self {
            job: None,
            limit: None,
            default_limit: None,
            services: Vec::new(),
            parts: Vec::new(),
        };
        (!is_empty).then(|| std::mem::replace(self, empty))
    }

    /// Notes a wait. That of `up --wait` is a part of the `up`, and what happens in a loop takes place in its time.
    pub(super) fn wait(&mut self, step: &JobStep, wait: &Wait, pause: Pause) {
        if wait.setting.background {
            return;
        }
        let is_up = match wait.watches.compose.as_slice() {
            [command] => command.wait && matches!(wait.form, Form::ComposeWait | Form::Action),
            _ => false,
        };
        if is_up {
            if let Some(Part {
                work: Work::Up(start),
                ..
            }) = self.parts.last_mut()
            {
                // An action fails its step, however the script is read that stands in for it.
                start.can_fail &= wait.can_fail || wait.form == Form::Action;
            }
            return;
        }
        let inside = |part: &Part| {
            part.span.file == wait.span.file
                && wait.span.start <= part.span.start
                && part.span.end <= wait.span.end
        };
        while self
            .parts
            .last()
            .is_some_and(|part| inside(part) && part.span != wait.span)
        {
            self.parts.pop();
        }
        self.parts
            .push(Part::new(step, wait.span, Work::Wait(pause)));
    }
}

impl Part {
    pub(super) fn new(step: &JobStep, span: Span, work: Work) -> Self {
        let mut part = Self {
            span,
            step: step.name.clone(),
            step_limit: step.limit.clone(),
            conditional: step.conditional,
            work,
        };
        if let Work::Up(start) = &mut part.work {
            start.can_fail &= !step.tolerated;
        }
        part
    }
}

impl CourseUp {
    pub(super) fn of(command: &ComposeCommand, stack: Option<(usize, &Stack)>) -> Self {
        let named = command.services.iter();
        let services: Option<Vec<usize>> = named
            .map(|service| stack?.1.index(service.text.as_deref()?))
            .collect();
        Self {
            stack: stack.map(|(index, _)| index),
            clear: services.is_some() && !command.unclear && !command.more_options,
            services: services.unwrap_or_default(),
            foreground: !command.detach && !command.wait,
            waits: command.wait,
            no_deps: command.no_deps,
            wait_timeout: command.wait_timeout.clone(),
            can_fail: !command.setting.tolerated && !command.setting.background,
            setting: command.setting.clone(),
        }
    }
}

impl Pause {
    pub(super) fn of(wait: &Wait, watched: Option<&Watched>) -> Self {
        let around = wait.setting.timeout.as_ref();
        let around = around.and_then(|timeout| Some((timeout.limit?, &timeout.from)));
        let own = wait.budget.map(|own| (own, &wait.from));
        let shorter = match (own, around) {
            (Some(own), Some(around)) if around.0 < own.0 => Some(around),
            (own, around) => own.or(around),
        };
        // How often it is repeated is not known.
        let bound = shorter.filter(|_| !wait.setting.in_loop);
        Self {
            form: wait.form,
            budget: bound.map(|(time, _)| time),
            from: bound.map_or_else(Vec::new, |(_, from)| from.clone()),
            turn: wait.knob.as_ref().and_then(turn),
            stack: watched.map(|watched| watched.stack),
        }
    }
}

fn turn(knob: &Knob) -> Option<Seconds> {
    match knob.unit {
        KnobUnit::Attempts { each, .. } => Some(each),
        KnobUnit::Time { .. } | KnobUnit::Duration => None,
    }
}
