//! A stack, read: its services with the numbers that Docker will use.

use super::beneath::Beneath;
use super::entry::{self, Entry};
use super::image::Images;
use super::refusals::{self, Sight};
use super::startups::{Measured, Startups};
use super::{Inputs, Obstacle, StackFiles};
use crate::clock::{self, Engine, Generation, Graph, GraphError, Health, Node, Written};
use crate::compose::{
    Condition, HealthCheck, HealthField, Loader, Refused, Role, Scale, Service, ServiceHealth,
    Unread, Uses,
};
use crate::dockerfile::{ImageCheck, ImageHealth, Number};
use crate::duration::Seconds;
use crate::source::{FileId, ReadError, Store};
use crate::startup::Bound;
use crate::yaml::Trees;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

/// A stack and all that is known of its start.
#[derive(Debug)]
pub struct Stack {
    /// Its name and files.
    pub files: StackFiles,
    /// The services that are on, in the order of the files.
    pub services: Vec<ActiveService>,
    /// What they wait for; its nodes are `services`, in the same order.
    pub graph: Graph,
    /// What its healthchecks would be without the last file that writes of them.
    pub beneath: Vec<Beneath>,
    /// Files of it that could not be read: what is said of it may not hold.
    pub missing: Vec<String>,
    /// What Docker refuses in it.
    pub refused: Vec<Refused>,
    /// Files that it names and that are not read, since they do not stand in the project.
    pub unread: Vec<Unread>,
    /// The project's name, where something here says it. Else Compose takes the folder's, which only the server knows.
    pub project: Option<String>,
    /// The services that no profile turns on: nothing of them is judged.
    pub off: Vec<Arc<Service>>,
    /// Files that it takes in by `include` and `extends`.
    pub(super) taken_in: Vec<String>,
    /// What kept upbeat from reading all of it.
    pub(super) obstacles: Vec<Obstacle>,
}

impl Stack {
    /// `staging (docker-compose.yml + compose.staging.yml)`.
    pub fn words(&self) -> String {
        format!("{} ({})", self.files.name, self.files.files.join(" + "))
    }

    /// Whether all of its files were read, and all that they name: of another one nothing is certain.
    pub fn is_whole(&self) -> bool {
        self.missing.is_empty() && self.unread.is_empty()
    }
}

/// A service that is on.
#[derive(Clone, Debug)]
pub struct ActiveService {
    /// As the files have it.
    pub service: Arc<Service>,
    /// Its health clock.
    pub clock: Clock,
    /// How long it takes, if that is known.
    pub startup: Option<Measured>,
    /// What its image and its entrypoint say, where the project has them.
    pub entry: Option<Arc<Entry>>,
}

/// What is known of a service's health clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Clock {
    /// The numbers that the engine will use.
    Known(clock::HealthCheck),
    /// There is no check.
    None,
    /// There may be one: the image's, or one with numbers that only the server has.
    Unknown,
}

impl ActiveService {
    /// The `healthcheck` mapping.
    pub fn check(&self) -> Option<&HealthCheck> {
        match &self.service.health {
            ServiceHealth::Check(check) => Some(check),
            ServiceHealth::Unset | ServiceHealth::Disabled(_) => None,
        }
    }

    /// What of its healthcheck is not set, so that Docker's default is assumed: `interval 30s`. A written zero sets nothing. Empty where the
    /// numbers are not known.
    pub fn assumed(&self) -> Vec<String> {
        let Some(known) = self.known() else {
            return Vec::new();
        };
        let (own, image) = (
            self.check(),
            self.entry.as_ref().and_then(|entry| entry.check()),
        );
        let length = |field: Option<&HealthField<Seconds>>, image: bool| {
            let own = field.and_then(|field| Some(field.known()? > Seconds::ZERO));
            if image { Some(true) } else { own }
        };
        let retries = own.and_then(|own| Some(own.retries.known()? > 0));
        let fields = [
            (
                length(
                    own.map(|own| &own.interval),
                    image.is_some_and(|image| image.interval.is_some()),
                ),
                format!("interval {}s", known.interval),
            ),
            (
                length(
                    own.map(|own| &own.timeout),
                    image.is_some_and(|image| image.timeout.is_some()),
                ),
                format!("timeout {}s", known.timeout),
            ),
            (
                if image.is_some_and(|image| image.retries.is_some()) {
                    Some(true)
                } else {
                    retries
                },
                format!("retries {}", known.retries),
            ),
        ];
        let words = fields
            .into_iter()
            .filter_map(|(is_set, words)| match is_set {
                Some(true) => None,
                Some(false) => Some(format!("{words} (0 means not set)")),
                None => Some(words),
            });
        words.collect()
    }

    /// The numbers of its health clock, if they are known.
    pub fn known(&self) -> Option<&clock::HealthCheck> {
        match &self.clock {
            Clock::Known(check) => Some(check),
            Clock::None | Clock::Unknown => None,
        }
    }

    /// Whether it gets containers. Nobody waits for one without.
    pub fn has_containers(&self) -> bool {
        self.service.scale == Scale::Some
    }

    /// Whether it waits for the health or the end of what it depends on.
    pub fn waits(&self) -> bool {
        self.service.scale != Scale::Off
    }
}

impl Stack {
    /// The index of a service.
    pub fn index(&self, name: &str) -> Option<usize> {
        self.services
            .iter()
            .position(|service| service.service.name == name)
    }

    /// The graph with other start periods, by service.
    pub fn graph_with(&self, start_periods: &BTreeMap<String, Seconds>) -> Graph {
        let mut nodes = self.graph.nodes().to_vec();
        for node in &mut nodes {
            if let (Some(start_period), Health::Check(check)) =
                (start_periods.get(&node.name), node.health)
            {
                node.health = Health::Check(check.with_start_period(*start_period));
            }
        }
        // The edges are the same, so the graph holds together as it did.
        Graph::new(nodes).unwrap_or_else(|_| self.graph.clone())
    }
}

/// What stacks are read with.
pub(super) struct Context<'a> {
    pub(super) store: &'a mut Store,
    pub(super) trees: &'a mut Trees,
    pub(super) obstacles: Vec<Obstacle>,
    pub(super) unread: Vec<Unread>,
    pub(super) uses: &'a mut Uses,
    pub(super) images: &'a mut Images,
    pub(super) inputs: &'a Inputs,
}

impl Context<'_> {
    /// Reads the files of a stack; what keeps it from being read where that is impossible.
    pub(super) fn stack(
        mut self,
        files: StackFiles,
        startups: &Startups,
    ) -> Result<Stack, Vec<Obstacle>> {
        let stack = self.read(files, startups);
        let obstacles = std::mem::take(&mut self.obstacles);
        match stack {
            Some(stack) => Ok(Stack { obstacles, ..stack }),
            None => Err(obstacles),
        }
    }

    fn read(&mut self, mut files: StackFiles, startups: &Startups) -> Option<Stack> {
        let mut refused = Vec::new();
        let environment = self.environment(&files, &mut refused);
        let mut missing = self.take_out_missing(&mut files);
        let profiles = refusals::profiles(&files, &environment);
        let mut loader = Loader::new(self.store, self.trees, &environment);
        let is_on = |service: &Service| refusals::is_on(service, &profiles);
        let survey = match loader.survey(&files.files, &files.folder, is_on) {
            Ok(survey) => survey,
            Err((path, error)) => {
                let help = "check the path and the rights, or leave the file out";
                self.obstacles.push(Obstacle::new(
                    path,
                    format!("cannot be read: {error}"),
                    help,
                ));
                return None;
            }
        };
        refused.extend(loader.refused(&files.files, &files.folder));
        refused.extend(survey.env_files);
        let (uses, problems, broken) = (loader.uses, loader.problems, loader.broken);
        self.unread.extend(loader.unread);
        let mut is_whole = missing.is_empty() && broken.is_empty();
        let unread = self.unread.iter();
        // What only a service extends hides nothing of the others.
        is_whole &= unread.clone().all(|unread| unread.role == Role::Extends);
        let files_unread = unread.filter(|unread| unread.role != Role::EnvFile);
        missing.extend(files_unread.map(|unread| unread.written.clone()));
        for (name, places) in uses {
            self.uses.entry(name).or_default().extend(places);
        }
        for (file, problem) in broken {
            let path = self.store.sources().get(file).path().to_owned();
            missing.push(path.clone());
            let help = "mend the file; what hangs on it was not judged, or without it";
            self.obstacles.push(Obstacle::at(path, problem, help));
        }
        let left = refusals::others(problems, &refused);
        let sight = Sight {
            whole: is_whole && left.is_empty(),
            incomplete: survey.incomplete,
        };
        for problem in left {
            let path = self
                .store
                .sources()
                .get(problem.span.file)
                .path()
                .to_owned();
            self.obstacles.push(Obstacle::at(path, problem, ""));
        }
        refused.extend(sight.certain(&files, survey.refused, &refused));
        for one in &mut refused {
            one.conceal(self.store.sources().text(one.span), &environment);
        }
        let mut stack = self.assemble(files, survey.services, &survey.files, startups);
        stack.beneath = self.beneath(&stack, &environment, startups);
        let named = environment.get("COMPOSE_PROJECT_NAME");
        let named = named.map(|variable| variable.text.clone());
        stack.project = stack.files.project.clone().or(named);
        stack.missing = missing;
        stack.refused = refused;
        stack.unread = std::mem::take(&mut self.unread);
        Some(stack)
    }

    fn take_out_missing(&mut self, files: &mut StackFiles) -> Vec<String> {
        let mut missing = Vec::new();
        let before = std::mem::take(&mut files.files);
        for path in before.clone() {
            match self.store.open(&path) {
                Ok(_) => files.files.push(path),
                Err(ReadError::Outside) if self.leads_out(files, &before, &path, Role::Stack) => {}
                Err(error) => {
                    let message = format!("cannot be read: {error}");
                    let help = match error {
                        ReadError::Outside => "with --allow-outside it is read all the same",
                        _ => "check the path",
                    };
                    self.obstacles
                        .push(Obstacle::new(path.clone(), message, help));
                    missing.push(path);
                }
            }
        }
        missing
    }

    fn assemble(
        &mut self,
        files: StackFiles,
        services: Vec<Arc<Service>>,
        read: &[FileId],
        startups: &Startups,
    ) -> Stack {
        let is_on = |service: &Arc<Service>| refusals::is_on(service, &files.profiles);
        let mut on: Vec<ActiveService> = Vec::with_capacity(services.len());
        let mut off = Vec::new();
        for service in services {
            if !is_on(&service) {
                off.push(service);
                continue;
            }
            on.push(self.active(service, &files, startups));
        }
        let services = on;
        let sources = self.store.sources();
        let read = read.iter().map(|file| sources.get(*file).path().to_owned());
        let taken_in = read.filter(|path| !files.files.contains(path)).collect();
        Stack {
            graph: graph(nodes(&services)),
            off,
            files,
            services,
            beneath: Vec::new(),
            missing: Vec::new(),
            refused: Vec::new(),
            unread: Vec::new(),
            project: None,
            taken_in,
            obstacles: Vec::new(),
        }
    }
}

impl Context<'_> {
    /// A service with all that is known of it.
    pub(super) fn active(
        &mut self,
        service: Arc<Service>,
        files: &StackFiles,
        startups: &Startups,
    ) -> ActiveService {
        let container = service.container_name.as_deref();
        let startup = startups.of(&files.name, &service.name, container, self.store);
        let entry = entry::read(&service, files, self.images, self.store, self.trees);
        active(service, &self.inputs.engine, startup, entry.map(Arc::new))
    }
}

/// The graph, without what the services of a circle wait for: Docker starts none of them, and the others are judged all the same.
fn graph(mut nodes: Vec<Node>) -> Graph {
    loop {
        let (error, back) = match Graph::or_give_back(nodes) {
            Ok(graph) => return graph,
            Err(failure) => failure,
        };
        nodes = back;
        let circle: HashSet<String> = match error {
            GraphError::Cycle(circle) => circle.into_iter().collect(),
            GraphError::NoSuchTarget { service, .. } => HashSet::from([service]),
        };
        for node in nodes.iter_mut().filter(|node| circle.contains(&node.name)) {
            node.needs.clear();
        }
    }
}

fn active(
    service: Arc<Service>,
    engine: &Engine,
    startup: Option<Measured>,
    entry: Option<Arc<Entry>>,
) -> ActiveService {
    let image = entry.as_ref().and_then(|entry| entry.health.as_ref());
    let clock = match service.scale {
        Scale::Some => clock(&service.health, image, engine.generation()),
        Scale::Zero | Scale::Off => Clock::None,
    };
    // "Ready after at most so long" says nothing of a start where that is more than its healthcheck grants.
    let tells = |startup: &Measured| match &clock {
        Clock::Known(check) => {
            startup.bound != Some(Bound::Upper) || startup.ready <= check.grace()
        }
        Clock::None | Clock::Unknown => true,
    };
    ActiveService {
        startup: startup.filter(tells),
        entry,
        clock,
        service,
    }
}

/// What the compose files say of a service's health, over what its image brings.
fn clock(own: &ServiceHealth, image: Option<&ImageHealth>, generation: Generation) -> Clock {
    let check = match own {
        ServiceHealth::Disabled(_) => return Clock::None,
        ServiceHealth::Unset => None,
        ServiceHealth::Check(check) => Some(check),
    };
    let has_test = check.is_some_and(|check| check.has_test);
    let image = match image {
        // Without a test of its own the image's counts, and that is none.
        Some(ImageHealth::None(_)) if !has_test => return Clock::None,
        Some(ImageHealth::Check(image)) => Some(of_image(image)),
        Some(ImageHealth::None(_)) | None => None,
    };
    let own = match check {
        Some(check) => written(check),
        None => Some(Written::default()),
    };
    let known = own.filter(|_| has_test || image.is_some());
    known.map_or(Clock::Unknown, |own| {
        Clock::Known(own.over(&image.unwrap_or_default()).on(generation))
    })
}

/// The numbers that an image brings.
fn of_image(image: &ImageCheck) -> Written {
    let length = |number: Option<Number<Seconds>>| number.map(|number| number.value);
    Written {
        interval: length(image.interval),
        timeout: length(image.timeout),
        retries: image.retries.map(|number| number.value),
        start_period: length(image.start_period),
        start_interval: length(image.start_interval),
    }
}

/// The numbers as the compose files have them; `None` where one is not known.
fn written(check: &HealthCheck) -> Option<Written> {
    let durations = check.durations();
    let certain =
        durations.iter().all(|(_, field)| field.is_certain()) && check.retries.is_certain();
    certain.then(|| Written {
        interval: check.interval.known(),
        timeout: check.timeout.known(),
        retries: check.retries.known(),
        start_period: check.start_period.known(),
        start_interval: check.start_interval.known(),
    })
}

/// A list with no room to spare: there are as many as services.
fn exact<T>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut items: Vec<T> = items.collect();
    items.shrink_to_fit();
    items
}

fn nodes(services: &[ActiveService]) -> Vec<Node> {
    let names: HashMap<&str, usize> = services
        .iter()
        .enumerate()
        .map(|(i, s)| (s.service.name.as_str(), i))
        .collect();
    let node = |service: &ActiveService| {
        let needs = service.service.depends_on.iter().filter_map(|dependency| {
            let target = *names.get(dependency.service.as_str())?;
            let is_waited_for = service.waits() && services[target].has_containers();
            Some(clock::Edge {
                target,
                condition: match dependency.condition {
                    Condition::Healthy if is_waited_for => clock::Condition::Healthy,
                    Condition::Completed if is_waited_for => clock::Condition::Completed,
                    _ => clock::Condition::Started,
                },
                required: dependency.required,
            })
        });
        let startup = service
            .startup
            .as_ref()
            .filter(|_| service.has_containers());
        let ready = startup.map(|startup| startup.ready);
        Node {
            name: service.service.name.clone(),
            health: match &service.clock {
                Clock::Known(check) => Health::Check(*check),
                Clock::None => Health::Absent,
                Clock::Unknown => Health::Unknown,
            },
            startup: ready,
            job: ready,
            delayed: service.has_containers() && service.service.pre_start.is_some(),
            needs: exact(needs),
        }
    };
    services.iter().map(node).collect()
}
