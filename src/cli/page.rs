//! A page of Markdown on a terminal: headings in bold, code indented, prose in lines that fit.

use super::terminal::{Paint, wrap};

/// How far code stands in.
const CODE: &str = "    ";

/// The page for a terminal of that width.
pub(super) fn render(page: &str, width: usize, paint: Paint) -> String {
    let mut out = Vec::new();
    let mut lines = page.lines().peekable();
    while let Some(line) = lines.next() {
        if let Some(info) = line.strip_prefix("```") {
            // `yaml file=compose.yml fixed`: which file it is, and in which state.
            if let Some((_, file)) = info.split_once("file=") {
                out.push(format!("{CODE}{}", paint.dim(&file.replace(' ', ", "))));
            }
            for code in lines.by_ref().take_while(|line| !line.starts_with("```")) {
                let code = if code.is_empty() {
                    String::new()
                } else {
                    paint.code(code)
                };
                out.push(format!("{CODE}{code}").trim_end().to_owned());
            }
        } else if let Some(title) = line.trim_start_matches('#').strip_prefix(' ')
            && line.starts_with('#')
        {
            out.push(paint.bold(&plain(title)));
        } else if line.is_empty() || line.starts_with('|') {
            out.push(line.to_owned());
        } else {
            let (mark, text) = match line.strip_prefix("- ") {
                Some(text) => ("- ", text),
                None => ("", line),
            };
            let mut text = text.to_owned();
            // A paragraph, or an item with the lines that belong to it.
            while let Some(more) = lines.next_if(|next| goes_on(next)) {
                text.push(' ');
                text.push_str(more.trim_start());
            }
            out.extend(
                wrap(&plain(&text), width, mark)
                    .iter()
                    .map(|line| inline(line, paint)),
            );
        }
    }
    out.push(String::new());
    out.join("\n")
}

fn goes_on(line: &str) -> bool {
    !(line.is_empty()
        || line.starts_with(['#', '|'])
        || line.starts_with("```")
        || line.starts_with("- "))
}

/// The text without the targets of its links and the stars of what is emphasised.
fn plain(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('[') {
        let link = behind.split_once("](").and_then(|(words, target)| {
            let (_, behind) = target.split_once(')')?;
            Some((words, behind))
        });
        out.push_str(before);
        match link {
            // In code a bracket is a bracket.
            Some((words, behind)) if out.matches('`').count().is_multiple_of(2) => {
                out.push_str(words);
                rest = behind;
            }
            _ => {
                out.push('[');
                rest = behind;
            }
        }
    }
    out.push_str(rest);
    out.replace("**", "")
}

/// Code in a line, in its colour. Without colours the backticks stay, so that it can be told from prose.
fn inline(line: &str, paint: Paint) -> String {
    if !paint.on || line.matches('`').count() % 2 == 1 {
        return line.to_owned();
    }
    let parts = line.split('`').enumerate();
    let parts = parts.map(|(i, part)| {
        if i % 2 == 1 {
            paint.code(part)
        } else {
            part.to_owned()
        }
    });
    parts.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "# a-rule\n\nerror · safe\n\n## Why\n\nOne **two** three `four` [five](x.md)\nsix seven.\n\n- one item\n  that goes on\n- another\n\n```yaml file=compose.yml fixed\nservices:\n\n  db: {}\n```\n\n| a | b |\n|---|---|\n";

    #[test]
    fn prose_is_wrapped_and_code_is_not() {
        let text = render(PAGE, 20, Paint { on: false });
        assert_eq!(
            text,
            "a-rule\n\nerror · safe\n\nWhy\n\nOne two three `four`\nfive six seven.\n\n- one item that goes\n  on\n- another\n\n    compose.yml, fixed\n    services:\n\n      db: {}\n\n| a | b |\n|---|---|\n"
        );
    }

    #[test]
    fn headings_are_bold_and_code_has_a_colour() {
        let text = render(PAGE, 80, Paint { on: true });
        assert!(text.starts_with("\x1b[1ma-rule\x1b[0m\n"), "{text}");
        assert!(text.contains("three \x1b[36mfour\x1b[0m five"), "{text}");
        assert!(text.contains("    \x1b[36mservices:\x1b[0m\n"), "{text}");
    }

    #[test]
    fn every_page_fits() {
        for rule in crate::rules::RULES {
            for width in [40, 72, 100] {
                let text = render(rule.page, width, Paint { on: false });
                let prose = text.lines().filter(|line| !line.starts_with([' ', '|']));
                for line in prose {
                    let fits = line.chars().count() <= width || !line.contains(' ');
                    assert!(fits, "{}: {line}", rule.name);
                }
            }
        }
    }

    #[test]
    fn brackets_in_code_are_no_links() {
        assert_eq!(
            plain("`[a](b)` and [c](d) and [e]"),
            "`[a](b)` and c and [e]"
        );
    }
}
