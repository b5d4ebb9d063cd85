//! `upbeat check --watch`: the findings, drawn again whenever a file is saved.

use super::arguments::Check;
use super::baseline;
use super::error::{Error, no_output};
use super::roots::{self, Root};
use super::run::Run;
use super::terminal::Paint;
use super::told::what_was_read;
use super::{CLEAN, terminal};
use crate::Checked;
use crate::escape;
use crate::project::Project;
use crate::report::{Format, Report, Style};
use crate::watch::{self, Change, Folders, Pace, Sight, View};
use crate::yaml;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::mpsc::channel;

/// Between two views where they stand below each other.
const RULE: &str = "────────────────────────────────────────";

/// Watches the one project that is named. Only a signal ends it, or an output that takes no more.
pub(super) fn run(check: &Check, roots: Vec<Root>) -> Result<u8, Error> {
    let root = asked(check, roots)?;
    let (sender, changes) = channel();
    let folders = Folders::new(sender).map_err(|why| no_watcher(&why))?;
    let mut watcher = Watched {
        check,
        root,
        folders,
    };
    // Where not even the project's own folder can be watched nothing would ever happen.
    let own = BTreeSet::from([watcher.root.folder.clone()]);
    watcher
        .folders
        .watch(&own)
        .map_err(|why| no_watcher(&why))?;
    let screen = Screen {
        clears: terminal::is_screen(),
        paint: Paint {
            on: check.color.on_stdout(),
        },
        quiet: check.quiet,
    };
    let mut is_first = true;
    let show = |view: &View| {
        let drawn = screen.draw(view, std::mem::take(&mut is_first));
        let mut out = io::stdout().lock();
        out.write_all(drawn.as_bytes())
            .and_then(|()| out.flush())
            .map_err(|error| no_output(&error))
    };
    let look = |changes: &[Change]| watcher.look(changes);
    watch::run(&changes, Pace::default(), look, show)?;
    Ok(CLEAN)
}

fn no_watcher(why: &str) -> Error {
    Error::usage(
        format!("changes of files cannot be watched: {why}"),
        "run it without --watch",
    )
}

/// The project, if what was asked for can be watched.
fn asked(check: &Check, roots: Vec<Root>) -> Result<Root, Error> {
    let mut roots = roots.into_iter();
    let (Some(root), None) = (roots.next(), roots.next()) else {
        return Err(Error::usage(
            "--watch is for one project, and several are named",
            "watch each by itself, or name the folder that all of them lie in",
        ));
    };
    if !matches!(check.format, None | Some(Format::Full | Format::Short)) {
        return Err(Error::usage(
            "--watch is for people: this format is not",
            "choose --format full or --format short",
        ));
    }
    let logs = check.project.logs.iter().map(|log| &log.file);
    if logs
        .chain(&check.changed_lines)
        .any(|path| path == Path::new("-"))
    {
        return Err(Error::usage(
            "standard input is read once, and --watch reads everything again and again",
            "write it to a file, and name that",
        ));
    }
    // The folder may go and come back: a path from the current one would not survive that.
    let folder = root.folder.canonicalize().map_err(|error| {
        let shown = root.folder.display();
        Error::usage(format!("{shown}: {error}"), "check the path")
    })?;
    Ok(Root { folder, ..root })
}

/// The project, and the folders that are watched for it.
struct Watched<'a> {
    check: &'a Check,
    root: Root,
    folders: Folders,
}

impl Watched<'_> {
    /// Judges it. What is read is watched before it is read: no change falls between.
    fn look(&mut self, changes: &[Change]) -> Sight {
        for change in changes {
            self.folders.note(change);
        }
        let root = self.root.folder.clone();
        if !root.is_dir() {
            self.folders.watch(&BTreeSet::new()).ok();
            let path = root.display().to_string();
            return Sight {
                torn: vec![format!("{} is gone", escape::line(&path))],
                is_gone: true,
                ..Sight::default()
            };
        }
        let mut files = named(self.check, &root);
        let mut folders: BTreeSet<PathBuf> = files
            .iter()
            .filter_map(|path| path.parent())
            .map(Path::to_path_buf)
            .collect();
        folders.insert(root.clone());
        let mut trouble = self.folders.add(&folders).err();
        let colours = self.check.color.on_stdout();
        let run = match Run::new(self.check, &self.root) {
            Ok(run) => run,
            Err(error) => {
                files.extend(crate::settings::NAMES.map(|name| root.join(name)));
                return Sight {
                    text: error.text(colours),
                    torn: vec![error.to_string()],
                    is_gone: false,
                    files,
                };
            }
        };
        folders.extend(run.folders());
        // Who is to be ignored is part of what is read.
        files.extend(folders.iter().map(|folder| folder.join(".gitignore")));
        trouble = trouble.or(self.folders.add(&folders).err());
        let (checked, ..) = run.judge();
        let store = &checked.project.store;
        files.extend(store.known().flat_map(|path| names(&root.join(path))));
        let asked: BTreeSet<PathBuf> = store
            .asked()
            .flat_map(|path| names(&root.join(path)))
            .filter_map(|path| path.parent().map(Path::to_path_buf))
            .collect();
        // Git may ignore these, and so nobody looks for files in them.
        if asked.iter().any(|folder| !folders.contains(folder)) {
            folders.extend(asked);
        }
        let is_late = folders.iter().any(|folder| !self.folders.has(folder));
        trouble = trouble.or(self.folders.watch(&folders).err());
        // Read before it was watched: what has changed between nobody has told.
        if is_late && folders.iter().all(|folder| self.folders.has(folder)) {
            self.folders.look_again();
        }
        let mut text = text(self.check, &self.root, &checked, colours);
        if let Some(why) = trouble {
            text += &no_watcher(&why).text(colours);
        }
        Sight {
            text,
            torn: torn(&checked.project),
            is_gone: false,
            files,
        }
    }
}

/// The files that flags name.
fn named(check: &Check, root: &Path) -> BTreeSet<PathBuf> {
    let sources = &check.project.sources;
    let logs = check.project.logs.iter().map(|log| &log.file);
    let paths = logs
        .chain(&sources.files)
        .chain(&sources.env_files)
        .chain(&sources.config)
        .chain(&check.baseline)
        .chain(&check.changed_lines);
    let here = |path: &PathBuf| {
        let full = std::path::absolute(path).ok();
        let full = full.filter(|full| full.exists());
        names(&full.unwrap_or_else(|| root.join(path)))
    };
    paths.flat_map(here).collect()
}

/// The path of a file, and where it lies if links lead there.
fn names(path: &Path) -> BTreeSet<PathBuf> {
    let mut names: BTreeSet<PathBuf> = path.canonicalize().into_iter().collect();
    names.insert(path.to_path_buf());
    names
}

/// The files that are no YAML at the moment, a line each.
fn torn(project: &Project) -> Vec<String> {
    let sources = project.store.sources();
    let mut torn = BTreeMap::new();
    for span in project.obstacles.iter().filter_map(|one| one.span) {
        let source = sources.get(span.file);
        let path = source.path();
        let is_yaml = Path::new(path)
            .extension()
            .is_some_and(|end| end == "yml" || end == "yaml");
        if !is_yaml || torn.contains_key(path) {
            continue;
        }
        if let Err(problem) = yaml::parse(span.file, source.text()) {
            let at = sources.start(problem.span);
            let line = format!(
                "{path}:{}:{} cannot be parsed: {}",
                at.line, at.column, problem.message
            );
            torn.insert(path, escape::line(&line).into_owned());
        }
    }
    torn.into_values().collect()
}

/// What a run without `--watch` prints, on both of its channels.
fn text(check: &Check, root: &Root, checked: &Checked, colours: bool) -> String {
    let project = &checked.project;
    let sources = project.store.sources();
    let mut text = String::new();
    if check.verbose {
        text += &what_was_read(project, checked.ignored.len());
    }
    for obstacle in &project.obstacles {
        text += &Error::obstacle(obstacle, sources).text(colours);
    }
    if !check.quiet {
        text += &baseline::told(&checked.taken);
    }
    let report = Report {
        findings: &checked.findings,
        ignored: &checked.ignored,
        sources,
        trees: &project.trees,
        summary: &checked.summary(),
        prefix: &roots::prefix(root),
    };
    let is_terminal = io::stdout().is_terminal();
    let links = terminal::links(check.color, is_terminal, &root.folder);
    let style = Style {
        colours,
        quiet: check.quiet,
        width: is_terminal.then(terminal::width_of_screen),
        links: links.as_ref(),
    };
    let format = check.format.unwrap_or_default();
    let mut out = Vec::new();
    // To write to memory never fails.
    report.render(format, style, &mut out).ok();
    text + &String::from_utf8_lossy(&out)
}

/// How views are drawn.
#[derive(Clone, Copy, Debug)]
struct Screen {
    /// Each takes the place of the one before.
    clears: bool,
    paint: Paint,
    quiet: bool,
}

impl Screen {
    fn draw(self, view: &View, is_first: bool) -> String {
        let mut drawn = match (self.clears, is_first) {
            (true, _) => "\x1b[2J\x1b[H".to_owned(),
            (false, true) => String::new(),
            (false, false) => format!("{RULE}\n"),
        };
        drawn += &view.text;
        for torn in &view.torn {
            drawn += &self.paint.red(torn);
            drawn.push('\n');
        }
        if view.is_old {
            drawn += "above is what was found before that\n";
        } else if view.torn.is_empty() && !self.quiet {
            drawn += &self.paint.dim("watching for changes; Ctrl-C ends it");
            drawn.push('\n');
        }
        drawn
    }
}
