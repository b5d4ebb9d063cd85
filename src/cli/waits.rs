//! `upbeat waits`: every wait that was understood, when it ends and why.

use super::arguments::{Waits, WaitsFormat};
use super::error::Error;
use super::session;
use crate::escape;
use crate::project::{BoundedBy, Listed, Project};
use crate::shell::{Form, Literal};
use crate::source::Span;
use serde_json::{Value as Json, json};
use std::fmt::Write as _;

/// Prints them, for each project that is named.
pub(super) fn run(arguments: &Waits) -> Result<u8, Error> {
    session::print_each(&arguments.sources, |project| match arguments.format {
        WaitsFormat::Text => text(project),
        WaitsFormat::Json => json(project),
    })
}

fn json(project: &Project) -> String {
    let waits: Vec<Json> = project
        .waits
        .iter()
        .map(|wait| one(project, wait))
        .collect();
    let document = json!({ "version": 1, "waits": waits });
    let document = serde_json::to_string_pretty(&document).unwrap_or_default();
    format!("{}\n", escape::json(&document))
}

fn one(project: &Project, wait: &Listed) -> Json {
    let sources = project.store.sources();
    let place = |span: Span| {
        let at = sources.start(span);
        (sources.get(span.file).path().to_owned(), at.line, at.column)
    };
    let (file, line, column) = place(wait.span);
    let from: Vec<Json> = wait
        .from
        .iter()
        .map(|literal| {
            let (file, line, column) = place(literal.span);
            json!({ "file": file, "line": line, "column": column, "text": literal.text })
        })
        .collect();
    json!({
        "file": file,
        "line": line,
        "column": column,
        "job": wait.job,
        "step": wait.step,
        "form": wait.form.name(),
        "budget_s": wait.budget.map(crate::duration::Seconds::as_f64),
        "bounded_by": wait.bounded_by.name(),
        "budget_from": from,
        "stack": wait.stack.map(|stack| project.stacks[stack].files.name.clone()),
        "services": services(project, wait),
        "after_up": wait.after_up,
        "can_fail": wait.can_fail,
    })
}

/// The services that are watched; none for all of the stack.
fn services(project: &Project, wait: &Listed) -> Vec<String> {
    let Some(stack) = wait.stack.map(|stack| &project.stacks[stack]) else {
        return Vec::new();
    };
    let services = wait.services.iter();
    services
        .map(|service| stack.services[*service].service.name.clone())
        .collect()
}

const HEADS: [&str; 6] = ["line", "form", "gives up", "watches", "then", "from"];

/// A line of a file's table.
enum Line {
    /// The job and the step of the rows below it.
    Place(String),
    Row([String; 6]),
}

/// A table a file, its columns the same from top to bottom: what it says can be held against the file line by line.
fn text(project: &Project) -> String {
    let sources = project.store.sources();
    let mut out = String::new();
    let mut rest = project.waits.as_slice();
    while let Some(first) = rest.first() {
        let file = first.span.file;
        let in_file = rest.iter().take_while(|wait| wait.span.file == file);
        let (waits, others) = rest.split_at(in_file.count());
        rest = others;
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(&escape::line(sources.get(file).path()));
        out.push('\n');
        let mut place = None;
        let mut lines = vec![Line::Row(HEADS.map(str::to_owned))];
        for wait in waits {
            let own = job_words(wait);
            if place.as_ref() != Some(&own) {
                lines.push(Line::Place(escape::line(&own).to_string()));
                place = Some(own);
            }
            let row = row(project, wait).map(|cell| escape::line(&cell).to_string());
            // One that several jobs call, and that ends the same in each, is one row.
            if !matches!(lines.last(), Some(Line::Row(last)) if *last == row) {
                lines.push(Line::Row(row));
            }
        }
        table(&lines, &mut out);
    }
    if project.waits.is_empty() {
        out.push_str("no waits: nothing here waits for containers or services\n");
    }
    out
}

fn job_words(wait: &Listed) -> String {
    match (&wait.job, &wait.step) {
        (None, _) => "a script that no job calls".to_owned(),
        (Some(job), None) => format!("job {job}"),
        (Some(job), Some(step)) => format!("job {job}, step {step}"),
    }
}

fn row(project: &Project, wait: &Listed) -> [String; 6] {
    let line = project.store.sources().start(wait.span).line;
    let ends = match (wait.budget, wait.bounded_by) {
        (Some(budget), BoundedBy::Itself) => format!("after {budget}s"),
        (Some(budget), BoundedBy::Timeout) => format!("after {budget}s (timeout)"),
        (Some(budget), by) => format!("after {budget}s ({}'s limit)", by.name()),
        (None, _) => "never by itself".to_owned(),
    };
    let watches = match wait.stack.map(|stack| &project.stacks[stack]) {
        None => "not known".to_owned(),
        Some(stack) => {
            let services = services(project, wait);
            let up = if wait.after_up { ", after up" } else { "" };
            let name = &stack.files.name;
            if services.is_empty() {
                format!("stack {name}{up}")
            } else {
                format!("{} of {name}{up}", services.join(", "))
            }
        }
    };
    let then = match (wait.can_fail, wait.lost, wait.form) {
        (true, ..) => "fails",
        (false, Some(_), _) | (false, None, Form::Sleep) => "goes on",
        // Whether something behind it fails is not certain.
        (false, None, _) => "may go on",
    };
    [
        line.to_string(),
        wait.form.name().to_owned(),
        ends,
        watches,
        then.to_owned(),
        literals(project, &wait.from),
    ]
}

/// `MAX_WAIT=120 (24), 5 (31)`: each literal with its line.
fn literals(project: &Project, from: &[Literal]) -> String {
    let sources = project.store.sources();
    let told = from.iter().map(|literal| {
        let line = sources.start(literal.span).line;
        match &literal.variable {
            Some(variable) => format!("{variable}={} ({line})", literal.text),
            None => format!("{} ({line})", literal.text),
        }
    });
    told.collect::<Vec<_>>().join(", ")
}

/// The rows under their heads, each column as wide as it must be.
fn table(lines: &[Line], out: &mut String) {
    let width = |column: usize| {
        let cells = lines.iter().filter_map(|line| match line {
            Line::Row(row) => Some(row[column].chars().count()),
            Line::Place(_) => None,
        });
        cells.max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..HEADS.len()).map(width).collect();
    for line in lines {
        let mut text = String::from("   ");
        match line {
            Line::Place(place) => text = format!("  {place}"),
            Line::Row(row) => {
                for (n, (cell, width)) in row.iter().zip(&widths).enumerate() {
                    // Numbers of lines end below each other.
                    let written = if n == 0 {
                        write!(text, " {cell:>width$} ")
                    } else {
                        write!(text, " {cell:<width$} ")
                    };
                    written.expect("a string takes everything");
                }
            }
        }
        out.push_str(text.trim_end());
        out.push('\n');
    }
}
