//! `.env` files: `NAME=value` with quotes, comments and `export`, as compose-go v2.9.1 reads them (`dotenv/parser.go`).

use super::Loader;
use super::interpolate::{Environment, Interpolation, Uses, Variable};
use super::refused::{Code, Refused};
use super::value::{Through, Value};
use crate::source::{FileId, Mapped, MappedBuilder, SourceFile, Span, paths};
use crate::yaml::Problem;
use std::ops::Range;

/// Reads the variables of a file into `environment`. Those of the files before and those that stand further up can be used
/// further down, but what is set `around` wins where the file uses it.
///
/// What is no assignment is reported and passed over.
pub fn read(
    file: FileId,
    source: &SourceFile,
    around: &Environment,
    environment: &mut Environment,
) -> Vec<Problem> {
    source.conceal();
    let text = source.text();
    let (values, problems) = read_values(file, text, around, environment);
    for (name, value) in values {
        environment.set(name, value);
    }
    problems
}

/// The variables of an env file, in the order of the text. Where the file itself uses a variable, what is set `around` it wins over
/// the file, and this over what stands `below`; a name alone takes the value around.
pub(super) fn read_values(
    file: FileId,
    text: &str,
    around: &Environment,
    below: &Environment,
) -> (Vec<(String, Variable)>, Vec<Problem>) {
    let mut scope = around.clone();
    scope.extend_missing(below);
    let mut values = Vec::new();
    let mut wrong = Vec::new();
    let mut problems = each(file, text, |name, raw| {
        let value = match raw {
            None => around.get(name).cloned(),
            Some(raw) => match value(file, text, raw, &scope) {
                Ok(value) => Some(value),
                Err(problem) => {
                    wrong.push(problem);
                    None
                }
            },
        };
        let Some(value) = value else {
            return;
        };
        if around.get(name).is_none() {
            scope.set(name, value.clone());
        }
        values.push((name.to_owned(), value));
    });
    problems.append(&mut wrong);
    (values, problems)
}

impl Loader<'_> {
    /// Notes what cannot be read in the env files and label files of a service, as far as these files are here.
    pub(super) fn env_files_of(&mut self, name: &str, service: &Value, folder: &str) {
        for key in ["env_file", "label_file"] {
            let files = service.get(key).map(Value::items).unwrap_or_default();
            for (index, item) in files.iter().enumerate() {
                let path = format!("services.{name}.{key}[{index}]");
                let problems = self.env_file_problems(item, folder).into_iter();
                let refused = problems
                    .map(|one| Refused::new(Code::BadEnvFile, one.span, &path, one.message));
                self.env_files.extend(refused);
            }
        }
    }

    /// What is wrong in an env file that has not been looked at. What comes from another folder has paths that count from there: they are passed over.
    fn env_file_problems(&mut self, item: &Value, folder: &str) -> Vec<Problem> {
        let path = item.get("path").unwrap_or(item);
        let written = self.store.sources().get(path.span.file).path();
        let mut ways = path.through().iter();
        let is_extended = ways.any(|way| matches!(way, Through::Extends(_)));
        if is_extended || paths::parent(written) != folder {
            return Vec::new();
        }
        let inside = path.text().and_then(|path| self.store.locate(folder, path));
        let Some(Ok(id)) = inside.map(|inside| self.store.open(&inside)) else {
            return Vec::new();
        };
        let source = self.store.sources().share(id);
        source.conceal();
        let none = Environment::default();
        let is_raw = item.get("format").and_then(Value::text) == Some("raw");
        if !self.seen_env_files.insert((id, is_raw)) {
            return Vec::new();
        }
        if is_raw {
            read_raw(id, source.text(), &none).1
        } else {
            read_values(id, source.text(), self.environment, &none).1
        }
    }
}

/// The lines of an env file of `format: raw`: no quotes, no variables (docker/cli v28, `pkg/kvfile`).
pub(super) fn read_raw(
    file: FileId,
    text: &str,
    around: &Environment,
) -> (Vec<(String, Variable)>, Vec<Problem>) {
    let (mut values, mut problems) = (Vec::new(), Vec::new());
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let content = line.trim_end_matches(['\n', '\r']);
        let content = content
            .trim_start_matches('\u{feff}')
            .trim_start_matches(char::is_whitespace);
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        let (name, value) = match content.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (content, None),
        };
        let end = start + line.trim_end_matches(['\n', '\r']).len();
        if name.is_empty() || name.contains([' ', '\t']) {
            let message = "the name of a variable is not empty and has no blanks in it";
            problems.push(Problem {
                span: Span::new(file, end - content.len()..end),
                message: message.to_owned(),
            });
            continue;
        }
        let variable = match value {
            Some(value) => Some(Variable {
                text: value.to_owned(),
                span: Span::new(file, end - value.len()..end),
                verbatim: true,
            }),
            None => around.get(name).cloned(),
        };
        values.extend(variable.map(|variable| (name.to_owned(), variable)));
    }
    (values, problems)
}

/// Calls `found` with each name and its value, if it has one; what is no assignment comes back.
fn each(file: FileId, text: &str, mut found: impl FnMut(&str, Option<&RawValue>)) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut at = if text.starts_with('\u{feff}') { 3 } else { 0 };
    while let Some(start) = statement(text, at) {
        match assignment(text, start) {
            Ok((name, value, end)) => {
                found(name, value.as_ref());
                at = end;
            }
            Err((range, message)) => {
                at = text[range.start..]
                    .find('\n')
                    .map_or(text.len(), |n| range.start + n);
                problems.push(Problem {
                    span: Span::new(file, range),
                    message: message.to_owned(),
                });
            }
        }
    }
    problems
}

/// Where the next statement begins, behind blanks and comments.
fn statement(text: &str, from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        let rest = &text[at..];
        at += rest.len() - rest.trim_start().len();
        let rest = &text[at..];
        if !rest.starts_with('#') {
            return (!rest.is_empty()).then_some(at);
        }
        at += rest.find('\n')?;
    }
}

/// A value's bytes without its quotes.
struct RawValue {
    range: Range<usize>,
    quote: Option<u8>,
}

/// Blanks, but no line ends.
fn is_space(c: char) -> bool {
    matches!(
        c,
        '\t' | '\u{b}' | '\u{c}' | '\r' | ' ' | '\u{85}' | '\u{a0}'
    )
}

/// A name, its value, and where the next statement may begin.
type Assignment<'a> = (&'a str, Option<RawValue>, usize);

fn assignment(text: &str, start: usize) -> Result<Assignment<'_>, (Range<usize>, &'static str)> {
    let line_end = text[start..].find('\n').map_or(text.len(), |n| start + n);
    let whole = &text[start..];
    let exported = whole
        .strip_prefix("export")
        .filter(|rest| rest.starts_with(char::is_whitespace));
    let content = exported.map_or(whole, |rest| rest.trim_start_matches(is_space));
    let begin = text.len() - content.len();
    let line = start..start + text[start..line_end].trim_end().len();
    let is_name = |c: char| c.is_alphanumeric() || "_.-[]".contains(c) || is_space(c);
    let Some(length) = content.find(|c: char| !is_name(c)) else {
        // Docker takes a last line without an end for a value without a name.
        let range = begin..begin + content.trim_end().len();
        let value = RawValue { range, quote: None };
        return Ok(("", Some(value), text.len()));
    };
    let name = content[..length].trim_end();
    let separator = content[length..].chars().next().unwrap_or_default();
    let is_alone = separator == '\n';
    if !matches!(separator, '=' | ':' | '\n') || is_alone && name.contains(' ') {
        let message = "this line sets no variable: write NAME=value, or # before it";
        return Err((line, message));
    }
    if name.contains(' ') {
        return Err((line, "the name of a variable has no blanks in it"));
    }
    let behind = begin + length + 1;
    if is_alone {
        return Ok((name, None, behind));
    }
    let rest = &text[behind..];
    let at = behind + rest.len() - rest.trim_start_matches(is_space).len();
    let (value, end) = raw_value(text, at)?;
    Ok((name, Some(value), end))
}

fn raw_value(text: &str, at: usize) -> Result<(RawValue, usize), (Range<usize>, &'static str)> {
    let quote = text.as_bytes().get(at).copied();
    if let Some(quote) = quote.filter(|byte| matches!(byte, b'\'' | b'"')) {
        let Some(end) = closing_quote(text, at + 1, quote) else {
            let line = text[at..].lines().next().unwrap_or_default();
            return Err((at..at + line.len(), "this quote is not closed"));
        };
        let range = at + 1..end;
        let value = RawValue {
            range,
            quote: Some(quote),
        };
        return Ok((value, end + 1));
    }
    let end = text[at..].find('\n').map_or(text.len(), |n| at + n);
    let value = &text[at..end];
    let value = &value[..value.find(" #").unwrap_or(value.len())];
    let range = at..at + value.trim_end().len();
    Ok((RawValue { range, quote: None }, end))
}

/// A backslash keeps a quote from closing, in both kinds of quotes.
fn closing_quote(text: &str, from: usize, quote: u8) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = from;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 1,
            byte if byte == quote => return Some(at),
            _ => {}
        }
        at += 1;
    }
    None
}

fn value(
    file: FileId,
    text: &str,
    value: &RawValue,
    environment: &Environment,
) -> Result<Variable, Problem> {
    let span = Span::new(file, value.range.clone());
    let mapped = unescaped(file, text, value);
    let raw = mapped.text().to_owned();
    // Inside an env file an unset variable is just empty.
    let filled = if value.quote == Some(b'\'') || !raw.contains('$') {
        raw
    } else {
        let scalar = Interpolation::run(&mapped, environment, &mut Uses::default());
        let scalar = scalar.map_err(|bad| Problem {
            span: bad.span,
            message: bad.message,
        })?;
        scalar.text
    };
    let verbatim = filled == text[value.range.clone()];
    Ok(Variable {
        text: filled,
        span,
        verbatim,
    })
}

fn unescaped(file: FileId, text: &str, value: &RawValue) -> Mapped {
    let mut out = MappedBuilder::new(file);
    let mut at = value.range.start;
    while at < value.range.end {
        let rest = &text[at..value.range.end];
        let escape = rest.find('\\').filter(|_| value.quote.is_some());
        let plain = &rest[..escape.unwrap_or(rest.len())];
        out.push_verbatim(plain, at);
        at += plain.len();
        let Some(escape) = escape else {
            break;
        };
        let escaped = &rest[escape + 1..];
        let (made, length) = match escaped.bytes().next() {
            Some(byte) if Some(byte) == value.quote => (char::from(byte).to_string(), 1),
            Some(_) if value.quote == Some(b'"') => unescape(escaped),
            _ => ("\\".to_owned(), 0),
        };
        out.push_made(&made, at..at + 1 + length);
        at += 1 + length;
    }
    out.finish()
}

/// What stands for a backslash and the first bytes behind it, and how many these are.
fn unescape(behind: &str) -> (String, usize) {
    let one = |c: char| (c.to_string(), 1);
    match behind.bytes().next() {
        Some(b'a') => one('\u{7}'),
        Some(b'b') => one('\u{8}'),
        Some(b'f') => one('\u{c}'),
        Some(b'n') => one('\n'),
        Some(b'r') => one('\r'),
        Some(b't') => one('\t'),
        Some(b'v') => one('\u{b}'),
        Some(b'\\') => one('\\'),
        // It is no variable then.
        Some(b'$') => ("$$".to_owned(), 1),
        Some(b'0') => {
            let digits = behind[1..]
                .bytes()
                .take(3)
                .take_while(u8::is_ascii_digit)
                .count();
            let code = &behind[1..=digits];
            let number = u8::from_str_radix(code, 8).ok().filter(|_| digits == 3);
            let made = number.map_or_else(|| format!("\\{code}"), |n| char::from(n).to_string());
            (made, 1 + digits)
        }
        _ => ("\\".to_owned(), 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;

    #[test]
    fn values_are_read_with_their_places() {
        let text = "\u{feff}# c\nA=1\r\nexport B = two words # c\nC='$A #x'\nD=\"a\\n$A\"\nE=${A}s\nF=\nG\n!bad\nH=\"two\nlines\"\nI=x#y\n";
        let mut sources = Sources::default();
        let file = sources.add(".env", text);
        let mut environment = Environment::default();
        let problems = read(
            file,
            sources.get(file),
            &Environment::default(),
            &mut environment,
        );
        let value = |name: &str| environment.get(name).map(|v| v.text.as_str());
        assert_eq!(value("A"), Some("1"));
        assert_eq!(value("B"), Some("two words"));
        assert_eq!(value("C"), Some("$A #x"));
        assert_eq!(value("D"), Some("a\n1"));
        assert_eq!(value("E"), Some("1s"));
        assert_eq!(value("F"), Some(""));
        assert_eq!(value("G"), None);
        assert_eq!(value("H"), Some("two\nlines"));
        assert_eq!(value("I"), Some("x#y"));
        assert_eq!(
            sources.text(environment.get("B").expect("B").span),
            "two words"
        );
        assert!(environment.get("B").expect("B").verbatim);
        assert!(!environment.get("E").expect("E").verbatim);
        assert_eq!(problems.len(), 1);
        assert_eq!(sources.start(problems[0].span).line, 9);
    }

    fn values_of(text: &str) -> Option<Vec<(String, String)>> {
        let mut sources = Sources::default();
        let file = sources.add(".env", text);
        let none = Environment::default().complete();
        let (values, problems) = read_values(file, text, &none, &none);
        let values = values.into_iter().map(|(name, value)| (name, value.text));
        problems.is_empty().then(|| values.collect())
    }

    /// Each as docker compose 2.40.3 reads it.
    #[test]
    fn quotes_escapes_and_comments_are_read_as_docker_reads_them() {
        for (text, expected) in [
            ("A= #x\n", "#x"),
            ("A=x\t#y\n", "x\t#y"),
            ("A=x #y\n", "x"),
            ("A='a\\'b'\n", "a'b"),
            ("A='a\\\\'\n", "a\\\\"),
            ("A=\"a\\\\\"\n", "a\\"),
            ("A=\"\\u0041\"\n", "\\u0041"),
            ("A=\"\\a\"\n", "\u{7}"),
            ("A=\"\\0101\"\n", "A"),
            ("A=\"\\'\"\n", "\\'"),
            ("A=\"a\\\nb\"\n", "a\\\nb"),
            ("A=\"\\$B\"\n", "$B"),
            ("export\tA=1\n", "1"),
            ("A: x\n", "x"),
            ("A=${B:-q}\n", "q"),
        ] {
            let expected = vec![("A".to_owned(), expected.to_owned())];
            assert_eq!(values_of(text), Some(expected), "{text}");
        }
        let two = vec![("A", "x"), ("B", "2")];
        let two: Vec<_> = two.into_iter().map(|(a, b)| (a.into(), b.into())).collect();
        assert_eq!(values_of("A=\"x\" # c\nB=2\n"), Some(two));
        // A last line without an end has no name.
        assert_eq!(values_of("A"), Some(vec![(String::new(), "A".to_owned())]));
        for text in [
            "A=\"x\n",
            "A='x\n",
            "A B=1\n",
            "A=\"x\" \"y\"\n",
            "A=${B:?no}\n",
            "!\n",
        ] {
            assert_eq!(values_of(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_set_around_wins_where_a_file_uses_it_and_files_win_over_those_before() {
        let mut sources = Sources::default();
        let one = sources.add("one.env", "A=one\n");
        let two = sources.add("two.env", "A=two\nB=$A$C\nC=two\n");
        let mut around = Environment::default();
        let span = Span::new(one, 0..0);
        let text = "around".to_owned();
        let variable = Variable {
            text,
            span,
            verbatim: false,
        };
        around.set("C", variable);
        let mut environment = Environment::default();
        for file in [one, two] {
            assert!(read(file, sources.get(file), &around, &mut environment).is_empty());
        }
        assert_eq!(environment.get("B").expect("B").text, "twoaround");
        assert_eq!(environment.get("C").expect("C").text, "two");
    }
}
