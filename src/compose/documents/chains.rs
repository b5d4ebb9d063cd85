//! `extends`: the services that lead to each other, through the files that they stand in.

use super::{Examination, Link, MAX_DEPTH, Read};
use crate::compose::interpolate::Uses;
use crate::compose::pages::Part;
use crate::compose::references::words;
use crate::compose::refused::{Code, Refused};
use crate::compose::scalars;
use crate::compose::text::Text;
use crate::compose::value::Value;
use crate::source::{ReadError, Span, paths};
use crate::spelling::Speller;
use crate::yaml::Resolved;
use indexmap::IndexSet;

impl Examination<'_, '_> {
    /// A service as the last of the documents writes it that have it.
    fn service(&self, read: &Read, name: &str) -> Option<Value> {
        let pages = read.pages.as_ref()?;
        let environment = self.loader.environment;
        let mut documents = pages.documents.iter().rev();
        documents.find_map(|page| {
            let root = pages.read_service(page, name, environment)?;
            root.into_service(name)
        })
    }

    /// Follows the `extends` of one service.
    pub(super) fn extends(&mut self, read: &Read, name: &str, folder: &str, chain: &[Link]) {
        let service = self.service(read, name);
        let Some(extends) = service.as_ref().and_then(|service| service.get("extends")) else {
            return;
        };
        let place = format!("services.{name}.extends");
        let named = match extends.mapping() {
            None => Some(extends),
            Some(_) => extends.get("service"),
        };
        let is_text = |value: &Value| {
            let resolved = value.scalar().map(scalars::resolved);
            resolved == Some(Resolved::Str)
        };
        let file = extends.get("file").filter(|file| !file.is_null());
        let Some(target) = named.filter(|named| is_text(named) && file.is_none_or(is_text)) else {
            let message = "`extends` names a service, by a text";
            let refused = Refused::new(Code::WrongType, extends.span, place, message);
            self.found.push(refused.allowing(
                "it is `extends: SERVICE` or `extends: { file: FILE, service: SERVICE }`",
            ));
            return;
        };
        let Some(wanted) = target.text() else {
            return;
        };
        let other;
        let (from, from_folder) = match file.map(Value::text) {
            None => (read, folder.to_owned()),
            Some(None) => return,
            Some(Some(file)) => {
                let written = extends.get("file").map(Value::written);
                let Some(path) = self.in_project(folder, file) else {
                    return;
                };
                match self.read(&path) {
                    Ok(documents) => other = documents,
                    Err(ReadError::Missing) => {
                        let written = written.filter(|written| *written != file);
                        let shown = written.as_ref().unwrap_or(&path);
                        let message = format!("`{shown}` is not there to be extended");
                        let mut refused =
                            Refused::new(Code::ExtendsNotFound, extends.span, place, message);
                        refused.suggestion = self.similar(&path);
                        let refused = refused.allowing("a path counts from the project directory");
                        self.found.push(refused);
                        return;
                    }
                    Err(_) => return,
                }
                if let Some(pages) = other
                    .pages
                    .as_ref()
                    .filter(|_| !self.noted.contains(&other.file))
                {
                    self.note(pages, |_, _| {});
                }
                (&other, paths::parent(&path).to_owned())
            }
        };
        let Some(base) = self.service(from, wanted) else {
            if from.pages.is_some() {
                self.nobody(read, name, from, target, extends.span);
            }
            return;
        };
        let link = (from.file, wanted.to_owned());
        if chain.contains(&link) || chain.len() > MAX_DEPTH {
            let message = format!("`extends` leads back to `{}`", target.written());
            let refused = Refused::new(Code::ExtendsCycle, extends.span, place, message);
            self.found.push(refused);
            return;
        }
        if base.mapping().is_none() && !base.is_null() {
            let message = format!(
                "`{}`, which is extended, is no map of keys and values",
                target.written()
            );
            let refused = Refused::new(Code::WrongType, extends.span, place, message);
            self.found.push(refused);
        }
        if base.get("extends").is_none() {
            return;
        }
        let chain = [chain, &[link]].concat();
        self.extends(from, wanted, &from_folder, &chain);
    }

    /// That there is no such service to extend.
    fn nobody(&mut self, read: &Read, name: &str, from: &Read, target: &Value, span: Span) {
        if !self.services.contains_key(&from.file) {
            let names = self.names(from);
            let names: IndexSet<&str> = names.iter().map(String::as_str).collect();
            self.services.insert(from.file, Speller::new(names));
        }
        let (Some(names), Some(wanted)) = (self.services.get_mut(&from.file), target.text()) else {
            return;
        };
        // Nobody means the service itself.
        let is_own = from.file == read.file;
        let meant = if is_own {
            names.nearest_but(wanted, name)
        } else {
            names.nearest(wanted)
        };
        let message = format!("there is no service `{}` to extend", target.written());
        let place = format!("services.{name}.extends");
        let refused = Refused::new(Code::ExtendsNotFound, span, place, message);
        let mut refused = refused.meaning(meant);
        refused.replaceable = false;
        let others = names.names().filter(|other| !is_own || *other != name);
        let count = names.names().len() - usize::from(is_own);
        self.found
            .push(refused.allowing(words("services", others, count)));
    }

    /// The names of all services.
    fn names(&self, read: &Read) -> Vec<String> {
        let mut names = Vec::new();
        let Some(pages) = &read.pages else {
            return names;
        };
        for page in &pages.documents {
            let entries = pages.services(page).iter();
            names.extend(entries.map(|entry| pages.name(*entry).to_owned()));
            if !page.splits() {
                let (uses, problems) = (&mut Uses::new(), &mut Vec::new());
                let whole = pages.read(page, Part::Whole, self.loader.environment, uses, problems);
                let services = whole.get("services").and_then(Value::mapping);
                names.extend(
                    services
                        .into_iter()
                        .flat_map(|all| all.fields.keys().map(Text::to_string)),
                );
            }
        }
        names
    }
}

/// The services of a document that extend another.
pub(super) fn names_of_extending(document: &Value) -> Vec<String> {
    let services = document.get("services").and_then(Value::mapping);
    let fields = services.into_iter().flat_map(|services| &services.fields);
    let extending = fields.filter(|(_, field)| field.value.get("extends").is_some());
    extending.map(|(name, _)| name.to_string()).collect()
}
