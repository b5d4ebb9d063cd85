//! The waits of a script: what they look like, how long they last, and which literal to change.

use super::compose_command::ComposeCommand;
use super::filters::Filter;
use super::value::Literal;
use crate::duration::Seconds;
use crate::source::Span;

/// The kinds of waits, named as they are reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Form {
    /// A bare `sleep N`.
    Sleep,
    /// `for` over a range, a list, or counting.
    ForLoop,
    /// `while` or `until` with a counter of seconds or tries.
    CounterLoop,
    /// A loop that only its condition ends.
    OpenLoop,
    /// A loop that reads the clock.
    DeadlineLoop,
    /// `timeout N` around something that waits.
    TimeoutCommand,
    /// `docker compose up --wait`.
    ComposeWait,
    /// `services:` of a workflow.
    ServiceContainer,
    /// `curl --retry`, `wget --tries`.
    CurlRetry,
    /// `wait-for-it`, `dockerize`, `wait-on` and their kin.
    Tool,
    /// An action of a workflow.
    Action,
}

impl Form {
    /// The name that reports use: `counter-loop`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sleep => "sleep",
            Self::ForLoop => "for-loop",
            Self::CounterLoop => "counter-loop",
            Self::OpenLoop => "open-loop",
            Self::DeadlineLoop => "deadline-loop",
            Self::TimeoutCommand => "timeout-command",
            Self::ComposeWait => "compose-wait",
            Self::ServiceContainer => "service-container",
            Self::CurlRetry => "curl-retry",
            Self::Tool => "tool",
            Self::Action => "action",
        }
    }
}

/// A place that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wait {
    /// What it looks like.
    pub form: Form,
    /// The wait itself: the loop, the command.
    pub span: Span,
    /// How long it waits before it gives up; `None` where nothing of its own ends it, or where that is not understood.
    pub budget: Option<Seconds>,
    /// Every literal that the budget rests on.
    pub from: Vec<Literal>,
    /// The one literal that changes it.
    pub knob: Option<Knob>,
    /// Whether giving up surely fails the script.
    pub can_fail: bool,
    /// Why its giving up surely fails nothing; `None` where it fails, or where that is not certain.
    pub goes_on: Option<GoesOn>,
    /// What it looks at while it waits.
    pub watches: Watches,
    /// Where it stands.
    pub setting: Setting,
}

/// Why a wait that has run out fails nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GoesOn {
    /// The loop is over, and what stands behind it only prints.
    RunsOut,
    /// The same, and the test in it that would fail is never true: the loop is over before.
    Unreached,
    /// Its failure is caught: `|| true`, `|| echo …`.
    Caught,
    /// The same, where its script is called.
    CaughtAtCall,
    /// It fails, and the script goes on without `set -e`.
    Unheeded,
}

/// What surrounds a command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)] // They are independent of each other.
pub struct Setting {
    /// It runs in the background: nothing waits for its end.
    pub background: bool,
    /// Its failure is caught: `|| true`, `|| echo …`.
    pub tolerated: bool,
    /// It is the condition of an `if` or of a loop.
    pub in_condition: bool,
    /// It is repeated.
    pub in_loop: bool,
    /// It runs on another machine, or in a container.
    pub remote: bool,
    /// Whether it is come to at all.
    pub chance: Chance,
    /// The `timeout N` around it.
    pub timeout: Option<Timeout>,
}

impl Setting {
    /// Puts it inside of another one; of two timeouts the shorter ends first.
    pub fn surround(&mut self, outer: &Self) {
        self.background |= outer.background;
        self.tolerated |= outer.tolerated;
        self.in_condition |= outer.in_condition;
        self.in_loop |= outer.in_loop;
        self.remote |= outer.remote;
        self.chance = self.chance.max(outer.chance);
        let limit = |timeout: &Option<Timeout>| timeout.as_ref().and_then(|t| t.limit);
        let is_shorter = match (limit(&self.timeout), limit(&outer.timeout)) {
            (Some(own), Some(around)) => around < own,
            (None, _) => outer.timeout.is_some(),
            (Some(_), None) => false,
        };
        if is_shorter {
            self.timeout.clone_from(&outer.timeout);
        }
    }
}

/// Whether a command is come to when its script runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Chance {
    /// As far as nothing before it ends the script.
    #[default]
    Sure,
    /// It stands in a branch.
    Maybe,
    /// It stands behind an `exit`, or in a function that nobody calls.
    Never,
}

/// A `timeout` command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timeout {
    /// The limit, where it is known.
    pub limit: Option<Seconds>,
    /// What the limit rests on.
    pub from: Vec<Literal>,
    /// How to change it.
    pub knob: Option<Knob>,
}

/// What a wait looks at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Watches {
    /// The `docker compose` commands in it, and those whose output it looks at: `$(docker compose ps -q db)`.
    pub compose: Vec<ComposeCommand>,
    /// The containers that `docker inspect`, `docker ps --filter` and their kin name.
    pub containers: Vec<Watched>,
    /// The URLs, hosts and ports that something tries to reach.
    pub endpoints: Vec<Endpoint>,
    /// What is looked for in what Docker says.
    pub filters: Vec<Filter>,
}

/// A container that is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watched {
    /// Its name or id; `None` where it is not known.
    pub name: Option<String>,
    /// Where it is named.
    pub span: Span,
}

/// A URL, or a host and port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The text, with `\u{fffd}` for what is not known.
    pub text: String,
    /// The host, where it is known.
    pub host: Option<String>,
    /// The port, where it is written or known by the scheme.
    pub port: Option<u16>,
    /// Where it stands.
    pub span: Span,
}

/// How to change a wait by one literal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Knob {
    /// The literal; it stands in its file byte for byte.
    pub literal: Literal,
    /// What it counts.
    pub unit: KnobUnit,
}

/// What a literal counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KnobUnit {
    /// Lengths of `unit`, counted from `base`: seconds mostly.
    Time {
        /// What one stands for.
        unit: Seconds,
        /// The literal that would wait for no time.
        base: i64,
    },
    /// Turns of a loop.
    Attempts {
        /// How long a turn takes.
        each: Seconds,
        /// The literal that would make no turn.
        base: i64,
        /// How far apart two turns are; negative never: a countdown's literal grows too.
        step: i64,
        /// The turns that come on top, as with `-le`; negative where the last one ends before its pause.
        extra: i64,
        /// What of that last turn passes all the same.
        rest: Seconds,
    },
    /// A length with its own unit, as `sleep` and `timeout` read it: `120`, `120s`, `2m`.
    Duration,
}

impl Knob {
    /// The variable that holds the literal.
    pub fn variable(&self) -> Option<&str> {
        self.literal.variable.as_deref()
    }

    /// The literal that makes the wait last at least `needed`; `None` where no such literal exists.
    pub fn set(&self, needed: Seconds) -> Option<String> {
        match self.unit {
            KnobUnit::Time { unit, base } => {
                let count = ceil(needed, unit)?;
                Some(base.checked_add(count)?.to_string())
            }
            KnobUnit::Attempts {
                each,
                base,
                step,
                extra,
                rest,
            } => {
                let whole = needed - rest.min(needed);
                let turns = ceil(whole, each)?.checked_sub(extra)?.max(1);
                let value = base.checked_add(turns.checked_mul(step)?)?;
                Some(value.to_string())
            }
            KnobUnit::Duration => {
                let suffix = self.literal.text.chars().last()?;
                let second = Seconds::new(1);
                let Some(unit) = unit_of(suffix) else {
                    return Some(ceil(needed, second)?.to_string());
                };
                match needed.nanos() % unit.nanos() {
                    0 => Some(format!("{}{suffix}", ceil(needed, unit)?)),
                    _ => Some(format!("{}s", ceil(needed, second)?)),
                }
            }
        }
    }
}

/// How many of `unit` make `length`, rounded up.
fn ceil(length: Seconds, unit: Seconds) -> Option<i64> {
    let (length, unit) = (length.nanos(), unit.nanos());
    if unit <= 0 {
        return None;
    }
    length.checked_add(unit - 1).map(|n| n.div_euclid(unit))
}

/// The suffixes of `sleep` and `timeout`.
pub(super) fn unit_of(suffix: char) -> Option<Seconds> {
    match suffix {
        's' => Some(Seconds::new(1)),
        'm' => Some(Seconds::new(60)),
        'h' => Some(Seconds::new(3600)),
        'd' => Some(Seconds::new(86400)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;

    fn knob(text: &str, unit: KnobUnit) -> Knob {
        let mut sources = Sources::default();
        let file = sources.add("a", text);
        Knob {
            literal: Literal {
                span: Span::new(file, 0..text.len()),
                text: text.to_owned(),
                verbatim: true,
                variable: None,
            },
            unit,
        }
    }

    #[test]
    fn knobs_are_set_in_their_own_unit() {
        let seconds = |n| Seconds::new(n);
        let set = |text, unit, needed| knob(text, unit).set(needed);
        let time = KnobUnit::Time {
            unit: seconds(1),
            base: 10,
        };
        assert_eq!(set("130", time, seconds(490)).as_deref(), Some("500"));
        assert_eq!(
            set("130", time, Seconds::from_millis(489_500)).as_deref(),
            Some("500")
        );
        let attempts = KnobUnit::Attempts {
            each: seconds(5),
            base: 0,
            step: 1,
            extra: 1,
            rest: Seconds::ZERO,
        };
        assert_eq!(set("23", attempts, seconds(121)).as_deref(), Some("24"));
        let duration = KnobUnit::Duration;
        assert_eq!(set("2m", duration, seconds(180)).as_deref(), Some("3m"));
        assert_eq!(set("2m", duration, seconds(200)).as_deref(), Some("200s"));
        assert_eq!(set("90", duration, seconds(200)).as_deref(), Some("200"));
        assert_eq!(set("1h", duration, seconds(7200)).as_deref(), Some("2h"));
    }
}
