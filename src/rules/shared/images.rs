//! Images, and what is known of them by their names.

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

/// Docker's own images of servers, with a command that goes on until it is stopped.
const SERVERS: [&str; 24] = [
    "caddy",
    "cassandra",
    "couchdb",
    "eclipse-mosquitto",
    "elasticsearch",
    "haproxy",
    "httpd",
    "influxdb",
    "kibana",
    "mariadb",
    "memcached",
    "mongo",
    "mysql",
    "nats",
    "neo4j",
    "nginx",
    "postgres",
    "rabbitmq",
    "redis",
    "registry",
    "solr",
    "tomcat",
    "traefik",
    "zookeeper",
];

/// Images whose Dockerfile has a HEALTHCHECK, as it stands in the source of each:
/// axllent/mailpit `Dockerfile`, louislam/uptime-kuma `docker/dockerfile`, dani-garcia/vaultwarden `docker/Dockerfile.alpine`,
/// pi-hole/docker-pi-hole `src/Dockerfile`, docker-mailserver/docker-mailserver `compose.yaml`.
const CHECKED: [&str; 5] = [
    "axllent/mailpit",
    "louislam/uptime-kuma",
    "mailserver/docker-mailserver",
    "pihole/pihole",
    "vaultwarden/server",
];

/// Whether an image is known to bring a healthcheck, from whichever registry it comes.
pub(in crate::rules) fn brings_one(image: &str) -> bool {
    let name = image.split('@').next().unwrap_or_default();
    let mut parts = name.rsplit('/');
    let last = parts.next().unwrap_or_default();
    let last = last.split(':').next().unwrap_or_default();
    let owner = parts.next().unwrap_or_default();
    CHECKED
        .iter()
        .any(|known| known.split_once('/') == Some((owner, last)))
}

/// Whether an image surely brings no healthcheck.
pub(in crate::rules) fn brings_none(image: &str) -> bool {
    OFFICIAL.contains(&official(image))
}

/// Whether two names are those of one image, on Docker's own registry or another.
pub(in crate::rules) fn is_same(one: &str, other: &str) -> bool {
    let plain = |image: &'_ str| {
        let image = image.strip_prefix("docker.io/").unwrap_or(image);
        let image = image.strip_prefix("library/").unwrap_or(image);
        image.strip_suffix(":latest").unwrap_or(image).to_owned()
    };
    plain(one) == plain(other)
}

/// What the names of images of databases, brokers and stores are made of, which refuse their clients until they are ready.
const STORES: [&str; 22] = [
    "cassandra",
    "clickhouse-server",
    "cockroach",
    "couchdb",
    "elasticsearch",
    "influxdb",
    "kafka",
    "mariadb",
    "minio",
    "mongo",
    "mongodb",
    "mssql",
    "mysql",
    "neo4j",
    "opensearch",
    "pgvector",
    "postgis",
    "postgres",
    "postgresql",
    "rabbitmq",
    "redis",
    "valkey",
];

/// What looks at other services, or leads to them, and does so when it is asked.
const LOOKERS: [&str; 22] = [
    "adminer",
    "caddy",
    "cloudbeaver",
    "dbgate",
    "envoy",
    "exporter",
    "express",
    "grafana",
    "haproxy",
    "httpd",
    "insight",
    "kafdrop",
    "kong",
    "nginx",
    "pgadmin4",
    "pgbouncer",
    "phpmyadmin",
    "prometheus",
    "redisinsight",
    "traefik",
    "ui",
    "commander",
];

/// Whether an image is that of a database, a broker or a store, from whichever registry it comes.
pub(in crate::rules) fn is_store(image: &str) -> bool {
    has_word(image, &STORES)
}

/// Whether an image is that of a proxy, or of a program that shows what others hold.
pub(in crate::rules) fn is_looker(image: &str) -> bool {
    has_word(image, &LOOKERS)
}

/// Whether the last part of an image's name has one of these words, or is one.
fn has_word(image: &str, list: &[&str]) -> bool {
    let name = image.split('@').next().unwrap_or_default();
    let last = name.rsplit('/').next().unwrap_or_default();
    let last = last.split(':').next().unwrap_or_default();
    list.contains(&last) || last.split(['-', '_']).any(|word| list.contains(&word))
}

/// Whether an image is that of a server, which goes on until it is stopped.
pub(in crate::rules) fn is_server(image: &str) -> bool {
    SERVERS.contains(&official(image))
}

/// The name of one of Docker's own images, without tag and digest; that of any other stays as it is written.
fn official(image: &str) -> &str {
    let name = image.split(['@', ':']).next().unwrap_or_default();
    let name = name.strip_prefix("docker.io/").unwrap_or(name);
    name.strip_prefix("library/").unwrap_or(name)
}
