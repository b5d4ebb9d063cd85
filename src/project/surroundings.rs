//! The variables that are set around a `docker compose` command.

use super::jobs::Job;
use crate::compose::{Environment, Variable};
use crate::shell::{Argument, ComposeCommand, PROJECT};
use crate::source::{Span, Store};
use std::collections::BTreeMap;

/// A variable that is set around a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Surrounding {
    /// Its value; `None` where only the run will tell.
    pub text: Option<String>,
    /// Where it is set.
    pub span: Span,
}

/// The variables around a command, by name: those of the workflow, under what the script exports. Only names that occur in
/// `files` count, so that the same stack is found again under other settings.
pub(super) fn around(
    store: &Store,
    job: &Job,
    step: usize,
    command: &ComposeCommand,
    files: &[String],
) -> BTreeMap<String, Surrounding> {
    let mut around = BTreeMap::new();
    // Another machine gets nothing of the workflow's.
    if !command.setting.remote {
        for variable in &job.steps[step].env {
            let text = variable.value.as_ref().map(|given| given.text.clone());
            let literal = variable.value.as_ref().and_then(|given| given.from.first());
            let span = literal.map_or(variable.span, |literal| literal.span);
            around.insert(variable.name.clone(), Surrounding { text, span });
        }
    }
    // A path of the project is another on each machine.
    let known = |value: &Argument| {
        let text = value.text.as_ref();
        text.filter(|text| !text.contains(PROJECT)).cloned()
    };
    for (name, value) in &command.exported {
        let (text, span) = (known(value), value.span);
        around.insert(name.clone(), Surrounding { text, span });
    }
    let name = command.project_name.as_ref();
    if let Some(value) = name.or(command.compose_project_name.as_ref()) {
        let (text, span) = (known(value), value.span);
        around.insert(
            "COMPOSE_PROJECT_NAME".to_owned(),
            Surrounding { text, span },
        );
    }
    let texts = files.iter().filter_map(|file| store.get(file));
    let texts: Vec<&str> = texts.map(|file| store.sources().get(file).text()).collect();
    around.retain(|name, _| texts.iter().any(|text| text.contains(name.as_str())));
    around
}

/// Sets the variables; they win over those of env files.
pub(super) fn set(
    around: &BTreeMap<String, Surrounding>,
    store: &Store,
    environment: &mut Environment,
) {
    for (name, Surrounding { text, span }) in around {
        match text {
            Some(text) => environment.set(
                name,
                Variable {
                    verbatim: store.sources().text(*span) == text,
                    text: text.clone(),
                    span: *span,
                },
            ),
            None => environment.set_unknown(name),
        }
    }
}
