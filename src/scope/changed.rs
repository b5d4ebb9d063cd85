//! The changed lines that `git diff` tells of.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// The lines that a change adds or rewrites, by file. Where it only takes lines away, those before and behind them count.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Changed {
    files: BTreeMap<String, Vec<RangeInclusive<usize>>>,
    /// The folder of the project, from the top of the repository; empty or with a `/` behind it.
    prefix: String,
}

/// A text that is not empty and holds no diff.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoDiff;

/// What is left of a hunk.
#[derive(Clone, Copy, Default)]
struct Hunk {
    old: usize,
    new: usize,
    /// The line of the new file that comes next.
    line: usize,
}

impl Changed {
    /// Reads what `git diff` prints, with any number of lines around the changes. `prefix` is the project's folder as the diff's paths
    /// see it, empty for their own.
    ///
    /// # Errors
    /// If the text is not empty and holds no diff.
    pub fn read(diff: &str, prefix: &str) -> Result<Self, NoDiff> {
        let mut changed = Self {
            files: BTreeMap::new(),
            prefix: if prefix.is_empty() {
                String::new()
            } else {
                format!("{prefix}/")
            },
        };
        let (mut hunk, mut file, mut is_diff) = (Hunk::default(), None, false);
        // A line that `---` begins, so that `+++` behind it names a file.
        let mut is_named = false;
        for line in diff.lines() {
            if hunk.old > 0 || hunk.new > 0 {
                changed.content(line, &mut hunk, file.as_deref());
                continue;
            }
            if line.starts_with("diff ") {
                (is_diff, file) = (true, None);
            } else if let Some(path) = line.strip_prefix("+++ ").filter(|_| is_named) {
                (is_diff, file) = (true, path_of(path));
            } else if let Some((next, is_merge)) = hunk_of(line) {
                if is_merge {
                    // Each side has a column of its own: all of its lines count.
                    let last = next.line + next.new.max(1) - 1;
                    changed.add(file.as_deref(), next.line, last);
                } else {
                    hunk = next;
                }
            }
            is_named = line.starts_with("--- ");
        }
        if is_diff || diff.trim().is_empty() {
            Ok(changed)
        } else {
            Err(NoDiff)
        }
    }

    fn content(&mut self, line: &str, hunk: &mut Hunk, file: Option<&str>) {
        match line.as_bytes().first() {
            Some(b'+') => {
                self.add(file, hunk.line, hunk.line);
                hunk.new = hunk.new.saturating_sub(1);
                hunk.line += 1;
            }
            Some(b'-') => {
                self.add(file, hunk.line.saturating_sub(1), hunk.line);
                hunk.old = hunk.old.saturating_sub(1);
            }
            // "\ No newline at end of file"
            Some(b'\\') => {}
            _ => {
                hunk.old = hunk.old.saturating_sub(1);
                hunk.new = hunk.new.saturating_sub(1);
                hunk.line += 1;
            }
        }
    }

    fn add(&mut self, file: Option<&str>, first: usize, last: usize) {
        let Some(file) = file else { return };
        let lines = self.files.entry(file.to_owned()).or_default();
        match lines.last_mut() {
            Some(before) if (*before.start()..=before.end() + 1).contains(&first) => {
                *before = *before.start()..=last.max(*before.end());
            }
            _ => lines.push(first..=last),
        }
    }

    /// Whether lines `first` to `last` of a file of the project, from 1, are changed.
    pub(super) fn touches(&self, path: &str, first: usize, last: usize) -> bool {
        let full = format!("{}{path}", self.prefix);
        // Paths are printed behind `b/` or another letter, or bare.
        let files = self.files.iter().filter(|(name, _)| {
            let behind = name.split_once('/').filter(|(letter, _)| letter.len() == 1);
            **name == full || behind.is_some_and(|(_, rest)| rest == full)
        });
        files
            .flat_map(|(_, lines)| lines)
            .any(|lines| *lines.start() <= last && first <= *lines.end())
    }
}

/// `@@ -3,7 +3,8 @@` or, of a merge, `@@@ -3,7 -3,7 +3,8 @@@`.
fn hunk_of(line: &str) -> Option<(Hunk, bool)> {
    let marks = line.bytes().take_while(|byte| *byte == b'@').count();
    let ranges = line.get(marks..).filter(|_| marks >= 2)?;
    let mut words = ranges.split_whitespace();
    let (_, old) = range_of(words.find(|word| word.starts_with('-'))?)?;
    let (line, new) = range_of(words.find(|word| word.starts_with('+'))?)?;
    // Where nothing is left, the line before it is named.
    let line = if new == 0 { line + 1 } else { line };
    Some((Hunk { old, new, line }, marks > 2))
}

fn range_of(word: &str) -> Option<(usize, usize)> {
    let word = &word[1..];
    match word.split_once(',') {
        Some((start, count)) => Some((start.parse().ok()?, count.parse().ok()?)),
        None => Some((word.parse().ok()?, 1)),
    }
}

/// The path behind `+++ `; `None` for a file that is gone.
fn path_of(written: &str) -> Option<String> {
    // Of a path with blanks, git ends the line with a tab.
    let written = written.strip_suffix('\t').unwrap_or(written);
    if written == "/dev/null" {
        return None;
    }
    match written
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
    {
        Some(quoted) => Some(unquoted(quoted)),
        None => Some(written.to_owned()),
    }
}

/// What git quotes as C does: `\t`, `\"`, and bytes as `\303`.
fn unquoted(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        if *byte != b'\\' {
            bytes.push(*byte);
            continue;
        }
        let octal = rest
            .get(..3)
            .filter(|digits| digits.iter().all(|d| (b'0'..b'8').contains(d)));
        if let Some(digits) = octal {
            let value = digits
                .iter()
                .fold(0_u32, |sum, digit| sum * 8 + u32::from(digit - b'0'));
            bytes.push(u8::try_from(value).unwrap_or(b'?'));
            rest = &rest[3..];
        } else if let Some((escaped, after)) = rest.split_first() {
            bytes.push(match escaped {
                b'a' => 7,
                b'b' => 8,
                b't' => b'\t',
                b'n' => b'\n',
                b'v' => 11,
                b'f' => 12,
                b'r' => b'\r',
                other => *other,
            });
            rest = after;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIFF: &str = "diff --git a/compose.yml b/compose.yml\nindex 1..2 100644\n--- a/compose.yml\n+++ b/compose.yml\n@@ -2,3 +2,4 @@ services:\n a\n-b\n+B\n+c\n d\n@@ -20,2 +21 @@\n-gone\n e\n";

    fn lines(changed: &Changed, path: &str) -> Vec<usize> {
        (1..40)
            .filter(|line| changed.touches(path, *line, *line))
            .collect()
    }

    #[test]
    fn added_and_rewritten_lines_count_and_the_neighbours_of_those_taken_away() {
        let changed = Changed::read(DIFF, "").unwrap();
        assert_eq!(lines(&changed, "compose.yml"), [2, 3, 4, 20, 21]);
        assert!(lines(&changed, "other.yml").is_empty());
        assert!(changed.touches("compose.yml", 1, 2) && !changed.touches("compose.yml", 5, 19));
    }

    #[test]
    fn a_hunk_may_say_what_looks_like_a_header() {
        let diff = "--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n--- a/y\n-q\n+++ b/y\n+@@ -1 +9 @@\n--- a/z\n+++ b/z\n@@ -0,0 +1 @@\n+n\n\\ No newline at end of file\n";
        let changed = Changed::read(diff, "").unwrap();
        assert_eq!(lines(&changed, "x"), [1, 2]);
        assert!(lines(&changed, "y").is_empty());
        assert_eq!(lines(&changed, "z"), [1]);
    }

    #[test]
    fn without_context_and_where_only_lines_are_taken_away() {
        let diff = "--- a/x\n+++ b/x\n@@ -5,2 +4,0 @@\n-a\n-b\n";
        let changed = Changed::read(diff, "").unwrap();
        assert_eq!(lines(&changed, "x"), [4, 5]);
    }

    #[test]
    fn paths_may_have_any_prefix_blanks_quotes_and_a_folder_before_the_project() {
        for name in ["b/app/a b.yml\t", "w/app/a b.yml", "app/a b.yml\t"] {
            let diff = format!("--- a/x\n+++ {name}\n@@ -1 +1 @@\n-a\n+b\n");
            let changed = Changed::read(&diff, "app").unwrap();
            assert_eq!(lines(&changed, "a b.yml"), [1], "{name}");
        }
        let diff = "--- /dev/null\n+++ \"b/\\303\\244\\\"\\t.yml\"\n@@ -0,0 +1 @@\n+b\n";
        assert_eq!(lines(&Changed::read(diff, "").unwrap(), "ä\"\t.yml"), [1]);
    }

    #[test]
    fn of_a_merge_all_lines_of_a_hunk_count_and_a_file_that_is_gone_has_none() {
        let merge = "diff --cc x\n--- a/x\n+++ b/x\n@@@ -1,2 -1,2 +3,2 @@@\n- a\n -b\n++c\n  d\n";
        assert_eq!(lines(&Changed::read(merge, "").unwrap(), "x"), [3, 4]);
        let gone = "diff --git a/x b/x\n--- a/x\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n";
        assert!(lines(&Changed::read(gone, "").unwrap(), "x").is_empty());
    }

    #[test]
    fn an_empty_diff_changes_nothing_and_another_text_is_none() {
        assert!(lines(&Changed::read("", "").unwrap(), "x").is_empty());
        let renamed = "diff --git a/x b/y\nsimilarity index 100%\nrename from x\nrename to y\n";
        assert!(Changed::read(renamed, "").is_ok());
        assert_eq!(Changed::read("usage: git diff", ""), Err(NoDiff));
    }
}
