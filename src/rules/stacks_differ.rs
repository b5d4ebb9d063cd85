//! `stacks-differ`: what is too short in one stack is long enough in another.

use super::shared::clocks::TooShort;
use super::{
    Context, Rule, list, stacks_note, start_period_below_startup, startup_wait_beyond_start_period,
};
use crate::clock::{HealthCheck, Quantity};
use crate::duration::Seconds;
use crate::finding::{Finding, Label, Severity};
use crate::project::{ActiveService, Stack, part_place};
use crate::source::Span;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// Its row in the table.
pub(super) const RULE: Rule = Rule {
    name: NAME,
    severity: Severity::Info,
    fix: None,
    group: "timing",
    summary: "a healthcheck that grants too little in one stack and enough in another",
    page: include_str!("../../rules/stacks-differ.md"),
    check,
};

const NAME: &str = "stacks-differ";

/// A service that is right elsewhere.
struct State<'a> {
    wrong: TooShort,
    service: &'a ActiveService,
    check: &'a HealthCheck,
    /// The stack that grants the least of those that grant enough.
    right: &'a Stack,
    right_service: &'a ActiveService,
    right_check: &'a HealthCheck,
    stacks: Vec<String>,
}

pub(super) fn check(context: &Context, findings: &mut Vec<Finding>) {
    let mut found: BTreeMap<Span, State> = BTreeMap::new();
    let wrong = wrong(context);
    let places: BTreeSet<(usize, usize)> =
        wrong.iter().map(|one| (one.stack, one.service)).collect();
    for one in wrong {
        let Some(state) = state(context, one, &places) else {
            continue;
        };
        let stacks = state.stacks.clone();
        let kept = found.entry(state.wrong.place).or_insert(state);
        kept.stacks.extend(stacks);
        kept.stacks.sort();
        kept.stacks.dedup();
    }
    findings.extend(found.values().map(|state| state.finding(context)));
}

/// What rules that are not off find, where nobody has silenced it.
fn wrong(context: &Context) -> Vec<TooShort> {
    use start_period_below_startup as below;
    use startup_wait_beyond_start_period as beyond;
    let mut all = Vec::new();
    for (rule, told) in [
        (&below::RULE, below::too_short as fn(&Context) -> _),
        (&beyond::RULE, beyond::too_short),
    ] {
        // Whoever selects this rule alone wants to hear of what the others would say.
        if !context.options.ignore.iter().any(|name| name == rule.name) {
            let mut told: Vec<TooShort> = told(context);
            told.retain(|one| {
                let service = &context.project.stacks[one.stack].services[one.service];
                context.reports(rule.name, one.place, &service.service.name)
            });
            all.append(&mut told);
        }
    }
    all
}

/// The stack that is right where this one is wrong, if there is one.
fn state<'a>(
    context: &Context<'a>,
    wrong: TooShort,
    places: &BTreeSet<(usize, usize)>,
) -> Option<State<'a>> {
    let stacks = &context.project.stacks;
    let stack = &stacks[wrong.stack];
    let service = &stack.services[wrong.service];
    let check = service.known()?;
    let name = &service.service.name;
    let others = stacks.iter().enumerate().filter_map(|(index, right)| {
        let node = right.index(name)?;
        let right_service = &right.services[node];
        let right_check = right_service.known()?;
        let is_right = right_check.grace() >= wrong.needed && !places.contains(&(index, node));
        // The same number in both is not what makes the difference.
        let is_other = place(right_service).is_some_and(|place| place != wrong.place);
        (right.is_whole() && is_right && is_other).then_some((right, right_service, right_check))
    });
    let least = others.min_by_key(|(_, _, check)| check.grace());
    let (right, right_service, right_check) = least?;
    stack.is_whole().then(|| State {
        service,
        check,
        right,
        right_service,
        right_check,
        stacks: vec![stack.files.name.clone()],
        wrong,
    })
}

/// Where a grace is written.
fn place(service: &ActiveService) -> Option<Span> {
    part_place(service, Quantity::StartPeriod)
        .or_else(|| part_place(service, Quantity::StartInterval))
        .or_else(|| part_place(service, Quantity::Interval))
}

/// `start_period 60s`, or `first probe 30s` where nothing else is granted.
fn grace(check: &HealthCheck) -> String {
    if check.start_period >= check.first_probe() && check.start_period > Seconds::ZERO {
        format!("start_period {}s", check.start_period)
    } else {
        format!("first probe {}s", check.first_probe())
    }
}

impl State<'_> {
    fn finding(&self, context: &Context) -> Finding {
        let name = &self.service.service.name;
        let other = &self.right.files.name;
        let right = place(self.right_service).map(|span| Label {
            span,
            text: format!(
                "`{name}` in the stack `{other}`: {}, long enough",
                grace(self.right_check)
            ),
        });
        let mut stacks = self.stacks.clone();
        stacks.push(other.clone());
        Finding {
            rule: NAME,
            severity: Severity::Info,
            message: format!(
                "`{name}` {}: in {} its {} is less than that, in `{other}` its {} would do",
                self.wrong.words,
                super::stacks_words(&self.stacks),
                grace(self.check),
                grace(self.right_check)
            ),
            primary: Label {
                span: self.wrong.place,
                text: format!("`{name}` in {}: {}", list(&self.stacks), grace(self.check)),
            },
            labels: right.into_iter().collect(),
            notes: vec![
                format!(
                    "sure to end healthy: a start of {}s here, of {}s there",
                    self.check.allowance(),
                    self.right_check.allowance()
                ),
                "the number is right in one place and not in the other: take it over, or write down why they differ".to_owned(),
                stacks_note(context.project, &stacks),
            ],
            fix: None,
            data: json!({
                "service": name,
                "stacks": self.stacks,
                "right_stack": other,
                "needed_s": self.wrong.needed.as_f64(),
                "grace_s": self.check.grace().as_f64(),
                "right_grace_s": self.right_check.grace().as_f64(),
            }),
        }
    }
}
