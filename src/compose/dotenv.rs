//! `.env` files: `NAME=value` lines with quotes, comments and `export`, as compose-go's `dotenv` reads them.

use super::interpolate::{Environment, Interpolation, Uses, Variable};
use crate::source::{FileId, Mapped, MappedBuilder, SourceFile, Span};
use crate::yaml::Problem;
use std::collections::HashSet;
use std::ops::Range;

/// Reads the variables of a file into `environment`; those that stand further up can be used further down.
///
/// What is no assignment is reported and passed over.
pub fn read(file: FileId, source: &SourceFile, environment: &mut Environment) -> Vec<Problem> {
    source.conceal();
    let text = source.text();
    each(file, text, |name, raw| {
        // A name alone takes the value of the caller's environment, which is set already or not read.
        if let Some(raw) = raw {
            let value = value(file, text, raw, environment);
            environment.set(name, value);
        }
    })
}

/// The variables of a service's env file, in the order of the text. Where the file itself uses a variable, what is set around
/// it wins over the file, and the file over what stands `below`; a name alone takes the value of one of these.
pub(super) fn read_values(
    file: FileId,
    text: &str,
    around: &Environment,
    below: &Environment,
) -> (Vec<(String, Variable)>, Vec<Problem>) {
    let mut scope = around.clone();
    scope.extend_missing(below);
    let mut own: HashSet<String> = HashSet::new();
    let mut values = Vec::new();
    let problems = each(file, text, |name, raw| {
        let value = match raw {
            None => scope.get(name).cloned(),
            Some(raw) => Some(value(file, text, raw, &scope)),
        };
        let Some(value) = value else {
            return;
        };
        if around.get(name).is_none() || own.contains(name) {
            own.insert(name.to_owned());
            scope.set(name, value.clone());
        }
        values.push((name.to_owned(), value));
    });
    (values, problems)
}

/// The lines of an env file of `format: raw`: no quotes, no variables (docker/cli v28, `pkg/kvfile`).
pub(super) fn read_raw(file: FileId, text: &str, around: &Environment) -> Vec<(String, Variable)> {
    let mut values = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let content = line.trim_end_matches(['\n', '\r']);
        let content = content.trim_start_matches(['\u{feff}', ' ', '\t']);
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        let Some((name, value)) = content.split_once('=') else {
            let known = around.get(content.trim()).cloned();
            values.extend(known.map(|known| (content.trim().to_owned(), known)));
            continue;
        };
        let end = start + line.trim_end_matches(['\n', '\r']).len();
        let variable = Variable {
            text: value.to_owned(),
            span: Span::new(file, end - value.len()..end),
            verbatim: true,
        };
        values.push((name.to_owned(), variable));
    }
    values
}

/// Calls `found` with each name and its value, if it has one; what is no assignment comes back.
fn each(file: FileId, text: &str, mut found: impl FnMut(&str, Option<&RawValue>)) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut at = if text.starts_with('\u{feff}') { 3 } else { 0 };
    while at < text.len() {
        let line_end = text[at..].find('\n').map_or(text.len(), |n| at + n);
        let line = at..line_end;
        at = line_end + 1;
        match assignment(text, line) {
            Ok(None) => {}
            Ok(Some((name, None))) => found(name, None),
            Ok(Some((name, Some(value)))) => {
                // A quoted value may go on over the next lines.
                at = at.max(
                    text[value.end..]
                        .find('\n')
                        .map_or(text.len(), |n| value.end + n + 1),
                );
                found(name, Some(&value));
            }
            Err(range) => problems.push(Problem {
                span: Span::new(file, range),
                message: "this line sets no variable: write NAME=value, or # before it".to_owned(),
            }),
        }
    }
    problems
}

/// A value's bytes without its quotes.
struct RawValue {
    range: Range<usize>,
    end: usize,
    quote: Option<u8>,
}

type Assignment<'a> = (&'a str, Option<RawValue>);

fn assignment(text: &str, line: Range<usize>) -> Result<Option<Assignment<'_>>, Range<usize>> {
    let content = text[line.clone()].trim();
    if content.is_empty() || content.starts_with('#') {
        return Ok(None);
    }
    let start = line.start + text[line.clone()].find(content).unwrap_or(0);
    let content = content
        .strip_prefix("export ")
        .map_or(content, str::trim_start);
    let separator = content.find(['=', ':']);
    let name = content[..separator.unwrap_or(content.len())].trim();
    let is_name = |c: char| c.is_alphanumeric() || "_.-[]".contains(c);
    if name.is_empty() || !name.chars().all(is_name) {
        return Err(start..start + content.len());
    }
    let Some(separator) = separator else {
        return Ok(Some((name, None)));
    };
    let value_at = content.as_ptr() as usize - text.as_ptr() as usize + separator + 1;
    let rest = &text[value_at..line.end];
    let value_at = value_at + rest.len() - rest.trim_start_matches([' ', '\t']).len();
    Ok(Some((name, Some(raw_value(text, value_at, line.end)))))
}

fn raw_value(text: &str, at: usize, line_end: usize) -> RawValue {
    let quote = text
        .as_bytes()
        .get(at)
        .copied()
        .filter(|b| matches!(b, b'\'' | b'"') && at < line_end);
    if let Some(quote) = quote
        && let Some(end) = closing_quote(text, at + 1, quote)
    {
        return RawValue {
            range: at + 1..end,
            end: end + 1,
            quote: Some(quote),
        };
    }
    let value = &text[at..line_end.max(at)];
    let comment = value.find(" #").or_else(|| value.find("\t#"));
    let value = if value.starts_with('#') {
        ""
    } else {
        &value[..comment.unwrap_or(value.len())]
    };
    let length = value.trim_end().len();
    RawValue {
        range: at..at + length,
        end: at + length,
        quote: None,
    }
}

fn closing_quote(text: &str, from: usize, quote: u8) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = from;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if quote == b'"' => at += 1,
            byte if byte == quote => return Some(at),
            _ => {}
        }
        at += 1;
    }
    None
}

fn value(file: FileId, text: &str, value: &RawValue, environment: &Environment) -> Variable {
    let span = Span::new(file, value.range.clone());
    let mapped = unescaped(file, text, value);
    let raw = mapped.text().to_owned();
    // Inside an env file an unset variable is just empty.
    let filled = if value.quote == Some(b'\'') || !raw.contains('$') {
        raw
    } else {
        let filled = Interpolation::run(&mapped, environment, &mut Uses::default());
        filled.map_or(raw, |filled| filled.text)
    };
    let verbatim = filled == text[value.range.clone()];
    Variable {
        text: filled,
        span,
        verbatim,
    }
}

fn unescaped(file: FileId, text: &str, value: &RawValue) -> Mapped {
    let mut out = MappedBuilder::new(file);
    let mut at = value.range.start;
    while at < value.range.end {
        let rest = &text[at..value.range.end];
        let escape = rest.find('\\').filter(|_| value.quote == Some(b'"'));
        let plain = &rest[..escape.unwrap_or(rest.len())];
        out.push_verbatim(plain, at);
        at += plain.len();
        if escape.is_some() {
            let c = rest[plain.len() + 1..].chars().next().unwrap_or('\\');
            let made = match c {
                'n' => "\n".to_owned(),
                'r' => "\r".to_owned(),
                't' => "\t".to_owned(),
                // It is no variable then.
                '$' => "$$".to_owned(),
                other => other.to_string(),
            };
            let end = (at + 1 + c.len_utf8()).min(value.range.end);
            out.push_made(&made, at..end);
            at = end;
        }
    }
    out.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;

    #[test]
    fn values_are_read_with_their_places() {
        let text = "\u{feff}# c\nA=1\r\nexport B = two words # c\nC='$A #x'\nD=\"a\\n$A\"\nE=${A}s\nF=\nG\n=bad\nH=\"two\nlines\"\nI=x#y\n";
        let mut sources = Sources::default();
        let file = sources.add(".env", text);
        let mut environment = Environment::default();
        let problems = read(file, sources.get(file), &mut environment);
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
}
