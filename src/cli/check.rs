//! `upbeat check`: finds, shows and makes fixes.

use super::arguments::Check;
use super::error::{Error, report_obstacles};
use super::fixing::Fixing;
use super::output::Stream;
use super::run::Run;
use super::told::{exit_code, print_findings, what_was_read};
use super::{CLEAN, baseline, roots, watch};
use crate::report::Format;
use std::path::Path;

/// Runs it over all projects that are named; the worst exit code counts.
pub(super) fn run(check: &Check) -> Result<u8, Error> {
    let mut worst = CLEAN;
    let roots = roots::find(&check.project.sources.paths)?;
    if check.write_baseline.is_some() && roots.len() > 1 {
        return Err(Error::usage(
            "--write-baseline is for one project, and several are named",
            "run it for each, with a file of its own",
        ));
    }
    let is_one = check.output.is_some() || check.format.is_some_and(Format::is_document);
    if is_one && roots.len() > 1 {
        return Err(Error::usage(
            "such a report is one document for one project, and several are named",
            "run it for each, or name the folder that all of them lie in",
        ));
    }
    if check.changed_lines.as_deref() == Some(Path::new("-")) && roots.len() > 1 {
        return Err(Error::usage(
            "standard input is read once, and several projects are named",
            "write the diff to a file, and give that to --changed-lines",
        ));
    }
    if check.watch {
        return watch::run(check, roots);
    }
    for root in roots {
        worst = worst.max(one(Run::new(check, &root)?)?);
    }
    Ok(worst)
}

/// Checks one project.
fn one(run: Run) -> Result<u8, Error> {
    let (check, root) = (run.check, run.root);
    let (checked, inputs, options, unread) = run.judge();
    if check.verbose {
        eprint!("{}", what_was_read(&checked.project, checked.ignored.len()));
    }
    if check.diff || check.fix {
        return Fixing {
            check,
            root,
            unread,
        }
        .run(checked, &inputs, &options);
    }
    report_obstacles(&checked.project, check.color);
    if let Some(path) = &check.write_baseline {
        return baseline::write(path, &checked);
    }
    baseline::tell(&checked.taken, check.quiet);
    let told = (checked.findings.as_slice(), checked.ignored.as_slice());
    print_findings(told, &checked.project, check, root, Stream::Out)?;
    Ok(exit_code(&checked.findings, &checked.project, check))
}
