//! Volumes, devices, secrets and configs of a service.
//!
//! Volumes are read as compose-go v2.9.1 does in `format/volume.go`.

use crate::compose::refused::{Code, Refused};
use crate::compose::resolve::clean;
use crate::compose::value::Value;

/// `[SOURCE:]TARGET[:OPTIONS]`
pub(super) fn volume(item: &mut Value, refused: &mut Vec<Refused>) {
    let Some(text) = item.text() else {
        return;
    };
    match parse(text) {
        Ok(mount) => *item = mount.value(item),
        Err(message) => refused.push(Refused::new(Code::BadVolume, item.place(), "", message)),
    }
}

/// Why a text is no mount.
pub(in crate::compose) fn bad(text: &str) -> Option<&'static str> {
    parse(text).err()
}

/// `HOST[:CONTAINER[:PERMISSIONS]]`
pub(super) fn device(item: &mut Value, refused: &mut Vec<Refused>) {
    let Some(text) = item.text() else {
        return;
    };
    let parts: Vec<&str> = text.split(':').collect();
    let (source, target, permissions) = match parts.as_slice() {
        [both] => (*both, *both, "rwm"),
        [source, target] => (*source, *target, "rwm"),
        [source, target, permissions] => (*source, *target, *permissions),
        _ => {
            let message = format!("`{text}` is no device: write it with source and target");
            refused.push(Refused::new(Code::BadValue, item.place(), "", message));
            return;
        }
    };
    let second = if parts.len() > 1 { source.len() } else { 0 };
    let fields = [
        ("source", source, 0),
        match target {
            "" => ("target", source, 0),
            target => ("target", target, second),
        },
        ("permissions", permissions, second + target.len()),
    ];
    *item = item.made_map(fields.map(|(key, part, at)| (key, item.made_part(part, at))));
}

/// The name of a secret or config.
pub(super) fn file(item: &mut Value) {
    if item.scalar().is_some() {
        *item = item.made_map([("source", item.clone())]);
    }
}

#[derive(Default)]
struct Mount {
    source: String,
    target: String,
    read_only: bool,
    no_copy: bool,
    propagation: String,
    selinux: String,
    /// So short that it is not looked into.
    bare: bool,
}

impl Mount {
    fn value(&self, item: &Value) -> Value {
        let part = |key: &'static str, text: &str, behind: usize| {
            (!text.is_empty()).then(|| (key, item.made_part(text, behind)))
        };
        let (second, third) = (self.source.len(), self.source.len() + self.target.len());
        let on = |key: &'static str, on: bool| on.then(|| (key, item.made_plain("true")));
        let is_bind = is_path(&self.source);
        let has_bind = is_bind || !self.selinux.is_empty() || !self.propagation.is_empty();
        let bind = [
            part("selinux", &self.selinux, third),
            part("propagation", &self.propagation, third),
            on("create_host_path", is_bind),
        ];
        let volume = [on("nocopy", self.no_copy)];
        let fields = [
            Some((
                "type",
                item.made_text(if is_bind { "bind" } else { "volume" }),
            )),
            part("source", &self.source, 0),
            part("target", &clean(&self.target), second),
            on("read_only", self.read_only),
            has_bind.then(|| {
                let bind = bind.into_iter().flatten();
                ("bind", item.made_map(bind))
            }),
            ((!is_bind || self.no_copy) && !self.bare).then(|| {
                let volume = volume.into_iter().flatten();
                ("volume", item.made_map(volume))
            }),
        ];
        item.made_map(fields.into_iter().flatten())
    }
}

fn parse(text: &str) -> Result<Mount, &'static str> {
    let mut mount = Mount::default();
    if text.len() < 3 {
        if text.is_empty() {
            return Err("a volume's text is empty");
        }
        text.clone_into(&mut mount.target);
        mount.bare = true;
        return Ok(mount);
    }
    let parts = split(text);
    if parts.iter().any(String::is_empty) {
        return Err("there is nothing between two colons");
    }
    match parts.as_slice() {
        [target] => mount.target.clone_from(target),
        [source, target] => {
            mount.source.clone_from(source);
            mount.target.clone_from(target);
        }
        [source, target, options] => {
            mount.source.clone_from(source);
            mount.target.clone_from(target);
            options.split(',').for_each(|option| mount.option(option));
        }
        _ => return Err("there are too many colons"),
    }
    Ok(mount)
}

impl Mount {
    /// Docker passes over options that it does not know.
    fn option(&mut self, option: &str) {
        match option {
            "ro" => self.read_only = true,
            "rw" => self.read_only = false,
            "nocopy" => self.no_copy = true,
            "rprivate" | "private" | "rshared" | "shared" | "rslave" | "slave" => {
                option.clone_into(&mut self.propagation);
            }
            "z" | "Z" => option.clone_into(&mut self.selinux),
            _ => {}
        }
    }
}

/// At colons, but for those of `C:\`: a single letter is a drive even where it was meant as a volume.
fn split(text: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let mut part = String::new();
    for c in text.chars() {
        let mut letters = part.chars();
        let is_drive = matches!((letters.next(), letters.next()), (Some(letter), None) if letter.is_alphabetic());
        if c == ':' && !is_drive {
            parts.push(std::mem::take(&mut part));
        } else {
            part.push(c);
        }
    }
    parts.push(part);
    parts
}

fn is_path(source: &str) -> bool {
    let mut chars = source.chars();
    let is_drive =
        matches!((chars.next(), chars.next()), (Some(letter), Some(':')) if letter.is_alphabetic());
    source.starts_with(['.', '/', '~']) || source.starts_with("\\\\") || is_drive
}

#[cfg(test)]
mod tests {
    use super::bad;

    #[test]
    fn mounts_are_read_as_docker_reads_them() {
        for good in [
            "/a",
            "abc",
            "./a:/b",
            "./a:/b:ro",
            r"C:\a:/b",
            "c:/foo:/x:ro",
            "./a:/b:foo",
            // Docker looks into nothing so short.
            "a:",
            "::",
        ] {
            assert_eq!(bad(good), None, "{good}");
        }
        for wrong in ["", ":/a", "./a:", "./a:/b:ro:z", ":::"] {
            assert!(bad(wrong).is_some(), "{wrong}");
        }
    }
}
