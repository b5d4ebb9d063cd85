//! Paths that a script makes of its own place.

use super::{Dialect, Environment, Read, read_with};
use crate::shell::{ComposeCommand, Cwd, in_project};

/// A script at `deploy/bin/up.sh` of the project, whose repository begins at `deploy`.
fn placed(script: &str) -> Read {
    let mut environment = Environment::new();
    environment.set_script("deploy/bin/up.sh", "deploy");
    read_with(script, &environment, Dialect::Bash)
}

fn command(read: &Read) -> ComposeCommand {
    let commands: Vec<_> = read.reading.compose_commands().cloned().collect();
    assert_eq!(commands.len(), 1, "{commands:?}");
    commands[0].clone()
}

/// The file that the one command names, from the project's root.
fn file(script: &str) -> Option<String> {
    let command = command(&placed(script));
    let text = command.files[0].text.clone()?;
    in_project(&text).map(str::to_owned)
}

#[test]
fn a_script_knows_the_folder_that_it_stands_in() {
    for set in [
        "D=$(dirname \"$0\")",
        "D=\"$(dirname -- \"${BASH_SOURCE[0]}\")\"",
        "D=`dirname $0`",
        "D=$(cd \"$(dirname \"$0\")\" && pwd)",
        "D=\"$( cd -- \"$( dirname -- \"${BASH_SOURCE[0]}\" )\" &> /dev/null && pwd -P )\"",
        "D=$(CDPATH= cd -- \"$(dirname -- \"$0\")\" && pwd)",
        "D=$(cd \"$(dirname \"$BASH_SOURCE\")\"; pwd)",
        "D=$(dirname \"$(readlink -f \"$0\")\")",
        "D=$(dirname $(realpath \"${BASH_SOURCE:-$0}\"))",
        "D=${0%/*}",
        "D=\"${BASH_SOURCE[0]%/*}\"",
        "cd \"$(dirname \"$0\")\"\nD=$PWD",
        "cd \"${BASH_SOURCE%/*}\" || exit\nD=$(pwd)",
    ] {
        let script = format!("{set}\ndocker compose -f \"$D/compose.yml\" up -d");
        let found = file(&script);
        assert_eq!(found.as_deref(), Some("deploy/bin/compose.yml"), "{set}");
    }
}

#[test]
fn paths_go_on_from_there() {
    let up = "D=$(dirname \"$0\")\nROOT=$(cd \"$D/..\" && pwd)\ndocker compose -f $ROOT/a.yml up";
    assert_eq!(file(up).as_deref(), Some("deploy/a.yml"));
    let top = "docker compose -f \"$(git rev-parse --show-toplevel)/b.yml\" up";
    assert_eq!(file(top).as_deref(), Some("deploy/b.yml"));
    let cd = placed("cd \"$(dirname \"$0\")/../..\"\ndocker compose up");
    let Cwd::Absolute(folder) = command(&cd).cwd else {
        panic!("{:?}", command(&cd).cwd)
    };
    assert_eq!(in_project(&folder), Some(""));
    // Above the project nothing is known.
    let cd = placed("cd \"$(dirname \"$0\")/../../..\"\ndocker compose up");
    assert_eq!(command(&cd).cwd, Cwd::Absolute("/".to_owned()));
}

#[test]
fn what_is_not_just_a_path_stays_unknown() {
    for set in [
        "D=$(dirname \"$0\" | tr a b)",
        "D=$(cd \"$(dirname \"$0\")\" || pwd)",
        "D=$(pwd)",
        "D=$(readlink \"$0\")",
        "D=$(cd \"$X\" && pwd)",
        "D=${1%/*}",
        "D=$(git describe)",
        "D=$(bash -c 'dirname $0')",
    ] {
        let read = placed(&format!("{set}\ndocker compose -f \"$D/compose.yml\" up"));
        assert_eq!(command(&read).files[0].text, None, "{set}");
    }
    // What is printed by way of a container is still seen to look at it.
    let read = placed("D=$(cd \"$(docker compose ps -q db)\" && pwd)");
    assert_eq!(read.summary(), ["compose ps"]);
}

#[test]
fn a_folder_that_is_given_is_where_the_script_starts() {
    let mut environment = Environment::new();
    environment.set_folder("app");
    let read = read_with(
        "docker compose -f $PWD/a.yml -f \"$(pwd)\"/b.yml up",
        &environment,
        Dialect::Sh,
    );
    let texts = command(&read).files.into_iter().map(|file| file.text);
    let texts: Vec<_> = texts.flatten().collect();
    let inside: Vec<_> = texts.iter().filter_map(|text| in_project(text)).collect();
    assert_eq!(inside, ["app/a.yml", "app/b.yml"]);
}

#[test]
fn options_that_are_not_known_may_name_more_files() {
    let more = |script: &str| command(&placed(script)).more_options;
    assert!(!more("docker compose -f a.yml up"));
    // Nothing in sight sets it: it is empty.
    let set_nowhere = command(&placed("docker compose $ARGS up"));
    assert!(!set_nowhere.more_options && set_nowhere.empty_options);
    assert!(more("if x; then A='-f b.yml'; fi\ndocker compose $A up"));
    assert!(more("docker compose $1 up"));
    assert!(more(". ./lib.sh\ndocker compose $ARGS up"));
    assert!(!more("docker compose -f a.yml up $SERVICES"));
}

#[test]
fn which_name_compose_has_makes_no_difference() {
    let files = |script: &str| {
        let read = placed(script);
        let up = read
            .reading
            .compose_commands()
            .find(|c| c.subcommand == "up")
            .cloned();
        let files = up.map(|up| up.files).unwrap_or_default();
        files
            .into_iter()
            .filter_map(|file| file.text)
            .collect::<Vec<_>>()
    };
    for found in [
        "if docker compose version; then DC='docker compose'; else DC=docker-compose; fi",
        "DC='docker compose'\nif ! $DC version; then DC='docker-compose'; fi",
    ] {
        let script = format!("{found}\n$DC -f a.yml up -d");
        let expected: &[&str] = if found.contains("DC%") {
            &[]
        } else {
            &["a.yml"]
        };
        assert_eq!(files(&script), expected, "{found}");
    }
    assert!(
        files(
            "if a; then DC='docker compose -f a.yml'; else DC='docker compose -f b.yml'; fi\n$DC up"
        )
        .is_empty()
    );
}
