//! `container X is unhealthy`.

use super::figures::{between, look, outcome_words};
use super::subject::{Subject, of_container};
use super::{Case, Cause, Change, Explanation, Likelihood, Scene, Waiter};
use crate::clock::{HealthCheck, OutcomeState, outcome};
use crate::duration::{Seconds, round_up};
use crate::project::{Clock, Measured};
use crate::startup::Bound;

pub(super) fn explain(scene: Scene, by: &Waiter, container: &str) -> Explanation {
    let mut explanation = Explanation::new(by.kind("unhealthy"), meaning(by));
    let subjects = of_container(scene, by, container);
    for subject in &subjects {
        explanation.add(case(scene, subject));
    }
    if subjects.is_empty() {
        explanation.add(general());
    }
    explanation.note_naming(scene, container, &subjects);
    explanation.notes.extend(by.delay());
    if subjects.iter().any(|subject| subject.check().is_some()) {
        explanation.notes.push(OVERHEAD.to_owned());
    }
    if subjects.iter().any(|s| s.service().startup.is_none()) {
        explanation.notes.push("No startup is known here: with a log of a real start (--log SERVICE=FILE), or with --startup SERVICE=DURATION, the order of the causes rests on it.".to_owned());
    }
    explanation
}

/// The simulation and the closed forms count without it; measured on 20.10.24, 26.1.5 and 28.5.2.
pub(super) const OVERHEAD: &str = "The times are Docker's own arithmetic; a real engine needs about 0.1s more for each probe, and up to 2s more for one that hangs in a shell.";

impl Waiter {
    pub(super) fn kind(&self, what: &str) -> &'static str {
        match (self, what) {
            (Self::Dependant, "unhealthy") => "dependency-unhealthy",
            (Self::Optional(_), "unhealthy") => "optional-unhealthy",
            (Self::Wait, "unhealthy") => "wait-unhealthy",
            (Self::Dependant, "exited") => "dependency-exited",
            (Self::Optional(_), "exited") => "optional-exited",
            (Self::Wait, "exited") => "wait-exited",
            (Self::Dependant, _) => "dependency-unchecked",
            (Self::Optional(_), _) => "optional-unchecked",
            (Self::Wait, _) => "wait-unchecked",
        }
    }

    /// What followed for the command.
    pub(super) fn consequence(&self) -> String {
        match self {
            Self::Dependant => {
                "What waits for it is not started, and the exit code is 1.".to_owned()
            }
            Self::Optional(service) => format!(
                "It is a warning: `{service}` is `required: false`, so what waits for it was started all the same."
            ),
            Self::Wait => "All services have been started; the exit code is 1.".to_owned(),
        }
    }

    /// When the text comes.
    pub(super) fn delay(&self) -> Option<String> {
        let is_error = !matches!(self, Self::Optional(_));
        is_error.then(|| "The text comes when all other waits of the command have ended, which may be long after what it tells of (Compose 5.0.2 and later end those for the same service at once).".to_owned())
    }
}

fn meaning(by: &Waiter) -> Vec<String> {
    let look = look();
    let saw = match by {
        Waiter::Dependant | Waiter::Optional(_) => format!(
            "A service waits for this one with `condition: service_healthy`. Compose looks at its container every {look}, and found it `unhealthy` once. That is final for the command, even if it becomes healthy a second later."
        ),
        Waiter::Wait => format!(
            "`up --wait` looks at every container each {look}, and found this one `unhealthy` once. That is final for the command, whatever --wait-timeout grants."
        ),
    };
    let proves = "It does not prove that probes failed: a container that crashed and is being restarted reads `unhealthy` as well.";
    vec![format!("{saw} {}", by.consequence()), proves.to_owned()]
}

fn case(scene: Scene, subject: &Subject) -> Case {
    let mut case = subject.case();
    case.figures = subject.figures();
    case.causes = causes(scene, subject);
    case.next = vec![
        subject.health_log(),
        subject.restarts(),
        subject
            .log("when it began and when it was ready: its startup. A second beginning is a crash"),
    ];
    case.next.extend(subject.probe());
    case.changes = subject.found_changes(scene);
    if let Some(change) = raise(scene, subject).filter(|_| case.changes.is_empty()) {
        case.change(change);
    }
    case
}

/// The causes in the order that holds where all are as likely: of what is known the numbers decide.
fn causes(scene: Scene, subject: &Subject) -> Vec<Cause> {
    if subject.service().clock == Clock::None {
        return vec![
            Cause {
                kind: "other-files",
                likelihood: Likelihood::VeryLikely,
                title: "it does not run with these files".to_owned(),
                because: vec![
                    "Here its healthcheck is turned off, and a container without one is never `unhealthy`: it was started with other files, or before they were changed.".to_owned(),
                ],
            },
        ];
    }
    let slow = slow_start(scene, subject);
    let crash = crash(subject, slow.likelihood);
    let mut probe = probe(subject);
    let old = old(subject);
    let only_that =
        slow.likelihood == Likelihood::Unlikely && crash.likelihood == Likelihood::RuledOut;
    if only_that && probe.likelihood == Likelihood::Possible {
        probe.likelihood = Likelihood::Likely;
    }
    if slow.likelihood <= Likelihood::Possible {
        vec![slow, probe, crash, old]
    } else {
        vec![crash, probe, old, slow]
    }
}

/// How a known startup stands to what the healthcheck grants.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stand {
    /// Unhealthy, or healthy by luck.
    Beyond,
    /// Healthy, with less than the margin left.
    Near,
    /// Healthy, on the retries.
    OnRetries,
    /// Healthy before any failure counts.
    Within,
}

fn stand(scene: Scene, check: &HealthCheck, startup: &Measured) -> Stand {
    let found = outcome(check, Some(startup.ready)).state();
    if found != OutcomeState::Healthy {
        Stand::Beyond
    } else if startup.ready.scaled(scene.margin) > check.allowance() {
        Stand::Near
    } else if startup.ready > check.grace() {
        Stand::OnRetries
    } else {
        Stand::Within
    }
}

fn slow_start(scene: Scene, subject: &Subject) -> Cause {
    let mut cause = Cause {
        kind: "slow-start",
        likelihood: Likelihood::Possible,
        title: "its probes failed past the allowance: it was not ready in time".to_owned(),
        because: Vec::new(),
    };
    let Some(check) = subject.check() else {
        cause.because.push(format!(
            "How long its healthcheck lets it start cannot be said: {}.",
            subject.unknown_check()
        ));
        return cause;
    };
    let sum = check.allowance_sum();
    let Some(startup) = &subject.service().startup else {
        cause.because.push(format!(
            "Its startup is not known. It is this if the start took longer than {sum}."
        ));
        return cause;
    };
    let words = subject.startup_words(startup);
    let found = outcome(check, Some(startup.ready));
    let stand = stand(scene, check, startup);
    let left = check.allowance() - startup.ready;
    cause.likelihood = match (stand, found.state()) {
        (Stand::Beyond, OutcomeState::Unhealthy) => Likelihood::VeryLikely,
        (Stand::Beyond | Stand::Near, _) => Likelihood::Likely,
        (Stand::OnRetries, _) => Likelihood::Possible,
        (Stand::Within, _) => Likelihood::Unlikely,
    };
    let so = match stand {
        Stand::Beyond => format!(
            "is beyond {sum}. Such a start ends {}.",
            outcome_words(&found, check.retries)
        ),
        Stand::Near if left == Seconds::ZERO => format!("takes up all of {sum}."),
        Stand::Near => format!("leaves {left}s of {sum}."),
        Stand::OnRetries => format!(
            "leaves {left}s of {sum}, but it lives on its retries: it burns up to {} of {}.",
            found.burned, check.retries
        ),
        Stand::Within => {
            format!("leaves {left}s of {sum}: this start would have been that much slower.")
        }
    };
    cause.because.push(format!("{} {so}", capital(&words)));
    if startup.ends_early() {
        cause.because.push("What the log measures ends before the server itself answers, so the real startup is longer.".to_owned());
    }
    cause
}

fn capital(words: &str) -> String {
    let mut chars = words.chars();
    let first = chars.next().map(|c| c.to_ascii_uppercase());
    first.into_iter().chain(chars).collect()
}

/// `slow` is how likely it was slow instead: a start that is known to be quick speaks for this.
fn crash(subject: &Subject, slow: Likelihood) -> Cause {
    let restart = subject.service().service.restart.as_ref();
    // Of an unknown end it is only known that it was one.
    let comes_back = restart.filter(|restart| restart.brings_back(1));
    let mut cause = Cause {
        kind: "crash-restart",
        likelihood: Likelihood::RuledOut,
        title: "it crashed and was restarted, and Compose looked in between".to_owned(),
        because: Vec::new(),
    };
    let Some(restart) = comes_back else {
        let why = restart.map_or_else(
            || "`restart` is not set".to_owned(),
            |restart| {
                format!(
                    "`restart` is `{}`{}",
                    restart.policy,
                    subject.at(Some(restart.span))
                )
            },
        );
        cause.because.push(format!(
            "{why}: a crash would be final, and read `exited (N)`."
        ));
        return cause;
    };
    let is_quick = subject.service().startup.is_some()
        && subject.check().is_some()
        && slow >= Likelihood::Possible;
    cause.likelihood = if is_quick {
        Likelihood::Likely
    } else {
        Likelihood::Possible
    };
    cause.because.push(format!(
        "`restart: {}`{} brings it back, and until it runs again it reads `unhealthy`. Each restart begins a new start_period.",
        restart.policy,
        subject.at(Some(restart.span))
    ));
    if let Some(check) = subject.check() {
        cause.because.push(format!(
            "Probes alone cannot call a container unhealthy sooner than {}s after its start, unless it was healthy before: a text that came sooner points here.",
            check.earliest_unhealthy()
        ));
    }
    cause
}

fn probe(subject: &Subject) -> Cause {
    let mut because = Vec::new();
    let check = subject.service().check();
    if let Some((test, place)) = check.and_then(|c| Some((words(&c.test)?, c.test_place))) {
        because.push(format!(
            "The probe is `{test}`{}. It runs inside of the container, with what its image has.",
            subject.at(place)
        ));
    }
    if let Some(check) = subject.check() {
        because.push(format!(
            "Then every start ends like this, {} after it began, however fast it is; so it does if the probe needs more than its timeout of {}s.",
            between(check.earliest_unhealthy(), check.latest_unhealthy()),
            check.timeout
        ));
    }
    let startup = subject.service().startup.as_ref();
    let seen = startup.filter(|startup| startup.bound == Some(Bound::Upper));
    if let Some(seen) = seen {
        because.push(format!(
            "But this probe has succeeded before{}.",
            subject.at(seen.place)
        ));
    }
    Cause {
        kind: "wrong-probe",
        likelihood: if seen.is_some() {
            Likelihood::Unlikely
        } else {
            Likelihood::Possible
        },
        title:
            "the probe cannot succeed: its tool is missing in the image, or port or path are wrong"
                .to_owned(),
        because,
    }
}

fn words(test: &[String]) -> Option<String> {
    (!test.is_empty()).then(|| test.join(" "))
}

fn old(subject: &Subject) -> Cause {
    let mut because = vec![format!(
        "`up` keeps a running container whose configuration is still the same, and looks {} after its wait began for the first time. A paused container reads `unhealthy` too.",
        look()
    )];
    if let Some(check) = subject.check() {
        because.push(format!(
            "A container that was healthy becomes unhealthy by {} failures in a row, {}s and more.",
            check.retries,
            check.interval.times(check.retries.saturating_sub(1))
        ));
    }
    Cause {
        kind: "unhealthy-before",
        likelihood: Likelihood::Possible,
        title: "it was unhealthy already when Compose began to look".to_owned(),
        because,
    }
}

/// The start period that would do, where no rule has asked for one.
fn raise(scene: Scene, subject: &Subject) -> Option<Change> {
    let (check, startup) = (subject.check()?, subject.service().startup.as_ref()?);
    let short = matches!(stand(scene, check, startup), Stand::Beyond | Stand::Near);
    let needed = round_up(startup.ready.scaled(scene.margin));
    let place = crate::project::part_place(subject.service(), crate::clock::Quantity::StartPeriod);
    (short && needed > check.start_period).then(|| {
        let title = format!("raise start_period of `{}` to {needed}s", subject.name());
        Change::by_hand(title, place)
    })
}

/// What can be said without the service.
fn general() -> Case {
    let cause = |kind, title: &str, because: &str| Cause {
        kind,
        likelihood: Likelihood::Possible,
        title: title.to_owned(),
        because: vec![because.to_owned()],
    };
    Case {
        causes: vec![
            cause(
                "slow-start",
                "its probes failed past the allowance: it was not ready in time",
                "It is this if its start took longer than the later of start_period and first probe, and (retries - 1) x interval more.",
            ),
            cause(
                "wrong-probe",
                "the probe cannot succeed: its tool is missing in the image, or port or path are wrong",
                "Then every start ends like this, however fast it is.",
            ),
            cause(
                "crash-restart",
                "it crashed and was restarted, and Compose looked in between",
                "Only with `restart:` set: without it a crash reads `exited (N)`.",
            ),
            cause(
                "unhealthy-before",
                "it was unhealthy already when Compose began to look",
                "`up` keeps a running container whose configuration is still the same.",
            ),
        ],
        ..Case::default()
    }
}
