//! The real `docker-compose config`, and ours beside it.
#![allow(dead_code)] // each test uses its part

use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;
use upbeat::compose::{Environment, Loader, Places, Variable, Wanted, read_env_file};
use upbeat::source::{Store, paths};
use upbeat::yaml::{Problem, Trees};

/// The program, if it has been fetched.
pub fn program() -> Option<PathBuf> {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/oracle/docker-compose");
    if program.is_file() {
        return Some(program);
    }
    println!("skipped: no docker-compose; tests/oracle/fetch.sh brings it");
    None
}

/// The folder that both take for the user's.
pub const HOME: &str = "/home/user";

/// What came out.
pub enum Verdict {
    Agree,
    Differ(Vec<String>),
    BothRefuse(String, String),
    OnlyWe(String),
    OnlyDocker(String),
}

impl Verdict {
    pub fn word(&self) -> &'static str {
        match self {
            Self::Agree => "agree",
            Self::Differ(_) => "differ",
            Self::BothRefuse(..) => "refused by both",
            Self::OnlyWe(_) => "refused by us only",
            Self::OnlyDocker(_) => "refused by docker only",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Agree | Self::BothRefuse(..) => f.write_str(self.word()),
            Self::Differ(paths) => {
                write!(f, "differ at {}", paths[..paths.len().min(3)].join(", "))
            }
            Self::OnlyWe(why) | Self::OnlyDocker(why) => {
                let why = why
                    .lines()
                    .rfind(|line| !line.is_empty())
                    .unwrap_or_default();
                write!(f, "{}: {}", self.word(), steady(why))
            }
        }
    }
}

/// A message without paths of this machine, and without lists whose order changes from run to run.
fn steady(message: &str) -> String {
    let message = match message.split_once("additional properties") {
        Some((before, _)) => format!("{before}additional properties"),
        None => message.to_owned(),
    };
    // Of several bad services any one may be named.
    let message = match message.split_once(": services.") {
        Some((before, place)) => {
            let rest = place.split_once(' ').map_or("", |(_, rest)| rest);
            format!("{before}: a service {rest}")
        }
        None => message,
    };
    let root = std::env::temp_dir().join("upbeat-oracle");
    message.replace(&*root.to_string_lossy(), "")
}

/// A project in a folder that both may read: always the same one, since absolute paths are part of the output.
pub fn copy(project: &Path) -> Copy {
    let name = project.file_name().expect("a name");
    let folder = std::env::temp_dir().join("upbeat-oracle").join(name);
    std::fs::remove_dir_all(&folder).ok();
    std::fs::create_dir_all(&folder).expect("made");
    copy_into(project, &folder);
    let mut hash = DefaultHasher::new();
    for (path, text) in super::files_of_bytes(&folder) {
        (path, text).hash(&mut hash);
    }
    Copy {
        folder,
        hash: hash.finish(),
    }
}

/// A copy of a project; it goes with this.
pub struct Copy {
    folder: PathBuf,
    hash: u64,
}

impl Copy {
    pub fn path(&self) -> &Path {
        &self.folder
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.folder).ok();
    }
}

fn copy_into(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).expect("a folder").flatten() {
        let target = to.join(entry.file_name());
        let path = entry.path();
        if path.is_dir() {
            std::fs::create_dir_all(&target).expect("made");
            copy_into(&path, &target);
        } else if path.is_file() {
            std::fs::copy(&path, &target).expect("copied");
        }
    }
}

/// What Docker makes of the files, with the variables that it wanted: env files that are missing are made, empty, and variables
/// that it asks for are set. The answer is kept for the next run.
fn docker(
    program: &Path,
    copy: &Copy,
    files: &[String],
    profiles: &[&str],
) -> (Result<Json, String>, Vec<String>) {
    let mut hash = DefaultHasher::new();
    ("set", copy.hash, files, profiles).hash(&mut hash);
    let answers = program.with_file_name("answers");
    let kept = answers.join(format!("{:016x}.json", hash.finish()));
    let answer: Json = if let Ok(text) = std::fs::read_to_string(&kept) {
        serde_json::from_str(&text).expect("JSON")
    } else {
        let answer = ask(program, copy.path(), files, profiles);
        std::fs::create_dir_all(&answers).expect("made");
        std::fs::write(&kept, answer.to_string()).expect("written");
        answer
    };
    for path in answer["made"].as_array().expect("a list") {
        make_empty(Path::new(path.as_str().expect("a path")));
    }
    let set = answer["set"].as_array().into_iter().flatten();
    let set = set.filter_map(Json::as_str).map(str::to_owned).collect();
    let config = match answer["refused"].as_str() {
        Some(message) => Err(message.to_owned()),
        None => Ok(answer["config"].clone()),
    };
    (config, set)
}

fn make_empty(path: &Path) {
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    if !path.exists() {
        std::fs::write(path, "").expect("written");
    }
}

fn ask(program: &Path, root: &Path, files: &[String], profiles: &[&str]) -> Json {
    let folder = root.join(paths::parent(&files[0]));
    let mut made: Vec<String> = Vec::new();
    let mut set: Vec<String> = Vec::new();
    loop {
        let mut command = Command::new(program);
        command
            .current_dir(&folder)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", HOME);
        for file in files {
            let up = "../".repeat(
                paths::parent(&files[0])
                    .split('/')
                    .filter(|part| !part.is_empty())
                    .count(),
            );
            command.arg("-f").arg(format!("{up}{file}"));
        }
        for profile in profiles {
            command.args(["--profile", profile]);
        }
        command.envs(set.iter().map(|name| (name, "set")));
        let output = command
            .args(["config", "--format", "json"])
            .output()
            .expect("it runs");
        if output.status.success() {
            let config: Json = serde_json::from_slice(&output.stdout).expect("JSON");
            return json!({ "made": made, "set": set, "config": config });
        }
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        let missing = message.lines().find_map(|line| {
            let rest = line.split("env file ").nth(1)?;
            rest.split_once(" not found")
                .map(|(path, _)| path.to_owned())
        });
        match missing {
            Some(path) if Path::new(&path).starts_with(root) && !Path::new(&path).exists() => {
                make_empty(Path::new(&path));
                made.push(path);
                continue;
            }
            _ => {}
        }
        let wanted = message.split("required variable ").nth(1);
        let wanted = wanted.and_then(|rest| rest.split_whitespace().next());
        match wanted {
            Some(name) if !set.iter().any(|known| known == name) => set.push(name.to_owned()),
            _ => return json!({ "made": made, "set": set, "refused": message }),
        }
    }
}

/// What we make of them.
pub fn ours(
    root: &Path,
    files: &[String],
    profiles: &[&str],
    set: &[String],
) -> Result<Json, String> {
    let root = root.canonicalize().expect("it is there");
    let inside = |file: &str| format!("{}/{file}", root.to_string_lossy().trim_start_matches('/'));
    let mut store = Store::unlisted("/");
    let files: Vec<String> = files.iter().map(|file| inside(file)).collect();
    let folder = paths::parent(&files[0]).to_owned();
    let mut environment = Environment::default().complete();
    if let Ok(env) = store.open(&format!("{folder}/.env")) {
        let source = store.sources().share(env);
        read_env_file(env, &source, &Environment::default(), &mut environment);
    }
    // The program sets it itself.
    let span = upbeat::source::Span::new(store.open(&files[0]).expect("it is there"), 0..0);
    let here = Variable {
        text: format!("/{folder}"),
        span,
        verbatim: false,
    };
    for name in set {
        environment.set(
            name,
            Variable {
                text: "set".to_owned(),
                ..here.clone()
            },
        );
    }
    environment.set("PWD", here);
    let mut trees = Trees::default();
    let mut loader = Loader::new(&mut store, &mut trees, &environment);
    loader.places = Some(Places::new("/", HOME));
    let wanted = Wanted {
        profiles: profiles
            .iter()
            .map(|profile| (*profile).to_owned())
            .collect(),
        ..Wanted::default()
    };
    let json = loader
        .config(&files, &folder, &wanted)
        .map_err(|(path, error)| format!("{path}: {error}"))?;
    let refused: Vec<Problem> = loader
        .refused(&files, &folder)
        .into_iter()
        .map(Problem::from)
        .collect();
    let problems = loader
        .broken
        .values()
        .chain(&loader.problems)
        .chain(&refused);
    let problems: Vec<&str> = problems.map(|problem| problem.message.as_str()).collect();
    match json {
        Some(json) if problems.is_empty() => Ok(json),
        _ => Err(problems.join("; ")),
    }
}

/// Both, side by side.
pub fn compare(program: &Path, copy: &Copy, files: &[String], profiles: &[&str]) -> Verdict {
    let (theirs, set) = docker(program, copy, files, profiles);
    match (ours(copy.path(), files, profiles, &set), theirs) {
        (Ok(ours), Ok(theirs)) => {
            let mut found = Vec::new();
            differences(&ours, &theirs, "", &mut found);
            if found.is_empty() {
                Verdict::Agree
            } else {
                Verdict::Differ(found)
            }
        }
        (Err(ours), Err(theirs)) => Verdict::BothRefuse(ours, theirs),
        (Err(why), Ok(_)) => Verdict::OnlyWe(why),
        (Ok(_), Err(why)) => Verdict::OnlyDocker(why),
    }
}

/// The paths at which two values differ.
pub fn differences(ours: &Json, theirs: &Json, path: &str, found: &mut Vec<String>) {
    match (ours, theirs) {
        (Json::Object(ours), Json::Object(theirs)) => {
            let keys: BTreeSet<&String> = ours.keys().chain(theirs.keys()).collect();
            for key in keys {
                let path = format!("{path}.{key}");
                match (ours.get(key), theirs.get(key)) {
                    (Some(ours), Some(theirs)) => differences(ours, theirs, &path, found),
                    (None, theirs) => {
                        found.push(format!("{path} only docker {}", theirs.expect("one")));
                    }
                    (ours, _) => found.push(format!("{path} only ours {}", ours.expect("one"))),
                }
            }
        }
        (Json::Array(ours), Json::Array(theirs)) if ours.len() == theirs.len() => {
            for (i, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
                differences(ours, theirs, &format!("{path}[{i}]"), found);
            }
        }
        _ if ours == theirs => {}
        _ => found.push(format!("{path} ours {ours} docker {theirs}")),
    }
}
