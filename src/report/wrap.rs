//! Text in lines that fit.

/// A text in lines of at most `width` characters, broken at blanks; `first` stands before the first line, and blanks as wide before
/// the others. A word that is wider than a line is not broken: it may be a path or a command.
pub fn wrap(text: &str, width: usize, first: &str) -> Vec<String> {
    let indent = first.chars().count();
    let mut lines = Vec::new();
    let mut line = first.to_owned();
    let mut length = indent;
    let mut is_empty = true;
    for word in text.split_whitespace() {
        let wide = word.chars().count();
        if !is_empty && length + 1 + wide > width {
            lines.push(std::mem::replace(&mut line, " ".repeat(indent)));
            (length, is_empty) = (indent, true);
        }
        if !is_empty {
            line.push(' ');
            length += 1;
        }
        line.push_str(word);
        length += wide;
        is_empty = false;
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_fit_and_words_stay_whole() {
        assert_eq!(wrap("one two three", 9, "- "), ["- one two", "  three"]);
        assert_eq!(wrap("one  two\nthree", 80, ""), ["one two three"]);
        assert_eq!(
            wrap("a incomprehensibilities b", 6, ""),
            ["a", "incomprehensibilities", "b"]
        );
        assert_eq!(wrap("", 10, "* "), ["* "]);
        assert_eq!(wrap("äöü äöü", 7, ""), ["äöü äöü"]);
    }
}
