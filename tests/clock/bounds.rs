//! The closed forms, against known numbers and against the simulation.

use proptest::prelude::*;
use upbeat::clock::{Generation, State, Sum, Written, monitor, planned, planned_sum};
use upbeat::duration::Seconds;

use super::{any_check, check, share_of, shares};

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
        }
    }
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
    #[test]
    fn a_start_that_fails_stays_within_the_bounds(check in any_check(20_000), shares in shares()) {
        let run = monitor::run(check, None, Seconds::ZERO, |n, _| share_of(&check, &shares, n));
        let Some(verdict) = run.verdict else { return Ok(()) };
        prop_assert_eq!(verdict.state, State::Unhealthy);
        prop_assert!(check.earliest_unhealthy() <= verdict.at);
        prop_assert!(verdict.at <= check.latest_unhealthy());
        prop_assert_eq!(run.probes[0].start, check.first_probe());
        let first = run.probes.iter().find(|probe| probe.counted).unwrap();
        prop_assert!(first.start >= check.grace());
    }

    #[test]
    fn equal_probes_end_as_computed(check in any_check(20_000), share in 0.0..=1.0) {
        let failing = check.timeout.scaled(share);
        let run = monitor::run(check, None, Seconds::ZERO, |_, _| failing);
        let Some(verdict) = run.verdict else { return Ok(()) };
        let first = run.probes.iter().find(|probe| probe.counted).unwrap();
        prop_assert_eq!(first.start, check.first_counted(failing));
        prop_assert_eq!(run.probes.last().unwrap().start, check.allowance_with(failing));
        prop_assert_eq!(verdict.at, check.unhealthy_with(failing));
    }

    #[test]
    fn within_the_allowance_every_start_ends_healthy(check in any_check(20_000), share in 0.0..=1.0, shares in shares()) {
        let ready = check.allowance().scaled(share).min(check.allowance());
        let duration = |n, ok| if ok { Seconds::ZERO } else { share_of(&check, &shares, n) };
        let run = monitor::run(check, Some(ready), Seconds::ZERO, duration);
        let Some(verdict) = run.verdict else { return Ok(()) };
        prop_assert_eq!(verdict.state, State::Healthy);
        prop_assert!(verdict.at <= (ready + check.seen_healthy_within()).max(check.first_probe()));
        // What is planned holds: the probe that sees it starts by then.
        prop_assert!(verdict.at <= planned(&check, Some(ready)), "{} {:?}", ready, verdict);
    }

    #[test]
    fn the_smallest_start_period_grants_what_is_required(check in any_check(20_000), required in 0_i64..100_000) {
        let required = Seconds::from_millis(required);
        let period = check.start_period_for(required);
        let fixed = check.with_start_period(period);
        prop_assert!(fixed.allowance() >= required);
        let less = check.with_start_period(period - Seconds::from_millis(1));
        if less.first_probe() < period {
            prop_assert!(period == Seconds::ZERO || less.allowance() < required);
        }
    }

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
