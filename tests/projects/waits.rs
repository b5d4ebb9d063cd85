//! Which waits are judged, and how hard.

use super::case::*;
use upbeat::finding::Severity;

#[test]
fn a_sleep_before_the_loop_counts_with_it() {
    let case = Case::story("before", None).replace(
        WORKFLOW,
        "            MAX_WAIT=120\n",
        "            sleep 3\n            MAX_WAIT=120\n",
    );
    let checked = case.check();
    assert!(
        checked.findings[0]
            .message
            .contains("MAX_WAIT=120, the last of 2 in a row, gives up after 123s"),
        "{}",
        checked.findings[0].message
    );
    assert_eq!(
        checked.findings[0].severity,
        Severity::Error,
        "123 is less than 125"
    );
    let enough = Case::story("before", None).replace(
        WORKFLOW,
        "            MAX_WAIT=120\n",
        "            sleep 5\n            MAX_WAIT=120\n",
    );
    assert_eq!(
        enough.found()[0].1,
        Severity::Warning,
        "125 is all that `up -d` leaves"
    );
}

#[test]
fn up_that_blocks_nobody_makes_no_error() {
    for command in ["up -d --no-deps", "up -d || true", "up -d &"] {
        let case = Case::story("before", None)
            .map(|_, text| text.replace(" up -d\n", &format!(" {command}\n")));
        let severities: Vec<_> = case.found().iter().map(|f| f.1).collect();
        assert_eq!(severities, [Severity::Warning; 2], "{command}");
    }
    let behind_wait =
        Case::story("before", None).map(|_, text| text.replace(" up -d\n", " up -d --wait\n"));
    let severities: Vec<_> = behind_wait.found().iter().map(|f| f.1).collect();
    assert_eq!(
        severities,
        [Severity::Info; 2],
        "behind `up --wait` nothing is left"
    );
}

#[test]
fn a_timeout_around_a_loop_is_judged_by_its_limit() {
    let case = pair_with(
        "docker compose up -d\ntimeout 120 sh -c 'until docker compose ps web | grep -q \"(healthy)\"; do sleep 5; done'",
    );
    assert_eq!(case.found()[0].1, Severity::Error);
    assert!(
        case.fixed()
            .text(".github/workflows/d.yml")
            .contains("timeout 210 sh -c")
    );
    let enough = pair_with(
        "docker compose up -d\ntimeout 4m sh -c 'until docker compose ps web | grep -q \"(healthy)\"; do sleep 5; done'",
    );
    assert_eq!(enough.found(), []);
}

#[test]
fn a_loop_that_counts_attempts_gets_more_of_them() {
    let script = |n: u32| {
        format!(
            "docker compose up -d\nfor i in $(seq {n}); do\n  docker compose ps | grep -q starting || break\n  sleep 5\ndone"
        )
    };
    let case = pair_with(&script(10));
    let checked = case.check();
    assert_eq!(
        checked.findings[0]
            .fix
            .as_ref()
            .map(|fix| fix.title.as_str()),
        Some("raise the limit to 41 attempts")
    );
    assert_eq!(
        case.fixed().text(".github/workflows/d.yml"),
        pair_with(&script(41)).text(".github/workflows/d.yml")
    );
}

#[test]
fn behind_up_wait_no_fix_is_offered() {
    let case = pair_with(
        "docker compose up -d --wait\nE=0\nwhile [ $E -lt 60 ]; do\n  docker compose ps | grep -q starting || break\n  sleep 5\n  E=$((E + 5))\ndone",
    );
    let checked = case.check();
    assert_eq!(checked.findings.len(), 1);
    assert_eq!(
        (checked.findings[0].severity, &checked.findings[0].fix),
        (Severity::Info, &None)
    );
    assert!(
        checked.findings[0]
            .message
            .contains("`up` has waited for all of"),
        "{}",
        checked.findings[0].message
    );
}

#[test]
fn a_wait_whose_stack_is_not_known_is_not_judged() {
    for script in [
        "E=0; while [ $E -lt 6 ]; do curl -f https://example.org/; sleep 1; E=$((E + 1)); done",
        "docker compose -f other/compose.yml up -d\nfor i in 1 2 3; do docker compose -f other/compose.yml ps | grep -q up && break; sleep 1; done",
        "docker compose up -d\nuntil docker compose ps | grep -qw healthy; do sleep 1; done",
        "cd \"$SOMEWHERE\"\ndocker compose -f $FILES up -d\nfor i in 1 2 3; do docker compose -f $FILES ps; sleep 1; done",
    ] {
        let errors: Vec<_> = pair_with(script)
            .found()
            .into_iter()
            .filter(|f| f.1 > Severity::Info)
            .collect();
        assert_eq!(errors, [], "{script}");
    }
}

#[test]
fn a_poll_of_a_port_is_never_an_error() {
    let case = pair_with("docker compose up -d\nfor i in $(seq 10); do curl -fs http://localhost:8080/ && exit 0; sleep 1; done\nexit 1").replace("compose.yml", "    image: web\n", "    image: web\n    ports: [\"8080:80\"]\n");
    let found: Vec<_> = case.found().iter().map(|f| f.1).collect();
    assert_eq!(found, [Severity::Warning]);
}

#[test]
fn a_loop_that_tries_a_command_again_waits_for_no_stack() {
    for script in [
        "for i in 1 2 3; do docker compose pull && break; sleep 10; done\ndocker compose up -d",
        "for i in 1 2 3; do docker compose up -d && break; sleep 10; done",
        "docker compose up -d\ndocker compose down\nfor i in 1 2 3; do docker compose ps | grep -q web || break; sleep 1; done",
        "docker compose up -d\nfor i in 1 2 3; do docker compose -f elsewhere.yml ps | grep -q web && break; sleep 1; done",
    ] {
        assert_eq!(pair_with(script).found(), [], "{script}");
    }
}

#[test]
fn behind_a_loop_without_a_limit_nothing_is_left_to_wait_for() {
    let open = "docker compose up -d\nuntil [ -z \"$(docker compose ps | grep starting)\" ]; do sleep 1; done\n";
    let script =
        format!("{open}for i in 1 2 3; do docker compose ps | grep -q web && break; sleep 1; done");
    assert_eq!(pair_with(&script).found(), []);
    let again = format!(
        "{script}\ndocker compose up -d\nfor i in 1 2 3; do docker compose ps | grep -q web && break; sleep 1; done\nexit 1"
    );
    assert_eq!(
        pair_with(&again).found().len(),
        1,
        "a new start is a new wait"
    );
}

#[test]
fn asking_the_service_itself_is_never_an_error() {
    let script = |command: &str| {
        format!(
            "docker compose up -d\nfor i in $(seq 9); do {command} && exit 0; sleep 1; done\nexit 1"
        )
    };
    let severity = |command: &str| {
        pair_with(&script(command))
            .found()
            .iter()
            .map(|f| f.1)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        severity("docker compose exec -T web curl -f http://localhost/"),
        [Severity::Warning]
    );
    assert_eq!(
        severity("docker compose logs web | grep -q ready"),
        [Severity::Warning]
    );
    assert_eq!(
        severity("docker compose ps web | grep -qw healthy"),
        [Severity::Error]
    );
}

/// `timeout n` around a loop that fails the job when it runs out.
fn limited(seconds: u32) -> String {
    format!(
        "timeout {seconds} bash -c 'until docker compose ps | grep -q \"(healthy)\"; do sleep 5; done'"
    )
}

#[test]
fn a_wait_that_fails_has_only_its_own_time_and_that_before_it() {
    let script = |first: u32, second: u32| {
        format!(
            "docker compose up -d\n{}\n{}",
            limited(first),
            limited(second)
        )
    };
    let case = pair_with(&script(30, 200));
    let lines: Vec<_> = case.found().iter().map(|f| (f.1, f.3)).collect();
    assert_eq!(
        lines,
        [(Severity::Error, 6)],
        "the job ends at the first one"
    );
    let fixed = case.fixed();
    assert_eq!(
        fixed.text(".github/workflows/d.yml"),
        pair_with(&script(210, 200)).text(".github/workflows/d.yml")
    );
    assert_eq!(fixed.found(), []);
    assert_eq!(pair_with(&script(200, 30)).found(), []);
}

#[test]
fn a_wait_in_a_loop_or_for_an_unknown_stack_is_not_judged() {
    let again = format!(
        "docker compose up -d\nfor n in 1 2 3; do {} && exit 0; done\nexit 1",
        limited(60)
    );
    let elsewhere = limited(60).replace("compose ps", "compose -f \"$OTHER.yml\" ps");
    let two = format!("docker compose up -d\ndocker compose -f \"$OTHER.yml\" up -d\n{elsewhere}");
    for script in [again, two] {
        assert_eq!(pair_with(&script).found(), [], "{script}");
    }
}

#[test]
fn steps_that_may_fail_or_do_not_run_make_no_error() {
    let steps = |extra: &str| {
        let workflow = format!(
            "jobs:\n  d:\n    steps:\n      - run: docker compose up -d\n      - run: {}\n        {extra}\n    timeout-minutes: 60\n",
            limited(60)
        );
        let mut case = Case::of([
            ("compose.yml", PAIR),
            (".github/workflows/d.yml", &workflow),
        ]);
        case.options.select = Some(vec![WAIT.to_owned()]);
        case.found().iter().map(|f| f.1).collect::<Vec<_>>()
    };
    assert_eq!(steps("name: x"), [Severity::Error]);
    assert_eq!(steps("continue-on-error: true"), [Severity::Warning]);
    assert_eq!(steps("if: ${{ failure() }}"), []);
    assert_eq!(steps("if: false"), []);
}

#[test]
fn init_containers_are_no_mistake_and_take_a_time_that_is_not_known() {
    let case = Case::story("before", None).map(|path, text| {
        if path != "docker-compose.yml" {
            return text.to_owned();
        }
        text.replacen(
            "  backend:\n",
            "  backend:\n    pre_start:\n      - image: alpine\n        command: [chown, -R, app, /data]\n",
            1,
        )
    });
    let checked = case.check();
    assert!(checked.findings.iter().all(|f| f.rule != "compose-error"));
    let message = &checked.findings[0].message;
    assert!(message.contains("at least 445s"), "{message}");
}

#[test]
fn what_gets_no_containers_needs_no_time() {
    let script = |up: &str| {
        format!(
            "docker compose up -d{up}\nE=0\nwhile [ $E -lt 60 ]; do\n  docker compose ps | grep -q starting || break\n  sleep 5\n  E=$((E + 5))\ndone\nexit 1"
        )
    };
    let case = pair_with(&script(""));
    assert_eq!(case.found().len(), 1, "60 s are less than 185");
    let scaled = |to: &str| {
        let case = case.clone().replace("compose.yml", "    image: db\n", to);
        let web = to.replace("db", "web");
        case.replace("compose.yml", "    image: web\n", &web)
    };
    let found = scaled("    image: db\n    scale: 0\n").found();
    assert_eq!(found, []);
    let found = scaled("    image: db\n    deploy: {replicas: 0}\n").found();
    assert_eq!(found, []);
    // What an `up` leaves of a stack in this way is not known.
    assert_eq!(pair_with(&script(" --scale web=0 --wait")).found(), []);
    assert_eq!(pair_with(&script(" --scale=web=0")).found(), []);
    assert_eq!(pair_with(&script(" --scale web=2")).found().len(), 1);
}
