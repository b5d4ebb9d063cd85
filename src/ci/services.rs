//! `services:` of a GitHub job: containers that the runner starts before the first step, and waits for until Docker has
//! its verdict on each that has a healthcheck (actions/runner v2.336.0, `ContainerOperationProvider.cs`).

use super::Scope;
use super::reader::Reader;
use crate::source::{Mapped, Span};
use crate::yaml::NodeId;

/// A service container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceContainer {
    /// Its key.
    pub name: String,
    /// Its image, if it is known.
    pub image: Option<String>,
    /// Where its image is written.
    pub image_span: Span,
    /// Where its options stand; without options, its key's value.
    pub span: Span,
    /// The `--health-*` options, in the order in which they are written; later ones win.
    pub health: Vec<HealthOption>,
    /// `--no-healthcheck`
    pub disabled: bool,
}

/// `--health-interval 10s`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HealthOption {
    /// What it sets: `cmd`, `interval`, `timeout`, `retries`, `start-period`, `start-interval`.
    pub name: String,
    /// The value; `None` where only the run will tell.
    pub value: Option<String>,
    /// The value's bytes.
    pub span: Span,
}

impl ServiceContainer {
    /// The option that counts.
    pub fn option(&self, name: &str) -> Option<&HealthOption> {
        self.health.iter().rev().find(|option| option.name == name)
    }
}

/// Reads the services of a job.
pub(super) fn read(reader: &Reader<'_>, job: NodeId, scope: &Scope) -> Vec<ServiceContainer> {
    let Some(services) = reader.get(job, "services") else {
        return Vec::new();
    };
    let read = |(name, service): (&str, NodeId)| {
        let options = reader.get(service, "options");
        let text = options.and_then(|options| reader.mapped(options));
        let (health, disabled) = text.map_or((Vec::new(), false), |text| options_of(&text, scope));
        let image_node = reader.get(service, "image").unwrap_or(service);
        let image = reader.mapped(image_node).map(|image| scope.fill(&image));
        ServiceContainer {
            name: name.to_owned(),
            image: image.and_then(|image| Some(image.single()?.text.clone())),
            image_span: reader.span(image_node),
            span: reader.span(options.unwrap_or(service)),
            health,
            disabled,
        }
    };
    reader.entries(services).map(read).collect()
}

/// The `--health-*` options of `docker create`, and whether there is a `--no-healthcheck`.
fn options_of(text: &Mapped, scope: &Scope) -> (Vec<HealthOption>, bool) {
    let mut health = Vec::new();
    let mut disabled = false;
    let words = words(text);
    let mut at = 0;
    while let Some(word) = words.get(at) {
        at += 1;
        disabled |= word.text == "--no-healthcheck";
        let Some(option) = word.text.strip_prefix("--health-") else {
            continue;
        };
        let (name, value, span) = if let Some((name, value)) = option.split_once('=') {
            let span = text.span(word.tail(text.text(), value));
            (name, value.to_owned(), span)
        } else {
            let Some(next) = words.get(at) else { break };
            at += 1;
            (option, next.text.clone(), text.span(next.inner.clone()))
        };
        let value = if value.contains("${{") {
            let expression = value
                .trim()
                .trim_start_matches("${{")
                .trim_end_matches("}}");
            scope
                .evaluate(expression.trim())
                .least()
                .map(|g| g.text.clone())
        } else {
            Some(value)
        };
        health.push(HealthOption {
            name: name.to_owned(),
            value,
            span,
        });
    }
    (health, disabled)
}

struct Word {
    text: String,
    /// Its bytes, a pair of quotes around all of it left out.
    inner: std::ops::Range<usize>,
}

impl Word {
    /// The bytes of `value`, which is its end; all of its bytes where quotes stand in it.
    fn tail(&self, all: &str, value: &str) -> std::ops::Range<usize> {
        let tail = self.inner.end.saturating_sub(value.len())..self.inner.end;
        if all.get(tail.clone()) == Some(value) {
            tail
        } else {
            self.inner.clone()
        }
    }
}

/// The words of an options line, as .NET's process start splits them: by blanks, quotes keep them together.
fn words(text: &Mapped) -> Vec<Word> {
    let bytes = text.text();
    let mut words = Vec::new();
    let mut current: Option<(String, usize)> = None;
    let mut quote = None;
    let mut in_expression = false;
    for (at, c) in bytes.char_indices() {
        in_expression |= bytes[at..].starts_with("${{");
        let is_quote = matches!(c, '"' | '\'') && !in_expression;
        match quote {
            Some(open) if c == open => quote = None,
            None if is_quote => {
                quote = Some(c);
                current.get_or_insert((String::new(), at));
            }
            None if c.is_whitespace() && !in_expression => {
                words.extend(current.take().map(|word| finished(bytes, word, at)));
            }
            _ => current.get_or_insert((String::new(), at)).0.push(c),
        }
        in_expression &= !bytes[..at + c.len_utf8()].ends_with("}}");
    }
    words.extend(current.map(|word| finished(bytes, word, bytes.len())));
    words
}

fn finished(all: &str, (text, start): (String, usize), end: usize) -> Word {
    let written = &all[start..end];
    let quotes = ['"', '\''];
    let is_quoted =
        written.len() == text.len() + 2 && written.starts_with(quotes) && written.ends_with(quotes);
    let inner = if is_quoted {
        start + 1..end - 1
    } else {
        start..end
    };
    Word { text, inner }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;
    use crate::yaml;

    #[test]
    fn health_options_are_found_with_their_places() {
        let text = "services:\n  db:\n    image: postgres:16\n    options: >-\n      --health-cmd \"pg_isready -U postgres\"\n      --health-interval=10s\n      --health-retries 5 --health-timeout ${{ matrix.timeout }}\n  cache: redis\n";
        let mut sources = Sources::default();
        let file = sources.add("x.yml", text);
        let tree = yaml::parse(file, text).expect("YAML");
        let reader = Reader {
            tree: &tree,
            file: sources.get(file),
        };
        let services = read(&reader, tree.documents()[0], &Scope::default());
        let [db, cache] = services.as_slice() else {
            panic!("two services");
        };
        assert_eq!(db.image.as_deref(), Some("postgres:16"));
        let told = |name: &str| {
            let option = db.option(name)?;
            Some((option.value.as_deref(), sources.text(option.span)))
        };
        let cmd = "pg_isready -U postgres";
        assert_eq!(told("cmd"), Some((Some(cmd), cmd)));
        assert_eq!(told("interval"), Some((Some("10s"), "10s")));
        assert_eq!(told("retries"), Some((Some("5"), "5")));
        assert_eq!(told("timeout"), Some((None, "${{ matrix.timeout }}")));
        assert_eq!(told("start-period"), None);
        assert_eq!(cache.image.as_deref(), Some("redis"));
        // Letters of more than a byte, in and beside quotes.
        let odd =
            "services:\n  db:\n    options: --nameé --health-cmd='é' --health-retries \"5\"é é\n";
        let file = sources.add("y.yml", odd);
        let tree = yaml::parse(file, odd).expect("YAML");
        let reader = Reader {
            tree: &tree,
            file: sources.get(file),
        };
        let services = read(&reader, tree.documents()[0], &Scope::default());
        let told = |name: &str| {
            let option = services[0].option(name)?;
            Some((option.value.as_deref(), sources.text(option.span)))
        };
        assert_eq!(told("cmd"), Some((Some("é"), "--health-cmd='é'")));
        assert_eq!(told("retries"), Some((Some("5é"), "\"5\"é")));
        assert!(cache.health.is_empty());
    }
}
