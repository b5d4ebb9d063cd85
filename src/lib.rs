//! upbeat: a linter and fixer for the startup timing of Docker Compose projects and of the CI workflows that deploy them.
//!
//! The way of the data: [`source`] (what is here) → [`yaml`] (trees) → [`compose`] (the effective model), [`ci`] and [`shell`]
//! (what the workflows do), [`startup`] (what logs prove), [`clock`] (Docker's arithmetic) → [`project`] (all of it joined) →
//! [`rules`] → [`finding`]s → [`report`], or → [`fix`].

pub mod ci;
pub mod clock;
pub mod compose;
pub mod duration;
pub mod escape;
pub mod finding;
pub mod fix;
pub mod project;
pub mod report;
pub mod rules;
pub mod shell;
pub mod source;
pub mod startup;
pub mod yaml;
