//! A project, printed piece by piece: the whole of it in JSON would be larger than all that it is made from.

use super::{
    Attribute, CONFIG, Form, MODEL_CONFIG, NETWORK, Printer, SECRET, SERVICE, VOLUME, anything,
};
use crate::compose::text::Text;
use crate::compose::value::Value;
use serde_json::{Map, Value as Json};

/// A piece of what is printed. All pieces of a section follow each other.
#[derive(Clone, Debug, PartialEq)]
pub struct Printed {
    /// The top-level key.
    pub section: String,
    /// The key in the section; `None` for a section in one piece.
    pub name: Option<String>,
    /// What stands there.
    pub value: Json,
}

/// What a top-level key is.
enum Section<'a> {
    Name,
    Resources(&'static [Attribute]),
    Extension(&'a Value),
}

/// Prints the sections: in YAML in the order in which people write them, in JSON by their names.
pub(in crate::compose) fn project(
    root: &Value,
    name: &str,
    printer: &mut Printer<'_>,
    out: &mut dyn FnMut(Printed),
) {
    let mut put = |section: &str, name: Option<&Text>, value: Json| {
        out(Printed {
            section: doubled(section),
            name: name.map(|name| doubled(name)),
            value: escaped(value),
        });
    };
    for (key, section) in sections(root, printer.form) {
        match section {
            Section::Name => put(key, None, Json::from(name)),
            Section::Extension(value) => put(key, None, anything(value)),
            Section::Resources(attributes) => {
                let mapping = root.get(key).and_then(Value::mapping);
                let fields = mapping.into_iter().flat_map(|mapping| &mapping.fields);
                let mut resources: Vec<(&Text, &Value)> =
                    fields.map(|(name, field)| (name, &field.value)).collect();
                resources.sort_by_key(|(name, _)| name.as_str());
                for (name, value) in &resources {
                    put(key, Some(name), printer.object(attributes, value));
                }
                if resources.is_empty() && key == "services" {
                    put(key, None, Json::Object(Map::new()));
                }
            }
        }
    }
}

fn sections(root: &Value, form: Form) -> Vec<(&str, Section<'_>)> {
    let mut sections = vec![
        ("name", Section::Name),
        ("services", Section::Resources(SERVICE)),
        ("networks", Section::Resources(NETWORK)),
        ("volumes", Section::Resources(VOLUME)),
        ("secrets", Section::Resources(SECRET)),
        ("configs", Section::Resources(CONFIG)),
    ];
    // Compose v2.40.3 leaves the models out of its JSON.
    if form == Form::Yaml {
        sections.push(("models", Section::Resources(MODEL_CONFIG)));
    }
    let fields = root.mapping().into_iter().flat_map(|root| &root.fields);
    let own = fields.filter(|(key, _)| key.starts_with("x-"));
    let mut own: Vec<_> = own
        .map(|(key, field)| (key.as_str(), Section::Extension(&field.value)))
        .collect();
    own.sort_by_key(|(key, _)| *key);
    sections.append(&mut own);
    if form == Form::Json {
        sections.sort_by_key(|(key, _)| *key);
    }
    sections
}

/// A dollar is doubled, so that what is printed can be read again (`cmd/compose/config.go`, `escapeDollarSign`).
fn escaped(value: Json) -> Json {
    match value {
        Json::String(text) => Json::String(doubled(&text)),
        Json::Array(items) => Json::Array(items.into_iter().map(escaped).collect()),
        Json::Object(fields) => Json::Object(
            fields
                .into_iter()
                .map(|(key, value)| (doubled(&key), escaped(value)))
                .collect(),
        ),
        other => other,
    }
}

fn doubled(text: &str) -> String {
    text.replace('$', "$$")
}
