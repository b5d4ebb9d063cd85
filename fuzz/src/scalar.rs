//! A script as a YAML scalar in every style, written by rules of its own that know where each character came to stand.

use libfuzzer_sys::arbitrary::{self, Arbitrary, Result, Unstructured};

/// A document with one script, and what has to be read of it.
pub struct Written {
    /// The document.
    pub yaml: String,
    /// The script that the scalar means.
    pub text: String,
    /// For each character of `text` the byte of the document that it stands at, where it stands there as it is.
    pub places: Vec<Option<usize>>,
}

#[derive(Arbitrary, Clone, Copy, PartialEq)]
enum Chomp {
    Clip,
    Strip,
    Keep,
}

#[derive(Arbitrary, Clone, Copy, PartialEq)]
enum Style {
    Literal,
    Folded,
    Single,
    Double,
    Plain,
}

/// The words that lines are made of: no quotes, which the styles treat each in its own way, but in [`Style::Single`] and
/// [`Style::Double`].
const WORDS: [&str; 12] = [
    "sleep 30",
    "X=5",
    "docker compose up -d",
    "é",
    "a",
    "$((X+1))",
    "done",
    "|| true",
    "${{ a }}",
    "{1..3}",
    "while x;",
    "\u{1f600}",
];

struct Writer {
    yaml: String,
    text: String,
    places: Vec<Option<usize>>,
    line_break: &'static str,
}

impl Writer {
    /// Text that stands as it is.
    fn same(&mut self, text: &str) {
        for c in text.chars() {
            self.places.push(Some(self.yaml.len()));
            self.yaml.push(c);
            self.text.push(c);
        }
    }

    /// Text that `written` stands for.
    fn made(&mut self, written: &str, text: &str) {
        self.yaml.push_str(written);
        self.text.push_str(text);
        self.places.extend(text.chars().map(|_| None));
    }

    fn only_written(&mut self, written: &str) {
        self.yaml.push_str(written);
    }
}

/// Writes what `data` says.
pub fn generate(data: &[u8]) -> Result<Written> {
    let mut input = Unstructured::new(data);
    let style = Style::arbitrary(&mut input)?;
    let mut writer = Writer {
        yaml: String::new(),
        text: String::new(),
        places: Vec::new(),
        line_break: if bool::arbitrary(&mut input)? {
            "\n"
        } else {
            "\r\n"
        },
    };
    let depth = input.int_in_range(0..=3)?;
    for level in 0..depth {
        let key = if bool::arbitrary(&mut input)? {
            "jobs:"
        } else {
            "'a b':  # é"
        };
        writer.only_written(&format!("{}{key}{}", "  ".repeat(level), writer.line_break));
    }
    let mut own = 2 * depth;
    writer.only_written(&" ".repeat(own));
    for _ in 0..input.int_in_range(0..=2)? {
        writer.only_written("- ");
        own += 2;
    }
    let in_key = own;
    writer.only_written(["run: ", "'run': ", "run:   ", "run: &x "][input.int_in_range(0..=3)?]);
    match style {
        Style::Literal | Style::Folded => block(&mut input, &mut writer, style, in_key)?,
        _ => flow(&mut input, &mut writer, style, in_key)?,
    }
    if bool::arbitrary(&mut input)? && writer.yaml.ends_with('\n') {
        let next = format!("{}env: x{}", " ".repeat(in_key), writer.line_break);
        writer.only_written(&next);
    }
    Ok(Written {
        yaml: writer.yaml,
        text: writer.text,
        places: writer.places,
    })
}

fn line(input: &mut Unstructured) -> Result<String> {
    let mut words = Vec::new();
    for _ in 0..=input.int_in_range(0..=3)? {
        words.push(*input.choose(&WORDS)?);
    }
    Ok(words.join(" "))
}

/// A block scalar: every line, then the chomping of the empty ones at its end.
fn block(input: &mut Unstructured, writer: &mut Writer, style: Style, own: usize) -> Result<()> {
    let chomp = Chomp::arbitrary(input)?;
    let deeper = input.int_in_range(1..=5)?;
    let indent = own + deeper;
    // Indentation, and whether the line is empty; `None` is a line of blanks alone.
    let mut lines: Vec<Option<(usize, String)>> = Vec::new();
    for _ in 0..input.int_in_range(1..=7)? {
        lines.push(match input.int_in_range(0..=4)? {
            0 => None,
            1 => Some((input.int_in_range(1..=3)?, line(input)?)),
            _ => Some((0, line(input)?)),
        });
    }
    let first = lines.iter().flatten().next();
    // A first line that stands deeper takes an indicator, and so does what begins with blanks.
    let explicit = first.is_some_and(|(more, _)| *more > 0) || bool::arbitrary(input)?;
    let mark = if style == Style::Literal { "|" } else { ">" };
    let chomping = ["", "-", "+"][chomp as usize];
    let digit = if explicit {
        deeper.to_string()
    } else {
        String::new()
    };
    let header = if bool::arbitrary(input)? {
        format!("{mark}{digit}{chomping}")
    } else {
        format!("{mark}{chomping}{digit} # why")
    };
    let line_break = writer.line_break;
    writer.only_written(&format!("{header}{line_break}"));
    let last = lines.iter().rposition(Option::is_some);
    let Some(last) = last else {
        for _ in &lines {
            if chomp == Chomp::Keep {
                writer.made(line_break, "\n");
            } else {
                writer.only_written(line_break);
            }
        }
        return Ok(());
    };
    let more = |n: usize| lines[n].as_ref().map(|(more, _)| *more > 0);
    for (n, content) in lines.iter().enumerate() {
        if let Some((more, text)) = content {
            writer.only_written(&" ".repeat(indent));
            writer.same(&" ".repeat(*more));
            writer.same(text);
        } else {
            // Blanks up to the indentation are no text.
            let blanks = input.int_in_range(0..=indent)?;
            writer.only_written(&" ".repeat(blanks));
        }
        // The break behind this line.
        let kept = if n > last || n == last {
            match chomp {
                Chomp::Keep => true,
                Chomp::Clip => n == last,
                Chomp::Strip => false,
            }
        } else if style == Style::Literal || content.is_none() {
            true
        } else {
            // Folded: between two lines of text that do not stand deeper the break is a blank, or nothing where empty
            // lines follow.
            let next = (n + 1..lines.len()).find(|n| lines[*n].is_some());
            let deeper = more(n) == Some(true) || next.and_then(more) == Some(true);
            if !deeper {
                if next == Some(n + 1) {
                    writer.made(line_break, " ");
                } else {
                    writer.only_written(line_break);
                }
                continue;
            }
            true
        };
        if kept {
            writer.made(line_break, "\n");
        } else {
            writer.only_written(line_break);
        }
    }
    Ok(())
}

/// A flow scalar over one or more lines.
fn flow(input: &mut Unstructured, writer: &mut Writer, style: Style, own: usize) -> Result<()> {
    let quote = match style {
        Style::Single => "'",
        Style::Double => "\"",
        _ => "",
    };
    writer.only_written(quote);
    let count = input.int_in_range(1..=4)?;
    for n in 0..count {
        // A plain scalar does not begin with what means something else.
        writer.same("x ");
        let text = line(input)?;
        let text = if style == Style::Plain {
            text.replace("${{ a }}", "b")
        } else {
            text
        };
        writer.same(&text);
        match style {
            Style::Single if bool::arbitrary(input)? => {
                writer.made("''", "'");
                writer.same("z");
            }
            Style::Double => {
                let (written, meant) = *input.choose(&[
                    ("", ""),
                    ("\\n", "\n"),
                    ("\\\"", "\""),
                    ("\\x41", "A"),
                    ("\\u00e9", "é"),
                    ("\\\\", "\\"),
                    ("\\t", "\t"),
                ])?;
                writer.made(written, meant);
                writer.same("z");
            }
            _ => {}
        }
        if n + 1 < count {
            let blanks = " ".repeat(input.int_in_range(0..=2)?);
            let empty = input.int_in_range(0..=2)?;
            let line_break = writer.line_break;
            let gap = format!(
                "{blanks}{}{}",
                line_break.repeat(empty + 1),
                " ".repeat(own + 1 + empty)
            );
            let meant = if empty == 0 {
                " ".to_owned()
            } else {
                "\n".repeat(empty)
            };
            writer.made(&gap, &meant);
        }
    }
    writer.only_written(quote);
    writer.only_written(writer.line_break);
    Ok(())
}
