//! From a path in the image back to the build context.

use super::Image;
use crate::source::paths;

/// Where programs without a `/` are looked for: the `PATH` of nearly all images.
const PROGRAMS: [&str; 6] = [
    "/usr/local/sbin",
    "/usr/local/bin",
    "/usr/sbin",
    "/usr/bin",
    "/sbin",
    "/bin",
];

/// One source of a `COPY`, and where it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    /// In the build context, without a `/` at its beginning or end; empty for all of it.
    pub from: String,
    /// In the image, absolute, without a `/` at its end.
    pub to: String,
    /// Whether `to` is surely a folder.
    pub into: bool,
}

impl Image {
    /// The absolute path in the image that a program is looked for at, seen from its folder; several for a bare name.
    pub fn places(&self, program: &str, folder: Option<&str>) -> Vec<String> {
        if program.starts_with('/') {
            return vec![paths::absolute("", program)];
        }
        if !program.contains('/') {
            let folders = PROGRAMS.iter();
            return folders
                .map(|folder| format!("{folder}/{program}"))
                .collect();
        }
        let folder = folder.or(self.folder.as_deref());
        folder
            .map(|folder| paths::absolute(folder, program))
            .into_iter()
            .collect()
    }

    /// Where in the build context the file at this absolute path may come from, the last `COPY` first.
    pub fn origins<'a>(&'a self, path: &'a str) -> impl Iterator<Item = String> + 'a {
        let copies = self.copies.iter().rev();
        copies.flat_map(move |copied| copied.origins(path))
    }
}

impl Copied {
    /// What `path` would be a copy of: the source itself, or a file in it.
    fn origins(&self, path: &str) -> Vec<String> {
        let mut found = Vec::new();
        let name = paths::name(&self.from);
        if self.to == path && !self.into {
            found.push(self.from.clone());
        }
        let Some(inside) = path.strip_prefix(&self.to) else {
            return found;
        };
        let Some(inside) = inside.strip_prefix('/') else {
            return found;
        };
        if name.contains(['*', '?', '[']) {
            // `COPY docker/*.sh /usr/local/bin/`
            if !inside.contains('/') && fits(name.as_bytes(), inside.as_bytes()) {
                found.extend(paths::join(paths::parent(&self.from), inside));
            }
            return found;
        }
        if inside == name {
            found.push(self.from.clone());
        }
        // A folder's content is copied, and not the folder.
        found.extend(paths::join(&self.from, inside));
        found
    }
}

/// Whether a name fits a pattern of `*` and `?`; one with `[…]` fits nothing.
fn fits(pattern: &[u8], name: &[u8]) -> bool {
    let mut ends: Vec<bool> = (0..=name.len()).map(|at| at == 0).collect();
    for byte in pattern {
        let mut next = vec![false; name.len() + 1];
        match byte {
            b'[' => return false,
            b'*' => {
                let mut reached = false;
                for (at, end) in ends.iter().enumerate() {
                    reached |= end;
                    next[at] = reached;
                }
            }
            _ => {
                for at in 0..name.len() {
                    next[at + 1] = ends[at] && (*byte == b'?' || *byte == name[at]);
                }
            }
        }
        ends = next;
    }
    ends[name.len()]
}
