//! What several rules need, and is no rule itself.

pub(super) mod probe;
