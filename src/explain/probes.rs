//! What a healthcheck's log says: `executable file not found`, `Health check exceeded timeout`.

use super::figures::figure;
use super::subject::{Subject, no_such_service, of_fitting};
use super::{Case, Cause, Change, Explanation, Likelihood, Scene, unhealthy};
use crate::clock::Quantity;
use crate::compose::HealthCheck;
use crate::duration::Seconds;
use crate::project::{ActiveService, part_place};

/// A probe that could not be started.
pub(super) fn not_started(scene: Scene, program: Option<&str>) -> Explanation {
    let what = program.map_or_else(|| "a program".to_owned(), |program| format!("`{program}`"));
    let mut explanation = Explanation::new(
        "probe-not-started",
        [
            format!(
                "Something was to be run in a container that has no {what}, or whose file cannot be executed. In a healthcheck's log this is the probe: Docker counts it as a failure like any other, with exit code -1 (127 where a shell was to find it)."
            ),
            "The probe runs inside of the container, with the programs of its image; what the host has does not count. It fails at every start, so no number of the healthcheck helps.".to_owned(),
        ],
    );
    let subjects = of_fitting(scene, |service| {
        service.check().is_some_and(|check| runs(check, program))
    });
    for subject in &subjects {
        let mut case = probe_case(subject);
        if let Some(check) = subject.check() {
            case.figures.push(figure(
                "verdict",
                check.unhealthy_with(Seconds::ZERO).as_f64(),
                format!(
                    "every probe fails at once: `unhealthy` {}s after each start",
                    check.unhealthy_with(Seconds::ZERO)
                ),
                None,
            ));
        }
        case.causes = vec![Cause {
            kind: "tool-missing",
            likelihood: if program.is_some() {
                Likelihood::VeryLikely
            } else {
                Likelihood::Possible
            },
            title: format!(
                "the image of `{}` does not have {}",
                subject.name(),
                program.map_or("the program of its probe".to_owned(), |p| format!("`{p}`"))
            ),
            because: Vec::new(),
        }];
        case.next = vec![subject.health_log()];
        case.next.extend(subject.probe());
        case.changes = subject.found_changes(scene);
        let place = subject.service().check().and_then(|check| check.test_place);
        case.change(Change::by_hand(
            format!("install {what} in the image, or probe with what the image has (a server's own client, `wget` of BusyBox, the language's own runtime)"),
            place,
        ));
        explanation.add(case);
    }
    if subjects.is_empty() {
        explanation.add(Case::default());
        explanation.notes.push(match program {
            Some(program) => format!(
                "No healthcheck of these compose files runs `{program}`: it is an image's own, or this was a `docker compose exec` or a post_start hook. {}",
                probed(scene)
            ),
            None => probed(scene),
        });
    }
    explanation
}

/// The container's own command.
pub(super) fn container(scene: Scene, program: &str) -> Explanation {
    let mut explanation = Explanation::new(
        "container-not-started",
        [
            format!(
                "The container itself could not be started: its command begins with `{program}`, which its image does not have, or which cannot be executed. No probe has run yet."
            ),
            "It is `entrypoint` or `command` of the service, or what the image says; a list such as [\"a b\"] is one program with a blank in its name.".to_owned(),
        ],
    );
    explanation.add(Case::default());
    if scene.project.stacks.is_empty() {
        explanation.notes.push(no_such_service(scene, program));
    }
    explanation
}

/// A probe that hung.
pub(super) fn timed_out(scene: Scene, limit: Seconds) -> Explanation {
    let mut explanation = Explanation::new(
        "probe-timed-out",
        [
            format!(
                "A probe had not ended after its `timeout` of {limit}s. Docker kills it and counts a failure (exit code -1), as if it had said no."
            ),
            "A service that is not listening refuses at once; one that hangs has taken the connection and does not answer, or the probe waits for something else. The next probe comes an interval after the kill. Where a shell has started the probe's program, that is not killed with it, and Docker may wait for it up to 2s more.".to_owned(),
        ],
    );
    let subjects = of_fitting(scene, |service| {
        service.known().is_some_and(|check| check.timeout == limit)
    });
    for subject in &subjects {
        let Some(check) = subject.check() else {
            continue;
        };
        let mut case = probe_case(subject);
        let place = part_place(subject.service(), Quantity::Timeout);
        case.figures.push(figure(
            "timeout",
            limit.as_f64(),
            format!(
                "{limit}s: with interval {}s a hanging probe comes every {}s",
                check.interval,
                check.interval + check.timeout
            ),
            place,
        ));
        let (first, last) = (
            check.unhealthy_with(Seconds::ZERO),
            check.unhealthy_with(check.timeout),
        );
        case.figures.push(figure(
            "verdict",
            last.as_f64(),
            format!(
                "every probe hangs: `unhealthy` {last}s after its start (if all fail at once: {first}s)"
            ),
            None,
        ));
        case.causes = hanging(subject, check.timeout);
        case.next = vec![
            subject.health_log(),
            subject.log("what it was doing at that moment"),
        ];
        case.next.extend(subject.probe());
        case.changes = subject.found_changes(scene);
        for change in own_limit(subject, check.timeout) {
            case.change(change);
        }
        explanation.add(case);
    }
    if subjects.is_empty() {
        explanation.add(Case::default());
        let others = scene.project.stacks.iter().flat_map(|s| &s.services);
        let mut timeouts: Vec<String> = others
            .filter_map(|s| Some(format!("`{}` {}s", s.service.name, s.known()?.timeout)))
            .collect();
        timeouts.sort();
        timeouts.dedup();
        explanation.notes.push(if timeouts.is_empty() {
            no_such_service(scene, &format!("timeout: {limit}s"))
        } else {
            format!(
                "No healthcheck of these compose files has a timeout of {limit}s; they have {}.",
                timeouts.join(", ")
            )
        });
    } else {
        explanation.notes.push(unhealthy::OVERHEAD.to_owned());
    }
    explanation
}

fn hanging(subject: &Subject, timeout: Seconds) -> Vec<Cause> {
    let name = subject.name();
    vec![
        Cause {
            kind: "hangs",
            likelihood: Likelihood::Likely,
            title: format!("`{name}` takes connections and does not answer: it is still starting, or overloaded, or waits for another service"),
            because: vec![
                "Then more time for the probe does not help, only more time for the start.".to_owned(),
            ],
        },
        Cause {
            kind: "timeout-short",
            likelihood: Likelihood::Possible,
            title: format!("the probe needs more than {timeout}s by itself"),
            because: vec![
                "Such as a probe that starts a language's runtime on a machine that is busy starting everything else. The log tells: are there successes that took nearly as long?".to_owned(),
            ],
        },
    ]
}

/// Advice on the limit of the probe itself.
fn own_limit(subject: &Subject, timeout: Seconds) -> Vec<Change> {
    let place = subject.service().check().and_then(|check| check.test_place);
    let mut changes = vec![Change::by_hand(
        format!(
            "give the probe a limit of its own below {timeout}s, so that it says what it waited for: curl -m, wget -T, pg_isready -t"
        ),
        place,
    )];
    if let Some(check) = subject.check() {
        let longer = check.timeout + check.timeout;
        let mut twice = *check;
        twice.timeout = longer;
        changes.push(Change::by_hand(
            format!(
                "if the probe itself is slow: a longer timeout. {longer}s would put the latest verdict from {}s to {}s",
                check.latest_unhealthy(),
                twice.latest_unhealthy()
            ),
            part_place(subject.service(), Quantity::Timeout),
        ));
    }
    changes
}

/// A case with the probe and who waits for it.
fn probe_case(subject: &Subject) -> Case {
    let mut case = subject.case();
    if let Some(check) = subject.service().check()
        && !check.test.is_empty()
    {
        case.figures.push(figure(
            "probe",
            check.test.clone(),
            format!("`{}`", check.test.join(" ")),
            check.test_place,
        ));
    }
    case.figures.extend(subject.waiters());
    case
}

/// Whether a probe runs a program; without one, whether it names a program at all.
fn runs(check: &HealthCheck, program: Option<&str>) -> bool {
    let Some((kind, words)) = check.test.split_first() else {
        return false;
    };
    let Some(program) = program else {
        return kind == "CMD" && !words.is_empty();
    };
    let own = |word: &str| word == program || word.rsplit('/').next() == Some(program);
    match kind.as_str() {
        "CMD" => words.first().is_some_and(|word| own(word)),
        // The shell that is to run it is a program too.
        "CMD-SHELL" => {
            let in_a_word = |c: char| c.is_alphanumeric() || "_-./+".contains(c);
            matches!(program, "/bin/sh" | "sh")
                || words
                    .iter()
                    .any(|text| text.split(|c| !in_a_word(c)).any(own))
        }
        _ => false,
    }
}

/// Which services are probed, and with what.
fn probed(scene: Scene) -> String {
    const MOST: usize = 8;
    let services = scene
        .project
        .stacks
        .iter()
        .flat_map(|stack| &stack.services);
    let program = |service: &ActiveService| {
        let test = &service.check()?.test;
        let word = match test.first()?.as_str() {
            "CMD" => test.get(1)?.clone(),
            _ => "a shell".to_owned(),
        };
        Some(format!("`{}` with {word}", service.service.name))
    };
    let mut all: Vec<String> = services.filter_map(program).collect();
    all.sort();
    all.dedup();
    match all.len() {
        0 => "No probe is written in compose files here.".to_owned(),
        n if n > MOST => format!(
            "Probed are {} and {} more.",
            all[..MOST].join(", "),
            n - MOST
        ),
        _ => format!("Probed are {}.", all.join(", ")),
    }
}
