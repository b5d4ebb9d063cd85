//! What a service needs by name: other services, and what stands in the sections.

use super::references::fields;
use super::service::Service;
use super::value::{Data, Value};
use crate::source::Span;
use std::sync::Arc;

/// Where in its service a name stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// `networks[1]`
    Item(&'static str, usize),
    /// `networks.front`
    Field(&'static str),
    /// `network_mode`
    Key(&'static str),
}

/// A name that a service uses, with its place.
#[derive(Clone, Debug)]
pub(super) struct Use<'a> {
    pub(super) name: &'a str,
    /// The text that the name is in; none if it is a key.
    pub(super) text: Option<&'a Value>,
    pub(super) span: Span,
    pub(super) way: Way,
    /// Whether Docker goes on without it, where it is off.
    pub(super) required: bool,
}

/// A need of another service, to be judged when all of them are known.
#[derive(Clone, Debug)]
pub(super) struct Need {
    pub(super) target: Target,
    pub(super) span: Span,
    pub(super) way: Way,
    pub(super) required: bool,
}

/// What is needed.
#[derive(Clone, Debug)]
pub(super) enum Target {
    /// The service of this number.
    Service(usize),
    /// A name that no service has, and the same as messages show it.
    Unknown(Box<str>, Box<str>),
}

impl Way {
    /// The key of the service.
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::Item(key, _) | Self::Field(key) | Self::Key(key) => key,
        }
    }

    /// The key path, below `outer`.
    pub(super) fn path(self, outer: &str, name: &str) -> String {
        match self {
            Self::Item(key, index) => format!("{outer}.{key}[{index}]"),
            Self::Field(key) => format!("{outer}.{key}.{name}"),
            Self::Key(key) => format!("{outer}.{key}"),
        }
    }
}

impl Use<'_> {
    /// The name as messages show it: a variable as a variable.
    pub(super) fn written(&self) -> String {
        let Some(text) = self.text else {
            return self.name.to_owned();
        };
        let written = text.written();
        if text.text() == Some(&written) {
            // The name may be a part of it.
            return self.name.to_owned();
        }
        match self.way {
            Way::Key(_) => written.trim_start_matches("service:").to_owned(),
            Way::Item(..) | Way::Field(_) => written,
        }
    }
}

impl Need {
    pub(super) fn new(need: &Use, index: impl Fn(&str) -> Option<usize>) -> Self {
        Self {
            target: match index(need.name) {
                Some(service) => Target::Service(service),
                None => Target::Unknown(need.name.into(), need.written().into()),
            },
            span: need.span,
            way: need.way,
            required: need.required,
        }
    }

    /// The key path in the service `name`.
    pub(super) fn path(&self, name: &str, services: &[Arc<Service>]) -> String {
        let target = match &self.target {
            Target::Service(index) => &services[*index].name,
            Target::Unknown(name, _) => &**name,
        };
        self.way.path(&format!("services.{name}"), target)
    }
}

/// The names in a list, or in the keys of a map.
pub(super) fn listed<'a>(service: &'a Value, key: &'static str) -> Vec<Use<'a>> {
    let Some(value) = service.get(key) else {
        return Vec::new();
    };
    let place = |name, text, span, way| Use {
        name,
        text,
        span,
        way,
        required: true,
    };
    match &value.data {
        Data::Sequence(items) => {
            let items = items.iter().enumerate();
            let used = items.filter_map(|(index, item)| {
                let way = Way::Item(key, index);
                match (item.get("source"), item.mapping()) {
                    (Some(name), _) => Some(place(name.text()?, Some(name), name.place(), way)),
                    // It is refused as well: for being nobody's.
                    (None, Some(_)) => Some(place("", None, item.span, way)),
                    (None, None) => Some(place(item.text()?, Some(item), item.place(), way)),
                }
            });
            used.collect()
        }
        _ => fields(Some(value))
            .map(|(name, _, span)| place(name, None, span, Way::Field(key)))
            .collect(),
    }
}

/// The services that one service needs, in all the ways there are.
pub(super) fn needs(service: &Value) -> Vec<Use<'_>> {
    let mut used = listed(service, "depends_on");
    for one in &mut used {
        let entry = service.get("depends_on").and_then(|all| all.get(one.name));
        let required = entry
            .and_then(|entry| entry.get("required"))
            .and_then(Value::text);
        one.required = required != Some("false");
    }
    for key in ["links", "volumes_from"] {
        for mut one in listed(service, key) {
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
        let named = service.get(key).and_then(|value| {
            Some(Use {
                name: value.text()?.strip_prefix("service:")?,
                text: Some(value),
                span: value.place(),
                way: Way::Key(key),
                required: true,
            })
        });
        used.extend(named);
    }
    used
}
