//! Every form of a wait, and every place where its number can come from: what is listed, and which literal a fix changes.

use super::case::*;
use upbeat::project::Listed;

/// The budget that a fix aims at, rounded up as lengths are: a tenth more than the 185 s planned for [`PAIR`].
const RAISED: &str = "210";

pub const WORKFLOW: &str = ".github/workflows/d.yml";
const LOOK: &str = "docker compose ps web | grep -q \"(healthy)\"";

/// The only wait that is no sleep: `form budget bound: text@file:line …`.
pub fn told(case: &Case) -> String {
    let checked = case.check();
    let project = &checked.project;
    let mut lines: Vec<String> = project
        .waits
        .iter()
        .map(|wait| line(&checked, wait))
        .collect();
    lines.dedup();
    lines.join("; ")
}

fn line(checked: &upbeat::Checked, wait: &Listed) -> String {
    let sources = checked.project.store.sources();
    let from = wait.from.iter().map(|literal| {
        let place = sources.start(literal.span);
        let path = sources.get(literal.span.file).path();
        let name = path.rsplit('/').next().unwrap_or_default();
        format!(" {}@{name}:{}", literal.text, place.line)
    });
    let budget = wait.budget.map_or("never".to_owned(), |b| b.to_string());
    let from: String = from.collect();
    format!(
        "{} {budget} {}:{from}",
        wait.form.name(),
        wait.bounded_by.name()
    )
}

/// Asserts what is told, and that a fix changes the one line `file: before` to `after`, and nothing else.
#[track_caller]
pub fn is(case: &Case, expected: &str, change: Option<(&str, &str, &str)>) {
    assert_eq!(told(case), expected);
    let made = changes(case);
    let expected = change.map(|(file, before, after)| (file.to_owned(), vec![pair(before, after)]));
    assert_eq!(made, expected.into_iter().collect());
}

/// A loop of turns of 5 s that fails behind `limit`.
pub fn counted(limit: &str) -> String {
    format!(
        "docker compose up -d\n{limit}\nE=0\nuntil {LOOK}; do\n  [ $E -ge $MAX ] && exit 1\n  sleep 5\n  E=$((E + 5))\ndone"
    )
}

/// A workflow with one job of one step, and something more at each of three places.
pub fn workflow(top: &str, job: &str, step: &str, script: &str) -> String {
    let script = script.replace('\n', "\n          ");
    format!("{top}jobs:\n  d:\n{job}    steps:\n      - run: |\n          {script}\n{step}")
}

pub fn project(workflow: &str) -> Case {
    Case::of([("compose.yml", PAIR), (WORKFLOW, workflow)])
}

#[test]
fn every_form_of_a_loop() {
    let up = "docker compose up -d\n";
    let tail = format!("  {LOOK} && exit 0\n  sleep 5\ndone\nexit 1");
    // Turns of 5 s: 203.5 s are 41 of them.
    for (head, from, to, budget) in [
        ("for i in $(seq 10); do", "seq 10", "seq 41", "50"),
        ("for i in $(seq 1 10); do", "seq 1 10", "seq 1 41", "50"),
        ("for i in `seq 10`; do", "seq 10", "seq 41", "50"),
        ("for i in {1..10}; do", "{1..10}", "{1..41}", "50"),
        ("for i in {5..50..5}; do", "{5..50..5}", "{5..205..5}", "50"),
        (
            "for i in $(seq 5 5 50); do",
            "seq 5 5 50",
            "seq 5 5 205",
            "50",
        ),
        ("for ((i=0; i<10; i++)); do", "i<10", "i<41", "50"),
        ("for ((i=1; i<=10; i++)); do", "i<=10", "i<=41", "50"),
    ] {
        let case = pair_with(&format!("{up}{head}\n{tail}"));
        let told = told(&case);
        assert!(
            told.starts_with(&format!("for-loop {budget} itself:")),
            "{head}: {told}"
        );
        let fixed = case.fixed();
        let text = case.text(WORKFLOW).replace(from, to);
        assert_eq!(fixed.text(WORKFLOW), text, "{head}");
    }
    // Words in a row hold no number to raise.
    let words = pair_with(&format!("{up}for i in 1 2 3 4 5; do\n{tail}"));
    is(&words, "for-loop 25 itself: 5@d.yml:8", None);
}

#[test]
fn counters_deadlines_and_countdowns() {
    let up = "docker compose up -d\n";
    let case = pair_with(&counted("MAX=60"));
    is(
        &case,
        "counter-loop 60 itself: 60@d.yml:6",
        Some((WORKFLOW, "MAX=60", "MAX=210")),
    );
    let attempts = format!(
        "{up}N=0\nwhile [ $N -lt 12 ]; do\n  {LOOK} && exit 0\n  sleep 5\n  N=$((N + 1))\ndone\nexit 1"
    );
    is(
        &pair_with(&attempts),
        "counter-loop 60 itself: 12@d.yml:7 5@d.yml:9",
        Some((
            WORKFLOW,
            "while [ $N -lt 12 ]; do",
            "while [ $N -lt 41 ]; do",
        )),
    );
    let countdown = format!(
        "{up}LEFT=60\nwhile (( LEFT > 0 )); do\n  {LOOK} && exit 0\n  sleep 5\n  (( LEFT -= 5 ))\ndone\nexit 1"
    );
    is(
        &pair_with(&countdown),
        "counter-loop 60 itself: 60@d.yml:6",
        Some((WORKFLOW, "LEFT=60", "LEFT=210")),
    );
    let seconds = format!(
        "{up}END=$((SECONDS + 60))\nuntil {LOOK}; do\n  [[ $SECONDS -ge $END ]] && exit 1\n  sleep 2\ndone"
    );
    is(
        &pair_with(&seconds),
        "deadline-loop 60 itself: 60@d.yml:6",
        Some((WORKFLOW, "END=$((SECONDS + 60))", "END=$((SECONDS + 210))")),
    );
    // Seconds of the day: up to a deadline, and since a beginning.
    for (set, test, raised) in [
        (
            "END=$(( $(date +%s) + 60 ))",
            "$(date +%s) -ge $END",
            "END=$(( $(date +%s) + 210 ))",
        ),
        (
            "LIMIT=60; BEGIN=$(date +%s)",
            "$(($(date +%s) - BEGIN)) -ge $LIMIT",
            "LIMIT=210; BEGIN=$(date +%s)",
        ),
    ] {
        is(
            &pair_with(&format!(
                "{up}{set}\nuntil {LOOK}; do\n  [ {test} ] && exit 1\n  sleep 2\ndone"
            )),
            "deadline-loop 60 itself: 60@d.yml:6",
            Some((WORKFLOW, set, raised)),
        );
    }
    let open = pair_with(&format!("{up}until {LOOK}; do sleep 5; done"));
    let limited = open.clone().replace(
        WORKFLOW,
        "      - run",
        "      - timeout-minutes: 7\n        run",
    );
    is(&open, "open-loop 3600 job: 60@d.yml:7", None);
    is(&limited, "open-loop 420 step: 7@d.yml:4", None);
    // Which of the two it will be only the run tells: the longer one.
    let either = limited.replace(
        WORKFLOW,
        "7",
        "${{ github.event_name == 'push' && 15 || 5 }}",
    );
    is(&either, "open-loop 900 step:", None);
}

#[test]
fn commands_that_wait() {
    let up = "docker compose up -d\n";
    for command in [
        "timeout 60 bash -c",
        "timeout -k 5 60 sh -c",
        "timeout --signal=KILL --foreground 60 bash -c",
    ] {
        let case = pair_with(&format!("{up}{command} 'until {LOOK}; do sleep 2; done'"));
        is(
            &case,
            "timeout-command 60 timeout: 60@d.yml:6",
            Some((
                WORKFLOW,
                &format!("{command} 'until {LOOK}; do sleep 2; done'"),
                &format!(
                    "{} 'until {LOOK}; do sleep 2; done'",
                    command.replace("60", RAISED)
                ),
            )),
        );
    }
    let minute = pair_with(&format!(
        "{up}timeout 1m sh -c 'until {LOOK}; do sleep 2; done'"
    ));
    is(
        &minute,
        "timeout-command 60 timeout: 1m@d.yml:6",
        Some((
            WORKFLOW,
            &format!("timeout 1m sh -c 'until {LOOK}; do sleep 2; done'"),
            &format!("timeout 210s sh -c 'until {LOOK}; do sleep 2; done'"),
        )),
    );
    for (script, expected) in [
        ("sleep 10 1m", "sleep 70 itself: 10@d.yml:5 1m@d.yml:5"),
        (
            "docker compose up -d --wait --wait-timeout 90",
            "compose-wait 90 itself: 90@d.yml:5",
        ),
        (
            "curl -f --retry 5 --retry-delay 3 http://localhost/",
            "curl-retry 15 itself: 5@d.yml:5 3@d.yml:5",
        ),
        // Five tries of 4 s, and pauses of 1, 2, 3 and 3 s between them.
        (
            "wget -q --tries=5 --waitretry=3 --timeout=4 http://localhost/",
            "curl-retry 29 itself: 5@d.yml:5 4@d.yml:5 3@d.yml:5",
        ),
        (
            "for i in {1..10}; do pg_isready -t 5 && exit 0; sleep 1; done; exit 1",
            "for-loop 60 itself: 10@d.yml:5 5@d.yml:5 1@d.yml:5",
        ),
        (
            "kubectl wait --for=condition=ready pod/x --timeout=90s",
            "tool 90 itself: 90s@d.yml:5",
        ),
        (
            "kubectl rollout status deploy/x --timeout 2m",
            "tool 120 itself: 2m@d.yml:5",
        ),
        (
            "./wait-for-it.sh db:5432 -t 45",
            "tool 45 itself: 45@d.yml:5",
        ),
        (
            "dockerize -wait tcp://db:5432 -timeout 60s",
            "tool 60 itself: 60s@d.yml:5",
        ),
        (
            "npx wait-on -t 30000 http://localhost:3000",
            "tool 30 itself: 30000@d.yml:5",
        ),
    ] {
        assert_eq!(told(&pair_with(script)), expected, "{script}");
    }
}

#[test]
fn services_and_actions() {
    let services = "    services:\n      db:\n        image: db\n        options: --health-cmd x --health-interval 5s\n";
    let case = project(&workflow("", services, "", "true"));
    assert_eq!(told(&case), "service-container never nothing:");
    let action = "jobs:\n  d:\n    steps:\n      - uses: hoverkraft-tech/compose-action@v2\n        with:\n          up-flags: --wait --wait-timeout 180\n";
    assert!(
        told(&project(action)).contains(" 180 itself: 180@d.yml:6"),
        "{}",
        told(&project(action))
    );
}

#[test]
fn numbers_of_the_script_itself() {
    for (set, text) in [
        ("MAX=60", "MAX=210"),
        ("MAX=\"60\"", "MAX=\"210\""),
        ("MAX='60' # seconds", "MAX='210' # seconds"),
        ("readonly MAX=60", "readonly MAX=210"),
        ("declare -i MAX=60", "declare -i MAX=210"),
        ("MAX=${GIVEN:-60}", "MAX=${GIVEN:-210}"),
        ("MAX=${GIVEN-60}", "MAX=${GIVEN-210}"),
        ("LIMIT=60; MAX=$LIMIT", "LIMIT=210; MAX=$LIMIT"),
    ] {
        is(
            &pair_with(&counted(set)),
            "counter-loop 60 itself: 60@d.yml:6",
            Some((WORKFLOW, set, text)),
        );
    }
}

#[test]
fn numbers_of_the_workflow() {
    let script = counted("true");
    let top = workflow("env:\n  MAX: 60\n", "", "", &script);
    is(
        &project(&top),
        "counter-loop 60 itself: 60@d.yml:2",
        Some((WORKFLOW, "MAX: 60", "MAX: 210")),
    );
    let job = workflow("", "    env:\n      MAX: \"60\"\n", "", &script);
    is(
        &project(&job),
        "counter-loop 60 itself: 60@d.yml:4",
        Some((WORKFLOW, "MAX: \"60\"", "MAX: \"210\"")),
    );
    let step = workflow("env:\n  MAX: 1\n", "", "        env: {MAX: 60}\n", &script);
    is(
        &project(&step),
        "counter-loop 60 itself: 60@d.yml:15",
        Some((WORKFLOW, "env: {MAX: 60}", "env: {MAX: 210}")),
    );
    let input = workflow(
        "on:\n  workflow_dispatch:\n    inputs:\n      limit:\n        default: \"60\"\n",
        "",
        "",
        &counted("MAX=${{ inputs.limit }}"),
    );
    is(
        &project(&input),
        "counter-loop 60 itself: 60@d.yml:5",
        Some((WORKFLOW, "default: \"60\"", "default: \"210\"")),
    );
    let matrix = workflow(
        "",
        "    strategy:\n      matrix:\n        limit: [60]\n",
        "",
        &counted("MAX=${{ matrix.limit }}"),
    );
    assert_eq!(
        told(&project(&matrix)),
        "counter-loop 60 itself: 60@d.yml:5"
    );
}

#[test]
fn numbers_of_scripts_and_targets() {
    let script = |limit: &str| {
        format!(
            "#!/bin/bash\n{}\n",
            counted(limit).replace("docker compose up -d\n", "")
        )
    };
    let called = |run: &str| workflow("", "", "", &format!("docker compose up -d\n{run}"));
    let with = |run: &str, path: &str, text: &str| project(&called(run)).with(path, text);
    let wait = "ci/wait.sh";
    is(
        &with("./ci/wait.sh 60", wait, &script("MAX=${1:-500}")),
        "counter-loop 60 itself: 60@d.yml:6",
        Some((WORKFLOW, "./ci/wait.sh 60", "./ci/wait.sh 210")),
    );
    is(
        &with("bash ci/wait.sh", wait, &script("MAX=${1:-60}")),
        "counter-loop 60 itself: 60@wait.sh:2",
        Some((wait, "MAX=${1:-60}", "MAX=${1:-210}")),
    );
    is(
        &with("MAX=60 bash ci/wait.sh", wait, &script("true")),
        "counter-loop 60 itself: 60@d.yml:6",
        Some((
            WORKFLOW,
            "MAX=60 bash ci/wait.sh",
            "MAX=210 bash ci/wait.sh",
        )),
    );
    is(
        &with("make ready", "Makefile", "ready:\n\tbash ci/wait.sh 60\n")
            .with(wait, &script("MAX=$1")),
        "counter-loop 60 itself: 60@Makefile:2",
        Some(("Makefile", "bash ci/wait.sh 60", "bash ci/wait.sh 210")),
    );
    is(
        &with(
            "npm run ready",
            "package.json",
            "{\"scripts\": {\"ready\": \"bash ci/wait.sh 60\"}}\n",
        )
        .with(wait, &script("MAX=$1")),
        "counter-loop 60 itself: 60@package.json:1",
        Some((
            "package.json",
            "{\"scripts\": {\"ready\": \"bash ci/wait.sh 60\"}}",
            "{\"scripts\": {\"ready\": \"bash ci/wait.sh 210\"}}",
        )),
    );
}

#[test]
fn numbers_given_to_actions_and_workflows() {
    let action = |default: &str| {
        let script = counted("MAX=${{ inputs.limit }}").replace('\n', "\n        ");
        format!(
            "inputs:\n  limit:\n    default: {default}\nruns:\n  using: composite\n  steps:\n    - shell: bash\n      run: |\n        {script}\n"
        )
    };
    let path = ".github/actions/wait/action.yml";
    let uses = |with: &str| {
        format!("jobs:\n  d:\n    steps:\n      - uses: ./.github/actions/wait\n{with}")
    };
    is(
        &project(&uses("")).with(path, &action("60")),
        "counter-loop 60 itself: 60@action.yml:3",
        Some((path, "default: 60", "default: 210")),
    );
    is(
        &project(&uses("        with:\n          limit: 60\n")).with(path, &action("500")),
        "counter-loop 60 itself: 60@d.yml:6",
        Some((WORKFLOW, "limit: 60", "limit: 210")),
    );
    let reusable = workflow(
        "on:\n  workflow_call:\n    inputs:\n      limit: {default: 500}\n",
        "",
        "",
        &counted("MAX=${{ inputs.limit }}"),
    );
    let calls = "jobs:\n  c:\n    uses: ./.github/workflows/r.yml\n    with:\n      limit: 60\n";
    let case = project(calls).with(".github/workflows/r.yml", &reusable);
    assert!(
        told(&case).contains("counter-loop 60 itself: 60@d.yml:5"),
        "{}",
        told(&case)
    );
    assert_eq!(changes(&case)[WORKFLOW], [pair("limit: 60", "limit: 210")]);
}

#[test]
fn nested_as_deep_as_people_nest() {
    let body = counted("MAX=60");
    let indented = |text: &str| text.replace('\n', "\n    ");
    for script in [
        format!(
            "deploy() {{\n  if true; then\n    ssh host << 'EOF'\n    {}\nEOF\n  fi\n}}\ndeploy",
            indented(&body)
        ),
        format!(
            "if true; then\n  ssh host << EOF\n    {}\nEOF\nfi",
            indented(&body.replace('$', "\\$"))
        ),
        format!("f() {{\n    {}\n}}\nset -e\nf", indented(&body)),
        format!(
            "timeout 900 bash -c '\n    {}\n'",
            indented(&body.replace("exit 1", "exit 2"))
        ),
    ] {
        let case = pair_with(&script);
        let checked = case.check();
        let waits = &checked.project.waits;
        assert_eq!(waits.len(), 1, "{script}");
        if waits[0].form.name() == "timeout-command" {
            continue;
        }
        let line = script
            .lines()
            .position(|line| line.contains("MAX=60"))
            .expect("it")
            + 5;
        assert_eq!(
            told(&case),
            format!("counter-loop 60 itself: 60@d.yml:{line}"),
            "{script}"
        );
        assert_eq!(
            changes(&case)[WORKFLOW],
            [pair("MAX=60", "MAX=210")],
            "{script}"
        );
    }
}
