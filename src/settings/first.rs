//! The first settings of a project: what was found in it, as comments. Such a file says nothing until somebody takes the `#` from
//! a key.
//!
//! Prose begins with `# `; what can be put to use begins with `#` and a key, or `#` and two blanks below one.

use super::keys::SETTINGS;
use crate::clock::Condition;
use crate::escape;
use crate::project::{ActiveService, Clock, Project, Stack};
use std::collections::BTreeMap;
use std::fmt::Write;

/// As wide as prose and remarks get.
const WIDTH: usize = 120;

/// The text of the file, which the reader takes as settings that change nothing.
pub fn first(project: &Project) -> String {
    let mut text = String::from(
        "# Settings of upbeat. All of it is optional, and a key counts from when the # before it is gone: what begins with # and a\n# blank is prose. Paths count from this folder. `upbeat init --schema` prints what may stand here.\n",
    );
    engine(project, &mut text);
    stacks(project, &mut text);
    waits(project, &mut text);
    startups(project, &mut text);
    head("rules", &mut text);
    text.push_str("#rules:\n#  unknown-timing: off\n");
    head("overrides", &mut text);
    text.push_str("#overrides:\n");
    writeln!(text, "#  - services: [{}]", any_service(project)).expect(WRITTEN);
    text.push_str("#    rules: {start-period-below-startup: warning}\n");
    text
}

/// A service for examples.
fn any_service(project: &Project) -> String {
    let services = project.stacks.iter().flat_map(|stack| &stack.services);
    let names = services.map(|service| service.service.name.as_str());
    scalar(names.min().unwrap_or("backend"))
}

/// The services of which nothing is known but what may legally happen, with what is said of them.
pub fn unknown_startups(project: &Project) -> BTreeMap<&str, String> {
    let mut found: BTreeMap<&str, Vec<(&Stack, usize)>> = BTreeMap::new();
    for stack in &project.stacks {
        for (index, service) in stack.services.iter().enumerate() {
            let matters = is_awaited(stack, index) || has_check(service);
            if matters && service.startup.is_none() {
                let name = service.service.name.as_str();
                found.entry(name).or_default().push((stack, index));
            }
        }
    }
    let told = found.into_iter();
    told.map(|(name, places)| (name, words(project, &places)))
        .collect()
}

/// What a key says, as a comment above it.
fn head(name: &str, text: &mut String) {
    let key = SETTINGS.keys.iter().find(|key| key.name == name);
    text.push('\n');
    if let Some(key) = key {
        prose(&format!("{}.", key.about), text);
    }
}

/// A comment, in lines that are not too wide.
fn prose(words: &str, text: &mut String) {
    let mut line = String::from("#");
    for word in escape::line(words).split(' ') {
        if line.chars().count() + word.chars().count() + 1 > WIDTH && line.len() > 1 {
            text.push_str(&line);
            text.push('\n');
            line = String::from("#");
        }
        line.push(' ');
        line.push_str(word);
    }
    text.push_str(&line);
    text.push('\n');
}

/// A remark behind something, in one line.
fn remark(words: &str) -> String {
    let words = escape::line(words);
    let mut shown: String = words.chars().take(WIDTH).collect();
    if shown.len() < words.len() {
        shown.push('…');
    }
    shown
}

fn engine(project: &Project, text: &mut String) {
    head("engine", text);
    writeln!(text, "#engine: {}", scalar(&project.engine.to_string())).expect(WRITTEN);
    head("budget", text);
    text.push_str("#budget: planned\n");
    head("margin", text);
    text.push_str("#margin: 1.1\n");
}

fn stacks(project: &Project, text: &mut String) {
    head("stacks", text);
    if project.stacks.is_empty() {
        prose("None was found; what is named here is one.", text);
        text.push_str("#stacks:\n#  production:\n#    files: [compose.yml]\n");
        return;
    }
    prose("Found, and why:", text);
    text.push_str("#stacks:\n");
    for stack in &project.stacks {
        let files = &stack.files;
        let why = remark(&files.reason.words(project.store.sources()));
        writeln!(text, "#  {}: # {why}", scalar(&files.name)).expect(WRITTEN);
        for (key, values) in [
            ("files", &files.files),
            ("env_files", &files.env_files),
            ("profiles", &files.profiles),
        ] {
            if key == "files" || !values.is_empty() {
                let values: Vec<String> = values.iter().map(|value| scalar(value)).collect();
                writeln!(text, "#    {key}: [{}]", values.join(", ")).expect(WRITTEN);
            }
        }
    }
}

fn waits(project: &Project, text: &mut String) {
    let sources = project.store.sources();
    let mut lines: Vec<String> = Vec::new();
    for wait in &project.waits {
        let path = sources.get(wait.span.file).path();
        let line = sources.start(wait.span).line;
        let ends = match wait.budget {
            Some(budget) => format!("gives up after {budget}s"),
            None => "never gives up by itself".to_owned(),
        };
        let watches = match wait.stack {
            Some(stack) => format!("watches the stack {}", project.stacks[stack].files.name),
            None => "which stack it watches is not known".to_owned(),
        };
        let line = format!(
            "# - {}",
            remark(&format!("{path}:{line} {ends}, {watches}"))
        );
        // What several jobs call is told once.
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    text.push('\n');
    if lines.is_empty() {
        prose("No waits were understood in workflows and scripts.", text);
    } else {
        prose(
            "Waits that were understood (`upbeat waits` tells more):",
            text,
        );
    }
    for line in lines {
        text.push_str(&line);
        text.push('\n');
    }
}

fn startups(project: &Project, text: &mut String) {
    head("startup", text);
    let unknown = unknown_startups(project);
    if unknown.is_empty() {
        prose(
            "None that matters is missing; such a line looks like this:",
            text,
        );
        writeln!(text, "#startup:\n#  {}: 90s", any_service(project)).expect(WRITTEN);
        return;
    }
    prose(
        "Not known yet, and to be filled in, such as 90s; `upbeat measure --record` writes down what logs prove:",
        text,
    );
    text.push_str("#startup:\n");
    for (service, words) in unknown {
        writeln!(text, "#  {}: # {}", scalar(service), remark(&words)).expect(WRITTEN);
    }
}

const WRITTEN: &str = "writing to a string never fails";

fn has_check(service: &ActiveService) -> bool {
    matches!(service.clock, Clock::Known(_)) || service.check().is_some()
}

/// Whether another service waits until it is healthy.
fn is_awaited(stack: &Stack, index: usize) -> bool {
    let edges = stack.graph.nodes().iter().flat_map(|node| &node.needs);
    edges
        .into_iter()
        .any(|edge| edge.target == index && edge.condition == Condition::Healthy)
}

/// Where a service stands, what it is granted, and who waits for it.
fn words(project: &Project, places: &[(&Stack, usize)]) -> String {
    let sources = project.store.sources();
    let mut words = Vec::new();
    let mut periods: Vec<String> = Vec::new();
    let mut waiters: Vec<&str> = Vec::new();
    for (stack, index) in places {
        let service = &stack.services[*index];
        if words.is_empty() {
            let key = service.service.key;
            let path = sources.get(key.file).path();
            words.push(format!("{path}:{}", sources.start(key).line));
        }
        let period = service
            .known()
            .map(|check| format!("{}s", check.start_period));
        periods.extend(period.filter(|period| !periods.contains(period)));
        for node in stack.graph.nodes() {
            let mut needs = node.needs.iter();
            let waits =
                needs.any(|edge| edge.target == *index && edge.condition == Condition::Healthy);
            if waits && !waiters.contains(&node.name.as_str()) {
                waiters.push(&node.name);
            }
        }
    }
    if !periods.is_empty() {
        words.push(format!("start_period {}", periods.join(" or ")));
    }
    if !waiters.is_empty() {
        words.push(format!("waited for by {}", waiters.join(", ")));
    }
    words.join(", ")
}

/// A text as a value or a key in one line, with everything in it that YAML or a terminal would take for its own written out.
fn scalar(text: &str) -> String {
    let is_word = |c: char| c.is_ascii_alphanumeric() || "_-./".contains(c);
    let begins = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let lower = text.to_ascii_lowercase();
    let means_more = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"];
    if begins && text.chars().all(is_word) && !means_more.contains(&lower.as_str()) {
        return text.to_owned();
    }
    // A string of JSON is one of YAML.
    let quoted = serde_json::Value::from(text).to_string();
    escape::json(&quoted).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_yaml_would_take_for_its_own_is_quoted() {
        for plain in ["backend", "compose.prod.yml", "a/b-c_d.yml", "_x"] {
            assert_eq!(scalar(plain), plain);
        }
        for (text, quoted) in [
            ("on", "\"on\""),
            ("28", "\"28\""),
            ("", "\"\""),
            ("a b", "\"a b\""),
            ("a: b # c", "\"a: b # c\""),
            ("a\nb", "\"a\\nb\""),
            ("a\"b\\", "\"a\\\"b\\\\\""),
            ("\u{1b}[2J\u{85}\u{2028}", "\"\\u001b[2J\\u0085\\u2028\""),
            ("##[error]", "\"#\\u0023[error]\""),
            ("größe", "\"größe\""),
        ] {
            assert_eq!(scalar(text), quoted);
        }
    }

    #[test]
    fn prose_stays_in_its_lines() {
        let mut text = String::new();
        prose(&"word ".repeat(60), &mut text);
        prose("a\nrules: off", &mut text);
        assert!(
            text.lines()
                .all(|line| line.starts_with("# ") && line.len() <= WIDTH + 1)
        );
        assert!(text.contains("# a\\nrules: off\n"));
    }
}
