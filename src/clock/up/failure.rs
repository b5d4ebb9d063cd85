//! Why `docker compose up` fails, and its own words for it (pkg/compose/convergence.go and start.go of docker compose 2.40.3).

use crate::duration::Seconds;

/// What a wait of Compose found wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// A container was `unhealthy` when Compose looked.
    Unhealthy,
    /// There is no healthcheck to wait for.
    NoHealthcheck,
    /// A container that should become healthy, or run, has ended with this code.
    Exited(i32),
    /// A container that should complete successfully has ended with this code.
    Incomplete(i32),
    /// `--wait-timeout` passed while a service was waiting for what it depends on.
    DependenciesTimedOut,
    /// `--wait-timeout` passed in the last wait of `--wait`. Its length.
    NotHealthyAfter(Seconds),
}

/// The failure that `docker compose up` reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The service that was to be started and waited. None: the last wait of `--wait`, when all have been started.
    pub waiting: Option<usize>,
    /// The service that was waited for.
    pub target: usize,
    /// When it was seen. It is reported later: when all waits in flight have ended.
    pub seen: Seconds,
    /// What was wrong.
    pub cause: Cause,
}

impl Failure {
    /// The message, with the name of the target and of its container.
    pub fn message(&self, service: &str, container: &str) -> String {
        let prefix = match self.waiting {
            Some(_) => "dependency failed to start: ",
            None => "",
        };
        match self.cause {
            Cause::Unhealthy => format!("{prefix}container {container} is unhealthy"),
            Cause::NoHealthcheck => {
                format!("{prefix}container {container} has no healthcheck configured")
            }
            Cause::Exited(code) => format!("{prefix}container {container} exited ({code})"),
            Cause::Incomplete(code) => {
                format!("service \"{service}\" didn't complete successfully: exit {code}")
            }
            Cause::DependenciesTimedOut => "timeout waiting for dependencies".to_owned(),
            Cause::NotHealthyAfter(limit) => {
                format!("application not healthy after {}", as_in_go(limit))
            }
        }
    }
}

/// Whole seconds as Go prints them: `5s`, `1m30s`, `1h0m0s`.
fn as_in_go(length: Seconds) -> String {
    let whole = length.nanos().max(0) / 1_000_000_000;
    let (hours, minutes, seconds) = (whole / 3600, whole / 60 % 60, whole % 60);
    match (hours, minutes) {
        (0, 0) => format!("{seconds}s"),
        (0, _) => format!("{minutes}m{seconds}s"),
        _ => format!("{hours}h{minutes}m{seconds}s"),
    }
}
