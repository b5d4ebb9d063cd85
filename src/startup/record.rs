//! The record of measured starts: `upbeat.startups.jsonl`, a line a start.
//!
//! Lines stand in any order, so that two branches merge by keeping both sides; a start that stands in several lines counts once.

use super::model::{Kind, Limit, Place, Reading, Ready, Startup, Step, Why};
use super::moment;
use super::read::ReadError;
use crate::duration::Seconds;
use serde_json::{Map, Value as Json};
use std::collections::HashMap;

/// The name of the file, at the project's root.
pub const NAME: &str = "upbeat.startups.jsonl";

/// How far apart the beginnings of one start may be, as seen by different sources.
const SAME: Seconds = Seconds::new(2);

/// One start as a line, without its end.
pub fn line(startup: &Startup) -> String {
    let mut object = Map::new();
    let mut text = |key: &str, value: &Option<String>| {
        if let Some(value) = value {
            object.insert(key.to_owned(), value.clone().into());
        }
    };
    text("service", &startup.service);
    text("stack", &startup.stack);
    text("container", &startup.container);
    text("at", &startup.at);
    let (least, most) = (startup.ready.least(), startup.ready.most());
    for (limit, key, why) in [
        (least, "at_least_s", "at_least_why"),
        (most, "at_most_s", "at_most_why"),
    ] {
        if let Some(limit) = limit {
            object.insert(key.to_owned(), number(limit.seconds));
            object.insert(why.to_owned(), limit.why.name().into());
        }
    }
    if !startup.steps.is_empty() {
        let steps = startup.steps.iter().map(|step| {
            let pairs = [
                ("name".to_owned(), step.name.clone().into()),
                ("seconds".to_owned(), number(step.seconds)),
            ];
            Json::Object(pairs.into_iter().collect())
        });
        object.insert("steps".to_owned(), steps.collect());
    }
    Json::Object(object).to_string()
}

/// Whole seconds as such: `70`, not `70.0`.
fn number(seconds: Seconds) -> Json {
    let whole = seconds.nanos() / 1_000_000_000;
    if Seconds::new(whole) == seconds {
        whole.into()
    } else {
        seconds.as_f64().into()
    }
}

/// The lines of those starts that a record does not have yet, or knows less of.
///
/// # Errors
/// If the record cannot be understood.
pub fn missing(record: &str, found: &[Startup]) -> Result<Vec<String>, ReadError> {
    let mut known = Merged::default();
    if !record.trim().is_empty() {
        for startup in reading(record)?.startups {
            known.add(startup);
        }
    }
    let mut lines = Vec::new();
    for startup in found {
        if known.add(startup.clone()) {
            lines.push(line(startup));
        }
    }
    Ok(lines)
}

/// The starts of a record, each once.
///
/// # Errors
/// If a line cannot be understood.
pub fn read(text: &str) -> Result<Vec<Startup>, ReadError> {
    Ok(reading(text)?.startups)
}

pub(super) fn reading(text: &str) -> Result<Reading, ReadError> {
    let mut merged = Merged::default();
    let mut offset = 0;
    for (index, raw) in text.split('\n').enumerate() {
        if !raw.trim().is_empty() {
            let at = Place {
                line: index as u64 + 1,
                offset,
                length: 1,
            };
            let startup = entry(raw, at).map_err(|what| {
                let line = index + 1;
                ReadError::unusable(format!("its line {line} is no recorded start: {what}"))
            })?;
            merged.add(startup);
        }
        offset += raw.len() as u64 + 1;
    }
    Ok(Reading {
        kind: Kind::Record,
        startups: merged.startups,
        missing: Vec::new(),
        silent: Vec::new(),
    })
}

/// The start of one line, which begins at a place.
fn entry(raw: &str, line: Place) -> Result<Startup, String> {
    let raw_text = raw.trim_end().trim_start_matches('\u{feff}');
    let object: Json = serde_json::from_str(raw_text).map_err(|error| {
        if raw.starts_with(['<', '=', '>']) {
            "a merge conflict stands in it; keep the lines of both sides".to_owned()
        } else {
            format!(
                "no JSON object ({})",
                if error.is_eof() {
                    "it is cut off"
                } else {
                    "it is malformed"
                }
            )
        }
    })?;
    let object = object.as_object().ok_or("no JSON object")?;
    let text = |key: &str| match object.get(key) {
        None | Some(Json::Null) => Ok(None),
        Some(Json::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(format!("`{key}` is no text")),
    };
    let limit = |key: &str, why: &str| -> Result<Option<Limit>, String> {
        let Some(value) = object.get(key).filter(|value| !value.is_null()) else {
            return Ok(None);
        };
        let seconds = seconds(value).ok_or_else(|| format!("`{key}` is no number of seconds"))?;
        let name = text(why)?.unwrap_or_default();
        let why =
            Why::named(&name).ok_or_else(|| format!("`{why}` is none of upbeat's reasons"))?;
        let (place, _) = place(raw, line, key, 0);
        Ok(Some(Limit {
            seconds,
            why,
            place,
        }))
    };
    let (least, most) = (
        limit("at_least_s", "at_least_why")?,
        limit("at_most_s", "at_most_why")?,
    );
    let ready = match (least, most) {
        (Some(least), Some(most)) if least.why == Why::Process && least.seconds == most.seconds => {
            Ready::Exactly(least)
        }
        _ => Ready::of(least, most)
            .ok_or("it has neither `at_least_s` nor `at_most_s`, or they contradict each other")?,
    };
    let at = text("at")?;
    if at.as_deref().is_some_and(|at| moment::parse(at).is_none()) {
        return Err("`at` is no moment such as 2025-11-01T10:30:00Z".to_owned());
    }
    let steps = steps(object, raw, line)?;
    let service = text("service")?;
    let container = text("container")?;
    if service.is_none() && container.is_none() {
        return Err("it has no `service`".to_owned());
    }
    Ok(Startup {
        service,
        container,
        stack: text("stack")?,
        ready,
        steps,
        at,
    })
}

/// Where the number of a key stands in a line, looked for from an offset on, and where it ends.
fn place(raw: &str, line: Place, key: &str, from: usize) -> (Place, usize) {
    let name = format!("\"{key}\"");
    let found = raw.get(from..).and_then(|rest| rest.find(&name));
    let at = found.map_or(0, |at| from + at + name.len());
    let skipped = raw[at..].len() - raw[at..].trim_start_matches([':', ' ']).len();
    let start = at + skipped;
    let is_number = |c: char| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '-' | '+');
    let length = raw[start..]
        .find(|c| !is_number(c))
        .unwrap_or(raw.len() - start);
    let place = Place {
        offset: line.offset + start as u64,
        length: u32::try_from(length.max(1)).unwrap_or(u32::MAX),
        ..line
    };
    (place, start + length)
}

fn steps(object: &Map<String, Json>, raw: &str, line: Place) -> Result<Vec<Step>, String> {
    let mut steps = Vec::new();
    let mut behind = raw.find("\"steps\"").unwrap_or_default();
    let written = match object.get("steps") {
        None | Some(Json::Null) => &[],
        Some(steps) => steps.as_array().ok_or("`steps` is no list")?.as_slice(),
    };
    for step in written {
        let name = step.get("name").and_then(Json::as_str);
        let length = step.get("seconds").and_then(seconds);
        let (Some(name), Some(length)) = (name, length) else {
            return Err("a step has no `name` or no `seconds`".to_owned());
        };
        let (place, next) = place(raw, line, "seconds", behind);
        behind = next;
        steps.push(Step {
            name: name.to_owned(),
            seconds: length,
            place,
        });
    }
    Ok(steps)
}

fn seconds(value: &Json) -> Option<Seconds> {
    const MOST: f64 = 1e9;
    let number = value
        .as_f64()
        .filter(|number| (0.0..=MOST).contains(number))?;
    Seconds::from_f64(number)
}

/// Starts, each once: what several sources tell of one is put together.
#[derive(Debug, Default)]
pub struct Merged {
    startups: Vec<Startup>,
    /// Their places in the list, by service and number of the replica, and by the time they began in steps of [`SAME`].
    known: HashMap<Key, Vec<usize>>,
}

type Key = (Option<String>, Option<u32>, Option<i64>);

fn key(startup: &Startup, step: Option<i64>) -> Key {
    (startup.service.clone(), replica(startup), step)
}

fn step(startup: &Startup) -> Option<i64> {
    let began = startup.at.as_deref().and_then(moment::parse)?;
    Some(began.order().div_euclid(SAME.nanos()))
}

impl Merged {
    /// Takes in a start; whether it tells anything new.
    pub fn add(&mut self, startup: Startup) -> bool {
        if let Some(index) = self.find(&startup) {
            return join(&mut self.startups[index], startup);
        }
        let key = key(&startup, step(&startup));
        self.known.entry(key).or_default().push(self.startups.len());
        self.startups.push(startup);
        true
    }

    /// Whether this start is among them.
    pub fn has(&self, startup: &Startup) -> bool {
        self.find(startup).is_some()
    }

    fn find(&self, startup: &Startup) -> Option<usize> {
        let near = match step(startup) {
            Some(step) => vec![Some(step - 1), Some(step), Some(step + 1)],
            None => vec![None],
        };
        let near = near.into_iter().map(|step| key(startup, step));
        let known = near.filter_map(|key| self.known.get(&key)).flatten();
        known
            .copied()
            .find(|index| is_same(&self.startups[*index], startup))
    }
}

/// The number of the replica in a container's name.
fn replica(startup: &Startup) -> Option<u32> {
    let container = startup.container.as_deref()?;
    let base = container.trim_end_matches(|c: char| c.is_ascii_digit());
    let number = container[base.len()..].parse().ok()?;
    base.ends_with(['-', '_']).then_some(number)
}

fn is_same(a: &Startup, b: &Startup) -> bool {
    let began = |startup: &Startup| startup.at.as_deref().and_then(moment::parse);
    let same_stack = a.stack == b.stack || a.stack.is_none() || b.stack.is_none();
    let same_time = match (began(a), began(b)) {
        (Some(a), Some(b)) => a.apart(b) <= SAME,
        // Nothing tells when: only what is measured tells them apart.
        (None, None) => measured(a) == measured(b),
        _ => false,
    };
    same_stack && same_time
}

/// What is known of a start, without its places.
fn measured(startup: &Startup) -> (Option<Seconds>, Option<Seconds>, Vec<(&str, Seconds)>) {
    let seconds = |limit: &Limit| limit.seconds;
    let steps = startup
        .steps
        .iter()
        .map(|step| (step.name.as_str(), step.seconds));
    let (least, most) = (startup.ready.least(), startup.ready.most());
    (least.map(seconds), most.map(seconds), steps.collect())
}

/// Puts together what two sources tell of one start: the narrower bounds, and the steps of the one that has more. Whether the second
/// tells anything that the first does not.
fn join(known: &mut Startup, other: Startup) -> bool {
    if matches!(known.ready, Ready::Exactly(_)) && known.steps.len() >= other.steps.len() {
        return false;
    }
    let mut joined = known.clone();
    if other.steps.len() > joined.steps.len() {
        joined.steps = other.steps;
    }
    let larger = |a: Option<&Limit>, b: Option<&Limit>| match (a, b) {
        (Some(a), Some(b)) if b.seconds > a.seconds => Some(*b),
        (a, b) => a.or(b).copied(),
    };
    let smaller = |a: Option<&Limit>, b: Option<&Limit>| match (a, b) {
        (Some(a), Some(b)) if b.seconds < a.seconds => Some(*b),
        (a, b) => a.or(b).copied(),
    };
    if let Ready::Exactly(_) = other.ready {
        joined.ready = other.ready;
    } else if !matches!(joined.ready, Ready::Exactly(_)) {
        let least = larger(joined.ready.least(), other.ready.least());
        let most = smaller(joined.ready.most(), other.ready.most());
        // Bounds that contradict each other are of different watches: the first stays.
        joined.ready = Ready::of(least, most).unwrap_or(joined.ready);
    }
    joined.stack = joined.stack.or(other.stack);
    let is_new = measured(&joined) != measured(known);
    *known = joined;
    is_new
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LINE: &str = r#"{"service":"backend","stack":"staging","container":"backend-1","at":"2025-11-01T10:30:00Z","at_least_s":70,"at_least_why":"total","steps":[{"name":"Checks","seconds":2.5},{"name":"Database migrations","seconds":45}]}"#;

    #[test]
    fn a_line_is_read_as_it_was_written() {
        let read = reading(LINE).unwrap().startups;
        assert_eq!(read.len(), 1);
        assert_eq!(line(&read[0]), LINE);
        let text = |place: Place| {
            let start = usize::try_from(place.offset).unwrap();
            &LINE[start..start + place.length as usize]
        };
        assert_eq!(text(read[0].ready.main().place), "70");
        assert_eq!(text(read[0].steps[0].place), "2.5");
        assert_eq!(text(read[0].steps[1].place), "45");
    }

    #[test]
    fn the_same_start_counts_once() {
        let later = LINE.replace("10:30:00Z", "10:30:01.5Z");
        let other = LINE.replace("10:30:00Z", "10:30:03Z");
        let replica = LINE.replace("backend-1", "backend-2");
        let text = format!("{LINE}\n\r\n{later}\n{other}\n{replica}\n{LINE}\n");
        assert_eq!(reading(&text).unwrap().startups.len(), 3);
        let found = reading(&text).unwrap().startups;
        assert!(missing(&text, &found).unwrap().is_empty());
        assert_eq!(missing("", &found).unwrap().len(), 3);
    }

    #[test]
    fn what_another_source_adds_is_put_together() {
        let probes = r#"{"service":"backend","container":"app-backend-1","at":"2025-11-01T10:30:00.5Z","at_least_s":80.25,"at_least_why":"failing-probe","at_most_s":95,"at_most_why":"success"}"#;
        let found = reading(probes).unwrap().startups;
        assert_eq!(missing(LINE, &found).unwrap(), [probes]);
        let both = reading(&format!("{LINE}\n{probes}")).unwrap().startups;
        assert_eq!(both.len(), 1);
        assert_eq!(
            (both[0].ready.words(), both[0].steps.len()),
            ("80.25s to 95s".to_owned(), 2)
        );
        // What is known to be longer than it may be is no better knowledge.
        let wrong = probes.replace("80.25", "20").replace("95", "30");
        let both = reading(&format!("{LINE}\n{wrong}")).unwrap().startups;
        assert_eq!(both[0].ready.words(), "at least 70s");
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        let is = |text: &str, words: &str| {
            let error = reading(&format!("{LINE}\n{text}")).unwrap_err().to_string();
            assert!(
                error.starts_with("its line 2 is no recorded start") && error.contains(words),
                "{error}"
            );
        };
        is("<<<<<<< HEAD", "merge conflict");
        is("hello", "malformed");
        is(&LINE[..50], "cut off");
        is("[]", "no JSON object");
        is(&LINE.replace("\"total\"", "\"guess\""), "at_least_why");
        is(&LINE.replace("_s\":70", "_s\":-70"), "no number of seconds");
        is(
            &LINE.replace("_s\":70", "_s\":\"70\""),
            "no number of seconds",
        );
        is(&LINE.replace("at_least_s", "some_s"), "neither");
        is(&LINE.replace("2025-11-01T", ""), "no moment");
        is(&LINE.replace("\"seconds\":45", "\"second\":45"), "a step");
        is(r#"{"at_least_s":1,"at_least_why":"total"}"#, "no `service`");
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,80}|[{}\":,a-z_0-9]{0,80}") {
            reading(&text).ok();
        }

        #[test]
        fn numbers_come_back(nanos in 0_i64..1_000_000_000_000_000) {
            let seconds = Seconds::from_nanos(nanos);
            let text = number(seconds).to_string();
            let read: Json = serde_json::from_str(&text).unwrap();
            let back = super::seconds(&read).unwrap();
            prop_assert!((back - seconds).nanos().abs() <= 100);
        }
    }
}
