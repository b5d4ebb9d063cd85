//! Files of recipes for the shell: Makefiles and justfiles, with their variables filled in.
//!
//! A recipe's text leads back to the bytes of its file: what stands there stands there, and what a variable became leads to
//! the place that names the variable. What is not known without running something is an expression, `${{ … }}`, which
//! the shell's reader passes over as it does in workflows.

mod just;
mod make;
mod text;

pub use just::read as read_justfile;
pub use make::{Makefile, read as read_makefile};

use crate::shell::Dialect;
use crate::source::{Mapped, Span};

/// A target with a recipe.
#[derive(Clone, Debug)]
pub struct Task {
    /// Its name.
    pub name: String,
    /// The variables that its commands see, later ones win.
    pub exported: Vec<Exported>,
    /// What it runs, in order, each in a shell of its own.
    pub scripts: Vec<Script>,
    /// The folder that it runs in, from the project's root; `None` for that of the caller.
    pub folder: Option<String>,
}

/// What one shell gets.
#[derive(Clone, Debug)]
pub struct Script {
    /// The text.
    pub text: Mapped,
    /// Which shell it is.
    pub dialect: Dialect,
    /// Whether the task goes on when it fails.
    pub tolerated: bool,
}

/// A variable that is passed on to commands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// The name.
    pub name: String,
    /// The value; `None` where only the run will tell.
    pub value: Option<String>,
    /// Where it is set.
    pub span: Span,
}
