//! Reads the scripts of real workflows, where they are at hand.

use super::{Read, read_with};
use crate::shell::{Dialect, Environment, Event};
use std::path::{Path, PathBuf};

fn folder() -> Option<PathBuf> {
    let folder = std::env::var_os("UPBEAT_CORPUS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus"),
        PathBuf::from,
    );
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: no corpus at {}", folder.display());
    None
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// The scripts of a file: the block scalars under `run:`, `script:` and their kin, cut out by their indentation.
fn scripts(path: &Path, text: &str) -> Vec<(usize, String)> {
    if path.extension().is_some_and(|e| e == "sh") {
        return vec![(1, text.to_owned())];
    }
    let lines: Vec<&str> = text.lines().collect();
    let indent = |line: &str| line.len() - line.trim_start().len();
    let mut found = Vec::new();
    for (n, line) in lines.iter().enumerate() {
        let key = line.trim_start().trim_start_matches("- ");
        let Some(value) = ["run:", "script:", "command:", "inlineScript:"]
            .iter()
            .find_map(|k| key.strip_prefix(k))
        else {
            continue;
        };
        let value = value.trim();
        if !value.starts_with(['|', '>']) {
            found.push((n + 1, value.to_owned()));
            continue;
        }
        let own = indent(line) + (line.trim_start().len() - key.len());
        let block: Vec<_> = lines[n + 1..]
            .iter()
            .take_while(|l| l.trim().is_empty() || indent(l) > own)
            .collect();
        let by = block
            .iter()
            .filter(|l| !l.trim().is_empty())
            .map(|l| indent(l))
            .min()
            .unwrap_or(0);
        let body: Vec<_> = block.iter().map(|l| l.get(by..).unwrap_or("")).collect();
        found.push((n + 2, body.join("\n") + "\n"));
    }
    found
}

fn each(mut look: impl FnMut(&Path, usize, &str, &Read)) {
    let Some(folder) = folder() else { return };
    let mut paths = Vec::new();
    files(&folder, &mut paths);
    paths.sort();
    let mut environment = Environment::new();
    environment.stop_on_errors(true);
    for path in paths {
        let Ok(text) = std::fs::read_to_string(&path) else {
            continue;
        };
        for (line, script) in scripts(&path, &text) {
            let read = read_with(&script, &environment, Dialect::Bash);
            look(path.strip_prefix(&folder).unwrap(), line, &script, &read);
        }
    }
}

#[test]
fn real_scripts_are_read_to_their_end() {
    let (mut scripts, mut waits, mut compose) = (0, 0, 0);
    each(|_, _, _, read| {
        scripts += 1;
        waits += read.reading.waits().count();
        compose += read.reading.compose_commands().count();
        read.summary();
    });
    if scripts > 1000 {
        assert!(waits > 50 && compose > 50, "{scripts} {waits} {compose}");
    }
}

#[test]
#[ignore = "prints every wait, for the eye"]
fn show_real_waits() {
    each(|path, line, script, read| {
        for event in &read.reading.events {
            let (span, text) = match event {
                Event::Wait(wait) => (wait.span, read.line(wait)),
                Event::Compose(c) => (
                    c.span,
                    format!(
                        "compose {} {:?} {:?}",
                        c.subcommand,
                        c.files
                            .iter()
                            .map(|f| f.text.as_deref())
                            .collect::<Vec<_>>(),
                        c.cwd
                    ),
                ),
                Event::Program(program) => (program.span, "program".to_owned()),
                Event::Call(call) => (call.span, format!("call {:?}", call.path.text)),
            };
            let at = line + script[..span.range().start].matches('\n').count();
            println!("{}:{at}: {text}", path.display());
            if matches!(event, Event::Wait(w) if w.form != crate::shell::Form::Sleep) {
                for line in read.sources.text(span).lines().take(24) {
                    println!("        {line}");
                }
            }
        }
    });
}
