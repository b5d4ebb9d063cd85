//! The lines of a Makefile: which of them are assignments, rules, recipes and directives.

use super::super::text::is_known;
use super::{Assignment, Operator, Reader, Rule};
use crate::source::{FileId, Mapped, MappedBuilder, paths};
use std::ops::Range;

/// Includes go no deeper, and no more files are read.
const DEPTH: usize = 8;
const FILES: usize = 64;

/// The lines of one file, read from top to bottom.
struct Lines<'t> {
    file: FileId,
    text: &'t str,
    at: usize,
}

impl Lines<'_> {
    /// The bytes of the next line, without its end.
    fn next(&mut self) -> Option<Range<usize>> {
        if self.at >= self.text.len() {
            return None;
        }
        let start = self.at;
        let end = self.text[start..]
            .find('\n')
            .map_or(self.text.len(), |n| start + n);
        self.at = end + 1;
        let end = start + self.text[start..end].trim_end_matches('\r').len();
        Some(start..end)
    }

    /// The next line with those that a backslash joins to it. In a recipe the shell joins them; elsewhere a blank does.
    fn joined(&mut self, first: Range<usize>, is_recipe: bool) -> Mapped {
        let mut builder = MappedBuilder::new(self.file);
        let mut line = first;
        loop {
            let text = &self.text[line.clone()];
            let slashes = text.len() - text.trim_end_matches('\\').len();
            let goes_on = slashes % 2 == 1;
            if !goes_on {
                builder.push_verbatim(text, line.start);
                return builder.finish();
            }
            if is_recipe {
                builder.push_verbatim(text, line.start);
                builder.push_made("\n", line.end..self.at.min(self.text.len()));
            } else {
                let kept = text[..text.len() - 1].trim_end();
                builder.push_verbatim(kept, line.start);
                builder.push_made(" ", line.start + kept.len()..self.at.min(self.text.len()));
            }
            let Some(next) = self.next() else {
                return builder.finish();
            };
            let rest = &self.text[next.clone()];
            let skipped = if is_recipe {
                usize::from(rest.starts_with('\t'))
            } else {
                rest.len() - rest.trim_start().len()
            };
            line = next.start + skipped..next.end;
        }
    }
}

impl Reader<'_> {
    /// Reads the lines of one file.
    pub(super) fn file(&mut self, file: FileId, text: &str, depth: usize) {
        let start = if text.starts_with('\u{feff}') { 3 } else { 0 };
        let mut lines = Lines {
            file,
            text,
            at: start,
        };
        // Whether lines that begin with a tab belong to a rule.
        let mut in_rule = false;
        while let Some(range) = lines.next() {
            let line = &text[range.clone()];
            if line.starts_with('\t') && in_rule {
                let recipe = lines.joined(range.start + 1..range.end, true);
                if !self.conditions.skips()
                    && let Some(rule) = self.rules.last_mut()
                {
                    rule.recipe.push(recipe);
                }
                continue;
            }
            let whole = lines.joined(range, false);
            let length = comment(whole.text());
            let content = whole.slice(0..length);
            let content = trimmed(&content);
            if content.text().is_empty() || self.condition(content.text()) {
                continue;
            }
            if let Some(name) = content.text().strip_prefix("define ") {
                let name = name.trim().to_owned();
                self.definition(&mut lines, &name);
                in_rule = false;
                continue;
            }
            if self.conditions.skips() {
                in_rule &= !is_rule(content.text());
                continue;
            }
            in_rule = self.line(&content, depth, in_rule);
        }
    }

    /// `define NAME` up to `endef`.
    fn definition(&mut self, lines: &mut Lines<'_>, name: &str) {
        let mut value = String::new();
        let start = lines.at;
        let mut end = start;
        while let Some(range) = lines.next() {
            let line = &lines.text[range.clone()];
            if line.trim() == "endef" {
                break;
            }
            if !value.is_empty() {
                value.push('\n');
            }
            value.push_str(line.strip_prefix('\t').unwrap_or(line));
            end = range.end;
        }
        if self.conditions.skips() {
            return;
        }
        let name = name.trim_end_matches(['=', ':', ' ', '\t']).to_owned();
        self.assign(&Assignment {
            name,
            operator: Operator::Later,
            value,
            span: crate::source::Span::new(lines.file, start..end),
            exported: false,
        });
    }

    /// Reads a line that is no recipe; tells whether a recipe may follow.
    fn line(&mut self, line: &Mapped, depth: usize, in_rule: bool) -> bool {
        let text = line.text();
        let (word, rest) = text.split_once([' ', '\t']).unwrap_or((text, ""));
        match word {
            "include" | "-include" | "sinclude" => {
                self.include(rest, depth);
                return false;
            }
            "export" => {
                self.export(line);
                return false;
            }
            "unexport" | "vpath" | "undefine" => return in_rule,
            _ => {}
        }
        if let Some(assignment) = assignment(line) {
            self.assign(&assignment);
            return false;
        }
        let Some(colon) = outside(text, b":") else {
            // `$(call …)`, `$(error …)`
            return in_rule;
        };
        self.rule(line, colon);
        true
    }

    /// `targets: needs ; recipe`, `target: NAME = value`
    fn rule(&mut self, line: &Mapped, colon: usize) {
        let text = line.text();
        let targets = self.words(text[..colon].trim_end_matches('&'));
        let behind = colon + 1 + usize::from(text[colon + 1..].starts_with(':'));
        let rest = trimmed(&line.slice(behind..text.len()));
        if let Some(assignment) = assignment(&rest) {
            let pairs = targets
                .into_iter()
                .map(|target| (target, assignment.clone()));
            self.specific.extend(pairs);
            return;
        }
        if targets.iter().any(|target| target == ".ONESHELL") {
            self.one_shell = true;
        }
        let semicolon = outside(rest.text(), b";");
        let needs = &rest.text()[..semicolon.unwrap_or(rest.text().len())];
        // In a static pattern rule the needs stand behind a second colon.
        let needs = needs.rsplit(':').next().unwrap_or(needs);
        let needs = self.words(needs);
        let recipe = semicolon.map(|at| rest.slice(at + 1..rest.text().len()));
        self.rules.push(Rule {
            targets,
            needs: needs.into_iter().filter(|need| need != "|").collect(),
            recipe: recipe.into_iter().collect(),
        });
    }

    fn words(&mut self, text: &str) -> Vec<String> {
        let expanded = self.expand(text, 0);
        expanded
            .split_whitespace()
            .take(FILES)
            .map(str::to_owned)
            .collect()
    }

    fn export(&mut self, line: &Mapped) {
        let rest = trimmed(&line.slice("export".len()..line.text().len()));
        if let Some(assignment) = assignment(&rest) {
            self.assign(&Assignment {
                exported: true,
                ..assignment
            });
            return;
        }
        let names = self.words(rest.text());
        self.exports_all |= names.is_empty();
        self.exported.extend(names);
    }

    fn include(&mut self, names: &str, depth: usize) {
        for name in self.words(names) {
            let path = Some(name.as_str()).filter(|name| is_known(name));
            let path = path.and_then(|name| match crate::shell::in_project(name) {
                Some(inside) => paths::join("", inside),
                None => self.folder.and_then(|folder| paths::join(folder, name)),
            });
            let is_known = path
                .as_ref()
                .is_some_and(|path| self.included.contains(path));
            if is_known {
                continue;
            }
            let room = depth < DEPTH && self.included.len() < FILES;
            let opened = path
                .as_deref()
                .filter(|_| room)
                .and_then(|path| (self.open)(path));
            let Some((file, source)) = opened else {
                self.lacks_files = true;
                continue;
            };
            self.included.extend(path);
            self.file(file, source.text(), depth + 1);
        }
    }
}

/// Reads `[export|override|private] NAME operator value`.
fn assignment(line: &Mapped) -> Option<Assignment> {
    let text = line.text();
    let equals = outside(text, b"=")?;
    let before = &text[..equals];
    let (operator, name) = match before.as_bytes().last() {
        Some(b'?') => (Operator::Missing, &before[..equals - 1]),
        Some(b'+') => (Operator::Append, &before[..equals - 1]),
        Some(b'!') => (Operator::Shell, &before[..equals - 1]),
        Some(b':') => (Operator::Now, before.trim_end_matches(':')),
        _ => (Operator::Later, before),
    };
    let mut exported = false;
    let mut name = name.trim();
    while let Some((word, rest)) = name.split_once([' ', '\t'])
        && matches!(word, "override" | "private" | "export")
    {
        exported |= word == "export";
        name = rest.trim_start();
    }
    // `target: NAME = value` is none, and neither is `$(call f,a=b)`.
    if name.is_empty() || outside(name, b": \t").is_some() {
        return None;
    }
    let value = trimmed(&line.slice(equals + 1..text.len()));
    Some(Assignment {
        name: name.to_owned(),
        operator,
        value: value.text().to_owned(),
        span: value.span(0..value.text().len()),
        exported,
    })
}

/// Whether a line begins a rule.
fn is_rule(line: &str) -> bool {
    outside(line, b":=").is_some_and(|at| {
        line[at..].starts_with(':') && !line[at..].trim_start_matches(':').starts_with('=')
    })
}

/// Where one of `bytes` stands first outside of references.
fn outside(text: &str, bytes: &[u8]) -> Option<usize> {
    let mut open = 0usize;
    let mut before = 0;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'(' | b'{' if open > 0 || before == b'$' => open += 1,
            b')' | b'}' => open = open.saturating_sub(1),
            _ if open == 0 && bytes.contains(&byte) => return Some(at),
            _ => {}
        }
        before = byte;
    }
    None
}

/// Where the comment of a line begins, or its end.
fn comment(line: &str) -> usize {
    let mut before = 0;
    for (at, byte) in line.bytes().enumerate() {
        if byte == b'#' && before != b'\\' {
            return at;
        }
        before = byte;
    }
    line.len()
}

/// Without the blanks around it.
fn trimmed(line: &Mapped) -> Mapped {
    let text = line.text();
    let start = text.len() - text.trim_start().len();
    line.slice(start..start.max(text.trim_end().len()))
}
