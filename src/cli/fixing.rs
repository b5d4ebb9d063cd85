//! `upbeat check --fix` and `--diff`: what is changed, what is left, and why.

use super::arguments::Check;
use super::baseline;
use super::error::{Error, no_output, report_obstacles};
use super::output::Stream;
use super::progress::Progress;
use super::roots::Root;
use super::terminal::Paint;
use super::told::{exit_code, print_findings};
use crate::finding::{Finding, Safety};
use crate::fix::diff::{self, FileDiff};
use crate::fix::passes::{Fixed, Made};
use crate::fix::write::{self, FileChange};
use crate::project::{Inputs, Obstacle};
use crate::source::Store;
use crate::{Checked, escape, rules};
use std::fmt::Display;
use std::io::{self, BufWriter, IsTerminal, Write as _};
use std::path::Path;

/// Of what was done, and of what was refused, so many lines are told; the others are counted.
const MOST: usize = 8;

/// What `--fix` and `--diff` do.
pub(super) struct Fixing<'a> {
    pub(super) check: &'a Check,
    pub(super) root: &'a Root,
    pub(super) unread: Vec<Obstacle>,
}

impl Fixing<'_> {
    pub(super) fn run(
        self,
        checked: Checked,
        inputs: &Inputs,
        options: &rules::Options,
    ) -> Result<u8, Error> {
        let original = checked.project.store.with_changes([]);
        if self.check.diff {
            let Checked {
                project,
                findings,
                ignored,
                taken,
            } = &checked;
            report_obstacles(project, self.check.color);
            baseline::tell(taken, self.check.quiet);
            let told = (findings.as_slice(), ignored.as_slice());
            print_findings(told, project, self.check, self.root, Stream::Error)?;
            let code = exit_code(findings, project, self.check);
            let fixed = self.fixed(checked, inputs, options);
            tell_refused(&fixed);
            self.show(&fixed, original)?;
            return Ok(code);
        }
        let mut fixed = self.fixed(checked, inputs, options);
        self.write(&fixed, original)?;
        fixed
            .project
            .obstacles
            .splice(0..0, self.unread.iter().cloned());
        eprint!("{}", told(&fixed, options.allow_unsafe, self.check));
        report_obstacles(&fixed.project, self.check.color);
        baseline::tell(&fixed.taken, self.check.quiet);
        let told = (fixed.findings.as_slice(), fixed.ignored.as_slice());
        print_findings(told, &fixed.project, self.check, self.root, Stream::Out)?;
        Ok(exit_code(&fixed.findings, &fixed.project, self.check))
    }

    fn fixed(&self, checked: Checked, inputs: &Inputs, options: &rules::Options) -> Fixed {
        let progress = Progress::start(!self.check.quiet);
        progress.say("making fixes");
        crate::fix(checked, inputs, options)
    }

    fn show(&self, fixed: &Fixed, mut original: Store) -> Result<(), Error> {
        let old = old_texts(fixed, &mut original)?;
        let files: Vec<FileDiff> = fixed
            .changes
            .iter()
            .zip(&old)
            .map(|((path, new), old)| FileDiff { path, old, new })
            .collect();
        let style = if io::stdout().is_terminal() {
            let colours = self.check.color.on_stdout();
            diff::Style::Readable { colours }
        } else {
            diff::Style::Exact
        };
        let mut out = BufWriter::new(io::stdout());
        let shown = files.iter().try_for_each(|file| {
            if let diff::Style::Readable { colours } = style {
                out.write_all(header(file.path, &fixed.made, Paint { on: colours }).as_bytes())?;
            }
            diff::render(&[*file], style, &mut out)
        });
        shown
            .and_then(|()| out.flush())
            .map_err(|error| no_output(&error))
    }

    fn write(&self, fixed: &Fixed, mut original: Store) -> Result<(), Error> {
        let old = old_texts(fixed, &mut original)?;
        let changes: Vec<FileChange> = fixed
            .changes
            .iter()
            .zip(&old)
            .map(|((path, new), old)| FileChange {
                path: Path::new(path),
                old: old.as_bytes(),
                new,
            })
            .collect();
        write::write(&self.root.folder, &changes).map_err(|error| {
            Error::usage(
                error.to_string(),
                "nothing was changed; mend that and run it again",
            )
        })
    }
}

/// The texts that were read, in the order of the changes.
fn old_texts(fixed: &Fixed, original: &mut Store) -> Result<Vec<String>, Error> {
    let mut texts = Vec::new();
    for path in fixed.changes.keys() {
        let file = original
            .open(path)
            .map_err(|error| Error::usage(format!("{path}: {error}"), "run it again"))?;
        texts.push(original.sources().get(file).text().to_owned());
    }
    Ok(texts)
}

/// Above a file's changes on a terminal: what they do. Programs that apply a diff pass over such lines, but get none.
fn header(path: &str, made: &[Made], paint: Paint) -> String {
    let mut lines = format!("{}\n", paint.bold(&escape::line(path)));
    let mut told: Vec<(&str, Safety)> = Vec::new();
    for made in made.iter().filter(|made| made.files.contains(path)) {
        let what = (made.title.as_str(), made.safety);
        if told.contains(&what) {
            continue;
        }
        told.push(what);
        let safety = match made.safety {
            Safety::Unsafe => paint.yellow("unsafe"),
            Safety::Safe | Safety::Display => paint.dim("safe"),
        };
        lines += &["  ", &safety, ": ", &escape::line(&made.title), "\n"].concat();
    }
    lines
}

/// Says what `--fix` has done and what it has left, in a few lines.
fn told(fixed: &Fixed, allow_unsafe: bool, check: &Check) -> String {
    let mut lines = some(&fixed.refused, "", "not done");
    lines.extend(some(&fixed.made, "fixed: ", "fixed"));
    if !check.quiet {
        lines.extend(left(fixed, allow_unsafe));
    }
    lines.iter().flat_map(|line| [line, "\n"]).collect()
}

/// The first few of them, and how many others there are.
fn some<T: Display>(all: &[T], before: &str, done: &str) -> Vec<String> {
    // One more line is no longer than the line that would count it.
    let shown = if all.len() > MOST + 1 {
        MOST
    } else {
        all.len()
    };
    let mut lines: Vec<String> = all[..shown]
        .iter()
        .map(|one| format!("{before}{}", escape::line(&one.to_string())))
        .collect();
    if all.len() > shown {
        lines.push(format!("{done}: {} more", all.len() - shown));
    }
    lines
}

/// What can be mended and was not, by the reason.
fn left(fixed: &Fixed, allow_unsafe: bool) -> Option<String> {
    let mut counts = [0; 4];
    for finding in &fixed.findings {
        if let Some(reason) = reason(fixed, finding, allow_unsafe) {
            counts[reason] += 1;
        }
    }
    let words = [
        "with --unsafe-fixes",
        "by hand",
        "in files outside of the project",
        "not done, since it would do harm",
    ];
    let parts: Vec<String> = counts
        .iter()
        .zip(words)
        .filter(|(count, _)| **count > 0)
        .map(|(count, words)| format!("{count} {words}"))
        .collect();
    (!parts.is_empty()).then(|| format!("left to fix: {}", parts.join(", ")))
}

/// Why the fix of a finding was not made, as the index of the words for it; `None` where it has none.
fn reason(fixed: &Fixed, finding: &Finding, allow_unsafe: bool) -> Option<usize> {
    let fix = finding.fix.as_ref()?;
    Some(match fix.safety {
        _ if fixed.is_outside(finding) => 2,
        Safety::Display => 1,
        Safety::Unsafe if !allow_unsafe => 0,
        Safety::Safe | Safety::Unsafe => 3,
    })
}

fn tell_refused(fixed: &Fixed) {
    for line in some(&fixed.refused, "", "not done") {
        eprintln!("{line}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(title: &str, safety: Safety, files: &[&str]) -> Made {
        Made {
            title: title.to_owned(),
            safety,
            path: files[0].to_owned(),
            line: 3,
            files: files.iter().map(|&file| file.to_owned()).collect(),
        }
    }

    #[test]
    fn above_a_file_stands_what_changes_it_once() {
        let all = [
            made("raise a\x1b[2J", Safety::Safe, &["a.yml"]),
            made("drop b", Safety::Unsafe, &["b.yml", "a.yml"]),
            made("drop c", Safety::Unsafe, &["b.yml"]),
            made("raise a\x1b[2J", Safety::Safe, &["a.yml"]),
        ];
        assert_eq!(
            header("a.yml", &all, Paint { on: false }),
            "a.yml\n  safe: raise a\\x1b[2J\n  unsafe: drop b\n"
        );
        assert_eq!(
            header("a.yml", &all[..1], Paint { on: true }),
            "\x1b[1ma.yml\x1b[0m\n  \x1b[2msafe\x1b[0m: raise a\\x1b[2J\n"
        );
    }

    #[test]
    fn what_is_much_is_counted() {
        let all: Vec<Made> = (0..10)
            .map(|_| made("x", Safety::Safe, &["a.yml"]))
            .collect();
        let lines = some(&all, "fixed: ", "fixed");
        assert_eq!(lines.len(), 9);
        assert_eq!(lines[0], "fixed: a.yml:3: x");
        assert_eq!(lines[8], "fixed: 2 more");
        assert_eq!(some(&all[..9], "fixed: ", "fixed").len(), 9);
        assert_eq!(some::<String>(&[], "", "x").len(), 0);
    }
}
