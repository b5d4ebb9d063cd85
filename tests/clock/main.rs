//! The health clock: against measured engines, against itself, and over whole stacks.

#![allow(clippy::unwrap_used)] // what is missing fails the test

#[path = "../common/behaviours.rs"]
mod behaviours;

mod bounds;
mod budgets;
mod compose_cases;
mod engines;
mod limits;
mod lives;
mod outcomes;
mod prospects;
mod replayed;
mod sets;
mod ups;

use proptest::prelude::*;
use upbeat::clock::{Generation, HealthCheck, Written};
use upbeat::duration::Seconds;

const GENERATIONS: [Generation; 4] = [
    Generation::V17,
    Generation::V23,
    Generation::V25,
    Generation::V27,
];

/// The random sets of numbers that the clock is held against, of each kind.
const SETS: u32 = 100_000;

/// So many cases, without files of old failures: those become tests of their own.
fn many(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// Interval, timeout, retries and start period in seconds, as the story's tables write them.
fn check(numbers: (i64, i64, u64, i64), generation: Generation) -> HealthCheck {
    let (interval, timeout, retries, start_period) = numbers;
    let seconds = |s| Some(Seconds::new(s));
    Written {
        interval: seconds(interval),
        timeout: seconds(timeout),
        retries: Some(retries),
        start_period: seconds(start_period),
        start_interval: None,
    }
    .on(generation)
}

/// Healthchecks of all generations with numbers up to `largest` milliseconds, zeros (which mean the defaults) included.
fn any_check(largest: i64) -> impl Strategy<Value = HealthCheck> {
    let length = move || prop::option::of(0..=largest);
    let generation = prop::sample::select(&GENERATIONS[..]);
    let retries = prop::option::of(0_u64..6);
    (length(), length(), retries, length(), length(), generation).prop_map(
        |(interval, timeout, retries, start_period, start_interval, generation)| {
            let millis = |n: Option<i64>| n.map(Seconds::from_millis);
            Written {
                interval: millis(interval),
                timeout: millis(timeout),
                retries,
                start_period: millis(start_period),
                start_interval: millis(start_interval),
            }
            .on(generation)
        },
    )
}

/// How long the probes of a start take, as shares of the timeout: all quick, all hanging, one or the other, or anything. The last is repeated.
fn shares() -> impl Strategy<Value = Vec<f64>> {
    prop_oneof![
        Just(vec![0.0]),
        Just(vec![1.0]),
        (0.0..1.0).prop_map(|share| vec![share]),
        prop::collection::vec(prop::sample::select(vec![0.0, 1.0]), 1..30),
        prop::collection::vec(0.0..=1.0, 1..30),
    ]
}

/// The duration of the n-th probe (from 1) by shares of the timeout.
fn share_of(check: &HealthCheck, shares: &[f64], number: u64) -> Seconds {
    let index = usize::try_from(number).unwrap() - 1;
    check.timeout.scaled(shares[index.min(shares.len() - 1)])
}
