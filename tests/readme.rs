//! The README and the pages in `docs/` show what the program prints. `UPDATE=1 cargo test --test readme` writes it anew.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn readme() -> (PathBuf, String) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let text = fs::read_to_string(&path).expect("the README");
    (path, text)
}

/// The README and the pages that it leads to, with their texts.
fn pages() -> Vec<(PathBuf, String)> {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let docs = fs::read_dir(docs).expect("the pages").flatten();
    let mut pages: Vec<PathBuf> = docs.map(|entry| entry.path()).collect();
    pages.retain(|path| path.extension().is_some_and(|ending| ending == "md"));
    pages.sort();
    let texts = pages.into_iter().map(|path| {
        let text = fs::read_to_string(&path).expect("a page");
        (path, text)
    });
    std::iter::once(readme()).chain(texts).collect()
}

/// The words of a command; those in double quotes may hold blanks.
fn words(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (index, part) in command.split('"').enumerate() {
        if index % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}

/// What a command prints on standard output, with its exit code where that is not 0.
fn run(command: &str) -> String {
    let arguments = words(command.strip_prefix("$ upbeat").expect("a call of upbeat"));
    let output = Command::new(env!("CARGO_BIN_EXE_upbeat"))
        .env_remove("GITHUB_ACTIONS")
        .env_remove("GITLAB_CI")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(arguments)
        .env_remove("COLUMNS")
        .env("LC_ALL", "C.UTF-8")
        .output()
        .expect("it runs");
    let mut text = String::from_utf8(output.stdout).expect("text");
    if let Some(code @ 1..) = output.status.code() {
        writeln!(text, "exit {code}").expect("written");
    }
    text
}

/// The README with every console block as it should be.
fn with_outputs(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("```console\n") {
        let start = at + "```console\n".len();
        let end = start + rest[start..].find("```\n").expect("the block ends");
        let command = rest[start..end].lines().next().expect("a command");
        out += &rest[..start];
        writeln!(out, "{command}").expect("written");
        out += &run(command);
        rest = &rest[end..];
    }
    out + rest
}

fn with_table(text: &str) -> String {
    let head = "| rule | severity | fix | |\n";
    let Some(start) = text.find(head) else {
        return text.to_owned();
    };
    let end = start + text[start..].find("\n\n").expect("its end") + 1;
    format!(
        "{}{}{}",
        &text[..start],
        run("$ upbeat rules --format markdown"),
        &text[end..]
    )
}

#[test]
fn every_output_and_the_table_of_rules_are_the_programs_own() {
    let mut outputs = 0;
    for (path, text) in pages() {
        outputs += text.matches("```console\n").count();
        let expected = with_table(&with_outputs(&text));
        if std::env::var_os("UPDATE").is_some() {
            fs::write(path, expected).expect("written");
            continue;
        }
        for (number, (is, should)) in text.lines().zip(expected.lines()).enumerate() {
            assert_eq!(is, should, "{}:{}", path.display(), number + 1);
        }
        assert_eq!(text.len(), expected.len());
    }
    assert!(outputs >= 7, "{outputs}");
    assert!(readme().1.contains("| rule | severity | fix | |\n"));
}

#[test]
fn every_picture_and_every_link_to_a_file_leads_somewhere() {
    for (path, text) in pages() {
        for rest in text.split("](").skip(1) {
            let target = rest.split(')').next().expect("the end of a link");
            let target = target.split('#').next().unwrap_or(target);
            if !target.is_empty() && !target.contains("://") {
                let file = path.with_file_name("").join(target);
                assert!(file.exists(), "{}: {target}", path.display());
            }
        }
    }
    assert!(readme().1.contains(".svg)"));
}

#[test]
fn the_two_commands_are_the_ones_that_ci_and_this_repository_know() {
    let (_, text) = readme();
    assert!(text.contains("\ncargo test\n"));
    let ci = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(".ci/run"));
    // A packaged crate has no .ci.
    if let Ok(ci) = ci {
        assert!(ci.lines().any(|line| line == "cargo test"), "{ci}");
    }
    let command = text
        .lines()
        .find(|line| line.starts_with("cargo run"))
        .expect("the command");
    let log = command.rsplit('=').next().expect("the log");
    assert!(
        Path::new(env!("CARGO_MANIFEST_DIR")).join(log).is_file(),
        "{log}"
    );
}
