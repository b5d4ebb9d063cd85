//! Whole projects, held in memory: what is found, and what the fixes make of it.

#[path = "../common/mod.rs"]
mod common;

mod case;
mod dependencies;
mod depths;
mod edits;
mod entries;
mod forms;
mod health;
mod limits;
mod scripts;
mod stacks;
mod startups;
mod story;
mod timing;
mod values;
mod variables;
mod waits;
