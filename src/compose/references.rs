//! What Docker refuses in a merged model: names that lead nowhere, and settings that exclude each other.
//!
//! Only services that are on count (compose-go v2.9.1, `loader/validate.go`), sections always (`validation/validation.go`).

use super::circles::circles;
use super::refused::{Code, Refused};
use super::spelling::nearest;
use super::value::{Data, Mapping, Value};
use super::{Model, sections};
use crate::source::Span;
use std::collections::{BTreeSet, HashMap};

/// A name that a service uses, with its place and the key path.
#[derive(Clone, Debug)]
pub(super) struct Use<'a> {
    pub(super) name: &'a str,
    pub(super) span: Span,
    pub(super) path: String,
    /// Whether Docker goes on without it, where it is off.
    pub(super) required: bool,
}

/// What Docker refuses in `model` when only the services in `active` are on.
pub fn references(model: &Model, active: &BTreeSet<String>) -> Vec<Refused> {
    let says_something = |root: &&Value| root.mapping().is_none_or(|root| !root.fields.is_empty());
    let Some(root) = model.root.as_ref().filter(says_something) else {
        return empty(model).into_iter().collect();
    };
    let mut found = sections::check(root);
    for (name, service, _) in fields(root.get("services")) {
        found.extend(super::conflicts::check_always(name, service));
    }
    let services = fields(root.get("services"));
    let on: Vec<(&str, &Value, Span)> = services
        .filter(|(name, ..)| active.contains(*name))
        .collect();
    for (name, service, key) in &on {
        let service = One {
            root,
            active,
            name,
            service,
            key: *key,
        };
        service.check(&mut found);
        found.extend(super::conflicts::check(name, service.service));
    }
    found.extend(containers(&on));
    let needs = on
        .iter()
        .map(|(name, service, _)| (*name, needs(name, service)));
    found.extend(circles(&needs.collect::<Vec<_>>()));
    found
}

/// Nothing in any of the files.
fn empty(model: &Model) -> Option<Refused> {
    let span = Span::new(*model.files.first()?, 0..0);
    let refused = Refused::new(Code::EmptyFile, span, "", "there is nothing in this file");
    Some(refused.allowing("a compose file has `services`"))
}

/// Services whose containers are given the same name.
fn containers(on: &[(&str, &Value, Span)]) -> Vec<Refused> {
    let mut taken: HashMap<&str, (&str, Span)> = HashMap::new();
    let mut found = Vec::new();
    for (name, service, _) in on {
        let Some(value) = service.get("container_name") else {
            continue;
        };
        let Some(text) = value.text().filter(|text| !text.is_empty()) else {
            continue;
        };
        let Some((first, span)) = taken.insert(text, (name, value.place())) else {
            continue;
        };
        let message = format!("the container of `{first}` is named `{text}` as well");
        let path = format!("services.{name}.container_name");
        let mut refused = Refused::new(Code::Conflict, value.place(), path, message);
        refused.labels.push((span, format!("the one of `{first}`")));
        found.push(refused.allowing("each container has a name of its own"));
    }
    found
}

/// The keys of a map with their values and places.
pub(super) fn fields(value: Option<&Value>) -> impl Iterator<Item = (&str, &Value, Span)> {
    let mapping: Option<&Mapping> = value.and_then(Value::mapping);
    let fields = mapping.into_iter().flat_map(|mapping| &mapping.fields);
    fields.map(|(name, field)| (name.as_str(), &field.value, field.key))
}

/// The names in a list, or in the keys of a map.
fn listed<'a>(service: &'a Value, key: &str, path: &str) -> Vec<Use<'a>> {
    let Some(value) = service.get(key) else {
        return Vec::new();
    };
    let place = |tail: String, name, span| Use {
        name,
        span,
        path: format!("{path}.{key}{tail}"),
        required: true,
    };
    match &value.data {
        Data::Sequence(items) => {
            let items = items.iter().enumerate();
            let used = items.filter_map(|(i, item)| {
                let tail = format!("[{i}]");
                match (item.get("source"), item.mapping()) {
                    (Some(name), _) => Some(place(tail, name.text()?, name.place())),
                    // It is refused as well: for being nobody's.
                    (None, Some(_)) => Some(place(tail, "", item.span)),
                    (None, None) => Some(place(tail, item.text()?, item.place())),
                }
            });
            used.collect()
        }
        _ => fields(Some(value))
            .map(|(name, _, span)| place(format!(".{name}"), name, span))
            .collect(),
    }
}

/// The services that one service needs, in all the ways there are.
pub(super) fn needs<'a>(name: &str, service: &'a Value) -> Vec<Use<'a>> {
    let path = format!("services.{name}");
    let mut used = listed(service, "depends_on", &path);
    for one in &mut used {
        let entry = service.get("depends_on").and_then(|all| all.get(one.name));
        let required = entry
            .and_then(|entry| entry.get("required"))
            .and_then(Value::text);
        one.required = required != Some("false");
    }
    for key in ["links", "volumes_from"] {
        for mut one in listed(service, key, &path) {
            let parts: Vec<&str> = one.name.split(':').collect();
            // A link with more colons is no alias to Docker, but a strange name.
            if key == "volumes_from" || parts.len() == 2 {
                one.name = parts[0];
            }
            if key == "links" || one.name != "container" {
                used.push(one);
            }
        }
    }
    for key in ["network_mode", "ipc", "pid", "uts"] {
        let value = service.get(key);
        let named =
            value.and_then(|value| Some((value.text()?.strip_prefix("service:")?, value.place())));
        used.extend(named.map(|(name, span)| Use {
            name,
            span,
            path: format!("{path}.{key}"),
            required: true,
        }));
    }
    used
}

/// The volume that a mount names.
fn volume(mount: &Value) -> Option<(&str, Span)> {
    if mount.get("type").and_then(Value::text) == Some("volume") {
        let source = mount.get("source")?;
        return Some((source.text()?, source.place())).filter(|(name, _)| !name.is_empty());
    }
    let text = mount.text()?;
    let (source, rest) = text.split_once(':')?;
    let is_drive = source.len() == 1 && rest.starts_with(['/', '\\']);
    let is_path = source.is_empty() || source.starts_with(['.', '/', '~', '\\']) || is_drive;
    (!is_path && !rest.is_empty()).then(|| (source, mount.place()))
}

/// One service that is on.
struct One<'a> {
    root: &'a Value,
    active: &'a BTreeSet<String>,
    name: &'a str,
    service: &'a Value,
    key: Span,
}

impl One<'_> {
    fn check(&self, found: &mut Vec<Refused>) {
        let path = format!("services.{}", self.name);
        found.extend(self.image(&path));
        found.extend(
            needs(self.name, self.service)
                .iter()
                .filter_map(|one| self.dependency(one)),
        );
        for (section, code) in [
            ("networks", Code::UndefinedNetwork),
            ("secrets", Code::UndefinedSecret),
            ("configs", Code::UndefinedConfig),
            ("models", Code::UndefinedModel),
        ] {
            let used = listed(self.service, section, &path);
            found.extend(
                used.iter()
                    .filter_map(|one| self.defined(one, section, code)),
            );
        }
        if let Some(build) = self.service.get("build") {
            found.extend(self.contexts(build, &path));
            let used = listed(build, "secrets", &format!("{path}.build"));
            found.extend(
                used.iter()
                    .filter_map(|one| self.defined(one, "secrets", Code::UndefinedSecret)),
            );
        }
        let mounts = self
            .service
            .get("volumes")
            .map(Value::items)
            .unwrap_or_default();
        for (index, mount) in mounts.iter().enumerate() {
            let Some((name, span)) = volume(mount) else {
                continue;
            };
            let path = format!("{path}.volumes[{index}]");
            let one = Use {
                name,
                span,
                path,
                required: true,
            };
            let refused = self.defined(&one, "volumes", Code::UndefinedVolume);
            // The place of a short mount is the whole of it.
            found.extend(refused.map(|refused| Refused {
                replaceable: refused.replaceable && mount.get("source").is_some(),
                ..refused
            }));
        }
    }

    /// Services whose images a build starts from.
    fn contexts(&self, build: &Value, path: &str) -> Vec<Refused> {
        let contexts = fields(build.get("additional_contexts")).filter_map(|(key, value, _)| {
            let name = value.text()?.strip_prefix("service:")?;
            Some((key, name, value.place()))
        });
        let mut found = Vec::new();
        for (key, name, span) in contexts {
            let path = format!("{path}.build.additional_contexts.{key}");
            let one = Use {
                name,
                span,
                path: path.clone(),
                required: true,
            };
            let refused = self.dependency(&one);
            let built = self
                .root
                .get("services")
                .and_then(|services| services.get(name)?.get("build"));
            if refused.is_none() && built.is_none() {
                let message = format!(
                    "`{name}`, from which `{}` is built, is not built itself",
                    self.name
                );
                let refused = Refused::new(Code::Conflict, span, path, message);
                found.push(refused.allowing(
                    "a `service:` here has a `build`; an image is `docker-image://NAME`",
                ));
            }
            found.extend(refused);
        }
        found
    }

    fn image(&self, path: &str) -> Option<Refused> {
        let image = self.service.get("image");
        let has_image = image.is_some_and(|image| image.text() != Some(""));
        // What is written with nothing behind it is refused for that.
        let is_there = |key| self.service.get(key).is_some();
        if has_image
            || is_there("build")
            || is_there("provider")
            || self.service.mapping().is_none()
        {
            return None;
        }
        let message = format!("`{}` has neither an image nor a build", self.name);
        let refused = Refused::new(Code::NoImage, self.key, path, message);
        Some(refused.allowing("a service has `image`, `build`, or both"))
    }

    fn dependency(&self, one: &Use) -> Option<Refused> {
        if self.active.contains(one.name) {
            return None;
        }
        let there = self
            .root
            .get("services")
            .and_then(|services| services.get(one.name));
        let Some(there) = there else {
            let names = fields(self.root.get("services")).map(|(name, ..)| name);
            let message = format!(
                "there is no service `{}`, which `{}` needs",
                one.name, self.name
            );
            let refused = Refused::new(Code::UndefinedService, one.span, &one.path, message);
            let names: Vec<&str> = names.filter(|name| *name != self.name).collect();
            let mut refused = refused.meaning(nearest(one.name, names.iter().copied()));
            refused.replaceable &= one.path.contains(".depends_on");
            return Some(refused.allowing(words("services", &names)));
        };
        if !one.required {
            return None;
        }
        let profiles = there.get("profiles").map(Value::items).unwrap_or_default();
        let profiles: Vec<&str> = profiles.iter().filter_map(Value::text).collect();
        let message = format!(
            "`{}` needs `{}`, which is off without the profile `{}`",
            self.name,
            one.name,
            profiles.join("` or `")
        );
        let refused = Refused::new(Code::InactiveDependency, one.span, &one.path, message);
        Some(refused.allowing("switch the profile on (--profile), take it away there, or write `required: false` here"))
    }

    fn defined(&self, one: &Use, section: &str, code: Code) -> Option<Refused> {
        let defined: Vec<&str> = fields(self.root.get(section))
            .map(|(name, ..)| name)
            .collect();
        let is_default = section == "networks" && one.name == "default";
        if is_default || defined.contains(&one.name) {
            return None;
        }
        let what = section.trim_end_matches('s');
        let message = match one.name {
            "" => format!("this says not which {what} `{}` uses", self.name),
            name => format!("there is no {what} `{name}`, which `{}` uses", self.name),
        };
        let refused = Refused::new(code, one.span, &one.path, message);
        let refused = refused.meaning(nearest(one.name, defined.iter().copied()));
        let advice = if one.name.is_empty() {
            "it has a `source`".to_owned()
        } else if defined.is_empty() {
            format!("name it at the top level: `{section}: {{ {}: }}`", one.name)
        } else {
            words(section, &defined)
        };
        Some(refused.allowing(advice))
    }
}

/// `the services are a, b and 7 more`.
fn words(what: &str, names: &[&str]) -> String {
    const SHOWN: usize = 12;
    let shown: Vec<String> = names
        .iter()
        .take(SHOWN)
        .map(|name| format!("`{name}`"))
        .collect();
    match (names.len(), names.len().saturating_sub(SHOWN)) {
        (0, _) => format!("there are no other {what}"),
        (_, 0) => format!("the {what} are {}", shown.join(", ")),
        (_, more) => format!("the {what} are {} and {more} more", shown.join(", ")),
    }
}
