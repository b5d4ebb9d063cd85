//! Whole logs.

mod day;
mod docker;
mod milestones;

use super::*;
use crate::duration::Seconds;
use proptest::prelude::*;
use std::fmt::Write as _;

fn read_log(text: &str) -> Vec<Startup> {
    read(&mut text.as_bytes()).map_or_else(|_| Vec::new(), |reading| reading.startups)
}

/// What stands at a place.
fn at(text: &str, place: Place) -> &str {
    let start = usize::try_from(place.offset).unwrap();
    let found = &text[start..start + place.length as usize];
    let line = text[..start].matches('\n').count() as u64 + 1;
    assert_eq!(place.line, line, "{found:?}");
    found
}

/// What a start comes to, in short: `backend 70 lower 70s [2 5 3]`.
fn short(text: &str) -> Vec<String> {
    let one = |startup: &Startup| {
        let steps: Vec<String> = startup
            .steps
            .iter()
            .map(|s| s.seconds.to_string())
            .collect();
        let limit = startup.ready.main();
        format!(
            "{} {} {} {} [{}]",
            startup.service.as_deref().unwrap_or("-"),
            limit.seconds,
            startup.ready.bound().name(),
            at(text, limit.place),
            steps.join(" ")
        )
    };
    read_log(text).iter().map(one).collect()
}

fn prefixed(prefix: &str, log: &str) -> String {
    let lines: Vec<String> = log.lines().map(|line| format!("{prefix}{line}")).collect();
    lines.join("\n") + "\n"
}

const STEPS: &str = "\
[2025-11-01 10:30:00] STEP 1/2: Checking
✅ Check completed in 2s
[2025-11-01 10:30:02] STEP 2/2: Migrating
✅ Migration completed in 45s
║  Total startup time: 48s   ║
║  Health checks will begin after start_period (200s) ║
";
const SPRING: &str = "\
 :: Spring Boot ::                (v3.2.0)
c.e.App : Started App in 11.2 seconds (process running for 12.9)
";

#[test]
fn the_good_day() {
    let log = include_str!("../../../fixtures/story/before/logs/backend-good-day.log");
    let startups = read_log(log);
    let [startup] = &startups[..] else {
        panic!("{startups:?}");
    };
    let limit = startup.ready.main();
    assert_eq!((limit.seconds, limit.why), (Seconds::new(70), Why::Total));
    assert_eq!(
        (startup.ready.bound(), startup.service.as_deref()),
        (Bound::Lower, None)
    );
    assert_eq!(startup.at.as_deref(), Some("2025-11-01T10:30:00Z"));
    assert_eq!(at(log, limit.place), "70s");
    let steps: Vec<(&str, &str)> = startup
        .steps
        .iter()
        .map(|step| (step.name.as_str(), at(log, step.place)))
        .collect();
    assert_eq!(
        steps,
        [
            ("Configuration validation", "2s"),
            ("Database connectivity", "5s"),
            ("Deployment checks", "3s"),
            ("Database migrations", "45s"),
            ("Static file collection", "15s"),
        ]
    );
}

#[test]
fn the_bad_day() {
    let log = include_str!("../../../fixtures/story/before/logs/backend-bad-day.log");
    assert_eq!(short(log), ["backend 180 lower 180s [5 60 10 75 30]"]);
    assert_eq!(read_log(log)[0].container.as_deref(), Some("backend-1"));
}

#[test]
fn cut_off_before_the_total() {
    let cut = STEPS.find("║").unwrap();
    assert_eq!(short(&STEPS[..cut]), ["- 47 lower 45s [2 45]"]);
    let mid_header = STEPS.find(" Migrating").unwrap();
    assert_eq!(short(&STEPS[..mid_header]), ["- 2 lower 2s [2]"]);
    let head = STEPS.find('✅').unwrap();
    assert_eq!(short(&STEPS[..head]), [""; 0]);
}

#[test]
fn without_its_head() {
    let from = STEPS.find('✅').unwrap();
    let startups = read_log(&STEPS[from..]);
    let ready = startups[0].ready.main().seconds;
    assert_eq!((startups.len(), ready), (1, Seconds::new(48)));
    assert_eq!(startups[0].steps.len(), 2);
    assert_eq!(startups[0].at, None);
}

#[test]
fn several_starts() {
    let twice = format!("{STEPS}{STEPS}");
    assert_eq!(short(&twice), ["- 48 lower 48s [2 45]"; 2]);
    let cut = &STEPS[..STEPS.find("✅ Migration").unwrap()];
    let died = format!("{cut}{STEPS}");
    assert_eq!(short(&died), ["- 2 lower 2s [2]", "- 48 lower 48s [2 45]"]);
    let totals = "Total startup time: 70s\nTotal startup time: 80s\n";
    assert_eq!(short(totals), ["- 70 lower 70s []", "- 80 lower 80s []"]);
    let spring = format!("{SPRING}{SPRING}");
    assert_eq!(short(&spring), ["- 12.9 exact 12.9 []"; 2]);
}

#[test]
fn interleaved_services_and_replicas() {
    let mut log = String::new();
    for (one, (two, three)) in STEPS.lines().zip(STEPS.lines().zip(SPRING.lines().cycle())) {
        writeln!(
            log,
            "backend-1  | {one}\nbackend-2  | {two}\nmydb       | {three}"
        )
        .unwrap();
    }
    assert_eq!(
        short(&log),
        [
            "mydb 12.9 exact 12.9 []",
            "mydb 12.9 exact 12.9 []",
            "backend 48 lower 48s [2 45]",
            "backend 48 lower 48s [2 45]",
            "mydb 12.9 exact 12.9 []",
        ]
    );
}

#[test]
fn colours_line_ends_and_timestamps() {
    let log = prefixed(
        "2025-11-01T10:31:00.1234567Z \u{1b}[36mweb_1  |\u{1b}[0m 2025-11-01T10:30:00.000000001Z \u{1b}[1m",
        STEPS,
    )
    .replace('\n', "\u{1b}[0m\r\n")
    .replace("48s", "48\u{1b}[0ms");
    let startups = read_log(&log);
    assert_eq!(startups.len(), 1);
    assert_eq!(startups[0].service.as_deref(), Some("web"));
    assert_eq!(
        startups[0].at.as_deref(),
        Some("2025-11-01T10:30:00.000000001Z")
    );
    assert_eq!(at(&log, startups[0].steps[1].place), "45s");
    assert_eq!(at(&log, startups[0].ready.main().place), "48\u{1b}[0ms");
}

#[test]
fn a_ready_line_behind_steps() {
    // Not added; no longer exact, since the process was not the first.
    let quick =
        "✅ Migrations completed in 3s\nStarted A in 5.1 seconds (process running for 6.5)\n";
    assert_eq!(short(quick), ["- 6.5 lower 6.5 [3]"]);
    // The steps alone prove more than the process's own age.
    let slow = format!("{STEPS}{SPRING}");
    assert_eq!(short(&slow), ["- 48 lower 48s [2 45]"]);
}

#[test]
fn a_reload_is_no_start() {
    let reload = "c.e.App : Started App in 1.2 seconds (process running for 300.5)\n";
    let log = format!("{SPRING}{reload}{SPRING}");
    assert_eq!(short(&log), ["- 12.9 exact 12.9 []"; 2]);
    let slower = "Started A in 1 seconds (JVM running for 1.1)\nStarted A in 5 seconds (JVM running for 8)\n";
    assert_eq!(short(slower).len(), 2);
}

#[test]
fn when_a_spring_start_began() {
    let log = prefixed("app-1  | 2025-01-13T01:39:17.612192620Z ", SPRING);
    let startups = read_log(&log);
    assert_eq!(
        startups[0].at.as_deref(),
        Some("2025-01-13T01:39:17.612192620Z")
    );
}

#[test]
fn a_step_and_its_parts() {
    let log = "STEP 1/1: Migrate\n✅ users completed in 3s\norders finished in 4s\n✅ Migrations completed in 8s\n\
               Request done in 12 ms\nTotal startup time: 8s\nRequest completed in 20s\n";
    assert_eq!(short(log), ["- 8 lower 8s [8]"]);
}

#[test]
fn what_is_completed_behind_the_last_step_counts_only_before_a_total() {
    let log = "STEP 1/2: A\n✅ A completed in 40s\nSTEP 2/2: B\n✅ B completed in 30s\n✅ Cache refresh completed in 120s\n";
    assert_eq!(short(log), ["- 70 lower 30s [40 30]"]);
}

#[test]
fn what_a_server_says_is_no_step() {
    let log = "Request completed in 12 ms\n✅ Migrations completed in 1234 ms\nListening at: http://0.0.0.0:8000 (1)\n\
               ✅ Backup completed in 45m\nGET / done in 3s\n";
    assert_eq!(short(log), ["- 1.234 lower 1234 ms [1.234]"]);
    let again = format!("{log}{log}");
    assert_eq!(short(&again).len(), 2);
    let last = "STEP 1/1: A\n✅ A completed in 2s\nreply ready for connections\n✅ Backup completed in 45m\n";
    assert_eq!(short(last), ["- 2 lower 2s [2]"]);
}

#[test]
fn nothing_recognised() {
    for text in [
        "",
        "\n\n",
        "hello",
        "STEP 1/5: x",
        "ready to accept connections",
        "\u{1b}[",
    ] {
        assert!(read_log(text).is_empty(), "{text:?}");
    }
}

#[test]
fn long_logs_are_read_once() {
    let line = "backend-1  | 2025-01-13T01:39:17.612192620Z \u{1b}[32mINFO\u{1b}[0m request served in 12 ms, step a/b\n";
    let mut log = line.repeat(20_000);
    log += &"[".repeat(1_000_000);
    log += &"Started a ".repeat(50_000);
    log += "\n";
    log += &"WFLYSRV0025: ".repeat(100_000);
    log += "\n";
    for n in 0..20_000 {
        writeln!(log, "noise-1  | ✅ step {n} completed in 0s").unwrap();
    }
    log.push('\n');
    log += STEPS;
    let begin = std::time::Instant::now();
    let startups = short(&log);
    assert_eq!(startups.len(), 2);
    assert_eq!(startups[1], "- 48 lower 48s [2 45]");
    // Generous for an unoptimised build on a busy machine; anything quadratic takes minutes.
    assert!(begin.elapsed().as_secs() < 20, "{:?}", begin.elapsed());
}

/// Pieces that matter to the reader, and some that do not.
fn log_like() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "backend-1  | ",
            "db | ",
            "\n",
            "\r\n",
            "\r",
            "STEP 1/2: x",
            "STEP 2/2: y",
            "✅ ",
            "X completed in ",
            "2s",
            "1m 5s",
            "1,234 ms",
            "999999999999999999999999999999",
            "Total startup time: ",
            "Started A in ",
            " seconds",
            " (process running for ",
            "12.9",
            ")",
            "Server startup in [",
            "] milliseconds",
            "║",
            "\u{1b}[3",
            "\u{1b}]0",
            "\u{9b}",
            "\u{1b}",
            "[",
            "]",
            "2025-11-01T10:30:00",
            ".1234567",
            "Z ",
            "+02:00 ",
            " | ",
            "\t",
            "\u{feff}",
            " in ",
            " ",
            "é",
            "Listening at: ",
            "µs",
            "WFLYSRV0025: ",
            " started in ",
            "VITE ",
        ])
        .prop_map(str::to_owned),
        "\\PC{0,3}",
        any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn places_are_valid_whatever_the_log(text in log_like()) {
        let startups = read_log(&text);
        let valid = |place: Place| {
            let start = usize::try_from(place.offset).unwrap();
            text.get(start..start + place.length as usize).is_some_and(|text| !text.is_empty() && !text.contains('\n'))
        };
        for startup in &startups {
            let limit = startup.ready.main();
            prop_assert!(valid(limit.place) && limit.seconds >= Seconds::ZERO);
            for step in &startup.steps {
                prop_assert!(valid(step.place) && !step.name.is_empty());
                prop_assert!(at(&text, step.place).starts_with(|c: char| c.is_ascii_digit()));
            }
        }
        let ordered = startups.is_sorted_by_key(|startup| startup.ready.main().place);
        prop_assert!(ordered);
    }

    /// The lines that tell something tell all.
    #[test]
    fn an_excerpt_tells_what_the_whole_does(text in log_like()) {
        let whole = read_log(&text);
        let (lines, numbers) = excerpt(&mut text.as_bytes()).unwrap_or_default();
        prop_assert_eq!(lines.lines().count(), numbers.len());
        let facts = |startups: Vec<Startup>, line: &dyn Fn(u64) -> u64| -> Vec<String> {
            startups.iter().map(|startup| format!(
                "{:?} {} {} {:?} {:?}",
                startup.container, startup.ready.words(), line(startup.ready.main().place.line), startup.at,
                startup.steps.iter().map(|step| (&step.name, step.seconds, line(step.place.line))).collect::<Vec<_>>()
            )).collect()
        };
        let number = |line: u64| numbers[usize::try_from(line).unwrap() - 1] as u64;
        prop_assert_eq!(facts(read_log(&lines), &number), facts(whole, &|line| line));
    }

    #[test]
    fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..300), log in log_like(), at in any::<prop::sample::Index>()) {
        let mut mixed = log.into_bytes();
        let at = at.index(mixed.len() + 1);
        mixed.splice(at..at, bytes);
        read(&mut mixed.as_slice()).ok();
    }
}
