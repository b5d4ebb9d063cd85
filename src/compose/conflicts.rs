//! Settings of one service that Docker refuses together.

use super::refused::{Code, Refused};
use super::value::{Data, Value};

/// What is refused in the service `name`.
pub(super) fn check(name: &str, service: &Value) -> Vec<Refused> {
    let one = One {
        path: format!("services.{name}"),
        service,
    };
    let checks = [
        one.networks(),
        one.scale(),
        one.copies(),
        one.dockerfile(),
        one.platforms(),
        one.test(),
        one.limits(),
    ];
    let mut found: Vec<Refused> = checks.into_iter().flatten().collect();
    found.extend(one.watch());
    found.extend(one.mounts());
    found.extend(one.devices());
    found
}

struct One<'a> {
    path: String,
    service: &'a Value,
}

impl One<'_> {
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
        let first = items.first()?;
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

    fn limits(&self) -> Option<Refused> {
        let number = |keys: &[&str]| {
            let (text, value) = self.text(keys)?;
            Some((text.parse::<f64>().ok()?, value))
        };
        let pairs = [("cpus", "cpus"), ("pids_limit", "pids")];
        pairs.iter().find_map(|(short, long)| {
            let (here, value) = number(&[*short])?;
            let (there, other) = number(&["deploy", "resources", "limits", *long])?;
            let message = format!(
                "`{short}` is {}, and `deploy.resources.limits.{long}` is {}",
                value.written(),
                other.written()
            );
            let mut refused = self.refuse(Code::Conflict, value, short, message);
            refused
                .labels
                .push((other.place(), "the other number".to_owned()));
            // Compose reads them with less than the digits that are here.
            let differs = (here - there).abs() > 1e-3 && here != 0.0;
            differs.then(|| refused.allowing("keep one of them"))
        })
    }

    fn mounts(&self) -> Vec<Refused> {
        let mounts = self.get(&["volumes"]).map(Value::items).unwrap_or_default();
        let bad = mounts.iter().enumerate().filter_map(|(index, mount)| {
            let kind = mount
                .get("type")
                .filter(|kind| kind.text() == Some("bind"))?;
            let source = mount.get("source");
            let empty = source.is_none_or(|source| source.text() == Some(""));
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
            action.text().filter(|name| *name != "rebuild")?;
            let key = format!("develop.watch[{index}]");
            let message = format!("the action `{}` needs a `target`", action.written());
            let refused = self.refuse(Code::MissingKey, action, &key, message);
            let target = watch.get("target");
            target
                .is_none()
                .then(|| refused.allowing("only `rebuild` goes without one"))
        });
        bad.collect()
    }
}
