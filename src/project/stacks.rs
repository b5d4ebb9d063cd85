//! Which files make a stack, and why.

use super::jobs::Job;
use super::surroundings::{Surrounding, around};
use super::{Inputs, Obstacle};
use crate::shell::{ComposeCommand, Cwd};
use crate::source::{FileKind, Span, Store, overlay_name, paths};
use crate::yaml::Trees;
use std::collections::{BTreeMap, BTreeSet};

/// Docker's order of default names; the first that is there is read.
const BASES: [&str; 4] = [
    "compose.yaml",
    "compose.yml",
    "docker-compose.yml",
    "docker-compose.yaml",
];
const OVERRIDES: [&str; 4] = [
    "compose.override.yml",
    "compose.override.yaml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
];

/// Why some files are taken for a stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// They were named on the command line.
    Given,
    /// A `docker compose` command names them.
    Command(Span),
    /// Docker reads them by itself.
    Default,
    /// A file with a compose file's name that stands in no command and is no overlay.
    Alone,
    /// An overlay that stands in no command, laid over the base beside it.
    Overlay,
}

/// The files of a stack, before they are read.
#[derive(Clone, Debug)]
pub struct StackFiles {
    /// `staging`, `default` …; unique in the project.
    pub name: String,
    /// In the order of `-f`.
    pub files: Vec<String>,
    /// The project directory.
    pub folder: String,
    /// Instead of `.env`.
    pub env_files: Vec<String>,
    /// The profiles that are on.
    pub profiles: Vec<String>,
    /// Variables that are set around the command.
    pub around: BTreeMap<String, Surrounding>,
    /// Why.
    pub reason: Reason,
}

/// A file that a command names and the project does not have: only the server knows that stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Absent {
    /// As it is written.
    pub file: String,
    /// Where.
    pub span: Span,
}

/// Finds the stacks of a project.
pub(super) fn find(
    store: &mut Store,
    trees: &mut Trees,
    jobs: &[Job],
    inputs: &Inputs,
    absent: &mut Vec<Absent>,
    obstacles: &mut Vec<Obstacle>,
) -> Vec<StackFiles> {
    let mut found = Vec::new();
    if inputs.files.is_empty() {
        commanded(store, jobs, &mut found, absent);
        let listed: BTreeSet<String> = found
            .iter()
            .flat_map(|stack: &StackFiles| stack.files.clone())
            .collect();
        by_name(store, trees, &listed, &mut found);
    } else {
        found.push(StackFiles {
            name: String::new(),
            files: inputs.files.clone(),
            folder: paths::parent(&inputs.files[0]).to_owned(),
            env_files: Vec::new(),
            profiles: Vec::new(),
            around: commanded_env(store, jobs, &inputs.files),
            reason: Reason::Given,
        });
    }
    for stack in &mut found {
        stack.profiles.extend(inputs.profiles.iter().cloned());
        if !inputs.env_files.is_empty() {
            stack.env_files.clone_from(&inputs.env_files);
        }
    }
    name_all(&mut found);
    if found.is_empty() {
        obstacles.push(Obstacle::new(
            "",
            match store.root() {
                Some(root) => format!("there is nothing to check: no compose file was found in {}", root.display()),
                None => "there is nothing to check: no compose file was found".to_owned(),
            },
            "run it in the folder of the project, name the folder (upbeat path/to/project), or name the files (-f compose.yml)",
        ));
    }
    found
}

/// The variables around the first command that uses just these files.
fn commanded_env(
    store: &mut Store,
    jobs: &[Job],
    files: &[String],
) -> BTreeMap<String, Surrounding> {
    let mut found = Vec::new();
    commanded(store, jobs, &mut found, &mut Vec::new());
    let same = found.into_iter().find(|stack| stack.files == files);
    same.map(|stack| stack.around).unwrap_or_default()
}

/// The stacks that `docker compose` commands start.
fn commanded(
    store: &mut Store,
    jobs: &[Job],
    found: &mut Vec<StackFiles>,
    absent: &mut Vec<Absent>,
) {
    for job in jobs {
        for (step, command) in job.commands() {
            let starts = matches!(
                command.subcommand.as_str(),
                "up" | "start" | "run" | "create" | "restart" | "watch"
            );
            if !starts {
                continue;
            }
            let Some(files) = files_of(store, job, step, command) else {
                absent.extend(absent_files(store, job, command));
                continue;
            };
            let env_files: Option<Vec<String>> = command
                .env_files
                .iter()
                .map(|file| file.text.clone())
                .collect();
            let folder = match &command.project_directory {
                Some(directory) => directory
                    .text
                    .as_deref()
                    .and_then(|text| paths::join(&job.base, text)),
                None => Some(paths::parent(&files[0]).to_owned()),
            };
            let (Some(env_files), Some(folder)) = (env_files, folder) else {
                continue;
            };
            let profiles: Vec<String> = profiles_of(command);
            for file in &files {
                // What cannot be read is told when the stack is.
                store.open(file).ok();
            }
            let around = around(store, job, step, command, &files);
            let known = found.iter_mut().find(|stack| {
                stack.files == files && stack.env_files == env_files && stack.around == around
            });
            if let Some(stack) = known {
                // The same files with more profiles: the larger stack holds the smaller one's waits too.
                stack
                    .profiles
                    .extend(profiles.into_iter().filter(|p| !p.is_empty()));
                continue;
            }
            found.push(StackFiles {
                name: String::new(),
                env_files: env_files
                    .iter()
                    .filter_map(|file| paths::join(&folder, file))
                    .collect(),
                folder,
                files,
                profiles,
                around,
                reason: Reason::Command(command.span),
            });
        }
    }
}

fn profiles_of(command: &ComposeCommand) -> Vec<String> {
    let listed = command
        .profiles
        .iter()
        .filter_map(|profile| profile.text.clone());
    let set = command
        .compose_profiles
        .as_ref()
        .and_then(|value| value.text.clone());
    let set = set
        .into_iter()
        .flat_map(|list| list.split(',').map(str::to_owned).collect::<Vec<_>>());
    listed.chain(set).collect()
}

/// The files of a command that are nowhere in its part of the project.
fn absent_files(store: &Store, job: &Job, command: &ComposeCommand) -> Vec<Absent> {
    let is_here = |name: &str| {
        let name = name.trim_start_matches("./");
        let fits = |path: &str| path == name || path.ends_with(&format!("/{name}"));
        store.of_kind(FileKind::Compose).any(fits)
            || paths::join(&job.base, name).is_some_and(|path| store.exists(&path))
    };
    let named = command.files.iter();
    let named = named.filter_map(|file| Some((file.text.clone()?, file.span)));
    let absent = named
        .filter(|(name, _)| name != "-" && !name.contains(['\u{fffd}', '$']) && !is_here(name));
    absent.map(|(file, span)| Absent { file, span }).collect()
}

/// The project's files that a command reads; `None` where that is not known.
pub(super) fn files_of(
    store: &Store,
    job: &Job,
    step: usize,
    command: &ComposeCommand,
) -> Option<Vec<String>> {
    let named: Vec<String> = match &command.compose_file {
        _ if !command.files.is_empty() => command
            .files
            .iter()
            .map(|file| file.text.clone())
            .collect::<Option<_>>()?,
        Some(list) => list
            .text
            .as_deref()?
            .split(':')
            .map(str::to_owned)
            .collect(),
        None => job.compose_file(step).unwrap_or_default(),
    };
    if named.iter().any(|name| name == "-" || name.is_empty()) {
        return None;
    }
    let folder = if command.setting.remote {
        None
    } else {
        let start = job.steps[step].folder.as_deref();
        match &command.cwd {
            Cwd::Start => start.map(str::to_owned),
            Cwd::Relative(path) => start.and_then(|start| paths::join(start, path)),
            Cwd::Absolute(_) | Cwd::Unknown => None,
        }
    };
    if let Some(folder) = folder {
        return in_folder(store, &folder, &named);
    }
    // A folder that is only on a server: the one folder of the project that has all these files.
    let folders: BTreeSet<&str> = store
        .of_kind(FileKind::Compose)
        .filter_map(|path| {
            let folder = paths::parent(path);
            let inside = job.base.is_empty()
                || folder == job.base
                || folder.starts_with(&format!("{}/", job.base));
            let first = named
                .first()
                .map_or_else(|| paths::name(path).to_owned(), Clone::clone);
            let rest = path.strip_suffix(first.trim_start_matches("./"))?;
            inside.then_some(rest.trim_end_matches('/'))
        })
        .collect();
    let mut matching = folders
        .into_iter()
        .filter_map(|folder| in_folder(store, folder, &named));
    let files = matching.next()?;
    matching.next().is_none().then_some(files)
}

fn in_folder(store: &Store, folder: &str, named: &[String]) -> Option<Vec<String>> {
    if named.is_empty() {
        return default_files(store, folder);
    }
    let files: Option<Vec<String>> = named.iter().map(|name| paths::join(folder, name)).collect();
    // A file that only the server has makes the stack unknown.
    files.filter(|files| files.iter().all(|file| store.exists(file)))
}

/// The files that Docker reads in a folder by itself.
pub fn default_files(store: &Store, folder: &str) -> Option<Vec<String>> {
    let first = |names: &[&str]| {
        names
            .iter()
            .filter_map(|name| paths::join(folder, name))
            .find(|path| store.exists(path))
    };
    let base = first(&BASES)?;
    Some(
        [Some(base), first(&OVERRIDES)]
            .into_iter()
            .flatten()
            .collect(),
    )
}

/// The stacks that file names tell of, for files that stand in no command.
fn by_name(
    store: &mut Store,
    trees: &mut Trees,
    listed: &BTreeSet<String>,
    found: &mut Vec<StackFiles>,
) {
    let files: Vec<String> = store
        .of_kind(FileKind::Compose)
        .map(str::to_owned)
        .collect();
    for file in files.iter().filter(|file| !listed.contains(*file)) {
        let folder = paths::parent(file);
        let base = default_files(store, folder);
        let (files, reason) = match overlay_name(file) {
            None | Some(Some("override")) => continue,
            Some(None) => match base {
                Some(files) if files[0] == *file => (files, Reason::Default),
                _ => continue,
            },
            Some(Some(_)) => match base {
                Some(files) if is_overlay(store, trees, file) => {
                    (vec![files[0].clone(), file.clone()], Reason::Overlay)
                }
                _ => (vec![file.clone()], Reason::Alone),
            },
        };
        found.push(StackFiles {
            name: String::new(),
            folder: folder.to_owned(),
            files,
            env_files: Vec::new(),
            profiles: Vec::new(),
            around: BTreeMap::new(),
            reason,
        });
    }
}

/// Whether a file cannot stand alone: some service of it has neither an image nor a build of its own.
fn is_overlay(store: &mut Store, trees: &mut Trees, path: &str) -> bool {
    let Ok(file) = store.open(path) else {
        return false;
    };
    let Ok(tree) = trees.open(file, store.sources()) else {
        return true;
    };
    let services = tree
        .documents()
        .iter()
        .filter_map(|root| tree.get(*root, "services"));
    services
        .flat_map(|services| tree.entries(services))
        .any(|entry| {
            let has = |key: &str| tree.get(entry.value, key).is_some();
            !has("image") && !has("build") && !has("extends")
        })
}

/// The name of the last overlay, else `default`; `-2` and on where a name is taken.
fn name_all(stacks: &mut [StackFiles]) {
    let mut taken = BTreeSet::new();
    for stack in stacks {
        let overlays = stack.files.iter().filter_map(|file| overlay_name(file)?);
        let last = overlays.rev().find(|name| *name != "override");
        let name = last.unwrap_or("default").to_owned();
        let mut unique = name.clone();
        let mut number = 2;
        while !taken.insert(unique.clone()) {
            unique = format!("{name}-{number}");
            number += 1;
        }
        stack.name = unique;
    }
}
