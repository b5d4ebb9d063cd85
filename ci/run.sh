#!/usr/bin/env bash
# Second step of the action: runs upbeat. What inputs say comes from the environment, so that no text of theirs is ever part of a script.
#
#   UPBEAT_PATHS              what to report on, a path a line; empty for all
#   UPBEAT_ARGS               further arguments, one a line
#   UPBEAT_WORKING_DIRECTORY  the project's folder; empty where it is all of the repository
#   UPBEAT_FAIL_ON            info, warning, error or never
#   UPBEAT_CHANGED_LINES      true: only what touches lines that are changed since UPBEAT_BASE
#   UPBEAT_BASE               the commit before the change; empty where there is none
#   UPBEAT_SARIF              true: a report in SARIF as well
set -euo pipefail

fail() {
  printf '::error title=upbeat::%s\n' "$1"
  exit 2
}
notice() { printf '::notice title=upbeat::%s\n' "$1"; }

# On and off have one spelling each: a typing error must not switch a gate off.
flag() {
  case $2 in
    true) return 0 ;;
    false | '') return 1 ;;
    *) fail "the input $1 is true or false" ;;
  esac
}

# Appends the lines of a text to `arguments`.
lines() {
  local line
  while IFS= read -r line || [ -n "$line" ]; do
    line=${line%$'\r'}
    if [ -n "$line" ]; then arguments+=("$line"); fi
  done <<<"$1"
}

cd -- "${UPBEAT_WORKING_DIRECTORY:-.}" || fail "the input working-directory names no folder"

arguments=(check "--fail-on=${UPBEAT_FAIL_ON:-warning}")
sarif=
if flag sarif "${UPBEAT_SARIF:-}"; then
  sarif=$RUNNER_TEMP/upbeat.sarif
  rm -f "$sarif"
  arguments+=(--format=sarif "--output=$sarif")
fi

if flag changed-lines "${UPBEAT_CHANGED_LINES:-}"; then
  base=${UPBEAT_BASE:-}
  # A job in a container runs as somebody else than who made the checkout, which git minds.
  git=(git -c "safe.directory=${GITHUB_WORKSPACE:-$PWD}" -c core.quotePath=true)
  if [[ ! $base =~ ^[0-9a-f]{40}([0-9a-f]{24})?$ || $base =~ ^0+$ ]]; then
    notice "nothing says what was changed: everything is reported"
  else
    if ! "${git[@]}" cat-file -e "$base^{commit}" 2>/dev/null; then
      "${git[@]}" fetch --quiet --no-tags --depth=1 origin "$base" ||
        fail "the commit before the change cannot be fetched: give actions/checkout fetch-depth: 0"
    fi
    # Where history reaches that far, what the base got in the meantime is no change of this one.
    from=$("${git[@]}" merge-base "$base" HEAD 2>/dev/null) || from=$base
    diff=$RUNNER_TEMP/upbeat.diff
    "${git[@]}" diff --no-color --no-ext-diff --no-textconv --unified=0 --src-prefix=a/ --dst-prefix=b/ "$from" HEAD >"$diff"
    arguments+=("--changed-lines=$diff")
  fi
fi

lines "${UPBEAT_ARGS:-}"
arguments+=(--)
before=${#arguments[@]}
lines "${UPBEAT_PATHS:-}"
# Without a path upbeat takes all of the repository, wherever in it it is started.
if [ -n "${UPBEAT_WORKING_DIRECTORY:-}" ] && [ ${#arguments[@]} -eq "$before" ]; then arguments+=(.); fi

code=0
upbeat "${arguments[@]}" || code=$?
{
  echo "exit-code=$code"
  if [ -n "$sarif" ] && [ -s "$sarif" ]; then echo "sarif=$sarif"; fi
} >>"$GITHUB_OUTPUT"
exit "$code"
