//! Every wait that was understood, with what really ends it.

use super::jobs::Job;
use super::links::Up;
use super::watched::Watched;
use crate::ci::ServiceContainer;
use crate::duration::Seconds;
use crate::shell::{Filter, Form, GoesOn, Knob, Literal, Wait};
use crate::source::Span;

/// What ends a wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BoundedBy {
    /// Its own limit.
    Itself,
    /// A `timeout` command around it.
    Timeout,
    /// The limit of its step.
    Step,
    /// The limit of its job.
    Job,
    /// Nothing that is written.
    Nothing,
}

impl BoundedBy {
    /// As it stands in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Itself => "itself",
            Self::Timeout => "timeout",
            Self::Step => "step",
            Self::Job => "job",
            Self::Nothing => "nothing",
        }
    }
}

/// Why the failure of a wait is nobody's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost {
    /// In its script.
    Script(GoesOn),
    /// Its step has `continue-on-error`.
    Step,
}

/// A wait, judged or not.
#[derive(Clone, Debug)]
#[allow(clippy::struct_excessive_bools)] // They are independent of each other.
pub struct Listed {
    /// The wait itself: the loop, the command.
    pub span: Span,
    /// What it looks like.
    pub form: Form,
    /// The key of its job; `None` in a script that no job calls.
    pub job: Option<String>,
    /// The name of its step.
    pub step: Option<String>,
    /// When it ends at the latest, whatever ends it; `None` where that cannot be known.
    pub budget: Option<Seconds>,
    /// What ends it.
    pub bounded_by: BoundedBy,
    /// Every literal that the budget rests on.
    pub from: Vec<Literal>,
    /// The stack that it watches, by its index.
    pub stack: Option<usize>,
    /// The services that it watches, by their index; none for the whole stack.
    pub services: Vec<usize>,
    /// Whether `docker compose up` of that stack stands before it in the same job.
    pub after_up: bool,
    /// Whether its giving up fails the job.
    pub can_fail: bool,
    /// Why its giving up surely fails nothing; `None` where it fails, or where that is not certain.
    pub lost: Option<Lost>,
    /// When it ends by itself; `None` where nothing of its own ends it.
    pub own: Option<Seconds>,
    /// The one literal that changes it, where it ends by itself.
    pub knob: Option<Knob>,
    /// The `up` of its stack before it.
    pub up: Option<Up>,
    /// Whether it looks at containers, at ports or URLs of this machine, or at what Docker says of services.
    pub looks: bool,
    /// Whether it is repeated, or nothing waits for its end.
    pub is_apart: bool,
    /// The job, by a number of its own: jobs of two workflows may have one key.
    pub group: usize,
    /// Whether its stack was used between that `up` and it.
    pub is_used: bool,
    /// What it looks for in what Docker says.
    pub filters: Vec<Filter>,
}

/// `services:` that have a healthcheck, for which the runner waits before the first step. It has no limit of its own.
pub(super) fn service_containers(job: &Job) -> impl Iterator<Item = Listed> {
    let checked = |service: &&ServiceContainer| !service.health.is_empty() && !service.disabled;
    job.services.iter().filter(checked).map(|service| Listed {
        span: service.span,
        form: Form::ServiceContainer,
        job: job.id.clone(),
        step: None,
        budget: job.limit.as_ref().map(|limit| limit.time),
        bounded_by: match job.limit {
            Some(_) => BoundedBy::Job,
            None => BoundedBy::Nothing,
        },
        from: Vec::new(),
        stack: None,
        services: Vec::new(),
        after_up: false,
        can_fail: true,
        lost: None,
        own: None,
        knob: None,
        up: None,
        looks: false,
        is_apart: false,
        group: 0,
        is_used: false,
        filters: Vec::new(),
    })
}

/// A wait as it stands in a job.
pub(super) fn listed(
    wait: &Wait,
    job: &Job,
    step: usize,
    watched: Option<&Watched>,
    up: Option<Up>,
) -> Listed {
    let place = &job.steps[step];
    let mut bound = match wait.budget {
        // Of a `timeout` the command around what waits is the wait.
        Some(own) if wait.form == Form::TimeoutCommand => {
            Some((own, BoundedBy::Timeout, wait.from.clone()))
        }
        Some(own) => Some((own, BoundedBy::Itself, wait.from.clone())),
        None => None,
    };
    let mut tighten = |time: Seconds, by, from: Vec<Literal>| {
        if bound.as_ref().is_none_or(|(old, ..)| time < *old) {
            bound = Some((time, by, from));
        }
    };
    if let Some(timeout) = &wait.setting.timeout
        && let Some(limit) = timeout.limit
    {
        tighten(limit, BoundedBy::Timeout, timeout.from.clone());
    }
    for (limit, by) in [
        (&place.limit, BoundedBy::Step),
        (&place.job_limit, BoundedBy::Job),
    ] {
        if let Some(limit) = limit {
            let literal = limit.literal.clone().map(|(literal, _)| literal);
            tighten(limit.time, by, literal.into_iter().collect());
        }
    }
    let (budget, bounded_by, from) = match bound {
        Some((time, by, from)) => (Some(time), by, from),
        None => (None, BoundedBy::Nothing, Vec::new()),
    };
    Listed {
        span: wait.span,
        form: wait.form,
        job: job.id.clone(),
        step: place.name.clone(),
        budget,
        bounded_by,
        from,
        stack: watched.map(|watched| watched.stack),
        services: watched.map_or_else(Vec::new, |watched| watched.services.clone()),
        after_up: up.is_some(),
        lost: match wait.goes_on {
            Some(why) => Some(Lost::Script(why)),
            None => (wait.can_fail && place.continues).then_some(Lost::Step),
        },
        own: wait.budget,
        knob: wait.knob.clone(),
        up,
        looks: looks(wait),
        is_apart: wait.setting.in_loop || wait.setting.background,
        group: 0,
        is_used: false,
        can_fail: wait.can_fail && !wait.setting.tolerated && !place.tolerated,
        filters: wait.watches.filters.clone(),
    }
}

/// Whether a wait looks at something of this machine or of Docker's.
fn looks(wait: &Wait) -> bool {
    let watches = &wait.watches;
    let is_loop = !matches!(wait.form, Form::CurlRetry | Form::Tool);
    let local = |host: &str| {
        matches!(
            host,
            "localhost" | "127.0.0.1" | "0.0.0.0" | "::1" | "[::1]"
        )
    };
    let mut endpoints = watches.endpoints.iter();
    let asks = |subcommand: &str| matches!(subcommand, "ps" | "exec" | "logs" | "port");
    !watches.containers.is_empty()
        || watches
            .compose
            .iter()
            .any(|command| asks(&command.subcommand))
        || endpoints.any(|at| at.host.as_deref().is_some_and(local)) && is_loop
}
