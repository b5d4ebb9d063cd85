//! How a value of the effective model is changed where it was written, and whom that touches.

use super::{ActiveService, Project, Stack};
use crate::compose::{From, HealthCheck, HealthField, NodeRef, ServiceHealth, Through, Value};
use crate::duration::{Seconds, print_like};
use crate::finding::{Edit, Safety};
use crate::source::Span;
use crate::yaml;
use std::collections::BTreeSet;

/// Edits that set a value, and how safe they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The edits.
    pub edits: Vec<Edit>,
    /// The value as it is written then: `200s`, or `3m20s` where minutes were in use.
    pub written: String,
    /// Safe where nothing else is touched.
    pub safety: Safety,
    /// Who else is touched.
    pub reach: Reach,
}

/// What a change touches besides the value that it is for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// Other services that read the same literal.
    pub services: Vec<String>,
    /// A variable that is used elsewhere as well.
    pub variable: Option<Shared>,
}

/// A variable with several uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shared {
    /// Its name.
    pub name: String,
    /// The number of other places.
    pub others: usize,
}

impl Reach {
    /// A sentence on what else changes; `None` where nothing does.
    pub fn words(&self) -> Option<String> {
        if !self.services.is_empty() {
            return Some(format!(
                "the value is shared: it changes for {} as well",
                self.services.join(", ")
            ));
        }
        let shared = self.variable.as_ref()?;
        let places = if shared.others == 1 {
            "1 other place".to_owned()
        } else {
            format!("{} other places", shared.others)
        };
        Some(format!(
            "the variable {} is used in {places} as well",
            shared.name
        ))
    }
}

impl Project {
    /// Sets the `start_period` of a service.
    ///
    /// # Errors
    /// A sentence on why no single place can be changed.
    pub fn set_start_period(
        &self,
        stack: usize,
        service: usize,
        new: Seconds,
    ) -> Result<Change, String> {
        let service = &self.stacks[stack].services[service];
        let Some(check) = service.check() else {
            return self.add_check(service, new);
        };
        let name = service.service.name.as_str();
        let model = check.start_period.written().and_then(Value::scalar);
        let text = model.map_or_else(|| format!("{new}s"), |model| print_like(new, &model.text));
        let mut change = match &check.start_period {
            HealthField::Absent => self.insert(name, check, &text)?,
            HealthField::Known(_, value) => self.replace(name, check, value, &text)?,
            HealthField::Unknown(..) | HealthField::Invalid(..) => {
                return Err("the value that is there is not known".to_owned());
            }
        };
        for edit in &mut change.edits {
            edit.amount = Some(new);
        }
        change.written = text;
        Ok(change)
    }

    /// Writes a healthcheck with this start period alone: all the rest stays as the image has it.
    fn add_check(&self, service: &ActiveService, new: Seconds) -> Result<Change, String> {
        let has_image = service.entry.as_ref().and_then(|entry| entry.check());
        if has_image.is_none() || !matches!(service.service.health, ServiceHealth::Unset) {
            return Err("the service has no healthcheck in these files".to_owned());
        }
        let own = service.service.written.iter().rev();
        let (node, _) = own
            .into_iter()
            .find(|(_, through)| through.is_empty())
            .ok_or("the service is not written in one place")?;
        let tree = self
            .trees
            .get(node.file)
            .ok_or("the file could not be read")?;
        let file = self.store.sources().get(node.file);
        let written = format!("{new}s");
        let pair = ("start_period", written.as_str());
        let mut edit = yaml::insert_mapping(tree, file, node.node, "healthcheck", pair)
            .map_err(|error| error.to_string())?;
        edit.amount = Some(new);
        let services = self.stacks.iter().flat_map(|stack| &stack.services);
        let others = services
            .map(|other| &other.service)
            .filter(|other| other.name != service.service.name)
            .filter(|other| {
                let mut written = other.written.iter();
                written.any(|(own, _)| own == node || self.takes_in(*own, *node, "healthcheck"))
            })
            .map(|other| other.name.clone());
        let others: BTreeSet<String> = others.collect();
        Ok(Change {
            written,
            ..with_users(edit, others.into_iter().collect())
        })
    }

    /// The literal that makes a value, where it can be changed by replacing just these bytes.
    fn literal(value: &Value) -> Option<Span> {
        value.scalar()?;
        match value.pieces() {
            [] => Some(value.span),
            [piece] if piece.verbatim => Some(piece.span),
            _ => None,
        }
    }

    fn replace(
        &self,
        name: &str,
        check: &HealthCheck,
        value: &Value,
        text: &str,
    ) -> Result<Change, String> {
        value.scalar().ok_or("the value is no text")?;
        if value.pieces().is_empty() {
            if let Some(alias) = own_alias(check, value) {
                return self.replace_node(alias, text).map(safe);
            }
            let inherited = value
                .through()
                .iter()
                .any(|through| matches!(through, Through::MergeKey(_)));
            let own = check
                .written
                .last()
                .is_some_and(|(_, through)| through.is_empty());
            if inherited && own {
                return self.insert(name, check, text);
            }
            let edit = self.replace_node(value.reference(), text)?;
            return Ok(self.shared(name, value, edit));
        }
        let [piece] = value.pieces() else {
            return Err("the value is put together from several variables".to_owned());
        };
        if !piece.verbatim {
            return Err("the variable's value is put together itself".to_owned());
        }
        let edit = Edit {
            span: piece.span,
            text: text.to_owned(),
            amount: None,
        };
        let mut change = self.shared(name, value, edit);
        if let From::Variable(variable) = &piece.from {
            let others = self.other_uses(variable, value);
            if others > 0 {
                change.safety = Safety::Unsafe;
                change.reach.variable = Some(Shared {
                    name: variable.clone(),
                    others,
                });
            }
        }
        Ok(change)
    }

    fn replace_node(&self, node: NodeRef, text: &str) -> Result<Edit, String> {
        let tree = self
            .trees
            .get(node.file)
            .ok_or("the file could not be read")?;
        let file = self.store.sources().get(node.file);
        yaml::replace_node(tree, file, node.node, text).map_err(|error| error.to_string())
    }

    /// Adds the key in the last file that writes this healthcheck.
    fn insert(&self, name: &str, check: &HealthCheck, text: &str) -> Result<Change, String> {
        let own = check
            .written
            .iter()
            .rev()
            .find(|(_, through)| through.is_empty());
        let (node, _) = own
            .or(check.written.last())
            .ok_or("the healthcheck is not written anywhere")?;
        let tree = self
            .trees
            .get(node.file)
            .ok_or("the file could not be read")?;
        let file = self.store.sources().get(node.file);
        let edit = yaml::insert_key(tree, file, node.node, "start_period", text)
            .map_err(|error| error.to_string())?;
        // What is written in this very service may come to others all the same: by an anchor, or by `extends`.
        let users = self.users(name, |check| {
            let mut written = check.written.iter();
            written.any(|(other, _)| other == node || self.takes_in(*other, *node, "start_period"))
        });
        Ok(with_users(edit, users))
    }

    /// Whether a mapping takes in another one by `<<`, so that a new `key` of that comes to it as well.
    fn takes_in(&self, mapping: NodeRef, other: NodeRef, key: &str) -> bool {
        let tree = self.trees.get(mapping.file);
        let Some(tree) = tree.filter(|_| mapping.file == other.file) else {
            return false;
        };
        let mut known = BTreeSet::new();
        let mut open = vec![mapping.node];
        while let Some(node) = open.pop() {
            if node == other.node {
                return true;
            }
            if !known.insert(node) || tree.entry(node, key).is_some() {
                continue;
            }
            if let Some(merged) = tree.entry(node, "<<") {
                open.push(tree.resolve(merged.value));
                let items = tree.items(merged.value).iter();
                open.extend(items.map(|item| tree.resolve(*item)));
            }
        }
        false
    }

    fn shared(&self, name: &str, value: &Value, edit: Edit) -> Change {
        let literal = Self::literal(value);
        let users = self.users(name, |check| {
            let written = check.start_period.written();
            written.is_some_and(|other| Self::literal(other) == literal)
        });
        with_users(edit, users)
    }

    /// Other services, in any stack, whose health check fits.
    fn users(&self, name: &str, fits: impl Fn(&HealthCheck) -> bool) -> Vec<String> {
        let services = self.stacks.iter().flat_map(|stack: &Stack| &stack.services);
        let users = services
            .filter(|service| service.service.name != name && service.check().is_some_and(&fits));
        let users: BTreeSet<String> = users.map(|service| service.service.name.clone()).collect();
        users.into_iter().collect()
    }

    /// How many places other than this value use a variable.
    fn other_uses(&self, variable: &str, value: &Value) -> usize {
        let places: BTreeSet<Span> = self
            .uses
            .get(variable)
            .into_iter()
            .flatten()
            .copied()
            .collect();
        let inside = |place: &&Span| {
            place.file == value.span.file && value.span.range().contains(&(place.start as usize))
        };
        places.iter().filter(|place| !inside(place)).count()
    }

    /// The services, by stack and index, that read the literal which `edit` replaces.
    pub fn readers(&self, edit: &Edit) -> Vec<(usize, usize)> {
        let mut readers = Vec::new();
        for (stack, read) in self.stacks.iter().enumerate() {
            for (index, service) in read.services.iter().enumerate() {
                let value = service
                    .check()
                    .and_then(|check| check.start_period.written());
                if value.and_then(Self::literal) == Some(edit.span) {
                    readers.push((stack, index));
                }
            }
        }
        readers
    }
}

fn safe(edit: Edit) -> Change {
    with_users(edit, Vec::new())
}

fn with_users(edit: Edit, services: Vec<String>) -> Change {
    Change {
        edits: vec![edit],
        written: String::new(),
        safety: if services.is_empty() {
            Safety::Safe
        } else {
            Safety::Unsafe
        },
        reach: Reach {
            services,
            variable: None,
        },
    }
}

/// The alias in `start_period: *name`, where that stands in the service's own healthcheck.
fn own_alias(check: &HealthCheck, value: &Value) -> Option<NodeRef> {
    let [Through::Alias(alias)] = value.through() else {
        return None;
    };
    let direct = check.written.iter().any(|(_, through)| through.is_empty());
    // The alias of a whole healthcheck brings a mapping that has come the same way.
    let whole = check
        .written
        .iter()
        .any(|(_, through)| through.contains(&Through::Alias(*alias)));
    (direct && !whole).then_some(*alias)
}
