//! `upbeat measure`: what logs, inspect and events prove about starts.

mod show;

use super::arguments::{Measure, MeasureFormat};
use super::error::Error;
use super::roots;
use super::{CLEAN, INCOMPLETE};
use crate::escape;
use crate::startup::{self, MissingTool, Reading, Startup, record};
use std::fs::{self, File, OpenOptions};
use std::io::{self, IsTerminal, Read, Write, stdin, stdout};
use std::path::Path;

/// A start, and where it was read.
pub(super) struct Found {
    startup: Startup,
    source: String,
}

/// All that was read.
#[derive(Default)]
pub(super) struct Measured {
    starts: Vec<Found>,
    missing: Vec<(MissingTool, String)>,
    notes: Vec<String>,
}

/// Reads the inputs, prints what they tell, and records it if that is asked for.
pub(super) fn run(arguments: &Measure) -> Result<u8, Error> {
    let mut measured = Measured::default();
    let mut code = CLEAN;
    for path in files(arguments)? {
        let shown = if path == "-" { "standard input" } else { path };
        match read(path)
            .map_err(|error| error.to_string())
            .and_then(|reading| measured.take(reading, shown, arguments))
        {
            Ok(()) => {}
            Err(why) => {
                code = INCOMPLETE;
                let help = "understood are logs with timed steps or ready lines, with or without `-t`, and what `docker inspect`, `docker events` and `docker compose ps --format json` print";
                Error::usage(format!("{shown}: {why}"), help).print();
            }
        }
    }
    let text = match arguments.format {
        MeasureFormat::Text => show::text(&measured),
        MeasureFormat::Json => show::json(&measured),
    };
    // A closed pipe is the reader's choice.
    stdout().write_all(text.as_bytes()).ok();
    if arguments.record {
        let starts = measured.starts.iter().map(|found| found.startup.clone());
        code = code.max(keep(&starts.collect::<Vec<_>>())?);
    }
    Ok(code)
}

/// What is to be read; without anything what comes in.
fn files(arguments: &Measure) -> Result<Vec<&str>, Error> {
    if !arguments.files.is_empty() {
        return Ok(arguments.files.iter().map(String::as_str).collect());
    }
    if stdin().is_terminal() {
        return Err(Error::usage(
            "nothing to measure",
            "name a file, or pipe something in: docker compose logs -t backend | upbeat measure -",
        ));
    }
    Ok(vec!["-"])
}

fn read(path: &str) -> Result<Reading, startup::ReadError> {
    let mut input: Box<dyn Read> = match path {
        "-" => Box::new(stdin().lock()),
        _ => Box::new(File::open(path)?),
    };
    startup::read(&mut input)
}

impl Measured {
    /// Takes in what one input tells; a sentence where that is nothing.
    fn take(&mut self, reading: Reading, source: &str, arguments: &Measure) -> Result<(), String> {
        let Reading {
            startups,
            missing,
            silent,
            ..
        } = reading;
        let is_silent = startups.is_empty() && missing.is_empty();
        let all = startups.len();
        let before = self.starts.len();
        for mut startup in startups {
            if let Some(service) = &arguments.service {
                if !is_of(&startup, service) {
                    continue;
                }
                startup.service = Some(service.clone());
            }
            if arguments.stack.is_some() {
                startup.stack.clone_from(&arguments.stack);
            }
            let source = source.to_owned();
            self.starts.push(Found { startup, source });
        }
        let is_left = self.starts.len() > before;
        self.missing
            .extend(missing.into_iter().map(|tool| (tool, source.to_owned())));
        if is_silent {
            return Err(match silent.as_slice() {
                [] => "no startup is told in it".to_owned(),
                _ => format!("no startup is told in it: {}", silent.join("; ")),
            });
        }
        self.notes.extend(silent);
        match &arguments.service {
            Some(service) if all > 0 && !is_left => Err(format!(
                "none of the starts that it tells of is of `{service}`"
            )),
            _ => Ok(()),
        }
    }
}

/// Whether a start may be of a service: it says so, or does not say whose it is.
fn is_of(startup: &Startup, service: &str) -> bool {
    let own = startup.service.as_deref();
    let container = startup.container.as_deref();
    match (own, container) {
        (None, None) => true,
        _ => own == Some(service) || container == Some(service),
    }
}

/// Appends what the project's record does not have.
fn keep(starts: &[Startup]) -> Result<u8, Error> {
    let roots = roots::find(&[])?;
    let folder = roots.first().map_or(Path::new("."), |root| &root.folder);
    let path = folder.join(record::NAME);
    let fail = |why: String| {
        Error::usage(
            format!("{}: {why}", record::NAME),
            "mend the file, or move it away",
        )
    };
    let named = |startup: &&Startup| startup.service.is_some() || startup.container.is_some();
    let (named, nameless): (Vec<&Startup>, Vec<&Startup>) = starts.iter().partition(named);
    // What a link leads to is none of the project's.
    if fs::symlink_metadata(&path).is_ok_and(|found| !found.is_file()) {
        return Err(fail("it is no file".to_owned()));
    }
    let known = match fs::read_to_string(&path) {
        Ok(known) => known,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(fail(format!("cannot be read: {error}"))),
    };
    let named: Vec<Startup> = named.into_iter().cloned().collect();
    let lines = record::missing(&known, &named).map_err(|error| fail(error.to_string()))?;
    let mut text = String::new();
    if !known.is_empty() && !known.ends_with('\n') {
        text.push('\n');
    }
    for line in &lines {
        text.push_str(line);
        text.push('\n');
    }
    if !lines.is_empty() {
        // One write at the end of the file: whoever records at the same time writes before or behind it.
        let file = OpenOptions::new().append(true).create(true).open(&path);
        let written = file.and_then(|mut file| file.write_all(text.as_bytes()));
        written.map_err(|error| fail(format!("cannot be written: {error}")))?;
    }
    let known = named.len() - lines.len();
    let old = if known > 0 {
        format!(", {known} known already")
    } else {
        String::new()
    };
    let starts = if lines.len() == 1 {
        "1 start".to_owned()
    } else {
        format!("{} starts", lines.len())
    };
    eprintln!("recorded: {starts} in {}{old}", escape::line(record::NAME));
    if nameless.is_empty() {
        return Ok(CLEAN);
    }
    let count = nameless.len();
    let sentence =
        format!("{count} of the starts cannot be recorded: nothing says which service they are of");
    Error::usage(sentence, "say it with --service NAME").print();
    Ok(INCOMPLETE)
}
