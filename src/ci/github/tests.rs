//! Workflows and what is read in them.

use super::*;
use crate::source::Sources;
use crate::yaml;

fn read(text: &str) -> (Sources, Pipeline) {
    read_as(text, super::workflow, None)
}

fn read_as(
    text: &str,
    read: fn(&Tree, &SourceFile, Option<&Inputs>) -> Pipeline,
    given: Option<&Inputs>,
) -> (Sources, Pipeline) {
    let mut sources = Sources::default();
    let file = sources.add(".github/workflows/x.yml", text);
    let tree = yaml::parse(file, text).expect("YAML");
    let pipeline = read(&tree, sources.get(file), given);
    (sources, pipeline)
}

fn time(limit: Option<&Limit>) -> Option<f64> {
    limit.map(|limit| limit.time.as_f64())
}

#[test]
fn steps_know_their_script_folder_variables_and_limits() {
    let (sources, workflow) = read(
        "env: {A: 1, B: w}\ndefaults:\n  run:\n    working-directory: app\njobs:\n  one:\n    timeout-minutes: 10\n    env:\n      B: \"j\"\n    steps:\n      - uses: x\n      - name: go\n        timeout-minutes: 1.5\n        env: {C: s}\n        run: |\n          echo $A\n      - run: echo\n        working-directory: ./sub\n        shell: pwsh\n",
    );
    let job = &workflow.jobs[0];
    assert_eq!(
        (job.id.as_str(), time(job.limit.as_ref())),
        ("one", Some(600.0))
    );
    assert!(job.steps[0].script.is_none());
    assert_eq!(
        job.steps[0].call.as_ref().map(|c| c.target.as_str()),
        Some("x")
    );
    let step = &job.steps[1];
    assert_eq!(step.name.as_deref(), Some("go"));
    assert_eq!(step.folder.as_deref(), Some("app"));
    assert_eq!(time(step.limit.as_ref()), Some(90.0));
    assert_eq!(
        step.script.as_ref().map(|s| s.text.text()),
        Some("echo $A\n")
    );
    let value = |v: &EnvVariable| v.value.as_ref().map(|v| v.text.clone());
    let names: Vec<_> = step
        .env
        .iter()
        .map(|v| (v.name.as_str(), value(v)))
        .collect();
    let set = |name, text: &str| (name, Some(text.to_owned()));
    assert_eq!(
        names,
        [set("A", "1"), set("B", "w"), set("B", "j"), set("C", "s")]
    );
    assert_eq!(sources.text(step.env[2].span), "j");
    assert!(
        job.steps[2].script.is_none(),
        "PowerShell is not read as bash"
    );
    assert_eq!(job.steps[2].folder.as_deref(), Some("sub"));
}

#[test]
fn expressions_come_from_inputs_variables_and_the_matrix() {
    let (sources, workflow) = read(
        "on:\n  workflow_dispatch:\n    inputs:\n      wait: {default: 90}\nenv:\n  MAX: ${{ inputs.wait }}\njobs:\n  a:\n    strategy:\n      matrix:\n        limit: [9, 4]\n        include:\n          - limit: 6\n    timeout-minutes: ${{ matrix.limit }}\n    steps:\n      - run: sleep ${{ env.MAX }}; echo ${{ secrets.X }}\n        timeout-minutes: ${{ github.x == 'y' && 15 || 5 }}\n",
    );
    let job = &workflow.jobs[0];
    assert_eq!(
        time(job.limit.as_ref()),
        Some(240.0),
        "the least of the matrix"
    );
    let limit = job.limit.as_ref().expect("a limit");
    assert_eq!(sources.text(limit.span), "4");
    let step = &job.steps[0];
    assert_eq!(
        time(step.limit.as_ref()),
        Some(900.0),
        "the most that a condition allows"
    );
    let script = step.script.as_ref().expect("a script");
    let [(name, given)] = script.expressions.as_slice() else {
        panic!("one expression is known: {:?}", script.expressions);
    };
    assert_eq!((name.as_str(), given.text.as_str()), ("env.MAX", "90"));
    assert_eq!(sources.text(given.from[0].span), "90");
}

#[test]
fn shells_say_whether_they_stop_on_errors() {
    let (_, workflow) = read(
        "jobs:\n  a:\n    steps:\n      - run: a\n      - {run: a, shell: bash}\n      - {run: a, shell: 'bash {0}'}\n      - {run: a, shell: 'bash -euo pipefail {0}'}\n      - {run: a, shell: sh}\n      - {run: a, shell: python}\n",
    );
    let stops: Vec<_> = workflow.jobs[0]
        .steps
        .iter()
        .map(|step| step.script.as_ref().map(|s| (s.dialect, s.stops_on_errors)))
        .collect();
    let bash = |stops| Some((Dialect::Bash, stops));
    assert_eq!(
        stops,
        [
            bash(true),
            bash(true),
            bash(false),
            bash(true),
            Some((Dialect::Sh, true)),
            None
        ]
    );
}

#[test]
fn scripts_handed_to_actions_are_scripts() {
    let (_, workflow) = read(
        "jobs:\n  a:\n    steps:\n      - parallel:\n          - uses: azure/cli@v2\n            with: {inlineScript: sleep 1}\n          - uses: appleboy/ssh-action@v1\n            with: {script: sleep 2}\n",
    );
    let scripts: Vec<_> = workflow.jobs[0]
        .steps
        .iter()
        .filter_map(|step| step.script.as_ref())
        .map(|s| (s.text.text(), s.remote, s.stops_on_errors))
        .collect();
    assert_eq!(
        scripts,
        [("sleep 1", false, true), ("sleep 2", true, false)]
    );
}

#[test]
fn actions_and_reusable_workflows_take_what_the_caller_gives() {
    let text = "name: wait\ninputs:\n  seconds: {default: '30'}\n  other: {required: false}\nruns:\n  using: composite\n  steps:\n    - run: sleep ${{ inputs.seconds }} ${{ inputs.other }}\n      shell: bash\n";
    let waits = |given: Option<&Inputs>| {
        let (_, pipeline) = read_as(text, super::action, given);
        let script = pipeline.jobs[0].steps[0].script.clone().expect("a script");
        let known = script.expressions.into_iter();
        known
            .map(|(name, given)| (name, given.text))
            .collect::<Vec<_>>()
    };
    let seconds = |text: &str| ("inputs.seconds".to_owned(), text.to_owned());
    assert_eq!(waits(None), [seconds("30")]);
    let given = vec![("seconds".to_owned(), Some(Given::new("60", None)))];
    let empty = ("inputs.other".to_owned(), String::new());
    assert_eq!(waits(Some(&given)), [seconds("60"), empty.clone()]);
    let unknown = vec![("seconds".to_owned(), None)];
    assert_eq!(waits(Some(&unknown)), [empty]);
    let (_, workflow) = read(
        "jobs:\n  call:\n    uses: ./.github/workflows/deploy.yml\n    with: {wait: 60, ref: '${{ github.ref }}'}\n",
    );
    let call = workflow.jobs[0].call.clone().expect("a call");
    assert_eq!(call.target, "./.github/workflows/deploy.yml");
    let inputs = call.inputs();
    assert_eq!(inputs[0].1.as_ref().map(|g| g.text.as_str()), Some("60"));
    assert_eq!(inputs[1], ("ref".to_owned(), None));
}
