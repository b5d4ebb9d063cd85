//! `upbeat init`: the first settings of a project, and their schema.

use super::arguments::{Init, SourceArgs};
use super::error::{Error, report_obstacles};
use super::files::put_new;
use super::roots;
use super::session::Session;
use super::{CLEAN, Colour, INCOMPLETE};
use crate::escape;
use crate::project::Project;
use crate::settings::{self, NAMES};
use std::io::{self, Write, stdout};
use std::path::Path;

/// Writes them, or prints them.
pub(super) fn run(init: &Init) -> Result<u8, Error> {
    if init.schema {
        print(&settings::schema());
        return Ok(CLEAN);
    }
    let paths: Vec<_> = init.path.iter().cloned().collect();
    let mut roots = roots::find(&paths)?;
    let root = roots.remove(0);
    if !init.stdout {
        let mut names = NAMES.iter().map(|name| root.folder.join(name));
        if let Some(there) = names.find(|path| path.symlink_metadata().is_ok()) {
            return Err(exists(&there));
        }
    }
    // What is found, and not what settings have made of it.
    let sources = SourceArgs {
        paths,
        no_config: true,
        ..SourceArgs::default()
    };
    let Session { store, inputs, .. } = Session::of_sources(&sources, &root)?;
    let project = Project::read(store, &inputs);
    let text = settings::first(&project);
    report_obstacles(&project, Colour::Auto);
    if init.stdout {
        print(&text);
    } else if !project.stacks.is_empty() {
        // In the wrong folder nothing is left behind.
        let path = root.folder.join(NAMES[0]);
        put_new(&path, text.as_bytes()).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => exists(&path),
            _ => Error::usage(
                format!("{}: cannot be written: {error}", path.display()),
                "name a folder that may be written to, or print it with --stdout",
            ),
        })?;
        tell(&path, &project);
    }
    Ok(if project.obstacles.is_empty() {
        CLEAN
    } else {
        INCOMPLETE
    })
}

fn print(text: &str) {
    // A closed pipe is the reader's choice.
    stdout().write_all(text.as_bytes()).ok();
}

fn exists(path: &Path) -> Error {
    Error::usage(
        format!("{} is there already, and stays as it is", path.display()),
        "edit it, or print what was found with --stdout",
    )
}

/// What stands in the file now.
fn tell(path: &Path, project: &Project) {
    let counted = |count: usize, what: &str| {
        let plural = if count == 1 { "" } else { "s" };
        format!("{count} {what}{plural}")
    };
    let line = format!(
        "written: {}, all of it comments, with {}, {} and {} whose startup is not known",
        path.display(),
        counted(project.stacks.len(), "stack"),
        counted(project.waits.len(), "wait"),
        counted(settings::unknown_startups(project).len(), "service"),
    );
    eprintln!("{}", escape::line(&line));
}
