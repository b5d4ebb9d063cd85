//! What the picture says, in words.

use super::outer::OriginKind;
use super::row::{Known, Row, time};
use super::scene::{Entry, Scene};
use super::told::origin_words;
use super::width::shorten;
use crate::clock::{BudgetModel, Hit, LimitKind, OutcomeState};
use crate::duration::Seconds;
use crate::project::{Measured, Stack};
use crate::startup::Bound;

/// Longer names are cut off in sentences.
pub(super) const LONGEST_NAME: usize = 60;

/// How many names a sentence lists.
const MOST_NAMES: usize = 5;

pub(super) fn quoted(name: &str) -> String {
    format!("`{}`", shorten(name, LONGEST_NAME, "..."))
}

/// `a`, `a` and `b`, `a`, `b` and 7 more.
pub(super) fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.into_iter().collect();
    let shown = if names.len() > MOST_NAMES {
        MOST_NAMES - 1
    } else {
        names.len()
    };
    let mut words: Vec<String> = names[..shown].iter().map(|name| quoted(name)).collect();
    if shown < names.len() {
        words.push(format!("{} more", names.len() - shown));
    }
    match words.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// Which limit comes first; and if that one does not end the start, which one does.
pub(super) fn headline(scene: &Scene) -> Vec<String> {
    let Some(first) = scene.first_limit() else {
        return vec![none_hit(scene)];
    };
    let who = match (first.limit.hit, is_known(scene, first)) {
        (Some(Hit::Surely), _) => "this start hits",
        (_, true) => "this start may hit",
        (_, false) => "a legal start may hit",
    };
    let subject = subject(scene, first);
    let mut sentences = vec![format!(
        "The first limit that {who} is {subject}: {}.",
        first.words
    )];
    if !first.ends_the_start() {
        let mut hit = scene.limits.iter().filter(|entry| entry.limit.is_hit());
        sentences.push(match hit.find(|entry| entry.ends_the_start()) {
            Some(next) => {
                let subject = self::subject(scene, next);
                format!("{} is {subject}: {}.", may_end(next), next.words)
            }
            None => format!("No limit ends it: {}.", healthy_by(scene)),
        });
    }
    sentences
}

fn may_end(entry: &Entry) -> &'static str {
    if entry.limit.hit == Some(Hit::Surely) {
        "What ends it"
    } else {
        "What may end it"
    }
}

/// Whether a limit is judged on startups that are known.
fn is_known(scene: &Scene, entry: &Entry) -> bool {
    let row = match scene.missed(entry) {
        Some((_, row)) => row,
        None => entry.row.map(|row| &scene.rows[row]),
    };
    row.is_some_and(|row| row.startup.is_some())
}

fn none_hit(scene: &Scene) -> String {
    let mut checks = scene.rows.iter().filter(|row| row.health.check().is_some());
    if checks.clone().next().is_none() {
        return "No limit comes into play: no service here has a healthcheck in sight.".to_owned();
    }
    if checks.all(|row| row.startup.is_some()) {
        return format!("No limit is hit: {}.", healthy_by(scene));
    }
    let schedule = match scene.model {
        BudgetModel::Worst => "No limit is hit even at the worst",
        _ => "No limit is hit as planned",
    };
    format!("{schedule}: {}.", healthy_by(scene))
}

/// How a start ends that hits no limit.
fn healthy_by(scene: &Scene) -> String {
    let mut checks = scene.rows.iter().filter(|row| row.health.check().is_some());
    let by = time(scene.healthy_by);
    let least = if scene.budget(BudgetModel::Planned).at_least {
        "as far as is known, "
    } else {
        ""
    };
    if checks.all(|row| row.startup.is_some()) {
        return format!("{least}everything is healthy by {by} at the latest");
    }
    let worst = scene.budget(BudgetModel::Worst).total;
    let most = if worst > scene.healthy_by {
        format!(" (by {} at the very most)", time(worst))
    } else {
        String::new()
    };
    format!("{least}everything is healthy by {by}, or called unhealthy{most}")
}

/// What a limit is called: the start period of a service, or where it comes from.
fn subject(scene: &Scene, entry: &Entry) -> String {
    if let Some(origin) = &entry.origin {
        return origin_words(origin);
    }
    let row = entry.row.map(|row| &scene.rows[row]);
    let name = row.map_or_else(String::new, |row| quoted(&row.name));
    match entry.limit.kind {
        LimitKind::Grace(_) if row.is_some_and(has_start_period) => {
            format!("the start_period of {name}")
        }
        LimitKind::Grace(_) => format!("the first probe of {name}"),
        _ => format!("the verdict on {name}"),
    }
}

/// Whether the end of the start period is what makes failures count, and not the first probe.
fn has_start_period(row: &Row) -> bool {
    let check = row.health.check();
    check.is_some_and(|check| check.start_period >= check.first_probe())
}

/// What a limit says, as one clause.
pub(super) fn clause(scene: &Scene, entry: &Entry) -> String {
    let row = entry.row.map(|row| &scene.rows[row]);
    match (entry.limit.kind, row) {
        (LimitKind::Grace(_), Some(row)) => grace(row, entry),
        (LimitKind::Verdict(_), Some(row)) => verdict(scene, row, entry),
        _ => outer(scene, entry),
    }
}

fn takes(startup: &Measured) -> String {
    let bound = match startup.bound {
        _ if startup.history.is_some_and(|history| history.composed) => "as much as ",
        Some(Bound::Lower) => "at least ",
        Some(Bound::Upper) => "at most ",
        _ => "",
    };
    format!("{bound}{}", time(startup.ready))
}

fn grace(row: &Row, entry: &Entry) -> String {
    let Some(check) = row.health.check() else {
        return String::new();
    };
    let at = time(entry.limit.at);
    let over = if has_start_period(row) {
        format!("its {} are over at {at}", time(check.start_period))
    } else {
        format!("from {at} on its failures count")
    };
    let Some(startup) = &row.startup else {
        return over;
    };
    let ready = time(row.start + startup.ready);
    if !entry.limit.is_hit() {
        return format!("{over}, and it is ready at {ready}");
    }
    let burned = row.outcome.map_or(0, |outcome| outcome.burned);
    let takes = takes(startup);
    let burns = match row.outcome.map(|outcome| outcome.state()) {
        Some(OutcomeState::Unhealthy) => "burns all of its retries".to_owned(),
        _ if burned == check.retries => "may burn all of its retries".to_owned(),
        _ => format!("may burn {burned} of its {} retries", check.retries),
    };
    format!("{over}, but it takes {takes} to start, until {ready}, and {burns}")
}

fn verdict(scene: &Scene, row: &Row, entry: &Entry) -> String {
    let (from, to) = (time(entry.limit.at), time(entry.limit.until));
    let between = if from == to {
        format!("at {from}")
    } else {
        format!("between {from} and {to}")
    };
    let Some(state) = row.outcome.map(|outcome| outcome.state()) else {
        return format!("it is called unhealthy {between} if it never gets ready");
    };
    let ready = row
        .startup
        .as_ref()
        .map(|startup| row.start + startup.ready);
    let ready = ready.map_or_else(String::new, time);
    let stopped = row.stops.iter().map(|row| scene.rows[*row].name.as_str());
    let stopped: Vec<&str> = stopped.collect();
    let rest = match stopped.as_slice() {
        [] => String::new(),
        [_] => format!("; {} never starts", list(stopped)),
        _ => format!("; {} never start", list(stopped)),
    };
    match state {
        OutcomeState::Healthy => {
            format!("it is ready at {ready}, before it could be called unhealthy")
        }
        OutcomeState::Either => format!(
            "it is ready at {ready}, but may be called unhealthy {between}; that hangs on how long its probes take"
        ),
        OutcomeState::Unhealthy => {
            format!("it is called unhealthy {between}, and would be ready only at {ready}{rest}")
        }
    }
}

fn outer(scene: &Scene, entry: &Entry) -> String {
    let Some(origin) = &entry.origin else {
        return String::new();
    };
    let limit = &entry.limit;
    let ends = match origin.kind {
        OriginKind::Wait | OriginKind::WaitTimeout => "gives up",
        OriginKind::Step => "ends the step",
        OriginKind::Job => "ends the job",
    };
    let at = time(limit.at);
    if !limit.reached {
        return "its time never begins, since `up` fails before".to_owned();
    }
    let Some((missed, row)) = scene.missed(entry).filter(|_| limit.is_hit()) else {
        return format!("it {ends} at {at}, when all is over");
    };
    let name = row.map_or_else(|| "the stack".to_owned(), |row| quoted(&row.name));
    let needed = time(missed.needed);
    let what = match (missed.unstarted, limit.hit) {
        (true, Some(Hit::Surely)) => format!("{name} is not started before {needed}"),
        (true, _) => format!("{name} is only planned to start at {needed}"),
        (false, Some(Hit::Surely)) => format!("{name} is not healthy before {needed}"),
        (false, _) => format!("{name} may take until {needed}"),
    };
    let scope = match limit.kind {
        LimitKind::Level { .. } => entry
            .row
            .map(|row| format!(", as it waits to start {}", quoted(&scene.rows[row].name))),
        _ => None,
    };
    let scope = scope.unwrap_or_default();
    if missed.falls == limit.at {
        return format!("it {ends} at {at}{scope}, but {what}");
    }
    format!(
        "it {ends} at {at} on this schedule; where the others start sooner it begins sooner, and {ends} from {} on, but {what}",
        time(missed.falls)
    )
}

/// What else must be known to read the picture.
pub(super) fn notes(scene: &Scene, stack: &Stack, without_ci: bool) -> Vec<String> {
    let mut notes = Vec::new();
    if scene.model == BudgetModel::Worst {
        notes.push(
            "drawn by the worst budget: each service that others wait for takes until its latest verdict"
                .to_owned(),
        );
    }
    let unknown = scene.rows.iter().filter(|row| {
        row.startup.is_none() && row.health.check().is_some() && row.stopped_by.is_none()
    });
    let unknown: Vec<&str> = unknown.map(|row| row.name.as_str()).collect();
    if !unknown.is_empty() {
        notes.push(format!(
            "no startup is known of {}: shown is what may legally happen (--log FILE or --startup {}=60s tells more)",
            list(unknown.iter().copied()),
            shorten(unknown[0], LONGEST_NAME, "..."),
        ));
    }
    let blind = scene.rows.iter().filter(|row| row.health == Known::Unknown);
    let blind: Vec<&str> = blind.map(|row| row.name.as_str()).collect();
    if !blind.is_empty() {
        notes.push(format!(
            "no healthcheck is in sight for {}: if the image brings one, it is not counted",
            list(blind)
        ));
    }
    if scene.rows.iter().any(|row| {
        row.startup
            .as_ref()
            .is_some_and(crate::project::Measured::ends_early)
    }) {
        notes.push(
            "what a log measures ends before the server itself answers: the real startup is longer"
                .to_owned(),
        );
    }
    if without_ci {
        notes.push("no wait and no limit of a workflow is tied to this stack".to_owned());
    }
    if !stack.missing.is_empty() {
        notes.push(format!(
            "{} could not be read: with it this may look different",
            list(stack.missing.iter().map(String::as_str))
        ));
    }
    if !stack.refused.is_empty() {
        notes.push("Docker refuses these files as they are: `upbeat check` says why".to_owned());
    }
    notes
}

/// `445s = db 70 + backend 140 + …`.
pub(super) fn budget(scene: &Scene, model: BudgetModel) -> String {
    const MOST_TERMS: usize = 8;
    let budget = scene.budget(model);
    let terms: Vec<String> = budget
        .path
        .iter()
        .filter(|term| term.seconds() > Seconds::ZERO)
        .map(|term| {
            let row = &scene.rows[scene.row_of[term.node]];
            let number = time(term.seconds());
            format!(
                "{} {}",
                shorten(&row.name, LONGEST_NAME, "..."),
                number.trim_end_matches('s')
            )
        })
        .collect();
    let sum = match terms.len() {
        0 | 1 => terms.concat(),
        n if n > MOST_TERMS => format!(
            "{} + ({} more) + {}",
            terms[..MOST_TERMS - 2].join(" + "),
            n - MOST_TERMS + 1,
            terms[n - 1]
        ),
        _ => terms.join(" + "),
    };
    let sum = if sum.is_empty() {
        sum
    } else {
        format!(" = {sum}")
    };
    let least = if budget.at_least { "at least " } else { "" };
    format!("{least}{}{sum}", time(budget.total))
}
