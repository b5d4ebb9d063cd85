//! The edit that makes a mapping of a list.

use super::edit::EditError;
use super::emit;
use super::tree::{Kind, NodeId, Style, Tree};
use crate::finding::Edit;
use crate::source::{SourceFile, Span};
use std::ops::Range;

/// Makes a mapping of a list of names: each becomes a key, with a mapping of one pair. Comments stay where they are.
///
/// # Errors
/// If the node is no list, or an item is more than a scalar on a line of its own.
pub fn list_to_mapping(
    tree: &Tree,
    file: &SourceFile,
    list: NodeId,
    key: &str,
    value: impl Fn(&str) -> String,
) -> Result<Edit, EditError> {
    let Kind::Sequence { items, flow } = tree.kind(list) else {
        return Err(EditError::WrongKind);
    };
    if items.is_empty() {
        return Err(EditError::OnlyKey);
    }
    let text = file.text();
    let mut names: Vec<&str> = Vec::new();
    for item in items {
        let name = name(tree, text, *item)?;
        if names.contains(&name) {
            return Err(EditError::KeyExists);
        }
        names.push(name);
    }
    let pair = |name: &str| format!("{}: {}", emit::scalar(key), emit::scalar(&value(name)));
    let pairs: Vec<String> = names.iter().map(|name| pair(name)).collect();
    let places: Vec<Range<usize>> = items.iter().map(|item| tree.span(*item).range()).collect();
    if flow {
        return Ok(in_flow(tree, text, list, &places, &pairs));
    }
    in_block(tree, text, list, &places, &pairs)
}

/// The text of an item, which has to be a plain or a quoted scalar with nothing before it.
fn name<'a>(tree: &'a Tree, text: &str, item: NodeId) -> Result<&'a str, EditError> {
    let Kind::Scalar { style, value } = tree.kind(item) else {
        return Err(EditError::WrongKind);
    };
    let is_bare = tree.anchor(item).is_none() && tree.tag(item).is_none() && !value.is_empty();
    if !is_bare {
        return Err(EditError::WrongKind);
    }
    let is_block = matches!(style, Style::Literal | Style::Folded);
    if is_block || text[tree.span(item).range()].contains('\n') {
        return Err(EditError::NotOnOneLine);
    }
    Ok(value)
}

/// `[a, b]` as `{a: {…}, b: {…}}`.
fn in_flow(
    tree: &Tree,
    text: &str,
    list: NodeId,
    places: &[Range<usize>],
    pairs: &[String],
) -> Edit {
    let span = tree.span(list);
    let whole = span.range();
    let mut new = "{".to_owned();
    let mut at = whole.start + 1;
    for (place, pair) in places.iter().zip(pairs) {
        new.push_str(&text[at..place.end]);
        new.push_str(": {");
        new.push_str(pair);
        new.push('}');
        at = place.end;
    }
    new.push_str(&text[at..whole.end - 1]);
    new.push('}');
    Edit {
        span,
        text: new,
        amount: None,
    }
}

/// Lines of `- a` as lines of `a:`, each with its pair below.
fn in_block(
    tree: &Tree,
    text: &str,
    list: NodeId,
    places: &[Range<usize>],
    pairs: &[String],
) -> Result<Edit, EditError> {
    let start = tree.span(list).range().start;
    let column = start - line_start(text, start);
    let above = column_above(text, start);
    // A list may stand as far left as its key, and a mapping may not.
    let lead = if column > above { "" } else { "  " };
    let step = (column + lead.len()).saturating_sub(above).max(2);
    let indent = " ".repeat(column + lead.len() + step);
    let mut new = String::new();
    let mut at = start;
    for (place, pair) in places.iter().zip(pairs) {
        let line = line_start(text, place.start);
        let before = &text[line..place.start];
        if before.trim() != "-" || before.contains('\t') {
            return Err(EditError::NotOnOneLine);
        }
        let dash = line + before.len() - before.trim_start().len();
        new.push_str(&text[at..dash]);
        new.push_str(lead);
        new.push_str(&text[place.clone()]);
        new.push(':');
        let (end, line_break) = line_end(text, place.end);
        let behind = text[place.end..end].trim_end();
        new.push_str(behind);
        new.push_str(line_break);
        new.push_str(&indent);
        new.push_str(pair);
        at = place.end + behind.len();
    }
    Ok(Edit {
        span: Span::new(tree.file(), start..at),
        text: new,
        amount: None,
    })
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |found| found + 1)
}

/// Where the line ends, and how.
fn line_end(text: &str, at: usize) -> (usize, &'static str) {
    let end = text[at..].find('\n').map_or(text.len(), |found| at + found);
    let has_return = text[..end].ends_with('\r') && end < text.len();
    if has_return {
        (end - 1, "\r\n")
    } else if end == text.len() && text.contains("\r\n") {
        (end, "\r\n")
    } else {
        (end, "\n")
    }
}

/// The column of the key that the list is of: that of the last line above it with something on it.
fn column_above(text: &str, at: usize) -> usize {
    let above = text[..line_start(text, at)].lines().rev();
    let mut keys = above.filter(|line| {
        let line = line.trim_start();
        !line.is_empty() && !line.starts_with('#')
    });
    keys.next().map_or(0, |line| {
        line.len() - line.trim_start_matches([' ', '-']).len()
    })
}
