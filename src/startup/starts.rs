//! From the lines of one container to its starts.

use super::amount::Amount;
use super::frameworks::{self, Mark, Ready};
use super::logs::{self, Line, Times};
use super::model::{Bound, Limit, Place, Ready as Length, Startup, Step, Why};
use super::steps::{self, Completion, Header};
use crate::duration::Seconds;
use std::ops::Range;

/// What is known of one container: the start that is being read, and those before it.
pub(super) struct Container {
    name: String,
    start: Start,
    finished: Vec<Startup>,
    /// The last ready line's number.
    last_ready: Option<Seconds>,
    /// Whether a process that was ready is loading its code again.
    reloading: bool,
}

/// How many steps a script without headers may have: each name is compared with all before it.
const MAX_STEPS: usize = 1_000;

#[derive(Default)]
struct Start {
    at: Option<String>,
    /// The first line that is sure to be of this start.
    begun: Option<Begun>,
    steps: Vec<Step>,
    /// The number of the last header; 0 in a log without headers.
    header: u32,
    /// How many headers there will be.
    of: u32,
    /// Whether the step of the last header is in `steps`, as its last.
    header_completed: bool,
    /// What was completed behind the last header's first completion: the step itself behind its part, if a total follows;
    /// else it may be the server's own work.
    later: Option<Step>,
    /// Whether what follows is no step of this start any more.
    closed: bool,
    /// Whether another process of this start follows.
    again: bool,
    total: Option<Limit>,
    ready: Option<(Limit, Bound)>,
    /// The line that says that it is ready, with the time since it began.
    milestone: Milestone,
}

/// Whether a line has said that it is ready.
#[derive(Clone, Copy, Default, PartialEq)]
enum Milestone {
    /// None has.
    #[default]
    Missing,
    /// One has, but nobody knows after how long.
    Untimed,
    /// One has, so long after the start began.
    Timed(Limit),
}

/// A line that begins a start.
#[derive(Clone, Copy)]
struct Begun {
    times: Times,
    /// The framework whose line it is; that of a script belongs to none.
    framework: Option<usize>,
    /// Whether the container itself began with it, and no process has followed yet.
    awaits_process: bool,
}

/// What a piece of a line says.
pub(super) enum Event {
    /// A step begins.
    Header(Header),
    /// A step is done.
    Completion(Completion),
    /// A framework's step is done.
    Step(&'static str, Seconds, Range<usize>),
    /// The script is done.
    Total(Amount, usize),
    /// The server is ready, after so long.
    Ready(Ready),
    /// A milestone of a framework.
    Mark(Mark, usize),
}

impl Event {
    /// Reads one piece of a line.
    pub(super) fn read(text: &str) -> Option<Self> {
        if let Some(header) = steps::header(text) {
            return Some(Self::Header(header));
        }
        if let Some((amount, start)) = steps::total(text) {
            return Some(Self::Total(amount, start));
        }
        let line = frameworks::read(text);
        if !matches!(line, Some(frameworks::Line::Ready(_)))
            && let Some(completion) = steps::completion(text)
        {
            return Some(Self::Completion(completion));
        }
        Some(match line? {
            frameworks::Line::Ready(ready) => Self::Ready(ready),
            frameworks::Line::Step(name, length, number) => Self::Step(name, length, number),
            frameworks::Line::Mark(mark, framework) => Self::Mark(mark, framework),
        })
    }
}

impl Container {
    /// A container of which nothing was read yet; its name is empty in a log without prefixes.
    pub(super) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            start: Start::default(),
            finished: Vec::new(),
            last_ready: None,
            reloading: false,
        }
    }

    /// How many starts have ended.
    pub(super) fn count(&self) -> usize {
        self.finished.len()
    }

    /// Takes in what the piece `piece` of a line says.
    pub(super) fn observe(&mut self, event: Event, line: &Line, piece: &Range<usize>) {
        let place =
            |range: &Range<usize>| line.place(piece.start + range.start..piece.start + range.end);
        let limit = |(seconds, end): Amount, start: usize, why: Why| Limit {
            seconds,
            place: place(&(start..end)),
            why,
        };
        match event {
            Event::Header(header) => self.header(&header, line),
            Event::Completion(completion) => {
                let name = line.text()[piece.clone()][completion.name.clone()].to_owned();
                let (seconds, end) = completion.amount;
                let place = place(&(completion.start..end));
                let step = Step {
                    name,
                    seconds,
                    place,
                };
                self.completion(step, completion.marked);
            }
            Event::Step(name, seconds, number) => {
                let step = Step {
                    name: name.to_owned(),
                    seconds,
                    place: place(&number),
                };
                self.completion(step, true);
            }
            Event::Total(amount, start) => {
                if self.start.total.is_some() || self.start.is_ready() {
                    self.renew();
                }
                self.total(limit(amount, start, Why::Total));
            }
            Event::Ready(ready) if self.is_reload(&ready) => {}
            Event::Ready(ready) => {
                if self.start.ready.is_some() {
                    self.renew();
                }
                let amount = (ready.length, ready.number.end);
                let why = match ready.bound {
                    Bound::Exact => Why::Process,
                    Bound::Lower | Bound::Upper => Why::Framework,
                };
                self.start.ready = Some((limit(amount, ready.number.start, why), ready.bound));
                self.start.closed = true;
                self.last_ready = Some(ready.length);
            }
            Event::Mark(mark, framework) => self.mark(mark, framework, line, piece),
        }
    }

    /// A milestone. A process begins behind the script of its start, as the first of a container, and where a line said so;
    /// else the container has been started again.
    fn mark(&mut self, mark: Mark, framework: usize, line: &Line, piece: &Range<usize>) {
        if self.reloading {
            self.reloading = mark != Mark::Ready;
            return;
        }
        match mark {
            Mark::Reload => self.reloading = self.start.is_ready(),
            Mark::First | Mark::Process => {
                let is_first = mark == Mark::First;
                if self.start.is_ready() {
                    self.renew();
                }
                let start = &mut self.start;
                let follows = std::mem::take(&mut start.again) && start.begun.is_some();
                if !is_first && follows {
                    return;
                }
                if start.header > 0 || !start.steps.is_empty() || start.total.is_some() {
                    return;
                }
                let belongs = start.begun.is_some_and(|begun| {
                    begun.awaits_process && begun.framework == Some(framework) && !is_first
                });
                if belongs {
                    start
                        .begun
                        .iter_mut()
                        .for_each(|begun| begun.awaits_process = false);
                    return;
                }
                start.begin(line, Some(framework), is_first);
            }
            Mark::Ready => self.start.milestone(framework, line, piece),
            Mark::Temporary => self.start.withdraw(),
            Mark::Again => {
                self.start.withdraw();
                self.start.again = true;
            }
        }
    }

    /// Whether the framework was loaded again inside a process that had been ready before, as development tools do it:
    /// the process's age says nothing about a start then. A new process on a slow machine may also take longer to
    /// begin than the last one took to be ready, but not several times as long as the framework itself.
    fn is_reload(&self, ready: &Ready) -> bool {
        let (Some(last), Some(own)) = (self.last_ready, ready.own) else {
            return false;
        };
        let began = ready.length - own;
        began >= last && began > own.times(3)
    }

    fn header(&mut self, header: &Header, line: &Line) {
        let start = &self.start;
        let again = header.number < start.header || (header.number == 1 && start.header == 1);
        if again || start.closed || (header.number == 1 && !start.steps.is_empty()) {
            self.renew();
        }
        if header.number == 1 {
            self.start.begin(line, None, false);
        }
        self.reloading = false;
        self.start.header = header.number;
        self.start.of = header.of;
        self.start.header_completed = false;
    }

    /// Under a header one completion counts, the longest, since a step may report its parts before itself. Without
    /// headers the check mark tells a script's steps from a server's chatter, and a name that comes again tells a new
    /// start.
    fn completion(&mut self, step: Step, marked: bool) {
        let start = &mut self.start;
        if start.header == 0 {
            if !marked {
                return;
            }
            if start.steps.iter().any(|known| known.name == step.name) {
                self.renew();
            }
            if !self.start.closed && self.start.steps.len() < MAX_STEPS {
                self.start.steps.push(step);
            }
            return;
        }
        if start.closed {
            return;
        }
        if start.header_completed && start.header == start.of {
            let known = start.later.as_ref().or(start.steps.last());
            if known.is_none_or(|known| known.seconds < step.seconds) {
                self.start.later = Some(step);
            }
            return;
        }
        match start.steps.last_mut().filter(|_| start.header_completed) {
            None => start.steps.push(step),
            Some(last) if last.seconds < step.seconds => *last = step,
            Some(_) => {}
        }
        start.header_completed = true;
    }

    fn total(&mut self, total: Limit) {
        let start = &mut self.start;
        start.total = Some(total);
        start.closed = true;
        let later = start.later.take();
        let later = later.filter(|step| step.seconds <= total.seconds);
        if let (Some(later), Some(last)) = (later, start.steps.last_mut()) {
            *last = later;
        }
    }

    /// Ends the start that is being read, and begins the next.
    pub(super) fn renew(&mut self) {
        let start = std::mem::take(&mut self.start);
        self.finished.extend(start.finish(&self.name));
    }

    /// All starts of this container.
    pub(super) fn finish(mut self) -> Vec<Startup> {
        self.renew();
        self.finished
    }
}

impl Start {
    fn is_ready(&self) -> bool {
        self.ready.is_some() || self.milestone != Milestone::Missing
    }

    fn begin(&mut self, line: &Line, framework: Option<usize>, awaits_process: bool) {
        let times = line.times();
        let docker = line.stamp().map(str::to_owned);
        self.at = docker.or_else(|| times.own.map(super::moment::Moment::text));
        self.begun = Some(Begun {
            times,
            framework,
            awaits_process,
        });
    }

    /// The server is up: a script without headers is done with it, one with headers after its last step. (A script
    /// may wait for another server, and print that one's message.)
    fn milestone(&mut self, framework: usize, line: &Line, piece: &Range<usize>) {
        let is_done = self.header == 0 || (self.header == self.of && self.header_completed);
        if !is_done || self.is_ready() {
            return;
        }
        self.closed = true;
        let begun = self
            .begun
            .filter(|begun| begun.framework.is_none_or(|of| of == framework));
        let length = begun.and_then(|begun| between(begun.times, line.times()));
        self.milestone = length.map_or(Milestone::Untimed, |(seconds, why)| {
            Milestone::Timed(Limit {
                seconds,
                why,
                place: line.place(piece.clone()),
            })
        });
    }

    /// The server that was up is not the one that counts.
    fn withdraw(&mut self) {
        if std::mem::take(&mut self.milestone) != Milestone::Missing {
            self.closed = self.total.is_some() || self.ready.is_some();
        }
    }

    /// What the start comes to; `None` if nothing was measured.
    fn finish(self, container: &str) -> Option<Startup> {
        let ready = self.length()?;
        let is_named = !container.is_empty();
        Some(Startup {
            service: is_named.then(|| logs::service(container).to_owned()),
            container: is_named.then(|| container.to_owned()),
            stack: None,
            ready,
            steps: self.steps,
            at: self.at,
        })
    }

    /// The length of the start.
    ///
    /// The steps prove their total or, in a log that is cut off before it, their sum. The server starts behind them:
    /// a lower bound. A ready line's own number wins over them and is not added, since nobody knows whether the steps
    /// ran before or inside its process; it is exact only without steps. Steps that prove more than that number must
    /// have run before the process, and then stand as the lower bound. Of several lower bounds the largest counts.
    fn length(&self) -> Option<Length> {
        let proven = self.total.or_else(|| self.sum());
        let milestone = match self.milestone {
            Milestone::Timed(limit) => Some(limit),
            Milestone::Untimed | Milestone::Missing => None,
        };
        if let (Some((limit, Bound::Exact)), None) = (self.ready, proven) {
            return Some(Length::Exactly(limit));
        }
        let ready = self.ready.map(|(limit, _)| Limit {
            why: Why::Framework,
            ..limit
        });
        // Of equal ones the first.
        let bounds = [milestone, proven, ready].into_iter().flatten();
        let largest = bounds.rev().max_by_key(|limit| limit.seconds)?;
        Some(Length::AtLeast(largest))
    }

    fn sum(&self) -> Option<Limit> {
        let last: Place = self.steps.last()?.place;
        Some(Limit {
            seconds: self.steps.iter().map(|step| step.seconds).sum(),
            why: Why::Steps,
            place: last,
        })
    }
}

/// The time from one line to another, less what the missing digits leave open: by Docker's clock, else by the program's own, else
/// by the runner's.
fn between(from: Times, to: Times) -> Option<(Seconds, Why)> {
    let clocks = [
        (from.docker, to.docker, Why::Lines),
        (from.own, to.own, Why::OwnLines),
        (from.runner, to.runner, Why::RunnerLines),
    ];
    let (from, to, why) = clocks
        .into_iter()
        .find_map(|(from, to, why)| Some((from?, to?, why)))?;
    let (length, open) = to.since(from)?;
    let length = length - open;
    (length > Seconds::ZERO).then_some((length, why))
}
