//! The baseline: findings that were there when somebody began to look, so that only new ones are reported.
//!
//! A finding is known again by its rule, its file, the keys that lead to its place and its message, which holds the numbers that
//! matter: not by its line, which every edit above it moves.

use crate::finding::Finding;
use crate::source::{Sources, Span};
use crate::yaml::{Kind, NodeId, Tree, Trees};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The first line of the file.
const HEAD: &str = r#"{"upbeat_baseline":1}"#;

/// Findings that are known, with how many there are of each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline(BTreeMap<Known, usize>);

/// What a finding is known by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Known {
    /// The file, from the project's root.
    pub path: String,
    /// The rule.
    pub rule: String,
    /// The keys that lead to the place: `services.web.healthcheck.retries`; empty in files that have none.
    pub at: String,
    /// What is wrong, without numbers of lines.
    pub message: String,
}

impl Baseline {
    /// The baseline that knows these findings.
    pub fn of(findings: &[Finding], sources: &Sources, trees: &Trees) -> Self {
        let mut known = BTreeMap::new();
        for finding in findings {
            *known.entry(Known::of(finding, sources, trees)).or_default() += 1;
        }
        Self(known)
    }

    /// Reads what [`Self::text`] wrote.
    ///
    /// # Errors
    /// Why it is none, in one sentence.
    pub fn read(text: &str) -> Result<Self, String> {
        let mut lines = (1..).zip(text.lines());
        if lines.next().is_none_or(|(_, line)| line != HEAD) {
            return Err(format!("it is no baseline: its first line is not {HEAD}"));
        }
        let mut known = BTreeMap::new();
        for (number, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
            let wrong =
                || format!("its line {number} is no finding as --write-baseline writes them");
            let value: Value = serde_json::from_str(line).map_err(|_| wrong())?;
            let field = |name: &str| Some(value.get(name)?.as_str()?.to_owned());
            let read = || {
                Some(Known {
                    path: field("path")?,
                    rule: field("rule")?,
                    at: field("at")?,
                    message: field("message")?,
                })
            };
            *known.entry(read().ok_or_else(wrong)?).or_default() += 1;
        }
        Ok(Self(known))
    }

    /// The file: a line each, in order, so that edits of different findings merge.
    pub fn text(&self) -> String {
        let mut text = format!("{HEAD}\n");
        for (known, count) in &self.0 {
            let Known {
                path,
                rule,
                at,
                message,
            } = known;
            let line = json!({ "path": path, "rule": rule, "at": at, "message": message });
            text.push_str(&format!("{line}\n").repeat(*count));
        }
        text
    }

    /// How many findings it knows.
    pub fn len(&self) -> usize {
        self.0.values().sum()
    }

    /// Whether it knows none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes out the findings that it knows, each as often as it knows it. What is left of it is gone.
    pub fn take_from(
        &self,
        findings: &mut Vec<Finding>,
        sources: &Sources,
        trees: &Trees,
    ) -> Taken {
        let mut left = self.0.clone();
        let mut taken = Taken::default();
        for finding in std::mem::take(findings) {
            match left.get_mut(&Known::of(&finding, sources, trees)) {
                Some(count) if *count > 0 => {
                    *count -= 1;
                    taken.hidden.push(finding);
                }
                _ => findings.push(finding),
            }
        }
        let gone = left.into_iter();
        taken.gone = gone
            .flat_map(|(known, count)| std::iter::repeat_n(known, count))
            .collect();
        taken
    }
}

/// What a baseline did to the findings of a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Taken {
    /// Findings that it knows.
    pub hidden: Vec<Finding>,
    /// What it knows and what is not found any more.
    pub gone: Vec<Known>,
}

impl Known {
    /// What a finding is known by.
    pub fn of(finding: &Finding, sources: &Sources, trees: &Trees) -> Self {
        let span = finding.primary.span;
        let tree = trees.get(span.file);
        Self {
            path: sources.get(span.file).path().to_owned(),
            rule: finding.rule.to_owned(),
            at: tree.map_or(String::new(), |tree| keys(tree, span)),
            message: without_lines(&finding.message),
        }
    }

    /// Thirty-two hexadecimal digits that stand for it where others keep records; `occurrence` tells findings apart that are
    /// known by the same, from 0.
    pub fn fingerprint(&self, occurrence: usize) -> String {
        // FNV-1a: the same on every machine and in every version. Lengths keep the parts apart.
        const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
        const PRIME: u128 = 0x0100_0000_0000_0000_0000_013b;
        let mut hash = OFFSET;
        let mut add = |bytes: &[u8]| {
            for byte in bytes {
                hash = (hash ^ u128::from(*byte)).wrapping_mul(PRIME);
            }
        };
        for part in [&self.path, &self.rule, &self.at, &self.message] {
            add(&(part.len() as u64).to_le_bytes());
            add(part.as_bytes());
        }
        add(&(occurrence as u64).to_le_bytes());
        format!("{hash:032x}")
    }
}

/// The keys that lead to a place. An item of a list goes by its name, or by nothing: a number would change with each item
/// that is put in above it.
fn keys(tree: &Tree, span: Span) -> String {
    let holds = |id: NodeId| {
        let range = tree.range(id);
        range.start <= span.start && span.start <= range.end
    };
    let mut keys = String::new();
    let mut at = tree.documents().iter().copied().find(|root| holds(*root));
    while let Some(node) = at {
        at = match tree.kind(node) {
            Kind::Mapping { entries, .. } => {
                let index =
                    entries.partition_point(|entry| tree.range(entry.key).start <= span.start);
                let entry = index.checked_sub(1).map(|index| entries[index]);
                let entry = entry.filter(|entry| holds(entry.key) || holds(entry.value));
                entry.map(|entry| {
                    keys.push_str(if keys.is_empty() { "" } else { "." });
                    keys.push_str(tree.scalar(entry.key).unwrap_or_default());
                    entry.value
                })
            }
            Kind::Sequence { items, .. } => {
                let index = items.partition_point(|item| tree.range(*item).start <= span.start);
                let item = index.checked_sub(1).map(|index| items[index]);
                let item = item.filter(|item| holds(*item));
                if let Some(item) = item {
                    let names = ["name", "id", "uses"].into_iter();
                    let mut named = names.filter_map(|key| tree.scalar(tree.get(item, key)?));
                    keys.push('[');
                    keys.push_str(named.next().unwrap_or_default());
                    keys.push(']');
                }
                item
            }
            Kind::Scalar { .. } | Kind::Alias(_) => None,
        };
    }
    keys
}

/// A message without the numbers of lines in it: `compose.yml:12` is `compose.yml`.
fn without_lines(message: &str) -> String {
    let words = message.split(' ').map(|word| {
        let bare = word.trim_end_matches([')', ',', ';']);
        match bare.rsplit_once(':') {
            Some((path, line)) if path.contains(['.', '/']) && line.parse::<u32>().is_ok() => {
                format!("{path}{}", &word[bare.len()..])
            }
            _ => word.to_owned(),
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_lines_do_not_count_and_others_do() {
        let text = "MAX_WAIT=120 (a/compose.yml:12), compose.yml:3 and 12:30 stay at 445s";
        let bare = "MAX_WAIT=120 (a/compose.yml), compose.yml and 12:30 stay at 445s";
        assert_eq!(without_lines(text), bare);
    }

    #[test]
    fn fingerprints_tell_all_parts_apart_and_stay() {
        let known = |parts: [&str; 4]| {
            let [path, rule, at, message] = parts.map(str::to_owned);
            Known {
                path,
                rule,
                at,
                message,
            }
        };
        let prints = [
            known(["a", "b", "c", "d"]).fingerprint(0),
            known(["a", "b", "c", "d"]).fingerprint(1),
            known(["ab", "", "c", "d"]).fingerprint(0),
            known(["a", "bc", "", "d"]).fingerprint(0),
            known(["a", "b", "", "cd"]).fingerprint(0),
        ];
        let different: std::collections::BTreeSet<_> = prints.iter().collect();
        assert_eq!(different.len(), prints.len());
        // Records of others hold them: they are not to change. Made by hand with the published constants.
        assert_eq!(prints[0], "1c87f35989425656f3323a458a9a4cad");
    }

    #[test]
    fn what_is_no_baseline_is_told() {
        assert!(Baseline::read("").is_err_and(|why| why.contains("no baseline")));
        let text = format!("{HEAD}\n{{\"path\": 1}}\n");
        assert!(Baseline::read(&text).is_err_and(|why| why.contains("line 2")));
        assert_eq!(
            Baseline::read(&format!("{HEAD}\n\n")),
            Ok(Baseline::default())
        );
    }
}
