#!/usr/bin/env bash
# What the image holds, without the engine that would build it: the program, made as the Dockerfile makes it, alone in an empty folder that is
# its whole world.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
[ "$(uname -s)" = Linux ] || skip "an image is made on Linux"
[ "$(id -u)" = 0 ] || skip "only root may change the root folder"
needs chroot ldd rustc
# A container may be root and still not be let.
chroot / true 2>/dev/null || skip "the root folder cannot be changed here"
quick

grep -qF "RUSTFLAGS='-C target-feature=+crt-static' cargo build --release --locked --target \"\$host\"" Dockerfile || fail "the Dockerfile builds in another way"
host=$(rustc -vV | sed -n 's/^host: //p')
RUSTFLAGS='-C target-feature=+crt-static' cargo build --quiet --release --locked --target "$host"
built=$CARGO_TARGET_DIR/$host/release/upbeat

out=$(ldd "$built" 2>&1) || true
says 'statically linked'
if command -v file >/dev/null; then
  out=$(file "$built")
  grep -Eq 'static-pie linked|statically linked' <<<"$out" || fail "it is not static"
fi

mkdir -p "$scratch/image/project"
cp "$built" "$scratch/image/upbeat"
cp -r "$story/before/." "$scratch/image/project"
# As `docker run -v "$PWD:/project"` does: the working folder is the project, the environment almost empty.
container() { try env -i "$(command -v chroot)" "$scratch/image" /upbeat "$@"; }
container --version
[ "$code$out" = "0upbeat $(ci/version.sh)" ] || fail "it does not run alone"
container --format short /project
[ "$code" = 1 ] || fail "the exit code is $code instead of 1"
says 'error[wait-below-budget]: MAX_WAIT=120'
container --fix --log backend=/project/logs/backend-bad-day.log /project
container --log backend=/project/logs/backend-bad-day.log /project
[ "$code" = 0 ] || fail "what it has fixed is not well"

echo "image: the program runs alone in an empty root folder"
