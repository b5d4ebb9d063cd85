//! `start-period-below-startup`: a start that outlasts what its healthcheck grants.

use super::shared::clocks::TooShort;
use super::{Context, Rule, failures};
use crate::clock::{OutcomeState, Quantity, outcome};
use crate::duration::{Seconds, round_up};
use crate::finding::{Finding, Fix, Label, Safety, Severity};
use crate::project::{ActiveService, Change, Clock, Measured, part_place, retries_place};
use crate::source::Span;
use crate::startup::Bound;
use serde_json::json;
use std::collections::BTreeMap;

/// Its row in the table.
pub(super) const RULE: Rule = Rule {
    name: "start-period-below-startup",
    severity: Severity::Error,
    fix: Some(Safety::Safe),
    group: "timing",
    summary: "a service that takes longer to start than its healthcheck grants",
    page: include_str!("../../rules/start-period-below-startup.md"),
    check,
};

pub(super) const NAME: &str = "start-period-below-startup";

/// A service whose startup is beyond its grace, with the numbers that say so.
struct State<'a> {
    stack: usize,
    index: usize,
    service: &'a ActiveService,
    startup: &'a Measured,
    /// What is written, zero where it is not.
    start_period: Seconds,
    /// What the engine makes of it; `None` where the image's numbers count.
    verdict: Option<Judgement>,
    /// The start period that would do, with the margin.
    needed: Seconds,
    change: Result<Change, String>,
}

struct Judgement {
    outcome: OutcomeState,
    allowance: Seconds,
    first_probe: Seconds,
    /// How many failures count before it is ready, at most.
    burned: u64,
    retries: u64,
    interval: Seconds,
    seed_formula: Seconds,
}

pub(super) fn check(context: &Context, findings: &mut Vec<Finding>) {
    let mut by_place: BTreeMap<Span, Vec<State>> = BTreeMap::new();
    for state in states(context) {
        by_place.entry(state.place()).or_default().push(state);
    }
    for states in by_place.into_values() {
        let stacks: Vec<String> = states
            .iter()
            .map(|state| context.project.stacks[state.stack].files.name.clone())
            .collect();
        let worst = states.iter().max_by_key(|state| {
            let is_told = !context.is_off(NAME, state.place(), state.name());
            (is_told, state.severity(context), state.startup.ready)
        });
        findings.extend(worst.map(|state| state.finding(context, &stacks)));
    }
}

/// The services whose starts outlast a grace that is known.
pub(super) fn too_short(context: &Context) -> Vec<TooShort> {
    let states = states(context).into_iter();
    let known = states.filter(|state| state.verdict.is_some());
    let told = known.map(|state| TooShort {
        stack: state.stack,
        service: state.index,
        place: state.place(),
        needed: state.startup.at_most.unwrap_or(state.startup.ready),
        words: format!("takes {} to start", state.startup.words()),
    });
    told.collect()
}

/// The start periods that the fixes of this rule make, by stack and service.
pub(super) fn raised(context: &Context) -> Vec<BTreeMap<String, Seconds>> {
    let mut raised = vec![BTreeMap::new(); context.project.stacks.len()];
    let mut raise = |stack: usize, service: usize, value: Seconds| {
        let name = context.project.stacks[stack].services[service]
            .service
            .name
            .clone();
        let entry = raised[stack].entry(name).or_insert(value);
        *entry = value.max(*entry);
    };
    for state in states(context) {
        let Some(fix) = state.fix(context) else {
            continue;
        };
        if !context.options.applies(fix.safety)
            || !context.reports(NAME, state.place(), state.name())
        {
            continue;
        }
        raise(state.stack, state.index, state.needed);
        for edit in &fix.edits {
            for (stack, service) in context.project.readers(edit) {
                raise(stack, service, state.needed);
            }
        }
    }
    raised
}

fn states<'a>(context: &Context<'a>) -> Vec<State<'a>> {
    let mut states = Vec::new();
    for (stack, read) in context.project.stacks.iter().enumerate() {
        for (index, service) in read.services.iter().enumerate() {
            states.extend(state(context, stack, index, service));
        }
    }
    states
}

fn state<'a>(
    context: &Context<'a>,
    stack: usize,
    index: usize,
    service: &'a ActiveService,
) -> Option<State<'a>> {
    let startup = service.startup.as_ref()?;
    // An upper bound proves no startup beyond anything.
    if startup.bound == Some(Bound::Upper) {
        return None;
    }
    let written = match service.known() {
        Some(known) => Some(known.start_period),
        None => service.check().and_then(|check| check.start_period.known()),
    };
    let verdict = match &service.clock {
        Clock::Known(check) => {
            if startup.ready <= check.grace() {
                return None;
            }
            let outcome = outcome(check, Some(startup.ready));
            Some(Judgement {
                outcome: outcome.state(),
                allowance: check.allowance(),
                first_probe: check.first_probe(),
                burned: outcome.burned,
                retries: check.retries,
                interval: check.interval,
                seed_formula: check.seed_formula(),
            })
        }
        Clock::None => return None,
        Clock::Unknown => {
            let start_period = written.filter(|period| *period > Seconds::ZERO)?;
            if startup.ready <= start_period {
                return None;
            }
            None
        }
    };
    // What it may take is granted, where that is known.
    let longest = startup.at_most.unwrap_or(startup.ready);
    let needed = round_up(longest.scaled(context.options.margin));
    Some(State {
        stack,
        index,
        service,
        startup,
        start_period: written.unwrap_or(Seconds::ZERO),
        verdict,
        needed,
        change: context.project.set_start_period(stack, index, needed),
    })
}

impl State<'_> {
    fn name(&self) -> &str {
        &self.service.service.name
    }

    /// The literal of the start period, or the key of the healthcheck that has none.
    fn place(&self) -> Span {
        let check = self.service.check();
        part_place(self.service, Quantity::StartPeriod)
            .or(check.map(|check| check.key))
            .unwrap_or(self.service.service.key)
    }

    fn incomplete(&self, context: &Context) -> bool {
        !context.project.stacks[self.stack].missing.is_empty()
    }

    fn severity(&self, context: &Context) -> Severity {
        match &self.verdict {
            Some(verdict)
                if verdict.outcome != OutcomeState::Healthy && !self.incomplete(context) =>
            {
                Severity::Error
            }
            _ => Severity::Warning,
        }
    }

    fn fix(&self, context: &Context) -> Option<Fix> {
        let change = self.change.as_ref().ok()?;
        let guess = self.verdict.is_none() || self.incomplete(context);
        Some(Fix {
            title: format!(
                "{} start_period of `{}` to {}",
                match self.start_period {
                    Seconds::ZERO => "set",
                    _ => "raise",
                },
                self.name(),
                change.written
            ),
            safety: if guess {
                Safety::Display
            } else {
                change.safety
            },
            edits: change.edits.clone(),
        })
    }

    fn message(&self) -> String {
        let name = self.name();
        let takes = format!("`{name}` takes {} to start", self.startup.words());
        let period = match self.start_period {
            Seconds::ZERO => "it has no start_period".to_owned(),
            period => format!("its start_period is {period}s"),
        };
        match &self.verdict {
            None => {
                format!("{takes}, {period}; how long its retries last beyond that is not known")
            }
            Some(verdict) if verdict.outcome == OutcomeState::Healthy => {
                let Judgement {
                    burned, retries, ..
                } = verdict;
                format!(
                    "{takes}, {period}: it burns up to {burned} of its {retries} retries before it is ready"
                )
            }
            Some(verdict) => {
                let may = if verdict.outcome == OutcomeState::Either {
                    "may call"
                } else {
                    "calls"
                };
                let allowance = verdict.allowance;
                format!(
                    "{takes}, {period}: Docker {may} it unhealthy before it is ready (sure only up to {allowance}s)"
                )
            }
        }
    }

    fn finding(&self, context: &Context, stacks: &[String]) -> Finding {
        let fix = self.fix(context);
        Finding {
            rule: NAME,
            severity: self.severity(context),
            message: self.message(),
            primary: Label {
                span: self.place(),
                text: match self.start_period {
                    Seconds::ZERO => {
                        format!("`{}`: no start_period, every failure counts", self.name())
                    }
                    period => format!("`{}`: failures before {period}s do not count", self.name()),
                },
            },
            labels: self.labels(),
            notes: self.notes(context, stacks),
            data: self.data(stacks),
            fix,
        }
    }

    fn labels(&self) -> Vec<Label> {
        let mut labels = Vec::new();
        if let Some(span) = self.startup.place {
            let text = format!(
                "`{}`: {} until it is ready",
                self.name(),
                self.startup.words()
            );
            labels.push(Label { span, text });
        }
        let Some(verdict) = &self.verdict else {
            return labels;
        };
        let fields = [
            (
                part_place(self.service, Quantity::Interval),
                match self.start_period {
                    Seconds::ZERO => format!("a probe every {}s", verdict.interval),
                    // Within the grace newer engines probe more often.
                    period => format!(
                        "after {}s a probe every {}s",
                        period.max(verdict.first_probe),
                        verdict.interval
                    ),
                },
            ),
            (retries_place(self.service), failures(verdict.retries)),
        ];
        for (place, text) in fields {
            labels.extend(place.map(|span| Label { span, text }));
        }
        labels
    }

    fn notes(&self, context: &Context, stacks: &[String]) -> Vec<String> {
        let mut notes = Vec::new();
        if let Some(verdict) = &self.verdict {
            let Judgement {
                allowance,
                first_probe,
                retries,
                interval,
                seed_formula,
                ..
            } = verdict;
            let grace = if self.start_period >= *first_probe {
                format!("start_period {}s", self.start_period)
            } else {
                format!("first probe {first_probe}s")
            };
            // Where nothing is granted before the first probe, both come to the same.
            let aside = if seed_formula == allowance {
                String::new()
            } else {
                format!(
                    " (start_period + retries x interval = {seed_formula}s is not what Docker does)"
                )
            };
            notes.push(format!(
                "sure to end healthy: {grace} + (retries {retries} - 1) x interval {interval}s = {allowance}s{aside}"
            ));
        } else {
            let has_test = self.service.check().is_some_and(|check| check.has_test);
            notes.push(if has_test {
                "another field of this healthcheck is not known".to_owned()
            } else { "no `test` is written: the image's healthcheck is used, and its numbers for all that is not written here".to_owned() });
        }
        if self.startup.ends_early() {
            notes.push(
                "what the log measures ends before the server itself answers: the real startup is longer"
                    .to_owned(),
            );
        } else if let Some(why) = self
            .startup
            .why
            .filter(|_| self.startup.bound == Some(Bound::Lower))
        {
            notes.push(format!(
                "proved are {}s: {}",
                self.startup.ready,
                why.words()
            ));
        }
        notes.extend(self.startup.history_words());
        notes.extend(self.first_probe_note());
        notes.extend(super::assumed_note([self.service]));
        notes.push(super::stacks_note(context.project, stacks));
        notes.extend(incomplete_note(&context.project.stacks[self.stack].missing));
        match &self.change {
            Ok(change) => notes.extend(change.reach.words()),
            Err(why) => notes.push(format!(
                "set start_period to {}s; no fix is offered: {why}",
                self.needed
            )),
        }
        notes
    }

    /// What a start period does to the first probe where none was written before (engines from 27 on).
    fn first_probe_note(&self) -> Option<String> {
        let known = self.service.known()?;
        let written = part_place(self.service, Quantity::StartInterval);
        let later = known
            .start_interval
            .filter(|first| *first > known.interval)?;
        (self.start_period == Seconds::ZERO && written.is_none()).then(|| {
            format!(
                "with a start_period the first probe comes after {later}s instead of {}s; write start_interval to keep it early",
                known.interval
            )
        })
    }

    fn data(&self, stacks: &[String]) -> serde_json::Value {
        let verdict = self.verdict.as_ref();
        json!({
            "service": self.name(),
            "stacks": stacks,
            "startup_s": self.startup.ready.as_f64(),
            "bound": self.startup.bound.map(Bound::name),
            "at_most_s": self.startup.at_most.map(Seconds::as_f64),
            "starts": self.startup.history.map(|history| history.count),
            "median_s": self.startup.history.map(|history| history.median.as_f64()),
            "start_period_s": self.start_period.as_f64(),
            "allowance_s": verdict.map(|v| v.allowance.as_f64()),
            "outcome": verdict.map(|v| v.outcome.name()),
            "burned_retries": verdict.map(|v| v.burned),
            "retries": verdict.map(|v| v.retries),
            "seed_formula_s": verdict.map(|v| v.seed_formula.as_f64()),
            "needed_start_period_s": self.needed.as_f64(),
        })
    }
}

/// That files of the stack are missing, so that the truth may look different.
pub(super) fn incomplete_note(missing: &[String]) -> Option<String> {
    let missing: Vec<String> = missing.to_vec();
    (!missing.is_empty()).then(|| {
        format!(
            "{} could not be read: with it this may look different",
            super::list(&missing)
        )
    })
}
