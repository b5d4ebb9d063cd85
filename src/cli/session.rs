//! A project as it is asked for: its files, its settings, and what the flags say on top.

use super::arguments::{Log, ProjectArgs, SourceArgs};
use super::error::Error;
use super::roots::{self, Root};
use super::{CLEAN, INCOMPLETE};
use crate::project::{Inputs, Obstacle, Project};
use crate::rules;
use crate::settings::{self, Settings};
use crate::source::{FileId, MAX_FILE_SIZE, ReadError, Store, read_text};
use crate::startup;
use crate::yaml::Problem;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Write as _};
use std::path::Path;

/// What a project is read with.
#[derive(Debug)]
pub(super) struct Session {
    /// The project's files.
    pub(super) store: Store,
    /// What is asked to be read.
    pub(super) inputs: Inputs,
    /// What the settings say.
    pub(super) settings: Settings,
    /// What was named and cannot be read.
    pub(super) unread: Vec<Obstacle>,
}

/// Reads each project that is named, and prints what `told` makes of it: the exit code.
pub(super) fn print_each(
    sources: &SourceArgs,
    told: impl Fn(&Project) -> String,
) -> Result<u8, Error> {
    let mut code = CLEAN;
    for root in roots::find(&sources.paths)? {
        let Session { store, inputs, .. } = Session::of_sources(sources, &root)?;
        let project = Project::read(store, &inputs);
        for obstacle in &project.obstacles {
            Error::obstacle(obstacle, project.store.sources()).print();
            code = INCOMPLETE;
        }
        // A closed pipe is the reader's choice.
        io::stdout().write_all(told(&project).as_bytes()).ok();
    }
    Ok(code)
}

impl Session {
    /// Reads the settings of a project, and files that stand outside of it; flags win.
    pub(super) fn new(arguments: &ProjectArgs, root: &Root) -> Result<Self, Error> {
        let mut session = Self::of_sources(&arguments.sources, root)?;
        for log in &arguments.logs {
            match read_log(log, &root.folder) {
                Ok(read) => {
                    let store = &mut session.store;
                    let file = store.add_excerpt(&read.shown, read.text, read.numbers);
                    session.inputs.logs.push((log.service.clone(), file));
                }
                Err(obstacle) => session.unread.push(obstacle),
            }
        }
        session.read_named_logs();
        session.inputs.startups.clone_from(&arguments.startups);
        if let Some(engine) = &arguments.engine {
            session.inputs.engine = engine.clone();
        }
        Ok(session)
    }

    /// The same without what is said of starts.
    pub(super) fn of_sources(sources: &SourceArgs, root: &Root) -> Result<Self, Error> {
        if sources.files.iter().any(|file| file == Path::new("-")) {
            return Err(Error::usage(
                "-f - is not understood",
                "write the files to disk, and name them",
            ));
        }
        let mut store = Store::disk(&root.folder);
        if sources.allow_outside {
            store.allow_outside(std::env::var("HOME").ok());
        }
        let settings = read_settings(&mut store, sources, root)?;
        let typed = |paths: &[std::path::PathBuf]| {
            let paths = paths.iter();
            let typed = paths.map(|path| roots::typed(&root.folder, path, sources.allow_outside));
            typed.collect()
        };
        let mut inputs = Inputs {
            files: typed(&sources.files),
            env_files: typed(&sources.env_files),
            profiles: sources.profiles.clone(),
            ..Inputs::default()
        };
        settings.apply(&mut store, &mut inputs);
        Ok(Self {
            store,
            inputs,
            settings,
            unread: Vec::new(),
        })
    }

    /// Reads the logs that the settings name.
    fn read_named_logs(&mut self) {
        let mut seen = BTreeMap::new();
        for named in &self.settings.logs {
            let settings::NamedLog {
                service,
                path,
                span,
            } = named;
            if let Some(file) = seen.get(path) {
                self.inputs.named_logs.push((service.clone(), *file));
                continue;
            }
            let read = self.store.reach(path).map_err(|error| error.to_string());
            let read = read.and_then(|real| {
                let input = File::open(&real).map_err(|error| error.to_string())?;
                read_input(path, Box::new(input))
            });
            match read {
                Ok(read) => {
                    let file = self.store.add_excerpt(&read.shown, read.text, read.numbers);
                    seen.insert(path, file);
                    self.inputs.named_logs.push((service.clone(), file));
                }
                Err(why) => {
                    let problem = Problem {
                        span: *span,
                        message: format!("`{path}` cannot be read: {why}"),
                    };
                    let settings = self.store.sources().get(span.file).path();
                    let help = "check the file, or leave it out of the settings";
                    self.unread.push(Obstacle::at(settings, problem, help));
                }
            }
        }
    }

    /// The options of the rules: those of the settings where the flags say nothing.
    pub(super) fn options(&self, flags: rules::Options) -> rules::Options {
        self.settings.options(flags)
    }
}

/// The settings of a project; the defaults where it has none.
fn read_settings(store: &mut Store, sources: &SourceArgs, root: &Root) -> Result<Settings, Error> {
    let file = match &sources.config {
        _ if sources.no_config => None,
        Some(path) => Some(named_settings(store, path, root)?),
        None => found_settings(store)?,
    };
    let Some(file) = file else {
        return Ok(Settings::default());
    };
    settings::read(store, file).map_err(|problems| {
        let path = store.sources().get(file).path();
        let problems = problems.into_iter().map(|problem| {
            let settings::Problem {
                span,
                message,
                help,
            } = problem;
            let obstacle = Obstacle::at(path, Problem { span, message }, help);
            Error::obstacle(&obstacle, store.sources())
        });
        Error::all(problems.collect())
    })
}

/// The file given with `--config`.
fn named_settings(store: &mut Store, path: &Path, root: &Root) -> Result<FileId, Error> {
    let shown = path.display();
    let text = read_text(path).map_err(|error| {
        let help = "check the path given to --config: it counts from the current folder";
        Error::usage(format!("{shown}: {error}"), help)
    })?;
    let inside = roots::inside(&root.folder, path);
    Ok(store.add(&inside.unwrap_or_else(|| shown.to_string()), text))
}

/// The file at the project's root.
fn found_settings(store: &mut Store) -> Result<Option<FileId>, Error> {
    let names = settings::NAMES.into_iter();
    let here: Vec<&str> = names.filter(|name| store.exists(name)).collect();
    if let [first, second, ..] = here.as_slice() {
        return Err(Error::usage(
            format!("there are settings in {first} and in {second}"),
            "keep one of them, or name it with --config",
        ));
    }
    let Some(name) = here.first() else {
        return Ok(None);
    };
    let text = store.load(name).map_err(|error| {
        let help = "check the file, or leave it out with --no-config";
        Error::usage(format!("{name}: cannot be read: {error}"), help)
    })?;
    Ok(Some(store.add(name, text)))
}

/// What was given with `--log`: its text or, where that is large, the lines of it that tell something, with their numbers.
struct ReadLog {
    shown: String,
    text: String,
    numbers: Vec<usize>,
}

fn read_log(log: &Log, root: &Path) -> Result<ReadLog, Obstacle> {
    let fail = |shown: &str, why: String| {
        let help = "check the path given to --log: it counts from the current folder";
        Obstacle::new(shown, format!("cannot be read: {why}"), help)
    };
    let (shown, input): (String, Box<dyn Read>) = if log.file == Path::new("-") {
        ("standard input".to_owned(), Box::new(io::stdin()))
    } else {
        let here = if log.file.exists() {
            log.file.clone()
        } else {
            root.join(&log.file)
        };
        let shown = roots::inside(root, &here);
        let shown = shown.unwrap_or_else(|| log.file.to_string_lossy().into_owned());
        match File::open(&here) {
            Ok(file) => (shown, Box::new(file)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(fail(&shown, ReadError::Missing.to_string()));
            }
            Err(error) => return Err(fail(&shown, error.to_string())),
        }
    };
    read_input(&shown, input).map_err(|why| fail(&shown, why))
}

/// A log of any size; an error says why it is none.
fn read_input(shown: &str, mut input: Box<dyn Read>) -> Result<ReadLog, String> {
    let shown = shown.to_owned();
    let mut bytes = Vec::new();
    let begin = (&mut input).take(MAX_FILE_SIZE + 1).read_to_end(&mut bytes);
    begin.map_err(|error| error.to_string())?;
    if bytes.len() as u64 <= MAX_FILE_SIZE {
        // Logs hold whatever a program wrote: what is no UTF-8 is passed over.
        return Ok(ReadLog {
            shown,
            text: String::from_utf8_lossy(&bytes).into_owned(),
            numbers: Vec::new(),
        });
    }
    let (text, numbers) =
        startup::excerpt(&mut bytes.chain(input)).map_err(|error| error.to_string())?;
    Ok(ReadLog {
        shown,
        text,
        numbers,
    })
}
