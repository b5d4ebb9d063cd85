//! From findings to changed files: choosing the edits, showing them, writing them.

pub mod diff;
pub mod passes;
pub mod plan;
pub mod verify;
pub mod write;
