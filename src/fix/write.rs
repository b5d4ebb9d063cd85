//! Writing several changed files: all of them, or none.
//!
//! Every new text goes to a temporary file beside its target first; only when all of them are on the disk are they renamed
//! into place. If that fails half-way, what was renamed is put back.

mod error;
mod stage;

pub use error::WriteError;

use stage::{Staged, stage};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A file to be written.
#[derive(Clone, Copy, Debug)]
pub struct FileChange<'a> {
    /// Its path, relative to the project root or absolute.
    pub path: &'a Path,
    /// The bytes that were read from it, and from which the new text was made.
    pub old: &'a [u8],
    /// The text that it is to hold.
    pub new: &'a str,
}

/// Writes all changes, or none of them. Modes stay; a link stays a link and what it points to is written, if that lies
/// below `root`.
///
/// # Errors
/// If a file is gone, lies outside of `root`, no longer holds what was read from it, or cannot be written. Nothing has
/// changed then, but with [`WriteError::NotRestored`].
pub fn write(root: &Path, changes: &[FileChange]) -> Result<(), WriteError> {
    write_with(root, changes, |from, to| fs::rename(from, to))
}

/// A change whose path was followed to the file that is really written.
struct Target<'a> {
    /// The path as it was given, for messages.
    shown: PathBuf,
    /// The file itself, without links.
    file: PathBuf,
    change: FileChange<'a>,
}

fn write_with(
    root: &Path,
    changes: &[FileChange],
    mut rename: impl FnMut(&Path, &Path) -> io::Result<()>,
) -> Result<(), WriteError> {
    let targets = targets(root, changes)?;
    targets.iter().try_for_each(check_content)?;
    let mut moves = targets
        .iter()
        .map(Move::prepare)
        .collect::<Result<Vec<_>, _>>()?;
    // Once more, since making the temporary files took its time.
    targets.iter().try_for_each(check_content)?;
    for at in 0..moves.len() {
        if let Err(source) = rename(moves[at].new.path(), &moves[at].target.file) {
            let failed = moves[at].target.failed("put the new text in place", source);
            return Err(roll_back(&mut moves[..at], rename).err().unwrap_or(failed));
        }
        moves[at].new.forget();
    }
    for target in &targets {
        stage::sync_folder(&target.file);
    }
    Ok(())
}

/// Puts the old files back, the last one first.
fn roll_back(
    moves: &mut [Move],
    mut rename: impl FnMut(&Path, &Path) -> io::Result<()>,
) -> Result<(), WriteError> {
    let mut result = Ok(());
    for made in moves.iter_mut().rev() {
        let restored = rename(made.old.path(), &made.target.file);
        // It is gone from its place, or it is the last copy: in neither case is it ours to remove.
        made.old.forget();
        if let Err(source) = restored {
            result = Err(WriteError::NotRestored {
                path: made.target.shown.clone(),
                copy: made.old.path().to_owned(),
                source,
            });
        }
    }
    result
}

/// The files on the disk for one target, ready to be renamed.
struct Move<'a> {
    target: &'a Target<'a>,
    new: Staged,
    old: Staged,
}

impl<'a> Move<'a> {
    fn prepare(target: &'a Target<'a>) -> Result<Self, WriteError> {
        let stage = |bytes: &[u8]| {
            stage(&target.file, bytes)
                .map_err(|source| target.failed("write a temporary file beside it", source))
        };
        Ok(Self {
            target,
            new: stage(target.change.new.as_bytes())?,
            old: stage(target.change.old)?,
        })
    }
}

impl Target<'_> {
    fn failed(&self, doing: &'static str, source: io::Error) -> WriteError {
        WriteError::Failed {
            path: self.shown.clone(),
            doing,
            source,
        }
    }
}

/// Follows the paths, and lets two that lead to one file be one where they want the same of it.
fn targets<'a>(root: &Path, changes: &[FileChange<'a>]) -> Result<Vec<Target<'a>>, WriteError> {
    let failed = |path: &Path, source| WriteError::Failed {
        path: path.to_owned(),
        doing: "find it",
        source,
    };
    let real_root = fs::canonicalize(root).map_err(|source| failed(root, source))?;
    let mut targets: Vec<Target> = Vec::new();
    for change in changes {
        let shown = change.path.to_owned();
        let file =
            fs::canonicalize(root.join(change.path)).map_err(|source| failed(&shown, source))?;
        if !file.starts_with(&real_root) {
            return Err(WriteError::Outside { path: shown, file });
        }
        match targets.iter().find(|target| target.file == file) {
            Some(target) if target.change.new == change.new => {}
            Some(target) => {
                let other = target.shown.clone();
                return Err(WriteError::Twice { path: shown, other });
            }
            None => targets.push(Target {
                shown,
                file,
                change: *change,
            }),
        }
    }
    Ok(targets)
}

/// Whether the file still is what the new text was made from.
fn check_content(target: &Target) -> Result<(), WriteError> {
    let failed = |source| target.failed("read it again", source);
    let path = target.shown.clone();
    if !fs::metadata(&target.file).map_err(failed)?.is_file() {
        return Err(WriteError::NoFile { path });
    }
    if fs::read(&target.file).map_err(failed)? != target.change.old {
        return Err(WriteError::Changed { path });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
