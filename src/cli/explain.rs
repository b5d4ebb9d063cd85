//! `upbeat explain`: a rule's page, or what an error means for a project.

mod json;
mod text;

use super::arguments::{Explain, ExplainFormat, ProjectArgs};
use super::error::Error;
use super::session::Session;
use super::terminal::{self, Paint};
use super::{CLEAN, INCOMPLETE, page, roots};
use crate::explain::{self, Scene, UNDERSTOOD};
use crate::project::Project;
use crate::rules::{self, RULES};
use crate::source::MAX_FILE_SIZE;
use std::io::{self, IsTerminal, Read, Write};
use std::path::Path;

/// Shows the page of a rule, or explains the known texts in what was pasted.
pub(super) fn run(arguments: &Explain) -> Result<u8, Error> {
    if let Some(rule) = rules::rule(&arguments.text) {
        print(&rule_page(rule.page, arguments));
        return Ok(CLEAN);
    }
    let pasted = pasted(arguments)?;
    if explain::find(&pasted).is_empty() {
        return Err(unknown(&pasted));
    }
    let (project, options) = project(&arguments.project)?;
    let findings = rules::check(&project, &options);
    let scene = Scene {
        project: &project,
        findings: &findings,
        margin: options.margin,
    };
    let explanations = explain::explain(scene, &pasted);
    let sources = project.store.sources();
    print(&match arguments.format {
        ExplainFormat::Text => {
            let on = arguments.color.on_stdout();
            text::render(&explanations, sources, terminal::width(), Paint { on })
        }
        ExplainFormat::Json => json::render(&explanations, sources),
    });
    for obstacle in &project.obstacles {
        Error::obstacle(obstacle, sources).print_with(arguments.color);
    }
    Ok(if project.obstacles.is_empty() {
        CLEAN
    } else {
        INCOMPLETE
    })
}

fn print(text: &str) {
    // A closed pipe is the reader's choice.
    io::stdout().write_all(text.as_bytes()).ok();
}

/// Markdown as it is for what reads it, and made for the eye on a terminal.
fn rule_page(page: &str, arguments: &Explain) -> String {
    let on = arguments.color.on_stdout();
    if on || io::stdout().is_terminal() {
        page::render(page, terminal::width(), Paint { on })
    } else {
        page.to_owned()
    }
}

/// The text, or standard input.
fn pasted(arguments: &Explain) -> Result<String, Error> {
    if arguments.text != "-" {
        return Ok(arguments.text.clone());
    }
    let logs = arguments.project.logs.iter();
    if logs.into_iter().any(|log| log.file == Path::new("-")) {
        return Err(Error::usage(
            "standard input cannot be both the text and a log",
            "write the log to a file, and name it",
        ));
    }
    let mut bytes = Vec::new();
    io::stdin()
        .take(MAX_FILE_SIZE + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| {
            Error::usage(
                format!("standard input cannot be read: {error}"),
                "give the text as an argument",
            )
        })?;
    if bytes.len() as u64 > MAX_FILE_SIZE {
        return Err(Error::usage(
            format!(
                "standard input is larger than {} MiB",
                MAX_FILE_SIZE / 1024 / 1024
            ),
            "give the lines around the error",
        ));
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// That nothing is known of a text, or that no rule has this name.
fn unknown(pasted: &str) -> Error {
    const SHOWN: usize = 80;
    let text = pasted.trim();
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if !text.is_empty() && text.chars().all(is_word) {
        let names = || RULES.iter().map(|rule| rule.name);
        let help = match crate::spelling::nearest(text, names()) {
            Some(meant) => format!("did you mean `{meant}`? `upbeat rules` lists them all"),
            None => format!("the rules are: {}", names().collect::<Vec<_>>().join(", ")),
        };
        return Error::usage(format!("there is no rule `{text}`"), help);
    }
    let mut shown: String = text
        .lines()
        .next()
        .unwrap_or_default()
        .chars()
        .take(SHOWN)
        .collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    let message = if text.is_empty() {
        "there is no text to explain".to_owned()
    } else {
        format!("nothing is known of this text: {shown}")
    };
    let understood = UNDERSTOOD.map(|text| format!("  {text}"));
    Error::usage(
        message,
        format!(
            "understood, in whatever stands around them, are texts such as\n{}\nand the names of rules (upbeat rules)",
            understood.join("\n")
        ),
    )
}

/// The project, and what its rules are run with. Outside of any, a text is explained all the same.
fn project(arguments: &ProjectArgs) -> Result<(Project, rules::Options), Error> {
    let roots = roots::find(&arguments.sources.paths)?;
    let [root] = roots.as_slice() else {
        return Err(Error::usage("a text is of one project", "name one folder"));
    };
    let session = Session::new(arguments, root)?;
    let options = session.options(rules::Options::default());
    let Session {
        store,
        inputs,
        unread,
        ..
    } = session;
    let mut project = Project::read(store, &inputs);
    let asked = !arguments.sources.paths.is_empty() || !arguments.sources.files.is_empty();
    if project.stacks.is_empty() && !asked {
        // That there is no compose file is told beside the explanation.
        project
            .obstacles
            .retain(|obstacle| !obstacle.path.is_empty());
    }
    project.obstacles.splice(0..0, unread);
    Ok((project, options))
}
