//! Waits that are no loops, and what waits look at.

use super::{bash, check};

#[test]
fn sleeps_last_what_they_say() {
    check("sleep 10", "sleep 10 [10] 10->20");
    check("sleep 0.5", "sleep 0.5 [0.5] 0.5->1");
    check("sleep 1m 30s", "sleep 90 [1m 30s]");
    check("N=15; sleep \"$N\"", "sleep 15 [15] N=15->30");
    check("sleep ${WAIT:-20}s", "sleep 20 [20 s] WAIT=20->40");
    check("sleep $((2 * 30))", "sleep 60 [2 30]");
    check("sleep $X", "sleep none []");
    check("sleep infinity", "sleep none []");
    check("sleep", "sleep none []");
    check("echo hi && sudo sleep 3", "sleep 3 [3] 3->6");
}

#[test]
fn programs_that_try_again() {
    check(
        "set -e; curl --retry 10 --retry-delay 5 --retry-connrefused -m 3 http://localhost:8080/health",
        "curl-retry 80 [3 10 5] 10->20 fails",
    );
    check(
        "curl --retry 5 --retry-all-errors http://web",
        "curl-retry 31 [5]",
    );
    check(
        "curl --retry 30 --retry-delay 2 --retry-max-time 40 http://127.0.0.1",
        "curl-retry 40 [40]",
    );
    assert_eq!(
        bash("curl --retry 3 -LO https://example.org/x.tgz")
            .reading
            .waits()
            .count(),
        0
    );
    check(
        "./wait-for-it.sh db:5432 -t 60 -- echo up",
        "tool 60 [60] 60->120",
    );
    check("wait-for-it db:5432 --timeout=45", "tool 45 [45] 45->90");
    check("wait-for-it.sh db:5432", "tool 15 []");
    check("wait-for-it.sh db:5432 -t 0", "tool none [0] 0->");
    check(
        "dockerize -wait tcp://db:5432 -timeout 60s",
        "tool 60 [60s] 60s->120s",
    );
    check(
        "npx wait-on -t 60000 http://localhost:3000",
        "tool 60 [60000] 60000->120000",
    );
    check(
        "npx --yes wait-on@7 http-get://localhost --timeout 3m",
        "tool 180 [3m] 3m->6m",
    );
    check(
        "kubectl wait --for=condition=ready pod/x --timeout=90s",
        "tool 90 [90s] 90s->180s",
    );
    assert_eq!(
        bash("kubectl apply -f x; dockerize -template a:b; pg_isready")
            .reading
            .waits()
            .count(),
        0
    );
}

#[test]
fn loops_say_what_they_look_at() {
    let read = bash(
        "ID=$(docker compose ps -q backend)\nfor i in {1..9}; do\n docker inspect -f '{{.State}}' $ID my-db\n docker ps --filter name=proxy\n curl -fs http://localhost:8080/health && break\n nc -z db 5432\n docker compose exec -T redis redis-cli ping\n sleep 1\ndone",
    );
    let watches = &read.wait().watches;
    let services: Vec<_> = watches.compose.iter().flat_map(|c| &c.services).collect();
    let names = |a: &crate::shell::Argument| a.text.clone().unwrap();
    assert_eq!(
        services.into_iter().map(names).collect::<Vec<_>>(),
        ["backend", "redis"]
    );
    let containers: Vec<_> = watches
        .containers
        .iter()
        .map(|c| c.name.as_deref())
        .collect();
    assert_eq!(containers, [Some("my-db"), Some("proxy")]);
    let endpoints: Vec<_> = watches
        .endpoints
        .iter()
        .map(|e| (e.host.as_deref(), e.port))
        .collect();
    assert_eq!(
        endpoints,
        [(Some("localhost"), Some(8080)), (Some("db"), Some(5432))]
    );
}

/// Waits as people write them, and what is read in them.
const WRITTEN: &[(&str, &[&str])] = &[
    (
        "for svc in db redis; do for i in {1..30}; do docker inspect $svc && break; sleep 2; done; done",
        &["for-loop 60 [30 2] 30->60"],
    ),
    (
        "check() { docker compose ps | grep -q healthy; }\nwait_healthy() {\n  local timeout=${1:-120}\n  local interval=5\n  local elapsed=0\n  while ! check; do\n    if [ $elapsed -ge $timeout ]; then\n      echo bad >&2\n      return 1\n    fi\n    sleep $interval\n    elapsed=$((elapsed + interval))\n  done\n}\nwait_healthy 300 || exit 1\nwait_healthy",
        &[
            "counter-loop 300 [300] timeout=300->600 fails",
            "compose ps",
            "counter-loop 120 [120] timeout=120->240 fails",
            "compose ps",
        ],
    ),
    (
        "set -e\nwait_for() { for i in $(seq 1 30); do ready && return 0; sleep 2; done; return 1; }\nwait_for",
        &["for-loop 60 [30 2] 30->60 fails"],
    ),
    (
        "ATTEMPTS=0\nMAX_ATTEMPTS=30\nuntil curl -sf http://localhost:8000/health > /dev/null; do\n  ATTEMPTS=$((ATTEMPTS + 1))\n  if [ $ATTEMPTS -ge $MAX_ATTEMPTS ]; then\n    docker compose logs\n    exit 1\n  fi\n  sleep 5\ndone",
        &[
            "counter-loop 145 [30 5] MAX_ATTEMPTS=30->59 fails",
            "compose logs",
        ],
    ),
    (
        "timeout 120 sh -c 'while [ \"$(docker inspect -f {{.State.Health.Status}} web)\" != \"healthy\" ]; do sleep 2; done' || (docker compose logs && exit 1)",
        &["timeout-command 120 [120] 120->240", "compose logs"],
    ),
    (
        "end=$((SECONDS+60)); until docker compose ps | grep -q healthy; do if (( SECONDS > end )); then echo late; exit 1; fi; sleep 2; done",
        &["deadline-loop 60 [60] end=60->120 fails", "compose ps"],
    ),
    (
        "n=0\nuntil [ \"$n\" -ge 5 ]\ndo\n   command && break\n   n=$((n+1))\n   sleep 15\ndone",
        &["counter-loop 75 [5 15] 5->10"],
    ),
    (
        "counter=0\nwhile [[ $(docker ps -q -f health=healthy | wc -l) -ne 3 && $counter -lt 20 ]]; do sleep 3; ((counter++)); done\nif [ $counter -eq 20 ]; then exit 1; fi",
        &["counter-loop 60 [20 3] 20->40 fails"],
    ),
    (
        "for i in $(seq 1 ${RETRIES:-30}); do if curl -sf localhost; then exit 0; fi; echo \"$i\"; sleep ${DELAY:-2}; done; exit 1",
        &["for-loop 60 [30 2] RETRIES=30->60 fails"],
    ),
    (
        "sudo -u deploy bash -lc 'cd /srv && docker compose up -d && for i in {1..10}; do sleep 3; done'",
        &["compose up", "for-loop 30 [10 3] 10->20"],
    ),
    (
        "ssh -i key user@host \"cd /srv/app && docker compose pull && docker compose up -d && sleep 10\"",
        &["compose pull", "compose up", "sleep 10 [10] 10->20"],
    ),
    (
        "while [ $(docker compose ps --format json | jq -r 'select(.Health != \"healthy\")' | wc -l) -gt 0 ]; do sleep 5; done",
        &["open-loop none []", "compose ps"],
    ),
    (
        "i=0\nwhile [ $i -lt 12 ]; do\n  if [ \"$(docker inspect --format='{{.State.Health.Status}}' app)\" = \"healthy\" ]; then\n    break\n  fi\n  i=$((i+1))\n  sleep 10\ndone\n[ $i -eq 12 ] && exit 1",
        &["counter-loop 120 [12 10] 12->24 fails"],
    ),
    (
        "MAX=60 STEP=2\nfor ((t=0; t<MAX; t+=STEP)); do ready && break; sleep $STEP; done",
        &["for-loop 60 [60] MAX=60->120"],
    ),
    (
        "npx wait-on --timeout 60000 tcp:5432 && echo ok",
        &["tool 60 [60000] 60000->120000"],
    ),
    (
        "docker compose up -d --wait || (docker compose logs; exit 1)",
        &["compose up", "compose-wait none []", "compose logs"],
    ),
    (
        "sleep 30s # wait for db\nsleep 1.5m",
        &["sleep 30 [30s] 30s->60s", "sleep 90 [1.5m] 1.5m->3m"],
    ),
    (
        "docker compose run --rm app ./wait-for-it.sh db:5432 --timeout=30 -- true",
        &["compose run", "tool 30 [30] 30->60"],
    ),
    (
        "while ! nc -z localhost 5432; do sleep 1; done; until pg_isready -t 5; do :; done",
        &["open-loop none []", "open-loop none []"],
    ),
    (
        "SECONDS=0; while (( SECONDS < 180 )); do docker compose ps && break; sleep 5; done",
        &["deadline-loop 180 [180] 180->360", "compose ps"],
    ),
];

#[test]
fn waits_are_read_as_people_write_them() {
    for (script, expected) in WRITTEN {
        assert_eq!(bash(script).summary(), *expected, "in\n{script}");
    }
}
