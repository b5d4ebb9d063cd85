//! `upbeat.yml`: what it changes, what wins over it, and what is said where it is wrong.

#[path = "../common/mod.rs"]
mod common;

mod baseline;
mod ignores;
mod init;
mod keys;
mod logs;
mod options;
mod overrides;
mod projects;
mod runs;
mod schema;
mod wrong;
