//! Azure Pipelines: stages, jobs, and steps that are `script` or `bash`.

use super::reader::{DEPTH, Reader, folder, replaced};
use super::{EnvVariable, Job, Pipeline, Scope, Script, Step};
use crate::duration::Seconds;
use crate::shell::Dialect;
use crate::source::{Mapped, SourceFile};
use crate::yaml::{NodeId, Tree};

/// A job's limit where none is written.
const DEFAULT_LIMIT: Seconds = Seconds::new(60 * 60);
const MINUTE: Seconds = Seconds::new(60);

/// Reads an `azure-pipelines.yml`.
pub(super) fn read(tree: &Tree, file: &SourceFile) -> Pipeline {
    let reader = Azure(Reader { tree, file });
    let mut jobs = Vec::new();
    if let Some(root) = tree.documents().first() {
        reader.holder(*root, &[], false, &mut jobs, 0);
    }
    Pipeline {
        file: tree.file(),
        jobs,
    }
}

struct Azure<'a>(Reader<'a>);

impl Azure<'_> {
    /// A file, a stage or a job: each may hold stages, jobs or steps.
    fn holder(
        &self,
        holder: NodeId,
        outer: &[EnvVariable],
        on_windows: bool,
        jobs: &mut Vec<Job>,
        depth: usize,
    ) {
        if depth > DEPTH {
            return;
        }
        let mut env = outer.to_vec();
        self.variables(holder, &mut env);
        let image = self
            .0
            .get(holder, "pool")
            .and_then(|pool| self.0.text(pool, "vmImage"));
        let on_windows = image.map_or(on_windows, |image| image.to_lowercase().contains("win"));
        for key in ["stages", "jobs"] {
            let inner = self.0.get(holder, key).map(|list| self.0.tree.items(list));
            for inner in inner.unwrap_or_default() {
                self.holder(*inner, &env, on_windows, jobs, depth + 1);
            }
        }
        if let Some(steps) = self.0.get(holder, "steps") {
            jobs.push(self.job(holder, steps, &env, on_windows));
        }
        // A deployment's steps stand in its strategy.
        if let Some(strategy) = self.0.get(holder, "strategy") {
            for (_, kind) in self.0.entries(strategy) {
                for (_, phase) in self.0.entries(kind) {
                    if let Some(steps) = self.0.get(phase, "steps") {
                        jobs.push(self.job(holder, steps, &env, on_windows));
                    }
                }
            }
        }
    }

    fn job(&self, job: NodeId, steps: NodeId, env: &[EnvVariable], on_windows: bool) -> Job {
        let name = self.0.text(job, "job").or(self.0.text(job, "deployment"));
        let scope = Scope::default();
        let limit = self.0.get(job, "timeoutInMinutes");
        let limit = limit.and_then(|limit| self.0.limit(limit, MINUTE, &scope));
        let steps = self.0.tree.items(steps).iter();
        Job {
            id: name.unwrap_or("job").to_owned(),
            // Zero is the longest that there is.
            limit: limit.filter(|limit| limit.time > Seconds::ZERO),
            default_limit: Some(DEFAULT_LIMIT),
            runs: self.runs(job),
            tolerated: self.0.is_true(job, "continueOnError"),
            steps: steps
                .map(|step| self.step(*step, env, on_windows))
                .collect(),
            ..Job::default()
        }
    }

    fn step(&self, step: NodeId, job: &[EnvVariable], on_windows: bool) -> Step {
        let mut env = job.to_vec();
        let scope = Scope::default();
        if let Some(own) = self.0.get(step, "env") {
            for (name, value) in self.0.entries(own) {
                env.extend(self.0.variable(name, value, &scope).map(|v| known(v, job)));
            }
        }
        let inputs = self.0.get(step, "inputs");
        let is_bash = |inputs: &NodeId| {
            let task = self.0.text(step, "task").unwrap_or_default();
            task.starts_with("Bash@") && self.0.text(*inputs, "targetType") == Some("inline")
        };
        let task = inputs.filter(is_bash);
        let script = self.0.get(step, "bash").or_else(|| {
            let own = self.0.get(step, "script").filter(|_| !on_windows);
            own.or_else(|| task.and_then(|inputs| self.0.get(inputs, "script")))
        });
        let limit = self.0.get(step, "timeoutInMinutes");
        let written = self.0.text(step, "workingDirectory");
        Step {
            name: self.0.text(step, "displayName").map(str::to_owned),
            script: script
                .and_then(|script| self.0.mapped(script))
                .map(|text| Script {
                    text: filled(&text, &env),
                    dialect: Dialect::Bash,
                    stops_on_errors: false,
                    expressions: Vec::new(),
                    remote: false,
                }),
            folder: folder(written).filter(|folder| !folder.contains("$(")),
            limit: limit
                .and_then(|limit| self.0.limit(limit, MINUTE, &scope))
                .filter(|limit| limit.time > Seconds::ZERO),
            env,
            tolerated: self.0.is_true(step, "continueOnError"),
            runs: self.runs(step),
            ..Step::default()
        }
    }

    /// `variables:` as a mapping or as a list of names and values.
    fn variables(&self, holder: NodeId, env: &mut Vec<EnvVariable>) {
        let Some(variables) = self.0.get(holder, "variables") else {
            return;
        };
        let scope = Scope::default();
        let mut found = Vec::new();
        for (name, value) in self.0.entries(variables) {
            found.extend(self.0.variable(name, value, &scope));
        }
        for item in self.0.tree.items(variables) {
            let name = self.0.text(*item, "name");
            let value = self.0.get(*item, "value");
            if let Some((name, value)) = name.zip(value) {
                found.extend(self.0.variable(name, value, &scope));
            }
        }
        for variable in found {
            let variable = known(variable, env);
            env.push(variable);
        }
    }

    fn runs(&self, node: NodeId) -> bool {
        let condition = self.0.text(node, "condition").unwrap_or_default().trim();
        condition != "false" && !condition.starts_with("failed(")
    }
}

/// A variable as it is named in the environment, and unknown where it names others that are.
fn known(mut variable: EnvVariable, env: &[EnvVariable]) -> EnvVariable {
    variable.name = variable.name.to_uppercase().replace(['.', ' '], "_");
    if let Some(given) = &variable.value {
        if let Some(name) = given
            .text
            .strip_prefix("$(")
            .and_then(|rest| rest.strip_suffix(')'))
        {
            variable.value = value_of(name, env);
        } else if given.text.contains("$(") || given.text.contains("${{") {
            variable.value = None;
        }
    }
    variable
}

fn value_of(name: &str, env: &[EnvVariable]) -> Option<crate::shell::Given> {
    let name = name.to_uppercase().replace('.', "_");
    let variable = env.iter().rev().find(|variable| variable.name == name)?;
    variable.value.clone()
}

/// A script with `$(name)` filled in where it names a variable of the pipeline; else it is the shell's own.
fn filled(text: &Mapped, env: &[EnvVariable]) -> Mapped {
    replaced(text, ("$(", ")"), |name| {
        let upper = name.to_uppercase().replace('.', "_");
        let is_variable = env.iter().any(|variable| variable.name == upper);
        is_variable.then(|| value_of(name, env))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;
    use crate::yaml;

    #[test]
    fn stages_jobs_and_steps_are_found() {
        let text = "pool: {vmImage: ubuntu-latest}\nvariables:\n  - name: max.wait\n    value: 120\nstages:\n  - stage: a\n    jobs:\n      - job: deploy\n        timeoutInMinutes: 10\n        steps:\n          - script: sleep $(max.wait); x=$(date +%s)\n            displayName: Wait\n            timeoutInMinutes: 2\n            env: {OWN: $(max.wait)}\n          - bash: echo\n            workingDirectory: app\n          - task: Bash@3\n            inputs: {targetType: inline, script: sleep 3}\n          - pwsh: sleep 3\n      - job: win\n        pool: {vmImage: windows-latest}\n        timeoutInMinutes: 0\n        steps: [{script: echo}]\n  - stage: b\n    jobs:\n      - deployment: roll\n        strategy:\n          runOnce:\n            deploy:\n              steps: [{bash: echo out}]\n";
        let mut sources = Sources::default();
        let file = sources.add("azure-pipelines.yml", text);
        let tree = yaml::parse(file, text).expect("YAML");
        let jobs = read(&tree, sources.get(file)).jobs;
        let names: Vec<_> = jobs.iter().map(|job| job.id.as_str()).collect();
        assert_eq!(names, ["deploy", "win", "roll"]);
        let job = &jobs[0];
        assert_eq!(job.limit.as_ref().map(|l| l.time.as_f64()), Some(600.0));
        let script = |n: usize| job.steps[n].script.as_ref().map(|s| s.text.text());
        assert_eq!(script(0), Some("sleep 120; x=$(date +%s)"));
        assert_eq!(script(1), Some("echo"));
        assert_eq!(script(2), Some("sleep 3"));
        assert_eq!(script(3), None);
        assert_eq!(
            job.steps[0].limit.as_ref().map(|l| l.time.as_f64()),
            Some(120.0)
        );
        assert_eq!(job.steps[1].folder.as_deref(), Some("app"));
        let own = job.steps[0].env.iter().find(|v| v.name == "OWN");
        let own = own.and_then(|own| own.value.as_ref());
        assert_eq!(own.map(|given| given.text.as_str()), Some("120"));
        assert!(jobs[1].limit.is_none() && jobs[1].steps[0].script.is_none());
    }
}
