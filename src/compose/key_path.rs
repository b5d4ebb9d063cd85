//! The key path of a place: `services.web.ports[1]`.

use super::interpolate::{Environment, Uses};
use super::pages::{Pages, Part};
use super::value::{Data, Value};
use crate::source::Span;

/// Finds the key paths of places in one file, reading only the parts that they stand in.
pub(super) struct Finder<'a> {
    pages: &'a Pages,
    environment: &'a Environment,
    /// The part that was read last, with the number of its document.
    last: Option<(usize, Part, Value)>,
}

impl<'a> Finder<'a> {
    pub(super) fn new(pages: &'a Pages, environment: &'a Environment) -> Self {
        Self {
            pages,
            environment,
            last: None,
        }
    }

    /// The key path of the innermost value or key that holds a place; empty if there is none.
    pub(super) fn path(&mut self, span: Span) -> String {
        for (number, page) in self.pages.documents.iter().enumerate() {
            let part = self.pages.part_at(page, span.start);
            let is_last = |last: &(usize, Part, Value)| (last.0, last.1) == (number, part);
            if !self.last.as_ref().is_some_and(is_last) {
                let (uses, problems) = (&mut Uses::new(), &mut Vec::new());
                let value = self
                    .pages
                    .read(page, part, self.environment, uses, problems);
                self.last = Some((number, part, value));
            }
            let path = self
                .last
                .as_ref()
                .and_then(|(.., value)| path_of(value, span));
            if let Some(path) = path {
                return path;
            }
        }
        String::new()
    }
}

/// The key path of the innermost value or key that holds a place.
fn path_of(root: &Value, span: Span) -> Option<String> {
    fn within(outer: Span, inner: Span) -> bool {
        outer.file == inner.file && outer.start <= inner.start && inner.end <= outer.end
    }
    fn descend(value: &Value, span: Span, path: &mut String) {
        let before = path.len();
        match &value.data {
            Data::Mapping(mapping) => {
                for (key, field) in &mapping.fields {
                    if within(field.key, span) || within(field.value.span, span) {
                        path.push_str(if before == 0 { "" } else { "." });
                        path.push_str(key);
                        return descend(&field.value, span, path);
                    }
                }
            }
            Data::Sequence(items) => {
                if let Some(index) = items.iter().position(|item| within(item.span, span)) {
                    path.extend(["[", &index.to_string(), "]"]);
                    descend(&items[index], span, path);
                }
            }
            Data::Null | Data::Scalar(_) => {}
        }
    }
    let mut path = String::new();
    descend(root, span, &mut path);
    (!path.is_empty()).then_some(path)
}
