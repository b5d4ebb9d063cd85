//! What Docker refuses in the files of a stack, each file held against the tables and its references to files followed.

use super::interpolate::Uses;
use super::key_path::key_path;
use super::outside::is_remote;
use super::pages::{Pages, Part};
use super::references::words;
use super::refused::{Code, Refused};
use super::text::Text;
use super::value::Value;
use super::{Loader, scalars, schema};
use crate::source::{FileId, ReadError, Span, paths};
use crate::spelling::nearest;
use crate::yaml::{Kind, Problem, Resolved, Style, Tree, resolve};
use std::collections::HashSet;
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
        };
        examination.files(files, folder);
        let mut found = examination.found;
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
    fn similar(&self, path: &str) -> Option<String> {
        let listed = self.loader.store.of_kind(crate::source::FileKind::Compose);
        let beside = listed.filter(|other| paths::parent(other) == paths::parent(path));
        nearest(paths::name(path), beside.map(paths::name))
    }

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
    fn extends(&mut self, read: &Read, name: &str, folder: &str, chain: &[Link]) {
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
            let names = self.names(from);
            if from.pages.is_some() {
                let message = format!("there is no service `{}` to extend", target.written());
                let refused = Refused::new(Code::ExtendsNotFound, extends.span, place, message);
                let mut refused =
                    refused.meaning(nearest(wanted, names.iter().map(String::as_str)));
                refused.replaceable = false;
                let others = names.iter().map(String::as_str);
                let others: Vec<&str> = others.filter(|other| *other != name).collect();
                self.found
                    .push(refused.allowing(words("services", &others)));
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
fn names_of_extending(document: &Value) -> Vec<String> {
    let services = document.get("services").and_then(Value::mapping);
    let fields = services.into_iter().flat_map(|services| &services.fields);
    let extending = fields.filter(|(_, field)| field.value.get("extends").is_some());
    extending.map(|(name, _)| name.to_string()).collect()
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
