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
pub const WRONG: [(&str, usize, usize, &str, &str); 60] = [
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
        "the keys are engine, budget, margin, stacks, startup, rules, overrides, exclude, baseline",
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
        "the startup of `a` has no steps and no logs",
        "{steps: {migrations: 75s}}",
    ),
    (
        "rules: {slow-startup-step: {limit: 90}}",
        1,
        36,
        "`90` has no unit",
        "such as 90s",
    ),
    (
        "rules: {sleep-instead-of-wait: {least: now}}",
        1,
        40,
        "now",
        "such as 5s",
    ),
    (
        "rules: {slow-startup-step: {limits: 90s}}",
        1,
        29,
        "`limits` is no key of the rule `slow-startup-step`",
        "write `limit`",
    ),
    (
        "rules: {compose-error: {limit: 90s}}",
        1,
        25,
        "`limit` is no key of the rule `compose-error`",
        "the keys are severity",
    ),
    (
        "rules: {compose-error: {severity: eror}}",
        1,
        35,
        "`eror` is no severity",
        "write `error`",
    ),
    (
        "rules: {compose-error: {}}",
        1,
        24,
        "nothing is said to the rule `compose-error`",
        "the keys are severity",
    ),
    (
        "rules: {start-period-far-above-startup: {times: 0.5}}",
        1,
        49,
        "`0.5` is no number from 1 on",
        "such as 3",
    ),
    (
        "rules: {start-period-far-above-startup: {times: inf}}",
        1,
        49,
        "`inf` is no number from 1 on",
        "such as 3",
    ),
    (
        "rules: {start-period-far-above-startup: {starts: 2.5}}",
        1,
        50,
        "`2.5` is no whole number from 1 on",
        "such as 5",
    ),
    (
        "overrides: {paths: [x]}",
        1,
        12,
        "a list of overrides is wanted here, not a map",
        "- paths: [legacy/]",
    ),
    (
        "overrides: [{path: [x], rules: {compose-error: off}}]",
        1,
        14,
        "`path` is no key of an override",
        "write `paths`",
    ),
    (
        "overrides:\n  - rules: {compose-error: off}",
        2,
        5,
        "this override is for no paths and no services",
        "`rules` beside `overrides`",
    ),
    (
        "overrides: [{paths: [], rules: {compose-error: off}}]",
        1,
        13,
        "this override is for no paths and no services",
        "`rules` beside `overrides`",
    ),
    (
        "overrides: [{services: [db]}]",
        1,
        13,
        "this override says nothing of any rule",
        "write `rules:`",
    ),
    (
        "overrides: [{paths: ['a{b'], rules: {compose-error: off}}]",
        1,
        22,
        "`a{b` is no glob",
        ".gitignore",
    ),
    (
        "overrides: [{services: [db], rules: {compose-eror: off}}]",
        1,
        38,
        "there is no rule `compose-eror`",
        "write `compose-error`",
    ),
    (
        "overrides: [{services: [db], rules: {compose-error: {severity: off}}}]",
        1,
        53,
        "a severity is wanted here, not a map",
        "off, error, warning or info",
    ),
    (
        "overrides: [off]",
        1,
        13,
        "a map is wanted here, not a single value",
        "the keys are paths, services, rules",
    ),
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
        13,
        "a list of logs is wanted here, not a single value",
        "[logs/slow-day.log",
    ),
    (
        "startup:\n  a: {logs: []}",
        2,
        6,
        "the startup of `a` has no steps and no logs",
        "{logs: [logs/*.log]}",
    ),
    (
        "startup:\n  a: {logs: [deploy/a.lag]}",
        2,
        14,
        "there is no file `deploy/a.lag`",
        "write `deploy/a.log`",
    ),
    (
        "startup:\n  a: {logs: ['deploy/*.txt']}",
        2,
        14,
        "there is no file `deploy/*.txt`",
        "from the project's root",
    ),
    (
        "startup:\n  a: {logs: ['../*.log']}",
        2,
        14,
        "there is no file `../*.log`",
        "stay inside",
    ),
    (
        "startup:\n  a: {logs: [/var/log/a.log]}",
        2,
        14,
        "`/var/log/a.log` lies outside the project",
        "--allow-outside",
    ),
    (
        "startup:\n  a: {logs: ['a{b']}",
        2,
        14,
        "`a{b` is no glob",
        ".gitignore",
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
