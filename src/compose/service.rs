//! The typed view of a service: what rules about time read.

use super::start::{Start, start};
use super::value::{Data, Field as ValueField, From, NodeRef, Scalar, Through, Value};
use crate::duration::{self, Seconds};
use crate::source::Span;
use crate::yaml::{Resolved, Style, resolve};

/// A service of the effective model.
#[derive(Clone, Debug)]
pub struct Service {
    /// Its name.
    pub name: String,
    /// The name's bytes, in the last file that wrote it.
    pub key: Span,
    /// Its image, if one is named.
    pub image: Option<String>,
    /// Whether it is built.
    pub build: bool,
    /// How its container is made and started, where more is written than an image.
    pub start: Option<Box<Start>>,
    /// A fixed container name.
    pub container_name: Option<String>,
    /// The profiles that it needs; none means always.
    pub profiles: Vec<String>,
    /// What brings it back when it ends, if anything is written.
    pub restart: Option<Restart>,
    /// Containers that have to end well before its own starts (Compose 5.3 and later).
    pub pre_start: Option<Span>,
    /// Its health check.
    pub health: ServiceHealth,
    /// Ports of the host that it publishes.
    pub published: Vec<u16>,
    /// What it waits for, `links` and the like included.
    pub depends_on: Vec<Dependency>,
    /// Whether it gets containers.
    pub scale: Scale,
    /// The YAML mappings that it was merged from, in the order of the files.
    pub written: Vec<(NodeRef, Vec<Through>)>,
}

/// Whether a service gets containers: `scale`, else `deploy.replicas` (compose-go v2.9.1, types/types.go, `GetScale`). What is not known
/// counts as 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// It gets at least one.
    Some,
    /// `scale: 0`: nobody waits for it (docker compose v2.40.3, pkg/compose/convergence.go, `shouldWaitForDependency`).
    Zero,
    /// `deploy.replicas: 0`: nor does it wait for anybody (the same file, `startService`).
    Off,
}

/// `restart`, or `deploy.restart_policy`, which wins (docker compose v2.40.3, pkg/compose/create.go, `getRestartPolicy`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restart {
    /// As it is written: `unless-stopped`, `on-failure:3`; of `deploy.restart_policy` the condition, `no` where none is: Compose hands the
    /// engine an empty policy then, whatever `restart` says (`mapRestartPolicyCondition`).
    pub policy: String,
    /// Where it is written.
    pub span: Span,
    /// Whether it hangs on variables: a server may set them to something else.
    pub varies: bool,
}

impl Restart {
    /// Whether the engine starts a container again that ended with this code.
    pub fn brings_back(&self, code: i64) -> bool {
        match self.policy.split(':').next().unwrap_or_default() {
            "no" | "none" | "" | "false" => false,
            "on-failure" => code != 0,
            _ => true,
        }
    }
}

/// What the compose files say of a service's health.
#[derive(Clone, Debug)]
pub enum ServiceHealth {
    /// Nothing: only the image knows.
    Unset,
    /// `disable: true` or `test: NONE`: there is no check.
    Disabled(Span),
    /// A `healthcheck` mapping.
    Check(Box<HealthCheck>),
}

/// A `healthcheck` mapping, field by field.
#[derive(Clone, Debug)]
pub struct HealthCheck {
    /// The key `healthcheck`, in the last file that wrote it.
    pub key: Span,
    /// Whether `test` is written and not empty. Without it the image's check is used, and its numbers.
    pub has_test: bool,
    /// The probe: `CMD` or `CMD-SHELL` and the words behind it. Empty where there is none, or not all of it is known.
    pub test: Vec<String>,
    /// Where the probe is written.
    pub test_place: Option<Span>,
    /// `interval`.
    pub interval: Field<Seconds>,
    /// `timeout`.
    pub timeout: Field<Seconds>,
    /// `start_period`.
    pub start_period: Field<Seconds>,
    /// `start_interval`.
    pub start_interval: Field<Seconds>,
    /// `retries`.
    pub retries: Field<u64>,
    /// The YAML mappings that it was merged from, in the order of the files.
    pub written: Vec<(NodeRef, Vec<Through>)>,
}

/// A value that may be absent, unknown or wrong.
#[derive(Clone, Debug)]
pub enum Field<T> {
    /// It is not written.
    Absent,
    /// It is written.
    Known(T, Value),
    /// It hangs on variables that are not set here.
    Unknown(Vec<String>, Box<Value>),
    /// Docker refuses it: what is wrong, and the spelling that was probably meant.
    Invalid(String, Option<String>, Box<Value>),
}

impl HealthCheck {
    /// The fields that are lengths of time, by their keys.
    pub fn durations(&self) -> [(&'static str, &Field<Seconds>); 4] {
        [
            ("interval", &self.interval),
            ("timeout", &self.timeout),
            ("start_period", &self.start_period),
            ("start_interval", &self.start_interval),
        ]
    }
}

impl<T: Copy> Field<T> {
    /// The value, if it is known.
    pub fn known(&self) -> Option<T> {
        match self {
            Self::Known(value, _) => Some(*value),
            _ => None,
        }
    }

    /// The value as it is written.
    pub fn written(&self) -> Option<&Value> {
        match self {
            Self::Absent => None,
            Self::Known(_, value) => Some(value),
            Self::Unknown(_, value) | Self::Invalid(_, _, value) => Some(value),
        }
    }

    /// Whether it is known what Docker takes: a written value or, where there is none, its default.
    pub fn is_certain(&self) -> bool {
        matches!(self, Self::Absent | Self::Known(..))
    }
}

/// When a dependency lets its dependant start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// `service_started`
    Started,
    /// `service_healthy`
    Healthy,
    /// `service_completed_successfully`
    Completed,
}

impl Condition {
    /// The word in the file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Started => "service_started",
            Self::Healthy => "service_healthy",
            Self::Completed => "service_completed_successfully",
        }
    }
}

/// One edge of the start order.
#[derive(Clone, Debug)]
pub struct Dependency {
    /// The service that is waited for.
    pub service: String,
    /// For what.
    pub condition: Condition,
    /// `required: false` makes a failure a warning.
    pub required: bool,
    /// Where it is written.
    pub span: Span,
}

/// All services of a merged model.
pub(super) fn services(root: &Value) -> Vec<Service> {
    let services = root.get("services").and_then(Value::mapping);
    let fields = services
        .into_iter()
        .flat_map(|services| services.fields.iter());
    fields.map(|(name, field)| service(name, field)).collect()
}

/// One service of a merged model.
pub(super) fn service(name: &str, field: &ValueField) -> Service {
    let value = &field.value;
    let text = |key: &str| value.get(key).and_then(Value::text).map(str::to_owned);
    let profiles = value.get("profiles").map(Value::items).unwrap_or_default();
    Service {
        name: name.to_owned(),
        key: field.key,
        image: text("image"),
        build: value
            .get("build")
            .is_some_and(|build| !matches!(build.data, Data::Null)),
        start: start(value),
        container_name: text("container_name"),
        profiles: profiles
            .iter()
            .filter_map(Value::text)
            .map(str::to_owned)
            .collect(),
        restart: restart(value),
        pre_start: pre_start(value),
        health: health(
            value
                .mapping()
                .and_then(|mapping| mapping.fields.get("healthcheck")),
        ),
        published: value
            .get("ports")
            .map(Value::items)
            .unwrap_or_default()
            .iter()
            .flat_map(published)
            .collect(),
        depends_on: dependencies(value),
        scale: scale(value),
        written: value
            .mapping()
            .map(|_| value.mappings())
            .unwrap_or_default(),
    }
}

fn scale(service: &Value) -> Scale {
    let number = |value: &Value| value.text()?.parse::<u64>().ok();
    let replicas = service
        .get("deploy")
        .and_then(|deploy| deploy.get("replicas"));
    match (service.get("scale"), replicas) {
        (scale, Some(replicas)) if number(scale.unwrap_or(replicas)) == Some(0) => Scale::Off,
        (Some(scale), None) if number(scale) == Some(0) => Scale::Zero,
        _ => Scale::Some,
    }
}

fn pre_start(service: &Value) -> Option<Span> {
    let containers = service.get("pre_start")?;
    (!containers.items().is_empty()).then(|| containers.place())
}

fn restart(service: &Value) -> Option<Restart> {
    let deployed = service
        .get("deploy")
        .and_then(|deploy| deploy.get("restart_policy"));
    if let Some(policy) = deployed {
        let condition = policy.get("condition");
        return Some(Restart {
            policy: condition.map_or(Some("no"), Value::text)?.to_owned(),
            span: condition.map_or(policy.span, Value::place),
            varies: condition.is_some_and(varies),
        });
    }
    let written = service.get("restart")?;
    Some(Restart {
        policy: written.text()?.to_owned(),
        span: written.place(),
        varies: varies(written),
    })
}

fn varies(value: &Value) -> bool {
    let mut pieces = value.pieces().iter();
    pieces.any(|piece| piece.from != From::Literal)
}

/// The host's ports in `"8080:80"`, `"127.0.0.1:8080:80/tcp"`, `"8080-8081:80"` or `published: 8080`; random ports are
/// passed over. Of a range Docker takes one for each container.
fn published(port: &Value) -> impl Iterator<Item = u16> {
    let text = match port.get("published") {
        Some(published) => published.text(),
        None => port.text().and_then(|text| {
            let (before, _) = text.rsplit_once(':')?;
            before.rsplit(':').next()
        }),
    };
    let text = text.unwrap_or_default();
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let range = first.parse::<u16>().ok().zip(last.parse::<u16>().ok());
    range.into_iter().flat_map(|(first, last)| first..=last)
}

fn dependencies(service: &Value) -> Vec<Dependency> {
    let mut found: Vec<Dependency> = Vec::new();
    let written = service.get("depends_on").and_then(Value::mapping);
    for (name, field) in written
        .into_iter()
        .flat_map(|mapping| mapping.fields.iter())
    {
        let condition = field.value.get("condition").and_then(Value::text);
        found.push(Dependency {
            service: name.to_string(),
            condition: match condition {
                Some("service_healthy") => Condition::Healthy,
                Some("service_completed_successfully") => Condition::Completed,
                _ => Condition::Started,
            },
            required: field.value.get("required").and_then(Value::text) != Some("false"),
            span: field.value.get("condition").map_or(field.key, Value::place),
        });
    }
    // Compose starts these first too (compose-go v2.9.1, types/project.go, `GetDependencies`).
    let lists = ["links", "volumes_from"]
        .iter()
        .filter_map(|key| service.get(key));
    let single = ["network_mode", "ipc", "pid"]
        .iter()
        .filter_map(|key| service.get(key));
    let linked = lists
        .flat_map(Value::items)
        .filter_map(|item| Some((item.text()?.split(':').next()?, item)));
    let shared = single.filter_map(|value| Some((value.text()?.strip_prefix("service:")?, value)));
    for (name, value) in linked.chain(shared) {
        if name != "container" && found.iter().all(|dependency| dependency.service != name) {
            found.push(Dependency {
                service: name.to_owned(),
                condition: Condition::Started,
                required: true,
                span: value.span,
            });
        }
    }
    found.shrink_to_fit();
    found
}

fn health(field: Option<&ValueField>) -> ServiceHealth {
    let Some(field) = field.filter(|field| field.value.mapping().is_some()) else {
        return ServiceHealth::Unset;
    };
    let value = &field.value;
    let disable = value
        .get("disable")
        .filter(|disable| disable.text() == Some("true"));
    let test = value.get("test").map(Value::items).unwrap_or_default();
    let none = test.first().filter(|word| word.text() == Some("NONE"));
    if let Some(off) = disable.or(none) {
        return ServiceHealth::Disabled(off.span);
    }
    let duration = |key: &str| value.get(key).map_or(Field::Absent, duration_field);
    ServiceHealth::Check(Box::new(HealthCheck {
        key: field.key,
        has_test: !test.is_empty(),
        test: words(test),
        test_place: value.get("test").map(|test| match test.items() {
            // A plain string has been given its `CMD-SHELL`, which is written nowhere.
            [first, second] if first.span == second.span => second.place(),
            _ => test.span,
        }),
        interval: duration("interval"),
        timeout: duration("timeout"),
        start_period: duration("start_period"),
        start_interval: duration("start_interval"),
        retries: value.get("retries").map_or(Field::Absent, retries_field),
        written: value.mappings(),
    }))
}

/// The texts of a list; none where one is not known.
fn words(items: &[Value]) -> Vec<String> {
    let words: Option<Vec<String>> = items
        .iter()
        .map(|item| item.text().map(str::to_owned))
        .collect();
    words.unwrap_or_default()
}

fn scalar_field<T>(
    value: &Value,
    read: impl Fn(&Scalar) -> Result<T, (String, Option<String>)>,
) -> Field<T> {
    let owned = || Box::new(value.clone());
    match &value.data {
        // `interval:` with nothing behind it is refused by Compose; `!reset null` has been taken out before.
        Data::Null => Field::Invalid("there is no value".to_owned(), None, owned()),
        Data::Scalar(_) if !value.unknown().is_empty() => {
            Field::Unknown(value.unknown().to_vec(), owned())
        }
        Data::Scalar(scalar) => match read(scalar) {
            Ok(known) => Field::Known(known, value.clone()),
            Err((message, suggestion)) => Field::Invalid(message, suggestion, owned()),
        },
        Data::Sequence(_) | Data::Mapping(_) => {
            Field::Invalid("this is no single value".to_owned(), None, owned())
        }
    }
}

fn duration_field(value: &Value) -> Field<Seconds> {
    const SHORTEST: Seconds = Seconds::from_millis(1);
    scalar_field(value, |scalar| {
        let text = &scalar.text;
        if text.is_empty() {
            return Err(("the text is empty".to_owned(), None));
        }
        // A bare number is refused even where it is 0 (schema: string); from a variable it is a text.
        let resolved = resolve(text, scalar.style);
        match resolved {
            _ if scalar.interpolated => {}
            Resolved::Str => {}
            Resolved::Int(_) | Resolved::Float(_) => {
                return Err((format!("`{text}` has no unit"), Some(format!("{text}s"))));
            }
            Resolved::Null | Resolved::Bool(_) => {
                return Err((format!("`{text}` is no duration"), None));
            }
        }
        let parsed = duration::parse(text).map_err(|error| match error.problem() {
            duration::Problem::MissingUnit => (format!("`{text}` has no unit"), error.suggestion()),
            _ => (error.to_string(), error.suggestion()),
        })?;
        if parsed < Seconds::ZERO {
            return Err((format!("`{text}` is negative"), None));
        }
        // daemon/container.go, `validateHealthCheck` (v28.5.2).
        if parsed > Seconds::ZERO && parsed < SHORTEST {
            return Err((format!("`{text}` is shorter than 1ms"), None));
        }
        Ok(parsed)
    })
}

fn retries_field(value: &Value) -> Field<u64> {
    scalar_field(value, |scalar| {
        let refused = || {
            let digits: String = scalar
                .text
                .chars()
                .take_while(char::is_ascii_digit)
                .collect();
            let suggestion = (!digits.is_empty()).then_some(digits);
            Err((format!("`{}` is no whole number", scalar.text), suggestion))
        };
        match resolve(&scalar.text, Style::Plain) {
            Resolved::Int(number) if number < 0 => {
                Err((format!("`{}` is negative", scalar.text), None))
            }
            Resolved::Int(number) => u64::try_from(number).map_or_else(|_| refused(), Ok),
            // Compose cuts the fraction off (2.5 is 2).
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            Resolved::Float(number) if (0.0..1e9).contains(&number) => Ok(number as u64),
            _ => refused(),
        }
    })
}
