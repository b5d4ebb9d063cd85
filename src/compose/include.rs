//! `include`: other projects' files, whose services join this one's.

use super::print::anything;
use super::refused::{Code, Refused};
use super::value::{Data, Value};
use super::{Environment, Loader};
use crate::yaml::Problem;

/// Includes go no deeper.
const MAX_DEPTH: usize = 20;

impl Loader<'_> {
    /// Adds what one file's content includes. A service of the file's own wins over one of that name.
    pub(super) fn include(&mut self, root: &mut Value, folder: &str, depth: usize) {
        let Some(includes) = root.get("include").cloned() else {
            return;
        };
        for include in includes.items() {
            let path = include.get("path").unwrap_or(include);
            let listed = match path.items() {
                [] => std::slice::from_ref(path),
                items => items,
            };
            if include.is_null() || include.mapping().is_some() && include.get("path").is_none() {
                // Docker goes on.
                continue;
            }
            let given: Vec<&str> = listed.iter().filter_map(Value::text).collect();
            let inside: Option<Vec<String>> =
                given.iter().map(|path| self.inside(folder, path)).collect();
            let Some(files) = inside.filter(|files| !files.is_empty() && depth < MAX_DEPTH) else {
                let message = format!(
                    "`{}` is not read: it is no path inside the project; its services are unknown",
                    given.join(", ")
                );
                self.problems.push(Problem {
                    span: include.span,
                    message,
                });
                continue;
            };
            let own_folder = include.get("project_directory").and_then(Value::text);
            let inner = match own_folder {
                Some(own) => self.project_directory(folder, own),
                None => Self::folder_of(&files[0]),
            };
            let scope = self.scope(include, folder, &inner);
            self.scopes.push(scope);
            let merged = self.merged(&files, &inner, depth + 1);
            self.scopes.pop();
            match merged {
                Ok(Some(theirs)) => join(root, theirs, include, &mut self.found),
                Ok(None) => {}
                Err((path, error)) => self.problems.push(Problem {
                    span: include.span,
                    message: format!("`{path}` cannot be included: {error}"),
                }),
            }
        }
    }

    /// The folder that an include's paths count from. Docker takes what is no folder for a file in one.
    fn project_directory(&self, folder: &str, own: &str) -> String {
        let path = self.inside(folder, own).unwrap_or_default();
        if self.places.is_none() || self.store.is_folder(&path) {
            return path;
        }
        Self::folder_of(&path)
    }

    /// The variables of an include: those around it, and below them those of its own env files.
    fn scope(&mut self, include: &Value, folder: &str, inner: &str) -> Environment {
        let around = self.scopes.last().unwrap_or(self.environment).clone();
        let listed = include.get("env_file").map(|files| match files.items() {
            [] => std::slice::from_ref(files),
            items => items,
        });
        let paths: Vec<String> = match listed {
            None => self.inside(inner, ".env").into_iter().collect(),
            Some(files) => {
                let given = files.iter().filter_map(Value::text);
                given.filter_map(|path| self.inside(folder, path)).collect()
            }
        };
        let mut own = around.clone();
        for path in paths {
            if let Ok(file) = self.store.open(&path) {
                let source = self.store.sources().share(file);
                let problems = super::read_env_file(file, source.text(), &around, &mut own);
                self.problems.extend(problems);
            } else if let Some(listed) = include.get("env_file").filter(|_| self.places.is_some()) {
                let message = format!("`{path}`, whose variables are to be included, is not there");
                self.problems.push(Problem {
                    span: listed.span,
                    message,
                });
            }
        }
        let mut scope = around;
        scope.extend_missing(&own);
        scope
    }
}

/// Adds what is not there; Docker refuses what is there and differs (`loader/include.go`, `importResource`).
fn join(root: &mut Value, included: Value, include: &Value, refused: &mut Vec<Refused>) {
    let (Data::Mapping(root), Data::Mapping(included)) = (&mut root.data, included.data) else {
        return;
    };
    let sections = [
        "services", "volumes", "networks", "secrets", "configs", "models",
    ];
    let theirs = included.fields.into_iter();
    for (section, field) in theirs.filter(|(name, _)| sections.contains(&name.as_str())) {
        match root.fields.get_mut(&section) {
            None => {
                root.fields.insert(section, field);
            }
            Some(own) => {
                let (Data::Mapping(own), Data::Mapping(theirs)) =
                    (&mut own.value.data, field.value.data)
                else {
                    continue;
                };
                for (name, field) in theirs.fields {
                    match own.fields.get(&name) {
                        None => {
                            own.fields.insert(name, field);
                        }
                        Some(known) if anything(&known.value) == anything(&field.value) => {}
                        Some(_) => {
                            let path = format!("{section}.{name}");
                            let message = format!(
                                "`{name}` is here and in what is included, and the two differ"
                            );
                            let key = own.fields.get(&name).map_or(include.span, |own| own.key);
                            let mut refused_here = Refused::new(Code::Conflict, key, path, message);
                            refused_here
                                .labels
                                .push((field.key, "the one that is included".to_owned()));
                            refused_here
                                .labels
                                .push((include.span, "it is included here".to_owned()));
                            refused.push(refused_here.allowing(
                                "lay files over each other with several paths in one `include`, or with -f",
                            ));
                        }
                    }
                }
            }
        }
    }
}
