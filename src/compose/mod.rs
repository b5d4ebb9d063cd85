//! Compose files as Docker sees them: merged, with variables filled in, each value with its place.

mod canonical;
mod circles;
mod conflicts;
mod documents;
mod dotenv;
mod effective;
mod extends;
mod include;
mod interpolate;
mod load;
mod merge;
mod normalise;
mod print;
mod references;
mod refused;
mod resolve;
mod scalars;
mod schema;
mod sections;
mod service;
mod spelling;
mod unique;
mod value;

pub use dotenv::read as read_env_file;
pub use effective::{Wanted, is_project_name};
pub use interpolate::{Environment, Uses, Variable};
pub use print::Form;
pub use references::references;
pub use refused::{Code, Refused};
pub use service::{
    Condition, Dependency, Field as HealthField, HealthCheck, Service, ServiceHealth,
};
pub use value::{Combine, Data, Field, From, Mapping, NodeRef, Piece, Scalar, Through, Value};

use crate::source::{FileId, ReadError, Span, Store, paths};
use crate::yaml::{Problem, Trees};
use load::Document;
use merge::{merge, settle};
pub use resolve::Places;
use std::collections::{BTreeMap, HashSet};

/// What a list of compose files makes together.
#[derive(Debug)]
pub struct Model {
    /// The merged content; `None` if no file could be read.
    pub root: Option<Value>,
    /// The services, profiles not yet looked at, in the order of their writing.
    pub services: Vec<Service>,
    /// The files that it was read from, those of `include` and `extends` as well.
    pub files: Vec<FileId>,
}

/// Reads compose files. One loader may read several stacks; files are parsed once.
pub struct Loader<'a> {
    /// The project's files.
    pub store: &'a mut Store,
    /// Their trees.
    pub trees: &'a mut Trees,
    /// The variables.
    pub environment: &'a Environment,
    /// Where variables are used.
    pub uses: Uses,
    /// What Docker would refuse.
    pub problems: Vec<Problem>,
    /// Files that are no YAML.
    pub broken: BTreeMap<FileId, Problem>,
    /// Where the project stands: with it, paths become absolute and files outside of the root can be named.
    pub places: Option<Places>,
    read: Vec<FileId>,
    /// What Docker refuses in the content that was loaded.
    found: Vec<Refused>,
    /// The variables of the includes that are being read, the innermost last.
    scopes: Vec<Environment>,
}

impl<'a> Loader<'a> {
    /// A loader over a project's files.
    pub fn new(store: &'a mut Store, trees: &'a mut Trees, environment: &'a Environment) -> Self {
        Self {
            store,
            trees,
            environment,
            uses: Uses::default(),
            problems: Vec::new(),
            broken: BTreeMap::new(),
            places: None,
            read: Vec::new(),
            found: Vec::new(),
            scopes: Vec::new(),
        }
    }

    /// The model of `files`, given by their paths from the root, in the order of `-f`; `folder` is the project directory.
    ///
    /// # Errors
    /// The first file that cannot be read. A file that is no YAML is left out and stands in `broken`.
    pub fn load(&mut self, files: &[String], folder: &str) -> Result<Model, (String, ReadError)> {
        self.read.clear();
        let root = self.merged(files, folder, 0)?;
        if let Some(root) = &root {
            let decoded = schema::decoded(root, self.trees);
            self.find(decoded);
        }
        let services = root.as_ref().map(service::services).unwrap_or_default();
        Ok(Model {
            root,
            services,
            files: std::mem::take(&mut self.read),
        })
    }

    /// The content of several files, laid over each other.
    fn merged(
        &mut self,
        files: &[String],
        folder: &str,
        depth: usize,
    ) -> Result<Option<Value>, (String, ReadError)> {
        let mut root: Option<Value> = None;
        for path in files {
            let documents = self
                .documents(path)
                .map_err(|error| (path.clone(), error))?;
            for mut content in documents {
                self.extend(&mut content, folder);
                self.include(&mut content, folder, depth);
                root = Some(self.lay(root, content, true));
            }
        }
        if let (Some(root), Some(places)) = (&mut root, &self.places) {
            resolve::defaults(root);
            places.absolute(root, folder);
            resolve::variables(root, self.scopes.last().unwrap_or(self.environment));
        }
        Ok(root)
    }

    /// A document laid over what came before it, in long forms. What only a service is taken from is not `checked`.
    fn lay(&mut self, base: Option<Value>, over: Value, checked: bool) -> Value {
        let touched = canonical::Touched::new(&over);
        let is_first = base.is_none();
        let mut merged = match base {
            None => settle(over, &[], &mut self.found),
            Some(base) => merge(base, over, &[], &mut self.found),
        };
        unique::unique(&mut merged, &touched);
        if checked {
            let touched = Some(&touched).filter(|_| !is_first);
            let refused = schema::merged(&merged, touched, self.trees);
            self.found.extend(refused);
        }
        let mut unread = Vec::new();
        canonical::canonical(&mut merged, &touched, &mut unread);
        self.find(unread);
        unique::unique(&mut merged, &touched);
        merged
    }

    /// Notes what is refused at places of which nothing is said yet.
    fn find(&mut self, refused: Vec<Refused>) {
        let known: HashSet<Span> = self.found.iter().map(|one| one.span).collect();
        let new = refused.into_iter().filter(|one| !known.contains(&one.span));
        self.found.extend(new);
    }

    /// The content of one file, its documents laid over each other; `None` if it has none or is no YAML.
    fn document(&mut self, path: &str) -> Result<Option<Value>, ReadError> {
        let documents = self.documents(path)?;
        let lay = |base, over| Some(self.lay(base, over, false));
        Ok(documents.into_iter().fold(None, lay))
    }

    /// The documents of one file; none if it is no YAML.
    fn documents(&mut self, path: &str) -> Result<Vec<Value>, ReadError> {
        let id = self.store.open(path)?;
        if !self.read.contains(&id) {
            self.read.push(id);
        }
        let tree = match self.trees.open(id, self.store.sources()) {
            Ok(tree) => tree,
            Err(problem) => {
                self.broken.insert(id, problem);
                return Ok(Vec::new());
            }
        };
        let file = self.store.sources().share(id);
        let mut found = Vec::new();
        for document in tree.documents() {
            let mut reader = Document {
                tree: &tree,
                file: &file,
                environment: self.scopes.last().unwrap_or(self.environment),
                uses: &mut self.uses,
                problems: &mut self.problems,
            };
            let value = reader.value(*document, &[]);
            if value.mapping().is_some() {
                found.push(value);
            }
        }
        Ok(found)
    }

    /// Where a path that a file names lies in the project; `None` outside.
    fn inside(&self, folder: &str, path: &str) -> Option<String> {
        match &self.places {
            None => paths::join(folder, path),
            Some(places) => places.inside(folder, path),
        }
    }

    fn folder_of(path: &str) -> String {
        paths::parent(path).to_owned()
    }
}
