//! Which files are here: walkdir, minus what git ignores.

use super::Exclude;
use super::kind::{FileKind, is_bare, kind, shebang};
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use std::io::Read;
use std::path::{Path, PathBuf};
use walkdir::{DirEntry, WalkDir};

/// The files below `root` that are of a kind, sorted by path. `.env` files are found though git ignores them: Docker reads
/// them all the same.
pub fn walk(root: &Path, exclude: &Exclude) -> Vec<(String, FileKind)> {
    let mut rules = Rules::above(root);
    let mut found = Vec::new();
    let mut entries = WalkDir::new(root).sort_by_file_name().into_iter();
    while let Some(entry) = entries.next() {
        let Ok(entry) = entry else { continue };
        let is_folder = entry.file_type().is_dir();
        rules.leave_to(entry.depth());
        if entry.depth() > 0 && rules.skips(&entry) && !is_env(&entry) {
            if is_folder {
                entries.skip_current_dir();
            }
            continue;
        }
        let path = relative(root, entry.path());
        if is_folder {
            if path.is_some_and(|path| exclude.holds_folder(&path)) {
                entries.skip_current_dir();
            } else {
                rules.enter(entry.path());
            }
            continue;
        }
        let Some(path) = path.filter(|path| !exclude.holds(path)) else {
            continue;
        };
        let kind = kind(&path).or_else(|| {
            let is_script = is_bare(&path) && is_program(&entry) && is_shell_script(&entry);
            is_script.then_some(FileKind::Script)
        });
        found.extend(kind.map(|kind| (path, kind)));
    }
    found.sort();
    found
}

/// The folders below `root` in which [`walk`] looks, the root among them.
pub fn folders(root: &Path, exclude: &Exclude) -> Vec<PathBuf> {
    let mut rules = Rules::above(root);
    let mut found = Vec::new();
    let mut entries = WalkDir::new(root).into_iter();
    while let Some(entry) = entries.next() {
        let Ok(entry) = entry else { continue };
        if !entry.file_type().is_dir() {
            continue;
        }
        rules.leave_to(entry.depth());
        let is_out = || relative(root, entry.path()).is_none_or(|path| exclude.holds_folder(&path));
        if entry.depth() > 0 && (rules.skips(&entry) || is_out()) {
            entries.skip_current_dir();
            continue;
        }
        rules.enter(entry.path());
        found.push(entry.into_path());
    }
    found
}

/// The files below `root` that are wanted, whether Git ignores them or not, sorted by path.
pub fn walk_all(root: &Path, wanted: impl Fn(&str) -> bool) -> Vec<String> {
    let entries = WalkDir::new(root).into_iter();
    let entries = entries.filter_entry(|entry| entry.depth() == 0 || !is_machinery(entry));
    let files = entries
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file());
    let paths = files.filter_map(|entry| relative(root, entry.path()));
    let mut found: Vec<String> = paths.filter(|path| wanted(path)).collect();
    found.sort();
    found
}

/// Whether it is a folder that holds nobody's own files.
fn is_machinery(entry: &DirEntry) -> bool {
    entry.file_type().is_dir()
        && (entry.file_name() == ".git" || entry.file_name() == "node_modules")
}

/// Whether it can be run: only these are looked into for what they are.
#[cfg(unix)]
fn is_program(entry: &DirEntry) -> bool {
    use std::os::unix::fs::PermissionsExt;
    let metadata = entry.file_type().is_file().then(|| entry.metadata().ok());
    let mode = metadata
        .flatten()
        .map(|metadata| metadata.permissions().mode());
    mode.is_some_and(|mode| mode & 0o111 != 0)
}

/// Whether it can be run: nothing here tells.
#[cfg(not(unix))]
fn is_program(_: &DirEntry) -> bool {
    false
}

/// Whether its first line names a shell.
fn is_shell_script(entry: &DirEntry) -> bool {
    let mut start = [0; 64];
    let read = std::fs::File::open(entry.path()).and_then(|mut file| file.read(&mut start));
    let start = &start[..read.unwrap_or_default()];
    shebang(&String::from_utf8_lossy(start)).is_some()
}

/// The path below the root with `/`; `None` where it is no UTF-8.
fn relative(root: &Path, path: &Path) -> Option<String> {
    let parts: Option<Vec<&str>> = path
        .strip_prefix(root)
        .ok()?
        .iter()
        .map(|part| part.to_str())
        .collect();
    Some(parts?.join("/"))
}

fn is_env(entry: &DirEntry) -> bool {
    entry.file_type().is_file() && entry.file_name() == ".env"
}

/// The .gitignore files that hold here, outermost first.
struct Rules {
    /// As it was given, and without links: the rules from above want the latter.
    root: (PathBuf, PathBuf),
    above: Vec<Gitignore>,
    /// One a folder on the way, the root's first.
    below: Vec<Gitignore>,
}

impl Rules {
    /// What the folders above `root` say, up to the repository's top, with its `info/exclude`.
    fn above(root: &Path) -> Self {
        let mut above = Vec::new();
        let given = root.to_path_buf();
        let root = root.canonicalize().unwrap_or_else(|_| root.to_path_buf());
        let top = root.ancestors().find(|folder| folder.join(".git").exists());
        if let Some(top) = top {
            let mut exclude = GitignoreBuilder::new(top);
            exclude.add(top.join(".git/info/exclude"));
            above.extend(exclude.build());
            let mut folders: Vec<&Path> = root
                .ancestors()
                .skip(1)
                .take_while(|folder| folder.starts_with(top))
                .collect();
            folders.reverse();
            above.extend(
                folders
                    .into_iter()
                    .map(|folder| Gitignore::new(folder.join(".gitignore")).0),
            );
        }
        Self {
            root: (given, root),
            above,
            below: Vec::new(),
        }
    }

    fn leave_to(&mut self, depth: usize) {
        self.below.truncate(depth);
    }

    fn enter(&mut self, folder: &Path) {
        self.below.push(Gitignore::new(folder.join(".gitignore")).0);
    }

    fn skips(&self, entry: &DirEntry) -> bool {
        let is_folder = entry.file_type().is_dir();
        if is_machinery(entry) {
            return true;
        }
        let below = self
            .below
            .iter()
            .rev()
            .map(|rules| rules.matched(entry.path(), is_folder));
        let path = entry
            .path()
            .strip_prefix(&self.root.0)
            .map(|path| self.root.1.join(path));
        let path = path.unwrap_or_else(|_| entry.path().to_path_buf());
        let above = self
            .above
            .iter()
            .rev()
            .map(|rules| rules.matched(&path, is_folder));
        let mut said = below.chain(above).filter(|matched| !matched.is_none());
        said.next().is_some_and(|matched| matched.is_ignore())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn what_git_ignores_is_left_out_but_for_env_files() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path();
        for path in [
            "a/b",
            "vendor",
            ".git",
            "node_modules/x",
            ".github/workflows",
        ] {
            fs::create_dir_all(root.join(path)).expect("folders");
        }
        fs::write(root.join(".gitignore"), "vendor/\n.env\n*.local.yml\n").expect("file");
        fs::write(root.join("a/.gitignore"), "!compose.local.yml\n").expect("file");
        for path in [
            "compose.yml",
            "compose.local.yml",
            "a/compose.local.yml",
            "vendor/compose.yml",
            ".env",
            "node_modules/x/compose.yml",
            ".github/workflows/ci.yml",
            "a/b/wait.sh",
            "a/b/readme.md",
        ] {
            fs::write(root.join(path), "").expect("file");
        }
        let inside = |exclude: &Exclude| -> std::collections::BTreeSet<String> {
            let folders = folders(root, exclude).into_iter();
            folders
                .map(|folder| relative(root, &folder).expect("a path"))
                .collect()
        };
        assert_eq!(
            inside(&Exclude::default()),
            ["", ".github", ".github/workflows", "a", "a/b"]
                .map(str::to_owned)
                .into()
        );
        assert_eq!(
            inside(&Exclude::new(["/a/"]).expect("a glob")),
            ["", ".github", ".github/workflows"]
                .map(str::to_owned)
                .into()
        );
        let found: Vec<String> = walk(root, &Exclude::default())
            .into_iter()
            .map(|(path, _)| path)
            .collect();
        assert_eq!(
            found,
            [
                ".env",
                ".github/workflows/ci.yml",
                "a/b/wait.sh",
                "a/compose.local.yml",
                "compose.yml"
            ]
        );
    }

    #[cfg(unix)]
    #[test]
    fn programs_without_an_ending_are_known_by_their_first_line() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path();
        for (name, text, mode) in [
            ("up", "#!/usr/bin/env bash\n", 0o755),
            ("asleep", "#!/bin/sh\n", 0o644),
            ("tool", "#!/usr/bin/env python3\n", 0o755),
            ("binary", "\u{7f}ELF", 0o755),
            ("empty", "", 0o755),
        ] {
            let path = root.join(name);
            fs::write(&path, text).expect("file");
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("mode");
        }
        assert_eq!(
            walk(root, &Exclude::default()),
            [("up".to_owned(), FileKind::Script)]
        );
    }
}
