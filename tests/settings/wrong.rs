//! What is wrong with it, and what is advised.

use super::keys::read;
use upbeat::settings::Problem;

/// Everything that is wrong: line, column, message and help.
fn wrong(text: &str) -> Vec<(usize, usize, String, String)> {
    let (store, settings) = read(text);
    let problems = settings.expect_err(text);
    let place = |problem: &Problem| store.sources().start(problem.span);
    problems
        .iter()
        .map(|p| {
            (
                place(p).line,
                place(p).column,
                p.message.clone(),
                p.help.clone(),
            )
        })
        .collect()
}

/// What is wrong in one way, where, what is said of it, and what is advised.
const WRONG: [(&str, usize, usize, &str, &str); 37] = [
    (
        "enginee: 28",
        1,
        1,
        "`enginee` is no key of settings",
        "write `engine`",
    ),
    (
        "zzz: 28",
        1,
        1,
        "`zzz` is no key",
        "the keys are engine, budget, margin, stacks, startup, slow_step, rules, exclude",
    ),
    ("engine: 99", 1, 9, "99", "such as 28"),
    (
        "engine: [28]",
        1,
        9,
        "an engine's version is wanted here, not a list",
        "28",
    ),
    (
        "engine:",
        1,
        8,
        "an engine's version is wanted here, not nothing",
        "28",
    ),
    (
        "startup: {a: {step: {b: 1s}}}",
        1,
        15,
        "`step` is no key of the startup of `a`",
        "write `steps`",
    ),
    (
        "startup: {a: {steps: {b: 1}}}",
        1,
        26,
        "`1` has no unit",
        "in order",
    ),
    (
        "startup: {a: {}}",
        1,
        14,
        "the startup of `a` has no steps",
        "{database: 60s, migrations: 75s}",
    ),
    ("slow_step: 90", 1, 12, "`90` has no unit", "such as 90s"),
    ("budget: most", 1, 9, "`most` is no budget", "planned"),
    ("margin: 0.9", 1, 9, "`0.9` is no margin", "1.1"),
    ("margin: much", 1, 9, "`much` is no margin", "1.1"),
    ("margin: nan", 1, 9, "`nan` is no margin", "1.1"),
    (
        "stacks: [a]",
        1,
        9,
        "a map of stacks is wanted here, not a list",
        "files",
    ),
    (
        "stacks:\n  a: {}",
        2,
        3,
        "the stack `a` has no files",
        "files:",
    ),
    (
        "stacks:\n  a: {files: []}",
        2,
        3,
        "the stack `a` has no files",
        "files:",
    ),
    (
        "stacks:\n  a: {files: compose.yml}",
        2,
        14,
        "a list of files is wanted here, not a single value",
        "[compose.yml",
    ),
    (
        "stacks:\n  a: {file: [compose.yml]}",
        2,
        7,
        "`file` is no key of the stack `a`",
        "write `files`",
    ),
    (
        "stacks:\n  a: {files: [compose.yml, compose.prd.yml]}",
        2,
        28,
        "there is no file `compose.prd.yml`",
        "write `compose.p",
    ),
    (
        "stacks:\n  a:\n    files: [compose.yml]\n    env_files: [deploy/prd.env]",
        4,
        17,
        "there is no file `deploy/prd.env`",
        "write `deploy/prod.env`",
    ),
    (
        "stacks:\n  a: {files: [../x.yml]}",
        2,
        15,
        "`../x.yml` lies outside the project",
        "--allow-outside",
    ),
    (
        "stacks:\n  a: {files: [/etc/passwd]}",
        2,
        15,
        "`/etc/passwd` lies outside the project",
        "--allow-outside",
    ),
    (
        "stacks:\n  a: {files: [[x]]}",
        2,
        15,
        "a text is wanted here, not a list",
        "list",
    ),
    (
        "startup:\n  a: 90",
        2,
        6,
        "`90` has no unit: write `90s`",
        "180s",
    ),
    ("startup:\n  a: -5s", 2, 6, "`-5s` is negative", "180s"),
    (
        "startup:\n  a: {logs: x}",
        2,
        7,
        "`logs` is no key of the startup of `a`",
        "the keys are steps",
    ),
    (
        "rules:\n  compose-eror: off",
        2,
        3,
        "there is no rule `compose-eror`",
        "write `compose-error`",
    ),
    (
        "rules:\n  x: off",
        2,
        3,
        "there is no rule `x`",
        "the rules are allowance-below-dependency",
    ),
    (
        "rules:\n  compose-error: warnin",
        2,
        18,
        "`warnin` is no severity",
        "write `warning`",
    ),
    (
        "rules: off",
        1,
        8,
        "a map of rules is wanted here, not a single value",
        "off",
    ),
    (
        "exclude: legacy",
        1,
        10,
        "a list of globs is wanted here, not a single value",
        ".gitignore",
    ),
    (
        "exclude: [ok, 'a{b']",
        1,
        15,
        "`a{b` is no glob",
        ".gitignore",
    ),
    (
        "- a",
        1,
        1,
        "a map is wanted here, not a list",
        "the keys are",
    ),
    (
        "engine: 28\nengine: 27",
        2,
        1,
        "stands here a second time",
        "mend",
    ),
    ("engine: [", 1, 10, "no YAML", "--no-config"),
    (
        "{}\n---\nengine: 28",
        3,
        1,
        "several documents",
        "one document",
    ),
    ("? [a]\n: b", 1, 3, "a key is a single word", "keys"),
];

#[test]
fn what_is_wrong_is_told_with_its_place_and_what_was_meant() {
    for (text, line, column, message, help) in WRONG {
        let found = wrong(text);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        let (at_line, at_column, said, advice) = &found[0];
        assert_eq!((*at_line, *at_column), (line, column), "{text}: {said}");
        assert!(
            said.contains(message) && advice.contains(help),
            "{text}: {said} / {advice}"
        );
        assert!(!said.contains("refuses"), "{said}");
    }
}

#[test]
fn all_that_is_wrong_is_told_at_once() {
    let text = "engin: 28\nbudget: x\nstacks: {a: {files: [no.yml], more: 1}}\nstartup: {a: 1, b: 2}\nrules: {y: off, compose-error: z}\n";
    let lines: Vec<usize> = wrong(text).iter().map(|problem| problem.0).collect();
    assert_eq!(lines, [1, 2, 3, 3, 4, 4, 5, 5]);
}
