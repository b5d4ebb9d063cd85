//! Scalars as Go's decoder and compose-go's casts read them.

use super::text::Text;
use super::value::{Scalar, Value};
use crate::yaml::{Resolved, Style, resolve};

/// What a scalar is to Go: what a variable had a part in is a text, like all that is in quotes.
pub(super) fn resolved(scalar: &Scalar) -> Resolved {
    if scalar.interpolated {
        return Resolved::Str;
    }
    resolve(&scalar.text, scalar.style)
}

/// The text of a scalar, as Go's `%v` prints it: `0x10` is 16, `1.10` is 1.1. Empty for anything else.
pub(super) fn text(value: &Value) -> String {
    let Some(scalar) = value.scalar() else {
        return String::new();
    };
    match resolved(scalar) {
        Resolved::Null => String::new(),
        Resolved::Bool(on) => on.to_string(),
        Resolved::Int(number) => number.to_string(),
        Resolved::Float(number) => float(number),
        Resolved::Str => date(scalar).unwrap_or_else(|| scalar.text.as_str().to_owned()),
    }
}

/// The same, as a part of the text that is written where it is one.
pub(super) fn shared(value: &Value) -> Text {
    match value.scalar() {
        Some(scalar) if resolved(scalar) == Resolved::Str && date(scalar).is_none() => {
            scalar.text.clone()
        }
        _ => Text::from(text(value)),
    }
}

/// A date without quotes is a time to Go, and prints as one.
fn date(scalar: &Scalar) -> Option<String> {
    let is_date = scalar.style == Style::Plain
        && !scalar.interpolated
        && scalar.text.len() == 10
        && scalar.text.bytes().enumerate().all(|(i, b)| match i {
            4 | 7 => b == b'-',
            _ => b.is_ascii_digit(),
        });
    let (month, day) = (scalar.text.get(5..7)?, scalar.text.get(8..10)?);
    let is_real = (1..=12).contains(&month.parse::<u8>().ok()?)
        && (1..=31).contains(&day.parse::<u8>().ok()?);
    (is_date && is_real).then(|| format!("{} 00:00:00 +0000 UTC", scalar.text))
}

/// A number as Go's `strconv.FormatFloat(number, 'g', -1, 64)` prints it.
pub(super) fn float(number: f64) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    let exponential = format!("{number:e}");
    let (digits, exponent) = exponential.split_once('e').unwrap_or((&exponential, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..21).contains(&exponent) {
        return number.to_string();
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}

/// `loader/interpolate.go`, `toBoolean`.
pub(super) fn boolean(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "t" | "true" | "y" | "yes" | "on" => Some(true),
        "0" | "f" | "false" | "n" | "no" | "off" => Some(false),
        _ => None,
    }
}

/// A number of bytes: `512m`, `1.5gb`, `1GiB`, by powers of 1024 (docker/go-units v0.5.0, `RAMInBytes`).
#[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)]
pub(super) fn bytes(text: &str) -> Option<i64> {
    let unit_at = text.rfind(|c: char| c.is_ascii_digit() || c == '.')? + 1;
    let (number, unit) = text.split_at(unit_at);
    let number: f64 = number.trim().parse().ok()?;
    let unit = unit.trim_start_matches(' ').to_ascii_lowercase();
    let power = match unit.trim_end_matches('b').trim_end_matches('i') {
        "" => 0,
        "k" => 1,
        "m" => 2,
        "g" => 3,
        "t" => 4,
        "p" => 5,
        _ => return None,
    };
    Some((number * 1024_f64.powi(power)) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_print_as_in_go() {
        for (number, expected) in [
            (1.1, "1.1"),
            (1e30, "1e+30"),
            (1e-7, "1e-07"),
            (100_000.0, "100000"),
            (0.5, "0.5"),
        ] {
            assert_eq!(float(number), expected);
        }
    }

    #[test]
    fn bytes_are_counted_by_powers_of_1024() {
        for (text, expected) in [
            ("512m", Some(512 << 20)),
            ("1.5g", Some(1_610_612_736)),
            ("64MB", Some(64 << 20)),
            ("1GiB", Some(1 << 30)),
            ("100", Some(100)),
            ("-1", Some(-1)),
            ("", None),
            ("1x", None),
        ] {
            assert_eq!(bytes(text), expected, "{text}");
        }
    }
}
