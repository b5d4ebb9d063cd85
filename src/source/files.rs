//! Files held in memory, and places in them.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

/// A file of one [`Sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(u32);

impl FileId {
    /// The file's index in its [`Sources`].
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A half-open range of bytes in one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// Offset of the first byte.
    pub start: u32,
    /// Offset behind the last byte.
    pub end: u32,
}

impl Span {
    /// The bytes `range` of `file`.
    ///
    /// # Panics
    /// If the range does not fit into 32 bits; [`Sources::add`] refuses files as large as that.
    pub fn new(file: FileId, range: Range<usize>) -> Self {
        let offset = |n: usize| u32::try_from(n).expect("files are smaller than 4 GiB");
        Self {
            file,
            start: offset(range.start),
            end: offset(range.end),
        }
    }

    /// The range of bytes, to index a text with.
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// The number of bytes.
    pub fn len(self) -> usize {
        self.range().len()
    }

    /// Whether the span holds no byte.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// The smallest span that holds both, which stand in the same file.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        debug_assert_eq!(self.file, other.file);
        Self {
            file: self.file,
            start: self.start.min(other.start),
            end: self.end.max(other.end),
        }
    }
}

/// A place as a person counts: both from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

/// What a column counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Columns {
    /// Characters, as a person does.
    Characters,
    /// Units of UTF-16, as many editors and code hosts do.
    Utf16,
    /// Bytes of UTF-8.
    Bytes,
}

/// One file: its path as it is shown, and its text.
#[derive(Debug)]
pub struct SourceFile {
    path: String,
    text: Arc<String>,
    line_starts: OnceLock<Vec<usize>>,
    /// Of an excerpt, the number that each of its lines has in the whole file.
    numbers: Vec<usize>,
    concealed: AtomicBool,
}

impl SourceFile {
    /// The path relative to the project root, with `/` on every system.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The text as it was read, byte order mark and line ends included.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Of an excerpt, the number that each of its lines has in the whole file; else nothing.
    pub fn numbers(&self) -> &[usize] {
        &self.numbers
    }

    /// The text, to hold on to.
    pub fn shared_text(&self) -> &Arc<String> {
        &self.text
    }

    /// Says that the file holds what is not to be shown, such as the values of an env file.
    pub fn conceal(&self) {
        self.concealed.store(true, Ordering::Relaxed);
    }

    /// Whether a line may be shown on which something stands at `at`: in a file of secrets only the one that sets a variable
    /// which is spoken of.
    pub fn shows(&self, at: usize) -> bool {
        if !self.concealed.load(Ordering::Relaxed) {
            return true;
        }
        let before = self.text.get(..at).unwrap_or_default();
        let line = before.rsplit('\n').next().unwrap_or_default();
        line.contains(['=', ':'])
    }

    /// Whether only some of its lines may be shown.
    pub fn is_concealed(&self) -> bool {
        self.concealed.load(Ordering::Relaxed)
    }

    /// The offset of each line's first byte.
    pub fn line_starts(&self) -> &[usize] {
        self.line_starts.get_or_init(|| {
            let ends = self.text.bytes().enumerate();
            std::iter::once(0)
                .chain(ends.filter(|(_, b)| *b == b'\n').map(|(i, _)| i + 1))
                .collect()
        })
    }

    /// Line and column of a byte offset; an offset behind the end is the end.
    pub fn position(&self, offset: usize) -> Position {
        self.position_in(offset, Columns::Characters)
    }

    /// The same with columns of another kind.
    pub fn position_in(&self, offset: usize, columns: Columns) -> Position {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let starts = self.line_starts();
        let line = starts.partition_point(|&start| start <= offset);
        let start = starts[line - 1];
        let before = self.text[start..offset].trim_start_matches('\u{feff}');
        let before = match columns {
            Columns::Characters => before.chars().count(),
            Columns::Utf16 => before.encode_utf16().count(),
            Columns::Bytes => before.len(),
        };
        Position {
            line: self.numbers.get(line - 1).copied().unwrap_or(line),
            column: before + 1,
        }
    }
}

/// All files that a run has read.
#[derive(Debug, Default)]
pub struct Sources {
    files: Vec<Arc<SourceFile>>,
}

impl Sources {
    /// Adds a file.
    ///
    /// # Panics
    /// If the text has 4 GiB or more; readers cap files far below that.
    pub fn add(&mut self, path: impl Into<String>, text: impl Into<String>) -> FileId {
        self.add_excerpt(path, text, Vec::new())
    }

    /// Adds some lines of a file, with the numbers that they have in the whole of it.
    ///
    /// # Panics
    /// As [`Self::add`].
    pub fn add_excerpt(
        &mut self,
        path: impl Into<String>,
        text: impl Into<String>,
        numbers: Vec<usize>,
    ) -> FileId {
        let text: String = text.into();
        assert!(u32::try_from(text.len()).is_ok(), "file of 4 GiB or more");
        let id = FileId(u32::try_from(self.files.len()).expect("fewer than 4 billion files"));
        self.files.push(Arc::new(SourceFile {
            path: path.into(),
            text: Arc::new(text),
            line_starts: OnceLock::new(),
            numbers,
            concealed: AtomicBool::new(false),
        }));
        id
    }

    /// The file with this number.
    pub fn get(&self, id: FileId) -> &SourceFile {
        &self.files[id.index()]
    }

    /// The file with this number, to hold on to while others are added.
    pub fn share(&self, id: FileId) -> Arc<SourceFile> {
        Arc::clone(&self.files[id.index()])
    }

    /// All files, in the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        (0..).map(FileId).zip(self.files.iter().map(AsRef::as_ref))
    }

    /// The bytes of a span.
    pub fn text(&self, span: Span) -> &str {
        &self.get(span.file).text[span.range()]
    }

    /// Where a span begins.
    pub fn start(&self, span: Span) -> Position {
        self.get(span.file).position(span.start as usize)
    }

    /// Where a span ends.
    pub fn end(&self, span: Span) -> Position {
        self.get(span.file).position(span.end as usize)
    }
}
