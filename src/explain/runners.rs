//! What CI runners say of the services that they start themselves.

use super::commands::quoted;
use super::figures::{figure, of_check};
use super::{Case, Cause, Change, Explanation, Likelihood, Scene, Step, unhealthy};
use crate::ci::ServiceContainer;
use crate::clock::Engine;
use crate::duration::Seconds;
use crate::project::written_health;

/// A service container and the job that it is one of.
#[derive(Clone, Copy)]
struct Found<'a> {
    job: &'a str,
    container: &'a ServiceContainer,
    /// The image, as it is written where it is not known.
    image: &'a str,
}

/// `Failed to initialize container postgres:16`, `One or more containers failed to start.`
pub(super) fn github(scene: Scene, image: Option<&str>) -> Explanation {
    let mut explanation = Explanation::new(
        "github-service",
        [
            "GitHub's runner starts all `services:` of a job, then asks Docker for the health of one after the other, as long as it reads `starting`. This one was not `healthy` in the end. The runner has no limit of its own: it is Docker's verdict, or the container has ended.".to_owned(),
            format!(
                "It looks again after {}s, {}s, {}s, and so on up to {}s, so it may see a verdict that much later. A service without a healthcheck is not waited for at all.",
                look(1), look(2), look(3), look(u32::MAX)
            ),
        ],
    );
    let all = service_containers(scene);
    let meant: Vec<&Found> = all
        .iter()
        .filter(|service| image.is_none_or(|image| service.image == image))
        .collect();
    for service in &meant {
        explanation.add(service_case(scene, service));
    }
    if meant.is_empty() {
        explanation.add(Case {
            causes: causes(None, &scene.project.engine),
            next: next(None),
            ..Case::default()
        });
        let mut images: Vec<String> = all.iter().map(|s| format!("`{}`", s.image)).collect();
        images.sort();
        images.dedup();
        explanation.notes.push(if images.is_empty() {
            "No workflow here has `services:`.".to_owned()
        } else {
            format!(
                "No service of the workflows here has this image; they have {}.",
                images.join(", ")
            )
        });
    } else {
        explanation.notes.push(unhealthy::OVERHEAD.to_owned());
    }
    explanation
}

/// `*** WARNING: Service … probably didn't start properly.`
pub(super) fn gitlab(service: &str) -> Explanation {
    let mut explanation = Explanation::new(
        "gitlab-service",
        [
            format!(
                "GitLab's runner tried to connect to the exposed ports of the service container `{service}`, and nobody answered in time: {GITLAB_WAIT}s, unless `wait_for_services_timeout` in the runner's own config.toml says another number. It is a warning: the job goes on."
            ),
            "The runner does not look at Docker's health status at all, so no healthcheck has a part in it, and nothing in .gitlab-ci.yml changes the wait.".to_owned(),
        ],
    );
    let cause = |kind, likelihood, title: &str, because: &str| Cause {
        kind,
        likelihood,
        title: title.to_owned(),
        because: vec![because.to_owned()],
    };
    explanation.add(Case {
        causes: vec![
            cause(
                "slow-start",
                Likelihood::Possible,
                "it needs longer than that to listen",
                "Then the job may well find it there: let the job itself wait for what it needs.",
            ),
            cause(
                "ended",
                Likelihood::Possible,
                "it ended",
                "A variable that its image wants is not set, or it wants a privileged runner (docker:dind). The log of the service stands below the warning.",
            ),
            cause(
                "no-port",
                Likelihood::Possible,
                "its image exposes no port, or one on which nothing listens",
                "The runner knows only the ports that the image declares with EXPOSE.",
            ),
        ],
        changes: vec![
            Change::by_hand("wait in the job's own script for what it needs (pg_isready, curl --retry), with a limit", None),
            Change::by_hand("on a runner of your own: raise wait_for_services_timeout in config.toml; -1 turns the wait off", None),
        ],
        ..Case::default()
    });
    explanation
}

/// GitLab's default of `wait_for_services_timeout` (docs.gitlab.com, runner configuration).
const GITLAB_WAIT: Seconds = Seconds::new(30);

/// The distance before the runner's look number `n`, from 1, without its jitter of a fifth: actions/runner v2.336.0,
/// ContainerOperationProvider.cs and BackoffTimerHelper.cs.
fn look(n: u32) -> Seconds {
    let grown = 2 + ((1_i64 << n.min(32).saturating_sub(1)) - 1) * 2;
    Seconds::new(grown.min(32))
}

fn service_case(scene: Scene, service: &Found) -> Case {
    let mut case = Case {
        service: Some(service.container.name.clone()),
        causes: causes(Some(service), &scene.project.engine),
        next: next(Some(service)),
        ..Case::default()
    };
    case.figures.push(figure(
        "image",
        service.image,
        format!("`{}`, in the job `{}`", service.image, service.job),
        Some(service.container.image_span),
    ));
    if service.container.health.is_empty() {
        return case;
    }
    let place = service.container.span;
    if let Some(written) = written_health(service.container) {
        let check = written.on(scene.project.engine.generation());
        case.figures.extend(of_check(&check, |_| Some(place)));
    } else {
        case.figures.push(figure(
            "options",
            scene.project.store.sources().text(place),
            "no healthcheck whose numbers are known",
            Some(place),
        ));
    }
    case.changes.push(Change::by_hand(
        "where the start is slow: a longer --health-start-period in `options`",
        Some(place),
    ));
    case
}

fn causes(service: Option<&Found>, engine: &Engine) -> Vec<Cause> {
    let cause = |kind, title: &str, because: &str| Cause {
        kind,
        likelihood: Likelihood::Possible,
        title: title.to_owned(),
        because: vec![because.to_owned()],
    };
    let has_command = service.is_some_and(|found| found.container.option("cmd").is_some());
    let ended = cause(
        "ended",
        "it ended: a variable that its image wants is not set, or its memory was not enough",
        "A container that has ended reads `unhealthy`.",
    );
    let known = service.and_then(|found| written_health(found.container));
    let allowance = known.map_or_else(
        || {
            "the later of start_period and first probe, and (retries - 1) x interval more"
                .to_owned()
        },
        |written| written.on(engine.generation()).allowance_sum(),
    );
    let slow = cause(
        "slow-start",
        "its probes failed past the allowance: it was not ready in time",
        &format!("It is this if its start took longer than {allowance}."),
    );
    let probe = cause(
        "wrong-probe",
        "the probe cannot succeed: --health-cmd names a tool or a user that the image does not have",
        "Then every run ends like this.",
    );
    if service.is_some() && !has_command {
        return vec![ended, slow, probe];
    }
    vec![slow, ended, probe]
}

/// Where nothing of the runner's is left to look at, the same by hand.
fn next(service: Option<&Found>) -> Vec<Step> {
    let image = service.and_then(|service| quoted(service.image));
    vec![Step {
        command: format!("docker run --rm {}", image.as_deref().unwrap_or("IMAGE")),
        tells: "whether it stays up, with the variables of the workflow (-e NAME=VALUE), and how long it takes until it is ready".to_owned(),
    }]
}

/// Those of all jobs, each once however many workflows call its job.
fn service_containers(scene: Scene<'_>) -> Vec<Found<'_>> {
    let sources = scene.project.store.sources();
    let mut found: Vec<Found> = Vec::new();
    for course in &scene.project.courses {
        for container in &course.services {
            let place = container.image_span;
            if found
                .iter()
                .all(|known| known.container.image_span != place)
            {
                found.push(Found {
                    job: course.job.as_deref().unwrap_or_default(),
                    container,
                    image: container.image.as_deref().unwrap_or(sources.text(place)),
                });
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_runners_looks_grow_to_half_a_minute() {
        let looks: Vec<Seconds> = (1..=7).map(look).collect();
        let seconds = [2, 4, 8, 16, 32, 32, 32].map(Seconds::new);
        assert_eq!(looks, seconds);
        assert_eq!(look(u32::MAX), Seconds::new(32));
    }
}
