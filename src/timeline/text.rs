//! The picture for a terminal: a row a service, in a given number of columns.

mod chart;

use super::row::{Row, Zone, step_letter, time};
use super::scene::Scene;
use super::sentence;
use super::told::{Told, foremost, told};
use super::width::{shorten, shorten_names, width, wrap};
use crate::clock::{BudgetModel, Hit};
use crate::escape;
use chart::{Chart, Glyph};
use std::borrow::Cow;

/// How it is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// The columns that there are; fewer than [`LEAST_WIDTH`] count as so many, more than [`MOST_WIDTH`] are left empty.
    pub width: usize,
    /// Only ASCII.
    pub ascii: bool,
    /// With the terminal's colours.
    pub colours: bool,
}

/// The fewest columns in which a picture can be drawn.
pub const LEAST_WIDTH: usize = 40;

/// More columns make no picture better.
pub const MOST_WIDTH: usize = 200;

/// Up to so many services each row has a line of probes.
const ROWS_WITH_PROBES: usize = 12;

/// From so many columns on the end of each row says what becomes of the service.
const WIDTH_WITH_WORDS: usize = 72;

/// More lines than these are counted.
const MOST_LIMITS: usize = 12;

/// The pictures one below the other.
pub fn render(scenes: &[Scene], style: Style) -> String {
    let pictures: Vec<String> = scenes.iter().map(|scene| picture(scene, style)).collect();
    pictures.join("\n")
}

fn picture(scene: &Scene, style: Style) -> String {
    let mut page = Page::new(style);
    page.heading(scene);
    page.chart(scene);
    page.limits(scene);
    page.steps(scene);
    page.legend(scene);
    page.foot(scene);
    page.out
}

struct Page {
    style: Style,
    width: usize,
    ellipsis: &'static str,
    out: String,
    /// The glyphs that have been drawn.
    used: Vec<Glyph>,
    /// The letters of the lines, with their limits.
    lettered: Vec<(char, Vec<usize>)>,
}

impl Page {
    fn new(style: Style) -> Self {
        Self {
            style,
            width: style.width.clamp(LEAST_WIDTH, MOST_WIDTH),
            ellipsis: if style.ascii { ".." } else { "…" },
            out: String::new(),
            used: Vec::new(),
            lettered: Vec::new(),
        }
    }

    /// A text from a file, harmless and, where it must be, in ASCII.
    fn safe<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let text = escape::line(text);
        if !self.style.ascii || text.is_ascii() {
            return text;
        }
        let mut out = String::new();
        for c in text.chars() {
            if c.is_ascii() {
                out.push(c);
            } else {
                out.extend(c.escape_unicode());
            }
        }
        Cow::Owned(out)
    }

    /// Adds a line, without blanks at its end.
    fn line(&mut self, text: &str) {
        self.out.push_str(text.trim_end());
        self.out.push('\n');
    }

    /// Adds a text in lines: `lead` before the first, blanks as wide before the others; `codes` are the colours of the text.
    fn paragraph(&mut self, lead: &str, text: &str, codes: &str) {
        let indent = " ".repeat(width(lead));
        let lines = wrap(&self.safe(text), self.width.saturating_sub(indent.len()));
        for (number, line) in lines.iter().enumerate() {
            let lead = if number == 0 { lead } else { &indent };
            let line = self.paint(line, codes);
            self.line(&format!("{lead}{line}"));
        }
    }

    fn paint(&self, text: &str, codes: &str) -> String {
        if self.style.colours && !codes.is_empty() && !text.is_empty() {
            format!("\x1b[{codes}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }

    fn heading(&mut self, scene: &Scene) {
        let files = scene.files.join(" + ");
        let head = format!("{} ({files}), engine {}", scene.name, scene.engine);
        self.paragraph("", &head, "1");
        self.line("");
        let codes = match scene.first_limit() {
            None => "32",
            Some(first) if !first.ends_the_start() => "33",
            Some(_) => "31",
        };
        for sentence in &scene.sentence {
            self.paragraph("", sentence, codes);
        }
        self.line("");
    }

    fn chart(&mut self, scene: &Scene) {
        let names: Vec<String> = scene
            .rows
            .iter()
            .map(|row| self.safe(&row.name).into_owned())
            .collect();
        let longest = names.iter().map(|name| width(name)).max().unwrap_or(0);
        let names_width = longest.min((self.width * 3 / 10).max(8));
        let names = shorten_names(&names, names_width, self.ellipsis);
        let words: Vec<String> = scene.rows.iter().map(Row::words).collect();
        let words_width = words.iter().map(String::len).max().unwrap_or(0);
        let with_words = self.width >= WIDTH_WITH_WORDS;
        let right = if with_words { words_width + 1 } else { 0 };
        let mut chart = Chart::new(scene, self.width - names_width - 1 - right);
        self.lettered = chart.letters(scene);
        let gap = " ".repeat(names_width + 1);
        // Where nothing has a length, an axis would measure nothing.
        let axis = if scene.is_bare() {
            Vec::new()
        } else {
            chart.axis(self.style).to_vec()
        };
        for line in axis {
            self.line(&format!("{gap}{line}"));
        }
        let with_probes = scene.rows.len() <= ROWS_WITH_PROBES;
        let first = scene.first_limit().filter(|first| first.origin.is_none());
        let first = first.and_then(|first| Some((first.row?, first.limit.at)));
        let rows = scene.rows.iter().zip(names.iter().zip(&words));
        for (index, (row, (name, words))) in rows.enumerate() {
            let pad = " ".repeat(names_width - width(name));
            let name = self.paint(name, if row.critical { "1" } else { "" });
            let words = if with_words { words.as_str() } else { "" };
            if scene.is_bare() {
                self.line(&format!("{name}{pad} {words}"));
                continue;
            }
            let first = first.filter(|(row, _)| *row == index).map(|(_, at)| at);
            let bars = chart.bars(row, first);
            let bars = chart::print(&bars, self.style, &mut self.used);
            self.line(&format!("{name}{pad} {bars} {words}"));
            let probes = chart.probes(row);
            if with_probes && probes.iter().any(|glyph| glyph.is_probe()) {
                let probes = chart::print(&probes, self.style, &mut self.used);
                self.line(&format!("{gap}{probes}"));
            }
        }
        self.line("");
    }

    /// The lines with their letters, then what lies outside of the picture.
    fn limits(&mut self, scene: &Scene) {
        let inside = self.lettered.iter().flat_map(|(letter, limits)| {
            limits.iter().map(|limit| (*letter, &scene.limits[*limit]))
        });
        let outside = scene.lines.iter().filter(|line| !line.inside);
        let outside = outside.map(|line| ('>', &scene.limits[line.limit]));
        let (listed, more) = foremost(told(inside.chain(outside)), MOST_LIMITS);
        for told in &listed {
            self.limit(told);
        }
        if more > 0 {
            self.line(&format!("   and {more} more"));
        }
        if !listed.is_empty() {
            self.line("");
        }
    }

    fn limit(&mut self, told: &Told) {
        let codes = match told.entry.limit.hit {
            Some(Hit::Surely) => "31",
            Some(Hit::Possibly) => "33",
            _ => "",
        };
        let place = told.entry.place.as_ref();
        let place = place.map_or_else(String::new, |(file, at)| {
            format!(" ({}:{})", shorten(file, 60, "..."), at.line)
        });
        let text = format!("{}{place}: {}", told.subject(), told.entry.words);
        self.paragraph(&format!("{}  ", told.sign), &text, codes);
    }

    /// The steps of the starts that are known by steps.
    fn steps(&mut self, scene: &Scene) {
        let mut any = false;
        for row in scene.rows.iter().filter(|row| row.stopped_by.is_none()) {
            let startup = row.startup.as_ref();
            let Some(startup) = startup.filter(|startup| !startup.steps.is_empty()) else {
                continue;
            };
            any = true;
            let steps = startup.steps.iter().enumerate().map(|(number, step)| {
                let letter = step_letter(number);
                let name = shorten(&self.safe(&step.name), 40, self.ellipsis);
                format!("{letter} {name} {}", time(step.seconds))
            });
            let steps: Vec<String> = steps.collect();
            let text = format!(
                "steps of {}: {}",
                shorten(&row.name, 60, "..."),
                steps.join(", ")
            );
            self.paragraph("", &text, "");
        }
        if any {
            self.line("");
        }
    }

    /// What the signs mean, each in its colour. What is explained together stays in one line.
    fn legend(&mut self, scene: &Scene) {
        const GAP: &str = "   ";
        let mut items = Vec::new();
        for glyph in Glyph::ALL {
            if !self.used.contains(&glyph) {
                continue;
            }
            let sign = match glyph {
                Glyph::Counted(_) => "1 2 3".to_owned(),
                glyph => glyph.sign(self.style.ascii).to_string(),
            };
            let meaning = glyph.meaning().to_owned();
            items.push((sign, glyph.codes(), meaning));
        }
        if let Some(knee) = scene.axis.knee() {
            let meaning = format!("the scale changes at {}", time(knee));
            items.push((String::new(), "", meaning));
        }
        let (mut line, mut used) = (String::new(), 0);
        for (sign, codes, meaning) in &items {
            let sep = if sign.is_empty() { "" } else { " " };
            let own = width(sign) + sep.len() + width(meaning);
            if used > 0 && used + GAP.len() + own > self.width {
                self.line(&std::mem::take(&mut line));
                used = 0;
            }
            if used > 0 {
                line.push_str(GAP);
                used += GAP.len();
            }
            line.push_str(&self.paint(sign, codes));
            line.push_str(sep);
            line.push_str(&self.paint(meaning, "2"));
            used += own;
        }
        if used > 0 {
            self.line(&line);
            self.line("");
        }
    }

    /// The budgets, and the notes.
    fn foot(&mut self, scene: &Scene) {
        for model in BudgetModel::ALL {
            let lead = format!("{:<9} ", model.name());
            self.paragraph(&lead, &sentence::budget(scene, model), "");
        }
        if !scene.notes.is_empty() {
            self.line("");
        }
        for note in &scene.notes {
            self.paragraph("- ", note, "");
        }
    }
}

impl Zone {
    /// The sign of a zone.
    fn glyph(self) -> Glyph {
        match self {
            Self::Waiting => Glyph::Waiting,
            Self::Grace => Glyph::Grace,
            Self::Retries => Glyph::Retries,
            Self::Verdict => Glyph::Verdict,
            Self::Startup(_) => Glyph::Startup,
            Self::Late(_) => Glyph::Late,
            Self::Healthy => Glyph::Healthy,
        }
    }
}
