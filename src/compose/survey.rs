//! A stack as rules see it: its services and what their references come to, read a service at a time where the files allow it.

use super::Loader;
use super::pages::{Page, Pages, Part};
use super::references::References;
use super::refused::{Code, Refused};
use super::schema;
use super::service::{Service, service};
use super::text::Text;
use super::value::{Field, Value};
use crate::source::{FileId, ReadError, Span};
use crate::yaml::Entry;
use indexmap::IndexMap;
use indexmap::map::Entry as Slot;
use std::collections::HashSet;
use std::rc::Rc;
use std::sync::Arc;

/// What a list of compose files makes together, without the values that it was made from.
#[derive(Debug)]
pub struct Survey {
    /// The services, profiles not yet looked at, in the order of their writing.
    pub services: Vec<Arc<Service>>,
    /// The files that it was read from, those of `include` and `extends` as well.
    pub files: Vec<FileId>,
    /// What Docker refuses in the sections, and in the services that are on.
    pub refused: Vec<Refused>,
    /// What cannot be read in the env files and label files of services that are on, as far as these files are here.
    pub env_files: Vec<Refused>,
    /// The services that extend what is not there to be read: more may stand there.
    pub incomplete: HashSet<String>,
}

/// A document, in its file.
type Place<'a> = (&'a Pages, &'a Page);

/// Where each service is written, in the order of the first writing.
type Names<'a> = IndexMap<&'a str, Written<'a>>;

/// Where a service is written: as a rule that is one place.
struct Written<'a> {
    first: (Place<'a>, Entry),
    more: Vec<(Place<'a>, Entry)>,
}

impl<'a> Written<'a> {
    fn places(&self) -> impl Iterator<Item = &(Place<'a>, Entry)> {
        std::iter::once(&self.first).chain(&self.more)
    }
}

impl Loader<'_> {
    /// Surveys `files`, given as for [`Loader::load`]; `is_on` tells which services are on.
    ///
    /// # Errors
    /// The first file that cannot be read. A file that is no YAML is left out and stands in `broken`.
    pub fn survey(
        &mut self,
        files: &[String],
        folder: &str,
        is_on: impl Fn(&Service) -> bool,
    ) -> Result<Survey, (String, ReadError)> {
        self.read.clear();
        let mut read = Vec::new();
        for path in files {
            let pages = self.open(path).map_err(|error| (path.clone(), error))?;
            read.extend(pages);
        }
        let places: Vec<Place> = places(&read).collect();
        let splits = |(pages, page): &Place| page.splits() && !page.has(&pages.tree, "include");
        let (services, refused) = if places.iter().all(splits) {
            self.one_by_one(&places, folder, is_on)
        } else {
            let root = self.merged(files, folder, 0)?;
            let decoded = root.as_ref().map(|root| schema::decoded(root, self.trees));
            self.late.extend(decoded.unwrap_or_default());
            let (services, refused) = all_together(root.as_ref(), &is_on);
            let all = root.as_ref().and_then(|root| root.get("services"));
            for service in services.iter().filter(|service| is_on(service)) {
                if let Some(value) = all.and_then(|all| all.get(&service.name)) {
                    self.env_files_of(&service.name, value, folder);
                }
            }
            (services, refused)
        };
        let mut env_files = std::mem::take(&mut self.env_files);
        let mut known = HashSet::new();
        env_files.retain(|one| known.insert(one.span));
        let files = std::mem::take(&mut self.read);
        let refused = refused.unwrap_or_else(|| empty(&files).into_iter().collect());
        Ok(Survey {
            services,
            files,
            refused,
            env_files,
            incomplete: std::mem::take(&mut self.incomplete),
        })
    }

    /// Reads each service, lays what the documents say of it over each other, and keeps only what rules see.
    fn one_by_one(
        &mut self,
        places: &[Place],
        folder: &str,
        is_on: impl Fn(&Service) -> bool,
    ) -> (Vec<Arc<Service>>, Option<Vec<Refused>>) {
        let has_services = |(pages, page): &Place| page.has(&pages.tree, "services");
        let has_services = places.iter().any(has_services);
        let rest = self.rest(places, true);
        let Some(rest) = rest.filter(|rest| has_services || says_something(rest)) else {
            return (Vec::new(), None);
        };
        let decoded = schema::decoded(&rest, self.trees);
        self.late.extend(decoded);
        let names = names(places);
        let absent = rest.made_field(Value::null(&rest));
        let mut services = Vec::with_capacity(names.len());
        let mut references = References::new(&rest);
        for (index, (name, written)) in names.iter().enumerate() {
            let mut root: Option<Value> = None;
            for ((pages, page), entry) in written.places() {
                let mut part = self.read_part(pages, page, Part::Service(*entry));
                self.extend_part(&mut part, pages, page, folder);
                root = Some(self.lay(root, part, true));
            }
            let decoded = root.as_ref().map(|root| schema::decoded(root, self.trees));
            self.late.extend(decoded.unwrap_or_default());
            // Without a tag on it nothing takes it out again.
            let field = root.as_ref().and_then(|root| field(root, name));
            let field = field.unwrap_or(&absent);
            let service = service(name, field);
            if is_on(&service) {
                references.add(index, name, field, |name| names.get_index_of(name));
                self.env_files_of(name, &field.value, folder);
            } else {
                references.off(index, name, field);
            }
            services.push(Arc::new(service));
        }
        let refused = references.finish(&services);
        (services, Some(refused))
    }

    /// The documents without their services, laid over each other.
    fn rest(&mut self, places: &[Place], checked: bool) -> Option<Value> {
        let mut root = None;
        for (pages, page) in places {
            let part = self.read_part(pages, page, Part::Rest);
            root = Some(self.lay(root, part, checked));
        }
        root
    }

    /// Reads all of a file for what is wrong in it, and where it uses variables.
    pub(super) fn note(&mut self, pages: &Rc<Pages>) {
        let places: Vec<Place> = places(std::slice::from_ref(pages)).collect();
        if !places.iter().all(|(_, page)| page.splits()) {
            let mut root = None;
            for (pages, page) in places {
                let whole = self.read_part(pages, page, Part::Whole);
                root = Some(self.lay(root, whole, false));
            }
            return;
        }
        self.rest(&places, false);
        for written in names(&places).values() {
            let mut root = None;
            for ((pages, page), entry) in written.places() {
                let part = self.read_part(pages, page, Part::Service(*entry));
                root = Some(self.lay(root, part, false));
            }
        }
    }
}

fn places(files: &[Rc<Pages>]) -> impl Iterator<Item = Place<'_>> {
    let files = files.iter().map(AsRef::as_ref);
    files.flat_map(|pages: &Pages| pages.maps().map(move |page| (pages, page)))
}

fn names<'a>(places: &[Place<'a>]) -> Names<'a> {
    let mut names = Names::new();
    for place @ (pages, page) in places {
        for entry in pages.services(page) {
            let written = (*place, *entry);
            match names.entry(pages.name(*entry)) {
                Slot::Occupied(mut known) => known.get_mut().more.push(written),
                Slot::Vacant(new) => {
                    let (first, more) = (written, Vec::new());
                    new.insert(Written { first, more });
                }
            }
        }
    }
    names
}

fn field<'a>(root: &'a Value, name: &str) -> Option<&'a Field> {
    root.get("services")?.mapping()?.fields.get(name)
}

/// The same from a model that has been read as a whole; `None` for what is refused if there is none.
fn all_together(
    root: Option<&Value>,
    is_on: impl Fn(&Service) -> bool,
) -> (Vec<Arc<Service>>, Option<Vec<Refused>>) {
    let Some(root) = root.filter(|root| says_something(root)) else {
        return (Vec::new(), None);
    };
    let mut services = Vec::new();
    let mut references = References::new(root);
    if let Some(all) = root.get("services").and_then(Value::mapping) {
        for (index, (name, field)) in all.fields.iter().enumerate() {
            let service = service(name, field);
            if is_on(&service) {
                references.add(index, name, field, |name| all.fields.get_index_of(name));
            } else {
                references.off(index, name, field);
            }
            services.push(Arc::new(service));
        }
    }
    let refused = references.finish(&services);
    (services, Some(refused))
}

/// Whether there is more than the old `version`, which counts for nothing.
fn says_something(root: &Value) -> bool {
    let is_more = |key: &Text| *key != "version";
    let mapping = root.mapping();
    mapping.is_none_or(|root| root.fields.keys().any(is_more))
}

/// What is refused in a model that has been read as a whole.
pub(super) fn refusals(
    root: &Value,
    files: &[FileId],
    is_on: impl Fn(&Service) -> bool,
) -> Vec<Refused> {
    let (_, refused) = all_together(Some(root), is_on);
    refused.unwrap_or_else(|| empty(files).into_iter().collect())
}

/// Nothing in any of the files.
fn empty(files: &[FileId]) -> Option<Refused> {
    let span = Span::new(*files.first()?, 0..0);
    let refused = Refused::new(Code::EmptyFile, span, "", "there is nothing in this file");
    Some(refused.allowing("a compose file has `services`"))
}
