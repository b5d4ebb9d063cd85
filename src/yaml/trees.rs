//! The trees of a run's files, each read once.

use super::parse::parse_shared;
use super::tree::{Problem, Tree};
use crate::source::{FileId, Sources};
use std::collections::HashMap;
use std::sync::Arc;

/// The trees of a run's files.
#[derive(Debug, Default)]
pub struct Trees {
    read: HashMap<FileId, Result<Arc<Tree>, Problem>>,
}

impl Trees {
    /// Reads a file once; later calls give the same tree.
    ///
    /// # Errors
    /// If the file is no YAML; later calls give the same error.
    pub fn open(&mut self, file: FileId, sources: &Sources) -> Result<Arc<Tree>, Problem> {
        let read = || parse_shared(file, sources.get(file).shared_text()).map(Arc::new);
        self.read.entry(file).or_insert_with(read).clone()
    }

    /// The tree of a file that has been read before.
    pub fn get(&self, file: FileId) -> Option<&Arc<Tree>> {
        self.read.get(&file)?.as_ref().ok()
    }
}
