//! What the recipes of a justfile run.

use super::super::Script;
use super::super::text::push;
use super::{Parameters, Reader, Recipe};
use crate::shell::Dialect;
use crate::source::{Mapped, MappedBuilder, shebang};
use std::ops::Range;

impl Reader<'_> {
    /// The scripts of a recipe: a line each, or all of it where it begins with `#!`.
    pub(super) fn scripts(&self, recipe: &Recipe, parameters: &Parameters) -> Vec<Script> {
        let first = recipe
            .body
            .first()
            .map(|line| self.text[line.clone()].trim_start());
        let script = recipe
            .attributes
            .iter()
            .any(|a| a.trim_start_matches('[').starts_with("script"));
        if let Some(first) = first.filter(|first| first.starts_with("#!")) {
            let dialect = shebang(first).and_then(Dialect::of);
            let whole = dialect.map(|dialect| self.whole(recipe, parameters, dialect));
            return whole.into_iter().collect();
        }
        let Some(dialect) = self.dialect else {
            return Vec::new();
        };
        if script {
            return vec![self.whole(recipe, parameters, dialect)];
        }
        let mut scripts = Vec::new();
        let mut lines = recipe.body.iter().peekable();
        while let Some(line) = lines.next() {
            let mut builder = MappedBuilder::new(self.file);
            let start = line.start + indentation(&self.text[line.clone()]);
            self.fill(start..line.end, parameters, &mut builder);
            let mut last = line;
            while self.text[last.clone()].ends_with('\\')
                && let Some(next) = lines.next()
            {
                builder.push_made("\n", last.end..next.start);
                self.fill(next.clone(), parameters, &mut builder);
                last = next;
            }
            scripts.push(linewise(&builder.finish(), dialect));
        }
        scripts
    }

    /// The whole body as one script, without the indentation of its first line.
    fn whole(&self, recipe: &Recipe, parameters: &Parameters, dialect: Dialect) -> Script {
        let first = recipe
            .body
            .first()
            .map(|line| indentation(&self.text[line.clone()]));
        let cut = first.unwrap_or_default();
        let mut builder = MappedBuilder::new(self.file);
        for line in &recipe.body {
            let start = line.start + cut.min(indentation(&self.text[line.clone()]));
            self.fill(start..line.end, parameters, &mut builder);
            builder.push_made("\n", line.end..line.end);
        }
        Script {
            text: builder.finish(),
            dialect,
            tolerated: false,
        }
    }

    /// Appends a line with its `{{…}}` filled in.
    fn fill(&self, line: Range<usize>, parameters: &Parameters, builder: &mut MappedBuilder) {
        let mut at = line.start;
        while let Some(open) = self.text[at..line.end].find("{{").map(|n| at + n) {
            builder.push_verbatim(&self.text[at..open], at);
            let rest = &self.text[open + 2..line.end];
            if rest.starts_with("{{") {
                builder.push_made("{{", open..open + 4);
                at = open + 4;
                continue;
            }
            let Some(close) = rest.find("}}").map(|n| open + 2 + n) else {
                at = open;
                break;
            };
            // The braces of an `if` stand before those that close.
            let more = self.text[close + 2..line.end].bytes();
            let close = close + more.take_while(|byte| *byte == b'}').count();
            let inner = &self.text[open + 2..close];
            let value = self.expression(inner, parameters);
            match self.place_of_number(inner.trim(), &value, parameters) {
                Some(place) => builder.push_verbatim(&value, place),
                None => push(builder, &value, &(open..close + 2)),
            }
            at = close + 2;
        }
        builder.push_verbatim(&self.text[at..line.end], at);
    }
}

/// A line without the marks before it: `@` says nothing, `-` goes on when it fails.
fn linewise(line: &Mapped, dialect: Dialect) -> Script {
    let text = line.text();
    let marks = text.len() - text.trim_start_matches(['@', '-', '?']).len();
    Script {
        text: line.slice(marks..text.len()),
        dialect,
        tolerated: text[..marks].contains('-'),
    }
}

fn indentation(line: &str) -> usize {
    line.len() - line.trim_start_matches([' ', '\t']).len()
}
