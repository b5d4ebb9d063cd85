//! Who waits for whom to be healthy, and whether that can be.

use super::case::{Case, place};
use upbeat::finding::Severity;

/// The rules that speak of a stack in which `web` waits for `db`, with this text for `db` and this Dockerfile for its build.
fn rules(db: &str, dockerfile: Option<&str>) -> Vec<&'static str> {
    let found = pair(db, dockerfile).found().into_iter();
    found.map(|(rule, ..)| rule).collect()
}

/// The severities of what `healthy-without-healthcheck` says of such a stack.
fn severities(db: &str, dockerfile: Option<&str>) -> Vec<Severity> {
    let found = pair(db, dockerfile).found().into_iter();
    let own = found.filter(|(rule, ..)| *rule == WITHOUT[0]);
    own.map(|(_, severity, ..)| severity).collect()
}

fn pair(db: &str, dockerfile: Option<&str>) -> Case {
    let compose = format!(
        "services:\n  db:\n{db}  web:\n    image: registry.example.com/web\n    depends_on:\n      db: {{ condition: service_healthy }}\n"
    );
    let mut case = Case::of([("compose.yml", &*compose)]);
    if let Some(text) = dockerfile {
        case = case.with("Dockerfile", text);
    }
    case
}

const WITHOUT: [&str; 1] = ["healthy-without-healthcheck"];
const NOTHING: [&str; 0] = [];

#[test]
fn dockers_own_images_bring_no_healthcheck_and_others_may() {
    for image in [
        "postgres",
        "postgres:17-alpine",
        "docker.io/library/redis:7",
        "\"nginx@sha256:0000000000000000000000000000000000000000000000000000000000000000\"",
    ] {
        assert_eq!(
            rules(&format!("    image: {image}\n"), None),
            WITHOUT,
            "{image}"
        );
    }
    for image in ["registry.example.com/postgres", "bitnami/postgresql", "app"] {
        let found = severities(&format!("    image: {image}\n"), None);
        assert_eq!(found, [Severity::Info], "{image}");
    }
    for image in [
        "${IMAGE}",
        "vaultwarden/server:1.32",
        "ghcr.io/mailserver/docker-mailserver",
        "docker.io/pihole/pihole:2025.03.0",
    ] {
        let found = rules(&format!("    image: {image}\n"), None);
        assert!(!found.contains(&WITHOUT[0]), "{image}: {found:?}");
    }
    let own = "    image: postgres\n    healthcheck:\n      test: [CMD, pg_isready]\n";
    assert_eq!(rules(own, None), NOTHING);
}

#[test]
fn what_is_built_here_is_known_as_far_as_its_dockerfile_and_its_base_are() {
    let build = "    build: .\n";
    assert_eq!(rules(build, Some("FROM node:22\n")), WITHOUT);
    assert_eq!(rules(build, Some("FROM scratch\n")), WITHOUT);
    assert_eq!(
        rules(build, Some("FROM node:22\nHEALTHCHECK CMD x\n")),
        NOTHING
    );
    assert_eq!(
        rules(
            build,
            Some("FROM node:22 AS a\nHEALTHCHECK CMD x\nFROM a\nHEALTHCHECK NONE\n")
        ),
        WITHOUT
    );
    let errors = |dockerfile| severities(build, dockerfile);
    assert_eq!(errors(Some("FROM node:22\n")), [Severity::Error]);
    assert_eq!(
        errors(Some("FROM registry.example.com/base\n")),
        [Severity::Info]
    );
    assert_eq!(
        errors(Some("FROM louislam/uptime-kuma:1\n")),
        [] as [Severity; 0]
    );
    assert_eq!(errors(None), [Severity::Info]);
    // Numbers alone say that the image has a test, unless it is known to have none.
    let numbers = |image: &str| {
        let db = format!("    image: {image}\n    healthcheck:\n      interval: 5s\n");
        rules(&db, None)
    };
    assert_eq!(numbers("app"), NOTHING);
    assert_eq!(numbers("postgres"), WITHOUT);
}

#[test]
fn what_is_not_required_is_no_error() {
    let case = Case::of([(
        "compose.yml",
        "services:\n  db: {image: postgres}\n  web:\n    image: web\n    depends_on:\n      db: {condition: service_healthy, required: false}\n",
    )]);
    assert_eq!(case.found(), []);
}

/// What one rule says of compose files, as lines of the first of them that it names.
fn lines<const N: usize>(rule: &str, files: [(&str, &str); N]) -> Vec<usize> {
    let mut case = Case::of(files);
    case.options.select = Some(vec![rule.to_owned()]);
    let found = case.found().into_iter();
    found.map(|(.., line)| line).collect()
}

/// A project of one compose file, with all unsafe fixes of one rule made.
fn mended<const N: usize>(rule: &str, files: [(&str, &str); N]) -> String {
    let mut case = Case::of(files);
    case.options.select = Some(vec![rule.to_owned()]);
    case.options.allow_unsafe = true;
    let fixed = case.fixed();
    fixed.text("compose.yml").to_owned()
}

const NONE: [usize; 0] = [];
const COMPLETED: &str = "completed-on-long-running";
const ONE_SHOT: &str = "healthy-on-one-shot";
const STARTED: &str = "started-but-has-healthcheck";
const CRASH: &str = "restart-hides-crash";
const DELAY: &str = "migrations-delay-health";

/// `web`, which waits for `x` in one way; `x` is on lines 2 and following, and the wait behind it.
fn waiting(x: &str, condition: &str) -> String {
    format!(
        "services:\n  x: {{{x}}}\n  web:\n    image: web\n    depends_on:\n      x: {{condition: {condition}}}\n"
    )
}

fn completed(x: &str) -> Vec<usize> {
    let text = waiting(x, "service_completed_successfully");
    lines(COMPLETED, [("compose.yml", &text)])
}

#[test]
fn what_the_engine_starts_again_never_completes() {
    for policy in ["always", "unless-stopped"] {
        assert_eq!(completed(&format!("image: app, restart: {policy}")), [6]);
    }
    for policy in ["\"no\"", "on-failure", "\"on-failure:3\""] {
        assert_eq!(completed(&format!("image: app, restart: {policy}")), NONE);
    }
    let deployed = |rest: &str| format!("image: app, deploy: {{restart_policy: {{{rest}}}}}");
    assert_eq!(completed(&deployed("condition: any")), [6]);
    assert_eq!(completed(&deployed("condition: on-failure")), NONE);
    // Without a condition it is no policy at all, and takes `restart` away.
    assert_eq!(completed(&deployed("delay: 5s")), NONE);
    let both = format!("{}, restart: always", deployed("max_attempts: 3"));
    assert_eq!(completed(&both), NONE);
    // A server may set it to something else.
    assert_eq!(
        completed("image: app, restart: \"${RESTART:-always}\""),
        NONE
    );
    assert_eq!(completed("image: app, restart: \"${RESTART}\""), NONE);
}

#[test]
fn a_server_never_completes_unless_it_is_told_to_do_something_else() {
    assert_eq!(completed("image: \"postgres:17\""), [6]);
    assert_eq!(completed("image: docker.io/library/redis"), [6]);
    assert_eq!(
        completed("image: \"postgres:17\", command: psql -f x"),
        NONE
    );
    assert_eq!(completed("image: postgres, entrypoint: [psql]"), NONE);
    assert_eq!(completed("image: registry.example.com/postgres"), NONE);
    assert_eq!(completed("image: python"), NONE);
    assert_eq!(completed("image: postgres, build: ."), NONE);
    assert_eq!(completed("image: alpine, command: sleep infinity"), [6]);
    assert_eq!(
        completed("image: alpine, command: [tail, -f, /dev/null]"),
        [6]
    );
    assert_eq!(completed("image: alpine, command: sleep 5"), NONE);
    assert_eq!(completed("image: app, command: sleep infinity"), NONE);
    assert_eq!(
        completed("image: alpine, entrypoint: timeout 5, command: sleep infinity"),
        NONE
    );
}

#[test]
fn compose_waits_for_the_end_of_what_is_not_required_as_well() {
    let text = waiting(
        "image: redis",
        "service_completed_successfully, required: false",
    );
    assert_eq!(lines(COMPLETED, [("compose.yml", &text)]), [6]);
    // What is off is not waited for.
    let off = text.replace("image: redis", "image: redis, profiles: [more]");
    assert_eq!(lines(COMPLETED, [("compose.yml", &off)]), NONE);
}

#[test]
fn of_a_stack_with_a_missing_file_nothing_is_certain() {
    let job = "image: app, command: ./manage migrate, healthcheck: {test: [CMD, x]}";
    let job = waiting(job, "service_healthy").replace(" x: ", " migrate: ");
    let store = waiting(
        "image: redis, healthcheck: {test: [CMD, x]}",
        "service_started",
    );
    let crash = "image: api, restart: always, command: [sh, -c, \"alembic upgrade head && serve\"], healthcheck: {test: [CMD, x]}";
    let cases = [
        (
            COMPLETED,
            waiting("image: redis", "service_completed_successfully"),
            6,
        ),
        (ONE_SHOT, job, 6),
        (WITHOUT[0], waiting("image: app", "service_healthy"), 6),
        (STARTED, store, 6),
        (CRASH, waiting(crash, "service_healthy"), 2),
    ];
    for (rule, text, line) in cases {
        let found = |files: &[&str]| {
            let mut case = Case::of([("compose.yml", &*text)]);
            case.options.select = Some(vec![rule.to_owned()]);
            case.files_flag = files.iter().map(|file| (*file).to_owned()).collect();
            let found = case.found().into_iter();
            found.map(|(.., line)| line).collect::<Vec<_>>()
        };
        assert_eq!(found(&["compose.yml"]), [line], "{rule}");
        assert_eq!(found(&["compose.yml", "compose.gone.yml"]), NONE, "{rule}");
    }
}

#[test]
fn a_reset_policy_and_a_policy_from_elsewhere_count_as_docker_has_them() {
    let text = waiting(
        "extends: {file: base.yml, service: job}",
        "service_completed_successfully",
    );
    let base = "services:\n  job: {image: app, restart: always}\n";
    assert_eq!(
        lines(COMPLETED, [("compose.yml", &text), ("base.yml", base)]),
        [6]
    );
    let overlay = "services:\n  x: {restart: !reset null}\n";
    let files = [
        ("compose.yml", &*text),
        ("base.yml", base),
        ("compose.override.yml", overlay),
    ];
    assert_eq!(lines(COMPLETED, files), NONE);
}

#[test]
fn a_job_that_stays_for_its_probes_is_none() {
    let job = |name: &str, command: &str, more: &str| {
        let text = format!(
            "services:\n  {name}: {{image: app, command: \"{command}\", healthcheck: {{test: [CMD, x]}}{more}}}\n  web:\n    image: web\n    depends_on:\n      {name}: {{condition: service_healthy}}\n"
        );
        lines(ONE_SHOT, [("compose.yml", &text)])
    };
    assert_eq!(job("migrate", "./manage migrate", ""), [6]);
    assert_eq!(job("db_init", "mc mb data", ""), [6]);
    assert_eq!(
        job("migrate", "./manage migrate", ", restart: on-failure"),
        [6]
    );
    assert_eq!(
        job("migrate", "./manage migrate", ", restart: always"),
        NONE
    );
    assert_eq!(job("migrate", "./manage migrate && sleep 600", ""), NONE);
    assert_eq!(
        job(
            "migrate",
            "./manage migrate && touch /x && tail -f /dev/null",
            ""
        ),
        NONE
    );
    assert_eq!(job("migrate", "./run.sh", ""), NONE);
    assert_eq!(job("api", "./manage migrate", ""), NONE);
    assert_eq!(
        job("migrate", "./manage migrate", ", ports: [\"1:1\"]"),
        NONE
    );
}

#[test]
fn what_fails_in_any_case_is_told_once() {
    let text = |image: &str| {
        waiting(
            &format!("image: {image}, command: ./manage migrate"),
            "service_healthy",
        )
        .replace("  x:", "  migrate:")
    };
    let found = |image: &str| {
        let found = Case::of([("compose.yml", &*text(image))])
            .found()
            .into_iter();
        found.map(|(rule, ..)| rule).collect::<Vec<_>>()
    };
    assert_eq!(found("postgres"), WITHOUT);
    assert_eq!(found("app"), [ONE_SHOT]);
}

#[test]
fn a_list_is_rewritten_with_its_comments_and_line_ends() {
    let text = "services:\n  db:\n    image: postgres\n    healthcheck: {test: [CMD, x]}\n  web:\n    image: web\n    depends_on:\n    # all of it\n    - mail # for letters\n    - \"db\"\n    environment: {A: b}\n  mail: {image: mail}\n";
    let wanted = "services:\n  db:\n    image: postgres\n    healthcheck: {test: [CMD, x]}\n  web:\n    image: web\n    depends_on:\n    # all of it\n      mail: # for letters\n        condition: service_started\n      \"db\":\n        condition: service_healthy\n    environment: {A: b}\n  mail: {image: mail}\n";
    assert_eq!(mended(STARTED, [("compose.yml", text)]), wanted);
    let crlf = |text: &str| text.replace('\n', "\r\n");
    assert_eq!(
        mended(STARTED, [("compose.yml", &crlf(text))]),
        crlf(wanted)
    );
}

#[test]
fn two_stores_in_one_list_are_mended_one_after_the_other() {
    let text = "services:\n  db: {image: postgres, healthcheck: {test: [CMD, x]}}\n  mq: {image: rabbitmq, healthcheck: {test: [CMD, x]}}\n  web: {image: web, depends_on: [db, mq]}\n  job: {image: web, depends_on: {db: {condition: 'service_started'}}}\n";
    let wanted = text
        .replace(
            "[db, mq]",
            "{db: {condition: service_healthy}, mq: {condition: service_healthy}}",
        )
        .replace("'service_started'", "'service_healthy'");
    assert_eq!(mended(STARTED, [("compose.yml", text)]), wanted);
}

#[test]
fn a_list_stays_where_it_says_more_than_it_seems() {
    // Compose fills in variables in values, and in keys it does not.
    let variable = "services:\n  db: {image: postgres, healthcheck: {test: [CMD, x]}}\n  web: {image: web, depends_on: [\"${DB:-db}\"]}\n";
    assert_eq!(mended(STARTED, [("compose.yml", variable)]), variable);
    // Links are no dependencies that have a condition.
    let linked = "services:\n  db: {image: postgres, healthcheck: {test: [CMD, x]}}\n  web: {image: web, links: [db]}\n";
    assert_eq!(lines(STARTED, [("compose.yml", linked)]), NONE);
    // Without the overlay there is no health to wait for.
    let base = "services:\n  db: {image: postgres}\n  web: {image: web, depends_on: [db]}\n";
    let checks = "services:\n  db: {healthcheck: {test: [CMD, x]}}\n";
    let files = [("compose.yml", base), ("compose.override.yml", checks)];
    assert_eq!(lines(STARTED, files), [3]);
    assert_eq!(mended(STARTED, files), base);
}

#[test]
fn who_is_held_back_in_another_way_need_not_wait() {
    let of = |web: &str| {
        let text = format!(
            "services:\n  db: {{image: postgres, healthcheck: {{test: [CMD, x]}}}}\n  job: {{image: job, depends_on: {{db: {{condition: service_healthy}}}}}}\n  web: {{{web}}}\n"
        );
        lines(STARTED, [("compose.yml", &text)])
    };
    assert_eq!(of("image: web, depends_on: [db]"), [4]);
    assert_eq!(of("image: web, depends_on: [db, job]"), NONE);
    assert_eq!(of("image: \"dpage/pgadmin4:9\", depends_on: [db]"), NONE);
    assert_eq!(of("image: nginx, depends_on: [db]"), NONE);
    assert_eq!(of("image: web, restart: always, depends_on: [db]"), NONE);
    let waits = "image: web, command: [sh, -c, \"until nc -z db 5432; do sleep 1; done; exec web\"], depends_on: [db]";
    assert_eq!(of(waits), NONE);
    assert_eq!(of(&waits.replace("nc -z db", "nc -z mq")), [4]);
    for probe in [
        "pg_isready -h db -U me",
        "psql -h db -c 'select 1'",
        "mysqladmin ping -hdb",
        "redis-cli --host=db ping",
        "psql $$DATABASE_URL",
    ] {
        assert_eq!(of(&waits.replace("nc -z db 5432", probe)), NONE, "{probe}");
    }
    let other = waits.replace("nc -z db 5432", "pg_isready -h mq");
    assert_eq!(of(&other), [4]);
    for command in [
        "python manage.py wait_for_db && exec web",
        "./wait-for-postgres.sh && exec web",
        "./scripts/wait_for_db.py; exec web",
    ] {
        let web = format!("image: web, command: [sh, -c, \"{command}\"], depends_on: [db]");
        assert_eq!(of(&web), NONE, "{command}");
    }
    let once = "image: web, command: [sh, -c, \"psql -h db -f x; exec web\"], depends_on: [db]";
    assert_eq!(of(once), [4]);
}

#[test]
fn a_failure_that_ends_no_start_hides_nothing() {
    let of = |command: &str, restart: &str| {
        let text = format!(
            "services:\n  api:\n    image: api\n    restart: {restart}\n    command: [sh, -c, \"{command}\"]\n    healthcheck: {{test: [CMD, x]}}\n  web: {{image: web, depends_on: {{api: {{condition: service_healthy}}}}}}\n"
        );
        lines(CRASH, [("compose.yml", &text)])
    };
    assert_eq!(of("alembic upgrade head && serve", "always"), [4]);
    assert_eq!(of("alembic upgrade head; serve", "always"), NONE);
    assert_eq!(of("alembic upgrade head || true; serve", "always"), NONE);
    assert_eq!(
        of("alembic upgrade head || exit 1; serve", "on-failure"),
        [4]
    );
    assert_eq!(
        of("alembic upgrade head && serve", "\"on-failure:5\""),
        NONE
    );
    assert_eq!(of("serve", "always"), NONE);
}

#[test]
fn nobody_waits_for_a_service_without_containers() {
    let found = |x: &str, condition: &str, name: &str| {
        let text = waiting(x, condition).replace("x:", &format!("{name}:"));
        let found = Case::of([("compose.yml", &*text)]).found().into_iter();
        found.map(|(rule, ..)| rule).collect::<Vec<_>>()
    };
    let healthy = "service_healthy";
    let cases = [
        ("image: \"postgres:17\"", healthy, "db", WITHOUT[0]),
        (
            "image: app, healthcheck: {disable: true}",
            healthy,
            "db",
            "healthcheck-disabled-but-awaited",
        ),
        (
            "image: redis",
            "service_completed_successfully",
            "x",
            COMPLETED,
        ),
        (
            "image: app, command: ./manage migrate, healthcheck: {test: [CMD, x]}",
            healthy,
            "migrate",
            ONE_SHOT,
        ),
    ];
    for (x, condition, name, rule) in cases {
        for (scale, is_found) in [
            ("scale: 0", false),
            ("deploy: {replicas: 0}", false),
            ("scale: 1", true),
            ("deploy: {replicas: 2}", true),
            ("scale: \"${REPLICAS}\"", true),
        ] {
            let found = found(&format!("{x}, {scale}"), condition, name);
            assert_eq!(found.contains(&rule), is_found, "{rule}: {scale}");
        }
    }
}

#[test]
fn only_without_replicas_a_service_waits_for_nobody() {
    // Compose passes over a service with `deploy.replicas: 0`; with `scale: 0` it waits, and starts nothing then.
    let found = |scale: &str| {
        let text = waiting("image: postgres", "service_healthy");
        let text = text.replace(
            "    image: web\n",
            &format!("    image: web\n    {scale}\n"),
        );
        lines(WITHOUT[0], [("compose.yml", &text)])
    };
    assert_eq!(found("deploy: {replicas: 0}"), NONE);
    assert_eq!(found("scale: 0"), [7]);
}

/// What is said of a job of this name, image and command that is waited for to be healthy.
fn one_shot<const N: usize>(name: &str, rest: &str, files: [(&str, &str); N]) -> Vec<Severity> {
    let text = format!(
        "services:\n  {name}: {{{rest}}}\n  web:\n    image: web\n    depends_on:\n      {name}: {{condition: service_healthy}}\n"
    );
    let mut case = Case::of(files).with("compose.yml", &text);
    case.options.select = Some(vec![ONE_SHOT.to_owned()]);
    case.found().into_iter().map(|found| found.1).collect()
}

#[test]
fn the_name_of_a_script_says_nothing_of_its_end() {
    let script = "#!/bin/sh\nvault operator init\ntail -f /dev/null\n";
    let files = [("init.sh", script)];
    let probe = "healthcheck: {test: [CMD, x]}";
    let mounted = "image: vault, volumes: [\"./init.sh:/vault/init.sh:ro\"]";
    for command in [
        "entrypoint: /vault/init.sh",
        "entrypoint: [sh, /vault/init.sh]",
        "command: ./setup.sh",
        "command: python seed.py",
    ] {
        let rest = format!("{mounted}, {command}, {probe}");
        assert_eq!(one_shot("vault-init", &rest, files), [], "{command}");
    }
    let rest = format!("{mounted}, command: vault operator init, {probe}");
    assert_eq!(one_shot("vault-init", &rest, files), [Severity::Warning]);
}

#[test]
fn the_options_of_a_server_are_no_work() {
    let probe = "healthcheck: {test: [CMD, x]}";
    for (name, rest) in [
        ("db-init", "image: \"mysql:8\", command: --init-file=/x.sql"),
        (
            "seed-node",
            "image: \"cassandra:5\", command: -Dcassandra.load_ring_state=false",
        ),
        (
            "db-setup",
            "image: \"postgres:17\", command: postgres -c init=1",
        ),
        (
            "keycloak-setup",
            "image: quay.io/keycloak/keycloak, command: --import-realm",
        ),
        (
            "neo4j-seed",
            "image: \"neo4j:5\", command: neo4j console --load",
        ),
        ("app-init", "image: app, command: [--once, migrate]"),
    ] {
        assert_eq!(
            one_shot(name, &format!("{rest}, {probe}"), []),
            [],
            "{name}"
        );
    }
    let rest = "image: app, command: ./manage migrate, healthcheck: {test: curl -f http://localhost:8080/}";
    assert_eq!(one_shot("migrate", rest, []), []);
}

#[test]
fn that_others_wait_for_its_end_proves_no_job() {
    let of = |web: &str| {
        let text = format!(
            "services:\n  web: {{image: web{web}}}\n  tests: {{image: tests, depends_on: {{web: {{condition: service_healthy}}}}}}\n  report: {{image: report, depends_on: {{web: {{condition: service_completed_successfully}}}}}}\n"
        );
        let mut case = Case::of([("compose.yml", &*text)]);
        case.options.select = Some(vec![ONE_SHOT.to_owned()]);
        let found = case.check().findings.into_iter();
        let found = found.map(|finding| (finding.severity, finding.fix.is_some()));
        found.collect::<Vec<_>>()
    };
    assert_eq!(of(""), [(Severity::Info, false)]);
    assert_eq!(of(", ports: [\"80:80\"]"), []);
    assert_eq!(of(", command: npm start"), []);
    let probe = ", healthcheck: {test: [CMD, curl, -f, \"http://127.0.0.1/\"]}";
    assert_eq!(of(probe), []);
}

#[test]
fn a_healthcheck_that_loses_its_test_is_none() {
    let base = waiting(
        "image: postgres, healthcheck: {test: [CMD, x], interval: 5s}",
        "service_healthy",
    );
    for (health, wanted) in [
        ("{test: []}", &[6][..]),
        ("!override {interval: 3s}", &[6]),
        ("{interval: 3s}", &[]),
    ] {
        let overlay = format!("services:\n  x: {{healthcheck: {health}}}\n");
        let files = [("compose.yml", &*base), ("compose.override.yml", &overlay)];
        assert_eq!(lines(WITHOUT[0], files), wanted, "{health}");
    }
    // Only the server knows what its test is.
    let unknown = waiting(
        "image: postgres, healthcheck: {test: \"${TEST}\"}",
        "service_healthy",
    );
    assert_eq!(lines(WITHOUT[0], [("compose.yml", &unknown)]), NONE);
}

#[test]
fn an_image_is_not_known_where_the_project_makes_it() {
    let replaced = |contexts: &str| {
        let build = format!("    build: {{context: ., additional_contexts: {contexts}}}\n");
        rules(&build, Some("FROM node\n"))
    };
    assert_eq!(replaced("{node: \"docker-image://example/node\"}"), NOTHING);
    assert_eq!(replaced("[\"node=docker-image://example/node\"]"), NOTHING);
    assert_eq!(replaced("{assets: ./assets}"), WITHOUT);
    let tagged = "    image: nginx\n  base: {build: ., image: \"nginx:latest\"}\n";
    assert_eq!(
        rules(tagged, Some("FROM alpine\nHEALTHCHECK CMD x\n")),
        NOTHING
    );
    let other = "    image: nginx\n  base: {build: ., image: \"nginx:own\"}\n";
    assert_eq!(rules(other, Some("FROM alpine\n")), WITHOUT);
    // What another stack builds under this name is not there where it is not run.
    let text = waiting("image: nginx", "service_healthy");
    let base = "services:\n  base: {build: ., image: nginx}\n";
    let files = [("compose.yml", &*text), ("base/compose.yml", base)];
    assert_eq!(lines(WITHOUT[0], files), [6]);
}

#[test]
fn one_waiter_is_left_out_alone() {
    let text = |a: &str, b: &str| {
        format!(
            "services:\n  db: {{image: valkey/valkey, healthcheck: {{test: [CMD, x]}}}}\n  a:\n    image: a\n    depends_on:\n      - db{a}\n  b:\n    image: b\n    depends_on:\n      - db{b}\n"
        )
    };
    let ignore = " # upbeat: ignore[started-but-has-healthcheck] it tries again";
    let found = |text: &str| {
        let checked = Case::of([("compose.yml", text)]).check();
        let found = checked.findings.iter().map(|finding| {
            let line = place(&checked, finding).1;
            (finding.rule, line, finding.data["services"].to_string())
        });
        found.collect::<Vec<_>>()
    };
    let one = |line, waiters: &str| [(STARTED, line, waiters.to_owned())];
    assert_eq!(found(&text("", "")), one(6, "[\"a\",\"b\"]"));
    // No comment is left over as unused.
    assert_eq!(found(&text(ignore, "")), one(10, "[\"b\"]"));
    assert_eq!(found(&text("", ignore)), one(6, "[\"a\"]"));
    assert_eq!(found(&text(ignore, ignore)), []);
    let fixed = mended(STARTED, [("compose.yml", &text(ignore, ""))]);
    assert!(fixed.contains(&format!("      - db{ignore}\n")), "{fixed}");
    assert!(fixed.contains("condition: service_healthy"), "{fixed}");
}

#[test]
fn who_cannot_be_edited_takes_the_fix_from_nobody_else() {
    let text = "services:\n  db: {image: postgres, healthcheck: {test: [CMD, x]}}\n  a: {image: a, depends_on: [db, \"${MORE:-mq}\"]}\n  b: {image: b, depends_on: [db]}\n  mq: {image: mq}\n";
    let wanted = text.replace(
        "depends_on: [db]",
        "depends_on: {db: {condition: service_healthy}}",
    );
    assert_eq!(mended(STARTED, [("compose.yml", text)]), wanted);
}

#[test]
fn work_in_a_branch_that_is_not_taken_is_none() {
    let of = |rule: &str, script: &str, more: &str| {
        let text = format!(
            "services:\n  api:\n    build: .\n    restart: always\n    {more}\n    healthcheck: {{test: [CMD, x]}}\n  web: {{image: web, depends_on: {{api: {{condition: service_healthy}}}}}}\n"
        );
        let script = format!("#!/bin/sh\nset -e\n{script}\nexec \"$@\"\n");
        let files = [
            ("compose.yml", &*text),
            (
                "Dockerfile",
                "FROM python\nCOPY e.sh /e.sh\nENTRYPOINT [\"/e.sh\"]\nCMD [\"serve\"]\n",
            ),
            ("e.sh", &script),
        ];
        lines(rule, files)
    };
    let branch = "if [ \"${RUN_MIGRATIONS:-true}\" = true ]; then\n  python manage.py migrate\nfi";
    let set = |to: &str| format!("environment: {{RUN_MIGRATIONS: \"{to}\"}}");
    assert_eq!(of(CRASH, branch, &set("true")), [4]);
    assert_eq!(of(CRASH, branch, &set("false")), NONE);
    assert_eq!(of(DELAY, branch, &set("true")), [4]);
    assert_eq!(of(DELAY, branch, &set("false")), NONE);
    // Only the server knows its value.
    assert_eq!(of(CRASH, branch, &set("${MIGRATE}")), NONE);
    assert_eq!(of(DELAY, branch, &set("${MIGRATE}")), [4]);
    let case = "case \"$1\" in\n  web) python manage.py migrate ;;\nesac";
    assert_eq!(of(CRASH, case, "command: [worker]"), NONE);
}

#[test]
fn what_runs_beside_the_server_delays_nothing() {
    let of = |command: &str| {
        let text = format!(
            "services:\n  api:\n    image: api\n    command: [sh, -c, \"{command}\"]\n    healthcheck: {{test: [CMD, x]}}\n"
        );
        lines(DELAY, [("compose.yml", &text)])
    };
    assert_eq!(of("uvicorn app:app & alembic upgrade head; wait"), NONE);
    assert_eq!(of("cron & alembic upgrade head; exec uvicorn app:app"), [4]);
    assert_eq!(of("alembic upgrade head; exec uvicorn app:app"), [4]);
}
