//! Texts that Compose reads further: durations, sizes, ports, mounts.

use super::shape::Format;
use crate::compose::refused::Code;
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
    let one = |code, message: String, allowed| {
        Some(Wrong {
            code,
            message,
            allowed,
            suggestion: None,
        })
    };
    match format {
        Format::Duration => bad_duration(text, resolved),
        Format::Bytes if *resolved != Resolved::Str || is_size(text) => None,
        Format::Bytes => one(
            Code::BadSize,
            format!("`{text}` is no size"),
            "a size is a number with b, k, m, g, t or p behind it, or kb, mb …: `512m`",
        ),
        Format::Port => {
            let message = bad_port(text, resolved)?;
            one(Code::BadPort, message, A_PORT)
        }
        Format::Mount => {
            let message = bad_mount(text)?;
            one(
                Code::BadVolume,
                message,
                "a mount is `TARGET`, `SOURCE:TARGET` or `SOURCE:TARGET:MODE`",
            )
        }
        Format::PullPolicy if is_pull_policy(text) => None,
        Format::PullPolicy => one(
            Code::BadValue,
            format!("`{text}` is no pull policy"),
            "it is `always`, `never`, `missing`, `build`, `daily`, `weekly` or `every_` with a duration",
        ),
        Format::Address if text.is_empty() || text.parse::<IpAddr>().is_ok() => None,
        Format::Address => one(
            Code::BadPort,
            format!("`{text}` is no IP address"),
            "it is the address of the host that the port is bound to: 127.0.0.1",
        ),
        Format::Host if text.contains([':', '=']) => None,
        Format::Host => one(
            Code::BadValue,
            format!("`{text}` has no address"),
            "it is `NAME=ADDRESS` or `NAME:ADDRESS`",
        ),
        Format::Device if text.matches(':').count() < 3 => None,
        Format::Device => one(
            Code::BadValue,
            format!("`{text}` has too many colons"),
            "it is `SOURCE`, `SOURCE:TARGET` or `SOURCE:TARGET:PERMISSIONS`",
        ),
        Format::Count
            if text == "all" || *resolved != Resolved::Str || text.parse::<i64>().is_ok() =>
        {
            None
        }
        Format::Count => one(
            Code::BadValue,
            format!("`{text}` is no number"),
            "it is a number, or `all`",
        ),
        Format::Mode if text.bytes().any(|byte| byte.is_ascii_digit()) => None,
        Format::Mode => one(
            Code::BadValue,
            format!("`{text}` is no mode"),
            "it is an octal number: 0440",
        ),
        Format::ContainerName if is_container_name(text) => None,
        Format::ContainerName => one(
            Code::BadName,
            format!("`{text}` is no name of a container"),
            "it has a letter or digit with another letter, digit, `.`, `_` or `-` behind it",
        ),
    }
}

/// A name of letters, digits, `.`, `_` and `-`.
pub(super) fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(is_name_byte)
}

/// `2024-01-31`: a date to Docker's parser, and no text.
pub(super) fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts.as_slice() else {
        return false;
    };
    let number = |part: &str, longest: usize| {
        let digits = part.len() <= longest && part.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| part.parse::<u32>().ok()).flatten()
    };
    let days = |month| match month {
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    let month = number(month, 2).filter(|month| (1..=12).contains(month));
    let day = number(day, 2).filter(|day| *day > 0);
    let fits = month
        .zip(day)
        .is_some_and(|(month, day)| day <= days(month));
    fits && year.len() == 4 && number(year, 4).is_some()
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

/// Compose looks for such a word anywhere in the text.
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
        "every_",
    ];
    words.iter().any(|word| text.contains(word))
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

/// `512m`, `1.5 GiB`.
fn is_size(text: &str) -> bool {
    let end = text
        .find(|c: char| !(c.is_ascii_digit() || c == '.'))
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let unit = unit.strip_prefix(' ').unwrap_or(unit).to_lowercase();
    let rest = match unit.chars().next() {
        None => return number.parse::<f64>().is_ok(),
        Some('b') => &unit[1..],
        Some('k' | 'm' | 'g' | 't' | 'p') => unit[1..].trim_start_matches('i'),
        Some(_) => return false,
    };
    let only_i = unit.len() == 2 && unit.ends_with('i');
    number.parse::<f64>().is_ok() && matches!(rest, "" | "b") && !only_i
}

fn bad_port(text: &str, resolved: &Resolved) -> Option<String> {
    match resolved {
        Resolved::Int(1..=65535) => return None,
        Resolved::Int(_) | Resolved::Float(_) => return Some(format!("`{text}` is no port")),
        _ => {}
    }
    let (ports, protocol) = text.split_once('/').unwrap_or((text, ""));
    if !matches!(
        protocol.to_lowercase().as_str(),
        "" | "tcp" | "udp" | "sctp"
    ) {
        return Some(format!("`{protocol}` in `{text}` is no protocol"));
    }
    let (before, container) = ports.rsplit_once(':').unwrap_or(("", ports));
    let (ip, host) = match before.rsplit_once(':') {
        Some((ip, host)) => (ip, host),
        None => ("", before),
    };
    if !ip.is_empty()
        && ip
            .trim_start_matches('[')
            .trim_end_matches(']')
            .parse::<IpAddr>()
            .is_err()
    {
        return Some(format!("`{ip}` in `{text}` is no IP address"));
    }
    if container.is_empty() {
        return Some(format!("`{text}` names no port of the container"));
    }
    let Some(inside) = range(container).filter(|_| container != "0") else {
        return Some(format!("`{container}` in `{text}` is no port"));
    };
    if host.is_empty() {
        return None;
    }
    let Some(outside) = range(host) else {
        return Some(format!("`{host}` in `{text}` is no port"));
    };
    // One port of the container may get any of a range of the host's.
    (inside != outside && inside != 0)
        .then(|| format!("the ranges in `{text}` are not equally long"))
}

/// The length of a range, 0 for one port; `None` for what is no port.
fn range(text: &str) -> Option<u16> {
    let port = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse::<u16>().ok()).flatten()
    };
    match text.split_once('-') {
        None => port(text).map(|_| 0),
        Some((first, last)) => port(last)?.checked_sub(port(first)?),
    }
}

fn bad_mount(text: &str) -> Option<String> {
    if text.is_empty() {
        return Some("this mount is empty".to_owned());
    }
    // A drive's colon belongs to its path.
    let is_drive =
        |part: &str| part.len() == 1 && part.bytes().all(|byte| byte.is_ascii_alphabetic());
    let mut parts: Vec<&str> = text.split(':').collect();
    let paths = parts
        .windows(2)
        .filter(|pair| is_drive(pair[0]) && pair[1].starts_with(['/', '\\']));
    let drives = paths.count();
    if drives > 0 {
        return None;
    }
    if parts.len() > 3 {
        return Some(format!("`{text}` has too many colons"));
    }
    parts.retain(|part| part.is_empty());
    (!parts.is_empty()).then(|| format!("`{text}` has nothing between its colons"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_read_as_docker_reads_them() {
        for good in [
            "80",
            "80/udp",
            "80:80/TCP",
            "127.0.0.1::80",
            "[::1]:80:80",
            "::1:81:80",
            "3000-3005",
            "9090-9091:8080-8081",
            "0:80",
            ":80",
            "90-92:80",
            "80:80/",
            "fe80::1:80:80",
        ] {
            assert_eq!(bad_port(good, &Resolved::Str), None, "{good}");
        }
        for bad in [
            "",
            "80:",
            "80:foo",
            "99999:80",
            "80:80/foo",
            "90-92:80-81",
            "92-90:80-82",
            "300.0.0.1:80:80",
            "localhost:80:80",
            "80: 80",
            "80.0",
        ] {
            assert!(bad_port(bad, &Resolved::Str).is_some(), "{bad}");
        }
    }

    #[test]
    fn mounts_are_read_as_docker_reads_them() {
        for good in [
            "/a",
            "abc",
            "./a:/b",
            "./a:/b:ro",
            r"C:\a:/b",
            "c:/foo:/x:ro",
            "./a:/b:foo",
        ] {
            assert_eq!(bad_mount(good), None, "{good}");
        }
        for bad in ["", ":/a", "./a:", "./a:/b:ro:z"] {
            assert!(bad_mount(bad).is_some(), "{bad}");
        }
    }

    #[test]
    fn sizes_are_read_as_docker_reads_them() {
        for good in [
            "512m", "1.5G", "512MiB", "64 mb", "1b", "1kB", "5pb", ".5g", "7",
        ] {
            assert!(is_size(good), "{good}");
        }
        for bad in ["", "-1", "foo", "5 foo", "512X", "512Mi", "m"] {
            assert!(!is_size(bad), "{bad}");
        }
    }
}
