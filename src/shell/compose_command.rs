//! The `docker compose` calls of a script.

use super::expand::Field;
use super::value::Literal;
use super::waits::{Knob, Setting};
use crate::duration::Seconds;
use crate::source::Span;

/// The folder in which a command runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Cwd {
    /// Where the script starts.
    #[default]
    Start,
    /// A folder below or beside it: `deploy`, `../app`.
    Relative(String),
    /// A folder of the machine.
    Absolute(String),
    /// Not known.
    Unknown,
}

impl Cwd {
    /// A folder as it is named in this one.
    #[must_use]
    pub fn join(&self, inner: &Self) -> Self {
        match (self, inner) {
            (_, Self::Absolute(_)) | (Self::Start, _) => inner.clone(),
            (_, Self::Start) => self.clone(),
            (Self::Relative(outer), Self::Relative(inner)) => {
                Self::Relative(format!("{outer}/{inner}"))
            }
            (Self::Absolute(outer), Self::Relative(inner)) => {
                Self::Absolute(format!("{outer}/{inner}"))
            }
            _ => Self::Unknown,
        }
    }
}

/// An argument: a file, a service, a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Argument {
    /// Its text; `None` where it is not known.
    pub text: Option<String>,
    /// Where it stands; for one held in a variable, where the variable was set.
    pub span: Span,
}

/// `docker compose …`
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)] // Its flags are independent of each other.
pub struct ComposeCommand {
    /// The command, from `docker` to its last argument.
    pub span: Span,
    /// `-f`, `--file`.
    pub files: Vec<Argument>,
    /// `--env-file`.
    pub env_files: Vec<Argument>,
    /// `--profile`.
    pub profiles: Vec<Argument>,
    /// `--project-directory`.
    pub project_directory: Option<Argument>,
    /// `-p`, `--project-name`.
    pub project_name: Option<Argument>,
    /// `up`, `ps`, `exec` …; empty where there is none or it is not known.
    pub subcommand: String,
    /// `-d`, `--detach`.
    pub detach: bool,
    /// `--wait`.
    pub wait: bool,
    /// `--wait-timeout`.
    pub wait_timeout: Option<WaitTimeout>,
    /// `--no-deps`.
    pub no_deps: bool,
    /// `--no-start`.
    pub no_start: bool,
    /// `--scale NAME=0`: a service is left without containers.
    pub scales_to_zero: bool,
    /// The services that it names; for `exec` and `run` the one they run in.
    pub services: Vec<Argument>,
    /// What `exec` and `run` run.
    pub inner: Vec<Argument>,
    /// Whether an argument was not understood, so that more may be named than is listed.
    pub unclear: bool,
    /// Whether one of them stands where options of `docker compose` itself do: more files, perhaps.
    pub more_options: bool,
    /// Whether a variable stands there that nothing in sight sets: it is taken to be empty.
    pub empty_options: bool,
    /// `COMPOSE_FILE`, where it is set.
    pub compose_file: Option<Argument>,
    /// `COMPOSE_PATH_SEPARATOR`, where it is set.
    pub path_separator: Option<Argument>,
    /// `COMPOSE_PROFILES`, where it is set.
    pub compose_profiles: Option<Argument>,
    /// `COMPOSE_PROJECT_NAME`, where it is set.
    pub compose_project_name: Option<Argument>,
    /// The other variables that are exported to it, by name; `None` where the value is not known.
    pub exported: Vec<(String, Argument)>,
    /// Where it runs.
    pub cwd: Cwd,
    /// What surrounds it.
    pub setting: Setting,
}

/// The value of `--wait-timeout`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitTimeout {
    /// The limit, where it is known.
    pub limit: Option<Seconds>,
    /// What it rests on.
    pub from: Vec<Literal>,
    /// How to change it.
    pub knob: Option<Knob>,
}

/// The options of `docker compose` itself that take a value and say nothing here.
const GLOBAL_VALUES: [&str; 5] = ["--ansi", "--progress", "--parallel", "-c", "--context"];

/// The options of its subcommands that take a value.
const VALUES: [&str; 41] = [
    "--attach",
    "--exit-code-from",
    "--no-attach",
    "--pull",
    "-t",
    "--timeout",
    "--filter",
    "--format",
    "--status",
    "--since",
    "--until",
    "-n",
    "--tail",
    "-e",
    "--env",
    "--index",
    "-u",
    "--user",
    "-w",
    "--workdir",
    "--entrypoint",
    "-l",
    "--label",
    "--name",
    "--publish",
    "-v",
    "--volume",
    "--cap-add",
    "--cap-drop",
    "--build-arg",
    "--builder",
    "-m",
    "--memory",
    "--ssh",
    "--policy",
    "-s",
    "--signal",
    "--rmi",
    "-o",
    "--output",
    "--env-from-file",
];

/// Reads the arguments behind `docker compose`; `argument` makes one of a field, and `may_hold` tells of an unknown one
/// whether there may be something in it.
pub(super) fn read(
    fields: &[Field],
    argument: &dyn Fn(&Field) -> Argument,
    limit: &dyn Fn(&Field) -> WaitTimeout,
    may_hold: &dyn Fn(&Field) -> bool,
    command: ComposeCommand,
) -> ComposeCommand {
    let mut reader = Options {
        fields,
        at: 0,
        argument,
        limit,
        may_hold,
        command,
    };
    reader.global();
    reader.local();
    reader.command
}

struct Options<'a> {
    fields: &'a [Field],
    at: usize,
    argument: &'a dyn Fn(&Field) -> Argument,
    limit: &'a dyn Fn(&Field) -> WaitTimeout,
    may_hold: &'a dyn Fn(&Field) -> bool,
    command: ComposeCommand,
}

impl Options<'_> {
    fn next(&mut self) -> Option<&Field> {
        let field = self.fields.get(self.at);
        self.at += 1;
        field
    }

    /// The value of an option: behind its `=`, or the next field.
    fn value(&mut self, field: &Field, inline: Option<usize>) -> Option<Field> {
        match inline {
            Some(prefix) => Some(Field {
                value: field.value.without_prefix(prefix),
                at: field.at.clone(),
            }),
            None => self.next().cloned(),
        }
    }

    fn global(&mut self) {
        while let Some(field) = self.next().cloned() {
            let shown = field.value.shown();
            if !shown.starts_with('-') {
                match field.text() {
                    Some(text) => self.command.subcommand = text,
                    None if self.command.subcommand.is_empty() => {
                        // An unquoted variable of options, perhaps empty.
                        self.command.unclear = true;
                        if (self.may_hold)(&field) {
                            self.command.more_options = true;
                        } else {
                            self.command.empty_options = true;
                        }
                        continue;
                    }
                    None => self.command.unclear = true,
                }
                return;
            }
            self.global_option(&field, &shown);
        }
    }

    fn global_option(&mut self, field: &Field, shown: &str) {
        let (mut name, mut inline) = match shown.split_once('=') {
            Some((name, _)) => (name, Some(name.len() + 1)),
            None => (shown, None),
        };
        if !name.starts_with("--")
            && name.len() > 2
            && (name.starts_with("-f") || name.starts_with("-p"))
        {
            inline = Some(2);
            name = &name[..2];
        }
        let takes = matches!(
            name,
            "-f" | "--file"
                | "-p"
                | "--project-name"
                | "--profile"
                | "--env-file"
                | "--project-directory"
                | "--workdir"
        ) || GLOBAL_VALUES.contains(&name);
        if !takes {
            return;
        }
        let Some(value) = self.value(field, inline) else {
            return;
        };
        let argument = (self.argument)(&value);
        let command = &mut self.command;
        match name {
            "-f" | "--file" => command.files.push(argument),
            "--profile" => command.profiles.push(argument),
            "--env-file" => command.env_files.push(argument),
            "-p" | "--project-name" => command.project_name = Some(argument),
            "--project-directory" | "--workdir" => command.project_directory = Some(argument),
            _ => {}
        }
    }

    fn local(&mut self) {
        let runs = matches!(self.command.subcommand.as_str(), "exec" | "run");
        let mut options = true;
        while let Some(field) = self.next().cloned() {
            let shown = field.value.shown();
            if runs && !self.command.services.is_empty() {
                let argument = (self.argument)(&field);
                self.command.inner.push(argument);
            } else if options && shown == "--" {
                options = false;
            } else if options && shown.starts_with('-') && shown.len() > 1 {
                self.local_option(&field, &shown);
            } else if field
                .value
                .segments
                .iter()
                .any(|s| !s.quoted && !matches!(s.content, super::value::Content::Text(_)))
                && field.text().is_none()
            {
                // It may be empty, an option, or several services.
                self.command.unclear = true;
            } else {
                let argument = (self.argument)(&field);
                self.command.services.push(argument);
            }
        }
    }

    fn local_option(&mut self, field: &Field, shown: &str) {
        let (name, inline) = match shown.split_once('=') {
            Some((name, _)) => (name, Some(name.len() + 1)),
            None => (shown, None),
        };
        let is_true = inline.is_none() || shown.ends_with("=true");
        match name {
            "-d" | "--detach" => self.command.detach = is_true,
            "--wait" => self.command.wait = is_true,
            "--no-deps" => self.command.no_deps = is_true,
            "--no-start" => self.command.no_start = is_true,
            "--wait-timeout" => {
                if let Some(value) = self.value(field, inline) {
                    self.command.wait_timeout = Some((self.limit)(&value));
                }
            }
            "--scale" => {
                let value = self.value(field, inline).and_then(|value| value.text());
                let number = value
                    .as_deref()
                    .and_then(|value| Some(value.split_once('=')?.1));
                let number = number.and_then(|number| number.parse::<u64>().ok());
                self.command.scales_to_zero |= number == Some(0);
            }
            _ if inline.is_some() => {}
            _ if self.command.subcommand == "logs" && name == "-t" => {}
            _ if self.command.subcommand == "rm" && matches!(name, "-s" | "-v") => {}
            _ if self.command.subcommand == "down" && name == "-v" => {}
            _ if self.command.subcommand == "up" && matches!(name, "-V" | "-w") => {}
            _ if VALUES.contains(&name) => {
                self.at += 1;
            }
            _ if !name.starts_with("--") && self.command.subcommand == "up" => {
                self.command.detach |= name.contains('d');
            }
            _ => {}
        }
    }
}
