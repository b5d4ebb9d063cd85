//! A number from every place that it can come from, in a heredoc that `ssh` gets, in an `if`, in a function; and the scripts
//! of the CI systems besides GitHub's. What is listed, and which literal a fix changes.

use super::case::*;
use super::forms::{WORKFLOW, counted, project, told, workflow};

/// `outside`, and a function with an `if` with a heredoc for `ssh` in which `limit` sets what a loop of turns of 5 s fails
/// behind. In the heredoc the local shell fills in what has no backslash.
fn deep(outside: &str, limit: &str, call: &str) -> String {
    let loops = counted("LIMIT").replace('$', "\\$");
    let body = loops.replace("\nLIMIT\n", &format!("\n{limit}\n"));
    let body = body.replace('\n', "\n  ");
    format!(
        "{outside}\ndeploy() {{\n  if true; then\n    ssh host << EOF\n  {body}\nEOF\n  fi\n}}\n{call}"
    )
}

/// The one wait is of 60 s, and its literal is the one that a fix changes.
#[track_caller]
fn comes_from(case: &Case, (file, before, after): (&str, &str, &str)) {
    let told = told(case);
    let name = file.rsplit('/').next().expect("a name");
    let text = case.text(file);
    let line = text.lines().position(|line| line.trim() == before);
    let line = line.unwrap_or_else(|| panic!("{file} has no line {before:?}:\n{text}")) + 1;
    assert_eq!(told, format!("counter-loop 60 itself: 60@{name}:{line}"));
    let made = changes(case);
    assert_eq!(
        made,
        [(file.to_owned(), vec![pair(before, after)])]
            .into_iter()
            .collect()
    );
}

#[test]
fn numbers_of_a_deep_script() {
    for (outside, limit, call, before, after) in [
        ("", "MAX=60", "deploy", "MAX=60", "MAX=210"),
        ("LIMIT=60", "MAX=$LIMIT", "deploy", "LIMIT=60", "LIMIT=210"),
        (
            "",
            "MAX=${LIMIT:-60}",
            "deploy",
            "MAX=${LIMIT:-60}",
            "MAX=${LIMIT:-210}",
        ),
        (
            "",
            "MAX=\\${LIMIT:-60}",
            "deploy",
            "MAX=\\${LIMIT:-60}",
            "MAX=\\${LIMIT:-210}",
        ),
        ("", "MAX=$1", "deploy 60", "deploy 60", "deploy 210"),
        (
            "",
            "MAX=${1:-60}",
            "deploy",
            "MAX=${1:-60}",
            "MAX=${1:-210}",
        ),
    ] {
        let case = pair_with(&deep(outside, limit, call));
        comes_from(&case, (WORKFLOW, before, after));
    }
}

#[test]
fn numbers_of_a_workflow_with_a_deep_script() {
    let script = deep("true", "MAX=$LIMIT", "deploy");
    let inputs = "on:\n  workflow_dispatch:\n    inputs:\n      limit:\n        default: \"60\"\n";
    let matrix = "    strategy:\n      matrix:\n        limit: [60]\n";
    for (text, before, after) in [
        (
            workflow("env:\n  LIMIT: 60\n", "", "", &script),
            "LIMIT: 60",
            "LIMIT: 210",
        ),
        (
            workflow("", "    env:\n      LIMIT: '60'\n", "", &script),
            "LIMIT: '60'",
            "LIMIT: '210'",
        ),
        (
            workflow("", "", "        env:\n          LIMIT: 60\n", &script),
            "LIMIT: 60",
            "LIMIT: 210",
        ),
        (
            workflow(
                inputs,
                "",
                "",
                &deep("true", "MAX=${{ inputs.limit }}", "deploy"),
            ),
            "default: \"60\"",
            "default: \"210\"",
        ),
        (
            workflow(
                "",
                matrix,
                "",
                &deep("true", "MAX=${{ matrix.limit }}", "deploy"),
            ),
            "limit: [60]",
            "limit: [210]",
        ),
    ] {
        comes_from(&project(&text), (WORKFLOW, before, after));
    }
}

#[test]
fn numbers_of_files_that_a_deep_script_is_called_from_or_reads() {
    let path = "ci/deploy.sh";
    let script = format!(
        "#!/bin/bash\n{}\n",
        deep("true", "MAX=${LIMIT:-$1}", "deploy \"$1\"")
    );
    let calls = |run: &str| project(&workflow("", "", "", run)).with(path, &script);
    comes_from(
        &calls("./ci/deploy.sh 60"),
        (WORKFLOW, "./ci/deploy.sh 60", "./ci/deploy.sh 210"),
    );
    let makefile = "LIMIT ?= 60\nready:\n\tbash ci/deploy.sh $(LIMIT)\n";
    comes_from(
        &calls("make ready").with("Makefile", makefile),
        ("Makefile", "LIMIT ?= 60", "LIMIT ?= 210"),
    );
    let recipe = "ready limit=\"60\":\n    bash ci/deploy.sh {{limit}}\n";
    comes_from(
        &calls("just ready").with("justfile", recipe),
        ("justfile", "ready limit=\"60\":", "ready limit=\"210\":"),
    );
    let plain = "ready:\n    bash ci/deploy.sh 60\n";
    comes_from(
        &calls("just ready").with("justfile", plain),
        ("justfile", "bash ci/deploy.sh 60", "bash ci/deploy.sh 210"),
    );
    // What a file that is read in sets is not known: nothing is guessed.
    let reads = deep(". ./wait.env", "MAX=$LIMIT", "deploy");
    let case = project(&workflow("", "", "", &reads)).with("wait.env", "LIMIT=60\n");
    assert_eq!(told(&case), "counter-loop never nothing:");
}

#[test]
fn scripts_and_variables_of_other_systems() {
    let gitlab = |variables: &str, set: &str| {
        let script = counted(set).replace('\n', "\n      ");
        (
            ".gitlab-ci.yml",
            format!("deploy:\n{variables}  script:\n    - cd .\n    - |\n      {script}\n"),
        )
    };
    let circle = |variables: &str, set: &str| {
        let script = counted(set).replace('\n', "\n            ");
        (
            ".circleci/config.yml",
            format!(
                "version: 2.1\njobs:\n  d:\n    machine: true\n{variables}    steps:\n      - checkout\n      - run:\n          name: Deploy\n          command: |\n            {script}\n"
            ),
        )
    };
    let azure = |variables: &str, set: &str| {
        let script = counted(set).replace('\n', "\n      ");
        (
            "azure-pipelines.yml",
            format!("{variables}steps:\n  - bash: |\n      {script}\n"),
        )
    };
    let bitbucket = |set: &str| {
        let script = counted(set).replace('\n', "\n            ");
        (
            "bitbucket-pipelines.yml",
            format!(
                "pipelines:\n  default:\n    - step:\n        script:\n          - |\n            {script}\n"
            ),
        )
    };
    let set = ("MAX=60", "MAX=210");
    for ((path, text), (before, after)) in [
        (gitlab("", "MAX=60"), set),
        (
            gitlab("  variables:\n    MAX: \"60\"\n", "true"),
            ("MAX: \"60\"", "MAX: \"210\""),
        ),
        (circle("", "MAX=60"), set),
        (
            circle("    environment:\n      MAX: 60\n", "true"),
            ("MAX: 60", "MAX: 210"),
        ),
        (azure("", "MAX=60"), set),
        (
            azure("variables:\n  MAX: 60\n", "true"),
            ("MAX: 60", "MAX: 210"),
        ),
        (bitbucket("MAX=60"), set),
    ] {
        let case = Case::of([("compose.yml", PAIR), (path, &text)]);
        comes_from(&case, (path, before, after));
    }
}
