//! The limits that continuous integration puts on the start of a stack.

use crate::clock::{Moment, Outer};
use crate::duration::Seconds;
use crate::project::{Judged, Place, Project, Sequence, Start, Up};
use crate::shell::Form;
use crate::source::{Sources, Span};
use std::collections::BTreeMap;

/// What kind of limit it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OriginKind {
    /// A wait gives up.
    Wait,
    /// `up --wait --wait-timeout` gives up.
    WaitTimeout,
    /// The `timeout-minutes` of a step.
    Step,
    /// The `timeout-minutes` of a job.
    Job,
}

impl OriginKind {
    /// As it stands in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Wait => "wait",
            Self::WaitTimeout => "wait-timeout",
            Self::Step => "step",
            Self::Job => "job",
        }
    }
}

/// Where a limit of continuous integration comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// What it is.
    pub kind: OriginKind,
    /// `MAX_WAIT=120`, `timeout-minutes` …
    pub label: String,
    /// The job's key; `None` in a script that no job calls.
    pub job: Option<String>,
    /// The step's name.
    pub step: Option<String>,
    /// The literal that sets it, else what it limits.
    pub place: Span,
    /// How long it lasts: for a wait its own part only.
    pub length: Seconds,
    /// Whether running into it fails the job.
    pub fails: bool,
}

/// The limits on the starts of one stack, in the order of the workflows.
pub(super) fn of_stack(project: &Project, stack: usize) -> Vec<(Origin, Outer)> {
    let sources = project.store.sources();
    let mut found = Vec::new();
    let starts = project.starts.iter().filter(|start| start.stack == stack);
    let mut tied = vec![false; project.sequences.len()];
    for start in starts.filter(|start| start.up.blocks) {
        let mut limits = Limits::default();
        limits.start(start);
        found.extend(start.wait_timeout.as_ref().filter(|_| start.up.waits).map(
            |(length, literal)| {
                let origin = Origin {
                    kind: OriginKind::WaitTimeout,
                    label: format!("--wait-timeout {length}"),
                    job: start.job.clone(),
                    step: start.place.name.clone(),
                    place: literal
                        .as_ref()
                        .map_or(start.up.span, |literal| literal.span),
                    length: *length,
                    fails: true,
                };
                let outer = Outer::EachLevel {
                    services: start.up.services.clone(),
                    length: *length,
                };
                (origin, outer)
            },
        ));
        for (index, sequence) in project.sequences.iter().enumerate() {
            let own = sequence.stack == stack
                && sequence.job == start.job
                && sequence
                    .up
                    .as_ref()
                    .is_some_and(|up| up.span == start.up.span);
            if own {
                tied[index] = true;
                limits.sequence(sequence, sources, &mut found);
            }
        }
        found.extend(limits.finish(start.job.as_ref()));
    }
    let sequences = project.sequences.iter().zip(tied);
    for (sequence, _) in sequences.filter(|(sequence, tied)| sequence.stack == stack && !tied) {
        let mut limits = Limits::default();
        limits.sequence(sequence, sources, &mut found);
        found.extend(limits.finish(sequence.job.as_ref()));
    }
    found
}

/// The limits of the steps and of the job around one start and the waits behind it.
#[derive(Default)]
struct Limits {
    steps: BTreeMap<usize, Step>,
}

struct Step {
    place: Place,
    begins: Moment,
    /// The waits of the steps before, where it begins behind an `up`.
    after: Seconds,
    needs: Vec<Moment>,
}

impl Limits {
    fn start(&mut self, start: &Start) {
        let services = start.up.services.clone();
        let needs = if start.up.waits {
            Moment::Healthy(services)
        } else {
            Moment::Returned(services)
        };
        let step = Step {
            place: start.place.clone(),
            begins: Moment::Start,
            after: Seconds::ZERO,
            needs: vec![needs],
        };
        self.steps.insert(start.place.step, step);
    }

    /// Takes in the waits, and adds the limit of each at which the job can end.
    fn sequence(
        &mut self,
        sequence: &Sequence,
        sources: &Sources,
        found: &mut Vec<(Origin, Outer)>,
    ) {
        let begins = begins(sequence.up.as_ref());
        for end in sequence.ends() {
            let wait = &sequence.waits[end];
            let total = sequence.total(end);
            let outer = Outer::Once {
                begins: begins.clone(),
                after: total - wait.budget,
                length: wait.budget,
                needs: vec![needs(sequence, wait)],
            };
            found.push((origin(sequence, wait, sources), outer));
        }
        let mut before = Seconds::ZERO;
        for wait in &sequence.waits {
            let step = self.steps.entry(wait.place.step).or_insert_with(|| Step {
                place: wait.place.clone(),
                begins: begins.clone(),
                after: before,
                needs: Vec::new(),
            });
            step.needs.push(needs(sequence, wait));
            before = before + wait.budget;
        }
    }

    fn finish(self, job: Option<&String>) -> Vec<(Origin, Outer)> {
        let limit = |kind, limit: &crate::ci::Limit, place: &Place| Origin {
            kind,
            label: "timeout-minutes".to_owned(),
            job: job.cloned(),
            step: place.name.clone().filter(|_| kind == OriginKind::Step),
            place: limit.span,
            length: limit.time,
            fails: true,
        };
        let mut found = Vec::new();
        for step in self.steps.values() {
            let Some(own) = &step.place.step_limit else {
                continue;
            };
            let outer = Outer::Once {
                begins: step.begins.clone(),
                after: step.after,
                length: own.time,
                needs: step.needs.clone(),
            };
            found.push((limit(OriginKind::Step, own, &step.place), outer));
        }
        let first = self.steps.values().next();
        let of_job = first.and_then(|step| Some((step, step.place.job_limit.as_ref()?)));
        if let Some((step, own)) = of_job {
            let needs = self.steps.values().flat_map(|step| step.needs.clone());
            let outer = Outer::Once {
                begins: Moment::Start,
                after: Seconds::ZERO,
                length: own.time,
                needs: needs.collect(),
            };
            found.push((limit(OriginKind::Job, own, &step.place), outer));
        }
        found
    }
}

/// When the waits behind an `up` begin.
fn begins(up: Option<&Up>) -> Moment {
    match up {
        Some(up) if up.waits => Moment::Healthy(up.services.clone()),
        Some(up) if up.blocks => Moment::Returned(up.services.clone()),
        _ => Moment::Start,
    }
}

/// What a wait waits for.
fn needs(sequence: &Sequence, wait: &Judged) -> Moment {
    let mut services = wait.services.clone();
    if services.is_empty()
        && let Some(up) = &sequence.up
    {
        services.clone_from(&up.services);
    }
    if wait.polls {
        Moment::Answering(services)
    } else {
        Moment::Healthy(services)
    }
}

fn origin(sequence: &Sequence, wait: &Judged, sources: &Sources) -> Origin {
    let budget = wait.budget;
    let label = wait.setting(sources).unwrap_or_else(|| match wait.form {
        Form::Sleep => format!("sleep {budget}"),
        Form::TimeoutCommand => format!("timeout {budget}"),
        _ => format!("a wait of {budget}s"),
    });
    let literal = wait.knob.as_ref().map(|knob| knob.literal.span);
    Origin {
        kind: OriginKind::Wait,
        label,
        job: sequence.job.clone(),
        step: wait.step.clone(),
        place: literal
            .or(wait.from.first().map(|literal| literal.span))
            .unwrap_or(wait.span),
        length: budget,
        fails: wait.can_fail,
    }
}
