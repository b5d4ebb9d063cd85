//! Which service a container belongs to, by its name.

use super::{ActiveService, Stack};

impl Stack {
    /// The service of a container, where only one fits. See [`of_container_any`](Self::of_container_any).
    pub fn of_container(&self, name: &str) -> Option<usize> {
        match self.of_container_any(name).as_slice() {
            [only] => Some(*only),
            _ => None,
        }
    }

    /// The services that a container may be of: the one with this `container_name`; else the one with this name itself; else the one
    /// whose containers Compose names so, where the project's `name` is written; else all whose names can end it, since the project's
    /// name may be another (`shop-backend-1`, `shop_backend_1`, `shop-backend`).
    pub fn of_container_any(&self, name: &str) -> Vec<usize> {
        let only = |fits: &dyn Fn(&ActiveService) -> bool| self.services.iter().position(fits);
        let exact = only(&|service| service.service.container_name.as_deref() == Some(name))
            .or_else(|| self.index(name))
            .or_else(|| (0..self.services.len()).find(|i| self.names_container(*i, name)));
        if let Some(exact) = exact {
            return vec![exact];
        }
        let stem = without_number(name).unwrap_or(name);
        let fits = |service: &str| {
            let project = stem.strip_suffix(service);
            project.is_some_and(|project| project.is_empty() || project.ends_with(['-', '_']))
        };
        (0..self.services.len())
            .filter(|i| fits(&self.services[*i].service.name))
            .collect()
    }

    /// Whether the files themselves give a service's container this name: by `container_name`, or by the project's `name`.
    pub fn names_container(&self, service: usize, name: &str) -> bool {
        let own = &self.services[service].service;
        if let Some(fixed) = &own.container_name {
            return fixed == name;
        }
        let project = without_number(name)
            .and_then(|stem| stem.strip_suffix(own.name.as_str()))
            .and_then(|project| project.strip_suffix(['-', '_']));
        project.is_some() && project == self.project.as_deref()
    }
}

/// The name without the replica's number.
fn without_number(name: &str) -> Option<&str> {
    let (stem, number) = name.rsplit_once(['-', '_'])?;
    number.parse::<u32>().is_ok().then_some(stem)
}
