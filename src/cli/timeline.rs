//! `upbeat timeline`: the picture of a start.

use super::arguments::{Timeline, TimelineFormat};
use super::error::{Error, no_output, report_obstacles};
use super::roots::{self, Root};
use super::session::Session;
use super::{CLEAN, INCOMPLETE};
use crate::escape;
use crate::project::{Project, Reason};
use crate::rules;
use crate::timeline::text::{self, Style};
use crate::timeline::{Scene, html, json, svg};
use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::io::{IsTerminal, Write, stdout};

/// Draws the stacks of the project that is named.
pub(super) fn run(arguments: &Timeline) -> Result<u8, Error> {
    let roots = roots::find(&arguments.project.sources.paths)?;
    let root = roots
        .first()
        .ok_or_else(|| Error::usage("no path", "name a folder"))?;
    let session = Session::new(&arguments.project, root)?;
    let options = session.options(rules::Options::default());
    let budget = arguments.budget.unwrap_or(options.budget);
    let mut project = Project::read(session.store, &session.inputs);
    project.obstacles.splice(0..0, session.unread);
    report_obstacles(&project, arguments.color);
    if project.stacks.is_empty() {
        return Ok(INCOMPLETE);
    }
    let chosen = choose(&project, root, arguments)?;
    let scene = |stack: &usize| Scene::new(&project, *stack, budget);
    let drawn = match arguments.format {
        TimelineFormat::Text => {
            let scenes: Vec<Scene> = chosen.iter().map(scene).collect();
            text::render(&scenes, style(arguments))
        }
        TimelineFormat::Json => json::render(&chosen.iter().map(scene).collect::<Vec<_>>()),
        TimelineFormat::Html => html::render(&chosen.iter().map(scene).collect::<Vec<_>>()),
        TimelineFormat::Svg => {
            tell_others(&project, &chosen);
            svg::render(&scene(&chosen[0]))
        }
    };
    write(arguments, &drawn)?;
    Ok(if project.obstacles.is_empty() {
        CLEAN
    } else {
        INCOMPLETE
    })
}

/// The stacks to draw, by their index; at least one.
fn choose(project: &Project, root: &Root, arguments: &Timeline) -> Result<Vec<usize>, Error> {
    let names = || {
        let names = project.stacks.iter().map(|stack| stack.files.name.as_str());
        names.collect::<Vec<_>>().join(", ")
    };
    let is_meant = |stack: &usize| {
        let files = &project.stacks[*stack].files;
        let by_name = arguments
            .stack
            .as_ref()
            .is_none_or(|name| *name == files.name);
        by_name && (root.only.is_empty() || !files_of(project, *stack).is_disjoint(&root.only))
    };
    let chosen: Vec<usize> = (0..project.stacks.len()).filter(is_meant).collect();
    if !chosen.is_empty() {
        return Ok(chosen);
    }
    let message = match &arguments.stack {
        Some(name) => format!("there is no stack `{name}` here"),
        None => "no stack has anything to do with this file".to_owned(),
    };
    Err(Error::usage(
        message,
        format!("the stacks are: {}", escape::line(&names())),
    ))
}

/// The files that have a part in a stack: its own, and the workflows that start it or wait for it.
fn files_of(project: &Project, stack: usize) -> BTreeSet<String> {
    let sources = project.store.sources();
    let files = &project.stacks[stack].files;
    let mut paths: BTreeSet<String> = files.files.iter().cloned().collect();
    let mut spans = Vec::new();
    if let Reason::Command(span) = files.reason {
        spans.push(span);
    }
    let sequences = project
        .sequences
        .iter()
        .filter(|sequence| sequence.stack == stack);
    spans.extend(
        sequences
            .flat_map(|sequence| &sequence.waits)
            .map(|wait| wait.span),
    );
    let starts = project.starts.iter().filter(|start| start.stack == stack);
    spans.extend(starts.map(|start| start.up.span));
    paths.extend(
        spans
            .into_iter()
            .map(|span| sources.get(span.file).path().to_owned()),
    );
    paths
}

/// An SVG shows one stack.
fn tell_others(project: &Project, chosen: &[usize]) {
    let name = |stack: &usize| project.stacks[*stack].files.name.as_str();
    let [first, others @ ..] = chosen else { return };
    if !others.is_empty() {
        let others: Vec<&str> = others.iter().map(name).collect();
        let line = format!(
            "drawn is the stack {}; --stack draws another: {}",
            name(first),
            others.join(", ")
        );
        eprintln!("{}", escape::line(&line));
    }
}

/// As the terminal is.
fn style(arguments: &Timeline) -> Style {
    let to_terminal = arguments.output.is_none() && stdout().is_terminal();
    let columns = env::var("COLUMNS")
        .ok()
        .and_then(|columns| columns.parse().ok());
    let columns = columns.filter(|columns| *columns > 0);
    let terminal = || {
        let (width, _) = terminal_size::terminal_size().filter(|_| to_terminal)?;
        Some(usize::from(width.0))
    };
    Style {
        width: columns.or_else(terminal).unwrap_or(80),
        ascii: arguments.ascii || !is_utf8(),
        colours: match arguments.output {
            Some(_) => arguments.color.on(false),
            None => arguments.color.on_stdout(),
        },
    }
}

/// Whether the locale writes UTF-8. Without a locale (a CI runner, a container) nothing says otherwise: what reads our output there takes UTF-8.
fn is_utf8() -> bool {
    let set = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
    let locale = set("LC_ALL")
        .or_else(|| set("LC_CTYPE"))
        .or_else(|| set("LANG"));
    locale.is_none_or(|locale| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    })
}

fn write(arguments: &Timeline, drawn: &str) -> Result<(), Error> {
    if let Some(path) = &arguments.output {
        return fs::write(path, drawn).map_err(|error| {
            let shown = path.display();
            Error::usage(
                format!("{shown}: cannot be written: {error}"),
                "check the path given to --output",
            )
        });
    }
    let mut out = stdout().lock();
    let written = out.write_all(drawn.as_bytes()).and_then(|()| out.flush());
    written.or_else(|error| match error.kind() {
        // A closed pipe is the reader's choice.
        std::io::ErrorKind::BrokenPipe => Ok(()),
        _ => Err(no_output(&error)),
    })
}
