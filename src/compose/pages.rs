//! The documents of a file, to be read as a whole or a service at a time: of a large file no more than one service has to be in
//! memory then.

use super::interpolate::{Environment, Uses};
use super::load::Document;
use super::value::Value;
use super::{Loader, Problem};
use crate::source::{FileId, SourceFile};
use crate::yaml::{Entry, Kind, NodeId, Tree};
use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;

/// A file's documents.
#[derive(Debug)]
pub(super) struct Pages {
    pub(super) tree: Arc<Tree>,
    source: Arc<SourceFile>,
    pub(super) documents: Vec<Page>,
}

/// A document.
#[derive(Debug)]
pub(super) struct Page {
    root: NodeId,
    layout: Layout,
    /// The services by their names.
    index: OnceCell<HashMap<String, usize>>,
}

/// Whether the services of a document can be read one by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layout {
    /// More than their own lines is needed to know them: a merge key, an alias, a tag.
    Whole,
    /// There are none.
    Bare,
    /// The entry `services`: each stands there under a name of its own.
    Services(Entry),
}

/// What of a document is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Whole,
    /// All but the services.
    Rest,
    /// One service, in the section that it stands in.
    Service(Entry),
}

impl Pages {
    fn new(tree: Arc<Tree>, source: Arc<SourceFile>) -> Self {
        let documents = tree.documents().iter().map(|root| Page::new(&tree, *root));
        Self {
            documents: documents.collect(),
            tree,
            source,
        }
    }

    /// The text of the file.
    pub(super) fn text(&self) -> &str {
        self.source.text()
    }

    pub(super) fn file(&self) -> FileId {
        self.tree.file()
    }

    /// The documents that are maps: what Docker takes for compose files.
    pub(super) fn maps(&self) -> impl Iterator<Item = &Page> {
        let is_map = |root| {
            matches!(
                self.tree.kind(self.tree.resolve(root)),
                Kind::Mapping { .. }
            )
        };
        self.documents.iter().filter(move |page| is_map(page.root))
    }

    /// The parts that a document is made of.
    pub(super) fn parts(&self, page: &Page) -> impl Iterator<Item = Part> {
        let first = if page.splits() {
            Part::Rest
        } else {
            Part::Whole
        };
        let services = self.services(page).iter().copied();
        std::iter::once(first).chain(services.map(Part::Service))
    }

    /// The entries of the services; none where the document does not split.
    pub(super) fn services(&self, page: &Page) -> &[Entry] {
        match page.layout {
            Layout::Services(section) => self.tree.entries(section.value),
            Layout::Whole | Layout::Bare => &[],
        }
    }

    /// The name that an entry is for.
    pub(super) fn name(&self, entry: Entry) -> &str {
        self.tree.scalar(entry.key).unwrap_or_default()
    }

    /// The part that the service of this name is in, if it may be there.
    fn part_of(&self, page: &Page, name: &str) -> Option<Part> {
        if !page.splits() {
            return Some(Part::Whole);
        }
        let services = self.services(page);
        let index = page.index.get_or_init(|| {
            let entries = services.iter().enumerate();
            let names = entries.map(|(index, entry)| (self.name(*entry).to_owned(), index));
            names.collect()
        });
        Some(Part::Service(services[*index.get(name)?]))
    }

    /// Reads a part of a document.
    pub(super) fn read(
        &self,
        page: &Page,
        part: Part,
        environment: &Environment,
        uses: &mut Uses,
        problems: &mut Vec<Problem>,
    ) -> Value {
        let mut reader = Document {
            tree: &self.tree,
            file: &self.source,
            environment,
            uses,
            problems,
        };
        match (part, page.layout) {
            (Part::Rest, Layout::Services(section)) => reader.without(page.root, section),
            (Part::Service(entry), Layout::Services(section)) => {
                reader.only(page.root, section, entry)
            }
            _ => reader.value(page.root),
        }
    }

    /// The `name` of each document that has one.
    pub(super) fn names(&self, environment: &Environment) -> Vec<Value> {
        let (uses, problems) = (&mut Uses::default(), &mut Vec::new());
        let names = self.maps().filter_map(|page| {
            let first = self.parts(page).next()?;
            let mut document = self.read(page, first, environment, uses, problems);
            let name = document.mapping_mut()?.fields.shift_remove("name")?;
            Some(name.value)
        });
        names.collect()
    }

    /// Reads the service of this name alone, in what it stands in. What is found on the way has been noted before.
    pub(super) fn read_service(
        &self,
        page: &Page,
        name: &str,
        environment: &Environment,
    ) -> Option<Value> {
        let part = self.part_of(page, name)?;
        let (uses, problems) = (&mut Uses::default(), &mut Vec::new());
        Some(self.read(page, part, environment, uses, problems))
    }
}

impl Page {
    fn new(tree: &Tree, root: NodeId) -> Self {
        Self {
            root,
            layout: layout(tree, root),
            index: OnceCell::new(),
        }
    }

    /// Whether its services can be read one by one.
    pub(super) fn splits(&self) -> bool {
        self.layout != Layout::Whole
    }

    /// Whether it has this key.
    pub(super) fn has(&self, tree: &Tree, key: &str) -> bool {
        tree.get(self.root, key).is_some()
    }
}

fn layout(tree: &Tree, root: NodeId) -> Layout {
    let Kind::Mapping { entries, .. } = tree.kind(root) else {
        return Layout::Whole;
    };
    let is = |entry: &Entry, key: &str| tree.scalar(entry.key) == Some(key);
    if tree.tag(root).is_some() || entries.iter().any(|entry| is(entry, "<<")) {
        return Layout::Whole;
    }
    let mut sections = entries.iter().filter(|entry| is(entry, "services"));
    let Some(section) = sections.next() else {
        return Layout::Bare;
    };
    let Kind::Mapping { entries, .. } = tree.kind(section.value) else {
        return Layout::Whole;
    };
    let mut names = HashSet::with_capacity(entries.len());
    let is_plain = |entry: &Entry| {
        let name = tree.scalar(entry.key);
        let is_tagged = tree.tag(tree.resolve(entry.value)).is_some();
        name.is_some_and(|name| name != "<<" && names.insert(name)) && !is_tagged
    };
    let is_only = sections.next().is_none() && tree.tag(section.value).is_none();
    if is_only && entries.iter().all(is_plain) {
        Layout::Services(*section)
    } else {
        Layout::Whole
    }
}

impl Loader<'_> {
    /// The documents of a file that has been opened.
    ///
    /// # Errors
    /// If it is no YAML.
    pub(super) fn pages(&mut self, file: FileId) -> Result<Rc<Pages>, Problem> {
        if let Some(known) = self.pages.get(&file) {
            return Ok(Rc::clone(known));
        }
        let tree = self.trees.open(file, self.store.sources())?;
        let pages = Rc::new(Pages::new(tree, self.store.sources().share(file)));
        self.pages.insert(file, Rc::clone(&pages));
        Ok(pages)
    }

    /// Reads a part of a document with the variables that count here, and notes what is found on the way.
    pub(super) fn read_part(&mut self, pages: &Pages, page: &Page, part: Part) -> Value {
        let environment = self.scopes.last().unwrap_or(self.environment);
        pages.read(page, part, environment, &mut self.uses, &mut self.problems)
    }
}
