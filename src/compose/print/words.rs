//! A command line in words, as mattn/go-shellwords v1.0.12 splits it: no variables, no commands.

/// What is open where a character stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Open {
    Nothing,
    Single,
    Double,
    Backquote,
    /// `$(`
    Dollar,
}

/// The words of a text. `None` if a quote stays open, or for a parenthesis without a dollar.
pub(in crate::compose) fn words(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut open = Open::Nothing;
    let mut escaped = false;
    for c in text.chars() {
        if std::mem::take(&mut escaped) {
            word.get_or_insert_default().push(c);
            continue;
        }
        let after_dollar = word.as_ref().is_some_and(|word| word.ends_with('$'));
        match (c, open) {
            ('\\', Open::Single) => word.get_or_insert_default().push(c),
            ('\\', _) => escaped = true,
            ('\'', Open::Single) | ('"', Open::Double) => open = Open::Nothing,
            ('\'', Open::Nothing) => {
                open = Open::Single;
                word.get_or_insert_default();
            }
            ('"', Open::Nothing) => {
                open = Open::Double;
                word.get_or_insert_default();
            }
            (' ' | '\t' | '\r' | '\n', Open::Nothing) => words.extend(word.take()),
            // The rest is no part of the command, nor is the number of a stream before `>`.
            (';' | '&' | '|' | '<' | '>', Open::Nothing) => {
                let is_stream =
                    |word: &String| c == '>' && word.starts_with(|c: char| c.is_ascii_digit());
                words.extend(word.take().filter(|word| !is_stream(word)));
                return Some(words);
            }
            ('(', Open::Nothing) if !after_dollar => return None,
            (c, _) => {
                open = match (c, open) {
                    ('`', Open::Nothing) => Open::Backquote,
                    ('(', Open::Nothing) => Open::Dollar,
                    ('`', Open::Backquote) | (')', Open::Dollar) => Open::Nothing,
                    _ => open,
                };
                word.get_or_insert_default().push(c);
            }
        }
    }
    words.extend(word);
    (open == Open::Nothing && !escaped).then_some(words)
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn commands_split_as_docker_splits_them() {
        for (text, expected) in [
            (r"a \t\n b\ c", Some(vec!["a", "tn", "b c"])),
            ("a `b c` d", Some(vec!["a", "`b c`", "d"])),
            ("a $(b c) d", Some(vec!["a", "$(b c)", "d"])),
            ("a (b) d", None),
            (r#"a "b$(c d)e""#, Some(vec!["a", "b$(c d)e"])),
            ("a 2>x", Some(vec!["a"])),
            (r#"a \"x"#, Some(vec!["a", "\"x"])),
            (r#"a 'b''c' "" d"#, Some(vec!["a", "bc", "", "d"])),
            (r#"a $(b `c` "d")"#, Some(vec!["a", r#"$(b `c` "d")"#])),
            ("  ", Some(vec![])),
            ("sh -c 'a && b' && c", Some(vec!["sh", "-c", "a && b"])),
            ("a 'b", None),
        ] {
            let expected = expected.map(|words| words.into_iter().map(str::to_owned).collect());
            assert_eq!(words(text), expected, "{text}");
        }
    }
}
