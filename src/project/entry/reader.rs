//! The way from a service to the scripts that its container runs: its command, through the image and what is mounted.

use super::{Entry, Ipv4, told};
use crate::compose::{Build, CommandWord, Service, Start, command_words};
use crate::dockerfile::Command;
use crate::project::StackFiles;
use crate::project::follow::{package_script, text_of_package_script};
use crate::project::image::{Built, Images, open, place, text_of};
use crate::project::obstacle::guarded;
use crate::shell::{
    self, Chance, Cwd, Dialect, Environment, Event, Given, Program, ScriptCall, UNKNOWN, in_project,
};
use crate::source::{Mapped, MappedBuilder, Span, Store, paths, shebang};
use crate::yaml::Trees;

/// Scripts that call scripts are followed no deeper.
const DEPTH: usize = 6;

/// More than this no entrypoint of people does.
const MOST: usize = 2_000;

/// Reads what the container of a service does; `None` where nothing is known of it.
pub(in crate::project) fn read(
    service: &Service,
    files: &StackFiles,
    images: &mut Images,
    store: &mut Store,
    trees: &mut Trees,
) -> Option<Entry> {
    let start = service.start.as_deref()?;
    let built = start
        .build
        .as_ref()
        .and_then(|build| images.of(build, files, store, trees));
    let mut reader = Reader {
        start,
        files,
        built: built.as_ref(),
        store,
        trees,
        events: Vec::new(),
        open: Vec::new(),
    };
    // A bug in reading a script must not hide what the compose files say.
    let _ = guarded("", || reader.run());
    let ipv4 = reader.ipv4();
    let mut entry = told(&reader.events);
    entry.ipv4 = ipv4;
    if let Some(built) = &built {
        entry.health.clone_from(&built.image.health);
        let base = built.image.base.as_deref().unwrap_or("scratch");
        let build = start.build.as_ref();
        entry.base = build
            .filter(|build| !is_replaced(build, base))
            .map(|_| base.to_owned());
    }
    (entry != Entry::default()).then_some(entry)
}

/// Whether something else of the build stands for a base image.
fn is_replaced(build: &Build, base: &str) -> bool {
    let untagged = base.strip_suffix(":latest").unwrap_or(base);
    let mut contexts = build.contexts.iter();
    contexts.any(|name| name == base || name == untagged)
}

/// A container on its way to its server.
struct Reader<'a> {
    start: &'a Start,
    files: &'a StackFiles,
    built: Option<&'a Built>,
    store: &'a mut Store,
    trees: &'a mut Trees,
    events: Vec<Event>,
    /// The scripts that are being read.
    open: Vec<String>,
}

impl Reader<'_> {
    fn run(&mut self) {
        let Some((script, arguments)) = self.command_line() else {
            return;
        };
        let mut environment = self.environment();
        environment.set_arguments(arguments);
        // It is one command, and the container ends as that does.
        environment.stop_on_errors(true);
        let events = shell::read(&script, &environment, Dialect::Sh).events;
        let folder = self.start.folder.clone();
        let image = self.built.and_then(|built| built.image.folder.clone());
        self.follow(events, folder.or(image).as_deref(), None);
    }

    /// Where the command or a variable says `0.0.0.0`.
    fn ipv4(&self) -> Option<Ipv4> {
        let image = self.built.map(|built| &built.image);
        let read = |text: &str, place: Option<Span>| {
            let address = text
                .split(|c: char| c.is_whitespace() || "=/'\"".contains(c))
                .find_map(|part| part.strip_prefix("0.0.0.0"))?;
            let port = match address.strip_prefix(':') {
                Some(port) => port.parse().ok(),
                None if address.is_empty() => None,
                None => return None,
            };
            Some(Ipv4 { port, place })
        };
        let start = self.start;
        let own = [&start.entrypoint, &start.command].into_iter().flatten();
        let own = own.flat_map(|value| command_words(value).unwrap_or_default());
        let own = own.filter_map(|word| Some((word.text?, word.value.place())));
        let own: Vec<(String, Span)> = own.collect();
        // It may listen on both.
        if own.iter().any(|(text, _)| text.contains("[::]")) {
            return None;
        }
        let mut own = own.into_iter();
        let variables = &start.environment;
        let mut own_variables = variables
            .iter()
            .filter_map(|own| Some((own.value.as_ref()?, own.span)));
        let told = own
            .find_map(|(text, place)| read(&text, Some(place)))
            .or_else(|| own_variables.find_map(|(value, place)| read(value, place)));
        told.or_else(|| {
            let image = image?;
            let command = image.command.as_ref().filter(|_| start.command.is_none());
            let entrypoint = image.entrypoint.as_ref();
            let entrypoint = entrypoint.filter(|_| start.entrypoint.is_none());
            let commands = [entrypoint, command].into_iter().flatten();
            let mut words = commands.flat_map(|command| &command.words);
            let in_command = words.find_map(|word| read(&word.text, Some(word.span)));
            in_command.or_else(|| {
                let is_own = |name: &String| variables.iter().any(|own| own.name == *name);
                let mut set = image.environment.iter();
                set.find_map(|(name, value)| read(value.as_ref().filter(|_| !is_own(name))?, None))
            })
        })
    }

    /// The container's variables: those of the image, under those of the compose files.
    fn environment(&self) -> Environment {
        let mut environment = Environment::new();
        environment.tell_programs();
        let image = self.built.iter().flat_map(|built| &built.image.environment);
        for (name, value) in image {
            match value {
                Some(value) => environment.set(name, value, None),
                None => environment.set_unknown(name),
            }
        }
        for variable in &self.start.environment {
            match &variable.value {
                Some(value) => environment.set(&variable.name, value, variable.span),
                None => environment.set_unknown(&variable.name),
            }
        }
        environment
    }

    /// The container's command as a script, and the arguments that come from another file than the program.
    fn command_line(&self) -> Option<(Mapped, Vec<Option<Given>>)> {
        let own = self.start.entrypoint.as_ref();
        let command = self.start.command.as_ref();
        let words = |value| command_words(value).filter(|words| !words.is_empty());
        let image = self.built.map(|built| &built.image);
        let arguments = match command {
            Some(command) => words(command).map(|words| self.given(&words)),
            // Compose drops the image's command along with its entrypoint.
            None if own.is_some() => None,
            None => image
                .and_then(|image| image.command.as_ref())
                .map(given_by_image),
        };
        let script = match own {
            Some(own) => words(own).map(|words| self.script(&words))?,
            None => image
                .and_then(|image| image.entrypoint.as_ref())
                .and_then(script_of_image),
        };
        if let Some(script) = script {
            return Some((script, arguments.unwrap_or_default()));
        }
        let script = match command {
            Some(command) => self.script(&words(command)?),
            None => script_of_image(image?.command.as_ref()?),
        };
        Some((script?, Vec::new()))
    }

    fn given(&self, words: &[CommandWord]) -> Vec<Option<Given>> {
        let given = |word: &CommandWord| {
            let text = word.text.clone()?;
            let mapped = text_of(word.value, self.store, self.trees);
            let span = mapped
                .filter(|mapped| word.whole && mapped.is_verbatim(0..mapped.text().len()))
                .map(|mapped| mapped.span(0..mapped.text().len()));
            Some(Given::new(text, span))
        };
        words.iter().map(given).collect()
    }

    fn script(&self, words: &[CommandWord]) -> Option<Mapped> {
        let mut line = Line::new(words.first()?.value.span);
        // A text that Docker splits, and where its next word begins; `None` once a word is written in another way.
        let mut split: Option<(Mapped, usize)> = None;
        for (at, word) in words.iter().enumerate() {
            match (&word.text, word.whole) {
                (Some(_), true) => line.push(&text_of(word.value, self.store, self.trees)?),
                (Some(text), false) => {
                    if at == 0 {
                        split = text_of(word.value, self.store, self.trees).map(|text| (text, 0));
                    }
                    split = split.and_then(|(whole, from)| {
                        let start = from + word_at(&whole.text()[from..], text)?;
                        line.push(&whole.slice(start..start + text.len()));
                        Some((whole, start + text.len()))
                    });
                    if split.is_none() {
                        line.push_made(text, word.value.span);
                    }
                }
                (None, _) => line.push_unknown(word.value.span),
            }
        }
        Some(line.finish())
    }

    /// Takes in events, and those of the scripts that they call.
    fn follow(&mut self, events: Vec<Event>, folder: Option<&str>, call: Option<&ScriptCall>) {
        let last = events.len().saturating_sub(1);
        for (at, mut event) in events.into_iter().enumerate() {
            if self.events.len() >= MOST {
                return;
            }
            if let Some(call) = call {
                event.surround(call);
            }
            let called = match &event {
                Event::Call(inner) => Some(inner.clone()),
                // How it ends counts for sure where nothing comes behind it.
                Event::Program(program) => as_call(program).map(|called| ScriptCall {
                    can_fail: at == last && call.is_none_or(|call| call.can_fail),
                    ..called
                }),
                Event::Wait(_) | Event::Compose(_) => None,
            };
            self.events.push(event);
            if let Some(called) = called.filter(|called| called.setting.chance != Chance::Never) {
                self.call(&called, folder);
            }
        }
    }

    fn call(&mut self, call: &ScriptCall, folder: Option<&str>) {
        let folder = match &call.cwd {
            Cwd::Start => folder.map(str::to_owned),
            Cwd::Relative(path) => folder.map(|folder| paths::absolute(folder, path)),
            Cwd::Absolute(path) => Some(path.clone()),
            Cwd::Unknown => None,
        };
        let folder = folder.as_deref();
        let Some((name, events)) = (match call.program.as_str() {
            "npm" | "yarn" | "pnpm" | "bun" => self.package(call, folder),
            "make" | "just" => None,
            _ => self.file(call, folder),
        }) else {
            return;
        };
        if self.open.len() >= DEPTH || self.open.contains(&name) {
            return;
        }
        self.open.push(name);
        self.follow(events, folder, Some(call));
        self.open.pop();
    }

    /// A script file.
    fn file(&mut self, call: &ScriptCall, folder: Option<&str>) -> Option<(String, Vec<Event>)> {
        let written = call.path.text.as_deref()?;
        let path = match in_project(written) {
            Some(inside) => paths::join("", inside).filter(|path| self.store.exists(path)),
            None => self.origin(written, folder),
        }?;
        let file = open(self.store, &path)?;
        let source = self.store.sources().share(file);
        let text = source.text();
        let dialect = match shebang(text) {
            Some(program) => Dialect::of(program)?,
            // Another interpreter's, or no script at all.
            None if text.starts_with("#!") || !paths::has_ending(&path, "sh") => return None,
            None => Dialect::default(),
        };
        let mut environment = self.environment();
        environment.add(&call.environment);
        environment.set_script(&path, "");
        let script = Mapped::verbatim(file, text, 0);
        let events = shell::read(&script, &environment, dialect).events;
        Some((path, events))
    }

    /// A script of `package.json`.
    fn package(&mut self, call: &ScriptCall, folder: Option<&str>) -> Option<(String, Vec<Event>)> {
        let wanted = package_script(call)?;
        let path = self.origin("./package.json", folder)?;
        let text = text_of_package_script(self.store, self.trees, &path, wanted)?;
        let events = shell::read(&text, &self.environment(), Dialect::Sh).events;
        Some((format!("{path}#{wanted}"), events))
    }

    /// The file of the project that stands at a path in the container: mounted there, or copied.
    fn origin(&self, program: &str, folder: Option<&str>) -> Option<String> {
        let own = |image: &crate::dockerfile::Image| image.places(program, folder);
        let places = match self.built {
            Some(built) => own(&built.image),
            None => own(&crate::dockerfile::Image::default()),
        };
        places.iter().find_map(|place| {
            let mounted = self.start.mounts.iter().find_map(|mount| {
                let inside = place.strip_prefix(mount.target.trim_end_matches('/'))?;
                if !inside.is_empty() && !inside.starts_with('/') {
                    return None;
                }
                let source = self::place(&mount.source, self.files, self.store)?;
                let path = paths::join(&source, inside.trim_start_matches('/'))?;
                self.store.exists(&path).then_some(path)
            });
            let copied = || {
                let built = self.built?;
                let mut origins = built.image.origins(place);
                origins.find_map(|origin| {
                    let path = paths::join(&built.context, &origin)?;
                    self.store.exists(&path).then_some(path)
                })
            };
            mounted.or_else(copied)
        })
    }
}

/// Where the next word of a text stands, if it is written as it is, with nothing but blanks and quotes before it.
fn word_at(text: &str, word: &str) -> Option<usize> {
    let at = text.find(word).filter(|_| !word.is_empty())?;
    let is_between = |c: char| c.is_whitespace() || matches!(c, '"' | '\'');
    text[..at].chars().all(is_between).then_some(at)
}

fn script_of_image(command: &Command) -> Option<Mapped> {
    let mut line = Line::new(command.words.first()?.span);
    for word in &command.words {
        if word.verbatim {
            let start = word.span.range().start;
            line.push(&Mapped::verbatim(word.span.file, &word.text, start));
        } else {
            line.push_made(&word.text, word.span);
        }
    }
    Some(line.finish())
}

fn given_by_image(command: &Command) -> Vec<Option<Given>> {
    let given = |word: &crate::dockerfile::Word| {
        let span = word.verbatim.then_some(word.span);
        Some(Given::new(word.text.clone(), span))
    };
    command.words.iter().map(given).collect()
}

/// A program that may be a script by another name: `docker-entrypoint`, found on the `PATH`.
fn as_call(program: &Program) -> Option<ScriptCall> {
    let mut words = program.words.iter();
    let name = words.next()?.as_ref()?;
    Some(ScriptCall::of(program, name, words.cloned().collect()))
}

/// A command line that is put together of words.
struct Line {
    builder: MappedBuilder,
}

impl Line {
    fn new(first: Span) -> Self {
        Self {
            builder: MappedBuilder::new(first.file),
        }
    }

    fn push(&mut self, word: &Mapped) {
        let text = word.text();
        let whole = word.span(0..text.len()).range();
        let mut from = 0;
        self.builder.push_made("'", whole.clone());
        for (at, _) in text.match_indices('\'') {
            self.builder.push_mapped(word, from..at);
            self.builder.push_made("'\\''", whole.clone());
            from = at + 1;
        }
        self.builder.push_mapped(word, from..text.len());
        self.builder.push_made("' ", whole);
    }

    fn push_made(&mut self, text: &str, place: Span) {
        let quoted = text.replace('\'', "'\\''");
        self.builder
            .push_made(&format!("'{quoted}' "), place.range());
    }

    fn push_unknown(&mut self, place: Span) {
        self.builder.push_made(UNKNOWN, place.range());
        self.builder.push_made(" ", place.range());
    }

    /// The line; the arguments stand behind it.
    fn finish(mut self) -> Mapped {
        self.builder.push_made("\"$@\"", 0..0);
        self.builder.finish()
    }
}
