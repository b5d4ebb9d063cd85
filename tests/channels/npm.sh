#!/usr/bin/env bash
# The packages for npm: packed, installed by the real npm from what was packed, and run.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
needs node npm
program
version=$("$root/ci/version.sh")

case $(uname -s)-$(uname -m) in
  Linux-x86_64) target=x86_64-unknown-linux-gnu platform=linux-x64 ;;
  Linux-aarch64) target=aarch64-unknown-linux-gnu platform=linux-arm64 ;;
  Darwin-x86_64) target=x86_64-apple-darwin platform=darwin-x64 ;;
  Darwin-arm64) target=aarch64-apple-darwin platform=darwin-arm64 ;;
  *) skip "there is no package for this system" ;;
esac
export npm_config_cache=$scratch/cache npm_config_update_notifier=false npm_config_offline=true npm_config_audit=false npm_config_fund=false

node npm/packages.mjs "$scratch/packages" "$target=$upbeat"
cd "$scratch"
npm pack --silent "$scratch/packages/upbeat" "$scratch/packages/upbeat-$platform" >/dev/null
launcher=$scratch/upbeat-$version.tgz package=$scratch/upbeat-$platform-$version.tgz
[ -f "$launcher" ] && [ -f "$package" ] || fail "the packages have other names"
out=$(tar -tf "$package")
says package/LICENSE-MIT
says package/bin/upbeat

mkdir "$scratch/with a blank"
cd "$scratch/with a blank"
echo '{ "private": true }' >package.json
try npm install "$launcher" "$package"
[ "$code" = 0 ] || fail "npm does not install them"
try ./node_modules/.bin/upbeat --version
[ "$code$out" = "0upbeat $version" ] || fail "it does not run"
try npx --no-install upbeat --format short "$story/before"
[ "$code" = 1 ] || fail "the exit code is $code instead of 1"
says 'error[wait-below-budget]'
# What is read from standard input arrives, and so does an argument with a blank.
try ./node_modules/.bin/upbeat measure --service backend - <"$story/before/logs/backend-bad-day.log"
[ "$code" = 0 ] || fail "it does not measure standard input"
says 'backend: 1 start'
try ./node_modules/.bin/upbeat check 'no such folder'
[ "$code" = 2 ] || fail "the exit code is $code instead of 2"
says 'no such folder'

npm uninstall --silent "upbeat-$platform" >/dev/null 2>&1 || true
rm -rf "node_modules/upbeat-$platform"
try ./node_modules/.bin/upbeat --version
[ "$code" = 2 ] || fail "without its program the exit code is $code instead of 2"
says "the package upbeat-$platform is not installed"

# A system that there is no program for.
try node -e '
  Object.defineProperty(process, "arch", { value: "mips" });
  require("./node_modules/upbeat/bin/upbeat.js");
'
[ "$code" = 2 ] || fail "on an unknown system the exit code is $code instead of 2"
says 'there is no program for'

echo "npm: both packages install and run"
