//! The texts that are understood, found in whatever was pasted.

use crate::duration::{self, Seconds};

/// Who waited for a container, and so what its failure means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Waiter {
    /// A service with `condition: service_healthy`.
    Dependant,
    /// A service that starts all the same: `required: false`. The dependency's name.
    Optional(String),
    /// `up --wait`, for the project as a whole.
    Wait,
}

/// A known text with what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // The fields are what stands in the text.
pub enum Known {
    /// `dependency failed to start: container X is unhealthy`
    Unhealthy { by: Waiter, container: String },
    /// `container X exited (N)`
    Exited {
        by: Waiter,
        container: String,
        code: i64,
    },
    /// `container X has no healthcheck configured`
    NoHealthcheck { by: Waiter, container: String },
    /// `service "mig" didn't complete successfully: exit 3`
    NotCompleted {
        service: String,
        code: i64,
        optional: bool,
    },
    /// `application not healthy after 30s`
    NotHealthyAfter { limit: Seconds },
    /// `timeout waiting for dependencies`
    DependenciesTimedOut,
    /// `OCI runtime exec failed: … exec: "curl": executable file not found in $PATH`
    ProbeNotStarted { program: Option<String> },
    /// The same of the container's own command: `OCI runtime create failed: …`
    ContainerNotStarted { program: String },
    /// `Health check exceeded timeout (5s)`
    ProbeTimedOut { limit: Seconds },
    /// `healthcheck.start_interval requires healthcheck.start_period to be set`
    StartIntervalAlone,
    /// `can't set healthcheck.start_interval as feature require Docker Engine v25 or later`
    StartIntervalUnknown,
    /// GitHub: `Failed to initialize container postgres:16`
    GithubContainer { image: String },
    /// GitHub: `One or more containers failed to start.`
    GithubContainers,
    /// GitLab: `*** WARNING: Service runner-…-postgres-0 probably didn't start properly.`
    GitlabService { service: String },
}

/// A known text where it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What it is.
    pub known: Known,
    /// The text itself, without what stood around it.
    pub text: String,
    /// The containers whose state Compose was showing beside it: those that it waited for, and those that failed.
    pub containers: Vec<String>,
}

/// What the table's texts are made of, an example each, for people.
pub const UNDERSTOOD: [&str; 14] = [
    "dependency failed to start: container shop-db-1 is unhealthy",
    "dependency failed to start: container shop-db-1 exited (1)",
    "container shop-db-1 has no healthcheck configured",
    "optional dependency \"db\" failed to start: container shop-db-1 is unhealthy",
    "service \"migrate\" didn't complete successfully: exit 1",
    "application not healthy after 1m0s",
    "timeout waiting for dependencies",
    "OCI runtime exec failed: … exec: \"curl\": executable file not found in $PATH",
    "Health check exceeded timeout (5s)",
    "healthcheck.start_interval requires healthcheck.start_period to be set",
    "can't set healthcheck.start_interval as feature require Docker Engine v25 or later",
    "Failed to initialize container postgres:16 (GitHub)",
    "One or more containers failed to start. (GitHub)",
    "*** WARNING: Service runner-1-postgres-0 probably didn't start properly. (GitLab)",
];

/// A text with a hole for each part that differs, and what the parts make. Texts are compared without their quotes, which a shell
/// may have taken: none stands in a pattern.
pub(super) struct Pattern {
    pub(super) text: String,
    pub(super) make: Make,
}

pub(super) enum Make {
    /// What became of a container, said by who waited for it. The last part but the code is the container.
    Container(By, State),
    Other(fn(&[&str]) -> Option<Known>),
}

#[derive(Clone, Copy)]
pub(super) enum By {
    Dependant,
    /// The first part is the dependency.
    Optional,
    Wait,
}

#[derive(Clone, Copy)]
pub(super) enum State {
    Unhealthy,
    Exited,
    Unchecked,
}

/// How Compose begins. Its versions before 2.20 name the service.
const WAITERS: [(&str, By); 5] = [
    (
        "dependency failed to start: container {name} ",
        By::Dependant,
    ),
    (
        "optional dependency {name} failed to start: container {name} ",
        By::Optional,
    ),
    (
        "optional dependency {name} is not running or is unhealthy: container {name} ",
        By::Optional,
    ),
    ("container for service {name} ", By::Dependant),
    ("container {name} ", By::Wait),
];

/// How it goes on.
const STATES: [(&str, State); 3] = [
    ("is unhealthy", State::Unhealthy),
    ("exited ({code})", State::Exited),
    ("has no healthcheck configured", State::Unchecked),
];

type Other = (&'static str, fn(&[&str]) -> Option<Known>);

const OTHERS: [Other; 18] = [
    (
        "service {name} didnt complete successfully: exit {code}",
        |parts| not_completed(parts, false),
    ),
    (
        "optional dependency {name} didnt complete successfully: exit {code}",
        |parts| not_completed(parts, true),
    ),
    ("application not healthy after {length}", |parts| {
        length(parts[0]).map(|limit| Known::NotHealthyAfter { limit })
    }),
    ("timeout waiting for dependencies", |_| {
        Some(Known::DependenciesTimedOut)
    }),
    ("exec: {name}: executable file not found", |parts| {
        not_started(Some(parts[0]))
    }),
    (
        "exec: {name}: stat {name}: no such file or directory",
        |parts| not_started(Some(parts[0])),
    ),
    ("exec: {name}: permission denied", |parts| {
        not_started(Some(parts[0]))
    }),
    ("executable file not found", |_| not_started(None)),
    ("OCI runtime exec failed", |_| not_started(None)),
    ("sh: {name}: not found", |parts| not_started(Some(parts[0]))),
    ("sh: {code}: {name}: not found", |parts| {
        not_started(Some(parts[1]))
    }),
    ("sh: line {code}: {name}: command not found", |parts| {
        not_started(Some(parts[1]))
    }),
    ("Health check exceeded timeout ({length})", |parts| {
        length(parts[0]).map(|limit| Known::ProbeTimedOut { limit })
    }),
    (
        "healthcheck.start_interval requires healthcheck.start_period to be set",
        |_| Some(Known::StartIntervalAlone),
    ),
    (
        "cant set healthcheck.start_interval as feature require Docker Engine {name} or later",
        |_| Some(Known::StartIntervalUnknown),
    ),
    ("Failed to initialize container {name}", |parts| {
        let image = parts[0].to_owned();
        Some(Known::GithubContainer { image })
    }),
    ("One or more containers failed to start", |_| {
        Some(Known::GithubContainers)
    }),
    ("Service {name} probably didnt start properly", |parts| {
        let service = parts[0].to_owned();
        Some(Known::GitlabService { service })
    }),
];

pub(super) fn patterns() -> Vec<Pattern> {
    let containers = WAITERS.iter().flat_map(|(waiter, by)| {
        STATES.iter().map(move |(state, what)| Pattern {
            text: format!("{waiter}{state}"),
            make: Make::Container(*by, *what),
        })
    });
    let others = OTHERS.iter().map(|(text, make)| Pattern {
        text: (*text).to_owned(),
        make: Make::Other(*make),
    });
    containers.chain(others).collect()
}

impl Make {
    pub(super) fn known(&self, parts: &[&str]) -> Option<Known> {
        let (by, state) = match self {
            Self::Other(make) => return make(parts),
            Self::Container(by, state) => (by, state),
        };
        let (by, parts) = match by {
            By::Dependant => (Waiter::Dependant, parts),
            By::Wait => (Waiter::Wait, parts),
            By::Optional => (Waiter::Optional(parts[0].to_owned()), &parts[1..]),
        };
        let container = parts[0].to_owned();
        Some(match state {
            State::Unhealthy => Known::Unhealthy { by, container },
            State::Unchecked => Known::NoHealthcheck { by, container },
            State::Exited => Known::Exited {
                by,
                container,
                code: parts[1].parse().ok()?,
            },
        })
    }
}

fn not_completed(parts: &[&str], optional: bool) -> Option<Known> {
    Some(Known::NotCompleted {
        service: parts[0].to_owned(),
        code: parts[1].parse().ok()?,
        optional,
    })
}

#[allow(clippy::unnecessary_wraps)] // as the table wants it
fn not_started(program: Option<&str>) -> Option<Known> {
    let program = program.map(str::to_owned);
    Some(Known::ProbeNotStarted { program })
}

fn length(text: &str) -> Option<Seconds> {
    duration::parse(text).ok()
}
