//! `overlay-shrinks-allowance`: an overlay grants a start less than the files that it lies on.

use super::shared::clocks::{LEAST, some};
use super::start_period_below_startup as below_startup;
use super::{Context, Rule, list, stacks_note};
use crate::clock::{HealthCheck, Quantity};
use crate::duration::Seconds;
use crate::finding::{Finding, Label, Severity};
use crate::project::{ActiveService, Beneath, Stack, part_place, retries_place};
use crate::source::Span;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// Its row in the table.
pub(super) const RULE: Rule = Rule {
    name: NAME,
    severity: Severity::Warning,
    fix: None,
    group: "timing",
    summary: "an overlay that grants a start less than the files it lies on",
    page: include_str!("../../rules/overlay-shrinks-allowance.md"),
    check,
};

const NAME: &str = "overlay-shrinks-allowance";

/// A service that an overlay grants less.
struct State<'a> {
    service: &'a ActiveService,
    below: &'a ActiveService,
    own: &'a HealthCheck,
    base: &'a HealthCheck,
    /// The overlay.
    file: &'a str,
    /// The files that it lies on.
    lower: Vec<String>,
    /// The startup that it no longer grants, where one is known.
    startup: Option<Seconds>,
    place: Span,
    stacks: Vec<String>,
}

/// A number that the overlay changes, with its places.
struct Changed {
    name: &'static str,
    base: String,
    own: String,
    at_base: Option<Span>,
    at_own: Option<Span>,
    is_lower: bool,
}

pub(super) fn check(context: &Context, findings: &mut Vec<Finding>) {
    let mut found: BTreeMap<Span, State> = BTreeMap::new();
    for stack in context
        .project
        .stacks
        .iter()
        .filter(|stack| stack.is_whole())
    {
        for beneath in &stack.beneath {
            let Some(state) = state(stack, beneath) else {
                continue;
            };
            let stacks = state.stacks.clone();
            let kept = found.entry(state.place).or_insert(state);
            kept.stacks.extend(stacks);
            kept.stacks.sort();
            kept.stacks.dedup();
        }
    }
    let told = told_elsewhere(context);
    let mut advice: BTreeMap<(&str, Option<Span>), Vec<State>> = BTreeMap::new();
    for (place, state) in found {
        if state.startup.is_none() {
            // One for each overlay; what a comment silences stands for itself.
            let silent = Some(place).filter(|place| !context.reports(NAME, *place, state.name()));
            advice.entry((state.file, silent)).or_default().push(state);
        } else if !told.contains(&place) {
            findings.push(finding(context, &[state], Severity::Warning));
        }
    }
    let advice = advice.values();
    findings.extend(advice.map(|states| finding(context, states, Severity::Info)));
}

/// Where `start-period-below-startup` speaks already.
fn told_elsewhere(context: &Context) -> BTreeSet<Span> {
    let mut told = Vec::new();
    if context.options.runs(&below_startup::RULE) {
        below_startup::check(context, &mut told);
    }
    told.iter().map(|finding| finding.primary.span).collect()
}

fn state<'a>(stack: &'a Stack, beneath: &'a Beneath) -> Option<State<'a>> {
    let service = &stack.services[beneath.service];
    let (own, base) = (service.known()?, beneath.below.known()?);
    let is_less = own.allowance() < base.allowance() || own.start_period < base.start_period;
    let is_taken_away = own.start_period < LEAST && own.start_period > Seconds::ZERO;
    // Compose refuses the file then, which another rule says.
    let start_interval = part_place(service, Quantity::StartInterval);
    let is_refused = own.start_period == Seconds::ZERO && start_interval.is_some();
    if !is_less || is_taken_away || is_refused {
        return None;
    }
    let startup = service.startup.as_ref().map(|startup| startup.ready);
    let fits = |check: &HealthCheck| {
        startup.map(|startup| (startup <= check.grace(), startup <= check.allowance()))
    };
    // A startup that is known either fits in both, or it does not for another reason than this.
    if startup.is_some() && fits(own) == fits(base) {
        return None;
    }
    let mut state = State {
        service,
        below: &beneath.below,
        own,
        base,
        file: &stack.files.files[beneath.files],
        lower: stack.files.files[..beneath.files].to_vec(),
        startup,
        place: service.check()?.key,
        stacks: vec![stack.files.name.clone()],
    };
    // A start period where there was none may bring the first probe forward: nobody lowers a number so.
    let changed = state.changed();
    let lowered = changed
        .iter()
        .find(|one| one.is_lower && one.at_base.is_some())?;
    state.place = lowered.at_own.unwrap_or(state.place);
    Some(state)
}

impl State<'_> {
    fn name(&self) -> &str {
        &self.service.service.name
    }

    /// The numbers that make the allowance and that the overlay changes; the first lowered one is what is pointed at.
    fn changed(&self) -> Vec<Changed> {
        let length = |name, quantity, of: fn(&HealthCheck) -> Seconds| {
            let (base, own) = (of(self.base), of(self.own));
            Changed {
                name,
                base: format!("{base}s"),
                own: format!("{own}s"),
                at_base: part_place(self.below, quantity),
                at_own: part_place(self.service, quantity),
                is_lower: own < base,
            }
        };
        let (base, own) = (self.base.retries, self.own.retries);
        let all = [
            length("start_period", Quantity::StartPeriod, |check| {
                check.start_period
            }),
            length("interval", Quantity::Interval, |check| check.interval),
            Changed {
                name: "retries",
                base: base.to_string(),
                own: own.to_string(),
                at_base: retries_place(self.below),
                at_own: retries_place(self.service),
                is_lower: own < base,
            },
            length("start_interval", Quantity::StartInterval, |check| {
                check.starting_interval().unwrap_or_default()
            }),
        ];
        let is_changed = |changed: &Changed| changed.base != changed.own;
        let written = |changed: &Changed| changed.at_own.is_some() || changed.at_base.is_some();
        let all = all.into_iter();
        all.filter(|changed| is_changed(changed) && written(changed))
            .collect()
    }

    /// `a start of 150s is sure to end healthy instead of 180s`.
    fn less(&self) -> String {
        let (base, own) = (self.base.allowance(), self.own.allowance());
        let (before, after) = (self.base.start_period, self.own.start_period);
        if own < base {
            format!("a start of {own}s is sure to end healthy there, instead of {base}s")
        } else {
            format!("failures before {after}s do not count there, instead of {before}s")
        }
    }

    fn labels(&self) -> Vec<Label> {
        let name = self.name();
        let mut labels = Vec::new();
        let mut add = |span: Option<Span>, text: String| {
            labels.extend(span.map(|span| Label { span, text }));
        };
        for changed in self.changed() {
            let Changed {
                name: field,
                base,
                own,
                at_base,
                at_own,
                ..
            } = changed;
            add(
                at_base,
                format!("`{name}`: {field} {base} below the overlay"),
            );
            let other = at_own.filter(|own| *own != self.place);
            add(other, format!("`{name}`: {field} {own} with it"));
        }
        labels
    }

    fn primary(&self) -> Label {
        let changed = self.changed();
        let here = changed.iter().find(|one| one.at_own == Some(self.place));
        let text = match here {
            Some(one) => format!(
                "`{}`: {} {} instead of {}",
                self.name(),
                one.name,
                one.own,
                one.base
            ),
            None => format!("`{}`: {}", self.name(), self.less()),
        };
        Label {
            span: self.place,
            text,
        }
    }
}

/// The finding of services that one overlay grants less; there is at least one.
fn finding(context: &Context, states: &[State], severity: Severity) -> Finding {
    let first = &states[0];
    let names: BTreeSet<String> = states.iter().map(|state| state.name().to_owned()).collect();
    let names: Vec<String> = names.into_iter().collect();
    let stacks: BTreeSet<String> = states
        .iter()
        .flat_map(|state| state.stacks.clone())
        .collect();
    let stacks: Vec<String> = stacks.into_iter().collect();
    let mut labels = first.labels();
    for state in &states[1..] {
        labels.push(state.primary());
        labels.extend(state.labels());
    }
    let of = if names.len() == 1 {
        String::new()
    } else {
        format!(" (of `{}`)", first.name())
    };
    let file = first.file;
    // More retries may grant a start more in all, and the time in which nothing counts less.
    let grants = if first.own.allowance() < first.base.allowance() {
        "grants the start of"
    } else {
        "forgives the start of"
    };
    let granted = format!(
        "`{file}` {grants} {} less than {}",
        some(&names),
        list(&first.lower)
    );
    let message = match first.startup {
        Some(startup) => format!("{granted}: {}, and it takes {startup}s", first.less()),
        None => format!("{granted}: {}{of}", first.less()),
    };
    let mut notes: Vec<String> = states
        .iter()
        .map(|state| {
            format!(
                "sure to end healthy, `{}`: {} with the overlay, {} without it",
                state.name(),
                state.own.allowance_sum(),
                state.base.allowance_sum()
            )
        })
        .collect();
    notes.push(format!(
        "what `{file}` does not write stays as it is: leave out the lower number, or write a higher one"
    ));
    notes.push(stacks_note(context.project, &stacks));
    Finding {
        rule: NAME,
        severity,
        message,
        primary: first.primary(),
        labels,
        notes,
        fix: None,
        data: json!({
            "services": names,
            "stacks": stacks,
            "overlay": file,
            "allowance_s": first.own.allowance().as_f64(),
            "base_allowance_s": first.base.allowance().as_f64(),
            "start_period_s": first.own.start_period.as_f64(),
            "base_start_period_s": first.base.start_period.as_f64(),
            "startup_s": first.startup.map(Seconds::as_f64),
        }),
    }
}
