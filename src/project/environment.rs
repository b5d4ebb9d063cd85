//! The variables that a stack is read with.

use super::stack::Context;
use super::surroundings;
use super::{Obstacle, Reason, StackFiles};
use crate::compose::{self, Code, Environment, Refused, Role, Unread, Variable, Why};
use crate::source::{FileId, ReadError, Span};

impl Context<'_> {
    /// Notes that a file of a stack lies outside, or is a link that leads out; `false` where whoever runs upbeat has named it,
    /// or where there is no place that could be shown.
    pub(super) fn leads_out(
        &mut self,
        files: &StackFiles,
        all: &[String],
        path: &str,
        role: Role,
    ) -> bool {
        if files.reason == Reason::Given || self.inputs.env_files.iter().any(|named| named == path)
        {
            return false;
        }
        let first = || {
            let mut files = all.iter();
            files.find_map(|file| Some(Span::new(self.store.open(file).ok()?, 0..0)))
        };
        let Some(span) = files.reason.span().or_else(first) else {
            return false;
        };
        self.unread.push(Unread {
            span,
            written: path.to_owned(),
            role,
            why: Why::Outside,
        });
        true
    }

    /// `.env` of the project directory or `--env-file`, under what is set around the command.
    pub(super) fn environment(
        &mut self,
        files: &StackFiles,
        refused: &mut Vec<Refused>,
    ) -> Environment {
        let (none, mut environment) = (Environment::default(), Environment::default());
        for path in &files.env_files {
            match self.store.open(path) {
                Ok(file) => self.read_env(file, &none, &mut environment, refused),
                Err(error) if self.inputs.env_files.contains(path) => {
                    let help = "check the path given to --env-file";
                    let message = format!("cannot be read: {error}");
                    self.obstacles.push(Obstacle::new(path, message, help));
                }
                Err(ReadError::Outside) => {
                    self.leads_out(files, &files.files, path, Role::EnvFile);
                }
                Err(_) => {}
            }
        }
        let folders = files.env_folders.iter();
        for folder in folders.filter(|_| files.env_files.is_empty()) {
            let Some(path) = self.store.locate(folder, ".env") else {
                continue;
            };
            match self.store.open(&path) {
                Ok(file) => {
                    let mut own = Environment::default();
                    self.read_env(file, &environment, &mut own, refused);
                    environment.extend_missing(&own);
                }
                Err(ReadError::Outside) => {
                    self.leads_out(files, &files.files, &path, Role::EnvFile);
                }
                Err(_) => {}
            }
        }
        surroundings::set(&files.around, self.store, &mut environment);
        if let Some(name) = self.declared_name(files)
            && environment.get("COMPOSE_PROJECT_NAME").is_none()
            && !files.around.contains_key("COMPOSE_PROJECT_NAME")
        {
            environment.set("COMPOSE_PROJECT_NAME", name);
        }
        environment
    }

    fn read_env(
        &mut self,
        file: FileId,
        around: &Environment,
        environment: &mut Environment,
        refused: &mut Vec<Refused>,
    ) {
        let source = self.store.sources().share(file);
        for problem in compose::read_env_file(file, &source, around, environment) {
            let (code, span) = (Code::BadEnvFile, problem.span);
            refused.push(Refused::new(code, span, "", problem.message));
        }
    }

    /// The last `name:` of the files, where it hangs on no variable.
    fn declared_name(&mut self, files: &StackFiles) -> Option<Variable> {
        files.files.iter().rev().find_map(|path| {
            let file = self.store.open(path).ok()?;
            let tree = self.trees.open(file, self.store.sources()).ok()?;
            let mut roots = tree.documents().iter().rev();
            let node = roots.find_map(|root| tree.get(*root, "name"))?;
            let text = tree.scalar(node).filter(|text| !text.contains('$'))?;
            Some(Variable {
                text: compose::normal_name(text),
                span: tree.span(tree.resolve(node)),
                verbatim: false,
            })
        })
    }
}
