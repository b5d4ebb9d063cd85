#!/usr/bin/env bash
# First step of the action: puts upbeat on the job's PATH. The released program for this runner, checked against its checksum; else, where
# there is none, built from the source that the action came with.
#
# From the environment, besides the runner's own variables:
#   UPBEAT_VERSION     a release, such as 1.2.3; `source` to build; empty for the version that the action is of
#   UPBEAT_SERVER      where releases are: https://SERVER
#   UPBEAT_REPOSITORY  whose: OWNER/NAME; empty where the action is a folder of the job's own checkout
set -euo pipefail

fail() {
  printf '::error title=upbeat::%s\n' "$1"
  exit 1
}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
own=$("$here/ci/version.sh")
version=${UPBEAT_VERSION:-$own}
version=${version#v}
# It becomes a part of paths and of an address.
[[ $version =~ ^[0-9A-Za-z][0-9A-Za-z.+-]*$ ]] || fail "the input version is no version: 1.2.3, source, or nothing"
[[ ${UPBEAT_REPOSITORY:-} =~ ^([0-9A-Za-z._-]+/[0-9A-Za-z._-]+)?$ ]] || fail "the action's repository has no name that is understood"

case "${RUNNER_OS:-}-${RUNNER_ARCH:-}" in
  Linux-X64) target=x86_64-unknown-linux-gnu ;;
  Linux-ARM64) target=aarch64-unknown-linux-gnu ;;
  macOS-X64) target=x86_64-apple-darwin ;;
  macOS-ARM64) target=aarch64-apple-darwin ;;
  Windows-X64) target=x86_64-pc-windows-msvc ;;
  *) target='' ;;
esac
case $target in
  *-windows-*) suffix=.exe archive=upbeat-$target.zip ;;
  *) suffix='' archive=upbeat-$target.tar.gz ;;
esac
temp=$RUNNER_TEMP
# Windows gives it with backslashes, which tar and unzip of its bash do not take.
if command -v cygpath >/dev/null; then temp=$(cygpath -u "$temp"); fi
folder=$temp/upbeat-$version
mkdir -p "$folder/bin"

digest() {
  if command -v sha256sum >/dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d ' ' -f 1
}

# Fetches both, or says that there is no such release. A checksum that does not fit ends everything: it is never built over.
download() {
  local base=$UPBEAT_SERVER/$UPBEAT_REPOSITORY/releases/download/v$version
  local name
  for name in "$archive" "$archive.sha256"; do
    curl --fail --silent --show-error --location --retry 3 --output "$folder/$name" "$base/$name" || return 1
  done
  local expected
  expected=$(cut -d ' ' -f 1 "$folder/$archive.sha256")
  [ "$(digest "$folder/$archive")" = "$expected" ] || fail "$archive of v$version does not have its checksum"
  case $archive in
    *.zip) unzip -q -o "$folder/$archive" -d "$folder" ;;
    *) tar -xzf "$folder/$archive" -C "$folder" ;;
  esac
  mv -f "$folder/upbeat-$version-$target/upbeat$suffix" "$folder/bin/upbeat$suffix"
}

build() {
  command -v cargo >/dev/null || fail "there is no release for this runner, and no cargo to build it with"
  echo "upbeat is built from source"
  cargo install --quiet --locked --path "$here" --root "$folder" --force
}

if [ "$version" = source ]; then
  build
elif [ -n "$target" ] && [ -n "${UPBEAT_REPOSITORY:-}" ] && download; then
  echo "upbeat $version is the released one"
elif [ "$version" = "$own" ]; then
  build
else
  fail "there is no release v$version for this runner"
fi

"$folder/bin/upbeat$suffix" --version
if command -v cygpath >/dev/null; then cygpath -w "$folder/bin"; else echo "$folder/bin"; fi >>"$GITHUB_PATH"
