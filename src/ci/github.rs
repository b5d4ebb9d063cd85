//! GitHub workflows and actions, and those of Forgejo and Gitea, which read the same syntax.

#[cfg(test)]
mod tests;

use super::reader::{Reader, folder};
use super::{
    Argument, Call, EnvVariable, Inputs, Job, Limit, Pipeline, Scope, Script, Step, Values,
    services,
};
use crate::duration::Seconds;
use crate::shell::{Dialect, Given};
use crate::source::{SourceFile, paths};
use crate::yaml::{Kind, NodeId, Tree};

/// A job's limit where none is written.
const DEFAULT_LIMIT: Seconds = Seconds::new(360 * 60);
const MINUTE: Seconds = Seconds::new(60);

/// Reads a workflow.
pub(super) fn workflow(tree: &Tree, file: &SourceFile, given: Option<&Inputs>) -> Pipeline {
    let reader = Workflow(Reader { tree, file });
    let root = tree.documents().first();
    Pipeline {
        file: tree.file(),
        jobs: root
            .map(|root| reader.jobs(*root, given))
            .unwrap_or_default(),
    }
}

/// Reads an action: its steps are those of one job.
pub(super) fn action(tree: &Tree, file: &SourceFile, given: Option<&Inputs>) -> Pipeline {
    let reader = Workflow(Reader { tree, file });
    let root = tree.documents().first();
    Pipeline {
        file: tree.file(),
        jobs: root
            .and_then(|root| reader.action(*root, given))
            .into_iter()
            .collect(),
    }
}

/// What a workflow or a job sets for the steps in it.
#[derive(Clone, Default)]
struct Defaults {
    env: Vec<EnvVariable>,
    shell: Option<String>,
    folder: Option<String>,
    scope: Scope,
    /// A Windows machine's default shell is PowerShell.
    on_windows: bool,
}

struct Workflow<'a>(Reader<'a>);

impl<'a> std::ops::Deref for Workflow<'a> {
    type Target = Reader<'a>;

    fn deref(&self) -> &Reader<'a> {
        &self.0
    }
}

impl Workflow<'_> {
    fn jobs(&self, root: NodeId, given: Option<&Inputs>) -> Vec<Job> {
        let mut outer = Defaults::default();
        if let Some(on) = self.get(root, "on") {
            for trigger in ["workflow_dispatch", "workflow_call"] {
                if let Some(trigger) = self.get(on, trigger) {
                    self.inputs(trigger, given, &mut outer.scope);
                }
            }
        }
        let defaults = self.defaults(root, &outer);
        let Some(jobs) = self.get(root, "jobs") else {
            return Vec::new();
        };
        self.entries(jobs)
            .map(|(id, job)| self.job(id, job, &defaults))
            .collect()
    }

    fn action(&self, root: NodeId, given: Option<&Inputs>) -> Option<Job> {
        let runs = self.get(root, "runs")?;
        let mut defaults = Defaults::default();
        self.inputs(root, given, &mut defaults.scope);
        let steps = self.tree.items(self.get(runs, "steps")?).iter();
        Some(Job {
            id: self.text(root, "name").unwrap_or("action").to_owned(),
            runs: true,
            steps: steps
                .flat_map(|step| self.steps(*step, &defaults))
                .collect(),
            ..Job::default()
        })
    }

    /// A step, or those that stand under `parallel:`.
    fn steps(&self, step: NodeId, defaults: &Defaults) -> Vec<Step> {
        match self.get(step, "parallel").map(|list| self.tree.items(list)) {
            Some(items @ [_, ..]) => {
                let steps = items.iter();
                steps.map(|step| self.step(*step, defaults)).collect()
            }
            _ => vec![self.step(step, defaults)],
        }
    }

    /// What the inputs come to: what the caller gives, else the default.
    fn inputs(&self, holder: NodeId, given: Option<&Inputs>, scope: &mut Scope) {
        let Some(inputs) = self.get(holder, "inputs") else {
            return;
        };
        for (name, input) in self.entries(inputs) {
            let called = given.and_then(|given| given.iter().find(|(own, _)| own == name));
            let values = match called {
                Some((_, Some(given))) => Values::one(given.clone()),
                Some((_, None)) => Values::unknown(),
                None => match self
                    .get(input, "default")
                    .and_then(|node| self.mapped(node))
                {
                    Some(text) => scope.fill(&text),
                    // What is not given is an empty text.
                    None if given.is_some() => Values::one(Given::new("", None)),
                    None => Values::unknown(),
                },
            };
            scope.set(format!("github.event.inputs.{name}"), values.clone());
            scope.set(format!("inputs.{name}"), values);
        }
    }

    fn job(&self, id: &str, job: NodeId, workflow: &Defaults) -> Job {
        let mut outer = workflow.clone();
        self.matrix(job, &mut outer.scope);
        outer.on_windows = self
            .text(job, "runs-on")
            .is_some_and(|runner| runner.contains("windows"));
        let defaults = self.defaults(job, &outer);
        let steps = self.get(job, "steps").map(|steps| self.tree.items(steps));
        let steps = steps.unwrap_or_default().iter();
        Job {
            id: id.to_owned(),
            limit: self.minutes(job, &defaults.scope),
            default_limit: Some(DEFAULT_LIMIT),
            runs: self.runs(job),
            tolerated: self.is_true(job, "continue-on-error"),
            services: services::read(&self.0, job, &defaults.scope),
            call: self.call(job, &defaults.scope),
            steps: steps
                .flat_map(|step| self.steps(*step, &defaults))
                .collect(),
        }
    }

    /// What `matrix.x` may come to: each of its values, those of `include` as well.
    fn matrix(&self, job: NodeId, scope: &mut Scope) {
        let matrix = self
            .get(job, "strategy")
            .and_then(|strategy| self.get(strategy, "matrix"));
        let Some(matrix) = matrix else { return };
        let mut found: Vec<(String, Values)> = Vec::new();
        let mut add = |name: &str, value: NodeId| {
            let values = match self.mapped(value) {
                Some(text) => scope.fill(&text),
                None => Values::unknown(),
            };
            match found.iter_mut().find(|(own, _)| own == name) {
                Some((_, all)) => all.add(values),
                None => found.push((name.to_owned(), values)),
            }
        };
        for (name, values) in self.entries(matrix) {
            match name {
                "exclude" => {}
                "include" => {
                    for entry in self.tree.items(values) {
                        for (name, value) in self.entries(*entry) {
                            add(name, value);
                        }
                    }
                }
                _ if self.is_sequence(values) => {
                    for value in self.tree.items(values) {
                        add(name, *value);
                        for (inner, value) in self.entries(*value) {
                            add(&format!("{name}.{inner}"), value);
                        }
                    }
                }
                _ => add(name, values),
            }
        }
        for (name, values) in found {
            scope.set(format!("matrix.{name}"), values);
        }
    }

    fn step(&self, step: NodeId, job: &Defaults) -> Step {
        let defaults = self.defaults(step, job);
        let shell = self.text(step, "shell").or(defaults.shell.as_deref());
        let written = self.text(step, "working-directory").map(str::to_owned);
        Step {
            name: self.text(step, "name").map(str::to_owned),
            script: self
                .script(step, shell, &defaults)
                .or_else(|| self.handed_script(step, &defaults.scope)),
            call: self.call(step, &defaults.scope),
            folder: folder(written.or(defaults.folder).as_deref()),
            limit: self.minutes(step, &defaults.scope),
            env: defaults.env,
            tolerated: self.is_true(step, "continue-on-error"),
            runs: self.runs(step),
            conditional: self.conditional(step),
        }
    }

    fn script(&self, step: NodeId, shell: Option<&str>, defaults: &Defaults) -> Option<Script> {
        let shell = shell.unwrap_or(if defaults.on_windows { "pwsh" } else { "bash" });
        let mut words = shell.split_whitespace();
        let dialect = match words.next().map_or("", paths::name) {
            "bash" => Dialect::Bash,
            "sh" | "dash" => Dialect::Sh,
            _ => return None,
        };
        let mut options = words.peekable();
        // Without options of its own GitHub adds `-e`; `bash {0}` is taken as it is.
        let stops_on_errors = options.peek().is_none()
            || options.any(|word| {
                let flags = word.strip_prefix('-').unwrap_or_default();
                !flags.starts_with('-') && flags.contains('e')
            });
        let text = self.mapped(self.get(step, "run")?)?;
        Some(Script {
            expressions: defaults.scope.in_script(text.text()),
            text,
            dialect,
            stops_on_errors,
            remote: false,
        })
    }

    /// The script that a published action runs: `azure/cli` here, `appleboy/ssh-action` on another machine.
    fn handed_script(&self, step: NodeId, scope: &Scope) -> Option<Script> {
        let uses = self.text(step, "uses")?;
        let with = self.get(step, "with")?;
        let name = uses.split('@').next().unwrap_or_default();
        let (key, remote) = match name.to_ascii_lowercase().as_str() {
            "azure/cli" => ("inlineScript", false),
            "appleboy/ssh-action" => ("script", true),
            _ => return None,
        };
        let text = self.mapped(self.get(with, key)?)?;
        Some(Script {
            expressions: scope.in_script(text.text()),
            stops_on_errors: !remote || self.is_true(with, "script_stop"),
            text,
            dialect: Dialect::Bash,
            remote,
        })
    }

    fn call(&self, holder: NodeId, scope: &Scope) -> Option<Call> {
        let uses = self.get(holder, "uses")?;
        let with = self.get(holder, "with");
        let with = with.into_iter().flat_map(|with| self.entries(with));
        Some(Call {
            target: self.tree.scalar(uses)?.to_owned(),
            span: self.span(uses),
            with: with
                .filter_map(|(name, value)| {
                    let text = self.mapped(value)?;
                    Some(Argument {
                        name: name.to_owned(),
                        value: scope.fill(&text).least().cloned(),
                        text,
                    })
                })
                .collect(),
        })
    }

    fn defaults(&self, node: NodeId, outer: &Defaults) -> Defaults {
        let mut inner = outer.clone();
        if let Some(env) = self.get(node, "env") {
            for (name, value) in self.entries(env) {
                let Some(variable) = self.variable(name, value, &outer.scope) else {
                    continue;
                };
                let known = variable.value.clone();
                let values = known.map_or_else(Values::unknown, Values::one);
                inner.scope.set(format!("env.{name}"), values);
                inner.env.push(variable);
            }
        }
        if let Some(run) = self
            .get(node, "defaults")
            .and_then(|defaults| self.get(defaults, "run"))
        {
            let own = |key: &str| self.text(run, key).map(str::to_owned);
            inner.shell = own("shell").or(inner.shell);
            inner.folder = own("working-directory").or(inner.folder);
        }
        inner
    }

    fn runs(&self, node: NodeId) -> bool {
        let condition = self.text(node, "if").unwrap_or_default();
        let bare = condition
            .trim()
            .trim_start_matches("${{")
            .trim_end_matches("}}")
            .trim();
        bare != "false" && !bare.starts_with("failure()") && !bare.starts_with("cancelled()")
    }

    /// Whether an `if` stands at it that may be false in a job that goes well.
    fn conditional(&self, node: NodeId) -> bool {
        let condition = self.text(node, "if").unwrap_or_default();
        let bare: String = condition.split_whitespace().collect();
        let bare = bare.trim_start_matches("${{").trim_end_matches("}}");
        !matches!(
            bare,
            "" | "true" | "always()" | "success()" | "!cancelled()"
        )
    }

    fn minutes(&self, node: NodeId, scope: &Scope) -> Option<Limit> {
        let value = self.tree.resolve(self.get(node, "timeout-minutes")?);
        let is_scalar = matches!(self.tree.node(value).kind, Kind::Scalar { .. });
        is_scalar
            .then(|| self.limit(value, MINUTE, scope))
            .flatten()
    }
}
