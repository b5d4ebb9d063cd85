//! What `--diff` prints is taken by `git apply` and by `patch -p1`, to the byte.
#![allow(clippy::unwrap_used)] // Clippy sees tests in functions marked so, and not in their helpers.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use upbeat::fix::diff::{FileDiff, Style, render};

type Files = Vec<(String, String, String)>;

fn case(path: &str, old: &str, new: &str) -> (String, String, String) {
    (path.to_owned(), old.to_owned(), new.to_owned())
}

/// Paths and texts that patches have trouble with.
fn awkward() -> Files {
    vec![
        case("plain.yml", "a: 1\nb: 2\n", "a: 1\nb: 3\n"),
        case("deep/er/compose.yml", "a: 1\nb: 2", "a: 1\nb: 3"),
        case("end gained.yml", "a: 1", "a: 1\n"),
        case("end lost.yml", "a: 1\nb: 1\n", "a: 2\nb: 1"),
        case(
            "dos.yml",
            "a: 1\r\nb: 2\r\nc: 3\r\n",
            "a: 1\r\nb: 9\r\nc: 3\r\n",
        ),
        case(
            "old mac.yml",
            "a: 1\rb: 2\rc: 3\nd: 4\n",
            "a: 1\rb: 9\rc: 3\nd: 4\n",
        ),
        case("mark.yml", "\u{feff}a: 1\nb: 2\n", "\u{feff}a: 1\nb: 22\n"),
        case("escape.yml", "a: \x1b[2J\nb: 2\n", "a: \x1b[2J\nb: 3\n"),
        case("grösse ✓.yml", "ä: 1\n", "ä: 2\n"),
        case("quote\"back\\slash.yml", "a: 1\n", "a: 2\n"),
        case("tab\tand bell\x07.yml", "a: 1\n", "a: 2\n"),
        case("\u{202e}order.yml", "a: 1\n", "a: 2\n"),
        case("grown.yml", "", "a: 1\n"),
        case("signs.yml", "-- a\n++ b\n@@ c\n", "-- a\n++ d\n@@ c\n"),
    ]
}

/// Longer texts with changes here and there, the same ones every time.
fn many() -> Files {
    let mut state = 1u64;
    let mut random = move |below: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 33) % below
    };
    let mut files = Files::new();
    for number in 0..60 {
        let lines: Vec<String> = (0..random(40))
            .map(|_| format!("l{}\n", random(6)))
            .collect();
        let mut new = lines.clone();
        for _ in 0..=random(4) {
            let at = usize::try_from(random(new.len() as u64 + 1)).unwrap();
            match random(3) {
                0 => new.insert(at, format!("new{}\n", random(9))),
                1 if at < new.len() => "other\n".clone_into(&mut new[at]),
                _ if at < new.len() => drop(new.remove(at)),
                _ => {}
            }
        }
        // An emptied file is deleted by a patch: upbeat never empties one.
        new.push("end".to_owned());
        files.push((format!("many/{number}.yml"), lines.concat(), new.concat()));
    }
    files
}

fn patch_of(files: &Files) -> Vec<u8> {
    let diffs = files
        .iter()
        .map(|(path, old, new)| FileDiff { path, old, new });
    let mut patch = Vec::new();
    render(&diffs.collect::<Vec<_>>(), Style::Exact, &mut patch).unwrap();
    patch
}

/// Lays the old files out, runs the command on the patch and compares; false where there is no such command.
fn applies(files: &Files, program: &str, arguments: &[&str]) -> bool {
    let folder = tempfile::tempdir().unwrap();
    for (path, old, _) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, old).unwrap();
    }
    let patch = folder.path().join("the.patch");
    fs::write(&patch, patch_of(files)).unwrap();
    let Some(success) = run(folder.path(), program, arguments, &patch) else {
        println!("skipped: there is no {program} here");
        return false;
    };
    assert!(success, "{program} refused the patch");
    for (path, _, new) in files {
        let text = fs::read_to_string(folder.path().join(path)).unwrap();
        assert_eq!(&text, new, "{path:?} by {program}");
    }
    true
}

fn run(folder: &Path, program: &str, arguments: &[&str], patch: &Path) -> Option<bool> {
    let status = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .env("GIT_CEILING_DIRECTORIES", folder.parent()?)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .stdin(fs::File::open(patch).ok()?)
        .stdout(Stdio::null())
        .status();
    status.ok().map(|status| status.success())
}

#[test]
fn git_takes_it() {
    for files in [awkward(), many()] {
        applies(&files, "git", &["apply", "-"]);
    }
}

#[test]
fn patch_takes_it() {
    for files in [awkward(), many()] {
        applies(
            &files,
            "patch",
            &["-p1", "--binary", "--no-backup-if-mismatch"],
        );
    }
}
