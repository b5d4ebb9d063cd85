//! Which folders the system is asked about, and what of its answers counts.

use super::Change;
use notify::event::{AccessKind, AccessMode, ModifyKind};
use notify::{
    Config, ErrorKind, Event, EventKind, PollWatcher, RecommendedWatcher, RecursiveMode, Watcher,
};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;
use std::time::Duration;

/// How often is looked where the system does not tell.
const POLL: Duration = Duration::from_millis(500);

/// Folders whose files are watched, each by itself: a tree that Git ignores costs nothing.
pub struct Folders {
    watcher: Box<dyn Watcher + Send>,
    /// Whether the system tells; else is looked now and then.
    is_told: bool,
    watched: BTreeSet<PathBuf>,
    sender: Sender<Change>,
}

impl std::fmt::Debug for Folders {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Folders")
            .field("is_told", &self.is_told)
            .field("watched", &self.watched)
            .finish_non_exhaustive()
    }
}

impl Folders {
    /// None yet. Where the system tells of no changes, the folders are looked at now and then.
    ///
    /// # Errors
    /// If not even that is possible.
    pub fn new(sender: Sender<Change>) -> Result<Self, String> {
        let to = sender.clone();
        let told = RecommendedWatcher::new(move |event| pass(event, &to), Config::default());
        match told {
            Ok(watcher) => Ok(Self {
                watcher: Box::new(watcher),
                is_told: true,
                watched: BTreeSet::new(),
                sender,
            }),
            Err(_) => Self::polled(sender),
        }
    }

    /// The same, looked at now and then whether the system tells of changes or not.
    ///
    /// # Errors
    /// If that is not possible.
    pub fn polled(sender: Sender<Change>) -> Result<Self, String> {
        let to = sender.clone();
        let config = Config::default()
            .with_poll_interval(POLL)
            .with_compare_contents(true);
        let watcher = PollWatcher::new(move |event| pass(event, &to), config)
            .map_err(|error| error.to_string())?;
        Ok(Self {
            watcher: Box::new(watcher),
            is_told: false,
            watched: BTreeSet::new(),
            sender,
        })
    }

    /// Forgets a folder that went, or that has another name: one of its old name is not the same.
    pub fn note(&mut self, change: &Change) {
        if let Change::Listed(path) = change
            && self.watched.remove(path)
        {
            // The system has mostly forgotten it already.
            self.watcher.unwatch(path).ok();
        }
    }

    /// Watches these folders, and no others. One that is not there is passed over.
    ///
    /// # Errors
    /// If nothing can be watched.
    pub fn watch(&mut self, wanted: &BTreeSet<PathBuf>) -> Result<(), String> {
        let left: Vec<PathBuf> = self.watched.difference(wanted).cloned().collect();
        for folder in left {
            self.watcher.unwatch(&folder).ok();
            self.watched.remove(&folder);
        }
        self.add(wanted)
    }

    /// Watches these folders too.
    ///
    /// # Errors
    /// If nothing can be watched.
    pub fn add(&mut self, wanted: &BTreeSet<PathBuf>) -> Result<(), String> {
        for folder in wanted {
            if self.watched.contains(folder) {
                continue;
            }
            match self.watcher.watch(folder, RecursiveMode::NonRecursive) {
                Ok(()) => {
                    self.watched.insert(folder.clone());
                }
                Err(error) if is_missing(&error) => {}
                // The system has run out of watches.
                Err(_) if self.is_told => {
                    *self = Self::polled(self.sender.clone())?;
                    return self.add(wanted);
                }
                Err(error) => return Err(error.to_string()),
            }
        }
        Ok(())
    }

    /// Lets the project be looked at once more.
    pub fn look_again(&self) {
        self.sender.send(Change::Unknown).ok();
    }

    /// Whether a folder is watched.
    pub fn has(&self, folder: &Path) -> bool {
        self.watched.contains(folder)
    }
}

fn is_missing(error: &notify::Error) -> bool {
    match &error.kind {
        ErrorKind::PathNotFound => true,
        ErrorKind::Io(error) => matches!(
            error.kind(),
            std::io::ErrorKind::NotFound
                | std::io::ErrorKind::NotADirectory
                | std::io::ErrorKind::PermissionDenied
        ),
        _ => false,
    }
}

/// Passes on what may be a change.
fn pass(event: notify::Result<Event>, to: &Sender<Change>) {
    // Where a folder cannot be looked at, that it went has been told.
    let Ok(event) = event else { return };
    for change in changes(event) {
        // At the end nobody listens any more.
        to.send(change).ok();
    }
}

fn changes(event: Event) -> Vec<Change> {
    if event.need_rescan() {
        return vec![Change::Unknown];
    }
    let is_listed = match event.kind {
        // To read is no change: the project is read at every look.
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => false,
        EventKind::Access(_) => return Vec::new(),
        EventKind::Modify(ModifyKind::Name(_)) | EventKind::Create(_) | EventKind::Remove(_) => {
            true
        }
        _ => false,
    };
    let change = |path| {
        if is_listed {
            Change::Listed(path)
        } else {
            Change::Saved(path)
        }
    };
    event.paths.into_iter().map(change).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::sync::mpsc::{Receiver, channel};

    /// Whether the change comes, sooner or later.
    fn comes(changes: &Receiver<Change>, wanted: &Change) -> bool {
        let long = Duration::from_secs(60);
        std::iter::from_fn(|| changes.recv_timeout(long).ok()).any(|change| change == *wanted)
    }

    fn folder() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().canonicalize().expect("a path");
        fs::write(path.join("a.yml"), "a").expect("a file");
        (folder, path)
    }

    /// With what the system tells, and without.
    const BOTH: [Make; 2] = [Folders::new, Folders::polled];

    type Make = fn(Sender<Change>) -> Result<Folders, String>;

    #[test]
    fn a_save_is_told_however_it_is_done() {
        for make in BOTH {
            let (_guard, path) = folder();
            let (sender, changes) = channel();
            let mut folders = make(sender).expect("a watcher");
            folders.watch(&[path.clone()].into()).expect("watched");
            let file = path.join("a.yml");
            fs::write(&file, "in place").expect("written");
            assert!(comes(&changes, &Change::Saved(file.clone())));
            let beside = path.join("a.yml~");
            fs::write(&beside, "beside, and then renamed").expect("written");
            assert!(comes(&changes, &Change::Listed(beside.clone())));
            fs::rename(&beside, &file).expect("renamed");
            assert!(comes(&changes, &Change::Listed(beside)));
            let new = path.join("b.yml");
            fs::write(&new, "new").expect("written");
            assert!(comes(&changes, &Change::Listed(new.clone())));
            fs::remove_file(&new).expect("removed");
            assert!(comes(&changes, &Change::Listed(new)));
        }
    }

    #[test]
    fn to_read_is_no_change() {
        let (_guard, path) = folder();
        let (sender, changes) = channel();
        let mut folders = Folders::new(sender).expect("a watcher");
        folders.watch(&[path.clone()].into()).expect("watched");
        for _ in 0..3 {
            fs::read(path.join("a.yml")).expect("read");
            fs::read_dir(&path).expect("listed").count();
        }
        let end = path.join("end");
        fs::write(&end, "").expect("written");
        let first = changes.recv_timeout(Duration::from_secs(60));
        assert_eq!(first, Ok(Change::Listed(end)));
    }

    #[test]
    fn a_folder_that_comes_back_is_another_one() {
        let (_guard, path) = folder();
        let inner = path.join("inner");
        fs::create_dir(&inner).expect("a folder");
        let (sender, changes) = channel();
        let mut folders = Folders::new(sender).expect("a watcher");
        let wanted: BTreeSet<PathBuf> = [path.clone(), inner.clone()].into();
        folders.watch(&wanted).expect("watched");
        fs::remove_dir(&inner).expect("removed");
        let gone = Change::Listed(inner.clone());
        assert!(comes(&changes, &gone));
        folders.note(&gone);
        assert!(!folders.has(&inner) && folders.has(&path));
        folders.watch(&wanted).expect("one that is missing is fine");
        assert!(!folders.has(&inner));
        fs::create_dir(&inner).expect("a folder");
        folders.watch(&wanted).expect("watched");
        fs::write(inner.join("c.yml"), "").expect("written");
        assert!(comes(&changes, &Change::Listed(inner.join("c.yml"))));
    }

    #[test]
    fn folders_that_are_wanted_no_more_are_let_go() {
        let (_guard, path) = folder();
        let (sender, _changes) = channel();
        let mut folders = Folders::new(sender).expect("a watcher");
        folders.watch(&[path.clone()].into()).expect("watched");
        folders.watch(&BTreeSet::new()).expect("nothing to watch");
        assert!(!folders.has(&path));
    }
}
