//! The keys of `deploy` and of devices, as docker compose 2.40.3 takes them.

use super::service::{ANYTHING, DISTINCT_PAIRS, PAIRS, TEXTS};
use super::shape::{Cast, Format, Map, Shape};

const ROLLOUT: Map = Map::of(&[
    ("parallelism", Shape::INT.like(Format::Positive)),
    ("delay", Shape::DURATION),
    ("failure_action", Shape::TEXT),
    ("monitor", Shape::DURATION),
    ("max_failure_ratio", Shape::NUMBER.read_as(Cast::Number)),
    ("order", Shape::TEXT.one_of(&["start-first", "stop-first"])),
]);

const CPUS: Shape = Shape::NUMBER.read_as(Cast::Number).late();
const MEMORY: Shape = Shape::TEXT.like(Format::Bytes);
const DEVICE_KEYS: &[(&str, Shape)] = &[
    ("capabilities", TEXTS.distinct()),
    ("count", Shape::WHOLE.like(Format::Count)),
    ("device_ids", TEXTS.distinct()),
    ("driver", Shape::TEXT),
    ("options", DISTINCT_PAIRS),
];
const DEVICES: Shape = Shape::list(&Shape::map(&Map::of(DEVICE_KEYS).with(&["capabilities"])));

/// `gpus` of a service: other keys are let through there.
pub(super) const GPUS: Shape = Shape::TEXT.one_of(&["all"]).or_list(&Shape::map(&Map {
    others: Some(&ANYTHING),
    ..Map::of(DEVICE_KEYS)
}));

const GENERIC: Shape = Shape::list(&Shape::map(&Map::of(&[(
    "discrete_resource_spec",
    Shape::map(&Map::of(&[("kind", Shape::TEXT), ("value", Shape::NUMBER)])),
)])));

const RESOURCES: Map = Map::of(&[
    (
        "limits",
        Shape::map(&Map::of(&[
            ("cpus", CPUS),
            ("memory", MEMORY),
            ("pids", Shape::INT.late()),
        ])),
    ),
    (
        "reservations",
        Shape::map(&Map::of(&[
            ("cpus", CPUS),
            ("memory", MEMORY),
            ("generic_resources", GENERIC),
            ("devices", DEVICES),
        ])),
    ),
]);

const PLACEMENT: Map = Map::of(&[
    ("constraints", TEXTS),
    (
        "preferences",
        Shape::list(&Shape::map(&Map::of(&[("spread", Shape::TEXT)]))),
    ),
    ("max_replicas_per_node", Shape::INT),
]);

pub(super) const DEPLOY: Map = Map::of(&[
    ("mode", Shape::TEXT),
    ("endpoint_mode", Shape::TEXT),
    ("replicas", Shape::INT),
    ("labels", PAIRS),
    ("rollback_config", Shape::map(&ROLLOUT)),
    ("update_config", Shape::map(&ROLLOUT)),
    ("resources", Shape::map(&RESOURCES)),
    (
        "restart_policy",
        Shape::map(&Map::of(&[
            ("condition", Shape::TEXT),
            ("delay", Shape::DURATION),
            ("max_attempts", Shape::INT),
            ("window", Shape::DURATION),
        ])),
    ),
    ("placement", Shape::map(&PLACEMENT)),
]);
