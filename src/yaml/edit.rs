//! Edits that change one value and leave every other byte as it stands.

use super::emit;
use super::tree::{Entry, Kind, NodeId, Style, Tree};
use crate::finding::Edit;
use crate::source::{SourceFile, Span};
use std::fmt;

/// Why an edit cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EditError {
    /// The node is not of the kind that the edit is for.
    WrongKind,
    /// A block scalar or one over several lines: nobody writes a number so.
    NotOnOneLine,
    /// The mapping has no entry whose style could be followed, or the key is its only one.
    OnlyKey,
    /// The key is not written in this mapping.
    NoSuchKey,
    /// The key is written in this mapping already.
    KeyExists,
}

impl fmt::Display for EditError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::WrongKind => "the value is not of the kind that could be changed",
            Self::NotOnOneLine => "the value stands on several lines",
            Self::OnlyKey => "there is no other key beside it",
            Self::NoSuchKey => "the key is not written here",
            Self::KeyExists => {
                "the key is written there already, without a value that counts (`!reset`)"
            }
        })
    }
}

fn edit(span: Span, text: String) -> Edit {
    Edit {
        span,
        text,
        amount: None,
    }
}

fn at(tree: &Tree, range: std::ops::Range<usize>) -> Span {
    Span::new(tree.file(), range)
}

/// Replaces the text of a scalar and keeps its quotes.
///
/// # Errors
/// If the node is an alias or a collection, or stands on several lines.
pub fn replace_scalar(
    tree: &Tree,
    file: &SourceFile,
    id: NodeId,
    text: &str,
) -> Result<Edit, EditError> {
    let Kind::Scalar { style, .. } = tree.kind(id) else {
        return Err(EditError::WrongKind);
    };
    let span = tree.span(id);
    if matches!(style, Style::Literal | Style::Folded) || file.text()[span.range()].contains('\n') {
        return Err(EditError::NotOnOneLine);
    }
    let new = quoted(text, style);
    let gap = if span.is_empty() { " " } else { "" };
    Ok(edit(span, format!("{gap}{new}")))
}

/// Replaces a whole node on one line, an alias included, by a scalar.
///
/// # Errors
/// If the node is a block scalar, or stands on several lines.
pub fn replace_node(
    tree: &Tree,
    file: &SourceFile,
    id: NodeId,
    text: &str,
) -> Result<Edit, EditError> {
    if !matches!(tree.kind(id), Kind::Alias(_)) {
        return replace_scalar(tree, file, id, text);
    }
    Ok(edit(tree.span(id), emit::scalar(text)))
}

/// Adds a key behind the last one of a mapping, indented and separated as that is.
///
/// # Errors
/// If the node is no mapping, an empty one, or has the key.
pub fn insert_key(
    tree: &Tree,
    file: &SourceFile,
    mapping: NodeId,
    key: &str,
    value: &str,
) -> Result<Edit, EditError> {
    insert(tree, file, mapping, key, |_| {
        format!("{}: {}", emit::scalar(key), emit::scalar(value))
    })
}

/// Adds a key behind the last one of a mapping that holds a mapping of one pair.
///
/// # Errors
/// As for [`insert_key`].
pub fn insert_mapping(
    tree: &Tree,
    file: &SourceFile,
    mapping: NodeId,
    key: &str,
    (inner, value): (&str, &str),
) -> Result<Edit, EditError> {
    insert(tree, file, mapping, key, |below| {
        let key = emit::scalar(key);
        let pair = format!("{}: {}", emit::scalar(inner), emit::scalar(value));
        match below {
            Some(below) => format!("{key}:{below}{pair}"),
            None => format!("{key}: {{{pair}}}"),
        }
    })
}

/// Adds what `pair` writes, which gets the line break and the indentation of what stands below; `None` in a flow mapping.
fn insert(
    tree: &Tree,
    file: &SourceFile,
    mapping: NodeId,
    key: &str,
    pair: impl Fn(Option<&str>) -> String,
) -> Result<Edit, EditError> {
    let Kind::Mapping { entries, flow } = tree.kind(mapping) else {
        return Err(EditError::WrongKind);
    };
    let last = entries.last().ok_or(EditError::OnlyKey)?;
    if tree.entry(mapping, key).is_some() {
        return Err(EditError::KeyExists);
    }
    let text = file.text();
    let value_end = tree.range(last.value).end.max(tree.range(last.key).end) as usize;
    if flow {
        return Ok(edit(
            at(tree, value_end..value_end),
            format!(", {}", pair(None)),
        ));
    }
    let first_key = tree.range(entries[0].key).start as usize;
    let line_start = text[..first_key].rfind('\n').map_or(0, |n| n + 1);
    // Behind a dash (`- a: 1`) the keys of the next lines stand where the first one does.
    let indent: String = text[line_start..first_key]
        .chars()
        .map(|c| if c == '\t' { '\t' } else { ' ' })
        .filter(|c| *c != '\u{feff}')
        .collect();
    let line_end = text[value_end..]
        .find('\n')
        .map_or(text.len(), |n| value_end + n);
    let has_break = line_end < text.len();
    let carriage_return = text[..line_end].ends_with('\r') && has_break;
    let line_break = if carriage_return || (!has_break && text.contains("\r\n")) {
        "\r\n"
    } else {
        "\n"
    };
    let insert_at = line_end - usize::from(carriage_return);
    let step = " ".repeat(step(tree, text, entries, indent.len()));
    let pair = pair(Some(&format!("{line_break}{indent}{step}")));
    Ok(edit(
        at(tree, insert_at..insert_at),
        format!("{line_break}{indent}{pair}"),
    ))
}

/// How much deeper the block mappings in these entries stand than the entries themselves; 2 where there are none.
fn step(tree: &Tree, text: &str, entries: &[Entry], indent: usize) -> usize {
    let inner = entries.iter().find_map(|entry| {
        let Kind::Mapping { entries, flow } = tree.kind(entry.value) else {
            return None;
        };
        let first = tree.range(entries.first().filter(|_| !flow)?.key).start as usize;
        let column = first - text[..first].rfind('\n').map_or(0, |n| n + 1);
        column.checked_sub(indent)
    });
    inner.filter(|step| *step > 0).unwrap_or(2)
}

/// Removes a key with its value and the comment on its line.
///
/// # Errors
/// If the key is not written in this mapping, or is its only one.
pub fn remove_key(
    tree: &Tree,
    file: &SourceFile,
    mapping: NodeId,
    key: &str,
) -> Result<Edit, EditError> {
    let Kind::Mapping { entries, flow } = tree.kind(mapping) else {
        return Err(EditError::WrongKind);
    };
    let found = entries
        .iter()
        .rposition(|entry| tree.scalar(entry.key) == Some(key));
    let index = found.ok_or(EditError::NoSuchKey)?;
    if entries.len() == 1 {
        return Err(EditError::OnlyKey);
    }
    let text = file.text();
    let start_of = |n: usize| tree.range(entries[n].key).start as usize;
    let end_of = |n: usize| {
        tree.range(entries[n].value)
            .end
            .max(tree.range(entries[n].key).end) as usize
    };
    if flow {
        let range = if index + 1 < entries.len() {
            start_of(index)..start_of(index + 1)
        } else {
            end_of(index - 1)..end_of(index)
        };
        return Ok(edit(at(tree, range), String::new()));
    }
    let line_end = text[end_of(index)..]
        .find('\n')
        .map(|n| end_of(index) + n + 1);
    let line_start = text[..start_of(index)].rfind('\n').map_or(0, |n| n + 1);
    let alone = text[line_start..start_of(index)].trim().is_empty();
    let range = match line_end {
        // `- a: 1`: the dash stays, the next key moves up to it.
        _ if !alone && index + 1 < entries.len() => start_of(index)..start_of(index + 1),
        _ if !alone => return Err(EditError::NotOnOneLine),
        Some(end) => line_start..end,
        None => line_start.saturating_sub(1)..text.len(),
    };
    Ok(edit(at(tree, range), String::new()))
}

/// Adds a scalar to a list, behind one of its items and written as that is.
///
/// # Errors
/// If the node is no list, or the item is no scalar on one line.
pub fn insert_item(
    tree: &Tree,
    file: &SourceFile,
    list: NodeId,
    behind: usize,
    item: &str,
) -> Result<Edit, EditError> {
    let Kind::Sequence { items, flow } = tree.kind(list) else {
        return Err(EditError::WrongKind);
    };
    let model = *items.get(behind).ok_or(EditError::NoSuchKey)?;
    let Kind::Scalar { style, .. } = tree.kind(model) else {
        return Err(EditError::WrongKind);
    };
    let text = file.text();
    let range = tree.span(model).range();
    if matches!(style, Style::Literal | Style::Folded) || text[range.clone()].contains('\n') {
        return Err(EditError::NotOnOneLine);
    }
    let new = quoted(item, style);
    if flow {
        return Ok(edit(at(tree, range.end..range.end), format!(", {new}")));
    }
    let line_start = text[..range.start].rfind('\n').map_or(0, |n| n + 1);
    let lead = &text[line_start..range.start];
    if lead.trim() != "-" {
        return Err(EditError::NotOnOneLine);
    }
    let line_end = text[range.end..]
        .find('\n')
        .map_or(text.len(), |n| range.end + n);
    let carriage_return = text[..line_end].ends_with('\r') && line_end < text.len();
    let (insert_at, line_break) = if carriage_return {
        (line_end - 1, "\r\n")
    } else {
        (line_end, "\n")
    };
    Ok(edit(
        at(tree, insert_at..insert_at),
        format!("{line_break}{lead}{new}"),
    ))
}

fn quoted(text: &str, style: Style) -> String {
    match style {
        Style::SingleQuoted => format!("'{}'", text.replace('\'', "''")),
        Style::DoubleQuoted => format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")),
        _ => emit::scalar(text),
    }
}
