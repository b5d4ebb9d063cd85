//! The program itself: what it prints where, and its exit codes.

mod common;

use common::program::Project;
use std::fs;
use std::process::Command;

const BAD_DAY: &str = "--log backend=logs/backend-bad-day.log";
/// Advice on the story's entrypoint, which no fix makes go away.
const ADVICE: &str =
    "--ignore migrations-delay-health --ignore slow-startup-step --ignore restart-hides-crash";
const APP: &str = "services:\n  app:\n    image: app\n    healthcheck:\n      test: ./ready\n      interval: 10s\n      start_period: 20s\n";

#[test]
fn the_exit_code_is_1_for_findings_and_0_without() {
    let before = Project::story("before").run(&format!(". {BAD_DAY} {ADVICE}"));
    assert_eq!(before.code, 1, "{}", before.err);
    assert!(
        before.out.ends_with(
            "2 errors, 2 warnings (4 fixable with --fix) in 7 files, 2 stacks, 2 waits\n"
        ),
        "{}",
        before.out
    );
    assert_eq!(before.err, "");
    assert_eq!(Project::story("halfway").run(".").code, 1);
    let after = Project::story("after").run(&format!("check . {BAD_DAY} {ADVICE}"));
    assert_eq!(
        (after.code, after.out.as_str()),
        (0, "no findings: 7 files, 2 stacks, 2 waits\n")
    );
}

#[test]
fn fail_on_moves_the_bar() {
    let project = Project::story("halfway");
    assert_eq!(project.run(". --fail-on error").code, 0);
    assert_eq!(project.run(". --fail-on warning").code, 1);
    assert_eq!(Project::story("before").run(". --fail-on never").code, 0);
}

#[test]
fn select_and_ignore_choose_the_rules() {
    let project = Project::story("before");
    let count = |flags: &str| {
        project
            .run(&format!(". --format short -q {BAD_DAY} {ADVICE} {flags}"))
            .out
            .lines()
            .count()
    };
    assert_eq!(count("--select wait-below-budget"), 2);
    assert_eq!(count("--ignore wait-below-budget,slow-startup-step"), 2);
    let unknown = project.run(". --select wait-below-budgit");
    assert_eq!(unknown.code, 2);
    assert!(unknown.err.contains("wait-below-budget"), "{}", unknown.err);
}

#[test]
fn the_short_format_is_a_line_a_finding() {
    let run = Project::story("before").run(&format!(". --format short {BAD_DAY} {ADVICE}"));
    let lines: Vec<&str> = run.out.lines().collect();
    assert!(
        lines[0].starts_with(
            ".github/workflows/deploy.yml:27:22: error[wait-below-budget]: MAX_WAIT=120 gives up"
        ),
        "{}",
        lines[0]
    );
    assert!(lines[2].starts_with("compose.production.yml:23:21: warning[start-period-below-startup]: `backend` takes at least 180s"), "{}", lines[2]);
    assert!(lines[3].starts_with("compose.staging.yml:12:21: warning[start-period-below-startup]: `backend` takes at least 180s"), "{}", lines[3]);
    assert_eq!(lines.len(), 5);
}

#[test]
fn the_json_has_the_documented_shape() {
    let run = Project::story("before").run(&format!(". --format json {BAD_DAY} {ADVICE}"));
    let json: serde_json::Value = serde_json::from_str(&run.out).expect("one document");
    assert_eq!(json["version"], 1);
    let finding = &json["findings"][0];
    for key in [
        "rule",
        "severity",
        "message",
        "file",
        "line",
        "column",
        "end_line",
        "end_column",
        "labels",
        "notes",
        "fix",
        "data",
    ] {
        assert!(!finding[key].is_null(), "{key}");
    }
    assert_eq!(finding["file"], ".github/workflows/deploy.yml");
    assert_eq!(
        (&finding["line"], &finding["column"], &finding["end_column"]),
        (&27.into(), &22.into(), &25.into())
    );
    assert_eq!(finding["fix"]["safety"], "safe");
    assert_eq!(finding["fix"]["edits"][0]["text"], "630");
    assert_eq!(finding["data"]["budget_s"], 535.0);
    assert_eq!(finding["data"]["after_up_s"], 125.0);
    assert_eq!(json["findings"][2]["data"]["allowance_s"], 180.0);
    let summary = serde_json::json!({ "errors": 2, "warnings": 2, "infos": 0, "fixable": 4, "files": 7, "stacks": 2, "waits": 2, "complete": true });
    assert_eq!(json["summary"], summary);
}

#[test]
fn colours_come_only_when_they_are_asked_for() {
    let project = Project::story("before");
    assert!(!project.run(".").out.contains('\u{1b}'));
    assert!(project.run(". --color always").out.contains('\u{1b}'));
    assert!(!project.run(". --color never").out.contains('\u{1b}'));
}

#[test]
fn the_environment_decides_on_colours_where_no_flag_does() {
    let project = Project::story("before");
    let cases = [
        ("CLICOLOR_FORCE=1", "auto", true),
        ("CLICOLOR_FORCE=0", "auto", false),
        ("CLICOLOR_FORCE=", "auto", false),
        ("CLICOLOR_FORCE=1 NO_COLOR=1", "auto", false),
        ("CLICOLOR_FORCE=1 NO_COLOR=", "auto", true),
        ("NO_COLOR=1", "always", true),
        ("CLICOLOR_FORCE=1", "never", false),
    ];
    for (variables, when, coloured) in cases {
        let pairs: Vec<(&str, &str)> = variables
            .split(' ')
            .filter_map(|variable| variable.split_once('='))
            .collect();
        let run = project.run_in(&pairs, &[".", "--color", when], b"");
        assert_eq!(run.out.contains('\u{1b}'), coloured, "{variables} {when}");
        // Links are for terminals, whatever the colours.
        assert!(!run.out.contains("\u{1b}]8"), "{variables} {when}");
    }
}

#[test]
fn the_diff_alone_is_on_standard_output_and_git_takes_it() {
    let project = Project::story("before");
    let original = project.read("compose.staging.yml");
    let diff = project.run(&format!(". --diff {BAD_DAY}"));
    assert_eq!(diff.code, 1);
    assert!(
        diff.out.starts_with(
            "--- a/.github/workflows/deploy.yml\n+++ b/.github/workflows/deploy.yml\n@@"
        ),
        "{}",
        diff.out
    );
    assert!(
        diff.err.contains("error[wait-below-budget]"),
        "{}",
        diff.err
    );
    assert_eq!(
        project.read("compose.staging.yml"),
        original,
        "--diff writes nothing"
    );
    fs::write(project.path().join("the.patch"), &diff.out).expect("a patch");
    let Ok(applied) = Command::new("git")
        .current_dir(project.path())
        .args(["apply", "the.patch"])
        .status()
    else {
        println!("skipped: no git here");
        return;
    };
    assert!(applied.success());
    let fixed = Project::story("before");
    fixed.run(&format!(". --fix {BAD_DAY}"));
    for file in [
        ".github/workflows/deploy.yml",
        "compose.staging.yml",
        "compose.production.yml",
    ] {
        assert_eq!(project.read(file), fixed.read(file), "{file}");
    }
}

#[test]
fn fix_writes_the_files_says_so_and_leaves_the_next_run_clean() {
    let project = Project::story("before");
    let fix = project.run(&format!(". --fix {BAD_DAY} {ADVICE}"));
    assert_eq!(
        (fix.code, fix.out.as_str()),
        (0, "no findings: 7 files, 2 stacks, 2 waits\n")
    );
    assert!(
        fix.err.contains("raise MAX_WAIT to 630")
            && fix.err.contains("raise start_period of `backend` to 200s"),
        "{}",
        fix.err
    );
    assert_eq!(project.run(&format!(". {BAD_DAY}")).code, 0);
    let texts = || common::files_of(project.path());
    let once = texts();
    let again = project.run(&format!(". --fix {BAD_DAY}"));
    assert_eq!((again.code, again.err.as_str()), (0, ""));
    assert_eq!(texts(), once);
}

#[test]
fn fix_says_what_it_has_left_and_why() {
    let text = APP.replace("./ready", "curl http://localhost/");
    let project = Project::new(&[("compose.yml", text.as_str())]);
    let fix = project.run(". --fix --select curl-without-fail");
    assert_eq!(
        (fix.code, fix.err.as_str()),
        (1, "left to fix: 1 with --unsafe-fixes\n")
    );
    assert_eq!(project.read("compose.yml"), text);
    assert_eq!(project.run(". -q --fix --select curl-without-fail").err, "");
    let all = project.run(". --fix --unsafe-fixes --select curl-without-fail");
    assert_eq!(all.code, 0, "{}", all.out);
    assert!(all.err.starts_with("fixed: compose.yml:5: "), "{}", all.err);
    assert_eq!(all.err.lines().count(), 1, "{}", all.err);
}

#[test]
fn a_broken_file_is_told_with_path_and_line_and_the_rest_is_judged() {
    let project = Project::story("before");
    let broken = project.read("compose.staging.yml").replace(
        "retries: 3\n      start_period: 90s",
        "retries: 3\n    - start_period: 90s",
    );
    fs::write(project.path().join("compose.staging.yml"), broken).expect("a file");
    let run = project.run(&format!(". {BAD_DAY} --format short"));
    assert_eq!(run.code, 2);
    assert!(run.err.contains("compose.staging.yml:12:"), "{}", run.err);
    assert!(run.err.contains("no YAML"), "{}", run.err);
    assert!(
        run.out.contains("`production`") && run.out.contains("not everything could be read"),
        "{}",
        run.out
    );
}

#[test]
fn missing_files_that_were_named_are_told_and_the_rest_is_judged() {
    let project = Project::story("before");
    let run = project.run(&format!(
        "-f docker-compose.yml -f compose.staging.yml -f absent.yml {BAD_DAY} --format short ."
    ));
    assert_eq!(run.code, 2);
    assert!(
        run.err.contains("absent.yml") && run.err.contains("no such file"),
        "{}",
        run.err
    );
    assert!(
        run.out.contains("start-period-below-startup"),
        "{}",
        run.out
    );
    for flags in [
        "--log backend=absent.log",
        "--log absent.log",
        "--env-file absent.env",
        "absent",
    ] {
        let run = project.run(&format!(". {flags}"));
        assert_eq!(run.code, 2, "{flags}");
        assert!(run.err.contains("absent"), "{flags}: {}", run.err);
    }
}

#[test]
fn a_service_that_is_nowhere_is_told_with_those_that_are() {
    let project = Project::story("before");
    for flags in [
        "--log backand=logs/backend-good-day.log",
        "--startup backand=90s",
    ] {
        let run = project.run(&format!(". {flags} --format short"));
        assert_eq!(run.code, 2, "{flags}");
        assert!(
            run.err.contains("`backand`")
                && run.err.contains("backend, db, frontend, proxy, redis"),
            "{}",
            run.err
        );
        assert!(
            run.out.contains("wait-below-budget"),
            "what could be judged is judged: {}",
            run.out
        );
    }
}

#[test]
fn a_log_of_nothing_known_is_told() {
    let project = Project::story("before");
    fs::write(project.path().join("x.log"), "hello\nworld\n").expect("a file");
    let run = project.run(". --log backend=x.log");
    assert_eq!(run.code, 2);
    assert!(
        run.err.contains("x.log: no startup is told in this log"),
        "{}",
        run.err
    );
    let good = project.read("logs/backend-good-day.log");
    fs::write(project.path().join("y.log"), good).expect("a file");
    let run = project.run(". --log y.log");
    assert_eq!(run.code, 2);
    assert!(run.err.contains("--log SERVICE=y.log"), "{}", run.err);
}

#[test]
fn a_log_with_prefixes_needs_no_name() {
    let project = Project::story("before");
    let run = project.run(". --log logs/backend-bad-day.log --format short");
    assert_eq!(
        run.out.matches("start-period-below-startup").count(),
        2,
        "{}{}",
        run.out,
        run.err
    );
}

#[test]
fn nothing_to_check_is_never_a_silent_success() {
    let empty = Project::new(&[("readme.md", "x")]);
    let run = empty.run(".");
    assert_eq!(run.code, 2);
    assert!(
        run.err
            .contains("there is nothing to check: no compose file was found"),
        "{}",
        run.err
    );
}

#[test]
fn flags_that_cannot_be_are_told_with_what_could() {
    let project = Project::new(&[("compose.yml", APP)]);
    for (flags, words) in [
        ("--engine 99", "known are"),
        ("--budget most", "planned, worst or after-up"),
        ("--startup app=90", "unit"),
        ("--format xml", "full"),
        ("--fix --diff", "--diff"),
        ("--frobnicate", "--frobnicate"),
    ] {
        let run = project.run(flags);
        assert_eq!(run.code, 2, "{flags}");
        assert!(run.err.contains(words), "{flags}: {}", run.err);
        assert_eq!(run.out, "");
    }
}

#[test]
fn a_bad_duration_is_a_finding_and_no_obstacle() {
    let project = Project::new(&[("compose.yml", &APP.replace("20s", "90"))]);
    let run = project.run(". --format short");
    assert_eq!((run.code, run.err.as_str()), (1, ""));
    assert!(
        run.out.starts_with(
            "compose.yml:7:21: error[health-field-invalid]: start_period of `app`: `90` has no unit"
        ),
        "{}",
        run.out
    );
}

#[test]
fn files_that_are_named_narrow_the_report_and_not_the_judgement() {
    let project = Project::story("before");
    fs::create_dir(project.path().join(".git")).expect("a folder");
    let run = project.run(&format!("compose.staging.yml --format short {BAD_DAY}"));
    assert!(run.out.contains("`staging`"), "{}", run.out);
    assert!(!run.out.contains("compose.production.yml"), "{}", run.out);
}

#[test]
fn several_projects_are_checked_one_after_the_other() {
    let project = Project::new(&[
        ("a/compose.yml", APP),
        ("b/compose.yml", &APP.replace("20s", "90")),
    ]);
    let run = project.run("a b --format short");
    assert_eq!(run.code, 1);
    assert!(
        run.out.contains("no findings") && run.out.contains("health-field-invalid"),
        "{}",
        run.out
    );
}

#[test]
fn what_git_ignores_is_not_checked() {
    let project = Project::new(&[
        ("compose.yml", APP),
        ("old/compose.yml", &APP.replace("20s", "90")),
        (".gitignore", "old/\n"),
    ]);
    assert_eq!(project.run(".").code, 0);
}

#[test]
fn verbose_tells_which_stacks_and_waits_were_judged() {
    let run = Project::story("before").run(". -v");
    assert!(run.err.contains("stack staging: docker-compose.yml + compose.staging.yml (.github/workflows/deploy.yml:24: docker compose"), "{}", run.err);
    assert!(
        run.err.contains("2 of 2 waits are tied to a stack"),
        "{}",
        run.err
    );
}

#[test]
fn control_characters_of_files_never_reach_the_terminal() {
    let text = APP
        .replace("image: app", "image: \"\u{9b}31m\"")
        .replace("20s", "\"9\\e[31m\" # \u{1b}[2J \u{202e}");
    let project = Project::new(&[("compose.yml", &text), ("broken\u{1b}.compose.yml", "a: [")]);
    for format in ["full", "short", "json"] {
        let run = project.run(&format!(". --format {format}"));
        let hostile = |c: char| c != '\n' && (c.is_control() || c == '\u{202e}');
        assert!(!run.out.contains(hostile), "{format}: {:?}", run.out);
        assert!(!run.err.contains(hostile), "{format}: {:?}", run.err);
    }
}

#[test]
fn a_file_that_is_no_part_of_the_project_is_told() {
    let project = Project::story("before");
    fs::create_dir(project.path().join(".git")).expect("a folder");
    let run = project.run("logs/backend-bad-day.log");
    assert_eq!(run.code, 2);
    assert!(
        run.err
            .contains("logs/backend-bad-day.log: this is no part of any stack")
            && run.err.contains("--log"),
        "{}",
        run.err
    );
}

#[test]
fn a_workflow_outside_of_git_leads_to_its_project() {
    let project = Project::story("halfway");
    let run = project.run(".github/workflows/deploy.yml --format short");
    assert_eq!(run.code, 1, "{}", run.err);
    assert_eq!(
        run.out.matches("wait-below-budget").count(),
        2,
        "{}",
        run.out
    );
}

fn widest(text: &str) -> usize {
    text.lines()
        .map(|line| line.chars().count())
        .max()
        .unwrap_or(0)
}

#[test]
fn timeline_draws_every_stack_and_finds_nothing() {
    let project = Project::story("before");
    let run = project.run(&format!("timeline {BAD_DAY}"));
    assert_eq!(
        (run.code, run.err.as_str()),
        (0, ""),
        "a picture is no verdict"
    );
    assert!(
        run.out
            .starts_with("staging (docker-compose.yml + compose.staging.yml), engine 29\n"),
        "{}",
        run.out
    );
    assert!(
        run.out
            .contains("\nproduction (docker-compose.yml + compose.production.yml), engine 29\n")
    );
    assert!(run.out.contains("it gives up at 530s, but"), "{}", run.out);
    assert!(
        widest(&run.out) <= 80,
        "80 columns where there is no terminal"
    );
    let one = project.run("timeline --stack production --engine 20.10");
    assert!(
        one.out.starts_with("production (") && one.out.contains("engine 20.10"),
        "{}",
        one.out
    );
    assert!(!one.out.contains("staging ("));
    let what_if = project.run("timeline --stack staging --startup backend=400s");
    assert!(what_if.out.contains("never starts"), "{}", what_if.out);
}

#[test]
fn timeline_fits_its_columns_and_its_locale() {
    let project = Project::story("before");
    let arguments = ["timeline", ".", "--stack", "staging"];
    let run = |variables: &[(&str, &str)]| project.run_in(variables, &arguments, b"").out;
    for columns in ["40", "66", "133"] {
        let out = run(&[("COLUMNS", columns)]);
        let most = columns.parse().expect("a number");
        assert!(
            (most - 8..=most).contains(&widest(&out)),
            "{columns}:\n{out}"
        );
    }
    assert_eq!(
        run(&[("COLUMNS", "none")]),
        run(&[]),
        "what is no number counts for nothing"
    );
    assert!(!run(&[]).is_ascii());
    assert!(run(&[("LC_ALL", "C")]).is_ascii());
    assert!(
        run(&[
            ("LC_ALL", ""),
            ("LC_CTYPE", ""),
            ("LANG", "de_DE.ISO-8859-1")
        ])
        .is_ascii()
    );
    assert!(!run(&[("LC_ALL", "de_DE.utf8")]).is_ascii());
    assert!(project.run("timeline --ascii").out.is_ascii());
    assert!(!run(&[]).contains('\u{1b}'));
    assert!(
        project
            .run("timeline --color always")
            .out
            .contains('\u{1b}')
    );
}

#[test]
fn timeline_writes_its_formats_and_files() {
    let project = Project::story("before");
    let json = project.run("timeline --format json");
    let document: serde_json::Value = serde_json::from_str(&json.out).expect("one document");
    assert_eq!(document["stacks"].as_array().map(Vec::len), Some(2));
    assert_eq!(document["stacks"][0]["budgets"]["planned_s"], 445.0);
    let page = project.run("timeline --format html");
    assert!(page.out.starts_with("<!doctype html>") && page.out.matches("<svg").count() == 2);
    let links = page.out.matches("http").count();
    let namespaces = page.out.matches("xmlns=\"http").count();
    assert_eq!(links, namespaces, "a page that needs nothing else");
    assert!(!page.out.contains("<script"));
    let picture = project.run("timeline --format svg");
    assert!(picture.out.starts_with("<svg "));
    assert_eq!(
        picture.err,
        "drawn is the stack staging; --stack draws another: production\n"
    );
    let named = project.run("timeline --format svg --stack production --output the.svg");
    assert_eq!(
        (named.code, named.out.as_str(), named.err.as_str()),
        (0, "", "")
    );
    assert!(
        project
            .read("the.svg")
            .contains("<title id=\"upbeat-title-0\">The start of the stack production</title>")
    );
    let nowhere = project.run("timeline --output no/such/folder/x.txt");
    assert_eq!(nowhere.code, 2);
    assert!(
        nowhere
            .err
            .contains("no/such/folder/x.txt: cannot be written"),
        "{}",
        nowhere.err
    );
}

#[test]
fn timeline_tells_what_it_cannot_see_and_draws_the_rest() {
    let project = Project::story("before");
    let unknown = project.run("timeline --stack stagging");
    assert_eq!(unknown.code, 2);
    assert!(
        unknown.err.contains("`stagging`") && unknown.err.contains("staging, production"),
        "{}",
        unknown.err
    );
    let log = project.run("timeline --log backend=absent.log");
    assert_eq!(log.code, 2);
    assert!(
        log.err.contains("absent.log") && log.out.contains("engine 29"),
        "{}",
        log.err
    );
    let empty = Project::new(&[("readme.md", "x")]);
    let run = empty.run("timeline");
    assert_eq!((run.code, run.out.as_str()), (2, ""));
    assert!(run.err.contains("there is nothing to check"), "{}", run.err);
    // A file stands for the stacks that it is a part of.
    fs::create_dir(project.path().join(".git")).expect("a folder");
    let file = project.run("timeline compose.production.yml");
    assert!(
        file.out.starts_with("production (") && !file.out.contains("staging ("),
        "{}",
        file.out
    );
    let workflow = project.run("timeline .github/workflows/deploy.yml");
    assert!(workflow.out.contains("production (") && workflow.out.contains("staging ("));
    let stranger = project.run("timeline logs/backend-bad-day.log");
    assert_eq!(stranger.code, 2);
    assert!(
        stranger
            .err
            .contains("no stack has anything to do with this file"),
        "{}",
        stranger.err
    );
}

#[test]
fn the_waits_as_json_have_the_documented_shape() {
    let run = Project::story("before").run("waits --format json");
    let document: serde_json::Value = serde_json::from_str(&run.out).expect("JSON");
    assert_eq!((run.code, &document["version"]), (0, &serde_json::json!(1)));
    let waits = document["waits"].as_array().expect("a list");
    let file = ".github/workflows/deploy.yml";
    let wait = |line: u32, job: &str, step: &str, from: u32| {
        serde_json::json!({
            "file": file, "line": line, "column": 13, "job": job, "step": step, "form": "counter-loop", "budget_s": 120.0,
            "bounded_by": "itself", "budget_from": [{ "file": file, "line": from, "column": 22, "text": "120" }],
            "stack": job, "services": [], "after_up": true, "can_fail": true
        })
    };
    let expected = [
        wait(31, "staging", "Deploy to staging", 27),
        wait(72, "production", "Deploy to production", 68),
    ];
    assert_eq!(waits.as_slice(), expected);
}
