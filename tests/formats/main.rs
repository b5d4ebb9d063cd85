//! The forms in which findings are told: what each holds, that hostile texts do nothing in any of them, and that those read them for whom
//! they are made.
#![allow(clippy::unwrap_used)] // Clippy sees tests in functions marked so, and not in their helpers.

#[path = "../common/mod.rs"]
mod common;
mod fixes;
mod hostile;
mod outlets;
mod readers;
mod snapshots;

/// The log of a start that took long, and the rules whose findings are shown: those of later days are not to change what is compared.
const STORY: &str =
    "--log backend=logs/backend-bad-day.log --select wait-below-budget,start-period-below-startup";
