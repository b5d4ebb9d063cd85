//! `container X has no healthcheck configured`.

use super::figures::look;
use super::subject::{Subject, of_container};
use super::{Case, Cause, Change, Explanation, Likelihood, Scene, Waiter};
use crate::clock::Condition;
use crate::compose::ServiceHealth;

pub(super) fn explain(scene: Scene, by: &Waiter, container: &str) -> Explanation {
    let what = match by {
        Waiter::Dependant | Waiter::Optional(_) => format!(
            "A service has `condition: service_healthy` on this one, whose container has no healthcheck, so it can never be healthy. Compose says so at its first look, {} after it began to wait.",
            look()
        ),
        Waiter::Wait => "`up --wait` takes a service without a healthcheck as it runs, but up to Compose 5.0.1 not one whose healthcheck is turned off (`disable: true`, `test: NONE`): there is nothing to ask. 5.0.2 and later take it as it runs.".to_owned(),
    };
    let mut explanation = Explanation::new(
        by.kind("unchecked"),
        [format!("{what} {}", by.consequence())],
    );
    let subjects = of_container(scene, by, container);
    for subject in &subjects {
        let mut case = subject.case();
        case.figures = subject.waiters();
        case.causes = causes(subject, by);
        case.next = vec![subject.healthcheck()];
        case.changes = subject.found_changes(scene);
        for change in changes(subject, by) {
            case.change(change);
        }
        explanation.add(case);
    }
    if subjects.is_empty() {
        explanation.add(Case {
            causes: vec![
                cause("image", Likelihood::Possible, "nothing is written, and the image brings no HEALTHCHECK", Vec::new()),
                cause("disabled", Likelihood::Possible, "it is turned off: `disable: true`, `test: NONE`, or HEALTHCHECK NONE in the image", Vec::new()),
            ],
            ..Case::default()
        });
    }
    explanation.note_naming(scene, container, &subjects);
    explanation
}

fn cause(kind: &'static str, likelihood: Likelihood, title: &str, because: Vec<String>) -> Cause {
    let title = title.to_owned();
    Cause {
        kind,
        likelihood,
        title,
        because,
    }
}

fn causes(subject: &Subject, by: &Waiter) -> Vec<Cause> {
    let service = &subject.service().service;
    let image = match (&service.image, service.build) {
        (Some(image), false) => format!("its image, `{image}`,"),
        _ => "the image that is built for it".to_owned(),
    };
    match &service.health {
        ServiceHealth::Disabled(place) => vec![cause(
            "disabled",
            Likelihood::Certain,
            "it is turned off here",
            vec![format!(
                "`disable: true` or `test: NONE`{}.",
                subject.at(Some(*place))
            )],
        )],
        ServiceHealth::Check(check) if check.has_test => vec![cause(
            "other-files",
            Likelihood::VeryLikely,
            "it does not run with these files",
            vec![format!(
                "Here it has a healthcheck{}: its container was made from other files, or before this was written.",
                subject.at(Some(check.key))
            )],
        )],
        // Under `--wait` a container of an image without one is taken as it runs.
        _ if *by == Waiter::Wait => vec![cause(
            "image-disabled",
            Likelihood::Likely,
            "its image turns the healthcheck off",
            vec![format!(
                "Nothing is written here, and {image} may say HEALTHCHECK NONE. (One that says nothing would be taken as it runs.)"
            )],
        )],
        ServiceHealth::Check(check) => vec![cause(
            "image",
            Likelihood::Certain,
            "no `test` is written, and the image brings none",
            vec![format!(
                "The numbers{} are for the HEALTHCHECK of {image} which has none.",
                subject.at(Some(check.key))
            )],
        )],
        ServiceHealth::Unset => vec![cause(
            "image",
            Likelihood::Certain,
            "nothing is written, and the image brings none",
            vec![format!(
                "`{}`{} has no `healthcheck`, and {image} has no HEALTHCHECK.",
                subject.name(),
                subject.at(Some(service.key))
            )],
        )],
    }
}

fn changes(subject: &Subject, by: &Waiter) -> Vec<Change> {
    let service = &subject.service().service;
    let name = subject.name();
    if matches!(&service.health, ServiceHealth::Check(check) if check.has_test) {
        return vec![Change::by_hand(
            format!(
                "start it with these files: {} up -d",
                super::commands::compose(subject.stack)
            ),
            None,
        )];
    }
    let place = match &service.health {
        ServiceHealth::Disabled(place) => *place,
        ServiceHealth::Check(check) => check.key,
        ServiceHealth::Unset => service.key,
    };
    let give = format!("give `{name}` a healthcheck with a `test`");
    let mut changes = vec![Change::by_hand(give, Some(place))];
    if *by != Waiter::Wait {
        for (waiter, place) in subject.waited_for_by(Condition::Healthy) {
            changes.push(Change::by_hand(
                format!("or let `{waiter}` only wait for its start: `condition: service_started`"),
                Some(place),
            ));
        }
    }
    changes
}
