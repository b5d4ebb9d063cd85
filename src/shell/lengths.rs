//! Lengths of time as commands read them: `5`, `0.5`, `2m`, `60s`.

use super::expand::Field;
use super::flow::{Flow, Time};
use super::value::{Content, Literal, Value};
use super::waits::{Form, GoesOn, Knob, KnobUnit, Wait, Watches, unit_of};
use super::walk::Walker;
use super::{Event, value};
use crate::duration::Seconds;

/// A length, with what it rests on.
#[derive(Clone, Debug, Default)]
pub(super) struct Length {
    pub known: Option<Seconds>,
    pub from: Vec<Literal>,
    pub knob: Option<Knob>,
    /// What it is, where only the run tells.
    pub opaque: Option<u32>,
}

/// Reads a number with or without a unit of `sleep`; a bare number counts `unit`.
pub(super) fn length(value: &Value, unit: Seconds) -> Length {
    let from = value.literals();
    let Some(text) = value.known() else {
        let opaque = match value.segments.as_slice() {
            [segment] => match segment.content {
                Content::Unknown(id) => Some(id),
                _ => None,
            },
            _ => None,
        };
        return Length {
            opaque,
            ..Length::default()
        };
    };
    let suffix = text.chars().last().and_then(|c| Some((c, unit_of(c)?)));
    let digits = match suffix {
        Some((c, _)) => &text[..text.len() - c.len_utf8()],
        None => &text,
    };
    let scale = suffix.map_or(unit, |(_, unit)| unit);
    let Some(length) = decimal(digits, scale) else {
        return Length::default();
    };
    Length {
        known: Some(length),
        knob: knob(&from, &text, digits, suffix.map(|(_, u)| u), unit),
        from,
        opaque: None,
    }
}

/// The knob of a length that rests on one literal.
fn knob(
    from: &[Literal],
    text: &str,
    digits: &str,
    suffix: Option<Seconds>,
    unit: Seconds,
) -> Option<Knob> {
    let mut numbers = from
        .iter()
        .filter(|l| l.text.bytes().any(|b| b.is_ascii_digit()));
    let (literal, None) = (numbers.next()?, numbers.next()) else {
        return None;
    };
    let unit = if literal.text == text && (suffix.is_some() || unit == Seconds::new(1)) {
        KnobUnit::Duration
    } else if literal.text == digits {
        KnobUnit::Time {
            unit: suffix.unwrap_or(unit),
            base: 0,
        }
    } else {
        return None;
    };
    literal.verbatim.then(|| Knob {
        literal: literal.clone(),
        unit,
    })
}

/// A decimal number of `unit`.
pub(super) fn decimal(text: &str, unit: Seconds) -> Option<Seconds> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if whole.len() + part.len() == 0
        || whole.len() > 12
        || part.len() > 9
        || !digits(whole)
        || !digits(part)
    {
        return None;
    }
    let whole: i64 = if whole.is_empty() {
        0
    } else {
        whole.parse().ok()?
    };
    let mut nanos = whole.checked_mul(unit.nanos())?;
    let mut place = unit.nanos();
    for digit in part.bytes() {
        place /= 10;
        nanos = nanos.checked_add(i64::from(digit - b'0') * place)?;
    }
    Some(Seconds::from_nanos(nanos))
}

/// A length as Go writes it: `1m30s`, `500ms`.
pub(super) fn go_length(value: &Value) -> Length {
    let plain = length(value, Seconds::ZERO);
    let Some(text) = value.known() else {
        return plain;
    };
    let mut total = Seconds::ZERO;
    let mut rest = text.as_str();
    let mut parts = 0;
    while !rest.is_empty() {
        let digits = rest
            .bytes()
            .take_while(|b| b.is_ascii_digit() || *b == b'.')
            .count();
        let (number, tail) = rest.split_at(digits);
        let (unit, skip) = match tail.as_bytes() {
            [b'm', b's', ..] => (Seconds::from_millis(1), 2),
            [b's', ..] => (Seconds::new(1), 1),
            [b'm', ..] => (Seconds::new(60), 1),
            [b'h', ..] => (Seconds::new(3600), 1),
            _ => return Length::default(),
        };
        let Some(part) = decimal(number, unit) else {
            return Length::default();
        };
        total = total + part;
        rest = &tail[skip..];
        parts += 1;
    }
    let from = value.literals();
    let single = match from.as_slice() {
        [literal] if literal.verbatim && literal.text == text && parts == 1 => Some(Knob {
            literal: literal.clone(),
            unit: KnobUnit::Duration,
        }),
        _ => None,
    };
    Length {
        known: (parts > 0).then_some(total),
        from,
        knob: single.filter(|k| !k.literal.text.ends_with("ms") && !k.literal.text.ends_with('d')),
        opaque: None,
    }
}

impl Walker {
    /// `sleep`, whose operands add up.
    pub fn sleep(&mut self, args: &[Field], now: &Time) -> Flow {
        let mut time = Time {
            sleeps: true,
            ..Time::default()
        };
        let mut total = Some(Seconds::ZERO);
        let mut knobs = Vec::new();
        for arg in &args[1..] {
            let length = length(&arg.value, Seconds::new(1));
            total = total.zip(length.known).map(|(a, b)| a + b);
            match (length.known, length.opaque) {
                (Some(length), _) => time.sleep = time.sleep + length,
                (None, Some(id)) => time.opaque.push((id, 1)),
                (None, None) => time.unclear = true,
            }
            value::add_literals(&mut time.from, &length.from);
            knobs.push(length.knob);
        }
        let total = total.filter(|_| args.len() > 1);
        time.unclear |= args.len() < 2;
        let knob = match knobs.as_mut_slice() {
            [knob] => knob.take(),
            _ => None,
        };
        let from = if total.is_some() {
            time.from.clone()
        } else {
            Vec::new()
        };
        self.emit_wait(Wait {
            form: Form::Sleep,
            span: self.script.span(Self::place(args)),
            budget: total,
            from,
            knob,
            can_fail: false,
            goes_on: None,
            watches: Watches::default(),
            setting: self.context.setting.clone(),
        });
        Flow::ok(now.clone().then(&time))
    }

    /// Adds a wait to the events. In the background only what looks at something is one.
    pub fn emit_wait(&mut self, wait: Wait) {
        if !wait.setting.background || wait.watches != Watches::default() {
            self.events.push(Some(Event::Wait(wait)));
        }
    }

    /// Whether the failure of the current command fails the script.
    pub fn failure_counts(&self) -> bool {
        let setting = &self.context.setting;
        let stops = self.stops_on_errors && !setting.in_condition;
        !setting.tolerated && !setting.background && (self.context.fatal || stops)
    }

    /// Why the failure of the current command surely fails nothing.
    pub fn failure_is_lost(&self) -> Option<GoesOn> {
        let context = &self.context;
        let setting = &context.setting;
        if !context.quiet_behind || setting.background || setting.in_condition {
            return None;
        }
        if setting.tolerated {
            return Some(GoesOn::Caught);
        }
        let counts = self.stops_on_errors || context.is_last || context.fatal;
        (!counts).then_some(GoesOn::Unheeded)
    }
}
