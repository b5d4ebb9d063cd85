//! The life of a container in a few divisions, against the probes one by one.

use proptest::prelude::*;
use upbeat::clock::{
    Answer, Behaviour, Exit, Generation, HealthCheck, Life, Monitor, State, Written,
};
use upbeat::duration::Seconds;

use super::{SETS, any_check, check, many};

/// The first verdicts of each kind, probe by probe; none where it takes too many to tell.
fn probed(check: HealthCheck, behaviour: &Behaviour, overhead: Seconds) -> Option<Life> {
    let answer = |_, start| {
        let ready = behaviour.ready.is_some_and(|ready| start >= ready);
        Answer {
            ok: ready,
            duration: if ready {
                behaviour.succeeding
            } else {
                behaviour.failing
            },
        }
    };
    let mut life = Life::default();
    let never_healthy = behaviour.ready.is_none() || behaviour.succeeding >= check.timeout;
    for probe in Monitor::new(check, answer).overhead(overhead).take(20_000) {
        match probe.verdict {
            Some(verdict) if verdict.state == State::Healthy => life.healthy = Some(verdict.at),
            Some(verdict) => life.unhealthy = Some(verdict.at),
            None => {}
        }
        if life.healthy.is_some() || never_healthy && life.unhealthy.is_some() {
            return Some(life);
        }
    }
    None
}

proptest! {
    #![proptest_config(many(SETS))]

    #[test]
    fn a_life_is_what_its_probes_make_it(
        check in any_check(20_000),
        ready in prop::option::weighted(0.8, -1000_i64..60_000),
        shares in (0.0..1.2, 0.0..1.2),
        overhead in prop_oneof![Just(0_i64), 0_i64..200],
    ) {
        let behaviour = Behaviour {
            ready: ready.map(Seconds::from_millis),
            failing: check.timeout.scaled(shares.0),
            succeeding: check.timeout.scaled(shares.1),
            ..Behaviour::default()
        };
        let overhead = Seconds::from_millis(overhead);
        let Some(life) = probed(check, &behaviour, overhead) else { return Ok(()) };
        prop_assert_eq!(Life::of(Some(&check), &behaviour, overhead), life);
    }
}

/// Numbers of the story: unhealthy at 270 s, and healthy all the same at the next probe.
#[test]
fn unhealthy_is_followed_by_healthy() {
    let before = check((45, 5, 5, 90), Generation::V17);
    let life = |ready| {
        Life::of(
            Some(&before),
            &Behaviour::ready(Seconds::new(ready)),
            Seconds::ZERO,
        )
    };
    let late = life(280);
    assert_eq!(late.unhealthy, Some(Seconds::new(270)));
    assert_eq!(late.healthy, Some(Seconds::new(315)));
    let in_time = life(270);
    assert_eq!(
        (in_time.unhealthy, in_time.healthy),
        (None, Some(Seconds::new(270)))
    );
}

#[test]
fn what_is_gone_gets_no_verdict() {
    let one = check((10, 1, 1, 0), Generation::V27);
    let exit = |at| Exit {
        at: Seconds::new(at),
        code: 0,
    };
    let life = |ready, at| {
        let behaviour = Behaviour {
            ready: Some(Seconds::new(ready)),
            exit: Some(exit(at)),
            ..Behaviour::default()
        };
        Life::of(Some(&one), &behaviour, Seconds::ZERO)
    };
    assert_eq!(life(5, 11).healthy, Some(Seconds::new(10)));
    assert_eq!(life(5, 10).healthy, None, "the probe ends with it");
    assert_eq!(life(15, 10).unhealthy, None);
    assert_eq!(life(15, 19).unhealthy, Some(Seconds::new(10)));
    assert_eq!(life(15, 19).healthy, None);
    let none = Life::of(None, &Behaviour::exits(Seconds::new(3), 2), Seconds::ZERO);
    assert_eq!((none.healthy, none.unhealthy), (None, None));
    assert_eq!(none.exit.map(|exit| exit.code), Some(2));
}

/// A probe that succeeds too late is a failure; what failed before still counts.
#[test]
fn a_success_that_takes_too_long_fails() {
    let slow = check((10, 5, 3, 0), Generation::V27);
    let behaviour = Behaviour {
        succeeding: Seconds::new(5),
        ..Behaviour::ready(Seconds::new(15))
    };
    let life = Life::of(Some(&slow), &behaviour, Seconds::ZERO);
    // 10 fails at once, 20 hangs until 25, 35 until 40.
    assert_eq!(life.unhealthy, Some(Seconds::new(40)));
    assert_eq!(life.healthy, None);
}

#[test]
fn hostile_numbers_have_a_life_too() {
    for nanos in [1, 86_400_000_000_000, i64::MAX] {
        let length = Some(Seconds::from_nanos(nanos));
        for retries in [1, u64::MAX] {
            for generation in super::GENERATIONS {
                let written = Written {
                    interval: length,
                    timeout: length,
                    retries: Some(retries),
                    start_period: Some(Seconds::from_nanos(i64::MAX)),
                    start_interval: Some(Seconds::from_nanos(1)),
                };
                for behaviour in [
                    Behaviour::default(),
                    Behaviour::ready(Seconds::from_nanos(i64::MAX)),
                ] {
                    let check = written.on(generation);
                    let life = Life::of(Some(&check), &behaviour, Seconds::ZERO);
                    assert!(life.unhealthy.is_some() || life.healthy.is_some());
                }
            }
        }
    }
}
