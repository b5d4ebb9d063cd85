//! What CI runners say of the services that they start themselves.

use super::commands::quoted;
use super::figures::{allowance_sum, figure, of_check};
use super::{Case, Cause, Change, Explanation, Likelihood, Scene, Step, unhealthy};
use crate::clock::{Engine, Written};
use crate::duration::{self, Seconds};
use crate::source::{FileKind, Span};
use crate::yaml::{NodeId, Tree};

/// A container under `services:` of a GitHub job.
struct ServiceContainer {
    job: String,
    name: String,
    image: String,
    place: Span,
    options: Option<(String, Span)>,
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
    let meant: Vec<&ServiceContainer> = all
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

fn service_case(scene: Scene, service: &ServiceContainer) -> Case {
    let mut case = Case {
        service: Some(service.name.clone()),
        causes: causes(Some(service), &scene.project.engine),
        next: next(Some(service)),
        ..Case::default()
    };
    case.figures.push(figure(
        "image",
        service.image.as_str(),
        format!("`{}`, in the job `{}`", service.image, service.job),
        Some(service.place),
    ));
    let Some((options, place)) = &service.options else {
        return case;
    };
    let read = Options::read(options);
    match read.written() {
        Some(written) if read.has_command => {
            let check = written.on(scene.project.engine.generation());
            case.figures.extend(of_check(&check, |_| Some(*place)));
        }
        _ => case.figures.push(figure(
            "options",
            options.as_str(),
            "no healthcheck whose numbers are known",
            Some(*place),
        )),
    }
    case.changes.push(Change::by_hand(
        "where the start is slow: a longer --health-start-period in `options`",
        Some(*place),
    ));
    case
}

fn causes(service: Option<&ServiceContainer>, engine: &Engine) -> Vec<Cause> {
    let cause = |kind, title: &str, because: &str| Cause {
        kind,
        likelihood: Likelihood::Possible,
        title: title.to_owned(),
        because: vec![because.to_owned()],
    };
    let options = service.and_then(|service| service.options.as_ref());
    let has_command = options.is_some_and(|(text, _)| Options::read(text).has_command);
    let ended = cause(
        "ended",
        "it ended: a variable that its image wants is not set, or its memory was not enough",
        "A container that has ended reads `unhealthy`.",
    );
    let known = options.and_then(|(text, _)| Options::read(text).written());
    let allowance = known.map_or_else(
        || {
            "the later of start_period and first probe, and (retries - 1) x interval more"
                .to_owned()
        },
        |written| allowance_sum(&written.on(engine.generation())),
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
fn next(service: Option<&ServiceContainer>) -> Vec<Step> {
    let image = service.and_then(|service| quoted(&service.image));
    vec![Step {
        command: format!("docker run --rm {}", image.as_deref().unwrap_or("IMAGE")),
        tells: "whether it stays up, with the variables of the workflow (-e NAME=VALUE), and how long it takes until it is ready".to_owned(),
    }]
}

/// What `options:` says of a healthcheck.
#[derive(Default)]
struct Options {
    has_command: bool,
    /// Each with the text behind it.
    values: Vec<(&'static str, String)>,
    unreadable: bool,
}

const FLAGS: [&str; 5] = [
    "--health-interval",
    "--health-timeout",
    "--health-retries",
    "--health-start-period",
    "--health-start-interval",
];

impl Options {
    fn read(text: &str) -> Self {
        let mut options = Self {
            unreadable: text.contains("${{"),
            ..Self::default()
        };
        let words = words(text);
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let (flag, value) = match word.split_once('=') {
                Some((flag, value)) => (flag, Some(value.to_owned())),
                None => (word.as_str(), None),
            };
            if flag == "--health-cmd" {
                options.has_command = true;
                if value.is_none() {
                    words.next();
                }
            } else if let Some(flag) = FLAGS.iter().find(|known| **known == flag) {
                let value = value.or_else(|| words.next().cloned());
                options.values.push((flag, value.unwrap_or_default()));
            }
        }
        options
    }

    /// The numbers; none where one is not known.
    fn written(&self) -> Option<Written> {
        let value = |flag: &str| {
            let found = self.values.iter().rev().find(|(known, _)| *known == flag);
            found.map(|(_, value)| value.as_str())
        };
        let length = |flag: &str| value(flag).map(duration::parse).transpose();
        if self.unreadable {
            return None;
        }
        Some(Written {
            interval: length("--health-interval").ok()?,
            timeout: length("--health-timeout").ok()?,
            retries: value("--health-retries").map(str::parse).transpose().ok()?,
            start_period: length("--health-start-period").ok()?,
            start_interval: length("--health-start-interval").ok()?,
        })
    }
}

/// The words of a command line, quotes taken off.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (c, quote) {
            (c, Some(open)) if c == open => quote = None,
            ('\\', None | Some('"')) => word.get_or_insert_default().extend(chars.next()),
            ('"' | '\'', None) => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (c, None) if c.is_whitespace() => words.extend(word.take()),
            (c, _) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

/// All of the project's workflows, whose trees have been read.
fn service_containers(scene: Scene) -> Vec<ServiceContainer> {
    let project = scene.project;
    let mut found = Vec::new();
    for path in project.store.of_kind(FileKind::Workflow) {
        let tree = project
            .store
            .get(path)
            .and_then(|file| project.trees.get(file));
        if let Some(tree) = tree {
            found.extend(of_workflow(tree));
        }
    }
    found
}

fn of_workflow(tree: &Tree) -> Vec<ServiceContainer> {
    let entries = |node: NodeId, key: &str| {
        let inner = tree.get(node, key);
        inner.map(|inner| tree.entries(inner)).unwrap_or_default()
    };
    let mut found = Vec::new();
    let Some(root) = tree.documents().first() else {
        return found;
    };
    for job in entries(*root, "jobs") {
        for service in entries(job.value, "services") {
            let Some(image) = tree.get(service.value, "image") else {
                continue;
            };
            let text = |node: NodeId| tree.scalar(node).unwrap_or_default().to_owned();
            let options = tree.get(service.value, "options");
            found.push(ServiceContainer {
                job: text(job.key),
                name: text(service.key),
                image: text(image),
                place: tree.span(image),
                options: options.map(|options| (text(options), tree.span(options))),
            });
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

    #[test]
    fn options_are_read_as_a_shell_would() {
        let read = Options::read(
            "--health-cmd \"pg_isready -U 'a b'\" --health-interval 10s\n --health-retries=5 --name x\\ y",
        );
        assert!(read.has_command);
        let written = read.written().unwrap();
        assert_eq!(written.interval, Some(Seconds::new(10)));
        assert_eq!((written.retries, written.timeout), (Some(5), None));
        assert!(Options::read("--health-interval 10").written().is_none());
        assert!(
            Options::read("--health-interval ${{ x }}")
                .written()
                .is_none()
        );
        assert_eq!(
            words("a \"b c\" 'd' '' e\\ f"),
            ["a", "b c", "d", "", "e f"]
        );
        assert_eq!(words("'open"), ["open"]);
    }
}
