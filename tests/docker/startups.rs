//! What is measured of real starts: containers whose startup is known, and what `upbeat measure` makes of what Docker says of them.

use super::engine::{self, Docker, compose, moment};
use serde_json::Value as Json;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Services, what they sleep until they are ready, and their interval, in seconds: no start has more probes than Docker keeps.
const SERVICES: [(&str, u32, u32); 3] = [("quick", 2, 1), ("middling", 5, 2), ("slow", 9, 3)];

/// What the container itself sees: the line that says that it is ready is printed right behind the moment in which it is.
const TOLERANCE: f64 = 0.05;

/// A compose project, which goes with all its containers.
struct Project {
    name: String,
    folder: tempfile::TempDir,
    program: PathBuf,
}

impl Project {
    fn new(image: &str, program: PathBuf) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut yaml = String::from("services:\n");
        for (name, sleep, interval) in SERVICES {
            let command = format!(
                "echo Entrypoint script for MariaDB Server 1 started.; sleep {sleep}; touch /ready; echo mariadbd: ready for connections.; exec sleep 1000"
            );
            writeln!(
                yaml,
                "  {name}:\n    image: {image}\n    network_mode: none\n    stop_signal: SIGKILL\n    command: [sh, -c, \"{command}\"]\n    healthcheck: {{test: [CMD, test, -f, /ready], interval: {interval}s, timeout: 1s, retries: 20}}"
            )
            .unwrap();
        }
        std::fs::write(folder.path().join("compose.yml"), yaml).unwrap();
        Self {
            name: format!("upbeat-measured-{}", std::process::id()),
            folder,
            program,
        }
    }

    fn compose(&self, arguments: &str) -> Output {
        Command::new(&self.program)
            .arg("--file")
            .arg(self.folder.path().join("compose.yml"))
            .args(["--project-name", &self.name])
            .args(arguments.split(' '))
            .output()
            .unwrap()
    }

    fn container(&self, service: &str) -> String {
        format!("{}-{service}-1", self.name)
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        let _ = self.compose("down --timeout 0 --volumes");
    }
}

/// What upbeat measures in a text.
fn measured(input: &[u8], service: Option<&str>) -> Vec<Json> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_upbeat"));
    command.args(["measure", "-", "--format", "json"]);
    if let Some(service) = service {
        command.args(["--service", service]);
    }
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        output.status.success(),
        "{}\n{text}",
        String::from_utf8_lossy(input)
    );
    let told: Json = serde_json::from_str(&text).unwrap();
    told["startups"].as_array().unwrap().clone()
}

fn inspect(container: &str) -> String {
    engine::run(&["inspect", container])
}

/// The container once it is healthy, as inspect shows it then: its last probes are its first.
fn healthy(container: &str) -> String {
    let begun = Instant::now();
    loop {
        let text = inspect(container);
        if text.contains("\"Status\": \"healthy\"") {
            return text;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "{text}");
        thread::sleep(Duration::from_millis(200));
    }
}

/// When a container was ready, by Docker's own timestamps: from `StartedAt`, and from its first line. Engines before 27 take
/// `StartedAt` when the process is running already, so that the line may come first; the start itself lies between the two.
fn truth(container: &str) -> (f64, f64) {
    let started = engine::run(&["inspect", "--format", "{{.State.StartedAt}}", container]);
    let log = engine::run(&["logs", "--timestamps", container]);
    let at = |line: &str| moment(line.split(' ').next().unwrap()).unwrap();
    let ready = at(log.lines().find(|line| line.contains("ready for")).unwrap());
    let first = at(log.lines().next().unwrap());
    let started = moment(&started).unwrap();
    ((ready - started).as_f64(), (ready - first).as_f64())
}

#[test]
#[ignore = "needs a Docker engine: tests/oracle/engine.sh"]
fn the_truth_lies_within_every_bound() {
    let (Some(docker), Some(program)) = (Docker::answering(), compose()) else {
        return;
    };
    let project = Project::new(&docker.image, program);
    let clock = || engine::run(&["info", "--format", "{{.SystemTime}}"]);
    let since = clock();
    let up = project.compose("up --detach");
    assert!(up.status.success(), "{up:?}");
    let inspected = SERVICES.map(|(service, ..)| healthy(&project.container(service)));
    thread::sleep(Duration::from_secs(1));
    let until = clock();
    let events = |more: &[&str]| {
        let mut arguments = vec!["events", "--since", &since, "--until", &until];
        arguments.extend(more);
        engine::run(&arguments)
    };
    let all: Vec<String> = SERVICES
        .iter()
        .map(|(service, ..)| project.container(service))
        .collect();
    let mut inspect_all = vec!["inspect"];
    inspect_all.extend(all.iter().map(String::as_str));
    let filter = ["--filter", "event=start", "--filter", "event=health_status"];
    let mut sources: Vec<(String, Vec<Json>)> = vec![
        ("events".to_owned(), measured(events(&[]).as_bytes(), None)),
        (
            "events, filtered".to_owned(),
            measured(events(&filter).as_bytes(), None),
        ),
        (
            "events, JSON".to_owned(),
            measured(events(&["--format", "{{json .}}"]).as_bytes(), None),
        ),
        (
            "ps".to_owned(),
            measured(&project.compose("ps --format json").stdout, None),
        ),
        (
            "compose logs -t".to_owned(),
            measured(
                &project.compose("logs --timestamps --no-color").stdout,
                None,
            ),
        ),
    ];
    for ((service, ..), text) in SERVICES.iter().zip(&inspected) {
        sources.push((
            format!("inspect {service}"),
            measured(text.as_bytes(), None),
        ));
        let log = engine::run(&["logs", "--timestamps", &project.container(service)]);
        sources.push((
            format!("logs -t {service}"),
            measured(log.as_bytes(), Some(service)),
        ));
    }
    let (mut wrong, mut checked) = (Vec::new(), 0);
    for (service, sleep, interval) in SERVICES {
        let (truth, from_line) = truth(&project.container(service));
        let longest = truth.max(from_line);
        println!("{service}: ready {truth:.3} s after its start ({sleep} s asleep)");
        for (source, startups) in &sources {
            for startup in startups
                .iter()
                .filter(|startup| startup["service"] == service)
            {
                let least = startup["at_least_s"].as_f64();
                let most = startup["at_most_s"].as_f64();
                println!("  {source:<18} {:>8} to {:>8}", shown(least), shown(most));
                checked += 1;
                let holds = least.is_none_or(|least| least <= longest + TOLERANCE)
                    && most.is_none_or(|most| truth - TOLERANCE <= most);
                // No bound may be so wide that it says nothing: an interval, a probe, and what is added for a late event.
                let is_near = source == "ps"
                    || most.is_none_or(|most| most <= truth + f64::from(interval) + 2.0);
                if !holds || !is_near {
                    wrong.push(format!(
                        "{service}, {source}: {truth} is not in {least:?} to {most:?}"
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // Three forms of events, ps, two forms of logs, and inspect, of each.
    assert_eq!(checked, 7 * SERVICES.len());
}

fn shown(bound: Option<f64>) -> String {
    bound.map_or_else(|| "-".to_owned(), |bound| format!("{bound:.3}"))
}
