//! The engine that answers, and what it is asked.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Mutex, MutexGuard, PoisonError};
use upbeat::clock::Engine;
use upbeat::duration::Seconds;

/// One test at a time: each starts as many containers as the machine can take.
static ALONE: Mutex<()> = Mutex::new(());

pub struct Docker {
    pub engine: Engine,
    pub image: String,
    _alone: MutexGuard<'static, ()>,
}

impl Docker {
    /// The engine, if one answers whose clock is known.
    pub fn answering() -> Option<Self> {
        let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let version = Command::new("docker")
            .args(["version", "--format", "{{.Server.Version}}"])
            .output();
        let version = version.ok().filter(|output| output.status.success());
        let Some(version) = version else {
            println!("skipped: no Docker engine answers; tests/oracle/engine.sh starts one");
            return None;
        };
        let image = std::env::var("UPBEAT_ENGINE_IMAGE");
        match text(&version).parse() {
            Ok(engine) => Some(Self {
                engine,
                image: image.unwrap_or_else(|_| "busybox".to_owned()),
                _alone: alone,
            }),
            Err(error) => {
                println!("skipped: {error}");
                None
            }
        }
    }
}

/// What `docker` prints. It must succeed.
pub fn run(arguments: &[&str]) -> String {
    let output = Command::new("docker").args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    text(&output)
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// Removes a container at the end, whatever happens.
pub struct Removed(pub String);

impl Drop for Removed {
    fn drop(&mut self) {
        let _ = Command::new("docker")
            .args(["rm", "--force", "--volumes", &self.0])
            .output();
    }
}

/// The real docker-compose, if it has been fetched.
pub fn compose() -> Option<PathBuf> {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/oracle/docker-compose");
    if program.is_file() {
        return Some(program);
    }
    println!("skipped: no docker-compose; tests/oracle/fetch.sh brings it");
    None
}

/// Since 1970, of `2026-02-28T09:57:10.784448776Z`. None for the year 1, which the engine writes for what has not happened.
pub fn moment(text: &str) -> Option<Seconds> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let numbers = |text: &str, by| -> Option<Vec<i64>> {
        text.split(by).map(|number| number.parse().ok()).collect()
    };
    let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let [year, month, day] = numbers(date, '-')?[..] else {
        return None;
    };
    let [hours, minutes, seconds] = numbers(time, ':')?[..] else {
        return None;
    };
    // Years that begin in March end with the leap day.
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let leap_days = year / 4 - year / 100 + year / 400;
    let days = year * 365 + leap_days + (month * 153 + 2) / 5 + day - 1 - 719_468;
    let whole = Seconds::new(((days * 24 + hours) * 60 + minutes) * 60 + seconds);
    let nanos: i64 = format!("{fraction:0<9}")[..9].parse().ok()?;
    (year > 1).then(|| whole + Seconds::from_nanos(nanos))
}

#[test]
fn moments_are_read() {
    for (text, nanos) in [
        ("1970-01-01T00:00:00Z", Some(0)),
        ("2000-02-29T12:00:00.5Z", Some(951_825_600_500_000_000)),
        (
            "2026-11-24T09:57:10.784448776Z",
            Some(1_795_514_230_784_448_776),
        ),
        ("0001-01-01T00:00:00Z", None),
        ("soon", None),
    ] {
        assert_eq!(moment(text).map(Seconds::nanos), nanos, "{text}");
    }
}
