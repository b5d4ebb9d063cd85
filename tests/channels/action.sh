#!/usr/bin/env bash
# The steps of action.yml, as a runner runs them: with its files, its folders, a pull request's commits, and inputs of any kind. What is
# downloaded is a release as ci/package.sh makes it, from a folder. With UPBEAT_CHANNELS set it is also built from source.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
needs git curl node npm tar zip unzip sha256sum
[ "$(uname -s)" = Linux ] || skip "the runner that it plays is one of Linux"
program
version=$(ci/version.sh)

# The server, with a release of this machine's program for two systems; the one for Windows is played too.
release=$scratch/server/owner/upbeat/releases/download/v$version
mkdir -p "$scratch/binaries/x86_64-unknown-linux-gnu" "$scratch/binaries/x86_64-pc-windows-msvc" "$(dirname "$release")"
cp "$upbeat" "$scratch/binaries/x86_64-unknown-linux-gnu/upbeat"
cp "$upbeat" "$scratch/binaries/x86_64-pc-windows-msvc/upbeat.exe"
ci/package.sh "$scratch/binaries" "$release" >/dev/null
(cd "$release" && sha256sum --check --quiet SHA256SUMS) || fail "the release's sums are wrong"
out=$(tar -tf "$release/upbeat-x86_64-unknown-linux-gnu.tar.gz")
for name in upbeat README.md LICENSE-MIT LICENSE-APACHE completions/_upbeat man/upbeat.1; do says "upbeat-$version-x86_64-unknown-linux-gnu/$name"; done
if [ -n "${UPBEAT_CHANNELS:-}" ]; then
  ci/package.sh "$scratch/binaries" "$scratch/again" >/dev/null
  diff -r "$scratch/again" "$release" || fail "a release made again is another one"
fi

# A step: its script of action.yml in the runner's environment, then variables for it. Its exit code is in $code, what it prints in $out.
runner() {
  rm -rf "$scratch/runner"
  mkdir -p "$scratch/runner/temp folder"
  touch "$scratch/runner/path" "$scratch/runner/output" "$scratch/runner/summary"
  program_path=$PATH
}
step() {
  local script=$1
  shift
  grep -qF "run: '\"\$GITHUB_ACTION_PATH/ci/$script\"'" "$root/action.yml" || fail "action.yml does not run $script"
  try env -i "PATH=$program_path" "HOME=$HOME" GITHUB_ACTIONS=true "GITHUB_ACTION_PATH=$root" "GITHUB_WORKSPACE=$PWD" \
    "GITHUB_PATH=$scratch/runner/path" "GITHUB_OUTPUT=$scratch/runner/output" "GITHUB_STEP_SUMMARY=$scratch/runner/summary" \
    "RUNNER_TEMP=$scratch/runner/temp folder" RUNNER_OS=Linux RUNNER_ARCH=X64 "$@" \
    bash --noprofile --norc -e -o pipefail -c "\"\$GITHUB_ACTION_PATH/ci/$script\""
}
install() { step install.sh "UPBEAT_SERVER=file://$scratch/server" UPBEAT_REPOSITORY=owner/upbeat UPBEAT_VERSION= "$@"; }
on_path() { [ -s "$scratch/runner/path" ] || fail "nothing is put on the path"; }
not_on_path() { [ ! -s "$scratch/runner/path" ] || fail "something is put on the path"; }

runner
install RUNNER_OS=Windows
[ "$code" = 0 ] || fail "the archive for Windows is not installed"
[ -x "$(cat "$scratch/runner/path")/upbeat.exe" ] || fail "there is no upbeat.exe"

for wrong in '1/../../../x' "$version\$(touch $scratch/pwned)" "$version; touch $scratch/pwned" '--help'; do
  runner
  install "UPBEAT_VERSION=$wrong"
  [ "$code" = 1 ] || fail "the version $wrong is taken"
  says 'is no version'
  not_on_path
done
runner
install UPBEAT_VERSION=9.9.9
[ "$code" = 1 ] || fail "a version that is not there is no error"
says 'there is no release v9.9.9'
not_on_path

runner
cp -r "$scratch/server" "$scratch/other server"
echo changed >>"$scratch/other server/owner/upbeat/releases/download/v$version/upbeat-x86_64-unknown-linux-gnu.tar.gz"
install "UPBEAT_SERVER=file://$scratch/other%20server"
[ "$code" = 1 ] || fail "an archive that was changed is taken"
says 'does not have its checksum'
not_on_path

runner
install "UPBEAT_VERSION=v$version"
[ "$code" = 0 ] || fail "the release is not installed"
says "upbeat $version is the released one"
on_path
# The runner puts it before the path for the next step.
program_path=$(cat "$scratch/runner/path"):$PATH
[ "$(PATH=$program_path command -v upbeat)" != "$upbeat" ] || fail "another upbeat would run"

# A project with a pull request, in a checkout of one commit.
origin=$scratch/origin
repository "$origin"
git -C "$origin" add .
git -C "$origin" commit --quiet -m base
base=$(git -C "$origin" rev-parse HEAD)
sed -i '0,/MAX_WAIT=120/s//MAX_WAIT=100/' "$origin/.github/workflows/deploy.yml"
nasty=$'compose.a "b"\n$(touch pwned) ::error::x.yml'
cp "$origin/compose.staging.yml" "$origin/compose.größe 1.yml"
cp "$origin/compose.staging.yml" "$origin/$nasty"
git -C "$origin" add .
git -C "$origin" commit --quiet -m change
workspace="$scratch/work space"
git clone --quiet --depth 1 "file://$origin" "$workspace"
cd "$workspace"

run() { : >"$scratch/runner/output"; : >"$scratch/runner/summary"; step run.sh "UPBEAT_BASE=$base" "$@"; }
errors() { grep -c '^::error' <<<"$out" || true; }

run
[ "$code" = 1 ] || fail "the exit code is $code instead of 1"
[ "$(errors)" = 2 ] || fail "there are $(errors) errors instead of 2"
grep -q '^exit-code=1$' "$scratch/runner/output" || fail "the output has no exit code"
[ -s "$scratch/runner/summary" ] || fail "the summary is empty"
run UPBEAT_FAIL_ON=never
[ "$code" = 0 ] || fail "with fail-on never the exit code is $code"

run UPBEAT_CHANGED_LINES=true
[ "$code" = 1 ] || fail "the changed line has no finding"
[ "$(errors)" = 1 ] || fail "there are $(errors) errors instead of 1 in changed lines"
says 'MAX_WAIT=100'
# The next commit changes what nobody minds; its base is the one before.
echo '# a note' >>proxy/nginx.conf
git add .
git commit --quiet -m note
run UPBEAT_CHANGED_LINES=true "UPBEAT_BASE=$(git rev-parse HEAD~)"
[ "$code" = 0 ] || fail "a line that nobody minds has findings"
# A branch's first push, and an event without a base.
for none in '' 0000000000000000000000000000000000000000; do
  run UPBEAT_CHANGED_LINES=true "UPBEAT_BASE=$none"
  [ "$code" = 1 ] || fail "without a base not everything is reported"
  says 'everything is reported'
done
run UPBEAT_CHANGED_LINES=true UPBEAT_BASE=1111111111111111111111111111111111111111
[ "$code" = 2 ] || fail "a base that is not there gives $code"
says 'fetch-depth: 0'

# A folder of the repository is a project of its own, and changes in it are told by the repository's paths.
mkdir apps
cp -r "$story/after" "apps/one app"
git add .
git commit --quiet -m apps
run "UPBEAT_WORKING_DIRECTORY=apps/one app"
[ "$code" = 0 ] || fail "a project that is well, in a folder, gives $code"
sed -i '0,/MAX_WAIT=600/s//MAX_WAIT=60/' "apps/one app/.github/workflows/deploy.yml"
git commit --quiet --all -m shorter
run "UPBEAT_WORKING_DIRECTORY=apps/one app" UPBEAT_CHANGED_LINES=true "UPBEAT_BASE=$(git rev-parse HEAD~)"
[ "$code$(errors)" = 11 ] || fail "a change in a folder does not give its one error"
says 'file=apps/one app/.github/workflows/deploy.yml'
git reset --quiet --hard HEAD~2

run UPBEAT_SARIF=true
[ "$code" = 1 ] || fail "with a report the exit code is $code"
report=$(sed -n 's/^sarif=//p' "$scratch/runner/output")
node -e '
  const { runs: [run] } = JSON.parse(require("fs").readFileSync(process.argv[1]));
  process.exit(run.results.filter(({ level }) => level === "error").length === 2 ? 0 : 1);
' "$report" || fail "the report does not have two errors"
[ "$(errors)" = 2 ] || fail "beside the report nothing is printed"

# Paths are lines, whatever is in them: one file is named, and what is no file of the project is told.
run UPBEAT_PATHS=$'compose.production.yml\n\n' UPBEAT_ARGS=$'--log\nbackend=logs/backend-bad-day.log\n--format=short\n'
says 'compose.production.yml:23:21: warning[start-period-below-startup]'
! grep -qF 'compose.staging.yml:' <<<"$out" || fail "other files are reported"
run "UPBEAT_PATHS=compose.größe 1.yml"
[ "$code" -le 1 ] || fail "a name with a blank and an umlaut gives $code"
for text in "\$(touch $scratch/pwned)" "\`touch $scratch/pwned\`" "a; touch $scratch/pwned" "'; touch $scratch/pwned; '" '*' '--fix'; do
  run "UPBEAT_PATHS=$text"
  [ "$code" = 2 ] || fail "the path $text gives $code"
  run "UPBEAT_FAIL_ON=$text"
  [ "$code" = 2 ] || fail "fail-on $text gives $code"
  run "UPBEAT_WORKING_DIRECTORY=$text"
  [ "$code" = 2 ] || fail "the folder $text gives $code"
  run "UPBEAT_CHANGED_LINES=$text"
  [ "$code" = 2 ] || fail "changed-lines $text gives $code"
  run "UPBEAT_CHANGED_LINES=true" "UPBEAT_BASE=$text"
  [ "$code" = 1 ] || fail "the base $text gives $code"
done
[ -z "$(find "$scratch" -name pwned)" ] || fail "an input was run"
git diff --quiet || fail "the project was changed"
# A name of the project is no command to the runner.
run UPBEAT_SARIF=true UPBEAT_CHANGED_LINES=true
! grep -q '^::error::x' <<<"$out" || fail "a file's name is a command"
! grep -vq '^exit-code=\|^sarif=' "$scratch/runner/output" || fail "other outputs than these two"

cd "$root"
if [ -n "${UPBEAT_CHANNELS:-}" ]; then
  quick
  runner
  install UPBEAT_REPOSITORY= "CARGO_TARGET_DIR=$CARGO_TARGET_DIR" CARGO_NET_OFFLINE=true CARGO_PROFILE_RELEASE_LTO=off \
    CARGO_PROFILE_RELEASE_OPT_LEVEL=0 CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 "CARGO_HOME=${CARGO_HOME:-$HOME/.cargo}" \
    "RUSTUP_HOME=${RUSTUP_HOME:-$HOME/.rustup}"
  [ "$code" = 0 ] || fail "it is not built where there is no release"
  says 'built from source'
  on_path
fi

echo "action: its steps install what is released, and say what they should"
