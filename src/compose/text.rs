//! Texts that are parts of a larger one, a file's own as a rule: most of what is in a model need not be copied.

use std::borrow::Borrow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::{Deref, Range};
use std::sync::{Arc, OnceLock};

/// What Compose writes itself where nothing is written; longer words first, so that others may be found in them.
const WORDS: &str = "service_started ingress condition create_host_path required published protocol \
    host_ip target source volume bind CMD-SHELL default true false mode type path tcp udp rwm read_only permissions";

/// A text that shares its bytes with others.
#[derive(Clone)]
pub struct Text {
    whole: Arc<String>,
    start: u32,
    end: u32,
}

impl Text {
    /// A part of a text that is held elsewhere as well.
    pub(super) fn shared(whole: &Arc<String>, range: Range<usize>) -> Self {
        let offset = |n: usize| u32::try_from(n).expect("texts are smaller than 4 GiB");
        Self {
            whole: Arc::clone(whole),
            start: offset(range.start),
            end: offset(range.end),
        }
    }

    /// A part of this text, given as a slice of it; a copy of what is none.
    pub(super) fn part(&self, part: &str) -> Self {
        let whole = self.whole.as_bytes().as_ptr_range();
        let slice = part.as_bytes().as_ptr_range();
        if whole.start <= slice.start && slice.end <= whole.end {
            let start = slice.start as usize - whole.start as usize;
            return Self::shared(&self.whole, start..start + part.len());
        }
        Self::from(part)
    }

    /// The bytes: it costs less to compare these, since nothing has to be known of the characters.
    fn raw(&self) -> &[u8] {
        &self.whole.as_bytes()[self.start as usize..self.end as usize]
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.whole[self.start as usize..self.end as usize]
    }
}

/// A text of its own, if it is none of the words that are found everywhere.
impl From<&str> for Text {
    fn from(text: &str) -> Self {
        static WHOLE: OnceLock<Arc<String>> = OnceLock::new();
        let words = WHOLE.get_or_init(|| Arc::new(WORDS.to_owned()));
        match words.find(text).filter(|_| text.len() < 20) {
            Some(start) => Self::shared(words, start..start + text.len()),
            None => Self::from(text.to_owned()),
        }
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        let range = 0..text.len();
        Self::shared(&Arc::new(text), range)
    }
}

impl From<&String> for Text {
    fn from(text: &String) -> Self {
        Self::from(text.as_str())
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl Borrow<str> for Text {
    fn borrow(&self) -> &str {
        self
    }
}

impl Hash for Text {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.raw() == other.raw()
    }
}

impl Eq for Text {}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        self.raw() == other.as_bytes()
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        self == *other
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_shares_the_bytes_and_anything_else_is_copied() {
        let whole = Text::from("8080:80/tcp, and more than a word".to_owned());
        let (host, _) = whole.split_once(':').expect("a colon");
        let part = whole.part(host);
        assert_eq!(part, "8080");
        assert!(Arc::ptr_eq(&part.whole, &whole.whole));
        let of_part = part.part(&part[1..3]);
        assert_eq!(of_part, "08");
        assert!(Arc::ptr_eq(&of_part.whole, &whole.whole));
        let other = whole.part("8080");
        assert_eq!(other, "8080");
        assert!(!Arc::ptr_eq(&other.whole, &whole.whole));
        assert_eq!(whole.part(""), "");
    }

    #[test]
    fn words_that_are_found_everywhere_are_held_once() {
        let (one, other) = (Text::from("tcp"), Text::from("true"));
        assert!(Arc::ptr_eq(&one.whole, &other.whole));
        assert_eq!((one.as_str(), other.as_str()), ("tcp", "true"));
        assert_eq!(Text::from(""), "");
        assert_eq!(Text::from("a word of its own"), "a word of its own");
    }
}
