//! Holds a document against the tables.

use super::formats;
use super::path::Path;
use super::project::PROJECT;
use super::service::SERVICE;
use super::shape::{Cast, Is, Map, Names, Shape};
use crate::compose::refused::{Code, Refused};
use crate::compose::value::{Combine, Data, Field, Mapping, Scalar, Value};
use crate::spelling::nearest;
use crate::yaml::{Resolved, Style, Trees, resolve};

/// More keys than this are not listed.
const LISTED: usize = 16;

/// What Docker refuses in one document. In a `partial` one, which is laid over another, keys may be missing.
pub(in crate::compose) fn check(document: &Value, partial: bool, trees: &Trees) -> Vec<Refused> {
    let mut walk = Walk {
        trees,
        partial,
        found: Vec::new(),
    };
    match &document.data {
        Data::Null => {}
        Data::Mapping(mapping) => walk.mapping(mapping, document, &PROJECT, &Path::Root),
        Data::Scalar(_) | Data::Sequence(_) => {
            walk.value(document, &Shape::map(&PROJECT), &Path::Root);
        }
    }
    walk.found
}

/// What Docker refuses in one service alone: the one of another file that `extends` takes.
pub(in crate::compose) fn check_service(
    name: &str,
    service: &Value,
    trees: &Trees,
) -> Vec<Refused> {
    let mut walk = Walk {
        trees,
        partial: true,
        found: Vec::new(),
    };
    let path = Path::Key(&Path::Root, "services");
    walk.value(service, &Shape::map(&SERVICE), &Path::Key(&path, name));
    walk.found
}

struct Walk<'a> {
    trees: &'a Trees,
    partial: bool,
    found: Vec<Refused>,
}

impl Walk<'_> {
    fn value(&mut self, value: &Value, shape: &Shape, path: &Path) {
        if value.combine() == Combine::Reset || self.is_tagged(value) {
            return;
        }
        match &value.data {
            Data::Null if shape.takes(Is::Null) => {}
            Data::Null => self.wrong_type(value, shape, path, "nothing"),
            Data::Scalar(scalar) => self.scalar(value, scalar, shape, path),
            Data::Sequence(items) => match shape.list {
                Some(inner) => self.items(items, inner, path),
                None => self.wrong_type(value, shape, path, "a list"),
            },
            Data::Mapping(mapping) => match shape.map {
                Some(map) => self.mapping(mapping, value, map, path),
                None => self.wrong_type(value, shape, path, "a map"),
            },
        }
    }

    /// `!!str 5` is whatever its tag says.
    fn is_tagged(&self, value: &Value) -> bool {
        let tree = self.trees.get(value.span.file);
        let tag = tree.and_then(|tree| tree.tag(value.node));
        matches!(value.data, Data::Scalar(_) | Data::Null) && tag.is_some()
    }

    fn items(&mut self, items: &[Value], inner: &Shape, path: &Path) {
        let is_dependencies = matches!(path, Path::Key(_, "depends_on"));
        for (index, item) in items.iter().enumerate() {
            let path = Path::Item(path, index);
            self.value(item, inner, &path);
            let same = |other: &&Value| other.text().is_some() && other.text() == item.text();
            if is_dependencies && let Some(first) = items[..index].iter().find(same) {
                let message = format!(
                    "`{}` stands here a second time",
                    item.text().unwrap_or_default()
                );
                let mut refused =
                    Refused::new(Code::DuplicateKey, item.span, path.to_string(), message);
                refused
                    .labels
                    .push((first.span, "the first one".to_owned()));
                self.found.push(refused.allowing("each service once"));
            }
        }
    }

    fn mapping(&mut self, mapping: &Mapping, value: &Value, map: &Map, path: &Path) {
        for (key, field) in &mapping.fields {
            let inner = Path::Key(path, key);
            if let Some((_, shape)) = map.keys.iter().find(|(name, _)| key == name) {
                self.value(&field.value, shape, &inner);
            } else if map.extensions && key.starts_with("x-") {
                // Anything may stand there.
            } else if let Some(others) = map.others {
                self.other(key, field, map.names, others, &inner);
            } else if field.value.combine() != Combine::Reset {
                self.unknown_key(key, field, map, path);
            }
        }
        let extends = mapping.fields.contains_key("extends");
        for key in map.required {
            if !self.partial && !extends && !mapping.fields.contains_key(key) {
                let place = value.span;
                let message = format!("`{key}` is missing");
                let refused = Refused::new(Code::MissingKey, place, path.to_string(), message);
                let wanted = format!(
                    "{} {} needed here",
                    list(map.required),
                    are(map.required.len())
                );
                self.found.push(refused.allowing(wanted));
            }
        }
    }

    fn other(&mut self, key: &str, field: &Field, names: Names, shape: &Shape, path: &Path) {
        match names {
            Names::Lower if !key.bytes().all(|byte| byte.is_ascii_lowercase()) => return,
            Names::Loose if !formats::is_name(key) => return,
            Names::Only if !formats::is_name(key) => self.bad_name(key, field, path),
            _ => {}
        }
        self.value(&field.value, shape, path);
    }

    fn unknown_key(&mut self, key: &str, field: &Field, map: &Map, path: &Path) {
        let names = map.keys.iter().map(|(name, _)| *name);
        let suggestion = nearest(key, names.clone());
        let inner = Path::Key(path, key);
        let message = format!("`{key}` is no key of {}", owner(path));
        let mut refused = Refused::new(Code::UnknownKey, field.key, inner.to_string(), message);
        let names: Vec<&str> = names.collect();
        if names.len() <= LISTED {
            refused = refused.allowing(format!("the keys are {}", list(&names)));
        } else if let Some(home) = home(key).filter(|_| suggestion.is_none()) {
            refused = refused.allowing(format!("it belongs under `{home}`"));
        } else if map.extensions {
            refused = refused.allowing("a key of your own begins with `x-`");
        }
        self.found.push(refused.meaning(suggestion));
    }

    fn bad_name(&mut self, name: &str, field: &Field, path: &Path) {
        let message = format!("`{name}` is no name");
        let refused = Refused::new(Code::BadName, field.key, path.to_string(), message);
        let allowed = "a name is made of letters, digits, `.`, `_` and `-`";
        self.found.push(refused.allowing(allowed));
    }

    fn scalar(&mut self, value: &Value, scalar: &Scalar, shape: &Shape, path: &Path) {
        if !value.unknown().is_empty() {
            return;
        }
        let resolved = if scalar.interpolated {
            Resolved::Str
        } else {
            resolve(&scalar.text, scalar.style)
        };
        let (fits, what) = match resolved {
            Resolved::Null => (shape.takes(Is::Null), "nothing"),
            Resolved::Bool(_) => (shape.takes(Is::Switch), "true or false"),
            Resolved::Int(_) => (
                shape.takes(Is::Whole) || shape.takes(Is::Number),
                "a number",
            ),
            Resolved::Float(number) => {
                let whole = number.fract() == 0.0 && shape.takes(Is::Whole);
                (whole || shape.takes(Is::Number), "a number")
            }
            Resolved::Str
                if !scalar.interpolated
                    && scalar.style == Style::Plain
                    && formats::is_date(&scalar.text) =>
            {
                (false, "a date")
            }
            Resolved::Str => {
                let read = shape.cast.is_none_or(|cast| is_cast(&scalar.text, cast));
                (shape.takes(Is::Text) && read, "a text")
            }
        };
        if !fits {
            return self.wrong_type(value, shape, path, what);
        }
        self.range(value, &resolved, shape, path);
        if !shape.words.is_empty() && !shape.words.contains(&scalar.text.as_str()) {
            let message = format!("`{}` may not stand here", value.written());
            let refused = Refused::new(Code::BadValue, value.place(), path.to_string(), message);
            let suggestion = nearest(&scalar.text, shape.words.iter().copied())
                .or_else(|| near_end(&scalar.text, shape.words));
            let refused = refused.allowing(format!("it is {}", either(shape.words)));
            self.found.push(refused.meaning(suggestion));
        }
        if let Some(wrong) = shape
            .format
            .and_then(|format| formats::wrong(&scalar.text, &resolved, format))
        {
            let message = without_values(&wrong.message, value, scalar);
            let refused = Refused::new(wrong.code, value.place(), path.to_string(), message);
            self.found
                .push(refused.allowing(wrong.allowed).meaning(wrong.suggestion));
        }
    }

    fn range(&mut self, value: &Value, resolved: &Resolved, shape: &Shape, path: &Path) {
        if let (Some((least, greatest)), Resolved::Int(number)) = (shape.range, resolved)
            && !(least..=greatest).contains(number)
        {
            let message = format!("{number} is out of bounds");
            let refused = Refused::new(Code::BadValue, value.place(), path.to_string(), message);
            let allowed = if greatest == i64::MAX {
                format!("it is {least} or more")
            } else {
                format!("it is from {least} to {greatest}")
            };
            self.found.push(refused.allowing(allowed));
        }
    }

    fn wrong_type(&mut self, value: &Value, shape: &Shape, path: &Path, what: &str) {
        let written = value.text().map(|_| value.written());
        let text = written.as_deref();
        let text = text.filter(|text| text.len() < 60 && !text.contains('\n'));
        let found = match (what, text) {
            ("nothing", _) => "and there is nothing".to_owned(),
            ("a number" | "a date", Some(text)) => {
                format!("not {} `{text}`", what.replacen("a ", "the ", 1))
            }
            (_, Some(text)) => format!("not `{text}`"),
            _ => format!("not {what}"),
        };
        let message = format!("{} is wanted here, {found}", shape.words_for_kinds());
        let refused = Refused::new(Code::WrongType, value.place(), path.to_string(), message);
        let is_bare = matches!(what, "a number" | "true or false" | "a date");
        let takes_texts = shape.takes(Is::Text) && shape.cast.is_none() && shape.format.is_none();
        let quoted = text.filter(|_| is_bare && takes_texts && shape.words.is_empty());
        self.found.push(match quoted {
            Some(text) => refused
                .meaning(Some(format!("\"{text}\"")))
                .allowing("in quotes it is a text"),
            None => refused,
        });
    }
}

/// A message about a text, without the values that variables gave it.
fn without_values(message: &str, value: &Value, scalar: &Scalar) -> String {
    let written = value.written();
    if written == *scalar.text {
        return message.to_owned();
    }
    let whole = format!("`{}`", scalar.text);
    let message = message.replace(&whole, &format!("`{written}`"));
    // What it names besides may be a part of a value.
    let named = message.split('`').skip(1).step_by(2);
    let mut others = named.filter(|part| *part != written);
    let values = value.pieces().iter().filter(|piece| piece.is_given());
    let values: Vec<&str> = values.map(|piece| piece.text.as_str()).collect();
    let is_told = others.any(|part| {
        let mut values = values.iter();
        values.any(|value| !value.is_empty() && (value.contains(part) || part.contains(value)))
    });
    if is_told {
        format!("`{written}` is wrong as it is filled in")
    } else {
        message
    }
}

/// What a key belongs to, in words.
fn owner(path: &Path) -> String {
    match path {
        Path::Root => "a compose file".to_owned(),
        Path::Key(Path::Key(Path::Root, section), _) => {
            format!("a {}", section.trim_end_matches('s'))
        }
        Path::Key(_, key) => format!("`{key}`"),
        Path::Item(list, _) => owner(list),
    }
}

/// Whether Compose reads a text as that.
fn is_cast(text: &str, cast: Cast) -> bool {
    let switches = ["y", "yes", "true", "on", "n", "no", "false", "off"];
    match cast {
        Cast::Whole => text.parse::<i64>().is_ok(),
        // Go reads `0x10` as well.
        Cast::Number => {
            text.parse::<f64>().is_ok() || text.starts_with("0x") || text.starts_with("0X")
        }
        Cast::Switch => switches.contains(&text.to_lowercase().as_str()),
    }
}

/// A word that `text` is the end of: `healthy` for `service_healthy`.
fn near_end(text: &str, words: &[&str]) -> Option<String> {
    let mut ending = words
        .iter()
        .filter(|word| text.len() > 3 && word.ends_with(text));
    let word = ending.next()?;
    ending.next().is_none().then(|| (*word).to_owned())
}

/// Where a key that often stands in the wrong place belongs.
fn home(key: &str) -> Option<&'static str> {
    Some(match key {
        "replicas" | "resources" | "restart_policy" | "placement" | "update_config"
        | "rollback_config" => "deploy",
        "limits" | "reservations" => "deploy.resources",
        "interval" | "timeout" | "retries" | "start_period" | "start_interval" | "test" => {
            "healthcheck"
        }
        "context" | "dockerfile" | "args" | "target" => "build",
        "watch" => "develop",
        _ => return None,
    })
}

fn are(count: usize) -> &'static str {
    if count == 1 { "is" } else { "are" }
}

fn joined(words: &[&str], last: &str) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., end] => format!("{} {last} {end}", first.join(", ")),
    }
}

fn list(words: &[&str]) -> String {
    joined(words, "and")
}

fn either(words: &[&str]) -> String {
    joined(words, "or")
}
