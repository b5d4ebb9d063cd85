//! `docker compose ps --format json`: since when a container is up, in words, and whether it is healthy.

use super::document::Places;
use super::model::{Limit, Reading, Ready, Startup, Why};
use super::read::ReadError;
use crate::duration::Seconds;
use serde_json::Value as Json;

/// Whether it is a container of the list.
pub(super) fn is_listed(object: &Json) -> bool {
    let is_text = |key: &str| object.get(key).is_some_and(Json::is_string);
    is_text("Service") && is_text("State") && is_text("Name")
}

/// Reads one container: healthy by now is an upper bound.
pub(super) fn read(
    object: &Json,
    places: &mut Places,
    reading: &mut Reading,
) -> Result<(), ReadError> {
    let text = |key: &str| object.get(key).and_then(Json::as_str).unwrap_or_default();
    let (service, container) = (text("Service"), text("Name"));
    places.advance(&format!(
        "\"{}\"",
        text(if object.get("ID").is_some() {
            "ID"
        } else {
            "Name"
        })
    ));
    if text("Health") != "healthy" || text("State") != "running" {
        let health = match text("Health") {
            "" => "has no healthcheck",
            "starting" => "is still starting",
            "unhealthy" => "is unhealthy",
            _ => "is not running",
        };
        let sentence = format!("`{container}` {health}: the list says nothing of its startup");
        reading.silent.push(sentence);
        return Ok(());
    }
    let status = text("Status");
    let Some(seconds) = at_most(status) else {
        let sentence = format!(
            "`{container}` is healthy, but the list does not say since when it is up (its Status is `{status}`)"
        );
        if status.is_empty() {
            return Err(ReadError::Unusable(sentence));
        }
        reading.silent.push(sentence);
        return Ok(());
    };
    let limit = Limit {
        seconds,
        why: Why::Listed,
        place: places.of(status),
    };
    reading.startups.push(Startup {
        service: Some(service.to_owned()),
        container: Some(container.to_owned()),
        stack: None,
        ready: Ready::AtMost(limit),
        steps: Vec::new(),
        at: None,
    });
    Ok(())
}

/// How long a container is up at the very most: Docker rounds down, so `2 minutes` may be all but 3 (`HumanDuration` of go-units; from
/// hours on it rounds to the nearest). From days on nothing is said of a startup.
fn at_most(status: &str) -> Option<Seconds> {
    let up = status.strip_prefix("Up ")?;
    let up = up.split(" (").next()?;
    let minutes = |number: i64| Seconds::new(number * 60);
    match up {
        "Less than a second" => return Some(Seconds::new(1)),
        "About a minute" => return Some(minutes(2)),
        "About an hour" => return Some(minutes(120)),
        _ => {}
    }
    let (number, unit) = up.split_once(' ')?;
    let number: i64 = number
        .parse()
        .ok()
        .filter(|number| (0..1_000).contains(number))?;
    match unit {
        "second" | "seconds" => Some(Seconds::new(number + 1)),
        "minute" | "minutes" => Some(minutes(number + 1)),
        "hour" | "hours" => Some(minutes((number + 1) * 60)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn since_when_it_is_up() {
        let seconds = |status: &str| at_most(status).map(|seconds| seconds.to_string());
        for (status, expected) in [
            ("Up Less than a second (health: starting)", "1"),
            ("Up 40 seconds (healthy)", "41"),
            ("Up About a minute (healthy)", "120"),
            ("Up 2 minutes (healthy)", "180"),
            ("Up 3 hours", "14400"),
        ] {
            assert_eq!(seconds(status).as_deref(), Some(expected), "{status}");
        }
        for status in [
            "",
            "Up 2 days (healthy)",
            "Exited (0) 2 minutes ago",
            "Up x seconds",
            "Up -1 seconds",
        ] {
            assert_eq!(seconds(status), None, "{status}");
        }
    }
}
