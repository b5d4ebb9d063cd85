#!/usr/bin/env bash
# Runs tests/docker.rs against a real Docker engine of its own: Debian's docker.io with a private socket, data folder and process tree.
#
# The packages are fetched with apt-get and unpacked into a temporary folder; nothing is installed, and no other engine is touched.
# Where that is impossible (no root, no apt-get, no cgroups …) it says so and ends with 0. What stands behind the name goes to the tests: `-- NAME`.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
image=upbeat-engine:1

skip() {
  echo "skipped: no Docker engine can be had here: $1"
  exit 0
}

[ "$(uname -s)" = Linux ] || skip "this is no Linux"
[ "$(id -u)" = 0 ] || skip "dockerd needs root"
command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || skip "this is no Debian"

# Short, since the path of a socket has at most 108 bytes.
work=$(mktemp -d /tmp/upbeat-engine.XXXXXX)
# In memory: the engine waits for the disk at each step of a start, and so for all that others write there.
mount -t tmpfs -o size=2g upbeat-engine "$work" 2>/dev/null || true
group=/$(basename "$work")
pid=
# What the engine leaves outside of its folders, if it was not there before.
strays=()
for folder in /run/docker/plugins /run/docker /opt/containerd/bin /opt/containerd/lib /opt/containerd; do
  [ -e "$folder" ] || strays+=("$folder")
done

clean_up() {
  if [ -n "$pid" ]; then
    docker ps --quiet --all 2>/dev/null | xargs -r docker rm --force >/dev/null 2>&1 || true
    docker image rm --force "$image" >/dev/null 2>&1 || true
    kill "$pid" 2>/dev/null || true
    for _ in $(seq 100); do
      kill -0 "$pid" 2>/dev/null || break
      sleep 0.1
    done
    kill -KILL "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  fi
  awk -v work="$work" 'index($2, work) == 1 { print $2 }' /proc/mounts | sort -r | xargs -r umount || true
  rm -rf "$work"
  for folder in "${strays[@]}"; do
    rmdir "$folder" 2>/dev/null || true
  done
  find /sys/fs/cgroup -depth -type d -path "*$group*" -exec rmdir {} + 2>/dev/null || true
}
trap clean_up EXIT
trap 'exit 130' INT TERM

compose=$("$root/tests/oracle/fetch.sh") || skip "docker-compose is not to be had"

packages="docker.io containerd runc busybox-static"
mkdir "$work/debs" "$work/programs"
fetch() {
  # shellcheck disable=SC2086
  (cd "$work/debs" && apt-get download $packages) >"$work/apt.log" 2>&1
}
fetch || { apt-get update >/dev/null 2>&1 || true; fetch; } || skip "apt-get: $(tail -n 1 "$work/apt.log")"
for package in "$work"/debs/*.deb; do
  dpkg-deb -x "$package" "$work/programs"
done
rm -rf "$work/debs"
export PATH=$work/programs/usr/bin:$work/programs/usr/sbin:$PATH

missing=$(ldd "$(command -v dockerd)" | sed -n 's/ => not found//p' | xargs)
[ -z "$missing" ] || skip "dockerd lacks $missing (apt-get install libdevmapper1.02.1 libseccomp2 libsystemd0)"

export DOCKER_HOST=unix://$work/socket
unset DOCKER_CONTEXT DOCKER_TLS_VERIFY DOCKER_API_VERSION
# First in line for the processor: a probe that has to wait for a compiler says nothing about the clock.
first="nice -n -10"
nice -n -10 true 2>/dev/null || first=
$first dockerd --host "$DOCKER_HOST" --data-root "$work/data" --exec-root "$work/exec" --pidfile "$work/pid" \
  --cgroup-parent "$group" --iptables=false --ip6tables=false --bridge=none >"$work/dockerd.log" 2>&1 &
pid=$!
for _ in $(seq 300); do
  docker version >/dev/null 2>&1 && break
  kill -0 "$pid" 2>/dev/null || skip "dockerd: $(tail -n 1 "$work/dockerd.log")"
  sleep 0.1
done
docker version >/dev/null 2>&1 || skip "dockerd does not answer: $(tail -n 1 "$work/dockerd.log")"

mkdir -p "$work/image/bin"
cp "$work/programs/bin/busybox" "$work/image/bin/"
for name in sh sleep test touch rm; do
  ln -s busybox "$work/image/bin/$name"
done
tar -C "$work/image" -c . | docker import - "$image" >/dev/null || skip "an image cannot be imported"
docker run --rm --network none "$image" sh -c 'exit 0' >"$work/run.log" 2>&1 || skip "a container cannot be started: $(tail -n 1 "$work/run.log")"

echo "engine $(docker version --format '{{.Server.Version}}'), docker-compose $("$compose" version --short)"
cd "$root"
cargo test --quiet --test docker --no-run
export UPBEAT_ENGINE_IMAGE=$image
$first cargo test --test docker -- --ignored --nocapture "$@"
