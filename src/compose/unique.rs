//! Lists in which a later item takes the place of an earlier one, as in compose-go v2.9.1, `override/uncity.go`.

use super::canonical::{Touched, children};
use super::scalars;
use super::value::Value;
use crate::yaml::Resolved;
use std::collections::HashMap;

/// What makes two items of a list the same.
#[derive(Clone, Copy)]
enum Key {
    /// The text before the `=`.
    Name,
    Whole,
    Target,
    Port,
    EnvFile,
    Device,
    /// The target, else the source in this folder.
    Mount(&'static str),
}

const SERVICE: [(&str, Key); 18] = [
    ("cap_add", Key::Name),
    ("cap_drop", Key::Name),
    ("configs", Key::Mount("")),
    ("devices", Key::Device),
    ("dns", Key::Name),
    ("dns_opt", Key::Name),
    ("dns_search", Key::Name),
    ("env_file", Key::EnvFile),
    ("environment", Key::Name),
    ("expose", Key::Whole),
    ("labels", Key::Name),
    ("links", Key::Name),
    ("ports", Key::Port),
    ("profiles", Key::Name),
    ("secrets", Key::Mount("/run/secrets")),
    ("sysctls", Key::Name),
    ("tmpfs", Key::Name),
    ("volumes", Key::Target),
];

/// Takes the earlier of two same items out of the lists of the services that a document wrote.
pub(super) fn unique(root: &mut Value, touched: &Touched) {
    touched.each(root, |section, value| {
        if section == "services" {
            service(value);
        }
    });
}

fn service(service: &mut Value) {
    for (name, key) in SERVICE {
        if let Some(list) = service.get_mut(name) {
            dedupe(list, key);
        }
    }
    let names_of = |value: Option<&mut Value>, keys: [&str; 2]| {
        let Some(value) = value else {
            return;
        };
        for key in keys {
            if let Some(list) = value.get_mut(key) {
                dedupe(list, Key::Name);
            }
        }
    };
    names_of(service.get_mut("build"), ["labels", "tags"]);
    for network in children(service.get_mut("networks")) {
        names_of(Some(network), ["aliases", "link_local_ips"]);
    }
}

fn dedupe(list: &mut Value, key: Key) {
    if list.items().len() < 2 {
        return;
    }
    list.change_items(|items| {
        let mut places: HashMap<String, usize> = HashMap::new();
        let mut kept: Vec<Value> = Vec::with_capacity(items.len());
        for item in items.drain(..) {
            let at = *places.entry(key.of(&item)).or_insert(kept.len());
            if at == kept.len() {
                kept.push(item);
            } else {
                kept[at] = item;
            }
        }
        *items = kept;
    });
}

impl Key {
    fn of(self, item: &Value) -> String {
        let part = |name: &str| item.get(name).map(scalars::text);
        let whole = || scalars::text(item);
        match self {
            Self::Name => {
                let text = whole();
                text.split_once('=')
                    .map_or_else(|| text.clone(), |(name, _)| name.to_owned())
            }
            Self::Whole => whole(),
            Self::Target | Self::Device => part("target").unwrap_or_else(whole),
            Self::EnvFile => part("path").unwrap_or_else(whole),
            Self::Port => match part("target") {
                None => whole(),
                Some(target) => format!(
                    "{}:{}:{target}/{}",
                    part("host_ip").unwrap_or_else(|| "0.0.0.0".to_owned()),
                    published(item),
                    part("protocol").unwrap_or_else(|| "tcp".to_owned())
                ),
            },
            Self::Mount(folder) => part("target")
                .unwrap_or_else(|| format!("{folder}/{}", part("source").unwrap_or_else(whole))),
        }
    }
}

/// To Docker a number is never what a text is: `published: 80` beside `"80:80"` are two ports.
fn published(item: &Value) -> String {
    let Some(value) = item.get("published") else {
        return String::new();
    };
    let text = scalars::text(value);
    match value.scalar().map(scalars::resolved) {
        Some(Resolved::Int(_)) => format!("number {text}"),
        _ => text,
    }
}
