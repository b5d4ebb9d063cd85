//! Published actions that start containers or wait, as what they do. Each is read as the script that it amounts to, made of
//! the caller's own texts, so that every literal keeps its place.

use super::{Argument, Call};
use crate::duration::{self, Seconds};
use crate::shell::{self, Dialect, Environment, Event, Form, Literal, Setting, Wait, Watches};
use crate::source::{Mapped, MappedBuilder, Span};

/// What an action of somebody else does that matters for a start. Nothing for those that are not known.
pub fn events_of(call: &Call) -> Vec<Event> {
    let step = call.span;
    let name = call.target.split('@').next().unwrap_or_default();
    match name.to_ascii_lowercase().as_str() {
        "hoverkraft-tech/compose-action" | "isbang/compose-action" => compose(call),
        "nick-fields/retry" | "nick-invision/retry" => retry(call, step),
        "jtalk/url-health-check-action" => url_health_check(call, step),
        "cypress-io/github-action" => cypress(call, step),
        _ => Vec::new(),
    }
}

fn argument<'a>(call: &'a Call, name: &str) -> Option<&'a Argument> {
    call.with
        .iter()
        .find(|argument| argument.name == name && !argument.text.text().trim().is_empty())
}

/// A length that an input gives in `unit`s, with what it rests on.
fn length(call: &Call, name: &str, unit: Seconds) -> Option<(Seconds, Vec<Literal>)> {
    let given = argument(call, name)?.value.as_ref()?;
    let count: f64 = given.text.trim().parse().ok()?;
    let time = Seconds::from_f64(count * unit.as_f64())?;
    Some((time, given.from.clone()))
}

fn count(call: &Call, name: &str) -> Option<(u64, Vec<Literal>)> {
    let given = argument(call, name)?.value.as_ref()?;
    Some((given.text.trim().parse().ok()?, given.from.clone()))
}

/// A script made of the caller's texts and of what the action adds to them.
struct Made {
    builder: MappedBuilder,
    place: usize,
}

impl Made {
    fn new(call: &Call) -> Self {
        Self {
            builder: MappedBuilder::new(call.span.file),
            place: call.span.start as usize,
        }
    }

    fn text(&mut self, text: &str) {
        self.builder.push_made(text, self.place..self.place);
    }

    /// The lines of a text, each behind `before`.
    fn lines(&mut self, text: &Mapped, before: &str) {
        let mut start = 0;
        for line in text.text().split_inclusive('\n') {
            let kept = line.trim();
            if !kept.is_empty() {
                let from = start + (line.len() - line.trim_start().len());
                self.text(before);
                self.builder.push_mapped(text, from..from + kept.len());
            }
            start += line.len();
        }
    }

    fn read(self) -> Vec<Event> {
        let script = self.builder.finish();
        shell::read(&script, &Environment::new(), Dialect::Bash).events
    }
}

/// `docker compose -f FILES FLAGS up -d UP-FLAGS SERVICES`
fn compose(call: &Call) -> Vec<Event> {
    let mut made = Made::new(call);
    if let Some(folder) = argument(call, "cwd") {
        made.lines(&folder.text, "cd ");
        made.text("\n");
    }
    made.text("docker compose");
    if let Some(files) = argument(call, "compose-file") {
        made.lines(&files.text, " -f ");
    }
    if let Some(flags) = argument(call, "compose-flags") {
        made.lines(&flags.text, " ");
    }
    made.text(" up -d");
    for name in ["up-flags", "services"] {
        if let Some(words) = argument(call, name) {
            made.lines(&words.text, " ");
        }
    }
    made.text("\n");
    let mut events = made.read();
    for event in &mut events {
        if let Event::Wait(wait) = event {
            (wait.form, wait.span) = (Form::Action, call.span);
        }
    }
    events
}

/// `timeout x max_attempts`, and a pause between two of them.
fn retry(call: &Call, step: Span) -> Vec<Event> {
    let Some(command) = argument(call, "command") else {
        return Vec::new();
    };
    let minutes = length(call, "timeout_minutes", Seconds::new(60));
    let each = minutes.or_else(|| length(call, "timeout_seconds", Seconds::new(1)));
    let pause = match argument(call, "retry_wait_seconds") {
        Some(_) => length(call, "retry_wait_seconds", Seconds::new(1)),
        None => Some((Seconds::new(10), Vec::new())),
    };
    let limits = each.zip(count(call, "max_attempts")).zip(pause);
    let budget = limits.map(|(((each, mut from), (count, counted)), (pause, paused))| {
        from.extend(counted);
        let pauses = pause.times(count.saturating_sub(1));
        if pauses > Seconds::ZERO {
            from.extend(paused);
        }
        (each.times(count) + pauses, from)
    });
    let script = shell::read(&command.text, &Environment::new(), Dialect::Bash);
    let mut events = Vec::new();
    let mut watches = Watches::default();
    for event in script.events {
        match event {
            Event::Compose(mut command) => {
                command.setting.in_loop = true;
                watches.compose.push((*command).clone());
                events.push(Event::Compose(command));
            }
            Event::Wait(wait) => {
                watches.compose.extend(wait.watches.compose);
                watches.containers.extend(wait.watches.containers);
                watches.endpoints.extend(wait.watches.endpoints);
            }
            Event::Call(mut call) => {
                call.setting.in_loop = true;
                events.push(Event::Call(call));
            }
        }
    }
    let polled = polled(call, |made| {
        made.text("until ");
        made.lines(&command.text, "");
        made.text("; do sleep 1; done\n");
    });
    if watches.endpoints.is_empty() && watches.containers.is_empty() {
        watches.endpoints = polled.endpoints;
        watches.containers = polled.containers;
    }
    events.push(wait(step, budget, watches));
    events
}

/// `max-attempts x retry-delay`
fn url_health_check(call: &Call, step: Span) -> Vec<Event> {
    let delay = argument(call, "retry-delay").and_then(|argument| {
        let given = argument.value.as_ref()?;
        Some((duration::parse(given.text.trim()).ok()?, given.from.clone()))
    });
    let limits = delay.zip(count(call, "max-attempts"));
    let budget = limits.map(|((delay, mut from), (count, counted))| {
        from.extend(counted);
        (delay.times(count), from)
    });
    let watches = polled_urls(call, "url");
    vec![wait(step, budget, watches)]
}

/// `wait-on`, for `wait-on-timeout` seconds; 60 where that is not given.
fn cypress(call: &Call, step: Span) -> Vec<Event> {
    if argument(call, "wait-on").is_none() {
        return Vec::new();
    }
    let budget = match argument(call, "wait-on-timeout") {
        Some(_) => length(call, "wait-on-timeout", Seconds::new(1)),
        None => Some((Seconds::new(60), Vec::new())),
    };
    let watches = polled_urls(call, "wait-on");
    vec![wait(step, budget, watches)]
}

fn wait(step: Span, budget: Option<(Seconds, Vec<Literal>)>, watches: Watches) -> Event {
    let (budget, from) = budget.unzip();
    Event::Wait(Wait {
        form: Form::Action,
        span: step,
        budget,
        from: from.unwrap_or_default(),
        knob: None,
        can_fail: true,
        goes_on: None,
        watches,
        setting: Setting::default(),
    })
}

/// What a loop over the URLs of an input would look at; they are parted by commas and bars.
fn polled_urls(call: &Call, name: &str) -> Watches {
    let Some(urls) = argument(call, name) else {
        return Watches::default();
    };
    polled(call, |made| {
        made.text("until curl -f");
        let text = urls.text.text();
        let mut start = 0;
        for url in text.split_inclusive([',', '|', '\n']) {
            let kept = url.trim_matches([' ', ',', '|', '\n']);
            let from = start + url.find(kept).unwrap_or(0);
            made.text(" '");
            made.builder
                .push_mapped(&urls.text, from..from + kept.len());
            made.text("'");
            start += url.len();
        }
        made.text("; do sleep 1; done\n");
    })
}

fn polled(call: &Call, write: impl FnOnce(&mut Made)) -> Watches {
    let mut made = Made::new(call);
    write(&mut made);
    let events = made.read().into_iter();
    let mut waits = events.filter_map(|event| match event {
        Event::Wait(wait) => Some(wait.watches),
        _ => None,
    });
    waits.next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::{System, read};
    use super::*;
    use crate::source::Sources;
    use crate::yaml;

    fn events(uses: &str) -> (Sources, Vec<Event>) {
        let text = format!("jobs:\n  a:\n    steps:\n      - {uses}\n");
        let mut sources = Sources::default();
        let file = sources.add(".github/workflows/x.yml", text.clone());
        let tree = yaml::parse(file, &text).expect("YAML");
        let pipeline = read(System::Workflow, &tree, sources.get(file), None);
        let call = pipeline.jobs[0].steps[0].call.clone().expect("a call");
        let events = events_of(&call);
        (sources, events)
    }

    fn only_wait(events: &[Event]) -> &Wait {
        let waits: Vec<_> = events
            .iter()
            .filter_map(|event| match event {
                Event::Wait(wait) => Some(wait),
                _ => None,
            })
            .collect();
        assert_eq!(waits.len(), 1);
        waits[0]
    }

    #[test]
    fn the_compose_action_is_a_compose_command() {
        let (sources, events) = events(
            "uses: hoverkraft-tech/compose-action@v2\n        with:\n          compose-file: |\n            a.yml\n            b.yml\n          up-flags: '--wait --wait-timeout 180'\n          services: db",
        );
        let Some(Event::Compose(command)) = events.first() else {
            panic!("a command: {events:?}");
        };
        let files: Vec<_> = command
            .files
            .iter()
            .filter_map(|f| f.text.as_deref())
            .collect();
        assert_eq!(files, ["a.yml", "b.yml"]);
        assert_eq!(sources.text(command.files[1].span), "b.yml");
        assert!(command.wait && command.detach && command.subcommand == "up");
        assert_eq!(command.services[0].text.as_deref(), Some("db"));
        let limit = command.wait_timeout.as_ref().expect("a limit");
        assert_eq!(limit.limit, Some(Seconds::new(180)));
        assert_eq!(sources.text(limit.from[0].span), "180");
    }

    #[test]
    fn retries_take_each_try_and_the_pauses_between() {
        let (sources, events) = events(
            "uses: nick-fields/retry@v3\n        with:\n          timeout_minutes: 2\n          max_attempts: 3\n          retry_wait_seconds: 5\n          command: curl -f http://localhost:8080/health",
        );
        let wait = only_wait(&events);
        assert_eq!(wait.budget, Some(Seconds::new(370)));
        let from: Vec<_> = wait.from.iter().map(|l| sources.text(l.span)).collect();
        assert_eq!(from, ["2", "3", "5"]);
        assert_eq!(wait.watches.endpoints[0].port, Some(8080));
    }

    #[test]
    fn url_checks_and_cypress_wait_for_urls() {
        let (_, checked) = events(
            "uses: jtalk/url-health-check-action@v4\n        with: {url: 'http://localhost:1|http://localhost:2/x', max-attempts: 12, retry-delay: 5s}",
        );
        let wait = only_wait(&checked);
        assert_eq!(wait.budget, Some(Seconds::new(60)));
        let ports: Vec<_> = wait.watches.endpoints.iter().map(|e| e.port).collect();
        assert_eq!(ports, [Some(1), Some(2)]);
        let (_, waited) = events(
            "uses: cypress-io/github-action@v6\n        with: {wait-on: 'http://localhost:3000', wait-on-timeout: 120}",
        );
        assert_eq!(only_wait(&waited).budget, Some(Seconds::new(120)));
        let (_, none) = events("uses: cypress-io/github-action@v6");
        assert!(none.is_empty());
        let (_, unknown) = events(
            "uses: nick-fields/retry@v3\n        with: {command: x, max_attempts: '${{ vars.X }}', timeout_minutes: 1}",
        );
        assert_eq!(only_wait(&unknown).budget, None);
    }
}
