//! The baseline, through the program.

use super::runs::Folder;

/// Two start periods without units.
const TEXT: &str = "services:\n  app:\n    image: a\n    healthcheck:\n      test: x\n      start_period: 90\n  other:\n    image: a\n    healthcheck:\n      test: x\n      start_period: 30\n";

fn recorded() -> Folder {
    let folder = Folder::new(&[("compose.yml", TEXT)]);
    let (code, out, err) = folder.run(". --write-baseline known.jsonl");
    assert_eq!((code, out.as_str()), (0, ""));
    assert_eq!(err, "2 findings recorded in known.jsonl\n");
    folder
}

#[test]
fn a_finding_a_line_in_order_without_lines() {
    let folder = recorded();
    let text = folder.read("known.jsonl");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "{\"upbeat_baseline\":1}");
    let at = |line: &str| -> String {
        let value: serde_json::Value = serde_json::from_str(line).expect("JSON");
        assert_eq!(
            (&value["path"], &value["rule"]),
            (&"compose.yml".into(), &"health-field-invalid".into())
        );
        value["at"].as_str().expect("a text").to_owned()
    };
    let places: Vec<String> = lines[1..].iter().map(|line| at(line)).collect();
    assert_eq!(
        places,
        [
            "services.app.healthcheck.start_period",
            "services.other.healthcheck.start_period"
        ]
    );
    folder.run(". --write-baseline known.jsonl");
    assert_eq!(folder.read("known.jsonl"), text);
}

#[test]
fn only_what_is_new_is_reported_and_fixed() {
    let folder = recorded();
    let (code, out, err) = folder.run(". --baseline known.jsonl");
    assert_eq!(
        (code, err.as_str()),
        (0, "2 findings hidden by the baseline\n"),
        "{out}"
    );
    // Lines that move change nothing; another number and another service do.
    let edited = TEXT
        .replace("services:\n", "# a comment\n\nname: x\nservices:\n")
        .replace("start_period: 30\n", "start_period: 31\n");
    folder.write("compose.yml", &edited);
    let (code, out, err) = folder.run(". --baseline known.jsonl --format short");
    assert_eq!(
        (code, out.matches("[health-field-invalid]").count()),
        (1, 1),
        "{out}"
    );
    assert!(out.starts_with("compose.yml:14:"), "{out}");
    assert!(
        err.starts_with("1 finding hidden by the baseline\n1 finding of the baseline gone"),
        "{err}"
    );
    assert!(
        err.contains(
            "  compose.yml (services.other.healthcheck.start_period): health-field-invalid: "
        ),
        "{err}"
    );
    folder.run(". --fix --unsafe-fixes --baseline known.jsonl");
    let fixed = folder.read("compose.yml");
    assert!(fixed.contains("start_period: 90\n"), "{fixed}");
}

#[test]
fn the_settings_name_one_and_the_flag_wins() {
    let folder = recorded();
    folder.write("upbeat.yml", "baseline: known.jsonl\n");
    assert_eq!(folder.run(".").0, 0);
    folder.write("none.jsonl", "{\"upbeat_baseline\":1}\n");
    assert_eq!(folder.run(". --baseline none.jsonl").0, 1);
    // Writing it anew records all of it.
    folder.run(". --write-baseline again.jsonl");
    assert_eq!(folder.read("again.jsonl"), folder.read("known.jsonl"));
    folder.write("upbeat.yml", "baseline: knwn.jsonl\n");
    let (code, _, err) = folder.run(".");
    assert_eq!(code, 2);
    assert!(err.contains("knwn.jsonl: no such file"), "{err}");
}

#[test]
fn one_that_is_missing_or_broken_is_told() {
    let folder = recorded();
    folder.write("broken.jsonl", "{\"upbeat_baseline\":1}\nx\n");
    folder.write("other.jsonl", "[]\n");
    for (file, words) in [
        ("absent.jsonl", "absent.jsonl: no such file"),
        ("broken.jsonl", "its line 2 is no finding"),
        ("other.jsonl", "it is no baseline"),
    ] {
        let (code, out, err) = folder.run(&format!(". --baseline {file}"));
        assert_eq!((code, out.as_str()), (2, ""));
        assert!(err.contains(words), "{err}");
    }
    assert_eq!(folder.run(". --write-baseline absent/known.jsonl").0, 2);
}

#[test]
fn rules_that_did_not_run_are_not_gone() {
    let folder = recorded();
    let (_, _, err) = folder.run(". --baseline known.jsonl --select compose-error");
    assert_eq!(err, "");
}

#[test]
fn the_baseline_of_the_settings_is_told_how_to_begin() {
    let settings = "baseline: known.jsonl\n";
    let folder = Folder::new(&[("compose.yml", TEXT), ("upbeat.yml", settings)]);
    let (code, _, err) = folder.run(".");
    assert_eq!(code, 2);
    assert!(
        err.contains("`upbeat --write-baseline known.jsonl` writes it"),
        "{err}"
    );
    let (code, _, err) = folder.run(". --write-baseline known.jsonl");
    assert_eq!(
        (code, err.as_str()),
        (0, "2 findings recorded in known.jsonl\n")
    );
    let (code, out, _) = folder.run(". --format short -q");
    assert_eq!((code, out.as_str()), (0, ""));
}
