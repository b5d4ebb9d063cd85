//! From the lines of one container to its starts.

use super::amount::Amount;
use super::frameworks::{self, Ready};
use super::logs::{self, Line};
use super::record::{Bound, Startup, Step};
use super::steps::{self, Completion, Header};
use crate::duration::Seconds;
use crate::source::{FileId, Span};
use std::ops::Range;

/// What is known of one container: the start that is being read, and those before it.
pub(super) struct Container {
    name: String,
    start: Start,
    finished: Vec<Startup>,
    /// The last ready line's number.
    last_ready: Option<Seconds>,
}

/// How many steps a script without headers may have: each name is compared with all before it.
const MAX_STEPS: usize = 1_000;

#[derive(Default)]
struct Start {
    at: Option<String>,
    steps: Vec<(Step, Span)>,
    /// The number of the last header; 0 in a log without headers.
    header: u32,
    /// How many headers there will be.
    of: u32,
    /// Whether the step of the last header is in `steps`, as its last.
    header_completed: bool,
    /// What was completed behind the last header's first completion: the step itself behind its part, if a total follows;
    /// else it may be the server's own work.
    later: Option<(Step, Span)>,
    /// Whether what follows is no step of this start any more.
    closed: bool,
    total: Option<Measure>,
    ready: Option<(Measure, Bound)>,
}

/// A length with its places.
#[derive(Clone, Copy)]
struct Measure {
    seconds: Seconds,
    number: Span,
    line: Span,
}

/// What a piece of a line says.
pub(super) enum Event {
    /// A step begins.
    Header(Header),
    /// A step is done.
    Completion(Completion),
    /// The script is done.
    Total(Amount, usize),
    /// The server is ready, after so long.
    Ready(Ready),
    /// A process is at its beginning.
    Begins,
    /// The server is ready.
    Milestone,
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
        if text.contains(" in ") {
            if let Some(ready) = frameworks::ready(text) {
                return Some(Self::Ready(ready));
            }
            if let Some(completion) = steps::completion(text) {
                return Some(Self::Completion(completion));
            }
        }
        if frameworks::begins(text) {
            return Some(Self::Begins);
        }
        frameworks::is_milestone(text).then_some(Self::Milestone)
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
        }
    }

    /// Takes in what the piece `piece` of a line says.
    pub(super) fn observe(&mut self, event: Event, line: &Line, piece: &Range<usize>) {
        let file_span = |range: Range<usize>| {
            line.mapped()
                .span(piece.start + range.start..piece.start + range.end)
        };
        let measure = |(seconds, end): Amount, start: usize| Measure {
            seconds,
            number: file_span(start..end),
            line: line.mapped().span(piece.clone()),
        };
        match event {
            Event::Header(header) => self.header(header, line),
            Event::Completion(completion) => {
                let name = line.mapped().text()[piece.clone()][completion.name.clone()].to_owned();
                let measure = measure(completion.amount, completion.start);
                self.completion(name, measure, completion.marked);
            }
            Event::Total(amount, start) => {
                if self.start.total.is_some() || self.start.ready.is_some() {
                    self.renew(line.mapped().file());
                }
                let total = measure(amount, start);
                self.start.total = Some(total);
                self.start.closed = true;
                let later = self
                    .start
                    .later
                    .take()
                    .filter(|(step, _)| step.seconds <= total.seconds);
                if let (Some(later), Some(last)) = (later, self.start.steps.last_mut()) {
                    *last = later;
                }
            }
            Event::Ready(ready) if self.is_reload(&ready) => {}
            Event::Ready(ready) => {
                if self.start.ready.is_some() {
                    self.renew(line.mapped().file());
                }
                let amount = (ready.length, ready.number.end);
                self.start.ready = Some((measure(amount, ready.number.start), ready.bound));
                self.start.closed = true;
                self.last_ready = Some(ready.length);
            }
            Event::Begins => {
                if self.start.ready.is_some() {
                    self.renew(line.mapped().file());
                }
                self.start.at = self
                    .start
                    .at
                    .take()
                    .or_else(|| line.stamp().map(str::to_owned));
            }
            Event::Milestone => self.start.milestone(),
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

    fn header(&mut self, header: Header, line: &Line) {
        let start = &self.start;
        let again = header.number < start.header || (header.number == 1 && start.header == 1);
        if again || start.closed || (header.number == 1 && !start.steps.is_empty()) {
            self.renew(line.mapped().file());
        }
        if header.number == 1 {
            self.start.at = line.stamp().map(str::to_owned).or(header.stamp);
        }
        self.start.header = header.number;
        self.start.of = header.of;
        self.start.header_completed = false;
    }

    /// Under a header one completion counts, the longest, since a step may report its parts before itself. Without
    /// headers the check mark tells a script's steps from a server's chatter, and a name that comes again tells a new
    /// start.
    fn completion(&mut self, name: String, measure: Measure, marked: bool) {
        let start = &mut self.start;
        let step = Step {
            name,
            seconds: measure.seconds,
            span: measure.number,
        };
        if start.header == 0 {
            if !marked {
                return;
            }
            if start.steps.iter().any(|(known, _)| known.name == step.name) {
                self.renew(measure.number.file);
            }
            if !self.start.closed && self.start.steps.len() < MAX_STEPS {
                self.start.steps.push((step, measure.line));
            }
            return;
        }
        if start.closed {
            return;
        }
        if start.header_completed && start.header == start.of {
            let known = start.later.as_ref().or(start.steps.last());
            if known.is_none_or(|(known, _)| known.seconds < step.seconds) {
                self.start.later = Some((step, measure.line));
            }
            return;
        }
        match start.steps.last_mut().filter(|_| start.header_completed) {
            None => start.steps.push((step, measure.line)),
            Some(last) if last.0.seconds < step.seconds => *last = (step, measure.line),
            Some(_) => {}
        }
        start.header_completed = true;
    }

    /// Ends the start that is being read, and begins the next.
    fn renew(&mut self, file: FileId) {
        let start = std::mem::take(&mut self.start);
        self.finished.extend(start.finish(&self.name, file));
    }

    /// All starts of this container.
    pub(super) fn finish(mut self, file: FileId) -> Vec<Startup> {
        self.renew(file);
        self.finished
    }
}

impl Start {
    /// The server is up: a script without headers is done with it, one with headers after its last step. (A script
    /// may wait for another server, and print that one's message.)
    fn milestone(&mut self) {
        let is_done = self.header == 0 || (self.header == self.of && self.header_completed);
        self.closed |= is_done;
    }

    /// What the start comes to; `None` if nothing was measured.
    fn finish(self, container: &str, file: FileId) -> Option<Startup> {
        let (measure, bound) = self.length()?;
        let is_named = !container.is_empty();
        Some(Startup {
            service: is_named.then(|| logs::service(container).to_owned()),
            container: is_named.then(|| container.to_owned()),
            ready: measure.seconds,
            bound,
            file,
            span: measure.line,
            number: measure.number,
            steps: self.steps.into_iter().map(|(step, _)| step).collect(),
            at: self.at,
        })
    }

    /// The length of the start.
    ///
    /// The steps prove their total or, in a log that is cut off before it, their sum. The server starts behind them:
    /// a lower bound. A ready line's own number wins over them and is not added, since nobody knows whether the steps
    /// ran before or inside its process; it is exact only without steps. Steps that prove more than that number must
    /// have run before the process, and then stand as the lower bound.
    fn length(&self) -> Option<(Measure, Bound)> {
        let proven = self.total.or_else(|| self.sum());
        match (self.ready, proven) {
            (Some((ready, _)), Some(proven)) if proven.seconds > ready.seconds => {
                Some((proven, Bound::Lower))
            }
            (Some((ready, _)), Some(_)) => Some((ready, Bound::Lower)),
            (Some(exact), None) => Some(exact),
            (None, proven) => Some((proven?, Bound::Lower)),
        }
    }

    fn sum(&self) -> Option<Measure> {
        let (last, line) = self.steps.last()?;
        Some(Measure {
            seconds: self.steps.iter().map(|(step, _)| step.seconds).sum(),
            number: last.span,
            line: *line,
        })
    }
}
