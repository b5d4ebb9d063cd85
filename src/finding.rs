//! What rules report. No third party's type: every report and every fix is made from these.

use crate::duration::Seconds;
use crate::source::Span;
use serde::Serialize;

/// How bad it is; the order is that of the gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Advice.
    Info,
    /// Every start that the limits allow survives, but only on retries or on slack that nobody promised.
    Warning,
    /// The limits contradict each other, or Docker refuses the file.
    Error,
}

impl Severity {
    /// The word that is printed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// A place in a file, and what it adds to the story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What stands there, in the words of the sum.
    pub text: String,
}

/// Whether a fix may be applied without asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Safety {
    /// It only grants more patience, or means the same to Docker.
    Safe,
    /// It lowers a limit, touches what others use, or rests on a guess.
    Unsafe,
    /// It is shown and never applied.
    Display,
}

/// One replacement of a range of bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced; empty to insert.
    pub span: Span,
    /// The new text.
    pub text: String,
    /// The limit that the new text sets: of several edits of the same place the largest is taken.
    pub amount: Option<Seconds>,
}

/// A proposed change, in one file or in several, all or nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// An imperative sentence without a full stop: `raise MAX_WAIT to 490`.
    pub title: String,
    /// Whether it may be applied without asking.
    pub safety: Safety,
    /// The replacements, which do not overlap.
    pub edits: Vec<Edit>,
}

/// What a rule found at one place.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The rule's name: `wait-below-budget`.
    pub rule: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, with the number. One line, no full stop.
    pub message: String,
    /// The primary place. Its text may be empty.
    pub primary: Label,
    /// Further places, in the order in which they are told; they may stand in other files.
    pub labels: Vec<Label>,
    /// The arithmetic and the advice, a line each.
    pub notes: Vec<String>,
    /// What would mend it.
    pub fix: Option<Fix>,
    /// The rule's own numbers, as a JSON object.
    pub data: serde_json::Value,
}
