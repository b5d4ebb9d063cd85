//! Bitbucket Pipelines: each `step` is a job with one script.

use super::reader::{DEPTH, Reader};
use super::{Job, Limit, Pipeline, Scope, Script, Step};
use crate::duration::Seconds;
use crate::shell::Dialect;
use crate::source::{Mapped, SourceFile};
use crate::yaml::{NodeId, Tree};

/// A step's limit where none is written.
const DEFAULT_LIMIT: Seconds = Seconds::new(120 * 60);
const MINUTE: Seconds = Seconds::new(60);

/// Reads a `bitbucket-pipelines.yml`.
pub(super) fn read(tree: &Tree, file: &SourceFile) -> Pipeline {
    let reader = Bitbucket(Reader { tree, file });
    let mut jobs: Vec<Job> = Vec::new();
    if let Some(root) = tree.documents().first() {
        let limit = reader.0.get(*root, "options").and_then(|o| reader.limit(o));
        if let Some(pipelines) = reader.0.get(*root, "pipelines") {
            let mut seen = Vec::new();
            reader.steps(pipelines, limit.as_ref(), &mut seen, &mut jobs, 0);
        }
    }
    Pipeline {
        file: tree.file(),
        jobs,
    }
}

struct Bitbucket<'a>(Reader<'a>);

impl Bitbucket<'_> {
    /// All steps below a node: pipelines, branches, stages and parallel groups only order them. A step that many pipelines
    /// share by an alias is one.
    fn steps(
        &self,
        node: NodeId,
        outer: Option<&Limit>,
        seen: &mut Vec<NodeId>,
        jobs: &mut Vec<Job>,
        depth: usize,
    ) {
        if depth > DEPTH {
            return;
        }
        for item in self.0.tree.items(node) {
            self.steps(*item, outer, seen, jobs, depth + 1);
        }
        for (key, inner) in self.0.entries(node) {
            if key != "step" {
                self.steps(inner, outer, seen, jobs, depth + 1);
                continue;
            }
            let step = self.0.tree.resolve(inner);
            if !seen.contains(&step) {
                seen.push(step);
                jobs.extend(self.job(step, outer));
            }
        }
    }

    fn job(&self, step: NodeId, outer: Option<&Limit>) -> Option<Job> {
        let name = self.0.text(step, "name");
        let run = |key: &str, tolerated| {
            let lines = self.lines(self.0.get(step, key)?);
            Some(Step {
                script: self.0.joined(&lines).map(|text| Script {
                    text,
                    dialect: Dialect::Bash,
                    stops_on_errors: true,
                    expressions: Vec::new(),
                    remote: false,
                }),
                folder: Some(String::new()),
                tolerated,
                runs: true,
                ..Step::default()
            })
        };
        let mut steps = vec![run("script", false)?];
        steps.extend(run("after-script", true));
        Some(Job {
            id: name.unwrap_or("step").to_owned(),
            limit: self.limit(step).or_else(|| outer.cloned()),
            default_limit: Some(DEFAULT_LIMIT),
            runs: true,
            steps,
            ..Job::default()
        })
    }

    /// The commands of a script; a pipe is none.
    fn lines(&self, script: NodeId) -> Vec<Mapped> {
        let items = match self.0.tree.items(script) {
            [] => std::slice::from_ref(&script),
            items => items,
        };
        items
            .iter()
            .filter_map(|item| self.0.mapped(*item))
            .collect()
    }

    fn limit(&self, holder: NodeId) -> Option<Limit> {
        let node = self.0.get(holder, "max-time")?;
        self.0.limit(node, MINUTE, &Scope::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;
    use crate::yaml;

    #[test]
    fn steps_are_found_wherever_they_stand() {
        let text = "options: {max-time: 30}\ndefinitions:\n  steps:\n    - step: &wait\n        name: Wait\n        max-time: 5\n        script: [docker compose up -d, sleep 9, {pipe: x}]\n        after-script: [echo]\npipelines:\n  default:\n    - step: *wait\n    - parallel:\n        - step: {name: P, script: [echo p]}\n  branches:\n    main:\n      - stage:\n          steps:\n            - step: *wait\n            - step: {script: echo}\n";
        let mut sources = Sources::default();
        let file = sources.add("bitbucket-pipelines.yml", text);
        let tree = yaml::parse(file, text).expect("YAML");
        let jobs = read(&tree, sources.get(file)).jobs;
        let told: Vec<_> = jobs
            .iter()
            .map(|job| {
                let script = job.steps[0].script.as_ref().map_or("", |s| s.text.text());
                (
                    job.id.as_str(),
                    job.limit.as_ref().map(|l| l.time.as_f64()),
                    script,
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                ("Wait", Some(300.0), "docker compose up -d\nsleep 9\n"),
                ("P", Some(1800.0), "echo p\n"),
                ("step", Some(1800.0), "echo\n"),
            ]
        );
        assert!(jobs[0].steps[1].tolerated);
    }
}
