//! What a wait looks at: which stack, and which services of it.

use super::Stack;
use crate::shell::{ComposeCommand, Form, Wait};

/// What a wait was found to watch.
pub(super) struct Watched {
    /// The stack, by its index.
    pub(super) stack: usize,
    /// Its services; empty for all.
    pub(super) services: Vec<usize>,
    /// Whether the services themselves are asked, and not Docker: they may answer before Docker calls them healthy.
    pub(super) polls: bool,
}

/// What a wait watches; `None` where that is not known. `started` are the stacks that were started before it in the same job.
pub(super) fn watched(
    stacks: &[Stack],
    stack_of: impl Fn(&ComposeCommand) -> Option<usize>,
    started: &[usize],
    wait: &Wait,
) -> Option<Watched> {
    let commands = &wait.watches.compose;
    let looks: Vec<&ComposeCommand> = commands
        .iter()
        .filter(|command| looks(command).is_some())
        .collect();
    // `pull`, `build` or `up` alone is something that is tried again.
    if looks.is_empty() && !commands.is_empty() {
        return None;
    }
    // The same files under other variables are one stack that was started again.
    let only_started = started.last().copied().filter(|last| {
        let files = |stack: &usize| &stacks[*stack].files.files;
        started.iter().all(|stack| files(stack) == files(last))
    });
    let stack = if looks.is_empty() {
        only_started?
    } else {
        let stack = |command: &&ComposeCommand| {
            let named = stack_of(command);
            named.or(only_started.filter(|_| command.files.is_empty()))
        };
        let first = looks.first().and_then(stack)?;
        // Two stacks in one loop: whose wait it is cannot be told.
        if looks.iter().any(|command| stack(command) != Some(first)) {
            return None;
        }
        first
    };
    let (services, polls) = services(&stacks[stack], &looks, wait)?;
    Some(Watched {
        stack,
        services,
        polls,
    })
}

/// Whether a command looks at the state of services: `Some(true)` where it asks the services themselves.
fn looks(command: &ComposeCommand) -> Option<bool> {
    match command.subcommand.as_str() {
        "ps" | "events" | "wait" | "ls" => Some(false),
        "exec" | "logs" | "port" | "top" | "run" => Some(true),
        _ => None,
    }
}

/// The services that are watched, none for all, and whether they are asked themselves; `None` where that is not known.
fn services(
    stack: &Stack,
    commands: &[&ComposeCommand],
    wait: &Wait,
) -> Option<(Vec<usize>, bool)> {
    let watches = &wait.watches;
    if !commands.is_empty() {
        let polls = commands.iter().all(|command| looks(command) == Some(true));
        return Some((
            named(stack, commands),
            polls && watches.containers.is_empty(),
        ));
    }
    if wait.form == Form::Sleep {
        return Some((Vec::new(), true));
    }
    let containers = watches.containers.iter();
    let containers: Option<Vec<usize>> = containers
        .map(|c| stack.of_container(c.name.as_deref()?))
        .collect();
    let containers = containers?;
    if !containers.is_empty() {
        return Some((containers, false));
    }
    let endpoints = watches.endpoints.iter();
    let endpoints: Option<Vec<usize>> = endpoints
        .map(|e| publisher(stack, e.host.as_deref(), e.port))
        .collect();
    endpoints
        .filter(|services| !services.is_empty())
        .map(|services| (services, true))
}

/// The services that commands name; none where one of them looks at all.
pub(super) fn named(stack: &Stack, commands: &[&ComposeCommand]) -> Vec<usize> {
    let mut services = Vec::new();
    for command in commands {
        let named = command.services.iter();
        let named: Option<Vec<usize>> = named
            .map(|service| stack.index(service.text.as_deref()?))
            .collect();
        match named {
            Some(named) if !named.is_empty() && !command.unclear => services.extend(named),
            _ => return Vec::new(),
        }
    }
    services.sort_unstable();
    services.dedup();
    services
}

/// The service that publishes a port of this machine.
pub(super) fn publisher(stack: &Stack, host: Option<&str>, port: Option<u16>) -> Option<usize> {
    if !matches!(
        host?,
        "localhost" | "127.0.0.1" | "[::1]" | "::1" | "0.0.0.0"
    ) {
        return None;
    }
    let port = port?;
    let mut matching =
        (0..stack.services.len()).filter(|i| stack.services[*i].service.published.contains(&port));
    let first = matching.next()?;
    matching.next().is_none().then_some(first)
}
