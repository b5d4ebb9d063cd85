//! Where the numbers of a sum stand.

use super::ActiveService;
use crate::clock::Quantity;
use crate::source::Span;

/// The place of one part of a service's sum; `None` where it is a default, or was given on the command line.
pub fn part_place(service: &ActiveService, quantity: Quantity) -> Option<Span> {
    let startup = service.startup.as_ref().and_then(|startup| startup.place);
    if matches!(quantity, Quantity::Startup | Quantity::Job) {
        return startup;
    }
    let check = service.check()?;
    let field = match quantity {
        Quantity::StartPeriod => &check.start_period,
        Quantity::Interval => &check.interval,
        Quantity::StartInterval => &check.start_interval,
        Quantity::Timeout => &check.timeout,
        Quantity::Startup | Quantity::Job => return startup,
    };
    field.written().map(crate::compose::Value::place)
}
