//! The jobs of all pipelines, with what their scripts do in order; actions, reusable workflows and scripts of the project
//! that they call are followed.

use super::Obstacle;
use super::follow::Follower;
use super::obstacle::guarded;
use crate::ci::{self, EnvVariable, Inputs, Limit, Pipeline, ServiceContainer, System};
use crate::duration::Seconds;
use crate::shell::{self, ComposeCommand, Cwd, Event};
use crate::source::{FileKind, Store, paths};
use crate::yaml::Trees;
use std::collections::BTreeSet;

/// Actions in actions, and reusable workflows in those, are followed no deeper.
const DEPTH: usize = 8;

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
    /// Its key in the workflow; `None` for a script and a target.
    pub(super) id: Option<String>,
    /// Whether its waits are listed: those of a script that a job calls are the job's, and those of one that runs in a
    /// container are a part of a startup.
    pub(super) stands_alone: bool,
    /// The folder that its paths count from: where `.github` stands.
    pub(super) base: String,
    /// What is started before the first step.
    pub(super) services: Vec<ServiceContainer>,
    /// Its limit.
    pub(super) limit: Option<Limit>,
    /// What the system takes where none is written.
    pub(super) default_limit: Option<Seconds>,
    /// Its steps.
    pub(super) steps: Vec<JobStep>,
}

/// A step with its script read.
#[derive(Debug)]
#[allow(clippy::struct_excessive_bools)] // They are independent of each other.
pub(super) struct JobStep {
    pub(super) name: Option<String>,
    pub(super) folder: Folder,
    pub(super) env: Vec<EnvVariable>,
    /// What its script does, in order.
    pub(super) events: Vec<Event>,
    /// Whether it runs in the course of a job that goes well.
    pub(super) runs: bool,
    /// Whether an `if` may leave it out of a job that goes well.
    pub(super) conditional: bool,
    /// Whether the job goes on when it fails.
    pub(super) tolerated: bool,
    /// Whether that is so by `continue-on-error` of the step itself.
    pub(super) continues: bool,
    /// Its own limit.
    pub(super) limit: Option<Limit>,
    /// That of the job.
    pub(super) job_limit: Option<Limit>,
}

impl Job {
    /// All `docker compose` commands, those inside waits as well, each with its step.
    pub(super) fn commands(&self) -> impl Iterator<Item = (usize, &ComposeCommand)> {
        let steps = self.steps.iter().enumerate();
        steps
            .filter(|(_, step)| step.runs)
            .flat_map(|(index, step)| {
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

/// Reads all pipelines, then the actions that none of them calls. `called` gets the actions and scripts that are.
pub(super) fn read(
    store: &mut Store,
    trees: &mut Trees,
    called: &mut BTreeSet<String>,
    obstacles: &mut Vec<Obstacle>,
) -> Vec<Job> {
    let mut reader = Reader {
        store,
        trees,
        obstacles,
        called,
        jobs: Vec::new(),
        has_steps_that_continue: false,
    };
    for (kind, system) in [
        (FileKind::Workflow, System::Workflow),
        (FileKind::GitLab, System::GitLab),
        (FileKind::CircleCi, System::CircleCi),
        (FileKind::Azure, System::Azure),
        (FileKind::Bitbucket, System::Bitbucket),
    ] {
        for path in reader.of_kind(kind) {
            reader.pipeline(&path, system);
        }
    }
    for path in reader.of_kind(FileKind::Action) {
        if !reader.called.contains(&path) {
            reader.pipeline(&path, System::Action);
        }
    }
    reader.jobs
}

struct Reader<'a> {
    store: &'a mut Store,
    trees: &'a mut Trees,
    obstacles: &'a mut Vec<Obstacle>,
    /// The actions and scripts that a job calls.
    called: &'a mut BTreeSet<String>,
    jobs: Vec<Job>,
    /// Whether `continue-on-error` alone is what lets a step of this pipeline fail.
    has_steps_that_continue: bool,
}

/// Where something is called.
struct Around<'a> {
    base: &'a str,
    /// The step that uses an action; none for the steps of a job itself.
    step: Option<&'a ci::Step>,
    job: &'a ci::Job,
    depth: usize,
}

impl Reader<'_> {
    fn of_kind(&self, kind: FileKind) -> Vec<String> {
        self.store.of_kind(kind).map(str::to_owned).collect()
    }

    /// Reads a pipeline and its jobs.
    fn pipeline(&mut self, path: &str, system: System) {
        let Some(pipeline) = self.parse(path, system, None) else {
            return;
        };
        let base = base_of(path, system).to_owned();
        // A step that asks for another's outcome heeds it.
        let asks = self.store.get(path).is_some_and(|file| {
            let text = self.store.sources().get(file).text();
            text.contains(".outcome") || text.contains(".conclusion")
        });
        self.has_steps_that_continue = matches!(system, System::Workflow | System::Azure) && !asks;
        for job in &pipeline.jobs {
            let id = (system != System::Action).then(|| job.id.clone());
            self.job(id.as_deref(), job, &base, 0);
        }
    }

    /// Reads a file; what keeps it from being read is said.
    fn parse(&mut self, path: &str, system: System, given: Option<&Inputs>) -> Option<Pipeline> {
        let file = match self.store.open(path) {
            Ok(file) => file,
            Err(error) => {
                let help = "check the file's rights, or exclude it";
                let message = format!("cannot be read: {error}");
                self.obstacles.push(Obstacle::new(path, message, help));
                return None;
            }
        };
        let tree = match self.trees.open(file, self.store.sources()) {
            Ok(tree) => tree,
            Err(problem) => {
                let help = "mend the file; the waits in it were not judged";
                self.obstacles.push(Obstacle::at(path, problem, help));
                return None;
            }
        };
        let source = self.store.sources().share(file);
        match guarded(path, || ci::read(system, &tree, &source, given)) {
            Ok(pipeline) => Some(pipeline),
            Err(obstacle) => {
                self.obstacles.push(obstacle);
                None
            }
        }
    }

    fn job(&mut self, id: Option<&str>, job: &ci::Job, base: &str, depth: usize) {
        let mut steps = Vec::new();
        let around = Around {
            base,
            step: None,
            job,
            depth,
        };
        for step in &job.steps {
            self.step(step, &around, &mut steps);
        }
        self.jobs.push(Job {
            id: id.map(str::to_owned),
            stands_alone: true,
            base: base.to_owned(),
            services: job.services.clone(),
            limit: job.limit.clone(),
            default_limit: job.default_limit,
            steps,
        });
        if let Some(call) = job.call.as_ref().filter(|_| job.runs && depth < DEPTH)
            && let Some(path) = local(base, &call.target)
            && self.store.exists(&path)
            && let Some(called) = self.parse(&path, System::Workflow, Some(&call.inputs()))
        {
            for mut inner in called.jobs {
                inner.tolerated |= job.tolerated;
                let name = id.unwrap_or_default();
                self.job(
                    Some(&format!("{name} / {}", inner.id)),
                    &inner,
                    base,
                    depth + 1,
                );
            }
        }
    }

    /// A step; one that uses an action of the project is that action's steps.
    fn step(&mut self, step: &ci::Step, around: &Around<'_>, steps: &mut Vec<JobStep>) {
        let outer = around.step;
        let tolerated =
            step.tolerated || around.job.tolerated || outer.is_some_and(|outer| outer.tolerated);
        let runs = around.job.runs && step.runs && outer.is_none_or(|outer| outer.runs);
        let conditional = step.conditional || outer.is_some_and(|outer| outer.conditional);
        let limit = step.limit.clone();
        let limit = limit.or_else(|| outer.and_then(|outer| outer.limit.clone()));
        if let Some(call) = step.call.as_ref().filter(|_| around.depth < DEPTH)
            && let Some(folder) = local(around.base, &call.target)
        {
            let mut names = ["action.yml", "action.yaml"].iter();
            let path = names.find_map(|name| {
                let path = paths::join(&folder, name)?;
                self.store.exists(&path).then_some(path)
            });
            if let Some(path) = path
                && let Some(action) = self.parse(&path, System::Action, Some(&call.inputs()))
            {
                self.called.insert(path);
                let mut holder = step.clone();
                holder.runs = runs;
                holder.tolerated = tolerated;
                holder.conditional = conditional;
                holder.limit = limit;
                let around = Around {
                    step: Some(&holder),
                    depth: around.depth + 1,
                    ..*around
                };
                for inner in action.jobs.iter().flat_map(|job| &job.steps) {
                    let mut inner = inner.clone();
                    inner.name = inner.name.or_else(|| step.name.clone());
                    let mut env = step.env.clone();
                    env.append(&mut inner.env);
                    inner.env = env;
                    self.step(&inner, &around, steps);
                }
            }
            return;
        }
        let folder = step.folder.as_deref();
        let folder = folder.and_then(|folder| paths::join(around.base, folder));
        let folder = folder.map_or(Folder::Unknown, Folder::Known);
        let events = Self::events(step);
        let mut follower = Follower::new(self.store, self.trees, around.base, self.called);
        let events = follower.followed(events, &folder);
        steps.push(JobStep {
            name: step.name.clone(),
            folder,
            env: step.env.clone(),
            events,
            runs,
            conditional,
            tolerated,
            continues: self.has_steps_that_continue && step.tolerated,
            limit,
            job_limit: around.job.limit.clone(),
        });
    }

    fn events(step: &ci::Step) -> Vec<Event> {
        let Some(script) = &step.script else {
            let call = step.call.as_ref();
            return call.map(ci::action_events).unwrap_or_default();
        };
        let mut environment = shell::Environment::new();
        environment.stop_on_errors(script.stops_on_errors);
        for variable in &step.env {
            match &variable.value {
                Some(given) => environment.set_given(&variable.name, given.clone()),
                None => environment.set_unknown(&variable.name),
            }
        }
        for (expression, given) in &script.expressions {
            environment.set_expression(expression, given.clone());
        }
        let mut events = shell::read(&script.text, &environment, script.dialect).events;
        if script.remote {
            for event in &mut events {
                event.setting_mut().remote = true;
                event.moved(&Cwd::Unknown);
            }
        }
        events
    }
}

/// The path of something that the repository itself has: `./.github/actions/x`.
fn local(base: &str, target: &str) -> Option<String> {
    let path = target.strip_prefix("./")?;
    paths::join(base, path)
}

/// Where the repository begins that a pipeline belongs to.
fn base_of(path: &str, system: System) -> &str {
    let folder = paths::parent(path);
    match system {
        System::Workflow => folder.rsplitn(3, '/').nth(2).unwrap_or_default(),
        System::CircleCi => paths::parent(folder),
        System::Action => folder
            .find(".github")
            .map_or(folder, |at| folder[..at].trim_end_matches('/')),
        System::GitLab | System::Azure | System::Bitbucket => folder,
    }
}
