//! Short forms to long ones, as compose-go v2.9.1 does it after each file (`transform/canonical.go`).

mod mounts;
mod ports;

pub(super) use mounts::bad as bad_mount;
pub(super) use ports::bad as bad_port;

use super::fields::Fields;
use super::refused::Refused;
use super::scalars;
use super::text::Text;
use super::value::{Combine, Data, Field, Value};

/// The names that a document writes, by section: only these have to be looked at again once it is merged.
pub(super) struct Touched(Vec<(&'static str, Vec<Text>)>);

impl Touched {
    pub(super) fn new(document: &Value) -> Self {
        let names = |section: &'static str| {
            let mapping = document.get(section).and_then(Value::mapping);
            let names = mapping.into_iter().flat_map(|m| m.fields.keys().cloned());
            (section, names.collect())
        };
        Self(
            ["services", "volumes", "networks", "secrets", "configs"]
                .map(names)
                .into(),
        )
    }

    /// The names that are touched in a section; `None` for what is no section.
    pub(super) fn names(&self, section: &str) -> Option<&[Text]> {
        let mut sections = self.0.iter();
        let (_, names) = sections.find(|(known, _)| *known == section)?;
        Some(names)
    }

    /// Calls `change` with the section and the value of each.
    pub(super) fn each(&self, root: &mut Value, mut change: impl FnMut(&str, &mut Value)) {
        for (section, names) in &self.0 {
            let Some(section_value) = root.get_mut(section) else {
                continue;
            };
            for name in names {
                if let Some(value) = section_value.get_mut(name) {
                    change(section, value);
                }
            }
        }
    }
}

/// Rewrites all short forms of what a document wrote.
pub(super) fn canonical(root: &mut Value, touched: &Touched, refused: &mut Vec<Refused>) {
    touched.each(root, |section, value| match section {
        "services" => service(value, refused),
        _ => external(value),
    });
}

/// The values of a mapping; none if it is none.
pub(super) fn children(value: Option<&mut Value>) -> impl Iterator<Item = &mut Value> {
    let mapping = value.and_then(Value::mapping_mut);
    mapping
        .into_iter()
        .flat_map(|mapping| mapping.fields.values_mut().map(|field| &mut field.value))
}

type Rewrite = fn(&mut Value);

fn service(service: &mut Value, refused: &mut Vec<Refused>) {
    let forms: [(&str, Rewrite); 9] = [
        ("build", build),
        ("depends_on", dependencies),
        ("env_file", env_files),
        ("label_file", listed),
        ("gpus", gpus),
        ("networks", names),
        ("models", names),
        ("dns", dns),
        ("healthcheck", health),
    ];
    for (key, long) in forms {
        if let Some(value) = service.get_mut(key) {
            long(value);
        }
    }
    if let Some(ports) = service.get_mut("ports") {
        ports::long(ports, refused);
    }
    if let Some(volumes) = service.get_mut("volumes") {
        for volume in volumes.items_mut() {
            mounts::volume(volume, refused);
        }
    }
    if let Some(devices) = service.get_mut("devices") {
        for device in devices.items_mut() {
            mounts::device(device, refused);
        }
    }
    for key in ["secrets", "configs"] {
        if let Some(files) = service.get_mut(key) {
            files.items_mut().iter_mut().for_each(mounts::file);
        }
    }
    let secrets = service
        .get_mut("build")
        .and_then(|build| build.get_mut("secrets"));
    if let Some(secrets) = secrets {
        secrets.items_mut().iter_mut().for_each(mounts::file);
    }
}

/// `build: .`
pub(super) fn build(value: &mut Value) {
    if value.scalar().is_some() {
        *value = value.made_map([("context", value.clone())]);
    }
    if let Some(contexts) = value.get_mut("additional_contexts") {
        key_values(contexts);
    }
}

/// The text of an item that names something; `None` if it is not known.
fn named(item: &Value) -> Option<Text> {
    let scalar = item.scalar().filter(|_| item.unknown().is_empty())?;
    Some(scalar.text.clone())
}

/// A list of services to a map of conditions; `required` is true where it is not written.
pub(super) fn dependencies(value: &mut Value) {
    if let Data::Sequence(items) = &value.data {
        let fields = items.iter().filter_map(|item| {
            let condition = item.made_map([
                ("condition", item.made_text("service_started")),
                ("required", item.made_plain("true")),
            ]);
            Some((named(item)?, item.made_field(condition)))
        });
        value.data = Data::from(fields.collect::<Fields>());
        return;
    }
    for dependency in children(Some(value)) {
        let required = dependency.made_field(dependency.made_plain("true"));
        if let Some(mapping) = dependency.mapping_mut() {
            mapping.fields.or_insert("required", required);
        }
    }
}

/// One path or several, each to `path` and `required`.
fn env_files(value: &mut Value) {
    listed(value);
    for item in value.items_mut() {
        if item.scalar().is_some() {
            *item = item.made_map([("path", item.clone())]);
        }
        let required = item.made_field(item.made_plain("true"));
        if let Some(mapping) = item.mapping_mut() {
            mapping.fields.or_insert("required", required);
        }
    }
}

/// A single text to a list of one.
pub(super) fn listed(value: &mut Value) {
    if value.scalar().is_some() {
        *value = value.made([value.clone()].into_iter().collect());
    }
}

/// `OmitEmpty`: what an unset variable leaves empty counts for nothing.
fn dns(value: &mut Value) {
    listed(value);
    value.change_items(|items| items.retain(|item| item.text() != Some("")));
}

/// `gpus: all`
fn gpus(value: &mut Value) {
    if value.scalar().is_some() {
        let request = value.made_map([("count", value.clone())]);
        *value = value.made([request].into_iter().collect());
    }
}

/// A list of names to a map without values.
pub(super) fn names(value: &mut Value) {
    if let Data::Sequence(items) = &value.data {
        let fields = items
            .iter()
            .filter_map(|item| Some((named(item)?, item.made_field(Value::null(item)))));
        value.data = Data::from(fields.collect::<Fields>());
    }
}

/// A list of `NAME=value` to a map; a name alone has no value.
pub(super) fn key_values(value: &mut Value) {
    listed(value);
    let Data::Sequence(items) = &mut value.data else {
        return;
    };
    let items = std::mem::take(items).into_iter();
    let fields: Fields = items.map(|item| key_value(&item)).collect();
    value.data = Data::from(fields);
    value.listed();
}

fn key_value(item: &Value) -> (Text, Field) {
    let text = scalars::shared(item);
    let Some((name, rest)) = text.split_once('=') else {
        let null = Value::null(item);
        return (text, item.made_field(null));
    };
    let mut value = item.made_text(text.part(rest));
    if let Data::Scalar(made) = &mut value.data {
        made.interpolated = true;
    }
    value.set_pieces(item.pieces_in(name.len() + 1..text.len()));
    if !item.unknown().is_empty() {
        value.more_mut().unknown = item.unknown().to_vec();
    }
    if item.combine() != Combine::Merge {
        value.more_mut().combine = item.combine();
    }
    (text.part(name), item.made_field(value))
}

/// A map of hosts to a list of `host=address`.
pub(super) fn hosts(value: &mut Value) {
    let Data::Mapping(mapping) = &value.data else {
        return;
    };
    let mut items = Vec::new();
    for (host, field) in &mapping.fields {
        let single = [&field.value];
        let addresses: Vec<&Value> = match &field.value.data {
            Data::Sequence(items) => items.iter().collect(),
            _ => single.to_vec(),
        };
        items.extend(
            addresses
                .into_iter()
                .map(|address| address.made_text(format!("{host}={}", scalars::text(address)))),
        );
    }
    value.data = Data::Sequence(items.into());
}

/// `test: curl …` is run by a shell.
fn health(value: &mut Value) {
    if let Some(test) = value.get_mut("test")
        && test.scalar().is_some()
    {
        let shell = test.made_text("CMD-SHELL");
        *test = test.made([shell, test.clone()].into_iter().collect());
    }
}

/// `external: { name: … }`
fn external(resource: &mut Value) {
    let Some(external) = resource.get("external").filter(|e| e.mapping().is_some()) else {
        return;
    };
    let (external, on) = (external.clone(), external.made_plain("true"));
    let Some(mapping) = resource.mapping_mut() else {
        return;
    };
    let name = external.get("name");
    let own = mapping.fields.get("name").map(|field| &field.value);
    if let (Some(name), Some(own)) = (name, own)
        && scalars::text(own) != scalars::text(name)
    {
        // It stays as it is written, so that what checks the sections finds both.
        return;
    }
    if let Some(field) = mapping.fields.get_mut("external") {
        field.value = on;
    }
    if let Some(name) = name.filter(|_| !mapping.fields.contains_key("name")) {
        let field = name.made_field(name.clone());
        mapping.fields.insert("name", field);
    }
}
