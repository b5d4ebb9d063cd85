//! `upbeat stacks`: which files make which stack, and why.

use super::arguments::{Stacks, StacksFormat};
use super::error::Error;
use super::session;
use crate::escape;
use crate::project::{Project, Stack};
use serde_json::{Value as Json, json};

/// Prints them, for each project that is named.
pub(super) fn run(arguments: &Stacks) -> Result<u8, Error> {
    session::print_each(&arguments.sources, |project| match arguments.format {
        StacksFormat::Text => text(project),
        StacksFormat::Json => json(project),
    })
}

fn json(project: &Project) -> String {
    let stacks: Vec<Json> = project
        .stacks
        .iter()
        .map(|stack| {
            json!({
                "name": stack.files.name,
                "project": stack.project,
                "files": stack.files.files,
                "env_files": stack.files.env_files,
                "profiles": stack.files.profiles,
                "why": stack.files.reason.words(project.store.sources()),
                "services": services(stack),
                "off": stack.off.iter().map(|off| json!({ "name": off.name, "profiles": off.profiles })).collect::<Vec<_>>(),
            })
        })
        .collect();
    let document = json!({ "version": 1, "stacks": stacks });
    let document = serde_json::to_string_pretty(&document).unwrap_or_default();
    format!("{}\n", escape::json(&document))
}

fn text(project: &Project) -> String {
    let mut out = String::new();
    for stack in &project.stacks {
        let rows = [
            ("project", stack.project.clone().unwrap_or_default()),
            ("files", stack.files.files.join(" + ")),
            ("env files", stack.files.env_files.join(", ")),
            ("profiles", stack.files.profiles.join(", ")),
            ("why", stack.files.reason.words(project.store.sources())),
            ("services", services(stack).join(", ")),
            ("off", off(stack)),
        ];
        out.push_str(&escape::line(&stack.files.name));
        out.push('\n');
        for (name, value) in rows.iter().filter(|(_, value)| !value.is_empty()) {
            let line = format!("  {name:<9}  {}", escape::line(value));
            out.push_str(&line);
            out.push('\n');
        }
    }
    out
}

fn services(stack: &Stack) -> Vec<&str> {
    let mut names: Vec<&str> = stack
        .services
        .iter()
        .map(|service| service.service.name.as_str())
        .collect();
    names.sort_unstable();
    names
}

/// Those that are not judged: `worker (profile jobs)`.
fn off(stack: &Stack) -> String {
    let told = stack.off.iter().map(|off| {
        let plural = if off.profiles.len() == 1 { "" } else { "s" };
        format!("{} (profile{plural} {})", off.name, off.profiles.join(", "))
    });
    told.collect::<Vec<_>>().join(", ")
}
