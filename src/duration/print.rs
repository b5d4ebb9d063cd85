//! Writing a duration as its user would.

use std::fmt::Write as _;

use super::Seconds;
use super::parse::{UNITS, take_term};

/// Prints `value` in the style of `model`, a duration that the user wrote: `200s` beside `90s`, `3m20s` beside `2m`, `200000ms` beside `90000ms`.
///
/// No unit is larger than the model's largest, nothing is lost, and what comes out is read back as `value`. Below a second a fraction
/// is used (`1.5s`), unless the model itself goes on in smaller units (`1s500ms`). A model that is no duration counts as plain seconds.
pub fn print_like(value: Seconds, model: &str) -> String {
    let style = Style::of(model);
    let mut out = String::new();
    if value < Seconds::ZERO {
        out.push('-');
    }
    let mut rest = value.nanos().unsigned_abs();
    for (unit, length) in style.units() {
        let last = length == style.smallest;
        let count = rest / length;
        rest %= length;
        if last && rest > 0 {
            // The lengths from a second down are powers of ten: the remainder's digits are the fraction's.
            let width = length.ilog10() as usize;
            let fraction = format!("{rest:0width$}");
            let _ = write!(out, "{count}.{}{unit}", fraction.trim_end_matches('0'));
        } else if count > 0 || (last && value == Seconds::ZERO) {
            let _ = write!(out, "{count}{unit}");
        }
    }
    out
}

/// Which units a text uses; lengths in nanoseconds.
struct Style {
    largest: u64,
    /// A second or less: what is larger could not hold every remainder.
    smallest: u64,
    micro: &'static str,
}

const SECOND: u64 = 1_000_000_000;

impl Style {
    fn of(model: &str) -> Self {
        let mut used = Vec::new();
        let mut micro = "us";
        let mut rest = model.trim_start_matches(['-', '+']);
        while !rest.is_empty() {
            let Ok((term, behind)) = take_term(rest) else {
                used.clear();
                break;
            };
            if length_of(term.unit) == 1_000 {
                micro = term.unit;
            }
            used.push(length_of(term.unit));
            rest = behind;
        }
        Self {
            largest: used.iter().copied().max().unwrap_or(SECOND),
            smallest: used.iter().copied().min().unwrap_or(SECOND).min(SECOND),
            micro,
        }
    }

    /// The units to use, the longest first.
    fn units(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        UNITS
            .iter()
            .filter(|(name, _)| name.is_ascii())
            .map(|&(name, _)| (name, length_of(name)))
            .filter(|&(_, length)| self.smallest <= length && length <= self.largest)
            .map(|(name, length)| (if length == 1_000 { self.micro } else { name }, length))
    }
}

fn length_of(unit: &str) -> u64 {
    let known = UNITS.iter().find(|(name, _)| *name == unit);
    known.map_or(SECOND, |&(_, length)| length.unsigned_abs())
}
