//! Which projects are meant, and where a path that was typed lies in them.

use super::error::Error;
use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

/// A project to check.
#[derive(Debug)]
pub(super) struct Root {
    /// Its folder.
    pub(super) folder: PathBuf,
    /// The files that were named: only findings that touch them are reported. Empty for all.
    pub(super) only: BTreeSet<String>,
}

/// The projects that `paths` name; without any the repository that the current folder lies in.
pub(super) fn find(paths: &[PathBuf]) -> Result<Vec<Root>, Error> {
    if paths.is_empty() {
        let here = std::env::current_dir().map_err(|error| {
            Error::usage(
                format!("the current folder cannot be read: {error}"),
                "go to the project's folder",
            )
        })?;
        return Ok(vec![Root {
            folder: repository(&here).unwrap_or(here),
            only: BTreeSet::new(),
        }]);
    }
    let mut roots: Vec<Root> = Vec::new();
    for path in paths {
        let (folder, only) = if path.is_dir() {
            (path.clone(), None)
        } else if path.is_file() {
            let parent = path
                .parent()
                .filter(|parent| !parent.as_os_str().is_empty())
                .unwrap_or(Path::new("."));
            let folder = repository(parent).unwrap_or_else(|| above_workflows(parent));
            let inside = inside(&folder, path);
            (folder, inside)
        } else {
            let shown = path.display();
            return Err(Error::usage(
                format!("{shown}: there is no such file or folder"),
                "check the path",
            ));
        };
        match roots.iter_mut().find(|root| root.folder == folder) {
            Some(root) if only.is_some() && !root.only.is_empty() => root.only.extend(only),
            Some(root) => root.only.clear(),
            None => roots.push(Root {
                folder,
                only: only.into_iter().collect(),
            }),
        }
    }
    Ok(roots)
}

/// Where a workflow's paths count from: the folder that `.github` stands in. Any other folder is a project's own.
fn above_workflows(folder: &Path) -> PathBuf {
    let is_workflows = folder.ends_with(".github/workflows");
    let above = folder
        .parent()
        .and_then(Path::parent)
        .filter(|_| is_workflows);
    match above {
        Some(above) if above.as_os_str().is_empty() => PathBuf::from("."),
        Some(above) => above.to_path_buf(),
        None => folder.to_path_buf(),
    }
}

/// The top of the Git repository around a folder.
fn repository(folder: &Path) -> Option<PathBuf> {
    let folder = folder.canonicalize().ok()?;
    folder
        .ancestors()
        .find(|above| above.join(".git").exists())
        .map(Path::to_path_buf)
}

/// The project's folder as seen from the top of its repository or, where it lies in none, from the current folder; empty for
/// that itself, and where it lies outside.
pub(super) fn prefix(root: &Root) -> String {
    let top = repository(&root.folder).unwrap_or_else(|| PathBuf::from("."));
    inside(&top, &root.folder).unwrap_or_default()
}

/// The path from the root, with `/`; `None` where it lies outside. The file need not be there.
pub(super) fn inside(root: &Path, path: &Path) -> Option<String> {
    let absolute = |path: &Path| std::path::absolute(path).ok();
    let root = root.canonicalize().ok()?;
    let full = path.canonicalize().ok().or_else(|| {
        let parent = absolute(path)?.parent()?.canonicalize().ok()?;
        Some(parent.join(path.file_name()?))
    })?;
    let parts: Option<Vec<&str>> = full
        .strip_prefix(&root)
        .ok()?
        .components()
        .filter(|part| !matches!(part, Component::CurDir))
        .map(|part| part.as_os_str().to_str())
        .collect();
    Some(parts?.join("/"))
}

/// Where a path that was typed lies in the project: it counts from the current folder, or else from the project's. Where it
/// lies outside, and that is allowed, it is an absolute one.
pub(super) fn typed(root: &Path, path: &Path, allow_outside: bool) -> String {
    if path.exists() {
        if let Some(inside) = inside(root, path) {
            return inside;
        }
        if allow_outside && let Ok(full) = path.canonicalize() {
            return full.to_string_lossy().into_owned();
        }
    }
    path.to_string_lossy().replace('\\', "/")
}
