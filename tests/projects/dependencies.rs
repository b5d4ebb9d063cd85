//! Who waits for whom to be healthy, and whether that can be.

use super::case::Case;

/// The rules that speak of a stack in which `web` waits for `db`, with this text for `db` and this Dockerfile for its build.
fn rules(db: &str, dockerfile: Option<&str>) -> Vec<&'static str> {
    let compose = format!(
        "services:\n  db:\n{db}  web:\n    image: registry.example.com/web\n    depends_on:\n      db: {{ condition: service_healthy }}\n"
    );
    let mut case = Case::of([("compose.yml", &*compose)]);
    if let Some(text) = dockerfile {
        case = case.with("Dockerfile", text);
    }
    let found = case.found().into_iter();
    found.map(|(rule, ..)| rule).collect()
}

const WITHOUT: [&str; 1] = ["healthy-without-healthcheck"];
const NOTHING: [&str; 0] = [];

#[test]
fn dockers_own_images_bring_no_healthcheck_and_of_others_nothing_is_said() {
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
    for image in [
        "registry.example.com/postgres",
        "bitnami/postgresql",
        "app",
        "${IMAGE}",
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
    assert_eq!(
        rules(build, Some("FROM registry.example.com/base\n")),
        NOTHING
    );
    assert_eq!(rules(build, None), NOTHING);
    // Numbers alone say that the image has a test.
    let numbers = "    image: postgres\n    healthcheck:\n      interval: 5s\n";
    assert_eq!(rules(numbers, None), NOTHING);
}

#[test]
fn what_is_not_required_is_no_error() {
    let case = Case::of([(
        "compose.yml",
        "services:\n  db: {image: postgres}\n  web:\n    image: web\n    depends_on:\n      db: {condition: service_healthy, required: false}\n",
    )]);
    assert_eq!(case.found(), []);
}
