//! What a run that takes long is at: a line on the terminal, which goes away again.

use std::env;
use std::io::{self, IsTerminal, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Who waits for less wants no line.
const PATIENCE: Duration = Duration::from_millis(500);
/// Back to the line's begin, and without what stands in it.
const ERASE: &str = "\r\x1b[K";

/// Tells it until it is dropped.
#[derive(Debug)]
pub(super) struct Progress(Option<(Sender<&'static str>, JoinHandle<()>)>);

impl Progress {
    /// Only where somebody sits and waits: on a terminal, and not in the log of a CI job.
    pub(super) fn start(is_wanted: bool) -> Self {
        let is_able = env::var_os("TERM").is_none_or(|term| term != "dumb");
        if !is_wanted || !is_able || env::var_os("CI").is_some() || !io::stderr().is_terminal() {
            return Self(None);
        }
        let (sender, stages) = channel();
        let drawing = thread::spawn(move || {
            // Nobody can be told that nothing can be told.
            draw(&stages, PATIENCE, &mut io::stderr()).ok();
        });
        Self(Some((sender, drawing)))
    }

    /// What is done from now on.
    pub(super) fn say(&self, stage: &'static str) {
        if let Some((sender, _)) = &self.0 {
            sender.send(stage).ok();
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((sender, drawing)) = self.0.take() {
            drop(sender);
            // What comes next on the terminal begins in an empty line.
            drawing.join().ok();
        }
    }
}

/// Draws the present stage as soon as it has taken too long, until there are no more.
fn draw(
    stages: &Receiver<&'static str>,
    patience: Duration,
    out: &mut impl Write,
) -> io::Result<()> {
    let until = Instant::now() + patience;
    let mut stage = "";
    let mut is_drawn = false;
    loop {
        let next = if is_drawn {
            stages.recv().map_err(|_| RecvTimeoutError::Disconnected)
        } else {
            stages.recv_timeout(until.saturating_duration_since(Instant::now()))
        };
        match next {
            Ok(next) => stage = next,
            Err(RecvTimeoutError::Timeout) => is_drawn = true,
            Err(RecvTimeoutError::Disconnected) => break,
        }
        if is_drawn && !stage.is_empty() {
            write!(out, "{ERASE}{stage} …")?;
            out.flush()?;
        }
    }
    if is_drawn {
        write!(out, "{ERASE}")?;
        out.flush()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_run_says_nothing() {
        let (sender, stages) = channel();
        sender.send("reading").unwrap();
        drop(sender);
        let mut out = Vec::new();
        draw(&stages, Duration::from_secs(3600), &mut out).unwrap();
        assert_eq!(out, b"");
    }

    #[test]
    fn a_long_one_says_what_it_is_at_and_leaves_nothing_behind() {
        let (sender, stages) = channel();
        let drawing = thread::spawn(move || {
            let mut out = Vec::new();
            draw(&stages, Duration::ZERO, &mut out).unwrap();
            String::from_utf8(out).unwrap()
        });
        thread::sleep(Duration::from_millis(20));
        sender.send("reading").unwrap();
        sender.send("judging").unwrap();
        drop(sender);
        let drawn = drawing.join().unwrap();
        assert_eq!(drawn, "\r\x1b[Kreading …\r\x1b[Kjudging …\r\x1b[K");
    }
}
