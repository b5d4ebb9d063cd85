//! Logs of real starts that the settings name.

use super::runs::Folder;
use serde_json::Value;

const APP: &str = "services:\n  app:\n    image: a\n    healthcheck: {test: x, interval: 10s, retries: 3, start_period: 20s}\n";

fn log(seconds: u32) -> String {
    format!("Total startup time: {seconds}s\n")
}

/// The startup that is told, with the file of its label.
fn startup(folder: &Folder, flags: &str) -> Option<(f64, String)> {
    let (_, out, err) = folder.run(&format!(". --format json {flags}"));
    let json: Value = serde_json::from_str(&out).expect(&err);
    assert_eq!(err, "", "{flags}");
    let finding = json["findings"].as_array()?.first()?;
    let label = finding["labels"][0]["file"].as_str().unwrap_or_default();
    Some((finding["data"]["startup_s"].as_f64()?, label.to_owned()))
}

fn folder() -> Folder {
    let (a, b, c) = (log(70), log(90), log(50));
    Folder::new(&[
        ("compose.yml", APP),
        ("logs/a.log", &a),
        ("logs/b.log", &b),
        ("given.log", &c),
        ("upbeat.yml", "startup: {app: {logs: [logs/*.log]}}\n"),
        // Logs are seldom in a repository.
        (".gitignore", "*.log\n"),
    ])
}

#[test]
fn they_are_read_as_those_of_the_flag() {
    let folder = folder();
    assert_eq!(startup(&folder, ""), Some((90.0, "logs/b.log".to_owned())));
    folder.write("upbeat.yml", "startup: {app: {logs: [logs/a.log]}}\n");
    assert_eq!(startup(&folder, ""), Some((70.0, "logs/a.log".to_owned())));
    // A log measures; steps that are stated count where nothing does.
    let both = "startup: {app: {steps: {all: 120s}, logs: [logs/a.log]}}\n";
    folder.write("upbeat.yml", both);
    assert_eq!(startup(&folder, "").map(|found| found.0), Some(70.0));
    // A picture of the start shows it too.
    let (_, out, _) = folder.run("timeline .");
    assert!(out.contains("at least 70s"), "{out}");
}

#[test]
fn fixes_rest_on_them_and_settle() {
    let folder = folder();
    let (code, out, err) = folder.run(". --fix");
    assert_eq!(code, 0, "{out}{err}");
    // 90 s and a tenth, rounded up.
    assert_eq!(
        folder.read("compose.yml"),
        APP.replace("start_period: 20s", "start_period: 100s")
    );
    assert_eq!(folder.read("logs/b.log"), log(90));
    assert_eq!(startup(&folder, ""), None);
}

#[test]
fn flags_win_over_them_service_by_service() {
    let folder = folder();
    for flag in ["--log app=given.log", "--startup app=50s"] {
        assert_eq!(
            startup(&folder, flag).map(|found| found.0),
            Some(50.0),
            "{flag}"
        );
    }
    let prefixed = format!("app-1  | {}", log(40));
    folder.write("named.log", &prefixed);
    assert_eq!(
        startup(&folder, "--log named.log"),
        Some((40.0, "named.log".to_owned())),
        "the log says whose it is"
    );
    assert_eq!(
        startup(&folder, "--startup app=30s").map(|found| found.0),
        Some(30.0)
    );
    // What is said of another service changes nothing.
    folder.write("compose.yml", &format!("{APP}  db: {{image: d}}\n"));
    assert_eq!(
        startup(&folder, "--log db=given.log").map(|found| found.0),
        Some(90.0)
    );
    assert_eq!(startup(&folder, "--no-config"), None);
}

#[test]
fn what_tells_nothing_or_is_not_there_is_told() {
    let folder = folder();
    folder.write("logs/c.log", "hello\n");
    let (code, out, err) = folder.run(". --format short");
    assert_eq!(code, 2);
    assert!(
        err.contains("logs/c.log: no startup is told in this log"),
        "{err}"
    );
    assert!(out.contains("at least 90s"), "the others count: {out}");
    folder.write(
        "upbeat.yml",
        "startup:\n  app:\n    logs:\n      - logs/d.log\n",
    );
    let (code, _, err) = folder.run(".");
    assert!(
        code == 2 && err.contains("upbeat.yml:4:9: there is no file `logs/d.log`"),
        "{err}"
    );
    folder.write("upbeat.yml", "startup: {apb: {logs: [logs/a.log]}}\n");
    let (code, _, err) = folder.run(".");
    assert!(
        code == 2 && err.contains("upbeat.yml:1:11: no stack of this project has a service `apb`"),
        "{err}"
    );
    // With -f they may be about more than is looked at.
    assert_eq!(folder.run("-f compose.yml .").0, 0);
}

#[test]
fn logs_outside_of_the_project_need_a_word() {
    let text = log(70);
    let folder = Folder::new(&[
        ("project/compose.yml", APP),
        ("project/upbeat.yml", "startup: {app: {logs: [../a.log]}}\n"),
        ("a.log", &text),
    ]);
    let (code, out, err) = folder.run("project --format short");
    assert!(
        code == 2 && err.contains("`../a.log` lies outside the project") && out.is_empty(),
        "{err}"
    );
    let (code, out, err) = folder.run("project --format short --allow-outside");
    assert!(
        code == 1 && err.is_empty() && out.contains("at least 70s"),
        "{out}{err}"
    );
}

#[cfg(unix)]
#[test]
fn links_lead_no_log_out_of_the_project() {
    let text = log(70);
    let folder = Folder::new(&[
        ("project/compose.yml", APP),
        ("project/upbeat.yml", "startup: {app: {logs: [in.log]}}\n"),
        ("a.log", &text),
    ]);
    folder.link("../a.log", "project/in.log");
    let (code, out, err) = folder.run("project --format short");
    assert_eq!(code, 2);
    assert!(
        err.contains("upbeat.yml:1:24: `in.log` cannot be read: it lies outside the project"),
        "{err}"
    );
    assert!(!out.contains("70s"), "{out}");
    let (code, out, _) = folder.run("project --format short --allow-outside");
    assert!(code == 1 && out.contains("at least 70s"), "{out}");
}
