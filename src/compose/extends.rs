//! `extends`: a service laid over another one, of the same file or of another.
//!
//! As compose-go does it: within each file, before the files are merged (v2.9.1, `loader/extends.go`).

use super::Loader;
use super::merge::merge;
use super::value::{Data, Mapping, Through, Value};
use crate::source::{Span, paths};
use crate::yaml::Problem;

/// Chains go no deeper.
const MAX_CHAIN: usize = 50;

impl Loader<'_> {
    /// Resolves all `extends` of one file's content.
    pub(super) fn extend(&mut self, root: &mut Value, folder: &str) {
        let names: Vec<String> = services(root)
            .map(|services| services.fields.iter())
            .into_iter()
            .flatten()
            .filter(|(_, field)| field.value.get("extends").is_some())
            .map(|(name, _)| name.clone())
            .collect();
        for name in names {
            let Some(service) = root
                .get("services")
                .and_then(|services| services.get(&name))
                .cloned()
            else {
                continue;
            };
            let extended = self.extended(&name, &service, root, folder, &mut vec![name.clone()]);
            if let Data::Mapping(root) = &mut root.data
                && let Some(services) = root.fields.get_mut("services")
                && let Data::Mapping(services) = &mut services.value.data
                && let Some(field) = services.fields.get_mut(&name)
            {
                field.value = extended;
            }
        }
    }

    fn extended(
        &mut self,
        name: &str,
        service: &Value,
        root: &Value,
        folder: &str,
        chain: &mut Vec<String>,
    ) -> Value {
        let mut own = service.clone();
        let Data::Mapping(fields) = &mut own.data else {
            return own;
        };
        let Some(extends) = fields.fields.shift_remove("extends") else {
            return own;
        };
        let target = extends
            .value
            .get("service")
            .unwrap_or(&extends.value)
            .text();
        let Some(target) = target.map(str::to_owned) else {
            return own;
        };
        let place = extends.value.span;
        let other_file = extends
            .value
            .get("file")
            .and_then(Value::text)
            .map(str::to_owned);
        let found = match other_file {
            None => root
                .get("services")
                .and_then(|services| services.get(&target))
                .map(|base| {
                    let base = base.clone();
                    (base, None)
                }),
            Some(file) => {
                let Some((other, other_folder)) = self.other_file(&file, folder, place) else {
                    return own;
                };
                let base = other
                    .get("services")
                    .and_then(|services| services.get(&target))
                    .cloned();
                base.map(|base| (base, Some((other, other_folder))))
            }
        };
        let Some((base, other)) = found else {
            self.problem(place, format!("there is no service `{target}` to extend"));
            return own;
        };
        let link = format!("{:?}{}", base.node, target);
        if chain.contains(&link) || chain.len() > MAX_CHAIN {
            self.problem(
                place,
                format!("`extends` leads back to `{target}`: Docker refuses the file"),
            );
            return own;
        }
        chain.push(link);
        let mut base = match &other {
            None => self.extended(&target, &base, root, folder, chain),
            Some((other, other_folder)) => {
                self.extended(&target, &base, other, other_folder, chain)
            }
        };
        pass_on(&mut base, Through::Extends(place));
        merge(base, own, &["services", name], &mut self.found)
    }

    fn other_file(&mut self, file: &str, folder: &str, place: Span) -> Option<(Value, String)> {
        let Some(path) = self.inside(folder, file) else {
            self.problem(place, format!("`{file}` lies outside the project, and nothing outside is read: what this service extends is unknown"));
            return None;
        };
        let mut root = match self.document(&path) {
            Ok(root) => root?,
            Err(error) => {
                self.problem(
                    place,
                    format!("`{path}`, which this service extends, cannot be read: {error}"),
                );
                return None;
            }
        };
        let folder = paths::parent(&path).to_owned();
        if let Some(places) = &self.places {
            places.absolute(&mut root, &folder);
        }
        Some((root, folder))
    }

    fn problem(&mut self, span: Span, message: String) {
        self.problems.push(Problem { span, message });
    }
}

fn services(root: &Value) -> Option<&Mapping> {
    root.get("services")?.mapping()
}

/// Marks every part of a value as having come by this way.
fn pass_on(value: &mut Value, way: Through) {
    value.through.insert(0, way);
    match &mut value.data {
        Data::Mapping(mapping) => {
            for (_, through) in &mut mapping.written {
                through.insert(0, way);
            }
            mapping
                .fields
                .values_mut()
                .for_each(|field| pass_on(&mut field.value, way));
        }
        Data::Sequence(items) => items.iter_mut().for_each(|item| pass_on(item, way)),
        Data::Null | Data::Scalar(_) => {}
    }
}
