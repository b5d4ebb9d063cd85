//! Projects that are looked at again when a file of theirs is saved: changes go in, views come out.
//!
//! Nothing here reads a project or prints: whoever starts the loop says how it is judged and where it is shown.

mod folders;

pub use folders::Folders;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

/// What happened to files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A file has another content.
    Saved(PathBuf),
    /// A file or a folder came, went, or has another name.
    Listed(PathBuf),
    /// Changes got lost: anything may be different.
    Unknown,
}

/// What was seen when the project was judged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sight {
    /// What is told of it.
    pub text: String,
    /// Why it is not to be relied on: files that cannot be parsed at the moment, a line each. Empty on a good day.
    pub torn: Vec<String>,
    /// Whether the project's folder is missing. Nothing tells when it comes back: it is looked for now and then.
    pub is_gone: bool,
    /// The files that it is made from.
    pub files: BTreeSet<PathBuf>,
}

/// What is on the screen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// The last text that could be relied on or, if there was none yet, the present one.
    pub text: String,
    /// What is wrong with it now.
    pub torn: Vec<String>,
    /// Whether the text is of a time before that.
    pub is_old: bool,
}

/// How long is waited for further changes.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// An editor is done when nothing has happened for so long.
    pub quiet: Duration,
    /// Nobody is waited for any longer.
    pub most: Duration,
    /// A folder that is gone is looked for after so long.
    pub again: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            quiet: Duration::from_millis(8),
            most: Duration::from_millis(50),
            again: Duration::from_millis(500),
        }
    }
}

/// What is known between two looks.
#[derive(Debug, Default)]
pub struct Desk {
    files: BTreeSet<PathBuf>,
    /// The last text that could be relied on.
    good: Option<String>,
    shown: Option<View>,
}

impl Desk {
    /// Whether the project is to be looked at again.
    pub fn concerns(&self, change: &Change) -> bool {
        match change {
            Change::Saved(path) => self.files.contains(path),
            // Whether a name matters is only known when somebody has looked for it.
            Change::Listed(_) | Change::Unknown => true,
        }
    }

    /// Takes in what was seen; the new view, if there is anything new in it.
    pub fn see(&mut self, sight: Sight) -> Option<&View> {
        let is_good = sight.torn.is_empty();
        // What a torn file names is still there, though nobody sees it.
        if is_good {
            self.files = sight.files;
            self.good = Some(sight.text.clone());
        } else {
            self.files.extend(sight.files);
        }
        let view = View {
            is_old: !is_good && self.good.is_some(),
            text: self.good.clone().unwrap_or(sight.text),
            torn: sight.torn,
        };
        if self.shown.as_ref() == Some(&view) {
            return None;
        }
        Some(self.shown.insert(view))
    }
}

/// Looks at a project, and again at each change that concerns it, until there is nobody left who tells of any.
///
/// `judge` gets what has happened since it looked last: nothing at first.
///
/// # Errors
/// Those of `show`.
pub fn run<E>(
    changes: &Receiver<Change>,
    pace: Pace,
    mut judge: impl FnMut(&[Change]) -> Sight,
    mut show: impl FnMut(&View) -> Result<(), E>,
) -> Result<(), E> {
    let mut desk = Desk::default();
    let mut happened = Vec::new();
    loop {
        let sight = judge(&happened);
        let is_gone = sight.is_gone;
        if let Some(view) = desk.see(sight) {
            show(view)?;
        }
        happened.clear();
        match next(changes, is_gone.then_some(pace.again), &desk) {
            Next::Change(change) => happened.push(change),
            Next::Time => continue,
            Next::End => return Ok(()),
        }
        drain(changes, pace, &mut happened);
    }
}

enum Next {
    Change(Change),
    Time,
    End,
}

/// The next change that concerns the project, or the time at which it is looked for again.
fn next(changes: &Receiver<Change>, within: Option<Duration>, desk: &Desk) -> Next {
    let until = within.map(|within| Instant::now() + within);
    loop {
        let change = match until {
            None => changes.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(until) => changes.recv_timeout(until.saturating_duration_since(Instant::now())),
        };
        match change {
            Ok(change) if desk.concerns(&change) => return Next::Change(change),
            Ok(_) => {}
            Err(RecvTimeoutError::Timeout) => return Next::Time,
            Err(RecvTimeoutError::Disconnected) => return Next::End,
        }
    }
}

/// Waits until an editor is done: it truncates and writes, or writes beside and renames.
fn drain(changes: &Receiver<Change>, pace: Pace, happened: &mut Vec<Change>) {
    let end = Instant::now() + pace.most;
    loop {
        let left = end.saturating_duration_since(Instant::now());
        match changes.recv_timeout(pace.quiet.min(left)) {
            Ok(change) => happened.push(change),
            Err(_) => return,
        }
        if left.is_zero() {
            return;
        }
    }
}

#[cfg(test)]
mod tests;
