//! The keys of a service, as docker compose 2.40.3 takes them, and those that came later.

use super::deploy::{DEPLOY, GPUS};
use super::shape::{Cast, Format, Is, Map, Names, Shape};

pub(super) const TEXTS: Shape = Shape::list(&Shape::TEXT);
pub(super) const TEXT_OR_TEXTS: Shape = Shape::TEXT.or_list(&Shape::TEXT);
const ANY_SCALAR: Shape = Shape::NUMBER.or(Is::Switch).or(Is::Null);
/// What Compose does not look at.
pub(super) const ANYTHING: Shape = ANY_SCALAR.or_list(&ANY_SCALAR).or_map(&Map::any(&ANY_ITEM));
const ANY_ITEM: Shape = ANY_SCALAR
    .or_list(&ANY_SCALAR)
    .or_map(&Map::any(&ANY_SCALAR));
/// `[A=1]` or `{A: 1}`.
pub(super) const PAIRS: Shape = TEXTS.or_map(&Map::any(&ANY_SCALAR));
/// The same, where Compose does not take out what stands there twice.
pub(super) const DISTINCT_PAIRS: Shape = PAIRS.distinct();
pub(super) const DRIVER_OPTS: Shape = Shape::map(&Map::any(&Shape::NUMBER));
const COMMAND: Shape = TEXT_OR_TEXTS.or(Is::Null).like(Format::Command);
const FLOAT: Shape = Shape::NUMBER.read_as(Cast::Number);
/// `[A=1]` or `{A: 1}`, which become variables.
const VARIABLES: Shape =
    Shape::list(&Shape::TEXT.like(Format::Variable)).or_map(&Map::any(&ANY_SCALAR));
const INT_NUMBER: Shape = Shape::NUMBER.read_as(Cast::Whole);
const EXTRA_HOSTS: Shape = Shape::list(&Shape::TEXT.like(Format::Host))
    .distinct()
    .or_map(&Map::any(&TEXT_OR_TEXTS));

const ULIMITS: Shape = Shape::map(&Map::named(
    Names::Lower,
    &Shape::INT
        .or_map(&Map::of(&[("hard", Shape::INT), ("soft", Shape::INT)]).with(&["soft", "hard"]))
        .like(Format::Strict),
));

const BUILD: Map = Map::of(&[
    ("context", Shape::TEXT),
    ("dockerfile", Shape::TEXT),
    ("dockerfile_inline", Shape::TEXT),
    ("entitlements", TEXTS),
    ("args", VARIABLES),
    (
        "ssh",
        Shape::list(&Shape::TEXT.like(Format::Key))
            .distinct()
            .or_map(&Map::any(&ANY_SCALAR)),
    ),
    ("labels", PAIRS),
    ("cache_from", TEXTS),
    ("cache_to", TEXTS),
    ("no_cache", Shape::SWITCH.late()),
    (
        "additional_contexts",
        Shape::list(&Shape::TEXT.like(Format::Pair)).or_map(&Map::any(&ANY_SCALAR)),
    ),
    ("network", Shape::TEXT),
    ("provenance", Shape::TEXT.or(Is::Switch)),
    ("sbom", Shape::TEXT.or(Is::Switch)),
    ("pull", Shape::SWITCH.late()),
    ("target", Shape::TEXT),
    ("shm_size", Shape::WHOLE.like(Format::Bytes)),
    ("extra_hosts", EXTRA_HOSTS),
    ("isolation", Shape::TEXT),
    ("privileged", Shape::SWITCH.late()),
    ("secrets", FILES),
    ("tags", TEXTS),
    ("ulimits", ULIMITS),
    ("platforms", TEXTS),
]);

/// `configs` and `secrets` of a service.
const FILES: Shape = Shape::list(&Shape::TEXT.or_map(&Map::of(&[
    ("source", Shape::TEXT),
    ("target", Shape::TEXT),
    ("uid", Shape::TEXT),
    ("gid", Shape::TEXT),
    ("mode", Shape::NUMBER.like(Format::Mode)),
])));

const RATES: Shape = Shape::list(&Shape::map(
    &Map::of(&[
        ("path", Shape::TEXT),
        ("rate", Shape::WHOLE.like(Format::Bytes)),
    ])
    .without_extensions(),
));
const BLKIO: Map = Map::of(&[
    ("device_read_bps", RATES),
    ("device_read_iops", RATES),
    ("device_write_bps", RATES),
    ("device_write_iops", RATES),
    ("weight", Shape::WHOLE.like(Format::Size)),
    (
        "weight_device",
        Shape::list(&Shape::map(
            &Map::of(&[
                ("path", Shape::TEXT),
                ("weight", Shape::WHOLE.like(Format::Size)),
            ])
            .without_extensions(),
        )),
    ),
])
.without_extensions();

const DEPENDENCY: Map = Map::of(&[
    ("restart", Shape::SWITCH.late()),
    ("required", Shape::BARE_SWITCH),
    (
        "condition",
        Shape::TEXT.one_of(&[
            "service_started",
            "service_healthy",
            "service_completed_successfully",
        ]),
    ),
])
.with(&["condition"]);

const DEVICE: Map = Map::of(&[
    ("source", Shape::TEXT),
    ("target", Shape::TEXT),
    ("permissions", Shape::TEXT),
])
.with(&["source", "target"]);

const ENV_FILE: Map = Map::of(&[
    ("path", Shape::TEXT),
    ("format", Shape::TEXT),
    ("required", Shape::SWITCH.late()),
])
.without_extensions()
.with(&["path"]);

const HEALTHCHECK: Map = Map::of(&[
    ("disable", Shape::SWITCH),
    ("interval", Shape::DURATION),
    ("retries", INT_NUMBER.like(Format::Positive)),
    ("test", TEXT_OR_TEXTS),
    ("timeout", Shape::DURATION),
    ("start_period", Shape::DURATION),
    ("start_interval", Shape::DURATION),
]);

/// Since Compose 5.3; older ones refuse it. Its keys are few and may grow.
const INIT_CONTAINERS: Shape = Shape::list(&Shape::map(&Map::any(&ANYTHING)));
const HOOKS: Shape = Shape::list(&Shape::map(&HOOK));
const HOOK: Map = Map::of(&[
    ("command", COMMAND),
    ("user", Shape::TEXT),
    ("privileged", Shape::SWITCH.late()),
    ("working_dir", Shape::TEXT),
    ("environment", VARIABLES.distinct()),
])
.with(&["command"]);

const WATCH: Map = Map::of(&[
    ("ignore", TEXT_OR_TEXTS.distinct()),
    ("include", TEXT_OR_TEXTS.distinct()),
    ("path", Shape::TEXT),
    (
        "action",
        Shape::TEXT.one_of(&["rebuild", "sync", "restart", "sync+restart", "sync+exec"]),
    ),
    ("target", Shape::TEXT),
    ("exec", Shape::map(&HOOK)),
    ("initial_sync", Shape::BARE_SWITCH),
])
.with(&["path", "action"]);

const LOGGING: Map = Map::of(&[
    ("driver", Shape::TEXT),
    (
        "options",
        Shape::map(&Map::any(&Shape::NUMBER.or(Is::Null))),
    ),
]);

const NETWORK: Map = Map::of(&[
    ("aliases", TEXTS),
    ("interface_name", Shape::TEXT),
    ("ipv4_address", Shape::TEXT),
    ("ipv6_address", Shape::TEXT),
    ("link_local_ips", TEXTS),
    ("mac_address", Shape::TEXT),
    ("driver_opts", DRIVER_OPTS),
    ("priority", Shape::BARE_NUMBER),
    ("gw_priority", Shape::BARE_NUMBER),
]);

const MODEL: Map = Map::of(&[("endpoint_var", Shape::TEXT), ("model_var", Shape::TEXT)]);

const PORT: Map = Map::of(&[
    ("name", Shape::TEXT),
    ("mode", Shape::TEXT),
    ("host_ip", Shape::TEXT.like(Format::Address)),
    ("target", Shape::INT.like(Format::Positive)),
    ("published", Shape::WHOLE.like(Format::Label)),
    ("protocol", Shape::TEXT),
    ("app_protocol", Shape::TEXT),
])
.with(&["target"]);

const OPTION: Shape = Shape::NUMBER.or(Is::Switch);
const PROVIDER: Map = Map::of(&[
    ("type", Shape::TEXT),
    ("options", Shape::map(&Map::any(&OPTION.or_list(&OPTION)))),
])
.with(&["type"]);

const MOUNT: Map = Map::of(&[
    (
        "type",
        Shape::TEXT.one_of(&["bind", "volume", "tmpfs", "cluster", "npipe", "image"]),
    ),
    ("source", Shape::TEXT),
    ("target", Shape::TEXT),
    ("read_only", Shape::SWITCH),
    ("consistency", Shape::TEXT),
    (
        "bind",
        Shape::map(&Map::of(&[
            ("propagation", Shape::TEXT),
            ("create_host_path", Shape::SWITCH.late()),
            (
                "recursive",
                Shape::TEXT.one_of(&["enabled", "disabled", "writable", "readonly"]),
            ),
            ("selinux", Shape::TEXT.one_of(&["z", "Z"])),
        ])),
    ),
    (
        "volume",
        Shape::map(&Map::of(&[
            ("labels", DISTINCT_PAIRS),
            ("nocopy", Shape::SWITCH),
            ("subpath", Shape::TEXT),
        ])),
    ),
    (
        "tmpfs",
        Shape::map(&Map::of(&[
            ("size", Shape::WHOLE.within(0, i64::MAX).like(Format::Bytes)),
            ("mode", Shape::NUMBER.like(Format::Size)),
        ])),
    ),
    ("image", Shape::map(&Map::of(&[("subpath", Shape::TEXT)]))),
])
.with(&["type", "target"]);

pub(super) const SERVICE: Map = Map::of(&[
    ("annotations", PAIRS),
    ("attach", Shape::SWITCH.late()),
    ("blkio_config", Shape::map(&BLKIO)),
    ("build", Shape::TEXT.or_map(&BUILD)),
    ("cap_add", TEXTS),
    ("cap_drop", TEXTS),
    ("cgroup", Shape::TEXT.one_of(&["host", "private"])),
    ("cgroup_parent", Shape::TEXT),
    ("command", COMMAND),
    ("configs", FILES),
    ("container_name", Shape::TEXT.like(Format::ContainerName)),
    ("cpu_count", Shape::INT.within(0, i64::MAX)),
    (
        "cpu_percent",
        Shape::WHOLE.read_as(Cast::Number).within(0, 100),
    ),
    ("cpu_period", INT_NUMBER),
    ("cpu_quota", INT_NUMBER),
    ("cpu_rt_period", INT_NUMBER),
    ("cpu_rt_runtime", INT_NUMBER),
    ("cpu_shares", INT_NUMBER),
    ("cpus", FLOAT),
    ("cpuset", Shape::TEXT),
    (
        "credential_spec",
        Shape::map(&Map::of(&[
            ("config", Shape::TEXT),
            ("file", Shape::TEXT),
            ("registry", Shape::TEXT),
        ])),
    ),
    (
        "depends_on",
        TEXTS
            .distinct()
            .or_map(&Map::named(Names::Only, &Shape::map(&DEPENDENCY))),
    ),
    ("deploy", Shape::map(&DEPLOY).or(Is::Null)),
    (
        "develop",
        Shape::map(&Map::of(&[("watch", Shape::list(&Shape::map(&WATCH)))])).or(Is::Null),
    ),
    ("device_cgroup_rules", TEXTS.distinct()),
    (
        "devices",
        Shape::list(&Shape::TEXT.like(Format::Device).or_map(&DEVICE)),
    ),
    ("dns", TEXT_OR_TEXTS),
    ("dns_opt", TEXTS),
    ("dns_search", TEXT_OR_TEXTS),
    ("domainname", Shape::TEXT),
    ("entrypoint", COMMAND),
    (
        "env_file",
        Shape::TEXT.or_list(&Shape::TEXT.or_map(&ENV_FILE)),
    ),
    ("environment", VARIABLES),
    ("expose", Shape::list(&Shape::NUMBER.like(Format::Exposed))),
    // What it leads to is looked at instead.
    ("extends", ANYTHING),
    ("external_links", TEXTS.distinct()),
    ("extra_hosts", EXTRA_HOSTS),
    ("gpus", GPUS),
    (
        "group_add",
        Shape::list(&Shape::NUMBER.like(Format::Label)).distinct(),
    ),
    ("healthcheck", Shape::map(&HEALTHCHECK)),
    ("hostname", Shape::TEXT),
    ("image", Shape::TEXT),
    ("init", Shape::SWITCH),
    ("ipc", Shape::TEXT),
    ("isolation", Shape::TEXT),
    ("label_file", TEXT_OR_TEXTS),
    ("labels", PAIRS),
    ("links", TEXTS),
    ("logging", Shape::map(&LOGGING)),
    ("mac_address", Shape::TEXT),
    ("mem_limit", Shape::BYTES),
    ("mem_reservation", Shape::WHOLE.like(Format::Bytes)),
    ("mem_swappiness", Shape::WHOLE.like(Format::Bytes)),
    ("memswap_limit", Shape::BYTES),
    (
        "models",
        TEXTS
            .distinct()
            .or_map(&Map::named(Names::Loose, &Shape::map(&MODEL).or(Is::Null))),
    ),
    ("network_mode", Shape::TEXT),
    (
        "networks",
        TEXTS
            .distinct()
            .or_map(&Map::named(Names::Only, &Shape::map(&NETWORK).or(Is::Null))),
    ),
    ("oom_kill_disable", Shape::SWITCH),
    ("oom_score_adj", Shape::INT.within(-1000, 1000)),
    ("pid", Shape::TEXT.or(Is::Null).late()),
    ("pids_limit", INT_NUMBER),
    ("platform", Shape::TEXT),
    (
        "ports",
        Shape::list(&Shape::NUMBER.or_map(&PORT).like(Format::Port)),
    ),
    ("post_start", HOOKS),
    ("pre_start", INIT_CONTAINERS),
    ("pre_stop", HOOKS),
    ("privileged", Shape::SWITCH),
    ("profiles", TEXTS),
    ("provider", Shape::map(&PROVIDER)),
    ("pull_policy", Shape::TEXT.like(Format::PullPolicy)),
    ("pull_refresh_after", Shape::TEXT),
    ("read_only", Shape::SWITCH),
    ("restart", Shape::TEXT),
    ("runtime", Shape::TEXT),
    ("scale", Shape::INT),
    ("secrets", FILES),
    ("security_opt", TEXTS.distinct()),
    ("shm_size", Shape::BYTES),
    ("stdin_open", Shape::SWITCH),
    ("stop_grace_period", Shape::DURATION),
    ("stop_signal", Shape::TEXT),
    (
        "storage_opt",
        Shape::map(&Map::any(&ANY_SCALAR.like(Format::Label))),
    ),
    ("sysctls", PAIRS),
    ("tmpfs", TEXT_OR_TEXTS),
    ("tty", Shape::SWITCH),
    ("ulimits", ULIMITS),
    ("use_api_socket", Shape::BARE_SWITCH),
    ("user", Shape::TEXT),
    ("userns_mode", Shape::TEXT),
    ("uts", Shape::TEXT),
    (
        "volumes",
        Shape::list(&Shape::TEXT.like(Format::Mount).or_map(&MOUNT)),
    ),
    ("volumes_from", TEXTS.distinct()),
    ("working_dir", Shape::TEXT),
]);
