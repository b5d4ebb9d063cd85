#!/usr/bin/env bash
# What a release consists of, from programs that are built: an archive for each target with licences, README, completions and manual, its
# checksum beside it, SHA256SUMS of all, and the packages for npm.
#
# usage: ci/package.sh BINARIES OUT
#
# BINARIES holds TARGET/upbeat, or TARGET/upbeat.exe, for each Rust target; OUT is made. UPBEAT names a program that runs here (default: the one
# among them that does). Needs GNU tar, zip where there is a Windows target, and npm.
set -euo pipefail

fail() {
  printf 'package: %s\n' "$1" >&2
  exit 1
}

[ $# -eq 2 ] || fail "usage: ci/package.sh BINARIES OUT"
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
binaries=$(cd "$1" && pwd)
mkdir -p "$2"
out=$(cd "$2" && pwd)
version=$("$root/ci/version.sh")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A download of built programs has lost their mode.
chmod +x "$binaries"/*/upbeat* 2>/dev/null || fail "there are no programs in $1"

upbeat=${UPBEAT:-}
if [ -z "$upbeat" ]; then
  for candidate in "$binaries"/*/upbeat; do
    if "$candidate" --version >/dev/null 2>&1; then
      upbeat=$candidate
      break
    fi
  done
fi
[ -n "$upbeat" ] || fail "none of the programs runs here: UPBEAT has to name one that does"
[ "$("$upbeat" --version)" = "upbeat $version" ] || fail "$upbeat is not of version $version"

# What is the same on every system is made once.
mkdir -p "$work/common/completions" "$work/common/man"
cp "$root/README.md" "$root/LICENSE-MIT" "$root/LICENSE-APACHE" "$root/upbeat.schema.json" "$work/common"
"$upbeat" completions bash >"$work/common/completions/upbeat.bash"
"$upbeat" completions zsh >"$work/common/completions/_upbeat"
"$upbeat" completions fish >"$work/common/completions/upbeat.fish"
"$upbeat" completions powershell >"$work/common/completions/_upbeat.ps1"
"$upbeat" man --dir "$work/common/man"

sum() { (cd "$out" && sha256sum "$@"); }

# The same input gives the same bytes.
when=${SOURCE_DATE_EPOCH:-$(git -C "$root" log -1 --format=%ct 2>/dev/null || echo 0)}
targets=()
for folder in "$binaries"/*/; do
  target=$(basename "$folder")
  name=upbeat-$version-$target
  cp -r "$work/common" "$work/$name"
  cp "$folder"upbeat* "$work/$name"
  find "$work/$name" -exec touch -d "@$when" {} +
  case $target in
    *-windows-*)
      archive=upbeat-$target.zip
      (cd "$work" && find "$name" -type f | LC_ALL=C sort | zip --quiet -X -@ "$out/$archive")
      targets+=("$target=${folder}upbeat.exe")
      ;;
    *)
      archive=upbeat-$target.tar.gz
      tar --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$when" -C "$work" -cf - "$name" | gzip -n >"$out/$archive"
      targets+=("$target=${folder}upbeat")
      ;;
  esac
  sum "$archive" >"$out/$archive.sha256"
done

node "$root/npm/packages.mjs" "$work/npm" "${targets[@]}"
for package in "$work"/npm/*/; do
  (cd "$out" && npm pack --silent "$package" >/dev/null)
done
(
  cd "$out"
  shopt -s nullglob
  sha256sum -- *.tar.gz *.zip *.tgz *.whl >SHA256SUMS
)
ls "$out"
