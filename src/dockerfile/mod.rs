//! What a Dockerfile says of a start: the command that the container runs, the healthcheck that the image brings, and which
//! file of the project stands where in the image.
//!
//! `read` takes the text apart and follows the stages, `copies` leads from a path in the image back to the build context.

mod copies;
mod read;
#[cfg(test)]
mod tests;

pub use copies::Copied;
pub use read::read;

use crate::duration::Seconds;
use crate::source::Span;

/// An image as far as its Dockerfile tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Image {
    /// The image of others that it rests on: `python:3.13-slim`. What it brings is not known. `None` for `scratch`.
    pub base: Option<String>,
    /// `ENTRYPOINT`, in exec form: the shell form is `/bin/sh -c …`.
    pub entrypoint: Option<Command>,
    /// `CMD`, in exec form.
    pub command: Option<Command>,
    /// `HEALTHCHECK`.
    pub health: Option<ImageHealth>,
    /// `WORKDIR`, absolute; `None` where it hangs on what is not known.
    pub folder: Option<String>,
    /// `ENV`: names and values, in order; a value that hangs on what is not known is `None`.
    pub environment: Vec<(String, Option<String>)>,
    /// `COPY` and `ADD` from the build context.
    pub copies: Vec<Copied>,
}

/// A command, word by word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// The program and its arguments.
    pub words: Vec<Word>,
    /// What is written behind the instruction's name.
    pub span: Span,
}

/// A word of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// The text that the program gets.
    pub text: String,
    /// Where it is written.
    pub span: Span,
    /// Whether the bytes there are just the text.
    pub verbatim: bool,
}

/// The `HEALTHCHECK` of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImageHealth {
    /// `HEALTHCHECK NONE`: that of the base image is taken away.
    None(Span),
    /// `HEALTHCHECK … CMD …`
    Check(Box<ImageCheck>),
}

/// A `HEALTHCHECK` with a command. A number that is not written, or that is 0, is not set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageCheck {
    /// The instruction, from its name to the end of its command.
    pub span: Span,
    /// `CMD` or `CMD-SHELL`, and the words behind it.
    pub test: Vec<String>,
    /// `--interval`
    pub interval: Option<Number<Seconds>>,
    /// `--timeout`
    pub timeout: Option<Number<Seconds>>,
    /// `--start-period`
    pub start_period: Option<Number<Seconds>>,
    /// `--start-interval`
    pub start_interval: Option<Number<Seconds>>,
    /// `--retries`
    pub retries: Option<Number<u64>>,
}

/// A number with its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Number<T> {
    /// What is written.
    pub value: T,
    /// Where.
    pub span: Span,
}
