//! Texts that Compose reads further: durations, sizes, ports, mounts.

use super::shape::Format;
use crate::compose::refused::Code;
use crate::compose::{canonical, effective, print, scalars};
use crate::duration;
use crate::yaml::Resolved;
use std::net::IpAddr;

/// Why a text cannot be read.
pub(super) struct Wrong {
    pub(super) code: Code,
    pub(super) message: String,
    pub(super) allowed: &'static str,
    pub(super) suggestion: Option<String>,
}

const A_PORT: &str = "a port is `CONTAINER`, `HOST:CONTAINER` or `IP:HOST:CONTAINER`, each a number or a range, with `/tcp`, `/udp` or `/sctp` behind it";

/// What is wrong with a text of that format.
pub(super) fn wrong(text: &str, resolved: &Resolved, format: Format) -> Option<Wrong> {
    match format {
        Format::Duration => bad_duration(text, resolved),
        Format::Port => {
            let message = match resolved {
                Resolved::Int(1..=65535) => return None,
                Resolved::Int(_) | Resolved::Float(_) => format!("`{text}` is no port"),
                _ => canonical::bad_port(text)?,
            };
            one(Code::BadPort, message, A_PORT)
        }
        Format::Mount => {
            let message = canonical::bad_mount(text)?;
            one(
                Code::BadVolume,
                format!("`{text}` is no mount: {message}"),
                "a mount is `TARGET`, `SOURCE:TARGET` or `SOURCE:TARGET:MODE`",
            )
        }
        Format::PullPolicy if is_pull_policy(text) => None,
        Format::PullPolicy => one(
            Code::BadValue,
            format!("`{text}` is no pull policy"),
            "it is `always`, `never`, `missing`, `build`, `daily`, `weekly` or `every_` with a duration",
        ),
        Format::Address if text.parse::<IpAddr>().is_ok() => None,
        Format::Address => one(
            Code::BadPort,
            format!("`{text}` is no IP address"),
            "it is the address of the host that the port is bound to: 127.0.0.1",
        ),
        Format::Host => {
            let message = bad_host(text)?;
            one(
                Code::BadValue,
                message,
                "it is `NAME=ADDRESS` or `NAME:ADDRESS`",
            )
        }
        Format::Device if text.matches(':').count() < 3 => None,
        Format::Device => one(
            Code::BadValue,
            format!("`{text}` has too many colons"),
            "it is `SOURCE`, `SOURCE:TARGET` or `SOURCE:TARGET:PERMISSIONS`",
        ),
        Format::Command if *resolved != Resolved::Str || print::words(text).is_some() => None,
        Format::Command => one(
            Code::BadValue,
            "this command has a quote or a bracket that is not closed".to_owned(),
            "it is split into words as a shell does it; a list of words is taken as it is",
        ),
        Format::Label | Format::Exposed
            if !matches!(resolved, Resolved::Float(_) | Resolved::Bool(_)) =>
        {
            None
        }
        Format::Label | Format::Exposed => {
            let mut wrong = one(
                Code::WrongType,
                format!("a text or a whole number is wanted here, not `{text}`"),
                "in quotes it is a text",
            );
            if let Some(wrong) = &mut wrong {
                wrong.suggestion = Some(format!("\"{text}\""));
            }
            wrong
        }
        Format::Pair if text.contains('=') => None,
        Format::Pair => one(
            Code::BadValue,
            format!("`{text}` has no value"),
            "it is `NAME=VALUE`",
        ),
        Format::Variable if !has_trailing_blank(text) => None,
        Format::Variable => one(
            Code::BadName,
            "there is a blank between the name of this variable and its `=`".to_owned(),
            "it is `NAME=VALUE`",
        ),
        Format::ProjectName if text.is_empty() || !effective::normal_name(text).is_empty() => None,
        Format::ProjectName => one(
            Code::BadName,
            format!("nothing of `{text}` can be part of a project's name"),
            "it is made of small letters, digits, `-` and `_`",
        ),
        Format::Key if text == "default" || text.contains('=') => None,
        Format::Key => one(
            Code::BadValue,
            format!("`{text}` has no path"),
            "it is `default`, or `NAME=PATH`",
        ),
        Format::ContainerName if is_container_name(text) => None,
        Format::ContainerName => one(
            Code::BadName,
            format!("`{text}` is no name of a container"),
            "it has a letter or digit with another letter, digit, `.`, `_` or `-` behind it",
        ),
        _ => wrong_number(text, resolved, format),
    }
}

/// What is wrong with what is to be a number.
fn wrong_number(text: &str, resolved: &Resolved, format: Format) -> Option<Wrong> {
    match format {
        Format::Bytes if *resolved != Resolved::Str || scalars::bytes(text).is_some() => None,
        Format::Bytes => one(
            Code::BadSize,
            format!("`{text}` is no size"),
            "a size is a number with b, k, m, g, t or p behind it, or kb, mb …: `512m`",
        ),
        Format::Count
            if text.eq_ignore_ascii_case("all")
                || *resolved != Resolved::Str
                || text.parse::<i64>().is_ok() =>
        {
            None
        }
        Format::Count => one(
            Code::BadValue,
            format!("`{text}` is no number"),
            "it is a number, or `all`",
        ),
        Format::Mode if is_mode(text, resolved) => None,
        Format::Mode => one(
            Code::BadValue,
            format!("`{text}` is no mode"),
            "it is an octal number: 0440",
        ),
        Format::Size if matches!(resolved, Resolved::Int(0..)) => None,
        Format::Size if matches!(resolved, Resolved::Float(number) if *number >= 0.0) => None,
        Format::Size => one(
            Code::WrongType,
            format!("a number of 0 or more is wanted here, not `{text}`"),
            "it is a number, and no text",
        ),
        Format::Positive if !is_negative(text, resolved) => None,
        Format::Positive => one(
            Code::BadValue,
            format!("{text} is out of bounds"),
            "it is 0 or more",
        ),
        Format::Strict if !matches!(resolved, Resolved::Float(_)) => None,
        Format::Strict => one(
            Code::WrongType,
            format!("a whole number is wanted here, not `{text}`"),
            "it is written without a point or an exponent",
        ),
        _ => None,
    }
}

/// One without a suggestion.
#[allow(clippy::unnecessary_wraps)] // as those who call it want it
fn one(code: Code, message: String, allowed: &'static str) -> Option<Wrong> {
    Some(Wrong {
        code,
        message,
        allowed,
        suggestion: None,
    })
}

/// A name of letters, digits, `.`, `_` and `-`.
pub(super) fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(is_name_byte)
}

/// `2024-01-31`, or with a time of day behind it: a time to Docker's parser, and no text.
pub(in crate::compose) fn is_date(text: &str) -> bool {
    let (date, time) = match text.find(['T', 't', ' ']) {
        Some(at) => (&text[..at], Some(&text[at..])),
        None => (text, None),
    };
    let parts: Vec<&str> = date.split('-').collect();
    let [year, month, day] = parts.as_slice() else {
        return false;
    };
    let days = |month| match month {
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    let month = number(month, 12).filter(|month| *month > 0);
    let day = number(day, 31).filter(|day| *day > 0);
    let fits = month
        .zip(day)
        .is_some_and(|(month, day)| day <= days(month));
    let is_year = year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit());
    fits && is_year && time.is_none_or(is_time)
}

/// One or two digits that come to no more than `most`.
fn number(text: &str, most: u32) -> Option<u32> {
    let digits = matches!(text.len(), 1..=2) && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse::<u32>().ok().filter(|_| digits);
    number.filter(|number| *number <= most)
}

/// `T15:04:05Z`, `t15:4:5.5+01:00`, ` 15:04:05`: the zone is there just behind a `T`.
fn is_time(text: &str) -> bool {
    let (clock, zoned) = match text.strip_prefix(['T', 't']) {
        Some(rest) => (rest, true),
        None => (&text[1..], false),
    };
    let (clock, zone) = match clock.find(['Z', '+', '-']) {
        Some(at) => (&clock[..at], Some(&clock[at..])),
        None => (clock, None),
    };
    let is_zone = |zone: &str| match zone.strip_prefix(['+', '-']) {
        None => zone == "Z",
        Some(rest) => rest.split_once(':').is_some_and(|(hours, minutes)| {
            hours.len() == 2
                && minutes.len() == 2
                && number(hours, 24).is_some()
                && number(minutes, 60).is_some()
        }),
    };
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let parts: Vec<&str> = clock.split(':').collect();
    let [hours, minutes, seconds] = parts.as_slice() else {
        return false;
    };
    zone.is_some() == zoned
        && zone.is_none_or(is_zone)
        && number(hours, 23).is_some()
        && number(minutes, 59).is_some()
        && number(seconds, 59).is_some()
        && !fraction.is_empty()
        && fraction.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-')
}

/// Compose looks for such a part anywhere in the name.
fn is_container_name(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes
        .windows(2)
        .any(|pair| pair[0].is_ascii_alphanumeric() && is_name_byte(pair[1]))
}

/// Compose looks for such a word anywhere in the text, or for `every_` and lengths of time.
fn is_pull_policy(text: &str) -> bool {
    let words = [
        "always",
        "never",
        "build",
        "if_not_present",
        "missing",
        "refresh",
        "daily",
        "weekly",
    ];
    let is_length = |rest: &str| {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let unit = rest.as_bytes().get(digits);
        digits > 0 && unit.is_some_and(|unit| b"wdhms".contains(unit))
    };
    let mut lengths = text.split("every_").skip(1);
    words.iter().any(|word| text.contains(word)) || lengths.any(is_length)
}

fn bad_duration(text: &str, resolved: &Resolved) -> Option<Wrong> {
    // A bare number has been refused for its kind.
    if *resolved != Resolved::Str {
        return None;
    }
    let error = duration::parse(text).err()?;
    Some(Wrong {
        code: Code::BadDuration,
        message: match error.problem() {
            duration::Problem::MissingUnit => format!("`{text}` has no unit"),
            _ => error.to_string(),
        },
        allowed: "a duration is a number with its unit, such as 90s or 1m30s",
        suggestion: error.suggestion(),
    })
}

/// `NAME=ADDRESS`: the name is there, and holds neither `=` nor `:` (compose-go v2.9.1, `types/hostList.go`).
fn bad_host(text: &str) -> Option<String> {
    let Some((name, _)) = text.split_once('=').or_else(|| text.split_once(':')) else {
        return Some(format!("`{text}` has no address"));
    };
    if name.is_empty() {
        return Some(format!("`{text}` has no name"));
    }
    name.contains([':', '='])
        .then(|| format!("`{name}` is no name of a host"))
}

fn is_mode(text: &str, resolved: &Resolved) -> bool {
    match resolved {
        Resolved::Int(_) => true,
        Resolved::Str => i64::from_str_radix(text, 8).is_ok(),
        _ => false,
    }
}

fn is_negative(text: &str, resolved: &Resolved) -> bool {
    match resolved {
        Resolved::Int(number) => *number < 0,
        Resolved::Float(number) => *number < 0.0,
        _ => text.starts_with('-') && text.parse::<i64>().is_ok_and(|number| number < 0),
    }
}

fn has_trailing_blank(text: &str) -> bool {
    let name = text.split_once('=').map_or(text, |(name, _)| name);
    name.ends_with(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_from_texts_as_docker_tells_them() {
        for time in [
            "2024-01-31",
            "2024-1-1",
            "2024-01-01T00:00:00Z",
            "2024-01-01t1:2:3.5+01:00",
            "2024-01-01 10:00:00",
        ] {
            assert!(is_date(time), "{time}");
        }
        for text in [
            "2024-13-01",
            "2024-01-01T00:00:00",
            "2024-01-01 10:00:00Z",
            "2024-01-01T",
            "24-01-01",
            "2024-01-01x",
        ] {
            assert!(!is_date(text), "{text}");
        }
    }

    #[test]
    fn pull_policies_and_hosts_are_read_as_docker_reads_them() {
        for good in [
            "always",
            "if_not_present",
            "every_5h",
            "every_1d12h",
            "xalwaysx",
        ] {
            assert!(is_pull_policy(good), "{good}");
        }
        for bad in ["", "every_", "every_5", "every_h", "Always"] {
            assert!(!is_pull_policy(bad), "{bad}");
        }
        for good in ["a:1.1.1.1", "a=::1", "a:[::1]", "a="] {
            assert_eq!(bad_host(good), None, "{good}");
        }
        for bad in ["a", "=1", ":1", "a:b=c"] {
            assert!(bad_host(bad).is_some(), "{bad}");
        }
    }
}
