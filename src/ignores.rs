//! The comments that silence findings: `# upbeat: ignore[rule] reason` for a line, `# upbeat: ignore-file[rule] reason` for a file.
//!
//! They are comments of YAML, of the scripts in it, and of every other file in which `#` begins one.

use crate::source::{FileId, Span, paths};
use crate::spelling::nearest;
use crate::yaml::{Kind, Style, Tree};
use std::ops::Range;

/// What such a comment opens with.
const MARK: &str = "upbeat:";
/// The words that may follow.
const WORDS: [&str; 2] = ["ignore", "ignore-file"];

/// A comment that silences findings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ignore {
    /// The comment, from its `#` to its last character.
    pub span: Span,
    /// The names of the rules, each with its place.
    pub rules: Vec<(String, Span)>,
    /// Why; empty where nobody says.
    pub reason: String,
    /// Where findings begin that it silences; `None` for all of the file.
    pub lines: Option<Range<u32>>,
    /// Whether nothing else stands on its line.
    pub own_line: bool,
    /// Why it silences nothing, whatever it names.
    pub wrong: Option<Wrong>,
}

/// What is wrong with such a comment itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// The word is misspelt; this was meant.
    Word(String),
    /// No rules are named in brackets.
    NoRules,
    /// It is for the whole file and stands below its top.
    BelowTop,
}

impl Ignore {
    /// Which of its rules silences a finding of `rule` that begins at `place`.
    pub fn silences(&self, rule: &str, place: Span) -> Option<usize> {
        let lines = self.lines.as_ref();
        let reaches = self.wrong.is_none()
            && place.file == self.span.file
            && lines.is_none_or(|lines| lines.contains(&place.start));
        let index = self.rules.iter().position(|(name, _)| name == rule);
        index.filter(|_| reaches)
    }
}

/// The comments of a file, in the order of its text; `tree` is what it says, where it is YAML.
pub fn read(file: FileId, path: &str, text: &str, tree: Option<&Tree>) -> Vec<Ignore> {
    let marks = text.match_indices(MARK);
    let reader = Reader {
        file,
        text,
        tree,
        // Behind an instruction, `#` is a part of it.
        own_lines_only: paths::name(path).to_lowercase().contains("dockerfile"),
    };
    marks.filter_map(|(at, _)| reader.ignore(at)).collect()
}

struct Reader<'a> {
    file: FileId,
    text: &'a str,
    tree: Option<&'a Tree>,
    own_lines_only: bool,
}

impl Reader<'_> {
    fn ignore(&self, mark: usize) -> Option<Ignore> {
        let hash = self.text[..mark].trim_end_matches([' ', '\t']).len();
        let hash = hash
            .checked_sub(1)
            .filter(|hash| self.text.as_bytes()[*hash] == b'#')?;
        let line = self.line(hash);
        let before = self.text[line.start..hash].trim_start_matches('\u{feff}');
        let own_line = before.trim().is_empty();
        let stands_apart = own_line || !self.own_lines_only && before.ends_with([' ', '\t']);
        if !stands_apart || !self.is_comment(hash, before) {
            return None;
        }
        let text = self.text[..line.end].trim_end();
        let behind = text.get(mark + MARK.len()..)?;
        let word_start = text.len() - behind.trim_start().len();
        let rest = &text[word_start..];
        let word = &rest[..rest
            .find(|c: char| !c.is_alphanumeric() && c != '-')
            .unwrap_or(rest.len())];
        let (rules, reason) = self.rules(word_start + word.len(), text);
        let wrong = if WORDS.contains(&word) {
            let below = word == "ignore-file" && !self.is_top(line.start);
            let missing = rules.is_empty().then_some(Wrong::NoRules);
            missing.or_else(|| below.then_some(Wrong::BelowTop))
        } else {
            // Other words are nobody's but the writer's.
            Some(Wrong::Word(nearest(word, WORDS)?))
        };
        let lines = match own_line {
            _ if word == "ignore-file" => None,
            true => Some(self.next_line(line.end)),
            false => Some(line),
        };
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Some(Ignore {
            span: Span::new(self.file, hash..text.len()),
            rules,
            reason,
            lines: lines.map(|lines| offset(lines.start)..offset(lines.end)),
            own_line,
            wrong,
        })
    }

    /// The line of a byte, its end included.
    fn line(&self, at: usize) -> Range<usize> {
        let start = self.text[..at].rfind('\n').map_or(0, |end| end + 1);
        let end = self.text[at..]
            .find('\n')
            .map_or(self.text.len(), |end| at + end + 1);
        start..end
    }

    /// What a comment at the end of the line before is about: the next line that is no such comment, with those that
    /// continue it.
    fn next_line(&self, mut at: usize) -> Range<usize> {
        let is_ignore = |line: &str| {
            let comment = line.trim_start().strip_prefix('#');
            comment.is_some_and(|comment| comment.trim_start().starts_with(MARK))
        };
        let mut line = self.line(at);
        while line.end > at && is_ignore(&self.text[line.clone()]) {
            at = line.end;
            line = self.line(at);
        }
        if at == self.text.len() {
            return at..at;
        }
        let start = line.start;
        while self.text[line.clone()].trim_end().ends_with('\\') && line.end < self.text.len() {
            line = self.line(line.end);
        }
        start..line.end
    }

    /// The rules in the brackets at `at`, and what stands behind them.
    fn rules(&self, at: usize, text: &str) -> (Vec<(String, Span)>, String) {
        let behind = text.get(at..).unwrap_or_default();
        let Some((names, reason)) = behind
            .strip_prefix('[')
            .and_then(|rest| rest.split_once(']'))
        else {
            return (Vec::new(), String::new());
        };
        let mut rules = Vec::new();
        let mut start = at + 1;
        for part in names.split(',') {
            let name = part.trim();
            let from = start + part.len() - part.trim_start().len();
            if !name.is_empty() {
                let span = Span::new(self.file, from..from + name.len());
                rules.push((name.to_owned(), span));
            }
            start += part.len() + 1;
        }
        let reason = reason.trim_start_matches([' ', '\t', ':', '-', '\u{2013}', '\u{2014}']);
        (rules, reason.to_owned())
    }

    /// Whether `#` begins a comment there: of the YAML, or of a script that stands in it.
    fn is_comment(&self, hash: usize, before: &str) -> bool {
        let outside_quotes = || {
            let count = |quote| before.matches(quote).count();
            count('"') % 2 == 0 && count('\'') % 2 == 0
        };
        let Some(tree) = self.tree else {
            return outside_quotes();
        };
        let comments = tree.comments();
        let start = |index: usize| comments[index].range.start as usize;
        let index = comments.partition_point(|comment| (comment.range.start as usize) < hash);
        let is_yaml = index < comments.len() && start(index) == hash;
        is_yaml || outside_quotes() && tree.ids().any(|id| is_block_at(tree, id, hash))
    }

    /// Whether nothing but comments stands above a line.
    fn is_top(&self, line: usize) -> bool {
        self.text[..line].lines().all(|line| {
            let line = line.trim_start_matches('\u{feff}').trim();
            line.is_empty() || line.starts_with('#') || line == "---"
        })
    }
}

/// Whether a node is a block scalar that holds a byte, which may be a script.
fn is_block_at(tree: &Tree, id: crate::yaml::NodeId, at: usize) -> bool {
    let range = tree.range(id);
    let holds = range.start as usize <= at && at < range.end as usize;
    holds
        && matches!(
            tree.kind(id),
            Kind::Scalar {
                style: Style::Literal | Style::Folded,
                ..
            }
        )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;
    use crate::yaml::parse;

    fn read_as(path: &str, text: &str) -> Vec<Ignore> {
        let mut sources = Sources::default();
        let file = sources.add(path, text);
        let is_yaml = path.rsplit('.').next() == Some("yml");
        let tree = is_yaml.then(|| parse(file, text).expect("YAML"));
        read(file, path, text, tree.as_ref())
    }

    /// The text that an ignore silences.
    fn silenced<'a>(ignore: &Ignore, text: &'a str) -> &'a str {
        let lines = ignore.lines.clone().expect("lines");
        &text[lines.start as usize..lines.end as usize]
    }

    #[test]
    fn a_comment_is_for_its_own_line_or_for_the_next() {
        let text = "a: 1 # upbeat: ignore[x, y] the reason\n# upbeat: ignore[z]  so it is\n#upbeat:ignore[w]: too\nb: 2\nc: 3\n";
        let found = read_as("a.yml", text);
        let told: Vec<(Vec<&str>, &str, &str)> = found
            .iter()
            .map(|one| {
                let rules = one.rules.iter().map(|(name, span)| {
                    assert_eq!(&text[span.range()], name);
                    name.as_str()
                });
                (rules.collect(), one.reason.as_str(), silenced(one, text))
            })
            .collect();
        assert_eq!(
            told,
            [
                (
                    vec!["x", "y"],
                    "the reason",
                    "a: 1 # upbeat: ignore[x, y] the reason\n"
                ),
                (vec!["z"], "so it is", "b: 2\n"),
                (vec!["w"], "too", "b: 2\n"),
            ]
        );
        assert!(found.iter().all(|one| one.wrong.is_none()));
        assert!(!found[0].own_line && found[1].own_line);
    }

    #[test]
    fn scripts_in_yaml_have_comments_of_their_own_and_texts_none() {
        let text = "run: |\n  # upbeat: ignore[x] r\n  wait \\\n    5\n  sleep 3 # upbeat: ignore[y] r\n  echo \"a # upbeat: ignore[z] r\"\nb: 'c # upbeat: ignore[z] r'\nd: e# upbeat:ignore[z] r\n";
        let found = read_as("a.yml", text);
        let told: Vec<&str> = found.iter().map(|one| silenced(one, text)).collect();
        assert_eq!(
            told,
            ["  wait \\\n    5\n", "  sleep 3 # upbeat: ignore[y] r\n"]
        );
        let docker = "FROM a # upbeat: ignore[x] r\n# upbeat: ignore[x] r\nHEALTHCHECK CMD y\n";
        let found = read_as("app.Dockerfile", docker);
        assert_eq!(found.len(), 1);
        assert_eq!(silenced(&found[0], docker), "HEALTHCHECK CMD y\n");
    }

    #[test]
    fn a_whole_file_is_silenced_from_its_top() {
        let text = "#!/bin/sh\n\n# upbeat: ignore-file[x] r\necho\n# upbeat: ignore-file[x] r\n";
        let found = read_as("a.sh", text);
        let wrong: Vec<_> = found.iter().map(|one| one.wrong.clone()).collect();
        assert_eq!(wrong, [None, Some(Wrong::BelowTop)]);
        let place = |at: usize| Span::new(found[0].span.file, at..at);
        assert_eq!(found[0].silences("x", place(40)), Some(0));
        assert_eq!(found[0].silences("y", place(40)), None);
        assert_eq!(found[1].silences("x", place(40)), None);
    }

    #[test]
    fn what_is_nearly_one_is_told_and_prose_is_not() {
        let wrong = |text: &str| -> Vec<Option<Wrong>> {
            read_as("a.sh", text)
                .into_iter()
                .map(|one| one.wrong)
                .collect()
        };
        let word = Wrong::Word("ignore".to_owned());
        assert_eq!(wrong("# upbeat: ingore[x] r\n"), [Some(word)]);
        assert_eq!(wrong("# upbeat: ignore x\n"), [Some(Wrong::NoRules)]);
        assert_eq!(wrong("# upbeat: ignore[] r"), [Some(Wrong::NoRules)]);
        assert_eq!(wrong("# upbeat: a linter\n# upbeat:\n"), []);
    }

    #[test]
    fn at_the_end_of_the_file_there_is_nothing_to_silence() {
        let text = "# upbeat: ignore[x] r";
        assert_eq!(silenced(&read_as("a.sh", text)[0], text), "");
    }
}
