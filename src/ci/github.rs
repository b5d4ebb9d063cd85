//! GitHub workflows, and those of Forgejo and Gitea, which read the same syntax.

use super::{EnvVariable, Job, Limit, Step, Workflow};
use crate::duration::Seconds;
use crate::source::{SourceFile, paths};
use crate::yaml::{NodeId, Tree, mapped};

/// Reads a workflow. What is not understood is passed over.
pub fn read(tree: &Tree, file: &SourceFile) -> Workflow {
    let reader = Reader { tree, file };
    let jobs = tree.documents().first().map(|root| reader.jobs(*root));
    Workflow {
        file: tree.file(),
        jobs: jobs.unwrap_or_default(),
    }
}

struct Reader<'a> {
    tree: &'a Tree,
    file: &'a SourceFile,
}

/// What a workflow or a job sets for the steps in it.
#[derive(Clone, Default)]
struct Defaults {
    env: Vec<EnvVariable>,
    shell: Option<String>,
    folder: Option<String>,
}

impl Reader<'_> {
    fn get(&self, mapping: NodeId, key: &str) -> Option<NodeId> {
        self.tree.get(mapping, key)
    }

    fn text(&self, mapping: NodeId, key: &str) -> Option<&str> {
        self.tree.scalar(self.get(mapping, key)?)
    }

    fn jobs(&self, root: NodeId) -> Vec<Job> {
        let defaults = self.defaults(root, &Defaults::default());
        let Some(jobs) = self.get(root, "jobs") else {
            return Vec::new();
        };
        let entries = self.tree.entries(jobs).iter();
        let jobs = entries
            .filter_map(|entry| Some((self.tree.scalar(entry.key)?.to_owned(), entry.value)));
        jobs.map(|(id, job)| self.job(id, job, &defaults)).collect()
    }

    fn job(&self, id: String, job: NodeId, workflow: &Defaults) -> Job {
        let defaults = self.defaults(job, workflow);
        let steps = self.get(job, "steps").map(|steps| self.tree.items(steps));
        // A Windows machine's default shell is PowerShell.
        let on_windows = self
            .text(job, "runs-on")
            .is_some_and(|runner| runner.contains("windows"));
        let steps = steps
            .unwrap_or_default()
            .iter()
            .map(|step| self.step(*step, &defaults, on_windows));
        Job {
            id,
            limit: self.limit(job),
            runs: self.runs(job),
            tolerated: self.tolerated(job),
            steps: steps.collect(),
        }
    }

    fn step(&self, step: NodeId, job: &Defaults, on_windows: bool) -> Step {
        let defaults = self.defaults(step, job);
        let shell = self.text(step, "shell").or(defaults.shell.as_deref());
        let shell = shell.unwrap_or(if on_windows { "pwsh" } else { "bash" });
        let program = shell.split_whitespace().next().map_or("", paths::name);
        let run = self
            .get(step, "run")
            .filter(|_| matches!(program, "bash" | "sh" | "dash"));
        let folder = self
            .text(step, "working-directory")
            .map(str::to_owned)
            .or(defaults.folder);
        Step {
            name: self.text(step, "name").map(str::to_owned),
            script: run.and_then(|run| mapped(self.tree, self.file, run)),
            folder: paths::join("", folder.as_deref().unwrap_or_default())
                .filter(|folder| !folder.contains("${{")),
            env: defaults.env,
            limit: self.limit(step),
            tolerated: self.tolerated(step),
            runs: self.runs(step),
        }
    }

    fn defaults(&self, node: NodeId, outer: &Defaults) -> Defaults {
        let mut inner = outer.clone();
        if let Some(env) = self.get(node, "env") {
            let entries = self.tree.entries(env).iter();
            inner
                .env
                .extend(entries.filter_map(|entry| self.variable(entry.key, entry.value)));
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

    fn variable(&self, key: NodeId, value: NodeId) -> Option<EnvVariable> {
        let name = self.tree.scalar(key)?.to_owned();
        let text = mapped(self.tree, self.file, value)?;
        let all = 0..text.text().len();
        Some(EnvVariable {
            name,
            value: text.text().to_owned(),
            span: text.span(all.clone()),
            verbatim: text.is_verbatim(all),
        })
    }

    fn tolerated(&self, node: NodeId) -> bool {
        self.text(node, "continue-on-error") == Some("true")
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

    fn limit(&self, node: NodeId) -> Option<Limit> {
        let value = self.tree.resolve(self.get(node, "timeout-minutes")?);
        let text = self.tree.scalar(value)?;
        let minutes: f64 = text.parse().ok()?;
        Some(Limit {
            time: Seconds::from_f64(minutes * 60.0)?,
            span: self.tree.span(value),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;
    use crate::yaml;

    fn read_text(text: &str) -> (Sources, Workflow) {
        let mut sources = Sources::default();
        let file = sources.add(".github/workflows/x.yml", text);
        let tree = yaml::parse(file, text).expect("YAML");
        let workflow = read(&tree, sources.get(file));
        (sources, workflow)
    }

    #[test]
    fn steps_know_their_script_folder_variables_and_limits() {
        let (sources, workflow) = read_text(
            "env: {A: 1, B: w}\ndefaults:\n  run:\n    working-directory: app\njobs:\n  one:\n    timeout-minutes: 10\n    env:\n      B: \"j\"\n    steps:\n      - uses: x\n      - name: go\n        timeout-minutes: 1.5\n        env: {C: s}\n        run: |\n          echo $A\n      - run: echo\n        working-directory: ./sub\n        shell: pwsh\n",
        );
        let job = &workflow.jobs[0];
        assert_eq!(
            (job.id.as_str(), job.limit.map(|limit| limit.time)),
            ("one", Some(Seconds::new(600)))
        );
        assert!(job.steps[0].script.is_none());
        let step = &job.steps[1];
        assert_eq!(step.name.as_deref(), Some("go"));
        assert_eq!(step.folder.as_deref(), Some("app"));
        assert_eq!(step.limit.map(|limit| limit.time), Some(Seconds::new(90)));
        assert_eq!(
            step.script.as_ref().map(crate::source::Mapped::text),
            Some("echo $A\n")
        );
        let names: Vec<_> = step
            .env
            .iter()
            .map(|v| (v.name.as_str(), v.value.as_str()))
            .collect();
        assert_eq!(names, [("A", "1"), ("B", "w"), ("B", "j"), ("C", "s")]);
        assert_eq!(sources.text(step.env[2].span), "j");
        assert!(
            job.steps[2].script.is_none(),
            "PowerShell is not read as bash"
        );
        assert_eq!(job.steps[2].folder.as_deref(), Some("sub"));
    }
}
