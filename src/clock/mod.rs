//! Docker's health clock, and how long a start may take: pure arithmetic, no files.
//!
//! - [`healthcheck`]: an engine, and the numbers of a healthcheck that it really uses.
//! - [`monitor`]: the engine's probe loop, event by event.
//! - [`bounds`]: how early or late a verdict can fall, in closed form.
//! - [`outcome`](mod@outcome): what a given startup can come to, tightly.
//! - [`sum`]: the parts that a number is made of, for messages.
//! - [`graph`]: the services of a stack and what they wait for.
//! - [`budget`]: how long the start of a whole stack may legally take.
//! - [`life`]: what becomes of one container whose behaviour is known.
//! - [`up`]: what becomes of `docker compose up` then: each start, the outcome, the time.
//! - [`prospects`]: between which moments all of that lies where not everything is known.
//! - [`limits`](mod@limits): which limit of a start comes first.
//!
//! All of it counts from the start of the container (`StartedAt`) and without overhead, but for what [`Overheads`] are given to: a real engine needs 0.05 to 0.15 s more for each probe,
//! and engines 27 and later begin 0.1 to 0.2 s late.

pub mod bounds;
pub mod budget;
pub mod graph;
pub mod healthcheck;
pub mod life;
pub mod limits;
pub mod monitor;
pub mod outcome;
mod probes;
pub mod prospects;
pub mod sum;
pub mod up;

pub use bounds::{planned, planned_sum};
pub use budget::{Budget, BudgetModel, Term};
pub use graph::{Condition, Edge, Graph, GraphError, Health, Node};
pub use healthcheck::{Engine, Generation, HealthCheck, UnknownEngine, Written};
pub use life::{Behaviour, Exit, Life};
pub use limits::{Hit, Limit, LimitKind, Limits, Missed, Moment, Outer, limits};
pub use monitor::{Answer, Monitor, Probe, Run, State, Verdict};
pub use outcome::{Outcome, OutcomeState, Window, outcome};
pub use prospects::{Between, Chance, Prospect, Prospects};
pub use sum::{Part, Quantity, Sum};
pub use up::{Cause, Failure, Overheads, Race, RaceKind, ServiceStart, Start, Up};
