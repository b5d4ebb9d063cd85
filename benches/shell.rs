//! How long reading a script takes beside a plain scan of its lines, and how that grows with the script.
//!
//! The scripts are those of real projects where they are at hand (`UPBEAT_CORPUS`), else generated ones. Printed are the
//! nanoseconds of processor time a byte, and the ratio. Exit code 1 if reading takes more than [`MOST_RATIO`] times as long
//! as the scan, or if a byte of a script of twice the length takes more than [`MOST_GROWTH`] times as long.

use std::fmt::Write as _;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::OnceLock;
use std::time::{Duration, Instant};
use upbeat::ci::{self, System};
use upbeat::shell::{self, Dialect, Environment};
use upbeat::source::{FileKind, Mapped, Sources, Store};
use upbeat::yaml;

const RUNS: usize = 3;
/// The clock moves in steps of some milliseconds.
const LENGTH: Duration = Duration::from_millis(100);
/// The scan is little more than a search at the speed of memory. Of the reader's time a twentieth goes into its parser; the rest
/// is the walk, through each function at each of its calls.
const MOST_RATIO: f64 = 100.0;
/// What grows with the square of the length comes to 2.
const MOST_GROWTH: f64 = 1.4;

fn main() -> ExitCode {
    let (name, scripts) = corpus().unwrap_or_else(|| ("generated scripts", vec![generated(400)]));
    let read = against_a_scan(name, &scripts);
    let grows = grows();
    if read && grows {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Reading and scanning the same scripts; whether the ratio is no more than it may be.
fn against_a_scan(name: &str, scripts: &[String]) -> bool {
    let bytes: usize = scripts.iter().map(String::len).sum();
    let scanned = least(|| {
        for script in scripts {
            black_box(scan(script));
        }
    });
    let taken = least(|| {
        for script in scripts {
            read(script);
        }
    });
    let ratio = taken.as_secs_f64() / scanned.as_secs_f64();
    println!("{name}: {} of them, {:.2} MB", scripts.len(), mega(bytes));
    println!("{:<24}{:>9.2} ns/byte", "line scan", a_byte(scanned, bytes));
    println!(
        "{:<24}{:>9.2} ns/byte",
        "shell reader",
        a_byte(taken, bytes)
    );
    println!("{:<24}{ratio:>9.1} must be at most {MOST_RATIO}", "ratio");
    ratio <= MOST_RATIO
}

/// A name, and what makes such a script of a length.
type Kind = (&'static str, fn(usize) -> String);

/// Scripts of one kind, each twice as long as the one before it; whether a byte of the longer ones takes about as long.
fn grows() -> bool {
    let kinds: [Kind; 12] = [
        ("a usual script", generated),
        ("commands", |n| {
            "docker compose ps web | grep -q x\n".repeat(10 * n)
        }),
        ("a long pipeline", |n| {
            "cat \"$x\" | ".repeat(10 * n) + "cat\n"
        }),
        ("a long list", |n| "a $x && b || ".repeat(10 * n) + "c\n"),
        ("heredocs", |n| {
            numbered(n, |n| format!("ssh h <<E{n}\nsleep {n}\ncd /x\nE{n}\n"))
        }),
        ("heredocs on one line", |n| {
            numbered(n, |n| format!("cat <<E{n}; ")) + "\n" + &numbered(n, |n| format!("x\nE{n}\n"))
        }),
        ("functions and calls", |n| {
            numbered(n, |n| format!("f{n}() {{\n  sleep $1\n}}\nf{n} {n}\n"))
        }),
        ("calls of one function", |n| {
            format!(
                "f() {{\n  local m=${{1:-3}}\n  sleep $m\n}}\n{}",
                "f 5\n".repeat(5 * n)
            )
        }),
        ("variables", |n| {
            numbered(n, |n| format!("v{n}=$v{0}x\nexport v{n}\n", n / 2))
        }),
        ("branches", |n| {
            numbered(n, |n| {
                format!("if x; then a{n}=1; elif y; then a{n}=2; else exit 1; fi\n")
            })
        }),
        ("loops", |n| {
            "E=0\nwhile [ $E -lt 60 ]; do x && break\nsleep 5\nE=$((E + 5))\ndone\n".repeat(n)
        }),
        ("nested to the limit", |n| {
            let one = format!(
                "{}sleep 1\n{}",
                "if x; then\n".repeat(60),
                "fi\n".repeat(60)
            );
            one.repeat(n / 10)
        }),
    ];
    println!(
        "\n{:<24}{:>9}{:>9}{:>9}  ns/byte at 1, 2 and 4 times the length",
        "growth", "1", "2", "4"
    );
    let mut fine = true;
    for (name, make) in kinds {
        let taken = [400, 800, 1600].map(|count| {
            let script = make(count);
            a_byte(least(|| read(&script)), script.len())
        });
        let growth = (taken[2] / taken[0]).sqrt();
        let good = growth <= MOST_GROWTH;
        fine &= good;
        println!(
            "{name:<24}{:>9.1}{:>9.1}{:>9.1}  x {growth:.2} each time{}",
            taken[0],
            taken[1],
            taken[2],
            if good { "" } else { ", too much" }
        );
    }
    fine
}

fn read(script: &str) {
    let mut sources = Sources::default();
    let file = sources.add("script.sh", "");
    let script = Mapped::verbatim(file, script, 0);
    black_box(shell::read(&script, &Environment::new(), Dialect::Bash));
}

/// What a search for a word does.
fn scan(script: &str) -> usize {
    script.lines().filter(|line| line.contains("sleep")).count()
}

/// The least of some runs, in time of the processor; what is short is run so often that its clock can tell.
fn least(mut run: impl FnMut()) -> Duration {
    let times = (0..RUNS).map(|_| {
        let start = busy();
        let mut turns = 0;
        loop {
            run();
            turns += 1;
            let taken = busy().saturating_sub(start);
            if taken >= LENGTH {
                return taken / turns;
            }
        }
    });
    times.min().unwrap_or_default()
}

/// How long this thread has had a processor, which other programs on the machine do not change; elsewhere than on Linux how
/// long it has run at all.
fn busy() -> Duration {
    static START: OnceLock<Instant> = OnceLock::new();
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let first = told.and_then(|told| told.split_whitespace().next()?.parse().ok());
    first.map_or_else(
        || START.get_or_init(Instant::now).elapsed(),
        Duration::from_nanos,
    )
}

#[allow(clippy::cast_precision_loss)] // Sizes of texts.
fn a_byte(time: Duration, bytes: usize) -> f64 {
    time.as_secs_f64() * 1e9 / bytes as f64
}

#[allow(clippy::cast_precision_loss)]
fn mega(bytes: usize) -> f64 {
    bytes as f64 / 1e6
}

fn numbered(count: usize, line: impl Fn(usize) -> String) -> String {
    let lines: Vec<_> = (0..count).map(line).collect();
    lines.concat()
}

/// What deploy scripts look like, so many times.
fn generated(count: usize) -> String {
    let mut script = String::from("#!/usr/bin/env bash\nset -euo pipefail\n");
    for n in 0..count {
        let _ = write!(
            script,
            "\n# Region {n}: start it, and wait until it is healthy.\nlog_{n}() {{ echo \"[$(date)] $*\" >&2; }}\ncd \"${{ROOT:-/srv}}/region-{n}\"\ndocker compose -f docker-compose.yml -f compose.prod.yml up -d --remove-orphans || {{ log_{n} \"no start\"; exit 1; }}\nMAX_WAIT=${{1:-120}}\nELAPSED=0\nwhile [ $ELAPSED -lt $MAX_WAIT ]; do\n  HEALTHY=$(docker compose ps --format '{{{{.Health}}}}' | grep -c '^healthy$' || true)\n  if [ \"$HEALTHY\" -ge 4 ]; then\n    log_{n} \"healthy after ${{ELAPSED}}s\"\n    break\n  fi\n  sleep 5\n  ELAPSED=$((ELAPSED + 5))\ndone\nssh deploy@host-{n} <<'EOF'\n  sudo systemctl reload nginx\nEOF\n"
        );
    }
    script
}

/// The scripts of real projects.
fn corpus() -> Option<(&'static str, Vec<String>)> {
    let folder = std::env::var_os("UPBEAT_CORPUS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus"),
        PathBuf::from,
    );
    let entries = std::fs::read_dir(folder).ok()?.flatten();
    let mut scripts = Vec::new();
    for root in entries
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
    {
        scripts_of(&root, &mut scripts);
    }
    (!scripts.is_empty()).then_some(("scripts of real projects", scripts))
}

fn scripts_of(root: &Path, scripts: &mut Vec<String>) {
    const KINDS: [(FileKind, Option<System>); 7] = [
        (FileKind::Script, None),
        (FileKind::Workflow, Some(System::Workflow)),
        (FileKind::Action, Some(System::Action)),
        (FileKind::GitLab, Some(System::GitLab)),
        (FileKind::CircleCi, Some(System::CircleCi)),
        (FileKind::Azure, Some(System::Azure)),
        (FileKind::Bitbucket, Some(System::Bitbucket)),
    ];
    let mut store = Store::disk(root);
    for (kind, system) in KINDS {
        let paths: Vec<String> = store.of_kind(kind).map(str::to_owned).collect();
        for path in paths {
            let Ok(file) = store.open(&path) else {
                continue;
            };
            let source = store.sources().get(file);
            let Some(system) = system else {
                scripts.push(source.text().to_owned());
                continue;
            };
            let Ok(tree) = yaml::parse(file, source.text()) else {
                continue;
            };
            let jobs = ci::read(system, &tree, source, None).jobs.into_iter();
            let steps = jobs.flat_map(|job| job.steps);
            let read = steps.filter_map(|step| step.script);
            scripts.extend(read.map(|script| script.text.text().to_owned()));
        }
    }
}
