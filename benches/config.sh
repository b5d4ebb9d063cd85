#!/usr/bin/env bash
# How long `upbeat config` takes for one file, beside `docker-compose config` for the same: whole processes, run in turn,
# medians. A small file, and one of 1,000 services; both programs have to print the same.
#
# Usage: benches/config.sh [RUNS [SERVICES]]       (default 31 and 1000; of the large file a third of the runs)
# Exit: 0 if upbeat takes less than a fifth, 1 if not, 0 with a word if docker-compose cannot be had.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
target=${CARGO_TARGET_DIR:-$root/target}
runs=${1:-31}
services=${2:-1000}

(cd "$root" && cargo build --release --quiet)
if ! oracle=$("$root/tests/oracle/fetch.sh"); then
  echo "config: skipped, there is no docker-compose to compare with"
  exit 0
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

export PYTHONPATH=$root/benches PYTHONDONTWRITEBYTECODE=1
python3 - "$target/release/upbeat" "$oracle" "$root" "$folder" "$runs" "$services" <<'PYTHON'
import sys

from measure import Run, is_faster, write_project

upbeat, oracle, root, folder = sys.argv[1:5]
runs, services = int(sys.argv[5]), int(sys.argv[6])
size = write_project(f"{folder}/compose.yml", services)


def printed(name, command, place, expected):
    path = f"{folder}/{name}.json"
    Run(command, place, expected, path)
    with open(path, "rb") as output:
        return output.read().rstrip()


def compare(title, place, file, runs):
    arguments = ["-f", file, "config", "--format", "json"]
    ours = [upbeat, "config", "-f", file, "--format", "json"]
    contestants = [
        ("upbeat config", ours, place, 0),
        ("docker-compose config", [oracle, *arguments], place, 0),
    ]
    print(title)
    if len({printed(*contestant) for contestant in contestants}) > 1:
        sys.exit("config: the two print different models")
    return is_faster(contestants, runs)


small = compare("the story's base file", f"{root}/fixtures/story/before", "docker-compose.yml", runs)
large = compare(
    f"{services} services, {size / 1e6:.2f} MB", folder, "compose.yml", max(runs // 3, 1)
)
sys.exit(not (small and large))
PYTHON
