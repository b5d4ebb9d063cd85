//! Why some files are taken for a stack.

use crate::source::{Sources, Span};

/// Why some files are taken for a stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// They were named on the command line.
    Given,
    /// The settings name them.
    Settings(Span),
    /// A `docker compose` command of a workflow names them.
    Command(Span),
    /// One of a script, a Makefile or a justfile does.
    Script(Span),
    /// `COMPOSE_FILE` of an env file names them.
    Variable(Span),
    /// Docker reads them by itself.
    Default,
    /// A file with a compose file's name that stands in no command and is no overlay.
    Alone,
    /// An overlay that stands in no command, laid over the base beside it.
    Overlay,
}

impl Reason {
    /// The place that names the files, if there is one.
    pub fn span(&self) -> Option<Span> {
        match self {
            Self::Settings(span)
            | Self::Command(span)
            | Self::Script(span)
            | Self::Variable(span) => Some(*span),
            Self::Given | Self::Default | Self::Alone | Self::Overlay => None,
        }
    }

    /// Whether nothing but file names tells that these files are run as they are.
    pub fn is_guess(&self) -> bool {
        matches!(self, Self::Alone | Self::Overlay)
    }

    /// Whether it was found on somebody's desk, where the profiles that are on may be others each time.
    pub fn is_by_hand(&self) -> bool {
        matches!(self, Self::Default | Self::Variable(_) | Self::Script(_))
    }

    /// The command with its place, or the rule that found the files.
    pub fn words(&self, sources: &Sources) -> String {
        let at = |span: Span| {
            let path = sources.get(span.file).path();
            format!("{path}:{}", sources.start(span).line)
        };
        match self {
            Self::Given => "they were given with -f".to_owned(),
            Self::Settings(span) => format!("{}: the settings name them", at(*span)),
            Self::Command(span) | Self::Script(span) => {
                let words: Vec<&str> = sources.text(*span).split_whitespace().collect();
                format!("{}: {}", at(*span), words.join(" "))
            }
            Self::Variable(span) => format!("{}: COMPOSE_FILE names them", at(*span)),
            Self::Default => "docker compose reads them by itself".to_owned(),
            Self::Alone => "its name is that of a compose file, and no command uses it".to_owned(),
            Self::Overlay => {
                "an overlay that no command uses, laid over the file beside it".to_owned()
            }
        }
    }
}
