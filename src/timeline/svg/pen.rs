//! The elements of an SVG, and how wide its texts are.

pub(in crate::timeline) use crate::escape::xml;

use crate::escape;
use std::fmt::Write as _;
use unicode_width::UnicodeWidthChar;

/// A sentence for XML, with what stands between backticks between `tags`. `code` says whether it begins inside of some, and then whether it ends so.
pub(in crate::timeline) fn prose(text: &str, code: &mut bool, tags: (&str, &str)) -> String {
    let mut out = String::new();
    for (number, part) in text.split('`').enumerate() {
        *code ^= number > 0;
        if *code && !part.is_empty() {
            out.push_str(tags.0);
            out.push_str(&xml(part));
            out.push_str(tags.1);
        } else {
            out.push_str(&xml(part));
        }
    }
    out
}

/// A font of the picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Font {
    pub(super) size: f64,
    pub(super) mono: bool,
}

impl Font {
    pub(super) const fn sans(size: f64) -> Self {
        let mono = false;
        Self { size, mono }
    }

    pub(super) const fn mono(size: f64) -> Self {
        let mono = true;
        Self { size, mono }
    }

    /// How wide a text is at most, in the wider ones of the fonts that systems have, when what is hostile in it has been written out.
    pub(super) fn width(self, text: &str) -> f64 {
        let ems: f64 = escape::line(text).chars().map(|c| self.em(c)).sum();
        ems * self.size
    }

    fn em(self, c: char) -> f64 {
        match c.width() {
            Some(0) | None => 0.0,
            Some(1) if self.mono && (c.is_ascii() || c == '…') => 0.61,
            Some(1) if c.is_ascii() => match c {
                'i' | 'j' | 'l' | ' ' | '.' | ',' | ':' | ';' | '\'' | '`' | '|' | '!' => 0.36,
                'f' | 't' | 'r' | '(' | ')' | '[' | ']' | '-' | '/' | '"' | 'I' => 0.45,
                'm' | 'w' | 'M' | 'W' | '@' | '%' => 1.0,
                'A'..='Z' => 0.76,
                '=' | '+' | '<' | '>' | '~' | '#' | '&' => 0.84,
                _ => 0.64,
            },
            Some(1) => 0.9,
            Some(_) => 1.3,
        }
    }

    /// The text as far as it fits, with an ellipsis where something is left out of its middle.
    pub(super) fn fit(self, text: &str, most: f64) -> String {
        let text = &*escape::line(text);
        if self.width(text) <= most {
            return text.to_owned();
        }
        let mut left = most - self.width("…");
        let (mut head, mut tail) = (String::new(), Vec::new());
        let mut chars = text.chars();
        // From both ends, two letters of the head for one of the tail.
        for from_tail in [false, true, false].into_iter().cycle() {
            let Some(c) = (if from_tail {
                chars.next_back()
            } else {
                chars.next()
            }) else {
                break;
            };
            left -= self.em(c) * self.size;
            if left < 0.0 {
                break;
            }
            if from_tail {
                tail.push(c);
            } else {
                head.push(c);
            }
        }
        head.push('…');
        head.extend(tail.into_iter().rev());
        head
    }

    /// The text in lines, broken at blanks; a word that is too long is shortened.
    pub(super) fn wrap(self, text: &str, most: f64) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        let mut used = 0.0;
        for word in escape::line(text)
            .split(' ')
            .filter(|word| !word.is_empty())
        {
            let word = self.fit(word, most);
            let own = self.width(&word);
            let gap = self.width(" ");
            match lines.last_mut() {
                Some(line) if used + gap + own <= most => {
                    line.push(' ');
                    line.push_str(&word);
                    used += gap + own;
                }
                _ => {
                    lines.push(word);
                    used = own;
                }
            }
        }
        lines
    }
}

/// On which side of its point a text stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// Writes elements.
#[derive(Default)]
pub(super) struct Pen {
    pub(super) out: String,
}

/// A number with at most one decimal.
pub(super) fn number(value: f64) -> String {
    let rounded = format!("{value:.1}");
    let short = rounded.strip_suffix(".0").unwrap_or(&rounded);
    if short == "-0" {
        "0".to_owned()
    } else {
        short.to_owned()
    }
}

impl Pen {
    fn push(&mut self, arguments: std::fmt::Arguments) {
        self.out
            .write_fmt(arguments)
            .expect("writing to a string never fails");
        self.out.push('\n');
    }

    pub(super) fn text(&mut self, at: (f64, f64), class: &str, anchor: Anchor, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::End => " text-anchor=\"end\"",
        };
        let (x, y) = (number(at.0), number(at.1));
        self.push(format_args!(
            "<text x=\"{x}\" y=\"{y}\" class=\"{class}\"{anchor}>{}</text>",
            xml(text)
        ));
    }

    /// A line of a sentence: what stands between backticks is code. `code` says whether the line begins inside of some.
    pub(super) fn prose(&mut self, at: (f64, f64), class: &str, text: &str, code: &mut bool) {
        let (x, y) = (number(at.0), number(at.1));
        let text = prose(text, code, ("<tspan class=\"u-code\">", "</tspan>"));
        self.push(format_args!(
            "<text x=\"{x}\" y=\"{y}\" class=\"{class}\">{text}</text>"
        ));
    }

    /// A triangle that points down at a place.
    pub(super) fn pointer(&mut self, at: (f64, f64), class: &str) {
        let (x, y) = (number(at.0), number(at.1));
        self.push(format_args!(
            "<path d=\"M{x} {y}l-4.5 -7h9z\" class=\"{class}\"/>"
        ));
    }

    /// A rectangle; `hint` is what a pointer is told.
    pub(super) fn rect(
        &mut self,
        at: (f64, f64),
        size: (f64, f64),
        class: &str,
        round: f64,
        hint: &str,
    ) {
        let (x, y, w, h) = (number(at.0), number(at.1), number(size.0), number(size.1));
        let round = if round > 0.0 {
            format!(" rx=\"{}\"", number(round))
        } else {
            String::new()
        };
        let open = format!(
            "<rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\"{round} class=\"{class}\""
        );
        if hint.is_empty() {
            self.push(format_args!("{open}/>"));
        } else {
            self.push(format_args!("{open}><title>{}</title></rect>", xml(hint)));
        }
    }

    pub(super) fn line(&mut self, from: (f64, f64), to: (f64, f64), class: &str) {
        let [a, b, c, d] = [from.0, from.1, to.0, to.1].map(number);
        self.push(format_args!(
            "<path d=\"M{a} {b}L{c} {d}\" class=\"{class}\"/>"
        ));
    }

    /// Several short upright lines in one path.
    pub(super) fn ticks(&mut self, xs: &[f64], from: f64, height: f64, class: &str) {
        if xs.is_empty() {
            return;
        }
        let mut path = String::new();
        for x in xs {
            let (x, y, h) = (number(*x), number(from), number(height));
            write!(path, "M{x} {y}v{h}").expect("writing to a string never fails");
        }
        self.push(format_args!("<path d=\"{path}\" class=\"{class}\"/>"));
    }

    pub(super) fn dot(&mut self, at: (f64, f64), radius: f64, class: &str) {
        let (x, y, r) = (number(at.0), number(at.1), number(radius));
        self.push(format_args!(
            "<circle cx=\"{x}\" cy=\"{y}\" r=\"{r}\" class=\"{class}\"/>"
        ));
    }

    pub(super) fn diamond(&mut self, at: (f64, f64), radius: f64, class: &str) {
        let (x, y, r) = (number(at.0), number(at.1 - radius), number(radius));
        self.push(format_args!(
            "<path d=\"M{x} {y}l{r} {r}l-{r} {r}l-{r} -{r}z\" class=\"{class}\"/>"
        ));
    }
}
