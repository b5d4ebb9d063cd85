//! How long starts really took, read off logs.
//!
//! The lines are freed from prefixes, timestamps and colours (`logs`), each is asked what it says (`steps` for the step
//! log of an entrypoint script, `frameworks` for ready lines with a number of their own), and the answers are put
//! together to starts, container by container (`starts`).

mod amount;
mod frameworks;
mod logs;
mod record;
mod starts;
mod steps;
#[cfg(test)]
mod tests;
mod work;

pub use record::{Bound, Startup, Step};
pub use work::{Limit, WorkKind, limit, work};

use crate::source::FileId;
use starts::{Container, Event};
use std::collections::HashMap;

/// The starts that a log tells of, in the order in which they were measured; none if nothing in it is understood.
///
/// The log may hold several services, interleaved, and several starts of each. `text` is the whole text of `file`. It is
/// read once, line by line, and never refused: what is not understood is passed over.
pub fn read(file: FileId, text: &str) -> Vec<Startup> {
    let mut containers: HashMap<String, Container> = HashMap::new();
    for line in logs::lines(file, text) {
        for piece in line.pieces() {
            let Some(event) = Event::read(&line.mapped().text()[piece.clone()]) else {
                continue;
            };
            let name = line.container();
            // Not `entry`: it would own the name for every event.
            if !containers.contains_key(name) {
                containers.insert(name.to_owned(), Container::new(name));
            }
            if let Some(container) = containers.get_mut(name) {
                container.observe(event, &line, &piece);
            }
        }
    }
    let mut startups: Vec<Startup> = containers
        .into_values()
        .flat_map(|container| container.finish(file))
        .collect();
    startups.sort_by_key(|startup| (startup.span.start, startup.number.start));
    startups
}
