//! Scripts, Makefiles and justfiles, read like jobs: what starts stacks by hand, and what CI may call.

use super::Obstacle;
use super::jobs::{Folder, Job, JobStep};
use super::obstacle::guarded;
use crate::ci::EnvVariable;
use crate::shell::{self, Dialect, Environment};
use crate::source::{FileId, FileKind, Mapped, SourceFile, Store, paths, shebang};
use crate::tasks::{self, Exported, Task};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Reads all of them that may say something of Compose. What cannot be read is passed over: nobody has named it.
pub(super) fn read(store: &mut Store, obstacles: &mut Vec<Obstacle>) -> Vec<Job> {
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
            text.contains("compose") || (kind == FileKind::Makefile && text.contains("include"))
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
            _ => vec![place.script()],
        });
        match read {
            Ok(read) => jobs.extend(read),
            Err(obstacle) => obstacles.push(obstacle),
        }
    }
    jobs
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

    fn job(&self, id: &str, steps: Vec<JobStep>) -> Job {
        Job {
            id: id.to_owned(),
            base: self.base.to_owned(),
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
            tolerated: false,
            limit: None,
            job_limit: None,
        };
        self.job(self.path, vec![step])
    }

    fn makefile(&self, store: &mut Store, included: &mut BTreeSet<String>) -> Vec<Job> {
        let folder = Some(paths::parent(self.path)).filter(|_| !is_part(self.path));
        let mut open = |path: &str| {
            let file = store.open(path).ok()?;
            Some((file, store.sources().share(file)))
        };
        let read = tasks::read_makefile(self.file, &self.source, folder, self.base, &mut open);
        included.extend(read.included);
        read.tasks.iter().map(|task| self.task(task)).collect()
    }

    fn justfile(&self) -> Vec<Job> {
        let tasks = tasks::read_justfile(self.file, &self.source);
        tasks.iter().map(|task| self.task(task)).collect()
    }

    fn task(&self, task: &Task) -> Job {
        let steps = task.scripts.iter().map(|script| {
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
            let says = script.text.text().contains("compose");
            let read = says.then(|| shell::read(&script.text, &environment, script.dialect));
            JobStep {
                name: None,
                folder: task
                    .folder
                    .clone()
                    .map_or_else(|| self.folders(), Folder::Known),
                env: task.exported.iter().map(variable).collect(),
                events: read.unwrap_or_default().events,
                tolerated: script.tolerated,
                limit: None,
                job_limit: None,
            }
        });
        self.job(&task.name, steps.collect())
    }
}

/// As a workflow would set it; what is not known is an expression there.
fn variable(exported: &Exported) -> EnvVariable {
    EnvVariable {
        name: exported.name.clone(),
        value: exported
            .value
            .clone()
            .unwrap_or_else(|| "${{ unknown }}".to_owned()),
        span: exported.span,
        verbatim: false,
    }
}
