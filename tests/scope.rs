//! Named files and changed lines: what is reported, while all of the project is judged.

mod common;

use common::program::Project;

const WORKFLOW: &str = ".github/workflows/deploy.yml";

/// The story as it begins, in a repository's folder.
fn story() -> Project {
    let project = Project::story("before");
    std::fs::create_dir(project.path().join(".git")).expect("a folder");
    project
}

/// The places that `--format short` names.
fn places(out: &str) -> Vec<String> {
    let lines = out.lines().filter(|line| line.contains("]: "));
    let places = lines.map(|line| line.split(": ").next().expect("a place").to_owned());
    places.collect()
}

/// A diff of one changed line.
fn diff(path: &str, line: usize) -> String {
    format!("--- a/{path}\n+++ b/{path}\n@@ -{line} +{line} @@\n-old\n+new\n")
}

#[test]
fn a_named_file_that_is_one_side_of_a_finding_shows_it() {
    let project = story();
    let of = |path: &str| {
        let run = project.run(&format!("check --format short --fail-on never {path}"));
        assert_eq!(run.code, 0, "{}", run.err);
        places(&run.out)
    };
    let all = of("");
    assert!(all.len() > 2, "{all:?}");
    assert!(of(WORKFLOW).len() >= 2);
    let staging = of("compose.staging.yml");
    assert!(
        staging.iter().any(|place| place.starts_with(WORKFLOW)),
        "{staging:?}"
    );
    assert!(staging.len() < all.len(), "{staging:?}");
}

#[test]
fn fixing_a_named_file_leaves_what_has_nothing_to_do_with_it() {
    let project = story();
    let run = project.run("--fix compose.staging.yml");
    assert!(
        run.err.contains(&format!("fixed: {WORKFLOW}:27:")),
        "{}",
        run.err
    );
    let after = project.read(WORKFLOW);
    let limits: Vec<&str> = after
        .lines()
        .filter(|line| line.contains("MAX_WAIT="))
        .collect();
    assert!(
        limits[0].contains("490") && limits[1].contains("120"),
        "{limits:?}"
    );
}

#[test]
fn only_findings_at_a_changed_line_are_reported_and_all_of_the_project_is_judged() {
    let project = story();
    let of = |diff: &str| {
        let arguments = ["check", "--format", "short", "--changed-lines", "-"];
        let run = project.run_with(&arguments, diff.as_bytes());
        (run.code, places(&run.out))
    };
    // The wait itself, a label of it in another file, and a line that no finding is about.
    let (code, found) = of(&diff(WORKFLOW, 27));
    assert_eq!((code, found.len()), (1, 1), "{found:?}");
    assert!(found[0].starts_with(&format!("{WORKFLOW}:27:")));
    let line = project.read("compose.staging.yml");
    let line = line
        .lines()
        .position(|line| line.contains("start_period: 90s"));
    let (code, found) = of(&diff("compose.staging.yml", line.expect("it is there") + 1));
    assert_eq!(code, 1);
    assert!(
        found.iter().any(|place| place.starts_with(WORKFLOW)),
        "{found:?}"
    );
    assert_eq!(of(&diff(WORKFLOW, 1)), (0, vec![]));
    assert_eq!(of(&diff("README.md", 27)), (0, vec![]));
    assert_eq!(of(""), (0, vec![]));
}

#[test]
fn a_diff_may_be_a_file_and_name_a_project_further_down() {
    let files = common::story("before");
    let files: Vec<(String, &str)> = files
        .iter()
        .map(|(path, text)| (format!("deploy/{path}"), text.as_str()))
        .collect();
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(path, text)| (path.as_str(), *text))
        .collect();
    let project = Project::new(&files);
    std::fs::create_dir(project.path().join(".git")).expect("a folder");
    let path = format!("deploy/{WORKFLOW}");
    std::fs::write(project.path().join("changes.diff"), diff(&path, 27)).expect("written");
    let run = project.run("check deploy --format short --changed-lines changes.diff");
    assert_eq!(
        (run.code, places(&run.out).len()),
        (1, 1),
        "{}{}",
        run.out,
        run.err
    );
}

#[test]
fn what_is_no_diff_is_told() {
    let project = story();
    let run = project.run_with(
        &["check", "--changed-lines", "-"],
        b"fatal: not a repository\n",
    );
    assert_eq!(run.code, 2);
    assert!(
        run.err.contains("standard input: this is no diff"),
        "{}",
        run.err
    );
    let run = project.run("check --changed-lines absent.diff");
    assert_eq!(run.code, 2);
    assert!(run.err.contains("absent.diff"), "{}", run.err);
}

#[test]
fn a_hook_may_name_files_that_are_no_part_of_it() {
    let project = story();
    let named = project.run("check backend/Dockerfile docs.yml");
    assert_eq!(named.code, 2, "docs.yml is not there: {}", named.err);
    std::fs::write(project.path().join("docs.yml"), "site: docs\n").expect("written");
    let named = project.run("check docs.yml");
    assert_eq!(named.code, 2);
    assert!(named.err.contains("no part of any stack"), "{}", named.err);
    let hook = project.run("check --force-exclude docs.yml");
    assert_eq!((hook.code, hook.err.as_str()), (0, ""), "{}", hook.out);
    assert!(places(&hook.out).is_empty(), "{}", hook.out);
    // With a file that is a part of it, that one counts.
    let hook = project.run("check --force-exclude --format short docs.yml compose.staging.yml");
    assert_eq!(hook.code, 1);
    assert!(!places(&hook.out).is_empty());
}

#[test]
fn a_hook_says_nothing_of_what_the_settings_exclude_and_of_a_repository_without_compose_files() {
    let project = story();
    std::fs::write(project.path().join("upbeat.yml"), "exclude: [.github/]\n").expect("written");
    let hook = project.run(&format!("check --force-exclude {WORKFLOW}"));
    assert_eq!((hook.code, hook.err.as_str()), (0, ""), "{}", hook.out);
    let empty = Project::new(&[("docs.yml", "site: docs\n"), (".git/HEAD", "")]);
    assert_eq!(empty.run("check docs.yml").code, 2);
    let hook = empty.run("check --force-exclude docs.yml");
    assert_eq!((hook.code, hook.err.as_str()), (0, ""), "{}", hook.out);
}

#[test]
fn services_that_no_profile_turns_on_are_told_with_the_stack() {
    let text = "services:\n  app: {image: a}\n  jobs: {image: a, profiles: [work, night]}\n  seed: {image: a, profiles: [work]}\n";
    let project = Project::new(&[("compose.yml", text), (".git/HEAD", "")]);
    let run = project.run("stacks");
    let line = "  off        jobs (profiles work, night), seed (profile work)\n";
    assert!(run.out.contains(line), "{}", run.out);
    let run = project.run("stacks --format json");
    let document: serde_json::Value = serde_json::from_str(&run.out).expect("JSON");
    assert_eq!(document["stacks"][0]["off"][1]["name"], "seed");
    let run = project.run("stacks --profile work");
    assert!(!run.out.contains("  off "), "{}", run.out);
}
