//! What the settings name beside stacks and startups, and what must be there for it to have an effect.

use super::{Inputs, NamedPaths, Obstacle};
use crate::source::Store;
use crate::yaml::Problem;

/// Reports globs that hold none of the project's files.
pub(super) fn check_globs(store: &Store, inputs: &Inputs, obstacles: &mut Vec<Obstacle>) {
    for NamedPaths { glob, paths, span } in &inputs.named_paths {
        if store.has_any(paths) {
            continue;
        }
        let message = format!("`{glob}` holds no compose file, workflow or script of this project");
        let help = "globs are those of a .gitignore, and count from the project's root";
        let path = store.sources().get(span.file).path();
        let problem = Problem {
            span: *span,
            message,
        };
        obstacles.push(Obstacle::at(path, problem, help));
    }
}
