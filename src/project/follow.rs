//! Scripts of the project that others call: `./wait.sh 60`, `bash scripts/wait.sh`, `make up`, `npm run wait`.

use super::jobs::Folder;
use super::scripts::{events_of, tasks_of};
use crate::shell::{self, Cwd, Dialect, Event, ScriptCall, in_project};
use crate::source::{FileKind, Mapped, Store, paths, shebang};
use crate::yaml::{Trees, mapped};
use std::collections::BTreeSet;

/// Calls in called scripts are followed no deeper.
const DEPTH: usize = 8;

/// More events than these no job of people has.
const MOST_EVENTS: usize = 10_000;

/// What is called: a name of its own, what it does, and the folder that it runs in.
type Called = (String, Vec<Event>, Folder);

/// Follows calls.
pub(super) struct Follower<'a> {
    store: &'a mut Store,
    trees: &'a mut Trees,
    /// Where the repository begins.
    base: &'a str,
    /// The scripts that were followed.
    called: &'a mut BTreeSet<String>,
    /// The scripts that are being followed, by path and target.
    open: Vec<String>,
    left: usize,
}

impl<'a> Follower<'a> {
    pub(super) fn new(
        store: &'a mut Store,
        trees: &'a mut Trees,
        base: &'a str,
        called: &'a mut BTreeSet<String>,
    ) -> Self {
        Self {
            store,
            trees,
            base,
            called,
            open: Vec::new(),
            left: MOST_EVENTS,
        }
    }

    /// The events with what the calls in them do; `folder` is where the script starts.
    pub(super) fn followed(&mut self, events: Vec<Event>, folder: &Folder) -> Vec<Event> {
        let mut all = Vec::new();
        for event in events {
            self.left = self.left.saturating_sub(1);
            match event {
                Event::Call(call) if self.left > 0 => all.extend(self.call(&call, folder)),
                Event::Call(_) => {}
                event => all.push(event),
            }
        }
        all
    }

    fn text_of(&mut self, path: &str) -> Option<Mapped> {
        let file = self.store.open(path).ok()?;
        let text = self.store.sources().get(file).text();
        Some(Mapped::verbatim(file, text, 0))
    }

    /// What a call does: the events of its script, in the caller's folder and under what surrounds the call.
    fn call(&mut self, call: &ScriptCall, start: &Folder) -> Vec<Event> {
        if self.open.len() >= DEPTH {
            return Vec::new();
        }
        let folder = folder_of(call, start);
        let read = match call.program.as_str() {
            "npm" | "yarn" | "pnpm" | "bun" => self.npm(call, &folder),
            "make" | "just" => self.task(call, &folder),
            _ => self.script(call, &folder),
        };
        let Some((name, events, inside)) = read else {
            return Vec::new();
        };
        if self.open.contains(&name) {
            return Vec::new();
        }
        self.called.insert(name.clone());
        self.open.push(name);
        let mut events = self.followed(events, &inside);
        self.open.pop();
        for event in &mut events {
            event.surround(call);
        }
        events
    }

    /// A script file: its path, what it does, and the folder that it runs in.
    fn script(&mut self, call: &ScriptCall, folder: &Folder) -> Option<Called> {
        let path = self.file(call, folder)?;
        let script = self.text_of(&path)?;
        let dialect = shebang(script.text())
            .and_then(Dialect::of)
            .unwrap_or_default();
        let mut environment = call.environment.clone();
        environment.set_script(&path, self.base);
        let events = shell::read(&script, &environment, dialect).events;
        Some((path, events, folder.clone()))
    }

    /// The file that a call names: from a folder that it may run in, else the only one in the project with that path's end.
    fn file(&self, call: &ScriptCall, folder: &Folder) -> Option<String> {
        let written = call.path.text.as_deref()?;
        if let Some(inside) = in_project(written) {
            return paths::join("", inside).filter(|path| self.store.exists(path));
        }
        if let Some(folders) = folder.candidates() {
            let mut paths = folders
                .iter()
                .filter_map(|folder| paths::join(folder, written));
            return paths.find(|path| self.store.exists(path));
        }
        let name = written.trim_start_matches("./");
        let in_base = |path: &&str| self.base.is_empty() || path.starts_with(self.base);
        let fits = |path: &&str| *path == name || path.ends_with(&format!("/{name}"));
        let scripts = self.store.of_kind(FileKind::Script);
        let mut matching = scripts.filter(in_base).filter(fits);
        let first = matching.next()?.to_owned();
        matching.next().is_none().then_some(first)
    }

    /// The targets of a Makefile or a justfile.
    fn task(&mut self, call: &ScriptCall, folder: &Folder) -> Option<Called> {
        let arguments = call.environment.arguments();
        let words: Option<Vec<&str>> = arguments
            .iter()
            .map(|argument| argument.as_ref().map(|given| given.text.as_str()))
            .collect();
        let words = words?;
        let mut inner = String::new();
        let mut targets = Vec::new();
        let mut at = words.iter();
        while let Some(word) = at.next() {
            match *word {
                "-C" | "--directory" => (*at.next()?).clone_into(&mut inner),
                "-f" | "--file" | "--makefile" | "-d" | "--justfile" => return None,
                "-j" | "-O" => {}
                word if word.starts_with('-') || word.contains('=') => {}
                word => targets.push(word),
            }
        }
        let names: &[&str] = if call.program == "make" {
            &["GNUmakefile", "makefile", "Makefile"]
        } else {
            &["justfile", "Justfile", ".justfile"]
        };
        let folders = folder.candidates()?.iter();
        let mut folders = folders.filter_map(|folder| paths::join(folder, &inner));
        let path = folders.find_map(|folder| {
            let mut paths = names.iter().filter_map(|name| paths::join(&folder, name));
            paths.find(|path| self.store.exists(path))
        })?;
        let tasks = tasks_of(self.store, &path, self.base);
        let wanted = if targets.is_empty() {
            vec![tasks.first()?.name.as_str()]
        } else {
            targets
        };
        let mut events = Vec::new();
        for task in tasks
            .iter()
            .filter(|task| wanted.contains(&task.name.as_str()))
        {
            self.called.insert(format!("{path}#{}", task.name));
            for (mut read, script) in events_of(task) {
                for event in &mut read {
                    event.setting_mut().tolerated |= script.tolerated;
                }
                events.extend(read);
            }
        }
        let inside = Folder::Known(paths::parent(&path).to_owned());
        for event in &mut events {
            // What the target does is in the Makefile's folder, wherever it is called from.
            event.moved(&Cwd::Absolute(shell::of_project(paths::parent(&path))));
        }
        Some((format!("{path}#{}", wanted.join("#")), events, inside))
    }

    /// A script of `package.json`.
    fn npm(&mut self, call: &ScriptCall, folder: &Folder) -> Option<Called> {
        let wanted = package_script(call)?;
        let folders = folder.candidates()?.iter();
        let mut found = folders.filter_map(|folder| paths::join(folder, "package.json"));
        let path = found.find(|path| self.store.exists(path))?;
        let text = text_of_package_script(self.store, self.trees, &path, wanted)?;
        let name = format!("{path}#{wanted}");
        let events = shell::read(&text, &call.environment, Dialect::Sh).events;
        Some((name, events, folder.clone()))
    }
}

/// The script that `npm run x`, `yarn x` or `npm start` names.
pub(super) fn package_script(call: &ScriptCall) -> Option<&str> {
    let arguments = call.environment.arguments().iter();
    let words = arguments.map(|argument| argument.as_ref().map(|given| given.text.as_str()));
    // What is not known may be an option or the name.
    let mut words = words.filter(|word| word.is_none_or(|word| !word.starts_with('-')));
    match words.next()?? {
        "run" | "run-script" => words.next()?,
        wanted => Some(wanted),
    }
}

/// The text of a script of this `package.json`.
pub(super) fn text_of_package_script(
    store: &mut Store,
    trees: &mut Trees,
    path: &str,
    wanted: &str,
) -> Option<Mapped> {
    let file = store.open(path).ok()?;
    // JSON is YAML.
    let tree = trees.open(file, store.sources()).ok()?;
    let scripts = tree.get(*tree.documents().first()?, "scripts")?;
    let script = tree.get(scripts, wanted)?;
    mapped(&tree, store.sources().get(file), script)
}

/// The folder that a call runs in.
fn folder_of(call: &ScriptCall, start: &Folder) -> Folder {
    if call.setting.remote {
        return Folder::Unknown;
    }
    match &call.cwd {
        Cwd::Start => start.clone(),
        Cwd::Relative(path) => match start.candidates() {
            Some(folders) => {
                let joined = folders
                    .iter()
                    .filter_map(|folder| paths::join(folder, path));
                Folder::OneOf(joined.collect())
            }
            None => Folder::Unknown,
        },
        Cwd::Absolute(path) => in_project(path)
            .and_then(|inside| paths::join("", inside))
            .map_or(Folder::Unknown, Folder::Known),
        Cwd::Unknown => Folder::Unknown,
    }
}
