//! Files that a compose file names and that are not read, since they do not stand in the project.

use super::Loader;
use super::value::Value;
use crate::source::{ReadError, Span};
use crate::yaml::Problem;

/// What a file was named for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// `include`
    Include,
    /// `extends: file`
    Extends,
    /// `env_file` of an include, `--env-file`, or `.env`.
    EnvFile,
    /// `project_directory` of an include.
    Folder,
    /// It is one of the stack's own files.
    Stack,
}

/// Why a file is not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// It lies outside of the project, or a link leads out.
    Outside,
    /// It stands on another machine.
    Remote,
    /// Its path hangs on these variables, which are set nowhere here.
    Unknown(Vec<String>),
}

/// A file that is named and not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// Where it is named.
    pub span: Span,
    /// Its path as it is written, variables as variables.
    pub written: String,
    /// What it was named for.
    pub role: Role,
    /// Why.
    pub why: Why,
}

impl Unread {
    /// What is wrong, without what follows from it.
    pub fn words(&self) -> String {
        let written = &self.written;
        match &self.why {
            Why::Outside => format!("`{written}` lies outside the project and is not read"),
            Why::Remote => format!("`{written}` stands on another machine and is never fetched"),
            Why::Unknown(names) => {
                let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
                format!("this path hangs on {}, set nowhere here", names.join(", "))
            }
        }
    }
}

impl From<Unread> for Problem {
    fn from(unread: Unread) -> Self {
        Self {
            span: unread.span,
            message: unread.words(),
        }
    }
}

impl Loader<'_> {
    /// Where a path leads that a file names; where nothing may be read that is noted.
    pub(super) fn reach(&mut self, folder: &str, path: &Value, role: Role) -> Option<String> {
        let scalar = path.scalar()?;
        if !path.unknown().is_empty() {
            self.leave(path, role, Why::Unknown(path.unknown().to_vec()));
            return None;
        }
        if role != Role::EnvFile && is_remote(&scalar.text) {
            self.leave(path, role, Why::Remote);
            return None;
        }
        let inside = self.inside(folder, &scalar.text);
        if inside.is_none() {
            self.leave(path, role, Why::Outside);
        }
        inside
    }

    /// Notes a file that turned out to be a link that leads out; `false` for any other error.
    pub(super) fn leads_out(&mut self, error: &ReadError, path: &Value, role: Role) -> bool {
        let leads_out = *error == ReadError::Outside;
        if leads_out {
            self.leave(path, role, Why::Outside);
        }
        leads_out
    }

    fn leave(&mut self, path: &Value, role: Role, why: Why) {
        let unread = Unread {
            span: path.span,
            written: path.written(),
            role,
            why,
        };
        if !self.unread.contains(&unread) {
            self.unread.push(unread);
        }
    }
}

/// Whether Compose would fetch what a path names (compose v2.40.3, `pkg/remote`): a Git repository, or an OCI artifact.
pub(super) fn is_remote(path: &str) -> bool {
    let schemes = [
        "git@",
        "git://",
        "ssh://",
        "https://",
        "http://",
        "oci:",
        "github.com/",
    ];
    schemes.iter().any(|scheme| path.starts_with(scheme))
}
