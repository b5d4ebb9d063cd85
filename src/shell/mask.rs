//! Masks GitHub's `${{ … }}`, which is replaced before the shell sees the script, by text of the same length.

use crate::source::{Mapped, MappedBuilder};
use std::collections::HashMap;

/// The first byte of a masked expression.
pub(super) const FIRST: u8 = 2;

/// Its other bytes.
pub(super) const NEXT: u8 = 1;

/// Longer expressions are left alone.
const LENGTH: usize = 2000;

/// The masked expressions by where they start in the file.
pub(super) type Masks = HashMap<u32, String>;

/// The script with its expressions masked, and the expressions.
pub(super) fn mask(script: &Mapped) -> (Mapped, Masks) {
    let text = script.text();
    let mut builder = MappedBuilder::new(script.file());
    let mut masks = Masks::new();
    let mut done = 0;
    let mut close = Some(0);
    while let Some(start) = text[done..].find("${{").map(|n| n + done) {
        builder.push_mapped(script, done..start);
        // The next closing braces are looked for once, however many expressions open before them.
        if close.is_some_and(|close| close < start + 3) {
            close = text[start + 3..].find("}}").map(|n| n + start + 3);
        }
        let Some(end) = close.map(|n| n + 2).filter(|end| end - start < LENGTH) else {
            builder.push_mapped(script, start..start + 3);
            done = start + 3;
            continue;
        };
        let span = script.span(start..end);
        let filler: String = std::iter::once(FIRST as char)
            .chain(std::iter::repeat_n(NEXT as char, end - start - 1))
            .collect();
        builder.push_made(&filler, span.range());
        masks.insert(span.start, text[start + 3..end - 2].trim().to_owned());
        done = end;
    }
    builder.push_mapped(script, done..text.len());
    (builder.finish(), masks)
}
