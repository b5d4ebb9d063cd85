//! A project as `upbeat check` judges it, for whatever is made of it.

use super::arguments::Check;
use super::error::Error;
use super::progress::Progress;
use super::roots::Root;
use super::session::Session;
use super::{baseline, scope};
use crate::project::{Inputs, Obstacle, Project};
use crate::{Checked, rules};
use std::path::PathBuf;

/// One project's run.
pub(super) struct Run<'a> {
    pub(super) check: &'a Check,
    pub(super) root: &'a Root,
    options: rules::Options,
    session: Session,
}

impl<'a> Run<'a> {
    pub(super) fn new(check: &'a Check, root: &'a Root) -> Result<Self, Error> {
        let session = Session::new(&check.project, root)?;
        let flags = rules::Options {
            allow_unsafe: check.unsafe_fixes,
            select: (!check.select.is_empty()).then(|| check.select.clone()),
            ignore: check.ignore.clone(),
            ..rules::Options::default()
        };
        let mut options = session.options(flags);
        if let Some(budget) = check.budget {
            options.budget = budget;
        }
        options.baseline = baseline::read(check, &session, root)?;
        options.scope = scope::of(check, root)?;
        Ok(Self {
            check,
            root,
            options,
            session,
        })
    }

    /// The folders in which it looks for files.
    pub(super) fn folders(&self) -> Vec<PathBuf> {
        self.session.store.folders()
    }

    /// The project, judged, and what it was judged with.
    pub(super) fn judge(self) -> (Checked, Inputs, rules::Options, Vec<Obstacle>) {
        let Session {
            store,
            inputs,
            unread,
            ..
        } = self.session;
        let progress = Progress::start(!self.check.quiet && !self.check.watch);
        progress.say("reading the project");
        let project = Project::read(store, &inputs);
        progress.say("judging it");
        let rules::Judged {
            findings,
            ignored,
            taken,
        } = rules::judge(&project, &self.options);
        drop(progress);
        let mut checked = Checked {
            project,
            findings,
            ignored,
            taken,
        };
        checked
            .project
            .obstacles
            .splice(0..0, unread.iter().cloned());
        scope::note_strangers(self.check, self.root, &mut checked.project);
        (checked, inputs, self.options, unread)
    }
}
