//! Where reports go: a file beside the terminal, the log of a CI job and its summary.

use super::STORY;
use super::common::program::{Project, Run};
use serde_json::Value;
use std::fs;

fn story(project: &Project, variables: &[(&str, &str)], arguments: &str) -> Run {
    let arguments = format!(". {STORY} {arguments}");
    let arguments: Vec<&str> = arguments.split_whitespace().collect();
    project.run_in(variables, &arguments, b"")
}

#[test]
fn a_file_gets_the_format_and_the_terminal_the_usual_one() {
    let project = Project::story("before");
    let run = story(&project, &[], "--format sarif --output report.sarif");
    assert_eq!(run.code, 1, "{}", run.err);
    assert!(
        run.out.starts_with("error[wait-below-budget]"),
        "{}",
        run.out
    );
    let log: Value = serde_json::from_str(&project.read("report.sarif")).unwrap();
    assert_eq!(log["runs"][0]["results"].as_array().unwrap().len(), 4);
    // Over an old one, through a link, whose target keeps its mode.
    #[cfg(unix)]
    {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let real = project.path().join("report.sarif");
        fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
        symlink(&real, project.path().join("link.xml")).unwrap();
        let run = story(&project, &[], "--format checkstyle --output link.xml --fix");
        assert_eq!(run.code, 0, "{}", run.err);
        let text = project.read("report.sarif");
        assert!(
            text.ends_with("<checkstyle version=\"4.3\">\n</checkstyle>\n"),
            "{text}"
        );
        assert!(project.path().join("link.xml").is_symlink());
        let mode = fs::metadata(&real).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o640);
        let run = story(&project, &[], "--format json --output /dev/null");
        assert_eq!((run.code, run.err.as_str()), (0, ""));
    }
    let names = fs::read_dir(project.path()).unwrap();
    let left = names
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().contains("tmp"));
    assert_eq!(left.count(), 0, "nothing is left beside it");
}

#[test]
fn with_diff_the_patch_stays_alone_and_the_file_is_written() {
    let project = Project::story("before");
    let run = story(&project, &[], "--diff --format rdjson -o report.json");
    assert!(run.out.starts_with("--- a/"), "{}", run.out);
    assert!(
        run.err.starts_with("error[wait-below-budget]"),
        "{}",
        run.err
    );
    let read: Value = serde_json::from_str(&project.read("report.json")).unwrap();
    assert_eq!(read["diagnostics"].as_array().unwrap().len(), 4);
}

#[test]
fn a_file_that_cannot_be_written_is_told() {
    let project = Project::story("before");
    for path in ["nowhere/report.json", "logs"] {
        let run = story(&project, &[], &format!("--format json --output {path}"));
        assert_eq!(run.code, 2, "{path}");
        assert!(
            run.out.contains("error[wait-below-budget]"),
            "it is shown all the same"
        );
        assert!(
            run.err
                .contains(&format!("{path}: the report cannot be written")),
            "{}",
            run.err
        );
        assert!(run.err.contains("--output"), "{}", run.err);
    }
    let run = story(&project, &[], "--output report.json");
    assert_eq!(run.code, 2);
    assert!(run.err.contains("--format"), "{}", run.err);
}

#[test]
fn one_document_is_for_one_project() {
    let app = "services:\n  app:\n    image: app\n";
    let project = Project::new(&[("a/compose.yml", app), ("b/compose.yml", app)]);
    for flags in [
        "--format sarif",
        "--format json",
        "--format full --output x",
    ] {
        let run = project.run(&format!("a b {flags}"));
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{flags}");
        assert!(run.err.contains("one project"), "{}", run.err);
    }
    assert_eq!(project.run("a b --format short").code, 0);
}

#[test]
fn ci_servers_get_what_they_show() {
    let project = Project::story("before");
    let summary = project.path().join("summary.md");
    fs::write(&summary, "a step before").unwrap();
    let summary = summary.to_str().unwrap();
    let github = [("GITHUB_ACTIONS", "true"), ("GITHUB_STEP_SUMMARY", summary)];
    let run = story(&project, &github, "");
    assert!(
        run.out
            .starts_with("::error file=.github/workflows/deploy.yml,line=27,"),
        "{}",
        run.out
    );
    let text = project.read("summary.md");
    assert!(
        text.starts_with("a step before\n### upbeat\n\n2 errors, 2 warnings"),
        "{text}"
    );
    assert_eq!(text.matches("\n- **error** ").count(), 2);

    let run = story(&project, &github, "--format short");
    assert!(
        run.out.starts_with(".github/workflows/deploy.yml:27:22: "),
        "{}",
        run.out
    );
    assert_eq!(
        project.read("summary.md"),
        text,
        "only commands have a summary"
    );

    let run = story(&project, &github, "--format sarif --output x.sarif");
    assert!(run.out.starts_with("::error "), "{}", run.out);
    assert!(project.read("x.sarif").contains("\"2.1.0\""));

    let lost = [
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_STEP_SUMMARY", "no/where/x.md"),
    ];
    let run = story(&project, &lost, "");
    assert_eq!(run.code, 1, "the log has it all");
    assert!(run.err.contains("GITHUB_STEP_SUMMARY"), "{}", run.err);

    let gitlab = [("GITLAB_CI", "true")];
    assert!(story(&project, &gitlab, "").out.starts_with("\u{1b}["));
    for flags in ["--color never", "--format full"] {
        assert!(
            !story(&project, &gitlab, flags).out.contains('\u{1b}'),
            "{flags}"
        );
    }
    let quiet = [("GITLAB_CI", "true"), ("NO_COLOR", "1")];
    assert!(
        story(&project, &quiet, "")
            .out
            .starts_with("error[wait-below-budget]")
    );
}

/// Code hosts count paths from the top of the repository, wherever the project lies in it.
#[test]
fn paths_for_code_hosts_count_from_the_top_of_the_repository() {
    let slow = "services:\n  app:\n    image: app\n    healthcheck:\n      test: ./ready\n      interval: 5\n";
    let project = Project::new(&[("deploy/app/compose.yml", slow), (".git/HEAD", "")]);
    let place = |run: &Run| run.out.split(&[',', ':'][..]).nth(2).unwrap().to_owned();
    let run = project.run("deploy/app --format github");
    assert_eq!(
        place(&run),
        "error file=deploy/app/compose.yml",
        "{}",
        run.out
    );
    let prints = |arguments: &str| {
        let run = project.run(&format!("{arguments} --format gitlab"));
        let issues: Value = serde_json::from_str(&run.out).unwrap();
        issues[0].clone()
    };
    assert_eq!(prints("deploy/app"), prints(""), "from wherever it is run");
    assert!(
        project
            .run("deploy/app --format short")
            .out
            .starts_with("compose.yml:6:")
    );
}
