//! Finding the known texts in whatever was pasted.

use super::clean::clean;
use super::texts::{Found, Known, Pattern, patterns};
use std::ops::Range;

/// As many different texts of one paste are explained.
pub const MOST: usize = 10;

/// Finds the known texts, in the order in which they stand there, each once, and no more than [`MOST`].
pub fn find(pasted: &str) -> Vec<Found> {
    let text = clean(pasted);
    let patterns = patterns();
    let mut found = Vec::new();
    for line in text.lines() {
        in_line(line, &patterns, &mut found);
    }
    if found.is_empty() {
        // A narrow terminal breaks a text where it likes.
        let words: Vec<&str> = text.split_whitespace().collect();
        in_line(&words.join(" "), &patterns, &mut found);
    }
    drop_vague(&mut found);
    let containers = shown_containers(&text);
    for found in &mut found {
        found.containers.clone_from(&containers);
    }
    found
}

/// What says less than another text beside it.
fn drop_vague(found: &mut Vec<Found>) {
    let any = |fits: fn(&Known) -> bool| found.iter().any(|found| fits(&found.known));
    let knows_program = any(|known| {
        let probe = matches!(known, Known::ProbeNotStarted { program } if program.is_some());
        probe || matches!(known, Known::ContainerNotStarted { .. })
    });
    let knows_image = any(|known| matches!(known, Known::GithubContainer { .. }));
    found.retain(|found| match &found.known {
        Known::ProbeNotStarted { program: None } => !knows_program,
        Known::GithubContainers => !knows_image,
        _ => true,
    });
}

const QUOTES: [char; 2] = ['"', '\''];

/// Adds the texts of one line that stand in no other.
fn in_line(line: &str, patterns: &[Pattern], found: &mut Vec<Found>) {
    let bare = line.replace(QUOTES, "");
    let mut matches: Vec<(Range<usize>, Known)> = Vec::new();
    for Pattern { text, make } in patterns {
        let first = text.split('{').next().unwrap_or_default();
        for (at, _) in bare.match_indices(first) {
            if let Some((end, parts)) = matched(text, &bare, at)
                && let Some(known) = make.known(&parts)
            {
                matches.push((at..end, known));
            }
        }
    }
    // The longer one comes first, and takes in what begins behind it and ends no later.
    matches.sort_by_key(|(range, _)| (range.start, std::cmp::Reverse(range.end)));
    let mut covered = 0;
    for (range, known) in matches {
        if range.end <= covered || found.len() >= MOST {
            continue;
        }
        covered = range.end;
        let known = of_container_itself(line, known);
        if found.iter().all(|earlier| earlier.known != known) {
            let text = with_quotes(line, &range).to_owned();
            let containers = Vec::new();
            found.push(Found {
                known,
                text,
                containers,
            });
        }
    }
}

/// The part of a line that a range of it without its quotes stands for.
fn with_quotes<'t>(line: &'t str, bare: &Range<usize>) -> &'t str {
    let mut places = line.char_indices().filter(|(_, c)| !QUOTES.contains(c));
    let (mut passed, mut start, mut end) = (0, 0, line.len());
    for (at, c) in &mut places {
        if passed == bare.start {
            start = at;
        }
        passed += c.len_utf8();
        if passed == bare.end {
            end = at + c.len_utf8();
            break;
        }
    }
    &line[start..end]
}

/// A program that is not found is the container's own where the runtime was to create that, and a probe's else.
fn of_container_itself(line: &str, known: Known) -> Known {
    let creates = line.contains("create failed") || line.contains("failed to create");
    match known {
        Known::ProbeNotStarted {
            program: Some(program),
        } if creates && !line.contains("exec failed") => Known::ContainerNotStarted { program },
        known => known,
    }
}

/// Whether a pattern stands at `at`: where it ends, and what fills its holes.
fn matched<'t>(pattern: &str, line: &'t str, at: usize) -> Option<(usize, Vec<&'t str>)> {
    let mut parts = Vec::new();
    let mut end = at;
    let mut pattern = pattern;
    while !pattern.is_empty() {
        let rest = &line[end..];
        if let Some((hole, behind)) = pattern.strip_prefix('{').and_then(|p| p.split_once('}')) {
            let part = filling(hole, rest)?;
            parts.push(part);
            end += part.len();
            pattern = behind;
        } else {
            let literal = &pattern[..pattern.find('{').unwrap_or(pattern.len())];
            if !rest.starts_with(literal) {
                return None;
            }
            end += literal.len();
            pattern = &pattern[literal.len()..];
        }
    }
    Some((end, parts))
}

/// What fills a hole at the beginning of a text. Nothing is longer than a name can be, so no text is read over and over.
fn filling<'t>(hole: &str, text: &'t str) -> Option<&'t str> {
    const LONGEST: usize = 300;
    let fits: fn(&char) -> bool = match hole {
        "code" => |c| c.is_ascii_digit() || *c == '-',
        "length" => |c| c.is_ascii_alphanumeric() || matches!(c, '.' | 'µ'),
        _ => |c| c.is_ascii_alphanumeric() || "_.-/:@+".contains(*c),
    };
    let length = text
        .chars()
        .take(LONGEST)
        .take_while(fits)
        .map(char::len_utf8)
        .sum();
    // What ends a sentence, or goes on with it, is no part of it.
    let part = text[..length].trim_end_matches(['.', ':']);
    (!part.is_empty()).then_some(part)
}

/// ` Container shop-db-1  Waiting`: what Compose shows while it works.
fn shown_containers(text: &str) -> Vec<String> {
    const MOST: usize = 20;
    let mut names: Vec<String> = Vec::new();
    for line in text.lines() {
        let Some((_, rest)) = line.split_once("Container ") else {
            continue;
        };
        let mut words = rest.split_whitespace();
        let (Some(name), Some(state)) = (words.next(), words.next()) else {
            continue;
        };
        let failed = matches!(
            state,
            "Waiting" | "Error" | "can't" | "healthcheck.start_interval"
        );
        // What has become healthy is not what was waited for in the end.
        match state {
            "Healthy" => names.retain(|known| known != name),
            _ if failed && names.len() < MOST && names.iter().all(|known| known != name) => {
                names.push(name.to_owned());
            }
            _ => {}
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::super::texts::{UNDERSTOOD, Waiter};
    use super::*;
    use crate::duration::Seconds;

    fn known(text: &str) -> Vec<Known> {
        find(text).into_iter().map(|found| found.known).collect()
    }

    fn unhealthy(by: Waiter, container: &str) -> Vec<Known> {
        let container = container.to_owned();
        vec![Known::Unhealthy { by, container }]
    }

    fn not_started(program: &str) -> Vec<Known> {
        let program = Some(program.to_owned());
        vec![Known::ProbeNotStarted { program }]
    }

    #[test]
    fn every_text_that_is_named_to_people_is_understood() {
        for text in UNDERSTOOD {
            assert_eq!(known(text).len(), 1, "{text}");
        }
    }

    #[test]
    fn the_longer_text_wins() {
        let optional = Waiter::Optional("db".to_owned());
        for (text, by) in [
            (
                "dependency failed to start: container p-db-1 is unhealthy",
                Waiter::Dependant,
            ),
            ("container p-db-1 is unhealthy", Waiter::Wait),
            (
                "optional dependency \"db\" failed to start: container p-db-1 is unhealthy",
                optional.clone(),
            ),
            (
                "optional dependency \"db\" is not running or is unhealthy: container p-db-1 is unhealthy",
                optional,
            ),
            (
                "container for service \"p-db-1\" is unhealthy",
                Waiter::Dependant,
            ),
        ] {
            assert_eq!(known(text), unhealthy(by, "p-db-1"), "{text}");
        }
    }

    #[test]
    fn surroundings_do_not_matter() {
        for text in [
            "2025-11-01T10:30:00.1234567Z dependency failed to start: container db is unhealthy",
            "\x1b[31mdependency failed to start: container \x1b[1mdb\x1b[0m is unhealthy\x1b[0m",
            "Error response from daemon: dependency failed to start: container db is unhealthy.",
            "##[error]dependency failed to start: container db is unhealthy",
            "err: `dependency failed to start: container db is unhealthy`!",
            "{\"msg\": \"dependency failed to start: container \\\"db\\\" is unhealthy\"}",
            " Container db  Starting\r Container db  Error\r\ndependency failed to start: container db is unhealthy\r\nexit code 1",
            "dependency failed to start:\n    container db\n    is unhealthy",
            "dependency failed to start: container /db is unhealthy",
        ] {
            let expected = if text.contains("/db") { "/db" } else { "db" };
            assert_eq!(
                known(text),
                unhealthy(Waiter::Dependant, expected),
                "{text:?}"
            );
        }
    }

    #[test]
    fn the_text_is_shown_as_it_stood() {
        let text = "x: service \"mig\" didn't complete successfully: exit 3 (see above)";
        let found = find(text);
        assert_eq!(
            found[0].text,
            "service \"mig\" didn't complete successfully: exit 3"
        );
        // What a shell has taken the quotes off is the same text.
        let bare = find("service mig didnt complete successfully: exit 3");
        assert_eq!(bare[0].known, found[0].known);
    }

    #[test]
    fn numbers_and_lengths_are_read() {
        let limit = |seconds| Seconds::new(seconds);
        assert_eq!(
            known("application not healthy after 1m30s"),
            [Known::NotHealthyAfter { limit: limit(90) }]
        );
        assert_eq!(
            known("Health check exceeded timeout (5s): x"),
            [Known::ProbeTimedOut { limit: limit(5) }]
        );
        for code in [0, 137, -1] {
            let text = format!("container a exited ({code})");
            let container = "a".to_owned();
            assert_eq!(
                known(&text),
                [Known::Exited {
                    by: Waiter::Wait,
                    container,
                    code
                }]
            );
        }
        // As much as a number may hold, and no more.
        assert_eq!(known("container a exited (99999999999999999999)"), []);
        assert_eq!(known("application not healthy after ages"), []);
    }

    #[test]
    fn a_probe_is_told_from_the_container_itself() {
        let exec = "OCI runtime exec failed: exec failed: unable to start container process: exec: \"curl\": executable file not found in $PATH: unknown";
        assert_eq!(known(exec), not_started("curl"));
        let create = "failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: \"./run\": permission denied: unknown";
        let program = "./run".to_owned();
        assert_eq!(known(create), [Known::ContainerNotStarted { program }]);
        assert_eq!(
            known("OCI runtime exec failed: x"),
            [Known::ProbeNotStarted { program: None }]
        );
        for shell in [
            "/bin/sh: curl: not found",
            "/bin/sh: 1: curl: not found",
            "bash: line 1: curl: command not found",
        ] {
            assert_eq!(known(shell), not_started("curl"), "{shell}");
        }
        // Another shell's `$PATH` may stand in its place.
        assert_eq!(
            known("exec: curl: executable file not found in /usr/bin"),
            not_started("curl")
        );
    }

    #[test]
    fn several_texts_are_told_once_each_and_the_vague_ones_not_beside_better_ones() {
        let github = "##[error]Failed to initialize container postgres:16\n##[error]One or more containers failed to start.";
        let image = "postgres:16".to_owned();
        assert_eq!(known(github), [Known::GithubContainer { image }]);
        let twice = "container a is unhealthy\ncontainer b is unhealthy\ncontainer a is unhealthy";
        assert_eq!(known(twice).len(), 2);
        let many: Vec<String> = (0..100)
            .map(|n| format!("container c{n} is unhealthy"))
            .collect();
        assert_eq!(known(&many.join("\n")).len(), MOST);
    }

    #[test]
    fn containers_that_compose_was_waiting_for_are_remembered() {
        let text = " Container p-db-1  Waiting\n Container p-web-1  Waiting\n Container p-db-1  Healthy\n Container p-job-1  Started\napplication not healthy after 3s";
        assert_eq!(find(text)[0].containers, ["p-web-1"]);
    }

    #[test]
    fn nothing_is_made_of_what_only_looks_alike() {
        for text in [
            "",
            "container is unhealthy",
            "the container  is unhealthy",
            "dependency failed to start",
            "the database is unhealthy",
            "container a exited",
            "exited (1)",
            "Failed to initialize container",
            "curl: not found",
        ] {
            assert_eq!(known(text), [], "{text:?}");
        }
    }

    #[test]
    fn long_lines_full_of_beginnings_are_read_once() {
        let text = "exec: container dependency failed to start: container sh: ".repeat(20_000);
        assert_eq!(known(&text), []);
        let name = "a".repeat(2_000_000);
        assert_eq!(known(&format!("container {name} is unhealthy")), []);
        assert_eq!(known(&"\x1b[".repeat(100_000)), []);
    }
}
