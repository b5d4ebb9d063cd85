//! What is wrong, in words: what was meant, where a key belongs, and no value that a variable gave.

use super::path::Path;
use super::shape::{Is, Shape};
use crate::compose::value::{Scalar, Value};
use crate::yaml::{Resolved, Style, resolve};

pub(super) fn is_number(text: &str) -> bool {
    !matches!(
        resolve(text, Style::Plain),
        Resolved::Str | Resolved::Null | Resolved::Bool(_)
    )
}

/// How a text would have to be written.
pub(super) fn instead(text: &str, what: &str, shape: &Shape, path: &Path) -> Option<String> {
    if let Path::Key(Path::Key(Path::Root, "services"), name) = path {
        return Some(format!(
            "a service is a map: `{name}: {{ image: {text} }}`, if this is its image"
        ));
    }
    if shape.list.is_some() && !shape.takes(Is::Text) {
        return Some(format!("a list of one is `[\"{text}\"]`"));
    }
    let is_bare = what == "a text" && !shape.takes(Is::Text) && is_number(text);
    is_bare.then(|| "without quotes it is a number".to_owned())
}

/// A message about a text, without the values that variables gave it.
pub(super) fn without_values(message: &str, value: &Value, scalar: &Scalar) -> String {
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
pub(super) fn owner(path: &Path) -> String {
    match path {
        Path::Root => "a compose file".to_owned(),
        Path::Key(Path::Key(Path::Root, section), _) => {
            format!("a {}", section.trim_end_matches('s'))
        }
        Path::Key(_, key) => format!("`{key}`"),
        Path::Item(list, _) => owner(list),
    }
}

/// A word that `text` is the end of: `healthy` for `service_healthy`.
pub(super) fn near_end(text: &str, words: &[&str]) -> Option<String> {
    let mut ending = words
        .iter()
        .filter(|word| text.len() > 3 && word.ends_with(text));
    let word = ending.next()?;
    ending.next().is_none().then(|| (*word).to_owned())
}

/// Where a key that often stands in the wrong place belongs.
pub(super) fn home(key: &str) -> Option<&'static str> {
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

pub(super) fn are(count: usize) -> &'static str {
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

pub(super) fn list(words: &[&str]) -> String {
    joined(words, "and")
}

pub(super) fn either(words: &[&str]) -> String {
    joined(words, "or")
}
