//! Waits that run out, and nothing fails.

use super::bash;
use crate::shell::GoesOn;

/// Why the only wait of a script surely fails nothing.
fn lost(script: &str) -> Option<GoesOn> {
    let read = bash(script);
    read.wait().goes_on
}

#[test]
fn a_loop_that_runs_out_is_lost_where_what_follows_only_prints() {
    let behind = |rest: &str| {
        lost(&format!(
            "for i in $(seq 9); do docker compose ps | grep -q up && break; sleep 2; done\n{rest}"
        ))
    };
    let all_well = Some(GoesOn::RunsOut);
    for rest in [
        "",
        "echo done\ndocker compose ps\ndocker compose -f a.yml logs --tail=50 | tail",
        "if [ \"$ok\" = yes ]; then echo ready; else echo \"not ready\" >&2; fi\nexit 0\ncurl -f x",
        "[ \"$ok\" = yes ] && echo ready\necho on",
    ] {
        assert_eq!(behind(rest), all_well, "{rest}");
    }
    for rest in [
        "exit 1",
        "curl -f http://localhost/",
        "docker compose exec web true",
        "[ \"$ok\" = yes ]",
        "[ \"$ok\" = yes ] && echo ready",
        "[ \"$ok\" = yes ] || exit 1\necho on",
        "if [ \"$ok\" != yes ]; then echo no; exit 1; fi",
        "echo \"ready=$ok\" >> \"$GITHUB_OUTPUT\"",
        "echo \"$ok\" > state",
        "npm test",
        "docker compose ps | grep -q up",
        "OK=$(curl -f http://localhost/)",
    ] {
        assert_eq!(behind(rest), None, "{rest}");
    }
}

#[test]
fn the_status_of_a_last_loop_is_its_last_commands() {
    // The last try's status is that of the loop, and of the script.
    let last = "for i in 1 2 3; do sleep 2; docker compose ps | grep -q up && break; done";
    assert_eq!(lost(last), None);
    assert_eq!(lost(&format!("{last}\necho done")), Some(GoesOn::RunsOut));
    assert_eq!(
        lost(&format!("f() {{ {last}; }}\nset -e\nf\necho done")),
        None
    );
    let counted = "n=0; until docker compose ps | grep -q up; do n=$((n+1)); [ $n -ge 9 ] && break; sleep 2; done";
    assert_eq!(lost(counted), Some(GoesOn::RunsOut));
}

#[test]
fn a_failing_test_that_is_never_true_fails_nothing() {
    let script = |test: &str| {
        format!(
            "n=0\nwhile [ $n -lt 30 ]; do\n docker compose ps | grep -q up && break\n sleep 2\n n=$((n+1))\n if [ $n -{test} ]; then exit 1; fi\ndone"
        )
    };
    assert_eq!(lost(&script("gt 30")), Some(GoesOn::Unreached));
    assert_eq!(lost(&script("ge 30")), None);
}

#[test]
fn a_caught_failure_is_lost() {
    let wait = "timeout 60 bash -c 'until docker compose ps | grep -q up; do sleep 2; done'";
    let found = |rest: &str| lost(&format!("set -e\n{wait}{rest}"));
    assert_eq!(found(" || true"), Some(GoesOn::Caught));
    assert_eq!(found(" || echo late\necho on"), Some(GoesOn::Caught));
    assert_eq!(found(" || rescue"), None);
    assert_eq!(found(" || true\nnpm test"), None);
    assert_eq!(found(""), None);
    assert_eq!(lost(&format!("{wait}\necho on")), Some(GoesOn::Unheeded));
    assert_eq!(lost(&format!("if {wait}; then echo on; fi")), None);
    let loop_of = "w() { for i in 1 2 3; do docker compose ps | grep -q up && return 0; sleep 2; done; return 1; }\n";
    assert_eq!(lost(&format!("{loop_of}w || true")), Some(GoesOn::Caught));
    assert_eq!(lost(&format!("{loop_of}w")), None);
    assert_eq!(lost(&format!("{loop_of}if w; then echo on; fi")), None);
    assert_eq!(
        lost("w() { for i in 1 2 3; do docker compose ps | grep -q up && break; sleep 2; done; }"),
        None
    );
}

#[test]
fn functions_that_only_print_are_known_by_what_they_do() {
    let with = |body: &str| {
        lost(&format!(
            "say() {{ {body}; }}\nfor i in $(seq 9); do docker compose ps | grep -q up && break; sleep 2; done\nsay done"
        ))
    };
    assert_eq!(with("echo \"$1\""), Some(GoesOn::RunsOut));
    assert_eq!(with("echo \"$1\"; test -n \"$ok\""), None);
    assert_eq!(with("say \"$1\""), None, "without end");
}
