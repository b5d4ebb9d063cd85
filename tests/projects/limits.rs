//! Limits around waits: `--wait-timeout`, those of steps and jobs, and starts without one.

use super::case::*;
use upbeat::finding::Severity::{Error, Info, Warning};
use upbeat::finding::{Finding, Severity};

const BELOW: &str = "job-timeout-below-waits";
const FILLS: &str = "wait-fills-step";
const UNLIMITED: &str = "up-without-limit";
const RACES: &str = "wait-timeout-races";
const ONE_SHOT: &str = "one-shot-under-wait";

/// The pair, and a workflow with this job.
fn job(text: &str) -> Case {
    let workflow = format!("jobs:\n  d:\n    {}\n", text.replace('\n', "\n    "));
    let mut case = Case::of([
        ("compose.yml", PAIR),
        (".github/workflows/d.yml", &workflow),
    ]);
    // Whether a wait can fail is judged by a rule that has tests of its own.
    case.options.ignore = vec!["wait-cannot-fail".to_owned()];
    case
}

/// What is found, without the places.
fn rules(case: &Case) -> Vec<(&'static str, Severity)> {
    let found = case.found().into_iter();
    found.map(|(rule, severity, ..)| (rule, severity)).collect()
}

fn only(case: &Case) -> Finding {
    let mut findings = case.check().findings;
    assert_eq!(findings.len(), 1, "{findings:#?}");
    findings.remove(0)
}

/// A loop that gives up after so many seconds, on one line.
fn wait(seconds: u32) -> String {
    format!(
        "for ((t = 0; t < {seconds}; t += 5)); do docker compose ps web | grep -q '(healthy)' && exit 0; sleep 5; done"
    )
}

#[test]
fn a_wait_timeout_is_compared_with_each_verdict_and_not_with_their_sum() {
    // The verdicts: db 30 + 4 x 5 + 3 x 10 = 80, web 60 + 4 x 5 + 3 x 20 = 140.
    let up = |limit: u32| pair_with(&format!("docker compose up --wait --wait-timeout {limit}"));
    let short = only(&up(60));
    assert_eq!((short.rule, short.severity), (WAIT, Error));
    assert!(
        short
            .message
            .contains("the healthcheck of `web` allows 140s"),
        "{}",
        short.message
    );
    assert!(
        short.notes[1].starts_with("`web` waits for `db`: its latest verdict is 30s"),
        "{:?}",
        short.notes
    );
    assert_eq!(rules(&up(139)), [(WAIT, Error)]);
    assert_eq!(rules(&up(140)), [(RACES, Warning)], "a tie");
    assert_eq!(rules(&up(141)), []);
    assert_eq!(rules(&up(0)), [], "no limit");
    // 140 and a tenth: 154.
    let fixed = up(60).fixed();
    assert!(
        fixed
            .text(".github/workflows/d.yml")
            .contains("--wait-timeout 160")
    );
    is_settled(&up(60));
}

#[test]
fn a_wait_timeout_without_wait_is_for_dependencies_only() {
    let up = |limit: u32| pair_with(&format!("docker compose up -d --wait-timeout {limit}"));
    assert_eq!(rules(&up(79)), [(WAIT, Error)]);
    assert_eq!(rules(&up(81)), []);
}

#[test]
fn a_wait_timeout_that_decides_nothing_is_no_error() {
    let short = "docker compose up --wait --wait-timeout 60";
    assert_eq!(
        rules(&pair_with(&format!("{short} || true"))),
        [(WAIT, Warning)]
    );
    let repeated = format!("for i in 1 2 3; do {short} && exit 0; sleep 1; done");
    assert!(
        !rules(&pair_with(&repeated)).contains(&(WAIT, Error)),
        "the next turn goes on with what the last one started"
    );
    assert_eq!(rules(&pair_with(&format!("{short} &"))), []);
    let started = pair_with(&format!("docker compose up -d\n{short}"));
    assert_eq!(
        rules(&started),
        [],
        "all have some of their time behind them"
    );
    let again = pair_with(&format!(
        "docker compose up -d\ndocker compose down\n{short}"
    ));
    assert_eq!(rules(&again), [(WAIT, Error)]);
}

#[test]
fn what_must_have_passed_before_the_last_wait_is_taken_off() {
    // `slow` starts at once; the last wait begins when `last` has started, no earlier than the first probe of `first`, after 30 s.
    let compose = "services:\n  slow:\n    image: a\n    healthcheck: {test: x, interval: 10s, timeout: 5s, retries: 8}\n  first:\n    image: a\n    healthcheck: {test: x, interval: 30s, timeout: 5s, retries: 1}\n  last:\n    image: a\n    depends_on: {first: {condition: service_healthy}}\n";
    let up = |limit: u32| {
        pair_with(&format!("docker compose up --wait --wait-timeout {limit}")).replace(
            "compose.yml",
            PAIR,
            compose,
        )
    };
    // 8 x 15 = 120, less 30; of `first` 35.
    assert_eq!(rules(&up(89)), [(WAIT, Error)]);
    assert_eq!(rules(&up(90)), [(RACES, Warning)]);
    assert_eq!(rules(&up(91)), []);
}

#[test]
fn an_action_that_waits_is_judged_like_the_command() {
    let case = job(
        "timeout-minutes: 20\nsteps:\n  - uses: hoverkraft-tech/compose-action@v2\n    with:\n      up-flags: --wait --wait-timeout 100",
    );
    assert_eq!(rules(&case), [(WAIT, Error)]);
}

#[test]
fn a_job_has_to_allow_its_up_and_its_waits() {
    // Until `up` returns 45 are planned: db is ready by 30, and a probe that hangs may hide it for 15.
    let case = |minutes: u32, seconds: u32| {
        let wait = wait(seconds);
        job(&format!(
            "timeout-minutes: {minutes}\nsteps:\n  - run: docker compose up -d\n  - run: {wait}; exit 1"
        ))
    };
    let short = only(&case(5, 260));
    assert_eq!((short.rule, short.severity), (BELOW, Warning));
    assert_eq!(short.notes[0], "305s = `up` 45 + wait 260");
    assert_eq!(rules(&case(5, 255)), [], "a tie passes");
    // 305 and a tenth are less than six minutes.
    assert!(
        case(5, 260)
            .fixed()
            .text(".github/workflows/d.yml")
            .contains("timeout-minutes: 6")
    );
    is_settled(&case(5, 260));
}

#[test]
fn what_does_not_take_time_in_a_good_course_is_not_counted() {
    let wait = wait(290);
    for steps in [
        format!("  - run: {wait}\n    if: failure()"),
        format!("  - run: {wait}\n    if: github.event_name == 'push'"),
        format!("  - run: ({wait}) &"),
        "  - run: docker compose up --wait\n  - run: until docker compose ps web | grep -q '(healthy)'; do sleep 5; done".to_owned(),
        format!("  - run: |\n      docker compose up --wait\n      {}", wait.replace("exit 0", "break")),
        format!("  - run: |\n      if [ $X = 1 ]; then\n        {wait}\n      else\n        {wait}\n      fi"),
    ] {
        let case = job(&format!("timeout-minutes: 5\nsteps:\n  - run: sleep 5\n{steps}"));
        let found = rules(&case);
        assert!(!found.iter().any(|(rule, _)| *rule == BELOW), "{steps}: {found:?}");
    }
    let both = job(&format!(
        "timeout-minutes: 5\nsteps:\n  - run: sleep 11\n  - run: {wait}"
    ));
    assert!(rules(&both).contains(&(BELOW, Warning)), "301 s");
}

#[test]
fn service_containers_need_the_time_of_the_slowest() {
    let case = |minutes: u32| {
        job(&format!(
            "timeout-minutes: {minutes}\nservices:\n  a:\n    image: a\n    options: --health-cmd x --health-interval 10s --health-timeout 5s --health-retries 10\n  b:\n    image: b\n    options: --health-cmd x\n  c:\n    image: c\nsteps:\n  - run: make"
        ))
    };
    // a: 10 x 15 = 150; b: 3 x (30 + 30) = 180.
    let short = only(&case(2));
    assert_eq!((short.rule, short.severity), (BELOW, Warning));
    assert_eq!(short.notes[0], "at least 180s = service `b` 180");
    assert_eq!(rules(&case(3)), []);
}

#[test]
fn a_step_that_ends_with_its_wait_is_reported_only_where_something_stands_behind() {
    let case = |minutes: u32, behind: &str| {
        let wait = wait(300);
        job(&format!(
            "timeout-minutes: 30\nsteps:\n  - run: docker compose up -d\n  - timeout-minutes: {minutes}\n    run: |\n      {wait}{behind}"
        ))
    };
    let logs = "\n      docker compose logs\n      exit 1";
    assert_eq!(rules(&case(5, logs)), [(FILLS, Warning)]);
    assert_eq!(
        rules(&case(5, " || docker compose logs")),
        [(FILLS, Warning)]
    );
    assert_eq!(rules(&case(5, "\n      exit 1")), []);
    assert_eq!(
        rules(&case(4, logs)),
        [(BELOW, Warning)],
        "the stronger one alone"
    );
    assert_eq!(rules(&case(6, logs)), []);
    is_settled(&case(5, logs));
}

#[test]
fn an_up_in_ci_without_any_limit_is_told_once_a_job() {
    let twice = job("steps:\n  - run: docker compose up -d\n  - run: docker compose up -d");
    assert_eq!(rules(&twice), [(UNLIMITED, Info)]);
    for bounded in [
        "timeout-minutes: 5\nsteps:\n  - run: docker compose up -d",
        "steps:\n  - run: docker compose up -d\n    timeout-minutes: 5",
        "steps:\n  - run: timeout 300 docker compose up -d",
        "steps:\n  - run: docker compose up -d db",
        "steps:\n  - run: docker compose up -d &",
        "steps:\n  - run: ssh host 'docker compose up -d'",
    ] {
        assert_eq!(rules(&job(bounded)), [], "{bounded}");
    }
    let by_hand = Case::of([("compose.yml", PAIR), ("up.sh", "docker compose up -d\n")]);
    assert_eq!(rules(&by_hand), []);
}

#[test]
fn a_service_is_a_job_only_where_all_signs_say_so() {
    let case = |service: &str, up: &str| {
        let compose = format!("services:\n{service}  web:\n    image: web\n");
        pair_with(up).replace("compose.yml", PAIR, &compose)
    };
    let up = "docker compose up --wait";
    let migrate = "  migrate:\n    image: app\n    command: ./manage migrate\n";
    assert_eq!(rules(&case(migrate, up)), [(ONE_SHOT, Warning)]);
    assert_eq!(rules(&case(migrate, "docker compose up -d")), []);
    assert_eq!(rules(&case(migrate, "docker compose up --wait web")), []);
    for service in [
        "  migrate:\n    image: app\n    command: sh -c './manage migrate && exec gunicorn app'\n",
        "  migrate:\n    image: app\n    command: ./manage migrate\n    restart: unless-stopped\n",
        "  migrate:\n    image: app\n    command: ./manage migrate\n    ports: ['80:80']\n",
        "  migrate:\n    image: app\n    command: ./manage migrate\n    healthcheck: {test: x}\n",
        "  app:\n    image: app\n    command: ./manage migrate\n",
        "  init:\n    image: app\n",
        "  migrate:\n    image: app\n    command: ./manage migrate\n  api:\n    image: api\n    depends_on: {migrate: {condition: service_completed_successfully}}\n",
    ] {
        assert_eq!(rules(&case(service, up)), [], "{service}");
    }
}

#[test]
fn a_sleep_before_a_single_try_is_a_warning_where_it_is_too_short() {
    let case = |script: &str| {
        pair_with(&format!("docker compose up -d\n{script}")).replace(
            "compose.yml",
            "image: web\n",
            "image: web\n    ports: ['8080:80']\n",
        )
    };
    let short = only(&case("sleep 30\ncurl -fsS http://localhost:8080/"));
    assert_eq!(
        (short.rule, short.severity, &short.fix),
        (WAIT, Warning, &None)
    );
    assert!(
        short.message.contains("`web` may take 140s more"),
        "{}",
        short.message
    );
    for passed in [
        "sleep 140\ncurl -fsS http://localhost:8080/",
        "sleep 30\ncurl -fsS http://localhost:8080/ || true",
        "sleep 30\ncurl -s http://localhost:8080/",
        "sleep 30\ncurl -f http://localhost:9090/",
        "sleep 30\ndocker compose exec -T db pg_isready",
        "sleep 30\ndocker compose logs",
    ] {
        assert_eq!(rules(&case(passed)), [], "{passed}");
    }
    let exec = case("sleep 30\ndocker compose exec -T web curl -f localhost");
    assert_eq!(rules(&exec), [(WAIT, Warning)]);
}
