//! The effective model as `docker compose config --format json` prints it.
//!
//! [`types`] says of every attribute which Go type it has in compose-go v2.9.1 (`types/types.go`); from that follow the casts,
//! the order of the keys, and what is left out where it is empty.

mod project;
mod types;
mod words;

use super::scalars;
use super::value::{Data, Value};
use crate::duration::{self, Seconds};
use crate::yaml::{Problem, Resolved};
pub use project::Printed;
pub(super) use project::project;
use serde_json::{Map, Number, Value as Json, json};
pub(super) use words::words;

use types::{CONFIG, MODEL_CONFIG, NETWORK, SECRET, SERVICE, VOLUME};

/// What an attribute is to Go.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Text,
    Whole,
    /// A whole number that is kept where it is 0.
    KeptWhole,
    /// A whole number of 16 bits: what is larger loses its upper bits.
    Short,
    /// A 32-bit float.
    Float,
    Switch,
    /// A switch that is kept where it is off.
    KeptSwitch,
    /// Bytes, printed as a text.
    Bytes,
    Duration,
    /// A duration that is kept where it is 0.
    KeptDuration,
    /// The mode of a file, in octal.
    Mode,
    /// `all` or a number.
    Count,
    /// Words; a text is split as a shell does. Printed even where it is not there.
    Command,
    /// Texts; a single one is a list of one.
    Texts,
    /// Texts by name.
    Pairs,
    /// Texts or nothing by name.
    Environment,
    /// The same, but what has no value is left out.
    Arguments,
    Hosts,
    /// A number, or soft and hard.
    Limit,
    /// `name=path`.
    Keys,
    /// Lists of texts by name.
    Options,
    Struct(&'static [Attribute]),
    /// A struct that is printed even where it is not there.
    KeptStruct(&'static [Attribute]),
    /// Printed as this even where it is not there.
    Always(&'static Kind),
    List(&'static Kind),
    Map(&'static Kind),
}

/// A key of a struct, and what stands there.
pub(super) type Attribute = (&'static str, Kind);

/// What it is printed for: the two differ in what they leave out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// `--format json`
    #[default]
    Json,
    /// `--format yaml`
    Yaml,
}

/// Prints values and notes what does not fit.
pub(super) struct Printer<'a> {
    pub(super) form: Form,
    pub(super) refused: &'a mut Vec<Problem>,
}

impl Printer<'_> {
    /// A struct's keys, in Go's order.
    pub(super) fn object(&mut self, attributes: &[Attribute], value: &Value) -> Json {
        let mut object = Map::new();
        for (key, kind) in attributes {
            // Some fields have no name in JSON but Go's own.
            let name = key.to_ascii_lowercase();
            if let Some(printed) = self.field(kind, value.get(&name)) {
                let shown = if self.form == Form::Yaml {
                    name
                } else {
                    (*key).to_owned()
                };
                object.insert(shown, printed);
            }
        }
        if self.form == Form::Yaml {
            // A mount's `volume` is left out of YAML where it says nothing.
            if object.get("volume").is_some_and(is_empty) {
                object.shift_remove("volume");
            }
            object.extend(extensions(value));
        }
        Json::Object(object)
    }

    /// A struct that is not there, but for what is printed all the same.
    fn absent(&mut self, attributes: &[Attribute]) -> Json {
        let mut object = Map::new();
        for (key, kind) in attributes {
            if let Some(printed) = self.field(kind, None) {
                object.insert((*key).to_owned(), printed);
            }
        }
        Json::Object(object)
    }

    /// A field; `None` where Go leaves it out.
    fn field(&mut self, kind: &Kind, value: Option<&Value>) -> Option<Json> {
        let value = value.filter(|value| !value.is_null());
        match (kind, value) {
            (Kind::Command, None) if self.form == Form::Json => Some(Json::Null),
            (Kind::KeptStruct(attributes), None) if self.form == Form::Json => {
                Some(self.absent(attributes))
            }
            (Kind::Always(kind), None) => Some(match kind {
                Kind::Text => Json::from(""),
                Kind::Bytes => Json::from("0"),
                _ => Json::from(0),
            }),
            (_, None) => None,
            (Kind::Always(kind), Some(value)) => match self.value(kind, value) {
                Json::String(text) if text.is_empty() => self.field(&Kind::Always(kind), None),
                printed => Some(printed),
            },
            (kind, Some(value)) => {
                let printed = self.value(kind, value);
                let kept = matches!(
                    kind,
                    Kind::KeptWhole
                        | Kind::KeptSwitch
                        | Kind::KeptDuration
                        | Kind::Mode
                        | Kind::Command
                        | Kind::Struct(_)
                ) || (self.form == Form::Json && matches!(kind, Kind::KeptStruct(_)))
                    // Hosts that are named count, also where none has an address.
                    || (matches!(kind, Kind::Hosts)
                        && value.mapping().is_some_and(|map| !map.fields.is_empty()));
                (kept || !is_empty(&printed)).then_some(printed)
            }
        }
    }

    fn value(&mut self, kind: &Kind, value: &Value) -> Json {
        match kind {
            Kind::Text => Json::String(scalars::text(value)),
            Kind::Count if scalars::text(value).eq_ignore_ascii_case("all") => Json::from(-1),
            // Go wraps it.
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            Kind::Short => Json::from(self.whole(value).as_i64().unwrap_or_default() as u16),
            Kind::Whole | Kind::KeptWhole | Kind::Count => self.whole(value),
            Kind::Float => self.float(value),
            Kind::Switch | Kind::KeptSwitch => match scalars::boolean(&scalars::text(value)) {
                Some(on) => Json::Bool(on),
                None => self.refuse(
                    value,
                    "is no switch: write true or false",
                    Json::Bool(false),
                ),
            },
            Kind::Bytes => self.bytes(value),
            Kind::Duration | Kind::KeptDuration => self.duration(kind, value),
            Kind::Mode => Json::String(mode(value)),
            Kind::Command => self.command(value),
            Kind::Texts => Json::Array(texts(value).into_iter().map(Json::String).collect()),
            Kind::Pairs => pairs(value, |text| Some(Json::String(text.unwrap_or_default()))),
            Kind::Environment => pairs(value, |text| Some(text.map_or(Json::Null, Json::String))),
            Kind::Arguments => pairs(value, |text| text.map(Json::String)),
            Kind::Hosts => hosts(value),
            Kind::Limit => self.limit(value),
            Kind::Keys => keys(value),
            Kind::Options => {
                let option = |value: &Value| Json::from(texts(value));
                sorted(value, |value| Some(option(value)))
            }
            Kind::Struct(attributes) | Kind::KeptStruct(attributes) => {
                self.object(attributes, value)
            }
            Kind::Always(kind) => self.value(kind, value),
            Kind::List(kind) => {
                let items = value.items().iter();
                Json::Array(items.map(|item| self.value(kind, item)).collect())
            }
            Kind::Map(kind) => sorted(value, |value| {
                Some(if value.is_null() {
                    Json::Null
                } else {
                    self.value(kind, value)
                })
            }),
        }
    }

    fn refuse(&mut self, value: &Value, message: &str, instead: Json) -> Json {
        self.refused.push(Problem {
            span: value.span,
            message: format!("`{}` {message}", scalars::text(value)),
        });
        instead
    }

    fn whole(&mut self, value: &Value) -> Json {
        match value.scalar().map(scalars::resolved) {
            Some(Resolved::Int(number)) => Json::from(number),
            // What a float has behind the point is cut off, and what is too large is wrapped.
            Some(Resolved::Float(number)) => {
                let wrapped = scalars::text(value).parse::<u64>().map(u64::cast_signed);
                Json::from(wrapped.unwrap_or_else(|_| scalars::cut(number)))
            }
            _ => match scalars::text(value).parse::<i64>() {
                Ok(number) => Json::from(number),
                Err(_) => self.refuse(value, "is no whole number", Json::from(0)),
            },
        }
    }

    fn float(&mut self, value: &Value) -> Json {
        #[allow(clippy::cast_possible_truncation)]
        match scalars::number(&scalars::text(value)) {
            Some(number) if number.is_finite() => float32(number as f32),
            Some(_) => self.refuse(value, "cannot be printed as JSON", Json::from(0)),
            None => self.refuse(value, "is no number", Json::from(0)),
        }
    }

    fn bytes(&mut self, value: &Value) -> Json {
        let bytes = match value.scalar().map(scalars::resolved) {
            Some(Resolved::Int(bytes)) => Some(bytes),
            // Go takes whole numbers and texts, and passes over the rest.
            Some(Resolved::Float(_)) => Some(0),
            _ => scalars::bytes(&scalars::text(value)),
        };
        match bytes {
            // What comes to nothing is left out, like any zero.
            Some(0) => Json::String(String::new()),
            Some(bytes) => Json::String(bytes.to_string()),
            None => self.refuse(value, "is no size: write 512m or 1g", Json::from("")),
        }
    }

    fn duration(&mut self, kind: &Kind, value: &Value) -> Json {
        let text = scalars::text(value);
        match duration::parse(&text) {
            Ok(Seconds::ZERO) if matches!(kind, Kind::Duration) => Json::String(String::new()),
            Ok(length) => Json::String(go_duration(length)),
            Err(_) => self.refuse(value, "is no duration: write 90s or 1m30s", Json::from("")),
        }
    }

    fn command(&mut self, value: &Value) -> Json {
        if value.scalar().is_none() {
            return Json::from(texts(value));
        }
        match words(&scalars::text(value)) {
            Some(words) => Json::from(words),
            None => self.refuse(value, "has a quote that is not closed", Json::Null),
        }
    }

    fn limit(&mut self, value: &Value) -> Json {
        if value.scalar().is_some() {
            return match self.whole(value) {
                number if number == 0 => Json::Object(Map::new()),
                number => number,
            };
        }
        if self.form == Form::Yaml {
            let mut number = |key: &str| value.get(key).map_or(Json::from(0), |n| self.whole(n));
            return json!({ "soft": number("soft"), "hard": number("hard") });
        }
        self.object(&[("soft", Kind::Whole), ("hard", Kind::Whole)], value)
    }
}

/// Whether Go's `omitempty` leaves it out.
fn is_empty(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::Bool(on) => !on,
        Json::Number(number) => number.as_f64() == Some(0.0),
        Json::String(text) => text.is_empty(),
        Json::Array(items) => items.is_empty(),
        Json::Object(fields) => fields.is_empty(),
    }
}

/// Go prints the shortest decimals that give the same 32-bit float, and no `.0`.
fn float32(number: f32) -> Json {
    let double: f64 = number.to_string().parse().unwrap_or_default();
    number_json(double)
}

#[allow(clippy::cast_possible_truncation)]
fn number_json(number: f64) -> Json {
    if number.fract() == 0.0 && number.abs() < 1e15 {
        return Json::from(number as i64);
    }
    Number::from_f64(number).map_or(Json::Null, Json::Number)
}

/// A text is read in octal, a number is taken as it is (`types.FileMode`).
fn mode(value: &Value) -> String {
    let number = match value.scalar().map(scalars::resolved) {
        Some(Resolved::Int(number)) => number,
        _ => i64::from_str_radix(&scalars::text(value), 8).unwrap_or_default(),
    };
    let sign = if number < 0 { "-" } else { "" };
    format!("0{sign}{:o}", number.unsigned_abs())
}

fn texts(value: &Value) -> Vec<String> {
    match &value.data {
        Data::Sequence(items) => items.iter().map(scalars::text).collect(),
        Data::Scalar(_) => vec![scalars::text(value)],
        Data::Null | Data::Mapping(_) => Vec::new(),
    }
}

/// A map with its keys in order.
fn sorted(value: &Value, mut print: impl FnMut(&Value) -> Option<Json>) -> Json {
    let mut fields: Vec<(String, Json)> = Vec::new();
    for (key, field) in value.mapping().into_iter().flat_map(|m| m.fields.iter()) {
        fields.extend(print(&field.value).map(|printed| (key.to_string(), printed)));
    }
    fields.sort_by(|a, b| a.0.cmp(&b.0));
    Json::Object(fields.into_iter().collect())
}

fn pairs(value: &Value, print: impl Fn(Option<String>) -> Option<Json>) -> Json {
    let print = |value: &Value| print((!value.is_null()).then(|| scalars::text(value)));
    if value.mapping().is_some() {
        return sorted(value, print);
    }
    let mut value = value.clone();
    super::canonical::key_values(&mut value);
    sorted(&value, print)
}

/// `host=address`, in order (`types.HostsList`).
fn hosts(value: &Value) -> Json {
    let mut hosts: Vec<String> = Vec::new();
    let mut push = |host: &str, address: &str| {
        let inner = address
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'));
        let address = inner.filter(|inner| !inner.is_empty()).unwrap_or(address);
        hosts.push(format!("{host}={address}"));
    };
    for text in texts(value) {
        if let Some((host, addresses)) = text.split_once('=').or_else(|| text.split_once(':')) {
            addresses.split(',').for_each(|address| push(host, address));
        }
    }
    for (host, field) in value.mapping().into_iter().flat_map(|m| m.fields.iter()) {
        match &field.value.data {
            Data::Null => push(host, ""),
            _ => texts(&field.value)
                .iter()
                .for_each(|address| push(host, address)),
        }
    }
    hosts.sort();
    Json::from(hosts)
}

fn keys(value: &Value) -> Json {
    let mut value = value.clone();
    super::canonical::key_values(&mut value);
    let fields = value.mapping().into_iter().flat_map(|m| m.fields.iter());
    let mut keys: Vec<String> = fields
        .map(|(name, field)| match scalars::text(&field.value) {
            path if path.is_empty() => name.to_string(),
            path => format!("{name}={path}"),
        })
        .collect();
    keys.sort();
    Json::from(keys)
}

/// The `x-` keys of a mapping, in order.
fn extensions(value: &Value) -> Vec<(String, Json)> {
    let fields = value.mapping().into_iter().flat_map(|m| m.fields.iter());
    let own = fields.filter(|(key, _)| key.starts_with("x-"));
    let mut found: Vec<(String, Json)> = own
        .map(|(key, field)| (key.to_string(), anything(&field.value)))
        .collect();
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found
}

/// Anything, as it is written: what stands below an `x-` key.
pub(super) fn anything(value: &Value) -> Json {
    match &value.data {
        Data::Null => Json::Null,
        Data::Sequence(items) => Json::Array(items.iter().map(anything).collect()),
        Data::Mapping(_) => sorted(value, |value| Some(anything(value))),
        Data::Scalar(scalar) => match scalars::resolved(scalar) {
            Resolved::Bool(on) => Json::Bool(on),
            Resolved::Int(number) => Json::from(number),
            Resolved::Float(number) => number_json(number),
            Resolved::Null => Json::Null,
            Resolved::Str => Json::String(scalar.text.to_string()),
        },
    }
}

/// A duration as Go's `time.Duration` prints it: `1m30s`, `1.5s`, `500ms`.
pub(super) fn go_duration(length: Seconds) -> String {
    let nanos = length.nanos();
    let sign = if nanos < 0 { "-" } else { "" };
    let nanos = nanos.unsigned_abs();
    let fraction = |whole: u64, rest: u64, width: usize| match rest {
        0 => whole.to_string(),
        rest => format!(
            "{whole}.{}",
            format!("{rest:0width$}").trim_end_matches('0')
        ),
    };
    let text = match nanos {
        0 => "0s".to_owned(),
        1..1_000 => format!("{nanos}ns"),
        1_000..1_000_000 => format!("{}µs", fraction(nanos / 1_000, nanos % 1_000, 3)),
        1_000_000..1_000_000_000 => {
            format!("{}ms", fraction(nanos / 1_000_000, nanos % 1_000_000, 6))
        }
        _ => {
            let (whole, rest) = (nanos / 1_000_000_000, nanos % 1_000_000_000);
            let seconds = fraction(whole % 60, rest, 9);
            match (whole / 3600, whole / 60 % 60) {
                (0, 0) => format!("{seconds}s"),
                (0, minutes) => format!("{minutes}m{seconds}s"),
                (hours, minutes) => format!("{hours}h{minutes}m{seconds}s"),
            }
        }
    };
    format!("{sign}{text}")
}
