#!/usr/bin/env bash
# How long the shell reader takes beside a plain scan of the same scripts' lines, and how that grows with a script's length:
# the scripts of real projects where they are at hand (UPBEAT_CORPUS), and generated ones. Within one process, since a script
# takes less than a process does to start; in processor time, since both are of one thread.
#
# Usage: benches/shell.sh
# Exit: 1 if reading takes more than 100 times as long as the scan, or grows by more than the length; else 0.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec cargo bench --quiet --bench shell
