//! Why files were not written.

use crate::escape;
use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Why files were not written. Each message names the file and what to do.
#[derive(Debug)]
pub enum WriteError {
    /// The path leads out of the project, by a link or by itself.
    Outside {
        /// The path as it was given.
        path: PathBuf,
        /// Where it leads.
        file: PathBuf,
    },
    /// Two paths lead to one file, and want different texts of it.
    Twice {
        /// The path as it was given.
        path: PathBuf,
        /// The other one.
        other: PathBuf,
    },
    /// It is a folder, a pipe or the like.
    NoFile {
        /// The path as it was given.
        path: PathBuf,
    },
    /// The file no longer holds what was read from it.
    Changed {
        /// The path as it was given.
        path: PathBuf,
    },
    /// The system refused something.
    Failed {
        /// The path as it was given.
        path: PathBuf,
        /// What was tried: `find it`.
        doing: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// Writing failed half-way, and this file, which was written already, could not be put back.
    NotRestored {
        /// The path as it was given.
        path: PathBuf,
        /// Where its old text is.
        copy: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// What every error but one has in common.
const NOTHING: &str = "no file was changed";

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Outside { path, file } => write!(
                f,
                "{}: leads out of the project, to {}; {NOTHING}: change that file by hand, or run upbeat on the folder that holds it",
                Shown(path),
                Shown(file)
            ),
            Self::Twice { path, other } => write!(
                f,
                "{}: is the same file as {}, and their fixes differ; {NOTHING}: exclude one of the two in upbeat.yml",
                Shown(path),
                Shown(other)
            ),
            Self::NoFile { path } => {
                write!(f, "{}: is no regular file; {NOTHING}", Shown(path))
            }
            Self::Changed { path } => write!(
                f,
                "{}: has changed since it was read; {NOTHING}: run upbeat again",
                Shown(path)
            ),
            Self::Failed {
                path,
                doing,
                source,
            } => write!(
                f,
                "{}: cannot {doing}: {source}; {NOTHING}: {}",
                Shown(path),
                advice(source)
            ),
            Self::NotRestored { path, copy, source } => write!(
                f,
                "{}: was changed and cannot be put back: {source}; its old text is in {}: move it back by hand",
                Shown(path),
                Shown(copy)
            ),
        }
    }
}

fn advice(source: &io::Error) -> &'static str {
    match source.kind() {
        io::ErrorKind::NotFound => "run upbeat again if it was moved",
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "allow writing in its folder, or apply the output of --diff"
        }
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "make room on its disk and run upbeat again"
        }
        _ => "mend that and run upbeat again, or apply the output of --diff",
    }
}

/// A path without anything that a terminal would obey.
struct Shown<'a>(&'a Path);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text: Cow<str> = self.0.to_string_lossy();
        f.write_str(&escape::line(&text))
    }
}

impl Error for WriteError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Failed { source, .. } | Self::NotRestored { source, .. } => Some(source),
            _ => None,
        }
    }
}
