//! Texts in which something may be unknown.

use crate::source::MappedBuilder;
use std::ops::Range;

/// Stands for something that only the run will tell.
pub(super) const UNKNOWN: char = '\0';

/// Longer texts are not followed.
pub(super) const LENGTH: usize = 16 * 1024;

/// Whether all of a text is known.
pub(super) fn is_known(text: &str) -> bool {
    !text.contains(UNKNOWN)
}

/// The text, if all of it is known.
pub(super) fn known(text: String) -> Option<String> {
    is_known(&text).then_some(text)
}

/// Whether a text is a number, which leads back to where it stands; other values lead to where they are used.
pub(super) fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Nothing but something unknown.
pub(super) fn unknown() -> String {
    UNKNOWN.to_string()
}

/// Appends a text that was made from these bytes, its unknown parts as expressions. Each word leads back to all of them.
pub(super) fn push(builder: &mut MappedBuilder, text: &str, source: &Range<usize>) {
    for (index, part) in text.split(UNKNOWN).enumerate() {
        if index > 0 {
            builder.push_made("${{ unknown }}", source.clone());
        }
        for word in part.split_inclusive([' ', '\t', '\n']) {
            let blank = word.trim_end_matches([' ', '\t', '\n']).len();
            builder.push_made(&word[..blank], source.clone());
            builder.push_made(&word[blank..], source.clone());
        }
    }
}
