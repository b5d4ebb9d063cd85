//! Ten thousand services.

use super::case::Case;
use super::{scenes, secs};
use std::fmt::Write;
use std::time::{Duration, Instant};
use upbeat::timeline::text::{self, Style};
use upbeat::timeline::{Scene, html, json, svg};

const CHECK: &str =
    "healthcheck: {test: [CMD, x], interval: 10s, timeout: 5s, retries: 3, start_period: 30s}";

/// A chain: each waits for the one before.
fn chain(count: usize) -> Case {
    project(count, |number| number.checked_sub(1))
}

/// A fan: all wait for the first.
fn fan(count: usize) -> Case {
    project(count, |number| (number > 0).then_some(0))
}

fn project(count: usize, before: impl Fn(usize) -> Option<usize>) -> Case {
    let mut compose = "services:\n".to_owned();
    for number in 0..count {
        writeln!(compose, "  s{number}:\n    image: x\n    {CHECK}").unwrap();
        if let Some(before) = before(number) {
            writeln!(
                compose,
                "    depends_on: {{s{before}: {{condition: service_healthy}}}}"
            )
            .unwrap();
        }
    }
    let workflow = "on: push\njobs:\n  deploy:\n    timeout-minutes: 30\n    steps:\n    - run: |\n        docker compose up -d\n        timeout 60 sh -c 'until docker compose ps | grep healthy; do sleep 1; done'\n";
    Case::of([
        ("compose.yml", compose.as_str()),
        (".github/workflows/w.yml", workflow),
    ])
}

/// Draws it in all formats; how long that took without reading the files.
fn drawn(case: &Case) -> (Scene, Duration) {
    let (store, inputs) = case.inputs();
    let project = upbeat::project::Project::read(store, &inputs);
    let begin = Instant::now();
    let scenes = Scene::all(&project, upbeat::clock::BudgetModel::Planned);
    let text = text::render(
        &scenes,
        Style {
            width: 100,
            ascii: false,
            colours: false,
        },
    );
    let picture = svg::render(&scenes[0]);
    let page = html::render(&scenes);
    let document = json::render(&scenes);
    let took = begin.elapsed();
    let last = format!("s{}", scenes[0].rows.len() - 1);
    for drawn in [&text, &picture, &page, &document] {
        assert!(drawn.contains(&last));
    }
    let scene = scenes.into_iter().next().expect("one");
    (scene, took)
}

/// Ten times as many take about ten times as long; a square would take a hundred times. A machine with other work gets three tries.
fn is_linear(project: impl Fn(usize) -> Case) -> Scene {
    let mut tries = Vec::new();
    for _ in 0..3 {
        let (_, short) = drawn(&project(1_000));
        let (scene, long) = drawn(&project(10_000));
        if long < short * 30 {
            return scene;
        }
        tries.push((short, long));
    }
    panic!("for 1,000 and for 10,000: {tries:?}");
}

#[test]
fn a_chain_of_ten_thousand() {
    let scene = is_linear(chain);
    // Each is planned within 30 + 5 + 10 = 45 s; the last may take 30 + 5 + 10 + 3 x 5 + 2 x 10 = 80.
    assert_eq!(scene.healthy_by, secs(9_999 * 45 + 80));
    assert_eq!(scene.rows[9_999].start, secs(9_999 * 45));
    let limit = "timeout-minutes of job `deploy`";
    assert!(scene.sentence[0].contains(limit), "{:?}", scene.sentence);
}

#[test]
fn a_fan_of_ten_thousand() {
    let scene = is_linear(fan);
    assert_eq!(scene.healthy_by, secs(45 + 80));
}

#[test]
fn all_of_them_unhealthy_is_no_square_either() {
    let begin = Instant::now();
    let mut case = chain(2_000);
    case.startups = (0..2_000)
        .map(|number| (format!("s{number}"), secs(500)))
        .collect();
    let scene = scenes(&case).remove(0);
    assert_eq!(
        scene
            .rows
            .iter()
            .filter(|row| row.stopped_by.is_some())
            .count(),
        1_999
    );
    assert!(begin.elapsed() < Duration::from_secs(60));
}

#[test]
fn numbers_without_end_are_drawn_in_no_time() {
    // Billions of probes, and lengths that no clock holds.
    let compose = "services:
  many:
    image: x
    healthcheck: {test: [CMD, x], interval: 1ms, timeout: 1ms, retries: 4000000000, start_period: 2000000h, start_interval: 1ms}
  late:
    image: x
    depends_on: {many: {condition: service_healthy}}
    healthcheck: {test: [CMD, x], interval: 2000000h, timeout: 2000000h, retries: 9000, start_period: 2000000h}
";
    let (scene, took) = drawn_of(compose);
    assert!(took < Duration::from_secs(5), "{took:?}");
    assert!(
        scene
            .rows
            .iter()
            .all(|row| row.bars.iter().all(|bar| bar.from <= bar.to))
    );
}

fn drawn_of(compose: &str) -> (Scene, Duration) {
    let case = Case::of([("compose.yml", compose)]);
    let begin = Instant::now();
    let scenes = scenes(&case);
    let text = text::render(
        &scenes,
        Style {
            width: 100,
            ascii: true,
            colours: false,
        },
    );
    assert!(text.lines().all(|line| line.len() <= 100));
    super::xml::checked(&svg::render(&scenes[0]));
    html::render(&scenes);
    json::render(&scenes);
    (scenes.into_iter().next().expect("one"), begin.elapsed())
}
