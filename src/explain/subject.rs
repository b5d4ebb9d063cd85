//! The service that a text is about, in each stack that has it.

use super::{Case, Explanation, Scene, Waiter};
use crate::clock::{Condition, HealthCheck};
use crate::project::{ActiveService, Project, Stack};
use crate::source::Span;

/// A service of a stack, with the name that the text gives its container.
#[derive(Clone, Copy)]
pub(super) struct Subject<'a> {
    pub(super) project: &'a Project,
    pub(super) stack: &'a Stack,
    /// The service's index.
    pub(super) index: usize,
    /// The container, if the text names one.
    pub(super) container: Option<&'a str>,
}

impl<'a> Subject<'a> {
    pub(super) fn service(&self) -> &'a ActiveService {
        &self.stack.services[self.index]
    }

    pub(super) fn name(&self) -> &'a str {
        &self.service().service.name
    }

    /// The numbers of its healthcheck, if they are known.
    pub(super) fn check(&self) -> Option<&'a HealthCheck> {
        self.service().known()
    }

    /// A case about it, still empty.
    pub(super) fn case(&self) -> Case {
        Case {
            stacks: vec![self.stack.words()],
            service: Some(self.name().to_owned()),
            ..Case::default()
        }
    }

    /// ` (compose.yml:12)`, or nothing.
    pub(super) fn at(&self, place: Option<Span>) -> String {
        at(self.project, place)
    }

    /// The services that wait for it until it is healthy, or has completed, each with the place of the condition.
    pub(super) fn waited_for_by(&self, condition: Condition) -> Vec<(&'a str, Span)> {
        let wanted = match condition {
            Condition::Started => crate::compose::Condition::Started,
            Condition::Healthy => crate::compose::Condition::Healthy,
            Condition::Completed => crate::compose::Condition::Completed,
        };
        let services = self.stack.services.iter();
        let waits = services.filter_map(|service| {
            let edges = service.service.depends_on.iter();
            let edge = edges
                .filter(|edge| edge.service == self.name())
                .find(|edge| edge.condition == wanted)?;
            Some((service.service.name.as_str(), edge.span))
        });
        waits.collect()
    }
}

/// ` (compose.yml:12)`, or nothing.
pub(super) fn at(project: &Project, place: Option<Span>) -> String {
    place.map_or_else(String::new, |place| {
        let sources = project.store.sources();
        let path = sources.get(place.file).path();
        format!(" ({path}:{})", sources.start(place).line)
    })
}

/// The services of a container in all stacks. Where a dependant is said to have waited for it, only the stacks in which one does, if there
/// are any. Names with a slash before them are taken as well: the engine has them so.
pub(super) fn of_container<'a>(
    scene: Scene<'a>,
    by: &Waiter,
    container: &'a str,
) -> Vec<Subject<'a>> {
    let container = container.trim_start_matches('/');
    let mut subjects = of(scene, Some(container), |stack| {
        stack.of_container_any(container)
    });
    let is_awaited = |subject: &Subject| !subject.waited_for_by(Condition::Healthy).is_empty();
    if *by != Waiter::Wait && subjects.iter().any(is_awaited) {
        subjects.retain(is_awaited);
    }
    subjects
}

/// The services of this name in all stacks.
pub(super) fn of_service<'a>(scene: Scene<'a>, name: &str) -> Vec<Subject<'a>> {
    of(scene, None, |stack| stack.index(name).into_iter().collect())
}

/// The services that something fits, in all stacks.
pub(super) fn of_fitting(
    scene: Scene<'_>,
    fits: impl Fn(&ActiveService) -> bool,
) -> Vec<Subject<'_>> {
    of(scene, None, |stack| {
        let services = stack.services.iter().enumerate();
        let fitting = services.filter(|(_, service)| fits(service));
        fitting.map(|(index, _)| index).collect()
    })
}

fn of<'a>(
    scene: Scene<'a>,
    container: Option<&'a str>,
    find: impl Fn(&Stack) -> Vec<usize>,
) -> Vec<Subject<'a>> {
    let stacks = scene.project.stacks.iter();
    let subjects = stacks.flat_map(|stack| {
        find(stack).into_iter().map(move |index| Subject {
            project: scene.project,
            stack,
            index,
            container,
        })
    });
    subjects.collect()
}

impl Explanation {
    /// Says how a container's name was understood: as another than the files give, or as none of the services there are.
    pub(super) fn note_naming(&mut self, scene: Scene, container: &str, subjects: &[Subject]) {
        if subjects.is_empty() {
            self.notes.push(no_such_service(scene, container));
            return;
        }
        let named =
            |s: &&Subject| s.name() == container || s.stack.names_container(s.index, container);
        let mut fitting: Vec<&str> = subjects.iter().map(Subject::name).collect();
        fitting.sort_unstable();
        fitting.dedup();
        if fitting.len() > 1 {
            self.notes.push(format!(
                "More than one service can have a container `{container}`: {}.",
                super::figures::list(&fitting)
            ));
        } else if !subjects.iter().any(|subject| named(&subject)) {
            self.notes.push(format!(
                "The files name no container `{container}`; `{}` is the service whose name fits.",
                fitting[0]
            ));
        }
    }
}

/// That no service is meant, and which there are.
pub(super) fn no_such_service(scene: Scene, name: &str) -> String {
    let services = scene.project.stacks.iter().flat_map(|s| &s.services);
    let mut names: Vec<&str> = services.map(|s| s.service.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    if names.is_empty() {
        return format!(
            "There is no compose file here, so nothing is known of `{name}`: run it in the folder of the project, or name it (upbeat explain TEXT path/to/project)."
        );
    }
    format!(
        "No service of this project has a container `{name}`; the services are {}.",
        super::figures::list(&names)
    )
}
