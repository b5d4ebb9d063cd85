//! The stacks that scripts, Makefiles and justfiles start.

use super::case::*;
use upbeat::finding::Severity;

/// Each stack: its name, its files, its profiles and why.
fn stacks(case: &Case) -> Vec<(String, String, String, String)> {
    let project = case.check().project;
    let sources = project.store.sources();
    let of = |stack: &upbeat::project::Stack| {
        let files = &stack.files;
        let why = files.reason.words(sources);
        let lists = (files.files.join(" "), files.profiles.join(" "));
        (files.name.clone(), lists.0, lists.1, why)
    };
    project.stacks.iter().map(of).collect()
}

/// Name, files, profiles and reason as borrowed texts.
fn row(row: &(String, String, String, String)) -> (&str, &str, &str, &str) {
    (&row.0, &row.1, &row.2, &row.3)
}

#[track_caller]
fn are(case: &Case, expected: &[(&str, &str, &str, &str)]) {
    let found = stacks(case);
    let found: Vec<_> = found.iter().map(row).collect();
    assert_eq!(found, expected);
}

/// The lists of files alone.
fn files(case: &Case) -> Vec<String> {
    stacks(case)
        .into_iter()
        .map(|(_, files, _, _)| files)
        .collect()
}

const OVER: &str = "services:\n  app:\n    healthcheck: {start_period: 5s}\n";

#[test]
fn a_script_names_the_files_of_a_stack() {
    let case = Case::of([
        ("compose.yml", APP),
        ("compose.prod.yml", OVER),
        ("compose.dev.yml", OVER),
        (
            "scripts/deploy.sh",
            "#!/bin/sh\nset -e\ndocker compose -f compose.yml -f compose.prod.yml pull\ndocker compose -f compose.yml \\\n  -f compose.prod.yml up -d\n",
        ),
    ]);
    are(
        &case,
        &[
            (
                "prod",
                "compose.yml compose.prod.yml",
                "",
                "scripts/deploy.sh:4: docker compose -f compose.yml \\ -f compose.prod.yml up -d",
            ),
            (
                "dev",
                "compose.yml compose.dev.yml",
                "",
                "an overlay that no command uses, laid over the file beside it",
            ),
        ],
    );
}

#[test]
fn other_commands_of_a_script_name_none() {
    let script = |command: &str| {
        Case::of([
            ("compose.yml", APP),
            ("compose.prod.yml", OVER),
            (
                "x.sh",
                &format!("docker compose -f compose.prod.yml -f compose.yml {command}\n"),
            ),
        ])
    };
    for command in [
        "config",
        "ps",
        "logs -f",
        "down -v",
        "build",
        "pull",
        "exec app sh",
    ] {
        let found = files(&script(command));
        assert_eq!(
            found,
            ["compose.yml compose.prod.yml", "compose.yml"],
            "{command}"
        );
    }
    for command in ["up", "run --rm app sh", "create", "start"] {
        let found = files(&script(command));
        assert_eq!(found, ["compose.prod.yml compose.yml"], "{command}");
    }
}

#[test]
fn the_folder_of_a_script_is_the_one_that_has_all_its_files() {
    let in_folder = |script: &str, text: &str, more: &[&str]| {
        let mut case = Case::of([("deploy/a.yml", APP), ("deploy/b.yml", APP)]).with(script, text);
        for path in more {
            case = case.with(path, APP);
        }
        files(&case)
    };
    let both = ["deploy/a.yml deploy/b.yml"];
    let up = "docker compose -f a.yml -f b.yml up";
    assert_eq!(in_folder("deploy/up.sh", up, &[]), both);
    assert_eq!(in_folder("deploy/bin/tools/up.sh", up, &[]), both);
    // It could be called from either of the two.
    assert_eq!(
        in_folder("deploy/bin/up.sh", up, &["a.yml", "b.yml"]),
        [""; 0]
    );
    // Only one of them has both files.
    assert_eq!(in_folder("deploy/bin/up.sh", up, &["a.yml"]), both);
    assert_eq!(in_folder("other/up.sh", up, &[]), [""; 0]);
    let from_root = "docker compose -f deploy/a.yml -f deploy/b.yml up";
    assert_eq!(in_folder("other/bin/up.sh", from_root, &[]), both);
    // A script that goes to its own place leaves nothing to guess.
    for cd in [
        "cd \"$(dirname \"$0\")/..\"\n",
        "D=\"$(cd \"$(dirname \"${BASH_SOURCE[0]}\")\" && pwd)\"\ncd \"$D/..\"\n",
    ] {
        let text = format!("{cd}{up}");
        assert_eq!(
            in_folder("deploy/bin/up.sh", &text, &["a.yml", "b.yml"]),
            both,
            "{cd}"
        );
    }
    let by_place = "D=$(dirname \"$0\")\ndocker compose -f $D/a.yml -f $D/../deploy/b.yml up";
    assert_eq!(
        in_folder("deploy/up.sh", by_place, &["a.yml", "b.yml"]),
        both
    );
    let down = "cd deploy && docker compose -f a.yml -f b.yml up";
    assert_eq!(in_folder("bin/up.sh", down, &[]), both);
}

#[test]
fn nothing_above_a_repository_of_its_own_is_tried() {
    let up = "docker compose -f compose.test.yml up";
    let case = Case::of([
        ("compose.test.yml", APP),
        ("one/compose.yml", APP),
        ("one/bin/x.sh", up),
    ]);
    assert_eq!(files(&case), ["compose.test.yml", "one/compose.yml"]);
    let why = |case: &Case| stacks(case).remove(0).3;
    assert_eq!(
        why(&case),
        "one/bin/x.sh:1: docker compose -f compose.test.yml up"
    );
    let case = case.with("one/.github/workflows/ci.yml", "jobs: {}\n");
    assert_eq!(
        why(&case),
        "its name is that of a compose file, and no command uses it"
    );
}

#[test]
fn makefiles_hold_their_lists_in_variables() {
    let case = Case::of([
        ("compose.yml", APP),
        ("compose.prod.yml", OVER),
        ("compose.dev.yml", OVER),
        ("sub/compose.ci.yml", APP),
        (
            "Makefile",
            "FILES ?= compose.yml compose.dev.yml\nCOMPOSE = docker compose $(addprefix -f ,$(FILES))\n\n.PHONY: up prod\nup: ## Start\n\t@$(COMPOSE) up -d $(ARGS)\nlogs:\n\t$(COMPOSE) logs\nprod: COMPOSE = docker compose -f compose.yml -f compose.prod.yml\nprod:\n\t$(COMPOSE) up \\\n\t  --detach\nci:\n\tcd sub && docker compose -f compose.ci.yml run ci\n",
        ),
    ]);
    are(
        &case,
        &[
            (
                "dev",
                "compose.yml compose.dev.yml",
                "",
                "Makefile:6: $(COMPOSE) up -d",
            ),
            (
                "prod",
                "compose.yml compose.prod.yml",
                "",
                "Makefile:11: $(COMPOSE) up \\ --detach",
            ),
            (
                "ci",
                "sub/compose.ci.yml",
                "",
                "Makefile:14: docker compose -f compose.ci.yml run ci",
            ),
        ],
    );
}

#[test]
fn makefiles_include_others() {
    let case = Case::of([
        ("compose.yml", APP),
        ("compose.prod.yml", OVER),
        (
            "Makefile",
            "include mk/docker.mk\nFILES = -f compose.yml -f compose.prod.yml\n",
        ),
        ("mk/docker.mk", "up:\n\tdocker compose $(FILES) up\n"),
        (
            "tools/alone.mk",
            "up:\n\tdocker compose -f compose.yml up\nlost:\n\tdocker compose $(FILES) up\n",
        ),
    ]);
    are(
        &case,
        &[
            (
                "prod",
                "compose.yml compose.prod.yml",
                "",
                "mk/docker.mk:2: docker compose $(FILES) up",
            ),
            (
                "default",
                "compose.yml",
                "",
                "tools/alone.mk:2: docker compose -f compose.yml up",
            ),
        ],
    );
}

#[test]
fn justfiles_hold_theirs_in_variables_too() {
    let case = Case::of([
        ("app/compose.yml", APP),
        ("app/compose.prod.yml", OVER),
        (
            "app/justfile",
            "dc := \"docker compose -f compose.yml\"\nover := 'compose.' + env\nenv := env_var_or_default('ENV', 'prod')\n\n# Start it\nup *args:\n    {{dc}} -f {{over}}.yml up -d {{args}}\n",
        ),
    ]);
    are(
        &case,
        &[(
            "prod",
            "app/compose.yml app/compose.prod.yml",
            "",
            "app/justfile:7: {{dc}} -f {{over}}.yml up -d",
        )],
    );
}

#[test]
fn what_is_not_known_makes_no_stack() {
    for script in [
        "docker compose $1 up",
        "docker compose -f \"$FILE\" up",
        "x && A='-f compose.ci.yml' || A=''\ndocker compose -f compose.yml $A up",
        ". ./lib.sh\ndocker compose $FILES up",
        "docker compose -f - up",
    ] {
        let case = Case::of([("compose.yml", APP), ("up.sh", script)]);
        let found = stacks(&case);
        assert_eq!(
            found[0].3, "docker compose reads them by itself",
            "{script}"
        );
        assert_eq!(found.len(), 1, "{script}");
    }
}

#[test]
fn workflows_come_first_and_the_same_list_is_one_stack() {
    let case = pair_with("docker compose -f compose.yml -f compose.ci.yml up -d")
        .with("compose.ci.yml", "services:\n  web: {restart: always}\n")
        .with("ci.sh", "docker compose -f compose.yml -f compose.ci.yml up")
        .with("Makefile", "up:\n\tdocker compose up\nci:\n\tTAG=x docker compose -f ./compose.yml -f compose.ci.yml run web\n");
    are(
        &case,
        &[
            (
                "ci",
                "compose.yml compose.ci.yml",
                "",
                ".github/workflows/d.yml:5: docker compose -f compose.yml -f compose.ci.yml up -d",
            ),
            (
                "default",
                "compose.yml",
                "",
                "Makefile:2: docker compose up",
            ),
        ],
    );
}

#[test]
fn other_profiles_are_another_stack() {
    // Both cannot run at once: they have the same container name.
    let compose = "services:\n  cpu: {image: a, profiles: [cpu], container_name: web}\n  gpu: {image: a, profiles: [gpu], container_name: web}\n";
    let case = Case::of([
        ("compose.yml", compose),
        (
            "Makefile",
            "up:\n\tdocker compose --profile cpu up\ngpu:\n\tdocker compose --profile gpu up\nagain:\n\tCOMPOSE_PROFILES=cpu docker compose up\n",
        ),
    ]);
    are(
        &case,
        &[
            (
                "default",
                "compose.yml",
                "cpu",
                "Makefile:2: docker compose --profile cpu up",
            ),
            (
                "default-2",
                "compose.yml",
                "gpu",
                "Makefile:4: docker compose --profile gpu up",
            ),
        ],
    );
    assert_eq!(case.found(), []);
}

#[test]
fn a_workflows_stack_takes_nothing_from_scripts() {
    let services = PAIR.replace("  web:\n", "  slow:\n    image: s\n    profiles: [slow]\n    healthcheck: {test: x, start_period: 900s}\n  web:\n");
    let wait = "docker compose up -d\nfor i in $(seq 1 100); do docker compose ps && exit 0; sleep 2; done\nexit 1";
    let case = pair_with(wait).map(|path, text| {
        if path == "compose.yml" {
            services.clone()
        } else {
            text.to_owned()
        }
    });
    assert_eq!(case.found(), [], "200 s are enough for 185 s");
    let case = case.with("Makefile", "up:\n\tdocker compose --profile slow up\n");
    assert_eq!(stacks(&case)[0].2, "");
    assert_eq!(case.found(), []);
}

#[test]
fn an_override_still_makes_a_stack_with_a_base_that_stands_in_a_list() {
    let case = Case::of([
        ("compose.yml", APP),
        ("compose.override.yml", OVER),
        ("compose.ci.yml", OVER),
        (
            "ci.sh",
            "docker compose -f compose.yml -f compose.ci.yml up",
        ),
    ]);
    let found = files(&case);
    assert_eq!(
        found,
        [
            "compose.yml compose.ci.yml",
            "compose.yml compose.override.yml"
        ]
    );
    let case = case.with(
        "all.sh",
        "docker compose -f compose.yml -f compose.override.yml up",
    );
    assert_eq!(files(&case).len(), 2);
}

#[test]
fn a_base_that_a_script_runs_alone_may_still_be_mended_elsewhere() {
    // At the desk COMPOSE_FILE may name both.
    let case = Case::of([
        ("compose.yml", "services:\n  app:\n    restart: always\n"),
        ("compose.prod.yml", "services:\n  app: {image: a}\n"),
        ("up.sh", "docker compose up"),
        (
            "prod.sh",
            "docker compose -f compose.yml -f compose.prod.yml up",
        ),
    ]);
    assert_eq!(case.found(), []);
    // A variable that is not set here may name the other one.
    let case = case.with(
        "open.sh",
        "docker compose $ARGS -f compose.yml --profile y up",
    );
    assert_eq!(case.found(), []);
    // What is named file by file is run as it is.
    let case = case.with("base.sh", "docker compose -f compose.yml --profile x up");
    let found = case.found();
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((found[0].0, found[0].1), ("compose-error", Severity::Error));
}

#[test]
fn files_that_a_script_names_and_that_are_not_here_are_told_where_others_are() {
    let case = Case::of([
        ("compose.yml", APP),
        (
            "up.sh",
            "docker compose -f compose.yml -f compose.secret.yml up",
        ),
    ]);
    let checked = case.check();
    assert_eq!(checked.findings.len(), 1);
    let finding = &checked.findings[0];
    assert!(
        finding
            .message
            .contains("`compose.secret.yml` is not in this project"),
        "{}",
        finding.message
    );
    assert_eq!(finding.severity, Severity::Info);
    assert_eq!(place(&checked, finding), ("up.sh".to_owned(), 1));
    let other = Case::of([
        ("compose.yml", APP),
        ("up.sh", "docker compose -f /srv/app/compose.secret.yml up"),
    ]);
    assert_eq!(other.found(), []);
    // With the script's own place before it.
    let placed =
        "docker compose -f \"$(dirname \"$0\")/compose.yml\" -f \"$(dirname \"$0\")/x.yml\" up";
    let checked = Case::of([("a/compose.yml", APP), ("a/up.sh", placed)]).check();
    assert!(
        checked.findings[0].message.contains("`a/x.yml` is not in"),
        "{}",
        checked.findings[0].message
    );
}

#[test]
fn variables_around_a_scripts_command_fill_in_its_files() {
    let compose = APP.replace("20s", "${GRACE}");
    let case = Case::of([
        ("compose.yml", compose.as_str()),
        (
            "Makefile",
            "export GRACE := 8s\nup:\n\tdocker compose up -d\n",
        ),
    ]);
    let found = case.clone().startup("app", 30).found();
    assert_eq!(found.len(), 1);
    // The literal stands in the Makefile.
    assert_eq!((found[0].2.as_str(), found[0].3), ("Makefile", 1));
    assert_eq!(case.found(), []);
}

#[test]
fn scripts_that_cannot_be_read_and_programs_that_say_nothing_are_no_obstacle() {
    let case = Case::of([
        ("compose.yml", APP),
        (
            "bin/up",
            "#!/usr/bin/env bash\ndocker compose -f compose.yml up\n",
        ),
        ("bin/notes", "docker compose -f nothing.yml up\n"),
        ("other.sh", "echo\n"),
    ]);
    let checked = case.check();
    assert!(checked.project.obstacles.is_empty());
    let read: Vec<_> = checked
        .project
        .store
        .sources()
        .iter()
        .map(|(_, file)| file.path())
        .collect();
    assert_eq!(
        read,
        ["bin/up", "compose.yml"],
        "what says nothing of Compose is not kept"
    );
    are(
        &case,
        &[(
            "default",
            "compose.yml",
            "",
            "bin/up:2: docker compose -f compose.yml up",
        )],
    );
}
