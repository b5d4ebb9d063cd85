//! What a real engine and the real docker-compose do, beside what the clock says they do.
//!
//! `tests/oracle/engine.sh` starts an engine and runs these; with one of your own: `cargo test --test docker -- --ignored --nocapture`. The image (`UPBEAT_ENGINE_IMAGE`, else
//! `busybox`) needs sh, sleep, test, touch and rm. The predictions are for the engine's own version.

#![allow(clippy::unwrap_used)] // what is missing fails the test

#[path = "common/behaviours.rs"]
mod behaviours;
#[path = "docker/containers.rs"]
mod containers;
#[path = "docker/engine.rs"]
mod engine;
#[path = "docker/stacks.rs"]
mod stacks;
#[path = "docker/startups.rs"]
mod startups;
