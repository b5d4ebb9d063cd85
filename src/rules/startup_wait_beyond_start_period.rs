//! `startup-wait-beyond-start-period`: what a container may wait for by itself outlasts what its healthcheck grants.

use super::shared::clocks::TooShort;
use super::{Context, Rule, list, stacks_note};
use crate::clock::{OutcomeState, Quantity, outcome};
use crate::compose::Condition;
use crate::duration::{Seconds, round_up};
use crate::finding::{Finding, Fix, Label, Safety, Severity};
use crate::project::{ActiveService, Change, EntryWait, Stack, part_place};
use crate::source::Span;
use serde_json::json;
use std::collections::BTreeMap;

/// Its row in the table.
pub(super) const RULE: Rule = Rule {
    name: "startup-wait-beyond-start-period",
    severity: Severity::Warning,
    fix: Some(Safety::Unsafe),
    group: "timing",
    summary: "an entrypoint that may wait longer than the healthcheck grants",
    page: include_str!("../../rules/startup-wait-beyond-start-period.md"),
    check,
};

pub(super) const NAME: &str = "startup-wait-beyond-start-period";

/// A service that may wait too long.
struct State<'a> {
    service: &'a ActiveService,
    waits: Vec<&'a EntryWait>,
    total: Seconds,
    grace: Seconds,
    outcome: OutcomeState,
    /// Whether Compose has seen to all that it may wait for.
    is_seen_to: bool,
    needed: Seconds,
    change: Result<Change, String>,
    stacks: Vec<String>,
}

pub(super) fn check(context: &Context, findings: &mut Vec<Finding>) {
    let mut worst: BTreeMap<Span, State> = BTreeMap::new();
    for (index, stack) in context.project.stacks.iter().enumerate() {
        for (node, service) in stack.services.iter().enumerate() {
            let Some(mut state) = state(context, index, node, stack, service) else {
                continue;
            };
            let place = state.place();
            let before = worst.remove(&place);
            let weight = |state: &State| {
                let is_told = !context.is_off(RULE.name, place, state.name());
                (is_told, state.total - state.grace)
            };
            let (mut kept, stacks) = match before {
                // The shortest grace for the same waits is the one that is told.
                Some(before) if weight(&before) >= weight(&state) => {
                    let own = std::mem::take(&mut state.stacks);
                    (before, own)
                }
                Some(mut before) => (state, std::mem::take(&mut before.stacks)),
                None => (state, Vec::new()),
            };
            kept.stacks.extend(stacks);
            kept.stacks.sort();
            kept.stacks.dedup();
            worst.insert(place, kept);
        }
    }
    findings.extend(worst.values().map(|state| state.finding(context)));
}

/// The services that may wait longer than their healthchecks grant.
pub(super) fn too_short(context: &Context) -> Vec<TooShort> {
    let mut found = Vec::new();
    for (index, stack) in context.project.stacks.iter().enumerate() {
        for (node, service) in stack.services.iter().enumerate() {
            let state = state(context, index, node, stack, service);
            found.extend(state.map(|state| TooShort {
                stack: index,
                service: node,
                place: state.place(),
                needed: state.total,
                words: format!("may wait for {}s before it starts its server", state.total),
            }));
        }
    }
    found
}

fn state<'a>(
    context: &Context<'a>,
    index: usize,
    node: usize,
    stack: &'a Stack,
    service: &'a ActiveService,
) -> Option<State<'a>> {
    let check = service.known()?;
    let entry = service.entry.as_ref()?;
    let waits = entry.longest(|wait| !is_awaited(wait, stack, service));
    let total = waits
        .iter()
        .fold(Seconds::ZERO, |sum, wait| sum + wait.limit);
    let grace = check.grace();
    // A startup that is known says more than what a script allows.
    if total <= grace || service.startup.is_some() || !stack.missing.is_empty() {
        return None;
    }
    let needed = round_up(total.scaled(context.options.margin));
    let depends = &service.service.depends_on;
    let is_seen_to = !depends.is_empty()
        && depends
            .iter()
            .all(|need| need.condition != Condition::Started)
        && waits.iter().all(|wait| wait.endpoints.is_empty());
    Some(State {
        service,
        waits,
        total,
        grace,
        outcome: outcome(check, Some(total)).state(),
        is_seen_to,
        needed,
        change: context.project.set_start_period(index, node, needed),
        stacks: vec![stack.files.name.clone()],
    })
}

/// Whether all that a wait tries to reach is healthy before the container starts.
fn is_awaited(wait: &EntryWait, stack: &Stack, service: &ActiveService) -> bool {
    let needs = &service.service.depends_on;
    let is_healthy = |host: &str| {
        needs.iter().any(|need| {
            let container = stack
                .index(&need.service)
                .and_then(|index| stack.services[index].service.container_name.as_deref());
            need.condition == Condition::Healthy
                && (need.service == host || container == Some(host))
        })
    };
    let hosts = wait.endpoints.iter();
    !wait.endpoints.is_empty()
        && hosts
            .into_iter()
            .all(|endpoint| endpoint.host.as_deref().is_some_and(is_healthy))
}

impl State<'_> {
    fn name(&self) -> &str {
        &self.service.service.name
    }

    fn start_period(&self) -> Seconds {
        self.service
            .known()
            .map_or(Seconds::ZERO, |check| check.start_period)
    }

    fn place(&self) -> Span {
        part_place(self.service, Quantity::StartPeriod)
            .or(self.service.check().map(|check| check.key))
            .unwrap_or(self.service.service.key)
    }

    fn message(&self) -> String {
        let name = self.name();
        let period = match self.start_period() {
            Seconds::ZERO => format!(
                "without a start_period its first {}s are granted",
                self.grace
            ),
            period => format!("its start_period is {period}s"),
        };
        let outcome = match self.outcome {
            OutcomeState::Healthy => "it burns retries meanwhile",
            OutcomeState::Either => "Docker may call it unhealthy meanwhile",
            OutcomeState::Unhealthy => "Docker calls it unhealthy meanwhile",
        };
        format!(
            "`{name}` may wait for {}s before it starts its server, {period}: {outcome}",
            self.total
        )
    }

    fn finding(&self, context: &Context) -> Finding {
        let name = self.name();
        let labels = self.waits.iter().map(|wait| {
            let targets: Vec<String> = wait
                .endpoints
                .iter()
                .map(|endpoint| endpoint.text.clone())
                .collect();
            let target = match targets.as_slice() {
                [] => String::new(),
                targets => format!(" for {}", list(targets)),
            };
            Label {
                span: wait.place,
                text: format!("waits for up to {}s{target}", wait.limit),
            }
        });
        let mut notes = Vec::new();
        if let [_, _, ..] = self.waits.as_slice() {
            let limits = self.waits.iter().map(|wait| format!("{}s", wait.limit));
            let sum = limits.collect::<Vec<_>>().join(" + ");
            notes.push(format!("one after the other: {sum} = {}s", self.total));
        }
        if self.is_seen_to {
            notes.push(
                "Compose starts it when what it depends on is ready, so the wait should be over at once; where it is for something else, it counts"
                    .to_owned(),
            );
        }
        notes.push("a limit in the entrypoint and one in the healthcheck contradict each other: grant the wait, or shorten it".to_owned());
        notes.push(stacks_note(context.project, &self.stacks));
        let fix = match &self.change {
            Ok(change) => {
                notes.extend(change.reach.words());
                Some(Fix {
                    title: format!("raise start_period of `{name}` to {}", change.written),
                    safety: Safety::Unsafe,
                    edits: change.edits.clone(),
                })
            }
            Err(why) => {
                notes.push(format!(
                    "set start_period to {}s; no fix is offered: {why}",
                    self.needed
                ));
                None
            }
        };
        Finding {
            rule: NAME,
            severity: if self.is_seen_to {
                Severity::Info
            } else {
                Severity::Warning
            },
            message: self.message(),
            primary: Label {
                span: self.place(),
                text: match self.start_period() {
                    Seconds::ZERO => format!("`{name}`: no start_period"),
                    period => format!("`{name}`: failures before {period}s do not count"),
                },
            },
            labels: labels.collect(),
            notes,
            fix,
            data: json!({
                "service": name,
                "stacks": self.stacks,
                "waits_s": self.total.as_f64(),
                "start_period_s": self.start_period().as_f64(),
                "outcome": self.outcome.name(),
                "needed_start_period_s": self.needed.as_f64(),
            }),
        }
    }
}
