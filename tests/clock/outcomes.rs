//! What a given startup can come to, against all there is to try.

use std::collections::{BTreeMap, VecDeque};

use proptest::prelude::*;
use upbeat::clock::{
    Generation, HealthCheck, OutcomeState, State, Verdict, Window, Written, monitor, outcome,
};
use upbeat::duration::Seconds;

use super::{SETS, check, many};

#[test]
fn a_hundred_seconds_on_the_storys_backend() {
    let backend = check((45, 5, 3, 90), Generation::V27);
    let found = outcome(&backend, Some(Seconds::new(100)));
    assert_eq!(found.state(), OutcomeState::Healthy);
    assert_eq!(
        (found.earliest(), found.latest()),
        (Seconds::new(135), Seconds::new(150))
    );
    assert_eq!(found.burned, 1);
}

/// The numbers of the story: (numbers, startup, state, burned).
#[test]
fn startups_of_the_story() {
    use OutcomeState::{Either, Healthy, Unhealthy};
    for (numbers, startup, state, burned) in [
        ((45, 5, 5, 90), 180, Healthy, 2),
        ((45, 5, 5, 90), 260, Healthy, 4),
        ((20, 10, 3, 200), 180, Healthy, 0),
        ((20, 10, 3, 200), 260, Either, 3),
        ((20, 10, 3, 200), 300, Unhealthy, 3),
        ((30, 30, 3, 0), 90, Healthy, 2),
        ((30, 30, 3, 0), 91, Either, 3),
        ((30, 30, 3, 0), 151, Unhealthy, 3),
    ] {
        let found = outcome(
            &check(numbers, Generation::V27),
            Some(Seconds::new(startup)),
        );
        assert_eq!(
            (found.state(), found.burned),
            (state, burned),
            "{numbers:?} {startup} {found:?}"
        );
    }
}

#[test]
fn hostile_numbers_take_no_time() {
    let written = Written {
        interval: Some(Seconds::from_nanos(1)),
        timeout: Some(Seconds::from_nanos(1)),
        retries: Some(u64::MAX),
        start_period: Some(Seconds::new(86_400)),
        start_interval: Some(Seconds::from_nanos(1)),
    };
    for generation in super::GENERATIONS {
        for startup in [0, 1, 86_399, 86_401, 1_000_000, i64::MAX] {
            let found = outcome(&written.on(generation), Some(Seconds::new(startup)));
            assert!(found.earliest() <= found.latest());
        }
    }
}

/// A long start interval beside a short cycle: the probe after the period can start later than any that follows another.
#[test]
fn a_long_start_interval_makes_the_latest_probe() {
    let millis = |n| Some(Seconds::from_millis(n));
    let written = Written {
        interval: millis(1),
        timeout: millis(1),
        retries: Some(4),
        start_period: millis(95),
        start_interval: millis(10),
    };
    let check = written.on(Generation::V27);
    agrees(check, Some(102)).unwrap();
    let healthy = outcome(&check, millis(102)).healthy.unwrap();
    assert_eq!(healthy.latest, Seconds::from_millis(106));
}

/// All that a container can come to on a grid of whole ticks: every state that the loop can be in, with the probes' durations that led there.
struct Tried {
    healthy: BTreeMap<i64, Vec<i64>>,
    unhealthy: BTreeMap<i64, Vec<i64>>,
    burned: u64,
}

fn millis(length: Seconds) -> i64 {
    length.nanos() / 1_000_000
}

/// Every duration of every probe in whole milliseconds, by the rules as they are told: the next probe after the start interval while the period lasts.
fn try_all(check: &HealthCheck, ready: Option<i64>) -> Tried {
    let (interval, timeout, period) = (
        millis(check.interval),
        millis(check.timeout),
        millis(check.start_period),
    );
    let step = check.starting_interval().map_or(interval, millis);
    let mut tried = Tried {
        healthy: BTreeMap::new(),
        unhealthy: BTreeMap::new(),
        burned: 0,
    };
    let mut seen = std::collections::BTreeSet::from([(0, 0)]);
    let mut left = VecDeque::from([(0, 0, Vec::new())]);
    while let Some((now, streak, durations)) = left.pop_front() {
        let start = now + if now < period { step } else { interval };
        if ready.is_some_and(|ready| start >= ready) {
            for duration in 0..timeout {
                let path = [&durations[..], &[duration]].concat();
                tried.healthy.entry(start + duration).or_insert(path);
            }
            continue;
        }
        let streak = streak + u64::from(start >= period);
        tried.burned = tried.burned.max(streak);
        for duration in 0..=timeout {
            let end = start + duration;
            let path = [&durations[..], &[duration]].concat();
            if streak >= check.retries {
                tried.unhealthy.entry(end).or_insert(path);
            } else if seen.insert((end, streak)) {
                left.push_back((end, streak, path));
            }
        }
    }
    tried
}

/// The window is what was tried: its begin exactly, its end to the tick that the open ends leave (`open` of them at least).
fn same(
    window: Option<Window>,
    tried: &BTreeMap<i64, Vec<i64>>,
    open: i64,
) -> Result<(), TestCaseError> {
    let Some(window) = window else {
        prop_assert!(tried.is_empty());
        return Ok(());
    };
    prop_assert!(!tried.is_empty());
    prop_assert_eq!(millis(window.earliest), *tried.keys().next().unwrap());
    let missing = millis(window.latest) - *tried.keys().last().unwrap();
    if window.attained {
        prop_assert_eq!(missing, 0);
    } else {
        prop_assert!((1..=1 + open).contains(&missing), "{} ticks off", missing);
    }
    Ok(())
}

/// Whether the simulation ends in the same way with these durations.
fn replays(
    check: HealthCheck,
    ready: Option<i64>,
    state: State,
    end: (&i64, &Vec<i64>),
) -> Result<(), TestCaseError> {
    let duration = |n: u64, _| Seconds::from_millis(end.1[usize::try_from(n).unwrap() - 1]);
    let run = monitor::run(
        check,
        ready.map(Seconds::from_millis),
        Seconds::ZERO,
        duration,
    );
    let at = Seconds::from_millis(*end.0);
    prop_assert_eq!(run.verdict, Some(Verdict { state, at }));
    Ok(())
}

/// The windows hold all that was tried, and both their ends can happen.
fn agrees(check: HealthCheck, ready: Option<i64>) -> Result<(), TestCaseError> {
    let found = outcome(&check, ready.map(Seconds::from_millis));
    let tried = try_all(&check, ready);
    // A success takes less than the timeout: one tick more is missing there if the start of its probe is open as well.
    same(found.healthy, &tried.healthy, 1)?;
    same(found.unhealthy, &tried.unhealthy, 0)?;
    prop_assert_eq!(found.burned, tried.burned);
    for (state, ends) in [
        (State::Healthy, &tried.healthy),
        (State::Unhealthy, &tried.unhealthy),
    ] {
        for end in ends
            .first_key_value()
            .into_iter()
            .chain(ends.last_key_value())
        {
            replays(check, ready, state, end)?;
        }
    }
    Ok(())
}

fn small_check() -> impl Strategy<Value = HealthCheck> {
    let generation = prop::sample::select(&super::GENERATIONS[..]);
    (
        1_i64..9,
        1_i64..7,
        1_u64..5,
        0_i64..40,
        1_i64..14,
        generation,
    )
        .prop_map(
            |(interval, timeout, retries, start_period, start_interval, generation)| {
                let millis = |n| Some(Seconds::from_millis(n));
                Written {
                    interval: millis(interval),
                    timeout: millis(timeout),
                    retries: Some(retries),
                    start_period: millis(start_period),
                    start_interval: millis(start_interval),
                }
                .on(generation)
            },
        )
}

proptest! {
    #![proptest_config(many(SETS))]

    #[test]
    fn the_windows_are_what_can_happen(check in small_check(), ready in prop::option::weighted(0.9, 0_i64..80)) {
        agrees(check, ready)?;
    }
}
