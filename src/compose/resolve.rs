//! What Docker fills in once the files are merged: defaults, absolute paths, and variables taken over by name.

use super::canonical::children;
use super::interpolate::Environment;
use super::scalars;
use super::value::{Data, From, Piece, Value};

/// Where a project stands on its machine.
#[derive(Clone, Debug)]
pub struct Places {
    root: String,
    home: String,
}

impl Places {
    /// `root` is the absolute path of the project's root, `home` that of the user's folder; both with `/`.
    pub fn new(root: &str, home: &str) -> Self {
        Self {
            root: root.trim_end_matches('/').to_owned(),
            home: home.to_owned(),
        }
    }

    /// The absolute path of a folder of the project.
    pub fn folder(&self, folder: &str) -> String {
        clean(&format!("{}/{folder}", self.root))
    }

    /// Where a path, seen from a folder of the project, lies in it; `None` outside.
    pub(super) fn inside(&self, folder: &str, path: &str) -> Option<String> {
        let full = self.full(folder, path);
        let full = clean(&full);
        let inside = full.strip_prefix(&self.root)?;
        Some(inside.strip_prefix('/')?.to_owned())
    }

    /// An absolute path as it is, any other from this folder on.
    fn full(&self, folder: &str, path: &str) -> String {
        if let Some(rest) = path.strip_prefix('~') {
            return clean(&format!("{}/{rest}", self.home));
        }
        if path.starts_with('/') {
            return path.to_owned();
        }
        clean(&format!("{}/{folder}/{path}", self.root))
    }

    /// Makes the paths of a project's content absolute (compose-go v2.9.1, `paths/resolve.go`).
    pub(super) fn absolute(&self, root: &mut Value, folder: &str) {
        for service in children(root.get_mut("services")) {
            self.service(service, folder);
        }
        for section in ["configs", "secrets"] {
            for file in children(root.get_mut(section)) {
                self.change(file.get_mut("file"), folder);
            }
        }
        for volume in children(root.get_mut("volumes")) {
            let text = |value: Option<&Value>| value.map(scalars::text).unwrap_or_default();
            let driver = text(volume.get("driver"));
            let Some(options) = volume.get_mut("driver_opts") else {
                continue;
            };
            if driver == "local" && text(options.get("o")) == "bind" {
                self.change(options.get_mut("device"), folder);
            }
        }
    }

    fn service(&self, service: &mut Value, folder: &str) {
        if let Some(build) = service.get_mut("build") {
            let context = build.get_mut("context");
            self.change_if(context, folder, |text| !text.is_empty() && !is_remote(text));
            for context in children(build.get_mut("additional_contexts")) {
                self.change_if(Some(context), folder, |text| {
                    !text.is_empty() && !is_remote(text)
                });
            }
        }
        for item in items(service.get_mut("env_file")) {
            self.change_if(item.get_mut("path"), folder, |text| !text.is_empty());
        }
        for item in items(service.get_mut("label_file")) {
            self.change_if(Some(item), folder, |text| !text.is_empty());
        }
        let watch = service
            .get_mut("develop")
            .and_then(|develop| develop.get_mut("watch"));
        for item in items(watch) {
            self.change(item.get_mut("path"), folder);
        }
        for item in items(service.get_mut("volumes")) {
            let is_bind = item.get("type").and_then(Value::text) == Some("bind");
            if is_bind {
                self.change_if(item.get_mut("source"), folder, |text| !is_windows(text));
            }
        }
    }

    fn change(&self, value: Option<&mut Value>, folder: &str) {
        self.change_if(value, folder, |_| true);
    }

    fn change_if(&self, value: Option<&mut Value>, folder: &str, holds: impl Fn(&str) -> bool) {
        let Some(value) = value else {
            return;
        };
        if let Data::Scalar(scalar) = &mut value.data
            && holds(&scalar.text)
        {
            let full = self.full(folder, &scalar.text);
            if scalar.text != *full {
                scalar.text = full.into();
            }
        }
    }
}

fn items(value: Option<&mut Value>) -> impl Iterator<Item = &mut Value> {
    value.map(Value::items_mut).unwrap_or_default().iter_mut()
}

fn is_windows(path: &str) -> bool {
    path.starts_with("\\\\")
        || matches!(path.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic())
}

/// A Git repository, an archive or a service: `paths/context.go`.
fn is_remote(path: &str) -> bool {
    let prefixes = [
        "service:",
        "git@",
        "github.com/",
        "git://",
        "https://",
        "http://",
        "ssh://",
    ];
    path.contains("://") || prefixes.iter().any(|prefix| path.starts_with(prefix))
}

/// Go's `path.Clean`.
pub(super) fn clean(path: &str) -> String {
    let is_absolute = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if is_absolute => {}
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    match (is_absolute, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_owned(),
        (false, false) => joined,
    }
}

/// Values for what is not written (compose-go v2.9.1, `transform/defaults.go`).
pub(super) fn defaults(root: &mut Value) {
    for service in children(root.get_mut("services")) {
        if let Some(build) = service.get_mut("build") {
            let context = build.made_text(".");
            missing(build, "context", context);
        }
        for port in items(service.get_mut("ports")) {
            let (protocol, mode) = (port.made_text("tcp"), port.made_text("ingress"));
            missing(port, "protocol", protocol);
            missing(port, "mode", mode);
        }
        for secret in items(service.get_mut("secrets")) {
            secret_target(secret);
        }
        items(service.get_mut("gpus")).for_each(all_devices);
        let devices = ["resources", "reservations", "devices"]
            .iter()
            .try_fold(service.get_mut("deploy"), |value, key| {
                Some(value?.get_mut(key))
            });
        items(devices.flatten()).for_each(all_devices);
    }
}

fn secret_target(secret: &mut Value) {
    if let Some(source) = secret.get("source").map(scalars::text) {
        let target = secret.made_text(format!("/run/secrets/{source}"));
        missing(secret, "target", target);
    }
}

fn all_devices(request: &mut Value) {
    if request.get("device_ids").is_none() {
        let all = request.made_text("all");
        missing(request, "count", all);
    }
}

/// Sets a key that is not there.
pub(super) fn missing(value: &mut Value, key: &str, default: Value) {
    let field = value.made_field(default);
    if let Some(mapping) = value.mapping_mut() {
        mapping.fields.or_insert(key, field);
    }
}

/// Gives variables that are only named the value that they have around (`loader/environment.go`).
pub(super) fn variables(root: &mut Value, environment: &Environment) {
    for service in children(root.get_mut("services")) {
        let build = service.get_mut("build");
        take_over(build.and_then(|build| build.get_mut("args")), environment);
        take_over(service.get_mut("environment"), environment);
    }
}

fn take_over(value: Option<&mut Value>, environment: &Environment) {
    let Some(value) = value else {
        return;
    };
    super::canonical::key_values(value);
    let Some(mapping) = value.mapping_mut() else {
        return;
    };
    for (name, field) in mapping.fields.iter_mut() {
        let Some(variable) = environment.get(name).filter(|_| field.value.is_null()) else {
            continue;
        };
        field.value = field.value.made_text(variable.text.clone());
        if let Data::Scalar(scalar) = &mut field.value.data {
            scalar.interpolated = true;
        }
        field.value.more_mut().pieces.push(Piece {
            text: variable.text.clone(),
            span: variable.span,
            verbatim: variable.verbatim,
            from: From::Variable(name.to_string()),
        });
    }
}
