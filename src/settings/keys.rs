//! The keys of the file: what they are called, what they say, and what may stand behind them. The reader and the schema are made
//! from this one table.

use std::ops::RangeInclusive;

/// What `margin` can be.
pub(super) const MARGINS: RangeInclusive<f64> = 1.0..=10.0;

/// A key with what stands behind it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Key {
    pub(super) name: &'static str,
    /// What it says, in one sentence without a full stop.
    pub(super) about: &'static str,
    pub(super) shape: Shape,
}

/// What may stand somewhere.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shape {
    /// A version of Docker.
    Engine,
    /// A budget's name.
    Budget,
    /// A number of [`MARGINS`].
    Margin,
    /// A length of time that is not negative.
    Length,
    /// A single value that is not empty.
    Text,
    /// A list, of at least so many.
    List(&'static Shape, usize),
    /// A map whose keys are free.
    Map(&'static Shape),
    /// A map of known keys.
    Record(&'static Record),
    /// The one or the other.
    Either(&'static [Shape]),
    /// A map of rules.
    Rules(RuleValue),
}

/// What stands behind a rule's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RuleValue {
    /// What becomes of its findings.
    Level,
    /// The same, or a map of it with the rule's options.
    LevelOrOptions,
}

/// A map of known keys.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) keys: &'static [Key],
    /// Of each of these lists one key at least stands there.
    pub(super) needs: &'static [&'static [&'static str]],
}

const TEXTS: Shape = Shape::List(&Shape::Text, 0);

/// The file.
pub(super) const SETTINGS: Record = Record {
    keys: &[
        Key {
            name: "engine",
            about: "The version of Docker whose health clock counts, such as 20.10, 26 or 28; without it the newest",
            shape: Shape::Engine,
        },
        Key {
            name: "budget",
            about: "What a wait is measured against: planned (each service ready within its start_period, the last with all its retries), worst (each at its latest verdict), after-up (only what `docker compose up -d` leaves)",
            shape: Shape::Budget,
        },
        Key {
            name: "margin",
            about: "What fixes grant beyond the required number; 1.1, which is the default, is a tenth more",
            shape: Shape::Margin,
        },
        Key {
            name: "stacks",
            about: "Stacks by their names; those that are found besides stay",
            shape: Shape::Map(&Shape::Record(&STACK)),
        },
        Key {
            name: "startup",
            about: "How long services take to start, by their names: a length, or steps or logs of real starts",
            shape: Shape::Map(&Shape::Either(&[Shape::Length, Shape::Record(&STARTUP)])),
        },
        Key {
            name: "rules",
            about: "What becomes of the findings of rules, and the options of rules",
            shape: Shape::Rules(RuleValue::LevelOrOptions),
        },
        Key {
            name: "overrides",
            about: "Where findings count for more or for less than in the rest of the project; the later wins",
            shape: Shape::List(&Shape::Record(&OVERRIDE), 0),
        },
        Key {
            name: "exclude",
            about: "Globs as in a .gitignore, of paths that are neither searched nor reported",
            shape: TEXTS,
        },
        Key {
            name: "baseline",
            about: "The file of the findings that are known, as --write-baseline makes it",
            shape: Shape::Text,
        },
    ],
    needs: &[],
};

/// A stack.
pub(super) const STACK: Record = Record {
    keys: &[
        Key {
            name: "files",
            about: "Its compose files, in the order of -f",
            shape: Shape::List(&Shape::Text, 1),
        },
        Key {
            name: "env_files",
            about: "Its env files, instead of .env",
            shape: TEXTS,
        },
        Key {
            name: "profiles",
            about: "The profiles that are on",
            shape: TEXTS,
        },
    ],
    needs: &[&["files"]],
};

/// What is known of a service's starts.
pub(super) const STARTUP: Record = Record {
    keys: &[
        Key {
            name: "steps",
            about: "The steps of a start with their lengths, one after the other; they count where no log and no record measures it",
            shape: Shape::Map(&Shape::Length),
        },
        Key {
            name: "logs",
            about: "Logs of real starts, by paths or globs: read as with --log",
            shape: Shape::List(&Shape::Text, 1),
        },
    ],
    needs: &[&["steps", "logs"]],
};

/// Places at which rules count for more or for less.
pub(super) const OVERRIDE: Record = Record {
    keys: &[
        Key {
            name: "paths",
            about: "Globs as in a .gitignore, of the paths at which the findings stand; without them all",
            shape: Shape::List(&Shape::Text, 1),
        },
        Key {
            name: "services",
            about: "The services that the findings are about; without them all",
            shape: Shape::List(&Shape::Text, 1),
        },
        Key {
            name: "rules",
            about: "What becomes of the findings of rules there",
            shape: Shape::Rules(RuleValue::Level),
        },
    ],
    needs: &[&["paths", "services"], &["rules"]],
};
