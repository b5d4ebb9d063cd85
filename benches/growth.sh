#!/usr/bin/env bash
# How time and memory grow with the size of a compose file: `upbeat check` and `upbeat config` over one file of 0.35, 1.4 and
# 5.6 MB, and over one of 1,000 services; and `upbeat check` over files in which all names are misspelt, which are looked up
# among as many others. Whole processes; time is what the processor spent, medians.
#
# Usage: benches/growth.sh [RUNS]       (default 7)
# Exit: 1 if a byte of the largest file takes more than twice the time of one of the smallest, or if `check` takes more than
# ten times the text's size of the largest one; else 0.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
target=${CARGO_TARGET_DIR:-$root/target}
runs=${1:-7}

(cd "$root" && cargo build --release --quiet)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

export PYTHONPATH=$root/benches PYTHONDONTWRITEBYTECODE=1
python3 -S - "$target/release/upbeat" "$folder" "$runs" <<'PYTHON'
import os
import sys

from measure import BYTES_A_SERVICE, Run, median, write_misspelt, write_project

upbeat, folder, runs = sys.argv[1], sys.argv[2], int(sys.argv[3])
MOST_GROWTH, MOST_MEMORY = 2, 10
counts = sorted([1000] + [int(size * 1e6 / BYTES_A_SERVICE) for size in (0.35, 1.4, 5.6)])


def commands(place):
    return {
        "check": [upbeat, place],
        "config": [upbeat, "config", "-f", f"{place}/compose.yml", "--format", "json"],
    }


taken = {"check": [], "config": [], "misspelt": []}
# Of a process that takes less than that nothing more is known.
least = Run(["true"]).memory
print(f"{'':<8}{'services':>9}{'MB':>7}{'ms':>9}{'ns/byte':>9}{'peak MB':>9}{'x text':>8}")
for services in counts:
    place = f"{folder}/{services}"
    wrong = f"{folder}/misspelt-{services}"
    os.mkdir(place)
    os.mkdir(wrong)
    size_of = {place: write_project(f"{place}/compose.yml", services)}
    size_of[wrong] = write_misspelt(f"{wrong}/compose.yml", services)
    measured = [(name, command, place, 0) for name, command in commands(place).items()]
    measured.append(("misspelt", [upbeat, wrong, "--format", "short"], wrong, 1))
    for name, command, at, code in measured:
        size = size_of[at]
        done = [Run(command, at, code) for _ in range(runs)]
        busy = median([run.busy for run in done])
        memory = max(run.memory for run in done)
        a_byte, times = busy / size * 1e9, memory / size
        taken[name].append((a_byte, times))
        peak = f"{'<' if memory <= least * 1.05 else ''}{memory / 1e6:.1f}"
        print(
            f"{name:<8}{services:>9}{size / 1e6:>7.2f}{busy * 1000:>9.1f}{a_byte:>9.1f}"
            f"{peak:>9}{times:>8.1f}"
        )

failed = False
for name, found in taken.items():
    growth = found[-1][0] / found[0][0]
    failed |= growth > MOST_GROWTH
    print(f"{name}: a byte of the largest takes {growth:.2f} times as long, must be at most {MOST_GROWTH}")
times = taken["check"][-1][1]
failed |= times > MOST_MEMORY
print(f"check: memory is {times:.1f} times the largest text, must be at most {MOST_MEMORY}")
sys.exit(failed)
PYTHON
