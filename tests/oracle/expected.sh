#!/bin/sh
# Writes fixtures/compose/*/expected.json anew, with the real docker-compose that tests/oracle/fetch.sh brings; what it says
# of projects that it refuses, which have a file `refused`, goes there.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
program=$root/target/oracle/docker-compose
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for fixture in "$root"/fixtures/compose/*/; do
    rm -rf "$work/project"
    cp -R "$fixture" "$work/project"
    rm -f "$work/project/expected.json" "$work/project/refused"
    arguments=$(cat "$fixture/arguments" 2>/dev/null || true)
    # The flags are words of their own.
    # shellcheck disable=SC2086
    (cd "$work/project" && env -i PATH="$PATH" HOME=/home/user "$program" $arguments config --format json) 2>"$work/errors" |
        sed "s|$work/project|/project|g" >"$fixture/expected.json" || true
    if [ -s "$fixture/expected.json" ]; then
        echo >>"$fixture/expected.json"
    elif [ -f "$fixture/refused" ]; then
        sed "s|$work/project|/project|g" "$work/errors" | grep -v level=warning >"$fixture/refused"
        rm -f "$fixture/expected.json"
    else
        echo "$fixture: $(cat "$work/errors")" >&2
        rm -f "$fixture/expected.json"
    fi
done
