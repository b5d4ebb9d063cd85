//! The attributes and their types, in the order of compose-go v2.9.1, `types/*.go`.

use super::Attribute;
use super::Kind::{
    Always, Arguments, Bytes, Command, Count, Duration, Environment, Float, Hosts, KeptDuration,
    KeptStruct, KeptSwitch, KeptWhole, Keys, Limit, List, Map, Mode, Options, Pairs, Short, Struct,
    Switch, Text, Texts, Whole,
};

/// `types.ServiceConfig`; what the program leaves out of its output is not here.
pub(in crate::compose) const SERVICE: &[Attribute] = &[
    ("profiles", Texts),
    ("annotations", Pairs),
    ("attach", KeptSwitch),
    ("build", Struct(BUILD)),
    ("develop", Struct(&[("watch", List(&Struct(WATCH)))])),
    ("blkio_config", Struct(BLKIO)),
    ("cap_add", Texts),
    ("cap_drop", Texts),
    ("cgroup_parent", Text),
    ("cgroup", Text),
    ("cpu_count", Whole),
    ("cpu_percent", Float),
    ("cpu_period", Whole),
    ("cpu_quota", Whole),
    ("cpu_rt_period", Whole),
    ("cpu_rt_runtime", Whole),
    ("cpus", Float),
    ("cpuset", Text),
    ("cpu_shares", Whole),
    ("command", Command),
    ("configs", List(&Struct(FILE))),
    ("container_name", Text),
    ("credential_spec", Struct(CREDENTIALS)),
    ("depends_on", Map(&Struct(DEPENDENCY))),
    ("deploy", Struct(DEPLOY)),
    ("device_cgroup_rules", Texts),
    ("devices", List(&Struct(DEVICE))),
    ("dns", Texts),
    ("dns_opt", Texts),
    ("dns_search", Texts),
    ("dockerfile", Text),
    ("domainname", Text),
    ("entrypoint", Command),
    ("provider", Struct(&[("type", Text), ("options", Options)])),
    ("environment", Environment),
    ("expose", Texts),
    ("external_links", Texts),
    ("extra_hosts", Hosts),
    ("group_add", Texts),
    ("gpus", List(&Struct(DEVICES))),
    ("hostname", Text),
    ("healthcheck", Struct(HEALTH)),
    ("image", Text),
    ("init", KeptSwitch),
    ("ipc", Text),
    ("isolation", Text),
    ("labels", Pairs),
    ("links", Texts),
    ("logging", Struct(&[("driver", Text), ("options", Pairs)])),
    ("log_driver", Text),
    ("log_opt", Pairs),
    ("mem_limit", Bytes),
    ("mem_reservation", Bytes),
    ("memswap_limit", Bytes),
    ("mem_swappiness", Bytes),
    ("mac_address", Text),
    ("models", Map(&Struct(MODEL))),
    ("net", Text),
    ("network_mode", Text),
    ("networks", Map(&Struct(ATTACHMENT))),
    ("oom_kill_disable", Switch),
    ("oom_score_adj", Whole),
    ("pid", Text),
    ("pids_limit", Whole),
    ("platform", Text),
    ("ports", List(&Struct(PORT))),
    ("privileged", Switch),
    ("pull_policy", Text),
    ("read_only", Switch),
    ("restart", Text),
    ("runtime", Text),
    ("scale", KeptWhole),
    ("secrets", List(&Struct(FILE))),
    ("security_opt", Texts),
    ("shm_size", Bytes),
    ("stdin_open", Switch),
    ("stop_grace_period", KeptDuration),
    ("stop_signal", Text),
    ("storage_opt", Pairs),
    ("sysctls", Pairs),
    ("tmpfs", Texts),
    ("tty", Switch),
    ("ulimits", Map(&Limit)),
    ("use_api_socket", Switch),
    ("user", Text),
    ("userns_mode", Text),
    ("uts", Text),
    ("volume_driver", Text),
    ("volumes", List(&Struct(MOUNT))),
    ("volumes_from", Texts),
    ("working_dir", Text),
    ("pre_start", List(&Struct(INIT_CONTAINER))),
    ("post_start", List(&Struct(HOOK))),
    ("pre_stop", List(&Struct(HOOK))),
];

const BUILD: &[Attribute] = &[
    ("context", Text),
    ("dockerfile", Text),
    ("dockerfile_inline", Text),
    ("entitlements", Texts),
    ("args", Arguments),
    ("provenance", Text),
    ("sbom", Text),
    ("ssh", Keys),
    ("labels", Pairs),
    ("cache_from", Texts),
    ("cache_to", Texts),
    ("no_cache", Switch),
    ("no_cache_filter", Texts),
    ("additional_contexts", Pairs),
    ("pull", Switch),
    ("extra_hosts", Hosts),
    ("isolation", Text),
    ("network", Text),
    ("target", Text),
    ("secrets", List(&Struct(FILE))),
    ("shm_size", Bytes),
    ("tags", Texts),
    ("ulimits", Map(&Limit)),
    ("platforms", Texts),
    ("privileged", Switch),
];

const WATCH: &[Attribute] = &[
    ("path", Text),
    ("action", Text),
    ("target", Text),
    ("exec", KeptStruct(HOOK)),
    ("include", Texts),
    ("ignore", Texts),
    ("initial_sync", Switch),
];

const INIT_CONTAINER: &[Attribute] = &[
    ("image", Text),
    ("command", Command),
    ("user", Text),
    ("privileged", Switch),
    ("working_dir", Text),
    ("environment", Environment),
];

const HOOK: &[Attribute] = &[
    ("command", Command),
    ("user", Text),
    ("privileged", Switch),
    ("working_dir", Text),
    ("environment", Environment),
];

const BLKIO: &[Attribute] = &[
    ("weight", Short),
    ("weight_device", List(&Struct(WEIGHT))),
    ("device_read_bps", List(&Struct(THROTTLE))),
    ("device_read_iops", List(&Struct(THROTTLE))),
    ("device_write_bps", List(&Struct(THROTTLE))),
    ("device_write_iops", List(&Struct(THROTTLE))),
];
const WEIGHT: &[Attribute] = &[("Path", Always(&Text)), ("Weight", Always(&Short))];
const THROTTLE: &[Attribute] = &[("Path", Always(&Text)), ("Rate", Always(&Bytes))];

const FILE: &[Attribute] = &[
    ("source", Text),
    ("target", Text),
    ("uid", Text),
    ("gid", Text),
    ("mode", Mode),
];

const CREDENTIALS: &[Attribute] = &[("config", Text), ("file", Text), ("registry", Text)];

const DEPENDENCY: &[Attribute] = &[
    ("condition", Text),
    ("restart", Switch),
    ("required", KeptSwitch),
];

const DEPLOY: &[Attribute] = &[
    ("mode", Text),
    ("replicas", KeptWhole),
    ("labels", Pairs),
    ("update_config", Struct(UPDATE)),
    ("rollback_config", Struct(UPDATE)),
    ("resources", KeptStruct(RESOURCES)),
    ("restart_policy", Struct(RESTART)),
    ("placement", KeptStruct(PLACEMENT)),
    ("endpoint_mode", Text),
];
const UPDATE: &[Attribute] = &[
    ("parallelism", KeptWhole),
    ("delay", Duration),
    ("failure_action", Text),
    ("monitor", Duration),
    ("max_failure_ratio", Float),
    ("order", Text),
];
const RESOURCES: &[Attribute] = &[
    ("limits", Struct(RESOURCE)),
    ("reservations", Struct(RESOURCE)),
];
const RESOURCE: &[Attribute] = &[
    ("cpus", Float),
    ("memory", Bytes),
    ("pids", Whole),
    ("devices", List(&Struct(DEVICES))),
    ("generic_resources", List(&Struct(GENERIC))),
];
const GENERIC: &[Attribute] = &[(
    "discrete_resource_spec",
    Struct(&[("kind", Always(&Text)), ("value", Always(&Whole))]),
)];
const RESTART: &[Attribute] = &[
    ("condition", Text),
    ("delay", KeptDuration),
    ("max_attempts", KeptWhole),
    ("window", KeptDuration),
];
const PLACEMENT: &[Attribute] = &[
    ("constraints", Texts),
    ("preferences", List(&Struct(&[("spread", Text)]))),
    ("max_replicas_per_node", Whole),
];

const DEVICE: &[Attribute] = &[("source", Text), ("target", Text), ("permissions", Text)];
const DEVICES: &[Attribute] = &[
    ("capabilities", Texts),
    ("driver", Text),
    ("count", Count),
    ("device_ids", Texts),
    ("options", Pairs),
];

const HEALTH: &[Attribute] = &[
    ("test", Texts),
    ("timeout", KeptDuration),
    ("interval", KeptDuration),
    ("retries", KeptWhole),
    ("start_period", KeptDuration),
    ("start_interval", KeptDuration),
    ("disable", Switch),
];

const MODEL: &[Attribute] = &[("endpoint_var", Text), ("model_var", Text)];

const ATTACHMENT: &[Attribute] = &[
    ("aliases", Texts),
    ("driver_opts", Pairs),
    ("gw_priority", Whole),
    ("interface_name", Text),
    ("ipv4_address", Text),
    ("ipv6_address", Text),
    ("link_local_ips", Texts),
    ("mac_address", Text),
    ("priority", Whole),
];

const PORT: &[Attribute] = &[
    ("name", Text),
    ("mode", Text),
    ("host_ip", Text),
    ("target", Whole),
    ("published", Text),
    ("protocol", Text),
    ("app_protocol", Text),
];

const MOUNT: &[Attribute] = &[
    ("type", Text),
    ("source", Text),
    ("target", Text),
    ("read_only", Switch),
    ("consistency", Text),
    ("bind", Struct(BIND)),
    ("volume", Struct(VOLUME_MOUNT)),
    ("tmpfs", Struct(&[("size", Bytes), ("mode", Whole)])),
    ("image", Struct(&[("subpath", Text)])),
];
const BIND: &[Attribute] = &[
    ("selinux", Text),
    ("propagation", Text),
    ("create_host_path", Switch),
    ("recursive", Text),
];
const VOLUME_MOUNT: &[Attribute] = &[("labels", Pairs), ("nocopy", Switch), ("subpath", Text)];

/// `types.NetworkConfig`
pub(in crate::compose) const NETWORK: &[Attribute] = &[
    ("name", Text),
    ("driver", Text),
    ("driver_opts", Pairs),
    ("ipam", KeptStruct(IPAM)),
    ("external", Switch),
    ("internal", Switch),
    ("attachable", Switch),
    ("labels", Pairs),
    ("enable_ipv4", KeptSwitch),
    ("enable_ipv6", KeptSwitch),
];
const IPAM: &[Attribute] = &[("driver", Text), ("config", List(&Struct(POOL)))];
const POOL: &[Attribute] = &[
    ("subnet", Text),
    ("gateway", Text),
    ("ip_range", Text),
    ("aux_addresses", Pairs),
];

/// `types.VolumeConfig`
pub(in crate::compose) const VOLUME: &[Attribute] = &[
    ("name", Text),
    ("driver", Text),
    ("driver_opts", Pairs),
    ("external", Switch),
    ("labels", Pairs),
];

/// `types.ConfigObjConfig`
pub(in crate::compose) const CONFIG: &[Attribute] = &[
    ("name", Text),
    ("file", Text),
    ("environment", Text),
    ("content", Text),
    ("external", Switch),
    ("labels", Pairs),
    ("driver", Text),
    ("driver_opts", Pairs),
    ("template_driver", Text),
];

/// `types.SecretConfig`: its content is never printed.
pub(in crate::compose) const SECRET: &[Attribute] = &[
    ("name", Text),
    ("file", Text),
    ("environment", Text),
    ("external", Switch),
    ("labels", Pairs),
    ("driver", Text),
    ("driver_opts", Pairs),
    ("template_driver", Text),
];

/// `types.ModelConfig`
pub(in crate::compose) const MODEL_CONFIG: &[Attribute] = &[
    ("name", Text),
    ("model", Text),
    ("context_size", Whole),
    ("runtime_flags", Texts),
];
