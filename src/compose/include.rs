//! `include`: other projects' files, whose services join this one's.

use super::outside::Role;
use super::print::anything;
use super::refused::{Code, Refused};
use super::value::{Data, Value};
use super::{Environment, Loader};
use crate::source::FileId;
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
            let path = match include.mapping() {
                Some(_) => include.get("path"),
                None => Some(include),
            };
            let is_empty = |path: &Value| path.scalar().is_none() && path.items().is_empty();
            let Some(path) = path.filter(|path| !is_empty(path)) else {
                // Docker goes on.
                continue;
            };
            let listed = match path.items() {
                [] => std::slice::from_ref(path),
                items => items,
            };
            let reached: Vec<Option<String>> = listed
                .iter()
                .map(|path| self.reach(folder, path, Role::Include))
                .collect();
            let Some(files) = reached.into_iter().collect::<Option<Vec<String>>>() else {
                continue;
            };
            if files.is_empty() || depth >= MAX_DEPTH {
                let message = "this is included too deep, and not read: its services are unknown";
                self.problems.push(Problem {
                    span: include.span,
                    message: message.to_owned(),
                });
                continue;
            }
            let inner = match include.get("project_directory") {
                Some(own) if !own.is_null() => self.project_directory(folder, own),
                _ => Self::folder_of(&files[0]),
            };
            let scope = self.scope(include, folder, &inner);
            let merged = self.within(scope, |loader| loader.merged(&files, &inner, depth + 1));
            let (failed, error) = match merged {
                Ok(theirs) => {
                    if let Some(theirs) = theirs {
                        join(root, theirs, include, &mut self.found);
                    }
                    continue;
                }
                Err(error) => error,
            };
            let index = files.iter().position(|file| *file == failed);
            let path = &listed[index.unwrap_or_default()];
            if !self.leads_out(&error, path, Role::Include) {
                self.problems.push(Problem {
                    span: include.span,
                    message: format!("`{}` cannot be included: {error}", path.written()),
                });
            }
        }
    }

    /// The folder that an include's paths count from. Docker takes what is no folder for a file in one.
    fn project_directory(&mut self, folder: &str, own: &Value) -> String {
        let path = self.reach(folder, own, Role::Folder).unwrap_or_default();
        if self.places.is_none() || self.store.is_folder(&path) {
            return path;
        }
        Self::folder_of(&path)
    }

    /// The variables of an include: those around it, and below them those of its own env files.
    fn scope(&mut self, include: &Value, folder: &str, inner: &str) -> Environment {
        let around = self.scopes.last().unwrap_or(self.environment).clone();
        let files = include.get("env_file");
        let files = files.filter(|files| files.scalar().is_some() || !files.items().is_empty());
        let listed = files.map(|files| match files.items() {
            [] => std::slice::from_ref(files),
            items => items,
        });
        let mut own = around.clone();
        let Some(files) = listed else {
            let path = self.inside(inner, ".env");
            if let Some(Ok(file)) = path.map(|path| self.store.open(&path)) {
                self.env_of_include(file, &around, &mut own);
            }
            let mut scope = around;
            scope.extend_missing(&own);
            return scope;
        };
        for file in files {
            let Some(path) = self.reach(folder, file, Role::EnvFile) else {
                continue;
            };
            match self.store.open(&path) {
                Ok(id) => self.env_of_include(id, &around, &mut own),
                Err(error) => {
                    let leads_out = self.leads_out(&error, file, Role::EnvFile);
                    if !leads_out && self.places.is_some() {
                        let message = format!(
                            "`{}`, whose variables are to be included, is not there",
                            file.written()
                        );
                        self.problems.push(Problem {
                            span: file.span,
                            message,
                        });
                    }
                }
            }
        }
        let mut scope = around;
        scope.extend_missing(&own);
        scope
    }

    fn env_of_include(
        &mut self,
        file: FileId,
        around: &Environment,
        environment: &mut Environment,
    ) {
        let source = self.store.sources().share(file);
        let problems = super::read_env_file(file, &source, around, environment);
        self.problems.extend(problems);
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
