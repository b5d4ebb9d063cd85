//! Paths that are left out, by globs as git ignores with.

use ignore::gitignore::{Gitignore, GitignoreBuilder};

/// Globs of paths that are left out; the default leaves out nothing.
#[derive(Clone, Debug, Default)]
pub struct Exclude(Option<Gitignore>);

impl Exclude {
    /// Reads globs as in a `.gitignore` at the project's root: `legacy/`, `**/test/*.yml`, `!kept.yml`.
    ///
    /// # Errors
    /// Those that are no globs, by their index, with what is wrong.
    pub fn new<'g>(globs: impl IntoIterator<Item = &'g str>) -> Result<Self, Vec<(usize, String)>> {
        let mut builder = GitignoreBuilder::new("");
        let mut wrong = Vec::new();
        for (index, glob) in globs.into_iter().enumerate() {
            if let Err(error) = builder.add_line(None, glob) {
                wrong.push((index, message(&error)));
            }
        }
        match builder.build() {
            Ok(built) if wrong.is_empty() => Ok(Self(Some(built))),
            Ok(_) => Err(wrong),
            Err(error) => {
                wrong.push((0, message(&error)));
                Err(wrong)
            }
        }
    }

    /// Whether the file at `path`, from the root, is left out, by itself or with a folder above it.
    pub fn holds(&self, path: &str) -> bool {
        let globs = self.0.as_ref().filter(|_| !path.starts_with('/'));
        globs.is_some_and(|globs| globs.matched_path_or_any_parents(path, false).is_ignore())
    }

    /// Whether nothing below a folder is wanted.
    pub fn holds_folder(&self, path: &str) -> bool {
        let globs = self.0.as_ref().filter(|_| !path.is_empty());
        globs.is_some_and(|globs| {
            // A file below it may be taken back.
            globs.num_whitelists() == 0 && globs.matched_path_or_any_parents(path, true).is_ignore()
        })
    }
}

/// Without the glob, which the caller shows.
fn message(error: &ignore::Error) -> String {
    let text = error.to_string();
    let behind = text.rsplit_once("': ").map(|(_, behind)| behind.to_owned());
    behind.unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_are_those_of_git() {
        let exclude =
            Exclude::new(["legacy/", "/top.yml", "**/test/*.yml", "*.gen.yml"]).expect("globs");
        for path in [
            "legacy/a/b.yml",
            "x/legacy/b.yml",
            "top.yml",
            "a/test/b.yml",
            "a/b.gen.yml",
        ] {
            assert!(exclude.holds(path), "{path}");
        }
        for path in [
            "legacy",
            "a/top.yml",
            "a/test/b/c.yml",
            "a.yml",
            "/etc/legacy/x.yml",
        ] {
            assert!(!exclude.holds(path), "{path}");
        }
        assert!(exclude.holds_folder("a/legacy") && !exclude.holds_folder("a/test"));
        let kept = Exclude::new(["old/*", "!old/kept.yml"]).expect("globs");
        assert!(kept.holds("old/a.yml") && !kept.holds("old/kept.yml"));
        assert!(!kept.holds_folder("old"));
        assert!(!Exclude::default().holds("a.yml"));
    }

    #[test]
    fn what_is_no_glob_is_told() {
        let wrong = Exclude::new(["a", "b{", "c{d"]).expect_err("two");
        let indices: Vec<usize> = wrong.iter().map(|(index, _)| *index).collect();
        assert_eq!(indices, [1, 2], "{wrong:?}");
        assert!(wrong[0].1.contains("unclosed alternate group"), "{wrong:?}");
    }
}
