//! Scripts in scripts: heredocs, `ssh`, `bash -c`.

use super::{Read, bash, check, seconds};
use crate::shell::{Cwd, Event, Form, KnobUnit};

/// The body of a deployment, with `$` as the remote shell is to see it.
const DEPLOY: &str = "\
set -e
cd /home/deploy/app-staging
docker compose -f docker-compose.yml -f compose.staging.yml up -d
sleep 3
MAX_WAIT=120
ELAPSED=0
CHECK_INTERVAL=5
while [ $ELAPSED -lt $MAX_WAIT ]; do
  UNHEALTHY=$(docker compose -f docker-compose.yml -f compose.staging.yml ps --format json | grep -c unhealthy || true)
  if [ \"$STARTING\" -eq 0 ]; then echo ok; exit 0; fi
  sleep $CHECK_INTERVAL
  ELAPSED=$((ELAPSED + CHECK_INTERVAL))
done
exit 1
";

fn indented(by: &str, text: &str) -> String {
    let lines: Vec<_> = text.lines().map(|line| format!("{by}{line}\n")).collect();
    lines.concat()
}

#[track_caller]
fn check_deploy(read: &Read, remote: bool) {
    assert_eq!(
        read.summary(),
        [
            "compose up",
            "sleep 3 [3] 3->6",
            "counter-loop 120 [120] MAX_WAIT=120->240 fails",
            "compose ps"
        ]
    );
    let commands: Vec<_> = read.reading.compose_commands().collect();
    for command in &commands {
        let files: Vec<_> = command
            .files
            .iter()
            .map(|f| read.sources.text(f.span))
            .collect();
        assert_eq!(files, ["docker-compose.yml", "compose.staging.yml"]);
        assert_eq!(
            command.cwd,
            Cwd::Absolute("/home/deploy/app-staging".into())
        );
        assert_eq!(command.setting.remote, remote);
    }
    assert!(commands[0].detach && !commands[0].setting.in_loop);
    assert!(commands[1].setting.in_loop && commands[1].setting.tolerated);
    let text = read.sources.text(commands[0].span);
    assert_eq!(
        text,
        "docker compose -f docker-compose.yml -f compose.staging.yml up -d"
    );
    let wait = read.reading.waits().nth(1).unwrap();
    assert_eq!(wait.watches.compose.len(), 1);
    let text = read.sources.text(wait.span);
    assert!(
        text.starts_with("while [ ") && text.ends_with("done"),
        "{text}"
    );
    let knob = wait.knob.as_ref().unwrap();
    assert_eq!(knob.set(seconds(490).unwrap()).as_deref(), Some("490"));
    assert!(matches!(knob.unit, KnobUnit::Time { base: 0, .. }));
}

#[test]
fn the_deployment_is_read_in_every_quoting() {
    check_deploy(&bash(DEPLOY), false);
    let escaped = DEPLOY.replace('$', "\\$");
    check_deploy(
        &bash(&format!(
            "ssh deploy@host << EOF\n{}EOF\n",
            indented("  ", &escaped)
        )),
        true,
    );
    for delimiter in ["'EOF'", "\"EOF\"", "\\EOF"] {
        check_deploy(
            &bash(&format!(
                "ssh deploy@host << {delimiter}\n{}EOF\n",
                indented("  ", DEPLOY)
            )),
            true,
        );
    }
    let tabbed = indented("\t\t", &escaped);
    check_deploy(
        &bash(&format!(
            "ssh -o A=b -p 22 deploy@host <<-EOF\n{tabbed}\tEOF\n"
        )),
        true,
    );
    check_deploy(
        &bash(&format!(
            "ssh -T deploy@host 'bash -s' << 'EOF'\n{DEPLOY}EOF\n"
        )),
        true,
    );
    check_deploy(
        &bash(&format!("ssh deploy@host bash -se <<'EOF'\n{DEPLOY}EOF\n")),
        true,
    );
    check_deploy(&bash(&format!("sudo bash << 'EOF'\n{DEPLOY}EOF\n")), false);
    check_deploy(&bash(&format!("ssh deploy@host '\n{DEPLOY}'")), true);
    let quoted = escaped.replace('"', "\\\"");
    check_deploy(&bash(&format!("ssh deploy@host \"\n{quoted}\"")), true);
    check_deploy(&bash(&format!("bash -c '{DEPLOY}'")), false);
    check_deploy(&bash(&DEPLOY.replace('\n', "\r\n")), false);
    let dos = format!("ssh deploy@host << 'EOF'\n{DEPLOY}EOF\n").replace('\n', "\r\n");
    check_deploy(&bash(&dos), true);
}

#[test]
fn a_heredoc_may_come_through_a_pipe() {
    let script = format!("cat << 'EOF' | ssh deploy@host bash -s\n{DEPLOY}EOF\n");
    check_deploy(&bash(&script), true);
}

#[test]
fn bare_variables_in_an_open_heredoc_are_the_local_ones() {
    let script = "MAX=90\nssh host << EOF\nE=0\nwhile [ \\$E -lt $MAX ]; do sleep 3; E=\\$((E+3)); done\nEOF";
    check(script, "counter-loop 90 [90] 90->180");
    let closed = script.replace("<< EOF", "<< 'EOF'").replace('\\', "");
    assert_eq!(bash(&closed).wait().budget, None);
    // The remote shell sets it, but the local one has filled in its own by then.
    let mixed = bash(
        "ssh host << EOF\nMAX=50\nE=0\nwhile [ \\$E -lt $MAX ]; do sleep 5; E=\\$((E+5)); done\nEOF",
    );
    assert_eq!(mixed.wait().budget, None);
}

#[test]
fn timeouts_limit_whatever_stands_in_them() {
    check(
        "timeout 60 bash -c 'until curl -fs localhost; do sleep 2; done'",
        "timeout-command 60 [60] 60->120",
    );
    check(
        "set -e\ntimeout -k 5 2m bash -c \"until docker compose exec db pg_isready; do sleep 2; done\"",
        "timeout-command 120 [2m] 2m->4m fails",
    );
    check(
        "T=90; timeout --foreground ${T}s sh -c 'while ! nc -z db 5432; do sleep 1; done'",
        "timeout-command 90 [90 s] T=90->180",
    );
    check(
        "timeout 90s sh -c 'docker compose logs -f | grep -q ready' || exit 1",
        "timeout-command 90 [90s] 90s->180s fails",
    );
    check(
        "if ! timeout 30 bash -c 'until ready; do sleep 1; done'; then exit 1; fi",
        "timeout-command 30 [30] 30->60 fails",
    );
    check(
        "for i in 1 2 3; do timeout 10 docker compose exec db pg_isready && break; sleep 5; done",
        "for-loop 45 [10 5]",
    );
    let read = bash("timeout 300 docker compose up -d");
    let commands: Vec<_> = read.reading.compose_commands().collect();
    let timeout = commands[0].setting.timeout.as_ref().unwrap();
    assert_eq!(timeout.limit, seconds(300));
    assert_eq!(read.reading.waits().count(), 0);
}

#[test]
fn commands_in_containers_are_followed() {
    check(
        "docker compose exec -T app sh -c 'for i in 1 2 3; do sleep 2; done'",
        "for-loop 6 [2]",
    );
    check(
        "docker exec web bash -c \"until ready; do sleep 2; done\"",
        "open-loop none []",
    );
}

#[test]
fn folders_are_followed() {
    let cwds = |script: &str| -> Vec<Cwd> {
        bash(script)
            .reading
            .compose_commands()
            .map(|c| c.cwd.clone())
            .collect()
    };
    let relative = |s: &str| Cwd::Relative(s.into());
    assert_eq!(cwds("docker compose up"), [Cwd::Start]);
    assert_eq!(
        cwds("cd deploy && docker compose up\ncd ../other\ndocker compose up"),
        [relative("deploy"), relative("other")]
    );
    assert_eq!(
        cwds("(cd a; docker compose up); docker compose up; cd ..; docker compose up"),
        [relative("a"), Cwd::Start, relative("..")]
    );
    assert_eq!(cwds("cd $HOME/app; docker compose up"), [Cwd::Unknown]);
    assert_eq!(cwds("cd ~/app; docker compose up"), [Cwd::Unknown]);
    assert_eq!(
        cwds("ssh h 'docker compose up; cd /srv/a/; docker compose up'"),
        [Cwd::Unknown, Cwd::Absolute("/srv/a".into())]
    );
    assert_eq!(
        cwds("if x; then cd a; else cd b; fi; docker compose up"),
        [Cwd::Unknown]
    );
}

#[test]
fn expressions_are_masked_and_known_where_they_are_given() {
    let script = "ssh h << EOF\nT=${{ inputs.wait || '60' }}\nE=0; while [ \\$E -lt \\$T ]; do sleep 5; E=\\$((E+5)); done\nEOF\necho ${{ a }}${{ b";
    assert_eq!(bash(script).wait().budget, None);
    let mut environment = super::Environment::new();
    environment.set_expression("inputs.wait || '60'", crate::shell::Given::new("60", None));
    let read = super::read_with(script, &environment, super::Dialect::Bash);
    assert_eq!(read.wait().budget, seconds(60));
}

#[test]
fn script_files_are_named_with_what_they_get() {
    let read = bash(
        "export LIMIT=30\n./ci/wait.sh 60 \"$X\" &&\nbash -e scripts/x.sh\n. ./env.sh\nsudo make up V=1\nssh h ./remote.sh",
    );
    assert_eq!(
        read.summary(),
        [
            "call wait.sh ./ci/wait.sh",
            "call bash scripts/x.sh",
            "call . ./env.sh",
            "call make make",
            "call ssh-side ./remote.sh",
        ]
        .map(|s| s.replace("ssh-side", "remote.sh"))
    );
    let call = read.reading.calls().next().unwrap();
    let text =
        "n=0; while [ $n -lt $1 ]; do sleep 2; n=$((n+2)); [ $n -lt $LIMIT ] || exit 1; done";
    let script = super::Mapped::verbatim(call.span.file, text, 0);
    let reading = super::read(&script, &call.environment, super::Dialect::Bash);
    let wait = reading.waits().next().unwrap();
    assert_eq!((wait.form, wait.budget), (Form::CounterLoop, seconds(30)));
    assert!(matches!(read.reading.events.last(), Some(Event::Call(call)) if call.setting.remote));
}

#[test]
fn places_lead_through_every_layer_to_the_file() {
    let escaped = DEPLOY.replace('$', "\\$");
    let script = format!("ssh deploy@host << EOF\n{}EOF\n", indented("  ", &escaped));
    let file_text = format!("run: |\n{}", indented("          ", &script));
    let mut sources = crate::source::Sources::default();
    let file = sources.add("deploy.yml", &*file_text);
    let mut builder = crate::source::MappedBuilder::new(file);
    let mut at = "run: |\n".len();
    for line in script.split_inclusive('\n') {
        at += 10;
        builder.push_verbatim(line, at);
        at += line.len();
    }
    let reading = super::read(
        &builder.finish(),
        &super::Environment::new(),
        super::Dialect::Bash,
    );
    let wait = reading.waits().nth(1).unwrap();
    let knob = wait.knob.as_ref().unwrap();
    assert_eq!(sources.start(knob.literal.span).line, 7);
    assert_eq!(sources.text(knob.literal.span), "120");
    assert_eq!(sources.start(wait.span).line, 10);
    assert_eq!(sources.end(wait.span).line, 15);
    let up = reading.compose_commands().next().unwrap();
    assert_eq!(sources.start(up.span).line, 5);
    assert_eq!(sources.text(up.files[1].span), "compose.staging.yml");
}
