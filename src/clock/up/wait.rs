//! One wait of Compose for one service: it looks twice a second, and the first look that finds an answer ends it.

use super::failure::Cause;
use super::{Overheads, RaceKind};
use crate::clock::graph::{Condition, Health};
use crate::clock::life::Life;
use crate::duration::Seconds;

/// What Compose waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Goal {
    /// `service_healthy`.
    Healthy,
    /// `service_completed_successfully`.
    Completed,
    /// `--wait`: healthy, or running where there is no healthcheck.
    RunningOrHealthy,
}

impl Goal {
    /// What an edge waits for; nothing if it only asks for the start.
    pub(super) fn of(condition: Condition) -> Option<Self> {
        match condition {
            Condition::Started => None,
            Condition::Healthy => Some(Self::Healthy),
            Condition::Completed => Some(Self::Completed),
        }
    }
}

/// What a look finds, if it finds an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Satisfied,
    Failed(Cause),
}

/// The answers of a service in the order of time, each from a moment on. Before the first there is none.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Answers([Option<(Seconds, Answer)>; 3]);

impl Answers {
    /// Of a service whose first container was started at `started`, and the last one `spread` later.
    ///
    /// Compose looks at the containers in the order in which it started them, and the first that is not healthy decides (`isServiceHealthy`).
    /// Without a healthcheck, and for an end, the first container alone decides.
    pub(super) fn of(
        goal: Goal,
        health: Health,
        life: &Life,
        started: Seconds,
        spread: Seconds,
    ) -> Self {
        let failed = |cause| Some((started, Answer::Failed(cause)));
        let exit = life.exit.map(|exit| {
            let answer = match (goal, exit.code) {
                (Goal::Completed, 0) => Answer::Satisfied,
                (Goal::Completed, code) => Answer::Failed(Cause::Incomplete(code)),
                (_, code) => Answer::Failed(Cause::Exited(code)),
            };
            (started + exit.at, answer)
        });
        match (goal, health) {
            (Goal::Completed, _) => Self([None, None, exit]),
            (_, Health::Check(_)) => {
                let unhealthy = life.unhealthy.map(|at| {
                    let answer = Answer::Failed(Cause::Unhealthy);
                    (started + at, answer)
                });
                let healthy = life
                    .healthy
                    .map(|at| (started + at + spread, Answer::Satisfied));
                Self([unhealthy, healthy, exit])
            }
            // Switched off, it is there for Compose and has no state; where the image brings none, running is enough.
            (Goal::RunningOrHealthy, Health::Unknown) => {
                Self([Some((started, Answer::Satisfied)), None, exit])
            }
            (_, Health::Absent | Health::Unknown) => {
                Self([failed(Cause::NoHealthcheck), None, exit])
            }
        }
    }

    /// The first look with an answer, of those that follow each other from `begin` on; none if there never is one.
    fn first_look(&self, begin: Seconds, poll: Seconds) -> Option<(Seconds, Answer)> {
        let mut answers = self.0.iter().flatten();
        while let Some(&(from, answer)) = answers.next() {
            let look = look(begin, from, poll);
            let overtaken = answers.clone().any(|(later, _)| look >= *later);
            if !overtaken {
                return Some((look, answer));
            }
        }
        None
    }

    /// Waits from `begin` on, at most for `limit`; past that `late` is the failure. Compose's clock runs out at the very moment of a look: what happens then is a race.
    pub(super) fn wait(
        &self,
        begin: Seconds,
        overheads: &Overheads,
        limit: Option<(Seconds, Cause)>,
    ) -> Wait {
        let at = |begin| {
            let found = self.first_look(begin, overheads.poll);
            match limit {
                Some((limit, late)) if found.is_none_or(|(at, _)| at >= begin + limit) => {
                    Wait::timed_out(begin + limit, late)
                }
                _ => Wait::answered(found),
            }
        };
        let mut wait = at(begin);
        let slack = overheads.slack.max(Seconds::from_nanos(1));
        let differs = |begin: Seconds| at(begin).result != wait.result;
        if wait.race.is_none() && (differs(begin - slack) || differs(begin + slack)) {
            wait.race = Some(RaceKind::Look);
        }
        wait
    }
}

/// The first look at `from` or later, of those that follow `begin` at steps of `poll`; there is none at `begin` itself.
fn look(begin: Seconds, from: Seconds, poll: Seconds) -> Seconds {
    if poll <= Seconds::ZERO {
        return begin.max(from);
    }
    let (passed, step) = ((from - begin).nanos(), poll.nanos());
    let looks = (passed.div_euclid(step) + i64::from(passed.rem_euclid(step) > 0)).max(1);
    begin + poll.times(u64::try_from(looks).unwrap_or(1))
}

/// How a wait ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wait {
    /// None: it never does.
    pub(super) ends: Option<Seconds>,
    /// Whether it was satisfied.
    pub(super) result: Result<(), Cause>,
    /// Why it could have ended otherwise.
    pub(super) race: Option<RaceKind>,
}

impl Wait {
    fn answered(found: Option<(Seconds, Answer)>) -> Self {
        Self {
            ends: found.map(|(at, _)| at),
            result: match found {
                Some((_, Answer::Failed(cause))) => Err(cause),
                Some((_, Answer::Satisfied)) | None => Ok(()),
            },
            race: None,
        }
    }

    fn timed_out(at: Seconds, late: Cause) -> Self {
        Self {
            ends: Some(at),
            result: Err(late),
            race: Some(RaceKind::Deadline),
        }
    }
}
