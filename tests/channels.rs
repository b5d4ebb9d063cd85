//! The ways in which upbeat reaches its users, each by the real programs: npm, pip, pre-commit, a runner's steps, the shells. What needs a
//! program that is not here says so and passes; what takes minutes is run, and what can be fetched is fetched, where `UPBEAT_CHANNELS` is set:
//! 1 for all of it, or the names of slow ones, as `.ci/run` does.

use serde_json::Value as Json;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

/// They share tools, compiled crates and two processors: one at a time is as quick as all at once.
static ONE: Mutex<()> = Mutex::new(());
/// What a script ends with where a tool is missing.
const SKIPPED: i32 = 77;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn run(script: &str) {
    if cfg!(windows) {
        println!("skipped: {script}: its shell is not here");
        return;
    }
    let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    let mut command = Command::new("bash");
    command
        .arg(root().join("tests/channels").join(script))
        .env("UPBEAT", env!("CARGO_BIN_EXE_upbeat"));
    // `cargo test` alone fetches nothing.
    if !is_thorough() {
        command.env("UPBEAT_NO_TOOLS", "1");
    }
    let output = match command.output() {
        Ok(output) => output,
        Err(error) => {
            println!("skipped: {script}: there is no bash: {error}");
            return;
        }
    };
    let told = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    println!("{told}");
    match output.status.code() {
        Some(0) => {}
        Some(SKIPPED) => assert!(told.contains("skipped: "), "{script} says not why"),
        _ => panic!("{script}: {}\n{told}", output.status),
    }
}

fn is_thorough() -> bool {
    std::env::var_os("UPBEAT_CHANNELS").is_some()
}

/// Where it takes minutes: it compiles.
fn run_slow(script: &str) {
    let asked = std::env::var("UPBEAT_CHANNELS").unwrap_or_default();
    let name = script.trim_end_matches(".sh");
    if asked == "1" || asked.split(',').any(|one| one == name) {
        run(script);
    } else {
        println!("skipped: {script}: it takes minutes, and is run with UPBEAT_CHANNELS=1");
    }
}

#[test]
fn the_packages_for_npm_install_and_run() {
    run("npm.sh");
}

#[test]
fn completions_load_and_complete() {
    run("completions.sh");
}

#[test]
fn the_steps_of_the_action_do_what_they_should() {
    run("action.sh");
}

#[test]
fn workflows_and_templates_are_as_their_checkers_want_them() {
    run("workflows.sh");
}

#[test]
fn the_wheel_installs_and_runs() {
    run_slow("wheel.sh");
}

#[test]
fn the_program_of_the_image_runs_alone() {
    run_slow("image.sh");
}

#[test]
fn pre_commit_runs_both_hooks() {
    run_slow("pre-commit.sh");
}

/// The scripts beside these tests: each is run by one.
#[test]
fn no_script_is_forgotten() {
    let tests = read("tests/channels.rs");
    for entry in fs::read_dir(root().join("tests/channels")).expect("the scripts") {
        let name = entry.expect("an entry").file_name();
        let name = name.to_string_lossy();
        if name.ends_with(".sh") && name != "lib.sh" {
            assert!(tests.contains(&format!("(\"{name}\")")), "{name}");
        }
    }
}

/// Name, version, description and licence stand in Cargo.toml, and what is made for others reads them there.
#[test]
fn what_upbeat_is_called_stands_in_one_place() {
    let version = env!("CARGO_PKG_VERSION");
    let pyproject = read("pyproject.toml");
    let dynamic = pyproject
        .lines()
        .find(|line| line.starts_with("dynamic = "));
    for key in ["version", "description", "license"] {
        assert!(
            dynamic.is_some_and(|line| line.contains(&format!("\"{key}\""))),
            "{key}"
        );
        assert!(!pyproject.contains(&format!("\n{key} = ")), "{key}");
    }
    assert!(pyproject.contains(&format!("\nname = \"{}\"\n", env!("CARGO_PKG_NAME"))));
    for path in [
        "pyproject.toml",
        "action.yml",
        "ci/install.sh",
        "ci/package.sh",
        "ci/run.sh",
        "npm/packages.mjs",
        "npm/upbeat.js",
        "templates/upbeat.yml",
        "Dockerfile",
        ".pre-commit-hooks.yaml",
    ] {
        assert!(!read(path).contains(version), "{path} has the version too");
    }
    // The action is of the version that stands beside it.
    let action = read("action.yml");
    let input = action.split("\n  version:\n").nth(1).expect("the input");
    assert_eq!(input.lines().nth(1), Some("    default: ''"));

    if cfg!(windows) {
        return;
    }
    let told = Command::new("bash")
        .arg(root().join("ci/version.sh"))
        .output();
    if let Ok(told) = told {
        assert_eq!(String::from_utf8_lossy(&told.stdout).trim_end(), version);
    }
}

/// Every place that names a target names the same ones: the release builds what the action fetches and npm packs.
#[test]
fn the_targets_are_the_same_everywhere() {
    // What a quoted or spaced word of this form is.
    fn targets(text: &str) -> Vec<String> {
        let mut found: Vec<String> = text
            .split(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-'))
            .filter(|word| word.starts_with("x86_64-") || word.starts_with("aarch64-"))
            .map(str::to_owned)
            .collect();
        found.sort();
        found.dedup();
        found
    }
    let packages = targets(&read("npm/packages.mjs"));
    assert_eq!(packages.len(), 5, "{packages:?}");
    assert_eq!(targets(&read("ci/install.sh")), packages);
    let release = root().join(".github/workflows/release.yml");
    if release.exists() {
        assert_eq!(targets(&read(".github/workflows/release.yml")), packages);
    }
}

/// A variable that a script of the action reads is one that the action gives.
#[test]
fn the_action_gives_its_scripts_what_they_read() {
    let action = read("action.yml");
    for script in ["ci/install.sh", "ci/run.sh"] {
        let text = read(script);
        let step = action
            .split("    - name: ")
            .find(|step| step.contains(script));
        let step = step.unwrap_or_else(|| panic!("no step runs {script}"));
        let names = text.split(|c: char| !(c.is_ascii_uppercase() || c == '_'));
        let mut count = 0;
        for name in names.filter(|name| name.starts_with("UPBEAT_")) {
            assert!(
                step.contains(&format!("        {name}: ${{{{ ")),
                "{script}: {name}"
            );
            count += 1;
        }
        assert!(count > 2, "{script}");
        // What others say is no part of a script's text.
        assert!(!text.contains("${{"), "{script}");
    }
}

/// What npm reads of the packages: versions, platforms and files.
#[test]
fn the_launcher_names_no_package_that_is_not_made() {
    let folder = tempfile::tempdir().expect("a folder");
    let out: PathBuf = folder.path().join("packages");
    let made = Command::new("node")
        .arg(root().join("npm/packages.mjs"))
        .arg(&out)
        .args(
            [
                "x86_64-unknown-linux-gnu",
                "aarch64-apple-darwin",
                "x86_64-pc-windows-msvc",
            ]
            .map(|target| format!("{target}={}", root().join("Cargo.toml").display())),
        )
        .status();
    let Ok(made) = made else {
        println!("skipped: there is no node");
        return;
    };
    assert!(made.success());
    let manifest = |name: &str| -> Json {
        let text = fs::read_to_string(out.join(name).join("package.json")).expect(name);
        serde_json::from_str(&text).expect(name)
    };
    let launcher = manifest("upbeat");
    assert_eq!(launcher["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(launcher["description"], env!("CARGO_PKG_DESCRIPTION"));
    assert_eq!(
        launcher["license"],
        format!("({})", env!("CARGO_PKG_LICENSE"))
    );
    let optional = launcher["optionalDependencies"].as_object().expect("a map");
    for (name, os, cpu, file) in [
        ("upbeat-linux-x64", "linux", "x64", "upbeat"),
        ("upbeat-darwin-arm64", "darwin", "arm64", "upbeat"),
        ("upbeat-win32-x64", "win32", "x64", "upbeat.exe"),
    ] {
        assert_eq!(optional[name], env!("CARGO_PKG_VERSION"), "{name}");
        let package = manifest(name);
        assert_eq!(
            (&package["os"][0], &package["cpu"][0]),
            (&os.into(), &cpu.into())
        );
        assert!(out.join(name).join("bin").join(file).is_file(), "{name}");
    }
}
