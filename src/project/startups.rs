//! How long services were seen, or said, to take until they are ready.

use super::{Declared, Inputs, Obstacle, Stack};
use crate::duration::Seconds;
use crate::source::{Span, Store};
use crate::spelling::Speller;
use crate::startup::{self, Bound, Step};
use crate::yaml::Problem;
use std::collections::{BTreeMap, BTreeSet};

/// No more services than this are listed where one is not there.
const LISTED: usize = 16;

/// A startup of one service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measured {
    /// From the container's start until its probe would succeed.
    pub ready: Seconds,
    /// How that relates to the truth; `None` for one that was given or declared.
    pub bound: Option<Bound>,
    /// The number in the log or in the settings; `None` for one that was given on the command line.
    pub place: Option<Span>,
    /// The steps that the log tells of, in its order. What they leave of `ready`, if anything, has no name.
    pub steps: Vec<Step>,
}

impl Measured {
    /// `180s`, or `at least 180s`.
    pub fn words(&self) -> String {
        let least = if self.bound == Some(Bound::Lower) {
            "at least "
        } else {
            ""
        };
        format!("{least}{}s", self.ready)
    }
}

/// The startups of a run: what is given, or else the worst that was measured, or else what the settings declare.
#[derive(Clone, Debug, Default)]
pub struct Startups {
    given: BTreeMap<String, Seconds>,
    measured: BTreeMap<String, Measured>,
    declared: BTreeMap<String, Measured>,
    /// What was said to be a service on the command line, with where it was said.
    claimed: BTreeSet<(String, String)>,
    /// Services whose names come from a log's own prefixes: those of other stacks may be among them.
    prefixed: BTreeMap<String, BTreeSet<String>>,
}

impl Startups {
    /// The startup of a service, `container` being its `container_name` if it has one.
    pub fn of(&self, service: &str, container: Option<&str>) -> Option<Measured> {
        if let Some(ready) = self.given.get(service) {
            return Some(Measured {
                ready: *ready,
                bound: None,
                place: None,
                steps: Vec::new(),
            });
        }
        let by_container = || self.measured.get(container?);
        let measured = self.measured.get(service).or_else(by_container);
        measured.or_else(|| self.declared.get(service)).cloned()
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
        let declared = inputs.declared.iter().filter(|_| inputs.files.is_empty());
        for Declared { service, key, .. } in declared {
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
        debug_assert!(
            self.measured
                .values()
                .filter_map(|m| m.place)
                .all(|place| !store.sources().get(place.file).path().is_empty())
        );
    }

    fn measure(&mut self, service: &str, measured: Measured) {
        let worst = self
            .measured
            .entry(service.to_owned())
            .or_insert_with(|| measured.clone());
        if measured.ready > worst.ready {
            *worst = measured;
        }
    }
}

/// Reads the logs and what was given.
pub(super) fn read(store: &Store, inputs: &Inputs, obstacles: &mut Vec<Obstacle>) -> Startups {
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
            bound: None,
            place: Some(declared.span),
            steps: declared.steps.clone(),
        };
        startups.declared.insert(declared.service.clone(), measured);
    }
    for (claimed, file) in &inputs.logs {
        let source = store.sources().get(*file);
        let found = startup::read(*file, source.text());
        if found.is_empty() {
            let message = "no startup is told in this log";
            let help = "steps such as `✅ Migrations completed in 45s`, a line `Total startup time: 70s`, or a ready line with its own time such as Spring Boot's are understood";
            obstacles.push(Obstacle::new(source.path(), message, help));
        }
        if let Some(service) = claimed {
            startups.claimed.insert((
                service.clone(),
                format!("--log {service}={}", source.path()),
            ));
        }
        for start in found {
            let measured = Measured {
                ready: start.ready,
                bound: Some(start.bound),
                place: Some(start.number),
                steps: start.steps.clone(),
            };
            let names: Vec<&String> = match claimed {
                // A log said to be of one service may hold others' lines as well, told apart by their prefix.
                Some(service) if start.service.as_ref().is_none_or(|own| own == service) => {
                    vec![service]
                }
                Some(service) if start.container.as_ref() == Some(service) => vec![service],
                Some(service) if found_only(&start, service) => vec![service],
                Some(_) | None => start.service.iter().chain(&start.container).collect(),
            };
            if names.is_empty() {
                let message = "the lines of this log do not say which service they are of";
                obstacles.push(Obstacle::new(
                    source.path(),
                    message,
                    format!("say whose log it is: --log SERVICE={}", source.path()),
                ));
            }
            if claimed.is_none() {
                let prefixed = startups
                    .prefixed
                    .entry(source.path().to_owned())
                    .or_default();
                prefixed.extend(start.service.clone());
            }
            for name in names {
                startups.measure(name, measured.clone());
            }
        }
    }
    startups.prefixed.retain(|_, names| !names.is_empty());
    startups
}

/// Whether a prefix names the service behind a project's name: `shop-backend-1` is `backend`.
fn found_only(start: &startup::Startup, service: &str) -> bool {
    let container = start.container.as_deref().unwrap_or_default();
    let named = container
        .trim_end_matches(|c: char| c.is_ascii_digit())
        .trim_end_matches(['-', '_']);
    named.ends_with(service)
}
