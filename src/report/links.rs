//! Links that terminals follow (OSC 8): from places to files, from rules to their pages.
//!
//! The renderer of the full report writes places and rules itself. They are handed to it with marks around them, made of control
//! characters, which no text from a file brings along: all of those are escaped before. The marks then become links.

use super::format::page_of;
use super::sarif::uri;
use std::borrow::Cow;
use std::path::{Path, PathBuf};

/// Where links lead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Links {
    root: PathBuf,
    host: String,
    repository: String,
    has_lines: bool,
}

impl Links {
    /// For the files below a folder, which lie on this host (empty for the one that the terminal is on), and the pages of a
    /// repository (empty where it is not known).
    pub fn new(
        root: impl Into<PathBuf>,
        host: impl Into<String>,
        repository: impl Into<String>,
    ) -> Self {
        Self {
            root: root.into(),
            host: host.into(),
            repository: repository.into(),
            has_lines: false,
        }
    }

    /// With the lines of places, for terminals that know what `#5` behind a file means. Others take it for a part of the name.
    #[must_use]
    pub fn with_lines(self) -> Self {
        Self {
            has_lines: true,
            ..self
        }
    }

    /// The address of a place; `None` where there is no such file.
    fn place(&self, path: &str, line: &str) -> Option<String> {
        let full = self.root.join(path);
        let mut address = format!("file://{}{}", uri(&self.host), file_path(&full)?);
        if self.has_lines {
            address.push('#');
            address.push_str(line);
        }
        Some(address)
    }

    fn rule(&self, rule: &str) -> Option<String> {
        page_of(&self.repository, env!("CARGO_PKG_VERSION"), rule)
    }
}

/// A file's path in an address.
fn file_path(path: &Path) -> Option<String> {
    if !path.is_file() {
        return None;
    }
    let path = path
        .to_str()?
        .replace('\\', if cfg!(windows) { "/" } else { "\\" });
    let slash = if path.starts_with('/') { "" } else { "/" };
    Some(format!("{slash}{}", uri(&path)))
}

/// Before what a mark is about.
const OPEN: char = '\u{1}';
/// Between that and what is shown.
const SHOWN: char = '\u{2}';
/// Behind what is shown, where the line goes on.
const CLOSE: char = '\u{3}';
/// A mark is about a rule, and not about a place.
const RULE: &str = "rule";

/// The name of a file whose line and column follow, up to the end of the line. `index` is the number that [`resolve`] asks for.
pub(super) fn mark_place(index: usize, name: &str) -> String {
    format!("{OPEN}{index}{SHOWN}{name}")
}

/// The name of a rule.
pub(super) fn mark_rule(rule: &str) -> String {
    format!("{OPEN}{RULE}{SHOWN}{rule}{CLOSE}")
}

/// The text with links where there are marks, or without both where nothing is linked to.
pub(super) fn resolve<'p>(
    text: &str,
    links: &Links,
    path: impl Fn(usize) -> Option<&'p str>,
) -> String {
    let lines = text.split_inclusive('\n');
    let lines = lines.map(|line| match marked(line) {
        None => Cow::Borrowed(line),
        Some(Marked {
            before,
            about,
            shown,
            behind,
        }) => {
            let uri = if about == RULE {
                links.rule(shown)
            } else {
                let line = shown.rsplit(':').nth(1).unwrap_or_default();
                let path = about.parse().ok().and_then(&path);
                path.and_then(|path| links.place(path, line))
            };
            Cow::Owned(match uri {
                Some(uri) => format!("{before}{}{behind}", link(&uri, shown)),
                None => format!("{before}{shown}{behind}"),
            })
        }
    });
    lines.collect()
}

/// A line with a mark in it; the renderer never writes two.
struct Marked<'a> {
    before: &'a str,
    about: &'a str,
    shown: &'a str,
    behind: &'a str,
}

fn marked(line: &str) -> Option<Marked<'_>> {
    let (before, rest) = line.split_once(OPEN)?;
    let (about, rest) = rest.split_once(SHOWN)?;
    let (shown, behind) = rest
        .split_once(CLOSE)
        .or_else(|| rest.strip_suffix('\n').map(|shown| (shown, "\n")))
        .unwrap_or((rest, ""));
    Some(Marked {
        before,
        about,
        shown,
        behind,
    })
}

/// As terminals take it: the address, what is shown, and the end.
fn link(uri: &str, shown: &str) -> String {
    format!("\x1b]8;;{uri}\x1b\\{shown}\x1b]8;;\x1b\\")
}
