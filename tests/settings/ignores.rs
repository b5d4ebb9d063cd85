//! Comments that silence findings, through the program.

use super::runs::Folder;

/// A service whose start period has no unit, and one beside it.
fn compose(above: &str, behind: &str) -> String {
    format!(
        "services:\n  app:\n    image: a\n    healthcheck:\n      test: x\n{above}      start_period: 90{behind}\n  other:\n    image: a\n    healthcheck:\n      test: x\n      start_period: 30\n"
    )
}

const IGNORE: &str = "# upbeat: ignore[health-field-invalid] filled in later";

/// The lines of the findings of `health-field-invalid`.
fn found(out: &str) -> Vec<&str> {
    let lines = out
        .lines()
        .filter(|line| line.contains("[health-field-invalid]"));
    lines
        .map(|line| line.split(':').nth(1).expect("a line"))
        .collect()
}

#[test]
fn a_finding_is_ignored_on_its_line_or_below_the_comment() {
    let above = format!("      {IGNORE}\n");
    let behind = format!(" {IGNORE}");
    for (text, left) in [
        (compose("", ""), vec!["6", "11"]),
        (compose(&above, ""), vec!["12"]),
        (compose("", &behind), vec!["11"]),
        // Two lines above is too far, and another rule is another matter.
        (
            compose(&format!("{above}      retries: 3\n"), ""),
            vec!["8", "13"],
        ),
        (
            compose("      # upbeat: ignore[compose-error] r\n", ""),
            vec!["7", "12"],
        ),
        (
            format!(
                "# upbeat: ignore-file[health-field-invalid] r\n{}",
                compose("", "")
            ),
            vec![],
        ),
    ] {
        let folder = Folder::new(&[("compose.yml", &text)]);
        let (code, out, err) = folder.run(". --format short");
        assert_eq!(found(&out), left, "{text}{out}{err}");
        assert_eq!(code, i32::from(!left.is_empty()), "{text}{out}");
    }
}

#[test]
fn what_is_ignored_is_counted_listed_and_not_fixed() {
    let text = compose(&format!("      {IGNORE}\n"), "");
    let folder = Folder::new(&[("compose.yml", &text)]);
    let (_, _, err) = folder.run(". -v");
    assert!(err.contains("1 finding ignored by comments\n"), "{err}");
    let (_, out, _) = folder.run(". --format json");
    let json: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    let ignored = json["ignored"].as_array().expect("a list");
    assert_eq!(ignored.len(), 1);
    assert_eq!(ignored[0]["rule"], "health-field-invalid");
    assert_eq!(ignored[0]["line"], 7);
    assert_eq!(ignored[0]["reason"], "filled in later");
    assert_eq!(ignored[0]["comment"]["line"], 6);
    assert_eq!(json["findings"].as_array().map(Vec::len), Some(1));
    folder.run(". --fix --unsafe-fixes");
    let fixed = folder.read("compose.yml");
    assert!(
        fixed.contains(IGNORE) && fixed.contains("start_period: 90\n"),
        "{fixed}"
    );
}

#[test]
fn a_wait_is_not_raised_for_a_start_period_that_stays() {
    let compose = |comment: &str| {
        format!(
            "services:\n  app:\n    image: a\n    healthcheck:\n      test: x\n      interval: 10s\n      timeout: 5s\n      retries: 3\n      start_period: 20s{comment}\n"
        )
    };
    let workflow = "jobs:\n  deploy:\n    steps:\n      - run: |\n          docker compose up -d\n          MAX_WAIT=10\n          n=0\n          until docker compose ps | grep -q '(healthy)'; do\n            sleep 1\n            n=$((n + 1))\n            if [ $n -ge $MAX_WAIT ]; then exit 1; fi\n          done\n";
    let fixed = |comment: &str| {
        let folder = Folder::new(&[
            ("compose.yml", &compose(comment)),
            (".github/workflows/deploy.yml", workflow),
        ]);
        folder.run(". --fix --startup app=200s");
        let text = folder.read(".github/workflows/deploy.yml");
        let number = text.split("MAX_WAIT=").nth(1).expect("the wait");
        let number = number.lines().next().expect("a number");
        (
            folder.read("compose.yml"),
            number.parse::<u32>().expect("a number"),
        )
    };
    let (raised, long) = fixed("");
    assert!(!raised.contains("start_period: 20s"), "{raised}");
    let comment = " # upbeat: ignore[start-period-below-startup] on purpose";
    let (kept, short) = fixed(comment);
    assert_eq!(kept, compose(comment));
    // 20s + 3 x 10s and the hanging probes, a tenth more: far below the 200s of the other.
    assert!(short < 100 && long > 200, "{short} {long}");
}

#[test]
fn an_unused_ignore_is_removed_and_of_several_rules_only_the_unused() {
    let both = " # upbeat: ignore[health-field-invalid, compose-error] r";
    for (text, left) in [
        (compose(&format!("      {IGNORE}\n"), "s"), compose("", "s")),
        (compose("", &format!("s  {IGNORE}")), compose("", "s")),
        (
            compose("", both),
            compose("", " # upbeat: ignore[health-field-invalid] r"),
        ),
    ] {
        let folder = Folder::new(&[("compose.yml", &text)]);
        let (_, out, err) = folder.run(". --format short --select unused-ignore,health-field-invalid,compose-error --fail-on info");
        assert_eq!(out.matches("info[unused-ignore]").count(), 1, "{out}{err}");
        folder.run(". --fix");
        assert_eq!(folder.read("compose.yml"), left);
    }
}

#[test]
fn nothing_is_called_unused_that_a_run_cannot_tell() {
    let text = compose(
        "      # upbeat: ignore[start-period-below-startup] known to be slow\n",
        "s",
    );
    let folder = Folder::new(&[("compose.yml", &text)]);
    let unused = |flags: &str| {
        let (_, out, _) = folder.run(&format!(". --format short {flags}"));
        out.contains("unused-ignore")
    };
    assert!(!unused(""), "no startup is known");
    assert!(unused("--startup app=20s"));
    assert!(!unused(
        "--startup app=20s --ignore start-period-below-startup"
    ));
    assert!(!unused("--startup app=20s --ignore unused-ignore"));
    assert!(!unused("--startup app=500s"), "there it is of use");
}

#[test]
fn comments_that_say_too_little_are_warnings() {
    for (comment, words) in [
        ("# upbeat: ignore[health-field-invalid]", "nobody says why"),
        (
            "# upbeat: ignore[health-feild-invalid] r",
            "there is no rule `health-feild-invalid`",
        ),
        ("# upbeat: ingore[health-field-invalid] r", "nearly one"),
        ("# upbeat: ignore health-field-invalid", "names no rules"),
        (
            "# upbeat: ignore-file[health-field-invalid] r",
            "at its top",
        ),
    ] {
        let folder = Folder::new(&[("compose.yml", &compose(&format!("      {comment}\n"), ""))]);
        let (code, out, _) = folder.run(". --format short");
        let mut lines = out.lines();
        let told = lines.find(|line| line.contains("warning[unused-ignore]"));
        assert!(
            told.is_some_and(|line| line.contains(words)),
            "{comment}: {out}"
        );
        assert_eq!(code, 1);
    }
}

#[test]
fn scripts_and_env_files_have_such_comments_too() {
    let workflow = "jobs:\n  deploy:\n    steps:\n      - run: |\n          docker compose up -d\n          # upbeat: ignore[wait-below-budget] a smoke test\n          MAX_WAIT=10\n          n=0\n          until docker compose ps | grep -q '(healthy)'; do\n            sleep 1\n            n=$((n + 1))\n            if [ $n -ge $MAX_WAIT ]; then exit 1; fi\n          done\n";
    let app = "services:\n  app:\n    image: a\n    healthcheck: {test: x, interval: 10s, start_period: 20s}\n";
    let run = |workflow: &str| {
        let folder = Folder::new(&[
            ("compose.yml", app),
            (".github/workflows/deploy.yml", workflow),
        ]);
        folder.run(". --format short").1
    };
    assert!(
        !run(workflow).contains("wait-below-budget"),
        "{}",
        run(workflow)
    );
    let without = workflow.replace("# upbeat: ignore", "# ignore");
    assert!(run(&without).contains("[wait-below-budget]"));
}
