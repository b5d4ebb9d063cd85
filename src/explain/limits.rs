//! What `--wait-timeout N` says when it gives up: `application not healthy after Ns`, `timeout waiting for dependencies`.

use super::commands::compose;
use super::figures::{figure, list, outcome_words};
use super::subject::Subject;
use super::{
    Case, Cause, Change, Explanation, Figure, Likelihood, Scene, Step, changes, unhealthy,
};
use crate::clock::{BudgetModel, Condition, Generation, HealthCheck, Written, outcome, planned};
use crate::duration::{Seconds, round_up};
use crate::project::{Clock, Stack};
use serde_json::json;

/// Where it is read: pkg/compose/convergence.go and up.go of docker compose v2.40.3.
const EACH_WAIT: &str = "N is no limit of the whole: since Compose 2.30 it holds for every service's wait on its dependencies anew, and once more for all services in the end (before, only for that).";
const RACY: &str = "Do not rely on the exit code: when N is over, Compose 2.20.3 and later end with 0 now and then, although nothing was healthy, and may even start what waits. Keep N above the latest verdict, so that it never comes to it.";

pub(super) fn not_healthy_after(scene: Scene, limit: Seconds, shown: &[String]) -> Explanation {
    let mut explanation = Explanation::new(
        "not-healthy-after",
        [
            format!(
                "`docker compose up --wait --wait-timeout {limit}` had started every service, and gave up {limit}s into its last wait: at least one service was neither healthy nor, without a healthcheck, running. None had been called unhealthy by then, which would end the wait with `container … is unhealthy`."
            ),
            EACH_WAIT.to_owned(),
        ],
    );
    for stack in &scene.project.stacks {
        let mut case = Case {
            stacks: vec![stack.words()],
            ..Case::default()
        };
        let waits = waits(scene, stack, shown, |_| true);
        // What has its verdict by then needs no line.
        let slow: Vec<Wait> = waits
            .iter()
            .filter(|wait| wait.latest.is_none_or(|latest| latest > limit))
            .cloned()
            .collect();
        case.figures = figures(if slow.is_empty() { &waits } else { &slow });
        case.causes = last_wait_causes(stack, &waits, limit, scene.project.engine.generation());
        case.next = steps(stack);
        case.changes = changes::of_waits(scene, stack);
        if let Some(change) = raise(scene, stack, &waits, Some(limit)) {
            case.change(change);
        }
        explanation.add(case);
    }
    finish(scene, explanation)
}

pub(super) fn dependencies(scene: Scene, shown: &[String]) -> Explanation {
    let mut explanation = Explanation::new(
        "dependencies-timed-out",
        [
            "`docker compose up --wait --wait-timeout N`: a service had waited for its dependencies for N seconds, and not all of them were healthy, or had completed. None had been called unhealthy by then.".to_owned(),
            EACH_WAIT.to_owned(),
        ],
    );
    for stack in &scene.project.stacks {
        // One without a healthcheck would have failed at once, with another text.
        let mut waits = waits(scene, stack, shown, |index| {
            is_awaited(stack, index) && stack.services[index].clock != Clock::None
        });
        if waits.is_empty() {
            continue;
        }
        let mut case = Case {
            stacks: vec![stack.words()],
            ..Case::default()
        };
        waits.sort_by_key(|wait| std::cmp::Reverse(wait.latest));
        case.figures = figures(&waits);
        let longest = waits.iter().filter_map(|wait| wait.latest).max();
        if let Some(longest) = longest {
            let slow: Vec<&str> = waits
                .iter()
                .filter(|wait| wait.latest == Some(longest))
                .map(|wait| wait.subject.name())
                .collect();
            case.causes.push(Cause {
                kind: "limit-short",
                likelihood: Likelihood::Likely,
                title: format!("N is shorter than the {longest}s that {} may take by its own healthcheck", list(&slow)),
                because: vec!["A wait begins when all dependencies of the waiting service have been started, so what a dependency waits for itself does not count against N.".to_owned()],
            });
        }
        let jobs: Vec<&str> = waits
            .iter()
            .filter(|wait| wait.is_job)
            .map(|wait| wait.subject.name())
            .collect();
        if !jobs.is_empty() {
            case.causes.push(Cause {
                kind: "job",
                likelihood: Likelihood::Possible,
                title: format!(
                    "{} took longer to complete: nothing limits a job but N",
                    list(&jobs)
                ),
                because: Vec::new(),
            });
        }
        case.next = steps(stack);
        case.changes = changes::of_waits(scene, stack);
        if let Some(change) = raise(scene, stack, &waits, None) {
            case.change(change);
        }
        explanation.add(case);
    }
    finish(scene, explanation)
}

fn finish(scene: Scene, mut explanation: Explanation) -> Explanation {
    if explanation.cases.is_empty() {
        explanation.add(Case::default());
        explanation.notes.push(if scene.project.stacks.is_empty() {
            "There is no compose file here: run it in the folder of the project, or name it (upbeat explain TEXT path/to/project).".to_owned()
        } else {
            "In these compose files no service waits for another's health or end.".to_owned()
        });
    } else {
        explanation.notes.push(unhealthy::OVERHEAD.to_owned());
    }
    explanation.notes.push(RACY.to_owned());
    explanation
}

/// Whether a service is waited for until it is healthy, or has completed.
fn is_awaited(stack: &Stack, index: usize) -> bool {
    let edges = stack.graph.nodes().iter().flat_map(|node| &node.needs);
    let mut edges = edges.filter(|edge| edge.target == index);
    edges.any(|edge| edge.condition != Condition::Started)
}

/// A line for each of the first waits.
fn figures(waits: &[Wait]) -> Vec<Figure> {
    const MOST: usize = 10;
    let mut figures: Vec<Figure> = waits.iter().take(MOST).map(Wait::figure).collect();
    if let Some(more) = waits.len().checked_sub(MOST).filter(|more| *more > 0) {
        figures.push(figure("waits for", more, format!("{more} more"), None));
    }
    figures
}

/// What is waited for in one service.
#[derive(Clone)]
struct Wait<'a> {
    subject: Subject<'a>,
    /// By when it is planned to be healthy, from its start.
    planned: Option<Seconds>,
    /// Its latest verdict, from its start.
    latest: Option<Seconds>,
    /// Whether its end is waited for, and not its health.
    is_job: bool,
}

/// The services that can have been waited for; those whose containers were `shown` as such beside the text, where that tells.
fn waits<'a>(
    scene: Scene<'a>,
    stack: &'a Stack,
    shown: &[String],
    is_waited_for: impl Fn(usize) -> bool,
) -> Vec<Wait<'a>> {
    let shown: Vec<usize> = shown
        .iter()
        .filter_map(|name| stack.of_container(name))
        .collect();
    let indexes = (0..stack.services.len())
        .filter(|index| is_waited_for(*index) && (shown.is_empty() || shown.contains(index)));
    let waits = indexes.map(|index| {
        let subject = Subject {
            project: scene.project,
            stack,
            index,
            container: None,
        };
        let check = subject.check();
        let startup = subject.service().startup.as_ref().map(|s| s.ready);
        Wait {
            planned: check.map(|check| planned(check, startup)),
            latest: check.map(HealthCheck::latest_unhealthy),
            is_job: !subject.waited_for_by(Condition::Completed).is_empty(),
            subject,
        }
    });
    waits.collect()
}

impl Wait<'_> {
    /// Whether another service waits for its health or its end.
    fn is_awaited(&self) -> bool {
        is_awaited(self.subject.stack, self.subject.index)
    }

    /// What the known startup comes to.
    fn known_end(&self) -> String {
        let startup = self.subject.service().startup.as_ref();
        let known = startup.zip(self.subject.check());
        known.map_or_else(String::new, |(startup, check)| {
            format!(
                "; with the known startup, {}, {}",
                startup.words(),
                outcome_words(&outcome(check, Some(startup.ready)), check.retries)
            )
        })
    }

    fn figure(&self) -> Figure {
        let service = self.subject.service();
        let text = match (self.planned, self.latest) {
            _ if self.is_job => "its end is waited for, without a limit of its own".to_owned(),
            (Some(planned), Some(latest)) => format!(
                "planned to be healthy by {planned}s after its start, and at {latest}s at the latest it has its verdict{}",
                self.known_end()
            ),
            _ if service.clock == Clock::None => "no healthcheck: running is enough".to_owned(),
            _ => "its image's healthcheck counts, if it has one".to_owned(),
        };
        let seconds = |s: Option<Seconds>| s.map(Seconds::as_f64);
        Figure {
            name: "waits for",
            value: json!({
                "service": self.subject.name(),
                "planned_s": seconds(self.planned),
                "latest_s": seconds(self.latest),
            }),
            text: format!("`{}`: {text}", self.subject.name()),
            place: service.check().map(|check| check.key),
        }
    }
}

/// Why the last wait can outlast its limit. It begins when every service has been started, so what others wait for has its verdict by
/// then, unless Compose went on at the end of N.
fn last_wait_causes(
    stack: &Stack,
    waits: &[Wait],
    limit: Seconds,
    generation: Generation,
) -> Vec<Cause> {
    let mut causes = Vec::new();
    for wait in waits {
        let (Some(planned), Some(latest)) = (wait.planned, wait.latest) else {
            continue;
        };
        if latest <= limit || wait.is_job {
            continue;
        }
        let (likelihood, why) = match (wait.is_awaited(), planned > limit) {
            (true, _) => (
                Likelihood::Possible,
                "Others wait for it, so `up` had been through that wait, and at its end Compose goes on now and then as if all were well.",
            ),
            (false, true) => (
                Likelihood::VeryLikely,
                "Nobody waits for it, so it may have been started last.",
            ),
            (false, false) => (
                Likelihood::Likely,
                "Nobody waits for it, so it may have been started last.",
            ),
        };
        causes.push(Cause {
            kind: "limit-short",
            likelihood,
            title: format!("{limit}s are too short for `{}`", wait.subject.name()),
            because: vec![format!(
                "{why} It is planned to be healthy by {planned}s after its start, and its verdict may take until {latest}s."
            )],
        });
    }
    let unknown = waits
        .iter()
        .filter(|wait| wait.subject.service().clock == Clock::Unknown && !wait.is_job);
    let unknown: Vec<&str> = unknown.map(|wait| wait.subject.name()).collect();
    if !unknown.is_empty() {
        causes.push(Cause {
            kind: "image-check",
            likelihood: Likelihood::Possible,
            title: format!(
                "a healthcheck that only an image has: of {}",
                list(&unknown)
            ),
            because: vec![format!(
                "Its numbers are not written here; Docker's defaults alone take {}s and more to say no.",
                Written::default().on(generation).earliest_unhealthy()
            )],
        });
    }
    if causes.iter().all(|cause| cause.kind != "limit-short") {
        let left = stack.graph.budget(BudgetModel::AfterUp, &[]).total;
        causes.push(Cause {
            kind: "not-the-limit",
            likelihood: Likelihood::Possible,
            title: "a container that does not come up at all, or restarts for ever".to_owned(),
            because: vec![format!(
                "By the healthchecks of these files every verdict has fallen {left}s into the last wait, and {limit}s are no less. Each restart begins a new start_period."
            )],
        });
    }
    causes
}

fn steps(stack: &Stack) -> Vec<Step> {
    let compose = compose(stack);
    let step = |command: String, tells: &str| Step {
        command,
        tells: tells.to_owned(),
    };
    vec![
        step(
            format!("{compose} ps --all"),
            "which service is still `starting`, and which was only created",
        ),
        step(format!("{compose} logs -t"), "how far each of them came"),
    ]
}

/// The limit that never comes to it.
fn raise(scene: Scene, stack: &Stack, waits: &[Wait], limit: Option<Seconds>) -> Option<Change> {
    let known = waits.iter().filter(|wait| !wait.is_job);
    let longest = known.filter_map(|wait| wait.latest).max()?;
    let needed = round_up(longest.scaled(scene.margin));
    let is_short = limit.is_none_or(|limit| limit < needed);
    is_short.then(|| {
        Change::by_hand(
            format!(
                "start it with `{} up --wait --wait-timeout {}`: no single wait lasts longer than {longest}s, the latest verdict of one service",
                compose(stack),
                whole(needed)
            ),
            None,
        )
    })
}

/// The flag takes whole seconds.
fn whole(length: Seconds) -> i64 {
    length.nanos().div_euclid(1_000_000_000)
        + i64::from(length.nanos().rem_euclid(1_000_000_000) > 0)
}
