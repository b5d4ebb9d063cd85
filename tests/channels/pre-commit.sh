#!/usr/bin/env bash
# Both hooks in a repository of their own, by the real pre-commit, from a clone of what is committed here.
# usage: tests/channels/pre-commit.sh (needs git, cargo and pip; PRE_COMMIT names a program that is there)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
root=$PWD
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

pre_commit=${PRE_COMMIT:-$root/target/tools/bin/pre-commit}
if [ ! -x "$pre_commit" ]; then
  python3 -m venv target/tools
  target/tools/bin/pip install --quiet pre-commit
fi

# pre-commit builds as cargo does, where it is told to: that is kept, and quick rather than good.
export CARGO_TARGET_DIR=$root/target/channels CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_OPT_LEVEL=0 CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16
export PRE_COMMIT_HOME=$scratch/home NO_COLOR=1 PRE_COMMIT_COLOR=never
unset GIT_DIR GIT_INDEX_FILE GIT_WORK_TREE GITHUB_ACTIONS GITLAB_CI
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.com GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@example.com

fail() { printf 'pre-commit.sh: %s\n%s\n' "$1" "${out-}" >&2; exit 1; }
# Runs a hook on what is staged: its exit code in $code, its output in $out.
hook() { code=0; out=$("$pre_commit" run "$1" 2>&1) || code=$?; }

git clone --quiet "file://$root" "$scratch/upbeat"
rev=$(git -C "$scratch/upbeat" rev-parse HEAD)
mkdir "$scratch/project"
cd "$scratch/project"
git init --quiet
cp -r "$root/fixtures/story/before/." .
cat > .pre-commit-config.yaml <<CONFIG
repos:
  - repo: file://$scratch/upbeat
    rev: $rev
    hooks:
      - id: upbeat
      - id: upbeat-fix
CONFIG

git add .
hook upbeat
[ "$code" = 1 ] || fail "the check finds nothing in the story"
grep -q 'error\[wait-below-budget\]' <<<"$out" || fail "the check does not tell of the wait"

hook upbeat-fix
grep -q 'files were modified by this hook' <<<"$out" || fail "the fix changes nothing"
git add .
hook upbeat-fix
[ "$code" = 0 ] || fail "the fix is not done after one run"
hook upbeat
[ "$code" = 0 ] || fail "the check is not content with what the fix has made"
git commit --quiet --no-verify -m fixed

# Staged alone, the workflow is still judged by the compose files beside it.
sed -i 's/MAX_WAIT=[0-9]*/MAX_WAIT=60/' .github/workflows/deploy.yml
git add .
hook upbeat
[ "$code" = 1 ] || fail "the workflow alone is not judged"
git commit --quiet --no-verify -m shorter

# What has nothing to do with it is no reason to speak, in a project that has findings.
echo 'site: docs' > docs.yml
git add docs.yml
hook upbeat
[ "$code" = 0 ] || fail "an unrelated file makes it speak"
! grep -q 'wait-below-budget' <<<"$out" || fail "an unrelated file makes it tell of others"

echo "pre-commit: both hooks do what they say"
