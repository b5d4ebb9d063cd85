//! `extends`: a service laid over another one, of the same file or of another.
//!
//! As compose-go does it: within each file, before the files are merged (v2.9.1, `loader/extends.go`).

use super::Loader;
use super::merge::merge;
use super::outside::Role;
use super::pages::{Page, Pages};
use super::value::{Data, Mapping, Through, Value};
use crate::source::{Span, paths};
use crate::yaml::Problem;
use std::rc::Rc;

/// Chains go no deeper.
const MAX_CHAIN: usize = 50;

/// Where the services stand that a service extends by their names alone.
pub(super) enum Home<'a> {
    /// In a content that has been read.
    Content(&'a Value),
    /// In a document whose services are read one by one.
    Page(&'a Pages, &'a Page),
    /// In another file.
    File(Rc<Pages>),
}

impl Loader<'_> {
    /// Resolves all `extends` of one file's content.
    pub(super) fn extend(&mut self, root: &mut Value, folder: &str) {
        for name in extending(root) {
            let home = Home::Content(root);
            if let Some(extended) = self.extended_service(root, &name, &home, folder) {
                replace(root, &name, extended);
            }
        }
    }

    /// The same for a part of a document.
    pub(super) fn extend_part(
        &mut self,
        part: &mut Value,
        pages: &Pages,
        page: &Page,
        folder: &str,
    ) {
        let home = Home::Page(pages, page);
        for name in extending(part) {
            if let Some(extended) = self.extended_service(part, &name, &home, folder) {
                replace(part, &name, extended);
            }
        }
    }

    fn extended_service(
        &mut self,
        root: &Value,
        name: &str,
        home: &Home,
        folder: &str,
    ) -> Option<Value> {
        let service = root.get("services")?.get(name)?.clone();
        Some(self.extended(name, service, home, folder, &mut vec![name.to_owned()]))
    }

    /// The first of the `chain` is the service that all this comes to.
    fn extended(
        &mut self,
        name: &str,
        mut own: Value,
        home: &Home,
        folder: &str,
        chain: &mut Vec<String>,
    ) -> Value {
        let Data::Mapping(fields) = &mut own.data else {
            return own;
        };
        let Some(extends) = fields.fields.shift_remove("extends") else {
            return own;
        };
        let named = extends.value.get("service").unwrap_or(&extends.value);
        let (target, written) = (named.text().map(str::to_owned), named.written());
        let Some(target) = target else {
            self.incomplete.extend(chain.first().cloned());
            return own;
        };
        let place = extends.value.span;
        let other = match extends.value.get("file").filter(|file| !file.is_null()) {
            None => None,
            Some(file) => match self.other_file(file, folder, place) {
                None => {
                    self.incomplete.extend(chain.first().cloned());
                    return own;
                }
                other => other,
            },
        };
        let (home, folder) = match &other {
            None => (home, folder),
            Some((other, folder)) => (other, folder.as_str()),
        };
        let Some(base) = self.service(home, folder, &target) else {
            self.incomplete.extend(chain.first().cloned());
            self.problem(place, format!("there is no service `{written}` to extend"));
            return own;
        };
        let link = format!("{:?}{}", base.reference(), target);
        if chain.contains(&link) || chain.len() > MAX_CHAIN {
            self.incomplete.extend(chain.first().cloned());
            self.problem(
                place,
                format!("`extends` leads back to `{written}`: Docker refuses the file"),
            );
            return own;
        }
        if self.incomplete.contains(&target) {
            self.incomplete.extend(chain.first().cloned());
        }
        chain.push(link);
        let mut base = self.extended(&target, base, home, folder, chain);
        base.pass_on(Through::Extends(place));
        merge(base, own, &["services", name], &mut self.found)
    }

    /// The other file, and the folder that its paths count from.
    fn other_file(
        &mut self,
        file: &Value,
        folder: &str,
        place: Span,
    ) -> Option<(Home<'static>, String)> {
        let path = self.reach(folder, file, Role::Extends)?;
        let pages = match self.open(&path) {
            Ok(pages) => pages?,
            Err(error) if self.leads_out(&error, file, Role::Extends) => return None,
            Err(error) => {
                self.problem(
                    place,
                    format!(
                        "`{}`, which this service extends, cannot be read: {error}",
                        file.written()
                    ),
                );
                return None;
            }
        };
        if self.noted.insert(pages.file()) {
            // Docker reads all of it, whatever is taken from there.
            self.note(&pages);
        }
        let folder = paths::parent(&path).to_owned();
        let is_empty = pages.maps().next().is_none();
        (!is_empty).then_some((Home::File(pages), folder))
    }

    /// A service by its name.
    fn service(&mut self, home: &Home, folder: &str, name: &str) -> Option<Value> {
        let environment = self.scopes.last().unwrap_or(self.environment);
        let root = match home {
            Home::Content(root) => return root.get("services")?.get(name).cloned(),
            Home::Page(pages, page) => pages.read_service(page, name, environment)?,
            Home::File(pages) => {
                let maps = pages.maps();
                let parts = maps.filter_map(|page| pages.read_service(page, name, environment));
                let parts: Vec<Value> = parts.collect();
                let noted = (self.found.len(), self.late.len());
                let lay = |base, over| Some(self.lay(base, over, false));
                let mut root = parts.into_iter().fold(None, lay)?;
                // What is refused there has been noted when the file was opened.
                self.found.truncate(noted.0);
                self.late.truncate(noted.1);
                if let Some(places) = &self.places {
                    places.absolute(&mut root, folder);
                }
                root
            }
        };
        root.into_service(name)
    }

    fn problem(&mut self, span: Span, message: String) {
        self.problems.push(Problem { span, message });
    }
}

/// The names of the services that extend another.
fn extending(root: &Value) -> Vec<String> {
    let services = root.get("services").and_then(Value::mapping);
    let fields = services.into_iter().flat_map(|services| &services.fields);
    fields
        .filter(|(_, field)| field.value.get("extends").is_some())
        .map(|(name, _)| name.to_string())
        .collect()
}

fn replace(root: &mut Value, name: &str, service: Value) {
    let services = root.get_mut("services").and_then(Value::mapping_mut);
    let field = services.and_then(|services: &mut Mapping| services.fields.get_mut(name));
    if let Some(field) = field {
        field.value = service;
    }
}
