//! Scripts of the project that others call: `./wait.sh 60`, `bash scripts/wait.sh`, `make up`, `npm run wait`.

use crate::shell::{self, Cwd, Dialect, Event, ScriptCall};
use crate::source::{FileKind, Mapped, Store, paths};
use crate::yaml::{Trees, mapped};
use std::collections::BTreeSet;

/// Calls in called scripts are followed no deeper.
const DEPTH: usize = 8;

/// More events than these no job of people has.
const MOST_EVENTS: usize = 10_000;

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
    pub(super) fn followed(&mut self, events: Vec<Event>, folder: Option<&str>) -> Vec<Event> {
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

    /// The events of a script that nothing calls; `None` where it cannot be read or is called after all.
    pub(super) fn uncalled(&mut self, path: &str) -> Option<Vec<Event>> {
        let script = self.text_of(path)?;
        let dialect = dialect_of(script.text());
        let events = shell::read(&script, &shell::Environment::new(), dialect).events;
        self.open.push(path.to_owned());
        Some(self.followed(events, Some(paths::parent(path))))
    }

    fn text_of(&mut self, path: &str) -> Option<Mapped> {
        let file = self.store.open(path).ok()?;
        let text = self.store.sources().get(file).text();
        Some(Mapped::verbatim(file, text, 0))
    }

    /// What a call does: the events of its script, in the caller's folder and under what surrounds the call.
    fn call(&mut self, call: &ScriptCall, start: Option<&str>) -> Vec<Event> {
        if self.open.len() >= DEPTH {
            return Vec::new();
        }
        let folder = folder_of(call, start);
        let Some((name, script, inside)) = self.script(call, folder.as_deref()) else {
            return Vec::new();
        };
        if self.open.contains(&name) {
            return Vec::new();
        }
        self.open.push(name);
        let dialect = dialect_of(script.text());
        let events = shell::read(&script, &call.environment, dialect).events;
        let mut events = self.followed(events, inside.as_deref());
        self.open.pop();
        for event in &mut events {
            event.surround(call);
        }
        events
    }

    /// The script that is called: a name of its own, its text, and the folder that it runs in.
    fn script(
        &mut self,
        call: &ScriptCall,
        folder: Option<&str>,
    ) -> Option<(String, Mapped, Option<String>)> {
        let inside = folder.map(str::to_owned);
        match call.program.as_str() {
            "npm" | "yarn" | "pnpm" | "bun" => {
                let (name, text) = self.npm(call, folder?)?;
                Some((name, text, inside))
            }
            "make" | "just" => None,
            _ => {
                let path = self.file(call, folder)?;
                self.called.insert(path.clone());
                let text = self.text_of(&path)?;
                Some((path, text, inside))
            }
        }
    }

    /// The file that a call names: from the folder that it runs in, else the only one in the project with that path's end.
    fn file(&self, call: &ScriptCall, folder: Option<&str>) -> Option<String> {
        let written = call.path.text.as_deref()?;
        let name = written.trim_start_matches("./");
        if let Some(folder) = folder {
            let path = paths::join(folder, written)?;
            return self.store.exists(&path).then_some(path);
        }
        let in_base = |path: &&str| self.base.is_empty() || path.starts_with(self.base);
        let fits = |path: &&str| *path == name || path.ends_with(&format!("/{name}"));
        let scripts = self.store.of_kind(FileKind::Script);
        let mut matching = scripts.filter(in_base).filter(fits);
        let first = matching.next()?.to_owned();
        matching.next().is_none().then_some(first)
    }

    /// A script of `package.json`.
    fn npm(&mut self, call: &ScriptCall, folder: &str) -> Option<(String, Mapped)> {
        let arguments = call.environment.arguments();
        let mut words = arguments
            .iter()
            .map(|argument| argument.as_ref().map(|given| given.text.as_str()));
        let mut wanted = words.find(|word| !word.is_some_and(|word| word.starts_with('-')))??;
        if matches!(wanted, "run" | "run-script") {
            wanted = words.find(|word| !word.is_some_and(|word| word.starts_with('-')))??;
        }
        let path = paths::join(folder, "package.json")?;
        let file = self.store.open(&path).ok()?;
        // JSON is YAML.
        let tree = self.trees.open(file, self.store.sources()).ok()?;
        let scripts = tree.get(*tree.documents().first()?, "scripts")?;
        let script = tree.get(scripts, wanted)?;
        let text = mapped(&tree, self.store.sources().get(file), script)?;
        Some((format!("{path}#{wanted}"), text))
    }
}

/// The folder that a call runs in, from the project's root.
fn folder_of(call: &ScriptCall, start: Option<&str>) -> Option<String> {
    if call.setting.remote {
        return None;
    }
    match &call.cwd {
        Cwd::Start => start.map(str::to_owned),
        Cwd::Relative(path) => start.and_then(|start| paths::join(start, path)),
        Cwd::Absolute(_) | Cwd::Unknown => None,
    }
}

/// What a script's first line says.
fn dialect_of(script: &str) -> Dialect {
    let first = script.lines().next().unwrap_or_default();
    let is_sh = first.starts_with("#!") && (first.ends_with("/sh") || first.contains("/sh "));
    if is_sh { Dialect::Sh } else { Dialect::Bash }
}
