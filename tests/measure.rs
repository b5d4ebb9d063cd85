//! `upbeat measure`, its record, and `check` that reads it.
#![allow(clippy::unwrap_used)] // what is missing fails the test

mod common;

use common::program::{Project, Run};
use std::fs;

const COMPOSE: &str = "\
services:
  backend:
    image: app
    healthcheck:
      test: [CMD, ./ready]
      interval: 20s
      timeout: 5s
      retries: 3
      start_period: 60s
";

/// The log of a start, with its two steps' seconds.
fn log(day: u32, wait: u32, migrate: u32) -> String {
    let total = wait + migrate;
    format!(
        "backend-1  | [2025-11-0{day} 10:30:00] STEP 1/2: Waiting\n\
         backend-1  | ✅ Preparation completed in {wait}s\n\
         backend-1  | STEP 2/2: Loading\n\
         backend-1  | ✅ Loading completed in {migrate}s\n\
         backend-1  | Total startup time: {total}s\n"
    )
}

fn project() -> Project {
    let days = [
        ("1.log", log(1, 5, 40)),
        ("2.log", log(2, 50, 5)),
        ("3.log", log(3, 6, 30)),
    ];
    let mut files = vec![("compose.yml", COMPOSE), (".git/HEAD", "")];
    files.extend(days.iter().map(|(path, text)| (*path, text.as_str())));
    Project::new(&files)
}

fn json(run: &Run) -> serde_json::Value {
    serde_json::from_str(&run.out).unwrap_or_else(|error| panic!("{error}: {}", run.out))
}

#[test]
fn the_worst_is_put_together_step_by_step() {
    let project = project();
    let run = project.run("measure 1.log 2.log 3.log");
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    for line in [
        "backend: 3 starts",
        "at least 45s      started 2025-11-01T10:30:00Z  backend-1  1.log:5",
        "worst: as much as 90s: the slowest steps of different starts, put together",
        "steps: Preparation 50s, Loading 40s",
        "median: 45s of 3 starts",
    ] {
        assert!(run.out.contains(line), "{line}\n{}", run.out);
    }
    let told = json(&project.run("measure 1.log 2.log 3.log --format json --stack staging"));
    let first = &told["startups"][0];
    assert_eq!(first["service"], "backend");
    assert_eq!(first["stack"], "staging");
    assert_eq!(first["at"], "2025-11-01T10:30:00Z");
    assert_eq!(
        (&first["ready_s"], &first["bound"]),
        (&45.0.into(), &"lower".into())
    );
    assert_eq!(
        (&first["source"], &first["line"]),
        (&"1.log".into(), &5.into())
    );
    assert_eq!(first["steps"][1]["seconds"], 40.0);
    let service = &told["services"][0];
    assert_eq!(
        (&service["worst_s"], &service["composed"]),
        (&90.0.into(), &true.into())
    );
    assert_eq!(
        (&service["median_s"], &service["starts"]),
        (&45.0.into(), &3.into())
    );
}

#[test]
fn standard_input_is_read_with_and_without_its_name() {
    let project = project();
    for arguments in [&["measure", "-"][..], &["measure"]] {
        let run = project.run_with(arguments, log(1, 2, 3).as_bytes());
        assert_eq!(run.code, 0, "{}", run.err);
        assert!(
            run.out.contains("at least 5s") && run.out.contains("standard input:5"),
            "{}",
            run.out
        );
    }
}

#[test]
fn what_cannot_be_used_is_told_in_one_sentence() {
    let project = project();
    let cases: [(&[u8], &str); 6] = [
        (b"", "standard input: it is empty"),
        (
            b"hello\nworld\n",
            "standard input: no startup is told in it",
        ),
        (
            b"[{\"Id\": \"1\", \"State\": {",
            "standard input: it is JSON that ends in the middle",
        ),
        (b"[{\"a\": 1}]", "standard input: it is JSON, but neither"),
        (b"\xff\xfeh\0", "standard input: it is UTF-16 text"),
        (
            b"2026-08-12T19:36:45.9Z container start 11aa (image=app, name=a)\n2026-08-12T19:36:4",
            "standard input: its last line (2) ends in the middle",
        ),
    ];
    for (input, words) in cases {
        let run = project.run_with(&["measure", "-"], input);
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{words}");
        assert!(run.err.contains(words), "{words}: {}", run.err);
        let json = project.run_with(&["measure", "-", "--format", "json"], input);
        assert_eq!(json.code, 2);
        assert!(json.out.contains("\"startups\": []"), "{}", json.out);
    }
    let run = project.run("measure absent.log 1.log");
    assert_eq!(run.code, 2);
    assert!(
        run.err.contains("absent.log: it cannot be read"),
        "{}",
        run.err
    );
    assert!(
        run.out.contains("at least 45s"),
        "what could be read is told: {}",
        run.out
    );
}

#[test]
fn a_service_can_be_named() {
    let project = project();
    let bare = log(1, 2, 3).replace("backend-1  | ", "");
    let run = project.run_with(&["measure", "--service", "api"], bare.as_bytes());
    assert!(run.out.starts_with("api: 1 start"), "{}", run.out);
    let run = project.run("measure 1.log --service api");
    assert_eq!(run.code, 2);
    assert!(
        run.err
            .contains("none of the starts that it tells of is of `api`"),
        "{}",
        run.err
    );
    let run = project.run("measure 1.log --service backend-1");
    assert!(run.out.starts_with("backend-1: 1 start"), "{}", run.out);
}

#[test]
fn the_record_takes_each_start_once_and_check_reads_it() {
    let project = project();
    assert_eq!(project.run("check .").code, 0);
    let run = project.run("measure 1.log 2.log --record");
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(
        run.err
            .contains("recorded: 2 starts in upbeat.startups.jsonl"),
        "{}",
        run.err
    );
    let run = project.run("measure 2.log 3.log --record");
    assert!(
        run.err
            .contains("recorded: 1 start in upbeat.startups.jsonl, 1 known already"),
        "{}",
        run.err
    );
    let record = project.read("upbeat.startups.jsonl");
    assert_eq!(record.lines().count(), 3);
    assert!(
        record.starts_with(
            "{\"service\":\"backend\",\"container\":\"backend-1\",\"at\":\"2025-11-01T10:30:00Z\",\"at_least_s\":45,\"at_least_why\":\"total\",\"steps\":[{\"name\":\"Preparation\",\"seconds\":5},"
        ),
        "{record}"
    );
    // None of the days was beyond 60 s; their slowest steps together are.
    let check = project.run("check . --format json");
    let found = &json(&check)["findings"][0];
    assert_eq!(found["rule"], "start-period-below-startup");
    assert_eq!(
        (&found["data"]["startup_s"], &found["data"]["median_s"]),
        (&90.0.into(), &45.0.into())
    );
    assert_eq!(found["labels"][0]["file"], "upbeat.startups.jsonl");
    assert_eq!(found["labels"][0]["line"], 2);
    let notes = found["notes"].to_string();
    assert!(notes.contains("3 starts are known: the median is 45s, the slowest 55s; the slowest steps of different starts, put together, make 90s"), "{notes}");
    assert!(
        found["message"]
            .as_str()
            .unwrap()
            .contains("`backend` takes as much as 90s to start")
    );
    // A log of one of these starts is no further start.
    let with_log = json(&project.run("check . --log 2.log --format json"));
    assert_eq!(with_log["findings"][0]["data"]["starts"], 3);
    assert_eq!(with_log["findings"][0]["labels"][0]["file"], "2.log");
}

#[test]
fn a_record_of_another_stack_does_not_count() {
    let project = project();
    project.run("measure 1.log 2.log --record --stack elsewhere");
    assert_eq!(project.run("check .").code, 0);
    let record = project
        .read("upbeat.startups.jsonl")
        .replace("elsewhere", "default");
    fs::write(project.path().join("upbeat.startups.jsonl"), record).unwrap();
    assert_eq!(project.run("check .").code, 1);
}

#[test]
fn a_record_that_is_broken_stops_nothing_and_is_told() {
    let project = project();
    project.run("measure 1.log 2.log --record");
    let path = project.path().join("upbeat.startups.jsonl");
    let record = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("{record}<<<<<<< HEAD\n")).unwrap();
    let run = project.run("check .");
    assert_eq!(run.code, 2);
    assert!(
        run.err
            .contains("upbeat.startups.jsonl: its line 3 is no recorded start"),
        "{}",
        run.err
    );
    let run = project.run("measure 3.log --record");
    assert_eq!(run.code, 2);
    assert_eq!(
        fs::read_to_string(&path).unwrap().lines().count(),
        3,
        "nothing is written"
    );
    // Without its last line feed it is whole as well.
    fs::write(&path, record.trim_end()).unwrap();
    project.run("measure 3.log --record");
    assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 3);
    assert_eq!(project.run("check .").code, 1);
}

#[test]
fn what_nobody_names_is_not_recorded() {
    let project = project();
    let bare = log(1, 2, 3).replace("backend-1  | ", "");
    let run = project.run_with(&["measure", "--record"], bare.as_bytes());
    assert_eq!(run.code, 2);
    assert!(
        run.err.contains("nothing says which service") && run.err.contains("--service NAME"),
        "{}",
        run.err
    );
}

#[cfg(unix)]
#[test]
fn a_record_that_is_a_link_is_not_followed() {
    let project = project();
    let outside = tempfile::NamedTempFile::new().unwrap();
    std::os::unix::fs::symlink(outside.path(), project.path().join("upbeat.startups.jsonl"))
        .unwrap();
    let run = project.run("measure 1.log --record");
    assert_eq!(run.code, 2);
    assert!(run.err.contains("it is no file"), "{}", run.err);
    assert!(fs::read_to_string(outside.path()).unwrap().is_empty());
}

#[test]
fn check_takes_events_and_inspect_as_logs() {
    let project = project();
    let events = "\
2025-11-01T10:30:00.000000000Z container start 11aa (com.docker.compose.service=backend, name=shop-backend-1)
2025-11-01T10:30:50.000000000Z container health_status: healthy 11aa (com.docker.compose.service=backend, name=shop-backend-1)
";
    fs::write(project.path().join("events.txt"), events).unwrap();
    // 50.5 s at most: within the grace.
    assert_eq!(project.run("check . --log events.txt").code, 0);
    // 90.5 s at most proves nothing.
    fs::write(
        project.path().join("events.txt"),
        events.replace("10:30:50", "10:31:30"),
    )
    .unwrap();
    assert_eq!(project.run("check . --log events.txt").code, 0);
    let inspect = |failed: &str| {
        format!(
            r#"[{{"Id":"11aa","Name":"/shop-backend-1","State":{{"StartedAt":"2025-11-01T10:30:00Z","Status":"running","Health":{{"Status":"healthy","Log":[
{{"Start":"2025-11-01T{failed}Z","End":"2025-11-01T{failed}Z","ExitCode":1,"Output":""}},
{{"Start":"2025-11-01T10:31:20Z","End":"2025-11-01T10:31:20.5Z","ExitCode":0,"Output":""}}]}}}},
"Config":{{"Labels":{{"com.docker.compose.service":"backend"}}}}}}]"#
        )
    };
    fs::write(project.path().join("inspect.json"), inspect("10:31:05")).unwrap();
    let run = project.run("check . --log inspect.json --format json");
    let found = &json(&run)["findings"][0];
    assert_eq!(found["rule"], "start-period-below-startup");
    assert!(
        found["message"]
            .as_str()
            .unwrap()
            .contains("takes 65s to 80.5s to start"),
        "{found}"
    );
    // 80.5 s and a tenth.
    assert_eq!(found["data"]["needed_start_period_s"], 90.0);
    assert_eq!(found["labels"][0]["line"], 2);
    // Not ready at 50 s, ready at 80 s: what the grace of 60 s makes of it is not known.
    fs::write(project.path().join("inspect.json"), inspect("10:30:50")).unwrap();
    assert_eq!(project.run("check . --log inspect.json").code, 0);
}

#[test]
fn a_log_larger_than_other_files_may_be_is_read_by_its_lines() {
    let project = project();
    let path = project.path().join("large.log");
    let mut text =
        "backend-1  | a line that says nothing of any start, again and again\n".repeat(1_000_000);
    text.push_str(&log(1, 50, 40));
    fs::write(&path, text).unwrap();
    let run = project.run("check . --log large.log --format json");
    let found = &json(&run)["findings"][0];
    assert_eq!(
        (&found["labels"][0]["file"], &found["labels"][0]["line"]),
        (&"large.log".into(), &1_000_005.into())
    );
    let full = project.run("check . --log large.log");
    assert!(full.out.contains("large.log:1000005:34"), "{}", full.out);
    assert!(
        full.out
            .contains("1000005 │ backend-1  | Total startup time: 90s"),
        "{}",
        full.out
    );
}
