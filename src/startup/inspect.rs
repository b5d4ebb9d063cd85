//! `docker inspect`: when a container started, and its last probes.
//!
//! Docker keeps the last five probes of a container, those of earlier starts among them. What they prove:
//! - the start of a probe that failed, before any succeeded, is a lower bound: a hanging probe may begin before the container is
//!   ready and end after it;
//! - the end of the first that succeeded is an upper bound;
//! - both only if it is certain that no probe of this start came before the first that is kept: a container that is up for days has
//!   five successes, and those say nothing about its startup.

use super::document::Places;
use super::model::{Limit, MissingTool, Reading, Ready, Startup, Why};
use super::moment::{self, Moment};
use super::read::ReadError;
use crate::duration::Seconds;
use serde_json::Value as Json;

/// How many probes Docker keeps (`maxLogEntries` in daemon/health.go).
const KEPT: usize = 5;

/// Docker's defaults: the interval, and the least that a start interval which is not written comes to (5 s from 27 on; before, the
/// interval).
const INTERVAL: i64 = 30_000_000_000;
const START_INTERVAL: i64 = 5_000_000_000;

/// What names a container.
#[derive(Clone)]
struct Named {
    service: Option<String>,
    container: Option<String>,
}

impl Named {
    fn words(&self) -> String {
        let name = self.container.as_ref().or(self.service.as_ref());
        name.map_or_else(|| "the container".to_owned(), |name| format!("`{name}`"))
    }
}

/// One probe of this start.
struct Probe<'a> {
    begin: Moment,
    end: Moment,
    /// As they are written.
    texts: (&'a str, &'a str),
    succeeded: bool,
    /// The tool that it could not start.
    missing: Vec<String>,
    output: &'a str,
}

/// Whether it is a whole container.
pub(super) fn is_container(object: &Json) -> bool {
    object.get("State").is_some_and(Json::is_object) && object.get("Id").is_some()
}

/// Whether it is a container's `State` alone.
pub(super) fn is_state(object: &Json) -> bool {
    object.get("StartedAt").is_some() && object.get("Status").is_some()
}

/// Whether it is `State.Health` alone.
pub(super) fn is_health(object: &Json) -> bool {
    object.get("FailingStreak").is_some() && object.get("Log").is_some()
}

/// Reads one container.
pub(super) fn read(
    object: &Json,
    places: &mut Places,
    reading: &mut Reading,
) -> Result<(), ReadError> {
    if is_health(object) && !is_container(object) {
        return Err(ReadError::unusable(
            "`State.Health` alone does not tell when the container started: give all that `docker inspect` prints",
        ));
    }
    let id = object.get("Id").and_then(Json::as_str).unwrap_or_default();
    places.advance(id);
    let state = if is_container(object) {
        &object["State"]
    } else {
        object
    };
    let label = |name: &str| {
        let label = object.pointer("/Config/Labels")?.get(name)?.as_str()?;
        Some(label.to_owned())
    };
    let name = object.get("Name").and_then(Json::as_str);
    let named = Named {
        service: label("com.docker.compose.service"),
        container: name.map(|name| name.trim_start_matches('/').to_owned()),
    };
    let started_text = text_of(state, "StartedAt", &named)?;
    let Some(started) = moment::parse(started_text) else {
        // The zero time of a container that was only created.
        if started_text.starts_with("0001-") {
            reading
                .silent
                .push(format!("{} has never been started", named.words()));
            return Ok(());
        }
        return Err(wrong(&named, "State.StartedAt"));
    };
    let log = match state.get("Health") {
        None | Some(Json::Null) => {
            reading.silent.push(format!(
                "{} has no healthcheck: inspect says nothing of its startup",
                named.words()
            ));
            return Ok(());
        }
        Some(health) => match health.get("Log") {
            None | Some(Json::Null) => &[],
            Some(log) => log
                .as_array()
                .ok_or_else(|| wrong(&named, "State.Health.Log"))?
                .as_slice(),
        },
    };
    let probes: Vec<Probe> = log
        .iter()
        .map(|entry| Probe::read(entry, &named))
        .collect::<Result<_, _>>()?;
    let kept = probes.len();
    let mut own: Vec<Probe> = probes
        .into_iter()
        .filter(|probe| !probe.begin.is_before(started))
        .collect();
    own.sort_by_key(|probe| probe.begin.order());
    missing_tools(&own, &named, places, reading);
    let is_complete = kept < KEPT || own.len() < kept || begins_with(&own, started, object);
    let status = state.pointer("/Health/Status").and_then(Json::as_str);
    match bounds(&own, is_complete, status, started, places) {
        Ok(ready) => reading.startups.push(Startup {
            service: named.service,
            container: named.container,
            stack: None,
            ready,
            steps: Vec::new(),
            at: Some(started_text.to_owned()),
        }),
        Err(why) => reading.silent.push(format!("{} {why}", named.words())),
    }
    Ok(())
}

/// Whether the first probe that is kept is the first of this start: for one before it there would have been no time.
fn begins_with(own: &[Probe], started: Moment, object: &Json) -> bool {
    let field = |name: &str| {
        let check = object.pointer("/Config/Healthcheck");
        let number = check
            .and_then(|check| check.get(name))
            .and_then(Json::as_i64);
        number.filter(|number| *number > 0)
    };
    // Without the healthcheck nothing is known of its interval.
    if object.pointer("/Config/Healthcheck/Test").is_none() {
        return false;
    }
    let interval = field("Interval").unwrap_or(INTERVAL);
    let start = field("StartPeriod").map(|_| field("StartInterval").unwrap_or(START_INTERVAL));
    let least = Seconds::from_nanos(start.map_or(interval, |start| start.min(interval)));
    let first = own.first().and_then(|probe| probe.begin.since(started));
    first.is_some_and(|(first, _)| first < least + least)
}

/// What the probes of one start prove, or why nothing.
fn bounds(
    own: &[Probe],
    is_complete: bool,
    status: Option<&str>,
    started: Moment,
    places: &Places,
) -> Result<Ready, &'static str> {
    let limit = |moment: Moment, text: &str, why| {
        let (seconds, _) = moment.since(started)?;
        let place = places.of(text);
        Some(Limit {
            seconds,
            why,
            place,
        })
    };
    if own.is_empty() {
        return Err("has not been probed yet since its start");
    }
    // A probe that could not be started says nothing of what it would have probed.
    let failed = |probes: &[Probe], why| {
        let last = probes.iter().rev().find(|probe| probe.missing.is_empty())?;
        limit(last.begin, last.texts.0, why)
    };
    let first = own.iter().position(|probe| probe.succeeded);
    match first {
        // The state is `starting` until a probe succeeds.
        None if is_complete || status == Some("starting") => {
            let least = failed(own, Why::NeverReady);
            Ready::of(least, None).ok_or("has no probe that could be started")
        }
        None => Err("fails its last five probes, and may have been ready before"),
        Some(_) if !is_complete => Err(
            "has been up for longer than the last five probes tell of: they say nothing of its startup",
        ),
        Some(at) => {
            let success = &own[at];
            let least = failed(&own[..at], Why::FailingProbe);
            let why = if at == 0 {
                Why::FirstProbe
            } else {
                Why::Success
            };
            let most = limit(success.end, success.texts.1, why);
            Ready::of(least, most).ok_or("has probes whose times contradict each other")
        }
    }
}

/// The tools that a probe of this start could not find, if none has succeeded.
fn missing_tools(own: &[Probe], named: &Named, places: &Places, reading: &mut Reading) {
    if own.iter().any(|probe| probe.succeeded) {
        return;
    }
    let Some(probe) = own.iter().find(|probe| !probe.missing.is_empty()) else {
        return;
    };
    for tool in &probe.missing {
        // As JSON writes it: where a quote stands before, it is escaped.
        let by_shell = format!("{tool}: not found");
        let line = [by_shell.as_str(), "executable file not found", "not found"]
            .into_iter()
            .find(|words| probe.output.contains(words))
            .unwrap_or_default();
        reading.missing.push(MissingTool {
            service: named.service.clone(),
            container: named.container.clone(),
            tool: tool.clone(),
            place: places.of(line),
        });
    }
}

impl<'a> Probe<'a> {
    fn read(entry: &'a Json, named: &Named) -> Result<Self, ReadError> {
        let texts = (
            text_of(entry, "Start", named)?,
            text_of(entry, "End", named)?,
        );
        let begin = moment::parse(texts.0).ok_or_else(|| wrong(named, "a probe's Start"))?;
        let end = moment::parse(texts.1).ok_or_else(|| wrong(named, "a probe's End"))?;
        let code = entry.get("ExitCode").and_then(Json::as_i64);
        let code = code.ok_or_else(|| wrong(named, "a probe's ExitCode"))?;
        let output = entry
            .get("Output")
            .and_then(Json::as_str)
            .unwrap_or_default();
        Ok(Self {
            begin,
            end,
            texts,
            succeeded: code == 0,
            missing: if code == 0 { Vec::new() } else { tools(output) },
            output,
        })
    }
}

/// The tools that a probe's output says are not there: by the runtime (`exec: "curl": executable file not found in $PATH`), or by the shell
/// (`/bin/sh: 1: curl: not found`, `bash: line 1: curl: command not found`).
fn tools(output: &str) -> Vec<String> {
    if let Some((before, _)) = output.split_once("\": executable file not found") {
        let name = before.rsplit('"').next().filter(|name| !name.is_empty());
        return name.map(str::to_owned).into_iter().collect();
    }
    let mut tools: Vec<String> = output.lines().filter_map(tool).collect();
    tools.sort();
    tools.dedup();
    tools
}

/// The tool that the shell could not find.
fn tool(line: &str) -> Option<String> {
    let line = line.trim();
    let before = line
        .strip_suffix(": command not found")
        .or_else(|| line.strip_suffix(": not found"))?;
    let (shell, name) = before.rsplit_once(": ")?;
    let shell = shell.split(':').next()?.rsplit('/').next()?;
    let is_shell = matches!(shell, "sh" | "bash" | "ash" | "dash");
    (is_shell && !name.contains(' ') && !name.is_empty()).then(|| name.to_owned())
}

fn text_of<'a>(object: &'a Json, key: &str, named: &Named) -> Result<&'a str, ReadError> {
    let text = object.get(key).and_then(Json::as_str);
    text.ok_or_else(|| wrong(named, key))
}

fn wrong(named: &Named, what: &str) -> ReadError {
    ReadError::unusable(format!(
        "it is no output of `docker inspect` as Docker prints it: {what} of {} is missing or wrong",
        named.words()
    ))
}
