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
        Resolved::Float(number) => match scalar.text.parse::<u64>() {
            Ok(whole) => whole.to_string(),
            Err(_) => float(number),
        },
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

/// A number as Go's `strconv.ParseFloat` reads it: also `0x1p-2`, and underscores between digits.
pub(super) fn number(text: &str) -> Option<f64> {
    let bytes = text.as_bytes();
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_hexdigit);
    let mut gaps = text.match_indices('_');
    if gaps.any(|(at, _)| at == 0 || !is_digit(at - 1) || !is_digit(at + 1)) {
        return None;
    }
    let plain = text.replace('_', "");
    hexadecimal(&plain).or_else(|| plain.parse().ok())
}

/// `0x1.8p3`: the exponent must be there.
#[allow(clippy::cast_precision_loss)]
fn hexadecimal(text: &str) -> Option<f64> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1.0, digits),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    let lower = digits.to_ascii_lowercase();
    let (mantissa, exponent) = lower.strip_prefix("0x")?.split_once('p')?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = i64::from_str_radix(&format!("{whole}{fraction}"), 16).ok()?;
    let shift = 4 * i32::try_from(fraction.len()).ok()?;
    let exponent: i32 = exponent.parse().ok()?;
    Some(sign * digits as f64 * 2_f64.powi(exponent.checked_sub(shift)?))
}

/// A float as a whole number, as Go cuts it: what does not fit is the least number.
#[allow(clippy::cast_possible_truncation)]
pub(super) fn cut(number: f64) -> i64 {
    if number.abs() < 9_223_372_036_854_775_808.0 {
        number as i64
    } else {
        i64::MIN
    }
}

/// A number of bytes: `512m`, `1.5gb`, `1GiB`, by powers of 1024 (docker/go-units v0.5.0, `RAMInBytes`).
pub(super) fn bytes(text: &str) -> Option<i64> {
    let unit_at = text.rfind(|c: char| c.is_ascii_digit() || matches!(c, '.' | ' '))?;
    let (mut count, unit) = text.split_at(unit_at + 1);
    count = count.strip_suffix(' ').unwrap_or(count);
    let unit = unit.to_ascii_lowercase();
    let power = match unit.as_str() {
        "" | "b" => 0,
        "k" | "kb" | "kib" => 1,
        "m" | "mb" | "mib" => 2,
        "g" | "gb" | "gib" => 3,
        "t" | "tb" | "tib" => 4,
        "p" | "pb" | "pib" => 5,
        _ => return None,
    };
    let count = number(count).filter(|count| *count >= 0.0 || count.is_nan())?;
    Some(cut(count * 1024_f64.powi(power)))
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
            ("512 m", Some(512 << 20)),
            ("1e3", Some(1000)),
            ("+5m", Some(5 << 20)),
            ("1_000", Some(1000)),
            ("99999999p", Some(i64::MIN)),
            ("-1", None),
            ("", None),
            ("1x", None),
            ("512Mi", None),
            ("5 5m", None),
            ("512  m", None),
            ("0x10", None),
        ] {
            assert_eq!(bytes(text), expected, "{text}");
        }
    }

    #[test]
    fn texts_are_read_as_numbers_as_in_go() {
        for (text, expected) in [
            ("0x1p-2", Some(0.25)),
            ("-0X1.8p1", Some(-3.0)),
            ("0x10", None),
            ("1_0", Some(10.0)),
            ("1__0", None),
            ("_1", None),
            ("+.5", Some(0.5)),
            ("inf", Some(f64::INFINITY)),
            ("", None),
            (" 1", None),
        ] {
            assert_eq!(number(text), expected, "{text}");
        }
    }
}
