//! Commands that run other commands: `sudo`, `env`, `timeout` and their kin.

use super::Event;
use super::commands::Input;
use super::expand::Field;
use super::flow::{Flow, Time};
use super::lengths::{Length, length};
use super::value::add_literals;
use super::waits::{Form, Timeout, Wait};
use super::walk::Walker;
use crate::duration::Seconds;

impl Walker {
    /// Runs what a wrapper runs; nothing where `name` is none.
    pub fn wrapper(
        &mut self,
        name: &str,
        args: &[Field],
        input: Input<'_>,
        now: &Time,
    ) -> Option<Flow> {
        let with_value: &[&str] = match name {
            "sudo" | "doas" => &["-u", "-g", "-h", "-p", "-C", "-U", "--user", "--group"],
            "env" => &["-u", "--unset", "-C", "--chdir"],
            "nice" => &["-n"],
            "ionice" => &["-c", "-n", "-p"],
            "exec" => &["-a"],
            "stdbuf" => &["-i", "-o", "-e"],
            "sshpass" => &["-p", "-f", "-d"],
            "nohup" | "command" | "builtin" | "time" | "setsid" | "chronic" | "unbuffer"
            | "winpty" | "dotenv" => &[],
            "timeout" | "gtimeout" => return Some(self.timeout(args, input, now)),
            _ => return None,
        };
        let mut saved = Vec::new();
        let mut at = 1;
        while let Some(field) = args.get(at) {
            let shown = field.value.shown();
            if shown.starts_with('-') && shown.len() > 1 {
                at += 1 + usize::from(with_value.contains(&shown.as_str()));
                if name == "command" {
                    // `command -v X` only asks.
                    return Some(Flow::any(now.clone()));
                }
            } else if let Some((variable, _)) = shown
                .split_once('=')
                .filter(|_| name == "env" || name == "sudo")
            {
                let value = field.value.without_prefix(variable.len() + 1);
                saved.push((variable.to_owned(), self.variables.get(variable).cloned()));
                self.variables.set(variable, value);
                at += 1;
            } else {
                break;
            }
        }
        let rest = args.get(at..).unwrap_or_default();
        let flow = match (rest.is_empty(), name) {
            // `exec >log` goes on.
            (true, "exec") => Flow::ok(now.clone()),
            _ => self.execute(rest, input, now.clone()),
        };
        self.restore(saved);
        Some(flow)
    }

    fn timeout(&mut self, args: &[Field], input: Input<'_>, now: &Time) -> Flow {
        let mut at = 1;
        let mut limit = None;
        while let Some(field) = args.get(at) {
            let shown = field.value.shown();
            at += 1;
            match shown.as_str() {
                "-k" | "--kill-after" | "-s" | "--signal" => at += 1,
                // busybox of old.
                "-t" => {
                    limit = args.get(at);
                    at += 1;
                }
                _ if shown.starts_with('-') && shown.len() > 1 => {}
                _ if limit.is_none() => limit = Some(field),
                _ => {
                    at -= 1;
                    break;
                }
            }
        }
        let limit = limit.map_or_else(Length::default, |f| length(&f.value, Seconds::new(1)));
        let rest = args.get(at..).unwrap_or_default();
        let first_event = self.events.len();
        let first_seen = self.seen.len();
        let outer = self.context.clone();
        let hangs = std::mem::take(&mut self.hangs);
        self.context.setting.timeout = Some(Timeout {
            limit: limit.known,
            from: limit.from.clone(),
            knob: limit.knob.clone(),
        });
        self.context.fatal = false;
        self.context.fails_behind = false;
        let flow = self.isolated(now.clone(), |walker, now| walker.execute(rest, input, now));
        self.context = outer;
        let waits = std::mem::replace(&mut self.hangs, hangs) | self.drop_waits(first_event);
        // `timeout 0` is no timeout.
        let budget = limit.known.filter(|l| *l > Seconds::ZERO);
        if waits {
            let wait = Wait {
                form: Form::TimeoutCommand,
                span: self.script.span(Self::place(args)),
                budget,
                from: limit.from.clone(),
                knob: limit.knob,
                can_fail: self.failure_counts(),
                goes_on: self.failure_is_lost(),
                watches: self.watches(first_seen),
                setting: self.context.setting.clone(),
            };
            self.emit_wait(wait);
        }
        let mut time = Time {
            probes: true,
            unclear: budget.is_none(),
            tries: budget.unwrap_or_default(),
            ..Time::default()
        };
        add_literals(&mut time.from, &limit.from);
        let tests = flow.tests;
        Flow {
            tests,
            ..Flow::any(now.clone().then(&time))
        }
    }

    /// Drops the waits since `first` that an enclosing limit cuts off, and says whether there were any.
    pub fn drop_waits(&mut self, first: usize) -> bool {
        let mut any = false;
        for slot in &mut self.events[first..] {
            let cut = matches!(slot, Some(Event::Wait(wait)) if matches!(
                wait.form,
                Form::Sleep | Form::ForLoop | Form::CounterLoop | Form::OpenLoop
                    | Form::DeadlineLoop | Form::TimeoutCommand
            ));
            if cut {
                *slot = None;
                any = true;
            }
        }
        any
    }
}
