//! What Compose refuses about `start_interval`.

use super::figures::figure;
use super::subject::{Subject, of_fitting};
use super::{Case, Cause, Change, Explanation, Likelihood, Scene};
use crate::clock::{Generation, Written};
use crate::compose::HealthCheck;
use crate::duration::{Seconds, round_up};
use crate::project::ActiveService;

/// `start_interval` without `start_period`.
pub(super) fn needs_start_period(scene: Scene, shown: &[String]) -> Explanation {
    let mut explanation = Explanation::new(
        "start-interval-alone",
        ["Compose refuses to create the container: its healthcheck has a `start_interval` and no `start_period`. Without a start_period no engine looks at a start_interval: it would have no effect.".to_owned()],
    );
    let subjects = of_fitting(scene, |service| {
        let alone = |check: &HealthCheck| {
            let period = check.start_period.known().filter(|p| *p > Seconds::ZERO);
            check.start_interval.written().is_some() && period.is_none()
        };
        service.check().is_some_and(alone)
    });
    let subjects = among(subjects, shown);
    for subject in &subjects {
        let mut case = start_interval_case(subject, "its `start_interval` stands alone");
        let startup = subject.service().startup.as_ref();
        let needed = startup.map(|startup| round_up(startup.ready.scaled(scene.margin)));
        let name = subject.name();
        let place = subject.service().check().map(|check| check.key);
        case.changes = subject.found_changes(scene);
        case.change(Change::by_hand(
            match needed {
                Some(needed) => format!("set start_period of `{name}` to {needed}s"),
                None => format!("set a start_period for `{name}`, as long as its start may take"),
            },
            place,
        ));
        case.change(Change::by_hand(
            format!("or take start_interval out of `{name}`: it probes every interval then"),
            place,
        ));
        explanation.add(case);
    }
    none_found(scene, &subjects, &mut explanation);
    explanation
}

/// `start_interval` on an engine that does not know it.
pub(super) fn needs_engine(scene: Scene, shown: &[String]) -> Explanation {
    let mut explanation = Explanation::new(
        "start-interval-unknown",
        ["Compose refuses to create the container: its healthcheck has a `start_interval`, which Docker Engine has since 25.0, and the engine there is older (`docker version` tells).".to_owned()],
    );
    let subjects = of_fitting(scene, |service| {
        service
            .check()
            .is_some_and(|check| check.start_interval.written().is_some())
    });
    let subjects = among(subjects, shown);
    for subject in &subjects {
        let mut case = start_interval_case(subject, "the engine is older than 25.0");
        case.changes = subject.found_changes(scene);
        let without = without_start_interval(subject.service());
        let name = subject.name();
        let effect = match without {
            Some(first) => format!(": its first probe then comes {first}s after its start"),
            None => String::new(),
        };
        case.change(Change::by_hand("update the engine to 25 or later", None));
        case.change(Change::by_hand(
            format!("or take start_interval out of `{name}`{effect}"),
            subject.service().check().map(|check| check.key),
        ));
        explanation.add(case);
    }
    none_found(scene, &subjects, &mut explanation);
    explanation
}

/// Those whose containers Compose named beside the text, where it named any.
fn among<'a>(subjects: Vec<Subject<'a>>, shown: &[String]) -> Vec<Subject<'a>> {
    let is_shown = |subject: &Subject| {
        shown.iter().any(|name| {
            subject
                .stack
                .of_container_any(name)
                .contains(&subject.index)
        })
    };
    if subjects.iter().any(is_shown) {
        return subjects.into_iter().filter(is_shown).collect();
    }
    subjects
}

fn start_interval_case(subject: &Subject, title: &str) -> Case {
    let mut case = subject.case();
    let check = subject.service().check();
    if let Some(written) = check.and_then(|check| check.start_interval.written()) {
        let known = check.and_then(|check| check.start_interval.known());
        let text = known.map_or("not known".to_owned(), |known| format!("{known}s"));
        case.figures.push(figure(
            "start_interval",
            known.map(Seconds::as_f64),
            text,
            Some(written.place()),
        ));
    }
    case.causes.push(Cause {
        kind: "start-interval",
        likelihood: Likelihood::Certain,
        title: title.to_owned(),
        because: Vec::new(),
    });
    case
}

/// When the first probe comes on an engine without it.
fn without_start_interval(service: &ActiveService) -> Option<Seconds> {
    let known = service.known()?;
    let written = Written {
        interval: Some(known.interval),
        timeout: Some(known.timeout),
        retries: Some(known.retries),
        start_period: Some(known.start_period),
        start_interval: None,
    };
    Some(written.on(Generation::V23).first_probe())
}

fn none_found(scene: Scene, subjects: &[Subject], explanation: &mut Explanation) {
    if !subjects.is_empty() {
        return;
    }
    explanation.add(Case::default());
    explanation.notes.push(if scene.project.stacks.is_empty() {
        "There is no compose file here: run it in the folder of the project, or name it (upbeat explain TEXT path/to/project).".to_owned()
    } else {
        "No healthcheck of these compose files is written so: the text came from others.".to_owned()
    });
}
