//! The picture as one self-contained SVG: light and dark, without scripts, with system fonts.

mod flags;
mod pen;
mod rows;
mod style;

pub(super) use pen::{prose, xml};

use super::row::{letter, step_letter, time};
use super::scene::{Entry, Scene};
use super::sentence;
use super::told::{Told, foremost, told};
use super::width::shorten;
use crate::clock::{BudgetModel, Hit};
use crate::duration::Seconds;
use pen::{Anchor, Font, Pen, number};
use rows::Rows;

/// The width of the picture; its height is what it takes.
const WIDTH: f64 = 960.0;

/// The margin around everything.
const EDGE: f64 = 28.0;

const NAME: Font = Font::mono(12.0);
const SMALL: Font = Font::sans(11.0);
const BODY: Font = Font::sans(12.0);
const LEDE: Font = Font::sans(15.0);
const HEAD: Font = Font::sans(20.0);

/// What a badge takes of a label, with the room around it.
const BADGE: f64 = 26.0;

/// A narrower label says nothing: the letter stands alone.
const LEAST_LABEL: f64 = 40.0;

/// The sign of a limit that has no line.
const NO_LINE: char = '–';

/// More lines than these are not labelled.
const MOST_LINES: usize = 12;

/// What is drawn of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// All of it, to stand alone.
    Whole,
    /// The chart and what its signs mean, to stand in a page that has the words; the pictures of a page are numbered.
    Chart(usize),
}

/// One picture.
pub fn render(scene: &Scene) -> String {
    draw(scene, Extent::Whole).0
}

/// A line's letter, with the limits that fall there.
pub(super) type Lettered = (char, Vec<usize>);

/// A picture, and the letters of its lines.
pub(super) fn draw(scene: &Scene, extent: Extent) -> (String, Vec<Lettered>) {
    let mut picture = Picture::new(scene);
    match extent {
        Extent::Whole => picture.heading(),
        Extent::Chart(_) => picture.y = 4.0,
    }
    picture.chart();
    picture.legend();
    let lines = picture.lines.iter();
    let lettered = lines
        .map(|(letter, _, limits)| (*letter, limits.clone()))
        .collect();
    if extent == Extent::Whole {
        picture.key();
        picture.foot();
        picture.y += EDGE;
    } else {
        picture.y += 8.0;
    }
    (picture.finish(extent), lettered)
}

struct Picture<'a> {
    scene: &'a Scene,
    pen: Pen,
    /// How far down everything reaches so far.
    y: f64,
    /// From the left edge to the right one of the chart itself.
    left: f64,
    right: f64,
    /// The labelled lines: the letter, where, and the limits in them.
    lines: Vec<(char, f64, Vec<usize>)>,
}

impl<'a> Picture<'a> {
    fn new(scene: &'a Scene) -> Self {
        let longest = |texts: &mut dyn Iterator<Item = f64>| texts.fold(0.0, f64::max);
        let mut names = scene.rows.iter().map(|row| NAME.width(&row.name));
        let names = longest(&mut names).clamp(40.0, 250.0);
        let mut words = scene.rows.iter().map(|row| SMALL.width(&row.words()));
        let words = longest(&mut words).clamp(40.0, 190.0);
        Self {
            scene,
            pen: Pen::default(),
            y: EDGE,
            left: EDGE + names + 14.0,
            right: WIDTH - EDGE - words - 14.0,
            lines: Vec::new(),
        }
    }

    fn x(&self, at: Seconds) -> f64 {
        self.left + self.scene.axis.share(at) * (self.right - self.left)
    }

    /// Adds lines of text, `height` apart.
    fn paragraph(&mut self, text: &str, font: Font, class: &str, height: f64) {
        let mut code = false;
        for line in font.wrap(text, WIDTH - 2.0 * EDGE) {
            self.y += height;
            self.pen.prose((EDGE, self.y), class, &line, &mut code);
        }
    }

    fn heading(&mut self) {
        let scene = self.scene;
        let room = WIDTH - 2.0 * EDGE;
        self.y += 16.0;
        let name = HEAD.fit(&scene.name, room);
        self.pen
            .text((EDGE, self.y), "u-head", Anchor::Start, &name);
        let files = format!("{}, engine {}", scene.files.join(" + "), scene.engine);
        self.y += 19.0;
        let files = BODY.fit(&files, room);
        self.pen
            .text((EDGE, self.y), "u-muted", Anchor::Start, &files);
        self.y += 8.0;
        for (number, sentence) in scene.sentence.iter().enumerate() {
            let class = if number == 0 {
                "u-lede"
            } else {
                "u-lede u-next"
            };
            self.paragraph(sentence, LEDE, class, 21.0);
        }
        self.y += 18.0;
    }

    fn chart(&mut self) {
        let bare = self.scene.is_bare();
        if !bare {
            self.letters();
        }
        let rows = Rows::new(self.scene, self.left, self.right);
        let labels = self.lines.iter().map(|(_, _, limits)| {
            let entry = &self.scene.limits[limits[0]];
            SMALL.fit(&label(entry, limits.len() - 1), 220.0)
        });
        let labels: Vec<String> = labels.collect();
        let sizes = self.lines.iter().zip(&labels);
        let sizes = sizes.map(|((_, x, _), label)| (*x, SMALL.width(label) + BADGE));
        let sizes: Vec<(f64, f64)> = sizes.collect();
        let flags = flags::place(&sizes, (EDGE, WIDTH - EDGE));
        let lanes = flags.iter().map(|flag| flag.lane + 1).max().unwrap_or(0);
        let top = self.y;
        let axis = top + lane_height(lanes) + if bare { 0.0 } else { 16.0 };
        let body = axis + if bare { 0.0 } else { 8.0 };
        let bottom = body + rows.height();
        if !bare {
            let apart = 64.0 / (self.right - self.left);
            for tick in self.scene.axis.ticks(apart) {
                let x = self.x(tick.at);
                let half = SMALL.width(&tick.label) / 2.0 + 2.0;
                // A line says where it is by its own label.
                if self.lines.iter().all(|line| (line.1 - x).abs() > half) {
                    self.pen
                        .text((x, axis), "u-tick", Anchor::Middle, &tick.label);
                }
                self.pen.line((x, body), (x, bottom), "u-grid");
            }
            if let Some(knee) = self.scene.axis.knee() {
                let x = self.x(knee);
                self.pen.line((x, body), (x, bottom), "u-knee");
            }
        }
        rows.draw(&mut self.pen, body);
        for ((flag, label), (letter, _, limits)) in flags.iter().zip(&labels).zip(&self.lines) {
            let tone = tone(limits.iter().map(|limit| &self.scene.limits[*limit]));
            let y = top + lane_height(lanes - flag.lane) - 6.0;
            self.pen
                .line((flag.x, y), (flag.x, bottom), &format!("u-line{tone}"));
            badge(&mut self.pen, (flag.x, y), *letter, tone);
            let (x, anchor) = if flag.left {
                (flag.x - 13.0, Anchor::End)
            } else {
                (flag.x + 13.0, Anchor::Start)
            };
            let room = flag.width - BADGE + 0.5;
            if room > LEAST_LABEL {
                let label = SMALL.fit(label, room);
                self.pen
                    .text((x, y), &format!("u-flag{tone}"), anchor, &label);
            }
        }
        self.y = bottom + 6.0;
    }

    /// Gives letters to the lines that are drawn; those too near to each other share one. Where there are too many, those that are hit are drawn.
    fn letters(&mut self) {
        let scene = self.scene;
        let mut groups: Vec<(f64, Vec<usize>)> = Vec::new();
        for line in scene.lines.iter().filter(|line| line.inside) {
            let x = self.x(line.at);
            match groups.last_mut() {
                Some((last, limits)) if x - *last < flags::LEAST_APART => limits.push(line.limit),
                _ => groups.push((x, vec![line.limit])),
            }
        }
        let is_hit = |limit: &usize| scene.limits[*limit].limit.is_hit();
        if groups.len() > MOST_LINES {
            groups.retain(|(_, limits)| limits.iter().any(is_hit));
        }
        let groups = groups.into_iter().take(MOST_LINES).enumerate();
        let lettered = groups.map(|(number, (x, limits))| (letter(number, b'A'), x, limits));
        self.lines = lettered.collect();
    }

    fn legend(&mut self) {
        let items = rows::legend(self.scene);
        if items.is_empty() {
            return;
        }
        let (mut x, row) = (EDGE, 18.0);
        self.y += row;
        for (class, text) in items {
            let indent = if class == "u-critical" { 32.0 } else { 20.0 };
            let width = indent + SMALL.width(text) + 14.0;
            if x > EDGE && x + width > WIDTH - EDGE {
                x = EDGE;
                self.y += row;
            }
            rows::swatch(&mut self.pen, (x, self.y), class);
            self.pen
                .text((x + indent, self.y), "u-small", Anchor::Start, text);
            x += width;
        }
        if let Some(knee) = self.scene.axis.knee() {
            let text = format!("The scale changes at {}.", time(knee));
            self.paragraph(&text, SMALL, "u-small", row);
        }
        self.y += 6.0;
    }

    /// What the letters stand for, and the limits that are not drawn.
    fn key(&mut self) {
        let scene = self.scene;
        let letter = |limit: usize| {
            let mut lines = self.lines.iter();
            lines
                .find(|(_, _, limits)| limits.contains(&limit))
                .map_or(NO_LINE, |line| line.0)
        };
        let entries = scene
            .lines
            .iter()
            .map(|line| (letter(line.limit), &scene.limits[line.limit]));
        let (listed, more) = foremost(told(entries), MOST_LINES);
        for told in &listed {
            self.limit(told);
        }
        if more > 0 {
            self.paragraph(&format!("and {more} more"), BODY, "u-body", 18.0);
        }
        self.y += 4.0;
    }

    fn limit(&mut self, told: &Told) {
        let indent = 26.0;
        let text = format!("{}: {}", told.subject(), told.entry.words);
        let lines = BODY.wrap(&text, WIDTH - 2.0 * EDGE - indent);
        let mut code = false;
        for (number, line) in lines.iter().enumerate() {
            self.y += if number == 0 { 20.0 } else { 17.0 };
            let at = (EDGE + 8.0, self.y);
            match told.sign {
                _ if number > 0 => {}
                NO_LINE => self.pen.text(at, "u-muted", Anchor::Middle, "–"),
                letter => badge(&mut self.pen, at, letter, tone([told.entry])),
            }
            let at = (EDGE + indent, self.y);
            self.pen.prose(at, "u-body", line, &mut code);
        }
    }

    fn foot(&mut self) {
        let scene = self.scene;
        for row in scene.rows.iter().filter(|row| row.stopped_by.is_none()) {
            let Some(startup) = row.startup.as_ref().filter(|s| !s.steps.is_empty()) else {
                continue;
            };
            let steps = startup.steps.iter().enumerate().map(|(number, step)| {
                let name = shorten(&step.name, 60, "…");
                format!("{} {name} {}", step_letter(number), time(step.seconds))
            });
            let steps: Vec<String> = steps.collect();
            let name = shorten(&row.name, 60, "…");
            self.paragraph(
                &format!("`{name}` starts by steps: {}", steps.join(", ")),
                BODY,
                "u-body",
                18.0,
            );
        }
        self.y += 6.0;
        for model in BudgetModel::ALL {
            let text = format!("{model} {}", sentence::budget(scene, model));
            self.paragraph(&text, BODY, "u-muted", 18.0);
        }
        self.y += 4.0;
        for note in &scene.notes {
            self.paragraph(&format!("{}.", capital(note)), SMALL, "u-small", 16.0);
        }
    }

    fn finish(self, extent: Extent) -> String {
        let height = number(self.y.ceil());
        let index = match extent {
            Extent::Whole => 0,
            Extent::Chart(index) => index,
        };
        let name = xml(&self.scene.name);
        let words = xml(&self.scene.sentence.join(" "));
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"upbeat\" role=\"img\" aria-labelledby=\"upbeat-title-{index} upbeat-desc-{index}\" \
             width=\"{WIDTH}\" height=\"{height}\" viewBox=\"0 0 {WIDTH} {height}\">\n\
             <title id=\"upbeat-title-{index}\">The start of the stack {name}</title>\n\
             <desc id=\"upbeat-desc-{index}\">{words}</desc>\n\
             <style>\n{}</style>\n\
             <rect class=\"u-page\" width=\"{WIDTH}\" height=\"{height}\" rx=\"10\"/>\n{}</svg>\n",
            style::SHEET,
            self.pen.out
        )
    }
}

/// `MAX_WAIT=120 at 530s`, with how many more stand there.
fn label(entry: &Entry, more: usize) -> String {
    let label = entry
        .origin
        .as_ref()
        .map_or("", |origin| origin.label.as_str());
    let more = if more > 0 {
        format!(", +{more}")
    } else {
        String::new()
    };
    format!(
        "{} at {}{more}",
        shorten(label, 40, "…"),
        time(entry.limit.at)
    )
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_ascii_uppercase());
    first.into_iter().chain(chars).collect()
}

/// How much room so many lanes of labels take.
#[allow(clippy::cast_precision_loss)]
fn lane_height(lanes: usize) -> f64 {
    lanes as f64 * 21.0
}

/// The class of a line: red where the start surely ends there, amber where it may.
fn tone<'e>(entries: impl IntoIterator<Item = &'e Entry>) -> &'static str {
    let hit = entries
        .into_iter()
        .map(|entry| entry.limit.hit)
        .max()
        .flatten();
    match hit {
        Some(Hit::Surely) => " u-sure",
        Some(Hit::Possibly) => " u-maybe",
        _ => "",
    }
}

fn badge(pen: &mut Pen, at: (f64, f64), letter: char, tone: &str) {
    pen.rect(
        (at.0 - 8.0, at.1 - 12.0),
        (16.0, 16.0),
        &format!("u-badge{tone}"),
        8.0,
        "",
    );
    let letter = letter.to_string();
    pen.text((at.0, at.1), "u-letter", Anchor::Middle, &letter);
}
