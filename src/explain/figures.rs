//! The numbers of a case, each with its place.

use super::subject::{Subject, at};
use super::{Figure, LOOK};
use crate::clock::{BudgetModel, Condition, HealthCheck, Outcome, Quantity, Window, outcome};
use crate::compose::Restart;
use crate::duration::Seconds;
use crate::project::{Measured, part_place};
use crate::source::Span;
use crate::startup::Bound;
use serde_json::{Value as Json, json};

/// `a`, `a` and `b`.
pub(super) fn list(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.as_slice() {
        [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        quoted => quoted.concat(),
    }
}

pub(super) fn figure(
    name: &'static str,
    value: impl Into<Json>,
    text: impl Into<String>,
    place: Option<Span>,
) -> Figure {
    Figure {
        name,
        value: value.into(),
        text: text.into(),
        place,
    }
}

/// `180s to 245s`, or one of them where they are the same.
pub(super) fn between(first: Seconds, last: Seconds) -> String {
    if first == last {
        format!("{first}s")
    } else {
        format!("{first}s to {last}s")
    }
}

pub(super) fn window(window: &Window) -> String {
    between(window.earliest, window.latest)
}

/// When Docker probes: `5s after its start, every 5s until 90s, then every 45s`.
fn probes(check: &HealthCheck) -> String {
    let first = check.first_probe();
    match check.starting_interval() {
        Some(step) if check.start_period > first => format!(
            "{first}s after its start, every {step}s until {}s, from then on every {}s",
            check.start_period, check.interval
        ),
        _ => format!("{first}s after its start, then every {}s", check.interval),
    }
}

/// The numbers of a healthcheck, as they work.
pub(super) fn of_check(
    check: &HealthCheck,
    place: impl Fn(Quantity) -> Option<Span>,
) -> Vec<Figure> {
    let first_place = match check.starting_interval() {
        Some(_) => place(Quantity::StartInterval),
        None => place(Quantity::Interval),
    };
    let start_period = if check.start_period == Seconds::ZERO {
        "none: every failure counts".to_owned()
    } else {
        format!(
            "{}s: failures of probes that begin earlier do not count",
            check.start_period
        )
    };
    vec![
        figure(
            "first probe",
            check.first_probe().as_f64(),
            probes(check),
            first_place,
        ),
        figure(
            "start_period",
            check.start_period.as_f64(),
            start_period,
            place(Quantity::StartPeriod),
        ),
        figure(
            "allowance",
            check.allowance().as_f64(),
            format!(
                "{}: a start up to here is sure to end healthy",
                check.allowance_sum()
            ),
            None,
        ),
        figure(
            "verdict",
            json!([
                check.earliest_unhealthy().as_f64(),
                check.latest_unhealthy().as_f64()
            ]),
            format!(
                "if it never gets ready: `unhealthy` {} after its start",
                between(check.earliest_unhealthy(), check.latest_unhealthy())
            ),
            None,
        ),
    ]
}

/// What a startup comes to: `healthy 180s to 235s after its start, with up to 2 of 3 retries burned`.
pub(super) fn outcome_words(found: &Outcome, retries: u64) -> String {
    let windows = [("healthy", &found.healthy), ("unhealthy", &found.unhealthy)];
    let words = windows.into_iter().filter_map(|(state, found)| {
        let found = found.as_ref()?;
        Some(format!("`{state}` {} after its start", window(found)))
    });
    let words: Vec<String> = words.collect();
    let words = words.join(", or ");
    match found.burned {
        burned if burned > 0 && found.unhealthy.is_none() => {
            format!("{words}, with up to {burned} of {retries} retries burned")
        }
        _ => words,
    }
}

impl Subject<'_> {
    /// All that is known of its start.
    pub(super) fn figures(&self) -> Vec<Figure> {
        let mut figures = self.waiters();
        figures.extend(self.before());
        if let Some(check) = self.check() {
            figures.extend(of_check(check, |quantity| {
                part_place(self.service(), quantity)
            }));
            figures.extend(self.schedule(check));
        } else {
            figures.push(figure(
                "healthcheck",
                Json::Null,
                self.unknown_check(),
                None,
            ));
        }
        figures.extend(self.startup_figure());
        figures.push(self.restart_figure());
        let assumed = self.service().assumed();
        if !assumed.is_empty() {
            let text = format!(
                "{} (Docker's defaults; nothing is written)",
                assumed.join(", ")
            );
            figures.push(figure("assumed", assumed, text, None));
        }
        figures
    }

    /// Why the numbers of its healthcheck are not known.
    pub(super) fn unknown_check(&self) -> String {
        match self.service().check() {
            None => "none is written: its image's own counts, if it has one".to_owned(),
            Some(check) if !check.has_test => format!(
                "no `test` is written{}: its image's own counts, and its numbers for all that is not written here",
                self.at(Some(check.key))
            ),
            Some(check) => format!(
                "its numbers hang on what only the server has{}",
                self.at(Some(check.key))
            ),
        }
    }

    /// Who waits for it until it is healthy.
    pub(super) fn waiters(&self) -> Vec<Figure> {
        self.waiters_by("waited for by", Condition::Healthy)
    }

    /// Who waits for it until it has completed.
    pub(super) fn waiters_for_completion(&self) -> Vec<Figure> {
        self.waiters_by("completion for", Condition::Completed)
    }

    fn waiters_by(&self, name: &'static str, condition: Condition) -> Vec<Figure> {
        const MOST: usize = 4;
        let waiters = self.waited_for_by(condition);
        let text = |(name, place): &(&str, Span)| format!("`{name}`{}", self.at(Some(*place)));
        let mut texts: Vec<String> = waiters.iter().take(MOST).map(text).collect();
        if texts.is_empty() {
            return Vec::new();
        }
        if let Some(more @ 1..) = waiters.len().checked_sub(MOST) {
            texts.push(format!("{more} more"));
        }
        let names: Vec<&str> = waiters.iter().map(|(name, _)| *name).collect();
        vec![figure(name, names, texts.join(", "), None)]
    }

    /// What it waits for itself, and when it is started for that.
    fn before(&self) -> Vec<Figure> {
        let edges = self.service().service.depends_on.iter();
        let waited = edges.filter(|edge| edge.condition != crate::compose::Condition::Started);
        let names: Vec<&str> = waited.map(|edge| edge.service.as_str()).collect();
        let mut figures = Vec::new();
        if !names.is_empty() {
            let text = list(&names);
            figures.push(figure("waits for", names, text, None));
        }
        let starts = self.starts(BudgetModel::Planned);
        if starts == Seconds::ZERO {
            return figures;
        }
        let path = self.stack.graph.path_to(BudgetModel::Planned, self.index);
        let before = path.split_last().map_or(&[][..], |(_, before)| before);
        let terms = before.iter().filter(|term| term.seconds() > Seconds::ZERO);
        let terms = terms.map(|term| {
            let name = &self.stack.services[term.node].service.name;
            format!("`{name}` {}s", term.seconds())
        });
        let terms: Vec<String> = terms.collect();
        figures.push(figure(
            "starts",
            starts.as_f64(),
            format!(
                "{}{starts}s after the first container as planned ({}), {}s at the latest",
                self.least(),
                terms.join(" + "),
                self.starts(BudgetModel::Worst)
            ),
            None,
        ));
        figures
    }

    fn starts(&self, model: BudgetModel) -> Seconds {
        self.stack.graph.starts(model)[self.index]
    }

    /// Whether something on the way is not known.
    fn least(&self) -> &'static str {
        let budget = self.stack.graph.budget(BudgetModel::Planned, &[self.index]);
        if budget.at_least { "at least " } else { "" }
    }

    /// When the verdict falls, counted from the first container's start.
    fn schedule(&self, check: &HealthCheck) -> Option<Figure> {
        let starts = self.starts(BudgetModel::Planned);
        if starts == Seconds::ZERO {
            return None;
        }
        let (first, last) = (
            starts + check.earliest_unhealthy(),
            starts + check.latest_unhealthy(),
        );
        Some(figure(
            "on schedule",
            json!([first.as_f64(), last.as_f64()]),
            format!(
                "started as planned, that is {}{} after the first container",
                self.least(),
                between(first, last)
            ),
            None,
        ))
    }

    fn startup_figure(&self) -> Option<Figure> {
        let startup = self.service().startup.as_ref()?;
        let mut text = startup.words();
        if let Some(check) = self.check() {
            let found = outcome(check, Some(startup.ready));
            // Of a lower bound the outcome is that of the bound itself.
            let just = match startup.bound {
                Some(Bound::Lower) => format!("; one of just {}s ends", startup.ready),
                _ => ":".to_owned(),
            };
            text = format!("{text}{just} {}", outcome_words(&found, check.retries));
        }
        Some(figure(
            "known startup",
            startup.ready.as_f64(),
            text,
            startup.place,
        ))
    }

    pub(super) fn restart_figure(&self) -> Figure {
        match &self.service().service.restart {
            Some(Restart { policy, span, .. }) => figure(
                "restart",
                policy.as_str(),
                format!("`{policy}`"),
                Some(*span),
            ),
            None => figure("restart", Json::Null, "not set: a crash is final", None),
        }
    }

    /// `the known startup of 180s (backend.log:36)`.
    pub(super) fn startup_words(&self, startup: &Measured) -> String {
        format!(
            "the known startup, {}{},",
            startup.words(),
            at(self.project, startup.place)
        )
    }
}

/// How often Compose looks.
pub(super) fn look() -> String {
    format!("{LOOK}s")
}
