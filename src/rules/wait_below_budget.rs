//! `wait-below-budget`: a wait in CI that gives up before the stack may be healthy.

use super::shared::wait_timeout_below;
use super::start_period_below_startup::incomplete_note;
use super::{Context, Rule, list, stacks_words};
use crate::clock::{Budget, BudgetModel, Condition};
use crate::duration::{Seconds, round_up};
use crate::finding::{Edit, Finding, Fix, Label, Safety, Severity};
use crate::project::{Judged, Sequence, Stack, part_place, retries_place};
use crate::shell::{Form, KnobUnit};
use crate::source::Span;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// Its row in the table.
pub(super) const RULE: Rule = Rule {
    name: "wait-below-budget",
    severity: Severity::Error,
    fix: Some(Safety::Safe),
    group: "timing",
    summary: "a CI wait that gives up before the stack may be healthy",
    page: include_str!("../../rules/wait-below-budget.md"),
    check,
};

/// A sequence of waits that is too short, with the numbers that say so.
struct State<'a> {
    sequence: &'a Sequence,
    stack: &'a Stack,
    /// The wait that gives up too early, and its index.
    last: &'a Judged,
    end: usize,
    total: Seconds,
    planned: Budget,
    worst: Budget,
    after_up: Budget,
    /// The one that it is measured against.
    model: BudgetModel,
    /// The new value of the last wait's literal: its text, and what the wait then comes to.
    raise: Option<(String, Seconds)>,
}

pub(super) fn check(context: &Context, findings: &mut Vec<Finding>) {
    let mut by_place: BTreeMap<Span, Vec<State>> = BTreeMap::new();
    for sequence in &context.project.sequences {
        // The job ends at the first wait that is too short; with it mended, those behind it have more time as well.
        let mut states = sequence
            .ends()
            .filter_map(|end| state(context, sequence, end));
        if let Some(state) = states.next() {
            by_place.entry(state.place()).or_default().push(state);
        }
    }
    for states in by_place.into_values() {
        let mut stacks: Vec<String> = states
            .iter()
            .map(|state| state.stack.files.name.clone())
            .collect();
        stacks.dedup();
        let worst = states
            .iter()
            .max_by_key(|state| (state.severity(), state.budget().total));
        findings.extend(worst.map(|state| state.finding(context, &stacks)));
    }
    wait_timeout_below::check(context, findings);
}

fn state<'a>(context: &Context<'a>, sequence: &'a Sequence, end: usize) -> Option<State<'a>> {
    let stack = &context.project.stacks[sequence.stack];
    let last = &sequence.waits[end];
    // Behind a sleep a single try decides: what matters is what may really be left.
    let model = match last.form {
        Form::Sleep => BudgetModel::AfterUp,
        _ => context.options.budget,
    };
    let budget = |model| sequence.budget(end, &stack.graph, model);
    let mut state = State {
        sequence,
        stack,
        last,
        end,
        total: sequence.total(end),
        planned: budget(BudgetModel::Planned),
        worst: budget(BudgetModel::Worst),
        after_up: budget(BudgetModel::AfterUp),
        model,
        raise: None,
    };
    if state.total >= state.budget().total && state.total >= state.after_up.total {
        return None;
    }
    if last.form == Form::Sleep && (last.probe.is_none() || !state.up_blocks()) {
        return None;
    }
    let repaired = stack.graph_with(&context.raised[sequence.stack]);
    let needed = sequence.budget(end, &repaired, model).total;
    let needed = needed.max(sequence.budget(end, &repaired, BudgetModel::AfterUp).total);
    let own = needed.scaled(context.options.margin) - (state.total - last.budget);
    // A longer sleep would hold up every run.
    if last.form != Form::Sleep {
        state.raise = raise(last, own);
    }
    Some(state)
}

/// The literal's new text. Turns of a loop are counted out; a length is one that a person would write.
fn raise(wait: &Judged, needed: Seconds) -> Option<(String, Seconds)> {
    let knob = wait.knob.as_ref().filter(|knob| knob.literal.verbatim)?;
    let amount = match knob.unit {
        KnobUnit::Attempts { .. } => needed,
        KnobUnit::Time { .. } | KnobUnit::Duration => round_up(needed),
    };
    let text = knob.set(amount)?;
    (text != knob.literal.text).then_some((text, amount))
}

impl State<'_> {
    fn budget(&self) -> &Budget {
        match self.model {
            BudgetModel::Planned => &self.planned,
            BudgetModel::Worst => &self.worst,
            BudgetModel::AfterUp => &self.after_up,
        }
    }

    /// Whether an `up` has waited for all that others wait for.
    fn up_blocks(&self) -> bool {
        self.sequence.up.as_ref().is_some_and(|up| up.blocks)
    }

    fn severity(&self) -> Severity {
        let certain = self.up_blocks()
            && !self.last.polls
            && self.last.can_fail
            && self.stack.missing.is_empty();
        if certain && self.total < self.after_up.total {
            Severity::Error
        } else if self.up_blocks()
            && self.after_up.total == Seconds::ZERO
            && !self.after_up.at_least
        {
            Severity::Info
        } else {
            Severity::Warning
        }
    }

    /// The literal that sets the limit, else the wait itself.
    fn place(&self) -> Span {
        let knob = self.last.knob.as_ref().map(|knob| knob.literal.span);
        knob.or(self.last.from.first().map(|literal| literal.span))
            .unwrap_or(self.last.span)
    }

    /// `MAX_WAIT=120`, or what kind of wait it is.
    fn subject(&self, context: &Context) -> String {
        let named = self.last.setting(context.project.store.sources());
        let subject = named.unwrap_or_else(|| match self.last.form {
            Form::TimeoutCommand => "this timeout".to_owned(),
            Form::Sleep => "this sleep".to_owned(),
            _ => "this wait".to_owned(),
        });
        match self.end + 1 {
            1 => subject,
            n => format!("{subject}, the last of {n} in a row,"),
        }
    }

    fn message(&self, context: &Context, stacks: &[String]) -> String {
        let least = if self.budget().at_least {
            "at least "
        } else {
            ""
        };
        let budget = self.budget().total;
        let (subject, total) = (self.subject(context), self.total);
        let stacks = stacks_words(stacks);
        if self.last.form == Form::Sleep {
            let services = self.last.services.iter().map(|node| self.name(*node));
            let services = list(&services.collect::<Vec<_>>());
            return format!(
                "{subject} is over after {total}s, but when `up -d` has returned {services} may take {budget}s more to become healthy, and the command behind it tries once"
            );
        }
        match self.severity() {
            Severity::Info => format!(
                "{subject} gives up after {total}s, less than {} {least}{budget}s, but `up` has waited for all of {stacks} already",
                self.model
            ),
            Severity::Error if self.model != BudgetModel::AfterUp => format!(
                "{subject} gives up after {total}s, but {stacks} may take {least}{budget}s to become healthy ({}; {}s of it may be left after `up -d`)",
                self.model, self.after_up.total
            ),
            _ => format!(
                "{subject} gives up after {total}s, but {stacks} may take {least}{budget}s to become healthy ({})",
                self.model
            ),
        }
    }

    fn finding(&self, context: &Context, stacks: &[String]) -> Finding {
        Finding {
            rule: RULE.name,
            severity: self.severity(),
            message: self.message(context, stacks),
            primary: Label {
                span: self.place(),
                text: match self.last.form {
                    Form::Sleep => format!("is over after {}s", self.last.budget),
                    _ => format!("gives up after {}s", self.last.budget),
                },
            },
            labels: self.labels(),
            notes: self.notes(context, stacks),
            fix: self.fix(),
            data: json!({
                "wait_s": self.total.as_f64(),
                "budget_s": self.budget().total.as_f64(),
                "model": self.model.name(),
                "planned_s": self.planned.total.as_f64(),
                "worst_s": self.worst.total.as_f64(),
                "after_up_s": self.after_up.total.as_f64(),
                "at_least": self.budget().at_least,
                "stack": self.stack.files.name,
                "stacks": stacks,
                "critical_path": self.path(self.budget()),
                "job": self.sequence.job,
                "step": self.last.step,
            }),
        }
    }

    fn path(&self, budget: &Budget) -> Vec<String> {
        budget
            .path
            .iter()
            .map(|term| self.name(term.node))
            .collect()
    }

    fn name(&self, node: usize) -> String {
        self.stack.services[node].service.name.clone()
    }

    fn labels(&self) -> Vec<Label> {
        let mut labels = Vec::new();
        let literals = self
            .last
            .from
            .iter()
            .filter(|literal| literal.span != self.place());
        labels.extend(literals.map(|literal| Label {
            span: literal.span,
            text: "the wait rests on this too".to_owned(),
        }));
        labels.extend(self.last.probe.map(|span| Label {
            span,
            text: "tries once".to_owned(),
        }));
        let before = &self.sequence.waits[..self.end];
        labels.extend(before.iter().map(|wait| Label {
            span: wait.from.first().map_or(wait.span, |literal| literal.span),
            text: format!("{}s more, before it", wait.budget),
        }));
        if let Some(up) = &self.sequence.up {
            let text = if up.waits {
                "returns when all services are healthy"
            } else if up.blocks {
                "returns when all that others wait for is healthy"
            } else {
                "starts the stack, and is not waited for"
            };
            labels.push(Label {
                span: up.span,
                text: text.to_owned(),
            });
        }
        for (index, term) in self.budget().path.iter().enumerate() {
            let is_last = index + 1 == self.budget().path.len();
            labels.extend(self.term_labels(term, is_last));
        }
        labels
    }

    /// A label at each number of a service's share; the first of them tells the sum.
    fn term_labels(&self, term: &crate::clock::Term, is_last: bool) -> Vec<Label> {
        let service = &self.stack.services[term.node];
        let name = self.name(term.node);
        let mut labels: Vec<Label> = Vec::new();
        for part in term.sum.parts() {
            let Some(span) = part_place(service, part.quantity) else {
                continue;
            };
            let text = if labels.is_empty() {
                format!("`{name}`: {}", term.sum)
            } else {
                format!("`{name}`: {part}")
            };
            if labels.iter().all(|label| label.span != span) {
                labels.push(Label { span, text });
            }
        }
        // Only the last service may use up its retries, so only there they are part of the sum.
        let counts_retries = is_last || self.model == BudgetModel::Worst;
        let retries = retries_place(service).filter(|_| counts_retries);
        let known = service.known().map(|check| check.retries);
        if let (Some(span), Some(retries)) = (retries, known) {
            labels.push(Label {
                span,
                text: format!("`{name}`: {retries} retries"),
            });
        }
        labels
    }

    fn notes(&self, context: &Context, stacks: &[String]) -> Vec<String> {
        let mut notes: Vec<String> = [&self.planned, &self.worst, &self.after_up]
            .into_iter()
            .map(|budget| self.sum(budget))
            .collect();
        let covered = self.covered();
        if self.planned.total > self.worst.total {
            notes.push("planned is above worst: a startup on the way is longer than its healthcheck lets it be".to_owned());
        }
        if self.severity() == Severity::Error {
            notes.push(format!(
                "`up -d` returns before {} must be healthy: a start that every healthcheck allows still fails this wait",
                list(&self.path(&self.after_up))
            ));
        } else if self.up_blocks() && !covered.is_empty() && self.total >= self.after_up.total {
            notes.push(format!(
                "`up -d` has already waited for {}: of a legal start at most {}s are left; the {} budget asks for a wait that stands alone (--budget after-up: only what is left)",
                list(&covered), self.after_up.total, self.model
            ));
        }
        if self.budget().at_least {
            notes.push("a healthcheck or a job's duration on the way is not known: the real number is higher".to_owned());
        }
        let on_path = self
            .budget()
            .path
            .iter()
            .map(|term| &self.stack.services[term.node]);
        notes.extend(super::assumed_note(on_path));
        notes.extend(self.limit_note());
        notes.push(super::stacks_note(context.project, stacks));
        notes.extend(incomplete_note(&self.stack.missing));
        if self.last.form == Form::Sleep {
            notes.push("no fix is offered, since a longer sleep would hold up every run: `up --wait` waits just as long as it takes".to_owned());
        } else if self.raise.is_none() && self.severity() > Severity::Info {
            notes.push("no fix is offered: no single literal sets this wait".to_owned());
        }
        notes
    }

    fn limit_note(&self) -> Option<String> {
        let limit = self.last.limit?;
        let (_, amount) = self.raise.as_ref()?;
        (limit < *amount)
            .then(|| format!("timeout-minutes ends it after {limit}s: raise that as well"))
    }

    /// `planned 445s = db 70 + backend 140 + …`.
    fn sum(&self, budget: &Budget) -> String {
        let terms: Vec<String> = budget
            .path
            .iter()
            .filter(|term| term.seconds() > Seconds::ZERO)
            .map(|term| format!("{} {}", self.name(term.node), term.seconds()))
            .collect();
        let meaning = match budget.model {
            BudgetModel::Planned => {
                "each ready within its start_period or startup, the last with all its retries"
            }
            BudgetModel::Worst => "each at its latest verdict",
            BudgetModel::AfterUp => "what may be left when `up` has returned",
        };
        let least = if budget.at_least { "at least " } else { "" };
        let sum = if terms.is_empty() {
            String::new()
        } else {
            format!(" = {}", terms.join(" + "))
        };
        format!("{} {least}{}s{sum}: {meaning}", budget.model, budget.total)
    }

    /// The services on the way that `up` has waited for.
    fn covered(&self) -> Vec<String> {
        let edges = self.stack.graph.nodes().iter().flat_map(|node| &node.needs);
        let awaited: BTreeSet<usize> = edges
            .filter(|edge| edge.condition != Condition::Started)
            .map(|edge| edge.target)
            .collect();
        let path = self.budget().path.iter().map(|term| term.node);
        let covered = path.filter(|node| awaited.contains(node));
        covered.map(|node| self.name(node)).collect()
    }

    fn fix(&self) -> Option<Fix> {
        let (text, amount) = self.raise.as_ref()?;
        let knob = self.last.knob.as_ref()?;
        if self.severity() == Severity::Info {
            return None;
        }
        let guess = self.budget().at_least || !self.stack.missing.is_empty();
        let subject = knob.variable().unwrap_or("the limit");
        Some(Fix {
            title: match knob.unit {
                KnobUnit::Attempts {
                    step: 1, base: 0, ..
                } => format!("raise {subject} to {text} attempts"),
                _ => format!("raise {subject} to {text}"),
            },
            safety: if guess { Safety::Display } else { Safety::Safe },
            edits: vec![Edit {
                span: knob.literal.span,
                text: text.clone(),
                amount: Some(*amount),
            }],
        })
    }
}
