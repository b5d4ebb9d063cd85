//! Compose files as Docker sees them: merged, with variables filled in, each value with its place.

mod canonical;
mod circles;
mod conflicts;
mod documents;
mod dotenv;
mod effective;
mod extends;
mod fields;
mod include;
mod interpolate;
mod key_path;
mod load;
mod merge;
mod needs;
mod normalise;
mod outside;
mod pages;
mod print;
mod references;
mod refused;
mod resolve;
mod scalars;
mod schema;
mod sections;
mod service;
mod start;
mod survey;
mod text;
mod unique;
mod value;

pub use dotenv::read as read_env_file;
pub use effective::{Wanted, is_project_name, normal_name};
pub use fields::Fields;
pub use interpolate::{Environment, Uses, Variable, split_files, split_profiles};
pub use outside::{Role, Unread, Why};
pub use print::{Form, Printed};
pub use refused::{Code, Refused};
pub use service::{
    Condition, Dependency, Field as HealthField, HealthCheck, Restart, Scale, Service,
    ServiceHealth,
};
pub use start::{
    Build, CommandWord, Mount, Start, Variable as StartVariable, Written, command_words,
};
pub use survey::Survey;
pub use text::Text;
pub use value::{Combine, Data, Field, From, Mapping, NodeRef, Piece, Scalar, Through, Value};

use crate::source::{FileId, ReadError, Store, paths};
use crate::yaml::{Problem, Trees};
use merge::{merge, settle};
use pages::{Pages, Part};
pub use resolve::Places;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;

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
    /// Files that are named and not read, since they do not stand in the project.
    pub unread: Vec<Unread>,
    /// Files that are no YAML.
    pub broken: BTreeMap<FileId, Problem>,
    /// Where the project stands: with it, paths become absolute and files outside of the root can be named.
    pub places: Option<Places>,
    read: Vec<FileId>,
    pages: HashMap<FileId, Rc<Pages>>,
    /// Other files that services extend, all of which has been looked at with the variables that count here.
    noted: HashSet<FileId>,
    /// What Docker refuses in the content that was loaded.
    found: Vec<Refused>,
    /// What it refuses there later on, if nothing else is said of the place.
    late: Vec<Refused>,
    /// What it refuses in the env files of services.
    env_files: Vec<Refused>,
    /// The services that extend what is not there to be read.
    incomplete: HashSet<String>,
    /// The env files that have been looked at, and whether as raw ones.
    seen_env_files: HashSet<(FileId, bool)>,
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
            unread: Vec::new(),
            broken: BTreeMap::new(),
            places: None,
            read: Vec::new(),
            pages: HashMap::new(),
            noted: HashSet::new(),
            found: Vec::new(),
            late: Vec::new(),
            env_files: Vec::new(),
            incomplete: HashSet::new(),
            seen_env_files: HashSet::new(),
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
            self.late.extend(decoded);
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
            None => settle(over),
            Some(base) => merge(base, over, &[], &mut self.found),
        };
        unique::unique(&mut merged, &touched);
        if checked {
            let touched = Some(&touched).filter(|_| !is_first);
            let refused = schema::merged(&merged, touched, self.trees);
            self.found.extend(refused);
        }
        canonical::canonical(&mut merged, &touched, &mut self.late);
        unique::unique(&mut merged, &touched);
        merged
    }

    /// The documents of one file; none if it is no YAML.
    fn documents(&mut self, path: &str) -> Result<Vec<Value>, ReadError> {
        let Some(pages) = self.open(path)? else {
            return Ok(Vec::new());
        };
        let whole = pages
            .documents
            .iter()
            .map(|page| self.read_part(&pages, page, Part::Whole));
        Ok(whole.filter(|value| value.mapping().is_some()).collect())
    }

    /// The documents of one file of the model, unread; `None` if it is no YAML.
    fn open(&mut self, path: &str) -> Result<Option<Rc<Pages>>, ReadError> {
        let id = self.store.open(path)?;
        if !self.read.contains(&id) {
            self.read.push(id);
        }
        match self.pages(id) {
            Ok(pages) => Ok(Some(pages)),
            Err(problem) => {
                self.broken.insert(id, problem);
                Ok(None)
            }
        }
    }

    /// Reads with other variables.
    fn within<T>(&mut self, scope: Environment, read: impl FnOnce(&mut Self) -> T) -> T {
        self.scopes.push(scope);
        let noted = std::mem::take(&mut self.noted);
        let result = read(self);
        self.noted = noted;
        self.scopes.pop();
        result
    }

    /// Where a path that a file names lies in the project; `None` outside.
    fn inside(&self, folder: &str, path: &str) -> Option<String> {
        match &self.places {
            None => self.store.locate(folder, path),
            Some(places) => places.inside(folder, path),
        }
    }

    fn folder_of(path: &str) -> String {
        paths::parent(path).to_owned()
    }
}
