//! What a plain scalar means to Docker: the rules of Go's yaml.v3, not of YAML 1.2 core (`0644` is 420, `yes` is a string).

use super::tree::Style;

/// A resolved scalar.
#[derive(Clone, Debug, PartialEq)]
pub enum Resolved {
    /// `~`, `null`, or nothing at all.
    Null,
    /// `true` or `false`, in three spellings each.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// All else, and everything in quotes.
    Str,
}

/// Resolves the text of a scalar.
pub fn resolve(text: &str, style: Style) -> Resolved {
    if style != Style::Plain {
        return Resolved::Str;
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Resolved::Null,
        "true" | "True" | "TRUE" => return Resolved::Bool(true),
        "false" | "False" | "FALSE" => return Resolved::Bool(false),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => {
            return Resolved::Float(f64::INFINITY);
        }
        "-.inf" | "-.Inf" | "-.INF" => return Resolved::Float(f64::NEG_INFINITY),
        ".nan" | ".NaN" | ".NAN" => return Resolved::Float(f64::NAN),
        _ => {}
    }
    if !text.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c)) {
        return Resolved::Str;
    }
    let plain = text.replace('_', "");
    if let Some(int) = integer(&plain) {
        return Resolved::Int(int);
    }
    let is_decimal = plain
        .bytes()
        .all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b));
    match plain.parse::<f64>() {
        // What is too large for Go's parser is a string.
        Ok(float)
            if is_decimal && float.is_finite() && plain.bytes().any(|b| b.is_ascii_digit()) =>
        {
            Resolved::Float(float)
        }
        _ => Resolved::Str,
    }
}

/// Go's `strconv.ParseInt(text, 0, 64)` with `0o` besides.
fn integer(text: &str) -> Option<i64> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    if digits.starts_with(['+', '-']) {
        return None;
    }
    let lower = digits.to_ascii_lowercase();
    let (radix, digits) = match lower.get(..2) {
        Some("0x") => (16, &lower[2..]),
        Some("0o") => (8, &lower[2..]),
        Some("0b") => (2, &lower[2..]),
        _ if lower.len() > 1 && lower.starts_with('0') => (8, &lower[1..]),
        _ => (10, &lower[..]),
    };
    let sign = if negative { "-" } else { "" };
    i64::from_str_radix(&format!("{sign}{digits}"), radix).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_resolve_as_in_go() {
        let plain = |text| resolve(text, Style::Plain);
        assert_eq!(plain("0644"), Resolved::Int(420));
        assert_eq!(plain("0o17"), Resolved::Int(15));
        assert_eq!(plain("1_000"), Resolved::Int(1000));
        assert_eq!(plain("-3"), Resolved::Int(-3));
        assert_eq!(plain("2.5"), Resolved::Float(2.5));
        assert_eq!(plain("1e3"), Resolved::Float(1000.0));
        assert_eq!(plain("90s"), Resolved::Str);
        assert_eq!(plain("yes"), Resolved::Str);
        assert_eq!(plain("1.2.3"), Resolved::Str);
        assert_eq!(plain("-"), Resolved::Str);
        assert_eq!(plain("1e400"), Resolved::Str);
        assert_eq!(plain("-9223372036854775808"), Resolved::Int(i64::MIN));
        assert_eq!(plain("089"), Resolved::Float(89.0));
        assert_eq!(plain(""), Resolved::Null);
        assert_eq!(resolve("3", Style::DoubleQuoted), Resolved::Str);
    }
}
