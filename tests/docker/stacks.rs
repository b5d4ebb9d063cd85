//! Whole stacks: how `docker compose up` ends, and when each service starts.

use super::behaviours;
use super::engine::{self, Docker, Removed, compose, moment};
use std::fmt::Write;
use std::path::Path;
use std::process::{Command, Output};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use upbeat::clock::{Graph, Overheads, Start, Up};
use upbeat::duration::Seconds;

/// By how much a moment may be off: a look more or less, and what the machine was busy with.
const TOLERANCE: Seconds = Seconds::from_millis(700);

/// A service: its name, its command, its healthcheck (interval, timeout, retries, start period) and what it needs.
struct Service {
    name: &'static str,
    command: String,
    check: Option<(f64, f64, u64, f64)>,
    needs: &'static [(&'static str, &'static str)],
    /// More lines, in place.
    more: &'static str,
}

const FOR_EVER: &str = "exec sleep 1000";

fn ready(after: f64) -> String {
    format!("sleep {after}; touch /ready; {FOR_EVER}")
}

fn service(name: &'static str, command: impl Into<String>) -> Service {
    Service {
        name,
        command: command.into(),
        check: None,
        needs: &[],
        more: "",
    }
}

impl Service {
    fn checked(self, interval: f64, timeout: f64, retries: u64, start_period: f64) -> Self {
        Self {
            check: Some((interval, timeout, retries, start_period)),
            ..self
        }
    }

    fn needs(self, needs: &'static [(&'static str, &'static str)]) -> Self {
        Self { needs, ..self }
    }

    fn more(self, more: &'static str) -> Self {
        Self { more, ..self }
    }

    fn yaml(&self, image: &str) -> String {
        let mut yaml = format!(
            "  {}:\n    image: {image}\n    network_mode: none\n    stop_signal: SIGKILL\n    command: [\"sh\", \"-c\", \"{}\"]\n{}",
            self.name, self.command, self.more
        );
        if let Some((interval, timeout, retries, start_period)) = self.check {
            write!(
                yaml,
                "    healthcheck:\n      test: [\"CMD-SHELL\", \"test -f /ready || exit 1\"]\n      interval: {interval}s\n      timeout: {timeout}s\n      retries: {retries}\n      start_period: {start_period}s\n"
            )
            .unwrap();
        }
        if !self.needs.is_empty() {
            yaml.push_str("    depends_on:\n");
        }
        for (target, condition) in self.needs {
            writeln!(yaml, "      {target}:\n        condition: {condition}").unwrap();
        }
        yaml
    }
}

struct Case {
    name: String,
    arguments: &'static str,
    services: Vec<Service>,
}

/// The story at a tenth of its size: staging, with the redis of production, which is probed less often. Timeouts are a second, since a probe needs a tenth of one itself.
fn story(
    state: &str,
    backend: (f64, f64, u64, f64),
    ready_at: Option<f64>,
    arguments: &'static str,
) -> Case {
    const BOTH: &[(&str, &str)] = &[("db", "service_healthy"), ("redis", "service_healthy")];
    let (interval, timeout, retries, start_period) = backend;
    let command = ready_at.map_or_else(|| FOR_EVER.to_owned(), ready);
    let named = ready_at.map_or("never ready".to_owned(), |at| format!("ready at {at} s"));
    Case {
        name: format!("story {state}, {named}"),
        arguments,
        services: vec![
            service("db", ready(1.0)).checked(3.0, 1.0, 5, 3.0),
            service("redis", ready(0.2)).checked(3.0, 1.0, 5, 2.0),
            service("backend", command)
                .checked(interval, timeout, retries, start_period)
                .needs(BOTH),
            service("frontend", ready(2.0))
                .checked(4.5, 1.0, 3, 6.0)
                .needs(&[("backend", "service_healthy")]),
            service("proxy", ready(0.3))
                .checked(3.0, 1.0, 3, 1.5)
                .needs(&[("frontend", "service_healthy")]),
        ],
    }
}

fn small(name: &str, arguments: &'static str, services: Vec<Service>) -> Case {
    Case {
        name: name.to_owned(),
        arguments,
        services,
    }
}

const DETACHED: &str = "up -d";
const WAIT: &str = "up --wait";

fn cases() -> Vec<Case> {
    const JOB: &[(&str, &str)] = &[("job", "service_completed_successfully")];
    const OPTIONAL: &[(&str, &str)] = &[(
        "job",
        "service_completed_successfully\n        required: false",
    )];
    let (before, halfway, after) = ((4.5, 1.0, 3, 9.0), (3.0, 1.0, 5, 18.0), (2.0, 1.0, 3, 20.0));
    let slow = || service("db", ready(3.5)).checked(1.0, 1.0, 20, 0.0);
    let off = "    healthcheck:\n      disable: true\n";
    let mut cases = Vec::new();
    for (state, backend) in [("halfway", halfway), ("after", after), ("before", before)] {
        cases.push(story(state, backend, None, DETACHED));
        cases.push(story(state, backend, Some(18.0), WAIT));
    }
    cases.extend([
        small(
            "chain over a service_started edge",
            WAIT,
            vec![
                service("db", ready(1.5)).checked(1.0, 1.0, 9, 0.0),
                service("api", ready(2.5))
                    .checked(1.0, 1.0, 9, 0.0)
                    .needs(&[("db", "service_healthy")]),
                service("web", FOR_EVER).needs(&[("api", "service_started")]),
            ],
        ),
        small(
            "a dependency exits",
            DETACHED,
            vec![
                service("job", "sleep 1.3; exit 7").checked(1.0, 1.0, 9, 0.0),
                service("web", FOR_EVER).needs(&[("job", "service_healthy")]),
            ],
        ),
        small(
            "a job fails",
            DETACHED,
            vec![
                service("job", "sleep 1.2; exit 3"),
                service("web", FOR_EVER).needs(JOB),
            ],
        ),
        small(
            "an optional job fails",
            DETACHED,
            vec![
                service("job", "sleep 1.2; exit 3"),
                service("web", FOR_EVER).needs(OPTIONAL),
            ],
        ),
        small(
            "no healthcheck to wait for",
            DETACHED,
            vec![
                service("db", FOR_EVER),
                service("web", FOR_EVER).needs(&[("db", "service_healthy")]),
            ],
        ),
        small(
            "a disabled healthcheck under --wait",
            WAIT,
            vec![service("db", FOR_EVER).more(off)],
        ),
        small(
            "a job under --wait, gone",
            WAIT,
            vec![service("job", "sleep 0")],
        ),
        small(
            "a job under --wait, running",
            WAIT,
            vec![service("job", "sleep 3")],
        ),
        small(
            "a limit that is kept",
            "up --wait --wait-timeout 15",
            vec![slow()],
        ),
        small(
            "a limit that is passed",
            "up --wait --wait-timeout 2",
            vec![slow()],
        ),
    ]);
    cases
}

/// A case, computed: with what the programs typically need, and with the most that they needed here meanwhile.
struct Said {
    graph: Graph,
    least: Start,
    most: Start,
}

/// What happened.
struct Seen {
    code: Option<i32>,
    returned: Seconds,
    last_line: String,
    /// When the first container of each service was started.
    started: Vec<Option<Seconds>>,
}

impl Case {
    fn yaml(&self, image: &str) -> String {
        let services = self.services.iter().map(|service| service.yaml(image));
        format!("services:\n{}", services.collect::<String>())
    }

    fn said(&self, docker: &Docker, most: &Overheads) -> Said {
        let (graph, behaviours) = behaviours::read(&self.yaml(&docker.image), &docker.engine);
        let words: Vec<&str> = self.arguments.split(' ').collect();
        let limit = words.iter().position(|word| *word == "--wait-timeout");
        let up = Up {
            wait: words.contains(&"--wait"),
            wait_timeout: limit.map(|at| Seconds::new(words[at + 1].parse().unwrap())),
        };
        Said {
            least: graph.up(up, &Overheads::default(), &behaviours),
            most: graph.up(up, most, &behaviours),
            graph,
        }
    }

    fn run(&self, docker: &Docker, project: &Project) -> Seen {
        std::fs::write(project.file(), self.yaml(&docker.image)).unwrap();
        let begun = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let begun = Seconds::from_nanos(i64::try_from(begun.as_nanos()).unwrap());
        let clock = Instant::now();
        let output = project.compose(self.arguments);
        let returned = Seconds::from_f64(clock.elapsed().as_secs_f64()).unwrap();
        let started = self.services.iter().map(|service| {
            let container = project.container(service.name);
            let format = "{{.State.StartedAt}}";
            let at = engine::run(&["inspect", "--format", format, &container]);
            moment(&at).map(|at| at - begun)
        });
        let started = started.collect();
        let errors = String::from_utf8_lossy(&output.stderr);
        Seen {
            code: output.status.code(),
            returned,
            last_line: errors.lines().last().unwrap_or_default().trim().to_owned(),
            started,
        }
    }
}

/// A project of its own, which goes with all its containers.
struct Project {
    name: String,
    folder: tempfile::TempDir,
    program: std::path::PathBuf,
}

impl Project {
    fn file(&self) -> std::path::PathBuf {
        self.folder.path().join("compose.yml")
    }

    fn container(&self, service: &str) -> String {
        format!("{}-{service}-1", self.name)
    }

    fn compose(&self, arguments: &str) -> Output {
        let mut command = Command::new(Path::new(&self.program));
        command.arg("--file").arg(self.file());
        command.args(["--project-name", &self.name]);
        command.args(arguments.split(' ')).output().unwrap()
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        let _ = self.compose("down --timeout 0 --volumes");
    }
}

/// Whether a moment lies where it may.
fn fits(least: Option<Seconds>, seen: Option<Seconds>, most: Option<Seconds>) -> bool {
    match (least, seen, most) {
        (None, None, None) => true,
        (Some(least), Some(seen), Some(most)) => {
            least - TOLERANCE <= seen && seen <= most + TOLERANCE
        }
        _ => false,
    }
}

/// What is wrong, if anything is.
fn differences(said: &Said, seen: &Seen, project: &Project) -> Vec<String> {
    let Said { graph, least, most } = said;
    let mut wrong = Vec::new();
    if !least.is_certain || !most.is_certain {
        return wrong;
    }
    if (least.exit_code(), most.exit_code()) != (seen.code, seen.code) {
        wrong.push("the exit code".to_owned());
    }
    if let Some(failure) = least.failure {
        let service = &graph.nodes()[failure.target].name;
        let message = failure.message(service, &project.container(service));
        if seen.last_line != message {
            wrong.push(format!("`{}` for `{message}`", seen.last_line));
        }
    }
    if !fits(least.returned, Some(seen.returned), most.returned) {
        wrong.push("the time".to_owned());
    }
    for (index, node) in graph.nodes().iter().enumerate() {
        let (least, most) = (&least.services[index], &most.services[index]);
        let seen = seen.started[index];
        if !fits(least.started, seen, most.started) {
            let at = seen.map_or("never".to_owned(), |at| format!("at {:.2}", at.as_f64()));
            wrong.push(format!("{} started {at}", node.name));
        }
    }
    wrong
}

/// The most that this machine needs for a start and for a probe while all the others run.
fn measured(docker: &Docker) -> Overheads {
    const STARTS: usize = 4;
    const INTERVAL: Seconds = Seconds::from_millis(500);
    let typical = Overheads::default();
    let mut starts = Vec::new();
    let mut containers = Vec::new();
    for _ in 0..STARTS {
        let container = engine::run(&[
            "run",
            "--detach",
            "--network=none",
            "--health-cmd=test -f /ready || exit 1",
            "--health-interval=500ms",
            "--health-retries=1000",
            &docker.image,
            "sleep",
            "1000",
        ]);
        let times = engine::run(&[
            "inspect",
            "--format",
            "{{.Created}} {{.State.StartedAt}}",
            &container,
        ]);
        let (created, started) = times.split_once(' ').unwrap();
        starts.push(moment(started).unwrap() - moment(created).unwrap());
        containers.push(Removed(container));
        thread::sleep(Duration::from_secs(3));
    }
    starts.sort();
    let (both, of_both) = (
        starts[STARTS / 2],
        (typical.create + typical.start).as_f64(),
    );
    let share = |typical: Seconds| typical.max(both.scaled(typical.as_f64() / of_both));

    // The log holds the last five probes.
    let format = "{{range .State.Health.Log}}{{.Start.UnixNano}} {{end}}";
    let probe = |container: &Removed| {
        let log = engine::run(&["inspect", "--format", format, &container.0]);
        let begun: Vec<i64> = log.split(' ').map(|nanos| nanos.parse().unwrap()).collect();
        let gaps = i64::try_from(begun.len()).unwrap() - 1;
        Seconds::from_nanos((begun[begun.len() - 1] - begun[0]) / gaps.max(1)) - INTERVAL
    };
    let probes = containers.iter().take(STARTS - 1).map(probe).max();
    Overheads {
        create: share(typical.create),
        start: share(typical.start),
        probe: typical.probe.max(probes.unwrap()),
        ..typical
    }
}

/// A round of several stacks at once, and what the clock says to each.
fn round(docker: &Docker, program: &Path, number: usize, cases: &[&Case]) -> Vec<Verdict> {
    let run = |place: usize| {
        // One after the other, or they slow each other down.
        thread::sleep(Duration::from_millis(900) * u32::try_from(place).unwrap());
        let project = Project {
            name: format!("upbeat{}r{number}n{place}", std::process::id()),
            folder: tempfile::tempdir().unwrap(),
            program: program.to_owned(),
        };
        let seen = cases[place].run(docker, &project);
        (project, seen)
    };
    let (run, machine) = (&run, || measured(docker));
    let (overheads, ended): (Overheads, Vec<(Project, Seen)>) = thread::scope(|scope| {
        let machine = scope.spawn(machine);
        let start = |place| scope.spawn(move || run(place));
        let started: Vec<_> = (0..cases.len()).map(start).collect();
        let ended = started.into_iter().map(|thread| thread.join().unwrap());
        let ended = ended.collect();
        (machine.join().unwrap(), ended)
    });
    println!(
        "round {number}: a start takes up to {:.2} s here, and a probe {:.2} s",
        (overheads.create + overheads.start).as_f64(),
        overheads.probe.as_f64()
    );
    let verdict = |(case, (project, seen)): (&&Case, (Project, Seen))| {
        let said = case.said(docker, &overheads);
        let wrong = differences(&said, &seen, &project);
        let (least, most) = (said.least, said.most.returned.unwrap_or_default());
        Verdict {
            least,
            most,
            seen,
            wrong,
        }
    };
    cases.iter().zip(ended).map(verdict).collect()
}

/// What was said, what was seen, and what is wrong with that.
struct Verdict {
    least: Start,
    most: Seconds,
    seen: Seen,
    wrong: Vec<String>,
}

impl Verdict {
    /// Its line of the table.
    fn line(&self, case: &Case) -> String {
        let code = |code: Option<i32>| code.map_or("-".to_owned(), |code| code.to_string());
        format!(
            "{:<36} {:<28} {} after {:>5.2} to {:>5.2}   {} after {:>5.2}{}",
            case.name,
            case.arguments,
            code(self.least.exit_code()),
            self.least.returned.unwrap_or_default().as_f64(),
            self.most.as_f64(),
            code(self.seen.code),
            self.seen.returned.as_f64(),
            if self.least.is_certain {
                ""
            } else {
                "   a race"
            },
        )
    }
}

#[test]
#[ignore = "needs a Docker engine: tests/oracle/engine.sh"]
fn stacks_start_as_computed() {
    const ROUNDS: usize = 3;
    let (Some(docker), Some(program)) = (Docker::answering(), compose()) else {
        return;
    };
    let cases = cases();
    let mut left: Vec<&Case> = cases.iter().collect();
    println!("\nEngine {}: stacks", docker.engine);
    println!("{:<36} {:<28} {:<24} seen", "", "", "said");
    for number in 1..=ROUNDS {
        if left.is_empty() {
            break;
        }
        let verdicts = round(&docker, &program, number, &left);
        let mut again = Vec::new();
        for (case, verdict) in left.iter().zip(&verdicts) {
            let wrong = verdict.wrong.join(", ");
            let mark = match (verdict.wrong.is_empty(), number) {
                (true, _) => String::new(),
                (false, ROUNDS) => format!("   WRONG: {wrong}"),
                (false, _) => format!("   once more: {wrong}"),
            };
            println!("{}{mark}", verdict.line(case));
            again.extend((!verdict.wrong.is_empty()).then_some(*case));
        }
        left = again;
    }
    assert!(left.is_empty(), "{} stacks started otherwise", left.len());
}
