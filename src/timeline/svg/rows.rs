//! The rows of the picture.

use super::pen::{Anchor, Pen};
use super::{EDGE, NAME, SMALL, WIDTH};
use crate::duration::Seconds;
use crate::escape::line;
use crate::timeline::row::{Bar, ProbeRun, Row, Zone, step_letter, time};
use crate::timeline::scene::Scene;
use crate::timeline::width::shorten_names;

/// Probes nearer to each other than this are a band.
const LEAST_APART: f64 = 2.5;

/// The rows, each as high as their number allows.
pub(super) struct Rows<'a> {
    scene: &'a Scene,
    left: f64,
    right: f64,
    /// The names, as they fit.
    names: Vec<String>,
    /// The height of a row, and of the bar in it.
    height: f64,
    bar: f64,
}

impl<'a> Rows<'a> {
    pub(super) fn new(scene: &'a Scene, left: f64, right: f64) -> Self {
        let (height, bar) = match scene.rows.len() {
            0..=16 => (36.0, 14.0),
            17..=40 => (26.0, 11.0),
            _ => (20.0, 9.0),
        };
        let names: Vec<String> = scene
            .rows
            .iter()
            .map(|row| line(&row.name).into_owned())
            .collect();
        let room = left - EDGE - 13.5;
        let short = shorten_names(&names, columns(room / NAME.width("x")), "…");
        Self {
            scene,
            left,
            right,
            names: short.iter().map(|name| NAME.fit(name, room)).collect(),
            height,
            bar,
        }
    }

    pub(super) fn height(&self) -> f64 {
        self.scene.rows.iter().map(|_| self.height).sum()
    }

    fn x(&self, at: Seconds) -> f64 {
        self.left + self.scene.axis.share(at) * (self.right - self.left)
    }

    /// The middle of a row's bar.
    #[allow(clippy::cast_precision_loss)]
    fn middle(&self, row: usize, top: f64) -> f64 {
        top + self.height * (row as f64 + 0.5) - 2.0
    }

    pub(super) fn draw(&self, pen: &mut Pen, top: f64) {
        self.links(pen, top);
        for (index, row) in self.scene.rows.iter().enumerate() {
            self.row(pen, row, &self.names[index], self.middle(index, top));
        }
        let first = self
            .scene
            .first_limit()
            .filter(|first| first.origin.is_none());
        if let Some((first, row)) = first.and_then(|first| Some((first, first.row?))) {
            let y = self.middle(row, top) - self.bar / 2.0 - 1.0;
            pen.pointer((self.x(first.limit.at), y), "u-first");
        }
    }

    /// From where a service lets others start, down to the last that starts then.
    fn links(&self, pen: &mut Pen, top: f64) {
        let mut last = vec![None; self.scene.rows.len()];
        for (index, row) in self.scene.rows.iter().enumerate() {
            if let Some(behind) = row.behind.filter(|_| row.stopped_by.is_none()) {
                last[behind] = Some(index);
            }
        }
        for (index, last) in last.into_iter().enumerate() {
            let Some(last) = last else { continue };
            let x = self.x(self.scene.rows[last].start);
            pen.line(
                (x, self.middle(index, top)),
                (x, self.middle(last, top)),
                "u-link",
            );
        }
    }

    fn row(&self, pen: &mut Pen, row: &Row, name: &str, y: f64) {
        let class = if row.critical {
            "u-name u-critical"
        } else {
            "u-name"
        };
        pen.text((EDGE, y + 4.0), class, Anchor::Start, name);
        let words = SMALL.fit(&row.words(), WIDTH - EDGE - self.right - 13.5);
        let bad = row.stopped_by.is_some() || row.outcome.is_some_and(|o| o.healthy.is_none());
        let class = if bad { "u-words u-bad" } else { "u-words" };
        pen.text((WIDTH - EDGE, y + 4.0), class, Anchor::End, &words);
        for bar in &row.bars {
            self.bar(pen, row, bar, y);
        }
        self.steps(pen, row, y);
        if let Some(at) = row.passes_on {
            pen.diamond((self.x(at), y), 4.5, "u-next-start");
        }
        let below = y + self.bar / 2.0 + 2.0;
        if let Some(run) = &row.probes.forgiven {
            self.probes(pen, run, below, 4.0, "u-probe");
        }
        if let Some(run) = &row.probes.counted {
            self.probes(pen, run, below, 6.0, "u-counted");
        }
        if let Some(at) = row.probes.success {
            pen.dot((self.x(at), below + 3.0), 2.8, "u-found");
        }
    }

    fn bar(&self, pen: &mut Pen, row: &Row, bar: &Bar, y: f64) {
        let (from, to) = (self.x(bar.from), self.x(bar.to));
        if bar.zone == Zone::Waiting {
            pen.line((from + 1.0, y), ((to - 3.0).max(from + 1.0), y), "u-wait");
            return;
        }
        let (class, thickness) = match bar.zone {
            Zone::Waiting | Zone::Grace => ("u-grace", self.bar),
            Zone::Retries => ("u-retries", self.bar),
            Zone::Verdict => ("u-verdict", self.bar),
            Zone::Startup(_) => ("u-startup", self.bar - 4.0),
            Zone::Late(_) => ("u-late", self.bar - 4.0),
            Zone::Healthy => ("u-healthy", self.bar - 4.0),
        };
        let size = ((to - from).max(1.0), thickness);
        pen.rect(
            (from, y - thickness / 2.0),
            size,
            class,
            0.0,
            &hint(row, bar),
        );
    }

    /// The edges of the steps, and their letters where there is room.
    fn steps(&self, pen: &mut Pen, row: &Row, y: f64) {
        let half = self.bar / 2.0 - 2.0;
        let mut last = None;
        for bar in &row.bars {
            let (Zone::Startup(step) | Zone::Late(step)) = bar.zone else {
                continue;
            };
            let (from, to) = (self.x(bar.from), self.x(bar.to));
            if last.is_some_and(|last| last != step) {
                pen.line((from, y - half), (from, y + half), "u-cut");
            }
            let is_new = last != Some(step);
            last = Some(step);
            // A letter where it fits into the stretch.
            if let Some(step) = step.filter(|_| is_new && to - from >= 11.0 && half >= 4.0) {
                let letter = step_letter(step).to_string();
                pen.text((from + 5.5, y + 3.2), "u-step", Anchor::Middle, &letter);
            }
        }
    }

    fn probes(&self, pen: &mut Pen, run: &ProbeRun, y: f64, height: f64, class: &str) {
        let most = 2_000;
        let last = run.first + run.every.times(run.count.saturating_sub(1));
        let (first_x, last_x) = (self.x(run.first), self.x(last));
        #[allow(clippy::cast_precision_loss)]
        let apart = (last_x - first_x) / run.count.saturating_sub(1).max(1) as f64;
        if run.count > most || (run.count > 1 && apart < LEAST_APART) {
            let middle = y + height / 2.0;
            pen.line(
                (first_x, middle),
                (last_x.max(first_x + 1.0), middle),
                class,
            );
            return;
        }
        let xs: Vec<f64> = run.moments(most).map(|(_, at)| self.x(at)).collect();
        pen.ticks(&xs, y, height, class);
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn columns(count: f64) -> usize {
    count.max(1.0) as usize
}

/// What a pointer is told of a stretch.
fn hint(row: &Row, bar: &Bar) -> String {
    let startup = row.startup.as_ref();
    let what = match bar.zone {
        Zone::Waiting => "waits for others".to_owned(),
        Zone::Grace => "no failure counts".to_owned(),
        Zone::Retries => "failures count".to_owned(),
        Zone::Verdict => "called unhealthy in here, if not ready".to_owned(),
        Zone::Healthy => "seen healthy in here".to_owned(),
        Zone::Startup(step) | Zone::Late(step) => {
            let step = step.and_then(|step| startup?.steps.get(step));
            let name = step.map_or("starts", |step| step.name.as_str());
            let late = if matches!(bar.zone, Zone::Late(_)) {
                ", while failures count"
            } else {
                ""
            };
            format!("{name}{late}")
        }
    };
    format!(
        "{}, {} to {}: {what}",
        row.name,
        time(bar.from),
        time(bar.to)
    )
}

/// What is explained of the signs that the picture has: their class and their meaning.
pub(super) fn legend(scene: &Scene) -> Vec<(&'static str, &'static str)> {
    let zones = |wanted: fn(Zone) -> bool| {
        let mut bars = scene.rows.iter().flat_map(|row| &row.bars);
        bars.any(|bar| wanted(bar.zone))
    };
    let rows = |wanted: fn(&Row) -> bool| scene.rows.iter().any(wanted);
    let items = [
        (zones(|z| z == Zone::Waiting), "u-wait", "waits for others"),
        (
            zones(|z| matches!(z, Zone::Startup(_))),
            "u-startup",
            "starts",
        ),
        (
            zones(|z| matches!(z, Zone::Late(_))),
            "u-late",
            "starts, and failures count",
        ),
        (
            zones(|z| z == Zone::Healthy),
            "u-healthy",
            "seen healthy in here",
        ),
        (zones(|z| z == Zone::Grace), "u-grace", "no failure counts"),
        (zones(|z| z == Zone::Retries), "u-retries", "failures count"),
        (
            zones(|z| z == Zone::Verdict),
            "u-verdict",
            "called unhealthy in here, if not ready",
        ),
        (
            rows(|r| r.passes_on.is_some()),
            "u-next-start",
            "what waits for it may start",
        ),
        (
            rows(|r| r.probes.forgiven.is_some()),
            "u-probe",
            "probe, if each is quick",
        ),
        (
            rows(|r| r.probes.counted.is_some()),
            "u-counted",
            "failing probe that counts",
        ),
        (
            rows(|r| r.probes.success.is_some()),
            "u-found",
            "probe that finds it ready",
        ),
        (
            scene
                .first_limit()
                .is_some_and(|first| first.origin.is_none()),
            "u-first",
            "the first limit that is hit",
        ),
        (rows(|r| r.critical), "u-critical", "on the longest path"),
    ];
    let used = items.into_iter().filter(|(used, ..)| *used);
    used.map(|(_, class, text)| (class, text)).collect()
}

/// The sign of a legend's item.
pub(super) fn swatch(pen: &mut Pen, at: (f64, f64), class: &str) {
    let (x, y) = at;
    match class {
        "u-wait" => pen.line((x + 1.0, y - 4.0), (x + 15.0, y - 4.0), class),
        "u-next-start" => pen.diamond((x + 8.0, y - 4.0), 4.5, class),
        "u-probe" => pen.ticks(&[x + 8.0], y - 6.0, 4.0, class),
        "u-counted" => pen.ticks(&[x + 8.0], y - 7.0, 6.0, class),
        "u-critical" => pen.text((x, y), "u-small u-critical", Anchor::Start, "bold"),
        "u-first" => pen.pointer((x + 8.0, y - 1.0), class),
        "u-found" => pen.dot((x + 8.0, y - 4.0), 2.8, class),
        _ => pen.rect((x, y - 9.0), (15.0, 10.0), class, 0.0, ""),
    }
}
