//! The text of what `upbeat config` prints, put together piece by piece.

use crate::compose::Printed;
use crate::escape;
use serde_json::Value as Json;

/// Writes JSON as Go does: two blanks of indentation, and `&`, `<` and `>` as escapes.
#[derive(Debug, Default)]
pub(super) struct JsonWriter {
    text: String,
    /// The section that the last piece is in, and whether that has braces of its own which are open.
    last: Option<(String, bool)>,
}

impl JsonWriter {
    pub(super) fn push(&mut self, piece: &Printed) {
        let before = self.last.take();
        let is_open = |(section, open): &(String, bool)| *open && *section == piece.section;
        if !before.as_ref().is_some_and(is_open) {
            self.text.push_str(match &before {
                None => "{",
                Some((_, false)) => ",",
                Some((_, true)) => "\n  },",
            });
            self.key("\n  ", &piece.section);
            self.text
                .push_str(if piece.name.is_some() { "{" } else { "" });
        } else if piece.name.is_some() {
            self.text.push(',');
        }
        let mut indent = "\n  ";
        if let Some(name) = &piece.name {
            indent = "\n    ";
            self.key(indent, name);
        }
        let value = serde_json::to_string_pretty(&piece.value).unwrap_or_default();
        // Line feeds in strings are escapes by now.
        self.text.push_str(&harmless(&value.replace('\n', indent)));
        self.last = Some((piece.section.clone(), piece.name.is_some()));
    }

    fn key(&mut self, indent: &str, key: &str) {
        let key = Json::from(key).to_string();
        self.text.extend([indent, &harmless(&key), ": "]);
    }

    pub(super) fn finish(mut self) -> String {
        self.text.push_str(match self.last {
            None => "{}\n",
            Some((_, false)) => "\n}\n",
            Some((_, true)) => "\n  }\n}\n",
        });
        self.text
    }
}

/// Go writes these as escapes; they stand in strings only.
fn harmless(json: &str) -> String {
    let mut out = String::with_capacity(json.len() + json.len() / 16);
    for c in escape::json(json).chars() {
        match c {
            '&' => out.push_str("\\u0026"),
            '<' => out.push_str("\\u003c"),
            '>' => out.push_str("\\u003e"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn pieces_make_the_document_that_they_are_of() {
        let whole = json!({
            "configs": { "a\"": { "file": "/x" }, "b": {} },
            "name": "n",
            "services": {},
            "volumes": { "v": { "name": "n_v", "labels": ["1", "2"] } },
            "x-own": [{ "k": null }, []],
        });
        let mut writer = JsonWriter::default();
        for (section, value) in whole.as_object().expect("a map") {
            let is_resource = matches!(section.as_str(), "configs" | "volumes");
            let named = value.as_object().filter(|_| is_resource);
            let pieces: Vec<Printed> = match named {
                None => vec![(None, value.clone())],
                Some(fields) => fields
                    .iter()
                    .map(|(name, value)| (Some(name.clone()), value.clone()))
                    .collect(),
            }
            .into_iter()
            .map(|(name, value)| Printed {
                section: section.clone(),
                name,
                value,
            })
            .collect();
            for piece in &pieces {
                writer.push(piece);
            }
        }
        let pretty = serde_json::to_string_pretty(&whole).expect("JSON");
        assert_eq!(writer.finish(), format!("{pretty}\n"));
    }

    #[test]
    fn what_go_escapes_is_escaped() {
        let mut writer = JsonWriter::default();
        writer.push(&Printed {
            section: "x-a".to_owned(),
            name: None,
            value: json!("a && b > c\u{202e}"),
        });
        let text = "{\n  \"x-a\": \"a \\u0026\\u0026 b \\u003e c\\u202e\"\n}\n";
        assert_eq!(writer.finish(), text);
    }
}
