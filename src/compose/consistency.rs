//! What Docker refuses of a merged project because its parts do not fit together (compose-go v2.9.1, `loader/validate.go`).

use super::Loader;
use super::scalars;
use super::text::Text;
use super::value::Value;
use crate::yaml::Problem;
use std::collections::{HashMap, HashSet};

impl Loader<'_> {
    /// Notes services without an image, and names that nothing stands for. `all` are the services, those that are off as well.
    pub(super) fn refuse_inconsistent(&mut self, root: &Value, all: &HashSet<String>) {
        let services = root.get("services").and_then(Value::mapping);
        let mut containers = HashSet::new();
        for (name, field) in services.into_iter().flat_map(|m| m.fields.iter()) {
            let service = &field.value;
            let has = |key: &str| {
                let value = service.get(key).filter(|value| !value.is_null());
                value.is_some_and(|value| value.text() != Some(""))
            };
            if !has("image") && !has("build") && !has("provider") {
                let message = format!("service `{name}` has neither an image nor a build");
                self.refused.push(Problem {
                    span: field.key,
                    message,
                });
            }
            self.refuse_platform(service);
            let container = service
                .get("container_name")
                .map(|name| (scalars::text(name), name));
            if let Some((container, place)) = container.filter(|(name, _)| !name.is_empty())
                && !containers.insert(container.clone())
            {
                let message = format!("another service has the container name `{container}` too");
                self.refused.push(Problem {
                    span: place.span,
                    message,
                });
            }
            self.refuse_unknown(root, all, service);
        }
        self.refuse_cycles(root);
    }

    /// What is built for some platforms must be built for the one that it runs on.
    fn refuse_platform(&mut self, service: &Value) {
        let Some(platform) = service.get("platform") else {
            return;
        };
        let built = service
            .get("build")
            .and_then(|build| build.get("platforms"));
        let built = built.map(Value::items).unwrap_or_default();
        let wanted = scalars::text(platform);
        if !wanted.is_empty()
            && !built.is_empty()
            && !built.iter().any(|one| scalars::text(one) == wanted)
        {
            self.refused.push(Problem {
                span: platform.span,
                message: format!("`build.platforms` does not hold `{wanted}`"),
            });
        }
    }

    /// Services that wait for each other (`graph/cycle.go`).
    fn refuse_cycles(&mut self, root: &Value) {
        let services = root.get("services").and_then(Value::mapping);
        let Some(services) = services else {
            return;
        };
        let edges = |name: &str| {
            let service = services.fields.get(name).map(|field| &field.value);
            let needs = service.and_then(|service| service.get("depends_on")?.mapping());
            needs.into_iter().flat_map(|needs| needs.fields.keys())
        };
        // Kahn's order: what is never free of needs stands in a cycle or behind one.
        let mut open: HashMap<&str, usize> = HashMap::new();
        let mut users: HashMap<&str, Vec<&str>> = HashMap::new();
        for name in services.fields.keys() {
            for need in edges(name).filter(|need| services.fields.contains_key(need)) {
                *open.entry(name).or_default() += 1;
                users.entry(need).or_default().push(name);
            }
        }
        let is_free = |name: &&str| !open.contains_key(name);
        let mut free: Vec<&str> = services
            .fields
            .keys()
            .map(Text::as_str)
            .filter(is_free)
            .collect();
        while let Some(name) = free.pop() {
            for user in users.remove(name).unwrap_or_default() {
                if let Some(left) = open.get_mut(user) {
                    *left -= 1;
                    if *left == 0 {
                        free.push(user);
                    }
                }
            }
        }
        let stuck = services
            .fields
            .iter()
            .find(|(name, _)| open.get(name.as_str()).is_some_and(|left| *left > 0));
        if let Some((name, field)) = stuck {
            let message = format!("service `{name}` waits for itself, by way of its dependencies");
            self.refused.push(Problem {
                span: field.key,
                message,
            });
        }
    }

    fn refuse_unknown(&mut self, root: &Value, all: &HashSet<String>, service: &Value) {
        let known = |section: &str, name: &str| {
            root.get(section)
                .is_some_and(|section| section.get(name).is_some())
        };
        let mut missing: Vec<(&Value, &str, String)> = Vec::new();
        let networks = service.get("networks").and_then(Value::mapping);
        for (name, field) in networks.into_iter().flat_map(|m| m.fields.iter()) {
            if !known("networks", name) {
                missing.push((&field.value, "network", name.to_string()));
            }
        }
        let mounts = service.get("volumes").map(Value::items).unwrap_or_default();
        for mount in mounts
            .iter()
            .filter(|mount| mount.get("type").and_then(Value::text) == Some("volume"))
        {
            let source = mount.get("source").map(scalars::text).unwrap_or_default();
            if !source.is_empty() && !known("volumes", &source) {
                missing.push((mount, "volume", source));
            }
        }
        for (key, what) in [("secrets", "secret"), ("configs", "config")] {
            for item in service.get(key).map(Value::items).unwrap_or_default() {
                let source = item.get("source").map(scalars::text).unwrap_or_default();
                if !known(key, &source) {
                    missing.push((item, what, source));
                }
            }
        }
        let depends_on = service.get("depends_on").and_then(Value::mapping);
        for (name, field) in depends_on.into_iter().flat_map(|m| m.fields.iter()) {
            let required =
                field.value.get("required").map(scalars::text).as_deref() != Some("false");
            if !known("services", name) && (required || !all.contains(name.as_str())) {
                missing.push((&field.value, "service", name.to_string()));
            }
        }
        self.refused
            .extend(missing.into_iter().map(|(place, what, name)| Problem {
                span: place.span,
                message: format!("there is no {what} `{name}`"),
            }));
    }
}
