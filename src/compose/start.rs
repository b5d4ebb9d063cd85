//! The typed view of how a container is made and what runs in it.

use super::print::words;
use super::value::{Data, Value};
use crate::source::{FileId, Span};

/// How the container of a service is made and started, as far as the compose files say.
#[derive(Clone, Debug, Default)]
pub struct Start {
    /// `build`
    pub build: Option<Build>,
    /// `entrypoint`
    pub entrypoint: Option<Value>,
    /// `command`
    pub command: Option<Value>,
    /// `working_dir`, where it is known.
    pub folder: Option<String>,
    /// `environment`, in the order of writing.
    pub environment: Vec<Variable>,
    /// Files and folders of the host that the container sees.
    pub mounts: Vec<Mount>,
}

/// `build`
#[derive(Clone, Debug)]
pub struct Build {
    /// The folder that the image is built of, as it is written, and the file that writes it; `None` where it is not known.
    pub context: Option<Written>,
    /// The Dockerfile, seen from there; `None` for the usual one.
    pub dockerfile: Option<String>,
    /// A Dockerfile in the compose file itself.
    pub inline: Option<Value>,
    /// The stage that is built; the last one where none is written.
    pub target: Option<String>,
    /// Build arguments; `None` where one is not known.
    pub arguments: Vec<(String, Option<String>)>,
    /// The names in `additional_contexts`: what stands there takes the place of a base image of that name.
    pub contexts: Vec<String>,
}

/// A path, and the file whose folder it counts from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// As it is written.
    pub path: String,
    /// The compose file.
    pub file: FileId,
}

/// A bind mount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    /// On the host.
    pub source: Written,
    /// In the container.
    pub target: String,
}

/// A variable of the container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Its value; `None` where that is not known.
    pub value: Option<String>,
    /// Where just this value stands, if it stands somewhere.
    pub span: Option<Span>,
}

/// A word of a command.
#[derive(Clone, Debug)]
pub struct CommandWord<'a> {
    /// The text; `None` where it hangs on what is not set.
    pub text: Option<String>,
    /// What it is written in.
    pub value: &'a Value,
    /// Whether it is all of that.
    pub whole: bool,
}

/// The view of a service; `None` where only its image is named.
pub(super) fn start(service: &Value) -> Option<Box<Start>> {
    let given = |key: &str| service.get(key).filter(|value| !value.is_null());
    let (build, entrypoint, command) = (given("build"), given("entrypoint"), given("command"));
    if build.is_none() && entrypoint.is_none() && command.is_none() {
        return None;
    }
    let mounts = service.get("volumes").map(Value::items).unwrap_or_default();
    Some(Box::new(Start {
        build: build.map(read_build),
        entrypoint: entrypoint.cloned(),
        command: command.cloned(),
        folder: service
            .get("working_dir")
            .and_then(Value::text)
            .map(str::to_owned),
        environment: service
            .get("environment")
            .map(variables)
            .unwrap_or_default(),
        mounts: mounts.iter().filter_map(mount).collect(),
    }))
}

fn read_build(build: &Value) -> Build {
    let text = |key: &str| build.get(key).and_then(Value::text).map(str::to_owned);
    let context = match build.get("context") {
        None => Some((".", build.span.file)),
        Some(context) => context.text().map(|text| (text, context.span.file)),
    };
    let arguments = build.get("args").map(variables).unwrap_or_default();
    let contexts = build.get("additional_contexts").map(variables);
    let contexts = contexts.unwrap_or_default().into_iter();
    Build {
        context: context.map(|(path, file)| Written {
            path: path.to_owned(),
            file,
        }),
        dockerfile: text("dockerfile"),
        inline: build.get("dockerfile_inline").cloned(),
        target: text("target"),
        arguments: arguments
            .into_iter()
            .map(|variable| (variable.name, variable.value))
            .collect(),
        contexts: contexts.map(|context| context.name).collect(),
    }
}

/// A map, or a list of `NAME=value`. A name alone is taken over from outside.
fn variables(value: &Value) -> Vec<Variable> {
    match &value.data {
        Data::Mapping(mapping) => {
            let fields = mapping.fields.iter();
            let variables = fields.map(|(name, field)| Variable {
                name: name.to_string(),
                value: field.value.text().map(str::to_owned),
                span: field.value.text().map(|_| field.value.place()),
            });
            variables.collect()
        }
        Data::Sequence(items) => {
            let read = |item: &Value| {
                let written = item.text()?;
                let (name, text) = written.split_once('=').unwrap_or((written, ""));
                let is_set = written.len() > name.len();
                // Only where the bytes are the text it is known which of them are the value.
                let is_plain = item.pieces().is_empty() && item.span.len() == written.len();
                let span = (is_set && is_plain).then(|| {
                    let range = item.span.range();
                    Span::new(item.span.file, range.start + name.len() + 1..range.end)
                });
                Some(Variable {
                    name: name.to_owned(),
                    value: is_set.then(|| text.to_owned()),
                    span,
                })
            };
            items.iter().filter_map(read).collect()
        }
        Data::Null | Data::Scalar(_) => Vec::new(),
    }
}

/// A bind mount in its long form, or in the short one that still says `./a:/b:ro`.
fn mount(volume: &Value) -> Option<Mount> {
    let (source, target) = if let Some(text) = volume.text() {
        let mut parts = text.split(':');
        (parts.next()?.to_owned(), parts.next()?.to_owned())
    } else {
        let text = |key: &str| volume.get(key).and_then(Value::text).map(str::to_owned);
        text("type").filter(|kind| kind == "bind")?;
        (text("source")?, text("target")?)
    };
    source.starts_with(['.', '/', '~']).then_some(Mount {
        source: Written {
            path: source,
            file: volume.span.file,
        },
        target,
    })
}

/// The words of `entrypoint` or `command`, as Docker splits a text; `None` where that cannot be told.
pub fn command_words(value: &Value) -> Option<Vec<CommandWord<'_>>> {
    match &value.data {
        Data::Sequence(items) => {
            let word = |item| CommandWord {
                text: Value::text(item).map(str::to_owned),
                value: item,
                whole: true,
            };
            Some(items.iter().map(word).collect())
        }
        Data::Scalar(_) => {
            let split = words(value.text()?)?;
            let word = |text| CommandWord {
                text: Some(text),
                value,
                whole: false,
            };
            Some(split.into_iter().map(word).collect())
        }
        Data::Null | Data::Mapping(_) => None,
    }
}
