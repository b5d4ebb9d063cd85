//! Who waits for a service to be healthy, and which images bring no healthcheck.

use crate::compose::{Condition, Dependency};
use crate::project::{ActiveService, Stack};
use crate::rules::Context;
use crate::source::Span;
use std::collections::BTreeMap;

/// A `service_healthy` on a service, in all stacks that have it.
pub(in crate::rules) struct Awaited<'a> {
    /// Who waits.
    pub(in crate::rules) waiter: &'a ActiveService,
    /// Where that is written.
    pub(in crate::rules) dependency: &'a Dependency,
    /// What is waited for.
    pub(in crate::rules) target: &'a ActiveService,
    /// The stacks.
    pub(in crate::rules) stacks: Vec<String>,
}

/// Every `service_healthy` whose target fits, by its place. Compose goes on without what is not required, and of a stack with a
/// missing file nothing is certain.
pub(in crate::rules) fn awaited<'a>(
    context: &Context<'a>,
    fits: impl Fn(&ActiveService) -> bool,
) -> Vec<Awaited<'a>> {
    let mut found: BTreeMap<(Span, &str), Awaited> = BTreeMap::new();
    let project = context.project;
    for stack in project.stacks.iter().filter(|stack| is_whole(stack)) {
        for waiter in &stack.services {
            for dependency in &waiter.service.depends_on {
                let target = stack.index(&dependency.service);
                let Some(target) = target.map(|index| &stack.services[index]) else {
                    continue;
                };
                let waits = dependency.condition == Condition::Healthy && dependency.required;
                if !waits || !fits(target) {
                    continue;
                }
                let key = (dependency.span, waiter.service.name.as_str());
                let new = || Awaited {
                    waiter,
                    dependency,
                    target,
                    stacks: Vec::new(),
                };
                let stacks = &mut found.entry(key).or_insert_with(new).stacks;
                stacks.push(stack.files.name.clone());
            }
        }
    }
    found.into_values().collect()
}

fn is_whole(stack: &Stack) -> bool {
    stack.missing.is_empty() && stack.unread.is_empty()
}

/// Docker's own images, which bring no healthcheck: "explicit health checks are not added to official images" (docker-library, FAQ).
const OFFICIAL: [&str; 40] = [
    "adminer",
    "alpine",
    "amazonlinux",
    "bash",
    "busybox",
    "caddy",
    "cassandra",
    "couchdb",
    "debian",
    "docker",
    "eclipse-mosquitto",
    "eclipse-temurin",
    "fedora",
    "golang",
    "haproxy",
    "httpd",
    "influxdb",
    "mariadb",
    "maven",
    "memcached",
    "mongo",
    "mysql",
    "nats",
    "nginx",
    "node",
    "openjdk",
    "php",
    "postgres",
    "python",
    "rabbitmq",
    "redis",
    "registry",
    "ruby",
    "rust",
    "scratch",
    "solr",
    "tomcat",
    "ubuntu",
    "wordpress",
    "zookeeper",
];

/// Whether an image surely brings no healthcheck.
pub(in crate::rules) fn brings_none(image: &str) -> bool {
    let name = image.split(['@', ':']).next().unwrap_or_default();
    let name = name.strip_prefix("docker.io/").unwrap_or(name);
    let name = name.strip_prefix("library/").unwrap_or(name);
    OFFICIAL.contains(&name)
}
