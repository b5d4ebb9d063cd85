//! The lives of single containers, worked out by hand.

use upbeat::clock::{Behaviour, Exit, Generation, Life, Written};
use upbeat::duration::Seconds;

use super::check;

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
