//! `--baseline` and `--write-baseline`.

use super::arguments::Check;
use super::error::Error;
use super::files::put;
use super::roots::Root;
use super::session::Session;
use super::{CLEAN, INCOMPLETE};
use crate::Checked;
use crate::baseline::{Baseline, Taken};
use crate::escape;
use crate::source::read_text;
use std::path::Path;

/// The baseline of the flag, or else of the settings; an empty one where there is none, or where one is being written.
pub(super) fn read(check: &Check, session: &Session, root: &Root) -> Result<Baseline, Error> {
    if check.write_baseline.is_some() {
        return Ok(Baseline::default());
    }
    let of_settings = session.settings.baseline.as_ref();
    let Some((path, shown)) = check
        .baseline
        .as_ref()
        .map(|path| (path.clone(), path.display().to_string()))
        .or_else(|| of_settings.map(|path| (root.folder.join(path), path.clone())))
    else {
        return Ok(Baseline::default());
    };
    let help = if check.baseline.is_some() {
        "write it with --write-baseline, or leave it out".to_owned()
    } else {
        format!("it is the baseline of the settings: `upbeat --write-baseline {shown}` writes it")
    };
    let fail = |why: &str| Error::usage(format!("{shown}: {why}"), help.clone());
    let text = read_text(&path).map_err(|error| fail(&error.to_string()))?;
    Baseline::read(&text).map_err(|why| fail(&why))
}

/// Records what was found.
pub(super) fn write(path: &Path, checked: &Checked) -> Result<u8, Error> {
    let project = &checked.project;
    let baseline = Baseline::of(&checked.findings, project.store.sources(), &project.trees);
    let shown = path.display().to_string();
    put(path, baseline.text().as_bytes()).map_err(|error| {
        Error::usage(
            format!("{shown}: cannot be written: {error}"),
            "name a file in a folder that is there",
        )
    })?;
    let (count, shown) = (baseline.len(), escape::line(&shown));
    let plural = if count == 1 { "" } else { "s" };
    eprintln!("{count} finding{plural} recorded in {shown}");
    Ok(if project.obstacles.is_empty() {
        CLEAN
    } else {
        INCOMPLETE
    })
}

/// Says what a baseline hid, and what it could do without.
pub(super) fn tell(taken: &Taken, quiet: bool) {
    if !quiet {
        eprint!("{}", told(taken));
    }
}

/// The same, in lines.
pub(super) fn told(taken: &Taken) -> String {
    let mut lines = Vec::new();
    let mut counted = |count: usize, rest: &str| {
        let plural = if count == 1 { "" } else { "s" };
        lines.push(format!("{count} finding{plural} {rest}"));
    };
    if !taken.hidden.is_empty() {
        counted(taken.hidden.len(), "hidden by the baseline");
    }
    if !taken.gone.is_empty() {
        counted(
            taken.gone.len(),
            "of the baseline gone; --write-baseline makes it shrink:",
        );
    }
    for gone in &taken.gone {
        let at = if gone.at.is_empty() {
            String::new()
        } else {
            format!(" ({})", gone.at)
        };
        let line = format!("  {}{at}: {}: {}", gone.path, gone.rule, gone.message);
        lines.push(escape::line(&line).into_owned());
    }
    lines.iter().flat_map(|line| [line, "\n"]).collect()
}
