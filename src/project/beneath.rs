//! What an overlay lies on: the healthchecks of a stack without the last file that writes of them.

use super::refusals;
use super::stack::{ActiveService, Context, Stack};
use super::startups::Startups;
use crate::compose::{Environment, Loader};
use crate::source::FileId;
use std::collections::BTreeSet;

/// A service as it would be without the last file of the stack that writes of its healthcheck.
#[derive(Clone, Debug)]
pub struct Beneath {
    /// The service, by its index in the stack.
    pub service: usize,
    /// How many files of the stack, from the first on, make it.
    pub files: usize,
    /// As these files have it.
    pub below: ActiveService,
}

impl Context<'_> {
    /// The services of a stack whose healthchecks its overlays write of, as they would be without the last of these.
    pub(super) fn beneath(
        &mut self,
        stack: &Stack,
        environment: &Environment,
        startups: &Startups,
    ) -> Vec<Beneath> {
        let files = &stack.files;
        let mut ids: Vec<Option<FileId>> = Vec::new();
        for path in &files.files {
            ids.push(self.store.open(path).ok());
        }
        // The number of the last file that writes of the healthcheck, for each service where that is not the first.
        let last = |service: &ActiveService| {
            let check = service.check()?;
            let writes = |file: &Option<FileId>| {
                let mut written = check.written.iter();
                written.any(|(node, _)| Some(node.file) == *file)
            };
            ids.iter().rposition(writes).filter(|last| *last > 0)
        };
        let mut wanted = Vec::new();
        for (index, service) in stack.services.iter().enumerate() {
            if let (Some(last), Some(_)) = (last(service), service.known()) {
                wanted.push((last, index));
            }
        }
        let numbers: BTreeSet<usize> = wanted.iter().map(|(number, _)| *number).collect();
        let mut found = Vec::new();
        for number in numbers {
            let mut loader = Loader::new(self.store, self.trees, environment);
            let is_on = |service: &_| refusals::is_on(service, &files.profiles);
            let Ok(survey) = loader.survey(&files.files[..number], &files.folder, is_on) else {
                continue;
            };
            for (_, index) in wanted.iter().filter(|(own, _)| *own == number) {
                let name = &stack.services[*index].service.name;
                let mut services = survey.services.iter();
                let Some(below) = services.find(|service| service.name == *name) else {
                    continue;
                };
                found.push(Beneath {
                    service: *index,
                    files: number,
                    below: self.active(below.clone(), files, startups),
                });
            }
        }
        found.sort_by_key(|beneath| beneath.service);
        found
    }
}
