//! Pictures of unlike stacks: one service, many, one that is much longer than the rest.

use super::{project, scene, scenes, secs, xml};
use std::fmt::Write;
use upbeat::timeline::text::{self, Style};
use upbeat::timeline::{Scene, svg};

fn drawn(scene: &Scene, width: usize) -> String {
    text::render(
        std::slice::from_ref(scene),
        Style {
            width,
            ascii: true,
            colours: false,
        },
    )
}

/// The lines of the rows: from the ruler to the next empty line.
fn rows(picture: &str) -> Vec<&str> {
    let after = picture
        .lines()
        .skip_while(|line| !line.trim_start().starts_with('+'));
    after.skip(1).take_while(|line| !line.is_empty()).collect()
}

#[test]
fn one_long_service_does_not_press_the_others_together() {
    let mut compose = String::from("services:\n");
    for number in 0..6 {
        let check = "{test: [CMD, x], interval: 5s, timeout: 5s, retries: 3, start_period: 20s}";
        writeln!(
            compose,
            "  s{number}:\n    image: x\n    healthcheck: {check}"
        )
        .unwrap();
    }
    compose += "  long:\n    image: x\n    healthcheck: {test: [CMD, x], interval: 60s, timeout: 5s, retries: 10, start_period: 60s}\n";
    let scene = scene(&project(&compose, "steps: []\n"), "default");
    // The short ones: 20 + 5 + 5 + 3 x 5 + 2 x 5 = 55 s; the long one: 60 + 5 + 60 + 10 x 5 + 9 x 60 = 715 s.
    assert_eq!(scene.axis.end(), secs(715));
    assert_eq!(scene.axis.knee(), Some(secs(55)));
    assert!(
        scene.axis.share(secs(55)) > 0.6,
        "most of the width is for most of the services"
    );
    let picture = drawn(&scene, 80);
    let short = rows(&picture)[0];
    assert!(short.matches(['=', '-', '~']).count() > 25, "{picture}");
    assert!(picture.contains("the scale changes at 55s"));
    let labels = xml::checked(&svg::render(&scene));
    assert!(
        labels
            .iter()
            .any(|label| label.text.contains("The scale changes at 55s"))
    );
}

#[test]
fn what_is_about_as_long_has_a_plain_axis() {
    let staging = super::scene(&super::case::Case::story("before", None), "staging");
    assert_eq!(staging.axis.knee(), None);
}

#[test]
fn a_limit_far_away_is_told_and_not_drawn() {
    let after = super::scene(&super::case::Case::story("after", None), "staging");
    // The wait gives up at 1010 s, and all is over at 535.
    assert_eq!(after.axis.end(), secs(535));
    assert!(!after.lines[0].inside);
    assert!(drawn(&after, 80).contains("\n>  MAX_WAIT=600 of job `staging`"));
}

#[test]
fn many_services_have_a_line_each_and_few_have_their_probes_too() {
    let compose = |count: usize| {
        let services = (0..count).map(|number| {
            format!("  a-rather-long-name-of-consumer-{number}-of-the-events:\n    image: x\n    healthcheck: {{test: [CMD, x], interval: 10s, retries: 3}}\n")
        });
        format!("services:\n{}", services.collect::<String>())
    };
    for (count, lines) in [(1, 2), (12, 24), (13, 13), (70, 70)] {
        let scene = scene(&project(&compose(count), "steps: []\n"), "default");
        let picture = drawn(&scene, 80);
        assert_eq!(rows(&picture).len(), lines, "{picture}");
        xml::checked(&svg::render(&scene));
        // Names that are cut off are still told apart.
        let names: std::collections::BTreeSet<&str> = rows(&picture)
            .into_iter()
            .filter(|row| !row.starts_with(' '))
            .map(|row| row.split(' ').next().unwrap())
            .collect();
        assert_eq!(names.len(), count, "{picture}");
    }
}

#[test]
fn without_any_length_there_is_no_axis() {
    let scene = scene(
        &project(
            "services:\n  a: {image: x}\n  b: {image: x}\n",
            "steps: []\n",
        ),
        "default",
    );
    let picture = drawn(&scene, 80);
    assert!(
        !picture.contains("0s") || picture.contains("at least 0s"),
        "{picture}"
    );
    assert!(
        picture.contains("\na no check in sight\nb no check in sight\n"),
        "{picture}"
    );
    let labels = xml::checked(&svg::render(&scene));
    assert!(labels.iter().all(|label| label.text != "0s"));
}

#[test]
fn a_job_that_must_complete_is_drawn_by_its_length() {
    let compose = "services:\n  migrate: {image: x}\n  app:\n    image: x\n    depends_on: {migrate: {condition: service_completed_successfully}}\n    healthcheck: {test: [CMD, x], interval: 5s, timeout: 1s, retries: 2}\n";
    let case = project(compose, "steps: []\n").startup("migrate", 40);
    let scene = scene(&case, "default");
    assert_eq!(scene.rows[1].start, secs(40));
    assert_eq!(scene.rows[1].behind, Some(0));
    let picture = drawn(&scene, 80);
    assert!(rows(&picture)[0].starts_with("migrate ####"), "{picture}");
}

#[test]
fn stacks_come_one_below_the_other() {
    let pictures = scenes(&super::case::Case::story("before", None));
    let text = text::render(
        &pictures,
        Style {
            width: 100,
            ascii: false,
            colours: false,
        },
    );
    let heads: Vec<&str> = text
        .lines()
        .filter(|line| line.contains("engine 29"))
        .collect();
    assert_eq!(
        heads,
        [
            "staging (docker-compose.yml + compose.staging.yml), engine 29",
            "production (docker-compose.yml + compose.production.yml), engine 29",
        ]
    );
}
