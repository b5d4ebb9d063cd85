//! Holds content against the tables.

use super::formats;
use super::path::Path;
use super::project::PROJECT;
use super::shape::{Cast, Format, Is, Map, Names, Shape, Stage};
use super::words::{are, either, home, instead, is_number, list, near_end, owner, without_values};
use crate::compose::canonical::Touched;
use crate::compose::refused::{Code, Refused};
use crate::compose::scalars;
use crate::compose::value::{Combine, Data, Field, Mapping, NodeRef, Scalar, Value};
use crate::spelling::nearest;
use crate::yaml::{Kind, Resolved, Style, Trees};
use std::collections::HashMap;

/// More keys than this are not listed.
const LISTED: usize = 16;

/// The texts of a document, as it is written, that do not become what they should.
pub(in crate::compose) fn written(document: &Value, trees: &Trees) -> Vec<Refused> {
    whole(document, Stage::Written, trees)
}

/// What Docker refuses once a document is laid over those before it. Only what this one has `touched` can be new.
pub(in crate::compose) fn merged(
    root: &Value,
    touched: Option<&Touched>,
    trees: &Trees,
) -> Vec<Refused> {
    let (Some(touched), Some(mapping)) = (touched, root.mapping()) else {
        return whole(root, Stage::Merged, trees);
    };
    let mut walk = Walk::new(Stage::Merged, trees);
    for (section, field) in &mapping.fields {
        let path = Path::Key(&Path::Root, section);
        let shape = PROJECT.keys.iter().find(|(name, _)| section == name);
        let others = shape.and_then(|(_, shape)| shape.map?.others);
        match (touched.names(section), others, field.value.mapping()) {
            (Some(names), Some(_), Some(inner)) => {
                let fields = names
                    .iter()
                    .filter_map(|name| Some((name, inner.fields.get(name)?)));
                let Some(map) = shape.and_then(|(_, shape)| shape.map) else {
                    continue;
                };
                for (name, field) in fields {
                    walk.field(name, field, map, &path);
                }
            }
            _ => walk.field(section, field, &PROJECT, &Path::Root),
        }
    }
    walk.found
}

/// What Docker refuses of the values once all files are merged.
pub(in crate::compose) fn decoded(root: &Value, trees: &Trees) -> Vec<Refused> {
    whole(root, Stage::Decoded, trees)
}

fn whole(root: &Value, stage: Stage, trees: &Trees) -> Vec<Refused> {
    let mut walk = Walk::new(stage, trees);
    match &root.data {
        Data::Null => {}
        Data::Mapping(mapping) => walk.mapping(mapping, root, &PROJECT, &Path::Root),
        Data::Scalar(_) | Data::Sequence(_) => {
            walk.value(root, &Shape::map(&PROJECT), &Path::Root);
        }
    }
    walk.found
}

struct Walk<'a> {
    trees: &'a Trees,
    stage: Stage,
    found: Vec<Refused>,
}

impl<'a> Walk<'a> {
    fn new(stage: Stage, trees: &'a Trees) -> Self {
        Self {
            trees,
            stage,
            found: Vec::new(),
        }
    }

    fn value(&mut self, value: &Value, shape: &Shape, path: &Path) {
        if value.combine() == Combine::Reset || self.is_tagged(value) {
            return;
        }
        match &value.data {
            Data::Null if shape.takes(Is::Null) && !self.is_read(shape) => {}
            Data::Null => self.wrong_type(value, shape, path, "nothing"),
            Data::Scalar(scalar) => self.scalar(value, scalar, shape, path),
            Data::Sequence(items) => match shape.list {
                // These become a map before Docker looks at them.
                Some(_) if self.stage == Stage::Written && shape.map.is_some() => {
                    self.pairs(items, shape, path);
                }
                Some(inner) => self.items(items, inner, shape.distinct, path),
                None => self.wrong_type(value, shape, path, "a list"),
            },
            Data::Mapping(mapping) => match shape.map {
                Some(map) => {
                    if value.is_listed() {
                        self.variables(mapping, shape, path);
                    }
                    self.mapping(mapping, value, map, path);
                }
                None => self.wrong_type(value, shape, path, "a map"),
            },
        }
    }

    /// `!!int 5` is whatever its tag says.
    fn is_tagged(&self, value: &Value) -> bool {
        let tree = self.trees.get(value.span.file);
        let tag = tree.and_then(|tree| tree.tag(value.node));
        let is_core = tag.is_some_and(|tag| tag.name.starts_with("!!") && tag.name != "!!str");
        is_core && matches!(value.data, Data::Scalar(_) | Data::Null)
    }

    /// Whether a map was made of a short form: nothing that it came from is a map.
    fn is_made(&self, value: &Value) -> bool {
        let is_map = |at: NodeRef| {
            let tree = self.trees.get(at.file);
            tree.is_some_and(|tree| {
                matches!(tree.kind(tree.resolve(at.node)), Kind::Mapping { .. })
            })
        };
        value.is_listed()
            || !is_map(value.reference()) && !value.mappings().iter().any(|(at, _)| is_map(*at))
    }

    /// Whether Docker looks into such a value only now.
    fn is_read(&self, shape: &Shape) -> bool {
        self.stage == Stage::Decoded && shape.late
    }

    /// The names in a map that Docker has as a list.
    fn variables(&mut self, mapping: &Mapping, shape: &Shape, path: &Path) {
        let format = shape.list.and_then(|item| item.format);
        let format = format.filter(|format| *format == Format::Variable);
        let Some(format) = format.filter(|format| format.stage() == self.stage) else {
            return;
        };
        for (name, field) in &mapping.fields {
            if let Some(wrong) = formats::wrong(name, &Resolved::Str, format) {
                let path = Path::Key(path, name).to_string();
                let refused = Refused::new(wrong.code, field.key, path, wrong.message);
                self.found.push(refused.allowing(wrong.allowed));
            }
        }
    }

    fn items(&mut self, items: &[Value], inner: &Shape, distinct: bool, path: &Path) {
        let repeats = distinct && self.stage == Stage::Merged;
        let mut known: HashMap<&str, &Value> = HashMap::new();
        for (index, item) in items.iter().enumerate() {
            let path = Path::Item(path, index);
            self.value(item, inner, &path);
            let Some(text) = item.text().filter(|_| repeats) else {
                continue;
            };
            let first = *known.entry(text).or_insert(item);
            if !std::ptr::eq(first, item) {
                let message = format!("`{}` stands here a second time", item.written());
                let mut refused =
                    Refused::new(Code::DuplicateKey, item.span, path.to_string(), message);
                refused
                    .labels
                    .push((first.span, "the first one".to_owned()));
                self.found
                    .push(refused.allowing("each of them once, all files of the stack together"));
            }
        }
    }

    fn pairs(&mut self, items: &[Value], shape: &Shape, path: &Path) {
        let Some(inner) = shape.list else {
            return;
        };
        for (index, item) in items.iter().enumerate() {
            let path = Path::Item(path, index);
            match item.scalar().filter(|_| item.unknown().is_empty()) {
                Some(scalar) if !matches!(scalars::resolved(scalar), Resolved::Str) => {
                    self.found.push(wrong_type(item, inner, &path, "a number"));
                }
                _ => self.value(item, inner, &path),
            }
        }
    }

    fn mapping(&mut self, mapping: &Mapping, value: &Value, map: &Map, path: &Path) {
        // Made of a short form, which was read then.
        if self.stage == Stage::Merged && self.is_made(value) {
            return;
        }
        for (key, field) in &mapping.fields {
            self.field(key, field, map, path);
        }
        let extends = mapping.fields.contains_key("extends");
        for key in map.required {
            let is_there = mapping.fields.contains_key(key);
            if self.stage == Stage::Merged && !extends && !is_there {
                let message = format!("`{key}` is missing");
                let refused = Refused::new(Code::MissingKey, value.span, path.to_string(), message);
                let wanted = format!(
                    "{} {} needed here",
                    list(map.required),
                    are(map.required.len())
                );
                self.found.push(refused.allowing(wanted));
            }
        }
    }

    fn field(&mut self, key: &str, field: &Field, map: &Map, path: &Path) {
        let inner = Path::Key(path, key);
        if let Some((_, shape)) = map.keys.iter().find(|(name, _)| *name == key) {
            self.value(&field.value, shape, &inner);
        } else if map.extensions && key.starts_with("x-") {
            // Anything may stand there.
        } else if let Some(others) = map.others {
            self.other(key, field, map.names, others, &inner);
        } else if field.value.combine() != Combine::Reset {
            self.unknown_key(key, field, map, path);
        }
    }

    fn other(&mut self, key: &str, field: &Field, names: Names, shape: &Shape, path: &Path) {
        match names {
            // Casts do not ask for the name.
            Names::Lower | Names::Loose if self.stage == Stage::Written => {}
            Names::Lower if !key.bytes().all(|byte| byte.is_ascii_lowercase()) => return,
            Names::Loose if !formats::is_name(key) => return,
            Names::Only if !formats::is_name(key) => self.bad_name(key, field, path),
            _ => {}
        }
        self.value(&field.value, shape, path);
    }

    fn unknown_key(&mut self, key: &str, field: &Field, map: &Map, path: &Path) {
        if self.stage != Stage::Merged {
            return;
        }
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
        if self.stage != Stage::Merged {
            return;
        }
        let message = format!("`{name}` is no name");
        let refused = Refused::new(Code::BadName, field.key, path.to_string(), message);
        let allowed = "a name is made of letters, digits, `.`, `_` and `-`";
        self.found.push(refused.allowing(allowed));
    }

    fn scalar(&mut self, value: &Value, scalar: &Scalar, shape: &Shape, path: &Path) {
        if !value.unknown().is_empty() {
            return;
        }
        let resolved = scalars::resolved(scalar);
        let cast = shape.cast.filter(|_| resolved == Resolved::Str);
        let is_unread = cast.is_some_and(|cast| number_of(&scalar.text, cast).is_none());
        match self.stage {
            Stage::Written | Stage::Decoded => {
                if is_unread && (self.stage == Stage::Written || shape.late) {
                    return self.wrong_type(value, shape, path, "a text");
                }
            }
            Stage::Merged => {
                if let Err(what) = fits(scalar, &resolved, shape) {
                    return self.wrong_type(value, shape, path, what);
                }
                self.range(value, scalar, &resolved, shape, path);
                self.words(value, scalar, shape, path);
            }
        }
        let format = shape.format.filter(|format| format.stage() == self.stage);
        if let Some(wrong) =
            format.and_then(|format| formats::wrong(&scalar.text, &resolved, format))
        {
            let message = without_values(&wrong.message, value, scalar);
            let refused = Refused::new(wrong.code, value.place(), path.to_string(), message);
            self.found
                .push(refused.allowing(wrong.allowed).meaning(wrong.suggestion));
        }
    }

    fn words(&mut self, value: &Value, scalar: &Scalar, shape: &Shape, path: &Path) {
        if shape.words.is_empty() || shape.words.contains(&scalar.text.as_str()) {
            return;
        }
        let message = format!("`{}` may not stand here", value.written());
        let refused = Refused::new(Code::BadValue, value.place(), path.to_string(), message);
        let suggestion = nearest(&scalar.text, shape.words.iter().copied())
            .or_else(|| near_end(&scalar.text, shape.words));
        let refused = refused.allowing(format!("it is {}", either(shape.words)));
        self.found.push(refused.meaning(suggestion));
    }

    #[allow(clippy::cast_precision_loss)]
    fn range(
        &mut self,
        value: &Value,
        scalar: &Scalar,
        resolved: &Resolved,
        shape: &Shape,
        path: &Path,
    ) {
        let Some((least, greatest)) = shape.range else {
            return;
        };
        let number = match (resolved, shape.cast) {
            (Resolved::Int(number), _) => Some(*number as f64),
            (Resolved::Float(number), _) => Some(*number),
            (Resolved::Str, Some(cast)) => number_of(&scalar.text, cast),
            _ => None,
        };
        let is_open = greatest == i64::MAX;
        let fits = |number: f64| number >= least as f64 && (is_open || number <= greatest as f64);
        if number.is_some_and(|number| !fits(number)) {
            let message = format!("{} is out of bounds", value.written());
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
        let is_cast = self.stage == Stage::Written && what == "a text" && !shape.late;
        if self.stage == Stage::Merged || is_cast || self.is_read(shape) {
            self.found.push(wrong_type(value, shape, path, what));
        }
    }
}

/// That a value is of no kind that may stand there.
fn wrong_type(value: &Value, shape: &Shape, path: &Path, what: &str) -> Refused {
    let written = value.text().map(|_| value.written());
    let text = written.as_deref();
    let text = text.filter(|text| text.len() < 60 && !text.contains('\n'));
    let found = match (what, text) {
        ("nothing", _) => "and there is nothing".to_owned(),
        ("a number" | "a date", Some(text)) => {
            format!("not {} `{text}`", what.replacen("a ", "the ", 1))
        }
        ("a text", Some(text)) if is_number(text) => format!("not the text `{text}`"),
        (_, Some(text)) => format!("not `{text}`"),
        _ => format!("not {what}"),
    };
    let message = format!("{} is wanted here, {found}", shape.words_for_kinds());
    let refused = Refused::new(Code::WrongType, value.place(), path.to_string(), message);
    let is_bare = matches!(what, "a number" | "true or false" | "a date");
    let takes_texts = shape.takes(Is::Text) && shape.cast.is_none() && shape.format.is_none();
    let quoted = text.filter(|_| is_bare && takes_texts && shape.words.is_empty());
    match quoted {
        Some(text) => refused
            .meaning(Some(format!("\"{text}\"")))
            .allowing("in quotes it is a text"),
        None => match text.and_then(|text| instead(text, what, shape, path)) {
            Some(words) => refused.allowing(words),
            None => refused,
        },
    }
}

/// Whether a scalar is of a kind that may stand there; if not, what it is.
fn fits(scalar: &Scalar, resolved: &Resolved, shape: &Shape) -> Result<(), &'static str> {
    let is_number = shape.takes(Is::Number);
    let (fits, what) = match resolved {
        Resolved::Null => (shape.takes(Is::Null), "nothing"),
        Resolved::Bool(_) => (shape.takes(Is::Switch), "true or false"),
        Resolved::Int(_) => (shape.takes(Is::Whole) || is_number, "a number"),
        Resolved::Float(number) => {
            let whole = number.fract() == 0.0 && shape.takes(Is::Whole);
            (whole || is_number, "a number")
        }
        Resolved::Str
            if !scalar.interpolated
                && scalar.style == Style::Plain
                && formats::is_date(&scalar.text) =>
        {
            (false, "a date")
        }
        Resolved::Str => {
            let read = shape.late
                || shape.cast.is_none_or(|cast| {
                    let number = number_of(&scalar.text, cast);
                    // What is cast is a number from then on.
                    let whole = |number: f64| number.fract() == 0.0 && number.is_finite();
                    number.is_some_and(|number| cast == Cast::Switch || is_number || whole(number))
                });
            (shape.takes(Is::Text) && read, "a text")
        }
    };
    if fits { Ok(()) } else { Err(what) }
}

/// What Compose makes of a text, as a number: 0 and 1 for a switch.
#[allow(clippy::cast_precision_loss)]
fn number_of(text: &str, cast: Cast) -> Option<f64> {
    match cast {
        Cast::Whole => text.parse::<i64>().ok().map(|number| number as f64),
        Cast::Number => scalars::number(text),
        Cast::Switch => match text.to_lowercase().as_str() {
            "y" | "yes" | "true" | "on" => Some(1.0),
            "n" | "no" | "false" | "off" => Some(0.0),
            _ => None,
        },
    }
}
