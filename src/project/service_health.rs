//! The healthcheck of a service container, from its options to what the clock takes.

use crate::ci::ServiceContainer;
use crate::clock::Written;
use crate::duration::parse;

/// The healthcheck as it is written; `None` where only the image knows it, or where a value is not known.
pub fn written_health(service: &ServiceContainer) -> Option<Written> {
    if service.disabled {
        return None;
    }
    service.option("cmd")?;
    let length = |name: &str| match service.option(name) {
        None => Some(None),
        Some(option) => parse(option.value.as_deref()?).ok().map(Some),
    };
    let retries = match service.option("retries") {
        None => None,
        Some(option) => Some(option.value.as_deref()?.trim().parse().ok()?),
    };
    Some(Written {
        interval: length("interval")?,
        timeout: length("timeout")?,
        retries,
        start_period: length("start-period")?,
        start_interval: length("start-interval")?,
    })
}
