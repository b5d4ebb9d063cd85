#!/usr/bin/env bash
# The workflows, the action, the GitLab template, the hooks and the scripts: each against its schema, by the checkers made for them, and by
# upbeat itself; the template's job is run.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
needs git python3
[ -d .github ] && [ -d .ci ] || skip "there are no workflows in a package"
program
tools
bin=$tools/bin
schema() { try "$bin/check-jsonschema" --builtin-schema "vendor.$1" "${@:2}"; [ "$code" = 0 ] || fail "not what the schema $1 wants"; }

schema github-workflows .github/workflows/*.yml
schema github-actions action.yml
try "$bin/check-jsonschema" --builtin-schema custom.github-workflows-require-timeout .github/workflows/*.yml
[ "$code" = 0 ] || fail "a job has no limit"
try "$bin/zizmor" --offline --no-progress --color never .github action.yml
[ "$code" = 0 ] || fail "zizmor has findings"
try "$bin/pre-commit" validate-manifest .pre-commit-hooks.yaml
[ "$code" = 0 ] || fail "pre-commit does not take the hooks"
if [ -x "$bin/shellcheck" ]; then
  try "$bin/shellcheck" --external-sources --source-path SCRIPTDIR .ci/run ci/*.sh tests/channels/*.sh
  [ "$code" = 0 ] || fail "shellcheck has findings"
fi

# In a project with a stack, since one without has nothing to check.
mkdir "$scratch/mixed"
git -C "$scratch/mixed" init --quiet
cp -r "$story/after/." .github action.yml Dockerfile ci .ci "$scratch/mixed"
cd "$scratch/mixed"
try "$upbeat" check --format short --fail-on info .github/workflows/{ci,release}.yml
cd "$root"
[ "$code" = 0 ] || fail "upbeat has findings in these workflows"
says 'no findings'

# The template: its job with the inputs' defaults, and with texts that must not be run.
render() {
  rm -rf "$scratch/gitlab"
  mkdir "$scratch/gitlab"
  "$bin/python" tests/channels/gitlab.py templates/upbeat.yml "$scratch/gitlab" install=true "$@"
  schema gitlab-ci "$scratch/gitlab/header.yml" "$scratch/gitlab/job.yml"
}
mkdir "$scratch/bin"
mv "$upbeat" "$scratch/bin/upbeat"
repository "$scratch/project"
job() {
  cd "$scratch/project"
  rm -f gl-code-quality-report.json
  try env "PATH=$scratch/bin:$PATH" GITLAB_CI=true "$@" sh "$scratch/gitlab/script"
  cd "$root"
}
# How many findings the report has.
report() { "$bin/python" -c 'import json, sys; print(len(json.load(open(sys.argv[1]))))' "$scratch/project/gl-code-quality-report.json"; }

render
job
[ "$code" = 1 ] || fail "the job ends with $code instead of 1"
all=$(report)
[ "$all" -gt 1 ] || fail "the report is empty"
render fail-on=never paths=compose.production.yml
job
[ "$code" = 0 ] || fail "with fail-on never the job ends with $code"
[ "$(report)" -lt "$all" ] || fail "paths change nothing"
for text in "\$(touch $scratch/pwned)" "'; touch $scratch/pwned; '" "\`touch $scratch/pwned\`" '--fix' '*'; do
  render "paths=$text"
  job
  [ "$code" = 2 ] || fail "the path $text ends with $code"
  render "project=$text"
  job
  [ "$code" -gt 0 ] || fail "the folder $text ends with $code"
done
[ ! -e "$scratch/pwned" ] || fail "an input was run"

cd "$scratch/project"
git add .
git commit --quiet -m base
base=$(git rev-parse HEAD)
sed -i '0,/MAX_WAIT=120/s//MAX_WAIT=100/' .github/workflows/deploy.yml
git commit --quiet --all -m change
cd "$root"
mkdir -p "$scratch/project/apps"
cp -r "$story/after" "$scratch/project/apps/one app"
render 'project=apps/one app'
job
[ "$code" = 0 ] || fail "a folder of the repository ends with $code"
rm -r "$scratch/project/apps"
render changed-lines=true
job "CI_MERGE_REQUEST_DIFF_BASE_SHA=$base"
[ "$code$(report)" = 11 ] || fail "not the one finding of the changed line"
job
[ "$(report)" -gt 1 ] || fail "without a merge request not everything is reported"

echo "workflows: as their schemas and checkers want them; the template's job runs"
