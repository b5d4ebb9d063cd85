//! `ifeq`, `ifdef`, `else`, `endif`.

use super::super::text::is_known;
use super::Reader;

/// Whether a branch is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Taken {
    Yes,
    No,
    Maybe,
}

/// The open conditions, the innermost last: the current branch, and whether one before it was taken.
#[derive(Debug, Default)]
pub(super) struct Conditions(Vec<(Taken, Taken)>);

impl Conditions {
    /// Whether what stands here is surely not read.
    pub fn skips(&self) -> bool {
        self.0.iter().any(|(here, _)| *here == Taken::No)
    }

    /// Whether it is not known if what stands here is read.
    pub fn maybe(&self) -> bool {
        self.0.iter().any(|(here, _)| *here == Taken::Maybe)
    }
}

impl Reader<'_> {
    /// Follows a line that begins with a condition's word; `false` where it is none.
    pub(super) fn condition(&mut self, line: &str) -> bool {
        let (word, rest) = line.split_once([' ', '\t', '(']).unwrap_or((line, ""));
        let rest = if line[word.len()..].starts_with('(') {
            &line[word.len()..]
        } else {
            rest.trim()
        };
        match word {
            "ifeq" | "ifneq" | "ifdef" | "ifndef" => {
                let taken = self.tested(word, rest);
                self.conditions.0.push((taken, taken));
            }
            "else" => {
                let Some((_, before)) = self.conditions.0.pop() else {
                    return true;
                };
                let (next, behind) = rest.split_once([' ', '\t', '(']).unwrap_or((rest, ""));
                let behind = if rest[next.len()..].starts_with('(') {
                    &rest[next.len()..]
                } else {
                    behind.trim()
                };
                let own = if next.starts_with("if") && before != Taken::Yes {
                    self.tested(next, behind)
                } else {
                    Taken::Yes
                };
                let here = match (before, own) {
                    (Taken::Yes, _) | (_, Taken::No) => Taken::No,
                    (Taken::No, own) => own,
                    (Taken::Maybe, _) => Taken::Maybe,
                };
                let any = match (before, here) {
                    (Taken::Yes, _) | (_, Taken::Yes) => Taken::Yes,
                    (Taken::No, Taken::No) => Taken::No,
                    _ => Taken::Maybe,
                };
                self.conditions.0.push((here, any));
            }
            "endif" => {
                self.conditions.0.pop();
            }
            _ => return false,
        }
        true
    }

    fn tested(&mut self, word: &str, rest: &str) -> Taken {
        let holds = match word {
            "ifdef" | "ifndef" => {
                let name = self.expand(rest.trim(), 0);
                self.defined(&name)
                    .map(|defined| defined == (word == "ifdef"))
            }
            _ => operands(rest).and_then(|(left, right)| {
                let (left, right) = (self.expand(left, 0), self.expand(right, 0));
                let known = is_known(&left) && is_known(&right);
                known.then(|| (left == right) == (word == "ifeq"))
            }),
        };
        match holds {
            Some(true) => Taken::Yes,
            Some(false) => Taken::No,
            None => Taken::Maybe,
        }
    }

    /// Whether a variable holds anything, followed or not.
    fn defined(&self, name: &str) -> Option<bool> {
        match self.variables.get(name) {
            Some(variable) if !is_known(&variable.text) => None,
            Some(variable) => Some(!variable.text.is_empty()),
            None if self.lacks_files || !is_known(name) => None,
            None => Some(false),
        }
    }
}

/// `(a,b)`, `"a" "b"`, `'a' 'b'`
fn operands(rest: &str) -> Option<(&str, &str)> {
    let rest = rest.trim();
    if let Some(inner) = rest
        .strip_prefix('(')
        .and_then(|rest| rest.strip_suffix(')'))
    {
        let mut open = 0usize;
        let comma = inner.bytes().position(|byte| {
            match byte {
                b'(' | b'{' => open += 1,
                b')' | b'}' => open = open.saturating_sub(1),
                _ => {}
            }
            byte == b',' && open == 0
        })?;
        return Some((inner[..comma].trim(), inner[comma + 1..].trim()));
    }
    let quoted = |text: &'_ str| -> Option<usize> {
        let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        text[1..].find(quote).map(|at| at + 1)
    };
    let end = quoted(rest)?;
    let (left, behind) = (&rest[1..end], rest[end + 1..].trim_start());
    let end = quoted(behind)?;
    Some((left, &behind[1..end]))
}
