//! What is here: files with their text, places in them, and texts derived from them.

mod exclude;
mod files;
mod kind;
mod mapped;
pub mod paths;
mod store;
mod walk;

pub use exclude::Exclude;
pub use files::{Columns, FileId, Position, SourceFile, Sources, Span};
pub use kind::{FileKind, kind, overlay_name, shebang};
pub use mapped::{Mapped, MappedBuilder, MappedIndex};
pub use store::{MAX_FILE_SIZE, ReadError, Store, read_text};
