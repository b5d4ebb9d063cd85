//! Which keys a compose file may have, and what may stand under them.
//!
//! The tables say what docker compose 2.40.3 (compose-go v2.9.1) takes; `tests/oracle_errors.rs` holds them against the program.

mod check;
mod deploy;
mod formats;
mod path;
mod project;
mod service;
mod shape;
mod words;

pub(super) use check::{decoded, merged, written};
pub(super) use formats::is_date;
