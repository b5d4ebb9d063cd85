//! `CircleCI`: jobs whose steps are `run`, or commands of the same file with parameters.

use super::reader::{DEPTH, Reader, folder, replaced};
use super::{EnvVariable, Job, Pipeline, Scope, Script, Step, Values};
use crate::shell::{Dialect, Given};
use crate::source::{Mapped, SourceFile, paths};
use crate::yaml::{NodeId, Tree};

/// Reads a `.circleci/config.yml`.
pub(super) fn read(tree: &Tree, file: &SourceFile) -> Pipeline {
    let reader = CircleCi(Reader { tree, file });
    let jobs = tree.documents().first().map(|root| reader.jobs(*root));
    Pipeline {
        file: tree.file(),
        jobs: jobs.unwrap_or_default(),
    }
}

struct CircleCi<'a>(Reader<'a>);

/// What surrounds a step.
#[derive(Clone, Default)]
struct Around {
    /// `pipeline.parameters.x` and `parameters.x`.
    scope: Scope,
    env: Vec<EnvVariable>,
    shell: Option<String>,
    folder: Option<String>,
}

impl CircleCi<'_> {
    fn jobs(&self, root: NodeId) -> Vec<Job> {
        let mut around = Around::default();
        self.parameters(root, "pipeline.parameters.", None, &mut around.scope);
        let Some(jobs) = self.0.get(root, "jobs") else {
            return Vec::new();
        };
        self.0
            .entries(jobs)
            .map(|(name, job)| self.job(root, name, job, &around))
            .collect()
    }

    fn job(&self, root: NodeId, name: &str, job: NodeId, around: &Around) -> Job {
        let mut around = around.clone();
        self.parameters(job, "parameters.", None, &mut around.scope);
        around.shell = self.0.text(job, "shell").map(str::to_owned);
        around.folder = self.0.text(job, "working_directory").map(str::to_owned);
        self.environment(job, &mut around);
        let mut steps = Vec::new();
        if let Some(list) = self.0.get(job, "steps") {
            self.steps(root, list, &around, &mut steps, 0);
        }
        Job {
            id: name.to_owned(),
            runs: true,
            steps,
            ..Job::default()
        }
    }

    /// What parameters come to: what the caller gives, else their defaults.
    fn parameters(&self, holder: NodeId, prefix: &str, given: Option<NodeId>, scope: &mut Scope) {
        let Some(parameters) = self.0.get(holder, "parameters") else {
            return;
        };
        for (name, parameter) in self.0.entries(parameters) {
            let own = given.and_then(|given| self.0.get(given, name));
            let node = own.or_else(|| self.0.get(parameter, "default"));
            let text = node.and_then(|node| self.0.mapped(node));
            let values = match text {
                Some(text) if !text.text().contains("<<") => scope.fill(&text),
                _ => Values::unknown(),
            };
            scope.set(format!("{prefix}{name}"), values);
        }
    }

    fn environment(&self, holder: NodeId, around: &mut Around) {
        let Some(environment) = self.0.get(holder, "environment") else {
            return;
        };
        for (name, value) in self.0.entries(environment) {
            let mut variable = self.0.variable(name, value, &Scope::default());
            if let Some(variable) = &mut variable
                && let Some(given) = &variable.value
                && given.text.contains("<<")
            {
                let name = given
                    .text
                    .trim()
                    .trim_start_matches("<<")
                    .trim_end_matches(">>");
                variable.value = around.scope.evaluate(name.trim()).single().cloned();
            }
            around.env.extend(variable);
        }
    }

    fn steps(
        &self,
        root: NodeId,
        list: NodeId,
        around: &Around,
        steps: &mut Vec<Step>,
        depth: usize,
    ) {
        if depth > DEPTH {
            return;
        }
        for step in self.0.tree.items(list) {
            if let Some(name) = self.0.tree.scalar(*step) {
                self.command(root, name, None, around, steps, depth);
                continue;
            }
            for (name, inner) in self.0.entries(*step) {
                match name {
                    "run" => steps.extend(self.run(inner, around)),
                    "when" | "unless" => {
                        if let Some(list) = self.0.get(inner, "steps") {
                            self.steps(root, list, around, steps, depth + 1);
                        }
                    }
                    _ => self.command(root, name, Some(inner), around, steps, depth),
                }
            }
        }
    }

    /// The steps of a command of this file; those of orbs are not in sight.
    fn command(
        &self,
        root: NodeId,
        name: &str,
        given: Option<NodeId>,
        around: &Around,
        steps: &mut Vec<Step>,
        depth: usize,
    ) {
        let commands = self.0.get(root, "commands");
        let command = commands.and_then(|commands| self.0.get(commands, name));
        if let Some(command) = command
            && let Some(list) = self.0.get(command, "steps")
        {
            let mut around = around.clone();
            self.parameters(command, "parameters.", given, &mut around.scope);
            self.steps(root, list, &around, steps, depth + 1);
        }
    }

    fn run(&self, run: NodeId, around: &Around) -> Option<Step> {
        let mut around = around.clone();
        self.environment(run, &mut around);
        let command = self.0.get(run, "command").unwrap_or(run);
        let text = self.0.mapped(command)?;
        let shell = self.0.text(run, "shell").or(around.shell.as_deref());
        let mut words = shell.unwrap_or("bash -eo pipefail").split_whitespace();
        let dialect = match words.next().map_or("", paths::name) {
            "bash" => Some(Dialect::Bash),
            "sh" | "dash" => Some(Dialect::Sh),
            _ => None,
        };
        let stops = |word: &str| word.starts_with('-') && word.contains('e');
        let stops_on_errors = words.any(stops);
        let written = self.0.text(run, "working_directory").map(str::to_owned);
        let when = self.0.text(run, "when");
        Some(Step {
            name: self.0.text(run, "name").map(str::to_owned),
            script: dialect.map(|dialect| Script {
                text: filled(&text, &around.scope),
                dialect,
                stops_on_errors,
                expressions: Vec::new(),
                remote: false,
            }),
            folder: written
                .or(around.folder)
                .as_deref()
                .map_or_else(|| Some(String::new()), in_checkout),
            env: around.env,
            runs: when != Some("on_fail"),
            ..Step::default()
        })
    }
}

/// A folder as it is written, from the repository's top: it is checked out to `~/project`.
fn in_checkout(written: &str) -> Option<String> {
    let below = written
        .trim_start_matches("~/project")
        .trim_start_matches('/');
    let is_known = !below.starts_with('~') && !below.contains("<<");
    folder(Some(below)).filter(|_| is_known)
}

/// A script with `<< parameters.x >>` filled in. A heredoc's `<<` names nothing of these.
fn filled(text: &Mapped, scope: &Scope) -> Mapped {
    replaced(text, ("<<", ">>"), |name| {
        let is_parameter = name.starts_with("parameters.") || name.starts_with("pipeline.");
        is_parameter.then(|| scope.evaluate(name).single().cloned().filter(is_plain))
    })
}

fn is_plain(given: &Given) -> bool {
    given.text.len() < 2000
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;
    use crate::yaml;

    #[test]
    fn commands_are_followed_with_their_parameters() {
        let text = "parameters:\n  max: {type: integer, default: 300}\ncommands:\n  wait:\n    parameters:\n      seconds: {type: integer, default: 30}\n    steps:\n      - run:\n          name: Wait\n          command: |\n            sleep << parameters.seconds >>\n            cat << EOF\n            << pipeline.parameters.max >> << parameters.none >>\n            EOF\njobs:\n  build:\n    working_directory: ~/project/app\n    environment: {LIMIT: 5}\n    steps:\n      - checkout\n      - run: docker compose up -d\n      - wait: {seconds: 90}\n      - wait\n      - when:\n          condition: x\n          steps:\n            - run: {command: echo, when: on_fail, shell: /bin/sh}\n";
        let mut sources = Sources::default();
        let file = sources.add(".circleci/config.yml", text);
        let tree = yaml::parse(file, text).expect("YAML");
        let jobs = read(&tree, sources.get(file)).jobs;
        let [job] = jobs.as_slice() else {
            panic!("one job");
        };
        let scripts: Vec<_> = job
            .steps
            .iter()
            .map(|step| step.script.as_ref().map_or("", |s| s.text.text()))
            .collect();
        assert_eq!(scripts.len(), 4);
        assert_eq!(scripts[0], "docker compose up -d");
        assert_eq!(scripts[1], "sleep 90\ncat << EOF\n300 \u{2}\u{1}\nEOF\n");
        assert!(scripts[2].starts_with("sleep 30\n"));
        assert_eq!(job.steps[1].folder.as_deref(), Some("app"));
        assert_eq!(job.steps[1].name.as_deref(), Some("Wait"));
        let wait = job.steps[1].script.as_ref().expect("a script");
        assert!(wait.stops_on_errors);
        let at = wait.text.text().find("90").expect("the number");
        assert!(wait.text.is_verbatim(at..at + 2));
        assert_eq!(sources.text(wait.text.span(at..at + 2)), "90");
        assert!(!job.steps[3].runs);
        let last = job.steps[3].script.as_ref().expect("a script");
        assert_eq!((last.dialect, last.stops_on_errors), (Dialect::Sh, false));
    }
}
