"""What the benches share: whole processes run in turn, and a compose file of any size.

A process begins with the memory of the one that starts it, which counts for the most that it ever has: so little is imported
here, and files are written piece by piece.
"""

import os
import sys
import time

PROJECT = """\
# The shop, all of it in one file.
name: shop

x-logging: &logging
  driver: json-file
  options:
    max-size: "10m"
    max-file: "3"

x-probe: &probe
  interval: 30s
  timeout: 5s
  retries: 3

services:
"""

SERVICE = """\
  # Orders of region {i}: started once those before it are healthy.
  service-{i}:
    image: registry.example.com/shop/orders-{i}:1.{minor}.0
    container_name: shop-service-{i}
    restart: unless-stopped
    command: ["serve", "--port", "8080", "--region", "region-{i}"]
    environment:
      - LOG_LEVEL=info
      - REGION=region-{i}
      - DATABASE_URL=postgres://orders:${{DATABASE_PASSWORD:-secret}}@database-{i}:5432/orders
      - JAVA_TOOL_OPTIONS=-Xms256m -Xmx512m -XX:+UseG1GC
    healthcheck:
      <<: *probe
      test: ["CMD", "curl", "--fail", "http://localhost:8080/health"]
      start_period: {start_period}s # measured
{depends_on}    labels:
      traefik.enable: "true"
      traefik.http.routers.service-{i}.rule: Host(`service-{i}.example.com`)
    ports:
      - "{port}:8080"
      - target: 9090
        published: "{metrics}"
    volumes:
      - data-{i}:/var/lib/orders
      - ./config/orders.yml:/etc/orders/config.yml:ro
    networks: [back, front]
    logging: *logging
    deploy:
      resources:
        limits:
          cpus: "0.50"
          memory: 512M

"""

DEPENDS_ON = """\
    depends_on:
      service-{half}:
        condition: service_healthy
      service-{third}:
        condition: service_started
"""

MISSPELT = """\
  service-{i}:
    image: registry.example.com/shop/orders-{i}
    depends_on: [servise-{half}]
    networks: [netwrk-{i}]
  worker-{i}:
    extends: {{service: servcie-{half}}}
"""

# The mean of the first 4,000.
BYTES_A_SERVICE = 1210


def write_project(path, services):
    """Writes a compose file of so many services, and gives its size in bytes."""
    with open(path, "w", encoding="utf-8") as file:
        file.write(PROJECT)
        for i in range(services):
            depends_on = DEPENDS_ON.format(half=i // 2, third=i // 3) if i > 3 else ""
            file.write(
                SERVICE.format(
                    i=i,
                    minor=i % 40,
                    start_period=60 + i % 60,
                    port=10000 + i,
                    metrics=30000 + i,
                    depends_on=depends_on,
                )
            )
        file.write("networks:\n  back:\n  front:\n    driver: bridge\n\nvolumes:\n")
        for i in range(services):
            file.write(f"  data-{i}: {{}}\n")
    return os.path.getsize(path)


def write_misspelt(path, services):
    """The same of a file that names three things that are not there for each service, all of them misspelt."""
    with open(path, "w", encoding="utf-8") as file:
        file.write("services:\n")
        for i in range(services):
            file.write(MISSPELT.format(i=i, half=i // 2))
        file.write("networks:\n")
        for i in range(services):
            file.write(f"  network-{i}:\n")
    return os.path.getsize(path)


class Run:
    """A process that has ended: its length, the time it had a processor for, in seconds, and the most memory, in bytes."""

    def __init__(self, command, folder=".", expected=0, output=os.devnull):
        os.chdir(folder)
        files = [
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
            (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
        ]
        begin = time.perf_counter()
        process = os.posix_spawnp(command[0], command, os.environ, file_actions=files)
        _, status, usage = os.wait4(process, 0)
        self.length = time.perf_counter() - begin
        code = os.waitstatus_to_exitcode(status)
        if code != expected:
            sys.exit(f"{' '.join(command)} exits with {code}, not {expected}")
        self.busy = usage.ru_utime + usage.ru_stime
        self.memory = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def median(numbers):
    numbers = sorted(numbers)
    middle = len(numbers) // 2
    return numbers[middle] if len(numbers) % 2 else (numbers[middle - 1] + numbers[middle]) / 2


def in_turn(contestants, runs):
    """The median length of each contestant, a command with its folder and exit code; they run in turn."""
    lengths = {name: [] for name, *_ in contestants}
    for turn in range(runs + 1):
        for name, command, folder, expected in contestants:
            length = Run(command, folder, expected).length
            if turn > 0:  # the first turn fills the caches
                lengths[name].append(length)
    return {name: median(taken) for name, taken in lengths.items()}


def is_faster(contestants, runs, limit=1 / 5):
    """Prints the medians of two contestants; whether the first takes less than this part of the other's time."""
    medians = in_turn(contestants, runs)
    for name, length in medians.items():
        print(f"{name:<22} {length * 1000:8.2f} ms   median of {runs}")
    ours, theirs = medians.values()
    print(f"{'ratio':<22} {ours / theirs:8.3f}      must be below {limit}")
    return ours / theirs < limit
