//! Writing YAML: saphyr's emitter knows what needs quotes.

use super::{Resolved, Style, resolve};
use crate::escape::is_hostile;
use saphyr::{Scalar, ScalarStyle, Yaml, YamlEmitter};
use serde_json::{Value as Json, json};
use std::fmt::Write as _;

/// A whole document, as Docker's parser reads it back.
pub fn document(value: &Json) -> String {
    format!("{}\n", dump(value).trim_end_matches('\n'))
}

/// A document that is written piece by piece.
#[derive(Debug, Default)]
pub struct Writer {
    text: String,
    section: String,
}

impl Writer {
    /// Writes what stands under a key, or under a name below it; the names of a key follow each other.
    pub fn push(&mut self, section: &str, name: Option<&str>, value: Json) {
        let value = match name {
            Some(name) => json!({ name: value }),
            None => value,
        };
        // How a text ends hangs on whether something follows.
        let piece = dump(&json!({ section: value, "end": 0 }));
        let piece = piece.strip_suffix("end: 0").unwrap_or(&piece);
        let piece = match piece.split_once('\n') {
            Some((_, inner)) if name.is_some() && self.section == section => inner,
            _ => piece,
        };
        self.text.push_str(piece);
        section.clone_into(&mut self.section);
    }

    /// The whole document.
    pub fn finish(self) -> String {
        self.text
    }
}

fn dump(value: &Json) -> String {
    let mut out = String::new();
    let mut emitter = YamlEmitter::new(&mut out);
    emitter.multiline(true);
    let written = emitter.dump(&node(value)).is_ok();
    debug_assert!(written, "writing to a string does not fail");
    out.trim_start_matches("---")
        .trim_start_matches('\n')
        .to_owned()
}

fn node(value: &Json) -> Yaml<'_> {
    match value {
        Json::Null => as_it_is("null".to_owned(), ScalarStyle::Plain),
        Json::Bool(on) => Yaml::Value(Scalar::Boolean(*on)),
        Json::Number(number) => as_it_is(number.to_string(), ScalarStyle::Plain),
        Json::String(text) => string(text),
        Json::Array(items) => Yaml::Sequence(items.iter().map(node).collect()),
        Json::Object(fields) => Yaml::Mapping(
            fields
                .iter()
                .map(|(key, value)| (string(key), node(value)))
                .collect(),
        ),
    }
}

fn as_it_is(text: String, style: ScalarStyle) -> Yaml<'static> {
    Yaml::Representation(text.into(), style, None)
}

/// A text: in quotes where Go would take it for something else, written out where it would do harm to a terminal.
fn string(text: &str) -> Yaml<'_> {
    let harmless = |c: char| !is_hostile(c) || matches!(c, '\n' | '\t');
    let is_time = text.len() >= 8
        && text.starts_with(|c: char| c.is_ascii_digit())
        && text
            .bytes()
            .all(|b| b.is_ascii_digit() || b"-:. TtZz+".contains(&b));
    if text.chars().all(harmless)
        && resolve(text, Style::Plain) == Resolved::Str
        && !is_time
        && !matches!(text, "y" | "Y" | "n" | "N" | "<<" | "=")
    {
        return Yaml::Value(Scalar::String(text.into()));
    }
    let mut quoted = String::new();
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            c if is_hostile(c) => {
                let _ = write!(quoted, "\\U{:08x}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    as_it_is(quoted, ScalarStyle::DoubleQuoted)
}

/// A scalar as it may stand behind `key: `, quoted where it has to be.
pub(super) fn scalar(text: &str) -> String {
    // A number is written as one: `retries: 3`, not `retries: "3"`.
    if !text.is_empty()
        && text.len() < 16
        && text.bytes().all(|b| b.is_ascii_digit())
        && !text.starts_with('0')
    {
        return text.to_owned();
    }
    let mut out = String::new();
    let value = Yaml::Value(Scalar::String(text.into()));
    let written = YamlEmitter::new(&mut out).dump(&value).is_ok();
    debug_assert!(written, "writing to a string does not fail");
    out.trim_start_matches("---").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::{Writer, document, scalar};
    use serde_json::json;

    #[test]
    fn pieces_make_the_document_that_they_are_of() {
        let lines =
            json!({ "command": ["a\nb\n", "c\n\n"], "x-empty": {}, "end": "two\nlines\n\n" });
        let whole = json!({
            "name": "n",
            "services": { "a: b": lines, "b": {}, "c": [1, { "d": null }] },
            "volumes": { "v": { "name": "w\n" } },
            "x-own": { "k": [[], "text"] },
        });
        let mut writer = Writer::default();
        writer.push("name", None, whole["name"].clone());
        for section in ["services", "volumes"] {
            for (name, value) in whole[section].as_object().expect("a map") {
                writer.push(section, Some(name), value.clone());
            }
        }
        writer.push("x-own", None, whole["x-own"].clone());
        assert_eq!(writer.finish(), document(&whole));
    }

    #[test]
    fn only_what_needs_quotes_gets_them() {
        assert_eq!(scalar("200s"), "200s");
        assert_eq!(scalar("3"), "3");
        assert_eq!(scalar("start_period"), "start_period");
        assert_eq!(scalar("a: b"), "\"a: b\"");
        assert_eq!(scalar("true"), "\"true\"");
        assert_eq!(scalar(""), "\"\"");
    }
}
