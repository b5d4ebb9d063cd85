//! The shell's own commands.

use super::commands::CWD;
use super::expand::Field;
use super::flow::{Flow, Left, Tests, Time, either};
use super::value::Value;
use super::variables::Held;
use super::walk::Walker;
use std::rc::Rc;

impl Walker {
    pub fn builtin(&mut self, name: &str, args: &[Field], now: &Time) -> Option<Flow> {
        let operand = args.get(1).and_then(Field::text);
        Some(match name {
            "echo" | "printf" => {
                for field in &args[1..] {
                    self.printed(&field.value);
                }
                Flow::ok(now.clone())
            }
            ":" | "true" | "shopt" | "trap" | "unalias" => Flow::ok(now.clone()),
            "false" => Flow::fail(now.clone()),
            "exit" => {
                let status = status(args);
                self.exit(now.clone(), status)
            }
            "return" => self.return_(now.clone(), status(args)),
            "break" => Flow {
                left: Left {
                    breaks: true,
                    ..Left::default()
                },
                ..Flow::default()
            },
            "continue" => self.continue_(now),
            "cd" | "pushd" => {
                self.change_folder(args);
                Flow::any(now.clone())
            }
            "popd" => {
                self.variables.forget(CWD);
                Flow::any(now.clone())
            }
            "set" => {
                self.options(args);
                Flow::ok(now.clone())
            }
            "unset" => {
                for name in args[1..].iter().filter_map(Field::text) {
                    self.variables.unset(&name);
                }
                Flow::ok(now.clone())
            }
            "shift" => {
                self.shift(operand.as_deref());
                Flow::ok(now.clone())
            }
            "read" | "mapfile" | "readarray" => {
                for name in args[1..].iter().filter_map(Field::text) {
                    self.variables.forget(&name);
                }
                Flow::any(now.clone())
            }
            "let" => self.let_(args, now),
            "[" | "test" => {
                let end = args.len() - usize::from(name == "[" && args.len() > 1);
                let tests = self.test_fields(&args[1..end.max(1)]);
                Flow {
                    tests,
                    ..Flow::any(now.clone())
                }
            }
            "sleep" => self.sleep(args, now),
            _ => return None,
        })
    }

    fn let_(&mut self, args: &[Field], now: &Time) -> Flow {
        let script = Rc::clone(&self.script);
        let mut tests = Tests::default();
        for arg in &args[1..] {
            let mut reader = super::lexer::Reader::new(script.text());
            let arith = reader.arithmetic(arg.at.clone());
            tests = self.arith_tests(&arith);
        }
        Flow {
            tests,
            ..Flow::any(now.clone())
        }
    }

    fn return_(&mut self, now: Time, status: Option<bool>) -> Flow {
        let Some(call) = self.calls.last_mut() else {
            return self.exit(now, status);
        };
        if status != Some(false) {
            call.ok = either(call.ok.take(), Some(now.clone()), false);
        }
        if status != Some(true) {
            call.fail = either(call.fail.take(), Some(now), false);
        }
        Flow {
            left: Left {
                returns: true,
                well: status == Some(true),
                badly: status == Some(false),
                ..Left::default()
            },
            ..Flow::default()
        }
    }

    fn continue_(&mut self, now: &Time) -> Flow {
        if let Some(frame) = self.loops.last_mut() {
            frame.again = either(frame.again.take(), Some(now.clone()), false);
            let values = frame.names.iter().map(|n| self.variables.value(n).cloned());
            // With more of them than anybody writes, each counter that differs once is unknown anyway.
            if frame.continues.len() < 64 {
                frame.continues.push(values.collect());
            }
        }
        Flow {
            left: Left {
                continues: true,
                ..Left::default()
            },
            ..Flow::default()
        }
    }

    fn options(&mut self, args: &[Field]) {
        for text in args[1..].iter().filter_map(Field::text) {
            let cluster = text.get(1..).unwrap_or_default();
            if !text.starts_with("--") && cluster.contains('e') && !cluster.contains("rr") {
                self.stops_on_errors = text.starts_with('-');
            } else if text == "errexit" {
                self.stops_on_errors = args[1].text().is_some_and(|t| t.starts_with('-'));
            }
        }
    }

    fn change_folder(&mut self, args: &[Field]) {
        let mut operands = args[1..]
            .iter()
            .filter(|f| !f.value.shown().starts_with('-'));
        let target = operands.next().and_then(Field::text);
        let current = self
            .variables
            .value(CWD)
            .map_or(Some(String::new()), Value::known);
        let joined = match target {
            Some(target) if target.starts_with('/') => Some(join("/", &target)),
            Some(target) if target.starts_with('~') || target.is_empty() => None,
            Some(target) => current.map(|current| join(&current, &target)),
            None => None,
        };
        match joined {
            Some(folder) => self.variables.set(CWD, Value::text(&folder, Vec::new())),
            None => self.variables.forget(CWD),
        }
    }

    fn arguments(&self) -> Option<Vec<Value>> {
        match self.variables.get("@") {
            Some(Held::List(list)) => Some(list.to_vec()),
            _ => None,
        }
    }

    fn shift(&mut self, count: Option<&str>) {
        let count = count.map_or(Some(1), |n| n.parse().ok());
        match (self.arguments(), count) {
            (Some(mut values), Some(count)) => {
                values.drain(..values.len().min(count));
                self.set_arguments(values);
            }
            _ => (1..=9).for_each(|n: u8| self.variables.forget(&n.to_string())),
        }
    }
}

/// Whether `exit` or `return` ends well; `None` where that is not known.
fn status(args: &[Field]) -> Option<bool> {
    let number: i64 = args.get(1)?.text()?.parse().ok()?;
    Some(number == 0)
}

/// A folder seen from another one, with `.` and `..` resolved as far as they go.
pub(super) fn join(base: &str, target: &str) -> String {
    let absolute = base.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in base.split('/').chain(target.split('/')) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if absolute => {}
            _ => parts.push(part),
        }
    }
    format!("{}{}", if absolute { "/" } else { "" }, parts.join("/"))
}
