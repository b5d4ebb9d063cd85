//! Published ports: `[[IP:]HOST:]CONTAINER[/PROTOCOL]`, with ranges.
//!
//! The grammar is that of docker/go-connections v0.6.0, `nat.ParsePortSpec`.

use crate::compose::refused::{Code, Refused};
use crate::compose::value::Value;
use crate::yaml::Resolved;
use std::net::IpAddr;
use std::ops::RangeInclusive;

/// A list that comes to more ports than a machine has is refused.
const MAX_PORTS: usize = 65_536;

/// All short forms of a list.
pub(super) fn long(ports: &mut Value, refused: &mut Vec<Refused>) {
    ports.change_items(|items| {
        *items = all(std::mem::take(items), refused);
    });
}

fn all(items: Vec<Value>, refused: &mut Vec<Refused>) -> Vec<Value> {
    let mut found = Vec::with_capacity(items.len());
    for item in items {
        let number = item.scalar().map(crate::compose::scalars::resolved);
        if let Some(Resolved::Int(target)) = number {
            let target = item.made_plain(target.to_string());
            found.push(item.made_map([("target", target)]));
            continue;
        }
        let Some(text) = item.text() else {
            found.push(item);
            continue;
        };
        match parse(text) {
            Ok(parsed) if found.len() + parsed.len() <= MAX_PORTS => {
                found.extend(parsed.iter().map(|port| port.value(&item)));
            }
            Ok(_) => refused.push(problem(&item, "there are no more than 65,536 ports")),
            Err(message) => {
                refused.push(problem(&item, message));
                found.push(item);
            }
        }
    }
    found
}

fn problem(item: &Value, message: impl Into<String>) -> Refused {
    Refused::new(Code::BadPort, item.place(), "", message)
}

/// Why a text is no port.
pub(in crate::compose) fn bad(text: &str) -> Option<String> {
    parse(text).err()
}

struct Port {
    host_ip: String,
    published: String,
    target: u16,
    protocol: String,
}

impl Port {
    fn value(&self, item: &Value) -> Value {
        let whole = item.text().unwrap_or_default();
        let last = whole.rfind(':').map_or(0, |at| at + 1);
        let part = |key: &'static str, text: &str, behind: usize| {
            (!text.is_empty()).then(|| (key, item.made_part(text, behind)))
        };
        let target = item.made_part(&self.target.to_string(), last).plain();
        let fields = [
            Some(("mode", item.made_text("ingress"))),
            part("host_ip", &self.host_ip, 0),
            Some(("target", target)),
            part("published", &self.published, self.host_ip.len()),
            part("protocol", &self.protocol, last),
        ];
        item.made_map(fields.into_iter().flatten())
    }
}

fn parse(text: &str) -> Result<Vec<Port>, String> {
    let parts: Vec<&str> = text.split(':').collect();
    let (ip, host, container) = match parts.as_slice() {
        [container] => (String::new(), "", *container),
        [host, container] => (String::new(), *host, *container),
        [ip @ .., host, container] => (ip.join(":"), *host, *container),
        [] => return Err("there is no port".to_owned()),
    };
    let (container, protocol) = match container.split_once('/') {
        Some((port, protocol)) if !protocol.is_empty() => (port, protocol.to_ascii_lowercase()),
        Some((port, _)) => (port, "tcp".to_owned()),
        None => (container, "tcp".to_owned()),
    };
    let inner = ip.strip_prefix('[').map(|ip| ip.strip_suffix(']'));
    let address = inner.map_or(Some(ip.as_str()), |inner| inner);
    let Some(ip) = address.filter(|ip| ip.is_empty() || ip.parse::<IpAddr>().is_ok()) else {
        return Err(format!("`{ip}` in `{text}` is no IP address"));
    };
    if !matches!(protocol.as_str(), "tcp" | "udp" | "sctp") {
        return Err(format!("`{protocol}` in `{text}` is no protocol"));
    }
    if container.is_empty() {
        return Err(format!("`{text}` names no port of the container"));
    }
    if container == "0" {
        return Err(format!("`0` in `{text}` is no port"));
    }
    let range = |part: &str| range(part).ok_or_else(|| format!("`{part}` in `{text}` is no port"));
    let targets = range(container)?;
    let published = match host {
        "" => None,
        host => Some(range(host)?),
    };
    let mut found: Vec<Port> = Vec::new();
    for target in targets.clone() {
        let published = match &published {
            None => String::new(),
            Some(hosts) if hosts.len() == targets.len() => {
                (hosts.start() + (target - targets.start())).to_string()
            }
            Some(hosts) if targets.len() == 1 => format!("{}-{}", hosts.start(), hosts.end()),
            Some(_) => return Err(format!("the ranges in `{text}` are not equally long")),
        };
        found.push(Port {
            host_ip: ip.to_owned(),
            published,
            target,
            protocol: protocol.clone(),
        });
    }
    // `types.ParsePortConfig` sorts them as texts.
    found.sort_by_key(|port| port.target.to_string() + "/");
    Ok(found)
}

fn range(text: &str) -> Option<RangeInclusive<u16>> {
    let port = |part: &str| {
        let is_number = !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        part.parse::<u16>().ok().filter(|_| is_number)
    };
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (port(first)?, port(last)?);
    (first <= last).then_some(first..=last)
}

#[cfg(test)]
mod tests {
    use super::bad;

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
            "[]:80:80",
        ] {
            assert_eq!(bad(good), None, "{good}");
        }
        for wrong in [
            "",
            "80:",
            "80:foo",
            "99999:80",
            "80:80/foo",
            "90-92:80-81",
            "92-90:80-82",
            "300.0.0.1:80:80",
            "localhost:80:80",
            "[::1:80:80",
            "::1]:80:80",
            "80: 80",
            "80.0",
            "80:0",
        ] {
            assert!(bad(wrong).is_some(), "{wrong}");
        }
    }
}
