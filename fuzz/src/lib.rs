//! What the fuzz targets share: what has to hold of everything that is read, and mutations that know lines and words.

pub mod hold;
pub mod mutate;
pub mod scalar;
pub mod script;

/// An input that begins with this byte is not a text: the rest of it is what something well-formed is made of.
pub const GENERATED: u8 = 0;
