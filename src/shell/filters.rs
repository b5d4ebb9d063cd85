//! `grep` and `[[ … == *…* ]]` over what Docker says of containers: which states let them pass.

use super::expand::Field;
use super::value::{Content, Value};
use super::walk::{Seen, Walker};
use crate::source::Span;

/// How a filter's pattern is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// `grep`: a basic regular expression.
    Basic,
    /// `grep -E`, `=~`: an extended one.
    Extended,
    /// `grep -F`: a text.
    Fixed,
    /// `== *text*`: with asterisks around it, as shells match.
    Glob,
}

/// A filter over the state of containers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)] // They are independent of each other.
pub struct Filter {
    /// The command or the test's operand.
    pub span: Span,
    /// The pattern.
    pub pattern: String,
    /// How it is read.
    pub kind: Pattern,
    /// `-w`: only whole words match.
    pub word: bool,
    /// `-x`: only whole lines match.
    pub line: bool,
    /// `-v`: what does not match passes.
    pub inverted: bool,
    /// `-i`
    pub ignores_case: bool,
    /// Whether it is a condition, and not only something that is counted or printed.
    pub decides: bool,
    /// The word `grep`, where it stands in its file byte for byte.
    pub program: Option<Span>,
}

impl Filter {
    /// Whether a text lets it pass. Only patterns of letters, digits, blanks, quotes, dots, brackets, anchors and bars are
    /// understood; `None` for others.
    pub fn passes(&self, text: &str) -> Option<bool> {
        let lower = |text: &str| {
            if self.ignores_case {
                text.to_lowercase()
            } else {
                text.to_owned()
            }
        };
        let (text, pattern) = (lower(text), lower(&self.pattern));
        let alternatives: Vec<&str> = match self.kind {
            Pattern::Extended => pattern.split('|').collect(),
            Pattern::Basic => pattern.split("\\|").collect(),
            Pattern::Fixed | Pattern::Glob => vec![pattern.as_str()],
        };
        let mut any = false;
        for alternative in alternatives {
            any |= self.matches(alternative, &text)?;
        }
        Some(any != self.inverted)
    }

    fn matches(&self, pattern: &str, text: &str) -> Option<bool> {
        let (pattern, from_start, to_end) = match self.kind {
            Pattern::Fixed => (pattern.to_owned(), false, false),
            Pattern::Glob => {
                let inner = pattern.trim_matches('*');
                if inner.contains(['*', '?', '[']) {
                    return None;
                }
                let open = |is_open: bool| !is_open;
                (
                    inner.to_owned(),
                    open(pattern.starts_with('*')),
                    open(pattern.ends_with('*')),
                )
            }
            Pattern::Basic | Pattern::Extended => plain(pattern, self.kind)?,
        };
        let fits = |start: usize| {
            let end = start + pattern.len();
            let is_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
            let whole =
                !is_word(text[..start].chars().next_back()) && !is_word(text[end..].chars().next());
            (!from_start || start == 0)
                && (!to_end || end == text.len())
                && (!self.word || whole)
                && (!self.line || start == 0 && end == text.len())
        };
        Some(text.match_indices(&pattern).any(|(start, _)| fits(start)))
    }
}

/// A regular expression that is a text between anchors: the text, and whether it is anchored at either end.
fn plain(pattern: &str, kind: Pattern) -> Option<(String, bool, bool)> {
    let from_start = pattern.starts_with('^');
    let inner = pattern.strip_prefix('^').unwrap_or(pattern);
    let to_end = inner.ends_with('$') && !inner.ends_with("\\$");
    let inner = if to_end {
        &inner[..inner.len() - 1]
    } else {
        inner
    };
    let mut text = String::new();
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next()? {
                c @ ('(' | ')' | '{' | '}') if kind == Pattern::Basic => {
                    // A group says nothing by itself.
                    if matches!(c, '{' | '}') {
                        return None;
                    }
                }
                c if c.is_ascii_punctuation() => text.push(c),
                _ => return None,
            },
            '(' | ')' if kind == Pattern::Extended => {}
            '*' | '[' | ']' | '.' | '^' | '$' => return None,
            '+' | '?' | '{' | '}' if kind == Pattern::Extended => return None,
            c => text.push(c),
        }
    }
    Some((text, from_start, to_end))
}

impl Walker {
    /// `grep`, where what it reads is what Docker says.
    pub fn grep(&mut self, name: &str, args: &[Field]) {
        let mut filter = Filter {
            span: self.script.span(Self::place(args)),
            pattern: String::new(),
            kind: match name {
                "egrep" => Pattern::Extended,
                "fgrep" => Pattern::Fixed,
                _ => Pattern::Basic,
            },
            word: false,
            line: false,
            inverted: false,
            ignores_case: false,
            decides: self.context.setting.in_condition,
            program: args.first().and_then(Self::verbatim),
        };
        let mut pattern = None;
        let mut operands = 0;
        let mut at = 1;
        while let Some(field) = args.get(at) {
            at += 1;
            let Some(text) = field.text() else {
                return;
            };
            match text.strip_prefix('-').filter(|flags| !flags.is_empty()) {
                Some("e" | "-regexp") => {
                    pattern = args.get(at).and_then(Field::text);
                    at += 1;
                }
                Some("-quiet" | "-silent") => filter.decides = true,
                Some("-word-regexp") => filter.word = true,
                Some("-invert-match") => filter.inverted = true,
                Some(flags) if flags.starts_with('-') => {}
                Some(flags) => {
                    filter.decides |= flags.contains('q');
                    filter.word |= flags.contains('w');
                    filter.line |= flags.contains('x');
                    filter.inverted |= flags.contains('v');
                    filter.ignores_case |= flags.contains('i');
                    if flags.contains('E') || flags.contains('P') {
                        filter.kind = Pattern::Extended;
                    }
                    if flags.contains('F') {
                        filter.kind = Pattern::Fixed;
                    }
                    at += usize::from(flags.ends_with(['A', 'B', 'C', 'm']));
                }
                None if pattern.is_none() => pattern = Some(text),
                None => operands += 1,
            }
        }
        // A file is no state of containers.
        if let Some(pattern) = pattern.filter(|_| operands == 0) {
            filter.pattern = pattern;
            if self.reads_docker() {
                self.seen.push(Seen::Filter(filter));
            }
        }
    }

    /// What a command prints that is told an output of Docker's: `echo "$STATUS" |`, `<<< "$STATUS"`.
    pub fn printed(&mut self, value: &Value) {
        for segment in &value.segments {
            if let Content::Unknown(id) = segment.content
                && let Some(watches) = self.outputs.get(&id).cloned()
            {
                self.see(watches);
            }
        }
    }

    /// Whether something of Docker's, and no URL, goes through the current pipeline.
    fn reads_docker(&self) -> bool {
        let piped = self.seen.get(self.pipeline_seen..).unwrap_or_default();
        let docker = piped
            .iter()
            .any(|seen| matches!(seen, Seen::Compose(_) | Seen::Container(_)));
        docker && !piped.iter().any(|seen| matches!(seen, Seen::Endpoint(_)))
    }

    /// `[[ $STATUS == *healthy* ]]`
    pub fn matched(&mut self, value: &Value, operator: &str, pattern: &Value) {
        let kind = match operator {
            "==" | "=" => Pattern::Glob,
            "=~" => Pattern::Extended,
            _ => return,
        };
        let Some(text) = pattern.known() else {
            return;
        };
        let is_docker = value.segments.iter().any(|segment| {
            matches!(segment.content, Content::Unknown(id) if self.outputs.get(&id).is_some_and(
                |watches| watches.endpoints.is_empty()
                    && (!watches.compose.is_empty() || !watches.containers.is_empty())
            ))
        });
        let Some(literal) = pattern.literals().into_iter().next() else {
            return;
        };
        if is_docker && (kind == Pattern::Extended || text.contains('*')) {
            self.seen.push(Seen::Filter(Filter {
                span: literal.span,
                pattern: text,
                kind,
                word: false,
                line: false,
                inverted: false,
                ignores_case: false,
                decides: true,
                program: None,
            }));
        }
    }

    /// The bytes of a field that stands in its file as it is.
    fn verbatim(field: &Field) -> Option<Span> {
        let literals = field.value.literals();
        let [literal] = literals.as_slice() else {
            return None;
        };
        let is_whole = literal.verbatim && field.text().is_some_and(|text| text == literal.text);
        is_whole.then_some(literal.span)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;

    fn filter(pattern: &str, kind: Pattern, flags: &str) -> Filter {
        let mut sources = Sources::default();
        let file = sources.add("a", "grep");
        Filter {
            span: Span::new(file, 0..4),
            pattern: pattern.to_owned(),
            kind,
            word: flags.contains('w'),
            line: flags.contains('x'),
            inverted: flags.contains('v'),
            ignores_case: flags.contains('i'),
            decides: true,
            program: None,
        }
    }

    #[test]
    fn patterns_that_mean_healthy_and_pass_unhealthy() {
        let both = |pattern, kind, flags| {
            let filter = filter(pattern, kind, flags);
            let passes = |text| filter.passes(text);
            (
                passes("Up 2 minutes (healthy)"),
                passes("Up 2 minutes (unhealthy)"),
            )
        };
        let (yes, no) = (Some(true), Some(false));
        assert_eq!(both("healthy", Pattern::Basic, ""), (yes, yes));
        assert_eq!(both("healthy", Pattern::Basic, "w"), (yes, no));
        assert_eq!(both("(healthy)", Pattern::Basic, ""), (yes, no));
        assert_eq!(both("(healthy)", Pattern::Extended, ""), (yes, yes));
        assert_eq!(both("\\(healthy\\)", Pattern::Extended, ""), (yes, no));
        assert_eq!(both("\\(healthy\\)", Pattern::Basic, ""), (yes, yes));
        assert_eq!(both("(healthy)", Pattern::Fixed, ""), (yes, no));
        assert_eq!(both("unhealthy", Pattern::Basic, ""), (no, yes));
        assert_eq!(both("unhealthy", Pattern::Basic, "v"), (yes, no));
        assert_eq!(both("HEALTHY", Pattern::Basic, "i"), (yes, yes));
        assert_eq!(both("healthy|running", Pattern::Extended, ""), (yes, yes));
        assert_eq!(both("health.*", Pattern::Basic, ""), (None, None));
        assert_eq!(both("*healthy*", Pattern::Glob, ""), (yes, yes));
        assert_eq!(both("*(healthy)*", Pattern::Glob, ""), (yes, no));
        let line = filter("healthy", Pattern::Basic, "x");
        assert_eq!(
            (line.passes("healthy"), line.passes("unhealthy")),
            (yes, no)
        );
        let start = filter("^healthy$", Pattern::Basic, "");
        assert_eq!(
            (start.passes("healthy"), start.passes("unhealthy")),
            (yes, no)
        );
    }
}
