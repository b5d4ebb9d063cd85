//! `docker events`: when containers started, and when they became healthy.
//!
//! The healthy event comes when the first probe has succeeded: up to one interval after the container was ready. So it bounds the startup
//! from above. The event of the start comes behind the start itself, by up to half a second on a machine under load; that is added.

use super::model::{Kind, Limit, Place, Reading, Ready, Startup, Why};
use super::moment::{self, Moment};
use super::read::ReadError;
use crate::duration::Seconds;
use serde_json::Value as Json;
use std::collections::HashMap;

/// How late the event of a start may be.
const LATE: Seconds = Seconds::from_millis(500);

/// What is known of the containers so far.
#[derive(Default)]
pub(super) struct Events {
    /// Containers that have started and were not healthy since, by their id.
    open: HashMap<String, Open>,
    startups: Vec<Startup>,
    /// Containers that ended, or were called unhealthy, before they were healthy.
    ended: Vec<String>,
    seen: usize,
}

struct Open {
    at: Moment,
    text: String,
    service: Option<String>,
    container: Option<String>,
}

/// One event of a container.
struct Event {
    at: Moment,
    text: String,
    action: String,
    id: String,
    service: Option<String>,
    container: Option<String>,
    /// Where its moment stands in the line.
    place: (usize, usize),
}

/// What an event can be about, as the text form has it.
const TYPES: [&str; 11] = [
    "builder",
    "config",
    "container",
    "daemon",
    "image",
    "network",
    "node",
    "plugin",
    "secret",
    "service",
    "volume",
];

/// Whether a line is an event of the text form.
pub(super) fn is_text(line: &str) -> bool {
    text_parts(line).is_some()
}

/// Whether an object is an event.
pub(super) fn is_event(object: &Json) -> bool {
    let has = |keys: [&str; 2]| keys.iter().any(|key| object.get(key).is_some());
    has(["Type", "type"]) && has(["Action", "action"]) && has(["time", "timeNano"])
}

/// Moment, type, action, id and attributes of `2026-08-12T19:36:45.984212851+07:00 container start 4f5e… (image=…, name=…)`.
fn text_parts(line: &str) -> Option<(Moment, usize, &str, &str, &str, &str)> {
    let (at, end) = moment::at_start(line)?;
    let rest = line[end..].strip_prefix(' ')?;
    let (kind, rest) = rest.split_once(' ')?;
    let (front, attributes) = rest.split_once(" (")?;
    let attributes = attributes.strip_suffix(')')?;
    let (action, id) = front.rsplit_once(' ')?;
    TYPES
        .contains(&kind)
        .then_some((at, end, kind, action, id, attributes))
}

impl Events {
    /// Takes in a line; whether it tells something. The last one may be cut off.
    pub(super) fn observe(
        &mut self,
        line: &str,
        number: u64,
        start: u64,
        is_last: bool,
    ) -> Result<bool, ReadError> {
        let line = line.trim_end();
        if line.trim().is_empty() {
            return Ok(false);
        }
        let event = match read(line) {
            Ok(Some(event)) => event,
            Ok(None) => return Ok(false),
            Err(()) if is_last => {
                return Err(ReadError::unusable(format!(
                    "its last line ({number}) ends in the middle of an event: it was cut off"
                )));
            }
            Err(()) => {
                return Err(ReadError::unusable(format!(
                    "its line {number} is no event of `docker events`, while those before it are"
                )));
            }
        };
        Ok(self.take(event, number, start))
    }

    fn take(&mut self, event: Event, number: u64, start: u64) -> bool {
        self.seen += 1;
        match event.action.as_str() {
            "start" => {
                let open = Open {
                    at: event.at,
                    text: event.text,
                    service: event.service,
                    container: event.container,
                };
                self.open.insert(event.id, open);
            }
            "die" => {
                if let Some(open) = self.open.remove(&event.id) {
                    self.end(&open, "ended before it was healthy");
                }
            }
            "health_status: healthy" => {
                let Some(open) = self.open.remove(&event.id) else {
                    return true;
                };
                let Some((seconds, precision)) = event.at.since(open.at) else {
                    self.end(&open, "is healthy before it started, by its events");
                    return true;
                };
                let (from, length) = event.place;
                let limit = Limit {
                    seconds: seconds + precision + LATE,
                    why: Why::HealthyEvent,
                    place: Place {
                        line: number,
                        offset: start + from as u64,
                        length: u32::try_from(length).unwrap_or(u32::MAX),
                    },
                };
                self.startups.push(Startup {
                    service: open.service,
                    container: open.container,
                    stack: None,
                    ready: Ready::AtMost(limit),
                    steps: Vec::new(),
                    at: Some(open.text),
                });
            }
            _ => return false,
        }
        true
    }

    fn end(&mut self, open: &Open, how: &str) {
        let name = open.container.as_ref().or(open.service.as_ref());
        let name = name.map_or("a container", String::as_str);
        // Crash loops are many.
        if self.ended.len() < 20 {
            self.ended
                .push(format!("`{name}` {how} (started {})", open.text));
        }
    }

    /// How much is held.
    pub(super) fn count(&self) -> usize {
        self.startups.len().max(self.open.len())
    }

    /// All that was told.
    pub(super) fn finish(mut self) -> Reading {
        let mut open: Vec<Open> = self.open.drain().map(|(_, open)| open).collect();
        open.sort_by(|a, b| (&a.text, &a.container).cmp(&(&b.text, &b.container)));
        for open in open {
            self.end(&open, "is not healthy by the last event");
        }
        Reading {
            kind: Kind::Events,
            startups: self.startups,
            missing: Vec::new(),
            silent: self.ended,
        }
    }
}

/// The event of a container in a line; nothing for one of something else.
fn read(line: &str) -> Result<Option<Event>, ()> {
    if line.starts_with('{') {
        return object(line);
    }
    let (at, end, kind, action, id, attributes) = text_parts(line).ok_or(())?;
    if kind != "container" {
        return Ok(None);
    }
    // Values may hold anything: what is looked for stands in front of a comma or at the end.
    let attribute = |name: &str| {
        let mut pairs = attributes
            .split(", ")
            .filter_map(|pair| pair.split_once('='));
        pairs
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value.to_owned())
    };
    Ok(Some(Event {
        at,
        text: line[..end].to_owned(),
        action: action.to_owned(),
        id: id.to_owned(),
        service: attribute("com.docker.compose.service"),
        container: attribute("name"),
        place: (0, end),
    }))
}

fn object(line: &str) -> Result<Option<Event>, ()> {
    let object: Json = serde_json::from_str(line).map_err(|_| ())?;
    if !is_event(&object) {
        return Err(());
    }
    let text = |keys: [&str; 2]| keys.iter().find_map(|key| object.get(key)?.as_str());
    if text(["Type", "type"]) != Some("container") {
        return Ok(None);
    }
    let attributes = object
        .pointer("/Actor/Attributes")
        .or(object.get("attributes"));
    let attribute = |name: &str| Some(attributes?.get(name)?.as_str()?.to_owned());
    let id = object
        .pointer("/Actor/ID")
        .or(object.get("id"))
        .and_then(Json::as_str);
    // `docker events` has numbers, `docker compose events --json` a text.
    let nanos = object.get("timeNano").and_then(Json::as_i64);
    let (at, printed, shown) = match (nanos, object.get("time")) {
        (Some(nanos), _) => {
            let at = Moment::from_nanos(nanos);
            (at, nanos.to_string(), at.text())
        }
        (None, Some(Json::String(text))) => {
            (moment::parse(text).ok_or(())?, text.clone(), text.clone())
        }
        (None, Some(seconds)) => {
            let seconds = seconds.as_i64().ok_or(())?;
            let at = Moment::whole_seconds(seconds).ok_or(())?;
            (at, seconds.to_string(), at.text())
        }
        (None, None) => return Err(()),
    };
    let place = line.find(&printed).map_or((0, 1), |at| (at, printed.len()));
    Ok(Some(Event {
        at,
        text: shown,
        action: text(["Action", "action"]).ok_or(())?.to_owned(),
        id: id.ok_or(())?.to_owned(),
        service: attribute("com.docker.compose.service")
            .or_else(|| Some(object.get("service")?.as_str()?.to_owned())),
        container: attribute("name"),
        place,
    }))
}
