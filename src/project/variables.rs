//! The variables of env files, as far as they choose files, profiles and the project's name.

use crate::compose::{self, Environment};
use crate::source::{FileKind, Store, paths};

/// Reads every `.env` of the project, so that it can be looked into.
pub(super) fn open_all(store: &mut Store) {
    let named = |path: &&str| paths::name(path) == ".env";
    let paths: Vec<String> = store
        .of_kind(FileKind::Env)
        .filter(named)
        .map(str::to_owned)
        .collect();
    for path in paths {
        // What cannot be read is told with the stack that it belongs to.
        store.open(&path).ok();
    }
}

/// The variables of the env files that are named, or else of the `.env` of each folder, where the first that sets one counts.
pub(super) fn of(store: &Store, folders: &[String], named: &[String]) -> Environment {
    if !named.is_empty() {
        let mut environment = Environment::default();
        for path in named {
            add(store, path, &Environment::default(), &mut environment);
        }
        return environment;
    }
    let mut environment = Environment::default();
    for folder in folders {
        let mut own = Environment::default();
        if let Some(path) = store.locate(folder, ".env") {
            add(store, &path, &environment, &mut own);
        }
        environment.extend_missing(&own);
    }
    environment
}

fn add(store: &Store, path: &str, around: &Environment, environment: &mut Environment) {
    if let Some(file) = store.get(path) {
        let source = store.sources().get(file);
        compose::read_env_file(file, source, around, environment);
    }
}
