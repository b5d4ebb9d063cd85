//! The picture of a start: its numbers, and that every format draws all of it where it belongs.

#![allow(clippy::unwrap_used)] // what is missing fails the test

#[allow(dead_code)]
#[path = "../projects/case.rs"]
mod case;
#[path = "../common/mod.rs"]
mod common;

mod corpus;
mod hostile;
mod json;
mod large;
mod random;
mod scenes;
mod shapes;
mod snapshots;
mod xml;

use case::Case;
use upbeat::clock::BudgetModel;
use upbeat::duration::Seconds;
use upbeat::project::Project;
use upbeat::timeline::Scene;

fn secs(seconds: i64) -> Seconds {
    Seconds::new(seconds)
}

fn scenes(case: &Case) -> Vec<Scene> {
    let (store, inputs) = case.inputs();
    Scene::all(&Project::read(store, &inputs), BudgetModel::Planned)
}

/// The picture of the stack with this name.
fn scene(case: &Case, stack: &str) -> Scene {
    let mut found = scenes(case).into_iter().filter(|scene| scene.name == stack);
    found.next().expect("the stack")
}

/// A project of one compose file and one workflow with one job.
fn project(compose: &str, job: &str) -> Case {
    let lines = job.lines().map(|line| format!("    {line}\n"));
    let workflow = format!("on: push\njobs:\n  deploy:\n{}", lines.collect::<String>());
    Case::of([
        ("compose.yml", compose),
        (".github/workflows/deploy.yml", workflow.as_str()),
    ])
}
