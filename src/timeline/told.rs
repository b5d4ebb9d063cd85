//! The limits from outside as they are listed: those that say the same of several jobs are told once.

use super::outer::{Origin, OriginKind};
use super::scene::Entry;
use super::sentence::{LONGEST_NAME, list, quoted};
use super::width::shorten;

/// What is told of limits that say the same.
pub(super) struct Told<'a> {
    /// What they are found by: the letter of their line, or a sign for no line.
    pub(super) sign: char,
    /// The first of them.
    pub(super) entry: &'a Entry,
    jobs: Vec<&'a str>,
}

impl Told<'_> {
    /// Where they come from: their label, the step and the jobs.
    pub(super) fn subject(&self) -> String {
        let origin = self.entry.origin.as_ref();
        origin.map_or_else(String::new, |origin| subject(origin, &self.jobs))
    }
}

/// The limits with their signs, in their order.
pub(super) fn told<'a>(entries: impl IntoIterator<Item = (char, &'a Entry)>) -> Vec<Told<'a>> {
    let mut told: Vec<Told> = Vec::new();
    for (sign, entry) in entries {
        let Some(origin) = &entry.origin else {
            continue;
        };
        let alike = |told: &&mut Told| {
            let first = told.entry.origin.as_ref();
            let same_origin = first.is_some_and(|first| {
                (first.kind, &first.label, &first.step)
                    == (origin.kind, &origin.label, &origin.step)
            });
            told.sign == sign && same_origin && told.entry.words == entry.words
        };
        match told.iter_mut().rev().find(alike) {
            Some(told) => told.jobs.extend(origin.job.as_deref()),
            None => told.push(Told {
                sign,
                entry,
                jobs: origin.job.as_deref().into_iter().collect(),
            }),
        }
    }
    told
}

/// At most so many of them, those that are hit before the others, and the number of those that are left out.
pub(super) fn foremost(told: Vec<Told>, most: usize) -> (Vec<Told>, usize) {
    let more = told.len().saturating_sub(most);
    if more == 0 {
        return (told, 0);
    }
    let (hit, other): (Vec<Told>, Vec<Told>) =
        told.into_iter().partition(|told| told.entry.limit.is_hit());
    (hit.into_iter().chain(other).take(most).collect(), more)
}

/// Where a limit comes from: its label, the step and the job.
pub(super) fn origin_words(origin: &Origin) -> String {
    let jobs: Vec<&str> = origin.job.as_deref().into_iter().collect();
    subject(origin, &jobs)
}

fn subject(origin: &Origin, jobs: &[&str]) -> String {
    let label = shorten(&origin.label, LONGEST_NAME, "...");
    let word = match jobs.len() {
        0 => return label,
        1 => "job",
        _ => "the jobs",
    };
    let jobs = list(jobs.iter().copied());
    match (&origin.step, origin.kind) {
        (Some(step), OriginKind::Step) => {
            format!("{label} of step {} of {word} {jobs}", quoted(step))
        }
        (None, OriginKind::Step) => format!("{label} of a step of {word} {jobs}"),
        _ => format!("{label} of {word} {jobs}"),
    }
}
