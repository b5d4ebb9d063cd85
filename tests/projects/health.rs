//! What healthchecks say: their probes, word by word, and their fields.

use super::case::Case;
use upbeat::finding::Severity;

/// The rules that look at the probe; the others have tests of their own.
const RULES: [&str; 9] = [
    "cmd-shell-extra-arguments",
    "cmd-shell-orphan",
    "cmd-with-shell-operators",
    "curl-without-fail",
    "health-field-invalid",
    "healthcheck-never-fails",
    "probe-localhost-ipv6",
    "probe-without-limit",
    "readiness-as-health",
];

fn selected(mut case: Case) -> Case {
    case.options.select = Some(RULES.map(str::to_owned).to_vec());
    case
}

fn found(case: Case) -> Vec<&'static str> {
    let found = selected(case).found().into_iter();
    found.map(|(rule, ..)| rule).collect()
}

/// A service whose test is `test`, with more of its healthcheck, and another one that waits for it.
fn awaited(test: &str, more: &str) -> String {
    format!(
        "services:\n  web:\n    image: app\n    healthcheck:\n      test: {test}\n{more}  worker:\n    image: worker\n    depends_on: {{web: {{condition: service_healthy}}}}\n"
    )
}

fn of_test(test: &str) -> Vec<&'static str> {
    found(Case::of([("compose.yml", &*awaited(test, ""))]))
}

#[test]
fn a_probe_is_judged_by_its_words() {
    let extra: &[&str] = &["cmd-shell-extra-arguments"];
    let operators: &[&str] = &["cmd-with-shell-operators"];
    let curl: &[&str] = &["curl-without-fail"];
    let never: &[&str] = &["healthcheck-never-fails"];
    let life: &[&str] = &["readiness-as-health"];
    let none: &[&str] = &[];
    let cases = [
        (r#"["CMD-SHELL", "pg_isready", "-d", "shop"]"#, extra),
        (r#"["CMD-SHELL", "pg_isready -d shop"]"#, none),
        (r#"["CMD-SHELL", "pg_isready -d $$0", "shop"]"#, none),
        (r#"["CMD-SHELL", "pg_isready", ""]"#, none),
        (
            r#"["CMD", "curl", "-f", "http://x", "||", "exit", "1"]"#,
            operators,
        ),
        (r#"["CMD", "curl", "-f", "http://x", "2>&1"]"#, operators),
        (
            r#"["CMD", "redis-cli", "ping", "|", "grep", "PONG"]"#,
            operators,
        ),
        (r#"["CMD", "redis-cli", "ping || exit 1"]"#, none),
        (r#"["CMD", "cut", "-d", ";", "/x"]"#, none),
        (r#"["CMD", "expr", "1", "|", "0"]"#, none),
        (r#"["CMD", "sh", "-c", "a", "||"]"#, none),
        (
            r#"["CMD", "su", "postgres", "-c", "pg_isready", "||", "exit", "1"]"#,
            none,
        ),
        (
            r#"["CMD", "test", "-f", "/x", "&&", "test", "-f", "/y"]"#,
            operators,
        ),
        (
            r#"["CMD", "[", "-f", "/x", "]", "||", "exit", "1"]"#,
            operators,
        ),
        (r#"["CMD", "test", "1", ">", "0"]"#, none),
        (r#"["CMD", "curl -f http://x || exit 1"]"#, operators),
        (r#"["CMD", "/opt/my probe"]"#, none),
        (r#"["CMD", "curl", "http://x/health"]"#, curl),
        (
            r#"["CMD", "/usr/bin/curl", "-sS", "-o", "/dev/null", "http://x"]"#,
            curl,
        ),
        (r#"["CMD", "sh", "-c", "curl -s http://x || exit 1"]"#, curl),
        ("timeout 5 curl -s x:80", curl),
        ("curl -s http://x > /dev/null 2>&1", curl),
        (r#"["CMD", "curl", "-sSf", "http://x"]"#, none),
        (r#"["CMD", "curl", "--fail", "http://x"]"#, none),
        (r#"["CMD", "curl", "--fail-with-body", "http://x"]"#, none),
        // What follows -H is no option.
        (r#"["CMD", "curl", "-H", "-f", "http://x"]"#, curl),
        ("curl -s http://x | grep ok", none),
        ("curl -s -w '%{http_code}' http://x", none),
        (r#"test "$$(curl -s http://x)" = ok"#, none),
        ("curl -s http://x -o /tmp/a && grep ok /tmp/a", none),
        ("curl -s $$OPTIONS http://x", none),
        ("curl -s telnet://x:25", none),
        ("curl -K /etc/probe", none),
        ("curl -f http://x || true", never),
        ("curl http://x; exit 0", never),
        ("./ready || echo down", never),
        ("exit 0", never),
        (r#"["CMD", "true"]"#, never),
        ("curl -f http://x || exit 1", none),
        ("\"echo > /dev/tcp/localhost/80\"", none),
        ("curl -f http://x/health/live", life),
        ("curl -f http://x/livez?full=1", life),
        ("curl -f http://x/health/live/ready", none),
        ("curl -f http://x/delivery", none),
        // What hangs on the server's variables is not judged.
        ("\"curl http://x:${PORT}\"", none),
    ];
    for (test, wanted) in cases {
        assert_eq!(of_test(test), wanted, "{test}");
    }
}

#[test]
fn a_dockerfiles_healthcheck_is_judged_where_nothing_stands_over_it() {
    let dockerfile = "FROM app\nHEALTHCHECK CMD curl http://localhost\n";
    let case = |compose: &str| Case::of([("compose.yml", compose), ("Dockerfile", dockerfile)]);
    let built = "services:\n  web:\n    build: .\n";
    let place = |line| {
        (
            "curl-without-fail",
            Severity::Warning,
            "Dockerfile".to_owned(),
            line,
        )
    };
    assert_eq!(selected(case(built)).found(), [place(2)]);
    let numbers = format!("{built}    healthcheck:\n      interval: 5s\n");
    assert_eq!(selected(case(&numbers)).found(), [place(2)]);
    for own in ["test: [CMD, ./ready]", "disable: true"] {
        let own = format!("{built}    healthcheck:\n      {own}\n");
        assert_eq!(found(case(&own)), [""; 0], "{own}");
    }
    // Nothing is changed there.
    let mut fixing = selected(case(built));
    fixing.options.allow_unsafe = true;
    assert_eq!(fixing.fixed().text("Dockerfile"), dockerfile);
}

#[test]
fn one_place_is_told_once_with_all_its_services_and_stacks() {
    let base = "x-check: &check\n  test: [CMD, curl, http://x]\nservices:\n  a:\n    image: a\n    healthcheck: *check\n  b:\n    image: b\n    healthcheck: *check\n";
    let overlay = "services:\n  a:\n    restart: always\n";
    let case = selected(Case::of([
        ("compose.yml", base),
        ("compose.staging.yml", overlay),
        ("compose.production.yml", overlay),
    ]));
    let findings = case.check().findings;
    assert_eq!(findings.len(), 1, "{findings:#?}");
    assert_eq!(findings[0].data["services"], serde_json::json!(["a", "b"]));
    let stacks = findings[0].data["stacks"].as_array().expect("a list").len();
    assert!(stacks >= 2, "{findings:#?}");
}

#[test]
fn limits_are_compared_with_the_timeout_that_counts() {
    let late = |test: &str, more: &str| {
        let text = awaited(test, more);
        found(Case::of([("compose.yml", &*text)])).contains(&"probe-without-limit")
    };
    let five = "      timeout: 5s\n";
    assert!(late("curl -f -m 6 http://x", five));
    assert!(late("curl -f --max-time=5.5 http://x", five));
    assert!(late("wget -q -T 6 -O - http://x", five));
    assert!(late("pg_isready -t 6", five));
    assert!(late("timeout 6 ./ready", five));
    assert!(late("timeout 31 ./ready", ""));
    assert!(!late("curl -f -m 5 http://x", five));
    assert!(!late("timeout 3 curl -f -m 6 http://x", five));
    assert!(!late("timeout 30 ./ready", ""));
    // GNU's wget has tries in -t.
    assert!(!late("wget -q -t 6 http://x", five));
}

#[test]
fn orphans_are_told_where_they_move_the_verdict_by_more_than_a_quarter() {
    let orphan = |test: &str, more: &str| {
        let text = awaited(test, more);
        found(Case::of([("compose.yml", &*text)])).contains(&"cmd-shell-orphan")
    };
    let probe = "curl -f http://x || exit 1";
    // Three times (4 + 3) is 21, three orphans are 6: more than a quarter. With a second more of each it is 27.
    assert!(orphan(probe, "      interval: 4s\n      timeout: 3s\n"));
    assert!(!orphan(probe, "      interval: 5s\n      timeout: 4s\n"));
    let short = "      interval: 1s\n      timeout: 1s\n";
    assert!(!orphan("curl -f http://x", short));
    assert!(!orphan("[CMD, curl, -f, http://x]", short));
    assert!(!orphan("curl -f -m 0.5 http://x || exit 1", short));
    let alone = awaited(probe, short).replace("service_healthy", "service_started");
    assert_eq!(found(Case::of([("compose.yml", &*alone)])), [""; 0]);
}

#[test]
fn localhost_is_told_where_the_server_is_on_ipv4_alone() {
    let told = |image: &str, start: &str, host: &str| {
        let text = format!(
            "services:\n  web:\n    image: {image}\n    {start}\n    healthcheck:\n      test: wget -q --spider http://{host}:3000/\n"
        );
        !found(Case::of([("compose.yml", &*text)])).is_empty()
    };
    let start = "command: server --bind 0.0.0.0:3000";
    assert!(told("node:22-alpine", start, "localhost"));
    assert!(told(
        "node:22-alpine",
        "environment: {HOST: 0.0.0.0}\n    command: server",
        "localhost"
    ));
    assert!(!told("node:22-alpine", start, "127.0.0.1"));
    let both = "command: server --bind 0.0.0.0:3000 --bind [::]:3000";
    assert!(!told("node:22-alpine", both, "localhost"));
    assert!(!told("node:22", start, "localhost"));
    assert!(!told("node:22-alpine", "command: server", "localhost"));
    assert!(!told(
        "node:22-alpine",
        "command: server --bind 0.0.0.0:9000",
        "localhost"
    ));
}

#[test]
fn fields_that_docker_refuses_are_errors_and_zeros_are_told() {
    let fields = |more: &str| {
        let text = awaited("[CMD, ./ready]", &format!("      {more}\n"));
        let found = selected(Case::of([("compose.yml", &*text)])).found();
        found
            .iter()
            .map(|(_, severity, ..)| *severity)
            .collect::<Vec<_>>()
    };
    for refused in [
        "interval: -5s",
        "timeout: 5",
        "retries: 3s",
        "retries: -1",
        "start_period: \"90\"",
    ] {
        assert_eq!(fields(refused), [Severity::Error], "{refused}");
    }
    for zero in ["interval: 0s", "timeout: \"0\"", "retries: 0"] {
        assert_eq!(fields(zero), [Severity::Info], "{zero}");
    }
    assert!(fields("start_period: 0s").is_empty());
}

#[test]
fn fixes_change_just_the_words_that_are_meant() {
    let cases = [
        (
            "[ 'CMD-SHELL', 'pg_isready', '-d', 'shop' ] # why",
            "[ 'CMD', 'pg_isready', '-d', 'shop' ] # why",
        ),
        (
            "['CMD', 'curl', 'http://x']",
            "['CMD', 'curl', '-f', 'http://x']",
        ),
        (
            "\n        - CMD # a\n        - \"curl\" # b\n        - http://x",
            "\n        - CMD # a\n        - \"curl\" # b\n        - \"-f\"\n        - http://x",
        ),
        (
            "[CMD-SHELL, \"curl -H \\\"A: $$T\\\" http://x || exit 1\"]",
            "[CMD-SHELL, \"curl -f -H \\\"A: $$T\\\" http://x || exit 1\"]",
        ),
        (
            "[\"CMD\", \"curl\", \"-f\", \"http://x/?a&b\", \"||\", \"exit\", \"1\"]",
            "[\"CMD-SHELL\", \"curl -f 'http://x/?a&b' || exit 1\"]",
        ),
        (
            "[\"CMD\", \"curl -f http://x || exit 1\"]",
            "[\"CMD-SHELL\", \"curl -f http://x || exit 1\"]",
        ),
        (
            "[\"CMD\", \"curl\", \"-f\", \"http://x/\", \"||\", \"exit 1\"]",
            "[\"CMD-SHELL\", \"curl -f http://x/ || exit 1\"]",
        ),
    ];
    for (before, after) in cases {
        for line_break in ["\n", "\r\n"] {
            let text = |test: &str| awaited(test, "").replace('\n', line_break);
            let mut case = selected(Case::of([("compose.yml", &*text(before))]));
            case.options.allow_unsafe = true;
            assert_eq!(case.fixed().text("compose.yml"), text(after));
        }
    }
    // What a shell would read otherwise stays as it is.
    for kept in [
        r#"["CMD", "curl", "-f", "http://x/$$A", "||", "exit", "1"]"#,
        r#"["CMD-SHELL", "exit", "1"]"#,
        r#"["CMD", "nc", "-z", "localhost", "80", "&"]"#,
        r#"["CMD-SHELL", "./a", "$$B"]"#,
    ] {
        let text = awaited(kept, "");
        let mut case = selected(Case::of([("compose.yml", &*text)]));
        case.options.allow_unsafe = true;
        assert_eq!(case.found().len(), 1, "{kept}");
        assert_eq!(case.fixed().text("compose.yml"), text);
    }
}

#[test]
fn words_that_others_take_by_an_alias_stay_as_they_are() {
    let services = |a: &str, b: &str| {
        format!(
            "services:\n  a: {{image: a, healthcheck: {{test: {a}}}}}\n  b: {{image: b, {b}}}\n"
        )
    };
    for (a, b) in [
        (
            "[&m CMD-SHELL, pg_isready, -q]",
            "healthcheck: {test: [*m, \"pg_isready -q || exit 1\"]}",
        ),
        (
            "[&m CMD, curl, http://x, \"||\", exit, \"1\"]",
            "healthcheck: {test: [*m, ./x]}",
        ),
        ("[CMD, &c curl, http://x]", "command: [*c, http://y]"),
        ("[CMD-SHELL, &c \"curl http://x\"]", "command: [sh, -c, *c]"),
        ("&t [CMD-SHELL, pg_isready, -q]", "command: *t"),
        ("&t [CMD, curl, http://x]", "command: *t"),
        ("&t curl http://x", "command: *t"),
    ] {
        let text = services(a, b);
        let mut case = selected(Case::of([("compose.yml", &*text)]));
        case.options.allow_unsafe = true;
        assert!(!case.found().is_empty(), "{a}");
        assert_eq!(case.fixed().text("compose.yml"), text);
    }
    // One test of two services is one probe: both are told, and both are mended.
    let text = services("&t [CMD-SHELL, pg_isready, -q]", "healthcheck: {test: *t}");
    let case = selected(Case::of([("compose.yml", &*text)]));
    let message = &case.check().findings[0].message;
    assert!(message.contains("`a` and `b`"), "{message}");
    let fixed = case.fixed();
    assert_eq!(fixed.text("compose.yml"), text.replace("CMD-SHELL", "CMD"));
}

#[test]
fn an_engine_that_is_named_may_not_know_start_interval() {
    let text = "services:\n  app:\n    image: a\n    healthcheck: {test: [CMD, x], start_period: 20s, start_interval: 1s}\n";
    let found = |engine: Option<&str>| {
        let (store, mut inputs) = Case::of([("compose.yml", text)]).inputs();
        if let Some(engine) = engine {
            inputs.engine = engine.parse().unwrap();
        }
        let checked = upbeat::check(store, &inputs, &upbeat::rules::Options::default());
        let found = checked.findings.iter();
        found.filter(|f| f.rule == "health-field-invalid").count()
    };
    assert_eq!(found(Some("24")), 1);
    assert_eq!(found(Some("20.10")), 1);
    assert_eq!(found(Some("25")), 0);
    assert_eq!(found(None), 0);
}
