//! Settings of one service that Docker refuses together (compose-go v2.9.1, `loader/validate.go` and `validation/`).

use super::refused::{Code, Refused};
use super::scalars;
use super::value::{Data, Value};
use crate::yaml::Resolved;

/// What is refused in the service `name`, if it is on.
pub(super) fn check(name: &str, service: &Value) -> Vec<Refused> {
    let one = One::new(name, service);
    let checks = [
        one.networks(),
        one.scale(),
        one.copies(),
        one.negative(&["scale"]),
        one.negative(&["deploy", "replicas"]),
        one.dockerfile(),
        one.platforms(),
        one.test(),
    ];
    let mut found: Vec<Refused> = checks.into_iter().flatten().collect();
    found.extend(one.limits());
    found.extend(one.watch());
    found.extend(one.env_files());
    found
}

/// What is refused in the service `name`, also where it is off.
pub(super) fn check_always(name: &str, service: &Value) -> Vec<Refused> {
    let one = One::new(name, service);
    let mut found = one.mounts();
    found.extend(one.devices());
    found.extend(one.watched());
    found
}

struct One<'a> {
    path: String,
    service: &'a Value,
}

impl<'a> One<'a> {
    fn new(name: &str, service: &'a Value) -> Self {
        Self {
            path: format!("services.{name}"),
            service,
        }
    }

    fn get(&self, keys: &[&str]) -> Option<&Value> {
        keys.iter()
            .try_fold(self.service, |value, key| value.get(key))
    }

    fn text(&self, keys: &[&str]) -> Option<(&str, &Value)> {
        let value = self.get(keys)?;
        Some((value.text()?, value))
    }

    fn refuse(&self, code: Code, value: &Value, key: &str, message: impl Into<String>) -> Refused {
        Refused::new(code, value.place(), format!("{}.{key}", self.path), message)
    }

    fn networks(&self) -> Option<Refused> {
        let (_, value) = self
            .text(&["network_mode"])
            .filter(|(mode, _)| !mode.is_empty())?;
        let networks = self.get(&["networks"])?;
        let any = !networks.items().is_empty()
            || networks.mapping().is_some_and(|map| !map.fields.is_empty());
        let message = format!(
            "`network_mode: {}` and `networks` exclude each other",
            value.written()
        );
        let mut refused = self.refuse(Code::Conflict, value, "network_mode", message);
        refused
            .labels
            .push((networks.span, "the networks".to_owned()));
        any.then(|| refused.allowing("keep one of them"))
    }

    fn number(&self, keys: &[&str]) -> Option<(i64, &Value)> {
        let (text, value) = self.text(keys)?;
        Some((text.parse().ok()?, value))
    }

    fn scale(&self) -> Option<Refused> {
        let (scale, value) = self.number(&["scale"])?;
        let (replicas, other) = self.number(&["deploy", "replicas"])?;
        let message = format!(
            "`scale` is {}, and `deploy.replicas` is {}",
            value.written(),
            other.written()
        );
        let mut refused = self.refuse(Code::Conflict, value, "scale", message);
        refused
            .labels
            .push((other.place(), "the other number".to_owned()));
        (scale != replicas).then(|| refused.allowing("keep one of them"))
    }

    fn copies(&self) -> Option<Refused> {
        let (_, value) = self
            .text(&["container_name"])
            .filter(|(name, _)| !name.is_empty())?;
        let (copies, other) = self
            .number(&["scale"])
            .or_else(|| self.number(&["deploy", "replicas"]))?;
        let message = format!(
            "{} containers cannot all be named `{}`",
            other.written(),
            value.written()
        );
        let mut refused = self.refuse(Code::Conflict, value, "container_name", message);
        refused
            .labels
            .push((other.place(), "their number".to_owned()));
        (copies > 1).then(|| refused.allowing("take out `container_name`, or the number"))
    }

    fn dockerfile(&self) -> Option<Refused> {
        let (_, value) = self
            .text(&["build", "dockerfile_inline"])
            .filter(|(text, _)| !text.is_empty())?;
        let (_, other) = self
            .text(&["build", "dockerfile"])
            .filter(|(text, _)| !text.is_empty())?;
        let message = "`dockerfile` and `dockerfile_inline` exclude each other";
        let mut refused = self.refuse(Code::Conflict, other, "build.dockerfile", message);
        refused
            .labels
            .push((value.span, "the other one".to_owned()));
        Some(refused.allowing("keep one of them"))
    }

    fn platforms(&self) -> Option<Refused> {
        let (platform, value) = self
            .text(&["platform"])
            .filter(|(text, _)| !text.is_empty())?;
        let platforms = self.get(&["build", "platforms"])?;
        let names: Option<Vec<&str>> = platforms.items().iter().map(Value::text).collect();
        names.filter(|names| !names.is_empty() && !names.contains(&platform))?;
        let message = format!(
            "`{}` is none of the platforms that are built",
            value.written()
        );
        let mut refused = self.refuse(Code::Conflict, value, "platform", message);
        refused
            .labels
            .push((platforms.span, "these are built".to_owned()));
        let names: Vec<String> = platforms.items().iter().map(Value::written).collect();
        Some(refused.allowing(format!("it is one of `{}`", names.join("`, `"))))
    }

    fn test(&self) -> Option<Refused> {
        let test = self.get(&["healthcheck", "test"])?;
        let Data::Sequence(items) = &test.data else {
            return None;
        };
        let first = items.first().filter(|first| {
            let scalar = first.scalar();
            scalar.is_some_and(|scalar| scalars::resolved(scalar) == Resolved::Str)
        })?;
        let word = first
            .text()
            .filter(|word| !matches!(*word, "CMD" | "CMD-SHELL" | "NONE"))?;
        let message = format!(
            "a `test` that is a list begins with CMD, CMD-SHELL or NONE, and this one with `{}`",
            first.written()
        );
        let mut refused = self.refuse(Code::BadTest, first, "healthcheck.test[0]", message);
        let meant = match word.to_uppercase().replace('_', "-").as_str() {
            known @ ("CMD" | "CMD-SHELL" | "NONE") => Some(known.to_owned()),
            _ => None,
        };
        refused.replaceable = meant.is_some();
        let is_word = !word.contains(' ') && first.written() == word;
        refused.suggestion = meant.or_else(|| is_word.then(|| format!("CMD, {word}")));
        Some(refused.allowing("CMD runs the rest as it is, CMD-SHELL runs one text in a shell"))
    }

    fn negative(&self, keys: &[&str]) -> Option<Refused> {
        let (number, value) = self.number(keys)?;
        let message = format!("{} is out of bounds", value.written());
        let refused = self.refuse(Code::BadValue, value, &keys.join("."), message);
        (number < 0).then(|| refused.allowing("it is 0 or more"))
    }

    /// A limit that is written twice must be one number. Where `deploy` sets others, one that it does not set is 0.
    fn limits(&self) -> Vec<Refused> {
        let pairs = [
            ("mem_limit", "limits", "memory", size as fn(&Value) -> _),
            ("mem_reservation", "reservations", "memory", size),
            ("cpus", "limits", "cpus", number),
            ("pids_limit", "limits", "pids", number),
        ];
        let differs = pairs.iter().filter_map(|(short, kind, long, read)| {
            let all = self.get(&["deploy", "resources", kind])?;
            all.mapping()?;
            let value = self.get(&[short])?;
            let here = read(value)?;
            let other = all.get(long);
            let there = other.map_or(Some(0.0), read)?;
            if here == 0.0 || same(here, there) {
                return None;
            }
            let path = format!("deploy.resources.{kind}.{long}");
            let message = match other {
                Some(_) => format!("`{short}` and `{path}` differ"),
                None => format!(
                    "`{short}` stands here, and `deploy.resources.{kind}` is without `{long}`"
                ),
            };
            let mut refused = self.refuse(Code::Conflict, value, short, message);
            let label = match other {
                Some(_) => "the other one",
                None => "Docker takes it for 0 here",
            };
            let place = other.map_or(all.span, Value::place);
            refused.labels.push((place, label.to_owned()));
            let text = value.written();
            Some(refused.allowing(format!("write `{path}: {text}`, and take out `{short}`")))
        });
        differs.collect()
    }

    /// Formats of env files.
    fn env_files(&self) -> Vec<Refused> {
        let files = self
            .get(&["env_file"])
            .map(Value::items)
            .unwrap_or_default();
        let bad = files.iter().enumerate().filter_map(|(index, file)| {
            // A file that may be missing is not read where it is.
            let may_miss = file.get("required").and_then(Value::text) == Some("false");
            let format = file.get("format").filter(|_| !may_miss)?;
            format.text().filter(|text| !matches!(*text, "" | "raw"))?;
            let key = format!("env_file[{index}].format");
            let message = format!("`{}` is no format of an env file", format.written());
            let refused = self.refuse(Code::BadValue, format, &key, message);
            Some(refused.allowing("it is `raw`, or is left out"))
        });
        bad.collect()
    }

    fn mounts(&self) -> Vec<Refused> {
        let mounts = self.get(&["volumes"]).map(Value::items).unwrap_or_default();
        let bad = mounts.iter().enumerate().filter_map(|(index, mount)| {
            let kind = mount
                .get("type")
                .filter(|kind| kind.text() == Some("bind"))?;
            let source = mount.get("source");
            let empty = source.is_none_or(Value::is_null);
            let key = format!("volumes[{index}]");
            let refused = self.refuse(
                Code::MissingKey,
                kind,
                &key,
                "a mount of the type `bind` needs a `source`",
            );
            empty.then(|| refused.allowing("it is the path on the host"))
        });
        bad.collect()
    }

    fn devices(&self) -> Vec<Refused> {
        let places = [
            (
                "deploy.resources.reservations.devices",
                &["deploy", "resources", "reservations", "devices"][..],
            ),
            ("gpus", &["gpus"][..]),
        ];
        let devices = places.iter().flat_map(|(path, keys)| {
            let items = self.get(keys).map(Value::items).unwrap_or_default();
            items
                .iter()
                .enumerate()
                .map(move |(index, item)| (format!("{path}[{index}]"), item))
        });
        let bad = devices.filter_map(|(path, device)| {
            let (count, ids) = (device.get("count")?, device.get("device_ids")?);
            let message = "`count` and `device_ids` exclude each other";
            let mut refused = self.refuse(Code::Conflict, count, &path, message);
            refused.labels.push((ids.span, "the other one".to_owned()));
            Some(refused.allowing("keep one of them"))
        });
        bad.collect()
    }

    fn watch(&self) -> Vec<Refused> {
        let watches = self
            .get(&["develop", "watch"])
            .map(Value::items)
            .unwrap_or_default();
        let bad = watches.iter().enumerate().filter_map(|(index, watch)| {
            let action = watch.get("action")?;
            action
                .text()
                .filter(|name| !matches!(*name, "rebuild" | "restart"))?;
            let key = format!("develop.watch[{index}]");
            let message = format!("the action `{}` needs a `target`", action.written());
            let refused = self.refuse(Code::MissingKey, action, &key, message);
            let target = watch.get("target").map(scalars::text);
            target
                .is_none_or(|target| target.is_empty())
                .then(|| refused.allowing("only `rebuild` and `restart` go without one"))
        });
        bad.collect()
    }

    fn watched(&self) -> Vec<Refused> {
        let watches = self
            .get(&["develop", "watch"])
            .map(Value::items)
            .unwrap_or_default();
        let bad = watches.iter().enumerate().filter_map(|(index, watch)| {
            let path = watch.get("path").filter(|path| path.text() == Some(""))?;
            let key = format!("develop.watch[{index}].path");
            let refused = self.refuse(Code::BadValue, path, &key, "this path is empty");
            Some(refused.allowing("it is the path that is watched"))
        });
        bad.collect()
    }
}

/// A number of bytes.
#[allow(clippy::cast_precision_loss)]
fn size(value: &Value) -> Option<f64> {
    let text = value.text()?;
    match scalars::resolved(value.scalar()?) {
        Resolved::Int(bytes) => Some(bytes as f64),
        Resolved::Str => scalars::bytes(text).map(|bytes| bytes as f64),
        _ => None,
    }
}

fn number(value: &Value) -> Option<f64> {
    value.text().and_then(scalars::number)
}

/// Compose reads numbers of processors with 32 bits.
#[allow(clippy::cast_possible_truncation, clippy::float_cmp)]
fn same(here: f64, there: f64) -> bool {
    here == there || here as f32 == there as f32
}
