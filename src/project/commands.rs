//! The stacks that `docker compose` commands start, and which files a command reads.

use super::jobs::Job;
use super::stacks::{StackFiles, default_files};
use super::surroundings::around;
use super::{Absent, Reason, variables};
use crate::compose::{split_files, split_profiles};
use crate::shell::{Argument, ComposeCommand, Cwd, in_project};
use crate::source::{FileKind, Span, Store, paths};
use std::collections::{BTreeMap, BTreeSet};

/// Who starts a stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    /// A workflow.
    Workflow,
    /// A script, a Makefile or a justfile.
    Script,
}

impl By {
    fn reason(self, span: Span) -> Reason {
        match self {
            Self::Workflow => Reason::Command(span),
            Self::Script => Reason::Script(span),
        }
    }
}

/// What a command reads.
#[derive(Clone, Debug)]
pub(super) struct Found {
    /// The folder that it runs in.
    pub(super) folder: String,
    /// Its files, in their order.
    pub(super) files: Vec<String>,
    /// Whether neither `-f` nor a variable of the script names them.
    pub(super) bare: bool,
}

/// Adds the stacks that the commands of these jobs start, and the files that they name and that are not here.
pub(super) fn commanded(
    store: &mut Store,
    jobs: &[Job],
    by: By,
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
            open_env_files(store, job, step, command);
            if let Some(files) = files_of(store, job, step, command) {
                if let Some(stack) = stack_of(store, job, step, command, by, files) {
                    add(found, stack, by);
                }
                continue;
            }
            let missing = absent_files(store, job, command);
            // A script may be about files that it makes, or about another project.
            let is_ours = by == By::Workflow || missing.len() < command.files.len();
            absent.extend(missing.into_iter().filter(|_| is_ours));
        }
    }
}

/// Adds a stack that is not known yet; what it says of one that is known counts there.
fn add(found: &mut Vec<StackFiles>, stack: StackFiles, by: By) {
    let mut named = found
        .iter_mut()
        .filter(|known| is_named(known, &stack.files));
    if let Some(named) = named.find(|known| !known.is_run) {
        // The settings say which files, the first command that runs just these says how.
        named.is_run = true;
        named.around = stack.around;
        named.project = named.project.take().or(stack.project);
        if named.profiles.is_empty() {
            named.profiles = stack.profiles;
            named.says_profiles = stack.says_profiles;
        }
        return;
    }
    let same = |known: &StackFiles| {
        is_named(known, &stack.files)
            || known.files == stack.files && known.env_files == stack.env_files
    };
    let holds = |known: &StackFiles| {
        let is_on = |profile: &String| known.profiles.contains(profile);
        match by {
            By::Script => is_named(known, &stack.files) || stack.profiles.iter().all(is_on),
            By::Workflow => known.around == stack.around,
        }
    };
    match found.iter_mut().find(|known| same(known) && holds(known)) {
        // The same files with more profiles: the larger stack holds the smaller one's waits too.
        Some(known) if by == By::Workflow && !is_named(known, &stack.files) => {
            known.profiles.extend(stack.profiles);
        }
        Some(_) => {}
        None => found.push(stack),
    }
}

/// Whether the settings name a stack of these files.
fn is_named(stack: &StackFiles, files: &[String]) -> bool {
    matches!(stack.reason, Reason::Settings(_)) && stack.files == files
}

/// The stack that a command makes of its files; `None` where its env files or its folder are not known.
fn stack_of(
    store: &mut Store,
    job: &Job,
    step: usize,
    command: &ComposeCommand,
    by: By,
    found: Found,
) -> Option<StackFiles> {
    let Found {
        folder: here,
        files,
        bare,
    } = found;
    let env_files: Option<Vec<String>> = command
        .env_files
        .iter()
        .map(|file| {
            let text = file.text.as_deref()?;
            // One that lies outside is not read, but it stands for `.env` all the same.
            Some(located(store, &here, text).unwrap_or_else(|| text.to_owned()))
        })
        .collect();
    let env_files = env_files?;
    let folder = match &command.project_directory {
        Some(directory) => located(store, &here, directory.text.as_deref()?)?,
        None => paths::parent(&files[0]).to_owned(),
    };
    for file in &files {
        // What cannot be read is told when the stack is.
        store.open(file).ok();
    }
    let around = around(store, job, step, command, &files);
    let mut env_folders = vec![folder.clone()];
    if bare && here != folder {
        env_folders.insert(0, here);
    }
    let text = |argument: Option<&Argument>| argument.and_then(|argument| argument.text.clone());
    let project = text(command.project_name.as_ref());
    Some(StackFiles {
        name: String::new(),
        files,
        folder,
        env_folders,
        env_files,
        profiles: profiles_of(command),
        says_profiles: !command.profiles.is_empty() || command.compose_profiles.is_some(),
        around,
        project: project.or_else(|| text(command.compose_project_name.as_ref())),
        bare: bare && by == By::Script,
        open: command.empty_options,
        is_run: true,
        reason: by.reason(command.span),
    })
}

/// Reads the env files that a command names, so that they can be looked into.
fn open_env_files(store: &mut Store, job: &Job, step: usize, command: &ComposeCommand) {
    let names = command
        .env_files
        .iter()
        .filter_map(|file| file.text.as_deref());
    let names: Vec<&str> = names.collect();
    for folder in folders_of(job, step, command).unwrap_or_default() {
        let paths = names
            .iter()
            .filter_map(|name| located(store, &folder, name));
        for path in paths.collect::<Vec<_>>() {
            if store.exists(&path) {
                store.open(&path).ok();
            }
        }
    }
}

/// The profiles that are on: those given, else those of `COMPOSE_PROFILES`.
fn profiles_of(command: &ComposeCommand) -> Vec<String> {
    let listed = command.profiles.iter();
    let listed: Vec<String> = listed.filter_map(|profile| profile.text.clone()).collect();
    if !command.profiles.is_empty() {
        return listed;
    }
    let set = command.compose_profiles.as_ref();
    let set = set.and_then(|value| value.text.as_deref());
    set.map(split_profiles).unwrap_or_default()
}

/// The files of a command that are nowhere in its part of the project.
fn absent_files(store: &Store, job: &Job, command: &ComposeCommand) -> Vec<Absent> {
    let is_here = |name: &str| {
        let name = in_project(name).unwrap_or(name).trim_start_matches("./");
        let fits = |path: &str| path == name || path.ends_with(&format!("/{name}"));
        store.of_kind(FileKind::Compose).any(fits)
            || paths::join(&job.base, name).is_some_and(|path| store.exists(&path))
    };
    let named = command.files.iter();
    let named = named.filter_map(|file| Some((file.text.clone()?, file.span)));
    let absent = named
        .filter(|(name, _)| name != "-" && !name.contains(['\u{fffd}', '$']) && !is_here(name));
    let shown = |name: String| match in_project(&name) {
        Some(inside) => paths::join("", inside).unwrap_or(name),
        None => name,
    };
    absent
        .map(|(file, span)| Absent {
            file: shown(file),
            span,
        })
        .collect()
}

/// The project's files that a command reads; `None` where that is not known.
pub(super) fn files_of(
    store: &Store,
    job: &Job,
    step: usize,
    command: &ComposeCommand,
) -> Option<Found> {
    if command.more_options {
        return None;
    }
    let text = |argument: &Argument| argument.text.clone();
    let named: Option<Vec<String>> = match &command.compose_file {
        _ if !command.files.is_empty() => {
            Some(command.files.iter().map(text).collect::<Option<_>>()?)
        }
        Some(list) => {
            let separator = command.path_separator.as_ref();
            let separator = separator.and_then(|separator| separator.text.as_deref());
            let listed = split_files(list.text.as_deref()?, separator);
            Some(listed).filter(|listed| !listed.is_empty())
        }
        None => None,
    };
    if named
        .iter()
        .flatten()
        .any(|name| name == "-" || name.is_empty())
    {
        return None;
    }
    let read = |folder: &str| read_in(store, folder, named.as_deref(), command);
    if let Some(folders) = folders_of(job, step, command) {
        return only(&folders, read);
    }
    // A folder that is only on a server: the one folder of the project that has all these files.
    let folders: BTreeSet<&str> = store
        .of_kind(FileKind::Compose)
        .filter_map(|path| {
            let folder = paths::parent(path);
            let inside = job.base.is_empty()
                || folder == job.base
                || folder.starts_with(&format!("{}/", job.base));
            let first = named.as_ref().map(|named| named[0].as_str());
            let first = first.unwrap_or_else(|| paths::name(path));
            let rest = path.strip_suffix(first.trim_start_matches("./"))?;
            inside.then_some(rest.trim_end_matches('/'))
        })
        .collect();
    let folders: Vec<String> = folders.into_iter().map(str::to_owned).collect();
    only(&folders, read)
}

/// The folders that a command may run in; `None` where it is on another machine, or not known.
fn folders_of(job: &Job, step: usize, command: &ComposeCommand) -> Option<Vec<String>> {
    if command.setting.remote {
        return None;
    }
    let start = job.steps[step].folder.candidates();
    match &command.cwd {
        Cwd::Start => start.map(<[String]>::to_vec),
        Cwd::Relative(path) => {
            let joined = start?.iter().filter_map(|start| paths::join(start, path));
            Some(joined.collect())
        }
        Cwd::Absolute(path) => {
            let inside = in_project(path)?;
            Some(vec![paths::join("", inside)?])
        }
        Cwd::Unknown => None,
    }
}

/// What is read in one of these folders, where just one list of files can be meant.
fn only(folders: &[String], read: impl Fn(&str) -> Option<Found>) -> Option<Found> {
    let mut lists: BTreeMap<Vec<String>, Found> = BTreeMap::new();
    for found in folders.iter().filter_map(|folder| read(folder)) {
        lists.entry(found.files.clone()).or_insert(found);
    }
    let found = lists.pop_first();
    found.filter(|_| lists.is_empty()).map(|(_, found)| found)
}

/// What a command reads in a folder.
fn read_in(
    store: &Store,
    folder: &str,
    named: Option<&[String]>,
    command: &ComposeCommand,
) -> Option<Found> {
    let files = if let Some(named) = named {
        all(store, folder, named)
    } else {
        let env_files = command.env_files.iter();
        let env_files = env_files.map(|file| located(store, folder, file.text.as_deref()?));
        bare_files(store, folder, &env_files.collect::<Option<Vec<_>>>()?)
    };
    Some(Found {
        folder: folder.to_owned(),
        files: files?,
        bare: named.is_none(),
    })
}

/// The files that `docker compose` reads in a folder without `-f`: those of `COMPOSE_FILE`, else the default ones.
pub(super) fn bare_files(store: &Store, folder: &str, env_files: &[String]) -> Option<Vec<String>> {
    let folders = [folder.to_owned()];
    match variables::of(store, &folders, env_files).listed_files() {
        Some(listed) => all(store, folder, &listed),
        None => default_files(store, folder),
    }
}

/// These files, seen from a folder, if all are there. A file that only the server has makes the stack unknown.
fn all(store: &Store, folder: &str, named: &[String]) -> Option<Vec<String>> {
    let files: Option<Vec<String>> = named
        .iter()
        .map(|name| located(store, folder, name))
        .collect();
    files.filter(|files| files.iter().all(|file| store.exists(file)))
}

/// Where a path that a script names leads.
fn located(store: &Store, folder: &str, path: &str) -> Option<String> {
    match in_project(path) {
        Some(inside) => paths::join("", inside),
        None => store.locate(folder, path),
    }
}
