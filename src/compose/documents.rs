//! What Docker refuses in the files of a stack, each file held against the tables and its references to files followed.

use super::interpolate::{Environment, Uses};
use super::load::Document;
use super::refused::{Code, Refused};
use super::spelling::nearest;
use super::value::{Data, Through, Value};
use super::{Loader, Model, scalars, schema};
use crate::source::{FileId, ReadError, Span, paths};
use crate::yaml::{Kind, Problem, Resolved, Style, Tree, resolve};

use std::collections::BTreeSet;

/// Includes and chains of `extends` go no deeper.
const MAX_DEPTH: usize = 20;

/// One file's documents as they are written, short forms as short forms.
struct Read {
    file: FileId,
    /// Whether it is no YAML, so that nothing is known of it.
    broken: bool,
    documents: Vec<Value>,
}

/// A service that `extends` has led to, by its file and name.
type Link = (FileId, String);

/// An include that is open: its files, and the place that asks for them.
type Open = Vec<(Vec<String>, Span)>;

impl Loader<'_> {
    /// What Docker refuses in `files`, which have been loaded, and in what they take in. Files that cannot be read are passed over.
    pub fn refused(&mut self, files: &[String], folder: &str) -> Vec<Refused> {
        let mut found = std::mem::take(&mut self.found);
        let mut open = Vec::new();
        self.refused_in(files, folder, &mut open, &mut found);
        found.sort_by_key(|refused| (refused.span.file, refused.span.start, refused.code));
        found.dedup_by(|one, other| one.span == other.span && one.code == other.code);
        found
    }

    fn refused_in(
        &mut self,
        files: &[String],
        folder: &str,
        open: &mut Open,
        found: &mut Vec<Refused>,
    ) {
        for path in files {
            let Ok(read) = self.read_documents(path, found) else {
                continue;
            };
            for document in &read.documents {
                self.includes(document, folder, open, found);
            }
            for name in extending(&read) {
                let chain = vec![(read.file, name.clone())];
                self.extends(&read, &name, folder, &chain, found);
            }
        }
    }

    /// What cannot be read in the env files and label files of the services in `active`, as far as these files are here.
    pub fn refused_env_files(
        &mut self,
        model: &Model,
        folder: &str,
        active: &BTreeSet<String>,
    ) -> Vec<Refused> {
        let mut found: Vec<Refused> = Vec::new();
        let services = model.root.as_ref().and_then(|root| root.get("services"));
        for name in active {
            let service = services.and_then(|services| services.get(name));
            for key in ["env_file", "label_file"] {
                let files = service.and_then(|service| service.get(key));
                for (index, item) in files
                    .map(Value::items)
                    .unwrap_or_default()
                    .iter()
                    .enumerate()
                {
                    let path = format!("services.{name}.{key}[{index}]");
                    let problems = self.env_file_problems(item, folder).into_iter();
                    let refused = problems
                        .map(|one| Refused::new(Code::BadEnvFile, one.span, &path, one.message));
                    let new: Vec<Refused> = refused
                        .filter(|new| found.iter().all(|known| known.span != new.span))
                        .collect();
                    found.extend(new);
                }
            }
        }
        found
    }

    /// What comes from another folder has paths that count from there: they are passed over.
    fn env_file_problems(&mut self, item: &Value, folder: &str) -> Vec<Problem> {
        let path = item.get("path").unwrap_or(item);
        let written = self.store.sources().get(path.span.file).path();
        let is_extended = path
            .through
            .iter()
            .any(|way| matches!(way, Through::Extends(_)));
        if is_extended || paths::parent(written) != folder {
            return Vec::new();
        }
        let inside = path.text().and_then(|path| paths::join(folder, path));
        let Some(Ok(id)) = inside.map(|inside| self.store.open(&inside)) else {
            return Vec::new();
        };
        let source = self.store.sources().share(id);
        let none = Environment::default();
        if item.get("format").and_then(Value::text) == Some("raw") {
            super::dotenv::read_raw(id, source.text(), &none).1
        } else {
            super::dotenv::read_values(id, source.text(), self.environment, &none).1
        }
    }

    /// The documents of a file; bad variables, repeated keys and texts that are no numbers are found on the way.
    fn read_documents(&mut self, path: &str, found: &mut Vec<Refused>) -> Result<Read, ReadError> {
        let id = self.store.open(path)?;
        let mut read = Read {
            file: id,
            broken: false,
            documents: Vec::new(),
        };
        let Ok(tree) = self.trees.open(id, self.store.sources()) else {
            read.broken = true;
            return Ok(read);
        };
        let file = self.store.sources().share(id);
        let mut problems = Vec::new();
        for document in tree.documents() {
            let mut reader = Document {
                tree: &tree,
                file: &file,
                environment: self.environment,
                uses: &mut Uses::default(),
                problems: &mut problems,
            };
            read.documents.push(reader.value(*document, &[]));
        }
        let placed = |code, problem: &Problem| {
            let path = read
                .documents
                .iter()
                .find_map(|root| path_of(root, problem.span));
            Refused::new(
                code,
                problem.span,
                path.unwrap_or_default(),
                problem.message.clone(),
            )
        };
        found.extend(
            problems
                .iter()
                .map(|problem| placed(Code::BadInterpolation, problem)),
        );
        let repeated = tree.problems().iter();
        found.extend(repeated.map(|problem| placed(Code::DuplicateKey, problem)));
        let wrong = bad_merges(&tree).into_iter().chain(bad_keys(&tree));
        let wrong = wrong.map(|problem| placed(Code::WrongType, &problem));
        found.extend(wrong);
        found.extend(old_version(id, file.text()));
        let is_one = read.documents.len() == 1;
        for document in &read.documents {
            if document.mapping().is_none() && !(is_one && document.is_null()) {
                let message = "a map of keys and values is wanted here";
                let refused = Refused::new(Code::WrongType, document.span, "", message);
                found.push(refused.allowing("a compose file has `services`"));
            }
            found.extend(schema::written(document, self.trees));
        }
        Ok(read)
    }

    fn includes(
        &mut self,
        document: &Value,
        folder: &str,
        open: &mut Open,
        found: &mut Vec<Refused>,
    ) {
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
                let joined = given.iter().map(|path| paths::join(folder, path));
                joined.collect::<Option<Vec<String>>>()
            });
            let Some(files) = inside.filter(|files| !files.is_empty()) else {
                continue;
            };
            let place = format!("include[{index}]");
            if let Some(missing) = self.missing(&files) {
                let message = format!("`{missing}` is not there to be included");
                let mut refused = Refused::new(Code::IncludeNotFound, include.span, place, message);
                refused.suggestion = self.similar(missing);
                found.push(refused.allowing("a path counts from the project directory"));
                continue;
            }
            let circle = open.iter().position(|(other, _)| *other == files);
            if circle.is_some() || open.len() >= MAX_DEPTH {
                let message = format!("`{}` includes itself", files.join(", "));
                let mut refused = Refused::new(Code::IncludeCycle, include.span, place, message);
                let way = &open[circle.unwrap_or_default()..];
                refused.labels = way
                    .iter()
                    .map(|(_, span)| (*span, "on the way back".to_owned()))
                    .collect();
                found.push(refused);
                continue;
            }
            let own = include.get("project_directory").and_then(Value::text);
            let inner = match own {
                Some(own) => paths::join(folder, own).unwrap_or_default(),
                None => paths::parent(&files[0]).to_owned(),
            };
            open.push((files.clone(), include.span));
            self.refused_in(&files, &inner, open, found);
            open.pop();
        }
    }

    /// The first file that is not there.
    fn missing<'b>(&mut self, files: &'b [String]) -> Option<&'b String> {
        let mut files = files.iter();
        files.find(|file| self.store.open(file) == Err(ReadError::Missing))
    }

    /// The compose file of the same folder whose name is nearest.
    fn similar(&self, path: &str) -> Option<String> {
        let listed = self.store.of_kind(crate::source::FileKind::Compose);
        let beside = listed.filter(|other| paths::parent(other) == paths::parent(path));
        nearest(paths::name(path), beside.map(paths::name))
    }

    /// Follows the `extends` of one service.
    fn extends(
        &mut self,
        read: &Read,
        name: &str,
        folder: &str,
        chain: &[Link],
        found: &mut Vec<Refused>,
    ) {
        let Some(extends) = service(read, name).and_then(|service| service.get("extends")) else {
            return;
        };
        let place = format!("services.{name}.extends");
        let target = match extends.mapping() {
            None => Some(extends),
            Some(_) => extends.get("service"),
        };
        let is_text = |value: &Value| {
            value
                .scalar()
                .is_some_and(|s| scalars::resolved(s) == Resolved::Str)
        };
        let file = extends.get("file").filter(|file| !file.is_null());
        if !target.is_some_and(is_text) || !file.is_none_or(is_text) {
            let message = "`extends` names a service, by a text";
            let refused = Refused::new(Code::WrongType, extends.span, place, message);
            found.push(refused.allowing(
                "it is `extends: SERVICE` or `extends: { file: FILE, service: SERVICE }`",
            ));
            return;
        }
        let Some(wanted) = target.and_then(Value::text) else {
            return;
        };
        let other;
        let (from, from_folder) = match file.map(Value::text) {
            None => (read, folder.to_owned()),
            Some(None) => return,
            Some(Some(file)) => {
                let Some(path) = paths::join(folder, file) else {
                    return;
                };
                match self.read_documents(&path, found) {
                    Ok(documents) => other = documents,
                    Err(ReadError::Missing) => {
                        let message = format!("`{path}` is not there to be extended");
                        let mut refused =
                            Refused::new(Code::ExtendsNotFound, extends.span, place, message);
                        refused.suggestion = self.similar(&path);
                        found.push(refused.allowing("a path counts from the project directory"));
                        return;
                    }
                    Err(_) => return,
                }
                (&other, paths::parent(&path).to_owned())
            }
        };
        let Some(base) = service(from, wanted) else {
            if !from.broken {
                let message = format!("there is no service `{wanted}` to extend");
                let refused = Refused::new(Code::ExtendsNotFound, extends.span, place, message);
                let mut refused = refused.meaning(nearest(wanted, names(from)));
                refused.replaceable = false;
                found.push(refused);
            }
            return;
        };
        let link = (from.file, wanted.to_owned());
        if chain.contains(&link) || chain.len() > MAX_DEPTH {
            let message = format!("`extends` leads back to `{wanted}`");
            found.push(Refused::new(
                Code::ExtendsCycle,
                extends.span,
                place,
                message,
            ));
            return;
        }
        if base.mapping().is_none() && !base.is_null() {
            let message = format!("`{wanted}`, which is extended, is no map of keys and values");
            found.push(Refused::new(Code::WrongType, extends.span, place, message));
        }
        if base.get("extends").is_none() {
            return;
        }
        let chain = [chain, &[link]].concat();
        self.extends(from, wanted, &from_folder, &chain, found);
    }
}

/// `<<` with something that is no map.
fn bad_merges(tree: &Tree) -> Vec<Problem> {
    let is_map = |node| matches!(tree.node(tree.resolve(node)).kind, Kind::Mapping { .. });
    let is_list = |node| matches!(tree.node(tree.resolve(node)).kind, Kind::Sequence { .. });
    let merges = tree.ids().flat_map(|id| match &tree.node(id).kind {
        Kind::Mapping { entries, .. } => entries.as_slice(),
        _ => &[],
    });
    let bad = merges.filter(|entry| {
        let key = tree.node(entry.key);
        let is_merge =
            matches!(&key.kind, Kind::Scalar { value, style: Style::Plain } if &**value == "<<");
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
    let keys = tree.ids().flat_map(|id| match &tree.node(id).kind {
        Kind::Mapping { entries, .. } => entries.as_slice(),
        _ => &[],
    });
    let bad = keys.filter_map(|entry| {
        let node = tree.node(tree.resolve(entry.key));
        let Kind::Scalar { value, style } = &node.kind else {
            return Some((entry.key, "a key is a text, and no list or map".to_owned()));
        };
        let is_date = *style == Style::Plain && schema::is_date(value);
        let is_text = node.tag.is_some() || !is_date && resolve(value, *style) == Resolved::Str;
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

fn service<'v>(read: &'v Read, name: &str) -> Option<&'v Value> {
    let mut documents = read.documents.iter().rev();
    documents.find_map(|root| root.get("services")?.get(name))
}

fn names(read: &Read) -> impl Iterator<Item = &str> {
    let services = read
        .documents
        .iter()
        .filter_map(|root| root.get("services")?.mapping());
    services.flat_map(|services| services.fields.keys().map(String::as_str))
}

/// The services that extend another.
fn extending(read: &Read) -> Vec<String> {
    let services =
        names(read).filter(|name| service(read, name).is_some_and(|s| s.get("extends").is_some()));
    services.map(str::to_owned).collect()
}

/// The key path of the innermost value or key that holds a place.
fn path_of(root: &Value, span: Span) -> Option<String> {
    fn within(outer: Span, inner: Span) -> bool {
        outer.file == inner.file && outer.start <= inner.start && inner.end <= outer.end
    }
    fn descend(value: &Value, span: Span, path: &mut String) {
        let before = path.len();
        match &value.data {
            Data::Mapping(mapping) => {
                for (key, field) in &mapping.fields {
                    if within(field.key, span) || within(field.value.span, span) {
                        path.push_str(if before == 0 { "" } else { "." });
                        path.push_str(key);
                        return descend(&field.value, span, path);
                    }
                }
            }
            Data::Sequence(items) => {
                if let Some(index) = items.iter().position(|item| within(item.span, span)) {
                    path.extend(["[", &index.to_string(), "]"]);
                    descend(&items[index], span, path);
                }
            }
            Data::Null | Data::Scalar(_) => {}
        }
    }
    let mut path = String::new();
    descend(root, span, &mut path);
    (!path.is_empty()).then_some(path)
}
