//! How long starts really took, and what proves it: logs, and what Docker tells of containers and their probes.
//!
//! What is read is told by its content. Of a log (`stream`) only lines that may say something are looked at; they are freed from
//! prefixes, timestamps and colours (`logs`), each is asked what it says (`steps` for the step log of an entrypoint script,
//! `frameworks` for what servers print), and the answers are put together to starts, container by container (`starts`).

mod amount;
mod document;
mod events;
mod frameworks;
mod inspect;
mod logs;
mod model;
mod moment;
mod ps;
mod read;
pub mod record;
mod starts;
mod steps;
mod stream;
#[cfg(test)]
mod tests;
mod work;
mod worst;

pub use model::{Bound, Kind, Limit, MissingTool, Place, Reading, Ready, Startup, Step, Why};
pub use read::{ReadError, excerpt, read};
pub use work::{WaitLimit, WorkKind, wait_limit, work};
pub use worst::{Worst, worst};
