//! A stack, read: its services with the numbers that Docker will use.

use super::refusals::{self, Sight};
use super::startups::{Measured, Startups};
use super::surroundings;
use super::{Inputs, Obstacle, StackFiles};
use crate::clock::{self, Engine, Graph, GraphError, Health, Node, Written};
use crate::compose::{
    self, Code, Condition, Environment, HealthCheck, Loader, Model, Refused, Service,
    ServiceHealth, Uses,
};
use crate::duration::Seconds;
use crate::source::{Store, paths};
use crate::yaml::Trees;
use std::collections::{BTreeMap, HashMap};

/// A stack and all that is known of its start.
#[derive(Debug)]
pub struct Stack {
    /// Its name and files.
    pub files: StackFiles,
    /// The services that are on, in the order of the files.
    pub services: Vec<ActiveService>,
    /// What they wait for; its nodes are `services`, in the same order.
    pub graph: Graph,
    /// Files of it that could not be read: what is said of it may not hold.
    pub missing: Vec<String>,
    /// What Docker refuses in it.
    pub refused: Vec<Refused>,
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
}

/// A service that is on.
#[derive(Clone, Debug)]
pub struct ActiveService {
    /// As the files have it.
    pub service: Service,
    /// Its health clock.
    pub clock: Clock,
    /// How long it takes, if that is known.
    pub startup: Option<Measured>,
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

    /// What of its healthcheck is written nowhere, so that Docker's default is assumed: `interval 30s`. Empty where the
    /// numbers are not known.
    pub fn assumed(&self) -> Vec<String> {
        let (Some(check), Some(known)) = (self.check(), self.known()) else {
            return Vec::new();
        };
        let mut assumed = Vec::new();
        if check.interval.written().is_none() {
            assumed.push(format!("interval {}s", known.interval));
        }
        if check.timeout.written().is_none() {
            assumed.push(format!("timeout {}s", known.timeout));
        }
        if check.retries.written().is_none() {
            assumed.push(format!("retries {}", known.retries));
        }
        assumed
    }

    /// The numbers of its health clock, if they are known.
    pub fn known(&self) -> Option<&clock::HealthCheck> {
        match &self.clock {
            Clock::Known(check) => Some(check),
            Clock::None | Clock::Unknown => None,
        }
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
    pub(super) uses: &'a mut Uses,
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
        let mut loader = Loader::new(self.store, self.trees, &environment);
        let model = match loader.load(&files.files, &files.folder) {
            Ok(model) => model,
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
        let more_profiles = environment.get("COMPOSE_PROFILES");
        let mut sight = Sight {
            whole: false,
            more_profiles: more_profiles.map(|set| set.text.clone()),
        };
        let active = sight.active(&files, &model);
        refused.extend(loader.refused_env_files(&model, &files.folder, &active));
        let (uses, problems, broken) = (loader.uses, loader.problems, loader.broken);
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
        sight.whole = missing.is_empty() && left.is_empty();
        for problem in left {
            let path = self
                .store
                .sources()
                .get(problem.span.file)
                .path()
                .to_owned();
            self.obstacles.push(Obstacle::at(path, problem, ""));
        }
        refused.extend(sight.references(&files, &model, &refused));
        let mut stack = self.assemble(files, &model, startups);
        stack.missing = missing;
        stack.refused = refused;
        Some(stack)
    }

    fn take_out_missing(&mut self, files: &mut StackFiles) -> Vec<String> {
        let mut missing = Vec::new();
        for path in std::mem::take(&mut files.files) {
            match self.store.open(&path) {
                Ok(_) => files.files.push(path),
                Err(error) => {
                    let message = format!("cannot be read: {error}");
                    let help = "check the path; nothing outside of the project is read";
                    self.obstacles
                        .push(Obstacle::new(path.clone(), message, help));
                    missing.push(path);
                }
            }
        }
        missing
    }

    /// `.env` of the project directory or `--env-file`, under what is set around the command.
    fn environment(&mut self, files: &StackFiles, refused: &mut Vec<Refused>) -> Environment {
        let (none, mut environment) = (Environment::default(), Environment::default());
        let default = paths::join(&files.folder, ".env").into_iter().collect();
        let (paths, required) = if files.env_files.is_empty() {
            (default, false)
        } else {
            (files.env_files.clone(), true)
        };
        for path in paths {
            match self.store.open(&path) {
                Ok(file) => {
                    let source = self.store.sources().share(file);
                    for problem in
                        compose::read_env_file(file, source.text(), &none, &mut environment)
                    {
                        let (code, span) = (Code::BadEnvFile, problem.span);
                        refused.push(Refused::new(code, span, "", problem.message));
                    }
                }
                Err(error) if required => {
                    let named_by_user = self.inputs.env_files.contains(&path);
                    if named_by_user {
                        let help = "check the path given to --env-file";
                        self.obstacles.push(Obstacle::new(
                            path,
                            format!("cannot be read: {error}"),
                            help,
                        ));
                    }
                }
                Err(_) => {}
            }
        }
        surroundings::set(&files.around, self.store, &mut environment);
        environment
    }

    fn assemble(&mut self, files: StackFiles, model: &Model, startups: &Startups) -> Stack {
        let engine = &self.inputs.engine;
        let is_on = |service: &&Service| refusals::is_on(service, &files.profiles);
        let services: Vec<ActiveService> = model
            .services
            .iter()
            .filter(is_on)
            .map(|service| active(service, engine, startups))
            .collect();
        let sources = self.store.sources();
        let read = model
            .files
            .iter()
            .map(|file| sources.get(*file).path().to_owned());
        let taken_in = read.filter(|path| !files.files.contains(path)).collect();
        Stack {
            graph: graph(nodes(&services)),
            files,
            services,
            missing: Vec::new(),
            refused: Vec::new(),
            taken_in,
            obstacles: Vec::new(),
        }
    }
}

/// The graph, without what the services of a circle wait for: Docker starts none of them, and the others are judged all the same.
fn graph(mut nodes: Vec<Node>) -> Graph {
    loop {
        let circle = match Graph::new(nodes.clone()) {
            Ok(graph) => return graph,
            Err(GraphError::Cycle(circle)) => circle,
            Err(GraphError::NoSuchTarget { service, .. }) => vec![service],
        };
        for node in nodes.iter_mut().filter(|node| circle.contains(&node.name)) {
            node.needs.clear();
        }
    }
}

fn active(service: &Service, engine: &Engine, startups: &Startups) -> ActiveService {
    let clock = match &service.health {
        ServiceHealth::Unset => Clock::Unknown,
        ServiceHealth::Disabled(_) => Clock::None,
        ServiceHealth::Check(check) => written(check).map_or(Clock::Unknown, |written| {
            Clock::Known(written.on(engine.generation()))
        }),
    };
    ActiveService {
        clock,
        startup: startups.of(&service.name, service.container_name.as_deref()),
        service: service.clone(),
    }
}

/// The numbers as they are written; `None` without a `test`, where the image's numbers count, and where one is not known.
fn written(check: &HealthCheck) -> Option<Written> {
    let durations = check.durations();
    let certain =
        durations.iter().all(|(_, field)| field.is_certain()) && check.retries.is_certain();
    (check.has_test && certain).then(|| Written {
        interval: check.interval.known(),
        timeout: check.timeout.known(),
        retries: check.retries.known(),
        start_period: check.start_period.known(),
        start_interval: check.start_interval.known(),
    })
}

fn nodes(services: &[ActiveService]) -> Vec<Node> {
    let names: HashMap<&str, usize> = services
        .iter()
        .enumerate()
        .map(|(i, s)| (s.service.name.as_str(), i))
        .collect();
    let node = |service: &ActiveService| {
        let needs = service.service.depends_on.iter().filter_map(|dependency| {
            Some(clock::Edge {
                target: *names.get(dependency.service.as_str())?,
                condition: match dependency.condition {
                    Condition::Started => clock::Condition::Started,
                    Condition::Healthy => clock::Condition::Healthy,
                    Condition::Completed => clock::Condition::Completed,
                },
                required: dependency.required,
            })
        });
        let ready = service.startup.as_ref().map(|startup| startup.ready);
        Node {
            name: service.service.name.clone(),
            health: match &service.clock {
                Clock::Known(check) => Health::Check(*check),
                Clock::None => Health::Absent,
                Clock::Unknown => Health::Unknown,
            },
            startup: ready,
            job: ready,
            needs: needs.collect(),
        }
    };
    services.iter().map(node).collect()
}
