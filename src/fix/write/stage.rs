//! Temporary files beside their targets.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A temporary file, which goes away with this value unless it has found its place.
#[derive(Debug)]
pub(super) struct Staged {
    path: PathBuf,
    ours: bool,
}

impl Staged {
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Leaves the file, or what has become of it, alone.
    pub fn forget(&mut self) {
        self.ours = false;
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        if self.ours {
            // There is nobody left to tell; a file that stays has a name that says whose it is.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Writes `bytes` to a new file beside `target`, with its mode and owner, down to the disk.
pub(super) fn stage(target: &Path, bytes: &[u8]) -> io::Result<Staged> {
    let meta = fs::metadata(target)?;
    let (mut file, path) = create_beside(target)?;
    let staged = Staged { path, ours: true };
    file.write_all(bytes)?;
    keep_owner(&file, &meta);
    // After the owner, whose change takes special bits away.
    file.set_permissions(meta.permissions())?;
    file.sync_all()?;
    Ok(staged)
}

fn create_beside(target: &Path) -> io::Result<(File, PathBuf)> {
    let folder = target.parent().unwrap_or(Path::new("."));
    let process = std::process::id();
    let mut number = 0u32;
    loop {
        // Short, since the target's own name may be as long as the file system allows.
        let path = folder.join(format!(".upbeat-{process}-{number}.tmp"));
        // Never an existing file and never through a link that somebody has laid there.
        match private().write(true).create_new(true).open(&path) {
            Ok(file) => return Ok((file, path)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && number < 10_000 => {
                number += 1;
            }
            Err(error) => return Err(error),
        }
    }
}

/// Until it has the mode of its target nobody else reads it.
#[cfg(unix)]
fn private() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = OpenOptions::new();
    options.mode(0o600);
    options
}

#[cfg(not(unix))]
fn private() -> OpenOptions {
    OpenOptions::new()
}

/// Run by root in a container, a fix must not take the file from its owner. Others may not give files away; theirs they are.
#[cfg(unix)]
fn keep_owner(file: &File, meta: &fs::Metadata) {
    use std::os::unix::fs::{MetadataExt, fchown};
    let _ = fchown(file, Some(meta.uid()), Some(meta.gid()));
}

#[cfg(not(unix))]
fn keep_owner(_: &File, _: &fs::Metadata) {}

/// Makes renames in the folder of `file` last. A system that cannot do so loses no text, only the moment.
pub(super) fn sync_folder(file: &Path) {
    if let Some(folder) = file.parent()
        && let Ok(folder) = File::open(folder)
    {
        let _ = folder.sync_all();
    }
}
