#!/usr/bin/env bash
# Both hooks in a repository of their own, by the real pre-commit, from a clone of what is committed here.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
needs git python3
if [ "$(git rev-parse --show-toplevel 2>/dev/null)" != "$root" ] || ! git rev-parse --quiet --verify HEAD >/dev/null; then skip "this is no clone"; fi
quick
tools
export PRE_COMMIT_HOME=$scratch/home PRE_COMMIT_COLOR=never
# Runs a hook on what is staged.
hook() { try "$tools/bin/pre-commit" run "$1"; }

git clone --quiet "file://$root" "$scratch/upbeat"
rev=$(git -C "$scratch/upbeat" rev-parse HEAD)
repository "$scratch/project"
cd "$scratch/project"
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
