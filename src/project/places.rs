//! Where the numbers of a sum stand.

use super::ActiveService;
use crate::clock::Quantity;
use crate::compose::Value;
use crate::duration::Seconds;
use crate::source::Span;

/// The place of one part of a service's sum; `None` where it is a default, or was given on the command line.
pub fn part_place(service: &ActiveService, quantity: Quantity) -> Option<Span> {
    let startup = service.startup.as_ref().and_then(|startup| startup.place);
    if matches!(quantity, Quantity::Startup | Quantity::Job) {
        return startup;
    }
    let own = service.check().and_then(|check| {
        let field = match quantity {
            Quantity::StartPeriod => &check.start_period,
            Quantity::Interval => &check.interval,
            Quantity::StartInterval => &check.start_interval,
            Quantity::Timeout => &check.timeout,
            Quantity::Startup | Quantity::Job => return None,
        };
        // A zero sets nothing: what the image says counts.
        let is_set = field.known().is_none_or(|length| length > Seconds::ZERO);
        field.written().filter(|_| is_set).map(Value::place)
    });
    own.or_else(|| {
        let image = service.entry.as_ref()?.check()?;
        let number = match quantity {
            Quantity::StartPeriod => image.start_period,
            Quantity::Interval => image.interval,
            Quantity::StartInterval => image.start_interval,
            Quantity::Timeout => image.timeout,
            Quantity::Startup | Quantity::Job => None,
        };
        number.map(|number| number.span)
    })
}

/// The place of the `retries` of a service; `None` where they are Docker's default.
pub fn retries_place(service: &ActiveService) -> Option<Span> {
    let own = service.check().and_then(|check| {
        let is_set = check.retries.known().is_none_or(|retries| retries > 0);
        check.retries.written().filter(|_| is_set).map(Value::place)
    });
    let image = || service.entry.as_ref()?.check()?.retries;
    own.or_else(|| image().map(|number| number.span))
}
