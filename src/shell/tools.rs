//! Programs that try again by themselves or limit a single try: `curl`, `wget`, `wait-for-it`, `dockerize` and their kin.

use super::expand::Field;
use super::flow::Time;
use super::lengths::{Length, go_length, length};
use super::value::add_literals;
use super::waits::{Endpoint, Form, Knob, KnobUnit, Wait};
use super::walk::{Seen, Walker};
use crate::duration::Seconds;

/// How a tool's option is read.
#[derive(Clone, Copy)]
enum Grammar {
    /// Whole seconds, 0 for ever.
    Seconds,
    /// As Go writes lengths.
    Go,
    /// Milliseconds, or a number with a unit.
    Milliseconds,
}

/// A tool that waits: its options for the limit, the limit without one, and where it waits for something at all.
struct Tool {
    names: &'static [&'static str],
    options: &'static [&'static str],
    grammar: Grammar,
    default: Option<i64>,
    /// Words without which it does not wait.
    needs: &'static [&'static str],
}

const TOOLS: [Tool; 8] = [
    Tool {
        names: &["wait-for-it.sh", "wait-for-it", "wait-for", "wait-for.sh"],
        options: &["-t", "--timeout"],
        grammar: Grammar::Seconds,
        default: Some(15),
        needs: &[],
    },
    Tool {
        names: &["dockerize"],
        options: &["-timeout", "--timeout"],
        grammar: Grammar::Go,
        default: Some(10),
        needs: &["-wait", "--wait"],
    },
    Tool {
        names: &["wait-on"],
        options: &["-t", "--timeout"],
        grammar: Grammar::Milliseconds,
        default: None,
        needs: &[],
    },
    Tool {
        names: &["kubectl"],
        options: &["--timeout"],
        grammar: Grammar::Go,
        default: Some(30),
        needs: &["wait"],
    },
    Tool {
        names: &["kubectl"],
        options: &["--timeout"],
        grammar: Grammar::Go,
        default: None,
        needs: &["rollout"],
    },
    Tool {
        names: &["helm"],
        options: &["--timeout"],
        grammar: Grammar::Go,
        default: Some(300),
        needs: &["--wait", "--wait-for-jobs", "--atomic"],
    },
    Tool {
        names: &["wait4x"],
        options: &["-t", "--timeout"],
        grammar: Grammar::Go,
        default: Some(10),
        needs: &[],
    },
    Tool {
        names: &["wait4ports"],
        options: &["-t"],
        grammar: Grammar::Seconds,
        default: None,
        needs: &[],
    },
];

/// Whether a program of this name is a tool that waits.
pub(super) fn is_tool(name: &str) -> bool {
    TOOLS.iter().any(|tool| tool.names.contains(&name)) || name == "pg_isready"
}

/// Reads a call of `name`: the time that a try takes, where it is such a program.
pub(super) fn read(walker: &mut Walker, name: &str, args: &[Field]) -> Option<Time> {
    match name {
        "curl" => Some(curl(walker, args)),
        "wget" => Some(wget(walker, args)),
        "nc" | "ncat" | "netcat" => Some(netcat(walker, args)),
        "pg_isready" => Some(limited_try(option(args, &["-t", "--timeout"]).as_ref())),
        "mysqladmin" | "redis-cli" | "mongosh" | "telnet" | "nslookup" => Some(probe()),
        "npx" | "bunx" | "pnpx" | "yarn" | "pnpm" => {
            let at = args.iter().skip(1).position(|f| {
                f.text()
                    .is_some_and(|t| t == "wait-on" || t.starts_with("wait-on@"))
            })?;
            let place = args[0].at.clone();
            let tool = TOOLS.iter().find(|t| t.names.contains(&"wait-on"))?;
            Some(run_tool(walker, tool, &args[at + 1..], place))
        }
        _ => {
            let mut tools = TOOLS.iter().filter(|tool| tool.names.contains(&name));
            let first = tools.clone().next()?;
            let tool = tools.find(|tool| waits(tool, args)).unwrap_or(first);
            let place = args[0].at.clone();
            Some(run_tool(walker, tool, args, place))
        }
    }
}

fn probe() -> Time {
    Time {
        probes: true,
        ..Time::default()
    }
}

/// The field of an option: the next one, or the part behind its `=`; the last one counts.
fn option(args: &[Field], names: &[&str]) -> Option<Field> {
    let mut found = None;
    for (n, field) in args.iter().enumerate() {
        let shown = field.value.shown();
        for name in names {
            if shown == *name {
                found = args.get(n + 1).cloned();
            } else if let Some(rest) = shown.strip_prefix(name) {
                let short = name.len() == 2 && rest.starts_with(|c: char| c.is_ascii_digit());
                let skip = if rest.starts_with('=') {
                    name.len() + 1
                } else if short {
                    name.len()
                } else {
                    continue;
                };
                found = Some(Field {
                    value: field.value.without_prefix(skip),
                    at: field.at.clone(),
                });
            }
        }
    }
    found
}

fn has(args: &[Field], names: &[&str]) -> bool {
    args.iter()
        .any(|f| names.contains(&f.value.shown().as_str()))
}

/// The time of one try with this limit.
fn limited_try(limit: Option<&Field>) -> Time {
    let mut time = probe();
    if let Some(field) = limit {
        let limit = length(&field.value, Seconds::new(1));
        time.tries = limit.known.unwrap_or_default();
        time.unclear = limit.known.is_none();
        time.from = limit.from;
    }
    time
}

fn curl(walker: &mut Walker, args: &[Field]) -> Time {
    let first = walker.seen.len();
    let mut local = false;
    for field in &args[1..] {
        let shown = field.value.shown();
        if shown.contains("://") || shown.starts_with("localhost") || shown.starts_with("127.") {
            local |= is_local(&shown);
            walker.see_endpoint(field);
        }
    }
    let single = limited_try(option(args, &["-m", "--max-time"]).as_ref());
    let Some(retries) = option(args, &["--retry"]) else {
        return single;
    };
    let time = retried(args, &retries, single);
    let polls = has(args, &["--retry-connrefused", "--retry-all-errors"]) || local;
    if polls {
        let knob = retry_knob(args, &retries);
        emit(walker, Form::CurlRetry, args, &time, knob, first);
    }
    time
}

/// The longest that `curl --retry` takes.
fn retried(args: &[Field], retries: &Field, single: Time) -> Time {
    let mut time = single;
    let one = Seconds::new(1);
    let count = retries.value.number();
    add_literals(&mut time.from, &retries.value.literals());
    let Some(count) = count
        .and_then(|n| n.known())
        .and_then(|n| u64::try_from(n).ok())
    else {
        time.unclear = true;
        return time;
    };
    let pause = match option(args, &["--retry-delay"]) {
        Some(field) => {
            let delay = length(&field.value, one);
            add_literals(&mut time.from, &delay.from);
            time.unclear |= delay.known.is_none();
            delay.known.unwrap_or_default().times(count)
        }
        // It doubles from a second up to ten minutes.
        None => (0..count.min(10_000))
            .map(|n| Seconds::new(if n < 10 { 600.min(1 << n) } else { 600 }))
            .sum(),
    };
    // The first try is one more; as with loops the budget counts the pauses, each with a try.
    time.tries = time.tries.times(count) + pause;
    if let Some(field) = option(args, &["--retry-max-time"]) {
        let most = length(&field.value, one);
        match most.known {
            Some(most_length) if most_length > Seconds::ZERO && most_length < time.tries => {
                time.tries = most_length;
                time.from = most.from;
            }
            Some(_) => {}
            None => time.unclear = true,
        }
    }
    time
}

/// The number of retries, where each costs the same and nothing else ends them.
fn retry_knob(args: &[Field], retries: &Field) -> Option<Knob> {
    if option(args, &["--retry-max-time"]).is_some() {
        return None;
    }
    let delay = length(&option(args, &["--retry-delay"])?.value, Seconds::new(1)).known?;
    let single = match option(args, &["-m", "--max-time"]) {
        Some(field) => length(&field.value, Seconds::new(1)).known?,
        None => Seconds::ZERO,
    };
    let literals = retries.value.literals();
    let ([literal], Some(text)) = (literals.as_slice(), retries.text()) else {
        return None;
    };
    let each = delay + single;
    (literal.verbatim && literal.text == text && each > Seconds::ZERO).then(|| Knob {
        literal: literal.clone(),
        unit: KnobUnit::Attempts {
            each,
            base: 0,
            step: 1,
            extra: 0,
            rest: Seconds::ZERO,
        },
    })
}

fn wget(walker: &mut Walker, args: &[Field]) -> Time {
    let first = walker.seen.len();
    let mut local = false;
    for field in &args[1..] {
        let shown = field.value.shown();
        if shown.contains("://") || shown.starts_with("localhost") {
            local |= is_local(&shown);
            walker.see_endpoint(field);
        }
    }
    let one = Seconds::new(1);
    let limit = option(args, &["-T", "--timeout"]).map(|f| length(&f.value, one));
    let Some(tries) = option(args, &["-t", "--tries"]) else {
        // Without a number of tries there are twenty of them, or one: that depends on the wget.
        return probe();
    };
    let mut time = probe();
    let known = tries.value.number().and_then(|n| n.known());
    let Some(count) = known.and_then(|n| u64::try_from(n).ok()).filter(|n| *n > 0) else {
        time.unclear = true;
        return time;
    };
    add_literals(&mut time.from, &tries.value.literals());
    let limit = limit.unwrap_or_default();
    add_literals(&mut time.from, &limit.from);
    time.tries = limit.known.unwrap_or_default().times(count);
    let polls = local || has(args, &["--retry-connrefused"]);
    let written = option(args, &["--waitretry"]).map(|f| length(&f.value, one));
    if written.is_some() || polls {
        let pause = written.unwrap_or_default();
        // The pauses grow by a second each, up to this one; ten where none is written.
        let most = pause.known.unwrap_or(Seconds::new(10));
        let pauses = (1..count.min(10_000))
            .map(|n| Seconds::new(i64::try_from(n).unwrap_or(i64::MAX)).min(most));
        time.tries = time.tries + pauses.sum();
        add_literals(&mut time.from, &pause.from);
        if polls {
            emit(walker, Form::CurlRetry, args, &time, None, first);
        }
    }
    time
}

fn netcat(walker: &mut Walker, args: &[Field]) -> Time {
    if let [.., host, port] = args
        && let (Some(host_text), Some(number)) =
            (host.text(), port.text().and_then(|p| p.parse().ok()))
        && args.len() > 2
        && !host_text.starts_with('-')
    {
        let span = walker
            .script
            .span(host.at.start..port.at.end.max(host.at.start));
        walker.seen.push(Seen::Endpoint(Endpoint {
            text: format!("{host_text}:{number}"),
            host: Some(host_text),
            port: Some(number),
            span,
        }));
    }
    limited_try(option(args, &["-w"]).as_ref())
}

/// Whether a tool is called so that it waits.
fn waits(tool: &Tool, args: &[Field]) -> bool {
    let named = |field: &Field| {
        let shown = field.value.shown();
        let name = shown.split('=').next().unwrap_or_default();
        tool.needs.contains(&name)
    };
    tool.needs.is_empty() || args.iter().any(named)
}

fn run_tool(
    walker: &mut Walker,
    tool: &Tool,
    args: &[Field],
    place: std::ops::Range<usize>,
) -> Time {
    if !waits(tool, args) {
        return Time::default();
    }
    let first = walker.seen.len();
    for field in args.iter().skip(1) {
        let shown = field.value.shown();
        if shown.contains("://")
            || shown
                .rsplit_once(':')
                .is_some_and(|(_, p)| p.parse::<u16>().is_ok())
        {
            walker.see_endpoint(field);
        }
    }
    let limit = match option(args, tool.options) {
        Some(field) => tool_limit(tool.grammar, &field),
        None => Length {
            known: tool.default.map(Seconds::new),
            ..Length::default()
        },
    };
    let mut time = probe();
    let budget = limit.known.filter(|l| *l > Seconds::ZERO);
    time.unclear = budget.is_none();
    time.tries = budget.unwrap_or_default();
    time.from = limit.from;
    let mut whole: Vec<Field> = args.to_vec();
    if let Some(first) = whole.first_mut() {
        first.at.start = place.start;
    }
    emit(walker, Form::Tool, &whole, &time, limit.knob, first);
    time
}

fn tool_limit(grammar: Grammar, field: &Field) -> Length {
    let whole = |unit| {
        let mut limit = length(&field.value, unit);
        if let Some(knob) = &mut limit.knob
            && knob.literal.text.bytes().all(|b| b.is_ascii_digit())
        {
            knob.unit = KnobUnit::Time { unit, base: 0 };
        }
        limit
    };
    match grammar {
        Grammar::Seconds => whole(Seconds::new(1)),
        Grammar::Milliseconds => whole(Seconds::from_millis(1)),
        Grammar::Go => go_length(&field.value),
    }
}

fn emit(
    walker: &mut Walker,
    form: Form,
    args: &[Field],
    time: &Time,
    knob: Option<Knob>,
    first: usize,
) {
    let wait = Wait {
        form,
        span: walker.script.span(Walker::place(args)),
        budget: (!time.unclear).then_some(time.tries),
        from: time.from.clone(),
        knob,
        can_fail: walker.failure_counts(),
        goes_on: walker.failure_is_lost(),
        watches: walker.watches(first),
        setting: walker.context.setting.clone(),
    };
    walker.emit_wait(wait);
}

fn is_local(url: &str) -> bool {
    let host = host_of(url);
    matches!(host, "localhost" | "0.0.0.0" | "[::1]") || host.starts_with("127.")
}

fn host_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    if host.starts_with('[') {
        host.split_inclusive(']').next().unwrap_or_default()
    } else {
        host.split(':').next().unwrap_or_default()
    }
}

impl Walker {
    /// Remembers the URL, or host and port, that a field names.
    fn see_endpoint(&mut self, field: &Field) {
        let text = field.value.shown();
        let host = host_of(&text);
        let rest = text
            .split_once("://")
            .map_or(text.as_str(), |(_, rest)| rest);
        let tail = rest.split_once(host).map_or("", |(_, tail)| tail);
        let port = match tail.strip_prefix(':') {
            Some(tail) => {
                let digits = tail.bytes().take_while(u8::is_ascii_digit).count();
                tail[..digits].parse().ok()
            }
            None if text.starts_with("https://") => Some(443),
            None if text.starts_with("http://") => Some(80),
            None => None,
        };
        let known = !host.is_empty() && !host.contains('\u{fffd}');
        self.seen.push(Seen::Endpoint(Endpoint {
            host: known.then(|| host.to_owned()),
            port,
            span: self.argument(field).span,
            text,
        }));
    }
}
