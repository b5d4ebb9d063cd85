//! Which findings are asked for: those of the files that are named, and those of changed lines.

use super::arguments::Check;
use super::error::Error;
use super::roots::{self, Root};
use crate::project::{Obstacle, Project};
use crate::scope::{Changed, Scope};
use crate::source::read_text;
use std::io::{self, Read as _};
use std::path::Path;

/// What the flags and the named files leave.
pub(super) fn of(check: &Check, root: &Root) -> Result<Scope, Error> {
    // A baseline that knows a part of the findings would call the others new.
    if check.write_baseline.is_some() {
        return Ok(Scope::default());
    }
    let changed = check.changed_lines.as_deref();
    Ok(Scope {
        files: root.only.clone(),
        changed: changed.map(|path| changed_lines(path, root)).transpose()?,
    })
}

fn changed_lines(path: &Path, root: &Root) -> Result<Changed, Error> {
    let is_input = path == Path::new("-");
    let shown = if is_input {
        "standard input".to_owned()
    } else {
        path.display().to_string()
    };
    let fail = |why: &str| {
        let help = "give --changed-lines what `git diff` prints, as a file or through a pipe";
        Error::usage(format!("{shown}: {why}"), help)
    };
    let text = if is_input {
        let mut bytes = Vec::new();
        let read = io::stdin().read_to_end(&mut bytes);
        read.map_err(|error| fail(&error.to_string()))?;
        // The changed files may be written in anything.
        String::from_utf8_lossy(&bytes).into_owned()
    } else {
        read_text(path).map_err(|error| fail(&error.to_string()))?
    };
    Changed::read(&text, &roots::prefix(root)).map_err(|_| fail("this is no diff"))
}

/// Notes the files that were named and say nothing to upbeat. A hook names whatever has changed: there they are passed over, and so is a
/// project without compose files.
pub(super) fn note_strangers(check: &Check, root: &Root, project: &mut Project) {
    if check.force_exclude {
        if project.stacks.is_empty() {
            project
                .obstacles
                .retain(|obstacle| !obstacle.path.is_empty());
        }
        return;
    }
    let is_read = |path: &String| project.store.get(path).is_some();
    let strangers = root.only.iter().filter(|path| !is_read(path));
    let help = "name a compose file, a workflow or a folder; a log goes behind --log";
    let strangers: Vec<Obstacle> = strangers
        .map(|path| Obstacle::new(path, "this is no part of any stack or workflow here", help))
        .collect();
    project.obstacles.extend(strangers);
}
