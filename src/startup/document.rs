//! JSON that Docker prints, told by its content.

use super::events;
use super::model::{Kind, Place, Reading};
use super::read::ReadError;
use super::{inspect, ps};
use serde_json::{Deserializer, Value as Json};

/// What a text is read as; a log, if it is none of these.
pub(super) enum Form {
    /// Docker's events, one a line.
    Events,
    /// upbeat's own record, a line a start.
    Record,
    /// One JSON document, or several.
    Documents,
}

/// What begins with this line, its end being there if `is_whole` or another line follows.
pub(super) fn kind(first: &str, is_whole: bool) -> Option<Form> {
    if events::is_text(first) {
        return Some(Form::Events);
    }
    let behind = |bracket| first.strip_prefix(bracket).map(str::trim_start);
    let begins = |rest: Option<&str>, with: &[char]| {
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(with))
    };
    if begins(behind('['), &['{', ']']) {
        return Some(Form::Documents);
    }
    if !begins(behind('{'), &['"', '}']) {
        return None;
    }
    match serde_json::from_str::<Json>(first) {
        Ok(object) if events::is_event(&object) => Some(Form::Events),
        Ok(object)
            if object
                .get("at_least_s")
                .or(object.get("at_most_s"))
                .is_some() =>
        {
            Some(Form::Record)
        }
        Ok(object) if of(&object).is_some() => Some(Form::Documents),
        Err(error) if error.is_eof() || is_whole => Some(Form::Documents),
        // A log whose program writes JSON.
        Ok(_) | Err(_) => None,
    }
}

/// What an object is.
fn of(object: &Json) -> Option<Kind> {
    if inspect::is_container(object) || inspect::is_state(object) || inspect::is_health(object) {
        return Some(Kind::Inspect);
    }
    ps::is_listed(object).then_some(Kind::Ps)
}

/// What a document tells.
pub(super) fn read(text: &str) -> Result<Reading, ReadError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut objects = Vec::new();
    for value in Deserializer::from_str(text).into_iter::<Json>() {
        match value {
            Ok(Json::Array(values)) => objects.extend(values),
            Ok(value) => objects.push(value),
            Err(error) if error.is_eof() => {
                return Err(ReadError::unusable(
                    "it is JSON that ends in the middle: it was cut off",
                ));
            }
            Err(error) => {
                let line = error.line();
                return Err(ReadError::unusable(format!(
                    "it is no valid JSON: line {line} is broken"
                )));
            }
        }
    }
    let Some(first) = objects.first() else {
        return Err(ReadError::unusable(
            "it is an empty list: no container is in it",
        ));
    };
    let kind = of(first).ok_or_else(|| ReadError::unusable(foreign(first)))?;
    let mut reading = Reading {
        kind,
        startups: Vec::new(),
        missing: Vec::new(),
        silent: Vec::new(),
    };
    let mut places = Places { text, from: 0 };
    for object in &objects {
        if of(object) != Some(kind) {
            return Err(ReadError::unusable(foreign(object)));
        }
        match kind {
            Kind::Ps => ps::read(object, &mut places, &mut reading)?,
            _ => inspect::read(object, &mut places, &mut reading)?,
        }
    }
    Ok(reading)
}

fn foreign(object: &Json) -> String {
    let is_image = object.get("RootFS").is_some() || object.get("RepoTags").is_some();
    let what = if is_image {
        "it is `docker inspect` of an image: give the container's name or ID"
    } else {
        "it is JSON, but neither of `docker inspect`, `docker events` nor `docker compose ps`"
    };
    what.to_owned()
}

/// Where texts stand in a document, each looked for behind where its object begins.
pub(super) struct Places<'a> {
    text: &'a str,
    from: usize,
}

impl Places<'_> {
    /// Goes on to the next object, that of this id or name.
    pub(super) fn advance(&mut self, text: &str) {
        if let Some(at) = self.text[self.from..].find(text) {
            self.from += at;
        }
    }

    /// The place of a text as JSON writes it; the object's beginning where it is not found.
    pub(super) fn of(&self, text: &str) -> Place {
        let rest = &self.text[self.from..];
        let (at, length) = match rest.find(text) {
            Some(at) => (self.from + at, text.len()),
            None => (self.from, usize::from(!rest.is_empty())),
        };
        let before = memchr::memchr_iter(b'\n', &self.text.as_bytes()[..at]);
        Place {
            line: before.count() as u64 + 1,
            offset: at as u64,
            length: u32::try_from(length).unwrap_or(u32::MAX),
        }
    }
}
