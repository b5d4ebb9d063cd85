//! The whole effective model, as `docker compose config` makes and prints it.
//!
//! The steps are those of compose-go v2.9.1 (`loader/loader.go`, `loader/normalize.go`) and of Compose v2.40.3 (`cmd/compose/config.go`).

use super::normalise::{drop_unused, normalise};
use super::print::{self, Form, Printer};
use super::value::{Data, Mapping, Value};
use super::{Environment, Loader, Model, Variable, canonical, references, scalars};
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
        let name = self.project_name(files, folder, wanted)?;
        let mut scope = self.environment.clone();
        scope.set("COMPOSE_PROJECT_NAME", made_variable(self, files, &name)?);
        self.scopes.push(scope);
        let model = self.load(files, folder);
        self.scopes.pop();
        let model = model?;
        let profiles = self.profiles(wanted);
        let active = active(&model, &profiles);
        if model.root.is_some() {
            self.found.extend(references(&model, &active));
        }
        let Some(mut root) = model.root else {
            return Ok(None);
        };
        normalise(&mut root, &name);
        if let Some(services) = root.get_mut("services").and_then(Value::mapping_mut) {
            services.fields.retain(|name, _| active.contains(name));
        }
        for service in canonical::children(root.get_mut("services")) {
            self.env_files(service);
            self.label_files(service);
        }
        drop_unused(&mut root);
        let mut printer = Printer {
            form: wanted.form,
            refused: &mut self.problems,
        };
        Ok(Some(escaped(project(&root, &name, &mut printer))))
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
        let noted = self.problems.len();
        let mut named = String::new();
        for path in files {
            let documents = self
                .documents(path)
                .map_err(|error| (path.clone(), error))?;
            let mut written = documents.iter().filter_map(|document| document.get("name"));
            named = written.next_back().map_or(named, scalars::text);
        }
        self.problems.truncate(noted);
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
                around.set(name, text_variable(&field.value));
            }
        }
        // The project's variables win over the service's own.
        around.extend(self.environment);
        let around = around.complete();
        let mut below = Environment::default();
        let mut found = Mapping::default();
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
                found.fields.insert(name, file.made_field(value));
            }
        }
        lay_under(service, "environment", found, &files.value);
    }

    /// A file that a service names by its absolute path; `None` where it cannot be read.
    fn named_file(&mut self, place: &Value, path: &str, required: bool) -> Option<FileId> {
        let inside = self.inside("", path);
        match inside.map_or(Err(ReadError::Outside), |path| self.store.open(&path)) {
            Ok(file) => Some(file),
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
        let mut found = Mapping::default();
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
                found.fields.insert(name, file.made_field(value));
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
fn lay_under(service: &mut Value, key: &str, mut found: Mapping, place: &Value) {
    let Some(mapping) = service.mapping_mut() else {
        return;
    };
    if let Some(mut own) = mapping.fields.shift_remove(key) {
        canonical::key_values(&mut own.value);
        if let Some(own) = own.value.mapping_mut() {
            found.fields.extend(std::mem::take(&mut own.fields));
        }
    }
    let value = place.made(Data::Mapping(found));
    let field = place.made_field(value);
    mapping.fields.insert(key.to_owned(), field);
}

/// Whether Docker takes a project's name that it is given; nothing is a name that it makes up.
pub fn is_project_name(name: &str) -> bool {
    normal_name(name) == name
}

/// `loader.NormalizeProjectName`
pub(super) fn normal_name(name: &str) -> String {
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
        .map(|(name, _)| name.clone())
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

/// The sections: in YAML in the order in which people write them, in JSON by their names.
fn project(root: &Value, name: &str, printer: &mut Printer<'_>) -> Json {
    let mut sections: Vec<(String, Json)> = vec![("name".to_owned(), Json::from(name))];
    for section in [
        "services", "networks", "volumes", "secrets", "configs", "models",
    ] {
        // Compose v2.40.3 leaves the models out of its JSON.
        if section == "models" && printer.form == Form::Json {
            continue;
        }
        let mut resources: Vec<(String, Json)> = Vec::new();
        let mapping = root.get(section).and_then(Value::mapping);
        for (key, field) in mapping.into_iter().flat_map(|m| m.fields.iter()) {
            let value = &field.value;
            let resource = match section {
                "services" => printer.object(print::SERVICE, value),
                "networks" => printer.object(print::NETWORK, value),
                "volumes" => printer.object(print::VOLUME, value),
                "secrets" => printer.object(print::SECRET, value),
                "configs" => printer.object(print::CONFIG, value),
                _ => printer.object(print::MODEL_CONFIG, value),
            };
            resources.push((key.clone(), resource));
        }
        resources.sort_by(|a, b| a.0.cmp(&b.0));
        let resources: Map<String, Json> = resources.into_iter().collect();
        if section == "services" || !resources.is_empty() {
            sections.push((section.to_owned(), Json::Object(resources)));
        }
    }
    sections.extend(print::extensions(root));
    if printer.form == Form::Json {
        sections.sort_by(|a, b| a.0.cmp(&b.0));
    }
    Json::Object(sections.into_iter().collect())
}

/// A dollar is doubled, so that what is printed can be read again (`cmd/compose/config.go`, `escapeDollarSign`).
fn escaped(value: Json) -> Json {
    match value {
        Json::String(text) => Json::String(text.replace('$', "$$")),
        Json::Array(items) => Json::Array(items.into_iter().map(escaped).collect()),
        Json::Object(fields) => Json::Object(
            fields
                .into_iter()
                .map(|(key, value)| (key.replace('$', "$$"), escaped(value)))
                .collect(),
        ),
        other => other,
    }
}
