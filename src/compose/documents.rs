//! What Docker refuses in the files of a stack, each file held against the tables and its references to files followed.

mod chains;

use super::interpolate::Uses;
use super::key_path::key_path;
use super::outside::is_remote;
use super::pages::Pages;
use super::refused::{Code, Refused};
use super::value::Value;
use super::{Loader, schema};
use crate::source::{FileId, ReadError, Span, paths};
use crate::spelling::Speller;
use crate::yaml::{Kind, Problem, Resolved, Style, Tree, resolve};
use chains::names_of_extending;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// Includes and chains of `extends` go no deeper.
const MAX_DEPTH: usize = 20;

/// One file's documents as they are written, short forms as short forms. They are read in parts, and again where they are
/// asked for: nothing of them is kept.
struct Read {
    file: FileId,
    /// `None` if it is no YAML.
    pages: Option<Rc<Pages>>,
}

/// A service that `extends` has led to, by its file and name.
type Link = (FileId, String);

impl Loader<'_> {
    /// What Docker refuses in `files`, which have been loaded, and in what they take in. Files that cannot be read are passed over.
    pub fn refused(&mut self, files: &[String], folder: &str) -> Vec<Refused> {
        let found = std::mem::take(&mut self.found);
        let mut examination = Examination {
            loader: self,
            noted: HashSet::new(),
            open: Vec::new(),
            found,
            services: HashMap::new(),
            files: HashMap::new(),
        };
        examination.files(files, folder);
        let mut found = examination.found;
        let late = std::mem::take(&mut self.late);
        let mut known: HashSet<Span> = found.iter().map(|one| one.span).collect();
        found.extend(late.into_iter().filter(|one| known.insert(one.span)));
        found.sort_by_key(|refused| (refused.span.file, refused.span.start, refused.code));
        found.dedup_by(|one, other| one.span == other.span && one.code == other.code);
        found
    }
}

/// Goes through files and what they refer to.
struct Examination<'l, 'a> {
    loader: &'l mut Loader<'a>,
    /// Files whose own problems have been noted.
    noted: HashSet<FileId>,
    /// The includes that are open: their files, and the places that ask for them.
    open: Vec<(Vec<String>, Span)>,
    found: Vec<Refused>,
    /// The names of services by file, once one of them is misspelt.
    services: HashMap<FileId, Speller>,
    /// The names of compose files by folder, once one of them is misspelt.
    files: HashMap<String, Speller>,
}

impl Examination<'_, '_> {
    fn files(&mut self, files: &[String], folder: &str) {
        for path in files {
            let Ok(read) = self.read(path) else {
                continue;
            };
            let Some(pages) = &read.pages else {
                continue;
            };
            let mut extending = Vec::new();
            self.note(pages, |this, document| {
                this.found.extend(no_services(document));
                this.includes(document, folder);
                extending.extend(names_of_extending(document));
            });
            for name in extending {
                let chain = vec![(read.file, name.clone())];
                self.extends(&read, &name, folder, &chain);
            }
        }
    }

    fn read(&mut self, path: &str) -> Result<Read, ReadError> {
        let file = self.loader.store.open(path)?;
        let pages = self.loader.pages(file).ok();
        Ok(Read { file, pages })
    }

    /// Goes through the parts of all documents. Bad variables, repeated keys and texts that are no numbers are found on the way.
    fn note(&mut self, pages: &Pages, mut see: impl FnMut(&mut Self, &Value)) {
        let is_new = self.noted.insert(pages.file());
        let is_one = pages.documents.len() == 1;
        let environment = self.loader.environment;
        let (mut variables, mut uses) = (Vec::new(), Uses::new());
        for page in &pages.documents {
            for part in pages.parts(page) {
                let value = pages.read(page, part, environment, &mut uses, &mut variables);
                uses.clear();
                if is_new {
                    let is_map = value.mapping().is_some() || is_one && value.is_null();
                    self.found
                        .extend((!is_map).then(|| no_document(value.span)));
                    let written = schema::written(&value, self.loader.trees);
                    self.found.extend(written);
                }
                see(self, &value);
            }
        }
        if !is_new {
            return;
        }
        let mut place = |code, problems: &[Problem]| {
            let placed = problems.iter().map(|problem| {
                let path = key_path(&pages.tree, problem.span);
                Refused::new(code, problem.span, path, problem.message.clone())
            });
            self.found.extend(placed);
        };
        place(Code::BadInterpolation, &variables);
        place(Code::DuplicateKey, pages.tree.problems());
        place(Code::WrongType, &bad_merges(&pages.tree));
        place(Code::WrongType, &bad_keys(&pages.tree));
        self.found.extend(old_version(pages.file(), pages.text()));
    }

    fn includes(&mut self, document: &Value, folder: &str) {
        let includes = document
            .get("include")
            .map(Value::items)
            .unwrap_or_default();
        for (index, include) in includes.iter().enumerate() {
            let path = include.get("path").unwrap_or(include);
            let listed = match path.items() {
                [] => std::slice::from_ref(path),
                items => items,
            };
            let given: Option<Vec<&str>> = listed.iter().map(Value::text).collect();
            let inside = given.and_then(|given| {
                let joined = given.iter().map(|path| self.in_project(folder, path));
                joined.collect::<Option<Vec<String>>>()
            });
            let Some(files) = inside.filter(|files| !files.is_empty()) else {
                continue;
            };
            let place = format!("include[{index}]");
            if let Some(missing) = self.missing(&files) {
                let index = files.iter().position(|file| file == missing);
                let path = &listed[index.unwrap_or_default()];
                let shown = shown(path, missing);
                let message = format!("`{shown}` is not there to be included");
                let mut refused = Refused::new(Code::IncludeNotFound, include.span, place, message);
                refused.suggestion = self.similar(missing);
                self.found
                    .push(refused.allowing("a path counts from the project directory"));
                continue;
            }
            let circle = self.open.iter().position(|(other, _)| *other == files);
            if circle.is_some() || self.open.len() >= MAX_DEPTH {
                let paths = listed.iter().zip(&files);
                let paths: Vec<String> = paths.map(|(path, file)| shown(path, file)).collect();
                let message = format!("`{}` includes itself", paths.join(", "));
                let mut refused = Refused::new(Code::IncludeCycle, include.span, place, message);
                let way = &self.open[circle.unwrap_or_default()..];
                refused.labels = way
                    .iter()
                    .map(|(_, span)| (*span, "on the way back".to_owned()))
                    .collect();
                self.found.push(refused);
                continue;
            }
            let own = include.get("project_directory").and_then(Value::text);
            let inner = match own {
                Some(own) => self.in_project(folder, own).unwrap_or_default(),
                None => paths::parent(&files[0]).to_owned(),
            };
            self.open.push((files.clone(), include.span));
            self.files(&files, &inner);
            self.open.pop();
        }
    }

    /// Where a path leads; `None` where nothing is read, which is told by who reads it.
    fn in_project(&self, folder: &str, path: &str) -> Option<String> {
        let inside = self.loader.store.locate(folder, path);
        inside.filter(|_| !is_remote(path))
    }

    /// The first file that is not there.
    fn missing<'b>(&mut self, files: &'b [String]) -> Option<&'b String> {
        let mut files = files.iter();
        files.find(|file| self.loader.store.open(file) == Err(ReadError::Missing))
    }

    /// The compose file of the same folder whose name is nearest.
    fn similar(&mut self, path: &str) -> Option<String> {
        let listed = self.loader.store.of_kind(crate::source::FileKind::Compose);
        let beside = listed.filter(|other| paths::parent(other) == paths::parent(path));
        let names = self.files.entry(paths::parent(path).to_owned());
        let names = names.or_insert_with(|| Speller::new(beside.map(paths::name)));
        names.nearest(paths::name(path))
    }
}

/// A path from the project's root, or how it is written where variables had a part in it.
fn shown(path: &Value, inside: &str) -> String {
    let written = path.written();
    match path.text() {
        Some(text) if text == written => inside.to_owned(),
        _ => written,
    }
}

/// `services:` with nothing below it.
fn no_services(document: &Value) -> Option<Refused> {
    let services = document.get("services").filter(|value| value.is_null())?;
    let message = "a map of keys and values is wanted here, and there is nothing";
    let refused = Refused::new(Code::WrongType, services.span, "services", message);
    Some(refused.allowing("leave `services` out, or name one below it"))
}

/// That a document is no compose file.
fn no_document(span: Span) -> Refused {
    let message = "a map of keys and values is wanted here";
    let refused = Refused::new(Code::WrongType, span, "", message);
    refused.allowing("a compose file has `services`")
}

/// `%YAML 1.2`: Docker's parser knows no other version than 1.1.
fn old_version(file: FileId, text: &str) -> Option<Refused> {
    let mut at = 0;
    let line = text.split_inclusive('\n').find_map(|line| {
        let start = at;
        at += line.len();
        let content = line.trim_end();
        let is_passed = content.is_empty() || content.starts_with(['#', '%']);
        match content.strip_prefix("%YAML") {
            Some(version) => Some(Some((start, content.len(), version.trim()))),
            None if is_passed => None,
            None => Some(None),
        }
    });
    let (start, length, version) = line??;
    let span = Span::new(file, start..start + length);
    let message = format!("Docker's YAML is of version 1.1, and not {version}");
    let refused = Refused::new(Code::BadValue, span, "", message);
    (version != "1.1").then(|| refused.allowing("leave this line out"))
}

/// Keys that are no texts.
fn bad_keys(tree: &Tree) -> Vec<Problem> {
    let keys = tree.ids().flat_map(|id| match tree.kind(id) {
        Kind::Mapping { entries, .. } => entries,
        _ => &[],
    });
    let bad = keys.filter_map(|entry| {
        let key = tree.resolve(entry.key);
        let Kind::Scalar { value, style } = tree.kind(key) else {
            return Some((entry.key, "a key is a text, and no list or map".to_owned()));
        };
        let is_date = style == Style::Plain && schema::is_date(value);
        let is_text = tree.tag(key).is_some() || !is_date && resolve(value, style) == Resolved::Str;
        (!is_text).then(|| {
            (
                entry.key,
                format!("the key `{value}` is no text: write it in quotes"),
            )
        })
    });
    bad.map(|(key, message)| Problem {
        span: tree.span(key),
        message,
    })
    .collect()
}

/// `<<` with something that is no map.
fn bad_merges(tree: &Tree) -> Vec<Problem> {
    let is_map = |node| matches!(tree.kind(tree.resolve(node)), Kind::Mapping { .. });
    let is_list = |node| matches!(tree.kind(tree.resolve(node)), Kind::Sequence { .. });
    let merges = tree.ids().flat_map(|id| match tree.kind(id) {
        Kind::Mapping { entries, .. } => entries,
        _ => &[],
    });
    let bad = merges.filter(|entry| {
        let merge = Kind::Scalar {
            value: "<<",
            style: Style::Plain,
        };
        let is_merge = tree.kind(entry.key) == merge;
        let items = tree.items(entry.value);
        let fits =
            is_map(entry.value) || (is_list(entry.value) && items.iter().all(|item| is_map(*item)));
        is_merge && !fits
    });
    bad.map(|entry| Problem {
        span: tree.span(entry.value),
        message: "`<<` takes a map, or a list of maps".to_owned(),
    })
    .collect()
}
