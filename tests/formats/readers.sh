#!/usr/bin/env bash
# The programs that read upbeat's reports: brings them into target/readers, and has them read the reports of a folder if one is named.
#
#   tests/formats/readers.sh            only brings them
#   tests/formats/readers.sh FOLDER     report.sarif and its like in FOLDER, with what they hold in expected.json
#
# pip brings readers and a schema checker, npm further readers and the schema of SARIF; both from the indexes that they are configured
# for. Nothing that a package would run when it is installed by npm is run.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=$(cd "$here/../.." && pwd)/target/readers
# Changes with the list of packages below.
stamp=$folder/complete-1

fail() {
  echo "readers: they cannot be had: $1" >&2
  exit 1
}

if [ ! -e "$stamp" ]; then
  for tool in python3 npm node; do
    command -v "$tool" >/dev/null || fail "there is no $tool"
  done
  rm -rf "$folder"
  mkdir -p "$folder/node"
  python3 -m venv "$folder/python" || fail "python3 makes no virtual environment"
  "$folder/python/bin/pip" install --quiet --disable-pip-version-check \
    'sarif-tools==3.0.5' 'junitparser==5.0.3' 'check-jsonschema==0.39.0' >&2 || fail "pip brings them not"
  echo '{ "private": true }' >"$folder/node/package.json"
  npm install --prefix "$folder/node" --silent --no-fund --no-audit --ignore-scripts \
    '@microsoft/jest-sarif@1.0.0-beta.0' '@umbrelladocs/rdformat-validator@1.0.1' 'danger-plugin-lint-report@1.8.1' >&2 ||
    fail "npm brings them not"
  touch "$stamp"
fi

if [ $# -gt 0 ]; then
  exec "$folder/python/bin/python" "$here/read.py" "$folder" "$1"
fi
echo "$folder"
