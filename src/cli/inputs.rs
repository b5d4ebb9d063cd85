//! What a project is read with, from the command line.

use super::Colour;
use super::arguments::{Log, ProjectArgs};
use super::error::Error;
use super::roots::{self, Root};
use crate::project::{Inputs, Obstacle, Project};
use crate::source::{ReadError, Store, read_text};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// What was asked for, read as far as it lies outside of the project.
pub(super) struct Given {
    /// The project's files, with the logs.
    pub(super) store: Store,
    /// What the project is read with.
    pub(super) inputs: Inputs,
    /// What was named and cannot be read.
    pub(super) unread: Vec<Obstacle>,
}

impl Given {
    /// Reads the logs, and finds the files that were named in the project.
    pub(super) fn read(arguments: &ProjectArgs, root: &Root) -> Result<Self, Error> {
        if arguments.files.iter().any(|file| file == Path::new("-")) {
            return Err(Error::usage(
                "-f - is not understood",
                "write the files to disk, and name them",
            ));
        }
        let mut store = Store::disk(&root.folder);
        let mut unread = Vec::new();
        let mut logs = Vec::new();
        for log in &arguments.logs {
            match read_log(log, &root.folder) {
                Ok((shown, text)) => logs.push((log.service.clone(), store.add(&shown, text))),
                Err(obstacle) => unread.push(obstacle),
            }
        }
        let typed = |paths: &[PathBuf]| {
            let paths = paths.iter().map(|path| roots::typed(&root.folder, path));
            paths.collect()
        };
        let inputs = Inputs {
            files: typed(&arguments.files),
            env_files: typed(&arguments.env_files),
            profiles: arguments.profiles.clone(),
            logs,
            startups: arguments.startups.clone(),
            engine: arguments.engine.clone(),
        };
        Ok(Self {
            store,
            inputs,
            unread,
        })
    }
}

fn read_log(log: &Log, root: &Path) -> Result<(String, String), Obstacle> {
    let fail = |shown: &str, why: String| {
        let help = "check the path given to --log: it counts from the current folder";
        Obstacle::new(shown, format!("cannot be read: {why}"), help)
    };
    if log.file == Path::new("-") {
        let mut bytes = Vec::new();
        io::stdin()
            .read_to_end(&mut bytes)
            .map_err(|error| fail("standard input", error.to_string()))?;
        return Ok((
            "standard input".to_owned(),
            String::from_utf8_lossy(&bytes).into_owned(),
        ));
    }
    let here = if log.file.exists() {
        log.file.clone()
    } else {
        root.join(&log.file)
    };
    let shown =
        roots::inside(root, &here).unwrap_or_else(|| log.file.to_string_lossy().into_owned());
    // Logs hold whatever a program wrote: what is no UTF-8 is passed over.
    match read_text(&here) {
        Ok(text) => Ok((shown, text)),
        Err(ReadError::NotText) => {
            let bytes = std::fs::read(&here).map_err(|error| fail(&shown, error.to_string()))?;
            Ok((shown, String::from_utf8_lossy(&bytes).into_owned()))
        }
        Err(error) => Err(fail(&shown, error.to_string())),
    }
}

/// Prints what kept upbeat from seeing everything.
pub(super) fn report_obstacles(project: &Project, colour: Colour) {
    for obstacle in &project.obstacles {
        Error::obstacle(obstacle, project.store.sources()).print_with(colour);
    }
}

/// Standard output, or a file, takes nothing.
pub(super) fn no_output(error: &io::Error) -> Error {
    Error::usage(
        format!("the output cannot be written: {error}"),
        "check where it goes",
    )
}
