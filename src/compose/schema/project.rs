//! The sections of a compose file, as docker compose 2.40.3 takes them.

use super::service::{ANYTHING, DISTINCT_PAIRS, DRIVER_OPTS, PAIRS, SERVICE, TEXT_OR_TEXTS, TEXTS};
use super::shape::{Format, Is, Map, Names, Shape};

const NAME_ONLY: Map = Map::of(&[("name", Shape::TEXT)]);
const EXTERNAL: Shape = Shape::SWITCH.or_map(&NAME_ONLY);
/// Of secrets and configs, where Compose does not look at other keys.
const LOOSE_EXTERNAL: Shape = Shape::SWITCH.or_map(&Map {
    others: Some(&ANYTHING),
    ..NAME_ONLY
});

const NETWORK: Map = Map::of(&[
    ("name", Shape::TEXT),
    ("driver", Shape::TEXT),
    ("driver_opts", DRIVER_OPTS),
    ("ipam", Shape::map(&IPAM)),
    ("external", EXTERNAL),
    ("internal", Shape::SWITCH),
    ("enable_ipv4", Shape::SWITCH),
    ("enable_ipv6", Shape::SWITCH),
    ("attachable", Shape::SWITCH),
    ("labels", PAIRS),
]);

const IPAM: Map = Map::of(&[
    ("driver", Shape::TEXT),
    (
        "config",
        Shape::list(&Shape::map(&Map::of(&[
            ("subnet", Shape::TEXT),
            ("ip_range", Shape::TEXT),
            ("gateway", Shape::TEXT),
            ("aux_addresses", TEXT_MAP),
        ]))),
    ),
    ("options", TEXT_MAP),
]);
const TEXT_MAP: Shape = Shape::map(&Map::any(&Shape::TEXT));

const VOLUME: Map = Map::of(&[
    ("name", Shape::TEXT),
    ("driver", Shape::TEXT),
    ("driver_opts", DRIVER_OPTS),
    ("external", EXTERNAL),
    ("labels", DISTINCT_PAIRS),
]);

const SECRET: Map = Map::of(&[
    ("name", Shape::TEXT),
    ("environment", Shape::TEXT),
    ("file", Shape::TEXT),
    ("external", LOOSE_EXTERNAL),
    ("labels", DISTINCT_PAIRS),
    ("driver", Shape::TEXT),
    (
        "driver_opts",
        Shape::map(&Map::any(&Shape::NUMBER.like(Format::Label))),
    ),
    ("template_driver", Shape::TEXT),
]);

const CONFIG: Map = Map::of(&[
    ("name", Shape::TEXT),
    ("content", Shape::TEXT),
    ("environment", Shape::TEXT),
    ("file", Shape::TEXT),
    ("external", LOOSE_EXTERNAL),
    ("labels", DISTINCT_PAIRS),
    ("template_driver", Shape::TEXT),
]);

const MODEL: Map = Map::of(&[
    ("name", Shape::TEXT),
    ("model", Shape::TEXT),
    ("context_size", Shape::BARE_WHOLE),
    ("runtime_flags", TEXTS),
])
.with(&["model"]);

/// Compose does not look at other keys.
const INCLUDE: Shape = Shape::TEXT.or(Is::Null).or_map(&Map {
    others: Some(&ANYTHING),
    ..Map::of(&[
        ("path", TEXT_OR_TEXTS.or(Is::Null)),
        ("env_file", TEXT_OR_TEXTS.or(Is::Null)),
        ("project_directory", Shape::TEXT.or(Is::Null)),
    ])
});

/// A whole file.
pub(super) const PROJECT: Map = Map::of(&[
    ("version", Shape::TEXT),
    ("name", Shape::TEXT.like(Format::ProjectName)),
    ("include", Shape::list(&INCLUDE).or(Is::Null)),
    (
        "services",
        Shape::map(&Map::named(Names::Only, &Shape::map(&SERVICE))),
    ),
    (
        "models",
        Shape::map(&Map::named(Names::Loose, &Shape::map(&MODEL))),
    ),
    (
        "networks",
        Shape::map(&Map::named(
            Names::Loose,
            &Shape::map(&NETWORK).or(Is::Null),
        )),
    ),
    (
        "volumes",
        Shape::map(&Map::named(Names::Only, &Shape::map(&VOLUME).or(Is::Null))),
    ),
    (
        "secrets",
        Shape::map(&Map::named(Names::Only, &Shape::map(&SECRET))),
    ),
    (
        "configs",
        Shape::map(&Map::named(Names::Only, &Shape::map(&CONFIG))),
    ),
]);
