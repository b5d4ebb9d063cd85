//! What Docker tells: inspect, events, ps.

use super::*;
use serde_json::{Value as Json, json};

const STARTED: &str = "2025-11-01T10:30:00.500000000Z";

/// So many seconds after the start.
fn moment(seconds: f64) -> String {
    let started = moment::parse(STARTED).unwrap().order();
    let after = Seconds::from_f64(seconds).unwrap().nanos();
    moment::Moment::from_nanos(started + after).text()
}

fn probe(begin: f64, end: f64, code: i64) -> Json {
    let output = if code == 0 { "ok" } else { "no" };
    json!({ "Start": moment(begin), "End": moment(end), "ExitCode": code, "Output": output })
}

/// A container that is probed every 30 s, and within its start period every 5 s.
fn container(status: &str, log: &[Json]) -> Json {
    json!({
        "Id": "0123456789ab",
        "Name": "/shop-backend-1",
        "RestartCount": 0,
        "State": { "Status": "running", "StartedAt": STARTED, "Health": { "Status": status, "FailingStreak": 0, "Log": log } },
        "Config": {
            "Healthcheck": { "Test": ["CMD", "true"], "Interval": 30_000_000_000_i64, "StartPeriod": 60_000_000_000_i64 },
            "Labels": { "com.docker.compose.service": "backend", "com.docker.compose.project": "shop" }
        }
    })
}

fn reading(text: &str) -> Reading {
    read(&mut text.as_bytes()).unwrap()
}

/// What an inspected container comes to, and why; or why it proves nothing.
fn inspected(container: &Json) -> String {
    let text = serde_json::to_string_pretty(&json!([container])).unwrap();
    let reading = reading(&text);
    assert_eq!(reading.kind, Kind::Inspect);
    match reading.startups.as_slice() {
        [] => reading.silent.join("; "),
        [one] => {
            assert_eq!(one.service.as_deref(), Some("backend"));
            assert_eq!(one.at.as_deref(), Some(STARTED));
            let limits = [one.ready.least(), one.ready.most()];
            for limit in limits.into_iter().flatten() {
                assert!(at(&text, limit.place).starts_with("2025-11-01T1"));
            }
            let why = limits.into_iter().flatten().map(|limit| limit.why.name());
            format!(
                "{}, {}",
                one.ready.words(),
                why.collect::<Vec<_>>().join(", ")
            )
        }
        _ => panic!("{reading:?}"),
    }
}

#[track_caller]
fn proves(status: &str, log: &[Json], expected: &str) {
    let found = inspected(&container(status, log));
    assert!(found.starts_with(expected), "{found}");
}

#[test]
fn failures_and_then_a_success() {
    // The second hangs from 10 to 20: it may have begun before the server was ready.
    let log = [
        probe(5.0, 5.1, 1),
        probe(10.0, 20.0, -1),
        probe(25.0, 25.25, 0),
    ];
    proves("healthy", &log, "10s to 25.25s, failing-probe, success");
    // What fails later is no part of the start.
    let later = [&log[..], &[probe(55.0, 55.1, 1)]].concat();
    proves("healthy", &later, "10s to 25.25s");
}

#[test]
fn only_successes() {
    proves(
        "healthy",
        &[probe(5.0, 5.5, 0), probe(35.0, 35.5, 0)],
        "at most 5.5s, first-probe",
    );
    let five: Vec<Json> = (0..5)
        .map(|n| probe(5.0 + 30.0 * f64::from(n), 5.5 + 30.0 * f64::from(n), 0))
        .collect();
    // The first probe of a start may come after 5 s, and so the second not before 10 s.
    proves("healthy", &five, "at most 5.5s, first-probe");
    let later: Vec<Json> = (0..5)
        .map(|n| probe(11.0 + 30.0 * f64::from(n), 11.5 + 30.0 * f64::from(n), 0))
        .collect();
    proves(
        "healthy",
        &later,
        "`shop-backend-1` has been up for longer than the last five probes",
    );
    let mut unknown = container("healthy", &five);
    unknown["Config"]["Healthcheck"] = Json::Null;
    assert!(
        inspected(&unknown).contains("has been up for longer"),
        "{unknown}"
    );
}

#[test]
fn the_last_five_of_many() {
    let five = |codes: [i64; 5]| -> Vec<Json> {
        let begins = [100.0, 105.0, 110.0, 115.0, 120.0];
        let all = codes.into_iter().zip(begins);
        all.map(|(code, begin)| probe(begin, begin + 0.5, code))
            .collect()
    };
    // It may have been healthy before.
    proves(
        "healthy",
        &five([1, 1, 0, 0, 0]),
        "`shop-backend-1` has been up for longer",
    );
    proves(
        "unhealthy",
        &five([1; 5]),
        "`shop-backend-1` fails its last five probes",
    );
    // It has never been.
    proves("starting", &five([1; 5]), "at least 120s, never-ready");
    proves(
        "unhealthy",
        &five([1; 5])[1..],
        "at least 120s, never-ready",
    );
}

#[test]
fn probes_of_the_start_before() {
    let before = json!({ "Start": "2025-11-01T10:29:00Z", "End": "2025-11-01T10:29:01Z", "ExitCode": 0, "Output": "" });
    let log = [
        before.clone(),
        before.clone(),
        before.clone(),
        probe(5.0, 5.1, 1),
        probe(10.0, 10.1, 0),
    ];
    proves("healthy", &log, "5s to 10.1s");
    proves(
        "starting",
        &[before],
        "`shop-backend-1` has not been probed yet",
    );
}

#[test]
fn zones_are_understood() {
    let mut log = [probe(5.0, 5.1, 0)];
    log[0]["Start"] = "2025-11-01T17:30:05.500000000+07:00".into();
    log[0]["End"] = "2025-11-01T17:30:05.600000000+07:00".into();
    proves("healthy", &log, "at most 5.1s");
}

#[test]
fn a_tool_that_is_missing() {
    let mut log = [probe(5.0, 5.1, -1), probe(35.0, 35.1, -1)];
    for entry in &mut log {
        entry["Output"] = "OCI runtime exec failed: exec failed: unable to start container process: exec: \"curl\": executable file not found in $PATH: unknown".into();
    }
    let text = json!([container("starting", &log)]).to_string();
    let found = reading(&text);
    // A probe that could not be started proves nothing of the server.
    assert!(found.startups.is_empty());
    let [missing] = &found.missing[..] else {
        panic!("{found:?}")
    };
    assert_eq!(
        (missing.tool.as_str(), missing.service.as_deref()),
        ("curl", Some("backend"))
    );
    assert_eq!(at(&text, missing.place), "executable file not found");
    for (output, tool) in [
        ("/bin/sh: 1: curl: not found\n", Some("curl")),
        ("sh: wget: not found", Some("wget")),
        (
            "bash: line 1: pg_isready: command not found",
            Some("pg_isready"),
        ),
        ("HTTP 404: page: not found", None),
        ("", None),
    ] {
        let mut log = [probe(5.0, 5.1, 127)];
        log[0]["Output"] = output.into();
        let found = reading(&json!([container("starting", &log)]).to_string());
        let found = found.missing.first().map(|missing| missing.tool.as_str());
        assert_eq!(found, tool, "{output}");
    }
    // Whoever found it once has it.
    let mut log = [probe(5.0, 5.1, 127), probe(35.0, 35.1, 0)];
    log[0]["Output"] = "sh: curl: not found".into();
    assert!(
        reading(&json!([container("healthy", &log)]).to_string())
            .missing
            .is_empty()
    );
}

#[test]
fn what_an_inspected_container_does_not_tell() {
    let mut none = container("", &[]);
    none["State"]["Health"] = Json::Null;
    assert!(inspected(&none).contains("has no healthcheck"));
    let mut created = container("starting", &[]);
    created["State"]["StartedAt"] = "0001-01-01T00:00:00Z".into();
    assert!(inspected(&created).contains("has never been started"));
    proves("starting", &[], "`shop-backend-1` has not been probed yet");
    // A clock that was put back between two probes.
    let back = [probe(10.0, 10.1, 1), probe(20.0, 2.0, 0)];
    proves(
        "healthy",
        &back,
        "`shop-backend-1` has probes whose times contradict",
    );
}

#[test]
fn several_containers_in_any_shape() {
    let log = [probe(5.0, 5.1, 1), probe(10.0, 10.1, 0)];
    let one = container("healthy", &log);
    let mut two = container("healthy", &log[1..]);
    two["Id"] = "ba9876543210".into();
    two["Name"] = "/db".into();
    two["Config"]["Labels"] = json!({});
    let lines = format!("{one}\n{two}\n");
    for text in [
        json!([one, two]).to_string(),
        lines,
        serde_json::to_string_pretty(&json!([one, two])).unwrap(),
    ] {
        let found = reading(&text).startups;
        assert_eq!(found.len(), 2);
        assert_eq!(
            (found[1].service.as_deref(), found[1].container.as_deref()),
            (None, Some("db"))
        );
        let second = found[1].ready.most().unwrap().place;
        assert!(
            second.offset > found[0].ready.most().unwrap().place.offset,
            "each its own place"
        );
        assert_eq!(at(&text, second), moment(10.1));
    }
    let state = container("healthy", &log)["State"].to_string();
    assert_eq!(reading(&state).startups[0].ready.words(), "5s to 10.1s");
}

const EVENTS: &str = "\
2025-11-01T10:30:00.500000000+02:00 network connect 77aa (container=11, name=shop_default, type=bridge)
2025-11-01T10:30:00.500000000+02:00 container start 11aa (com.docker.compose.project=shop, com.docker.compose.service=backend, image=app, name=shop-backend-1)
2025-11-01T10:30:00.600000000+02:00 container start 22bb (image=postgres:16, name=db)
2025-11-01T10:30:05.600000000+02:00 container exec_create: /bin/sh -c curl -f http://localhost/ (health) 11aa (image=app, name=shop-backend-1)
2025-11-01T10:30:10.600000000+02:00 container health_status: healthy 22bb (image=postgres:16, name=db)
2025-11-01T10:30:40.750000000+02:00 container health_status: unhealthy 11aa (image=app, name=shop-backend-1)
2025-11-01T10:31:00.750000000+02:00 container health_status: healthy 11aa (image=app, name=shop-backend-1)
2025-11-01T10:32:00.750000000+02:00 container health_status: unhealthy 11aa (image=app, name=shop-backend-1)
2025-11-01T10:33:00.750000000+02:00 container health_status: healthy 11aa (image=app, name=shop-backend-1)
2025-11-01T10:34:00.000000000+02:00 container die 11aa (exitCode=1, image=app, name=shop-backend-1)
2025-11-01T10:34:01.000000000+02:00 container start 11aa (image=app, name=shop-backend-1)
2025-11-01T10:34:02.000000000+02:00 container die 11aa (exitCode=1, image=app, name=shop-backend-1)
2025-11-01T10:34:03.000000000+02:00 container start 11aa (image=app, name=shop-backend-1)
2025-11-01T10:34:13.000000000+02:00 container health_status: healthy 11aa (image=app, name=shop-backend-1)
";

/// The same as JSON, as `docker events --format '{{json .}}'` prints it.
fn as_json(text: &str) -> String {
    let line = |line: &str| {
        let (at, rest) = line.split_once(' ').unwrap();
        let (kind, rest) = rest.split_once(' ').unwrap();
        let (front, attributes) = rest.rsplit_once(" (").unwrap();
        let (action, id) = front.rsplit_once(' ').unwrap();
        let pairs = attributes
            .trim_end_matches(')')
            .split(", ")
            .filter_map(|pair| pair.split_once('='));
        let attributes: serde_json::Map<String, Json> = pairs
            .map(|(key, value)| (key.to_owned(), value.into()))
            .collect();
        let nanos = moment::parse(at).unwrap().order();
        json!({ "Type": kind, "Action": action, "Actor": { "ID": id, "Attributes": attributes },
                "scope": "local", "time": nanos / 1_000_000_000, "timeNano": nanos })
        .to_string()
            + "\n"
    };
    text.lines().map(line).collect()
}

#[test]
fn events_bound_from_above() {
    for text in [EVENTS.to_owned(), as_json(EVENTS)] {
        let found = reading(&text);
        assert_eq!(found.kind, Kind::Events);
        let words: Vec<String> = found
            .startups
            .iter()
            .map(|start| {
                format!(
                    "{} {}",
                    start.container.as_deref().unwrap(),
                    start.ready.words()
                )
            })
            .collect();
        assert_eq!(
            words,
            [
                "db at most 10.5s",
                "shop-backend-1 at most 60.75s",
                "shop-backend-1 at most 10.5s"
            ]
        );
        let backend = &found.startups[1];
        assert_eq!(backend.service.as_deref(), Some("backend"));
        let began = moment::parse(backend.at.as_deref().unwrap()).unwrap();
        assert_eq!(began.text(), "2025-11-01T08:30:00.5Z");
        assert_eq!(backend.ready.main().place.line, 7);
        assert!(
            found.silent[0].contains("ended before it was healthy"),
            "{:?}",
            found.silent
        );
    }
}

#[test]
fn events_that_are_cut_off() {
    for text in [EVENTS.to_owned(), as_json(EVENTS)] {
        // Without its beginning: the first start of the backend is not seen.
        let from = text.match_indices('\n').nth(2).unwrap().0 + 1;
        assert_eq!(reading(&text[from..]).startups.len(), 1);
        // In the middle of a line.
        for less in [2, 30, 80] {
            let error = read(&mut &text.as_bytes()[..text.len() - less])
                .unwrap_err()
                .to_string();
            assert!(error.contains("was cut off"), "{error}");
        }
        let mixed = text.replacen('\n', "\nhello\n", 1);
        let error = read(&mut mixed.as_bytes()).unwrap_err().to_string();
        assert!(error.contains("its line 2 is no event"), "{error}");
    }
}

#[test]
fn events_of_compose() {
    let text = r#"{"action":"start","attributes":{"image":"app","name":"shop-web-1"},"id":"11aa","service":"web","time":"2025-11-01T10:30:00.5Z","type":"container"}
{"action":"health_status: healthy","attributes":{"image":"app","name":"shop-web-1"},"id":"11aa","service":"web","time":"2025-11-01T10:30:08.5Z","type":"container"}
"#;
    let found = reading(text).startups;
    assert_eq!(
        (found[0].service.as_deref(), found[0].ready.words()),
        (Some("web"), "at most 8.6s".to_owned())
    );
}

#[test]
fn the_list_of_containers() {
    let web = json!({ "ID": "11aa", "Name": "shop-web-1", "Service": "web", "Project": "shop", "State": "running", "Health": "healthy", "Status": "Up 40 seconds (healthy)" });
    let mut db = web.clone();
    db["Service"] = "db".into();
    db["Health"] = "starting".into();
    for text in [format!("{web}\n{db}\n"), json!([web, db]).to_string()] {
        let found = reading(&text);
        assert_eq!((found.kind, found.startups.len()), (Kind::Ps, 1));
        assert_eq!(found.startups[0].ready.words(), "at most 41s");
        assert_eq!(
            at(&text, found.startups[0].ready.main().place),
            "Up 40 seconds (healthy)"
        );
        assert!(found.silent[0].contains("still starting"));
    }
}

#[test]
fn malformed_cut_off_and_foreign_input_is_refused_with_one_sentence() {
    let log = [probe(5.0, 5.1, 1), probe(10.0, 10.1, 0)];
    let good = serde_json::to_string_pretty(&json!([container("healthy", &log)])).unwrap();
    let is = |text: &str, words: &str| {
        let error = read(&mut text.as_bytes()).map(|found| found.startups.len());
        let error = error.map_err(|error| error.to_string());
        assert!(
            error
                .as_ref()
                .is_err_and(|error| error.contains(words) && !error.contains('\n')),
            "{text}: {error:?}"
        );
    };
    is("", "it is empty");
    is(" \n\n", "it is empty");
    is("[]", "empty list");
    is("[{}]", "neither of");
    is(
        r#"[{"Id": "sha256:1", "RepoTags": [], "RootFS": {}}]"#,
        "of an image",
    );
    for end in [good.len() / 3, good.len() / 2, good.len() - 1] {
        is(&good[..end], "cut off");
    }
    is(&good.replace("\"Name\"", "Name"), "no valid JSON");
    is(
        &good.replace("\"ExitCode\": 1", "\"ExitCode\": \"1\""),
        "ExitCode of `shop-backend-1`",
    );
    is(&good.replace(STARTED, "yesterday"), "State.StartedAt");
    is(
        &good.replace("\"Start\"", "\"start\""),
        "Start of `shop-backend-1`",
    );
    is(
        r#"{"Status":"healthy","FailingStreak":0,"Log":[]}"#,
        "State.Health",
    );
    is("\u{feff}[]", "empty list");
    let utf16: Vec<u8> = [0xff, 0xfe]
        .into_iter()
        .chain("a".encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    assert!(
        read(&mut utf16.as_slice())
            .unwrap_err()
            .to_string()
            .contains("UTF-16")
    );
    assert!(
        read(&mut [0x1f, 0x8b, 8, 0].as_slice())
            .unwrap_err()
            .to_string()
            .contains("compressed")
    );
}

#[test]
fn a_log_of_json_lines_is_a_log() {
    let text = "{\"level\":\"info\",\"msg\":\"hello\"}\n✅ Migrations completed in 3s\n";
    let found = reading(text);
    assert_eq!((found.kind, found.startups.len()), (Kind::Log, 1));
    let braces = "{ not json\n✅ Migrations completed in 3s\n";
    assert_eq!(reading(braces).startups.len(), 1);
    assert_eq!(
        reading("{\"a\": 1,\n \"b\": x}\n✅ Migrations completed in 3s\n")
            .startups
            .len(),
        1
    );
}
