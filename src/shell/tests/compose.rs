//! `docker compose` calls.

use super::{bash, seconds};
use crate::shell::{Argument, ComposeCommand, Form};

fn one(script: &str) -> ComposeCommand {
    let read = bash(script);
    let commands: Vec<_> = read.reading.compose_commands().cloned().collect();
    assert_eq!(commands.len(), 1, "{script}: {commands:?}");
    commands[0].clone()
}

fn texts(arguments: &[Argument]) -> Vec<&str> {
    arguments
        .iter()
        .map(|a| a.text.as_deref().unwrap_or("?"))
        .collect()
}

#[test]
fn options_are_read() {
    let up = one(
        "docker compose -f a.yml --file=b.yml -fc.yml --env-file .env --profile x -p name --project-directory ../p --progress plain up -d --wait --wait-timeout 90 --no-deps --scale web=2 web db",
    );
    assert_eq!(texts(&up.files), ["a.yml", "b.yml", "c.yml"]);
    assert_eq!(texts(&up.env_files), [".env"]);
    assert_eq!(texts(&up.profiles), ["x"]);
    assert_eq!(up.project_name.unwrap().text.as_deref(), Some("name"));
    assert_eq!(up.project_directory.unwrap().text.as_deref(), Some("../p"));
    assert!(up.detach && up.wait && up.no_deps && !up.unclear);
    assert_eq!(up.wait_timeout.unwrap().limit, seconds(90));
    assert_eq!(texts(&up.services), ["web", "db"]);
    let exec = one("docker-compose exec -T -e A=b db pg_isready -U me");
    assert_eq!(exec.subcommand, "exec");
    assert_eq!(
        (texts(&exec.services), texts(&exec.inner)),
        (vec!["db"], vec!["pg_isready", "-U", "me"])
    );
    let logs = one("docker compose logs -f --tail 10 web");
    assert_eq!(texts(&logs.services), ["web"]);
    assert!(one("docker compose up -Vd").detach);
}

#[test]
fn it_is_found_wherever_it_stands() {
    for script in [
        "sudo -E docker compose up -d",
        "sudo A=b docker compose up -d",
        "env X=y docker compose up -d",
        "X=y docker compose up -d",
        "if docker compose up -d; then echo; fi",
        "OUT=$(docker compose up -d 2>&1)",
        "OUT=`docker compose up -d`",
        "echo \"$(docker compose up -d)\"",
        "docker compose up -d | tee log",
        "nohup docker compose up -d > log 2>&1",
        "! docker compose up -d",
        "{ docker compose up -d; }",
        "( docker compose up -d )",
        "docker \\\n  compose \\\n  up -d",
        "/usr/bin/docker compose up -d",
        "docker --context prod compose up -d",
        "eval \"docker compose up -d\"",
        "f() { docker compose \"$@\"; }; f up -d",
        "f() { docker compose up -d; }",
        "cat <(docker compose up -d)",
        "while read -r x; do docker compose up -d; done < <(ls)",
        "case $1 in up) docker compose up -d ;; esac",
        "cat << EOF\n$(docker compose up -d)\nEOF",
        "for f in a; do docker compose up -d; done",
        "time docker compose up -d",
        "[[ -f x && ! -d y ]] && docker compose up -d",
        "trap 'x' EXIT\ndocker compose up -d # docker compose down",
        "echo 'docker compose down'; docker compose up -d",
    ] {
        let command = one(script);
        assert_eq!(command.subcommand, "up", "{script}");
        assert!(command.detach, "{script}");
    }
}

#[test]
fn commands_in_variables_and_arrays_keep_their_places() {
    let script = "COMPOSE=\"docker compose -f a.yml -f b.yml\"\n$COMPOSE up -d";
    let read = bash(script);
    let up = read.reading.compose_commands().next().unwrap();
    let spans: Vec<_> = up.files.iter().map(|f| read.sources.text(f.span)).collect();
    assert_eq!(spans, ["a.yml", "b.yml"]);
    assert_eq!(read.sources.text(up.span), "$COMPOSE up -d");
    let array = one("C=(docker compose -f \"my file.yml\")\nC+=(-f b.yml)\n\"${C[@]}\" up -d");
    assert_eq!(texts(&array.files), ["my file.yml", "b.yml"]);
    let files = one("F='-f a.yml'\nF=\"$F -f b.yml\"\ndocker compose $F up");
    assert_eq!(texts(&files.files), ["a.yml", "b.yml"]);
    let unknown = one("docker compose -f $FILE $OPTIONS up");
    assert_eq!(texts(&unknown.files), ["?"]);
    assert!(unknown.unclear);
    let set = one("export COMPOSE_FILE=a.yml:b.yml\nCOMPOSE_PROFILES=p docker compose up");
    assert_eq!(
        set.compose_file.unwrap().text.as_deref(),
        Some("a.yml:b.yml")
    );
    assert_eq!(set.compose_profiles.unwrap().text.as_deref(), Some("p"));
}

#[test]
fn surroundings_are_told() {
    assert!(one("docker compose up &").setting.background);
    assert!(one("docker compose up -d || true").setting.tolerated);
    assert!(one("docker compose up -d || echo oh").setting.tolerated);
    assert!(
        one("docker compose up -d && echo ok || :")
            .setting
            .tolerated
    );
    assert!(!one("docker compose up -d || exit 1").setting.tolerated);
    assert!(
        !one("docker compose up -d || { echo; exit 1; }")
            .setting
            .tolerated
    );
    assert!(
        one("if docker compose up -d; then :; fi")
            .setting
            .in_condition
    );
    assert!(
        one("until docker compose up -d; do sleep 1; done")
            .setting
            .in_loop
    );
    assert!(
        one("timeout 60 docker compose up -d")
            .setting
            .timeout
            .is_some()
    );
    assert!(one("ssh h docker compose up -d").setting.remote);
}

#[test]
fn up_can_wait_by_itself() {
    let read = bash("set -e\nT=90\ndocker compose up -d --wait --wait-timeout \"$T\" web");
    let wait = read.wait();
    assert_eq!(wait.form, Form::ComposeWait);
    assert_eq!(read.line(wait), "compose-wait 90 [90] T=90->180 fails");
    assert_eq!(texts(&wait.watches.compose[0].services), ["web"]);
    super::check("docker compose up --wait", "compose-wait none []");
    super::check(
        "timeout 60 docker compose up --wait",
        "compose-wait none []",
    );
    super::check(
        "docker compose up --wait --wait-timeout=$X",
        "compose-wait none []",
    );
}
