//! Random sets of numbers of every generation: the simulation, the closed forms, the windows and the lives must agree on each.
//!
//! One test for all of them, since making the sets takes longer than judging them.

use std::cell::Cell;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use upbeat::clock::{
    Answer, Behaviour, HealthCheck, Life, Monitor, OutcomeState, State, Verdict, monitor, outcome,
    planned,
};
use upbeat::duration::Seconds;

use super::{GENERATIONS, SETS, any_check, many, share_of, shares};

type Judged = Result<(), TestCaseError>;

/// A healthcheck, and a container that has it.
#[derive(Clone, Debug)]
struct Set {
    check: HealthCheck,
    /// When it is ready, if it ever is.
    ready: Option<Seconds>,
    /// How long its probes take, each for itself.
    shares: Vec<f64>,
    /// A share of the timeout, or of the allowance.
    share: f64,
    /// What the engine needs for each probe.
    overhead: Seconds,
}

fn sets() -> impl Strategy<Value = Set> {
    (
        any_check(20_000),
        prop::option::weighted(0.9, 0_i64..60_000),
        shares(),
        0.0..1.2,
        0_i64..200,
    )
        .prop_map(|(check, ready, shares, share, overhead)| Set {
            check,
            ready: ready.map(Seconds::from_millis),
            shares,
            share,
            overhead: Seconds::from_millis(overhead),
        })
}

impl Set {
    /// What a probe takes. That of a ready container must not hang, or it is no success.
    fn duration(&self, number: u64, ok: bool) -> Seconds {
        let duration = share_of(&self.check, &self.shares, number);
        if ok {
            duration.min(self.check.timeout - Seconds::from_nanos(1))
        } else {
            duration
        }
    }

    fn run(&self, ready: Option<Seconds>) -> (Verdict, Vec<monitor::Probe>) {
        let run = monitor::run(self.check, ready, Seconds::ZERO, |n, ok| {
            self.duration(n, ok)
        });
        let verdict = run.verdict.expect("these numbers come to a verdict");
        (verdict, run.probes)
    }

    fn a_start_that_fails_stays_within_the_bounds(&self) -> Judged {
        let check = self.check;
        let (verdict, probes) = self.run(None);
        prop_assert_eq!(verdict.state, State::Unhealthy);
        prop_assert!(check.earliest_unhealthy() <= verdict.at);
        prop_assert!(verdict.at <= check.latest_unhealthy());
        prop_assert_eq!(probes[0].start, check.first_probe());
        let first = probes.iter().find(|probe| probe.counted).unwrap();
        prop_assert!(first.start >= check.grace());
        Ok(())
    }

    fn equal_probes_end_as_computed(&self) -> Judged {
        let check = self.check;
        let failing = check.timeout.scaled(self.share.min(1.0));
        let run = monitor::run(check, None, Seconds::ZERO, |_, _| failing);
        let first = run.probes.iter().find(|probe| probe.counted).unwrap();
        prop_assert_eq!(first.start, check.first_counted(failing));
        let last = run.probes.last().unwrap().start;
        prop_assert_eq!(last, check.allowance_with(failing));
        let at = run.verdict.map(|verdict| verdict.at);
        prop_assert_eq!(at, Some(check.unhealthy_with(failing)));
        Ok(())
    }

    fn within_the_allowance_every_start_ends_healthy(&self) -> Judged {
        let check = self.check;
        let ready = check.allowance().scaled(self.share).min(check.allowance());
        let run = monitor::run(check, Some(ready), Seconds::ZERO, |n, ok| {
            if ok {
                Seconds::ZERO
            } else {
                self.duration(n, ok)
            }
        });
        let verdict = run.verdict.unwrap();
        prop_assert_eq!(verdict.state, State::Healthy);
        prop_assert!(verdict.at <= (ready + check.seen_healthy_within()).max(check.first_probe()));
        // What is planned holds: the probe that sees it starts by then.
        prop_assert!(verdict.at <= planned(&check, Some(ready)));
        Ok(())
    }

    fn the_smallest_start_period_grants_what_is_required(&self) -> Judged {
        let required = self.ready.unwrap_or_default();
        let period = self.check.start_period_for(required);
        prop_assert!(self.check.with_start_period(period).allowance() >= required);
        let less = self
            .check
            .with_start_period(period - Seconds::from_millis(1));
        if less.first_probe() < period {
            prop_assert!(period == Seconds::ZERO || less.allowance() < required);
        }
        Ok(())
    }

    fn the_simulated_verdict_is_in_its_window(&self) -> Judged {
        let found = outcome(&self.check, self.ready);
        let (verdict, probes) = self.run(self.ready);
        let window = match verdict.state {
            State::Healthy => found.healthy,
            State::Unhealthy => found.unhealthy,
            State::Starting => None,
        };
        let inside = window.is_some_and(|window| {
            window.earliest <= verdict.at
                && (verdict.at < window.latest || window.attained && verdict.at == window.latest)
        });
        prop_assert!(inside, "{:?} is not in {:?}", verdict, found);
        let counted = probes.iter().filter(|probe| probe.counted).count();
        prop_assert!(found.burned >= counted as u64);
        Ok(())
    }

    /// The closed forms enclose the tight windows.
    fn the_bounds_hold_for_the_windows(&self) -> Judged {
        let check = self.check;
        let never = outcome(&check, None).unhealthy.unwrap();
        prop_assert!(check.earliest_unhealthy() <= never.earliest);
        prop_assert!(never.latest <= check.latest_unhealthy());
        let Some(ready) = self.ready else {
            return Ok(());
        };
        let found = outcome(&check, Some(ready));
        if ready <= check.allowance() {
            prop_assert_eq!(found.state(), OutcomeState::Healthy);
        }
        if ready <= check.grace() {
            prop_assert_eq!(found.burned, 0);
        }
        if let Some(healthy) = found.healthy {
            let first = check.first_probe() + check.timeout;
            prop_assert!(healthy.latest <= (ready + check.seen_healthy_within()).max(first));
        }
        Ok(())
    }

    /// A life, worked out in a few divisions, is what its probes make of it one by one. Here a success may take too long.
    fn a_life_is_what_its_probes_make_it(&self) -> Judged {
        let check = self.check;
        let behaviour = Behaviour {
            ready: self.ready,
            failing: check.timeout.scaled(self.shares[0]),
            succeeding: check.timeout.scaled(self.share),
            ..Behaviour::default()
        };
        let never_healthy = self.ready.is_none() || behaviour.succeeding >= check.timeout;
        let answer = |_, start| {
            let ok = self.ready.is_some_and(|ready| start >= ready);
            let duration = if ok {
                behaviour.succeeding
            } else {
                behaviour.failing
            };
            Answer { ok, duration }
        };
        let mut life = Life::default();
        for probe in Monitor::new(check, answer).overhead(self.overhead) {
            match probe.verdict {
                Some(verdict) if verdict.state == State::Healthy => life.healthy = Some(verdict.at),
                Some(verdict) => life.unhealthy = Some(verdict.at),
                None => {}
            }
            if life.healthy.is_some() || never_healthy && life.unhealthy.is_some() {
                break;
            }
        }
        prop_assert_eq!(Life::of(Some(&check), &behaviour, self.overhead), life);
        Ok(())
    }
}

#[test]
fn every_set_of_numbers_holds() {
    let judged = Cell::new([0_u32; GENERATIONS.len()]);
    let judge = |set: Set| {
        set.a_start_that_fails_stays_within_the_bounds()?;
        set.equal_probes_end_as_computed()?;
        set.within_the_allowance_every_start_ends_healthy()?;
        set.the_smallest_start_period_grants_what_is_required()?;
        set.the_simulated_verdict_is_in_its_window()?;
        set.the_bounds_hold_for_the_windows()?;
        set.a_life_is_what_its_probes_make_it()?;
        let mut counts = judged.get();
        counts[set.check.generation as usize] += 1;
        judged.set(counts);
        Ok(())
    };
    if let Err(error) = TestRunner::new(many(SETS)).run(&sets(), judge) {
        panic!("{error}");
    }
    let judged = judged.get();
    println!("sets of each generation: {judged:?}");
    assert!(judged.iter().sum::<u32>() >= SETS);
    assert!(judged.iter().all(|count| *count > SETS / 5));
}
