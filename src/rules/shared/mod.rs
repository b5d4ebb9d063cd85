//! What several rules share.

pub(super) mod awaited;
pub(super) mod clocks;
pub(super) mod images;
pub(super) mod jobs;
pub(super) mod limits;
pub(super) mod options;
pub(super) mod probe;
pub(super) mod services;
pub(super) mod wait_timeout;
pub(super) mod wait_timeout_below;
