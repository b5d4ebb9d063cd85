//! The closed forms, against known numbers.

use proptest::prelude::*;
use upbeat::clock::{Generation, Sum, Written, outcome, planned, planned_sum};
use upbeat::duration::Seconds;

use super::{check, many};

/// Numbers, the seed formula, U = A when fast, (U, A) when hanging with a start interval and without, the range of U, the allowance.
type Row = (
    (i64, i64, u64, i64),
    i64,
    i64,
    (i64, i64),
    (i64, i64),
    (i64, i64),
    i64,
);

/// With and without a start interval of 5 s.
const TABLE: [Row; 5] = [
    (
        (45, 5, 5, 90),
        315,
        270,
        (340, 335),
        (300, 295),
        (270, 345),
        270,
    ),
    (
        (20, 10, 3, 200),
        260,
        240,
        (270, 260),
        (270, 260),
        (240, 300),
        240,
    ),
    (
        (30, 30, 3, 0),
        90,
        90,
        (180, 150),
        (180, 150),
        (90, 180),
        90,
    ),
    (
        (30, 30, 3, 60),
        150,
        120,
        (250, 220),
        (240, 210),
        (120, 270),
        120,
    ),
    (
        (30, 10, 5, 180),
        330,
        300,
        (380, 370),
        (360, 350),
        (300, 390),
        300,
    ),
];

#[test]
fn the_known_numbers() {
    for (numbers, seed, fast, hanging_27, hanging, range, allowance) in TABLE {
        for generation in super::GENERATIONS {
            let check = check(numbers, generation);
            let hang = check.timeout;
            assert_eq!(check.seed_formula(), Seconds::new(seed));
            let zero = Seconds::ZERO;
            assert_eq!(check.unhealthy_with(zero), Seconds::new(fast), "{check:?}");
            assert_eq!(check.allowance_with(zero), Seconds::new(fast), "{check:?}");
            let newest = generation == Generation::V27;
            let (unhealthy, allowed) = if newest { hanging_27 } else { hanging };
            assert_eq!(
                check.unhealthy_with(hang),
                Seconds::new(unhealthy),
                "{check:?}"
            );
            assert_eq!(
                check.allowance_with(hang),
                Seconds::new(allowed),
                "{check:?}"
            );
            let bounds = (check.earliest_unhealthy(), check.latest_unhealthy());
            assert_eq!(
                bounds,
                (Seconds::new(range.0), Seconds::new(range.1)),
                "{check:?}"
            );
            assert_eq!(check.allowance(), Seconds::new(allowance));
            if newest {
                // The start interval of 5 s reaches the end of every start period: there the range is what can happen, its end open.
                let unhealthy = outcome(&check, None).unhealthy.unwrap();
                assert_eq!((unhealthy.earliest, unhealthy.latest), bounds);
                assert_eq!(unhealthy.attained, check.start_period == Seconds::ZERO);
            }
        }
    }
}

/// What people compute is an over-estimate where probes fail at once, and too little where they hang: by up to a timeout more than there are retries.
#[test]
fn the_seed_formula_is_neither() {
    let document = check((45, 5, 5, 90), Generation::V27);
    assert_eq!(document.allowance(), Seconds::new(270));
    // The real project had three retries, and so not a second more than its startup takes on a bad day.
    let before = check((45, 5, 3, 90), Generation::V27);
    assert_eq!(before.allowance(), Seconds::new(180));
    let after = check((20, 10, 3, 200), Generation::V27);
    let missing = after.latest_unhealthy() - after.seed_formula();
    assert_eq!(missing, after.timeout.times(after.retries + 1));
}

#[test]
fn sums_show_their_parts() {
    let newest = |numbers| check(numbers, Generation::V27);
    let backend = newest((45, 5, 3, 90));
    for (sum, text) in [
        (
            planned_sum(&backend, None),
            "90s start_period + 5s timeout + 45s interval = 140s",
        ),
        (
            planned_sum(&backend, Some(Seconds::new(180))),
            "180s startup + 5s timeout + 45s interval = 230s",
        ),
        (
            backend.worst_sum(),
            "90s start_period + 4 x 5s timeout + 3 x 45s interval = 245s",
        ),
        (
            newest((1, 1, 3, 2)).worst_sum(),
            "5s start_interval + 3 x 1s timeout + 2 x 1s interval = 10s",
        ),
        (
            newest((30, 30, 3, 0)).worst_sum(),
            "3 x 30s interval + 3 x 30s timeout = 180s",
        ),
        (
            planned_sum(&newest((1, 1, 3, 2)), None),
            "5s start_interval",
        ),
        (
            planned_sum(&newest((30, 30, 3, 0)), Some(Seconds::new(4))),
            "30s interval",
        ),
        (
            planned_sum(&newest((30, 30, 3, 0)), None),
            "3 x 30s interval + 3 x 30s timeout = 180s",
        ),
        (
            planned_sum(&newest((1, 1, 3, 9)), None),
            "9s start_period + 5s start_interval = 14s",
        ),
        (Sum::default(), "0s"),
    ] {
        assert_eq!(sum.to_string(), text);
    }
}

proptest! {
    #![proptest_config(many(10_000))]

    /// Nothing overflows, whatever is written.
    #[test]
    fn any_numbers_do(
        lengths in prop::array::uniform4(prop_oneof![any::<i64>(), 0_i64..5, Just(i64::MAX)]),
        retries in prop_oneof![any::<u64>(), Just(u64::MAX), 0_u64..5],
        ready in any::<i64>(),
    ) {
        let nanos = |n| Some(Seconds::from_nanos(n));
        let [interval, timeout, start_period, start_interval] = lengths.map(nanos);
        let written = Written { interval, timeout, retries: Some(retries), start_period, start_interval };
        for generation in super::GENERATIONS {
            let check = written.on(generation);
            prop_assert!(check.earliest_unhealthy() <= check.latest_unhealthy());
            for failing in [Seconds::ZERO, check.timeout, Seconds::from_nanos(ready)] {
                prop_assert!(check.earliest_unhealthy() <= check.allowance_with(failing));
                prop_assert!(check.unhealthy_with(failing) <= check.latest_unhealthy());
            }
            planned(&check, nanos(ready));
            check.start_period_for(Seconds::from_nanos(ready));
            check.seen_healthy_within();
            check.seed_formula();
            for startup in [None, nanos(ready)] {
                let outcome = upbeat::clock::outcome(&check, startup);
                prop_assert!(outcome.earliest() <= outcome.latest());
                for window in outcome.healthy.iter().chain(&outcome.unhealthy) {
                    prop_assert!(window.earliest <= window.latest);
                }
            }
        }
    }
}
