//! Changes as one unified diff, as `git apply` and `patch -p1` take it.

use crate::escape;
use similar::udiff::UnifiedHunkHeader;
use similar::{ChangeTag, DiffOp, TextDiff};
use std::borrow::Cow;
use std::fmt::Write as _;
use std::io;

/// A file before and after.
#[derive(Clone, Copy, Debug)]
pub struct FileDiff<'a> {
    /// The path relative to the project root, with `/`.
    pub path: &'a str,
    /// The text before.
    pub old: &'a str,
    /// The text after.
    pub new: &'a str,
}

/// For whom a diff is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// To be applied: every byte of the lines is the file's, control characters too.
    Exact,
    /// To be read: in the lines a harmless character stands for each control character.
    Readable {
        /// Whether lines are coloured by what becomes of them.
        colours: bool,
    },
}

/// Lines around a change.
const CONTEXT: usize = 3;

/// Writes one diff of all files, in their order. Files that do not change are left out.
pub fn render(files: &[FileDiff], style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    for file in files.iter().filter(|file| file.old != file.new) {
        file_diff(file, style, out)?;
    }
    Ok(())
}

fn file_diff(file: &FileDiff, style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    // Lines end at line feeds only, as in Git: a lone carriage return is part of a line.
    let old: Vec<&str> = file.old.split_inclusive('\n').collect();
    let new: Vec<&str> = file.new.split_inclusive('\n').collect();
    let diff = TextDiff::from_slices(&old, &new);
    paint(style, BOLD, &format!("--- {}", name("a/", file.path)), out)?;
    paint(style, BOLD, &format!("+++ {}", name("b/", file.path)), out)?;
    for hunk in diff.grouped_ops(CONTEXT) {
        let header = UnifiedHunkHeader::new(&hunk).to_string();
        paint(style, CYAN, &header, out)?;
        let changes = hunk.iter().flat_map(|op: &DiffOp| diff.iter_changes(op));
        for change in changes {
            line(change.tag(), change.value(), style, out)?;
        }
    }
    Ok(())
}

fn line(tag: ChangeTag, value: &str, style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    let (sign, codes) = match tag {
        ChangeTag::Equal => (' ', ""),
        ChangeTag::Delete => ('-', RED),
        ChangeTag::Insert => ('+', GREEN),
    };
    let (text, ended) = match value.strip_suffix('\n') {
        Some(text) => (text, true),
        None => (value, false),
    };
    let text = match style {
        Style::Exact => Cow::Borrowed(text),
        Style::Readable { .. } => readable(tag, text),
    };
    paint(style, codes, &format!("{sign}{text}"), out)?;
    if !ended {
        writeln!(out, "\\ No newline at end of file")?;
    }
    Ok(())
}

fn readable(tag: ChangeTag, text: &str) -> Cow<'_, str> {
    let text = escape::mask(text.strip_suffix('\r').unwrap_or(text));
    // Behind blanks, and so behind the sign of an unchanged line, `::error` is a command to GitHub's runner.
    if tag == ChangeTag::Equal && text.trim_start().starts_with("::") {
        return Cow::Owned(text.replacen(':', "?", 1));
    }
    text
}

const BOLD: &str = "1";
const CYAN: &str = "36";
const RED: &str = "31";
const GREEN: &str = "32";

/// Writes a line, in a colour where they are wanted.
fn paint(style: Style, codes: &str, text: &str, out: &mut dyn io::Write) -> io::Result<()> {
    if style == (Style::Readable { colours: true }) && !codes.is_empty() {
        writeln!(out, "\x1b[{codes}m{text}\x1b[0m")
    } else {
        writeln!(out, "{text}")
    }
}

/// A path as Git writes it in a patch: in quotes with C's escapes where it holds a quote, a backslash or anything hostile.
/// Other letters than ASCII's stay, as with Git's `core.quotePath` off.
fn name(prefix: &str, path: &str) -> String {
    let special = |c: char| matches!(c, '"' | '\\') || escape::is_hostile(c);
    if !path.contains(special) {
        // The tab tells `patch` that the name ends there, and not at a blank in it.
        let end = if path.contains(' ') { "\t" } else { "" };
        return format!("{prefix}{path}{end}");
    }
    let mut out = format!("\"{prefix}");
    for c in path.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\x07' => out.push_str("\\a"),
            '\x08' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\x0b' => out.push_str("\\v"),
            '\x0c' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            _ if escape::is_hostile(c) => {
                for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                    write!(out, "\\{byte:03o}").expect("writing to a string never fails");
                }
            }
            _ => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(files: &[FileDiff], style: Style) -> String {
        let mut out = Vec::new();
        render(files, style, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn file<'a>(path: &'a str, old: &'a str, new: &'a str) -> FileDiff<'a> {
        FileDiff { path, old, new }
    }

    #[test]
    fn files_one_after_the_other_and_no_unchanged_one() {
        let old = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
        let new = "1\n2\n3\n4\nV\n6\n7\n8\n9\n";
        let files = [
            file("a.yml", old, new),
            file("same.yml", old, old),
            file("b/c d.yml", "x\r\ny", "x\r\nz"),
        ];
        let expected = "\
--- a/a.yml
+++ b/a.yml
@@ -2,7 +2,7 @@
 2
 3
 4
-5
+V
 6
 7
 8
--- a/b/c d.yml\t
+++ b/b/c d.yml\t
@@ -1,2 +1,2 @@
 x\r
-y
\\ No newline at end of file
+z
\\ No newline at end of file
";
        assert_eq!(rendered(&files, Style::Exact), expected);
    }

    #[test]
    fn colours_and_harmless_lines_for_people() {
        let (old, new) = ("\x1b[2Jx\r\n ::a::\nb\n", "\x1b[2Jx\r\n ::a::\nc\x07\n");
        let files = [file("a", old, new)];
        let plain = "--- a/a\n+++ b/a\n@@ -1,3 +1,3 @@\n ?[2Jx\n  ?:a::\n-b\n+c?\n";
        assert_eq!(rendered(&files, Style::Readable { colours: false }), plain);
        let painted = "\
\x1b[1m--- a/a\x1b[0m
\x1b[1m+++ b/a\x1b[0m
\x1b[36m@@ -1,3 +1,3 @@\x1b[0m
 ?[2Jx
  ?:a::
\x1b[31m-b\x1b[0m
\x1b[32m+c?\x1b[0m
";
        assert_eq!(rendered(&files, Style::Readable { colours: true }), painted);
    }

    #[test]
    fn names_are_quoted_as_git_does() {
        let cases = [
            ("größe.yml", "a/größe.yml"),
            ("a b.yml", "a/a b.yml\t"),
            ("a\"b\\c d", r#""a/a\"b\\c d""#),
            ("a\tb\nc\x1bd\x7f", r#""a/a\tb\nc\033d\177""#),
            ("é\u{202e}x", "\"a/é\\342\\200\\256x\""),
        ];
        for (path, quoted) in cases {
            assert_eq!(name("a/", path), quoted);
        }
    }
}
