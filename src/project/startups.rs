//! How long services were seen, or said, to take until they are ready.

use super::{Inputs, Obstacle, Stack};
use crate::duration::Seconds;
use crate::source::{FileId, Span, Store};
use crate::spelling::Speller;
use crate::startup::{self, Bound, Kind, Place, Startup, Why, record, worst};
use crate::yaml::Problem;
use std::collections::{BTreeMap, BTreeSet};

/// No more services than this are listed where one is not there.
const LISTED: usize = 16;

/// A startup of one service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Measured {
    /// From the container's start until its probe would succeed.
    pub ready: Seconds,
    /// How that relates to the truth; `None` for one that was given or declared.
    pub bound: Option<Bound>,
    /// What it cannot be above, where `bound` is a lower one and that is known too.
    pub at_most: Option<Seconds>,
    /// Why it is a bound.
    pub why: Option<Why>,
    /// The number in the log or in the settings; `None` for one that was given on the command line.
    pub place: Option<Span>,
    /// The steps that the log tells of, in its order. What they leave of `ready`, if anything, has no name.
    pub steps: Vec<Step>,
    /// The starts that it comes from, where they are several.
    pub history: Option<History>,
}

/// A step of a startup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Its name, as the log has it.
    pub name: String,
    /// How long it took.
    pub seconds: Seconds,
    /// Where that stands.
    pub span: Option<Span>,
}

/// Several starts of one service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct History {
    /// How many.
    pub count: usize,
    /// The median of what each is known to have taken.
    pub median: Seconds,
    /// The slowest of them.
    pub slowest: Seconds,
    /// Whether the slowest steps of different starts are put together, and come to more than the slowest start.
    pub composed: bool,
}

impl Measured {
    /// `180s`, `at least 180s`, `at most 20s`, `9s to 12s`; `as much as 205s` for the slowest steps of several starts.
    pub fn words(&self) -> String {
        let ready = self.ready;
        match (self.bound, self.at_most) {
            _ if self.history.is_some_and(|history| history.composed) => {
                format!("as much as {ready}s")
            }
            (Some(Bound::Lower), Some(most)) => format!("{ready}s to {most}s"),
            (Some(Bound::Lower), None) => format!("at least {ready}s"),
            (Some(Bound::Upper), _) => format!("at most {ready}s"),
            (Some(Bound::Exact) | None, _) => format!("{ready}s"),
        }
    }

    /// Whether the real startup is longer than what was measured, since it ends before the server itself answers.
    pub fn ends_early(&self) -> bool {
        let is_probe = matches!(self.why, Some(Why::FailingProbe | Why::NeverReady));
        self.bound == Some(Bound::Lower) && self.at_most.is_none() && !is_probe
    }

    /// How many starts there are, and what they are like: `7 starts are known: …`.
    pub fn history_words(&self) -> Option<String> {
        let history = self.history?;
        let History {
            count,
            median,
            slowest,
            composed,
        } = history;
        let more = if composed {
            format!(
                "; the slowest steps of different starts, put together, make {}s",
                self.ready
            )
        } else {
            String::new()
        };
        Some(format!(
            "{count} starts are known: the median is {median}s, the slowest {slowest}s{more}"
        ))
    }
}

/// A tool that a probe calls and that its image lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingTool {
    /// What the service or its container is called.
    pub names: Vec<String>,
    /// The tool.
    pub tool: String,
    /// Where it is said.
    pub place: Option<Span>,
}

/// A start that was measured, with the file that tells of it.
#[derive(Clone, Debug)]
struct Known {
    startup: Startup,
    file: FileId,
}

/// The startups of a run: what is given, or else the worst that was measured, or else what the settings declare.
#[derive(Clone, Debug, Default)]
pub struct Startups {
    given: BTreeMap<String, Seconds>,
    starts: Vec<Known>,
    /// By the names of services and containers, as places in `starts`.
    measured: BTreeMap<String, Vec<usize>>,
    declared: BTreeMap<String, Measured>,
    /// What was said to be a service on the command line, with where it was said.
    claimed: BTreeSet<(String, String)>,
    /// Services whose names come from a log's own prefixes: those of other stacks may be among them.
    prefixed: BTreeMap<String, BTreeSet<String>>,
    /// Tools that images lack.
    pub(super) missing_tools: Vec<MissingTool>,
}

impl Startups {
    /// The startup of a service of a stack, `container` being its `container_name` if it has one.
    pub fn of(
        &self,
        stack: &str,
        service: &str,
        container: Option<&str>,
        store: &Store,
    ) -> Option<Measured> {
        if let Some(ready) = self.given.get(service) {
            return Some(Measured {
                ready: *ready,
                ..Measured::default()
            });
        }
        let of_stack = |index: &usize| {
            let own = self.starts[*index].startup.stack.as_deref();
            own.is_none_or(|own| own == stack)
        };
        let named = |name: &str| -> Vec<usize> {
            let all = self.measured.get(name).into_iter().flatten();
            all.copied().filter(of_stack).collect()
        };
        let mut starts = named(service);
        if let Some(container) = container.filter(|_| starts.is_empty()) {
            starts = named(container);
        }
        let measured = self.put_together(&starts, store);
        measured.or_else(|| self.declared.get(service).cloned())
    }

    /// The worst of some starts.
    fn put_together(&self, starts: &[usize], store: &Store) -> Option<Measured> {
        let starts: Vec<&Known> = starts.iter().map(|index| &self.starts[*index]).collect();
        let startups: Vec<&Startup> = starts.iter().map(|known| &known.startup).collect();
        let worst = worst(&startups)?;
        let span = |start: usize, place: Place| {
            let file = starts[start].file;
            place.span(file, store.sources().get(file).text())
        };
        let steps = worst.steps.iter().map(|(start, step)| {
            let step = &startups[*start].steps[*step];
            Step {
                name: step.name.clone(),
                seconds: step.seconds,
                span: span(*start, step.place),
            }
        });
        let slowest = startups[worst.slowest].ready.main();
        let bound = match worst.least {
            _ if worst.exact => Bound::Exact,
            Some(_) => Bound::Lower,
            None => Bound::Upper,
        };
        Some(Measured {
            ready: worst.main(),
            bound: Some(bound),
            at_most: worst.most.filter(|_| bound == Bound::Lower),
            why: Some(slowest.why),
            place: span(worst.slowest, slowest.place),
            steps: steps.collect(),
            history: (worst.count > 1).then_some(History {
                count: worst.count,
                median: worst.median,
                slowest: slowest.seconds,
                composed: worst.composed,
            }),
        })
    }

    /// Reports services that no stack has.
    pub(super) fn check_services(
        &self,
        stacks: &[Stack],
        store: &Store,
        inputs: &Inputs,
        obstacles: &mut Vec<Obstacle>,
    ) {
        let services = stacks
            .iter()
            .flat_map(|stack| stack.services.iter().map(|service| &service.service));
        let known: BTreeSet<&str> = services
            .flat_map(|service| {
                [
                    Some(service.name.as_str()),
                    service.container_name.as_deref(),
                ]
            })
            .flatten()
            // What a profile turns on elsewhere is there as well.
            .chain(stacks.iter().flat_map(|stack| &stack.off).flat_map(|off| {
                [Some(off.name.as_str()), off.container_name.as_deref()]
                    .into_iter()
                    .flatten()
            }))
            .collect();
        if known.is_empty() {
            return;
        }
        let shown = known.iter().take(LISTED).copied().collect::<Vec<_>>();
        let list = || match known.len().saturating_sub(LISTED) {
            0 => shown.join(", "),
            more => format!("{} and {more} more", shown.join(", ")),
        };
        let mut speller = Speller::new(known.iter().copied());
        // With -f the settings may speak of the others' services.
        let declared = inputs.declared.iter();
        let declared = declared.map(|declared| (&declared.service, &declared.key));
        let named = inputs.named_services.iter();
        let named = declared.chain(named.map(|(service, place)| (service, place)));
        for (service, key) in named.filter(|_| inputs.files.is_empty()) {
            if known.contains(service.as_str()) {
                continue;
            }
            let message = format!("no stack of this project has a service `{service}`");
            let meant = speller.nearest(service);
            let help = meant.map_or_else(
                || format!("the services are: {}", list()),
                |meant| format!("write `{meant}`"),
            );
            let path = store.sources().get(key.file).path();
            let problem = Problem {
                span: *key,
                message,
            };
            obstacles.push(Obstacle::at(path, problem, help));
        }
        for (service, option) in &self.claimed {
            if !known.contains(service.as_str()) {
                let message =
                    format!("{option}: no stack of this project has a service `{service}`");
                obstacles.push(Obstacle::new(
                    "",
                    message,
                    format!("the services are: {}", list()),
                ));
            }
        }
        for (path, names) in &self.prefixed {
            if !names.iter().any(|name| known.contains(name.as_str())) {
                let names = names
                    .iter()
                    .map(String::as_str)
                    .collect::<Vec<_>>()
                    .join(", ");
                let message =
                    format!("no stack of this project has a service of this log's: {names}");
                obstacles.push(Obstacle::new(
                    path,
                    message,
                    format!(
                        "say whose log it is: --log SERVICE={path}; the services are: {}",
                        list()
                    ),
                ));
            }
        }
    }

    fn measure(&mut self, names: &[String], known: Known) {
        let index = self.starts.len();
        self.starts.push(known);
        for name in names.iter().collect::<BTreeSet<_>>() {
            self.measured.entry(name.clone()).or_default().push(index);
        }
    }
}

/// Reads the logs, the record of the project, and what was given.
pub(super) fn read(store: &mut Store, inputs: &Inputs, obstacles: &mut Vec<Obstacle>) -> Startups {
    let mut startups = Startups::default();
    for (service, ready) in &inputs.startups {
        startups.given.insert(service.clone(), *ready);
        startups
            .claimed
            .insert((service.clone(), format!("--startup {service}=…")));
    }
    for declared in &inputs.declared {
        let measured = Measured {
            ready: declared.ready,
            place: Some(declared.span),
            steps: declared.steps.clone(),
            ..Measured::default()
        };
        startups.declared.insert(declared.service.clone(), measured);
    }
    for (claimed, file) in &inputs.logs {
        startups.log(claimed.as_ref(), *file, store, obstacles);
        if let Some(service) = claimed {
            let option = format!("--log {service}={}", store.sources().get(*file).path());
            startups.claimed.insert((service.clone(), option));
        }
    }
    // What is given by hand wins, service by service.
    let given: BTreeSet<String> = startups.measured.keys().cloned().collect();
    for (service, file) in &inputs.named_logs {
        if !given.contains(service) {
            startups.log(Some(service), *file, store, obstacles);
        }
    }
    startups.record(store, obstacles);
    startups.prefixed.retain(|_, names| !names.is_empty());
    startups
}

impl Startups {
    /// Reads a log, said to be of one service or of none.
    fn log(
        &mut self,
        claimed: Option<&String>,
        file: FileId,
        store: &Store,
        obstacles: &mut Vec<Obstacle>,
    ) {
        let source = store.sources().get(file);
        let reading = match startup::read(&mut source.text().as_bytes()) {
            Ok(reading) => reading,
            Err(error) => {
                let help = "give the whole output, as it was printed";
                obstacles.push(Obstacle::new(source.path(), error.to_string(), help));
                return;
            }
        };
        if reading.startups.is_empty() && reading.missing.is_empty() {
            let (message, help) = match reading.silent.as_slice() {
                [] => (
                    "no startup is told in this log".to_owned(),
                    "steps such as `✅ Migrations completed in 45s`, a line `Total startup time: 70s`, ready lines with their own time such as Spring Boot's, and those of common servers with timestamps (`docker compose logs -t`) are understood",
                ),
                all => (
                    format!("no startup is told here: {}", all.join("; ")),
                    "`docker events` beside a start, or its log, tells more",
                ),
            };
            obstacles.push(Obstacle::new(source.path(), message, help));
        }
        let mut is_named = true;
        for start in reading.startups {
            let (own, container) = (start.service.as_ref(), start.container.as_ref());
            let names = names(claimed, own, container);
            is_named &= !names.is_empty();
            if claimed.is_none() && reading.kind == Kind::Log {
                let prefixed = self.prefixed.entry(source.path().to_owned()).or_default();
                prefixed.extend(start.service.clone());
            }
            let startup = start;
            self.measure(&names, Known { startup, file });
        }
        for tool in reading.missing {
            let names = names(claimed, tool.service.as_ref(), tool.container.as_ref());
            is_named &= !names.is_empty();
            self.missing_tools.push(MissingTool {
                names,
                tool: tool.tool,
                place: tool.place.span(file, source.text()),
            });
        }
        if !is_named {
            let message = "the lines of this log do not say which service they are of";
            let help = format!("say whose log it is: --log SERVICE={}", source.path());
            obstacles.push(Obstacle::new(source.path(), message, help));
        }
    }

    /// Reads the project's record, if it has one. What a log tells of a start that is recorded as well counts once.
    fn record(&mut self, store: &mut Store, obstacles: &mut Vec<Obstacle>) {
        if !store.exists(record::NAME) {
            return;
        }
        let help = "mend the line or remove it: `upbeat measure --record` writes them";
        let mut fail = |message: String| obstacles.push(Obstacle::new(record::NAME, message, help));
        let file = match store.open(record::NAME) {
            Ok(file) => file,
            Err(error) => return fail(format!("cannot be read: {error}")),
        };
        let text = store.sources().get(file).text();
        if text.trim().is_empty() {
            return;
        }
        let recorded = match record::read(text) {
            Ok(recorded) => recorded,
            Err(error) => return fail(error.to_string()),
        };
        let mut seen = record::Merged::default();
        for known in &self.starts {
            seen.add(known.startup.clone());
        }
        for startup in recorded {
            if seen.has(&startup) {
                continue;
            }
            let names = names(None, startup.service.as_ref(), startup.container.as_ref());
            self.measure(&names, Known { startup, file });
        }
    }
}

/// What a start counts for. A log said to be of one service may hold others' lines as well, told apart by their prefix.
fn names(
    claimed: Option<&String>,
    own: Option<&String>,
    container: Option<&String>,
) -> Vec<String> {
    let is_claimed = |service: &String| {
        own.is_none_or(|own| own == service)
            || container == Some(service)
            || found_only(container, service)
    };
    match claimed {
        Some(service) if is_claimed(service) => vec![service.clone()],
        _ => own.into_iter().chain(container).cloned().collect(),
    }
}

/// Whether a prefix names the service behind a project's name: `shop-backend-1` is `backend`.
fn found_only(container: Option<&String>, service: &str) -> bool {
    let container = container.map(String::as_str).unwrap_or_default();
    let named = container
        .trim_end_matches(|c: char| c.is_ascii_digit())
        .trim_end_matches(['-', '_']);
    named.ends_with(service)
}
