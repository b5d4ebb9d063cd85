//! The images that the project builds, as far as their Dockerfiles tell.

use super::StackFiles;
use super::obstacle::guarded;
use crate::compose::{Build, From, Value, Written};
use crate::dockerfile::{self, Image};
use crate::source::{FileId, Mapped, MappedBuilder, Store, paths};
use crate::yaml::{Trees, mapped};
use std::collections::HashMap;
use std::sync::Arc;

/// An image, and the folder that its files come from.
#[derive(Clone, Debug)]
pub(super) struct Built {
    pub(super) image: Arc<Image>,
    /// The build context, from the project's root.
    pub(super) context: String,
}

/// What one image is made of: context, Dockerfile, stage, and arguments.
type Key = (
    String,
    String,
    Option<String>,
    Vec<(String, Option<String>)>,
);

/// The images that have been read.
#[derive(Debug, Default)]
pub(super) struct Images {
    read: HashMap<Key, Option<Arc<Image>>>,
}

impl Images {
    /// The image of a build; `None` where its Dockerfile is not in the project, or is none.
    pub(super) fn of(
        &mut self,
        build: &Build,
        files: &StackFiles,
        store: &mut Store,
        trees: &Trees,
    ) -> Option<Built> {
        let context = place(build.context.as_ref()?, files, store)?;
        if let Some(inline) = &build.inline {
            let text = text_of(inline, store, trees)?;
            let image = read(&text, build)?;
            return Some(Built {
                image: Arc::new(image),
                context,
            });
        }
        let dockerfile = build.dockerfile.as_deref().unwrap_or("Dockerfile");
        let path = store.locate(&context, dockerfile)?;
        let key: Key = (
            context.clone(),
            path,
            build.target.clone(),
            build.arguments.clone(),
        );
        if let Some(known) = self.read.get(&key) {
            let image = known.clone()?;
            return Some(Built { image, context });
        }
        let image = open(store, &key.1).and_then(|file| {
            let source = store.sources().share(file);
            read(&Mapped::verbatim(file, source.text(), 0), build)
        });
        let image = image.map(Arc::new);
        self.read.insert(key, image.clone());
        Some(Built {
            image: image?,
            context,
        })
    }
}

fn read(text: &Mapped, build: &Build) -> Option<Image> {
    let target = build.target.as_deref();
    // A Dockerfile that cannot be read says nothing; the build itself will tell why.
    guarded("", || dockerfile::read(text, target, &build.arguments))
        .ok()?
        .ok()
}

/// A file of the project, opened.
pub(super) fn open(store: &mut Store, path: &str) -> Option<FileId> {
    if !store.exists(path) {
        return None;
    }
    store.open(path).ok()
}

/// Where a path of a compose file leads, from the project's root. The paths of a file that is taken in count from its own folder.
pub(super) fn place(written: &Written, files: &StackFiles, store: &Store) -> Option<String> {
    let source = store.sources().get(written.file).path();
    let folder = if files.files.iter().any(|path| path == source) {
        files.folder.as_str()
    } else {
        paths::parent(source)
    };
    store.locate(folder, &written.path)
}

/// The text of a value, with the way back to the file that it is written in; `None` where not all of it is known.
pub(super) fn text_of(value: &Value, store: &Store, trees: &Trees) -> Option<Mapped> {
    let text = value.text()?;
    let file = value.span.file;
    let written = mapped(trees.get(file)?, store.sources().get(file), value.node)?;
    if written.text() == text {
        return Some(written);
    }
    let mut builder = MappedBuilder::new(file);
    let index = written.index();
    for piece in value.pieces() {
        let is_here = piece.from == From::Literal && piece.span.file == file;
        let found = index.find(piece.span, &piece.text).filter(|_| is_here);
        match found {
            Some(range) => builder.push_mapped(&written, range),
            None if is_here => builder.push_made(&piece.text, piece.span.range()),
            None => builder.push_made(&piece.text, value.span.range()),
        }
    }
    if builder.text() != text {
        builder = MappedBuilder::new(file);
        builder.push_made(text, value.span.range());
    }
    Some(builder.finish())
}
