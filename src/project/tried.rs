//! The single try behind a bare sleep: `sleep 10`, and on the next line a `curl -f` that decides.

use super::Stack;
use super::watched::publisher;
use crate::source::{Span, Store};

/// What catches the failure of a command, or makes something else of it.
const CAUGHT: [&str; 3] = ["||", "|", "&"];

/// The command behind a sleep that asks a service whether it is there, and which service that is. Only what is written on one line,
/// and fails the script by itself: nothing that is caught, tested or repeated.
pub(super) fn tried(store: &Store, stack: &Stack, sleep: Span) -> Option<(Span, usize)> {
    let file = store.sources().get(sleep.file);
    let ending = file.path().rsplit_once('.').map(|(_, ending)| ending);
    if !matches!(ending, Some("yml" | "yaml")) {
        return None;
    }
    let text = file.text();
    let mut at = sleep.end as usize;
    let mut line = text[at..].split('\n').next()?;
    let rest = line.trim_start_matches([';', '&', ' ']);
    if rest.trim().is_empty() {
        loop {
            at += line.len() + 1;
            line = text.get(at..)?.split('\n').next()?;
            let code = line.trim();
            if !code.is_empty() && !code.starts_with(['#', ':']) && !code.starts_with("echo ") {
                break;
            }
        }
    } else {
        at += line.len() - rest.len();
        line = rest;
    }
    let command = line.trim();
    let start = at + (line.len() - line.trim_start().len());
    let words: Vec<&str> = command.split_whitespace().collect();
    if words.iter().any(|word| CAUGHT.contains(word)) || command.ends_with('\\') {
        return None;
    }
    let service = asked(stack, &words)?;
    let span = Span::new(sleep.file, start..start + command.len());
    Some((span, service))
}

/// The service that a command asks, where it fails if that is not there.
fn asked(stack: &Stack, words: &[&str]) -> Option<usize> {
    match words {
        ["curl", rest @ ..] => {
            let fails = |word: &&str| {
                matches!(*word, "--fail" | "--fail-with-body")
                    || (!word.starts_with("--") && word.starts_with('-') && word.contains('f'))
            };
            let retries = rest.iter().any(|word| word.starts_with("--retry"));
            let url = rest.iter().find_map(|word| local_port(word));
            (rest.iter().any(fails) && !retries)
                .then(|| publisher(stack, Some("localhost"), Some(url?)))
                .flatten()
        }
        ["wget", rest @ ..] => {
            let port = rest.iter().find_map(|word| local_port(word))?;
            publisher(stack, Some("localhost"), Some(port))
        }
        ["docker", "compose", "exec", rest @ ..] | ["docker-compose", "exec", rest @ ..] => {
            let mut rest = rest.iter().skip_while(|word| word.starts_with('-'));
            let service = stack.index(rest.next()?)?;
            let program = rest.next()?.rsplit('/').next()?;
            matches!(
                program,
                "pg_isready"
                    | "curl"
                    | "wget"
                    | "mysqladmin"
                    | "redis-cli"
                    | "nc"
                    | "psql"
                    | "mysql"
            )
            .then_some(service)
        }
        _ => None,
    }
}

/// The port of `http://localhost:8080/health`.
fn local_port(word: &str) -> Option<u16> {
    let word = word.trim_matches(['"', '\'']);
    let rest = word
        .strip_prefix("http://")
        .or(word.strip_prefix("https://"))?;
    let host = rest.split(['/', '?']).next()?;
    let (host, port) = host.split_once(':').unwrap_or((host, "80"));
    matches!(host, "localhost" | "127.0.0.1" | "0.0.0.0")
        .then(|| port.parse().ok())
        .flatten()
}
