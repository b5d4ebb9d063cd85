//! Explanations for people.

use crate::cli::terminal::{Paint, wrap};
use crate::escape;
use crate::explain::{Case, Cause, Change, Explanation, Figure, Likelihood, Step};
use crate::finding::Safety;
use crate::source::{Sources, Span};

/// Writes them, in lines of at most `width`; commands are never broken.
pub(super) fn render(
    explanations: &[Explanation],
    sources: &Sources,
    width: usize,
    paint: Paint,
) -> String {
    let mut page = Page {
        sources,
        width,
        paint,
        out: String::new(),
    };
    for (index, explanation) in explanations.iter().enumerate() {
        if index > 0 {
            page.line("");
        }
        page.explanation(explanation);
    }
    page.out
}

struct Page<'a> {
    sources: &'a Sources,
    width: usize,
    paint: Paint,
    out: String,
}

impl Page<'_> {
    fn line(&mut self, line: &str) {
        self.out.push_str(line.trim_end());
        self.out.push('\n');
    }

    /// A text, broken to fit, behind what stands before it.
    fn text(&mut self, first: &str, text: &str) {
        for line in wrap(&escape::line(text), self.width, first) {
            self.line(&line);
        }
    }

    fn bold(&mut self, text: &str) {
        for line in wrap(&escape::line(text), self.width, "") {
            let line = self.paint.bold(&line);
            self.line(&line);
        }
    }

    fn title(&mut self, title: &str) {
        self.line("");
        self.bold(title);
    }

    fn explanation(&mut self, explanation: &Explanation) {
        self.bold(&explanation.text);
        for paragraph in &explanation.meaning {
            self.line("");
            self.text("", paragraph);
        }
        for case in &explanation.cases {
            self.case(case);
        }
        if !explanation.notes.is_empty() {
            self.line("");
        }
        for note in &explanation.notes {
            self.text("= ", note);
        }
    }

    fn case(&mut self, case: &Case) {
        let stacks = match case.stacks.as_slice() {
            [] => String::new(),
            [one] => format!("stack {one}"),
            several => format!("stacks {}", several.join(", ")),
        };
        match &case.service {
            Some(service) if stacks.is_empty() => self.title(&format!("`{service}`")),
            Some(service) => self.title(&format!("`{service}`, {stacks}")),
            None if stacks.is_empty() => {}
            None => self.title(&stacks),
        }
        self.figures(&case.figures);
        if !case.causes.is_empty() {
            self.title(if case.causes.len() == 1 {
                "Cause"
            } else {
                "Causes, the likeliest first"
            });
        }
        for (index, cause) in case.causes.iter().enumerate() {
            self.cause(index + 1, cause);
        }
        if !case.next.is_empty() {
            self.title("Look at");
        }
        for step in &case.next {
            self.step(step);
        }
        if !case.changes.is_empty() {
            self.title("Change");
        }
        for change in &case.changes {
            self.change(change);
        }
    }

    fn figures(&mut self, figures: &[Figure]) {
        let widest = figures.iter().map(|figure| figure.name.len()).max();
        for figure in figures {
            let first = format!("  {:1$}  ", figure.name, widest.unwrap_or_default());
            let text = format!("{}{}", figure.text, self.at(figure.place));
            self.text(&first, &text);
        }
    }

    fn cause(&mut self, number: usize, cause: &Cause) {
        let first = format!("  {number}. ");
        let likelihood = cause.likelihood.name();
        let mut lines = wrap(
            &escape::line(&format!("{likelihood}: {}", cause.title)),
            self.width,
            &first,
        );
        if let Some(line) = lines.first_mut() {
            let painted = match cause.likelihood {
                Likelihood::Certain | Likelihood::VeryLikely => self.paint.red(likelihood),
                Likelihood::Likely => self.paint.yellow(likelihood),
                Likelihood::Possible => self.paint.bold(likelihood),
                Likelihood::Unlikely | Likelihood::RuledOut => self.paint.dim(likelihood),
            };
            *line = line.replacen(likelihood, &painted, 1);
        }
        for line in lines {
            self.line(&line);
        }
        for because in &cause.because {
            self.text("     ", because);
        }
    }

    fn step(&mut self, step: &Step) {
        let command = self.paint.code(&escape::line(&step.command));
        self.line(&format!("  $ {command}"));
        self.text("      ", &step.tells);
    }

    fn change(&mut self, change: &Change) {
        let mut text = format!("{}{}", change.title, self.at(change.place));
        if let Some((rule, severity)) = change.rule {
            text = format!("{} [{rule}]: {text}", severity.name());
        }
        text += match change.safety {
            Some(Safety::Safe) => ": `upbeat --fix` with the same flags",
            Some(Safety::Unsafe) => ": `upbeat --fix --unsafe-fixes` with the same flags",
            Some(Safety::Display) => ": by hand",
            None => "",
        };
        self.text("  - ", &text);
    }

    /// ` (compose.yml:12)`, or nothing.
    fn at(&self, place: Option<Span>) -> String {
        place.map_or_else(String::new, |place| {
            let path = self.sources.get(place.file).path();
            format!(" ({path}:{})", self.sources.start(place).line)
        })
    }
}
