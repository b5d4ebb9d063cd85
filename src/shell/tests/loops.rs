//! Loops with a limit, and without one.

use super::{bash, check, read_with};
use crate::shell::{Dialect, Environment, Form};
use crate::source::{Mapped, Sources, Span};

#[test]
fn elapsed_time_is_limited_by_the_limit() {
    check(
        "MAX_WAIT=120\nELAPSED=0\nCHECK_INTERVAL=5\nwhile [ $ELAPSED -lt $MAX_WAIT ]; do\n  if healthy; then exit 0; fi\n  sleep $CHECK_INTERVAL\n  ELAPSED=$((ELAPSED + CHECK_INTERVAL))\ndone\nexit 1",
        "counter-loop 120 [120] MAX_WAIT=120->240 fails",
    );
    check(
        "LIMIT=60 waited=0\nPAUSE=3\nuntil curl -fs localhost; do\n  if (( waited >= LIMIT )); then echo no; exit 1; fi\n  sleep \"$PAUSE\"\n  waited=$((waited + PAUSE))\ndone",
        "counter-loop 60 [60] LIMIT=60->120 fails",
    );
    check(
        "ELAPSED=10\nwhile [[ $ELAPSED -le 100 ]]; do sleep 2; (( ELAPSED += 2 )); done",
        "counter-loop 92 [100 10] 100->192",
    );
    check(
        "TIMEOUT=${TIMEOUT:-300}\nwhile test $TIMEOUT -gt 0; do ready && break; sleep 10; TIMEOUT=$((TIMEOUT-10)); done",
        "counter-loop 300 [300] TIMEOUT=300->600",
    );
    check(
        "s=0; until [ -f x ] || [ $s -ge 45 ]; do sleep 1; let s+=1; done",
        "counter-loop 45 [45 1] 45->90",
    );
}

#[test]
fn attempts_cost_a_turn_each() {
    check(
        "MAX_WAIT=30\ni=0\nwhile [ $i -lt $MAX_WAIT ]; do\n curl -fs localhost && break\n sleep 2\n i=$((i+1))\ndone",
        "counter-loop 60 [30 2] MAX_WAIT=30->60",
    );
    check(
        "attempt=1\nwhile (( attempt <= 10 )); do ready && exit 0; sleep 6; ((attempt++)); done\necho late\nexit 1",
        "counter-loop 60 [10 1 6] 10->20 fails",
    );
    check(
        "i=0\nwhile true; do\n  if healthy; then break; fi\n  if [ \"$i\" -ge 30 ]; then exit 1; fi\n  i=`expr $i + 1`\n  sleep 4\ndone",
        "counter-loop 120 [30 4] 30->60 fails",
    );
    check(
        "RETRIES=12\nuntil pg_isready || [ $RETRIES -eq 0 ]; do\n  RETRIES=$((RETRIES-=1))\n  sleep 5\ndone",
        "counter-loop 60 [12 5] RETRIES=12->24",
    );
    check(
        "n=0\nuntil curl --max-time 3 -fs localhost; do\n n=$((n+1)); [ $n -ge 20 ] && exit 1; sleep 2\ndone",
        "counter-loop 98 [20 3 2] 20->40 fails",
    );
    check(
        "COUNT=0\nwhile ! ready; do\n  COUNT=$((COUNT + 1))\n  if [ $COUNT -gt 5 ]; then return 1; fi\n  sleep 10\ndone",
        "counter-loop 50 [5 10] 5->10 fails",
    );
    check(
        "tries=5\nwhile ((tries--)); do ready && break; sleep 3; done",
        "counter-loop 15 [5 3] tries=5->10",
    );
    check(
        "i=0; while [ $((i * 5)) -lt 100 ]; do sleep 5; i=$((i+1)); done",
        "counter-loop 100 [100] 100->200",
    );
}

#[test]
fn for_loops_count_their_turns() {
    check(
        "for i in {1..30}; do ready && break; sleep 2; done",
        "for-loop 60 [30 2] 30->60",
    );
    check(
        "for i in $(seq 1 45); do ready && exit 0; sleep 2; done\nexit 1",
        "for-loop 90 [45 2] 45->90 fails",
    );
    check(
        "for i in `seq 10`; do sleep 1m; done",
        "for-loop 600 [10 1m] 10->20",
    );
    check(
        "N=20\nfor i in $(seq 0 $N); do sleep 1; done",
        "for-loop 21 [20 1] N=20->41",
    );
    check(
        "for i in $(seq 5 5 60); do sleep 5; done",
        "for-loop 60 [60 5 5 5] 60->120",
    );
    check(
        "for i in 1 2 3 4 5; do ready && break; sleep 10; done",
        "for-loop 50 [10]",
    );
    check(
        "for ((i=0;i<12;i++)); do ready && break; sleep 5; done",
        "for-loop 60 [12 5] 12->24",
    );
    check(
        "for (( i = 1; i <= 12; i++ )); do ready && continue; sleep 5; done",
        "for-loop none []",
    );
    check(
        "for i in {0..60..5}; do sleep 5; done",
        "for-loop 65 [60 5 5] 60->125",
    );
    check(
        "M=9; for i in $(eval echo {1..$M}); do sleep 2; done",
        "for-loop 18 [9 2] M=9->18",
    );
    check(
        "for i in $(seq $UNKNOWN); do sleep 2; done",
        "for-loop none []",
    );
    check(
        "for i in $(seq 1 30); do\n if ready; then break; fi\n if [ $i -eq 30 ]; then echo late; exit 1; fi\n sleep 2\ndone",
        "for-loop 58 [30 2] 30->59 fails",
    );
    check(
        "for i in {1..30}; do\n docker compose ps | grep -q healthy && break\n [ $i -lt 30 ] && sleep 2\ndone",
        "for-loop 60 [30 2] 30->60",
    );
    check(
        "for i in {1..10}; do curl -sf -m 5 http://localhost && break; done",
        "for-loop 50 [10 5] 10->20",
    );
}

#[test]
fn braces_are_texts_where_they_are_not_expanded() {
    let read = read_with(
        "for i in {1..30}; do sleep 2; done",
        &Environment::new(),
        Dialect::Sh,
    );
    assert_eq!(read.line(read.wait()), "for-loop none []");
}

#[test]
fn open_loops_have_no_budget() {
    for script in [
        "until curl -fs localhost; do sleep 2; done",
        "while ! docker compose exec -T db pg_isready; do sleep 1; done",
        "while true; do ready && break; sleep 5; done",
        "while :; do docker inspect web | grep -q healthy && break; sleep $X; done",
        "while [ \"$(docker inspect -f '{{.State.Health.Status}}' web)\" != healthy ]; do sleep 2; done",
        "until [ \"$(curl -s -o /dev/null -w '%{http_code}' localhost)\" -eq 200 ]; do sleep 2; done",
    ] {
        check(script, "open-loop none []");
    }
}

#[test]
fn deadlines_are_read_off_the_clock() {
    check(
        "END=$((SECONDS+120))\nwhile [ $SECONDS -lt $END ]; do ready && break; sleep 3; done",
        "deadline-loop 120 [120] END=120->240",
    );
    check(
        "START=$(date +%s)\nwhile true; do\n ready && break\n NOW=$(date +%s)\n if (( NOW - START > 90 )); then exit 1; fi\n sleep 2\ndone",
        "deadline-loop 90 [90] 90->180 fails",
    );
    check(
        "MAX=60\ndeadline=$(( $(date +%s) + MAX ))\nuntil ready; do\n if [ \"$(date +%s)\" -ge \"$deadline\" ]; then exit 1; fi\n sleep 1\ndone",
        "deadline-loop 60 [60] MAX=60->120 fails",
    );
    check(
        "SECONDS=0\nuntil ready; do [ $SECONDS -gt 300 ] && exit 1; sleep 5; done",
        "deadline-loop 300 [300] 300->600 fails",
    );
    check(
        "START=$(date +%s)\nuntil ready; do ELAPSED=$(( $(date +%s) - START )); [[ $ELAPSED -lt 30 ]] || exit 1; sleep 5; done",
        "deadline-loop 30 [30] 30->60 fails",
    );
}

#[test]
fn what_is_not_understood_has_no_budget() {
    for script in [
        "i=0; while [ $i -lt $MAX ]; do sleep 2; i=$((i+1)); done",
        "i=0; while [ $i -lt 30 ]; do if odd; then sleep 2; else sleep 9; fi; i=$((i+1)); done",
        "i=0; while [ $i -lt 30 ]; do sleep $i; i=$((i+1)); done",
        "i=0; while [ $i -lt 30 ]; do sleep $((i * 2)); i=$((i+1)); done",
        "i=0; while [ $i -lt 30 ]; do sleep 2; if odd; then i=$((i+1)); fi; done",
        "i=0; M=$(nproc); while [ $i -lt $M ]; do sleep 2; i=$((i+1)); done",
        "if x; then M=5; else M=9; fi; i=0; while [ $i -lt $M ]; do sleep 2; i=$((i+1)); done",
        "i=0; while [ $i -lt 30 ] || busy; do sleep 2; i=$((i+1)); done",
    ] {
        let read = bash(script);
        let wait = read.wait();
        assert_eq!(wait.budget, None, "{script}: {wait:?}");
        assert!(wait.knob.is_none() && wait.from.is_empty());
    }
}

#[test]
fn an_unknown_pause_does_not_matter_to_a_loop_that_adds_it() {
    check(
        "E=0; while [ $E -lt 120 ]; do ready && break; sleep $INTERVAL; E=$((E + INTERVAL)); done",
        "counter-loop 120 [120] 120->240",
    );
    check(
        "E=0; while [ $E -lt 120 ]; do ready && break; sleep ${{ inputs.i }}; E=$((E + ${{ inputs.i }})); done",
        "counter-loop 120 [120] 120->240",
    );
}

#[test]
fn unknown_expressions_stay_themselves_in_nested_scripts() {
    check(
        "ssh h << EOF\nE=0; while [ \\$E -lt 120 ]; do sleep ${{ a }}; E=\\$((E + ${{ a }})); done\nEOF",
        "counter-loop 120 [120] 120->240",
    );
    let read = bash(
        "ssh h \"${{ b }}; E=0; while [ \\$E -lt 120 ]; do sleep ${{ a }}; E=\\$((E + ${{ b }})); done\"",
    );
    assert_eq!(read.wait().budget, None);
}

#[test]
fn several_literals_are_all_named_and_give_no_knob() {
    check(
        "LIMIT=$((2*60)); E=0; while [ $E -lt $LIMIT ]; do sleep 5; E=$((E+5)); done",
        "counter-loop 120 [2 60]",
    );
    check(
        "T=120; P=5; MAX=$((T / P)); i=0; while [ $i -lt $MAX ]; do sleep $P; i=$((i+1)); done",
        "counter-loop 120 [120 5]",
    );
}

#[test]
fn functions_get_their_arguments() {
    check(
        "wait_for() {\n  local max=$1 step=${2:-5} n=0\n  while [ $n -lt $max ]; do\n    ready && return 0\n    sleep $step\n    n=$((n + step))\n  done\n  return 1\n}\nwait_for 90",
        "counter-loop 90 [90] max=90->180 fails",
    );
    check(
        "pause() { sleep 4; }\ntick() { i=$((i + 1)); }\ni=0\nuntil ready; do pause; tick; [ $i -eq 15 ] && exit 1; done",
        "counter-loop 60 [15 4] 15->30 fails",
    );
    let twice = bash("w() { for i in $(seq $1); do ready && return; sleep 2; done; }\nw 10\nw 20");
    let budgets: Vec<_> = twice.reading.waits().map(|w| w.budget).collect();
    assert_eq!(budgets, [super::seconds(20), super::seconds(40)]);
    check(
        "never() { for i in $(seq ${1:-10}); do sleep 2; done; }",
        "for-loop 20 [10 2] 10->20",
    );
}

#[test]
fn case_and_continue_are_ways_through_a_turn() {
    check(
        "for i in {1..20}; do\n case \"$(state)\" in\n healthy) exit 0;;\n unhealthy) exit 1;;\n *) sleep 3;;\n esac\ndone\nexit 1",
        "for-loop 60 [20 3] 20->40 fails",
    );
    check(
        "n=0\nwhile [ $n -lt 10 ]; do\n n=$((n+1))\n if ! ready; then sleep 6; continue; fi\n break\ndone",
        "counter-loop 60 [10 6] 10->20",
    );
    check(
        "for i in {1..10}; do if ready; then echo ok; break; else sleep 3; fi; done",
        "for-loop 30 [10 3] 10->20",
    );
    check(
        "for i in {1..10}; do ready && break || sleep 3; done",
        "for-loop 30 [10 3] 10->20",
    );
}

#[test]
fn success_flags_are_no_limits() {
    check(
        "ok=0\nfor i in {1..60}; do\n  S=$(curl -sk -m 5 -w '%{http_code}' https://x/healthz || echo 000)\n  if [ \"$S\" = 200 ]; then ok=1; break; fi\n  sleep 3\ndone\nif [ \"$ok\" -ne 1 ]; then exit 1; fi",
        "for-loop 480 [60 5 3] 60->120 fails",
    );
}

#[test]
fn tolerated_loops_cannot_fail() {
    let read = bash("( for i in {1..3}; do ready && exit 0; sleep 2; done; exit 1 ) || true");
    assert!(!read.wait().can_fail);
}

#[test]
fn waits_in_the_background_are_told_as_such() {
    let read = bash(
        "(docker compose up -d --wait --wait-timeout 60; echo) &\nwhile ! curl -f localhost:80; do sleep 1; done &",
    );
    let told: Vec<_> = read.reading.waits().map(|w| w.setting.background).collect();
    assert_eq!(told, [true, true]);
}

#[test]
fn nothing_waits_for_the_background() {
    assert_eq!(
        bash("while true; do ping; sleep 60; done &\nsleep 5 &")
            .reading
            .waits()
            .count(),
        0
    );
}

#[test]
fn loops_over_lines_do_not_wait() {
    let read = bash("ls | while read -r line; do docker inspect $line; done");
    assert_eq!(read.reading.waits().count(), 0);
}

#[test]
fn the_environment_is_where_numbers_come_from() {
    let text = "env: 240\nwhile [ $E -lt $MAX_WAIT ]; do sleep 5; E=$((E+5)); done\n";
    let mut sources = Sources::default();
    let file = sources.add("w.yml", text);
    let mut environment = Environment::new();
    environment.set("MAX_WAIT", "240", Some(Span::new(file, 5..8)));
    environment.set("E", "0", None);
    let reading = super::read(
        &Mapped::verbatim(file, &text[9..], 9),
        &environment,
        Dialect::Bash,
    );
    let wait = reading.waits().next().unwrap();
    assert_eq!(wait.form, Form::CounterLoop);
    let knob = wait.knob.as_ref().unwrap();
    assert_eq!(
        (knob.literal.span, knob.variable()),
        (Span::new(file, 5..8), Some("MAX_WAIT"))
    );
}

/// Loops that last 90 seconds, each in its own spelling.
const NINETY: &[&str] = &[
    "MAX=90; E=0; while [ $E -lt $MAX ] && ! healthy; do sleep 3; E=$(($E + 3)); done",
    "MAX=90; E=0; while ! healthy && [[ E -lt MAX ]]; do sleep 3; E=$((E + 3)); done",
    "export MAX=90; E=0; until [ \"$(docker inspect x)\" = healthy -o $E -ge $MAX ]; do sleep 3; E=$(( E+3 )); done",
    "readonly MAX=90; declare -i E=0; until healthy || ((E >= MAX)); do sleep 3; ((E += 3)); done",
    ": \"${MAX:=90}\"; E=0; while ! healthy; do [ \"$E\" -ge \"$MAX\" ] && exit 1; sleep 3; E=$((E + 3)); done",
    "E=0; while ! healthy; do sleep 3; E=$((E + 3)); test $E -lt 90 || exit 1; done",
    "E=0; while ! healthy; do sleep 3; E=$((E + 3)); if ! [ $E -lt 90 ]; then exit 1; fi; done",
    "E=0; while ! healthy; do sleep 3; E=$((E + 3)); if [ ! $E -lt 90 ]; then exit 1; fi; done",
    "E=0; while ! healthy; do sleep 3; E=$((E + 3)); if [ $E = 90 ]; then exit 1; fi; done",
    "T=90; while ! healthy; do if [ $T -le 0 ]; then exit 1; fi; sleep 3; T=$((T - 3)); done",
    "T=90; until healthy; do sleep 3; ((T-=3)); ((T)) || exit 1; done",
    "if [ -z \"$T\" ]; then T=90; fi; while ((T > 0)); do sleep 3; let T=T-3; done",
    "[ -n \"$T\" ] || T=90; while ((T > 0)); do sleep 3; let T=T-3; done",
    "T=90; if [ -z \"$T\" ]; then T=40; fi; while ((T > 0)); do sleep 3; let T=T-3; done",
    "[ -z \"$TOKEN\" ] && { echo no; exit 1; }\nif [ -z \"$HOST\" ]; then exit 1; fi\nT=90; while ((T > 0)); do sleep 3; let T=T-3; done",
    "T=90; while ((T > 0)); do sleep 3; let T=T-3; done",
    "n=0; until healthy || (( n++ >= 30 )); do sleep 3; done",
    "n=0; until healthy || [ $((++n)) -gt 30 ]; do sleep 3; done",
    "n=0; while [ $((n+=1)) -le 30 ]; do healthy && break; sleep 3; done",
    "for ((n=30; n>0; n--)); do healthy && break; sleep 3; done",
    "N=30; for ((n=1; n<=N; ++n)); do healthy && break; sleep 3; done",
    "for i in $(seq 30 -1 1); do sleep 3; done",
    "for i in {30..1}; do sleep 3; done",
    "n=30; while (( --n >= 0 )); do sleep 3; done",
    "n=1\nwhile [ $n -le 30 ]\ndo\n  if healthy\n  then\n    break\n  else\n    sleep 3\n  fi\n  n=`expr $n + 1`\ndone",
    "n=0; while [ 30 -gt $n ]; do sleep 3; n=$((1 + n)); done",
    "n=0; while true; do n=$((n+1)); if healthy; then break; elif [ $n -eq 31 ]; then exit 1; else sleep 3; fi; done",
    "M=90; n=0; while [ $((M - n)) -gt 0 ]; do sleep 3; n=$((n+3)); done",
    "M=90; S=$SECONDS; until healthy; do sleep 3; if [ $((SECONDS - S)) -ge $M ]; then break; fi; done",
    "E=`expr $(date +%s) + 90`; while [ `date +%s` -lt $E ]; do sleep 3; done",
    "for i in {1..3}; do for j in {1..10}; do healthy && break 2; sleep 3; done; sleep 0; done",
];

#[test]
fn conditions_are_read_in_every_spelling() {
    for script in NINETY {
        let read = bash(script);
        assert_eq!(
            read.wait().budget,
            super::seconds(90),
            "{script}: {:?}",
            read.summary()
        );
    }
}

#[test]
fn a_way_out_that_is_not_always_taken_is_no_limit() {
    for script in [
        "n=0; while ! healthy; do n=$((n+1)); if [ $n -ge 3 ] && broken; then exit 1; fi; sleep 5; done",
        "n=0; while ! healthy; do if broken; then n=$((n+1)); [ $n -ge 3 ] && exit 1; fi; sleep 5; done",
        "n=0; while ! healthy; do x || continue; sleep 5; n=$((n+1)); [ $n -ge 3 ] && exit 1; done",
        "n=0; while ! healthy; do sleep 5; n=$((n+1)); n=0; [ $n -ge 3 ] && exit 1; done",
        "n=0; while ! healthy; do (n=$((n+1))); [ $n -ge 3 ] && exit 1; sleep 5; done",
        "n=5; while [ $n -lt 3 ]; do sleep 5; n=$((n-1)); done",
        "n=0; while [ $n -lt 30 ]; do sleep 5; n=$((n*2)); done",
        "n=0; while [ $n -ne 31 ]; do sleep 5; n=$((n+2)); done",
        "while [ $n -lt 30 ]; do sleep 5; n=$((n+1)); done",
    ] {
        assert_eq!(bash(script).wait().budget, None, "{script}");
    }
}
