//! Services whose health clock is known, by the place that a rule speaks of.

use super::probe::User;
use crate::clock::{Engine, HealthCheck, Quantity};
use crate::duration::Seconds;
use crate::finding::Label;
use crate::project::{ActiveService, Project, Work, part_place};
use crate::rules::Context;
use crate::source::Span;
use std::collections::BTreeMap;

/// A shorter start period is there to set none: zero would leave that of the image.
pub const LEAST: Seconds = Seconds::new(1);

/// Services by the place of what is said of them.
pub type Placed<'a> = BTreeMap<Span, Vec<User<'a>>>;

/// Services that fit, in all stacks, by the place that `place` gives them. Of a stack with a missing file nothing is certain.
pub fn placed<'a>(
    project: &'a Project,
    place: impl Fn(&User<'a>, &HealthCheck) -> Option<Span>,
) -> Placed<'a> {
    let mut found = Placed::new();
    for stack in project.stacks.iter().filter(|stack| stack.is_whole()) {
        for service in &stack.services {
            let user = User { stack, service };
            let place = service.known().and_then(|check| place(&user, check));
            if let Some(place) = place {
                found.entry(place).or_default().push(user);
            }
        }
    }
    found
}

/// The same as one finding for the whole project, and one more for each place that a comment silences, so that the comment hides just that.
pub fn as_one<'a>(context: &Context, rule: &'static str, found: Placed<'a>) -> Vec<Placed<'a>> {
    let is_loud = |place: Span, users: &[User]| {
        let mut names = users.iter().map(|user| &user.service.service.name);
        names.any(|name| context.reports(rule, place, name))
    };
    let (loud, silent): (Placed, Placed) = found
        .into_iter()
        .partition(|(place, users)| is_loud(*place, users));
    let silent = silent.into_iter().map(|one| Placed::from([one]));
    let all = std::iter::once(loud).chain(silent);
    all.filter(|found| !found.is_empty()).collect()
}

/// Whether anybody waits until a service is healthy: another service, a wait in CI or in a script, or `up --wait`.
pub fn is_awaited(project: &Project, user: &User) -> bool {
    if user.awaited().is_some() {
        return true;
    }
    let name = &user.service.service.name;
    let mut stacks = project.stacks.iter();
    let Some(stack) = stacks.position(|stack| std::ptr::eq(stack, user.stack)) else {
        return false;
    };
    let node = user.stack.index(name);
    let names = |services: &[usize]| {
        services.is_empty() || services.iter().any(|service| Some(*service) == node)
    };
    let sequences = project.sequences.iter();
    let own = sequences.filter(|sequence| sequence.stack == stack);
    let mut waits = own.flat_map(|sequence| &sequence.waits);
    let parts = project.courses.iter().flat_map(|course| &course.parts);
    let mut ups = parts.filter_map(|part| match &part.work {
        Work::Up(start) if start.stack == Some(stack) => Some(start),
        _ => None,
    });
    waits.any(|wait| !wait.polls && names(&wait.services))
        || ups.any(|start| start.waits && start.clear && names(&start.services))
}

/// A label at one number of a healthcheck; `None` where it is not written.
pub fn label(service: &ActiveService, quantity: Quantity, text: String) -> Option<Label> {
    part_place(service, quantity).map(|span| Label { span, text })
}

/// `engine 28`, or `engine 29 (assumed)`.
pub fn engine_words(engine: &Engine) -> String {
    let assumed = if engine.is_assumed() {
        " (assumed)"
    } else {
        ""
    };
    format!("engine {engine}{assumed}")
}

/// `a`, `a and b`, `a, b and 3 more`, each in backticks: no more than can be read.
pub fn some(names: &[String]) -> String {
    const SHOWN: usize = 4;
    if names.len() <= SHOWN {
        return crate::rules::list(names);
    }
    let shown: Vec<String> = names[..SHOWN - 1]
        .iter()
        .map(|name| format!("`{name}`"))
        .collect();
    format!("{} and {} more", shown.join(", "), names.len() + 1 - SHOWN)
}

/// A service whose healthcheck a rule has found to grant too little.
pub struct TooShort {
    /// The stack, by its index.
    pub stack: usize,
    /// The service, by its index in the stack.
    pub service: usize,
    /// Where the rule says so.
    pub place: Span,
    /// What would have to be granted.
    pub needed: Seconds,
    /// `takes 180s to start`.
    pub words: String,
}
