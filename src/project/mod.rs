//! A project as rules see it: stacks, the startups of their services, and the waits that watch them.

mod beneath;
mod change;
mod commands;
mod containers;
mod course;
mod entry;
mod environment;
mod follow;
mod image;
mod jobs;
mod links;
mod listed;
mod named;
mod obstacle;
mod places;
mod reason;
mod refusals;
mod scripts;
mod service_health;
mod stack;
mod stacks;
mod startups;
mod surroundings;
mod tried;
mod variables;
mod watched;

pub use beneath::Beneath;
pub use change::{Change, Reach, Shared};
pub use course::{Course, CourseUp, Part, Pause, Work};
pub use entry::{Entry, EntryWait, EntryWork, Ipv4};
pub use links::{Judged, Place, Sequence, Start, Up};
pub use listed::{BoundedBy, Listed, Lost};
pub use obstacle::Obstacle;

pub use places::{part_place, retries_place};
pub use reason::Reason;
pub use service_health::written_health;
pub use stack::{ActiveService, Clock, Stack};
pub use stacks::{Absent, StackFiles, default_files};
pub use startups::{History, Measured, MissingTool, Startups, Step};
pub use surroundings::Surrounding;

use obstacle::guarded;

use crate::clock::Engine;
use crate::compose::Uses;
use crate::duration::Seconds;
use crate::source::{Exclude, FileId, Span, Store};
use crate::yaml::Trees;
use std::collections::BTreeSet;

/// A stack that the settings name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedStack {
    /// Its name.
    pub name: String,
    /// Its files, in the order of `-f`.
    pub files: Vec<String>,
    /// Its env files, instead of `.env`.
    pub env_files: Vec<String>,
    /// The profiles that are on.
    pub profiles: Vec<String>,
    /// Where it is named.
    pub span: Span,
}

/// A startup that the settings state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declared {
    /// The service.
    pub service: String,
    /// How long it takes.
    pub ready: Seconds,
    /// Its steps, where they are stated.
    pub steps: Vec<Step>,
    /// Where the service is named.
    pub key: Span,
    /// Where the length is stated.
    pub span: Span,
}

/// Globs for paths that the settings treat in their own way.
#[derive(Clone, Debug)]
pub struct NamedPaths {
    /// As it is written.
    pub glob: String,
    /// What it holds.
    pub paths: Exclude,
    /// Where it stands.
    pub span: Span,
}

/// What the caller asks to be read. Paths are relative to the project root.
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    /// `-f`: one stack of these files, instead of those that are found.
    pub files: Vec<String>,
    /// `--env-file`: instead of `.env`.
    pub env_files: Vec<String>,
    /// `--profile`.
    pub profiles: Vec<String>,
    /// Logs that have been added to the store, with the service that they are said to be of.
    pub logs: Vec<(Option<String>, FileId)>,
    /// `--startup SERVICE=DURATION`.
    pub startups: Vec<(String, Seconds)>,
    /// Stacks by their names; those that are found come on top.
    pub stacks: Vec<NamedStack>,
    /// Startups that count where none is measured.
    pub declared: Vec<Declared>,
    /// Logs that the settings name and that have been added to the store, with their services: they count where no other log tells
    /// of that service.
    pub named_logs: Vec<(String, FileId)>,
    /// Services that the settings name besides, with their places.
    pub named_services: Vec<(String, Span)>,
    /// Globs of the settings that are to hold a file of the project.
    pub named_paths: Vec<NamedPaths>,
    /// The engine whose clock counts.
    pub engine: Engine,
}

/// A project, read.
#[derive(Debug)]
pub struct Project {
    /// Its files.
    pub store: Store,
    /// Their trees.
    pub trees: Trees,
    /// Its stacks, in the order in which they were found.
    pub stacks: Vec<Stack>,
    /// The waits that watch a stack, those that follow each other put together.
    pub sequences: Vec<Sequence>,
    /// Every `docker compose up` of a stack in a job, in the order of the workflows.
    pub starts: Vec<Start>,
    /// All waits that were understood, tied to a stack or not, by file and place.
    pub waits: Vec<Listed>,
    /// What takes time in each job, in order.
    pub courses: Vec<Course>,
    /// What kept upbeat from seeing everything.
    pub obstacles: Vec<Obstacle>,
    /// Files that commands name and that are not here.
    pub absent: Vec<Absent>,
    /// Tools that probes call and that images lack, as `docker inspect` says.
    pub missing_tools: Vec<MissingTool>,
    /// Where variables are used in the compose files of all stacks.
    pub uses: Uses,
    /// The engine whose clock counts.
    pub engine: Engine,
}

impl Project {
    /// Reads a project. What cannot be read is an obstacle; the rest is read all the same.
    pub fn read(mut store: Store, inputs: &Inputs) -> Self {
        let mut trees = Trees::default();
        let mut obstacles = Vec::new();
        let mut called = BTreeSet::new();
        let jobs = jobs::read(&mut store, &mut trees, &mut called, &mut obstacles);
        let scripts = scripts::read(&mut store, &mut trees, &mut called, &mut obstacles);
        let mut absent = Vec::new();
        let search = stacks::Search {
            store: &mut store,
            trees: &mut trees,
            jobs: &jobs,
            scripts: &scripts,
            inputs,
            absent: &mut absent,
        };
        let plans = search.find(&mut obstacles);
        let startups = startups::read(&mut store, inputs, &mut obstacles);
        let mut uses = Uses::default();
        let mut images = image::Images::default();
        let mut stacks = Vec::new();
        for plan in plans {
            let context = stack::Context {
                store: &mut store,
                trees: &mut trees,
                obstacles: Vec::new(),
                unread: Vec::new(),
                uses: &mut uses,
                images: &mut images,
                inputs,
            };
            let shown = plan.files.join(" + ");
            match guarded(&shown, || context.stack(plan, &startups)) {
                Ok(Ok(stack)) => stacks.push(stack),
                Ok(Err(unread)) => obstacles.extend(unread),
                Err(obstacle) => obstacles.push(obstacle),
            }
        }
        drop_parts(&mut stacks);
        refusals::spare_bases(&mut stacks);
        obstacles.extend(
            stacks
                .iter_mut()
                .flat_map(|stack| std::mem::take(&mut stack.obstacles)),
        );
        startups.check_services(&stacks, &store, inputs, &mut obstacles);
        named::check_globs(&store, inputs, &mut obstacles);
        let links = links::link(jobs.iter().chain(&scripts), &stacks, &store);
        let mut seen = BTreeSet::new();
        obstacles.retain(|obstacle| seen.insert(obstacle.clone()));
        obstacles.sort();
        Self {
            store,
            trees,
            stacks,
            sequences: links.sequences,
            starts: links.starts,
            waits: links.waits,
            courses: links.courses,
            obstacles,
            absent,
            missing_tools: startups.missing_tools,
            uses,
            engine: inputs.engine.clone(),
        }
    }
}

/// A file that only its name tells of, and that another stack takes in, is a part and no stack.
fn drop_parts(stacks: &mut Vec<Stack>) {
    let parts: BTreeSet<String> = stacks
        .iter()
        .flat_map(|stack| stack.taken_in.clone())
        .collect();
    stacks.retain(|stack| {
        let by_name = stack.files.reason.is_guess();
        !(by_name && stack.files.files.iter().all(|file| parts.contains(file)))
    });
}
