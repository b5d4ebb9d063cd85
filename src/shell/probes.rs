//! Commands that start or look at containers, and every other command.

use super::commands::CWD;
use super::compose_command::{self, Argument, ComposeCommand, Cwd, WaitTimeout};
use super::expand::Field;
use super::flow::{Flow, Time};
use super::lengths::length;
use super::value::Content;
use super::waits::{Form, KnobUnit, Wait, Watched, Watches};
use super::walk::{Seen, Walker};
use super::{Event, commands::Input, tools};
use crate::duration::Seconds;

/// How many things a wait says that it watches.
const WATCHED: usize = 32;

/// The options of `docker` itself that take a value.
const DOCKER_VALUES: [&str; 6] = ["-c", "--context", "--config", "-H", "--host", "-l"];

/// The options of its subcommands that take a value.
const VALUES: [&str; 16] = [
    "-f",
    "--format",
    "--type",
    "--filter",
    "-n",
    "--tail",
    "--since",
    "--until",
    "-e",
    "--env",
    "-u",
    "--user",
    "-w",
    "--workdir",
    "--last",
    "--detach-keys",
];

impl Walker {
    /// Any command that is no shell's own.
    pub fn probe(&mut self, name: &str, args: &[Field], now: Time) -> Flow {
        match name {
            "docker" | "podman" => self.docker(args, now),
            "docker-compose" | "podman-compose" => self.compose(args, 1, now),
            "grep" | "egrep" | "fgrep" => {
                self.grep(name, args);
                Flow::any(now)
            }
            "tail" => {
                let follows = args[1..].iter().any(|f| {
                    let shown = f.value.shown();
                    shown.starts_with('-') && !shown.starts_with("--") && shown.contains(['f', 'F'])
                });
                self.hangs |= follows;
                Flow::any(now)
            }
            _ => {
                let tool = tools::read(self, name, args);
                match tool {
                    Some(time) => Flow::any(now.then(&time)),
                    None => Flow::any(now),
                }
            }
        }
    }

    fn docker(&mut self, args: &[Field], now: Time) -> Flow {
        let mut at = 1;
        while let Some(shown) = args.get(at).map(|f| f.value.shown()) {
            if !shown.starts_with('-') {
                break;
            }
            at += 1 + usize::from(DOCKER_VALUES.contains(&shown.as_str()));
        }
        let mut subcommand = args.get(at).and_then(Field::text).unwrap_or_default();
        if subcommand == "compose" {
            return self.compose(args, at + 1, now);
        }
        if subcommand == "container" {
            at += 1;
            subcommand = args.get(at).and_then(Field::text).unwrap_or_default();
        }
        let rest = args.get(at + 1..).unwrap_or_default();
        match subcommand.as_str() {
            "inspect" | "logs" | "wait" | "top" | "port" | "stats" => self.containers(rest),
            "ps" | "ls" | "events" => self.filtered(rest),
            "exec" => return self.docker_exec(rest, now),
            _ => return Flow::any(now),
        }
        let follows = rest
            .iter()
            .any(|f| matches!(f.value.shown().as_str(), "-f" | "--follow"));
        let ends = rest.iter().any(|f| f.value.shown().starts_with("--until"));
        self.hangs |= match subcommand.as_str() {
            "wait" => true,
            "events" => !ends,
            "logs" => follows,
            _ => false,
        };
        Flow::any(now.then(&looked()))
    }

    /// The containers named behind the options.
    fn containers(&mut self, args: &[Field]) {
        let mut at = 0;
        while let Some(field) = args.get(at) {
            at += 1;
            let shown = field.value.shown();
            if shown.starts_with('-') {
                // `docker logs -f` follows and takes nothing.
                let takes = VALUES.contains(&shown.as_str())
                    && (shown != "-f"
                        || args.get(at).is_some_and(|f| f.value.shown().contains("{{")));
                at += usize::from(takes);
            } else {
                self.container(field);
            }
        }
    }

    fn container(&mut self, field: &Field) {
        for segment in &field.value.segments {
            if let Content::Unknown(id) = segment.content
                && let Some(watches) = self.outputs.get(&id).cloned()
            {
                // The id is what another command printed: that is what is looked at.
                self.see(watches);
                return;
            }
        }
        let watched = Watched {
            name: field.text(),
            span: self.argument(field).span,
        };
        self.seen.push(Seen::Container(watched));
    }

    /// Looks at what another command has looked at.
    pub fn see(&mut self, watches: Watches) {
        let compose = watches
            .compose
            .into_iter()
            .map(|c| Seen::Compose(Box::new(c)));
        let containers = watches.containers.into_iter().map(Seen::Container);
        self.seen.extend(compose.chain(containers).take(WATCHED));
    }

    /// `docker ps --filter name=web`.
    fn filtered(&mut self, args: &[Field]) {
        for (n, field) in args.iter().enumerate() {
            let before = n.checked_sub(1).map(|n| args[n].value.shown());
            let shown = field.value.shown();
            let behind = matches!(before.as_deref(), Some("-f" | "--filter"));
            let inline = shown.starts_with("--filter=");
            let Some(name) = shown.find("name=").filter(|_| behind || inline) else {
                continue;
            };
            let value = field.value.without_prefix(name + "name=".len());
            self.container(&Field {
                value,
                at: field.at.clone(),
            });
        }
    }

    fn docker_exec(&mut self, args: &[Field], now: Time) -> Flow {
        let mut at = 0;
        while let Some(shown) = args.get(at).map(|f| f.value.shown()) {
            if !shown.starts_with('-') {
                break;
            }
            at += 1 + usize::from(VALUES.contains(&shown.as_str()));
        }
        if let Some(container) = args.get(at) {
            self.container(container);
        }
        let inner = args.get(at + 1..).unwrap_or_default();
        self.inside(inner, now.then(&looked()))
    }

    /// Runs a command in a container: a shell's script and what limits its try count, other programs say nothing.
    fn inside(&mut self, args: &[Field], now: Time) -> Flow {
        let name = args.first().and_then(Field::text).unwrap_or_default();
        let name = name.rsplit('/').next().unwrap_or_default();
        let is_followed = matches!(
            name,
            "sh" | "bash" | "ash" | "timeout" | "sleep" | "curl" | "wget" | "nc"
        ) || tools::is_tool(name);
        if !is_followed {
            return Flow::any(now);
        }
        let outer = self.context.clone();
        self.context.setting.remote = true;
        let functions = std::mem::take(&mut self.functions);
        let flow = self.isolated(now, |walker, now| walker.execute(args, Input::None, now));
        self.functions = functions;
        self.context = outer;
        let tests = flow.tests.clone();
        Flow {
            tests,
            ..Flow::any(flow.end().unwrap_or_default())
        }
    }

    fn compose(&mut self, args: &[Field], from: usize, now: Time) -> Flow {
        let command = self.read_compose(args, from);
        let runs = !command.inner.is_empty();
        let inner = args[args.len() - command.inner.len()..].to_vec();
        self.seen.push(Seen::Compose(Box::new(command.clone())));
        let follows = args[from..]
            .iter()
            .any(|f| matches!(f.value.shown().as_str(), "-f" | "--follow"));
        self.hangs |= match command.subcommand.as_str() {
            "logs" => follows,
            "wait" | "events" => true,
            _ => false,
        };
        let looks = matches!(
            command.subcommand.as_str(),
            "ps" | "exec" | "logs" | "top" | "port" | "events" | "run" | "ls"
        );
        let wait =
            (command.subcommand == "up" && command.wait).then(|| self.compose_wait(&command));
        self.events.push(Some(Event::Compose(Box::new(command))));
        if let Some(wait) = wait {
            self.emit_wait(wait);
        }
        let now = if looks { now.then(&looked()) } else { now };
        if runs {
            self.inside(&inner, now)
        } else {
            Flow::any(now)
        }
    }

    fn compose_wait(&self, command: &ComposeCommand) -> Wait {
        let timeout = command.wait_timeout.clone();
        let (budget, from, knob) = match timeout {
            Some(timeout) => (timeout.limit, timeout.from, timeout.knob),
            None => (None, Vec::new(), None),
        };
        Wait {
            form: Form::ComposeWait,
            span: command.span,
            // Docker reads 0 as no limit.
            budget: budget.filter(|b| *b > Seconds::ZERO),
            from,
            knob,
            can_fail: self.failure_counts(),
            goes_on: self.failure_is_lost(),
            watches: Watches {
                compose: vec![command.clone()],
                ..Watches::default()
            },
            setting: command.setting.clone(),
        }
    }

    fn read_compose(&self, args: &[Field], from: usize) -> ComposeCommand {
        let variable = |name: &str| {
            let value = self.variables.value(name)?.clone();
            let field = Field {
                value,
                at: Self::place(args),
            };
            Some(self.argument(&field))
        };
        let command = ComposeCommand {
            span: self.script.span(Self::place(args)),
            files: Vec::new(),
            env_files: Vec::new(),
            profiles: Vec::new(),
            project_directory: None,
            project_name: None,
            subcommand: String::new(),
            detach: false,
            wait: false,
            wait_timeout: None,
            no_deps: false,
            no_start: false,
            scales_to_zero: false,
            services: Vec::new(),
            inner: Vec::new(),
            unclear: false,
            more_options: false,
            empty_options: false,
            compose_file: variable("COMPOSE_FILE"),
            path_separator: variable("COMPOSE_PATH_SEPARATOR"),
            compose_profiles: variable("COMPOSE_PROFILES"),
            compose_project_name: variable("COMPOSE_PROJECT_NAME"),
            exported: self
                .exported
                .iter()
                .filter_map(|name| Some((name.clone(), variable(name)?)))
                .collect(),
            cwd: self.cwd(),
            setting: self.context.setting.clone(),
        };
        let rest = args.get(from..).unwrap_or_default();
        // A variable that nothing in sight sets is empty; a file that is read in may set it.
        let may_hold = |field: &Field| {
            self.reads_others
                || field.value.segments.iter().any(|segment| {
                    !matches!(&segment.content, Content::Unknown(id) if self.missing.contains(id))
                })
        };
        let argument = |field: &Field| self.argument(field);
        compose_command::read(rest, &argument, &wait_timeout, &may_hold, command)
    }

    /// A field as events name it.
    pub fn argument(&self, field: &Field) -> Argument {
        let spans: Vec<_> = field.value.literals();
        let whole = match spans.as_slice() {
            [literal] if field.value.segments.len() == 1 => Some(literal.span),
            _ => None,
        };
        Argument {
            text: field.text(),
            span: whole.unwrap_or_else(|| self.script.span(field.at.clone())),
        }
    }

    /// The current folder.
    pub fn cwd(&self) -> Cwd {
        match self.variables.value(CWD).map(super::value::Value::known) {
            None => Cwd::Start,
            Some(None) => Cwd::Unknown,
            Some(Some(folder)) if folder.is_empty() => Cwd::Start,
            Some(Some(folder)) if folder.starts_with('/') => Cwd::Absolute(folder),
            Some(Some(folder)) => Cwd::Relative(folder),
        }
    }

    /// What has been looked at since `first`.
    pub fn watches(&self, first: usize) -> Watches {
        let mut watches = Watches::default();
        for seen in self.seen[first..].iter().take(WATCHED) {
            match seen {
                Seen::Compose(command) => watches.compose.push((**command).clone()),
                Seen::Container(container) => watches.containers.push(container.clone()),
                Seen::Endpoint(endpoint) => watches.endpoints.push(endpoint.clone()),
                Seen::Filter(filter) => watches.filters.push(filter.clone()),
            }
        }
        watches
    }
}

/// A look at a container takes no time that anybody states.
fn looked() -> Time {
    Time {
        probes: true,
        ..Time::default()
    }
}

/// `--wait-timeout`: whole seconds.
fn wait_timeout(field: &Field) -> WaitTimeout {
    let is_whole = field
        .text()
        .is_some_and(|t| t.bytes().all(|b| b.is_ascii_digit()));
    let length = length(&field.value, Seconds::new(1));
    let mut knob = length.knob.filter(|_| is_whole);
    if let Some(knob) = &mut knob {
        knob.unit = KnobUnit::Time {
            unit: Seconds::new(1),
            base: 0,
        };
    }
    WaitTimeout {
        limit: length.known.filter(|_| is_whole),
        from: length.from,
        knob,
    }
}
