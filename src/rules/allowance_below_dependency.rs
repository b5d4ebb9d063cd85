//! `allowance-below-dependency`: a container waits for another one by itself, and ends before that one has to be ready.

use super::shared::wait_timeout::fastest_starts;
use super::{Context, Rule, stacks_note};
use crate::clock::{BudgetModel, Condition, Graph, Quantity};
use crate::duration::{Seconds, round_up};
use crate::finding::{Edit, Finding, Fix, Label, Safety, Severity};
use crate::project::{ActiveService, EntryWait, Stack, part_place};
use crate::shell::KnobUnit;
use crate::source::Span;
use crate::startup::Bound;
use serde_json::json;
use std::collections::BTreeMap;

/// Its row in the table.
pub(super) const RULE: Rule = Rule {
    name: NAME,
    severity: Severity::Warning,
    fix: Some(Safety::Safe),
    group: "timing",
    summary: "an entrypoint that gives up on a service before that one has to be ready",
    page: include_str!("../../rules/allowance-below-dependency.md"),
    check,
};

const NAME: &str = "allowance-below-dependency";

/// A container that gives up too early.
struct State<'a> {
    service: &'a ActiveService,
    /// What it waits for.
    target: &'a ActiveService,
    wait: &'a EntryWait,
    /// Waits that it may go through before this one.
    before: Vec<&'a EntryWait>,
    /// How much later than the other one it starts, at the least.
    head_start: Seconds,
    /// How long the other one may take.
    ready: Seconds,
    stacks: Vec<String>,
}

pub(super) fn check(context: &Context, findings: &mut Vec<Finding>) {
    let mut worst: BTreeMap<Span, State> = BTreeMap::new();
    for stack in context
        .project
        .stacks
        .iter()
        .filter(|stack| stack.is_whole())
    {
        let all = vec![true; stack.services.len()];
        let fastest = fastest_starts(&stack.graph, &all);
        let planned = stack.graph.starts(BudgetModel::Planned);
        for (node, service) in stack.services.iter().enumerate() {
            let waits = service.entry.iter().flat_map(|entry| &entry.waits);
            for (at, wait) in waits.enumerate() {
                let Some(target) = target(stack, node, wait) else {
                    continue;
                };
                let head_start = fastest[node] - planned[target].min(fastest[node]);
                let state = state(stack, (node, target), at, wait, head_start);
                let Some(mut state) = state else { continue };
                // The longest of what a wait at one place is for.
                let before = worst.remove(&wait.place);
                if let Some(mut before) = before {
                    if before.missing() >= state.missing() {
                        std::mem::swap(&mut before, &mut state);
                    }
                    state.stacks.append(&mut before.stacks);
                    state.stacks.sort();
                    state.stacks.dedup();
                }
                worst.insert(wait.place, state);
            }
        }
    }
    findings.extend(worst.values().map(|state| state.finding(context)));
}

/// The service that a wait is for, where it ends the container and nothing else has seen to that one.
fn target(stack: &Stack, node: usize, wait: &EntryWait) -> Option<usize> {
    let service = &stack.services[node];
    let restart = service.service.restart.as_ref();
    // A container that is brought back waits anew.
    let comes_back = restart.is_some_and(|restart| restart.brings_back(1));
    let [endpoint] = wait.endpoints.as_slice() else {
        return None;
    };
    if !wait.ends || wait.maybe || comes_back {
        return None;
    }
    let host = endpoint.host.as_deref()?;
    let is_meant = |other: &ActiveService| {
        other.service.name == host || other.service.container_name.as_deref() == Some(host)
    };
    let target = stack.services.iter().position(is_meant)?;
    (target != node && !is_seen_to(&stack.graph, node, target)).then_some(target)
}

/// Whether Compose waits for something before `node` that has itself to do with `target`: that may well be ready by then.
fn is_seen_to(graph: &Graph, node: usize, target: usize) -> bool {
    let mut open = vec![node];
    let mut seen = vec![false; graph.nodes().len()];
    while let Some(node) = open.pop() {
        if std::mem::replace(&mut seen[node], true) {
            continue;
        }
        for edge in &graph.nodes()[node].needs {
            let waits = edge.condition != Condition::Started;
            if waits && graph.closure(&[edge.target])[target] {
                return true;
            }
            open.push(edge.target);
        }
    }
    false
}

fn state<'a>(
    stack: &'a Stack,
    (node, target): (usize, usize),
    at: usize,
    wait: &'a EntryWait,
    head_start: Seconds,
) -> Option<State<'a>> {
    let (service, target) = (&stack.services[node], &stack.services[target]);
    // Nobody says how long it may take where neither a startup nor a start period is known.
    let startup = target.startup.as_ref();
    let ready = match startup {
        // "At most so long" is no word on how short it is.
        Some(startup) if startup.bound == Some(Bound::Upper) => return None,
        Some(startup) => startup.ready,
        None => target.known()?.start_period,
    };
    let entry = service.entry.as_ref()?;
    let state = State {
        service,
        target,
        wait,
        before: entry.waits[..at].iter().collect(),
        head_start,
        ready,
        stacks: vec![stack.files.name.clone()],
    };
    (state.missing() > Seconds::ZERO).then_some(state)
}

impl State<'_> {
    fn name(&self) -> &str {
        &self.service.service.name
    }

    fn target(&self) -> &str {
        &self.target.service.name
    }

    /// What has passed at the most when its wait begins, since the other one was started.
    fn passed(&self) -> Seconds {
        let before: Seconds = self.before.iter().map(|wait| wait.limit).sum();
        self.head_start + before
    }

    /// How much longer it would have to wait; zero where it waits long enough.
    fn missing(&self) -> Seconds {
        let patience = self.passed() + self.wait.limit;
        self.ready - self.ready.min(patience)
    }

    /// The wait's new literal, and what it then is.
    fn raised(&self, context: &Context) -> Option<(String, Seconds)> {
        let knob = self.wait.knob.as_ref()?;
        let passed = self.passed();
        let needed = self.ready.scaled(context.options.margin);
        let needed = needed - passed.min(needed);
        let amount = match knob.unit {
            KnobUnit::Attempts { .. } => needed,
            KnobUnit::Time { .. } | KnobUnit::Duration => round_up(needed),
        };
        let text = knob.set(amount)?;
        let is_own = knob.literal.verbatim && text != knob.literal.text;
        is_own.then_some((text, amount))
    }

    fn fix(&self, context: &Context) -> Option<Fix> {
        let (text, amount) = self.raised(context)?;
        let knob = self.wait.knob.as_ref()?;
        let before: Seconds = self.before.iter().map(|wait| wait.limit).sum();
        // A longer wait may outlast what its own healthcheck grants.
        let fits = self
            .service
            .known()
            .is_none_or(|check| before + amount <= check.grace());
        let what = knob.variable().unwrap_or("the limit");
        Some(Fix {
            title: format!("raise {what} of the wait to {text}"),
            safety: if fits { Safety::Safe } else { Safety::Unsafe },
            edits: vec![Edit {
                span: knob.literal.span,
                text,
                amount: Some(amount),
            }],
        })
    }

    fn labels(&self) -> Vec<Label> {
        let target = self.target();
        let mut labels = Vec::new();
        let ready = self.ready;
        let (quantity, text) = match &self.target.startup {
            Some(startup) => (
                Quantity::Startup,
                format!("`{target}`: {} until it is ready", startup.words()),
            ),
            None => (
                Quantity::StartPeriod,
                format!("`{target}`: its healthcheck lets a start take {ready}s"),
            ),
        };
        let place = part_place(self.target, quantity);
        labels.extend(place.map(|span| Label { span, text }));
        let needs = self.service.service.depends_on.iter();
        let need = needs.into_iter().find(|need| need.service == target);
        labels.extend(need.map(|need| Label {
            span: need.span,
            text: format!("`{}` starts as soon as `{target}` is started", self.name()),
        }));
        labels.extend(self.before.iter().map(|wait| Label {
            span: wait.place,
            text: format!("up to {}s before it", wait.limit),
        }));
        labels
    }

    fn notes(&self, context: &Context) -> Vec<String> {
        let mut notes = Vec::new();
        let before: Seconds = self.before.iter().map(|wait| wait.limit).sum();
        if self.passed() > Seconds::ZERO {
            let mut parts = Vec::new();
            if self.head_start > Seconds::ZERO {
                parts.push(format!("{}s until it starts", self.head_start));
            }
            if before > Seconds::ZERO {
                parts.push(format!("{before}s of waits before"));
            }
            parts.push(format!("{}s", self.wait.limit));
            notes.push(format!(
                "counted from the start of `{}`: {} = {}s",
                self.target(),
                parts.join(" + "),
                self.passed() + self.wait.limit
            ));
        }
        notes.push(format!(
            "nothing brings `{}` back when it has ended; `condition: service_healthy` in its depends_on lets Compose wait instead",
            self.name()
        ));
        if let Some(startup) = &self.target.startup {
            notes.extend(startup.history_words());
        }
        notes.push(stacks_note(context.project, &self.stacks));
        notes
    }

    fn finding(&self, context: &Context) -> Finding {
        let (name, target) = (self.name(), self.target());
        let takes = match &self.target.startup {
            Some(startup) => format!("takes {} to start", startup.words()),
            None => format!("may take {}s to start by its start_period", self.ready),
        };
        Finding {
            rule: NAME,
            severity: Severity::Warning,
            message: format!(
                "`{name}` gives up on `{target}` after {}s and ends, but `{target}` {takes}",
                self.passed() + self.wait.limit
            ),
            primary: Label {
                span: self.wait.place,
                text: format!(
                    "`{name}` waits for up to {}s for `{target}`",
                    self.wait.limit
                ),
            },
            labels: self.labels(),
            notes: self.notes(context),
            fix: self.fix(context),
            data: json!({
                "service": name,
                "dependency": target,
                "stacks": self.stacks,
                "wait_s": self.wait.limit.as_f64(),
                "passed_s": self.passed().as_f64(),
                "ready_s": self.ready.as_f64(),
            }),
        }
    }
}
