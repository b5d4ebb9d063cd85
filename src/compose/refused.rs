//! What Docker refuses in a compose project, with its place and what would be right.

use super::Environment;
use crate::source::Span;
use crate::yaml::Problem;

/// A kind of refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    /// A key that does not exist.
    UnknownKey,
    /// A value of the wrong kind.
    WrongType,
    /// A text that is none of those that may stand there.
    BadValue,
    /// A key that has to be there and is not.
    MissingKey,
    /// A name with letters that names may not have.
    BadName,
    /// The same item, or the same key, twice.
    DuplicateKey,
    /// A duration that cannot be read.
    BadDuration,
    /// A number of bytes that cannot be read.
    BadSize,
    /// A port that cannot be read.
    BadPort,
    /// A mount that cannot be read.
    BadVolume,
    /// A `test` that begins with no `CMD`, `CMD-SHELL` or `NONE`.
    BadTest,
    /// A `${` that begins no variable.
    BadInterpolation,
    /// A service that has neither image nor build.
    NoImage,
    /// Two settings that exclude each other.
    Conflict,
    /// A service that is not there.
    UndefinedService,
    /// A network that is not there.
    UndefinedNetwork,
    /// A volume that is not there.
    UndefinedVolume,
    /// A secret that is not there.
    UndefinedSecret,
    /// A config that is not there.
    UndefinedConfig,
    /// A model that is not there.
    UndefinedModel,
    /// A service that only a profile switches on, which is off.
    InactiveDependency,
    /// Services that wait for each other.
    DependencyCycle,
    /// What `extends` names is not there.
    ExtendsNotFound,
    /// `extends` leads back to itself.
    ExtendsCycle,
    /// What `include` names is not there.
    IncludeNotFound,
    /// `include` leads back to itself.
    IncludeCycle,
    /// There is nothing in the files.
    EmptyFile,
    /// A line of an env file that cannot be read.
    BadEnvFile,
}

impl Code {
    /// The word for it: `unknown-key`.
    pub fn name(self) -> &'static str {
        match self {
            Self::UnknownKey => "unknown-key",
            Self::WrongType => "wrong-type",
            Self::BadValue => "bad-value",
            Self::MissingKey => "missing-key",
            Self::BadName => "bad-name",
            Self::DuplicateKey => "duplicate-key",
            Self::BadDuration => "bad-duration",
            Self::BadSize => "bad-size",
            Self::BadPort => "bad-port",
            Self::BadVolume => "bad-volume",
            Self::BadTest => "bad-test",
            Self::BadInterpolation => "bad-interpolation",
            Self::NoImage => "no-image",
            Self::Conflict => "conflict",
            Self::UndefinedService => "undefined-service",
            Self::UndefinedNetwork => "undefined-network",
            Self::UndefinedVolume => "undefined-volume",
            Self::UndefinedSecret => "undefined-secret",
            Self::UndefinedConfig => "undefined-config",
            Self::UndefinedModel => "undefined-model",
            Self::InactiveDependency => "inactive-dependency",
            Self::DependencyCycle => "dependency-cycle",
            Self::ExtendsNotFound => "extends-not-found",
            Self::ExtendsCycle => "extends-cycle",
            Self::IncludeNotFound => "include-not-found",
            Self::IncludeCycle => "include-cycle",
            Self::EmptyFile => "empty-file",
            Self::BadEnvFile => "bad-env-file",
        }
    }

    /// Whether it hangs on what the other files of a stack say, and so on which files make the stack.
    pub fn spans_files(self) -> bool {
        matches!(
            self,
            Self::NoImage
                | Self::UndefinedService
                | Self::UndefinedNetwork
                | Self::UndefinedVolume
                | Self::UndefinedSecret
                | Self::UndefinedConfig
                | Self::UndefinedModel
                | Self::InactiveDependency
                | Self::EmptyFile
        )
    }
}

/// One thing that Docker refuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// What it is.
    pub code: Code,
    /// Where.
    pub span: Span,
    /// The key path: `services.web.ports[1]`; empty where it is about a file.
    pub path: String,
    /// What is wrong: one line, no full stop.
    pub message: String,
    /// What is allowed there.
    pub allowed: Option<String>,
    /// What was probably meant.
    pub suggestion: Option<String>,
    /// Whether `suggestion` may be written over the bytes of `span`.
    pub replaceable: bool,
    /// Other places that belong to it.
    pub labels: Vec<(Span, String)>,
}

impl std::convert::From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        let Refused {
            span,
            path,
            message,
            ..
        } = refused;
        let message = if path.is_empty() {
            message
        } else {
            format!("{path}: {message}")
        };
        Self { span, message }
    }
}

impl Refused {
    /// One without advice.
    pub fn new(
        code: Code,
        span: Span,
        path: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            code,
            span,
            path: path.into(),
            message: message.into(),
            allowed: None,
            suggestion: None,
            replaceable: false,
            labels: Vec::new(),
        }
    }

    /// With a sentence on what is allowed.
    #[must_use]
    pub fn allowing(mut self, words: impl Into<String>) -> Self {
        self.allowed = Some(words.into());
        self
    }

    /// Takes the values of variables out of its words where they stand for `written`, the text of its place: what was split
    /// off a value no longer knows that a variable gave it.
    pub fn conceal(&mut self, written: &str, environment: &Environment) {
        if !written.contains('$') {
            return;
        }
        let shown = written.trim_matches(['"', '\'']);
        for words in std::iter::once(&mut self.message).chain(&mut self.allowed) {
            let parts = words.split('`').enumerate().map(|(index, part)| {
                // Every second part stands between backticks.
                let is_value = index % 2 == 1 && !written.contains(part);
                if is_value && environment.tells(part) {
                    shown
                } else {
                    part
                }
            });
            *words = parts.collect::<Vec<_>>().join("`");
        }
        // An item of a list becomes a key of a map.
        let Some((section, name)) = self.path.rsplit_once('.') else {
            return;
        };
        let is_list = ["depends_on", "networks", "models"]
            .iter()
            .any(|key| section.ends_with(key));
        if is_list && !written.contains(name) && environment.tells(name) {
            self.path = format!("{section}.{shown}");
        }
    }

    /// With what was probably meant, of the names that there are.
    #[must_use]
    pub fn meaning(mut self, suggestion: Option<String>) -> Self {
        self.replaceable = suggestion.is_some();
        self.suggestion = suggestion;
        self
    }
}
