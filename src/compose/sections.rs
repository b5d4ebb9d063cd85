//! What Docker refuses in the sections beside the services, whoever uses them.

use super::references::fields;
use super::refused::{Code, Refused};
use super::value::Value;

/// What is refused in `secrets`, `configs` and `volumes`.
pub(super) fn check(root: &Value) -> Vec<Refused> {
    let mut found = Vec::new();
    for (section, keys) in [
        ("secrets", &["file", "environment"][..]),
        ("configs", &["file", "environment", "content"][..]),
    ] {
        for (name, value, key) in fields(root.get(section)) {
            if value.mapping().is_none() {
                continue;
            }
            let path = format!("{section}.{name}");
            let sources: Vec<&str> = keys
                .iter()
                .copied()
                .filter(|key| value.get(key).is_some())
                .collect();
            let external = value.get("external");
            let elsewhere = external.is_some() || value.get("driver").is_some();
            let allowed = format!(
                "it has one of `{}`, or is `external: true`",
                keys.join("`, `")
            );
            if sources.len() > 1 {
                let message = format!("`{}` exclude each other", sources.join("` and `"));
                found.push(Refused::new(Code::Conflict, key, path, message).allowing(allowed));
            } else if sources.is_empty() && !elsewhere
                || section == "secrets" && !is_external(value) && is_nowhere(value)
            {
                let message = format!("`{name}` says nowhere where it comes from");
                found.push(Refused::new(Code::MissingKey, key, path, message).allowing(allowed));
            }
        }
    }
    for section in ["volumes", "networks"] {
        found.extend(
            fields(root.get(section))
                .filter_map(|(name, value, _)| named_twice(section, name, value)),
        );
    }
    for (name, value, _) in fields(root.get("volumes")) {
        if !is_external(value) {
            continue;
        }
        for (key, _, span) in fields(Some(value)) {
            if !matches!(key, "name" | "external") && !key.starts_with("x-") {
                let message = format!("`{key}` may not stand beside `external`");
                let path = format!("volumes.{name}.{key}");
                let refused = Refused::new(Code::Conflict, span, path, message);
                found.push(refused.allowing("a volume that is made elsewhere has only `name`"));
            }
        }
    }
    found
}

/// `external: true`, or with a name of its own.
fn is_external(resource: &Value) -> bool {
    let external = resource.get("external");
    let text = external.and_then(Value::text).map(str::to_lowercase);
    text.is_some_and(|text| matches!(text.as_str(), "true" | "yes" | "y" | "on"))
        || external.is_some_and(|external| external.mapping().is_some())
}

/// A secret with neither file nor variable. What hangs on a variable that is not known may be there.
fn is_nowhere(secret: &Value) -> bool {
    // An empty path is that of the folder.
    let is_null = secret.get("file").is_none_or(Value::is_null);
    let variable = secret.get("environment");
    is_null && variable.is_none_or(|name| name.is_null() || name.text() == Some(""))
}

/// `external: { name: … }` is the old way to say `name: …`.
fn named_twice(section: &str, name: &str, value: &Value) -> Option<Refused> {
    let inner = value.get("external")?.get("name")?;
    let own = value.get("name")?;
    let path = format!("{section}.{name}.external.name");
    let message = "`name` stands here and beside `external`";
    let mut refused = Refused::new(Code::Conflict, inner.span, path, message);
    refused.labels.push((own.span, "the other one".to_owned()));
    Some(refused.allowing("keep only the `name` beside `external: true`"))
}
