//! GitLab CI: jobs with `script` lists, templates by `extends` and `!reference`.

use super::reader::{DEPTH, Reader};
use super::{EnvVariable, Job, Limit, Pipeline, Scope, Script, Step, lengths};
use crate::duration::Seconds;
use crate::shell::Dialect;
use crate::source::{Mapped, SourceFile};
use crate::yaml::{NodeId, Tree};

/// A job's limit where none is written, unless the project's settings say otherwise.
const DEFAULT_LIMIT: Seconds = Seconds::new(60 * 60);

/// The top-level keys that are no jobs.
const KEYWORDS: [&str; 13] = [
    "default",
    "include",
    "stages",
    "types",
    "variables",
    "workflow",
    "image",
    "services",
    "cache",
    "before_script",
    "after_script",
    "spec",
    "pages:deploy",
];

/// Reads a `.gitlab-ci.yml`.
pub(super) fn read(tree: &Tree, file: &SourceFile) -> Pipeline {
    let reader = GitLab {
        reader: Reader { tree, file },
        // The header of a component stands in a document of its own before the jobs.
        root: tree.documents().last().copied(),
    };
    Pipeline {
        file: tree.file(),
        jobs: reader.jobs(),
    }
}

struct GitLab<'a> {
    reader: Reader<'a>,
    root: Option<NodeId>,
}

impl GitLab<'_> {
    fn jobs(&self) -> Vec<Job> {
        let Some(root) = self.root else {
            return Vec::new();
        };
        let jobs = self.reader.entries(root);
        let jobs = jobs.filter(|(name, job)| {
            !name.starts_with('.') && !KEYWORDS.contains(name) && self.reader.is_mapping(*job)
        });
        jobs.filter_map(|(name, job)| self.job(name, job)).collect()
    }

    fn job(&self, name: &str, job: NodeId) -> Option<Job> {
        let chain = self.chain(job);
        let script = self.scripts(&chain, "script")?;
        let before = self.scripts(&chain, "before_script");
        let before = before.or_else(|| self.default_scripts("before_script"));
        let mut lines = before.unwrap_or_default();
        lines.extend(script);
        let env = self.variables(&chain);
        let limit = self
            .key(&chain, "timeout")
            .or_else(|| self.default("timeout"));
        let limit = limit.and_then(|node| self.limit(node));
        let runs = self
            .key(&chain, "when")
            .and_then(|when| self.reader.tree.scalar(when))
            .is_none_or(|when| !matches!(when, "never" | "on_failure"));
        let tolerated = self
            .key(&chain, "allow_failure")
            .is_some_and(|node| self.reader.tree.scalar(node) == Some("true"));
        let step = |script: Option<Mapped>, tolerated| Step {
            script: script.map(|text| Script {
                text,
                dialect: Dialect::Bash,
                stops_on_errors: true,
                expressions: Vec::new(),
                remote: false,
            }),
            folder: Some(String::new()),
            env: env.clone(),
            tolerated,
            runs: true,
            ..Step::default()
        };
        let mut steps = vec![step(self.reader.joined(&lines), false)];
        let after = self.scripts(&chain, "after_script");
        // It runs in a shell of its own, and its end changes nothing.
        if let Some(after) = after.or_else(|| self.default_scripts("after_script")) {
            steps.push(step(self.reader.joined(&after), true));
        }
        Some(Job {
            id: name.to_owned(),
            limit,
            default_limit: Some(DEFAULT_LIMIT),
            runs,
            tolerated,
            steps,
            ..Job::default()
        })
    }

    /// The job and the templates that it extends, the one that counts most first.
    fn chain(&self, job: NodeId) -> Vec<NodeId> {
        let mut chain = Vec::new();
        self.extend(job, &mut chain, 0);
        chain
    }

    fn extend(&self, job: NodeId, chain: &mut Vec<NodeId>, depth: usize) {
        if depth > DEPTH || chain.len() > 100 {
            return;
        }
        chain.push(job);
        let Some(extends) = self.reader.get(job, "extends") else {
            return;
        };
        let names = match self.reader.tree.items(extends) {
            [] => std::slice::from_ref(&extends),
            items => items,
        };
        // The last of several templates wins.
        for name in names.iter().rev() {
            let name = self.reader.tree.scalar(*name);
            if let Some(template) = name.and_then(|name| self.top(name)) {
                self.extend(template, chain, depth + 1);
            }
        }
    }

    fn top(&self, name: &str) -> Option<NodeId> {
        self.reader.get(self.root?, name)
    }

    /// A key of `default:`, or the same at the top of the file.
    fn default(&self, key: &str) -> Option<NodeId> {
        let default = self.top("default");
        default
            .and_then(|default| self.reader.get(default, key))
            .or_else(|| self.top(key))
    }

    fn key(&self, chain: &[NodeId], key: &str) -> Option<NodeId> {
        chain.iter().find_map(|job| self.reader.get(*job, key))
    }

    fn scripts(&self, chain: &[NodeId], key: &str) -> Option<Vec<Mapped>> {
        let node = self.key(chain, key)?;
        let mut lines = Vec::new();
        self.lines(node, &mut lines, 0);
        Some(lines)
    }

    fn default_scripts(&self, key: &str) -> Option<Vec<Mapped>> {
        let mut lines = Vec::new();
        self.lines(self.default(key)?, &mut lines, 0);
        Some(lines)
    }

    /// The lines of a script: a text, a list of them, lists in it, and what `!reference [job, key]` takes in.
    fn lines(&self, node: NodeId, lines: &mut Vec<Mapped>, depth: usize) {
        if depth > DEPTH {
            return;
        }
        let tree = self.reader.tree;
        let node = tree.resolve(node);
        let is_reference = tree
            .node(node)
            .tag
            .as_ref()
            .is_some_and(|tag| tag.name == "!reference");
        if is_reference {
            let mut names = tree.items(node).iter().map(|item| tree.scalar(*item));
            let mut target = names.next().flatten().and_then(|name| self.top(name));
            for name in names {
                let Some((job, key)) = target.zip(name) else {
                    return;
                };
                target = self.key(&self.chain(job), key);
            }
            if let Some(target) = target {
                self.lines(target, lines, depth + 1);
            }
            return;
        }
        match tree.items(node) {
            [] => lines.extend(self.reader.mapped(node)),
            items => {
                for item in items {
                    self.lines(*item, lines, depth + 1);
                }
            }
        }
    }

    /// The variables of the file, then those of the templates, then the job's own.
    fn variables(&self, chain: &[NodeId]) -> Vec<EnvVariable> {
        let scope = Scope::default();
        let mut found = Vec::new();
        let holders = chain.iter().rev().copied();
        for holder in self.root.into_iter().chain(holders) {
            let Some(variables) = self.reader.get(holder, "variables") else {
                continue;
            };
            for (name, value) in self.reader.entries(variables) {
                let value = self.reader.get(value, "value").unwrap_or(value);
                found.extend(self.reader.variable(name, value, &scope));
            }
        }
        // A variable that names others is not followed.
        for variable in &mut found {
            let names_others = |given: &crate::shell::Given| given.text.contains('$');
            if variable.value.as_ref().is_some_and(names_others) {
                variable.value = None;
            }
        }
        found
    }

    fn limit(&self, node: NodeId) -> Option<Limit> {
        let text = self.reader.mapped(node)?;
        Some(Limit {
            time: lengths::parse(text.text())?,
            span: text.span(0..text.text().len()),
            literal: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;
    use crate::yaml;

    fn jobs(text: &str) -> Vec<Job> {
        let mut sources = Sources::default();
        let file = sources.add(".gitlab-ci.yml", text);
        let tree = yaml::parse(file, text).expect("YAML");
        read(&tree, sources.get(file)).jobs
    }

    fn script(job: &Job) -> &str {
        let step = job.steps.first().expect("a step");
        step.script.as_ref().map_or("", |script| script.text.text())
    }

    #[test]
    fn a_job_is_its_scripts_one_after_the_other() {
        let jobs = jobs(
            "stages: [a]\nvariables: {MAX: '60', B: $MAX}\ndefault:\n  timeout: 30m\n  before_script: [echo first]\n.hidden:\n  script: [no]\ndeploy:\n  variables:\n    MAX: {value: '90'}\n  timeout: 1h 30m\n  script:\n    - docker compose up -d\n    - |\n      sleep 5\n      echo\n  after_script: [echo last]\nother:\n  before_script: []\n  script: echo one\n",
        );
        let names: Vec<_> = jobs.iter().map(|job| job.id.as_str()).collect();
        assert_eq!(names, ["deploy", "other"]);
        assert_eq!(
            script(&jobs[0]),
            "echo first\ndocker compose up -d\nsleep 5\necho\n\n"
        );
        assert_eq!(
            jobs[0].limit.as_ref().map(|l| l.time.as_f64()),
            Some(5400.0)
        );
        assert!(
            jobs[0].steps[1].tolerated,
            "what comes after changes nothing"
        );
        let env = &jobs[0].steps[0].env;
        let told: Vec<_> = env
            .iter()
            .map(|v| (v.name.as_str(), v.value.as_ref().map(|g| g.text.as_str())))
            .collect();
        assert_eq!(
            told,
            [("MAX", Some("60")), ("B", None), ("MAX", Some("90"))]
        );
        assert_eq!(script(&jobs[1]), "echo one\n");
        assert_eq!(
            jobs[1].limit.as_ref().map(|l| l.time.as_f64()),
            Some(1800.0)
        );
    }

    #[test]
    fn templates_and_references_are_followed() {
        let jobs = jobs(
            ".wait:\n  timeout: 10m\n  script: [sleep 1]\n  variables: {A: '1'}\n.more:\n  extends: .wait\n  script: [sleep 2]\n.setup:\n  script:\n    - echo setup\na:\n  extends: [.wait, .more]\nb:\n  extends: .wait\n  script:\n    - !reference [.setup, script]\n    - !reference [.more, script]\n    - [echo in, [echo deeper]]\nc:\n  extends: c\n  script: [!reference [c, script]]\n",
        );
        assert_eq!(script(&jobs[0]), "sleep 2\n", "the last template wins");
        assert_eq!(jobs[0].limit.as_ref().map(|l| l.time.as_f64()), Some(600.0));
        assert_eq!(
            script(&jobs[1]),
            "echo setup\nsleep 2\necho in\necho deeper\n"
        );
        assert_eq!(jobs[2].id, "c", "a circle ends");
    }
}
