//! Which services are jobs, that run once and end, and which surely go on.

use super::images::{brings_none, is_server};
use crate::compose::{Restart, command_words};
use crate::project::{ActiveService, Project};
use crate::source::Span;

/// What names of jobs are made of, as whole words: `db-migrate`, `minio_init`.
const NAMES: [&str; 15] = [
    "migrate",
    "migrates",
    "migration",
    "migrations",
    "migrator",
    "seed",
    "seeds",
    "seeder",
    "seeding",
    "init",
    "initializer",
    "setup",
    "createbuckets",
    "createbucket",
    "bootstrap",
];

/// What the commands of services that stay say, whatever else they do first.
const STAYS: [&str; 22] = [
    "serve",
    "server",
    "runserver",
    "start",
    "gunicorn",
    "uvicorn",
    "daphne",
    "celery",
    "node",
    "watch",
    "infinity",
    "tail",
    "nginx",
    "dev",
    "worker",
    "daemon",
    "crond",
    "while",
    "puma",
    "exec",
    "supervisord",
    "httpd",
];

/// Verbs of commands that do one thing and end.
const WORK: [&str; 13] = [
    "migrate",
    "migrations",
    "migration",
    "upgrade",
    "seed",
    "init",
    "setup",
    "bootstrap",
    "load",
    "import",
    "mb",
    "chown",
    "mkdir",
];

/// Whether a service looks like a job: nothing brings it back that has ended well, nobody can reach it, its name says so, and its command
/// starts nothing that stays.
pub(in crate::rules) fn looks_like_job(project: &Project, service: &ActiveService) -> bool {
    let own = &service.service;
    let returns = own.restart.as_ref();
    let returns = returns.is_some_and(|restart| restart.brings_back(0));
    let named = words(&own.name).iter().any(|word| holds(&NAMES, word));
    let stays = command(project, service)
        .iter()
        .any(|word| holds(&STAYS, word));
    let is_keeping_ports = ["ports", "expose"]
        .into_iter()
        .any(|key| written(project, service, key).is_some());
    !returns && own.published.is_empty() && named && !stays && !is_keeping_ports
}

/// Whether a service that has a healthcheck is a job all the same: its command has to say what it does, and must not stay for its probes.
pub(in crate::rules) fn works_and_ends(project: &Project, service: &ActiveService) -> bool {
    let words = command(project, service);
    let stays = ["sleep", "wait", "forever", "pause"];
    looks_like_job(project, service)
        && !is_probed_here(service)
        && !has_options_alone(service)
        && verbs(project, service)
            .iter()
            .any(|word| holds(&WORK, word))
        && !words.iter().any(|word| holds(&stays, word))
}

/// Whether something shows that a service stays until it is stopped: its ports, what it starts, or what its probe asks.
pub(in crate::rules) fn may_stay(project: &Project, service: &ActiveService) -> bool {
    let is_reached = ["ports", "expose"]
        .into_iter()
        .any(|key| written(project, service, key).is_some());
    let words = command(project, service);
    is_reached
        || is_probed_here(service)
        || goes_on(service).is_some()
        || words.iter().any(|word| holds(&STAYS, word))
}

/// Whether the probe asks a port of the container itself: then something listens there.
fn is_probed_here(service: &ActiveService) -> bool {
    const HERE: [&str; 4] = ["localhost", "127.0.0.1", "0.0.0.0", "[::1]"];
    let test = service.check().map(|check| check.test.as_slice());
    let mut words = test.unwrap_or_default().iter();
    words.any(|word| HERE.iter().any(|here| word.contains(here)))
}

/// Whether its command is options for the entrypoint of its image, which may do anything with them.
fn has_options_alone(service: &ActiveService) -> bool {
    let start = service.service.start.as_ref();
    let start = start.filter(|start| start.entrypoint.is_none());
    let command = start.and_then(|start| command_words(start.command.as_ref()?));
    let first = command.and_then(|words| words.into_iter().next()?.text);
    first.is_some_and(|word| word.starts_with('-'))
}

/// The words of the command and the entrypoint that say what is done. Options and what they set say how; and a file may do anything, however it
/// is called.
fn verbs(project: &Project, service: &ActiveService) -> Vec<String> {
    let texts = ["entrypoint", "command"].into_iter();
    let texts = texts.filter_map(|key| written(project, service, key));
    let verbs = texts.flat_map(|text| {
        let parts = text.split(|c: char| c.is_whitespace() || "\"'[],;&|()".contains(c));
        let plain =
            parts.filter(|part| !part.starts_with('-') && !part.contains(['/', '.', '=', '$']));
        plain.flat_map(words).collect::<Vec<_>>()
    });
    verbs.collect()
}

/// Whether a command or an entrypoint is written.
pub(in crate::rules) fn has_command(project: &Project, service: &ActiveService) -> bool {
    !command(project, service).is_empty()
}

/// Why a service surely never completes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::rules) enum GoesOn<'a> {
    /// The engine starts it again, however it ends.
    Restarted(&'a Restart),
    /// Its image is a server's, and nothing is written that it does instead.
    Server(&'a str),
    /// Its command waits for ever.
    Idle(Span),
}

/// Why a service surely goes on until it is stopped; `None` where it may end.
pub(in crate::rules) fn goes_on(service: &ActiveService) -> Option<GoesOn<'_>> {
    let own = &service.service;
    if let Some(restart) = &own.restart
        && !restart.varies
        && matches!(&*restart.policy, "always" | "unless-stopped" | "any")
    {
        return Some(GoesOn::Restarted(restart));
    }
    let Some(start) = &own.start else {
        let image = own.image.as_deref()?;
        return is_server(image).then_some(GoesOn::Server(image));
    };
    let command = start
        .command
        .as_ref()
        .filter(|_| start.entrypoint.is_none())?;
    let words = command_words(command)?.into_iter();
    let words: Option<Vec<String>> = words.map(|word| word.text).collect();
    let words = words?;
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let is_idle = matches!(
        *words,
        ["sleep", "infinity"] | ["tail", "-f" | "-F", "/dev/null"]
    );
    // What the entrypoint of an image makes of its command is known of Docker's own only.
    let image = own.image.as_deref().filter(|_| !own.build)?;
    (is_idle && brings_none(image)).then_some(GoesOn::Idle(command.place()))
}

/// The words of the command and the entrypoint, as they are written.
fn command(project: &Project, service: &ActiveService) -> Vec<String> {
    let texts = ["entrypoint", "command"].into_iter();
    let texts = texts.filter_map(|key| written(project, service, key));
    texts.flat_map(|text| words(&text)).collect()
}

fn holds(list: &[&str], word: &str) -> bool {
    list.contains(&word)
}

/// The text of a key of a service, in the last file that writes it.
fn written(project: &Project, service: &ActiveService, key: &str) -> Option<String> {
    let nodes = service.service.written.iter().rev();
    nodes.into_iter().find_map(|(place, _)| {
        let tree = project.trees.get(place.file)?;
        let node = tree.get(tree.resolve(place.node), key)?;
        let span = tree.span(tree.resolve(node));
        Some(project.store.sources().text(span).to_owned())
    })
}

fn words(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric());
    words
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect()
}
