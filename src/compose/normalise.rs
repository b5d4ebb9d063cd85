//! What follows from a merged project without being written: networks, dependencies and names; and what it does not need.

use super::text::Text;
use super::value::{Data, Value};
use super::{canonical, resolve, scalars};
use std::collections::BTreeSet;

/// Implied networks, dependencies and names (`loader/normalize.go`).
pub(super) fn normalise(root: &mut Value, project: &str) {
    let place = Value::null(root);
    let mut uses_default = false;
    for service in canonical::children(root.get_mut("services")) {
        uses_default |= attach(service);
        normalise_service(service);
    }
    let Some(mapping) = root.mapping_mut() else {
        return;
    };
    if uses_default {
        let networks = mapping
            .fields
            .or_insert_with("networks", || place.made_field(place.made_map::<&str>([])));
        if networks.value.is_null() {
            networks.value = place.made_map::<&str>([]);
        }
        if let Some(networks) = networks.value.mapping_mut() {
            networks
                .fields
                .or_insert_with("default", || place.made_field(place.clone()));
        }
    }
    for section in ["networks", "volumes", "configs", "secrets"] {
        let resources = root.get_mut(section).and_then(Value::mapping_mut);
        for (key, field) in resources.into_iter().flat_map(|m| m.fields.iter_mut()) {
            name_resource(key, &mut field.value, project);
        }
    }
}

fn name_resource(key: &str, resource: &mut Value, project: &str) {
    if resource.is_null() {
        *resource = resource.made_map::<&str>([]);
    }
    let is_external = resource
        .get("external")
        .is_some_and(|external| scalars::boolean(&scalars::text(external)) == Some(true));
    let name = if is_external {
        key.to_owned()
    } else {
        format!("{project}_{key}")
    };
    let field = resource.made_field(resource.made_text(name));
    if let Some(mapping) = resource.mapping_mut() {
        let named = mapping.fields.get("name");
        if named.is_none_or(|name| name.value.is_null()) {
            mapping.fields.insert("name", field);
        }
    }
}

/// A service without networks joins `default`; whether this one does.
fn attach(service: &mut Value) -> bool {
    if service.get("provider").is_some() || service.get("network_mode").is_some() {
        return false;
    }
    let networks = service.get("networks").and_then(Value::mapping);
    if let Some(networks) = networks.filter(|networks| !networks.fields.is_empty()) {
        return networks.fields.contains_key("default");
    }
    let default = service.made_map([("default", Value::null(service))]);
    let field = service.made_field(default);
    let Some(mapping) = service.mapping_mut() else {
        return false;
    };
    mapping.fields.insert("networks", field);
    true
}

fn normalise_service(service: &mut Value) {
    if service
        .get("pull_policy")
        .is_some_and(|policy| policy.text() == Some("if_not_present"))
        && let Some(policy) = service.get_mut("pull_policy")
    {
        *policy = policy.made_text("missing");
    }
    if let Some(build) = service.get_mut("build") {
        let dockerfile = build.made_field(build.made_text("Dockerfile"));
        if let Some(mapping) = build.mapping_mut()
            && !mapping.fields.contains_key("dockerfile_inline")
        {
            mapping.fields.or_insert("dockerfile", dockerfile);
        }
    }
    if let Some(volumes) = service.get_mut("volumes") {
        for volume in volumes.items_mut() {
            if let Some(target) = volume.get_mut("target")
                && let Data::Scalar(scalar) = &mut target.data
            {
                let cleaned = resolve::clean(&scalar.text);
                if scalar.text != *cleaned {
                    scalar.text = cleaned.into();
                }
            }
        }
    }
    // `scale` and `deploy.replicas` are one number.
    if let Some(scale) = service.get("scale").cloned()
        && let Some(deploy) = service.get_mut("deploy")
    {
        resolve::missing(deploy, "replicas", scale);
    }
    imply_dependencies(service);
}

/// Links and shared namespaces are dependencies that restart with their target.
fn imply_dependencies(service: &mut Value) {
    let mut implied: Vec<(String, bool)> = Vec::new();
    for link in service.get("links").map(Value::items).unwrap_or_default() {
        let text = scalars::text(link);
        let mut parts = text.split(':');
        let name = match (parts.next(), parts.next(), parts.next()) {
            (Some(name), Some(_), None) => name,
            _ => text.as_str(),
        };
        implied.push((name.to_owned(), true));
    }
    for key in ["network_mode", "ipc", "pid", "uts", "cgroup"] {
        let text = service.get(key).map(scalars::text).unwrap_or_default();
        implied.extend(
            text.strip_prefix("service:")
                .map(|name| (name.to_owned(), true)),
        );
    }
    for from in service
        .get("volumes_from")
        .map(Value::items)
        .unwrap_or_default()
    {
        let text = scalars::text(from);
        if !text.starts_with("container:") {
            let name = text.split(':').next().unwrap_or_default();
            implied.push((name.to_owned(), false));
        }
    }
    if implied.is_empty() {
        return;
    }
    let place = Value::null(service);
    let Some(mapping) = service.mapping_mut() else {
        return;
    };
    let depends_on = mapping.fields.or_insert_with("depends_on", || {
        place.made_field(place.made_map::<&str>([]))
    });
    let Some(depends_on) = depends_on.value.mapping_mut() else {
        return;
    };
    for (name, restart) in implied {
        let fields = [
            ("condition", place.made_text("service_started")),
            ("restart", place.made_plain(restart.to_string())),
            ("required", place.made_plain("true")),
        ];
        let edge = place.made_map(fields);
        depends_on
            .fields
            .or_insert_with(name, || place.made_field(edge));
    }
}

/// Resources that no service uses (`types.Project.WithoutUnnecessaryResources`).
pub(super) fn drop_unused(root: &mut Value) {
    let mut used: [BTreeSet<String>; 4] = Default::default();
    let [networks, volumes, secrets, configs] = &mut used;
    for service in canonical::children(root.get_mut("services")) {
        let attached = service.get("networks").and_then(Value::mapping);
        networks.extend(
            attached
                .into_iter()
                .flat_map(|m| m.fields.keys().map(Text::to_string)),
        );
        let sources = |key: &str, list: &mut BTreeSet<String>, value: &Value| {
            let items = value.get(key).map(Value::items).unwrap_or_default();
            list.extend(
                items
                    .iter()
                    .filter_map(|i| i.get("source"))
                    .map(scalars::text),
            );
        };
        let mounts = service.get("volumes").map(Value::items).unwrap_or_default();
        let named = mounts
            .iter()
            .filter(|mount| mount.get("type").and_then(Value::text) == Some("volume"));
        volumes.extend(
            named
                .filter_map(|mount| mount.get("source"))
                .map(scalars::text),
        );
        sources("secrets", secrets, service);
        sources("configs", configs, service);
        if let Some(build) = service.get("build") {
            sources("secrets", secrets, build);
        }
    }
    for (section, used) in ["networks", "volumes", "secrets", "configs"]
        .iter()
        .zip(&used)
    {
        if let Some(resources) = root.get_mut(section).and_then(Value::mapping_mut) {
            resources
                .fields
                .retain(|key, _| used.contains(key.as_str()));
        }
    }
}
