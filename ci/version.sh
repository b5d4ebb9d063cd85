#!/usr/bin/env bash
# The version, from the one place where it stands.
set -euo pipefail
sed -n '/^\[package\]/,/^\[dependencies\]/s/^version = "\([^"]*\)"$/\1/p' "$(dirname "${BASH_SOURCE[0]}")/../Cargo.toml"
