//! GitLab's lengths of time: `1h 30m`, `3 hours 30 minutes`, `90 minutes`, `3600`.

use crate::duration::Seconds;

/// Reads one; a bare number is one of seconds.
pub(super) fn parse(text: &str) -> Option<Seconds> {
    let mut total = 0.0;
    let mut rest = text.trim();
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.');
        let (number, behind) = rest.split_at(digits.unwrap_or(rest.len()));
        let number: f64 = number.parse().ok()?;
        let behind = behind.trim_start();
        let letters = behind.find(|c: char| !c.is_ascii_alphabetic());
        let (unit, behind) = behind.split_at(letters.unwrap_or(behind.len()));
        let unit = match unit.to_ascii_lowercase().as_str() {
            "" | "s" | "sec" | "secs" | "second" | "seconds" => 1.0,
            "m" | "min" | "mins" | "minute" | "minutes" => 60.0,
            "h" | "hr" | "hrs" | "hour" | "hours" => 3600.0,
            "d" | "day" | "days" => 86_400.0,
            "w" | "week" | "weeks" => 604_800.0,
            _ => return None,
        };
        total += number * unit;
        rest = behind.trim_start_matches([' ', ',']);
        rest = rest.strip_prefix("and ").unwrap_or(rest).trim_start();
    }
    Seconds::from_f64(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_read_as_gitlab_reads_them() {
        let seconds = |text| parse(text).map(Seconds::as_f64);
        assert_eq!(seconds("3 hours 30 minutes"), Some(12_600.0));
        assert_eq!(seconds("1h 30m"), Some(5400.0));
        assert_eq!(seconds("1h30m"), Some(5400.0));
        assert_eq!(seconds("90 minutes"), Some(5400.0));
        assert_eq!(seconds("3600"), Some(3600.0));
        assert_eq!(seconds("1 hour and 5 seconds"), Some(3605.0));
        assert_eq!(seconds("soon"), None);
        assert_eq!(seconds(""), None);
        assert_eq!(seconds("5 parsecs"), None);
    }
}
