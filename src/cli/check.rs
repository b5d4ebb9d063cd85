//! `upbeat check`: finds, shows and makes fixes.

use super::arguments::Check;
use super::baseline;
use super::error::{Error, report_obstacles};
use super::fixing::Fixing;
use super::output::{Outlets, Stream};
use super::progress::Progress;
use super::roots::{self, Root};
use super::scope;
use super::session::Session;
use super::watch;
use super::{CLEAN, FINDINGS, INCOMPLETE};
use crate::finding::Finding;
use crate::project::{Inputs, Obstacle, Project};
use crate::report::{Format, Report};
use crate::rules::Ignored;
use crate::{Checked, rules};
use std::path::{Path, PathBuf};

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
        worst = worst.max(Run::new(check, &root)?.run()?);
    }
    Ok(worst)
}

/// One project's run.
pub(super) struct Run<'a> {
    check: &'a Check,
    root: &'a Root,
    options: rules::Options,
    session: Session,
}

impl<'a> Run<'a> {
    pub(super) fn new(check: &'a Check, root: &'a Root) -> Result<Self, Error> {
        let session = Session::new(&check.project, root)?;
        let flags = rules::Options {
            allow_unsafe: check.unsafe_fixes,
            select: (!check.select.is_empty()).then(|| check.select.clone()),
            ignore: check.ignore.clone(),
            ..rules::Options::default()
        };
        let mut options = session.options(flags);
        if let Some(budget) = check.budget {
            options.budget = budget;
        }
        options.baseline = baseline::read(check, &session, root)?;
        options.scope = scope::of(check, root)?;
        Ok(Self {
            check,
            root,
            options,
            session,
        })
    }

    /// The folders in which it looks for files.
    pub(super) fn folders(&self) -> Vec<PathBuf> {
        self.session.store.folders()
    }

    /// The project, judged, and what it was judged with.
    pub(super) fn judge(self) -> (Checked, Inputs, rules::Options, Vec<Obstacle>) {
        let Session {
            store,
            inputs,
            unread,
            ..
        } = self.session;
        let progress = Progress::start(!self.check.quiet && !self.check.watch);
        progress.say("reading the project");
        let project = Project::read(store, &inputs);
        progress.say("judging it");
        let rules::Judged {
            findings,
            ignored,
            taken,
        } = rules::judge(&project, &self.options);
        drop(progress);
        let mut checked = Checked {
            project,
            findings,
            ignored,
            taken,
        };
        checked
            .project
            .obstacles
            .splice(0..0, unread.iter().cloned());
        scope::note_strangers(self.check, self.root, &mut checked.project);
        (checked, inputs, self.options, unread)
    }

    fn run(self) -> Result<u8, Error> {
        let (check, root) = (self.check, self.root);
        let (checked, inputs, options, unread) = self.judge();
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
}

/// Prints what is reported, and what is ignored to programs.
pub(super) fn print_findings(
    (findings, ignored): (&[Finding], &[Ignored]),
    project: &Project,
    check: &Check,
    root: &Root,
    stream: Stream,
) -> Result<(), Error> {
    let summary = crate::summary(project, findings);
    let report = Report {
        findings,
        ignored,
        sources: project.store.sources(),
        trees: &project.trees,
        summary: &summary,
        prefix: &roots::prefix(root),
    };
    Outlets::new(check, &root.folder, stream).print(&report)
}

pub(super) fn exit_code(findings: &[Finding], project: &Project, check: &Check) -> u8 {
    if !project.obstacles.is_empty() {
        INCOMPLETE
    } else if findings
        .iter()
        .any(|finding| check.fail_on.counts(finding.severity))
    {
        FINDINGS
    } else {
        CLEAN
    }
}

/// What was read, and how many findings comments silence, in lines.
pub(super) fn what_was_read(project: &Project, ignored: usize) -> String {
    let mut lines = Vec::new();
    let sources = project.store.sources();
    for stack in &project.stacks {
        let why = stack.files.reason.words(sources);
        let line = format!(
            "stack {}: {} ({why})",
            stack.files.name,
            stack.files.files.join(" + ")
        );
        lines.push(crate::escape::line(&line).into_owned());
    }
    for sequence in &project.sequences {
        let stack = &project.stacks[sequence.stack].files.name;
        for wait in &sequence.waits {
            let at = sources.start(wait.span);
            let path = sources.get(wait.span.file).path();
            let line = format!(
                "wait {path}:{}: {}s, job {}, stack {stack}",
                at.line,
                wait.budget,
                sequence.job.as_deref().unwrap_or("-")
            );
            lines.push(crate::escape::line(&line).into_owned());
        }
    }
    lines.push(format!(
        "{} of {} waits are tied to a stack",
        project
            .sequences
            .iter()
            .map(|s| s.waits.len())
            .sum::<usize>(),
        project.waits.len()
    ));
    if ignored > 0 {
        let plural = if ignored == 1 { "" } else { "s" };
        lines.push(format!("{ignored} finding{plural} ignored by comments"));
    }
    lines.push(String::new());
    lines.join("\n")
}
