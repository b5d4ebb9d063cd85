//! The numbers of the picture, by hand.

use super::case::Case;
use super::{project, scene, secs};
use upbeat::clock::{Hit, LimitKind};
use upbeat::timeline::{OriginKind, Row, Scene, Zone};

fn row<'a>(scene: &'a Scene, name: &str) -> &'a Row {
    let mut rows = scene.rows.iter().filter(|row| row.name == name);
    rows.next().expect("the row")
}

/// When each service starts, in the order of the rows.
fn starts(scene: &Scene) -> Vec<(&str, i64)> {
    let rows = scene.rows.iter();
    rows.map(|row| (row.name.as_str(), row.start.nanos() / 1_000_000_000))
        .collect()
}

/// The stretches of a row in seconds.
fn bars(row: &Row) -> Vec<(Zone, i64, i64)> {
    let whole = |length: upbeat::duration::Seconds| length.nanos() / 1_000_000_000;
    row.bars
        .iter()
        .map(|bar| (bar.zone, whole(bar.from), whole(bar.to)))
        .collect()
}

/// When the job's wait gives up, and whether that is hit.
fn wait(scene: &Scene) -> (i64, Option<Hit>) {
    let waits = scene.limits.iter().filter(|entry| {
        entry
            .origin
            .as_ref()
            .is_some_and(|origin| origin.kind == OriginKind::Wait)
    });
    let waits: Vec<_> = waits.collect();
    assert_eq!(waits.len(), 1);
    (
        waits[0].limit.at.nanos() / 1_000_000_000,
        waits[0].limit.hit,
    )
}

#[test]
fn the_story_without_a_log() {
    // Planned: db 30 + 10 + 30, backend 90 + 5 + 45, frontend 60 + 5 + 45; then `up` returns, and the wait has its 120 s.
    let staging = scene(&Case::story("before", None), "staging");
    assert_eq!(
        starts(&staging),
        [
            ("db", 0),
            ("redis", 0),
            ("backend", 70),
            ("frontend", 210),
            ("proxy", 320)
        ]
    );
    assert_eq!(wait(&staging), (440, Some(Hit::Possibly)));
    assert_eq!(staging.healthy_by, secs(445));
    assert_eq!(
        staging.sentence,
        [
            "The first limit that a legal start may hit is MAX_WAIT=120 of job `staging`: it gives up at 440s, but `proxy` may take until 445s."
        ]
    );
    // Production's frontend is the last: 70 + 125, and then 45 + 5 + 3 x 65 = 245.
    let production = scene(&Case::story("before", None), "production");
    assert_eq!(
        starts(&production),
        [
            ("db", 0),
            ("redis", 0),
            ("backend", 70),
            ("frontend", 195),
            ("proxy", 305)
        ]
    );
    assert_eq!(production.healthy_by, secs(440));
    assert_eq!(wait(&production), (425, Some(Hit::Possibly)));
}

#[test]
fn the_story_on_a_bad_day() {
    let staging = scene(&Case::story("before", Some("bad")), "staging");
    // backend: 180 + 5 + 45 = 230.
    assert_eq!(
        starts(&staging),
        [
            ("db", 0),
            ("redis", 0),
            ("backend", 70),
            ("frontend", 300),
            ("proxy", 410)
        ]
    );
    let first = staging.first_limit().expect("a limit");
    assert_eq!(
        (first.limit.at, first.limit.hit),
        (secs(160), Some(Hit::Surely))
    );
    assert!(matches!(first.limit.kind, LimitKind::Grace(_)) && !first.ends_the_start());
    assert_eq!(wait(&staging), (530, Some(Hit::Possibly)));
    assert_eq!(staging.healthy_by, secs(535));
    assert_eq!(
        staging.sentence,
        [
            "The first limit that this start hits is the start_period of `backend`: its 90s are over at 160s, but it takes at least 180s to start, until 250s, and may burn 2 of its 3 retries.",
            "What may end it is MAX_WAIT=120 of job `staging`: it gives up at 530s, but `proxy` may take until 535s.",
        ]
    );
    // production: backend 180 + 5 + 60 = 245, and frontend ends at 70 + 245 + 245 = 560.
    let production = scene(&Case::story("before", Some("bad")), "production");
    assert_eq!(production.healthy_by, secs(560));
    assert_eq!(wait(&production), (545, Some(Hit::Possibly)));
    let first = production.first_limit().expect("a limit");
    assert_eq!(
        first.limit.at,
        secs(130),
        "production's start_period is 60 s"
    );
}

#[test]
fn the_story_on_a_good_day() {
    // 70 s are within staging's 90 and beyond production's 60.
    let staging = scene(&Case::story("before", Some("good")), "staging");
    assert_eq!(staging.healthy_by, secs(445));
    let first = staging.first_limit().expect("the wait");
    assert_eq!(first.limit.at, secs(440));
    let production = scene(&Case::story("before", Some("good")), "production");
    let first = production.first_limit().expect("the start period");
    assert_eq!(
        (first.limit.at, first.limit.hit),
        (secs(130), Some(Hit::Surely))
    );
    assert!(
        production.sentence[0].contains("may burn 1 of its 3 retries"),
        "{:?}",
        production.sentence
    );
}

#[test]
fn halfway_and_after_hit_nothing() {
    // On the planned schedule `up` returns when proxy starts, 125 s before its latest verdict; the wait begins there.
    for (state, day, staging, production, max_wait) in [
        ("halfway", None, (525, 970), (535, 1000), 360),
        ("halfway", Some("bad"), (525, 970), (535, 1000), 360),
        ("after", None, (535, 880), (545, 910), 600),
        ("after", Some("good"), (535, 880), (545, 910), 600),
        ("after", Some("bad"), (535, 880), (545, 910), 600),
    ] {
        for (name, (by, worst)) in [("staging", staging), ("production", production)] {
            let scene = scene(&Case::story(state, day), name);
            assert_eq!(scene.healthy_by, secs(by), "{state} {day:?} {name}");
            assert_eq!(scene.first, None, "{state} {day:?} {name}");
            // 400 and 410: where proxy starts.
            let returned = row(&scene, "proxy").start.nanos() / 1_000_000_000;
            assert_eq!(wait(&scene), (returned + max_wait, Some(Hit::No)));
            assert_eq!(
                scene.sentence,
                [format!(
                    "No limit is hit as planned: everything is healthy by {by}s, or called unhealthy (by {worst}s at the very most)."
                )]
            );
        }
    }
}

#[test]
fn where_all_startups_are_known_the_end_is_certain() {
    let case = ["db", "redis", "backend", "frontend", "proxy"]
        .iter()
        .fold(Case::story("after", None), |case, name| {
            case.startup(name, 1)
        });
    let staging = scene(&case, "staging");
    // All are there at their first probe, after 5 s; it may take its timeout: 10, 3, 10, 5 and 5. Planned is the start period and more.
    let sentence = format!(
        "No limit is hit: everything is healthy by {}s at the latest.",
        410 + 10
    );
    assert_eq!(staging.sentence, [sentence]);
}

#[test]
fn a_row_shows_its_start_by_steps_and_its_health_clock() {
    let staging = scene(&Case::story("before", Some("bad")), "staging");
    let backend = row(&staging, "backend");
    assert_eq!(
        bars(backend),
        [
            (Zone::Waiting, 0, 70),
            (Zone::Grace, 70, 160),
            (Zone::Retries, 160, 250),
            (Zone::Verdict, 250, 315),
            (Zone::Startup(Some(0)), 70, 75),
            (Zone::Startup(Some(1)), 75, 135),
            (Zone::Startup(Some(2)), 135, 145),
            // The migrations go on when the start period is over.
            (Zone::Startup(Some(3)), 145, 160),
            (Zone::Late(Some(3)), 160, 220),
            (Zone::Late(Some(4)), 220, 250),
            (Zone::Healthy, 250, 270),
        ]
    );
    let names: Vec<&str> = backend
        .startup
        .iter()
        .flat_map(|s| &s.steps)
        .map(|s| s.name.as_str())
        .collect();
    assert_eq!(
        names,
        [
            "Configuration validation",
            "Database connectivity",
            "Deployment checks",
            "Database migrations",
            "Static file collection"
        ]
    );
    assert_eq!(backend.passes_on, Some(secs(300)));
    // Every 5 s while the start period lasts: 75 … 155; 160 and 205 count; 250 finds it ready.
    let forgiven = backend.probes.forgiven.expect("probes");
    assert_eq!(
        (forgiven.first, forgiven.every, forgiven.count),
        (secs(75), secs(5), 17)
    );
    let counted = backend.probes.counted.expect("probes");
    assert_eq!(
        (counted.first, counted.every, counted.count),
        (secs(160), secs(45), 2)
    );
    assert_eq!(backend.probes.success, Some(secs(250)));
    // Nobody waits for the proxy.
    let proxy = row(&staging, "proxy");
    assert_eq!(
        (proxy.passes_on, proxy.unhealthy()),
        (None, Some((secs(485), secs(535))))
    );
    let frontend = &staging.rows[proxy.behind.expect("frontend")];
    assert_eq!(
        (frontend.name.as_str(), frontend.passes_on),
        ("frontend", Some(proxy.start))
    );
    assert!(proxy.critical && !row(&staging, "redis").critical);
}

#[test]
fn what_if_a_start_is_too_long() {
    // 90 + 2 x 45 = 180 are sure, and 245 the latest verdict.
    let staging = scene(
        &Case::story("before", None).startup("backend", 400),
        "staging",
    );
    let first = staging.first_limit().expect("the start period");
    assert_eq!(first.limit.at, secs(160));
    assert_eq!(
        staging.sentence[1],
        "What ends it is the verdict on `backend`: it is called unhealthy between 250s and 315s, and would be ready only at 470s; `frontend` and `proxy` never start."
    );
    for name in ["frontend", "proxy"] {
        let row = row(&staging, name);
        assert_eq!(row.stopped_by.as_deref(), Some("backend"));
        assert!(row.bars.is_empty());
    }
    let waits = staging
        .limits
        .iter()
        .find(|entry| entry.origin.is_some())
        .expect("the wait");
    assert!(!waits.limit.reached);
    assert_eq!(staging.lines, [], "what never begins is not drawn");
    assert_eq!(staging.axis.end(), secs(470));
}

const APP: &str = "services:
  db:
    image: x
    healthcheck: {test: [CMD, x], interval: 10s, timeout: 5s, retries: 3, start_period: 30s}
  app:
    image: x
    depends_on: {db: {condition: service_healthy}}
    healthcheck: {test: [CMD, x], interval: 10s, timeout: 5s, retries: 3, start_period: 20s}
";

#[test]
fn the_limits_of_steps_and_jobs_count_from_the_start() {
    // db is planned within 30 + 5 + 10 = 45 s; app takes 20 + 5 + 3 x 15 = 70 s at most.
    let case = project(
        APP,
        "timeout-minutes: 0.5
steps:
  - name: Up
    timeout-minutes: 1
    run: docker compose up -d
  - name: Wait
    timeout-minutes: 2
    run: timeout 80 sh -c 'until docker compose ps app | grep -q \"(healthy)\"; do sleep 1; done'
",
    );
    let scene = scene(&case, "default");
    let found: Vec<_> = scene
        .limits
        .iter()
        .filter_map(|entry| {
            let origin = entry.origin.as_ref()?;
            let at = entry.limit.at.nanos() / 1_000_000_000;
            Some((origin.kind, origin.step.as_deref(), at, entry.limit.hit))
        })
        .collect();
    assert_eq!(
        found,
        [
            // Within half a minute db need not be healthy, and app not started.
            (OriginKind::Job, None, 30, Some(Hit::Possibly)),
            (OriginKind::Step, Some("Up"), 60, Some(Hit::No)),
            // Both begin when `up` has returned.
            (OriginKind::Wait, Some("Wait"), 125, Some(Hit::No)),
            (OriginKind::Step, Some("Wait"), 165, Some(Hit::No)),
        ]
    );
    assert_eq!(
        scene.sentence,
        [
            "The first limit that a legal start may hit is timeout-minutes of job `deploy`: it ends the job at 30s, but `app` may take until 115s."
        ]
    );
    let wait = &scene
        .limits
        .iter()
        .find(|e| {
            e.origin
                .as_ref()
                .is_some_and(|o| o.kind == OriginKind::Step)
        })
        .unwrap();
    let (file, at) = wait.place.as_ref().expect("a place");
    assert_eq!(
        (file.as_str(), at.line),
        (".github/workflows/deploy.yml", 7)
    );
}

#[test]
fn up_alone_has_the_limits_of_its_step_and_job() {
    let case = project(
        APP,
        "timeout-minutes: 0.5\nsteps:\n  - run: docker compose up -d\n",
    );
    let found = scene(&case, "default");
    assert_eq!(
        found.sentence,
        [
            "The first limit that a legal start may hit is timeout-minutes of job `deploy`: it ends the job at 30s, but `app` is only planned to start at 45s."
        ]
    );
    // Behind `&` nobody waits for it.
    let case = project(
        APP,
        "timeout-minutes: 0.5\nsteps:\n  - run: docker compose up -d &\n",
    );
    let found = scene(&case, "default");
    assert!(found.limits.iter().all(|entry| entry.origin.is_none()));
    assert!(
        found
            .notes
            .iter()
            .any(|note| note.contains("no wait and no limit of a workflow"))
    );
}

#[test]
fn wait_timeout_is_told_for_the_level_that_hits_it() {
    // db's latest verdict: 30 + 5 + 10 + 3 x 5 + 2 x 10 = 80.
    let case = project(
        APP,
        "steps:\n  - run: docker compose up -d --wait --wait-timeout 60\n",
    );
    let found = scene(&case, "default");
    assert_eq!(
        found.sentence,
        [
            "The first limit that a legal start may hit is --wait-timeout 60 of job `deploy`: it gives up at 60s, as it waits to start `app`, but `db` may take until 80s."
        ]
    );
    let case = project(
        APP,
        "steps:\n  - run: docker compose up -d --wait --wait-timeout 80\n",
    );
    let found = scene(&case, "default");
    assert_eq!(found.first, None);
    let at: Vec<_> = found.lines.iter().map(|line| line.at).collect();
    assert_eq!(
        at,
        [secs(45 + 80)],
        "the last wait begins when app has started"
    );
}

#[test]
fn what_has_no_healthcheck_is_named() {
    let none = scene(
        &project(
            "services:\n  a: {image: x}\n  b: {image: x, healthcheck: {disable: true}}\n",
            "steps: []\n",
        ),
        "default",
    );
    assert_eq!(
        none.sentence,
        ["No limit comes into play: no service here has a healthcheck in sight."]
    );
    assert!(none.is_bare());
    assert_eq!(row(&none, "a").words(), "no check in sight");
    assert_eq!(row(&none, "b").words(), "no healthcheck");
    assert!(
        none.notes[0].starts_with("no healthcheck is in sight for `a`:"),
        "{:?}",
        none.notes
    );
}

#[test]
fn the_other_schedules() {
    use upbeat::clock::BudgetModel;
    let (store, inputs) = Case::story("before", None).inputs();
    let project = upbeat::project::Project::read(store, &inputs);
    let worst = Scene::new(&project, 0, BudgetModel::Worst);
    // db 240, backend 245, frontend 215: and proxy's 125 on top of them.
    assert_eq!(row(&worst, "proxy").start, secs(700));
    assert_eq!(worst.healthy_by, secs(825));
    let after_up = Scene::new(&project, 0, BudgetModel::AfterUp);
    assert_eq!(
        row(&after_up, "proxy").start,
        secs(320),
        "it has no schedule of its own"
    );
    let critical: Vec<&str> = after_up
        .rows
        .iter()
        .filter(|row| row.critical)
        .map(|row| row.name.as_str())
        .collect();
    assert_eq!(critical, ["proxy"]);
}
