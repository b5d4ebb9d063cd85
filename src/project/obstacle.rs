//! What keeps upbeat from seeing everything.

use crate::source::Span;
use crate::yaml::Problem;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A reason why a run is not complete: it makes the exit code 2.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Obstacle {
    /// The file, as it is shown; empty where it is not about one.
    pub path: String,
    /// The place in it, if there is one.
    pub span: Option<Span>,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: String,
}

impl Obstacle {
    /// About no place in a file.
    pub fn new(
        path: impl Into<String>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self {
            path: path.into(),
            span: None,
            message: message.into(),
            help: help.into(),
        }
    }

    /// About a place in the file at `path`.
    pub fn at(path: impl Into<String>, problem: Problem, help: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            span: Some(problem.span),
            message: problem.message,
            help: help.into(),
        }
    }
}

/// Runs what reads the file at `path`. An error of upbeat's own there is an obstacle, and the other files are read all the same.
///
/// # Errors
/// If it panics.
pub(super) fn guarded<T>(path: &str, read: impl FnOnce() -> T) -> Result<T, Obstacle> {
    // What was half changed are caches of what was read; the worst is that the file is missing from them.
    catch_unwind(AssertUnwindSafe(read)).map_err(|_| {
        let help =
            "this is a bug of upbeat: please report it with the file; the other files were judged";
        Obstacle::new(path, "internal error while reading this file", help)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_obstacle_of_its_file() {
        assert_eq!(guarded("a.yml", || 7), Ok(7));
        let caught = guarded("a.yml", || panic!("as a bug would"));
        assert!(caught.is_err_and(|obstacle| obstacle.path == "a.yml"));
    }
}
