//! YAML as it is written: a tree with the bytes of every node, its comments, and edits that keep all else as it stands.

mod builder;
mod comments;
mod edit;
mod edit_list;
mod emit;
mod gap;
mod parse;
mod repair;
mod resolve;
mod text;
mod tree;
mod trees;

pub use comments::Comment;
pub use edit::{
    EditError, insert_item, insert_key, insert_mapping, remove_key, replace_node, replace_scalar,
};
pub use edit_list::list_to_mapping;
pub use emit::{Writer, document};
pub use parse::{MAX_DEPTH, MAX_EXPANSION, parse};
pub use resolve::{Resolved, resolve};
pub use text::mapped;
pub use tree::{Anchor, Entry, Kind, Node, NodeId, Problem, Style, Tag, Tree};
pub use trees::Trees;
