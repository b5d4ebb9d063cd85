//! `upbeat config`: the effective model, as `docker compose config` prints it. Unlike `check` it reads the environment around it,
//! and files wherever they lie.

use super::arguments::{Config, ConfigFormat};
use super::error::Error;
use super::printed::JsonWriter;
use super::{CLEAN, INCOMPLETE};
use crate::compose::{
    Environment, Form, Loader, Places, Printed, Variable, Wanted, is_project_name, read_env_file,
};
use crate::project::{Obstacle, default_files};
use crate::source::{FileId, Span, Store, paths};
use crate::yaml::{self, Problem, Trees};
use std::io::{Write, stdout};
use std::path::Path;

/// Prints it; refuses what Docker refuses.
pub(super) fn run(config: &Config) -> Result<u8, Error> {
    let mut run = Run::new(config)?;
    let (files, mut environment) = run.files()?;
    let folder = paths::parent(&files[0]).to_owned();
    environment.extend_missing(&run.environment(&folder)?);
    let environment = environment.complete();
    let set = environment.get("COMPOSE_PROJECT_NAME");
    let name = config
        .name
        .as_deref()
        .or(set.map(|name| name.text.as_str()));
    if let Some(name) = name.filter(|name| !is_project_name(name)) {
        let help =
            "it is made of small letters, digits, `-` and `_`, and begins with a letter or digit";
        return Err(Error::usage(
            format!("`{name}` is no name of a project"),
            help,
        ));
    }
    let mut trees = Trees::default();
    let mut loader = Loader::new(&mut run.store, &mut trees, &environment);
    let home = std::env::var("HOME").unwrap_or_default();
    loader.places = Some(Places::new("/", &home));
    let wanted = Wanted {
        profiles: config.profiles.clone(),
        name: config.name.clone(),
        form: match config.format {
            ConfigFormat::Yaml => Form::Yaml,
            ConfigFormat::Json => Form::Json,
        },
    };
    let (mut yaml, mut json) = (yaml::Writer::default(), JsonWriter::default());
    let mut print = |piece: Printed| match wanted.form {
        Form::Yaml => yaml.push(&piece.section, piece.name.as_deref(), piece.value),
        Form::Json => json.push(&piece),
    };
    let is_some = loader
        .config_in_pieces(&files, &folder, &wanted, &mut print)
        .map_err(|(path, error)| Error::usage(format!("/{path}: {error}"), "check the path"))?;
    let refused = loader.refused(&files, &folder).into_iter();
    let mut problems: Vec<Problem> = refused.map(Problem::from).collect();
    problems.extend(loader.unread.into_iter().map(Problem::from));
    // What both see is said once.
    let more = loader.broken.into_values().chain(loader.problems);
    let more = more.filter(|more| problems.iter().all(|known| known.span != more.span));
    let more: Vec<Problem> = more.collect();
    problems.extend(more);
    if !problems.is_empty() {
        run.tell(problems);
        return Ok(INCOMPLETE);
    }
    if !is_some {
        return Err(Error::usage(
            "there is nothing in the files",
            "write some services",
        ));
    }
    let text = match wanted.form {
        Form::Yaml => yaml.finish(),
        Form::Json => json.finish(),
    };
    // A closed pipe is the reader's choice.
    stdout().write_all(text.as_bytes()).ok();
    Ok(CLEAN)
}

/// Paths are those of the machine, without the first `/`.
struct Run<'a> {
    config: &'a Config,
    store: Store,
    /// The current folder.
    here: String,
    /// The variables around, which stand in no file.
    around: FileId,
}

impl<'a> Run<'a> {
    fn new(config: &'a Config) -> Result<Self, Error> {
        let here = std::env::current_dir().map_err(|error| {
            let message = format!("the current folder cannot be read: {error}");
            Error::usage(message, "go to the project's folder")
        })?;
        let mut store = Store::unlisted("/");
        let around = store.add("the environment", String::new());
        Ok(Self {
            config,
            store,
            here: here.to_string_lossy().trim_start_matches('/').to_owned(),
            around,
        })
    }

    fn inside(&self, path: &Path) -> String {
        let full = Path::new("/").join(&self.here).join(path);
        let full = full.to_string_lossy();
        paths::join("", full.trim_start_matches('/')).unwrap_or_default()
    }

    fn variable(&self, text: String) -> Variable {
        Variable {
            text,
            span: Span::new(self.around, 0..0),
            verbatim: false,
        }
    }

    /// `-f`, else `COMPOSE_FILE`, else the default names, here or in the nearest folder above; and the variables that were
    /// read for it, which win over those of the project's own folder.
    fn files(&mut self) -> Result<(Vec<String>, Environment), Error> {
        if self.config.files.iter().any(|file| file == Path::new("-")) {
            let help = "write the files to disk, and name them";
            return Err(Error::usage("-f - is not understood", help));
        }
        if !self.config.files.is_empty() {
            let files = self.config.files.iter();
            let files = files.map(|file| self.inside(file)).collect();
            return Ok((files, Environment::default()));
        }
        let here = self.here.clone();
        let environment = self.environment(&here)?;
        if let Some(listed) = environment.listed_files() {
            let files = listed.iter().map(|path| self.inside(Path::new(path)));
            return Ok((files.collect(), environment));
        }
        let mut folder = here.as_str();
        loop {
            if let Some(files) = default_files(&self.store, folder) {
                return Ok((files, environment));
            }
            if folder.is_empty() {
                let help = "run it in the project's folder, or name the files: -f compose.yml";
                return Err(Error::usage(
                    "no compose file was found here or above",
                    help,
                ));
            }
            folder = paths::parent(folder);
        }
    }

    /// The variables around, and below them those of the env files.
    fn environment(&mut self, folder: &str) -> Result<Environment, Error> {
        let mut around = Environment::default();
        for (name, value) in std::env::vars_os() {
            if let (Some(name), Some(value)) = (name.to_str(), value.to_str()) {
                around.set(name, self.variable(value.to_owned()));
            }
        }
        around.set("PWD", self.variable(format!("/{}", self.here)));
        for (paths, required) in self.env_files(folder) {
            // What is set so far wins over the files that follow.
            let fixed = around.clone().complete();
            let mut filled = Environment::default();
            for path in paths {
                match self.store.open(&path) {
                    Ok(file) => {
                        let source = self.store.sources().share(file);
                        let problems = read_env_file(file, &source, &fixed, &mut filled);
                        if !problems.is_empty() {
                            self.tell(problems);
                            return Err(Error::usage(format!("/{path} is no env file"), "mend it"));
                        }
                    }
                    Err(_) if !required => {}
                    Err(error) => {
                        let help = "check the path given to --env-file, or in COMPOSE_ENV_FILES";
                        return Err(Error::usage(format!("/{path}: {error}"), help));
                    }
                }
            }
            around.extend_missing(&filled);
        }
        Ok(around)
    }

    /// `--env-file`, else `COMPOSE_ENV_FILES`, else `.env`: the one of this folder, unless files are named, and the project's.
    fn env_files(&self, folder: &str) -> Vec<(Vec<String>, bool)> {
        let set = |name: &str| std::env::var(name).ok().filter(|text| !text.is_empty());
        if !self.config.env_files.is_empty() {
            let named = self.config.env_files.iter();
            return vec![(named.map(|path| self.inside(path)).collect(), true)];
        }
        if let Some(list) = set("COMPOSE_ENV_FILES") {
            let named = list.split(',').map(|path| self.inside(Path::new(path)));
            return vec![(named.collect(), true)];
        }
        let is_off = |text: String| matches!(text.to_lowercase().as_str(), "1" | "t" | "true");
        if set("COMPOSE_DISABLE_ENV_FILE").is_some_and(is_off) {
            return Vec::new();
        }
        let project = (vec![format!("{folder}/.env")], false);
        let here = (vec![format!("{}/.env", self.here)], false);
        if self.config.files.is_empty() && folder != self.here {
            vec![here, project]
        } else {
            vec![project]
        }
    }

    fn tell(&self, problems: Vec<Problem>) {
        let sources = self.store.sources();
        for problem in problems {
            let path = sources.get(problem.span.file).path();
            let shown = path
                .strip_prefix(&self.here)
                .and_then(|path| path.strip_prefix('/'));
            let shown = shown.map_or_else(|| format!("/{path}"), str::to_owned);
            Error::obstacle(&Obstacle::at(shown, problem, ""), sources).print();
        }
    }
}
