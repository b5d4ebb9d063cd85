//! `startup`: how long services take, and the logs that prove it.

use super::Reader;
use crate::duration::Seconds;
use crate::project::{Declared, Step};
use crate::settings::NamedLog;
use crate::settings::keys::STARTUP;
use crate::source::Exclude;
use crate::yaml::{Kind, NodeId};

const HELP: &str = "write a length of time with its unit behind each service, such as `backend: 180s`, its steps, `backend: {steps: {migrations: 75s}}`, or logs of real starts, `backend: {logs: [logs/*.log]}`";

impl Reader<'_> {
    pub(super) fn startup(&mut self, node: NodeId) {
        for (service, entry) in self.entries(node, "a map of services", HELP) {
            let value = self.tree.resolve(entry.value);
            let key = self.tree.span(entry.key);
            let mut steps = Vec::new();
            let ready = match self.tree.node(value).kind {
                Kind::Mapping { .. } => {
                    self.settings.services.push((service.to_owned(), key));
                    steps = self.known_starts(service, value);
                    let lengths = steps.iter().map(|step| step.seconds);
                    let sum = lengths.fold(Seconds::ZERO, |sum, length| sum + length);
                    Some(sum).filter(|_| !steps.is_empty())
                }
                _ => self.length(entry.value, HELP),
            };
            self.settings.startup.extend(ready.map(|ready| Declared {
                service: service.to_owned(),
                ready,
                steps,
                key,
                span: self.tree.span(value),
            }));
        }
    }

    /// What is known of a service's starts; the steps are given back.
    fn known_starts(&mut self, service: &str, node: NodeId) -> Vec<Step> {
        let owner = format!("the startup of `{service}`");
        let (before, logs) = (self.problems.len(), self.settings.logs.len());
        let mut steps = Vec::new();
        for (key, value) in self.fields(node, &owner, &STARTUP) {
            match key {
                "steps" => steps = self.steps(value),
                _ => self.logs(service, value),
            }
        }
        let is_told = !steps.is_empty() || self.settings.logs.len() > logs;
        if !is_told && self.problems.len() == before {
            self.problem(node, format!("{owner} has no steps and no logs"), HELP);
        }
        steps
    }

    /// The steps of a service's startup, one after the other.
    fn steps(&mut self, node: NodeId) -> Vec<Step> {
        let help = "write the steps with their lengths, in order: {database: 60s, migrations: 75s}";
        let mut steps = Vec::new();
        for (name, entry) in self.entries(node, "a map of steps", help) {
            let seconds = self.length(entry.value, help);
            steps.extend(seconds.map(|seconds| Step {
                name: name.to_owned(),
                seconds,
                span: Some(self.tree.span(self.tree.resolve(entry.value))),
            }));
        }
        steps
    }

    /// The logs of a service: each a file that is there, or a glob that holds some.
    fn logs(&mut self, service: &str, node: NodeId) {
        let help =
            "write them as a list of paths or globs: [logs/slow-day.log, \"logs/backend-*.log\"]";
        for (text, item) in self.list(node, "a list of logs", help) {
            let is_file = || {
                let path = self.store.locate("", text);
                path.is_some_and(|path| self.store.exists(&path))
            };
            // A name may have brackets of its own.
            let found = if text.contains(['*', '?', '[', '{']) && !is_file() {
                self.held_by(text, item)
            } else {
                self.path(text, item).into_iter().collect()
            };
            let logs = found.into_iter().map(|path| NamedLog {
                service: service.to_owned(),
                path,
                span: self.tree.span(item),
            });
            self.settings.logs.extend(logs);
        }
    }

    fn held_by(&mut self, glob: &str, item: NodeId) -> Vec<String> {
        let found = match Exclude::new([glob]) {
            Ok(globs) => self.store.held_by(&globs),
            Err(wrong) => {
                let why = wrong.into_iter().map(|(_, why)| why).collect::<String>();
                let help = "globs are those of a .gitignore";
                self.problem(item, format!("`{glob}` is no glob: {why}"), help);
                return Vec::new();
            }
        };
        if found.is_empty() {
            let help = "globs are those of a .gitignore, count from the project's root and stay inside of it";
            self.problem(item, format!("there is no file `{glob}`"), help);
        }
        found
    }
}
