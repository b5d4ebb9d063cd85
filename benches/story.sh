#!/usr/bin/env bash
# How long `upbeat` takes for the story's project, beside `docker-compose config` for the same files: whole processes,
# run in turn, medians. The ratio counts, since it does not hang on the machine.
#
# Usage: benches/story.sh [RUNS]       (default 31)
# Exit: 0 if upbeat takes less than a fifth, 1 if not, 0 with a word if docker-compose cannot be had.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
target=${CARGO_TARGET_DIR:-$root/target}
runs=${1:-31}

(cd "$root" && cargo build --release --quiet)
if ! oracle=$("$root/tests/oracle/fetch.sh"); then
  echo "story: skipped, there is no docker-compose to compare with"
  exit 0
fi

export PYTHONPATH=$root/benches PYTHONDONTWRITEBYTECODE=1
exec python3 - "$target/release/upbeat" "$oracle" "$root" "$runs" <<'PYTHON'
import sys

from measure import is_faster

upbeat, oracle, root, runs = sys.argv[1:4] + [int(sys.argv[4])]
story = "fixtures/story/before"
files = ["-f", "docker-compose.yml", "-f", "compose.staging.yml"]
contestants = [
    # It has findings there: 1. A 2 would mean that it saw less than everything.
    ("upbeat", [upbeat, story], root, 1),
    ("docker-compose config", [oracle, *files, "config", "-q"], f"{root}/{story}", 0),
]
sys.exit(not is_faster(contestants, runs))
PYTHON
