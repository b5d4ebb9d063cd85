//! What a container does by itself before its server answers: the waits and the work of its entrypoint.

mod reader;

pub(super) use reader::read;

use crate::dockerfile::{ImageCheck, ImageHealth};
use crate::duration::Seconds;
use crate::shell::{
    Chance, Endpoint, Event, Form, Knob, Program, ScriptCall, Setting, UNKNOWN, Wait,
};
use crate::source::{Span, paths};
use crate::startup::{self, WorkKind};

/// What is known of a container from the inside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// The healthcheck of its image, where the project's own Dockerfile says so.
    pub health: Option<ImageHealth>,
    /// The image that the project's own rests on: `python:3.13-slim`, or `scratch`; `None` where `additional_contexts` puts something else in
    /// its place.
    pub base: Option<String>,
    /// What tells its server to listen on IPv4 alone: `0.0.0.0` in its command or its environment.
    pub ipv4: Option<Ipv4>,
    /// Its waits with a limit, in order.
    pub waits: Vec<EntryWait>,
    /// What it waits for without a limit.
    pub patient: Vec<Endpoint>,
    /// The hosts of stores that it asks again and again with their own clients, or by a wait of its own; `None` for what is not known.
    pub asked: Vec<Option<String>>,
    /// The work that is known to take time, in order.
    pub work: Vec<EntryWork>,
}

/// A server that is told to listen on every IPv4 address, and so on no IPv6 one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ipv4 {
    /// The port, where it stands behind the address.
    pub port: Option<u16>,
    /// Where it is told, if just that stands somewhere.
    pub place: Option<Span>,
}

/// A wait inside a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryWait {
    /// The longest that it lasts.
    pub limit: Seconds,
    /// The number that says so, or else the command.
    pub place: Span,
    /// Whether it is come to at all.
    pub maybe: bool,
    /// What it tries to reach.
    pub endpoints: Vec<Endpoint>,
    /// The one literal that changes it.
    pub knob: Option<Knob>,
    /// Whether the container surely ends where it gives up.
    pub ends: bool,
}

/// Work inside a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryWork {
    /// What it is.
    pub kind: WorkKind,
    /// The program and its arguments; `None` for what is not known.
    pub words: Vec<Option<String>>,
    /// The command.
    pub span: Span,
    /// Whether it is come to at all.
    pub maybe: bool,
}

impl Entry {
    /// The healthcheck of the image, if it has one.
    pub fn check(&self) -> Option<&ImageCheck> {
        match self.health.as_ref()? {
            ImageHealth::Check(check) => Some(check),
            ImageHealth::None(_) => None,
        }
    }

    /// Whether it waits by itself until something at this host answers.
    pub fn waits_for(&self, host: &str) -> bool {
        let limited = self.waits.iter().flat_map(|wait| &wait.endpoints);
        let mut all = limited.chain(&self.patient);
        let mut asked = self.asked.iter().map(Option::as_deref);
        all.any(|endpoint| endpoint.host.as_deref() == Some(host))
            || asked.any(|asked| asked.is_none_or(|asked| asked == host))
    }

    /// The waits that one start may go through and that `counts`: all that are sure, and the longest of those in branches,
    /// which may exclude each other.
    pub fn longest(&self, counts: impl Fn(&EntryWait) -> bool) -> Vec<&EntryWait> {
        let mut waits: Vec<&EntryWait> = self.waits.iter().filter(|wait| counts(wait)).collect();
        let in_branches = waits.iter().filter(|wait| wait.maybe);
        let longest = in_branches.map(|wait| wait.limit).max();
        let mut taken = false;
        waits.retain(|wait| {
            let is_longest = Some(wait.limit) == longest && !taken;
            taken |= wait.maybe && is_longest;
            !wait.maybe || is_longest
        });
        waits
    }
}

/// What the events of an entrypoint come to.
fn told(events: &[Event]) -> Entry {
    let mut entry = Entry::default();
    let runs = |event: &Event| match event {
        Event::Program(Program { setting, .. }) | Event::Call(ScriptCall { setting, .. }) => {
            setting.chance != Chance::Never
        }
        Event::Wait(_) | Event::Compose(_) => false,
    };
    let last = events.iter().rposition(runs);
    entry.asked = asked(events);
    for (at, event) in events.iter().enumerate() {
        match event {
            Event::Wait(wait) if counts(&wait.setting) => {
                // What nothing comes behind keeps the container alive. A tool has its own program behind it.
                let is_before = last.is_some_and(|last| at < last) || wait.form == Form::Tool;
                let Some(limit) = wait.budget.filter(|_| is_before) else {
                    if is_before {
                        let endpoints = wait.watches.endpoints.iter();
                        entry.patient.extend(endpoints.cloned());
                    }
                    continue;
                };
                let knob = wait.knob.as_ref().map(|knob| knob.literal.span);
                entry.waits.push(EntryWait {
                    limit,
                    place: knob.unwrap_or(wait.span),
                    maybe: wait.setting.chance == Chance::Maybe,
                    endpoints: wait.watches.endpoints.clone(),
                    knob: wait.knob.clone(),
                    ends: ends(
                        wait,
                        at.checked_sub(1).and_then(|before| events.get(before)),
                    ),
                });
            }
            Event::Program(program) if counts(&program.setting) => {
                let words = program.words.iter();
                let words: Vec<Option<&str>> = words
                    .map(|word| word.as_ref().map(|word| word.text.as_str()))
                    .collect();
                let maybe = program.setting.chance == Chance::Maybe;
                if let Some(kind) = startup::work(&words).filter(|_| !is_beside(events, at)) {
                    entry.work.push(EntryWork {
                        kind,
                        words: words.iter().map(|word| word.map(str::to_owned)).collect(),
                        span: written(program),
                        maybe,
                    });
                }
                let is_told = matches!(events.get(at + 1), Some(Event::Wait(wait)) if wait.span == program.span);
                if let Some(limit) = startup::wait_limit(&words).filter(|_| !is_told) {
                    let word = program.words[limit.word].as_ref();
                    let literal = word.and_then(|word| word.from.first());
                    entry.waits.push(EntryWait {
                        limit: limit.limit,
                        place: literal.map_or_else(|| written(program), |literal| literal.span),
                        maybe,
                        endpoints: Vec::new(),
                        knob: None,
                        ends: false,
                    });
                }
            }
            _ => {}
        }
    }
    entry
}

/// Whether the server runs already beside a program: something has been put into the background, and nothing is started behind the program.
fn is_beside(events: &[Event], at: usize) -> bool {
    let is_started = |event: &Event| match event {
        Event::Program(program) => {
            let name = program.words.first().and_then(Option::as_ref);
            let waits = name.is_some_and(|name| name.text == "wait");
            program.setting.chance != Chance::Never && !waits
        }
        Event::Call(call) => call.setting.chance != Chance::Never,
        Event::Wait(_) | Event::Compose(_) => false,
    };
    let is_behind = |event: &Event| match event {
        Event::Program(Program { setting, .. }) | Event::Call(ScriptCall { setting, .. }) => {
            setting.background
        }
        Event::Wait(_) | Event::Compose(_) => false,
    };
    events[..at].iter().any(is_behind) && !events[at + 1..].iter().any(is_started)
}

/// The clients of stores that tell whether these answer.
const CLIENTS: [&str; 11] = [
    "mariadb",
    "mariadb-admin",
    "mongo",
    "mongosh",
    "mysql",
    "mysqladmin",
    "pg_isready",
    "psql",
    "rabbitmq-diagnostics",
    "redis-cli",
    "valkey-cli",
];

/// The hosts of stores that are asked in loops, and `None` for what a wait of the project's own asks: `wait_for_db`.
fn asked(events: &[Event]) -> Vec<Option<String>> {
    let mut asked = Vec::new();
    for event in events {
        let setting = match event {
            Event::Program(program) => &program.setting,
            Event::Call(call) => &call.setting,
            Event::Wait(_) | Event::Compose(_) => continue,
        };
        if setting.background || setting.remote || setting.chance == Chance::Never {
            continue;
        }
        match event {
            Event::Program(Program { words, .. }) => {
                let words: Vec<Option<&str>> = words
                    .iter()
                    .map(|word| Some(word.as_ref()?.text.as_str()))
                    .collect();
                let name = words.first().copied().flatten().map(paths::name);
                if name.is_some_and(|name| CLIENTS.contains(&name)) && setting.in_loop {
                    asked.push(host(&words));
                } else if words.iter().flatten().any(|word| is_own_wait(word)) {
                    asked.push(None);
                }
            }
            Event::Call(call) if call.path.text.as_deref().is_some_and(is_own_wait) => {
                asked.push(None);
            }
            _ => {}
        }
    }
    asked
}

/// The host that a client is told: `-h db`, `--host=db`.
fn host(words: &[Option<&str>]) -> Option<String> {
    let options = words.iter().enumerate();
    let mut found = options.filter_map(|(at, word)| {
        let word = (*word)?;
        match word {
            "-h" | "--host" => Some(words.get(at + 1).copied().flatten()),
            _ => {
                let long = word.strip_prefix("--host=");
                let short = word.strip_prefix("-h").filter(|rest| !rest.is_empty());
                long.or(short).map(Some)
            }
        }
    });
    let host = found.next()??;
    (!host.contains(UNKNOWN)).then(|| host.to_owned())
}

/// Whether a word is the name of a wait that a project has written for itself: `wait_for_db`, `./wait-for-postgres.sh`.
fn is_own_wait(word: &str) -> bool {
    let name = paths::name(word);
    let is_named = ["wait_for_", "wait-for-"]
        .iter()
        .any(|prefix| name.starts_with(prefix));
    is_named && !name.starts_with("wait-for-it")
}

/// Whether a container surely ends when a wait in it gives up; `before` is the event before it, which is the program of a tool.
fn ends(wait: &Wait, before: Option<&Event>) -> bool {
    let program = match before {
        Some(Event::Program(program)) if wait.form == Form::Tool && program.span == wait.span => {
            program
        }
        _ => return wait.can_fail,
    };
    let words = program.words.iter().map(|word| {
        let word = word.as_ref().map(|word| word.text.as_str());
        word.unwrap_or(UNKNOWN)
    });
    let words: Vec<&str> = words.collect();
    let behind = words.iter().position(|word| *word == "--");
    let own = &words[..behind.unwrap_or(words.len())];
    let name = own.first().map(|name| paths::name(name));
    match (name, behind) {
        // It goes on with the command behind it, unless it is told not to (wait-for-it.sh, `WAITFORIT_STRICT`).
        (Some("wait-for-it" | "wait-for-it.sh"), Some(_)) => {
            own.iter().any(|word| matches!(*word, "-s" | "--strict"))
        }
        // The command behind it is all that the container is for: without it, it ends.
        (Some("wait-for" | "wait-for.sh" | "wait4x"), Some(_)) => !wait.setting.tolerated,
        (Some("dockerize"), _) => !wait.setting.tolerated && !wait.setting.in_condition,
        _ => wait.can_fail,
    }
}

/// Where the words of a program are written: a function may have been handed them, and says only `"$@"`.
fn written(program: &Program) -> Span {
    let words = program.words.iter().flatten();
    let mut places = words.flat_map(|word| word.from.iter().map(|literal| literal.span));
    let first = places.next();
    let last = places.last().or(first);
    let whole = first.zip(last).filter(|(first, last)| {
        let is_one = first.file == last.file && first.start <= last.start;
        is_one && !program.span.range().contains(&(first.start as usize))
    });
    whole.map_or(program.span, |(first, last)| first.to(last))
}

/// Whether what stands so takes time of the start, once.
fn counts(setting: &Setting) -> bool {
    !setting.background
        && !setting.in_loop
        && !setting.remote
        && setting.chance != Chance::Never
        && setting.timeout.is_none()
}
