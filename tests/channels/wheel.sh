#!/usr/bin/env bash
# The wheel: built, installed into a fresh environment, run, and used by pre-commit as a hook of the language python.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
needs python3 git
quick
tools
version=$(ci/version.sh)
CARGO_NET_OFFLINE=false cargo fetch --quiet --locked || skip "the crates of other systems, which maturin wants to see, cannot be brought"

"$tools/bin/maturin" build --quiet --release --locked --compatibility linux --out "$scratch/wheels" >&2
wheel=("$scratch/wheels/upbeat-$version-py3-none-"*.whl)
[ -f "${wheel[0]}" ] || fail "the wheel has another name"
out=$(python3 -m zipfile -l "${wheel[0]}")
says scripts/upbeat
says LICENSE-MIT
# What it says of itself is what Cargo.toml says.
out=$(python3 -c 'import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as wheel:
    print(wheel.read(next(name for name in wheel.namelist() if name.endswith("/METADATA"))).decode())' "${wheel[0]}")
says "Version: $version"
says "Summary: $(sed -n 's/^description = "\(.*\)"$/\1/p' Cargo.toml)"
says "License: $(sed -n 's/^license = "\(.*\)"$/\1/p' Cargo.toml)"

# Nothing but the wheel is to be had.
export PIP_NO_INDEX=1 PIP_FIND_LINKS="$scratch/wheels" PIP_DISABLE_PIP_VERSION_CHECK=1
python3 -m venv "$scratch/environment"
"$scratch/environment/bin/pip" install --quiet upbeat
try "$scratch/environment/bin/upbeat" --version
[ "$code$out" = "0upbeat $version" ] || fail "it does not run"
try "$scratch/environment/bin/upbeat" --format short "$story/before"
[ "$code" = 1 ] || fail "the exit code is $code instead of 1"
says 'error[wait-below-budget]: MAX_WAIT=120'

# The hook of the README, from this wheel. pre-commit's own part of the environment is built, by what is kept beside the tools.
if ! compgen -G "$tools/wheels/setuptools-*.whl" >/dev/null; then
  env -u PIP_NO_INDEX "$tools/bin/pip" download --quiet --no-deps --dest "$tools/wheels" 'setuptools>=78' || skip "pip cannot bring setuptools"
fi
export PIP_FIND_LINKS="$scratch/wheels $tools/wheels"
export PRE_COMMIT_HOME=$scratch/home PRE_COMMIT_COLOR=never
repository "$scratch/project"
{
  echo 'repos:'
  sed -n '/^  - repo: local$/,/^```$/p' README.md | grep -v '^```$'
} >"$scratch/project/.pre-commit-config.yaml"
grep -qF 'additional_dependencies: [upbeat' "$scratch/project/.pre-commit-config.yaml" || fail "the README has no hook from a wheel"
cd "$scratch/project"
git add .
try "$tools/bin/pre-commit" run upbeat
[ "$code" = 1 ] || fail "the hook finds nothing in the story"
says 'error[wait-below-budget]'
git commit --quiet --no-verify -m before
echo 'site: docs' >docs.yml
git add docs.yml
try "$tools/bin/pre-commit" run upbeat
[ "$code" = 0 ] || fail "an unrelated file makes it speak"

echo "wheel: it installs and runs, by itself and as a hook"
