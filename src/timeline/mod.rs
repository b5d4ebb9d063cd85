//! The picture of a start: which service waits for what, how long it starts, when its health clock gives up on it, and which limit comes first.
//!
//! [`Scene`] is computed once from a project and one of its stacks: rows, bars, probes, limits, the axis and the sentences. [`text`], [`svg`], [`html`]
//! and [`json`] only draw it.

mod axis;
mod outer;
mod row;
mod scene;
mod sentence;
mod told;
mod width;

pub mod html;
pub mod json;
pub mod svg;
pub mod text;

pub use axis::{Axis, Tick};
pub use outer::{Origin, OriginKind};
pub use row::{Bar, Known, ProbeRun, Probes, Row, Zone};
pub use scene::{Entry, Line, Scene};
