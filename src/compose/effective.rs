//! The whole effective model, as `docker compose config` makes and prints it.
//!
//! The steps are those of compose-go v2.9.1 (`loader/loader.go`, `loader/normalize.go`) and of Compose v2.40.3 (`cmd/compose/config.go`).

use super::fields::Fields;
use super::normalise::{drop_unused, normalise};
use super::print::{self, Form, Printed, Printer};
use super::survey::refusals;
use super::value::{Data, Value};
use super::{Environment, Loader, Model, Variable, canonical, scalars};
use crate::source::{FileId, ReadError};
use crate::yaml::Problem;
use serde_json::{Map, Value as Json};
use std::collections::BTreeSet;

/// What is asked for beside the files.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// The profiles that are on; `*` is all of them.
    pub profiles: Vec<String>,
    /// The project's name, where the caller gives one.
    pub name: Option<String>,
    /// What it is printed for.
    pub form: Form,
}

impl Loader<'_> {
    /// What `docker compose config` prints, as a tree; `places` must be set. `None` where there is nothing to print:
    /// `problems`, `refused` and `broken` say why.
    ///
    /// # Errors
    /// The first file that cannot be read.
    pub fn config(
        &mut self,
        files: &[String],
        folder: &str,
        wanted: &Wanted,
    ) -> Result<Option<Json>, (String, ReadError)> {
        let mut printed = Map::new();
        let is_some = self.config_in_pieces(files, folder, wanted, &mut |piece| {
            let Some(name) = piece.name else {
                printed.insert(piece.section, piece.value);
                return;
            };
            let section = printed.entry(piece.section);
            let section = section.or_insert_with(|| Json::Object(Map::new()));
            if let Json::Object(section) = section {
                section.insert(name, piece.value);
            }
        })?;
        Ok(is_some.then_some(Json::Object(printed)))
    }

    /// The same, piece by piece; whether there is something to print. What is refused is known only at the end.
    ///
    /// # Errors
    /// The first file that cannot be read.
    pub fn config_in_pieces(
        &mut self,
        files: &[String],
        folder: &str,
        wanted: &Wanted,
        out: &mut dyn FnMut(Printed),
    ) -> Result<bool, (String, ReadError)> {
        let name = self.project_name(files, folder, wanted)?;
        let mut scope = self.environment.clone();
        scope.set("COMPOSE_PROJECT_NAME", made_variable(self, files, &name)?);
        let model = self.within(scope, |loader| loader.load(files, folder))?;
        let profiles = self.profiles(wanted);
        let active = active(&model, &profiles);
        if let Some(root) = &model.root {
            let found = refusals(root, &model.files, |service| active.contains(&service.name));
            self.found.extend(found);
        }
        let Some(mut root) = model.root else {
            return Ok(false);
        };
        normalise(&mut root, &name);
        if let Some(services) = root.get_mut("services").and_then(Value::mapping_mut) {
            services
                .fields
                .retain(|name, _| active.contains(name.as_str()));
        }
        for service in canonical::children(root.get_mut("services")) {
            self.env_files(service);
            self.label_files(service);
        }
        drop_unused(&mut root);
        let noted = self.problems.len();
        let mut printer = Printer {
            form: wanted.form,
            refused: &mut self.problems,
        };
        print::project(&root, &name, &mut printer, out);
        self.problems[noted..].sort_by_key(|problem| (problem.span.file, problem.span.start));
        Ok(true)
    }

    /// Those given, else those of `COMPOSE_PROFILES`; where there is none, the empty one is on.
    fn profiles(&self, wanted: &Wanted) -> Vec<String> {
        let set = self.environment.get("COMPOSE_PROFILES");
        match set {
            _ if !wanted.profiles.is_empty() => wanted.profiles.clone(),
            Some(set) => set
                .text
                .split(',')
                .map(|name| name.trim().to_owned())
                .collect(),
            None => vec![String::new()],
        }
    }

    /// The name given, else `COMPOSE_PROJECT_NAME`, else the last `name:`, else the folder's.
    fn project_name(
        &mut self,
        files: &[String],
        folder: &str,
        wanted: &Wanted,
    ) -> Result<String, (String, ReadError)> {
        let set = self.environment.get("COMPOSE_PROJECT_NAME");
        let set = set.map(|variable| variable.text.clone());
        if let Some(name) = wanted.name.clone().or(set).filter(|name| !name.is_empty()) {
            return Ok(name);
        }
        let mut named = String::new();
        for path in files {
            let pages = self.open(path).map_err(|error| (path.clone(), error))?;
            for name in pages.iter().flat_map(|pages| pages.names(self.environment)) {
                named = scalars::text(&name);
            }
        }
        let normal = normal_name(&named);
        if !normal.is_empty() {
            return Ok(normal);
        }
        let folder = match &self.places {
            Some(places) => places.folder(folder),
            None => folder.to_owned(),
        };
        Ok(normal_name(crate::source::paths::name(&folder)))
    }

    /// What the env files of a service set and it does not set itself.
    fn env_files(&mut self, service: &mut Value) {
        let files = service
            .mapping_mut()
            .and_then(|mapping| mapping.fields.shift_remove("env_file"));
        let Some(files) = files else {
            return;
        };
        let mut around = Environment::default();
        let own = service.get("environment").and_then(Value::mapping);
        for (name, field) in own.into_iter().flat_map(|own| own.fields.iter()) {
            if !field.value.is_null() {
                around.set(name.as_str(), text_variable(&field.value));
            }
        }
        // The project's variables win over the service's own.
        around.extend(self.environment);
        let around = around.complete();
        let mut below = Environment::default();
        let mut found = Fields::default();
        for file in files.value.items() {
            let text = |key: &str| file.get(key).map(scalars::text).unwrap_or_default();
            let Some(id) = self.named_file(file, &text("path"), text("required") != "false") else {
                continue;
            };
            let source = self.store.sources().share(id);
            let (values, problems) = if text("format") == "raw" {
                super::dotenv::read_raw(id, source.text(), self.environment)
            } else {
                super::dotenv::read_values(id, source.text(), &around, &below)
            };
            self.problems.extend(problems);
            for (name, variable) in values {
                let value = file.made_text(variable.text.clone());
                below.set(&name, variable);
                found.insert(name, file.made_field(value));
            }
        }
        lay_under(service, "environment", found, &files.value);
    }

    /// A file that a service names by its absolute path; `None` where it cannot be read.
    fn named_file(&mut self, place: &Value, path: &str, required: bool) -> Option<FileId> {
        let inside = self.inside("", path);
        match inside.map_or(Err(ReadError::Outside), |path| self.store.open(&path)) {
            Ok(file) => {
                self.store.sources().get(file).conceal();
                Some(file)
            }
            Err(ReadError::Missing) if !required => None,
            Err(error) => {
                self.problems.push(Problem {
                    span: place.span,
                    message: format!("`{path}` cannot be read: {error}"),
                });
                None
            }
        }
    }

    /// The labels of a service's label files.
    fn label_files(&mut self, service: &mut Value) {
        let files = service
            .mapping_mut()
            .and_then(|mapping| mapping.fields.shift_remove("label_file"));
        let Some(files) = files else {
            return;
        };
        let mut found = Fields::default();
        let none = Environment::default().complete();
        for file in files.value.items() {
            let Some(id) = self.named_file(file, &scalars::text(file), true) else {
                continue;
            };
            let source = self.store.sources().share(id);
            let (labels, problems) = super::dotenv::read_values(id, source.text(), &none, &none);
            self.problems.extend(problems);
            for (name, label) in labels {
                let value = file.made_text(label.text);
                found.insert(name, file.made_field(value));
            }
        }
        lay_under(service, "labels", found, &files.value);
    }
}

fn made_variable(
    loader: &mut Loader<'_>,
    files: &[String],
    name: &str,
) -> Result<Variable, (String, ReadError)> {
    let path = files.first().cloned().unwrap_or_default();
    let file = loader.store.open(&path).map_err(|error| (path, error))?;
    Ok(Variable {
        text: name.to_owned(),
        span: crate::source::Span::new(file, 0..0),
        verbatim: false,
    })
}

fn text_variable(value: &Value) -> Variable {
    Variable {
        text: scalars::text(value),
        span: value.span,
        verbatim: false,
    }
}

/// Fields that count only where the service has none of its own.
fn lay_under(service: &mut Value, key: &str, mut found: Fields, place: &Value) {
    let Some(mapping) = service.mapping_mut() else {
        return;
    };
    if let Some(mut own) = mapping.fields.shift_remove(key) {
        canonical::key_values(&mut own.value);
        if let Some(own) = own.value.mapping_mut() {
            found.extend(std::mem::take(&mut own.fields));
        }
    }
    let value = place.made(Data::from(found));
    let field = place.made_field(value);
    mapping.fields.insert(key, field);
}

/// Whether Docker takes a project's name that it is given; nothing is a name that it makes up.
pub fn is_project_name(name: &str) -> bool {
    normal_name(name) == name
}

/// A project's name in the letters that Docker allows (compose-go v2.9.1, `loader.NormalizeProjectName`).
pub fn normal_name(name: &str) -> String {
    let lower = name.to_lowercase();
    let kept = lower
        .chars()
        .filter(|c| matches!(c, 'a'..='z' | '0'..='9' | '_' | '-'));
    let kept: String = kept.collect();
    kept.trim_start_matches(['_', '-']).to_owned()
}

/// The names of the services one of whose profiles is on.
fn active(model: &Model, on: &[String]) -> BTreeSet<String> {
    let services = model
        .root
        .as_ref()
        .and_then(|root| root.get("services")?.mapping());
    let fields = services.into_iter().flat_map(|services| &services.fields);
    let all = on.iter().any(|profile| profile == "*");
    fields
        .filter(|(_, field)| all || is_on(&field.value, on))
        .map(|(name, _)| name.to_string())
        .collect()
}

fn is_on(service: &Value, on: &[String]) -> bool {
    let needed = service
        .get("profiles")
        .map(Value::items)
        .unwrap_or_default();
    needed.is_empty()
        || needed
            .iter()
            .any(|profile| on.contains(&scalars::text(profile)))
}
