//! From the text of a Dockerfile to the image of one of its stages.

use super::{Command, Copied, Image, ImageCheck, ImageHealth, Number, Word};
use crate::duration::{self, Seconds};
use crate::source::{Mapped, Span, paths};
use parse_dockerfile::{
    Command as Parsed, FromInstruction, HealthcheckArguments, HealthcheckInstruction, Instruction,
    Source, UnescapedString,
};
use std::collections::HashMap;
use std::ops::Range;

/// Longer values are not followed, so that doubling one again and again costs nothing.
const LENGTH: usize = 4096;

/// What a variable holds; `None` where that is not known.
type Variables = HashMap<String, Option<String>>;

/// Reads the stage `target`, or the last one, with these build arguments (`None`: given, but not known).
///
/// # Errors
/// A sentence, with its place, on why it is no Dockerfile, or that it has no such stage.
pub fn read(
    text: &Mapped,
    target: Option<&str>,
    arguments: &[(String, Option<String>)],
) -> Result<Image, (String, Span)> {
    // Docker passes over a byte order mark, and the parser counts from behind it.
    let shift = text.text().len() - text.text().trim_start_matches('\u{feff}').len();
    let parsed = parse_dockerfile::parse(text.text()).map_err(|error| {
        let line = error.line().saturating_sub(1);
        let lines = text.text().split_inclusive('\n');
        let start: usize = lines.take(line).map(str::len).sum();
        let place = start.min(text.text().len());
        (error.to_string(), text.span(place..place))
    })?;
    let given: Variables = arguments.iter().cloned().collect();
    let mut globals = Variables::new();
    for argument in parsed.global_args() {
        declare(&argument.arguments.value, &given, &mut globals);
    }
    let around = Around {
        reader: Reader { text, shift },
        globals: &globals,
        given: &given,
    };
    let mut stages: Vec<Stage> = Vec::new();
    for parsed in parsed.stages() {
        let mut stage = Stage::based_on(parsed.from, &stages, &globals);
        for instruction in parsed.instructions {
            stage.take(instruction, &around);
        }
        stages.push(stage);
    }
    let found = match target {
        None => stages.pop(),
        Some(target) => {
            let index = target.parse::<usize>().ok();
            let target = target.to_lowercase();
            let mut named = stages.iter();
            let index = named
                .position(|stage| stage.name.as_ref() == Some(&target))
                .or(index.filter(|index| *index < stages.len()));
            index.map(|index| stages.swap_remove(index))
        }
    };
    let missing = || {
        let target = target.unwrap_or_default();
        (format!("there is no stage `{target}`"), text.span(0..0))
    };
    found.map(|stage| stage.image).ok_or_else(missing)
}

/// What all stages see.
struct Around<'a> {
    reader: Reader<'a>,
    /// The arguments from before the first stage.
    globals: &'a Variables,
    /// The arguments of the build.
    given: &'a Variables,
}

/// A stage that is being read.
struct Stage {
    /// In lower case, as they are compared.
    name: Option<String>,
    image: Image,
    variables: Variables,
    /// Whether it has a `CMD` of its own.
    has_command: bool,
}

impl Stage {
    /// What it begins with: an earlier stage, or an image of others.
    fn based_on(from: &FromInstruction, stages: &[Self], globals: &Variables) -> Self {
        let name = expand(&from.image.value, globals);
        let name = name.unwrap_or_else(|| from.image.value.to_string());
        let lower = name.to_lowercase();
        let below = stages
            .iter()
            .find(|stage| stage.name.as_ref() == Some(&lower));
        let (image, variables) = if let Some(stage) = below {
            let image = stage.image.clone();
            // Arguments end with their stage.
            let variables = image.environment.iter().cloned().collect();
            (image, variables)
        } else {
            let is_empty = name == "scratch";
            let image = Image {
                folder: is_empty.then(|| "/".to_owned()),
                base: Some(name).filter(|_| !is_empty),
                ..Image::default()
            };
            (image, Variables::new())
        };
        let own = from.as_.as_ref().map(|(_, name)| name.value.to_lowercase());
        Self {
            name: own,
            image,
            variables,
            has_command: false,
        }
    }

    fn take(&mut self, instruction: &Instruction, around: &Around) {
        let (image, reader) = (&mut self.image, &around.reader);
        match instruction {
            Instruction::Arg(argument) => self.argument(&argument.arguments.value, around),
            Instruction::Env(env) => {
                for (name, value) in pairs(&env.arguments.value) {
                    let value = expand(&value, &self.variables);
                    self.variables.insert(name.clone(), value.clone());
                    image.environment.push((name, value));
                }
            }
            Instruction::Workdir(workdir) => {
                let path = expand(&workdir.arguments.value, &self.variables);
                image.folder = path.and_then(|path| match &image.folder {
                    Some(folder) => Some(paths::absolute(folder, &path)),
                    None => path.starts_with('/').then(|| paths::absolute("", &path)),
                });
            }
            Instruction::Copy(copy)
                if copy.options.iter().all(|flag| flag.name.value != "from") =>
            {
                self.copies(&copy.src, &copy.dest);
            }
            Instruction::Add(add) => self.copies(&add.src, &add.dest),
            Instruction::Entrypoint(entrypoint) => {
                image.entrypoint = Some(reader.command(&entrypoint.arguments));
                if !self.has_command {
                    // What the stage below says of arguments went with its entrypoint.
                    image.command = None;
                }
            }
            Instruction::Cmd(command) => {
                image.command = Some(reader.command(&command.arguments));
                self.has_command = true;
            }
            Instruction::Healthcheck(check) => image.health = Some(reader.health(check)),
            _ => {}
        }
    }

    /// `ARG`: one without a value takes over that from before the first stage. `ENV` wins over it.
    fn argument(&mut self, text: &str, around: &Around) {
        let mut own = Variables::new();
        declare(text, around.given, &mut own);
        for (name, value) in own {
            let value = value.or_else(|| around.globals.get(&name).cloned().flatten());
            let environment = &self.image.environment;
            if !environment.iter().any(|(known, _)| *known == name) {
                self.variables.insert(name, value);
            }
        }
    }

    fn copies(&mut self, sources: &[Source], destination: &UnescapedString) {
        let image = &mut self.image;
        let Some(to) = expand(&destination.value, &self.variables) else {
            return;
        };
        let absolute = match &image.folder {
            Some(folder) => paths::absolute(folder, &to),
            None if to.starts_with('/') => paths::absolute("", &to),
            None => return,
        };
        let into = to.ends_with('/') || to.ends_with("/.") || to == "." || sources.len() > 1;
        for source in sources {
            let Source::Path(path) = source else {
                continue;
            };
            let from = expand(&path.value, &self.variables)
                .filter(|from| !from.contains("://"))
                .and_then(|from| paths::join("", from.trim_start_matches('/')));
            image.copies.extend(from.map(|from| Copied {
                from,
                to: absolute.trim_end_matches('/').to_owned(),
                into,
            }));
        }
    }
}

/// Where things stand in the file.
struct Reader<'a> {
    text: &'a Mapped,
    shift: usize,
}

impl Reader<'_> {
    fn span(&self, range: &Range<usize>) -> Span {
        self.text
            .span(range.start + self.shift..range.end + self.shift)
    }

    fn word(&self, text: &str, range: &Range<usize>) -> Word {
        let range = range.start + self.shift..range.end + self.shift;
        Word {
            text: text.to_owned(),
            span: self.text.span(range.clone()),
            verbatim: self.text.text().get(range.clone()) == Some(text)
                && self.text.is_verbatim(range),
        }
    }

    fn command(&self, parsed: &Parsed) -> Command {
        match parsed {
            Parsed::Exec(words) => Command {
                words: words
                    .value
                    .iter()
                    .map(|word| self.word(&word.value, &word.span))
                    .collect(),
                span: self.span(&words.span),
            },
            Parsed::Shell(text) => {
                let made = |word: &str| Word {
                    text: word.to_owned(),
                    span: self.span(&text.span),
                    verbatim: false,
                };
                Command {
                    words: vec![
                        made("/bin/sh"),
                        made("-c"),
                        self.word(text.value, &text.span),
                    ],
                    span: self.span(&text.span),
                }
            }
            _ => Command {
                words: Vec::new(),
                span: self.text.span(0..0),
            },
        }
    }

    fn health(&self, check: &HealthcheckInstruction) -> ImageHealth {
        let (end, test) = match &check.arguments {
            HealthcheckArguments::Cmd { arguments, .. } => match arguments {
                Parsed::Exec(words) => {
                    let texts = words.value.iter().map(|word| word.value.to_string());
                    let test = std::iter::once("CMD".to_owned()).chain(texts);
                    (words.span.end, test.collect())
                }
                Parsed::Shell(text) => (
                    text.span.end,
                    vec!["CMD-SHELL".to_owned(), text.value.to_owned()],
                ),
                _ => (check.healthcheck.span.end, Vec::new()),
            },
            HealthcheckArguments::None { none, .. } => {
                let whole = check.healthcheck.span.start..none.span.end;
                return ImageHealth::None(self.span(&whole));
            }
            _ => (check.healthcheck.span.end, Vec::new()),
        };
        let option = |name: &str| {
            let flag = check.options.iter().find(|flag| flag.name.value == name)?;
            flag.value.as_ref()
        };
        let length = |name: &str| {
            let written = option(name)?;
            let value = duration::parse(&written.value).ok()?;
            (value > Seconds::ZERO).then(|| Number {
                value,
                span: self.span(&written.span),
            })
        };
        let retries = option("retries").and_then(|written| {
            let value: u64 = written.value.parse().ok()?;
            (value > 0).then(|| Number {
                value,
                span: self.span(&written.span),
            })
        });
        ImageHealth::Check(Box::new(ImageCheck {
            span: self.span(&(check.healthcheck.span.start..end)),
            test,
            interval: length("interval"),
            timeout: length("timeout"),
            start_period: length("start-period"),
            start_interval: length("start-interval"),
            retries,
        }))
    }
}

/// `ARG name=value`: what is given from outside wins.
fn declare(text: &str, given: &Variables, variables: &mut Variables) {
    for (name, value) in pairs(text) {
        let own = match given.get(&name) {
            Some(given) => given.clone(),
            None => expand(&value, variables).filter(|_| text.contains('=')),
        };
        variables.insert(name, own);
    }
}

/// The pairs of `A=1 B="two words"`, or the one of `A two words`. A name alone has an empty value.
fn pairs(text: &str) -> Vec<(String, String)> {
    let text = text.trim();
    let first = text
        .split([' ', '\t', '='])
        .next()
        .unwrap_or_default()
        .to_owned();
    let behind = &text[first.len()..];
    if !behind.starts_with('=') && !first.is_empty() {
        return vec![(first, behind.trim().to_owned())];
    }
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((name, behind)) = rest.split_once('=') {
        let (value, length) = word(behind);
        found.push((name.trim().to_owned(), value));
        rest = behind[length..].trim_start();
    }
    found
}

/// The first word of a text without its quotes, and how long it was with them. Backslashes stay, for [`expand`].
fn word(text: &str) -> (String, usize) {
    let (mut word, mut quote, mut escaped) = (String::new(), None, false);
    for (at, c) in text.char_indices() {
        match (c, quote) {
            (c, _) if escaped => {
                escaped = false;
                word.push(c);
            }
            ('\\', _) => {
                escaped = true;
                word.push(c);
            }
            (c, Some(open)) if c == open => quote = None,
            ('"' | '\'', None) => quote = Some(c),
            (c, None) if c.is_whitespace() => return (word, at),
            (c, _) => word.push(c),
        }
    }
    (word, text.len())
}

/// Puts in `$NAME`, `${NAME}`, `${NAME:-word}` and `${NAME:+word}`; `None` where something is not known.
fn expand(text: &str, variables: &Variables) -> Option<String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['$', '\\']) {
        out.push_str(&rest[..at]);
        let behind = &rest[at + 1..];
        if rest[at..].starts_with('\\') {
            let escaped = behind.chars().next()?;
            out.push(escaped);
            rest = &behind[escaped.len_utf8()..];
            continue;
        }
        let name_end = |text: &str| {
            let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            end.unwrap_or(text.len())
        };
        if let Some(braced) = behind.strip_prefix('{') {
            let end = braced.find('}')?;
            let (inside, after) = (&braced[..end], &braced[end + 1..]);
            let (name, operator) = inside.split_at(name_end(inside));
            let held = variables.get(name).cloned();
            out.push_str(&match (operator.get(..2), held) {
                (None, held) if operator.is_empty() => held?.unwrap_or_default(),
                (Some(":-"), Some(Some(held))) if !held.is_empty() => held,
                (Some(":-"), _) => operator[2..].to_owned(),
                (Some(":+"), Some(Some(held))) if !held.is_empty() => operator[2..].to_owned(),
                (Some(":+"), Some(_) | None) => String::new(),
                _ => return None,
            });
            rest = after;
        } else {
            let end = name_end(behind);
            out.push_str(&variables.get(&behind[..end]).cloned()??);
            rest = &behind[end..];
        }
        if out.len() > LENGTH {
            return None;
        }
    }
    out.push_str(rest);
    Some(out)
}
