//! `container X exited (N)`, and `service "mig" didn't complete successfully: exit N`.

use super::figures::{list, look};
use super::subject::{Subject, no_such_service, of_container, of_service};
use super::{Case, Cause, Change, Explanation, Likelihood, Scene, Waiter};
use crate::clock::Condition;

pub(super) fn exited(scene: Scene, by: &Waiter, container: &str, code: i64) -> Explanation {
    let look = look();
    let saw = match by {
        Waiter::Dependant | Waiter::Optional(_) => format!(
            "A service has `condition: service_healthy` on this one, and at one of Compose's looks, one every {look}, its container was not running but had ended with {code}: before its healthcheck had called it healthy."
        ),
        Waiter::Wait => format!(
            "`up --wait` wants every service running or healthy. At one of its looks, one every {look}, this container had ended with {code}."
        ),
    };
    let mut explanation = Explanation::new(
        by.kind("exited"),
        [
            format!("{saw} {}", by.consequence()),
            "No probe has a part in it: the numbers of the healthcheck cannot help.".to_owned(),
        ],
    );
    let subjects = of_container(scene, by, container);
    for subject in &subjects {
        let mut case = subject.case();
        case.figures = subject.waiters();
        case.figures.extend(subject.waiters_for_completion());
        case.figures.push(subject.restart_figure());
        case.causes = causes(subject, by, code);
        case.next = vec![
            subject.log("what it said last"),
            subject.exit_state(),
            subject.restarts(),
        ];
        if code == 0 {
            one_shot(subject, by, &mut case);
        }
        for change in subject.found_changes(scene) {
            case.change(change);
        }
        explanation.add(case);
    }
    if subjects.is_empty() {
        explanation.add(general(code));
    }
    explanation.note_naming(scene, container, &subjects);
    explanation.notes.extend(by.delay());
    explanation
}

pub(super) fn not_completed(scene: Scene, service: &str, code: i64, optional: bool) -> Explanation {
    let consequence = if optional {
        "It is a warning: the dependency is `required: false`, so what waits for it was started all the same."
    } else {
        "What waits for it stays created and is not started; the command ends with 1."
    };
    let mut explanation = Explanation::new(
        if optional {
            "optional-not-completed"
        } else {
            "not-completed"
        },
        [
            format!(
                "A service has `condition: service_completed_successfully` on `{service}`, which ended with {code} instead of 0. {consequence}"
            ),
            "Compose waits for the end of such a job without any limit, and no healthcheck has a part in it.".to_owned(),
        ],
    );
    let subjects = of_service(scene, service);
    for subject in &subjects {
        let mut case = subject.case();
        case.figures = subject.waiters_for_completion();
        case.figures.push(subject.restart_figure());
        case.causes = vec![by_code(code)];
        case.causes.extend(again(subject, code));
        case.next = vec![subject.log("what it said last"), subject.exit_state()];
        case.changes = subject.found_changes(scene);
        explanation.add(case);
    }
    if subjects.is_empty() {
        explanation.add(general(code));
        explanation.notes.push(no_such_service(scene, service));
    }
    explanation
}

fn general(code: i64) -> Case {
    Case {
        causes: vec![by_code(code)],
        ..Case::default()
    }
}

fn causes(subject: &Subject, by: &Waiter, code: i64) -> Vec<Cause> {
    let mut causes = vec![by_code(code)];
    if code == 0 && *by == Waiter::Wait {
        causes = vec![finished(subject)];
    }
    causes.extend(again(subject, code));
    causes
}

/// A job that was over when `up --wait` first looked.
fn finished(subject: &Subject) -> Cause {
    let waiting = subject.waited_for_by(Condition::Completed);
    if waiting.is_empty() {
        let has_check = subject.check().is_some();
        let (title, because) = if has_check {
            (
                "it ended, and well, before it was healthy",
                "It has a healthcheck, so `up --wait` waits until that has called it healthy."
                    .to_owned(),
            )
        } else {
            (
                "it had ended, and well, before Compose first looked: a job, or a server that went into the background",
                format!(
                    "No service of these files waits for it with `service_completed_successfully`, so `up --wait` wants to see it running. Had it still run at the first look, {} in, that would have been enough.",
                    look()
                ),
            )
        };
        return Cause {
            kind: "one-shot",
            likelihood: Likelihood::Certain,
            title: title.to_owned(),
            because: vec![because],
        };
    }
    let names: Vec<&str> = waiting.iter().map(|(name, _)| *name).collect();
    Cause {
        kind: "other-files",
        likelihood: Likelihood::VeryLikely,
        title: "it was not started with these files as they are".to_owned(),
        because: vec![format!(
            "Here {} waits for it to complete, and then an end with 0 is what `up --wait` wants.",
            list(&names)
        )],
    }
}

/// What an exit code says.
fn by_code(code: i64) -> Cause {
    let (kind, likelihood, title, because) = match code {
        0 => (
            "one-shot",
            Likelihood::Certain,
            "its command came to its end: it does not stay in the foreground, or is a job",
            "0 is success. A server must not go into the background in a container.",
        ),
        126 => (
            "not-executable",
            Likelihood::VeryLikely,
            "its command cannot be executed",
            "126: the file is there but is not executable, or is a folder, or is made for another architecture.",
        ),
        127 => (
            "not-found",
            Likelihood::VeryLikely,
            "its command was not found",
            "127: a wrong path, a program that the image does not have, or a script with Windows line ends in its first line.",
        ),
        130 => (
            "interrupted",
            Likelihood::VeryLikely,
            "somebody interrupted it",
            "130 = 128 + 2: SIGINT, as by Ctrl+C.",
        ),
        137 => (
            "killed",
            Likelihood::VeryLikely,
            "it was killed: for its memory, or by a stop that took too long",
            "137 = 128 + 9: SIGKILL. `OOMKilled` tells which; without it, `docker kill`, or `docker stop` after its grace.",
        ),
        139 => (
            "crashed",
            Likelihood::VeryLikely,
            "it crashed",
            "139 = 128 + 11: SIGSEGV.",
        ),
        143 => (
            "stopped",
            Likelihood::VeryLikely,
            "it was told to stop",
            "143 = 128 + 15: SIGTERM, as from `docker stop`, or another `docker compose` command beside this one.",
        ),
        129..=192 => (
            "signalled",
            Likelihood::VeryLikely,
            "a signal ended it",
            "Codes from 129 on are 128 and the signal's number.",
        ),
        _ => (
            "failed",
            Likelihood::VeryLikely,
            "it failed by itself",
            "The code is the program's own: its log tells why. Often something that it needs was not there: a variable, a file, a service that it reached too early.",
        ),
    };
    Cause {
        kind,
        likelihood,
        title: title.to_owned(),
        because: vec![because.to_owned()],
    }
}

/// A restart policy beside a container that ended.
fn again(subject: &Subject, code: i64) -> Option<Cause> {
    let restart = subject.service().service.restart.as_ref()?;
    if !restart.brings_back(code) {
        return None;
    }
    Some(Cause {
        kind: "crash-loop",
        likelihood: Likelihood::Likely,
        title: "it ends again and again".to_owned(),
        because: vec![format!(
            "`restart: {}`{} brings it back at once, so Compose saw it in the short gap before the next start: that happens sooner or later where it ends every time. A crash loop never ends in a verdict of the probes, since each restart begins a new start_period.",
            restart.policy,
            subject.at(Some(restart.span))
        )],
    })
}

/// How a job is waited for.
fn one_shot(subject: &Subject, by: &Waiter, case: &mut Case) {
    let name = subject.name();
    match by {
        Waiter::Wait if subject.waited_for_by(Condition::Completed).is_empty() => {
            case.change(Change::by_hand(
                format!("if `{name}` is a job: let a service that needs it wait with `condition: service_completed_successfully`, or run it by itself (docker compose run --rm) and name the others behind `up --wait`"),
                Some(subject.service().service.key),
            ));
        }
        Waiter::Wait => {}
        Waiter::Dependant | Waiter::Optional(_) => {
            for (waiter, place) in subject.waited_for_by(Condition::Healthy) {
                case.change(Change::by_hand(
                    format!("if `{name}` is a job: `condition: service_completed_successfully` in depends_on of `{waiter}`"),
                    Some(place),
                ));
            }
        }
    }
}
