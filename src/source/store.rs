//! The files of one project, read when they are asked for.

use super::kind::{is_bare, kind, shebang};
use super::paths;
use super::walk::{folders, walk, walk_all};
use super::{Exclude, FileId, FileKind, Sources};
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// Larger files are refused.
pub const MAX_FILE_SIZE: u64 = 64 * 1024 * 1024;

/// Why a file could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadError {
    /// There is none.
    Missing,
    /// It lies outside the project root, or a link leads out.
    Outside,
    /// It is larger than [`MAX_FILE_SIZE`].
    TooLarge,
    /// It is no UTF-8.
    NotText,
    /// The system says no.
    Io(String),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("no such file"),
            Self::Outside => {
                f.write_str("it lies outside the project, and nothing outside is read")
            }
            Self::TooLarge => write!(f, "it is larger than {} MiB", MAX_FILE_SIZE / 1024 / 1024),
            Self::NotText => f.write_str("it is no UTF-8 text"),
            Self::Io(message) => f.write_str(message),
        }
    }
}

/// What is read of what lies outside of the project.
#[derive(Clone, Debug)]
enum Outside {
    Nothing,
    /// What something names; `~` stands for this folder, where it is known.
    Named(Option<String>),
}

#[derive(Clone, Debug)]
enum Backing {
    Disk(PathBuf),
    Memory(BTreeMap<String, String>),
}

/// The files of one project, on disk or in memory.
#[derive(Debug)]
pub struct Store {
    backing: Backing,
    /// The files of a kind; looked for when they are asked for first.
    listed: OnceLock<Vec<(String, FileKind)>>,
    exclude: Exclude,
    outside: Outside,
    sources: Sources,
    read: HashMap<String, Result<FileId, ReadError>>,
    /// Texts that stand in for what is on disk.
    changed: BTreeMap<String, String>,
    /// Files from outside, in the order in which they were added.
    added: Vec<FileId>,
}

impl Store {
    /// The files below a folder.
    pub fn disk(root: impl Into<PathBuf>) -> Self {
        Self::new(Backing::Disk(root.into()), OnceLock::new())
    }

    /// The files below a folder, none of them looked for: only what is named is read.
    pub fn unlisted(root: impl Into<PathBuf>) -> Self {
        Self::new(Backing::Disk(root.into()), Vec::new().into())
    }

    /// Files held in memory, by their path from the root.
    pub fn memory<P: Into<String>, T: Into<String>>(
        files: impl IntoIterator<Item = (P, T)>,
    ) -> Self {
        let files: BTreeMap<String, String> = files
            .into_iter()
            .map(|(path, text)| (path.into(), text.into()))
            .collect();
        Self::new(Backing::Memory(files), OnceLock::new())
    }

    fn new(backing: Backing, listed: OnceLock<Vec<(String, FileKind)>>) -> Self {
        Self {
            backing,
            listed,
            exclude: Exclude::default(),
            outside: Outside::Nothing,
            sources: Sources::default(),
            read: HashMap::new(),
            changed: BTreeMap::new(),
            added: Vec::new(),
        }
    }

    /// The same files, nothing read yet, with other texts for some of them. What was added keeps its numbers.
    #[must_use]
    pub fn with_changes(&self, changes: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut store = Self::new(self.backing.clone(), self.listed.clone());
        store.exclude = self.exclude.clone();
        store.outside = self.outside.clone();
        store.changed.clone_from(&self.changed);
        store.changed.extend(changes);
        for id in &self.added {
            let file = self.sources.get(*id);
            let text = store.changed.get(file.path()).cloned();
            let text = text.unwrap_or_else(|| file.text().to_owned());
            store.add_excerpt(file.path(), text, file.numbers().to_vec());
        }
        store
    }

    /// The texts that stand in for what is on disk, by path.
    pub fn changed(&self) -> &BTreeMap<String, String> {
        &self.changed
    }

    /// Whether a file is none of the project's: it was added by hand, or lies outside.
    pub fn is_foreign(&self, id: FileId) -> bool {
        self.added.contains(&id) || self.sources.get(id).path().starts_with('/')
    }

    /// Lets files outside of the project be read where something names them. `home` is the folder that `~` stands for.
    pub fn allow_outside(&mut self, home: Option<String>) {
        self.outside = Outside::Named(home);
    }

    /// Where a path that stands in a file leads, seen from a folder: a path from the root, or an absolute one where it lies
    /// outside and may be read; else `None`.
    pub fn locate(&self, folder: &str, path: &str) -> Option<String> {
        if !folder.starts_with('/')
            && let Some(inside) = paths::join(folder, path)
        {
            return Some(inside);
        }
        let (Backing::Disk(root), Outside::Named(home)) = (&self.backing, &self.outside) else {
            return None;
        };
        let root = root.canonicalize().ok()?;
        let root = root.to_str()?;
        let full = match path.strip_prefix('~') {
            Some(rest) if rest.is_empty() || rest.starts_with('/') => {
                paths::absolute(home.as_deref()?, rest.trim_start_matches('/'))
            }
            _ if folder.starts_with('/') => paths::absolute(folder, path),
            _ => paths::absolute(&format!("{root}/{folder}"), path),
        };
        match full.strip_prefix(root) {
            Some("") => Some(String::new()),
            Some(inside) if inside.starts_with('/') => Some(inside[1..].to_owned()),
            _ => Some(full),
        }
    }

    /// The root on disk; `None` for files in memory.
    pub fn root(&self) -> Option<&Path> {
        match &self.backing {
            Backing::Disk(root) => Some(root),
            Backing::Memory(_) => None,
        }
    }

    /// The paths of all files of a kind, sorted.
    pub fn of_kind(&self, kind: FileKind) -> impl Iterator<Item = &str> {
        self.listed
            .get_or_init(|| self.list())
            .iter()
            .filter(move |(_, k)| *k == kind)
            .map(|(path, _)| path.as_str())
    }

    fn list(&self) -> Vec<(String, FileKind)> {
        let files = match &self.backing {
            Backing::Disk(root) => return walk(root, &self.exclude),
            Backing::Memory(files) => files,
        };
        let known = |(path, text): (&String, &String)| {
            let is_script = || is_bare(path) && shebang(text).is_some();
            let kind = kind(path).or_else(|| is_script().then_some(FileKind::Script));
            Some((path.clone(), kind?))
        };
        let kept = files.iter().filter(|(path, _)| !self.exclude.holds(path));
        kept.filter_map(known).collect()
    }

    /// Leaves out paths: they are not found, and nothing is reported in them. What names them reads them all the same.
    /// To be called before files are looked for.
    pub fn exclude(&mut self, exclude: Exclude) {
        debug_assert!(
            self.listed.get().is_none_or(Vec::is_empty),
            "nothing has been looked for"
        );
        self.exclude = exclude;
    }

    /// Whether globs hold a file that has been read or that is of a kind.
    pub fn has_any(&self, globs: &Exclude) -> bool {
        let mut read = self.sources.iter().map(|(_, file)| file.path());
        let mut listed = self.listed.get_or_init(|| self.list()).iter();
        read.any(|path| globs.holds(path)) || listed.any(|(path, _)| globs.holds(path))
    }

    /// The paths of all files that globs hold, of whatever kind and whether Git ignores them or not, sorted.
    pub fn held_by(&self, globs: &Exclude) -> Vec<String> {
        match &self.backing {
            Backing::Disk(root) => walk_all(root, |path| globs.holds(path)),
            Backing::Memory(files) => {
                let paths = files.keys().filter(|path| globs.holds(path));
                paths.cloned().collect()
            }
        }
    }

    /// The folders on disk in which files are looked for.
    pub fn folders(&self) -> Vec<PathBuf> {
        match &self.backing {
            Backing::Disk(root) => folders(root, &self.exclude),
            Backing::Memory(_) => Vec::new(),
        }
    }

    /// The paths of all files that are of a kind or that somebody has asked for, whether they are there or not.
    pub fn known(&self) -> impl Iterator<Item = &str> {
        let listed = self.listed.get().into_iter().flatten();
        let listed = listed.map(|(path, _)| path.as_str());
        listed.chain(self.asked())
    }

    /// The paths of all files that somebody has asked for, whether they are there or not.
    pub fn asked(&self) -> impl Iterator<Item = &str> {
        self.read.keys().map(String::as_str)
    }

    /// Where a file lies on disk, if it may be read: a path from the root or, with [`Self::allow_outside`], an absolute one.
    ///
    /// # Errors
    /// If it is not there, or may not be read.
    pub fn reach(&self, path: &str) -> Result<PathBuf, ReadError> {
        match &self.backing {
            Backing::Memory(_) => Err(ReadError::Missing),
            Backing::Disk(_) if !self.may_read(path) => Err(ReadError::Outside),
            Backing::Disk(root) => {
                real_below(root, path, matches!(self.outside, Outside::Named(_)))
            }
        }
    }

    /// Whether a path is left out.
    pub fn is_excluded(&self, path: &str) -> bool {
        self.exclude.holds(path)
    }

    /// What has been read so far.
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// Reads a file once; later calls give the same number.
    ///
    /// # Errors
    /// If it cannot be read; later calls give the same error.
    pub fn open(&mut self, path: &str) -> Result<FileId, ReadError> {
        if let Some(known) = self.read.get(path) {
            return known.clone();
        }
        let result = self.load(path).map(|text| self.sources.add(path, text));
        self.read.insert(path.to_owned(), result.clone());
        result
    }

    /// Reads a file once, if its text is one that `wanted` is looking for; `None` where it is not, or cannot be read.
    pub fn open_if(&mut self, path: &str, mut wanted: impl FnMut(&str) -> bool) -> Option<FileId> {
        if let Some(known) = self.read.get(path) {
            let file = known.clone().ok()?;
            return wanted(self.sources.get(file).text()).then_some(file);
        }
        let text = self.load(path).ok().filter(|text| wanted(text))?;
        let file = self.sources.add(path, text);
        self.read.insert(path.to_owned(), Ok(file));
        Some(file)
    }

    /// Adds a text that stands outside the project and that the user named: a log, an env file, standard input.
    pub fn add(&mut self, shown: &str, text: String) -> FileId {
        self.add_excerpt(shown, text, Vec::new())
    }

    /// Adds some lines of such a text, with the numbers that they have in the whole of it.
    pub fn add_excerpt(&mut self, shown: &str, text: String, numbers: Vec<usize>) -> FileId {
        debug_assert_eq!(
            self.added.len(),
            self.sources.iter().count(),
            "files are added before others are read"
        );
        let id = self.sources.add_excerpt(shown, text, numbers);
        self.added.push(id);
        self.read.insert(shown.to_owned(), Ok(id));
        id
    }

    /// A file that has been read.
    pub fn get(&self, path: &str) -> Option<FileId> {
        self.read.get(path)?.as_ref().ok().copied()
    }

    /// Whether there is such a file, without reading it.
    pub fn exists(&self, path: &str) -> bool {
        match &self.backing {
            // An absolute path takes the place of the root.
            Backing::Disk(root) => self.may_read(path) && root.join(path).is_file(),
            Backing::Memory(files) => files.contains_key(path),
        }
    }

    /// The names of the files in a folder, sorted.
    pub fn names_in(&self, folder: &str) -> Vec<String> {
        let mut names: Vec<String> = match &self.backing {
            Backing::Disk(root) => {
                let entries = fs::read_dir(root.join(folder))
                    .into_iter()
                    .flatten()
                    .flatten();
                let names = entries.map(|entry| entry.file_name().into_string());
                names.filter_map(Result::ok).collect()
            }
            Backing::Memory(files) => {
                let inside = files.keys().filter(|path| paths::parent(path) == folder);
                inside.map(|path| paths::name(path).to_owned()).collect()
            }
        };
        names.sort();
        names
    }

    /// Whether there is such a folder.
    pub fn is_folder(&self, path: &str) -> bool {
        match &self.backing {
            Backing::Disk(root) => self.may_read(path) && root.join(path).is_dir(),
            Backing::Memory(files) => {
                let prefix = if path.is_empty() {
                    String::new()
                } else {
                    format!("{path}/")
                };
                files.keys().any(|file| file.starts_with(&prefix))
            }
        }
    }

    fn may_read(&self, path: &str) -> bool {
        !path.starts_with('/') || matches!(self.outside, Outside::Named(_))
    }

    /// Reads a file without keeping it.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn load(&self, path: &str) -> Result<String, ReadError> {
        let is_outside = path.starts_with('/');
        let path = if is_outside && self.may_read(path) {
            path.to_owned()
        } else {
            paths::join("", path).ok_or(ReadError::Outside)?
        };
        if let Some(text) = self.changed.get(&path) {
            return Ok(text.clone());
        }
        match &self.backing {
            Backing::Memory(files) => files.get(&path).cloned().ok_or(ReadError::Missing),
            Backing::Disk(root) => {
                let may_leave = matches!(self.outside, Outside::Named(_));
                read_below(root, &path, may_leave)
            }
        }
    }
}

fn read_below(root: &Path, path: &str, may_leave: bool) -> Result<String, ReadError> {
    read_text(&real_below(root, path, may_leave)?)
}

/// The file itself, without links.
fn real_below(root: &Path, path: &str, may_leave: bool) -> Result<PathBuf, ReadError> {
    let io = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory => ReadError::Missing,
        _ => ReadError::Io(error.to_string()),
    };
    let real = root.join(path).canonicalize().map_err(io)?;
    if !may_leave && !real.starts_with(root.canonicalize().map_err(io)?) {
        return Err(ReadError::Outside);
    }
    // A pipe that somebody put into the project would be waited for without end.
    if !real.is_file() {
        return Err(ReadError::Io("it is no regular file".to_owned()));
    }
    Ok(real)
}

/// Reads a file that the user named, wherever it lies.
///
/// # Errors
/// If it cannot be read, is too large, or is no UTF-8.
pub fn read_text(path: &Path) -> Result<String, ReadError> {
    let io = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory => ReadError::Missing,
        _ => ReadError::Io(error.to_string()),
    };
    let metadata = fs::metadata(path).map_err(io)?;
    if metadata.is_dir() {
        return Err(ReadError::Io("it is a folder".to_owned()));
    }
    if metadata.len() > MAX_FILE_SIZE {
        return Err(ReadError::TooLarge);
    }
    // A pipe or a device tells no length beforehand.
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(io)?;
    file.take(MAX_FILE_SIZE + 1)
        .read_to_end(&mut bytes)
        .map_err(io)?;
    if bytes.len() as u64 > MAX_FILE_SIZE {
        return Err(ReadError::TooLarge);
    }
    String::from_utf8(bytes).map_err(|_| ReadError::NotText)
}
