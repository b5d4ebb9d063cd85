//! The cells of the picture: the axis, and what stands in each row.

use super::Style;
use crate::duration::Seconds;
use crate::timeline::axis::Axis;
use crate::timeline::row::{ProbeRun, Row, Zone, letter, step_letter};
use crate::timeline::scene::Scene;

/// What a cell shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Glyph {
    Blank,
    Waiting,
    Startup,
    /// The beginning of a step.
    Step(char),
    Late,
    /// The beginning of a step that is late.
    LateStep(char),
    Grace,
    Retries,
    Verdict,
    Healthy,
    PassesOn,
    Line,
    FirstLine,
    Forgiven,
    Counted(char),
    Success,
}

impl Glyph {
    /// Those that a legend explains, in its order. A letter or a number stands for all of them.
    pub(super) const ALL: [Self; 12] = [
        Self::Waiting,
        Self::Startup,
        Self::Late,
        Self::Healthy,
        Self::Grace,
        Self::Retries,
        Self::Verdict,
        Self::PassesOn,
        Self::Forgiven,
        Self::Counted('1'),
        Self::Success,
        Self::FirstLine,
    ];

    pub(super) fn sign(self, ascii: bool) -> char {
        let (plain, drawn) = match self {
            Self::Blank => (' ', ' '),
            Self::Waiting => ('.', '·'),
            Self::Startup => ('#', '█'),
            Self::Late => ('%', '▓'),
            Self::Grace => ('=', '▒'),
            Self::Retries => ('-', '░'),
            Self::Verdict => ('~', '╌'),
            Self::Healthy => ('+', '━'),
            Self::PassesOn => ('*', '◆'),
            Self::Line => ('|', '│'),
            Self::FirstLine => ('!', '┃'),
            Self::Forgiven => ('\'', '\''),
            Self::Success => ('o', '✓'),
            Self::Step(c) | Self::LateStep(c) | Self::Counted(c) => (c, c),
        };
        if ascii { plain } else { drawn }
    }

    /// Its colours.
    pub(super) fn codes(self) -> &'static str {
        match self {
            Self::Blank | Self::Line => "",
            Self::Waiting | Self::Forgiven => "2",
            Self::Startup | Self::Step(_) => "34",
            Self::Late | Self::LateStep(_) => "35",
            Self::Grace => "36",
            Self::Retries | Self::Counted(_) => "33",
            Self::Verdict => "31",
            Self::Healthy | Self::Success => "32",
            Self::PassesOn => "1",
            Self::FirstLine => "1;31",
        }
    }

    pub(super) fn meaning(self) -> &'static str {
        match self {
            Self::Waiting => "waits for others",
            Self::Startup => "starts",
            Self::Late => "starts, and failures count",
            Self::Healthy => "seen healthy in here",
            Self::Grace => "no failure counts",
            Self::Retries => "failures count",
            Self::Verdict => "called unhealthy in here if not ready",
            Self::PassesOn => "what waits for it may start",
            Self::Forgiven => "probe, if each is quick",
            Self::Counted(_) => "failing probes that count",
            Self::Success => "probe that finds it ready",
            Self::FirstLine => "the first limit that is hit",
            _ => "",
        }
    }

    pub(super) fn is_probe(self) -> bool {
        matches!(self, Self::Forgiven | Self::Counted(_) | Self::Success)
    }

    /// As the legend knows it.
    fn kind(self) -> Self {
        match self {
            Self::Step(_) => Self::Startup,
            Self::LateStep(_) => Self::Late,
            Self::Counted(_) => Self::Counted('1'),
            other => other,
        }
    }
}

/// The rows' cells.
pub(super) struct Chart<'a> {
    axis: &'a Axis,
    width: usize,
    /// The lines, by their cells from the left: whether the first limit is among them.
    lines: Vec<(usize, bool)>,
}

impl<'a> Chart<'a> {
    pub(super) fn new(scene: &'a Scene, width: usize) -> Self {
        Self {
            axis: &scene.axis,
            width,
            lines: Vec::new(),
        }
    }

    /// The cell of a moment.
    fn cell(&self, at: Seconds) -> usize {
        cell(self.axis.share(at), self.width)
    }

    /// Gives the lines letters: those in one cell share one.
    pub(super) fn letters(&mut self, scene: &Scene) -> Vec<(char, Vec<usize>)> {
        let mut lettered: Vec<(char, Vec<usize>)> = Vec::new();
        for line in scene.lines.iter().filter(|line| line.inside) {
            let cell = self.cell(line.at);
            match (self.lines.last_mut(), lettered.last_mut()) {
                (Some((last, first)), Some((_, limits))) if *last == cell => {
                    *first |= line.first;
                    limits.push(line.limit);
                }
                _ => {
                    let letter = letter(lettered.len(), b'A');
                    lettered.push((letter, vec![line.limit]));
                    self.lines.push((cell, line.first));
                }
            }
        }
        lettered
    }

    /// The labels, and the ruler below them with the letters of the lines.
    pub(super) fn axis(&self, style: Style) -> [String; 2] {
        const APART: usize = 8;
        let apart = share(APART, self.width);
        let mut labels = vec![' '; self.width];
        let mut ruler = vec![if style.ascii { '-' } else { '─' }; self.width];
        for tick in self.axis.ticks(apart) {
            let cell = self.cell(tick.at);
            let label = tick.label.chars();
            let fits = cell + tick.label.len() <= self.width;
            let free = labels[cell.saturating_sub(1)..].iter().all(|c| *c == ' ');
            if fits && free {
                for (cell, c) in labels[cell..].iter_mut().zip(label) {
                    *cell = c;
                }
                ruler[cell] = if style.ascii { '+' } else { '┼' };
            }
        }
        if let Some(knee) = self.axis.knee() {
            ruler[self.cell(knee)] = if style.ascii { '/' } else { '╱' };
        }
        for (number, (cell, _)) in self.lines.iter().enumerate() {
            ruler[*cell] = letter(number, b'A');
        }
        [labels.into_iter().collect(), ruler.into_iter().collect()]
    }

    /// The cells of a row; `first` is the first limit that is hit, if it is this service's own.
    pub(super) fn bars(&self, row: &Row, first: Option<Seconds>) -> Vec<Glyph> {
        let mut cells = vec![Glyph::Blank; self.width];
        let mut lettered = None;
        for bar in &row.bars {
            let from = self.cell(bar.from);
            // What is shorter than a cell still has one.
            let to = self.cell(bar.to).max(from + 1).min(self.width);
            cells[from..to].fill(bar.zone.glyph());
            let (Zone::Startup(Some(step)) | Zone::Late(Some(step))) = bar.zone else {
                continue;
            };
            if lettered != Some(step) {
                lettered = Some(step);
                let letter = step_letter(step);
                cells[from] = match bar.zone {
                    Zone::Late(_) => Glyph::LateStep(letter),
                    _ => Glyph::Step(letter),
                };
            }
        }
        if let Some(at) = row.passes_on {
            cells[self.cell(at)] = Glyph::PassesOn;
        }
        let mut cells = self.with_lines(cells);
        if let Some(at) = first {
            cells[self.cell(at)] = Glyph::FirstLine;
        }
        cells
    }

    pub(super) fn probes(&self, row: &Row) -> Vec<Glyph> {
        let mut cells = vec![Glyph::Blank; self.width];
        if let Some(run) = &row.probes.forgiven {
            self.fill(run, &mut cells, |_| Glyph::Forgiven);
        }
        if let Some(run) = &row.probes.counted {
            self.fill(run, &mut cells, |number| {
                let digit = u32::try_from(number + 1).ok();
                let digit = digit.and_then(|n| char::from_digit(n, 10));
                Glyph::Counted(digit.unwrap_or('x'))
            });
        }
        if let Some(at) = row.probes.success {
            cells[self.cell(at)] = Glyph::Success;
        }
        self.with_lines(cells)
    }

    /// Marks the probes of a run. Those that come more often than cells do are all there.
    fn fill(&self, run: &ProbeRun, cells: &mut [Glyph], glyph: impl Fn(u64) -> Glyph) {
        const MOST: u64 = 1_000;
        if run.count <= MOST {
            for (number, at) in run.moments(MOST) {
                cells[self.cell(at)] = glyph(number);
            }
            return;
        }
        let last = run.first + run.every.times(run.count - 1);
        let (from, to) = (self.cell(run.first), self.cell(last));
        for (cell, number) in (from..=to).zip(0..) {
            cells[cell] = glyph(number + MOST);
        }
        cells[from] = glyph(0);
    }

    fn with_lines(&self, mut cells: Vec<Glyph>) -> Vec<Glyph> {
        for (cell, first) in &self.lines {
            if cells[*cell] != Glyph::PassesOn {
                cells[*cell] = if *first {
                    Glyph::FirstLine
                } else {
                    Glyph::Line
                };
            }
        }
        cells
    }
}

/// The cells as text; what is used is noted.
pub(super) fn print(cells: &[Glyph], style: Style, used: &mut Vec<Glyph>) -> String {
    let mut out = String::new();
    let mut open = "";
    for glyph in cells {
        if !used.contains(&glyph.kind()) {
            used.push(glyph.kind());
        }
        let codes = if style.colours { glyph.codes() } else { "" };
        if codes != open {
            if !open.is_empty() {
                out.push_str("\x1b[0m");
            }
            if !codes.is_empty() {
                out.push_str("\x1b[");
                out.push_str(codes);
                out.push('m');
            }
            open = codes;
        }
        out.push(glyph.sign(style.ascii));
    }
    if !open.is_empty() {
        out.push_str("\x1b[0m");
    }
    out
}

/// The cell in which a share of the whole width lies.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss
)]
fn cell(share: f64, width: usize) -> usize {
    let last = width.saturating_sub(1);
    ((share.clamp(0.0, 1.0) * last as f64).round() as usize).min(last)
}

/// What so many cells are of the whole width.
#[allow(clippy::cast_precision_loss)]
fn share(cells: usize, width: usize) -> f64 {
    cells as f64 / width.saturating_sub(1).max(1) as f64
}
