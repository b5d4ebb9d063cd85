//! Scripts, Makefiles and justfiles, read like jobs: what starts stacks by hand, and what CI may call.

use super::Obstacle;
use super::follow::Follower;
use super::jobs::{Folder, Job, JobStep};
use super::obstacle::guarded;
use crate::ci::EnvVariable;
use crate::shell::{self, Dialect, Environment, Event, Given};
use crate::source::{FileId, FileKind, Mapped, SourceFile, Store, paths, shebang};
use crate::tasks::{self, Exported, Task};
use crate::yaml::Trees;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What a script says that starts containers or waits.
const WORDS: [&str; 9] = [
    "sleep", "timeout", "until ", "while ", "for ", "curl", "wget", "wait", "retry",
];

/// Reads all of them that may say something of Compose, or wait. What cannot be read is passed over: nobody has named it.
/// `called` are those that jobs call, and gets those that other scripts call.
pub(super) fn read(
    store: &mut Store,
    trees: &mut Trees,
    called: &mut BTreeSet<String>,
    obstacles: &mut Vec<Obstacle>,
) -> Vec<Job> {
    let bases: BTreeSet<String> = store
        .of_kind(FileKind::Workflow)
        .map(|path| base_of_workflow(path).to_owned())
        .collect();
    let kinds = [FileKind::Script, FileKind::Makefile, FileKind::Justfile];
    let of = |kind: FileKind| store.of_kind(kind).map(move |path| (path.to_owned(), kind));
    let mut files: Vec<(String, FileKind)> = kinds.into_iter().flat_map(of).collect();
    // What others may include comes behind them.
    files.sort_by_key(|(path, _)| (is_part(path), path.clone()));
    let mut included = BTreeSet::new();
    let mut jobs = Vec::new();
    for (path, kind) in files {
        if included.contains(&path) {
            continue;
        }
        let says = |text: &str| {
            text.contains("compose")
                || (!is_entrypoint(&path) && WORDS.iter().any(|word| text.contains(word)))
                || (kind == FileKind::Makefile && text.contains("include"))
        };
        let Some(file) = store.open_if(&path, says) else {
            continue;
        };
        let base = base(&path, &bases);
        let place = Place {
            path: &path,
            base,
            source: store.sources().share(file),
            file,
        };
        let read = guarded(&path, || match kind {
            FileKind::Makefile => place.makefile(store, &mut included),
            FileKind::Justfile => place.justfile(),
            _ => vec![(path.clone(), place.script())],
        });
        match read {
            Ok(read) => jobs.extend(read),
            Err(obstacle) => obstacles.push(obstacle),
        }
    }
    for (_, job) in &mut jobs {
        let base = job.base.clone();
        for step in &mut job.steps {
            let events = std::mem::take(&mut step.events);
            let mut follower = Follower::new(store, trees, &base, called);
            step.events = follower.followed(events, &step.folder);
        }
    }
    let names: Vec<&str> = jobs.iter().map(|(name, _)| name.as_str()).collect();
    let inside = inside_of_containers(store, &names);
    for ((name, job), is_inside) in jobs.iter_mut().zip(inside) {
        job.stands_alone = !is_inside && !called.contains(name);
    }
    jobs.into_iter().map(|(_, job)| job).collect()
}

/// Whether a script's name says that it runs inside of a container.
fn is_entrypoint(path: &str) -> bool {
    paths::name(path).contains("entrypoint")
}

/// Which scripts run inside of a container: what an image is built of names them, or a compose file.
fn inside_of_containers(store: &mut Store, scripts: &[&str]) -> Vec<bool> {
    let mut inside: Vec<bool> = scripts.iter().map(|path| is_entrypoint(path)).collect();
    if inside.iter().all(|is_inside| *is_inside) {
        return inside;
    }
    let kinds = [FileKind::Dockerfile, FileKind::Compose];
    let of = |kind: FileKind| store.of_kind(kind).map(str::to_owned);
    for path in kinds.into_iter().flat_map(of).collect::<Vec<_>>() {
        // It is only looked into: what says nothing else is not kept.
        store.open_if(&path, |text| {
            for (path, is_inside) in scripts.iter().zip(&mut inside) {
                *is_inside |= text.contains(paths::name(path));
            }
            false
        });
    }
    inside
}

/// The targets of a Makefile or a justfile.
pub(super) fn tasks_of(store: &mut Store, path: &str, base: &str) -> Vec<Task> {
    let Ok(file) = store.open(path) else {
        return Vec::new();
    };
    let source = store.sources().share(file);
    if crate::source::kind(path) == Some(FileKind::Justfile) {
        return tasks::read_justfile(file, &source);
    }
    let mut open = |path: &str| {
        let file = store.open(path).ok()?;
        Some((file, store.sources().share(file)))
    };
    let folder = Some(paths::parent(path));
    tasks::read_makefile(file, &source, folder, base, &mut open).tasks
}

/// What the scripts of a target do, in order, and the variables that they see.
pub(super) fn events_of(task: &Task) -> Vec<(Vec<Event>, &tasks::Script)> {
    let read = |script: &'_ tasks::Script| {
        let mut environment = Environment::new();
        if let Some(folder) = &task.folder {
            environment.set_folder(folder);
        }
        for Exported { name, value, span } in &task.exported {
            match value {
                Some(value) => environment.set(name, value, Some(*span)),
                None => environment.set_unknown(name),
            }
        }
        // Each recipe line ends the target when it fails, and so does a command in it where `make` hands over several.
        shell::read(&script.text, &environment, script.dialect).events
    };
    let scripts = task.scripts.iter();
    scripts.map(|script| (read(script), script)).collect()
}

/// Whether a Makefile is one that others include.
fn is_part(path: &str) -> bool {
    path.strip_suffix(".mk").is_some()
}

/// Where the paths of a workflow count from: the folder that `.github` stands in.
pub(super) fn base_of_workflow(path: &str) -> &str {
    let folder = paths::parent(path);
    folder.rsplitn(3, '/').nth(2).unwrap_or_default()
}

/// The nearest folder above a file that has workflows, else the project's root.
fn base<'b>(path: &str, bases: &'b BTreeSet<String>) -> &'b str {
    let mut folder = paths::parent(path);
    loop {
        if let Some(base) = bases.get(folder) {
            return base;
        }
        if folder.is_empty() {
            return "";
        }
        folder = paths::parent(folder);
    }
}

/// A file that is read.
struct Place<'a> {
    path: &'a str,
    base: &'a str,
    source: Arc<SourceFile>,
    file: FileId,
}

impl Place<'_> {
    /// The folders that the file may be called from: its own and those above it.
    fn folders(&self) -> Folder {
        let mut folder = paths::parent(self.path);
        let mut folders = vec![folder.to_owned()];
        while folder != self.base && !folder.is_empty() {
            folder = paths::parent(folder);
            folders.push(folder.to_owned());
        }
        Folder::OneOf(folders)
    }

    fn job(&self, steps: Vec<JobStep>) -> Job {
        Job {
            id: None,
            stands_alone: true,
            base: self.base.to_owned(),
            services: Vec::new(),
            limit: None,
            default_limit: None,
            steps,
        }
    }

    fn script(&self) -> Job {
        let text = self.source.text();
        let mut environment = Environment::new();
        environment.set_script(self.path, self.base);
        // Without a first line that says so the name promises nothing.
        let dialect = shebang(text).and_then(Dialect::of).unwrap_or_default();
        let script = Mapped::verbatim(self.file, text, 0);
        let step = JobStep {
            name: None,
            folder: self.folders(),
            env: Vec::new(),
            events: shell::read(&script, &environment, dialect).events,
            runs: true,
            conditional: false,
            tolerated: false,
            continues: false,
            limit: None,
            job_limit: None,
        };
        self.job(vec![step])
    }

    fn makefile(&self, store: &mut Store, included: &mut BTreeSet<String>) -> Vec<(String, Job)> {
        let folder = Some(paths::parent(self.path)).filter(|_| !is_part(self.path));
        let mut open = |path: &str| {
            let file = store.open(path).ok()?;
            Some((file, store.sources().share(file)))
        };
        let read = tasks::read_makefile(self.file, &self.source, folder, self.base, &mut open);
        included.extend(read.included);
        read.tasks.iter().map(|task| self.task(task)).collect()
    }

    fn justfile(&self) -> Vec<(String, Job)> {
        let tasks = tasks::read_justfile(self.file, &self.source);
        tasks.iter().map(|task| self.task(task)).collect()
    }

    /// A target, and the name that it is called by.
    fn task(&self, task: &Task) -> (String, Job) {
        let steps = events_of(task).into_iter().map(|(events, script)| JobStep {
            name: None,
            folder: task
                .folder
                .clone()
                .map_or_else(|| self.folders(), Folder::Known),
            env: task.exported.iter().map(variable).collect(),
            events,
            runs: true,
            conditional: false,
            tolerated: script.tolerated,
            continues: false,
            limit: None,
            job_limit: None,
        });
        let name = format!("{}#{}", self.path, task.name);
        (name, self.job(steps.collect()))
    }
}

/// As a workflow would set it.
fn variable(exported: &Exported) -> EnvVariable {
    let given = |value: &String| Given::new(value, Some(exported.span));
    EnvVariable {
        name: exported.name.clone(),
        value: exported.value.as_ref().map(given),
        span: exported.span,
    }
}
