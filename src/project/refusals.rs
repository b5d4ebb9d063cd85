//! What Docker refuses in a stack, as far as the stack is known to be one.

use super::{Reason, Stack, StackFiles};
use crate::compose::{Code, Environment, Refused, Service};
use crate::yaml::Problem;
use std::collections::{BTreeSet, HashSet};

/// How much of a stack is seen.
pub(super) struct Sight {
    /// Whether all of its files were read.
    pub(super) whole: bool,
    /// The services that extend what was not read.
    pub(super) incomplete: HashSet<String>,
}

/// The profiles of a stack, those included that an env file or a workflow switches on.
pub(super) fn profiles(files: &StackFiles, environment: &Environment) -> Vec<String> {
    let set = environment.get("COMPOSE_PROFILES");
    let set = set.into_iter().flat_map(|set| set.text.split(','));
    let mut profiles = files.profiles.clone();
    profiles.extend(set.map(|profile| profile.trim().to_owned()));
    profiles
}

/// Whether a service is on with these profiles.
pub(super) fn is_on(service: &Service, profiles: &[String]) -> bool {
    let wanted = |profile: &String| profiles.contains(profile);
    // Where no profile is named, the empty one is on.
    let unnamed = profiles.is_empty() && service.profiles.iter().any(String::is_empty);
    service.profiles.is_empty()
        || unnamed
        || profiles.iter().any(|profile| profile == "*")
        || service.profiles.iter().any(wanted)
}

/// The problems that are no refusal: they keep upbeat from seeing.
pub(super) fn others(problems: Vec<Problem>, refused: &[Refused]) -> Vec<Problem> {
    let places: BTreeSet<_> = refused
        .iter()
        .flat_map(|one| one.labels.iter().map(|(span, _)| *span).chain([one.span]))
        .collect();
    let mut left = problems;
    left.retain(|problem| !places.contains(&problem.span));
    left
}

impl Sight {
    /// Of what is refused in the merged model (`found`) all that is sure, given what is refused in the files themselves. What
    /// hangs on the other files is only said where Docker would run just these.
    pub(super) fn certain(
        &self,
        files: &StackFiles,
        found: Vec<Refused>,
        refused: &[Refused],
    ) -> Vec<Refused> {
        let lost = [Code::IncludeNotFound, Code::IncludeCycle];
        let guessed = files.reason.is_guess() || files.open;
        let certain = self.whole && !guessed && !refused.iter().any(|one| lost.contains(&one.code));
        let is_known = |one: &Refused| one.code != Code::EmptyFile || refused.is_empty();
        found
            .into_iter()
            .filter(|one| !one.code.spans_files() || certain && self.is_complete(one))
            .filter(is_known)
            .collect()
    }

    /// Whether all that counts for it was read: not where its own service extends what was not, or where the profiles of
    /// another one may come from there.
    fn is_complete(&self, one: &Refused) -> bool {
        if self.incomplete.is_empty() {
            return true;
        }
        let path = one.path.strip_prefix("services.");
        let is_own = |name: &String| {
            let rest = path.and_then(|path| path.strip_prefix(name.as_str()));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        one.code != Code::InactiveDependency && !self.incomplete.iter().any(is_own)
    }
}

/// A base that is never run alone: what its overlays mend is not held against it.
pub(super) fn spare_bases(stacks: &mut [Stack]) {
    let mended: Vec<Vec<Refused>> = stacks
        .iter()
        .map(|stack| {
            if !stack.files.bare {
                return Vec::new();
            }
            let larger = stacks.iter().filter(|other| {
                other.files.files.len() > stack.files.files.len()
                    && other.files.files.first() == stack.files.files.first()
            });
            let larger: Vec<&Stack> = larger.collect();
            let spared = stack.refused.iter().filter(|one| {
                one.code.spans_files() && larger.iter().any(|other| mends(other, one))
            });
            spared.cloned().collect()
        })
        .collect();
    for (stack, mended) in stacks.iter_mut().zip(mended) {
        stack.refused.retain(|one| !mended.contains(one));
    }
}

/// Whether a larger stack may be without what is refused. One that was guessed does not say.
fn mends(other: &Stack, refused: &Refused) -> bool {
    let guessed = matches!(other.files.reason, Reason::Overlay);
    guessed
        || !other
            .refused
            .iter()
            .any(|one| one.code == refused.code && one.span == refused.span)
}
