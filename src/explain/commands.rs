//! Commands to look further with, ready to be pasted.

use super::Step;
use super::subject::Subject;
use crate::escape;
use crate::project::{Reason, Stack};

/// What stands for a container whose name is not known.
const CONTAINER: &str = "CONTAINER";

/// A word for a POSIX shell: as it is, or in single quotes. None if it holds what nobody should paste.
pub(super) fn quoted(word: &str) -> Option<String> {
    if word.contains(escape::is_hostile) || word.contains("##") {
        return None;
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:@%+=,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return Some(word.to_owned());
    }
    Some(format!("'{}'", word.replace('\'', r"'\''")))
}

/// `docker compose -f a.yml -f b.yml`, as this stack is started.
pub(super) fn compose(stack: &Stack) -> String {
    let files = &stack.files;
    let mut command = "docker compose".to_owned();
    let by_itself = matches!(files.reason, Reason::Default) && files.folder.is_empty();
    let named: &[String] = if by_itself { &[] } else { &files.files };
    let options = named.iter().map(|file| ("-f", file));
    let options = options.chain(files.env_files.iter().map(|file| ("--env-file", file)));
    let options = options.chain(files.profiles.iter().map(|profile| ("--profile", profile)));
    for (option, value) in options {
        let value = quoted(value).unwrap_or_else(|| "…".to_owned());
        for word in [option, &value] {
            command.push(' ');
            command.push_str(word);
        }
    }
    command
}

impl Subject<'_> {
    /// The container's name: as the text has it, else as the files do, else a word that stands for it.
    fn container_name(&self) -> String {
        // A service's own name is no container's, unless that is fixed.
        let given = self.container.filter(|name| *name != self.name());
        let fixed = self.service().service.container_name.as_deref();
        let name = given.or(fixed).map(str::to_owned);
        let name = name.or_else(|| {
            let project = self.stack.project.as_deref()?;
            Some(format!("{project}-{}-1", self.name()))
        });
        name.and_then(|name| quoted(&name))
            .unwrap_or_else(|| CONTAINER.to_owned())
    }

    fn service_word(&self) -> String {
        quoted(self.name()).unwrap_or_else(|| "SERVICE".to_owned())
    }

    fn step(command: String, tells: &str) -> Step {
        Step {
            command,
            tells: tells.to_owned(),
        }
    }

    /// The log of its last probes.
    pub(super) fn health_log(&self) -> Step {
        Self::step(
            format!(
                "docker inspect --format '{{{{json .State.Health}}}}' {}",
                self.container_name()
            ),
            "the last probes, with start, exit code and output: whether they fail at once (nothing listens, wrong path), hang, or cannot be started",
        )
    }

    /// Whether it came back after a crash.
    pub(super) fn restarts(&self) -> Step {
        Self::step(
            format!(
                "docker inspect -f '{{{{.RestartCount}}}} {{{{.State.ExitCode}}}}' {}",
                self.container_name()
            ),
            "a first number above 0: it ended and was started again, so it need not have failed a probe at all",
        )
    }

    /// How it ended.
    pub(super) fn exit_state(&self) -> Step {
        Self::step(
            format!(
                "docker inspect -f '{{{{.State.ExitCode}}}} {{{{.State.OOMKilled}}}} {{{{.State.Error}}}}' {}",
                self.container_name()
            ),
            "the exit code, whether the kernel ended it for its memory, and what the engine has to say",
        )
    }

    /// The healthcheck that the container really has.
    pub(super) fn healthcheck(&self) -> Step {
        Self::step(
            format!(
                "docker inspect -f '{{{{json .Config.Healthcheck}}}}' {}",
                self.container_name()
            ),
            "the healthcheck that it really runs with; `null` or `NONE`: none",
        )
    }

    /// Its log.
    pub(super) fn log(&self, tells: &str) -> Step {
        let (compose, service) = (compose(self.stack), self.service_word());
        Self::step(format!("{compose} logs -t {service}"), tells)
    }

    /// Its probe, run by hand; none where it is not known.
    pub(super) fn probe(&self) -> Option<Step> {
        let test = &self.service().check()?.test;
        let (kind, words) = test.split_first()?;
        let command: Option<Vec<String>> = match kind.as_str() {
            "CMD" => words.iter().map(|word| quoted(word)).collect(),
            "CMD-SHELL" => Some(vec![format!("sh -c {}", quoted(words.first()?)?)]),
            _ => None,
        };
        let command = command?.join(" ");
        let (compose, service) = (compose(self.stack), self.service_word());
        Some(Self::step(
            format!("{compose} exec {service} {command}"),
            "the probe by hand: an exit code other than 0 is a failure",
        ))
    }
}
