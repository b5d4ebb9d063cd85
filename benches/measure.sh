#!/usr/bin/env bash
# How fast `upbeat measure` reads a large log, beside `grep -c` for the same number of texts, and how much memory it takes: a log of
# many services with Docker's timestamps, in which starts are rare. Whole processes, run in turn, medians. What it finds is held
# against what was written.
#
# Usage: benches/measure.sh [MB [RUNS]]       (default 1000 and 3)
# Exit: 1 if upbeat has less than a third of grep's speed, or takes more than 32 MB of memory, or finds something else; else 0.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
target=${CARGO_TARGET_DIR:-$root/target}
megabytes=${1:-1000}
runs=${2:-3}

[ -n "${UPBEAT:-}" ] || (cd "$root" && cargo build --release --quiet)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

export PYTHONPATH=$root/benches PYTHONDONTWRITEBYTECODE=1 LC_ALL=C
python3 -S - "${UPBEAT:-$target/release/upbeat}" "$root/benches/phrases.txt" "$folder" "$megabytes" "$runs" <<'PYTHON'
import json
import os
import sys

from measure import Run, median

upbeat, phrases, folder = sys.argv[1:4]
size, runs = int(sys.argv[4]) * 1_000_000, int(sys.argv[5])
MOST_MEMORY, LEAST_SPEED = 32_000_000, 1 / 3

SERVICES = ["backend", "frontend", "worker", "search", "mail", "proxy", "db", "redis"]
CHATTER = [
    '172.18.0.1 - - "GET /api/v1/items/{n}?page=2 HTTP/1.1" 200 5120 "-" "Mozilla/5.0 (X11; Linux x86_64)"',
    "INFO request id={n} handled by worker 7, user=anonymous, cache=miss, took 12 ms",
    "DEBUG query SELECT * FROM orders WHERE customer = {n} ORDER BY created DESC LIMIT 50",
    "WARN retry {n} of a connection that was refused, next in a moment",
    "INFO checkpoint complete: wrote {n} buffers (0.3%); 0 file(s) added, 0 removed",
]
START = [
    "[2025-11-01 10:30:00] STEP 1/2: Migrating",
    "✅ Database migrations completed in 45s",
    "[2025-11-01 10:30:45] STEP 2/2: Collecting",
    "✅ Static files completed in 15s",
    "║  Total startup time: 60s  ║",
]


def block(number):
    """About a megabyte, with the start of one service."""
    lines = []
    for n in range(7000):
        second = f"2025-11-{1 + number % 28:02}T{n // 300 % 24:02}:{n // 5 % 60:02}:{n % 60:02}.{n:09}Z"
        service = SERVICES[n * 7 % 8]
        lines.append(f"{service}-1  | {second} {CHATTER[n % 5].format(n=number * 7000 + n)}")
    for n, line in enumerate(START):
        lines.append(f"backend-1  | 2025-11-01T10:30:{n * 10:02}.000000000Z {line}")
    return ("\n".join(lines) + "\n").encode()


path, starts, written = f"{folder}/day.log", 0, 0
with open(path, "wb") as file:
    while written < size:
        written += file.write(block(starts))
        starts += 1

ours = [upbeat, "measure", "--format", "json", path]
# With each text of the tables; grep's exit code is 0, since it finds some.
theirs = ["grep", "-c", "-F", "-f", phrases, path]
lengths, memory = {"upbeat measure": [], "grep -c": []}, []
for turn in range(runs + 1):
    first = Run(ours, folder, 0, f"{folder}/out.json")
    # To a file: grep stops at the first that it finds where nobody reads the count.
    second = Run(theirs, folder, 0, f"{folder}/count.txt")
    memory.append(first.memory)
    if turn > 0:  # the first turn fills the caches
        lengths["upbeat measure"].append(first.busy)
        lengths["grep -c"].append(second.busy)

with open(f"{folder}/out.json", encoding="utf-8") as file:
    found = json.load(file)["startups"]
right = len(found) == starts and all(
    start["ready_s"] == 60 and len(start["steps"]) == 2 for start in found
)
speeds = {name: written / median(busy) for name, busy in lengths.items()}
print(f"{written / 1e6:.0f} MB, {starts} starts, {sum(1 for _ in open(phrases, 'rb'))} texts")
for name, speed in speeds.items():
    print(f"{name:<16} {speed / 1e6:8.0f} MB/s   median of {runs}, time of the processor")
ratio = speeds["upbeat measure"] / speeds["grep -c"]
print(f"{'speed':<16} {ratio:8.2f}        must be at least {LEAST_SPEED:.2f}")
print(f"{'memory':<16} {max(memory) / 1e6:8.1f} MB     must be at most {MOST_MEMORY / 1e6:.0f}")
print(f"{'found':<16} {'what was written' if right else 'something else'}")
os.remove(path)
sys.exit(ratio < LEAST_SPEED or max(memory) > MOST_MEMORY or not right)
PYTHON
