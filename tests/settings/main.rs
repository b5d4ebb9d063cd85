//! `upbeat.yml`: what it changes, what wins over it, and what is said where it is wrong.

mod baseline;
mod ignores;
mod keys;
mod projects;
mod runs;
mod wrong;
