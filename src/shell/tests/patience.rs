//! How long loops wait, by upbeat and by a real shell whose `sleep` only counts.

use super::bash;
use crate::duration::Seconds;
use std::process::Command;

/// Loops that give up at different places of a turn. `P` is what they wait for, and never comes.
const SHAPES: [&str; 22] = [
    "n=0; until P; do n=$((n+1)); if [ $n -ge 5 ]; then exit 1; fi; sleep 10; done",
    "n=0; until P; do n=$((n+1)); if [ $n -gt 5 ]; then exit 1; fi; sleep 10; done",
    "n=0; until P; do n=$((n+1)); [ $n -eq 5 ] && exit 1; sleep 10; done",
    "n=0; until P; do if [ $n -ge 5 ]; then exit 1; fi; n=$((n+1)); sleep 10; done",
    "n=0; until P; do if [ $n -ge 5 ]; then exit 1; fi; sleep 10; n=$((n+1)); done",
    "n=0; until P; do sleep 10; n=$((n+1)); if [ $n -ge 5 ]; then exit 1; fi; done",
    "n=0; until P; do sleep 10; if [ $n -ge 5 ]; then exit 1; fi; n=$((n+1)); done",
    "n=0; until P; do n=$((n+1)); sleep 4; [ $n -ge 5 ] && exit 1; sleep 6; done",
    "n=5; until P; do n=$((n-1)); if [ $n -le 0 ]; then exit 1; fi; sleep 10; done",
    "n=5; until P; do if [ $n -le 0 ]; then exit 1; fi; sleep 10; n=$((n-1)); done",
    "for i in 1 2 3 4 5; do P && exit 0; [ $i -eq 5 ] && exit 1; sleep 10; done",
    "for i in $(seq 1 5); do P && exit 0; sleep 10; [ $i -eq 5 ] && exit 1; done",
    "for i in 1 2 3 4 5; do P && exit 0; sleep 10; done; exit 1",
    "for i in $(seq 1 9); do P && break; [ $i -ge 5 ] && exit 1; sleep 10; done",
    "E=0; until P; do E=$((E+10)); if [ $E -ge 50 ]; then exit 1; fi; sleep 10; done",
    "E=0; until P; do if [ $E -ge 50 ]; then exit 1; fi; sleep 10; E=$((E+10)); done",
    "E=0; until P; do sleep 10; E=$((E+10)); if [ $E -ge 50 ]; then exit 1; fi; done",
    "E=0; until P; do sleep 10; E=$((E+10)); if [ $E -gt 50 ]; then exit 1; fi; done",
    "E=0; while [ $E -le 50 ]; do P && exit 0; sleep 10; E=$((E+10)); done; exit 1",
    "E=0; while [ $E -lt 50 ]; do P && exit 0; sleep 10; E=$((E+10)); done; exit 1",
    "E=0; while [ $E -lt 50 ]; do P && exit 0; sleep 15; E=$((E+15)); done; exit 1",
    "n=0; while [ $n -lt 5 ]; do P && exit 0; n=$((n+1)); [ $n -eq 5 ] && break; sleep 10; done",
];

/// How long a shell sleeps in it; `None` where there is no such shell.
fn slept(script: &str) -> Option<i64> {
    let text = format!(
        "P() {{ return 1; }}; T=0; sleep() {{ T=$((T+$1)); }}; trap 'echo $T' EXIT\n{script}"
    );
    let ran = Command::new("sh").args(["-c", &text]).output().ok()?;
    String::from_utf8(ran.stdout).ok()?.trim().parse().ok()
}

#[test]
fn a_loop_lasts_as_long_as_a_shell_sleeps_in_it() {
    for script in SHAPES {
        let Some(slept) = slept(script) else {
            return;
        };
        let budget = bash(script).wait().budget;
        assert_eq!(budget, Some(Seconds::new(slept)), "{script}");
    }
}

#[test]
fn raised_literals_make_a_shell_sleep_long_enough() {
    for script in SHAPES {
        for needed in [1, 49, 61, 70, 101].map(Seconds::new) {
            let mut text = script.to_owned();
            // Where a test in the body says when a range is over as well, both have to grow.
            for _ in 0..3 {
                let read = bash(&text);
                let wait = read.wait().clone();
                if let Some(knob) = wait.knob.filter(|_| wait.budget < Some(needed)) {
                    let literal = knob.set(needed).expect("a literal");
                    text.replace_range(knob.literal.span.range(), &literal);
                }
            }
            let read = bash(&text);
            let wait = read.wait();
            let Some(slept) = slept(&text) else {
                return;
            };
            let is_enough = Seconds::new(slept) >= needed;
            assert!(is_enough || wait.knob.is_none(), "{text}: {slept}");
        }
    }
}

#[test]
fn no_attempt_is_one_too_few() {
    let script = "n=0; until P; do n=$((n+1)); [ $n -ge 2 ] && exit 1; sleep 30; done";
    let read = bash(script);
    let knob = read.wait().knob.as_ref().expect("a knob");
    // Three pauses of 30 s stand between four tries.
    assert_eq!(knob.set(Seconds::new(61)).as_deref(), Some("4"));
}
