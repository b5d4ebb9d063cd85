//! One service of a start, from its own start on.

use super::run::Run;
use super::{Hit, Limit, LimitKind};
use crate::clock::healthcheck::HealthCheck;
use crate::clock::outcome::{Outcome, OutcomeState, outcome};
use crate::duration::Seconds;

/// What is asked of a service: the earliest it may come to, or the latest.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Share {
    Early,
    Late,
}

/// What is known of one service, from its start.
pub(super) struct Service {
    check: Option<HealthCheck>,
    startup: Option<Seconds>,
    at_most: bool,
    pub(super) outcome: Option<Outcome>,
    /// When it is seen healthy, or called unhealthy where it can be nothing else.
    pub(super) early: Seconds,
    pub(super) late: Seconds,
    /// Whether it is called unhealthy, whatever the probes do.
    pub(super) fatal: bool,
}

impl Service {
    pub(super) fn new(
        check: Option<&HealthCheck>,
        startup: Option<Seconds>,
        at_most: bool,
    ) -> Self {
        let outcome = check.and_then(|check| Some(outcome(check, Some(startup?))));
        let window = outcome.and_then(|outcome| outcome.healthy.or(outcome.unhealthy));
        let first_probe = check.map_or(Seconds::ZERO, HealthCheck::first_probe);
        let worst = check.map_or(Seconds::ZERO, HealthCheck::latest_unhealthy);
        Self {
            check: check.copied(),
            startup,
            at_most,
            early: window
                .filter(|_| !at_most)
                .map_or(first_probe, |window| window.earliest),
            late: window.map_or(worst, |window| window.latest),
            fatal: !at_most && outcome.is_some_and(|o| o.state() == OutcomeState::Unhealthy),
            outcome,
        }
    }

    /// Whether nothing about its start is open but its probes.
    pub(super) fn is_known(&self) -> bool {
        self.check.is_none() || self.startup.is_some()
    }

    pub(super) fn share(&self, share: Share) -> Seconds {
        match share {
            Share::Early => self.early,
            Share::Late => self.late,
        }
    }

    /// When it answers by itself.
    pub(super) fn answers(&self, share: Share) -> Seconds {
        match (share, self.startup) {
            (Share::Early, Some(startup)) if !self.at_most => startup,
            (Share::Early, _) => Seconds::ZERO,
            (Share::Late, startup) => startup.unwrap_or(self.late),
        }
    }

    /// A hit on what is known of the startup.
    fn hit(&self, surely: bool, possibly: bool) -> Option<Hit> {
        self.startup?;
        Some(match (surely, possibly) {
            (true, _) if !self.at_most => Hit::Surely,
            (false, false) => Hit::No,
            _ => Hit::Possibly,
        })
    }

    /// Its own limits.
    pub(super) fn limits(&self, node: usize, run: &Run) -> Vec<Limit> {
        let Some(check) = &self.check else {
            return Vec::new();
        };
        let start = run.planned[node];
        let reached = run.stopped_by[node].is_none();
        let limit = |kind, at: Seconds, until: Seconds, hit: Option<Hit>| Limit {
            kind,
            begins: start,
            at: start + at,
            until: start + until,
            hit: if reached { hit } else { Some(Hit::No) },
            missed: None,
            reached,
        };
        let mut limits = Vec::new();
        // Without a start period there is a limit only for a start that is known to outlast the first probe.
        if check.start_period > Seconds::ZERO || self.startup.is_some() {
            let grace = check.grace();
            let burns = self.startup.is_some_and(|startup| startup > grace);
            let hit = self.hit(burns, burns);
            limits.push(limit(LimitKind::Grace(node), grace, grace, hit));
        }
        let state = self.outcome.map(|outcome| outcome.state());
        let hit = self.hit(
            state == Some(OutcomeState::Unhealthy),
            state == Some(OutcomeState::Either),
        );
        let window = self.outcome.and_then(|outcome| outcome.unhealthy);
        let (earliest, latest) = match window {
            Some(window) => (window.earliest, window.latest),
            None => (check.earliest_unhealthy(), check.latest_unhealthy()),
        };
        limits.push(limit(LimitKind::Verdict(node), earliest, latest, hit));
        limits
    }
}
