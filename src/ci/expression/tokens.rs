//! From text to tokens: where expressions stand, and what they are made of.

/// A part of a text.
pub(super) enum Piece<'a> {
    Text(&'a str),
    Expression(&'a str),
}

/// The parts of a text: what stands between braces, and the rest.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("${{") {
        let Some(length) = rest[start + 3..].find("}}") else {
            break;
        };
        if start > 0 {
            pieces.push(Piece::Text(&rest[..start]));
        }
        pieces.push(Piece::Expression(
            rest[start + 3..start + 3 + length].trim(),
        ));
        rest = &rest[start + 3 + length + 2..];
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    pieces
}

/// A part of an expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// A name with its dots, or a function's.
    Name(String),
    Text(String),
    Sign(&'static str),
    /// Something that is not understood.
    Other,
}

const SIGNS: [&str; 14] = [
    "||", "&&", "==", "!=", "<=", ">=", "<", ">", "!", "(", ")", ",", "[", "]",
];

/// The parts of an expression.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let length = if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            tokens.push(Token::Sign(sign));
            sign.len()
        } else if rest.starts_with('\'') {
            let (value, length) = quoted(rest);
            tokens.push(Token::Text(value));
            length
        } else {
            let is_word = |c: char| c.is_alphanumeric() || "_-.*+".contains(c);
            let length = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
            let word = &rest[..length];
            if word.is_empty() {
                tokens.push(Token::Other);
            } else if word.parse::<f64>().is_ok() || matches!(word, "true" | "false" | "null") {
                tokens.push(Token::Text(word.to_owned()));
            } else {
                tokens.push(Token::Name(word.to_owned()));
            }
            length.max(rest.chars().next().map_or(1, char::len_utf8))
        };
        rest = rest[length..].trim_start();
    }
    tokens
}

/// A text in single quotes, two of which stand for one, and its length with them.
fn quoted(text: &str) -> (String, usize) {
    let mut value = String::new();
    let mut at = 1;
    while let Some(length) = text[at..].find('\'') {
        value.push_str(&text[at..at + length]);
        at += length + 1;
        if !text[at..].starts_with('\'') {
            return (value, at);
        }
        value.push('\'');
        at += 1;
    }
    value.push_str(&text[at..]);
    (value, text.len())
}
