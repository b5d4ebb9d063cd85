//! What containers do by themselves before their server answers, and the healthchecks that images bring.

use super::case::{Case, STARTUP, is_settled};
use upbeat::project::{Clock, Project};
use upbeat::source::Span;

fn read(case: &Case) -> Project {
    case.check().project
}

fn place(project: &Project, span: Span) -> String {
    let sources = project.store.sources();
    let line = sources.start(span).line;
    let path = sources.get(span.file).path();
    let text = sources.text(span).lines().next().unwrap_or_default();
    format!("{path}:{line} {text}")
}

/// The waits and the work of a service in the first stack.
fn told(project: &Project, service: &str) -> Vec<String> {
    let stack = &project.stacks[0];
    let service = &stack.services[stack.index(service).expect("a service")];
    let Some(entry) = &service.entry else {
        return Vec::new();
    };
    let maybe = |maybe| if maybe { "maybe " } else { "" };
    let waits = entry.waits.iter().map(|wait| {
        let place = place(project, wait.place);
        format!("{}wait {} at {place}", maybe(wait.maybe), wait.limit)
    });
    let work = entry.work.iter().map(|work| {
        let place = place(project, work.span);
        format!("{}{} at {place}", maybe(work.maybe), work.kind.noun())
    });
    waits.chain(work).collect()
}

/// What the entrypoint of the only service tells.
fn entry(files: &[(&str, &str)]) -> Vec<String> {
    let mut case = Case::default();
    for (path, text) in files {
        case.files.push(((*path).to_owned(), (*text).to_owned()));
    }
    told(&read(&case), "app")
}

const BUILT: &str = "services:\n  app:\n    build: .\n";

#[test]
fn the_storys_entrypoint_may_wait_a_minute_and_does_two_kinds_of_work() {
    let case = Case::story("before", None);
    assert_eq!(
        told(&read(&case), "backend"),
        [
            "wait 60 at backend/docker-entrypoint.sh:19 60",
            "database migrations at backend/docker-entrypoint.sh:21 python manage.py migrate --noinput",
            "static files at backend/docker-entrypoint.sh:22 python manage.py collectstatic --noinput",
        ]
    );
}

#[test]
fn a_command_in_the_compose_file_is_read_with_its_places() {
    let own = "services:\n  app:\n    image: x\n    environment:\n      PATIENCE: 40\n    entrypoint: [\"/wait-for-it.sh\", \"db:5432\", \"-t\", \"30\", \"--\"]\n    command: [\"sh\", \"-c\", \"alembic upgrade head && uvicorn app\"]\n";
    assert_eq!(
        entry(&[("compose.yml", own)])[0],
        "wait 30 at compose.yml:6 30"
    );
    let script = "services:\n  app:\n    image: x\n    environment:\n      PATIENCE: 40\n    command:\n      - bash\n      - -c\n      - |\n        for i in $$(seq 30); do nc -z db 5432 && break; sleep 2; done\n        timeout $$PATIENCE sh -c 'until nc -z queue 5672; do sleep 1; done'\n        alembic upgrade head\n        exec uvicorn app\n";
    assert_eq!(
        entry(&[("compose.yml", script)]),
        [
            "wait 60 at compose.yml:10 30",
            "wait 40 at compose.yml:5 40",
            "database migrations at compose.yml:12 alembic upgrade head",
        ]
    );
    let text = "services:\n  app:\n    image: x\n    command: sh -c \"sleep 5 && exec server\"\n";
    assert_eq!(
        entry(&[("compose.yml", text)]),
        ["wait 5 at compose.yml:4 5"]
    );
    // Words that are not written as they are have no place of their own.
    let escaped =
        "services:\n  app:\n    image: x\n    command: sh -c sleep\\ 5\\ \\&\\&\\ exec\\ server\n";
    assert_eq!(
        entry(&[("compose.yml", escaped)]),
        ["wait 5 at compose.yml:4 sh -c sleep\\ 5\\ \\&\\&\\ exec\\ server"]
    );
}

#[test]
fn what_keeps_a_container_alive_is_no_wait() {
    for command in [
        "sleep 3600",
        "[sh, -c, \"while true; do sleep 5; done\"]",
        "[sh, -c, \"server & sleep 3600\"]",
        "tail -f /dev/null",
    ] {
        let text = format!("services:\n  app:\n    image: x\n    command: {command}\n");
        assert!(entry(&[("compose.yml", &text)]).is_empty(), "{command}");
    }
}

#[test]
fn a_script_is_found_where_it_was_copied_from_or_is_mounted() {
    let script = "#!/bin/sh\npython manage.py wait_for_db --timeout 20\nexec \"$@\"\n";
    let wanted = |path: &str| vec![format!("wait 20 at {path}:2 20")];
    let dockerfile = "FROM python\nWORKDIR /srv\nCOPY docker/ /usr/local/bin/\nENTRYPOINT [\"start\"]\nCMD [\"gunicorn\"]\n";
    assert_eq!(
        entry(&[
            ("compose.yml", BUILT),
            ("Dockerfile", dockerfile),
            ("docker/start", script)
        ]),
        wanted("docker/start")
    );
    let mounted = "services:\n  app:\n    image: x\n    entrypoint: /opt/start.sh\n    volumes:\n      - ./scripts:/opt:ro\n";
    assert_eq!(
        entry(&[("compose.yml", mounted), ("scripts/start.sh", script)]),
        wanted("scripts/start.sh")
    );
    let relative = "FROM python\nWORKDIR /srv\nCOPY . .\nENTRYPOINT [\"./docker/start.sh\"]\n";
    assert_eq!(
        entry(&[
            ("compose.yml", BUILT),
            ("Dockerfile", relative),
            ("docker/start.sh", script)
        ]),
        wanted("docker/start.sh")
    );
    // Not in sight: nothing is guessed.
    let elsewhere = "FROM python\nENTRYPOINT [\"/start.sh\"]\n";
    assert!(
        entry(&[
            ("compose.yml", BUILT),
            ("Dockerfile", elsewhere),
            ("start.sh", script)
        ])
        .is_empty()
    );
}

#[test]
fn scripts_hand_over_to_scripts_and_to_the_command() {
    let dockerfile = "FROM node\nWORKDIR /srv\nCOPY . .\nENTRYPOINT [\"/srv/entry.sh\"]\nCMD [\"npm\", \"run\", \"start:prod\"]\n";
    let entry_script = "#!/bin/bash\nset -e\n. ./wait.sh\nexec \"$@\"\n";
    let wait = "for i in {1..10}; do nc -z db 5432 && break; sleep ${PAUSE:-3}; done\ntrue; server_is_up\n";
    let package = "{\"scripts\": {\"start:prod\": \"prisma migrate deploy && node dist/main\"}}\n";
    let files = [
        ("compose.yml", BUILT),
        ("Dockerfile", dockerfile),
        ("entry.sh", entry_script),
        ("wait.sh", wait),
        ("package.json", package),
    ];
    assert_eq!(
        entry(&files),
        [
            "wait 30 at wait.sh:1 10",
            "database migrations at package.json:1 prisma migrate deploy"
        ]
    );
    // A command of the compose file stands in for the image's.
    let other = "services:\n  app:\n    build: .\n    environment:\n      - PAUSE=1\n    command: [\"worker\"]\n";
    let mut files = files;
    files[0].1 = other;
    assert_eq!(entry(&files), ["wait 10 at wait.sh:1 10"]);
}

#[test]
fn branches_may_be_come_to_and_only_the_longest_of_them_counts() {
    let dockerfile = "FROM a\nCOPY start.sh /\nENTRYPOINT [\"/start.sh\"]\n";
    let script = "#!/bin/sh\nif [ \"$WAIT\" = db ]; then\n  wait-for-it db:5432 -t 20\nelif [ \"$WAIT\" = all ]; then\n  wait-for-it db:5432 -t 50\nfi\nwait-for-it queue:5672 -t 7\nunused() { wait-for-it x:1 -t 99; }\nexec server\npython manage.py migrate\n";
    let case = Case::of([
        ("compose.yml", BUILT),
        ("Dockerfile", dockerfile),
        ("start.sh", script),
    ]);
    let project = read(&case);
    assert_eq!(
        told(&project, "app"),
        [
            "maybe wait 20 at start.sh:3 20",
            "maybe wait 50 at start.sh:5 50",
            "wait 7 at start.sh:7 7",
        ]
    );
    let entry = project.stacks[0].services[0].entry.as_ref().expect("read");
    let longest: Vec<String> = entry
        .longest(|_| true)
        .iter()
        .map(|wait| wait.limit.to_string())
        .collect();
    assert_eq!(longest, ["50", "7"]);
}

fn clock(dockerfile: &str, check: &str) -> Clock {
    let compose = format!("services:\n  app:\n    build: .\n{check}");
    let case = Case::of([("compose.yml", &*compose), ("Dockerfile", dockerfile)]);
    read(&case).stacks[0].services[0].clock.clone()
}

/// interval, timeout, retries, start period
fn numbers(dockerfile: &str, check: &str) -> Option<(String, String, u64, String)> {
    match clock(dockerfile, check) {
        Clock::Known(check) => Some((
            check.interval.to_string(),
            check.timeout.to_string(),
            check.retries,
            check.start_period.to_string(),
        )),
        Clock::None | Clock::Unknown => None,
    }
}

#[test]
fn the_images_healthcheck_counts_field_by_field_as_the_engine_joins_them() {
    let image = "FROM a\nHEALTHCHECK --interval=7s --retries=9 --start-period=11s CMD probe\n";
    let as_written = |numbers: (&str, &str, u64, &str)| {
        let (interval, timeout, retries, period) = numbers;
        Some((
            interval.to_owned(),
            timeout.to_owned(),
            retries,
            period.to_owned(),
        ))
    };
    assert_eq!(numbers(image, ""), as_written(("7", "30", 9, "11")));
    let own_test = "    healthcheck:\n      test: [CMD, other]\n      retries: 2\n";
    assert_eq!(numbers(image, own_test), as_written(("7", "30", 2, "11")));
    let numbers_alone = "    healthcheck:\n      interval: 3s\n      start_period: 0s\n";
    assert_eq!(
        numbers(image, numbers_alone),
        as_written(("3", "30", 9, "11"))
    );
    let off = "    healthcheck:\n      disable: true\n";
    assert_eq!(clock(image, off), Clock::None);
    let none = "FROM a AS b\nHEALTHCHECK CMD x\nFROM b\nHEALTHCHECK NONE\n";
    assert_eq!(clock(none, ""), Clock::None);
    assert_eq!(clock(none, numbers_alone), Clock::None);
    assert_eq!(numbers(none, own_test), as_written(("30", "30", 2, "0")));
    // The base image may bring one.
    assert_eq!(clock("FROM a\n", ""), Clock::Unknown);
}

#[test]
fn a_start_period_of_the_image_is_raised_in_the_compose_file() {
    let dockerfile =
        "FROM a\nHEALTHCHECK --interval=10s --retries=3 --start-period=20s CMD probe\n";
    let compose =
        "services:\n    app:\n        build:\n            context: .\n        restart: always\n";
    let case = Case::of([("compose.yml", compose), ("Dockerfile", dockerfile)]).startup("app", 60);
    let findings = case.check().findings;
    assert_eq!(findings.len(), 1, "{findings:#?}");
    assert_eq!(findings[0].rule, STARTUP);
    let checked = case.check();
    assert_eq!(
        place(&checked.project, findings[0].primary.span),
        "Dockerfile:2 20s"
    );
    let fixed = case.fixed();
    assert_eq!(
        fixed.text("compose.yml"),
        format!("{compose}        healthcheck:\n            start_period: 70s\n")
    );
    is_settled(&case);
}
