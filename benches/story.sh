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

exec python3 - "$target/release/upbeat" "$oracle" "$root" "$runs" <<'PYTHON'
import statistics
import subprocess
import sys
import time

upbeat, oracle, root, runs = sys.argv[1:4] + [int(sys.argv[4])]
story = "fixtures/story/before"
contestants = [
    # It has findings there: 1. A 2 would mean that it saw less than everything.
    ("upbeat", [upbeat, story], root, 1),
    (
        "docker-compose config",
        [oracle, "-f", "docker-compose.yml", "-f", "compose.staging.yml", "config", "-q"],
        f"{root}/{story}",
        0,
    ),
]


def run(name, command, folder, expected):
    begin = time.perf_counter()
    done = subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    length = time.perf_counter() - begin
    if done.returncode != expected:
        sys.exit(f"story: {name} exits with {done.returncode}, not {expected}: {done.stderr.decode().strip()}")
    return length


times = {name: [] for name, *_ in contestants}
for turn in range(runs + 1):
    for contestant in contestants:
        length = run(*contestant)
        if turn > 0:  # the first turn fills the caches
            times[contestant[0]].append(length)

medians = {name: statistics.median(lengths) for name, lengths in times.items()}
for name, median in medians.items():
    print(f"{name:<22} {median * 1000:8.2f} ms   median of {runs}")
ratio = medians["upbeat"] / medians["docker-compose config"]
limit = 1 / 5
print(f"{'ratio':<22} {ratio:8.3f}      must be below {limit}")
sys.exit(ratio >= limit)
PYTHON
