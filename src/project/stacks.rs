//! Which files make a stack, and why.

use super::commands::{By, bare_files, commanded};
use super::jobs::Job;
use super::surroundings::Surrounding;
use super::{Inputs, NamedStack, Obstacle, Reason, variables};
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

/// The files of a stack, before they are read.
#[derive(Clone, Debug)]
#[allow(clippy::struct_excessive_bools)] // They are independent of each other.
pub struct StackFiles {
    /// `staging`, `default` …; unique in the project.
    pub name: String,
    /// In the order of `-f`.
    pub files: Vec<String>,
    /// The project directory.
    pub folder: String,
    /// Instead of `.env`.
    pub env_files: Vec<String>,
    /// The folders whose `.env` is read; the first that sets a variable counts.
    pub env_folders: Vec<String>,
    /// The profiles that are on.
    pub profiles: Vec<String>,
    /// Variables that are set around the command.
    pub around: BTreeMap<String, Surrounding>,
    /// The project's name, where the command says it.
    pub project: Option<String>,
    /// Whether these are the files that Docker reads by itself, and nothing says that they are run alone.
    pub bare: bool,
    /// Whether the command says which profiles are on, so that env files do not count.
    pub(super) says_profiles: bool,
    /// Whether something that is not set here may name more files.
    pub(super) open: bool,
    /// Whether a command has told how it is run, where the settings name it.
    pub(super) is_run: bool,
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

/// What stacks are looked for in.
pub(super) struct Search<'a> {
    pub(super) store: &'a mut Store,
    pub(super) trees: &'a mut Trees,
    /// The jobs of the workflows.
    pub(super) jobs: &'a [Job],
    /// What scripts and Makefiles do.
    pub(super) scripts: &'a [Job],
    pub(super) inputs: &'a Inputs,
    pub(super) absent: &'a mut Vec<Absent>,
}

impl Search<'_> {
    /// Finds the stacks of a project.
    pub(super) fn find(mut self, obstacles: &mut Vec<Obstacle>) -> Vec<StackFiles> {
        variables::open_all(self.store);
        let inputs = self.inputs;
        let mut found = Vec::new();
        if inputs.files.is_empty() {
            found.extend(inputs.stacks.iter().map(named));
            self.commanded(&mut found);
            self.by_variable(&mut found);
            let listed: BTreeSet<String> = found
                .iter()
                .flat_map(|stack: &StackFiles| stack.files.clone())
                .collect();
            self.by_name(&listed, &mut found);
        } else {
            found.push(self.given());
        }
        for stack in &mut found {
            if !inputs.env_files.is_empty() {
                stack.env_files.clone_from(&inputs.env_files);
            }
            stack.profiles.extend(inputs.profiles.iter().cloned());
            if stack.profiles.is_empty() && !stack.says_profiles {
                let set = variables::of(self.store, &stack.env_folders, &stack.env_files);
                stack.profiles = set.listed_profiles();
            }
            let mut seen = BTreeSet::new();
            stack
                .profiles
                .retain(|profile| seen.insert(profile.clone()));
        }
        name_all(&mut found);
        if found.is_empty() {
            obstacles.push(Obstacle::new(
                "",
                match self.store.root() {
                    Some(root) => format!("there is nothing to check: no compose file was found in {}", root.display()),
                    None => "there is nothing to check: no compose file was found".to_owned(),
                },
                "run it in the folder of the project, name the folder (upbeat path/to/project), or name the files (-f compose.yml)",
            ));
        }
        found
    }

    /// The stacks that commands start, those of workflows first.
    fn commanded(&mut self, found: &mut Vec<StackFiles>) {
        commanded(self.store, self.jobs, By::Workflow, found, self.absent);
        commanded(self.store, self.scripts, By::Script, found, self.absent);
    }

    /// The stack of `-f`, with the variables around the first command that uses just these files.
    fn given(&mut self) -> StackFiles {
        let files = &self.inputs.files;
        let mut found: Vec<StackFiles> = self.inputs.stacks.iter().map(named).collect();
        self.commanded(&mut found);
        self.absent.clear();
        let given = plain(files.clone(), paths::parent(&files[0]), Reason::Given);
        let Some(same) = found.into_iter().find(|stack| stack.files == *files) else {
            return given;
        };
        if let Reason::Settings(_) = same.reason {
            return StackFiles {
                reason: Reason::Given,
                ..same
            };
        }
        StackFiles {
            around: same.around,
            ..given
        }
    }

    /// The stacks of folders whose env file sets `COMPOSE_FILE`.
    fn by_variable(&mut self, found: &mut Vec<StackFiles>) {
        let mut folders: BTreeSet<String> = self
            .store
            .of_kind(FileKind::Env)
            .filter(|path| paths::name(path) == ".env")
            .map(|path| paths::parent(path).to_owned())
            .collect();
        let named = &self.inputs.env_files;
        if !named.is_empty() {
            for path in named {
                self.store.open(path).ok();
            }
            // It says which files where it is given, and that is here.
            folders = BTreeSet::from([String::new()]);
        }
        for folder in folders {
            let set = variables::of(self.store, std::slice::from_ref(&folder), named);
            let (Some(variable), Some(listed)) = (set.get("COMPOSE_FILE"), set.listed_files())
            else {
                continue;
            };
            let Some(files) = bare_files(self.store, &folder, named) else {
                self.absent
                    .extend(self.missing(&folder, &listed, variable.span));
                continue;
            };
            if found.iter().any(|stack| stack.files == files) {
                continue;
            }
            let own = paths::parent(&files[0]).to_owned();
            let mut stack = plain(files, &own, Reason::Variable(variable.span));
            if own != folder {
                stack.env_folders.insert(0, folder);
            }
            found.push(stack);
        }
    }

    /// The listed files that are not here.
    fn missing(&self, folder: &str, listed: &[String], span: Span) -> Vec<Absent> {
        let is_here = |name: &&String| {
            self.store
                .locate(folder, name)
                .is_some_and(|path| self.store.exists(&path))
        };
        let missing = listed.iter().filter(|name| !is_here(name)).cloned();
        missing.map(|file| Absent { file, span }).collect()
    }

    /// The stacks that file names tell of, for files that stand in no list.
    fn by_name(&mut self, listed: &BTreeSet<String>, found: &mut Vec<StackFiles>) {
        let files: Vec<String> = self
            .store
            .of_kind(FileKind::Compose)
            .map(str::to_owned)
            .collect();
        for file in files.iter().filter(|file| !listed.contains(*file)) {
            let folder = paths::parent(file);
            let base = default_files(self.store, folder);
            let (files, reason) = match overlay_name(file) {
                None => continue,
                // Where the base stands in a list, this one still makes a stack with it.
                Some(Some("override")) => match base {
                    Some(files) if files.contains(file) && listed.contains(&files[0]) => {
                        (files, Reason::Default)
                    }
                    _ => continue,
                },
                Some(None) => match base {
                    Some(files) if files[0] == *file => (files, Reason::Default),
                    _ => continue,
                },
                Some(Some(_)) => match base {
                    Some(files) if is_overlay(self.store, self.trees, file) => {
                        (vec![files[0].clone(), file.clone()], Reason::Overlay)
                    }
                    _ => (vec![file.clone()], Reason::Alone),
                },
            };
            found.push(plain(files, folder, reason));
        }
    }
}

/// A stack of the settings.
fn named(stack: &NamedStack) -> StackFiles {
    let folder = paths::parent(&stack.files[0]);
    StackFiles {
        name: stack.name.clone(),
        env_files: stack.env_files.clone(),
        profiles: stack.profiles.clone(),
        ..plain(stack.files.clone(), folder, Reason::Settings(stack.span))
    }
}

/// A stack of which nothing but the files is said.
fn plain(files: Vec<String>, folder: &str, reason: Reason) -> StackFiles {
    StackFiles {
        name: String::new(),
        files,
        folder: folder.to_owned(),
        env_files: Vec::new(),
        env_folders: vec![folder.to_owned()],
        profiles: Vec::new(),
        around: BTreeMap::new(),
        project: None,
        bare: reason == Reason::Default,
        says_profiles: false,
        open: false,
        is_run: false,
        reason,
    }
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
    let named = stacks.iter().map(|stack| stack.name.clone());
    let mut taken: BTreeSet<String> = named.filter(|name| !name.is_empty()).collect();
    for stack in stacks.iter_mut().filter(|stack| stack.name.is_empty()) {
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
