//! Files that are written all at once: to a new one beside them, which then gets their name.

use std::fs::{self, OpenOptions, Permissions};
use std::io::{self, Write};
use std::path::Path;

/// Writes a file, in the place of one that may be there.
pub(super) fn put(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // A link stays one: what it points to is written.
    let path = &path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let there = fs::metadata(path).ok();
    if there.as_ref().is_some_and(|there| !there.is_file()) {
        // A pipe or a device is no file to take the place of.
        return OpenOptions::new().write(true).open(path)?.write_all(bytes);
    }
    let mode = there.map(|there| there.permissions());
    staged(path, bytes, mode, |beside| fs::rename(beside, path))
}

/// Writes a file where there is none.
pub(super) fn put_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // Unlike a rename, a second name never takes another file's place; some file systems know none.
    staged(path, bytes, None, |beside| {
        match fs::hard_link(beside, path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                if path.symlink_metadata().is_ok() {
                    return Err(io::ErrorKind::AlreadyExists.into());
                }
                fs::rename(beside, path)
            }
            named => named,
        }
    })
}

/// Writes a file beside another, lets `named` give it that one's name, and takes away what is left of it.
fn staged(
    path: &Path,
    bytes: &[u8],
    mode: Option<Permissions>,
    named: impl FnOnce(&Path) -> io::Result<()>,
) -> io::Result<()> {
    let beside = path.with_file_name(format!(".upbeat-{}.tmp", std::process::id()));
    // Never an existing file, and never through a link.
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&beside)?;
    let written = mode
        .map_or(Ok(()), |mode| file.set_permissions(mode))
        .and_then(|()| file.write_all(bytes))
        .and_then(|()| file.sync_all())
        .and_then(|()| named(&beside));
    // After a rename it is gone already, and of an error there is nobody left to tell.
    fs::remove_file(&beside).ok();
    written
}
