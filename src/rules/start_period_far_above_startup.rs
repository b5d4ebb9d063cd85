//! `start-period-far-above-startup`: a grace that many starts have never come near.

use super::{Context, OptionKind, Rule, RuleOption};
use crate::duration::{Seconds, round_up};
use crate::finding::{Finding, Fix, Label, Safety, Severity};
use crate::project::{ActiveService, Change, History, Measured};
use crate::source::Span;
use serde_json::json;
use std::collections::BTreeMap;

pub(super) const NAME: &str = "start-period-far-above-startup";

/// Its row in the table.
pub(super) const RULE: Rule = Rule {
    name: NAME,
    severity: Severity::Info,
    fix: Some(Safety::Unsafe),
    group: "timing",
    summary: "a start_period that many starts have never come near",
    page: include_str!("../../rules/start-period-far-above-startup.md"),
    check,
};

/// What can be said to it.
pub(super) const OPTIONS: [RuleOption; 2] = [TIMES, STARTS];

/// How many times what is needed a start period may be.
const TIMES: RuleOption = RuleOption {
    name: "times",
    about: "how many times what is needed a start_period may be",
    kind: OptionKind::Times(3.0),
};

/// Fewer starts say nothing about the next.
const STARTS: RuleOption = RuleOption {
    name: "starts",
    about: "how many starts must be known",
    kind: OptionKind::Count(5),
};

/// How much more than what is needed it may always be.
const MORE: Seconds = Seconds::new(60);

/// A service whose grace is far above all of its starts.
struct State<'a> {
    stack: usize,
    service: &'a ActiveService,
    startup: &'a Measured,
    history: History,
    start_period: Seconds,
    place: Span,
    /// The start period that would do, with the margin.
    needed: Seconds,
    change: Result<Change, String>,
}

pub(super) fn check(context: &Context, findings: &mut Vec<Finding>) {
    let mut by_place: BTreeMap<Span, Vec<State>> = BTreeMap::new();
    for (stack, read) in context.project.stacks.iter().enumerate() {
        for (index, service) in read.services.iter().enumerate() {
            if let Some(state) = state(context, stack, index, service) {
                by_place.entry(state.place).or_default().push(state);
            }
        }
    }
    for states in by_place.into_values() {
        let names = |state: &State| context.project.stacks[state.stack].files.name.clone();
        let stacks: Vec<String> = states.iter().map(names).collect();
        // What is enough for all of them.
        let largest = states.iter().max_by_key(|state| {
            let is_told = !context.is_off(NAME, state.place, &state.service.service.name);
            (is_told, state.needed)
        });
        findings.extend(largest.map(|state| state.finding(context, &stacks)));
    }
}

fn state<'a>(
    context: &Context<'a>,
    stack: usize,
    index: usize,
    service: &'a ActiveService,
) -> Option<State<'a>> {
    let startup = service.startup.as_ref()?;
    let starts = context.options.count(NAME, &STARTS);
    let history = startup.history.filter(|history| history.count >= starts)?;
    let check = service.check()?;
    let start_period = check.start_period.known()?;
    let place = check.start_period.written()?.place();
    let longest = startup.at_most.unwrap_or(startup.ready);
    let needed = round_up(longest.scaled(context.options.margin));
    let times = context.options.times(NAME, &TIMES);
    let is_far = start_period > needed.scaled(times) && start_period - needed >= MORE;
    is_far.then(|| State {
        stack,
        service,
        startup,
        history,
        start_period,
        place,
        needed,
        change: context.project.set_start_period(stack, index, needed),
    })
}

impl State<'_> {
    fn finding(&self, context: &Context, stacks: &[String]) -> Finding {
        let Self {
            startup,
            history,
            start_period,
            needed,
            ..
        } = self;
        let name = &self.service.service.name;
        let mut notes: Vec<String> = startup.history_words().into_iter().collect();
        notes.push("a healthy start is not slowed by it; one that hangs is called unhealthy only that much later".to_owned());
        if startup.ends_early() {
            notes.push("what the log measures ends before the server itself answers: the real startup is longer".to_owned());
        }
        notes.push(super::stacks_note(context.project, stacks));
        let fix = match &self.change {
            Ok(change) => {
                notes.extend(change.reach.words());
                Some(Fix {
                    title: format!("lower start_period of `{name}` to {}", change.written),
                    safety: Safety::Unsafe,
                    edits: change.edits.clone(),
                })
            }
            Err(why) => {
                notes.push(format!("{needed}s would do; no fix is offered: {why}"));
                None
            }
        };
        let labels = startup.place.map(|span| Label {
            span,
            text: format!("`{name}`: the slowest of {} starts", history.count),
        });
        Finding {
            rule: NAME,
            severity: Severity::Info,
            message: format!(
                "the start_period of `{name}` is {start_period}s, but none of its {} starts is known to take more than {}s",
                history.count,
                startup.at_most.unwrap_or(history.slowest)
            ),
            primary: Label {
                span: self.place,
                text: format!(
                    "more than {} times the {needed}s that would do",
                    context.options.times(NAME, &TIMES)
                ),
            },
            labels: labels.into_iter().collect(),
            notes,
            fix,
            data: json!({
                "service": name,
                "stacks": stacks,
                "start_period_s": start_period.as_f64(),
                "needed_start_period_s": needed.as_f64(),
                "startup_s": startup.ready.as_f64(),
                "starts": history.count,
                "median_s": history.median.as_f64(),
            }),
        }
    }
}
