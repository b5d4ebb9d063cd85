//! The jobs of all workflows, with what their scripts do in order.

use super::Obstacle;
use super::obstacle::guarded;
use super::scripts::base_of_workflow;
use crate::ci::{self, EnvVariable, Limit};
use crate::shell::{self, ComposeCommand, Event};
use crate::source::{FileKind, SourceFile, Store, paths};
use crate::yaml::{Tree, Trees};

/// The folder that a script starts in, from the project's root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Folder {
    /// This one.
    Known(String),
    /// One of these: only what it names can tell.
    OneOf(Vec<String>),
    /// None that is known.
    Unknown,
}

impl Folder {
    /// The folders that it may be; `None` where that is not known.
    pub(super) fn candidates(&self) -> Option<&[String]> {
        match self {
            Self::Known(folder) => Some(std::slice::from_ref(folder)),
            Self::OneOf(folders) => Some(folders),
            Self::Unknown => None,
        }
    }
}

/// A job with its scripts read; so are a script's own commands, and those of a Makefile's target.
#[derive(Debug)]
pub(super) struct Job {
    /// Its key in the workflow; the script's path, the target's name.
    pub(super) id: String,
    /// The folder that its paths count from: where `.github` stands.
    pub(super) base: String,
    /// Its steps.
    pub(super) steps: Vec<JobStep>,
}

/// A step with its script read.
#[derive(Debug)]
pub(super) struct JobStep {
    pub(super) name: Option<String>,
    pub(super) folder: Folder,
    pub(super) env: Vec<EnvVariable>,
    /// What its script does, in order.
    pub(super) events: Vec<Event>,
    /// Whether the job goes on when it fails.
    pub(super) tolerated: bool,
    /// Its own limit.
    pub(super) limit: Option<Limit>,
    /// That of the job.
    pub(super) job_limit: Option<Limit>,
}

impl Job {
    /// All `docker compose` commands, those inside waits as well, each with its step.
    pub(super) fn commands(&self) -> impl Iterator<Item = (usize, &ComposeCommand)> {
        self.steps.iter().enumerate().flat_map(|(index, step)| {
            let commands = step.events.iter().flat_map(|event| {
                let (own, inside): (Option<&ComposeCommand>, &[ComposeCommand]) = match event {
                    Event::Compose(command) => (Some(command), &[]),
                    Event::Wait(wait) => (None, &wait.watches.compose),
                    Event::Call(_) => (None, &[]),
                };
                own.into_iter().chain(inside)
            });
            commands.map(move |command| (index, command))
        })
    }
}

/// Reads all workflows.
pub(super) fn read(
    store: &mut Store,
    trees: &mut Trees,
    obstacles: &mut Vec<Obstacle>,
) -> Vec<Job> {
    let workflows: Vec<String> = store
        .of_kind(FileKind::Workflow)
        .map(str::to_owned)
        .collect();
    let mut jobs = Vec::new();
    for path in workflows {
        let file = match store.open(&path) {
            Ok(file) => file,
            Err(error) => {
                let help = "check the file's rights, or exclude it";
                obstacles.push(Obstacle::new(
                    path,
                    format!("cannot be read: {error}"),
                    help,
                ));
                continue;
            }
        };
        match trees.open(file, store.sources()) {
            Ok(tree) => {
                let source = store.sources().get(file);
                match guarded(&path, || workflow_jobs(&tree, source)) {
                    Ok(read) => jobs.extend(read),
                    Err(obstacle) => obstacles.push(obstacle),
                }
            }
            Err(problem) => {
                let help = "mend the file; the waits in it were not judged";
                obstacles.push(Obstacle::at(path, problem, help));
            }
        }
    }
    jobs
}

fn workflow_jobs(tree: &Tree, source: &SourceFile) -> Vec<Job> {
    let workflow = ci::read_github(tree, source);
    let base = base_of_workflow(source.path());
    workflow.jobs.iter().map(|read| job(read, base)).collect()
}

fn job(read: &ci::Job, base: &str) -> Job {
    let runs = read.steps.iter().filter(|step| read.runs && step.runs);
    let steps = runs.map(|step| JobStep {
        name: step.name.clone(),
        folder: step
            .folder
            .as_deref()
            .and_then(|folder| paths::join(base, folder))
            .map_or(Folder::Unknown, Folder::Known),
        env: step.env.clone(),
        events: events(step),
        tolerated: step.tolerated || read.tolerated,
        limit: step.limit,
        job_limit: read.limit,
    });
    Job {
        id: read.id.clone(),
        base: base.to_owned(),
        steps: steps.collect(),
    }
}

fn events(step: &ci::Step) -> Vec<Event> {
    let Some(script) = &step.script else {
        return Vec::new();
    };
    let mut environment = shell::Environment::new();
    // GitHub runs every script with `-e`.
    environment.stop_on_errors(true);
    for variable in &step.env {
        if variable.value.contains("${{") {
            environment.set_unknown(&variable.name);
        } else {
            let origin = variable.verbatim.then_some(variable.span);
            environment.set(&variable.name, &variable.value, origin);
        }
    }
    shell::read(script, &environment, shell::Dialect::Bash).events
}
